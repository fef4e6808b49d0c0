"""What is decided for a post, for each subscription, and when a delivery is tried again.

A post enters the outbox in the same transaction as its review. It is claimed before it is sent and settled
afterwards. If the process dies in between, the row stays claimed and is in doubt: the next process looks in the
channel first and sends the post again only if it is not there. It uses the same nonce, which Discord remembers for a
few minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.announcing.filters.terms import Verdict
from bot.errors import DeliveryError
from bot.languages import Message
from bot.models.announcing import Delivery, Stage, Subscription, SubscriptionState
from bot.models.feeds import Entry
from bot.models.index import ReadReview
from bot.models.reviews import Review

DISCORD_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
NONCE_WINDOW = timedelta(minutes=2)
"""Discord answers a nonce repeated within "the past few minutes" with the first message; we rely on two minutes."""
DOUBT_FOR = timedelta(days=1)
"""How long we keep looking for a message in a channel that cannot be read."""
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(hours=1)
MOST_SINGLE_POSTS = 5
"""Posts of one subscription that are sent one by one; a longer backlog becomes one digest."""
OLD_PIN = timedelta(days=30)
"""A pinned post stays at the top of the feed while it is pinned, so one older than this is not news."""
TELL_AFTER = timedelta(days=1)
"""How long a feed must fail before its servers are told: most blogs recover within this time."""


def oldest_first(read: Sequence[ReadReview], *, now: datetime) -> list[ReadReview]:
    """A feed's entries in the order written. Feeds list the newest first; an entry without a date counts as new."""
    as_written = list(reversed(read))
    return sorted(as_written, key=lambda entry: entry.review.published or now)


def decide(
    review: Review,
    subscription: Subscription,
    *,
    verdict: Verdict | None,
    is_first_reading: bool,
    old_news: str | None = None,
    now: datetime,
) -> tuple[Stage, str | None]:
    """Decide whether a new review is announced for a subscription, and give the reason in words.

    Args:
        verdict: The verdict of its filter; None if it has no filter.
        is_first_reading: The feed is read for the first time, and this post is not part of the requested backlog.
        old_news: Why the feed itself shows that this is not news (`old_news`).
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
        return Stage.TOO_OLD, Message(
            "dated {date}, more than {count} days ago", date=f"{review.published:%Y-%m-%d}", count=days
        )
    if verdict and not verdict.passes:
        return Stage.FILTERED, verdict.why
    return Stage.COLLECTED if delivering.digest else Stage.QUEUED, verdict.why if verdict else None


def old_news(entry: Entry, *, now: datetime) -> str | None:
    """Why a new entry is not news (forums pin old posts, listings repeat papers); None if it is."""
    if entry.is_replacement:
        return Message("a new version of a paper that was listed before")
    if entry.is_pinned and entry.published and entry.published < now - OLD_PIN:
        return Message("pinned, and dated {date}", date=f"{entry.published:%Y-%m-%d}")
    return None


def next_try(attempts: int, error: DeliveryError, now: datetime) -> datetime:
    """When to try again after a refusal: when Discord asks us to, or after twice the last wait, up to an hour.

    Args:
        attempts: How often it was tried before this time.
    """
    doubled = FIRST_WAIT * (1 << min(attempts, 16))
    asked = timedelta(seconds=error.retry_after_s or 0)
    return now + max(min(doubled, LONGEST_WAIT), asked)


def id_at(moment: datetime) -> int:
    """The lowest id that a message of this moment can have.

    Source: Discord's documentation, "API Reference", Snowflakes.
    """
    return max(0, (moment - DISCORD_EPOCH) // timedelta(milliseconds=1)) << 22


def time_of(message_id: int) -> datetime:
    """When a message was posted, by Discord's clock."""
    return DISCORD_EPOCH + timedelta(milliseconds=message_id >> 22)


def is_nonce_remembered(delivery: Delivery, now: datetime, *, newest_id: int) -> bool:
    """Whether Discord still knows the nonce of the last try, so that sending again is harmless.

    Our clock may have been set since, and we know Discord's time only from message ids, so both must agree.

    Args:
        newest_id: A current id, which gives Discord's time.
    """
    if delivery.claimed_at is None:
        return False
    by_ids = time_of(newest_id) - time_of(delivery.claimed_after or 0) if delivery.claimed_after else timedelta(0)
    return timedelta(0) <= now - delivery.claimed_at < NONCE_WINDOW and by_ids < NONCE_WINDOW


def is_hopeless(delivery: Delivery, now: datetime, *, newest_id: int) -> bool:
    """Whether we have looked for a message long enough, by our clock and by Discord's."""
    if delivery.claimed_at is None or now - delivery.claimed_at < DOUBT_FOR:
        return False
    return not delivery.claimed_after or time_of(newest_id) - time_of(delivery.claimed_after) >= DOUBT_FOR
