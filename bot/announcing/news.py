"""Which new entries of a document are old posts that have come into view. Pure.

A feed shows its newest posts. When one of them is removed, or the feed is set to show more, older posts appear at its
end: new to us, but not news to anybody. A post published with an earlier date is still news if it stands among the
posts that the feed has already shown, or above them.

A single entry that is added while nothing leaves shows a raised limit only if it is dated before the day of all
others. Several undated entries at the end of a feed of unknown order cannot be told apart this way and count as old.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import pairwise

from bot.languages import Message

OLDER = Message("older than every post that the feed listed before")
BEHIND = Message("listed behind every post that the feed listed before")
_AGREEMENT = 0.75
"""The share of neighbours of different age that must agree on an order; one pinned post must not spoil it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An entry as listed in a document.

    Attributes:
        seen_at: When it was first seen; None if it is new.
    """

    guid: str
    published: datetime | None
    seen_at: datetime | None


class _Order(Enum):
    NEWEST_FIRST = "newest first"
    OLDEST_FIRST = "oldest first"
    PRESUMED = "newest first, as with most"
    NONE = "none"


def come_into_view(document: Sequence[Listed], *, have_left: bool, left_at_head: int = 0) -> dict[str, str]:
    """Find the new entries that are old posts: guid → reason, as part of a sentence.

    Args:
        have_left: Whether a post has gone that arrived with some that are still listed.
        left_at_head: How many posts have gone, if all of them stood above the rest. A feed of fixed length with its
            newest post at the end loses as many at the top as it gains.
    """
    standing = [entry for entry in document if entry.seen_at is not None]
    if not standing:
        return {}
    order = _order_of(standing)
    if order is _Order.NONE:
        return {}
    downwards = list(reversed(document)) if order is _Order.OLDEST_FIRST else list(document)
    last = max(place for place, entry in enumerate(downwards) if entry.seen_at is not None)
    behind = downwards[last + 1 :]
    is_one_more = not have_left and len(document) - len(standing) == 1
    if is_one_more or (order is _Order.PRESUMED and len(behind) == left_at_head):
        behind = [entry for entry in behind if entry.published]
    oldest = min((entry.published for entry in standing if entry.published), default=None)
    reasons = dict[str, str]()
    for entry in behind:
        if entry.published is None:
            reasons[entry.guid] = BEHIND
        elif oldest and _is_older(entry.published, oldest, is_one_more=is_one_more, order=order):
            reasons[entry.guid] = OLDER
    return reasons


def _is_older(published: datetime, oldest: datetime, *, is_one_more: bool, order: _Order) -> bool:
    """Whether a post is older than all others.

    On the same day as the oldest, a single new entry may be another post of that day; so may an entry of the same
    moment in a feed of presumed order.
    """
    if is_one_more and published.date() == oldest.date():
        return False
    return published < oldest or (published == oldest and order is not _Order.PRESUMED)


def _order_of(standing: Sequence[Listed]) -> _Order:
    """The order by the entries' dates; without dates, by when they were first seen."""
    pairs = [ages for entry, other in pairwise(standing) if (ages := _ages(entry, other))]
    falling = sum(first > second for first, second in pairs)
    rising = sum(first < second for first, second in pairs)
    if not falling + rising:
        return _Order.PRESUMED
    if falling >= _AGREEMENT * (falling + rising):
        return _Order.NEWEST_FIRST
    return _Order.OLDEST_FIRST if rising >= _AGREEMENT * (falling + rising) else _Order.NONE


def _ages(entry: Listed, other: Listed) -> tuple[datetime, datetime] | None:
    if entry.published and other.published:
        return entry.published, other.published
    if entry.published or other.published or entry.seen_at is None or other.seen_at is None:
        return None
    return entry.seen_at, other.seen_at
