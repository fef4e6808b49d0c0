"""Whether a message stands in its channel already: in doubt, and after a start on an older file."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.announcing.decisions import MOST_SINGLE_POSTS, id_at
from bot.config import Settings
from bot.delivering import posts
from bot.errors import DeliveryError, RequestError
from bot.languages import speaking
from bot.models.announcing import Delivering, DeliveryState, DigestPlan, Every, Posted, Stage, Subscription
from bot.service import Service, open_service
from bot.store.backup import back_up, restore
from bot.store.deliveries import LOOKS_IN_LINE
from tests.conftest import Clock
from tests.factories import make_entry, make_rss, shown_title
from tests.loopback.feed_host import FeedHost
from tests.posting import MemoryPoster

GUILD, OWNER = 7, 9
OTHER = {"en": "ko", "ko": "en"}
NINE = DigestPlan(every=Every.DAY, hour=9, zone="UTC")
LOST = DeliveryError("no clear answer from Discord", is_doubtful=True)
UNREADABLE = DeliveryError("no clear answer from Discord (DiscordServerError)", is_doubtful=True)

Open = Callable[[], AbstractAsyncContextManager[Service]]


@pytest.fixture
def poster(clock: Clock) -> MemoryPoster:
    return MemoryPoster(clock)


@pytest.fixture
def open_bot(feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock) -> Open:
    """Opens the bot on its file, as a process would: two feeds, each of one review that is known."""
    urls = [feed_host.serve(f"/{name}.xml", make_rss([make_entry(1)], title=f"Blog {name}")) for name in "ab"]
    made = settings(NONMUN_FEEDS=",".join(urls), NONMUN_PRIVATE_HOSTS="127.0.0.1")

    @asynccontextmanager
    async def opened() -> AsyncIterator[Service]:
        async with open_service(made, clock=clock) as service:
            await service.courier.start()
            yield service

    return opened


@pytest.fixture
async def service(open_bot: Open) -> AsyncIterator[Service]:
    async with open_bot() as opened:
        await opened.poller.poll_all()
        yield opened


async def follow(service: Service, name: str = "a", channel_id: int = 11, **delivering: object) -> Subscription:
    url = next(url for url in service.settings.feeds if url.endswith(f"/{name}.xml"))
    made = Delivering(**delivering)  # type: ignore[arg-type]
    return await service.subscriptions.follow(
        url, guild_id=GUILD, channel_id=channel_id, owner_id=OWNER, delivering=made
    )


async def announce_in(service: Service, language: str) -> None:
    """Announce everything of the server in a language from now on."""
    await service.servers.set_language(GUILD, language)


async def publish(service: Service, host: FeedHost, numbers: range, name: str = "a", **first: object) -> None:
    """Let a feed hold these entries, the newest first, and poll."""
    newest, *others = (make_entry(n) for n in reversed(numbers))
    host.update(f"/{name}.xml", make_rss([replace(newest, **first), *others], title=f"Blog {name}"))  # type: ignore[arg-type]
    for outcome in await service.poller.poll_all(is_forced=True):
        assert outcome.error is None


async def stages_of(service: Service, number: int) -> list[Stage]:
    explained = await service.subscriptions.why(make_entry(number).link, guild_id=GUILD)
    return [decision.stage for history in explained.histories for decision in history.decisions]


def titles(*numbers: int) -> list[str]:
    return [shown_title(make_entry(number)) for number in numbers]


def copy(path: Path, to: Path) -> None:
    """A copy of the file as SQLite makes it, also under a running bot."""
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)


def put_back(older: Path, path: Path) -> None:
    """By hand: the file in its place, and what belonged to the other one gone."""
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes(older.read_bytes())


def write_log_into(path: Path) -> None:
    """What stands in ``-wal``, into the file itself."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0


def messages_in(path: Path) -> int:
    """How many messages a file knows."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(message_id) FROM deliveries").fetchone()[0])


# ── in doubt ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("ahead", [timedelta(minutes=10), timedelta(minutes=-10), timedelta(days=400)])
@pytest.mark.parametrize("is_forum", [False, True])
async def test_our_clock_says_nothing_of_where_a_message_stands(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, ahead: timedelta, *, is_forum: bool
) -> None:
    """It is ahead of Discord's or behind it, and the nonce is forgotten."""
    poster.clock = lambda: clock() - ahead
    poster.forums = {11} if is_forum else set()
    await follow(service)
    await publish(service, feed_host, range(1, 3))
    poster.refusals, poster.arrives_all_the_same = [LOST], True
    await service.courier.deliver(poster)
    clock.advance(hours=1)
    await service.courier.deliver(poster)
    assert poster.titles == titles(2)
    assert (await stages_of(service, 2))[:2] == [Stage.QUEUED, Stage.REFUSED]
    assert Stage.SENT in await stages_of(service, 2)


async def test_a_clock_set_back_makes_no_nonce_fresh(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    """The channel cannot be read, and our clock says that the claim was a moment ago: Discord's says an hour."""
    discord_clock = Clock()
    poster.clock = discord_clock
    await follow(service)
    await publish(service, feed_host, range(1, 3))
    poster.refusals, poster.arrives_all_the_same = [LOST], True
    await service.courier.deliver(poster)
    poster.is_readable = False
    discord_clock.advance(hours=1)
    clock.advance(seconds=30)
    await service.courier.deliver(poster)
    assert poster.titles == titles(2)
    (waiting,) = await service.courier.undelivered()
    assert waiting.state is DeliveryState.SENDING
    assert "Read Message History" in str(waiting.reason)


async def test_a_hidden_embed_hides_no_post(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    """The button under it keeps its address."""
    await follow(service)
    await publish(service, feed_host, range(1, 3))
    poster.refusals, poster.arrives_all_the_same = [LOST], True
    await service.courier.deliver(poster)
    poster.messages[0].is_hidden = True
    clock.advance(hours=1)
    await service.courier.deliver(poster)
    assert len(poster.messages) == 1


async def test_a_hidden_digest_is_not_sent_again(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    """Nothing is left to tell it by: rather a post too few than the same one twice."""
    await follow(service)
    poster.refusals, poster.arrives_all_the_same = [LOST], True
    await publish(service, feed_host, range(1, MOST_SINGLE_POSTS + 3))
    await service.courier.deliver(poster)
    poster.messages[0].is_hidden = True
    clock.advance(hours=1)
    await service.courier.deliver(poster)
    assert len(poster.messages) == 1


async def test_a_digest_in_doubt_is_found_by_what_it_lists(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    """The day has changed since, and with it what it would be called."""
    await follow(service)
    poster.refusals, poster.arrives_all_the_same = [LOST], True
    await publish(service, feed_host, range(1, MOST_SINGLE_POSTS + 3))
    await service.courier.deliver(poster)
    clock.advance(days=2)
    await service.courier.deliver(poster)
    assert poster.titles == [f"{MOST_SINGLE_POSTS + 1} new reviews · Blog a"]
    assert poster.messages[0].edits == 0


async def test_the_same_review_of_another_feed_is_not_taken_for_the_one_in_doubt(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    """Both feeds of a channel have its address; the first stands there, the second was lost on its way."""
    await follow(service, "a")
    await follow(service, "b")
    await publish(service, feed_host, range(1, 3), "a")
    await service.courier.deliver(poster)
    poster.refusals = [LOST]
    await publish(service, feed_host, range(1, 3), "b", title="Another word on it", guid="b2")
    await service.courier.deliver(poster)
    clock.advance(hours=1)
    await service.courier.deliver(poster)
    assert poster.titles == [*titles(2), "Another word on it"]


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_a_note_and_a_notice_in_doubt_are_found_by_their_text(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, language: str
) -> None:
    """Although the feed is announced in another language by then."""
    await announce_in(service, language)
    await follow(service, channel_id=11)
    poster.forums = {11}
    await publish(service, feed_host, range(1, 3))
    await service.courier.deliver(poster)
    (forum_post,) = poster.messages
    poster.refusals, poster.arrives_all_the_same = [LOST], True
    await publish(service, feed_host, range(1, 3), html="<h1>Abstract</h1><p>Written anew from end to end.</p>")
    await service.courier.deliver(poster)
    poster.refusals = [LOST]
    poster.blocked[11] = "I need Send Messages in #eleven"
    await publish(service, feed_host, range(1, 4))
    await service.courier.deliver(poster)
    clock.advance(hours=1)
    await announce_in(service, OTHER[language])
    for _ in range(2):
        await service.courier.deliver(poster)
    assert len(poster.notices[GUILD]) == 1
    poster.blocked.clear()
    await service.courier.retry(poster)
    await service.courier.deliver(poster)
    assert len(poster.texts(forum_post.id)) == 2  # of the text that was new, and of the old one's return
    assert await service.courier.undelivered() == []


# ── a channel that cannot be looked at ──────────────────────────────────────────────────────────


async def test_a_history_that_answers_with_errors_stops_no_lane(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    """Later posts pass the one in doubt after some looks; after a day it is settled as unknown, and said."""
    await follow(service)
    await publish(service, feed_host, range(1, 3))
    poster.refusals, poster.arrives_all_the_same = [LOST], True
    await service.courier.deliver(poster)
    poster.unreadable, poster.has_last_message = UNREADABLE, False
    clock.advance(minutes=5)
    await publish(service, feed_host, range(1, 4))
    looks = len(poster.looked_at)
    for _ in range(LOOKS_IN_LINE - 1):  # the lost answer was the first time
        assert poster.titles == titles(2)
        await service.courier.deliver(poster)
        clock.advance(minutes=1)
    assert len(poster.looked_at) == looks + LOOKS_IN_LINE - 1
    assert poster.titles == titles(2, 3)
    for _ in range(30):
        clock.advance(hours=1)
        await service.courier.deliver(poster)
    assert poster.titles == titles(2, 3)
    assert (await stages_of(service, 2))[-1] is Stage.UNKNOWN
    (given_up,) = await service.courier.undelivered()
    assert (given_up.state, "for a day" in str(given_up.reason)) == (DeliveryState.FAILED, True)
    assert len(poster.looked_at) < looks + 50


async def test_while_the_nonce_is_remembered_it_is_simply_sent_again(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    await follow(service)
    await publish(service, feed_host, range(1, 3))
    poster.refusals, poster.arrives_all_the_same = [LOST], True
    await service.courier.deliver(poster)
    poster.unreadable, poster.has_last_message = UNREADABLE, False
    clock.advance(seconds=30)
    await service.courier.deliver(poster)
    assert poster.titles == titles(2)
    assert (await stages_of(service, 2))[-1] is Stage.SENT


@pytest.mark.parametrize("arrives", [True, False])
async def test_the_last_message_tells_where_the_history_does_not(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, *, arrives: bool
) -> None:
    """It is ours, or nothing was posted since the claim."""
    await follow(service)
    await publish(service, feed_host, range(1, 3))
    await service.courier.deliver(poster)
    await publish(service, feed_host, range(1, 4))
    poster.refusals, poster.arrives_all_the_same = [LOST], arrives
    await service.courier.deliver(poster)
    poster.unreadable = UNREADABLE
    clock.advance(hours=1)
    await service.courier.deliver(poster)
    assert poster.titles == titles(2, 3)
    assert Stage.SENT in await stages_of(service, 3)


async def test_a_history_that_is_too_long_ends_the_search(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    await follow(service)
    await publish(service, feed_host, range(1, 3))
    poster.refusals, poster.arrives_all_the_same = [LOST], True
    await service.courier.deliver(poster)
    poster.unreadable = DeliveryError("more than 5,000 messages were posted there since", is_unknown=True)
    clock.advance(hours=1)
    await service.courier.deliver(poster)
    assert poster.titles == titles(2)
    assert (await stages_of(service, 2))[-1] is Stage.UNKNOWN


# ── after a start ───────────────────────────────────────────────────────────────────────────────


async def test_a_channel_is_looked_at_once_after_a_start_and_only_where_something_is_new(
    open_bot: Open, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    """The gateway tells the newest message: where the file knows it, nothing is asked."""
    async with open_bot() as service:
        await service.poller.poll_all()
        await follow(service)
        await publish(service, feed_host, range(1, 3))
        await service.courier.deliver(poster)
    first = poster.looked_at[:]
    poster.connected_at = poster.messages[-1].id
    async with open_bot() as service:
        await publish(service, feed_host, range(1, 4))
        await service.courier.deliver(poster)
    assert poster.looked_at == first == [11]
    clock.advance(minutes=1)
    poster.connected_at = id_at(clock())
    async with open_bot() as service:
        for newest in (4, 5):
            await publish(service, feed_host, range(1, newest + 1))
            await service.courier.deliver(poster)
    assert poster.looked_at == [*first, 11]
    assert poster.titles == titles(2, 3, 4, 5)


@pytest.mark.parametrize("is_forum", [False, True])
@pytest.mark.parametrize("is_tracked", [False, True])
async def test_after_an_older_copy_was_put_back_nothing_comes_again(
    open_bot: Open,
    feed_host: FeedHost,
    poster: MemoryPoster,
    clock: Clock,
    tmp_path: Path,
    *,
    is_forum: bool,
    is_tracked: bool,
) -> None:
    """Four posts came since, also one that stands in two subscriptions; the feeds bring them anew, and one more."""
    path, older = tmp_path / "test.db", tmp_path / "older.db"
    poster.forums = {11} if is_forum else set()
    async with open_bot() as service:
        await service.poller.poll_all()
        await follow(service, "a")
        await follow(service, "b", 12)
        await publish(service, feed_host, range(1, 3))
        await service.courier.deliver(poster)
        copy(path, older)
        await publish(service, feed_host, range(1, 6))
        await publish(service, feed_host, range(1, 4), "b")
        await service.courier.deliver(poster)
    before = [(m.channel_id, m.outgoing.card and m.outgoing.card.title) for m in poster.messages]
    put_back(older, path)
    clock.advance(hours=5)
    link = make_entry(6).link + ("?utm_source=feed" if is_tracked else "")
    async with open_bot() as service:
        await publish(service, feed_host, range(1, 7), link=link)
        await service.courier.deliver(poster)
        await service.courier.deliver(poster)
        assert len(poster.messages) == len(before) + 1
        assert poster.titles[-1] == shown_title(make_entry(6))
        clock.advance(minutes=1)
        await service.courier.deliver(poster)
        assert (await stages_of(service, 4))[-2:] == [Stage.SENT, Stage.EDITED]
        assert await service.courier.undelivered() == []


@pytest.mark.parametrize("way", ["backup and restore", "lost log"])
async def test_after_a_restore_or_a_lost_log_four_posts_do_not_come_again(
    open_bot: Open, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, tmp_path: Path, way: str
) -> None:
    """A drill: a backup beside the running bot, four posts, and the backup put back; or the ``-wal`` removed."""
    path = tmp_path / "test.db"
    async with open_bot() as service:
        await service.poller.poll_all()
        await follow(service)
        await publish(service, feed_host, range(1, 3))
        await service.courier.deliver(poster)
        write_log_into(path)
        backup = back_up(path, tmp_path / "backup.db", now=clock()).path
        await publish(service, feed_host, range(1, 7))
        await service.courier.deliver(poster)
        without_log = path.read_bytes()
    if way == "lost log":
        (tmp_path / "killed.db").write_bytes(without_log)
        put_back(tmp_path / "killed.db", path)
    else:
        restore(path, backup, now=clock())
    assert messages_in(path) == 1
    clock.advance(hours=1)
    async with open_bot() as service:
        await publish(service, feed_host, range(1, 7))
        assert await service.courier.deliver(poster) == 0
        await publish(service, feed_host, range(1, 8))
        assert await service.courier.deliver(poster) == 1
    assert poster.titles == titles(2, 3, 4, 5, 6, 7)


async def test_what_was_found_is_remembered_over_a_restart(
    open_bot: Open, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, tmp_path: Path
) -> None:
    """One feed is polled at once after the older copy was put back, the other one only after a further start."""
    path, older = tmp_path / "test.db", tmp_path / "older.db"
    async with open_bot() as service:
        await service.poller.poll_all()
        await follow(service, "a")
        await follow(service, "b")
        copy(path, older)
        await publish(service, feed_host, range(1, 3), "a")
        await publish(service, feed_host, range(1, 4), "b")
        await service.courier.deliver(poster)
    assert poster.titles == titles(2, 3)
    put_back(older, path)
    feed_host.fail("/a.xml", status=503)
    clock.advance(hours=1)
    async with open_bot() as service:
        await service.poller.poll_all(is_forced=True)
        assert await service.courier.deliver(poster) == 0
    feed_host.recover("/a.xml")
    poster.connected_at = poster.messages[-1].id
    async with open_bot() as service:
        await publish(service, feed_host, range(1, 3), "a")
        await service.courier.deliver(poster)
    assert poster.titles == titles(2, 3)


async def test_a_digest_that_stands_is_not_made_of_the_same_posts_again(
    open_bot: Open, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, tmp_path: Path
) -> None:
    """What is new since comes in a digest of its own; a revision of what the old one lists edits nothing."""
    path, older = tmp_path / "test.db", tmp_path / "older.db"
    async with open_bot() as service:
        await service.poller.poll_all()
        await follow(service, digest=NINE)
        await publish(service, feed_host, range(1, 3))
        copy(path, older)
        await publish(service, feed_host, range(1, 4))
        clock.now = datetime(2026, 6, 2, 9, tzinfo=UTC)
        await service.courier.deliver(poster)
    assert poster.titles == ["2 new reviews · Blog a"]
    put_back(older, path)
    clock.advance(hours=1)
    async with open_bot() as service:
        await publish(service, feed_host, range(1, 5))
        await service.courier.deliver(poster)
        clock.advance(days=1)
        await service.courier.deliver(poster)
        assert poster.titles == ["2 new reviews · Blog a", "1 new review · Blog a"]
        for number in (2, 3, 4):
            assert (await stages_of(service, number))[-1] is Stage.SENT
        await publish(service, feed_host, range(1, 5), html="<h1>Abstract</h1><p>Another text altogether.</p>")
        await service.courier.deliver(poster)
        assert [message.edits for message in poster.messages] == [0, 0]


async def test_a_digest_whose_posts_come_back_one_by_one_stays_a_digest(
    open_bot: Open, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, tmp_path: Path
) -> None:
    """After an older copy was put back the feed brings its posts a poll apart: none is sent or edited in."""
    path, older = tmp_path / "test.db", tmp_path / "older.db"
    async with open_bot() as service:
        await service.poller.poll_all()
        await follow(service, digest=NINE, opens_thread=True)
        copy(path, older)
        await publish(service, feed_host, range(1, 4))
        clock.now = datetime(2026, 6, 2, 9, tzinfo=UTC)
        await service.courier.deliver(poster)
    put_back(older, path)
    clock.advance(hours=1)
    async with open_bot() as service:
        for end in (3, 4):
            await publish(service, feed_host, range(1, end))
            clock.advance(days=1)
            await service.courier.deliver(poster)
            assert (await stages_of(service, end - 1))[-1] is Stage.SENT
    assert poster.titles == ["2 new reviews · Blog a"]
    assert [message.edits for message in poster.messages] == [0]
    assert messages_in(path) == 1
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM follow_ups").fetchone() == (1,)


async def test_a_post_without_an_address_is_known_by_its_title(
    open_bot: Open, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, tmp_path: Path
) -> None:
    path, older = tmp_path / "test.db", tmp_path / "older.db"
    async with open_bot() as service:
        await service.poller.poll_all()
        await follow(service)
        copy(path, older)
        await publish(service, feed_host, range(1, 3), link="")
        await service.courier.deliver(poster)
    put_back(older, path)
    async with open_bot() as service:
        await publish(service, feed_host, range(1, 4), link="")
        await service.courier.deliver(poster)
        await service.courier.deliver(poster)
    assert poster.titles == titles(2, 3)


async def test_a_post_that_an_earlier_version_sent_is_known_by_its_old_title(
    open_bot: Open, feed_host: FeedHost, poster: MemoryPoster, tmp_path: Path
) -> None:
    """Earlier versions showed the title as the blog writes it, with the venue in brackets."""
    path, older = tmp_path / "test.db", tmp_path / "older.db"
    async with open_bot() as service:
        await service.poller.poll_all()
        await follow(service)
        copy(path, older)
        await publish(service, feed_host, range(1, 3), link="")
        await service.courier.deliver(poster)
    (message,) = poster.messages
    assert message.outgoing.card is not None
    as_then = replace(message.outgoing.card, title=make_entry(2).title)
    message.outgoing = replace(message.outgoing, card=as_then, former_title=None)
    put_back(older, path)
    async with open_bot() as service:
        await publish(service, feed_host, range(1, 4), link="")
        await service.courier.deliver(poster)
        await service.courier.deliver(poster)
    assert poster.messages[0] is message
    assert poster.titles == titles(2, 3), "it is edited like any other"


async def test_a_long_backlog_after_an_older_copy_leaves_out_what_stands(
    open_bot: Open, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, tmp_path: Path
) -> None:
    path, older = tmp_path / "test.db", tmp_path / "older.db"
    numbers = range(1, MOST_SINGLE_POSTS + 3)
    async with open_bot() as service:
        await service.poller.poll_all()
        await follow(service)
        copy(path, older)
        await publish(service, feed_host, numbers)
        await service.courier.deliver(poster)
    put_back(older, path)
    clock.advance(hours=1)
    async with open_bot() as service:
        await publish(service, feed_host, range(1, MOST_SINGLE_POSTS + 4))
        await service.courier.deliver(poster)
        assert poster.titles == [
            f"{MOST_SINGLE_POSTS + 1} new reviews · Blog a",
            shown_title(make_entry(numbers.stop)),
        ]


async def test_a_digest_that_waits_in_an_older_copy_goes_out_without_what_stands(
    open_bot: Open, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, tmp_path: Path
) -> None:
    """The copy was made while Discord did not take it; its first post carried it."""
    path = tmp_path / "test.db"
    async with open_bot() as service:
        await service.poller.poll_all()
        one = await follow(service, digest=NINE)
        await publish(service, feed_host, range(1, 3))
        await service.subscriptions.change(one, replace(one.delivering, digest=None))
        await service.courier.deliver(poster)
        await service.subscriptions.change(one, one.delivering)
    async with open_bot() as service:
        (one,) = await service.subscriptions.of_guild(GUILD)
        with closing(sqlite3.connect(path)) as connection:  # as it was before that post left
            connection.execute("UPDATE deliveries SET state = 'collected', message_id = NULL")
            connection.execute("DELETE FROM channel_marks")
            connection.commit()
        await service.subscriptions.change(one, replace(one.delivering, digest=NINE))
        await publish(service, feed_host, range(1, 4))
        clock.now = datetime(2026, 6, 3, 9, tzinfo=UTC)
        poster.refusals = [DeliveryError("Discord asks us to wait", retry_after_s=60)]
        await service.courier.deliver(poster)
        clock.advance(hours=1)
        await service.courier.deliver(poster)
    assert poster.titles == [shown_title(make_entry(2)), "1 new review · Blog a"]


async def test_an_older_copy_brings_no_older_version_back(
    open_bot: Open, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, tmp_path: Path
) -> None:
    """What is found is brought up to date only when its feed may have been read."""
    path, older = tmp_path / "test.db", tmp_path / "older.db"
    async with open_bot() as service:
        await service.poller.poll_all()
        await follow(service)
        await publish(service, feed_host, range(1, 3))
        copy(path, older)
        await service.courier.deliver(poster)
        await publish(service, feed_host, range(1, 3), title="Lantern-2, second edition")
        await service.courier.deliver(poster)
    assert poster.titles == ["Lantern-2, second edition"]
    put_back(older, path)
    async with open_bot() as service:
        await service.courier.deliver(poster)
        clock.advance(days=1)
        await service.courier.deliver(poster)
        assert poster.titles == ["Lantern-2, second edition"]
        await service.poller.poll_all(is_forced=True)
        await service.courier.deliver(poster)
    assert poster.titles == ["Lantern-2, second edition"]


async def test_an_edit_that_waits_in_an_older_copy_brings_no_older_version_back(
    open_bot: Open, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, tmp_path: Path
) -> None:
    """It waits until the feed was read, and shows what that said."""
    path, older = tmp_path / "test.db", tmp_path / "older.db"
    async with open_bot() as service:
        await service.poller.poll_all()
        await follow(service)
        await publish(service, feed_host, range(1, 3))
        await service.courier.deliver(poster)
        await publish(service, feed_host, range(1, 3), title="Lantern-2, second edition")
        copy(path, older)
        await publish(service, feed_host, range(1, 3), title="Lantern-2, third edition")
        await service.courier.deliver(poster)
    assert poster.titles == ["Lantern-2, third edition"]
    edits = poster.messages[0].edits
    put_back(older, path)
    async with open_bot() as service:
        clock.advance(days=1)
        await service.courier.deliver(poster)
        assert (poster.titles, poster.messages[0].edits) == (["Lantern-2, third edition"], edits)
        await service.poller.poll_all(is_forced=True)
        await service.courier.deliver(poster)
    assert (poster.titles, poster.messages[0].edits) == (["Lantern-2, third edition"], edits + 1)


async def test_an_edit_that_waited_goes_out_when_its_feed_has_nothing_new(
    open_bot: Open, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    """That it has not changed is as good as having been read."""
    async with open_bot() as service:
        await service.poller.poll_all()
        await follow(service)
        await publish(service, feed_host, range(1, 3))
        await service.courier.deliver(poster)
        await publish(service, feed_host, range(1, 3), title="Lantern-2, second edition")
    async with open_bot() as service:
        await service.courier.deliver(poster)
        assert poster.titles == titles(2)
        assert all(outcome.is_unchanged for outcome in await service.poller.poll_all(is_forced=True))
        await service.courier.deliver(poster)
    assert poster.titles == ["Lantern-2, second edition"]


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_a_thread_s_note_is_not_said_again(
    open_bot: Open, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, tmp_path: Path, language: str
) -> None:
    path, older = tmp_path / "test.db", tmp_path / "older.db"
    poster.forums = {11}
    changed = "<h1>Abstract</h1><p>Written anew from end to end.</p>"
    async with open_bot() as service:
        await service.poller.poll_all()
        await announce_in(service, language)
        await follow(service)
        await publish(service, feed_host, range(1, 3))
        await service.courier.deliver(poster)
        copy(path, older)
        await publish(service, feed_host, range(1, 3), html=changed)
        await service.courier.deliver(poster)
    (said,) = poster.texts(poster.messages[0].id)
    assert ("리뷰" in said) == (language == "ko")
    put_back(older, path)
    clock.advance(hours=1)
    async with open_bot() as service:
        await announce_in(service, OTHER[language])
        await service.poller.poll_all(is_forced=True)
        await service.courier.deliver(poster)
        assert poster.texts(poster.messages[0].id) == [said]
        await publish(service, feed_host, range(1, 3), html=changed + "<h1>Method</h1><p>A new section.</p>")
        await service.courier.deliver(poster)
        assert len(poster.texts(poster.messages[0].id)) == 2


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_notes_of_several_revisions_are_not_said_again_together(
    open_bot: Open, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, tmp_path: Path, language: str
) -> None:
    """An older copy describes as one what was told step by step; what is new since is told alone."""
    path, older = tmp_path / "test.db", tmp_path / "older.db"
    poster.forums = {11}
    html = "<h1>Abstract</h1><p>Written anew from end to end.</p>"
    first = html + "<h1>First, and 2nd</h1><p>One.</p>"
    second = first + "<h1>Second</h1><p>Two.</p>"
    async with open_bot() as service:
        await service.poller.poll_all()
        await announce_in(service, language)
        await follow(service)
        await publish(service, feed_host, range(1, 3), html=html)
        await service.courier.deliver(poster)
        copy(path, older)
        for version in (first, second):
            await publish(service, feed_host, range(1, 3), html=version)
            await service.courier.deliver(poster)
    thread_id = poster.messages[0].id
    said = poster.texts(thread_id)
    assert len(said) == 2
    assert all(("리뷰" in each) == (language == "ko") for each in said)
    third = {"en": "The review was revised: new: Third.", "ko": "리뷰가 수정됐어요. 추가: Third."}[OTHER[language]]
    for addition, told in ("", []), ("<h1>Third</h1><p>Three.</p>", [third]):
        put_back(older, path)
        clock.advance(hours=1)
        async with open_bot() as service:
            await announce_in(service, OTHER[language])
            await publish(service, feed_host, range(1, 3), html=second + addition)
            await service.courier.deliver(poster)
            assert poster.texts(thread_id) == said + told


async def test_a_look_that_fails_puts_the_post_off_and_then_lets_it_go(
    open_bot: Open, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    """And it is made up for at the next start."""
    async with open_bot() as service:
        await service.poller.poll_all()
        await follow(service)
        poster.unreadable = UNREADABLE
        await publish(service, feed_host, range(1, 3))
        for _ in range(LOOKS_IN_LINE - 1):
            assert await service.courier.deliver(poster) == 0
            clock.advance(minutes=1)
        assert await service.courier.deliver(poster) == 1
        poster.unreadable = DeliveryError("more than 5,000 messages were posted there since", is_unknown=True)
    async with open_bot() as service:
        await publish(service, feed_host, range(1, 4))
        assert await service.courier.deliver(poster) == 1
    assert poster.titles == titles(2, 3)


async def test_a_test_post_is_never_taken_for_the_post(service: Service) -> None:
    one = await follow(service)
    sample = await service.subscriptions.sample(one)
    test = posts.as_test(sample, by=OWNER)
    assert test.tested_by == OWNER
    assert test.name == f"Test: {sample.name}"
    # What is left in a forum when somebody has deleted the message.
    left = posts.Standing(posted=Posted(message_id=1, channel_id=1), traits=posts.Traits(name=test.name))
    assert not posts.is_same(left, posts.traits_of(sample))
    assert test.role_ids == test.user_ids == ()


async def test_a_test_post_is_in_its_feeds_language_and_a_refusal_in_the_admins(service: Service) -> None:
    one = await follow(service)
    english = await service.subscriptions.sample(one)
    await announce_in(service, "ko")
    korean = await service.subscriptions.sample(one)
    invitations = [sample.card and sample.card.invitation for sample in (english, korean)]
    assert invitations == ["Open a section …", "섹션 열기…"]
    async with service.database.transaction() as db:
        await db.execute("DELETE FROM reviews")
    for language, said in (("en", "This feed has no posts yet."), ("ko", "이 피드에는 아직 글이 없어요.")):
        with speaking(language), pytest.raises(RequestError) as caught:
            await service.subscriptions.sample(one)
        assert str(caught.value) == said


async def test_a_note_under_a_deleted_post_is_not_said(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    await follow(service)
    poster.forums = {11}
    await publish(service, feed_host, range(1, 3))
    await service.courier.deliver(poster)
    thread_id = poster.messages.pop().id
    await publish(service, feed_host, range(1, 3), html="<h1>Abstract</h1><p>Written anew from end to end.</p>")
    await service.courier.deliver(poster)
    assert poster.texts(thread_id) == []
    (failed,) = await service.courier.undelivered()
    assert (failed.state, failed.reason) == (DeliveryState.FAILED, "the post that it belongs to was deleted")
