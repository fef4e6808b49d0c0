"""Posts' pages, and where a site's older posts are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import Entry
from bot.pages import complete, read_page
from bot.sitemaps import find_locations, next_pages, posts_among

URL = "https://blog.example/posts/tide/"
TEXT = "<p>물때를 처음부터 끝까지 읽는다, 그리고 다시 읽는다. " + "문장이 이어진다, 또 이어진다. " * 20 + "</p>"


def page(head: str = "", body: str = TEXT) -> bytes:
    return (
        f"<html><head><title>Tide | Blog</title>{head}</head><body><nav><a href='/'>Home</a></nav>"
        f"<article>{body}</article><aside class='sidebar'><a href='/x'>Other</a></aside></body></html>"
    ).encode()


def read(data: bytes) -> Entry:
    entry = read_page(data, content_type="text/html; charset=utf-8", url=URL)
    assert entry is not None
    return entry


def test_a_page_is_read_without_what_stands_around_it() -> None:
    entry = read(page(body=f"{TEXT}<p><span style='background-color:#dcffe4'>밑줄</span> $x_1$</p>{TEXT}"))
    assert "background-color:#dcffe4" in entry.html
    assert "$x_1$" in entry.html
    assert "Other" not in entry.html
    assert (entry.title, entry.link, entry.is_from_page) == ("Tide | Blog", URL, True)


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ('<meta property="article:published_time" content="2026-01-02T03:04:05+09:00">', "2026-01-01"),
        ('<script type="application/ld+json">{"datePublished": "2026-02-03"}</script>', "2026-02-03"),
        ('<time datetime="2026-03-04">어제</time>', "2026-03-04"),
        ('<meta name="date" content="someday">', None),
    ],
)
def test_the_date_of_a_page(head: str, day: str | None) -> None:
    published = read(page(head)).published
    assert (f"{published:%Y-%m-%d}" if published else None) == day


def test_the_page_says_its_title_and_address() -> None:
    entry = read(
        page(
            '<meta property="og:title" content="Tide &amp; Time">'
            '<link rel="canonical" href="https://www.blog.example/tide">'
        )
    )
    assert (entry.title, entry.link) == ("Tide & Time", "https://www.blog.example/tide")
    elsewhere = read(page('<link rel="canonical" href="https://other.example/tide">'))
    assert elsewhere.link == URL


@pytest.mark.parametrize("data", [b"", b"<html><body><p>short</p></body></html>", b"\0" * 100])
def test_a_page_without_an_article(data: bytes) -> None:
    assert read_page(data, content_type=None, url=URL) is None


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_page_breaks_the_reading(data: bytes) -> None:
    read_page(data, content_type=None, url=URL)


def test_a_cut_post_is_completed_by_a_page_with_clearly_more() -> None:
    cut = Entry(guid="g", link=URL, title="Tide", html="물때를 처음부터...", categories=("A",))
    whole = complete(cut, read(page()))
    assert whole is not None
    assert (whole.guid, whole.title, whole.categories, whole.is_from_page) == ("g", "Tide", ("A",), True)
    assert complete(cut, None) is None
    long = Entry(guid="g", link=URL, title="Tide", html=TEXT)
    assert complete(long, read(page())) is None


# ── sitemaps ────────────────────────────────────────────────────────────────────────────────────


def test_locations_of_sitemaps_and_indexes() -> None:
    index = "<sitemapindex><sitemap><loc>/posts.xml</loc></sitemap></sitemapindex>"
    assert find_locations(index, URL) == (["https://blog.example/posts.xml"], [])
    site = "<rss></rss><urlset><url><loc> https://blog.example/a?x=1&amp;y=2 </loc></url><loc>"
    assert find_locations(site, URL) == ([], ["https://blog.example/a?x=1&y=2"])


@pytest.mark.parametrize(
    "written",
    [
        "<![CDATA[https://blog.example/a?x=1&y=2]]>",
        "\n  <![CDATA[ https://blog.example/a?x=1&amp;y=2 ]]>\n",
        "<![CDATA[\nhttps://blog.example/a?x=1&y=2\n]]>",
        "&lt;![CDATA[https://blog.example/a?x=1&amp;y=2]]&gt;",
        "<![CDATA[/a?x=1&y=2]]>",
    ],
)
def test_locations_may_be_cdata(written: str) -> None:
    """The mark is no part of the address, also where a program has escaped it."""
    item = f"<loc>{written}</loc><lastmod>2026-01-02</lastmod>"
    address = "https://blog.example/a?x=1&y=2"
    assert find_locations(f"<urlset><url>{item}</url></urlset>", URL) == ([], [address])
    index = f"<sitemapindex><sitemap>{item}</sitemap><sitemap><loc>/b.xml</loc></sitemap></sitemapindex>"
    assert find_locations(index, URL) == ([address, "https://blog.example/b.xml"], [])
    assert find_locations("<urlset><loc><![CDATA[]]></loc><loc><![CDATA[</loc></urlset>", URL) == ([], [])


@pytest.mark.parametrize(
    ("known", "posts", "others"),
    [
        (
            ["https://b.example/nlp/2026/06/02/Tide.html", "https://b.example/cv/2026/05/01/Sea.html"],
            ["https://b.example/nlp/2023/01/02/Old.html", "https://www.b.example/rl/2022/01/02/Older.html"],
            ["https://b.example/", "https://b.example/tags/nlp", "https://c.example/cv/2026/05/01/Sea.html"],
        ),
        (
            ["https://x.tistory.com/42", "https://x.tistory.com/entry/Tide"],
            ["https://x.tistory.com/7", "https://x.tistory.com/entry/Old"],
            ["https://x.tistory.com/category/NLP", "https://x.tistory.com/guestbook", "https://x.tistory.com/tag/a"],
        ),
        (
            ["https://m.example/p/tide", "https://m.example/p/sea"],
            ["https://m.example/p/old"],
            ["https://m.example/about", "https://m.example/c/one", "https://m.example/p/old/comments"],
        ),
        (["https://m.example/posts/tide"], ["https://m.example/posts/old"], ["https://m.example/tag/old", "/posts/"]),
        ([], [], ["https://m.example/p/old"]),
    ],
)
def test_posts_are_told_from_other_pages(known: list[str], posts: list[str], others: list[str]) -> None:
    assert posts_among([*others, *posts, *posts], known) == posts


def test_what_is_no_address_is_left_out() -> None:
    """urljoin raises for these; a page of an archive would then be read again and again."""
    assert find_locations("<urlset><loc>http://[</loc><loc>/a</loc></urlset>", URL) == (
        [],
        ["https://blog.example/a"],
    )
    assert next_pages('<feed><link rel="next" href="http://["/>', URL, entries=10) == []


@given(st.lists(st.text(max_size=40)), st.lists(st.text(max_size=40)))
def test_no_address_breaks_the_telling(pages: list[str], known: list[str]) -> None:
    assert set(posts_among(pages, known)) <= set(pages)


@pytest.mark.parametrize(
    ("text", "url", "expected"),
    [
        ('<feed><link rel="next" href="?page=2"/>', "https://b.example/atom", "https://b.example/atom?page=2"),
        ('<rss><atom:link rel="prev-archive" href="/2.xml"/>', "https://b.example/f", "https://b.example/2.xml"),
        (
            "<rss><generator>https://wordpress.org/?v=6.9</generator>",
            "https://b.example/feed/",
            "https://b.example/feed/?paged=2",
        ),
        (
            "<rss><generator>https://wordpress.org/?v=6.9</generator>",
            "https://b.example/feed/?paged=2",
            "https://b.example/feed/?paged=3",
        ),
        (
            '<rss xmlns:discourse="http://www.discourse.org/">',
            "https://f.example/c/papers/10.rss",
            "https://f.example/c/papers/10.rss?page=1",
        ),
        (
            "<feed>",
            "https://export.arxiv.org/api/query?search_query=cat:cs.CL&max_results=10",
            "https://export.arxiv.org/api/query?search_query=cat%3Acs.CL&max_results=10&start=10",
        ),
    ],
)
def test_the_next_page_of_a_feed(text: str, url: str, expected: str) -> None:
    assert next_pages(text, url, entries=10) == [expected]


def test_a_feed_without_further_pages() -> None:
    assert next_pages("<rss>", "https://b.example/feed", entries=10) == []
    assert next_pages("<rss><generator>https://wordpress.org/?v=6", "https://b.example/feed", entries=0) == []
