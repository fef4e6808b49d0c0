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
from bot.languages import N_, _
from bot.reading.encoding import decode, repair_text
from bot.reading.repair import find_tags, first_element, read_values
from bot.text.links import drop_feed_scheme, name_feed, normalise_link
from bot.text.patterns import lazy_pattern

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
        raise RequestError(
            _("The file is larger than {size:,} KB, the most that can be imported.").format(size=MAX_BYTES // 1024)
        )
    text = decode(data)
    root = (first_element(text) or "").rpartition(":")[2].lower()
    if root != "opml":
        raise RequestError(_(_KINDS.get(root, NOT_OPML)))
    listed = _read_outlines(_BARE_SIGN.sub("&lt;", text))
    if "</opml" not in text[-_TAIL_CHARACTERS:].lower():
        raise RequestError(_("The file is incomplete. Export it again."))
    if not listed.feeds:
        no_feeds = _("The file lists no feeds. Export your feeds again, and import that file.")
        raise RequestError("\n".join([no_feeds, *map(_count, listed.left_out)]))
    if len(listed.feeds) > MAX_FEEDS:
        raise RequestError(
            _("The file lists {count:,} feeds, and {most} can be imported at most. Split it.").format(
                count=len(listed.feeds), most=MAX_FEEDS
            )
        )
    return listed


def _count(out: LeftOut) -> str:
    return _("{what}: {count:,}").format(what=_(out.reason), count=len(out.names))


_TAIL_CHARACTERS = 2_000  # a comment or white space may follow the end
_KINDS = {
    **dict.fromkeys(
        ("rss", "feed", "rdf"),
        N_("This is a feed, not a list of feeds. Export your feeds as OPML, and import that file."),
    ),
    "html": N_("This is a web page. Export your feeds as OPML, and import that file."),
}
NOT_OPML = N_("This is not an OPML file. Export your feeds as OPML, and import that file.")


NO_WEB_ADDRESS = N_("Entries whose address is not a complete http or https address")
NO_ADDRESS = N_("Entries without a feed address")
_BARE_SIGN = lazy_pattern(r"<(?!/?(?:[\w.-]+:)?(?:opml|head|body|outline)\b|[!?])", re.IGNORECASE)
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
            left_out.setdefault(reason, []).append(name_feed(title, url[:_MAX_TITLE_CHARACTERS]) or _("(no title)"))
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
