"""Which block of a review is shown for a search, and what of it: places and excerpts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import log

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.models.index import IndexText
from bot.models.reviews import Block, BlockKind, Mark, Review, Section, Span
from bot.reading.documents import read_entries
from bot.search.extract import index_review
from bot.search.glossary import Glossary
from bot.search.passages import PASSAGE_CHARACTERS, Place, excerpt, find_places, find_standing, is_on
from bot.search.query import Concept, parse_query
from tests.factories import make_entry

TERM = Concept("RAG", (("rag",), ("검색", "증강", "생성")))
TERM_PARTS = (
    Concept("retrieval", (("retriev",),), part_of="RAG"),
    Concept("generation", (("generat",),), part_of="RAG"),
)


def asked(query: str) -> tuple[Concept, ...]:
    """The words of a query, none of them a term of a glossary."""
    return parse_query(query, Glossary())


def paragraph(text: str, *marks: Mark) -> Block:
    return Block(kind=BlockKind.PARAGRAPH, spans=(Span(text=text, marks=frozenset(marks)),))


def figure(caption: str = "") -> Block:
    spans = (Span(text=caption),) if caption else ()
    return Block(kind=BlockKind.FIGURE, url="https://figures.example/1.png", spans=spans)


def table(*cells: str) -> Block:
    return Block(kind=BlockKind.TABLE, rows=(tuple((Span(text=cell),) for cell in cells),))


def section(heading: str | None, *blocks: Block) -> Section:
    return Section(depth=1 if heading else 0, number=None, heading=heading, blocks=blocks)


def make_review(*sections: Section, title: str = "Harbour", categories: tuple[str, ...] = ()) -> Review:
    return Review(
        guid="g", link="https://h.example/1", title=title, clean_title=title, categories=categories, sections=sections
    )


def place_in(
    text: IndexText, concepts: Sequence[Concept], weights: dict[Concept, float] | None = None
) -> tuple[int, int] | None:
    """(section, block) of the passage; every concept weighs the same unless told otherwise."""
    found = find_places({7: text}, concepts, weights or dict.fromkeys(concepts, 1.0)).get(7)
    return (found.section, found.block) if found else None


def place(review: Review, query: str, **heavier: float) -> tuple[int, int] | None:
    """(section, block) of the passage for a query; words may be given another weight than 1."""
    concepts = asked(query)
    return place_in(index_review(review).text, concepts, {one: heavier.get(one.text, 1.0) for one in concepts})


# ── lines of the index and blocks of the review ─────────────────────────────────────────────────

HEADINGS = st.sampled_from([None, "Abstract", "초록", "1. Introduction", "Notes", "Wind", "…", "3.2. Results \f\n\v"])
FILLERS = st.sampled_from(
    ["", " ", "\n", "calm\nwater", "\f", "\v", "\x1c", "한가한 오후", "a\n\nb", "…", "é\u0301", "\r\n"]
)


@st.composite
def reviews(draw: st.DrawFn) -> tuple[Review, dict[str, tuple[int, int]]]:
    """A review of all kinds of blocks, some empty, and for each that has text a word that is in it alone."""
    words: dict[str, tuple[int, int]] = {}

    def block(at: tuple[int, int]) -> Block:
        kind = draw(st.sampled_from([*BlockKind]))
        has_word = draw(st.booleans())
        word = f"mark{at[0]}x{at[1]}" if has_word else ""
        before, after = draw(FILLERS), draw(FILLERS)
        if has_word:
            words[word] = at
        if kind is BlockKind.TABLE:
            return Block(kind=kind, rows=(((Span(text=before),), (Span(text=f" {word} "), Span(text=after))), ()))
        spans = (Span(text=before), Span(text=f" {word} ", marks=frozenset((Mark.BOLD,))), Span(text=after))
        return Block(kind=kind, spans=spans if draw(st.booleans()) or has_word else ())

    sections = tuple(
        Section(
            depth=draw(st.integers(1, 3)),
            number=None,
            heading=draw(HEADINGS),
            blocks=tuple(block((number, at)) for at in range(draw(st.integers(0, 4)))),
        )
        for number in range(draw(st.integers(0, 6)))
    )
    return make_review(*sections, categories=("Wind", "and tide")), words


@given(reviews())
def test_the_index_says_of_each_word_in_which_block_it_stands(
    made: tuple[Review, dict[str, tuple[int, int]]],
) -> None:
    """Whatever is empty, and whichever column a section is in: a match in the index is a match in that very block."""
    review, words = made
    for word, (number, at) in words.items():
        assert place(review, word) == (number, at)
        assert word in review.sections[number].blocks[at].text


@given(reviews(), st.sampled_from(["wind", "result", "abstract", "초록", "calm water", "오후 wind", "mark0x0 notes"]))
def test_a_place_is_always_a_block_of_the_review(made: tuple[Review, dict[str, tuple[int, int]]], query: str) -> None:
    """There is something to show wherever the passage is said to be."""
    review, _ = made
    found = place(review, query)
    assert found is None or found[1] < len(review.sections[found[0]].blocks)


def test_a_post_as_it_is_read_has_its_lines_where_its_blocks_are() -> None:
    """The same with the markup of a real post: lists, a figure, code, a plain-text quote."""
    (read,) = read_entries([make_entry(4)])
    lines = [page.split("\n") for page in read.index.text.body.split("\f")]
    for number, one in enumerate(read.review.sections):
        is_abstract = one.heading == "Abstract"
        assert len(lines[number]) == (1 if is_abstract else max(1, len(one.blocks)))
    for query, kind in (("paragraph twice", BlockKind.PARAGRAPH), ("cheaper wrongly", BlockKind.EXCERPT)):
        found = place_in(read.index.text, asked(query))
        assert found
        assert read.review.sections[found[0]].blocks[found[1]].kind is kind


# ── which block ─────────────────────────────────────────────────────────────────────────────────


def test_the_block_with_most_of_what_was_asked_is_shown() -> None:
    """Two common words outdo a rare one: number first."""
    review = make_review(
        section(
            "Notes", paragraph("kelp alone"), paragraph("sand and tide"), paragraph("sand"), paragraph("tide sand")
        )
    )
    assert place(review, "kelp sand tide", kelp=9.0) == (0, 1)


def test_of_blocks_with_as_many_the_weightier_is_shown() -> None:
    review = make_review(section("Notes", paragraph("sand tide"), paragraph("sand kelp"), paragraph("kelp")))
    assert place(review, "sand tide kelp", kelp=2.0) == (0, 1)


def test_running_text_is_shown_before_a_caption_table_or_code() -> None:
    """Where they carry as much; with more of it the caption is shown."""
    code = Block(kind=BlockKind.CODE, spans=(Span(text="kelp = 1"),))
    review = make_review(section("Notes", figure("kelp"), table("kelp"), code), section("End", paragraph("kelp")))
    assert place(review, "kelp") == (1, 0)
    richer = make_review(section("Notes", figure("kelp and sand")), section("End", paragraph("kelp")))
    assert place(richer, "kelp sand") == (0, 0)


def test_of_equal_blocks_the_earliest_is_shown() -> None:
    review = make_review(section(None, paragraph("calm")), section("A", paragraph("kelp"), paragraph("kelp")))
    assert place(review, "kelp") == (1, 0)


def test_a_term_stands_before_its_words_apart() -> None:
    review = make_review(
        section("A", paragraph("retrieval and generation, and retrieval"), paragraph("RAG")),
        section("B", figure("RAG")),
    )
    text = index_review(review).text
    assert place_in(text, (TERM, *TERM_PARTS)) == (0, 1)


def test_the_words_of_a_term_apart_are_shown_where_nothing_else_is() -> None:
    review = make_review(section("A", paragraph("calm")), section("B", paragraph("calm"), paragraph("generation")))
    assert place_in(index_review(review).text, (TERM, *TERM_PARTS)) == (1, 1)


def test_a_heading_outdoes_the_words_of_a_term_apart() -> None:
    review = make_review(section("A", paragraph("generation")), section("About RAG", paragraph("calm")))
    assert place_in(index_review(review).text, (TERM, *TERM_PARTS)) == (1, 0)


def test_where_only_a_heading_has_it_the_block_below_is_shown() -> None:
    review = make_review(
        section(None, paragraph("calm")), section("Kelp forests", paragraph("calm"), paragraph("water"))
    )
    assert place(review, "kelp") == (1, 0)


def test_below_a_heading_without_a_text_of_its_own_the_next_is_shown() -> None:
    """ "3. Kelp" and at once "3.1. Leaves": what stands below both."""
    review = make_review(
        section("Kelp"), Section(depth=2, number=None, heading="Leaves", blocks=(paragraph("green ones"),))
    )
    assert place(review, "kelp") == (1, 0)


def test_a_category_is_no_heading() -> None:
    review = make_review(section("Sand", paragraph("calm")), categories=("Kelp",))
    assert place(review, "kelp") is None


def test_a_review_that_has_it_in_its_title_alone_has_no_passage() -> None:
    review = make_review(section("Sand", paragraph("calm")), title="Kelp")
    assert place(review, "kelp") is None
    assert place(make_review(title="Kelp"), "kelp") is None


def test_each_review_has_its_own_passage() -> None:
    texts = {
        3: index_review(make_review(section("A", paragraph("calm"), paragraph("kelp")))).text,
        5: index_review(make_review(section("A", paragraph("calm")))).text,
        8: index_review(make_review(section("Abstract", paragraph("kelp")), section("A", paragraph("sand")))).text,
    }
    concepts = asked("kelp")
    places = find_places(texts, concepts, dict.fromkeys(concepts, 1.0))
    assert {i: (place.section, place.block) for i, place in places.items()} == {3: (0, 1), 8: (0, 0)}


def test_a_place_says_how_much_of_the_query_stands_in_it() -> None:
    """Of the weight of what was asked, whatever else the review has elsewhere; a heading's is nothing."""
    review = make_review(
        section("Kelp", paragraph("calm")), section("A", paragraph("sand and tide"), paragraph("reef"))
    )
    concepts = asked("sand tide reef kelp")
    weights = dict(zip(concepts, (1.0, 2.0, 1.0, 4.0), strict=True))
    text = index_review(review).text
    assert find_places({1: text}, concepts, weights)[1] == Place(1, 0, share=3 / 8, often=log(2) / 2)
    (kelp,) = asked("kelp")
    assert find_places({1: text}, [kelp], {kelp: 4.0})[1] == Place(0, 0, share=0.0)


# ── excerpts ────────────────────────────────────────────────────────────────────────────────────


def shown(block: Block) -> str:
    """An excerpt with its matches in brackets."""
    return "".join(f"[{s.text}]" if Mark.MATCH in s.marks else s.text for s in block.spans)


def test_matches_are_marked_and_the_authors_marks_stay() -> None:
    block = Block(
        kind=BlockKind.ITEM,
        marker="•",
        spans=(
            Span(text="Green "),
            Span(text="kelp forests", marks=frozenset((Mark.BOLD,)), href="https://k.example/"),
            Span(text=" grow."),
        ),
    )
    cut = excerpt(block, asked("kelp growing"))
    assert shown(cut) == "Green [kelp] forests [grow]."
    assert [(s.text, sorted(s.marks), s.href) for s in cut.spans if s.href] == [
        ("kelp", ["bold", "match"], "https://k.example/"),
        (" forests", ["bold"], "https://k.example/"),
    ]
    assert (cut.kind, cut.marker) == (BlockKind.ITEM, "•")


def test_a_match_across_marks_is_marked_in_each_part() -> None:
    spans = (Span(text="green "), Span(text="ke", marks=frozenset((Mark.ITALIC,))), Span(text="lp list"))
    assert shown(excerpt(Block(kind=BlockKind.PARAGRAPH, spans=spans), asked('"kelp list"'))) == "green [ke][lp list]"


def test_a_korean_word_is_marked_without_its_particle() -> None:
    assert shown(excerpt(paragraph("해초를 심은 해초밭"), asked("해초"))) == "[해초]를 심은 [해초]밭"


def test_the_words_of_a_term_are_marked_where_the_term_is_not_there() -> None:
    concepts = (TERM, *TERM_PARTS)
    assert shown(excerpt(paragraph("retrieval, then generation"), concepts)) == "[retrieval], then [generation]"
    assert shown(excerpt(paragraph("retrieval in RAG"), concepts)) == "retrieval in [RAG]"


def test_a_table_and_a_figure_are_shown_as_text() -> None:
    cut = excerpt(table("kelp", "sand"), asked("sand"))
    assert (cut.kind, shown(cut)) == (BlockKind.PARAGRAPH, "kelp | [sand]")
    cut = excerpt(figure("a forest of kelp"), asked("kelp"))
    assert (cut.kind, cut.url, shown(cut)) == (BlockKind.PARAGRAPH, None, "a forest of [kelp]")


def test_a_long_block_is_cut_at_words_around_its_matches() -> None:
    cut = shown(excerpt(paragraph("alpha " * 200 + "kelp " + "omega " * 200), asked("kelp")))
    assert "[kelp]" in cut
    assert cut.startswith("… alpha")
    assert cut.endswith("omega …")
    assert len(cut) <= PASSAGE_CHARACTERS + 6


def test_a_long_block_is_cut_where_most_of_the_matches_are() -> None:
    text = "kelp " + "alpha " * 200 + "kelp sand kelp " + "omega " * 200
    cut = shown(excerpt(paragraph(text), asked("kelp sand")))
    assert "[kelp] [sand] [kelp]" in cut


def test_a_formula_is_never_cut() -> None:
    formula = "$" + "x + " * 200 + "y$"
    for spans in (
        (Span(text="kelp "), Span(text=formula, marks=frozenset((Mark.MATH,))), Span(text=" end")),
        (Span(text=formula, marks=frozenset((Mark.MATH,))), Span(text=" the kelp " + "omega " * 100)),
    ):
        cut = excerpt(Block(kind=BlockKind.PARAGRAPH, spans=spans), asked("kelp"))
        maths = [span.text for span in cut.spans if Mark.MATH in span.marks]
        assert maths in ([formula], [])
        assert "[kelp]" in shown(cut)


@pytest.mark.parametrize("is_first", [True, False])
def test_nothing_is_said_to_be_cut_that_is_not(is_first: bool) -> None:
    """A formula that reaches over the border is shown whole: then there is nothing behind the ellipsis."""
    formula = Span(text="$" + "x + " * 75 + "y$", marks=frozenset((Mark.MATH,)))
    words = Span(text=" kelp " + " ".join(f"w{n}" for n in range(40)))
    spans = (formula, words) if is_first else (words, formula)
    whole = "".join(span.text for span in spans)
    assert len(whole) > PASSAGE_CHARACTERS
    plain = "".join(span.text for span in excerpt(Block(kind=BlockKind.PARAGRAPH, spans=spans), asked("kelp")).spans)
    inside = plain.removeprefix("… ").removesuffix(" …")
    assert formula.text in inside
    assert plain.startswith("… ") is not whole.startswith(inside)
    assert plain.endswith(" …") is not whole.endswith(inside)


pieces = st.lists(
    st.tuples(
        st.text(alphabet="kelp sand 해초를,.é\n", max_size=150) | st.just("kelp"),
        st.frozensets(st.sampled_from([Mark.BOLD, Mark.CODE, Mark.MATH, Mark.HIGHLIGHT]), max_size=2),
    ),
    max_size=8,
)


def styled(spans: Sequence[Span]) -> list[tuple[str, frozenset[Mark], str | None]]:
    """Each character with its own marks."""
    return [(char, span.marks - {Mark.MATCH}, span.href) for span in spans for char in span.text]


@given(pieces, st.sampled_from(["kelp", "해초", "sand kelp", '"kelp sand"', "e", "zeppelin"]))
def test_an_excerpt_is_a_run_of_the_block_with_its_own_marks(
    made: list[tuple[str, frozenset[Mark]]], query: str
) -> None:
    """Nothing is added but ellipses, no mark is lost or gained but the matches, no formula is taken apart."""
    spans = tuple(Span(text=text, marks=marks) for text, marks in made)
    cut = excerpt(Block(kind=BlockKind.PARAGRAPH, spans=spans), asked(query)).spans
    if cut and cut[0] == Span(text="… "):
        cut = cut[1:]
    if cut and cut[-1] == Span(text=" …"):
        cut = cut[:-1]
    whole, part = styled(spans), styled(cut)
    starts = [at for at in range(len(whole) - len(part) + 1) if whole[at : at + len(part)] == part]
    assert starts
    maths = [span.text for span in spans if Mark.MATH in span.marks and span.text]
    assert all(span.text in maths for span in cut if Mark.MATH in span.marks and span.text)
    running = sum(len(span.text) for span in cut if Mark.MATH not in span.marks)
    assert running <= PASSAGE_CHARACTERS


@given(pieces, st.sampled_from(["kelp", "sand kelp", '"kelp sand"']))
def test_what_is_marked_are_whole_words(made: list[tuple[str, frozenset[Mark]]], query: str) -> None:
    """Emphasis begins and ends at the border of a word, and every match that is shown has it."""
    spans = tuple(Span(text=text, marks=marks - {Mark.MATH}) for text, marks in made)
    text = "".join(span.text for span in spans)
    assume(len(text) <= PASSAGE_CHARACTERS)
    cut = excerpt(Block(kind=BlockKind.PARAGRAPH, spans=spans), asked(query)).spans
    at, runs = 0, []
    for is_match, group in groupby(cut, key=lambda span: Mark.MATCH in span.marks):
        length = sum(len(span.text) for span in group)
        if is_match:
            runs.append((at, at + length))
        at += length
    for start, end in runs:
        assert not text[max(0, start - 1) : start].isalnum() or "가" <= text[start - 1] <= "힣"
        assert not text[end : end + 1].isalnum() or "가" <= text[end] <= "힣"
    assert bool(runs) is any(concept.find(text) for concept in asked(query))


@given(st.text(max_size=900), st.text(max_size=40))
def test_any_block_gives_an_excerpt(text: str, query: str) -> None:
    cut = excerpt(paragraph(text), parse_query(query, Glossary()))
    plain = "".join(span.text for span in cut.spans)
    assert plain.removeprefix("… ").removesuffix(" …") in text
    assert len(plain) <= PASSAGE_CHARACTERS + 4


# ── the opening of a post without an abstract ───────────────────────────────────────────────────

LONG = "gull " * 200


def test_the_opening_of_a_post_without_an_abstract_stands_in_place_of_one() -> None:
    """Up to 600 characters, the block in which they end with it; pictures and code do not count."""
    opening = [paragraph("sand"), figure("reef " * 200), paragraph("g" * 595), paragraph("tide")]
    text = index_review(make_review(section(None, *opening), section("A", paragraph("kelp")))).text
    assert ("tide" in text.abstract, "kelp" in text.abstract) == (True, False)
    assert ("kelp" in text.body, "sand" in text.body) == (True, False)


def test_a_post_with_an_abstract_has_no_opening() -> None:
    review = make_review(section(None, paragraph("sand")), section("Abstract", paragraph("tide")))
    text = index_review(review).text
    assert (text.abstract, text.body) == ("\ftide", "sand\f")


@given(
    st.lists(st.lists(st.sampled_from(["sand", "reef", "—", LONG]), min_size=1, max_size=4), min_size=1, max_size=4)
)
def test_a_block_is_found_where_it_stands_wherever_the_opening_ends(pages: list[list[str]]) -> None:
    """Blocks without words too, and sections of which the opening has a part."""
    review = make_review(*(section(None, *map(paragraph, page)) for page in pages))
    (reef,) = asked("reef")
    first = next(((s, b) for s, page in enumerate(pages) for b, block in enumerate(page) if block == "reef"), None)
    assert place_in(index_review(review).text, [reef]) == first


@pytest.mark.parametrize(
    ("blocks", "is_there"), [(["kelp", LONG], False), (["kelp"] * 5, True), ([LONG, "kelp"], False)]
)
def test_what_an_opening_mentions_is_not_yet_what_a_post_is_on(blocks: list[str], is_there: bool) -> None:
    """An abstract tells what a paper is on. A post's first lines mention much in passing, as its text does."""
    (kelp,) = asked("kelp")
    text = index_review(make_review(section("A", *map(paragraph, blocks)))).text
    assert is_on(text, kelp) == is_there
    assert kelp not in find_standing(text, [kelp]).headed
    assert kelp in find_standing(text, [kelp]).anywhere
