"""CUN-bjy/rl-paper-review: Korean reviews on reinforcement learning."""

from __future__ import annotations

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of


def _rule(note: Note) -> Facts:
    """“[`PAPER`](…)” below the title."""
    links = LINK.findall(note.body)
    return {"ids": ids_of(*(address.strip("()") for text, address in links if text.strip("`") == "PAPER"))}


ENTRY = Repository(
    repository="CUN-bjy/rl-paper-review",
    commit="e83833676b46e56ea680d23fb314d79031e09da5",
    path=r"^reviews/.*\.md$",
    base="https://cun-bjy.github.io/rl-paper-review",
    address="/{path}.html",
    facts=_rule,
)
