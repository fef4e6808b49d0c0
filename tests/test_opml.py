"""Lists of feeds: what is written can be read, and what is sent to us does no harm."""

from __future__ import annotations

import builtins
import socket
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.announcing.opml import (
    MAX_BYTES,
    MAX_FEEDS,
    NO_ADDRESS,
    NO_WEB_ADDRESS,
    LeftOut,
    OpmlFeed,
    read_opml,
    write_opml,
)
from bot.errors import RequestError

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


def opml(*outlines: str, head: str = "") -> bytes:
    return f'{head}<opml version="1.0"><head/><body>{"".join(outlines)}</body></opml>'.encode()


def feed(url: str, title: str | None = None) -> OpmlFeed:
    return OpmlFeed(url=url, title=title)


# ── reading ─────────────────────────────────────────────────────────────────────────────────────


def test_outlines_of_every_program_are_read() -> None:
    data = opml(
        '<outline text="Papers"><outline text="Deep">',
        '<outline type="rss" text="One &amp; only" title="" xmlUrl="https://one.test/feed?a=1&amp;b=2" htmlUrl="https://one.test"/>',
        "</outline></outline>",
        "<OUTLINE TYPE='RSS' TITLE='둘' TEXT='2' XMLURL='http://two.test/rss'></OUTLINE>",
        '<outline xmlurl=" https://three.test/my feed "/>',
        '<outline text="https://four.test/" xmlUrl="https://four.test/"/>',
        '<outline xmlUrl="feed://five.test/rss"/><outline xmlUrl="feed:https://six.test/rss"/>',
    )
    assert read_opml(data).feeds == (
        feed("https://one.test/feed?a=1&b=2", "One & only"),
        feed("http://two.test/rss", "둘"),
        feed("https://three.test/my%20feed"),
        feed("https://four.test/"),
        feed("http://five.test/rss"),
        feed("https://six.test/rss"),
    )


def test_a_feed_is_taken_once_and_only_from_the_web() -> None:
    addresses = (
        "https://one.test/feed", "http://www.one.test/feed/", "ftp://one.test/feed", "file:///etc/passwd",
        "javascript:alert(1)", "//one.test/x", "http://[", "https://", "", "https://one.test/" + "x" * 3000,
    )  # fmt: skip
    data = opml(*(f'<outline xmlUrl="{address}"/>' for address in addresses))
    listed = read_opml(data)
    assert listed.feeds == (feed("https://one.test/feed"), feed("https://one.test/x"))
    told = {out.reason: [name[:20] for name in out.names] for out in listed.left_out}
    assert told == {
        NO_WEB_ADDRESS: [
            "ftp://one.test/feed", "file:///etc/passwd", "javascript:alert(1)", "http://[", "https://",
            "https://one.test/xxx",
        ],
    }  # fmt: skip


def test_what_is_left_out_is_told_with_its_reason() -> None:
    """Folders are not: they are laid open. A list of nothing else is refused with the same words."""
    data = opml(
        '<outline text="Folder" type="rss"><outline text="One" xmlUrl="https://one.test/feed"/></outline>',
        '<outline title="Page" type="rss" htmlUrl="https://two.test"/><outline text="Empty" type="rss" xmlUrl=""/>',
        '<outline text="Note"/><outline text="Relative" xmlUrl="/feed.xml"/>',
    )
    listed = read_opml(data)
    assert [one.url for one in listed] == ["https://one.test/feed"]
    assert listed.left_out == (
        LeftOut(reason=NO_ADDRESS, names=("Page", "Empty")),
        LeftOut(reason=NO_WEB_ADDRESS, names=("Relative",)),
    )
    with pytest.raises(
        RequestError, match=r"lists no feeds.*\nEntries without a feed address: 2\nEntries whose address .*: 1"
    ):
        read_opml(data.replace(b"https://one.test/feed", b"").replace(b"One", b"", 1))


@pytest.mark.parametrize("title", ["a < b", "<3 papers", "<b>Bold</b> & <i>more", "x > y < z", "한글 <논문>"])
def test_a_title_that_was_not_escaped_hides_no_feed(title: str) -> None:
    data = opml(f'<outline text="{title}" xmlUrl="https://one.test/"/>', '<outline xmlUrl="https://two.test/"/>')
    assert [one.url for one in read_opml(data)] == ["https://one.test/", "https://two.test/"]
    assert read_opml(data).feeds[0].title == title


def test_commented_out_feeds_are_not_taken() -> None:
    data = opml('<!-- <outline xmlUrl="https://old.test/"/> -->', '<outline xmlUrl="https://new.test/"/>')
    assert read_opml(data).feeds == (feed("https://new.test/"),)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp949"])
def test_lists_in_any_charset_are_read(encoding: str) -> None:
    """The declaration is wrong for all but one."""
    head = '<?xml version="1.0" encoding="euc-kr"?>'
    text = opml('<outline text="논문 리뷰 모음" xmlUrl="https://one.test/"/>', head=head).decode()
    assert read_opml(text.encode(encoding)).feeds == (feed("https://one.test/", "논문 리뷰 모음"),)


# ── hostile and broken ──────────────────────────────────────────────────────────────────────────

BOMB = '<!DOCTYPE opml [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>'
XXE = '<!DOCTYPE opml SYSTEM "http://127.0.0.1:9/x.dtd" [<!ENTITY c SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("head", [BOMB, XXE])
def test_no_entity_is_expanded_and_nothing_is_opened(head: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> object:
        raise AssertionError(args)

    data = opml('<outline text="&c;" xmlUrl="https://one.test/&c;"/>', head=head)
    with monkeypatch.context() as patch:
        patch.setattr(builtins, "open", refuse)
        patch.setattr(socket, "socket", refuse)
        read = read_opml(data)
    assert read.feeds == (feed("https://one.test/&c;", "&c;"),)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not an OPML file"),
        (b"hello", "not an OPML file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not an OPML file"),
        (b"PK\x03\x04" + b"\0" * 100, "not an OPML file"),
        (b"<rss version='2.0'><channel/></rss>", "a feed, not a list"),
        (b"<!DOCTYPE html><html><body/></html>", "a web page"),
        (opml(), "lists no feeds"),
        (opml('<outline text="no address"/>'), "lists no feeds"),
        (opml('<outline xmlUrl="https://one.test/"/>')[:-30], "is incomplete"),
        (opml(*(f'<outline xmlUrl="https://one.test/{n}"/>' for n in range(MAX_FEEDS + 1))), "501 feeds"),
        (opml(" " * MAX_BYTES), "larger than 1,024 KB"),
        (b"<" * MAX_BYTES, "not an OPML file"),
        (opml("<outline " * 100_000), "lists no feeds"),
    ],
)
def test_what_cannot_be_used_is_refused_in_plain_words(data: bytes, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        read_opml(data)


def test_deep_outlines_are_read() -> None:
    data = opml("<outline>" * 50_000, '<outline xmlUrl="https://one.test/"/>', "</outline>" * 10_000)
    assert read_opml(data).feeds == (feed("https://one.test/"),)


FRAGMENTS = st.sampled_from(
    [b"<opml>", b"</opml>", b"<outline ", b'xmlUrl="https://a.test/', b'"', b"'", b"/>", b">", b"<!DOCTYPE [",
     b"]>", b"<!--", b"&#55357;", b"&x;", b"\xff", b"\0", b"<![CDATA[", b"]]>", b"=", b"http://["]
)  # fmt: skip


@given(
    st.binary()
    | st.lists(FRAGMENTS, max_size=40).map(b"".join)
    | st.lists(FRAGMENTS).map(lambda f: opml(*(x.decode("latin-1") for x in f)))
)
def test_whatever_is_sent_is_read_or_refused(data: bytes) -> None:
    try:
        feeds = read_opml(data).feeds
    except RequestError:
        return
    assert feeds
    assert all(feed.url.startswith(("http://", "https://")) for feed in feeds)


# ── writing ─────────────────────────────────────────────────────────────────────────────────────


def test_a_written_list_is_well_formed_opml() -> None:
    data = write_opml(
        [feed("https://one.test/?a=1&b=2", 'A <b> "c"'), feed("https://two.test/")], title="R&D", now=NOW
    )
    root = ET.fromstring(data)  # noqa: S314 - our own
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert root.findtext("head/title") == "R&D"
    assert root.findtext("head/dateCreated") == "Mon, 01 Jun 2026 09:00:00 GMT"
    first, second = root.findall("body/outline")
    assert first.attrib == {
        "type": "rss", "text": 'A <b> "c"', "title": 'A <b> "c"', "xmlUrl": "https://one.test/?a=1&b=2",
    }  # fmt: skip
    assert second.get("text") == "https://two.test/"


PATHS = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FFF, categories=["L", "N", "P", "S"]), max_size=20)
FEEDS = st.builds(
    OpmlFeed,
    url=st.tuples(st.integers(0, 50), PATHS).map(lambda part: f"https://h{part[0]}.test/{part[1]}"),
    title=st.none() | st.text().map(lambda text: " ".join(text.split())).filter(bool),
)


@given(
    st.lists(
        FEEDS,
        min_size=1,
        max_size=20,
        unique_by=lambda feed: feed.url.partition("/")[2].partition("/")[0] + feed.url[8:13],
    )
)
def test_what_is_written_is_read(feeds: list[OpmlFeed]) -> None:
    titles = [feed.title for feed in feeds]
    read = read_opml(write_opml(feeds, title="", now=NOW))
    assert [feed.url for feed in read] == [feed.url for feed in feeds]
    for title, result in zip(titles, read, strict=True):
        assert result.title == title or title is None or not title.isprintable()


@given(st.lists(st.builds(OpmlFeed, url=st.text(), title=st.none() | st.text())), st.text())
def test_whatever_is_written_is_well_formed(feeds: list[OpmlFeed], title: str) -> None:
    ET.fromstring(write_opml(feeds, title=title, now=NOW))  # noqa: S314 - our own
