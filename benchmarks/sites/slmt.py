"""SLMT/paper-notes: English and traditional Chinese notes on databases, most of them with machine learning."""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, ids_of

_LABEL = re.compile(r"^- (Authors:|Published at|Paper Link:)[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_ADDRESS = re.compile(r"https?://[^\s<>)\]]+")
_PUBLISHED = re.compile(r"\b([A-Z]{3,6})'(\d\d)\b")
_AROUND = re.compile(r"^[A-Z]{3,6}'\d\d - | \(WIP\)$")


def _rule(note: Note) -> Facts:
    """“- Authors: …”, “- Published at SIGMOD'18”, “- Paper Link: <…>” below a title that may have “VLDB'22 - ”."""
    said = dict(_LABEL.findall(note.body.partition("\n## ")[0]))
    facts: Facts = {
        "ids": ids_of(*_ADDRESS.findall(said["Paper Link:"])[:1]),
        "authors": [name.strip() for name in said["Authors:"].split(",")],
    }
    # the title before the label, which has “VLBD'22” once
    if published := _PUBLISHED.search(f"{note.title}\n{said['Published at']}"):
        facts |= {"venue": published[1], "year": 2000 + int(published[2])}
    called = _AROUND.sub("", note.title)
    return facts | ({"title": called} if called != note.title else {})


ENTRY = Repository(
    repository="SLMT/paper-notes",
    commit="c21845ecee4c34ce4f2b69ec22d961cdc0cf0a63",
    path=r"^src/\w+/(?!summary)\w+\.md$",  # left out: each folder's table of contents, the cover and the template
    base="https://SLMT.github.io/paper-notes",
    address="/{path}.html",
    facts=_rule,
)
