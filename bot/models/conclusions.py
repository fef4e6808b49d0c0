"""What came of a talk, as a member submitted it: the only words of members that are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

LONGEST_CONCLUSION = 4_000
"""Characters; as much as a form of Discord's takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What a member concluded.

    Attributes:
        author_id: None if the author had their name removed.
        edited_at: None if it was never edited.
    """

    id: int
    talk_id: int
    author_id: int | None
    text: str
    submitted_at: datetime
    edited_at: datetime | None = None
