"""Time zones as people name them, in Korean and English → IANA names. Pure, except for zoneinfo's database."""

from __future__ import annotations

import re
from collections import defaultdict
from difflib import get_close_matches
from functools import cache
from zoneinfo import available_timezones

from bot.announcing.calendar import MAX_TYPED
from bot.errors import RequestError
from bot.languages import _
from bot.text.cut import cut_text
from bot.text.patterns import lazy_pattern
from bot.text.terms import squash

_OFFSET = lazy_pattern(r"(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE | re.ASCII)
_LAST_WORD = lazy_pattern(r"\s*(?:(?:standard |daylight )?time|표준시|시간|시)\Z", re.IGNORECASE)
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
# Offsets that are not whole hours have no zone of their own; these places use them all year.
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

    Accepts, in any case: a name of the database, the last part of one ("seoul"), an abbreviation, a country with one
    zone, in English or Korean, or an offset ("UTC+9", "+09:00").

    Raises:
        RequestError: There is no such zone; the message suggests similar ones.
    """
    typed = " ".join(text.replace("\N{MINUS SIGN}", "-").split())
    if len(typed) <= MAX_TYPED:
        if match := _OFFSET.fullmatch(typed):
            return _zone_of_offset(typed, match[1], int(match[2]), int(match[3] or 0))
        for name in (typed, _LAST_WORD.sub("", typed)):
            if zone := _find_zone(name):
                return zone
    raise RequestError(_describe_unknown(typed))


def _find_zone(name: str) -> str | None:
    key = squash(name)
    # A name with a slash is one of the database, where signs matter: Etc/GMT+9 is not Etc/GMT-9.
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
    raise RequestError(_("No time zone has the offset “{text}”. Type a city, such as Asia/Seoul.").format(text=typed))


def _describe_unknown(typed: str) -> str:
    if not typed:
        return _("Which time zone? Type a city or an offset, such as Asia/Seoul or UTC+9.")
    zones = _zones_by_key() | _OTHER_NAMES
    near = get_close_matches(squash(typed[:MAX_TYPED]), zones, n=5, cutoff=0.7)
    names = list(dict.fromkeys(zones[key] for key in near))[:3]
    shown = cut_text(typed, MAX_TYPED)
    if names:
        return _("“{text}” is not a time zone that Nonmun knows. Did you mean {zones}?").format(
            text=shown, zones=" / ".join(names)
        )
    return _(
        "“{text}” is not a time zone that Nonmun knows. Type a city or an offset, such as Asia/Seoul or UTC+9."
    ).format(text=shown)


@cache
def _zones_by_name() -> dict[str, str]:
    return {zone.casefold(): zone for zone in available_timezones() if zone not in _NOT_A_PLACE}


@cache
def _zones_by_key() -> dict[str, str]:
    """Zones by the letters of their full name and of its last part; if two places share a name, the first counts."""
    by_key = defaultdict[str, list[str]](list)
    for zone in sorted(_zones_by_name().values()):
        continent, _, place = zone.partition("/")
        if continent in _CONTINENTS:
            by_key[squash(zone)].append(zone)
            by_key[squash(place.rpartition("/")[2])].append(zone)
    return {key: zones[0] for key, zones in by_key.items()}
