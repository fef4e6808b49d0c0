"""pomelyu/paper-reading-notes: English notes in passes, one folder a paper, on 3D vision, driving and LLM serving."""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, ids_of

_LABELLED = re.compile(r"^- \*\*Authors:\*\*[ \t]*(.+)$", re.MULTILINE)
_LISTED = re.compile(r"^\*\*Authors\*\*:[ \t]*\n((?:- .+\n)+)", re.MULTILINE)
_PUBLISHED = re.compile(r"^(?:- )?\*\*(?:Published:\*\*|Publication\*\*:)[ \t]*(.+)$", re.MULTILINE)
_ARXIV = re.compile(r"arXiv[: ]\s*(\d{4}\.\d{4,5})")
_PAPERS_PAGE = re.compile(
    r"^- \*\*Huggingface:\*\* (https://huggingface\.co/papers/\S+)$", re.MULTILINE | re.IGNORECASE
)
_VENUE = re.compile(r"\b((?:\d[A-Z]|[A-Z])[A-Za-z0-9]*[A-Z][A-Za-z0-9]*) (20\d\d)\b")


def _rule(note: Note) -> Facts:
    """A list below the title: “- **Authors:** …”, “- **Published:** ECCV 2020 (arXiv:…)”; older posts have labels."""
    # left out: a preprint's venue (none, or arXiv), and a year where the preprint's and the venue's differ
    head = re.split(r"^## (?!Introduction)", note.body, maxsplit=1, flags=re.MULTILINE)[0]
    published = said[1] if (said := _PUBLISHED.search(head)) else ""
    arxiv = _ARXIV.search(published)
    facts: Facts = {"ids": ids_of(f"https://arxiv.org/abs/{arxiv[1]}") if arxiv else {}, "authors": _authors(head)}
    if not arxiv and (page := _PAPERS_PAGE.search(head)):  # the number of such a page is the paper's at arXiv
        facts["ids"] = ids_of(page[1].replace("huggingface.co/papers", "arxiv.org/abs"))
    if venue := _VENUE.search(published):
        facts |= {"venue": venue[1], "year": int(venue[2])}
        if "presented at" in published:
            facts["year"] = None
    return facts


def _authors(head: str) -> list[str]:
    if labelled := _LABELLED.search(head):
        text = labelled[1]
    else:
        listed = _LISTED.search(head)
        text = ",".join(line[2:].partition(" - ")[0] for line in (listed[1] if listed else "").splitlines())
    text = re.sub(r"[*†]", "", re.sub(r"\([^)]*\)", "", text))
    return [name.strip() for name in text.split(",") if name.strip()]


ENTRY = Repository(
    repository="pomelyu/paper-reading-notes",
    commit="ff50a962bd935e301333b171fc363c450c744853",
    path=r"^20\d\d/[^/]+/README\.md$",
    base="https://pomelyu.github.io/paper-reading-notes",
    address="/{path}.html",
    facts=_rule,
)
