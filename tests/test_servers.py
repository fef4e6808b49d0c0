"""Servers: their language, their welcome and what they set; the real database, channels in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.config import Settings
from bot.errors import DeliveryError
from bot.models.announcing import Delivering, DigestPlan, Every, Subscription
from bot.models.servers import Membership
from bot.service import Service, open_service
from bot.store import servers as store
from tests.conftest import Clock
from tests.factories import make_entry, make_rss
from tests.loopback.feed_host import FeedHost
from tests.posting import MemoryPoster

GUILD, OTHER, OWNER, CHANNEL = 7, 8, 9, 11
APP, OTHER_APP = 1, 2
JOINED = datetime(2026, 6, 1, 11, tzinfo=UTC)
NINE = DigestPlan(every=Every.DAY, hour=9, zone="UTC")


@pytest.fixture
async def service(feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock) -> AsyncIterator[Service]:
    url = feed_host.serve("/a.xml", make_rss([make_entry(1)], title="Blog a"))
    made = settings(NONMUN_FEEDS=url, NONMUN_PRIVATE_HOSTS="127.0.0.1")
    async with open_service(made, clock=clock) as opened:
        await opened.poller.poll_all()
        yield opened


@pytest.fixture
def poster(clock: Clock) -> MemoryPoster:
    return MemoryPoster(clock)


def membership(
    guild_id: int = GUILD, *, locale: str | None = "en-US", joined: datetime | None = JOINED
) -> Membership:
    return Membership(guild_id=guild_id, locale=locale, joined_at=joined)


async def begin(service: Service, *present: Membership, application_id: int = APP) -> None:
    await service.servers.take_stock(application_id, present)


def welcomes(poster: MemoryPoster, guild_id: int = GUILD) -> list[str]:
    """The welcomes of a server: in memory, its place for them has its id."""
    return [m.outgoing.text or "" for m in poster.in_channel(guild_id) if m.outgoing.is_welcome]


# ── when a server is welcomed ───────────────────────────────────────────────────────────────────


async def test_servers_from_before_are_not_welcomed_and_a_joined_one_is(
    service: Service, poster: MemoryPoster
) -> None:
    await begin(service, membership(GUILD))
    await service.courier.deliver(poster)
    assert poster.messages == []
    await service.servers.meet(APP, membership(OTHER))
    await service.courier.deliver(poster)
    assert len(welcomes(poster, OTHER)) == 1
    assert "Follow a blog" in welcomes(poster, OTHER)[0]
    assert welcomes(poster, GUILD) == []


async def test_what_is_reported_before_the_first_stock_welcomes_nobody(
    service: Service, poster: MemoryPoster
) -> None:
    """At a start Discord reports each server by an event of its own, before it says that these were all."""
    await service.servers.meet(APP, membership())
    await begin(service, membership())
    await service.servers.meet(APP, membership())
    await service.courier.deliver(poster)
    assert welcomes(poster) == []


async def test_a_join_while_the_bot_was_away_is_noticed(service: Service, poster: MemoryPoster) -> None:
    await begin(service, membership(GUILD))
    await begin(service, membership(GUILD), membership(OTHER))
    await begin(service, membership(GUILD), membership(OTHER))
    await service.courier.deliver(poster)
    assert (len(welcomes(poster, GUILD)), len(welcomes(poster, OTHER))) == (0, 1)


async def test_a_server_that_was_unavailable_at_first_is_not_new(service: Service, poster: MemoryPoster) -> None:
    await begin(service, membership(locale=None, joined=None))
    await service.servers.meet(APP, membership())
    await service.courier.deliver(poster)
    assert welcomes(poster) == []


async def test_a_new_join_is_welcomed_again(service: Service, poster: MemoryPoster, clock: Clock) -> None:
    """Also if the bot did not see that it had been removed."""
    await begin(service)
    await service.servers.meet(APP, membership())
    await service.courier.deliver(poster)
    clock.advance(seconds=5)
    again = membership(joined=clock.now)
    await service.servers.meet(APP, again)
    await service.servers.meet(APP, again)
    await service.courier.deliver(poster)
    assert len(welcomes(poster)) == 2


async def test_another_application_welcomes_none_of_its_servers(service: Service, poster: MemoryPoster) -> None:
    await begin(service, membership())
    await begin(service, membership(), membership(OTHER), application_id=OTHER_APP)
    await service.courier.deliver(poster)
    assert poster.messages == []


async def test_a_start_with_another_application_keeps_what_servers_have_set(service: Service) -> None:
    """The token was another bot's by mistake, and is put right."""
    await begin(service, membership())
    await service.servers.set_answers(GUILD, is_private=True)
    await begin(service, membership(OTHER), application_id=OTHER_APP)
    await begin(service, membership())
    assert (await service.servers.of(GUILD)).answers_privately


async def test_a_server_that_was_left_is_forgotten(service: Service, poster: MemoryPoster) -> None:
    """With what it had set, and with a welcome that has not been sent."""
    await begin(service)
    await service.servers.meet(APP, membership())
    await service.servers.set_answers(GUILD, is_private=True)
    await service.courier.end_guild(GUILD)
    await service.courier.deliver(poster)
    assert welcomes(poster) == []
    assert not (await service.servers.of(GUILD)).answers_privately
    await begin(service, membership(OTHER))
    await begin(service)
    assert await store.find_server(service.database.reader, OTHER) is None


# ── once ────────────────────────────────────────────────────────────────────────────────────────


async def test_a_welcome_in_doubt_that_arrived_is_not_repeated(
    service: Service, poster: MemoryPoster, clock: Clock
) -> None:
    await begin(service)
    await service.servers.meet(APP, membership())
    poster.arrives_all_the_same = True
    poster.refusals = [DeliveryError("no answer", is_doubtful=True)]
    await service.courier.deliver(poster)
    clock.advance(hours=2)  # Discord has forgotten the nonce
    await service.courier.deliver(poster)
    await service.courier.deliver(poster)
    assert len(welcomes(poster)) == 1


async def test_a_welcome_in_doubt_that_did_not_arrive_is_sent_again(
    service: Service, poster: MemoryPoster, clock: Clock
) -> None:
    await begin(service)
    await service.servers.meet(APP, membership())
    poster.refusals = [DeliveryError("no answer", is_doubtful=True)]
    await service.courier.deliver(poster)
    assert welcomes(poster) == []
    clock.advance(hours=2)
    await service.courier.deliver(poster)
    assert len(welcomes(poster)) == 1


async def test_a_claim_of_a_process_that_died_is_looked_for(
    service: Service, poster: MemoryPoster, clock: Clock
) -> None:
    """Between the post and its settlement the process died; the next one finds the message, in any language."""
    await begin(service)
    await service.servers.meet(APP, membership())
    await service.courier.deliver(poster)
    async with service.database.transaction() as db:
        await db.execute("UPDATE welcomes SET state = 'sending', message_id = NULL")
    await service.servers.set_language(GUILD, "ko")
    clock.advance(hours=2)
    await service.courier.start()
    await service.courier.deliver(poster)
    assert len(welcomes(poster)) == 1


async def test_a_restored_copy_from_before_the_join_repeats_no_welcome(
    service: Service, poster: MemoryPoster, clock: Clock
) -> None:
    await begin(service)
    await service.servers.meet(APP, membership())
    await service.courier.deliver(poster)
    async with service.database.transaction() as db:
        await db.execute("DELETE FROM servers")
    clock.advance(hours=2)
    await begin(service, membership())
    await service.courier.deliver(poster)
    assert len(welcomes(poster)) == 1


async def test_a_welcome_is_no_message_that_nobody_knows(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """The first announcement in the same channel looks at what was posted there before it."""
    await begin(service)
    await service.servers.meet(APP, membership())
    await service.courier.deliver(poster)
    await service.subscriptions.follow(service.settings.feeds[0], guild_id=GUILD, channel_id=GUILD, owner_id=OWNER)
    await publish(service, feed_host, 2, 1)
    assert await service.courier.deliver(poster) == 1
    assert GUILD in poster.looked_at
    assert "does not know" not in caplog.text


async def test_a_doubt_that_cannot_be_settled_is_given_up(
    service: Service, poster: MemoryPoster, clock: Clock
) -> None:
    """Better no welcome than two: /help shows the same."""
    await begin(service)
    await service.servers.meet(APP, membership())
    poster.arrives_all_the_same = True
    poster.refusals = [DeliveryError("no answer", is_doubtful=True)]
    await service.courier.deliver(poster)
    poster.is_readable = False
    clock.advance(hours=2)
    for _ in range(3):
        await service.courier.deliver(poster)
        clock.advance(hours=2)
    assert len(welcomes(poster)) == 1
    clock.advance(days=365)
    assert await store.due_welcomes(service.database.reader, now=clock.now, busy=(), limit=1) == []


async def test_where_the_bot_may_write_nowhere_nothing_is_tried_for_ever(
    service: Service, poster: MemoryPoster, clock: Clock
) -> None:
    await begin(service)
    await service.servers.meet(APP, membership())
    poster.speechless.add(GUILD)
    await service.courier.deliver(poster)
    poster.speechless.clear()
    clock.advance(days=1)
    await service.courier.deliver(poster)
    assert welcomes(poster) == []


async def test_a_refusal_that_passes_is_waited_out(service: Service, poster: MemoryPoster, clock: Clock) -> None:
    await begin(service)
    await service.servers.meet(APP, membership())
    poster.refusals = [DeliveryError("slow down", retry_after_s=600)]
    await service.courier.deliver(poster)
    clock.advance(minutes=5)
    await service.courier.deliver(poster)
    assert welcomes(poster) == []
    clock.advance(minutes=6)
    await service.courier.deliver(poster)
    assert len(welcomes(poster)) == 1


# ── languages ───────────────────────────────────────────────────────────────────────────────────


async def follow(service: Service, *, guild_id: int | None = GUILD, **delivering: Any) -> Subscription:
    return await service.subscriptions.follow(
        service.settings.feeds[0],
        guild_id=guild_id or 0,
        channel_id=CHANNEL,
        owner_id=OWNER,
        delivering=Delivering(**delivering),
    )


async def publish(service: Service, host: FeedHost, *numbers: int) -> None:
    host.update("/a.xml", make_rss([make_entry(number) for number in numbers], title="Blog a"))
    await service.poller.poll_all(is_forced=True)


@pytest.mark.parametrize(
    ("of_server", "locale", "own", "language"),
    [
        (None, "en-US", None, "en"),
        (None, "ko", None, "ko"),
        (None, "fr", None, "en"),
        ("ko", "en-US", None, "ko"),
        ("en", "ko", None, "en"),
        (None, "ko", "en", "en"),
        ("en", "en-US", "ko", "ko"),
    ],
)
async def test_an_announcement_is_made_in_its_subscriptions_language(
    service: Service,
    feed_host: FeedHost,
    poster: MemoryPoster,
    of_server: str | None,
    locale: str,
    own: str | None,
    language: str,
) -> None:
    """Its own, else its server's: chosen, or guessed by the server's locale."""
    await begin(service, membership(locale=locale))
    if of_server:
        await service.servers.set_language(GUILD, of_server)
    await follow(service, language=own)
    await publish(service, feed_host, 2, 1)
    assert await service.courier.deliver(poster) == 1
    assert [m.language for m in poster.in_channel(CHANNEL)] == [language]


async def test_digests_notices_and_welcomes_speak_the_language_too(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    await begin(service, membership())
    await service.servers.meet(APP, membership(OTHER, locale="ko"))
    await follow(service, digest=NINE, language="ko", role_id=5)
    poster.lost_roles.add(5)
    await publish(service, feed_host, 3, 2, 1)
    clock.advance(days=1)
    await service.courier.deliver(poster)
    assert [m.language for m in poster.in_channel(CHANNEL)] == ["ko"]
    assert [m.language for m in poster.told] == ["ko"]
    assert [m.language for m in poster.in_channel(OTHER)] == ["ko"]


async def test_a_changed_language_counts_for_what_is_sent_from_then_on(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    subscription = await follow(service)
    await publish(service, feed_host, 2, 1)
    await service.subscriptions.change(subscription, Delivering(language="ko"))
    await service.courier.deliver(poster)
    assert [m.language for m in poster.in_channel(CHANNEL)] == ["ko"]


async def test_what_a_server_set_survives_reports_of_it(service: Service) -> None:
    """Discord reports a server again and again, with its locale of the day."""
    await begin(service, membership())
    await service.servers.set_answers(GUILD, is_private=True)
    await service.servers.set_language(GUILD, "ko")
    await service.servers.meet(APP, membership(locale="fr"))
    server = await service.servers.of(GUILD)
    assert (server.language, server.answers_privately, server.locale) == ("ko", True, "fr")
    assert (await service.servers.set_language(GUILD, None)).speaks == "en"
    assert not (await service.servers.of(None)).answers_privately


async def test_a_join_is_compared_to_the_second(service: Service, poster: MemoryPoster) -> None:
    """The database keeps whole seconds, Discord tells microseconds."""
    await begin(service)
    precise = membership(joined=JOINED + timedelta(microseconds=1234))
    for _ in range(2):
        await service.servers.meet(APP, precise)
        await service.courier.deliver(poster)
    assert len(welcomes(poster)) == 1
