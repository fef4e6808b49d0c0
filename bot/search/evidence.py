"""Which passages of some reviews answer a question best, and whether the best of them surely does. Pure.

In: the texts of the index, whose lines are the blocks of a review. Out: their positions, best first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.models.index import IndexText
from bot.models.reviews import Section
from bot.search.anchoring import heading_path
from bot.search.passages import lines_of, needles_of, padded
from bot.search.query import Concept
from bot.text.terms import index_terms

BESIDE = 0.3
"""What a concept counts that only the headings above a passage, or the title, have."""
SURE = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A review that may answer. ``outline`` holds its sections, without their text."""

    review_id: int
    text: IndexText
    outline: Sequence[Section]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPassage:
    """A block of a review by its position, and how well it answers: ``share`` of the question's weight, 0 to 1."""

    review_id: int
    section: int
    block: int
    score: float
    share: float

    @property
    def is_sure(self) -> bool:
        """Whether it answers the question and does not just come near."""
        return self.share >= SURE


def rank_passages(
    candidates: Sequence[Candidate], concepts: Sequence[Concept], weights: Mapping[Concept, float]
) -> list[RankedPassage]:
    """Order the passages that have anything of a question, best first."""
    wholes = [concept for concept in concepts if concept.part_of is None]
    found = (passage for candidate in candidates for passage in _passages(candidate, wholes, weights))
    return sorted(found, key=lambda passage: (-passage.score, passage.review_id, passage.section, passage.block))


def _passages(
    candidate: Candidate, wholes: Sequence[Concept], weights: Mapping[Concept, float]
) -> Iterator[RankedPassage]:
    whole = sum(weights[concept] for concept in wholes) or 1.0
    needles = {concept: needles_of(concept) for concept in wholes}

    def having(line: str) -> set[Concept]:
        return {concept for concept in wholes if any(needle in padded(line) for needle in needles[concept])}

    def share_of(having_them: set[Concept]) -> float:
        return sum(weights[concept] for concept in having_them) / whole

    titled = having(candidate.text.title.replace("\n", " "))
    headed = [
        titled.union(*map(having, map(index_terms, heading_path(candidate.outline, position))))
        for position in range(len(candidate.outline))
    ]
    for section, block, line in lines_of(candidate.text):
        if section < len(headed) and (said := having(line)):
            share = share_of(said) + BESIDE * share_of(headed[section] - said)
            yield RankedPassage(review_id=candidate.review_id, section=section, block=block, score=share, share=share)
