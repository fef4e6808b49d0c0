"""abhshkdz/papers: English summaries on vision, visual questions and dialogue, papers from 2012 to 2018."""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, name_in

_STATED = re.compile(r"(?P<authors>.+?)(?:, (?P<venue>[A-Z][A-Za-z ]+?)(?:, ((?:19|20)\d\d)|(\d\d)))?$")
_NAMED_IN_TEXT = re.compile(  # not judged: R-CNN, YOLO, Inception, GRU-RCN, …
    r"/(?:a-deep|a-simple|actions|deep-comp|deep-res|delving|going|learning-deep|network-in|neural-turing|rich"
    r"|spatial|stacked|visualizing|you-only)"
)


def _rule(note: Note) -> Facts:
    """Below the title “Ada Example, Bo Example, CVPR, 2016”; no post links its paper, and ArXiv is no venue."""
    line = [line.strip() for line in note.body.splitlines() if line.strip()][1]
    told = next(_STATED.finditer(line))
    venue = told["venue"] if told["venue"] != "ArXiv" else None
    year = told[3] or (told[4] and f"20{told[4]}")  # one has “ArXiv15”, and one only the authors
    facts: Facts = {
        "ids": {},
        "authors": told["authors"].split(", "),
        "venue": venue,
        "year": int(year) if year else None,
    }
    if not name_in(note.title) and not _NAMED_IN_TEXT.search(note.path):
        facts["name"] = None
    return facts


ENTRY = Repository(
    repository="abhshkdz/papers",
    commit="0847faf1a74a9d505a1744449f6584e846993df6",
    path=r"^reviews/[^/]+\.md$",
    base="https://abhshkdz.github.io/papers",
    address="/{path}.html",
    facts=_rule,
)
