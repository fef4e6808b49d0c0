"""A clock that is set, or was wrong: nothing waits for what it said, and no digest comes twice."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest

import bot.schedule
from bot.config import Settings
from bot.errors import DeliveryError
from bot.models.announcing import Delivering, DigestPlan, Every
from bot.service import Service, open_service
from bot.store import times
from bot.store.database import Database
from tests.clocks import WallClock
from tests.conftest import Clock
from tests.factories import make_entry, make_rss, shown_title
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, announcements, wait_for_commands, wait_for_posts
from tests.posting import MemoryPoster

NINE = DigestPlan(every=Every.DAY, hour=9, zone="UTC")


@pytest.fixture
async def service(feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock) -> AsyncIterator[Service]:
    """A service that has read a feed of one review, announced in channel 11."""
    url = feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    async with open_service(settings(NONMUN_FEEDS=url, NONMUN_PRIVATE_HOSTS="127.0.0.1"), clock=clock) as opened:
        await opened.poller.poll_all()
        yield opened


@pytest.fixture
def poster() -> MemoryPoster:
    return MemoryPoster()


async def follow(service: Service, **delivering: object) -> None:
    made = Delivering(**delivering)  # type: ignore[arg-type]
    (url,) = service.settings.feeds
    await service.subscriptions.follow(url, guild_id=7, channel_id=11, owner_id=9, delivering=made)


async def publish(service: Service, host: FeedHost, newest: int) -> None:
    host.update("/feed.xml", make_rss([make_entry(number) for number in range(newest, 0, -1)]))
    (outcome,) = await service.poller.poll_all(is_forced=True)
    assert outcome.error is None


async def set_clock(service: Service, clock: Clock, **by: float) -> None:
    """Set the clock under a running bot, as its schedule tells it."""
    clock.advance(**by)
    service.poller.clock_was_set()
    await service.courier.clock_was_set(timedelta(**by))


def was_asked(host: FeedHost, before: int) -> bool:
    return len(host.requests) > before


async def test_a_failing_feed_is_asked_again_as_soon_as_ever(
    service: Service, feed_host: FeedHost, clock: Clock
) -> None:
    """Its back-off is five minutes by any clock, also when that is set back by a day under it."""
    (url,) = service.settings.feeds
    feed_host.fail("/feed.xml", status=500)
    await service.poller.poll(url)
    await set_clock(service, clock, days=-1)
    before = len(feed_host.requests)
    clock.advance(minutes=4)
    await service.poller.poll(url)
    assert not was_asked(feed_host, before)
    clock.advance(minutes=2)
    await service.poller.poll(url)
    assert was_asked(feed_host, before)


async def test_a_feed_that_wants_rest_is_not_left_alone_for_longer(
    service: Service, feed_host: FeedHost, clock: Clock
) -> None:
    (url,) = service.settings.feeds
    feed_host.update("/feed.xml", make_rss([make_entry(1)]).replace(b"<channel>", b"<channel><ttl>300</ttl>", 1))
    await service.poller.poll(url)
    before = len(feed_host.requests)
    await service.poller.poll(url)
    assert not was_asked(feed_host, before)
    await set_clock(service, clock, days=-1)
    await service.poller.poll(url)
    assert was_asked(feed_host, before)


async def test_a_refused_post_is_tried_again_as_soon_as_ever(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    await follow(service)
    poster.refusals = [DeliveryError("Discord answered 500")]
    await publish(service, feed_host, 2)
    assert await service.courier.deliver(poster) == 0
    await set_clock(service, clock, days=-1)
    clock.advance(seconds=10)
    assert await service.courier.deliver(poster) == 1


async def test_what_a_clock_far_ahead_put_off_does_not_wait_for_it(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    """A host that began with a clock a year ahead and was started again: feed, post, thread and digest come."""
    (url,) = service.settings.feeds
    await follow(service, opens_thread=True)
    await service.subscriptions.follow(url, guild_id=7, channel_id=12, owner_id=9, delivering=Delivering(digest=NINE))
    clock.advance(days=365)
    await publish(service, feed_host, 2)
    poster.late = [DeliveryError("Discord answered 500", retry_after_s=3_000)]
    await service.courier.deliver(poster)
    feed_host.fail("/feed.xml", status=500, times=1)
    await service.poller.poll(url, is_forced=True)
    clock.advance(days=-365)
    async with open_service(service.settings, clock=clock) as restarted:
        await restarted.courier.start()
        before = len(feed_host.requests)
        await restarted.poller.poll(url)
        assert was_asked(feed_host, before)
        await publish(restarted, feed_host, 3)
        await restarted.courier.deliver(poster)
        assert len(poster.threads) == 2
        clock.advance(days=2)
        await restarted.courier.deliver(poster)
    assert poster.titles[-1].startswith("1 new review")
    assert len([title for title in poster.titles if "new review" in title]) == 2


@pytest.mark.parametrize("hours", [1, 24])
async def test_a_digest_comes_once_a_day_on_a_clock_that_is_set_back(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, hours: int
) -> None:
    """The morning that comes twice has one digest, and what was collected since waits for the next."""
    await follow(service, digest=NINE)
    clock.now = datetime(2026, 6, 2, 9, tzinfo=UTC)
    await publish(service, feed_host, 2)
    assert await service.courier.deliver(poster) == 1
    await set_clock(service, clock, hours=-hours)
    await publish(service, feed_host, 3)
    clock.now = datetime(2026, 6, 2, 9, tzinfo=UTC)
    assert await service.courier.deliver(poster) == 0
    clock.advance(days=1)
    assert await service.courier.deliver(poster) == 1
    assert len(poster.titles) == 2


async def test_every_column_that_holds_a_wait_is_known(database: Database) -> None:
    """A new column of the kind is added to the lists, or it is put off by a clock that was wrong."""
    found = set()
    async with database.reader.execute("SELECT name FROM sqlite_master WHERE type = 'table'") as cursor:
        tables = [row["name"] async for row in cursor]
    for table in tables:
        async with database.reader.execute(f"PRAGMA table_info({table})") as cursor:
            found |= {(table, row["name"]) async for row in cursor if row["type"] == "TEXT"}
    waits = {column for column in found if re.search(r"not_before|next_|retry|until|rests", column[1])}
    sinces = {column for column in found if column[1].endswith("_since")}
    assert set(times.WAITS) == waits
    assert set(times.SINCES) == sinces


@pytest.mark.parametrize("days", [-1, 1])
async def test_bot_polls_and_posts_on_a_clock_that_is_set(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """The whole bot, its clock set back or forward by a day: what is new afterwards is announced, once."""
    monkeypatch.setattr(bot.schedule, "LOOK_S", 0.1)
    wall = WallClock(monkeypatch)
    feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    async with run(NONMUN_ANNOUNCE_BACKLOG=1):
        await wait_for_commands(discord)
        await wait_for_posts(discord, 1)
        wall.leap(days=days)
        await feed_host.wait_until_read("/feed.xml")
        feed_host.update("/feed.xml", make_rss([make_entry(2), make_entry(1)]))
        await wait_for_posts(discord, 2)
        await feed_host.wait_until_read("/feed.xml")
    assert announcements(discord) == [shown_title(make_entry(1)), shown_title(make_entry(2))]
