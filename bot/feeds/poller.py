"""Asking feeds for news and saving what they say: fetch, read, store, one transaction per poll."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from time import perf_counter

from bot.announcing import churn
from bot.announcing.allowance import Allowances
from bot.announcing.decisions import TELL_AFTER, oldest_first
from bot.config import Settings
from bot.errors import FeedError, FetchError, HttpStatusError, ReaderError, StoreError
from bot.faults import FIRST_PAUSE, FaultLog, describe_fault
from bot.feeds import discussed
from bot.feeds.backfill import Backfill, cut_pages
from bot.feeds.discovery import FetchedFeed
from bot.feeds.fetch import Fetcher, FetchResult
from bot.feeds.intake import Intake, Verdicts, make_finder, save_review
from bot.feeds.reader_process import FeedReading, Reader
from bot.feeds.validators import Validators, digest_document, is_due_whole, validators_for
from bot.heartbeats import Heartbeat, note_step
from bot.languages import N_, Message, join
from bot.metrics import Metrics
from bot.models.announcing import Delivering, SubscriptionState
from bot.models.feeds import Entry, FeedKind, FeedState, KnownEntry, Pace, PollOutcome, Resting, UnreadEntry
from bot.models.index import ReadReview
from bot.reading.pace import next_visit
from bot.reviews import STRUCTURE_VERSION
from bot.store import deliveries as outbox
from bot.store import feeds, joins, pages, reviews, subscriptions, unread
from bot.store.database import Connection, Database
from bot.store.reviews import Outdated
from bot.text.links import has_secrets, redact

log = logging.getLogger(__name__)

FIRST_BACK_OFF = timedelta(minutes=5)
LONGEST_BACK_OFF = timedelta(days=1)
PAUSE_WHEN_GONE = timedelta(days=7)
MOVES_SEEN = 3
"""How often in a row permanent redirects must lead to one place before the feed is asked there. Together with
`MOVE_LASTS` this rules out a server's mistake or a login page."""
MOVE_LASTS = timedelta(days=1)
"""For how long they must lead there."""
LONGEST_WAITING = timedelta(minutes=15)
"""The longest pause before a feed is asked again if the reader process was to blame."""
MOST_PAST_WISHES = 1_000
"""How many feeds whose wish has passed are remembered before they are cleared out."""
JOINED_AT_ONCE = 20
"""Reviews of an older cache that are joined with those of their paper in one transaction."""
READING = "read documents"
"""The log's name for a fault of the reader process, whichever feed is affected."""

Progress = Callable[[str], None]
"""Called with what a poll is doing: "fetching", "reading", "storing"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A feed that could not be read because of the reader process: how often in a row, and when to ask again."""

    faults: int
    until: datetime


class Poller:
    """Polls feeds. ``on_change`` is called after reviews were entered or changed."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        fetcher: Fetcher,
        reader: Reader,
        backfill: Backfill,
        *,
        clock: Callable[[], datetime],
        on_change: Callable[[], Awaitable[None]],
        heartbeat: Heartbeat,
        metrics: Metrics,
    ) -> None:
        self._settings = settings
        self._database = database
        self._fetcher = fetcher
        self._reader = reader
        self._backfill = backfill
        self._clock = clock
        self._on_change = on_change
        self._heartbeat = heartbeat
        self._metrics = metrics
        self.read: set[int] = set()
        """The ids of the feeds that since the start were read or said that nothing had changed."""
        self._next_visits: dict[str, datetime] = {}
        """When each feed wants to be asked again. Only in memory: a restart costs one visit."""
        self._open_wishes = 0
        self.on_move: Callable[[], Awaitable[None]] | None = None
        """Called after a feed has moved to another address."""
        self.waiting: dict[str, Waiting] = {}
        """Feeds that could not be read because of a fault on the host's side."""
        self._faults = FaultLog()
        self._allowances = Allowances(clock)

    async def poll(
        self,
        url: str,
        *,
        is_forced: bool = False,
        progress: Progress | None = None,
        fetched: FetchedFeed | None = None,
    ) -> PollOutcome:
        """Ask one feed for news and save what it says, all in one transaction.

        Args:
            is_forced: Ask although the feed wants to be left alone, or an earlier failure says to wait.
            fetched: The feed as read for a preview, perhaps minutes ago; used only if the feed is new.
        Returns:
            The outcome. A failure, even an unexpected one, is saved with the feed and given in ``error``; one that
            the reader process is to blame for is only given in ``error``.
        Raises:
            StoreError: The database cannot be used, which is not the feed's fault.
        """
        visit = _Visit(progress or _silent)
        with self._heartbeat.working():
            outcome = await self._poll(url, is_forced=is_forced, tell=visit.tell, fetched=fetched)
        if visit.began_s is not None:
            self._metrics.poll_s.observe(perf_counter() - visit.began_s)
            self._metrics.polls[
                "failed" if outcome.error else "unchanged" if outcome.is_unchanged else "changed"
            ] += 1
        return outcome

    async def _poll(self, url: str, *, is_forced: bool, tell: Progress, fetched: FetchedFeed | None) -> PollOutcome:
        what = f"poll {redact(url)}"
        try:
            outcome = await self._ask(url, is_forced=is_forced, tell=tell, fetched=fetched)
        except ReaderError as exc:
            self._faults.failed(READING, exc)
            faults = self.waiting[url].faults + 1 if url in self.waiting else 1
            pause = min(FIRST_PAUSE * (1 << min(faults - 1, 20)), LONGEST_WAITING)
            self.waiting[url] = Waiting(faults=faults, until=self._clock() + pause)
            return PollOutcome(url=url, error=exc.reason, is_hosts_fault=True)
        except StoreError:
            raise
        except Exception as exc:  # noqa: BLE001 - saved with the feed and logged, and the other feeds go on
            self._faults.failed(what, exc)
            feed = await feeds.find_feed(self._database.background, url)
            return await self._save_failure(url, feed, FeedError(url, describe_fault(exc)))
        self.waiting.pop(url, None)
        if outcome.error is None:
            self._faults.worked(what)
        return outcome

    async def _ask(self, url: str, *, is_forced: bool, tell: Progress, fetched: FetchedFeed | None) -> PollOutcome:
        feed = await feeds.find_feed(self._database.background, url)
        now = self._clock()
        wanted = self._next_visits.get(url, now)
        if feed and max(feed.next_check_at or now, wanted) > now and not is_forced:
            return PollOutcome(url=url, title=feed.title, is_unchanged=True, error=feed.last_error)
        try:
            fetched = fetched if feed is None else None
            tell(N_("fetching"))
            is_foreign = url not in self._settings.feeds
            result = (
                fetched.result
                if fetched
                else await self._fetcher.fetch(url, validators_for(feed, now), is_foreign=is_foreign)
            )
            result = await _with_digest(result, feed)
            if feed is not None and _is_known(feed, result, is_forced=is_forced):
                outcome, pace = await self._save_unchanged(feed, result), feed.pace
            else:
                tell(N_("reading"))
                reading, is_whole = await self._read(url, feed, result, fetched.reading if fetched else None)
                if not is_whole:
                    # Otherwise the server would answer next time that nothing has changed.
                    result = replace(result, validators=Validators())
                whole = await self._backfill.complete(feed, reading.changed)
                reading = replace(reading, changed=whole)
                tell(N_("storing"))
                outcome, pace = await self._save_reading(url, feed, result, reading), reading.parsed.pace
        except (FetchError, FeedError) as exc:
            return await self._save_failure(url, feed, exc)
        if feed:
            self.read.add(feed.id)
        wanted = next_visit(pace, self._clock(), fresh_s=result.min_interval_s)
        self._put_off(url, max(wanted, _tomorrow(now)) if outcome.left_over else wanted)
        if result.permanent_url or (feed and feed.moved_to):
            await self._watch_move(url, result)
        return outcome

    def _put_off(self, url: str, until: datetime) -> None:
        """Remember until when a feed wants to be left alone; if there are many, past times are forgotten."""
        self._next_visits[url] = until
        if len(self._next_visits) > self._open_wishes + MOST_PAST_WISHES:
            now = self._clock()
            self._next_visits = {url: until for url, until in self._next_visits.items() if until > now}
            self._open_wishes = len(self._next_visits)

    def clock_was_set(self) -> None:
        """Forget the feeds' wishes, which may be far off now that the system's clock was set. It costs one visit."""
        self._next_visits.clear()
        self.waiting = {url: replace(waiting, until=self._clock()) for url, waiting in self.waiting.items()}

    async def readable_again(self) -> list[str]:
        """Return the feeds to ask again after a fault of the reader process; none while it cannot be started."""
        due = [url for url, waiting in self.waiting.items() if waiting.until <= self._clock()]
        if due:
            try:
                await self._reader.start()
            except ReaderError as exc:
                self._faults.failed(READING, exc)
                return []
        return due

    async def poll_all(self, *, is_forced: bool = False) -> list[PollOutcome]:
        """Ask every feed of the settings at the same time; a bad feed never delays another."""
        return await asyncio.gather(*(self.poll(url, is_forced=is_forced) for url in self._settings.feeds))

    async def _read(
        self, url: str, feed: FeedState | None, result: FetchResult, reading: FeedReading | None
    ) -> tuple[FeedReading, bool]:
        """Read a document; also return whether each entry was looked at, since some are left alone for a while.

        Args:
            reading: The document as it was read already; None to read it now.
        """
        known = await self._known(feed) if feed else {}
        reading = reading or await self._reader.read_feed(
            result.body or b"", content_type=result.content_type, url=result.url, known=known
        )
        self._faults.worked(READING)
        if reading.parsed.kind in (FeedKind.BROKEN, FeedKind.NOT_A_FEED):
            raise FeedError(url, join("; ", reading.parsed.problems) or reading.parsed.kind.value)
        is_whole = not any(isinstance(known.get(guid), Resting) for guid in reading.guids) and reading.is_whole
        if feed and is_whole and not reading.unread:
            is_whole = not await unread.is_tried_again(self._database.background, feed.id, STRUCTURE_VERSION)
        return reading, is_whole and not reading.unread

    async def _known(self, feed: FeedState) -> dict[str, str | Resting]:
        """Return guid → the entries that need not be read again, as `Reader.read_feed` takes them."""
        db, now = self._database.background, self._clock()
        unreadable = await unread.resting_hashes(db, feed.id, STRUCTURE_VERSION, now=now)
        if feed.first_read_at is None:  # read everything: reviews left by an unfinished removal may still be deleted
            return {**unreadable}
        hashes = await reviews.entry_hashes(db, feed.id, STRUCTURE_VERSION)
        churning = await reviews.churning_entries(db, feed.id, since=now - churn.LONG_REST)
        resting = {
            guid: entry
            for guid, (lately, entry) in churning.items()
            if guid in hashes and churn.is_resting(lately, now)
        }
        return {**hashes, **resting, **unreadable}

    async def _save_unchanged(self, feed: FeedState, result: FetchResult) -> PollOutcome:
        await self._save_feed(feed, feed.title, result, feed.pace)
        return PollOutcome(url=feed.url, title=feed.title, is_unchanged=True)

    async def _save_feed(self, feed: FeedState, title: str | None, result: FetchResult, pace: Pace) -> None:
        """Save what the poll says about the feed itself; for an unchanged feed nothing is written."""
        had = Validators(etag=feed.etag, last_modified=feed.last_modified, digest=feed.digest)
        same = (title, result.validators, pace, result.is_public) == (feed.title, had, feed.pace, feed.is_public)
        is_kept = result.body is None or not is_due_whole(feed.sent_at, self._clock(), feed_id=feed.id)
        if same and is_kept and feed.first_read_at and not feed.last_error and not feed.left_over:
            return
        async with self._database.transaction() as db:
            await self._save_success(db, feed.id, title, result, pace)

    async def _save_success(
        self,
        db: Connection,
        feed_id: int,
        title: str | None,
        result: FetchResult,
        pace: Pace,
        *,
        is_whole: bool = True,
    ) -> None:
        await feeds.save_success(
            db,
            feed_id,
            title=title,
            etag=result.validators.etag,
            last_modified=result.validators.last_modified,
            digest=result.validators.digest,
            pace=pace,
            is_public=result.is_public,
            first_read_at=self._clock() if is_whole else None,
            sent_at=None if result.body is None else self._clock(),
        )

    async def _save_failure(self, url: str, feed: FeedState | None, error: FetchError | FeedError) -> PollOutcome:
        now = self._clock()
        failures = feed.failures if feed else 0
        wait = min(FIRST_BACK_OFF * (1 << min(failures, 20)), LONGEST_BACK_OFF)
        if isinstance(error, HttpStatusError) and error.retry_after_s:
            wait = max(wait, timedelta(seconds=error.retry_after_s))
        is_gone = isinstance(error, HttpStatusError) and error.status == 410
        wait = PAUSE_WHEN_GONE if is_gone else wait
        async with self._database.transaction() as db:
            known = await feeds.ensure_feed(db, url)
            await feeds.save_failure(db, known.id, error=error.reason, now=now, next_check_at=now + wait)
            if await feeds.tell_once(db, known.id, failing_before=now if is_gone else now - TELL_AFTER, now=now):
                await self._tell_failing(db, known, error, now, is_gone=is_gone)
        log.warning("feed failed url=%s failures=%d reason=%s", redact(url), failures + 1, error.reason)
        return PollOutcome(url=url, title=feed.title if feed else None, error=error.reason)

    async def _tell_failing(
        self, db: Connection, feed: FeedState, error: FetchError | FeedError, now: datetime, *, is_gone: bool
    ) -> None:
        """Tell each server, once, that a feed it follows has failed for long or is gone."""
        told: set[int] = set()
        for subscription in await subscriptions.of_feed(db, feed.id):
            if subscription.guild_id is None or subscription.guild_id in told:
                continue
            told.add(subscription.guild_id)
            name, url = subscription.feed_name, redact(feed.url)
            text = (
                Message(
                    "The feed {feed} ({url}) no longer exists, its server says. I will try it again once a week. If "
                    "it has moved, use /feed remove, then /feed add with the new address.",
                    feed=name,
                    url=url,
                )
                if is_gone
                else Message(
                    "The feed {feed} ({url}) could not be read for a day: {why}. I will try it again once a day, and "
                    "announce its new posts when it works. If it has moved, use /feed remove, then /feed add with "
                    "the new address.",
                    feed=name,
                    url=url,
                    why=error.reason,
                )
            )
            nonce = secrets.token_hex(12)
            await outbox.enqueue_notice(
                db, subscription.id, guild_id=subscription.guild_id, text=text, nonce=nonce, now=now
            )

    async def _save_reading(
        self, url: str, feed: FeedState | None, result: FetchResult, reading: FeedReading
    ) -> PollOutcome:
        parsed, title = reading.parsed, reading.parsed.title or (feed.title if feed else None)
        outcome = PollOutcome(url=url, title=title, total=len(reading.guids), problems=parsed.problems)
        if feed and feed.first_read_at and not reading.changed and not reading.unread:
            await self._save_feed(feed, title, result, parsed.pace)
            return replace(outcome, is_unchanged=True)
        entries: Sequence[tuple[str, KnownEntry]] = ()
        if feed and reading.changed:
            entries = await reviews.known_entries(self._database.background, feed.id)
        verdicts = await self._judge(feed, reading.changed, entries)
        found_again = await self._find_again(reading.changed, entries)
        now = self._clock()
        async with self._database.transaction() as db:
            known = await feeds.ensure_feed(db, url)
            if feed and feed.first_read_at and known.first_read_at is None:
                raise FeedError(url, Message("it was removed while it was being read; try again"))
            await self._host_subscription(db, known)
            followers = await subscriptions.of_feed(db, known.id)
            is_for_all = self._is_for_all(url, result)
            intake = Intake(db, known, followers, now=now, found_again=found_again, is_for_all=is_for_all)
            counted = known.new_that_day if known.new_on == now.date() else 0
            # A first reading is not limited: the size of its document bounds it.
            most = max(0, self._settings.entries_per_day - counted) if known.first_read_at else None
            await intake.enter(reading, verdicts, backlog=self._settings.announce_backlog, most=most)
            await self._save_unread(db, known.id, reading, now)
            if intake.left or intake.left_over:
                result = replace(result, validators=Validators())
            await self._save_success(db, known.id, title, result, parsed.pace, is_whole=reading.is_whole)
            if most is not None:
                await feeds.count_new(db, known.id, now.date(), counted + intake.new, left_over=intake.left_over)
            await pages.add_pages(db, known.id, cut_pages(intake.kept))
        await self._on_change()
        outcome = replace(outcome, new=intake.new, changed=intake.changed, announced=intake.announced)
        if intake.left_over:
            outcome = self._leave_over(outcome, intake.left_over, is_told=known.left_over > 0)
        log.info(
            "feed read url=%s new=%d changed=%d announced=%d",
            *(redact(url), outcome.new, outcome.changed, outcome.announced),
        )
        return outcome

    def _leave_over(self, outcome: PollOutcome, left_over: int, *, is_told: bool) -> PollOutcome:
        """Report, once in the log and in the outcome, that a feed brought more than a day allows."""
        most = self._settings.entries_per_day
        said = Message(
            "{count:,} new entries over the limit of {most:,} a day are left for tomorrow", count=left_over, most=most
        )
        if not is_told:
            log.warning("feed has too many new entries url=%s left_over=%d", redact(outcome.url), left_over)
        return replace(outcome, left_over=left_over, problems=(*outcome.problems, said))

    def _is_for_all(self, url: str, result: FetchResult) -> bool:
        """Whether every server reads a feed (`bot.answering.audiences`)."""
        is_shared = self._settings.shared_feeds and url in self._settings.feeds
        return is_shared and result.is_public and not has_secrets(url)

    async def _save_unread(self, db: Connection, feed_id: int, reading: FeedReading, now: datetime) -> None:
        """Save which entries could not be read, so that they are left alone for a while."""
        for entry in reading.unread:
            await unread.count_fault(db, feed_id, entry, STRUCTURE_VERSION, now=now)
        await unread.settle(db, feed_id, [read.entry.guid for read in reading.changed])
        await unread.sweep(db, feed_id, reading.guids)

    async def _watch_move(self, url: str, result: FetchResult) -> None:
        """Count how often permanent redirects alone led to another place, and in the end move the feed there.

        The feeds of the settings keep the address given there.
        """
        feed, now = await feeds.find_feed(self._database.background, url), self._clock()
        if feed is None:
            return
        is_same = result.permanent_url == feed.moved_to
        since = feed.moved_since if is_same else now
        times = feed.moved_times + 1 if is_same else 1
        is_lasting = times >= MOVES_SEEN and since is not None and now - since >= MOVE_LASTS
        is_adopted = False
        async with self._database.transaction() as db:
            if result.permanent_url is None:
                await feeds.save_move(db, feed.id, to=None, since=None, times=0)
            else:
                await feeds.save_move(db, feed.id, to=result.permanent_url, since=since, times=times)
                if is_lasting and url not in self._settings.feeds:
                    is_adopted = await feeds.adopt_move(db, feed.id)
        if is_adopted:
            log.info("feed moved from=%s to=%s", redact(url), redact(result.permanent_url or ""))
            if self.on_move:
                await self.on_move()

    async def _judge(
        self, feed: FeedState | None, changed: Sequence[ReadReview], entries: Sequence[tuple[str, KnownEntry]]
    ) -> Verdicts:
        """Judge the entries by the subscriptions' filters: in a thread, before the transaction.

        Args:
            entries: The feed's known entries, by guid.
        """
        verdicts = Verdicts(self._allowances)
        if feed is None:
            return verdicts
        followers = await subscriptions.of_feed(self._database.background, feed.id)
        filtered = [
            subscription
            for subscription in followers
            if subscription.delivering.filter_text and subscription.state is not SubscriptionState.PAUSED
        ]
        if not filtered or feed.first_read_at is None:
            return verdicts
        known = {guid for guid, _ in entries}
        news = [read for read in changed if read.review.guid not in known]
        return await asyncio.to_thread(verdicts.judge, filtered, oldest_first(news, now=self._clock()))

    async def _find_again(
        self, changed: Sequence[ReadReview], entries: Sequence[tuple[str, KnownEntry]]
    ) -> discussed.FoundAgain:
        """Find the quoted and saved passages of known entries in their new versions, before the transaction.

        Entries that have a new guid and a new address are left to the transaction.

        Args:
            entries: The feed's known entries, by guid.
        """
        known_as = make_finder(entries)
        revised = [
            (entry.review_id, read)
            for read in changed
            if (entry := known_as(read.review))
            and not (entry.entry_hash != read.entry_hash and churn.is_resting(entry.churn, self._clock()))
        ]
        return await discussed.find_again(self._database.background, revised)

    async def _host_subscription(self, db: Connection, feed: FeedState) -> None:
        """Let the settings' channel follow the settings' feeds."""
        channel_id = self._settings.channel_id
        if channel_id is None or feed.url not in self._settings.feeds:
            return
        if not await subscriptions.has_host_subscription(db, feed.id):
            await subscriptions.add_subscription(
                db,
                feed.id,
                guild_id=None,
                channel_id=channel_id,
                owner_id=None,
                delivering=Delivering(),
                digest_at=None,
                now=self._clock(),
            )

    async def reread_outdated(self) -> int:
        """Read again the stored entries of reviews with an older structure version, and return how many there were.

        A review that has left its feed is read again too: its entry is kept for this.
        """
        if self._database.is_read_only:
            return 0
        count = 0
        while batch := await self._outdated():
            entries = [entry for _, entry in batch if isinstance(entry, Entry)]
            results = iter(await self._reader.read_entries("the cache", entries))
            read = [(of, next(results, None) if isinstance(entry, Entry) else entry) for of, entry in batch]
            kept = await self._keep_reread([(of, item) for of, item in read if item is not None])
            if kept is None:
                break
            count += kept
        if count:
            await self._on_change()
        await self._fill_joins()
        return count

    async def _fill_joins(self) -> None:
        """Join the reviews of one paper in a cache from before there were joins, a few in one transaction."""
        filled = JOINED_AT_ONCE
        while filled:
            async with self._database.transaction() as db:
                filled = await joins.fill(db, limit=JOINED_AT_ONCE, now=self._clock())
            await asyncio.sleep(0)

    async def _outdated(self) -> list[tuple[Outdated, Entry | UnreadEntry]]:
        db = self._database.background
        return await reviews.outdated_entries(db, STRUCTURE_VERSION, limit=20, now=self._clock())

    async def _keep_reread(self, read: Sequence[tuple[Outdated, ReadReview | UnreadEntry]]) -> int | None:
        """Save what came of stored entries; return how many were read, or None if there was nothing to save."""
        try:
            revised = [
                (of.review_id, replace(item, entry_hash=of.entry_hash))
                for of, item in read
                if isinstance(item, ReadReview)
            ]
            found_again = await discussed.find_again(self._database.background, revised)
            async with self._database.transaction() as db:
                return sum([await self._keep_one(db, of, item, found_again) for of, item in read]) if read else None
        except StoreError:
            raise
        except Exception as exc:  # noqa: BLE001 - counted for the entry, and logged
            if len(read) > 1:  # one of them is to blame, and must not take the others with it
                return sum([await self._keep_reread([pair]) or 0 for pair in read])
            ((of, item),) = read
            self._faults.failed("read stored entries again", exc)
            title = item.title if isinstance(item, UnreadEntry) else item.entry.title
            fault = UnreadEntry(guid=of.guid, entry_hash=of.entry_hash, title=title, reason=describe_fault(exc))
            async with self._database.transaction() as db:
                await self._keep_one(db, of, fault, {})
            return 0

    async def _keep_one(
        self, db: Connection, of: Outdated, item: ReadReview | UnreadEntry, found_again: discussed.FoundAgain
    ) -> int:
        if not await feeds.has_been_read(db, of.feed_id):  # the feed was removed in between
            return 0
        if isinstance(item, UnreadEntry):
            fault = replace(item, guid=of.guid, entry_hash=of.entry_hash)
            await unread.count_fault(db, of.feed_id, fault, STRUCTURE_VERSION, now=self._clock())
            log.warning("a stored entry could not be read again guid=%r reason=%s", of.guid, item.reason)
            return 0
        again, now = replace(item, entry_hash=of.entry_hash), self._clock()
        await save_review(db, of.feed_id, again, now, is_revised=False, found_again=found_again)
        await unread.settle(db, of.feed_id, [of.guid])
        return 1


async def _with_digest(result: FetchResult, feed: FeedState | None) -> FetchResult:
    """Add the digest of the document; of the one that we have if the server says that nothing changed."""
    if result.body is None:
        digest = feed.digest if feed else None
    else:
        digest = await asyncio.to_thread(
            digest_document, result.body, url=result.url, content_type=result.content_type
        )
    return replace(result, validators=replace(result.validators, digest=digest))


def _is_known(feed: FeedState, result: FetchResult, *, is_forced: bool) -> bool:
    """Return whether a feed need not be read: its server says that nothing changed, or sent the same document again.

    A feed that must be read whatever it says has no digest. Whoever asks by hand has the same document read anew.
    """
    if result.body is None:
        return True
    return not is_forced and feed.first_read_at is not None and result.validators.digest == feed.digest


class _Visit:
    """Passes on what a poll does, each time as a step of the poller, and notes when the feed was asked."""

    def __init__(self, tell: Progress) -> None:
        self._tell = tell
        self.began_s: float | None = None
        """None if the feed was left alone."""

    def tell(self, what: str) -> None:
        """Take in what the poll does now."""
        if self.began_s is None:
            self.began_s = perf_counter()
        note_step()
        self._tell(what)


def _tomorrow(now: datetime) -> datetime:
    return datetime.combine(now.date() + timedelta(days=1), time(), UTC)


def _silent(_: str) -> None:
    """Ignore the progress of a poll that nobody watches."""
