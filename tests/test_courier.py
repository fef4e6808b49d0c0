"""Digests, follow-ups, what stops and resumes: the real database and feed host, channels in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiosqlite import Connection

from bot.announcing import calendar
from bot.announcing.decisions import MOST_SINGLE_POSTS
from bot.config import Settings
from bot.delivering import courier, posts
from bot.delivering.posts import Outgoing
from bot.delivering.subscriptions import NOT_LISTED
from bot.errors import DeliveryError, RequestError, StoreError
from bot.faults import MOST_FAULTS
from bot.models.announcing import (
    Delivering,
    Delivery,
    DeliveryKind,
    DeliveryState,
    DigestPlan,
    Every,
    Posted,
    Stage,
    Subscription,
    SubscriptionState,
)
from bot.models.requests import EVERYTHING
from bot.service import Service, open_service
from bot.store import deliveries as outbox
from bot.store import followers
from bot.store.subscriptions import host_subscriptions
from tests.conftest import Clock
from tests.factories import make_entry, make_rss, shown_title
from tests.loopback.feed_host import FeedHost
from tests.posting import MemoryPoster

GUILD, OTHER_GUILD, OWNER = 7, 8, 9
NINE = DigestPlan(every=Every.DAY, hour=9, zone="UTC")


@pytest.fixture
async def service(feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock) -> AsyncIterator[Service]:
    """A service that knows two feeds of one review each."""
    urls = [feed_host.serve(f"/{name}.xml", make_rss([make_entry(1)], title=f"Blog {name}")) for name in "ab"]
    async with open_service(
        settings(NONMUN_FEEDS=",".join(urls), NONMUN_PRIVATE_HOSTS="127.0.0.1"), clock=clock
    ) as opened:
        await opened.poller.poll_all()
        yield opened


@pytest.fixture
def poster() -> MemoryPoster:
    return MemoryPoster()


async def follow(
    service: Service, name: str = "a", channel_id: int = 11, *, guild_id: int = GUILD, **delivering: object
) -> Subscription:
    url = next(url for url in service.settings.feeds if url.endswith(f"/{name}.xml"))
    made = Delivering(**delivering)  # type: ignore[arg-type]
    return await service.subscriptions.follow(
        url, guild_id=guild_id, channel_id=channel_id, owner_id=OWNER, delivering=made
    )


async def publish(service: Service, host: FeedHost, numbers: range, name: str = "a", **first: object) -> None:
    """Let a feed hold these entries, the newest first, and poll."""
    newest, *others = (make_entry(n) for n in reversed(numbers))
    host.update(f"/{name}.xml", make_rss([replace(newest, **first), *others], title=f"Blog {name}"))  # type: ignore[arg-type]
    for outcome in await service.poller.poll_all(is_forced=True):
        assert outcome.error is None


# ── channels that Discord has not named yet ──────────────────────────────────────────────────────


async def test_what_goes_to_a_channel_that_is_not_known_yet_waits_and_takes_nobodys_place(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More channels wait than there are lanes; the last one, which is known, gets its post."""
    monkeypatch.setattr(courier, "LANES", 2)
    for channel_id in range(11, 16):
        await follow(service, channel_id=channel_id)
    await publish(service, feed_host, range(1, 3))
    poster.is_complete, poster.named = False, {15}
    assert await service.courier.deliver(poster) == 1
    assert [message.channel_id for message in poster.messages] == [15]
    poster.is_complete = True
    assert await service.courier.deliver(poster) == 4
    assert sorted(message.channel_id for message in poster.messages) == list(range(11, 16))


# ── digests ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_digest_is_sent_at_its_hour_and_an_empty_one_never(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    await follow(service, digest=NINE)
    await publish(service, feed_host, range(1, 4))
    assert await service.courier.deliver(poster) == 0
    clock.now = datetime(2026, 6, 2, 9, tzinfo=UTC)
    assert await service.courier.deliver(poster) == 1
    assert poster.titles == ["2 new reviews · Blog a"]
    clock.advance(days=3)
    assert await service.courier.deliver(poster) == 0


async def test_a_missed_digest_is_made_up_for_once(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    """The bot was away over several mornings: one digest, not one for each."""
    await follow(service, digest=NINE)
    await publish(service, feed_host, range(1, 3))
    clock.advance(days=5)
    assert await service.courier.deliver(poster) == 1
    assert await service.courier.deliver(poster) == 0


async def test_two_feeds_of_a_channel_share_their_digest(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    """One message, grouped by feed, in which both are on record as announced."""
    subscriptions = [await follow(service, name, digest=NINE) for name in "ab"]
    for user_id, one in enumerate(subscriptions, 1):
        await service.subscriptions.follow_feed(one, user_id)
    await publish(service, feed_host, range(1, 3), "a")
    await publish(service, feed_host, range(3, 5), "b")
    clock.advance(days=1)
    assert await service.courier.deliver(poster) == 1
    (message,) = poster.messages
    assert message.outgoing.card is not None
    texts = [block.text for part in message.outgoing.card.parts for block in part]
    assert [text for text in texts if text.startswith("Blog")] == ["Blog a", "Blog b"]
    assert poster.titles == ["3 new reviews · 2 feeds"]
    assert sorted(message.outgoing.user_ids) == [1, 2]
    for one in subscriptions:
        assert (await service.subscriptions.status(one)).waiting == 0


async def test_a_long_backlog_is_one_digest_and_a_short_one_is_not(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    await follow(service)
    await publish(service, feed_host, range(1, MOST_SINGLE_POSTS + 2))
    assert await service.courier.deliver(poster) == MOST_SINGLE_POSTS
    await publish(service, feed_host, range(1, 2 * MOST_SINGLE_POSTS + 3))
    assert await service.courier.deliver(poster) == 1
    assert poster.titles[-1] == f"{MOST_SINGLE_POSTS + 1} new reviews · Blog a"


async def test_what_was_collected_goes_out_when_the_digest_is_given_up(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    one = await follow(service, digest=NINE)
    await publish(service, feed_host, range(1, 3))
    await service.subscriptions.change(one, Delivering())
    assert await service.courier.deliver(poster) == 1
    assert poster.titles == [shown_title(make_entry(2))]


async def test_pausing_gives_up_a_waiting_digest_with_a_reason_for_each_of_its_posts(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    """One that Discord did not take yet holds six posts; “/why” tells of all of them."""
    one = await follow(service)
    poster.refusals = [DeliveryError("Discord asks us to wait", retry_after_s=60)]
    await publish(service, feed_host, range(1, MOST_SINGLE_POSTS + 3))
    assert await service.courier.deliver(poster) == 0
    await service.subscriptions.pause(one)
    for number in range(2, MOST_SINGLE_POSTS + 3):
        explained = await service.subscriptions.why(make_entry(number).link, guild_id=GUILD)
        stages = [decision.stage for history in explained.histories for decision in history.decisions]
        assert stages[-1] is Stage.PAUSED, (number, stages)


@pytest.mark.parametrize("paused", ["a", "b"])
async def test_pausing_one_feed_of_a_waiting_digest_loses_none_of_the_other(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, paused: str
) -> None:
    """Two feeds share a digest that is due and was not taken yet."""
    followed = {name: await follow(service, name, digest=NINE) for name in "ab"}
    for name, numbers in (("a", range(1, 4)), ("b", range(1, 4))):
        feed_host.update(
            f"/{name}.xml",
            make_rss([make_entry(n, guid=f"{name}{n}", title=f"{name}-{n}: A Paper") for n in reversed(numbers)]),
        )
    for outcome in await service.poller.poll_all(is_forced=True):
        assert outcome.error is None
    clock.now = datetime(2026, 6, 2, 9, tzinfo=UTC)
    poster.refusals = [DeliveryError("Discord asks us to wait", retry_after_s=60)]
    assert await service.courier.deliver(poster) == 0
    await service.subscriptions.pause(followed[paused])
    clock.advance(hours=2)
    await service.courier.retry(poster)
    await service.courier.deliver(poster)
    shown = str([message.outgoing for message in poster.messages])
    other = "b" if paused == "a" else "a"
    assert f"{other}-3: A Paper" in shown
    assert f"{other}-2: A Paper" in shown
    assert f"{paused}-3: A Paper" not in shown


# ── what follows a post ─────────────────────────────────────────────────────────────────────────


async def test_a_thread_that_was_refused_is_opened_later_and_told_once(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    await follow(service, opens_thread=True)
    poster.late = [DeliveryError("I need Create Public Threads", is_blocked=True)] * 2
    await publish(service, feed_host, range(1, 3))
    await service.courier.deliver(poster)
    assert poster.threads == {}
    clock.advance(minutes=1)
    await service.courier.deliver(poster)
    clock.advance(minutes=1)
    await service.courier.deliver(poster)
    assert list(poster.threads) == [poster.messages[0].id]
    (notice,) = poster.notices[GUILD]
    assert "Create Public Threads" in notice


async def test_a_deleted_post_is_not_edited_for_ever(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    await follow(service)
    await publish(service, feed_host, range(1, 3))
    await service.courier.deliver(poster)
    poster.messages.clear()
    await publish(service, feed_host, range(1, 3), title="Another title altogether")
    await service.courier.deliver(poster)
    clock.advance(days=1)
    await service.courier.deliver(poster)
    assert poster.messages == []


async def test_a_revision_before_the_post_left_is_what_is_posted(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    await follow(service)
    await publish(service, feed_host, range(1, 3))
    await publish(service, feed_host, range(1, 3), title="[ACL 2024] Lantern-2: The second edition")
    await service.courier.deliver(poster)
    assert poster.titles == ["Lantern-2: The second edition"]
    assert poster.messages[0].edits == 0


async def test_a_post_in_doubt_is_found_although_its_review_was_renamed(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    """It stands once, and is brought up to date."""
    await follow(service)
    await publish(service, feed_host, range(1, 3))
    poster.refusals, poster.arrives_all_the_same = [DeliveryError("no clear answer", is_doubtful=True)], True
    poster.clock = clock
    await service.courier.deliver(poster)
    clock.advance(hours=1)
    moved = {"title": "Another title", "link": "https://moved.test/2", "guid": make_entry(2).guid}
    await publish(service, feed_host, range(1, 3), **moved)
    await service.courier.deliver(poster)
    clock.advance(minutes=1)
    await service.courier.deliver(poster)
    assert poster.titles == ["Another title"]
    assert poster.messages[0].edits == 1


# ── what stops, and begins again ────────────────────────────────────────────────────────────────


async def test_a_channel_that_refuses_holds_up_no_other(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    for channel_id in (11, 12, 13):
        await follow(service, channel_id=channel_id)
    poster.blocked[12] = "I need Send Messages in #twelve"
    await publish(service, feed_host, range(1, 3))
    assert await service.courier.deliver(poster) == 2 + 1  # and the notice
    assert [m.channel_id for m in poster.messages] == [11, 13]


async def test_a_new_trouble_is_told_anew(service: Service, feed_host: FeedHost, poster: MemoryPoster) -> None:
    """Once for each time that it stops, however often it is tried meanwhile."""
    await follow(service)
    for number in (2, 3):
        poster.blocked[11] = "I need Send Messages in #eleven"
        await publish(service, feed_host, range(1, number + 1))
        for _ in range(3):
            await service.courier.deliver(poster)
            await service.courier.retry(poster)
        assert len(poster.notices[GUILD]) == number - 1
        poster.blocked.clear()
        await service.courier.retry(poster)
        await service.courier.deliver(poster)
    assert poster.titles == [shown_title(make_entry(2)), shown_title(make_entry(3))]


async def test_a_feed_that_fails_for_a_day_is_told_once_to_each_server(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    """And what is new is announced when it is back."""
    await follow(service)
    await follow(service, channel_id=12)
    await follow(service, channel_id=13, guild_id=OTHER_GUILD)
    feed_host.fail("/a.xml", status=503)
    for _ in range(60):
        await service.poller.poll_all()
        clock.advance(hours=1)
    await service.courier.deliver(poster)
    assert [len(poster.notices[guild]) for guild in (GUILD, OTHER_GUILD)] == [1, 1]
    assert "the server answered 503" in poster.notices[GUILD][0]
    (failing, _) = await service.answering.feeds(EVERYTHING)
    assert failing.next_check_at
    clock.now = failing.next_check_at
    await service.poller.poll_all()
    (failing, _) = await service.answering.feeds(EVERYTHING)
    assert failing.next_check_at == clock.now + timedelta(days=1)
    feed_host.recover("/a.xml")
    await publish(service, feed_host, range(1, 3))
    assert await service.courier.deliver(poster) == 3


async def test_a_server_that_was_left_leaves_nothing_behind(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    one = await follow(service)
    kept = await follow(service, channel_id=12, guild_id=OTHER_GUILD)
    await service.subscriptions.follow_feed(one, 5)
    await publish(service, feed_host, range(1, 3))
    await service.courier.end_guild(GUILD)
    assert await service.subscriptions.of_guild(GUILD) == []
    assert await service.subscriptions.followed_by(5, guild_id=GUILD) == ([], [])
    await service.courier.deliver(poster)
    assert [m.channel_id for m in poster.messages] == [kept.channel_id]


# ── what nobody foresaw ─────────────────────────────────────────────────────────────────────────


async def let_time_pass(service: Service, poster: MemoryPoster, clock: Clock, *, hours: int = 48) -> None:
    """Wake the courier every ten minutes."""
    for _ in range(hours * 6):
        clock.advance(minutes=10)
        await service.courier.deliver(poster)


async def stages_of(service: Service, number: int) -> list[Stage]:
    explained = await service.subscriptions.why(make_entry(number).link, guild_id=GUILD)
    return [decision.stage for history in explained.histories for decision in history.decisions]


async def test_a_link_pasted_with_its_markdown_or_full_stop_is_explained_as_the_link_itself(
    service: Service, feed_host: FeedHost
) -> None:
    await follow(service)
    await publish(service, feed_host, range(1, 3))
    link = make_entry(2).link
    for asked in (f"<{link}>", f"[the post]({link}).", f"“{link}”", f"{link}."):
        explained = await service.subscriptions.why(asked, guild_id=GUILD)
        assert explained.head is not None, asked
        assert explained.head.title == make_entry(2).title


async def test_a_post_that_fails_unexpectedly_holds_up_nothing_and_is_set_aside(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """It is tried a few times, at longer and longer intervals; others pass, and everybody concerned is told why."""
    one = await follow(service)
    poster.broken = {shown_title(make_entry(2))}
    await publish(service, feed_host, range(1, 4))
    for _ in range(5):
        await service.courier.deliver(poster)
    assert poster.titles == [shown_title(make_entry(3))]
    assert poster.tries == 2
    status = await service.subscriptions.status(one)
    assert (status.waiting, [post.state for post in status.troubled]) == (1, [DeliveryState.SENDING])
    assert str(status.troubled[0].reason).startswith("an unexpected error (TypeError)")
    await let_time_pass(service, poster, clock)
    assert poster.tries == 1 + MOST_FAULTS
    assert await stages_of(service, 2) == [Stage.QUEUED, Stage.DELAYED, Stage.FAILED]
    status = await service.subscriptions.status(one)
    assert (status.waiting, [post.state for post in status.troubled]) == (0, [DeliveryState.FAILED])
    logged = [record for record in caplog.records if record.name == "bot.faults"]
    assert len(logged) == 1
    assert logged[0].exc_info
    clock.advance(days=31)
    assert (await service.subscriptions.status(one)).troubled == ()


async def test_a_post_that_failed_unexpectedly_once_arrived_is_not_sent_again(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    """Its claim stands: it is in doubt, and looked for."""
    await follow(service)
    await publish(service, feed_host, range(1, 3))
    poster.clock = clock

    class Lost(MemoryPoster):
        async def post(self, channel_id: int, message: Outgoing, *, nonce: str) -> Posted:
            await super().post(channel_id, message, nonce=nonce)
            raise KeyError("retry_after")

    lost = Lost()
    await service.courier.deliver(lost)
    poster.messages = lost.messages
    await let_time_pass(service, poster, clock, hours=1)
    assert poster.titles == [shown_title(make_entry(2))]
    assert await stages_of(service, 2) == [Stage.QUEUED, Stage.DELAYED, Stage.SENT, Stage.EDITED]


async def test_a_digest_that_cannot_be_drawn_lets_its_sound_posts_go(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long backlog in which one post is at fault: the others come, one by one."""
    await follow(service)
    numbers = range(1, MOST_SINGLE_POSTS + 3)
    await publish(service, feed_host, numbers)
    at_fault = make_entry(4).title

    def fail_on(titles: Callable[[Any], list[str]], draw: Callable[..., Outgoing]) -> Callable[..., Outgoing]:
        def drawn(what: Any, *given: Any, **more: Any) -> Outgoing:
            if at_fault in titles(what):
                raise TypeError("nobody foresaw this")
            return draw(what, *given, **more)

        return drawn

    monkeypatch.setattr(posts, "digest_of", fail_on(lambda items: [head.title for head, _ in items], posts.digest_of))
    monkeypatch.setattr(posts, "post_of", fail_on(lambda one: [one.review.title], posts.post_of))
    await service.courier.deliver(poster)
    await let_time_pass(service, poster, clock)
    assert poster.titles == [shown_title(make_entry(n)) for n in numbers if n not in (1, 4)]
    assert (await stages_of(service, 4))[-1] is Stage.FAILED


async def test_a_digest_that_cannot_be_made_stops_no_other_and_is_told(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A zone that a newer system does not know any more, for one: its posts wait until it can be made."""
    broken = await follow(service, "a", digest=replace(NINE, zone="Asia/Seoul"))
    await follow(service, "b", 12, digest=NINE)
    await follow(service, "a", 13)
    plans: list[str] = []

    def next_digest(plan: DigestPlan, now: datetime) -> datetime:
        plans.append(plan.zone)
        if plan.zone != "UTC" and is_broken:
            raise KeyError(plan.zone)
        return calendar.next_digest(plan, now)

    is_broken = True
    monkeypatch.setattr(courier, "next_digest", next_digest)
    await publish(service, feed_host, range(1, 3), "a")
    await publish(service, feed_host, range(1, 3), "b")
    clock.now = datetime(2026, 6, 3, 9, tzinfo=UTC)
    await service.courier.deliver(poster)
    assert sorted(poster.titles) == ["1 new review · Blog b", shown_title(make_entry(2))]
    assert plans.count("Asia/Seoul") == 1
    await let_time_pass(service, poster, clock)
    assert plans.count("Asia/Seoul") == MOST_FAULTS
    (stopped,) = [one for one in await service.subscriptions.of_guild(GUILD) if one.id == broken.id]
    assert stopped.state is SubscriptionState.SUSPENDED
    assert "digest" in str(stopped.reason)
    assert "KeyError" in str(stopped.reason)
    (notice,) = poster.notices[GUILD]
    assert "<#11>" in notice
    await service.courier.retry(poster)
    await service.courier.deliver(poster)
    assert len(poster.notices[GUILD]) == 1
    is_broken = False
    await service.courier.retry(poster)
    await service.courier.deliver(poster)
    assert [m.channel_id for m in poster.messages][-1] == 11
    assert (await service.subscriptions.get(broken.id, guild_id=GUILD)).faults == 0


async def test_a_step_after_the_post_that_fails_unexpectedly_is_let_go(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    """The post stands, other messages get their threads, and the history says what was not done."""
    await follow(service, opens_thread=True)
    poster.late_bugs = [TypeError("nobody foresaw this")]
    await publish(service, feed_host, range(1, 4))
    await service.courier.deliver(poster)
    assert list(poster.threads) == [poster.messages[1].id]
    await service.courier.deliver(poster)
    assert list(poster.threads) == [poster.messages[1].id]
    clock.advance(minutes=1)
    await service.courier.deliver(poster)
    assert len(poster.threads) == 2
    poster.late_bugs = [TypeError("nobody foresaw this") for _ in range(MOST_FAULTS)]
    await publish(service, feed_host, range(1, 5))
    await let_time_pass(service, poster, clock)
    assert poster.late_bugs == []
    assert len(poster.threads) == 2
    assert (await stages_of(service, 4))[-1] is Stage.UNDONE


async def test_a_notice_that_fails_unexpectedly_is_set_aside(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await follow(service)
    tries = 0

    def notice_of(*_: object, **__: object) -> Outgoing:
        nonlocal tries
        tries += 1
        raise TypeError("nobody foresaw this")

    monkeypatch.setattr(posts, "notice_of", notice_of)
    poster.blocked[11] = "I need Send Messages in #eleven"
    await publish(service, feed_host, range(1, 3))
    await let_time_pass(service, poster, clock)
    assert tries == MOST_FAULTS
    (failed,) = [d for d in await service.courier.undelivered() if d.state is DeliveryState.FAILED]
    assert failed.kind is DeliveryKind.NOTICE


# ── what changes at the same moment ─────────────────────────────────────────────────────────────


async def test_a_backlog_that_is_paused_while_it_is_folded_is_not_sent(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await follow(service)
    await publish(service, feed_host, range(1, MOST_SINGLE_POSTS + 3))
    backlog, times = outbox.backlog, 0

    async def then_paused(*asked: Any) -> list[int]:
        nonlocal times
        found, times = await backlog(*asked), times + 1
        if times == 1:
            await service.subscriptions.pause(one)
        return found

    monkeypatch.setattr(outbox, "backlog", then_paused)
    assert await service.courier.deliver(poster) == 0
    assert times == 2


async def test_what_is_changed_while_a_post_is_drawn_counts(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes to the new channel, with the new role."""
    one = await follow(service, role_id=5)
    await publish(service, feed_host, range(1, 3))
    post_of, drawn = posts.post_of, 0

    def counted(*given: Any, **more: Any) -> Outgoing:
        nonlocal drawn
        drawn += 1
        return post_of(*given, **more)

    async def changed(*given: Any) -> list[int]:
        if drawn == 0:
            await service.subscriptions.change(one, replace(one.delivering, role_id=6), channel_id=12)
        return []

    monkeypatch.setattr(posts, "post_of", counted)
    monkeypatch.setattr(service.courier, "_mentioned", changed)
    await service.courier.deliver(poster)
    await service.courier.deliver(poster)
    assert [(m.channel_id, m.outgoing.role_ids) for m in poster.messages] == [(12, (6,))]


async def test_a_doubt_of_a_moved_feed_is_settled_in_the_old_channel_and_sent_in_the_new(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    one = await follow(service)
    await publish(service, feed_host, range(1, 3))
    poster.refusals = [DeliveryError("no clear answer", is_doubtful=True)]
    await service.courier.deliver(poster)
    await service.subscriptions.change(one, one.delivering, channel_id=12)
    clock.advance(hours=1)
    await service.courier.deliver(poster)
    assert [m.channel_id for m in poster.messages] == [12]


@pytest.mark.parametrize("act", ["change", "pause", "resume", "remove"])
async def test_what_was_removed_never_comes_back_by_an_old_panel(service: Service, act: str) -> None:
    one = await follow(service)
    await service.subscriptions.remove(one)
    with pytest.raises(RequestError, match="no longer followed"):
        await getattr(service.subscriptions, act)(
            one, *([replace(one.delivering, role_id=3)] if act == "change" else [])
        )
    assert await service.subscriptions.of_guild(GUILD) == []
    assert await service.subscriptions.followed() == list(service.settings.feeds)


async def test_two_admins_change_different_things_of_a_feed(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    """Each acts on what they saw; both changes stand, and a digest keeps its hour."""
    seen = await follow(service, digest=NINE)
    await publish(service, feed_host, range(1, 3))
    clock.now = datetime(2026, 6, 2, 9, tzinfo=UTC)
    await service.subscriptions.change(seen, seen.delivering, channel_id=12)
    changed = await service.subscriptions.change(seen, replace(seen.delivering, role_id=3))
    assert (changed.channel_id, changed.delivering.role_id, changed.delivering.digest) == (12, 3, NINE)
    assert await service.courier.deliver(poster) == 1
    assert poster.messages[0].channel_id == 12


# ── the subscriptions ────────────────────────────────────────────────────────────────────────────────────


async def test_a_server_sees_its_own_subscriptions_alone(service: Service) -> None:
    mine = await follow(service)
    with pytest.raises(RequestError):
        await service.subscriptions.get(mine.id, guild_id=OTHER_GUILD)
    assert await service.subscriptions.of_guild(OTHER_GUILD) == []
    explained = await service.subscriptions.why(make_entry(1).link, guild_id=OTHER_GUILD)
    assert explained.histories == ()


async def test_a_channel_follows_a_feed_once(service: Service) -> None:
    await follow(service)
    with pytest.raises(RequestError, match="already follows this feed"):
        await follow(service)
    other = await follow(service, channel_id=12)
    with pytest.raises(RequestError, match="already follows this feed"):
        await service.subscriptions.change(other, other.delivering, channel_id=11)


async def test_a_feed_followed_again_begins_anew(service: Service, feed_host: FeedHost, poster: MemoryPoster) -> None:
    """Nothing of what came before is announced, and what comes now is, once."""
    await service.subscriptions.remove(await follow(service))
    await publish(service, feed_host, range(1, 3))
    await follow(service)
    await publish(service, feed_host, range(1, 4))
    await service.courier.deliver(poster)
    assert poster.titles == [shown_title(make_entry(3))]


async def test_the_settings_channel_is_no_admin_s_to_remove(
    feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock
) -> None:
    """It can be paused; unset, it is paused by itself, and goes on when it is set again."""
    url = feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    async with open_service(settings(NONMUN_FEEDS=url, NONMUN_CHANNEL_ID=11), clock=clock) as service:
        await service.poller.poll_all()
        await service.subscriptions.adopt(lambda _: GUILD)
        (one,) = await service.subscriptions.of_guild(GUILD)
        assert one.is_host
        with pytest.raises(RequestError, match="hosts the bot"):
            await service.subscriptions.remove(one)
    for channel, state in ((None, SubscriptionState.PAUSED), (11, SubscriptionState.ACTIVE)):
        async with open_service(settings(NONMUN_FEEDS=url, NONMUN_CHANNEL_ID=channel), clock=clock) as service:
            await service.subscriptions.start()
            (one,) = await service.subscriptions.of_guild(GUILD)
            assert one.state is state


async def test_a_feed_taken_out_of_the_settings_is_not_announced_in_their_channel(
    feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock, poster: MemoryPoster
) -> None:
    """Servers that follow it go on; put back, it is announced again from then on."""
    url, other = (feed_host.serve(path, make_rss([make_entry(1)])) for path in ("/feed.xml", "/other.xml"))

    def open_bot(*feeds: str) -> AbstractAsyncContextManager[Service]:
        made = settings(NONMUN_FEEDS=",".join(feeds), NONMUN_CHANNEL_ID=11, NONMUN_PRIVATE_HOSTS="127.0.0.1")
        return open_service(made, clock=clock)

    async def publish_and_deliver(service: Service, last: int) -> None:
        feed_host.serve("/feed.xml", make_rss([make_entry(number) for number in range(last, 0, -1)]))
        await service.subscriptions.start()
        await service.poller.poll(url, is_forced=True)
        await service.courier.deliver(poster)

    async with open_bot(url, other) as service:
        await service.poller.poll_all()
        await service.subscriptions.follow(url, guild_id=GUILD, channel_id=12, owner_id=9)
        await publish_and_deliver(service, 2)
    async with open_bot(other) as service:
        await publish_and_deliver(service, 3)
        assert [one.reason for one in await host_subscriptions(service.database.reader)] == [NOT_LISTED, None]
    async with open_bot(url, other) as service:
        await publish_and_deliver(service, 4)
    for channel, numbers in ((11, (2, 4)), (12, (2, 3, 4))):
        assert [kept.outgoing.card.title for kept in poster.in_channel(channel) if kept.outgoing.card] == [
            shown_title(make_entry(number)) for number in numbers
        ]


async def test_what_an_admin_paused_the_settings_do_not_resume(
    feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock
) -> None:
    """Whatever the settings ask for in between."""
    url, other = (feed_host.serve(path, make_rss([make_entry(1)])) for path in ("/feed.xml", "/other.xml"))
    async with open_service(settings(NONMUN_FEEDS=url, NONMUN_CHANNEL_ID=11), clock=clock) as service:
        await service.poller.poll_all()
        await service.subscriptions.adopt(lambda _: GUILD)
        await service.subscriptions.pause((await service.subscriptions.of_guild(GUILD))[0])
    for feeds, channel in ((url, None), (url, 11), (other, 11), (url, 11)):
        async with open_service(settings(NONMUN_FEEDS=feeds, NONMUN_CHANNEL_ID=channel), clock=clock) as service:
            await service.subscriptions.start()
            (one,) = await service.subscriptions.of_guild(GUILD)
            assert one.state is SubscriptionState.PAUSED


async def test_old_posts_are_left_out_where_an_admin_says_so(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    await follow(service, max_age_days=30)
    await publish(service, feed_host, range(1, 3), published=datetime(2025, 1, 1, tzinfo=UTC))
    assert await service.courier.deliver(poster) == 0
    explained = await service.subscriptions.why(make_entry(2).link, guild_id=GUILD)
    assert [d.stage for d in explained.histories[0].decisions] == [Stage.TOO_OLD]
    assert "2025-01-01" in str(explained.histories[0].decisions[0].detail)


async def test_followers_are_mentioned_up_to_a_number(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    """Beyond it a role is the right thing, and that is said."""
    one = await follow(service)
    for user_id in range(1, 41):
        assert await service.subscriptions.follow_feed(one, user_id)
    with pytest.raises(RequestError, match="/subscribe"):
        await service.subscriptions.follow_feed(one, 41)
    assert not await service.subscriptions.follow_feed(one, 1)
    await publish(service, feed_host, range(1, 3))
    await service.courier.deliver(poster)
    assert poster.messages[0].outgoing.user_ids == tuple(range(2, 41))


async def test_eighty_members_are_mentioned_at_most(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    """Those who follow the feed first, then those of a term; a message holds no more than 2,000 characters."""
    one = await follow(service)
    for user_id in range(101, 141):
        assert await service.subscriptions.follow_feed(one, user_id)
    async with service.database.transaction() as db:
        for user_id in range(141, 191):
            await followers.follow_term(db, GUILD, "Lantern", user_id)
    await publish(service, feed_host, range(1, 3))
    await service.courier.deliver(poster)
    assert poster.messages[0].outgoing.user_ids == tuple(range(101, 181))


async def test_of_a_feed_and_a_term_every_follower_is_mentioned_once(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    """Also where the same members, and no others, asked for both; a term that is not in the review adds nobody."""
    one = await follow(service)
    assert await service.subscriptions.follow_feed(one, 101)
    async with service.database.transaction() as db:
        for term, user_id in (("Lantern", 101), ("Lantern", 102), ("walrus", 103)):
            await followers.follow_term(db, GUILD, term, user_id)
    await publish(service, feed_host, range(1, 3))
    await service.courier.deliver(poster)
    assert poster.messages[0].outgoing.user_ids == (101, 102)


# ── lanes ───────────────────────────────────────────────────────────────────────────────────────


async def test_messages_leave_below_discord_s_pace(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    """Fewer than fifty a second from all channels together."""
    for channel_id in range(11, 17):
        await follow(service, channel_id=channel_id)
    await publish(service, feed_host, range(1, 3))
    began_s = asyncio.get_running_loop().time()
    assert await service.courier.deliver(poster) == 6
    assert asyncio.get_running_loop().time() - began_s > 5 / 50


class HangingPoster(MemoryPoster):
    """Whose posts never end."""

    def __init__(self) -> None:
        super().__init__()
        self.has_begun = asyncio.Event()

    async def post(self, channel_id: int, message: Outgoing, *, nonce: str) -> Posted:
        self.has_begun.set()
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_courier_that_is_closed_ends_what_is_under_way_and_begins_nothing(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    await follow(service)
    await follow(service, "b", 12)
    await publish(service, feed_host, range(1, 3))
    hanging = HangingPoster()
    others = asyncio.all_tasks()
    await service.courier.wake(hanging)
    await hanging.has_begun.wait()
    await service.courier.close()
    assert asyncio.all_tasks() <= others
    assert await service.courier.deliver(poster) == 0
    assert next(one.state for one in await service.courier.undelivered()) is DeliveryState.SENDING


async def test_a_lane_that_fails_is_logged_and_begins_again(
    service: Service,
    feed_host: FeedHost,
    poster: MemoryPoster,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The file could not be read for a moment: nothing of a message is to blame."""
    await follow(service)
    await publish(service, feed_host, range(1, 3))
    channel_head, failures = outbox.channel_head, [StoreError("the disk failed", "Look at it.")]

    async def fail_once(db: Connection, channel_id: int, *, now: datetime) -> Delivery | None:
        if failures:
            raise failures.pop()
        return await channel_head(db, channel_id, now=now)

    monkeypatch.setattr(outbox, "channel_head", fail_once)
    for _ in range(2):  # the next wake is two seconds later
        await service.courier.deliver(poster)
    assert poster.titles == [shown_title(make_entry(2))]
    assert "lane of messages 11" in caplog.text
    assert "the disk failed" in caplog.text


async def test_a_post_is_published_only_where_that_is_wanted(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    await follow(service, publishes=True)
    await follow(service, channel_id=12)
    await publish(service, feed_host, range(1, 3))
    await service.courier.deliver(poster)
    assert {message.channel_id: message.is_published for message in poster.messages} == {11: True, 12: False}


async def test_a_channel_that_is_found_gone_ends_what_is_announced_there(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    """The owner of several feeds is told once; another channel goes on."""
    for name, channel_id in (("a", 11), ("b", 11), ("a", 12)):
        await follow(service, name, channel_id)
    poster.gone = {11}
    await publish(service, feed_host, range(1, 3))
    assert await service.courier.deliver(poster) == 2  # a post and a notice
    assert [message.channel_id for message in poster.messages] == [12]
    assert [one.channel_id for one in await service.subscriptions.of_guild(GUILD)] == [12]
    (notice,) = poster.notices[GUILD]
    assert "Blog a, Blog b" in notice
    assert sorted(await stages_of(service, 2)) == [Stage.FAILED, Stage.QUEUED, Stage.QUEUED, Stage.SENT]
    assert await service.courier.deliver(poster) == 0


async def test_the_outbox_knows_a_message_from_when_it_stands(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    one, reader = await follow(service), service.database.reader
    await publish(service, feed_host, range(1, 3))
    (waiting,) = await service.courier.undelivered()
    assert waiting.review_id
    assert await outbox.messages_of(reader, waiting.review_id) == {}
    assert await outbox.newest_message(reader, 11) is None
    assert (await service.subscriptions.status(one)).last_sent is None
    await service.courier.deliver(poster)
    message_id = poster.messages[0].id
    assert await outbox.messages_of(reader, waiting.review_id) == {one.id: (11, message_id)}
    assert await outbox.newest_message(reader, 11) == message_id
    assert (await service.subscriptions.status(one)).last_sent == clock()


async def test_a_pause_leaves_a_post_in_doubt_to_be_looked_for(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    one = await follow(service)
    poster.refusals = [DeliveryError("no clear answer from Discord", is_doubtful=True)]
    poster.arrives_all_the_same = True
    await publish(service, feed_host, range(1, 3))
    await service.courier.deliver(poster)
    await service.subscriptions.pause(one)
    (doubtful,) = await service.courier.undelivered()
    assert doubtful.state is DeliveryState.SENDING
    clock.advance(hours=1)
    await service.courier.deliver(poster)
    assert await service.courier.undelivered() == []
    assert len(poster.messages) == 1


async def test_a_post_in_doubt_ends_with_its_channel(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    await follow(service)
    poster.refusals = [DeliveryError("no clear answer from Discord", is_doubtful=True)]
    await publish(service, feed_host, range(1, 3))
    await service.courier.deliver(poster)
    await service.courier.end_channel(11)
    await service.courier.deliver(poster)
    assert await service.courier.undelivered() == []


async def test_a_refusal_is_written_down_once(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    await follow(service)
    poster.refusals = [DeliveryError("Discord asks us to wait", retry_after_s=60)] * 3
    await publish(service, feed_host, range(1, 3))
    for _ in range(4):
        await service.courier.deliver(poster)
        clock.advance(hours=2)
    assert poster.tries == 4
    assert await stages_of(service, 2) == [Stage.QUEUED, Stage.REFUSED, Stage.SENT]


async def test_a_deleted_channel_is_told_of_with_ten_feeds_at_most(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    for number in range(12):
        name = f"n{number}"
        url = feed_host.serve(f"/{name}.xml", make_rss([make_entry(1)], title=f"Blog {name}"))
        await service.subscriptions.look_at(url, guild_id=GUILD)
        await service.subscriptions.follow(
            url, guild_id=GUILD, channel_id=11, owner_id=OWNER, delivering=Delivering()
        )
    await service.courier.end_channel(11)
    await service.courier.deliver(poster)
    (notice,) = poster.notices[GUILD]
    assert notice.count("Blog n") == 10


# ── what Discord refuses ────────────────────────────────────────────────────────────────────────

BODY = DeliveryError("Discord refuses the post itself: Not a well formed URL", is_final=True, is_about_post=True)


async def test_a_post_whose_body_is_refused_goes_in_its_plainest_form(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    """At once, without picture and button; a later edit of it is as plain, and the next post is not."""
    await follow(service)
    html = '<h1>Abstract</h1><p>Text.</p><p><img src="https://img.example/fig.png" alt="A caption"></p>'
    await publish(service, feed_host, range(1, 3), html=html)
    poster.refusals = [BODY]
    assert await service.courier.deliver(poster) == 1
    assert poster.messages[0].outgoing.is_plain
    assert poster.messages[0].outgoing.card
    assert poster.messages[0].outgoing.card.picture is None
    await publish(service, feed_host, range(1, 3), html=html + "<h1>Method</h1><p>New.</p>")
    await service.courier.deliver(poster)
    assert poster.messages[0].edits == 1
    assert poster.messages[0].outgoing.is_plain
    await publish(service, feed_host, range(1, 4))
    await service.courier.deliver(poster)
    assert not poster.messages[-1].outgoing.is_plain
    assert poster.notices[GUILD] == []


async def test_a_post_that_is_refused_in_every_form_is_given_up_and_told(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    """Once, by its title; the next one goes out, and /why says it."""
    await follow(service)
    await publish(service, feed_host, range(1, 3), title=f"Lantern-2 {'x' * 300}")
    poster.refusals = [BODY, BODY]
    await service.courier.deliver(poster)
    await publish(service, feed_host, range(1, 4))
    await service.courier.deliver(poster)
    assert poster.titles == [shown_title(make_entry(3))]
    (notice,) = poster.notices[GUILD]
    assert notice.startswith(f"“Lantern-2 {'x' * 189}…” of Blog a could not be sent")
    assert "Not a well formed URL" in notice
    assert (await stages_of(service, 2))[-2:] == [Stage.REFUSED, Stage.FAILED]
    (one,) = await service.subscriptions.of_guild(GUILD)
    assert one.state is SubscriptionState.ACTIVE


async def test_a_digest_whose_body_is_refused_goes_post_by_post(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    await follow(service, digest=NINE)
    await publish(service, feed_host, range(1, 5))
    clock.now = datetime(2026, 6, 2, 9, tzinfo=UTC)
    poster.refusals = [BODY]
    assert await service.courier.deliver(poster) == 3
    assert poster.titles == [shown_title(make_entry(number)) for number in (2, 3, 4)]


async def test_an_edit_whose_body_is_refused_is_made_plainer_then_let_go(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    await follow(service)
    await publish(service, feed_host, range(1, 3))
    await service.courier.deliver(poster)
    for text, refusals in (("A second text.", [BODY]), ("A third text.", [BODY])):
        await publish(service, feed_host, range(1, 3), html=f"<h1>Abstract</h1><p>{text}</p>")
        poster.late = list(refusals)
        for _ in range(3):
            await service.courier.deliver(poster)
            clock.advance(hours=1)
    assert poster.messages[0].edits == 1
    assert poster.messages[0].outgoing.is_plain
    assert (await stages_of(service, 2))[-1] is Stage.UNDONE


async def test_a_thread_whose_name_is_refused_makes_no_post_plainer(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    """What is wrong there is the thread; a later edit of the post keeps its pictures."""
    await follow(service, opens_thread=True)
    poster.late = [BODY]
    await publish(service, feed_host, range(1, 3))
    await service.courier.deliver(poster)
    assert (await stages_of(service, 2))[-1] is Stage.UNDONE
    await publish(service, feed_host, range(1, 3), html="<h1>Abstract</h1><p>A second text.</p>")
    await service.courier.deliver(poster)
    assert poster.messages[0].edits == 1
    assert not poster.messages[0].outgoing.is_plain


@pytest.mark.parametrize("act", ["change", "move", "resume"])
async def test_what_an_admin_fixes_goes_out_at_once(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, act: str
) -> None:
    """A tag was chosen, say: nobody waits for the next hour; and what still stops it is told anew."""
    one = await follow(service)
    await publish(service, feed_host, range(1, 3))
    poster.refusals = [DeliveryError("the forum wants a tag on each post", is_blocked=True)]
    await service.courier.deliver(poster)
    (stopped,) = await service.subscriptions.of_guild(GUILD)
    assert stopped.state is SubscriptionState.SUSPENDED
    assert "wants a tag" in (stopped.reason or "")
    if act == "resume":
        await service.subscriptions.resume(stopped)
    else:
        delivering = replace(stopped.delivering, tag_ids=(4,))
        changed = await service.subscriptions.change(stopped, delivering, channel_id=12 if act == "move" else None)
        assert (changed.state, changed.reason) == (SubscriptionState.ACTIVE, None)
    assert await service.courier.deliver(poster) == 1
    assert poster.messages[-1].channel_id == (12 if act == "move" else one.channel_id)
    poster.blocked = {poster.messages[-1].channel_id: "I need Send Messages"}
    await publish(service, feed_host, range(1, 4))
    await service.courier.deliver(poster)
    assert len(poster.notices[GUILD]) == 2


async def test_a_change_of_what_is_paused_resumes_nothing(service: Service) -> None:
    one = await follow(service)
    await service.subscriptions.pause(one)
    changed = await service.subscriptions.change(one, replace(one.delivering, role_id=3))
    assert changed.state is SubscriptionState.PAUSED


async def test_a_deleted_role_is_not_written_into_posts_and_told_once(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    """By the event or by the next post, whichever comes first; another role that goes is told anew."""
    one = await follow(service, role_id=5)
    await follow(service, "b", role_id=6)
    await publish(service, feed_host, range(1, 3))
    poster.lost_roles = {5}
    await service.courier.deliver(poster)
    assert [message.outgoing.role_ids for message in poster.messages] == [()]
    assert [message.outgoing.text for message in poster.messages] == [None]
    await service.courier.tell_lost_roles(poster)
    await publish(service, feed_host, range(1, 4))
    await service.courier.deliver(poster)
    assert len(poster.notices[GUILD]) == 1
    assert "role" in poster.notices[GUILD][0]
    await service.subscriptions.change(one, replace(one.delivering, role_id=7))
    poster.lost_roles = {5, 7}
    await service.courier.tell_lost_roles(poster)
    await service.courier.deliver(poster)
    assert len(poster.notices[GUILD]) == 2
