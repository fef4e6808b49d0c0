"""A review: the paper that it is about, and its text as sections, blocks and spans."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from bot.models.feeds import Extent


class Mark(StrEnum):
    """How the author marked a run of text."""

    BOLD = "bold"
    ITALIC = "italic"
    STRIKE = "strike"
    CODE = "code"
    MATH = "math"  # the TeX source with its dollar signs
    SUP = "sup"
    SUB = "sub"
    HIGHLIGHT = "highlight"  # green background: what the reviewer found worth marking
    GAP = "gap"  # red background: mostly a gap in earlier work
    MATCH = "match"  # a search's match; never in a stored review
    COMMAND = "command"  # in a card: a command to type, "/paper"; never in a stored review
    MEMBER = "member"  # in a card: a member of a server, "<@1>"; never in a stored review


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A run of text with the same marks. ``text`` may hold "\\n" for a line break."""

    text: str
    marks: frozenset[Mark] = frozenset()
    href: str | None = None


class BlockKind(StrEnum):
    """What a block is."""

    PARAGRAPH = "paragraph"
    SECTION_HEADING = "section heading"  # in a card that shows several sections; never in a stored review
    SMALL = "small"  # in a card: a line in small print; never in a stored review
    LINK = "link"  # the preview of another page: its title, and its address as `url` and as the link
    PARAGRAPH_HEADING = "paragraph heading"  # bold green text at the start of a paragraph
    ITEM = "item"  # a list item; `depth` from 0, `marker` "•" or "3."
    QUOTE = "quote"
    EXCERPT = "excerpt"  # plain-text <pre>: quoted words of the paper
    CODE = "code"
    FIGURE = "figure"  # `url`; `spans` is the caption, often empty
    TABLE = "table"  # `rows`; the first row is the header if `has_head`
    MATH = "math"  # display math, TeX source with its delimiters


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of a section, in the order of the text."""

    kind: BlockKind
    spans: tuple[Span, ...] = ()
    depth: int = 0
    marker: str = ""
    url: str | None = None
    language: str | None = None
    rows: tuple[tuple[tuple[Span, ...], ...], ...] = ()
    has_head: bool = False

    @property
    def text(self) -> str:
        """The block as plain text, for searching. A figure's address is not text."""
        if self.kind is BlockKind.TABLE:
            return "\n".join(" | ".join("".join(s.text for s in cell) for cell in row) for row in self.rows)
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and the text under it, up to the next heading.

    ``depth`` is 1 for a top section; 0 only for the text before the first heading, whose ``heading`` is
    None. ``heading`` is as written, including its number ("3.2. TAG NORMALIZATION"); ``number`` is "3.2".
    ``anchor`` is the id by which the post's page leads to the heading, not percent-encoded; None if it has none.
    """

    depth: int
    number: str | None
    heading: str | None
    blocks: tuple[Block, ...] = ()
    anchor: str | None = None

    @property
    def text(self) -> str:
        """The section as plain text, one line per block (list items and paragraphs alike)."""
        return "\n".join(text for block in self.blocks if (text := block.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifiers:
    """Public identifiers of the reviewed paper, normalised; None if the review does not name one."""

    arxiv: str | None = None  # "2308.07074", without a version
    acl: str | None = None  # "2023.emnlp-main.183"
    openreview: str | None = None  # the forum id
    pmlr: str | None = None  # "v162/he22f"
    neurips: str | None = None  # the hash of papers.nips.cc
    doi: str | None = None  # lower case, "10.…/…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """An interpreted entry: which paper it is about, and its text as a list of sections in order.

    ``links`` maps a label ("pdf", "code", or the author's own label in lower case) to an address.
    ``extent`` says how much of the post this is.
    """

    guid: str
    link: str
    title: str
    clean_title: str
    venue: str | None = None
    year: int | None = None
    short_name: str | None = None
    authors: tuple[str, ...] = ()
    identifiers: Identifiers = field(default_factory=Identifiers)
    links: tuple[tuple[str, str], ...] = ()
    categories: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    sections: tuple[Section, ...] = ()
    extent: Extent = Extent.WHOLE

    @property
    def venue_and_year(self) -> str | None:
        """Venue and year in one string ("ICLR 2024"), or None."""
        return join_venue(self.venue, self.year)

    @property
    def characters(self) -> int:
        """The length of the text in characters, without headings."""
        return sum(len(section.text) for section in self.sections)


def join_venue(venue: str | None, year: int | None) -> str | None:
    """Join venue and year: "ICLR 2024", "ICLR", "2024" or None."""
    return " ".join(part for part in (venue, str(year) if year else None) if part) or None


def check_of(feed_url: str, guid: str) -> str:
    """Six characters that tell the review with a key (its feed and guid) from others, for ids kept outside."""
    return base64.urlsafe_b64encode(sha256(f"{feed_url}\n{guid}".encode()).digest()[:5]).decode()[:6]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLabel:
    """What a suggestion shows of a review: small enough to hold in memory for every review."""

    id: int
    link: str
    clean_title: str
    short_name: str | None
    venue: str | None
    year: int | None

    @property
    def venue_and_year(self) -> str | None:
        """Venue and year in one string ("ICLR 2024"), or None."""
        return join_venue(self.venue, self.year)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewHead(ReviewLabel):
    """A stored review without its text, for lists and choices.

    ``date`` is when it was published, or first seen if the feed does not say.
    """

    feed_url: str
    guid: str
    title: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    identifiers: Identifiers
    date: datetime
    characters: int

    @property
    def check(self) -> str:
        """Six characters that tell it from the review that has its id in another database."""
        return check_of(self.feed_url, self.guid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The headings of a stored review, in order, without text and anchors."""

    review_id: int
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReview:
    """A review in the cache. ``id`` stays the same for the life of the cache."""

    id: int
    feed_url: str
    review: Review
    first_seen_at: datetime

    @property
    def check(self) -> str:
        """Six characters that tell it from the review that has its id in another database."""
        return check_of(self.feed_url, self.review.guid)

    @property
    def head(self) -> ReviewHead:
        """The review without its text."""
        review = self.review
        return ReviewHead(
            id=self.id,
            feed_url=self.feed_url,
            guid=review.guid,
            link=review.link,
            title=review.title,
            clean_title=review.clean_title,
            short_name=review.short_name,
            venue=review.venue,
            year=review.year,
            authors=review.authors,
            categories=review.categories,
            identifiers=review.identifiers,
            date=review.published or self.first_seen_at,
            characters=review.characters,
        )
