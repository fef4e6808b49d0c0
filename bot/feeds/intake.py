"""Save one reading of a feed: which entries are new, known or revised, and what that means for subscriptions.

Everything here happens in the poll's transaction, so a review and the decisions about it are saved together or not
at all.
"""

from __future__ import annotations

import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.announcing import churn
from bot.announcing.allowance import POLL_LIMIT_S, Allowances
from bot.announcing.decisions import decide, old_news, oldest_first
from bot.announcing.filters.judging import LIMIT_S, ReadPost, not_applied
from bot.announcing.filters.syntax import parse_filter
from bot.announcing.filters.terms import Verdict
from bot.announcing.news import BEHIND, Listed, come_into_view
from bot.feeds import discussed, wished
from bot.feeds.reader_process import FeedReading
from bot.heartbeats import note_step
from bot.languages import Message
from bot.models.announcing import (
    Decision,
    Delivery,
    DeliveryKind,
    FollowUpKind,
    Stage,
    Subscription,
    SubscriptionState,
)
from bot.models.feeds import Extent, FeedState, KnownEntry
from bot.models.index import ReadReview
from bot.models.reviews import Review
from bot.reading import identity
from bot.reading.changes import Changes, compare, describe
from bot.reading.dates import clamp_date
from bot.reading.identity import Match, NewPost
from bot.reviews import STRUCTURE_VERSION
from bot.store import deliveries as outbox
from bot.store import reviews, subscriptions, unread
from bot.store.database import Connection
from bot.store.decisions import add_decisions

MOST_ARCHIVED = 20_000
"""Once a feed has this many reviews, its archive adds no more."""
_NEWS = (Stage.QUEUED, Stage.COLLECTED, Stage.FILTERED)
"""What a new post is to a subscription if it is news, announced or not."""
UNSETTLED = Message("updates resume after {count} days without a change", count=churn.QUIET.days)


class Verdicts:
    """What filters say about reviews. Judged before the transaction, because a filter may be slow.

    Args:
        allowances: How much time each server's filters may still use.
        clock: CPU seconds of this thread.
    """

    def __init__(self, allowances: Allowances, *, clock: Callable[[], float] = time.thread_time) -> None:
        self._allowances = allowances
        self._clock = clock
        self._found: dict[tuple[str, str], Verdict] = {}
        self._spent_s: defaultdict[int | None, float] = defaultdict(float)

    def judge(self, followers: Iterable[Subscription], judged: Iterable[ReadReview]) -> Verdicts:
        """Judge each review by each filter once. A review is prepared once for all filters."""
        filtered = [subscription for subscription in followers if subscription.delivering.filter_text]
        for read in judged:
            posts = self._prepare(read)
            for subscription in filtered:
                self._judge(subscription, read, posts)
        return self

    def get(self, subscription: Subscription, read: ReadReview) -> Verdict | None:
        """Return a filter's verdict; None if there is no filter. A digest passes if any of its papers does."""
        text = subscription.delivering.filter_text
        if not text:
            return None
        if (text, read.review.guid) not in self._found:  # the filter was set since then, or its time is used up
            self._judge(subscription, read, self._prepare(read))
        return self._found.get((text, read.review.guid)) or not_applied(
            Message("all filters of this server together")
        )

    def _judge(self, subscription: Subscription, read: ReadReview, posts: Sequence[ReadPost]) -> None:
        key, guild_id = (subscription.delivering.filter_text, read.review.guid), subscription.guild_id
        left_s = min(POLL_LIMIT_S - self._spent_s[guild_id], self._allowances.left_s(guild_id))
        if key in self._found or left_s < LIMIT_S:
            return
        began_s = self._clock()
        self._found[key] = self._judge_posts(subscription.delivering.filter_text, posts, ends_s=began_s + left_s)
        spent_s = self._clock() - began_s
        self._spent_s[guild_id] += spent_s
        self._allowances.take(guild_id, spent_s)

    def _prepare(self, read: ReadReview) -> list[ReadPost]:
        return [ReadPost(each.review, clock=self._clock) for each in (read, *read.parts)]

    def _judge_posts(self, text: str, posts: Sequence[ReadPost], *, ends_s: float) -> Verdict:
        """Return the verdict of the first that passes, of a post and its papers; else the post's own verdict."""
        parsed = parse_filter(text)
        seen: list[Verdict] = []
        for post in posts:
            seen.append(
                post.judge(parsed) if self._clock() <= ends_s else not_applied(Message("reading so many papers"))
            )
            if seen[-1].passes:
                return seen[-1]
        return seen[0]


class Intake:
    """Saves what one reading of a feed brings.

    Args:
        is_for_all: Whether every server reads the feed, not only those that follow it.
    """

    def __init__(
        self,
        db: Connection,
        feed: FeedState,
        followers: Sequence[Subscription],
        *,
        found_again: discussed.FoundAgain | None = None,
        now: datetime,
        is_for_all: bool = False,
    ) -> None:
        self._db = db
        self._feed = feed
        self._subscriptions = followers
        self._found_again = found_again or {}
        self._now = now
        self._decisions: list[Decision] = []
        self._readers = {subscription.guild_id for subscription in followers if subscription.guild_id is not None}
        self._is_for_all = is_for_all
        self._wishes = wished.OpenWishes(db, None if is_for_all else self._readers, now=now)
        self.new = 0
        self.changed = 0
        self.announced = 0
        self.left = 0
        """Entries to look at again at a later reading."""
        self.left_over = 0
        """New entries beyond the number that may be entered."""
        self.kept: list[ReadReview] = []
        """The reviews that were entered or changed."""
        self._has_aliases = False

    async def enter(self, reading: FeedReading, verdicts: Verdicts, *, backlog: int, most: int | None) -> None:
        """Enter the reading.

        Args:
            verdicts: What the filters say about it.
            backlog: How many of the newest reviews the settings' channel gets at a feed's first reading.
            most: How many new reviews may be entered; the newer ones beyond are left for another day. None for all.
        """
        entries = await reviews.known_entries(self._db, self._feed.id)
        known, posts = dict(entries), list({entry.review_id: entry for _, entry in entries}.values())
        for read in reading.changed:
            if (entry := known.get(read.review.guid)) and identity.is_reused(_as_new(read, self._now), entry):
                del known[read.review.guid]
        # A post that the feed lists under a later guid is still in the feed.
        present = frozenset(known[guid].guid if guid in known else f"new {guid}" for guid in reading.guids)
        ordered = oldest_first(reading.changed, now=self._now)
        unknown = [read for read in ordered if read.review.guid not in known]
        matches = identity.match(
            [_as_new(read, self._now) for read in reading.changed if read.review.guid not in known],
            posts,
            present=present,
            utc_offset=reading.parsed.utc_offset,
        )
        moved = sum(read.review.guid not in matches or not matches[read.review.guid].is_repeat for read in unknown)
        is_renamed = identity.is_renamed(moved, len(present)) and identity.have_left(posts, present)
        newest = identity.newer_than(posts) if is_renamed else None
        fresh = [read for read in unknown if read.review.guid not in matches]
        wanted = {read.review.guid for read in fresh[len(fresh) - min(backlog, len(fresh)) :]}
        by_id, taken = {entry.review_id: entry for entry in posts}, {entry.guid for entry in posts}
        standing = known | {guid: by_id[same.review_id] for guid, same in matches.items()}
        old = await self._find_old(fresh, [(guid, standing.get(guid)) for guid in reading.guids], posts)
        entered: dict[str, int] = {}
        for read in ordered:
            guid = read.review.guid
            if entry := known.get(guid):
                await self._update(read, entry, alias="" if guid != entry.guid else None)
            elif same := matches.get(guid):
                await self._recognise(read, by_id[same.review_id], same)
            elif read.fingerprint and read.fingerprint in entered:
                await self._add_alias(read, entered[read.fingerprint], Message("the feed has the same text twice"))
            elif most is not None and self.new >= most:
                self.left_over += 1
            else:
                why_old, seen_at = old.get(guid, (None, self._now))
                review_id = await self._enter(read, is_taken=guid in taken, seen_at=seen_at)
                entered[read.fingerprint] = review_id
                is_wanted = guid in wanted
                await self._announce(read, review_id, verdicts, is_wanted=is_wanted, newest=newest, why_old=why_old)
        if self._has_aliases:
            await reviews.sweep_aliases(self._db, self._feed.id, present=reading.guids)
        await add_decisions(self._db, self._decisions)

    async def _find_old(
        self,
        fresh: Sequence[ReadReview],
        document: Sequence[tuple[str, KnownEntry | None]],
        posts: Sequence[KnownEntry],
    ) -> dict[str, tuple[str, datetime]]:
        """Find the new entries that are old posts: guid → why, and when it counts as first seen.

        An undated post counts as seen together with the oldest ones: it must not be listed as the newest, and the
        times at which posts were seen tell the feed's order.

        Args:
            document: The guids in the feed, each with what is known of it.
        """
        published = {read.review.guid: read.review.published for read in fresh}
        listed = [
            Listed(guid=guid, published=entry.published, seen_at=entry.seen_at)
            if entry
            else Listed(guid=guid, published=published[guid], seen_at=None)
            for guid, entry in document
            if entry or guid in published
        ]
        there = {entry.review_id for _, entry in document if entry}
        came = {entry.seen_at for entry in posts if entry.review_id in there}
        left = [entry for entry in posts if entry.seen_at in came and entry.review_id not in there]
        # Undated posts are entered from the end of the document upwards.
        are_of_head = bool(left) and min(entry.review_id for entry in left) > max(there)
        reasons = come_into_view(listed, have_left=bool(left), left_at_head=len(left) if are_of_head else 0)
        # Nothing was ever decided about an entry that could not be read when it appeared.
        late = await unread.unread_guids(self._db, self._feed.id) if reasons else frozenset()
        return {
            guid: (why, min(came) if why == BEHIND else self._now)
            for guid, why in reasons.items()
            if guid not in late
        }

    async def enter_silently(self, changed: Sequence[ReadReview]) -> None:
        """Enter the posts of an archive and announce nothing. Known posts stay, but cut ones are completed."""
        known = await reviews.known_entries(self._db, self._feed.id)
        known_as = make_finder(known)
        for read in changed:
            entry = known_as(read.review)
            if entry is None and len(known) + self.new >= MOST_ARCHIVED:
                self.left_over += 1
            elif entry is None:
                review_id = await self._save_new(read, self._now)
                self.new += 1
                for subscription in self._subscriptions:
                    self._decide(subscription.id, review_id, Stage.ARCHIVED, None)
            elif read.review.extent is Extent.PAGE and await reviews.cut_entry(self._db, entry.review_id):
                whole = replace(_known_as(read, entry.guid), entry_hash=entry.entry_hash)
                is_comparable = entry.structure_version == STRUCTURE_VERSION
                await self._save(whole, self._now, is_revised=is_comparable)
                self.changed += 1
        await add_decisions(self._db, self._decisions)

    # ── known entries ───────────────────────────────────────────────────────────────────────────

    async def _update(self, read: ReadReview, entry: KnownEntry, *, alias: str | None) -> None:
        """Update a known entry whose text has changed, or that was read by new rules.

        Args:
            alias: Why it is known although its guid is different; None if it is known by this guid.
        """
        is_revised = entry.entry_hash != read.entry_hash
        if is_revised and churn.is_resting(entry.churn, self._now):
            await self._leave(read, entry, alias)
            return
        if alias is not None:
            await self._save_alias(read.review.guid, entry.review_id, alias, entry_hash=read.entry_hash)
        posts = await outbox.sent_posts(self._db, entry.review_id) if is_revised else []
        before = await reviews.find_reviews(self._db, [entry.review_id]) if posts else []
        is_comparable = entry.structure_version == STRUCTURE_VERSION
        await self._save(_known_as(read, entry.guid), self._now, is_revised=is_revised and is_comparable)
        self.kept.append(read)
        self.changed += 1
        if not is_revised:
            return
        # If the two versions were read by different rules, they would seem to differ everywhere.
        changes = compare(before[0].review, read.review) if before and is_comparable else Changes()
        counted, is_told = churn.after_change(entry.churn, self._now, is_revision=not changes.is_cosmetic)
        await reviews.save_churn(self._db, entry.review_id, counted)
        if is_told:
            await self._tell_revision(entry.review_id, posts, describe(changes))
            if churn.is_spent(counted):
                for post in posts:
                    self._decide(post.subscription_id, entry.review_id, Stage.UNSETTLED, UNSETTLED)

    async def _leave(self, read: ReadReview, entry: KnownEntry, alias: str | None) -> None:
        """Leave an entry that keeps changing for a later reading; a new guid of it is saved at once."""
        if alias:
            await self._save_alias(read.review.guid, entry.review_id, alias, entry_hash="")
        self.left += 1

    async def _tell_revision(self, review_id: int, posts: Sequence[Delivery], told: str) -> None:
        """Have a review's messages updated, and the changes told in their threads."""
        for post in posts:
            await outbox.follow_up(self._db, post.id, FollowUpKind.EDIT)
            if post.thread_id is not None:
                await outbox.enqueue(
                    self._db,
                    DeliveryKind.NOTE,
                    subscription_id=post.subscription_id,
                    review_id=review_id,
                    channel_id=post.thread_id,
                    nonce=secrets.token_hex(12),
                    text=told,
                    now=self._now,
                )
            self._decide(post.subscription_id, review_id, Stage.UPDATED, told)
            self.announced += 1

    async def _recognise(self, read: ReadReview, entry: KnownEntry, same: Match) -> None:
        """Recognise a post that is known under another identity: it is kept as one and not announced again."""
        if same.is_repeat:
            await self._add_alias(read, entry.review_id, same.why)
            return
        await self._update(read, replace(entry, entry_hash=""), alias=same.why)
        self._refuse_all(entry.review_id, same.why)

    async def _add_alias(self, read: ReadReview, review_id: int, why: str) -> None:
        await self._save_alias(read.review.guid, review_id, why, entry_hash=read.entry_hash)
        self._refuse_all(review_id, why)
        self.changed += 1

    async def _save_alias(self, guid: str, review_id: int, why: str, *, entry_hash: str) -> None:
        self._has_aliases = True
        await reviews.save_alias(
            self._db, self._feed.id, guid, review_id=review_id, entry_hash=entry_hash, why=why, now=self._now
        )

    def _refuse_all(self, review_id: int, why: str) -> None:
        for subscription in self._subscriptions:
            self._decide(subscription.id, review_id, Stage.DUPLICATE, why)

    async def _enter(self, read: ReadReview, *, is_taken: bool, seen_at: datetime) -> int:
        """Enter a new review.

        Args:
            is_taken: An earlier review is already kept under its guid.
        """
        self.kept.append(read)
        if not is_taken:
            return await self._save_new(read, seen_at)
        own = _known_as(read, f"{read.review.guid} {read.entry_hash}")
        review_id = await self._save_new(own, seen_at)
        why = Message("the feed gave its guid to another post before")
        await self._save_alias(read.review.guid, review_id, why, entry_hash=read.entry_hash)
        return review_id

    async def _save_new(self, read: ReadReview, seen_at: datetime) -> int:
        review_id = await self._save(read, seen_at, is_revised=True)  # a deleted one may have been discussed
        await self._wishes.close(review_id, read)
        return review_id

    async def _save(self, read: ReadReview, seen_at: datetime, *, is_revised: bool) -> int:
        found_again = self._found_again
        return await save_review(
            self._db, self._feed.id, read, seen_at, is_revised=is_revised, found_again=found_again
        )

    # ── new entries ─────────────────────────────────────────────────────────────────────────────

    async def _announce(
        self,
        read: ReadReview,
        review_id: int,
        verdicts: Verdicts,
        *,
        is_wanted: bool,
        newest: datetime | None,
        why_old: str | None,
    ) -> None:
        self.new += 1
        interested: set[int] = set()
        review = read.review
        is_known_elsewhere = newest is not None and (review.published is None or review.published <= newest)
        old = why_old or old_news(read.entry, now=self._now)
        for subscription in self._subscriptions:
            if is_known_elsewhere and self._feed.first_read_at:
                why = Message(
                    "the feed renamed most of its posts at once, and this post is not newer than those already known"
                )
                self._decide(subscription.id, review_id, Stage.DUPLICATE, why)
                continue
            is_first_reading = self._feed.first_read_at is None and not (subscription.is_host and is_wanted)
            is_asked = not is_first_reading and subscription.state is not SubscriptionState.PAUSED
            verdict = verdicts.get(subscription, read) if is_asked else None
            stage, why_not = decide(
                review,
                subscription,
                verdict=verdict,
                old_news=old,
                is_first_reading=is_first_reading,
                now=self._now,
            )
            self._decide(subscription.id, review_id, stage, why_not)
            if stage in _NEWS and subscription.guild_id is not None:
                interested.add(subscription.guild_id)
            if stage in (Stage.QUEUED, Stage.COLLECTED):
                if verdict and not verdict.is_applied:
                    await self._tell_slow_filter(subscription)
                await outbox.enqueue(
                    self._db,
                    DeliveryKind.POST,
                    subscription_id=subscription.id,
                    review_id=review_id,
                    channel_id=subscription.channel_id,
                    nonce=secrets.token_hex(12),
                    is_collected=stage is Stage.COLLECTED,
                    now=self._now,
                )
                self.announced += 1
        is_news = self._feed.first_read_at is not None and not is_known_elsewhere
        if self._is_for_all and is_news and not old:
            # Servers that follow the feed have decided for themselves.
            interested |= await discussed.talking_servers(self._db, review_id) - self._readers
        name = self._feed.name
        await discussed.add_opinions(self._db, review_id, interested, feed_name=name, now=self._now)

    async def _tell_slow_filter(self, subscription: Subscription) -> None:
        """Tell the person who set the filter up, once, until the filter is changed."""
        if subscription.guild_id is None or not await subscriptions.tell_filter_once(
            self._db, subscription.id, now=self._now
        ):
            return
        text = Message(
            "The filter of {feed} in {channel} took too long for a post, so the post was announced without it. This "
            "can happen again: use fewer terms or shorter patterns (/subscribe).",
            feed=subscription.feed_name,
            channel=f"<#{subscription.channel_id}>",
        )
        await outbox.enqueue_notice(
            self._db,
            subscription.id,
            guild_id=subscription.guild_id,
            text=text,
            nonce=secrets.token_hex(12),
            now=self._now,
        )

    def _decide(self, subscription_id: int, review_id: int, stage: Stage, detail: str | None) -> None:
        self._decisions.append(
            Decision(subscription_id=subscription_id, review_id=review_id, stage=stage, at=self._now, detail=detail)
        )


def make_finder(known: Sequence[tuple[str, KnownEntry]]) -> Callable[[Review], KnownEntry | None]:
    """Return what finds a review's entry among known ones: by its guid, or else by its address.

    Args:
        known: The entries of its feed, by guid.
    """
    by_guid = dict(known)
    by_address = {address: entry for _, entry in known if entry.link and (address := identity.address_of(entry.link))}
    return lambda review: by_guid.get(review.guid) or by_address.get(identity.address_of(review.link) or "")


def _as_new(read: ReadReview, now: datetime) -> NewPost:
    review = _not_from_the_future(read, now).review
    return NewPost(
        guid=review.guid,
        link=review.link,
        title=review.title,
        published=review.published,
        fingerprint=read.fingerprint,
        text_fingerprint=read.text_fingerprint,
    )


async def save_review(
    db: Connection,
    feed_id: int,
    read: ReadReview,
    now: datetime,
    *,
    is_revised: bool,
    found_again: discussed.FoundAgain,
) -> int:
    """Enter a review, or update it in place, have talks and passages follow its text, and return its id.

    Args:
        is_revised: False if the same text was read by new rules: then talks are told nothing.
        found_again: What `discussed.find_again` found in it, if it was asked before the transaction.
    """
    note_step()  # many may be entered in one transaction
    dated = _not_from_the_future(read, now)
    review_id = await reviews.save_review(db, feed_id, dated, structure_version=STRUCTURE_VERSION, now=now)
    await discussed.follow(db, review_id, read, is_revised=is_revised, found_again=found_again, now=now)
    return review_id


def _known_as(read: ReadReview, guid: str) -> ReadReview:
    """Return an entry under the guid that its review is kept under."""
    return replace(read, entry=replace(read.entry, guid=guid), review=replace(read.review, guid=guid))


def _not_from_the_future(read: ReadReview, now: datetime) -> ReadReview:
    """Replace a future date with the time first seen, or a post from 2099 would stay on top forever."""
    review = read.review
    if review.published is None:
        return read
    return replace(read, review=replace(review, published=clamp_date(review.published, now=now)))
