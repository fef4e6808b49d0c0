"""Which of a concept's spellings any review has.

A term of the glossary has up to a hundred spellings, most of which no review has. FTS5 looks each of them up in every
segment of its index, several times if it scores them. They change neither which reviews are found nor their scores.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.search.query import Concept
from bot.store.index import TextIndex

MOST_KNOWN = 20_000
"""Phrases that are remembered, at some 200 bytes each."""
ABOUT = "{title headings abstract} : "
"""Restricts a query to the columns that say what a review is about."""


class UsedPhrases:
    """Writes queries without the spellings that no review has, as far as they are known.

    What is known belongs to a version of the index. It is dropped when another version is met. Only the thread of one
    connection uses it.
    """

    def __init__(self) -> None:
        self._version: int | None = None
        self._is_used: dict[str, bool] = {}

    def learn(self, texts: TextIndex, concepts: Iterable[Concept], columns: str = "") -> None:
        """Find out which spellings of these concepts are used; call it before a query of theirs is written.

        Args:
            columns: A restriction of columns, in FTS5's syntax.
        """
        phrases = {columns + phrase: None for concept in concepts for phrase in _several(concept)}
        while phrases:
            unknown = [phrase for phrase in phrases if phrase not in self._is_used]
            version, is_used = texts.find_used(unknown)
            is_same = version == self._version
            if not is_same or len(self._is_used) > MOST_KNOWN:
                self._is_used.clear()
            self._version = version
            self._is_used |= is_used
            if is_same or len(unknown) == len(phrases):
                return

    def query(self, concept: Concept, columns: str = "") -> str:
        """The concept in FTS5's syntax, within these columns."""
        phrases = _several(concept)
        used = [phrase for phrase in phrases if self._is_used.get(columns + phrase, True)]
        asked = " OR ".join(used or phrases[:1]) or concept.match_query()
        return f"{columns}({asked})" if columns else asked


def _several(concept: Concept) -> tuple[str, ...]:
    """A concept's spellings; none if there is one, which is looked up in any case."""
    return concept.phrases() if len(concept.spellings) > 1 else ()
