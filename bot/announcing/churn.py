"""How often a changed entry is read again and its revisions reported: often at first, then rarely, then never. Pure.

Some posts change at every reading, because they count their views or say how long ago they were updated. Without a
limit, each change would rewrite the index, edit a message and add a line to its thread, for ever. So consecutive
changes are spaced out, and reported revisions are limited. Quiet periods lower the counts again, so that a real
revision next month is still reported.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.models.feeds import Churn

PROMPT_CHANGES = 3
"""Consecutive changes that are accepted at once: an author who has just published corrects a few slips."""
MOST_REVISIONS = 10
"""Consecutive revisions that are reported."""
SHORT_REST = timedelta(hours=1)
"""The least time between two accepted changes after the first `PROMPT_CHANGES` …"""
LONG_REST = timedelta(days=1)
"""… and after `MOST_REVISIONS` of them."""
QUIET = timedelta(days=7)
"""Each period of this length without a change lowers a count by one."""


def is_resting(churn: Churn, now: datetime) -> bool:
    """Whether changes to an entry are ignored for now, whatever its feed says."""
    if churn.changed_at is None or churn.changes < PROMPT_CHANGES:
        return False
    # If the clock was set back, the time since the last change is unknown.
    return timedelta(0) <= now - churn.changed_at < (SHORT_REST if churn.changes < MOST_REVISIONS else LONG_REST)


def after_change(churn: Churn, now: datetime, *, is_revision: bool) -> tuple[Churn, bool]:
    """Count one more change, and say whether its revision is reported.

    Args:
        is_revision: Whether a reader would notice the change and there is somebody to report it to.
    """
    changes = _recovered(churn.changes, churn.changed_at, now)
    revisions = _recovered(churn.revisions, churn.revised_at, now)
    counted = Churn(
        changes=min(changes + 1, MOST_REVISIONS),
        changed_at=now,
        revisions=min(revisions + 1, MOST_REVISIONS) if is_revision else churn.revisions,
        revised_at=now if is_revision else churn.revised_at,
    )
    return counted, is_revision and revisions < MOST_REVISIONS


def is_spent(churn: Churn) -> bool:
    """Whether the next revision will not be reported, unless a quiet period comes first."""
    return churn.revisions >= MOST_REVISIONS


def _recovered(count: int, last: datetime | None, now: datetime) -> int:
    return max(0, count - max(0, (now - last) // QUIET)) if last else 0
