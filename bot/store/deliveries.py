"""Queries about the outbox: one row for each review and channel, written before a post leaves.

``pending → sending → sent``; back to ``pending`` with a reason where a later try may succeed, ``failed`` where
none can. A row found in ``sending`` at start is in doubt: the process died between claim and settlement.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

import aiosqlite

from bot.models import Delivery, DeliveryState
from bot.store.times import from_text, to_text

ENQUEUE = """
    INSERT INTO deliveries (review_id, channel_id, state, nonce, created_at)
    VALUES (:review_id, :channel_id, 'pending', :nonce, :now) ON CONFLICT (review_id, channel_id) DO NOTHING
"""
# The oldest open row of each channel: nothing overtakes it, so posts come in order.
HEADS = """
    SELECT * FROM deliveries WHERE id IN (
        SELECT min(id) FROM deliveries WHERE state IN ('pending', 'sending') GROUP BY channel_id
    ) ORDER BY id
"""
HEAD = """
    SELECT * FROM deliveries WHERE channel_id = :channel_id AND state IN ('pending', 'sending')
    ORDER BY id LIMIT 1
"""
WAITING = "SELECT 1 FROM deliveries WHERE state IN ('pending', 'sending') AND not_before IS NOT NULL LIMIT 1"
CLAIM = """
    UPDATE deliveries SET state = 'sending', attempts = attempts + 1, claimed_at = :now
    WHERE id = :id AND state = 'pending'
"""
SENT = """
    UPDATE deliveries SET state = 'sent', message_id = :message_id, settled_at = :now, reason = NULL,
        not_before = NULL
    WHERE id = :id
"""
FAILED = "UPDATE deliveries SET state = 'failed', reason = :reason, settled_at = :now WHERE id = :id"
PUT_BACK = """
    UPDATE deliveries SET state = 'pending', reason = :reason, not_before = :not_before WHERE id = :id
"""
POSTPONE = "UPDATE deliveries SET reason = :reason, not_before = :not_before WHERE id = :id"
RETARGET = """
    UPDATE OR IGNORE deliveries SET channel_id = :channel_id, reason = NULL, not_before = NULL
    WHERE state = 'pending' AND channel_id <> :channel_id
"""
RETRY_NOW = """
    UPDATE deliveries SET not_before = NULL WHERE state IN ('pending', 'sending') AND not_before IS NOT NULL
"""
MESSAGES = "SELECT message_id FROM deliveries WHERE channel_id = :channel_id AND message_id IS NOT NULL"
OPEN = "SELECT * FROM deliveries WHERE state <> 'sent' ORDER BY id"


def _delivery(row: sqlite3.Row) -> Delivery:
    return Delivery(
        id=row["id"],
        review_id=row["review_id"],
        channel_id=row["channel_id"],
        state=DeliveryState(row["state"]),
        nonce=row["nonce"],
        attempts=row["attempts"],
        reason=row["reason"],
        not_before=from_text(row["not_before"]),
        claimed_at=from_text(row["claimed_at"]),
        message_id=row["message_id"],
    )


async def enqueue(db: aiosqlite.Connection, review_id: int, *, channel_id: int, nonce: str, now: datetime) -> bool:
    """Enter a post to be sent; False where this review is already there for this channel."""
    values = {"review_id": review_id, "channel_id": channel_id, "nonce": nonce, "now": to_text(now)}
    return (await db.execute(ENQUEUE, values)).rowcount == 1


async def channel_heads(db: aiosqlite.Connection) -> list[Delivery]:
    """For each channel with open rows, the oldest of them."""
    async with db.execute(HEADS) as cursor:
        return [_delivery(row) async for row in cursor]


async def channel_head(db: aiosqlite.Connection, channel_id: int) -> Delivery | None:
    """The oldest open row of one channel."""
    async with db.execute(HEAD, {"channel_id": channel_id}) as cursor:
        row = await cursor.fetchone()
    return _delivery(row) if row else None


async def waiting(db: aiosqlite.Connection) -> bool:
    """Whether anything waits for its next try."""
    async with db.execute(WAITING) as cursor:
        return await cursor.fetchone() is not None


async def claim(db: aiosqlite.Connection, delivery_id: int, *, now: datetime) -> bool:
    """Mark a row as leaving; False where somebody else has it."""
    return (await db.execute(CLAIM, {"id": delivery_id, "now": to_text(now)})).rowcount == 1


async def settle_sent(db: aiosqlite.Connection, delivery_id: int, *, message_id: int, now: datetime) -> None:
    await db.execute(SENT, {"id": delivery_id, "message_id": message_id, "now": to_text(now)})


async def settle_failed(db: aiosqlite.Connection, delivery_id: int, *, reason: str, now: datetime) -> None:
    await db.execute(FAILED, {"id": delivery_id, "reason": reason, "now": to_text(now)})


async def put_back(db: aiosqlite.Connection, delivery_id: int, *, reason: str, not_before: datetime | None) -> None:
    """It did not get through and may later: known not to be in the channel."""
    await db.execute(PUT_BACK, {"id": delivery_id, "reason": reason, "not_before": to_text(not_before)})


async def postpone(db: aiosqlite.Connection, delivery_id: int, *, reason: str, not_before: datetime) -> None:
    """Look again later; the state stays, doubt included."""
    await db.execute(POSTPONE, {"id": delivery_id, "reason": reason, "not_before": to_text(not_before)})


async def retarget(db: aiosqlite.Connection, channel_id: int) -> int:
    """Send what waits for other channels to this one instead: the host changed the setting."""
    return (await db.execute(RETARGET, {"channel_id": channel_id})).rowcount


async def retry_now(db: aiosqlite.Connection) -> None:
    """Forget the waiting times: at a start, and when a permission may have come back."""
    await db.execute(RETRY_NOW)


async def settled_messages(db: aiosqlite.Connection, channel_id: int) -> frozenset[int]:
    """Ids of the messages that are already accounted for in a channel."""
    async with db.execute(MESSAGES, {"channel_id": channel_id}) as cursor:
        return frozenset([row["message_id"] async for row in cursor])


async def open_deliveries(db: aiosqlite.Connection) -> list[Delivery]:
    """Everything that did not arrive (yet), with the reason."""
    async with db.execute(OPEN) as cursor:
        return [_delivery(row) async for row in cursor]
