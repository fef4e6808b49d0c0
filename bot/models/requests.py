"""What somebody asks, and what they may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Place(StrEnum):
    """Where somebody asks."""

    TERMINAL = "terminal"
    SERVER = "server"
    DIRECT = "direct messages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who asks, by what they may read.

    Attributes:
        feeds: The ids of the feeds whose reviews answer; None for every feed.
    """

    feeds: frozenset[int] | None
    place: Place


EVERYTHING = Audience(feeds=None, place=Place.TERMINAL)
"""Whoever hosts the bot, in the terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """A search that found nothing, or nothing sure; how often, and when last."""

    query: str
    times: int
    last_at: datetime


class Command(StrEnum):
    PAPER = "paper"
    SECTION = "section"
    SEARCH = "search"
    RELATED = "related"
    LATEST = "latest"
    HELP = "help"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question, as typed or as chosen from an earlier answer.

    ``query`` is free text. A choice names its review by ``review_id`` (and a section by ``position``), which
    then win. ``heading`` is the second field of ``/section``; None where paper and heading are one string.
    """

    command: Command
    query: str = ""
    heading: str | None = None
    review_id: int | None = None
    position: int | None = None
    limit: int = 10
