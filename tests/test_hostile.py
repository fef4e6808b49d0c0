"""Documents made to harm whoever reads them: each ends in its message, and the reader goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from html import escape
from pathlib import Path

import pytest

from bot.errors import FeedError
from bot.feeds.reader_process import CPU_S, MEMORY_BYTES, Reader
from bot.models.feeds import Entry, FeedKind
from bot.reading.platforms import MAX_PAPERS
from bot.reviews.authors import has_more, read_authors
from bot.reviews.fact_labels import read_label
from bot.reviews.fields import Line, read_fields
from bot.reviews.outline import is_common_name, place_headings
from bot.reviews.parsing import parse_review
from bot.search.own_names import presented_names
from tests.factories import make_entry, make_rss

URL = "https://one.test/feed"
HEAD = '<rss version="2.0"><channel><title>T</title><link>https://one.test/</link>'
TAIL = "</channel></rss>"


def item(body: str, *, title: str = "T", guid: str = "g") -> str:
    return f"<item><title>{title}</title><guid>{guid}</guid><description>{body}</description></item>"


def rss(*items: str, before: str = "") -> bytes:
    return f"{before}{HEAD}{''.join(items)}{TAIL}".encode()


def entity_bomb() -> bytes:
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return rss(item("&l9;"), before=f'<!DOCTYPE rss [<!ENTITY l0 "lol">{lines}]>')


def quadratic_bomb() -> bytes:
    return rss(item("&a;" * 50_000), before=f'<!DOCTYPE rss [<!ENTITY a "{"x" * 50_000}">]>')


def outside_entities() -> bytes:
    declared = '<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd">%p;'
    return rss(item("before &f; after"), before=f"<!DOCTYPE rss [{declared}]>")


def nested_divs() -> bytes:
    return rss(item("&lt;div&gt;" * 100_000))


def nested_quotes() -> bytes:
    return rss(item("&lt;blockquote&gt;" * 100_000))


def nested_tables() -> bytes:
    return rss(item("&lt;table&gt;&lt;tr&gt;&lt;td&gt;" * 50_000))


def nested_in_xml() -> bytes:
    return rss("<item><title>T</title>" + "<a>" * 100_000 + "</item>")


def many_items() -> bytes:
    return rss(*(item("x", guid=str(number)) for number in range(8_000)))


def unclosed_comments() -> bytes:
    return rss(item("&lt;!--" * 100_000), "<!--" * 100_000)


def many_attributes() -> bytes:
    attributes = " ".join(f'a{number}="x"' for number in range(20_000))
    return rss(item(f"&lt;p {attributes.replace(chr(34), '')}&gt;x"), f"<item {attributes}><title>T</title></item>")


def angle_brackets() -> bytes:
    return rss(item("&lt;" * 300_000))


def combining_marks() -> bytes:
    return rss(item("e" + "\u0301" * 200_000, title="e" + "\u0301" * 100_000))


def nine_megabytes() -> bytes:
    return rss(*(item("word " * 20_000, guid=str(number)) for number in range(90)))


def half_surrogates() -> bytes:
    return rss(item("&#xD83D;&#xDE00; &#xD83D; &#0;&#xFFFF;"))


def wrong_charset() -> bytes:
    return b'<?xml version="1.0" encoding="utf-8"?>' + rss(item("한국어로 쓴 글")).decode().encode("cp949")


def no_charset() -> bytes:
    return b'<?xml version="1.0" encoding="x-martian"?>' + rss(item("글"))


def json_bomb() -> bytes:
    return b'{"version": "https://jsonfeed.org/version/1.1", "items": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"


DOCUMENTS: list[Callable[[], bytes]] = [
    entity_bomb,
    quadratic_bomb,
    outside_entities,
    nested_divs,
    nested_quotes,
    nested_tables,
    nested_in_xml,
    many_items,
    unclosed_comments,
    many_attributes,
    angle_brackets,
    combining_marks,
    nine_megabytes,
    half_surrogates,
    wrong_charset,
    no_charset,
    json_bomb,
]


LARGEST = (many_items, nine_megabytes)


@pytest.fixture
async def reader(real_reader: None) -> AsyncIterator[Reader]:
    reading = Reader(timeout_s=600)  # the limits that are tested are others, and come first on a busy machine too
    yield reading
    await reading.close()


def highest_memory(reader: Reader) -> int:
    """Bytes that the child has had at most, or 0 where this system does not say or the child has ended."""
    process = reader._process
    if process is None:
        return 0
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(document, id=document.__name__, marks=pytest.mark.long if document in LARGEST else ())
        for document in DOCUMENTS
    ],
)
async def test_a_hostile_document_ends_in_its_message(reader: Reader, document: Callable[[], bytes]) -> None:
    """It is read within the child's limits, or refused in words; the next document is read as ever."""
    try:
        reading = await reader.read_feed(document(), content_type=None, url=URL, known={})
    except FeedError as exc:
        refused = exc.reason
        reading = None
    if reading is None:
        assert refused.startswith("reading it")
    else:
        assert reading.parsed.kind in (FeedKind.FEED, FeedKind.BROKEN, FeedKind.EMPTY)
        assert reading.parsed.kind is FeedKind.FEED or reading.parsed.problems
        texts = "".join(section.text for read in reading.changed for section in read.review.sections)
        assert "root:" not in texts
        assert "lollol" not in texts
    assert highest_memory(reader) <= MEMORY_BYTES + 2**26  # the program itself is no data
    after = await reader.read_feed(make_rss([make_entry(1)]), content_type=None, url=URL, known={})
    assert len(after.changed) == 1


def program(change: str) -> str:
    """The child with something changed."""
    return f"import bot.reading.feed, bot.feeds.reader_process\n{change}\nbot.feeds.reader_process.main()"


async def test_processor_time_of_a_document_is_limited(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel ends a child that computes for too long, and the message says so."""
    monkeypatch.setattr(
        "bot.feeds.reader_process.PROGRAM",
        ("-c", program("bot.reading.feed.parse_feed = lambda *a, **k: sum(iter(int, 1))")),
    )
    with pytest.raises(FeedError, match=f"more than {CPU_S} s of processor time"):
        await reader.read_feed(make_rss([make_entry(1)]), content_type=None, url=URL, known={})


async def test_memory_of_a_document_is_limited(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "bot.feeds.reader_process.PROGRAM",
        ("-c", program("bot.reading.feed.parse_feed = lambda *a, **k: bytearray(2**30)")),
    )
    with pytest.raises(FeedError, match="more than 300 MB of memory"):
        await reader.read_feed(make_rss([make_entry(1)]), content_type=None, url=URL, known={})


async def test_a_long_feed_is_read_in_several_answers(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """As whole as in one, each entry once and in its order."""
    data = make_rss([make_entry(number) for number in range(12, 0, -1)])
    whole = await reader.read_feed(data, content_type=None, url=URL, known={})
    await reader.close()
    monkeypatch.setattr(
        "bot.feeds.reader_process.PROGRAM", ("-c", program("bot.feeds.reader_process.SLICE_CPU_S = 0.0"))
    )
    assert await reader.read_feed(data, content_type=None, url=URL, known={}) == whole
    entries = [read.entry for read in whole.changed]
    assert await reader.read_entries(URL, entries) == whole.changed
    monkeypatch.setattr("bot.feeds.reader_process.MAX_SLICES", 3)
    begun = await reader.read_feed(data, content_type=None, url=URL, known={})
    assert begun.changed == whole.changed[:3]
    assert not begun.is_whole
    assert begun.parsed.problems[-1] == "The other entries are read at the next visit."


PARSED_ONCE = """
begin, begun = bot.reading.documents.parse_feed, []
def parse_feed(data, **options):
    assert data not in begun
    begun.append(data)
    return begin(data, **options)
bot.reading.documents.parse_feed = parse_feed
bot.feeds.reader_process.SLICE_CPU_S = 0.0
"""


async def test_a_long_feed_is_parsed_once(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many answers it takes, and also while another long feed is read in between."""
    feeds = [make_rss([make_entry(first + number) for number in range(3)]) for first in (1, 11)]
    whole = [await reader.read_feed(data, content_type=None, url=URL, known={}) for data in feeds]
    await reader.close()
    monkeypatch.setattr(
        "bot.feeds.reader_process.PROGRAM", ("-c", program(f"import bot.reading.documents\n{PARSED_ONCE}"))
    )
    reading = (reader.read_feed(data, content_type=None, url=URL, known={}) for data in feeds)
    assert await asyncio.gather(*reading) == whole


def digest(papers: int) -> str:
    """The text of a forum's weekly digest, as short as so many papers can be."""
    return escape("".join(f"<h2>Paper {n}</h2><h3>논문 소개</h3>" for n in range(papers)))


async def test_a_digest_of_thousands_of_papers_takes_no_other_entry_with_it(reader: Reader) -> None:
    """So many headings fit into half a megabyte; its first papers are found by name, and what is left out is said."""
    data = rss(item(digest(5_000), guid="digest", title="Digest"), item("x", guid="other", title="Other"))
    reading = await reader.read_feed(data, content_type=None, url=URL, known={})
    read = {one.entry.guid: one for one in reading.changed}
    assert "other" in read
    assert [len(one.parts) for one in reading.changed] == [MAX_PAPERS, 0]
    assert f"“Digest”: only the first {MAX_PAPERS} of its papers can be found by name." in reading.parsed.problems


@pytest.mark.parametrize(
    "text",
    [f"a{chr(0xA0) * 600_000}b", "a" + "=" * 600_000 + "b", "a" + "¶ " * 300_000 + "b", " #" * 300_000 + "b"],
    ids=["spaces", "signs", "permalinks", "hashes"],
)
def test_a_long_run_in_a_heading_is_read_once(text: str) -> None:
    """Each of these helpers began anew at every character of a run, and took minutes."""
    place_headings([(2, text), (2, "1. Introduction")])
    assert not is_common_name(text)
    assert read_label(text) is None
    parse_review(Entry(guid="1", link=URL, title="T", html=f"<h2>{text[:60_000]}</h2><p>x</p>"))


@pytest.mark.parametrize(
    "text", [", " * 6_000 + "x", "... " * 3_000 + "x", "1" * 12_000 + "x", "a" + " " * 600_000 + "b"]
)
def test_a_long_run_in_a_line_of_facts_is_read_once(text: str) -> None:
    assert read_authors(text * 20) == ()
    assert not has_more(text * 20)
    assert read_fields([Line(text=text * 20)]) == ()


@pytest.mark.parametrize("text", ["제안하는 " + "가" * 60_000 + " ", "we propose " + "a" * 200_000])
def test_a_long_word_in_an_abstract_is_no_name(text: str) -> None:
    assert presented_names(text * 3) == set()
