"""How the running bot and what waits in its database are. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

FRESH_S = 45.0
"""A loop whose last beat is older is dead. Half a minute is the longest that one request for a feed takes."""


def is_fresh(age_s: float | None) -> bool:
    """Whether a beat is recent. A beat from the future comes from a clock that was ahead, and tells nothing."""
    return age_s is not None and abs(age_s) <= FRESH_S


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardHealth:
    """How a connection to Discord's gateway is; each serves a part of the servers.

    Attributes:
        shard: Its number, from 0.
        age_s: Seconds since it last showed that it lives; None if it has not done so since the start.
        servers: How many servers it has, as far as we know.
        lag_s: How long its last heartbeat took to be acknowledged; None if that is not known.
    """

    shard: int
    age_s: float | None
    servers: int
    lag_s: float | None = None

    @property
    def is_alive(self) -> bool:
        """Whether it showed lately that it lives."""
        return is_fresh(self.age_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopHealth:
    """How a loop of the bot is.

    Attributes:
        loop: Its name.
        age_s: Seconds since its last beat; None if it has not beaten since the start.
        details: What it says of itself, such as how many feeds are due.
        shards: For the gateway, its connections. It lives as long as one does: a restart would cut the others.
    """

    loop: str
    age_s: float | None
    details: Mapping[str, float] = field(default_factory=dict)
    shards: tuple[ShardHealth, ...] = ()

    @property
    def is_alive(self) -> bool:
        """Whether it beat lately."""
        return is_fresh(self.age_s)

    @property
    def dead_shards(self) -> tuple[ShardHealth, ...]:
        """The connections that do not live."""
        return tuple(shard for shard in self.shards if not shard.is_alive)


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
        unembedded: Reviews whose passages have no vectors yet; None without a model for them.
    """

    feeds: int
    failing: int
    subscriptions: int
    suspended: int
    queues: tuple[Queue, ...]
    unembedded: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """How many reviews have vectors of their passages, for questions.

    Attributes:
        has_model: Whether the model is installed that made them, or would.
    """

    count: int
    reviews: int
    has_model: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingFeed:
    """A feed whose last polls failed. The address is without passwords and keys."""

    url: str
    title: str | None
    failures: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How the bot is, as its database and the files beside it say.

    Attributes:
        is_running: Whether a bot holds the database.
        pid: The bot's process; None if it is not known.
        began_at: When the bot started; None if none runs.
        version: The version that last ran on the database; None if it has not run yet.
        failing: Some of the failing feeds, those that failed most often first; the backlog has their number.
        file_bytes: File → its size.
        backup_at: When the newest backup was made; None if none is known.
        embedded: None if there is no model for passages, and no vectors of one.
    """

    is_running: bool
    pid: int | None
    began_at: datetime | None
    version: str | None
    loops: tuple[LoopHealth, ...]
    backlog: Backlog
    failing: tuple[FailingFeed, ...]
    file_bytes: Mapping[str, int]
    backup_at: datetime | None
    embedded: Embedded | None = None

    @property
    def is_healthy(self) -> bool:
        """Whether a bot runs and all its loops live."""
        return self.is_running and bool(self.loops) and all(loop.is_alive for loop in self.loops)
