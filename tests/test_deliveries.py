"""Which reviews are announced in which order, and when a post is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.deliveries import (
    LONGEST_WAIT,
    NONCE_WINDOW,
    NewReview,
    choose_announcements,
    is_nonce_remembered,
    next_try,
)
from bot.errors import DeliveryError
from bot.models import Delivery, DeliveryState

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TIMES = st.none() | st.datetimes(timezones=st.just(UTC))


def make_delivery(**overrides: object) -> Delivery:
    values: dict[str, object] = {
        "id": 1, "review_id": 1, "channel_id": 1, "state": DeliveryState.SENDING, "nonce": "n",
    }  # fmt: skip
    return Delivery(**(values | overrides))  # type: ignore[arg-type]


@given(st.lists(TIMES), st.integers(0, 5))
def test_every_new_review_is_announced_oldest_first(times: list[datetime | None], backlog: int) -> None:
    """Of one moment, the later in the feed comes first; a first poll announces the newest few of the same order."""
    new = [NewReview(review_id=n, published=time) for n, time in enumerate(times)]
    ids = choose_announcements(new, is_first_poll=False, backlog=backlog)
    assert sorted(ids) == list(range(len(times)))
    dated = [times[i] for i in ids if times[i]]
    assert dated == sorted(time for time in times if time)
    assert choose_announcements(new, is_first_poll=True, backlog=backlog) == ids[len(ids) - min(backlog, len(ids)) :]


def test_reviews_of_one_moment_come_in_the_order_written() -> None:
    new = [NewReview(review_id=n, published=NOW) for n in (3, 2, 1)]
    assert choose_announcements(new, is_first_poll=False, backlog=0) == [1, 2, 3]


@given(st.integers(0, 10**6), st.none() | st.floats(0, 10**6))
def test_waits_grow_to_an_hour_and_never_undercut_discord(attempts: int, asked: float | None) -> None:
    error = DeliveryError("", retry_after_s=asked)
    wait = next_try(make_delivery(attempts=attempts), error, NOW) - NOW
    assert timedelta(seconds=asked or 0) <= wait <= max(LONGEST_WAIT, timedelta(seconds=asked or 0))
    assert wait > timedelta(0)


def test_nonce_is_trusted_for_its_window_alone() -> None:
    delivery = make_delivery(claimed_at=NOW)
    assert is_nonce_remembered(delivery, NOW + NONCE_WINDOW - timedelta(seconds=1))
    assert not is_nonce_remembered(delivery, NOW + NONCE_WINDOW)
    assert not is_nonce_remembered(make_delivery(claimed_at=None), NOW)
