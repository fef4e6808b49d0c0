"""The reader process: documents read beside the bot, whatever they do to who reads them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from bot.errors import FeedError, ReaderError
from bot.feeds.reader_process import IDLE_S, MAX_GIVEN_UP, Reader
from bot.models.feeds import FeedKind, UnreadEntry
from bot.models.index import ReadReview
from bot.reading.documents import hash_entry, read_feed
from tests.factories import make_entry, make_rss
from tests.loopback.patience import patience
from tests.loopback.running import eventually

URL = "https://one.test/feed"


@pytest.fixture
async def reader(real_reader: None) -> AsyncIterator[Reader]:
    reading = Reader(timeout_s=600)  # the other limits come first on a busy machine too
    yield reading
    await reading.close()


def pid(reader: Reader) -> int:
    assert reader._process is not None
    return reader._process.pid


async def test_a_document_comes_back_as_if_read_here(reader: Reader) -> None:
    data = make_rss([make_entry(2), make_entry(1)], with_sitemap=True)
    reading = await reader.read_feed(data, content_type=None, url=URL, known={})
    parsed, changed = read_feed(data, content_type=None, url=URL, known={})
    assert reading.changed == tuple(changed)
    assert len(reading.guids) == 2
    assert reading.parsed.problems == parsed.problems


async def test_the_feeds_that_a_page_names_are_read_there_too(reader: Reader) -> None:
    page = """<meta charset="euc-kr"><link rel="alternate" type="application/rss+xml" href="/글.xml" title="새 글">"""
    named = await reader.read_feed_page(
        page.encode("euc-kr"), content_type=None, url=URL, links='</b.xml>; rel="alternate"; type="text/rss"'
    )
    assert [(link.url, link.title) for link in named.announced] == [
        ("https://one.test/글.xml", "새 글"),
        ("https://one.test/b.xml", None),
    ]
    assert (await reader.read_feed_page(b"", content_type=None, url=URL, refresh="0; url=/blog")).leads_to == (
        "https://one.test/blog"
    )


async def test_known_entries_are_not_read_again(reader: Reader) -> None:
    data = make_rss([make_entry(2), make_entry(1)])
    first = await reader.read_feed(data, content_type=None, url=URL, known={})
    known = {read.entry.guid: read.entry_hash for read in first.changed}
    changed = make_rss([make_entry(2), make_entry(1, title="Renamed")])
    second = await reader.read_feed(changed, content_type=None, url=URL, known=known)
    assert [read.entry.title for read in second.changed] == ["Renamed"]
    assert second.changed[0].entry_hash == hash_entry(second.changed[0].entry)


async def test_one_process_reads_document_after_document(reader: Reader) -> None:
    data = make_rss([make_entry(1)])
    await reader.read_feed(data, content_type=None, url=URL, known={})
    first = pid(reader)
    page = await reader.read_feed(b"<html><body>hi</body></html>", content_type=None, url=URL, known={})
    again = await reader.read_entries(URL, [make_entry(1)])
    assert page.parsed.kind is FeedKind.NOT_A_FEED
    assert isinstance(again[0], ReadReview)
    assert again[0].review.title == make_entry(1).title
    assert pid(reader) == first


async def test_a_reader_that_is_killed_from_outside_is_replaced_and_the_document_read(reader: Reader) -> None:
    """The system's killing, when memory runs out, says nothing about the document."""
    data = make_rss([make_entry(1)])
    await reader.read_feed(data, content_type=None, url=URL, known={})
    first = pid(reader)
    os.kill(first, signal.SIGSTOP)  # it takes the request and answers nothing
    asking = asyncio.create_task(reader.read_feed(data, content_type=None, url=URL, known={}))
    await eventually(reader._lock.locked, "the question")
    os.kill(first, signal.SIGKILL)
    assert len((await asking).changed) == 1
    assert pid(reader) != first


async def test_a_reader_that_is_killed_each_time_is_the_hosts_fault(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody asks for ever, and the document is not blamed."""
    monkeypatch.setattr(
        "bot.feeds.reader_process.PROGRAM",
        child("bot.reading.documents.parse_feed = lambda *a, **k: os.kill(os.getpid(), 9)"),
    )
    with pytest.raises(ReaderError, match=r"was killed from outside \(signal 9\)"):
        await reader.read_feed(make_rss([make_entry(1)]), content_type=None, url=URL, known={})


async def test_a_reader_that_ends_by_itself_is_the_documents_fault(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "bot.feeds.reader_process.PROGRAM", child("bot.reading.documents.parse_feed = lambda *a, **k: os.abort()")
    )
    with pytest.raises(FeedError, match="ended the reader"):
        await reader.read_feed(make_rss([make_entry(1)]), content_type=None, url=URL, known={})


@pytest.mark.parametrize("is_there", [False, True])
async def test_a_reader_that_cannot_be_started_is_the_hosts_fault(
    is_there: bool, reader: Reader, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No interpreter, or one that may not be executed."""
    program = tmp_path / "python"
    if is_there:
        program.write_text("")
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(ReaderError, match=r"cannot be started: (No such file|Permission denied)"):
        await reader.read_feed(make_rss([make_entry(1)]), content_type=None, url=URL, known={})


async def test_a_reader_whose_program_is_incomplete_is_the_hosts_fault(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.feeds.reader_process.PROGRAM", ("-c", "import sys; sys.exit(3)"))
    with pytest.raises(ReaderError, match=r"cannot be started: it ended \(exit status 3\)"):
        await reader.read_feed(make_rss([make_entry(1)]), content_type=None, url=URL, known={})


async def test_reader_that_takes_too_long_is_ended() -> None:
    reader = Reader(timeout_s=0.01)
    data = make_rss([make_entry(n) for n in range(1, 200)])  # more than is read in so short a time
    with pytest.raises(FeedError, match=r"took more than 0\.01 s"):
        await reader.read_feed(data, content_type=None, url=URL, known={})
    assert reader._process is None
    await reader.close()


# ── one bad entry ───────────────────────────────────────────────────────────────────────────────

BAD = {
    "an exception": ("{}['x']", "reading it failed (KeyError)"),
    "too much memory": ("bytearray(2**30)", "reading it took too much memory"),
    "too long": ("sum(iter(int, 1))", "reading it took more than 1 s of processor time"),
    "the end of the process": ("os.abort()", "reading it ended the reader process, as too large a document does"),
}


def child(change: str) -> tuple[str, str]:
    """The program of a child in which something is changed."""
    imports = "import os, bot.reading.feed, bot.reading.documents, bot.feeds.reader_process"
    return "-c", f"{imports}\n{change}\nbot.feeds.reader_process.main()"


def failing(happens: str) -> tuple[str, str]:
    """A child to which something happens over each entry that is called Bad."""
    return child(
        "bot.feeds.reader_process.CPU_S = 1\n"
        "read = bot.reading.documents.parse_review\n"
        f"bot.reading.documents.parse_review = lambda entry: {happens} if 'Bad' in entry.title else read(entry)"
    )


@pytest.mark.parametrize("kind", BAD)
async def test_one_entry_takes_no_other_with_it(kind: str, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it does to who reads it: it is left out with its reason, and the entries around it are read."""
    happens, reason = BAD[kind]
    monkeypatch.setattr("bot.feeds.reader_process.CPU_S", 1)
    monkeypatch.setattr("bot.feeds.reader_process.PROGRAM", failing(happens))
    entries = [make_entry(3), make_entry(2, title="Bad"), make_entry(1)]
    reading = await reader.read_feed(make_rss(entries), content_type=None, url=URL, known={})
    assert [read.entry.guid for read in reading.changed] == [entries[0].guid, entries[2].guid]
    (bad,) = reading.unread
    assert (bad.guid, bad.title, bad.reason) == (entries[1].guid, "Bad", reason)
    assert reading.is_whole
    assert len(reading.guids) == 3
    assert reading.parsed.problems == (f"“Bad” could not be read: {reason}.",)
    known = {read.entry.guid: read.entry_hash for read in reading.changed} | {bad.guid: bad.entry_hash}
    again = await reader.read_feed(make_rss(entries), content_type=None, url=URL, known=known)
    assert (again.changed, again.unread) == ((), ())
    stored = await reader.read_entries(URL, entries)
    assert [type(item) for item in stored] == [ReadReview, UnreadEntry, ReadReview]


async def test_a_document_of_entries_that_end_the_reader_is_read_bit_by_bit(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some are given up at a visit; the rest is come to at the next ones."""
    monkeypatch.setattr("bot.feeds.reader_process.PROGRAM", failing("os.abort()"))
    bad = [make_entry(n, title=f"Bad {n}") for n in range(2, 4 + MAX_GIVEN_UP)]
    data = make_rss([*bad, make_entry(1)])
    reading = await reader.read_feed(data, content_type=None, url=URL, known={})
    assert not reading.is_whole
    assert len(reading.unread) == MAX_GIVEN_UP
    known = {entry.guid: entry.entry_hash for entry in reading.unread}
    rest = await reader.read_feed(data, content_type=None, url=URL, known=known)
    assert rest.is_whole
    assert (len(rest.unread), len(rest.changed)) == (len(bad) - MAX_GIVEN_UP, 1)


async def test_cancelled_question_leaves_no_half_answer_behind(reader: Reader) -> None:
    """The next document gets its own answer, although the child would go on with the one before."""
    many = make_rss([make_entry(n) for n in range(1, 30)])
    await reader.read_feed(many, content_type=None, url=URL, known={})
    child = pid(reader)
    os.kill(child, signal.SIGSTOP)  # it has the question, and answers once it goes on
    asking = asyncio.create_task(reader.read_feed(many, content_type=None, url=URL, known={}))
    await eventually(reader._lock.locked, "the question")
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGCONT)
    reading = await reader.read_feed(make_rss([make_entry(1)]), content_type=None, url=URL, known={})
    assert [read.entry.title for read in reading.changed] == [make_entry(1).title]


def test_an_hour_of_fifty_changes_starts_few_readers() -> None:
    """Whenever they come; and one that reads nothing has ended after ten minutes."""
    rng, starts = random.Random(0), []
    for _ in range(1_000):
        changes_s = sorted(rng.uniform(0, 3_600) for _ in range(50))
        starts.append(1 + sum(later - sooner > IDLE_S for sooner, later in pairwise(changes_s)))
    assert sorted(starts)[990] <= 5
    assert IDLE_S < 600


async def test_idle_reader_ends_and_is_started_again() -> None:
    reader = Reader(idle_s=0.01)
    data = make_rss([make_entry(1)])
    await reader.read_feed(data, content_type=None, url=URL, known={})
    process = reader._process
    assert process is not None
    assert await asyncio.wait_for(process.wait(), patience(20)) == 0
    reading = await reader.read_feed(data, content_type=None, url=URL, known={})
    assert len(reading.guids) == 1
    await reader.close()


@pytest.mark.parametrize(
    "name",
    [
        "DISCORD_TOKEN",
        "discord_token",
        "Nonmun_Contact_Url",
        "AWS_SECRET_ACCESS_KEY",
        "DATABASE_URL",
        "SSH_AUTH_SOCK",
        "MY_PATH",
        "HOMEPAGE_KEY",
    ],
)
async def test_reader_does_not_know_the_token(name: str, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """What reads strangers' documents has no secret to lose: neither ours, however spelt, nor another program's."""
    monkeypatch.setenv(name, "secret")
    await reader.read_feed(make_rss([make_entry(1)]), content_type=None, url=URL, known={})
    environment = await asyncio.to_thread(_read_environment, pid(reader))
    assert environment
    assert b"secret" not in environment


def _read_environment(process_id: int) -> bytes:
    try:
        with open(f"/proc/{process_id}/environ", "rb") as file:  # noqa: PTH123
            return file.read()
    except OSError:
        pytest.skip("this system does not show a process's environment")


async def test_large_document_does_not_hold_up_the_loop(reader: Reader) -> None:
    """While a heavy document is read, the loop goes on turning: a command would be answered meanwhile."""
    heavy = make_rss([make_entry(n, html="<p>" + "word <b>bold</b> " * 4_000 + "</p>") for n in range(1, 8)])
    turns = 0
    asking = asyncio.create_task(reader.read_feed(heavy, content_type=None, url=URL, known={}))
    while not asking.done():
        await asyncio.sleep(0)
        turns += 1
    assert len((await asking).guids) == 7
    assert turns > 100
