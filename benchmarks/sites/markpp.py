"""markpp/Paper-notes: English notes on robots, imitation, reinforcement learning and process control.

Some posts have the paper's BibTeX; the others name no authors.
"""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository

_AUTHOR = re.compile(r"^ *author *= *\{(.*)\},?$", re.MULTILINE)
_ACCENT = re.compile(r"\{\\(.)\{?(\w)\}?\}")
_ACCENTED = {("'", "a"): "á", ("v", "s"): "š"}
_ANOTHERS = "zhang2016determination"  # the entry of another paper is copied there


def _rule(note: Note) -> Facts:
    """The names in the BibTeX entry, “Last, First and …”."""
    listed = _AUTHOR.search(note.body)
    if not listed or note.stem == _ANOTHERS:
        return {"authors": []}
    plain = _ACCENT.sub(lambda match: _ACCENTED[match[1], match[2]], listed[1])
    names = (name.partition(", ") for name in plain.split(" and "))
    return {"authors": [f"{first} {last}" for last, _, first in names]}


ENTRY = Repository(
    repository="markpp/Paper-notes",
    commit="2e34861f5bf499c92bb1f6115735d3b7e62025d5",
    path=r"/[^/]+\.md$",
    base="https://markpp.github.io/Paper-notes",
    address="/{path}.html",
    facts=_rule,
)
