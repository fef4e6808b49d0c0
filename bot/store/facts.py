"""Small facts that must outlive a restart, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aiosqlite

GET = "SELECT value FROM facts WHERE name = :name"
SET = "INSERT INTO facts (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


async def get_fact(db: aiosqlite.Connection, name: str) -> str | None:
    """Return a fact; None if it was never set."""
    async with db.execute(GET, {"name": name}) as cursor:
        row = await cursor.fetchone()
    return str(row["value"]) if row else None


async def set_fact(db: aiosqlite.Connection, name: str, value: str) -> None:
    """Set a fact, in place of what it was. Belongs in a transaction."""
    await db.execute(SET, {"name": name, "value": value})
