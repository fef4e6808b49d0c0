"""Talks: opened once, found in the registry, and what the bot writes into them, sent once.

The same order as for announcements: a row is written before anything is sent, claimed, looked for when in doubt, and
settled. So a talk exists once and a quote stands once, whenever the process is killed. Talks are opened in a lane for
each server, and messages are sent in a lane for each thread or channel. A member's press writes the rows, wakes the
lanes and waits for the outcome; what takes longer, or was interrupted, is finished by the lanes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.announcing.decisions import next_try
from bot.cards.talks import quote_of, review_gone, tag_names, talk_name, wait_before_next
from bot.delivering import posts
from bot.delivering.look_back import Lookback
from bot.delivering.posts import Outgoing, Poster
from bot.errors import DeliveryError, RequestError, StoreError
from bot.faults import describe_fault
from bot.languages import Message, say, speaking
from bot.models.announcing import Delivery, DeliveryKind, DeliveryState, Posted
from bot.models.passages import Passage, check_of_block
from bot.models.reviews import ReviewHead, Section, StoredReview
from bot.models.servers import Server, TalkPlace
from bot.models.talks import Talk, TalkMessage, TalkMessageKind, TalkMessageState, TalkState, ThreadFacts
from bot.search.anchoring import make_passage
from bot.search.keys import paper_link_key
from bot.store import channels, conclusions, messages, passages, reviews, servers, talks
from bot.store import deliveries as outbox
from bot.store.database import Connection, Database
from bot.store.joins import paper_of
from bot.store.messages import NewMessage

log = logging.getLogger(__name__)

MAX_TRIES = 12
"""Tries, the last of them an hour apart, before a talk or a message is given up."""
WAIT_BETWEEN_TALKS = timedelta(seconds=30)
"""For one member in one server."""
PATIENCE_S = 20.0
"""How long a member's press waits for the outcome."""
MOST_ADOPTED = 3
"""Announcements of a review in one server whose threads are looked for."""
MOST_KNOWN = 10
"""Talks of one paper in one server that are looked at: joins of papers may bring several together."""
MOST_TOLD = 10
"""Messages of a talk that `/why` tells of."""
_AWAITED = (TalkMessageKind.OPENING, TalkMessageKind.QUOTE)
GONE = Message("the talk was deleted")
LEFT = Message("the bot has left the server")
CHANNEL_GONE = Message("the channel was deleted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a talk may be opened.

    Attributes:
        root_id: The announcement under which it is opened; None for a message of its own, and in a forum.
        is_chosen: Whether the server's admins chose the channel for talk.
    """

    channel_id: int
    root_id: int | None = None
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A talk that a member wants to have opened."""

    guild_id: int
    review_id: int
    opener_id: int
    place: Place
    is_forum: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A passage to be put into a talk. ``words`` is what is shown of it."""

    review_id: int
    passage: Passage
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a member's press. ``is_new``: the talk was not there, or the passage not quoted, before."""

    talk: Talk | None
    quote: TalkMessage | None = None
    is_new: bool = True


class Talks:
    """Opens talks, and sends what is written into them.

    Args:
        pace: Waits for the next turn to send.
        wake: Opens lanes for what is due.
    """

    def __init__(
        self,
        database: Database,
        lookback: Lookback,
        *,
        pace: Callable[[], Awaitable[None]],
        wake: Callable[[Poster], Awaitable[None]],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._lookback = lookback
        self._pace = pace
        self._wake = wake
        self._clock = clock
        self._began_at = clock()
        self._step = asyncio.Event()

    # ── the registry ────────────────────────────────────────────────────────────────────────────

    async def known(self, guild_id: int, review_id: int) -> list[Talk]:
        """Return the talks about a review's paper in a server that are open or being opened, the first one first."""
        reader = self._database.reader
        paper = await paper_of(reader, review_id, guild_id)
        return (await talks.talks_of(reader, paper, guild_id, states=talks.LIVE))[:MOST_KNOWN]

    async def histories(self, guild_id: int, review_id: int) -> list[tuple[Talk, list[TalkMessage]]]:
        """Return what became of the talks about a review's paper in a server: each with its last messages."""
        reader = self._database.reader
        paper = await paper_of(reader, review_id, guild_id)
        found = await talks.talks_of(reader, paper, guild_id, states=tuple(TalkState))
        shown = [talk for talk in found if not talk.is_private][:MOST_KNOWN]
        return [(talk, await messages.last_messages(reader, talk.id, limit=MOST_TOLD)) for talk in shown]

    async def reviews_in(self, thread_id: int, guild_id: int) -> list[int]:
        """Return the reviews of the paper that a server's thread is the talk about; none for any other thread.

        The one that the talk was opened from is the first.
        """
        reader = self._database.reader
        talk = await talks.talk_in(reader, thread_id)
        if talk is None or talk.guild_id != guild_id or talk.review_id is None:
            return []
        same = await paper_of(reader, talk.review_id, guild_id)
        return [talk.review_id, *(review_id for review_id in same if review_id != talk.review_id)]

    async def find(self, talk_id: int) -> Talk | None:
        """Return a talk by its id; None if it is not known."""
        return await talks.find_talk(self._database.reader, talk_id)

    async def places(
        self, server: Server, review_id: int, *, pressed_in: int | None, pressed_on: int | None
    ) -> list[Place]:
        """Return where a talk about a review's paper may be opened, in the order of preference.

        Args:
            pressed_in: The channel in which a member asked for it.
            pressed_on: A message of ours there that is about the paper and answers nobody, whether we know it or not.
        """
        if server.talk_place is TalkPlace.FORUM and server.talk_channel_id is not None:
            return [Place(channel_id=server.talk_channel_id, is_chosen=True)]
        reader = self._database.reader
        announced = [
            Place(channel_id=one.channel_id, root_id=one.message_id)
            for each in await paper_of(reader, review_id, server.guild_id)
            for one in await outbox.announced_in(reader, each, server.guild_id)
            if not one.is_forum
        ]
        pressed = [Place(channel_id=pressed_in, root_id=pressed_on)] if pressed_in and pressed_on else []
        channels = dict.fromkeys(one for one in (server.talk_channel_id, pressed_in) if one is not None)
        own = [Place(channel_id=one, is_chosen=one == server.talk_channel_id) for one in channels]
        return [*pressed, *announced, *own]

    async def refresh(self, poster: Poster, talk: Talk) -> Talk | None:
        """Ask Discord how an open talk is now, and keep that; None if its thread was deleted.

        Raises:
            DeliveryError: Discord does not say, or not to us.
        """
        if talk.thread_id is None:
            return talk
        facts = await poster.find_thread(talk.thread_id)
        if facts is None:
            await self.thread_gone(talk.thread_id)
            return None
        await self.thread_changed(facts)
        found = await self.find(talk.id)
        return _as_reported(found, facts) if found else None

    async def adopt(self, poster: Poster, guild_id: int, review_id: int) -> Talk | None:
        """Find a thread of an announcement of a paper that we do not know: it is the talk.

        Members may have opened it while we were away, or an earlier version may have announced the paper.

        Raises:
            DeliveryError: Discord does not say, or not to us.
        """
        reader = self._database.reader
        for each in await paper_of(reader, review_id, guild_id):
            for one in (await outbox.announced_in(reader, each, guild_id))[:MOST_ADOPTED]:
                known = await talks.talk_in(reader, one.message_id)
                if known is None and (facts := await poster.find_thread(one.message_id)) is not None:
                    await self.thread_opened(facts)
                    if (talk := await talks.talk_in(reader, one.message_id)) is not None:
                        return _as_reported(talk, facts)
        return None

    async def thread_changed(self, facts: ThreadFacts) -> None:
        """Keep what Discord reports of a thread, if it is a talk."""
        if await talks.talk_in(self._database.reader, facts.thread_id) is None:
            return
        async with self._database.transaction() as db:
            await talks.update_thread(db, facts, now=self._clock())

    async def thread_opened(self, facts: ThreadFacts) -> None:
        """Take in a thread that somebody opened: under the announcement of a paper, it is that paper's talk."""
        reader = self._database.reader
        announced = await outbox.announced_by(reader, facts.parent_id, facts.thread_id)
        if announced is None or await talks.talk_in(reader, facts.thread_id) is not None:
            await self.thread_changed(facts)
            return
        root_id = None if announced.is_forum else announced.message_id
        place = Place(channel_id=facts.parent_id, root_id=root_id)
        guild_id, review_id, now = announced.guild_id, announced.review_id, self._clock()
        async with self._database.transaction() as db:
            await record_thread(db, guild_id, review_id, place, thread_id=facts.thread_id, now=now)
            await talks.update_thread(db, facts, now=now)

    async def thread_gone(self, thread_id: int) -> None:
        """Note that a thread was deleted; the paper may get a new talk."""
        if await talks.talk_in(self._database.reader, thread_id) is None:
            return
        async with self._database.transaction() as db:
            gone = await talks.set_gone(db, thread_id)
            await messages.drop_of_talks(db, gone, reason=GONE, now=self._clock())
        self._tell_step()

    async def channel_gone(self, db: Connection, channel_id: int) -> None:
        """Note that a channel or forum was deleted, with the talks in it. Part of a transaction."""
        gone = await talks.set_gone_in(db, channel_id)
        await messages.drop_of_talks(db, gone, reason=GONE, now=self._clock())
        await messages.drop_of_channel(db, channel_id, reason=CHANNEL_GONE, now=self._clock())

    async def guild_gone(self, db: Connection, guild_id: int) -> None:
        """Forget the talks of a server that the bot has left. Part of a transaction."""
        await messages.drop_of_guild(db, guild_id, reason=LEFT, now=self._clock())
        await talks.forget_guild(db, guild_id)

    # ── for members ─────────────────────────────────────────────────────────────────────────────

    async def open(
        self, poster: Poster, wanted: Wanted, *, besides: Collection[int] = (), quote: Quote | None = None
    ) -> Outcome:
        """Open a talk, put a passage into it if one is given, and wait for the outcome.

        Where the paper got a talk in the meantime, that one is meant.

        Args:
            besides: Talks of the paper that the member may not see.
        Raises:
            RequestError: The member has just opened another one.
        """
        async with self._database.transaction() as db:
            talk_id, is_new = await self._enter(db, wanted, besides)
            quote_id = (await self._enter_quote(db, talk_id, quote))[0] if quote else None
        await self._wake(poster)
        return await self._outcome(talk_id, quote_id, is_new=is_new)

    async def put_quote(self, poster: Poster, talk: Talk, quote: Quote) -> Outcome:
        """Put a passage into a talk and wait for the outcome; if it stands there already, it is that quote."""
        async with self._database.transaction() as db:
            quote_id, is_new = await self._enter_quote(db, talk.id, quote)
        before = None if is_new else await messages.find_message(self._database.reader, quote_id)
        if before and before.message_id is not None and talk.thread_id is not None:
            if await self._still_stands(poster, talk.thread_id, before.message_id):
                return Outcome(talk=talk, quote=before, is_new=False)
            async with self._database.transaction() as db:
                await messages.set_deleted(
                    db, quote_id, reason=Message("it was posted and later deleted in the channel")
                )
                quote_id, is_new = await self._enter_quote(db, talk.id, quote)
        await self._wake(poster)
        return await self._outcome(talk.id, quote_id, is_new=is_new)

    async def make_quote(
        self, stored: StoredReview, position: int, block: int, *, words_check: str = ""
    ) -> Quote | None:
        """Return a passage of a review as it is quoted; None if it is not there.

        Args:
            words_check: Tells the words that the member saw (`check_of_block`); "" if they are not known. The review
                may have been revised since: then the passage is taken from where these words are, if that is clear.
        """
        sections = stored.review.sections
        if (place := _place_of(sections, position, block, words_check)) is None:
            return None
        position, block = place
        version = await reviews.entry_hash(self._database.reader, stored.id)
        try:
            passage = await asyncio.to_thread(make_passage, sections, position, block, version=version or "")
        except ValueError:
            return None
        return Quote(review_id=stored.id, passage=passage, words=quote_of(sections[position].blocks[block]))

    async def ensure_opening(self, poster: Poster, talk: Talk) -> None:
        """Have the first message put into a talk whose thread somebody else opened, unless it is there."""
        if talk.review_id is None or talk.root_id is None:
            return
        kind = TalkMessageKind.OPENING
        if await messages.messages_of(self._database.reader, talk.id, kind):
            return
        async with self._database.transaction() as db:
            if not await messages.messages_of(db, talk.id, kind):
                await self._add(db, talk.guild_id, kind, talk_id=talk.id, review_id=talk.review_id)
        await self._wake(poster)

    async def take_back(self, poster: Poster, talk: Talk) -> bool:
        """Remove a talk; its thread is archived where we may not delete it. Returns whether it was deleted.

        Raises:
            DeliveryError: Discord refuses.
        """
        if talk.thread_id is None:
            return True
        # The message first: once the thread is gone, nobody can press again for what is left.
        if talk.root_id is not None and await self._is_own_root(talk):
            await poster.remove_message(talk.channel_id, talk.root_id)
        is_deleted = await poster.remove_thread(talk.thread_id)
        await self.thread_gone(talk.thread_id)
        return is_deleted

    async def _is_own_root(self, talk: Talk) -> bool:
        """Whether the message that a talk is under was sent for it: it is newer than the claim and announces nothing.

        One of the two does not suffice: an announcement may have lost its row, and the clocks may differ a little.
        """
        if talk.root_id is None:
            return True
        is_newer = talk.claimed_after is not None and talk.root_id > talk.claimed_after
        reader = self._database.background
        return is_newer and await outbox.announced_by(reader, talk.channel_id, talk.root_id) is None

    async def _still_stands(self, poster: Poster, thread_id: int, message_id: int) -> bool:
        try:
            return await poster.has_message(thread_id, message_id)
        except DeliveryError:
            return True  # better one quote too few than the same twice

    async def _enter(self, db: Connection, wanted: Wanted, besides: Collection[int]) -> tuple[int, bool]:
        """Enter a talk, unless the paper has one by now; return its id, and whether it is new."""
        now = self._clock()
        paper = await paper_of(db, wanted.review_id, wanted.guild_id)
        for talk in await talks.talks_of(db, paper, wanted.guild_id, states=talks.LIVE):
            if talk.id not in besides:
                return talk.id, False
        last = await talks.last_opened(db, wanted.guild_id, wanted.opener_id)
        if last and timedelta() <= now - last < WAIT_BETWEEN_TALKS:
            raise RequestError(wait_before_next(int((last + WAIT_BETWEEN_TALKS - now).total_seconds()) or 1))
        review = await _head(db, wanted.review_id)
        await talks.forget_failed(db, paper, wanted.guild_id)
        talk_id = await talks.add_talk(
            db,
            guild_id=wanted.guild_id,
            review_id=wanted.review_id,
            link_key=paper_link_key(review.link, review.guid),
            title=talk_name(review),
            channel_id=wanted.place.channel_id,
            root_id=wanted.place.root_id,
            opener_id=wanted.opener_id,
            nonce=secrets.token_hex(12),
            now=now,
        )
        if not wanted.is_forum:  # there, the post begins with it
            kind = TalkMessageKind.OPENING
            await self._add(db, wanted.guild_id, kind, talk_id=talk_id, review_id=wanted.review_id)
        return talk_id, True

    async def _enter_quote(self, db: Connection, talk_id: int, quote: Quote) -> tuple[int, bool]:
        """Enter a quote, unless the passage was quoted in the talk before; return its id, and whether it is new."""
        talk = await talks.find_talk(db, talk_id)
        head = await _head(db, quote.review_id)
        key = paper_link_key(head.link, head.guid)
        passage_id = await passages.ensure_passage(db, head.id, key, quote.passage, words=quote.words)
        if same := await messages.quote_in(db, talk_id, passage_id):
            return same.id, False
        await messages.forget_refused_quotes(db, talk_id, passage_id)
        guild_id = talk.guild_id if talk else 0
        kind = TalkMessageKind.QUOTE
        added = await self._add(
            db, guild_id, kind, talk_id=talk_id, review_id=quote.review_id, passage_id=passage_id, text=quote.words
        )
        return added, True

    async def _add(
        self,
        db: Connection,
        guild_id: int,
        kind: TalkMessageKind,
        *,
        talk_id: int,
        review_id: int,
        passage_id: int | None = None,
        text: str | None = None,
    ) -> int:
        new = NewMessage(
            kind=kind,
            guild_id=guild_id,
            nonce=secrets.token_hex(12),
            talk_id=talk_id,
            review_id=review_id,
            passage_id=passage_id,
            text=text,
        )
        return await messages.add_message(db, new, now=self._clock())

    async def _outcome(self, talk_id: int, quote_id: int | None, *, is_new: bool) -> Outcome:
        """Wait until a talk, and a quote in it, is settled or has to wait; at most `PATIENCE_S`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    step = self._step
                    outcome = await self._outcome_now(talk_id, quote_id, is_new=is_new)
                    if _is_decided(outcome):
                        return outcome
                    await step.wait()
        return await self._outcome_now(talk_id, quote_id, is_new=is_new)

    async def _outcome_now(self, talk_id: int, quote_id: int | None, *, is_new: bool) -> Outcome:
        reader = self._database.reader
        talk = await talks.find_talk(reader, talk_id)
        quote = await messages.find_message(reader, quote_id) if quote_id is not None else None
        return Outcome(talk=talk, quote=quote, is_new=is_new)

    def _tell_step(self) -> None:
        """Let those who wait look again."""
        step, self._step = self._step, asyncio.Event()
        step.set()

    # ── opening ─────────────────────────────────────────────────────────────────────────────────

    async def open_all(self, poster: Poster, guild_id: int) -> bool:
        """Open what is due in a server, the oldest first; True if anything was dealt with."""
        has_worked, last = False, None
        while talk := await talks.next_talk(self._database.background, guild_id, now=self._clock()):
            if talk == last:
                return False  # the step changed nothing: it is tried again at the next wake, and not at once
            has_worked = await self._open(poster, talk) or has_worked
            last = talk
        return has_worked

    async def _open(self, poster: Poster, talk: Talk) -> bool:
        """Take one step of opening a talk, or save why it failed; True if it is settled or may go on."""
        try:
            with speaking(await self._language(talk.guild_id)):
                await self._try_open(poster, talk)
        except DeliveryError as exc:
            await self._save_refusal(poster, talk, exc)
            return False
        except StoreError:
            raise
        except Exception as exc:
            await self._save_refusal(poster, talk, DeliveryError(describe_fault(exc), is_doubtful=True))
            raise  # its lane reports it
        finally:
            self._tell_step()
        return True

    async def _try_open(self, poster: Poster, talk: Talk) -> None:
        stored = await self._stored(talk.review_id)
        if stored is None:
            raise DeliveryError(Message("the review was deleted"), is_final=True)
        is_forum = not poster.takes_nonce(talk.channel_id)
        if talk.root_id is None and talk.state is TalkState.PENDING and await self._take_over(poster, talk, stored):
            return
        if talk.root_id is None and (
            await self._is_there_already(poster, talk) or not await self._claim(poster, talk)
        ):
            return
        if is_forum:
            tags = poster.tags_named(talk.channel_id, tag_names(stored))
            posted = await self._post_first(poster, talk, posts.forum_talk_of(stored, talk, tags))
            await self._settle(poster, talk, root_id=None, thread_id=posted.message_id)
            return
        root_id = talk.root_id
        if root_id is None:
            root_id = (await self._post_first(poster, talk, posts.starter_of(stored, talk.nonce))).message_id
            async with self._database.transaction() as db:
                await talks.set_root(db, talk.id, root_id)
        elif talk.state is TalkState.PENDING and not await self._claim(poster, talk):
            return
        await self._open_under(poster, talk, root_id)

    async def _post_first(self, poster: Poster, talk: Talk, message: Outgoing) -> Posted:
        await self._pace()
        return await poster.post(talk.channel_id, message, nonce=talk.nonce)

    async def _open_under(self, poster: Poster, talk: Talk, root_id: int) -> None:
        """Open the thread under a message. If the announcement was deleted, a message of the talk's own follows."""
        await self._pace()
        try:
            facts = await _thread_under(poster, talk, root_id)
        except DeliveryError as exc:
            if not exc.is_final or await self._is_own_root(talk):
                raise
            async with self._database.transaction() as db:
                await talks.put_back_talk(db, talk.id, reason=exc.reason, not_before=None)
                await talks.move_talk(db, talk.id, channel_id=talk.channel_id, root_id=None)
            return
        if facts.is_archived and not facts.is_locked:
            await poster.unarchive(facts.thread_id)
        await self._settle(poster, talk, root_id=root_id, thread_id=facts.thread_id)

    async def _take_over(self, poster: Poster, talk: Talk, stored: StoredReview) -> bool:
        """Take a talk about the paper that the file does not know, as it may be an older copy; True if there is one.

        Looked for once after a start, and only where talks were opened before: otherwise we would read a channel from
        its beginning.
        """
        if not await talks.has_talks_in(self._database.background, talk.channel_id):
            return False
        await self._lookback.account(poster, talk.channel_id)
        wanted = posts.link_identity(stored.review.link)
        async with self._database.transaction() as db:
            for posted, text in await channels.found_in(db, talk.channel_id):
                traits = posts.read_traits(text)
                if not traits.mark or wanted not in traits.links:
                    continue
                await channels.take_found(db, posted.message_id)
                if posted.thread_id is None:
                    await talks.move_talk(db, talk.id, channel_id=talk.channel_id, root_id=posted.message_id)
                else:
                    await talks.settle_open(db, talk.id, root_id=None, thread_id=posted.thread_id, now=self._clock())
                return True
        return False

    async def _is_there_already(self, poster: Poster, talk: Talk) -> bool:
        """Look for the first message of a talk in doubt; True if it was dealt with.

        One that an earlier process entered is looked for even if it was not claimed: the file may be an older copy.

        Raises:
            DeliveryError: It was claimed, and we cannot tell.
        """
        is_claimed = talk.state is TalkState.SENDING
        if not is_claimed and talk.created_at >= self._began_at:
            return False
        wanted = posts.Traits(mark=talk.nonce, name=talk.title)
        found = await self._find(poster, talk.channel_id, talk, wanted, is_claimed=is_claimed)
        if found is None and not is_claimed:
            return False
        async with self._database.transaction() as db:
            if found is None:
                reason = Message("sent again, because it was not found in the channel")
                await talks.put_back_talk(db, talk.id, reason=reason, not_before=None)
            elif not is_claimed:
                await talks.claim_talk(db, talk.id, claimed_after=talk.claimed_after or 0, now=self._clock())
            if found and found.thread_id is None:
                await talks.set_root(db, talk.id, found.message_id)
        if found and found.thread_id is not None:
            await self._settle(poster, talk, root_id=None, thread_id=found.thread_id)
        return True

    async def _claim(self, poster: Poster, talk: Talk) -> bool:
        async with self._database.transaction() as db:
            after = poster.newest_id(talk.channel_id)
            return await talks.claim_talk(db, talk.id, claimed_after=after, now=self._clock())

    async def _settle(self, poster: Poster, talk: Talk, *, root_id: int | None, thread_id: int) -> None:
        if talk.opener_id is not None:
            await self.let_in(poster, thread_id, talk.opener_id)
        async with self._database.transaction() as db:
            await talks.settle_open(db, talk.id, root_id=root_id, thread_id=thread_id, now=self._clock())
        log.info("talk opened guild=%d channel=%d thread=%d", talk.guild_id, talk.channel_id, thread_id)

    async def let_in(self, poster: Poster, thread_id: int, user_id: int) -> None:
        """Add a member to a thread, so that they find it in their list. If that fails, they can still read it."""
        try:
            await poster.add_member(thread_id, user_id)
        except DeliveryError as exc:
            log.info("a member was not added thread=%d reason=%s", thread_id, exc.reason)

    async def _remove_starter(self, poster: Poster, talk_id: int) -> None:
        """Delete the message that was sent for a talk which cannot be opened: each further press would leave one."""
        talk = await self.find(talk_id)
        if talk is None or talk.root_id is None or not await self._is_own_root(talk):
            return
        try:
            await poster.remove_message(talk.channel_id, talk.root_id)
        except DeliveryError as exc:
            log.info("a talk's message stays channel=%d reason=%s", talk.channel_id, exc.reason)

    async def _save_refusal(self, poster: Poster, talk: Talk, error: DeliveryError) -> None:
        log.warning("talk refused id=%d channel=%d reason=%s", talk.id, talk.channel_id, error.reason)
        tries = talk.attempts + talk.looks
        not_before = next_try(tries, error, self._clock())
        is_over = _is_over(error, tries, is_awaited=True)
        if is_over and not error.is_doubtful:
            await self._remove_starter(poster, talk.id)
        async with self._database.transaction() as db:
            if is_over:
                await talks.fail_talk(db, talk.id, reason=error.public_reason)
                await messages.drop_of_talks(db, [talk.id], reason=error.reason, now=self._clock())
            elif error.is_doubtful:
                await talks.postpone_talk(db, talk.id, reason=error.reason, not_before=not_before)
            else:
                await talks.put_back_talk(db, talk.id, reason=error.reason, not_before=not_before)

    # ── messages ────────────────────────────────────────────────────────────────────────────────

    async def send_all(self, poster: Poster, place: int) -> bool:
        """Send what is due to a thread or channel, in order; True if anything was dealt with."""
        has_worked, last = False, None
        while row := await messages.next_message(self._database.background, place, now=self._clock()):
            if row.not_before and row.not_before > self._clock():
                break
            if row == last:
                return False  # as for talks
            has_worked = await self._send(poster, place, row) or has_worked
            last = row
        return has_worked

    async def _send(self, poster: Poster, place: int, row: TalkMessage) -> bool:
        """Send a message, find it where it is in doubt, or save why it failed; True if it is settled or may go on."""
        try:
            with speaking(await self._language(row.guild_id)):
                await self._try_send(poster, place, row)
        except DeliveryError as exc:
            await self._save_message_refusal(place, row, exc)
            return False
        except StoreError:
            raise
        except Exception as exc:
            await self._save_message_refusal(place, row, DeliveryError(describe_fault(exc), is_doubtful=True))
            raise  # its lane reports it
        finally:
            self._tell_step()
        return True

    async def _try_send(self, poster: Poster, place: int, row: TalkMessage) -> None:
        is_claimed = row.state is TalkMessageState.SENDING
        if is_claimed or row.created_at < self._began_at:
            # As it was sent: its review may have changed since, or may be gone.
            claimed = posts.read_traits(row.claimed_as) if row.claimed_as else None
            wanted = claimed or posts.traits_of(await self._outgoing(row))
            found = await self._find(poster, place, row, wanted, is_claimed=is_claimed)
            if found is not None:
                await self._settle_message(row, found)
                return
            if is_claimed:
                async with self._database.transaction() as db:
                    reason = Message("sent again, because it was not found in the channel")
                    await messages.put_back_message(db, row.id, reason=reason, not_before=None)
        message = await self._outgoing(row)
        if not is_claimed and row.talk_id is not None and await self._stands_already(poster, place, row, message):
            return
        await self._pace()
        async with self._database.transaction() as db:
            is_ours = await messages.claim_message(
                db,
                row.id,
                claimed_as=posts.write_traits(posts.traits_of(message)),
                claimed_after=poster.newest_id(place),
                now=self._clock(),
            )
        if is_ours:
            await self._settle_message(row, await poster.post(place, message, nonce=row.nonce))

    async def _stands_already(self, poster: Poster, place: int, row: TalkMessage, message: Outgoing) -> bool:
        """Take a message that says the same and that the file does not know, as it may be an older copy.

        Looked for once after a start in each thread; where that is not possible, the message is sent.
        """
        with contextlib.suppress(DeliveryError):
            await self._lookback.account(poster, place)
        if not self._lookback.has_found(place):
            return False
        wanted = posts.traits_of(message)
        async with self._database.transaction() as db:
            for posted, text in await channels.found_in(db, place):
                if posts.says_the_same(posts.Standing(posted=posted, traits=posts.read_traits(text)), wanted):
                    await channels.take_found(db, posted.message_id)
                    await messages.settle_message(db, row.id, sent_as=posted.message_id, now=self._clock())
                    return True
        return False

    async def _settle_message(self, row: TalkMessage, posted: Posted) -> None:
        async with self._database.transaction() as db:
            await messages.settle_message(db, row.id, sent_as=posted.message_id, now=self._clock())
        log.info("sent kind=%s id=%d channel=%d message=%d", row.kind, row.id, posted.channel_id, posted.message_id)

    async def _outgoing(self, row: TalkMessage) -> Outgoing:
        """Draw a message, from the reviews as they are now.

        Raises:
            DeliveryError: What it shows was deleted.
        """
        match row.kind:
            case TalkMessageKind.CHANGE:
                return posts.note_of(say(row.text or ""))
            case TalkMessageKind.CONCLUSION:
                return await self._concluded(row)
        stored = await self._stored(row.review_id)
        if stored is None:
            raise DeliveryError(Message("the review was deleted"), is_final=True)
        match row.kind:
            case TalkMessageKind.OPENING:
                talk = await talks.find_talk(self._database.background, row.talk_id or 0)
                if talk is None:
                    raise DeliveryError(GONE, is_final=True)
                return posts.opening_of(stored, talk, row.nonce)
            case TalkMessageKind.OPINION:
                return posts.opinion_of(stored, row.text or "")
            case TalkMessageKind.WISH:
                return posts.ping_of(row.text or "", user_ids=row.user_ids)
            case TalkMessageKind.QUOTE:
                kept = await passages.find_passage(self._database.background, row.passage_id or 0)
                place = kept.passage if kept else None
                return posts.quote_of(
                    stored,
                    place.position if place else 0,
                    row.text or "",
                    row.nonce,
                    block=place.block if place else None,
                )

    async def _concluded(self, row: TalkMessage) -> Outgoing:
        """Draw the line that something was concluded.

        Raises:
            DeliveryError: All of it was removed since.
        """
        talk = await talks.find_talk(self._database.background, row.talk_id or 0)
        if talk is None:
            raise DeliveryError(GONE, is_final=True)
        if not await conclusions.count_conclusions(self._database.background, talk.id):
            raise DeliveryError(Message("what was concluded has been removed"), is_final=True)
        return posts.concluded_of(talk, row.nonce)

    async def _save_message_refusal(self, place: int, row: TalkMessage, error: DeliveryError) -> None:
        log.warning("message refused id=%d channel=%d reason=%s", row.id, place, error.reason)
        tries = row.attempts + row.looks
        not_before = next_try(tries, error, self._clock())
        if error.is_gone and row.talk_id is not None:
            await self.thread_gone(place)
            return
        async with self._database.transaction() as db:
            if error.is_gone:
                await messages.drop_of_channel(db, place, reason=CHANNEL_GONE, now=self._clock())
            elif _is_over(error, tries, is_awaited=row.kind in _AWAITED):
                await messages.fail_message(db, row.id, reason=error.public_reason, now=self._clock())
            elif error.is_doubtful:
                await messages.postpone_message(db, row.id, reason=error.reason, not_before=not_before)
            else:
                await messages.put_back_message(db, row.id, reason=error.reason, not_before=not_before)

    # ── both ────────────────────────────────────────────────────────────────────────────────────

    async def _find(
        self,
        poster: Poster,
        place: int,
        row: Talk | TalkMessage,
        wanted: posts.Traits,
        *,
        is_claimed: bool,
    ) -> Posted | None:
        """Look for a message of ours that may be there; None if it is not.

        Raises:
            DeliveryError: It was claimed, and we cannot tell.
        """
        sought = Delivery(
            id=0,
            kind=DeliveryKind.POST,
            subscription_id=0,
            review_id=None,
            channel_id=place,
            state=DeliveryState.SENDING,
            nonce=row.nonce,
            claimed_at=row.claimed_at or row.created_at,
            claimed_as=posts.write_traits(wanted),
            claimed_after=row.claimed_after,
            message_channel_id=place,
            looks=row.looks,
        )
        try:
            return await self._lookback.find(poster, sought)
        except DeliveryError:
            if is_claimed:
                raise
            return None

    async def _stored(self, review_id: int | None) -> StoredReview | None:
        if review_id is None:
            return None
        found = await reviews.find_reviews(self._database.background, [review_id])
        return found[0] if found else None

    async def _language(self, guild_id: int) -> str:
        server = await servers.find_server(self._database.background, guild_id)
        return (server or Server(guild_id=guild_id)).speaks


def _place_of(sections: Sequence[Section], position: int, block: int, words_check: str) -> tuple[int, int] | None:
    """Return the position and block of the words that were chosen; None if they are not there, or several times."""
    is_there = position < len(sections) and block < len(sections[position].blocks)
    if is_there and words_check in ("", check_of_block(sections[position].blocks[block])):
        return position, block
    alike = [
        (at, number)
        for at, section in enumerate(sections)
        for number, one in enumerate(section.blocks)
        if words_check and check_of_block(one) == words_check
    ]
    return alike[0] if len(alike) == 1 else None


async def _head(db: Connection, review_id: int) -> ReviewHead:
    """Return a review.

    Raises:
        RequestError: It was deleted a moment ago.
    """
    for head in await reviews.find_heads(db, [review_id]):
        return head
    raise RequestError(review_gone())


async def record_thread(
    db: Connection, guild_id: int, review_id: int, place: Place, *, thread_id: int, now: datetime
) -> None:
    """Enter a thread that is there as the talk about a review's paper. Part of a transaction."""
    heads = await reviews.find_heads(db, [review_id])
    if not heads:
        return
    await talks.record_thread(
        db,
        guild_id=guild_id,
        review_id=review_id,
        link_key=paper_link_key(heads[0].link, heads[0].guid),
        title=talk_name(heads[0]),
        channel_id=place.channel_id,
        root_id=place.root_id,
        thread_id=thread_id,
        nonce=secrets.token_hex(12),
        now=now,
    )


async def _thread_under(poster: Poster, talk: Talk, root_id: int) -> ThreadFacts:
    """Open the thread under a message, or find the one that is there.

    Raises:
        DeliveryError: ``is_final`` if there can be none: Discord opens no second one where the first was deleted.
    """
    facts = await poster.find_thread(await poster.open_thread(talk.channel_id, root_id, talk.title))
    if facts is None:
        raise DeliveryError(Message("the thread under the message was deleted"), is_final=True)
    return facts


def _as_reported(talk: Talk, facts: ThreadFacts) -> Talk:
    """A talk as Discord has just reported it: an event from before that may have changed its row since."""
    return replace(
        talk,
        title=facts.name,
        is_archived=facts.is_archived,
        is_locked=facts.is_locked,
        is_private=facts.is_private,
    )


def _is_over(error: DeliveryError, tries: int, *, is_awaited: bool) -> bool:
    """Whether trying again is of no use.

    Args:
        is_awaited: A member has pressed for it and reads why it is refused; they press again.
    """
    is_refused = error.is_final or error.is_unknown or error.is_gone or error.is_about_post
    is_blocked = is_awaited and error.is_blocked and not error.is_doubtful
    return is_refused or is_blocked or tries >= MAX_TRIES


def _is_decided(outcome: Outcome) -> bool:
    """Whether there is something to tell the member."""
    talk, quote = outcome.talk, outcome.quote
    if talk and talk.state in (TalkState.PENDING, TalkState.SENDING):
        return talk.not_before is not None
    if talk and talk.state is TalkState.OPEN and quote:
        under_way = (TalkMessageState.PENDING, TalkMessageState.SENDING)
        return quote.state not in under_way or quote.not_before is not None
    return True
