"""Which passages of some reviews answer a question best, and whether the best of them surely does. Pure.

In: the texts of the index, whose lines are the blocks of a review. Out: their positions, best first. A review is
judged as a whole, because a question in everyday words seldom has all its words in one passage, then each of its
passages. What speaks for them is written down as `ReviewSigns` and `PassageSigns`; docs/ranking.md has the reasons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bot.models.index import BlockPlace, IndexText
from bot.models.reviews import Section
from bot.search.passages import needles_of
from bot.search.prepared import Lines, PreparedText, prepare
from bot.search.query import Concept
from bot.search.questions import Kind, Question
from bot.search.roles import Role
from bot.search.vectors import ComparedPassages, Flags, Numbers, Passages, Vectors, load_word_vectors
from bot.text.terms import index_terms

KEPT, KEPT_INSIDE = 2, 6
"""Passages of each review that are ranked among those of others, or where the paper was named."""
PASSAGE = 0.3
"""What a passage's own signs count beside those of its review."""
MIN_NEAR_WORD = 0.33
"""Below this cosine, two words have nothing to do with each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A review that may answer.

    Attributes:
        outline: Its sections, without their text.
        score: How well the whole review fits by the index, from 0 to 1 for the best.
    """

    review_id: int
    text: IndexText
    outline: tuple[Section, ...]
    score: float = 0.0


class ReviewSigns(NamedTuple):
    """What speaks for a review. Shares are of the question's weight; nearness is by the meaning of words, -1 to 1.

    Attributes:
        score: How well it fits by the index, relative to the best.
        title: The share that its title has.
        about: The share that title and abstract, or opening, have.
        anywhere: The share that it has at all.
        best, best_3, best_6: The share that its best passage has, and the mean of its best three and six.
        near, near_3, near_8: The nearness of its nearest passage, and the mean of its nearest three and eight.
        meant, meant_3, meant_8: What its best passage says in any words, and the mean of its best three and eight.
        alike, alike_3, alike_8: How alike its likest passage is, and the mean of its likest three and eight.
    """

    score: float
    title: float
    about: float
    anywhere: float
    best: float
    best_3: float
    best_6: float
    near: float
    near_3: float
    near_8: float
    meant: float
    meant_3: float
    meant_8: float
    alike: float = 0.0
    alike_3: float = 0.0
    alike_8: float = 0.0


class PassageSigns(NamedTuple):
    """What speaks for a passage within its review.

    Attributes:
        said: The share that it has itself.
        headed: The share that the headings above it have besides.
        fits: 1 if its section has the role that the kind of question asks for.
        sums_up: 1 if its section says what the whole is about.
        number: 1 if it has a number and one was asked for.
        aside: 1 if it is a figure, table or code.
        length: From 0 to 1; a line of three words answers little.
        near: Its nearness.
        meant: The share that it says in any words: of what it does not have, as much as its nearest word is near.
        alike: How alike it and the question are by a model of whole sentences; 0 without one.
    """

    said: float
    headed: float
    fits: float
    sums_up: float
    number: float
    aside: float
    length: float
    near: float
    meant: float
    alike: float = 0.0


class Weights(NamedTuple):
    """What the signs count. A question about one paper has its own: there its abstract must not win by default."""

    review: ReviewSigns
    passage: PassageSigns
    inside: PassageSigns


class _Meaning(NamedTuple):
    """What the passages of a review mean beside the question, as in `PassageSigns`."""

    near: Vectors
    meant: Numbers
    alike: Numbers


BY_WORDS = Weights(
    review=ReviewSigns(
        score=1.2, title=2.0, about=2.5, anywhere=1.7, best=0.3, best_3=1.8, best_6=2.2,
        near=3.3, near_3=1.9, near_8=1.0, meant=2.2, meant_3=2.2, meant_8=2.4,
    ),
    passage=PassageSigns(
        said=3.0, headed=0.8, fits=0.6, sums_up=1.1, number=1.0, aside=-1.1, length=3.2, near=3.8, meant=5.1
    ),
    inside=PassageSigns(
        said=2.1, headed=1.9, fits=1.0, sums_up=-0.6, number=2.1, aside=-1.5, length=3.0, near=4.4, meant=5.2
    ),
)  # fmt: skip
BY_MODEL = Weights(
    review=ReviewSigns(
        score=0.8, title=0.4, about=2.6, anywhere=1.6, best=1.1, best_3=1.8, best_6=1.7,
        near=2.0, near_3=0.7, near_8=-0.6, meant=2.1, meant_3=1.7, meant_8=1.2,
        alike=29.0, alike_3=25.0, alike_8=21.0,
    ),
    passage=PassageSigns(
        said=2.1, headed=0.0, fits=0.5, sums_up=1.0, number=1.7, aside=-1.1, length=3.7, near=2.2, meant=4.0,
        alike=46.0,
    ),
    inside=PassageSigns(
        said=1.4, headed=0.8, fits=1.2, sums_up=-0.9, number=1.4, aside=-0.7, length=3.6, near=2.7, meant=4.0,
        alike=78.0,
    ),
)  # fmt: skip
"""With a model of whole sentences; its cosines lie close together, so they count much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPassage:
    """A block of a review by its position, and how well it answers."""

    review_id: int
    section: int
    block: int
    score: float
    signs: PassageSigns
    review: ReviewSigns


_METHODS = (
    Role.METHOD,
    Role.KEY_IDEA,
    Role.ARCHITECTURE,
    Role.ALGORITHM,
    Role.TRAINING,
    Role.IMPLEMENTATION,
    Role.LOSS,
)
_RESULTS = (Role.RESULTS, Role.EXPERIMENTS, Role.COMPARISON, Role.ABLATION, Role.ANALYSIS, Role.EVALUATION)
FITTING: Mapping[Kind, frozenset[Role]] = {
    Kind.DATA: frozenset((Role.DATA, Role.PREPROCESSING, Role.SETUP, Role.TRAINING)),
    Kind.HOW: frozenset(_METHODS),
    Kind.RESULTS: frozenset(_RESULTS),
    Kind.COMPARE: frozenset((*_RESULTS, Role.NOVELTY)),
    Kind.LIMITS: frozenset((Role.LIMITATIONS, Role.DISCUSSION, Role.FUTURE_WORK, Role.COST, Role.CONCLUSION)),
    Kind.WHY: frozenset(
        (Role.MOTIVATION, Role.PROBLEM, Role.INTRODUCTION, Role.ANALYSIS, Role.DISCUSSION, Role.CHALLENGES)
    ),
    Kind.HOW_MANY: frozenset((Role.DATA, Role.RESULTS, Role.EXPERIMENTS, Role.SETUP)),
    Kind.WHAT: frozenset((Role.ABSTRACT, Role.SUMMARY, Role.INTRODUCTION)),
    Kind.WHICH: frozenset(),
    Kind.YES_NO: frozenset(),
}
"""Where papers and reviews say what a kind of question asks."""
SUMMARIES = frozenset(
    (
        Role.ABSTRACT,
        Role.SUMMARY,
        Role.INTRODUCTION,
        Role.MOTIVATION,
        Role.CONCLUSION,
        Role.CONTRIBUTIONS,
        Role.KEY_IDEA,
    )
)


class _Question:
    """What was asked: its kind, its concepts, and what share of its weight each has."""

    def __init__(self, question: Question, concepts: Sequence[Concept], weights: Mapping[Concept, float]) -> None:
        self.kind = question.kind
        self.subject = question.subject
        self.concepts = [concept for concept in concepts if concept.part_of is None]
        self.needles = list(map(needles_of, self.concepts))
        weight = np.array([weights[concept] for concept in self.concepts])
        self.shares = weight / (weight.sum() or 1.0)

    def having(self, lines: Lines) -> Flags:
        """Return for each concept which lines have it."""
        has = [lines.having(needles) for needles in self.needles]
        return np.array(has, np.bool_).reshape(len(has), len(lines))  # also where nothing is left to look for

    def share(self, has: Flags) -> Numbers:
        """Return the shares that these concepts have together, of one text or several."""
        return self.shares @ has


class _Reading:
    """One candidate, read for what was asked."""

    def __init__(self, candidate: Candidate, text: PreparedText, asked: _Question) -> None:
        self.candidate, self.text, self.asked = candidate, text, asked
        self.said = asked.having(text.lines)
        self.headed = asked.having(text.headings)[:, text.sections]
        self.title: Flags = np.any(asked.having(text.title), axis=1)
        self.about: Flags = np.any(asked.having(text.about), axis=1)

    def passage_signs(self, meaning: _Meaning) -> Numbers:
        """Return `PassageSigns` as columns, a row for each block."""
        text, asked = self.text, self.asked
        columns: dict[str, Numbers | Flags | Vectors] = {
            "said": asked.share(self.said),
            "headed": asked.share(self.headed & ~self.said),
            "fits": text.having_role(FITTING[asked.kind]),
            "sums_up": text.having_role(SUMMARIES) | text.opens(),
            "number": text.has_number & (asked.kind is Kind.HOW_MANY),
            "aside": text.is_aside,
            "length": text.length,
            **meaning._asdict(),
        }
        return np.column_stack([columns[name] for name in PassageSigns._fields]).astype(np.float64)

    def review_signs(self, signs: Numbers) -> ReviewSigns:
        """Return what speaks for the review, from the signs of its passages."""
        of_passages = dict(zip(PassageSigns._fields, signs.T, strict=True))
        best = _best_means(of_passages["said"] + 0.5 * of_passages["headed"], 1, 3, 6)
        near, meant, alike = (_best_means(of_passages[name], 1, 3, 8) for name in _Meaning._fields)
        has = self.about | self.said.any(axis=1) | self.headed.any(axis=1)
        title, about, anywhere = self.asked.share(np.array((self.title, self.about, has)).T).tolist()
        return ReviewSigns(self.candidate.score, title, about, anywhere, *best, *near, *meant, *alike)


def rank_passages(
    question: Question,
    candidates: Sequence[Candidate],
    concepts: Sequence[Concept],
    weights: Mapping[Concept, float],
    *,
    likeness: Mapping[BlockPlace, float] | None = None,
    is_inside: bool = False,
) -> list[RankedPassage]:
    """Order the best passages of each review, best first.

    Args:
        weights: What each concept weighs.
        likeness: How alike passages and the question are by a model of whole sentences; None without a model.
        is_inside: The question is about one paper, and these are its reviews.
    """
    asked = _Question(question, concepts, weights)
    readings = [
        _Reading(candidate, text, asked)
        for candidate in candidates
        if (text := prepare(candidate.text, candidate.outline))
    ]
    counted = BY_WORDS if likeness is None else BY_MODEL
    found: list[RankedPassage] = []
    for reading, meaning in zip(readings, _meanings(asked, readings, likeness or {}), strict=True):
        found += _best_of(reading, meaning, counted, is_inside=is_inside)
    return sorted(found, key=lambda passage: (-passage.score, passage.review_id, passage.section, passage.block))


def _meanings(
    asked: _Question, readings: Sequence[_Reading], likeness: Mapping[BlockPlace, float]
) -> Iterator[_Meaning]:
    """What the passages of each reading mean beside the question."""
    vectors = load_word_vectors()
    compared = ComparedPassages(vectors, Passages.joined(reading.text.words for reading in readings))
    near = compared.nearness(vectors.rows_of(index_terms(asked.subject)))
    nearest = [compared.nearest_words(vectors.rows_of(index_terms(concept.text))) for concept in asked.concepts]
    words = np.array(nearest, np.float32).reshape(len(nearest), len(near))
    credit = np.where(words >= MIN_NEAR_WORD, words, 0.0)
    at = 0
    for reading in readings:
        text, review_id = reading.text, reading.candidate.review_id
        mine = slice(at, at := at + len(text.sections))
        places = zip(text.sections.tolist(), text.blocks.tolist(), strict=True)
        yield _Meaning(
            near=near[mine],
            meant=asked.shares @ np.where(reading.said, 1.0, credit[:, mine]),
            alike=np.array([likeness.get((review_id, *place), 0.0) for place in places]),
        )


def _best_of(reading: _Reading, meaning: _Meaning, weights: Weights, *, is_inside: bool) -> list[RankedPassage]:
    """The best passages of a review, one of a section: two of one section would say the same."""
    text = reading.text
    signs = reading.passage_signs(meaning)
    review = reading.review_signs(signs)
    base = 0.0 if is_inside else float(np.dot(weights.review, review))
    scores = base + PASSAGE * (signs @ np.array(weights.inside if is_inside else weights.passage))
    # Stable: of equals the first comes first.
    order = np.argsort(-scores, kind="stable")
    _, firsts = np.unique(text.sections[order], return_index=True)
    return [
        RankedPassage(
            review_id=reading.candidate.review_id,
            section=int(text.sections[at]),
            block=int(text.blocks[at]),
            score=float(scores[at]),
            signs=PassageSigns(*signs[at].tolist()),
            review=review,
        )
        for at in order[np.sort(firsts)][: KEPT_INSIDE if is_inside else KEPT].tolist()
    ]


def _best_means(values: Numbers, *counts: int) -> list[float]:
    """The means of the largest values, so many of them."""
    largest = -np.sort(-values)
    return [float(largest[:count].mean()) for count in counts]


# ── being sure ──────────────────────────────────────────────────────────────────────────────────

SURE_ABOUT, SURE_ANYWHERE, SURE_NEAR, SURE_MEANT = 1.3, 0.6, 0.8, 1.0
"""What these count for being sure: the shares in title and abstract, and anywhere; the passage's nearness, and what
it says in any words."""
SURE_LEAD, SURE_REVIEW_LEAD, SURE_INSIDE = 1.0, 0.4, 1.6
"""What the lead over the next passage counts, and that over the next review or, of a named paper, being in it."""
SURE = 3.5
"""What these must come to."""
MOST_LEAD, MOST_REVIEW_LEAD = 1.0, 3.0
LEAST_ANYWHERE = 0.35
"""Below this share of the question's weight in a review, it is about something else, however near its words are."""


def is_sure(kind: Kind, ranked: Sequence[RankedPassage], *, is_inside: bool = False) -> bool:
    """Whether the first of these passages answers a question, and does not just come near."""
    if not ranked:
        return False
    best = ranked[0]
    if best.review.anywhere < LEAST_ANYWHERE or (kind is Kind.HOW_MANY and not best.signs.number):
        return False
    others = [passage for passage in ranked[1:] if passage.review_id != best.review_id]
    value = (
        SURE_ABOUT * best.review.about
        + SURE_ANYWHERE * best.review.anywhere
        + SURE_NEAR * best.signs.near
        + SURE_MEANT * best.signs.meant
        + SURE_LEAD * _lead(best, ranked[1:], MOST_LEAD)
        + (SURE_INSIDE if is_inside else SURE_REVIEW_LEAD * _lead(best, others, MOST_REVIEW_LEAD))
    )
    return value >= SURE


def _lead(best: RankedPassage, others: Sequence[RankedPassage], most: float) -> float:
    """By how much a passage is better than the first of others."""
    return min(most, best.score - others[0].score) if others else most
