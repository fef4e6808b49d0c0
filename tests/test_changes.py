"""What is told of a review's new version, and what is nobody's business."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models.reviews import Block, BlockKind, Mark, Review, Section, Span
from bot.reading.changes import Changes, compare, describe, fingerprints, untold
from bot.text.terms import squash

LONG = (
    "질문을 먼저 작은 질문들로 나누는 방법을 제안한다. Reading twice is cheaper than reading wrongly, it says. " * 2
)


def make(*sections: tuple[str | None, str], title: str = "Lantern: Reading Twice", **facts: object) -> Review:
    values: dict[str, object] = {
        "guid": "g", "link": "https://one.test/1", "title": title, "clean_title": title,
        "sections": tuple(make_section(heading, text) for heading, text in sections),
    }  # fmt: skip
    return Review(**(values | facts))  # type: ignore[arg-type]


def make_section(heading: str | None, text: str) -> Section:
    blocks = (Block(kind=BlockKind.PARAGRAPH, spans=(Span(text=text),)),)
    return Section(depth=1 if heading is not None else 0, number=None, heading=heading, blocks=blocks)


BASE = make((None, "Mina Oh"), ("Abstract", LONG), ("1. Method", "Two steps."), ("2. Results", "It works."))


# ── what is compared ────────────────────────────────────────────────────────────────────────────


def test_new_changed_and_gone_sections_go_by_their_headings_as_written() -> None:
    after = make(
        (None, "Mina Oh and Alex Reed"), ("ABSTRACT", LONG + "More."), ("1. Method", "Two steps."), ("3 Limits", "X.")
    )
    assert compare(BASE, after) == Changes(
        new=("3 Limits",), changed=("the opening", "ABSTRACT"), gone=("2. Results",)
    )


def test_a_section_under_another_heading_has_changed() -> None:
    after = replace(BASE, sections=(*BASE.sections[:3], make_section("2. Findings", "It works.")))
    assert compare(BASE, after) == Changes(changed=("2. Findings",))


def test_repeated_headings_are_told_apart_by_their_texts() -> None:
    before = make(("Example", "one"), ("Method", "m"), ("Example", "two"))
    after = make(("Example", "zero"), ("Example", "one"), ("Method", "m"), ("Example", "two"))
    assert compare(before, after) == Changes(new=("Example",))
    assert compare(after, before) == Changes(gone=("Example",))


def test_sections_after_an_inserted_one_are_not_told_for_their_new_numbers() -> None:
    after = make(
        (None, "Mina Oh"),
        ("Abstract", LONG),
        ("1. Background", "Old."),
        ("2. Method", "Two steps."),
        ("3. Results", "It works."),
    )
    changes = compare(BASE, after)
    assert changes.new == ("1. Background",)
    assert not changes.changed
    assert not changes.gone


def test_another_order_or_number_is_noticed() -> None:
    moved = replace(BASE, sections=(*BASE.sections[:2], BASE.sections[3], BASE.sections[2]))
    numbered = replace(BASE, sections=(*BASE.sections[:3], make_section("3. Results", "It works.")))
    for after in (moved, numbered):
        assert compare(BASE, after) == Changes(is_reordered=True)
        assert fingerprints(after).content != fingerprints(BASE).content


@pytest.mark.parametrize("facts", [{"venue": "ICLR"}, {"year": 2024}, {"authors": ("Mina Oh",)}])
def test_other_facts_are_noticed(facts: dict[str, object]) -> None:
    after = replace(BASE, **facts)  # type: ignore[arg-type]
    assert compare(BASE, after) == Changes(has_new_facts=True)


def test_another_title_is_noticed() -> None:
    after = replace(BASE, title="Lantern: Reading Thrice")
    assert compare(BASE, after) == Changes(is_retitled=True)
    assert fingerprints(after).content != fingerprints(BASE).content


# ── what is cosmetic ────────────────────────────────────────────────────────────────────────────


def test_form_is_cosmetic() -> None:
    """Marks, images, trackers, dashes, full-width letters and case are not what a review says."""
    before = make(
        (None, "See https://a.test/p?id=3&utm_source=rss&utm_medium=feed for more."),
        ("2. Self-RAG", LONG),
        title="A “B”: c",
    )
    spans = (Span(text=LONG[:20].upper(), marks=frozenset({Mark.BOLD})), Span(text=LONG[20:], href="https://x.test"))
    figure = Block(kind=BlockKind.FIGURE, url="https://cdn.test/2.png")
    after = make((None, "See https://a.test/p?id=3 for   more!"), ("x", ""), title='ａ "B" — C')
    section = Section(
        depth=2, number="2", heading="2 SELF RAG", blocks=(Block(kind=BlockKind.QUOTE, spans=spans), figure)
    )
    after = replace(after, sections=(after.sections[0], section), venue=None)
    assert compare(before, after).is_cosmetic
    assert fingerprints(before).content == fingerprints(after).content


def test_a_tracker_is_dropped_and_another_parameter_is_not() -> None:
    before = make(("A", LONG + "https://a.test/?utm_campaign=spring&page=1"))
    assert compare(before, make(("A", LONG + "https://a.test/?page=1"))).is_cosmetic
    assert compare(before, make(("A", LONG + "https://a.test/?page=2"))).changed == ("A",)


TEXTS = st.text(st.sampled_from("abcXYZé한국어12 .-\n"), max_size=30)
REVIEWS = st.builds(
    lambda sections, title: make(*sections, title=title),
    st.lists(st.tuples(st.none() | st.sampled_from(["", "…", "1. A", "2. A", "A", "B b", "3"]), TEXTS), max_size=6),
    TEXTS,
)


@given(REVIEWS, st.randoms(use_true_random=False))
def test_versions_that_differ_in_form_have_one_fingerprint(review: Review, chance: object) -> None:
    after = replace(
        review,
        title=_reform(review.title, chance),
        sections=tuple(_reform_section(s, chance) for s in review.sections),
    )
    assert compare(review, after).is_cosmetic
    assert fingerprints(after).content == fingerprints(review).content


def _reform_section(section: Section, chance: object) -> Section:
    heading = section.heading if section.heading is None else _reform(section.heading, chance)
    return make_section(heading, _reform(section.text, chance))


def _reform(text: str, chance: object) -> str:
    """The same letters and digits, otherwise written."""
    choose = chance.choice  # type: ignore[attr-defined]
    return "".join(choose((c.upper(), c.lower())) + choose(("", " ", "-", "。")) for c in text if c.isalnum())


@given(REVIEWS, REVIEWS)
def test_fingerprints_are_equal_exactly_where_the_change_is_cosmetic(before: Review, after: Review) -> None:
    changes = compare(before, after)
    assert (fingerprints(before).content == fingerprints(after).content) is changes.is_cosmetic


@given(REVIEWS, REVIEWS)
def test_backwards_what_is_new_is_gone(before: Review, after: Review) -> None:
    there, back = compare(before, after), compare(after, before)
    assert len(there.new) == len(back.gone)
    assert len(there.changed) == len(back.changed)
    assert there.is_cosmetic is back.is_cosmetic


def test_the_opening_and_a_heading_of_ornaments_are_told_apart() -> None:
    assert compare(make((None, "one")), make((None, "two"))).changed == ("the opening",)
    assert compare(make(("…", "one")), make(("…", "two"))).changed == ("…",)
    assert compare(make((None, LONG)), make(("…", LONG))).changed == ("…",)
    assert fingerprints(make((None, LONG))).content != fingerprints(make(("…", LONG))).content


def test_a_section_without_a_letter_is_no_section() -> None:
    assert compare(make(("A", LONG)), make(("A", LONG), ("…", ""), (None, "—"))).is_cosmetic
    assert compare(make(("A", LONG)), make(("A", LONG), ("B", ""))).new == ("B",)
    assert compare(make(("A", LONG)), make(("A", LONG), (None, "b"))).new == ("the opening",)


def test_what_a_page_counts_by_itself_is_no_change() -> None:
    before = make(("A", LONG + " Views: 1,204 · 3 days ago · 조회 12회"))
    assert compare(before, make(("A", LONG + " VIEWS: 1,311 · 1 Week Ago · 조회 99회"))).is_cosmetic
    assert compare(before, make(("A", LONG + " Views: 1,204 · 3 days ago · 조회 12회 · 7"))).changed == ("A",)


@pytest.mark.parametrize(("letters", "is_telling"), [(79, False), (80, True)])
def test_a_text_tells_by_itself_from_eighty_letters(letters: int, is_telling: bool) -> None:
    review = make(("A", "가" * letters))
    there = fingerprints(replace(review, link="https://two.test/1")).content
    assert (fingerprints(review).content == there) == is_telling
    assert len(there) == 32


def test_short_texts_are_told_apart_by_their_address() -> None:
    one = make(("Hello", "What are you reading?"), title="Open thread")
    two = replace(one, link="https://one.test/2")
    assert fingerprints(one).content != fingerprints(two).content
    assert fingerprints(one).content == fingerprints(replace(one, link="http://www.one.test/1/?utm_source=x")).content
    assert fingerprints(BASE).content == fingerprints(replace(BASE, link="https://elsewhere.test")).content


def test_a_fingerprint_is_what_databases_hold() -> None:
    """Another one would know no post again that has left its feed, until its stored entry was read anew."""
    told = [squash(BASE.title), "", "minaoh", "abstract", squash(LONG), "1method", "twosteps", "2results", "itworks"]
    assert fingerprints(BASE).content == hashlib.sha256("\0".join(told).encode()).hexdigest()[:32]
    short = make((None, "Hello"), title="Open thread")
    told = ["openthread", "", "hello", "https://one.test/1"]
    assert fingerprints(short).content == hashlib.sha256("\0".join(told).encode()).hexdigest()[:32]


def test_a_text_is_itself_whatever_it_is_called() -> None:
    there = fingerprints(replace(BASE, title="Another title", link="https://elsewhere.test", guid="h")).text
    assert there == fingerprints(BASE).text != ""
    assert fingerprints(make(("Abstract", LONG + "More."))).text != fingerprints(make(("Abstract", LONG))).text
    assert fingerprints(replace(BASE, title="Another title")).content != fingerprints(BASE).content


@pytest.mark.parametrize(("letters", "is_telling"), [(79, False), (80, True)])
def test_a_short_text_is_no_identity(letters: int, is_telling: bool) -> None:
    assert (fingerprints(make(("A", "가" * letters))).text != "") == is_telling


# ── in words ────────────────────────────────────────────────────────────────────────────────────


def test_changes_are_one_sentence() -> None:
    changes = Changes(new=("4.3 Limits",), changed=("Abstract", "2. Method"), gone=("Appendix",), is_reordered=True)
    assert describe(changes) == (
        "The review was revised: new: 4.3 Limits; changed: Abstract, 2. Method; gone: Appendix."
    )
    assert describe(Changes(is_retitled=True, has_new_facts=True)) == (
        "The review was revised: another title; other venue, year or authors."
    )
    assert describe(Changes(is_reordered=True)) == (
        "The review was revised: sections in another order, or under other numbers."
    )
    assert describe(Changes()) == "Only the form of the review was changed."


def test_a_heading_of_several_sections_is_named_once() -> None:
    """Cut at a hundred characters, they may be the same, too."""
    changes = Changes(new=("Correction", "Data", "Correction"), gone=("x" * 101 + "1", "x" * 101 + "2"))
    assert describe(changes) == f"The review was revised: new: Correction, Data; gone: {'x' * 99}…."
    assert describe(Changes(new=("A",) * 9), limit=42) == "The review was revised: new: A."


def test_at_most_eight_headings_of_a_kind_are_named() -> None:
    changes = Changes(new=tuple(f"H{n}" for n in range(11)))
    assert describe(changes) == "The review was revised: new: H0, H1, H2, H3, H4, H5, H6, H7 and 3 more."
    assert describe(changes, limit=60) == "The review was revised: new: H0, H1, H2, H3, H4 and 6 more."
    assert describe(changes, limit=42) == "The review was revised: new: 11 sections."


def test_fewer_headings_are_named_one_by_one_and_at_last_the_line_is_cut() -> None:
    changes = Changes(new=tuple(f"H{n}" for n in range(11)))
    for named in range(1, 9):
        line = describe(changes, limit=len("The review was revised: new: .") + 4 * named + len(" and 10 more") - 2)
        assert line.count("H") >= named
    assert describe(changes, limit=36) == "The review was revised: new: 11 sec…"
    assert (describe(changes, limit=1), describe(changes, limit=0)) == ("…", "")


def test_what_is_told_first_is_title_then_facts_then_sections() -> None:
    changes = Changes(new=("A",), is_retitled=True, has_new_facts=True)
    assert describe(changes) == ("The review was revised: another title; other venue, year or authors; new: A.")


def test_a_heading_of_a_hundred_characters_is_named_whole() -> None:
    assert f"new: {'x' * 100}." in describe(Changes(new=("x" * 100,)))
    assert f"new: {'x' * 99}…." in describe(Changes(new=("x" * 101,)))


HEADINGS = st.lists(st.text(max_size=300), max_size=20).map(tuple)


@given(
    st.builds(Changes, new=HEADINGS, changed=HEADINGS, gone=HEADINGS, is_retitled=st.booleans()),
    st.integers(0, 2000),
)
def test_a_description_is_one_line_within_its_limit(changes: Changes, limit: int) -> None:
    line = describe(changes, limit=limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1


HEADINGS = st.lists(st.text("ab,; :.가", min_size=1, max_size=8).filter(squash), max_size=4).map(tuple)


def test_what_others_told_is_left_out() -> None:
    line = describe(Changes(is_retitled=True, new=("4. Limits", "5. Data"), changed=("Abstract",)))
    told = ["The review was revised: new: 4\\. Limits\\.", "The review was revised: changed: Method."]
    assert untold(line, told) == "The review was revised: another title; new: 5. Data; changed: Abstract."
    assert untold(line, []) == line
    assert untold(line, [*told, line]) is None


@given(HEADINGS, HEADINGS, HEADINGS)
def test_nothing_is_left_of_what_was_told_and_all_of_what_was_not(
    new: tuple[str, ...], changed: tuple[str, ...], other: tuple[str, ...]
) -> None:
    both = Changes(new=new, changed=changed)
    assert untold(describe(both), [describe(Changes(new=new)), describe(Changes(changed=changed))]) is None
    left = untold(describe(both), [describe(Changes(gone=("Nobody's", *other)))])
    assert left
    assert squash(left) == squash(describe(both))
