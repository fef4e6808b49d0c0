"""What is compared so that a document need not be sent or read again, and when a 304 is not believed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import __version__
from bot.models.feeds import FeedState
from bot.reviews import STRUCTURE_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server said about the version we have, byte for byte (RFC 9110 §8.8), and what we can tell ourselves.

    Attributes:
        etag: Of a local file, its modification time in nanoseconds and its size.
        digest: Of the document (`digest_document`), for servers that send it again although it is the same.
    """

    etag: str | None = None
    last_modified: str | None = None
    digest: str | None = None


NO_VALIDATORS = Validators()
"""For the first visit."""


WHOLE_AFTER = timedelta(days=7)
"""If a server has said for this long that nothing changed, the document is requested without conditions …"""
WHOLE_SPREAD = timedelta(days=6)
"""… or up to this much later, at a different time for each feed: within two weeks, delays of a visit included."""


def is_due_whole(sent_at: datetime | None, now: datetime, *, feed_id: int) -> bool:
    """Whether to request a feed without conditions: some servers answer every conditional request with "not
    modified".

    Args:
        sent_at: When its server last sent the document. A time far in the future comes from a wrong clock and is
            ignored.
    """
    if sent_at is None:
        return True
    later = WHOLE_SPREAD * (feed_id * 89 % 144 / 144)  # neighbouring ids are far apart
    return abs(now - sent_at) >= WHOLE_AFTER + later


def validators_for(feed: FeedState | None, now: datetime) -> Validators:
    """Return what the server gave last time; nothing if it has not sent the document itself for a long time."""
    if feed is None or is_due_whole(feed.sent_at, now, feed_id=feed.id):
        return Validators()
    return Validators(etag=feed.etag, last_modified=feed.last_modified)


def digest_document(body: bytes, *, url: str, content_type: str | None) -> str:
    """Hash everything that decides how a document is read: its bytes after decompression, its address, its header,
    and our own version.
    """
    how = "\0".join((__version__, str(STRUCTURE_VERSION), url, content_type or ""))
    digest = hashlib.sha256(hashlib.sha256(how.encode(errors="replace")).digest())
    digest.update(body)
    return digest.hexdigest()
