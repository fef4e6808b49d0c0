"""What is deleted, and when: rows that no longer explain anything, feeds that nobody follows, space on the disk.

Once a day, in small transactions, so that other writers wait for one of them at most. docs/architecture.md says what
each table holds and what bounds it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.announcing.decisions import id_at
from bot.config import Settings
from bot.errors import RequestError, StoreError
from bot.languages import _
from bot.models.feeds import FeedState
from bot.store import (
    channels,
    choices,
    decisions,
    facts,
    feeds,
    followers,
    messages,
    model_uses,
    pages,
    passages,
    reviews,
    space,
    subscriptions,
    talks,
    wishes,
)
from bot.store import deliveries as outbox
from bot.store.database import Connection, Database
from bot.text.links import normalise_link, redact

log = logging.getLogger(__name__)

KEEP_ENDED = timedelta(days=30)
"""For ended subscriptions, notes and notices, messages found in channels, archive pages that were read, and lines and
pings in talks."""
KEEP_HISTORIES = timedelta(days=365)
"""For the decisions about posts, their messages, and talks that are gone: what `/why` shows and an edit needs."""
KEEP_CHOICES = timedelta(days=7)
"""For what members typed or were shown and have not saved. They alone see the message, until they close Discord."""
KEEP_UNREAD_DAYS = 30
"""For feeds that could never be read, or whose removal was interrupted."""
LONGEST_GAP = timedelta(days=8)
"""A day counts only if the last one was no longer ago; else the clock was set, or the bot was off."""
STEP_ROWS = 500
STEP_REVIEWS = 20
"""Deleted in one transaction, which takes some ten milliseconds."""
LARGE_SHARE = 10
"""If more than one in this many reviews was removed, the whole full-text index is merged."""
LAST_DAY = "last day of sweeping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A feed that was removed, how many reviews went with it, and the file's size before and after."""

    feed: FeedState
    reviews: int
    bytes_before: int
    bytes_after: int


class Retention:
    """Deletes what is no longer needed. ``on_change`` is called after reviews were deleted."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        clock: Callable[[], datetime],
        on_change: Callable[[], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._on_change = on_change

    # ── once a day ──────────────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """Do the day's work; nothing if that was done today, or if the clock may be wrong."""
        if not await self._begin_day():
            return
        await self._sweep()
        removed = 0
        for feed in await self._left():
            removed += await self._remove(feed)
        await self._tidy(removed)

    async def _begin_day(self) -> bool:
        """Count this calendar day once; False if it does not count.

        If the clock was set far ahead, nothing is deleted at first: the next day shows whether it was right.
        """
        today = self._clock().date()
        async with self._database.transaction() as db:
            last = await facts.get_fact(db, LAST_DAY)
            if last == today.isoformat():
                return False
            await facts.set_fact(db, LAST_DAY, today.isoformat())
            if last is None or not timedelta() < today - date.fromisoformat(last) <= LONGEST_GAP:
                return False
            await feeds.count_day(db, own=self._settings.feeds)
        return True

    async def _left(self) -> list[FeedState]:
        """Return the feeds to remove: nobody has followed them for as many days as the settings say."""
        days = self._settings.keep_unfollowed_days
        return await feeds.unfollowed(
            self._database.background,
            own=self._settings.feeds,
            days=days or timedelta.max.days,
            unread_days=min(days or KEEP_UNREAD_DAYS, KEEP_UNREAD_DAYS),
        )

    async def _sweep(self) -> None:
        """Delete the rows that no longer explain anything."""
        now = self._clock()
        ended, histories = now - KEEP_ENDED, now - KEEP_HISTORIES
        await self._in_steps(lambda db: decisions.forget_of_ended(db, ended, limit=STEP_ROWS))
        await self._in_steps(lambda db: outbox.forget_of_ended(db, ended, limit=STEP_ROWS))
        await self._in_steps(lambda db: decisions.forget_decisions(db, histories, limit=STEP_ROWS))
        await self._in_steps(lambda db: outbox.forget_messages(db, ended, limit=STEP_ROWS))
        await self._in_steps(lambda db: pages.forget_pages(db, ended, limit=STEP_ROWS))
        await self._in_steps(lambda db: messages.forget_messages(db, ended, limit=STEP_ROWS))
        await self._in_steps(lambda db: wishes.forget_closed(db, histories, limit=STEP_ROWS))
        await self._in_steps(lambda db: talks.forget_unopened(db, histories, limit=STEP_ROWS))
        await self._in_steps(lambda db: passages.forget_unused(db, limit=STEP_ROWS))
        await self._forget_posts(histories)
        async with self._database.transaction() as db:
            await subscriptions.forget_ended(db, ended)
            await followers.forget_followers(db)
            await channels.forget_found(db, ended)
            await channels.forget_marks(db, id_at(histories))
            await choices.forget_choices(db, now - KEEP_CHOICES)
            await model_uses.forget_earlier(db, now.date())

    async def _in_steps(self, delete: Callable[[Connection], Awaitable[int]]) -> None:
        """Delete some rows at a time until none are left."""
        deleted = STEP_ROWS
        while deleted >= STEP_ROWS:
            async with self._database.transaction() as db:
                deleted = await delete(db)

    async def _forget_posts(self, before: datetime) -> None:
        # Searched on another connection than the writer's, because it walks over all posts of a year.
        while ids := await outbox.old_posts(self._database.background, before, limit=STEP_ROWS):
            async with self._database.transaction() as db:
                await outbox.forget_posts(db, ids)

    async def _tidy(self, removed: int) -> None:
        """Give free space back to the disk, and convert an older file so that it can."""
        there = len(await reviews.review_ids(self._database.background)) if removed else 0
        await space.merge_index(self._database, is_whole=removed * LARGE_SHARE > there)
        await space.optimize(self._database)
        try:
            await space.convert(self._database, most_bytes=space.QUICK_BYTES)
        except StoreError as exc:
            log.warning("the database could not be rewritten: %s", exc)
        await space.give_back(self._database)

    # ── a feed ──────────────────────────────────────────────────────────────────────────────────

    async def find(self, text: str) -> FeedState:
        """Find a feed by its address, however it is spelled, or by its title.

        Raises:
            RequestError: There is none, or several have that title.
        """
        known = await feeds.list_feeds(self._database.reader)
        wanted = normalise_link(text.strip())
        matching = [feed for feed in known if normalise_link(feed.url) == wanted or redact(feed.url) == text]
        matching = matching or [feed for feed in known if feed.name.casefold() == text.strip().casefold()]
        if not matching:
            raise RequestError(_("No feed has the address or the title “{text}”.").format(text=redact(text)[:200]))
        if len(matching) > 1:
            raise RequestError(
                _("{count} feeds are called “{text}”. Give the address of one of them.").format(
                    count=len(matching), text=redact(text)[:200]
                )
            )
        return matching[0]

    async def count(self, feed: FeedState) -> int:
        """Count the reviews of a feed."""
        return len(await reviews.review_ids(self._database.reader, feeds=(feed.url,)))

    async def check(self, feed: FeedState) -> None:
        """Raise RequestError if a server follows a feed, or the settings name it."""
        if feed.url in self._settings.feeds:
            raise RequestError(_("NONMUN_FEEDS names {url}. Remove it there first.").format(url=redact(feed.url)))
        if await feeds.is_kept(self._database.reader, feed.id, own=self._settings.feeds):
            raise RequestError(
                _("A server follows {url}. Its admins must remove it with /feed remove first.").format(
                    url=redact(feed.url)
                )
            )

    async def forget(self, feed: FeedState) -> Removed:
        """Remove a feed and everything that it brought, and give the space back.

        Raises:
            RequestError: A server follows it, or the settings name it, even if only since the removal began.
        """
        await self.check(feed)
        before = await space.pages_of(self._database.background)
        removed = await self._remove(feed)
        await self.check(feed)
        there = len(await reviews.review_ids(self._database.background))
        await space.merge_index(self._database, is_whole=removed * LARGE_SHARE > there)
        await space.convert(self._database)
        await space.give_back(self._database)
        after = await space.pages_of(self._database.background)
        return Removed(feed=feed, reviews=removed, bytes_before=before.bytes, bytes_after=after.bytes)

    async def _remove(self, feed: FeedState) -> int:
        """Remove a feed, some reviews at a time, and return how many. Stops if somebody follows it again."""
        own = self._settings.feeds
        removed = 0
        async with self._database.transaction() as db:
            is_leaving = await feeds.begin_removal(db, feed.id, own=own)
        while is_leaving:
            async with self._database.transaction() as db:
                is_leaving = await feeds.is_leaving(db, feed.id, own=own)
                deleted = await reviews.delete_some(db, feed.id, limit=STEP_REVIEWS) if is_leaving else 0
                if is_leaving and not deleted:
                    await feeds.delete_feed(db, feed.id)
                    is_leaving = False
            removed += deleted
            await asyncio.sleep(0)
        if removed:
            log.info("feed removed url=%s reviews=%d", redact(feed.url), removed)
            await self._on_change()
        return removed
