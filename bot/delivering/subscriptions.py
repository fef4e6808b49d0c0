"""Where servers set up what is announced: following, changing, pausing and removing feeds, and explaining posts.

Every method that takes a subscription's id also takes the server's, so no server sees or changes another's
subscriptions.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from time import thread_time

from bot.announcing.allowance import POLL_LIMIT_S
from bot.announcing.calendar import next_digest
from bot.announcing.filters.checking import check_filter
from bot.announcing.filters.judging import judge, not_applied
from bot.announcing.filters.syntax import parse_filter
from bot.announcing.filters.terms import Verdict
from bot.announcing.opml import LeftOut, OpmlFeed, read_opml, write_opml
from bot.answering.audiences import Audiences
from bot.config import Settings
from bot.delivering import posts
from bot.delivering.look_back import same_posts
from bot.delivering.posts import Outgoing
from bot.errors import FeedError, FetchError, ReaderError, RequestError, StoreError
from bot.faults import FaultLog, describe_fault
from bot.feeds.discovery import Candidate, FetchedFeed, find_feeds
from bot.feeds.fetch import Fetcher
from bot.feeds.poller import Poller
from bot.feeds.reader_process import Reader
from bot.feeds.robots import Crawler
from bot.languages import N_, Message, _, say, speaking
from bot.models.announcing import Decision, Delivering, Delivery, Stage, Subscription, SubscriptionState
from bot.models.feeds import FeedState
from bot.models.reviews import ReviewHead, StoredReview
from bot.reviews.identifiers import parse_identifiers
from bot.search.keys import identifier_keys, link_key, pasted
from bot.store import choices, decisions, feeds, followers, index, pages, reviews, servers, subscriptions
from bot.store import deliveries as outbox
from bot.store.database import Connection, Database
from bot.text.cut import cut_text
from bot.text.links import has_secrets, lacks_key, name_feed, normalise_link, redact, redact_text, redact_typed

log = logging.getLogger(__name__)

IMPORTED_AT_ONCE = 4
"""Feeds of all imports that are read at once: half of the fetcher's slots (`bot/feeds/fetch.py`)."""
MAX_FOLLOWERS = 40
"""Members mentioned for one feed or term; more should use a role."""
MAX_TERMS = 20
"""Terms of one member."""
CANNOT_READ = N_(
    "The bot cannot read feeds right now because of a fault where it runs. Nothing was changed. "
    "Try again in a few minutes."
)
QUOTED = 200
"""Characters of an address that an error repeats, to leave room for what is wrong with it."""
TRIED = 20
"""Posts that a filter's preview lists."""
NO_SUCH_FEED = N_("This server has no such feed. Choose one from the list that opens as you type.")
NO_KEY = N_("{address}: this address is missing its key. Add the feed by its full address with /feed add.")
SHOWN_TROUBLES = timedelta(days=30)
"""For how long `/feed status` shows a post that was given up."""
MOST_KEPT = 4
"""Feeds kept as they were read for a preview, so that following one needs no second visit."""
KEPT_FOR = timedelta(minutes=10)
"""As long as the preview can be pressed."""
LARGEST_KEPT_BYTES = 2_000_000
"""A feed whose document is larger is fetched again: what is read of it takes several times as much memory."""
CHOICE_BITS = 53
"""Of the numbers of pending choices: random, so that a number means nothing in another copy of the database."""
NO_CHANNEL = Message("NONMUN_CHANNEL_ID is not set")
NOT_LISTED = Message("the feed is no longer in NONMUN_FEEDS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What an address leads to: a feed, and its newest post as it would be announced.

    Attributes:
        total: How many posts the feed has.
        others: Other feeds of the same site.
    """

    url: str
    title: str | None
    total: int
    newest: StoredReview | None
    others: tuple[Candidate, ...] = ()

    @property
    def name(self) -> str:
        """The feed's name that people see."""
        return name_feed(self.title, self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The state of a subscription.

    Attributes:
        can_read: False if the last reading of the feed failed because of a fault on the host's side.
        waiting: How many posts have not arrived yet.
        troubled: Posts that wait with a reason, and those given up in the last month.
    """

    subscription: Subscription
    feed: FeedState
    can_read: bool
    waiting: int
    troubled: tuple[Delivery, ...]
    last_sent: datetime | None
    next_digest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What became of a post for one subscription, and its message, if any: (channel id, message id)."""

    subscription: Subscription
    decisions: tuple[Decision, ...]
    message: tuple[int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a post was announced or not. ``head`` is None if no feed has brought it."""

    asked: str
    head: ReviewHead | None
    histories: tuple[History, ...]
    feeds: tuple[FeedState, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The result of an import: feeds added, feeds already there, feeds refused and why, entries other than feeds."""

    added: tuple[str, ...]
    known: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def missing(self) -> int:
        """How many entries of the list were not followed."""
        return len(self.refused) + sum(len(out.names) for out in self.left_out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A list of feeds as a file. ``secrets`` counts addresses with a user name, a password or a key."""

    data: bytes
    secrets: int


class Subscriptions:
    """Sets subscriptions up. ``on_change`` is called after the set of followed feeds has changed."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        fetcher: Fetcher,
        reader: Reader,
        crawler: Crawler,
        poller: Poller,
        audiences: Audiences,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._database = database
        self._fetcher = fetcher
        self._reader = reader
        self._crawler = crawler
        self._poller = poller
        self._audiences = audiences
        self._clock = clock
        self._faults = FaultLog()
        self._importing: set[int] = set()
        self._looked_at: dict[str, tuple[datetime, FetchedFeed]] = {}
        self._import_slots = asyncio.Semaphore(IMPORTED_AT_ONCE)
        self.on_change: Callable[[], Awaitable[None]] | None = None

    async def start(self) -> None:
        """Bring the subscriptions that come from the settings up to date with the settings.

        One that the settings no longer ask for is paused, because they may be restored; one that an admin paused
        stays paused.
        """
        wanted = self._settings.channel_id
        async with self._database.transaction() as db:
            for subscription in await subscriptions.host_subscriptions(db):
                is_listed = subscription.feed_url in self._settings.feeds
                reason = NO_CHANNEL if wanted is None else None if is_listed else NOT_LISTED
                await self._follow_settings(db, subscription, reason)
                if wanted is not None and subscription.channel_id != wanted:
                    await subscriptions.move(db, subscription.id, wanted)
                    await outbox.retarget(db, subscription.id, wanted)

    async def _follow_settings(self, db: Connection, subscription: Subscription, reason: str | None) -> None:
        """Pause a subscription of the settings for a reason that they give, or resume it if they give none."""
        is_paused = subscription.state is SubscriptionState.PAUSED
        if is_paused and subscription.reason not in {NO_CHANNEL, NOT_LISTED}:
            return
        if reason is None:
            if is_paused:
                await subscriptions.set_state(db, subscription.id, SubscriptionState.ACTIVE, reason=None)
            return
        await subscriptions.set_state(db, subscription.id, SubscriptionState.PAUSED, reason=reason)
        if reason == NOT_LISTED:  # what waits only for a channel is sent once there is one again
            now = self._clock()
            given_up = await outbox.drop(db, [subscription.id], reason=reason, now=now)
            await decisions.decide_all(db, given_up, Stage.PAUSED, detail=reason, now=now)

    async def followed(self) -> list[str]:
        """Return the addresses of all feeds to ask: those of the settings, and those that servers follow."""
        added = await subscriptions.followed_urls(self._database.reader)
        return list(dict.fromkeys((*self._settings.feeds, *added)))

    # ── following a feed ────────────────────────────────────────────────────────────────────────

    async def look_at(self, address: str, *, guild_id: int) -> Offer:
        """Find the feed behind an address, and read it without saving anything.

        Args:
            guild_id: The server that asks.
        Raises:
            RequestError: There is none, or it cannot be read; the message says what there is instead.
        """
        _refuse_without_key(address)
        known = await self._find_known(address)
        if known is not None and known.first_read_at and await self._is_open(known, guild_id):
            return await self._offer_known(known)
        try:
            discovered = await find_feeds(self._fetcher, self._reader, address, crawler=self._crawler)
            chosen, *others = discovered.candidates
            fetched = chosen.fetched or await self._fetch(chosen.url)
        except (FetchError, FeedError) as exc:
            raise RequestError(f"{cut_text(redact(address), QUOTED)}: {say(exc.reason)}") from exc
        except ReaderError as exc:
            log.warning("no feed can be looked at now reason=%r", exc.reason)
            raise RequestError(_(CANNOT_READ)) from exc
        self._keep(chosen.url, fetched)
        reading = fetched.reading
        newest = max(reading.changed, key=lambda read: read.review.published or self._clock(), default=None)
        now = self._clock()
        return Offer(
            url=chosen.url,
            title=reading.parsed.title or chosen.title,
            total=len(reading.guids),
            newest=StoredReview(id=0, feed_url=chosen.url, review=newest.review, first_seen_at=now)
            if newest
            else None,
            others=tuple(others),
        )

    async def _fetch(self, url: str) -> FetchedFeed:
        """Fetch and read a feed. Raises FetchError, FeedError and ReaderError."""
        result = await self._fetcher.fetch(url, is_foreign=True)
        body = result.body or b""
        reading = await self._reader.read_feed(body, content_type=result.content_type, url=result.url, known={})
        return FetchedFeed.of(result, reading)

    def _keep(self, url: str, fetched: FetchedFeed) -> None:
        """Keep a feed that was looked at, for whoever follows it next: few, for a short time, and no large one."""
        self._looked_at.pop(url, None)
        if fetched.bytes <= LARGEST_KEPT_BYTES:
            self._looked_at[url] = (self._clock(), fetched)
        while len(self._looked_at) > MOST_KEPT:
            del self._looked_at[next(iter(self._looked_at))]

    def _take(self, url: str) -> FetchedFeed | None:
        """Give out a feed that was looked at a moment ago, once."""
        at, fetched = self._looked_at.pop(url, (None, None))
        return fetched if at and timedelta(0) <= self._clock() - at <= KEPT_FOR else None

    async def _offer_known(self, feed: FeedState) -> Offer:
        ids = await reviews.review_ids(self._database.reader, feeds=(feed.url,))
        heads = await reviews.latest_heads(self._database.reader, limit=1, feeds=(feed.url,))
        newest = await reviews.find_reviews(self._database.reader, [head.id for head in heads])
        return Offer(url=feed.url, title=feed.title, total=len(ids), newest=newest[0] if newest else None)

    async def _find_known(self, address: str) -> FeedState | None:
        """Find the feed in the cache with this address, however it is spelled.

        An address with a key must match exactly, because `normalise_link` ignores capitals in a password.
        """
        address = address.strip()
        wanted = normalise_link(address)
        same = [feed for feed in await feeds.list_feeds(self._database.reader) if normalise_link(feed.url) == wanted]
        return next((feed for feed in same if feed.url == address or not has_secrets(feed.url)), None)

    async def _is_open(self, feed: FeedState, guild_id: int) -> bool:
        """Return whether a server that gave a feed's address may see what is stored of the feed.

        It may if the feed was read from public addresses, or if the server reads it anyway. Any other feed counts as
        the host's own until it is fetched: knowing the address of an intranet feed must not open it.
        """
        if feed.is_public:
            return True
        audience = await self._audiences.of_guild(guild_id)
        return audience.feeds is None or feed.id in audience.feeds

    async def _check_open(self, feed: FeedState | None, url: str, guild_id: int) -> None:
        """Raise RequestError if a server may not follow a feed, because it cannot be read like any member's feed.

        A feed of the settings is polled as the host's even if it is not known yet, so it is checked here, too.
        """
        is_own = url in self._settings.feeds
        if await self._is_open(feed, guild_id) if feed else not is_own:
            return
        try:
            await self._fetcher.fetch(url, is_foreign=True)
        except FetchError as exc:
            raise RequestError(f"{cut_text(redact(url), QUOTED)}: {say(exc.reason)}") from exc

    async def follow(
        self,
        url: str,
        *,
        guild_id: int,
        channel_id: int,
        owner_id: int,
        delivering: Delivering | None = None,
    ) -> Subscription:
        """Follow a feed in a channel. Its posts so far are read, not announced.

        Args:
            url: The feed's address, from `look_at`.
        Raises:
            RequestError: The channel follows it already, the feed cannot be read, or too many feeds are followed.
        """
        _refuse_without_key(url)
        known = await self._find_known(url)
        url = known.url if known else url
        await self._check_open(known, url, guild_id)
        await self._refuse_too_many(self._database.reader, guild_id, url)
        if known is None or known.first_read_at is None:
            outcome = await self._poller.poll(url, is_forced=True, fetched=self._take(url))
            if outcome.error:
                reason = f"{cut_text(redact(url), QUOTED)}: {say(outcome.error)}"
                raise RequestError(_(CANNOT_READ) if outcome.is_hosts_fault else reason)
        delivering = delivering or Delivering()
        now = self._clock()
        async with self._database.transaction() as db:
            await self._refuse_too_many(db, guild_id, url)
            feed = await feeds.ensure_feed(db, url)
            await feeds.count_anew(db, feed.id)
            entered = await subscriptions.add_subscription(
                db,
                feed.id,
                guild_id=guild_id,
                channel_id=channel_id,
                owner_id=owner_id,
                delivering=delivering,
                digest_at=next_digest(delivering.digest, now) if delivering.digest else None,
                now=now,
            )
        if entered is None:
            raise RequestError(
                _("That channel already follows this feed. Use /subscribe to change how it is announced.")
            )
        await self.tell_change()
        return await self.get(entered, guild_id=guild_id)

    async def _refuse_too_many(self, db: Connection, guild_id: int, url: str) -> None:
        """Raise RequestError if one more feed, in all or for this server, is more than the settings allow."""
        most = self._settings.feeds_per_server
        if most and await subscriptions.count_added(db, guild_id) >= most:
            raise RequestError(
                _("This server already follows {count:,} feeds, the most it can. Use /feed remove first.").format(
                    count=most
                )
            )
        total = self._settings.feeds_total
        is_new = not await subscriptions.is_followed(db, url)
        if total and is_new and await subscriptions.count_followed(db) >= total:
            raise RequestError(
                _("I cannot follow any more new feeds. Ask the person who hosts me to raise the limit.")
            )

    async def tell_change(self) -> None:
        """Act on a possible change of the set of followed feeds."""
        async with self._database.transaction() as db:
            await pages.drop_abandoned(db, own=self._settings.feeds)
        if self.on_change:
            await self.on_change()

    # ── finding subscriptions ───────────────────────────────────────────────────────────────────

    async def of_guild(self, guild_id: int) -> list[Subscription]:
        """Return the subscriptions of a server."""
        return await subscriptions.of_guild(self._database.reader, guild_id)

    async def channels(self) -> list[int]:
        """Return the ids of all channels in which something is announced."""
        return list(
            dict.fromkeys(subscription.channel_id for subscription in await subscriptions.live(self._database.reader))
        )

    async def guilds(self) -> list[int]:
        """Return the ids of all servers in which something is announced."""
        live = await subscriptions.live(self._database.reader)
        return list(
            dict.fromkeys(subscription.guild_id for subscription in live if subscription.guild_id is not None)
        )

    async def get(self, subscription_id: int, *, guild_id: int) -> Subscription:
        """Return a subscription of a server. Raises RequestError if the server has no such subscription."""
        subscription = await subscriptions.find_subscription(self._database.reader, subscription_id)
        if subscription is None or subscription.guild_id != guild_id or subscription.state is SubscriptionState.ENDED:
            raise RequestError(_(NO_SUCH_FEED))
        return subscription

    async def find(
        self, text: str, *, guild_id: int, among: Callable[[Subscription], bool] = lambda _: True
    ) -> Subscription:
        """Find the subscription that was chosen, or the one whose feed matches a text.

        Args:
            text: Its id from the completion, or a part of the feed's title or address.
            among: Returns whether the asker may know of a subscription.
        Raises:
            RequestError: None matches, or several do.
        """
        known = [subscription for subscription in await self.of_guild(guild_id) if among(subscription)]
        if text.isdecimal():
            if chosen := next((subscription for subscription in known if str(subscription.id) == text), None):
                return chosen
            raise RequestError(_(NO_SUCH_FEED))
        wanted = text.casefold().strip()
        named = [
            subscription
            for subscription in known
            if wanted in subscription.feed_name.casefold() or wanted in redact(subscription.feed_url).casefold()
        ]
        typed = cut_text(redact_typed(text), QUOTED)
        if not named:
            raise RequestError(
                _("No feed here is called “{name}”. Choose one from the list that opens as you type.").format(
                    name=typed
                )
            )
        if len(named) > 1:
            raise RequestError(
                _("{count} feeds here match “{name}”. Choose one from the list.").format(count=len(named), name=typed)
            )
        return named[0]

    async def status(self, subscription: Subscription) -> Status:
        """Return the state of a subscription. Raises RequestError if its feed was removed."""
        reader = self._database.reader
        feed = await feeds.get_feed(reader, subscription.feed_id)
        if feed is None:
            raise _not_followed(subscription)
        plan = subscription.delivering.digest
        return Status(
            subscription=subscription,
            feed=feed,
            can_read=feed.url not in self._poller.waiting,
            waiting=await outbox.count_waiting(reader, subscription.id),
            troubled=tuple(await outbox.troubled(reader, subscription.id, since=self._clock() - SHOWN_TROUBLES)),
            last_sent=await outbox.last_sent(reader, subscription.id),
            next_digest=next_digest(plan, self._clock()) if plan else None,
        )

    async def sample(self, subscription: Subscription) -> Outgoing:
        """Draw the newest post as it would be announced, in the subscription's language, mentioning nobody.

        Raises:
            RequestError: The feed has none.
        """
        heads = await reviews.latest_heads(self._database.reader, limit=1, feeds=(subscription.feed_url,))
        newest = await reviews.find_reviews(self._database.reader, [head.id for head in heads])
        if not newest:
            raise RequestError(_("This feed has no posts yet."))
        with speaking(await self.language_of(subscription)):
            return posts.unmentioning(posts.post_of(newest[0], subscription.delivering))

    async def language_of(self, subscription: Subscription) -> str:
        """Return the language that a subscription is announced in."""
        return await servers.language_of(self._database.reader, subscription)

    async def keep_choice(self, text: str, *, guild_id: int) -> int:
        """Keep a text that somebody typed or was shown and may confirm later; returns a number to find it by."""
        number = secrets.randbits(CHOICE_BITS)
        async with self._database.transaction() as db:
            return await choices.keep_choice(db, text, number=number, guild_id=guild_id, now=self._clock())

    async def find_choice(self, number: int, *, guild_id: int) -> str | None:
        """Return a text that was kept; None if it was deleted since, or in another copy of the database."""
        return await choices.find_choice(self._database.reader, number, guild_id=guild_id)

    # ── changing ────────────────────────────────────────────────────────────────────────────────

    async def change(
        self, subscription: Subscription, delivering: Delivering, *, channel_id: int | None = None
    ) -> Subscription:
        """Change how a subscription is delivered. What waits is sent the new way.

        Args:
            subscription: As the admin saw it: settings that others have changed since then stay, unless the admin
                changed them, too.
        Raises:
            RequestError: The filter cannot be read, the channel follows this feed already, or the feed was removed.
        """
        if delivering.filter_text != subscription.delivering.filter_text:
            await asyncio.to_thread(check_filter, parse_filter(delivering.filter_text))
        is_moved = channel_id is not None and channel_id != subscription.channel_id
        if is_moved and subscription.is_host:
            raise RequestError(_("This channel can only be changed by the person who hosts the bot."))
        now = self._clock()
        async with self._database.transaction() as db:
            current = await _living(db, subscription)
            target = channel_id if channel_id is not None and is_moved else current.channel_id
            others = await subscriptions.of_channel(db, target)
            if target != current.channel_id and any(other.feed_id == current.feed_id for other in others):
                raise RequestError(
                    _("That channel already follows this feed. Use /subscribe to change how it is announced.")
                )
            merged = _merge(subscription.delivering, delivering, current.delivering)
            await subscriptions.change_subscription(db, current.id, channel_id=target, delivering=merged)
            plan = merged.digest
            if plan != current.delivering.digest:
                await subscriptions.set_digest(db, current.id, next_digest(plan, now) if plan else None)
            if current.delivering.digest and not plan:
                await outbox.release(db, current.id)
            if target != current.channel_id:
                await outbox.retarget(db, current.id, target)
                await subscriptions.forget_telling(db, current.id)
            if current.state is SubscriptionState.SUSPENDED:
                await self._begin_again(db, current)
            return await _living(db, current)

    async def pause(self, subscription: Subscription) -> None:
        """Announce nothing until resumed. Posts that wait now or are published while paused are never announced."""
        await self._give_up(subscription, SubscriptionState.PAUSED, Stage.PAUSED, Message("paused by an admin"))

    async def resume(self, subscription: Subscription) -> None:
        """Announce new posts again from now on."""
        async with self._database.transaction() as db:
            await self._begin_again(db, await _living(db, subscription))

    async def _begin_again(self, db: Connection, subscription: Subscription) -> None:
        """Try at once, because an admin has changed something, and report it again if it still fails."""
        await subscriptions.set_state(db, subscription.id, SubscriptionState.ACTIVE, reason=None)
        await subscriptions.forget_telling(db, subscription.id)
        await outbox.retry_posts_now(db, [subscription.id])

    async def remove(self, subscription: Subscription) -> None:
        """Stop following a feed in a channel.

        Raises:
            RequestError: It comes from the host's settings, or was removed already.
        """
        if subscription.is_host:
            raise RequestError(
                _("This feed can only be removed by the person who hosts the bot. Use /feed pause to stop its posts.")
            )
        await self._give_up(subscription, SubscriptionState.ENDED, Stage.FAILED, Message("removed by an admin"))
        await self.tell_change()

    async def _give_up(self, subscription: Subscription, state: SubscriptionState, stage: Stage, reason: str) -> None:
        now = self._clock()
        async with self._database.transaction() as db:
            await _living(db, subscription)
            if state is SubscriptionState.ENDED:
                await subscriptions.end_subscriptions(db, [subscription.id], reason=reason, now=now)
            else:
                await subscriptions.set_state(db, subscription.id, state, reason=reason)
            given_up = await outbox.drop(db, [subscription.id], reason=reason, now=now)
            await decisions.decide_all(db, given_up, stage, detail=reason, now=now)

    async def adopt(self, guilds: Callable[[int], int | None]) -> None:
        """Save the servers of channels that came from the settings.

        Args:
            guilds: Returns the server of a channel; None if it is not known.
        """
        for subscription in await subscriptions.host_subscriptions(self._database.reader):
            guild_id = guilds(subscription.channel_id) if subscription.guild_id is None else None
            if guild_id is not None:
                async with self._database.transaction() as db:
                    await subscriptions.set_guild(db, subscription.channel_id, guild_id)

    # ── explaining ──────────────────────────────────────────────────────────────────────────────

    async def try_filter(self, subscription: Subscription, text: str) -> list[tuple[ReviewHead, Verdict]]:
        """Judge a feed's newest posts by a filter.

        Raises:
            RequestError: The filter cannot be read, or one of its patterns takes too long.
        """
        parsed = parse_filter(text)
        await asyncio.to_thread(check_filter, parsed)
        reader = self._database.reader
        heads = await reviews.latest_heads(reader, limit=TRIED, feeds=(subscription.feed_url,))
        newest = await reviews.find_reviews(reader, [head.id for head in heads])

        def judge_all() -> list[tuple[ReviewHead, Verdict]]:
            ends_s = thread_time() + POLL_LIMIT_S
            return [
                (
                    head,
                    judge(parsed, stored.review)
                    if thread_time() < ends_s
                    else not_applied(Message("all of these posts together")),
                )
                for head, stored in zip(heads, newest, strict=True)
            ]

        return await asyncio.to_thread(judge_all)

    async def why(self, link: str, *, guild_id: int) -> Explanation:
        """Explain why a post was announced in a server or not. Posts of feeds that it does not read stay unknown."""
        reader = self._database.reader
        audience = await self._audiences.of_guild(guild_id)
        mine = await self.of_guild(guild_id)
        followed = {subscription.feed_id for subscription in mine}
        known = await feeds.list_feeds(reader)
        states = tuple(feed for feed in known if feed.id in followed)
        url = pasted(link)
        keys = (link_key(url), link_key(normalise_link(url.strip())), *identifier_keys(parse_identifiers(url)))
        carriers = await index.find_by_keys(reader, keys)
        heads = await reviews.find_heads(reader, [carrier.review_id for carrier in carriers if carrier.is_own])
        readable = {feed.url for feed in known if audience.feeds is None or feed.id in audience.feeds}
        heads = [each for each in heads if each.feed_url in readable]
        if not heads:
            return Explanation(asked=link, head=None, histories=(), feeds=states)
        urls = {feed.url for feed in states}
        head = next((each for each in heads if each.feed_url in urls), heads[0])
        histories = await self._histories(head, mine, guild_id)
        same = await same_posts(reader, head.id)
        for other in heads:
            if other.id in same and other.feed_url in urls:
                histories += await self._histories(other, mine, guild_id)
        return Explanation(asked=link, head=head, histories=histories, feeds=states)

    async def _histories(self, head: ReviewHead, mine: Sequence[Subscription], guild_id: int) -> tuple[History, ...]:
        reader = self._database.reader
        by_subscription: dict[int, list[Decision]] = {
            subscription.id: [] for subscription in mine if subscription.feed_url == head.feed_url
        }
        for decision in await decisions.of_review(reader, head.id, guild_id=guild_id):
            by_subscription.setdefault(decision.subscription_id, []).append(decision)
        known = await subscriptions.find_subscriptions(reader, by_subscription)
        messages = await outbox.messages_of(reader, head.id)
        return tuple(
            History(subscription=known[of], decisions=tuple(made), message=messages.get(of))
            for of, made in by_subscription.items()
        )

    # ── members ─────────────────────────────────────────────────────────────────────────────────

    async def follow_feed(self, subscription: Subscription, user_id: int) -> bool:
        """Mention a member when a feed posts, or stop if the member was mentioned before; True if mentioned now.

        Raises:
            RequestError: Too many are mentioned already.
        """
        assert subscription.guild_id is not None  # noqa: S101 - it was chosen in a server
        async with self._database.transaction() as db:
            following = await followers.feed_followers(db, subscription.guild_id, subscription.feed_id)
            if user_id in following:
                await followers.unfollow_feed(db, subscription.guild_id, subscription.feed_id, user_id)
                return False
            _refuse_crowd(following)
            await followers.follow_feed(db, subscription.guild_id, subscription.feed_id, user_id)
        return True

    async def follow_term(self, term: str, *, guild_id: int, user_id: int) -> bool:
        """Mention a member for posts about a term, or stop if the member was mentioned before; True if mentioned now.

        Raises:
            RequestError: The term is too short or too long, or there are too many terms or followers already.
        """
        term = " ".join(term.split())
        if not 2 <= len(term) <= 60:
            raise RequestError(_("A term has 2 to 60 characters, such as: hallucination"))
        async with self._database.transaction() as db:
            mine = await followers.followed_terms(db, guild_id, user_id)
            if term.casefold() in {followed.casefold() for followed in mine}:
                await followers.unfollow_term(db, guild_id, term, user_id)
                return False
            if len(mine) >= MAX_TERMS:
                raise RequestError(
                    _("You follow {count} terms already. Choose one of them to stop following it.").format(
                        count=MAX_TERMS
                    )
                )
            _refuse_crowd((await followers.term_followers(db, guild_id)).get(term, []))
            await followers.follow_term(db, guild_id, term, user_id)
        return True

    async def followed_by(self, user_id: int, *, guild_id: int) -> tuple[list[int], list[str]]:
        """Return the (ids of feeds, terms) that a member is mentioned for."""
        reader = self._database.reader
        return (
            await followers.followed_feeds(reader, guild_id, user_id),
            await followers.followed_terms(reader, guild_id, user_id),
        )

    # ── lists of feeds ──────────────────────────────────────────────────────────────────────────

    async def export(self, guild_id: int, *, title: str, with_keys: bool = False) -> Exported:
        """Write the feeds of a server as OPML.

        Args:
            with_keys: Whether addresses keep their user names, passwords and keys.
        """
        titles = {subscription.feed_url: subscription.feed_title for subscription in await self.of_guild(guild_id)}
        listed = [
            OpmlFeed(url=url if with_keys else redact(url), title=redact_text(name) if name else None)
            for url, name in titles.items()
        ]
        return Exported(
            data=write_opml(listed, title=title, now=self._clock()), secrets=sum(has_secrets(url) for url in titles)
        )

    async def import_feeds(
        self,
        data: bytes,
        *,
        guild_id: int,
        channel_id: int,
        owner_id: int,
        progress: Callable[[int, int], None] | None = None,
    ) -> Imported:
        """Follow every feed of an OPML list in a channel; a feed that fails does not stop the others.

        Args:
            progress: Called after each feed with (feeds done, feeds of the list that are new here).
        Raises:
            RequestError: It is not a list of feeds, or another list is being imported in this server.
        """
        if guild_id in self._importing:
            raise RequestError(_("An import is already running in this server. Try again when its result is here."))
        self._importing.add(guild_id)
        try:
            listed = await asyncio.to_thread(read_opml, data)
            mine = [
                subscription
                for subscription in await self.of_guild(guild_id)
                if subscription.channel_id == channel_id
            ]
            present = {normalise_link(subscription.feed_url) for subscription in mine}
            new = [feed for feed in listed if normalise_link(feed.url) not in present]
            done = 0

            async def take(feed: OpmlFeed) -> str | None:
                nonlocal done
                async with self._import_slots:
                    problem = await self._try_follow(feed, guild_id, channel_id, owner_id)
                done += 1
                if progress:
                    progress(done, len(new))
                return problem

            outcomes = list(zip(new, await asyncio.gather(*map(take, new)), strict=True))
        finally:
            self._importing.discard(guild_id)
        return Imported(
            added=tuple(name_feed(feed.title, feed.url) for feed, problem in outcomes if problem is None),
            known=tuple(name_feed(feed.title, feed.url) for feed in listed if normalise_link(feed.url) in present),
            refused=tuple(
                (name_feed(feed.title, feed.url), problem) for feed, problem in outcomes if problem is not None
            ),
            left_out=listed.left_out,
        )

    async def _try_follow(self, feed: OpmlFeed, guild_id: int, channel_id: int, owner_id: int) -> str | None:
        """Follow a feed of a list; return why that failed, or None."""
        try:
            await self.follow(feed.url, guild_id=guild_id, channel_id=channel_id, owner_id=owner_id)
        except RequestError as exc:
            return str(exc)
        except StoreError as exc:
            log.warning("a feed of a list was not followed reason=%s", exc)
            return _(
                "It could not be saved. Import the list again later: feeds that are followed already are skipped."
            )
        except Exception as exc:  # noqa: BLE001 - one feed's fault does not stop the others
            self._faults.failed("import a feed", exc)
            return describe_fault(exc)
        return None


async def _living(db: Connection, subscription: Subscription) -> Subscription:
    """Return a subscription as it is now. Raises RequestError if it was removed since somebody looked at it."""
    current = await subscriptions.find_subscription(db, subscription.id)
    if current is None or current.state is SubscriptionState.ENDED:
        raise _not_followed(subscription)
    return current


def _not_followed(subscription: Subscription) -> RequestError:
    return RequestError(
        _("{feed} is no longer followed there. Use /feed list to see the feeds.").format(feed=subscription.feed_name)
    )


def _merge(seen: Delivering, wanted: Delivering, current: Delivering) -> Delivering:
    """Apply an admin's changes to the settings they saw to the settings as they are now."""
    names = (field.name for field in fields(Delivering))
    changed = {name: value for name in names if (value := getattr(wanted, name)) != getattr(seen, name)}
    return replace(current, **changed)


def _refuse_without_key(address: str) -> None:
    if lacks_key(address):
        raise RequestError(_(NO_KEY).format(address=cut_text(redact(address), QUOTED)))


def _refuse_crowd(following: Sequence[int]) -> None:
    if len(following) >= MAX_FOLLOWERS:
        raise RequestError(
            _("{count} members are mentioned for this already. Ask an admin for a role to ping: /subscribe.").format(
                count=MAX_FOLLOWERS
            )
        )
