"""adamMcneil/distributed-system-paper-reviews: English reviews for a course on distributed systems, 2025."""

from __future__ import annotations

from benchmarks.notes import Facts, Note, Repository, name_in

_NAMES = {"sieve": "Sieve", "macaron": "Macaron", "sigma-os": "SigmaOS", "nested-data-parallelism": "FractalTensor"}
_UNNAMED = ("agents", "fair", "hyperscale", "llm-development", "quantum")
# the others without a colon are not judged: a name in the text (SHORT, Epic, BurstCBS), or words before the colon


def _rule(note: Note) -> Facts:
    """No post states its paper's address, authors, venue or year."""
    facts: Facts = {"ids": {}, "authors": [], "venue": None, "year": None}
    if name := _NAMES.get(note.stem):
        facts["name"] = name
    elif note.stem in _UNNAMED and not name_in(note.title):
        facts["name"] = None
    return facts


# Neither the course project's list of resources nor the template; the two in mid-term/ review other students' papers.
ENTRY = Repository(
    repository="adamMcneil/distributed-system-paper-reviews",
    commit="e96758aa2f560e179c6ba2db226129e2f020e023",
    path=r"^(?!project/)[^/]+/[^/]+\.md$",
    base="https://adamMcneil.github.io/distributed-system-paper-reviews",
    address="/{path}.html",
    facts=_rule,
)
