"""Works → RIS, which reference managers import. Pure.

Source: Research Information Systems, “RIS Format Specifications” (2011): a tag of two letters, two spaces, a hyphen,
a space, the value; lines end in CR and LF.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.cards.citations.people import Person
from bot.cards.citations.works import Work, WorkKind

_TYPES: Mapping[WorkKind, str] = {
    WorkKind.CONFERENCE: "CPAPER",
    WorkKind.JOURNAL: "JOUR",
    WorkKind.PREPRINT: "UNPB",
    WorkKind.PAGE: "ELEC",
}
_END = "\r\n"


def write_ris(works: Sequence[Work]) -> str:
    """Return works as a RIS file, a record each."""
    return _END.join(_write_record(work) for work in works)


def _write_record(work: Work) -> str:
    lines = [f"{tag}  - {value}" for tag, value in _lines(work) if value]
    return _END.join((f"TY  - {_TYPES[work.kind]}", *lines, "ER  - ", ""))


def _lines(work: Work) -> Iterator[tuple[str, str]]:
    yield "ID", work.key
    yield "TI", work.title
    for person in work.authors:
        yield "AU", _person(person)
    yield "T2", work.venue or ""
    yield "PY", str(work.year or "")
    yield "DO", work.doi or ""
    yield "M1", f"arXiv:{work.arxiv}" if work.arxiv else ""
    yield "UR", work.url
    yield "L2", work.review_url if work.review_url != work.url else ""
    yield "Y2", f"{work.saved_at:%Y/%m/%d}"
    yield "N1", work.note.replace("\n", " ")


def _person(person: Person) -> str:
    """A name as RIS divides it, by commas: family, given, suffix."""
    parts = (" ".join(filter(None, (person.particle, person.family))), person.given or "", person.suffix)
    return ",".join(part.replace(",", " ") for part in parts).rstrip(",")
