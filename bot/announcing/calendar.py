"""When a digest is due, and which hour and time zone somebody means. Pure, but for the zone database of zoneinfo.

A plan's hour is one of the clock on the wall. An hour that the clocks skip is taken when they have skipped it,
and one that comes twice is taken the first time: a digest is sent once a day, whatever the clocks do.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from bot.errors import RequestError
from bot.models import DigestPlan, Every
from bot.search.text import squash

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAY = timedelta(days=1)
_MAX_TYPED = 64

# ── when ────────────────────────────────────────────────────────────────────────────────────────


def next_digest(plan: DigestPlan, after: datetime) -> datetime:
    """The first moment strictly after ``after`` (aware) at which the digest is due, in UTC.

    Raises:
        ZoneInfoNotFoundError: The plan has a zone that the database does not know.
    """
    zone = ZoneInfo(plan.zone)
    # Yesterday's may be still to come: a skipped hour at the end of a day is taken on the next.
    day = after.astimezone(zone).date() - _DAY
    while True:
        if plan.every is Every.DAY or day.weekday() == plan.weekday:
            due = _find_moment(day, plan.hour, zone)
            if due > after:
                return due
        day += _DAY


def _find_moment(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """When a clock in the zone shows that hour for the first time, or has skipped it; in UTC."""
    wall = datetime.combine(day, time(hour), tzinfo=zone)
    moment = wall.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return moment
    # In a gap the first fold counts with the offset of before, the second with that of after (PEP 495), and the
    # clocks are put forward between the two.
    return _find_transition(wall.replace(fold=1).astimezone(UTC), moment, zone)


def _find_transition(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second, later than ``before``, that has the offset of ``after``."""
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def describe_plan(plan: DigestPlan) -> str:
    """ "every day at 09:00 Asia/Seoul", "every Monday at 18:00 UTC+9"."""
    day = "day" if plan.every is Every.DAY else WEEKDAYS[plan.weekday]
    return f"every {day} at {plan.hour:02}:00 {_name_zone(plan.zone)}"


def _name_zone(zone: str) -> str:
    """The database counts its fixed zones westwards (POSIX); people count eastwards."""
    match = re.fullmatch(r"Etc/GMT([+-])(\d+)", zone)
    return f"UTC{'-' if match[1] == '+' else '+'}{match[2]}" if match else zone


# ── what somebody typed ─────────────────────────────────────────────────────────────────────────

_CLOCK = re.compile(
    r"(?P<before>[ap]\.?m\.?|오전|오후|아침|낮|저녁|밤|새벽)?\s*"
    r"(?P<hour>\d{1,2})\s*(?:(?:[:.h시]|\s시)\s*(?P<minute>\d{2})?\s*분?)?\s*"
    r"(?P<after>[ap]\.?m\.?)?",
    re.IGNORECASE | re.ASCII,
)
_NAMED_HOURS = {"noon": 12, "midday": 12, "정오": 12, "midnight": 0, "자정": 0}
_MORNING = frozenset(("am", "오전", "아침", "새벽"))
_AFTERNOON = frozenset(("pm", "오후", "낮", "저녁", "밤"))
_DAYS = re.compile(r"(\d{1,6})\s*(?:d|days?|일)?", re.IGNORECASE | re.ASCII)
_MOST_DAYS = 36_500


def parse_hour(text: str) -> int:
    """The hour of the day, 0 to 23, that somebody typed: "21", "9 pm", "21:00", "오후 9시", "21시", "noon".

    Raises:
        RequestError: It is none, or not on the hour; the message says what can be typed.
    """
    typed = " ".join(text.split()).casefold()
    if typed in _NAMED_HOURS:
        return _NAMED_HOURS[typed]
    match = _CLOCK.fullmatch(typed) if len(typed) <= _MAX_TYPED else None
    if match is None:
        raise RequestError(f"“{_quote(typed)}” is not an hour. Type it as 21:00, 9 pm or 오후 9시.")
    half = ((match["before"] or "") + (match["after"] or "")).replace(".", "")
    hour = _of_day(int(match["hour"]), half)
    if hour is None:
        raise RequestError(f"“{_quote(typed)}” is not an hour. Type one from 0:00 to 23:00, such as 21:00 or 9 pm.")
    if int(match["minute"] or 0):
        later = (hour + 1) % 24
        raise RequestError(f"A digest is sent on the hour. Type {hour}:00 or {later}:00.")
    return hour


def _of_day(hour: int, half: str) -> int | None:
    """An hour of the clock in a half of the day ("": none is named) as one of the day; None where there is none."""
    if not half:
        return hour % 24 if hour <= 24 else None
    if half in _MORNING:
        return hour % 12 if hour <= 12 else None
    if half not in _AFTERNOON or hour > 23:
        return None
    # "밤 12시" is midnight, and "밤 1시" is after it.
    return hour % 12 if half == "밤" and hour % 12 < 6 else hour % 12 + 12


def parse_days(text: str) -> int | None:
    """A number of days that somebody typed, "30" or "30 days"; None where nothing is.

    Raises:
        RequestError: It is not a number of days.
    """
    typed = " ".join(text.split())
    if not typed:
        return None
    match = _DAYS.fullmatch(typed)
    if match is None or not 1 <= int(match[1]) <= _MOST_DAYS:
        raise RequestError(
            f"“{_quote(typed)}” is not a number of days. Type 1 to {_MOST_DAYS:,}, or nothing for no limit."
        )
    return int(match[1])


def _quote(typed: str) -> str:
    return typed if len(typed) <= _MAX_TYPED else typed[: _MAX_TYPED - 1] + "…"


# ── where ───────────────────────────────────────────────────────────────────────────────────────

_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE | re.ASCII)
_LAST_WORD = re.compile(r"\s*(?:(?:standard |daylight )?time|표준시|시간|시)\Z", re.IGNORECASE)
# Folders of the database whose files are places; the others hold older names of the same zones.
_CONTINENTS = frozenset(
    ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
)
_NOT_A_PLACE = frozenset(("Factory", "localtime", "posixrules"))

# Abbreviations mean what most people mean by them, not what the database does: its "EST" never has summer time.
_OTHER_NAMES = {
    name: zone
    for zone, names in {
        "UTC": "utc uct gmt z zulu gmt0 utc0 universal greenwich 협정세계시 세계시",
        "Asia/Seoul": "kst korea southkorea republicofkorea rok 한국 대한민국 서울 부산",
        "Asia/Tokyo": "jst japan 일본 도쿄",
        "Asia/Shanghai": "china prc beijing 중국 베이징 북경 상하이 상해",
        "Asia/Hong_Kong": "hkt 홍콩",
        "Asia/Taipei": "taiwan 대만 타이베이 타이완",
        "Asia/Singapore": "sgt 싱가포르",
        "Asia/Kolkata": "ist india delhi newdelhi mumbai bangalore bengaluru 인도",
        "Asia/Bangkok": "ict thailand 태국 방콕",
        "Asia/Ho_Chi_Minh": "vietnam hanoi 베트남 하노이",
        "Asia/Jakarta": "wib indonesia 인도네시아",
        "Asia/Manila": "pht philippines 필리핀",
        "Asia/Dubai": "uae abudhabi 두바이",
        "Asia/Jerusalem": "israel 이스라엘",
        "Europe/Istanbul": "trt turkey turkiye istanbul 튀르키예 터키",
        "Europe/London": "bst uk gb britain greatbritain unitedkingdom england 영국 런던",
        "Europe/Dublin": "ireland eire",
        "Europe/Lisbon": "wet west portugal",
        "Europe/Paris": "cet cest france 프랑스 파리",
        "Europe/Berlin": "germany munich 독일 베를린",
        "Europe/Zurich": "switzerland 스위스",
        "Europe/Madrid": "spain 스페인",
        "Europe/Rome": "italy 이탈리아",
        "Europe/Amsterdam": "netherlands 네덜란드",
        "Europe/Athens": "eet eest greece",
        "Europe/Moscow": "msk russia 모스크바",
        "America/New_York": "est edt et eastern useastern boston washington 미국동부 동부 뉴욕 보스턴",
        "America/Chicago": "cst cdt ct central uscentral austin dallas houston 미국중부 시카고",
        "America/Denver": "mst mdt mt mountain usmountain 미국산악",
        "America/Los_Angeles": "pst pdt pt pacific uspacific california sanfrancisco seattle la "
        "미국서부 서부 로스앤젤레스 샌프란시스코 시애틀",
        "America/Anchorage": "akst akdt alaska",
        "Pacific/Honolulu": "hst hawaii 하와이",
        "America/Toronto": "montreal ottawa 토론토",
        "America/Sao_Paulo": "brt brazil",
        "Australia/Sydney": "aest aedt canberra 시드니 호주",
        "Pacific/Auckland": "nzst nzdt nz newzealand 뉴질랜드",
    }.items()
    for name in names.split()
}
# Offsets of less than an hour have no zone of their own; these places have them without summer time.
_ODD_OFFSETS = {
    "-9:30": "Pacific/Marquesas",
    "+4:30": "Asia/Kabul",
    "+5:30": "Asia/Kolkata",
    "+5:45": "Asia/Kathmandu",
    "+6:30": "Asia/Yangon",
    "+8:45": "Australia/Eucla",
    "+9:30": "Australia/Darwin",
}


def parse_zone(text: str) -> str:
    """The IANA name of the time zone that somebody typed.

    A name of the database, the last part of one ("seoul"), an abbreviation, a country of one zone, in English or
    Korean, or an offset ("UTC+9", "+09:00"), in any case.

    Raises:
        RequestError: No such zone; the message names near ones.
    """
    typed = " ".join(text.replace("\N{MINUS SIGN}", "-").split())
    if len(typed) <= _MAX_TYPED:
        if match := _OFFSET.fullmatch(typed):
            return _zone_of_offset(typed, match[1], int(match[2]), int(match[3] or 0))
        for name in (typed, _LAST_WORD.sub("", typed)):
            if zone := _find_zone(name):
                return zone
    raise RequestError(_describe_unknown(typed))


def _find_zone(name: str) -> str | None:
    key = squash(name)
    # A name with a slash is the database's own, whose signs count: Etc/GMT+9 is not Etc/GMT-9.
    exact = _zones_by_name().get(name.replace(" ", "_").casefold())
    if exact and "/" in name:
        return exact
    return _OTHER_NAMES.get(key) or _zones_by_key().get(key) or exact


def _zone_of_offset(typed: str, sign: str, hours: int, minutes: int) -> str:
    if not hours and not minutes:
        return "UTC"
    if not minutes and hours <= (14 if sign == "+" else 12):
        return f"Etc/GMT{'-' if sign == '+' else '+'}{hours}"
    if zone := _ODD_OFFSETS.get(f"{sign}{hours}:{minutes:02}"):
        return zone
    raise RequestError(f"No time zone has the offset “{typed}”. Type a city, such as Asia/Seoul.")


def _describe_unknown(typed: str) -> str:
    if not typed:
        return "Which time zone? Type a city or an offset, such as Asia/Seoul or UTC+9."
    zones = _zones_by_key() | _OTHER_NAMES
    near = get_close_matches(squash(typed[:_MAX_TYPED]), zones, n=5, cutoff=0.7)
    names = list(dict.fromkeys(zones[key] for key in near))[:3]
    meant = (
        f"Did you mean {' or '.join(names)}?" if names else "Type a city or an offset, such as Asia/Seoul or UTC+9."
    )
    return f"“{_quote(typed)}” is not a time zone that Nonmun knows. {meant}"


@cache
def _zones_by_name() -> dict[str, str]:
    return {zone.casefold(): zone for zone in available_timezones() if zone not in _NOT_A_PLACE}


@cache
def _zones_by_key() -> dict[str, str]:
    """Places by the letters of their name and of its last part; of two files of one place the first counts."""
    found = defaultdict[str, list[str]](list)
    for zone in sorted(_zones_by_name().values()):
        continent, _, place = zone.partition("/")
        if continent in _CONTINENTS:
            found[squash(zone)].append(zone)
            found[squash(place.rpartition("/")[2])].append(zone)
    return {key: zones[0] for key, zones in found.items()}
