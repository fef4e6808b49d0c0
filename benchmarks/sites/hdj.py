"""hdjlcbz/PaperNotes: long Chinese notes on robots that see and touch, a quotation of the paper's facts on top."""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, ids_of

_AUTHORS = re.compile(r"^> - 作者：(.*)", re.MULTILINE)
_ARXIV = re.compile(r"^> - arXiv(?: ID)?：\D*(\d{4}\.\d{5})", re.MULTILINE)
_MARKS = re.compile(r"\$[^$]*\$|<sup>.*?</sup>|\\?\*|[†‡]|[（(][^（）()]*[)）]")
# not judged: lists that break off, and a company before the names
_IS_CUT = re.compile(r"等|\.\.\.|Physical Intelligence\s?[（(]")


def _rule(note: Note) -> Facts:
    """Names without their marks and workplaces; where a paper was handed in is not where it appeared."""
    authors, arxiv = _AUTHORS.search(note.body), _ARXIV.search(note.body)
    facts: Facts = {"ids": ids_of(f"https://arxiv.org/abs/{arxiv[1]}") if arxiv else {}, "venue": None}
    if authors and not _IS_CUT.search(authors[1]):
        listed = _MARKS.sub("", authors[1])
        facts["authors"] = [one.strip() for one in listed.split(",") if one.strip()]
    return facts


# No overview of several papers, no note without its facts.
ENTRY = Repository(
    repository="hdjlcbz/PaperNotes",
    commit="34fb228e58c110c6b05c6f4f435a7f71d4873fd6",
    path=r"^notes/(?!.*(?:README|Pi系列|Koopman-Operators|KoopmanNMI)).*\.md$",
    base="https://hdjlcbz.github.io/PaperNotes",
    address="/{path}.html",
    facts=_rule,
)
