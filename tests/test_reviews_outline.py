"""Headings → depths and numbers; lines that stand for headings."""

from __future__ import annotations

import pytest

from bot.models.reviews import Block, BlockKind, Mark, Span
from bot.reviews.markup import Heading, Piece
from bot.reviews.outline import find_written_headings, is_common_name, place_headings


def depths(*headings: tuple[int, str]) -> list[tuple[int, str | None]]:
    return [(place.depth, place.number) for place in place_headings(headings)]


def test_number_beats_tag() -> None:
    """The bigger tag may stand for the deeper section; one dot more or less does not matter."""
    assert depths((2, "1.Introduction"), (2, "2. Boats"), (1, "2.1 Hulls"), (1, "2.1.1. Keels")) == [
        (1, "1"), (1, "2"), (2, "2.1"), (3, "2.1.1"),
    ]  # fmt: skip


def test_common_name_without_a_number_is_a_top_section() -> None:
    """Also misspelt, and under a tag that is a subsection elsewhere."""
    headings = (
        (1, "Abstract"),
        (2, "1. INTRODUCTIONS"),
        (1, "1.1. Tides"),
        (1, "Concclusion"),
        (1, "Limitation"),
    )
    assert [depth for depth, _ in depths(*headings)] == [1, 1, 2, 1, 1]


def test_other_name_takes_the_depth_of_its_tag() -> None:
    """As its tag mostly has among the numbered; a tag never numbered stands one below the nearest."""
    headings = (
        (2, "1. Introduction"),
        (1, "1.1. Tides"),
        (1, "1.2. Moons"),
        (1, "Aside"),
        (2, "Boats"),
        (3, "Rope"),
    )
    assert [depth for depth, _ in depths(*headings)] == [1, 2, 2, 2, 1, 2]


def test_local_numbers_are_steps() -> None:
    """An introduction without a number means that the numbers below it are no section numbers."""
    headings = ((1, "Introduction"), (1, "Finding Boats"), (2, "1. Look"), (2, "2. Count"), (1, "Conclusion"))
    assert depths(*headings) == [(1, None), (1, None), (2, None), (2, None), (1, None)]


def test_half_numbered_is_enough_without_an_introduction() -> None:
    """A part of a series begins at section 4."""
    assert depths((2, "4. Boats"), (1, "4.1. Hulls"), (1, "Notes"), (2, "Ropes")) == [
        (1, "4"), (2, "4.1"), (2, None), (1, None),
    ]  # fmt: skip
    assert depths((2, "1. Boats"), (2, "Hulls"), (2, "Ropes")) == [(1, None), (1, None), (1, None)]


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (((2, "Abstract"), (2, "Method"), (1, "Hulls"), (3, "Ropes"), (2, "Conclusion")), [1, 1, 2, 2, 1]),
        (((1, "Introduction"), (3, "Hulls"), (1, "Results")), [1, 2, 1]),
        (((3, "Boats"), (4, "Hulls"), (3, "Ropes")), [1, 2, 1]),
        (((1, "서론"), (2, "조석"), (1, "결론")), [1, 2, 1]),
        ((), []),
    ],
)
def test_without_numbers_the_tag_of_common_names_is_the_top(
    headings: tuple[tuple[int, str], ...], expected: list[int]
) -> None:
    """Every step away from that tag, up or down, is one deeper."""
    assert [depth for depth, _ in depths(*headings)] == expected


@pytest.mark.parametrize("text", ["2024 in review", "100 boats", "3D hulls", "1.", "1", "2.5x faster"])
def test_quantities_are_no_section_numbers(text: str) -> None:
    """A number needs a dot or space behind it, text, and the size of a section number."""
    assert depths((2, "1. Introduction"), (2, text))[1] == (1, None)


@pytest.mark.parametrize(
    ("name", "is_common"),
    [
        ("Experimetns", True), ("Conclusion & Future Work", True), ("DISCUSSION AND CONCLUSION", True),
        ("※ Abstract", True), ("관련 연구", True), ("Boats", False), ("Method of Counting Boats", False),
        ("", False),
    ],
)  # fmt: skip
def test_common_names_forgive_typing_errors(name: str, *, is_common: bool) -> None:
    """Names most papers use, not headings that begin with one."""
    assert is_common_name(name) is is_common


# ── tags that nest as usual ──


def test_title_in_other_words_stands_above_its_sections() -> None:
    """A bigger tag before the numbers, and one behind which they begin anew, is a part that holds them."""
    headings = (
        (1, "A Rope for Every Boat"), (2, "초록(Abstract)"), (2, "1. 서론"), (2, "2. 방법"), (3, "2.1. 매듭"),
        (1, "Rope 2: Longer"), (2, "1. 서론"), (1, "References"),
    )  # fmt: skip
    assert depths(*headings) == [
        (1, None), (2, None), (2, "1"), (2, "2"), (3, "2.1"), (1, None), (2, "1"), (1, None),
    ]  # fmt: skip


def test_bigger_tag_in_the_midst_of_the_counting_is_a_subsection() -> None:
    """Some authors use the bigger tag for the deeper section."""
    headings = ((2, "1. Introduction"), (2, "2. Boats"), (1, "Hulls"), (2, "3. Ropes"), (1, "Knots"))
    assert [depth for depth, _ in depths(*headings)] == [1, 1, 2, 1, 2]


def test_common_name_below_a_section_stays_there() -> None:
    """Where tags nest as usual, "Results" with a small tag are those of the section above."""
    headings = (
        (2, "1. Introduction"), (2, "2. Boats"), (3, "2.1. Hulls"), (4, "Experimental Setup"), (4, "Results"),
        (2, "3. Ropes"), (4, "Knots"), (3, "Bends"), (4, "Results"),
    )  # fmt: skip
    assert [depth for depth, _ in depths(*headings)] == [1, 1, 2, 3, 3, 1, 2, 2, 3]


def test_supplement_has_numbers_of_its_own() -> None:
    """Sections that begin at 1 again below an unnumbered heading are parts of it."""
    headings = ((2, "1. Introduction"), (2, "2. Boats"), (1, "Supplement"), (2, "1. Hulls"), (2, "2. Ropes"))
    assert depths(*headings) == [(1, "1"), (1, "2"), (1, None), (2, "1"), (2, "2")]


def test_steps_within_a_section_have_no_numbers() -> None:
    """Counted from 1 on a smaller tag; a section whose author slipped in the tag goes on counting."""
    headings = (
        (2, "1. Introduction"), (2, "2. Boats"), (3, "2.1 Hulls"), (4, "1. Look"), (4, "2. Count"), (4, "3. Tie"),
        (3, "3. Ropes"), (4, "Knots"), (4, "1. Bow"), (2, "4. Sails"),
    )  # fmt: skip
    assert depths(*headings) == [
        (1, "1"), (1, "2"), (2, "2.1"), (3, None), (3, None), (3, None), (1, "3"), (2, None), (2, None), (1, "4"),
    ]  # fmt: skip


def test_steps_whose_first_is_no_heading() -> None:
    """On a smaller tag, with the numbers of sections that stand elsewhere: the author began at 2 as a heading."""
    headings = (
        (2, "1. Introduction"), (3, "2. 기름의 한계"), (3, "3. 새 심지"), (3, "4. 기여"), (2, "2. Related Work"),
        (3, "2.1 Lamps"), (4, "2. 심지의 구조"), (4, "3. 비용"), (2, "3. Lantern"), (3, "Wicks"), (3, "2. 성능"),
        (2, "4. End"),
    )  # fmt: skip
    assert depths(*headings) == [
        (1, "1"), (2, None), (2, None), (2, None), (1, "2"), (2, "2.1"), (3, None), (3, None), (1, "3"), (2, None),
        (2, None), (1, "4"),
    ]  # fmt: skip


def test_numbers_of_parts_below_sections_without_any() -> None:
    """A section's name alone, and its parts as the paper counts them: the tags nest, the numbers are kept."""
    headings = (
        (1, "Abstract & Conclusion"), (1, "Intro"), (1, "The Lamp"), (2, "2.1. Wicks"), (2, "2.2. Oil"),
        (3, "2.2.1 Seeds"),
        (1, "Experiments"), (2, "3.2. Nights"), (2, "Days"), (1, "End"),
    )  # fmt: skip
    assert depths(*headings) == [
        (1, None), (1, None), (1, None), (2, "2.1"), (2, "2.2"), (3, "2.2.1"), (1, None), (2, "3.2"), (2, None),
        (1, None),
    ]  # fmt: skip


def test_numbers_that_begin_anew_below_headings_without_any_are_steps() -> None:
    """Even where more headings have a number than not."""
    below = ((3, "1. Hulls"), (3, "2. Ropes"), (3, "3. Sails"))
    headings = ((2, "Aims of the Study"), *below, (2, "What was Built"), *below, (2, "Notes"))
    steps = [(2, None)] * 3
    assert depths(*headings) == [(1, None), *steps, (1, None), *steps, (1, None)]
    one_series = ((2, "Aims"), (3, "1. Hulls"), (3, "2. Ropes"), (2, "Built"), (3, "3. Sails"), (3, "4. Oars"))
    assert [number for _, number in depths(*one_series)] == [None, "1", "2", None, "3", "4"]


def test_a_line_below_the_title_with_the_smallest_tag_holds_no_sections() -> None:
    headings = ((4, "Quill et al. (2031)"), (3, "How Boats Float"), (3, "Why Boats Sink"), (3, "Other Tricks"))
    assert depths(*headings) == [(2, None), (1, None), (1, None), (1, None)]
    assert depths((4, "Boats"), (3, "Hulls"), (4, "Ropes"), (3, "Sails"))[0] == (1, None)


def test_parts_of_a_step_have_no_numbers() -> None:
    """5.1 below the step 5 of section 1 is not a part of section 5."""
    headings = (
        (2, "1. Introduction"), (3, "4. Oil"), (3, "5. Light"), (4, "5.1 Day"), (4, "5.2 Night"), (2, "2. Boats"),
        (2, "4. Ropes"), (2, "5. Sails"), (3, "5.1 Cloth"),
    )  # fmt: skip
    assert depths(*headings) == [
        (1, "1"), (2, None), (2, None), (3, None), (3, None), (1, "2"), (1, "4"), (1, "5"), (2, "5.1"),
    ]  # fmt: skip


def test_ideographs_number_the_sections_of_dotted_parts() -> None:
    """“二、” holds 2.1, and within it “1.” is a step."""
    headings = ((2, "一、背景"), (2, "二、方法"), (3, "2.1 船体"), (3, "1. 看"), (2, "三、实验"), (2, "总结"))
    assert depths(*headings) == [(1, "1"), (1, "2"), (2, "2.1"), (2, None), (1, "3"), (1, None)]


def test_post_that_begins_with_its_biggest_tag_nests_as_usual() -> None:
    """A common name with a smaller tag then is a part of its section."""
    headings = ((2, "Boats"), (3, "Hulls"), (2, "Ropes"), (3, "Method"), (3, "Experimental Results"))
    assert [depth for depth, _ in depths(*headings)] == [1, 2, 1, 2, 2]


@pytest.mark.parametrize(
    ("headings", "numbers"),
    [
        (((2, "1. Hats"), (3, "1-A. Brims"), (3, "1-b Ears"), (2, "2. Tweaks"), (3, "2-1. Feathers")),
         ["1", "1-A", "1-B", "2", "2-1"]),
        (((2, "(1) Boats"), (3, "Hulls"), (2, "(2) Ropes"), (3, "Knots"), (3, "Bow")), ["1", None, "2", None, None]),
        (((2, "1) Boats"), (2, "2) Ropes")), ["1", "2"]),
        (((2, "① 배"), (2, "② 밧줄"), (2, "③ 매듭")), ["1", "2", "3"]),
        (((2, "一、背景"), (2, "二、方法"), (2, "十二、结论")), ["1", "2", "12"]),
        (((2, "１．はじめに"), (2, "２．手法")), ["1", "2"]),
        (((2, "1. どんなもの？"), (2, "3. 手法のキモは？"), (3, "雨"), (3, "傘"), (4, "骨"), (4, "布")),
         ["1", "3", None, None, None, None]),
        (((2, "들어가며"), (2, "준비물"), (2, "1. 배"), (2, "2. 끈"), (3, "1). 닻")), [None, None, "1", "2", None]),
        (((2, "1. Boats"), (2, "2. Ropes"), (3, "(1) Look"), (3, "(2) Count")), ["1", "2", None, None]),
        (((2, "3. Boats"), (3, "3-D hulls"), (3, "5-D hulls"), (3, "3.1"), (2, "4. Ropes")),
         ["3", "3-D", None, "3.1", "4"]),
        (((2, "Boats"), (3, "1. Look"), (3, "2. Count"), (2, "Ropes"), (3, "Knots")), [None] * 5),
        (((2, "3. Boats"), (3, "3.A. Hulls"), (3, "3.B Ropes"), (3, "7.D boats"), (2, "4. Sails")),
         ["3", "3-A", "3-B", None, "4"]),
        (((2, "I. INTRODUCTION"), (3, "A. Boats"), (2, "II. ROPES"), (2, "IV. SAILS")), ["1", None, "2", "4"]),
        (((2, "제1장 서론"), (2, "제2장 배"), (2, "3장. 끈")), ["1", "2", "3"]),
        (((2, "第1章 はじめに"), (2, "第2章 船"), (2, "第3节：绳")), ["1", "2", "3"]),
        (((2, "Section 1: Boats"), (2, "Section 2. Ropes"), (3, "Section 2.1 - Knots")), ["1", "2", "2.1"]),
        (((2, "1: Introduction"), (2, "2: Ropes"), (2, "3:1 mixtures")), ["1", "2", None]),
        (((2, "01. Introduction"), (2, "02. Ropes"), (3, "02.1 Knots")), ["1", "2", "2.1"]),
        (((2, "📌 1. Introduction"), (2, "■ 2. Ropes"), (2, "✅ 3) Knots")), ["1", "2", None]),
        (((2, "1️⃣ 서론"), (2, "2️⃣ 끈"), (2, "3️⃣ 결론")), ["1", "2", "3"]),
        (((2, "C. Boats"), (2, "I. Look"), (2, "X. Count")), [None] * 3),
        (((2, "1-D example"), (2, "2-D example"), (2, "Boats")), [None] * 3),
        (((2, "90 years"), (2, "95 percent"), (2, "Boats"), (2, "Ropes"), (2, "Knots")), [None] * 5),
    ],
)  # fmt: skip
def test_numbers_in_every_style(headings: tuple[tuple[int, str], ...], numbers: list[str | None]) -> None:
    """Letters, brackets, circles, ideographs; kept where unnumbered headings outnumber them; steps have none."""
    assert [number for _, number in depths(*headings)] == numbers


# ── lines that stand for headings ──


def quote(text: str) -> Block:
    return Block(kind=BlockKind.QUOTE, spans=(Span(text=text),))


def paragraph(text: str, *, is_bold: bool = False) -> Block:
    marks = frozenset({Mark.BOLD}) if is_bold else frozenset()
    return Block(kind=BlockKind.PARAGRAPH, spans=(Span(text=text, marks=marks),))


def written(*pieces: Piece) -> list[str]:
    return [piece.text for piece in find_written_headings(pieces) if isinstance(piece, Heading)]


TEXT = paragraph("Boats are tied with ropes.")


def test_short_quotations_are_headings_where_they_are_a_habit() -> None:
    """Three in a post without other headings, or two with a usual name."""
    assert written(quote("Hull Scaling"), TEXT, quote("Two Ropes"), TEXT, quote("Knots"), TEXT) == [
        "Hull Scaling", "Two Ropes", "Knots",
    ]  # fmt: skip
    assert written(quote("Hull Scaling"), TEXT, quote("실험 결과"), TEXT) == ["Hull Scaling", "실험 결과"]
    assert written(quote("Hull Scaling"), TEXT, quote("Two Ropes"), TEXT) == []


@pytest.mark.parametrize(
    "text",
    [
        "Ropes hold.",
        "“Less is more”",
        "Figure 3. Hulls",
        "그림 2: 배",
        "- a seaman",
        "one two three four five six seven eight nine",
    ],
)
def test_quotation_that_says_something_is_none(text: str) -> None:
    """Sentences, sayings, captions and long lines stay quotations."""
    assert written(quote(text), TEXT, quote(text), TEXT, quote(text), TEXT, quote("결론"), TEXT) == []


def test_quotations_of_several_lines_or_below_headings_stay() -> None:
    """A quotation of two paragraphs is one; a post with headings of its own has these."""
    assert written(quote("Knots"), quote("Bends"), TEXT, quote("Ropes"), quote("Hulls"), TEXT) == []
    heads = (Heading(level=2, text="Boats"), TEXT, Heading(level=2, text="Ropes"))
    assert written(*heads, quote("Knots"), TEXT, quote("Bends"), TEXT, quote("결론"), TEXT) == ["Boats", "Ropes"]


def test_bold_lines_below_a_title_are_headings() -> None:
    """A title that the body repeats is not a heading of the author's own."""
    lines = (paragraph("1. Boats", is_bold=True), TEXT, paragraph("Conclusion", is_bold=True), TEXT)
    assert written(Heading(level=1, text="Ropes"), *lines) == ["Ropes", "1. Boats", "Conclusion"]


def bold(*texts: str) -> list[Piece]:
    """Bold lines with text below each."""
    return [piece for text in texts for piece in (paragraph(text, is_bold=True), TEXT)]


def head(text: str, level: int = 2) -> list[Piece]:
    return [Heading(level=level, text=text), TEXT]


@pytest.mark.parametrize(
    "names",
    [
        ("Summary", "Main Idea", "Experiments"),
        ("Summary", "Related Work(기존의 배, 이전의 끈)", "Main Idea(어떻게 띄웠는지)"),
        ("1. 개요", "2. 기여점", "3. 실험 결과"),
        ("概要", "貢献", "実験"),
        ("动机", "方法", "缺点"),
    ],
)
def test_bold_lines_that_name_the_sections_are_headings_beside_others(names: tuple[str, ...]) -> None:
    """The other bold lines of the post are headings too, whatever they are called."""
    pieces = [*bold(*names, "돛을 올린 날"), *head("Voyage"), *bold("걸린 시간(분)")]
    assert written(*pieces) == [*names, "돛을 올린 날", "Voyage", "걸린 시간(분)"]


def test_bold_sections_stand_beside_the_biggest_tag_and_below_it_are_its_parts() -> None:
    """Smaller tags before it are parts of the bold sections."""
    pieces = [
        *bold("Summary"), *head("Ropes", 4), *bold("Main Idea", "Experiments"), *head("Voyage"), *bold("Limitations"),
    ]  # fmt: skip
    levels = [(piece.level, piece.text) for piece in find_written_headings(pieces) if isinstance(piece, Heading)]
    assert levels == [
        (2, "Summary"), (4, "Ropes"), (2, "Main Idea"), (2, "Experiments"), (2, "Voyage"), (7, "Limitations"),
    ]  # fmt: skip
    assert [depth for depth, _ in depths(*levels)] == [1, 2, 1, 1, 1, 3]


@pytest.mark.parametrize(
    "pieces",
    [
        [*bold("Summary", "Main Idea", "Two Hulls"), *head("Voyage")],
        [*bold("Summary", "Summary", "Summary"), *head("Voyage")],
        [
            *head("Introduction"),
            *head("Method"),
            *head("Results"),
            *bold("Motivation", "Training", "Summary", "Data"),
        ],
        [*head("Hulls"), *head("Ropes"), *bold("Oak", "Pine", "Elm", "The summary of a long night at sea")],
    ],
)
def test_bold_lines_beside_headings_that_name_the_sections_stay(pieces: list[Piece]) -> None:
    """They are labels of small parts, or too few."""
    assert written(*pieces) == [piece.text for piece in pieces if isinstance(piece, Heading)]


@pytest.mark.parametrize(
    "text",
    [
        "그래서 배는 끈이 없으면 뜨지 못한다",
        "ロープが要るのです",
        "绳子断了",
        "Figure 3 (hulls)",
        "표 2. 배의 수",
        "We found that no boat at all floats without one",
        "Ropes hold.",
        "(42)",
        "Oak, pine, elm:",
    ],
)
def test_bold_statement_or_caption_is_no_heading(text: str) -> None:
    """Even in a post whose bold lines name its sections; neither is what stands above these, or a last line."""
    pieces = [*bold("Ada Mast", "Summary", "Main Idea", text, "Experiments"), *head("Voyage"), *bold("Farewell")[:1]]
    assert written(*pieces) == ["Summary", "Main Idea", "Experiments", "Voyage"]
