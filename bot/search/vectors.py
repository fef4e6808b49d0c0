"""Which words mean nearly the same, in Korean, English and Japanese: a vector for each of some thirty thousand words.

A question in everyday words shares few terms with the passage that answers it; the sums of their words' vectors are
still near each other. In: lines of the index, as `bot.text.terms` writes them. Out: how near they are. The file is
made by `benchmarks.word_vectors`, which says of what. Pure, except that `load_word_vectors` reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot import bundled
from bot.text.terms import bare_forms, is_hangul

Vectors = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
SCALE = 127.0
"""A component is stored as a whole number from -127 to 127, relative to the largest of its vector."""
MIN_BEGINNING = 2
"""The fewest letters of a Korean or Japanese word that stand for it: 걸어가다가 is near 걸어."""
MOST_KNOWN = 100_000
"""Words that are remembered, with their rows."""
MEASURED = 64
"""Components by which the length of a passage's sum is estimated: the first have most of it, and all would take four
times as long. Of 230 questions, the cosines correlate with the exact ones by .99."""


@dataclass(frozen=True, kw_only=True)
class WordVectors:
    """Vectors of length 1, a row for each word: Latin ones as the index has them, others as they are written."""

    rows: Mapping[str, int]
    vectors: Vectors
    _known: dict[str, int | None] = field(default_factory=dict, repr=False)

    @cached_property
    def measured_scale(self) -> float:
        """By how much vectors are longer than their first `MEASURED` components, on average."""
        return 1.0 / max(float(np.sqrt(np.square(self.vectors[:, :MEASURED]).sum(axis=1).mean())), 1e-9)

    @classmethod
    def read(cls, path: Path) -> WordVectors:
        """Read a file that `write` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            words = bytes(stored["words"]).decode().split("\n")
            vectors = stored["vectors"].astype(np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return cls(rows={word: row for row, word in enumerate(words)}, vectors=vectors / np.maximum(lengths, 1.0))

    def write(self, path: Path) -> None:
        """Write them down, a byte for each component."""
        vectors, _ = quantise(self.vectors)
        np.savez_compressed(path, words=np.frombuffer("\n".join(self.rows).encode(), np.uint8), vectors=vectors)

    def rows_of(self, line: str) -> frozenset[int]:
        """Return the rows of the words of an index line."""
        return frozenset(row for word in written_words(line) if (row := self._row_of(word)) is not None)

    def _row_of(self, word: str) -> int | None:
        if word not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[word] = next((self.rows[form] for form in _forms(word) if form in self.rows), None)
        return self._known[word]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passages:
    """The words of passages by their rows: those of all passages one after another, and how many each has."""

    rows: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int64]

    @classmethod
    def of(cls, passages: Iterable[frozenset[int]]) -> Passages:
        """Return passages, each by the rows of its words."""
        listed = list(passages)
        lengths = np.fromiter(map(len, listed), np.int64, len(listed))
        rows = np.fromiter((row for rows in listed for row in rows), np.int32, int(lengths.sum()))
        return cls(rows=rows, lengths=lengths)

    @classmethod
    def joined(cls, parts: Iterable[Passages]) -> Passages:
        """Return the passages of several, one after another."""
        listed = list(parts) or [cls.of(())]
        return cls(
            rows=np.concatenate([part.rows for part in listed]),
            lengths=np.concatenate([part.lengths for part in listed]),
        )


class ComparedPassages:
    """Passages to be compared with a question; a word weighs more the fewer of them have it."""

    def __init__(self, vectors: WordVectors, passages: Passages) -> None:
        self._vectors = vectors.vectors
        self._count = len(passages.lengths)
        self._filled = np.flatnonzero(passages.lengths)
        self._starts = (np.cumsum(passages.lengths) - passages.lengths)[self._filled]
        counts = np.bincount(passages.rows, minlength=len(self._vectors))
        self._used = np.flatnonzero(counts)
        places = np.empty(len(counts), np.int32)
        places[self._used] = np.arange(len(self._used))
        self._places = places[passages.rows]
        self._weights = np.log1p(self._count / (counts + 0.5)).astype(np.float32)
        self._scale = vectors.measured_scale

    def nearness(self, rows: Iterable[int]) -> Vectors:
        """Return about the cosine of the weighted sums of these words and of each passage; 0 where there is none."""
        ours = sorted(rows)
        found = np.zeros(self._count, np.float32)
        if not len(self._used) or not ours:
            return found
        meant = self._weights[ours] @ self._vectors[ours]
        weighted = self._vectors[self._used] * self._weights[self._used, None]
        products = np.add.reduceat((weighted @ meant)[self._places], self._starts)
        squares = np.zeros(len(self._starts), np.float32)
        # One component after another: sums of whole vectors would take six times as long.
        for component in np.ascontiguousarray(weighted[:, :MEASURED].T):
            squares += np.square(np.add.reduceat(component[self._places], self._starts))
        lengths = np.sqrt(squares) * self._scale
        found[self._filled] = products / np.maximum(lengths * np.linalg.norm(meant), 1e-9)
        return found

    def nearest_words(self, rows: Iterable[int]) -> Vectors:
        """Return how near each passage has a word to each of these, on average; 0 where there is none."""
        ours = sorted(rows)
        found = np.zeros(self._count, np.float32)
        if not len(self._used) or not ours:
            return found
        cosines = self._vectors[ours] @ self._vectors[self._used].T
        for row in cosines:
            found[self._filled] += np.maximum.reduceat(row[self._places], self._starts)
        found /= len(ours)
        return found


def quantise(vectors: Vectors) -> tuple[npt.NDArray[np.int8], Vectors]:
    """Return vectors with a byte for each component, relative to the largest of its vector, and these largest."""
    largest = np.abs(vectors).max(axis=1)
    return np.round(vectors / np.maximum(largest, 1e-30)[:, None] * SCALE).astype(np.int8), largest


def written_words(line: str) -> Iterator[str]:
    """Yield the words of an index line, with the pairs of a Korean or Japanese word joined again."""
    word = ""
    for term in line.split():
        if term[0] < "々":
            if word:
                yield word
                word = ""
            yield term
        elif word and term[0] == word[-1]:
            word += term[1:]
        else:
            if word:
                yield word
            word = term
    if word:
        yield word


def _forms(word: str) -> Iterator[str]:
    """The forms by which a word may be known, the longest first."""
    yield word
    if word[0] >= "々":
        if is_hangul(word):
            yield from bare_forms(word)
        yield from (word[:end] for end in range(len(word) - 1, MIN_BEGINNING - 1, -1))


@lru_cache(maxsize=1)
def load_word_vectors() -> WordVectors:
    """Return the vectors that ship with the bot; read once a process."""
    return WordVectors.read(bundled.word_vectors())
