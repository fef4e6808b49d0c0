"""Bringing messages to their channels: claimed before they are sent, settled after, looked for when in doubt.

Each channel has its own lane, so that a channel which is rate-limited or refuses us does not hold up the others.
Within a lane nothing overtakes the oldest message, unless that failed unexpectedly (`bot.faults`). What is done to a
message afterwards (publishing, a thread, an edit) has separate lanes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfoNotFoundError

from bot.announcing.calendar import next_digest
from bot.announcing.decisions import MOST_SINGLE_POSTS, next_try
from bot.answering.searcher import Searcher
from bot.delivering import posts
from bot.delivering.look_back import Lookback, find_from_others
from bot.delivering.posts import Outgoing, Poster
from bot.delivering.talks import Place, Talks, record_thread
from bot.delivering.welcoming import Welcomes
from bot.errors import DeliveryError, StoreError
from bot.faults import FaultLog, describe_fault, pause_after
from bot.heartbeats import Heartbeat, Loop, note_step
from bot.languages import ENGLISH, N_, Message, say, speaking
from bot.models.announcing import (
    Delivering,
    Delivery,
    DeliveryKind,
    DeliveryState,
    FollowUp,
    FollowUpKind,
    Posted,
    Stage,
    Subscription,
)
from bot.reading.revision_notes import say_note
from bot.store import (
    channels,
    decisions,
    followers,
    joins,
    messages,
    privacy,
    reviews,
    servers,
    subscriptions,
    talks,
    times,
)
from bot.store import deliveries as outbox
from bot.store.database import Connection, Database
from bot.text.cut import cut_text

log = logging.getLogger(__name__)

_Found = TypeVar("_Found")

LANES = 100
"""Channels served at once. Most wait for Discord, which accepts 50 messages per second from a bot in all."""
MESSAGES_PER_SECOND = 40
"""Below Discord's 50, to leave room for edits. Answers to commands do not count."""
MAX_MENTIONS = 80
"""Members mentioned in one message: each takes 23 of 2,000 characters, and Discord allows a hundred."""
COPY_UNDER_WAY = Message("the same post from another feed is being sent to this channel")
COPY_WAIT = timedelta(minutes=1)
QUOTED_TITLE = 200
MAX_TRIES = 24
"""Tries for a thread, a publication or an edit, the last of them an hour apart, before it is given up."""


CANNOT = {
    FollowUpKind.PUBLISH: N_("I cannot publish posts of {feed} in {channel}: {why}."),
    FollowUpKind.THREAD: N_("I cannot open threads under posts of {feed} in {channel}: {why}."),
    FollowUpKind.EDIT: N_("I cannot edit posts of {feed} in {channel}: {why}."),
}
"""What the person who set a subscription up is told."""
COULD_NOT = {
    FollowUpKind.PUBLISH: N_("it could not be published: {why}"),
    FollowUpKind.THREAD: N_("no thread could be opened under it: {why}"),
    FollowUpKind.EDIT: N_("it could not be edited: {why}"),
}
"""What is saved about a post."""


class _Kind(StrEnum):
    MESSAGES = "messages"
    FOLLOW_UPS = "follow-ups"
    WELCOMES = "welcomes"
    TALKS = "talks"
    TALK_MESSAGES = "talk messages"


_LOOPS = {_Kind.TALKS: Loop.TALKS, _Kind.TALK_MESSAGES: Loop.TALKS}
"""Which loop a lane belongs to, if not to the courier."""


class Courier:
    """Empties the outbox.

    Args:
        read: The ids of the feeds read since the start; the collection grows. Only the posts of these are edited.
    """

    def __init__(
        self,
        database: Database,
        searcher: Searcher,
        *,
        read: Collection[int],
        clock: Callable[[], datetime],
        heartbeats: Mapping[Loop, Heartbeat],
    ) -> None:
        self._database = database
        self._read = read
        self._searcher = searcher
        self._clock = clock
        self._heartbeats = heartbeats
        self._lanes: dict[tuple[_Kind, int], asyncio.Task[None]] = {}
        self._filling = asyncio.Lock()
        self._next_send_s = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False
        self._sent = 0
        self._news = 0
        self._faults = FaultLog()
        self._lookback = Lookback(database, clock=clock)
        self._welcomes = Welcomes(database, self._lookback, pace=self._pace, clock=clock)
        self.talks = Talks(database, self._lookback, pace=self._pace, wake=self.wake, clock=clock)

    async def start(self) -> None:
        """Prepare for the first delivery: retry what waits at once, and end waits that come from a wrong clock."""
        async with self._database.transaction() as db:
            await outbox.retry_now(db)
            await servers.retry_welcomes_now(db)
            await talks.retry_talks_now(db)
            await messages.retry_messages_now(db)
            await times.bound_waits(db, self._clock())
            await self._bound_digests(db)

    async def clock_was_set(self, by: timedelta) -> None:
        """Adjust to a change of the system's clock: even if it was set back, nothing waits longer than before."""
        if by > timedelta():
            return
        async with self._database.transaction() as db:
            await times.set_back(db, -by)
            await self._bound_digests(db)

    async def _bound_digests(self, db: Connection) -> None:
        """Move back digests that a clock which was ahead put off: those due later than the one after the next."""
        now = self._clock()
        for subscription, due in await subscriptions.digest_times(db):
            plan = subscription.delivering.digest
            with contextlib.suppress(ZoneInfoNotFoundError):  # reported when the digest is due
                if plan and due > next_digest(plan, next_digest(plan, now)):
                    await subscriptions.set_digest(db, subscription.id, next_digest(plan, now))

    async def close(self) -> None:
        """Stop at once; what is being sent stays in doubt, and is looked for at the next start."""
        self._is_closed = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # ── lanes ───────────────────────────────────────────────────────────────────────────────────

    async def wake(self, poster: Poster) -> None:
        """Start a lane for every channel with something due. Returns at once; the lanes run on their own."""
        async with self._filling:
            if self._is_closed:
                return
            await self._make_digests()
            now = self._clock()
            busy = [channel for kind, channel in self._lanes if kind is _Kind.MESSAGES]
            limit = _limit(poster, busy)
            heads = await outbox.channel_heads(self._database.background, now=now, busy=busy, limit=limit)
            for head in _within_reach(poster, heads, busy, lambda head: head.channel_id):
                self._open_lane(
                    _Kind.MESSAGES, head.channel_id, poster, partial(self._send_all, poster, head.channel_id)
                )
            busy = [channel for kind, channel in self._lanes if kind is _Kind.FOLLOW_UPS]
            channels = await outbox.follow_up_channels(
                self._database.background, now=now, read=self._read, busy=busy, limit=_limit(poster, busy)
            )
            for channel_id in _within_reach(poster, channels, busy, int):
                self._open_lane(
                    _Kind.FOLLOW_UPS, channel_id, poster, partial(self._follow_up_all, poster, channel_id)
                )
            busy = [guild_id for kind, guild_id in self._lanes if kind is _Kind.WELCOMES]
            welcomes = await servers.due_welcomes(
                self._database.background, now=now, busy=busy, limit=_limit(poster, busy)
            )
            for welcome in _within_reach(poster, welcomes, busy, lambda welcome: welcome.guild_id):
                self._open_lane(
                    _Kind.WELCOMES, welcome.guild_id, poster, partial(self._welcomes.send, poster, welcome)
                )
            await self._wake_talks(poster, now)

    async def _wake_talks(self, poster: Poster, now: datetime) -> None:
        """Start lanes for servers with a talk to be opened, and for threads with something to be said in them."""
        reader = self._database.background
        busy = [guild_id for kind, guild_id in self._lanes if kind is _Kind.TALKS]
        due = await talks.due_talks(reader, now=now, busy=busy, limit=_limit(poster, busy))
        for talk in _within_reach(poster, due, busy, lambda talk: talk.guild_id):
            self._open_lane(_Kind.TALKS, talk.guild_id, poster, partial(self.talks.open_all, poster, talk.guild_id))
        busy = [place for kind, place in self._lanes if kind is _Kind.TALK_MESSAGES]
        places = await messages.due_places(reader, now=now, busy=busy, limit=_limit(poster, busy))
        for place in _within_reach(poster, places, busy, int):
            self._open_lane(_Kind.TALK_MESSAGES, place, poster, partial(self.talks.send_all, poster, place))

    async def deliver(self, poster: Poster) -> int:
        """Send everything that is due, wait for it, and return how many messages arrived."""
        before = self._sent
        await self.wake(poster)
        while self._lanes:
            await asyncio.wait(list(self._lanes.values()))
            await self.wake(poster)
        return self._sent - before

    def _open_lane(self, kind: _Kind, channel_id: int, poster: Poster, work: Callable[[], Awaitable[bool]]) -> None:
        async def run() -> None:
            has_worked = False
            what = f"lane of {kind} {channel_id}"
            try:
                with self._heartbeats[_LOOPS.get(kind, Loop.COURIER)].working():
                    has_worked = await work()
                self._faults.worked(what)
            except Exception as exc:  # noqa: BLE001 - the lane ends; the next wake opens it again
                self._faults.failed(what, exc)
            finally:
                del self._lanes[kind, channel_id]
            # There may be more channels than lanes, and a message that was sent may need a thread.
            if has_worked and len(self._lanes) <= LANES // 2:
                await self.wake(poster)

        task = asyncio.create_task(run(), name=f"{kind} {channel_id}")
        self._lanes[kind, channel_id] = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pace(self) -> None:
        """Wait for the next turn, which all channels share."""
        loop = asyncio.get_running_loop()
        at_s = max(loop.time(), self._next_send_s)
        self._next_send_s = at_s + 1 / MESSAGES_PER_SECOND
        await asyncio.sleep(at_s - loop.time())
        note_step()

    # ── messages ────────────────────────────────────────────────────────────────────────────────

    async def _send_all(self, poster: Poster, channel_id: int) -> bool:
        """Send what is due in a channel, the oldest first; True if anything was dealt with."""
        has_sent = False
        while delivery := await outbox.channel_head(self._database.background, channel_id, now=self._clock()):
            if delivery.not_before and delivery.not_before > self._clock():
                break
            if not await self._send(poster, delivery):
                break
            has_sent = True
            note_step()
        return has_sent

    async def _fold_backlog(self, delivery: Delivery) -> Delivery:
        """Make one digest of a long backlog, in the place of its oldest post."""
        is_single = delivery.kind is DeliveryKind.POST and not delivery.is_digest
        if not is_single or delivery.state is not DeliveryState.PENDING:
            return delivery
        if len(await outbox.backlog(self._database.background, delivery.subscription_id)) <= MOST_SINGLE_POSTS:
            return delivery
        async with self._database.transaction() as db:
            # An admin may have paused it since then.
            waiting = await outbox.backlog(db, delivery.subscription_id)
            if len(waiting) > MOST_SINGLE_POSTS:
                await outbox.merge(db, waiting)
            return await outbox.find_delivery(db, delivery.id) or delivery

    async def _send(self, poster: Poster, delivery: Delivery) -> bool:
        """Take one step of one delivery; True if the channel's next message may follow."""
        subscription = await subscriptions.find_subscription(self._database.background, delivery.subscription_id)
        if subscription is None:
            return True
        with speaking(await servers.language_of(self._database.background, subscription)):
            return await self._send_or_save(poster, delivery, subscription)

    async def _send_or_save(self, poster: Poster, delivery: Delivery, subscription: Subscription) -> bool:
        """Take one step of one delivery, or save why it failed; True if the channel's next message may follow."""
        news = self._news
        try:
            return await self._try(poster, delivery, subscription)
        except DeliveryError as exc:
            may_follow = await self._save_refusal(delivery, subscription, exc)
            if news != self._news:
                # News that came while we were being refused came too early for this one to be tried again.
                await self._retry_suspended(poster)
            return may_follow
        except StoreError:
            raise  # not this message's fault, and a fault could not be saved anyway
        except Exception as exc:  # noqa: BLE001 - whatever it was, the next message has its turn
            await self._save_fault(delivery, exc)
            return True

    async def _try(self, poster: Poster, delivery: Delivery, subscription: Subscription) -> bool:
        """Look for a message that may be there already, else send it; True if the channel's next may follow."""
        if delivery.kind is not DeliveryKind.NOTICE:
            await self._lookback.account(poster, delivery.channel_id)
            if await self._settle_found(delivery.channel_id):
                return True
        if delivery.state is DeliveryState.SENDING and await self._has_arrived(poster, delivery, subscription):
            return True
        delivery = await self._fold_backlog(delivery)
        if await self._leave_out_known(delivery):
            return True
        message = await self._outgoing(poster, delivery, subscription)
        if delivery.is_plain:
            message = posts.plain(message)
        place = await self._place_of(poster, delivery, message)
        await self._pace()
        if not await self._claim(poster, delivery, subscription, message, place):
            return True
        posted = await poster.post(place, message, nonce=delivery.nonce)
        await self._settle(poster, delivery, subscription, posted)
        return True

    async def _leave_out_known(self, delivery: Delivery) -> bool:
        """Give up posts that came to the channel from another feed; True if any were given up, or have to wait.

        A copy that is still on its way may fail, so this post waits until that is settled.
        """
        if delivery.kind is not DeliveryKind.POST:
            return False
        duplicates = await find_from_others(self._database.background, delivery)
        known, now = duplicates.known, self._clock()
        if not known and duplicates.is_under_way:
            async with self._database.transaction() as db:
                await outbox.stand_aside(db, delivery.id, reason=COPY_UNDER_WAY, not_before=now + COPY_WAIT)
            return True
        if not known:
            return False
        async with self._database.transaction() as db:
            still = await outbox.find_delivery(db, delivery.id)
            if still is None or still.state is not DeliveryState.PENDING:
                return True
            await outbox.leave_out(db, still, [(duplicate.id, why) for duplicate, why in known], now=now)
            for duplicate, why in known:
                if duplicate.review_id is not None:
                    post = [(duplicate.subscription_id, duplicate.review_id)]
                    await decisions.decide_all(db, post, Stage.DUPLICATE, detail=why, now=now)
        return True

    async def _without_lost_role(self, poster: Poster, subscription: Subscription) -> Delivering:
        """Return how posts are made, without a role that was deleted; tell the owner of that once."""
        delivering = subscription.delivering
        if delivering.role_id is None or not poster.is_role_gone(subscription.channel_id, delivering.role_id):
            return delivering
        async with self._database.transaction() as db:
            await self._tell_lost_role(db, subscription)
        return replace(delivering, role_id=None)

    async def tell_lost_roles(self, poster: Poster) -> None:
        """Tell the owners of subscriptions whose role was deleted, once."""
        for subscription in await subscriptions.live(self._database.background):
            role_id = subscription.delivering.role_id
            if role_id is not None and poster.is_role_gone(subscription.channel_id, role_id):
                async with self._database.transaction() as db:
                    await self._tell_lost_role(db, subscription)

    async def _tell_lost_role(self, db: Connection, subscription: Subscription) -> None:
        role_id = subscription.delivering.role_id
        if role_id is None or subscription.guild_id is None:
            return
        if await subscriptions.tell_role_once(db, subscription.id, role_id):
            text = Message(
                "The role that {feed} pings in {channel} was deleted. Posts go on without a ping. To ping another "
                "role, choose it with /subscribe.",
                feed=subscription.feed_name,
                channel=f"<#{subscription.channel_id}>",
            )
            await self._tell(db, subscription, text, self._clock())

    async def _place_of(self, poster: Poster, delivery: Delivery, message: Outgoing) -> int:
        """Return the channel that a message goes to.

        Raises:
            DeliveryError: There is no such channel any longer.
        """
        if delivery.kind is DeliveryKind.NOTICE:
            return poster.find_place(delivery.channel_id, not_in=message.not_in)
        if delivery.kind is DeliveryKind.NOTE and delivery.review_id is not None:
            reader = self._database.background
            post = await outbox.post_of_thread(reader, delivery.review_id, delivery.channel_id)
            is_there = post is None or await poster.has_message(
                post.message_channel_id or post.channel_id, post.message_id or 0
            )
            if not is_there:
                raise DeliveryError(Message("the post that it belongs to was deleted"), is_final=True)
        return delivery.channel_id

    async def _claim(
        self, poster: Poster, delivery: Delivery, subscription: Subscription, message: Outgoing, place: int
    ) -> bool:
        """Claim a row; False if an admin has changed something since its message was drawn, which is then redrawn."""
        async with self._database.transaction() as db:
            if await subscriptions.find_subscription(db, subscription.id) != subscription:
                return False
            newest = await outbox.newest_message(db, delivery.channel_id)
            return await outbox.claim(
                db,
                delivery.id,
                channel_id=delivery.channel_id,
                claimed_as=posts.write_traits(posts.traits_of(message)),
                claimed_after=max(newest or 0, poster.newest_id(place)),
                place=place if delivery.kind is DeliveryKind.NOTICE else None,
                now=self._clock(),
            )

    async def _save_fault(self, delivery: Delivery, error: Exception) -> None:
        """Put off a message that failed unexpectedly; give it up after the last try.

        A claimed message stays in doubt: it is looked for before it is sent again.
        """
        now = self._clock()
        reason = describe_fault(error)
        self._faults.failed(f"{delivery.kind} {delivery.id} to {delivery.channel_id}", error)
        pause = pause_after(delivery.faults + 1)
        is_post = delivery.kind is DeliveryKind.POST
        async with self._database.transaction() as db:
            if pause is None:
                await outbox.settle_failed(db, delivery.id, reason=reason, now=now)
            else:
                await outbox.save_fault(db, delivery.id, reason=reason, not_before=now + pause)
            if is_post and (pause is None or delivery.faults == 0):
                await self._decide_held(db, delivery, Stage.DELAYED if pause else Stage.FAILED, reason)
            if delivery.is_digest and pause:
                await outbox.take_apart(db, delivery.id)

    async def _outgoing(self, poster: Poster, delivery: Delivery, subscription: Subscription) -> Outgoing:
        """Draw the message of a row, from the reviews as they are now."""
        if delivery.kind is DeliveryKind.NOTE:
            return posts.note_of(say_note(delivery.text or ""))
        if delivery.kind is DeliveryKind.NOTICE:
            return posts.notice_of(
                say(delivery.text or ""), owner_id=subscription.owner_id, not_in=subscription.channel_id
            )
        delivering = await self._without_lost_role(poster, subscription)
        reader = self._database.background
        held = await outbox.in_digest(reader, delivery.id)
        ids = [review_id for _, review_id in held]
        if not delivery.is_digest:
            user_ids = await self._mentioned(subscription.guild_id, {subscription.feed_id}, ids)
            return posts.post_of(
                (await reviews.find_reviews(reader, ids))[0],
                delivering,
                user_ids=user_ids,
                feed_name=subscription.feed_name,
            )
        of_whom = await subscriptions.find_subscriptions(reader, {of for of, _ in held})
        user_ids = await self._mentioned(subscription.guild_id, {source.feed_id for source in of_whom.values()}, ids)
        heads = {head.id: head for head in await reviews.find_heads(reader, ids)}
        items = [(heads[review_id], of_whom[of].feed_name) for of, review_id in held]
        return posts.digest_of(items, delivering, user_ids=user_ids, now=self._clock())

    async def _mentioned(self, guild_id: int | None, feed_ids: Iterable[int], review_ids: Sequence[int]) -> list[int]:
        """Return the members who follow one of these feeds, or a term that one of these reviews is about."""
        if guild_id is None:
            return []
        reader = self._database.background
        members: dict[int, None] = {}
        for feed_id in feed_ids:
            members |= dict.fromkeys(await followers.feed_followers(reader, guild_id, feed_id))
        terms = await followers.term_followers(reader, guild_id)
        on = [*review_ids, *(await reviews.part_ids(reader, review_ids) if terms else ())]
        for term, user_ids in terms.items():
            if not members.keys() >= set(user_ids) and await self._searcher.are_on(term, on):
                members |= dict.fromkeys(user_ids)
        if len(members) > MAX_MENTIONS:
            log.warning("followers beyond the first are not mentioned guild=%d", guild_id)
        return list(members)[:MAX_MENTIONS]

    async def _settle(self, poster: Poster, delivery: Delivery, subscription: Subscription, posted: Posted) -> None:
        """Save where a message arrived, and request the steps that its subscription wants."""
        now = self._clock()
        async with self._database.transaction() as db:
            is_wanted = await outbox.settle_sent(db, delivery.id, posted, now=now)
            await channels.take_found(db, posted.message_id)
            if is_wanted and delivery.kind is DeliveryKind.POST:
                if poster.problem(subscription.channel_id, subscription.delivering) is None:
                    await subscriptions.forget_telling(db, subscription.id)
                await self._decide_held(
                    db, delivery, Stage.SENT, Message("in a digest") if delivery.is_digest else None
                )
                await self._ask_for_steps(db, delivery.id, subscription.delivering, posted)
                if posted.thread_id is not None and not delivery.is_digest:
                    await self._record_talk(db, subscription, delivery.review_id, posted.thread_id, is_forum=True)
        self._sent += 1
        self._faults.worked(f"{delivery.kind} {delivery.id} to {delivery.channel_id}")
        log.info(
            "sent kind=%s id=%d channel=%d message=%d",
            *(delivery.kind, delivery.id, delivery.channel_id, posted.message_id),
        )

    async def _record_talk(
        self, db: Connection, subscription: Subscription, review_id: int | None, thread_id: int, *, is_forum: bool
    ) -> None:
        """Enter the thread that an announcement has or is: it is the talk about the paper in that server."""
        if subscription.guild_id is None or review_id is None:
            return
        place = Place(channel_id=subscription.channel_id, root_id=None if is_forum else thread_id)
        await record_thread(db, subscription.guild_id, review_id, place, thread_id=thread_id, now=self._clock())

    async def _decide_held(self, db: Connection, delivery: Delivery, stage: Stage, detail: str | None) -> None:
        """Save what became of a post, or of each post in a digest."""
        held = await outbox.in_digest(db, delivery.id)
        await decisions.decide_all(db, held, stage, detail=detail, now=self._clock())

    async def _ask_for_steps(self, db: Connection, delivery_id: int, delivering: Delivering, posted: Posted) -> None:
        """Request the steps that a message's subscription wants: publishing, a thread."""
        if delivering.publishes:
            await outbox.follow_up(db, delivery_id, FollowUpKind.PUBLISH)
        if delivering.opens_thread and posted.thread_id is None:
            await outbox.follow_up(db, delivery_id, FollowUpKind.THREAD)

    async def _has_arrived(self, poster: Poster, delivery: Delivery, subscription: Subscription) -> bool:
        """Settle a delivery in doubt by looking at the channel; back to pending if it is not there.

        Raises:
            DeliveryError: We cannot tell now, or ever (`Lookback.find`).
        """
        if arrived := await self._lookback.find(poster, delivery):
            await self._settle(poster, delivery, subscription, arrived)
            if delivery.kind is DeliveryKind.POST and not delivery.is_digest:
                async with self._database.transaction() as db:
                    await outbox.follow_up(db, delivery.id, FollowUpKind.EDIT)  # the review may have been revised
            return True
        async with self._database.transaction() as db:
            await outbox.put_back(
                db,
                delivery.id,
                reason=Message("sent again, because it was not found in the channel"),
                not_before=None,
            )
        # It is drawn again, and sent to the new channel if the subscription was moved.
        return True

    async def _settle_found(self, channel_id: int) -> bool:
        """Settle messages that wait for a channel although they are there; True if there were any."""
        if not self._lookback.has_found(channel_id):
            return False
        now = self._clock()
        async with self._database.transaction() as db:
            matched = await self._lookback.match(db, channel_id)
            left = [row for row in await outbox.waiting_for(db, channel_id) if row.is_digest]
            matched_ids = {row.id for row, *_ in matched}
            for row, posted, is_digest in matched:
                if not await outbox.settle_found(db, row.id, posted, is_digest=is_digest, now=now):
                    continue
                of = await subscriptions.find_subscription(db, row.subscription_id)
                if of and row.kind is DeliveryKind.POST:
                    await self._ask_for_steps(db, row.id, of.delivering, posted)
                    if not is_digest:  # the review may have been revised while nobody knew of its message
                        await outbox.follow_up(db, row.id, FollowUpKind.EDIT)
            for carrier in {row.carrier_id for row, *_ in matched if row.is_digest}:
                if rest := [row.id for row in left if row.carrier_id == carrier and row.id not in matched_ids]:
                    await outbox.merge(db, rest)
            told = [(row.subscription_id, row.review_id) for row, *_ in matched if row.kind is DeliveryKind.POST]
            known = [(of, review_id) for of, review_id in told if review_id is not None]
            await decisions.decide_all(db, known, Stage.SENT, detail=Message("found in the channel"), now=now)
            shortened = await self._lookback.shorten_notes(db, channel_id)
            for row, stands in shortened:
                if stands is not None:
                    await outbox.settle_found(db, row.id, stands, is_digest=False, now=now)
        if count := len(matched) + len(shortened):
            log.warning("found in the channel, not sent again channel=%d count=%d", channel_id, count)
        return bool(count)

    async def _save_refusal(self, delivery: Delivery, subscription: Subscription, error: DeliveryError) -> bool:
        """Save why a message was refused; True if the channel's next may follow."""
        now = self._clock()
        if delivery.reason != error.reason:
            log.warning("delivery refused id=%d channel=%d reason=%s", delivery.id, delivery.channel_id, error.reason)
        not_before = next_try(delivery.attempts + delivery.looks, error, now)
        # A note or a notice whose channel refuses it is not worth waiting for.
        is_final = (
            error.is_final
            or error.is_unknown
            or ((error.is_blocked or error.is_gone) and delivery.kind is not DeliveryKind.POST)
        )
        async with self._database.transaction() as db:
            if error.is_about_post and await self._make_plainer(db, delivery, error.reason):
                return True
            if error.is_gone and delivery.kind is DeliveryKind.POST:
                await outbox.put_back(db, delivery.id, reason=error.reason, not_before=None)
                await self._end_channel(db, delivery.channel_id, now)
                return True
            if is_final:
                await outbox.settle_failed(db, delivery.id, reason=error.reason, now=now)
            elif error.is_doubtful:
                await outbox.postpone(db, delivery.id, reason=error.reason, not_before=not_before)
            else:
                await outbox.put_back(db, delivery.id, reason=error.reason, not_before=not_before)
            if delivery.kind is DeliveryKind.POST and (is_final or delivery.reason != error.reason):
                stage = Stage.UNKNOWN if error.is_unknown else Stage.FAILED if is_final else Stage.REFUSED
                await self._decide_held(db, delivery, stage, error.reason)
            if error.is_blocked and delivery.kind is DeliveryKind.POST and not is_final:
                await self._suspend(db, subscription, error.reason, now, public_reason=error.public_reason)
            if error.is_about_post and delivery.kind is DeliveryKind.POST:
                await self._tell_given_up(db, subscription, delivery, error.reason)
        # A suspended row lets the channel's other subscriptions pass, and a row long in doubt lets everything pass.
        return is_final or error.is_blocked or delivery.looks + 1 >= outbox.LOOKS_IN_LINE

    async def _make_plainer(self, db: Connection, delivery: Delivery, reason: str) -> bool:
        """Try a refused post once more in its plainest form, and a digest post by post; False if that was done."""
        if not (delivery.is_digest or await outbox.set_plain(db, delivery.id)):
            return False
        await outbox.put_back(db, delivery.id, reason=reason, not_before=None)
        await self._decide_held(db, delivery, Stage.REFUSED, reason)
        if delivery.is_digest:
            await outbox.take_apart(db, delivery.id)
        return True

    async def _tell_given_up(
        self, db: Connection, subscription: Subscription, delivery: Delivery, reason: str
    ) -> None:
        heads = await reviews.find_heads(db, [delivery.review_id] if delivery.review_id is not None else [])
        text = Message(
            "“{title}” of {feed} could not be sent to {channel}. {why}. Later posts are sent as usual.",
            title=cut_text(heads[0].clean_title, QUOTED_TITLE) if heads else Message("A post"),
            feed=subscription.feed_name,
            channel=f"<#{subscription.channel_id}>",
            why=reason,
        )
        await self._tell_once(db, subscription, text, self._clock())

    # ── stopping and starting again ─────────────────────────────────────────────────────────────

    async def _suspend(
        self,
        db: Connection,
        subscription: Subscription,
        reason: str,
        now: datetime,
        *,
        public_reason: str | None = None,
    ) -> None:
        await subscriptions.suspend(db, subscription.id, reason=reason)
        text = Message(
            "I cannot announce {feed} in {channel}: {why}. New posts are queued and will be sent automatically once "
            "this is fixed.",
            feed=subscription.feed_name,
            channel=f"<#{subscription.channel_id}>",
            why=public_reason or reason,
        )
        await self._tell_once(db, subscription, text, now)

    async def _tell_once(self, db: Connection, subscription: Subscription, text: str, now: datetime) -> None:
        """Tell the person who set the subscription up, unless that was done since it last worked."""
        if subscription.guild_id is not None and await subscriptions.tell_once(db, subscription.id, now=now):
            await self._tell(db, subscription, text, now)

    async def _tell(self, db: Connection, subscription: Subscription, text: str, now: datetime) -> None:
        assert subscription.guild_id is not None  # noqa: S101 - checked by all callers
        nonce = secrets.token_hex(12)
        await outbox.enqueue_notice(
            db, subscription.id, guild_id=subscription.guild_id, text=text, nonce=nonce, now=now
        )

    async def end_channel(self, channel_id: int) -> None:
        """End the subscriptions of a deleted channel or thread, and tell the people who set them up."""
        async with self._database.transaction() as db:
            await self._end_channel(db, channel_id, self._clock())
            await self.talks.channel_gone(db, channel_id)
        await self.talks.thread_gone(channel_id)

    async def _end_channel(self, db: Connection, channel_id: int, now: datetime) -> None:
        of_channel = await subscriptions.of_channel(db, channel_id)
        for subscription in of_channel:
            if subscription.is_host:  # the host can name another channel, which then gets what waits
                reason = Message("the channel was deleted; set NONMUN_CHANNEL_ID to another channel")
                await subscriptions.suspend(db, subscription.id, reason=reason)
        of_channel = [subscription for subscription in of_channel if not subscription.is_host]
        await self._end(db, of_channel, Message("the channel was deleted"), now)
        told: dict[tuple[int, int | None], list[Subscription]] = {}
        for subscription in of_channel:
            if subscription.guild_id is not None:
                told.setdefault((subscription.guild_id, subscription.owner_id), []).append(subscription)
        for ended in told.values():
            await self._tell_channel_gone(db, ended, now)

    async def _tell_channel_gone(self, db: Connection, ended: Sequence[Subscription], now: datetime) -> None:
        """Tell the person who set up subscriptions of one server that their channel was deleted."""
        names = ", ".join(subscription.feed_name for subscription in ended[:10])
        text = Message(
            "The channel of {feeds} was deleted. Use /feed add to follow it in another channel.", feeds=names
        )
        await self._tell(db, ended[0], text, now)

    async def end_guild(self, guild_id: int) -> None:
        """End everything of a server that the bot has left, and forget its followers."""
        now = self._clock()
        async with self._database.transaction() as db:
            reason = Message("the bot has left the server")
            await self._end(db, await subscriptions.of_guild(db, guild_id), reason, now)
            await followers.forget_guild(db, guild_id)
            await joins.forget_guild(db, guild_id)
            await self.talks.guild_gone(db, guild_id)
            await privacy.forget_guild(db, guild_id)
            await servers.forget_server(db, guild_id)

    async def _end(self, db: Connection, ended: Sequence[Subscription], reason: str, now: datetime) -> None:
        ids = [subscription.id for subscription in ended]
        await subscriptions.end_subscriptions(db, ids, reason=reason, now=now)
        given_up = await outbox.drop(db, ids, reason=reason, now=now, with_sending=True)
        await decisions.decide_all(db, given_up, Stage.FAILED, detail=reason, now=now)

    async def retry(self, poster: Poster) -> None:
        """Try suspended subscriptions again, unless something is still known to keep them out."""
        self._news += 1
        await self._retry_suspended(poster)

    async def _retry_suspended(self, poster: Poster) -> None:
        suspended = await subscriptions.suspended(self._database.background)
        free = [
            subscription.id
            for subscription in suspended
            if poster.problem(subscription.channel_id, subscription.delivering) is None
        ]
        if not free:
            return
        async with self._database.transaction() as db:
            await subscriptions.resume_suspended(db, free)
            await outbox.retry_posts_now(db, free)

    # ── digests ─────────────────────────────────────────────────────────────────────────────────

    async def _make_digests(self) -> None:
        """Make each digest that is due from what was collected for it; nothing is sent if nothing was collected."""
        together: dict[tuple[int, Delivering], list[Subscription]] = {}
        try:
            for due in await subscriptions.due_digests(self._database.background, self._clock()):
                together.setdefault((due.channel_id, due.delivering), []).append(due)
            for of_channel in together.values():
                await self._make_digest(of_channel)
            self._faults.worked("digests")
        except Exception as exc:  # noqa: BLE001 - other messages do not wait for the digests
            self._faults.failed("digests", exc)

    async def _make_digest(self, of_channel: Sequence[Subscription]) -> None:
        now = self._clock()
        what = f"digest of {[subscription.id for subscription in of_channel]}"
        try:
            async with self._database.transaction() as db:
                still = {due.id for due in await subscriptions.due_digests(db, now)}
                due = [subscription for subscription in of_channel if subscription.id in still]
                for subscription in due:
                    plan = subscription.delivering.digest
                    await subscriptions.set_digest(db, subscription.id, next_digest(plan, now) if plan else None)
                if collected := await outbox.collected(db, [subscription.id for subscription in due]):
                    await outbox.merge(db, collected)
            self._faults.worked(what)
        except StoreError:
            raise
        except Exception as exc:  # noqa: BLE001 - the other digests are still made
            self._faults.failed(what, exc)
            await self._save_digest_fault(of_channel, exc, now)

    async def _save_digest_fault(self, of_channel: Sequence[Subscription], error: Exception, now: datetime) -> None:
        """Try a digest again later; after the last try, suspend the subscription and tell its owner. Posts wait."""
        async with self._database.transaction() as db:
            for subscription in of_channel:
                pause = pause_after(subscription.faults + 1)
                await subscriptions.save_fault(db, subscription.id, digest_at=now + pause if pause else None)
                if pause is None:
                    reason = Message("its digest cannot be made: {why}", why=describe_fault(error))
                    await self._suspend(db, subscription, reason, now)

    # ── follow-ups ──────────────────────────────────────────────────────────────────────────────

    async def _follow_up_all(self, poster: Poster, channel_id: int) -> bool:
        """Do what is due to a channel's messages; True if anything was done."""
        has_done = False
        due_now = await outbox.due_follow_ups(
            self._database.background, channel_id, now=self._clock(), read=self._read
        )
        for due in due_now:
            with speaking(await self._language_for(due)):
                has_done = await self._try_follow_up(poster, due) or has_done
        return has_done

    async def _language_for(self, due: FollowUp) -> str:
        subscription = await subscriptions.find_subscription(self._database.background, due.subscription_id)
        return await servers.language_of(self._database.background, subscription) if subscription else ENGLISH

    async def _try_follow_up(self, poster: Poster, due: FollowUp) -> bool:
        """Do what is due to a message, or save why it failed; True if it was done."""
        try:
            await self._follow_up(poster, due)
        except DeliveryError as exc:
            await self._save_late(due, exc)
        except StoreError:
            raise
        except Exception as exc:  # noqa: BLE001 - other messages do not wait for this one
            await self._save_late_fault(due, exc)
        else:
            return True
        return False

    async def _follow_up(self, poster: Poster, due: FollowUp) -> None:
        thread_id: int | None = None
        match due.kind:
            case FollowUpKind.PUBLISH:
                await poster.publish(due.channel_id, due.message_id)
            case FollowUpKind.THREAD:
                heads = await reviews.find_heads(self._database.background, [due.review_id])
                name = heads[0].clean_title if heads else ""
                thread_id = await poster.open_thread(due.channel_id, due.message_id, name)
            case FollowUpKind.EDIT:
                await self._edit(poster, due)
        async with self._database.transaction() as db:
            await outbox.settle_follow_up(db, due)
            if thread_id is not None:
                await outbox.set_thread(db, due.delivery_id, thread_id)
                delivery = await outbox.find_delivery(db, due.delivery_id)
                subscription = await subscriptions.find_subscription(db, due.subscription_id)
                if subscription and delivery and not delivery.is_digest:
                    await self._record_talk(db, subscription, due.review_id, thread_id, is_forum=False)
            if due.kind is FollowUpKind.EDIT:
                edited = [(due.subscription_id, due.review_id)]
                await decisions.decide_all(db, edited, Stage.EDITED, detail=None, now=self._clock())

    async def _edit(self, poster: Poster, due: FollowUp) -> None:
        subscription = await subscriptions.find_subscription(self._database.background, due.subscription_id)
        stored_reviews = await reviews.find_reviews(self._database.background, [due.review_id])
        if subscription is None or not stored_reviews:
            return
        message = posts.unmentioning(posts.post_of(stored_reviews[0], subscription.delivering))
        delivery = await outbox.find_delivery(self._database.background, due.delivery_id)
        if delivery and delivery.is_plain:
            message = posts.plain(message)
        await self._pace()
        await poster.edit(due.channel_id, due.message_id, message)

    async def _save_late(self, due: FollowUp, error: DeliveryError) -> None:
        """Try a refused follow-up again later; give it up if it is impossible, or was refused for good."""
        now = self._clock()
        log.warning("%s refused delivery=%d reason=%s", due.kind, due.delivery_id, error.reason)
        async with self._database.transaction() as db:
            is_edit_refused = error.is_about_post and due.kind is FollowUpKind.EDIT
            is_plainer = is_edit_refused and await outbox.set_plain(db, due.delivery_id)
            if (error.is_final and not is_plainer) or error.is_gone or due.attempts >= MAX_TRIES:
                await self._let_go(db, due, error.reason, now)
                return
            not_before = next_try(due.attempts, error, now)
            await outbox.postpone_follow_up(db, due, reason=error.reason, not_before=not_before)
            if error.is_blocked and (subscription := await subscriptions.find_subscription(db, due.subscription_id)):
                text = Message(
                    CANNOT[due.kind],
                    feed=subscription.feed_name,
                    channel=f"<#{subscription.channel_id}>",
                    why=error.reason,
                )
                await self._tell_once(db, subscription, text, now)

    async def _save_late_fault(self, due: FollowUp, error: Exception) -> None:
        now = self._clock()
        reason = describe_fault(error)
        self._faults.failed(f"{due.kind} of {due.delivery_id}", error)
        pause = pause_after(due.faults + 1)
        async with self._database.transaction() as db:
            if pause is None:
                await self._let_go(db, due, reason, now)
            else:
                await outbox.save_follow_up_fault(db, due, reason=reason, not_before=now + pause)

    async def _let_go(self, db: Connection, due: FollowUp, reason: str, now: datetime) -> None:
        """Give up a follow-up, and save why: /why shows it."""
        await outbox.fail_follow_up(db, due, reason=reason)
        of = [(due.subscription_id, due.review_id)]
        await decisions.decide_all(db, of, Stage.UNDONE, detail=Message(COULD_NOT[due.kind], why=reason), now=now)

    async def undelivered(self) -> list[Delivery]:
        """Return the messages that wait or failed, with the reason."""
        return await outbox.unsent(self._database.background)


def _limit(poster: Poster, busy: Collection[int]) -> int:
    """How many places to read: as many as there are lanes left, or all (-1) if some of them have to wait."""
    return max(0, LANES - len(busy)) if poster.is_complete else -1


def _within_reach(
    poster: Poster, found: Sequence[_Found], busy: Collection[int], place_of: Callable[[_Found], int]
) -> Sequence[_Found]:
    """Leave out what goes to a place that Discord has not named yet: nobody knows whether it is a forum, or gone."""
    if poster.is_complete:
        return found
    return [one for one in found if poster.knows(place_of(one))][: max(0, LANES - len(busy))]
