"""Works → CSL-JSON, which pandoc, Zotero and citation styles read. Pure.

Source: the schema of the Citation Style Language, “csl-data.json”, 1.0.2.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.cards.citations.people import Person
from bot.cards.citations.works import Work, WorkKind

_TYPES: Mapping[WorkKind, str] = {
    WorkKind.CONFERENCE: "paper-conference",
    WorkKind.JOURNAL: "article-journal",
    WorkKind.PREPRINT: "article",
    WorkKind.PAGE: "webpage",
}
Json = dict[str, Any]


def write_csl(works: Sequence[Work]) -> str:
    """Return works as a list of CSL-JSON items."""
    return json.dumps([_item(work) for work in works], ensure_ascii=False, indent=2) + "\n"


def _item(work: Work) -> Json:
    item: Json = {
        "id": work.key,
        "type": _TYPES[work.kind],
        "title": work.title,
        "author": [_person(person) for person in work.authors],
        "issued": {"date-parts": [[work.year]]} if work.year else None,
        "container-title": work.venue,
        "publisher": "arXiv" if work.kind is WorkKind.PREPRINT else None,
        "number": f"arXiv:{work.arxiv}" if work.arxiv else None,
        "DOI": work.doi,
        "URL": work.url,
        "accessed": _date(work.saved_at),
        "note": "\n".join(filter(None, (work.note, work.review_url if work.review_url != work.url else ""))),
    }
    return {name: value for name, value in item.items() if value}


def _date(moment: datetime) -> Json:
    return {"date-parts": [[moment.year, moment.month, moment.day]]}


def _person(person: Person) -> Json:
    if person.given is None:
        return {"literal": person.family}
    parts = {
        "family": person.family,
        "given": person.given,
        "non-dropping-particle": person.particle,
        "suffix": person.suffix,
    }
    return {name: value for name, value in parts.items() if value}
