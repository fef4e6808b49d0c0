"""What a server is asked to compare, so that it need not send a document again, and when a 304 is not believed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.models.feeds import FeedState


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server said about the version we have, byte for byte (RFC 9110 §8.8).

    For a local file ``etag`` is its modification time in nanoseconds and its size.
    """

    etag: str | None = None
    last_modified: str | None = None


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
