"""When digests are due, whatever the clocks do, and what people call their time zone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.announcing import zones
from bot.announcing.calendar import describe_plan, next_digest, parse_days, parse_hour
from bot.announcing.zones import parse_zone
from bot.errors import RequestError
from bot.models.announcing import DigestPlan, Every

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
PLANS = st.builds(
    DigestPlan,
    every=st.sampled_from(Every),
    hour=st.integers(0, 23),
    zone=st.sampled_from(ZONES),
    weekday=st.integers(0, 6),
)
MOMENTS = st.integers(-20 * 365 * 86_400, 120 * 365 * 86_400).map(lambda s: datetime.fromtimestamp(s, UTC))


def daily(hour: int, zone: str) -> DigestPlan:
    return DigestPlan(every=Every.DAY, hour=hour, zone=zone)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


# ── when ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("plan", "after", "due"),
    [
        (daily(9, "Asia/Seoul"), "2026-06-01T08:59:59+09:00", "2026-06-01T09:00:00+09:00"),
        (daily(9, "Asia/Seoul"), "2026-06-01T09:00:00+09:00", "2026-06-02T09:00:00+09:00"),
        (daily(0, "Etc/GMT-14"), "2026-06-01T09:59:00+00:00", "2026-06-01T10:00:00+00:00"),
        # 02:00 to 03:00 is skipped in New York
        (daily(2, "America/New_York"), "2026-03-07T12:00:00-05:00", "2026-03-08T03:00:00-04:00"),
        # 01:00 comes twice
        (daily(1, "America/New_York"), "2026-10-31T12:00:00-04:00", "2026-11-01T01:00:00-04:00"),
        (daily(1, "America/New_York"), "2026-11-01T01:00:00-04:00", "2026-11-02T01:00:00-05:00"),
        # 23:30 to 00:30 was skipped in Toronto; 00:00 of the next day is taken at 00:30
        (daily(0, "America/Toronto"), "1919-03-30T12:00:00-05:00", "1919-03-31T00:30:00-04:00"),
        # a whole day was skipped in Samoa
        (daily(9, "Pacific/Apia"), "2011-12-29T12:00:00-10:00", "2011-12-31T00:00:00+14:00"),
        (daily(9, "Pacific/Apia"), "2011-12-31T00:00:00+14:00", "2011-12-31T09:00:00+14:00"),
    ],
)  # fmt: skip
def test_a_digest_is_due_when_the_clock_on_the_wall_says_so(plan: DigestPlan, after: str, due: str) -> None:
    assert next_digest(plan, at(after)) == at(due)


def test_a_weekly_digest_is_due_on_its_day_in_its_zone() -> None:
    """Monday morning in Seoul is Sunday in UTC."""
    plan = DigestPlan(every=Every.WEEK, hour=8, zone="Asia/Seoul", weekday=0)
    assert next_digest(plan, at("2026-06-01T08:00:00+09:00")) == at("2026-06-08T08:00:00+09:00")
    assert next_digest(plan, at("2026-06-07T22:59:00+00:00")) == at("2026-06-07T23:00:00+00:00")


@given(PLANS, MOMENTS)
def test_a_digest_is_due_later_and_soon_and_at_its_hour(plan: DigestPlan, after: datetime) -> None:
    due = next_digest(plan, after)
    assert due.tzinfo is UTC
    assert after < due <= after + timedelta(days=(1 if plan.every is Every.DAY else 7) + 1, hours=2)
    local = due.astimezone(ZoneInfo(plan.zone))
    is_after_gap = local.utcoffset() != (due - timedelta(seconds=1)).astimezone(ZoneInfo(plan.zone)).utcoffset()
    assert (local.hour, local.minute, local.second) == (plan.hour, 0, 0) or is_after_gap
    assert plan.every is Every.DAY or local.weekday() == plan.weekday or is_after_gap


@given(PLANS, MOMENTS, st.floats(0, 1))
def test_nothing_is_due_before_the_next_digest(plan: DigestPlan, after: datetime, part: float) -> None:
    due = next_digest(plan, after)
    between = after + (due - after) * part
    assert next_digest(plan, min(between, due - timedelta(microseconds=1))) == due
    assert next_digest(plan, due) > due


@given(PLANS, MOMENTS)
def test_an_hour_that_comes_twice_is_taken_once(plan: DigestPlan, after: datetime) -> None:
    """Two digests are at least most of their interval apart, skipped days aside."""
    first = next_digest(plan, after)
    second = next_digest(plan, first)
    zone = ZoneInfo(plan.zone)
    shift = abs(
        (second.astimezone(zone).utcoffset() or timedelta()) - (first.astimezone(zone).utcoffset() or timedelta())
    )
    days = 1 if plan.every is Every.DAY else 7
    before = (first - timedelta(seconds=1)).astimezone(zone).utcoffset()
    is_after_gap = before != first.astimezone(zone).utcoffset()
    assert second - first >= timedelta(days=days) - shift or is_after_gap


def test_a_plan_is_told_in_words() -> None:
    assert describe_plan(daily(9, "Asia/Seoul")) == "every day at 09:00 Asia/Seoul"
    weekly = DigestPlan(every=Every.WEEK, hour=18, zone="Etc/GMT-9", weekday=4)
    assert describe_plan(weekly) == "every Friday at 18:00 UTC+9"
    assert describe_plan(daily(18, "Etc/GMT+10")) == "every day at 18:00 UTC-10"


# ── where ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Asia/Seoul", "Asia/Seoul"), ("asia/seoul", "Asia/Seoul"), ("seoul", "Asia/Seoul"),
        (" SEOUL ", "Asia/Seoul"), ("서울", "Asia/Seoul"), ("KST", "Asia/Seoul"),
        ("한국", "Asia/Seoul"), ("한국 시간", "Asia/Seoul"), ("서울시", "Asia/Seoul"),
        ("Asia Seoul", "Asia/Seoul"), ("UTC", "UTC"), ("gmt", "UTC"), ("Z", "UTC"),
        ("+0", "UTC"),
        ("GMT+9", "Etc/GMT-9"), ("UTC+9", "Etc/GMT-9"), ("utc + 9", "Etc/GMT-9"), ("+09:00", "Etc/GMT-9"),
        ("+0900", "Etc/GMT-9"), ("UTC−8", "Etc/GMT+8"), ("Etc/GMT+9", "Etc/GMT+9"), ("+05:30", "Asia/Kolkata"),
        ("PST", "America/Los_Angeles"), ("pacific time", "America/Los_Angeles"), ("EST", "America/New_York"),
        ("new york", "America/New_York"), ("New_York", "America/New_York"),
        ("st johns", "America/St_Johns"), ("Ho Chi Minh", "Asia/Ho_Chi_Minh"), ("London", "Europe/London"),
        ("Istanbul", "Europe/Istanbul"), ("Singapore", "Asia/Singapore"), ("US/Pacific", "US/Pacific"),
        ("buenos aires", "America/Argentina/Buenos_Aires"),
    ],
)  # fmt: skip
def test_what_people_call_a_time_zone_is_understood(typed: str, zone: str) -> None:
    assert parse_zone(typed) == zone


def test_near_zones_are_named() -> None:
    with pytest.raises(RequestError, match=r"“Seol” is not a time zone.*Did you mean Asia/Seoul"):
        parse_zone("Seol")
    with pytest.raises(RequestError, match=r"Did you mean Asia/Seoul"):
        parse_zone("Asia/Soul")
    with pytest.raises(RequestError, match=r"such as Asia/Seoul or UTC\+9"):
        parse_zone("qqqqqq")


@pytest.mark.parametrize(
    "typed", ["", "+15", "-13", "UTC+9:17", "+99:99", "x" * 5000, "/etc/passwd", "../etc/localtime", "localtime", "…"]
)
def test_what_is_no_zone_is_refused(typed: str) -> None:
    with pytest.raises(RequestError):
        parse_zone(typed)


@given(st.text())
def test_whatever_is_typed_is_a_zone_or_refused(typed: str) -> None:
    try:
        zone = parse_zone(typed)
    except RequestError:
        return
    ZoneInfo(zone)


@pytest.mark.parametrize("zone", [zone for zone in ZONES if "/" in zone])
def test_every_name_of_the_database_is_itself(zone: str) -> None:
    assert parse_zone(zone) == parse_zone(zone.lower()) == zone


def test_every_other_name_leads_to_a_zone() -> None:
    assert set(zones._OTHER_NAMES.values()) | set(zones._ODD_OFFSETS.values()) <= set(ZONES)


def test_places_of_one_name_have_one_time() -> None:
    """So that it does not matter which of the database's files a city's name leads to."""
    moments = [datetime(2026, month, 1, tzinfo=UTC) for month in range(1, 13)]
    times = defaultdict(set)
    for zone in ZONES:
        continent, _, place = zone.partition("/")
        if continent in zones._CONTINENTS:
            offsets = tuple(moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in moments)
            times[place.rpartition("/")[2].casefold()].add(offsets)
    assert [place for place, found in times.items() if len(found) > 1] == []


@given(PLANS)
def test_a_zone_as_it_is_told_can_be_typed(plan: DigestPlan) -> None:
    told = describe_plan(plan).split()[-1]
    same = daily(plan.hour, parse_zone(told))
    if "/" in told or told.startswith("UTC"):
        after = datetime(2026, 6, 1, tzinfo=UTC)
        assert next_digest(same, after) == next_digest(daily(plan.hour, plan.zone), after)


STYLES = ("{hour}", "{hour:02}", "{hour}:00", "{hour}시", "{half}{latin}", "{half} {latin}", "{korean} {half}시")


@pytest.mark.parametrize(
    ("typed", "hour"),
    [
        ("9", 9), ("09", 9), ("21", 21), ("21:00", 21), ("9:00", 9), ("9pm", 21), ("9 PM", 21),
        ("9 p.m.", 21), ("9am", 9), ("12am", 0), ("12pm", 12), ("12 p.m.", 12), ("오후 9시", 21),
        ("오전 9시", 9), ("오전 9시 ", 9), ("오전 12시", 0), ("오후 12시", 12), ("21시", 21), ("21 시", 21),
        ("9시", 9),
        ("9:00 pm", 21), ("오후 9:00", 21), ("오후9시", 21), ("오후 9시 00분", 21), ("오후 21시", 21),
        ("오후 23시", 23), ("밤 9시", 21), ("밤 5시", 5), ("밤 6시", 18), ("am 9", 9), ("밤 12시", 0), ("밤 1시", 1),
        ("저녁 7시", 19), ("아침 8시", 8), ("새벽 2시", 2),
        ("９시", 9), ("２１：００", 21), ("오후 9시 정각", 21), ("9시정각", 9),
        ("noon", 12), ("midnight", 0), ("자정", 0), ("정오", 12), ("0", 0), ("24:00", 0), ("21h", 21),
    ],
)  # fmt: skip
def test_an_hour_is_read_as_people_write_it(typed: str, hour: int) -> None:
    assert parse_hour(typed) == hour


@given(st.integers(0, 23), st.sampled_from(STYLES), st.text(" ", max_size=2))
def test_each_hour_is_read_in_each_style(hour: int, style: str, around: str) -> None:
    """As a panel shows it, and as people write it in English and Korean."""
    half = hour % 12 or 12
    typed = style.format(
        hour=hour, half=half, latin="am" if hour < 12 else "pm", korean="오전" if hour < 12 else "오후"
    )
    assert parse_hour(around + typed + around) == hour


@given(st.text(max_size=12))
def test_whatever_is_typed_is_an_hour_or_refused(typed: str) -> None:
    try:
        assert parse_hour(typed) in range(24)
    except RequestError as refused:
        assert str(refused)  # noqa: PT017 - either is right


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "nine",
        "밤",
        "오후",
        "pm",
        "25",
        "13 am",
        "오전 21시",
        "오후 24시",
        "오전 13시",
        "오후 9pm",
        "9 9",
        "-3",
        "9:0",
        "x" * 500,
    ],
)
def test_what_is_not_an_hour_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(RequestError, match="9 pm") as refused:
        parse_hour(typed)
    assert len(str(refused.value)) < 200


def test_a_digest_is_sent_on_the_hour() -> None:
    """Half past is refused with both hours beside it; midnight comes after 23."""
    with pytest.raises(RequestError, match=r"Type 23:00 or 0:00\."):
        parse_hour("11:30 pm")


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("", None),
        (" ", None),
        ("30", 30),
        ("30 days", 30),
        ("1 day", 1),
        ("30일", 30),
        ("30 DAYS", 30),
        ("36500", 36_500),
    ],
)
def test_days_are_read_as_people_write_them(typed: str, days: int | None) -> None:
    assert parse_days(typed) == days


@pytest.mark.parametrize("typed", ["0", "-1", "many", "36501", "9999999", "1.5"])
def test_what_is_not_a_number_of_days_is_refused(typed: str) -> None:
    with pytest.raises(RequestError, match="Type 1 to 36,500"):
        parse_days(typed)


@pytest.mark.parametrize("refuse", [parse_hour, parse_days, parse_zone])
def test_what_was_typed_is_shown_up_to_64_characters(refuse: Callable[[str], object]) -> None:
    with pytest.raises(RequestError) as whole:
        refuse("x" * 64)
    assert f"“{'x' * 64}”" in str(whole.value)
    with pytest.raises(RequestError) as cut:
        refuse("x" * 65)
    assert f"“{'x' * 63}…”" in str(cut.value)
