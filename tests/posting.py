"""A poster that keeps what it is given and refuses as told: the boundary that the Discord client fills in life."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Container
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.announcing.decisions import id_at
from bot.delivering.posts import Outgoing, Standing, Traits, traits_of
from bot.errors import DeliveryError
from bot.languages import ENGLISH, get_language
from bot.models.announcing import Delivering, Posted
from bot.models.talks import ThreadFacts

__all__ = ["MemoryPoster", "Message"]

MEMORY = timedelta(minutes=5)
BEGINNING = datetime(2026, 6, 1, 12, tzinfo=UTC)


def _titles(message: Outgoing) -> list[str]:
    """Of the reviews that a message announces."""
    if message.card is None:
        return []
    return [message.card.title, *(span.text for part in message.card.parts for block in part for span in block.spans)]


@dataclass(slots=True)
class Message:
    """A message as it stands in its channel."""

    id: int
    channel_id: int
    outgoing: Outgoing
    nonce: str
    posted_at: datetime | None = None
    is_published: bool = False
    language: str = ENGLISH
    edits: int = 0
    is_hidden: bool = False


class MemoryPoster:
    """Channels in memory.

    Attributes:
        messages: Everything that was posted, the oldest first.
        refusals: What the next posts are answered with; None is success.
        blocked: channel id → what is missing there.
        gone: Channels that were deleted.
        forums: Channels whose posts take no nonce.
        arrives_all_the_same: A post in doubt has arrived.
        is_readable: Whether the history can be looked at.
        unreadable: What looking at a channel ends in; None where it works.
        has_last_message: Whether the newest message can be had while the history cannot.
        connected_at: The newest message when the gateway told the channels; None where it names none.
        looked_at: The channels whose history was read.
        is_complete: Whether all channels and servers are known; if not, those in `named` are.
        clock: Discord's. Where it is given, nonces are remembered for five minutes by it, else for ever.
        notices: Those to admins, by server.
        broken: Titles of posts that end in an error which nobody foresaw, before they leave.
        lost_roles: Roles that were deleted.
        late_bugs: Such errors of the next edits, threads and publications.
        speechless: Servers in which the bot may write nowhere.
    """

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self.messages: list[Message] = []
        self.refusals: list[DeliveryError | None] = []
        self.late: list[DeliveryError] = []
        self.blocked: dict[int, str] = {}
        self.gone: set[int] = set()
        self.forums: set[int] = set()
        self.arrives_all_the_same = False
        self.is_readable = True
        self.unreadable: DeliveryError | None = None
        self.has_last_message = True
        self.connected_at: int | None = None
        self.looked_at: list[int] = []
        self.clock = clock
        self.notices: defaultdict[int, list[str]] = defaultdict(list)
        self.told: list[Message] = []
        self.threads: dict[int, str] = {}
        self.broken: set[str] = set()
        self.late_bugs: list[Exception] = []
        self.tries = 0
        self.is_complete = True
        self.named: set[int] = set()
        self.lost_roles: set[int] = set()
        self.speechless: set[int] = set()
        self._last_id = 0

    @property
    def titles(self) -> list[str]:
        """Of the cards that stand in any channel, the oldest first."""
        return [m.outgoing.card.title for m in self.messages if m.outgoing.card]

    def texts(self, channel_id: int) -> list[str]:
        """The plain messages of a channel or thread."""
        return [m.outgoing.text or "" for m in self.messages if m.channel_id == channel_id and not m.outgoing.card]

    def in_channel(self, channel_id: int) -> list[Message]:
        return [m for m in self.messages if m.channel_id == channel_id]

    async def post(self, channel_id: int, message: Outgoing, *, nonce: str) -> Posted:
        if channel_id in self.gone:
            raise DeliveryError("the channel does not exist (any more)", is_gone=True)
        if channel_id in self.blocked:
            raise DeliveryError(self.blocked[channel_id], is_blocked=True)
        self.tries += 1
        if self.broken & set(_titles(message)):
            raise TypeError("nobody foresaw this")
        refusal = self.refusals.pop(0) if self.refusals else None
        posted: Posted | None = None
        if refusal is None or (refusal.is_doubtful and self.arrives_all_the_same):
            posted = self._keep(channel_id, message, nonce)
        if refusal or posted is None:
            raise refusal or AssertionError
        return posted

    def _keep(self, channel_id: int, message: Outgoing, nonce: str) -> Posted:
        now = self.clock() if self.clock else None
        if channel_id < 0:  # a server's place for its admins
            self.notices[-channel_id].append(message.text or "")
        if channel_id not in self.forums:
            for known in (*self.messages, *self.told):
                is_remembered = now is None or known.posted_at is None or abs(now - known.posted_at) < MEMORY
                if known.nonce == nonce and is_remembered:
                    return self._posted(known)
        kept = Message(self._new_id(), channel_id, message, nonce, now, language=get_language())
        (self.told if channel_id < 0 else self.messages).append(kept)
        return self._posted(kept)

    def _posted(self, kept: Message) -> Posted:
        is_forum = kept.channel_id in self.forums
        if is_forum:
            return Posted(message_id=kept.id, channel_id=kept.id, thread_id=kept.id)
        return Posted(message_id=kept.id, channel_id=kept.channel_id)

    def _new_id(self) -> int:
        """A snowflake of now by Discord's clock; the last ones stay the greatest where that stands still."""
        self._last_id = max(self._last_id + 1, id_at(self.clock() if self.clock else BEGINNING))
        return self._last_id

    def knows(self, place_id: int) -> bool:
        return self.is_complete or place_id in self.named

    def find_place(self, guild_id: int, *, not_in: int | None) -> int:
        return -guild_id

    def find_welcome_place(self, guild_id: int) -> int:
        if guild_id in self.speechless:
            raise DeliveryError("there is no channel that the bot may write to", is_final=True)
        return guild_id

    async def can_look_back(self, channel_id: int) -> bool:
        return self.is_readable

    def takes_nonce(self, channel_id: int) -> bool:
        return channel_id not in self.forums

    def newest_id(self, channel_id: int) -> int:
        return max(self._last_id, id_at(self.clock() if self.clock else BEGINNING) - 1)

    def last_known_id(self, channel_id: int) -> int | None:
        return self.connected_at

    async def own_messages(self, channel_id: int, *, after: int, known: Container[int]) -> AsyncIterator[Standing]:
        self.looked_at.append(channel_id)
        if self.unreadable:
            raise self.unreadable
        for kept in self._in(channel_id):
            if kept.id > after and kept.id not in known:
                yield self._standing(kept)

    async def last_message(self, channel_id: int) -> tuple[int, Standing | None]:
        if not self.has_last_message:
            raise DeliveryError("no clear answer from Discord", is_doubtful=True)
        kept = self._in(channel_id)
        return (kept[-1].id, self._standing(kept[-1])) if kept else (0, None)

    async def has_message(self, channel_id: int, message_id: int) -> bool:
        return any(kept.id == message_id for kept in self.messages)

    def _in(self, channel_id: int) -> list[Message]:
        return [kept for kept in (*self.messages, *self.told) if kept.channel_id == channel_id]

    def _standing(self, kept: Message) -> Standing:
        """Of a hidden embed its button remains, so the address of its review; of a digest nothing."""
        traits = traits_of(kept.outgoing)
        if kept.is_hidden:
            is_single = kept.outgoing.card is not None and kept.outgoing.card.url is not None
            traits = Traits(links=traits.links if is_single else frozenset())
        return Standing(posted=self._posted(kept), traits=traits, is_hidden=kept.is_hidden)

    async def edit(self, channel_id: int, message_id: int, message: Outgoing) -> None:
        self._refuse_late()
        kept = self._find(message_id)
        kept.outgoing, kept.edits = message, kept.edits + 1

    async def publish(self, channel_id: int, message_id: int) -> None:
        self._refuse_late()
        self._find(message_id).is_published = True

    async def open_thread(self, channel_id: int, message_id: int, name: str) -> int:
        self._refuse_late()
        self._find(message_id)
        self.threads[message_id] = name
        return message_id

    async def find_thread(self, thread_id: int) -> ThreadFacts | None:
        kept = next((one for one in self.messages if one.id == thread_id), None)
        is_thread = thread_id in self.threads or (kept is not None and kept.channel_id in self.forums)
        if kept is None or not is_thread:
            return None
        return ThreadFacts(thread_id=thread_id, parent_id=kept.channel_id, name=self.threads.get(thread_id, ""))

    async def add_member(self, thread_id: int, user_id: int) -> None:
        self._refuse_late()

    async def unarchive(self, thread_id: int) -> None:
        self._refuse_late()

    async def is_untouched(self, thread_id: int) -> bool:
        return True

    async def remove_thread(self, thread_id: int) -> bool:
        return self.threads.pop(thread_id, None) is not None

    async def remove_message(self, channel_id: int, message_id: int) -> None:
        self.messages = [kept for kept in self.messages if kept.id != message_id]

    def tags_named(self, channel_id: int, names: Collection[str]) -> tuple[int, ...]:
        return ()

    def is_role_gone(self, channel_id: int, role_id: int) -> bool:
        return role_id in self.lost_roles

    def problem(self, channel_id: int, delivering: Delivering) -> str | None:
        return self.blocked.get(channel_id)

    def _refuse_late(self) -> None:
        if self.late_bugs:
            raise self.late_bugs.pop(0)
        if self.late:
            raise self.late.pop(0)

    def _find(self, message_id: int) -> Message:
        for kept in self.messages:
            if kept.id == message_id:
                return kept
        raise DeliveryError("it was posted and later deleted in the channel", is_final=True)
