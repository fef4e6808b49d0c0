"""hyeonwoo-Seol/paper-review: Korean notes, partly in English, on segmentation, skeletons, backbones and agents.

Nine of 15 posts name the paper and its authors behind “제목:” and “저자:”; their first heading is “Name Summary”.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from benchmarks.notes import Facts, Note, Repository

_LABEL = re.compile(r"^(제목|저자): *(.+?)\s*$", re.MULTILINE)
_NAME = re.compile(r"([\w-]+): ?")
_MISSPELT = "Recuurent"
_JOINED = "Ali Hatamizadeh Jan Kautz"
"""Two authors with nothing between their names: not judged."""


def _title(note: Note) -> str:
    """The folder's name in the one post that begins with its first section."""
    return PurePosixPath(note.path).parent.name if note.title == "1. 논문 정보" else note.title


def _rule(note: Note) -> Facts:
    """“제목: Name: Rest of the title” and “저자: First Author, Other Author”; no identifiers, no venues.

    The other posts are known by a name from their text, or have the name alone as their title: it is not judged.
    """
    said = dict(_LABEL.findall(note.body))
    facts: Facts = {"ids": {}, "venue": None, "year": None}
    if (authors := said.get("저자")) != _JOINED:
        facts["authors"] = re.split(r", *", authors) if authors else []
    if title := said.get("제목"):
        facts["title"] = title
        if name := _NAME.match(title):
            facts["name"] = name[1]
    elif _MISSPELT in note.title:
        facts["title"] = note.title.replace(_MISSPELT, "Recurrent")
    return facts


# Neither an empty README, nor the author's notes on running code.
ENTRY = Repository(
    repository="hyeonwoo-Seol/paper-review",
    commit="86d1b6592878cbc09f58a056bdc6395df6a07470",
    path=r"^(?!A3C/|EfficientDet/code/).+/README\.md$",
    base="https://hyeonwoo-Seol.github.io/paper-review",
    address="/{path}.html",
    title=_title,
    facts=_rule,
)
