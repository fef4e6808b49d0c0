"""Dates: every spelling seen in feeds is read right or not at all; nothing is guessed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dates import FeedZone, clamp_date, find_offset, parse_date

NOW = datetime(2026, 6, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # RFC 822 and what themes make of it
        ("Mon, 15 Apr 2024 04:20:00 +0900", "2024-04-14T19:20:00"),
        ("Fri, 5 Apr 2024 4:20 GMT", "2024-04-05T04:20:00"),
        ("15 Apr 2024 04:20:00 EST", "2024-04-15T09:20:00"),
        ("Mon, 15 Apr 24 04:20:00 Z", "2024-04-15T04:20:00"),
        ("Mon, 15 Apr 94 04:20:00 Z", "1994-04-15T04:20:00"),
        ("Mon, 15 Apr 2024 04:20:00 KST", "2024-04-14T19:20:00"),
        ("Mon, 15 Apr 2024 04:20:00 JST", "2024-04-14T19:20:00"),
        ("Mon, 15 Apr 2024 04:20:00 +0900 (KST)", "2024-04-14T19:20:00"),
        ("Mon, 15 April 2024 04:20:00 -0330", "2024-04-15T07:50:00"),
        ("Monday, 15-Apr-2024 04:20:00 GMT", "2024-04-15T04:20:00"),
        ("Mon, 15 Apr 2024 04:20:00 GMT+9", "2024-04-14T19:20:00"),
        ("Mon, 15 Apr 2024 04:20:00 XYZ", "2024-04-15T04:20:00"),  # an unknown zone is UTC
        ("Mon, 15 Apr 2024 04:20:60 GMT", "2024-04-15T04:20:59"),  # a leap second
        ("Mon, 15 Apr 2024", "2024-04-15T00:00:00"),
        ("월, 15 4월 2024 04:20:00 +0900", "2024-04-14T19:20:00"),
        ("Mon Apr 15 04:20:00 2024", "2024-04-15T04:20:00"),
        ("April 15, 2024 4:20 PM", "2024-04-15T16:20:00"),
        # ISO 8601
        ("2024-04-15T04:20:00Z", "2024-04-15T04:20:00"),
        ("2024-04-15T04:20:00.123456789+09:00", "2024-04-14T19:20:00.123456"),
        ("2024-04-15T04:20:00+0900", "2024-04-14T19:20:00"),
        ("20240415T042000Z", "2024-04-15T04:20:00"),
        ("2024-04-15T04:20", "2024-04-15T04:20:00"),
        ("2024-04-15 04:20:00 +0900", "2024-04-14T19:20:00"),
        ("2024-04-15 04:20:00 KST", "2024-04-14T19:20:00"),
        ("2024-04-15", "2024-04-15T00:00:00"),
        ("2024-4-5", "2024-04-05T00:00:00"),
        # Korean blogs: in Korea's zone where the date is in Korean; a day stays that day
        ("2024-04-15 04:20", "2024-04-15T04:20:00"),
        ("2024/04/15", "2024-04-15T00:00:00"),
        ("2024/04/15 04:20", "2024-04-15T04:20:00"),
        ("2024. 4. 15. 오전 4:20", "2024-04-14T19:20:00"),
        ("2024. 4. 15. 오전 12:05", "2024-04-14T15:05:00"),
        ("2024. 4. 15. 오후 12:20:30", "2024-04-15T03:20:30"),
        ("2024. 4. 15. 16:20", "2024-04-15T16:20:00"),
        ("2024.04.15", "2024-04-15T00:00:00"),
        ("2024년 4월 15일", "2024-04-15T00:00:00"),
        ("2024년 4월 15일 16:20", "2024-04-15T07:20:00"),
        ("2024년 4월 15일 (월) 오후 4시 20분", "2024-04-15T07:20:00"),
        ("2024년 4월 15일 16:20 +0000", "2024-04-15T16:20:00"),
        # epoch
        ("1713155000", "2024-04-15T04:23:20"),
        ("1713155000123", "2024-04-15T04:23:20.123000"),
        # white space
        ("\n  2024-04-15T04:20:00Z\t", "2024-04-15T04:20:00"),
    ],
)
def test_known_spellings_are_read(text: str, expected: str) -> None:
    assert parse_date(text) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "yesterday",
        "may",
        "a",
        "2024",
        "2024-13-45",
        "15 Foo 2024",
        "Mon, 31 Feb 2024 00:00:00 GMT",
        "Mon, 15 Apr 2024 25:00:00 GMT",
        "2024-04-15T04:20:00+99:00",
        "2024. 4. 15. 오후 4:99",
        "Mon, 01 Jan 0001 00:00:00 +0000",  # Hugo's zero date; two digits less and it would be 2001
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+09:00",  # before the first date that Python can hold
        "9999-12-31T23:59:59-10:00",  # after the last
        "1989-12-31",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "15 Apr 70 00:00 GMT",
        "https://blog.example/2024/04/15",
    ],
)
def test_what_is_no_date_is_none(text: str | None) -> None:
    assert parse_date(text) is None


# The offset that the feed's other dates name, whether it is Korean, a date, and what was meant.
ZONES = [
    # what the date says itself goes before all else
    (None, True, "2024. 4. 15. 16:20 +0000", "2024-04-15T16:20:00"),
    (-5, True, "Mon, 15 Apr 2024 16:20:00 GMT", "2024-04-15T16:20:00"),
    (-5, True, "1713155000", "2024-04-15T04:23:20"),
    # then the feed's other dates
    (-5, False, "2024. 4. 15. 16:20", "2024-04-15T21:20:00"),
    (-5, True, "2024년 4월 15일 16:20", "2024-04-15T21:20:00"),
    (9, False, "2024-04-15 16:20", "2024-04-15T07:20:00"),
    (9, False, "20240415T162000", "2024-04-15T07:20:00"),
    (9, False, "Mon, 15 Apr 2024 16:20:00", "2024-04-15T07:20:00"),
    (9, False, "2024/04/15 16:20", "2024-04-15T07:20:00"),
    # then that it is written in Korean
    (None, True, "2024. 4. 15. 16:20", "2024-04-15T07:20:00"),
    (None, True, "2024.04.15 16:20", "2024-04-15T07:20:00"),
    (None, False, "2024. 4. 15. 16:20", "2024-04-15T16:20:00"),
    (None, False, "2024. 4. 15. 오후 4:20", "2024-04-15T07:20:00"),
    # other forms without a zone are UTC, as ever
    (None, True, "2024-04-15 16:20", "2024-04-15T16:20:00"),
    (None, True, "Mon, 15 Apr 2024 16:20:00", "2024-04-15T16:20:00"),
    # a day is that day
    (9, True, "2024. 4. 15.", "2024-04-15T00:00:00"),
    (-5, True, "2024년 4월 15일", "2024-04-15T00:00:00"),
    (9, False, "2024-04-15", "2024-04-15T00:00:00"),
    (9, False, "20240415", "2024-04-15T00:00:00"),
]


NAMED_ZONES = {
    "UT": 0, "GMT": 0, "UTC": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6,
    "PST": -8, "PDT": -7, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3,
    "SGT": 8, "HKT": 8, "KST": 9, "JST": 9, "AEST": 10, "XYZ": 0,
}  # fmt: skip


@pytest.mark.parametrize(("name", "hours"), NAMED_ZONES.items())
def test_zones_are_known_by_name_and_an_unknown_one_is_utc(name: str, hours: int) -> None:
    """RFC 822 §5.1, RFC 5322 §4.3, and what feeds write."""
    expected = datetime(2024, 4, 15, 12, tzinfo=timezone(timedelta(hours=hours)))
    assert parse_date(f"Mon, 15 Apr 2024 12:00:00 {name}") == expected
    assert parse_date(f"2024-04-15 12:00 {name.lower()}") == expected


@pytest.mark.parametrize(
    ("text", "year"),
    [("15 Apr 49", 2049), ("15 Apr 99", 1999), ("15 Apr 50", None), ("15 Apr 90", 1990), ("15 Apr 00", 2000)],
)
def test_two_digits_of_a_year_are_this_century_below_50(text: str, year: int | None) -> None:
    """RFC 2822 §4.3; 1950 is before the web."""
    read = parse_date(text)
    assert (read and read.year) == year


def test_1990_is_the_first_year_that_is_believed() -> None:
    assert parse_date("1990-01-01T00:00:00+09:00") == datetime(1989, 12, 31, 15, tzinfo=UTC)
    assert parse_date("1989-12-31T23:59:59Z") is None


@pytest.mark.parametrize(("hours", "is_korean", "text", "expected"), ZONES)
def test_a_date_without_a_zone_is_meant_in_its_feeds(
    hours: int | None, is_korean: bool, text: str, expected: str
) -> None:
    offset = None if hours is None else timezone(timedelta(hours=hours))
    read = parse_date(text, zone=FeedZone(offset=offset, is_korean=is_korean))
    assert read == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("texts", "minutes"),
    [
        (["Mon, 15 Apr 2024 04:20:00 +0900", "2024. 4. 15. 16:20"], 540),
        (["Mon, 15 Apr 2024 04:20:00 KST"], 540),
        (["2024-04-15T04:20:00-03:30"], -210),
        (["15 Apr 2024 04:20:00 EDT", "15 Jan 2024 04:20:00 EST", "15 May 2024 04:20:00 EDT"], -240),
        (["15 Apr 2024 04:20:00 GMT", "15 Apr 2024 04:20:00 GMT", "2024-04-15T04:20:00+09:00"], 540),
        # nothing is told by UTC, which programs write, nor by what names no zone or is no date
        (["Mon, 15 Apr 2024 04:20:00 GMT", "2024-04-15T04:20:00Z", "1713155000"], None),
        (["2024. 4. 15. 16:20", "2024-04-15", "yesterday", "Mon, 15 Apr 2024 25:00:00 +0900", ""], None),
        ([], None),
    ],
)
def test_the_offset_that_a_feeds_dates_name(texts: list[str], minutes: int | None) -> None:
    assert find_offset(texts) == (None if minutes is None else timezone(timedelta(minutes=minutes)))


def test_a_far_date_is_believed_without_a_clock_and_clamped_with_one() -> None:
    """A post "from 2099" must not stay on top for ever, and a reader without a clock cannot know."""
    far = datetime(2099, 1, 1, tzinfo=UTC)
    assert parse_date("2099-01-01") == far
    assert parse_date("2099-01-01", now=NOW) == NOW
    assert clamp_date(far, now=NOW) == NOW
    assert clamp_date(NOW + timedelta(days=2), now=NOW) == NOW + timedelta(days=2)
    assert parse_date("2026-06-01", now=NOW) == datetime(2026, 6, 1, tzinfo=UTC)


@given(st.datetimes(min_value=datetime(1991, 1, 1), max_value=datetime(9000, 1, 1)))  # noqa: DTZ001
def test_what_we_write_we_read(moment: datetime) -> None:
    """Round trip over the two standard forms."""
    moment = moment.replace(tzinfo=UTC)
    assert parse_date(moment.isoformat()) == moment
    assert parse_date(moment.strftime("%d %b %Y %H:%M:%S +0000")) == moment.replace(microsecond=0)


@given(st.text() | st.from_regex(r"[0-9 :/.+\-TZ년월일오전후]{1,40}", fullmatch=True))
def test_any_text_gives_a_utc_date_or_none(text: str) -> None:
    date = parse_date(text)
    assert date is None or (date.tzinfo is UTC and date.year >= 1989)
