"""What is decided for a post, subscription by subscription, and when a delivery is tried again.

A post is entered in the outbox in the transaction that enters its review, claimed before it leaves and settled
after. A process that dies in between leaves the row claimed, that is in doubt: whoever comes next looks at the
channel first, and sends again under the same nonce, which Discord honours for some minutes, only if it is not
there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.announcing.filters.terms import Verdict
from bot.errors import DeliveryError
from bot.models.announcing import Delivery, Stage, Subscription, SubscriptionState
from bot.models.feeds import Entry
from bot.models.index import ReadReview
from bot.models.reviews import Review

DISCORD_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
NONCE_WINDOW = timedelta(minutes=2)
"""Discord answers a repeated nonce of "the past few minutes" with the first message; we rely on two."""
DOUBT_FOR = timedelta(days=1)
"""How long a message is looked for whose channel cannot be read."""
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(hours=1)
MOST_SINGLE_POSTS = 5
"""Posts of one subscription that go out one by one; a longer backlog becomes one digest."""
OLD_PIN = timedelta(days=30)
"""A pinned post is listed first for as long as it is pinned: an older one is no news."""
TELL_AFTER = timedelta(days=1)
"""How long a feed fails before its servers are told: a blog's own troubles are mostly over by then."""


def oldest_first(read: Sequence[ReadReview], *, now: datetime) -> list[ReadReview]:
    """A feed's entries in the order written. Feeds list the newest first; what has no date is taken for new."""
    as_written = list(reversed(read))
    return sorted(as_written, key=lambda one: one.review.published or now)


def decide(
    review: Review,
    subscription: Subscription,
    *,
    verdict: Verdict | None,
    is_first_reading: bool,
    old_news: str | None = None,
    now: datetime,
) -> tuple[Stage, str | None]:
    """Whether a new review is announced for a subscription, and the reason in words.

    Args:
        verdict: What its filter says; None where it has none.
        is_first_reading: The feed is read for the first time, and this is no part of the wanted backlog.
        old_news: Why the feed itself says that this is no news (`old_news`).
    """
    delivering = subscription.delivering
    if is_first_reading:
        return Stage.FIRST_POLL, None
    if subscription.state is SubscriptionState.PAUSED:
        return Stage.PAUSED, subscription.reason
    if old_news:
        return Stage.TOO_OLD, old_news
    days = delivering.max_age_days
    if days and review.published and review.published < now - timedelta(days=days):
        return Stage.TOO_OLD, f"dated {review.published:%Y-%m-%d}, more than {days} days ago"
    if verdict and not verdict.passes:
        return Stage.FILTERED, verdict.why
    return Stage.COLLECTED if delivering.digest else Stage.QUEUED, verdict.why if verdict else None


def old_news(entry: Entry, *, now: datetime) -> str | None:
    """Why an entry that was never seen is no news: forums pin old posts, listings repeat papers; None if it is."""
    if entry.is_replacement:
        return "a new version of a paper that was listed before"
    if entry.is_pinned and entry.published and entry.published < now - OLD_PIN:
        return f"pinned, and dated {entry.published:%Y-%m-%d}"
    return None


def next_try(attempts: int, error: DeliveryError, now: datetime) -> datetime:
    """When to try again after a refusal: what Discord asked for, else twice as long each time, an hour at most.

    Args:
        attempts: How often it was tried before this time.
    """
    doubled = FIRST_WAIT * (1 << min(attempts, 16))
    asked = timedelta(seconds=error.retry_after_s or 0)
    return now + max(min(doubled, LONGEST_WAIT), asked)


def id_at(moment: datetime) -> int:
    """The least id that a message of this moment can have.

    Source: Discord's documentation, "API Reference", Snowflakes.
    """
    return max(0, (moment - DISCORD_EPOCH) // timedelta(milliseconds=1)) << 22


def time_of(message_id: int) -> datetime:
    """When a message was posted, by Discord's clock."""
    return DISCORD_EPOCH + timedelta(milliseconds=message_id >> 22)


def is_nonce_remembered(delivery: Delivery, now: datetime, *, newest_id: int) -> bool:
    """Whether Discord still knows the nonce of the last try, so that sending again is harmless.

    Our clock may have been set since, and Discord's time is known no nearer than some message: both have to say so.

    Args:
        newest_id: An id of now, by Discord's time.
    """
    if delivery.claimed_at is None:
        return False
    by_ids = time_of(newest_id) - time_of(delivery.claimed_after or 0) if delivery.claimed_after else timedelta(0)
    return timedelta(0) <= now - delivery.claimed_at < NONCE_WINDOW and by_ids < NONCE_WINDOW


def is_hopeless(delivery: Delivery, now: datetime, *, newest_id: int) -> bool:
    """Whether a message has been looked for long enough, by our clock and by Discord's."""
    if delivery.claimed_at is None or now - delivery.claimed_at < DOUBT_FOR:
        return False
    return not delivery.claimed_after or time_of(newest_id) - time_of(delivery.claimed_after) >= DOUBT_FOR
