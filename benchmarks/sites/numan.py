"""numan947/paper-notes-or-summary-or-whatever: English notes; the first line links the paper."""

from __future__ import annotations

import re

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of

_BEHIND = re.compile(r"^#.*\), (?:.*, )?([A-Z]+) (20\d\d)\s*$", re.MULTILINE)


def _rule(note: Note) -> Facts:
    """The link and what stands behind it in the first line."""
    first = note.body.lstrip().partition("\n")[0]
    behind = _BEHIND.match(first)
    link = LINK.search(first)
    return {
        "ids": ids_of(link[2]) if link else {},
        "venue": behind[1] if behind else None,
        "year": int(behind[2]) if behind else None,
    }


# Not judged: posts whose venue stands in the address alone (“ATSS_CVPR2020”).
ENTRY = Repository(
    repository="numan947/paper-notes-or-summary-or-whatever",
    commit="486c68a98ea81d3c443c92802cdfed031c434a93",
    path=r"^(?!\d|README|mixed|Capsule|.*_CVPR2020)[^/]+\.md$",
    base="https://numan947.github.io/paper-notes",
    address="/{path}.html",
    facts=_rule,
)
