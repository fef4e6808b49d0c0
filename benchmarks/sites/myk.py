"""myk9316/Paper-Review: Korean reviews on recommendation and language; sentences say when a paper appeared."""

from __future__ import annotations

from benchmarks.notes import Facts, Note, Repository

_SAID = {
    "Attention Is All": ("NIPS", 2018),  # as the post says; the conference was in 2017
    "Neural Collaborative": ("World Wide Web", 2017),
    "Recommender system using BERT": ("지능정보연구", 2021),
}


def _rule(note: Note) -> Facts:
    """By hand: three sentences name a venue, the others a year alone."""
    folder = note.path.split("/")[-2]
    venue, year = next((said for start, said in _SAID.items() if folder.startswith(start)), (None, None))
    return {"venue": venue, "year": year}


ENTRY = Repository(
    repository="myk9316/Paper-Review",
    commit="f0028208498ede4b50be72db289f7c7b0829ba11",
    path=r".+/.+\.md$",
    base="https://myk9316.github.io/Paper-Review",
    address="/{path}.html",
    facts=_rule,
)
