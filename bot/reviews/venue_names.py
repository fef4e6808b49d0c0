"""The spellings of conferences and journals, from the bundled list: which venues stand in a text, and which are one.

In: a text. Out: the venues in it with their places, or a key that all spellings of one venue share. Pure, except that
the list is read once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from bot import bundled

SEPARATOR = " | "
_TOKEN = re.compile(r"[A-Za-zÀ-ž0-9]+|&|[가-힣]+|[ぁ-ヿ㐀-鿿々]+")
_ABBREVIATED = {
    "&": "and", "trans": "transactions", "conf": "conference", "symp": "symposium", "proc": "proceedings",
    "int": "international", "intl": "international", "j": "journal", "endow": "endowment",
}  # fmt: skip
_CONTAINERS = frozenset(
    """conference conferences symposium proceedings workshop workshops meeting journal transactions advances congress
    endowment""".split()
)
"""One of these must be in or beside a name that is also a subject: "Computer Vision and Pattern Recognition"."""
_MIN_CASELESS = 3
"""Shorter names count only in capitals."""


class Spelling(NamedTuple):
    """One way to write a venue.

    Attributes:
        name: The venue's usual name.
        written: This spelling.
        is_phrase: It stands for the usual name, and only beside words such as "Conference".
        needs_year: It is also a word, and counts only as written and with a year.
        needs_volume: It is also a subject, and counts only as written and with a volume or pages.
    """

    name: str
    written: str
    is_phrase: bool
    needs_year: bool
    needs_volume: bool


class Found(NamedTuple):
    """A venue in a text: where it begins and ends, how it is spelt, and the name to show."""

    start: int
    end: int
    spelling: Spelling
    shown: str


class _Sure(NamedTuple):
    """What shows that names which are also words are venues: a year, a volume or pages."""

    by_year: bool
    by_volume: bool


class _Token(NamedTuple):
    word: str
    start: int
    end: int


def find_venues(text: str, *, has_year: bool, has_volume: bool = False) -> list[Found]:
    """Return the known venues in a text in their order; of overlapping ones only the longest.

    Args:
        has_year: The text gives a year, which names that are also words need.
        has_volume: The text gives a volume or pages, which names that are also subjects need.
    """
    tokens = _tokens(text)
    words = [token.word for token in tokens]
    is_contained = not _CONTAINERS.isdisjoint(words)
    sure = _Sure(has_year, has_volume)
    matches = (_longest_at(text, tokens, at, sure) for at in range(len(tokens)))
    found: list[Found] = list(_find_asian(text))
    for one in sorted(filter(None, matches), key=lambda match: match.start - match.end):  # the longest first
        if all(one.end <= other.start or other.end <= one.start for other in found):
            found.append(one)
    shorts = {one.spelling.name for one in found if not one.spelling.is_phrase}
    kept = (one for one in found if not one.spelling.is_phrase or is_contained or one.spelling.name in shorts)
    return sorted(kept)


def same_venue(one: str, other: str) -> bool:
    """Whether two texts name one venue, whatever the spelling: "USENIX Security Symposium" is "USENIX Security"."""
    return not _keys(one).isdisjoint(_keys(other))


def is_also_word(name: str) -> bool:
    """Whether the list marks a venue's name as a word or a subject, too: "DATE", "Sensors"."""
    spellings = _spellings().by_words.get(tuple(token.word for token in _tokens(name)), ())
    return any(one.written == name and (one.needs_year or one.needs_volume) for one in spellings)


# ── looking up ──────────────────────────────────────────────────────────────────────────────────


def _longest_at(text: str, tokens: Sequence[_Token], at: int, sure: _Sure) -> Found | None:
    by_words, longest = _spellings().by_words, _spellings().longest.get(tokens[at].word, 0)
    for length in range(min(longest, len(tokens) - at), 0, -1):
        start, end = tokens[at].start, tokens[at + length - 1].end
        for spelling in by_words.get(tuple(token.word for token in tokens[at : at + length]), ()):
            if _counts(spelling, text[start:end], sure):
                publisher = _BEFORE_TRANSACTIONS.search(text[:start]) if text[start : start + 5] == "Trans" else None
                start = publisher.start() if publisher and not spelling.is_phrase else start
                return Found(start, end, spelling, _shown(spelling, text[start:end]))
    return None


_BEFORE_TRANSACTIONS = re.compile(r"(?:IEEE(?:/ACM)?|ACM|IEICE|IPSJ)\s\Z")
_PUBLISHER = re.compile(r"(?:USENIX|IEEE|ACM)\s(?=\S+\Z)", re.IGNORECASE)


def _shown(spelling: Spelling, written: str) -> str:
    """Return the name to show: as written, without a publisher, and in capitals; for a phrase the usual name."""
    if spelling.is_phrase or written.casefold() == spelling.name.casefold():
        return spelling.name if spelling.is_phrase or written.islower() else written
    bare = _PUBLISHER.sub("", written)
    return bare.upper() if bare.islower() and " " not in bare else bare


def _counts(spelling: Spelling, written: str, sure: _Sure) -> bool:
    if spelling.needs_year or spelling.needs_volume:
        is_sure = sure.by_volume if spelling.needs_volume else sure.by_year
        return is_sure and _same_letters(written, spelling.written)
    is_name = " " in spelling.written or len(spelling.written) < _MIN_CASELESS
    return spelling.is_phrase or not is_name or written[0].isupper() or written[0].isdigit()


def _same_letters(one: str, other: str) -> bool:
    return re.sub(r"\W", "", one) == re.sub(r"\W", "", other)


def _find_asian(text: str) -> Iterator[Found]:
    """Yield the names in Asian letters, which particles may follow without a space."""
    for spelling in _spellings().asian:
        start = text.find(spelling.written)
        if start >= 0:
            yield Found(start, start + len(spelling.written), spelling, spelling.written)
            return  # the longest comes first


def _tokens(text: str) -> list[_Token]:
    matches = ((match[0].casefold(), match) for match in _TOKEN.finditer(text))
    return [_Token(_ABBREVIATED.get(word, word), *match.span()) for word, match in matches if word != "the"]


# ── the same venue ──────────────────────────────────────────────────────────────────────────────

_BESIDE_NAME = frozenset(
    """proceedings of in annual acm ieee cvf rsj aaai international association journal usenix conference on symposium
    for and""".split()
)


def _keys(text: str) -> frozenset[str]:
    """Return the usual names of the venues that a text may stand for, and its own letters."""
    words = [token.word for token in _tokens(text)]
    bare = [word for word in words if not re.fullmatch(r"\d{4}|\d{1,3}(?:st|nd|rd|th)", word)]
    by_words = _spellings().by_words
    is_workshop = not _WORKSHOPS.isdisjoint(words)
    cuts = (at for at, word in enumerate(bare, 1) if word in _LEADING)
    forms = [bare, *(bare[at:] for at in cuts if not is_workshop or _LEADING.issuperset(bare[:at]))]
    named = {spelling.name for form in forms for spelling in by_words.get(tuple(form), ())}
    found = {one.spelling.name for one in find_venues(text, has_year=True, has_volume=True)}
    whole = "".join(bare)
    short = "".join(word for word in bare if word not in _BESIDE_NAME)
    known = named or (found if len(found) == 1 and not is_workshop else set())
    return frozenset({*known, *(f"={letters}" for letters in (whole, short) if letters)})


_WORKSHOPS = frozenset({"workshop", "workshops"})
"""Beside a conference's name, one of these makes it another venue."""
_LEADING = frozenset("of on in annual ieee acm cvf rsj international conference proceedings advances usenix".split())


# ── the list ────────────────────────────────────────────────────────────────────────────────────


class _Spellings(NamedTuple):
    by_words: Mapping[tuple[str, ...], tuple[Spelling, ...]]
    longest: Mapping[str, int]
    asian: tuple[Spelling, ...]


@lru_cache(maxsize=1)
def _spellings() -> _Spellings:
    by_words: dict[tuple[str, ...], tuple[Spelling, ...]] = defaultdict(tuple)
    longest: dict[str, int] = defaultdict(int)
    asian: list[Spelling] = []
    lines = bundled.venues().read_text("utf-8").splitlines()
    listed = (line for line in lines if line.strip() and not line.startswith("#"))
    for spelling in chain.from_iterable(map(read_spellings, listed)):
        words = tuple(token.word for token in _tokens(spelling.written))
        if not spelling.written.isascii():
            asian.append(spelling)
        elif words and not any(one.written == spelling.written for one in by_words[words]):
            by_words[words] += (spelling,)
            longest[words[0]] = max(longest[words[0]], len(words))
    return _Spellings(by_words, longest, tuple(sorted(asian, key=lambda one: -len(one.written))))


def read_spellings(line: str) -> Iterator[Spelling]:
    """Yield the spellings in a line of the list; the usual name is the first, unless it counts only behind a sign."""
    name, *others = (part.strip() for part in line.split(SEPARATOR))
    marked = {part[1:] for part in others if part[0] in "?!"}
    yield from (_spelling(name, part) for part in ([] if name in marked else [name]) + others)


def _spelling(name: str, part: str) -> Spelling:
    sign, written = (part[0], part[1:]) if part[0] in "?!" else ("", part)
    is_phrase = " " in written and written.islower() and written.isascii()
    return Spelling(name, written, is_phrase, sign == "?", sign == "!")
