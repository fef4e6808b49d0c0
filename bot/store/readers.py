"""Queries about which feeds a server's members read: those that they added, and those of the host's own channel."""

from __future__ import annotations

import aiosqlite

FOLLOWED_IDS = """
    SELECT DISTINCT feed_id FROM subscriptions
    WHERE guild_id = :guild_id AND owner_id IS NOT NULL AND state <> 'ended'
"""
HOST_IDS = "SELECT DISTINCT feed_id FROM subscriptions WHERE owner_id IS NULL AND state <> 'ended'"
IS_HOST = """
    SELECT 1 FROM subscriptions
    WHERE guild_id = :guild_id AND channel_id = :channel_id AND owner_id IS NULL AND state <> 'ended' LIMIT 1
"""


async def followed_ids(db: aiosqlite.Connection, guild_id: int) -> list[int]:
    """Return the ids of the feeds that members of a server have added."""
    async with db.execute(FOLLOWED_IDS, {"guild_id": guild_id}) as cursor:
        return [row["feed_id"] async for row in cursor]


async def host_ids(db: aiosqlite.Connection) -> list[int]:
    """Return the ids of the feeds that the settings' channel follows."""
    async with db.execute(HOST_IDS) as cursor:
        return [row["feed_id"] async for row in cursor]


async def is_host(db: aiosqlite.Connection, guild_id: int, channel_id: int) -> bool:
    """Return whether the settings' channel is this one of this server."""
    async with db.execute(IS_HOST, {"guild_id": guild_id, "channel_id": channel_id}) as cursor:
        return await cursor.fetchone() is not None
