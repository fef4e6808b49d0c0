"""Unexpected errors in work that comes again: how long it waits, when it is set aside, and what the log says.

One rule for every loop: channels, archives, stored entries, digests, scheduled jobs. What fails in a way that nobody
foresaw is counted where it stands, is left alone for longer each time, and is set aside in the end; nothing behind it
waits. Pure but for the log.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.errors import NonmunError

log = logging.getLogger(__name__)

MOST_FAULTS = 6
"""Tries that end in an unexpected error; with the pauses between them some six hours."""
FIRST_PAUSE = timedelta(minutes=1)
MOST_KNOWN = 1_000
"""Things that are failing of which a log knows how often; what failed longest ago is forgotten."""


def pause_after(faults: int) -> timedelta | None:
    """How long work is left alone after an unexpected error.

    Args:
        faults: How often it has failed so, this time included.
    Returns:
        Four times as long each time; None where it is to be set aside.
    """
    return FIRST_PAUSE * 4 ** (faults - 1) if faults < MOST_FAULTS else None


def describe_fault(error: BaseException) -> str:
    """An unexpected error in words that may be shown: its kind alone, never its text."""
    return f"an unexpected error ({type(error).__name__}); the log has the details"


class FaultLog:
    """Logs an error that comes again once, then how often it has come, at 10, 100, 1,000 … times."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, int]] = {}

    def __len__(self) -> int:
        """How many things are known to be failing."""
        return len(self._seen)

    def times(self, what: str) -> int:
        """How often something has failed in a row."""
        return self._seen.get(what, ("", 0))[1]

    def failed(self, what: str, error: BaseException) -> None:
        """Something ended in an error.

        Args:
            what: Says in the log what failed, and tells it from other things: "poll https://…".
        """
        kind = f"{type(error).__name__}: {error}"
        known, times = self._seen.pop(what, ("", 0))
        times = times + 1 if known == kind else 1
        self._seen[what] = (kind, times)  # the last is the one that failed last
        if len(self._seen) > MOST_KNOWN:
            del self._seen[next(iter(self._seen))]
        if times == 1:
            # An error of ours says in words what is wrong; of a bug, only the traceback does.
            log.error(
                "failed what=%r reason=%r", what, kind, exc_info=None if isinstance(error, NonmunError) else error
            )
        elif times == 10 ** (len(str(times)) - 1):
            log.error("still failing what=%r times=%d reason=%r", what, times, kind)

    def worked(self, what: str) -> None:
        """Something ended well; says so where it had failed before."""
        if seen := self._seen.pop(what, None):
            log.info("works again what=%r failures=%d", what, seen[1])
