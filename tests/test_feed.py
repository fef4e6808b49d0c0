"""Reading feeds: every recorded shape, every fault, and whatever bytes come."""

from __future__ import annotations

import builtins
import contextlib
import csv
import io
import json
import re
import socket
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.models.feeds import Entry, FeedKind, ParsedFeed
from bot.reading import feed, repair
from bot.reading.feed import parse_feed
from bot.reading.feed_links import read_feed_page
from bot.text.links import normalise_link

URL = "https://blog.example/feed.xml"
DATA = Path(__file__).parent / "data" / "feeds"
MAIN_FEED = Path(__file__).resolve().parents[2] / "shared" / "seeds" / "000_59a3a4d18b70a9d2.txt"

with (DATA / "samples.tsv").open(encoding="utf-8", newline="") as manifest:
    SAMPLES = list(csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE))


def read(text: str | bytes, *, content_type: str | None = None, url: str = URL) -> ParsedFeed:
    return parse_feed(text.encode() if isinstance(text, str) else text, content_type=content_type, url=url)


def read_sample(name: str) -> ParsedFeed:
    return read((DATA / name).read_bytes())


def rss(*items: str, head: str = "") -> str:
    body = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'<rss version="2.0"><channel><title>T</title><link>https://blog.example/</link>{head}{body}</channel></rss>'
    )


def read_item(item: str) -> Entry:
    (entry,) = read(rss(item)).entries
    return entry


def atom(*entries: str) -> str:
    body = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{body}</feed>'


# ── recorded feeds ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("row", SAMPLES, ids=[row["file"] for row in SAMPLES])
def test_samples_give_what_their_manifest_says(row: dict[str, str]) -> None:
    parsed = read_sample(row["file"])
    if row["kind"] not in {"rss", "atom", "jsonfeed", "json array", "json object"}:
        assert (parsed.kind, parsed.entries) == (FeedKind.NOT_A_FEED, ())
        assert parsed.problems[0].startswith("This is ")
        return
    assert len(parsed.entries) == int(row["entries"])
    assert parsed.kind is (FeedKind.FEED if parsed.entries else FeedKind.EMPTY)
    assert parsed.title
    for entry in parsed.entries[:1]:
        if not row["first_entry_id"]:  # the manifest says nothing of listings' entries
            continue
        assert entry.guid == row["first_entry_id"]
        assert entry.link == row["first_entry_link"].replace("same as id", entry.guid)
        assert entry.published == datetime.fromisoformat(row["first_entry_published_utc"])


def test_samples_and_manifest_agree() -> None:
    """A recorded file that no row names would be tested by nothing."""
    assert {row["file"] for row in SAMPLES} | {"README.md", "samples.tsv"} == {path.name for path in DATA.iterdir()}


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        (
            "jekyll-rss-plus-sitemap.xml",
            [
                "[ICLR2031] TIDEMARK: LOW-RANK TIDES FOR LONG-CONTEXT RETRIEVAL",
                "[Arxiv 3101]Don’t Count the Waves: A Sample Report",
                "A Sample Survey of Shorelines (2)",
            ],
        ),
        (
            "jekyll-feed-atom.xml",
            ["[논문리뷰] Lanternfish: Cheap Lights for Dark Corpora", "Why & when to re-read"],
        ),
        ("velog.xml", ["[논문리뷰] A Sample Survey of Small Harbors", "제목에 ]]> 가 들어간 글 & 기호"]),
        (
            "arxiv-api-atom.xml",
            ["Rings within Rings: A Sample Attention for Long Context", "An Old-Style Identifier"],
        ),
        ("jsonfeed.json", ["둘째 글", "제목 없는 글, id 는 숫자"]),
    ],
)
def test_sample_titles(name: str, titles: list[str]) -> None:
    assert [entry.title for entry in read_sample(name).entries] == titles


def test_sample_details() -> None:
    """Bodies as served, the whole text before the summary, authors, categories and both dates."""
    tidemark = read_sample("jekyll-rss-plus-sitemap.xml").entries[0]
    assert "<slot_name> 토큰은 그대로 남아야 한다.</slot_name>" in tidemark.html
    assert r"$U \in R^{n \times r}$" in tidemark.html
    assert tidemark.categories == ("Retrieval", "LLM")
    assert (tidemark.author, tidemark.updated) == (None, None)

    medium = read_sample("medium.xml").entries[0]
    assert medium.html.startswith("<h3>Gullwing in one picture</h3>")
    assert medium.updated == datetime(2026, 6, 1, 7, tzinfo=UTC)
    assert medium.author == "Sample Reader"

    wordpress, protected = read_sample("wordpress.xml").entries
    assert wordpress.html.startswith('<h2 class="wp-block-heading">1. 문제</h2>')
    assert protected.html == "There is no excerpt because this is a protected post."

    members_only = read_sample("ghost.xml").entries[1]  # its content:encoded is empty
    assert members_only.html == "This post is for subscribers"

    rings = read_sample("arxiv-api-atom.xml").entries[0]
    assert rings.author == "Ara Sample, Ben Öztürk-Sample"
    assert rings.html.startswith(r"We invent rings within rings. Scores grow as $O(n \log n)$ and")

    number = read_sample("jsonfeed.json").entries[1]
    assert (number.guid, number.link, number.html) == ("1", "", "제목 없는 글, id 는 숫자")


@pytest.mark.skipif(not MAIN_FEED.exists(), reason="the main feed is not part of the repository")
def test_main_feed_as_is() -> None:
    """All 55 entries, every field as the standard library reads the part up to the end of the first root."""
    data = MAIN_FEED.read_bytes()
    parsed = parse_feed(data, content_type="text/xml; charset=utf-8", url="https://yong1-kim.github.io/sitemap.xml")
    assert (parsed.kind, len(parsed.entries)) == (FeedKind.FEED, 55)
    assert parsed.problems == ("After </rss> another document (<urlset>) follows; it was ignored.",)
    items = ET.fromstring(data[: data.index(b"</rss>") + 6]).findall("channel/item")  # noqa: S314
    for entry, item in zip(parsed.entries, items, strict=True):
        assert entry == Entry(
            guid=item.findtext("guid", ""),
            link=item.findtext("link", ""),
            title=item.findtext("title", ""),
            html=item.findtext("description", "").strip(),
            published=parsedate_to_datetime(item.findtext("pubDate", "")).astimezone(UTC),
            categories=tuple(dict.fromkeys(category.text or "" for category in item.findall("category"))),
        )


# ── what it is ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("document", "kind", "problem"),
    [
        ("", FeedKind.NOT_A_FEED, "This is an empty document, not a feed."),
        (" \n\t", FeedKind.NOT_A_FEED, "This is an empty document, not a feed."),
        ("hello", FeedKind.NOT_A_FEED, "This is plain text, not a feed."),
        (b"%PDF-1.7 ...", FeedKind.NOT_A_FEED, "This is a PDF file, not a feed."),
        (b"\x00\x01\x02\xff\xfe" * 50, FeedKind.NOT_A_FEED, "This is binary data, not a feed."),
        ("<opml><body/></opml>", FeedKind.NOT_A_FEED, "This is XML with the root <opml>, not a feed."),
        (
            '<rdf:RDF xmlns:foaf="f"><foaf:Person/></rdf:RDF>',
            FeedKind.NOT_A_FEED,
            "This is XML with the root <rdf> and nothing of a feed in it, not a feed.",
        ),
        (
            "<sitemapindex><sitemap/></sitemapindex>",
            FeedKind.NOT_A_FEED,
            "This is a sitemap (the feed of such a site is often https://blog.example/feed.xml), not a feed.",
        ),
        (
            "<!DOCTYPE html><title>Log &amp; in</title><form>",
            FeedKind.NOT_A_FEED,
            'This is a web page titled "Log & in", not a feed.',
        ),
        ("<html><rss><channel/></rss>", FeedKind.NOT_A_FEED, "This is a web page, not a feed."),
        ("[1, 2]", FeedKind.NOT_A_FEED, "This is JSON of another kind, not a feed."),
        ('{"items": []}', FeedKind.NOT_A_FEED, "This is JSON of another kind, not a feed."),
        (
            "[논문] not JSON",
            FeedKind.NOT_A_FEED,
            "This is text that looks like JSON but is not valid, not a feed.",
        ),
        (
            '{"version": "https://jsonfeed.org/version/1", "items": [{"id',
            FeedKind.BROKEN,
            "This looks like a JSON Feed, but it is cut off or not valid JSON.",
        ),
        (
            '{"version": "https://jsonfeed.org/version/1", "items": [1, null]}',
            FeedKind.BROKEN,
            "This is a JSON Feed, but none of its entries could be read.",
        ),
        (
            "<rss><channel><title>T</title><item><title>cut of",
            FeedKind.BROKEN,
            "This looks like a feed, but none of its entries could be read (1 begun).",
        ),
        (
            "<rss><channel><title>T</title>",
            FeedKind.BROKEN,
            "This looks like a feed, but none of its entries could be read (0 begun).",
        ),
        (
            "<rss></rss>",
            FeedKind.BROKEN,
            "This looks like a feed, but none of its entries could be read (0 begun).",
        ),
    ],
)
def test_what_is_no_usable_feed_is_named(document: str | bytes, kind: FeedKind, problem: str) -> None:
    parsed = read(document)
    assert (parsed.kind, parsed.problems[0], parsed.entries) == (kind, problem, ())


@pytest.mark.parametrize(
    "document",
    [
        rss(),
        atom(),
        '{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": []}',
        '<rdf:RDF xmlns="http://purl.org/rss/1.0/"><channel><title>T</title></channel></rdf:RDF>',
    ],
)
def test_a_feed_without_entries_is_empty_and_no_fault(document: str) -> None:
    parsed = read(document)
    assert (parsed.kind, parsed.title, parsed.problems) == (FeedKind.EMPTY, "T", ())


def test_a_page_offers_its_feeds_comments_last() -> None:
    page = (DATA / "page-with-feed-links.html").read_text(encoding="utf-8")
    assert [link.url for link in read_feed_page(page, "https://blog.example/about/").announced] == [
        "https://blog.example/rss",
        "https://blog.example/atom.xml",
        "https://blog.example/c/papers/10.rss",
        "https://blog.example/comments/feed/",
    ]
    assert "its feed may be https://blog.example/rss, " in read(page).problems[0]


def test_old_formats_are_read() -> None:
    """RSS 1.0 with its items beside the channel, RSS 0.91, and a channel without its rss."""
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="c"><title>T</title></channel>'
        '<item rdf:about="https://a.example/1"><title>One</title><link>https://a.example/1</link>'
        "<dc:date>2024-04-15T04:20:00+09:00</dc:date><dc:creator>A</dc:creator></item></rdf:RDF>"
    )
    (entry,) = read(rdf).entries
    assert (entry.guid, entry.title, entry.author) == ("https://a.example/1", "One", "A")
    assert entry.published == datetime(2024, 4, 14, 19, 20, tzinfo=UTC)
    for document in (
        '<rss version="0.91"><channel><item><title>One</title></item></channel></rss>',
        "<channel><item><title>One</title></item></channel>",
        '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>One</a:title></a:entry></a:feed>',
        "<rss><rss:channel><rss:item><rss:title>One</rss:title></rss:item></rss:channel></rss>",
    ):
        assert [entry.title for entry in read(document).entries] == ["One"]


# ── faults that must not cost an entry ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "document",
    [
        "<br />\n<b>Warning</b>: x in y.php\n" + rss("<title>One</title>", "<title>Two</title>"),
        "\n\n<?xml version='1.0'?>" + rss("<title>One</title>", "<title>Two</title>"),
        "<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + rss("<title>One</title>", "<title>Two</title>"),
        rss("<title>One</title><description><p>open</description>", "<title>Two</title>"),
        rss("<title>One</title><description>&#xD83D; \x0b \ufffe</description>", "<title>Two</title>"),
        rss("<title>One</title><content:encoded>x</content:encoded>", "<title>Two</title>"),
        rss("<title>One</title><p class=a class=b hidden>", "<title>Two</title>"),
        rss("<title>One</title>", "<title>Two</title>").replace("</item><item>", "<item>"),
        rss("<title>One</title>", "<title>Two</title>").removesuffix("</channel></rss>"),
        rss("<title>One</title>", "<title>Two</title>", "<title>half").removesuffix("</item></channel></rss>"),
        rss("<title>One</title>", "<title>Two</title>") + "<urlset></urlset>",
        rss(
            "<title>One</title><!-- </rss> --><description><![CDATA[</rss>]]></description>",
            "<title>Two</title>",
        ),
        rss("<title>One</title><description>\x1b[0m</description>", "<title>Two</title>").replace(
            "<rss", "<rss xmlns:x=''"
        ),
        # what even the repaired document breaks an XML rule with: the library's second, forgiving reader
        rss("<title>One</title>", "<title>Two</title>").replace(
            "<rss", "<rss xmlns:x='http://www.w3.org/2000/xmlns/'"
        ),
    ],
)
def test_two_entries_in_spite_of(document: str) -> None:
    parsed = read(document)
    assert (parsed.kind, [entry.title for entry in parsed.entries]) == (FeedKind.FEED, ["One", "Two"])


@pytest.mark.parametrize("codec", ["cp949", "euc-kr", "utf-16", "utf-8-sig"])
def test_korean_in_any_encoding(codec: str) -> None:
    document = rss("<title>[논문리뷰] 눈물의 바다</title><category>한국어</category>")
    (entry,) = read(document.encode(codec), content_type="text/xml; charset=ISO-8859-1").entries
    assert (entry.title, entry.categories) == ("[논문리뷰] 눈물의 바다", ("한국어",))


def test_entity_bombs_and_external_entities_are_neither_expanded_nor_fetched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    levels = "".join(f'<!ENTITY e{level + 1} "{f"&e{level};" * 10}">' for level in range(9))
    document = (
        f'<!DOCTYPE rss [<!ENTITY e0 "ha">{levels}<!ENTITY f SYSTEM "file:///etc/passwd">'
        '<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>' + rss("<title>&e9; &f; &p;</title>")
    )

    def refuse(*args: object, **kwargs: object) -> Any:
        pytest.fail(f"opened {args}")

    for owner, name in ((builtins, "open"), (io, "open"), (socket, "socket")):
        monkeypatch.setattr(owner, name, refuse)
    assert [entry.title for entry in read(document).entries] == ["&e9; &f; &p;"]
    assert read("/etc/passwd").kind is FeedKind.NOT_A_FEED


def test_a_failing_library_gives_a_broken_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> Any:
        raise UnicodeError

    monkeypatch.setattr("feedparser.parse", fail)
    parsed = read(rss("<title>One</title>"))
    assert (parsed.kind, parsed.problems) == (
        FeedKind.BROKEN,
        ("The feed could not be read (UnicodeError).",),
    )


# ── fields ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("served", "title"),
    [
        ("R&D at AT&T", "R&D at AT&T"),
        ("Don’t &amp; won&#8217;t", "Don’t & won’t"),
        ("[Arxiv 2404]HyperCLOVA", "[Arxiv 2404]HyperCLOVA"),
        ("a &lt; b &gt; c", "a < b > c"),
        ("Filling &lt;mask&gt; tokens", "Filling <mask> tokens"),
        ("&lt;b&gt;Bold&lt;/b&gt; &lt;i&gt;claim&lt;/i&gt;", "Bold claim"),
        ("R&amp;amp;D", "R&D"),
        ("<![CDATA[R&D <3 ]]]]><![CDATA[>]]>", "R&D <3 ]]>"),
        ("A <i>plain</i> claim", "A plain claim"),
        (" two\n  lines\t", "two lines"),
        ("&#xD83D;&#xDE00; &#128;", "😀 €"),
    ],
)
def test_rss_titles(served: str, title: str) -> None:
    assert read_item(f"<title>{served}</title>").title == title


@pytest.mark.parametrize(
    ("served", "title"),
    [
        ("<title>a &lt;b&gt; c &amp;amp; d</title>", "a <b> c &amp; d"),
        ('<title type="html">a &amp;lt; &lt;b&gt;c&lt;/b&gt; &amp;amp; d</title>', "a < c & d"),
        ('<title type="html">the &lt;mask&gt; token</title>', "the <mask> token"),
        (
            '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">a <b>b</b> &lt; c</div></title>',
            "a b < c",
        ),
    ],
)
def test_atom_titles(served: str, title: str) -> None:
    (entry,) = read(atom(served)).entries
    assert entry.title == title


@pytest.mark.parametrize(
    ("served", "title"),
    [
        ("&lt;![CDATA[An open letter]]&gt;", "An open letter"),
        ("<![CDATA[<![CDATA[An open letter]]>]]>", "An open letter"),
        (" &lt;![CDATA[ R&amp;D ]]&gt; ", "R&D"),
        ("What &lt;![CDATA[…]]&gt; is for", "What <![CDATA[…]]> is for"),
        ("&lt;![CDATA[cut off", "<![CDATA[cut off"),
        ("&lt;![CDATA[]]&gt;", "Text"),
    ],
)
def test_a_cdata_mark_that_was_escaped_is_not_shown(served: str, title: str) -> None:
    """In a title, a text, a name and a category of XML, and in JSON, where no such mark means anything."""
    body = "&lt;![CDATA[&lt;p&gt;Text&lt;/p&gt;]]&gt;"
    parts = "<author><name>&lt;![CDATA[A. B.]]&gt;</name></author><category term='&lt;![CDATA[NLP]]&gt;'/>"
    (entry,) = read(atom(f"<title>{served}</title><id>1</id>{parts}<content type='html'>{body}</content>")).entries
    assert (entry.title, entry.html) == (title, "<p>Text</p>")
    assert (entry.author, entry.categories) == ("A. B.", ("NLP",))
    item = {"id": "1", "title": "<![CDATA[An open letter]]>", "content_html": "<![CDATA[<p>Text</p>]]>"}
    document = {"version": "https://jsonfeed.org/version/1.1", "items": [item]}
    (in_json,) = read(json.dumps(document)).entries
    assert (in_json.title, in_json.html) == ("An open letter", "<p>Text</p>")


def test_an_entry_without_title_begins_with_its_text() -> None:
    assert read_item("<description>&lt;p&gt;Just   a &amp;lt; note&lt;/p&gt;</description>").title == "Just a < note"
    assert read_item("<description>" + "word " * 50 + "</description>").title == "word " * 15 + "word …"
    assert read_item("<link>https://a.example/1</link>").title == "https://a.example/1"


@pytest.mark.parametrize(
    ("item", "html"),
    [
        ("<description>short</description><content:encoded>whole</content:encoded>", "whole"),
        ("<content:encoded>whole</content:encoded><description>longer summary</description>", "whole"),
        ("<description>short</description><content:encoded> </content:encoded>", "short"),
        (
            "<description>&lt;slot_name&gt; $\\alpha_i$ &amp;amp;</description>",
            "<slot_name> $\\alpha_i$ &amp;",
        ),
        ("<description><![CDATA[<p>a</p>]]>&lt;p&gt;b&lt;/p&gt;</description>", "<p>a</p><p>b</p>"),
        ("<description>a<br/>b <b>c</b></description>", "a<br>b <b>c</b>"),
        ("<description>own</description><media:description>of a picture</media:description>", "own"),
        ("<itunes:summary>of a broadcast</itunes:summary><description>own</description>", "own"),
        ("<title>x</title>", ""),
    ],
)
def test_rss_bodies(item: str, html: str) -> None:
    assert read_item(item).html == html


@pytest.mark.parametrize(
    ("entry", "html"),
    [
        ("<summary>a &lt; b</summary>", "a &lt; b"),
        ('<content type="html">&lt;p&gt;x&lt;/p&gt;</content><summary>s</summary>', "<p>x</p>"),
        (
            '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>a<br/>&lt;</p></div></content>',
            "<p>a<br>&lt;</p>",
        ),
        ('<content type="image/png">aGVsbG8=</content><summary type="html">s</summary>', "s"),
        ('<content type="html" src="https://a.example/x"/><summary type="html">s</summary>', "s"),
    ],
)
def test_atom_bodies(entry: str, html: str) -> None:
    (read_entry,) = read(atom(entry)).entries
    assert read_entry.html == html


@pytest.mark.parametrize(
    ("item", "link"),
    [
        ("<link>https://a.example/1</link>", "https://a.example/1"),
        ("<link>https://a.example/?a=1&amp;b=2&c=3</link>", "https://a.example/?a=1&b=2&c=3"),
        ("<link>/posts/1</link>", "https://blog.example/posts/1"),
        ("<link>\n https://a.example/a b\n</link>", "https://a.example/a%20b"),
        ("<link/><guid>https://a.example/g</guid>", "https://a.example/g"),
        ("<link>javascript:alert(1)</link><guid>https://a.example/g</guid>", "https://a.example/g"),
        ("<guid isPermaLink='false'>tag:x</guid>", ""),
        ("<link>http://[</link>", ""),
        ("<link>ftp://a.example/x</link>", ""),
        (
            "<enclosure url='https://a.example/a.mp3' type='audio/mpeg'/><guid>1</guid>",
            "",
        ),
        (
            "<atom:link rel='self' href='https://a.example/feed'/><link>https://a.example/1</link>",
            "https://a.example/1",
        ),
        (
            "<link>https://a.example/1</link><atom:link rel='enclosure' href='https://a.example/x'/>",
            "https://a.example/1",
        ),
        ("<atom:link rel='self' href='https://a.example/feed'/>", ""),
        # the address of something else, as an element's text
        (
            "<link>https://a.example/1</link><atom:link rel='enclosure'>https://a.example/x.jpg</atom:link>",
            "https://a.example/1",
        ),
        (
            "<atom:link rel='related'>https://a.example/x</atom:link><guid>https://a.example/g</guid>",
            "https://a.example/g",
        ),
        # what templates make of an address
        ("<link>https://blog.examplehttps://blog.example/p/1</link>", "https://blog.example/p/1"),
        ("<link>http://blog.example/https://www.blog.example/p/1?a=b</link>", "https://www.blog.example/p/1?a=b"),
        ("<link>https://blog.example/base/https://blog.example/base/p/1</link>", "https://blog.example/base/p/1"),
        (
            "<link>https://web.example/2020/https://blog.example/1</link>",
            "https://web.example/2020/https://blog.example/1",
        ),
        (
            "<link>https://blog.example/to?u=https://blog.example/1</link>",
            "https://blog.example/to?u=https://blog.example/1",
        ),
        ("<link>blog.example/p/1</link>", "https://blog.example/p/1"),
        ("<link>www.blog.example/p/1</link>", "https://www.blog.example/p/1"),
        ("<link>blog.example.html</link>", "https://blog.example/blog.example.html"),
    ],
)
def test_rss_links(item: str, link: str) -> None:
    assert read_item("<title>x</title>" + item).link == link


@pytest.mark.parametrize(
    ("entry", "link"),
    [
        (
            "<link href='https://a.example/1'/><link rel='self' href='https://a.example/s'/>",
            "https://a.example/1",
        ),
        ("<link rel='self' href='https://a.example/s'/><id>tag:1</id>", ""),
        (
            "<link rel='enclosure' href='https://a.example/s'/><id>https://a.example/1</id>",
            "https://a.example/1",
        ),
        (
            "<link rel='related' href='https://a.example/r'/><link href='p/2' xml:base='https://b.example/x/'/>",
            "https://b.example/x/p/2",
        ),
        (
            "<link rel='alternate' type='application/pdf' href='https://a.example/p.pdf'/>",
            "https://a.example/p.pdf",
        ),
        (
            "<link rel='alternate' href='https://a.example/1'/><link rel='enclosure'>https://a.example/x.jpg</link>",
            "https://a.example/1",
        ),
        (
            "<link rel='enclosure'>https://a.example/x.jpg</link><link rel='Alternate' href='https://a.example/1'/>",
            "https://a.example/1",
        ),
        ("<link rel='enclosure'>https://a.example/x.jpg</link><id>tag:1</id>", ""),
        ("<link rel='alternate'>https://a.example/1</link>", "https://a.example/1"),
    ],
)
def test_atom_links(entry: str, link: str) -> None:
    (read_entry,) = read(atom(f"<title>x</title>{entry}")).entries
    assert read_entry.link == link


def test_relative_links_follow_the_address_when_the_feed_has_none() -> None:
    parsed = read("<rss><channel><item><link>../p/1</link></item></channel></rss>", url="https://b.example/x/feed")
    assert [entry.link for entry in parsed.entries] == ["https://b.example/p/1"]
    assert parsed.link is None


def test_a_channels_link_is_not_the_address_of_something_else() -> None:
    hub = "<atom:link rel='hub'>https://hub.example/</atom:link>"
    item = "<item><title>x</title><link>/p/1</link></item>"
    head = "<rss xmlns:atom='http://www.w3.org/2005/Atom'><channel><link>https://b.example/</link>"
    parsed = read(f"{head}{hub}{item}</channel></rss>")
    assert (parsed.link, parsed.entries[0].link) == ("https://b.example/", "https://b.example/p/1")


@pytest.mark.parametrize(
    "home", ["http://localhost:4000", "http://127.0.0.1:1313", "http://0.0.0.0:4000", "http://[::1]:8"]
)
@pytest.mark.parametrize("channel", ["https://blog.example/base/", "", "{home}/base/"])
def test_links_to_the_authors_own_machine_lead_to_the_site(home: str, channel: str) -> None:
    """A site that was built for a preview names the author's machine; nobody else can follow that."""
    body = f"<p>See <a href='{home}/'>{home}/x</a><img alt='' src=\"{home}/base/a.png\"></p>"
    item = f"<item><title>x</title><link>{home}/base/p/1</link><description>{escape(body)}</description></item>"
    document = f"<rss><channel><link>{channel.format(home=home)}</link>{item}</channel></rss>"
    (entry,) = read(document, url="https://blog.example/base/feed.xml").entries
    assert entry.link == "https://blog.example/base/p/1"
    assert entry.html == body.replace(f'src="{home}', 'src="https://blog.example')
    (at_home,) = read(document, url=f"{home}/base/feed.xml").entries
    assert at_home.link == f"{home}/base/p/1"
    (in_json,) = read(
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "home_page_url": channel.format(home=home),
                "items": [{"id": "1", "url": f"{home}/base/p/1", "content_html": body}],
            }
        ),
        url="https://blog.example/base/feed.json",
    ).entries
    assert (in_json.link, in_json.html) == (entry.link, entry.html)


@pytest.mark.parametrize("url", ["/data/feed.xml", "data/feed.xml", "file:///data/feed.xml", "C:\\data\\feed.xml"])
def test_links_to_the_authors_machine_stay_in_a_file_that_names_no_site(url: str) -> None:
    """A file has no host that they could lead to; where its channel names a site, they lead there."""
    home = "http://localhost:4000"
    item = f"<item><title>x</title><link>{home}/2024/post</link><description>t</description></item>"
    (entry,) = read(f"<rss><channel><link>{home}/</link>{item}</channel></rss>", url=url).entries
    assert entry.link == f"{home}/2024/post"
    (entry,) = read(f"<rss><channel><link>https://blog.example/</link>{item}</channel></rss>", url=url).entries
    assert entry.link == "https://blog.example/2024/post"


# What the channel says, the titles of two entries, and the hour that 16:20 of 15 April is in UTC.
KOREAN_DATES = [
    ("<language>ko</language>", "A Paper", "07:20"),
    ("<language>KO-kr</language>", "A Paper", "07:20"),
    ("<language>en-US</language>", "논문 읽기", "07:20"),
    ("", "논문 읽기", "07:20"),
    ("<language>ja</language>", "A Paper", "16:20"),
    ("", "A Paper", "16:20"),
    ("<lastBuildDate>Mon, 15 Apr 2024 04:20:00 GMT</lastBuildDate>", "논문 읽기", "07:20"),
    ("<lastBuildDate>Mon, 15 Apr 2024 04:20:00 +0800</lastBuildDate>", "논문 읽기", "08:20"),
    ("<language>ko</language><pubDate>Mon, 15 Apr 2024 04:20:00 -0500</pubDate>", "논문 읽기", "21:20"),
]


@pytest.mark.parametrize(("said", "title", "hour"), KOREAN_DATES)
def test_korean_dates_without_a_zone_are_read_in_their_feeds(said: str, title: str, hour: str) -> None:
    """Its other dates tell its zone, else its language or its titles do."""
    items = "".join(
        f"<item><title>{title} {n}</title><pubDate>2024. 4. 15. 16:2{n}</pubDate></item>" for n in range(2)
    )
    parsed = read(f'<rss version="2.0"><channel><title>T</title>{said}{items}</channel></rss>')
    assert [entry.published and f"{entry.published:%d %H:%M}" for entry in parsed.entries] == [
        f"15 {hour}",
        f"15 {hour[:-1]}1",
    ]


def test_one_entrys_zone_is_its_neighbours() -> None:
    """Of a feed that writes some dates as a standard has them and others as its theme does."""
    dates = ("2024-04-15T10:00:00+09:00", "2024년 4월 15일 16:20")
    items = [{"id": str(n), "content_text": "x", "date_published": date} for n, date in enumerate(dates)]
    parsed = read(json.dumps({"version": "1.1", "items": items}))
    assert [entry.published for entry in parsed.entries] == [
        datetime(2024, 4, 15, 1, tzinfo=UTC),
        datetime(2024, 4, 15, 7, 20, tzinfo=UTC),
    ]
    korean = {"language": "ko", "items": [{"id": "1", "content_text": "x", "date_published": "2024. 4. 15. 16:20"}]}
    assert read(json.dumps(korean)).entries[0].published == datetime(2024, 4, 15, 7, 20, tzinfo=UTC)


def test_dates_are_read_by_us() -> None:
    """feedparser takes this Korean date for 1 November, and forgets the zone of the other."""
    entry = read_item("<title>x</title><pubDate>2024. 4. 15. 오전 4:20</pubDate>")
    assert entry.published == datetime(2024, 4, 14, 19, 20, tzinfo=UTC)
    entry = read_item("<title>x</title><pubDate>Mon, 15 Apr 2024 04:20:00 KST</pubDate>")
    assert entry.published == datetime(2024, 4, 14, 19, 20, tzinfo=UTC)
    entry = read_item("<title>x</title><pubDate>soon</pubDate><atom:updated>2024-04-15T00:00:00Z</atom:updated>")
    assert entry.published == entry.updated == datetime(2024, 4, 15, tzinfo=UTC)
    assert read_item("<title>x</title><pubDate>Mon, 01 Jan 0001 00:00:00 +0000</pubDate>").published is None


def test_people_and_categories() -> None:
    entry = read_item(
        "<author>a@b.example (Mina Oh)</author><category> LLM </category><category>llm</category>"
        "<category>LLM</category><category/><dc:subject>논문 리뷰</dc:subject>"
        "<itunes:keywords>a,b</itunes:keywords>"
    )
    assert entry.author == "Mina Oh"
    assert entry.categories == ("LLM", "llm", "논문 리뷰")


# ── identity ────────────────────────────────────────────────────────────────────────────────────


def test_a_shared_guid_loses_nothing() -> None:
    """The oldest keeps it; the others are told apart by link, else by text; a plain repetition goes."""
    items = [
        "<guid isPermaLink='false'>g</guid><title>One</title><link>https://a.example/1</link>",
        "<guid isPermaLink='false'>g</guid><title>Two</title><link>https://a.example/2</link>",
        "<guid isPermaLink='false'>g</guid><title>Three</title><link>https://a.example/2</link>",
        "<guid isPermaLink='false'>g</guid><title>Three</title>",
        "<guid isPermaLink='false'>g</guid><title>One</title><link>https://a.example/1</link>",
    ]
    parsed = read(rss(*items))
    guids = [entry.guid for entry in parsed.entries]
    assert guids[-1] == "g"
    assert "g https://a.example/2" in guids
    assert sorted(entry.title for entry in parsed.entries) == ["One", "Three", "Three", "Two"]
    assert len(set(guids)) == 4
    assert set(parsed.problems) == {
        "Entries that share their guid with another, told apart by link or text: 3.",
        "Entries that repeat another word for word, left out: 1.",
    }


@pytest.mark.parametrize("dates", [("", ""), ("<pubDate>2 Jan 2026</pubDate>", "<pubDate>1 Jan 2026</pubDate>")])
def test_a_newer_entry_does_not_take_the_identity_of_an_older(dates: tuple[str, str]) -> None:
    """A post under a guid already in use is new, and the old post stays the one it was."""
    new, old = (
        f"<guid isPermaLink='false'>g</guid><title>{title}</title><link>https://a.example/{title}</link>{date}"
        for title, date in zip(("new", "old"), dates, strict=True)
    )
    before = {entry.title: entry.guid for entry in read(rss(old)).entries}
    after = {entry.title: entry.guid for entry in read(rss(new, old)).entries}
    assert after["old"] == before["old"] == "g"
    assert after["new"] == "g https://a.example/new"


def test_without_a_guid_the_link_counts_then_the_text() -> None:
    first, second, third = read(
        rss("<link>http://www.a.example/1/?utm_source=rss#top</link>", "<title>x</title>", "<title>y</title>")
    ).entries
    assert first.guid == "https://a.example/1"
    assert re.fullmatch("[0-9a-f]{32}", second.guid)
    assert second.guid != third.guid


def test_an_identity_does_not_depend_on_the_place_or_address_of_the_feed() -> None:
    items = ["<guid>1</guid><title>x</title>", "<title>y</title>"]
    here = read(rss(*items), url="https://a.example/feed").entries
    there = read(rss(*reversed(items)), url="https://b.example/rss").entries
    assert {entry.guid for entry in here} == {entry.guid for entry in there}


@pytest.mark.parametrize(
    ("link", "normal"),
    [
        ("http://www.A.example/Post/", "https://a.example/Post"),
        ("https://a.example/?p=3&utm_source=x&utm_medium=y#c", "https://a.example?p=3"),
        ("https://medium.com/p/1?source=rss-00ab------2", "https://medium.com/p/1"),
        ("https://me.medium.com/p/1?source=user_profile", "https://me.medium.com/p/1"),
        ("https://custom.example/p?source=rss----0123", "https://custom.example/p"),
        ("https://a.example/p?source=paper", "https://a.example/p?source=paper"),
        ("https://a.example/" + "?&" * 500, "https://a.example/" + "?&" * 500),
        ("", ""),
    ],
)
def test_links_are_normalised(link: str, normal: str) -> None:
    assert normalise_link(link) == normal


# ── JSON Feed ───────────────────────────────────────────────────────────────────────────────────


def test_json_feed_takes_what_is_there_and_forgives_the_rest() -> None:
    document = {
        "version": "https://jsonfeed.org/version/1",
        "title": 5,
        "items": [
            {"id": "a", "content_text": "1 < 2", "author": {"name": "Mina"}, "tags": "no list", "url": ["x"]},
            {"id": None, "external_url": "/b", "title": "\ud83d\ude00 \ud83d", "tags": ["a", 1, None, "a"]},
            "not an entry",
            {
                "id": True,
                "authors": [1, {"name": ""}],
                "summary": "s",
                "date_modified": "2024-04-15T00:00:00Z",
            },
        ],
    }
    parsed = read(json.dumps(document))
    assert parsed.title == "5"
    first, second, third = parsed.entries
    assert (first.html, first.author, first.categories, first.link) == ("1 &lt; 2", "Mina", (), "")
    assert (second.title, second.guid, second.categories) == (
        "😀 \ufffd",
        "https://blog.example/b",
        ("a", "1"),
    )
    assert (third.html, third.author, third.published) == ("s", None, datetime(2024, 4, 15, tzinfo=UTC))


JSON_ITEM = {"id": "1", "url": "https://blog.example/1", "content_html": "<p>글</p>"}
API_ITEM = {"id": 1, "url": "https://api.example/1", "title": "An issue", "created_at": "2024-04-15T00:00:00Z"}


@pytest.mark.parametrize(
    "said",
    [
        {"version": "https://jsonfeed.org/version/1"},
        {"version": "https://jsonfeed.org/version/1.1"},
        {"version": "http://www.jsonfeed.org/version/1.1/"},
        {"version": "1"},
        {"version": "1.0"},
        {"version": "1.1"},
        {"version": 1.1},
        {"version": "v1.1"},
        {"version": "JSON Feed 1.1"},
        {},
        {"version": None},
    ],
)
def test_a_json_feed_is_read_whatever_it_says_of_its_version(said: dict[str, Any]) -> None:
    parsed = read(json.dumps({"title": "T", "items": [JSON_ITEM], **said}))
    assert parsed.kind is FeedKind.FEED
    assert (parsed.entries[0].guid, parsed.entries[0].html) == ("1", "<p>글</p>")


@pytest.mark.parametrize("telling", [{"content_text": "글"}, {"date_published": "2024-04-15T00:00:00Z"}])
def test_a_json_feed_without_a_version_is_known_by_its_entries(telling: dict[str, str]) -> None:
    assert read(json.dumps({"items": [1, {"url": "https://blog.example/1", **telling}]})).kind is FeedKind.FEED


@pytest.mark.parametrize("key", ["feed_url", "home_page_url"])
def test_an_empty_json_feed_without_its_version_is_known_by_its_address(key: str) -> None:
    parsed = read(json.dumps({"version": "1.1", key: "https://blog.example/", "items": []}))
    assert (parsed.kind, parsed.problems) == (FeedKind.EMPTY, ())


@pytest.mark.parametrize(
    "document",
    [
        {"items": [API_ITEM]},
        {"version": "1.0", "items": [API_ITEM]},
        {"version": "1.1", "items": []},
        {"version": "2.0", "items": [JSON_ITEM]},
        {"version": "11", "items": [JSON_ITEM]},
        {"version": "1.1", "items": [{"content_html": "no identity"}]},
        {"version": "1.1", "items": "none"},
        {"version": "1.1", "entries": [JSON_ITEM]},
        {"version": "1.1"},
        [JSON_ITEM],
    ],
)
def test_json_that_is_another_thing_is_refused_in_words(document: object) -> None:
    """An API that lists "items" is not a feed, whatever version it has."""
    parsed = read(json.dumps(document))
    assert (parsed.kind, parsed.entries) == (FeedKind.NOT_A_FEED, ())
    assert parsed.problems == ("This is JSON of another kind, not a feed.",)


def test_json_bombs_are_refused() -> None:
    opening = '{"version": "https://jsonfeed.org/version/1.1", "items": '
    assert read(opening + "[" * 100_000).kind is FeedKind.BROKEN
    assert read(opening + "[" + "9" * 10_000 + "]}").kind is FeedKind.BROKEN


# ── limits ──────────────────────────────────────────────────────────────────────────────────────


def test_limits_are_kept_and_told() -> None:
    body = "&lt;p&gt;" + "가" * 200_000 + "&lt;/p&gt;&lt;img alt='half"
    categories = "".join(f"<category>c{number}</category>" for number in range(60))
    parsed = read(
        rss(f"<title>{'가나 ' * 300}</title><guid>{'g' * 3000}</guid><description>{body}</description>{categories}")
    )
    (entry,) = parsed.entries
    assert len(entry.title) == feed.MAX_TITLE_CHARACTERS
    assert len(entry.html.encode()) <= feed.MAX_BODY_BYTES
    assert entry.categories == tuple(f"c{number}" for number in range(50))
    assert len(entry.guid) == 32
    assert set(parsed.problems) == {
        "Titles cut to 500 characters: 1.",
        "Bodies cut to 512 KB: 1.",
        "Entries with more than 50 categories, of which the first were kept: 1.",
    }


@pytest.mark.parametrize(
    ("body", "end"),
    [
        ("<p>words and more</p>" * 40_000, "</p>"),
        ("words and more " * 50_000, ("words", "and", "more")),
        ("x" * 600_000, "x"),
        ("<p>" + "word " * 104_850 + "<img alt='" + "a b " * 50_000, "word"),
    ],
)
def test_bodies_are_cut_at_a_safe_place(body: str, end: str | tuple[str, ...]) -> None:
    html = read_item(f"<description>{escape(body)}</description>").html
    assert body.startswith(html)
    assert html.rstrip().endswith(end)
    assert feed.MAX_BODY_BYTES * 0.99 < len(html) <= feed.MAX_BODY_BYTES


def test_entries_beyond_the_limit_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repair, "MAX_ITEMS", 20)
    monkeypatch.setattr(feed, "MAX_ITEMS", 20)
    parsed = read(rss(*(f"<guid>{number}</guid>" for number in range(50))))
    assert len(parsed.entries) == 20
    assert parsed.problems == ("The feed has more than 20 entries; the rest was not read.",)
    items = json.dumps([{"id": number} for number in range(50)])
    parsed = read(f'{{"version": "https://jsonfeed.org/version/1.1", "items": {items}}}')
    assert len(parsed.entries) == 20
    assert parsed.problems == ("Entries beyond the first 20, not read: 30.",)


# ── whatever comes ──────────────────────────────────────────────────────────────────────────────

_WHOLE = [path.read_bytes() for path in sorted(DATA.iterdir()) if path.suffix in {".xml", ".json", ".html"}]


@st.composite
def _mutated_feeds(draw: st.DrawFn) -> bytes:
    """A recorded feed with a piece cut out, doubled, or replaced by anything."""
    data = draw(st.sampled_from(_WHOLE))
    start, end = sorted(draw(st.tuples(*[st.integers(0, len(data))] * 2)))
    middle = draw(st.binary(max_size=20) | st.just(data[start:end] * 2) | st.sampled_from([b"", b"<", b"&", b"]]>"]))
    return data[:start] + middle + data[end:]


def _assert_sound(parsed: ParsedFeed) -> None:
    assert bool(parsed.entries) == (parsed.kind is FeedKind.FEED)
    assert parsed.problems or parsed.kind in {FeedKind.FEED, FeedKind.EMPTY}
    assert len({entry.guid for entry in parsed.entries}) == len(parsed.entries)
    for entry in parsed.entries:
        assert entry.guid
        assert entry.link == "" or entry.link.startswith(("http://", "https://"))
        (entry.title + entry.html).encode()  # no surrogate gets through


@given(_mutated_feeds(), st.none() | st.text(max_size=30))
def test_mutated_feeds_never_raise(data: bytes, content_type: str | None) -> None:
    _assert_sound(parse_feed(data, content_type=content_type, url=URL))


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "replace")), st.text(max_size=30))
def test_any_bytes_and_any_address_never_raise(data: bytes, url: str) -> None:
    _assert_sound(parse_feed(data, content_type=None, url=url))
    _assert_sound(parse_feed(b"<rss><item><title>" + data, content_type=None, url=url))


def _is_read_as_meant(text: str) -> bool:
    """Not what feedparser reads as something else (see bot.reading.feed): markup in titles, UTF-8 read twice."""
    with contextlib.suppress(UnicodeError):
        if text.encode("iso-8859-1").decode() != text:
            return False
    return not re.search(r"</\w|&#?\w+;", text)


# every character that XML allows and that is not another one by convention (carriage return, C1)
_characters = st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff", min_codepoint=0xA0)
_texts = st.text(_characters | st.sampled_from("\n\t <>&;\"'abcXYZ019#=/!-[]{}$\\_")).filter(_is_read_as_meant)


@given(st.lists(st.tuples(_texts, _texts), min_size=1, max_size=4, unique_by=lambda pair: pair[0].strip()))
@example([("]]>", "&amp;lt; <![CDATA[ ]]> <!-- </rss>"), ("R&D; <mask>", "a\n\n$\\alpha$ 😀")])
def test_what_was_escaped_comes_back_unchanged(pairs: list[tuple[str, str]]) -> None:
    """Titles but for runs of white space, bodies but for white space around them."""
    items = [
        f"<guid isPermaLink='false'>{number}</guid>"
        f"<title>{escape(title)}</title><description>{escape(body)}</description>"
        for number, (title, body) in enumerate(pairs)
    ]
    entries = read(rss(*items)).entries
    assert [entry.html for entry in entries] == [body.strip() for _, body in pairs]
    for entry, (title, _) in zip(entries, pairs, strict=True):
        assert entry.title == " ".join(title.split()) or not title.strip()


@pytest.mark.parametrize(
    "odd",
    [
        '{{"id": {number}, "content_text": "x"}}',
        '{{"id": "1", "content_text": "x", "size": {number}}}',
        '{{"id": "1", "url": "http://[", "content_text": "x", "date_published": {number}}}',
    ],
)
def test_a_number_of_thousands_of_digits_takes_no_feed_down(odd: str) -> None:
    """Python refuses to read one of 4,301 as an integer."""
    item = odd.format(number="9" * 4_301)
    document = f'{{"version": "https://jsonfeed.org/version/1.1", "items": [{item}, {{"id": "2", "url": "u"}}]}}'
    parsed = parse_feed(document.encode(), content_type=None, url="https://one.test/feed")
    assert len(parsed.entries) == 2


def test_a_link_that_is_no_address_takes_no_listing_down() -> None:
    note = {"id": "n", "content": {"title": {"value": "T"}, "pdf": {"value": "http://["}}}
    parsed = parse_feed(json.dumps({"notes": [note]}).encode(), content_type=None, url="https://openreview.net/notes")
    assert [entry.title for entry in parsed.entries] == ["T"]
