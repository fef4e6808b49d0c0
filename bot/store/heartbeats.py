"""Queries about the heartbeats of the running bot's loops."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.models.health import LoopHealth
from bot.store import facts
from bot.store.times import to_text

if TYPE_CHECKING:
    import aiosqlite

VERSION_FACT = "version"
"""The version of the bot that last ran on the file."""

CLEAR = "DELETE FROM heartbeats"
BEGIN = "INSERT INTO heartbeats (loop, began_at) VALUES (:loop, :now)"
SAVE = "UPDATE heartbeats SET beat_at = :beat_at, details = :details WHERE loop = :loop"


async def begin(db: aiosqlite.Connection, loops: Iterable[str], *, version: str, now: datetime) -> None:
    """Enter the loops of a bot that has just started: none has beaten yet. Belongs in a transaction."""
    await clear(db)
    await db.executemany(BEGIN, [{"loop": loop, "now": to_text(now)} for loop in loops])
    await facts.set_fact(db, VERSION_FACT, version)


async def save(db: aiosqlite.Connection, loops: Iterable[LoopHealth], *, now: datetime) -> None:
    """Save when each loop last lived. Belongs in a transaction."""
    rows = [
        {
            "loop": loop.loop,
            "beat_at": None if loop.age_s is None else to_text(now - timedelta(seconds=loop.age_s)),
            "details": _to_json(loop.details),
        }
        for loop in loops
    ]
    await db.executemany(SAVE, rows)


async def clear(db: aiosqlite.Connection) -> None:
    """Note that no bot runs. Belongs in a transaction."""
    await db.execute(CLEAR)


def _to_json(details: Mapping[str, float]) -> str:
    return json.dumps(dict(details), sort_keys=True)
