"""YooSungHyun/paper-review: Korean notes on merging, distilling and tuning language models, a folder a paper."""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, ids_of

_OWN = re.compile(r"^## 논문\s+(https?://\S+)|\*\*원본 참조\*\*:[^\n]*\((arXiv:[\d.]+)\)", re.MULTILINE)
_PEAR = "Good SFT Optimizes for SFT, Better SFT Prepares for Reinforcement Learning"


def _rule(note: Note) -> Facts:
    """The address below “## 논문”, or “원본 참조: … (arXiv:…)” in reports on code; no authors, no venue."""
    own = _OWN.search(note.body)
    address = (own[1] or own[2]).replace("ar5iv.labs.arxiv.org", "arxiv.org") if own else ""
    facts: Facts = {"ids": ids_of(address), "authors": [], "venue": None, "year": None}
    if report := re.match(r"(\S+) SFT Trainer 구현 검토", note.title):
        facts |= {"name": report[1], "title": _PEAR if report[1] == "PEAR" else report[1]}
    if note.title.startswith("τ -bench:"):
        facts["name"] = "τ-bench"
    return facts


ENTRY = Repository(
    repository="YooSungHyun/paper-review",
    commit="80b48ec269133161cba0cae39adc54c55a61e013",
    path=r"^(?:General|LLM)/.*(?:README|readme)\.md$",
    base="https://yoosunghyun.github.io/paper-review",
    address="/{path}.html",
    facts=_rule,
)
