"""The bot's answers to a request, as values: the review, its section, passages, or an honest "not here".

Everything that handles an answer checks `is_sure` first: True if it shows what was asked for, False if the bot says
that it did not find it and offers something close.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from bot.models.asking import AskLimit
from bot.models.conclusions import Conclusion
from bot.models.feeds import FeedState
from bot.models.index import FacetKind
from bot.models.papers import AskedPaper
from bot.models.requests import Place, Request
from bot.models.reviews import Block, ReviewHead, Section, StoredReview
from bot.models.talks import Talk

MOST_COUNTED = 50
"""A search that more reviews match says "50 and more"."""
MAX_QUOTED_REVIEWS = 3
MAX_QUOTED_PASSAGES = 2
"""Of each of these reviews."""
MAX_CONSIDERED = 10
"""Passages that a model may choose from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierTalk:
    """A talk about a paper, as somebody may see it.

    Attributes:
        place: The name of the channel or forum that it is in.
        url: The address of its thread.
        last_at: When something was last written there, as last known.
        conclusions: What members concluded, the newest first.
        is_here: Whether the card is shown in it.
    """

    talk: Talk
    place: str
    url: str
    last_at: datetime | None = None
    conclusions: tuple[Conclusion, ...] = ()
    is_here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFound:
    """The review that was asked for. ``note`` says how the name was read, if not as written.

    Attributes:
        also: Other reviews of the same paper, by any blog.
        others: Reviews of other papers that the query may also mean.
        papers: The papers that this post lists, if it is a digest.
        search: The search that it was opened from.
        talks: Talks about the paper in the asker's server, as far as everybody who sees the card may see them.
    """

    is_sure: ClassVar[bool] = True
    stored: StoredReview
    note: str | None = None
    talks: tuple[EarlierTalk, ...] = ()
    also: tuple[ReviewHead, ...] = ()
    others: tuple[ReviewHead, ...] = ()
    papers: tuple[ReviewHead, ...] = ()
    search: Request | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DidYouMean:
    """No review has this name; these are close.

    Attributes:
        heading: The section that was to be opened.
        is_mention: The reviews do not have a similar name, but mention this one in their texts.
        opens: The heading that would be opened in each review, None if none fits; empty if no section was asked for.
        asked: What is known about the paper, if it was asked for by an identifier.
        question: What was asked about the paper, if it was a question.
    """

    is_sure: ClassVar[bool] = False
    query: str
    near: tuple[ReviewHead, ...]
    heading: str | None = None
    is_mention: bool = False
    opens: tuple[str | None, ...] = ()
    asked: AskedPaper | None = None
    question: str | None = None

    @property
    def offered(self) -> tuple[tuple[ReviewHead, str | None], ...]:
        """The reviews, each with the heading that would be opened."""
        return tuple(zip(self.near, self.opens or (None,) * len(self.near), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class NotReviewed:
    """No review has this name, and none comes close.

    ``asked`` is what is known about the paper, if it was asked for by an identifier.
    """

    is_sure: ClassVar[bool] = False
    query: str
    reviews: int
    asked: AskedPaper | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PapersListed:
    """All reviews of an author, a venue or a category that was asked for like a name; newest first.

    Attributes:
        kind: Which of the three; None for the parts of a series.
        named: The spellings found, the one with the most reviews first.
    """

    is_sure: ClassVar[bool] = True
    query: str
    kind: FacetKind | None
    named: tuple[str, ...]
    heads: tuple[ReviewHead, ...]
    total: int
    offset: int = 0
    limit: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionFound:
    """A section and everything below it. ``positions`` are those of the review's sections, in order.

    If not sure, its heading is only the closest to what was asked for; ``note`` says so. ``search`` is the search
    that it was opened from.
    """

    stored: StoredReview
    positions: tuple[int, ...]
    note: str | None = None
    is_sure: bool = True
    search: Request | None = None

    @property
    def sections(self) -> tuple[Section, ...]:
        """The section, then those below it."""
        return tuple(self.stored.review.sections[i] for i in self.positions)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSuchSection:
    """The review was found but does not have the section; the answer is its table of contents.

    ``mentioned``: the positions of sections whose text, though not whose heading, contains what was asked for.
    """

    is_sure: ClassVar[bool] = False
    stored: StoredReview
    asked: str
    mentioned: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A review that matches a search, with the passage.

    ``section`` is the position of the passage's section, or None, and ``block`` that of its block there; ``headings``
    are those above it and its own, outermost first. ``words_check`` tells the block's words from others.
    """

    head: ReviewHead
    section: int | None = None
    block: int | None = None
    headings: tuple[str, ...] = ()
    passage: Block | None = None
    words_check: str | None = None
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFound:
    """Hits, best or newest first. If not sure, they match only a small part of the query.

    Attributes:
        note: How a word that no review has was read.
        total: How many reviews match, counted up to `MOST_COUNTED`.
        has_more: Whether there are hits after these.
        offset: How many hits are before these.
        limit: How many hits were asked for.
    """

    query: str
    hits: tuple[Hit, ...]
    is_sure: bool
    note: str | None = None
    total: int = 0
    has_more: bool = False
    offset: int = 0
    limit: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedPassage:
    """A block of a review that answers a question, or comes nearest to it.

    Attributes:
        section: The position of its section.
        block: Its own position there.
        headings: Those above it and its own, outermost first.
        link: The address of its heading.
        text: The whole block, as written.
        best: (start, end) of the sentence in the block's text that says it best.
        words_check: Tells the block's words from others.
        score: Larger is better, within one answer.
    """

    section: int
    block: int
    headings: tuple[str, ...]
    link: str
    text: Block
    best: tuple[int, int]
    words_check: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedReview:
    """A review with the passages of it that answer a question, best first."""

    head: ReviewHead
    passages: tuple[QuotedPassage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundQuote:
    """A quote that stands in a passage word for word, at (start, end) of its text."""

    head: ReviewHead
    passage: QuotedPassage
    place: tuple[int, int]

    @property
    def text(self) -> str:
        """The words as the review has them."""
        start, end = self.place
        return self.passage.text.text[start:end]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordedSentence:
    """A sentence of a model, in plain text, with the quotes that carry it: at least one."""

    text: str
    quotes: tuple[FoundQuote, ...]


def _ranked(reviews: Iterable[QuotedReview]) -> tuple[tuple[ReviewHead, QuotedPassage], ...]:
    quoted = ((review.head, passage) for review in reviews for passage in review.passages)
    return tuple(sorted(quoted, key=lambda pair: -pair[1].score))


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAnswered:
    """Passages that answer a question. If not sure, no review says it, and these come nearest.

    Attributes:
        reviews: The best first, `MAX_QUOTED_REVIEWS` at most.
        further: What comes after these passages, for a model to choose from; it is not shown.
        paper: The review of the paper that the question was about, if it was about one.
        note: How the paper's name, or a word that no review has, was read.
        sentences: What a model says of the passages, as far as their quotes were found.
        model: The name of the model that chose the passages, or worded the sentences.
        limit: Why no model was asked, if the day's limit is reached.
        offered_host: Where the question would go if the asker agreed; None if that is not offered.
    """

    query: str
    reviews: tuple[QuotedReview, ...]
    is_sure: bool
    further: tuple[QuotedReview, ...] = ()
    paper: ReviewHead | None = None
    note: str | None = None
    sentences: tuple[WordedSentence, ...] = ()
    model: str | None = None
    limit: AskLimit | None = None
    offered_host: str | None = None

    @property
    def ranked(self) -> tuple[tuple[ReviewHead, QuotedPassage], ...]:
        """Every passage that is shown with its review, best first."""
        return _ranked(self.reviews)

    @property
    def considered(self) -> tuple[tuple[ReviewHead, QuotedPassage], ...]:
        """Every passage that a model may choose with its review, best first."""
        return _ranked((*self.reviews, *self.further))


class Kinship(StrEnum):
    """Why a review is shown next to another, the strongest reason first."""

    SAME_PAPER = "about the same paper"
    CITED = "cited in this one"
    CITES = "cites this one"
    SIMILAR = "on a similar subject"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedFound:
    """Reviews close to another one, each with the reason; an empty list is an answer too."""

    is_sure: ClassVar[bool] = True
    head: ReviewHead
    related: tuple[tuple[ReviewHead, Kinship], ...]
    has_more: bool = False
    offset: int = 0
    limit: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingFound:
    """No review mentions it."""

    is_sure: ClassVar[bool] = False
    query: str
    reviews: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """The newest reviews, newest first."""

    is_sure: ClassVar[bool] = True
    heads: tuple[ReviewHead, ...]
    has_more: bool = False
    offset: int = 0
    limit: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """What members can ask, and the state of the feeds."""

    is_sure: ClassVar[bool] = True
    reviews: int
    feeds: tuple[FeedState, ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyCache:
    """There is no review that this person may read."""

    is_sure: ClassVar[bool] = False
    feeds: tuple[FeedState, ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The chosen review is no longer here.

    ``is_other``: its id means another review now, as in a restored copy of the database.
    """

    is_sure: ClassVar[bool] = False
    is_other: bool = False


Answer = (
    PaperFound
    | PapersListed
    | DidYouMean
    | NotReviewed
    | SectionFound
    | NoSuchSection
    | SearchFound
    | QuestionAnswered
    | RelatedFound
    | NothingFound
    | Latest
    | Help
    | EmptyCache
    | Gone
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFoundHere:
    """A link or identifier in a message that no review is about. ``title``: what it leads to, if that is known."""

    text: str
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRead:
    """What is known about the papers that a message mentions, each once; empty if it mentions none."""

    found: tuple[PaperFound, ...] = ()
    missing: tuple[NotFoundHere, ...] = ()


def subtree(sections: tuple[Section, ...], position: int) -> tuple[int, ...]:
    """Return the positions of a section and of everything below it."""
    top = sections[position].depth
    end = position + 1
    while end < len(sections) and sections[end].depth > top > 0:
        end += 1
    return tuple(range(position, end))
