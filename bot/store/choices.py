"""What somebody typed or was shown to confirm, and has not saved yet: text that the ids of buttons cannot hold."""

from __future__ import annotations

from datetime import datetime

import aiosqlite

from bot.store.times import to_text

MOST = 50
"""Kept at most for a server; those that were shown longest ago are deleted first."""

KEEP = """
    INSERT INTO pending_choices (number, guild_id, text, shown_at) VALUES (:number, :guild_id, :text, :now)
    ON CONFLICT (guild_id, text) DO UPDATE SET shown_at = :now RETURNING number
"""
TRIM = """
    DELETE FROM pending_choices WHERE guild_id = :guild_id AND number NOT IN (
        SELECT number FROM pending_choices WHERE guild_id = :guild_id
        ORDER BY number = :number DESC, shown_at DESC LIMIT :most
    )
"""
FIND = "SELECT text FROM pending_choices WHERE number = :number AND guild_id = :guild_id"
FORGET = "DELETE FROM pending_choices WHERE shown_at < :before"


async def keep_choice(db: aiosqlite.Connection, text: str, *, number: int, guild_id: int, now: datetime) -> int:
    """Keep a text, and return its number: the given one, or the one that it has already. Belongs in a transaction."""
    values = {"number": number, "guild_id": guild_id, "text": text, "now": to_text(now)}
    async with db.execute(KEEP, values) as cursor:
        row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - RETURNING gives a row for an insert and for an update
    kept: int = row["number"]
    await db.execute(TRIM, {"number": kept, "guild_id": guild_id, "most": MOST})
    return kept


async def find_choice(db: aiosqlite.Connection, number: int, *, guild_id: int) -> str | None:
    """Return the text of a server's number; None if it is not kept (any more)."""
    async with db.execute(FIND, {"number": number, "guild_id": guild_id}) as cursor:
        row = await cursor.fetchone()
    return str(row["text"]) if row else None


async def forget_choices(db: aiosqlite.Connection, before: datetime) -> None:
    """Delete what was last shown before a moment. Belongs in a transaction."""
    await db.execute(FORGET, {"before": to_text(before)})
