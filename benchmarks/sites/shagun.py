"""shagunsodhani/papers-I-read: English notes on deep and reinforcement learning, graphs, language and systems.

A post names no authors; its tags are topics, a year (“2019”, of the first version) and mostly a venue (“ICLR 2020”).
"""

from __future__ import annotations

import re

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of

_PAPER = re.compile(r"(?:Link to the )?paper|This workshop paper", re.IGNORECASE)
_VENUE = re.compile(r"(?:^|, )([A-Z][A-Za-z ]+) ((?:19|20)\d{2})(?=,|$)")
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
# not judged: a publisher among the tags (ACM, IEEE, USENIX); a tag that the paper's address contradicts
_UNSURE = re.compile(r"\b(?:ACM|IEEE|USENIX)\b")
_CONTRADICTED = ("Measuring abstract reasoning in neural networks",)
_NAME = re.compile(r"(\w+)(?: - |--|(?<=\dNet)-)")


def _rule(note: Note) -> Facts:
    """“[Link to the paper](…)”, “ICLR 2020” among the tags, a name before a dash (“GPipe - …”); no authors."""
    tags = note.meta.get("tags", "")
    venue, year = _VENUE.search(tags), _YEAR.search(tags)
    facts: Facts = {
        "ids": ids_of(*(address for text, address in LINK.findall(note.body) if _PAPER.fullmatch(text))),
        "authors": [],
    }
    if venue and note.title not in _CONTRADICTED:
        facts |= {"venue": venue[1], "year": int(venue[2])}
    elif not venue and not _UNSURE.search(tags):
        facts |= {"venue": None, "year": int(year[0]) if year else None}
    if name := _NAME.match(note.title):
        facts["name"] = name[1]
    return facts


ENTRY = Repository(
    repository="shagunsodhani/papers-I-read",
    commit="3cb183e910f6084839e372f1ae7f8dba7ba5c707",
    path=r"^site/_posts/.*\.md$",
    base="https://shagunsodhani.com/papers-I-read",
    address="/{slug}",
    limit=60,
    facts=_rule,
)
