"""Whether two lists of authors have a person in common, however names are ordered and abbreviated."""

from __future__ import annotations

from collections.abc import Iterable

from bot.text.patterns import lazy_pattern
from bot.text.terms import words

_NOTE_MARKS = lazy_pattern(r"[\d*†‡§¶]+")


def share_author(ones: Iterable[str], others: Iterable[str]) -> bool:
    """Return whether two lists have an author in common; marks of footnotes at a name say nothing."""
    theirs = [_parts(name) for name in others]
    return any(_is_same_person(_parts(name), them) for name in ones for them in theirs)


def _parts(name: str) -> list[str]:
    return words(_NOTE_MARKS.sub(" ", name))


def _is_same_person(one: list[str], other: list[str]) -> bool:
    """Return whether two names may be one person's: "Lu, Keming", "Keming Lu", "K. Lu", "Keming X. Lu"."""
    if not one or not other:
        return False
    if set(one) == set(other):
        return any(len(word) > 1 for word in one)
    if min(len(one), len(other)) < 2 or one[-1] != other[-1]:
        return False
    first, second = one[0], other[0]
    return first == second or (1 in (len(first), len(second)) and first[0] == second[0])
