"""Queries about the heartbeats of the running bot's loops."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.models.health import LoopHealth, ShardHealth
from bot.store import facts
from bot.store.times import from_text, to_text

if TYPE_CHECKING:
    import aiosqlite

VERSION_FACT = "version"
"""The version of the bot that last ran on the file."""

SHARDS = "shards"
"""Where a loop's details have its shards."""

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
            "beat_at": _beat_at(loop.age_s, now),
            "details": _to_json(loop, now),
        }
        for loop in loops
    ]
    await db.executemany(SAVE, rows)


async def clear(db: aiosqlite.Connection) -> None:
    """Note that no bot runs. Belongs in a transaction."""
    await db.execute(CLEAR)


def read_loop(name: str, beat_at: str | None, details: str, *, now: datetime) -> LoopHealth:
    """Return how a loop is by what was saved."""
    said = json.loads(details)
    shards = tuple(
        ShardHealth(shard=shard, age_s=_age_s(beat, now), servers=servers, lag_s=lag_s)
        for shard, beat, servers, lag_s in said.pop(SHARDS, ())
    )
    return LoopHealth(loop=name, age_s=_age_s(beat_at, now), details=said, shards=shards)


def _age_s(beat_at: str | None, now: datetime) -> float | None:
    beat = from_text(beat_at)
    return (now - beat).total_seconds() if beat else None


def _beat_at(age_s: float | None, now: datetime) -> str | None:
    return None if age_s is None else to_text(now - timedelta(seconds=age_s))


def _to_json(loop: LoopHealth, now: datetime) -> str:
    shards = [[shard.shard, _beat_at(shard.age_s, now), shard.servers, shard.lag_s] for shard in loop.shards]
    return json.dumps({**loop.details, **({SHARDS: shards} if shards else {})}, sort_keys=True)
