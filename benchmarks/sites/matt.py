"""matt-gardner/paper-reviews: English thoughts on papers about language, 2011 to 2016; the titles cite them."""

from __future__ import annotations

import re

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of, name_in

_SEVERAL = re.compile(r"reactions-to|more-word|data-recombination")  # of two or three papers each
_CONFERENCE = re.compile(r"naacl-retro|emnlp-2016")
_VENUE = r"(?P<venue>[A-Z][A-Za-z-]+) (?P<year>(?:19|20)\d\d)"
_BEHIND = re.compile(  # “Title, by Ada Example and Bo Example, ACL 2011.”, “Title; Ada Example; ICLR 2013”
    r"(?:First post! )?(?P<title>.+?)(?:, by |; |, (?=\w+ and \w+, ))(?P<authors>.+?)"
    rf"(?:[,.;]? \(?{_VENUE}\)?(?: short paper)?)?\.?$"
)
_BEFORE = re.compile(rf"(?P<authors>.+?), {_VENUE}\. (?P<title>.+?)\.?$")  # “Example, Other, ACL 2011. Title.”
_NAME = re.compile(r"\((NIDENT)\)")
_HAS_NAME = re.compile(r"hoffman|dart|sieve|skip-gram|tensor-rank")  # known by one that the title hardly shows
_VENUE_IN_TITLE = "Shared Task"  # the paper's own title ends with “at the CoNLL-2011 Shared Task”


def _rule(note: Note) -> Facts:
    """The title has authors, venue and year; the first link but Wikipedia's is the paper's, if there is any."""
    if _CONFERENCE.search(note.path):
        return {"authors": []}
    if _SEVERAL.search(note.path):
        return {}
    links = [address for _, address in LINK.findall(note.body) if "wikipedia" not in address]
    facts: Facts = {"ids": ids_of(*links[:1])}
    told = _BEFORE.match(note.title) or _BEHIND.match(note.title)
    if not told:  # “This is Watson”, a series of papers
        return facts | {"authors": [], "venue": None, "year": None}
    names = re.split(r",? and |, ", re.sub(r"\s*\([^)]*\)", "", told["authors"]))
    facts |= {"title": told["title"]}
    if "et al" not in names[0]:
        facts["authors"] = names
    if _VENUE_IN_TITLE not in note.title:
        facts |= {"venue": told["venue"], "year": int(told["year"]) if told["year"] else None}
    if named := _NAME.search(note.title):
        facts["name"] = named[1]
    elif not name_in(note.title) and not _HAS_NAME.search(note.path):
        facts["name"] = None
    return facts


ENTRY = Repository(
    repository="matt-gardner/paper-reviews",
    commit="bd56748fddf0d8663f958edfc6396683c8298ab2",
    path=r"^_posts/\d(?!.*reading-comprehension-survey).*\.md$",  # that one only announces slides
    base="https://matt-gardner.github.io/paper-reviews",
    address="/{path}.html",  # with the date: two posts have the same name
    facts=_rule,
)
