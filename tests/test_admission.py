"""How much is asked of the bot at a time: quotas, turns, ages and what is counted. Pure, but for an event loop."""

from __future__ import annotations

import asyncio
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.discord import admission
from bot.ui.discord.admission import Ages, Quota, Tally, Turns


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


# ── quotas ──────────────────────────────────────────────────────────────────────────────────────


def test_ten_at_once_then_one_every_two_seconds() -> None:
    """And the wait that is told is the wait there is."""
    clock = Clock()
    quota = Quota(per_minute=30, at_once=10, clock=clock)
    assert [quota.wait_s(1) for _ in range(10)] == [0.0] * 10
    assert quota.wait_s(1) == pytest.approx(2.0)
    assert quota.wait_s(2) == 0  # another asker's is another quota
    clock.now_s += 1.9
    assert quota.wait_s(1) == pytest.approx(0.1)
    clock.now_s += 0.11
    assert quota.wait_s(1) == 0
    assert quota.wait_s(1) > 1.9


@given(st.lists(st.floats(0, 30), min_size=1, max_size=60), st.integers(1, 120), st.integers(1, 20))
def test_nobody_gets_more_than_the_rate(pauses: list[float], per_minute: int, at_once: int) -> None:
    clock = Clock()
    quota = Quota(per_minute=per_minute, at_once=at_once, clock=clock)
    granted = 0
    for pause in pauses:
        clock.now_s += pause
        granted += quota.wait_s(7) == 0
    assert granted <= at_once + sum(pauses) * per_minute / 60 + 1e-6


def test_no_limit_and_an_asker_who_was_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded: who asked longest ago is forgotten first."""
    monkeypatch.setattr(admission, "MOST_ASKERS", 3)
    unlimited = Quota(per_minute=0, at_once=0, clock=Clock())
    assert all(unlimited.wait_s(1) == 0 for _ in range(1_000))
    quota = Quota(per_minute=1, at_once=1, clock=Clock())
    assert [quota.wait_s(asker) for asker in (1, 2, 1, 3, 4)] == [0, 0, 60, 0, 0]
    assert len(quota) == 3
    assert quota.wait_s(1) > 0  # asked after 2 did
    assert quota.wait_s(2) == 0


# ── turns ───────────────────────────────────────────────────────────────────────────────────────


async def test_the_newest_comes_first_and_the_oldest_is_told_when_there_are_too_many() -> None:
    turns = Turns(at_once=1, waiting=2)
    assert await turns.take(timeout_s=1)
    order: list[str] = []

    async def wait(name: str) -> None:
        order.append(f"{name} {await turns.take(timeout_s=60)}")

    waiting = []
    for name in ("old", "middle", "new"):
        waiting.append(asyncio.create_task(wait(name)))
        await asyncio.sleep(0)
    await waiting[0]
    assert order == ["old False"]
    turns.give_back()
    await waiting[2]
    turns.give_back()
    await waiting[1]
    assert order == ["old False", "new True", "middle True"]
    turns.give_back()
    assert await turns.take(timeout_s=0)  # nothing was lost on the way


async def test_a_turn_is_waited_for_so_long_and_no_longer() -> None:
    turns = Turns(at_once=1, waiting=5)
    assert await turns.take(timeout_s=0)
    assert not await turns.take(timeout_s=-1)
    assert not await turns.take(timeout_s=0.01)
    turns.give_back()
    assert await turns.take(timeout_s=0)


async def test_a_turn_of_one_who_gave_up_goes_to_the_next() -> None:
    """Cancelled while waiting, or at the very moment the turn came."""
    turns = Turns(at_once=1, waiting=5)
    assert await turns.take(timeout_s=0)
    early, late = (asyncio.create_task(turns.take(timeout_s=60)) for _ in range(2))
    await asyncio.sleep(0)
    early.cancel()
    await asyncio.gather(early, return_exceptions=True)
    turns.give_back()  # late's
    late.cancel()
    await asyncio.gather(late, return_exceptions=True)
    assert await turns.take(timeout_s=0)
    assert not await turns.take(timeout_s=0)


# ── ages ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("ahead_s", [-1e6, -3_600.0, 0.0, 3_600.0, 1e6])
def test_a_clock_that_is_wrong_makes_nothing_old(ahead_s: float) -> None:
    """Discord's clock and ours may differ by anything; what really took long is told."""
    clock = Clock()
    ages = Ages(clock)

    def age(took_s: float) -> float:
        return ages.age_s(clock.now_s + ahead_s - took_s)

    assert age(0.1) == pytest.approx(0.0, abs=1e-3)
    assert age(0.05) == pytest.approx(0.0, abs=1e-3)
    assert age(4.0) == pytest.approx(3.95, abs=0.01)
    clock.now_s += 60
    assert age(0.1) < 0.1
    assert age(10.0) > 9


def test_what_arrives_first_is_not_old_and_a_quiet_day_makes_nothing_older() -> None:
    clock = Clock()
    ages = Ages(clock)
    assert ages.age_s(5.0) == 0
    clock.now_s += 86_400
    assert ages.age_s(5.0 + 86_400 - 60) == 0  # clocks part by more than that in a day
    ages.forget()
    assert ages.age_s(0.0) == 0


# ── counting ────────────────────────────────────────────────────────────────────────────────────


async def test_what_is_dropped_is_one_line(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """By itself after a while, and again only when there is something."""
    monkeypatch.setattr(admission, "LOG_SECONDS", 0.01)
    caplog.set_level(logging.WARNING)
    tally = Tally()
    for _ in range(300):
        tally.count("late")
    tally.count("crowded")
    async with asyncio.timeout(10):
        while not caplog.records:  # noqa: ASYNC110 - a timer of the loop
            await asyncio.sleep(0.01)
    tally.tell()
    assert [record.getMessage() for record in caplog.records] == ["interactions not answered crowded=1 late=300"]
