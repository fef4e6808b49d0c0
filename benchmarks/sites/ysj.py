"""ysj1173886760/paper_notes: Chinese notes on databases, distributed systems and systems for graphs.

They say nothing of their papers but a title, and many not even that: they begin with the first section.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from benchmarks.notes import Facts, Note, Repository

_TITLE = re.compile(r"\s*# +(\S.*?)\s*$", re.MULTILINE)
_SECTIONS = (
    *("Motivation", "Introduction", "Abstract", "Abstraction", "2"),
    *("领导权禅让", "NeuGraph Programming Abstraction"),
)


def _title(note: Note) -> str:
    """The heading with which a post begins, else the name of its folder."""
    first = _TITLE.match(note.body)
    if first and first[1] not in _SECTIONS:
        return first[1]
    return PurePosixPath(note.path).parent.name.replace("_", " ")


def _rule(_: Note) -> Facts:
    """No post links its paper, or names authors, venue or year."""
    return {"ids": {}, "authors": [], "venue": None, "year": None}


# No stub (ArkDB).
ENTRY = Repository(
    repository="ysj1173886760/paper_notes",
    commit="df11876635eaa0da706671f51f6edd3b42e5391c",
    path=r"^(?:HPC|db|distribute)/(?!arkdb).*\.md$",
    base="https://ysj1173886760.github.io/paper_notes",
    address="/{path}.html",
    title=_title,
    facts=_rule,
)
