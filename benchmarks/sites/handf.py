"""handfriendship/paper-summary: Korean summaries on domain generalization, texture bias, dialogue, transformers."""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository

_AUTHORS = re.compile(r"^- (?:Author ?: ?)?(\S.*)$")
_MARKS = re.compile(r"[∗*†\d]")
_VENUE = re.compile(r"^- (?:(?P<year>20\d\d) (?P<venue>.+?)|(?P<name>.+?) (?P<when>20\d\d))(?: \(Long.*)?\s*$")
_ANOTHERS = ("IMAGENET-TRAINED", "The Origins")  # they repeat the authors of a post on another paper
_UNDIVIDED = "Towards Weakly"  # most commas are missing
_SURNAME = "Progressive"  # “Li et al.”
_NAMES = {"SlowFast Networks": "SlowFast", "DOMAIN GENERALIZATION WITH": "MixStyle"}


def _rule(note: Note) -> Facts:
    """Below the title “- Author : …” (twice without label), then “- 2021 ICLR” or “- ICLR 2021”; no addresses."""
    facts: Facts = {"ids": {}}
    if named := [name for start, name in _NAMES.items() if note.path.startswith(start)]:
        facts["name"] = named[0]
    _, authors, venue = note.body.lstrip().splitlines()[:3]
    if (listed := _AUTHORS.match(authors)) and not note.path.startswith((*_ANOTHERS, _UNDIVIDED, _SURNAME)):
        names = re.split(r",|\band\b", _MARKS.sub("", listed[1]).removesuffix(" et al."))
        facts["authors"] = [name.strip() for name in names if name.strip()]
    if said := _VENUE.match(venue):
        told, year = said["venue"] or said["name"], said["year"] or said["when"]
        facts |= {"venue": None if told == "arxiv" else told, "year": int(year)}
    return facts


ENTRY = Repository(
    repository="handfriendship/paper-summary",
    commit="d5e95cd0c3e7881fa8e4feabf7a02c6cd945f8af",
    # left out: short notes on three papers in one file; an empty template with the authors of another paper
    path=r"^(?!README|summarizing key papers|Generalizing to Unseen)[^/]+\.md$",
    base="https://handfriendship.github.io/paper-summary",
    address="/{path}.html",
    facts=_rule,
)
