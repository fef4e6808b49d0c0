"""A saved paper → what is cited: its kind, authors, year, addresses, and a key that is its own in a list. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from bot.cards.citations.people import Person, latin, read_person
from bot.models.reviews import Identifiers, ReviewHead
from bot.models.saved import SavedPaper
from bot.reviews.identifiers import year_of_arxiv
from bot.reviews.venue_names import is_journal
from bot.text.links import encode_address
from bot.text.patterns import lazy_pattern

_NO_VENUES = frozenset({"arxiv", "corr", "preprint", "arxiv preprint"})
_SMALL_WORDS = frozenset(
    "a an the on of in for to at by with from towards toward and or is are do does can how what when why via".split()
)
_ET_AL = lazy_pattern(r"et al\.?|others|외", re.IGNORECASE)
_MARK_CHARACTERS = 4


class WorkKind(StrEnum):
    """How a work appeared, as far as its review says."""

    CONFERENCE = "conference"
    JOURNAL = "journal"
    PREPRINT = "preprint"
    PAGE = "page"  # nothing is known but an address


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words of a review, and the headings that they stand below, outermost first."""

    text: str
    headings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A paper as it is cited. All texts are on one line, except the note.

    Attributes:
        key: Its own in the list that it was made for; Latin letters and digits.
        is_cut: There are more authors than these.
        url: The paper's address; the review's if that is not known.
        review_url: The review's address.
        note: What the member wrote, with line breaks.
    """

    key: str
    kind: WorkKind
    title: str
    authors: tuple[Person, ...]
    is_cut: bool
    year: int | None
    venue: str | None
    arxiv: str | None
    doi: str | None
    url: str
    review_url: str
    note: str
    quotes: tuple[Quote, ...]
    saved_at: datetime


def one_line(text: str) -> str:
    """Return a text on one line, with single spaces, without control characters and broken halves of characters."""
    kept = (" " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter for letter in text)
    return " ".join("".join(letter for letter in kept if unicodedata.category(letter) != "Cs").split())


def works_of(saved: Sequence[SavedPaper]) -> list[Work]:
    """Return what to cite for each saved paper, in the order that they have.

    A paper keeps its key when later ones are saved. If two would have one key, the later one gets letters that are
    made from its address.
    """
    works: dict[int, Work] = {}
    taken: set[str] = set()
    for paper in sorted(saved, key=lambda paper: (paper.saved_at, paper.id)):
        work = _work_of(paper)
        made = key = _key_of(work)
        mark, length = _mark_of(paper.link), _MARK_CHARACTERS
        while made in taken:
            made, length = key + mark[:length], length + 1
        taken.add(made)
        works[paper.id] = replace(work, key=made)
    return [works[paper.id] for paper in saved]


def _work_of(paper: SavedPaper) -> Work:
    head = paper.head
    known = head.identifiers if head else Identifiers()
    names = [name for name in map(one_line, head.authors if head else ()) if name]
    listed = [name for name in names if not _ET_AL.fullmatch(name)]
    venue = one_line(head.venue) if head and head.venue else None
    venue = None if venue and venue.casefold() in _NO_VENUES else venue
    review_url = encode_address(one_line(head.link if head else paper.link))
    quotes = (
        Quote(text=one_line(each.words), headings=tuple(map(one_line, each.headings))) for each in paper.passages
    )
    return Work(
        key="",
        kind=_kind_of(venue, known),
        title=one_line(head.clean_title if head else paper.title),
        authors=tuple(map(read_person, listed)),
        is_cut=len(listed) < len(names),
        year=_year_of(head),
        venue=venue,
        arxiv=known.arxiv,
        doi=one_line(known.doi) if known.doi else None,
        url=_paper_url(known) or review_url,
        review_url=review_url,
        note="\n".join(line for part in paper.note.splitlines() if (line := one_line(part))),
        quotes=tuple(quotes),
        saved_at=paper.saved_at,
    )


def _kind_of(venue: str | None, known: Identifiers) -> WorkKind:
    if venue:
        return WorkKind.JOURNAL if is_journal(venue) else WorkKind.CONFERENCE
    return WorkKind.PREPRINT if known.arxiv else WorkKind.PAGE


def _year_of(head: ReviewHead | None) -> int | None:
    """The year of the paper, never that of its review."""
    if head is None:
        return None
    return head.year or (year_of_arxiv(head.identifiers.arxiv) if head.identifiers.arxiv else None)


def _paper_url(known: Identifiers) -> str | None:
    """The public page of a paper."""
    pages = (
        ("https://arxiv.org/abs/{}", known.arxiv),
        ("https://aclanthology.org/{}", known.acl),
        ("https://doi.org/{}", known.doi),
        ("https://openreview.net/forum?id={}", known.openreview),
        ("https://proceedings.mlr.press/{}.html", known.pmlr),
    )
    return next((encode_address(page.format(one_line(value))) for page, value in pages if value), None)


def _key_of(work: Work) -> str:
    """Author, year and first telling word, such as “lu2024instag”."""
    author = latin(work.authors[0].family) if work.authors else ""
    words = [latin(word) for word in re.split(r"[\W_]+", work.title)]
    telling = next((word for word in words if word and word not in _SMALL_WORDS), "")
    return f"{author}{work.year or ''}{telling}"[:60] or f"paper{_mark_of(work.review_url)[:_MARK_CHARACTERS]}"


def _mark_of(link: str) -> str:
    """Small letters that differ for each address."""
    return sha256(link.encode("utf-8", "replace")).hexdigest().translate(str.maketrans("0123456789", "ghijklmnop"))
