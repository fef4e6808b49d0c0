"""JasonBenn/deep-learning-paper-notes: short English notes on deep learning, a few on causes and biology.

A post begins with the title as a heading of rank 2, which mostly links the paper; then often a date, “_Jun 2017_”.
"""

from __future__ import annotations

import re

from benchmarks.notes import LINK, Facts, Note, Repository, headings_of, ids_of

_DATE = re.compile(r"^_(?:[A-Z][a-z]{2} )?(\d{4})(?:,.*)?_$", re.MULTILINE)
_DATE_OF_TEMPLATE = "Deep Convolutional Neural Network Design Patterns"  # “Jun 2017”, but arXiv of 2016: not judged
_AUTHOR_IN_TEXT = "Dynamic Routing"  # “Hinton, Q4 '17” at the end: not judged
_VENUE_IN_LINK = "Stability"  # jmlr.org: not judged
_DOI_IN_QUOTE = "Opportunities"  # links bioRxiv without a DOI; a quotation has the DOI in passing: not judged
_NO_NAME = re.compile(
    "A Biomedical|Artistic|Concrete|Deep Convolutional|Generalization|Grammar|Learning Hierarchical|Massive"
    "|Opportunities|Rethinking|Stability|Understanding"
)


def _rule(note: Note) -> Facts:
    """The paper's address in the title's link, the year of the line below it; no authors, no venue."""
    first = note.body.lstrip().partition("\n")[0]
    date = _DATE.search(note.body)
    facts: Facts = {}
    if not note.title.startswith(_DOI_IN_QUOTE):
        facts["ids"] = ids_of(*(address for _, address in LINK.findall(first)))
    if not note.title.startswith(_AUTHOR_IN_TEXT):
        facts["authors"] = []
    if not note.title.startswith(_VENUE_IN_LINK):
        facts["venue"] = None
        facts["year"] = int(date[1]) if date and note.title != _DATE_OF_TEMPLATE else None
    if _NO_NAME.match(note.title):
        facts["name"] = None
    return facts


# No talks, chapters of a book and lists of several papers.
ENTRY = Repository(
    repository="JasonBenn/deep-learning-paper-notes",
    commit="884c117aac06826319880dd7a1b7d92e331a6c01",
    path=r"^papers/(?!bayesian|exploring|generalization-summaries|interpretable|learning-dis|summaries|wgan).*\.md$",
    base="https://jasonbenn.github.io/deep-learning-paper-notes",
    address="/{path}.html",
    title=lambda note: next(text for _, text in headings_of(note.body)),  # one post has a heading of rank 1 below
    facts=_rule,
)
