"""What a search is narrowed by: ``venue:ICLR2024 tag:diffusion year:2024 author:wang source:… before:… after:…``.

Filters are answered from the heads in memory; what is left of the query goes to the index.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.errors import RequestError
from bot.models import ReviewHead
from bot.search.text import fold, squash, words

_FILTER = re.compile(r'(?<!\S)(venue|year|tag|author|source|before|after):(?:"([^"]*)"|(\S*))', re.IGNORECASE)
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition: its name, the value as typed, and whether a review meets it."""

    name: str
    value: str
    accepts: Callable[[ReviewHead], bool]


def split_filters(query: str) -> tuple[str, tuple[Filter, ...]]:
    """Take the filters out of a query.

    Returns:
        The words that are left, and the filters, all of which a review must meet.
    Raises:
        RequestError: A filter without a value, or with one that it cannot take.
    """
    filters = tuple(
        _make(match[1].casefold(), (match[2] if match[2] is not None else match[3]).strip())
        for match in _FILTER.finditer(query)
    )
    return " ".join(_FILTER.sub(" ", query).split()), filters


def _make(name: str, value: str) -> Filter:
    if not squash(value):
        raise RequestError(f"{name}: what? Such as {_EXAMPLES[name]}.")
    return Filter(name, value, _MAKERS[name](value))


def _venue(value: str) -> Callable[[ReviewHead], bool]:
    """ "ICLR", "ICLR2024" or "iclr 2024"."""
    key = squash(value)
    return lambda head: bool(head.venue) and key in (squash(head.venue or ""), squash(head.venue_and_year or ""))


def _year(value: str) -> Callable[[ReviewHead], bool]:
    if not re.fullmatch(r"\d{4}", value):
        raise RequestError(f"“{value}” is no year; type one such as {_EXAMPLES['year']}.")
    return lambda head: head.year == int(value)


def _tag(value: str) -> Callable[[ReviewHead], bool]:
    key = squash(value)
    return lambda head: any(key == squash(category) for category in head.categories)


def _author(value: str) -> Callable[[ReviewHead], bool]:
    asked = set(words(value))
    return lambda head: any(asked <= set(words(author)) for author in head.authors)


def _source(value: str) -> Callable[[ReviewHead], bool]:
    """A part of the feed's or the review's address."""
    key = fold(value)
    return lambda head: key in fold(head.feed_url) or key in fold(head.link)


def _before(value: str) -> Callable[[ReviewHead], bool]:
    day = _day("before", value)
    return lambda head: head.date < day


def _after(value: str) -> Callable[[ReviewHead], bool]:
    """From the first day of what was named on: ``after:2024`` has all of 2024."""
    day = _day("after", value)
    return lambda head: head.date >= day


def _day(name: str, value: str) -> datetime:
    match = _DATE.fullmatch(value)
    try:
        year, month, day = (int(part) if part else 1 for part in match.groups()) if match else (0, 0, 0)
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        raise RequestError(f"“{value}” is no date; type one such as {_EXAMPLES[name]}.") from None


_MAKERS: dict[str, Callable[[str], Callable[[ReviewHead], bool]]] = {
    "venue": _venue,
    "year": _year,
    "tag": _tag,
    "author": _author,
    "source": _source,
    "before": _before,
    "after": _after,
}
_EXAMPLES = {
    "venue": "venue:ICLR2024",
    "year": "year:2024",
    "tag": "tag:retrieval",
    "author": 'author:"Akari Asai"',
    "source": "source:github.io",
    "before": "before:2024-03",
    "after": "after:2023-06-15",
}
