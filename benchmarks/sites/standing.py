"""standing-o/Machine_Learning_Paper_Review: English notes in points on machine learning."""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, ids_of


def _rule(note: Note) -> Facts:
    """“- Authors : Last, First and Last, First”, “- Link : …” below the title."""
    said = dict(re.findall(r"^- (Author|Link)s?\s*:\s*(.+)$", note.body, re.MULTILINE))
    authors = re.split(r"\s+and\s+", re.sub(r",?\s*et al\.?", "", said.get("Author", "")))
    facts: Facts = {"ids": ids_of(said.get("Link", ""))}
    if "{" not in said.get("Author", ""):  # accents as in BibTeX: who knows how they should be read
        facts["authors"] = [name.strip() for name in authors if name.strip()]
    return facts


ENTRY = Repository(
    repository="standing-o/Machine_Learning_Paper_Review",
    commit="2b08eebfd6ae8cafb83cf283d8140025c96f4ee6",
    path=r"^saves/.*\.md$",
    base="https://standing-o.github.io/Machine_Learning_Paper_Review",
    address="/{path}.html",
    facts=_rule,
)
