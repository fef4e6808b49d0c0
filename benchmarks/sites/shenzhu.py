"""shenzhu/PaperNotes: English notes on recommender systems before deep learning; the text names no authors."""

from __future__ import annotations

from benchmarks.notes import Repository

# The file's name has venue, year and first author; the text has none of them, so they are not judged.
ENTRY = Repository(
    repository="shenzhu/PaperNotes",
    commit="d155c14ff6b4546ec205917c92fe055f61e9d462",
    path=r"^(?!README).*\.md$",
    base="https://shenzhu.github.io/PaperNotes",
    address="/{path}.html",
    facts=lambda _: {"ids": {}},
)
