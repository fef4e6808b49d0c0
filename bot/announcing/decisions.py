"""What is decided for a post, subscription by subscription, and when a delivery is tried again.

A post is entered in the outbox in the transaction that enters its review, claimed before it leaves and settled
after. A process that dies in between leaves the row claimed, that is in doubt: whoever comes next looks at the
channel first, and sends again under the same nonce, which Discord honours for some minutes, only if it is not
there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.announcing.filters import Verdict
from bot.errors import DeliveryError
from bot.models import Delivery, Entry, ReadReview, Review, Stage, Subscription, SubscriptionState

NONCE_WINDOW = timedelta(minutes=2)
"""Discord answers a repeated nonce of "the past few minutes" with the first message; we rely on two."""
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
    is_learned: bool,
    old_news: str | None = None,
    now: datetime,
) -> tuple[Stage, str | None]:
    """Whether a new review is announced for a subscription, and the reason in words.

    Args:
        verdict: What its filter says; None where it has none.
        is_learned: The feed is read for the first time, and this is no part of the wanted backlog.
        old_news: Why the feed itself says that this is no news (`old_news`).
    """
    delivering = subscription.delivering
    if is_learned:
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


def is_nonce_remembered(delivery: Delivery, now: datetime) -> bool:
    """Whether Discord still knows the nonce of the last try, so that sending again is harmless."""
    # A clock that was set back says nothing about how long ago that was.
    return delivery.claimed_at is not None and timedelta(0) <= now - delivery.claimed_at < NONCE_WINDOW
