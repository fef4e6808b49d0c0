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
from bot.reviews.author_words import FIRST_NAMES, PLACES, SURNAMES
from bot.reviews.authors import ET_AL, are_people, decode_accents, has_more, is_last_name, is_name, read_authors
from bot.reviews.identifiers import ARXIV_NUMBER, parse_identifiers
from bot.reviews.people import Strength, strength_of
from bot.reviews.venue_lines import read_venue
from bot.reviews.venues import read_in_full, read_known, read_known_part, read_labelled
from bot.text.patterns import lazy_pattern

_MAX_CHARS = 240
_MAX_BEHIND = 60
_ADDRESS = lazy_pattern(r"(?:\b(?:url|link|paper|pdf|code)\s*[:：]?\s*)?https?://\S+", re.IGNORECASE)
_CITED = lazy_pattern(
    rf"\W{{0,3}}(?:by\s+)?(.{{2,160}}?)\s*,?\s*(?:{ET_AL}|(?<=\w)\+(?=[\s,’'\d]))(.*)", re.IGNORECASE
)
_DATED = lazy_pattern(r"\W{0,3}(.{2,100}?)[\s,(]+((?:19|20)\d\d)[a-z]?\W*")
_YEAR = lazy_pattern(r"(?<!\d)(?:(?:19|20)\d\d|['’]\d\d)(?!\d)")
_SIGNS = " ,.:;()[]'’-–—|"
_BRACKET = lazy_pattern(r"[(\[（【]([^()\[\]（）【】]{3,100})[)\]）】]")
_BRACKET_AT_END = lazy_pattern(r"[(（]([^()（）]{3,100})[)）]\s*$")
_PART = lazy_pattern(r"\s[-–—|]\s|[:：]\s|(?<=\w)\.\s|,\s(?=[A-Z][^,]{1,40}\set\b)")
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
    """Return the authors that a title cites, names in brackets, or before or after a dash; () if they are of several
    papers.
    """
    if whole := read_cited_title(title):
        return whole.authors
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
    if dated := _YEAR_IN_FRONT.match(text):
        text = f"{text[dated.end() :]}, {dated[1]}"
    if names := read_citation(text):
        return names
    match = _DATED.fullmatch(text)
    if match and strength_of(match[1]) is Strength.WHOLE:
        return (match[1],)
    is_one = match is not None and match[1].lower() in SURNAMES and read_known(match[1]) is None
    return (match[1],) if match and is_one else ()


_YEAR_IN_FRONT = lazy_pattern(r"\s*((?:19|20)\d\d)[,:]\s+(?=[^\W\d_])")


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


_BEFORE_SOURCE = lazy_pattern(
    r"(?:in|at|on|from|accepted|published|presented|(?:to )?appear|arxiv|preprint|submitted)\w*\b"
)


def _says_source(text: str) -> bool:
    """Whether a text is a venue or a year, and little else; "build on Boats (ICML 2031)" is a sentence."""
    if re.match(r"[a-z]", text) and not _BEFORE_SOURCE.match(text):
        return False
    left = _YEAR.sub(" ", text).strip(_SIGNS)
    is_year = left != text.strip(_SIGNS)
    return read_known_part(text) is not None or read_known(left) is not None or (is_year and len(left.split()) < 4)


# ── a title that is a whole citation ────────────────────────────────────────────────────────────


class CitedTitle(NamedTuple):
    """A title that is a whole citation, taken apart; () and None for what it does not say."""

    title: str
    authors: tuple[str, ...]
    venue: str | None
    year: int | None


class _Source(NamedTuple):
    """Where and when a cited paper appeared; at least one of them is known."""

    venue: str | None
    year: int | None


_MAY_CITE = lazy_pattern(rf"(?:19|20)\d\d|['’]\d\d|,\s+by\s|{ET_AL}", re.IGNORECASE)
_MIN_TITLE_WORDS = 3
_MIN_LAST_NAMES = 3
"""From this many on, capitalised words in a list before or behind a title are last names without further signs."""
_MAX_CUTS = 16
_SOURCE = r"[^,.;:()\[\]–—|]{0,30}?(?:(?:19|20)\d\d|['’]\d\d)[^,.;:()\[\]–—|]{0,20}"
_SOURCE_IN_FRONT = lazy_pattern(
    rf"(?:,\s*|\s*[(\[（])(?P<source>{_SOURCE}?)[)\]）]?(?:[.:：]\s+|\s+[-–—|]\s+|(?<=[)\]）]),\s+)"
    r"|\s(?P<year>(?:19|20)\d\d)(?:[.:：]\s+|\s+[-–—|]\s+)"
)
_SOURCE_BEHIND = lazy_pattern(rf"(?:\s*[,.;|]\s*|\s*[(\[（]|\s[-–—]\s+)(?P<source>{_SOURCE})[)\]）]?\Z")
_BRACKET_IN_FRONT = lazy_pattern(r"[(\[（【]([^()\[\]（）【】]{4,120})[)\]）】]\s*(?:[-–—:：|]\s+)?(?=\S)")
_BY = lazy_pattern(r",\s+by\s+", re.IGNORECASE)
_CUT = lazy_pattern(r"(?P<semicolon>;\s+)|\s+by\s+|\s[-–—|]\s+|\.\s+|,\s+", re.IGNORECASE)
_GREETING = lazy_pattern(r"(?:[^\W\d_]{1,10}\s){0,3}(?:post|entry|note|review|paper)s?!\s+", re.IGNORECASE)
"""What is said about the post before its title: "First post! Low Boats"."""
_OF_A_POST = lazy_pattern(r"\b(?:interview|guest|talk|lecture|keynote)\b", re.IGNORECASE)


def read_cited_title(title: str) -> CitedTitle | None:
    """Take apart a title that is a citation and nothing else.

    "Low Boats, by Ada Quill and Bo Li, ICML 2031", "Low Boats at Sea; Quill, Brandt, and Li; ICML 2031", "Low Boats
    at Sea (Quill et al., 2031)", "Quill et al., ICML 2031. Low Boats at Sea", "Quill, Roh, and Li (2031) – Low Boats
    at Sea". A title that cites several papers is left as it is.
    """
    text = title.strip(" .")
    if len(text) > 2 * _MAX_CHARS or not _MAY_CITE.search(text):
        return None
    cited = _cited_in_front(text) or _cited_in_bracket(text) or _cited_behind(text)
    is_one = cited and not re.search(ET_AL, cited.title, re.IGNORECASE) and not _OF_A_POST.search(cited.title)
    return cited if is_one else None


def _cited_in_front(text: str) -> CitedTitle | None:
    """Read a citation that ends with the title."""
    bracket = _BRACKET_IN_FRONT.match(text)
    if bracket and (names := read_citation(bracket[1])):
        return _cited(text[bracket.end() :], names, _read_bracket(bracket[1]))
    match = _SOURCE_IN_FRONT.search(text)
    source = _read_source(match["source"] or match["year"] or "") if match else None
    if not match or not source:
        return None
    before = text[: match.start()]
    names = _listed_names(before)
    is_sure = has_more(before) or are_people(names) or len(names) >= (2 if source.venue else _MIN_LAST_NAMES)
    return _cited(text[match.end() :], names, source) if is_sure else None


def _cited_in_bracket(text: str) -> CitedTitle | None:
    """Read a title with the authors and the year in brackets behind it."""
    if not (match := _BRACKET_AT_END.search(text)):
        return None
    names = _in_bracket(match[1])
    if not names and (source := _SOURCE_BEHIND.search(match[1])):
        listed = _listed_names(match[1][: source.start()])
        names = listed if are_people(listed) else ()
    return _cited(text[: match.start()], names, _read_bracket(match[1]))


def _cited_behind(text: str) -> CitedTitle | None:
    """Read a citation that begins with the title.

    Behind a sign other than "by", a venue or "et al." is needed, and full names of people unless the sign is a
    semicolon: "Instance Segmentation and Object Tracking" names nobody.
    """
    match = _SOURCE_BEHIND.search(text)
    source = _read_source(match["source"]) if match else None
    rest = text[: match.start()] if match and source else text
    if by := _BY.search(rest):
        listed = rest[by.end() :]
        names = _listed_names(listed)
        is_list = len(names) > 1 and (is_name(names[0]) or len(names) >= _MIN_LAST_NAMES)
        is_sure = source or has_more(listed) or are_people(names) or is_list
        return _cited(rest[: by.start()], names, source, least=1) if is_sure else None
    is_cut = has_more(rest)
    if not is_cut and not (source and source.venue):
        return None
    for cut in islice(_CUT.finditer(rest), _MAX_CUTS):
        names = _listed_names(rest[cut.end() :])
        are_sure = is_cut or bool(cut["semicolon"]) or (are_people(names) and all(map(is_name, names)))
        if names and are_sure:
            return _cited(rest[: cut.start()], names, source)
    return None


def _listed_names(text: str) -> tuple[str, ...]:
    """Return the authors that a part of a title lists; one last name alone is none."""
    names = _in_latin(read_authors(text, is_labelled=True))
    if not names:
        parts = tuple(part.strip() for part in text.split(","))
        are_last = len(parts) >= _MIN_LAST_NAMES and all(map(is_last_name, parts))
        names = parts if are_last and not FIRST_NAMES.intersection(map(str.lower, parts)) else ()
    is_lone = len(names) == 1 and not is_name(names[0]) and not has_more(text)
    return () if is_lone or (_SEASONS | PLACES).intersection(map(str.lower, names)) else names


def _read_bracket(text: str) -> _Source:
    """Return what a bracket with authors says about the source: "Quill et al., ICML 2031"."""
    known = read_known_part(text)
    year = _YEAR.search(text)
    return _Source(*known) if known else _Source(None, int(year[0]) if year and year[0].isdigit() else None)


def _read_source(text: str) -> _Source | None:
    """Return the source if a text is a known venue or a short name with a year, or a year alone."""
    venue, year = read_labelled(text, is_of_venues=False)
    is_said = venue is not None or not _YEAR.sub(" ", text).strip(_SIGNS)
    return _Source(venue, year) if year and is_said else None


def _cited(
    title: str, names: tuple[str, ...], source: _Source | None, *, least: int = _MIN_TITLE_WORDS
) -> CitedTitle | None:
    title = _GREETING.sub("", title.strip(' ,;"“”'), count=1)
    if not names or len(title.split()) < least:
        return None
    return CitedTitle(title, names, *(source or (None, None)))


# ── BibTeX ──────────────────────────────────────────────────────────────────────────────────────

_ENTRY = lazy_pattern(r"@[A-Za-z]{4,20}\s{0,20}[{(]\s{0,20}[^\s,{}]{0,80}\s{0,20},")
_ENTRY_FIELD = lazy_pattern(r"(?:^|[\s,{])([A-Za-z]{3,14})\s*=\s*(?=[{\"\d])")
_SOURCES = ("booktitle", "journal", "eprint", "arxivid", "doi", "school", "publisher", "archiveprefix")
_OF_A_SITE = lazy_pattern(
    r"https?://|www\.|\w\.(?:github|io|com|dev|me|net|org|blog)\b|\bblog\b|github|gitlab|\bmedium\b|zenodo|kaggle|hugging\s?face|\brepository\b",
    re.IGNORECASE,
)
_MAX_ENTRY_CHARS = 6_000
_MAX_FIELDS = 60
_MAX_JOURNAL_CHARS = 100
_PREPRINT = lazy_pattern(
    r"arxiv|corr\b|biorxiv|medrxiv|preprint|ssrn|submitt?ed|submission|under review|in review|to appear",
    re.IGNORECASE,
)
_SHORT_IN_BRACKETS = lazy_pattern(
    r"\(([A-Z]{2}[A-Za-z&-]{0,10}|[A-Z][a-z]+[A-Z][A-Za-z]{0,10})(?:\s?['’]?\d{2,4})?\)"
)
_ARXIV_OF_ENTRY = lazy_pattern(rf"(?:arxiv\s*[:.]\s*|abs/)({ARXIV_NUMBER})", re.IGNORECASE)


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
        known = read_known_part(text) or read_in_full(text) or read_known(text) or read_venue(text, needs_year=False)
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
