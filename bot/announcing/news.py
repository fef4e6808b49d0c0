"""Which new entries of a document are old posts that have come into view. Pure.

A feed shows its newest posts. Where one of them is taken down, or the feed is set to show more, older ones appear at
its end: they are new to us and no news to anybody. A post that was published with an earlier date is news, as long as
it stands among those that the feed has shown, or above them.
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


def come_into_view(document: Sequence[Listed], *, have_left: bool) -> dict[str, str]:
    """The new entries that are old posts: guid → why, as part of a sentence.

    Args:
        have_left: Whether a post is gone that came with those that still stand there.
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
    if order is _Order.PRESUMED and len(behind) == 1 and not have_left:
        # One more than there were: some feeds have new posts at their end.
        behind = [one for one in behind if one.published]
    oldest = min((one.published for one in standing if one.published), default=None)
    found = dict[str, str]()
    for one in behind:
        if one.published is None:
            found[one.guid] = BEHIND
        # of one date with the oldest, it may be another post of that day where nothing tells the order
        elif oldest and (one.published < oldest or (one.published == oldest and order is not _Order.PRESUMED)):
            found[one.guid] = OLDER
    return found


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
