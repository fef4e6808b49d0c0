"""Polling, answering and delivering: the real database, the real reader process, a feed host on loopback."""

from __future__ import annotations

import json
import logging
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.announcing.decisions import FIRST_WAIT, NONCE_WINDOW
from bot.cards.announcements import status_card
from bot.cards.answers import make_card
from bot.cards.card import Card, Tone
from bot.config import Settings
from bot.errors import DeliveryError, RequestError
from bot.faults import MOST_FAULTS
from bot.feeds.reader_process import MAX_GIVEN_UP, PROGRAM
from bot.languages import read_message
from bot.models.announcing import DeliveryState
from bot.models.answers import (
    DidYouMean,
    EmptyCache,
    Gone,
    Latest,
    NoSuchSection,
    NothingFound,
    NotReviewed,
    PaperFound,
    SearchFound,
    SectionFound,
)
from bot.models.feeds import Entry, FeedState
from bot.models.requests import EVERYTHING, Command, Request
from bot.service import Service, open_service
from bot.ui.terminal.records import batch_results
from tests.conftest import Clock
from tests.factories import make_entry, make_rss, shown_title
from tests.loopback.feed_host import FeedHost
from tests.posting import MemoryPoster

MakeSettings = Callable[..., Settings]
CHANNEL = 4711
FIRST_SCHEMA = Path(__file__).parent / "data" / "schemas" / "v1.sql"


@pytest.fixture
def channel() -> MemoryPoster:
    return MemoryPoster()


@pytest.fixture
async def service(feed_host: FeedHost, settings: MakeSettings, clock: Clock) -> AsyncIterator[Service]:
    """A service with a channel, following one feed of three reviews that it has not read yet."""
    feed_host.serve("/feed.xml", make_rss([make_entry(n) for n in (3, 2, 1)], with_sitemap=True))
    made = settings(
        NONMUN_FEEDS=feed_host.url("/feed.xml"), NONMUN_CHANNEL_ID=CHANNEL, NONMUN_PRIVATE_HOSTS="127.0.0.1"
    )
    async with open_service(made, clock=clock) as opened:
        yield opened


def publish(host: FeedHost, *entries: Entry) -> None:
    host.update("/feed.xml", make_rss(entries, with_sitemap=True))


async def poll(service: Service) -> None:
    for outcome in await service.poller.poll_all():
        assert outcome.error is None


# ── polling ─────────────────────────────────────────────────────────────────────────────────────


async def test_first_poll_learns_everything_and_announces_nothing(service: Service, channel: MemoryPoster) -> None:
    (outcome,) = await service.poller.poll_all()
    assert (outcome.total, outcome.new, outcome.announced, outcome.error) == (3, 3, 0, None)
    assert await service.courier.deliver(channel) == 0


async def test_first_poll_announces_the_newest_where_told(
    feed_host: FeedHost, settings: MakeSettings, clock: Clock, channel: MemoryPoster
) -> None:
    entries = [make_entry(n) for n in (3, 2, 1)]
    feed_host.serve("/feed.xml", make_rss(entries))
    made = settings(NONMUN_FEEDS=feed_host.url("/feed.xml"), NONMUN_CHANNEL_ID=CHANNEL, NONMUN_ANNOUNCE_BACKLOG=2)
    async with open_service(made, clock=clock) as opened:
        await poll(opened)
        await opened.courier.deliver(channel)
    assert channel.titles == [shown_title(entries[1]), shown_title(entries[0])]


async def test_second_poll_of_an_unchanged_feed_writes_nothing(service: Service, feed_host: FeedHost) -> None:
    """Neither a 304 nor the same entries in a new build of the document changes a row."""
    await poll(service)
    before = service.database.rows_written
    await poll(service)
    assert feed_host.requests[-1].status == 304
    assert service.database.rows_written == before
    entries = [make_entry(n) for n in (3, 2, 1)]
    built = make_rss(entries, with_sitemap=True, built_at=datetime(2027, 1, 1, tzinfo=UTC))
    feed_host.serve("/feed.xml", built, etag=False)
    before_headers = service.database.rows_written
    await poll(service)  # the validators are gone, and the digest is another: that alone is written
    assert service.database.rows_written == before_headers + 1
    await poll(service)
    assert feed_host.requests[-1].status == 200
    assert service.database.rows_written == before_headers + 1


async def test_changed_review_is_updated_in_place(service: Service, feed_host: FeedHost) -> None:
    """The id stays, the text is the new one, and nothing is announced again."""
    await poll(service)
    before = await service.answering.answer(Request(command=Command.PAPER, query=make_entry(2).link), EVERYTHING)
    changed = make_entry(2, html="<h1>Abstract</h1><p>고친 글.</p>")
    publish(feed_host, make_entry(3), changed, make_entry(1))
    (outcome,) = await service.poller.poll_all()
    assert (outcome.new, outcome.changed, outcome.announced) == (0, 1, 0)
    after = await service.answering.answer(Request(command=Command.PAPER, query=make_entry(2).link), EVERYTHING)
    assert isinstance(before, PaperFound)
    assert isinstance(after, PaperFound)
    assert after.stored.id == before.stored.id
    assert "고친 글." in after.stored.review.sections[0].text


async def test_dates_that_are_read_in_another_zone_make_no_post_new_and_none_another(
    service: Service, feed_host: FeedHost, channel: MemoryPoster
) -> None:
    """As when an update reads dates without a zone as Korea's: ids and order stay, and nobody is told, even of posts
    that have neither id nor address."""

    def dated(date: str) -> str:
        texts = {"<guid>a</guid>": 1, "<link>https://one.test/b</link>": 2, "": 3}
        items = "".join(
            f"<item><title>바다 {number}</title>{told}<description>글 {number}</description>"
            f"<pubDate>{date.format(day=number)}</pubDate></item>"
            for told, number in texts.items()
        )
        return f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'

    async def heads() -> list[tuple[int, str]]:
        latest = await service.answering.answer(Request(command=Command.LATEST), EVERYTHING)
        assert isinstance(latest, Latest)
        return [(head.id, head.title) for head in latest.heads]

    feed_host.update("/feed.xml", dated("{day} Apr 2024 16:20:00 GMT"))
    await poll(service)
    before = await heads()
    assert [title for _, title in before] == ["바다 3", "바다 2", "바다 1"]
    feed_host.update("/feed.xml", dated("2024. 4. {day}. 오후 4:20"))
    (outcome,) = await service.poller.poll_all()
    assert (outcome.new, outcome.announced, outcome.error) == (0, 0, None)
    assert await heads() == before
    assert await service.courier.deliver(channel) == 0


async def test_review_that_left_the_feed_stays(service: Service, feed_host: FeedHost) -> None:
    await poll(service)
    publish(feed_host, make_entry(3))
    await poll(service)
    assert service.answering.review_count == 3


@pytest.mark.parametrize(
    ("body", "said"),
    [("<html><body>Log in</body></html>", "page"), ("", "empty"), ("<rss><channel><item><ti", "")],
)
async def test_what_is_no_feed_changes_nothing_and_says_so(
    service: Service, feed_host: FeedHost, body: str, said: str
) -> None:
    """A login page, nothing at all, a broken document: an error on the feed, the reviews untouched."""
    await poll(service)
    feed_host.update("/feed.xml", body)
    (outcome,) = await service.poller.poll_all()
    assert outcome.error
    assert said in outcome.error
    assert service.answering.review_count == 3
    (feed,) = await service.answering.feeds(EVERYTHING)
    assert (feed.failures, feed.last_error) == (1, outcome.error)


async def test_failing_feed_backs_off_and_recovers(service: Service, feed_host: FeedHost, clock: Clock) -> None:
    """It is not asked again before its time, waits twice as long each time, and forgets it all when well."""
    feed_host.fail("/feed.xml", status=500, times=2)
    await service.poller.poll_all()
    asked = len(feed_host.requests)
    await service.poller.poll_all()
    assert len(feed_host.requests) == asked
    clock.advance(minutes=5)
    await service.poller.poll_all()
    (feed,) = await service.answering.feeds(EVERYTHING)
    assert feed.failures == 2
    assert feed.next_check_at == clock() + timedelta(minutes=10)
    clock.advance(minutes=10)
    await poll(service)
    (feed,) = await service.answering.feeds(EVERYTHING)
    assert (feed.failures, feed.last_error, feed.next_check_at) == (0, None, None)


async def test_retry_after_is_honoured(service: Service, feed_host: FeedHost, clock: Clock) -> None:
    feed_host.fail("/feed.xml", status=429, retry_after=7_200, times=1)
    await service.poller.poll_all()
    (feed,) = await service.answering.feeds(EVERYTHING)
    assert feed.next_check_at == clock() + timedelta(hours=2)


async def test_one_bad_feed_does_not_keep_another_waiting(feed_host: FeedHost, settings: MakeSettings) -> None:
    feed_host.serve("/good.xml", make_rss([make_entry(1)]))
    feed_host.fail("/bad.xml", status=503, times=9)
    urls = f"{feed_host.url('/bad.xml')},{feed_host.url('/good.xml')}"
    async with open_service(settings(NONMUN_FEEDS=urls)) as opened:
        bad, good = await opened.poller.poll_all()
    assert bad.error
    assert (good.error, good.new) == (None, 1)


async def spoil_a_review(service: Service, url: str) -> None:
    """Put into the row of one of a feed's reviews what no row has: whoever reads it fails in a way nobody foresaw."""
    async with service.database.transaction() as db:
        await db.execute(
            "UPDATE reviews SET published = 'no date' WHERE id = (SELECT max(r.id) FROM reviews r "
            "JOIN feeds f ON f.id = r.feed_id WHERE f.url = ?)",
            (url,),
        )


async def test_an_unexpected_error_of_one_poll_is_kept_on_its_feed_and_logged_once(
    feed_host: FeedHost, settings: MakeSettings, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """It backs off like any failure, its traceback is in the log once, and the other feeds go on."""
    urls = [feed_host.serve(path, make_rss([make_entry(1)])) for path in ("/bad.xml", "/good.xml")]
    async with open_service(settings(NONMUN_FEEDS=",".join(urls)), clock=clock) as service:
        await poll(service)
        await spoil_a_review(service, urls[0])
        for path in ("/bad.xml", "/good.xml"):
            feed_host.update(path, make_rss([make_entry(2), make_entry(1)]))
        for _ in range(3):
            clock.advance(days=2)
            bad, good = await service.poller.poll_all()
            assert bad.error == "an unexpected error (ValueError); the log has the details"
            assert good.error is None
        states = {feed.url: feed for feed in await service.answering.feeds(EVERYTHING)}
        assert states[urls[0]].failures == 3
        assert states[urls[0]].next_check_at == clock.now + timedelta(minutes=20)
        assert states[urls[1]].failures == 0
        assert len([record for record in caplog.records if record.exc_info]) == 1


BAD = (
    "import bot.reading.documents, bot.feeds.reader_process\nread = bot.reading.documents.parse_review\n"
    "bot.reading.documents.parse_review = lambda entry: {}['x'] if 'Bad' in entry.title else read(entry)\n"
    "bot.feeds.reader_process.main()"
)
"""A reader that fails over each entry that is called Bad."""
KILLED = "import os\nos.write(1, bytes(4))\nos.read(0, 1)\nos.kill(os.getpid(), 9)"
"""A reader that is killed over each document, as the system does when memory runs out; it says that it is ready."""


async def test_an_entry_that_cannot_be_read_is_left_alone_and_the_rest_announced(
    service: Service, feed_host: FeedHost, channel: MemoryPoster, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told of, tried again a few times with longer pauses, then again when it has changed."""
    tried: list[str] = []
    await poll(service)
    monkeypatch.setattr("bot.feeds.reader_process.PROGRAM", ("-c", BAD))
    await service.poller._reader.close()
    bad = make_entry(5, title="Bad")
    publish(feed_host, bad, make_entry(4), *(make_entry(n) for n in (3, 2, 1)))
    for _ in range(200):
        (outcome,) = await service.poller.poll_all()
        assert outcome.error is None
        tried += outcome.problems[-1:] if "Bad" in str(outcome.problems) else []
        clock.advance(minutes=15)
    assert tried == ["“Bad” could not be read: reading it failed (KeyError)."] * MOST_FAULTS
    assert feed_host.requests[-1].status == 304, "its feed is asked for news alone again"
    await service.courier.deliver(channel)
    assert channel.titles == [shown_title(make_entry(4))]
    (feed,) = await service.answering.feeds(EVERYTHING)
    assert (feed.unread_entries, feed.failures) == (1, 0)
    publish(feed_host, make_entry(5), *(make_entry(n) for n in (4, 3, 2, 1)))
    await poll(service)
    (feed,) = await service.answering.feeds(EVERYTHING)
    assert feed.unread_entries == 0
    await service.courier.deliver(channel)
    assert channel.titles == [shown_title(make_entry(4)), shown_title(make_entry(5))]


async def test_what_left_the_feed_is_no_trouble_any_more(
    service: Service, feed_host: FeedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.feeds.reader_process.PROGRAM", ("-c", BAD))
    publish(feed_host, make_entry(2, title="Bad"), make_entry(1))
    await poll(service)
    publish(feed_host, make_entry(3), make_entry(1))
    await poll(service)
    (feed,) = await service.answering.feeds(EVERYTHING)
    assert feed.unread_entries == 0


async def test_a_first_reading_that_stops_half_way_is_no_news_when_it_goes_on(
    service: Service, feed_host: FeedHost, channel: MemoryPoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries that end the reader are given up a few at a visit; what stands behind them is read, too."""
    monkeypatch.setattr(
        "bot.feeds.reader_process.PROGRAM", ("-c", BAD.replace("{}['x']", "__import__('os').abort()"))
    )
    bad = [make_entry(n, title=f"Bad {n}") for n in range(9, 9 - MAX_GIVEN_UP - 1, -1)]
    publish(feed_host, *bad, make_entry(2), make_entry(1))
    for new in (0, 2):
        (outcome,) = await service.poller.poll_all()
        assert (outcome.error, outcome.new) == (None, new)
    (feed,) = await service.answering.feeds(EVERYTHING)
    assert feed.first_read_at
    assert await service.courier.deliver(channel) == 0


async def test_a_reader_that_cannot_be_started_is_charged_to_no_feed(
    service: Service,
    feed_host: FeedHost,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No failure, no pause and no word to servers; the log says it once, and when it is over."""
    caplog.set_level(logging.INFO)
    url = feed_host.url("/feed.xml")
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/nowhere/python")
        for _ in range(3):
            (outcome,) = await service.poller.poll_all()
            assert outcome.is_hosts_fault
            assert outcome.error == "the reader process cannot be started: No such file or directory"
        with pytest.raises(RequestError, match="because of a fault where it runs"):
            await service.subscriptions.follow(url, guild_id=1, channel_id=2, owner_id=3)
        assert await service.poller.readable_again() == []
        clock.advance(hours=1)
        assert await service.poller.readable_again() == [], "nothing is asked while nothing can be read"
    assert await service.answering.feeds(EVERYTHING) == [FeedState(id=0, url=url)]
    assert len([line for line in caplog.messages if "cannot be started" in line]) == 1
    assert await service.poller.readable_again() == [url]
    await poll(service)
    assert await service.poller.readable_again() == []
    assert any(line.startswith("works again what='read documents'") for line in caplog.messages)


async def test_the_status_of_a_feed_that_the_host_cannot_read_says_so(
    service: Service, feed_host: FeedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is neither called well nor given a failure, and is well again with the next reading."""
    url = feed_host.url("/feed.xml")
    made = await service.subscriptions.follow(url, guild_id=1, channel_id=2, owner_id=3)

    def said(card: Card) -> str:
        return "\n".join("".join(span.text for span in block.spans) for part in card.parts for block in part)

    async def card() -> Card:
        found = await service.subscriptions.status(made)
        return status_card(
            made,
            found.feed,
            lambda _: "#papers",
            waiting=0,
            last_sent=None,
            next_digest=None,
            role="nobody",
            problem=None,
            can_read=found.can_read,
        )

    assert "Reading: working" in said(await card())
    feed_host.update("/feed.xml", make_rss([make_entry(9)]))
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/nowhere/python")
        await service.poller._reader.close()
        await service.poller.poll(url, is_forced=True)
        broken_card = await card()
    assert "Reading: not possible right now because of a fault where the bot runs" in said(broken_card)
    assert broken_card.tone is Tone.CHOOSE
    await service.poller.poll(url, is_forced=True)
    assert "Reading: working" in said(await card())


async def test_a_feed_whose_reader_is_killed_is_asked_again_soon_but_not_at_once(
    service: Service, feed_host: FeedHost, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without memory is not helped by trying again and again."""
    monkeypatch.setattr("bot.feeds.reader_process.PROGRAM", ("-c", KILLED))
    url = feed_host.url("/feed.xml")
    waits = []
    for _ in range(6):
        assert (await service.poller.poll(url, is_forced=True)).is_hosts_fault
        waits.append((service.poller.waiting[url].until - clock.now) // timedelta(minutes=1))
    assert waits == [1, 2, 4, 8, 15, 15]
    clock.advance(minutes=14)
    assert await service.poller.readable_again() == []
    clock.advance(minutes=1)
    assert await service.poller.readable_again() == [url]


async def test_a_stored_entry_that_cannot_be_read_again_keeps_no_other_waiting(
    service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not where reading fails, nor where its row cannot be read; it is tried a few times and then set aside."""
    await poll(service)
    async with service.database.transaction() as db:
        await db.execute("UPDATE reviews SET structure_version = 1")
        await db.execute("UPDATE reviews SET entry = json_set(entry, '$.title', 'Bad') WHERE id = 1")
        await db.execute("UPDATE reviews SET entry = '{}' WHERE id = 2")
    monkeypatch.setattr("bot.feeds.reader_process.PROGRAM", ("-c", BAD))
    await service.poller._reader.close()
    assert await service.poller.reread_outdated() == 1
    for _ in range(50):
        clock.advance(hours=1)
        assert await service.poller.reread_outdated() == 0
    query = "SELECT reason, attempts, retry_at FROM unread_entries ORDER BY reason"
    async with service.database.reader.execute(query) as rows:
        unread = [(read_message(reason), attempts, retry) for reason, attempts, retry in await rows.fetchall()]
        assert unread == [
            ("reading it failed (KeyError)", MOST_FAULTS, None),
            ("what is kept of it cannot be read", MOST_FAULTS, None),
        ]
    monkeypatch.setattr("bot.feeds.reader_process.PROGRAM", PROGRAM)
    await service.poller._reader.close()
    async with service.database.transaction() as db:
        await db.execute("UPDATE unread_entries SET structure_version = structure_version - 1")
    assert await service.poller.reread_outdated() == 1, "a later version of the rules tries them again"
    (feed,) = await service.answering.feeds(EVERYTHING)
    assert feed.unread_entries == 1


async def test_date_from_the_future_is_taken_as_now(service: Service, feed_host: FeedHost, clock: Clock) -> None:
    """A post from 2099 must not stay on top for ever."""
    publish(feed_host, make_entry(1, published=datetime(2099, 1, 1, tzinfo=UTC)))
    await poll(service)
    latest = await service.answering.answer(Request(command=Command.LATEST), EVERYTHING)
    assert isinstance(latest, Latest)
    assert latest.heads[0].date == clock()


async def test_date_from_the_future_stays_mended_when_read_again(
    service: Service, feed_host: FeedHost, clock: Clock, tmp_path: Path
) -> None:
    """Reading the stored entry anew, years later by its own account, does not bring 2099 back."""
    publish(feed_host, make_entry(1, published=datetime(2099, 1, 1, tzinfo=UTC)))
    await poll(service)
    with sqlite3.connect(tmp_path / "test.db") as connection:
        connection.execute("UPDATE reviews SET structure_version = 0")
    connection.close()
    assert await service.poller.reread_outdated() == 1
    latest = await service.answering.answer(Request(command=Command.LATEST), EVERYTHING)
    assert isinstance(latest, Latest)
    assert latest.heads[0].date == clock()


async def test_older_structure_is_read_again_from_the_stored_entry(service: Service, tmp_path: Path) -> None:
    """After an update of the bot a review is read anew, although its feed answers 304."""
    await poll(service)
    with sqlite3.connect(tmp_path / "test.db") as connection:
        connection.execute("UPDATE reviews SET structure_version = 0, clean_title = 'as an old version read it'")
    connection.close()
    assert await service.poller.reread_outdated() == 3
    assert await service.poller.reread_outdated() == 0
    latest = await service.answering.answer(Request(command=Command.LATEST), EVERYTHING)
    assert isinstance(latest, Latest)
    assert {head.clean_title for head in latest.heads}.isdisjoint({"as an old version read it"})


async def test_cache_of_the_first_version_is_kept_and_read_again(
    settings: MakeSettings, clock: Clock, channel: MemoryPoster, tmp_path: Path
) -> None:
    """Its reviews keep their ids and their waiting posts, and are found by all that the new version looks at."""
    url = "https://gone.test/feed.xml"  # nobody is asked: what is stored is enough
    write_first_version(tmp_path / "test.db", make_entry(1), feed_url=url, review_id=7, channel=CHANNEL)
    async with open_service(settings(NONMUN_FEEDS=url, NONMUN_CHANNEL_ID=CHANNEL), clock=clock) as service:
        assert service.answering.review_count == 1
        assert await service.poller.reread_outdated() == 1
        assert await service.poller.reread_outdated() == 0
        for query in ("lantern-1", "2401.00001", make_entry(1).link, "example/lantern-1"):
            paper = await ask(service, Command.PAPER, query)
            assert isinstance(paper, PaperFound), query
            assert paper.stored.id == 7
        for query in ("retriever", "tag:retrieval", "venue:ACL2024", 'author:"mina oh"'):
            found = await ask(service, Command.SEARCH, query)
            assert isinstance(found, SearchFound), query
            assert [hit.head.id for hit in found.hits] == [7]
        assert await service.courier.deliver(channel) == 1
    assert channel.titles == [shown_title(make_entry(1))]


def write_first_version(path: Path, entry: Entry, *, feed_url: str, review_id: int, channel: int) -> None:
    """A cache as version 0.1.0 left it: one review, its post still waiting."""
    times = {"published": entry.published and entry.published.isoformat(), "updated": None}
    row = {
        "id": review_id, "feed_id": 1, "guid": entry.guid, "entry_hash": "h", "structure_version": 1,
        "entry": json.dumps(asdict(entry) | times), "link": entry.link, "title": entry.title,
        "clean_title": "Lantern-1", "authors": "[]", "identifiers": "{}", "links": "[]", "categories": "[]",
        "characters": 9, "first_seen_at": "2024-01-03T00:00:00+00:00",
    }  # fmt: skip
    with sqlite3.connect(path) as db:
        db.executescript(FIRST_SCHEMA.read_text("utf-8"))
        db.execute("PRAGMA user_version = 1")
        db.execute("INSERT INTO feeds (id, url, learned_at) VALUES (1, ?, '2024-01-03T00:00:00+00:00')", (feed_url,))
        names = ", ".join(row)
        db.execute(f"INSERT INTO reviews ({names}) VALUES ({', '.join(':' + name for name in row)})", row)  # noqa: S608
        db.execute("INSERT INTO names VALUES (?, 'short', 'Lantern-1', 1)", (review_id,))
        db.execute("INSERT INTO review_index (rowid, title) VALUES (?, 'lantern 1')", (review_id,))
        db.execute(
            "INSERT INTO deliveries (review_id, channel_id, state, nonce, created_at)"
            " VALUES (?, ?, 'pending', 'n', '2024-01-03T00:00:00+00:00')",
            (review_id, channel),
        )
    db.close()


# ── one post, many identities ───────────────────────────────────────────────────────────────────


async def counts(service: Service) -> tuple[int, int, int]:
    (outcome,) = await service.poller.poll_all()
    assert outcome.error is None
    return outcome.new, outcome.announced, service.answering.review_count


@pytest.mark.parametrize("what", ["guid", "scheme", "tracker", "host", "slug", "date", "everything but the text"])
async def test_a_feed_that_rewrites_its_posts_posts_nothing_again(
    service: Service, feed_host: FeedHost, what: str
) -> None:
    """And is known by the new identity from then on: the same poll once more changes nothing."""
    await poll(service)

    def rewritten(number: int) -> Entry:
        entry = make_entry(number)
        changes: dict[str, dict[str, object]] = {
            "guid": {"guid": f"urn:{number}"},
            "scheme": {"guid": entry.link.replace("https", "http"), "link": entry.link.replace("https", "http")},
            "tracker": {"guid": f"{entry.link}?utm_source=rss", "link": f"{entry.link}?utm_source=rss"},
            "host": {"guid": f"https://new.test/{number}", "link": f"https://new.test/{number}"},
            "slug": {"guid": f"{entry.link}2", "link": f"{entry.link}2"},
            "date": {"published": datetime(2026, 5, 30, tzinfo=UTC)},
            "everything but the text": {
                "guid": str(number), "link": f"https://new.test/?p={number}",
                "published": datetime(2026, 5, 30, tzinfo=UTC),
            },
        }  # fmt: skip
        return make_entry(number, **changes[what])  # type: ignore[arg-type]

    publish(feed_host, *(rewritten(n) for n in (3, 2, 1)))
    assert await counts(service) == (0, 0, 3)
    publish(feed_host, make_entry(4), *(rewritten(n) for n in (3, 2, 1)))
    assert await counts(service) == (1, 1, 4)


async def test_two_posts_with_one_guid_are_two_also_when_one_has_left(
    service: Service, feed_host: FeedHost, channel: MemoryPoster
) -> None:
    """A feed that gives every post the same guid: none is lost, and none is written over another."""
    await poll(service)
    twins = [make_entry(n, guid="always-this") for n in (6, 5, 4)]
    publish(feed_host, *twins[1:])
    assert await counts(service) == (2, 2, 5)
    publish(feed_host, *twins[:2])
    assert await counts(service) == (1, 1, 6)
    publish(feed_host, twins[0])
    assert await counts(service) == (0, 0, 6)
    await service.courier.deliver(channel)
    assert channel.titles == [shown_title(make_entry(n)) for n in (4, 5, 6)]
    for entry in twins:
        paper = await ask(service, Command.PAPER, entry.link)
        assert isinstance(paper, PaperFound)
        assert paper.stored.review.title == entry.title


async def test_a_post_that_stands_twice_in_a_feed_is_one(service: Service, feed_host: FeedHost) -> None:
    await poll(service)
    publish(feed_host, make_entry(4), make_entry(4, guid="again"), make_entry(3))
    assert await counts(service) == (1, 1, 4)
    assert await counts(service) == (0, 0, 4)


# ── answering ───────────────────────────────────────────────────────────────────────────────────


async def ask(service: Service, command: Command, query: str, **more: object) -> object:
    request = Request(command=command, query=query, **more)  # type: ignore[arg-type]
    return await service.answering.answer(request, await service.audiences.terminal())


async def test_empty_cache_says_so(service: Service) -> None:
    assert isinstance(await ask(service, Command.PAPER, "lantern"), EmptyCache)


async def test_paper_section_and_search_answer_from_what_was_polled(service: Service, feed_host: FeedHost) -> None:
    publish(feed_host, make_entry(1, title="[ACL2024] Lantern: Reading Twice"), make_entry(2, title="Otter"))
    await poll(service)
    paper = await ask(service, Command.PAPER, "lanten")
    assert isinstance(paper, PaperFound)
    assert paper.stored.review.clean_title == "Lantern: Reading Twice"
    assert paper.note is not None
    assert "lanten" in paper.note
    section = await ask(service, Command.SECTION, "lantern 2.1")
    assert isinstance(section, SectionFound)
    assert section.sections[0].number == "2.1"
    two_fields = await ask(service, Command.SECTION, "lantern", heading="결론")
    assert isinstance(two_fields, SectionFound)
    assert two_fields.sections[0].heading == "3. Conclusion"
    whole = await ask(service, Command.SECTION, "lantern 2")
    assert isinstance(whole, SectionFound)
    assert [s.number for s in whole.sections] == ["2", "2.1"]
    missing = await ask(service, Command.SECTION, "lantern limitations")
    assert isinstance(missing, NoSuchSection)
    assert missing.asked == "limitations"
    found = await ask(service, Command.SEARCH, "retriever")
    assert isinstance(found, SearchFound)
    assert len(found.hits) == 2


async def test_section_of_a_guess_is_offered_not_opened(service: Service, feed_host: FeedHost) -> None:
    """Two reviews that begin so, two slips, a name that only stands in a text: the reviews are offered, and the
    choice still knows which section was asked for."""
    mentions = make_entry(3).html + "<h1>Introduction</h1><p>QLoRA beats QLoRA.</p>"
    publish(
        feed_host,
        make_entry(1, title="HyperPrompt: One"),
        make_entry(2, title="HyperClova: Two"),
        make_entry(3, title="LoftQ: Three", html=mentions),
    )
    await poll(service)
    for query in ("hyper", "hyperprompet1x", "QLoRA"):
        for request in (f"{query} 결론", query):
            heading = None if request != query else "결론"
            answer = await ask(service, Command.SECTION, request, heading=heading)
            assert isinstance(answer, DidYouMean | NotReviewed), request
    mention = await ask(service, Command.PAPER, "QLoRA")
    assert isinstance(mention, DidYouMean)
    assert mention.is_mention
    assert make_card(mention).buttons[-1].request == Request(command=Command.SEARCH, query="QLoRA")
    hyper = await ask(service, Command.SECTION, "hyper 2.1")
    assert isinstance(hyper, DidYouMean)
    assert (len(hyper.near), hyper.heading) == (2, "2.1")
    assert all(heading and heading.startswith("2.1") for heading in hyper.opens)
    assert str(hyper.opens[0]) in "".join(block.text for part in make_card(hyper).parts for block in part)
    assert [result["section"] for result in batch_results(hyper)] == list(hyper.opens)
    chosen = await ask(service, Command.SECTION, "", review_id=hyper.near[0].id, heading=hyper.heading)
    assert isinstance(chosen, SectionFound)


async def test_a_section_that_only_comes_nearest_is_shown_as_such(service: Service, feed_host: FeedHost) -> None:
    """Under a note, to the asker alone, and not as the answer."""
    body = "<h1>Introduction</h1><p>Lamps.</p><h1>Evaluation</h1><p>They burn.</p><h1>Bottom Line</h1><p>Buy.</p>"
    publish(feed_host, replace(make_entry(1, title="Lantern: Reading Twice"), html=body))
    await poll(service)
    nearest = await ask(service, Command.SECTION, "lantern 실험 결과")
    assert isinstance(nearest, SectionFound)
    assert (nearest.sections[0].heading, nearest.is_sure) == ("Evaluation", False)
    assert nearest.note is not None
    assert "실험 결과" in nearest.note
    assert make_card(nearest).is_private
    verdict = await ask(service, Command.SECTION, "lantern 결론")
    assert isinstance(verdict, SectionFound)
    assert (verdict.sections[0].heading, verdict.is_sure, verdict.note) == ("Bottom Line", True, None)
    assert not make_card(verdict).is_private


async def test_the_name_of_a_part_is_no_papers(service: Service, feed_host: FeedHost) -> None:
    """A name that is not here, with a part of it, opens no paper whose title has the part's word."""
    publish(feed_host, make_entry(1, title="Walking by the methods of the sea"), make_entry(2, title="Otter"))
    await poll(service)
    assert isinstance(await ask(service, Command.SECTION, "ngcf method"), NotReviewed)


async def test_what_another_process_polled_is_found(service: Service, feed_host: FeedHost, clock: Clock) -> None:
    """A poll by hand beside the running bot: its reviews are known at the next question."""
    await poll(service)
    publish(feed_host, make_entry(9, title="Walrus: Counting Tusks"))
    async with open_service(service.settings, clock=clock) as beside:
        await poll(beside)
    assert isinstance(await ask(service, Command.PAPER, "walrus"), PaperFound)


async def test_filters_narrow_a_search_or_are_one(service: Service, feed_host: FeedHost) -> None:
    """With words the reviews that meet them are ranked, without they are listed, the newest first."""
    publish(
        feed_host,
        make_entry(3, title="[ACL2024] Otter"),
        make_entry(2, title="[ICLR2024] Seal"),
        make_entry(1, title="[ACL2024] Walrus"),
    )
    await poll(service)
    listed = await ask(service, Command.SEARCH, "venue:ACL2024")
    assert isinstance(listed, SearchFound)
    assert [hit.head.clean_title for hit in listed.hits] == ["Otter", "Walrus"]
    ranked = await ask(service, Command.SEARCH, "venue:ICLR retriever")
    assert isinstance(ranked, SearchFound)
    assert [hit.head.clean_title for hit in ranked.hits] == ["Seal"]
    without = await ask(service, Command.SEARCH, "retriever -walrus -seal")
    assert isinstance(without, SearchFound)
    assert [hit.head.clean_title for hit in without.hits] == ["Otter"]
    assert isinstance(await ask(service, Command.SEARCH, "retriever -retrievers"), NothingFound)
    assert isinstance(await ask(service, Command.SEARCH, "-retriever"), NothingFound)
    assert isinstance(await ask(service, Command.SEARCH, "venue:SIGGRAPH2024"), NothingFound)
    with pytest.raises(RequestError, match="not a date"):
        await ask(service, Command.SEARCH, "before:soon")


async def test_what_is_not_here_is_said_not_guessed(service: Service) -> None:
    await poll(service)
    assert isinstance(await ask(service, Command.PAPER, "mamba"), NotReviewed)
    assert isinstance(await ask(service, Command.PAPER, "2310.11512"), NotReviewed)
    assert isinstance(await ask(service, Command.PAPER, "https://arxiv.org/abs/1706.03762"), NotReviewed)
    assert isinstance(await ask(service, Command.SECTION, "mamba 결론"), NotReviewed | DidYouMean)
    assert isinstance(await ask(service, Command.SEARCH, "kubernetes"), NothingFound)
    assert isinstance(await ask(service, Command.SEARCH, "the"), NothingFound)


@pytest.mark.parametrize("command", [Command.PAPER, Command.SECTION, Command.SEARCH])
@pytest.mark.parametrize("query", ["", "   ", "x" * 2_001])
async def test_a_request_for_nothing_or_too_much_is_refused_in_words(
    service: Service, command: Command, query: str
) -> None:
    await poll(service)
    with pytest.raises(RequestError):
        await ask(service, command, query)


async def test_choice_of_a_review_that_is_gone_opens_nothing(service: Service) -> None:
    """Also where there are no reviews at all."""
    assert await ask(service, Command.PAPER, "", review_id=999) == Gone()
    await poll(service)
    assert await ask(service, Command.PAPER, "", review_id=999) == Gone()


async def test_scope_leaves_other_feeds_out(feed_host: FeedHost, settings: MakeSettings) -> None:
    """Asked of one feed alone, the other's reviews are in no answer."""
    one, two = (feed_host.serve(f"/{n}.xml", make_rss([make_entry(n, title=f"Otter{n}")])) for n in (1, 2))
    made = settings(NONMUN_FEEDS=f"{one},{two}")
    async with open_service(made) as opened:
        await poll(opened)
    async with open_service(made, scope=(one,)) as scoped:
        terminal = await scoped.audiences.terminal()
        assert [s.review.title async for s in scoped.answering.export(terminal)] == ["Otter1"]
        assert isinstance(await ask(scoped, Command.PAPER, "otter2"), DidYouMean)
        assert isinstance(await ask(scoped, Command.PAPER, make_entry(2).link), NotReviewed)
        found = await ask(scoped, Command.SEARCH, "retriever")
        assert isinstance(found, SearchFound)
        assert [hit.head.feed_url for hit in found.hits] == [one]


# ── delivering ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def news(service: Service, feed_host: FeedHost) -> list[str]:
    """Two new reviews on top of the three already known; their titles, oldest first."""
    await poll(service)
    entries = [make_entry(n) for n in (5, 4, 3, 2, 1)]
    publish(feed_host, *entries)
    await poll(service)
    return [shown_title(entries[1]), shown_title(entries[0])]


async def test_new_reviews_are_posted_once_oldest_first(
    service: Service, news: list[str], channel: MemoryPoster
) -> None:
    assert await service.courier.deliver(channel) == 2
    assert await service.courier.deliver(channel) == 0
    await poll(service)
    assert await service.courier.deliver(channel) == 0
    assert channel.titles == news
    assert {message.channel_id for message in channel.messages} == {CHANNEL}
    assert all(len(message.nonce) <= 25 for message in channel.messages)


async def test_refused_post_waits_and_nothing_overtakes_it(
    service: Service, news: list[str], channel: MemoryPoster, clock: Clock
) -> None:
    """A missing permission: kept, said, not asked in vain again, in order once it is back."""
    channel.blocked[CHANNEL] = "Missing Permissions"
    await service.courier.deliver(channel)
    assert channel.messages == []
    waiting = await service.courier.undelivered()
    assert [d.reason for d in waiting] == ["Missing Permissions", None]
    assert {d.state for d in waiting} == {DeliveryState.PENDING}
    clock.advance(hours=3)
    await service.courier.retry(channel)
    assert await service.courier.deliver(channel) == 0
    del channel.blocked[CHANNEL]
    await service.courier.retry(channel)
    assert await service.courier.deliver(channel) == 2
    assert channel.titles == news


async def test_what_is_refused_without_a_clear_answer_is_tried_again_with_doubling_waits(
    service: Service, news: list[str], channel: MemoryPoster, clock: Clock
) -> None:
    channel.refusals = [DeliveryError("no clear answer", is_doubtful=True)] * 2
    await service.courier.deliver(channel)
    clock.now += FIRST_WAIT
    await service.courier.deliver(channel)
    clock.now += FIRST_WAIT
    assert await service.courier.deliver(channel) == 0
    clock.now += FIRST_WAIT
    assert await service.courier.deliver(channel) == 2
    assert channel.titles == news


async def test_permission_that_is_back_is_used_at_once(
    service: Service, news: list[str], channel: MemoryPoster
) -> None:
    channel.refusals = [DeliveryError("Missing Permissions", is_blocked=True)]
    await service.courier.deliver(channel)
    await service.courier.retry(channel)
    assert await service.courier.deliver(channel) == 2


async def test_rate_limit_is_waited_out(
    service: Service, news: list[str], channel: MemoryPoster, clock: Clock
) -> None:
    channel.refusals = [DeliveryError("Discord asks us to wait", retry_after_s=90)]
    await service.courier.deliver(channel)
    clock.advance(seconds=89)
    assert await service.courier.deliver(channel) == 0
    clock.advance(seconds=1)
    assert await service.courier.deliver(channel) == 2


async def test_post_that_is_refused_for_good_does_not_block_the_next(
    service: Service, news: list[str], channel: MemoryPoster
) -> None:
    """It is kept with its reason, and the one behind it goes out."""
    channel.refusals = [DeliveryError("Invalid Form Body", is_final=True)]
    await service.courier.deliver(channel)
    assert channel.titles == news[1:]
    (failed,) = await service.courier.undelivered()
    assert (failed.state, failed.reason) == (DeliveryState.FAILED, "Invalid Form Body")


@pytest.mark.parametrize("arrived", [True, False])
@pytest.mark.parametrize("is_readable", [True, False])
async def test_post_in_doubt_is_neither_lost_nor_doubled(
    service: Service, news: list[str], channel: MemoryPoster, clock: Clock, arrived: bool, is_readable: bool
) -> None:
    """A lost answer: whether the post had arrived or not, it stands there once in the end."""
    channel.refusals = [DeliveryError("no clear answer", is_doubtful=True)]
    channel.arrives_all_the_same = arrived
    channel.is_readable = is_readable
    await service.courier.deliver(channel)
    clock.now += FIRST_WAIT
    assert await service.courier.deliver(channel) == 2
    assert channel.titles == news


async def test_old_doubt_waits_for_a_look_at_the_channel(
    service: Service, news: list[str], channel: MemoryPoster, clock: Clock
) -> None:
    """Once Discord has forgotten the nonce, nothing is sent blindly: it is kept, with what is needed."""
    channel.refusals = [DeliveryError("no clear answer", is_doubtful=True)]
    channel.is_readable = False
    await service.courier.deliver(channel)
    clock.now += NONCE_WINDOW
    assert await service.courier.deliver(channel) == 0
    assert "Read Message History" in str((await service.courier.undelivered())[0].reason)
    channel.is_readable = True
    await service.courier.retry(channel)
    assert await service.courier.deliver(channel) == 2
    assert channel.titles == news


async def test_two_reviews_at_one_address_are_two_posts(
    service: Service, feed_host: FeedHost, channel: MemoryPoster, clock: Clock
) -> None:
    """The first one's message is not taken for the second one's, which was in doubt."""
    await poll(service)
    twins = [make_entry(n, link="https://one.test/same") for n in (5, 4)]
    publish(feed_host, *twins, make_entry(1))
    await poll(service)
    channel.refusals = [None, DeliveryError("no clear answer", is_doubtful=True)]
    await service.courier.deliver(channel)
    clock.now += FIRST_WAIT
    await service.courier.deliver(channel)
    assert channel.titles == [shown_title(twins[1]), shown_title(twins[0])]


async def test_waiting_posts_follow_a_changed_channel(
    service: Service, news: list[str], channel: MemoryPoster, settings: MakeSettings, clock: Clock
) -> None:
    made = settings(NONMUN_FEEDS=service.settings.feeds[0], NONMUN_CHANNEL_ID=99)
    async with open_service(made, clock=clock) as restarted:
        await restarted.subscriptions.start()
        await restarted.courier.start()
        assert await restarted.courier.deliver(channel) == 2
    assert {message.channel_id for message in channel.messages} == {99}


async def test_without_a_channel_nothing_is_entered_in_the_outbox(
    feed_host: FeedHost, settings: MakeSettings, clock: Clock, channel: MemoryPoster
) -> None:
    """A channel named later does not get a flood of what came before."""
    url = feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    async with open_service(settings(NONMUN_FEEDS=url), clock=clock) as silent:
        await poll(silent)
        feed_host.update("/feed.xml", make_rss([make_entry(2), make_entry(1)]))
        await poll(silent)
    async with open_service(settings(NONMUN_FEEDS=url, NONMUN_CHANNEL_ID=CHANNEL), clock=clock) as speaking:
        await speaking.subscriptions.start()
        await speaking.courier.start()
        await poll(speaking)
        assert await speaking.courier.deliver(channel) == 0
