"""iclr-blogposts/2024: English articles by many authors, mostly on several papers."""

from __future__ import annotations

from benchmarks.notes import Facts, Note, Repository


def _rule(_: Note) -> Facts:
    """Articles on several papers, and notes on none."""
    return {"ids": {}, "authors": []}


ENTRY = Repository(
    repository="iclr-blogposts/2024",
    commit="f8d8b1265493ecf1c20ad52cc980b317449babcc",
    path=r"^_posts/\d.*md$",
    base="https://iclr-blogposts.github.io/2024",
    address="/blog/{slug}/",
    facts=_rule,
)
