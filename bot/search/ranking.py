"""Order reviews by how much of a query they cover, concept by concept.

The index is asked for each concept separately. The scores are scaled by the best hit and weighted by rarity before
they are added. For all concepts together, FTS5's bm25 would give a word in half of the reviews no weight, and a rare
word too little.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from bot.models.index import ColumnWeights
from bot.search.query import Concept

STUB_CHARACTERS = 1_000
"""A review with fewer characters is a stub."""
STUB_FACTOR = 0.8
COLUMNS = ColumnWeights(title=40.0, headings=6.0, abstract=4.0, body=1.0)
"""A weight multiplies the number of uses of a term, which saturates in bm25. With 40, one mention in a title, which
says what the review is about, outweighs any number in its body."""
APART_FACTOR = 0.5
"""The weight of a known term's words when they stand apart: 생성 and 검색 in one review do not mean RAG."""
LOOSE_FACTOR = 0.4
"""The weight of a Korean word that the glossary does not know, relative to other words."""
EVERYDAY_FACTOR = 0.7
"""The relative weight of an everyday word: its spellings are only substitutes, and have other meanings too."""
EMPTY_FACTOR = 0.2
"""The relative weight of an everyday word that says little about what is wanted."""
MENTION = 0.3
"""The value of a single mention, relative to the evidence in the best review."""
ROUNDING = 1e-6
"""How far two sums of the same weights may differ by the order of adding."""
PHRASE = 0.5
"""The bonus for the words standing together, relative to the weight of the whole query."""

Ids = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]


class Hits(NamedTuple):
    """The reviews that have one concept, each once, with their bm25; larger is better.

    ``number`` is the position of the concept in the query.
    """

    number: int
    ids: Ids
    bm25: Scores

    @classmethod
    def of(cls, number: int, rows: Sequence[tuple[int, float]]) -> Self:
        """Take (review id, bm25) as the index gives them."""
        ids, bm25 = zip(*rows, strict=True) if rows else ((), ())
        return cls(number, np.array(ids, np.int64), np.array(bm25, np.float64))

    @property
    def best(self) -> float:
        """The largest bm25; 0 if no review has the concept."""
        return float(self.bm25.max(initial=0.0))

    def among(self, kept: npt.NDArray[np.bool_]) -> Hits:
        """Those in some reviews, given as a mask by id."""
        chosen = kept[self.ids]
        return Hits(self.number, self.ids[chosen], self.bm25[chosen])


@dataclass(frozen=True, slots=True)
class Ranked:
    """A review and how much of the query it covers: ``share`` of the weight, 0 to 1."""

    review_id: int
    score: float
    share: float


def weigh(concepts: Sequence[Concept], counts: Mapping[Concept, int], *, total: int) -> dict[Concept, float]:
    """The weight of each concept: log(1 + total / reviews with it), less for loose and everyday words."""
    return {concept: log(1 + total / (counts[concept] or 0.5)) * factor_of(concept) for concept in concepts}


def factor_of(concept: Concept) -> float:
    """How much weight a concept has relative to others."""
    if concept.is_everyday:
        return EMPTY_FACTOR if concept.is_empty else EVERYDAY_FACTOR
    return LOOSE_FACTOR if concept.is_loose else 1.0


class Sharing(NamedTuple):
    """The reviews that have several of the concepts, and every hit that `rank` needs to order them."""

    reviews: Container[int]
    hits: list[Hits]


def hits_of_sharing(hits: Sequence[Hits], weights: Sequence[float], *, least: float) -> Sharing:
    """Keep the hits of reviews that have several concepts with at least this share of their weight.

    Most reviews have only one of them. The best hit of each concept is kept, because scores are relative to it.

    Args:
        weights: Of each concept, by the number that the hits refer to.
    """
    counts, covered = np.zeros(_size(hits), np.int64), np.zeros(_size(hits))
    for number, ids, _ in hits:
        counts[ids] += 1
        covered[ids] += weights[number]
    enough = (counts > 1) & (covered >= (least - ROUNDING) * sum(weights))
    kept = enough.copy()
    kept[[found.ids[found.bm25.argmax()] for found in hits if len(found.ids)]] = True
    return Sharing(set(np.flatnonzero(enough).tolist()), [found.among(kept) for found in hits])


def count_reviews(hits: Sequence[Hits]) -> int:
    """How many reviews have any of the concepts."""
    return int(np.count_nonzero(_found(hits)))


def rank(
    asked: Sequence[Concept],
    hits: Sequence[Hits],
    weights: Mapping[Concept, float],
    *,
    phrase: Concept | None = None,
    stubs: Container[int] = (),
    limit: int | None = None,
) -> list[Ranked]:
    """Order the reviews that contain anything of the query, best first; at most ``limit`` of them.

    A review's score is a sum over the concepts: coefficient x (mention + rest x bm25 / the best bm25 of that
    concept). The words of a longer term share half of its coefficient.

    Args:
        asked: The concepts, in the order that the hits refer to; includes the phrase.
        hits: In the order in which they are added up.
        weights: The weight of every concept, even of those that no review has.
        stubs: Very short reviews, which are ranked lower: bm25 favours short texts, but these say little.
    """
    best = [0.0] * len(asked)
    for found in hits:
        best[found.number] = max(best[found.number], found.best)
    ids, scores = _first(*_add_up(asked, hits, _coefficients(asked, weights, phrase), best, phrase, stubs), limit)
    shares = _shares(asked, hits, weights, best, ids)
    whole = sum(weight for concept, weight in weights.items() if concept.part_of is None)
    return [
        Ranked(review_id, score / whole, share / whole)
        for review_id, score, share in zip(ids.tolist(), scores.tolist(), shares, strict=True)
    ]


def _add_up(
    asked: Sequence[Concept],
    hits: Sequence[Hits],
    coefficients: Sequence[float],
    best: Sequence[float],
    phrase: Concept | None,
    stubs: Container[int],
) -> tuple[Ids, Scores]:
    """The ids of all reviews found, in order, and their scores."""
    scores = np.zeros(_size(hits))
    for number, ids, bm25 in hits:
        coefficient = coefficients[number]
        mention = 0.0 if asked[number] is phrase else MENTION * coefficient
        slope = (coefficient - mention) / best[number] if best[number] > 0 else 0.0
        scores[ids] = scores[ids] + mention + slope * bm25
    ids = np.flatnonzero(_found(hits))
    scores[[review_id for review_id in ids.tolist() if review_id in stubs]] *= STUB_FACTOR
    return ids, scores[ids]


def _first(ids: Ids, scores: Scores, limit: int | None) -> tuple[Ids, Scores]:
    """The best reviews, best first; of equals, the newest ids."""
    if limit and limit < len(ids):
        likely = scores >= np.partition(scores, len(ids) - limit)[len(ids) - limit]
        ids, scores = ids[likely], scores[likely]
    order = np.lexsort((ids, scores))[::-1][: limit or None]
    return ids[order], scores[order]


def _size(hits: Sequence[Hits]) -> int:
    """The length of an array with a place for each id."""
    return max((int(found.ids.max()) + 1 for found in hits if len(found.ids)), default=0)


def _mask(ids: Ids, size: int) -> npt.NDArray[np.bool_]:
    mask = np.zeros(size, np.bool_)
    mask[ids] = True
    return mask


def _found(hits: Sequence[Hits]) -> npt.NDArray[np.bool_]:
    """For each id, whether the review has any of the concepts."""
    mask = np.zeros(_size(hits), np.bool_)
    for found in hits:
        mask[found.ids] = True
    return mask


def _coefficients(asked: Sequence[Concept], weights: Mapping[Concept, float], phrase: Concept | None) -> list[float]:
    """The coefficient of each concept: its weight, shared with its parts."""
    whole_of, weight_of_parts = _parts(weights)
    wholes = [concept for concept in weights if concept.part_of is None]
    coefficients = []
    for concept in asked:
        if concept is phrase:
            coefficients.append(PHRASE * sum(weights[whole] for whole in wholes))
        elif concept in whole_of:
            whole = whole_of[concept]
            coefficients.append(weights[whole] * APART_FACTOR * weights[concept] / weight_of_parts[whole])
        else:
            coefficients.append(weights[concept] * (1 - APART_FACTOR if concept in weight_of_parts else 1.0))
    return coefficients


def _parts(weights: Mapping[Concept, float]) -> tuple[dict[Concept, Concept], dict[Concept, float]]:
    """Part → the term that it belongs to, and term → the weight of its parts.

    A quoted phrase may have the same text as a term; the term is the one with more spellings.
    """
    wholes = sorted((concept for concept in weights if concept.part_of is None), key=lambda c: len(c.spellings))
    by_text = {concept.text: concept for concept in wholes}
    whole_of = {part: by_text[part.part_of] for part in weights if part.part_of is not None}
    weight_of_parts: dict[Concept, float] = defaultdict(float)
    for part, whole in whole_of.items():
        weight_of_parts[whole] += weights[part]
    return whole_of, weight_of_parts


def _shares(
    asked: Sequence[Concept], hits: Sequence[Hits], weights: Mapping[Concept, float], best: Sequence[float], ids: Ids
) -> list[float]:
    """The weight that each of these reviews covers: a whole term's full weight, or a part for its words apart."""
    whole_of, _ = _parts(weights)
    if whole_of:
        carried = _carried(asked, [found.among(_mask(ids, _size(hits))) for found in hits], weights, best)
        return [
            sum(weights[concept] * min(1.0, part) for concept, part in carried[review_id].items())
            for review_id in ids.tolist()
        ]
    covered = np.zeros(_size(hits))
    for number, having, _ in hits:
        covered[having] += weights.get(asked[number], 0.0)
    shares: list[float] = covered[ids].tolist()
    return shares


def _carried(
    asked: Sequence[Concept], hits: Sequence[Hits], weights: Mapping[Concept, float], best: Sequence[float]
) -> Mapping[int, Mapping[Concept, float]]:
    """How much of each whole term a review has: 1, or less for its words apart."""
    whole_of, weight_of_parts = _parts(weights)
    carried: dict[int, dict[Concept, float]] = defaultdict(lambda: defaultdict(float))
    for number, ids, bm25 in hits:
        concept = asked[number]
        if concept not in weights:
            continue
        whole = whole_of.get(concept)
        for review_id, score in zip(ids.tolist(), bm25.tolist(), strict=True):
            if whole:
                scaled = score / best[number] if best[number] > 0 else 0.0
                evidence = weights[concept] / weight_of_parts[whole] * (MENTION + (1 - MENTION) * scaled)
                carried[review_id][whole] += APART_FACTOR * evidence
            else:
                carried[review_id][concept] += 1.0
    return carried
