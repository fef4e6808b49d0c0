"""sxw228/paper-reading-notes: long Chinese notes on the simulation of power systems, mostly of journals."""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository

_SOURCE = re.compile(r"^[-*\s]*(?:年份与)?出处[：:*\s]+(.+)", re.MULTILINE)
_YEAR = re.compile(r"^[-*\s]*年份(?:与出处)?[：:*\s]+(\d{4})(.*)", re.MULTILINE)
_SHORT = re.compile(r"[(（]([A-Z][A-Z-]+)(?: ’\d\d)?[)）]")
_NAME = re.compile(r"(?:\d{4}，)?\*?《?(?P<name>[^*《》]+?)(?:[*》]|，|\s*[,(（]|\s*\d|\s*\[|\s*$)")
_WRITTEN_OTHERWISE = {
    "TWTFXPGE": ("IEEE Transactions on Power Delivery", 2016),
    "QGBJPJEI": ("ASPLOS", 2025),
    "9I789BDQ": ("MLSys", 2021),
    "JCK2ZZKM": ("IET Generation, Transmission & Distribution", 2013),
}
_NO_VENUE = "PXQN7NA7"  # arXiv


def _rule(note: Note) -> Facts:
    """Behind “出处”, the abbreviation in brackets if there is one; of two years none is judged."""
    key = note.stem.partition("-")[0]
    if key == _NO_VENUE:
        return {"venue": None, "year": None}
    if key in _WRITTEN_OTHERWISE:
        return dict(zip(("venue", "year"), _WRITTEN_OTHERWISE[key], strict=True))
    source = _SOURCE.search(note.body)
    if source is None:
        return {}
    short, name = _SHORT.search(source[1]), _NAME.match(source[1])
    year = _YEAR.search(note.body)
    is_sure = year is not None and "卷期" not in year[2]
    venue = short[1] if short and short[1] != "PDF" else name and name["name"].strip()
    return {"venue": venue, "year": int(year[1]) if year and is_sure else None}


ENTRY = Repository(
    repository="sxw228/paper-reading-notes",
    commit="04885726de56d0bb61641eb202ea73cb94188ee8",
    path=r"^papers/.*\.md$",
    base="https://sxw228.github.io/paper-reading-notes",
    address="/{path}.html",
    limit=60,
    facts=_rule,
)
