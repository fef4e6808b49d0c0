"""Papers that members want reviewed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

MAX_OPEN = 5
"""Papers that a member may want at once, in all servers together."""
MIN_WORDS = 4
"""Of a title that is typed: fewer words may be a name, or anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPaper:
    """A paper to be asked for.

    Attributes:
        key: Its identifier ("arxiv:2308.07074"), or "title:" and the title's letters.
        link: Its page; None if only the title is known.
    """

    key: str
    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A paper that members of a server want reviewed.

    Attributes:
        voices: How many members ask for it.
        is_own: Whether the member who looks is one of them.
    """

    id: int
    guild_id: int
    paper: WantedPaper
    wished_at: datetime
    voices: int = 1
    is_own: bool = False

    @property
    def check(self) -> str:
        """Six characters that tell it from the wish that has its id in another database."""
        return sha256(f"{self.guild_id}\n{self.paper.key}".encode()).hexdigest()[:6]


class WishOutcome(StrEnum):
    """What became of asking for a paper."""

    ASKED = "asked"  # the member asks for it now, alone or with others
    ALREADY = "already"  # the member asked for it before
    FULL = "full"  # the member asks for `MAX_OPEN` others
    GONE = "gone"  # it was reviewed, or nobody asks for it any longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Wished:
    """What became of asking for a paper: the wish, or if it was one too many, the member's own."""

    outcome: WishOutcome
    wish: Wish | None = None
    own: tuple[Wish, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WishPage:
    """Some of the papers that a server wants reviewed, and how many there are."""

    wishes: tuple[Wish, ...]
    total: int
    offset: int = 0
