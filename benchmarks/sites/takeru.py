"""TakeruEndo/paper-survey: Japanese summaries, mostly on finding and tracking objects, many by six questions."""

from __future__ import annotations

import re
from itertools import takewhile

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of
from benchmarks.truths import squeeze

_CITED = re.compile(r"^\* " + LINK.pattern, re.MULTILINE)
_VENUE = re.compile(r'"([A-Z]{3,4})(?:20\d\d)?，')
_UNSURE_VENUE = re.compile(r"ieee|arxiv名|aclweb", re.IGNORECASE)  # a publisher, the template's word, or an address
_YEAR = re.compile(r"20\d\d")
_NAME = re.compile(r"(U-Net|CenterNet|YOLOv4) ")  # the titles have lost their colons
_GLUED = "Video Processing"  # what one title has before the paper's own
_UNDIVIDED = {  # one list of names has no commas
    "Deep Layer Aggregation": ["Fisher Yu", "Dequan Wang", "Evan Shelhamer", "Trevor Darrell"],
}


def _rule(note: Note) -> Facts:
    """A last line “* [Ada Example, Bo Example，"Title，"CVPR2020，1-9，2020](address)”; one post has none."""
    cited, address = (_CITED.findall(note.body) or [("", "")])[-1]
    title = note.title.removeprefix(_GLUED)
    parts = re.split(r"\s*[,，]\s*", cited)
    names = takewhile(lambda part: not part.startswith('"') and squeeze(title) not in squeeze(part), parts)
    facts: Facts = {"ids": ids_of(address), "authors": _UNDIVIDED.get(title) or [name for name in names if name]}
    venue = _VENUE.search(cited)
    if venue or not _UNSURE_VENUE.search(cited + address):
        years = _YEAR.findall(cited)
        facts |= {"venue": venue[1] if venue else None, "year": int(years[-1]) if years else None}
    if title != note.title:
        facts["title"] = title
    if named := _NAME.match(title):
        facts["name"] = named[1]
    return facts


ENTRY = Repository(
    repository="TakeruEndo/paper-survey",
    commit="746e06e2993eef4f5ab8600f0cf6eb08ee5026e4",
    # left out: what reviews no paper or several, a stub, and a post that has a line before its front matter
    path=(
        r"^_posts/[\d-]+"
        r"(?!conSinGAN|tracking_1|DataVisualize|EfficientDet|MarkDown|preprocessing| Interest|study1)[A-Za-z].*\.md$"
    ),
    base="https://TakeruEndo.github.io/paper-survey",
    address="/{slug}.html",
    facts=_rule,
)
