"""When things happen: the only APScheduler. Runs plain coroutines and knows neither feeds nor Discord."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Self

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.faults import FaultLog

JITTER = 0.1
"""The share of an interval by which a run may come early or late, so that feeds are not all asked at once."""
LONGEST_REST_S = 30.0
"""For how long a job that keeps failing is left alone: the fault may be over at any moment, such as a full disk."""

Job = Callable[[], Awaitable[object]]


def rest_after(failures: int, interval_s: float) -> float:
    """Seconds for which a job is left alone after so many failures in a row; none where it comes seldom anyway."""
    if interval_s >= LONGEST_REST_S:
        return 0.0
    return float(min(interval_s * 2 ** min(failures, 20), LONGEST_REST_S))


class Schedule:
    """Jobs that come again and again. No job overlaps itself, and a late run is made up for, once.

    One that fails is run less often, and is in the log once; its next run comes all the same.
    """

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            # The default grace of one second would drop a run that the loop was too busy for; None never does.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._running: dict[str, asyncio.Task[None] | None] = {}
        self._again: set[str] = set()
        self._faults = FaultLog()
        self._failures: dict[str, int] = {}
        self._rests_until_s: dict[str, float] = {}

    async def __aenter__(self) -> Self:
        self._scheduler.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        running = [task for task in self._running.values() if task]
        self._scheduler.shutdown(wait=False)  # cancels them; what they use may be closed once they have ended
        await asyncio.gather(*running, return_exceptions=True)

    def every(self, seconds: float, job: Job, *, name: str, label: str | None = None) -> None:
        """Run a job now and then every so often, give or take a tenth.

        Args:
            name: The job's id; a second job of this name takes the first one's place.
            label: What the log calls it, where that is not its name.
        """
        self._forgive(name)
        self._scheduler.add_job(
            partial(self._run, job, name, label or name, seconds),
            IntervalTrigger(seconds=seconds, jitter=seconds * JITTER, timezone=UTC),
            id=name,
            name=name,
            next_run_time=datetime.now(UTC),
            replace_existing=True,
        )

    def stop(self, name: str) -> None:
        """Run a job no more; a run under way ends by itself."""
        self._forgive(name)
        if self._scheduler.get_job(name):
            self._scheduler.remove_job(name)

    def soon(self, name: str) -> None:
        """Run a job at once, beside its ordinary times; where it runs just now, once more right after."""
        self._rests_until_s.pop(name, None)
        if name in self._running:
            self._again.add(name)
        elif job := self._scheduler.get_job(name):
            job.modify(next_run_time=datetime.now(UTC))

    def _forgive(self, name: str) -> None:
        self._failures.pop(name, None)
        self._rests_until_s.pop(name, None)

    async def _run(self, job: Job, name: str, label: str, interval_s: float) -> None:
        if time.monotonic() < self._rests_until_s.get(name, 0.0):
            return
        self._running[name] = asyncio.current_task()
        try:
            await self._attempt(job, name, label, interval_s)
            while name in self._again:
                self._again.discard(name)
                await self._attempt(job, name, label, interval_s)
        except asyncio.CancelledError:
            if self._scheduler.running:
                raise
        finally:
            del self._running[name]

    async def _attempt(self, job: Job, name: str, label: str, interval_s: float) -> None:
        """Run a job once. Here an error ends; the next run must come all the same."""
        try:
            await job()
        except Exception as exc:  # noqa: BLE001 - the job ends here, and its fault is kept and logged
            self._faults.failed(label, exc)
            self._failures[name] = self._failures.get(name, 0) + 1
            self._rests_until_s[name] = time.monotonic() + rest_after(self._failures[name], interval_s)
        else:
            self._faults.worked(label)
            self._forgive(name)
