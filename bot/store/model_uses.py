"""Queries about how often the host's language model was asked today: by whom, in which server, in all.

Only numbers are kept, and only those of one day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import aiosqlite

from bot.models.asking import AskLimit, ModelUser

USES = "SELECT uses FROM model_uses WHERE scope = :scope AND id = :id AND day = :day"
COUNT = """
    INSERT INTO model_uses (day, scope, id, uses) VALUES (:day, :scope, :id, 1)
    ON CONFLICT (scope, id) DO UPDATE SET uses = uses + 1
"""
FORGET_EARLIER = "DELETE FROM model_uses WHERE day <> :day"


async def count_use(
    db: aiosqlite.Connection, user: ModelUser, limits: Mapping[AskLimit, int], *, day: date
) -> AskLimit | None:
    """Count a question, unless a limit is reached: then return which. Belongs in a transaction.

    Args:
        limits: Questions a day; 0 means no limit.
    """
    await forget_earlier(db, day)
    scopes = {AskLimit.MEMBER: user.user_id, AskLimit.SERVER: user.guild_id, AskLimit.DAY: 0}
    counted = {scope: number for scope, number in scopes.items() if number is not None}
    for scope, number in counted.items():
        if limits[scope] and await _uses(db, scope, number, day) >= limits[scope]:
            return scope
    for scope, number in counted.items():
        await db.execute(COUNT, {"day": day.isoformat(), "scope": scope, "id": number})
    return None


async def forget_earlier(db: aiosqlite.Connection, day: date) -> None:
    """Delete the counts of other days than this."""
    await db.execute(FORGET_EARLIER, {"day": day.isoformat()})


async def _uses(db: aiosqlite.Connection, scope: AskLimit, number: int, day: date) -> int:
    async with db.execute(USES, {"scope": scope, "id": number, "day": day.isoformat()}) as cursor:
        row = await cursor.fetchone()
    return int(row["uses"]) if row else 0
