"""What arXiv, OpenReview, the ACL Anthology, DOI registries and PMLR answer about a paper → `PaperRecord`. Pure.

Runs in the reader process. Whatever is missing or of another type is left out; without a title there is no record.

Sources: https://info.arxiv.org/help/api/user-manual.html; https://docs.openreview.net (API 2, notes);
https://aclanthology.org/info/development (BibTeX); https://citationstyles.org (CSL-JSON, as doi.org serves it);
https://scholar.google.com/intl/en/scholar/inclusion.html (``citation_…`` in pages).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from bot.models.feeds import FeedKind
from bot.models.papers import PaperRecord, Source
from bot.reading.encoding import decode
from bot.reading.feed import parse_feed
from bot.reading.repair import find_tags, read_values
from bot.reviews.identifiers import parse_identifiers
from bot.text.latex import plain_text
from bot.text.patterns import lazy_pattern

MAX_AUTHORS = 500
"""Authors that are kept; a few papers have thousands."""
MAX_CHARACTERS = 300
"""The longest name of an author or a venue."""


def read_papers(
    data: bytes, *, content_type: str | None, url: str, source: Source, keys: Sequence[str]
) -> list[PaperRecord] | None:
    """Read what a source says about papers.

    Args:
        url: The address that answered.
        keys: The identifiers that it was asked for. All but arXiv are asked for one at a time.
    Returns:
        A record for each identifier that it knows; None if this is not such an answer.
    """
    try:
        if source is Source.ARXIV:
            return list(_read_atom(data, content_type, url, frozenset(keys)))
        (key,) = keys
        record = _READERS[source](decode(data, content_type), key)
    except (ValueError, RecursionError):  # what json raises, and what is raised here
        return None
    return [record] if record else []


def _record(key: str, title: object, authors: Iterable[object], year: object, venue: object) -> PaperRecord | None:
    """Make a record of what stands in an answer; None without a title."""
    if not isinstance(title, str) or not any(map(str.isalnum, said := plain_text(title))):
        return None
    names = (plain_text(name)[:MAX_CHARACTERS] for name in authors if isinstance(name, str))
    return PaperRecord(
        key=key,
        title=said,
        authors=tuple(dict.fromkeys(filter(None, names)))[:MAX_AUTHORS],
        year=_year(year),
        venue=(plain_text(venue)[:MAX_CHARACTERS] or None) if isinstance(venue, str) else None,
    )


def _year(value: object) -> int | None:
    match = re.search(r"(?<!\d)(?:19|20|21)\d\d(?!\d)", str(value)) if isinstance(value, str | int) else None
    return int(match[0]) if match else None


# ── arXiv ───────────────────────────────────────────────────────────────────────────────────────


def _read_atom(data: bytes, content_type: str | None, url: str, keys: frozenset[str]) -> Iterator[PaperRecord]:
    feed = parse_feed(data, content_type=content_type, url=url)
    if feed.kind not in (FeedKind.FEED, FeedKind.EMPTY):
        raise ValueError(feed.kind)
    for entry in feed.entries:
        number = parse_identifiers(entry.guid).arxiv or parse_identifiers(entry.link).arxiv
        key = f"arxiv:{number}"
        authors = (entry.author or "").split(", ")
        record = _record(key, entry.title, authors, str(entry.published.year) if entry.published else None, None)
        if record and key in keys:
            yield record


# ── JSON ────────────────────────────────────────────────────────────────────────────────────────


def _read_note(text: str, key: str) -> PaperRecord | None:
    """Read an OpenReview note: fields are wrapped in ``{"value": …}`` since API 2."""
    match json.loads(text):
        case {"notes": list(notes)}:
            forum = key.partition(":")[2]
            own = [note for note in notes if isinstance(note, dict) and note.get("id") == forum]
        case _:
            raise ValueError("not notes")
    if not own or not isinstance(content := own[0].get("content"), dict):
        return None
    fields = {name: _value(content.get(name)) for name in ("title", "authors", "venue", "year")}
    authors = fields["authors"] if isinstance(fields["authors"], list) else []
    year = fields["venue"] if _year(fields["venue"]) else _year_of_ms(own[0].get("pdate") or own[0].get("cdate"))
    return _record(key, fields["title"], authors, year, fields["venue"])


def _value(field: object) -> object:
    return field.get("value") if isinstance(field, dict) else field


def _year_of_ms(value: object) -> int | None:
    """Return the year of a time in milliseconds since 1970."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 7e12:
        return None
    return datetime.fromtimestamp(value / 1000, tz=UTC).year


def _read_csl(text: str, key: str) -> PaperRecord | None:
    """Read CSL-JSON, which Crossref and DataCite write a little differently."""
    match json.loads(text):
        case {"title": _} as item:
            pass
        case _:
            raise ValueError("not about a paper")
    authors = item.get("author") if isinstance(item.get("author"), list) else []
    venue = _first(item.get("event")) or _first(item.get("container-title")) or _first(item.get("publisher"))
    return _record(key, _first(item.get("title")), map(_csl_name, authors or ()), _csl_year(item), venue)


def _first(value: object) -> object:
    """Return a text that may be the first of a list, or wrapped in an object with a name."""
    value = value[0] if isinstance(value, list) and value else value
    return value.get("name") if isinstance(value, dict) else value


def _csl_name(author: object) -> str | None:
    if not isinstance(author, dict):
        return None
    parts = [author.get(part) for part in ("given", "family")]
    name = " ".join(part for part in parts if isinstance(part, str))
    literal = author.get("literal") or author.get("name")
    return name or (literal if isinstance(literal, str) else None)


def _csl_year(item: dict[str, object]) -> int | None:
    for name in ("issued", "published", "created"):
        match item.get(name):
            case {"date-parts": [[int(year) | str(year), *_], *_]} if found := _year(year):
                return found
    return None


# ── BibTeX and pages ────────────────────────────────────────────────────────────────────────────

_FIELD = lazy_pattern(r"(?:^|,)\s*([A-Za-z]+)\s*=\s*", re.MULTILINE)


def _read_bibtex(text: str, key: str) -> PaperRecord | None:
    """Read the first entry of a BibTeX file."""
    begin = re.search(r"@\w+\s*\{", text)
    if begin is None:
        raise ValueError("not BibTeX")
    fields: dict[str, str] = {}
    for match in _FIELD.finditer(text, begin.end()):
        fields.setdefault(match[1].casefold(), _bibtex_value(text, match.end()))
    authors = map(_turned, re.split(r"\s+and\s+", fields.get("author", "")))
    venue = fields.get("booktitle") or fields.get("journal")
    return _record(key, fields.get("title"), authors, fields.get("year"), venue)


def _bibtex_value(text: str, start: int) -> str:
    """Return a field's value: within braces or quotation marks, else up to the comma."""
    closing = {"{": "}", '"': '"'}.get(text[start : start + 1])
    if closing is None:
        return re.split(r"[,}\n]", text[start : start + 100])[0].strip()
    depth = 0
    for at in range(start + 1, min(len(text), start + 100_000)):
        if text[at] == closing and depth == 0 and text[at - 1] != "\\":
            return text[start + 1 : at]
        depth += (text[at] == "{") - (text[at] == "}")
    return ""


def _turned(name: str) -> str:
    """Return “Oh, Mina” as “Mina Oh”."""
    family, comma, given = name.partition(",")
    return f"{given.strip()} {family.strip()}" if comma else name


def _read_page(text: str, key: str) -> PaperRecord | None:
    """Read the ``citation_…`` fields in the head of a web page."""
    fields: dict[str, list[str]] = {}
    for name, source in find_tags(text[:200_000]):
        if name.lower() == "meta":
            values = read_values(source)
            fields.setdefault(values.get("name", "").casefold(), []).append(values.get("content", ""))
    venues = ("citation_conference_title", "citation_inbook_title", "citation_journal_title")
    return _record(
        key,
        _one(fields, "citation_title"),
        map(_turned, fields.get("citation_author", ())),
        _one(fields, "citation_publication_date"),
        _one(fields, *venues),
    )


def _one(fields: Mapping[str, Sequence[str]], *names: str) -> str | None:
    """Return the first value of the first of these fields that is there."""
    return next((value for name in names for value in fields.get(name, ())), None)


_READERS: dict[Source, Callable[[str, str], PaperRecord | None]] = {
    Source.OPENREVIEW: _read_note,
    Source.ACL: _read_bibtex,
    Source.DOI: _read_csl,
    Source.PMLR: _read_page,
}
