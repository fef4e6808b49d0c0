"""How often an entry is taken anew, and its revisions told: often at first, then seldom, then not at all. Pure.

Some posts change at every reading, since they count their views or say how long ago they were updated. Each change
would rewrite the index, edit a message and add a line to its thread, for ever. So changes in a row are spaced out and
the revisions among them counted. A quiet time gives the count back, or a real revision of next month would not be
told.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.models.feeds import Churn

PROMPT_CHANGES = 3
"""Changes in a row that are taken at once: an author who has just published corrects some slips."""
MOST_REVISIONS = 10
"""Revisions in a row that are told."""
SHORT_REST = timedelta(hours=1)
"""Between two changes that are taken, once those taken at once are used up …"""
LONG_REST = timedelta(days=1)
"""… and once there were `MOST_REVISIONS`."""
QUIET = timedelta(days=7)
"""So long a time without a change gives one back."""


def is_resting(churn: Churn, now: datetime) -> bool:
    """Whether an entry is left as it is for now, whatever its feed says."""
    if churn.changed_at is None or churn.changes < PROMPT_CHANGES:
        return False
    # A clock that was set back says nothing about how long ago that was.
    return timedelta(0) <= now - churn.changed_at < (SHORT_REST if churn.changes < MOST_REVISIONS else LONG_REST)


def after_change(churn: Churn, now: datetime, *, is_revision: bool) -> tuple[Churn, bool]:
    """The count with one change more, and whether its revision is to be told.

    Args:
        is_revision: It is one that a reader would notice, and there is somebody to tell.
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
    """Whether the next revision will not be told, should it come before a quiet time."""
    return churn.revisions >= MOST_REVISIONS


def _recovered(count: int, last: datetime | None, now: datetime) -> int:
    return max(0, count - max(0, (now - last) // QUIET)) if last else 0
