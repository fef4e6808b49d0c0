"""A search as typed: its concepts, what it excludes, and which of its words are put right."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.models.reviews import Block, BlockKind, Review, Section, Span
from bot.search.glossary import Glossary
from bot.search.query import (
    MAX_CONCEPTS,
    MAX_QUERY,
    Concept,
    Mended,
    mend,
    parse_query,
    phrase_of,
    put_right,
    split_exclusions,
    subjects_of,
    take_apart,
    whole_phrase,
)
from bot.search.slips import slip_bound
from bot.store.schema import MIGRATIONS
from bot.text.terms import index_terms
from tests.factories import bundled_glossary

LINES = """\
검색 증강 생성 | retrieval-augmented generation | RAG
환각 | 할루시네이션 | hallucination
사고의 사슬 | chain-of-thought | CoT
증류 | distillation
연합 학습 | federated learning
(암기) | memorization
그래프 신경망 | graph neural network | GNN
신경망 | neural network
토큰화 | tokenizer
탐지 | detection
가지치기 | pruning
성운 | nebulas
성단 | nebulus
"""

NASTY = [
    "", " ", '"', '""', '"""', '" "', "“”", '"open', 'closed"', "-", "--", '-"', '-""', "*", "^a", "a*", "NEAR(a b)",
    "a AND b", "OR", "NOT x", "title:a", "{title} : a", "a + b", "(a", "a)", "[a]", "a';DROP TABLE x;--", "%_", "\\",
    "\x00", "a\x00b", "a\u2028b", "👩‍👩‍👧", "🙂 환각", "ﬁne ﬂow", "Ⅳ", "\u200bword\u200b", "é e\u0301", "ㅋㅋ", "각",
    "각 각", "\ufeff", "´`'’", "1.2.3", "a_b", "C++", "#tag @you", "!!을", "{{을 등대",
    "\U0002ebf0", "\U0002ebe1 \ufada", "ﾞ",  # not letters to this Python, or marks alone
]  # fmt: skip


@pytest.fixture(scope="module")
def glossary(tmp_path_factory: pytest.TempPathFactory) -> Glossary:
    path = tmp_path_factory.mktemp("glossary") / "lines.txt"
    path.write_text(LINES, encoding="utf-8")
    loaded = Glossary.load([path])
    assert loaded.problems == ()
    return loaded


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """The real schema in a file, empty."""
    path = tmp_path_factory.mktemp("index") / "index.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in (statement for migration in MIGRATIONS for statement in migration):
            connection.execute(statement)
        yield connection


def found(index: sqlite3.Connection, concept: Concept) -> list[int]:
    """The rows of the index that a concept matches."""
    asked = "SELECT rowid FROM review_index WHERE review_index MATCH ? ORDER BY rowid"
    return [row for (row,) in index.execute(asked, (concept.match_query(),))]


def fill(index: sqlite3.Connection, *texts: str) -> None:
    """These texts instead of those that were there, numbered from 1."""
    index.execute("DELETE FROM review_index")
    rows = [(number, index_terms(text)) for number, text in enumerate(texts, start=1)]
    index.executemany(
        "INSERT INTO review_index (rowid, title, headings, abstract, body) VALUES (?, '', '', '', ?)", rows
    )


def texts_of(concepts: tuple[Concept, ...]) -> list[str]:
    """The concepts themselves, without their parts."""
    return [concept.text for concept in concepts if concept.part_of is None]


# ── concepts ────────────────────────────────────────────────────────────────────────────────────


def test_words_are_concepts_each_once_and_function_words_are_none(glossary: Glossary) -> None:
    parsed = parse_query("how to train the anchor, anchors and (buoys) 하는 방법", glossary)
    assert texts_of(parsed) == ["train", "anchor", "buoys"]
    assert parsed[1].spellings == (("anchor",),)


def test_a_spelling_that_holds_another_one_is_not_asked_for_as_well() -> None:
    """It finds nothing more, and the lists of its words would be walked once more."""
    runs = (("deep", "kelp", "sea"), ("kelp",), ("kelp", "bed"), ("sea", "bed"), ("bed", "sea"))
    assert Concept("kelp", runs).match_query() == '"kelp" OR "sea bed" OR "bed sea"'


TERMS = st.sampled_from(["kelp", "sea", "bed"])


@given(
    st.lists(st.lists(TERMS, min_size=1, max_size=3).map(tuple), min_size=1, max_size=4, unique=True),
    st.lists(st.lists(TERMS, max_size=5), min_size=1, max_size=6),
)
def test_what_is_left_out_of_a_query_finds_nothing_more(
    index: sqlite3.Connection, runs: list[tuple[str, ...]], texts: list[list[str]]
) -> None:
    fill(index, *(" ".join(text) for text in texts))

    def stands(run: tuple[str, ...], text: list[str]) -> bool:
        return any(tuple(text[at : at + len(run)]) == run for at in range(len(text)))

    expected = [number for number, text in enumerate(texts, 1) if any(stands(run, text) for run in runs)]
    assert found(index, Concept("sea", tuple(runs))) == expected


def test_a_term_of_the_glossary_is_one_concept_with_every_spelling(glossary: Glossary) -> None:
    for query in ("hallucination", "환각", "할루시네이션을", "Hallucinations"):
        (concept,) = parse_query(query, glossary)
        assert {("환각",), ("hallucin",), ("할루", "루시", "시네", "네이", "이션")} <= set(concept.spellings)
        assert not concept.is_word


def test_a_term_of_several_words_has_its_words_as_parts(glossary: Glossary) -> None:
    """Found apart they are weaker evidence; asked as RAG or in Korean all the same."""
    for query in ("RAG", "검색증강생성", "retrieval augmented generation"):
        whole, *parts = parse_query(query, glossary)
        assert whole.part_of is None
        assert [part.text for part in parts] == ["retrieval-augmented", "generation"]
        assert {part.part_of for part in parts} == {whole.text}


def test_a_compound_of_terms_is_each_of_them(glossary: Glossary) -> None:
    concepts = parse_query("환각탐지", glossary)
    assert [("환각",) in c.spellings or ("탐지",) in c.spellings for c in concepts] == [True, True]


def test_two_spellings_of_one_term_are_one_concept(glossary: Glossary) -> None:
    assert len(texts_of(parse_query("환각 hallucination 할루시네이션", glossary))) == 1


@pytest.mark.parametrize("query", ['"green kelp" 환각', "“green kelp” 환각", '환각 "green kelp"'])
def test_a_quoted_phrase_stays_whole_and_is_not_translated(glossary: Glossary, query: str) -> None:
    parsed = parse_query(query, glossary)
    (phrase,) = [concept for concept in parsed if concept.text == "green kelp"]
    assert phrase.spellings == (("green", "kelp"),)
    assert len(parsed) == 2


def test_a_quoted_term_is_searched_as_written(glossary: Glossary) -> None:
    (concept,) = parse_query('"환각"', glossary)
    assert concept.spellings == (("환각",),)


def test_a_quote_that_is_not_closed_is_no_phrase(glossary: Glossary) -> None:
    assert texts_of(parse_query('"green kelp', glossary)) == ['"green', "kelp"]


def test_a_syllable_alone_is_grammar_unless_it_is_all(glossary: Glossary) -> None:
    assert texts_of(parse_query("환각 줄 탐지", glossary)) == ["환각", "탐지"]
    assert texts_of(parse_query("별", glossary)) == ["별"]


def test_a_korean_word_is_found_without_its_particle(glossary: Glossary) -> None:
    (concept,) = parse_query("등대에서는", glossary)
    assert ("등대",) in concept.spellings
    assert concept.is_loose


def test_a_letters_name_written_onto_a_word_is_found_apart(index: sqlite3.Connection, glossary: Glossary) -> None:
    """Texts write β-Oar, βOar or beta oar."""
    fill(index, "The β-Oar bends.", "The βOar bends.", "The beta oar bends.", "The oar bends.")
    (joined,) = parse_query("betaoar", glossary)
    (hyphened,) = parse_query("β-oar", glossary)
    assert found(index, joined) == found(index, hyphened) == [1, 2, 3]


def test_what_nobody_sees_in_a_query_is_left_out(glossary: Glossary) -> None:
    assert parse_query("양\u200b자화 hallu\u00adcination\ufeff", glossary) == parse_query(
        "양자화 hallucination", glossary
    )


def test_a_hyphenated_word_is_found_in_one_word(glossary: Glossary) -> None:
    (concept,) = parse_query("co-anchor", glossary)
    assert concept.spellings == (("co", "anchor"), ("coanchor",))
    assert not concept.is_word


@pytest.mark.parametrize("query", ["the", "*", "???", '""', "그 것", "", "how to", "(,)"])
def test_a_query_of_nothing_has_no_concepts(glossary: Glossary, query: str) -> None:
    assert parse_query(query, glossary) == ()


def test_what_is_asked_is_bounded(glossary: Glossary) -> None:
    many = parse_query(" ".join(f"w{n}" for n in range(100)), glossary)
    assert texts_of(many) == [f"w{n}" for n in range(MAX_CONCEPTS)]
    assert parse_query("x" * MAX_QUERY + " anchor", glossary)[-1].text == "x" * MAX_QUERY


def test_words_asked_together_make_a_phrase_in_their_order(glossary: Glossary) -> None:
    phrase = whole_phrase(parse_query("quiet harbour lights", glossary))
    assert phrase is not None
    assert phrase.spellings == (("quiet", "harbour", "light"),)
    assert whole_phrase(parse_query("harbour", glossary)) is None
    assert whole_phrase(parse_query("RAG", glossary)) is None, "its parts are not words that were asked"


# ── exclusions ──────────────────────────────────────────────────────────────────────────────────


def test_what_must_not_be_there_is_taken_out(glossary: Glossary) -> None:
    rest, excluded = split_exclusions('kelp -anchor -"green list" gpt-4 well-known - -- x', glossary)
    assert rest.split() == ["kelp", "gpt-4", "well-known", "-", "--", "x"]
    assert [concept.text for concept in excluded] == ["anchor", "green list"]


def test_a_term_is_excluded_in_every_spelling_but_not_by_its_parts(glossary: Glossary) -> None:
    _, excluded = split_exclusions("kelp -RAG", glossary)
    (concept,) = excluded
    assert ("검색", "증강", "생성") in concept.spellings
    assert ("generat",) not in concept.spellings


# ── words that are put right ────────────────────────────────────────────────────────────────────


def mended(text: str, glossary: Glossary) -> tuple[str, tuple[Mended, ...]]:
    """As where no review has any of the words."""
    return mend(text, parse_query(text, glossary), glossary)


@pytest.mark.parametrize(
    ("typed", "meant", "distance"),
    [
        ("hallucinatoin", "hallucination", 1),
        ("Halucination", "hallucination", 1),
        ("halucinatin", "hallucination", 2),
        ("distiillation", "distillation", 1),
        ("할루시네이숀", "할루시네이션", 1),
        ("할루시네이숀을", "할루시네이션", 1),
        ("가지치가", "가지치기", 1),
    ],
)
def test_a_word_that_no_review_has_is_read_as_the_near_one(
    glossary: Glossary, typed: str, meant: str, distance: int
) -> None:
    text, read = mended(f"quiet {typed} 별", glossary)
    assert read == (Mended(typed, meant, distance),)
    assert text == f"quiet {meant} 별"


@pytest.mark.parametrize("mark", ["?", "!", ".", "…", "'"])
def test_a_mark_behind_a_word_is_no_slip_in_it(glossary: Glossary, mark: str) -> None:
    text, read = mended(f"hallucinatoin{mark}", glossary)
    assert [(one.meant, one.slips) for one in read] == [("hallucination", 1)]
    assert texts_of(parse_query(text, glossary))[0].startswith("hallucination")


@pytest.mark.parametrize("typed", ["할루시네이숀", "가지치가"])
def test_a_word_typed_in_single_letters_is_put_right_as_well(glossary: Glossary, typed: str) -> None:
    """A Mac's file names and some keyboards send Hangul decomposed."""
    decomposed = unicodedata.normalize("NFD", typed)
    text, read = mended(decomposed, glossary)
    assert read
    assert texts_of(parse_query(text, glossary)) == [read[0].meant]


def test_words_that_are_known_are_never_put_right(glossary: Glossary) -> None:
    """Words of the glossary and their forms are right as they are, whether a review has them or not."""
    for word in (
        "hallucination",
        "hallucinations",
        "distillation",
        "환각",
        "환각을",
        "chain",
        "thought",
        "augmented",
    ):
        assert mended(word, glossary) == (word, ())


@pytest.mark.parametrize("typed", ["nebulos", "zeppelin", "prun", "CoTs", '"hallucinatoin"', "tokenizer2x", "rag2"])
def test_what_is_near_to_several_or_to_none_stays(glossary: Glossary, typed: str) -> None:
    """Two words of the glossary are near, or none; it is too short, has another number, or was quoted."""
    assert mended(typed, glossary) == (typed, ())


@pytest.mark.parametrize(
    "text",
    [
        "등대를 오래 켜 두면 어떻게 되나",
        "배가 나아 보이는 항구는 어디인지",
        "동사를 먼저 외우는 책 있나",
        "갈매기가 학습해야 하는 것은 뭔지",
        "a boat that is slipping from the pier",
        "two ropes that drift apart in the fog",
    ],
)
def test_a_word_of_a_sentence_is_another_word_rather_than_a_slip(text: str) -> None:
    """오래 (long) is not 오류 (error), 학습해야 not 학습 해제, “slipping” not “clipping”."""
    assert mended(text, bundled_glossary()) == (text, ())


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("how does a model stop its halucinations", "hallucination"),
        ("등대가 할루시네이숀을 줄이는 법 있나", "할루시네이션"),
        ("추룬", "추론"),
    ],
)
def test_a_slip_is_put_right_in_a_sentence_and_in_a_word_alone(text: str, meant: str) -> None:
    assert meant in mended(text, bundled_glossary())[0]


def test_only_what_was_asked_for_is_put_right(glossary: Glossary) -> None:
    """A word that holds the misspelt one stays; a word that some review has is not even looked at."""
    text = "tokeniser subtokeniser"
    unknown = [concept for concept in parse_query(text, glossary) if concept.text == "tokeniser"]
    assert mend(text, unknown, glossary)[0] == "tokenizer subtokeniser"
    assert mend(text, [], glossary) == (text, ())


# ── any input ───────────────────────────────────────────────────────────────────────────────────

queries = st.text(max_size=80) | st.text(alphabet='ab환각을 "“”-()*:^+AND{}', max_size=80)


@given(queries | st.sampled_from(NASTY))
@example("🙂" * 2_000)
@example('"' * 2_000)
@example("-" * 1_999 + "a")
@example("환각 " * 500)
@example("(" * 1_000 + ")" * 1_000)
def test_any_query_is_safe_to_ask_the_index(index: sqlite3.Connection, glossary: Glossary, text: str) -> None:
    """Quotes, operators, emoji, two thousand characters: never a syntax error, never more than a few concepts."""
    rest, excluded = split_exclusions(text, glossary)
    concepts = parse_query(rest, glossary)
    phrase = whole_phrase(concepts)
    for concept in (*concepts, *excluded, *((phrase,) if phrase else ())):
        found(index, concept)
        assert concept.spellings
        assert all(concept.spellings)
    assert len(concepts) <= 2 * MAX_CONCEPTS
    put_right, read = mend(rest, concepts, glossary)
    parse_query(put_right, glossary)
    assert all(0 < one.slips <= slip_bound(unicodedata.normalize("NFD", one.typed)) for one in read)


@pytest.mark.parametrize("text", NASTY)
def test_what_is_syntax_elsewhere_is_text_here(index: sqlite3.Connection, glossary: Glossary, text: str) -> None:
    for concept in parse_query(text, glossary):
        fill(index, text)
        assert found(index, concept) == [1], "what was asked is a text of its own words"


words_of_texts = st.text(alphabet="abyβ환각을탐지 -.é3\u200b", min_size=1, max_size=12) | st.lists(
    st.sampled_from("kelp kelps sand-bar rag 검색 증강 생성 검색증강생성 환각을 탐지 각 chain of thought".split()),
    min_size=1,
    max_size=6,
).map(" ".join)


@given(st.lists(words_of_texts, min_size=1, max_size=5), words_of_texts)
def test_what_the_index_finds_stands_in_the_text_and_is_emphasised(
    index: sqlite3.Connection, glossary: Glossary, texts: list[str], query: str
) -> None:
    """Index, line and emphasis agree on every text."""
    fill(index, *texts)
    for concept in parse_query(query, glossary):
        matching = found(index, concept)
        in_line = [n for n, text in enumerate(texts, 1) if stands_in(concept, f" {index_terms(text)} ")]
        assert matching == in_line
        plain = [n for n in matching if texts[n - 1].isascii() or "é" not in texts[n - 1]]
        assert all(concept.find(texts[n - 1]) for n in plain)


def stands_in(concept: Concept, line: str) -> bool:
    return any(f" {' '.join(spelling)} " in line for spelling in concept.spellings)


@given(queries)
def test_each_word_of_a_text_finds_that_text(index: sqlite3.Connection, glossary: Glossary, text: str) -> None:
    """Whatever is indexed is found by asking for it as it stands."""
    alphabetic = "".join(char for char in text if ord(char) < 0x1000 or "가" <= char <= "힣")
    fill(index, alphabetic)
    for word in alphabetic.replace('"', " ").replace("“", " ").replace("”", " ").split():
        for concept in parse_query(f'"{word}"', glossary):
            assert found(index, concept) == [1]


# ── quotes, bounds, subjects ────────────────────────────────────────────────────────────────────


def test_every_quoted_phrase_is_a_concept_and_what_stands_between_is_read_as_usual(glossary: Glossary) -> None:
    query = '"big anchor" buoy “small rope” 환각 "old sail" kelp'
    parsed = parse_query(query, glossary)
    assert texts_of(parsed) == ["big anchor", "small rope", "old sail", "buoy", "환각", "kelp"]
    assert parsed[2].spellings == (("old", "sail"),)


def test_a_part_of_a_term_may_be_a_term_of_two_words(glossary: Glossary) -> None:
    whole, *parts = parse_query("GNN", glossary)
    assert [part.text for part in parts] == ["graph", "neural network"]
    assert ("신경", "경망") in parts[1].spellings
    assert {part.part_of for part in parts} == {whole.text}


def test_a_query_is_read_for_300_characters_and_12_concepts(glossary: Glossary) -> None:
    words = [f"w{chr(97 + n)}rd" for n in range(26)]
    assert texts_of(parse_query(" ".join(words), glossary)) == words[:12]
    assert texts_of(parse_query(" " * 296 + "kelp", glossary)) == ["kelp"]
    assert texts_of(parse_query(" " * 297 + "kelp", glossary)) == ["kel"]


def test_a_phrase_may_have_100_characters() -> None:
    phrase = phrase_of("kelp " * 20)
    assert phrase is not None
    assert phrase.spellings == (("kelp",) * 20,)
    assert phrase_of("kelp " * 20 + ".") is None
    assert phrase_of("…") is None


def test_one_word_is_no_phrase_and_two_are() -> None:
    one, other = Concept("a", (("a",), ("b",))), Concept("c d", (("c", "d"),))
    assert whole_phrase([one, Concept("p", (("p",),), part_of="a")]) is None
    assert whole_phrase([one, other]) == Concept("a c d", (("a", "c", "d"),))


@pytest.mark.parametrize(("typed", "meant"), [("kelb", []), ("pearn", ["pearl"])])
def test_a_latin_word_is_misspelt_from_five_letters(
    tmp_path_factory: pytest.TempPathFactory, typed: str, meant: list[str]
) -> None:
    path = tmp_path_factory.mktemp("own") / "lines.txt"
    path.write_text("진주 | pearl\n다시마 | kelp\n", encoding="utf-8")
    own = Glossary.load([path])
    assert own.nearest(typed) is not None
    (concept,) = parse_query(typed, own)
    assert [one.meant for one in mend(typed, [concept], own)[1]] == meant


@pytest.mark.parametrize(("asked", "text"), [("copies", "a copy"), ("flies", "a fly"), ("studies", "a study")])
def test_a_word_is_marked_in_its_other_forms(glossary: Glossary, asked: str, text: str) -> None:
    (concept,) = parse_query(asked, glossary)
    assert concept.find(text) == [(2, len(text))]


def test_a_review_is_about_what_its_title_headings_and_abstract_say(glossary: Glossary) -> None:
    """Terms of the glossary in any spelling and Latin words of three letters, those of the title three times."""

    def section(heading: str, text: str) -> Section:
        return Section(
            depth=1,
            number=None,
            heading=heading,
            blocks=(Block(kind=BlockKind.PARAGRAPH, spans=(Span(text=text),)),),
        )

    review = Review(
        guid="g",
        link="l",
        title="[X] Kelp 환각",
        clean_title="Kelp 환각",
        sections=(
            section("Abstract", "Kelp and buoy of an ox, 파도 v2. " + "sand " * 300 + "zither"),
            section("1. Introduction", "A gull."),
            section("2. Wick trimming", "A lantern."),
        ),
    )
    found = {concept.text: count for concept, count in subjects_of(review, glossary, limit=99).items()}
    terms = {text: count for text, count in found.items() if text not in ("kelp", "buoy", "sand", "wick", "trim")}
    assert (found["kelp"], found["buoy"], found["wick"], found["trim"]) == (4, 1, 1, 1)
    assert found["sand"] == 300 - len("kelp and buoy of an ox 파도 v2".split())
    assert list(terms.values()) == [3]  # 환각
    assert list(subjects_of(review, glossary, limit=1).values()) == [found["sand"]]


def test_what_is_typed_with_a_backslash_is_never_a_template() -> None:
    assert put_right(r"ㅎㅔㅅ\3 gan", [Mended(r"ㅎㅔㅅ\3", r"헷\3", 0)]) == r"헷\3 gan"


def test_a_typed_word_is_found_in_whatever_form_it_was_typed() -> None:
    """Decomposed letters and signs without width, which a query is read without."""
    assert (
        put_right(unicodedata.normalize("NFD", "환각") + "\u200b", [Mended("환각", "hallucination", 1)])
        == "hallucination"
    )


# ── everyday phrases, and words without spaces ──────────────────────────────────────────────────

PHRASES = """\
(데이터가 적) | (little data) | few-shot
(바꾸) | transfer
(줄이) | reduce
(정말) | (really)
"""


@pytest.fixture(scope="module")
def everyday(tmp_path_factory: pytest.TempPathFactory) -> Glossary:
    path = tmp_path_factory.mktemp("everyday") / "lines.txt"
    path.write_text(PHRASES, encoding="utf-8")
    return Glossary.load([path], is_everyday=True)


@pytest.mark.parametrize(
    "query", ["데이터가 적을 때", "데이터는 적었는데", "데이터 적으면", "so little data", "그 데이터가 적다"]
)
def test_an_everyday_phrase_is_met_with_other_particles_and_endings(everyday: Glossary, query: str) -> None:
    assert any(("few", "shot") in concept.spellings for concept in parse_query(query, Glossary(), everyday=everyday))


@pytest.mark.parametrize("query", ["데이터가 많을 때", "데이터를 저장", "data of little use", "적은 데이터"])
def test_an_everyday_phrase_is_no_other_words(everyday: Glossary, query: str) -> None:
    found = parse_query(query, Glossary(), everyday=everyday)
    assert not any(("few", "shot") in concept.spellings for concept in found)


@pytest.mark.parametrize(("query", "is_met"), [("바꿀", True), ("바꾼 것", True), ("바꿨다", False), ("바뀐", False)])
def test_a_stem_is_met_with_what_an_ending_puts_below_its_last_syllable(
    everyday: Glossary, query: str, is_met: bool
) -> None:
    """바꾸 in 바꿀, 바꾼 and 바꿉니다; 바꿔 is another form."""
    found = parse_query(query, Glossary(), everyday=everyday)
    assert any(("transfer",) in concept.spellings for concept in found) == is_met


def test_beside_an_everyday_phrase_its_words_are_asked_for_as_well(glossary: Glossary, tmp_path: Path) -> None:
    """One of them may be a term: of 정답 없이 환각 the phrase is one thing, and 환각 another."""
    lines = tmp_path / "lines.txt"
    lines.write_text("(환각 없이) | factual\n", encoding="utf-8")
    phrase, term, word = parse_query("환각 없이", glossary, everyday=Glossary.load([lines], is_everyday=True))
    assert (phrase.is_everyday, ("factual",) in phrase.spellings) == (True, True)
    assert ("hallucin",) in term.spellings
    assert not term.is_everyday
    assert word.is_loose


def test_a_latin_word_of_an_everyday_phrase_is_not_asked_for_alone(glossary: Glossary, tmp_path: Path) -> None:
    """The “blow” of “blow up” means nothing of its own; elsewhere in the question it would."""
    lines = tmp_path / "lines.txt"
    lines.write_text("(blow up) | exponential\n", encoding="utf-8")
    everyday = Glossary.load([lines], is_everyday=True)
    phrase, other = parse_query("blow up gradients", glossary, everyday=everyday)
    assert (phrase.text, phrase.is_everyday, other.text) == ("blow up", True, "gradients")
    assert [one.text for one in parse_query("blow", glossary, everyday=everyday)] == ["blow"]


@pytest.mark.parametrize(
    ("typed", "is_met"),
    [("사진 속 여러 부분", False), ("속 여", True), ("속여도", True), ("모델을 속여서", True), ("글이 길 때", True)],
)
def test_one_everyday_word_is_not_cut_out_of_two(
    glossary: Glossary, tmp_path: Path, *, typed: str, is_met: bool
) -> None:
    """Only a spelling of several words is met with another ending in several words: 속여 is not in “속 여러”."""
    lines = tmp_path / "lines.txt"
    lines.write_text("(속여) | adversarial\n(글이 길) | adversarial\n", encoding="utf-8")
    found = parse_query(typed, glossary, everyday=Glossary.load([lines], is_everyday=True))
    assert any(("adversari",) in concept.spellings for concept in found) == is_met


@pytest.mark.parametrize(
    ("typed", "meant"), [("소스코드", ()), ("소거코즈", ("소거코드",)), ("소가코드", ("소거코드",))]
)
def test_a_word_with_another_syllable_is_not_misspelt(tmp_path: Path, *, typed: str, meant: tuple[str, ...]) -> None:
    """A slip changes a letter; where consonant and vowel of a syllable both differ, it is another word."""
    lines = tmp_path / "lines.txt"
    lines.write_text("소거코드 | erasure code\n", encoding="utf-8")
    own = Glossary.load([lines])
    assert tuple(word.meant for word in mend(typed, parse_query(typed, own), own)[1]) == meant


def test_a_term_that_no_review_has_is_asked_for_by_its_words(glossary: Glossary, everyday: Glossary) -> None:
    """Where one of the words that were typed is a term itself; else its words are another thing."""
    (whole, *parts) = parse_query("neural network", glossary, everyday=everyday)
    assert take_apart((whole, *parts), {whole}, glossary, everyday) == (whole, *parts)
    (cut, *others) = parse_query("환각 줄이기", glossary, everyday=everyday)
    mitigation = Concept("환각 줄이기", (("hallucin", "mitig"),))
    assert take_apart((mitigation,), {mitigation}, glossary, everyday) == (cut, *others)
    assert take_apart((mitigation,), set(), glossary, everyday) == (mitigation,)


@pytest.mark.parametrize(
    ("word", "runs"),
    [
        ("フェイクニュース検出", ["フェイクニュース", "検出"]),
        ("BERTを使った質問応答", ["BERT", "質問", "応答"]),
        ("知识蒸馏", ["知识", "蒸馏"]),
        ("检测", []),
        ("取り出し", []),
        ("환각탐지", []),
        ("BERT를", []),
        ("word", []),
    ],
)
def test_a_word_without_spaces_is_asked_for_as_a_whole_and_by_what_it_is_made_of(word: str, runs: list[str]) -> None:
    whole, *parts = parse_query(word, Glossary())
    assert whole.part_of is None
    assert [part.text for part in parts if part.part_of == whole.text] == runs
