"""Order reviews by how much of a query they cover, concept by concept.

The index is asked for each concept separately. The scores are scaled by the best hit and weighted by rarity before
they are added. For all concepts together, FTS5's bm25 would give a word in half of the reviews no weight, and a rare
word too little.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from math import log
from typing import NamedTuple

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

Hit = tuple[int, int, float]
"""(position of the concept in the query, review id, bm25; larger is better)."""


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
    hits: list[Hit]


def hits_of_sharing(hits: Sequence[Hit], weights: Sequence[float], *, least: float) -> Sharing:
    """Keep the hits of reviews that have several concepts with at least this share of their weight.

    Most reviews have only one of them, and ranking those to leave them out afterwards takes most of the time. The
    best hit of each concept is kept, because scores are relative to it.

    Args:
        weights: Of each concept, by the number that the hits refer to.
    """
    counts = Counter(review_id for _, review_id, _ in hits)
    covered = dict.fromkeys((review_id for review_id, count in counts.items() if count > 1), 0.0)
    best: dict[int, Hit] = {}
    for hit in hits:
        number, review_id, bm25 = hit
        if review_id in covered:
            covered[review_id] += weights[number]
        if number not in best or bm25 > best[number][2]:
            best[number] = hit
    enough = (least - ROUNDING) * sum(weights)
    reviews = {review_id for review_id, weight in covered.items() if weight >= enough}
    scale = {hit[1] for hit in best.values()} | reviews
    return Sharing(reviews, [hit for hit in hits if hit[1] in scale])


def rank(
    asked: Sequence[Concept],
    hits: Sequence[Hit],
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
        weights: The weight of every concept, even of those that no review has.
        stubs: Very short reviews, which are ranked lower: bm25 favours short texts, but these say little.
    """
    coefficients = _coefficients(asked, weights, phrase)
    best = [0.0] * len(asked)
    for number, _, bm25 in hits:
        if bm25 > best[number]:
            best[number] = bm25
    mentions = [0.0 if concept is phrase else MENTION * c for concept, c in zip(asked, coefficients, strict=True)]
    slopes = [(c - m) / b if b > 0 else 0.0 for c, m, b in zip(coefficients, mentions, best, strict=True)]
    scores: dict[int, float] = {}
    for number, review_id, bm25 in hits:
        scores[review_id] = scores.get(review_id, 0.0) + mentions[number] + slopes[number] * bm25
    for review_id in scores:
        if review_id in stubs:
            scores[review_id] *= STUB_FACTOR
    first = nlargest(limit or len(scores), scores.items(), key=lambda item: (item[1], item[0]))
    shares = _shares(asked, hits, weights, best, {review_id for review_id, _ in first})
    whole = sum(weight for concept, weight in weights.items() if concept.part_of is None)
    return [Ranked(review_id, score / whole, shares.get(review_id, 0.0) / whole) for review_id, score in first]


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
    asked: Sequence[Concept],
    hits: Sequence[Hit],
    weights: Mapping[Concept, float],
    best: Sequence[float],
    reviews: Container[int],
) -> dict[int, float]:
    """The weight that each of these reviews covers: a whole term's full weight, or a part for its words apart."""
    whole_of, weight_of_parts = _parts(weights)
    carried: dict[int, dict[Concept, float]] = defaultdict(lambda: defaultdict(float))
    for number, review_id, bm25 in hits:
        concept = asked[number]
        if review_id not in reviews or concept not in weights:
            continue
        if whole := whole_of.get(concept):
            scaled = bm25 / best[number] if best[number] > 0 else 0.0
            evidence = weights[concept] / weight_of_parts[whole] * (MENTION + (1 - MENTION) * scaled)
            carried[review_id][whole] += APART_FACTOR * evidence
        else:
            carried[review_id][concept] += 1.0
    return {
        review_id: sum(weights[concept] * min(1.0, part) for concept, part in by_concept.items())
        for review_id, by_concept in carried.items()
    }
