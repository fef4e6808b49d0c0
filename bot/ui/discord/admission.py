"""How much the bot accepts at a time: quotas, turns, the age of what arrives, and a count of what is dropped.

Nothing here knows Discord. Times are seconds of the monotonic clock.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)

MOST_ASKERS = 10_000
"""Members or servers whose quota is remembered; those not seen for longest are forgotten and have a full quota
again."""
DRIFT = 0.001
"""Seconds per second by which two clocks may drift apart: ten times the usual, so that nothing looks old by drift."""
MOST_LATE_IN_A_ROW = 20
LOG_SECONDS = 60.0


class Quota:
    """A number of tokens for each asker: a few at once, refilled at a steady rate.

    Args:
        per_minute: How many are refilled; 0 for no limit.
        at_once: How many an asker has after a pause.
    """

    def __init__(self, *, per_minute: float, at_once: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_minute / 60
        self._at_once = max(at_once, 1.0)
        self._clock = clock
        self._left: OrderedDict[int, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    def wait_s(self, asker: int) -> float:
        """Take a token.

        Returns:
            0 if there was one, otherwise the seconds until there is one.
        """
        if not self._per_second:
            return 0.0
        now = self._clock()
        left, then = self._left.pop(asker, (self._at_once, now))
        left = min(left + (now - then) * self._per_second, self._at_once)
        is_granted = left >= 1
        self._left[asker] = (left - is_granted, now)
        if len(self._left) > MOST_ASKERS:
            self._left.popitem(last=False)
        return 0.0 if is_granted else (1 - left) / self._per_second


class Turns:
    """Lets a limited number work at once; the newest of those waiting goes first.

    The oldest has waited longest and is the least likely to be answered in time. Under overload, first come, first
    served would answer everybody too late.
    """

    def __init__(self, *, at_once: int, waiting: int) -> None:
        self._free = at_once
        self._most_waiting = waiting
        self._waiting: list[asyncio.Future[bool]] = []

    async def take(self, *, timeout_s: float) -> bool:
        """Wait for a turn, up to a time limit. If True, end the turn with `give_back`.

        If too many are waiting, the oldest gets False at once.
        """
        if self._free:
            self._free -= 1
            return True
        if timeout_s <= 0:
            return False
        mine: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        if len(self._waiting) > self._most_waiting:
            self._waiting.pop(0).set_result(False)
        try:
            done, _ = await asyncio.wait({mine}, timeout=timeout_s)
        except asyncio.CancelledError:
            self._leave(mine)
            raise
        return mine.result() if done else self._leave(mine)

    def _leave(self, mine: asyncio.Future[bool]) -> bool:
        if not mine.done():
            self._waiting.remove(mine)
        elif mine.result():
            self.give_back()
        return False

    def give_back(self) -> None:
        """End a turn and start the next one."""
        if self._waiting:
            self._waiting.pop().set_result(True)
        else:
            self._free += 1


@dataclass(slots=True)
class Ages:
    """How old a thing is when it arrives, by the time that its sender wrote on it.

    The sender's clock may differ from ours. Nothing arrives from the future, so each arrival gives a lower bound for
    the sender's clock. Measured against the highest bound, everything is at least as old as stated. If our clock is
    wrong or is set, this does not change.
    """

    clock: Callable[[], float] = time.monotonic
    _ahead_s: float | None = None
    _seen_s: float = 0.0

    def age_s(self, sent_s: float) -> float:
        """The seconds that have surely passed since it was sent.

        Args:
            sent_s: When it was sent, by the sender's clock.
        """
        now = self.clock()
        ahead = sent_s - now
        if self._ahead_s is not None:
            ahead = max(ahead, self._ahead_s - DRIFT * (now - self._seen_s))
        self._ahead_s, self._seen_s = ahead, now
        return now + ahead - sent_s

    def forget(self) -> None:
        """Start again: one of the sender's many clocks may have been wrong."""
        self._ahead_s = None


class Tally:
    """Counts what was not answered, and logs it at most once a minute.

    Args:
        since_start: Takes the same counts, and keeps them.
    """

    def __init__(self, since_start: Counter[str] | None = None) -> None:
        self._counts: Counter[str] = Counter()
        self._since_start: Counter[str] = Counter() if since_start is None else since_start
        self._timer: asyncio.TimerHandle | None = None

    def count(self, what: str) -> None:
        """Count one that was not answered; ``what`` is the reason."""
        self._counts[what] += 1
        self._since_start[what] += 1
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LOG_SECONDS, self.tell)

    def tell(self) -> None:
        """Log what was counted since the last time."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._counts:
            counts = " ".join(f"{what}={number}" for what, number in sorted(self._counts.items()))
            log.warning("interactions not answered %s", counts)
            self._counts.clear()
