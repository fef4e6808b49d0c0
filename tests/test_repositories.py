"""What `benchmarks.repositories` takes for true of posts, by a made-up note for each author's rule."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.repositories import REPOSITORIES, Note, Repository, read_notes, render, truth_of, write_feed
from bot.reading import read_feed


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
    ],
)
def test_each_author_says_in_their_own_way_what_paper_a_post_is_about(
    name: str, body: str, facts: dict[str, object]
) -> None:
    truth = truth_of(REPOSITORIES[name], note(body))
    said = {key: truth[key] for key in ("ids", "authors", "venue", "year") if key in truth}
    assert said == {"ids": {"arxiv": "9901.00001"}, **facts}


def test_a_review_links_its_paper_in_the_opening_sentence_and_a_guide_does_not() -> None:
    body = "원문은 [다음 링크](https://arxiv.org/abs/9901.00001)에서 볼 수 있다."
    ids = [truth_of(REPOSITORIES["inhyeok"], note(body, categories=of))["ids"] for of in (("Paper Review",), ())]
    assert ids == [{"arxiv": "9901.00001"}, {}]


def test_headings_keep_their_ranks_unless_their_numbers_say_otherwise() -> None:
    """The repeated title is no heading, nor is what stands in code."""
    body = "# FogNet: Seeing\n## 1. Idea\n```\n# no heading\n```\n### 1.1 Parts\n### 1.1.1 Part\n### 2. Results\n"
    truth = truth_of(REPOSITORIES["denny"], note(body))
    assert truth["headings"] == [(2, "1. Idea"), (3, "1.1 Parts"), (4, "1.1.1 Part"), (2, "2. Results")]


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
