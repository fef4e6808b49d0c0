"""How much processor time the filters of each server may take. No I/O; the time is given.

One filter is bounded for one post (`bot.announcing.filters`), but a server may have hundreds of them, and a feed of
its own that brings long posts at every reading. So the filters of a server have so much for one poll, and so much for
an hour. Where it is spent, posts come without their filters being applied.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Lock

POLL_LIMIT_S = 2.0
"""CPU seconds for all filters of a server in one poll of one feed."""
HOUR_LIMIT_S = 10.0
"""CPU seconds for all filters of a server in an hour, of all feeds; given back evenly."""


class Allowances:
    """What the servers' filters may still take. Threads may ask and take side by side."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._taken: dict[int | None, tuple[float, datetime]] = {}

    def left_s(self, guild_id: int | None) -> float:
        """CPU seconds that are left of the hour's; negative where more was taken."""
        with self._lock:
            return HOUR_LIMIT_S - self._taken_s(guild_id)

    def take(self, guild_id: int | None, spent_s: float) -> None:
        with self._lock:
            self._taken[guild_id] = (self._taken_s(guild_id) + spent_s, self._clock())

    def _taken_s(self, guild_id: int | None) -> float:
        taken_s, at = self._taken.get(guild_id, (0.0, self._clock()))
        # A clock that was set back gives nothing back.
        passed_s = max(0.0, (self._clock() - at).total_seconds())
        return max(0.0, taken_s - passed_s * HOUR_LIMIT_S / 3_600)
