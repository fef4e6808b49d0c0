"""How often a feed wants to be requested, as it says itself, and when the next visit is allowed. Pure.

RSS has ``ttl`` (minutes), ``skipHours`` and ``skipDays`` (GMT); the syndication module has ``updatePeriod`` and
``updateFrequency``; HTTP has freshness. All are honoured within limits: many feeds are served with numbers that
nobody chose, and readers are waiting for new posts.

Sources: the RSS 2.0 specification (https://www.rssboard.org/rss-specification), RDF Site Summary 1.0 modules,
Syndication (https://web.resource.org/rss/1.0/modules/syndication/).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from bot.models.feeds import Pace
from bot.text.patterns import lazy_pattern

LONGEST = timedelta(hours=6)
"""The longest pause that a feed can ask for. A server that answers 429 gets the pause it asks for, up to a day."""
MOST_SKIPPED = timedelta(days=3)

_PERIODS_S = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HEAD_CHARACTERS = 20_000
_ITEM = lazy_pattern(r"<(?:\w+:)?(?:item|entry)[\s>]")
_VALUE = r"<{0}\s*>\s*([^<]{{1,40}}?)\s*</{0}\s*>"
_TTL = lazy_pattern(_VALUE.format("ttl"))
_PERIOD = lazy_pattern(_VALUE.format(r"\w+:updatePeriod"))
_FREQUENCY = lazy_pattern(_VALUE.format(r"\w+:updateFrequency"))
_SKIPPED = lazy_pattern(r"<skip(Hours|Days)\s*>(.{0,2000}?)</skip\1\s*>", re.DOTALL)
_HOUR = lazy_pattern(_VALUE.format("hour"))
_DAY = lazy_pattern(_VALUE.format("day"))


def read_pace(xml: str) -> Pace:
    """Read the pace from the beginning of a well-formed feed; values that cannot be read are ignored."""
    head = xml[:_HEAD_CHARACTERS]
    if item := _ITEM.search(head):
        head = head[: item.start()]
    skipped = {match[1]: match[2] for match in _SKIPPED.finditer(head)}
    hours = {int(hour) % 24 for hour in _HOUR.findall(skipped.get("Hours", "")) if hour.isdecimal()}
    days = {_DAYS.index(day) for name in _DAY.findall(skipped.get("Days", "")) if (day := name.lower()) in _DAYS}
    ttl_s = _number(_TTL, head) * 60
    period = _PERIOD.search(head)
    period_s = _PERIODS_S.get(period[1].lower(), 0) if period else 0
    period_s //= max(_number(_FREQUENCY, head), 1)
    return Pace(
        interval_s=min(max(ttl_s, period_s), int(LONGEST.total_seconds())),
        skip_hours=tuple(sorted(hours)),
        skip_days=tuple(sorted(days)),
    )


def _number(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.search(text)
    return int(match[1]) if match and match[1].isdecimal() and len(match[1]) < 10 else 0


def next_visit(pace: Pace, now: datetime, *, fresh_s: float | None = None) -> datetime:
    """Return when a feed may next be requested after a visit.

    Args:
        fresh_s: Seconds for which its server called the response fresh.
    """
    at = now + min(timedelta(seconds=max(pace.interval_s, fresh_s or 0)), LONGEST)
    allowed = at.astimezone(UTC)
    while _is_skipped(pace, allowed) and allowed - at < MOST_SKIPPED:
        allowed = allowed.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return at if _is_skipped(pace, allowed) else allowed


def _is_skipped(pace: Pace, at: datetime) -> bool:
    return at.hour in pace.skip_hours or at.weekday() in pace.skip_days
