"""FYJNEVERFOLLOWS/Paper-Reading-Notes: English and Chinese notes on separating, enhancing and locating speech.

Some posts have no title of their own; their first heading is “Introduction” or the like.
"""

from __future__ import annotations

import re

from benchmarks.notes import HEADING, Facts, Note, Repository, ids_of, plain

_MARK = "阅读笔记"
_TOPIC = re.compile(r"^\[[^\]]*[\u4e00-\u9fff][^\]]*\]\s*")  # “[时域语音分离] DPRNN: …”
_VENUE = re.compile(r"^##\s+\[?([A-Za-z]+) ((?:19|20)\d{2})\]?\s*$")
_BARE = re.compile(r"^https?://\S+$")
_NAMED = re.compile(r"([^\s:]{2,25}|Sudo rm -rf):\s")
_THESIS = re.compile(r"^# ([A-Z]\w+ [A-Z]\w+)'s PhD Thesis Title:")
_UNTITLED = ("Introduction", "Abstract & Conclusion", "ACOUSTIC ENVIRONMENT AND SOUND SOURCE CONFIGURATIONS")
_HEAD = 4


def _lines(note: Note) -> list[str]:
    return [line.strip() for line in note.body.splitlines() if line.strip() and not line.startswith("#!")]


def _title(note: Note) -> str:
    """The heading with which a post begins, else the name of its file."""
    first = HEADING.match(next(iter(_lines(note)), ""))
    title = plain(first[2]) if first else ""
    return title if title and title not in _UNTITLED else note.stem.replace("--", ": ")


def _rule(note: Note) -> Facts:
    """The top: a bare address of the paper, “## [ICASSP 2019]” below the title; theses alone have authors."""
    head = _lines(note)[:_HEAD]
    called = _TOPIC.sub("", note.title).removesuffix(_MARK).strip()
    said = next((match for line in head if (match := _VENUE.match(line))), None)
    thesis = next((match for line in head if (match := _THESIS.match(line))), None)
    facts: Facts = {
        "ids": ids_of(*(line for line in head if _BARE.match(line))),
        "authors": [thesis[1]] if thesis else [],
        "venue": said[1] if said else None,
        "year": int(said[2]) if said else None,
    }
    if called != note.title:
        facts["title"] = called
    if called == "SLoClas":
        facts["name"] = called
    elif (match := _NAMED.match(called)) and re.search("[A-Z]", match[1]):
        facts["name"] = match[1]
    return facts


# No summaries of many papers, and none of the ten stubs under 300 letters.
ENTRY = Repository(
    repository="FYJNEVERFOLLOWS/Paper-Reading-Notes",
    commit="2bb797a696cbbccd8899c1eccbd06eaa24d19d8c",
    path=(
        r"^(?!README|A Gentle Summary|.*Paper Summary"
        r"|.*/(Channel-Attention Dense|EaBNet|SepFormer|Deep Learning Based Two-dim|Improved feature extraction"
        r"|Joint Estimation of Direction|Robust TDOA|CountNet|Interactive Speech|Token-level)).*\.md$"
    ),
    base="https://FYJNEVERFOLLOWS.github.io/Paper-Reading-Notes",
    address="/{path}.html",
    limit=60,
    title=_title,
    facts=_rule,
)
