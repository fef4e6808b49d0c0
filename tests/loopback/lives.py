"""What each life of the bot is like under `killing`, drawn from a seed: what is news, what goes wrong, how it ends.

Drawn before anything runs, so that a seed means the same lives however busy the machine is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TypeVar

FEEDS = 5
THREADED_FEED = 0
"""Its posts in one channel get a thread each."""
FORUM_FEED = 2
DIGEST_FEEDS = (3, 4)
"""Collected for the daily digest of one channel."""
POSTED_FEEDS = (0, 1, 3)
"""Announced in text channels, each post at once."""
LIVES = 1.5
"""A life goes on up to so many times as long as it took to its first sign of work: by then all its posts are out."""
CLOCKS_S = (-86_400, -600, 600, 3_600, 86_400)
"""By how much the clock of a life may be wrong."""
BACKLOG = (6, 9)
"""Posts at once that go out as one digest."""
MOST_REVISIONS = 2
"""Of one post: three changes in a row are taken at once, later ones wait for an hour."""


class Death(StrEnum):
    """How a life ends: at any moment, between what Discord did and the bot's record of it, or just before Discord did
    what the bot has written down that it wants."""

    ALONE = "alone"
    GROUP = "with-reader"
    MESSAGE = "at-message"
    FORUM_POST = "at-forum-post"
    DIGEST = "at-digest"
    EDIT = "at-edit"
    THREAD = "at-thread"
    NOTE = "at-note"
    BEFORE_THREAD = "before-thread"
    BEFORE_NOTE = "before-note"


class Event(StrEnum):
    """What else happens in a life, or before it."""

    SECOND_BOT = "second-bot"
    BACKUP = "backup"
    COPY = "plain-copy"
    RESTORED = "restored"
    PUT_BACK = "put-back-by-hand"
    CLOCK = "clock"
    BACKLOG = "backlog"
    DIGEST = "digest-due"
    REVISION = "revision"
    NONCES = "nonces-forgotten"


T = TypeVar("T")
KINDS: tuple[str, ...] = (*Death, *Event)
_DEATHS = (*Death, Death.ALONE, Death.GROUP)
_EVENTS = (*Event, Event.CLOCK, None)
_MORE = (Event.NONCES, Event.REVISION, Event.CLOCK, Event.DIGEST, Event.COPY, Event.RESTORED, Event.PUT_BACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One run of the bot, from its start to its kill.

    Attributes:
        published: How many new posts each feed has by the time the bot starts.
        revised: Posts that are changed before it starts, by feed and number.
        clock_s: By how much its clock is ahead.
        copy: Which of the copies at hand is put back, the newest being 0.
        rest: How long it goes on after its first sign of work, or after what it is to die at, as a share of how long
            it took to that sign: a busy machine takes longer for everything.
    """

    death: Death
    events: frozenset[Event]
    published: dict[int, int]
    revised: tuple[tuple[int, int], ...]
    clock_s: int
    copy: int
    rest: float

    @property
    def kinds(self) -> tuple[str, ...]:
        return (self.death, *sorted(self.events))


def draw_lives(count: int, random: Random, *, only: Collection[str] = ()) -> list[Life]:
    """As many lives; the first dozen has every kind at least once.

    Args:
        only: Kinds that may occur, for the search of a fault; all where there are none.
    """
    deaths = _deal([death for death in _DEATHS if not only or death in only] or [Death.ALONE], random)
    events = _deal([event for event in _EVENTS if not only or event in only] or [None], random)
    more = [event for event in _MORE if not only or event in only]
    drawn = _Drawn(random)
    return [drawn.life(next(deaths), _gather(next(events), more, random)) for _ in range(count)]


def count_kinds(lives: Sequence[Life]) -> dict[str, int]:
    counted = Counter(kind for life in lives for kind in life.kinds)
    return {kind: counted[kind] for kind in KINDS if counted[kind]}


def _deal(cards: Sequence[T], random: Random) -> Iterator[T]:
    """Each once in an order of chance, then all again."""
    while True:
        yield from random.sample(cards, len(cards))


def _gather(first: Event | None, more: Sequence[Event], random: Random) -> frozenset[Event]:
    events = {first} if first else set[Event]()
    if more and random.random() < 0.3:
        events.add(random.choice(more))
    return frozenset(events)


class _Drawn:
    """Draws one life after the other, and knows what the feeds have by then."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._newest = [1] * FEEDS
        self._revisions: defaultdict[tuple[int, int], int] = defaultdict(int)

    def life(self, death: Death, events: frozenset[Event]) -> Life:
        random = self._random
        revised = self._revise(death, events)
        published = self._publish(death, events)
        clock_s = random.choice(CLOCKS_S)
        return Life(
            death=death,
            events=events | ({Event.REVISION} if revised else frozenset()),
            published=published,
            revised=tuple(revised),
            clock_s=clock_s if Event.CLOCK in events else 0,
            copy=random.randrange(3),
            rest=random.uniform(0, LIVES if death in (Death.ALONE, Death.GROUP) else LIVES / 5),
        )

    def _publish(self, death: Death, events: frozenset[Event]) -> dict[int, int]:
        random = self._random
        published = {feed: random.choice((1, 1, 2)) for feed in random.sample(range(FEEDS), random.choice((1, 2)))}
        needed = {
            Death.MESSAGE: random.choice(POSTED_FEEDS),
            Death.FORUM_POST: FORUM_FEED,
            Death.THREAD: THREADED_FEED,
            Death.BEFORE_THREAD: THREADED_FEED,
            Death.DIGEST: random.choice(DIGEST_FEEDS),
        }
        if death in needed:
            published.setdefault(needed[death], 1)
        if Event.BACKLOG in events:
            published[random.randrange(FEEDS)] = random.randint(*BACKLOG)
        for feed, count in published.items():
            self._newest[feed] += count
        return published

    def _revise(self, death: Death, events: frozenset[Event]) -> list[tuple[int, int]]:
        """Some of the latest posts, which were published in an earlier life."""
        noted = (THREADED_FEED, FORUM_FEED)
        feeds = {Death.EDIT: (0, 1, 2, 3), Death.NOTE: noted, Death.BEFORE_NOTE: noted}.get(death, ())
        if not feeds and Event.REVISION not in events:
            return []
        chosen: list[tuple[int, int]] = []
        for feed in feeds or self._random.sample(range(FEEDS), 2):
            number = max(2, self._newest[feed] - self._random.randrange(4))
            if number <= self._newest[feed] and self._revisions[feed, number] < MOST_REVISIONS:
                self._revisions[feed, number] += 1
                chosen.append((feed, number))
        return chosen
