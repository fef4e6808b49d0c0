"""What is sent: a review, several in one digest, a note in a thread, a notice to an admin; and who can send it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bot.cards import Card, Part, Tone, announcement, cut_text, review_line
from bot.models import Block, BlockKind, Delivering, Posted, ReviewHead, Span, StoredReview, Style

THREAD_NAME_CHARACTERS = 100
TITLE_CHARACTERS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message on its way.

    Attributes:
        name: Of the thread under it, or of the forum's post that it is.
        tag_ids: Of a forum's post.
        role_ids, user_ids: Whom it mentions, and nobody else.
        not_in: Of a notice: the channel that cannot be the place for it.
    """

    card: Card | None = None
    text: str | None = None
    name: str = ""
    tag_ids: tuple[int, ...] = ()
    role_ids: tuple[int, ...] = ()
    user_ids: tuple[int, ...] = ()
    not_in: int | None = None


class Poster(Protocol):
    """Whatever can put messages into channels: Discord, in the end. Every method may raise DeliveryError."""

    async def post(self, channel_id: int, message: Outgoing, *, nonce: str) -> Posted:
        """Post once. A channel that takes nonces answers a repeat with the first message."""

    async def notify(self, guild_id: int, message: Outgoing, *, nonce: str) -> Posted:
        """Post once in whichever channel of a server suits a word to its admins."""

    async def can_look_back(self, channel_id: int) -> bool:
        """Whether the channel's history can be read."""

    def takes_nonce(self, channel_id: int) -> bool:
        """Whether a repeat is harmless there for some minutes. A forum takes none."""

    async def find_post(
        self, channel_id: int, message: Outgoing, *, since: datetime, settled: frozenset[int]
    ) -> Posted | None:
        """Our message in the channel since then, those settled left out; None where it never arrived."""

    async def edit(self, channel_id: int, message_id: int, message: Outgoing) -> None:
        """Let a message of ours look like this; nobody is mentioned again."""

    async def publish(self, channel_id: int, message_id: int) -> None:
        """Publish a message of an announcement channel; done already is done."""

    async def open_thread(self, channel_id: int, message_id: int, name: str) -> int:
        """The id of the thread under a message, opened where there is none."""

    def problem(self, channel_id: int, delivering: Delivering) -> str | None:
        """What keeps posts out of a channel, as a sentence with the mend; None where nothing is known to."""


def post_of(stored: StoredReview, delivering: Delivering, *, user_ids: Sequence[int] = ()) -> Outgoing:
    """One review as a message of its own."""
    return Outgoing(
        card=announcement(stored, is_compact=delivering.style is Style.COMPACT),
        name=cut_text(stored.review.clean_title, THREAD_NAME_CHARACTERS),
        tag_ids=delivering.tag_ids,
        role_ids=(delivering.role_id,) if delivering.role_id else (),
        user_ids=tuple(user_ids),
    )


def digest_of(
    items: Sequence[tuple[ReviewHead, str]],
    delivering: Delivering,
    *,
    user_ids: Sequence[int] = (),
    now: datetime,
) -> Outgoing:
    """Many reviews as one message: grouped by feed, of one feed by venue; what does not fit is counted.

    Args:
        items: Reviews, the oldest first, each with the name of its feed.
    """
    card = digest_card(items, now=now)
    return Outgoing(
        card=card,
        name=cut_text(f"{card.title} · {now:%Y-%m-%d}", THREAD_NAME_CHARACTERS),
        tag_ids=delivering.tag_ids,
        role_ids=(delivering.role_id,) if delivering.role_id else (),
        user_ids=tuple(user_ids),
    )


def digest_card(items: Sequence[tuple[ReviewHead, str]], *, now: datetime) -> Card:
    """The card of a digest: a part for each review, the first of a group with the group's name."""
    feeds = list(dict.fromkeys(feed for _, feed in items))
    parts: list[Part] = []
    for name, heads in _groups(items, by_feed=len(feeds) > 1):
        first, *others = heads
        heading = (_heading(cut_text(name, TITLE_CHARACTERS)),) if name else ()
        parts += [(*heading, review_line(first)), *((review_line(head),) for head in others)]
    named = feeds[0] if len(feeds) == 1 else f"{len(feeds)} feeds"
    return Card(
        tone=Tone.NEWS,
        title=f"{len(items):,} new review{'s' if len(items) != 1 else ''} · {cut_text(named, 80)}",
        parts=tuple(parts),
        more="and {count:,} more: /latest lists the newest, /search finds the others.",
        published=now,
    )


def _groups(items: Sequence[tuple[ReviewHead, str]], *, by_feed: bool) -> list[tuple[str, list[ReviewHead]]]:
    """Reviews under a heading each; the reviews without a venue last."""
    groups: dict[str, list[ReviewHead]] = {}
    for head, feed in items:
        groups.setdefault(feed if by_feed else head.venue_and_year or "", []).append(head)
    if len(groups) == 1 and not by_feed:
        return [("", heads) for heads in groups.values()]
    return [(name or "Without a venue", heads) for name, heads in sorted(groups.items(), key=lambda g: not g[0])]


def _heading(name: str) -> Block:
    return Block(kind=BlockKind.SECTION_HEADING, spans=(Span(text=name),))


def note_of(text: str) -> Outgoing:
    """A line in a post's thread."""
    return Outgoing(text=text)


def notice_of(text: str, *, owner_id: int | None, not_in: int | None) -> Outgoing:
    """A word to whoever set a subscription up."""
    return Outgoing(text=text, user_ids=(owner_id,) if owner_id else (), not_in=not_in)


def traits_of(message: Outgoing) -> str | None:
    """What a message is recognised by in its channel, to be kept while it is on its way; None where its text is."""
    return json.dumps([message.card.title, message.card.url, message.name]) if message.card else None


def with_traits(message: Outgoing, traits: str | None) -> Outgoing:
    """The message as it left: its review may have got another title or address since."""
    if message.card is None or traits is None:
        return message
    title, url, name = json.loads(traits)
    return replace(message, card=replace(message.card, title=title, url=url), name=name)


def unmentioning(message: Outgoing) -> Outgoing:
    """The same message for nobody in particular: an edit or a test pings no one."""
    return replace(message, role_ids=(), user_ids=())
