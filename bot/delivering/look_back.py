"""Whether a message is in its channel already: asked when in doubt, and once for every channel after a start.

In doubt, we search from the claim on, by Discord's ids and by what a moderator cannot change. After a start, the file
may be an older one: a restored copy, one made while the bot ran, one whose -wal was lost. So we save what we wrote
after the newest message that the file knows, and do not send the posts among it again. A post that several feeds
bring to a channel is also sent there only once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.announcing.decisions import id_at, is_hopeless, is_nonce_remembered
from bot.delivering.posts import (
    Poster,
    Standing,
    Traits,
    is_digest_title,
    is_same,
    link_identity,
    read_traits,
    write_traits,
)
from bot.errors import DeliveryError
from bot.languages import Message, say
from bot.models.announcing import Delivery, DeliveryKind, Posted
from bot.reading.changes import untold
from bot.reading.identity import is_same_post
from bot.reading.revision_notes import read_note, say_note
from bot.store import channels, reviews, subscriptions
from bot.store import deliveries as outbox
from bot.store.database import Connection, Database
from bot.store.deliveries import LOOKS_IN_LINE, Waiting

log = logging.getLogger(__name__)

CLOCK_MARGIN = timedelta(hours=1)
"""How far our clock may have been ahead of Discord's when a moment was saved."""
MOST_CHANNELS = 50_000
"""Channels and threads that we remember having looked at; another look at the rest does no harm."""
NO_HISTORY = Message("I cannot tell whether an earlier post arrived; I need Read Message History in the channel")


class Lookback:
    """Looks at channels. The courier settles what it finds."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._accounted: dict[int, None] = {}
        self._failures: dict[int, int] = {}
        self._with_found: set[int] = set()

    # ── once after a start ──────────────────────────────────────────────────────────────────────

    async def account(self, poster: Poster, channel_id: int) -> None:
        """Before the first message to a channel, save what we wrote there that the file does not know.

        This rarely takes a request: the gateway tells us a channel's newest message, and usually the file knows it.

        Raises:
            DeliveryError: The channel cannot be looked at now. After some failures we post to it anyway.
        """
        if channel_id in self._accounted:
            self._remember(channel_id)
            return
        base = await self._known_up_to(channel_id)
        mark = max(base, poster.newest_id(channel_id))
        last = poster.last_known_id(channel_id)
        unknown: list[Standing] = []
        if last is None or last > base:
            try:
                known = await outbox.settled_messages(self._database.background, channel_id, after=base)
                async for standing in poster.own_messages(channel_id, after=base, known=known):
                    unknown.append(standing)  # noqa: PERF401 - messages read before an error count
            except DeliveryError as exc:
                mark = base
                self._bear(channel_id, exc)
        async with self._database.transaction() as db:
            kept = [(message.posted, write_traits(message.traits)) for message in unknown]
            await channels.keep_found(db, channel_id, kept, mark=mark, now=self._clock())
            if await channels.found_in(db, channel_id):
                self._with_found.add(channel_id)
        if unknown:
            log.warning("messages of ours that the database does not know channel=%d count=%d", channel_id, len(kept))
        self._failures.pop(channel_id, None)
        self._remember(channel_id)

    def _remember(self, channel_id: int) -> None:
        self._accounted.pop(channel_id, None)
        self._accounted[channel_id] = None  # at the end: the channel written to most recently
        if len(self._accounted) > MOST_CHANNELS:
            del self._accounted[next(iter(self._accounted))]

    def _bear(self, channel_id: int, error: DeliveryError) -> None:
        """Continue without the look if there is too much to read, or if it has failed for a while; else raise."""
        if error.is_gone or error.is_blocked:
            raise error
        failures = self._failures[channel_id] = self._failures.get(channel_id, 0) + 1
        if not (error.is_unknown or failures >= LOOKS_IN_LINE):
            raise error
        log.warning("posting without a look at the channel id=%d reason=%s", channel_id, error.reason)

    async def _known_up_to(self, channel_id: int) -> int:
        """Return the id of the message up to which all of ours are in the file."""
        reader = self._database.background
        known = (await channels.mark_of(reader, channel_id), await outbox.newest_message(reader, channel_id))
        if newest := max((message_id for message_id in known if message_id is not None), default=0):
            return newest
        since = await channels.followed_since(reader, channel_id)
        return max(channel_id, id_at(since - CLOCK_MARGIN) if since else 0)

    def has_found(self, channel_id: int) -> bool:
        """Return whether we found messages of ours in a channel that no row knows."""
        return channel_id in self._with_found

    async def match(self, db: Connection, channel_id: int) -> list[tuple[Waiting, Posted, bool]]:
        """Find rows that wait for a channel but are there already: each with its message, and whether it is a digest.

        Belongs in the transaction that settles them.
        """
        waiting = await outbox.waiting_for(db, channel_id)
        matched: list[tuple[Waiting, Posted, bool]] = []
        messages = await channels.found_in(db, channel_id)
        for posted, text in messages:
            traits = read_traits(text)
            pairs = _pair(traits, [row for row in waiting if all(row is not other for other, *_ in matched)])
            if not pairs:
                continue
            is_digest = traits.title is not None and is_digest_title(traits.title)
            matched += [(row, posted, is_digest) for row, _ in pairs]
            left = traits.links - {link for _, link in pairs if link}
            if left:
                await channels.change_found(db, posted.message_id, write_traits(replace(traits, links=left)))
            else:
                await channels.take_found(db, posted.message_id)
        if not messages:
            self._with_found.discard(channel_id)
        return matched

    async def shorten_notes(self, db: Connection, channel_id: int) -> list[tuple[Waiting, Posted | None]]:
        """Remove from a thread's waiting notes what notes in the thread say already.

        An older copy of the file missed versions in between, so its note describes several changes together.

        Returns:
            The notes that were shortened; if nothing is left of a note, with a message that is in the thread.
        """
        standing = [(posted, _note_in(read_traits(text))) for posted, text in await channels.found_in(db, channel_id)]
        said = [(posted, text) for posted, text in standing if text]
        shortened: list[tuple[Waiting, Posted | None]] = []
        for row in await outbox.waiting_for(db, channel_id) if said else []:
            if row.kind is not DeliveryKind.NOTE or row.text is None:
                continue
            rest = untold(row.text, [text for _, text in said])
            if rest == row.text:
                continue
            shortened.append((row, said[-1][0] if rest is None else None))
            if rest is not None:
                await outbox.set_text(db, row.id, rest)
            for posted, text in [message for message in said if untold(message[1], [row.text]) is None]:
                said.remove((posted, text))
                await channels.take_found(db, posted.message_id)
        return shortened

    # ── in doubt ────────────────────────────────────────────────────────────────────────────────

    async def find(self, poster: Poster, delivery: Delivery) -> Posted | None:
        """Find the message of a delivery in doubt; None if it is not there, or if sending it again is harmless.

        Raises:
            DeliveryError: We cannot tell now, or (``is_unknown``) ever.
        """
        place = delivery.message_channel_id or delivery.channel_id
        newest_id = poster.newest_id(place)
        is_harmless = poster.takes_nonce(place) and is_nonce_remembered(delivery, self._clock(), newest_id=newest_id)
        if not await poster.can_look_back(place):
            if is_harmless:
                return None
            raise DeliveryError(NO_HISTORY, is_blocked=True, is_doubtful=True)
        after = delivery.claimed_after or id_at((delivery.claimed_at or self._clock()) - CLOCK_MARGIN)
        known = await outbox.settled_messages(self._database.background, delivery.channel_id, after=after)
        wanted = _wanted(delivery)
        try:
            async for standing in poster.own_messages(place, after=after, known=known):
                if is_same(standing, wanted):
                    return standing.posted
        except DeliveryError as exc:
            if exc.is_gone or exc.is_unknown:
                raise
            if is_harmless and not exc.is_blocked:
                return None
            if not exc.is_blocked:
                last_id, last = await _last_message(poster, place)
                if last_id is not None and last_id <= after:
                    return None  # nothing was posted there since
                if last and last.posted.message_id not in known and is_same(last, wanted):
                    return last.posted
                if is_hopeless(delivery, self._clock(), newest_id=newest_id):
                    reason = Message("the channel could not be looked at for a day ({why})", why=exc.reason)
                    raise DeliveryError(reason, is_unknown=True) from exc
            raise DeliveryError(
                exc.reason, is_blocked=exc.is_blocked, is_doubtful=True, retry_after_s=exc.retry_after_s
            ) from exc
        return None


def _wanted(delivery: Delivery) -> Traits:
    claimed = read_traits(delivery.claimed_as) if delivery.claimed_as is not None else Traits()
    if delivery.kind is DeliveryKind.POST and delivery.claimed_as is not None:
        return claimed
    # As it was said when it was claimed: the language may have been changed since.
    return Traits(text=claimed.text or say_note(say(delivery.text or "")))


async def _last_message(poster: Poster, channel_id: int) -> tuple[int | None, Standing | None]:
    try:
        return await poster.last_message(channel_id)
    except DeliveryError:
        return None, None


def _as_sent(waiting: Waiting) -> Traits:
    """Return what a row is recognised by if its message holds no address."""
    if waiting.kind is DeliveryKind.NOTE:
        return Traits(text=waiting.text or "")
    return Traits(title=waiting.clean_title, former_title=waiting.title)


def _note_in(traits: Traits) -> str | None:
    """The text of a message, in English if it is a note, as rows keep theirs."""
    return read_note(traits.text.replace("\\", "")) if traits.text else traits.text


def _pair(traits: Traits, waiting: Sequence[Waiting]) -> list[tuple[Waiting, str | None]]:
    """Find the rows that a message announces: the oldest for each of its links, or by title or text without links."""
    if traits.mark:
        return []  # it belongs to a talk
    if not traits.links:
        traits = replace(traits, text=_note_in(traits))
        standing = Standing(posted=Posted(message_id=0, channel_id=0), traits=traits)
        same = next((row for row in waiting if is_same(standing, _as_sent(row))), None)
        return [(same, None)] if same else []
    pairs: dict[str, Waiting] = {}
    for row in waiting:
        if row.kind is DeliveryKind.POST and row.link and (link := link_identity(row.link)) in traits.links:
            pairs.setdefault(link, row)
    return [(row, link) for link, row in pairs.items()]


# ── copies from other feeds ─────────────────────────────────────────────────────────────────────


async def same_posts(db: Connection, review_id: int) -> list[int]:
    """Return the ids of other feeds' reviews that are the same post."""
    alike_posts = await reviews.alike_posts(db, review_id)
    return [other.review_id for other in alike_posts[1] if is_same_post(alike_posts[0], other)] if alike_posts else []


@dataclass(frozen=True, slots=True, kw_only=True)
class FromOthers:
    """Which of a row's posts other feeds bring to the channel.

    Attributes:
        known: The posts that are there, or earlier in the same digest, each with why it need not be sent.
        is_under_way: Another copy is on its way there, and may still fail.
    """

    known: tuple[tuple[Delivery, str], ...]
    is_under_way: bool


async def find_from_others(db: Connection, delivery: Delivery) -> FromOthers:
    """Find the posts of a row or digest that need not be sent, because they came to the channel from another feed."""
    known: list[tuple[Delivery, str]] = []
    kept: dict[int, int] = {}
    is_under_way = False
    for post in await outbox.held_by(db, delivery.id):
        if post.review_id is None:
            continue
        same = await same_posts(db, post.review_id)
        of = next((kept[other] for other in same if other in kept), None)
        if same and of is None and (brought := await outbox.standing_in(db, delivery.channel_id, same)):
            is_under_way = is_under_way or brought.is_under_way
            of = None if brought.is_under_way else brought.subscription_id
        if of is None:
            kept[post.review_id] = post.subscription_id
            continue
        subscription = await subscriptions.find_subscription(db, of)
        name = subscription.feed_name if subscription else Message("another feed")
        known.append((post, Message("it came to this channel from {feed}", feed=name)))
    return FromOthers(known=tuple(known), is_under_way=is_under_way)
