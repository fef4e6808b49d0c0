"""SaChiaChe/Paper-Summary: English summaries of faces, hashing, graphs and speakers, in four sections each."""

from __future__ import annotations

from benchmarks.notes import Facts, Note, Repository


def _rule(note: Note) -> Facts:
    """A title and no head: the READMEs have addresses, authors and venues; what a post links is others'."""
    facts: Facts = {"ids": {}, "authors": [], "venue": None, "year": None}
    if note.title.endswith("t-SNE"):
        facts["name"] = "t-SNE"
    return facts


ENTRY = Repository(
    repository="SaChiaChe/Paper-Summary",
    commit="b6984c7371cd3ce32b2274a4378ffb0d51a69942",
    path=r"^(?!Template|(?:.*/)?README).*\.md$",
    base="https://SaChiaChe.github.io/Paper-Summary",
    address="/{path}.html",
    facts=_rule,
)
