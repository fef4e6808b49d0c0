"""A poster that keeps what it is given and refuses as told: the boundary that the Discord client fills in life."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.announcing.posts import Outgoing
from bot.errors import DeliveryError
from bot.models import Delivering, Posted

__all__ = ["MemoryPoster", "Message"]

MEMORY = timedelta(minutes=5)


def _looks(message: Outgoing) -> tuple[str | None, str | None, str | None]:
    """What a message is recognised by."""
    return (message.card.title, message.card.url, None) if message.card else (None, None, message.text)


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
    edits: int = 0


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
        clock: Where it is given, nonces are remembered for five minutes by it, else for ever.
        notices: Those to admins, by server.
        broken: Titles of posts that end in an error which nobody foresaw, before they leave.
        late_bugs: Such errors of the next edits, threads and publications.
    """

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.refusals: list[DeliveryError | None] = []
        self.late: list[DeliveryError] = []
        self.blocked: dict[int, str] = {}
        self.gone: set[int] = set()
        self.forums: set[int] = set()
        self.arrives_all_the_same = False
        self.is_readable = True
        self.clock: Callable[[], datetime] | None = None
        self.notices: defaultdict[int, list[str]] = defaultdict(list)
        self.threads: dict[int, str] = {}
        self.broken: set[str] = set()
        self.late_bugs: list[Exception] = []
        self.tries = 0

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
        if channel_id not in self.forums:
            for known in self.messages:
                is_remembered = now is None or known.posted_at is None or abs(now - known.posted_at) < MEMORY
                if known.nonce == nonce and is_remembered:
                    return self._posted(known)
        kept = Message(len(self.messages) + 1, channel_id, message, nonce, now)
        self.messages.append(kept)
        return self._posted(kept)

    def _posted(self, kept: Message) -> Posted:
        is_forum = kept.channel_id in self.forums
        return Posted(message_id=kept.id, channel_id=kept.channel_id, thread_id=kept.id if is_forum else None)

    async def notify(self, guild_id: int, message: Outgoing, *, nonce: str) -> Posted:
        self.notices[guild_id].append(message.text or "")
        return Posted(message_id=10**6 + sum(map(len, self.notices.values())), channel_id=guild_id)

    async def can_look_back(self, channel_id: int) -> bool:
        return self.is_readable

    def takes_nonce(self, channel_id: int) -> bool:
        return channel_id not in self.forums

    async def find_post(
        self, channel_id: int, message: Outgoing, *, since: datetime, settled: frozenset[int]
    ) -> Posted | None:
        for kept in self.in_channel(channel_id):
            if kept.id not in settled and _looks(kept.outgoing) == _looks(message):
                return self._posted(kept)
        return None

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
        raise DeliveryError("it arrived once and was deleted in the channel", is_final=True)
