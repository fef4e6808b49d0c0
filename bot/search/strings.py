"""Many short texts in little memory; stores the names of a hundred thousand reviews."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self, overload

import numpy as np
import numpy.typing as npt

LAST = "\U0010ffff"
"""Sorts after every letter: ``prefix + LAST`` ends the range of the texts that begin with a prefix."""


class Strings(Sequence[str]):
    """A sequence of texts in one piece of UTF-8. A Python string takes about 60 bytes more than its letters."""

    __slots__ = ("_ends", "_utf8")

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._utf8: bytearray | memoryview = bytearray()
        self._ends: array[int] | memoryview = array("I", [0])
        for text in texts:
            self.append(text)

    def append(self, text: str) -> None:
        """Add a text at the end; not possible if they were made by `from_arrays`."""
        assert isinstance(self._utf8, bytearray)  # noqa: S101
        assert isinstance(self._ends, array)  # noqa: S101
        self._utf8 += text.encode()
        self._ends.append(len(self._utf8))

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The texts as arrays, by name, which share their memory; nothing can be added any more."""
        return {"utf8": np.asarray(memoryview(self._utf8), np.uint8), "ends": np.asarray(self._ends, np.uint32)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """The texts that were given out by `arrays`, in the memory of these, which may be a file's."""
        texts = cls()
        texts._utf8, texts._ends = arrays["utf8"].data, arrays["ends"].data
        return texts

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
        return str(self._utf8[self._ends[position] : self._ends[position + 1]], "utf-8")

    def starting_with(self, prefix: str) -> tuple[int, int]:
        """(start, stop) of the texts that begin with a prefix. The texts must be sorted and distinct."""
        return self._first_from(prefix), self._first_from(prefix + LAST)

    def find(self, text: str) -> int | None:
        """The position of a text, or None. The texts must be sorted and distinct."""
        position = self._first_from(text)
        return position if position < len(self) and self[position] == text else None

    def _first_from(self, text: str) -> int:
        """The position of the first text that does not sort before this one. UTF-8 sorts as its characters do."""
        return bisect_left(range(len(self)), text.encode(errors="surrogatepass"), key=self._bytes)

    def _bytes(self, position: int) -> bytes:
        return bytes(self._utf8[self._ends[position] : self._ends[position + 1]])
