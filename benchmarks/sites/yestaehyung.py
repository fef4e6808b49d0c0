"""yestaehyung/Paper_review: Korean notes on explained recommendations, trust in them, fashion, images with text.

The name of the file is the title, often with “-” for a colon; the first heading is “Intro” or the like.
"""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, ids_of

_PAPERS = (
    r"Deep_learning_paper_review/(?:Attention|Contrastive|Improving|Vision|e-CLIP)",
    r"Fashion_paper_review/(?:A_Review|Personalized)",
    "Recommend_paper_review/",
    "XAI/",
)
_COLON = re.compile(r"(?<=[a-z”])-(?=(?:the|Impact|A)\b)|(?<=Systems)-(?=a )")
_VENUES: dict[str, tuple[str, int | None]] = {
    "Improving CLIP": ("CVPR", 2023),  # “CVPR'23” is the first line
    "e-CLIP": ("CIKM", 2022),  # “CIKM22 applied section에 accept” in the first line
    "IUI'19": ("IUI", 2019),
    "Measuring “Why”": ("IJCAI", None),  # “## IJCAI survey paper” is the first line
}
_TRACK = "Measuring the Impact"  # “CHI LBW' 23”: who knows whether the track belongs to the venue
# not judged: posts whose title is a name, or whose text has a name that may be called the paper's (LaCLIP, RIMA, …)
_HAS_NAME = re.compile("Attention|Contrastive|Improving|Vision|e-CLIP|Help Me|Is More|Let Me|Towards")


def _rule(note: Note) -> Facts:
    """No authors; a venue at the top of four posts; the paper's address in the first line of one."""
    first = note.body.split(maxsplit=1)[0]
    facts: Facts = {"ids": ids_of(first) if first.startswith("https://") else {}, "authors": []}
    if not note.title.startswith(_TRACK):
        venue, year = next((told for start, told in _VENUES.items() if note.title.startswith(start)), (None, None))
        facts |= {"venue": venue, "year": year}
    called = _COLON.sub(": ", note.title.removeprefix("IUI'19 - ").replace("_", " "))
    if called != note.title:
        facts["title"] = called
    return facts if _HAS_NAME.match(note.title) else facts | {"name": None}


# No talks, lectures, sessions of AAAI, clippings of chats, notes on a topic, and no stubs.
ENTRY = Repository(
    repository="yestaehyung/Paper_review",
    commit="7b752ac44d3ea34520b06a7c287f4e145a06c593",
    path=rf"^(?:{'|'.join(_PAPERS)}).*\.md$",
    base="https://yestaehyung.github.io/Paper_review",
    address="/{path}.html",
    title=lambda note: note.stem,
    facts=_rule,
)
