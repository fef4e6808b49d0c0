"""Chiu-Te-Wang/Paper-Reading: English notes on language models, knowledge graphs, entities and translation.

Under “Information” stand a year with a venue, and the authors: “Last, First, et al.”, or all of them in full.
"""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository

_INFORMATION = re.compile(r"^## *Info.*\n\s*- .*\n- (.+)$", re.MULTILINE)
_CUT = re.compile(r",? et al\.?$")


def _rule(note: Note) -> Facts:
    """The names in the second item; the first of them may be turned round."""
    listed = _INFORMATION.search(note.body)
    if not listed:
        return {}
    text = listed[1].strip().rstrip(".")
    names = [name.strip() for name in re.split(r",\s*(?:and\s+)?|\s+and\s+", _CUT.sub("", text)) if name.strip()]
    if " " not in names[0] and len(names) > 1:
        names[:2] = [f"{names[1]} {names[0]}"]
    return {"authors": names}


ENTRY = Repository(
    repository="Chiu-Te-Wang/Paper-Reading",
    commit="97ae46eb0ba0db81786fe5d706f2aef73362494e",
    path=r"^paper/.*\.md$",
    base="https://chiu-te-wang.github.io/Paper-Reading",
    address="/{path}.html",
    limit=80,
    facts=_rule,
)
