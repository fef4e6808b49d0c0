"""What is kept about a member."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class KeptKind(StrEnum):
    """What kind of thing; in the order in which it is shown."""

    SAVED = "saved papers"
    NOTE = "notes"
    PASSAGE = "saved passages"
    FEED = "feeds that ping"
    TERM = "terms that ping"
    WISH = "papers asked for"
    TALK = "talks opened"
    CONCLUSION = "conclusions"
    QUOTE = "quotes"
    JOIN = "papers joined or parted"
    SUBSCRIPTION = "feeds set up"
    ROLE = "roles opened to members"
    PING = "unsent pings"
    MODEL = "questions to a model today"
    CONSENT = "agreement to a model"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptItem:
    """One thing that is kept about a member.

    Attributes:
        guild_id: The server that it belongs to; 0 for direct messages.
    """

    kind: KeptKind
    guild_id: int
    text: str
