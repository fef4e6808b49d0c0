"""What the running bot counts and measures since its start, in memory. `bot.ui.http` shows it.

No count is kept by server, channel, member or feed: their number has no bound, and they are nobody's business.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

POLL_BOUNDS_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
ANSWER_BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
"""Discord waits three seconds for an answer."""


class Durations:
    """How many took how long: a histogram.

    Args:
        bounds_s: The upper bounds of its buckets, in seconds, ascending; the last bucket has no bound.
    """

    def __init__(self, bounds_s: tuple[float, ...]) -> None:
        self.bounds_s = bounds_s
        self.counts = [0] * (len(bounds_s) + 1)
        self.sum_s = 0.0

    def observe(self, seconds: float) -> None:
        """Count one that took so long."""
        self.counts[bisect_left(self.bounds_s, seconds)] += 1
        self.sum_s += seconds

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count what happens in the block, however it ends."""
        began_s = time.perf_counter()
        try:
            yield
        finally:
            self.observe(time.perf_counter() - began_s)


@dataclass(slots=True)
class Metrics:
    """The counts and measures.

    Attributes:
        polls: By how they ended: "changed", "unchanged", "failed".
        poll_s: How long feeds took that were asked, from the request until what they say is saved.
        answer_s: How long answers took to be worked out, by command.
        refusals: Interactions that were not answered, by reason.
        sends: Messages to Discord, by what became of them.
        requests: Requests to Discord's API that were answered, by status.
    """

    polls: Counter[str] = field(default_factory=Counter)
    poll_s: Durations = field(default_factory=lambda: Durations(POLL_BOUNDS_S))
    answer_s: defaultdict[str, Durations] = field(
        default_factory=lambda: defaultdict(lambda: Durations(ANSWER_BOUNDS_S))
    )
    refusals: Counter[str] = field(default_factory=Counter)
    sends: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
