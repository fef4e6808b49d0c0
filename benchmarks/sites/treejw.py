"""treejw/paper-review: Korean notes of a study group on language models, vision and recommendation."""

from __future__ import annotations

import re

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of

_DATE = re.compile(r"\s+(?:(?P<venue>ACL|ICLR) |(?P<preprint>arXiv\.org .*))?(?P<year>20\d\d)(?:\.\d{1,2})?$")
_BELOW = re.compile(r"^`\((20\d\d)\)` `[^`]*` `([A-Z]+)`$", re.MULTILINE)  # “`(2021)` `Facebook AI` `NIPS`”
_HEAD = re.compile(r"^# .*$", re.MULTILINE)
_PAPER = re.compile(r"^[ \t]*(?:- )?\[?paper\b.*", re.MULTILINE | re.IGNORECASE | re.DOTALL)
_ADDRESS = re.compile(r"https?://[^\s)\]]+")
_BRACKETED = re.compile(r"\s*\(([\w-]+)\)$")
_WRONG = "CGC"  # in one title's brackets for what the post calls CGD: its name is not judged
_VENUE_IN_ADDRESS = re.compile(r"/mm19-")
_BEFORE = re.compile(r"OpenAI (GPT-2) - ")


def _rule(note: Note) -> Facts:
    """“# [Name: title](…) `2020.04`” or “`ICLR 2020`”; else “- paper : […](…)” or “[Paper](…)” below; no authors."""
    head = _HEAD.search(note.body)
    own = [address for _, address in LINK.findall(head[0])] if head else []
    if last := _PAPER.search(note.body):
        own += _ADDRESS.findall(last[0])[:1]
    facts: Facts = {"ids": ids_of(*own), "authors": []}
    date, below = _DATE.search(note.title), _BELOW.search(note.body)
    if below:
        facts |= {"venue": below[2], "year": int(below[1])}
    elif not (date and date["preprint"]) and not any(map(_VENUE_IN_ADDRESS.search, own)):
        facts |= {"venue": date["venue"] if date else None, "year": int(date["year"]) if date else None}
    called = note.title[: date.start()] if date else note.title
    if named := _BRACKETED.search(called) or _BEFORE.match(called):
        called = called.replace(named[0], "")
        if named[1] != _WRONG:
            facts["name"] = named[1]
    if called != note.title:
        facts["title"] = called
    return facts


ENTRY = Repository(
    repository="treejw/paper-review",
    commit="461a4fd176251ee08ea17aec9ddd48f1e35982ef",
    path=r"/(?:README|readme)\.md$(?<!Tokenizer/README\.md)(?<!Word_Embedding/README\.md)",  # overviews, no papers
    base="https://treejw.github.io/paper-review",
    address="/{path}.html",
    facts=_rule,
)
