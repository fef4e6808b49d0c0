"""What a page says of feeds: every way in which pages say it, and nothing that they do not."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.models.feeds import FeedLink
from bot.reading.feed_links import read_feed_page, read_link_header

URL = "https://blog.example/posts/one/"
FEED = "https://blog.example/other/news.xml"


def announced(text: str, *, url: str = URL, links: str = "") -> list[str]:
    return [link.url for link in read_feed_page(text, url, links=links).announced]


# ── announced ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "kind",
    [
        "application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "text/xml",
        "application/xml", "application/rss+xml; charset=utf-8", "APPLICATION/ATOM+XML;charset=UTF-8", " text/xml ;x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["link", "a", "LINK"])
def test_feeds_are_announced_by_media_type(kind: str, name: str) -> None:
    """With or without parameters, in any case."""
    assert announced(f'<{name} rel="alternate" type="{kind}" href="/other/news.xml">') == [FEED]


@pytest.mark.parametrize(
    "tag",
    [
        '<link rel="alternate" type="text/html" href="/en/" hreflang="en">',
        '<link rel="alternate" href="/en/" hreflang="en">',
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">',
        '<link rel="alternate" type="application/json+oembed" href="/oembed?url=x">',
        '<link rel="alternate" type="text/xml+oembed" href="/oembed?url=x">',
        '<link rel="EditURI" type="application/rsd+xml" href="/xmlrpc.php?rsd">',
        '<link rel="search" type="application/opensearchdescription+xml" href="/search.xml">',
        '<link rel="alternate stylesheet" type="text/xml" href="/x.xsl">',
        '<link rel="alternate" type="application/rss+xml">',
        '<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">',
        '<link rel="alternate" type="application/rss+xml" href="http://[">',
        '<!-- <link rel="alternate" type="application/rss+xml" href="/old.xml"> -->',
        '<script>x = \'<link rel="alternate" type="application/rss+xml" href="/old.xml">\'</script>',
    ],
)
def test_what_announces_something_else_is_no_feed(tag: str) -> None:
    assert announced(f"<html><head>{tag}</head>") == []


@pytest.mark.parametrize(
    ("base", "href", "address"),
    [
        ("https://cdn.example/other/", "news.xml", "https://cdn.example/other/news.xml"),
        ("/other/", "news.xml", FEED),
        ("", "../../other/news.xml", FEED),
        ("http://[", "/other/news.xml", FEED),
        ("/x/", "//blog.example/other/news.xml", FEED),
        ("/x/", " /other/news.xml\n#top", FEED),
    ],
)
def test_links_are_relative_to_the_base(base: str, href: str, address: str) -> None:
    """HTML §2.5.3: the first base element counts, wherever it stands."""
    tag = f'<link rel="alternate" type="application/rss+xml" href="{href}"><base href="{base}"><base href="/no/">'
    assert announced(tag if base else tag.partition("<base")[0]) == [address]


def test_what_programs_are_told_stands_before_what_readers_see() -> None:
    """Each address once, with the title that it has somewhere."""
    page = (
        '<a rel="alternate" type="application/atom+xml" href="/atom.xml" title="Atom">Atom</a>'
        '<link rel="alternate" type="application/rss+xml" href="/rss.xml">'
        '<a rel="feed" href="/rss.xml" title="Posts">RSS</a>'
    )
    assert read_feed_page(page, URL).announced == (
        FeedLink(url="https://blog.example/rss.xml", title="Posts"),
        FeedLink(url="https://blog.example/atom.xml", title="Atom"),
    )


def test_a_link_is_found_behind_any_number_of_styles_and_scripts() -> None:
    head = "<style>a > b {}</style><script>if (a < b) {}</script>" * 20_000
    assert announced(f'{head}<link rel="feed" href="/other/news.xml">') == [FEED]
    assert announced('<style>unclosed <link rel="feed" href="/other/news.xml">') == [FEED]
    assert announced("x" * 3_000_000 + '<link rel="feed" href="/other/news.xml">') == [FEED]


# ── the answer's head ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ('</other/news.xml>; rel="alternate"; type="application/rss+xml"', [FEED]),
        ("</other/news.xml>;rel=alternate;type=application/rss+xml", [FEED]),
        ('<../../other/news.xml> ; REL="Alternate Home" ; Type="application/rss+xml; charset=utf-8"', [FEED]),
        ('</a>; rel="preload"; as=style, </other/news.xml>; rel="feed"; title="a, <b>; rel=x"', [FEED]),
        ('<https://blog.example/wp-json/>; rel="https://api.w.org/", </p?id=1>; rel=shortlink', []),
        ('</wp-json/wp/v2/posts/1>; rel="alternate"; title="JSON"; type="application/json"', []),
        ('</other/news.xml>; rel=feed; anchor="/elsewhere/"', []),
        ('</other/news.xml>; rel=feed; anchor="#top"', [FEED]),
        ('</other/news.xml>; rel="self"; rel="feed"', []),
        ("</other/news.xml", []),
        ("<>; rel=feed", []),
        ("<javascript:x>; rel=feed", []),
        (',,;;<<>>"', []),
    ],
)
def test_feeds_of_link_headers(links: str, expected: list[str]) -> None:
    assert announced("<base href='/no/'>", links=links) == expected


def test_titles_of_link_headers_may_be_encoded() -> None:
    """RFC 8187, and a quoted pair."""
    links = '</1>; rel=feed; title="Say \\"hi\\""; , </2>; rel=feed; title*=UTF-8\'ko\'%EA%B8%80; title=x'
    assert [link.title for link in read_feed_page("", URL, links=links).announced] == ['Say "hi"', "글"]


TOKENS = st.from_regex(r"[a-z][a-z0-9.+-]{0,10}", fullmatch=True)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=0x7FF, exclude_characters="\x7f"), max_size=20)
TARGETS = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="<>"), max_size=20)


@given(st.lists(st.tuples(TARGETS, st.dictionaries(TOKENS, VALUES, max_size=4)), max_size=4), st.booleans())
def test_a_link_header_that_is_written_is_read(links: list[tuple[str, dict[str, str]]], has_spaces: bool) -> None:
    """Whatever stands in a quoted value: commas, semicolons, angle brackets, quotation marks."""
    space = " " if has_spaces else ""

    def write(target: str, values: dict[str, str]) -> str:
        quoted = {key: value.replace("\\", "\\\\").replace('"', '\\"') for key, value in values.items()}
        return "".join((f"<{target}>", *(f'{space};{space}{key}{space}={space}"{quoted[key]}"' for key in values)))

    header = f"{space},{space}".join(write(*link) for link in links)
    assert list(read_link_header(header)) == links


@given(st.text(st.sampled_from("<>;,=\"\\ 'ar*%"), max_size=60) | st.text(max_size=60))
@example("<a>" + ";a" * 10_000)
@example('<a>;a="' + "\\" * 30_000)
@example("<" * 60_000)
@example("<a>;" * 15_000)
def test_any_link_header_is_read_or_skipped(text: str) -> None:
    for target, values in read_link_header(text):
        assert f"<{target}" in text.replace(" ", "") or target in text
        assert all(key == key.lower() for key in values)


# ── where a page leads ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content", "target"),
    [
        ("0; url=/new/", "https://blog.example/new/"),
        ("0;URL='https://new.example/a b'", "https://new.example/a%20b"),
        ("0;/new/", "https://blog.example/new/"),
        ('0, url = "/new/" ignored', "https://blog.example/new/"),
        (" 3.5;url=//new.example/", "https://new.example/"),
        ("0 url=/new/", "https://blog.example/new/"),
        ("5; url=?page=2", "https://blog.example/posts/one/?page=2"),
        ("300; url=/new/", ""),
        ("0", ""),
        ("30", ""),
        ("0;", ""),
        ("soon; url=/new/", ""),
        ("0; url=javascript:alert(1)", ""),
        ("0; url=data:text/html,x", ""),
        ("0; url=http://[", ""),
    ],
)
def test_a_page_leads_on_by_refresh(content: str, target: str) -> None:
    """By the element and by the header alike; a page that shows itself anew now and then leads nowhere."""
    attribute = content.replace('"', "&quot;")
    page = f'<META HTTP-EQUIV="Refresh" CONTENT="{attribute}">'
    assert read_feed_page(page, URL).leads_to == target
    assert read_feed_page("", URL, refresh=content).leads_to == target


# ── plain links ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("anchor", "is_meant"),
    [
        ('<a href="/other/news.xml">RSS</a>', True),
        ('<a href="/other/news.xml" title="RSS feed"><svg><path d="x"/></svg></a>', True),
        ('<a class=x href="/other/news.xml"><i></i> 피드 구독</a>', True),
        ('<a href="https://www.blog.example/other/news.xml">Subscribe by Atom</a>', True),
        ('<a href="/other/news.xml">News</a>', False),
        ('<a href="https://elsewhere.example/feed.xml">RSS</a>', False),
        ('<a href="/other/news.xml">How we gathered feedback on atomic commits</a>', False),
        ('<a href="/other/comments/feed/">RSS</a>', False),
        ('<a href="mailto:a@blog.example">RSS</a>', False),
    ],
)
def test_a_plain_link_to_the_feed_is_known_by_its_words(anchor: str, is_meant: bool) -> None:
    linked = [link.replace("www.", "") for link in read_feed_page(f"<p>x</p>{anchor}", URL).linked]
    assert linked == ([FEED] if is_meant else [])


def test_a_link_that_looks_and_sounds_like_a_feed_comes_first() -> None:
    page = '<a href="/about-feeds/">On RSS</a> <a href="/index.xml">Index</a> <a href="/rss.xml">RSS</a>'
    assert [link.rpartition("/")[2] for link in read_feed_page(page, URL).linked] == ["rss.xml", "", "index.xml"]


MARKUP = st.sampled_from(
    ["<link ", "<a ", "<base ", "<meta ", ">", "</a>", "href=", "rel=feed ", '"', "'", "http-equiv=refresh ",
     "content=", "0;url=", "//[", "type=text/xml ", "<!--", "-->", "<style>", "</style>", "<script",
     "http://a.example/", "İ", "\0"]
)  # fmt: skip


@given(st.lists(MARKUP, max_size=40).map("".join), st.text(max_size=20), st.text(max_size=20))
def test_any_page_is_read(text: str, links: str, refresh: str) -> None:
    """And every address that comes of it is one of the web."""
    page = read_feed_page(text, URL, links=links, refresh=refresh)
    addresses = [*(link.url for link in page.announced), *page.linked, *filter(None, [page.leads_to])]
    assert all(address.startswith(("http://", "https://")) for address in addresses)
