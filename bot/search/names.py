"""All names of all reviews, in memory: look-up of a paper however its name is typed, and completion.

Built once from the cache's table of names and exchanged whole when that changes; a look-up reads no database.
Order of trust: identifier, the name as written, its beginning, a slip or two, words of title, authors and venue.
A name in Hangul that none of these knows is read as typed on the wrong keyboard, then by its sound.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from functools import partial
from heapq import nlargest
from itertools import chain
from math import log
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.models import Identifiers, Name, NameKind, ReviewHead
from bot.search import hangul
from bot.search.headings import slips
from bot.search.text import squash, terms, without_particle, words

COINED_SHARE = 0.7
"""A coined name belongs to the review that has this share of the cache's uses of it."""
STUB_CHARACTERS = 1_000
MIN_PREFIX = 3
FULL_WORDS = 0.7 - 1e-9
"""The score of a look-up by words where every word was met, rounding aside."""
SURE_SOUND = 0.125
"""A vowel of four is another, or one consonant in a name of eight sounds: as far as spellings of one name differ."""
OFFERED_SOUND = 0.3
SOUND_MARGIN = 0.1
"""How much farther than the best any other review must sound, for the best to be sure."""
SURE_SOUND_WEIGHT = 10
"""Two consonants and a vowel, or three letters spelled out. Below that, everyday syllables sound like names."""
_FUZZY = (NameKind.SHORT, NameKind.TITLE, NameKind.SLUG, NameKind.REPOSITORY, NameKind.COINED)
_HEARD = (NameKind.SHORT, NameKind.SLUG, NameKind.REPOSITORY)


class How(StrEnum):
    """How a name was met, best first."""

    IDENTIFIER = "identifier"
    EXACT = "exact"
    PREFIX = "prefix"
    SLIP = "slip"
    SLIPS = "two slips"  # or a sound that is only near: a guess, never opened unasked
    WORDS = "words"
    KEYBOARD = "keyboard"  # the Latin letters on the keys, with the Korean keyboard left on
    SOUND = "sound"  # close, and no other review near


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A review that may be meant. ``name`` is the spelling it was met by; ``score`` is 1.0 at best.

    ``is_own`` is False for a name that stands in the review's text alone: it may be its paper's or another's.
    """

    review_id: int
    how: How
    name: str
    score: float
    is_own: bool = True


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a name came to, best first. ``is_sure`` says that the first may be shown as the answer."""

    matches: tuple[NameMatch, ...] = ()
    is_sure: bool = False


@dataclass(slots=True)
class Names:
    """The index. ``heads`` maps ids to reviews, ``stubs`` are those of a few lines."""

    heads: dict[int, ReviewHead] = field(default_factory=dict)
    stubs: frozenset[int] = frozenset()
    _exact: dict[str, dict[int, Name]] = field(default_factory=lambda: defaultdict(dict))
    _sorted: list[str] = field(default_factory=list)
    _words: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _sorted_words: list[str] = field(default_factory=list)
    _identifiers: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    _links: dict[str, int] = field(default_factory=dict)
    _sounds: dict[str, dict[str, dict[int, Name]]] = field(default_factory=lambda: defaultdict(dict))

    @classmethod
    def build(cls, heads: Iterable[ReviewHead], names: Iterable[tuple[int, Name]]) -> Names:
        """Build the index; a matter of milliseconds for a hundred reviews, so run large ones in a thread."""
        index = cls(heads={head.id: head for head in heads})
        index.stubs = frozenset(i for i, head in index.heads.items() if head.characters < STUB_CHARACTERS)
        listed = [(review_id, name) for review_id, name in names if review_id in index.heads]
        totals: dict[str, int] = defaultdict(int)
        for _, name in listed:
            if name.kind is NameKind.COINED:
                totals[squash(name.text)] += name.uses
        for review_id, name in listed:
            index._add(review_id, name, totals)
        for head in index.heads.values():
            index._add_head(head)
        index._sorted = sorted(index._exact)
        index._sorted_words = sorted(index._words)
        return index

    def _add(self, review_id: int, name: Name, totals: dict[str, int]) -> None:
        key = squash(name.text)
        if name.kind in _FUZZY and key:
            if name.kind is NameKind.COINED and name.uses < COINED_SHARE * totals[key]:
                return
            held = self._exact[key].get(review_id)
            if held is None or _rank(name.kind) < _rank(held.kind):
                self._exact[key][review_id] = name
        if name.kind in _HEARD:
            self._add_sounds(review_id, name)
        for word in (*words(name.text), *(term.text for term in terms(name.text))):
            self._words[word].add(review_id)
        if name.kind is NameKind.VENUE:
            self._words[key].add(review_id)

    def _add_sounds(self, review_id: int, name: Name) -> None:
        spoken = replace(name, text=name.text.rpartition("/")[2])  # nobody says a repository's owner
        for exact, code in hangul.readings(spoken.text):
            held = self._sounds[exact].setdefault(code, {})
            if review_id not in held or _rank(name.kind) < _rank(held[review_id].kind):
                held[review_id] = spoken

    def _add_head(self, head: ReviewHead) -> None:
        for category in head.categories:
            for word in words(category):
                self._words[word].add(head.id)
        for kind, value in asdict(head.identifiers).items():
            if value:
                self._identifiers[kind, value.casefold()].append(head.id)
        self._links[_bare_link(head.link)] = head.id

    # ── look-up ─────────────────────────────────────────────────────────────────────────────────

    def find_identifiers(self, identifiers: Identifiers) -> list[NameMatch]:
        """The reviews whose own paper carries one of these identifiers; longer reviews first."""
        found: dict[int, str] = {}
        for kind, value in asdict(identifiers).items():
            if value:
                for review_id in self._identifiers.get((kind, value.casefold()), ()):
                    found.setdefault(review_id, value)
        ordered = sorted(found, key=self._stub_last)
        return [NameMatch(review_id, How.IDENTIFIER, found[review_id], 1.0) for review_id in ordered]

    def find_link(self, url: str) -> NameMatch | None:
        """The review that stands at this address."""
        review_id = self._links.get(_bare_link(url))
        return None if review_id is None else NameMatch(review_id, How.IDENTIFIER, url, 1.0)

    def lookup(self, query: str, *, limit: int = 10) -> Lookup:
        """Find the review that a name means.

        Returns:
            Matches best first. Sure where one review has the name as written, or alone begins with it, or
            lies one slip away with no rival, or has every word asked, or sounds like what was typed in Hangul
            with no rival; otherwise the matches are candidates.
        """
        key = squash(query)
        if not key:
            return Lookup()
        found: dict[int, NameMatch] = {}
        sure = False
        for step in (self._find_exact, self._find_prefix, self._find_slips, partial(self._find_words, query)):
            matches = step(key)
            if not found and matches:
                sure = _is_sure(matches)
            for match in matches:
                found.setdefault(match.review_id, match)
            if sure and len(found) >= limit:
                break
        if hangul.has_hangul(query) and all(m.how is How.WORDS and m.score < FULL_WORDS for m in found.values()):
            typed = self._find_mistyped(query)
            other = typed if typed.matches else self._find_sound(query)
            ordered = (other.matches, found.values()) if other.is_sure else (found.values(), other.matches)
            sure = sure or other.is_sure
            found = {}
            for match in chain(*ordered):
                found.setdefault(match.review_id, match)
        return Lookup(tuple(found.values())[:limit], sure)

    def _find_exact(self, key: str) -> list[NameMatch]:
        held = self._exact.get(key, {})
        ordered = sorted(held, key=lambda i: (_rank(held[i].kind), *self._stub_last(i)))
        return [NameMatch(i, How.EXACT, held[i].text, 1.0, _is_own(held[i])) for i in ordered]

    def _find_prefix(self, key: str) -> list[NameMatch]:
        if len(key) < MIN_PREFIX:
            return []
        best: dict[int, Name] = {}
        for text in _starting_with(self._sorted, key):
            if _cuts_number(key, text):
                continue
            for review_id, name in self._exact[text].items():
                if review_id not in best or _rank(name.kind) < _rank(best[review_id].kind):
                    best[review_id] = name
        ordered = sorted(best, key=lambda i: (_rank(best[i].kind), *self._stub_last(i)))
        return [NameMatch(i, How.PREFIX, best[i].text, 0.9, _is_own(best[i])) for i in ordered]

    def _find_slips(self, key: str) -> list[NameMatch]:
        bound = 0 if len(key) < 4 else 1 if len(key) < 8 else 2
        near = process.extract(key, self._sorted, scorer=OSA.distance, score_cutoff=bound, limit=None)
        found: dict[int, tuple[int, int, Name]] = {}
        for text, _, _ in near if bound else ():
            distance = slips(key, text)
            if not distance:
                continue
            for review_id, name in self._exact[text].items():
                rank = (distance, _rank(name.kind), name)
                if review_id not in found or rank[:2] < found[review_id][:2]:
                    found[review_id] = rank
        ordered = sorted(found, key=lambda i: (*found[i][:2], *self._stub_last(i)))
        return [
            NameMatch(
                i,
                How.SLIP if found[i][0] == 1 else How.SLIPS,
                found[i][2].text,
                0.9 - 0.1 * found[i][0],
                _is_own(found[i][2]),
            )
            for i in ordered
        ]

    def _find_words(self, query: str, key: str) -> list[NameMatch]:
        """Coverage of the query's words by title, names, authors, venue and categories, rare words counting more."""
        asked = list(dict.fromkeys(words(query)))
        weights: dict[int, float] = defaultdict(float)
        total = 0.0
        for word in asked:
            ids = self._reviews_with(word)
            weight = log(1 + len(self.heads) / (len(ids) or 0.5))
            total += weight
            for review_id in ids:
                weights[review_id] += weight
        joined = self._words.get(key, set()) if len(asked) > 1 else set()
        scores = {i: weight / total for i, weight in weights.items()} | dict.fromkeys(joined, 1.0)
        ordered = sorted(
            (i for i, score in scores.items() if score >= 0.5),
            key=lambda i: (-round(scores[i], 6), *self._stub_last(i)),
        )
        return [NameMatch(i, How.WORDS, self.heads[i].clean_title, 0.7 * scores[i]) for i in ordered]

    def _find_mistyped(self, query: str) -> Lookup:
        """A name typed with the Korean keyboard on. Where all letters joined to syllables it may as well be Korean,
        and only the name as written counts."""
        typed = squash(hangul.unmistype(query) or "")
        steps = (self._find_exact, self._find_prefix, self._find_slips)
        for step in steps if hangul.has_loose_jamo(query) else steps[:1]:
            if len(typed) >= MIN_PREFIX and (matches := step(typed)):
                return Lookup(
                    tuple(m if m.how is How.SLIPS else replace(m, how=How.KEYBOARD) for m in matches),
                    _is_sure(matches),
                )
        return Lookup()

    def _find_sound(self, query: str) -> Lookup:
        """Names that sound like a query in Hangul, a particle left on it or not; digits and letters as they are."""
        found: dict[int, _Heard] = {}
        for reading in dict.fromkeys((*hangul.readings(query), *hangul.readings(without_particle(query) or ""))):
            held = self._sounds.get(reading.exact, {})
            weight = len(reading.code) + 2 * len(reading.exact)
            for code, distance in hangul.near(reading.code, held, within=OFFERED_SOUND):
                for review_id, name in held[code].items():
                    heard = _Heard(distance, _rank(name.kind), -weight, name)
                    if review_id not in found or heard[:3] < found[review_id][:3]:
                        found[review_id] = heard
        ordered = sorted(found, key=lambda i: (*found[i][:2], *self._stub_last(i)))
        sure = bool(ordered) and _is_clear([found[i] for i in ordered])
        return Lookup(
            tuple(
                NameMatch(i, How.SOUND, found[i].name.text, 0.8 * (1 - found[i].distance))
                if sure and i == ordered[0]
                else NameMatch(i, How.SLIPS, found[i].name.text, 0.6 * (1 - found[i].distance))
                for i in ordered
            ),
            sure,
        )

    def _reviews_with(self, word: str) -> set[int]:
        ids = set(self._words.get(word, ()))
        for term in terms(word):
            ids |= self._words.get(term.text, set())
        if len(word) >= 4 and not any(char.isdigit() for char in word):
            for longer in _starting_with(self._sorted_words, word):
                ids |= self._words[longer]
        return ids

    def _stub_last(self, review_id: int) -> tuple[bool, float, int]:
        head = self.heads[review_id]
        return review_id in self.stubs, -head.date.timestamp(), -review_id

    def newest(self, limit: int) -> list[ReviewHead]:
        """The newest reviews first."""
        return nlargest(limit, self.heads.values(), key=lambda head: (head.date, head.id))

    # ── completion ──────────────────────────────────────────────────────────────────────────────

    def suggest(self, typed: str, *, limit: int = 25) -> list[ReviewHead]:
        """Reviews for a name half typed: by beginning, then by words and slips; the newest where equal."""
        key = squash(typed)
        if not key:
            return self.newest(limit)
        found: dict[int, None] = {}
        for text in _starting_with(self._sorted, key):
            found.update(dict.fromkeys(self._exact[text]))
        ordered = sorted(found, key=self._stub_last)
        ordered += [m.review_id for m in self.lookup(typed, limit=limit).matches if m.review_id not in found]
        return [self.heads[review_id] for review_id in ordered[:limit]]


def _is_sure(matches: list[NameMatch]) -> bool:
    best = matches[0]
    alone = len(matches) == 1
    if not best.is_own:
        return False
    match best.how:
        case How.EXACT:
            return True
        case How.PREFIX:
            return alone
        case How.SLIP:
            return alone or matches[1].how is How.SLIPS
        case How.WORDS:
            return best.score >= FULL_WORDS and (alone or matches[1].score < best.score)
        case _:
            return False


class _Heard(NamedTuple):
    """A name as near as it sounds. ``lightness`` is less, the more of it was heard."""

    distance: float
    rank: int
    lightness: int
    name: Name


def _is_clear(found: list[_Heard]) -> bool:
    """True where the first is close, long enough and without a rival.

    Another review that holds the same name by a lesser kind is none, as with names as written.
    """
    best = found[0]
    rivals = [
        other
        for other in found[1:]
        if other.distance < best.distance + SOUND_MARGIN
        and (other.rank <= best.rank or squash(other.name.text) != squash(best.name.text))
    ]
    return best.distance <= SURE_SOUND and -best.lightness >= SURE_SOUND_WEIGHT and not rivals


def _is_own(name: Name) -> bool:
    return name.kind is not NameKind.COINED


def _rank(kind: NameKind) -> int:
    return _RANKS[kind]


_RANKS = {kind: rank for rank, kind in enumerate(NameKind)}


def _starting_with(ordered: list[str], prefix: str) -> Iterable[str]:
    for position in range(bisect_left(ordered, prefix), len(ordered)):
        if not ordered[position].startswith(prefix):
            return
        yield ordered[position]


def _cuts_number(prefix: str, text: str) -> bool:
    """True where the prefix ends within a number: "gpt3" does not begin "gpt35"."""
    return len(text) > len(prefix) and prefix[-1].isdigit() and text[len(prefix)].isdigit()


def _bare_link(url: str) -> str:
    """An address without what people leave out: scheme, www., a slash or fragment at the end."""
    bare = url.strip().partition("://")[2] or url.strip()
    return bare.removeprefix("www.").partition("#")[0].rstrip("/").casefold()
