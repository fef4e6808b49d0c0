"""What is known about a paper by its identifier alone, whether or not anybody has reviewed it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """Who says which paper an identifier means, by its own name."""

    ARXIV = "arXiv"
    OPENREVIEW = "OpenReview"
    ACL = "ACL Anthology"
    PMLR = "PMLR"
    DOI = "doi.org"


_SOURCES = {
    "arxiv": Source.ARXIV,
    "acl": Source.ACL,
    "openreview": Source.OPENREVIEW,
    "pmlr": Source.PMLR,
    "doi": Source.DOI,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRecord:
    """What a source says of a paper.

    Attributes:
        key: Its identifier, as `bot.search.keys` writes it: "arxiv:2308.07074".
        title: In one line, without LaTeX.
    """

    key: str
    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    venue: str | None = None


class RecordState(StrEnum):
    """How far the look-up of an identifier is."""

    KNOWN = "known"
    UNKNOWN = "unknown"  # the source does not have it
    UNASKED = "unasked"  # nobody was asked, or not lately
    PENDING = "pending"  # the answer is still on its way
    FAILED = "failed"  # the source could not be asked, or its answer could not be read


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPaper:
    """An identifier that was asked for, and what is known about it."""

    key: str
    state: RecordState = RecordState.UNASKED
    record: PaperRecord | None = None

    @property
    def shown(self) -> str:
        """The identifier as people write it."""
        return self.key.partition(":")[2]

    @property
    def source(self) -> Source | None:
        """Who can be asked about it; None if nobody can."""
        return source_of(self.key)


def source_of(key: str) -> Source | None:
    """Return who can be asked about an identifier; None if nobody can."""
    return _SOURCES.get(key.partition(":")[0])
