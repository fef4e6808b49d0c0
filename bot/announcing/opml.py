"""Lists of feeds as feed readers exchange them: OPML 1.0 and 2.0, read and written. Pure.

Source: http://opml.org/spec2.opml. Such a file comes from somebody unknown, and no XML parser sees it: the tags are
found by `bot.decode`, which drops the DOCTYPE with all its entities and opens nothing.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlsplit

from bot.decode import decode, find_tags, first_element, mend_text, read_values
from bot.errors import RequestError
from bot.links import drop_feed_scheme, normalise_link

MAX_FEEDS = 500
MAX_BYTES = 1024 * 1024
_MAX_URL_CHARACTERS = 2_000
_MAX_TITLE_CHARACTERS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class OpmlFeed:
    """A feed of a list; ``title`` is None where it has none but its address."""

    url: str
    title: str | None = None


def write_opml(feeds: Sequence[OpmlFeed], *, title: str, now: datetime) -> bytes:
    """An OPML 2.0 document in UTF-8, each feed once. ``now`` (aware) is when it was made."""
    lines = (
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        "  <head>",
        f"    <title>{_escape(_tidy(title))}</title>",
        f"    <dateCreated>{format_datetime(now.astimezone(UTC), usegmt=True)}</dateCreated>",
        "  </head>",
        "  <body>",
        *(f"    {_write_outline(feed)}" for feed in _drop_repeated(feeds)),
        "  </body>",
        "</opml>",
        "",
    )
    return "\n".join(lines).encode()


def _write_outline(feed: OpmlFeed) -> str:
    text = _escape(_tidy(feed.title or "") or feed.url)
    return f'<outline type="rss" text="{text}" title="{text}" xmlUrl="{_escape(feed.url)}"/>'


def _escape(text: str) -> str:
    return html.escape(mend_text(text))


def _tidy(title: str) -> str:
    """On one line, and not longer than a title is."""
    return " ".join(mend_text(title).split())[:_MAX_TITLE_CHARACTERS].rstrip()


def read_opml(data: bytes) -> tuple[OpmlFeed, ...]:
    """The feeds of a list in its order, folders laid open; what is no address of the web is left out.

    Raises:
        RequestError: The file is too large, no OPML, not all of it, or lists no feed or too many.
    """
    if len(data) > MAX_BYTES:
        raise RequestError(f"The file is larger than {MAX_BYTES // 1024:,} KB, the most that can be imported.")
    text = decode(data)
    root = (first_element(text) or "").rpartition(":")[2].lower()
    if root != "opml":
        kind = _KINDS.get(root, "not an OPML file")
        raise RequestError(f"This is {kind}. Export your feeds as OPML, and import that file.")
    feeds = tuple(_drop_repeated(_read_outlines(text)))
    if "</opml" not in text[-_TAIL_CHARACTERS:].lower():
        raise RequestError("The file is incomplete. Export it again.")
    if not feeds:
        raise RequestError("The file lists no feeds. Export your feeds again, and import that file.")
    if len(feeds) > MAX_FEEDS:
        raise RequestError(f"The file lists {len(feeds):,} feeds, and {MAX_FEEDS} can be imported at most. Split it.")
    return feeds


_TAIL_CHARACTERS = 2_000  # a comment or white space may follow the end
_KINDS = {
    "rss": "a feed, not a list of feeds",
    "feed": "a feed, not a list of feeds",
    "rdf": "a feed, not a list of feeds",
    "html": "a web page",
}


def _read_outlines(text: str) -> Iterator[OpmlFeed]:
    for name, source in find_tags(text):
        if name.rpartition(":")[2].lower() != "outline":
            continue
        # names differ in case between programs: xmlUrl, xmlurl, XMLURL
        values = read_values(source)
        url = drop_feed_scheme(values.get("xmlurl", "").strip().replace(" ", "%20"))
        if _is_web_address(url):
            title = _tidy(values.get("title", "")) or _tidy(values.get("text", ""))
            yield OpmlFeed(url=url, title=title if title and title != _tidy(url) else None)


def _is_web_address(url: str) -> bool:
    if len(url) > _MAX_URL_CHARACTERS or not url.isprintable():
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:  # "http://[": no address at all
        return False


def _drop_repeated(feeds: Iterable[OpmlFeed]) -> Iterator[OpmlFeed]:
    seen = set[str]()
    for feed in feeds:
        key = normalise_link(feed.url)
        if key not in seen:
            seen.add(key)
            yield feed
