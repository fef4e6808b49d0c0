"""Welcoming servers: one message each time the bot joins one, claimed before it is sent and looked for when in doubt.

A welcome belongs to no subscription, so it has a table of its own beside the outbox. Before it is sent for the first
time, it is looked for, too: the file may be an older copy, from before the bot joined. Where there is no channel that
the bot may write to, it is given up: `/help` begins with the same steps.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.announcing.decisions import id_at, next_try
from bot.delivering import posts
from bot.delivering.look_back import Lookback
from bot.delivering.posts import Poster, Traits
from bot.errors import DeliveryError, StoreError
from bot.faults import describe_fault
from bot.languages import speaking
from bot.models.announcing import Delivery, DeliveryKind, DeliveryState, Posted
from bot.models.servers import Server, Welcome
from bot.store import servers
from bot.store.database import Database

log = logging.getLogger(__name__)

MAX_TRIES = 12
"""Tries, the last of them an hour apart, before a welcome is given up."""


class Welcomes:
    """Sends welcomes.

    Args:
        pace: Waits for the next turn to send.
    """

    def __init__(
        self,
        database: Database,
        lookback: Lookback,
        *,
        pace: Callable[[], Awaitable[None]],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._lookback = lookback
        self._pace = pace
        self._clock = clock

    async def send(self, poster: Poster, welcome: Welcome) -> bool:
        """Send a welcome, or find it where it is in doubt; True if it is settled."""
        server = await servers.find_server(self._database.background, welcome.guild_id)
        if server is None:
            return False
        try:
            with speaking(server.speaks):
                return await self._try(poster, welcome, server)
        except DeliveryError as exc:
            await self._save_refusal(welcome, exc)
            return False
        except StoreError:
            raise
        except Exception as exc:
            await self._save_refusal(welcome, DeliveryError(describe_fault(exc), is_doubtful=True))
            raise  # its lane reports it

    async def _try(self, poster: Poster, welcome: Welcome, server: Server) -> bool:
        channel_id = welcome.channel_id if welcome.is_claimed else None
        place = channel_id or poster.find_welcome_place(server.guild_id)
        message = posts.welcome_of()
        if arrived := await self._find(poster, welcome, server, place, posts.traits_of(message)):
            await self._settle(welcome, arrived)
            return True
        if welcome.is_claimed:
            async with self._database.transaction() as db:
                await servers.put_back_welcome(db, welcome, reason=None, not_before=None)
            place = poster.find_welcome_place(server.guild_id)
        await self._pace()
        async with self._database.transaction() as db:
            after = poster.newest_id(place)
            is_ours = await servers.claim_welcome(
                db, welcome, channel_id=place, text=message.text or "", claimed_after=after, now=self._clock()
            )
        if not is_ours:
            return False
        await self._settle(welcome, await poster.post(place, message, nonce=welcome.nonce))
        return True

    async def _find(
        self, poster: Poster, welcome: Welcome, server: Server, place: int, wanted: Traits
    ) -> Posted | None:
        """Find a welcome that may be there: the one that was claimed, or any since the bot joined.

        Raises:
            DeliveryError: It was claimed, and we cannot tell.
        """
        if welcome.is_claimed:
            return await self._lookback.find(poster, _as_notice(welcome, place))
        if server.joined_at is None or not await poster.can_look_back(place):
            return None
        # By Discord's clock, kept in whole seconds: what is older is from an earlier membership.
        joined = id_at(server.joined_at + timedelta(seconds=1))
        if (last_id := poster.last_known_id(place)) is not None and last_id <= joined:
            return None  # nothing was posted there since
        async for standing in poster.own_messages(place, after=joined, known=()):
            if posts.is_same(standing, wanted):
                return standing.posted
        return None

    async def _settle(self, welcome: Welcome, posted: Posted) -> None:
        async with self._database.transaction() as db:
            await servers.settle_welcome(db, welcome, posted, now=self._clock())
        log.info("welcomed guild=%d channel=%d", welcome.guild_id, posted.channel_id)

    async def _save_refusal(self, welcome: Welcome, error: DeliveryError) -> None:
        log.warning("welcome refused guild=%d reason=%s", welcome.guild_id, error.reason)
        now = self._clock()
        is_final = (
            error.is_final
            or error.is_unknown
            or error.is_gone
            or error.is_blocked
            or error.is_about_post
            or welcome.attempts + welcome.looks >= MAX_TRIES
        )
        not_before = next_try(welcome.attempts + welcome.looks, error, now)
        async with self._database.transaction() as db:
            if is_final:
                await servers.fail_welcome(db, welcome, reason=error.reason, now=now)
            elif error.is_doubtful:
                await servers.postpone_welcome(db, welcome, reason=error.reason, not_before=not_before)
            else:
                await servers.put_back_welcome(db, welcome, reason=error.reason, not_before=not_before)


def _as_notice(welcome: Welcome, place: int) -> Delivery:
    """A claimed welcome as a notice that belongs to no subscription, which is how it is looked for."""
    return Delivery(
        id=0,
        kind=DeliveryKind.NOTICE,
        subscription_id=0,
        review_id=None,
        channel_id=place,
        state=DeliveryState.SENDING,
        nonce=welcome.nonce,
        text=welcome.text,
        claimed_at=welcome.claimed_at,
        claimed_after=welcome.claimed_after,
        message_channel_id=place,
        looks=welcome.looks,
    )
