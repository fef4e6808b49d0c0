"""What `benchmarks.notes` and `benchmarks.sites` take for true of posts, by a made-up note for each author's rule."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.notes import Note, Repository, headings_of, plain, read_notes, render, truth_of, write_feed
from benchmarks.sites import REPOSITORIES
from bot.reading.documents import read_feed


def note(body: str, *, title: str = "FogNet: Seeing", categories: tuple[str, ...] = ()) -> Note:
    day = datetime(2027, 3, 1, tzinfo=UTC)
    return Note(path="notes/fog.md", title=title, meta={}, categories=categories, body=body, published=day)


@pytest.mark.parametrize(
    ("name", "body", "facts"),
    [
        ("denny", "## [FogNet](https://arxiv.org/abs/9901.00001)\n\n[x](https://arxiv.org/abs/9902.00002)", {}),
        (
            "k1101jh",
            (
                "# FogNet\n\n## 📌 Metadata\nurl:\n- [paper](https://arxiv.org/abs/9901.00001) (x)\n"
                "- **Authors**: Ada Example, Bo Sample, et al.\n- **Venue**: CVPR 2027 (Oral)\n\n## Abstract\n"
                "[paper](https://arxiv.org/abs/9902.00002)"
            ),
            {"authors": ["Ada Example", "Bo Sample"], "venue": "CVPR", "year": 2027},
        ),
        (
            "shunk",
            (
                "[x](https://arxiv.org/abs/9902.00002)\n\n### 論文情報・リンク\n\n"
                '* [Example, Ada, and Bo Sample. "FogNet." (2027).](https://arxiv.org/abs/9901.00001)'
            ),
            {"authors": ["Example, Ada", "Bo Sample"]},
        ),
        (
            "zhao",
            "# FogNet\n\n**会议**: ACL 2025  \n**arXiv**: [9901.00001](https://arxiv.org/abs/9901.00001)\n\n## 背景",
            {"authors": [], "venue": "ACL", "year": 2025},
        ),
        ("bjy", "[HOME](../README.md)\n\n[`PAPER`](https://arxiv.org/pdf/9901.00001.pdf)", {}),
        (
            "standing",
            "## FogNet\n\n- Authors : Example, Ada and Sample, Bo\n- Link : https://arxiv.org/abs/9901.00001",
            {"authors": ["Example, Ada", "Sample, Bo"]},
        ),
        (
            "zhj",
            "### [FogNet](/fog.pdf)\n\n> SIGMOD '21\n>\n> https://arxiv.org/abs/9901.00001\n\nhttps://arxiv.org/abs/9902.2",
            {"venue": "SIGMOD", "year": 2021},
        ),
        ("iclr", "[x](https://arxiv.org/abs/9902.00002)", {"ids": {}, "authors": []}),
        ("sallam", "## [FogNet](https://arxiv.org/abs/9901.00001)\n\n[x](https://arxiv.org/abs/9902.00002)", {}),
        (
            "fyj",
            (
                "# FogNet: Seeing阅读笔记\n## [ICASSP 2019]\nhttps://arxiv.org/abs/9901.00001\n\n"
                "[x](https://arxiv.org/abs/9902.00002)"
            ),
            {"authors": [], "venue": "ICASSP", "year": 2019},
        ),
        (
            "jhk",
            (
                "# FogNet: Seeing\n저자 : Ada Example¹, Bo Sample²\n\n발표 : ICLR 2025\n\n"
                "논문 : [PDF](https://arxiv.org/pdf/9901.00001)\n\n---\n[x](https://arxiv.org/abs/9902.00002)"
            ),
            {"authors": ["Ada Example", "Bo Sample"], "venue": "ICLR", "year": 2025},
        ),
        (
            "lobato",
            "# [FogNet (Example 1999)](https://arxiv.org/abs/9901.00001)\n\n[x](https://arxiv.org/abs/9902.00002)",
            {"authors": ["Example"], "venue": None, "year": 1999},
        ),
        (
            "miya",
            (
                "# FogNet: Seeing\n- Paper: https://arxiv.org/abs/9901.00001\n- Author: Example et el\n"
                "- Year: Dec, 2020\n\n## 概要"
            ),
            {"authors": ["Example"], "venue": None, "year": 2020},
        ),
        (
            "pome",
            (
                "# FogNet: Seeing\n\n- **Authors:** Ada Example*, Bo Sample (Fog Lab)\n"
                "- **Published:** ECCV 2020 (arXiv:9901.00001)\n\n## First pass"
            ),
            {"authors": ["Ada Example", "Bo Sample"], "venue": "ECCV", "year": 2020},
        ),
        (
            "wookee",
            "# FogNet: Seeing\n[paper](https://arxiv.org/abs/9901.00001)\n\n[code](https://arxiv.org/abs/9902.00002)",
            {"authors": [], "venue": None, "year": None},
        ),
        (
            "yskim",
            (
                "# Reports for Deep Learning Society\n"
                "## Name of the thesis: [FogNet](https://arxiv.org/abs/9901.00001) - CVPR2019\n\n## 1. Idea"
            ),
            {"authors": [], "venue": "CVPR", "year": 2019},
        ),
    ],
)
def test_each_author_says_in_their_own_way_what_paper_a_post_is_about(
    name: str, body: str, facts: dict[str, object]
) -> None:
    truth = truth_of(REPOSITORIES[name], note(body))
    said = {key: truth[key] for key in ("ids", "authors", "venue", "year") if key in truth}
    assert said == {"ids": {"arxiv": "9901.00001"}, **facts}


def test_a_label_before_the_title_has_venue_and_year_and_the_name_behind_it_is_the_papers() -> None:
    body = "# \\[2019 SOSP] FogNet: Seeing\n\n[Paper PDF](https://arxiv.org/pdf/9901.00001)"
    truth = truth_of(REPOSITORIES["rui"], note(body, title="[2019 SOSP] FogNet: Seeing"))
    assert (truth["title"], truth["name"], truth["venue"], truth["year"]) == (
        "FogNet: Seeing",
        "FogNet",
        "SOSP",
        2019,
    )


ONLY_FACTS = frozenset("auroua chiu markpp mmcm myk myung numan pmh sarendis sviswana sxw tcyue".split())
"""Blogs that measure how authors and venues are read; nobody has asked them anything."""


def test_every_blog_has_queries_of_its_own_or_measures_facts_alone() -> None:
    files = Path(__file__).resolve().parents[1].glob("benchmarks/queries/*.jsonl")
    assert {path.stem for path in files} == {*REPOSITORIES, "nonsense"} - ONLY_FACTS


def test_a_review_links_its_paper_in_the_opening_sentence_and_a_guide_does_not() -> None:
    body = "원문은 [다음 링크](https://arxiv.org/abs/9901.00001)에서 볼 수 있다."
    ids = [truth_of(REPOSITORIES["inhyeok"], note(body, categories=of))["ids"] for of in (("Paper Review",), ())]
    assert ids == [{"arxiv": "9901.00001"}, {}]


def test_headings_keep_their_ranks_unless_their_numbers_say_otherwise() -> None:
    """The repeated title is no heading, nor is what stands in code."""
    body = "# FogNet: Seeing\n## 1. Idea\n```\n# no heading\n```\n### 1.1 Parts\n### 1.1.1 Part\n### 2. Results\n"
    truth = truth_of(REPOSITORIES["denny"], note(body))
    assert truth["headings"] == [(2, "1. Idea"), (3, "1.1 Parts"), (4, "1.1.1 Part"), (2, "2. Results")]


@pytest.mark.parametrize(
    "headings",
    [
        "## 1. Idea / ### 1. Parts / ### 2. Whole / ## 2. Results / ### 1. Fog / ### 2. Rain / ## 3. End",
        "## 0. Summary / ### 1. Idea / ### 2. Results",
        "## 1. Idea / ### Parts / ### 2. Whole / ## 2. Results",
        "## 1. Idea / ## 2. Method / ### 2.1 Parts / #### 1. Fog / #### 2. Rain / ### 2.2 Whole / #### 2.2.1 End",
    ],
)
def test_numbers_that_start_again_below_a_heading_move_none(headings: str) -> None:
    written = [line.split(" ", 1) for line in headings.split(" / ")]
    truth = truth_of(REPOSITORIES["denny"], note("# FogNet: Seeing\n" + headings.replace(" / ", "\n")))
    assert truth["headings"] == [(len(marks), text) for marks, text in written]


def test_a_heading_stands_beside_one_of_its_rank_that_was_moved_by_its_number() -> None:
    body = "# FogNet: Seeing\n## 1. Idea\n### 1.1 Parts\n### 2. Results\n### 3. End\n"
    truth = truth_of(REPOSITORIES["denny"], note(body))
    assert truth["headings"] == [(2, "1. Idea"), (3, "1.1 Parts"), (2, "2. Results"), (2, "3. End")]


def test_a_heading_without_a_number_moves_with_the_numbered_one_above_it() -> None:
    body = "# FogNet: Seeing\n## 1. Idea\n### 2. Results\n#### Rain\n### Notes\n#### Wind\n"
    truth = truth_of(REPOSITORIES["denny"], note(body))
    assert truth["headings"] == [(2, "1. Idea"), (2, "2. Results"), (3, "Rain"), (3, "Notes"), (4, "Wind")]


def test_up_to_three_spaces_may_stand_before_a_heading_and_a_fence() -> None:
    body = "  # Idea\n   ```\n# no heading\n ```\n## Results\n    # code\n"
    assert [text for _, text in headings_of(body)] == ["Idea", "Results"]


def test_code_in_one_line_opens_no_fence() -> None:
    """A fence's opening line holds no further backtick; a longer fence ends with one as long."""
    body = (
        "```x = 1```\n# Idea\n````md\n```\n# no heading\n```\n# no heading\n````\n# Results\n```\n# no heading\n```\n"
    )
    assert [text for _, text in headings_of(body)] == ["Idea", "Results"]
    page = render("```x = 1``` and $a_1 * b_2 * c$\n\n```py\n$1\n```\n")
    assert "<code>x = 1</code> and $a_1 * b_2 * c$" in page


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"\[2019 SOSP] FogNet", "[2019 SOSP] FogNet"),
        (r"**a\_b** of \*rain\*", "a_b of *rain*"),
        (r"$\alpha$ \ fog", r"$\alpha$ \ fog"),
        ("< Q-learning > of `fog`", "< Q-learning > of fog"),
        ("a < b, <b>fog</b><br/>", "a < b, fog"),
        ("[Fog](https://blog.example) &amp; rain {: .no_toc}", "Fog & rain"),
    ],
)
def test_a_line_is_read_as_markdown_shows_it(written: str, read: str) -> None:
    """Backslashes go before marks alone, and a tag begins with a letter or a slash."""
    assert plain(written) == read


def test_the_rule_of_a_blog_knows_a_name_better_than_the_form_of_the_title() -> None:
    named = Repository(
        repository="example/blog", commit="HEAD", path="", base="", address="", facts=lambda _: {"name": "FogNet2"}
    )
    assert truth_of(named, note(""))["name"] == "FogNet2"
    assert truth_of(REPOSITORIES["denny"], note(""))["name"] == "FogNet"


def test_formulas_and_bare_addresses_are_rendered_as_sites_do() -> None:
    page = render("$a_1 * b_2 * c$ and https://blog.example/x\n\n```python\nx = '$1 https://y.example'\n```\n")
    assert "$a_1 * b_2 * c$" in page
    assert '<a href="https://blog.example/x">' in page
    assert "$1 https://y.example" in page


def test_posts_of_a_commit_become_a_feed_that_is_read_whole(tmp_path: Path) -> None:
    repository = _commit(
        tmp_path, {"_posts/2027-03-01-fog.md": '---\ntitle: "Fog & Rain"\ntags: [CV, fog]\n---\n# A\n\nx'}
    )
    notes = read_notes(repository, tmp_path)
    feed = "\n".join(write_feed(repository, notes)).encode()
    _, reviews = read_feed(feed, content_type=None, url="https://blog.example/feed", known={})
    (read,) = [one.review for one in reviews]
    assert (read.title, read.link, read.categories) == ("Fog & Rain", "https://blog.example/cv/fog/", ("CV", "fog"))
    assert [section.heading for section in read.sections] == ["A"]


def test_a_blog_says_what_its_site_shows_for_a_post_without_a_title(tmp_path: Path) -> None:
    """The feed and the truth have it alike, and the heading in its place is a heading."""
    repository = _commit(tmp_path, {"_posts/FogNet: Seeing/summary.md": "# Title\n\nx"})
    (untold,) = read_notes(repository, tmp_path)
    titled = replace(repository, title=REPOSITORIES["miya"].title)
    (told,) = read_notes(titled, tmp_path)
    assert (untold.title, told.title) == ("Title", "FogNet: Seeing")
    assert "<title>FogNet: Seeing</title>" in "\n".join(write_feed(titled, [told]))
    truth = truth_of(titled, told)
    assert (truth["name"], truth["headings"]) == ("FogNet", [(1, "Title")])


@pytest.mark.parametrize(
    ("name", "body", "title"),
    [
        ("fyj", "# Introduction\n\nx\n\n# Idea", "FogNet: Seeing"),
        ("fyj", "https://arxiv.org/abs/9901.00001\n\n# Idea", "FogNet: Seeing"),
        ("fyj", "# FogNet\n\nx", "FogNet"),
        ("yskim", "# Reports for Deep Learning Society\n\nx", "FogNet--Seeing"),
        ("yskim", "# (미완)\n# FogNet\n\nx", "FogNet"),
    ],
)
def test_a_first_heading_that_is_no_title_gives_way(tmp_path: Path, name: str, body: str, title: str) -> None:
    repository = _commit(tmp_path, {"_posts/FogNet--Seeing.md": body})
    (read,) = read_notes(replace(repository, title=REPOSITORIES[name].title), tmp_path)
    assert read.title == title


def _commit(folder: Path, files: dict[str, str]) -> Repository:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    git = ("git", "-C", str(folder), "-c", "user.name=Ada", "-c", "user.email=ada@blog.example")
    for command in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "Posts")):
        subprocess.run((*git, *command), check=True)  # noqa: S603 - our own words
    return Repository(
        repository="example/blog",
        commit="HEAD",
        path=r"^_posts/",
        base="https://blog.example",
        address="/{category}/{slug}/",
    )
