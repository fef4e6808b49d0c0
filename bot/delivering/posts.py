"""What is sent: a review, several in one digest, a note in a thread, a notice to an admin; and who can send it.

And by what a message is recognised that stands in a channel: by the addresses of its reviews, which a moderator
cannot change. They stand in the button under a post as well as in its embed, which can be hidden.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Container, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from urllib.parse import unquote, urlsplit, urlunsplit

from bot.cards.answers import announcement, review_line
from bot.cards.card import Card, Part, Tone
from bot.models.announcing import Delivering, Posted, Style
from bot.models.reviews import Block, BlockKind, ReviewHead, Span, StoredReview
from bot.text.cut import cut_text
from bot.text.links import normalise_link

THREAD_NAME_CHARACTERS = 100
TITLE_CHARACTERS = 120
TEST_MARK = "-# A test: this is how posts look here. Nobody is pinged."
CUT_CHARACTERS = 1_900
"""A text as long may have been cut when it was sent."""
_MENTION = re.compile(r"<@&?\d+>")
_DIGEST_TITLE = re.compile(r"[\d,]+ new reviews? · ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message on its way.

    Attributes:
        name: Of the thread under it, or of the forum's post that it is.
        tag_ids: Of a forum's post.
        role_ids, user_ids: Whom it mentions, and nobody else.
        not_in: Of a notice: the channel that it is about, its place only where there is no other.
        is_plain: Without a button, as without anything else that Discord may refuse (`plain`).
    """

    card: Card | None = None
    text: str | None = None
    name: str = ""
    tag_ids: tuple[int, ...] = ()
    role_ids: tuple[int, ...] = ()
    user_ids: tuple[int, ...] = ()
    not_in: int | None = None
    is_plain: bool = False


class Poster(Protocol):
    """Whatever can put messages into channels: Discord, in the end. Every method may raise DeliveryError."""

    async def post(self, channel_id: int, message: Outgoing, *, nonce: str) -> Posted:
        """Post once. A channel that takes nonces answers a repeat with the first message."""

    def find_place(self, guild_id: int, *, not_in: int | None) -> int:
        """The channel of a server that suits a word to its admins."""

    async def can_look_back(self, channel_id: int) -> bool:
        """Whether the channel's history can be read."""

    def takes_nonce(self, channel_id: int) -> bool:
        """Whether a repeat is harmless there for some minutes. A forum takes none."""

    def newest_id(self, channel_id: int) -> int:
        """An id that is below those of all messages posted from now on: by Discord's time, not by ours."""

    def last_known_id(self, channel_id: int) -> int | None:
        """The newest message when we connected, 0 where there was none; None where that is not known."""

    def own_messages(self, channel_id: int, *, after: int, known: Container[int]) -> AsyncIterator[Standing]:
        """What we posted there after a message, the oldest first; of a forum the posts. Answers to members are none.

        Args:
            known: Ids that need not be looked at.
        Raises:
            DeliveryError: It cannot be looked through; ``is_unknown`` where it goes on beyond what we read of it.
        """

    async def last_message(self, channel_id: int) -> tuple[int, Standing | None]:
        """The id of the newest message there, and how it stands where it is ours: all that is to be had at times."""

    async def has_message(self, channel_id: int, message_id: int) -> bool:
        """Whether a message stands there still."""

    async def edit(self, channel_id: int, message_id: int, message: Outgoing) -> None:
        """Let a message of ours look like this; nobody is mentioned again."""

    async def publish(self, channel_id: int, message_id: int) -> None:
        """Publish a message of an announcement channel; done already is done."""

    async def open_thread(self, channel_id: int, message_id: int, name: str) -> int:
        """The id of the thread under a message, opened where there is none."""

    def is_role_gone(self, channel_id: int, role_id: int) -> bool:
        """Whether the channel's server is known to have no such role."""

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


def is_digest_title(title: str) -> bool:
    """Whether a card with this title lists reviews: the links of another card's text are not what it announces."""
    return _DIGEST_TITLE.match(title) is not None


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


# ── what a message is recognised by ─────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a message is recognised by.

    Attributes:
        links: The reviews that it announces, as `link_identity` has them.
        title: Of its card.
        name: Of the thread that it is, in a forum.
        text: What it says, where it has no card.
    """

    links: frozenset[str] = frozenset()
    title: str | None = None
    name: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A message of ours as it stands in a channel. ``is_hidden``: somebody has hidden its embed."""

    posted: Posted
    traits: Traits
    is_hidden: bool = False


def link_identity(link: str) -> str:
    """What two spellings of an address have in common: ours, and the one that stands in a message."""
    parts = urlsplit(unquote(normalise_link(link)))
    try:
        host = parts.netloc.encode("idna").decode()
    except UnicodeError:
        host = parts.netloc
    return urlunsplit(parts._replace(netloc=host))


def traits_of(message: Outgoing) -> Traits:
    """What a message will be recognised by, to be kept while it is on its way."""
    card = message.card
    if card is None:
        return Traits(text=message.text or "")
    links = [card.url] if card.url else [span.href for part in card.parts for block in part for span in block.spans]
    return Traits(
        links=frozenset(link_identity(link) for link in links if link), title=card.title, name=message.name or None
    )


def write_traits(traits: Traits) -> str:
    """As the database keeps them."""
    kept = {"links": sorted(traits.links), "title": traits.title, "name": traits.name, "text": traits.text}
    return json.dumps({name: value for name, value in kept.items() if value}, ensure_ascii=False)


def read_traits(text: str) -> Traits:
    """From the database. Earlier versions kept [title, url, name]."""
    kept = json.loads(text)
    if isinstance(kept, list):
        title, url, name = kept
        return Traits(links=frozenset([link_identity(url)] if url else []), title=title, name=name)
    return Traits(
        links=frozenset(kept.get("links", ())), title=kept.get("title"), name=kept.get("name"), text=kept.get("text")
    )


def is_same(standing: Standing, wanted: Traits) -> bool:
    """Whether a message that stands in a channel is the one that was sent.

    Where nothing is left to tell it by, it is taken for the one: rather a post too few than the same one twice.
    """
    there = standing.traits
    if wanted.text is not None:
        return not there.links and there.title is None and _says(there.text or "", wanted.text)
    if there.links:
        # A long digest lists its first reviews alone.
        return there.links == wanted.links if len(wanted.links) < 2 else there.links <= wanted.links
    if there.title is not None:
        return _letters(there.title) == _letters(wanted.title or "")[: len(_letters(there.title))]
    return standing.is_hidden or (there.name is not None and there.name == wanted.name)


def _says(there: str, wanted: str) -> bool:
    """Whether a message says a text, however it was escaped, whomever it mentions."""
    shown, meant = _letters(there), _letters(wanted)
    return shown == meant or (len(there) >= CUT_CHARACTERS and meant.startswith(shown))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, _MENTION.sub("", text)))


def plain(message: Outgoing) -> Outgoing:
    """The same message without pictures, buttons and links to other places: Discord may refuse a post for one."""
    card = message.card and replace(
        message.card,
        image_url=None,
        parts=tuple(
            tuple(_plain_block(block) for block in part if block.kind is not BlockKind.FIGURE)
            for part in message.card.parts
        ),
    )
    return replace(message, card=card, is_plain=True)


def _plain_block(block: Block) -> Block:
    kind = BlockKind.PARAGRAPH if block.kind is BlockKind.LINK else block.kind
    rows = tuple(tuple(_plain_spans(cell) for cell in row) for row in block.rows)
    return replace(block, kind=kind, url=None, spans=_plain_spans(block.spans), rows=rows)


def _plain_spans(spans: Sequence[Span]) -> tuple[Span, ...]:
    return tuple(replace(span, href=None) for span in spans)


def as_test(message: Outgoing) -> Outgoing:
    """The same message for nobody, marked as a test: it must never be taken for the post itself."""
    return replace(unmentioning(message), text=TEST_MARK)


def unmentioning(message: Outgoing) -> Outgoing:
    """The same message for nobody in particular: an edit or a test pings no one."""
    return replace(message, role_ids=(), user_ids=())
