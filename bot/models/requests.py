"""What people ask, and what they may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Place(StrEnum):
    """Where a request comes from."""

    TERMINAL = "terminal"
    SERVER = "server"
    DIRECT = "direct messages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """What the person who asks may read.

    Attributes:
        feeds: The ids of the feeds whose reviews may be shown; None for every feed.
        guild_id: The server whose moderators say which reviews are about one paper; None elsewhere.
    """

    feeds: frozenset[int] | None
    place: Place
    guild_id: int | None = None


EVERYTHING = Audience(feeds=None, place=Place.TERMINAL)
"""The bot's host, in the terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """A search that found nothing, or nothing sure; how often, and when last."""

    query: str
    times: int
    last_at: datetime


HITS_A_CARD = 5
"""How many hits of a search a card shows, each with its passage."""


class Command(StrEnum):
    """The commands that ask for reviews."""

    PAPER = "paper"
    SECTION = "section"
    SEARCH = "search"
    ASK = "ask"
    RELATED = "related"
    LATEST = "latest"
    HELP = "help"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question, typed or chosen from an earlier answer.

    Attributes:
        query: Free text.
        heading: The second field of ``/section``; None if paper and heading are one string.
        paper: The second field of ``/ask``: in whose reviews the answer is sought; None for all reviews.
        review_id: The review that was chosen; it takes precedence over the text. Of ``/ask``: a review of the paper
            that the question is about.
        position: The section that was chosen; likewise.
        limit: How many entries of a list to show.
        check: A few characters of the chosen review's key (`bot.models.reviews.check_of`), kept where something can
            be pressed later: if they differ, the id means another review now, as in a restored copy of the database.
        offset: How many of a list's entries to skip. With a chosen review, ``query`` and ``offset`` are those of the
            search that it was opened from.
        page: Which page of the answer's card to show, from 0; for the front ends alone.
    """

    command: Command
    query: str = ""
    heading: str | None = None
    paper: str | None = None
    review_id: int | None = None
    position: int | None = None
    limit: int = 10
    check: str | None = None
    offset: int = 0
    page: int = 0


class PressKind(StrEnum):
    """What a press does, other than asking for reviews."""

    DISCUSS = "discuss"  # go to the talk about a review's paper, or open it
    DISCUSS_PASSAGE = "discuss passage"  # put a passage into that talk
    CHOOSE_PASSAGE = "choose passage"  # show a section's passages, to quote one
    WITHDRAW = "withdraw"  # remove a talk that was opened by mistake
    CONCLUDE = "conclude"  # say what came of a talk
    SAVE = "save"  # put a review's paper on the member's own list, or take it off
    SAVE_PASSAGE = "save passage"  # put a passage there
    WISH = "wish"  # ask for a review of a paper, or join those who do
    UNWISH = "unwish"  # take that back
    WANTED = "wanted"  # show what is asked for
    USE_MODEL = "use model"  # agree that questions go to the host's language model


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """Something to do for the member who presses, as the id of a button or the value of an option holds it.

    Attributes:
        number: The id of the review, or of the talk or wish.
        position: The section, with `block` the passage in it; of *Save*, the section whose card was pressed.
        check: As for `Request`.
        text: What was typed, where a number does not say enough; of *Use it*, what tells the host from others.
    """

    kind: PressKind
    number: int
    position: int = 0
    block: int = 0
    check: str | None = None
    text: str = ""
