"""A review's texts in the index, prepared for questions: what no question changes is worked out once. Pure.

In: the text of the index, whose lines are the blocks of a review, and the outline. Out: arrays with an element for
each block that has words, in order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import log1p

import numpy as np
import numpy.typing as npt

from bot.models.index import IndexText
from bot.models.reviews import Section
from bot.search.anchoring import heading_path
from bot.search.extract import ASIDE, BLOCK_BREAK, OPENING_MARK, SECTION_BREAK
from bot.search.passages import lines_of, padded
from bot.search.roles import Role, roles_of
from bot.search.vectors import Flags, Numbers, Passages, load_word_vectors
from bot.text.patterns import lazy_pattern
from bot.text.terms import index_terms

KEPT_TEXTS = 256
"""Reviews whose texts stay prepared, some 100 kB each of long ones."""
LONGEST = 300
"""Terms of a block from which on it is not better for being longer."""
_NUMBER = lazy_pattern(r"(?:^| )(?!(?:19|20)\d\d(?: |$))\d")
"""A number among the terms of a block; a year answers no question of how many."""


class Lines:
    """Lines of terms in one string, in which a phrase is found faster than in each of them."""

    def __init__(self, lines: Sequence[str]) -> None:
        # A phrase begins and ends with a space, so none goes on into the next line.
        parts = [f"{padded(line)}\n" for line in lines]
        self._text = "".join(parts)
        self._starts = [0, *accumulate(map(len, parts))]

    def __len__(self) -> int:
        return len(self._starts) - 1

    def having(self, phrases: Iterable[str]) -> Flags:
        """Return which lines have any of these phrases."""
        found = np.zeros(len(self), np.bool_)
        for phrase in phrases:
            at = self._text.find(phrase)
            while at >= 0:
                line = bisect_right(self._starts, at) - 1
                found[line] = True
                at = self._text.find(phrase, self._starts[line + 1])
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedText:
    """A review's blocks that have words.

    Attributes:
        sections, blocks: The position of each.
        lines: Their terms.
        title, about: The terms of the title, and of title and abstract, or opening.
        headings: For each section, the terms of the headings above it and its own.
        roles: The roles of each section.
        words: The words of each block, with those of its title and heading, without which many say little.
        length: From 0 to 1; a line of three words answers little.
        is_aside: Whether it is a figure, table or code.
        has_number: Whether it has a number that is no year.
    """

    sections: npt.NDArray[np.int64]
    blocks: npt.NDArray[np.int64]
    lines: Lines
    title: Lines
    about: Lines
    headings: Lines
    roles: tuple[frozenset[Role], ...]
    words: Passages
    length: Numbers
    is_aside: Flags
    has_number: Flags

    def having_role(self, wanted: frozenset[Role]) -> Flags:
        """Return which blocks are in a section with any of these roles."""
        return np.array([not roles.isdisjoint(wanted) for roles in self.roles], np.bool_)[self.sections]

    def opens(self) -> Flags:
        """Return which blocks are in a first section without a role: what a post begins with sums it up."""
        return np.asarray(self.sections == 0) & (not self.roles[0])


@lru_cache(maxsize=KEPT_TEXTS)
def prepare(text: IndexText, outline: tuple[Section, ...]) -> PreparedText | None:
    """Prepare a review; None if no block of it has words.

    Args:
        outline: Its sections, without their blocks.
    """
    found = [
        (section, block, line)
        for section, block, line in lines_of(text)
        if section < len(outline) and line.strip(f"{ASIDE} ")
    ]
    if not found:
        return None
    sections, blocks, lines = zip(*found, strict=True)
    paths = [heading_path(outline, at) for at in range(len(outline))]
    counts = np.array([line.count(" ") + 1 for line in lines])
    title = _lines_of_column(text.title)
    return PreparedText(
        sections=np.array(sections),
        blocks=np.array(blocks),
        lines=Lines(lines),
        title=Lines(title),
        about=Lines([*title, *_lines_of_column(text.abstract)]),
        # No phrase has two spaces, so none goes on from one heading into the next.
        headings=Lines(["  ".join(map(index_terms, path)) for path in paths]),
        roles=tuple(map(_roles_at, paths)),
        words=_words(text, paths, sections, lines),
        length=np.log1p(np.minimum(counts, LONGEST)) / log1p(LONGEST),
        is_aside=np.array([line.startswith(ASIDE) for line in lines]),
        has_number=np.array([bool(_NUMBER.search(line)) for line in lines]),
    )


def _lines_of_column(column: str) -> list[str]:
    return column.removeprefix(OPENING_MARK).replace(SECTION_BREAK, BLOCK_BREAK).split(BLOCK_BREAK)


def _words(
    text: IndexText, paths: Sequence[Sequence[str]], sections: Sequence[int], lines: Sequence[str]
) -> Passages:
    vectors = load_word_vectors()
    titled = vectors.rows_of(text.title.partition(BLOCK_BREAK)[0])
    headed = [titled | vectors.rows_of(index_terms(path[-1])) if path else titled for path in paths]
    return Passages.of(headed[section] | vectors.rows_of(line) for section, line in zip(sections, lines, strict=True))


def _roles_at(path: Sequence[str]) -> frozenset[Role]:
    """The roles of a section's heading, or else of the nearest heading above it that has one."""
    return next((roles for heading in reversed(path) if (roles := _roles_of(heading))), frozenset())


@lru_cache(maxsize=4_096)
def _roles_of(heading: str) -> frozenset[Role]:
    return frozenset(roles_of(heading))
