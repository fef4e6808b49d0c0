"""zhjwpku/paper-notes: Chinese notes on databases and storage."""

from __future__ import annotations

import re
from itertools import takewhile

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of


def _rule(note: Note) -> Facts:
    """A title, sometimes a link, then a quote: “> SIGMOD 2020”, “> https://dl.acm.org/…”."""
    lines = [line for line in note.body.splitlines() if line.strip()]
    quoted = list(takewhile(lambda line: line.startswith(">"), lines[1:]))
    linked = [address for _, address in LINK.findall(" ".join([*lines[:1], *quoted]))]
    facts: Facts = {"ids": ids_of(*linked, *re.findall(r"https?://\S+", " ".join(quoted)))}
    named = re.match(r"> *([A-Z]{3,8})[ '’]+((?:19|20)?\d{2})\b", quoted[0]) if quoted else None
    if named:
        year = int(named[2])
        facts |= {"venue": named[1], "year": year if year > 99 else year + (1900 if year > 50 else 2000)}
    return facts


ENTRY = Repository(
    repository="zhjwpku/paper-notes",
    commit="e65a2e4e4fe9c48ce3f54c78b5ad9a5c160dc667",
    path=r"^src/(?!.*(README|SUMMARY)).*\.md$",
    base="https://zhjwpku.github.io/paper-notes",
    address="/{path}.html",
    facts=_rule,
)
