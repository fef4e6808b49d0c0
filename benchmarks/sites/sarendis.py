"""sarendis56/Paper-Reading: English notes on security and privacy of models, the venue in front of the title."""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository

_VENUE = re.compile(r"\(([^()]+?) (20\d\d)(?: Findings)?\)")
_UNSURE = ("PMLR", "USENIX", "Usenix")  # not judged: a series and a publisher
_NO_VENUES = ("ArXiV", "ArXiv", "arXiv", "Arxiv")


def _rule(note: Note) -> Facts:
    """Only what stands in brackets in front of the title, in one behind it."""
    match = _VENUE.match(note.title) or _VENUE.search(note.title, len(note.title) - 15)
    if not match or match[1] in _NO_VENUES:
        return {"venue": None, "year": int(match[2]) if match else None}
    return {} if match[1] in _UNSURE else {"venue": match[1].replace("NeurlPS", "NeurIPS"), "year": int(match[2])}


ENTRY = Repository(
    repository="sarendis56/Paper-Reading",
    commit="67d54df8ac2d41d97cca8aee88918e12211151d6",
    path=r"^[^/]+/[^/]+\.md$",
    base="https://sarendis56.github.io/Paper-Reading",
    address="/{path}.html",
    facts=_rule,
)
