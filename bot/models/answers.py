"""What the bot has to say to a request, as values: the review, its section, passages, or an honest "not here".

`is_sure` is the one thing every reader of an answer asks first: True where what is shown is the answer, False
where the bot says that it did not find it and offers what is near.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from bot.models.feeds import FeedState
from bot.models.index import FacetKind
from bot.models.requests import Place
from bot.models.reviews import Block, ReviewHead, Section, StoredReview


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFound:
    """The review asked for. ``note`` says how the name was read where it was not as written.

    Attributes:
        also: Other reviews of the same paper, by whichever blog.
        others: Reviews of other papers that the query means as well.
    """

    is_sure: ClassVar[bool] = True
    stored: StoredReview
    note: str | None = None
    also: tuple[ReviewHead, ...] = ()
    others: tuple[ReviewHead, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DidYouMean:
    """No review has this name; these are near. ``heading`` is what was to be opened in it.

    ``is_mention``: they are not near in name, the name stands in their texts. ``opens``: the heading that would be
    opened in each of them, None where nothing fits; empty where no section was asked for.
    """

    is_sure: ClassVar[bool] = False
    query: str
    near: tuple[ReviewHead, ...]
    heading: str | None = None
    is_mention: bool = False
    opens: tuple[str | None, ...] = ()

    @property
    def offered(self) -> tuple[tuple[ReviewHead, str | None], ...]:
        """The reviews, each with the heading that would be opened."""
        return tuple(zip(self.near, self.opens or (None,) * len(self.near), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class NotReviewed:
    """Nothing here, and nothing near."""

    is_sure: ClassVar[bool] = False
    query: str
    reviews: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PapersListed:
    """All reviews of an author, a venue or a category, which was asked for like a name; the newest first.

    ``kind`` says which of them, None for the parts of a series; ``named`` are the spellings met, the one of most
    reviews first.
    """

    is_sure: ClassVar[bool] = True
    query: str
    kind: FacetKind | None
    named: tuple[str, ...]
    heads: tuple[ReviewHead, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionFound:
    """A section with what stands below it. ``positions`` are those of the review's sections, in order.

    Not sure: it comes nearest to what was asked for and is not called so; ``note`` says that.
    """

    stored: StoredReview
    positions: tuple[int, ...]
    note: str | None = None
    is_sure: bool = True

    @property
    def sections(self) -> tuple[Section, ...]:
        return tuple(self.stored.review.sections[i] for i in self.positions)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSuchSection:
    """The review is known, the section is not in it: its table of contents is the answer.

    ``mentioned``: the positions of the sections whose text has what was asked; no heading does.
    """

    is_sure: ClassVar[bool] = False
    stored: StoredReview
    asked: str
    mentioned: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A review that carries what was searched for, with the passage.

    ``section`` is the position of the passage's section, or None; ``headings`` are those above it and its own,
    outermost first.
    """

    head: ReviewHead
    section: int | None = None
    headings: tuple[str, ...] = ()
    passage: Block | None = None
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFound:
    """Hits, best or newest first. Not sure: they carry a small part of the query alone.

    ``note`` says how a word was read that no review has.
    """

    query: str
    hits: tuple[Hit, ...]
    is_sure: bool
    note: str | None = None


class Kinship(StrEnum):
    """Why a review is shown beside another, the strongest reason first."""

    SAME_PAPER = "about the same paper"
    CITED = "cited in this one"
    CITES = "cites this one"
    SIMILAR = "on a similar subject"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedFound:
    """Reviews near to one, with the reason for each; none is an answer as well."""

    is_sure: ClassVar[bool] = True
    head: ReviewHead
    related: tuple[tuple[ReviewHead, Kinship], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingFound:
    """No review says anything of it."""

    is_sure: ClassVar[bool] = False
    query: str
    reviews: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """The newest reviews, newest first."""

    is_sure: ClassVar[bool] = True
    heads: tuple[ReviewHead, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """What can be asked, and how the feeds are."""

    is_sure: ClassVar[bool] = True
    reviews: int
    feeds: tuple[FeedState, ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyCache:
    """There is no review that the asker may read."""

    is_sure: ClassVar[bool] = False
    feeds: tuple[FeedState, ...]
    place: Place


Answer = (
    PaperFound
    | PapersListed
    | DidYouMean
    | NotReviewed
    | SectionFound
    | NoSuchSection
    | SearchFound
    | RelatedFound
    | NothingFound
    | Latest
    | Help
    | EmptyCache
)


def subtree(sections: tuple[Section, ...], position: int) -> tuple[int, ...]:
    """The positions of a section and of everything below it."""
    top = sections[position].depth
    end = position + 1
    while end < len(sections) and sections[end].depth > top > 0:
        end += 1
    return tuple(range(position, end))
