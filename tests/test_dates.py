"""Dates: every spelling seen in feeds is read right or not at all; nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reading.dates import KOREA, FeedZone, clamp_date, find_offset, parse_date

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
        # as a browser prints them, in the language of its machine
        ("Wed Apr 10 2024 09:00:00 GMT+0900 (한국 표준시)", "2024-04-10T00:00:00"),
        ("Wed Apr 10 2024 09:00:00 GMT+0900 (日本標準時)", "2024-04-10T00:00:00"),
        ("Wed Apr 10 2024 09:00:00 GMT+0800 (中国标准时间)", "2024-04-10T01:00:00"),
        ("Wed Apr 10 2024 09:00:00 GMT+0200 (Mitteleuropäische Sommerzeit)", "2024-04-10T07:00:00"),
        ("Wed Apr 10 2024 09:00:00 GMT+0200 (heure d’été d’Europe centrale)", "2024-04-10T07:00:00"),
        ("Wed Apr 10 2024 09:00:00 GMT+0900 (GMT+09:00)", "2024-04-10T00:00:00"),
        ("2024. 4. 15. 오후 4:20:00", "2024-04-15T07:20:00"),
        ("2024/4/15 下午4:20:00", "2024-04-15T16:20:00"),
        ("15.4.2024, 16:20:00", "2024-04-15T16:20:00"),
        ("\u200e4\u200e월 15, 2024\u202f4:20\u202fPM", "2024-04-15T07:20:00"),
        # Java
        ("2024-05-01T10:00:00Z[UTC]", "2024-05-01T10:00:00"),
        ("2024-05-01T10:00:00+09:00[Asia/Seoul]", "2024-05-01T01:00:00"),
        ("2024-05-01T10:00-04:00[America/New_York]", "2024-05-01T14:00:00"),
        ("수 4월 10 09:00:00 KST 2024", "2024-04-10T00:00:00"),
        ("2024년 4월 15일 월요일 오후 4시 20분 0초 대한민국 표준시", "2024-04-15T07:20:00"),
        ("2024年4月15日月曜日 16時20分00秒 日本標準時", "2024-04-15T07:20:00"),
        ("Mon, 15 Apr 2024 04:20:00 (KST)", "2024-04-14T19:20:00"),
        # a zone behind a day moves it into no other day
        ("2024-04-15 (KST)", "2024-04-15T00:00:00"),
        ("2024-04-15 (UTC)", "2024-04-15T00:00:00"),
        ("Mon, 15 Apr 2024 (KST)", "2024-04-15T00:00:00"),
        ("April 15, 2024 (PST)", "2024-04-15T00:00:00"),
        ("15 haziran 2024 (GMT)", "2024-06-15T00:00:00"),
        ("2024년 4월 15일 (한국 표준시)", "2024-04-15T00:00:00"),
        ("2024年4月15日 日本標準時", "2024-04-15T00:00:00"),
        ("20240415T042000 (KST)", "2024-04-14T19:20:00"),
        ("Mon Apr 15 04:20:00 2024 (KST)", "2024-04-14T19:20:00"),
        ("April 15, 2024 4:20 AM (EST)", "2024-04-15T09:20:00"),
        ("2024. 4. 15. 오전 4시 20분 (KST)", "2024-04-14T19:20:00"),
        ("12. März 2023, 16:20 Uhr (CET)", "2023-03-12T15:20:00"),
        # Drupal
        ("Wednesday, April 10, 2024 - 09:00", "2024-04-10T09:00:00"),
        ("10 April 2024 - 09:00", "2024-04-10T09:00:00"),
        # other languages
        ("lun., 15 févr. 2021 09:00:00 +0100", "2021-02-15T08:00:00"),
        ("1er août 2024 à 16h20", "2024-08-01T16:20:00"),
        ("Di, 12 Dez 2023 09:00:00 +0100", "2023-12-12T08:00:00"),
        ("12. Dezember 2023 um 16:20 Uhr", "2023-12-12T16:20:00"),
        ("12. März 2023, 16:20 MEZ", "2023-03-12T15:20:00"),
        ("15 de abril de 2024", "2024-04-15T00:00:00"),
        ("15 апреля 2024 г. 16:20", "2024-04-15T16:20:00"),
        ("2024年4月15日 16:20", "2024-04-15T16:20:00"),
        ("2024年4月15日(月) 16時20分", "2024-04-15T16:20:00"),
        ("2024年4月15日 星期一 下午4:20", "2024-04-15T16:20:00"),
        ("2024年4月15日 午前0時05分", "2024-04-15T00:05:00"),
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
        # what may be two dates is none
        "04/10/2024",
        "10/04/2024 09:00",
        "Wed, 04/10/2024 - 09:00",
        "15 listopada 2024",  # November in Polish, October in Croatian
        "15 marraskuuta 2024",  # November in Finnish
        "15 marsupial 2024",
        "2024-05-01T10:00[Asia/Seoul]",
        "2024年13月15日",
        "2024年4月15日 下午25:20",
        "31.4.2024",
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
    (3, False, "15 haziran 2024", "2024-06-15T00:00:00"),
    (3, False, "15 Haziran 2024", "2024-06-15T00:00:00"),
    (3, False, "15 haziran 2024 16:20", "2024-06-15T13:20:00"),
    (2, False, "15 avril 2024 à 16 h", "2024-04-15T14:00:00"),
    (2, False, "15 avril 2024 à 16h20", "2024-04-15T14:20:00"),
    (-5, True, "2024-04-15 (KST)", "2024-04-15T00:00:00"),
    (None, True, "2024. 4. 15. (한국 표준시)", "2024-04-15T00:00:00"),
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
        # a browser names the zone of the machine that built the site
        (["Wed Apr 10 2024 09:00:00 GMT+0900 (한국 표준시)", "2024年4月15日 16:20"], None),
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


def _clock(moment: datetime, am: str, pm: str) -> str:
    return f"{pm if moment.hour >= 12 else am}{moment.hour % 12 or 12}:{moment.minute:02}"


ENGLISH = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
MONTHS = {
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.".split(),
    "de": "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.".split(),
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre".split(),
    "pt": "jan fev mar abr mai jun jul ago set out nov dez".split(),
    "nl": "jan. feb. mrt. apr. mei jun. jul. aug. sep. okt. nov. dec.".split(),
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split(),
}
ZONES_AGAIN = ["(한국 표준시)", "(日本標準時)", "(heure d’été)", "(GMT+09:00)", "[Asia/Seoul]", "(KST)", ""]


def _in_words(months: list[str]) -> Callable[[datetime, str], str]:
    return lambda d, o: f"x., {d.day} {months[d.month - 1]} {d.year} {d:%H:%M}:00 {o}"


# How programs print a moment whose offset they say, and one whose they do not.
WITH_OFFSET: dict[str, Callable[[datetime, str], str]] = {
    "browser": lambda d, o: f"{d:%a} {ENGLISH[d.month - 1]} {d:%d} {d.year} {d:%H:%M}:00 GMT{o}",
    "java": lambda d, o: f"{d.year}-{d:%m-%dT%H:%M}:00{o[:3]}:{o[3:]}",
    "rfc 822": lambda d, o: f"{d:%a}, {d.day} {ENGLISH[d.month - 1]} {d.year} {d:%H:%M}:00 {o}",
    **{name: _in_words(months) for name, months in MONTHS.items()},
}
WITHOUT_OFFSET: dict[str, Callable[[datetime], str]] = {
    "chinese": lambda d: f"{d.year}年{d.month}月{d.day}日 {d:%H:%M}",
    "chinese by halves": lambda d: f"{d.year}年{d.month}月{d.day}日 {_clock(d, '上午', '下午')}",
    "japanese": lambda d: f"{d.year}年{d.month}月{d.day}日({'月火水木金土日'[d.weekday()]}) {d.hour}時{d.minute}分",
    "japanese by halves": lambda d: f"{d.year}/{d.month}/{d.day} {_clock(d, '午前', '午後')}",
    "dots": lambda d: f"{d.day}.{d.month}.{d.year}, {d:%H:%M}:00",
    "drupal": lambda d: f"{d:%A}, {ENGLISH[d.month - 1]} {d.day}, {d.year} - {d:%H:%M}",
    "german": lambda d: f"{d.day}. {MONTHS['de'][d.month - 1]} {d.year} um {d:%H:%M} Uhr",
    "french": lambda d: f"{d.day} {MONTHS['fr'][d.month - 1]} {d.year} à {d.hour}h{d.minute:02}",
}
KOREAN: dict[str, Callable[[datetime], str]] = {
    "korean": lambda d: f"{d.year}년 {d.month}월 {d.day}일 {_clock(d, '오전 ', '오후 ')}",
    "korean dots": lambda d: f"{d.year}. {d.month}. {d.day}. {_clock(d, '오전 ', '오후 ')}",
}
MINUTES = st.datetimes(min_value=datetime(1991, 1, 1), max_value=datetime(2090, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(second=0, microsecond=0)
)
OFFSETS = st.integers(-48, 56).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))


@given(MINUTES, OFFSETS, st.sampled_from(sorted(WITH_OFFSET)), st.sampled_from(ZONES_AGAIN))
def test_a_moment_is_read_as_any_program_prints_it(moment: datetime, zone: timezone, form: str, again: str) -> None:
    """With the zone's name behind its offset, in whatever language, or without."""
    local = moment.replace(tzinfo=zone)
    space = "" if again.startswith("[") else " "
    text = f"{WITH_OFFSET[form](local, local.strftime('%z'))}{space}{again}"
    assert parse_date(text) == local


@given(MINUTES, st.sampled_from(sorted({**WITHOUT_OFFSET, **KOREAN})))
def test_a_moment_without_an_offset_is_read_in_every_language(moment: datetime, form: str) -> None:
    """In Korea's zone where it is written in Korean, else in UTC."""
    zone = KOREA if form in KOREAN else UTC
    assert parse_date({**WITHOUT_OFFSET, **KOREAN}[form](moment)) == moment.replace(tzinfo=zone)


@pytest.mark.parametrize(("language", "months"), MONTHS.items())
def test_every_month_of_a_language_is_its_own(language: str, months: list[str]) -> None:
    dates = [parse_date(f"5 {month} 2024") for month in months]
    assert [date and date.month for date in dates] == list(range(1, 13))


DATE_PIECES = st.sampled_from(
    ["2024", "12", "4", "31", "Apr", "févr.", "年", "月", "日", "년", "월", "일", "下午", "오후", ":", "h", "-", ".",
     "/", ",", " ", " ", "T", "Z", "+0900", "[Asia/Seoul]", "(한국 표준시)", "Uhr", "um", "KST", "½", "٣", "\u200f"]
)  # fmt: skip


@given(st.lists(DATE_PIECES, max_size=14).map("".join))
def test_pieces_of_dates_give_a_date_or_none(text: str) -> None:
    """Never an error, and no day that is not written."""
    date = parse_date(text)
    assert date is None or (date.tzinfo is UTC and (date.year in range(1989, 2100) or "2024" in text))


@given(st.text() | st.from_regex(r"[0-9 :/.+\-TZ년월일오전후]{1,40}", fullmatch=True))
def test_any_text_gives_a_utc_date_or_none(text: str) -> None:
    date = parse_date(text)
    assert date is None or (date.tzinfo is UTC and date.year >= 1989)
