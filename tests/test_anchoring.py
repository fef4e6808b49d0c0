"""Quoted passages: what is kept of them, and where they are found in a later version of their review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from benchmarks.anchors import EDITS, Judged, Verdict, read_reviews, try_edits
from bot.bundled import sample_feed
from bot.models.passages import CONTEXT_CHARACTERS, MAX_CHARACTERS, Anchored, Evidence, Orphaned, Passage
from bot.models.reviews import Block, BlockKind, Section, Span
from bot.search.anchoring import EXCERPT_CHARACTERS, describe_change, find_passage, heading_path, make_passage

Sections = tuple[Section, ...]

ROPES = "The harbour master counts every rope before the ferry leaves."
LAMPS = "등대지기는 저녁마다 기름을 채우고 유리를 닦는다."
HULLS = "Tar and oakum keep the winter out of an old hull."
GULLS = "갈매기 세 마리가 방파제 끝에서 졸고 있었다."
BUOYS = "Nobody remembers who painted the second buoy yellow."
OARS = "노를 젓는 동안 물결은 조용히 뒤로 물러났다."
KNOTS = "A knot that cannot be untied was tied by somebody in a hurry."
SAILS = "돛을 올리기 전에 바람의 방향을 두 번 확인한다."
POOL = (ROPES, LAMPS, HULLS, GULLS, BUOYS, OARS, KNOTS, SAILS)


def block(text: str, kind: BlockKind = BlockKind.PARAGRAPH, *, name: str | None = None) -> Block:
    """A block with a text. The tests follow it through edits by its name, which is no part of its text."""
    return Block(kind=kind, spans=(Span(text=text),), url=name)


def section(heading: str | None, *texts: str, depth: int = 1) -> Section:
    return Section(
        depth=depth if heading is not None else 0, number=None, heading=heading, blocks=tuple(map(block, texts))
    )


def keep(sections: Sequence[Section], position: int, number: int, words: str | None = None) -> Passage:
    """Keep a block, or some words of it."""
    start = sections[position].blocks[number].text.index(words) if words else None
    end = start + len(words) if words and start is not None else None
    return make_passage(sections, position, number, version="v1", start=start, end=end)


def found(sections: Sequence[Section], passage: Passage) -> Anchored:
    place = find_passage(sections, passage)
    assert isinstance(place, Anchored)
    return place


# ── what is kept ────────────────────────────────────────────────────────────────────────────────


def test_a_passage_keeps_its_words_as_written_and_where_they_stand() -> None:
    sections = (section("1. Harbour", HULLS), section("1.1 Light", ROPES, f"{LAMPS}  “{GULLS}” {OARS}", depth=2))
    passage = keep(sections, 1, 1, f"“{GULLS}”")
    assert passage.exact == f"“{GULLS}”"
    assert (passage.prefix, passage.suffix) == (f"ves.\n{LAMPS} "[-32:], f" {OARS}"[:32])
    assert passage.headings == ("1. Harbour", "1.1 Light")
    assert (passage.position, passage.block, passage.version) == (1, 1, "v1")


def test_the_text_around_a_passage_ends_with_its_section() -> None:
    passage = keep((section("Harbour", HULLS), section("Light", LAMPS, OARS), section("Wind", SAILS)), 1, 0)
    assert (passage.prefix, passage.suffix) == ("", f"\n{OARS}")


def test_headings_of_a_section_are_those_above_it_and_its_own() -> None:
    sections = (
        section(None, HULLS),
        section("1", ROPES),
        section("1.1", ROPES, depth=2),
        section("2", ROPES),
        section("2.1.1", ROPES, depth=3),
    )
    paths = [heading_path(sections, position) for position in range(5)]
    assert paths == [(), ("1",), ("1", "1.1"), ("2",), ("2", "2.1.1")]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"{ROPES} " * 6, " ".join([ROPES] * 4)),  # at the end of a sentence
        ("oar " * 100, ("oar " * 75).rstrip()),  # at the end of a word
        ("돛" * 400, "돛" * 300),  # anywhere
        ("-" * 400, "-" * 300),
    ],
)
def test_a_long_passage_is_cut(text: str, kept: str) -> None:
    passage = keep((section("Harbour", text, BUOYS),), 0, 0)
    assert passage.exact == kept
    assert found((section("Harbour", text, BUOYS),), passage).words.startswith(kept)


@pytest.mark.parametrize(
    "quoted",
    [
        block("$$E = mc^2$$", BlockKind.MATH),
        block("for oar in boat:\n    row(oar)", BlockKind.CODE),
        Block(kind=BlockKind.TABLE, rows=(((Span(text="boat"),), (Span(text="oars"),)), ((Span(text="8"),),))),
        block("", BlockKind.PARAGRAPH),
    ],
)
def test_formulas_code_and_tables_are_kept_by_their_text(quoted: Block) -> None:
    sections = (replace(section("Harbour", HULLS), blocks=(block(HULLS), quoted)),)
    if not quoted.text:
        with pytest.raises(ValueError, match="no words"):
            keep(sections, 0, 1)
        return
    place = found(sections, keep(sections, 0, 1))
    assert (place.block, place.words, place.found_by) == (1, quoted.text, Evidence.EXACT)


@pytest.mark.parametrize(
    ("number", "start", "end"), [(1, None, None), (0, 3, 3), (0, 3, 4), (0, 99, None), (7, 0, 1)]
)
def test_a_place_without_words_is_refused(number: int, start: int | None, end: int | None) -> None:
    sections = (section("Harbour", "oar and rope", " \u200b\n"),)
    with pytest.raises(ValueError, match="no words"):
        make_passage(sections, 0, number, version="v1", start=start, end=end)


# ── where it is found ───────────────────────────────────────────────────────────────────────────


def test_a_passage_is_found_in_a_paragraph_that_was_split() -> None:
    before = (section("Harbour", HULLS, f"{ROPES} {BUOYS} {KNOTS}", OARS),)
    after = (section("Harbour", HULLS, ROPES, f"{BUOYS} {KNOTS}", OARS),)
    place = found(after, keep(before, 0, 1, f"{ROPES} {BUOYS}"))
    assert (place.block, place.start, place.last_block, place.end) == (1, 0, 2, len(BUOYS))
    assert (place.words, place.has_changed, place.found_by) == (f"{ROPES}\n{BUOYS}", False, Evidence.EXACT)


def test_a_corrected_passage_is_found_by_what_is_beside_it() -> None:
    before = (section("Harbour", HULLS, ROPES, OARS),)
    new = "The harbour master counts each rope before the ferry leaves."
    place = found((section("Harbour", HULLS, new, OARS),), keep(before, 0, 1))
    assert (place.block, place.words) == (1, new)
    assert (place.found_by, place.has_changed) == (Evidence.CONTEXT, True)


def test_a_corrected_passage_is_found_under_its_heading_where_all_beside_it_is_new() -> None:
    before = (section("1. Harbour", HULLS, ROPES, OARS), section("2. Light", LAMPS))
    new = "The harbour master counts each rope before the ferry leaves."
    after = (section("1. Light", LAMPS), section("2. Harbour", SAILS, new, GULLS))
    place = found(after, keep(before, 0, 1))
    assert (place.position, place.block, place.words, place.found_by) == (1, 1, new, Evidence.NEAR)


def test_similar_words_under_another_heading_are_not_the_passage() -> None:
    before = (section("Harbour", HULLS, ROPES, OARS), section("Light", LAMPS))
    new = "The harbour master counts each rope before the ferry leaves."
    after = (section("Harbour", HULLS, OARS), section("Light", LAMPS, new))
    assert find_passage(after, keep(before, 0, 1)) == Orphaned(words=ROPES)


def test_a_similar_neighbour_is_not_a_deleted_passage() -> None:
    """What was as similar all along cannot be the passage, however similar it is."""
    items = [f"Batch size {size}, three epochs, a learning rate of 1e-4." for size in (16, 32, 64, 128)]
    before = (section("Setup", *items),)
    for number in range(4):
        rest = [item for item in items if item is not items[number]]
        assert find_passage((section("Setup", *rest),), keep(before, 0, number)) == Orphaned(words=items[number])
    for number in range(3):
        more = [f"{item} Really." if item is not items[number] else item for item in items]
        assert found((section("Setup", *more),), keep(before, 0, number)).block == number


def test_equal_passages_are_told_apart_by_what_is_beside_them() -> None:
    before = (section("Harbour", HULLS, ROPES, OARS), section("Light", LAMPS, ROPES, GULLS))
    after = (section("Wind", SAILS), section("Light", LAMPS, ROPES, GULLS), section("Harbour", HULLS, ROPES, OARS))
    assert found(after, keep(before, 0, 1)).position == 2
    assert found(after, keep(before, 1, 1)).position == 1


def test_of_equal_passages_the_other_one_is_not_taken_for_a_deleted_one() -> None:
    before = (section("Harbour", HULLS, ROPES, OARS), section("Light", LAMPS, ROPES, GULLS))
    after = (section("Harbour", HULLS, OARS), section("Light", LAMPS, ROPES, GULLS))
    assert find_passage(after, keep(before, 0, 1)) == Orphaned(words=ROPES)
    assert found(after, keep(before, 1, 1)).position == 1


def test_equal_passages_between_equal_neighbours_are_orphaned_once_they_have_moved() -> None:
    pairs = (LAMPS, ROPES) * 5
    before = (section("Harbour", *pairs, HULLS),)
    passage = keep(before, 0, 5)
    assert found(before, passage).block == 5
    assert isinstance(find_passage((section("Harbour", SAILS, *pairs, HULLS, OARS),), passage), Orphaned)


def test_short_words_elsewhere_are_not_a_deleted_passage() -> None:
    before = (section("Harbour", "Method", ROPES, OARS), section("Light", LAMPS))
    after = (section("Harbour", ROPES, OARS), section("Light", LAMPS, "Our Method is to wait."))
    assert isinstance(find_passage(after, keep(before, 0, 0)), Orphaned)


def test_words_within_a_longer_word_are_not_the_passage() -> None:
    before = (section("Harbour", "oar", ROPES), section("Light", LAMPS))
    assert isinstance(find_passage((section("Harbour", ROPES, "aboard"),), keep(before, 0, 0)), Orphaned)
    part = make_passage(before, 0, 1, version="v1", start=4, end=8)
    assert (part.exact, found(before, part).start) == ("harb", 4)


def test_a_passage_that_gave_way_to_other_words_is_orphaned() -> None:
    before = (section("Harbour", HULLS, ROPES, OARS),)
    assert find_passage((section("Harbour", HULLS, KNOTS, OARS),), keep(before, 0, 1)) == Orphaned(words=ROPES)
    assert find_passage((), keep(before, 0, 1)) == Orphaned(words=ROPES)


@pytest.mark.parametrize(
    ("before", "after", "has_changed"),
    [
        ("“Ropes” — and oars...", '"Ropes" - and  oars…', False),
        ("Ropes, and oars for the boat", "Ropes and oars for the Boat", False),
        ("Ropes and oars for the boat", "Ropes and sails for the boat", True),
        ("The loss of the boat is 3.5 at most", "The loss of the boat is 35 at most", True),
        ("The loss of the boat is -3 at most", "The loss of the boat is 3 at most", True),
        ("The loss of the boat: $x < 1$ in all", "The loss of the boat: $x > 1$ in all", True),
        ("Only 10% of all the boats were lost", "Only 10 of all the boats were lost", True),
    ],
)
def test_words_have_changed_where_a_reader_sees_it(before: str, after: str, has_changed: bool) -> None:
    place = found((section("Harbour", HULLS, after, OARS),), keep((section("Harbour", HULLS, before, OARS),), 0, 1))
    assert (place.words, place.has_changed) == (after, has_changed)


# ── what holds for any text ─────────────────────────────────────────────────────────────────────

ANY_TEXT = (
    st.text(max_size=60)
    | st.sampled_from(POOL)
    | st.sampled_from(["a", "a a", "돛", "- -", "x\u0301"])
    | st.text(st.sampled_from("ab .\n"), max_size=400)
)
HEADINGS = st.none() | st.sampled_from(["1. Harbour", "2 Harbour", "Light", "…"]) | st.text(max_size=5)
ANY_SECTIONS = st.lists(
    st.builds(
        lambda heading, texts, depth: section(heading, *texts, depth=depth),
        HEADINGS, st.lists(ANY_TEXT, max_size=5), st.integers(1, 3),
    ),
    min_size=1, max_size=4,
).map(tuple)  # fmt: skip


def passages_of(sections: Sections) -> list[Passage]:
    """Every block that has words."""
    kept = []
    for position, one in enumerate(sections):
        for number in range(len(one.blocks)):
            try:
                kept.append(make_passage(sections, position, number, version="v1"))
            except ValueError:
                continue
    return kept


@given(ANY_SECTIONS)
def test_an_unchanged_review_has_every_passage_in_its_place(sections: Sections) -> None:
    """Also if the same words stand there several times, and whatever characters they have."""
    for passage in passages_of(sections):
        assert len(passage.exact) <= MAX_CHARACTERS
        assert max(len(passage.prefix), len(passage.suffix)) <= CONTEXT_CHARACTERS
        place = found(sections, passage)
        assert (place.position, place.block, place.last_block) == (passage.position, passage.block, passage.block)
        assert (place.words, place.has_changed, place.found_by) == (passage.exact, False, Evidence.EXACT)
        assert sections[place.position].blocks[place.block].text[place.start : place.end] == passage.exact


@given(ANY_SECTIONS, st.data())
def test_any_part_of_a_block_is_found_in_an_unchanged_review(sections: Sections, data: st.DataObject) -> None:
    blocks = [(p, b) for p, one in enumerate(sections) for b in range(len(one.blocks))]
    assume(blocks)
    position, number = data.draw(st.sampled_from(blocks))
    length = len(sections[position].blocks[number].text)
    start, end = sorted((data.draw(st.integers(0, length)), data.draw(st.integers(0, length))))
    try:
        passage = make_passage(sections, position, number, version="v1", start=start, end=end)
    except ValueError:
        return
    assert len(passage.exact) <= MAX_CHARACTERS
    place = found(sections, passage)
    assert (place.position, place.block, place.words) == (position, number, passage.exact)


@given(ANY_SECTIONS, ANY_SECTIONS)
def test_a_place_in_another_review_is_one_that_exists(before: Sections, after: Sections) -> None:
    """Whatever has become of the review: a place is within it, and its words are those that stand there."""
    for passage in passages_of(before):
        place = find_passage(after, passage)
        if isinstance(place, Orphaned):
            assert place.words == passage.exact
            continue
        blocks = after[place.position].blocks
        assert 0 <= place.block <= place.last_block < len(blocks)
        assert blocks[place.block].text[place.start :].startswith(place.words.partition("\n")[0])
        if place.block == place.last_block:
            assert blocks[place.block].text[place.start : place.end] == place.words
        if place.found_by is Evidence.EXACT:
            assert not place.has_changed


# ── what other edits do to a passage ────────────────────────────────────────────────────────────


@st.composite
def edited_reviews(draw: st.DrawFn, *, with_copies: bool) -> tuple[Sections, str, Sections]:
    """A review, the name of the block that is quoted, and the review after edits of all but this block.

    Args:
        with_copies: Whether sentences may stand in it several times.
    """
    count = draw(st.integers(2, 6))
    sentences = st.sampled_from(POOL[:3] if with_copies else POOL)
    texts = draw(st.lists(sentences, min_size=count, max_size=count, unique=not with_copies))
    named = [block(text, name=str(number)) for number, text in enumerate(texts)]
    cut = draw(st.integers(0, count))
    before = [
        replace(section("1. Harbour"), blocks=tuple(named[:cut])),
        replace(section("2. Light"), blocks=tuple(named[cut:])),
    ]
    name = str(draw(st.integers(0, count - 1)))
    after = [list(one.blocks) for one in before]
    headings = ["1. Harbour", "2. Light"]
    new = [text for text in POOL if text not in texts] or list(POOL)
    for step in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(after) - 1))
        match draw(st.sampled_from(["insert", "delete", "rename", "add section", "move section", "delete section"])):
            case "insert":
                text = draw(sentences) if with_copies else new[step % len(new)]
                after[at].insert(draw(st.integers(0, len(after[at]))), block(text, name=f"new {step}"))
            case "delete" if after[at] and (number := draw(st.integers(0, len(after[at]) - 1))) >= 0:
                if after[at][number].url != name:
                    del after[at][number]
            case "rename":
                headings[at] = f"{step}. Of Wind"
            case "add section":
                after.insert(
                    at,
                    [
                        block(
                            draw(sentences) if with_copies else f"Of {step + 2} knots in one old rope.",
                            name=f"new {step}",
                        )
                    ],
                )
                headings.insert(at, "Of Knots")
            case "move section":
                to = draw(st.integers(0, len(after) - 1))
                after.insert(to, after.pop(at))
                headings.insert(to, headings.pop(at))
            case "delete section" if all(one.url != name for one in after[at]):
                del after[at], headings[at]
    pairs = zip(headings, after, strict=True)
    return tuple(before), name, tuple(replace(section(heading), blocks=tuple(blocks)) for heading, blocks in pairs)


def place_of(sections: Sections, name: str) -> tuple[int, int]:
    return next((p, b) for p, one in enumerate(sections) for b, found in enumerate(one.blocks) if found.url == name)


@given(edited_reviews(with_copies=False))
def test_edits_of_other_blocks_never_move_a_passage(edited: tuple[Sections, str, Sections]) -> None:
    before, name, after = edited
    place = found(after, keep(before, *place_of(before, name)))
    assert (place.position, place.block) == place_of(after, name)
    assert (place.found_by, place.has_changed) == (Evidence.EXACT, False)


@given(edited_reviews(with_copies=False))
def test_a_deleted_passage_is_orphaned_whatever_else_was_edited(edited: tuple[Sections, str, Sections]) -> None:
    before, name, after = edited
    passage = keep(before, *place_of(before, name))
    without = tuple(replace(one, blocks=tuple(other for other in one.blocks if other.url != name)) for one in after)
    assert find_passage(without, passage) == Orphaned(words=passage.exact)


@given(edited_reviews(with_copies=True))
def test_copies_are_never_taken_for_the_passage(edited: tuple[Sections, str, Sections]) -> None:
    """Except where nothing distinguishes them: the copy stands beside the passage, or between the same text as the
    passage did before and does no longer."""
    before, name, after = edited
    passage = keep(before, *place_of(before, name))
    place = find_passage(after, passage)
    position, number = place_of(after, name)
    if isinstance(place, Orphaned) or (place.position, place.block) == (position, number):
        return
    first, last = sorted((place.block, number))
    beside = {one.text for one in after[position].blocks[first : last + 1]} if place.position == position else set()
    copy = make_passage(after, place.position, place.block, version="v2")
    original = make_passage(after, position, number, version="v2")
    around, around_copy, around_original = ((one.prefix, one.suffix) for one in (passage, copy, original))
    assert beside == {passage.exact} or around_original != around == around_copy


# ── scripted edits of whole reviews ─────────────────────────────────────────────────────────────


def assert_right(judged: Sequence[Judged]) -> None:
    """At least 98 % of the answers are right, and none names a wrong place."""
    wrong = [(one.edit, one.passage, one.found) for one in judged if one.verdict is Verdict.WRONG]
    assert wrong == []
    right = sum(one.verdict is Verdict.RIGHT for one in judged)
    assert right >= 0.98 * len(judged), Counter(one.edit for one in judged if one.verdict is not Verdict.RIGHT)


def test_passages_of_the_sample_feed_are_found_after_every_edit() -> None:
    judged = list(try_edits(read_reviews(sample_feed().read_bytes()), seed=11, passages=3))
    assert {one.edit for one in judged} == set(EDITS)
    assert_right(judged)


def test_passages_of_the_main_feed_are_found_after_edits(main_feed: bytes) -> None:
    judged = list(try_edits(read_reviews(main_feed), seed=12, passages=2, edits=8))
    assert len(judged) > 500
    assert_right(judged)


# ── what has changed ────────────────────────────────────────────────────────────────────────────


def test_a_short_passage_is_shown_whole_before_and_after() -> None:
    assert describe_change("the  first\nrope", "the second rope") == ("the first rope", "the second rope")


def test_a_long_passage_is_cut_around_its_first_change() -> None:
    old, new = describe_change(f"{ROPES} {HULLS} {BUOYS} {KNOTS}", f"{ROPES} {HULLS} Everybody remembers it. {KNOTS}")
    assert old.startswith("…")
    assert "Nobody remembers who" in old
    assert "Everybody remembers it" in new
    assert ROPES not in old
    assert old[:20] == new[:20]


@given(st.text(max_size=700), st.text(max_size=300), st.text(max_size=300))
@example("oar " * 100, "", "rope")
def test_excerpts_are_short_lines_that_show_a_difference(same: str, old: str, new: str) -> None:
    before, after = same + old, same + new
    excerpts = describe_change(before, after)
    assert max(map(len, excerpts)) <= EXCERPT_CHARACTERS
    assert all("\n" not in excerpt for excerpt in excerpts)
    if " ".join(before.split()) != " ".join(after.split()):
        assert excerpts[0] != excerpts[1]


def test_the_same_seed_tries_the_same_edits() -> None:
    """So that a fault that was seen can be seen again."""
    reviews = read_reviews(sample_feed().read_bytes())[:2]
    first, second = ([(one.edit, one.found) for one in try_edits(reviews, seed=3, passages=2)] for _ in range(2))
    assert first == second
