"""Entries as their platforms serve them, and what their authors wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models.feeds import Entry, Extent, FeedKind
from bot.models.index import ReadReview
from bot.reading.documents import read_entries, read_feed
from bot.reading.platforms import adapt, stable_guid
from bot.search.roles import Role, role_of

DATA = Path(__file__).parent / "data" / "feeds"
LINK = "https://blog.example/posts/tide/"


def read_sample(name: str) -> list[ReadReview]:
    _, reviews = read_feed((DATA / name).read_bytes(), content_type=None, url="https://served.example/feed", known={})
    return list(reviews)


def entry(html: str, *, guid: str = "one", title: str = "Tide", link: str = LINK) -> Entry:
    return Entry(guid=guid, link=link, title=title, html=html)


def body_of(html: str, *, guid: str = "one") -> str:
    return adapt(entry(html, guid=guid)).post.html


# ── digests ─────────────────────────────────────────────────────────────────────────────────────


def test_a_digest_becomes_its_papers() -> None:
    """Each has both titles, introduction, abstract, its own link and identifier, and the digest's tags."""
    digest, pinned = read_sample("discourse-latest.xml")
    rings, sea = (part.review for part in digest.parts)
    assert rings.clean_title.startswith("고리 안의 고리: ")
    assert rings.clean_title.endswith(" / Rings within Rings: A Sample Attention for Long Context")
    assert [role_of(section.heading) for section in rings.sections[:2]] == [Role.INTRODUCTION, Role.ABSTRACT]
    assert rings.sections[0].text == "문맥을 고리 모양으로 나눕니다.\nSplits the context into rings."
    assert (rings.identifiers.arxiv, sea.identifiers.arxiv) == ("3105.00001", "3105.00002")
    assert rings.link == f"{digest.review.link}#p-9001-h-2"
    assert (sea.short_name, sea.categories) == ("SimSea", ("읽을거리",))
    assert {name.text for name in digest.parts[0].index.names} >= {
        "고리 안의 고리: 긴 문맥을 위한 지어낸 어텐션",
        "Rings within Rings: A Sample Attention for Long Context",
    }
    assert pinned.parts == ()
    assert pinned.entry.is_pinned
    assert not digest.entry.is_pinned


def test_what_remains_of_a_digest_lists_its_papers() -> None:
    digest = read_sample("discourse-latest.xml")[0].review
    assert [section.heading for section in digest.sections] == [None, "소개", "Papers"]
    listed = digest.sections[-1].blocks
    assert [block.marker for block in listed] == ["1.", "2."]
    assert [block.spans[0].href for block in listed] == [f"{digest.link}#p-9001-h-2", f"{digest.link}#p-9001-h-7"]
    assert digest.identifiers.arxiv is None


def paper(name: str, *, level: int = 2, below: int = 3, end: str = "") -> str:
    return (
        f"<h{level}>{name}</h{level}><h{below}>논문 소개</h{below}><p>{name} 소개</p>"
        f"<h{below}>논문 링크</h{below}><p><a href='https://arxiv.org/abs/3101.0000{len(name)}'>x</a></p>{end}"
    )


def test_what_follows_the_papers_stays_with_the_digest() -> None:
    html = paper("하나") + paper("두울이") + "<h2>맺으며</h2><p>다음 주에</p>"
    adapted = adapt(entry(html))
    assert [part.title for part in adapted.parts] == ["하나", "두울이"]
    assert "다음 주에" in adapted.post.html
    assert all("다음 주에" not in part.html for part in adapted.parts)


def test_two_papers_of_one_title_stay_two() -> None:
    adapted = adapt(entry(paper("하나") + paper("하나") + paper("둘")))
    assert len({part.guid for part in adapted.parts}) == 3


def test_what_stands_between_two_papers_stays_with_the_digest() -> None:
    adapted = adapt(entry(f"<p>앞</p>{paper('하나')}<h2>광고</h2><p>사이</p>{paper('두울이')}<h2>끝</h2><p>뒤</p>"))
    assert len(adapted.parts) == 2
    assert [text in adapted.post.html for text in ("앞", "사이", "뒤")] == [True] * 3


def test_headings_of_a_digest_are_known_in_any_case_and_over_lines() -> None:
    shouted = (paper("하나") + paper("둘이")).replace("<h", "<H").replace("</h", "</H").replace("하나", "하\n나")
    assert [part.title for part in adapt(entry(shouted)).parts] == ["하 나", "둘이"]


def test_a_part_of_a_digest_is_known_by_120_letters_of_its_title() -> None:
    long, short = adapt(entry(paper("가" * 121) + paper("나" * 120))).parts
    assert (long.guid, short.guid) == (f"one#{'가' * 120}", f"one#{'나' * 120}")


def test_papers_within_a_preview_are_none_of_the_digests_however_it_is_nested() -> None:
    inside = f"<aside>{paper('하나')}<aside>{paper('둘이')}</aside>{paper('세엣')}</aside>"
    assert [part.title for part in adapt(entry(f"{inside}{paper('네엣')}{paper('다섯')}")).parts] == ["네엣", "다섯"]
    assert adapt(entry(f"{inside}{paper('네엣')}")).parts == ()
    assert len(adapt(entry(f"</aside>{paper('네엣')}<aside></aside>{paper('다섯')}")).parts) == 2


@pytest.mark.parametrize(
    "html",
    [
        "<h2>글</h2><h2>논문 소개</h2><p>하나</p><h2>글</h2><h2>논문 소개</h2><p>둘</p>",
        paper("하나"),
        "<h2>논문 소개</h2><p>하나</p><h2>논문 링크</h2><p>둘</p>",
        "<h2>1. Introduction</h2><h3>논문</h3><p>하나</p><h2>2. Method</h2><h3>논문</h3>",
        f"<p>앞</p><aside>{paper('하나')}{paper('둘이')}</aside>",
    ],
    ids=["parts of its own rank", "one paper", "a review with these sections", "other parts", "previews alone"],
)
def test_a_review_of_one_paper_stays_whole(html: str) -> None:
    assert adapt(entry(html)).parts == ()
    assert body_of(html) == html


PIECES = [paper("하나"), paper("둘이"), "<h2>곁</h2>", "<h1>", "<aside>", "</aside>", "<p>글</p>"]


@given(st.lists(st.sampled_from(PIECES)))
def test_a_digest_loses_no_paragraph(pieces: list[str]) -> None:
    """However broken: each paragraph is in the digest or in one of its papers."""
    adapted = adapt(entry("".join(pieces)))
    kept = "".join((adapted.post.html, *(part.html for part in adapted.parts)))
    assert kept.count("<p>글</p>") == pieces.count("<p>글</p>")
    assert len({part.guid for part in adapted.parts}) == len(adapted.parts)


# ── closing lines ───────────────────────────────────────────────────────────────────────────────


def test_closing_lines_of_a_forum_go() -> None:
    counts, more = "<p><small>게시물 3개</small></p>", f'<p><a href="{LINK}">전체 글 읽기</a></p>'
    assert body_of(f"<p>글</p>\n{counts}\n{more}\n", guid="forum.example-topic-1") == "<p>글</p>"
    assert body_of(f"<p>글</p>{more}", guid="forum.example-post-1-2") == "<p>글</p>"


def test_a_body_may_begin_with_its_last_paragraph() -> None:
    counts = "<p><small>게시물 3개</small></p>"
    assert body_of(counts, guid="forum.example-topic-1") == ""
    assert body_of(f"{counts}{counts}", guid="forum.example-topic-1") == ""


def test_the_closing_line_of_wordpress_goes() -> None:
    closing = f'<p>The post <a href="{LINK}">Tide</a> appeared first on <a href="https://blog.example">Blog</a>.</p>'
    assert body_of(f"<p>글</p>\n{closing}\n") == "<p>글</p>"
    assert "appeared first on" not in read_sample("wordpress.xml")[0].review.sections[-1].text


@pytest.mark.parametrize(
    "last",
    [
        '<p>See <a href="https://other.example/">another page</a>.</p>',
        f'<p>Read more in <a href="{LINK}">my post</a> and <a href="https://other.example/x">theirs</a>.</p>',
        f'<p><a href="{LINK}">Tide</a></p>',
        "<p>Continue reading the paper's appendix for the proof.</p>",
        "<p>",
        "",
    ],
)
def test_an_authors_last_paragraph_stays(last: str) -> None:
    assert body_of(f"<p>글</p>{last}") == f"<p>글</p>{last}"


@pytest.mark.parametrize(
    ("sample", "extents"),
    [
        ("tistory.xml", [Extent.WHOLE, Extent.TEASER]),
        ("medium.xml", [Extent.WHOLE, Extent.TEASER]),
        ("substack.xml", [Extent.WHOLE, Extent.TEASER]),
        ("ghost.xml", [Extent.WHOLE, Extent.TEASER]),
        ("velog.xml", [Extent.WHOLE, Extent.WHOLE]),
        ("wordpress.xml", [Extent.WHOLE, Extent.TEASER]),
        ("discourse-latest.xml", [Extent.WHOLE, Extent.WHOLE]),
        ("arxiv-rss.xml", [Extent.WHOLE] * 3),
        ("jekyll-rss-plus-sitemap.xml", [Extent.WHOLE] * 3),
    ],
)
def test_a_feed_that_cuts_its_posts_is_known_by_it(sample: str, extents: list[Extent]) -> None:
    assert [read.review.extent for read in read_sample(sample)] == extents


# ── listings of papers ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("guid", "stable"),
    [
        ("oai:arXiv.org:3105.00001v1", "arXiv:3105.00001"),
        ("http://arxiv.org/abs/3105.00001v12", "arXiv:3105.00001"),
        ("https://arxiv.org/abs/hep-th/9901001v3", "arXiv:hep-th/9901001"),
        ("arXiv:3105.00001", "arXiv:3105.00001"),
        ("https://arxiv.org/pdf/3105.00001v1", "https://arxiv.org/pdf/3105.00001v1"),
        ("post-3105.00001v1", "post-3105.00001v1"),
    ],
)
def test_a_papers_versions_have_one_identity(guid: str, stable: str) -> None:
    assert stable_guid(guid) == stable


def test_papers_of_arxiv_are_set_out_like_reviews() -> None:
    """By its feed and by its interface alike; the repeated one is known as such."""
    rings, replaced, crossed = read_sample("arxiv-rss.xml")
    assert rings.review.authors == ("Ara Sample", "Ben Öztürk-Sample")
    assert rings.review.identifiers.arxiv == "3105.00001"
    assert rings.review.sections[-1].heading == "Abstract"
    assert rings.review.sections[-1].text.startswith("We invent rings within rings. Scores grow as $O(n \\log n)$")
    assert [read.entry.is_replacement for read in (rings, replaced, crossed)] == [False, True, False]
    listed = read_sample("arxiv-api-atom.xml")
    assert [read.review.guid for read in listed] == ["arXiv:3105.00001", "arXiv:hep-th/9900001"]
    assert listed[0].review.link == rings.review.link == "https://arxiv.org/abs/3105.00001"


def test_only_what_has_arxivs_id_and_address_is_arxivs() -> None:
    html, arxiv = "<p>글</p>", "https://arxiv.org/abs/2401.00001"
    assert adapt(entry(html, guid="arXiv:2401.00001")).post.html == html
    assert adapt(entry(html, guid="x", link=arxiv)).post.html == html
    announced = "arXiv:2401.00001v1 Announce Type: new\nAbstract: We "
    listed = adapt(entry(announced * 2, guid="oai:arXiv.org:2401.00001v1", link=arxiv)).post
    assert listed.html.count("Announce Type") == 1


@pytest.mark.parametrize(
    ("tex", "read"),
    [
        (r"Ben \"Ozt\"urk", "Ben Öztürk"),
        (r"Jos\'e Garc\'{\i}a", "José García"),
        (r"S{\o}ren \L{}uk", "Søren Łuk"),
        (r"\v{C}ech and \c{C}a", "Čech and Ça"),
        ("Plain Name", "Plain Name"),
    ],
)
def test_names_in_tex(tex: str, read: str) -> None:
    adapted = adapt(
        Entry(
            guid="oai:arXiv.org:3105.00001v1",
            link="https://arxiv.org/abs/3105.00001",
            title="T",
            html="x",
            author=tex,
        )
    )
    assert f"<b>{read}</b>" in adapted.post.html


@pytest.mark.parametrize(
    ("document", "url", "kind"),
    [
        ("[]", "https://huggingface.co/api/daily_papers?date=2031-05-03", FeedKind.EMPTY),
        ('{"notes": [], "count": 0}', "https://api2.openreview.net/notes?invitation=x", FeedKind.EMPTY),
        ("[]", "https://blog.example/feed", FeedKind.NOT_A_FEED),
        ('[{"paper": {"id": 5}}]', "https://huggingface.co/api/daily_papers", FeedKind.NOT_A_FEED),
        ('[{"paper": {"id": "x"}}, 3]', "https://huggingface.co/api/daily_papers", FeedKind.EMPTY),
    ],
)
def test_listings_without_papers(document: str, url: str, kind: FeedKind) -> None:
    parsed, _ = read_feed(document.encode(), content_type="application/json", url=url, known={})
    assert parsed.kind is kind


def test_daily_papers_and_notes() -> None:
    rings, sea = (read.review for read in read_sample("huggingface-daily-papers.json"))
    assert (rings.link, rings.identifiers.arxiv) == ("https://huggingface.co/papers/3105.00001", "3105.00001")
    assert [section.heading for section in rings.sections] == [None, "Abstract", "Summary by a machine"]
    assert dict(rings.links)["code"] == "https://github.com/example-lab/rings"
    assert rings.categories == ("attention", "long context")
    assert sea.clean_title == "Learning to Simulate a Sea"
    (note,) = (read.review for read in read_sample("openreview-notes.json"))
    assert (note.venue, note.year, note.short_name) == ("ICLR", 2031, "TIDEMARK")
    assert note.identifiers.openreview == "SampleId01"
    assert note.published is not None


# ── Tistory ─────────────────────────────────────────────────────────────────────────────────────


def test_bold_paragraphs_are_headings_where_their_author_uses_them_so() -> None:
    review = read_sample("tistory.xml")[0].review
    assert [(s.depth, s.heading) for s in review.sections[1:]] == [
        (1, "※ Abstract"),
        (1, "1. Introduction"),
        (2, "2.1 Defining the kite data"),
    ]
    assert review.identifiers.arxiv == "3104.05678"
    assert review.links == (("paper", "https://arxiv.org/abs/3104.05678"),)
    assert (review.clean_title, review.short_name) == ("KITE-INSTRUCT", "KITE-INSTRUCT")


def headings_of(html: str) -> list[str]:
    (read,) = read_entries([entry(html)])
    return [section.heading for section in read.review.sections if section.heading]


def test_a_post_with_bold_paragraphs_alone_is_cut_at_them() -> None:
    lines = "글쓴이", "1. Introduction", "자료 만들기", "Conclusion"
    html = "<p>글</p>".join(f"<p><b>{line}</b></p>" for line in lines)
    assert headings_of(html) == ["1. Introduction", "자료 만들기", "Conclusion"]


@pytest.mark.parametrize(
    "html",
    [
        "<p><b>중요하다</b></p><p>가</p><p><b>더 중요하다</b></p>",
        "<p><b>Introduction</b></p><p>가</p><p><b>중요하다</b></p>",
        "<p><b>1. 문장이다.</b></p><p>가</p><p><b>2. 이것도 문장이다.</b></p>",
        "<p>앞 <b>1. Introduction</b></p><p>앞 <b>2. Method</b></p>",
    ],
    ids=["no usual name", "one alone", "sentences", "within a line"],
)
def test_bold_words_are_no_headings(html: str) -> None:
    assert headings_of(html) == []


# ── which paper a post is about ─────────────────────────────────────────────────────────────────


def preview(number: str, title: str) -> str:
    return (
        f'<figure data-ke-type="opengraph" data-og-title="{title}" data-og-url="https://arxiv.org/abs/{number}">'
        f"<a href='https://arxiv.org/abs/{number}'><p>{title}</p></a></figure>"
    )


def arxiv_of(html: str, title: str = "Tidemark: Low Tides") -> str | None:
    (read,) = read_entries([entry(html, title=title)])
    return read.review.identifiers.arxiv


def test_a_paper_is_known_by_its_preview_and_never_by_a_link_of_the_text() -> None:
    heading = "<h2>1. Introduction</h2>"
    linked = '<p>See <a href="https://arxiv.org/abs/3101.00001">Glare</a>.</p>'
    assert arxiv_of(f"<p>글</p>{heading}{linked}") is None
    assert arxiv_of(f"<p>글</p>{heading}{linked}{preview('3101.00002', 'Anything')}") == "3101.00002"
    two = preview("3101.00003", "Glare: Reading") + preview("3101.00004", "Tidemark: Low Tides")
    assert arxiv_of(f"<p>글</p>{heading}{two}") == "3101.00004"
    assert arxiv_of(f"<p>글</p>{heading}{two}", title="Harbors") is None


def test_a_section_of_links_names_the_paper() -> None:
    html = "<h2>Abstract</h2><p>글</p><h2>논문 링크</h2><p><a href='https://arxiv.org/abs/3101.00005'>여기</a></p>"
    assert arxiv_of(html) == "3101.00005"
