"""genga6/paper-notes: Japanese notes on learning in context and optimizers, titled by their files’ names."""

from __future__ import annotations

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of

_NAMES = ("ADOPT", "AutoCBT", "AlphaAdam", "SR-FoT", "Adam")


def _rule(note: Note) -> Facts:
    """“Paper URL” is the first line; no authors and no venue."""
    first = next(line for line in note.body.splitlines() if line.strip())
    name = next((name for name in _NAMES if note.title.startswith(f"{name} ")), None)
    ids = ids_of(*(address for _, address in LINK.findall(first)[:1]))
    facts: Facts = {"ids": ids, "authors": [], "venue": None}
    # not judged: AgentOps and AggMo are names that the titles hold or abbreviate
    return facts if note.title.startswith("AG") else {**facts, "name": name}


ENTRY = Repository(
    repository="genga6/paper-notes",
    commit="065547301b77938100e04514f90db109fc22e7dd",
    path=r"^notes_to_github/.*\.md$",
    base="https://genga6.github.io/paper-notes",
    address="/{path}.html",
    title=lambda note: note.stem,
    facts=_rule,
)
