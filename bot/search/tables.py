"""How the names of many reviews are stored in memory: packed and sorted, with arrays of the reviews that hold them.

Each table is filled in order and then frozen; after that its arrays are NumPy's, and it can be searched. Here a
review is known by its place in the order of preference (stubs last, the newest first), so the most preferred is the
smallest number.

``arrays`` gives out all that a frozen table holds, and ``from_arrays`` makes the same table of it, without copying:
the arrays may lie in a file.

``within`` gives a table that is limited to some reviews and answers as if it had been filled with only these. It
shares all large data and stores only the differences.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from itertools import chain
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.models.index import LabelRow, NameKind
from bot.models.reviews import ReviewLabel
from bot.search import hangul
from bot.search.slips import slip_bound, slips
from bot.search.strings import LAST, Strings

KINDS = tuple(NameKind)
RANKS = {kind.value: rank for rank, kind in enumerate(KINDS)}
COINED_SHARE = 0.7
"""A coined name belongs to the review with at least this share of its uses among the visible reviews."""
INTRODUCED_SHARE = 0.4
"""A review that presents a name as its own needs only this share, if no other review presents it too."""
PIECE = 200_000
_BETWEEN = "\n"
"""Between the codes of readings, which have no white space."""
_LETTER_BITS = 61
"""Letters are hashed to this many bits of a 64-bit signature; a prime, so that alphabets spread evenly."""

Numbers = npt.NDArray[np.uint32]
Having = npt.NDArray[np.bool_]
"""For each review, whether it has something."""
Arrays = Mapping[str, npt.NDArray[Any]]
"""What a table holds, by name."""


class Labels:
    """What a completion shows of each review, by place and by id."""

    def __init__(self) -> None:
        self._ids: array[int] | memoryview = array("q")
        self._feeds: array[int] | memoryview = array("q")
        self._sorted_ids, self._places = np.empty(0, np.int64), np.empty(0, np.int64)
        self._is_shown: Having = np.empty(0, np.bool_)
        self._shown_count = 0
        self._titles, self._shorts, self._links = Strings(), Strings(), Strings()
        self.stubs: set[int] = set()
        self._is_stub: array[int] | memoryview = array("b")
        self._venues: dict[tuple[str | None, int | None], int] = {}
        self._venue_list: list[tuple[str | None, int | None]] = []
        self._venue_of: array[int] | memoryview = array("I")

    def append(self, row: LabelRow) -> int:
        """Add the next review in the order of preference, and return its place."""
        assert isinstance(self._ids, array)  # noqa: S101 - not frozen yet
        assert isinstance(self._feeds, array)  # noqa: S101
        assert isinstance(self._is_stub, array)  # noqa: S101
        assert isinstance(self._venue_of, array)  # noqa: S101
        self._ids.append(row.id)
        self._feeds.append(row.feed_id)
        self._titles.append(row.clean_title)
        self._shorts.append(row.short_name or "")
        self._links.append(row.link)
        self._venue_of.append(self._venues.setdefault((row.venue, row.year), len(self._venues)))
        self._is_stub.append(row.is_stub)
        return len(self._ids) - 1

    def freeze(self) -> None:
        """End the filling; all reviews are visible."""
        ids = np.asarray(self._ids, np.int64)
        self._places = np.argsort(ids)
        self._sorted_ids = ids[self._places]
        self._venue_list = self._venue_list or list(self._venues)
        self.stubs = set(ids[np.asarray(self._is_stub, np.bool_)].tolist())
        self.show(np.ones(len(ids), np.bool_))

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All that it holds."""
        return {
            "ids": np.asarray(self._ids, np.int64),
            "feeds": np.asarray(self._feeds, np.int64),
            "stub": np.asarray(self._is_stub, np.int8),
            "venue": np.asarray(self._venue_of, np.uint32),
            "venues": np.frombuffer(json.dumps(self._venue_list).encode(), np.uint8),
            **named("titles", self._titles.arrays()),
            **named("shorts", self._shorts.arrays()),
            **named("links", self._links.arrays()),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """The labels that were given out by `arrays`; all reviews are visible."""
        labels = cls()
        labels._ids, labels._feeds = arrays["ids"].data, arrays["feeds"].data
        labels._is_stub, labels._venue_of = arrays["stub"].data, arrays["venue"].data
        labels._venue_list = [(venue, year) for venue, year in json.loads(arrays["venues"].tobytes())]
        labels._titles = Strings.from_arrays(part_of(arrays, "titles"))
        labels._shorts = Strings.from_arrays(part_of(arrays, "shorts"))
        labels._links = Strings.from_arrays(part_of(arrays, "links"))
        labels.freeze()
        return labels

    def of_feeds(self, feeds: Iterable[int]) -> Having:
        """Which reviews, by place, are from these feeds."""
        return np.isin(np.array(self._feeds, np.int64), np.fromiter(feeds, np.int64))

    def within(self, shown: Having) -> Self:
        """The labels of only these reviews, given by place."""
        narrowed = copy(self)
        narrowed.show(shown)
        return narrowed

    def show(self, shown: Having) -> None:
        """Make only these reviews visible, given by place."""
        self._is_shown, self._shown_count = shown, int(np.count_nonzero(shown))

    @property
    def stub_share(self) -> float:
        """How many of the visible reviews are stubs, 0 to 1."""
        stubs = np.count_nonzero(np.array(self._is_stub, np.bool_) & self._is_shown)
        return int(stubs) / self._shown_count if self._shown_count else 0.0

    def __len__(self) -> int:
        """How many reviews are visible."""
        return self._shown_count

    @property
    def total(self) -> int:
        """How many reviews there are, visible or not; greater than every place."""
        return len(self._ids)

    def first(self, count: int) -> list[int]:
        """The places of the most preferred visible reviews."""
        places: list[int] = np.flatnonzero(self._is_shown)[:count].tolist()
        return places

    def by_id(self) -> bytes:
        """For each review id, from 0 on, a byte that is 1 if the review is visible."""
        flags = np.zeros(int(self._sorted_ids[-1]) + 1 if len(self._sorted_ids) else 0, np.uint8)
        flags[np.array(self._ids, np.int64)[self._is_shown]] = 1
        return flags.tobytes()

    def count_up_to(self, review_id: int) -> int:
        """How many visible reviews have an id up to this one."""
        up_to = int(np.searchsorted(self._sorted_ids, review_id, side="right"))
        return int(self._is_shown[self._places[:up_to]].sum())

    def __getitem__(self, place: int) -> ReviewLabel:
        venue, year = self._venue_list[self._venue_of[place]]
        return ReviewLabel(
            id=self._ids[place],
            link=self._links[place],
            clean_title=self._titles[place],
            short_name=self._shorts[place] or None,
            venue=venue,
            year=year,
        )

    def id(self, place: int) -> int:
        """The id of the review at a place."""
        return self._ids[place]

    def title(self, place: int) -> str:
        """The title of the review at a place."""
        return self._titles[place]

    def place(self, review_id: int) -> int | None:
        """A review's place in the order of preference; None if it is not visible."""
        at = int(np.searchsorted(self._sorted_ids, review_id))
        if at == len(self._sorted_ids) or self._sorted_ids[at] != review_id:
            return None
        place = int(self._places[at])
        return place if self._is_shown[place] else None


class Held(NamedTuple):
    """A name that a review holds. A smaller rank of the kind and a smaller place of the review are better."""

    rank: int
    review: int
    name: int


class Use(NamedTuple):
    """A review's use of a name: the rank of its kind, the review's place, the number of uses, and the spelling."""

    rank: int
    review: int
    uses: int
    text: str


class NameTable:
    """Names sorted by their keys, each with its spellings and the reviews that use it.

    A row is one review's use of a name. Which rows hold their name depends on which reviews are visible: a coined
    name belongs to the review with most of its uses, or to none if another review has it as a name of a better kind.
    """

    def __init__(self) -> None:
        self._keys, self._texts = Strings(), Strings()
        self._respelled: array[int] | memoryview = array("I")
        """The few rows that spell their name in another way than its first row."""
        self._respellings = Strings()
        self._starts: Sequence[int] | Numbers = array("I", [0])
        self._holders: Sequence[int] | Numbers = array("I")
        self._uses: Sequence[int] | Numbers = array("I")
        self._kinds: Sequence[int] | npt.NDArray[np.uint8] = array("B")
        self._is_held: Having = np.empty(0, np.bool_)
        self._lengths = array("I")
        self._new_keys: list[str] = []
        self._parts: list[npt.NDArray[np.uint64]] = []
        self._by_length = np.empty(0, np.uint32)
        self._sorted_lengths = np.empty(0, np.int64)
        self._letters = np.empty(0, np.uint64)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All that it holds."""
        return {
            **named("keys", self._keys.arrays()),
            **named("texts", self._texts.arrays()),
            "respelled": np.asarray(self._respelled, np.uint32),
            **named("respellings", self._respellings.arrays()),
            "starts": np.asarray(self._starts),
            "holders": np.asarray(self._holders),
            "uses": np.asarray(self._uses),
            "kinds": np.asarray(self._kinds),
            "held": self._is_held,
            "by_length": self._by_length,
            "lengths": self._sorted_lengths,
            "letters": self._letters,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """The names that were given out by `arrays`, as they were limited."""
        table = cls()
        table._keys = Strings.from_arrays(part_of(arrays, "keys"))
        table._texts = Strings.from_arrays(part_of(arrays, "texts"))
        table._respelled = arrays["respelled"].data
        table._respellings = Strings.from_arrays(part_of(arrays, "respellings"))
        table._starts, table._holders, table._uses = arrays["starts"], arrays["holders"], arrays["uses"]
        table._kinds, table._is_held = arrays["kinds"], arrays["held"]
        table._by_length, table._sorted_lengths = arrays["by_length"], arrays["lengths"]
        table._letters = arrays["letters"]
        return table

    # ── filling ──

    def append(self, key: str, rows: Sequence[Use]) -> int:
        """Add the next name, in the order of keys, with one or more rows; returns the number of its first row."""
        assert isinstance(self._starts, array)  # noqa: S101 - not frozen yet
        assert isinstance(self._holders, array)  # noqa: S101
        assert isinstance(self._uses, array)  # noqa: S101
        assert isinstance(self._kinds, array)  # noqa: S101
        assert isinstance(self._respelled, array)  # noqa: S101
        first, text = len(self._holders), rows[0].text
        for at, row in enumerate(rows, first):
            if row.text != text:
                self._respelled.append(at)
                self._respellings.append(row.text)
        self._keys.append(key)
        self._texts.append(text)
        self._new_keys.append(key)
        for row in rows:
            self._kinds.append(row.rank)
            self._holders.append(row.review)
            self._uses.append(row.uses)
        self._starts.append(len(self._holders))
        return first

    def measure(self) -> None:
        """Compute lengths and signatures of the names added since the last call; a few thousand at a time."""
        if self._new_keys:
            self._lengths.extend(map(len, self._new_keys))
            self._parts.append(signatures(self._new_keys))
            self._new_keys = []

    def freeze(self, reviews: int) -> None:
        """End the filling; all reviews are visible.

        Args:
            reviews: How many reviews there are.
        """
        self.measure()
        lengths = np.array(self._lengths, np.int64)
        order = np.argsort(lengths, kind="stable")
        self._by_length, self._sorted_lengths = order.astype(np.uint32), lengths[order]
        self._letters = np.concatenate(self._parts)[order] if self._parts else self._letters
        self._starts, self._holders = np.array(self._starts, np.uint32), np.array(self._holders, np.uint32)
        self._kinds, self._uses = np.array(self._kinds, np.uint8), np.array(self._uses, np.uint32)
        self._lengths, self._parts = array("I"), []
        self.show(np.ones(reviews, np.bool_))

    def within(self, shown: Having) -> Self:
        """The names of only these reviews, given by place."""
        narrowed = copy(self)
        narrowed.show(shown)
        return narrowed

    def show(self, shown: Having) -> None:
        """Make only these reviews visible, given by place, and decide which rows hold their name among them."""
        starts, uses, kinds = np.asarray(self._starts), np.asarray(self._uses), np.asarray(self._kinds)
        if not len(uses):
            return
        is_shown = shown[np.asarray(self._holders)]
        is_coined = (kinds == RANKS[NameKind.COINED]) | (kinds == RANKS[NameKind.INTRODUCED])
        rows_each = np.diff(starts)
        is_called = np.logical_or.reduceat(is_shown & ~is_coined, starts[:-1])
        total = np.add.reduceat(uses * (is_shown & is_coined), starts[:-1], dtype=np.int64)
        is_introduced = kinds == RANKS[NameKind.INTRODUCED]
        presented = np.add.reduceat(uses * (is_shown & is_introduced), starts[:-1], dtype=np.int64)
        needed = np.maximum(COINED_SHARE * presented, INTRODUCED_SHARE * total)
        is_own = uses >= np.where(
            is_introduced, np.repeat(needed, rows_each), COINED_SHARE * np.repeat(total, rows_each)
        )
        self._is_held = is_shown & (~is_coined | (is_own & ~np.repeat(is_called, rows_each)))

    # ── asking ──

    def text(self, name: int) -> str:
        """A name as the best of its holders spells it."""
        first, last = int(self._starts[name]), int(self._starts[name + 1])
        respelled = range(bisect_left(self._respelled, first), bisect_left(self._respelled, last))
        if not respelled:
            return self._texts[name]
        best = min(self._rows(name), key=lambda row: (self._kinds[row], row))
        return next((self._respellings[at] for at in respelled if self._respelled[at] == best), self._texts[name])

    def key(self, name: int) -> str:
        """The key of a name."""
        return self._keys[name]

    def find(self, key: str) -> list[Held]:
        """The reviews that hold the name with this key, best first."""
        name = self._keys.find(key)
        return [] if name is None else sorted(self.holders(name))

    def holders(self, name: int) -> list[Held]:
        """The visible reviews that hold a name; there may be none."""
        return [Held(int(self._kinds[row]), int(self._holders[row]), name) for row in self._rows(name)]

    def _rows(self, name: int) -> list[int]:
        first, last = int(self._starts[name]), int(self._starts[name + 1])
        rows: list[int] = (first + np.flatnonzero(self._is_held[first:last])).tolist()
        return rows

    def name_of(self, row: int) -> int | None:
        """The name of a row; None if its review does not hold the name."""
        return int(np.searchsorted(np.asarray(self._starts), row, side="right")) - 1 if self._is_held[row] else None

    def beginning(self, prefix: str, *, within_number: bool, limit: int) -> list[Held]:
        """The best name of each review among those that begin with a prefix, best first.

        Args:
            within_number: Whether the prefix may end inside a number, like "gpt3" in "gpt35".
        """
        start, stop = self._keys.starting_with(prefix)
        ranges = [(start, stop)]
        if prefix[-1].isdigit() and not within_number:
            first, last = self._keys.starting_with(prefix + "0")[0], self._keys.starting_with(prefix + "9" + LAST)[0]
            ranges = [(start, first), (last, stop)]
        by_review: dict[int, Held] = {}
        for held in (h for start, stop in ranges if start < stop for h in self._best_between(start, stop, 8 * limit)):
            by_review[held.review] = min(held, by_review.get(held.review, held))
        return sorted(by_review.values())[:limit]

    def _best_between(self, start: int, stop: int, limit: int) -> list[Held]:
        """The best holders of the names between two positions; a review may occur several times."""
        first, last = int(self._starts[start]), int(self._starts[stop])
        rows = first + np.flatnonzero(self._is_held[first:last])
        order = (np.asarray(self._kinds)[rows].astype(np.int64) << 32) + np.asarray(self._holders)[rows]
        chosen = np.argpartition(order, limit)[:limit] if len(rows) > limit else np.arange(len(rows))
        names = np.searchsorted(np.asarray(self._starts), rows[chosen], side="right") - 1
        return [
            Held(value >> 32, value & 0xFFFFFFFF, name)
            for value, name in zip(order[chosen].tolist(), names.tolist(), strict=True)
        ]

    def near(self, key: str, *, within: int | None = None) -> list[tuple[int, int | None]]:
        """(name, slips) for the names one or two slips away; only names of similar length and letters are compared.

        The slips are None if a digit differs: that is another name, however similar.

        Args:
            within: How many slips away the names are instead.
        """
        bound = slip_bound(key) if within is None else within
        if not bound:
            return []
        first = int(np.searchsorted(self._sorted_lengths, len(key) - bound))
        last = int(np.searchsorted(self._sorted_lengths, len(key) + bound + 1))
        # A slip changes at most two letters of the set: one is lost and one is added.
        differing = np.bitwise_count(self._letters[first:last] ^ np.uint64(signature(key)))
        names = self._by_length[first:last][differing <= 2 * bound].tolist()
        keys = [self._keys[name] for name in names]
        near = process.extract(key, keys, scorer=OSA.distance, score_cutoff=bound, limit=None)
        return [(names[at], slips(key, other)) for other, distance, at in near if distance]


class WordTable:
    """Sorted words, each with the reviews that have it in their names, authors, venue or categories."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._entered, self._places = array("I"), array("I")
        self._words = Strings()
        self._starts, self._holders = np.zeros(1, np.uint32), np.empty(0, np.uint32)
        self._lengths, self._letters = np.empty(0, np.uint16), np.empty(0, np.uint64)
        self._reviews = 0

    def add(self, place: int, words: Iterable[str]) -> None:
        """Add a review with its words; reviews come in the order of their places."""
        self._reviews = place + 1
        for word in words:
            self._entered.append(self._numbers.setdefault(word, len(self._numbers)))
            self._places.append(place)

    def freeze(self) -> None:
        """End the filling."""
        # By first letter: sorting all words at once would hold up the event loop.
        by_letter: dict[str, list[str]] = defaultdict(list)
        for word in self._numbers:
            by_letter[word[0]].append(word)
        ranks = np.empty(len(self._numbers), np.uint32)
        parts = [sorted(by_letter.pop(letter)) for letter in sorted(by_letter)]
        lengths = array("I")
        for word in chain.from_iterable(parts):
            ranks[self._numbers[word]] = len(self._words)
            self._words.append(word)
            lengths.append(len(word))
        if parts:
            self._lengths = np.array(lengths, np.uint16)
            self._letters = np.concatenate([signatures(part) for part in parts])
        entered = _take(ranks, np.array(self._entered, np.uint32))
        self._holders = _take(np.array(self._places, np.uint32), np.argsort(entered, kind="stable"))
        self._starts = np.concatenate(([0], np.cumsum(np.bincount(entered, minlength=len(ranks))))).astype(np.uint32)
        self._numbers, self._entered, self._places = {}, array("I"), array("I")
        while parts:
            parts.pop()  # freeing all words at once would hold it up as well

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All that it holds."""
        return {
            **named("words", self._words.arrays()),
            "starts": self._starts,
            "holders": self._holders,
            "lengths": self._lengths,
            "letters": self._letters,
            "reviews": np.array([self._reviews]),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """The words that were given out by `arrays`."""
        table = cls()
        table._words = Strings.from_arrays(part_of(arrays, "words"))
        table._starts, table._holders = arrays["starts"], arrays["holders"]
        table._lengths, table._letters = arrays["lengths"], arrays["letters"]
        table._reviews = int(arrays["reviews"][0])
        return table

    def nobody(self) -> Having:
        """No reviews at all."""
        return np.zeros(self._reviews, np.bool_)

    def having(self, forms: Iterable[str], *, beginning: str | None = None) -> Having:
        """The reviews with one of these words, or with a word that has this beginning."""
        having = self.nobody()
        for position in (self._words.find(form) for form in forms):
            if position is not None:
                having[self._holders[self._starts[position] : self._starts[position + 1]]] = True
        if beginning:
            start, stop = self._words.starting_with(beginning)
            having[self._holders[self._starts[start] : self._starts[stop]]] = True
        return having

    def near(self, word: str) -> list[str]:
        """The words that are one slip away and begin with the same letter."""
        start, stop = self._words.starting_with(word[0])
        lengths, letters = self._lengths[start:stop].astype(np.int64), self._letters[start:stop]
        likely = (np.abs(lengths - len(word)) <= 1) & (np.bitwise_count(letters ^ np.uint64(signature(word))) <= 2)
        others = [self._words[start + at] for at in np.flatnonzero(likely).tolist()]
        return [other for other in others if OSA.distance(word, other) == 1 and slips(word, other)]


class SoundTable:
    """Readings of names, by the part that must match exactly and then by the length of the sound; each with the row
    of the `NameTable` that is read this way."""

    def __init__(self) -> None:
        self._entered: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._parts: dict[str, tuple[int, int]] = {}
        """For what must match exactly, where its readings begin and end in the lists below."""
        self._codes: list[str] | npt.NDArray[np.uint8] = []
        """All codes, or these in UTF-8 until the first is compared: a list of a million takes a fifth of a second."""
        self._lengths, self._rows = np.empty(0, np.uint32), np.empty(0, np.uint32)

    def add(self, reading: hangul.Reading, row: int) -> None:
        """Add a reading of a row's name."""
        self._entered[reading.exact].append((reading.code, row))

    def freeze(self) -> None:
        """End the filling: sort the readings by length."""
        codes: list[str] = []
        rows = array("I")
        for exact, entered in self._entered.items():
            entered.sort(key=lambda reading: len(reading[0]))
            self._parts[exact] = (len(codes), len(codes) + len(entered))
            codes += (code for code, _ in entered)
            rows.extend(row for _, row in entered)
        self._codes, self._entered = codes, {}
        self._lengths, self._rows = np.array([*map(len, codes)], np.uint32), np.array(rows, np.uint32)

    def _all_codes(self) -> list[str]:
        if not isinstance(self._codes, list):
            self._codes = str(self._codes.data, "utf-8").split(_BETWEEN) if len(self._codes) else []
        return self._codes

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All that it holds."""
        return {
            "exact": np.frombuffer(json.dumps([*self._parts]).encode(), np.uint8),
            "ends": np.array([end for _, end in self._parts.values()], np.uint32),
            "codes": np.frombuffer(_BETWEEN.join(self._all_codes()).encode(), np.uint8),
            "lengths": self._lengths,
            "rows": self._rows,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """The readings that were given out by `arrays`; the first comparison copies the codes as strings."""
        table = cls()
        ends = arrays["ends"].tolist()
        table._parts = dict(
            zip(json.loads(arrays["exact"].tobytes()), zip([0, *ends], ends, strict=False), strict=True)
        )
        table._codes = arrays["codes"]
        table._lengths, table._rows = arrays["lengths"], arrays["rows"]
        return table

    def near(self, reading: hangul.Reading, *, within: float) -> list[tuple[int, float]]:
        """(row, distance) of the readings that sound similar; much shorter or longer ones are not compared."""
        start, stop = self._parts.get(reading.exact, (0, 0))
        shortest, longest = len(reading.code) * (1 - within), len(reading.code) / (1 - within)
        first, last = start + np.searchsorted(self._lengths[start:stop], (int(shortest), int(longest) + 1))
        near = hangul.near(reading.code, self._all_codes()[first:last], within=within)
        return [(int(self._rows[first + at]), distance) for at, distance in near]


class SpokenWords:
    """How the single words of titles may be read, each reading once, with the reviews whose titles have the word."""

    def __init__(self) -> None:
        self._sounds = SoundTable()
        self._numbers: dict[str, int] = {}
        self._entered, self._places = array("I"), array("I")
        self._starts, self._holders = np.zeros(1, np.uint32), np.empty(0, np.uint32)

    def add(self, place: int, sounds: Iterable[str]) -> None:
        """Add words of a review's title by their readings, as `hangul` writes them."""
        for sound in sounds:
            if sound not in self._numbers:
                self._sounds.add(hangul.Reading.parse(sound), len(self._numbers))
            self._entered.append(self._numbers.setdefault(sound, len(self._numbers)))
            self._places.append(place)

    def freeze(self) -> None:
        """End the filling."""
        self._sounds.freeze()
        entered = np.array(self._entered, np.uint32)
        self._holders = _take(np.array(self._places, np.uint32), np.argsort(entered, kind="stable"))
        counts = np.bincount(entered, minlength=len(self._numbers))
        self._starts = np.concatenate(([0], np.cumsum(counts))).astype(np.uint32)
        self._numbers, self._entered, self._places = {}, array("I"), array("I")

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All that it holds."""
        return {"starts": self._starts, "holders": self._holders, **named("sounds", self._sounds.arrays())}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """The words that were given out by `arrays`."""
        words = cls()
        words._starts, words._holders = arrays["starts"], arrays["holders"]
        words._sounds = SoundTable.from_arrays(part_of(arrays, "sounds"))
        return words

    def near(self, reading: hangul.Reading, *, within: float) -> list[tuple[Numbers, float]]:
        """(reviews, distance) of the words that sound similar."""
        return [
            (self._holders[self._starts[number] : self._starts[number + 1]], distance)
            for number, distance in self._sounds.near(reading, within=within)
        ]


def named(name: str, arrays: Arrays) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a part, under names that begin with the part's."""
    return {f"{name}.{inner}": array for inner, array in arrays.items()}


def part_of(arrays: Arrays, name: str) -> dict[str, npt.NDArray[Any]]:
    """What `named` wrote under a part's name."""
    return {key.removeprefix(f"{name}."): array for key, array in arrays.items() if key.startswith(f"{name}.")}


def _take(values: Numbers, places: npt.NDArray[np.integer[Any]]) -> Numbers:
    """``values[places]`` in pieces: NumPy holds the interpreter, and so the event loop, while it gathers."""
    taken = np.empty(len(places), values.dtype)
    for start in range(0, len(places), PIECE):
        taken[start : start + PIECE] = values[places[start : start + PIECE]]
    return taken


def signature(text: str) -> int:
    """The set of letters of a text as a bit mask; texts whose sets differ much cannot be near."""
    bits = 0
    for letter in text:
        bits |= 1 << ord(letter) % _LETTER_BITS
    return bits


def signatures(texts: Sequence[str]) -> npt.NDArray[np.uint64]:
    """`signature` of many texts, none of them empty."""
    letters = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32)
    starts = np.cumsum([0, *map(len, texts[:-1])])
    bits = np.left_shift(np.uint64(1), letters.astype(np.uint64) % np.uint64(_LETTER_BITS))
    return np.asarray(np.bitwise_or.reduceat(bits, starts), np.uint64)
