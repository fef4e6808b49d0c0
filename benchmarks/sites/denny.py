"""dennybritz/deeplearning-papernotes: English notes on deep learning."""

from __future__ import annotations

from benchmarks.notes import Repository
from benchmarks.sites import first_heading_links

ENTRY = Repository(
    repository="dennybritz/deeplearning-papernotes",
    commit="7195945731e849d88f4702ac432973c57fc93e97",
    path=r"^notes/.*\.md$",
    base="https://dennybritz.github.io/deeplearning-papernotes",
    address="/{path}.html",
    limit=60,
    facts=first_heading_links,
)
