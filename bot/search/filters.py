"""What a search is narrowed by: ``venue:ICLR2024 tag:diffusion year:2024 author:wang source:… before:… after:…``, and
how it is sorted: ``sort:new``.

The cache answers the filters; the rest of the query goes to the index.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bot.errors import RequestError
from bot.languages import _
from bot.models.index import Filter, FilterKind
from bot.text.patterns import lazy_pattern
from bot.text.terms import fold, squash, words

_FILTER = lazy_pattern(rf'(?<!\S)({"|".join(FilterKind)}):(?:"([^"]*)"|(\S*))', re.IGNORECASE)
NEWEST_FIRST = "sort:new"
_ORDER = lazy_pattern(r"(?<!\S)sort:(\S*)", re.IGNORECASE)
_DATE = lazy_pattern(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_ORDERS = {"new": True, "newest": True, "date": True, "best": False}
_EXAMPLES = {
    FilterKind.VENUE: "venue:ICLR2024",
    FilterKind.YEAR: "year:2024",
    FilterKind.TAG: "tag:retrieval",
    FilterKind.AUTHOR: 'author:"Akari Asai"',
    FilterKind.SOURCE: "source:github.io",
    FilterKind.BEFORE: "before:2024-03",
    FilterKind.AFTER: "after:2023-06-15",
}


def split_filters(query: str) -> tuple[str, tuple[Filter, ...]]:
    """Separate the filters from a query.

    Returns:
        The remaining words, and the filters, all of which a review must meet.
    Raises:
        RequestError: A filter has no value, or one that it cannot take.
    """
    filters = tuple(
        _make(FilterKind(match[1].casefold()), (match[2] if match[2] is not None else match[3]).strip())
        for match in _FILTER.finditer(query)
    )
    return " ".join(_FILTER.sub(" ", query).split()), filters


def split_order(query: str) -> tuple[str, bool]:
    """Remove ``sort:new`` from a query; returns the rest, and whether to show the newest first.

    Raises:
        RequestError: There is no such order.
    """
    is_newest_first = False
    for match in _ORDER.finditer(query):
        if match[1].casefold() not in _ORDERS:
            raise RequestError(
                _("“{text}” is not an order. Type sort:new for the newest first.").format(text=match[0])
            )
        is_newest_first = _ORDERS[match[1].casefold()]
    return " ".join(_ORDER.sub(" ", query).split()), is_newest_first


def write_filter(kind: FilterKind, value: str) -> str:
    """A filter as it would be typed."""
    bare = value.replace('"', " ").strip()
    return f'{kind}:"{bare}"'


def _make(kind: FilterKind, value: str) -> Filter:
    if not squash(value):
        raise RequestError(
            _("Type something after {field} such as {example}.").format(field=f"{kind}:", example=_EXAMPLES[kind])
        )
    match kind:
        case FilterKind.YEAR if not re.fullmatch(r"\d{4}", value):
            raise RequestError(
                _("“{text}” is not a year. Type one such as {example}.").format(text=value, example=_EXAMPLES[kind])
            )
        case FilterKind.BEFORE | FilterKind.AFTER:
            return Filter(kind=kind, day=_day(kind, value))
        case FilterKind.AUTHOR:
            return Filter(kind=kind, keys=tuple(dict.fromkeys(words(value))))
        case FilterKind.SOURCE:
            return Filter(kind=kind, keys=(fold(value),))
        case _:
            return Filter(kind=kind, keys=(squash(value),))


def _day(kind: FilterKind, value: str) -> datetime:
    """The first day of the named period: ``after:2024`` includes all of 2024."""
    match = _DATE.fullmatch(value)
    try:
        year, month, day = (int(part) if part else 1 for part in match.groups()) if match else (0, 0, 0)
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        raise RequestError(
            _("“{text}” is not a date. Type one such as {example}.").format(text=value, example=_EXAMPLES[kind])
        ) from None
