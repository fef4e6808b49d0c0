"""Queries about how much waits: counts over the open rows alone, so that years of settled rows cost nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.models.health import Backlog, Queue
from bot.store.times import from_text, to_text

if TYPE_CHECKING:
    import aiosqlite

DOUBT_AFTER = timedelta(minutes=1)
"""A row claimed for longer is in doubt; until then it is being sent."""

# The kind of message of each open row, whether it is claimed, held, and since when it waits.
OPEN = """
    SELECT 'announcements' AS queue, d.state = 'sending' AS is_claimed, d.claimed_at, d.created_at,
        s.state = 'suspended' AND d.kind <> 'notice' AS is_held
    FROM deliveries d JOIN subscriptions s ON s.id = d.subscription_id WHERE d.state IN ('pending', 'sending')
    UNION ALL SELECT 'welcomes', state = 'sending', claimed_at, NULL, 0
    FROM welcomes WHERE state IN ('pending', 'sending')
    UNION ALL SELECT 'talks', state = 'sending', claimed_at, created_at, 0
    FROM talks WHERE state IN ('pending', 'sending')
    UNION ALL SELECT 'talks', state = 'sending', claimed_at, created_at, 0
    FROM messages WHERE state IN ('pending', 'sending')
"""
QUEUES = f"""
    SELECT queue, sum(NOT is_held AND NOT is_claimed) AS waiting, sum(is_held AND NOT is_claimed) AS held,
        sum(is_claimed AND claimed_at < :doubt) AS in_doubt, min(CASE WHEN NOT is_held THEN created_at END) AS oldest
    FROM ({OPEN}) GROUP BY queue
"""
FEEDS = "SELECT count(*) AS feeds, coalesce(sum(failures > 0), 0) AS failing FROM feeds"
SUBSCRIPTIONS = """
    SELECT count(*) AS live, coalesce(sum(state = 'suspended'), 0) AS suspended
    FROM subscriptions WHERE state <> 'ended'
"""
NAMES = ("announcements", "welcomes", "talks")
"""The queues, of which each is in the answer."""


async def read_backlog(db: aiosqlite.Connection, *, now: datetime) -> Backlog:
    """Return how much waits, in three queries."""
    async with db.execute(QUEUES, {"doubt": to_text(now - DOUBT_AFTER)}) as cursor:
        queues = [row async for row in cursor]
    async with db.execute(FEEDS) as cursor:
        feeds = await cursor.fetchone()
    async with db.execute(SUBSCRIPTIONS) as cursor:
        subscriptions = await cursor.fetchone()
    assert feeds is not None  # noqa: S101 - both only count
    assert subscriptions is not None  # noqa: S101
    return make_backlog(queues, feeds, subscriptions)


def make_backlog(queues: Iterable[Any], feeds: Any, subscriptions: Any) -> Backlog:
    """Make the answer of the three queries' rows."""
    found = {row["queue"]: row for row in queues}
    return Backlog(
        feeds=feeds["feeds"],
        failing=feeds["failing"],
        subscriptions=subscriptions["live"],
        suspended=subscriptions["suspended"],
        queues=tuple(_queue(name, found.get(name)) for name in NAMES),
    )


def _queue(name: str, row: Any) -> Queue:
    if row is None:
        return Queue(name=name)
    return Queue(
        name=name,
        waiting=row["waiting"],
        held=row["held"],
        in_doubt=row["in_doubt"] or 0,
        oldest_at=from_text(row["oldest"]),
    )
