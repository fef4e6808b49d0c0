"""gymoon10/Paper-Review: Korean notes on detection, restoring images, GANs and language models.

No post gives its paper's address, authors or venue. Six have no title; their first heading is “Abstract” or the like.
"""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository

_OPENING = re.compile(r"(?:1\. )?(?:Abstract|Introduction)$")
_BEFORE_COLON = re.compile(r"(\S+(?: \S+)?) : ")  # “StarGAN v2 : Diverse …”, which the usual rule does not know
_LABEL = re.compile(r" (?:리뷰|\(2\))$")


def _title(note: Note) -> str:
    """The file's name where a post begins with its first section."""
    return note.stem if _OPENING.match(note.title) else note.title


def _rule(note: Note) -> Facts:
    """No address of the paper, no authors, no venue; the name before “ : ”, or the one word that is the title."""
    facts: Facts = {"ids": {}, "authors": [], "venue": None, "year": None}
    called = _LABEL.sub("", note.title)
    if called != note.title:
        facts["title"] = called
    if named := _BEFORE_COLON.match(called):
        facts["name"] = named[1]
    elif " " not in called:
        facts["name"] = called
    return facts


ENTRY = Repository(
    repository="gymoon10/Paper-Review",
    commit="1d9a6e0aaff772ab158d9ef18894068624e25ded",
    path=r"^(?!(?:.*/)?(?:README|read|filename)\.md$).*\.md$",
    base="https://gymoon10.github.io/Paper-Review",
    address="/{path}.html",
    title=_title,
    facts=_rule,
)
