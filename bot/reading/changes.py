"""Compare two versions of a review: what changed, and whether only its form did. Pure.

Feeds touch their entries for reasons that no reader sees: a new theme, another image host, a dash for a hyphen. So
only letters and digits are compared, folded as for searching. Counters that a page updates automatically are left
out: how often a post was viewed and how long ago it was written. Other numbers belong to the review.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from bot.languages import ENGLISH, speaking
from bot.models.reviews import Review
from bot.reading.revision_notes import (
    CHANGED,
    GONE,
    MORE,
    NEW,
    NEW_FACTS,
    ONLY_FORM,
    OPENING,
    REORDERED,
    RETITLED,
    REVISED,
    count_sections,
)
from bot.text.links import drop_trackers, normalise_link
from bot.text.patterns import lazy_pattern
from bot.text.terms import squash, squash_text

MAX_HEADINGS = 8
"""Headings of each kind that a description lists."""
MIN_TELLING = 80
"""A text with this many letters and digits is not written twice by chance."""
_MAX_HEADING_CHARACTERS = 100
_REVISED = REVISED.partition("{")[0]
_DIGITS = "0123456789"
_COUNTED = (
    "views?|visits?|visitors?|reads?|readers?|likes?|claps?|shares?|comments?|replies|reactions?|upvotes?"
    "|조회수?|좋아요|공감|댓글|추천|방문자?수?"
)
_NUMBER = r"(?<![\w.,])[0-9][0-9.,]*+[km]?"  # possessive: otherwise a line of digits would be tried from each of them
_COUNTERS = lazy_pattern(
    rf"""
    \b(?:{_COUNTED})\ {{0,2}}[:：(]?\ {{0,2}}{_NUMBER}(?:회|개|명|번)?\b     # Views: 1,204
    | {_NUMBER}\ {{0,2}}(?:{_COUNTED}|회\ {{0,2}}조회|명이\ {{0,2}}조회)\b    # 1.2k views
    | (?:{_NUMBER}|\b(?:an?|one|few|several))\ {{0,2}}
      (?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?)\ ago\b
    | {_NUMBER}\ {{0,2}}(?:초|분|시간|일|주일?|개월|달|년)\ {{0,2}}전\b
    | \b(?:just\ now|moments?\ ago|방금\ {{0,2}}전?)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""What a page counts automatically, in English and in Korean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a reader would notice. Sections are named by their headings as written; changed ones by the newer heading.

    Attributes:
        has_new_facts: Whether venue, year or authors have changed.
        is_reordered: Whether sections have moved or been renumbered, with unchanged text.
    """

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    is_retitled: bool = False
    has_new_facts: bool = False
    is_reordered: bool = False

    @property
    def is_cosmetic(self) -> bool:
        """Whether every letter and digit is where it was, so that there is nothing to report."""
        return self == Changes()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A section in the form that is compared.

    ``key`` is its heading's letters and digits, ``name`` the same without the number.
    """

    place: int
    heading: str
    key: str
    name: str
    text: str


def compare(before: Review, after: Review) -> Changes:
    """Compare one version of a review with the next, in time linear in their texts.

    Sections are paired by their heading, without its number; if several share a heading, those with the same text
    come first. The rest are paired by the same text under different headings.
    """
    same, earlier, later = _pair(
        list(_read_parts(before)), list(_read_parts(after)), lambda part: (part.name, part.text)
    )
    rewritten, earlier, later = _pair(earlier, later, lambda part: part.name)
    # an empty text proves nothing, so it matches no other
    renamed, earlier, later = _pair(earlier, later, lambda part: part.text or object())
    return Changes(
        new=_headings(later),
        changed=_headings(new for _, new in rewritten + renamed),
        gone=_headings(earlier),
        is_retitled=squash(before.title) != squash(after.title),
        has_new_facts=_facts(before) != _facts(after),
        is_reordered=_is_reordered([old for old, _ in same], [new for _, new in same]),
    )


class Fingerprints(NamedTuple):
    """The identity of what a review says, each 32 hexadecimal digits of a SHA-256.

    Attributes:
        content: Equal for two versions that differ only in form or facts. For a short text it includes the address:
            "Open thread. What are you reading?" is written every week.
        text: The identity of the text, whatever its title and address; "" for a short text.
    """

    content: str
    text: str


def fingerprints(review: Review) -> Fingerprints:
    """Return what two readings of a feed are compared by."""
    parts = list(_read_parts(review))
    text = [value for part in parts for value in (part.key, part.text)]
    content = [squash(review.title), *text]
    if sum(len(part.text) for part in parts) < MIN_TELLING:
        return Fingerprints(content=_hash([*content, normalise_link(review.link)]), text="")
    return Fingerprints(content=_hash(content), text=_hash(text))


def _hash(told: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(told).encode(errors="replace")).hexdigest()[:32]


def _read_parts(review: Review) -> Iterator[_Part]:
    """Yield the sections that contain a letter or digit."""
    for place, section in enumerate(review.sections):
        text = squash_text(_COUNTERS.sub(" ", drop_trackers(section.text)))
        key = squash(section.heading or "")
        if not key and not text:
            continue
        if not key and section.heading is not None:
            key = "-"  # a heading of ornaments is still not the opening
        heading = OPENING if section.heading is None else section.heading
        yield _Part(place=place, heading=heading, key=key, name=key.lstrip(_DIGITS) or key, text=text)


_Paired = tuple[list[tuple[_Part, _Part]], list[_Part], list[_Part]]


def _pair(earlier: Sequence[_Part], later: Sequence[_Part], key: Callable[[_Part], Hashable]) -> _Paired:
    """Pair parts with the same key, the first with the first and so on; then return what is left on both sides."""
    waiting = defaultdict[Hashable, deque[_Part]](deque)
    for part in earlier:
        waiting[key(part)].append(part)
    pairs, others = [], []
    for part in later:
        if queue := waiting.get(key(part)):
            pairs.append((queue.popleft(), part))
        else:
            others.append(part)
    left = sorted((part for queue in waiting.values() for part in queue), key=lambda part: part.place)
    return pairs, left, others


def _is_reordered(earlier: Sequence[_Part], later: Sequence[_Part]) -> bool:
    """Whether parts have moved or been renumbered. Both lists are in the order of the later version."""
    is_moved = any(first.place > second.place for first, second in pairwise(earlier))
    return is_moved or [part.key for part in earlier] != [part.key for part in later]


def _headings(parts: Iterable[_Part]) -> tuple[str, ...]:
    return tuple(part.heading for part in sorted(parts, key=lambda part: part.place))


def _facts(review: Review) -> tuple[str, int | None, tuple[str, ...]]:
    return squash(review.venue or ""), review.year, tuple(map(squash, review.authors))


# ── in words ────────────────────────────────────────────────────────────────────────────────────


def describe(changes: Changes, *, limit: int = 1500) -> str:
    """Describe the changes in one line of English: "The review was revised: new: 4.3 Limits; changed: Abstract."

    `bot.reading.revision_notes` says it in other languages.

    Args:
        limit: The maximum length in characters; fewer headings are listed if they do not fit.
    """
    for most in range(MAX_HEADINGS, -1, -1):
        line = _describe(changes, most)
        if len(line) <= limit:
            return line
    return line[: max(limit - 1, 0)] + "…" if limit > 0 else ""


def _describe(changes: Changes, most: int) -> str:
    kinds = {NEW: changes.new, CHANGED: changes.changed, GONE: changes.gone}
    told = [kind.format(headings=_list(headings, most)) for kind, headings in kinds.items() if headings]
    if changes.is_reordered and not told:
        told.append(REORDERED)
    if changes.has_new_facts:
        told.insert(0, NEW_FACTS)
    if changes.is_retitled:
        told.insert(0, RETITLED)
    return REVISED.format(changes="; ".join(told)) if told else ONLY_FORM


def _list(headings: Sequence[str], most: int) -> str:
    """List the first headings and how many more there are; only the number if no heading is to be listed."""
    if not most:
        with speaking(ENGLISH):
            return count_sections(f"{len(headings):,}")
    names = list(dict.fromkeys(map(_shorten, headings)))
    named, left = ", ".join(names[:most]), len(names) - most
    return MORE.format(headings=named, count=f"{left:,}") if left > 0 else named


def _shorten(heading: str) -> str:
    words = " ".join(heading.split())
    return words if len(words) <= _MAX_HEADING_CHARACTERS else words[: _MAX_HEADING_CHARACTERS - 1].rstrip() + "…"


def untold(line: str, told: Iterable[str]) -> str | None:
    """Return what a description says that earlier ones did not, as a description; None if nothing is left.

    Versions further apart are described differently: "new: A, B" says what "new: A" and "new: B" said.

    Args:
        told: Descriptions, possibly as Discord returns them, with escapes.
    """
    said = {(kind, squash(what)) for other in told for kind, what in _items(other.replace("\\", ""))}
    left: dict[str, list[str]] = {}
    for kind, what in _items(line):
        if (kind, squash(what)) not in said:
            left.setdefault(kind, []).append(what)
    if not left:
        return None
    if not line.startswith(_REVISED):
        return line
    return _REVISED + "; ".join(kind + ", ".join(of) for kind, of in left.items()) + "."


def _items(line: str) -> Iterator[tuple[str, str]]:
    """Yield the items of a description: ("new: ", "4.3 Limits"). A heading with a comma counts as several."""
    kind = ""
    for phrase in line.removeprefix(_REVISED).removesuffix(".").split("; "):
        headings = phrase.removeprefix("new: ").removeprefix("changed: ").removeprefix("gone: ")
        kind = phrase.removesuffix(headings) or kind  # otherwise this is the rest of a heading with a semicolon
        yield from ((kind, heading) for heading in (headings.split(", ") if kind else [headings]))
