"""thomasehuang/ML-Paper-Notes: English notes on generative models, vision and speech."""

from __future__ import annotations

from benchmarks.notes import Facts, Note, Repository
from benchmarks.sites import first_heading_links


def _rule(note: Note) -> Facts:
    """The first line is the paper's title and links it; no post names authors, a venue or a year."""
    facts: Facts = {**first_heading_links(note), "authors": []}
    if note.stem != "scene-derendering":  # its paper's file is called nsd_cvpr.pdf: not judged
        facts["venue"] = None
    return facts


ENTRY = Repository(
    repository="thomasehuang/ML-Paper-Notes",
    commit="ec63143f03b34bfd5fe33c0ca598a2a74e0f4a11",
    path=r"^(?!.*README).*\.md$",
    base="https://thomasehuang.github.io/ML-Paper-Notes",
    address="/{path}.html",
    facts=_rule,
)
