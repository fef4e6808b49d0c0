"""AndrewColligan/Paper-Reading-Notes: English notes on learning from 3D shapes and CAD, all in one template."""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, ids_of

_FIELD = re.compile(r"^- (Title|Author|Publication|Short name|Year)(?: status)?:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_OWN = re.compile(r"^## (?:Paper|Project [Pp]age)[ \t]*\n(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
_ADDRESS = re.compile(r"https?://\S+")
_SHORT_VENUE = re.compile(r"\b(?:AAAI|BMVC|CVPR|ECCV|ICCVW|IROS|NIPS)")
_LONG_VENUE = re.compile(r"IEEE (?:Conference on Computer Vision and Pattern Recognition|Signal Processing Letters)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_UNDIVIDED = "Li Yi Hao Su"  # one list of names has lost its commas


def _lines(note: Note) -> str:
    return "\n".join(note.body.splitlines())  # most posts end their lines as Windows does


def _said(note: Note) -> dict[str, str]:
    return dict(_FIELD.findall(_lines(note).partition("\n# ")[0]))


def _title(note: Note) -> str:
    """The template's “- Title: …”, as the repository's own index has it; the first heading is “Basic info”."""
    return _said(note)["Title"]


def _rule(note: Note) -> Facts:
    """“- Author: …”, “- Publication status: 2018 … (CVPR)”, “- Short name: …”, “- Year: …” at the top; “## Paper”."""
    # left out: the venue of “2015 IEEE”, and of three journals (“Journel of …”)
    said = _said(note)
    facts: Facts = {
        "ids": ids_of(*(address for own in _OWN.findall(_lines(note)) for address in _ADDRESS.findall(own))),
        "name": said["Short name"],
    }
    if _UNDIVIDED not in said["Author"]:
        names = re.split(r",|&|\band\b", said["Author"])
        facts["authors"] = [name.strip(" 1") for name in names if name.strip()]  # “Yue Gao1”
    published = said.get("Publication", "")
    venue = _SHORT_VENUE.search(published) or _LONG_VENUE.search(published)
    year = _YEAR.search(said.get("Year", "") or published)
    if venue or not published:
        facts |= {"venue": venue[0] if venue else None, "year": int(year[0]) if year else None}
    return facts


ENTRY = Repository(
    repository="AndrewColligan/Paper-Reading-Notes",
    commit="71eb0fdc6995740b8688e494a51b4c5207c54adc",
    path=r"^Notes/(?!Octree/O-CNN).*\.md$",  # the text of O-CNN is still that of another paper
    base="https://AndrewColligan.github.io/Paper-Reading-Notes",
    address="/{path}.html",
    title=_title,
    facts=_rule,
)
