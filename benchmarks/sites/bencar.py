"""bencardoen/paper_reviews: English reviews by one template, on microscopy, caveolae, geometry and learning."""

from __future__ import annotations

import re
import unicodedata

from benchmarks.notes import LINK, Facts, Note, Repository, headings_of, ids_of

_TITLE = re.compile(r"^## Title\s*\n\s*([^#\s][^\n]*)")
_URL = re.compile(r"^##### (?:Url[ \t]*\n\s*(?!#)(\S+)|(\[url\]\([^\n]+\)))", re.MULTILINE | re.IGNORECASE)
_ENTRY = re.compile(r"^@\w+\{.*?^```", re.MULTILINE | re.DOTALL)
_EATEN = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_ACCENT = re.compile(r"\{\\(['\"^`~])\{(\w)\}\}")
_COMBINING = {"'": "\u0301", '"': "\u0308", "^": "\u0302", "`": "\u0300", "~": "\u0303"}
_VENUE_IN_ADDRESS = re.compile(r"pnas|jbc\.org|plos|journal\.p|proceedings\.mlr|annualreviews|ieeexplore|\(Springer")
_DOI = re.compile(r"10\.\d{4,}/[^\s()]+$")


def _title(note: Note) -> str:
    """The line below “## Title” without the mark of a footnote; a heading of its own; else the file's name."""
    if told := _TITLE.match(note.body.lstrip()):
        return " ".join(told[1].rstrip("*∗ ").split())
    first = next((text for _, text in headings_of(note.body)), "Title")
    return note.stem.replace("_", " ") if first == "Title" else first


def _rule(note: Note) -> Facts:
    """An address below “Url”, then an entry of BibTeX below “Cite” with authors, journal, year and DOI.

    Left out: what stands in an entry's ``{{…}}``, since a site's generator takes it for a tag; the venue of a book's
    chapter, of proceedings and of a preprint, and one that an address alone names; and StormGraph's entry, which is
    another paper's.
    """
    facts: Facts = {}
    if note.stem.startswith("Caveolae: "):
        facts["name"] = None  # a thing, and the subject of a dozen posts
    if "(STORM-RLA)" in note.title:
        facts["name"] = "STORM-RLA"
    if note.stem == "belief" or note.stem.startswith("StormGraph"):
        return facts
    entry = said[0] if (said := _ENTRY.search(note.body)) else ""
    shown = _EATEN.sub("", entry)
    arxiv, doi = _field(shown, "eprint").removeprefix("arXiv:"), _field(shown, "doi")
    url = _address(note)
    dois = [f"https://doi.org/{one}" for one in (*_DOI.findall(url), doi) if one]
    ids = ids_of(*dois, url, *([f"https://arxiv.org/abs/{arxiv}"] if arxiv else []))
    # not judged: a DOI that follows from an address without standing in it; and the AlexNet survey's, another paper's
    if (ids or "nature.com" not in url) and not note.stem.startswith("The_History"):
        facts["ids"] = ids
    if not entry and not note.title.startswith("Visualization of"):  # there is “David” below the title
        facts["authors"] = []
    if authors := _field(shown, "author"):
        facts["authors"] = [" ".join(reversed(one.split(", "))) for one in re.split(r"\s+and\s+", authors)]
    venue, year = _field(shown, "journal(?:title)?"), _field(shown, "year|date")
    is_elsewhere = arxiv or _field(shown, "booktitle") or ("journal" in entry and not venue)
    if (venue and venue != "bioRxiv") or (
        not venue and not is_elsewhere and not _VENUE_IN_ADDRESS.search(url + shown)
    ):
        facts |= {"venue": venue or None, "year": int(year) if year else None}
    return facts


def _address(note: Note) -> str:
    found = _URL.search(note.body)
    told = (found[1] or found[2]) if found else ""
    linked = LINK.findall(told)
    return linked[0][1] if linked else re.sub("^arXiv:", "https://arxiv.org/abs/", told)


def _field(entry: str, name: str) -> str:
    told = re.search(rf"^\s*(?:{name})\s*=\s*\{{(.*)\}},?$", entry, re.MULTILINE)
    text = _ACCENT.sub(lambda match: match[2] + _COMBINING[match[1]], told[1] if told else "")
    return unicodedata.normalize("NFC", re.sub(r"[{}\\]", "", text))


ENTRY = Repository(
    repository="bencardoen/paper_reviews",
    commit="08d4fed90c826f57a3445beaeafeccc4ed4fbf17",
    # left out: the template with nothing filled in but a title
    path=r"^papers/(?!Annotating Object|Beyond Bonferroni|DeepLearning\.|Efficient_Learning)[^/]+\.md$",
    base="https://bencardoen.github.io/paper_reviews",
    address="/{path}.html",
    title=_title,
    facts=_rule,
)
