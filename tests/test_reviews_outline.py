"""Headings → depths: the five rules."""

from __future__ import annotations

import pytest

from bot.reviews.outline import is_common_name, place_headings


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
