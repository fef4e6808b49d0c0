"""One document, read to the end: what runs in the child process, pure and synchronous.

bytes ─feed→ entries ─reviews→ reviews ─search.extract→ what it is found by. Entries whose hash is known
already are skipped, so a feed with one new entry costs one entry.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict

from bot.announcing.changes import fingerprint
from bot.feed import parse_feed
from bot.models import Entry, ParsedFeed, ReadReview
from bot.reviews import cited_identifiers, parse_review
from bot.search.extract import index_review


def hash_entry(entry: Entry) -> str:
    """A hash over everything the feed says of an entry: the same hash, nothing to do."""
    text = json.dumps(asdict(entry), ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def read_feed(
    data: bytes, *, content_type: str | None, url: str, known: Mapping[str, str]
) -> tuple[ParsedFeed, Iterator[ReadReview]]:
    """Read a document, and each entry that is not known as it is, as they are asked for.

    Args:
        known: guid → hash of the entries that need not be read again.
    """
    parsed = parse_feed(data, content_type=content_type, url=url)
    changed = (entry for entry in parsed.entries if known.get(entry.guid) != hash_entry(entry))
    return parsed, read_entries(changed)


def read_entries(entries: Iterable[Entry]) -> Iterator[ReadReview]:
    """Read entries to the end, one at a time."""
    for entry in entries:
        review = parse_review(entry)
        yield ReadReview(
            entry=entry,
            entry_hash=hash_entry(entry),
            fingerprint=fingerprint(review),
            review=review,
            index=index_review(review, cited=cited_identifiers(review)),
        )
