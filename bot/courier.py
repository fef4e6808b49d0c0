"""Bringing posts to their channels: claimed before they leave, settled after, looked for when in doubt."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot import deliveries
from bot.cards import announce
from bot.config import Settings
from bot.deliveries import Poster
from bot.errors import DeliveryError
from bot.models import (
    Delivery,
    DeliveryState,
    StoredReview,
)
from bot.store import deliveries as outbox
from bot.store import reviews
from bot.store.database import Database

log = logging.getLogger(__name__)


class Courier:
    """Empties the outbox, oldest first in each channel."""

    def __init__(self, settings: Settings, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._delivering = asyncio.Lock()

    async def start(self) -> None:
        """Before the first delivery: what waits goes to the channel now configured, and is tried at once."""
        async with self._database.transaction() as db:
            if self._settings.channel_id is not None:
                await outbox.retarget(db, self._settings.channel_id)
            await outbox.retry_now(db)

    async def retry(self) -> None:
        """Try at once what was refused: a permission may be back."""
        if await outbox.waiting(self._database.reader):
            async with self._database.transaction() as db:
                await outbox.retry_now(db)

    async def deliver(self, poster: Poster) -> int:
        """Send what is due, oldest first in each channel, the channels side by side; how many arrived."""
        async with self._delivering:
            heads = await outbox.channel_heads(self._database.reader)
            sent = await asyncio.gather(*(self._deliver_channel(poster, head) for head in heads))
        return sum(sent)

    async def _deliver_channel(self, poster: Poster, head: Delivery) -> int:
        sent = 0
        delivery: Delivery | None = head
        while delivery and not (delivery.not_before and delivery.not_before > self._clock()):
            if not await self._deliver_one(poster, delivery):
                break
            sent += 1
            delivery = await outbox.channel_head(self._database.reader, head.channel_id)
        return sent

    async def _deliver_one(self, poster: Poster, delivery: Delivery) -> bool:
        """One step of one delivery; True where the next of the channel may follow."""
        found = await reviews.find_reviews(self._database.reader, [delivery.review_id])
        stored = found[0]
        try:
            if delivery.state is DeliveryState.SENDING and await self._has_arrived(poster, delivery, stored):
                return True
            async with self._database.transaction() as db:
                if not await outbox.claim(db, delivery.id, now=self._clock()):
                    return False
            message_id = await poster.post(delivery.channel_id, announce(stored), nonce=delivery.nonce)
        except DeliveryError as exc:
            return await self._save_refusal(delivery, exc)
        async with self._database.transaction() as db:
            await outbox.settle_sent(db, delivery.id, message_id=message_id, now=self._clock())
        log.info("announced review=%d channel=%d message=%d", stored.id, delivery.channel_id, message_id)
        return True

    async def _has_arrived(self, poster: Poster, delivery: Delivery, stored: StoredReview) -> bool:
        """Settle a delivery in doubt by looking at the channel; back to pending where it is not there.

        Raises:
            DeliveryError: The channel cannot be looked at, and the nonce may be forgotten: wait for either.
        """
        now = self._clock()
        if not await poster.can_look_back(delivery.channel_id):
            if not deliveries.is_nonce_remembered(delivery, now):
                raise DeliveryError(
                    "cannot tell whether an earlier post arrived; needs Read Message History in the channel",
                    is_blocked=True,
                    is_doubtful=True,
                )
            arrived = None
        else:
            since = (delivery.claimed_at or now) - timedelta(minutes=1)
            settled = await outbox.settled_messages(self._database.reader, delivery.channel_id)
            arrived = await poster.find_post(delivery.channel_id, announce(stored), since=since, settled=settled)
        async with self._database.transaction() as db:
            if arrived is not None:
                await outbox.settle_sent(db, delivery.id, message_id=arrived, now=now)
            else:
                await outbox.put_back(db, delivery.id, reason="sent again after a doubt", not_before=None)
        return arrived is not None

    async def _save_refusal(self, delivery: Delivery, error: DeliveryError) -> bool:
        now = self._clock()
        log.warning("delivery refused id=%d channel=%d reason=%s", delivery.id, delivery.channel_id, error.reason)
        not_before = deliveries.next_try(delivery, error, now)
        async with self._database.transaction() as db:
            if error.is_final:
                await outbox.settle_failed(db, delivery.id, reason=error.reason, now=now)
            elif error.is_doubtful:
                await outbox.postpone(db, delivery.id, reason=error.reason, not_before=not_before)
            else:
                await outbox.put_back(db, delivery.id, reason=error.reason, not_before=not_before)
        return error.is_final

    async def undelivered(self) -> list[Delivery]:
        """What waits or failed, with the reason."""
        return await outbox.open_deliveries(self._database.reader)
