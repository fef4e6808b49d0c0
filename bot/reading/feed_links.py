"""Which feeds a web page names: those that it announces, those that it links to, and where it redirects. Pure.

In: a decoded page with its address and its Link and Refresh headers. Out: a `FeedPage`. Nothing is requested here,
and every address is only the page's claim: callers must request it through the fetcher's guard.

Sources: HTML §2.5.3 (base), §4.2.5.3 (refresh), §4.6.7 (alternate); RFC 8288 (Link header); real blogs.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit

from bot.models.feeds import FeedLink, FeedPage
from bot.reading.repair import find_tags, read_values
from bot.text.links import host_of, join_link, path_of
from bot.text.patterns import lazy_pattern

FEED_TYPES = frozenset({
    "application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml",
    "application/xml", "text/xml", "application/rss", "application/atom", "application/x-rss+xml",
    "application/x.atom+xml", "application/x-atom+xml", "text/rss+xml", "text/rss",
})  # fmt: skip
"""Media types under which pages announce feeds; "application/json" counts only if its address says so."""

MAX_LINKS = 200
_HEAD_CHARACTERS = 400_000
_FOOT_CHARACTERS = 100_000
_MAX_TITLE_CHARACTERS = 200
_MAX_REFRESH_S = 30  # a page that waits longer reloads itself and leads nowhere
_RAW = lazy_pattern(r"<(?:!--|(script|style|template)\b)", re.IGNORECASE)


def read_feed_page(text: str, url: str, *, links: str = "", refresh: str = "") -> FeedPage:
    """Read a page.

    Args:
        text: The page, decoded.
        url: Its address.
        links: Its Link headers, joined by commas.
        refresh: Its Refresh header.
    """
    text = _visible_markup(text)
    tags = [(name.lower(), read_values(source)) for name, source in find_tags(text) if name.lower() in _READ]
    base = next((values["href"] for name, values in tags if name == "base" and values.get("href")), "")
    base = _web_address(base, url) or url
    announced = [*_announced_by_tags(tags, base), *_announced_by_header(links, url)]
    metas = [values for name, values in tags if name == "meta"]
    refreshes = [meta.get("content", "") for meta in metas if meta.get("http-equiv", "").lower() == "refresh"]
    generators = (meta.get("content", "") for meta in metas if meta.get("name", "").lower() == "generator")
    return FeedPage(
        announced=_best_first(announced, url),
        linked=tuple(dict.fromkeys(_linked(text, base)))[:MAX_LINKS],
        leads_to=next(filter(None, (_refreshed(value, base) for value in (refresh, *refreshes))), ""),
        generator=next(filter(None, generators), "").lower(),
    )


_READ = frozenset({"a", "area", "base", "link", "meta"})


def _visible_markup(text: str) -> str:
    """Return a page without comments, scripts and styles; of a very long page, the beginning and the end."""
    parts, position, unclosed = list[str](), 0, set[str]()
    while raw := _RAW.search(text, position):
        closer = f"</{raw[1].lower()}" if raw[1] else "-->"
        end = None if closer in unclosed else _CLOSERS[closer].search(text, raw.end())
        if end is None:
            unclosed.add(closer)  # an element that is never closed hides nothing
        parts.append(text[position : raw.end() if end is None else raw.start()])
        position = raw.end() if end is None else end.end()
    visible = "".join((*parts, text[position:]))
    if len(visible) <= _HEAD_CHARACTERS + _FOOT_CHARACTERS:
        return visible
    return f"{visible[:_HEAD_CHARACTERS]} {visible[-_FOOT_CHARACTERS:]}"


_CLOSERS = {name: lazy_pattern(name, re.IGNORECASE) for name in ("-->", "</script", "</style", "</template")}


# ── announced ───────────────────────────────────────────────────────────────────────────────────


def _announced_by_tags(tags: Iterable[tuple[str, dict[str, str]]], base: str) -> Iterator[FeedLink]:
    """Yield ``<link>`` first, then ``<a>``: what a page tells programs comes before what it shows people."""
    links = [(name, values) for name, values in tags if name in {"link", "a", "area"} and _is_feed_link(values)]
    for _, values in sorted(links, key=lambda pair: pair[0] != "link"):
        if address := _web_address(values.get("href", ""), base):
            yield FeedLink(url=address, title=_tidy(values.get("title", "")))


def _is_feed_link(values: dict[str, str]) -> bool:
    relations = values.get("rel", "").lower().split()
    kind = values.get("type", "").partition(";")[0].strip().lower()
    if "stylesheet" in relations or "replies" in relations:
        return False
    if "feed" in relations:
        return kind in FEED_TYPES or kind in {"", "application/json", "text/html"}
    if "alternate" not in relations:
        return False
    # WordPress announces its API as "application/json"
    return kind in FEED_TYPES or (kind == "application/json" and "feed" in values.get("href", "").lower())


_LINK_VALUE = lazy_pattern(
    r"""<([^<>]*+)>((?:\s*+;\s*+[^\s=;,"<>]++(?:\s*+=\s*+(?:"(?:[^"\\]|\\.)*+"|[^\s;,"]*+))?+)*+)"""
)
_LINK_PARAMETER = lazy_pattern(r""";\s*+([^\s=;,"<>]++)(?:\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"|([^\s;,"]*+)))?+""")


def read_link_header(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (target, parameters) of each link in a Link header; if a parameter is given twice, the first counts.

    Source: RFC 8288 §3, its appendix B, and RFC 8187 (``title*``). Malformed parts are skipped.
    """
    for match in _LINK_VALUE.finditer(text):
        values: dict[str, str] = {}
        for part in _LINK_PARAMETER.finditer(match[2]):
            quoted = re.sub(r"\\(.)", r"\1", part[2]) if part[2] is not None else part[3] or ""
            values.setdefault(part[1].lower(), quoted)
        if extended := values.pop("title*", ""):
            charset, _, encoded = extended.partition("'")
            encoded = encoded.partition("'")[2]
            values["title"] = unquote(encoded, "latin-1" if charset.lower() == "iso-8859-1" else "utf-8", "replace")
        yield match[1].strip(), values


def _announced_by_header(links: str, url: str) -> Iterator[FeedLink]:
    """Yield the feeds in a Link header (RFC 8288 §3.1, §3.2).

    Targets are relative to the page's own address; a link with an anchor may be about another page.
    """
    for target, values in read_link_header(links):
        address = _web_address(target, url)
        is_here = "anchor" not in values or join_link(url, values["anchor"]).partition("#")[0] == url
        if address and is_here and _is_feed_link({**values, "href": target}):
            yield FeedLink(url=address, title=_tidy(values.get("title", "")))


_COMMENTS = lazy_pattern(r"(?<![a-z])comments?(?![a-z])|댓글", re.IGNORECASE)
_PART = lazy_pattern(
    r"/(?:tags?|topics?|categor(?:y|ies)|labels?|authors?|search|archives?)/|[?&](?:tag|cat|s|author)="
)


def is_about_comments(*texts: str) -> bool:
    """Whether an address or a title belongs to readers' comments on the posts."""
    return any(_COMMENTS.search(text) for text in texts)


def _best_first(links: Iterable[FeedLink], url: str) -> tuple[FeedLink, ...]:
    """Keep the page's order, but put feeds of a part of the site after the whole site's, and comments last.

    The feeds of a part keep their place if the page itself belongs to that part.
    """
    titles: dict[str, FeedLink] = {}
    for link in links:
        known = titles.get(link.url)
        titles[link.url] = known if known and known.title else link
    page = path_of(url)

    def rank(link: FeedLink) -> tuple[bool, bool]:
        is_part = _PART.search(link.url) is not None
        is_here = len(page) > 1 and path_of(link.url).startswith(page)
        return is_about_comments(link.url, link.title or ""), is_part and not is_here

    return tuple(sorted(titles.values(), key=rank)[:MAX_LINKS])


# ── linked ──────────────────────────────────────────────────────────────────────────────────────

_ANCHOR = lazy_pattern(r"<a\s([^<>]{1,2000})>(.{0,300}?)</a", re.IGNORECASE | re.DOTALL)
_MARKUP = lazy_pattern(r"<[^<>]*>")
_SAYS_FEED = lazy_pattern(r"\b(?:rss|atom|feeds?)\b|피드|订阅|訂閱|フィード", re.IGNORECASE)
_FEED_FILE = lazy_pattern(
    r"/(?:feed|rss|atom|index)(?:\.(?:xml|json|rss|atom|rdf))|/(?:feed|rss|atom)/?\Z|\.(?:rss|rdf|atom)\Z"
)
_FEED_SERVICES = frozenset({"feeds.feedburner.com", "feeds2.feedburner.com"})
_LONGEST_WORDS = 40


def _linked(text: str, base: str) -> Iterator[str]:
    """Yield plain links whose words or address name a feed, links with both first; never links to other sites."""
    both, others = list[str](), list[str]()
    for match in _ANCHOR.finditer(text):
        values = read_values(match[1])
        address = _web_address(values.get("href", ""), base)
        if not address or (host_of(address) != host_of(base) and host_of(address) not in _FEED_SERVICES):
            continue
        words = " ".join(
            (_MARKUP.sub(" ", html.unescape(match[2])), values.get("title", ""), values.get("aria-label", ""))
        )
        says = len(words) <= _LONGEST_WORDS * 3 and _SAYS_FEED.search(words) is not None
        is_file = _FEED_FILE.search(path_of(address).lower()) is not None
        if (says or is_file) and not is_about_comments(address, words):
            (both if says and is_file else others).append(address)
    yield from both
    yield from others


# ── led elsewhere ───────────────────────────────────────────────────────────────────────────────

_REFRESH = lazy_pattern(r"\s*(\d{1,6})(?:\.[\d.]*)?\s*(?:[;,]\s*|\s)(?:url\s*=\s*)?(.+)", re.IGNORECASE | re.DOTALL)


def _refreshed(value: str, base: str) -> str:
    """Return where a refresh leads within half a minute; "" for a page that reloads itself."""
    match = _REFRESH.fullmatch(value[:4_000])
    if match is None or int(match[1]) > _MAX_REFRESH_S:
        return ""
    target = match[2].strip()
    if target[:1] in {'"', "'"}:
        target = target[1:].partition(target[0])[0]
    return _web_address(target, base)


def _web_address(link: str, base: str) -> str:
    """Return the absolute http(s) address without its fragment, or ""."""
    address = join_link(base, re.sub(r"[\t\r\n]", "", link.strip()).replace(" ", "%20")) if link.strip() else ""
    try:
        parts = urlsplit(address)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return ""
    return address.partition("#")[0] if is_web else ""


def _tidy(title: str) -> str | None:
    return " ".join(title.split())[:_MAX_TITLE_CHARACTERS] or None
