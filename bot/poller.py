"""Asking feeds for news and keeping what they say: fetch, read, store, one transaction a poll."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from aiosqlite import Connection

from bot import deliveries
from bot.config import Settings
from bot.dates import clamp_date
from bot.deliveries import NewReview
from bot.errors import FeedError, FetchError, HttpStatusError
from bot.fetch import Fetcher, FetchResult, Validators
from bot.models import (
    FeedKind,
    FeedState,
    PollOutcome,
    ReadReview,
)
from bot.reviews import STRUCTURE_VERSION
from bot.store import deliveries as outbox
from bot.store import feeds, reviews
from bot.store.database import Database
from bot.worker import FeedReading, Reader

log = logging.getLogger(__name__)

FIRST_BACK_OFF = timedelta(minutes=5)
LONGEST_BACK_OFF = timedelta(days=1)

Progress = Callable[[str], None]
"""Told what a poll is doing: "fetching", "reading", "storing"."""


class Poller:
    """Polls the feeds of the settings. ``on_change`` is called after reviews were entered or changed."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        fetcher: Fetcher,
        reader: Reader,
        *,
        clock: Callable[[], datetime],
        on_change: Callable[[], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self._database = database
        self._fetcher = fetcher
        self._reader = reader
        self._clock = clock
        self._on_change = on_change

    async def poll(self, url: str, *, is_forced: bool = False, progress: Progress | None = None) -> PollOutcome:
        """Ask one feed for news and keep what it says: everything in one transaction, or nothing.

        Args:
            is_forced: Ask although an earlier failure says to wait.
        Returns:
            What came of it. A failure is kept on the feed and told in ``error``; it is never raised.
        """
        tell = progress or _silent
        feed = await feeds.find_feed(self._database.reader, url)
        now = self._clock()
        if feed and feed.next_check_at and feed.next_check_at > now and not is_forced:
            return PollOutcome(url=url, title=feed.title, is_unchanged=True, error=feed.last_error)
        try:
            tell("fetching")
            result = await self._fetcher.fetch(url, _validators(feed))
            if result.body is None:
                return await self._save_unchanged(url, feed, result)
            tell("reading")
            reading = await self._read(url, feed, result, result.body)
        except (FetchError, FeedError) as exc:
            return await self._save_failure(url, feed, exc)
        tell("storing")
        return await self._save_reading(url, feed, result, reading)

    async def poll_all(self, *, is_forced: bool = False) -> list[PollOutcome]:
        """Ask every configured feed, side by side; one bad feed never delays another."""
        return await asyncio.gather(*(self.poll(url, is_forced=is_forced) for url in self._settings.feeds))

    async def _read(self, url: str, feed: FeedState | None, result: FetchResult, body: bytes) -> FeedReading:
        known = await reviews.entry_hashes(self._database.reader, feed.id, STRUCTURE_VERSION) if feed else {}
        reading = await self._reader.read_feed(body, content_type=result.content_type, url=result.url, known=known)
        if reading.parsed.kind in (FeedKind.BROKEN, FeedKind.NOT_A_FEED):
            raise FeedError(url, "; ".join(reading.parsed.problems) or reading.parsed.kind.value)
        return reading

    async def _save_unchanged(self, url: str, feed: FeedState | None, result: FetchResult) -> PollOutcome:
        # Validators are sent for a known feed alone, so a 304 without one comes from a broken server.
        if feed is None:
            return await self._save_failure(url, feed, FetchError(url, "answered 304 without being asked"))
        await self._save_feed(feed, feed.title, result.validators)
        return PollOutcome(url=url, title=feed.title, is_unchanged=True)

    async def _save_feed(self, feed: FeedState, title: str | None, validators: Validators) -> None:
        """Keep what the poll says of the feed itself; an unchanged feed writes nothing."""
        same = (title, validators.etag, validators.last_modified) == (
            feed.title,
            feed.etag,
            feed.last_modified,
        )
        if same and feed.learned_at and not feed.last_error:
            return
        async with self._database.transaction() as db:
            await self._save_success(db, feed.id, title, validators)

    async def _save_success(self, db: Connection, feed_id: int, title: str | None, validators: Validators) -> None:
        await feeds.save_success(
            db,
            feed_id,
            title=title,
            etag=validators.etag,
            last_modified=validators.last_modified,
            now=self._clock(),
        )

    async def _save_failure(self, url: str, feed: FeedState | None, error: FetchError | FeedError) -> PollOutcome:
        now = self._clock()
        failures = feed.failures if feed else 0
        wait = min(FIRST_BACK_OFF * (1 << min(failures, 20)), LONGEST_BACK_OFF)
        if isinstance(error, HttpStatusError) and error.retry_after_s:
            wait = max(wait, timedelta(seconds=error.retry_after_s))
        async with self._database.transaction() as db:
            known = await feeds.ensure_feed(db, url)
            await feeds.save_failure(db, known.id, error=error.reason, now=now, next_check_at=now + wait)
        log.warning("feed failed url=%s failures=%d reason=%s", url, failures + 1, error.reason)
        return PollOutcome(url=url, title=feed.title if feed else None, error=error.reason)

    async def _save_reading(
        self, url: str, feed: FeedState | None, result: FetchResult, reading: FeedReading
    ) -> PollOutcome:
        parsed, title = reading.parsed, reading.parsed.title or (feed.title if feed else None)
        outcome = PollOutcome(url=url, title=title, total=reading.total, problems=parsed.problems)
        if feed and feed.learned_at and not reading.changed:
            await self._save_feed(feed, title, result.validators)
            return replace(outcome, is_unchanged=True)
        now = self._clock()
        async with self._database.transaction() as db:
            known = await feeds.ensure_feed(db, url)
            before = await reviews.known_guids(db, known.id)
            new: list[NewReview] = []
            # The oldest first: where much else is equal, the index takes what came last for the newest.
            for read in sorted(reading.changed, key=lambda read: read.review.published or now):
                review_id = await _save_review(db, known.id, read, now)
                if read.review.guid not in before:
                    new.append(NewReview(review_id=review_id, published=read.review.published))
            announced = await self._enqueue(db, new, is_first_poll=known.learned_at is None, now=now)
            await self._save_success(db, known.id, title, result.validators)
        await self._on_change()
        outcome = replace(outcome, new=len(new), changed=len(reading.changed) - len(new), announced=announced)
        log.info("feed read url=%s new=%d changed=%d announced=%d", url, outcome.new, outcome.changed, announced)
        return outcome

    async def _enqueue(self, db: Connection, new: Sequence[NewReview], *, is_first_poll: bool, now: datetime) -> int:
        if self._settings.channel_id is None:
            return 0
        chosen = deliveries.choose_announcements(
            new, is_first_poll=is_first_poll, backlog=self._settings.announce_backlog
        )
        for review_id in chosen:
            await outbox.enqueue(
                db, review_id, channel_id=self._settings.channel_id, nonce=secrets.token_hex(12), now=now
            )
        return len(chosen)

    async def reread_outdated(self) -> int:
        """Read stored entries again that an earlier version of the structure came from; how many those were.

        A review that has left its feed is read again too: its entry is kept for this.
        """
        count = 0
        while batch := await reviews.outdated_entries(self._database.reader, STRUCTURE_VERSION, limit=20):
            try:
                read = await self._reader.read_entries("the cache", [entry for _, entry in batch])
            except FeedError as exc:
                log.warning("stored entries could not be read again reason=%s", exc.reason)
                break
            async with self._database.transaction() as db:
                for (feed_id, _), item in zip(batch, read, strict=True):
                    await _save_review(db, feed_id, item, self._clock())
            count += len(batch)
        if count:
            await self._on_change()
        return count


def _silent(_: str) -> None:
    """A poll that nobody watches."""


def _validators(feed: FeedState | None) -> Validators:
    return Validators(etag=feed.etag, last_modified=feed.last_modified) if feed else Validators()


async def _save_review(db: Connection, feed_id: int, read: ReadReview, now: datetime) -> int:
    return await reviews.save_review(
        db, feed_id, _not_from_the_future(read, now), structure_version=STRUCTURE_VERSION, now=now
    )


def _not_from_the_future(read: ReadReview, now: datetime) -> ReadReview:
    """A date from the future becomes the time first seen, or a post from 2099 would stay on top for ever."""
    review = read.review
    if review.published is None:
        return read
    return replace(read, review=replace(review, published=clamp_date(review.published, now=now)))
