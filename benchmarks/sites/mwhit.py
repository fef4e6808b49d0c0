"""mwhittaker/papers: English summaries on databases, distributed systems and operating systems.

A post begins with a heading that is the title and the year, “[Title (2007)](…)”, linked to a search for the paper;
below it are text with bold words in place of headings, or headings of rank 2.
"""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository

_YEAR = re.compile(r" \((\d{4})\)$")
# not judged: posts whose text calls the authors by their surnames or given names
_AUTHORS_IN_TEXT = re.compile("Combining|Granularity|Highly|On the Duality|The Anatomy|The Unix")
_NO_NAME = re.compile(
    "A Critique|Architecture|End-to-End|Granularity|Inferring|Live Migration|On the Duality"
    "|Parallel|Replicated|Scheduling"
)
_NAMES = ("T Spaces", "Storm")  # “T Spaces: …” is a letter and a word; “Storm @ Twitter”


def _rule(note: Note) -> Facts:
    """The year in brackets after the title; no address of the paper itself, no authors, no venue."""
    year = _YEAR.search(note.title)
    title = _YEAR.sub("", note.title)
    facts: Facts = {"title": title, "ids": {}, "venue": None, "year": int(year[1]) if year else None}
    if not _AUTHORS_IN_TEXT.match(title):
        facts["authors"] = []
    if _NO_NAME.match(title):
        facts["name"] = None
    elif name := next((name for name in _NAMES if title.startswith(name)), None):
        facts["name"] = name
    return facts


# No stub (Mesos).
ENTRY = Repository(
    repository="mwhittaker/papers",
    commit="b37f7047b911a1abe9a52b85654d0ff8bcc10c0f",
    path=r"^papers/(?!hindman2011mesos)[^/]+\.md$",
    base="https://mwhittaker.github.io/papers",
    address="/html/{slug}.html",
    limit=60,
    facts=_rule,
)
