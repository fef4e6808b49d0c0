"""The field's terms in Korean and English: which spellings mean the same thing.

In: the bundled file and the host's own, with one concept on each line. Out: for a query's words, the runs that are
one of these concepts, each with all its spellings.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import product
from pathlib import Path
from types import MappingProxyType

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot import bundled
from bot.languages import Message, read_message, write_message
from bot.search.slips import slips
from bot.text.terms import (
    analyser_digest,
    bare_forms,
    has_terms,
    is_hangul,
    remembered,
    squash,
    terms,
    without_particle,
    words,
)

Spelling = tuple[str, ...]
"""A run of terms that must stand side by side."""

SEPARATOR = "|"
_PART = "\f"
"""Between the parts of what is kept of a glossary. It ends a line, so no line has it."""
MAX_SPELLING = 80
MAX_WORDS = 6
"""The longest run of words that is looked up as one concept."""
_MAX_SPACES = 4
_LONGEST_COMPOUND = 24
"""The most letters of a word that is split into concepts: each letter doubles the ways to split it."""
_FINALS = 28
_ENDING_FINALS = (4, 8, 16, 17, 20)
"""ㄴ, ㄹ, ㅁ, ㅂ and ㅆ among the 28 finals of a syllable, where 0 means no final (Unicode 16, section 3.12)."""
_IN_ENDINGS = "abcdefgilmnoprstuvyz"
"""Letters that occur in an English ending. Source: https://snowballstem.org/algorithms/english/stemmer.html."""
_SHORTEST_JOINED = 6
"""Letters that a Latin spelling needs to be recognised without its spaces; if shorter, "co t" would be CoT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Words ``start`` to ``stop`` of a query mean this concept; ``text`` is what was typed.

    ``english`` holds the words of its English name if there are several, because a text may use them separately.
    ``is_whole``: the words contain nothing else except known particles and endings.
    """

    start: int
    stop: int
    text: str
    spellings: tuple[Spelling, ...]
    english: tuple[str, ...] = ()
    is_whole: bool = True


@dataclass(frozen=True, kw_only=True)
class Glossary:
    """Concepts by their spellings, and the problems found in the files.

    Working out the keys of 30,000 spellings takes more than a second, so the result can be kept (`to_text`).
    """

    marked: tuple[str, ...] = ()
    """The lines of the files: spellings with “|” between them, those in brackets with their brackets."""
    problems: tuple[str, ...] = ()
    is_everyday: bool = False
    """Whether the file holds everyday words: only the spellings in brackets are recognised, and the others are what
    to search for. In a spelling of several words, particles are ignored and the last word may have any ending:
    “데이터가 적” matches “데이터도 적었을”."""
    _lines_by_key: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    """The numbers of the lines of each key, with spaces between them; sorted by key."""
    _slippable_words: str = field(default="", repr=False)
    """The words that a misspelt word may have been meant for, each on its own line; without everyday words."""

    @classmethod
    def load(cls, paths: Iterable[Path], *, is_everyday: bool = False) -> Glossary:
        """Read files one after the other; a bad line or an unreadable file is recorded as a problem, never an error.

        A spelling may stand in several lines; then typing it means all of them. So a host's file can add to the
        bundled one.

        Args:
            is_everyday: Whether these are everyday words; see the attribute.
        """
        lines: list[tuple[str, ...]] = []
        problems: list[str] = []
        for path in paths:
            try:
                text = path.read_text(encoding="utf-8-sig")
            except (OSError, UnicodeDecodeError) as error:
                problems.append(Message("{file}: cannot be read ({why})", file=path.name, why=str(error)))
                continue
            for number, line in enumerate(text.splitlines(), start=1):
                content = unicodedata.normalize("NFC", line).partition("#")[0].strip()
                if not content:
                    continue
                spellings = tuple(dict.fromkeys(" ".join(part.split()) for part in content.split(SEPARATOR)))
                if problem := _problem(spellings):
                    problems.append(
                        Message("{file}, line {number}: {problem}", file=path.name, number=number, problem=problem)
                    )
                else:
                    lines.append(spellings)
        return cls._of(lines, problems, is_everyday=is_everyday)

    @classmethod
    def _of(cls, marked: Sequence[tuple[str, ...]], problems: Sequence[str], *, is_everyday: bool) -> Glossary:
        by_key: dict[str, list[int]] = {}
        slippable: dict[str, None] = {}
        for position, line in enumerate(marked):
            typed_only = {_without_brackets(text) for text in line if text.startswith("(")}
            spellings = [_without_brackets(text) for text in line]
            known = [text for text in spellings if not is_everyday or text in typed_only]
            if is_everyday:
                known += [_without_particles(text) for text in known]
            else:
                slippable |= dict.fromkeys(word for text in spellings for word in _slippable(text))
            for key in dict.fromkeys(key for spelling in known for key in _keys(spelling)):
                by_key.setdefault(key, []).append(position)
        return cls(
            marked=tuple(map(SEPARATOR.join, marked)),
            problems=tuple(problems),
            is_everyday=is_everyday,
            _lines_by_key=MappingProxyType({key: " ".join(map(str, by_key[key])) for key in sorted(by_key)}),
            _slippable_words="\n".join(slippable),
        )

    def to_text(self) -> str:
        """Write down what was worked out, for `from_text`."""
        problems = json.dumps([write_message(problem) for problem in self.problems])
        keys, places = "\n".join(self._lines_by_key), "\n".join(self._lines_by_key.values())
        return _PART.join((problems, "\n".join(self.marked), keys, places, self._slippable_words))

    @classmethod
    def from_text(cls, text: str, *, is_everyday: bool = False) -> Glossary:
        """Return the glossary that `to_text` wrote down.

        Raises:
            ValueError: It did not write this.
        """
        problems, marked, keys, places, slippable = text.split(_PART)
        return cls(
            marked=tuple(marked.split("\n")) if marked else (),
            problems=tuple(map(read_message, json.loads(problems))),
            is_everyday=is_everyday,
            _lines_by_key=MappingProxyType(
                dict(zip(keys.split("\n"), places.split("\n"), strict=True)) if keys else {}
            ),
            _slippable_words=slippable,
        )

    @cached_property
    def lines(self) -> tuple[tuple[str, ...], ...]:
        """The spellings of each concept, without brackets."""
        return tuple(map(self._spellings, range(len(self.marked))))

    @cached_property
    def _sorted_keys(self) -> Sequence[str]:
        return list(self._lines_by_key)

    @cached_property
    def typed_only(self) -> frozenset[tuple[int, str]]:
        """(line, spelling) of those in brackets: everyday words, which are searched for only if they were typed."""
        return frozenset((at, text) for at in range(len(self.marked)) for text in self._typed_only(at))

    def _spellings(self, position: int) -> tuple[str, ...]:
        return tuple(map(_without_brackets, self.marked[position].split(SEPARATOR)))

    def _typed_only(self, position: int) -> set[str]:
        return {_without_brackets(text) for text in self.marked[position].split(SEPARATOR) if text.startswith("(")}

    @cached_property
    def _words(self) -> Mapping[str, str]:
        """Words that a misspelt word may have been meant for → their letters, Hangul as jamo."""
        joined = self._slippable_words
        return dict(zip(joined.split("\n"), _letters(joined).split("\n"), strict=True)) if joined else {}

    def find(self, typed: Sequence[str], *, longest: int = MAX_WORDS) -> tuple[Found, ...]:
        """Find the concepts among these words, in order and without overlap; at each word the longest run wins.

        Spaces are ignored in Hangul; hyphens, spaces and case are ignored in Latin script. Latin words are compared
        by their stems, and the last word may carry a particle. A Hangul word made of several concepts (환각탐지)
        gives each of them.
        """
        concepts: list[Found] = []
        at = 0
        while at < len(typed):
            run = self._longest(typed, at, longest) or self._parts(typed[at], at) or self._beginning(typed[at], at)
            concepts += run
            at = run[-1].stop if run else at + 1
        return tuple(concepts)

    def _longest(self, typed: Sequence[str], start: int, longest: int) -> list[Found]:
        for stop in self._stops(typed, start, min(len(typed), start + longest)):
            text = " ".join(typed[start:stop])
            for bare in (text, *_without_ending(text)):
                if positions := self._positions(bare):
                    return [self._found(start, stop, text, bare, positions)]
            for bare in _phrased_otherwise(text) if self.is_everyday else ():
                if positions := tuple(at for at in self._positions(bare) if self._is_phrase(at, bare)):
                    return [self._found(start, stop, text, bare, positions)]
        return []

    def _stops(self, typed: Sequence[str], start: int, last: int) -> Sequence[int]:
        """Where a run from ``start`` may end for any key to fit it, the furthest first.

        A text has many runs, and few begin like any key. So a run is left out if no key begins with all its words
        but the last, whose ending may be cut off, nor with the part of them that stands when they are joined.
        """
        if self.is_everyday:
            return range(last, start, -1)
        stops = [start + 1]
        key, joined, is_begun, is_lost = "", "", True, False
        for stop in range(start + 2, last + 1):
            before, final = typed[stop - 2], squash(typed[stop - 1])
            key = _lengthened(key, before) if is_begun else key
            is_begun = is_begun and self._begins_key(key)
            joined += squash(before)
            is_ascii = joined.isascii() and final.isascii()
            if is_begun or (not (is_lost and is_ascii) and self._may_be_joined(joined, final)):
                stops.append(stop)
            elif any(map(is_hangul, joined)):
                break  # it is never joined with more words
            else:
                is_lost = is_lost or is_ascii  # if no key begins with these letters, none begins with more of them
        return stops[::-1]

    def _may_be_joined(self, joined: str, final: str) -> bool:
        """Whether a key may be these letters without their spaces; a particle may be cut off the final ones."""
        if not joined.isascii() or not final.isascii():
            return not any(map(is_hangul, joined)) and not is_hangul(final)
        return self._begins_key(f" {_standing(joined + final)}")

    def _begins_key(self, text: str) -> bool:
        at = bisect_left(self._sorted_keys, text)
        return at < len(self._sorted_keys) and self._sorted_keys[at].startswith(text)

    def _is_phrase(self, position: int, text: str) -> bool:
        """Whether a line has several words cut short like this, and not one: 속여 (deceive) is not in “속 여러”."""
        spaced = (spelling for spelling in self._spellings(position) if " " in spelling)
        return any(key in _keys(_without_particles(spelling)) for spelling in spaced for key in _keys(text))

    def _found(self, start: int, stop: int, text: str, meant: str, positions: Sequence[int]) -> Found:
        theirs = [spelling for position in positions for spelling in self._sought(position)]
        # An everyday phrase that papers have no words for stays one spelling: 알 수 and 알수 are no two words for it.
        spaced = _spaced(meant) if theirs or not self.is_everyday else (meant,)
        return Found(
            start=start,
            stop=stop,
            text=text,
            spellings=tuple(dict.fromkeys((*map(_spelling, spaced), *theirs))),
            english=self._english(positions[0]),
        )

    def _sought(self, position: int) -> tuple[Spelling, ...]:
        """The spellings to search for; worked out when needed, because most lines never are."""
        typed_only = self._typed_only(position)
        return _forms(tuple(text for text in self._spellings(position) if text not in typed_only))

    def _beginning(self, word: str, at: int) -> list[Found]:
        """A concept at the beginning of a Hangul word whose ending is in no list: 검색해왔던."""
        if not is_hangul(word) or not word.isalnum() or len(word) > _LONGEST_COMPOUND:
            return []
        plain = (word[:end] for end in range(len(word) - 1, 1, -1))
        for beginning in _with_stems(word) if self.is_everyday else plain:
            if positions := self._positions(beginning):
                return [replace(self._found(at, at + 1, word, beginning, positions), is_whole=False)]
        return []

    def _parts(self, word: str, at: int) -> list[Found]:
        """The concepts that make up the whole of a word without spaces or hyphens; Latin parts are not split."""
        if not any(map(is_hangul, word)) or not word.isalnum() or len(word) > _LONGEST_COMPOUND:
            return []
        for end in range(len(word) - 2, 1, -1):
            if _splits_latin(word, end):
                continue
            head = self._longest([word[:end]], 0, 1)
            tail = head and (self._longest([word[end:]], 0, 1) or self._parts(word[end:], 0))
            if tail:
                return [replace(part, start=at, stop=at + 1) for part in (*head, *tail)]
        return []

    def _positions(self, text: str) -> tuple[int, ...]:
        found = next((places for key in _keys(text) if (places := self._lines_by_key.get(key))), "")
        return tuple(map(int, found.split()))

    def _english(self, position: int) -> tuple[str, ...]:
        names = (text.split() for text in self._spellings(position) if not any(map(is_hangul, text)))
        return next((tuple(name) for name in names if len(name) > 1), ())

    def nearest(self, word: str) -> tuple[str, int] | None:
        """(the word meant, number of slips) for a word with one or two slips; None if no word is near, or several."""
        for form in (word, *bare_forms(word)):
            if form in self._words:
                return None
            letters = _letters(form)
            near = process.extract(letters, self._words, scorer=OSA.distance, score_cutoff=2, limit=None)
            measured = [(distance, meant) for other, _, meant in near if (distance := slips(letters, other))]
            best = min((distance for distance, _ in measured), default=0)
            meant = [meant for distance, meant in measured if distance == best]
            if meant:
                return (min(meant), best) if len({_spelling(text) for text in meant}) == 1 else None
        return None


def load_glossary(own: Path | None = None) -> Glossary:
    """Return the glossary that ships with the bot, with the lines of the host's file added."""
    return Glossary.load([bundled.glossary(), own]) if own else _bundled_glossary()


@lru_cache(maxsize=1)
def _bundled_glossary() -> Glossary:
    """Read it once a process: it has 30,000 spellings."""
    return Glossary.load([bundled.glossary()])


@lru_cache(maxsize=1)
def load_everyday_words() -> Glossary:
    """Return the everyday words that ship with the bot, each with what papers call it; read once a process."""
    return Glossary.load([bundled.everyday_words()], is_everyday=True)


def sources_digest(own: Path | None = None) -> str:
    """Return a digest of all that these lists depend on: the files, the host's among them, and how they are read.

    Raises:
        OSError: One of the files cannot be read.
    """
    files = (Path(__file__), bundled.glossary(), bundled.everyday_words(), *((own,) if own else ()))
    digests = (analyser_digest(), *(hashlib.sha256(file.read_bytes()).hexdigest() for file in files))
    return hashlib.sha256(" ".join(digests).encode()).hexdigest()


def _problem(spellings: tuple[str, ...]) -> str | None:
    if len(spellings) < 2:
        return Message("a concept needs two spellings with “{mark}” between them", mark=SEPARATOR)
    for spelling in spellings:
        if not squash(spelling) or not has_terms(spelling):
            return Message("a spelling without letters")
        if len(spelling) > MAX_SPELLING or len(spelling.split()) > MAX_WORDS:
            return Message(
                "a spelling of more than {words} words or {characters} characters",
                words=MAX_WORDS,
                characters=MAX_SPELLING,
            )
    return None


@remembered(10_000)
def _keys(text: str) -> tuple[str, ...]:
    """The keys under which a spelling is stored and found: stems; Hangul without spaces, Latin with and without."""
    key = _lengthened("", text)
    joined = squash(text)
    if len(joined) < _SHORTEST_JOINED or any(map(is_hangul, joined)):
        return (key,) if key else ()
    return (key, " " + " ".join(_spelling(joined)))


def _lengthened(key: str, text: str) -> str:
    """A key with the words of a text appended to it."""
    for word in _key_words(text):
        key += word if key and is_hangul(key[-1]) and is_hangul(word) else f" {word}"
    return key


@remembered(10_000)
def _key_words(text: str) -> tuple[str, ...]:
    return tuple(word if is_hangul(word) else " ".join(_spelling(word)) for word in words(text))


def _standing(joined: str) -> str:
    """The part of a joined spelling with which its stem begins, whatever ending the stemmer takes for one.

    Porter2 takes the letters of `_IN_ENDINGS` off the end, or puts others in their place, and leaves three.
    """
    return joined[: max(3, len(joined.rstrip(_IN_ENDINGS)))]


def _without_ending(text: str) -> Iterator[str]:
    """The text without the particle or ending of its last word."""
    head, space, last = text.rpartition(" ")
    return (f"{head}{space}{bare}" for bare in bare_forms(last))


def _phrased_otherwise(text: str) -> Iterator[str]:
    """Several words without particles except on the last, whose ending is cut off step by step."""
    head, space, last = _without_particles(text).rpartition(" ")
    if space:
        yield f"{head} {last}"
        yield from (f"{head} {beginning}" for beginning in _with_stems(last, shortest=1) if is_hangul(last))


def _with_stems(word: str, *, shortest: int = 2) -> Iterator[str]:
    """A Hangul word cut shorter and shorter, also without a final consonant that an ending added: 바꿀 is 바꾸."""
    for end in range(len(word), shortest - 1, -1):
        if end < len(word):
            yield word[:end]
        final = (ord(word[end - 1]) - ord("가")) % _FINALS
        if is_hangul(word[end - 1]) and final in _ENDING_FINALS:
            yield word[: end - 1] + chr(ord(word[end - 1]) - final)


def _without_particles(text: str) -> str:
    """The text without the particles of its words, except the last."""
    *heads, last = text.split() or [""]
    return " ".join([*(without_particle(word) or word for word in heads), last])


def _spaced(text: str) -> Iterator[str]:
    """A spelling with each possible spacing: 검색 증강 생성, 검색증강 생성, 검색증강생성; fine-tuning, finetuning."""
    yield text
    if "-" in text:
        yield text.replace("-", "")
    parts = re.split(r"(?<=[가-힣]) (?=[가-힣])", text)
    if 1 < len(parts) <= _MAX_SPACES:
        for gaps in product((" ", ""), repeat=len(parts) - 1):
            yield "".join(part + gap for part, gap in zip(parts, (*gaps, ""), strict=True))


@lru_cache(maxsize=2_000)
def _forms(texts: tuple[str, ...]) -> tuple[Spelling, ...]:
    return tuple(dict.fromkeys(_spelling(form) for text in texts for form in _spaced(text)))


def _without_brackets(spelling: str) -> str:
    return spelling.strip("() ")


def _spelling(text: str) -> Spelling:
    return tuple(term.text for term in terms(text))


def _slippable(text: str) -> list[str]:
    """The words of a spelling that a misspelt word is compared with: Latin words, or Hangul without its spaces."""
    joined = squash(text)
    if all(map(is_hangul, joined)):
        return [joined]
    return [word for word in words(text) if word.isascii() and word.isalpha()]


def _letters(word: str) -> str:
    """Split Hangul into jamo, so that a slip is one key and not a whole syllable."""
    return unicodedata.normalize("NFD", word)


def _splits_latin(word: str, at: int) -> bool:
    return not is_hangul(word[at - 1]) and not is_hangul(word[at])
