"""Queries about members who agreed that their questions go to the host's language model.

Each is kept with the host that the member was shown: the agreement does not hold for another one.
"""

from __future__ import annotations

import aiosqlite

HAS_AGREED = "SELECT EXISTS (SELECT 1 FROM model_consents WHERE user_id = :user_id AND host = :host)"
AGREE = """
    INSERT INTO model_consents (user_id, host) VALUES (:user_id, :host)
    ON CONFLICT (user_id) DO UPDATE SET host = :host
"""


async def has_agreed(db: aiosqlite.Connection, user_id: int, *, host: str) -> bool:
    """Return whether a member agreed that questions go to this host."""
    async with db.execute(HAS_AGREED, {"user_id": user_id, "host": host}) as cursor:
        row = await cursor.fetchone()
    return bool(row and row[0])


async def agree(db: aiosqlite.Connection, user_id: int, *, host: str) -> None:
    """Save that a member agreed, in place of an agreement to another host."""
    await db.execute(AGREE, {"user_id": user_id, "host": host})
