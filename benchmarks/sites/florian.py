"""florian/reading-notes: English notes on papers about Google's systems, attention, sketches and two essays.

A post begins with the title, linked to the paper (“Title [pdf]”), then its citation in the style of MLA, in italics.
"""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository
from benchmarks.sites import first_heading_links

_CITED = re.compile(r'^\*(?P<names>[^"\n]+?)(?:\. "[^"\n]+" (?P<rest>.+?)|: .+)\*$', re.MULTILINE)
_VENUE = re.compile(r"Proceedings of the .+ \((\w+)\) \(|([A-Za-z ]+?)(?:\.| \d)")
_NO_VENUE = re.compile("arXiv|Preliminary White Paper")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_LINKS = re.compile(r"(?: \[[^\]]+\])+$")
_NAMED = re.compile(r"[A-Z]\w+: |A Decomposable|Attention")  # not judged: decomposable attention, Transformer


def _rule(note: Note) -> Facts:
    """The first link in the title, and the citation; of a venue with its abbreviation in brackets, the abbreviation.

    Names before “et al.” are all that is told. A preprint has no venue.
    """
    cited = _CITED.search(note.body)
    assert cited, note.path
    said = cited["rest"] or ""
    venue = None if _NO_VENUE.match(said) else _VENUE.match(said)
    years = _YEAR.findall(said)
    facts: Facts = {
        **first_heading_links(note),
        "title": _LINKS.sub("", note.title),
        "authors": _names(cited["names"]),
        "venue": next(filter(None, venue.groups())) if venue else None,
        "year": int(years[-1]) if years else None,
    }
    if "Count-Min Sketch" in note.title:
        facts["name"] = "Count-Min Sketch"
    elif not _NAMED.match(note.title):
        facts["name"] = None
    return facts


def _names(said: str) -> list[str]:
    """“Last, First, Other Author, and Third One”, without “et al.”."""
    names = re.split(r", and |, ", re.sub(r", et al$", "", said))
    return [f"{names[1]} {names[0]}", *names[2:]]


# Only the papers: the other folders have chapters of books and essays. One more paper's notes are in LaTeX.
ENTRY = Repository(
    repository="florian/reading-notes",
    commit="7efc68c2ffc24986a3667eea9e91e5ac38c20b65",
    path=r"^papers/\d{3}_[^/]+\.md$",
    base="https://florian.github.io/reading-notes",
    address="/{path}.html",
    facts=_rule,
)
