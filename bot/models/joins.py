"""What moderators say about which reviews are about one paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedJoin:
    """Two reviews that a moderator joined or parted, by their titles at the time.

    ``user_id`` is None if the moderator had it removed.
    """

    first_title: str
    second_title: str
    is_same: bool
    user_id: int | None
    at: datetime
