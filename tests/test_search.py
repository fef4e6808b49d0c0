"""Looking up papers and sections, and searching: the rules one by one, on reviews of our own."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models.index import NameKind
from bot.models.reviews import Block, BlockKind, Mark, Review, Section, Span
from bot.search.extract import index_review
from bot.search.glossary import Glossary
from bot.search.headings import find_sections
from bot.search.matches import How
from bot.search.passages import PASSAGE_CHARACTERS, excerpt, find_places
from bot.search.query import Concept, parse_query, split_exclusions, whole_phrase
from bot.search.ranking import Hits, Ranked, rank, weigh
from bot.search.roles import Role, role_of
from bot.search.sections import Split, splits
from bot.search.slips import slips
from bot.search.sureness import SURE_SHARE
from bot.text.terms import (
    bare_letters,
    find_run,
    fold,
    index_terms,
    squash,
    squash_text,
    terms,
    visible,
    without_particle,
    words,
)
from tests.factories import bundled_glossary, make_names, make_review

SHELF = make_names(
    (1, NameKind.SHORT, "InsTag"),
    (1, NameKind.TITLE, "InsTag: Instruction Tagging for Analyzing Supervised Fine-tuning"),
    (1, NameKind.REPOSITORY, "OFA-Sys/InsTag"),
    (2, NameKind.SHORT, "Self-RAG"),
    (2, NameKind.TITLE, "Self-RAG: Learning to Retrieve, Generate, and Critique"),
    (3, NameKind.SHORT, "BLIP-2"),
    (4, NameKind.SHORT, "HaluEval"),
    (4, NameKind.COINED, "HotpotQA"),
    (5, NameKind.SHORT, "HyperPrompt"),
    (6, NameKind.SHORT, "HyperCLOVA X"),
    beside={1: "Keming Lu ICLR 2024", 2: "ICLR 2024", 3: "ICML 2023"},
)


# ── text ────────────────────────────────────────────────────────────────────────────────────────


def test_hangul_becomes_pairs_and_latin_stems() -> None:
    assert index_terms("Hallucinations을 줄이는 환각현상") == "hallucin 을 줄이 이는 환각 각현 현상"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("链式复制的方法", "链式 式复 复制 制的 的方 方法"),
        ("BERTを使った検出・画像", "bert を使 使っ った た検 検出 画像"),
        ("犬 ｢ニュース｣", "犬 ニュ ュー ース"),
        ("모델中文model", "모델 中文 model"),
    ],
)
def test_chinese_and_japanese_letters_become_pairs(text: str, found: str) -> None:
    assert index_terms(text) == found


@given(st.text("链式复制方法をにュース検出ABc 가각", max_size=12), st.text("复制方検出ース", min_size=2, max_size=5))
def test_a_chinese_or_japanese_word_is_found_within_a_run(before: str, word: str) -> None:
    """Wherever it stands, at its own place."""
    text = f"{before}{word}法"
    run = [term.text for term in terms(word)]
    assert (len(before), len(before) + len(word)) in list(find_run(text, run))


@pytest.mark.parametrize(("one", "other"), [("LLM", "LLMs"), ("hallucinate", "hallucination"), ("GAN", "GANs")])
def test_forms_of_a_word_are_one_term(one: str, other: str) -> None:
    assert index_terms(one) == index_terms(other)


def test_term_offsets_point_at_their_word() -> None:
    text = "모델의 hallucination, 또 GPT-4"
    assert [text[t.start : t.end] for t in terms(text)] == ["모델", "델의", "hallucination", "또", "GPT", "4"]


@pytest.mark.parametrize(
    "text",
    [
        "ham\u00admer 망\u200b치",
        "ham\u200bmer 망\u2060치",
        "ham\u200d\ufeffmer \ufeff망\u200c치",
        "ham\u3164mer 망\ufe0f치\u200b",
    ],
)
def test_characters_that_nobody_sees_are_in_no_word(text: str) -> None:
    """Soft hyphens, zero-width spaces and joiners, word joiners and byte order marks, as editors leave them."""
    assert index_terms(text) == "hammer 망치"
    assert squash(text) == "hammer망치"
    assert words(text) == ["hammer", "망치"]
    (hammer,), (anvil,) = find_run(text, ["hammer"]), find_run(text, ["망치"])
    assert text[slice(*hammer)].startswith("ham")
    assert text[slice(*hammer)].endswith("mer")
    assert text[slice(*anvil)][::2] == "망치"


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("β-Oar", "beta-oar"),
        ("γ-Net", "Gamma-Net"),
        ("α-β-CROWN", "alpha-beta-crown"),
        ("μP", "muP"),
        ("\u00b5P", "mup"),  # the sign for a millionth
        ("λ-return", "lambda-return"),
        ("\u03f5-greedy", "epsilon-greedy"),  # the other form of the letter
        ("Δ-tuning", "delta-tuning"),
        ("σς", "sigmasigma"),
    ],
)
def test_a_greek_letter_is_its_name(written: str, typed: str) -> None:
    assert index_terms(written) == index_terms(typed)
    assert squash(written) == squash(typed)
    (place,) = find_run(f"A {written} bends.", index_terms(typed).split())
    assert place == (2, 2 + len(written))


def test_a_name_with_a_greek_letter_is_looked_up_by_the_letters_name() -> None:
    for name, typed in (("β-Oar", "beta oar"), ("Alpha-Beta-Mast", "α-β-mast"), ("μPlank", "mu\u00adplank")):
        lookup = make_names((1, NameKind.SHORT, name), (2, NameKind.SHORT, "Lantern")).lookup(typed)
        assert lookup.is_sure
        assert [(match.review_id, match.how) for match in lookup.matches] == [(1, How.EXACT)]


def test_a_greek_word_is_a_word() -> None:
    assert squash("Λόγος και α") == "λόγοςκαιalpha".replace("ς", "σ")


@given(st.text())
def test_terms_of_any_text_lie_in_order_within_it(text: str) -> None:
    found = list(terms(text))
    assert all(0 <= t.start < t.end <= len(text) and t.text for t in found)
    assert [t.start for t in found] == sorted(t.start for t in found)


@given(st.text(alphabet="aAbyβ환각을 -4,\u200b", max_size=40), st.integers(0, 40), st.integers(1, 3))
def test_a_run_of_terms_is_found_wherever_it_stands(text: str, first: int, length: int) -> None:
    """The short cut finds what cutting the whole text into terms would."""
    all_terms = list(terms(text))
    run = [term.text for term in all_terms[first : first + length]]
    if run:
        places = [
            (all_terms[i].start, all_terms[i + len(run) - 1].end)
            for i in range(len(all_terms))
            if [term.text for term in all_terms[i : i + len(run)]] == run
        ]
        assert set(places) <= set(find_run(text, run))


@pytest.mark.parametrize(
    ("word", "bare"),
    [("환각을", "환각"), ("모델에서는", "모델"), ("도시", None), ("을", None), ("환각", None)],
)
def test_particles_are_taken_off_where_two_syllables_remain(word: str, bare: str | None) -> None:
    assert without_particle(word) == bare


def test_squash_makes_spellings_of_a_name_equal() -> None:
    assert {squash(name) for name in ("Self-RAG", "self rag", "SELFRAG", "ｓｅｌｆ－ｒａｇ")} == {"selfrag"}


# ── names ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "review_id", "how"),
    [
        ("instag", 1, How.EXACT),
        ("#InsTag", 1, How.EXACT),
        ("self rag", 2, How.EXACT),
        ("selfrag", 2, How.EXACT),
        ("blip 2", 3, How.EXACT),
        ("OFA-Sys/InsTag", 1, How.EXACT),
        ("inst", 1, How.PREFIX),
        ("instga", 1, How.SLIP),
        ("intsag", 1, How.SLIP),
        ("haleval", 4, How.SLIP),
        ("keming lu", 1, How.WORDS),
        ("instruction tagging", 1, How.WORDS),
        ("icml 2023", 3, How.WORDS),
    ],
)
def test_a_name_however_typed_is_answered(query: str, review_id: int, how: How) -> None:
    lookup = SHELF.lookup(query)
    assert lookup.is_sure
    assert (lookup.matches[0].review_id, lookup.matches[0].how) == (review_id, how)


@pytest.mark.parametrize("query", ["hyper", "hyperprimpts", "iclr 2024", "hotpotqa"])
def test_rivals_two_slips_and_names_of_others_are_offered_not_answered(query: str) -> None:
    """Two that begin so, two slips, two of one venue, a name that only stands in a text."""
    lookup = SHELF.lookup(query)
    assert lookup.matches
    assert not lookup.is_sure


@pytest.mark.parametrize("query", ["mamba", "BLIP-3", "InsTag 2", "xkqjv", "", "?!", "pizza recipe", "ㅋㅋㅋㅋ"])
def test_what_is_not_here_is_not_answered(query: str) -> None:
    """Another number is another paper; noise is nothing."""
    assert not SHELF.lookup(query).is_sure


def test_a_number_is_never_a_slip() -> None:
    assert slips("blip3", "blip2") is None
    assert slips("instga", "instag") == 1
    assert slips("abc", "abd") is None


def test_stubs_come_last_and_the_newer_first() -> None:
    names = make_names(*((n, NameKind.SLUG, f"survey{n}") for n in (1, 2, 3)), stubs=(1,))
    assert [m.review_id for m in names.lookup("survey").matches] == [3, 2, 1]
    assert [label.id for label in names.suggest("survey")] == [3, 2, 1]


def test_suggestions_start_with_the_newest_and_are_bounded() -> None:
    names = make_names(others=range(1, 41))
    assert [label.id for label in names.suggest("", limit=25)] == list(range(40, 15, -1))


@given(st.text(max_size=60))
def test_any_query_is_looked_up_and_completed(query: str) -> None:
    assert len(SHELF.lookup(query).matches) <= 10
    assert len(SHELF.suggest(query)) <= 25


# ── sections ────────────────────────────────────────────────────────────────────────────────────

OUTLINE = tuple(
    Section(depth=depth, number=number, heading=heading)
    for depth, number, heading in [
        (0, None, None),
        (1, None, "Abstract"),
        (1, "1", "1. Introduction"),
        (1, "3", "3. INSTAG"),
        (2, "3.1", "3.1. OPEN-SET TAGGING"),
        (2, "3.2", "3.2. TAG NORMALIZATION"),
        (2, "3.20", "3.20. Appendix"),
        (1, "4", "4. Experiments and Results"),
        (1, None, "Concclusion"),
        (1, None, "k-NN Classification"),
    ]
)


@pytest.mark.parametrize(
    ("asked", "heading"),
    [
        ("3.2", "3.2. TAG NORMALIZATION"),
        ("3.2.", "3.2. TAG NORMALIZATION"),
        ("section 3.1", "3.1. OPEN-SET TAGGING"),
        ("3", "3. INSTAG"),
        ("tag normalization", "3.2. TAG NORMALIZATION"),
        ("normalization", "3.2. TAG NORMALIZATION"),
        ("tag normalisation", "3.2. TAG NORMALIZATION"),
        ("초록", "Abstract"),
        ("초록을", "Abstract"),
        ("서론", "1. Introduction"),
        ("실험 결과", "4. Experiments and Results"),
        ("결론", "Concclusion"),
        ("conclusoin", "Concclusion"),
        ("knn classification", "k-NN Classification"),
        ("the results vs experiments", "4. Experiments and Results"),
    ],
)
def test_a_section_however_asked_is_found(asked: str, heading: str) -> None:
    assert OUTLINE[find_sections(OUTLINE, asked, bundled_glossary())[0].position].heading == heading


@pytest.mark.parametrize("asked", ["3.3", "33", "5", "limitations", "한계점", "related work", "mamba", "", "…"])
def test_a_section_that_is_not_there_is_not_found(asked: str) -> None:
    assert find_sections(OUTLINE, asked, bundled_glossary()) == []


def outline(*headings: str, numbers: tuple[str | None, ...] = ()) -> tuple[Section, ...]:
    found = (*numbers, *[None] * (len(headings) - len(numbers)))
    return tuple(
        Section(depth=1, number=number, heading=heading, blocks=())
        for number, heading in zip(found, headings, strict=True)
    )


TEMPLATES = {
    "ja": outline(
        "1. どんなもの？",
        "2. 先行研究と比べてどこがすごいの？",
        "3. 技術や手法のキモはどこにある？",
        "4. どうやって有効だと検証した？",
        "雨の検証",
        "5. 議論はあるか？",
        "6. 次に読むべき論文はあるか？",
        numbers=("1", "2", "3", "4", None, "5", "6"),
    ),
    "zh": outline(
        "一句话总结",
        "研究背景与动机",
        "方法详解",
        "实验关键数据",
        "消融实验",
        "局限性 / 可改进方向",
        "相关工作与启发",
        "参考文献",
    ),
    "ko": outline(
        "들어가며", "초록(Abstract)", "1. 서론(Introduction)", "2. 학습", "관련 연구 / Related Work", "참고문헌"
    ),
    "en": outline(
        "Overall impression", "Introduction", "Training details", "Experiments", "Datasets", "Appendix", "References"
    ),
}


@pytest.mark.parametrize(
    ("template", "asked", "at"),
    [
        ("ja", "요약", 0),
        ("ja", "관련 연구", 1),
        ("ja", "방법", 2),
        ("ja", "手法", 2),
        ("ja", "실험", 3),
        ("ja", "논의", 5),
        ("ja", "references", 6),
        ("ja", "3", 2),
        ("zh", "요약", 0),
        ("zh", "배경", 1),
        ("zh", "동기", 1),
        ("zh", "method", 2),
        ("zh", "실험", 3),
        ("zh", "실험 결과", 3),
        ("zh", "ablation", 4),
        ("zh", "한계", 5),
        ("zh", "관련 연구", 6),
        ("zh", "참고문헌", 7),
        ("ko", "서론", 2),
        ("ko", "abstract", 1),
        ("ko", "training", 3),
        ("ko", "related work", 4),
        ("ko", "references", 5),
        ("en", "요약", 0),
        ("en", "서론", 1),
        ("en", "학습", 2),
        ("en", "데이터셋", 4),
        ("en", "부록", 5),
        ("en", "참고문헌", 6),
    ],
)
def test_a_role_is_found_in_the_headings_of_four_languages(template: str, asked: str, at: int) -> None:
    """Asked in Korean or English, of the templates that reviewers use; in scripts without spaces by its beginning."""
    assert find_sections(TEMPLATES[template], asked, bundled_glossary())[0].position == at


def test_of_equals_the_shallower_section_comes_first() -> None:
    """In a script without spaces the headings of subsections hold a role's word as well."""
    below, top = outline("现有方法的代价", "核心方法")
    sections = (replace(below, depth=2), top)
    assert find_sections(sections, "method", bundled_glossary())[0].position == 1


def test_the_authors_own_part_gives_way_to_the_papers() -> None:
    """A preface is the introduction only where nothing else is, and a summary is found by its own name."""
    both = outline("들어가며", "⚡ 요약 (Summary)", "Abstract", "Introduction")
    found = {asked: find_sections(both, asked, bundled_glossary())[0].position for asked in ("서론", "초록", "요약")}
    assert found == {"서론": 3, "초록": 2, "요약": 1}
    assert find_sections(outline("들어가며", "Boats"), "서론", bundled_glossary())[0].position == 0


@pytest.mark.parametrize(
    ("asked", "at"),
    [
        ("1-B", 2),
        ("1-b.", 2),
        ("§1-B", 2),
        ("(2)", 3),
        ("2)", 3),
        ("②", 3),
        ("2 tweaks", 3),
        ("3-D hulls", 4),
        ("3", None),
    ],
)
def test_numbers_are_asked_for_in_every_style(asked: str, at: int | None) -> None:
    """With a letter, in brackets, circled; a word that looks like a number is one where no section has it."""
    hats = outline("1. Hats", "1-A. Brims", "1-B. Ears", "2. Tweaks", "3-D hulls", numbers=("1", "1-A", "1-B", "2"))
    found = find_sections(hats, asked, bundled_glossary())
    assert (found[0].position if found else None) == at


def test_steps_are_found_by_their_number_where_sections_have_none() -> None:
    """“(2)” of a heading that only counts; an unmarked quantity is none."""
    steps = outline("Introduction", "(1) Look", "(2) Count", "③ Tie", "4. Sail", "5 boats")
    found = {
        n: [m.position for m in find_sections(steps, n, bundled_glossary())] for n in ("2", "(2)", "3", "4", "5")
    }
    assert found == {"2": [2], "(2)": [2], "3": [3], "4": [4], "5": []}


def test_roles_are_known_with_a_slip_and_not_within_longer_headings() -> None:
    assert role_of("5. Concclusion") is Role.CONCLUSION
    assert role_of("5. Concclusiion") is None
    assert role_of("A Method of Moments") is None
    assert role_of(None) is None
    assert role_of("Date") is None
    assert role_of("결론(Conclusion)") is Role.CONCLUSION
    assert role_of("Results (Abstract)") is None


def test_every_reading_of_one_string_is_tried_longest_name_first() -> None:
    assert splits("self rag 3.2")[:2] == [Split("self rag", "3.2"), Split("self", "rag 3.2")]
    assert Split("self rag", "limitations of") in splits("limitations of self rag")


def test_a_long_title_does_not_hide_the_section_behind_it() -> None:
    title = " ".join(f"word{n}" for n in range(30))
    assert Split(title, "1. Introduction") in splits(f"{title} 1. Introduction")
    assert len(splits("x " * 1_000)) <= 24


# ── searches ────────────────────────────────────────────────────────────────────────────────────


def concepts_of(query: str) -> tuple[Concept, ...]:
    return parse_query(query, bundled_glossary())


def ranked(
    concepts: Sequence[Concept],
    hits: Mapping[Concept, Sequence[tuple[int, float]]],
    *,
    total: int,
    phrase: Concept | None = None,
    stubs: Collection[int] = (),
) -> list[Ranked]:
    """The reviews in order, each concept weighed by the hits that it has."""
    weights = weigh(concepts, {concept: len(hits.get(concept, ())) for concept in concepts}, total=total)
    asked = list(hits)
    found = [Hits.of(at, hits[concept]) for at, concept in enumerate(asked)]
    return rank(asked, found, weights, phrase=phrase, stubs=stubs)


def passage_of(review: Review, query: str) -> Block | None:
    """The passage that is shown for a query: its place by the index, its text by the review."""
    concepts = concepts_of(query)
    place = find_places({1: index_review(review).text}, concepts, dict.fromkeys(concepts, 1.0)).get(1)
    blocks = review.sections[place.section].blocks if place else ()
    return excerpt(blocks[place.block], concepts) if place and place.block < len(blocks) else None


def shown(passage: Block | None) -> str:
    assert passage is not None
    return "".join(f"[{s.text}]" if Mark.MATCH in s.marks else s.text for s in passage.spans)


def test_queries_become_concepts() -> None:
    concepts = concepts_of('the "green list" 환각을 hallucinations hallucination')
    assert [concept.text for concept in concepts] == ["green list", "환각을"]
    plain = parse_query('the "green list" 환각을 hallucinations hallucination', Glossary())
    assert [concept.text for concept in plain] == ["green list", "환각을", "hallucinations"]
    assert plain[1].spellings == (("환각", "각을"), ("환각",))


def test_what_must_not_be_there_is_taken_out_of_the_query() -> None:
    rest, excluded = split_exclusions('fine-tuning -lora -"green list" gpt-4 - -- x', bundled_glossary())
    assert rest.split() == ["fine-tuning", "gpt-4", "-", "--", "x"]
    assert [concept.text for concept in excluded] == ["lora", "green list"]


@pytest.mark.parametrize("query", ["the", "*", "???", '""', "그 것", ""])
def test_a_query_of_nothing_has_no_concepts(query: str) -> None:
    assert concepts_of(query) == ()


def test_rare_concepts_outweigh_common_ones() -> None:
    common, rare = concepts_of("model watermark")
    hits = {common: [(n, 1.0) for n in range(1, 50)], rare: [(7, 1.0)]}
    found = ranked((common, rare), hits, total=50)
    assert found[0].review_id == 7
    assert found[0].share == pytest.approx(1.0)
    assert found[1].share < SURE_SHARE


def test_an_unknown_word_lowers_the_share() -> None:
    known, unknown = concepts_of("watermark zebra")
    found = ranked((known, unknown), {known: [(1, 2.0), (2, 1.0)]}, total=50)
    assert [item.review_id for item in found] == [1, 2]
    assert found[0].share < SURE_SHARE


def test_words_standing_together_come_first() -> None:
    concepts = parse_query("contrastive decoding", Glossary())
    phrase = whole_phrase(concepts)
    assert phrase is not None
    hits = {concepts[0]: [(1, 1.0), (2, 1.0)], concepts[1]: [(1, 1.0), (2, 1.0)], phrase: [(1, 1.0)]}
    assert [item.review_id for item in ranked(concepts, hits, total=9, phrase=phrase)] == [1, 2]


def test_a_stub_comes_after_what_says_more() -> None:
    (concept,) = concepts_of("hallucination")
    found = ranked((concept,), {concept: [(1, 2.0), (2, 1.8)]}, total=9, stubs={1})
    assert [item.review_id for item in found] == [2, 1]


def test_the_passage_is_the_paragraph_with_most_concepts_and_marks_them() -> None:
    review = make_review("환각만 말한다.", "모델의 환각을 decoding 으로 줄인다.", "decoding 만 말한다.")
    assert shown(passage_of(review, "환각 decoding")) == "모델의 [환각]을 [decoding] 으로 줄인다."


def test_a_long_passage_is_cut_at_words_around_its_matches() -> None:
    review = make_review("alpha " * 200 + "watermark " + "omega " * 200)
    text = shown(passage_of(review, "watermark"))
    assert "[watermark]" in text
    assert text.startswith("… alpha")
    assert text.endswith("omega …")
    assert len(text) < PASSAGE_CHARACTERS + 10


def test_a_formula_is_never_cut() -> None:
    formula = Span(text="$" + "x + " * 100 + "y$", marks=frozenset((Mark.MATH,)))
    block = Block(kind=BlockKind.PARAGRAPH, spans=(Span(text="watermark "), formula, Span(text=" end")))
    section = Section(depth=1, number=None, heading="A", blocks=(block,))
    review = Review(guid="g", link="l", title="t", clean_title="t", sections=(section,))
    passage = passage_of(review, "watermark")
    assert passage is not None
    assert formula.text in "".join(span.text for span in passage.spans)


def test_no_passage_where_nothing_matches() -> None:
    assert passage_of(make_review("alpha"), "omega") is None


@given(st.lists(st.text(max_size=400), max_size=4), st.text(max_size=40))
def test_any_text_gives_a_passage_of_its_own_words(texts: list[str], query: str) -> None:
    """What is shown is a run of the paragraph, with nothing added but the ellipses."""
    passage = passage_of(make_review(*texts), query)
    if passage:
        text = "".join(span.text for span in passage.spans)
        assert any(text.removeprefix("… ").removesuffix(" …") in whole for whole in texts)


TEXTS = st.text(st.characters() | st.sampled_from("가각환 漢字かなΩβéﾞＡ１aZ0-_\u200b\u00ad"), max_size=60)


@given(TEXTS)
def test_the_index_holds_the_terms_of_a_text(text: str) -> None:
    """They are cut without their places there, which no index needs."""
    written = unicodedata.normalize("NFC", visible(text))
    assert index_terms(text) == " ".join(term.text for term in terms(written))


@given(TEXTS)
def test_letters_and_digits_are_what_python_takes_for_such(text: str) -> None:
    assert bare_letters(text) == "".join(filter(str.isalnum, text.casefold()))
    assert set("".join(filter(str.isalnum, fold(text)))) <= set(squash_text(text))
    assert squash_text("一\ufa0e\U0002ebf0!") == "一\ufa0e\U0002ebf0"  # the last is newer than some Pythons
