"""When a loop lives: it turns, and what it works on makes progress. A clock that is set stands for the time."""

from __future__ import annotations

import asyncio

import pytest

from bot.heartbeats import LONGEST_STEP_S, LONGEST_WAIT_S, Heartbeat, Loop, make_heartbeats, note_step
from bot.models.health import FRESH_S, LoopHealth
from bot.ui.discord import gateway


def is_alive(age_s: float | None) -> bool:
    return LoopHealth(loop=Loop.POLLER, age_s=age_s).is_alive


class Seconds:
    """A monotonic clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s

    def pass_by(self, seconds: float) -> None:
        self.now_s += seconds


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def heartbeat(seconds: Seconds) -> Heartbeat:
    return Heartbeat(seconds)


def test_a_loop_that_never_turned_has_no_beat(heartbeat: Heartbeat) -> None:
    """Not even if it works on something: a start is not an age of zero."""
    assert heartbeat.age_s is None
    with heartbeat.working():
        note_step()
        assert heartbeat.age_s is None
    assert not is_alive(None)


def test_an_idle_loop_beats_as_long_as_it_turns(heartbeat: Heartbeat, seconds: Seconds) -> None:
    heartbeat.turn()
    seconds.pass_by(20)
    assert heartbeat.age_s == 20
    heartbeat.turn()
    assert heartbeat.age_s == 0
    seconds.pass_by(FRESH_S + 1)
    assert not is_alive(heartbeat.age_s)


def test_work_that_hangs_stops_the_beat_of_a_loop_that_turns(heartbeat: Heartbeat, seconds: Seconds) -> None:
    """Within a minute, although its task exists and it looks for more work."""
    heartbeat.turn()
    with heartbeat.working():
        for _ in range(6):
            seconds.pass_by(10)
            heartbeat.turn()
        assert heartbeat.age_s == 60
        assert not is_alive(heartbeat.age_s)
    assert heartbeat.age_s == 0  # it has ended, and the loop is idle


def test_long_work_that_makes_progress_keeps_the_beat(heartbeat: Heartbeat, seconds: Seconds) -> None:
    with heartbeat.working():
        for _ in range(100):
            seconds.pass_by(10)
            heartbeat.turn()
            note_step()
            assert heartbeat.age_s == 0


def test_progress_without_turns_is_no_life(heartbeat: Heartbeat, seconds: Seconds) -> None:
    """What is under way goes on, and nothing new would be begun."""
    heartbeat.turn()
    with heartbeat.working():
        seconds.pass_by(60)
        note_step()
        assert heartbeat.age_s == 60


async def test_one_that_waits_for_others_does_not_stop_the_beat_for_ten_minutes(
    heartbeat: Heartbeat, seconds: Seconds
) -> None:
    """A thousand feeds wait for one reader; but one that never gets a turn is stuck."""
    waits, ended = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        with heartbeat.working():
            waits.set()
            await ended.wait()

    task = asyncio.create_task(wait())
    await waits.wait()
    with heartbeat.working():
        for passed in range(10, int(LONGEST_STEP_S) + 20, 10):
            seconds.pass_by(10)
            heartbeat.turn()
            note_step()
            assert heartbeat.age_s == (0 if passed <= LONGEST_STEP_S else passed)
    ended.set()
    await task
    assert heartbeat.age_s == 0


def test_a_pause_on_request_counts_as_progress_up_to_a_minute(heartbeat: Heartbeat, seconds: Seconds) -> None:
    """Discord's rate limits: who obeys is not dead. Nobody can ask for an hour of that."""
    heartbeat.turn()
    with heartbeat.working():
        note_step(wait_s=3_600)
        seconds.pass_by(LONGEST_WAIT_S)
        heartbeat.turn()
        assert heartbeat.age_s == 0
        seconds.pass_by(FRESH_S)
        heartbeat.turn()
        assert heartbeat.age_s == FRESH_S


async def test_steps_count_in_the_tasks_of_the_work_alone(heartbeat: Heartbeat, seconds: Seconds) -> None:
    heartbeat.turn()

    async def elsewhere() -> None:
        note_step()

    before = asyncio.create_task(asyncio.sleep(0))
    with heartbeat.working():
        seconds.pass_by(10)
        heartbeat.turn()
        await before
        assert heartbeat.age_s == 10
        await asyncio.create_task(elsewhere())
        assert heartbeat.age_s == 0
        late = asyncio.create_task(elsewhere())
    with heartbeat.working():
        seconds.pass_by(10)
        heartbeat.turn()
        await late  # begun by work that has ended
        assert heartbeat.age_s == 10


def test_each_loop_has_its_own() -> None:
    heartbeats = make_heartbeats()
    heartbeats[Loop.COURIER].turn()
    assert [loop for loop, heartbeat in heartbeats.items() if heartbeat.age_s is not None] == [Loop.COURIER]


# ── the gateway ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("now_s", "acked_s", "heard_s", "silent_s"),
    [
        (141, 100, 100, 0),  # the next heartbeat has just been sent
        (151, 100, 100, 0),  # its acknowledgement may still come
        (152, 100, 100, 52),  # it should have come by now
        (152, 100, 150, 2),  # events still come: slow, not dead
        (400, 100, 100, 300),  # no heartbeat is sent any more
        (152, 142, 100, 0),
    ],
)
def test_a_gateway_that_does_not_acknowledge_is_dead_within_a_minute(
    now_s: float, acked_s: float, heard_s: float, silent_s: float
) -> None:
    """Discord's own interval: 41.25 s."""
    assert gateway.judge(now_s, interval_s=41.25, acked_s=acked_s, heard_s=heard_s) == silent_s
