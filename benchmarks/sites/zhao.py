"""zhaoyang97/Paper-Notes: Chinese notes by a template on papers of ACL 2025."""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, ids_of


def _rule(note: Note) -> Facts:
    """“**会议**: …”, “**arXiv**: [id](…)” below the title; no authors."""
    head = note.body.partition("\n## ")[0]
    said = re.search(r"\*\*会议\*\*[:：]\s*([A-Za-z]+)\s*(\d{4})", head)
    arxiv = re.search(r"\*\*arXiv\*\*[:：]\s*\[[^\]]*\]\(([^)]*)\)", head)
    return {
        "ids": ids_of(arxiv[1]) if arxiv else {},
        "authors": [],
        "venue": said[1] if said else None,
        "year": int(said[2]) if said else None,
    }


ENTRY = Repository(
    repository="zhaoyang97/Paper-Notes",
    commit="2faf8a04a6703317b555083807a3ebdb5d2141c6",
    path=r"^docs/ACL2025/(llm_alignment|llm_agent)/(?!index).*\.md$",
    base="https://zhaoyang97.github.io/Paper-Notes",
    address="/{path}/",
    limit=60,
    facts=_rule,
)
