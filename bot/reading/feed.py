"""bytes → ParsedFeed: RSS 0.9x to 2.0, RDF, Atom and JSON Feed; pure, synchronous, without a clock.

`bot.reading.repair` makes the document well-formed, feedparser reads it, and this module takes the parts of an
`Entry` from the result: an identity, a link, a plain title and the author's HTML. We do not use what feedparser does
beyond that: sanitising (it drops the author's placeholders, such as ``<slot_name>``), resolving links in bodies
(slow, and the section parser knows the base anyway), and reading dates (it guesses; see `bot.reading.dates`).

feedparser still changes texts in these ways: white space around a title or a body is removed, C1 characters become
those of windows-1252, and a text that is entirely UTF-8 misread as ISO-8859-1 ("Ã©") is corrected ("é").
"""

from __future__ import annotations

import hashlib
import html
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser

from bot.languages import Message
from bot.models.feeds import Entry, FeedKind, ParsedFeed
from bot.reading.dates import FeedZone, find_offset, parse_date
from bot.reading.encoding import decode, json_text
from bot.reading.feed_links import read_feed_page
from bot.reading.listings import read_listing
from bot.reading.pace import read_pace
from bot.reading.repair import MAX_ITEMS, Repaired, first_element, repair
from bot.text.links import drop_session, host_of, normalise_link, session_names
from bot.text.patterns import lazy_pattern
from bot.text.terms import has_hangul

MAX_CATEGORIES = 50
MAX_TITLE_CHARACTERS = 500
MAX_BODY_BYTES = 512 * 1024  # as UTF-8
_MAX_AUTHOR_CHARACTERS = 300
_MAX_CATEGORY_CHARACTERS = 200
_MAX_GUID_CHARACTERS = 2_000
_MAX_DIGITS = 100
_TELLING_ENTRIES = 100
_NEVER = datetime.max.replace(tzinfo=UTC)
_HEAD_CHARACTERS = 200_000  # how much is looked at in a document that is not a feed

Notes = Counter[str]  # what was left out, and how often


def parse_feed(data: bytes, *, content_type: str | None, url: str) -> ParsedFeed:
    """Read one document of any kind. Never raises: a bad document is a result with problems.

    Args:
        data: The body after decompression.
        content_type: The HTTP header; only its charset is used, since feeds come under every media type.
        url: The final address of the document, for relative links.
    Returns:
        Entries in the order of the document, without exact repetitions. An entry's ``published`` is the time of its
        update if the feed says nothing else; its ``title`` is the beginning of its text if it has none; its ``link``
        is "" if it has none.
    """
    if not data.strip():
        return _not_a_feed(Message("an empty document"))
    if kind := next((kind for magic, kind in _BINARIES if data.startswith(magic)), None):
        return _not_a_feed(kind)
    text = decode(data, content_type)
    if text.lstrip()[:1] in {"{", "["}:
        return _parse_json(text, url)
    repaired = repair(text)
    if repaired is None:
        is_binary = b"\0" in data[:_HEAD_CHARACTERS]
        return _not_a_feed(Message("binary data") if is_binary else _describe(text, url))
    return _parse_xml(repaired, url)


# ── XML ─────────────────────────────────────────────────────────────────────────────────────────


def _parse_xml(repaired: Repaired, url: str) -> ParsedFeed:
    try:
        document = feedparser.parse(
            io.BytesIO(repaired.xml.encode()),  # plain bytes would first be tried as a file name
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as exc:  # noqa: BLE001 - foreign code on hostile input; half a dozen types were seen
        fault = Message("The feed could not be read ({error}).", error=type(exc).__name__)
        return ParsedFeed(kind=FeedKind.BROKEN, problems=(fault, *repaired.problems))
    channel: Mapping[str, Any] = document.feed
    site = _Site(url=url, link=_resolve(_own_link(channel), url))
    notes = Notes()
    zone = _zone_of(
        (_text(values, key) for values in (channel, *document.entries) for key in _DATE_KEYS),
        language=_text(channel, "language"),
        titles=(_text(values, "title") for values in (channel, *document.entries)),
    )
    read = _read_each(document.entries, lambda entry: _read_xml_entry(entry, site, zone, notes), notes)
    entries = _finish(read, notes)
    problems = list(repaired.problems)
    if document.bozo:
        problems.append(
            Message(
                "The feed is not well-formed ({why}); it was read as far as possible.",
                why=str(document.bozo_exception),
            )
        )
    kind = _kind_of_xml(repaired, channel, version=document.version, has_entries=bool(entries))
    if kind is FeedKind.NOT_A_FEED:
        return _not_a_feed(Message("XML with the root <{name}> and nothing of a feed in it", name=repaired.root))
    if kind is FeedKind.BROKEN:
        problems.insert(
            0,
            Message(
                "This looks like a feed, but none of its entries could be read ({count} begun).",
                count=repaired.items_seen,
            ),
        )
    return ParsedFeed(
        kind=kind,
        title=_read_title(channel, notes) or None,
        link=site.link or None,
        entries=entries,
        problems=(*problems, *_sentences(notes)),
        pace=read_pace(repaired.xml),
        utc_offset=zone.author_offset,
    )


def _kind_of_xml(repaired: Repaired, channel: Mapping[str, Any], *, version: str, has_entries: bool) -> FeedKind:
    """Tell an empty feed, which is normal (arXiv at weekends), from one that breaks off before its entries."""
    if has_entries:
        return FeedKind.FEED
    if repaired.items_seen or repaired.is_cut:
        return FeedKind.BROKEN
    if repaired.root in {"rdf", "channel"} and not version:
        return FeedKind.NOT_A_FEED
    return FeedKind.EMPTY if channel else FeedKind.BROKEN


_DATE_KEYS = ("published", "created", "updated")
"""The keys of an entry's date of publication in feedparser; the first that can be read counts."""


def _zone_of(dates: Iterable[str], *, language: str, titles: Iterable[str]) -> FeedZone:
    """Return what a feed tells about its zone; the first dates and titles are enough."""
    seen = [title for title in islice(titles, _TELLING_ENTRIES) if title]
    is_korean = language.lower().startswith("ko") or sum(map(has_hangul, seen)) * 2 > len(seen)
    offset = find_offset(islice(filter(None, dates), _TELLING_ENTRIES))
    return FeedZone(offset=offset, is_korean=is_korean)


def _read_xml_entry(entry: Mapping[str, Any], site: _Site, zone: FeedZone, notes: Notes) -> Entry:
    guid = _text(entry, "id")
    dates = [parse_date(_text(entry, key), zone=zone) for key in _DATE_KEYS]
    tags = entry.get("tags") or []
    link, html = site.publish(_choose_link(entry, guid, site.base), _read_body(entry))
    return Entry(
        guid=guid,
        link=link,
        title=_read_title(entry, notes),
        html=html,
        published=next(filter(None, dates), None),
        updated=dates[-1],
        categories=tuple(_text(tag, "term") or _text(tag, "label") for tag in tags),
        author=_read_author(entry) or None,
        is_pinned=_text(entry, "discourse_topicpinned").lower() == "yes",
        is_replacement=_text(entry, "arxiv_announce_type").startswith("replace"),
    )


def _read_author(entry: Mapping[str, Any]) -> str:
    """Return the names. RSS 2.0 has "address (name)", which feedparser cuts wrongly if the top-level domain is
    long.
    """
    if match := re.fullmatch(r"\S+@\S+\s+\((.+)\)", _text(entry, "author")):
        return match[1]
    names = [_text(author, "name") or _text(author, "email") for author in entry.get("authors") or []]
    return ", ".join(dict.fromkeys(filter(None, names))) or _text(entry, "author")


def _text(values: Mapping[str, Any], key: str) -> str:
    """Return one of feedparser's strings, or "". Not by its own ``get``, which returns "published" for "updated"."""
    value = dict.get(values, key) if isinstance(values, dict) else None
    return _unwrap(value) if isinstance(value, str) else ""


_ESCAPED_CDATA = lazy_pattern(r"\s*<!\[CDATA\[(.*)\]\]>\s*", re.DOTALL)


def _unwrap(text: str) -> str:
    """Return a text without surrounding white space, and without a CDATA mark that the author's program has
    escaped.
    """
    match = _ESCAPED_CDATA.fullmatch(text) if "<![CDATA[" in text[:100] else None
    return (match[1] if match else text).strip()


def _choose_link(entry: Mapping[str, Any], guid: str, base: str) -> str:
    """Choose the page of an entry: never its enclosure, nor the feed itself (rel="self").

    feedparser takes a guid for a link unless the feed says that it is not one; many feeds do not say so of a number.
    """
    permalink = guid if guid.startswith(("http://", "https://")) else ""
    own = _own_link(entry)
    if own == guid and entry.get("guidislink"):
        own = permalink
    candidates = (own, *_alternates(entry), permalink)
    return next((link for candidate in candidates if (link := _resolve(_repair_link(candidate, base), base))), "")


def _own_link(values: Mapping[str, Any]) -> str:
    """Return the page of an entry or a feed as feedparser reports it.

    Of several it has the last, and sometimes a link of another kind whose address is the element's text
    (``<link rel="enclosure">https://…</link>``); that one does not count.
    """
    own, alternates = _text(values, "link"), _alternates(values)
    others = {_text(link, "href") for link in values.get("links") or []} - set(alternates)
    return next(iter(alternates), "") if own in others else own


def _alternates(values: Mapping[str, Any]) -> list[str]:
    return [_text(link, "href") for link in values.get("links") or [] if _text(link, "rel").lower() == "alternate"]


def _repair_link(link: str, base: str) -> str:
    """Repair what templates do to links: the site's address put before it a second time, or a missing scheme."""
    start = max(link.rfind("http://"), link.rfind("https://"))
    before = link[: max(start, 0)]
    if not {"?", "#"} & set(before) and (host := host_of(before)) and host == host_of(link[start:]):
        return link[start:]
    host = host_of(base)
    is_bare = host and link.lower().removeprefix("www.").startswith((f"{host}/", f"{host}?"))
    return f"//{link}" if is_bare else link


_LOOPBACK = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "::1"})  # noqa: S104 - compared with, not bound to


@dataclass(frozen=True, slots=True, kw_only=True)
class _Site:
    """Where a feed was found, and the page that it gives as its own ("" if it names none)."""

    url: str
    link: str

    @property
    def base(self) -> str:
        """The address that links are relative to."""
        return self.link or self.url

    @property
    def origin(self) -> str:
        """Scheme and host of the public site; "" if only its author's machine or a file has it."""
        return next((_origin(url) for url in (self.link, self.url) if host_of(url) not in {"", *_LOOPBACK}), "")

    def publish(self, link: str, html: str) -> tuple[str, str]:
        """Repair a post's link and text if the site was built with its author's local address
        ("http://localhost:4000/…").

        Its links and pictures then point to the public site.
        """
        if not self.origin or host_of(link) not in _LOOPBACK or host_of(self.url) in _LOOPBACK:
            return link, html
        home = _origin(link)
        pictures = re.compile(rf"""(?<=\ssrc=["']){re.escape(home)}(?=/)""", re.IGNORECASE)
        return self.origin + link[len(home) :], pictures.sub(lambda _: self.origin, html)


def _origin(link: str) -> str:
    parts = urlsplit(link)
    return f"{parts.scheme}://{parts.netloc}"


def _resolve(link: str, base: str) -> str:
    """Return the absolute http(s) address, or "". White space in it is dropped or escaped (WHATWG URL §4.4)."""
    if not link:
        return ""
    try:
        address = urljoin(base, re.sub(r"[\t\r\n]", "", link).replace(" ", "%20"))
        parts = urlsplit(address)
    except ValueError:  # "http://[": not an address
        return ""
    return address if parts.scheme in {"http", "https"} and parts.hostname else ""


def _read_title(values: Mapping[str, Any], notes: Notes) -> str:
    title = _text(values, "title")
    if _text(values.get("title_detail") or {}, "type") not in {"", "text/plain"}:
        title = _to_plain_text(title)
    return _limit_title(title, notes)


# Only these are markup in a title; "<mask>" is a word.
_INLINE_TAG = lazy_pattern(
    r"</?(?:a|abbr|b|bdi|big|br|cite|code|del|div|em|font|h[1-6]|i|img|ins|kbd|mark|p|pre|q|s|small|span|strike|"
    r"strong|sub|sup|tt|u|var|wbr)(?=[\s/>])[^<>]*>|</[A-Za-z][^<>]*>",
    re.IGNORECASE,
)


def _to_plain_text(markup: str) -> str:
    return html.unescape(_INLINE_TAG.sub("", markup))


def _read_body(entry: Mapping[str, Any]) -> str:
    """Return the full text rather than the summary; of several full texts, the longest."""
    contents = [_as_html(content) for content in entry.get("content") or []]
    summary = {"value": _text(entry, "summary"), "type": _text(entry.get("summary_detail") or {}, "type")}
    return max(contents, key=len, default="") or _as_html(summary)


# feedparser writes the "<br/>" of inline XHTML as "<br></br>", which HTML reads as two.
_END_OF_VOID = lazy_pattern(r"</(?:area|br|col|embed|hr|img|input|wbr)>")


def _as_html(content: Mapping[str, Any]) -> str:
    kind, value = _text(content, "type"), _text(content, "value")
    if kind == "text/plain":
        return html.escape(value, quote=False)
    if kind.endswith("+xml"):
        return _END_OF_VOID.sub("", value)
    return value if kind in {"", "text/html"} else ""


# ── JSON Feed ───────────────────────────────────────────────────────────────────────────────────

_JSON_DATE_KEYS = ("date_published", "date_modified")
_JSON_FEED_KEYS = frozenset({"content_html", "content_text", "date_published"})
_BARE_VERSION = lazy_pattern(r"(?:json ?feed\s*)?(?:version\s*|v\s*)?1(?:\.[01])?", re.IGNORECASE)


def _parse_json(text: str, url: str) -> ParsedFeed:
    """JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1), and the listings of `bot.reading.listings`."""
    claims_feed = "jsonfeed.org/version/" in text[:2000]
    try:
        document = json.loads(text, parse_int=_read_integer)
    except (ValueError, RecursionError):
        if claims_feed:
            problem = Message("This looks like a JSON Feed, but it is cut off or not valid JSON.")
            return ParsedFeed(kind=FeedKind.BROKEN, problems=(problem,))
        return _not_a_feed(Message("text that looks like JSON but is not valid"))
    notes = Notes()
    if (listed := read_listing(document, url)) is not None:
        title, papers = listed
        entries = _finish(islice(papers, MAX_ITEMS), notes)
        kind = FeedKind.FEED if entries else FeedKind.EMPTY
        return ParsedFeed(kind=kind, title=title, entries=entries, problems=tuple(_sentences(notes)))
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list) or not _is_json_feed(document, items):
        return _not_a_feed(Message("JSON of another kind"))
    if len(items) > MAX_ITEMS:
        notes[Message("Entries beyond the first {count:,}, not read", count=MAX_ITEMS)] = len(items) - MAX_ITEMS
    site = _Site(url=url, link=_resolve(json_text(document.get("home_page_url")), url))
    readable = [item for item in items[:MAX_ITEMS] if isinstance(item, dict)]
    zone = _zone_of(
        (json_text(item.get(key)) for item in readable for key in _JSON_DATE_KEYS),
        language=json_text(document.get("language")),
        titles=(json_text(values.get("title")) for values in (document, *readable)),
    )
    entries = _finish(_read_each(readable, lambda item: _read_json_entry(item, site, zone, notes), notes), notes)
    kind = FeedKind.FEED if entries else FeedKind.BROKEN if items else FeedKind.EMPTY
    unread = Message("This is a JSON Feed, but none of its entries could be read.")
    return ParsedFeed(
        kind=kind,
        title=_limit_title(json_text(document.get("title")), notes) or None,
        link=site.link or None,
        entries=entries,
        problems=(*([unread] if kind is FeedKind.BROKEN else []), *_sentences(notes)),
        utc_offset=zone.author_offset,
    )


def _is_json_feed(document: Mapping[str, Any], items: list[Any]) -> bool:
    """Whether the document says that it is a JSON Feed, or does not deny it and has what only a JSON Feed has.

    Many APIs list "items" too.
    """
    version = document.get("version")
    if "jsonfeed.org/version/" in str(version)[:100]:
        return True
    if version is not None and not _BARE_VERSION.fullmatch(str(version)[:100]):
        return False
    if not {"feed_url", "home_page_url"}.isdisjoint(document):
        return True
    return any(
        isinstance(item, dict) and not {"id", "url"}.isdisjoint(item) and not _JSON_FEED_KEYS.isdisjoint(item)
        for item in items[:MAX_ITEMS]
    )


def _read_integer(digits: str) -> int | str:
    """Read an integer; a very long one stays text, since int() refuses 4,301 digits and the whole feed with them."""
    return int(digits) if len(digits) <= _MAX_DIGITS else digits


def _read_json_entry(item: Mapping[str, Any], site: _Site, zone: FeedZone, notes: Notes) -> Entry:
    written = (_repair_link(json_text(item.get(key)), site.base) for key in ("url", "external_url"))
    addresses = (_resolve(link, site.base) for link in written)
    published, updated = (parse_date(json_text(item.get(key)), zone=zone) for key in _JSON_DATE_KEYS)
    tags, authors = item.get("tags"), item.get("authors") or [item.get("author")]  # "author" is version 1.0
    body = json_text(item.get("content_html")) or html.escape(json_text(item.get("content_text")), quote=False)
    names = [json_text(author.get("name")) for author in _as_list(authors) if isinstance(author, dict)]
    text = _unwrap(body) or html.escape(json_text(item.get("summary")), quote=False)
    link, text = site.publish(next(filter(None, addresses), ""), text)
    return Entry(
        guid=json_text(item.get("id")),
        link=link,
        title=_limit_title(_unwrap(json_text(item.get("title"))), notes),
        html=text,
        published=published or updated,
        updated=updated,
        categories=tuple(map(json_text, _as_list(tags))),
        author=", ".join(filter(None, names)) or None,
    )


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


# ── limits and identities ───────────────────────────────────────────────────────────────────────


def _read_each(
    items: Iterable[Mapping[str, Any]], read: Callable[[Mapping[str, Any]], Entry], notes: Notes
) -> Iterator[Entry]:
    """Read the entries one by one; an entry that cannot be read does not affect the others."""
    for item in items:
        try:
            yield read(item)
        except Exception as exc:  # noqa: BLE001 - any error is possible; it is reported among the problems
            notes[Message("Entries that could not be read ({error})", error=type(exc).__name__)] += 1


def _finish(entries: Iterable[Entry], notes: Notes) -> tuple[Entry, ...]:
    """Give every entry its identity, and apply the limits to each.

    The guid counts, if it is unique in the document. If several entries share a guid, the oldest keeps it, so that a
    newer one does not take its place; the others add their link, or a hash of their text. Without a guid the link
    counts, else the hash.
    """
    seen, guids = set[tuple[str, str, str]](), set[str]()
    finished = dict[int, Entry]()
    for position, entry in sorted(enumerate(_without_sessions(entries)), key=_by_age):
        fingerprint = _hash(entry.title, str(entry.published), entry.html)
        key = entry.guid or normalise_link(entry.link) or fingerprint
        key = key if len(key) <= _MAX_GUID_CHARACTERS else _hash(key)
        choices = (key, f"{key} {entry.link}", f"{key} {fingerprint}", f"{key} {entry.link} {fingerprint}")
        guid = next((choice.strip() for choice in choices if choice.strip() not in guids), None)
        if guid is None or (key, entry.link, fingerprint) in seen:
            notes[Message("Entries that repeat another word for word, left out")] += 1
            continue
        if guid != key:
            notes[Message("Entries that share their guid with another, told apart by link or text")] += 1
        seen.add((key, entry.link, fingerprint))
        guids.add(guid)
        finished[position] = _limit(replace(entry, guid=guid), notes)
    return tuple(finished[position] for position in sorted(finished))


def _without_sessions(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries, their addresses without the session that the server gave us, which differs at each
    visit.
    """
    read = list(entries)
    names = session_names(entry.link for entry in read)
    return [
        replace(
            entry,
            link=drop_session(entry.link, names=names),
            guid=drop_session(entry.guid, names=names) if "://" in entry.guid else entry.guid,
        )
        for entry in read
    ]


def _by_age(placed: tuple[int, Entry]) -> tuple[datetime, int]:
    """Sort key: oldest first; without dates the last in the document, since feeds list the newest first."""
    position, entry = placed
    return entry.published or _NEVER, -position


def _limit(entry: Entry, notes: Notes) -> Entry:
    names = [" ".join(name.split())[:_MAX_CATEGORY_CHARACTERS] for name in entry.categories]
    categories = tuple(dict.fromkeys(filter(None, names)))
    if len(categories) > MAX_CATEGORIES:
        notes[
            Message("Entries with more than {count} categories, of which the first were kept", count=MAX_CATEGORIES)
        ] += 1
    author = " ".join((entry.author or "").split())[:_MAX_AUTHOR_CHARACTERS]
    body = _limit_body(entry.html, notes)
    return replace(
        entry,
        title=entry.title or _make_title(body) or entry.link,
        html=body,
        categories=categories[:MAX_CATEGORIES],
        author=author or None,
    )


def _make_title(body: str) -> str:
    """Return the beginning of a text that has no title: whole words, up to 80 characters."""
    text = " ".join(_to_plain_text(body[:2000]).split())
    return text if len(text) <= 80 else text[:80].rpartition(" ")[0] + " …"


def _limit_title(title: str, notes: Notes) -> str:
    title = " ".join(title.split())
    if len(title) <= MAX_TITLE_CHARACTERS:
        return title
    notes[Message("Titles cut to {count} characters", count=MAX_TITLE_CHARACTERS)] += 1
    return title[: MAX_TITLE_CHARACTERS - 1] + "…"


def _limit_body(body: str, notes: Notes) -> str:
    """Cut after a tag or, if there is none nearby, after a word: never inside a tag or a reference."""
    if len(body) <= MAX_BODY_BYTES // 4 or len(data := body.encode()) <= MAX_BODY_BYTES:
        return body
    notes[Message("Bodies cut to {size} KB", size=MAX_BODY_BYTES // 1024)] += 1
    head = data[:MAX_BODY_BYTES].decode(errors="ignore")
    end = max(head.rfind(">") + 1, head.rfind(" "))
    # a "<" after the last ">" may be half a tag, with spaces in it
    half_tag = head.rfind("<", head.rfind(">") + 1)
    return head[: half_tag if 0 <= half_tag < end else end or len(head)]


def _hash(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:32]


def _sentences(notes: Notes) -> list[str]:
    return [Message("{what}: {count:,}.", what=what, count=count) for what, count in notes.items()]


# ── documents that are not feeds ────────────────────────────────────────────────────────────────

_BINARIES = (
    (b"%PDF", Message("a PDF file")),
    (b"\x1f\x8b", Message("compressed data (gzip)")),
    (b"PK\x03\x04", Message("a ZIP archive")),
    (b"\x89PNG", Message("an image")),
    (b"GIF8", Message("an image")),
    (b"\xff\xd8\xff", Message("an image")),
)
_HTML = lazy_pattern(r"<!doctype\s+html|<(?:html|head|body)[\s>]", re.IGNORECASE)
_HTML_TITLE = lazy_pattern(r"<title[^<>]*>([^<]{1,300})</title", re.IGNORECASE)


def _not_a_feed(what: str) -> ParsedFeed:
    return ParsedFeed(kind=FeedKind.NOT_A_FEED, problems=(Message("This is {what}, not a feed.", what=what),))


def _describe(text: str, url: str) -> str:
    """Describe a text without a feed, as part of a sentence."""
    name = first_element(text[:_HEAD_CHARACTERS])
    if name and name.lower() in {"urlset", "sitemapindex"}:
        return Message(
            "{page} (the feed of such a site is often {url})",
            page=Message("a sitemap"),
            url=_resolve("/feed.xml", url) or "/feed.xml",
        )
    if _HTML.search(text[:_HEAD_CHARACTERS]):
        return _describe_page(text, url)
    if name and text.lstrip().startswith("<"):
        return Message("XML with the root <{name}>", name=name[:50])
    return Message("plain text")


def _describe_page(text: str, url: str) -> str:
    title = _HTML_TITLE.search(text[:_HEAD_CHARACTERS])
    page = (
        Message('a web page titled "{title}"', title=_limit_title(html.unescape(title[1]), Notes())[:80])
        if title
        else Message("a web page")
    )
    feeds = [link.url for link in read_feed_page(text, url).announced[:3]]
    return Message("{page} (its feed may be {urls})", page=page, urls=", ".join(feeds)) if feeds else page
