"""sviswana/deeplearning-paper-summaries: English summaries of papers on vision, translation and generation.

Below the title stand the authors in a line, then the paper's address and year in brackets.
"""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository

_BELOW_TITLE = re.compile(r"^# .*\n\s*(.*)", re.MULTILINE)


def _rule(note: Note) -> Facts:
    """The names in the line below the title."""
    below = _BELOW_TITLE.search(note.body)
    return {"authors": [name.strip() for name in below[1].split(",")]} if below else {}


ENTRY = Repository(
    repository="sviswana/deeplearning-paper-summaries",
    commit="372bbb232bb507eff85995de591a6d67e82b8e78",
    path=r"^(?!README)[^/]+\.md$",
    base="https://sviswana.github.io/deeplearning-paper-summaries",
    address="/{path}.html",
    facts=_rule,
)
