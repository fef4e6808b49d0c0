"""quarrying/quarrying-paper-notes: short Chinese notes on vision: detecting objects, text and cracks, faces, losses.

The name of the file is the title: “[2019 CVPR] Name_ Rest of the title”, with “_” for a colon. No heading repeats it.
"""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, ids_of

_TITLE = re.compile(r"\[(\d{4})(?: ([A-Z]+))?\] (.+)")
_NAMES = ("Deep Compression", "MRCNet", "PIoU Loss", "Cc-Loss", "MAAD-Face", "OneNet")
_NAMED_IN_TEXT = re.compile("CReLU|Look More|Attentional|Incomplete")  # LOMO, AFF, CBDB-Net: not judged
_LINKS = re.compile(r"^## 相关链接\n((?:- .*\n)+)", re.MULTILINE)
_AUTHORS = re.compile(r"^ *author=\{(.+)\}", re.MULTILINE)


def _rule(note: Note) -> Facts:
    """The file's name; for two posts the links at the end, and for one of them the authors in BibTeX below."""
    [(year, venue, title)] = _TITLE.findall(note.title)
    links, cited = _LINKS.search(note.body), _AUTHORS.search(note.body)
    facts: Facts = {
        "title": title.replace("_ ", ": "),
        "ids": ids_of(*re.findall(r"https?://arxiv\S+", links[1])) if links else {},
        "authors": cited[1].split(" and ") if cited else [],
        "venue": venue or None,
        "year": int(year),
    }
    if not _NAMED_IN_TEXT.search(note.title):
        facts["name"] = next((name for name in _NAMES if title.startswith(f"{name}_ ")), None)
    return facts


# Only the notes on one paper: the other folders have lists of titles by topic, and older notes are Word documents.
ENTRY = Repository(
    repository="quarrying/quarrying-paper-notes",
    commit="355948108b0292100f9f0eaffbc76633d99dad35",
    path=r"^_notes/\[[^/]+\.md$",
    base="https://quarrying.github.io/quarrying-paper-notes",
    address="/{path}.html",
    facts=_rule,
)
