"""rsasaki0109/robotics-paper-notes: Japanese notes on ICRA 2025, on robots' localization, mapping, planning, control.

Every post has a table at the top, which names the authors family name first: “A, B;C, D” or, without semicolons,
“A, B, C, D”.
"""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, ids_of, name_in

_CELL = re.compile(r"^\| (arXiv|Authors|Source) \| (.+?) \|$", re.MULTILINE)
_ADDRESS = re.compile(r"https?://[^\s)\]]+")
_VENUE = re.compile(r"([A-Z]+) (20\d\d)\b")
_UNSURE = re.compile(
    "Cascade IPG|Constrained Nonlinear|Curb Your|Deformable|Distributed Cert|Equivariant Filter for|GNSS/|Model Pred"
    "|No Plan|Optimization-Based|Radar Teach|Search-Based|Semantic and|The Spinning|Topo-Geo|Variable|Kinodynamic"
)
"""Titles of papers that have a name in the text alone, or one that may or may not be a name: not judged."""


def _rule(note: Note) -> Facts:
    """The table's arXiv address, its names in pairs, and its source, “ICRA 2025 / arXiv”."""
    cells = dict(_CELL.findall(note.body))
    parts = re.split(r"\s*,\s*", cells["Authors"])
    pairs = [", ".join(parts[n : n + 2]) for n in range(0, len(parts), 2)]
    people = re.split(r"\s*;\s*", cells["Authors"]) if ";" in cells["Authors"] else pairs
    names = (person.partition(", ") for person in people)
    facts: Facts = {
        "ids": ids_of(*_ADDRESS.findall(cells["arXiv"])),
        "authors": [f"{given} {family}" for family, _, given in names],
    }
    if venue := _VENUE.search(cells["Source"]):
        facts |= {"venue": venue[1], "year": int(venue[2])}
    if "SOLiD" in note.title:
        facts["name"] = "SOLiD"
    elif note.title.startswith("Beyond Simulation:") or not (name_in(note.title) or _UNSURE.match(note.title)):
        facts["name"] = None
    return facts


# The last 60 of the 67 notes that say they were revised by hand; the others were all made from abstracts by a script.
ENTRY = Repository(
    repository="rsasaki0109/robotics-paper-notes",
    commit="854253239c50b57675c895c3d9cce46b5149a209",
    path=(
        r"^papers/icra2025-arxiv/2025-icra-.*-(?:d1a8|cfc5|f3b5|dc21|7139|532e|71aa|c099|c5b5|2253|a88d|100f|7f26"
        r"|691f|b7c9|77cf|5f80|4add|8952|2e53|1c90|ba37|9a38|b029|535e|9f68|55bf|0e00|2151|c7ec|8818|9a06|b8ea|3d0b"
        r"|587d|04cb|3278|bb8b|b245|0b04|ef49|5c41|737b|ac4b|1016|23ba|4431|5366|7d2f|6aa8|516e|7ddb|450d|8ecb|dd85"
        r"|e05a|8dec|ab7c|aa48|30e3)[0-9a-f]{4}\.md$"
    ),
    base="https://rsasaki0109.github.io/robotics-paper-notes",
    address="/{path}.html",
    facts=_rule,
)
