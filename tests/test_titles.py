"""Titles in two languages, and whether two titles may be of one paper."""

from __future__ import annotations

import pytest

from bot.titles import is_same_title, split_title


@pytest.mark.parametrize(
    ("title", "halves"),
    [
        ("고리 안의 고리 / Rings within Rings", ("고리 안의 고리", "Rings within Rings")),
        ("SimSea: 바다 흉내 / Learning a Sea", ("SimSea: 바다 흉내", "Learning a Sea")),
        ("Input / Output in Harbors", ("Input / Output in Harbors",)),
        ("바다 / 항구", ("바다 / 항구",)),
        ("TCP/IP 를 읽다", ("TCP/IP 를 읽다",)),
        ("가 / B / C", ("가 / B / C",)),
        ("", ("",)),
    ],
)
def test_a_title_in_two_languages_is_two(title: str, halves: tuple[str, ...]) -> None:
    assert split_title(title) == halves


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kite-Instruct: Strings Attached to Nothing", "KITE-INSTRUCT 논문 리뷰"),
        ("Kite-Instruct: Strings Attached to Nothing", "Kite Instruct"),
        ("KITE-INSTRUCT: Strings Atached to Nothing", "Kite-Instruct: Strings Attached to Nothing"),
        ("A Survey of Small Harbors (1)", "A Survey of Small Harbors (4)"),
        ("A Survey of Large Language Models (2)", "A Survey of Large Language Models"),
        ("고리 안의 고리 / Rings within Rings: Attention", "Rings within Rings"),
        ("Tidemark part 2", "TIDEMARK"),
    ],
)
def test_titles_of_one_paper(one: str, other: str) -> None:
    assert is_same_title(one, other)
    assert is_same_title(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tidemark: Low-Rank Tides for Retrieval", "Cormorant: Diving for Rare Tokens"),
        ("A Survey of Large Language Models", "Active Harbors with Language Models"),
        ("MK-SEA: Many Kinds of Sea Knowledge", "GLARE: Reading While Writing"),
        ("논문 리뷰", "Tidemark"),
        ("", "Tidemark"),
    ],
)
def test_titles_of_two_papers(one: str, other: str) -> None:
    """What many titles have in common says nothing."""
    assert not is_same_title(one, other)
    assert not is_same_title(other, one)
