"""hong-sh/reinforcement_learning_paper_review: Korean reviews on agents in games."""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, ids_of

_ADDRESS = re.compile(r"^#{4,5} .*?(https?://\S+)", re.MULTILINE)
_OTHERS = "Sub-Policy"  # its address is that of another paper here


def _rule(note: Note) -> Facts:
    """A laboratory is not an author."""
    address = _ADDRESS.search(note.body)
    facts: Facts = {"authors": [], "venue": None}
    return facts if note.stem.startswith(_OTHERS) else {**facts, "ids": ids_of(address[1]) if address else {}}


ENTRY = Repository(
    repository="hong-sh/reinforcement_learning_paper_review",
    commit="14df98ff513a08f9ae0f51b05cf05f65b9370b95",
    path=r"^(?!README|The Surprising).*\.md$",
    base="https://hong-sh.github.io/reinforcement_learning_paper_review",
    address="/{path}.html",
    facts=_rule,
)
