"""A post's web page → an entry: its title, date and text, without what the site puts around them.

What is a page's article is for a library to say (readability-lxml: a port of the reader view's rules, which keeps the
markup, unlike extractors that write plain text or Markdown and break formulas). The author's colours are carried
through it, since they are marks. Pure and synchronous; runs in the reader process, whose limits hold for it.
"""

from __future__ import annotations

import html as entities
import re
from dataclasses import replace

from readability import Document
from readability.readability import Unparseable

from bot.dates import parse_date
from bot.decode import decode, find_tags, read_values
from bot.links import normalise_link
from bot.models import Entry

_HEAD_CHARACTERS = 200_000
_STYLE = re.compile(r"(?<=\s)style(?=\s*=)", re.IGNORECASE)
_KEPT_STYLE = re.compile(r"(?<=\s)data-kept-style(?==)")
_TITLE = re.compile(r"<title[^<>]*>([^<]{1,500})</title", re.IGNORECASE)
_PUBLISHED_IN_JSON = re.compile(r'"datePublished"\s*:\s*"([^"]{4,40})"')
_META_DATES = ("article:published_time", "og:article:published_time", "datepublished", "date", "dc.date")
_TEXT = re.compile(r"<[^<>]*>|\s+")
_FEWEST_CHARACTERS = 200


def read_page(data: bytes, *, content_type: str | None, url: str) -> Entry | None:
    """Read the article of a page; None where there is none to speak of.

    Args:
        url: Where the page was found at last. Its guid is the address that the page gives as its own.
    """
    text = decode(data, content_type)
    metas, canonical, times = _read_head(text)
    try:
        article = Document(_STYLE.sub("data-kept-style", text), url=url).summary(html_partial=True)
    except (Unparseable, ValueError, AssertionError):  # what the library is known to let out of broken markup
        return None
    article = _KEPT_STYLE.sub("style", article)
    if text_length(article) < _FEWEST_CHARACTERS:
        return None
    match = _TITLE.search(text[:_HEAD_CHARACTERS])
    title = metas.get("og:title") or (entities.unescape(match[1]) if match else "")
    in_json = _PUBLISHED_IN_JSON.search(text)
    dates = (*(metas.get(name, "") for name in _META_DATES), in_json[1] if in_json else "", *times[:1])
    link = canonical if canonical and _is_same_host(canonical, url) else url
    return Entry(
        guid=link,
        link=link,
        title=" ".join(title.split()),
        html=article,
        published=next((date for value in dates if (date := parse_date(value))), None),
        is_from_page=True,
    )


def _read_head(text: str) -> tuple[dict[str, str], str, list[str]]:
    """The metadata by name, the address that the page calls its own, and the times in it."""
    metas: dict[str, str] = {}
    canonical, times = "", list[str]()
    for name, source in find_tags(text[:_HEAD_CHARACTERS]):
        if name.lower() not in {"meta", "link", "time"}:
            continue
        values = read_values(source)
        if name.lower() == "time" and "datetime" in values:
            times.append(values["datetime"])
        elif "canonical" in values.get("rel", "").lower().split():
            canonical = canonical or values.get("href", "")
        elif key := values.get("property") or values.get("name") or values.get("itemprop"):
            metas.setdefault(key.lower(), values.get("content", ""))
    return metas, canonical, times


def _is_same_host(one: str, other: str) -> bool:
    return normalise_link(one).split("/")[2:3] == normalise_link(other).split("/")[2:3]


def text_length(markup: str) -> int:
    """Letters of a markup's text, about."""
    return len(_TEXT.sub("", markup))


def complete(entry: Entry, page: Entry | None) -> Entry | None:
    """An entry with the text of its page, where that has clearly more; None where it is a teaser for good.

    A page that asks for money or a login holds no more than the feed does.
    """
    if page is None or text_length(page.html) < max(_FEWEST_CHARACTERS, text_length(entry.html) * 3 // 2):
        return None
    return replace(entry, html=page.html, is_from_page=True)
