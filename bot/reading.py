"""One document, read to the end: what runs in the child process, pure and synchronous.

bytes ─feed→ entries ─platforms→ posts and papers ─reviews→ reviews ─search.extract→ what it is found by. Entries
whose hash is known already are skipped, so a feed with one new entry costs one entry.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import islice

from bot.announcing.changes import fingerprint
from bot.feed import parse_feed
from bot.models import Entry, Extent, ParsedFeed, ReadReview, Review
from bot.platforms import adapt, stable_guid
from bot.reviews import cited_identifiers, parse_review
from bot.search.extract import index_review


def hash_entry(entry: Entry) -> str:
    """A hash over everything the feed says of an entry: the same hash, nothing to do."""
    values = {name: value for name, value in asdict(entry).items() if value is not False}
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def read_feed(
    data: bytes, *, content_type: str | None, url: str, known: Mapping[str, str | None], start: int = 0
) -> tuple[ParsedFeed, Iterator[ReadReview]]:
    """Read a document, and each entry that is not known as it is, as they are asked for.

    Args:
        known: guid → hash of the entries that need not be read again; None where this is so whatever they say.
        start: How many of the others were read before.
    """
    parsed = parse_feed(data, content_type=content_type, url=url)
    entries = {guid: replace(entry, guid=guid) for entry in parsed.entries if (guid := stable_guid(entry.guid))}
    parsed = replace(parsed, entries=tuple(entries.values()))
    changed = (entry for entry in parsed.entries if known.get(entry.guid, "") not in (None, hash_entry(entry)))
    return parsed, read_entries(islice(changed, start, None))


def read_page(data: bytes, *, content_type: str | None, url: str, of: Sequence[Entry]) -> Iterator[ReadReview]:
    """Read a post's page, as an entry of its own or as the whole of one that a feed cuts; nothing may come of it."""
    from bot import pages  # the extractor is not needed for most feeds

    page = pages.read_page(data, content_type=content_type, url=url)
    entry = pages.complete(of[0], page) if of else page
    return read_entries([entry] if entry else [])


def read_entries(entries: Iterable[Entry]) -> Iterator[ReadReview]:
    """Read entries to the end, one at a time; a digest with the papers in it."""
    for entry in entries:
        adapted = adapt(entry)
        extent = Extent.PAGE if entry.is_from_page else Extent.TEASER if adapted.is_cut else Extent.WHOLE
        yield _read(
            entry,
            replace(parse_review(adapted.post), extent=extent),
            parts=tuple(_read(part, parse_review(part)) for part in adapted.parts),
        )


def _read(entry: Entry, review: Review, *, parts: tuple[ReadReview, ...] = ()) -> ReadReview:
    return ReadReview(
        entry=entry,
        entry_hash=hash_entry(entry),
        fingerprint=fingerprint(review),
        review=review,
        index=index_review(review, cited=cited_identifiers(review)),
        parts=parts,
    )
