"""bentrevett/paper-notes: English prose on reinforcement learning and word embeddings, without headings or addresses.

A post begins with the paper's title and year, “# Title (2019)”, and a line of names.
"""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, name_in

_TITLE = re.compile(r"(.+) \((\d{4})\)")
_JOINT = re.compile(r",? and |, ")
_NAMELESS = re.compile(
    "A Brief|Active|Contextual Word|Discounted|Maybe|How Contextual|Playing|Reinforcement Learning, Fast|To Tune"
)
"""The others are known by a name that their text gives (DQN, ELMo, VIN) or links, or may be: not judged."""


def _rule(note: Note) -> Facts:
    """The title without its year, and the next line's names; no venue is told."""
    said = _TITLE.fullmatch(note.title)
    names = note.body.split("\n---", 1)[0].strip().splitlines()[-1]
    facts: Facts = {"ids": {}, "authors": _JOINT.split(names), "venue": None}
    if said:
        facts |= {"title": said[1], "year": int(said[2])}
    if not name_in(note.title) and _NAMELESS.match(note.title):
        facts["name"] = None
    return facts


# Not a list of papers to read.
ENTRY = Repository(
    repository="bentrevett/paper-notes",
    commit="700994741f5327ace0f0ad99aac6cf681617b888",
    path=r"^notes/(?!to-read)[\w-]+\.md$",
    base="https://bentrevett.github.io/paper-notes",
    address="/{path}.html",
    facts=_rule,
)
