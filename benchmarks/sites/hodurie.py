"""hodurie/Paper_Review: short Korean notes on classics of vision, a folder a paper."""

from __future__ import annotations

from benchmarks.notes import Facts, Note, Repository


def _rule(_: Note) -> Facts:
    """None: the lists in the folders' READMEs cite the papers; posts link only what they draw upon."""
    return {"ids": {}, "authors": [], "venue": None, "year": None}


ENTRY = Repository(
    repository="hodurie/Paper_Review",
    commit="d0a917d178e4da510e883531c20f29900ed0a590",
    path=r"^.+/(?!README\.md$)[^/]+\.md$",
    base="https://hodurie.github.io/Paper_Review",
    address="/{path}.html",
    facts=_rule,
)
