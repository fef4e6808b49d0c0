"""The health of the running bot: its loops judged now, and kept in the database for those who look from outside.

`Health.report` judges in memory and never waits. `Health.kept` writes what it says every fifteen seconds, all loops
in one transaction; if the database cannot be written, what is there grows old, and that is right.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from bot import __version__
from bot.faults import FaultLog
from bot.heartbeats import Heartbeat, Loop
from bot.models.health import LoopHealth, ShardHealth
from bot.store import heartbeats as store
from bot.store.database import Database

SAVE_S = 15.0
"""How often the heartbeats are written. With this and `bot.models.health.FRESH_S`, who reads them knows of a death
within a minute."""
LOOK_S = 3.0
"""How often we look whether the bot has become healthy or no longer is, which is written at once."""

Details = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What is known about a connection to Discord's gateway.

    Attributes:
        silent_s: For how long it has not shown that it lives; None if there is no connection.
        lag_s: How long its last heartbeat took to be acknowledged; None if that is not known.
        shard: Its number.
        servers: How many servers it serves.
    """

    shard: int = 0
    servers: int = 0
    silent_s: float | None = None
    lag_s: float | None = None


class Health:
    """Judges the loops.

    Args:
        connections: Asked for the state of the gateway's connections, one for each shard.
        details: Asked for what each loop says of itself.
    """

    def __init__(
        self,
        heartbeats: Mapping[Loop, Heartbeat],
        *,
        connections: Callable[[], Sequence[Connection]],
        details: Callable[[], Mapping[Loop, Details]],
        began_at: datetime,
    ) -> None:
        self._heartbeats = heartbeats
        self._connections = connections
        self._shards: dict[int, Heartbeat] = {}
        self._details = details
        self.began_at = began_at

    def report(self) -> tuple[LoopHealth, ...]:
        """Judge each loop now."""
        connections = self._connections()
        shards = tuple(map(self._judge, connections))
        if silences := [one.silent_s for one in connections if one.silent_s is not None]:
            self._heartbeats[Loop.GATEWAY].turn(ago_s=min(silences))
        details = dict(self._details())
        if lags := [shard.lag_s for shard in shards if shard.lag_s is not None]:
            details[Loop.GATEWAY] = {**details.get(Loop.GATEWAY, {}), "lag_s": max(lags)}
        return tuple(
            LoopHealth(
                loop=loop.value,
                age_s=heartbeat.age_s,
                details=details.get(loop, {}),
                shards=shards if loop is Loop.GATEWAY else (),
            )
            for loop, heartbeat in self._heartbeats.items()
        )

    def _judge(self, connection: Connection) -> ShardHealth:
        heartbeat = self._shards.setdefault(connection.shard, self._heartbeats[Loop.GATEWAY].another())
        if connection.silent_s is not None:
            heartbeat.turn(ago_s=connection.silent_s)
        return ShardHealth(
            shard=connection.shard,
            age_s=heartbeat.age_s,
            servers=connection.servers,
            lag_s=None if connection.lag_s is None else round(connection.lag_s, 3),
        )

    @property
    def is_healthy(self) -> bool:
        """Whether every loop lives."""
        return all(loop.is_alive for loop in self.report())

    @asynccontextmanager
    async def kept(self, database: Database, *, clock: Callable[[], datetime]) -> AsyncIterator[None]:
        """Keep the heartbeats in the database while the block runs; at its end none is left there."""
        async with database.transaction() as db:
            await store.begin(db, self._heartbeats, version=__version__, now=self.began_at)
        task = asyncio.create_task(self._keep(database, clock), name="keep heartbeats")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            with contextlib.suppress(Exception):  # they grow old by themselves
                async with database.transaction() as db:
                    await store.clear(db)

    async def _keep(self, database: Database, clock: Callable[[], datetime]) -> None:
        faults = FaultLog()
        saved_s, was_healthy = -math.inf, False
        while True:
            loops = self.report()
            is_healthy = all(loop.is_alive for loop in loops)
            if is_healthy != was_healthy or time.monotonic() - saved_s >= SAVE_S:
                saved_s, was_healthy = time.monotonic(), is_healthy
                try:
                    async with database.transaction() as db:
                        await store.save(db, loops, now=clock())
                except Exception as exc:  # noqa: BLE001 - the next round may succeed
                    faults.failed("keep heartbeats", exc)
                else:
                    faults.worked("keep heartbeats")
            await asyncio.sleep(LOOK_S)
