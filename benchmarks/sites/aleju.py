"""aleju/papers: English summaries on vision, generative models and reinforcement learning, 2016 to 2018.

Every post begins with “# Paper” and five labels: title, authors, link, tags and year; a venue is one of the tags.
"""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, ids_of

_LABEL = re.compile(r"^\* (?:\*\*|__)(Title|Authors|Link|Tags|Year)(?:\*\*|__):\s*(.*?)\s*$", re.MULTILINE)
_VENUE = re.compile(r"\b(ECCV) ((?:19|20)\d{2})\b")
_ADDRESS = re.compile(r"https?://[^\s\])]+")
_NAME = re.compile(r"(PlaNet) - ")


def _labels(note: Note) -> dict[str, str]:
    return dict(_LABEL.findall(note.body.partition("# Summary")[0]))


def _rule(note: Note) -> Facts:
    """“* **Link**: …”, “* **Authors**: A, B”, “* **Tags**: …, ECCV 2018”, “* **Year**: 2016”."""
    labels = _labels(note)
    venue = _VENUE.search(labels["Tags"])
    facts: Facts = {
        "ids": ids_of(*_ADDRESS.findall(labels["Link"])[:1]),
        "authors": re.split(r",\s*", labels["Authors"]),
        "venue": venue[1] if venue else None,
        "year": int(venue[2] if venue else labels["Year"]),
    }
    if name := _NAME.match(note.title):
        facts["name"] = name[1]
    return facts


ENTRY = Repository(
    repository="aleju/papers",
    commit="dda37563a6407e880f0e5a4cc5dc2ab1386948ee",
    path=r"^(?:neural-nets|mixed)/[^/]+\.md$",
    base="https://aleju.github.io/papers",
    address="/{path}.html",
    limit=60,
    title=lambda note: _labels(note)["Title"],  # the first heading is always “Paper”
    facts=_rule,
)
