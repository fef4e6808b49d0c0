"""Which new entries of a document are old posts that have come into view. Pure.

A feed shows its newest posts. Where one of them is taken down, or the feed is set to show more, older ones appear at
its end: they are new to us and no news to anybody. A post that was published with an earlier date is news, as long as
it stands among those that the feed has shown, or above them.

A single entry that is added while nothing leaves is a raised limit only where it has an earlier day than all others.
Several undated ones at the end of a feed of unknown order cannot be told apart so, and count as old.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import pairwise

OLDER = "older than every post that the feed listed before"
BEHIND = "listed behind every post that the feed listed before"
_AGREEMENT = 0.75
"""Of the neighbours that differ in age, for a document to have an order: one that is pinned spoils none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An entry as it stands in a document.

    Attributes:
        seen_at: When it came; None where it is new.
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
    """The new entries that are old posts: guid → why, as part of a sentence.

    Args:
        have_left: Whether a post is gone that came with those that still stand there.
        left_at_head: How many are, where all of them stood above these: a feed of fixed length that has its newest
            post at the end loses as many there as come.
    """
    standing = [one for one in document if one.seen_at is not None]
    if not standing:
        return {}
    order = _order_of(standing)
    if order is _Order.NONE:
        return {}
    downwards = list(reversed(document)) if order is _Order.OLDEST_FIRST else list(document)
    last = max(place for place, one in enumerate(downwards) if one.seen_at is not None)
    behind = downwards[last + 1 :]
    is_one_more = not have_left and len(document) - len(standing) == 1
    if is_one_more or (order is _Order.PRESUMED and len(behind) == left_at_head):
        behind = [one for one in behind if one.published]
    oldest = min((one.published for one in standing if one.published), default=None)
    found = dict[str, str]()
    for one in behind:
        if one.published is None:
            found[one.guid] = BEHIND
        elif oldest and _is_older(one.published, oldest, is_one_more=is_one_more, order=order):
            found[one.guid] = OLDER
    return found


def _is_older(published: datetime, oldest: datetime, *, is_one_more: bool, order: _Order) -> bool:
    """Of one day with the oldest, a single one may be another post of that day; so may any where no order is told."""
    if is_one_more and published.date() == oldest.date():
        return False
    return published < oldest or (published == oldest and order is not _Order.PRESUMED)


def _order_of(standing: Sequence[Listed]) -> _Order:
    """By their dates; without these, by when they came."""
    pairs = [ages for one, other in pairwise(standing) if (ages := _ages(one, other))]
    falling = sum(first > second for first, second in pairs)
    rising = sum(first < second for first, second in pairs)
    if not falling + rising:
        return _Order.PRESUMED
    if falling >= _AGREEMENT * (falling + rising):
        return _Order.NEWEST_FIRST
    return _Order.OLDEST_FIRST if rising >= _AGREEMENT * (falling + rising) else _Order.NONE


def _ages(one: Listed, other: Listed) -> tuple[datetime, datetime] | None:
    if one.published and other.published:
        return one.published, other.published
    if one.published or other.published or one.seen_at is None or other.seen_at is None:
        return None
    return one.seen_at, other.seen_at
