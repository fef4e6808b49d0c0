"""Which two reviews are about one paper, and why: a table of made-up papers, and what holds for any two."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reviews.same_paper import PaperFacts, contested, telling_titles, why_same
from bot.text.author_names import share_author
from bot.text.titles import has_whole_title

LONG = "Heron: Wading Through Shallow Harbour Charts"
ARXIV, OTHER_ARXIV = "arxiv:2401.00007", "arxiv:2401.00008"


def facts(title: str = LONG, *, review_id: int = 1, feed_id: int = 1, keys: str = "", **more: Any) -> PaperFacts:
    return PaperFacts(
        review_id=review_id, feed_id=feed_id, titles=(title,), identifiers=frozenset(keys.split()), **more
    )


def pair(one: dict[str, Any], other: dict[str, Any]) -> tuple[PaperFacts, PaperFacts]:
    """Two reviews, of two blogs unless they say otherwise."""
    return facts(**one), facts(**{"review_id": 2, "feed_id": 2, **other})


HERE: dict[str, Any] = {"keys": ARXIV}
BY_AUTHOR: dict[str, Any] = {"authors": ("Ada Example", "Bo Sample")}


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (HERE, HERE, ARXIV),
        (HERE, {"keys": f"doi:10.1/x {ARXIV}"}, ARXIV),
        ({"keys": "doi:10.1/x"}, {"keys": "doi:10.1/x"}, "doi:10.1/x"),
        ({"keys": "openreview:aBc123"}, {"keys": "openreview:aBc123"}, "openreview:aBc123"),
        (HERE, {**HERE, "title": "HERON 논문 리뷰"}, ARXIV),
        ({**HERE, **BY_AUTHOR}, {**HERE, **BY_AUTHOR, "title": "얕은 항구의 해도"}, ARXIV),
        ({**HERE, "names": frozenset({"heron"})}, {**HERE, "names": frozenset({"heron"}), "title": "해도"}, ARXIV),
        ({"title": "Heron Charts (1)", **HERE}, {"title": "Heron Charts (2)", "feed_id": 1, **HERE}, ARXIV),
        # A doubtful header is believed where one title stands whole in the other.
        ({**HERE, "is_doubtful": True}, HERE, ARXIV),
        (BY_AUTHOR, {"authors": ("Example, Ada",)}, "title and author"),
        (BY_AUTHOR, {"authors": ("A. Example",)}, "title and author"),
        ({**BY_AUTHOR, "year": 2023}, {**BY_AUTHOR, "year": 2024}, "title and author"),
        (BY_AUTHOR, {**BY_AUTHOR, "feed_id": 1}, "title and author"),
        ({"title": LONG.upper()}, {"title": f"12. {LONG} (2023)", **BY_AUTHOR, "authors": ()}, None),
        ({"title": LONG.upper(), "year": 2024}, {"title": f"12. {LONG} (2024)", "year": 2024}, "title and year"),
        # The year of the preprint that one of them links.
        ({"year": 2024}, HERE, "title and year"),
        ({"keys": "acl:2024.test-main.1", "year": 2024}, {"year": 2024}, "title and year"),
    ],
)
def test_one_paper(one: dict[str, Any], other: dict[str, Any], why: str | None) -> None:
    """By an identifier or, if something else agrees, by the title; the row says which."""
    a, b = pair(one, other)
    assert why_same(a, b) == why
    assert why_same(b, a) == why


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # An identifier alone: a blog's header may be that of another paper.
        ({**HERE, "title": "GLIDE: Reading While Writing"}, {**HERE, "title": "MK-SAIL: Many Kinds of Sea Words"}),
        ({**HERE, **BY_AUTHOR}, {**HERE, "authors": ("Cy Other",), "title": "해도"}),
        ({**HERE, **BY_AUTHOR}, {**HERE, **BY_AUTHOR, "title": "해도", "feed_id": 1}),
        ({**HERE, **BY_AUTHOR, "is_doubtful": True}, {**HERE, **BY_AUTHOR, "title": "해도"}),
        ({"title": "One-Shot Wading", **HERE}, {"title": "One-Shot Charts for Wading Herons", "feed_id": 1, **HERE}),
        # A list of papers is not a review of its first one.
        ({**HERE, "is_digest": True}, HERE),
        # A title alone, or with facts that contradict.
        ({}, {}),
        ({"year": 2023}, {"year": 2024}),
        ({**BY_AUTHOR, "year": 2021}, {**BY_AUTHOR, "year": 2023}),
        ({**BY_AUTHOR, "year": 2024}, {"authors": ("Cy Other",), "year": 2024}),
        ({**HERE, **BY_AUTHOR}, {"keys": OTHER_ARXIV, **BY_AUTHOR}),
        ({"year": 2024}, {"year": 2024, "feed_id": 1}),
        # Titles that many papers could have.
        ({"title": "Heron", **BY_AUTHOR}, {"title": "Heron", **BY_AUTHOR}),
        ({"title": "A Survey of Language Models", **BY_AUTHOR},) * 2,
        ({"title": "논문 리뷰 정리", "year": 2024}, {"title": "논문 리뷰 정리", "year": 2024}),
        # Parts of a series.
        ({"title": f"{LONG} (1)", **BY_AUTHOR}, {"title": f"{LONG} (2)", **BY_AUTHOR, "feed_id": 1}),
        ({"title": f"{LONG} (1)", **BY_AUTHOR}, {"title": f"{LONG} (1)", **BY_AUTHOR}),
    ],
)  # fmt: skip
def test_two_papers(one: dict[str, Any], other: dict[str, Any]) -> None:
    """A wrong join costs more trust than a missing one."""
    a, b = pair(one, other)
    assert why_same(a, b) is None
    assert why_same(b, a) is None


def test_an_identifier_that_a_blog_copied_joins_by_the_title_alone() -> None:
    """One of the first blog's posts has another's header; which, only the titles can say."""
    right = facts(**HERE, **BY_AUTHOR)
    copied = facts("Kettle: Boiling Tea in Deep Water", review_id=2, **HERE, **BY_AUTHOR)
    other = facts("얕은 항구의 해도", review_id=3, feed_id=2, **HERE, **BY_AUTHOR)
    same_title = facts(review_id=4, feed_id=2, **HERE)
    assert why_same(right, other) == ARXIV
    disputed = contested([right, copied, other])
    assert disputed == {(1, ARXIV)}
    assert why_same(right, other, disputed) is None
    assert why_same(copied, other, disputed) is None
    assert why_same(right, same_title, disputed) == ARXIV
    assert not contested([right, replace(copied, is_doubtful=True), other])


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (["Ada Example"], ["Example, Ada"], True),
        (["A. Example"], ["Ada Example"], True),
        (["Ada B. Example"], ["Ada Example"], True),
        (["Søren Brødre"], ["Soren Brodre"], True),
        (["Ada Example1*", "Bo Sample"], ["Ada Example"], True),
        (["Ada Example"], ["Bo Example"], False),
        (["Ada Example"], ["Anna Example"], False),
        (["Ada Example"], ["A"], False),
        (["Example"], ["Ada Example"], False),
        ([], [], False),
    ],
)
def test_one_author_in_several_spellings(one: list[str], other: list[str], is_same: bool) -> None:
    assert share_author(one, other) is is_same
    assert share_author(other, one) is is_same


@pytest.mark.parametrize(
    ("one", "other", "is_whole"),
    [
        ("Heron", "Heron: Wading Through Shallow Charts", True),
        ("HERON 논문 리뷰", "Heron (2024)", True),
        ("Wading Through Shallow Charts", LONG.replace("Harbour ", ""), True),
        ("Heron", "Self-Heron: Wading Alone", False),
        ("One-Shot Wading", "One-Shot Charts for Wading", False),
        ("논문 리뷰", "논문 리뷰: Heron", False),
    ],
)
def test_a_title_stands_whole_in_another(one: str, other: str, is_whole: bool) -> None:
    assert has_whole_title(one, other) is is_whole
    assert has_whole_title(other, one) is is_whole


texts = st.sampled_from(
    [LONG, f"{LONG} (2)", "Heron", "HERON 논문 리뷰", "얕은 항구의 해도", "Kettle: Boiling Tea in Deep Water"]
)
some_facts = st.builds(
    PaperFacts,
    review_id=st.integers(1, 9),
    feed_id=st.integers(1, 2),
    titles=st.tuples(texts),
    authors=st.lists(st.sampled_from(["Ada Example", "A. Example", "Bo Sample"]), max_size=2).map(tuple),
    year=st.none() | st.integers(2022, 2025),
    identifiers=st.frozensets(st.sampled_from([ARXIV, OTHER_ARXIV, "doi:10.1/x"]), max_size=2),
    is_doubtful=st.booleans(),
)


@given(one=some_facts, other=some_facts)
def test_it_never_matters_which_is_named_first(one: PaperFacts, other: PaperFacts) -> None:
    """And reviews that share neither identifier nor telling title are never one paper."""
    why = why_same(one, other)
    assert why == why_same(other, one)
    if not one.identifiers & other.identifiers and not telling_titles(one).keys() & telling_titles(other).keys():
        assert why is None
