"""A line, a title or BibTeX that cites a paper → its authors: "Quill et al., ICML 2031", "Low Boats (Quill, 2031)".

In: text. Out: names, most of them last names alone; of BibTeX also where the paper appeared, and its number. Pure.

Only "et al." or a year beside last names makes a citation: "(Theory and Practice)" is not one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from bot.models.reviews import Identifiers
from bot.reviews.author_words import FIRST_NAMES, SURNAMES
from bot.reviews.authors import ET_AL, decode_accents, is_last_name, is_name, read_authors
from bot.reviews.identifiers import ARXIV_NUMBER, parse_identifiers
from bot.reviews.venues import read_in_full, read_known, read_known_part

_MAX_CHARS = 240
_MAX_BEHIND = 60
_ADDRESS = re.compile(r"(?:\b(?:url|link|paper|pdf|code)\s*[:：]?\s*)?https?://\S+", re.IGNORECASE)
_CITED = re.compile(rf"\W{{0,3}}(?:by\s+)?(.{{2,160}}?)\s*,?\s*(?:{ET_AL}|(?<=\w)\+(?=[\s,’'\d]))(.*)", re.IGNORECASE)
_DATED = re.compile(r"\W{0,3}(.{2,100}?)[\s,(]+((?:19|20)\d\d)[a-z]?\W*")
_YEAR = re.compile(r"(?<!\d)(?:(?:19|20)\d\d|['’]\d\d)(?!\d)")
_SIGNS = " ,.:;()[]'’-–—|"
_BRACKET = re.compile(r"[(\[（【]([^()\[\]（）【】]{3,100})[)\]）】]")
_BRACKET_AT_END = re.compile(r"[(（]([^()（）]{3,100})[)）]\s*$")
_PART = re.compile(r"\s[-–—|]\s|[:：]\s|(?<=\w)\.\s|,\s(?=[A-Z][^,]{1,40}\set\b)")
_SEASONS = frozenset(
    """january february march april may june july august september october november december spring summer autumn fall
    winter part chapter volume week day version theory practice""".split()
)
_BEFORE = frozenset(
    """see figure fig image images picture photo table source from after adapted following replicating reproducing
    understanding reading revisiting explaining implementing notes dear who compare per like unlike cf""".split()
)


def read_citation(text: str) -> tuple[str, ...]:
    """Return the authors that a line names before "et al.", or before a year as last names with "and" between them.

    Only a venue, a year and an address may follow.
    """
    text = _ADDRESS.sub(" ", text[: 2 * _MAX_CHARS]).strip()
    if len(text) > _MAX_CHARS:
        return ()
    if match := _CITED.fullmatch(text):
        behind = match[2].strip(_SIGNS)
        is_source = not behind or (len(behind) < _MAX_BEHIND and _says_source(behind))
        return _in_latin(read_authors(f"{match[1]} et al.", is_labelled=True)) if is_source else ()
    match = _DATED.fullmatch(text)
    return _last_names(match[1]) if match and re.search(r"\band\b|&", match[1]) else ()


def read_title_authors(title: str) -> tuple[str, ...]:
    """Return the authors that a title names in brackets, or before or after a dash; () if they are of several
    papers.
    """
    parts = [part for part in _PART.split(_BRACKET.sub(" ", title)) if part]
    outer = [parts[0], parts[-1]] if len(parts) > 1 else []
    cited = [_in_bracket(bracket) for bracket in _BRACKET.findall(title)]
    cited += [read_citation(part) for part in dict.fromkeys(outer) if _CITED.fullmatch(part)]
    author_lists = {names for names in cited if names}
    if not author_lists and (match := _BRACKET_AT_END.search(title)):
        author_lists |= {names} if (names := _frequent(match[1])) else set()
    return author_lists.pop() if len(author_lists) == 1 else ()


def _in_bracket(text: str) -> tuple[str, ...]:
    """Read a bracket: "Quill et al., 2031", "Quill and Brandt, 2031", or "Li 2031" if the name is a frequent one."""
    if names := read_citation(text):
        return names
    match = _DATED.fullmatch(text)
    is_one = match is not None and match[1].lower() in SURNAMES and read_known(match[1]) is None
    return (match[1],) if match and is_one else ()


def _frequent(text: str) -> tuple[str, ...]:
    """Return last names without a year if most are frequent: "Zhang, Quill and Kim"."""
    names = _last_names(text) if re.search(r"\band\b|&", text) else ()
    known = sum(name.lower() in SURNAMES - FIRST_NAMES for name in names)
    return names if 2 * known > len(names) else ()


def _last_names(text: str) -> tuple[str, ...]:
    names = _in_latin(read_authors(text, is_labelled=True))
    is_cited = len(names) > 1 and all(map(is_last_name, names))
    return names if is_cited and not any(name.lower() in _SEASONS for name in names) else ()


def _in_latin(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names if all are in Latin letters, and each is a full name or one word; "See Quill et al." names
    nobody.
    """
    is_sure = all(re.match(r"[A-Za-zÀ-ž]", name) and (is_name(name) or is_last_name(name)) for name in names)
    return names if is_sure and not any(name.lower().split()[0] in _BEFORE for name in names) else ()


def _says_source(text: str) -> bool:
    """Whether a text is a venue or a year, and little else."""
    left = _YEAR.sub(" ", text).strip(_SIGNS)
    is_year = left != text.strip(_SIGNS)
    return read_known_part(text) is not None or read_known(left) is not None or (is_year and len(left.split()) < 4)


# ── BibTeX ──────────────────────────────────────────────────────────────────────────────────────

_ENTRY = re.compile(r"@[A-Za-z]{4,20}\s{0,20}[{(]\s{0,20}[^\s,{}]{0,80}\s{0,20},")
_ENTRY_FIELD = re.compile(r"(?:^|[\s,{])([A-Za-z]{3,14})\s*=\s*(?=[{\"\d])")
_SOURCES = ("booktitle", "journal", "eprint", "arxivid", "doi", "school", "publisher", "archiveprefix")
_OF_A_SITE = re.compile(
    r"https?://|www\.|\w\.(?:github|io|com|dev|me|net|org|blog)\b|\bblog\b|github|gitlab|\bmedium\b|zenodo|kaggle|hugging\s?face|\brepository\b",
    re.IGNORECASE,
)
_MAX_ENTRY_CHARS = 6_000
_MAX_FIELDS = 60
_MAX_JOURNAL_CHARS = 100
_PREPRINT = re.compile(
    r"arxiv|corr\b|biorxiv|medrxiv|preprint|ssrn|submitt?ed|submission|under review|in review|to appear",
    re.IGNORECASE,
)
_SHORT_IN_BRACKETS = re.compile(r"\(([A-Z]{2}[A-Za-z&-]{0,10}|[A-Z][a-z]+[A-Z][A-Za-z]{0,10})(?:\s?['’]?\d{2,4})?\)")
_ARXIV_OF_ENTRY = re.compile(rf"(?:arxiv\s*[:.]\s*|abs/)({ARXIV_NUMBER})", re.IGNORECASE)


class BibEntry(NamedTuple):
    """What a BibTeX entry says about its paper; None and () for what it does not say."""

    title: str
    authors: tuple[str, ...]
    venue: str | None
    year: int | None
    identifiers: Identifiers


def read_bibtex(text: str) -> BibEntry | None:
    """Return the only BibTeX entry in a text; None if there are several or it is a blog's own."""
    starts = [match.end() for match in _ENTRY.finditer(text[: 4 * _MAX_ENTRY_CHARS])]
    if len(starts) != 1:
        return None
    entry = dict(_read_entry(text[starts[0] : starts[0] + _MAX_ENTRY_CHARS]))
    if not any(entry.get(name) and not _OF_A_SITE.search(entry[name]) for name in _SOURCES):
        return None
    year = _YEAR.search(entry.get("year") or entry.get("date", ""))
    return BibEntry(
        title=entry.get("title", ""),
        authors=read_authors(entry.get("author", ""), is_labelled=True),
        venue=_venue_of_entry(entry),
        year=int(year[0]) if year and year[0].isdigit() else None,
        identifiers=_identifiers_of_entry(entry),
    )


def _venue_of_entry(entry: Mapping[str, str]) -> str | None:
    """A known venue, else a journal by any name, else proceedings with an abbreviation in brackets."""
    journal = re.sub(r"\\(?=&)", "", entry.get("journal") or entry.get("journaltitle", "")).strip()
    for text in (journal, entry.get("booktitle", "")):
        known = read_known_part(text) or read_in_full(text) or read_known(text)
        if known and known[0] != "arXiv":
            return known[0]
    if journal and len(journal) <= _MAX_JOURNAL_CHARS and not _PREPRINT.search(journal):
        return journal
    short = _SHORT_IN_BRACKETS.search(entry.get("booktitle", ""))
    return short[1] if short else None


def _identifiers_of_entry(entry: Mapping[str, str]) -> Identifiers:
    number = _ARXIV_OF_ENTRY.search(entry.get("journal", "")) or _ARXIV_OF_ENTRY.search(entry.get("url", ""))
    is_arxiv = "arxiv" in entry.get("archiveprefix", entry.get("eprinttype", "arxiv")).lower()
    bare = (entry.get("eprint", "") if is_arxiv else "") or entry.get("arxivid", "")
    bare = number[1] if number else re.sub(r"^arxiv\s?:\s?", "", bare, flags=re.IGNORECASE)
    for text in (f"arXiv:{bare}" if bare else "", entry.get("doi", ""), entry.get("url", "")):
        identifiers = parse_identifiers(text)
        if identifiers != Identifiers():
            return identifiers
    return Identifiers()


def _read_entry(text: str) -> Iterator[tuple[str, str]]:
    """Yield the fields of an entry, without braces except in LaTeX's letters."""
    for match in islice(_ENTRY_FIELD.finditer(text), _MAX_FIELDS):
        value = _value_at(text, match.end())
        yield match[1].lower(), re.sub(r"[{}\"]", "", decode_accents(value)).strip()


def _value_at(text: str, start: int) -> str:
    """Return the text from a brace or a quotation mark to the one that closes it."""
    if text[start] not in '{"':
        return text[start : start + 12].split(",")[0]
    depth = 0
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if at > start and depth == 0 and text[at] in '}"':
            return text[start + 1 : at]
    return ""
