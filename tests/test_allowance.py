"""What the filters of a server may take in all, counted by a clock on which each look costs."""

from __future__ import annotations

from dataclasses import replace

from bot.announcing.allowance import HOUR_LIMIT_S, POLL_LIMIT_S, Allowances
from bot.announcing.filters.judging import LIMIT_S
from bot.feeds.intake import Verdicts
from bot.models.announcing import Delivering, Subscription, SubscriptionState
from bot.reading.documents import read_entries
from tests.conftest import Clock
from tests.factories import make_entry

READS = tuple(read_entries([make_entry(n) for n in range(1, 21)]))


class Processor:
    """Each look takes a tenth of a millisecond of CPU."""

    now_s = 0.0

    def __call__(self) -> float:
        self.now_s += 0.0001
        return self.now_s


def follow(number: int, *, guild_id: int, text: str | None = None) -> Subscription:
    return Subscription(
        id=number, feed_id=1, feed_url="https://one.test/feed", feed_title=None, guild_id=guild_id, channel_id=number,
        owner_id=9, delivering=Delivering(filter_text=text or f"absent{number}"), state=SubscriptionState.ACTIVE,
        reason=None, created_at=Clock().now,
    )  # fmt: skip


def applied(verdicts: Verdicts, one: Subscription) -> list[bool]:
    return [verdict.is_applied for read in READS if (verdict := verdicts.get(one, read))]


def test_two_hundred_filters_of_one_server_take_no_more_than_a_poll_allows() -> None:
    """What is not judged passes, and another server's filters are applied all the same."""
    processor, allowances = Processor(), Allowances(Clock())
    many = [follow(number, guild_id=7) for number in range(200)]
    one = follow(999, guild_id=8)
    verdicts = Verdicts(allowances, clock=processor).judge([*many, one], READS)
    assert processor.now_s < POLL_LIMIT_S + LIMIT_S + 1
    assert HOUR_LIMIT_S - allowances.left_s(7) <= POLL_LIMIT_S + LIMIT_S
    found = [is_applied for each in many for is_applied in applied(verdicts, each)]
    assert 0 < sum(found) < len(found)
    left_out = verdicts.get(many[-1], READS[-1])
    assert left_out is not None
    assert left_out.passes
    assert left_out.why == "all filters of this server together took too long, so the filter was not applied"
    assert all(applied(verdicts, one))


def test_an_hour_allows_so_much_for_all_feeds_of_a_server() -> None:
    processor, clock = Processor(), Clock()
    allowances = Allowances(clock)
    many = [follow(number, guild_id=7) for number in range(200)]
    for _ in range(200):
        Verdicts(allowances, clock=processor).judge(many, READS)
    assert processor.now_s < HOUR_LIMIT_S + LIMIT_S + 1
    assert not any(applied(Verdicts(allowances, clock=processor), many[0]))
    clock.advance(hours=-1)
    assert allowances.left_s(7) < LIMIT_S
    clock.advance(hours=2)
    assert all(applied(Verdicts(allowances, clock=processor), many[0]))


def test_a_filter_that_many_channels_have_is_judged_once() -> None:
    allowances = Allowances(Clock())

    def judge(followers: list[Subscription]) -> float:
        processor = Processor()
        Verdicts(allowances, clock=processor).judge(followers, READS)
        return processor.now_s

    same = [follow(number, guild_id=number, text="absent") for number in range(50)]
    assert judge(same) == judge(same[:1])


def test_a_digest_of_many_papers_is_judged_within_the_same_time() -> None:
    (read,) = read_entries([make_entry(1)])
    digest = replace(read, parts=(read,) * 5_000)
    processor = Processor()
    verdicts = Verdicts(Allowances(Clock()), clock=processor)
    found = verdicts.get(follow(1, guild_id=7), digest)
    assert found is not None
    assert not found.is_applied
    assert processor.now_s < POLL_LIMIT_S + LIMIT_S + 1
