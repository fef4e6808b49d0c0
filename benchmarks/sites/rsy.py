"""rsy56640/paper-reading: Chinese notes on databases, distributed systems and computer architecture."""

from __future__ import annotations

import re

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of

_SUFFIX = re.compile(r"\s*(?:论文)?(?:阅读|学习)?笔记$")
_NAMES = {"Diva": "Diva", "nvm malloc": "nvm_malloc"}
"""Names that stand before a full-width colon, or have neither a capital nor a digit, by how the folder begins."""
_OF_MANY_PAPERS = "/5mr/"
_AUTHORS_IN_REFERENCES = ("/Lamport Clock/", "/Spanner/", "/The anatomy of", "/Self-Driving")
"""A talk or another review among the references names authors: who knows whether that says it of the paper."""
_VENUE_IN_ADDRESS = re.compile(r"adms|atc13|cidr|eurosys|icde|sosp|vldb", re.IGNORECASE)
_VENUE_IN_REFERENCES = re.compile(r"FAST'03|isca2010|OSDI 2012|SIGMOD 2019|SOSP")


def _rule(note: Note) -> Facts:
    """“# [title](https://…) 论文阅读笔记”: the first heading links the paper; no authors, no venue.

    Where the paper's address or a talk among the references names its venue, venue and year are not judged.
    """
    first = next(line for line in note.body.splitlines() if line.strip())
    facts: Facts = {}
    if (called := _SUFFIX.sub("", note.title)) != note.title:
        facts["title"] = called
    if _OF_MANY_PAPERS not in note.path:
        facts["ids"] = ids_of(*(address for _, address in LINK.findall(first)[:1]))
    if not any(part in note.path for part in _AUTHORS_IN_REFERENCES):
        facts["authors"] = []
    if not _VENUE_IN_ADDRESS.search(first) and not _VENUE_IN_REFERENCES.search(note.body):
        facts |= {"venue": None, "year": None}
    if name := next((name for begin, name in _NAMES.items() if f"/{begin}" in note.path), None):
        facts["name"] = name
    return facts


ENTRY = Repository(
    repository="rsy56640/paper-reading",
    commit="cdb8b769488b46251c688a33f4db1420edf55bad",
    # the folders that are named have at most two lines of notes, or none above their references
    path=(
        r"^(?:体系结构|分布式|数据库)/content/"
        r"(?!ARIES|Analysis of Two|Architecture of|Dremel|Efficient Main-Memory|F1 Lightning|Haystack|Improving Main)"
        r"(?!Main-Memory Hash|Optimizing Main|Profile Guided|Push vs|Relaxed Operator|Scan Primitives|System R)"
        r"[^/]+/README\.md$|^搜索引擎/(?!The PageRank)[^/]+/README\.md$"
    ),
    base="https://rsy56640.github.io/paper-reading",
    address="/{path}.html",
    facts=_rule,
)
