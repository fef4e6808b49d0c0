"""Ordering reviews by how much of a query they carry: pure, on hits as the index gives them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.glossary import Glossary
from bot.search.query import Concept, parse_query, whole_phrase
from bot.search.ranking import Hits, Ranked, hits_of_sharing, rank, weigh
from bot.search.sureness import SURE_SHARE

TOTAL = 100


def asked(query: str) -> tuple[Concept, ...]:
    """The words of a query, none of them a term of a glossary."""
    return parse_query(query, Glossary())


TERM = Concept("RAG", (("rag",), ("검색", "증강", "생성")))
TERM_PARTS = (
    Concept("retrieval", (("retriev",),), part_of="RAG"),
    Concept("generation", (("generat",),), part_of="RAG"),
)


def order(
    concepts: Sequence[Concept],
    hits: Mapping[Concept, Iterable[tuple[int, float]]],
    *,
    counts: Mapping[Concept, int] | None = None,
    phrase: Concept | None = None,
    stubs: frozenset[int] = frozenset(),
    limit: int | None = None,
) -> list[Ranked]:
    """Rank; ``hits`` are (review, bm25) for each concept. A concept is in as many reviews as it has hits, or
    as ``counts`` says."""
    known = {concept: len(list(found)) for concept, found in hits.items()} | dict(counts or {})
    weights = weigh(concepts, {concept: known.get(concept, 0) for concept in concepts}, total=TOTAL)
    numbered = [*concepts, *([phrase] if phrase else [])]
    listed = [Hits.of(at, [*hits.get(concept, ())]) for at, concept in enumerate(numbered)]
    return rank(numbered, listed, weights, phrase=phrase, stubs=stubs, limit=limit)


def ids(ranked: Iterable[Ranked]) -> list[int]:
    return [item.review_id for item in ranked]


# ── rare and common ─────────────────────────────────────────────────────────────────────────────


def test_a_rare_word_is_not_drowned_by_a_common_one() -> None:
    """The review with one mention of the rare word comes before all that are full of the common one."""
    common, rare = asked("model kelp")
    ranked = order((common, rare), {common: [(n, 9.0) for n in range(1, 81)], rare: [(90, 0.4)]})
    assert ids(ranked)[0] == 90
    assert len(ranked) == 81


def test_a_word_of_every_review_is_not_mute() -> None:
    """bm25 gives such a word next to nothing; the review that has most of it still comes first."""
    (common,) = asked("model")
    ranked = order((common,), {common: [(n, 3e-6 if n == 7 else 1e-6) for n in range(1, TOTAL + 1)]})
    assert ids(ranked)[0] == 7
    assert ranked[0].score > ranked[1].score
    assert ranked[0].share == pytest.approx(1.0)


def test_a_common_word_decides_between_two_that_have_the_rare_one() -> None:
    common, rare = asked("model kelp")
    hits = {common: [(1, 1.0), *((n, 2.0) for n in range(10, 90))], rare: [(1, 1.0), (2, 1.0)]}
    assert ids(order((common, rare), hits))[:2] == [1, 2]


def test_more_of_a_word_is_more_and_a_mention_is_something() -> None:
    (word,) = asked("kelp")
    much, some, little = order((word,), {word: [(1, 0.1), (2, 5.0), (3, 10.0)]})
    assert ids((much, some, little)) == [3, 2, 1]
    assert little.score > 0.25 * much.score


@given(st.integers(1, 10_000), st.integers(0, 10_000))
def test_the_rarer_word_weighs_more(total: int, count: int) -> None:
    """Every word weighs something, one that no review has most."""
    one, other = asked("kelp sand")
    weights = weigh((one, other), {one: min(count, total), other: total}, total=total)
    assert weights[one] >= weights[other] > 0


# ── terms of several words ──────────────────────────────────────────────────────────────────────


def test_the_words_of_a_term_apart_weigh_less_than_the_term() -> None:
    concepts = (TERM, *TERM_PARTS)
    retrieval, generation = TERM_PARTS
    hits = {TERM: [(1, 1.0)], retrieval: [(1, 1.0), (2, 9.0)], generation: [(1, 1.0), (2, 9.0)]}
    whole, apart = order(concepts, hits)
    assert ids((whole, apart)) == [1, 2]
    assert whole.share == pytest.approx(1.0)
    assert 0 < apart.share < SURE_SHARE


def test_one_word_of_a_term_is_less_than_both() -> None:
    concepts = (TERM, *TERM_PARTS)
    retrieval, generation = TERM_PARTS
    ranked = order(concepts, {retrieval: [(1, 1.0), (2, 1.0)], generation: [(2, 1.0)]})
    assert ids(ranked) == [2, 1]
    assert ranked[0].share > ranked[1].share > 0


def test_a_review_with_the_term_alone_carries_the_whole_query() -> None:
    """It may be written in Korean, where the English words never stand."""
    concepts = (TERM, *TERM_PARTS)
    (found,) = order(concepts, {TERM: [(1, 1.0)]})
    assert found.share == pytest.approx(1.0)


def test_a_term_asked_in_quotes_and_without_is_not_half_found() -> None:
    quoted = Concept("RAG", (("rag",),))
    ranked = order((quoted, TERM, *TERM_PARTS), {quoted: [(1, 1.0)], TERM: [(1, 1.0)]})
    assert ranked[0].share == pytest.approx(1.0)


# ── Korean words, stubs, phrases ────────────────────────────────────────────────────────────────


def test_a_loose_korean_word_weighs_less_beside_others() -> None:
    """It is mostly a verb: the review with the noun comes first, whichever is rarer."""
    noun, verb = asked("kelp 자라는")
    assert verb.is_loose
    hits = {noun: [(1, 1.0), (3, 1.0), (4, 1.0)], verb: [(2, 1.0)]}
    ranked = order((noun, verb), hits)
    assert ids(ranked)[-1] == 2
    (alone,) = asked("자라는")
    assert order((alone,), {alone: [(2, 1.0)]})[0].share == pytest.approx(1.0)


def test_loose_words_among_themselves_are_worth_what_others_are() -> None:
    korean, latin = asked("자라는 흐르는"), asked("kelp sand")
    scores = [order((one, other), {one: [(1, 2.0), (2, 1.0)]}) for one, other in (korean, latin)]
    assert [item.score for item in scores[0]] == pytest.approx([item.score for item in scores[1]])


def test_a_stub_stands_behind_what_says_more() -> None:
    """bm25 favours it: it is short."""
    (word,) = asked("kelp")
    hits = {word: [(1, 2.0), (2, 1.7)]}
    assert ids(order((word,), hits)) == [1, 2]
    ranked = order((word,), hits, stubs=frozenset({1}))
    assert ids(ranked) == [2, 1]
    assert ranked[1].share == pytest.approx(1.0), "it carries the query all the same"


def test_words_standing_together_come_first() -> None:
    concepts = asked("quiet harbour")
    phrase = whole_phrase(concepts)
    assert phrase
    hits = {concepts[0]: [(1, 1.0), (2, 1.2)], concepts[1]: [(1, 1.0), (2, 1.2)]}
    assert ids(order(concepts, hits)) == [2, 1]
    together = order(concepts, hits | {phrase: [(1, 1.0)]}, phrase=phrase)
    assert ids(together) == [1, 2]
    assert [item.share for item in together] == pytest.approx([1.0, 1.0]), "order of words is no part of the share"


# ── shares ──────────────────────────────────────────────────────────────────────────────────────


def test_a_word_that_no_review_has_lowers_the_share() -> None:
    known, unknown = asked("kelp zeppelin")
    (found,) = order((known, unknown), {known: [(1, 2.0)]})
    assert 0 < found.share < SURE_SHARE


def test_the_share_is_what_is_carried_not_how_much_of_it() -> None:
    (word,) = asked("kelp")
    ranked = order((word,), {word: [(1, 0.1), (2, 10.0)]})
    assert [item.share for item in ranked] == pytest.approx([1.0, 1.0])


def test_nothing_asked_and_nothing_found_are_no_reviews() -> None:
    (word,) = asked("kelp")
    assert order((), {}) == []
    assert order((word,), {}) == []
    assert order((word, *TERM_PARTS, TERM), {}) == []


def test_the_first_of_many_are_the_first_of_all() -> None:
    one, other = asked("kelp sand")
    hits = {one: [(n, float(n % 7)) for n in range(1, 40)], other: [(n, float(n % 5)) for n in range(20, 60)]}
    everything = order((one, other), hits)
    assert order((one, other), hits, limit=5) == everything[:5]
    assert len({item.review_id for item in everything}) == 59


scores = st.floats(1e-9, 50, allow_nan=False)
found_in = st.dictionaries(st.integers(1, 12), scores, max_size=12)


@given(st.tuples(found_in, found_in, found_in, found_in, found_in), st.frozensets(st.integers(1, 12)))
def test_any_hits_give_an_order_with_shares_between_nothing_and_all(
    found: tuple[dict[int, float], ...], stubs: frozenset[int]
) -> None:
    """Every review that was met is there once, the best first, and one that has it all carries it all."""
    word, verb = asked("kelp 자라는")
    concepts = (word, verb, TERM, *TERM_PARTS)
    phrase = whole_phrase(concepts)
    hits = {concept: list(hit.items()) for concept, hit in zip(concepts, found, strict=True)}
    ranked = order(concepts, hits, phrase=phrase, stubs=stubs)
    assert sorted(ids(ranked)) == sorted({review_id for hit in found for review_id in hit})
    assert [item.score for item in ranked] == sorted((item.score for item in ranked), reverse=True)
    for item in ranked:
        assert 0 < item.share <= 1 + 1e-9
        assert item.score > 0
        if all(item.review_id in hit for hit in found[:3]):
            assert item.share == pytest.approx(1.0)


@given(
    st.dictionaries(st.tuples(st.integers(0, 3), st.integers(1, 9)), scores, max_size=36),
    st.lists(st.floats(0.01, 9), min_size=4, max_size=4),
    st.floats(0, 1),
    st.frozensets(st.integers(1, 9)),
)
def test_those_that_share_several_concepts_are_ranked_as_among_all(
    found: dict[tuple[int, int], float], given_weights: list[float], least: float, stubs: frozenset[int]
) -> None:
    concepts = asked("kelp sand salt foam")
    weights = dict(zip(concepts, given_weights, strict=True))
    hits = [Hits.of(at, [(i, score) for (number, i), score in found.items() if number == at]) for at in range(4)]

    def several(review_id: int) -> bool:
        return sum(review_id in hit.ids for hit in hits) > 1

    sharing = hits_of_sharing(hits, given_weights, least=least)
    first = [item for item in rank(concepts, sharing.hits, weights, stubs=stubs) if item.review_id in sharing.reviews]
    everything = rank(concepts, hits, weights, stubs=stubs)
    assert [item for item in first if item.share >= least] == [
        item for item in everything if item.share >= least and several(item.review_id)
    ]
