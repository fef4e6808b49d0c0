"""YoojLee/paper_review: Korean reviews on generated images, some with the venue in brackets behind the title."""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository

_SOURCE = re.compile(r" \((?:([A-Z]+) )?(\d{4})\)$")


def _rule(note: Note) -> Facts:
    """Venue and year, or the year alone, in the title's brackets; nobody is named as an author."""
    source = _SOURCE.search(note.title)
    facts: Facts = {"authors": [], "venue": source[1] if source else None}
    if source:
        facts |= {"title": _SOURCE.sub("", note.title), "year": int(source[2])}
    return facts


ENTRY = Repository(
    repository="YoojLee/paper_review",
    commit="b51354f0eef10a7b1b46d15b783025999b404708",
    path=r"^review/.*\.md$",
    base="https://yoojlee.github.io/paper_review",
    address="/{path}.html",
    facts=_rule,
)
