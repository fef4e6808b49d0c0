"""What is deleted in the end, and what never is: old rows, feeds that nobody follows, the space that they took."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.config import Settings
from bot.errors import RequestError
from bot.languages import speaking
from bot.models.announcing import Delivering, Subscription
from bot.models.feeds import Entry
from bot.service import Service, open_service
from bot.store import backup, feeds, reviews, space
from bot.store.database import Database
from tests.conftest import Clock
from tests.factories import make_entry, make_rss
from tests.loopback.feed_host import FeedHost
from tests.posting import MemoryPoster

GUILD, OWNER, CHANNEL = 7, 9, 11
OF_A_FEED = (
    "reviews",
    "sections",
    "names",
    "facets",
    "paper_keys",
    "review_index",
    "deliveries",
    "decisions",
    "pages",
)


def make_digest(papers: int) -> str:
    return "".join(
        f"<h2>Paper {n}</h2><h3>논문 소개</h3><p>Number {n}</p><h3>논문 링크</h3>"
        f"<p><a href='https://arxiv.org/abs/3101.{n:05d}'>x</a></p>"
        for n in range(papers)
    )


@pytest.fixture
def poster() -> MemoryPoster:
    return MemoryPoster()


class Host:
    """A bot whose host names one blog, beside another that servers may follow."""

    def __init__(self, service: Service, feed_host: FeedHost, clock: Clock) -> None:
        self.service, self.feed_host, self.clock = service, feed_host, clock
        self.url = feed_host.url("/blog.xml")

    async def follow(self, channel_id: int = CHANNEL, **delivering: object) -> Subscription:
        made = Delivering(**delivering)  # type: ignore[arg-type]
        return await self.service.subscriptions.follow(
            self.url, guild_id=GUILD, channel_id=channel_id, owner_id=OWNER, delivering=made
        )

    async def read(self, entries: Iterable[Entry]) -> None:
        """Let the blog hold these, and poll it."""
        self.feed_host.update("/blog.xml", make_rss(entries))
        assert (await self.service.poller.poll(self.url, is_forced=True)).error is None

    async def count(self, table: str) -> int:
        async with self.service.database.background.execute(f"SELECT count(*) FROM {table}") as cursor:  # noqa: S608
            row = await cursor.fetchone()
        assert row is not None
        return int(row[0])

    async def days(self, number: int) -> None:
        """Let so many days pass, each with its daily job."""
        for _ in range(number):
            self.clock.advance(days=1)
            await self.service.retention.run()


@pytest.fixture
async def host(feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock) -> AsyncIterator[Host]:
    own = feed_host.serve("/own.xml", make_rss([make_entry(900)]))
    feed_host.serve("/blog.xml", make_rss([make_entry(n) for n in range(30, 0, -1)]))
    made = settings(NONMUN_FEEDS=own, NONMUN_PRIVATE_HOSTS="127.0.0.1")
    async with open_service(made, clock=clock) as service:
        await service.poller.poll_all()
        yield Host(service, feed_host, clock)


# ── feeds that nobody follows ───────────────────────────────────────────────────────────────────


async def test_a_feed_that_nobody_follows_is_deleted_after_its_days(host: Host, poster: MemoryPoster) -> None:
    """With all that it brought; the host's own stays. Followed again it is read anew, and posts nothing old."""
    before = {table: await host.count(table) for table in OF_A_FEED}
    one = await host.follow()
    await host.read([make_entry(n) for n in range(31, 0, -1)])
    await host.service.courier.deliver(poster)
    await host.service.subscriptions.remove(one)
    await host.days(31)
    assert await host.count("reviews") == 32
    await host.days(1)
    assert {table: await host.count(table) for table in OF_A_FEED} == before
    assert [feed.url for feed in await feeds.list_feeds(host.service.database.reader)] == list(
        host.service.settings.feeds
    )
    await host.service.name_cache.refresh()
    assert host.service.answering.review_count == 1
    sent = len(poster.messages)
    again = await host.follow()
    assert again.feed_id != one.feed_id
    await host.read([make_entry(n) for n in range(31, 0, -1)])
    await host.service.courier.deliver(poster)
    assert len(poster.messages) == sent
    await host.read([make_entry(n) for n in range(32, 0, -1)])
    await host.service.courier.deliver(poster)
    assert len(poster.messages) == sent + 1


async def test_days_are_counted_from_when_the_last_server_gave_a_feed_up(host: Host) -> None:
    one = await host.follow()
    two = await host.follow(CHANNEL + 1)
    await host.service.subscriptions.remove(one)
    await host.days(40)
    await host.service.subscriptions.remove(two)
    await host.days(25)
    three = await host.follow()
    await host.service.subscriptions.remove(three)
    await host.days(25)
    assert await host.count("reviews") == 31
    await host.days(7)
    assert await host.count("reviews") == 1


async def test_a_clock_that_is_wrong_deletes_nothing_early(host: Host, poster: MemoryPoster) -> None:
    """It was ten years ahead for a day, and is set back: one day was counted at most, and no history is gone."""
    one = await host.follow()
    await host.read([make_entry(n) for n in range(31, 0, -1)])
    await host.service.courier.deliver(poster)
    await host.service.subscriptions.remove(one)
    await host.follow(CHANNEL + 1)
    await host.service.subscriptions.remove((await host.service.subscriptions.of_guild(GUILD))[0])
    await host.days(2)
    decided = await host.count("decisions")
    host.clock.advance(days=3650)
    for _ in range(50):  # a bot that does not start, and is started again and again
        await host.service.retention.run()
        host.clock.advance(minutes=1)
    host.clock.advance(days=-3650)
    await host.service.retention.run()
    await host.days(27)
    assert await host.count("reviews") == 32
    assert await host.count("decisions") == decided


async def test_a_bot_that_is_started_often_counts_a_day_once(host: Host) -> None:
    await host.service.subscriptions.remove(await host.follow())
    await host.days(1)
    for _ in range(40):
        await host.service.retention.run()
    assert await host.count("reviews") == 31


async def test_zero_days_keep_reviews_for_ever_but_no_address_that_was_never_read(
    feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock
) -> None:
    own = feed_host.serve("/own.xml", make_rss([make_entry(900)]))
    feed_host.serve("/blog.xml", make_rss([make_entry(1)]))
    feed_host.serve("/none.xml", b"", status=404)
    made = settings(NONMUN_FEEDS=own, NONMUN_PRIVATE_HOSTS="127.0.0.1", NONMUN_KEEP_UNFOLLOWED_DAYS="0")
    async with open_service(made, clock=clock) as service:
        host = Host(service, feed_host, clock)
        await service.poller.poll_all()
        await service.subscriptions.remove(await host.follow())
        with pytest.raises(RequestError):
            await service.subscriptions.follow(
                feed_host.url("/none.xml"), guild_id=GUILD, channel_id=CHANNEL, owner_id=OWNER
            )
        assert await host.count("feeds") == 3
        await host.days(400)
        assert await host.count("feeds") == 2
        assert await host.count("reviews") == 2


async def test_a_removal_that_was_cut_off_goes_on(host: Host) -> None:
    """Killed in the middle: the feed counts as never read, and the daily job deletes the rest."""
    await host.service.subscriptions.remove(await host.follow())
    await cut_off(host)
    await host.days(33)
    assert await host.count("reviews") == 1


async def test_a_feed_that_is_followed_while_it_is_deleted_is_read_anew(host: Host, poster: MemoryPoster) -> None:
    one = await host.follow()
    await host.service.subscriptions.remove(one)
    await cut_off(host)
    await host.follow()
    assert await host.count("reviews") == 31
    await host.days(40)
    await host.read([make_entry(n) for n in range(30, 0, -1)])
    await host.service.courier.deliver(poster)
    assert poster.messages == []
    assert await host.count("reviews") == 31


async def cut_off(host: Host) -> None:
    """Begin to remove the blog, and end in the middle."""
    async with host.service.database.transaction() as db:
        feed = await feeds.find_feed(db, host.url)
        assert feed is not None
        assert await feeds.begin_removal(db, feed.id, own=host.service.settings.feeds)
        await reviews.delete_some(db, feed.id, limit=20)


async def test_a_feed_that_goes_while_it_is_read_is_not_kept_by_halves(host: Host) -> None:
    """What the reading took for known is gone: the reading counts as failed, and the next one takes everything."""
    await host.service.subscriptions.remove(await host.follow())
    await host.read([make_entry(n) for n in range(30, 0, -1)])
    host.feed_host.update("/blog.xml", make_rss([make_entry(n) for n in range(31, 0, -1)]))

    def remove(step: str) -> None:
        if step == "storing":
            with closing(sqlite3.connect(host.service.settings.database)) as other, other:
                other.execute("UPDATE feeds SET learned_at = NULL WHERE url = ?", (host.url,))
                other.execute("DELETE FROM reviews WHERE id IN (SELECT max(id) FROM reviews)")

    outcome = await host.service.poller.poll(host.url, is_forced=True, progress=remove)
    assert outcome.error is not None
    assert "removed while it was being read" in outcome.error
    outcome = await host.service.poller.poll(host.url, is_forced=True)
    assert outcome.error is None
    assert await host.count("reviews") == 32


async def test_the_papers_of_a_digest_leave_the_index_with_it(host: Host) -> None:
    entries = [replace(make_entry(1), html=make_digest(4)), *(make_entry(n) for n in range(2, 5))]
    host.feed_host.update("/blog.xml", make_rss(entries))
    await host.service.subscriptions.remove(await host.follow())
    assert await host.count("reviews WHERE part_of IS NOT NULL") == 4
    await host.service.retention.forget(await host.service.retention.find(host.url))
    assert await host.count("reviews") == await host.count("review_index") == 1


@pytest.mark.parametrize("how", ["address", "title"])
async def test_a_feed_is_forgotten_by_address_or_title(host: Host, how: str) -> None:
    feed = make_rss([make_entry(n) for n in range(30, 0, -1)], title="A Second Blog")
    host.feed_host.update("/blog.xml", feed)
    await host.service.subscriptions.remove(await host.follow())
    found = await host.service.retention.find(host.url if how == "address" else "a second blog")
    assert (await host.service.retention.forget(found)).reviews == 30


async def test_a_title_of_several_feeds_names_none_of_them(host: Host) -> None:
    await host.follow()
    (title,) = {feed.name for feed in await feeds.list_feeds(host.service.database.reader)}
    with speaking("ko"), pytest.raises(RequestError, match="피드가 2개 있어요"):
        await host.service.retention.find(title)


# ── rows ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.long
async def test_what_a_year_has_left_is_swept_and_nothing_is_announced_again(host: Host, poster: MemoryPoster) -> None:
    """Decisions, messages, notes, digests: of each channel the newest message stays. Posts are known by reviews."""
    await host.follow(opens_thread=True)
    await host.read([make_entry(n) for n in (32, 31, *range(30, 0, -1))])
    await host.service.courier.deliver(poster)
    revised = replace(make_entry(31), html=make_entry(31).html.replace("문서", "새 문서"))
    await host.read([make_entry(32), revised])
    await host.service.courier.deliver(poster)
    await host.read([make_entry(n) for n in range(42, 32, -1)])  # more than are posted one by one
    await host.service.courier.deliver(poster)
    host.clock.advance(days=40)
    await host.read([make_entry(n) for n in (43, 42)])
    await host.service.courier.deliver(poster)
    assert {row: await host.count(f"deliveries WHERE kind = '{row}'") for row in ("post", "note")} == {
        "post": 13,
        "note": 1,
    }
    await host.days(2)
    assert await host.count("deliveries WHERE kind = 'note'") == 0
    assert await host.count("deliveries") == 13
    await host.days(364)
    assert await host.count("deliveries") == 1
    assert await host.count("decisions") == 0
    sent = len(poster.messages)
    # All of them once more, under new ids.
    again = [replace(make_entry(n), guid=f"anew-{n}") for n in range(43, 0, -1)]
    await host.read(again)
    await host.service.courier.deliver(poster)
    assert len(poster.messages) == sent


async def test_sweeping_takes_small_steps(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much there is, all of it goes, so many rows a transaction."""
    monkeypatch.setattr("bot.feeds.retention.STEP_ROWS", 7)
    await host.service.subscriptions.remove(await host.follow())
    await host.days(400)
    assert await host.count("decisions") == 0
    assert await host.count("subscriptions") == 0


async def test_pages_of_an_archive_are_forgotten_once_it_is_read_to_its_end(host: Host) -> None:
    async with host.service.database.transaction() as db:
        await db.execute("INSERT INTO pages SELECT id, 'https://a.example/1', 1, 'done', 1, NULL, NULL FROM feeds")
        await db.execute("INSERT INTO pages SELECT id, 'https://a.example/2', 2, 'pending', 1, NULL, NULL FROM feeds")
    await host.days(3)
    assert await host.count("pages") == 2
    async with host.service.database.transaction() as db:
        await db.execute(
            "UPDATE pages SET state = 'failed', settled_at = '2026-06-04T12:00:00+00:00' WHERE position = 2"
        )
    await host.days(1)
    assert await host.count("pages") == 1
    await host.days(31)
    assert await host.count("pages") == 0


async def test_followers_stay_for_a_month_after_their_server_gave_a_feed_up(host: Host) -> None:
    one = await host.follow()
    await host.service.subscriptions.follow_feed(one, 77)
    await host.service.subscriptions.remove(one)
    await host.days(29)
    assert await host.count("feed_followers") == 1
    await host.days(3)
    assert await host.count("feed_followers") == 0


async def test_what_was_shown_and_not_saved_is_kept_for_a_week(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """For its own server; shown again, for another week; of many, the newest."""
    kept = host.service.subscriptions
    number = await kept.keep_choice("title:lantern", guild_id=GUILD)
    assert await kept.find_choice(number, guild_id=GUILD) == "title:lantern"
    assert await kept.find_choice(number, guild_id=GUILD + 1) is None
    await host.days(6)
    assert await kept.keep_choice("title:lantern", guild_id=GUILD) == number
    await host.days(6)
    assert await kept.find_choice(number, guild_id=GUILD) == "title:lantern"
    await host.days(3)
    assert await kept.find_choice(number, guild_id=GUILD) is None
    monkeypatch.setattr("bot.store.choices.MOST", 2)
    other = await kept.keep_choice("lamp", guild_id=GUILD + 1)
    numbers = []
    for text in "abc":
        host.clock.advance(seconds=1)
        numbers.append(await kept.keep_choice(text, guild_id=GUILD))
    assert [await kept.find_choice(number, guild_id=GUILD) for number in numbers] == [None, "b", "c"]
    assert await kept.find_choice(other, guild_id=GUILD + 1) == "lamp"


# ── the file ────────────────────────────────────────────────────────────────────────────────────


def make_old(path: Path) -> None:
    """Make the file one of before: it gives no space back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("PRAGMA auto_vacuum = NONE")
        db.execute("VACUUM")


@pytest.mark.parametrize("is_old", [False, pytest.param(True, marks=pytest.mark.long)])
async def test_the_file_shrinks_when_a_feed_goes(
    feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock, *, is_old: bool
) -> None:
    """A file of before is written anew for that, once."""
    own = feed_host.serve("/own.xml", make_rss([make_entry(900)]))
    feed_host.serve("/blog.xml", make_rss([make_entry(n) for n in range(300, 0, -1)]))
    made = settings(NONMUN_FEEDS=own, NONMUN_PRIVATE_HOSTS="127.0.0.1")
    async with open_service(made, clock=clock) as service:
        await service.poller.poll_all()
        host = Host(service, feed_host, clock)
        await service.subscriptions.remove(await host.follow())
    if is_old:
        make_old(made.database)
    before = made.database.stat().st_size
    async with open_service(made, clock=clock) as service:
        removed = await service.retention.forget(await service.retention.find(feed_host.url("/blog.xml")))
        assert removed.bytes_after < removed.bytes_before / 2
        assert (await space.pages_of(service.database.background)).is_shrinking
    assert made.database.stat().st_size < before / 2


async def test_the_daily_job_writes_a_small_file_of_before_anew(
    host: Host, settings: Callable[..., Settings], clock: Clock
) -> None:
    await host.service.database.close()
    make_old(host.service.settings.database)
    async with open_service(host.service.settings, clock=clock) as service:
        assert not (await space.pages_of(service.database.background)).is_shrinking
        for _ in range(2):
            clock.advance(days=1)
            await service.retention.run()
        assert (await space.pages_of(service.database.background)).is_shrinking
        assert service.answering.review_count == 1


async def test_a_file_that_is_too_large_or_without_room_beside_it_is_left_alone(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    await host.service.database.close()
    path = host.service.settings.database
    make_old(path)
    async with await Database.open(path) as database:
        assert not await space.convert(database, most_bytes=1_000)
        monkeypatch.setattr(space, "_has_room", lambda *_: False)
        assert not await space.convert(database)
        assert not (await space.pages_of(database.background)).is_shrinking


async def test_a_repaired_file_gives_space_back_too(host: Host, clock: Clock) -> None:
    await host.service.database.close()
    path = host.service.settings.database
    make_old(path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM review_index_data WHERE id > 10")
    assert backup.repair(path, now=clock()) is not None
    async with await Database.open(path) as database:
        assert (await space.pages_of(database.background)).is_shrinking


async def test_space_is_given_back_many_pages_at_a_time(host: Host) -> None:
    """Each change is written to the disk for itself: a page each would take minutes for a feed."""
    database = host.service.database
    async with database.transaction() as db:
        await db.execute("CREATE TABLE large (content TEXT)")
        await db.executemany("INSERT INTO large VALUES (?)", [("x" * 4_000,)] * 2_000)
    async with database.transaction() as db:
        await db.execute("DROP TABLE large")
    asked: list[str] = []
    await db.set_trace_callback(asked.append)
    given = await space.give_back(database)
    assert given > 1_500
    assert (await space.pages_of(database.background)).free == space.KEPT_PAGES
    assert len([sql for sql in asked if "incremental_vacuum" in sql]) <= given / space.STEP_PAGES + 1
