"""myungsub/paper-notes: English notes on vision, restoration and video.

Below the title stand headings: “by A, B and C (Institution)” or the names alone, then the venue.
"""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository

_AUTHORS = re.compile(r"^### (?:by )?(.+)$", re.MULTILINE)
_PLACE = re.compile(r"\s*\([^()]*\)")
_SEVERAL = ("beta-vae", "gradcam")  # on two papers each: not judged


def _rule(note: Note) -> Facts:
    """The names in the first heading of rank 3, without the institutions in brackets."""
    listed = _AUTHORS.search(note.body)
    if note.stem in _SEVERAL or not listed:
        return {}
    names = re.split(r",\s*(?:and\s+)?|\s+and\s+", _PLACE.sub("", listed[1]))
    return {"authors": [name.strip() for name in names if name.strip()]}


ENTRY = Repository(
    repository="myungsub/paper-notes",
    commit="83d4e078ef62f2889a9a677fd94ba38b9252184c",
    path=r"^notes/[^/]+\.md$",
    base="https://myungsub.github.io/paper-notes",
    address="/{path}.html",
    facts=_rule,
)
