"""Review → the names it may be called by, and its columns of the full-text index."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import unquote, urlsplit

from bot.models import IndexText, Name, NameKind, Review
from bot.search.headings import Role, role_of
from bot.search.text import index_terms, squash

MAX_COINED = 12
_COINED = re.compile(r"(?<![\w-])(?=[\w-]*[A-Z])[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+){0,2}(?![\w-])")


def index_review(review: Review) -> IndexText:
    """A review's text as four columns; its other names count as title, its categories as headings."""
    abstract = [s for s in review.sections if role_of(s.heading) is Role.ABSTRACT]
    names = [name.text for name in names_of(review) if name.kind in (NameKind.SHORT, NameKind.SLUG)]
    return IndexText(
        title=index_terms(" \n ".join([review.title, *names])),
        headings=index_terms(" \n ".join([*review.categories, *(s.heading for s in review.sections if s.heading)])),
        abstract=index_terms(" \n ".join(s.text for s in abstract)),
        body=index_terms(" \n ".join(s.text for s in review.sections if s not in abstract)),
    )


def names_of(review: Review) -> tuple[Name, ...]:
    """Every way to call a review, the best kind first, each spelling once."""
    candidates = [
        (NameKind.SHORT, review.short_name or ""),
        (NameKind.TITLE, review.clean_title),
        (NameKind.SLUG, _slug(review.link)),
        *((NameKind.REPOSITORY, repository) for repository in _repositories(review)),
    ]
    names: dict[str, Name] = {}
    for kind, text in candidates:
        if squash(text):
            names.setdefault(squash(text), Name(kind=kind, text=text))
    for text, uses in _coined(review):
        names.setdefault(squash(text), Name(kind=NameKind.COINED, text=text, uses=uses))
    for author in review.authors:
        names.setdefault("author " + squash(author), Name(kind=NameKind.AUTHOR, text=author))
    if review.venue_and_year:
        names["venue"] = Name(kind=NameKind.VENUE, text=review.venue_and_year)
    return tuple(names.values())


def _slug(link: str) -> str:
    """The last part of the address, its ending taken off."""
    last = unquote(urlsplit(link).path.rstrip("/").rpartition("/")[2])
    stem, _, ending = last.rpartition(".")
    return stem if stem and ending in ("html", "htm", "md", "php") else last


def _repositories(review: Review) -> list[str]:
    found = []
    for _, url in review.links:
        parts = urlsplit(url)
        path = [part for part in parts.path.split("/") if part]
        if parts.hostname in ("github.com", "www.github.com") and len(path) >= 2:
            found += [f"{path[0]}/{path[1]}", path[1]]
    return found


def _coined(review: Review) -> list[tuple[str, int]]:
    """Names with capitals from the abstract and introduction, used at least twice, with their number of uses.

    Whether other reviews use them as much is for the whole cache to say; see `bot.search.names`.
    """
    opening = [s.text for s in review.sections if role_of(s.heading) in (Role.ABSTRACT, Role.INTRODUCTION)]
    candidates = {match for text in opening for match in _COINED.findall(text) if len(squash(match)) >= 3}
    uses = Counter(match for s in review.sections for match in _COINED.findall(s.text) if match in candidates)
    # A word that merely opens sentences is no name: it needs a second capital or a digit.
    named = [
        (text, count)
        for text, count in uses.most_common()
        if count >= 2 and (sum(c.isupper() for c in text) >= 2 or any(c.isdigit() for c in text))
    ]
    return named[:MAX_COINED]
