"""How often a feed wants to be asked, and that it is honoured within bounds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Settings
from bot.feeds.validators import WHOLE_AFTER, is_due_whole
from bot.models.feeds import Pace
from bot.reading.pace import LONGEST, MOST_SKIPPED, next_visit, read_pace
from bot.service import Service, open_service
from tests.conftest import Clock
from tests.factories import make_entry, make_rss
from tests.loopback.feed_host import FeedHost
from tests.posting import MemoryPoster

FREQUENCY = "<sy:updateFrequency>{}</sy:updateFrequency>"
MONDAY = datetime(2026, 6, 1, 10, 30, tzinfo=UTC)


def channel(inner: str) -> str:
    return f"<rss><channel><title>T</title>{inner}<item><ttl>7</ttl></item></channel></rss>"


@pytest.mark.parametrize(
    ("inner", "pace"),
    [
        ("", Pace()),
        ("<ttl>100</ttl>", Pace(interval_s=6_000)),
        ("<ttl> 60\n</ttl>", Pace(interval_s=3_600)),
        ("<ttl>soon</ttl>", Pace()),
        ("<ttl>999999999999</ttl>", Pace()),
        (f"<sy:updatePeriod>\nhourly </sy:updatePeriod>{FREQUENCY.format(' 2')}", Pace(interval_s=1_800)),
        ("<sy:updatePeriod>weekly</sy:updatePeriod>", Pace(interval_s=21_600)),
        (f"<sy:updatePeriod>daily</sy:updatePeriod>{FREQUENCY.format(0)}", Pace(interval_s=21_600)),
        (
            ("<skipDays><day>Saturday</day><day> Sunday </day><day>Someday</day></skipDays>"
            "<skipHours><hour>24</hour><hour>3</hour><hour>x</hour></skipHours>"),
            Pace(skip_hours=(0, 3), skip_days=(5, 6)),
        ),
    ],
)  # fmt: skip
def test_what_a_feed_says_of_itself(inner: str, pace: Pace) -> None:
    assert read_pace(channel(inner)) == pace


@pytest.mark.parametrize(
    ("pace", "fresh_s", "after"),
    [
        (Pace(), None, timedelta(0)),
        (Pace(interval_s=6_000), None, timedelta(seconds=6_000)),
        (Pace(interval_s=60), 600.0, timedelta(seconds=600)),
        (Pace(), 86_400.0, LONGEST),
        (Pace(skip_hours=(10, 11)), None, timedelta(hours=1, minutes=30)),
        (Pace(skip_days=(0,)), None, timedelta(hours=13, minutes=30)),
        (Pace(skip_days=(0, 1, 2, 3, 4, 5, 6)), None, timedelta(0)),
        (Pace(skip_hours=tuple(range(24))), None, timedelta(0)),
    ],
)
def test_the_next_visit(pace: Pace, fresh_s: float | None, after: timedelta) -> None:
    """A feed that is skipped always is asked all the same."""
    assert next_visit(pace, MONDAY, fresh_s=fresh_s) == MONDAY + after


@given(
    st.integers(0, 10**6),
    st.sets(st.integers(0, 23)),
    st.sets(st.integers(0, 6)),
    st.floats(0, 10**6),
)
def test_no_feed_is_left_alone_for_long(seconds: int, hours: set[int], days: set[int], fresh_s: float) -> None:
    pace = Pace(interval_s=seconds, skip_hours=tuple(sorted(hours)), skip_days=tuple(sorted(days)))
    waited = next_visit(pace, MONDAY, fresh_s=fresh_s) - MONDAY
    assert timedelta(0) <= waited <= LONGEST + MOST_SKIPPED + timedelta(hours=1)


@given(st.integers(1, 10**6), st.integers(0, 24 * 60))
def test_each_feed_is_asked_without_conditions_within_a_fortnight(feed_id: int, minutes: int) -> None:
    """Once in a week or more, however often it is asked; from a clock that was wrong, at once."""
    due = [
        day
        for day in range(15)
        if is_due_whole(MONDAY, MONDAY + timedelta(days=day, minutes=minutes), feed_id=feed_id)
    ]
    assert due
    assert WHOLE_AFTER.days - 1 <= due[0] <= 13
    assert due == list(range(due[0], 15))
    assert is_due_whole(MONDAY + timedelta(days=365), MONDAY, feed_id=feed_id)
    assert is_due_whole(None, MONDAY, feed_id=feed_id)


def test_feeds_that_were_added_together_are_asked_on_different_days() -> None:
    days = [
        min(day for day in range(15) if is_due_whole(MONDAY, MONDAY + timedelta(days=day), feed_id=feed_id))
        for feed_id in range(1, 1_001)
    ]
    assert max(map(days.count, set(days))) < 200


# ── what the poller makes of it ─────────────────────────────────────────────────────────────────


@pytest.fixture
async def service(feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock) -> AsyncIterator[Service]:
    options = settings(NONMUN_FEEDS=feed_host.url("/host.xml"), NONMUN_PRIVATE_HOSTS="127.0.0.1")
    async with open_service(options, clock=clock) as opened:
        yield opened


async def test_a_feed_is_not_asked_before_it_wants_to_be(service: Service, feed_host: FeedHost, clock: Clock) -> None:
    """Also after an answer that says nothing new; whoever asks for it by hand is not kept waiting."""
    whole = make_rss([make_entry(1)]).replace(b"<item>", b"<ttl>100</ttl><item>", 1)
    url = feed_host.serve("/slow.xml", whole)
    for minutes, requests in ((0, 1), (50, 1), (60, 2), (60, 2), (50, 3)):
        clock.advance(minutes=minutes)
        assert (await service.poller.poll(url)).error is None
        assert len(feed_host.requests_for("/slow.xml")) == requests
    await service.poller.poll(url, is_forced=True)
    assert len(feed_host.requests_for("/slow.xml")) == 4


async def test_a_server_that_answers_not_modified_for_ever_is_asked_for_its_document_now_and_then(
    service: Service, feed_host: FeedHost, clock: Clock
) -> None:
    """A new post is found within a fortnight, for one whole answer in a week or more."""
    stuck = '"never"'
    url = feed_host.serve("/stuck.xml", make_rss([make_entry(1)]), etag=stuck)
    await follow(service, url)
    feed_host.serve("/stuck.xml", make_rss([make_entry(2), make_entry(1)]), etag=stuck)
    announced = 0
    for _ in range(28):
        clock.advance(hours=12)
        announced += (await service.poller.poll(url, is_forced=True)).announced
    assert announced == 1
    asked = feed_host.requests_for("/stuck.xml")
    whole = [n for n, seen in enumerate(asked) if "If-None-Match" not in seen.headers]
    assert len(whole) <= 3  # when it was added, and once or twice in a fortnight
    assert [seen.status for seen in asked].count(304) == len(asked) - len(whole)


async def test_the_document_is_asked_for_once_and_not_at_each_visit_from_then_on(
    service: Service, feed_host: FeedHost, clock: Clock
) -> None:
    """Also where it has nothing new."""
    url = feed_host.serve("/quiet.xml", make_rss([make_entry(1)]))
    await follow(service, url)
    clock.advance(days=13)
    for _ in range(3):
        assert (await service.poller.poll(url, is_forced=True)).is_unchanged
    assert [seen.status for seen in feed_host.requests_for("/quiet.xml")][-3:] == [200, 304, 304]


async def follow(service: Service, url: str) -> None:
    await service.subscriptions.follow(url, guild_id=7, channel_id=11, owner_id=9)


async def test_a_move_is_followed_once_it_has_lasted(service: Service, feed_host: FeedHost, clock: Clock) -> None:
    """Seen three times over a day; its posts stay known, and what follows the feed is told."""
    old = feed_host.serve("/old.xml", make_rss([make_entry(1)]))
    await follow(service, old)
    feed_host.serve("/new.xml", make_rss([make_entry(1)]))
    feed_host.redirect("/old.xml", "/new.xml", status=301)
    for _ in range(3):
        assert await service.subscriptions.followed() == [feed_host.url("/host.xml"), old]
        clock.advance(hours=12)
        await service.poller.poll(old, is_forced=True)
    new = feed_host.url("/new.xml")
    assert await service.subscriptions.followed() == [feed_host.url("/host.xml"), new]
    feed_host.update("/new.xml", make_rss([make_entry(2), make_entry(1)]))
    assert (await service.poller.poll(new, is_forced=True)).announced == 1


async def test_a_move_that_does_not_last_is_not_followed(service: Service, feed_host: FeedHost, clock: Clock) -> None:
    old = feed_host.serve("/old.xml", make_rss([make_entry(1)]))
    await follow(service, old)
    feed_host.serve("/new.xml", make_rss([make_entry(1)]))
    feed_host.serve("/other.xml", make_rss([make_entry(1)]))
    for status, target in ((301, "new"), (301, "new"), (302, "new"), (301, "new"), (301, "other"), (308, "other")):
        feed_host.redirect("/old.xml", f"/{target}.xml", status=status)
        clock.advance(hours=20)
        assert (await service.poller.poll(old, is_forced=True)).error is None
    assert old in await service.subscriptions.followed()


async def test_the_hosts_own_feed_and_a_taken_address_stay(
    service: Service, feed_host: FeedHost, clock: Clock
) -> None:
    one, two, host = (feed_host.serve(f"/{name}.xml", make_rss([make_entry(1)])) for name in ("one", "two", "host"))
    for url in (one, two):
        await follow(service, url)
    await service.poller.poll_all()
    for name in ("one", "host"):
        feed_host.redirect(f"/{name}.xml", "/two.xml", status=308)
    for _ in range(5):
        clock.advance(hours=20)
        for url in (one, host):
            assert (await service.poller.poll(url, is_forced=True)).error is None
    assert await service.subscriptions.followed() == [host, one, two]


async def test_a_feed_that_is_gone_is_told_of_at_once_and_asked_once_a_week(
    service: Service, feed_host: FeedHost, clock: Clock
) -> None:
    url = feed_host.serve("/gone.xml", make_rss([make_entry(1)]))
    await follow(service, url)
    feed_host.fail("/gone.xml", status=410)
    await service.poller.poll(url)
    poster = MemoryPoster()
    assert await service.courier.deliver(poster) == 1
    asked = len(feed_host.requests_for("/gone.xml"))
    clock.advance(days=6)
    await service.poller.poll(url)
    assert len(feed_host.requests_for("/gone.xml")) == asked
    clock.advance(days=2)
    feed_host.recover("/gone.xml")
    assert (await service.poller.poll(url)).error is None
    assert len(feed_host.requests_for("/gone.xml")) == asked + 1
