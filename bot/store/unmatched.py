"""Searches that found nothing, or nothing sure, for the host to extend the glossary. Only texts, not who asked."""

from __future__ import annotations

from datetime import datetime

import aiosqlite

from bot.models.requests import Unmatched
from bot.store.times import from_text, to_text

MOST = 500
"""Kept at most; those asked longest ago are deleted first."""

ADD = """
    INSERT INTO unmatched (query, times, last_at) VALUES (:query, 1, :now)
    ON CONFLICT (query) DO UPDATE SET times = times + 1, last_at = excluded.last_at
"""
TRIM = """
    DELETE FROM unmatched WHERE query NOT IN (
        SELECT query FROM unmatched ORDER BY query = :query DESC, last_at DESC, query LIMIT :most
    )
"""
LIST = "SELECT query, times, last_at FROM unmatched ORDER BY times DESC, last_at DESC, query"
FORGET = "DELETE FROM unmatched"


async def add_unmatched(db: aiosqlite.Connection, query: str, *, now: datetime) -> None:
    """Count a query. Belongs in a transaction."""
    await db.execute(ADD, {"query": query, "now": to_text(now)})
    await db.execute(TRIM, {"query": query, "most": MOST})


async def list_unmatched(db: aiosqlite.Connection) -> list[Unmatched]:
    """Return the queries, those asked most often first."""
    async with db.execute(LIST) as cursor:
        rows = await cursor.fetchall()
    times = ((row, from_text(row["last_at"])) for row in rows)
    return [Unmatched(query=row["query"], times=row["times"], last_at=at) for row, at in times if at]


async def forget_unmatched(db: aiosqlite.Connection) -> None:
    """Delete all queries. Belongs in a transaction."""
    await db.execute(FORGET)
