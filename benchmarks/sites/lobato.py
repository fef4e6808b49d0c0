"""dLobatog/paper-notes: English notes on operating systems, learning and graphs."""

from __future__ import annotations

import re

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of

_SUFFIX_NAME = re.compile(r"^([A-Z]+) - | - ([A-Z]+)$")
_CITED = re.compile(r"\(([A-Z][a-z]+) ((?:19|20)\d\d)\)")
_VENUE_IN_ADDRESS = re.compile(r"aies|cvpr|iccv|icml|ieee|neurips|nips|osdi|sosp|tocs|usenix|vldb", re.IGNORECASE)


def _rule(note: Note) -> Facts:
    """The first line is the paper's title and links it, once with “(Sutton 1988)”; nothing else is stated of a paper.

    Where the link's address itself names a venue, venue and year are not judged.
    """
    first = next((line for line in note.body.splitlines() if line.strip()), "")
    title, address = (LINK.findall(first) or [("", "")])[0]
    cited = _CITED.search(title)
    facts: Facts = {"ids": ids_of(address), "authors": [cited[1]] if cited else []}
    if not _VENUE_IN_ADDRESS.search(address):
        facts |= {"venue": None, "year": int(cited[2]) if cited else None}
    if named := _SUFFIX_NAME.search(note.title):
        facts["name"] = named[1] or named[2]
    return facts


ENTRY = Repository(
    repository="dLobatog/paper-notes",
    commit="460e5cc8d6d9c3959caac31f01a71ebd83b24bf1",
    # “Statistical Modeling: The Two Cultures” is left out: what stands before its colon is no name
    path=r"^(?!README|Statistical Modeling)[^/]+\.md$",
    base="https://dLobatog.github.io/paper-notes",
    address="/{path}.html",
    limit=60,
    facts=_rule,
)
