"""Which passages of some reviews answer a question best, and whether the best of them surely does. Pure.

In: the texts of the index, whose lines are the blocks of a review. Out: their positions, best first. What counts for
a passage is written down as `Signs`; `rank_passages` adds them up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from bot.models.index import IndexText
from bot.models.reviews import Section
from bot.search.anchoring import heading_path
from bot.search.extract import ASIDE
from bot.search.passages import lines_of, needles_of, padded
from bot.search.query import Concept
from bot.search.questions import Kind, Question
from bot.search.roles import Role, roles_of
from bot.text.patterns import lazy_pattern
from bot.text.terms import index_terms

_NUMBER = lazy_pattern(r"(?:^| )(?!(?:19|20)\d\d(?: |$))\d")
"""A number among the terms of a block; a year answers no question of how many."""
SURE = 0.6


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What speaks for a passage; shares are of the question's weight, and each counts what those before do not have.

    Attributes:
        said: In the passage itself.
        headed: In the headings above it.
        beside: In the blocks before and after it in its section.
        about: In the review's title and abstract.
        elsewhere: Anywhere else in the review.
        review: How well the whole review fits, relative to the best.
        is_fitting: The section has the role that the kind of question asks for.
        is_summary: The section says what the whole is about.
        has_number: The passage has a number, and one was asked for.
        is_aside: It is a figure, table or code.
        length: Terms in it.
    """

    said: float
    headed: float
    beside: float
    about: float
    elsewhere: float
    review: float
    is_fitting: bool
    is_summary: bool
    has_number: bool
    is_aside: bool
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPassage:
    """A block of a review by its position, and how well it answers."""

    review_id: int
    section: int
    block: int
    score: float
    signs: Signs

    @property
    def is_sure(self) -> bool:
        """Whether it answers the question and does not just come near."""
        return self.signs.said + 0.3 * (self.signs.headed + self.signs.about) >= SURE


FITTING: Mapping[Kind, frozenset[Role]] = {
    Kind.DATA: frozenset((Role.DATA, Role.PREPROCESSING, Role.SETUP, Role.TRAINING)),
    Kind.HOW: frozenset(
        (Role.METHOD, Role.KEY_IDEA, Role.ARCHITECTURE, Role.ALGORITHM, Role.TRAINING, Role.IMPLEMENTATION, Role.LOSS)
    ),
    Kind.RESULTS: frozenset(
        (Role.RESULTS, Role.EXPERIMENTS, Role.COMPARISON, Role.ABLATION, Role.ANALYSIS, Role.EVALUATION)
    ),
    Kind.COMPARE: frozenset((Role.COMPARISON, Role.RESULTS, Role.EXPERIMENTS, Role.ABLATION, Role.NOVELTY)),
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
        self._whole = sum(self.weights) or 1.0
        self.share = lru_cache(maxsize=None)(self._share)

    def _share(self, bits: int) -> float:
        return sum(weight for at, weight in enumerate(self.weights) if bits >> at & 1) / self._whole


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

    @cached_property
    def lines(self) -> list[tuple[int, int, str, int]]:
        return [
            (section, block, line, self.bits(line))
            for section, block, line in lines_of(self.candidate.text)
            if section < len(self.candidate.outline)
        ]

    @cached_property
    def about(self) -> int:
        bits = 0
        for column in (self.candidate.text.title, self.candidate.text.abstract):
            for line in column.replace("\f", "\n").split("\n"):
                bits |= self.bits(line)
        return bits

    @cached_property
    def anywhere(self) -> int:
        bits = self.about
        for _section, _block, _line, said in self.lines:
            bits |= said
        return bits

    @cached_property
    def headed(self) -> list[int]:
        """For each section, what its headings have."""
        found = []
        for position in range(len(self.candidate.outline)):
            bits = 0
            for heading in heading_path(self.candidate.outline, position):
                bits |= self.bits(index_terms(heading))
            found.append(bits)
        return found


def rank_passages(
    question: Question,
    candidates: Sequence[Candidate],
    concepts: Sequence[Concept],
    weights: Mapping[Concept, float],
) -> list[RankedPassage]:
    """Order the passages that have anything of a question, best first."""
    asked = _Asked(concepts, weights)
    found = [
        RankedPassage(review_id=candidate.review_id, section=section, block=block, score=_score(signs), signs=signs)
        for candidate in candidates
        for section, block, signs in read_signs(question, candidate, asked)
    ]
    return sorted(found, key=lambda passage: (-passage.score, passage.review_id, passage.section, passage.block))


def read_signs(question: Question, candidate: Candidate, asked: _Asked) -> Iterator[tuple[int, int, Signs]]:
    """Yield (section, block, signs) of the passages of a review that have anything of a question near them."""
    reading = _Reading(candidate, asked)
    roles = [_roles_at(candidate.outline, position) for position in range(len(candidate.outline))]
    fitting = FITTING[question.kind]
    lines = reading.lines
    for at, (section, block, line, said) in enumerate(lines):
        headed = reading.headed[section] & ~said
        neighbours = lines[max(0, at - 1) : at] + lines[at + 1 : at + 2]
        beside = 0
        for other in neighbours:
            if other[0] == section:
                beside |= other[3]
        beside &= ~(said | headed)
        if not line.strip(f"{ASIDE} "):
            continue
        about = reading.about & ~(said | headed | beside)
        elsewhere = reading.anywhere & ~(said | headed | beside | about)
        yield (
            section,
            block,
            Signs(
                said=asked.share(said),
                headed=asked.share(headed),
                beside=asked.share(beside),
                about=asked.share(about),
                elsewhere=asked.share(elsewhere),
                review=candidate.score,
                is_fitting=not fitting.isdisjoint(roles[section]),
                is_summary=not SUMMARIES.isdisjoint(roles[section]) or (section == 0 and not roles[section]),
                has_number=question.kind is Kind.HOW_MANY and bool(_NUMBER.search(line)),
                is_aside=line.startswith(ASIDE),
                length=line.count(" ") + 1,
            ),
        )


def _roles_at(outline: Sequence[Section], position: int) -> frozenset[Role]:
    """The roles of a section's heading, or else of the nearest heading above it that has one."""
    for heading in reversed(heading_path(outline, position)):
        if roles := _roles_of(heading):
            return roles
    return frozenset()


@lru_cache(maxsize=4_096)
def _roles_of(heading: str) -> frozenset[Role]:
    return frozenset(roles_of(heading))


def _score(signs: Signs) -> float:
    score = signs.said + 0.5 * signs.headed + 0.3 * signs.beside + 0.3 * signs.about + 0.1 * signs.elsewhere
    score += 0.3 * signs.review + 0.1 * signs.is_fitting + 0.1 * signs.has_number - 0.1 * signs.is_aside
    return score + 0.05 * signs.is_summary
