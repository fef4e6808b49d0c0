"""Other authors' habits: made-up blogs of fifteen kinds in four languages, with floors for what is read and found.

The blogs and what is true of them lie in `tests/data/authors`; `python -m benchmarks.habits --by-blog --faults` shows
what each row counts, and what is still wrong in it. A floor is what is reached: raise it with the code.
"""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.habits import AUTHORS, ROWS, Share, feeds_in, measure, share_of
from benchmarks.truths import Post, Query, derived_queries, judge_answer, judge_facts, read_truths
from bot.models.reviews import Identifiers, Review, Section
from bot.reading.documents import read_feed

BLOGS = {
    "fog.xml": "ko, Tistory: “저자: …” in a list below its own heading, [label] before the title",
    "lantern.xml": "ko, velog: pictures in headings, names before a dash and brackets",
    "pebble.xml": "ko, a portal: bold labels, short quotes for headings, labels behind the title",
    "desk.xml": "ko, exported pages: a table of properties above the text, titles of a name alone",
    "mossy.xml": "en, Jekyll: venue and year as a tag, the link below the first heading",
    "ropes.json": "en, notes: the first heading is the title and links the paper",
    "garden.xml": "en, long articles: many papers in running text, none of them its own",
    "harbour.xml": "en, newsletter: issues on several papers, now and then one on a single paper",
    "lab.xml": "en, a lab: “Paper: …” above a TL;DR in points, names before an en dash",
    "dusk.xml": "en, prose without headings: title, first author and venue in the first line",
    "lane.xml": "en, notes from conferences: venue behind the title, sections 2-A and 2-B",
    "ame.xml": "ja, six questions on each paper, its citation in a last section",
    "kumo.json": "ja, tables of facts below 論文情報",
    "bambu.xml": "zh, notes by a template: 会议, arXiv, 代码 in one bold paragraph",
    "ink.xml": "zh, columns: 【venue】 before the title, wide colons, 论文链接 and 作者",
}
FLOORS = {
    "own identifier read": 1.0,
    "short name before a colon": 1.0,
    "short name elsewhere": 0.96,
    "heading parents": 0.99,
    "/paper, first": 0.99,
    "/paper, first and sure": 0.94,
    "arXiv link or number, first": 1.0,
    "arXiv link or number, first and sure": 1.0,
    "Hangul names, first": 0.95,
    "authors read": 1.0,
    "venue read": 0.92,
    "aliases, first": 1.0,
    "aliases, first and sure": 0.37,
    "slips, first and sure": 0.97,
    "/section": 0.97,
    "/search, words": 1.0,
    "/search, Korean over other texts": 0.77,
    "/search, everyday questions": 0.74,
}
CEILINGS = {
    "identifier, false": 0.0,
    "authors, false": 0.0,
    "venue, false": 0.0,
    "short name, false": 0.0,
    "surely wrong": 0.0,
    "nonsense sure, alone": 0.0,
    "nonsense sure, all blogs together": 0.0,
}
LINK = "https://blog.example/1"


async def test_what_is_read_and_found_on_other_authors_blogs_stays_above_its_floors() -> None:
    judged = await measure(feeds_in(AUTHORS), read_truths([AUTHORS / "truths.jsonl"]))
    pooled = [one for judgements in judged.values() for one in judgements]
    shares = {row.title: share for row in ROWS if (share := share_of(row, pooled))}
    low = {title: shares[title] for title, floor in FLOORS.items() if shares[title].value < floor}
    high = {title: shares[title] for title, ceiling in CEILINGS.items() if shares[title].value > ceiling}
    assert (low, high) == ({}, {})


def test_the_truths_are_about_the_posts_of_the_feeds_and_each_of_them() -> None:
    """Five posts a blog, each whole; no identifier is two papers'."""
    assert sorted(path.name for path in feeds_in(AUTHORS)) == sorted(BLOGS)
    links: list[str] = []
    for path in feeds_in(AUTHORS):
        feed, reviews = read_feed(path.read_bytes(), content_type=None, url=path.as_uri(), known={})
        assert (path.name, feed.problems) == (path.name, ())
        found = [one.review.link for one in reviews]
        assert len(found) >= 5
        links += found
    truths = read_truths([AUTHORS / "truths.jsonl"])
    assert sorted(post.link for post in truths.posts) == sorted(links)
    assert {link for query in truths.queries for link in query.first} <= set(links)
    ids = Counter(value for post in truths.posts for value in post.ids.values())
    assert set(ids.values()) == {1}
    assert all(value.startswith("9901.1") for value in ids)


def review(**facts: object) -> Review:
    given = {"guid": LINK, "link": LINK, "title": "FogNet: Seeing", "clean_title": "FogNet: Seeing", **facts}
    return Review(**given)  # type: ignore[arg-type]


def post(*judged: str, **facts: object) -> Post:
    return Post(link=LINK, judged=frozenset(judged), **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("read", "wanted"),
    [
        ({"arxiv": "9901.1"}, {"identifier": True, "identifier false": False}),
        ({}, {"identifier": False, "identifier false": False}),
        ({"arxiv": "9902.2"}, {"identifier": False, "identifier false": True}),
        ({"arxiv": "9901.1", "doi": "10.1/x"}, {"identifier": False, "identifier false": True}),
    ],
)
def test_an_identifier_that_is_another_papers_is_worse_than_none(
    read: dict[str, str], wanted: dict[str, bool]
) -> None:
    judged = judge_facts(post("ids", ids={"arxiv": "9901.1"}), review(identifiers=Identifiers(**read)))
    assert {one.row: one.is_right for one in judged} == wanted


def test_a_doi_is_the_same_in_capitals() -> None:
    judged = judge_facts(post("ids", ids={"doi": "10.1/BOAT"}), review(identifiers=Identifiers(doi="10.1/boat")))
    assert {one.row: one.is_right for one in judged} == {"identifier": True, "identifier false": False}


def test_a_name_is_the_same_in_whichever_order_its_parts_stand() -> None:
    judged = judge_facts(post("authors", authors=("Ada Example",)), review(authors=("Example, Ada",)))
    assert {one.row: one.is_right for one in judged} == {"authors": True, "authors false": False}


@pytest.mark.parametrize(
    ("written", "read", "is_right"),
    [
        ("International Conference on Learning Representations", "ICLR", True),
        ("IEEE conference on computer vision and pattern recognition", "CVPR", True),
        ("USENIX Security", "USENIX Security Symposium", True),
        ("NIPS", "NeurIPS", True),
        ("IEEE Transactions on Image Processing", "IEEE Trans. Image Process.", True),
        ("TPAMI", "IEEE Transactions on Pattern Analysis and Machine Intelligence", True),
        ("VLDB", "Proceedings of the VLDB Endowment", True),
        ("Boat Workshop", "Proceedings of the Boat Workshop", True),
        ("International Conference on Learning Representations", "ICML", False),
        ("Workshop of the International Conference on Learning Representations", "ICLR", False),
        ("ICLR", "arXiv", False),
        ("Boats and Harbours", "", False),
    ],
)
def test_a_venue_is_right_in_each_of_its_spellings(written: str, read: str, is_right: bool) -> None:
    judged = judge_facts(post("venue", venue=written, year=2031), review(venue=read or None, year=2031))
    assert {one.row: one.is_right for one in judged} == {
        "venue": is_right,
        "venue false": bool(read) and not is_right,
    }


def test_a_venue_of_another_year_is_false() -> None:
    judged = judge_facts(post("venue", venue="ICML", year=2031), review(venue="ICML", year=2030))
    assert {one.row: one.is_right for one in judged} == {"venue": False, "venue false": True}


@pytest.mark.parametrize(("read", "is_false"), [("arXiv", False), ("bioRxiv", False), ("ICML", True), (None, False)])
def test_a_preprint_is_neither_right_nor_false_where_the_post_names_no_venue(
    read: str | None, is_false: bool
) -> None:
    judged = judge_facts(post("venue", venue=None, year=None), review(venue=read, year=2031))
    assert [(one.row, one.is_right) for one in judged] == [("venue false", is_false)]


def test_a_heading_is_right_below_its_own_parent_alone() -> None:
    """A first heading that repeats the title counts as none."""
    gold = post("headings", headings=((1, "Method"), (2, "Loss"), (1, "Notes")))
    sections = tuple(
        Section(depth=depth, number=None, heading=heading)
        for depth, heading in ((1, "FogNet: Seeing"), (2, "Method"), (2, "Loss"))
    )
    judged = [one.is_right for one in judge_facts(gold, review(sections=sections))]
    assert judged == [True, False, False]


def test_queries_follow_from_a_post_by_rule_alike_each_time() -> None:
    seen = post("ids", title="FogNet: Seeing Where Nobody Else Can", name="FogNet", ids={"arxiv": "9901.1"})
    titles = {LINK: "[리뷰] FogNet: Seeing Where Nobody Else Can"}
    asked = {query.row: query for query in derived_queries([seen], titles)}
    assert list(asked) == ["exact", "variant", "slip", "partial", "arxiv"]
    assert asked == {query.row: query for query in derived_queries([seen], titles)}
    assert asked["slip"].text not in ("fognet", "FogNet")
    assert "9901.1" in asked["arxiv"].text


def test_an_answer_is_surely_wrong_only_where_something_else_was_meant() -> None:
    query = Query(row="words", ask="search", text="fog", first=frozenset({LINK}))
    nonsense = Query(row="nonsense", ask="search", text="tyres")
    right = judge_answer(query, [LINK], None, is_sure=True)
    wrong = judge_answer(query, ["https://blog.example/2"], None, is_sure=True)
    assert [one.is_right for one in right] == [True, True, False]
    assert [one.is_right for one in wrong] == [False, False, True]
    assert [one.is_right for one in judge_answer(nonsense, [], None, is_sure=False)] == [False]


def test_an_interval_holds_its_share_and_narrows_with_more() -> None:
    few, many = Share(9, 10), Share(900, 1_000)
    assert few.interval == pytest.approx((0.596, 0.982), abs=0.001)
    assert few.interval[0] < many.interval[0] < many.value < many.interval[1] < few.interval[1]
