"""How much processor time each server's filters may use. No I/O; the time is passed in.

The time of one filter on one post is bounded (`bot.announcing.filters`), but a server may have hundreds of filters,
and its own feed that brings long posts at every reading. So a server's filters have one budget per poll and another
per hour. Once a budget is spent, posts are announced without their filters being applied.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Lock

POLL_LIMIT_S = 2.0
"""CPU seconds for all filters of a server in one poll of one feed."""
HOUR_LIMIT_S = 10.0
"""CPU seconds for all filters of a server in an hour, over all feeds; restored evenly over the hour."""


class Allowances:
    """How much CPU time the servers' filters have left. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._taken: dict[int | None, tuple[float, datetime]] = {}

    def left_s(self, guild_id: int | None) -> float:
        """CPU seconds left of the hour's budget; negative if the server has overspent."""
        with self._lock:
            return HOUR_LIMIT_S - self._taken_s(guild_id)

    def take(self, guild_id: int | None, spent_s: float) -> None:
        """Charge a server for the CPU seconds that its filters have used."""
        with self._lock:
            self._taken[guild_id] = (self._taken_s(guild_id) + spent_s, self._clock())

    def _taken_s(self, guild_id: int | None) -> float:
        taken_s, at = self._taken.get(guild_id, (0.0, self._clock()))
        # If the clock was set back, nothing is restored.
        passed_s = max(0.0, (self._clock() - at).total_seconds())
        return max(0.0, taken_s - passed_s * HOUR_LIMIT_S / 3_600)
