"""miyakawa2286/study-paper-summary-nlp: Japanese summaries on language models, entities and scanned documents."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from benchmarks.notes import Facts, Note, Repository, ids_of

_FIELD = re.compile(r"^- (Paper|Author|Year):[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_AND_OTHERS = re.compile(r",?\s+e[tl]\.?\s+[ae]l\.?$")  # also as he writes it: “et el”, “el el”
_ADDRESS = re.compile(r"https?://[^\s,)]+")


def _title(note: Note) -> str:
    """The folder's name where the template's own heading was left as it was."""
    return PurePosixPath(note.path).parent.name if note.title == "Title" else note.title


def _rule(note: Note) -> Facts:
    """“- Paper: https://…”, “- Author: Vaswani et el”, “- Year: Dec, 2020” below the title; no venue."""
    said = dict(_FIELD.findall(note.body.partition("\n## ")[0]))
    paper = said.get("Paper", "")
    author = _AND_OTHERS.sub("", said.get("Author", ""))
    year = re.search(r"\b(?:19|20)\d\d\b", said.get("Year", ""))
    facts: Facts = {"ids": ids_of(*_ADDRESS.findall(paper)), "authors": [author] if author else []}
    if "[ACL]" not in paper:  # a link's label in one post: who knows whether it says a venue
        facts |= {"venue": None, "year": int(year[0]) if year else None}
    if note.title.startswith("DistilBERT, "):
        facts["name"] = "DistilBERT"
    return facts


ENTRY = Repository(
    repository="miyakawa2286/study-paper-summary-nlp",
    commit="7e5db079ac9afda45ba4122a83583309e434c40a",
    path=r"^(?:NER|OCR|PLM|etc)/.*/summary\.md$",
    base="https://miyakawa2286.github.io/study-paper-summary-nlp",
    address="/{path}.html",
    title=_title,
    facts=_rule,
)
