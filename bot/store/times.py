"""Times as the database keeps them: ISO 8601, UTC, whole seconds, fixed width.

And what becomes of them where the system's clock was wrong when they were written, or is set.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import aiosqlite

WAITS = (
    ("feeds", "next_check_at"),
    ("deliveries", "not_before"),
    ("follow_ups", "not_before"),
    ("unread_entries", "retry_at"),
)
"""(table, column) of what waits until a moment. Digests are no waits: their hour is one of the clock on the wall."""
SINCES = (("feeds", "failing_since"), ("feeds", "moved_since"))
"""(table, column) of what counts from a moment on."""
LONGEST_WAIT = timedelta(days=8)
"""No pause is as long: a feed that is gone waits a week. What waits longer was put off by a clock that was ahead."""

SHIFT = "UPDATE {0} SET {1} = strftime('%Y-%m-%dT%H:%M:%S+00:00', {1}, :by) WHERE {1} IS NOT NULL"
END_WAIT = "UPDATE {0} SET {1} = NULL WHERE {1} > :latest"
BEGIN_NOW = "UPDATE {0} SET {1} = :now WHERE {1} > :now"


def to_text(time: datetime | None) -> str | None:
    """An aware time as text; None stays None."""
    return time.astimezone(UTC).isoformat(timespec="seconds") if time else None


def from_text(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


async def set_back(db: aiosqlite.Connection, by: timedelta) -> None:
    """The clock was set back while we ran: what waits, waits as long as it would have.

    Args:
        by: How far, positive.
    """
    for table, column in (*WAITS, *SINCES):
        await db.execute(SHIFT.format(table, column), {"by": f"-{by.total_seconds():.0f} seconds"})


async def bound_waits(db: aiosqlite.Connection, now: datetime) -> None:
    """At a start: what a clock put off that was far ahead need not wait for that time to come."""
    for table, column in WAITS:
        await db.execute(END_WAIT.format(table, column), {"latest": to_text(now + LONGEST_WAIT)})
    for table, column in SINCES:
        await db.execute(BEGIN_NOW.format(table, column), {"now": to_text(now)})
