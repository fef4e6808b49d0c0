"""Dates as feeds write them → aware UTC datetimes, or None.

Feeds carry RFC 822 dates (RSS), RFC 3339 dates (Atom, JSON Feed) and, in practice, anything a blog's theme
prints. A date that cannot be read is None and never a guess: the caller then uses the time first seen.

A date without a zone is meant in the zone that the feed's other dates name; else in Korea's where it is written in
Korean; else it is taken as UTC. A day without a time stays that day. A date more than two days ahead is believed by
the reader, which has no clock; whoever has one calls `clamp_date`, so that a post "from 2099" cannot stay on top for
ever.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

EARLIEST_YEAR = 1990  # anything before the web is a zero date: year 1 (Hugo), 1900, the epoch
MAX_AHEAD = timedelta(days=2)
KOREA = timezone(timedelta(hours=9))  # without summer time since 1988
_MAX_CHARACTERS = 100

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# RFC 822 §5.1, and the names seen in feeds. An unknown name counts as UTC (RFC 5322 §4.3).
_ZONE_HOURS = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_ZONE_HOURS |= {"WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3}
_ZONE_HOURS |= {"SGT": 8, "HKT": 8, "KST": 9, "JST": 9, "AEST": 10}

_TIME = (
    r"(?P<hour>\d{1,2})\s*[:시]\s*(?:(?P<minute>\d{1,2})\s*분?)?"
    r"(?::?\s*(?P<second>\d{1,2})(?:[.,]\d+)?\s*초?)?"
)
_ZONE = r"(?P<zone>(?:[A-Za-z]{1,5})?[+-]\d{1,2}(?::?\d{2})?|[A-Za-z]{1,5})"
_HALF = r"(?P<half>오전|오후|[AaPp]\.?[Mm]\.?)"

# "2024-04-15 04:20", "2024/4/15", "2024. 4. 15. 오전 4:20", "2024년 4월 15일 (월) 16시 20분"
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})\s*[-/.년]\s*(?P<month>\d{1,2})\s*[-/.월]\s*(?P<day>\d{1,2})\s*[일.]?"
    r"(?:\s*\(?[월화수목금토일](?:요일)?\)?)?"
    rf"(?:(?:[Tt]|,?\s*)(?:{_HALF}\s*)?{_TIME}(?:\s*(?P<half_after>[AaPp]\.?[Mm]\.?))?(?:\s*{_ZONE})?)?"
)
# RFC 822 §5.1, with what real feeds leave out: weekday, seconds, time, zone; "15 4월 2024" is Java in Korean
_DAY_FIRST = re.compile(
    r"(?:[^\W\d]+\.?,?\s*)?(?P<day>\d{1,2})[\s-]+(?P<month>[A-Za-z]{3,9}|\d{1,2}월)\.?,?[\s-]+(?P<year>\d{4}|\d{2})"
    rf"(?:,?\s+{_TIME}(?:\s*{_ZONE})?)?"
)
# "April 15, 2024 4:20 PM", and asctime ("Mon Apr 15 04:20:00 2024", RFC 9110 §5.6.7)
_MONTH_FIRST = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(?P<month>[A-Za-z]{3,9})\.?\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})"
    rf"(?:,?\s+{_TIME}(?:\s*{_HALF})?(?:\s*{_ZONE})?)?"
)
_ASCTIME = re.compile(
    rf"[A-Za-z]{{3}}\s+(?P<month>[A-Za-z]{{3}})\s+(?P<day>\d{{1,2}})\s+{_TIME}(?:\s+{_ZONE})?\s+(?P<year>\d{{4}})"
)
_SPELLINGS = (_YEAR_FIRST, _DAY_FIRST, _ASCTIME, _MONTH_FIRST)
_HAS_TIME = re.compile(r"\d\s*[:시]|T\d")
_KOREAN_WORDS = re.compile("[가-힣]")
_KOREAN_DOTS = re.compile(r"\d{4}\s*\.")  # "2024. 4. 15. 16:20"; Japan and China write so, too
_EPOCH = re.compile(r"(\d{9,10})(?:\.\d+)?|(\d{12,13})")
_COMMENT = re.compile(r"\s*\([A-Za-z ]*\)$")  # RFC 822 §3.4.3: "+0900 (KST)"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedZone:
    """What a feed says of the zone in which its dates without one are meant.

    Attributes:
        offset: As its other dates have it (`find_offset`); None where they do not tell.
        is_korean: Whether its language or its titles are Korean.
    """

    offset: timezone | None = None
    is_korean: bool = False

    @property
    def author_offset(self) -> timedelta | None:
        """That of the clock that the author lives by, as far as it is told."""
        zone = self.offset or (KOREA if self.is_korean else None)
        return zone.utcoffset(None) if zone else None


def parse_date(
    text: str | None,
    *,
    now: datetime | None = None,
    zone: FeedZone = FeedZone(),
) -> datetime | None:
    """Read one date.

    Args:
        text: The date as served: RFC 822, ISO 8601, a Korean form, or epoch seconds or milliseconds.
        now: Where given, the result is clamped as by `clamp_date`.
        zone: What the feed says of dates without a zone.
    Returns:
        An aware UTC datetime; None where the text is no date, or one before 1990.
    """
    text = _clean(text)
    try:
        date = _read(text)
        # the year as written is checked before the zone moves it, and year 1 would overflow
        if date is None or date.year < EARLIEST_YEAR:
            return None
        if date.tzinfo is None:
            date = date.replace(tzinfo=_meant_zone(text, zone))
        date = date.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return clamp_date(date, now=now) if now else date


def find_offset(texts: Iterable[str]) -> timezone | None:
    """The offset that most dates of a feed name, or None.

    UTC is none: programs write it, wherever the blog is.
    """
    offsets = Counter(offset for text in texts if (offset := _named_offset(_clean(text))))
    return timezone(offsets.most_common(1)[0][0]) if offsets else None


def _named_offset(text: str) -> timedelta | None:
    try:
        date = _read(text)
    except (ValueError, OverflowError):
        return None
    return date.utcoffset() if date else None


def _clean(text: str | None) -> str:
    return _COMMENT.sub("", " ".join((text or "")[:_MAX_CHARACTERS].split()))


def _read(text: str) -> datetime | None:
    """The date as written, without a zone where it names none. Raises ValueError or OverflowError."""
    return _read_epoch(text) or _read_iso(text) or _read_spelled(text)


def _meant_zone(text: str, zone: FeedZone) -> timezone:
    """The zone of a date that names none. A day without a time is moved into no other day."""
    if not _HAS_TIME.search(text):
        return UTC
    if zone.offset:
        return zone.offset
    is_korean = _KOREAN_WORDS.search(text) or (zone.is_korean and _KOREAN_DOTS.match(text))
    return KOREA if is_korean else UTC


def clamp_date(date: datetime, *, now: datetime) -> datetime:
    """The date itself, or ``now`` (the time first seen) where it is more than two days ahead."""
    return now if date > now + MAX_AHEAD else date


def _read_epoch(text: str) -> datetime | None:
    if not (match := _EPOCH.fullmatch(text)):
        return None
    seconds = int(match[1]) if match[1] else int(match[2]) / 1000
    return datetime.fromtimestamp(seconds, UTC)


def _read_iso(text: str) -> datetime | None:
    """ISO 8601 in the forms the standard library knows, the compact ones included."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _read_spelled(text: str) -> datetime | None:
    match = next((match for spelling in _SPELLINGS if (match := spelling.fullmatch(text))), None)
    if match is None:
        return None
    part = {"half": None, "half_after": None, **match.groupdict()}
    return datetime(
        _year(part["year"] or ""),
        _month(part["month"] or ""),
        int(part["day"] or ""),
        _hour(int(part["hour"] or 0), part["half"] or part["half_after"]),
        int(part["minute"] or 0),
        min(int(part["second"] or 0), 59),  # a leap second
        tzinfo=_zone(part["zone"]) if part["zone"] else None,
    )


def _year(text: str) -> int:
    """Two digits as in RFC 2822 §4.3; four digits as they are ("0001" is the year 1, not 2001)."""
    year = int(text)
    if len(text) == 4:
        return year
    return year + (2000 if year < 50 else 1900)


def _month(text: str) -> int:
    """Raises ValueError for a word that is no month."""
    digits = text.rstrip("월")
    return int(digits) if digits.isdecimal() else _MONTHS.index(text[:3].lower()) + 1


def _hour(hour: int, half: str | None) -> int:
    if half is None or hour > 12:
        return hour
    return hour % 12 + (12 if half[0] in "오Pp" and half != "오전" else 0)


def _zone(text: str) -> timezone:
    match = re.fullmatch(r"[A-Za-z]*([+-])(\d{1,2}):?(\d{2})?", text)
    if match:
        offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        return timezone(-offset if match[1] == "-" else offset)
    return timezone(timedelta(hours=_ZONE_HOURS.get(text.upper(), 0)))
