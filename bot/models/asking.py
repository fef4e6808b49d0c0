"""What a language model may add to an answer, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AskLevel(StrEnum):
    """What a model may do: choose and order passages, or also say in sentences what they say."""

    PICK = "pick"
    WORD = "word"


class AskLimit(StrEnum):
    """Which of a day's limits is reached."""

    MEMBER = "member"
    SERVER = "server"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUser:
    """Whose question goes to the model; only counted, and never sent.

    Attributes:
        user_id: None for the host in a terminal.
        guild_id: None for direct messages and the terminal.
    """

    user_id: int | None = None
    guild_id: int | None = None
