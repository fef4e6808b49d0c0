"""DuskNgai/Paper-Notes: Chinese notes on neural rendering, volume rendering, cryo-EM, proteins, vision and diffusion.

The first heading is the title, a few times with a Chinese one or the year before it; nothing else is told at the top.
"""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, ids_of

_OWN_ADDRESS = re.compile(r"^\[论文链接\]\((\S+)\)", re.MULTILINE)
_BEFORE_TITLE = re.compile(r"(\d{4}) |.*[\u4e00-\u9fff] ?(?=[A-Z])")
_NAMES = ("DouZero", "NeRFactor", "NeRF++", "Nerfies", "Scaffold-GS")
_NAMELESS = re.compile(
    "Understanding and|Score-based|Panoptic|A Theory of|Recovering|Volume Path|Spectral|A Survey|Frequency|Advances"
    "|Unstructured|Light Field|Data Structure|Differentiable (?:Signed|Monte)|Unbiased Warped|A Practical"
)
"""The others without a name in front are known by one from their text (SAM, EDM, ESMFold) or may be: not judged."""


def _title(note: Note) -> str:
    """The name of the file in the one post whose first heading is “Claim”."""
    return note.stem[5:] if note.title == "Claim" else note.title


def _rule(note: Note) -> Facts:
    """No authors and no venue; one post links its paper, and two have the year before the title."""
    address, before = _OWN_ADDRESS.search(note.body), _BEFORE_TITLE.match(note.title)
    facts: Facts = {
        "ids": ids_of(address[1]) if address else {},
        "authors": [],
        "venue": None,
        "year": int(before[1]) if before and before[1] else None,
    }
    title = note.title[before.end() :] if before else note.title
    if before:
        facts["title"] = title
    if name := next((name for name in _NAMES if title.startswith(name)), None):
        facts["name"] = name
    elif _NAMELESS.match(title):
        facts["name"] = None
    return facts


# Only notes on one paper, which begin with its year; no stubs, and no appendix on a transform.
ENTRY = Repository(
    repository="DuskNgai/Paper-Notes",
    commit="cef170dec9777f75613b2a2684f8e95ccc0f7fea",
    path=(
        r"^(?:Biology|Computer Graphics|Computer Vision|Deep Learning)/[^/]+/"
        r"(?!1992 Hartley|2024 Towards a General|2022 Protein Representation|2023 Uncovering New|2020 Local Fourier"
        r"|2021 IBRNet|2021 Deep Marching|2020 AutoInt|2021 Neural Relightable|2023 CroCo v2)\d{4} [^/]+\.md$"
    ),
    base="https://DuskNgai.github.io/Paper-Notes",
    address="/{path}.html",
    limit=60,
    title=_title,
    facts=_rule,
)
