"""Forrest-Stone/PaperNotes: Chinese notes on recommendation by session, a whole reference below the title."""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, ids_of

_REFERENCE = re.compile(r"^\[1\] (?P<names>[^“]+?)\. “.*?”(?P<source>.*)", re.MULTILINE)
_VENUES: dict[str, tuple[str, int]] = {
    "Sequential Recommendation with Dual": ("WSDM", 2020),
    "Sequential Recommendation with User": ("WSDM", 2018),
    "Future Data": ("WWW", 2020),
    "Sequential Recommender System based": ("IJCAI", 2018),
    "Global Context": ("SIGIR", 2020),
    "Handling": ("KDD", 2020),
    "Adaptive User": ("IJCAI", 2019),
    "Exploiting Cross": ("ACM Transactions on Information Systems", 2020),
}
_LINEAR = "Session-aware Linear"  # its reference is written in another style
_LINEAR_AUTHORS = ["M. Choi", "J. Lee", "H. Shim", "J. Lee"]


def _rule(note: Note) -> Facts:
    """Authors of the first reference, unless it shortens them; a post on two references is not judged."""
    if note.title.startswith("Survey for"):
        return {}
    if note.title.startswith(_LINEAR):
        return {"ids": {"arxiv": "2103.16104"}, "venue": None, "authors": _LINEAR_AUTHORS}
    match = _REFERENCE.search(note.body)
    if match is None:
        return {}
    venue, year = next((told for start, told in _VENUES.items() if note.title.startswith(start)), (None, None))
    facts: Facts = {"ids": ids_of(*re.findall(r"https?://\S+?(?=\.?(?:\s|$))", match["source"])), "venue": venue}
    if year:
        facts["year"] = year
    if note.title.startswith("Beyond Clicks"):
        facts["name"] = None  # the beginning of a phrase
    if "et al" not in match["names"]:
        facts["authors"] = list(_names(match["names"]))
    return facts


def _names(listed: str) -> list[str]:
    """The first name is turned round: “Hu, Yang, Haoxuan You, and Yue Gao”."""
    last, given, *others = re.split(r",? and |, ", listed)
    return [f"{given} {last}", *others]


ENTRY = Repository(
    repository="Forrest-Stone/PaperNotes",
    commit="216d22dbe06243cb8ba6b92fd934eedb9a91604f",
    path=r"^(?!.*/images/)2.*\.md$",
    base="https://forrest-stone.github.io/PaperNotes",
    address="/{path}.html",
    facts=_rule,
)
