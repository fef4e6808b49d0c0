"""When a digest is due, and how to read an hour or a number of days that somebody typed. Pure.

A plan's hour is local wall-clock time. When the clocks skip that hour, the digest is due at the moment they have
skipped it; when the hour occurs twice, the first counts. So a digest is sent once a day, whatever the clocks do.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import RequestError
from bot.languages import N_, _
from bot.models.announcing import DigestPlan, Every
from bot.text.cut import cut_text
from bot.text.patterns import lazy_pattern

WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
_DAY = timedelta(days=1)
MAX_TYPED = 64


def next_digest(plan: DigestPlan, after: datetime) -> datetime:
    """The first moment strictly after ``after`` (aware) at which the digest is due, in UTC.

    Raises:
        ZoneInfoNotFoundError: The time zone database does not know the plan's zone.
    """
    zone = ZoneInfo(plan.zone)
    # Start with yesterday: if its hour was skipped at the end of the day, the digest is due today.
    day = after.astimezone(zone).date() - _DAY
    while True:
        if plan.every is Every.DAY or day.weekday() == plan.weekday:
            due = _find_moment(day, plan.hour, zone)
            if due > after:
                return due
        day += _DAY


def _find_moment(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """When a clock in the zone first shows that hour, or has skipped it; in UTC."""
    wall = datetime.combine(day, time(hour), tzinfo=zone)
    moment = wall.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return moment
    # In a gap, fold=0 uses the offset from before and fold=1 the one from after (PEP 495). The clocks go forward
    # between the two results.
    return _find_transition(wall.replace(fold=1).astimezone(UTC), moment, zone)


def _find_transition(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second after ``before`` that has the offset of ``after``."""
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
    when, zone = f"{plan.hour:02}:00", _name_zone(plan.zone)
    if plan.every is Every.DAY:
        return _("every day at {time} {zone}").format(time=when, zone=zone)
    return _("every {weekday} at {time} {zone}").format(weekday=_(WEEKDAYS[plan.weekday]), time=when, zone=zone)


def _name_zone(zone: str) -> str:
    """The zone as people write it: the database counts fixed offsets westwards (POSIX), people count eastwards."""
    match = re.fullmatch(r"Etc/GMT([+-])(\d+)", zone)
    return f"UTC{'-' if match[1] == '+' else '+'}{match[2]}" if match else zone


_CLOCK = lazy_pattern(
    r"(?P<before>[ap]\.?m\.?|오전|오후|아침|낮|저녁|밤|새벽)?\s*"
    r"(?P<hour>\d{1,2})\s*(?:(?:[:.h시]|\s시)\s*(?P<minute>\d{2})?\s*(?:분|정각)?)?\s*"
    r"(?P<after>[ap]\.?m\.?)?",
    re.IGNORECASE | re.ASCII,
)
_NAMED_HOURS = {"noon": 12, "midday": 12, "정오": 12, "midnight": 0, "자정": 0}
_MORNING = frozenset(("am", "오전", "아침", "새벽"))
_AFTERNOON = frozenset(("pm", "오후", "낮", "저녁", "밤"))
_DAYS = lazy_pattern(r"(\d{1,6})\s*(?:d|days?|일)?", re.IGNORECASE | re.ASCII)
_MOST_DAYS = 36_500


def parse_hour(text: str) -> int:
    """The hour of the day, 0 to 23, that somebody typed: "21", "9 pm", "21:00", "오후 9시", "21시", "noon".

    Raises:
        RequestError: It is not an hour, or not on the hour; the message says what can be typed.
    """
    typed = " ".join(unicodedata.normalize("NFKC", text).split()).casefold()  # Korean keyboards also write ９：００
    if typed in _NAMED_HOURS:
        return _NAMED_HOURS[typed]
    match = _CLOCK.fullmatch(typed) if len(typed) <= MAX_TYPED else None
    if match is None:
        raise RequestError(
            _("“{text}” is not an hour. Type it as 21:00, 9 pm or 오후 9시.").format(text=cut_text(typed, MAX_TYPED))
        )
    half = ((match["before"] or "") + (match["after"] or "")).replace(".", "")
    hour = _of_day(int(match["hour"]), half)
    if hour is None:
        raise RequestError(
            _("“{text}” is not an hour. Type one from 0:00 to 23:00, such as 21:00 or 9 pm.").format(
                text=cut_text(typed, MAX_TYPED)
            )
        )
    if int(match["minute"] or 0):
        later = (hour + 1) % 24
        raise RequestError(
            _("A digest is sent on the hour. Type {hour}:00 or {later}:00.").format(hour=hour, later=later)
        )
    return hour


def _of_day(hour: int, half: str) -> int | None:
    """The 24-hour value of an hour in a half of the day ("" if none was named); None if it does not exist."""
    if not half:
        return hour % 24 if hour <= 24 else None
    if half in _MORNING:
        return hour % 12 if hour <= 12 else None
    if half not in _AFTERNOON or hour > 23:
        return None
    # "밤 12시" is midnight, and "밤 1시" comes after it.
    return hour % 12 if half == "밤" and hour % 12 < 6 else hour % 12 + 12


def parse_days(text: str) -> int | None:
    """The number of days that somebody typed, "30" or "30 days"; None if the text is empty.

    Raises:
        RequestError: It is not a number of days.
    """
    typed = " ".join(text.split())
    if not typed:
        return None
    match = _DAYS.fullmatch(typed)
    if match is None or not 1 <= int(match[1]) <= _MOST_DAYS:
        raise RequestError(
            _("“{text}” is not a number of days. Type 1 to {most:,}, or nothing for no limit.").format(
                text=cut_text(typed, MAX_TYPED), most=_MOST_DAYS
            )
        )
    return int(match[1])
