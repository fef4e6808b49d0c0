"""Reading what a feed no longer shows: its further pages, its site's other posts, the rest of posts it cuts.

Politely: one page at a time, with a pause, as each site's robots.txt allows (`bot.feeds.robots`). The pages to read
are a queue in the database, so that reading continues after a restart. Nothing from an archive is ever announced.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from bot.errors import (
    AddressError,
    FeedError,
    FetchError,
    HttpStatusError,
    NotYetError,
    ReaderError,
    RequestError,
    RobotsError,
    StoreError,
)
from bot.faults import FaultLog, describe_fault
from bot.feeds.fetch import Fetcher
from bot.feeds.intake import MOST_ARCHIVED, Intake
from bot.feeds.reader_process import Reader
from bot.feeds.robots import MAX_DELAY_S, Crawler
from bot.languages import N_, Message, _, say
from bot.models.feeds import Entry, Extent, FeedKind, FeedState, KnownEntry
from bot.models.index import ReadReview
from bot.reading import sitemaps
from bot.reading.identity import address_of
from bot.reviews import STRUCTURE_VERSION
from bot.store import feeds, pages, reviews, subscriptions
from bot.store.database import Database
from bot.store.pages import PageCounts
from bot.text.links import redact

log = logging.getLogger(__name__)

PAUSE_S = 2.0
"""Pause between two pages of an archive."""
MAX_PAGES = 5_000
MAX_SITEMAPS = 20
MAX_TRIES = 3
MAX_UNREACHABLE = 10
"""How often in a row a robots.txt may be unreadable, about a week in all, before an archive is given up."""
SITEMAP_PATIENCE_S = 5.0
"""The longest pause before a sitemap, because somebody is waiting for the answer."""
MAX_COMPLETED = 5
"""Cut posts of one reading whose pages are read at once; those of a feed's first reading go into the queue."""

PRIVATE_PAGES = N_(
    "The pages of this feed are on a private address. To read them, add its host to NONMUN_PRIVATE_HOSTS."
)

Progress = Callable[[PageCounts, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What came of one page: how many reviews it added, or why it could not be read.

    Attributes:
        wait_s: Seconds until the page may be asked for; 0 if it was dealt with.
    """

    url: str
    added: int = 0
    error: str | None = None
    wait_s: float = 0.0


class Backfill:
    """Reads archives. ``on_change`` is called after reviews were entered.

    Args:
        own_feeds: The host's feeds, which may be on private addresses.
    """

    def __init__(
        self,
        database: Database,
        fetcher: Fetcher,
        reader: Reader,
        crawler: Crawler,
        *,
        own_feeds: Collection[str],
        clock: Callable[[], datetime],
        on_change: Callable[[], Awaitable[None]],
    ) -> None:
        self._database = database
        self._fetcher = fetcher
        self._reader = reader
        self._crawler = crawler
        self._own_feeds = own_feeds
        self._clock = clock
        self._on_change = on_change
        self._faults = FaultLog()

    # ── finding pages ───────────────────────────────────────────────────────────────────────────

    async def begin(self, url: str) -> PageCounts:
        """Find the older posts of a feed that has been read, and put them into its queue.

        Pages that are in the queue already, read or not, stay as they are.

        Raises:
            RequestError: The feed is not in the cache, or cannot be read now.
        """
        feed = await feeds.find_feed(self._database.background, url)
        if feed is None or feed.first_read_at is None:
            raise RequestError(_("{url} has not been read yet. Try again in a few minutes.").format(url=redact(url)))
        known = [entry.link for _, entry in await reviews.known_entries(self._database.background, feed.id)]
        refused: AddressError | None = None
        try:
            result = await self._fetcher.fetch(url, is_foreign=url not in self._own_feeds)
            site = await self._reader.read_site(
                result.body or b"", content_type=result.content_type, url=result.url, posts=len(known)
            )
            try:
                listed = site.listed or await self._list_site(known, is_needed=not site.further)
            except AddressError as exc:
                listed, refused = [], exc
        except (FetchError, FeedError) as exc:
            raise RequestError(f"{redact(url)}: {say(exc.reason)}") from exc
        except ReaderError as exc:
            raise RequestError(_("{url} cannot be read right now. Try again later.").format(url=redact(url))) from exc
        posts = await asyncio.to_thread(sitemaps.posts_among, listed, known)
        there = set(map(address_of, known))
        older = [post for post in posts if address_of(post) not in there]
        async with self._database.transaction() as db:
            if await feeds.has_been_read(db, feed.id):
                await pages.add_pages(db, feed.id, [*site.further, *older][:MAX_PAGES])
        counts = await pages.count_pages(self._database.background, feed.id)
        if refused is not None and counts == PageCounts():
            raise RequestError(
                _(PRIVATE_PAGES) if url in self._own_feeds else f"{redact(url)}: {say(refused.reason)}"
            )
        return counts

    async def _list_site(self, known: Iterable[str], *, is_needed: bool) -> list[str]:
        """Return the pages listed in the sitemaps of the posts' site.

        Raises:
            NotYetError: They are needed, and the site's robots.txt cannot be read.
            AddressError: They are needed, and the site is on a private address.
        """
        link = next((link for link in known if link), None)
        if link is None:
            return []
        root = urljoin(link, "/")
        try:
            waiting = [*await self._crawler.sitemaps(root)] or [urljoin(root, "sitemap.xml")]
        except FetchError as exc:
            if is_needed and isinstance(exc, NotYetError | AddressError):
                raise
            return []
        listed: list[str] = []
        asked: set[str] = set()
        while waiting and len(asked) < MAX_SITEMAPS:
            url = waiting.pop(0)
            if url in asked or urlsplit(url).hostname != urlsplit(root).hostname:
                continue
            asked.add(url)
            try:
                result = await self._crawler.fetch(url, patience_s=SITEMAP_PATIENCE_S)
                site = await self._reader.read_site(
                    result.body or b"", content_type=result.content_type, url=result.url
                )
            except (FetchError, FeedError) as exc:
                log.info("a sitemap was not read url=%s reason=%s", redact(url), exc.reason)
                continue
            waiting += site.sitemaps
            listed += site.listed
        return listed

    # ── reading pages ───────────────────────────────────────────────────────────────────────────

    async def open_feeds(self) -> list[str]:
        """Return the feeds whose archive is being read, among those that a server follows or the host names."""
        return await pages.open_feeds(self._database.background, own=self._own_feeds)

    async def read_some(self) -> None:
        """Read one page of each archive; a failure in one does not stop the others.

        Raises:
            StoreError: The database cannot be used, for any of them.
            ReaderError: Nothing can be read now, because of a fault on the host's side.
        """
        for url in await self.open_feeds():
            what = f"archive of {redact(url)}"
            try:
                await self.step(url)
            except (StoreError, ReaderError):
                raise
            except Exception as exc:  # noqa: BLE001 - the archive's turn ends here, and its fault is logged
                self._faults.failed(what, exc)

    async def counts(self, url: str) -> PageCounts:
        """Return how far the reading of a feed's archive is."""
        feed = await feeds.find_feed(self._database.background, url)
        return await pages.count_pages(self._database.background, feed.id) if feed else PageCounts()

    async def step(self, url: str, *, patience_s: float = 0.0) -> Step | None:
        """Read the next page of a feed's queue; None if the queue is empty.

        Args:
            patience_s: How long to wait for a site that wants a pause; if it wants a longer one, the page is read
                at a later step.
        """
        feed = await feeds.find_feed(self._database.background, url)
        next_page = await pages.next_page(self._database.background, feed.id) if feed else None
        if feed is None or next_page is None:
            return None
        page, attempts = next_page
        if (wait_s := self._crawler.wait_s(page)) > patience_s:
            return Step(url=page, wait_s=wait_s)
        try:
            added = await self._read_into(feed, page, patience_s=patience_s)
        except NotYetError as exc:
            return await self._wait(feed, page, exc)
        except (FetchError, FeedError) as exc:
            log.warning("page of an archive failed url=%s reason=%s", redact(page), exc.reason)
            is_gone = isinstance(exc, HttpStatusError) and exc.status in (403, 404, 410)
            is_gone = is_gone or isinstance(exc, RobotsError)
            return await self._fail(feed, page, exc.reason, is_final=is_gone or attempts + 1 >= MAX_TRIES)
        except (StoreError, ReaderError):
            raise
        except Exception as exc:  # noqa: BLE001 - counted for the page like any failure, and logged
            self._faults.failed(f"page of the archive of {redact(url)}", exc)
            return await self._fail(feed, page, describe_fault(exc), is_final=attempts + 1 >= MAX_TRIES)
        return Step(url=page, added=added)

    async def _wait(self, feed: FeedState, page: str, error: NotYetError) -> Step:
        """Leave a page in its place, since it is not to blame. Give up an archive whose site is gone for long."""
        if error.failures:
            log.info("archive waits url=%s wait_s=%d reason=%s", redact(page), error.wait_s, error.reason)
        if error.failures < MAX_UNREACHABLE:
            return Step(url=page, error=error.reason, wait_s=error.wait_s)
        async with self._database.transaction() as db:
            await pages.end_archive(
                db, feed.id, reason=Message("for a week: {why}", why=error.reason), now=self._clock()
            )
        return Step(url=page, error=error.reason)

    async def _fail(self, feed: FeedState, page: str, reason: str, *, is_final: bool) -> Step:
        """Put a page at the end of its queue, or set it aside for good."""
        async with self._database.transaction() as db:
            if is_final:
                await pages.settle_page(db, feed.id, page, reason=reason, now=self._clock())
            else:
                await pages.postpone_page(db, feed.id, page, reason=reason)
        return Step(url=page, error=reason)

    async def read_all(self, url: str, tell: Progress, *, pause_s: float = PAUSE_S) -> PageCounts:
        """Read a feed's archive to its end, and report progress after each page.

        It ends early if a site must be left alone for longer than the longest Crawl-delay that is obeyed.
        """
        counts = await self.begin(url)
        while (step := await self.step(url, patience_s=MAX_DELAY_S)) and not step.wait_s:
            counts = await self.counts(url)
            tell(counts, step.error or step.url)
            if counts.pending:
                await asyncio.sleep(pause_s)
        return counts

    async def _read_into(self, feed: FeedState, page: str, *, patience_s: float) -> int:
        """Read a page into the cache: a page of a feed, or the page of a post. Returns how many reviews are new."""
        entries = await reviews.known_entries(self._database.background, feed.id)
        there = await self._known(entries, page)
        if there and there[1] is None:  # the feed has all of it
            async with self._database.transaction() as db:
                await pages.settle_page(db, feed.id, page, now=self._clock())
            return 0
        result = await self._crawler.fetch(page, patience_s=patience_s)
        body = result.body or b""
        known = {
            guid: known_entry.entry_hash
            for guid, known_entry in entries
            if known_entry.structure_version == STRUCTURE_VERSION
        }
        reading = await self._reader.read_feed(body, content_type=result.content_type, url=result.url, known=known)
        further: list[str] = []
        changed = reading.changed
        if reading.parsed.kind is FeedKind.NOT_A_FEED:
            entry = there[1] if there else None
            read = await self._reader.read_page(body, content_type=result.content_type, url=result.url, entry=entry)
            if read is None and entry is None:
                raise FeedError(page, Message("no article was found on the page"))
            changed = (read,) if read else ()
        elif reading.changed:
            site = await self._reader.read_site(
                body, content_type=result.content_type, url=result.url, posts=len(reading.guids)
            )
            further = [*site.further, *cut_pages(changed)]
        now = self._clock()
        async with self._database.transaction() as db:
            if not await feeds.has_been_read(db, feed.id):  # removed while the page was being read
                return 0
            intake = Intake(db, feed, await subscriptions.of_feed(db, feed.id), now=now)
            await intake.enter_silently(changed)
            await pages.settle_page(db, feed.id, page, now=now)
            if intake.left_over:
                reason = Message("the archive has more than {count:,} posts", count=MOST_ARCHIVED)
                await pages.end_archive(db, feed.id, reason=reason, now=now)
            else:
                await pages.add_pages(db, feed.id, further)
        if intake.new or intake.changed:
            await self._on_change()
        return intake.new

    async def _known(self, entries: Iterable[tuple[str, KnownEntry]], page: str) -> tuple[int, Entry | None] | None:
        """Find the post of a page in the cache: its id, and its entry if the feed cuts it."""
        address = address_of(page)
        for _page, known in entries:
            if address and address_of(known.link) == address:
                return known.review_id, await reviews.cut_entry(self._database.background, known.review_id)
        return None

    # ── cut posts ───────────────────────────────────────────────────────────────────────────────

    async def complete(self, feed: FeedState | None, changed: Iterable[ReadReview]) -> tuple[ReadReview, ...]:
        """Return the entries of a reading; new cut ones get the text of their pages, if that is longer.

        The entries of a feed's first reading stay as they are: their pages go into the queue (`cut_pages`).
        """
        left = MAX_COMPLETED if feed is not None and feed.first_read_at else 0
        finished = []
        for read in changed:
            if read.review.extent is Extent.TEASER and left and read.review.link:
                left -= 1
                read = await self._completed(read) or read
            finished.append(read)
        return tuple(finished)

    async def _completed(self, read: ReadReview) -> ReadReview | None:
        try:
            result = await self._crawler.fetch(read.review.link)
            whole = await self._reader.read_page(
                result.body or b"", content_type=result.content_type, url=result.url, entry=read.entry
            )
        except (FetchError, FeedError) as exc:
            log.info(
                "the full text of a cut post could not be read url=%s reason=%s", redact(read.review.link), exc.reason
            )
            return None
        # The hash stays that of the feed's own entry, so that the same entry does not count as new next time.
        return replace(whole, entry_hash=read.entry_hash) if whole else None


def cut_pages(changed: Iterable[ReadReview]) -> list[str]:
    """Return the pages of the posts that a feed cuts."""
    return [read.review.link for read in changed if read.review.extent is Extent.TEASER and read.review.link]
