"""Unexpected errors in recurring work: how long it pauses, when it is set aside, and what is logged.

One rule for every loop: channels, archives, stored entries, digests, scheduled jobs. An item that fails unexpectedly
is counted, pauses for longer each time, and is finally set aside; it never holds up the items behind it. Pure, except
for the log.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.errors import NonmunError
from bot.languages import Message

log = logging.getLogger(__name__)

MOST_FAULTS = 6
"""Tries that end in an unexpected error before work is set aside; about six hours with the pauses between them."""
FIRST_PAUSE = timedelta(minutes=1)
MOST_KNOWN = 1_000
"""How many failing things a log keeps count of; the one whose last failure is oldest is forgotten."""


def pause_after(faults: int) -> timedelta | None:
    """How long to pause work after an unexpected error.

    Args:
        faults: How often it has failed this way, including this time.
    Returns:
        Four times the last pause; None if the work is to be set aside.
    """
    return FIRST_PAUSE * 4 ** (faults - 1) if faults < MOST_FAULTS else None


def describe_fault(error: BaseException) -> str:
    """An unexpected error in words that may be shown: only its type, never its text."""
    return Message("an unexpected error ({error}); the log has the details", error=type(error).__name__)


class FaultLog:
    """Logs a recurring error once, and again after 10, 100, 1,000 … times."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, int]] = {}

    def __len__(self) -> int:
        """How many things are known to be failing."""
        return len(self._seen)

    def times(self, what: str) -> int:
        """How often something has failed in a row."""
        return self._seen.get(what, ("", 0))[1]

    def failed(self, what: str, error: BaseException) -> None:
        """Record that something has failed.

        Args:
            what: Names it in the log and distinguishes it from other things: "poll https://…".
        """
        kind = f"{type(error).__name__}: {error}"
        known, times = self._seen.pop(what, ("", 0))
        times = times + 1 if known == kind else 1
        self._seen[what] = (kind, times)  # kept in the order of the latest failure
        if len(self._seen) > MOST_KNOWN:
            del self._seen[next(iter(self._seen))]
        if times == 1:
            # One of our errors explains itself; for a bug, only the traceback helps.
            log.error(
                "failed what=%r reason=%r", what, kind, exc_info=None if isinstance(error, NonmunError) else error
            )
        elif times == 10 ** (len(str(times)) - 1):
            log.error("still failing what=%r times=%d reason=%r", what, times, kind)

    def worked(self, what: str) -> None:
        """Record that something succeeded; logged if it had failed before."""
        if seen := self._seen.pop(what, None):
            log.info("works again what=%r failures=%d", what, seen[1])
