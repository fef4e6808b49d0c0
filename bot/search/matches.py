"""What a look-up of a name gives: reviews that may be meant, and how each was met."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class How(StrEnum):
    """How a name was matched, best first."""

    IDENTIFIER = "identifier"
    RECORD = "record"  # an identifier that no review carries, by the title of its paper
    EXACT = "exact"
    PREFIX = "prefix"
    SLIP = "slip"
    SLIPS = "two slips"  # or a sound that is only similar: a guess, never opened without asking
    WORDS = "words"
    KEYBOARD = "keyboard"  # the letters on the same keys in the other keyboard layout
    SOUND = "sound"  # close, and no other review is near


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A review that may be meant. ``name`` is the spelling that matched; ``score`` is at most 1.0.

    ``is_own`` is False for a name that only occurs in the review's text: it may be its paper's or another's.
    """

    review_id: int
    how: How
    name: str
    score: float
    is_own: bool = True


@dataclass(frozen=True, slots=True)
class Lookup:
    """The result of looking up a name, best match first. ``is_sure``: the first match may be shown as the answer."""

    matches: tuple[NameMatch, ...] = ()
    is_sure: bool = False
