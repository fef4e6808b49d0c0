"""pmh9960/paper-study: Korean notes on segmentation and detection; a few have a list of facts."""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository

_PUBLISHED = re.compile(r"^- \**Publish(?:ed)?:\** ([A-Z]+) (20\d\d)", re.MULTILINE)


def _rule(note: Note) -> Facts:
    """Behind “Published”."""
    match = _PUBLISHED.search(note.body)
    return {"venue": match[1] if match else None, "year": int(match[2]) if match else None}


ENTRY = Repository(
    repository="pmh9960/paper-study",
    commit="20b3f943884fc29a010507a7955876aae691b19d",
    path=r"^[^/]+/.*\.md$",
    base="https://pmh9960.github.io/paper-study",
    address="/{path}.html",
    facts=_rule,
)
