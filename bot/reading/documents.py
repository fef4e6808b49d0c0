"""Read one document completely: what runs in the child process, pure and synchronous.

bytes ─feed→ entries ─platforms→ posts and papers ─reviews→ reviews ─search.extract→ what they are found by. Entries
with a known hash are skipped, so a feed with one new entry costs one entry. Each entry is read on its own: one that
cannot be read does not affect the others.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import islice

from bot.languages import Message
from bot.models.feeds import Entry, Extent, FeedPage, ParsedFeed, Resting, RobotsReading, UnreadEntry
from bot.models.index import ReadReview
from bot.models.papers import PaperRecord, Source
from bot.models.reviews import Review
from bot.reading import feed_links, sitemaps
from bot.reading.changes import fingerprints
from bot.reading.encoding import decode
from bot.reading.feed import parse_feed
from bot.reading.platforms import MAX_PAPERS, adapt, stable_guid
from bot.reviews.facts import cited_identifiers
from bot.reviews.labelled_titles import find_labelled_title
from bot.reviews.parsing import parse_review
from bot.reviews.short_names import names_of_page
from bot.reviews.written_titles import find_full_title
from bot.search.extract import index_review, leading_name_of
from bot.search.known_papers import named_in_title
from bot.text.links import join_link
from bot.text.titles import paper_title

log = logging.getLogger(__name__)

LEADING_USES = 2
"""How often the text must use a word that begins its title to make that the paper's name."""
MAX_SITEMAPS = 100
MAX_LINK_CHARACTERS = 2_000
MAX_PAGE_BYTES = 2 * 2**20
"""Of a page that may name feeds: styles and scripts may come before the links, and one in the footer comes last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteReading:
    """Where a document leads: further pages of a feed, sitemaps, and the pages that it lists."""

    further: tuple[str, ...]
    sitemaps: tuple[str, ...]
    listed: tuple[str, ...]


def hash_entry(entry: Entry) -> str:
    """Hash everything that the feed says about an entry: if the hash is the same, there is nothing to do."""
    given = ((field.name, getattr(entry, field.name)) for field in fields(entry))  # `asdict` would copy each value
    values = {name: value for name, value in given if value is not False}
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def open_feed(
    data: bytes, *, content_type: str | None, url: str, known: Mapping[str, str | Resting], start: int = 0
) -> tuple[ParsedFeed, Iterator[Entry]]:
    """Parse a document.

    Args:
        known: guid → hash of an entry that need not be read again, or the post that is not to be read, whatever it
            says.
        start: How many of the other entries were read before.
    Returns:
        What the document is, and the entries still to be read.
    """
    parsed = parse_feed(data, content_type=content_type, url=url)
    entries = {guid: replace(entry, guid=guid) for entry in parsed.entries if (guid := stable_guid(entry.guid))}
    parsed = replace(parsed, entries=tuple(entries.values()))
    changed = (entry for entry in parsed.entries if not _is_known(entry, known.get(entry.guid)))
    return parsed, islice(changed, start, None)


def _is_known(entry: Entry, known: str | Resting | None) -> bool:
    if isinstance(known, Resting):  # some feeds give a new post the guid of an old one
        return entry.link == known.link or entry.title == known.title
    return known == hash_entry(entry)


def read_feed(
    data: bytes, *, content_type: str | None, url: str, known: Mapping[str, str | Resting]
) -> tuple[ParsedFeed, Iterator[ReadReview]]:
    """Read a document and, as the iterator is consumed, each entry that is new or changed."""
    parsed, changed = open_feed(data, content_type=content_type, url=url, known=known)
    return parsed, read_entries(changed)


def read_review_page(data: bytes, *, content_type: str | None, url: str, of: Sequence[Entry]) -> ReadReview | None:
    """Read a post's page, as an entry of its own or as the full text of one that a feed cuts.

    Args:
        of: The entry that the page completes; empty for an entry of its own.
    Returns:
        The review; None if the page has no article, or does not complete the entry.
    """
    from bot.reading import pages  # the extractor is not needed for most feeds

    page = pages.read_page(data, content_type=content_type, url=url)
    entry = pages.complete(of[0], page) if of else page
    return read_entry(entry) if entry else None


def read_site(data: bytes, *, content_type: str | None, url: str, posts: int) -> SiteReading:
    """Read where a feed or a sitemap leads.

    Args:
        posts: How many of the newest posts the feed's next page may leave out.
    """
    text = decode(data, content_type)
    maps, listed = sitemaps.find_locations(text, url)
    further = sitemaps.next_pages(text, url, entries=posts)
    return SiteReading(further=tuple(further), sitemaps=tuple(maps), listed=tuple(listed))


def read_feed_page(data: bytes, *, content_type: str | None, url: str, links: str, refresh: str) -> FeedPage:
    """Read which feeds a web page names.

    Args:
        links: The page's Link headers, joined by commas.
        refresh: Its Refresh header.
    """
    text = decode(data[:MAX_PAGE_BYTES], content_type)
    return feed_links.read_feed_page(text, url, links=links, refresh=refresh)


def read_robots(data: bytes, *, url: str, agent: str) -> RobotsReading:
    """Read a robots.txt.

    Args:
        url: The page in question.
        agent: Whose rules count; the rules for everybody if it has none of its own.
    Source: RFC 9309; Crawl-delay is not part of it, but many sites have one.
    """
    from protego import Protego  # not needed for feeds

    rules = Protego.parse(data.decode("utf-8-sig", errors="replace"))
    links = (join_link(url, link) for link in islice(rules.sitemaps, MAX_SITEMAPS))
    return RobotsReading(
        may_read=rules.can_fetch(url, agent),
        delay_s=rules.crawl_delay(agent),
        sitemaps=tuple(link for link in links if link and len(link) <= MAX_LINK_CHARACTERS),
    )


def read_papers(
    data: bytes, *, content_type: str | None, url: str, source: Source, keys: Sequence[str]
) -> list[PaperRecord] | None:
    """Read what a source says about the papers with some identifiers; None if it is no such answer."""
    from bot.reading import papers  # not needed for feeds

    return papers.read_papers(data, content_type=content_type, url=url, source=source, keys=keys)


def read_entries(entries: Iterable[Entry]) -> Iterator[ReadReview]:
    """Read entries completely, one at a time; errors are raised."""
    return map(read_entry, entries)


def try_entries(entries: Iterable[Entry], *, give_up: str | None = None) -> Iterator[ReadReview | UnreadEntry]:
    """Read entries completely, one at a time, so that one failure does not affect the others.

    Args:
        give_up: Why the first of them is not to be read any more.
    """
    for entry in entries:
        if give_up is not None:
            yield _unread(entry, give_up)
            give_up = None
            continue
        try:
            yield read_entry(entry)
        except MemoryError:
            yield _unread(entry, Message("reading it took too much memory"))
        except Exception as exc:
            log.exception("an entry could not be read title=%r", entry.title[:100])
            yield _unread(entry, Message("reading it failed ({error})", error=type(exc).__name__))


def read_entry(entry: Entry) -> ReadReview:
    """Read an entry, and the papers in it if it is a digest."""
    adapted = adapt(entry)
    extent = Extent.PAGE if entry.is_from_page else Extent.TEASER if adapted.is_cut else Extent.WHOLE
    return replace(
        _read(
            entry,
            replace(_named(parse_review(adapted.post)), extent=extent),
            parts=tuple(_read(part, _named(parse_review(part))) for part in adapted.parts),
        ),
        problem=Message("only the first {count} of its papers can be found by name", count=MAX_PAPERS)
        if adapted.is_too_long
        else None,
    )


def _unread(entry: Entry, reason: str) -> UnreadEntry:
    return UnreadEntry(guid=entry.guid, entry_hash=hash_entry(entry), title=entry.title, reason=reason)


def _named(review: Review) -> Review:
    """Add the short name of a well-known paper if the title contains it but does not show that it is one, or a word
    like KettleScan that begins the title and that the text uses."""
    if review.short_name:
        return review
    return replace(review, short_name=named_in_title(review.clean_title) or _leading(review))


def _leading(review: Review) -> str | None:
    name = leading_name_of(review)
    is_used = name is not None and sum(section.text.count(name) for section in review.sections) >= LEADING_USES
    return name if name is not None and is_used and not name.isupper() else None


def _page_names(review: Review) -> tuple[str, ...]:
    text = "\n".join((review.clean_title, *(section.text for section in review.sections)))
    return names_of_page(review.link, text)


def _full_title(review: Review) -> str | None:
    headings = (section.heading or "" for section in review.sections)
    return find_full_title(paper_title(review.clean_title), headings)


def _read(entry: Entry, review: Review, *, parts: tuple[ReadReview, ...] = ()) -> ReadReview:
    identity = fingerprints(review)
    return ReadReview(
        entry=entry,
        entry_hash=hash_entry(entry),
        fingerprint=identity.content,
        text_fingerprint=identity.text,
        review=review,
        index=index_review(
            review,
            cited=cited_identifiers(review),
            page_names=_page_names(review),
            labelled_title=find_labelled_title(review) or _full_title(review),
        ),
        parts=parts,
    )
