"""When things happen: the only APScheduler. Runs plain coroutines and knows neither feeds nor Discord."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Self

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

log = logging.getLogger(__name__)

JITTER = 0.1
"""The share of an interval by which a run may come early or late, so that feeds are not all asked at once."""

Job = Callable[[], Awaitable[object]]


class Schedule:
    """Jobs that come again and again. No job overlaps itself, and a late run is made up for, once."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            # The default grace of one second would drop a run that the loop was too busy for; None never does.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._running: dict[str, asyncio.Task[None] | None] = {}
        self._again: set[str] = set()

    async def __aenter__(self) -> Self:
        self._scheduler.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        running = [task for task in self._running.values() if task]
        self._scheduler.shutdown(wait=False)  # cancels them; what they use may be closed once they have ended
        await asyncio.gather(*running, return_exceptions=True)

    def every(self, seconds: float, job: Job, *, name: str) -> None:
        """Run a job now and then every so often, give or take a tenth.

        Args:
            name: The job's id; a second job of this name takes the first one's place.
        """
        self._scheduler.add_job(
            partial(self._run, job, name),
            IntervalTrigger(seconds=seconds, jitter=seconds * JITTER, timezone=UTC),
            id=name,
            name=name,
            next_run_time=datetime.now(UTC),
            replace_existing=True,
        )

    def stop(self, name: str) -> None:
        """Run a job no more; a run under way ends by itself."""
        if self._scheduler.get_job(name):
            self._scheduler.remove_job(name)

    def soon(self, name: str) -> None:
        """Run a job at once, beside its ordinary times; where it runs just now, once more right after."""
        if name in self._running:
            self._again.add(name)
        elif job := self._scheduler.get_job(name):
            job.modify(next_run_time=datetime.now(UTC))

    async def _run(self, job: Job, name: str) -> None:
        self._running[name] = asyncio.current_task()
        try:
            await job()
            while name in self._again:
                self._again.discard(name)
                await job()
        except asyncio.CancelledError:
            if self._scheduler.running:
                raise
        except Exception:
            # Here the job ends; its next run must come all the same.
            log.exception("job failed name=%s", name)
        finally:
            del self._running[name]
