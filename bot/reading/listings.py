"""Listings of papers that are not feeds → entries, each laid out like a review: authors, links, abstract.

Hugging Face's daily papers are a JSON array, OpenReview's notes an object whose fields are wrapped in
``{"value": …}``. Pure, and never raises: values that are missing or of another type are left out.

Sources: https://huggingface.co/docs/hub/api (``/api/daily_papers``), https://docs.openreview.net (API 2, notes).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from bot.models.feeds import Entry
from bot.reading.dates import parse_date
from bot.reading.encoding import json_text
from bot.text.links import join_link
from bot.text.patterns import lazy_pattern

_NUMBER = lazy_pattern(r"[a-z-]*/?[\d.]{5,12}")  # arXiv's
_OPENREVIEW = "https://openreview.net/"

Listing = tuple[str, Iterator[Entry]]
"""A title, and the entries, read as the iterator is consumed."""


def read_listing(document: object, url: str) -> Listing | None:
    """Read a JSON document that is a listing of papers; None if it is something else.

    Args:
        url: Its address: an empty list does not say what it is, and there are days without papers.
    """
    match document:
        case [] if "/daily_papers" in url:
            return "Daily Papers", iter(())
        case {"notes": []} if "openreview.net" in url:
            return "OpenReview", iter(())
        case [{"paper": {"id": str()}}, *_]:
            return "Daily Papers", (entry for item in document if (entry := _read_daily_paper(item)))
        case {"notes": [{"id": str(), "content": {"title": _}}, *_] as notes}:
            return "OpenReview", (entry for note in notes if (entry := _read_note(note)))
    return None


def _read_daily_paper(item: object) -> Entry | None:
    if not isinstance(item, dict) or not isinstance(paper := item.get("paper"), dict):
        return None
    number = _text(paper.get("id"))
    title = _text(item.get("title")) or _text(paper.get("title"))
    if not _NUMBER.fullmatch(number) or not title:
        return None
    link = f"https://huggingface.co/papers/{number}"
    links = {"arXiv": f"https://arxiv.org/abs/{number}", "github": _text(paper.get("githubRepo"))}
    sections = {
        "Abstract": _text(item.get("summary")) or _text(paper.get("summary")),
        "Summary by a machine": _text(paper.get("ai_summary")),
    }
    listed = _text(paper.get("submittedOnDailyAt")) or _text(item.get("publishedAt"))
    return Entry(
        guid=link,
        link=link,
        title=title,
        html=set_out(", ".join(_names(paper.get("authors"))), links, _escaped(sections)),
        published=parse_date(listed) or parse_date(_text(paper.get("publishedAt"))),
        categories=tuple(_texts(paper.get("ai_keywords"))),
    )


def _read_note(note: object) -> Entry | None:
    if not isinstance(note, dict) or not isinstance(note.get("content"), dict):
        return None
    content = {
        key: field.get("value") if isinstance(field, dict) else field for key, field in note["content"].items()
    }
    title, forum = _text(content.get("title")), _text(note.get("forum")) or _text(note.get("id"))
    if not title or not forum:
        return None
    link = f"{_OPENREVIEW}forum?id={forum}"
    venue, pdf = _text(content.get("venue")), _text(content.get("pdf"))
    links = {"OpenReview": link, "pdf": join_link(_OPENREVIEW, pdf) if pdf else ""}
    sections = {"Abstract": _text(content.get("abstract")), "TL;DR": _text(content.get("TLDR"))}
    dates = (parse_date(_text(note.get(key))) for key in ("pdate", "odate", "cdate"))
    return Entry(
        guid=_text(note.get("id")) or forum,
        link=link,
        title=f"[{venue}] {title}" if venue else title,
        html=set_out(", ".join(_texts(content.get("authors"))), links, _escaped(sections)),
        published=next(filter(None, dates), None),
        updated=parse_date(_text(note.get("mdate"))),
        categories=tuple(_texts(content.get("keywords"))),
    )


def set_out(authors: str, links: Mapping[str, str], sections: Mapping[str, str]) -> str:
    """Build a listed paper's markup in the form that `bot.reviews` reads: authors, links in brackets, sections.

    Args:
        authors: The names, separated by commas.
        links: label → address; "" is left out.
        sections: heading → markup; "" is left out.
    """
    names = escape(authors, quote=False)
    linked = " ".join(f'[<a href="{escape(url)}">{label}</a>]' for label, url in links.items() if url)
    texts = (f"<h2>{name}</h2>\n<p>{text}</p>" for name, text in sections.items() if text)
    return "\n".join((f"<p><b>{names}</b></p>" if names else "", f"<p>{linked}</p>", *texts))


def _escaped(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: escape(text, quote=False) for name, text in texts.items()}


def _names(authors: object) -> Iterator[str]:
    for author in authors if isinstance(authors, list) else ():
        if isinstance(author, dict) and not author.get("hidden") and (name := _text(author.get("name"))):
            yield name


def _texts(values: object) -> Iterator[str]:
    return filter(None, map(_text, values if isinstance(values, list) else ()))


def _text(value: object) -> str:
    """Return a string, or a number such as a time in milliseconds, on one line; "" for anything else."""
    return " ".join(json_text(value).split())
