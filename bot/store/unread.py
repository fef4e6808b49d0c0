"""Queries about entries that could not be read: left alone for longer each time, and finally until they change."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

import aiosqlite

from bot.faults import pause_after
from bot.models.feeds import UnreadEntry
from bot.store.times import to_text

ATTEMPTS = """
    SELECT attempts FROM unread_entries
    WHERE feed_id = :feed_id AND guid = :guid AND entry_hash = :entry_hash AND structure_version = :version
"""
COUNT = """
    INSERT INTO unread_entries (feed_id, guid, entry_hash, structure_version, title, reason, attempts, retry_at)
    VALUES (:feed_id, :guid, :entry_hash, :version, :title, :reason, :attempts, :retry_at)
    ON CONFLICT (feed_id, guid) DO UPDATE SET entry_hash = excluded.entry_hash, title = excluded.title,
        structure_version = excluded.structure_version, reason = excluded.reason, attempts = excluded.attempts,
        retry_at = excluded.retry_at
"""
RESTING = """
    SELECT guid, entry_hash FROM unread_entries
    WHERE feed_id = :feed_id AND structure_version = :version AND (retry_at IS NULL OR retry_at > :now)
"""
IS_TRIED_AGAIN = """
    SELECT 1 FROM unread_entries
    WHERE feed_id = :feed_id AND structure_version = :version AND retry_at IS NOT NULL LIMIT 1
"""
GUIDS = "SELECT guid FROM unread_entries WHERE feed_id = :feed_id"
SETTLE = "DELETE FROM unread_entries WHERE feed_id = :feed_id AND guid IN (SELECT value FROM json_each(:guids))"
# An entry of a stored review, which was to be read again, stays even if its feed no longer shows it.
SWEEP = """
    DELETE FROM unread_entries
    WHERE feed_id = :feed_id AND guid NOT IN (SELECT value FROM json_each(:present))
        AND NOT EXISTS (SELECT 1 FROM reviews r WHERE r.feed_id = :feed_id AND r.guid = unread_entries.guid)
"""


async def count_fault(
    db: aiosqlite.Connection, feed_id: int, entry: UnreadEntry, structure_version: int, *, now: datetime
) -> None:
    """Count that an entry could not be read, once more or for the first time. Belongs in a transaction."""
    values = {
        "feed_id": feed_id,
        "guid": entry.guid,
        "entry_hash": entry.entry_hash,
        "version": structure_version,
        "title": entry.title,
        "reason": entry.reason,
    }
    async with db.execute(ATTEMPTS, values) as cursor:
        row = await cursor.fetchone()
    attempts = (row["attempts"] if row else 0) + 1
    pause = pause_after(attempts)
    await db.execute(COUNT, values | {"attempts": attempts, "retry_at": to_text(now + pause if pause else None)})


async def unread_guids(db: aiosqlite.Connection, feed_id: int) -> frozenset[str]:
    """Return the guids of a feed's entries that could not be read so far."""
    async with db.execute(GUIDS, {"feed_id": feed_id}) as cursor:
        return frozenset([row["guid"] async for row in cursor])


async def settle(db: aiosqlite.Connection, feed_id: int, guids: Iterable[str]) -> None:
    """Forget entries that were read after all."""
    await db.execute(SETTLE, {"feed_id": feed_id, "guids": json.dumps(list(guids))})


async def sweep(db: aiosqlite.Connection, feed_id: int, present: Iterable[str]) -> None:
    """Forget entries that their feed no longer shows."""
    await db.execute(SWEEP, {"feed_id": feed_id, "present": json.dumps(list(present))})


async def resting_hashes(
    db: aiosqlite.Connection, feed_id: int, structure_version: int, *, now: datetime
) -> dict[str, str]:
    """Return guid → hash of the entries that are not tried again now, unless they change."""
    values = {"feed_id": feed_id, "version": structure_version, "now": to_text(now)}
    async with db.execute(RESTING, values) as cursor:
        return {row["guid"]: row["entry_hash"] async for row in cursor}


async def is_tried_again(db: aiosqlite.Connection, feed_id: int, structure_version: int) -> bool:
    """Return whether an entry is to be tried again later; the feed is then asked for the whole document."""
    async with db.execute(IS_TRIED_AGAIN, {"feed_id": feed_id, "version": structure_version}) as cursor:
        return await cursor.fetchone() is not None
