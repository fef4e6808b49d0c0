"""Servers: what each has set for itself, and the message that greets it once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.languages import language_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """The bot's membership in a server, as Discord reports it.

    Attributes:
        locale: The server's preferred locale; None while the server is unavailable.
        joined_at: When the bot joined; it differs each time the bot is added anew. None while unavailable.
    """

    guild_id: int
    locale: str | None = None
    joined_at: datetime | None = None


class TalkPlace(StrEnum):
    """Where the talk about a paper lives in a server; `Server.talk_channel_id` says which channel is meant."""

    THREADS = "threads"  # under the paper's announcement, else in the chosen channel, else where Discuss was pressed
    FORUM = "forum"  # a post for each paper in the chosen forum


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What a server has set.

    Attributes:
        language: Its language as an ISO 639 code; None if nobody has chosen one.
        locale: Its preferred locale in Discord, by which the language is guessed otherwise.
        answers_privately: Whether look-ups answer only to the member who asks.
        talk_channel_id: The channel, or the forum, that was chosen for talk; None if none was. It may have been
            deleted since.
        shares_wishes: Whether what members want reviewed is published, without their names.
        asks_model: Whether questions of its members may go to a language model, if the host has set one.
        joined_at: When the bot joined; None while that is unknown.
    """

    guild_id: int
    language: str | None = None
    locale: str | None = None
    answers_privately: bool = False
    talk_place: TalkPlace = TalkPlace.THREADS
    talk_channel_id: int | None = None
    shares_wishes: bool = False
    asks_model: bool = True
    joined_at: datetime | None = None

    @property
    def speaks(self) -> str:
        """The language that the bot speaks there."""
        return self.language or language_of(self.locale)


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """The first message to a server, on its way. ``nonce`` never changes, and has at most 25 characters.

    Attributes:
        is_claimed: It may have been sent: it is looked for before it is sent again.
        text: What it said when it was last sent.
        looks: How often its channel could not be checked while it was in doubt.
        claimed_after: A message id below that of its message.
        channel_id: The channel that was chosen for it.
    """

    guild_id: int
    nonce: str
    is_claimed: bool = False
    text: str | None = None
    attempts: int = 0
    looks: int = 0
    claimed_at: datetime | None = None
    claimed_after: int | None = None
    channel_id: int | None = None
