"""InhyeokYoo/inhyeokyoo.github.io: a Korean blog of reviews and guides, mostly on language."""

from __future__ import annotations

import re

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of


def _rule(note: Note) -> Facts:
    """In reviews a line near the top that speaks of the paper and links it: “원문은 [다음 링크](…)에서 …”."""
    if "Paper Review" not in note.categories:
        return {"ids": {}, "authors": []}
    lines = [line for line in note.body.splitlines() if line.strip()][:12]
    said = (line for line in lines if re.search("논문|원문|원본", line) and LINK.search(line))
    links = (address for line in said for _, address in LINK.findall(line))
    return {"ids": next((ids for address in links if (ids := ids_of(address))), {}), "authors": []}


ENTRY = Repository(
    repository="InhyeokYoo/inhyeokyoo.github.io",
    commit="031e32c5bc06acf75621efea941b241a6887f886",
    path=r"^_posts/(nlp|mathmatics|pytorch|python|etc)/\d",
    base="https://inhyeokyoo.github.io",
    address="/{category}/{slug}/",
    facts=_rule,
)
