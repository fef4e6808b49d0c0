"""How the running bot and what waits in its database are. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopHealth:
    """How a loop of the bot is.

    Attributes:
        loop: Its name.
        age_s: Seconds since its last beat; None if it has not beaten since the start.
        details: What it says of itself, such as how many feeds are due.
    """

    loop: str
    age_s: float | None
    is_alive: bool
    details: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What waits to be sent, of one kind.

    Attributes:
        waiting: Sent as soon as its turn comes.
        held: Waits until somebody acts: its subscription is suspended.
        in_doubt: Claimed a while ago and not settled; it is looked for before it is sent again.
        oldest_at: Since when the oldest waits that is not held; None if none waits.
    """

    name: str
    waiting: int = 0
    held: int = 0
    in_doubt: int = 0
    oldest_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What the database says about the bot's work.

    Attributes:
        failing: Feeds whose last poll failed.
        suspended: Subscriptions that Discord refuses, until somebody acts.
    """

    feeds: int
    failing: int
    subscriptions: int
    suspended: int
    queues: tuple[Queue, ...]
