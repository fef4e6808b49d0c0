"""Lists of feeds as feed readers exchange them: OPML 1.0 and 2.0, read and written. Pure.

Source: http://opml.org/spec2.opml. Such a file may come from a stranger, so no XML parser sees it:
`bot.reading.repair` finds the tags, drops the DOCTYPE with all its entities and opens nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlsplit

from bot.errors import RequestError
from bot.reading.encoding import decode, repair_text
from bot.reading.repair import find_tags, first_element, read_values
from bot.text.links import drop_feed_scheme, name_feed, normalise_link

MAX_FEEDS = 500
MAX_BYTES = 1024 * 1024
_MAX_URL_CHARACTERS = 2_000
_MAX_TITLE_CHARACTERS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class OpmlFeed:
    """A feed in a list; ``title`` is None if it has none besides its address."""

    url: str
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Entries of a list that cannot be followed for the same reason, by title, or by address if they have none."""

    reason: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpmlList:
    """A list as it was read: its feeds in order, and what was left out. Iterating over it gives the feeds."""

    feeds: tuple[OpmlFeed, ...]
    left_out: tuple[LeftOut, ...] = ()

    def __iter__(self) -> Iterator[OpmlFeed]:
        return iter(self.feeds)


def write_opml(feeds: Sequence[OpmlFeed], *, title: str, now: datetime) -> bytes:
    """Write an OPML 2.0 document in UTF-8, with each feed once. ``now`` (aware) is its creation date."""
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
    return html.escape(repair_text(text))


def _tidy(title: str) -> str:
    """The title on one line, cut to the most characters that a title may have."""
    return " ".join(repair_text(title).split())[:_MAX_TITLE_CHARACTERS].rstrip()


def read_opml(data: bytes) -> OpmlList:
    """Read the feeds of a list in order, each once and with folders flattened, and what is left out and why.

    Raises:
        RequestError: The file is too large, is not OPML, is incomplete, or lists no feeds or too many.
    """
    if len(data) > MAX_BYTES:
        raise RequestError(f"The file is larger than {MAX_BYTES // 1024:,} KB, the most that can be imported.")
    text = decode(data)
    root = (first_element(text) or "").rpartition(":")[2].lower()
    if root != "opml":
        kind = _KINDS.get(root, "not an OPML file")
        raise RequestError(f"This is {kind}. Export your feeds as OPML, and import that file.")
    listed = _read_outlines(_BARE_SIGN.sub("&lt;", text))
    if "</opml" not in text[-_TAIL_CHARACTERS:].lower():
        raise RequestError("The file is incomplete. Export it again.")
    if not listed.feeds:
        why = "".join(f" {_count(out)}." for out in listed.left_out)
        raise RequestError(f"The file lists no feeds.{why} Export your feeds again, and import that file.")
    if len(listed.feeds) > MAX_FEEDS:
        most = f"{MAX_FEEDS} can be imported at most"
        raise RequestError(f"The file lists {len(listed.feeds):,} feeds, and {most}. Split it.")
    return listed


def _count(out: LeftOut) -> str:
    number = len(out.names)
    return f"{number:,} {'entry has' if number == 1 else 'entries have'} {out.reason}"


_TAIL_CHARACTERS = 2_000  # a comment or white space may follow the end
_KINDS = {
    "rss": "a feed, not a list of feeds",
    "feed": "a feed, not a list of feeds",
    "rdf": "a feed, not a list of feeds",
    "html": "a web page",
}


NO_WEB_ADDRESS = "an address that is not a complete http or https address"
NO_ADDRESS = "no feed address"
_BARE_SIGN = re.compile(r"<(?!/?(?:[\w.-]+:)?(?:opml|head|body|outline)\b|[!?])", re.IGNORECASE)
"""An unescaped "<" in a title. Other elements of such a list say nothing about its feeds."""


def _read_outlines(text: str) -> OpmlList:
    feeds: dict[str, OpmlFeed] = {}
    left_out: dict[str, list[str]] = {}
    for name, source in find_tags(text):
        if name.rpartition(":")[2].lower() != "outline":
            continue
        # The case of the names differs between programs: xmlUrl, xmlurl, XMLURL.
        values = read_values(source)
        title = _tidy(values.get("title", "")) or _tidy(values.get("text", ""))
        url = _complete(values.get("xmlurl", "").strip().replace(" ", "%20"))
        if _is_web_address(url):
            feed = OpmlFeed(url=url, title=title if title and title != _tidy(url) else None)
            feeds.setdefault(normalise_link(url), feed)
        elif url or values.get("htmlurl") or (values.get("type") and source.rstrip().endswith("/")):
            reason = NO_WEB_ADDRESS if url else NO_ADDRESS
            left_out.setdefault(reason, []).append(name_feed(title, url[:_MAX_TITLE_CHARACTERS]) or "(no title)")
    reasons = (LeftOut(reason=reason, names=tuple(names)) for reason, names in left_out.items())
    return OpmlList(feeds=tuple(feeds.values()), left_out=tuple(reasons))


def _complete(url: str) -> str:
    """An address as feed readers understand it: "feed://host" is http, "//host" is https."""
    return f"https:{url}" if url.startswith("//") else drop_feed_scheme(url)


def _is_web_address(url: str) -> bool:
    if len(url) > _MAX_URL_CHARACTERS or not url.isprintable():
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:  # "http://[" is not an address
        return False


def _drop_repeated(feeds: Iterable[OpmlFeed]) -> Iterator[OpmlFeed]:
    seen = set[str]()
    for feed in feeds:
        key = normalise_link(feed.url)
        if key not in seen:
            seen.add(key)
            yield feed
