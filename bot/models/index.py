"""What reviews are found by: names, facets, identifiers, and the columns of the full-text index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from bot.models.feeds import Entry, MessageText
from bot.models.reviews import Review

BlockPlace: TypeAlias = tuple[int, int, int]
"""Where a block is: its review's id, its section, and its place there."""


class NameKind(StrEnum):
    """Where a name comes from, best first: an earlier kind wins if two reviews share a name."""

    SHORT = "short"  # before the title's colon
    TITLE = "title"
    SLUG = "slug"  # the last part of the review's address
    REPOSITORY = "repository"
    KNOWN = "known"  # the usual name of the paper, from the bundled list
    INTRODUCED = "introduced"  # the paper's own name by its abstract or introduction; not in the title
    LINKED = "linked"  # a repository in the header that the text never names
    COINED = "coined"  # used often in this review and hardly elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One name of a review.

    Attributes:
        key: The form that is compared: the name's letters and digits only, folded.
        uses: How often a coined name occurs in the review's text, else 1.
        sounds: How it, and each word of a title, may be read aloud, as `bot.search.hangul` writes it; () for names
            that are never spoken.
    """

    kind: NameKind
    key: str
    text: str
    uses: int = 1
    sounds: tuple[str, ...] = ()


class FacetKind(StrEnum):
    """What a search can be narrowed by, besides dates and sources."""

    VENUE = "venue"
    YEAR = "year"
    TAG = "tag"
    AUTHOR = "author"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A venue, year, tag or author of a review. ``key`` is compared, ``text`` is shown."""

    kind: FacetKind
    key: str
    text: str


class FilterKind(StrEnum):
    """How a search is narrowed, as typed before the colon."""

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
        keys: The review must have all of them: a facet's keys, or part of its own or its feed's address.
        day: For ``before`` (excluding the day) and ``after`` (including it).
    """

    kind: FilterKind
    keys: tuple[str, ...] = ()
    day: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperKey:
    """An identifier or address in the form used for lookups ("arxiv:2308.07074").

    ``is_own``: it belongs to the review or its paper; otherwise it is only cited in the text.
    """

    key: str
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexText:
    """A review as stored in the full-text index: analysed terms joined by spaces, one string per column.

    ``abstract`` and ``body`` have one line per block and a form feed between sections, so that a match in the index
    shows which block it is in (`bot.search.passages`).
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
    """A new or changed entry, fully read: everything that the cache stores of it.

    Attributes:
        fingerprint: The identity of its content (`bot.reading.changes.fingerprints`).
        text_fingerprint: The identity of its text only.
        parts: For a digest, the papers in it, each under an identity of its own.
        problem: What was left out.
    """

    entry: Entry
    entry_hash: str
    fingerprint: str
    review: Review
    index: ReviewIndex
    text_fingerprint: str = ""
    parts: tuple[ReadReview, ...] = ()
    problem: MessageText | None = None


class ColumnWeights(NamedTuple):
    """How much a term counts in each column of the full-text index."""

    title: float
    headings: float
    abstract: float
    body: float


class LabelRow(NamedTuple):
    """A review as the in-memory names hold it. A plain tuple: there may be a hundred thousand."""

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
    """A name as listed by the cache; ``sounds`` are joined by spaces. A plain tuple: there may be a million."""

    key: str
    review_id: int
    kind: str
    text: str
    uses: int
    sounds: str
