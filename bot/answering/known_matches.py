"""What the full-text index said about single concepts, kept for the next questions.

Many questions share words: the next page of a search asks for the same ones, and the papers of a field share their
subjects. How many reviews have a concept, and their scores, do not depend on the rest of a question.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from bot.search.ranking import Hits, Ids
from bot.store.index import Narrowing

T = TypeVar("T", int, Ids, Hits)
Key = tuple[str, str, int, bytes | None]

MOST_KEPT = 500_000
"""Reviews in the answers that are kept together, at 16 bytes each."""
OVERHEAD = 20
"""What an answer takes besides its reviews, as a number of reviews."""


class KnownMatches:
    """The index's latest answers about single concepts, for searches without filters.

    They belong to a version of the index, and are dropped when another version is met. Only the thread of one
    connection uses it.
    """

    def __init__(self) -> None:
        self._version: int | None = None
        self._kept: dict[Key, int | Ids | Hits] = {}
        self._size = 0

    def meet(self, version: int) -> None:
        """Forget what belongs to another version of the index; call it before a question asks anything."""
        if version != self._version:
            self.forget()
            self._version = version

    def forget(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._size = 0

    def ask(self, narrowing: Narrowing, kind: str, query: str, limit: int, find: Callable[[], T]) -> T:
        """Return what is known for a query, or find it and keep it.

        Args:
            kind: What is asked for.
            query: In FTS5's syntax.
            limit: How many matches are asked for.
        """
        if narrowing.filters or narrowing.excluded:
            return find()
        key = (kind, query, limit, narrowing.shown)
        known = self._kept.pop(key, None)
        if known is None:
            known = find()
            self._size += _size(known)
        self._kept[key] = known  # kept in the order of the latest use
        while self._size > MOST_KEPT:
            oldest = next(iter(self._kept))
            self._size -= _size(self._kept.pop(oldest))
        return cast("T", known)


def _size(answer: int | Ids | Hits) -> int:
    if isinstance(answer, int):
        return OVERHEAD
    return OVERHEAD + len(answer.ids if isinstance(answer, Hits) else answer)
