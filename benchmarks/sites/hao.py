"""Hhhhhhao/Paper-Notes: English and Chinese notes on networks for vision, on GANs and on learning with few labels."""

from __future__ import annotations

import re

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of, name_in

_AUTHORS = re.compile(r"([^\n@#]+;[^\n@#]+?) @ ")  # one post has “Ada Example; Bo Example @ affiliation”
_VENUE = re.compile(r"(NIPS) (20\d\d) ")  # one title is that of a tutorial
_YEAR = re.compile(r"\((20\d\d)\)$", re.MULTILINE)  # one abstract ends with it
_UNSURE_AUTHOR = re.compile("等人|et al")  # not judged: a surname within a sentence, and a misspelt name
_NAMES = {"GoogleNet": "GoogLeNet", "IBN-Net": "IBN-Net"}
_UNNAMED = re.compile(  # the others are not judged: the text may give a name (SRGAN, LSGAN, NIN, VAT, …)
    r"(?:Conditional-|Deep-Im|Deep-Ins|Domain-|Training-|Explaining-|Intriguing-|ImageNet-|Very-|Unpaired-|There-)"
)


def _rule(note: Note) -> Facts:
    """Only DCGAN's post links its paper, as its first line; links within sentences are to other papers."""
    first = next((line for line in note.body.splitlines()[1:] if line.strip("- ")), "")
    own = LINK.match(first)
    authors, venue, year = _AUTHORS.match(first), _VENUE.match(note.title), _YEAR.search(note.body)
    facts: Facts = {
        "ids": ids_of(own[2]) if own else {},
        "venue": venue[1] if venue else None,
        "year": int(venue[2]) if venue else int(year[1]) if year else None,
    }
    if not _UNSURE_AUTHOR.search(note.body[:500]):
        facts["authors"] = re.split(r"\s*;\s*", authors[1]) if authors else []
    if name := _NAMES.get(note.stem):
        facts["name"] = name
    elif _UNNAMED.match(note.path) and not name_in(note.title):
        facts["name"] = None
    if " -- " in note.title:
        facts["title"] = note.title.partition(" -- ")[0]
    return facts


ENTRY = Repository(
    repository="Hhhhhhao/Paper-Notes",
    commit="b39f75f704c84846509b88d139cfd21f8234d789",
    path=r"^[^/]+/[^/]+\.md$",
    base="https://Hhhhhhao.github.io/Paper-Notes",
    address="/{path}.html",
    facts=_rule,
)
