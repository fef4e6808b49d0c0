"""Titles in two languages, and whether two titles may be of one paper or several of one series."""

from __future__ import annotations

import pytest

from bot.text.titles import (
    is_same_title,
    paper_title,
    series_title,
    split_ordinal,
    split_part,
    split_title,
    split_year,
    without_titles,
)


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
        ("Tidemark part II", "TIDEMARK"),
        ("Tidemark #3", "Tidemark"),
        ("Tidemark (1/3)", "Tidemark (2/3)"),
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
        ("Llama 2", "Llama 3"),
        ("GPT 4", "GPT 3"),
        ("", "Tidemark"),
    ],
)
def test_titles_of_two_papers(one: str, other: str) -> None:
    """What many titles have in common says nothing."""
    assert not is_same_title(one, other)
    assert not is_same_title(other, one)


@pytest.mark.parametrize(
    ("title", "part"),
    [
        ("Small Harbors (2)", ("Small Harbors", 2)),
        ("Small Harbors [12]", ("Small Harbors", 12)),
        ("Small Harbors (1/3)", ("Small Harbors", 1)),
        ("Small Harbors (II)", ("Small Harbors", 2)),
        ("Small Harbors (Part 2)", ("Small Harbors", 2)),
        ("Small Harbors (제2편)", ("Small Harbors", 2)),
        ("Small Harbors Part 2", ("Small Harbors", 2)),
        ("Small Harbors, part II", ("Small Harbors", 2)),
        ("Small Harbors - Part IX", ("Small Harbors", 9)),
        ("Small Harbors: Pt. 2 of 3", ("Small Harbors", 2)),
        ("Small Harbors #3", ("Small Harbors", 3)),
        ("작은 항구 파트 2", ("작은 항구", 2)),
        ("작은 항구 제 2 부", ("작은 항구", 2)),
        ("작은 항구 정리 2편", ("작은 항구 정리", 2)),
        ("작은 항구 정리2탄", ("작은 항구 정리", 2)),
        # what a bare number, a year, or letters that happen to be a number say is not which part it is
        ("Llama 2", None),
        ("GPT 4", None),
        ("Keel-2", None),
        ("Small Harbors II", None),
        ("HyperCLOVA X", None),
        ("Remix", None),
        ("Counterpart 2", None),
        ("Written in C#3", None),
        ("Small Harbors (2024)", None),
        ("Small Harbors (123)", None),
        ("Small Harbors Part Mix", None),
        ("Small Harbors (2) and Large Ones", None),
        ("(2)", None),
        ("", None),
    ],
)
def test_which_part_a_title_says_it_is(title: str, part: tuple[str, int] | None) -> None:
    assert split_part(title) == part


@pytest.mark.parametrize(
    ("titles", "shared"),
    [
        (["Small Harbors (3)", "Small Harbors (1)"], "Small Harbors"),
        (["Small Harbors Part II", "Small-harbors (1)"], "Small Harbors"),
        (["작은 항구 1편", "작은 항구 2편"], "작은 항구"),
        (["Llama 2 (1)", "Llama 2 (2)"], "Llama 2"),
        (["A Long Survey of Small Harbors 1", "A Long Survey of Small Harbors 2"], "A Long Survey of Small Harbors"),
        (["A Survey of Small Harbors 2", "A Survey of Small Harbors 3"], "A Survey of Small Harbors"),
        # names with a number
        (["Llama 2", "Llama 3"], None),
        (["Segment Any Small Harbor 1", "Segment Any Small Harbor 2"], None),
        (["Llama 2 (1)", "Llama 3 (2)"], None),
        # a number that does not follow, one title twice, or one that is no part
        (["A Survey of Small Harbors 1", "A Survey of Small Harbors 3"], None),
        (["A Survey of Small Harbors 2", "A Survey of Small Harbors 2"], None),
        (["Small Harbors (1)", "Small Harbors (1)"], None),
        (["Small Harbors (1)", "Small Harbors"], None),
        (["A Survey of Small Harbors 1", "A Survey of Small Harbors (2)"], None),
        (["Small Harbors (1)", "Large Harbors (2)"], None),
        (["Small Harbors (1)"], None),
        ([], None),
    ],
)
def test_which_titles_are_the_parts_of_one_series(titles: list[str], shared: str | None) -> None:
    """Versions of a model are papers of their own, unless the number stands behind more than a name."""
    assert series_title(titles) == shared


@pytest.mark.parametrize(
    ("title", "part"),
    [
        ("Kite Flying의 기초 (1) - Straight Strings", ("Kite Flying의 기초", 1)),
        ("Kite Flying (2) - (K4) Long Strings", ("Kite Flying", 2)),
        ("Kite Flying Part 3: Even 2 Strings", ("Kite Flying", 3)),
        ("연날리기 2편 - 긴 줄", ("연날리기", 2)),
        ("Kite-2 - Longer Strings", None),
        ("Kites (2024) - A Year", None),
        ("Part 2: Strings", None),
    ],
)
def test_a_part_may_have_a_title_of_its_own(title: str, part: tuple[str, int] | None) -> None:
    """Behind the number stands what is particular to the part; the stem is the series."""
    assert split_part(title) == part


def test_posts_that_share_the_stem_are_a_series() -> None:
    assert series_title(["Kites (1) - Strings", "Kites (2) - Tails", "Kites (3) - 2 Tails"]) == "Kites"
    assert series_title(["Kites (1) - Strings", "Boats (2) - Tails"]) is None


@pytest.mark.parametrize(
    ("ordinal", "title"),
    [
        ("12. ", "TIDE: Low Boats"),
        ("12.", "TIDE: Low Boats"),
        ("3.", "큰 배"),
        ("07) ", "Low Boats"),
        ("01 - ", "Low Boats"),
        ("01_", "Low Boats"),
        ("012_", "low_boats"),
        ("05-", "low-boats"),
        ("3: ", "TIDE: Low Boats"),
        ("#7 ", "TIDE"),
        ("#7: ", "TIDE"),
        ("[03] ", "Low Boats"),
        ("(2) ", "Low Boats"),
        ("Day 5: ", "Low Boats"),
        ("Week 3 | ", "Low Boats"),
        ("EP.03 | ", "Low Boats"),
        ("[Paper #12] ", "Low Boats"),
        ("Paper 12 – ", "Low Boats"),
        ("논문 3: ", "낮은 배"),
        ("논문 리뷰 #3 - ", "Low Boats"),
        ("[논문 리뷰 3] ", "Low Boats"),
        ("5번째 논문: ", "Low Boats"),
        ("제3회 ", "낮은 배"),
        ("3주차 - ", "Low Boats"),
        ("第5回 ", "低い船"),
        ("【第5回】", "低い船"),
        ("第三篇：", "低い船"),
        ("论文阅读 12：", "低的船"),
        ("1-2. ", "Low Boats"),
        ("1.1. ", "Low Boats"),
        ("３．", "船"),
        ("Part II: ", "Low Boats"),
        ("논문 리뷰(3) - ", "TIDE: Low Boats"),
        ("論文紹介 (3) ", "TIDE"),
        ("[31.04] ", "TIDE: Low Boats"),
        ("2031-04-05-", "Low Boats"),
        ("2031 04 05 ", "Low Boats"),
        ("[2031.04.05] ", "Low Boats"),
        ("1811_", "TIDE - Low Boats"),
        ("2004___", "Low Boats"),
        ("[2104] ", "Low Boats"),
        ("2104.01234 ", "Low Boats"),
        ("2104.01234v2_", "Low Boats"),
    ],
)
def test_a_count_or_a_date_before_a_title_is_not_of_it(ordinal: str, title: str) -> None:
    assert split_ordinal(f"{ordinal}{title}") == (ordinal, title)


@pytest.mark.parametrize(
    "title",
    [
        "3D Boats",
        "2.5D Boats: Half a Mast",
        "3D-R2N2: Boats from Views",
        "[3D] Low Boats",
        "7 Sins of Sailing",
        "1-bit Oars",
        "1.1 Boats",
        "[2.5] Boats",
        "Partial Boats: a Study",
        "Part of Boats: a Study",
        "Chi: Low Boats",
        "1.58-bit Oars",
        "16x16 Words",
        "80 Million Tiny Boats: A Data Set",
        "1st Place of a Regatta: Low Boats",
        "0.1% of Boats - and the Others",
        "24/7 Boats: Never in Harbour",
        "2048: A Boat",
        "2031. Low Boats",
        "[2031] Low Boats",
        "[2031 ICML] Low Boats",
        "[2031.04567] Low Boats",
        "2029-2031 Boats",
        "1813_Boats",
        "1811 Boats at Sea",
        "GPT 3: Low Boats",
        "Top 10: Boats",
        "Day and Night: Boats",
        "Week in Review: Boats",
        "Paper Boats: A Review",
        "#Exploration: A Study of Boats",
        "제3의 물결: 배",
        "3강의 노트",
        "第一性原理：船",
        "12.",
        "12. 34",
        "",
    ],
)
def test_a_number_of_the_title_itself_stays(title: str) -> None:
    assert split_ordinal(title) == ("", title)


@pytest.mark.parametrize(
    ("title", "paper", "year"),
    [
        ("Low Boats at Sea (1986)", "Low Boats at Sea", 1986),
        ("Low Boats [2031]", "Low Boats", 2031),
        ("低い船（2031）", "低い船", 2031),
        ("[2031] Low Boats", "Low Boats", 2031),
        ("【2031】낮은 배", "낮은 배", 2031),
        ("12. Low Boats (2031)", "Low Boats", 2031),
        ("Low Boats at Sea, 2031", "Low Boats at Sea", None),
        ("2031 Kettle: Tea for Boats", "Kettle: Tea for Boats", None),
        ("2031 Differentiable Tea in Low Boats", "Differentiable Tea in Low Boats", None),
        ("2031-Differentiable Tea in Low Boats", "Differentiable Tea in Low Boats", None),
        ("2031_Kettle Tea", "Kettle Tea", None),
    ],
)
def test_a_year_at_an_end_is_not_of_a_papers_title(title: str, paper: str, year: int | None) -> None:
    assert paper_title(title) == paper
    assert split_year(split_ordinal(title)[1])[1] == year


@pytest.mark.parametrize(
    "title",
    [
        "2001: A Space Boat",
        "2031 Year in Review",
        "2031 Kettle Recap: what we drank and why",
        "2031-32 in Boats and Oars of Lakes",
        "2031-Recap",
        "Blade Boat 2049",
        "Seoul, 2031",
        "1984 (1949)",
        "(2012)",
        "Low Boats (3012)",
        "Low Boats (12)",
        "Boats of (2031) and Oars",
        "2031",
        "",
    ],
)
def test_a_year_that_may_be_of_the_title_stays(title: str) -> None:
    assert paper_title(title) == title


@pytest.mark.parametrize(
    ("titles", "left"),
    [
        ((), "[Review] Low Boats at Sea, by Ada Quill"),
        (("lowboatsatsea",), "[Review] |, by Ada Quill"),
        (("reviewlowboatsatsea", "lowboatsatsea"), "[|, by Ada Quill"),
        (("lowboatsatsea", "reviewlowboats"), "[|, by Ada Quill"),
        (("adaquill", "lowboatsatsea"), "[Review] |, by |"),
    ],
)
def test_titles_within_each_other_are_cut_as_one(titles: tuple[str, ...], left: str) -> None:
    assert without_titles("[Review] Low Boats at Sea, by Ada Quill", titles, "|") == left
