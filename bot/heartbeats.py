"""Whether the loops of the running bot live: each beats while it turns and what it works on makes progress.

A loop *turns* when it looks for work, idle or not. What it then works on takes *steps*: an answer from a server, an
entry that was read, a row that was saved. A beat is a moment until which the loop surely lived: its last turn, or the
last step if it has work and the work rests. So a job that hangs stops the beat of its loop, although the task exists.

Times are seconds of the monotonic clock. No I/O.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum

LONGEST_STEP_S = 600.0
"""The longest time without a step for one piece of work while others of its loop make progress: it may wait its turn
behind some thousand others, but not forever."""
LONGEST_WAIT_S = 60.0
"""The longest pause on request that counts as progress."""


class Loop(StrEnum):
    """The loops of the running bot."""

    GATEWAY = "gateway"
    POLLER = "poller"
    COURIER = "courier"
    SCHEDULE = "schedule"
    TALKS = "talks"


class _Work:
    """Something that a loop works on, and when it last took a step."""

    __slots__ = ("heartbeat", "stepped_s")

    def __init__(self, heartbeat: Heartbeat, now_s: float) -> None:
        self.heartbeat = heartbeat
        self.stepped_s = now_s


_current: ContextVar[_Work | None] = ContextVar("work", default=None)


class Heartbeat:
    """The heartbeat of one loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._turned_s: float | None = None
        self._stepped_s = 0.0
        self._waits_until_s = 0.0
        self._work: set[_Work] = set()

    def another(self) -> Heartbeat:
        """Make a heartbeat by the same clock."""
        return Heartbeat(self._clock)

    def turn(self, *, ago_s: float = 0.0) -> None:
        """Note that the loop turns.

        Args:
            ago_s: For how long nothing was heard of it; it may be longer than when it was noted last.
        """
        self._turned_s = self._clock() - ago_s

    @contextmanager
    def working(self) -> Iterator[None]:
        """Work on something within the block; `note_step` notes its steps, in this task and those that it starts."""
        work = _Work(self, self._clock())
        self._work.add(work)
        self._stepped_s = work.stepped_s
        token = _current.set(work)
        try:
            yield
        finally:
            self._work.discard(work)
            _current.reset(token)

    def step(self, work: _Work, *, wait_s: float) -> None:
        """Note a step; work that has ended takes none."""
        if work in self._work:
            self._stepped_s = work.stepped_s = self._clock()
            self._waits_until_s = max(self._waits_until_s, self._stepped_s + min(wait_s, LONGEST_WAIT_S))

    @property
    def beat_s(self) -> float | None:
        """The moment until which the loop surely lived; None if it has not turned yet."""
        if self._turned_s is None or not self._work:
            return self._turned_s
        now_s = self._clock()
        moved_s = max(self._stepped_s, min(self._waits_until_s, now_s))
        slowest_s = min(work.stepped_s for work in self._work)
        if now_s - slowest_s > LONGEST_STEP_S:
            moved_s = min(moved_s, slowest_s)
        return min(self._turned_s, moved_s)

    @property
    def age_s(self) -> float | None:
        """Seconds since the last beat; None if there was none yet."""
        beat_s = self.beat_s
        return None if beat_s is None else max(self._clock() - beat_s, 0.0)


def note_step(*, wait_s: float = 0.0) -> None:
    """Note that what the current task works on for a loop took a step; nothing happens in other tasks.

    Args:
        wait_s: For how many seconds it was asked to wait before the next one.
    """
    if work := _current.get():
        work.heartbeat.step(work, wait_s=wait_s)


def make_heartbeats(clock: Callable[[], float] = time.monotonic) -> Mapping[Loop, Heartbeat]:
    """Make a heartbeat for each loop."""
    return {loop: Heartbeat(clock) for loop in Loop}
