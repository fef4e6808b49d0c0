"""Many short texts in little memory; stores the names of a hundred thousand reviews."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import overload

STRIDE = 32
"""Every 32nd text is also kept as a Python string; a search in sorted texts starts there."""
LAST = "\U0010ffff"
"""Sorts after every letter: ``prefix + LAST`` ends the range of the texts that begin with a prefix."""


class Strings(Sequence[str]):
    """A sequence of texts in one piece of UTF-8. A Python string takes about 60 bytes more than its letters."""

    __slots__ = ("_ends", "_marks", "_utf8")

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._utf8 = bytearray()
        self._ends = array("I", [0])
        self._marks: list[str] = []
        for text in texts:
            self.append(text)

    def append(self, text: str) -> None:
        """Add a text at the end."""
        if not len(self) % STRIDE:
            self._marks.append(text)
        self._utf8 += text.encode()
        self._ends.append(len(self._utf8))

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, position: int) -> str: ...
    @overload
    def __getitem__(self, position: slice) -> list[str]: ...
    def __getitem__(self, position: int | slice) -> str | list[str]:
        if isinstance(position, slice):
            return [self[i] for i in range(*position.indices(len(self)))]
        if not 0 <= position < len(self):
            raise IndexError(position)
        return self._utf8[self._ends[position] : self._ends[position + 1]].decode()

    def starting_with(self, prefix: str) -> tuple[int, int]:
        """(start, stop) of the texts that begin with a prefix. The texts must be sorted and distinct."""
        return self._first_from(prefix), self._first_from(prefix + LAST)

    def find(self, text: str) -> int | None:
        """The position of a text, or None. The texts must be sorted and distinct."""
        position = self._first_from(text)
        return position if position < len(self) and self[position] == text else None

    def _first_from(self, text: str) -> int:
        """The position of the first text that does not sort before this one. UTF-8 sorts as its characters do."""
        block = max(0, bisect_right(self._marks, text) - 1)
        low, high = block * STRIDE, min(len(self), (block + 1) * STRIDE)
        wanted, utf8, ends = text.encode(errors="surrogatepass"), self._utf8, self._ends
        while low < high:
            middle = (low + high) // 2
            if utf8[ends[middle] : ends[middle + 1]] < wanted:
                low = middle + 1
            else:
                high = middle
        return low
