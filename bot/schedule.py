"""When jobs run. The only use of APScheduler; runs plain coroutines and knows nothing of feeds or Discord.

APScheduler keeps a job's next run as a time of the system's clock, which can be set. So this module compares that
clock with the monotonic one, which cannot be set, and moves the next runs by the difference. Otherwise, after the
clock is set back by a day, jobs would run a day late.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Self

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.faults import FaultLog

log = logging.getLogger(__name__)

JITTER = 0.1
"""The share of an interval by which a run may come early or late, so that feeds are not all polled at once."""
LONGEST_REST_S = 30.0
"""The longest pause of a job that keeps failing: a fault such as a full disk may be fixed at any moment."""

LOOK_S = 5.0
"""How often the system's clock is compared with the monotonic one, and so the longest delay after it was set."""
CLOCK_SLACK_S = 5.0
"""A smaller difference is a clock being corrected gradually, which does no harm."""
LATE_S = 30.0
"""A job that has not begun this long after it was due is not run as it should be."""
LONGEST_RUN_S, LONGEST_RUN_INTERVALS = 900.0, 10
"""A run is stuck if it has taken longer than both: some jobs of an hour's interval read ten thousand texts again."""
OVERDUE_RUNS = 3
LEAST_OVERDUE_S = 60.0
"""A job is overdue if it has missed `OVERDUE_RUNS` runs and has not run for this long."""

_EXECUTOR_LOG = "apscheduler.executors.default"

Job = Callable[[], Awaitable[object]]


class _Every(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """The next run is one interval after this one, so after a leap of the clock only one run is made up for."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def get_next_fire_time(self, _: datetime | None, now: datetime) -> datetime:
        """The time of the next run, with jitter."""
        away_s = self._seconds * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - nothing is to be kept secret
        return now + timedelta(seconds=away_s)


def rest_after(failures: int, interval_s: float) -> float:
    """Seconds for which a job pauses after this many failures in a row; 0 for a job that runs rarely anyway."""
    if interval_s >= LONGEST_REST_S:
        return 0.0
    return float(min(interval_s * 2 ** min(failures, 20), LONGEST_REST_S))


@dataclass(slots=True, kw_only=True)
class _Job:
    """The state of a job; times are those of the monotonic clock."""

    run: Job
    name: str
    label: str
    interval_s: float
    began_s: float
    """When it last began, or when its first run is due."""
    due_s: float
    """When it should have begun again at the latest."""
    failures: int = 0
    rests_until_s: float = 0.0

    def note_due(self, now_s: float) -> None:
        """Note when it should begin again, after it has ended."""
        self.due_s = max(now_s, self.rests_until_s) + self.interval_s * (1 + JITTER)

    def forgive(self) -> None:
        """Forget its failures."""
        self.failures, self.rests_until_s = 0, 0.0


class Schedule:
    """Recurring jobs. A job never overlaps itself, and missed runs are made up for once.

    A job that fails is logged once and runs less often, but its next run always comes. Setting the clock does no
    harm.

    Args:
        look_s: How often the clock and the jobs are checked.
    """

    def __init__(self, *, look_s: float | None = None) -> None:
        self._look_s = LOOK_S if look_s is None else look_s
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            # The default grace of one second would drop a run while the loop is busy; with None no run is dropped. A
            # second instance ends at once (_run); without it, the library would warn at every run of a slow job.
            job_defaults={"coalesce": True, "max_instances": 2, "misfire_grace_time": None},
        )
        self._jobs: dict[str, _Job] = {}
        self._running: dict[str, asyncio.Task[None] | None] = {}
        self._again: set[str] = set()
        self._faults = FaultLog()
        self._overdue: set[str] = set()
        self._ahead_s = _wall_ahead_s()
        self._watching: asyncio.Task[None] | None = None
        self.on_clock_set: Callable[[timedelta], Awaitable[None]] | None = None
        """Called with the difference after the system's clock was set; negative if it was set back."""

    async def __aenter__(self) -> Self:
        logging.getLogger(_EXECUTOR_LOG).addFilter(_NO_CANCELLED)  # a filter is added once
        self._scheduler.start()
        self._watching = asyncio.create_task(self._watch(), name="watch the clock")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        running = [task for task in (self._watching, *self._running.values()) if task]
        if self._watching:
            self._watching.cancel()
        self._scheduler.shutdown(wait=False)  # this cancels them; they must end before what they use is closed
        await asyncio.gather(*running, return_exceptions=True)

    def every(
        self, seconds: float, job: Job, *, name: str, label: str | None = None, first_in_s: float = 0.0
    ) -> None:
        """Run a job repeatedly, at intervals that vary by a tenth.

        Args:
            seconds: The interval.
            name: The job's id; a second job of the same name replaces the first.
            label: What the log calls it, if not its name.
            first_in_s: Seconds until the first run.
        """
        first_s = time.monotonic() + first_in_s
        entered = _Job(run=job, name=name, label=label or name, interval_s=seconds, began_s=first_s, due_s=first_s)
        self._jobs[name] = entered
        self._scheduler.add_job(
            partial(self._run, entered),
            _Every(seconds),
            id=_id_of(name),
            name=entered.label,
            next_run_time=datetime.now(UTC) + timedelta(seconds=first_in_s),
            replace_existing=True,
        )

    def stop(self, name: str) -> None:
        """Stop running a job; a run in progress still finishes."""
        if self._jobs.pop(name, None):
            self._scheduler.remove_job(_id_of(name))

    def soon(self, name: str) -> None:
        """Run a job at once, in addition to its regular runs; if it is running now, once more afterwards."""
        if job := self._jobs.get(name):
            job.rests_until_s = 0.0
        if name in self._running:
            self._again.add(name)
        elif job:
            self._scheduler.modify_job(_id_of(name), next_run_time=datetime.now(UTC))

    # ── health ──────────────────────────────────────────────────────────────────────────────────

    def waits(self, prefix: str = "") -> list[float]:
        """How long each job whose name begins so has been due, in seconds; 0 for one that is neither due nor running.

        A job is due from when it should begin until it has ended.
        """
        now_s = time.monotonic()
        return [self._wait_s(job, now_s) for job in self._jobs.values() if job.name.startswith(prefix)]

    def _wait_s(self, job: _Job, now_s: float) -> float:
        since_s = job.began_s if job.name in self._running else job.due_s
        return max(now_s - since_s, 0.0)

    def stopped(self) -> list[str]:
        """The names of jobs that are not run as they should be: due and not begun, or stuck in a run."""
        now_s = time.monotonic()
        return [job.name for job in self._jobs.values() if self._wait_s(job, now_s) > self._most_wait_s(job)]

    def _most_wait_s(self, job: _Job) -> float:
        is_running = job.name in self._running
        return max(LONGEST_RUN_S, LONGEST_RUN_INTERVALS * job.interval_s) if is_running else LATE_S

    async def _run(self, job: _Job) -> None:
        if job.name in self._running or time.monotonic() < job.rests_until_s:
            return
        self._running[job.name] = asyncio.current_task()
        try:
            await self._attempt(job)
            while job.name in self._again:
                self._again.discard(job.name)
                await self._attempt(job)
        except asyncio.CancelledError:
            if self._scheduler.running:
                raise
        finally:
            job.note_due(time.monotonic())
            del self._running[job.name]

    async def _attempt(self, job: _Job) -> None:
        """Run a job once. An error ends here, because the next run must still come."""
        job.began_s = time.monotonic()
        try:
            await job.run()
        except Exception as exc:  # noqa: BLE001 - the job ends here, and its fault is recorded and logged
            self._faults.failed(job.label, exc)
            job.failures += 1
            job.rests_until_s = time.monotonic() + rest_after(job.failures, job.interval_s)
        else:
            self._faults.worked(job.label)
            job.forgive()

    # ── clocks ──────────────────────────────────────────────────────────────────────────────────

    async def _watch(self) -> None:
        """Check the clock and the jobs regularly, with a timer that no job can stop."""
        while True:
            await asyncio.sleep(self._look_s)
            try:
                await self._follow_clock()
                self._tell_overdue()
            except Exception as exc:  # noqa: BLE001 - the watch continues, whatever its callbacks do
                self._faults.failed("watch the clock", exc)
            else:
                self._faults.worked("watch the clock")

    async def _follow_clock(self) -> None:
        ahead_s = _wall_ahead_s()
        leap_s = ahead_s - self._ahead_s
        if abs(leap_s) < CLOCK_SLACK_S:
            return
        self._ahead_s = ahead_s
        log.warning("the clock was set, or the machine slept leap_s=%d", leap_s)
        # If the clock was set forward, jobs due by the new time run once now: after a sleep, that is overdue.
        self._move_runs(min(timedelta(seconds=leap_s), timedelta()))
        if self.on_clock_set:
            await self.on_clock_set(timedelta(seconds=leap_s))

    def _move_runs(self, by: timedelta) -> None:
        self._scheduler.pause()  # otherwise each change would make it look through all jobs
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=job.next_run_time + by)
        self._scheduler.resume()

    def _tell_overdue(self) -> None:
        """Log once when jobs have missed three of their intervals, and once when the last of them runs again."""
        now_s = time.monotonic()
        late = {job.name: job for job in self._jobs.values() if _is_overdue(job, now_s)}
        if fresh := late.keys() - self._overdue:
            longest = min((late[name] for name in fresh), key=lambda job: job.began_s)
            log.error(
                "overdue jobs=%d such_as=%r not_run_for_s=%d", len(late), longest.label, now_s - longest.began_s
            )
        elif self._overdue and not late:
            log.info("no job is overdue any more")
        self._overdue = set(late)


def _id_of(name: str) -> str:
    """The library's id of a job. It is logged where the library fails, and a name may hold a key of an address."""
    return hashlib.blake2s(name.encode(errors="replace"), digest_size=8).hexdigest()


class _NoCancelled(logging.Filter):
    """Drops what the library logs of a job that was cancelled before it began: that is how a shutdown ends it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log the record."""
        return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


_NO_CANCELLED = _NoCancelled()


def _is_overdue(job: _Job, now_s: float) -> bool:
    return now_s - job.began_s > max(OVERDUE_RUNS * job.interval_s, LEAST_OVERDUE_S)


def _wall_ahead_s() -> float:
    """Seconds from the monotonic clock to the system's clock; changes only when the system's clock is set."""
    return datetime.now(UTC).timestamp() - time.monotonic()
