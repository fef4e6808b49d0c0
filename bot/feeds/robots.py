"""Reading pages that nobody asked for by address, as their site's robots.txt allows: archives, the rest of cut posts.

Robots.txt does not apply to a feed that somebody named; the fetcher reads it directly. Every page that the bot finds
on its own is read here. What a site says is kept in memory for a day; after a restart, each site is asked again when
its next page is due. A robots.txt is untrusted text like any other, and is read in the reader process.

Source: RFC 9309 (Robots Exclusion Protocol).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin
from weakref import WeakValueDictionary

from bot.errors import AddressError, FeedError, FetchError, HttpStatusError, NotYetError, RobotsError
from bot.feeds.fetch import PRODUCT, Fetcher, FetchResult
from bot.feeds.reader_process import Reader
from bot.languages import Message
from bot.models.feeds import RobotsReading

KEPT_S = 24 * 3600.0
"""§2.4: a robots.txt should not be used for longer."""
MAX_BYTES = 500 * 1024
"""§2.5: this much has to be read; we ignore the rest."""
FIRST_PAUSE_S = 3600.0
"""After a robots.txt could not be read; doubled each time, up to a day."""
MAX_DELAY_S = 60.0
"""The longest Crawl-delay that is obeyed. Some sites ask for a day, and an archive has thousands of pages."""
MAX_KEPT_BYTES = 8 * 2**20
"""For all sites together; the largest are forgotten first, so that a hostile site displaces no other."""


@dataclass(slots=True, kw_only=True)
class _Site:
    """What is known about a site. Times are of the monotonic clock.

    Attributes:
        rules: Its robots.txt; empty if it has none, None if that could not be read.
        until_s: When its robots.txt is asked for again.
        failures: How often in a row its robots.txt could not be read.
        next_s: When its Crawl-delay allows the next request.
    """

    rules: bytes | None = None
    until_s: float = 0.0
    failures: int = 0
    next_s: float = 0.0


class Crawler:
    """Reads pages of other people's sites. ``clock`` is monotonic, in seconds."""

    def __init__(self, fetcher: Fetcher, reader: Reader, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetcher = fetcher
        self._reader = reader
        self._clock = clock
        self._sites: dict[str, _Site] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def fetch(self, url: str, *, patience_s: float = 0.0) -> FetchResult:
        """Read a page if its site allows it, and every site that it redirects to.

        Args:
            patience_s: How long to wait for a site that wants a pause between two requests.
        Raises:
            RobotsError: The page may not be read.
            NotYetError: It may not be read now: the site wants a longer pause, or its robots.txt cannot be read.
            FetchError: As for `Fetcher.fetch`.
            ReaderError: The reader process cannot be used.
        """
        visited: set[str] = set()

        async def check(address: str) -> None:
            site, said = await self._consult(address)
            if not said.may_read:
                raise RobotsError(url)
            root = _root(address)
            if root not in visited and said.delay_s:
                await self._pause(site, url, min(said.delay_s, MAX_DELAY_S), patience_s=patience_s)
            visited.add(root)

        return await self._fetcher.fetch(url, is_foreign=True, check=check)

    async def may_read(self, url: str) -> bool:
        """Return whether a site allows us to read one of its pages; False if its robots.txt cannot be read.

        Raises:
            ReaderError: The reader process cannot be used.
        """
        try:
            return (await self._consult(url))[1].may_read
        except FetchError:
            return False

    async def sitemaps(self, url: str) -> tuple[str, ...]:
        """Return the sitemaps that the robots.txt of a page's site names.

        Raises:
            FetchError, ReaderError: As for `fetch`.
        """
        return (await self._consult(url))[1].sitemaps

    def wait_s(self, url: str) -> float:
        """Return the seconds until a page's site may be asked again, as far as we know; 0 for now."""
        site = self._sites.get(_root(url))
        if site is None:
            return 0.0
        return max(0.0, (site.until_s if site.rules is None else site.next_s) - self._clock())

    async def _pause(self, site: _Site, url: str, delay_s: float, *, patience_s: float) -> None:
        """Wait for the next turn that a site's Crawl-delay allows. Raises NotYetError if that takes too long."""
        now = self._clock()
        wait_s = max(0.0, site.next_s - now)
        if wait_s > patience_s:
            raise NotYetError(url, Message("its site asks for a pause between two requests"), wait_s=wait_s)
        site.next_s = now + wait_s + delay_s
        await asyncio.sleep(wait_s)

    # ── robots.txt ──────────────────────────────────────────────────────────────────────────────

    async def _consult(self, url: str) -> tuple[_Site, RobotsReading]:
        """Return what a page's site says about it. Raises NotYetError if its robots.txt cannot be read."""
        site = await self._ask(_root(url))
        if site.rules is not None:
            if not site.rules:
                return site, RobotsReading(may_read=True)
            try:
                return site, await self._reader.read_robots(site.rules, url=url, agent=PRODUCT)
            except FeedError:  # it takes too long, or ends the reader process
                self._fail(site)
        wait_s = max(0.0, site.until_s - self._clock())
        raise NotYetError(url, Message("its site’s robots.txt cannot be read"), wait_s=wait_s, failures=site.failures)

    async def _ask(self, root: str) -> _Site:
        """Return a site with its robots.txt, at most a day old."""
        async with self._locks.setdefault(root, asyncio.Lock()):
            site = self._sites.get(root) or _Site()
            if site.until_s <= self._clock():
                await self._read(root, site)
                self._keep(root, site)
            return site

    async def _read(self, root: str, site: _Site) -> None:
        """Ask a site for its robots.txt. If there is none, everything is allowed; if it cannot be read, nothing is.

        Source: §2.3.1. "Too many requests" is a 4xx too, but tells us to stay away.
        """
        try:
            address = urljoin(root, "robots.txt")
            result = await self._fetcher.fetch(address, is_foreign=True, head_bytes=MAX_BYTES)
        except AddressError:
            raise  # no page of the site can be read either
        except FetchError as exc:
            if not _is_missing(exc):
                self._fail(site, retry_after_s=getattr(exc, "retry_after_s", None) or 0.0)
                return
            rules = b""
        else:
            rules = result.body or b""
        if len(rules) == MAX_BYTES:
            rules = rules[: rules.rfind(b"\n") + 1]  # half a line could mean something else
        site.rules, site.failures, site.until_s = rules, 0, self._clock() + KEPT_S

    def _fail(self, site: _Site, *, retry_after_s: float = 0.0) -> None:
        pause_s = min(FIRST_PAUSE_S * (1 << min(site.failures, 10)), KEPT_S)
        site.rules, site.failures = None, site.failures + 1
        site.until_s = self._clock() + max(pause_s, retry_after_s)

    def _keep(self, root: str, site: _Site) -> None:
        """Keep what a site said, and forget others if that is too much."""
        before = self._clock() - KEPT_S  # a day after expiry: the number of failures must outlive the pause
        for place in [place for place, kept_site in self._sites.items() if kept_site.until_s <= before]:
            del self._sites[place]
        self._sites[root] = site
        sizes = {place: len(kept_site.rules or b"") for place, kept_site in self._sites.items()}
        while sum(sizes.values()) > MAX_KEPT_BYTES:
            largest = max(sizes, key=sizes.__getitem__)
            del sizes[largest], self._sites[largest]


def _root(url: str) -> str:
    return urljoin(url, "/")


def _is_missing(error: FetchError) -> bool:
    """Return whether a server says clearly that it has no robots.txt: with a 4xx, or an answer without content."""
    if not isinstance(error, HttpStatusError):
        return False
    return error.status == 204 or (400 <= error.status < 500 and error.status != 429)
