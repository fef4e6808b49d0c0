"""yskim0/CS-Paper-Review: Korean notes of a students' circle on vision, reinforcement learning and summaries."""

from __future__ import annotations

import re

from benchmarks.notes import LINK, WHOLE_LINK, Facts, Note, Repository, headings_of, ids_of
from benchmarks.truths import squeeze

_OPENING = re.compile(r"^## (?!Date|Student|Name of)", re.MULTILINE)  # where the head ends
_THESIS = re.compile(r"^#+ Name of the thesis:\s*([^\n]*)", re.MULTILINE)
_NO_TITLE = re.compile(r"Reports for Deep Learning Society|\(미완\)|Image Reconstruction \(2019\)")
_NAMES = (
    "HarDNet",
    "VizML",
    "YOLO",
    "faster R-CNN",
    "PI-REC",
    "ViT",
)  # in titles, without the usual colon or brackets
_ON_ARXIV_TOO = "Generative-Adversarial-Network.md"  # its head links NIPS, a comment in its code the paper on arXiv


def _title(note: Note) -> str:
    """The file's name where the first heading is a form's or a topic, the second where it is “unfinished”."""
    if note.title == "(미완)":
        return [text for level, text in headings_of(note.body) if level == 1][1]
    return note.stem if _NO_TITLE.match(note.title) else note.title


def _rule(note: Note) -> Facts:
    """“Name of the thesis: [title](…)”, or a bare address, above the first section; “- CVPR2019”; no authors."""
    head = _OPENING.split(note.body, maxsplit=1)[0]
    own = [address for _, address in LINK.findall(head)] + re.findall(r"^\(?(https?://[^\s)]+)", head, re.MULTILINE)
    facts: Facts = {"authors": []}
    if note.path != _ON_ARXIV_TOO:
        facts |= {"ids": ids_of(*own), "venue": None, "year": None}
    if said := re.search(r"\) - ([A-Z]{3,8})(20\d{2})\s*$", head, re.MULTILINE):
        facts |= {"venue": said[1], "year": int(said[2])}
    if said := re.match(r"# Image Reconstruction \((20\d{2})\)", note.body):
        facts["year"] = int(said[1])
    if thesis := _THESIS.search(head):
        called = WHOLE_LINK.sub(r"\1", thesis[1]).strip()
        called = called.replace("Adversarial Nets", "Adversarial Network")  # so another post calls the same paper
    else:
        called = {"Lah_VizML": "VizML"}.get(note.stem, note.title.replace("- ", ": "))
    if squeeze(called) != squeeze(note.title):
        facts["title"] = called
    name = next((one for one in _NAMES if re.search(rf"(?<![\w]){re.escape(one)}(?!\w)", note.title)), None)
    return facts | ({"name": name} if name else {})


ENTRY = Repository(
    repository="yskim0/CS-Paper-Review",
    commit="9d918d68a10233be6218e9f8e80bbf4f141b3616",
    path=r"^(?!README|DETR).*\.md$",  # DETR is a link to another blog
    base="https://yskim0.github.io/CS-Paper-Review",
    address="/{path}.html",
    title=_title,
    facts=_rule,
)
