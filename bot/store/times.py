"""Times as the database keeps them: ISO 8601, UTC, whole seconds, fixed width.

And how they are corrected if the system's clock was wrong when they were written, or is set.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aiosqlite

WAITS = (
    ("feeds", "next_check_at"),
    ("deliveries", "not_before"),
    ("follow_ups", "not_before"),
    ("unread_entries", "retry_at"),
    ("welcomes", "not_before"),
    ("records", "not_before"),
    ("talks", "not_before"),
    ("messages", "not_before"),
)
"""(table, column) of rows that wait until a moment. Not digests, which are due at an hour of the day."""
SINCES = (("feeds", "failing_since"), ("feeds", "moved_since"))
"""(table, column) of moments from which something is counted."""
LONGEST_WAIT = timedelta(days=8)
"""Longer than any pause: a feed that is gone waits a week. A longer wait comes from a clock that was ahead."""

SHIFT = "UPDATE {0} SET {1} = strftime('%Y-%m-%dT%H:%M:%S+00:00', {1}, :by) WHERE {1} IS NOT NULL"
END_WAIT = "UPDATE {0} SET {1} = NULL WHERE {1} > :latest"
BEGIN_NOW = "UPDATE {0} SET {1} = :now WHERE {1} > :now"


def to_text(time: datetime | None) -> str | None:
    """Write an aware time as text; None stays None."""
    return time.astimezone(UTC).isoformat(timespec="seconds") if time else None


def from_text(text: str | None) -> datetime | None:
    """Read a time that `to_text` wrote; None stays None."""
    return datetime.fromisoformat(text) if text else None


async def set_back(db: aiosqlite.Connection, by: timedelta) -> None:
    """Shift all waits after the clock was set back while we ran, so that they last as long as before.

    Args:
        by: How far it was set back, positive.
    """
    for table, column in (*WAITS, *SINCES):
        await db.execute(SHIFT.format(table, column), {"by": f"-{by.total_seconds():.0f} seconds"})


async def bound_waits(db: aiosqlite.Connection, now: datetime) -> None:
    """At a start, end the waits that come from a clock that was far ahead."""
    for table, column in WAITS:
        await db.execute(END_WAIT.format(table, column), {"latest": to_text(now + LONGEST_WAIT)})
    for table, column in SINCES:
        await db.execute(BEGIN_NOW.format(table, column), {"now": to_text(now)})
