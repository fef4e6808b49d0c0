"""How long to wait for what must come: a bound that tells a hang from a busy machine.

A test that waits for a condition goes on as soon as it holds; the bound decides alone when it has failed. On a quiet
machine seconds are plenty; where many processes share the processors everything takes as many times longer, and so
does the bound. Where a test is *about* a limit it scales both sides of it.
"""

from __future__ import annotations

import os

MAX_SLOWNESS = 20.0
"""Beyond this a machine hangs; pytest's own limit catches that."""


def slowness() -> float:
    """How many times longer work may take than on a quiet machine, from 1 on.

    Twice the number of runnable processes for each processor: the load of the last minute lags behind, and a
    process that competes with others does not get its share at once.
    """
    if not hasattr(os, "getloadavg"):  # Windows
        return 4.0
    return min(max(1.0, 2 * os.getloadavg()[0] / (os.cpu_count() or 1)), MAX_SLOWNESS)


def patience(seconds: float) -> float:
    """Seconds that are plenty on a quiet machine → seconds that are plenty on this one, now."""
    return seconds * slowness()
