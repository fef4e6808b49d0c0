"""A feed whose server sends the same document again: it is not read again, unless something else asks for it."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest

from bot.config import Settings
from bot.feeds import validators
from bot.feeds.reader_process import FeedReading, Reader
from bot.feeds.validators import digest_document
from bot.models.feeds import Resting
from bot.reviews import STRUCTURE_VERSION
from bot.service import Service, open_service
from bot.store import feeds
from tests.conftest import Clock
from tests.factories import make_entry, make_rss
from tests.loopback.feed_host import FeedHost

PATH = "/feed.xml"
TWO = make_rss([make_entry(2), make_entry(1)])


class CountingReader(Reader):
    """Reads as the bot does, and counts the documents."""

    read = 0

    async def read_feed(
        self, data: bytes, *, content_type: str | None, url: str, known: Mapping[str, str | Resting]
    ) -> FeedReading:
        self.read += 1
        return await super().read_feed(data, content_type=content_type, url=url, known=known)


@pytest.fixture
async def reader() -> AsyncIterator[CountingReader]:
    made = CountingReader()
    yield made
    await made.close()


@pytest.fixture
async def service(
    feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock, reader: CountingReader
) -> AsyncIterator[Service]:
    made = settings(
        NONMUN_FEEDS=feed_host.serve(PATH, TWO, etag=False),
        NONMUN_PRIVATE_HOSTS="127.0.0.1",
        NONMUN_ENTRIES_PER_DAY=1,
    )
    async with open_service(made, clock=clock, reader=reader) as opened:
        yield opened


async def poll(service: Service, *, is_forced: bool = False) -> int:
    """Poll the feed and return how many of its entries are new."""
    outcome = await service.poller.poll(service.settings.feeds[0], is_forced=is_forced)
    assert outcome.error is None
    return outcome.new


async def test_the_same_document_is_read_once(service: Service, feed_host: FeedHost, reader: CountingReader) -> None:
    """Its reader process is not started again, and nothing is written."""
    assert await poll(service) == 2
    await reader.close()
    before = service.database.rows_written
    for _ in range(3):
        assert await poll(service) == 0
    assert [request.status for request in feed_host.requests] == [200] * 4
    assert (reader.read, reader._process) == (1, None)
    assert service.database.rows_written == before
    feed_host.serve(PATH, make_rss([make_entry(3), make_entry(2), make_entry(1)]), etag=False)
    assert await poll(service) == 1
    assert reader.read == 2


async def test_a_new_etag_alone_costs_one_row(service: Service, feed_host: FeedHost, reader: CountingReader) -> None:
    await poll(service)
    before = service.database.rows_written
    feed_host.serve(PATH, TWO, etag='"made anew"')
    for _ in range(2):
        await poll(service)
    assert [request.status for request in feed_host.requests] == [200, 200, 304]
    assert (reader.read, service.database.rows_written - before) == (1, 1)
    feed_host.serve(PATH, TWO, etag=False)
    await poll(service)  # the digest outlives a 304
    assert reader.read == 1


async def test_it_is_read_again_when_somebody_asks_for_it(service: Service, reader: CountingReader) -> None:
    """`nonmun poll` says what is wrong with a feed."""
    await poll(service)
    await poll(service, is_forced=True)
    assert reader.read == 2


async def test_it_is_read_again_if_it_comes_with_another_header(
    service: Service, feed_host: FeedHost, reader: CountingReader
) -> None:
    await poll(service)
    feed_host.serve(PATH, TWO, etag=False, content_type="application/rss+xml; charset=euc-kr")
    await poll(service)
    await poll(service)
    assert reader.read == 2


async def test_it_is_read_again_if_it_comes_from_another_address(
    service: Service, feed_host: FeedHost, reader: CountingReader
) -> None:
    """Its links may be relative to that."""
    await poll(service)
    feed_host.serve("/new/feed.xml", TWO, etag=False)
    feed_host.redirect(PATH, "/new/feed.xml", status=302)
    await poll(service)
    await poll(service)
    assert reader.read == 2


async def test_it_is_read_again_by_a_version_that_reads_otherwise(
    service: Service, reader: CountingReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    await poll(service)
    monkeypatch.setattr(validators, "STRUCTURE_VERSION", STRUCTURE_VERSION + 1)
    await poll(service)
    await poll(service)
    assert reader.read == 2


async def test_it_is_read_until_all_of_its_entries_are_entered(
    service: Service, feed_host: FeedHost, clock: Clock, reader: CountingReader
) -> None:
    """A day's limit leaves entries for the next day, in the same document."""
    await poll(service)
    feed_host.serve(PATH, make_rss([make_entry(n) for n in (4, 3, 2, 1)]), etag=False)
    assert await poll(service) == 1
    clock.advance(days=1)
    assert await poll(service) == 1
    clock.advance(days=1)
    assert await poll(service) == 0
    assert reader.read == 3


async def test_it_is_read_after_a_failed_document(
    service: Service, feed_host: FeedHost, clock: Clock, reader: CountingReader
) -> None:
    """What cannot be read is tried each time; the document from before is still known, and ends the error."""
    await poll(service)
    url = feed_host.serve(PATH, b"<html><p>Down</p>", etag=False)
    for _ in range(2):
        assert (await service.poller.poll(url)).error is not None
        clock.advance(days=1)
    assert reader.read == 3
    feed_host.serve(PATH, TWO, etag=False)
    await poll(service)
    assert reader.read == 3
    feed = await feeds.find_feed(service.database.reader, url)
    assert feed is not None
    assert (feed.last_error, feed.failures) == (None, 0)


async def test_a_reading_that_was_not_saved_is_repeated(
    service: Service, feed_host: FeedHost, clock: Clock, reader: CountingReader, tmp_path: Path
) -> None:
    """The digest is saved with what was read, or not at all."""
    await poll(service)
    feed_host.serve(PATH, make_rss([make_entry(3), make_entry(2), make_entry(1)]), etag=False)
    refusing = "CREATE TRIGGER refuse BEFORE INSERT ON reviews BEGIN SELECT RAISE(ABORT, 'killed'); END"
    with sqlite3.connect(service.settings.database) as db:
        db.execute(refusing)
    assert (await service.poller.poll(service.settings.feeds[0])).error is not None
    with sqlite3.connect(service.settings.database) as db:
        db.execute("DROP TRIGGER refuse")
    db.close()
    clock.advance(days=1)
    assert await poll(service) == 1
    assert reader.read == 3


def test_a_digest_is_of_all_that_decides_how_a_document_is_read() -> None:
    same = digest_document(b"x", url="http://a.test/", content_type="text/xml")
    assert same == digest_document(b"x", url="http://a.test/", content_type="text/xml")
    others = {
        digest_document(b"y", url="http://a.test/", content_type="text/xml"),
        digest_document(b"x", url="http://b.test/", content_type="text/xml"),
        digest_document(b"x", url="http://a.test/", content_type=None),
        digest_document(b"x", url="http://a.test/\0text/xml", content_type=None),
    }
    assert len(others | {same}) == 5
