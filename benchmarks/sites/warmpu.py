"""warmpu/Paper-Notes-Deep-Learning: English notes on face recognition, re-identification, networks and GANs."""

from __future__ import annotations

import re

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of

_TITLES = {
    "ReRankwKRE": "Re-Ranking Person Re-Identification With k-Reciprocal Encoding",
    "GANs": "Generative Adversarial Nets",
    "mobilenetv2": "MobileNet v2",
}
"""Posts below the template's or another paper's title, as their first line or the repository's index calls them."""
_SAME_ID = ("CBDBM", "UL-STS")  # both give the address of the former's paper
_TEAMS = ("ReXNet", "aicity18-Geometry-aware", "aicity18-Traffic-Flow-Analysis")  # “NAVER AI Lab.”: an author or not
_RANKED = ("aicity18-Geometry-aware", "aicity18-Semi-Automatic")  # “7-th … in NVIDIA AI City Challenge 2018”
_NO_AUTHORS = ("ReRankwKRE", "DTI4PA")  # the title and a department are in their place
_DATED = re.compile(r"(?P<names>[^_]*)_(?P<date>[^_]*20\d\d.*)")
_PAPER = re.compile(r"^\W*(?:offic\w+ +)?paper\b.*", re.IGNORECASE | re.MULTILINE)


def _title(note: Note) -> str:
    """The post's own heading, if it is its paper's."""
    return _TITLES.get(note.stem, note.title)


def _rule(note: Note) -> Facts:
    """“Ada Last, Bo Last. _7 Jul 2022_” below the title, then “* Official paper: [ArXiv](https://arxiv.org/…)”.

    The label of that link mostly is a library's (ArXiv, IEEE), which is no venue, and once a venue's (AAAI).
    """
    lines = [line for line in note.body.splitlines() if line.strip()]
    dated = _DATED.match(lines[1])
    said = _PAPER.search(note.body)
    label, address = (LINK.findall(said[0]) or [("", "")])[0] if said else ("", "")
    facts: Facts = {}
    if note.stem not in _SAME_ID:
        facts["ids"] = ids_of(address)
    if note.stem not in _TEAMS:
        names = dated["names"] if dated and note.stem not in _NO_AUTHORS else ""
        facts["authors"] = [name for one in re.split(r"[,;&]|\band\b", names) if (name := one.strip(" .*∗"))]
    if note.stem not in _RANKED:
        years = re.findall(r"20\d\d", dated["date"]) if dated else []
        facts |= {"venue": "AAAI" if label == "AAAI" else None, "year": int(years[0]) if years else None}
    if note.title == "Searching for MobileNetV3":
        facts["name"] = "MobileNetV3"
    return facts


ENTRY = Repository(
    repository="warmpu/Paper-Notes-Deep-Learning",
    commit="64733ce4c71c210cc4cc17fb9fc21035a5a18770",
    # left out: tables of contents, the template, a reading list, and two posts with nothing but their heads
    path=r"^(?!asset/)(?!.*(?i:readme|fundamental_paper|StarGAN)).*\.md$",
    base="https://warmpu.github.io/Paper-Notes-Deep-Learning",
    address="/{path}.html",
    limit=60,
    title=_title,
    facts=_rule,
)
