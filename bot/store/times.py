"""Times as the database keeps them: ISO 8601, UTC, whole seconds, fixed width."""

from __future__ import annotations

from datetime import UTC, datetime


def to_text(time: datetime | None) -> str | None:
    """An aware time as text; None stays None."""
    return time.astimezone(UTC).isoformat(timespec="seconds") if time else None


def from_text(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
