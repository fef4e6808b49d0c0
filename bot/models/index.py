"""What a review is found by: names, facets, identifiers, and the columns of the full-text index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from bot.models.feeds import Entry
from bot.models.reviews import Review


class NameKind(StrEnum):
    """Where a name comes from, best first: an earlier kind wins where two reviews share a name."""

    SHORT = "short"  # before the title's colon
    TITLE = "title"
    SLUG = "slug"  # the last part of the review's address
    REPOSITORY = "repository"
    KNOWN = "known"  # what the field calls the paper, by the bundled list
    INTRODUCED = "introduced"  # the paper's own, says its abstract or introduction; not in the title
    LINKED = "linked"  # a repository in the header that the text never names
    COINED = "coined"  # used again and again in this review and hardly elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One way to call a review.

    Attributes:
        key: What is compared: the name's letters and digits alone, folded.
        uses: How often a coined name stands in the review's text, else 1.
        sounds: How it may be read aloud, as `bot.search.hangul` writes it; () for names that nobody says.
    """

    kind: NameKind
    key: str
    text: str
    uses: int = 1
    sounds: tuple[str, ...] = ()


class FacetKind(StrEnum):
    """What a search can be narrowed by, beside dates and sources."""

    VENUE = "venue"
    YEAR = "year"
    TAG = "tag"
    AUTHOR = "author"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A review has this venue, year, tag or author. ``key`` is compared, ``text`` is shown."""

    kind: FacetKind
    key: str
    text: str


class FilterKind(StrEnum):
    """How a search is narrowed, as it is typed before the colon."""

    VENUE = "venue"
    YEAR = "year"
    TAG = "tag"
    AUTHOR = "author"
    SOURCE = "source"
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One condition that a review must meet.

    Attributes:
        keys: All of which the review must have: a facet's keys, or a part of its or its feed's address.
        day: For ``before`` (not on it) and ``after`` (on it, too).
    """

    kind: FilterKind
    keys: tuple[str, ...] = ()
    day: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperKey:
    """An identifier or address as it is looked up ("arxiv:2308.07074").

    ``is_own``: of the review or of its paper; else it is only cited in the text.
    """

    key: str
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexText:
    """A review as the full-text index holds it: analysed terms joined by spaces, a column each.

    ``abstract`` and ``body`` keep a line a block and a form feed between sections, so that a match in the index
    says which block it stands in (`bot.search.passages`).
    """

    title: str
    headings: str
    abstract: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewIndex:
    """Everything that a review is found by. ``words`` are those of its names, authors, venue and categories."""

    names: tuple[Name, ...]
    words: tuple[str, ...]
    facets: tuple[Facet, ...]
    keys: tuple[PaperKey, ...]
    text: IndexText


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReview:
    """An entry that is new or changed, read to the end: everything the cache keeps of it.

    ``fingerprint`` is its content's identity (`bot.reading.changes.fingerprint`), ``text_fingerprint`` that of its
    text alone; ``parts`` are the papers that it is a digest of, each under an identity of its own. ``problem`` says
    what of it was left out.
    """

    entry: Entry
    entry_hash: str
    fingerprint: str
    review: Review
    index: ReviewIndex
    text_fingerprint: str = ""
    parts: tuple[ReadReview, ...] = ()
    problem: str | None = None


class ColumnWeights(NamedTuple):
    """What a term counts in each column of the full-text index."""

    title: float
    headings: float
    abstract: float
    body: float


class LabelRow(NamedTuple):
    """A review as the names in memory hold it. A plain tuple: there may be a hundred thousand."""

    id: int
    link: str
    clean_title: str
    short_name: str | None
    venue: str | None
    year: int | None
    is_stub: bool
    words: str
    feed_id: int = 0


class NameRow(NamedTuple):
    """A name as the cache lists it; ``sounds`` are joined by spaces. A plain tuple: there may be a million."""

    key: str
    review_id: int
    kind: str
    text: str
    uses: int
    sounds: str
