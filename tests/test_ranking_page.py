"""Each number of docs/ranking.md, by what it does to an answer: in the page's order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import log
from pathlib import Path
from typing import Any

import pytest

from bot.answering import searcher
from bot.answering.searcher import Search
from bot.models.answers import DidYouMean, Kinship, NotReviewed, RelatedFound, SearchFound
from bot.models.feeds import Entry
from bot.models.index import LabelRow, NameKind, NameRow
from bot.models.requests import EVERYTHING, Command, Request
from bot.models.reviews import Section
from bot.search import hangul
from bot.search.extract import index_review
from bot.search.glossary import Glossary, load_everyday_words
from bot.search.headings import find_sections
from bot.search.matches import How, Lookup
from bot.search.names import Names, NamesBuilder
from bot.search.query import Concept, Mended, parse_query, whole_phrase
from bot.search.ranking import COLUMNS, Hits, Ranked, rank, weigh
from bot.search.sureness import Evidence
from bot.store import reviews
from bot.store.database import Database
from bot.store.index import Narrowing, TextIndex
from bot.text.terms import squash, words
from bot.text.titles import series_title
from tests.conftest import Opened
from tests.factories import make_entry, make_names, make_review

PAGE = (Path(__file__).parents[1] / "docs" / "ranking.md").read_text("utf-8")
NO_GLOSSARY = Glossary()


def names_of(*called: str) -> Callable[[str], Lookup]:
    """Look up among reviews of these short names, numbered from 1."""
    rows = [(number, NameKind.SHORT, name) for number, name in enumerate(called, 1)]
    return make_names(*rows, glossary=NO_GLOSSARY).lookup


def answer_of(lookup: Lookup) -> int | None:
    """The review that is the answer; None where none is sure."""
    return lookup.matches[0].review_id if lookup.is_sure else None


def ids_of(lookup: Lookup) -> list[int]:
    return [match.review_id for match in lookup.matches]


# ── a paper by name ─────────────────────────────────────────────────────────────────────────────


def build(labels: Iterable[LabelRow], names: Iterable[NameRow] = ()) -> Names:
    builder = NamesBuilder(glossary=NO_GLOSSARY)
    builder.add_reviews(labels)
    builder.add_names(names)
    return builder.build()


def label(number: int, title: str = "T") -> LabelRow:
    return LabelRow(number, f"https://l.test/{number}", title, None, None, None, False, " ".join(words(title)))


def use(name: str, uses: Sequence[int]) -> Lookup:
    """Look a coined name up that reviews 1, 2, … use so often."""
    numbered = list(enumerate(uses, 1))
    rows = [NameRow(squash(name), i, NameKind.COINED, name, count, "") for i, count in numbered]
    return build([label(i) for i, _ in numbered], rows).lookup(name)


@pytest.mark.parametrize(("uses", "owners"), [((70, 30), [1]), ((69, 31), []), ((3, 7), [2]), ((4, 3, 3), [])])
def test_a_coined_name_is_its_reviews_from_70_percent_of_all_uses(uses: Sequence[int], owners: list[int]) -> None:
    assert ids_of(use("BuoyBench", uses)) == owners


@pytest.mark.parametrize(("uses", "kinds"), [(1, []), (2, [NameKind.INTRODUCED])])
def test_a_presented_name_is_the_papers_own_from_two_uses(uses: int, kinds: Sequence[NameKind]) -> None:
    review = make_review("We propose BUOYS.", *["BUOYS counts."] * (uses - 1))
    assert [name.kind for name in index_review(review).names if name.text == "BUOYS"] == kinds


def test_a_beginning_is_of_three_letters() -> None:
    look_up = names_of("Lantern", "Marlin")
    assert answer_of(look_up("lan")) == 1
    assert look_up("la") == Lookup()


@pytest.mark.parametrize(
    ("name", "typed", "is_answer"),
    [("Blipper", "blipp", True), ("Blipper", "blippe", False), ("Blip-23", "blip", False), ("Blip-2b", "blip", True)],
)
def test_a_beginning_that_lacks_a_number_or_a_letter_is_a_guess(name: str, typed: str, is_answer: bool) -> None:
    lookup = names_of(name, "Marlin")(typed)
    assert ids_of(lookup)[:1] == [1]
    assert lookup.is_sure == is_answer


def test_a_beginning_never_ends_within_a_number() -> None:
    look_up = names_of("GPT-35-turbo", "Marlin")
    assert answer_of(look_up("gpt35")) == 1
    assert answer_of(look_up("gpt3")) is None


LONG = "counting waves and other things that patient readers do when it rains"  # 58 letters: three slips


@pytest.mark.parametrize(
    ("name", "typed", "is_found"),
    [
        ("Rope", "rape", True),  # four letters: one
        ("Rop", "rap", False),
        ("Lantern", "lantirm", False),  # seven: one
        ("Lanterns", "lantirms", True),  # eight: two
        ("Lanterns", "lintirms", False),
        ("Lantern", "lanetrn", True),  # swapped neighbours are one
        (LONG[:58], "kounting vaves and odher" + LONG[24:58], True),
        (LONG[:58], "kounting vaves and odher dhings" + LONG[31:58], False),
        (LONG[:43], "kounting vaves and odher" + LONG[24:43], False),
    ],
)
def test_slips_are_one_from_four_letters_two_from_eight_and_one_for_each_15(
    name: str, typed: str, is_found: bool
) -> None:
    assert bool(names_of(name)(typed).matches) == is_found


@pytest.mark.parametrize(
    ("names", "typed", "is_answer"),
    [
        (("Lanterns",), "lantirns", True),
        (("Lanterns",), "lantirms", False),
        (("Lanterns", "Lantorns"), "lantirns", False),
        (("Lanterns", "Lantorms"), "lantirns", True),
        ((LONG[:35],), "kounting vaves" + LONG[14:35], True),  # two in thirty letters
        ((LONG[:31],), "kounting vaves" + LONG[14:31], False),  # 27 letters
    ],
)
def test_one_slip_without_a_rival_is_sure_and_two_are_offered(
    names: Sequence[str], typed: str, is_answer: bool
) -> None:
    lookup = names_of(*names)(typed)
    assert 1 in ids_of(lookup)
    assert answer_of(lookup) == (1 if is_answer else None)


@pytest.mark.parametrize(
    ("names", "typed"), [(("Blip-3", "Blop-22"), "blip-22"), (("Loom X", "Loam Y"), "loom y"), (("Rope5",), "rope6")]
)
def test_digits_and_single_letters_are_never_slips(names: Sequence[str], typed: str) -> None:
    """The name with another one is offered, behind one that is near."""
    lookup = names_of(*names)(typed)
    assert not lookup.is_sure or lookup.matches[0].review_id != 1
    assert lookup.is_sure or ids_of(lookup)[-1] == 1


@pytest.mark.parametrize(
    ("titles", "shared"),
    [
        (["Notes on how a ship 1", "Notes on how a ship 2"], "Notes on how a ship"),
        (["Notes on a ship 1", "Notes on a ship 2"], None),
        (["Notes on how a ship 1", "Notes on how a ship 3"], None),
        (["Llama 2", "Llama 3"], None),
        (["Ship (1/3)", "Ship (3/3)"], "Ship"),
    ],
)
def test_a_bare_number_is_a_parts_behind_five_words_and_in_their_order(titles: list[str], shared: str | None) -> None:
    assert series_title(titles) == shared


def shelved(*titles: str) -> Callable[[str], Lookup]:
    """Look up among reviews of these titles, numbered from 1."""
    return build([label(number, title) for number, title in enumerate(titles, 1)]).lookup


def test_all_words_in_one_review_alone_are_sure_and_half_of_them_are_offered() -> None:
    beside = {1: "quiet harbour light", 2: "quiet harbour fog", 3: "rope", 4: "rope"}
    look_up = make_names(others=(1, 2, 3, 4), beside=beside, glossary=NO_GLOSSARY).lookup
    assert answer_of(look_up("harbour light")) == 1
    assert answer_of(look_up("quiet harbour")) is None
    assert sorted(ids_of(look_up("quiet harbour"))) == [1, 2]
    assert sorted(ids_of(look_up("quiet rope"))) == [1, 2, 3, 4]  # each has one of two words that weigh the same
    assert ids_of(look_up("quiet rope sand")) == []
    assert ids_of(look_up("quiet light rope sand")) == []


def test_rare_words_weigh_more() -> None:
    """log(1 + reviews / reviews with it): one of four weighs log 5, three of four log 7/3."""
    beside = {1: "light", 2: "quiet", 3: "quiet", 4: "quiet"}
    lookup = make_names(others=(1, 2, 3, 4), beside=beside, glossary=NO_GLOSSARY).lookup("quiet light")
    assert ids_of(lookup) == [1]
    assert lookup.matches[0].score == pytest.approx(0.7 * log(5) / (log(5) + log(7 / 3)), abs=1e-4)


def test_words_side_by_side_in_the_title_break_a_tie() -> None:
    look_up = shelved("A harbour that is quiet", "The quiet harbour", "Quiet and harbour")
    assert answer_of(look_up("quiet harbour")) == 2
    assert answer_of(look_up("harbour quiet")) is None


def test_one_hyphened_word_is_a_name_whose_parts_stand_side_by_side() -> None:
    assert answer_of(shelved("A harbour that is quiet")("quiet harbour")) == 1
    assert answer_of(shelved("A harbour that is quiet")("quiet-harbour")) is None
    assert answer_of(shelved("A quiet harbour at night")("quiet-harbour")) == 1


SOUNDS_OF_16 = "다우마우"


def hear(*differing: int) -> Lookup:
    """Look up what sounds like reviews 1, 2, … but for so many of its 16 sounds."""
    (reading,) = hangul.readings(SOUNDS_OF_16)
    assert len(reading.code) == 16
    sounds = [str(hangul.Reading("", "_" * count + reading.code[count:])) for count in differing]
    labels, names = [], []
    for i, sound in enumerate(sounds, 1):
        labels.append(label(i))
        names.append(NameRow(f"name{i}", i, NameKind.SHORT, f"Name{i}", 1, sound))
    return build(labels, names).lookup(SOUNDS_OF_16)


def test_a_sound_is_sure_up_to_an_eighth_and_offered_up_to_three_tenths() -> None:
    assert (answer_of(hear(2)), hear(2).matches[0].how) == (1, How.SOUND)
    assert (answer_of(hear(3)), ids_of(hear(3))) == (None, [1])
    assert ids_of(hear(4)) == [1]  # 0.25
    assert ids_of(hear(5)) == []  # 0.31


def test_a_sound_is_sure_where_the_next_is_a_tenth_farther() -> None:
    assert answer_of(hear(0, 2)) == 1  # 0.125 farther
    assert answer_of(hear(0, 1)) is None  # 0.0625


# ── a section ───────────────────────────────────────────────────────────────────────────────────


def score_of(heading: str, asked: str, glossary: Glossary = NO_GLOSSARY) -> float:
    found = find_sections([Section(depth=1, number=None, heading=heading)], asked, glossary)
    return found[0].score if found else 0.0


def test_headings_are_met_in_the_order_of_the_page() -> None:
    """As written, by role, with slips, as a part, as words apart."""
    steps = [
        score_of("Ablation study", "ablation study"),
        score_of("Ablation study", "절제 실험"),
        score_of("Wick trimming", "wick trimning"),
        score_of("Wick trimming and oil", "trimming and oil"),
        score_of("Trimming the short wick", "wick trimming"),
    ]
    assert steps == sorted(steps, reverse=True)
    assert len(set(steps)) == len(steps)
    assert steps[-1] >= 0.5


def test_a_part_of_a_heading_counts_for_its_share() -> None:
    assert score_of("Wick trimming", "trimming") == pytest.approx(0.7 + 0.15 * 8 / 12)
    assert score_of("Wick trimming at night", "trimming") == pytest.approx(0.7 + 0.15 * 8 / 19)
    assert score_of("Trimming of wicks", "wick trimming") == pytest.approx(0.6 + 0.15 * 2 / 3)
    assert score_of("Trimming short wicks by hand", "wick trimming") == pytest.approx(0.6 + 0.15 * 2 / 5)


def test_a_general_word_is_not_sought_and_takes_a_little_off() -> None:
    """ "trimming experiment" is the section on trimming, a little less surely than "wick trimming" is."""
    assert score_of("Trimming of wicks", "wick trimming 실험") == pytest.approx(0.6 + 0.15 * 2 / 3 - 0.02)
    assert score_of("Trimming of wicks", "wick trimming 실험 결과") == pytest.approx(0.6 + 0.15 * 2 / 3 - 0.04)


def test_a_number_is_as_sure_as_a_heading_as_written() -> None:
    numbered = [Section(depth=1, number="3.2", heading="3.2. Oil")]
    assert [match.score for match in find_sections(numbered, "3.2", NO_GLOSSARY)] == [1.0]
    assert score_of("Oil", "oil") == 1.0


@pytest.mark.parametrize(
    ("heading", "asked", "is_met"),
    [
        ("GraphRAG limits", "rag", True),  # three letters within a heading
        ("GraphRAG limits", "ra", False),
        ("A few-er shot loss", "loss fewer", True),  # five that are written apart
        ("A yo-lo shot loss", "loss yolo", False),
        ("Trimming of wicks", "wick triming", True),  # a slip in a word
        ("Trimming of wicks", "wick trimmings loss", False),
    ],
)
def test_a_part_of_a_heading_is_met(heading: str, asked: str, is_met: bool) -> None:
    assert (score_of(heading, asked) > 0) == is_met


def test_a_role_among_other_words_is_enough_to_be_shown() -> None:
    assert score_of("Experiments and Results", "결과") == pytest.approx(0.89)
    assert score_of("Results at night", "결과") == pytest.approx(0.7)
    assert score_of("Experiments at night", "결과") == 0.0


# ── a topic, on hits as the index gives them ────────────────────────────────────────────────────


def ranked(
    concepts: Sequence[Concept],
    hits: Mapping[Concept, Mapping[int, float]],
    *,
    total: int = 100,
    stubs: Iterable[int] = (),
    with_phrase: bool = False,
) -> dict[int, Ranked]:
    """Review → how it was ranked; ``hits`` are bm25 by review. A concept is in as many reviews as it has hits."""
    phrase = whole_phrase(concepts) if with_phrase else None
    numbered = [*concepts, *([phrase] if phrase else [])]
    weights = weigh(concepts, {concept: len(hits.get(concept, ())) for concept in concepts}, total=total)
    listed = [Hits.of(at, [*hits.get(one, {}).items()]) for at, one in enumerate(numbered)]
    found = rank(numbered, listed, weights, phrase=phrase, stubs=frozenset(stubs))
    return {item.review_id: item for item in found}


def asked(query: str) -> tuple[Concept, ...]:
    return parse_query(query, NO_GLOSSARY)


TERM = Concept("RAG", (("rag",), ("검색", "증강", "생성")))
PARTS = (Concept("retrieval", (("retriev",),), part_of="RAG"), Concept("generation", (("generat",),), part_of="RAG"))


def test_the_words_of_a_term_apart_weigh_half_of_it() -> None:
    hits = {TERM: {1: 1.0}, PARTS[0]: {2: 1.0, 3: 1.0}, PARTS[1]: {2: 1.0, 4: 1.0}}
    found = ranked((TERM, *PARTS), hits)
    assert {i: (one.score, one.share) for i, one in found.items()} == {
        1: pytest.approx((0.5, 1.0)),  # the other half of its score is for its words apart
        2: pytest.approx((0.5, 0.5)),
        3: pytest.approx((0.25, 0.25)),
        4: pytest.approx((0.25, 0.25)),
    }


def test_a_concept_weighs_the_logarithm_of_its_rarity() -> None:
    """log(1 + reviews / reviews with it); one that no review has is taken to be in half of one."""
    common, rare, none = asked("sand kelp zither")
    weights = weigh((common, rare, none), {common: 50, rare: 4, none: 0}, total=100)
    assert weights == pytest.approx({common: log(3), rare: log(26), none: log(201)})


def test_a_concept_is_scaled_by_its_best_hit_and_a_mention_is_worth_three_tenths() -> None:
    (word,) = asked("kelp")
    found = ranked((word,), {word: {1: 10.0, 2: 5.0, 3: 1e-9}})
    assert {i: one.score for i, one in found.items()} == pytest.approx({1: 1.0, 2: 0.65, 3: 0.3})


def test_a_mention_of_a_word_of_a_term_is_worth_three_tenths_of_its_share() -> None:
    hits = {PARTS[0]: {1: 10.0, 2: 5.0, 3: 1e-9}, PARTS[1]: {1: 10.0, 4: 1.0}}
    found = ranked((TERM, *PARTS), hits)
    weight = [log(1 + 100 / 3), log(1 + 100 / 2)]
    part = 0.5 * weight[0] / sum(weight)
    shares = {i: found[i].share for i in (1, 2, 3)}
    assert shares == pytest.approx({1: 0.5, 2: 0.65 * part, 3: 0.3 * part})


async def test_columns_weigh_40_6_4_and_1(database: Database) -> None:
    """By BM25 with k1 = 1.2, a word that stands once in a text of average length scores 2.2 w / (w + 1.2)."""
    places = ["title", "headings", "abstract", "body"]
    async with database.transaction() as db:
        for number in range(1, 21):
            texts = [
                "buoy sand" if at == number - 1 else "sand sand" for at in range(len(places))
            ]  # all of one length
            await db.execute(
                "INSERT INTO review_index (rowid, title, headings, abstract, body) VALUES (?, ?, ?, ?, ?)",
                (number, *texts),
            )
    scores = dict(await database.reader.perform(lambda db: TextIndex(db).score("buoy", weights=COLUMNS)))
    weights = dict(enumerate((40, 6, 4, 1), 1))
    assert {i: scores[i] / scores[4] for i in scores} == pytest.approx(
        {i: 2.2 * w / (w + 1.2) for i, w in weights.items()}, rel=1e-3
    )


def test_a_korean_word_that_no_glossary_knows_weighs_four_tenths() -> None:
    noun, verb = asked("kelp 자라는")
    weights = weigh((noun, verb), {noun: 5, verb: 5}, total=100)
    assert weights[verb] / weights[noun] == pytest.approx(0.4)


def test_an_everyday_word_weighs_seven_tenths_and_one_that_says_little_two() -> None:
    noun, verb, empty = parse_query("kelp 빠르게 make", NO_GLOSSARY, everyday=load_everyday_words())
    weights = weigh((noun, verb, empty), {noun: 5, verb: 5, empty: 5}, total=100)
    assert weights[verb] / weights[noun] == pytest.approx(0.7)
    assert weights[empty] / weights[noun] == pytest.approx(0.2)


def test_a_single_syllable_is_left_out_beside_others() -> None:
    assert [concept.text for concept in asked("kelp 왜 숲은")] == ["kelp", "숲은"]
    assert [concept.text for concept in asked("숲")] == ["숲"]


def test_words_side_by_side_add_half_of_the_weight() -> None:
    one, other = asked("kelp sand")
    phrase = whole_phrase((one, other))
    assert phrase is not None
    words = {1: 1.0, 2: 1.0, 3: 1.0}
    found = ranked((one, other), {one: words, other: words, phrase: {1: 4.0, 2: 1.0}}, with_phrase=True)
    assert {i: item.score for i, item in found.items()} == pytest.approx({1: 1.5, 2: 1.125, 3: 1.0})
    assert [item.share for item in found.values()] == pytest.approx([1.0] * 3)


def test_stubs_count_eight_tenths() -> None:
    (word,) = asked("kelp")
    found = ranked((word,), {word: {1: 1.0, 2: 1.0}}, stubs=[2])
    assert (found[1].score, found[2].score) == pytest.approx((1.0, 0.8))


def carries(**changes: Any) -> Evidence:
    """A review that carries all of three things asked in terms of the field, but for these changes."""
    whole = Evidence(share=1.0, title=1.0, headed=1.0, passage=1.0, firm=1.0, asked=3, is_everyday=False, is_on=True)
    return replace(whole, **changes)


def test_an_answer_is_sure_from_60_percent_of_the_weight() -> None:
    assert carries(share=0.6).is_sure(total=50)
    assert not carries(share=0.599).is_sure(total=50)


def test_of_four_things_asked_one_passage_carries_half() -> None:
    assert carries(asked=4, passage=0.5).is_sure(total=50)
    assert not carries(asked=4, passage=0.49).is_sure(total=50)
    assert carries(asked=3, passage=0.49).is_sure(total=50)


@pytest.mark.parametrize(("total", "bar"), [(10, 0.6), (100, 0.6), (316, 0.75), (1_000, 0.9), (100_000, 0.9)])
def test_of_two_things_asked_one_place_carries_the_more_the_more_reviews_there_are(total: int, bar: float) -> None:
    for place in ("passage", "headed"):
        others = {"title": 0.0, "passage": 0.0, "headed": 0.0}
        assert carries(asked=2, **others | {place: bar + 0.001}).is_sure(total=total)
        assert not carries(asked=2, **others | {place: bar - 0.001}).is_sure(total=total)
    assert carries(asked=1, title=0.0, headed=0.0, is_on=False).is_sure(total=total)


@pytest.mark.parametrize(
    ("changes", "is_sure"),
    [
        ({"title": 0.5, "firm": 0.0}, True),
        ({"title": 0.49, "firm": 0.6, "headed": 0.5, "passage": 0.8}, True),
        ({"title": 0.49, "firm": 0.6, "headed": 0.49, "passage": 0.8}, False),
        ({"title": 0.49, "firm": 0.6, "headed": 0.5, "passage": 0.79}, False),
        ({"title": 0.49, "firm": 0.59, "headed": 0.9, "passage": 0.8}, True),
        ({"title": 0.49, "firm": 0.59, "headed": 0.89, "passage": 0.8}, False),
        ({"asked": 1, "is_on": False}, False),
        ({"asked": 1, "is_on": True, "title": 0.0}, True),
    ],
)
def test_a_question_in_everyday_words_needs_the_title_or_terms_in_headings(
    changes: Mapping[str, float | bool], is_sure: bool
) -> None:
    assert carries(is_everyday=True, **changes).is_sure(total=50) == is_sure


def made_search(*mended: Mended) -> Search:
    return Search(
        concepts=asked("kelp"), weights={}, ranked=(Ranked(1, 1.0, 1.0),), mended=mended, evidence=carries(), total=50
    )


def test_with_one_slip_mended_an_answer_is_sure_and_with_two_it_is_not() -> None:
    assert made_search(Mended("kelb", "kelp", 1)).is_sure
    assert not made_search(Mended("gelb", "kelp", 2)).is_sure


def test_a_slip_in_two_syllables_is_another_word_and_the_other_keyboard_is_none() -> None:
    assert made_search(Mended("다시마아", "다시마", 1)).is_sure
    assert not made_search(Mended("예약", "요약", 1)).is_sure
    assert made_search(Mended("ㅏ디ㅔ", "kelp", 0)).is_sure


# ── a topic, in a cache ─────────────────────────────────────────────────────────────────────────

FILLER = "한가한 날에 적은 말이며 아무것도 뜻하지 않는다. " * 50


def make_post(
    number: int, *blocks: str, title: str = "", heading: str = "Notes", filler: str = FILLER, opening: str = ""
) -> Entry:
    """A review that is no stub; a later number is a newer one. Behind an opening of 600 characters the blocks are
    plain text."""
    opened = f"<h2>시작</h2><p>{opening}</p>" if opening else ""
    texts = "".join(f"<p>{block}</p>" for block in blocks)
    return make_entry(
        number,
        title=title or f"글 {number}",
        link=f"https://page.example/{number:03d}/",
        html=f"{opened}<h2>{heading}</h2>{texts}<h2>기타</h2><p>{filler}</p>",
        published=datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=number),
        categories=(),
    )


async def test_a_passage_with_all_of_it_adds_eight_tenths_among_the_first_twenty(opened: Opened) -> None:
    """And half of that where it has one of two words that weigh the same; 0.2 x log(2) for the one block of each."""
    scattered = [make_post(n, "barnacle 이다.", "kelp 이다.", opening=FILLER) for n in range(1, 25)]
    together = make_post(30, "barnacle 과 kelp 이다.", opening=FILLER)
    async with opened([*scattered, together]) as service:
        by_index = await service.searcher.rank("kelp barnacle", Narrowing())
        search = await service.searcher.search("kelp barnacle", Narrowing())
    before = {item.review_id: item.score for item in by_index.ranked}
    added = {item.review_id: item.score - before[item.review_id] for item in search.ranked}
    first, later = ([item.review_id for item in part] for part in (by_index.ranked[:20], by_index.ranked[20:]))
    assert len(later) == 5
    often = 0.2 * log(2)
    assert sorted(added[i] for i in first) == pytest.approx([0.4 + often] * 19 + [0.8 + often])
    assert [added[i] for i in later] == [0.0] * 5


@pytest.mark.parametrize(
    ("where", "added"),
    [
        ({"title": "kelp barnacle"}, 0.8 + 0.7),
        ({"title": "kelp"}, (0.8 + 0.7) / 2),
        ({"heading": "kelp barnacle"}, 0.7),
        ({"heading": "Abstract"}, 0.7),
        ({"opening": ""}, 0.7),
        ({}, 0.0),
    ],
)
async def test_what_stands_at_the_head_adds_seven_tenths_and_in_the_title_eight_more(
    opened: Opened, where: dict[str, str], added: float
) -> None:
    """The head is title, headings, abstract, and the first 600 characters of a post without an abstract."""
    options = {"opening": FILLER} | where
    words = "kelp 과 barnacle 이다."
    async with opened([make_post(1, words, **options), *(make_post(n, "..") for n in range(2, 30))]) as service:
        by_index = await service.searcher.rank("kelp barnacle", Narrowing())
        search = await service.searcher.search("kelp barnacle", Narrowing())
    place = search.places[1]
    assert place is not None
    read = 0.8 * place.share + 0.2 * place.often
    assert search.ranked[0].score - by_index.ranked[0].score == pytest.approx(read + added)


async def test_of_several_things_each_block_that_speaks_of_them_adds_a_little(opened: Opened) -> None:
    """0.2 of the weighted mean of log(1 + blocks); of one thing alone bm25 says how often."""
    blocks = ["kelp 과 barnacle 이다."] * 3 + ["kelp 이다."] * 4
    async with opened(
        [make_post(1, *blocks, opening=FILLER), *(make_post(n, "..") for n in range(2, 30))]
    ) as service:
        search = await service.searcher.search("kelp barnacle", Narrowing())
        alone = await service.searcher.search("kelp", Narrowing())
        by_index = await service.searcher.rank("kelp", Narrowing())
    assert search.places[1] is not None
    assert search.places[1].often == pytest.approx((log(8) + log(4)) / 2)
    assert alone.ranked[0].score == pytest.approx(by_index.ranked[0].score)


async def test_a_stub_has_fewer_than_a_thousand_characters(opened: Opened) -> None:
    async with opened(make_post(n, "kelp", filler="가" * (900 + n)) for n in range(100)) as service:
        stubs = service.name_cache.names.stubs
        for review_id in range(1, 101):
            (stored,) = await reviews.find_reviews(service.database.reader, [review_id])
            assert (review_id in stubs) == (stored.review.characters < 1_000)


@pytest.mark.parametrize(("stubs", "score"), [(3, 0.8), (4, 1.0)])
async def test_where_four_tenths_are_stubs_they_count_like_others(opened: Opened, stubs: int, score: float) -> None:
    posts = [make_post(n, "kelp" if n == 1 else "..", filler=".." if n <= stubs else FILLER) for n in range(1, 11)]
    async with opened(posts) as service:
        search = await service.searcher.rank("kelp", Narrowing())
    assert [item.score for item in search.ranked] == pytest.approx([score])


async def test_the_newest_first_are_those_with_half_of_the_best(opened: Opened) -> None:
    """Both words together carry 2.3; apart 1.4, which is more than half of it; one alone 0.9, which is less."""
    posts = [
        make_post(1, "barnacle kelp 이다."),
        make_post(2, "barnacle 이다.", "그리고 kelp 이다."),
        make_post(3, "barnacle 이다."),
        make_post(4, "kelp 이다."),
    ]
    async with opened(posts) as service:
        request = Request(command=Command.SEARCH, query="barnacle kelp sort:new")
        answer = await service.answering.answer(request, EVERYTHING)
    assert isinstance(answer, SearchFound)
    assert [hit.head.clean_title for hit in answer.hits] == ["글 2", "글 1"]


async def test_a_description_of_three_words_need_not_stand_side_by_side(opened: Opened) -> None:
    posts = [make_post(1, "A kettle of copper whistles at 5."), make_post(2, "조용하다.")]
    async with opened(posts) as service:

        async def ask(query: str) -> object:
            return await service.answering.answer(Request(command=Command.PAPER, query=query), EVERYTHING)

        described = await ask("whistles copper kettle")
        assert isinstance(described, DidYouMean)
        assert described.is_mention
        assert isinstance(await ask("copper kettle"), NotReviewed)
        assert isinstance(await ask("whistles copper 5"), NotReviewed)


async def test_where_a_common_word_stands_is_what_it_says(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """In more than a quarter of all reviews it is not counted: title 1.0, headings and abstract 0.6, text 0.2."""
    monkeypatch.setattr(searcher, "SMALL", 8)
    monkeypatch.setattr(searcher, "SCORED_WHOLLY", 8)
    said = {n: "boat boat" if n % 2 else "boat" for n in range(1, 12)}
    said |= {n: "kelp kelp" if n % 2 else "kelp" for n in range(21, 30)}
    posts = [make_post(n, f"{said.get(n, '')} 이다.", opening=FILLER) for n in range(6, 41)]
    posts += [make_post(1, "..", title="boat"), make_post(2, "..", heading="boat")]
    posts += [make_post(3, "boat", heading="Abstract"), make_post(4, "boat boat", opening=FILLER)]
    posts += [make_post(5, "boat", opening=FILLER)]
    async with opened(posts) as service:
        boats = await service.searcher.rank("boat", Narrowing())  # 11 of 40
        kelps = await service.searcher.rank("kelp", Narrowing())  # 9 of 40
    assert sorted((item.score for item in boats.ranked), reverse=True) == pytest.approx(
        [1.0] + [0.3 + 0.7 * 0.6] * 2 + [0.3 + 0.7 * 0.2] * 8
    )
    assert len({round(item.score, 4) for item in kelps.ranked}) == 2  # how often it stands there counts
    assert max(item.score for item in kelps.ranked) == pytest.approx(1.0)


async def test_the_words_of_a_common_term_are_not_sought_apart(opened: Opened) -> None:
    """Up to a quarter of the reviews with it they weigh half of it; beyond that they say nothing any more."""
    apart = make_post(30, "prompt 이다.", "tuning 이다.")
    for count, found in ((4, 5), (5, 5)):
        together = [make_post(n, "prompt tuning 이다.") for n in range(1, count + 1)]
        others = [make_post(n, "..") for n in range(10, 10 + 11)]
        async with opened([*together, *others, apart]) as service:
            search = await service.searcher.rank("prompt tuning", Narrowing())
        assert len(search.ranked) == found, count


async def test_how_often_a_phrase_of_common_words_stands_is_not_counted(opened: Opened) -> None:
    """Where more than a quarter of all reviews have each of its words. That it stands there counts in any case."""
    once, twice = ("kelp barnacle 이다.", "barnacle kelp 이다."), ("kelp barnacle 이다.",) * 2
    for others, is_counted in ((3, False), (12, True)):
        posts = [
            make_post(1, *once),
            make_post(2, *twice),
            make_post(3, "barnacle kelp 이다.", "barnacle kelp 이다."),
        ]
        posts += [make_post(n, "..") for n in range(10, 10 + others)]
        async with opened(posts) as service:
            ranked = (await service.searcher.rank("kelp barnacle", Narrowing())).ranked
        first, second, third = (item.score for item in ranked)
        assert (round(first, 6) > round(second, 6)) == is_counted, others
        assert third < second * 0.8, others


def test_the_limits_of_a_large_cache_are_those_of_the_page() -> None:
    """They bound the work, not the answers: the tests of the searcher set them lower."""
    (text,) = re.findall(r"### In a large cache\n(.*?)\n## ", PAGE, re.DOTALL)
    text = " ".join(text.split())
    assert f"Where up to {searcher.SMALL:,} reviews may be found, all that have any of the words are scored" in text
    assert f"a word of up to {searcher.SCORED_WHOLLY:,} reviews is scored in all of them" in text
    assert f"the newest {searcher.CANDIDATES:,} that have it" in text
    assert f"is counted up to {searcher.COUNTED:,} and estimated" in text
    assert "the two rarest are scored" in text
    assert searcher.MAX_EVERYDAY == 2
    assert f"more than {searcher.LARGE:,} each is sought by its first three spellings" in text
    assert searcher.FEW_SPELLINGS == 3


# ── related reviews ─────────────────────────────────────────────────────────────────────────────

IN_TITLE = "anchor barnacle cormorant dinghy estuary ferry gangway halyard islet jetty".split()
IN_TEXT = "kelp lagoon mooring narwhal oyster pelican quay reef schooner tiller".split()


async def related(opened: Opened, *others: Sequence[str]) -> list[str]:
    """The reviews, by number from 2, similar to one with ten words in its title and ten in its abstract. Each of
    them has some of its words, which are no others'."""
    posts = [make_post(1, " ".join(IN_TEXT) + ".", title=" ".join(IN_TITLE), heading="Abstract")]
    posts += [make_post(n, f"{' '.join(words)}.", heading="Abstract") for n, words in enumerate(others, 2)]
    posts += [make_post(n, "조용하다.") for n in range(20, 30)]
    async with opened(posts) as service:
        request = Request(command=Command.RELATED, query=posts[0].link)
        answer = await service.answering.answer(request, EVERYTHING)
        assert isinstance(answer, RelatedFound)
        assert {kinship for _, kinship in answer.related} <= {Kinship.SIMILAR}
        return sorted(head.clean_title for head, _ in answer.related)


async def test_similar_is_what_shares_three_tenths_of_the_ten_most_telling_subjects(opened: Opened) -> None:
    """Those of the title, which weigh most here: of those of the abstract all do not make it similar."""
    found = await related(opened, IN_TITLE[:3], IN_TITLE[3:5], IN_TITLE[5:10], IN_TEXT)
    assert found == ["글 2", "글 4"]
