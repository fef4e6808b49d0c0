"""Talks and what is sent into them, without Discord: the real database, channels in memory."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace

import pytest

from bot.config import Settings
from bot.delivering.talks import Place, Wanted
from bot.errors import DeliveryError
from bot.models.announcing import Delivering
from bot.models.feeds import Entry
from bot.models.talks import TalkMessage, TalkMessageKind, TalkMessageState, TalkState
from bot.service import Service, open_service
from bot.store import messages, reviews, talks
from bot.store.messages import NewMessage
from bot.ui.discord.earlier_talks import ThreadCounts
from tests.conftest import Clock
from tests.factories import make_entry, make_rss
from tests.loopback.feed_host import FeedHost
from tests.posting import MemoryPoster
from tests.test_audiences import internet

__all__ = ["internet"]

GUILD, MEMBER, OTHER, CHANNEL = 7, 8, 9, 11
BLOCKED = DeliveryError("I need Send Messages", is_blocked=True)
WAIT = DeliveryError("Discord asks us to wait", retry_after_s=90)
DOUBT = DeliveryError("no clear answer", is_doubtful=True)


@pytest.fixture
async def service(feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock) -> AsyncIterator[Service]:
    url = feed_host.serve("/a.xml", make_rss([make_entry(2), make_entry(1)], title="Blog a"))
    made = settings(NONMUN_FEEDS=url, NONMUN_PRIVATE_HOSTS="127.0.0.1")
    async with open_service(made, clock=clock) as opened:
        await opened.poller.poll_all()
        yield opened


@pytest.fixture
def poster(clock: Clock) -> MemoryPoster:
    return MemoryPoster(clock)


def wanted(review_id: int = 1, opener_id: int = MEMBER) -> Wanted:
    return Wanted(
        guild_id=GUILD,
        review_id=review_id,
        opener_id=opener_id,
        place=Place(channel_id=CHANNEL),
        is_forum=False,
    )


async def only_talk(service: Service) -> tuple[TalkState, str | None]:
    (talk,) = await talks.talks_of(service.database.reader, [1], GUILD, states=tuple(TalkState))
    return talk.state, talk.reason


async def enqueue(service: Service, kind: TalkMessageKind, text: str, *, user_ids: tuple[int, ...] = ()) -> int:
    new = NewMessage(
        kind=kind, guild_id=GUILD, nonce=text, channel_id=CHANNEL, review_id=1, text=text, user_ids=user_ids
    )
    async with service.database.transaction() as db:
        return await messages.add_message(db, new, now=service.courier._clock())


async def found(service: Service, row_id: int) -> TalkMessage:
    row = await messages.find_message(service.database.reader, row_id)
    assert row is not None
    return row


async def test_a_refused_talk_is_given_up_and_may_be_opened_anew(service: Service, poster: MemoryPoster) -> None:
    poster.refusals = [BLOCKED]
    outcome = await service.talks.open(poster, wanted())
    assert outcome.talk is not None
    assert (outcome.talk.state, outcome.talk.reason) == (TalkState.FAILED, "I need Send Messages")
    again = await service.talks.open(poster, wanted())
    assert again.talk is not None
    assert again.talk.state is TalkState.OPEN
    await service.courier.deliver(poster)
    assert len(poster.messages) == 2  # under which it is, and the first in it


async def test_what_discord_puts_off_is_told_and_done_later(
    service: Service, poster: MemoryPoster, clock: Clock
) -> None:
    poster.refusals = [WAIT]
    outcome = await service.talks.open(poster, wanted())
    assert outcome.talk is not None
    assert (outcome.talk.state, outcome.talk.reason) == (TalkState.PENDING, "Discord asks us to wait")
    clock.advance(seconds=91)
    await service.courier.deliver(poster)
    assert (await only_talk(service))[0] is TalkState.OPEN
    assert len(poster.messages) == 2


@pytest.mark.parametrize("arrives", [True, False])
async def test_a_talk_in_doubt_is_looked_for(
    service: Service, poster: MemoryPoster, clock: Clock, arrives: bool
) -> None:
    poster.refusals, poster.arrives_all_the_same = [DOUBT], arrives
    await service.talks.open(poster, wanted())
    clock.advance(minutes=30)  # the nonce is forgotten by then
    await service.courier.deliver(poster)
    assert (await only_talk(service))[0] is TalkState.OPEN
    assert len(poster.in_channel(CHANNEL)) == 1


async def test_a_ping_goes_to_those_who_asked_and_once(service: Service, poster: MemoryPoster, clock: Clock) -> None:
    row_id = await enqueue(service, TalkMessageKind.WISH, "You asked for it.", user_ids=(MEMBER, OTHER))
    poster.refusals, poster.arrives_all_the_same = [DOUBT], True
    await service.courier.deliver(poster)
    clock.advance(minutes=30)
    await service.courier.deliver(poster)
    (message,) = poster.in_channel(CHANNEL)
    assert message.outgoing.text == "You asked for it."
    assert message.outgoing.user_ids == (MEMBER, OTHER)
    assert (await found(service, row_id)).state is TalkMessageState.SENT


async def test_a_line_that_nobody_waits_for_is_tried_again_where_a_right_is_missing(
    service: Service, poster: MemoryPoster, clock: Clock
) -> None:
    row_id = await enqueue(service, TalkMessageKind.CHANGE, "It has changed.")
    poster.blocked[CHANNEL] = "I need View Channel"
    await service.courier.deliver(poster)
    assert (await found(service, row_id)).reason == "I need View Channel"
    del poster.blocked[CHANNEL]
    clock.advance(hours=1)
    await service.courier.deliver(poster)
    assert poster.texts(CHANNEL) == ["It has changed."]


async def test_messages_keep_their_order_until_one_is_refused_often(
    service: Service, poster: MemoryPoster, clock: Clock
) -> None:
    for text in ("first", "second"):
        await enqueue(service, TalkMessageKind.CHANGE, text)
    poster.refusals = [BLOCKED] * messages.TRIES_IN_LINE
    for number in range(1, messages.TRIES_IN_LINE + 1):
        await service.courier.deliver(poster)
        assert poster.texts(CHANNEL) == ([] if number < messages.TRIES_IN_LINE else ["second"])
        clock.advance(minutes=1)
    await service.courier.deliver(poster)
    assert sorted(poster.texts(CHANNEL)) == ["first", "second"]


async def test_what_waits_for_a_deleted_channel_is_given_up(service: Service, poster: MemoryPoster) -> None:
    row_id = await enqueue(service, TalkMessageKind.WISH, "You asked for it.", user_ids=(MEMBER,))
    poster.gone.add(CHANNEL)
    await service.courier.deliver(poster)
    assert (await found(service, row_id)).state is TalkMessageState.DROPPED


async def test_two_who_press_at_once_are_in_one_talk(service: Service, poster: MemoryPoster) -> None:
    first = await service.talks.open(poster, wanted())
    second = await service.talks.open(poster, wanted(opener_id=OTHER))
    assert (first.is_new, second.is_new) == (True, False)
    assert first.talk is not None
    assert second.talk is not None
    assert first.talk.id == second.talk.id


@pytest.mark.parametrize("is_forum", [False, True])
async def test_an_older_copy_sends_nothing_again_that_stands_in_a_talk(
    service: Service, poster: MemoryPoster, clock: Clock, settings: Callable[..., Settings], is_forum: bool
) -> None:
    """Neither a quote nor the first message; another passage is quoted, and members wrote in between."""
    if is_forum:
        poster.forums.add(CHANNEL)
    (stored,) = await reviews.find_reviews(service.database.reader, [1])
    quotes = [await service.talks.make_quote(stored, 2, 1), await service.talks.make_quote(stored, 4, 0)]
    first, second = (quote for quote in quotes if quote is not None)
    talk = (await service.talks.open(poster, replace(wanted(), is_forum=is_forum))).talk
    assert talk is not None
    copy = service.settings.database.with_name("copy.db")
    with closing(sqlite3.connect(service.settings.database)) as now, closing(sqlite3.connect(copy)) as kept:
        now.backup(kept)
    await service.courier.deliver(poster)
    before = (await service.talks.put_quote(poster, talk, first)).quote
    assert before is not None
    clock.advance(hours=3)
    async with open_service(service.settings.model_copy(update={"database": copy}), clock=clock) as older:
        again = await older.talks.put_quote(poster, talk, first)
        assert again.quote is not None
        assert again.quote.message_id == before.message_id
        assert (await older.talks.put_quote(poster, talk, second)).quote is not None
        await older.courier.deliver(poster)
    assert talk.thread_id is not None
    assert len(poster.in_channel(talk.thread_id)) == (2 if is_forum else 3)


# ── announcements ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("is_forum", [True, False])
async def test_the_thread_of_an_announcement_is_the_talk_about_its_paper(
    service: Service, poster: MemoryPoster, feed_host: FeedHost, is_forum: bool
) -> None:
    """Where the subscription opens threads, or posts in a forum."""
    if is_forum:
        poster.forums.add(CHANNEL)
    url = feed_host.url("/a.xml")
    await service.subscriptions.follow(
        url, guild_id=GUILD, channel_id=CHANNEL, owner_id=MEMBER, delivering=Delivering(opens_thread=not is_forum)
    )
    feed_host.update("/a.xml", make_rss([make_entry(3), make_entry(2), make_entry(1)], title="Blog a"))
    await service.poller.poll_all()
    await service.courier.deliver(poster)
    (announced,) = poster.messages
    (talk,) = await service.talks.known(GUILD, 3)
    assert (talk.thread_id, talk.channel_id, talk.opener_id) == (announced.id, CHANNEL, None)
    assert talk.root_id == (None if is_forum else announced.id)
    outcome = await service.talks.open(poster, wanted(3))
    assert outcome.talk == talk
    assert not outcome.is_new
    async with service.database.transaction() as db:  # as if an earlier version had announced it
        await talks.forget_guild(db, GUILD)
    found_again = await service.talks.adopt(poster, GUILD, 3)
    assert found_again is not None
    assert (found_again.thread_id, found_again.root_id) == (talk.thread_id, talk.root_id)
    assert await service.talks.adopt(poster, GUILD, 1) is None


# ── what reviews mean for talks ─────────────────────────────────────────────────────────────────


def boats(*counts: int) -> Entry:
    """A review of one section, with a passage about each number of boats."""
    told = "".join(
        f"<p>Trial {letter}: the crew of the {letter}-boat needed {count} minutes to cross the northern strait.</p>"
        for letter, count in zip("ABCDEFGHIJ", counts, strict=False)
    )
    return make_entry(3, html=f"<h2>1. Results</h2>{told}", title="Ferry: Crossing the Strait")


async def test_a_talk_with_many_changed_passages_is_told_the_first_and_how_many_more(
    feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock, poster: MemoryPoster
) -> None:
    url = feed_host.serve("/b.xml", make_rss([boats(*range(20, 28))]))
    made = settings(NONMUN_FEEDS=url, NONMUN_PRIVATE_HOSTS="127.0.0.1")
    async with open_service(made, clock=clock) as service:
        await service.poller.poll_all()
        await service.talks.open(poster, wanted())
        (talk,) = await service.talks.known(GUILD, 1)
        (stored,) = await reviews.find_reviews(service.database.reader, [1])
        for block in range(8):
            quote = await service.talks.make_quote(stored, 0, block)
            assert quote is not None
            await service.talks.put_quote(poster, talk, quote)
        await service.courier.deliver(poster)
        before = len(poster.messages)
        feed_host.update("/b.xml", make_rss([boats(*range(40, 48))]))
        clock.advance(hours=1)
        await service.poller.poll_all()
        await service.courier.deliver(poster)
        lines = [text for message in poster.messages[before:] if (text := message.outgoing.text)]
        assert len(lines) == 6
        assert all(line.startswith("The passage that you discussed") for line in lines[:5])
        assert lines[5].startswith("3 other passages")


@pytest.mark.parametrize("is_shared", [True, False])
async def test_a_second_opinion_of_a_feed_that_all_servers_read(
    feed_host: FeedHost,
    settings: Callable[..., Settings],
    clock: Clock,
    poster: MemoryPoster,
    internet: set[str],
    is_shared: bool,
) -> None:
    """It comes into the talks of servers that do not follow the feed, if the host shares its feeds."""
    first = feed_host.serve("/a.xml", make_rss([make_entry(2), make_entry(1)], title="Blog a"))
    old = make_entry(1, link="https://second.example/1", guid="s1")
    second = feed_host.serve("/b.xml", make_rss([old], title="Blog b", link="https://second.example/"))
    made = settings(NONMUN_FEEDS=f"{first},{second}", NONMUN_SHARED_FEEDS=is_shared)
    async with open_service(made, clock=clock) as service:
        await service.poller.poll_all()
        heads = await reviews.find_heads(service.database.reader, [1, 2, 3])
        (review_id,) = (head.id for head in heads if head.link == make_entry(2).link)
        await service.talks.open(poster, wanted(review_id))
        await service.courier.deliver(poster)
        html = make_entry(2).html.replace("가운데 문단도 놓치지 않는다", "나는 믿지 않는다")
        new = make_entry(2, link="https://second.example/2", guid="s2", html=html)
        feed_host.update("/b.xml", make_rss([new, old], title="Blog b", link="https://second.example/"))
        clock.advance(hours=1)
        before = len(poster.messages)
        await service.poller.poll_all()
        await service.courier.deliver(poster)
        texts = [message.outgoing.text or "" for message in poster.messages[before:]]
        assert [text for text in texts if "second opinion" in text] == texts
        assert len(texts) == int(is_shared)


async def test_what_waits_for_a_talk_is_given_up_when_a_card_finds_its_thread_deleted(
    service: Service, poster: MemoryPoster
) -> None:
    talk = (await service.talks.open(poster, wanted())).talk
    assert talk is not None
    new = NewMessage(kind=TalkMessageKind.CHANGE, guild_id=GUILD, nonce="n", talk_id=talk.id, review_id=1, text="new")
    async with service.database.transaction() as db:
        row_id = await messages.add_message(db, new, now=service.courier._clock())
    poster.threads.clear()
    counts = ThreadCounts(service.earlier_talks, service.talks, poster)
    counts.ask([talk])
    await asyncio.gather(*counts._asking)
    assert (await only_talk(service))[0] is TalkState.GONE
    assert (await found(service, row_id)).state is TalkMessageState.DROPPED
