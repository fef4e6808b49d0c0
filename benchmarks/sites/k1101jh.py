"""k1101jh/DeepLearning-Paper-Review: Korean reviews, mostly on vision, with a head of metadata."""

from __future__ import annotations

import re

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of

_VENUE_AND_YEAR = re.compile(r"([A-Za-z][A-Za-z ]*?)\s*((?:19|20)\d{2})\b")
_FIRST_SECTION = re.compile(r"^#{1,6}\s*(?:[^\w\s]\s*)*(?:Abstract|1\.|GPT |요약|Paper Review)", re.MULTILINE)
_LINKS_ELSEWHERE = ("project", "project page", "github", "code", "blog", "demo")


def _rule(note: Note) -> Facts:
    """A head of “url: [paper](…) (CVPR 2027)”, “**Authors**: …”, “**Venue**: …”, up to the review's first section.

    Older posts have bare lines: “Ada Example et al.”, “ICLR 2021.”, “url: https://…”.
    """
    head = _FIRST_SECTION.split(note.body, maxsplit=1)[0]
    own = [address for text, address in LINK.findall(head) if text.lower() not in _LINKS_ELSEWHERE]
    own += re.findall(r"^[-\s]*(?:(?:url|paper):\s*)?(http\S+)", head, re.MULTILINE)
    label = re.search(r"\*\*Authors\*\*:[ \t]*(.*(?:\n(?!\s*-)\S.*)*)", head)
    bare = re.search(r"^[-\s]*([A-Z][\w.]+(?: [A-Z][\w.-]+)+) et al\.", head, re.MULTILINE)
    facts: Facts = {"ids": ids_of(*own), "authors": _names((label or bare or ("", ""))[1])}
    said = re.findall(r"\*\*Venue\*\*:[ \t]*(\S.*)", head) or re.findall(
        r"\]\([^)]*\)\s*\(([^)]*)\)|^[-\s]*([A-Za-z]+ \d{4})\.?\s*$", head, re.MULTILINE
    )
    venues = [
        match for one in said if (match := _VENUE_AND_YEAR.match(one if isinstance(one, str) else one[0] or one[1]))
    ]
    if not said:
        facts |= {"venue": None, "year": None}
    if len(venues) == len(said) == 1 and venues[0][1].lower() != "arxiv":  # a preprint's venue may be none, or arXiv
        facts |= {"venue": venues[0][1].removeprefix("IEEE "), "year": int(venues[0][2])}
    return facts


def _names(text: str) -> list[str]:
    text = re.sub(r"\([^)]*\)|\bet al\.?", " ", text)
    names = (name.strip(" .*\n") for name in re.split(r"[,;&\n]|\band\b", text))
    return [" ".join(name.split()) for name in names if name.strip(" .")]


ENTRY = Repository(
    repository="k1101jh/DeepLearning-Paper-Review",
    commit="4bb90003661b55de1af2c3cd23fdfd473c6ef99f",
    path=r"/.*\.md$",
    base="https://k1101jh.github.io/DeepLearning-Paper-Review",
    address="/{path}.html",
    facts=_rule,
)
