"""Which reviews are announced, and when a post is tried again: pure decisions, the effects are the caller's.

A post is entered in the outbox in the transaction that enters its review, claimed before it leaves and settled
after. A process that dies in between leaves the row claimed, that is in doubt: whoever comes next looks at the
channel first, and sends again under the same nonce, which Discord honours for some minutes, only if it is not
there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.cards import Card
from bot.errors import DeliveryError
from bot.models import Delivery

NONCE_WINDOW = timedelta(minutes=2)
"""Discord answers a repeated nonce of "the past few minutes" with the first message; we rely on two."""
BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReview:
    """A review that a poll entered, with what its announcement is decided by."""

    review_id: int
    published: datetime | None


class Poster(Protocol):
    """Whatever can put a card into a channel: Discord, in the end."""

    async def post(self, channel_id: int, card: Card, *, nonce: str) -> int:
        """Post once, and return the message's id. Raises DeliveryError."""

    async def can_look_back(self, channel_id: int) -> bool:
        """Whether the channel's history can be read."""

    async def find_post(self, channel_id: int, card: Card, *, since: datetime, settled: frozenset[int]) -> int | None:
        """The id of our message with this card in the channel since then, those settled left out; None where it
        never arrived. Raises DeliveryError.
        """


def choose_announcements(new: Sequence[NewReview], *, is_first_poll: bool, backlog: int) -> list[int]:
    """The review ids to announce, oldest first.

    Args:
        new: In the feed's order, which is newest first with most.
        backlog: How many of the newest a feed's first poll announces.
    """
    # Feeds list the newest first: read backwards, so that posts of one moment come in the order written.
    as_written = list(reversed(new))
    ordered = sorted(as_written, key=lambda item: item.published or BEFORE_ALL)
    if is_first_poll:
        ordered = ordered[len(ordered) - min(backlog, len(ordered)) :]
    return [item.review_id for item in ordered]


def next_try(delivery: Delivery, error: DeliveryError, now: datetime) -> datetime:
    """When to try again after a refusal: what Discord asked for, else twice as long each time, an hour at most.

    ``delivery`` is as it was before this try, so that its ``attempts`` counts the earlier ones.
    """
    doubled = FIRST_WAIT * (1 << min(delivery.attempts, 16))
    asked = timedelta(seconds=error.retry_after_s or 0)
    return now + max(min(doubled, LONGEST_WAIT), asked)


def is_nonce_remembered(delivery: Delivery, now: datetime) -> bool:
    """Whether Discord still knows the nonce of the last try, so that sending again is harmless."""
    return delivery.claimed_at is not None and now - delivery.claimed_at < NONCE_WINDOW
