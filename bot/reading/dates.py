"""Dates as feeds write them → aware UTC datetimes, or None.

Feeds contain RFC 822 dates (RSS), RFC 3339 dates (Atom, JSON Feed) and, in practice, anything that a blog's theme
prints, in the language of the machine that prints it. A date that cannot be read is None, never a guess: the caller
then uses the time first seen. Libraries that read dates in any language guess which number is the day, or what may be
left out. So we have our own table of months, from languages in which no word means two months.

A date without a zone is taken to be in the zone of the feed's other dates; else in Korea's if it is written in
Korean; else in UTC. A day without a time stays that day. The reader has no clock, so it believes a date more than two
days ahead; callers with a clock use `clamp_date`, so that a post "from 2099" cannot stay on top forever.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from bot.text.patterns import lazy_pattern

EARLIEST_YEAR = 1990  # anything before the web is a placeholder: year 1 (Hugo), 1900, the epoch
MAX_AHEAD = timedelta(days=2)
KOREA = timezone(timedelta(hours=9))  # no daylight saving time since 1988
_MAX_CHARACTERS = 100


def _plain(word: str) -> str:
    """Return a word without case and diacritics: "Févr" is "fevr"."""
    decomposed = unicodedata.normalize("NFD", word.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


# English, German, French, Spanish, Italian, Portuguese, Dutch, Scandinavian, Russian, Turkish, Indonesian (CLDR 46).
# Not Polish, Czech or Croatian, in which "listopad" is November or October.
_MONTHS = {
    _plain(word): number
    for number, words in enumerate(
        (
            "jan january januar jänner janv janvier ene enero gen gennaio janeiro januari янв января ocak oca",
            "feb february februar februari févr fév février febrero febbraio fev fevereiro фев февраля şubat şub",
            "mar march märz mär mrz mars marzo março maart mrt marts мар марта март mart maret",
            "apr april avr avril abr abril aprile апр апреля nisan nis",
            "may mai mayo mag maggio maio mei maj мая май mayıs",
            "jun june juni juin junio giu giugno junho июн июня июнь haziran haz",
            "jul july juli juil juillet julio lug luglio julho июл июля июль temmuz tem",
            "aug august août ago agosto augustus augusti авг августа ağustos ağu agustus agt agu",
            "sep sept september septembre septiembre set settembre setembro сен сент сентября eylül eyl",
            "oct october okt oktober octobre octubre ott ottobre out outubro окт октября ekim eki",
            "nov november novembre noviembre novembro ноя нояб ноября kasım kas",
            "dec december dez dezember déc décembre dic diciembre dicembre dezembro desember дек декабря ara aralık",
        ),
        1,
    )
    for word in words.split()
}

# RFC 822 §5.1, and the names seen in feeds. An unknown name counts as UTC (RFC 5322 §4.3).
_ZONE_HOURS = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_ZONE_HOURS |= {"WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3}
_ZONE_HOURS |= {"SGT": 8, "HKT": 8, "KST": 9, "JST": 9, "AEST": 10}
# The names that Java and browsers write instead of an offset. Without daylight saving time, so that each name has one
# offset.
_ZONE_NAMES = {
    "한국 표준시": 9, "대한민국 표준시": 9, "일본 표준시": 9, "중국 표준시": 8, "협정 세계시": 0,
    "日本標準時": 9, "韓国標準時": 9, "中国標準時": 8, "協定世界時": 0, "グリニッジ標準時": 0,
    "中国标准时间": 8, "日本标准时间": 9, "韩国标准时间": 9, "协调世界时": 0, "台北標準時間": 8, "台北标准时间": 8,
    "Korean Standard Time": 9, "Korea Standard Time": 9, "Japan Standard Time": 9, "China Standard Time": 8,
    "Coordinated Universal Time": 0, "Koordinierte Weltzeit": 0, "temps universel coordonné": 0,
}  # fmt: skip

_TIME = (
    r"(?P<hour>\d{1,2})\s*[:시時时点點h]\s*(?:(?P<minute>\d{1,2})\s*[분分]?)?"
    r"(?::?\s*(?P<second>\d{1,2})(?:[.,]\d+)?\s*[초秒]?)?(?:\s+Uhr)?"
)
_ZONE = r"(?P<zone>(?:[A-Za-z]{1,5})?[+-]\d{1,2}(?::?\d{2})?|[A-Za-z]{1,5})"
_HALF = r"(?P<half>오전|오후|午前|午後|上午|下午|[AaPp]\.?[Mm]\.?)"
_BEFORE_TIME = r"(?:\s*,?\s+(?:(?:-|um|à|at|om|kl\.?|alle|às|a las|в)\s+)?)"
_MONTH = r"(?P<month>[^\W\d_]{3,12}|\d{1,2}월)"

# "2024-04-15 04:20", "2024/4/15", "2024. 4. 15. 오전 4:20", "2024년 4월 15일 (월) 16시 20분",
# "2024年4月15日(月) 16時20分"
_YEAR_FIRST = lazy_pattern(
    r"(?P<year>\d{4})\s*[-/.년年]\s*(?P<month>\d{1,2})\s*[-/.월月]\s*(?P<day>\d{1,2})\s*[일日.]?"
    r"(?:\s*[(（]?(?:[월화수목금토일](?:요일)?|[月火水木金土日](?:曜日?)?|(?:星期|周|週|礼拜)[一二三四五六日天])[)）]?)?"
    rf"(?:(?:[Tt]|\s+-\s+|,?\s*)(?:{_HALF}\s*)?{_TIME}(?:\s*(?P<half_after>[AaPp]\.?[Mm]\.?))?(?:\s*{_ZONE})?)?"
)
# RFC 822 §5.1, with what real feeds leave out: weekday, seconds, time, zone; "15 4월 2024" is Java in Korean,
# "15. Dez. 2024, 16:20 Uhr", "1er févr. 2024 à 16h20", "15 de abril de 2024"
_DAY_FIRST = lazy_pattern(
    rf"(?:[^\W\d]+\.?,?\s*)?(?P<day>\d{{1,2}})(?:er|[.ºª])?[\s-]+(?:de\s+)?{_MONTH}\.?,?[\s-]+(?:de\s+)?"
    rf"(?P<year>\d{{4}}|\d{{2}})(?:\s*г\.?)?(?:{_BEFORE_TIME}{_TIME}(?:\s*{_HALF})?(?:\s*{_ZONE})?)?"
)
# "15.4.2024, 16:20:00": with dots, nobody puts the month first
_DAY_FIRST_DOTTED = lazy_pattern(
    rf"(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?(?P<year>\d{{4}})(?:{_BEFORE_TIME}{_TIME}(?:\s*{_ZONE})?)?"
)
# "April 15, 2024 4:20 PM", "Monday, April 15, 2024 - 16:20", and asctime ("Mon Apr 15 04:20:00 2024", RFC 9110
# §5.6.7)
_MONTH_FIRST = lazy_pattern(
    rf"(?:[^\W\d]{{1,12}}\.?,?\s+)?{_MONTH}\.?\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})"
    rf"(?:{_BEFORE_TIME}{_TIME}(?:\s*{_HALF})?(?:\s*{_ZONE})?)?"
)
_ASCTIME = lazy_pattern(
    rf"[^\W\d]{{1,12}}\.?\s+{_MONTH}\.?\s+(?P<day>\d{{1,2}})\s+{_TIME}(?:\s+{_ZONE})?\s+(?P<year>\d{{4}})"
    r"(?P<zone_after>[+-]\d{4})?"
)
_SPELLINGS = (_YEAR_FIRST, _DAY_FIRST, _DAY_FIRST_DOTTED, _ASCTIME, _MONTH_FIRST)
_HAS_TIME = lazy_pattern(r"\d\s*(?:[:시時时点點]|h(?![^\W\d_]))|\dT\d")  # "16 h", and not "15 haziran"
_KOREAN_WORDS = lazy_pattern("[가-힣]")
_KOREAN_DOTS = lazy_pattern(r"\d{4}\s*\.")  # "2024. 4. 15. 16:20"; also used in Japan and China
_EPOCH = lazy_pattern(r"(\d{9,10})(?:\.\d+)?|(\d{12,13})")
_OFFSET = r"(?:[+-]\d{1,2}:?\d{2}|(?<=\d)[Zz])"
_SAID_AGAIN = lazy_pattern(rf"(?P<offset>{_OFFSET})\s*(?:\([^()]*\)|\[[^\[\]]*\])\Z")
"""The zone repeated after its offset: RFC 822 §3.4.3 "+0900 (KST)", browsers' "(한국 표준시)", Java's zones."""
_COMMENT = lazy_pattern(r"\s*\([A-Za-z ]*\)\Z")
_LONG_NAMES = "|".join(_ZONE_NAMES)
_SHORT_NAMES = "|".join([*_ZONE_HOURS, "GMT", "UTC"])
_NAMED_ZONE = lazy_pattern(rf"\s*\((?P<name>{_SHORT_NAMES}|{_LONG_NAMES})\)\Z|\s(?P<long>{_LONG_NAMES})\Z")
_BROWSERS = lazy_pattern(r"GMT[+-]\d{4} \(")
_MARKS = str.maketrans("", "", "\u200e\u200f\u2060\ufeff")  # invisible marks, in dates that a browser printed


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedZone:
    """The zone of a feed's dates that name none, as far as the feed tells.

    Attributes:
        offset: The offset of its other dates (`find_offset`); None if they do not show one.
        is_korean: Whether its language or its titles are Korean.
    """

    offset: timezone | None = None
    is_korean: bool = False

    @property
    def author_offset(self) -> timedelta | None:
        """The offset of the author's clock, as far as it is known."""
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
        text: The date as served: RFC 822, ISO 8601, a form that programs print in several languages, or epoch seconds
            or milliseconds.
        now: If given, the result is clamped by `clamp_date`.
        zone: What the feed says about dates without a zone.
    Returns:
        An aware UTC datetime; None if the text is not a date, or the date is before 1990.
    """
    text = _clean(text)
    try:
        date = _read(text)
        # check the year as written, before the zone moves it; year 1 would overflow
        if date is None or date.year < EARLIEST_YEAR:
            return None
        if date.tzinfo is None:
            date = date.replace(tzinfo=_meant_zone(text, zone))
        date = date.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return clamp_date(date, now=now) if now else date


def find_offset(texts: Iterable[str]) -> timezone | None:
    """Return the offset that most dates of a feed name, or None.

    UTC does not count: programs write it wherever the blog is. Nor does the zone in a browser's format, which is that
    of the machine that built the site.
    """
    told = (text for text in texts if not _BROWSERS.search(text))
    offsets = Counter(offset for text in told if (offset := _named_offset(_clean(text))))
    return timezone(offsets.most_common(1)[0][0]) if offsets else None


def _named_offset(text: str) -> timedelta | None:
    try:
        date = _read(text)
    except (ValueError, OverflowError):
        return None
    return date.utcoffset() if date else None


def _clean(text: str | None) -> str:
    text = " ".join((text or "")[:_MAX_CHARACTERS].translate(_MARKS).split())
    text = _SAID_AGAIN.sub(r"\g<offset>", unicodedata.normalize("NFC", text))
    if named := _NAMED_ZONE.search(text):
        name, text = named["name"] or named["long"], text[: named.start()]
        if not _HAS_TIME.search(text):  # a day without a time has no zone
            return text
        return f"{text}{(_ZONE_HOURS | _ZONE_NAMES).get(name, 0):+03}00"
    return _COMMENT.sub("", text)


def _read(text: str) -> datetime | None:
    """Return the date as written, without a zone if it names none. Raises ValueError or OverflowError."""
    return _read_epoch(text) or _read_iso(text) or _read_spelled(text)


def _meant_zone(text: str, zone: FeedZone) -> timezone:
    """Return the zone of a date that names none. A day without a time must not move to another day."""
    if not _HAS_TIME.search(text):
        return UTC
    if zone.offset:
        return zone.offset
    is_korean = _KOREAN_WORDS.search(text) or (zone.is_korean and _KOREAN_DOTS.match(text))
    return KOREA if is_korean else UTC


def clamp_date(date: datetime, *, now: datetime) -> datetime:
    """Return the date, or ``now`` (the time first seen) if it is more than two days ahead."""
    return now if date > now + MAX_AHEAD else date


def _read_epoch(text: str) -> datetime | None:
    if not (match := _EPOCH.fullmatch(text)):
        return None
    seconds = int(match[1]) if match[1] else int(match[2]) / 1000
    return datetime.fromtimestamp(seconds, UTC)


def _read_iso(text: str) -> datetime | None:
    """Read ISO 8601 in the forms that the standard library knows, including the compact ones."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _read_spelled(text: str) -> datetime | None:
    match = next((match for spelling in _SPELLINGS if (match := spelling.fullmatch(text))), None)
    if match is None:
        return None
    part = {"half": None, "half_after": None, "zone_after": None, **match.groupdict()}
    zone = part["zone"] or part["zone_after"]
    return datetime(
        _year(part["year"] or ""),
        _month(part["month"] or ""),
        int(part["day"] or ""),
        _hour(int(part["hour"] or 0), part["half"] or part["half_after"]),
        int(part["minute"] or 0),
        min(int(part["second"] or 0), 59),  # a leap second
        tzinfo=_zone(zone) if zone else None,
    )


def _year(text: str) -> int:
    """Read two digits as in RFC 2822 §4.3; four digits as written ("0001" is the year 1, not 2001)."""
    year = int(text)
    if len(text) == 4:
        return year
    return year + (2000 if year < 50 else 1900)


def _month(text: str) -> int:
    """Return the number of a month. Raises ValueError if the word is not a month."""
    digits = text.rstrip("월")
    if digits.isdecimal():
        return int(digits)
    number = _MONTHS.get(_plain(text))
    if number is None:
        raise ValueError(text)
    return number


_AFTERNOON = frozenset({"오후", "午後", "下午", "pm"})


def _hour(hour: int, half: str | None) -> int:
    if half is None or hour > 12:
        return hour
    return hour % 12 + (12 if half.lower().replace(".", "") in _AFTERNOON else 0)


def _zone(text: str) -> timezone:
    match = re.fullmatch(r"[A-Za-z]*([+-])(\d{1,2}):?(\d{2})?", text)
    if match:
        offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        return timezone(-offset if match[1] == "-" else offset)
    return timezone(timedelta(hours=_ZONE_HOURS.get(text.upper(), 0)))
