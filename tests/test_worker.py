"""The reader process: documents read beside the bot, whatever they do to who reads them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator

import pytest

from bot.errors import FeedError
from bot.models import FeedKind
from bot.reading import hash_entry, read_feed
from bot.worker import Reader
from tests.factories import make_entry, make_rss
from tests.loopback.patience import patience
from tests.loopback.running import eventually

URL = "https://one.test/feed"


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    reading = Reader()
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
    assert again[0].review.title == make_entry(1).title
    assert pid(reader) == first


async def test_killed_reader_is_an_error_once_and_then_replaced(reader: Reader) -> None:
    """A document that takes the reader down is that feed's fault alone."""
    data = make_rss([make_entry(1)])
    await reader.read_feed(data, content_type=None, url=URL, known={})
    os.kill(pid(reader), signal.SIGSTOP)  # stopped: it takes the request and answers nothing
    asking = asyncio.create_task(reader.read_feed(data, content_type=None, url=URL, known={}))
    await eventually(reader._lock.locked, "the question")
    os.kill(pid(reader), signal.SIGKILL)
    with pytest.raises(FeedError, match="ended the reader"):
        await asking
    reading = await reader.read_feed(data, content_type=None, url=URL, known={})
    assert len(reading.guids) == 1


async def test_reader_that_takes_too_long_is_ended() -> None:
    reader = Reader(timeout_s=0.01)  # less than any process needs to start
    data = make_rss([make_entry(1)])
    with pytest.raises(FeedError, match=r"took more than 0\.01 s"):
        await reader.read_feed(data, content_type=None, url=URL, known={})
    assert reader._process is None
    await reader.close()


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


async def test_reader_does_not_know_the_token(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """What reads strangers' documents has no secret to lose."""
    monkeypatch.setenv("DISCORD_TOKEN", "secret")
    await reader.read_feed(make_rss([make_entry(1)]), content_type=None, url=URL, known={})
    environment = await asyncio.to_thread(_read_environment, pid(reader))
    assert b"secret" not in environment


def _read_environment(process_id: int) -> bytes:
    try:
        with open(f"/proc/{process_id}/environ", "rb") as file:  # noqa: PTH123
            return file.read()
    except OSError:
        pytest.skip("this system does not show a process's environment")


async def test_large_document_does_not_hold_up_the_loop(reader: Reader) -> None:
    """While a heavy document is read, the loop goes on turning: a command would be answered meanwhile."""
    heavy = make_rss([make_entry(n, html="<p>" + "word <b>bold</b> " * 4_000 + "</p>") for n in range(1, 20)])
    turns = 0
    asking = asyncio.create_task(reader.read_feed(heavy, content_type=None, url=URL, known={}))
    while not asking.done():
        await asyncio.sleep(0)
        turns += 1
    assert len((await asking).guids) == 19
    assert turns > 100
