"""sallamander/paper-notes: English notes on vision."""

from __future__ import annotations

from benchmarks.notes import Repository
from benchmarks.sites import first_heading_links

ENTRY = Repository(
    repository="sallamander/paper-notes",
    commit="5a2e3c4e81f3e9e58040eaf716ee328ad7432962",
    path=r"^20\d\d/.*\.md$",
    base="https://sallamander.github.io/paper-notes",
    address="/{path}.html",
    facts=first_heading_links,
)
