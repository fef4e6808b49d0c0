"""When jobs run: at once, again, never twice at a time, and whatever the one before did."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

import bot.schedule
from bot.errors import StoreError
from bot.schedule import LONGEST_REST_S, Schedule, rest_after
from tests.clocks import WallClock
from tests.loopback.patience import patience
from tests.loopback.running import eventually


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
        async with asyncio.timeout(patience(10)):
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

    async with Schedule() as schedule, asyncio.timeout(patience(10)):
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

    async with asyncio.timeout(patience(10)):
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

    async with Schedule() as schedule, asyncio.timeout(patience(10)):
        schedule.every(3_600, slow, name="slow")
        schedule.every(3_600, quick, name="quick")
        await done.wait()


async def test_late_run_is_made_up_for() -> None:
    """A loop that was busy past a job's time runs it all the same (the library's default drops it)."""
    runs = asyncio.Queue[None]()

    async def job() -> None:
        runs.put_nowait(None)

    async with Schedule() as schedule, asyncio.timeout(patience(10)):
        schedule.every(3_600, job, name="job")
        await runs.get()
        held = schedule._scheduler.get_job(bot.schedule._id_of("job"))
        assert held.misfire_grace_time is None
        assert held.coalesce


def test_a_failing_job_is_run_less_often_but_never_much_later_than_it_could() -> None:
    """Each failure doubles the rest, up to a bound that a host hardly notices; rare jobs are left as they are."""
    rests = [rest_after(failures, 2.0) for failures in range(1, 1_000)]
    assert rests[:3] == [4.0, 8.0, 16.0]
    assert max(rests) == LONGEST_REST_S == 30.0
    assert rest_after(5, 900.0) == 0.0


async def test_a_fault_that_lasts_is_a_line_and_not_a_line_a_run(caplog: pytest.LogCaptureFixture) -> None:
    """While others run every time, a failing job is tried a few times, logged once, and runs as ever once it can."""
    tried, others, worked = 0, 0, asyncio.Event()
    is_full = True
    enough = asyncio.Event()

    async def failing() -> None:
        nonlocal tried
        tried += 1
        if is_full:
            raise StoreError("the database could not be written: disk is full")
        if tried >= before + 5:
            worked.set()

    async def other() -> None:
        nonlocal others
        others += 1
        if others >= 60:
            enough.set()

    async with Schedule() as schedule, asyncio.timeout(patience(60)):
        schedule.every(0.01, failing, name="deliver")
        schedule.every(0.01, other, name="other")
        await enough.wait()
        assert 2 <= tried <= 14, "doubled pauses: more do not fit into a minute"
        said = [record for record in caplog.records if "disk is full" in record.getMessage()]
        assert len(said) == 1 + (tried >= 10)
        assert not any(record.exc_info for record in said)
        is_full, before = False, tried
        schedule.soon("deliver")
        await worked.wait()


async def test_a_job_that_ends_before_it_began_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    """A shutdown cancels what is due at that moment; and no key of an address is logged."""
    caplog.set_level("DEBUG")
    async with Schedule() as schedule:
        schedule.every(
            3_600, asyncio.Event().wait, name="poll https://e.org/?key=secret", label="poll https://e.org/"
        )
        # What its timer calls: the run becomes due in the same turn of the loop in which everything is shut down.
        asyncio.get_running_loop().call_soon(schedule._scheduler._process_jobs)
    for _ in range(10):
        await asyncio.sleep(0)
    assert "Error running job" not in caplog.text
    assert "secret" not in caplog.text


# ── a clock that is set ─────────────────────────────────────────────────────────────────────────


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> WallClock:
    return WallClock(monkeypatch)


@pytest.mark.parametrize("days", [-1 / 24, -1, -400, 1 / 24, 1, 400])
async def test_jobs_go_on_however_the_clock_is_set(wall: WallClock, days: float) -> None:
    """By an hour, a day, a year, back or forward: the next runs come, and it is told how far the clock was set."""
    runs, leaps = asyncio.Queue[None](), asyncio.Queue[timedelta]()

    async def job() -> None:
        runs.put_nowait(None)

    async with Schedule(look_s=0.02) as schedule, asyncio.timeout(patience(60)):
        schedule.on_clock_set = leaps.put
        schedule.every(0.3, job, name="job")
        schedule.every(5_000, asyncio.Event().wait, name="seldom")
        await runs.get()
        wall.leap(days=days)
        assert abs(await leaps.get() - timedelta(days=days)) < timedelta(seconds=2)
        for _ in range(4):
            await runs.get()
    assert leaps.empty()


async def test_a_leap_is_made_up_for_once(wall: WallClock) -> None:
    """What came due while the machine slept runs once, at once; after a year there are not a million runs."""
    runs, told = asyncio.Queue[None](), asyncio.Queue[timedelta]()

    async def job() -> None:
        runs.put_nowait(None)

    async with Schedule(look_s=0.02) as schedule, asyncio.timeout(patience(60)):
        schedule.on_clock_set = told.put
        schedule.every(3_600, job, name="job")
        await runs.get()
        wall.leap(days=365)
        await told.get()
        await runs.get()
        wall.leap(days=-365)
        await told.get()
        await asyncio.sleep(0)
    assert runs.empty()


async def test_a_watch_whose_listener_fails_goes_on(wall: WallClock, caplog: pytest.LogCaptureFixture) -> None:
    """The clock is followed although what is told of it fails, and that is in the log."""
    runs, told = asyncio.Queue[None](), asyncio.Queue[timedelta]()

    async def job() -> None:
        runs.put_nowait(None)

    async def fail(by: timedelta) -> None:
        told.put_nowait(by)
        raise StoreError("the disk is full")

    async with Schedule(look_s=0.02) as schedule, asyncio.timeout(patience(60)):
        schedule.on_clock_set = fail
        schedule.every(0.2, job, name="job")
        for _ in range(2):
            wall.leap(days=-1)
            await told.get()
        await runs.get()
        await runs.get()
    assert "the disk is full" in caplog.text


async def test_job_that_does_not_come_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A job that hangs for three of its intervals is a line, whatever others do; that it runs again is another."""
    caplog.set_level("INFO")
    began, release = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        began.set()
        await release.wait()

    async with Schedule(look_s=0) as schedule:
        schedule.every(0.1, hang, name="poll https://e.org/?key=secret", label="poll https://e.org/")
        await began.wait()
        # Not before: on a busy machine, the first run itself may come late.
        monkeypatch.setattr(bot.schedule, "LEAST_OVERDUE_S", 0.0)
        await eventually(lambda: "overdue jobs=1 such_as='poll https://e.org/'" in caplog.text, "the line")
        for _ in range(100):
            await asyncio.sleep(0)
        assert caplog.text.count("overdue jobs=") == 1
        release.set()
        await eventually(lambda: "no job is overdue any more" in caplog.text, "the other line")
    assert "secret" not in caplog.text


# ── health ──────────────────────────────────────────────────────────────────────────────────────


async def test_jobs_that_are_late_or_stuck_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Due and not begun, or in a run without an end; not one whose time has not come, and not one that runs."""
    monkeypatch.setattr(bot.schedule, "LATE_S", 0.0)
    started, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        started.set()
        await go_on.wait()

    async def quick() -> None:
        pass

    async with Schedule() as schedule, asyncio.timeout(patience(30)):
        schedule.every(0.01, slow, name="poll slow")
        schedule.every(3_600, quick, name="quick", first_in_s=3_600)
        await started.wait()
        assert schedule.stopped() == []
        assert [wait_s > 0 for wait_s in schedule.waits("poll ")] == [True]
        assert len(schedule.waits()) == 2
        monkeypatch.setattr(bot.schedule, "LONGEST_RUN_S", 0.0)
        await eventually(lambda: schedule.stopped() == ["poll slow"], "a run that is stuck")
        schedule._scheduler.pause()
        go_on.set()
        await eventually(lambda: "poll slow" not in schedule._running, "the end of the run")
        await eventually(lambda: schedule.stopped() == ["poll slow"], "a run that does not begin")
        schedule._scheduler.resume()
        monkeypatch.setattr(bot.schedule, "LATE_S", patience(30.0))
        await eventually(lambda: schedule.stopped() == [], "jobs that run")
