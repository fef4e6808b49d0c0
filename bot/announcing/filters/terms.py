"""What a filter is: words, patterns and years, in a field or anywhere, joined by AND, OR and NOT."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.announcing.filters.fields import Field
from bot.languages import Message
from bot.text.cut import cut_text
from bot.text.patterns import lazy_pattern

MAX_CHARACTERS = 1_000
"""Most characters of a filter, as typed and as written back."""
MAX_TERMS = 40
SHOWN_CHARACTERS = 60
MAX_DEPTH = 10
"""Most parentheses inside each other."""
MAX_PATTERN = 200
"""Most characters of a regular expression."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Words that must stand side by side; ``field`` is None for anywhere."""

    field: Field | None
    value: str

    def __str__(self) -> str:
        is_bare = _BARE.fullmatch(self.value) and self.value not in OPERATORS
        return _prefix(self.field) + (self.value if is_bare else f'"{self.value}"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A regular expression, matched within one line; ``source`` does not include the slashes."""

    field: Field | None
    source: str

    def __str__(self) -> str:
        return f"{_prefix(self.field)}{self.shown}"

    @property
    def shown(self) -> str:
        """The pattern between slashes, as it is typed."""
        escaped = ESCAPE_OR_SLASH.sub(lambda match: "\\/" if match[0] == "/" else match[0], self.source)
        return f"/{escaped}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Years:
    """A range of years, both ends included. None is an open end; at most one end is open."""

    first: int | None
    last: int | None

    def __str__(self) -> str:
        return f"year:{self._written()}"

    def _written(self) -> str:
        if self.first is None:
            return f"<={self.last}"
        if self.last is None:
            return f">={self.first}"
        return f"{self.first}" if self.first == self.last else f"{self.first}..{self.last}"

    @property
    def shown(self) -> str:
        """The range in words: "2022 or later"."""
        if self.first is None:
            return Message("{year} or before", year=str(self.last))
        if self.last is None:
            return Message("{year} or later", year=str(self.first))
        if self.first == self.last:
            return f"{self.first}"
        return Message("{first} to {last}", first=str(self.first), last=str(self.last))


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """The opposite of a part."""

    part: Part

    def __str__(self) -> str:
        return f"-({self.part})" if isinstance(self.part, All | Either) else f"-{self.part}"


@dataclass(frozen=True, slots=True, kw_only=True)
class All:
    """Two parts or more, none of them an `All`."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return " ".join(f"({part})" if isinstance(part, Either) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """Two parts or more, none of them an `Either`."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return " OR ".join(str(part) for part in self.parts)


Term = Words | Pattern | Years
Part = Term | Not | All | Either


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFilter:
    """A parsed filter; parsing its ``str`` gives an equal filter. Without a root, every post passes."""

    root: Part | None = None

    def __str__(self) -> str:
        return "" if self.root is None else str(self.root)

    @property
    def terms(self) -> tuple[Term, ...]:
        """All terms, in the order written."""
        return () if self.root is None else tuple(_terms(self.root))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a post passes, and why, as part of a sentence.

    Attributes:
        is_applied: Whether the filter was judged completely; if it took too long, the post passes.
    """

    passes: bool
    why: str
    is_applied: bool = True


OPERATORS = frozenset({"AND", "OR", "NOT"})
_BARE = lazy_pattern(r"\w[\w.+#&'-]*")
ESCAPE_OR_SLASH = lazy_pattern(r"\\.|/", re.DOTALL)


def _prefix(where: Field | None) -> str:
    return f"{where}:" if where else ""


def _terms(part: Part) -> Iterator[Term]:
    match part:
        case Not():
            yield from _terms(part.part)
        case All() | Either():
            for each in part.parts:
                yield from _terms(each)
        case _:
            yield part


def quote(text: str) -> str:
    """A text as an error or a verdict repeats it; unpaired surrogates are replaced, because they cannot be sent."""
    return cut_text(text.encode(errors="replace").decode(), SHOWN_CHARACTERS)
