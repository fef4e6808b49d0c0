"""ZhaoOfficial/PaperNotes: Chinese notes beside the English sentences, on rendering, light fields and microscopy."""

from __future__ import annotations

from benchmarks.notes import Repository

_PAPERS = (
    r"(?!.*(?:Literature Review|cryoSPARC|Neural Relightable|Eikonal Equation))"
    r"(?:Computer Graphics/|Computer Vision/|Cryo/2|Deep Learning/(?!Four)|\d{4} )"
)
# No chapters of a book, no literature lists, no stubs; nobody is named as an author.
ENTRY = Repository(
    repository="ZhaoOfficial/PaperNotes",
    commit="08c0b83da6da80cb102c14d3354cdd48e61e27bc",
    path=rf"^{_PAPERS}.*\.md$",
    base="https://zhaoofficial.github.io/PaperNotes",
    address="/{path}.html",
    facts=lambda _: {"authors": [], "venue": None},
)
