"""A member's list of saved papers, and the forms in which it can be exported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.models.reviews import ReviewHead

MOST_SAVED = 500
"""Papers on one member's list."""
MOST_PASSAGES = 20
"""Passages of one saved paper."""
NOTE_CHARACTERS = 500
PAPERS_A_PAGE = 10


class ExportFormat(StrEnum):
    """What a list can be exported as; the value is the ending of the file's name."""

    BIBTEX = "bib"
    RIS = "ris"
    CSL_JSON = "json"
    MARKDOWN = "md"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPassage:
    """A passage of a saved paper, as its review has it, or last had it.

    Attributes:
        headings: Those that it stands below, outermost first.
    """

    id: int
    words: str
    headings: tuple[str, ...]


class SaveOutcome(StrEnum):
    """What pressing *Save* did."""

    SAVED = "saved"
    REMOVED = "removed"
    KEPT = "kept"  # it was on the list, with a note or passages, which one press must not delete
    PASSAGE_SAVED = "passage saved"
    PASSAGE_REMOVED = "passage removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPaper:
    """A paper on a member's list.

    Attributes:
        guild_id: The server in which it was saved; 0 for direct messages.
        link, title: As they were then: the list outlives the review.
        head: The review; None while it is not here.
    """

    id: int
    guild_id: int
    link: str
    title: str
    note: str
    saved_at: datetime
    head: ReviewHead | None = None
    passages: tuple[SavedPassage, ...] = ()

    @property
    def is_annotated(self) -> bool:
        """Whether the member added anything to it."""
        return bool(self.note or self.passages)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """A page of a member's list.

    Attributes:
        number: From 0.
        total: Papers on the whole list.
        readable: The ids of the reviews that can be opened where it is shown.
    """

    papers: tuple[SavedPaper, ...]
    number: int
    total: int
    readable: frozenset[int] = frozenset()

    @property
    def count(self) -> int:
        """Pages of the list, at least one."""
        return max(1, -(-self.total // PAPERS_A_PAGE))
