"""What somebody types → the feeds it may mean: the address itself, what its page announces, the usual places.

In goes any web address: a feed's, a blog's, a single post's, with or without "https://". Out come feeds, best
first. Of the feeds that a page announces, only the first is checked; the others are trusted. An address that we made
up ourselves (`guess_feeds`, `list_common_places`) counts only once a feed was read from it, and only a few are tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import urljoin, urlsplit

from bot.errors import FeedError, FetchError, FetchTimeoutError, HttpStatusError
from bot.feeds.addresses import read_public_address
from bot.feeds.fetch import Fetcher, FetchResult
from bot.feeds.reader_process import FeedReading, Reader
from bot.feeds.robots import Crawler
from bot.languages import Message
from bot.models.feeds import FeedKind, FeedPage, ParsedFeed
from bot.reading.feed_links import is_about_comments
from bot.text.links import drop_feed_scheme, name_feed, normalise_link, redact
from bot.text.patterns import lazy_pattern

MAX_CANDIDATES = 25
MAX_PROBES = 8
"""Requests in addition to the one for the page itself."""

MAX_REFRESHES = 2
"""How many refreshes to another page are followed; each costs a request."""

_MAX_ANNOUNCED_PROBES = 3
_MAX_LINKED_PROBES = 2
_MAX_ADDRESS_CHARACTERS = 2_000
_USABLE = frozenset({FeedKind.FEED, FeedKind.EMPTY})  # arXiv's feeds are empty at weekends
_GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedFeed:
    """A feed that was fetched and read for a preview, so that following it needs no second visit.

    Attributes:
        result: As the fetcher returned it, without its body.
        bytes: The size of the body.
    """

    result: FetchResult
    reading: FeedReading
    bytes: int

    @classmethod
    def of(cls, result: FetchResult, reading: FeedReading) -> Self:
        """Keep what is needed later."""
        return cls(result=replace(result, body=b""), reading=reading, bytes=len(result.body or b""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A feed that may be meant. ``title`` is the feed's own, or the page's title for it if the feed was not read.

    Attributes:
        fetched: The feed as it was read; None if it was not.
    """

    url: str
    title: str | None = None
    fetched: FetchedFeed | None = field(default=None, compare=False, repr=False)

    @property
    def name(self) -> str:
        """The name that people see."""
        return name_feed(self.title, self.url)

    @property
    def is_about_comments(self) -> bool:
        """Whether the feed seems to hold comments rather than posts."""
        return is_about_comments(self.url, self.title or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """What an address led to.

    Attributes:
        url: The complete address that was looked at.
        candidates: At least one. If the address is a feed itself, it is the only one. Otherwise best first, comment
            feeds last, each place once. The first was read, unless its server gave no clear answer; the others are
            as the page announces them.
    """

    url: str
    candidates: tuple[Candidate, ...]


async def find_feeds(fetcher: Fetcher, reader: Reader, address: str, *, crawler: Crawler | None = None) -> Discovered:
    """Find the feeds that somebody means by an address.

    At most `MAX_PROBES` requests follow the one for the address. A host that does not answer in time, or asks
    to be left alone, is not asked again. Places that neither the page nor its platform names are tried only if
    the site's robots.txt allows it.

    Args:
        crawler: Knows the robots.txt of sites; None for a new one, used for this call only.
    Raises:
        FetchError: It is not a web address, leads somewhere we may not go, or returned no document.
        FeedError: There is a document but no feed, and the reason says what it is and where we looked; or it is
            a feed that cannot be read.
    """
    probes = _Probes(fetcher, reader, crawler or Crawler(fetcher, reader))
    spellings = spell_address(address)
    try:
        url, result = await _fetch_first(fetcher, spellings)
    except HttpStatusError as exc:
        # Some hosts show their pages only to browsers, but their feeds to everybody.
        guess = None if exc.status == 429 else await probes.find_first(guess_feeds(exc.url))
        if guess is None:
            raise
        return Discovered(url=exc.url, candidates=(guess,))
    reading = await _read(reader, result)
    parsed = reading.parsed
    if parsed.kind in _USABLE:
        return Discovered(url=url, candidates=(_candidate(url, result, reading),))
    if parsed.kind is FeedKind.BROKEN:
        raise FeedError(url, parsed.problems[0] if parsed.problems else Message("a feed that cannot be read"))
    candidates = await _look_around(probes, url, result)
    if not candidates:
        raise FeedError(url, _explain(parsed, result.url, probes.asked))
    return Discovered(url=url, candidates=tuple(candidates[:MAX_CANDIDATES]))


async def _fetch_first(fetcher: Fetcher, spellings: Sequence[str]) -> tuple[str, FetchResult]:
    """Fetch the first spelling that gets an answer from a server, even an error."""
    *others, last = spellings
    for url in others:
        try:
            return url, await fetcher.fetch(url, is_foreign=True)
        except HttpStatusError:
            raise
        except FetchError:
            continue
    return last, await fetcher.fetch(last, is_foreign=True)


async def _read(reader: Reader, result: FetchResult) -> FeedReading:
    return await reader.read_feed(result.body or b"", content_type=result.content_type, url=result.url, known={})


async def _look_around(probes: _Probes, url: str, result: FetchResult) -> list[Candidate]:
    """Return the feeds that a page leads to if it is not a feed itself."""
    probes.skip(url, result.url)
    for left in range(MAX_REFRESHES, -1, -1):
        page = await probes.read_page(result)
        links = _candidates(page)
        comments = [link for link in links if link.is_about_comments]
        announced = await probes.confirm([link for link in links if not link.is_about_comments])
        if announced:
            return [*announced, *comments]
        led = await probes.follow(page.leads_to) if left and page.leads_to else None
        if isinstance(led, Candidate):
            return [led]
        if led is None:
            break
        result = led
    linked = [address for link in page.linked if (address := _readable(link)) is not None]
    guesses = (*guess_feeds(url), *guess_feeds(result.url), *linked[:_MAX_LINKED_PROBES])
    places = list_common_places(result.url, generator=page.generator)
    feed = await probes.find_first(guesses) or await probes.find_first(places, is_blind=True)
    return [*([feed] if feed else []), *comments]


def _explain(parsed: ParsedFeed, url: str, asked: Sequence[str]) -> Message:
    origin = urljoin(url, "/").rstrip("/")
    places = ", ".join(redact(place).removeprefix(origin) for place in asked)
    what = _what_it_is(parsed)
    if places:
        return Message("This is {what}; no feed was found on it, nor at {places}", what=what, places=places)
    return Message("This is {what}; no feed was found on it", what=what)


def _what_it_is(parsed: ParsedFeed) -> str:
    """What `bot.reading.feed` says that a document is, without its guess where the feed may be."""
    for problem in parsed.problems[:1]:
        what = problem.arguments.get("what") if isinstance(problem, Message) else None
        if isinstance(what, Message):
            page = what.arguments.get("page")
            return page if isinstance(page, str) else what
    return Message("a document of another kind")


# ── probing ─────────────────────────────────────────────────────────────────────────────────────


class _Probes:
    """The few requests that may be spent on one address. ``asked`` lists the places asked so far, in order."""

    def __init__(self, fetcher: Fetcher, reader: Reader, crawler: Crawler) -> None:
        self.asked: list[str] = []
        self._fetcher = fetcher
        self._reader = reader
        self._crawler = crawler
        self._left = MAX_PROBES
        self._seen: set[str] = set()

    def skip(self, *urls: str) -> None:
        """Leave out places that were looked at already."""
        self._seen.update(map(normalise_link, urls))

    async def find_first(self, urls: Iterable[str], *, is_blind: bool = False) -> Candidate | None:
        """Return the first of these places that is a feed.

        Args:
            is_blind: Nobody says that there is a feed, so places that the site's robots.txt forbids are left out.
        """
        for url in urls:
            if normalise_link(url) in self._seen:
                continue
            if not self._left:
                return None
            if is_blind and not await self._crawler.may_read(url):
                continue
            try:
                if feed := await self._ask(url):
                    return feed
            except (FetchError, FeedError):
                continue
        return None

    async def confirm(self, links: Sequence[Candidate]) -> list[Candidate]:
        """Put the first link that is a feed in front, and leave out those before it that are not.

        A link without a clear answer stays: the page says that it is a feed, and its server may just be busy.
        """
        unclear: list[Candidate] = []
        for number, link in enumerate(links[:_MAX_ANNOUNCED_PROBES]):
            try:
                feed = await self._ask(link.url) if self._left else link
            except (FetchError, FeedError):
                unclear.append(link)
                continue
            if feed is not None:
                first = replace(feed, title=feed.title or link.title)
                return _distinct([first, *unclear, *links[number + 1 :]])
        return [*unclear, *links[_MAX_ANNOUNCED_PROBES:]]

    async def follow(self, link: str) -> FetchResult | Candidate | None:
        """Follow a page's refresh to another page or a feed; None if it cannot be read or was seen before."""
        url = _readable(link)
        if url is None or normalise_link(url) in self._seen or not self._left:
            return None
        try:
            result = await self._get(url)
            reading = await _read(self._reader, result) if result else None
        except (FetchError, FeedError):
            return None
        if result is None or reading is None or reading.parsed.kind is FeedKind.BROKEN:
            return None
        self.skip(result.url)
        return result if reading.parsed.kind not in _USABLE else _candidate(url, result, reading)

    async def read_page(self, result: FetchResult) -> FeedPage:
        """Read which feeds a page names. Raises FeedError as `Reader` does."""
        return await self._reader.read_feed_page(
            result.body or b"",
            content_type=result.content_type,
            url=result.url,
            links=result.links,
            refresh=result.refresh,
        )

    async def _ask(self, url: str) -> Candidate | None:
        """Return the feed at this place, or None if there is none. Raises FetchError or FeedError if unclear."""
        result = await self._get(url)
        reading = await _read(self._reader, result) if result else None
        if result is None or reading is None or reading.parsed.kind not in _USABLE:
            return None
        return _candidate(url, result, reading)

    async def _get(self, url: str) -> FetchResult | None:
        """Return the document at this place, or None if there is none. Raises FetchError if unclear."""
        self.skip(url)
        self.asked.append(url)
        self._left -= 1
        try:
            return await self._fetcher.fetch(url, is_foreign=True)
        except FetchTimeoutError:
            self._left = 0
            raise
        except HttpStatusError as exc:
            if exc.status in _GONE:
                return None
            if exc.status == 429:
                self._left = 0
            raise


def _candidate(url: str, result: FetchResult, reading: FeedReading) -> Candidate:
    fetched = FetchedFeed.of(replace(result, permanent_url=None), reading)  # it is followed under that address
    return Candidate(url=result.permanent_url or url, title=reading.parsed.title, fetched=fetched)


def _distinct(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Keep each place once, however its address is spelled."""
    places: dict[str, Candidate] = {}
    for candidate in candidates:
        places.setdefault(normalise_link(candidate.url), candidate)
    return list(places.values())


# ── typed addresses ─────────────────────────────────────────────────────────────────────────────

_SCHEME = lazy_pattern(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_HOST_AND_PORT = lazy_pattern(r"[^/?#@:\s]+:[0-9]{1,5}(?:[/?#]|\Z)")


def spell_address(text: str) -> tuple[str, ...]:
    """List what an address as typed may mean, most likely first: without a scheme, https and then http.

    The angle brackets that keep Discord from showing a preview are understood, and so is the scheme "feed:".

    Raises:
        FetchError: Not a web address, or one that is not accepted from users (`read_public_address`).
    """
    typed = text.strip().removeprefix("<").removesuffix(">").strip()
    if len(typed) > _MAX_ADDRESS_CHARACTERS:
        raise FetchError(redact(typed[:100]) + "…", Message("too long for an address"))
    typed = drop_feed_scheme(typed)
    if _SCHEME.match(typed) and not _HOST_AND_PORT.match(typed):
        return (read_public_address(typed),)
    bare = typed.removeprefix("//")
    host = re.split(r"[/?#]", bare, maxsplit=1)[0]
    if not ("." in host.strip(".") or host.startswith("[") or host.partition(":")[0].lower() == "localhost"):
        raise FetchError(redact(typed) or "(nothing)", Message("not a web address, such as https://blog.example.org"))
    return tuple(read_public_address(f"{scheme}://{bare}") for scheme in ("https", "http"))


# ── pages ───────────────────────────────────────────────────────────────────────────────────────


def _candidates(page: FeedPage) -> list[Candidate]:
    """Return the feeds that a page announces, each place once, without addresses that users may not give."""
    return _distinct(
        Candidate(url=address, title=link.title)
        for link in page.announced
        if (address := _readable(link.url)) is not None
    )


def _readable(link: str) -> str | None:
    """Read an address from a page; None if it is not one that a user may give."""
    try:
        return read_public_address(link)
    except FetchError:
        return None


# ── platforms and habits ────────────────────────────────────────────────────────────────────────

# Host, path and query of a page → where its platform keeps the feed. Sources: the platforms' own help pages, except
# Velog (its server's source code), Hashnode and Naver (general knowledge). Each guess is read before it counts.
_PLATFORMS = tuple(
    (lazy_pattern(pattern), template)
    for pattern, template in (
        (r"velog\.io/@([\w.-]+)", r"https://v2.velog.io/rss/\1"),
        (r"(?!www\.)([\w-]+)\.tistory\.com/", r"https://\1.tistory.com/rss"),
        (r"medium\.com/(@[\w.-]+|tag/[\w-]+)", r"https://medium.com/feed/\1"),
        (r"medium\.com/(?!(?:feed|m|me|p|search|tag|about)\b)([\w-]+)", r"https://medium.com/feed/\1"),
        (r"(?!www\.)([\w-]+)\.medium\.com/", r"https://\1.medium.com/feed"),
        (r"(?!www\.)([\w-]+)\.substack\.com/", r"https://\1.substack.com/feed"),
        (r"substack\.com/@([\w-]+)", r"https://\1.substack.com/feed"),
        (r"(?:m\.)?blog\.naver\.com/([\w-]+)(?:[/?]|\Z)", r"https://rss.blog.naver.com/\1.xml"),
        (r"(?:m\.)?blog\.naver\.com/\w+\.naver\?(?:[^#]*&)?blogId=([\w-]+)", r"https://rss.blog.naver.com/\1.xml"),
        (r"([\w-]+\.blogspot\.[a-z]{2,3}(?:\.[a-z]{2})?)/", r"https://\1/feeds/posts/default"),
        (r"(?!www\.)([\w-]+)\.wordpress\.com/", r"https://\1.wordpress.com/feed/"),
        (r"(?!www\.)([\w-]+)\.ghost\.io/", r"https://\1.ghost.io/rss/"),
        (r"(?!www\.)([\w-]+)\.hashnode\.dev/", r"https://\1.hashnode.dev/rss.xml"),
        (
            r"(?:www\.|export\.)?arxiv\.org/(?:list|archive)/([a-z-]+(?:\.[A-Za-z-]+)?)(?:[/?]|\Z)",
            r"https://rss.arxiv.org/rss/\1",
        ),
        (
            r"(?:www\.)?arxiv\.org/search/?[^?]*\?(?:[^#]*&)?query=([^&#]+)",
            (
                r"https://export.arxiv.org/api/query?search_query=all:\1"
                r"&sortBy=submittedDate&sortOrder=descending&max_results=50"
            ),
        ),
        (r"huggingface\.co/blog(?:[/?]|\Z)", r"https://huggingface.co/blog/feed.xml"),
        (r"huggingface\.co/papers(?:[/?]|\Z)", r"https://huggingface.co/api/daily_papers"),
    )
)

# A Discourse forum may be on any host and in a folder, but its paths tell it apart: a category, a tag, a topic, the
# latest topics. A topic's own feed holds replies, so the feed of the whole forum is taken instead.
_DISCOURSE_LIST = lazy_pattern(r"((?:/[\w.-]+)?/(?:c/(?:[^/]+/){1,3}[0-9]+|tag/[^/]+|latest))(?:/|\Z)")
_DISCOURSE_TOPIC = lazy_pattern(r"((?:/[\w.-]+)?)/t/[^/]+/[0-9]+(?:/|\Z)")

_STATIC_HOSTS = (".github.io", ".gitlab.io", ".pages.dev", ".netlify.app", ".vercel.app")
_NAMES = ("feed", "rss", "feed.xml", "rss.xml", "atom.xml", "index.xml", "feeds/posts/default", "latest.rss")
# The last is not a mistake: one of Jekyll's feed templates ends up there.
_STATIC_NAMES = ("feed.xml", "atom.xml", "rss.xml", "index.xml", "sitemap.xml")
_NAMES_BY_GENERATOR = {
    "wordpress": "feed/",
    "ghost": "rss/",
    "jekyll": "feed.xml",
    "hugo": "index.xml",
    "hexo": "atom.xml",
    "gatsby": "rss.xml",
    "astro": "rss.xml",
    "discourse": "latest.rss",
    "blogger": "feeds/posts/default",
}


def guess_feeds(url: str) -> tuple[str, ...]:
    """Guess where a page's feed is by the rules of its platform; () for a platform that we do not know.

    Args:
        url: A complete http(s) address.
    """
    parts = urlsplit(url)
    page = f"{(parts.hostname or '').removeprefix('www.')}{parts.path or '/'}" + f"?{parts.query}" * bool(parts.query)
    guesses = [match.expand(template) for pattern, template in _PLATFORMS if (match := pattern.match(page))]
    if guesses:
        return tuple(dict.fromkeys(guesses))
    origin = f"{parts.scheme}://{parts.netloc}"
    if match := _DISCOURSE_LIST.match(parts.path):
        guesses.append(f"{origin}{match[1]}.rss")
    if match := _DISCOURSE_TOPIC.match(parts.path):
        guesses.append(f"{origin}{match[1]}/latest.rss")
    return tuple(guesses)


def list_common_places(url: str, *, generator: str = "") -> tuple[str, ...]:
    """List where feeds usually are: at the site's root and, with the names of static sites, in the page's folder.

    The nearer place comes first: the folder, if the address is one. The other names are not tried in folders: in
    WordPress, "/post/feed/" holds the comments on the post.

    Args:
        generator: What made the page, in lower case, from its ``<meta name="generator">``.
    """
    parts = urlsplit(url)
    own = [name for maker, name in _NAMES_BY_GENERATOR.items() if maker in generator]
    is_static = (parts.hostname or "").endswith(_STATIC_HOSTS)
    root = [urljoin(url, f"/{name}") for name in (*own, *(_STATIC_NAMES if is_static else _NAMES))]
    if parts.path.rpartition("/")[0] == "":
        return _once(root)
    names = (*(name for name in own if name.endswith(".xml")), *_STATIC_NAMES[:4])
    folder = [urljoin(url, name) for name in names]
    return _once([*folder, *root] if parts.path.endswith("/") else [*root[:5], *folder])


def _once(urls: Iterable[str]) -> tuple[str, ...]:
    places: dict[str, str] = {}
    for url in urls:
        places.setdefault(normalise_link(url), url)
    return tuple(places.values())
