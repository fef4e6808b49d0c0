"""Which passages of some reviews answer a question best, and whether the best of them surely does. Pure.

In: the texts of the index, whose lines are the blocks of a review. Out: their positions, best first. A review is
judged as a whole, because a question in everyday words seldom has all its words in one passage, then each of its
passages. What speaks for them is written down as `ReviewSigns` and `PassageSigns`; docs/ranking.md has the reasons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from math import log1p
from operator import mul
from typing import NamedTuple

import numpy as np

from bot.models.index import IndexText
from bot.models.reviews import Section
from bot.search.anchoring import heading_path
from bot.search.extract import ASIDE, BLOCK_BREAK, OPENING_MARK, SECTION_BREAK
from bot.search.passages import lines_of, needles_of, padded
from bot.search.query import Concept
from bot.search.questions import Kind, Question
from bot.search.roles import Role, roles_of
from bot.search.vectors import WordVectors
from bot.text.patterns import lazy_pattern
from bot.text.terms import index_terms

_NUMBER = lazy_pattern(r"(?:^| )(?!(?:19|20)\d\d(?: |$))\d")
"""A number among the terms of a block; a year answers no question of how many."""
LONGEST = 300
"""Terms of a block from which on it is not better for being longer."""
KEPT = 2
"""Passages of each review that are ranked among those of others."""
PASSAGE = 0.3
"""What a passage's own signs count beside those of its review."""
MIN_NEAR_WORD = 0.33
"""Below this cosine, two words have nothing to do with each other."""

Place = tuple[int, int, int]
"""Review, section and block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A review that may answer.

    Attributes:
        outline: Its sections, without their text.
        score: How well the whole review fits by the index, from 0 to 1 for the best.
    """

    review_id: int
    text: IndexText
    outline: Sequence[Section]
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


class _Asked:
    """The concepts of a question as bits of a number, and the share of its weight that some of them have."""

    def __init__(self, concepts: Sequence[Concept], weights: Mapping[Concept, float]) -> None:
        self.wholes = [concept for concept in concepts if concept.part_of is None]
        self.weights = [weights[concept] for concept in self.wholes]
        self.whole = sum(self.weights) or 1.0
        self._shares: dict[int, float] = {}

    def share(self, bits: int) -> float:
        if bits not in self._shares:
            self._shares[bits] = sum(w for at, w in enumerate(self.weights) if bits >> at & 1) / self.whole
        return self._shares[bits]


class _Meaning(NamedTuple):
    """What a passage means beside a question, as in `PassageSigns`."""

    near: float
    meant: float
    alike: float


class _Line:
    """A block of the index: its position, its terms, and which concepts it has."""

    __slots__ = ("bits", "block", "section", "terms")

    def __init__(self, section: int, block: int, terms: str, bits: int) -> None:
        self.section, self.block, self.terms, self.bits = section, block, terms, bits


class _Reading:
    """One candidate, read for what was asked."""

    def __init__(self, candidate: Candidate, asked: _Asked) -> None:
        self.candidate = candidate
        text = candidate.text
        everything = padded(" ".join((text.title, text.headings, text.abstract, text.body)))
        # A text has few of a term's spellings; the others need not be looked for line by line.
        self._needles = [
            [needle for needle in needles_of(concept) if needle[1:-1] in everything] for concept in asked.wholes
        ]

    def bits(self, line: str) -> int:
        said = padded(line)
        return sum(1 << at for at, needles in enumerate(self._needles) if any(needle in said for needle in needles))

    def _bits_of_column(self, column: str) -> int:
        lines = column.removeprefix(OPENING_MARK).replace(SECTION_BREAK, BLOCK_BREAK).split(BLOCK_BREAK)
        return _joined(map(self.bits, lines))

    @cached_property
    def lines(self) -> list[_Line]:
        """The blocks that have words, in order."""
        return [
            _Line(section, block, line, self.bits(line))
            for section, block, line in lines_of(self.candidate.text)
            if section < len(self.candidate.outline) and line.strip(f"{ASIDE} ")
        ]

    @cached_property
    def title(self) -> int:
        return self._bits_of_column(self.candidate.text.title)

    @cached_property
    def about(self) -> int:
        return self.title | self._bits_of_column(self.candidate.text.abstract)

    @cached_property
    def headings(self) -> list[tuple[str, ...]]:
        """For each section, the headings above it and its own."""
        return [heading_path(self.candidate.outline, at) for at in range(len(self.candidate.outline))]

    @cached_property
    def headed(self) -> list[int]:
        """For each section, what its headings have."""
        return [_joined(self.bits(index_terms(heading)) for heading in path) for path in self.headings]


def rank_passages(
    question: Question,
    candidates: Sequence[Candidate],
    concepts: Sequence[Concept],
    rarity: Mapping[Concept, float],
    vectors: WordVectors,
    *,
    likeness: Mapping[Place, float] | None = None,
    is_inside: bool = False,
) -> list[RankedPassage]:
    """Order the best passages of each review, best first.

    Args:
        likeness: How alike each passage and the question are by a model of whole sentences, if there is one.
        is_inside: The question is about one paper, and these are its reviews.
    """
    asked = _Asked(concepts, rarity)
    readings = [reading for candidate in candidates if (reading := _Reading(candidate, asked)).lines]
    meanings = iter(_meanings(question, readings, asked, vectors, likeness or {}))
    weights = BY_WORDS if likeness is None else BY_MODEL
    found: list[RankedPassage] = []
    for reading in readings:
        signs = list(_passage_signs(reading, asked, question.kind, list(islice(meanings, len(reading.lines)))))
        found += _best_of(reading, asked, signs, weights, is_inside=is_inside)
    return sorted(found, key=lambda passage: (-passage.score, passage.review_id, passage.section, passage.block))


def _rows(readings: Sequence[_Reading], vectors: WordVectors) -> Iterator[frozenset[int]]:
    """The words' rows of each passage, with those of its title and heading, without which many say little."""
    for reading in readings:
        titled = vectors.rows_of(reading.candidate.text.title.partition(BLOCK_BREAK)[0])
        headed = [titled | vectors.rows_of(index_terms(path[-1])) if path else titled for path in reading.headings]
        yield from (headed[line.section] | vectors.rows_of(line.terms) for line in reading.lines)


def _meanings(
    question: Question,
    readings: Sequence[_Reading],
    asked: _Asked,
    vectors: WordVectors,
    likeness: Mapping[Place, float],
) -> list[_Meaning]:
    """What each passage of all readings means beside the question."""
    compared = vectors.compare(list(_rows(readings, vectors)))
    near = compared.nearness(vectors.rows_of(index_terms(question.subject)))
    lines = [line for reading in readings for line in reading.lines]
    meant = np.zeros(len(lines))
    for at, (concept, weight) in enumerate(zip(asked.wholes, asked.weights, strict=True)):
        words = compared.nearest_words(vectors.rows_of(index_terms(concept.text)))
        has = np.array([line.bits >> at & 1 for line in lines], bool)
        meant += weight * np.where(has, 1.0, np.where(words >= MIN_NEAR_WORD, words, 0.0))
    places = [
        (reading.candidate.review_id, line.section, line.block) for reading in readings for line in reading.lines
    ]
    alike = np.array([likeness.get(place, 0.0) for place in places])
    return list(map(_Meaning, near.tolist(), (meant / asked.whole).tolist(), alike.tolist()))


def _best_of(
    reading: _Reading, asked: _Asked, signs: Sequence[PassageSigns], weights: Weights, *, is_inside: bool
) -> list[RankedPassage]:
    """The best passages of a review, with the review's own signs."""
    review = _review_signs(reading, asked, signs)
    own = weights.inside if is_inside else weights.passage
    base = 0.0 if is_inside else _sum(weights.review, review)
    ranked = (
        RankedPassage(
            review_id=reading.candidate.review_id,
            section=line.section,
            block=line.block,
            score=base + PASSAGE * _sum(own, sign),
            signs=sign,
            review=review,
        )
        for line, sign in zip(reading.lines, signs, strict=True)
    )
    best = sorted(ranked, key=lambda passage: (-passage.score, passage.section, passage.block))
    return list(islice(_one_a_section(best), KEPT * (3 if is_inside else 1)))


def _one_a_section(ranked: Sequence[RankedPassage]) -> Iterator[RankedPassage]:
    """The best passage of each section: two of one section would say the same."""
    seen: set[int] = set()
    for passage in ranked:
        if passage.section not in seen:
            seen.add(passage.section)
            yield passage


def _passage_signs(
    reading: _Reading, asked: _Asked, kind: Kind, meanings: Sequence[_Meaning]
) -> Iterator[PassageSigns]:
    roles = [_roles_at(path) for path in reading.headings]
    for line, meaning in zip(reading.lines, meanings, strict=True):
        yield PassageSigns(
            said=asked.share(line.bits),
            headed=asked.share(reading.headed[line.section] & ~line.bits),
            fits=float(not FITTING[kind].isdisjoint(roles[line.section])),
            sums_up=float(not SUMMARIES.isdisjoint(roles[line.section]) or not (line.section or roles[line.section])),
            number=float(kind is Kind.HOW_MANY and bool(_NUMBER.search(line.terms))),
            aside=float(line.terms.startswith(ASIDE)),
            length=log1p(min(line.terms.count(" ") + 1, LONGEST)) / log1p(LONGEST),
            **meaning._asdict(),
        )


def _review_signs(reading: _Reading, asked: _Asked, signs: Sequence[PassageSigns]) -> ReviewSigns:
    best = sorted((sign.said + 0.5 * sign.headed for sign in signs), reverse=True)
    near, meant, alike = (sorted((getattr(sign, name) for sign in signs), reverse=True) for name in _Meaning._fields)
    anywhere = reading.about | _joined(line.bits | reading.headed[line.section] for line in reading.lines)
    return ReviewSigns(
        score=reading.candidate.score,
        title=asked.share(reading.title),
        about=asked.share(reading.about),
        anywhere=asked.share(anywhere),
        best=best[0],
        best_3=_mean(best[:3]),
        best_6=_mean(best[:6]),
        near=near[0],
        near_3=_mean(near[:3]),
        near_8=_mean(near[:8]),
        meant=meant[0],
        meant_3=_mean(meant[:3]),
        meant_8=_mean(meant[:8]),
        alike=alike[0],
        alike_3=_mean(alike[:3]),
        alike_8=_mean(alike[:8]),
    )


def _joined(bits: Iterator[int] | map[int]) -> int:
    joined = 0
    for some in bits:
        joined |= some
    return joined


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _sum(weights: Sequence[float], signs: Sequence[float]) -> float:
    return float(sum(map(mul, weights, signs)))


def _roles_at(path: Sequence[str]) -> frozenset[Role]:
    """The roles of a section's heading, or else of the nearest heading above it that has one."""
    return next((roles for heading in reversed(path) if (roles := _roles_of(heading))), frozenset())


@lru_cache(maxsize=4_096)
def _roles_of(heading: str) -> frozenset[Role]:
    return frozenset(roles_of(heading))


# ── being sure ──────────────────────────────────────────────────────────────────────────────────

SURE_ABOUT, SURE_ANYWHERE, SURE_NEAR, SURE_MEANT = 1.3, 0.6, 0.8, 1.0
"""What these count for being sure: the shares in title and abstract, and anywhere; the passage's nearness, and what
it says in any words."""
SURE_LEAD, SURE_REVIEW_LEAD, SURE_INSIDE = 1.0, 0.4, 1.6
"""What the lead over the next passage counts, and that over the next review or, of a named paper, being in it."""
SURE = 3.6
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
