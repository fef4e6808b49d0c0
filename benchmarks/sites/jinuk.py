"""jinuk0211/ai_paper_review: Korean notes on language models, images, video and robots; hardly any headings."""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, ids_of

_ADDRESS = re.compile(r"https?://[^\s)\]]+")
_OTHERS_ONLY = ("DReureka", "bitsdiffusion")  # the only identifier is that of the paper before it
_SECOND_VERSION = "https://arxiv.org/pdf/2405.09818"  # Chameleon's, below another paper and a former model
_OF_MANY_PAPERS = ("three modalities", "useless_kvcache", "video_image_autoregressive")
_YEAR = re.compile(r"(20\d\d)(?:년| / )")


def _rule(note: Note) -> Facts:
    """The first address, and a date, “2024년 5월 4일”; no people (“nvidia”), no venue (ICRA is that of a debate)."""
    dated = _YEAR.search(note.body)
    facts: Facts = {"authors": [], "venue": None, "year": int(dated[1]) if dated else None}
    if note.stem not in _OF_MANY_PAPERS:
        addresses = [one for one in _ADDRESS.findall(note.body) if note.stem != "chameleon" or one == _SECOND_VERSION]
        facts["ids"] = ids_of(*addresses) if note.stem not in _OTHERS_ONLY else {}
    return facts


# The files that are left out have pictures or addresses only.
ENTRY = Repository(
    repository="jinuk0211/ai_paper_review",
    commit="1109bb0055acc07f2d4cdf97a9fe4da79de5a233",
    path=r"^(?!MAMBA2|PiT|antrophic|graphist|mapneo|world)[^/]+\.md$",
    base="https://jinuk0211.github.io/ai_paper_review",
    address="/{path}.html",
    title=lambda note: note.stem,  # one text begins with a heading of its own, the name of another model
    facts=_rule,
)
