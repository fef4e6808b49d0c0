"""llouis0622/AI_Paper_Review: Korean notes on classics from backpropagation to LoRA, in twelve sections each."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from benchmarks.notes import Facts, Note, Repository, name_in


def _title(note: Note) -> str:
    """The folder's name, which begins with a number (“12. BERT: …”); each text begins with “1. Reading Context”."""
    return PurePosixPath(note.path).parent.name


def _rule(note: Note) -> Facts:
    """No post links its paper, or names authors, venue or year; the folder's name is a number and the title."""
    called = re.sub(r"^\d\d\. ", "", note.title)
    facts: Facts = {"ids": {}, "authors": [], "venue": None, "year": None, "title": called}
    name = called if " " not in called else name_in(called)  # “25. LoRA” has nothing else in its title
    return facts | ({"name": name} if name else {})


ENTRY = Repository(
    repository="llouis0622/AI_Paper_Review",
    commit="d835e3c1ba28afe418f543134d154dfb1f2d1a2c",
    path=r"^(?!22)\d\d\. [^/]+/README\.md$",  # the 22nd is empty
    base="https://llouis0622.github.io/AI_Paper_Review",
    address="/{path}.html",
    title=_title,
    facts=_rule,
)
