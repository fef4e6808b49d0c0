"""When jobs run: at once, again, never twice at a time, and whatever the one before did."""

from __future__ import annotations

import asyncio

import pytest

from bot.schedule import Schedule


async def test_job_runs_at_once_and_survives_its_own_failure() -> None:
    runs = asyncio.Queue[int]()
    count = 0

    async def job() -> None:
        nonlocal count
        count += 1
        runs.put_nowait(count)
        if count == 1:
            raise RuntimeError

    async with Schedule() as schedule:
        schedule.every(3_600, job, name="job")
        async with asyncio.timeout(10):
            assert await runs.get() == 1
            await asyncio.sleep(0)
            schedule.soon("job")
            assert await runs.get() == 2


async def test_soon_during_a_run_means_once_more_right_after() -> None:
    """What is asked for while a job runs is not dropped, and does not overlap it."""
    started, release = asyncio.Queue[None](), asyncio.Event()
    running = 0

    async def job() -> None:
        nonlocal running
        running += 1
        assert running == 1
        started.put_nowait(None)
        await release.wait()
        running -= 1

    async with Schedule() as schedule, asyncio.timeout(10):
        schedule.every(3_600, job, name="job")
        await started.get()
        schedule.soon("job")
        schedule.soon("job")
        assert started.empty()
        release.set()
        await started.get()
        await asyncio.sleep(0)
        assert started.empty()


async def test_end_waits_for_a_running_job_to_unwind(caplog: pytest.LogCaptureFixture) -> None:
    """What a job uses is closed after it has ended, not under its hands; and an end is no error."""
    started, unwound = asyncio.Event(), False

    async def job() -> None:
        nonlocal unwound
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            unwound = True

    async with asyncio.timeout(10):
        async with Schedule() as schedule:
            schedule.every(3_600, job, name="job")
            await started.wait()
    assert unwound
    assert "exception" not in caplog.text


async def test_slow_job_does_not_keep_another_waiting() -> None:
    done = asyncio.Event()

    async def slow() -> None:
        await asyncio.Event().wait()

    async def quick() -> None:
        done.set()

    async with Schedule() as schedule, asyncio.timeout(10):
        schedule.every(3_600, slow, name="slow")
        schedule.every(3_600, quick, name="quick")
        await done.wait()


async def test_late_run_is_made_up_for() -> None:
    """A loop that was busy past a job's time runs it all the same (the library's default drops it)."""
    runs = asyncio.Queue[None]()

    async def job() -> None:
        runs.put_nowait(None)

    async with Schedule() as schedule, asyncio.timeout(10):
        schedule.every(3_600, job, name="job")
        await runs.get()
        held = schedule._scheduler.get_job("job")
        assert held.misfire_grace_time is None
        assert (held.coalesce, held.max_instances) == (True, 1)
