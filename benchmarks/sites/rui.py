"""ruipeterpan/paper_notes: English notes on papers of systems and of machine-learning systems."""

from __future__ import annotations

import re

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of, name_in

_LABELLED = re.compile(r"\[(\d{4}) ([A-Za-z]+)\]\s*")
_STATED_ELSEWHERE = re.compile(r"(?:\bat|@) (?:[A-Z]\w+ )+'\d\d|wrote the original")
_VENUE_IN_ADDRESS = re.compile(
    r"osdi|sosp|nsdi|fast\d|atc\d|eurosys|sigcomm|sigmod|vldb|hotos|mlsys|nips", re.IGNORECASE
)


def _rule(note: Note) -> Facts:
    """“# [2019 SOSP] Name: title”, a long title's end in the description, “[Paper PDF](…)” in the last section."""
    own = [address for text, address in LINK.findall(note.body) if text == "Paper PDF"][:1]
    facts: Facts = {"ids": ids_of(*own)}
    label = _LABELLED.match(note.title)
    called = note.title[label.end() :] if label else note.title
    if called.endswith("..."):
        called = called.rstrip(". ") + " " + note.meta["description"].lstrip(". ")
    if called != note.title:
        facts["title"] = called
    if name := name_in(called):
        facts["name"] = name
    if label:
        facts |= {"venue": label[2], "year": int(label[1])}
    elif not _STATED_ELSEWHERE.search("\n".join([*note.meta.values(), note.body])) and not any(
        map(_VENUE_IN_ADDRESS.search, own)
    ):
        facts |= {"venue": None, "year": None}  # else it is said in the name of a talk, or in the paper's address
    if not re.search("one of the authors|wrote the original", "\n".join([*note.meta.values(), note.body])):
        facts["authors"] = []
    return facts


ENTRY = Repository(
    repository="ruipeterpan/paper_notes",
    commit="cd06cdff9121209c5f2a93efeca31eb04b40b75e",
    path=(
        r"^(earlier-readings-and-notes/index|machine-learning-systems/(index|machine-learning-systems-index))/"
        r"(?!.*(README|cs-736|short-notes)).*\.md$"
    ),
    base="https://ruipeterpan.github.io/paper_notes",
    address="/{path}.html",
    limit=60,
    facts=_rule,
)
