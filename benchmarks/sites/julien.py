"""julienroyd/Papernotes: English notes on agents that learn; surnames and the year below the title."""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository

_YEAR = re.compile(r"^#### .*\((\d{4})\)\s*$", re.MULTILINE)


def _rule(note: Note) -> Facts:
    """Surnames are not judged as authors; no venue, no address of the paper itself."""
    year = _YEAR.search(note.body)
    return {"venue": None, "year": int(year[1]) if year else None}


# No stub, and not the second notes on one paper.
ENTRY = Repository(
    repository="julienroyd/Papernotes",
    commit="7a098d5d6a9eec4d43560ebbe14922bd45c883c1",
    path=r"^notes/(?!Variational|modelFreeIL).*/.*\.md$",
    base="https://julienroyd.github.io/Papernotes",
    address="/{path}.html",
    facts=_rule,
)
