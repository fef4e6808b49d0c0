"""Which reviews are announced for which subscription, in which order, and when a post is tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.announcing.decisions import (
    LONGEST_WAIT,
    MOST_SINGLE_POSTS,
    NONCE_WINDOW,
    TELL_AFTER,
    decide,
    id_at,
    is_hopeless,
    is_nonce_remembered,
    next_try,
    old_news,
    oldest_first,
    time_of,
)
from bot.announcing.filters.terms import Verdict
from bot.errors import DeliveryError
from bot.models.announcing import (
    Delivering,
    Delivery,
    DeliveryKind,
    DeliveryState,
    DigestPlan,
    Every,
    Stage,
    Subscription,
    SubscriptionState,
)
from bot.models.index import ReadReview
from bot.reading.documents import read_entries
from tests.factories import make_entry

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TIMES = st.none() | st.datetimes(timezones=st.just(UTC))


def make_delivery(**overrides: object) -> Delivery:
    values: dict[str, object] = {
        "id": 1, "kind": DeliveryKind.POST, "subscription_id": 1, "review_id": 1, "channel_id": 1,
        "state": DeliveryState.SENDING, "nonce": "n",
    }  # fmt: skip
    return Delivery(**(values | overrides))  # type: ignore[arg-type]


def make_subscription(**overrides: object) -> Subscription:
    values: dict[str, object] = {
        "id": 1, "feed_id": 1, "feed_url": "https://one.test/feed", "feed_title": "One", "guild_id": 7,
        "channel_id": 8, "owner_id": 9, "delivering": Delivering(), "state": SubscriptionState.ACTIVE, "reason": None,
        "created_at": NOW,
    }  # fmt: skip
    return Subscription(**(values | overrides))  # type: ignore[arg-type]


def read(number: int, published: datetime | None) -> ReadReview:
    (found,) = read_entries([make_entry(number)])
    return replace(found, review=replace(found.review, published=published))


READ = [read(number, None) for number in range(6)]


@given(st.lists(TIMES, max_size=6))
def test_reviews_come_in_the_order_written(times: list[datetime | None]) -> None:
    """The oldest first; of one moment the later in the feed comes first, since feeds list the newest first."""
    dated = [replace(one, review=replace(one.review, published=at)) for one, at in zip(READ, times, strict=False)]
    ordered = oldest_first(dated, now=NOW)
    assert sorted(map(id, ordered)) == sorted(map(id, dated))
    keys = [(one.review.published or NOW, -[id(d) for d in dated].index(id(one))) for one in ordered]
    assert keys == sorted(keys)


PLAN = DigestPlan(every=Every.DAY, hour=9, zone="UTC")


@pytest.mark.parametrize(
    ("changes", "verdict", "is_first_reading", "stage"),
    [
        ({}, None, False, Stage.QUEUED),
        ({}, None, True, Stage.FIRST_POLL),
        ({"state": SubscriptionState.PAUSED}, None, False, Stage.PAUSED),
        ({"state": SubscriptionState.SUSPENDED}, None, False, Stage.QUEUED),
        ({"delivering": Delivering(digest=PLAN)}, None, False, Stage.COLLECTED),
        ({"delivering": Delivering(max_age_days=10)}, None, False, Stage.TOO_OLD),
        ({"delivering": Delivering(max_age_days=11)}, None, False, Stage.QUEUED),
        ({"delivering": Delivering(max_age_days=12)}, None, False, Stage.QUEUED),
        ({}, Verdict(passes=False, why="w"), False, Stage.FILTERED),
        ({}, Verdict(passes=True, why="w"), False, Stage.QUEUED),
    ],
)
def test_a_new_review_is_announced_unless_there_is_a_reason(
    changes: dict[str, object], verdict: Verdict | None, is_first_reading: bool, stage: Stage
) -> None:
    review = replace(READ[0].review, published=NOW - timedelta(days=11))
    found, _ = decide(
        review, make_subscription(**changes), verdict=verdict, is_first_reading=is_first_reading, now=NOW
    )
    assert found is stage


def test_an_undated_review_is_never_too_old() -> None:
    subscription = make_subscription(delivering=Delivering(max_age_days=1))
    assert decide(READ[0].review, subscription, verdict=None, is_first_reading=False, now=NOW)[0] is Stage.QUEUED


@given(st.integers(0, 10**6), st.none() | st.floats(0, 10**6))
def test_waits_grow_to_an_hour_and_never_undercut_discord(attempts: int, asked: float | None) -> None:
    error = DeliveryError("", retry_after_s=asked)
    wait = next_try(attempts, error, NOW) - NOW
    assert timedelta(seconds=asked or 0) <= wait <= max(LONGEST_WAIT, timedelta(seconds=asked or 0))
    assert wait > timedelta(0)


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(0, 2), (1, 4), (2, 8), (10, 2_048), (11, 3_600), (16, 3_600), (10**6, 3_600)]
)
def test_the_first_wait_is_two_seconds_and_each_is_twice_the_last_up_to_an_hour(attempts: int, seconds: int) -> None:
    assert next_try(attempts, DeliveryError(""), NOW) == NOW + timedelta(seconds=seconds)


def test_nonce_is_trusted_for_two_minutes() -> None:
    """Discord says "a few"; a clock that was set back says nothing."""
    delivery = make_delivery(claimed_at=NOW)
    assert is_nonce_remembered(delivery, NOW, newest_id=id_at(NOW))
    assert is_nonce_remembered(delivery, NOW + timedelta(seconds=119), newest_id=id_at(NOW))
    assert not is_nonce_remembered(delivery, NOW + timedelta(seconds=120), newest_id=id_at(NOW))
    assert not is_nonce_remembered(delivery, NOW - timedelta(seconds=1), newest_id=id_at(NOW))


def test_nonce_is_trusted_for_its_window_alone() -> None:
    """By our clock, which may have been set, and by Discord's: both have to say so."""
    delivery = make_delivery(claimed_at=NOW, claimed_after=id_at(NOW))
    last, after = NOW + NONCE_WINDOW - timedelta(seconds=1), NOW + NONCE_WINDOW
    assert is_nonce_remembered(delivery, last, newest_id=id_at(last))
    assert not is_nonce_remembered(delivery, after, newest_id=id_at(last))
    assert not is_nonce_remembered(delivery, last, newest_id=id_at(after))
    assert not is_nonce_remembered(delivery, NOW - timedelta(seconds=1), newest_id=id_at(NOW))
    assert not is_nonce_remembered(make_delivery(claimed_at=None), NOW, newest_id=id_at(NOW))
    assert is_nonce_remembered(make_delivery(claimed_at=NOW), last, newest_id=id_at(after))


def test_a_message_is_looked_for_for_a_day_by_both_clocks() -> None:
    delivery = make_delivery(claimed_at=NOW, claimed_after=id_at(NOW))
    last, after = NOW + timedelta(hours=23, minutes=59), NOW + timedelta(days=1)
    assert is_hopeless(delivery, after, newest_id=id_at(after))
    assert not is_hopeless(delivery, last, newest_id=id_at(after))
    assert not is_hopeless(delivery, after, newest_id=id_at(last))
    assert is_hopeless(make_delivery(claimed_at=NOW), after, newest_id=0)
    assert not is_hopeless(make_delivery(claimed_at=None), after, newest_id=id_at(after))


def test_a_message_s_id_has_its_time() -> None:
    """Source: Discord's documentation, "Snowflakes": the example there."""
    assert time_of(175928847299117063) == datetime(2016, 4, 30, 11, 18, 25, 796000, tzinfo=UTC)
    assert id_at(time_of(175928847299117063)) == 175928847299117063 >> 22 << 22
    assert id_at(datetime(2014, 1, 1, tzinfo=UTC)) == 0


@pytest.mark.parametrize(
    ("is_pinned", "days", "reason"),
    [(True, 30, None), (True, 31, "pinned, and dated 2026-05-01"), (False, 31, None), (True, None, None)],
)
def test_a_pinned_post_is_news_for_thirty_days(is_pinned: bool, days: int | None, reason: str | None) -> None:
    published = None if days is None else NOW - timedelta(days=days)
    entry = replace(make_entry(1, published=published), is_pinned=is_pinned)
    assert old_news(entry, now=NOW) == reason


def test_a_new_version_of_a_paper_is_no_news() -> None:
    assert old_news(make_entry(1), now=NOW) is None
    assert old_news(replace(make_entry(1), is_replacement=True), now=NOW) is not None


def test_what_the_readme_promises_of_backlogs_and_of_feeds_that_fail() -> None:
    assert MOST_SINGLE_POSTS == 5
    assert timedelta(days=1) == TELL_AFTER
