"""goodhamgupta/paper_reviews: short English notes on training language models and models of images."""

from __future__ import annotations

import re

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of

_OWN = re.compile(r"^(?:Paper r|R)eview of .*$", re.MULTILINE)
_AUTHORS_OF_ANOTHER = "mistral_moe/"  # names authors of the first paper on such layers: not judged
_NO_NAME = ("pinterest", "sft_vs_rl", "test_time")  # a company before a colon, sentences


def _rule(note: Note) -> Facts:
    """“Review of [title](https://arxiv.org/…)”, mostly without a link; no people (“by FAIR”), no venue, no year."""
    own = [address for line in _OWN.findall(note.body) for _, address in LINK.findall(line)]
    facts: Facts = {"ids": ids_of(*own), "venue": None, "year": None}
    if not note.path.startswith(_AUTHORS_OF_ANOTHER):
        facts["authors"] = []
    if note.path.startswith(_NO_NAME):
        facts["name"] = None
    return facts


# The other folders have a line or two, links to talks, notes of talks, or TeX.
ENTRY = Repository(
    repository="goodhamgupta/paper_reviews",
    commit="d67ddb8f2b01515b78fd6bdad74e1ef7fbf857b7",
    path=r"^(?:alphamaze|matroshka|molmo|multi_token|pinterest|sft_vs_rl|test_time)[^/]*/README\.md$|^mistral_moe/",
    base="https://goodhamgupta.github.io/paper_reviews",
    address="/{path}.html",
    facts=_rule,
)
