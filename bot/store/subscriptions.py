"""Queries about subscriptions: which feed is announced in which channel, and how."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime

import aiosqlite
from pydantic import TypeAdapter

from bot.languages import read_message
from bot.models.announcing import Delivering, Subscription, SubscriptionState
from bot.store.times import from_text, to_text

_DELIVERING = TypeAdapter(Delivering)

SELECT = """
    SELECT s.*, f.url AS feed_url, f.title AS feed_title FROM subscriptions s JOIN feeds f ON f.id = s.feed_id
"""
BY_IDS = SELECT + "WHERE s.id IN (SELECT value FROM json_each(:ids))"
OF_FEED = SELECT + "WHERE s.feed_id = :feed_id AND s.state <> 'ended' ORDER BY s.id"
OF_GUILD = SELECT + "WHERE s.guild_id = :guild_id AND s.state <> 'ended' ORDER BY f.id, s.id"
OF_CHANNEL = SELECT + "WHERE s.channel_id = :channel_id AND s.state <> 'ended' ORDER BY s.id"
LIVE = SELECT + "WHERE s.state <> 'ended' ORDER BY s.id"
HOST = SELECT + "WHERE s.owner_id IS NULL AND s.state <> 'ended' ORDER BY s.id"
HAS_HOST = "SELECT 1 FROM subscriptions WHERE feed_id = :feed_id AND owner_id IS NULL AND state <> 'ended' LIMIT 1"
SUSPENDED = SELECT + "WHERE s.state = 'suspended' ORDER BY s.id"
DUE_DIGESTS = SELECT + "WHERE s.digest_at <= :now AND s.state = 'active' ORDER BY s.channel_id, s.id"
DIGESTS = SELECT + "WHERE s.digest_at IS NOT NULL ORDER BY s.id"
FOLLOWED = """
    SELECT DISTINCT f.url FROM feeds f JOIN subscriptions s ON s.feed_id = f.id
    WHERE s.state <> 'ended' AND s.owner_id IS NOT NULL ORDER BY f.id
"""
COUNT_ADDED = """
    SELECT count(*) FROM subscriptions WHERE guild_id = :guild_id AND owner_id IS NOT NULL AND state <> 'ended'
"""
COUNT_FOLLOWED = """
    SELECT count(DISTINCT feed_id) FROM subscriptions WHERE owner_id IS NOT NULL AND state <> 'ended'
"""
IS_FOLLOWED = """
    SELECT 1 FROM subscriptions s JOIN feeds f ON f.id = s.feed_id
    WHERE f.url = :url AND s.owner_id IS NOT NULL AND s.state <> 'ended' LIMIT 1
"""
ADD = """
    INSERT INTO subscriptions (feed_id, guild_id, channel_id, owner_id, delivering, digest_at, state, created_at)
    VALUES (:feed_id, :guild_id, :channel_id, :owner_id, :delivering, :digest_at, 'active', :now)
    ON CONFLICT (feed_id, channel_id) WHERE state <> 'ended' DO NOTHING RETURNING id
"""
CHANGE = """
    UPDATE subscriptions SET channel_id = :channel_id, delivering = :delivering, filter_told_at = NULL
    WHERE id = :id AND state <> 'ended'
"""
# An ended subscription never comes back, even if somebody acts on an old copy of it.
SET_STATE = "UPDATE subscriptions SET state = :state, reason = :reason WHERE id = :id AND state <> 'ended'"
SUSPEND = """
    UPDATE subscriptions SET state = 'suspended', reason = :reason WHERE id = :id AND state IN ('active', 'suspended')
"""
RESUME_SUSPENDED = """
    UPDATE subscriptions SET state = 'active', reason = NULL
    WHERE state = 'suspended' AND id IN (SELECT value FROM json_each(:ids))
"""
TELL = "UPDATE subscriptions SET told_at = :now WHERE id = :id AND told_at IS NULL AND state <> 'ended'"
TELL_FILTER = "UPDATE subscriptions SET filter_told_at = :now WHERE id = :id AND filter_told_at IS NULL"
TELL_ROLE = """
    UPDATE subscriptions SET role_told_id = :role_id
    WHERE id = :id AND role_told_id IS NOT :role_id AND state <> 'ended'
"""
FORGET_TELLING = "UPDATE subscriptions SET told_at = NULL WHERE id = :id AND told_at IS NOT NULL AND state <> 'ended'"
END = """
    UPDATE subscriptions SET state = 'ended', reason = :reason, ended_at = :now, digest_at = NULL
    WHERE id IN (SELECT value FROM json_each(:ids)) AND state <> 'ended'
"""
SET_GUILD = """
    UPDATE subscriptions SET guild_id = :guild_id
    WHERE channel_id = :channel_id AND guild_id IS NULL AND state <> 'ended'
"""
MOVE = """
    UPDATE OR IGNORE subscriptions SET channel_id = :channel_id, guild_id = NULL, told_at = NULL,
        state = CASE state WHEN 'suspended' THEN 'active' ELSE state END,
        reason = CASE state WHEN 'suspended' THEN NULL ELSE reason END
    WHERE id = :id AND state <> 'ended'
"""
SET_DIGEST = "UPDATE subscriptions SET digest_at = :digest_at, faults = 0 WHERE id = :id AND state <> 'ended'"
FAULTED = """
    UPDATE subscriptions SET faults = faults + 1, digest_at = coalesce(:digest_at, digest_at)
    WHERE id = :id AND state <> 'ended'
"""
FORGET_ENDED = "DELETE FROM subscriptions WHERE state = 'ended' AND ended_at < :before"


def _subscription(row: sqlite3.Row) -> Subscription:
    created_at = from_text(row["created_at"])
    assert created_at is not None  # noqa: S101 - NOT NULL in the schema
    return Subscription(
        id=row["id"],
        feed_id=row["feed_id"],
        feed_url=row["feed_url"],
        feed_title=row["feed_title"],
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        owner_id=row["owner_id"],
        delivering=_DELIVERING.validate_json(row["delivering"]),
        state=SubscriptionState(row["state"]),
        reason=read_message(row["reason"]),
        created_at=created_at,
        faults=row["faults"],
    )


async def _list(db: aiosqlite.Connection, query: str, **values: object) -> list[Subscription]:
    async with db.execute(query, values) as cursor:
        return [_subscription(row) async for row in cursor]


async def find_subscription(db: aiosqlite.Connection, subscription_id: int) -> Subscription | None:
    """Return a subscription, even an ended one; None if there is none."""
    subscriptions = await _list(db, BY_IDS, ids=json.dumps([subscription_id]))
    return subscriptions[0] if subscriptions else None


async def find_subscriptions(db: aiosqlite.Connection, ids: Iterable[int]) -> dict[int, Subscription]:
    """Return the subscriptions of these ids, ended ones too."""
    return {subscription.id: subscription for subscription in await _list(db, BY_IDS, ids=json.dumps(list(ids)))}


async def of_feed(db: aiosqlite.Connection, feed_id: int) -> list[Subscription]:
    """Return a feed's subscriptions that have not ended."""
    return await _list(db, OF_FEED, feed_id=feed_id)


async def of_guild(db: aiosqlite.Connection, guild_id: int) -> list[Subscription]:
    """Return a server's subscriptions that have not ended."""
    return await _list(db, OF_GUILD, guild_id=guild_id)


async def of_channel(db: aiosqlite.Connection, channel_id: int) -> list[Subscription]:
    """Return a channel's subscriptions that have not ended."""
    return await _list(db, OF_CHANNEL, channel_id=channel_id)


async def live(db: aiosqlite.Connection) -> list[Subscription]:
    """Return all subscriptions that have not ended."""
    return await _list(db, LIVE)


async def host_subscriptions(db: aiosqlite.Connection) -> list[Subscription]:
    """Return the subscriptions that come from the settings."""
    return await _list(db, HOST)


async def has_host_subscription(db: aiosqlite.Connection, feed_id: int) -> bool:
    """Return whether the settings' channel follows a feed."""
    async with db.execute(HAS_HOST, {"feed_id": feed_id}) as cursor:
        return await cursor.fetchone() is not None


async def suspended(db: aiosqlite.Connection) -> list[Subscription]:
    """Return the subscriptions that are suspended."""
    return await _list(db, SUSPENDED)


async def digest_times(db: aiosqlite.Connection) -> list[tuple[Subscription, datetime]]:
    """Return every subscription with a digest, and when the next digest is due."""
    async with db.execute(DIGESTS) as cursor:
        return [(_subscription(row), datetime.fromisoformat(row["digest_at"])) async for row in cursor]


async def due_digests(db: aiosqlite.Connection, now: datetime) -> list[Subscription]:
    """Return the subscriptions whose digest is due, those of a channel together."""
    return await _list(db, DUE_DIGESTS, now=to_text(now))


async def followed_urls(db: aiosqlite.Connection) -> list[str]:
    """Return the addresses of the feeds that members of servers have added."""
    async with db.execute(FOLLOWED) as cursor:
        return [row["url"] async for row in cursor]


async def count_added(db: aiosqlite.Connection, guild_id: int) -> int:
    """Count the subscriptions that members of a server have added."""
    async with db.execute(COUNT_ADDED, {"guild_id": guild_id}) as cursor:
        row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def count_followed(db: aiosqlite.Connection) -> int:
    """Count the different feeds that members of all servers have added."""
    async with db.execute(COUNT_FOLLOWED) as cursor:
        row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def is_followed(db: aiosqlite.Connection, url: str) -> bool:
    """Return whether a member of a server has added the feed."""
    async with db.execute(IS_FOLLOWED, {"url": url}) as cursor:
        return await cursor.fetchone() is not None


async def add_subscription(
    db: aiosqlite.Connection,
    feed_id: int,
    *,
    guild_id: int | None,
    channel_id: int,
    owner_id: int | None,
    delivering: Delivering,
    digest_at: datetime | None,
    now: datetime,
) -> int | None:
    """Enter a subscription and return its id; None if the channel follows this feed already.

    Belongs in a transaction.
    """
    values = {
        "feed_id": feed_id,
        "guild_id": guild_id,
        "channel_id": channel_id,
        "owner_id": owner_id,
        "delivering": _DELIVERING.dump_json(delivering, exclude_defaults=True).decode(),
        "digest_at": to_text(digest_at),
        "now": to_text(now),
    }
    async with db.execute(ADD, values) as cursor:
        row = await cursor.fetchone()
    return int(row["id"]) if row else None


async def change_subscription(
    db: aiosqlite.Connection, subscription_id: int, *, channel_id: int, delivering: Delivering
) -> None:
    """Save what an admin has set. Raises sqlite3.IntegrityError if the channel follows the feed already."""
    values = {
        "id": subscription_id,
        "channel_id": channel_id,
        "delivering": _DELIVERING.dump_json(delivering, exclude_defaults=True).decode(),
    }
    await db.execute(CHANGE, values)


async def set_state(
    db: aiosqlite.Connection, subscription_id: int, state: SubscriptionState, *, reason: str | None
) -> bool:
    """Set a subscription's state; False if it has ended."""
    values = {"id": subscription_id, "state": state.value, "reason": reason}
    return (await db.execute(SET_STATE, values)).rowcount == 1


async def suspend(db: aiosqlite.Connection, subscription_id: int, *, reason: str) -> None:
    """Suspend a subscription because Discord refuses us; what waits goes on waiting."""
    await db.execute(SUSPEND, {"id": subscription_id, "reason": reason})


async def resume_suspended(db: aiosqlite.Connection, ids: Iterable[int]) -> None:
    """Let suspended subscriptions be tried again."""
    await db.execute(RESUME_SUSPENDED, {"ids": json.dumps(list(ids))})


async def tell_once(db: aiosqlite.Connection, subscription_id: int, *, now: datetime) -> bool:
    """Mark the owner as told of a failure; False if that was done already."""
    return (await db.execute(TELL, {"id": subscription_id, "now": to_text(now)})).rowcount == 1


async def tell_filter_once(db: aiosqlite.Connection, subscription_id: int, *, now: datetime) -> bool:
    """Mark the owner as told that a filter takes too long; False if that was done since the filter was set."""
    return (await db.execute(TELL_FILTER, {"id": subscription_id, "now": to_text(now)})).rowcount == 1


async def tell_role_once(db: aiosqlite.Connection, subscription_id: int, role_id: int) -> bool:
    """Mark the owner as told that this role is gone; False if that was done already."""
    return (await db.execute(TELL_ROLE, {"id": subscription_id, "role_id": role_id})).rowcount == 1


async def forget_telling(db: aiosqlite.Connection, subscription_id: int) -> None:
    """Delivery works again, so the next failure is reported again."""
    await db.execute(FORGET_TELLING, {"id": subscription_id})


async def end_subscriptions(db: aiosqlite.Connection, ids: Iterable[int], *, reason: str, now: datetime) -> None:
    """End subscriptions for good."""
    await db.execute(END, {"ids": json.dumps(list(ids)), "reason": reason, "now": to_text(now)})


async def set_guild(db: aiosqlite.Connection, channel_id: int, guild_id: int) -> None:
    """Save the server of a channel that came from the settings, now that it is known."""
    await db.execute(SET_GUILD, {"channel_id": channel_id, "guild_id": guild_id})


async def move(db: aiosqlite.Connection, subscription_id: int, channel_id: int) -> None:
    """Announce in another channel, whose server is not known yet."""
    await db.execute(MOVE, {"id": subscription_id, "channel_id": channel_id})


async def set_digest(db: aiosqlite.Connection, subscription_id: int, digest_at: datetime | None) -> None:
    """Save when the next digest is due, and forget the faults of earlier ones."""
    await db.execute(SET_DIGEST, {"id": subscription_id, "digest_at": to_text(digest_at)})


async def save_fault(db: aiosqlite.Connection, subscription_id: int, *, digest_at: datetime | None) -> None:
    """Count an unexpected error of a digest. ``digest_at`` is when to try again; None leaves the time as it is."""
    await db.execute(FAULTED, {"id": subscription_id, "digest_at": to_text(digest_at)})


async def forget_ended(db: aiosqlite.Connection, before: datetime) -> None:
    """Delete the subscriptions that ended before a moment, with the rest of their history."""
    await db.execute(FORGET_ENDED, {"before": to_text(before)})
