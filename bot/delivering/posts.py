"""What is sent: a review, several in one digest, a note in a thread, a notice to an admin; and who can send it.

Also how a message in a channel is recognised: by the addresses of its reviews, which a moderator cannot change.
They are in the button under a post as well as in its embed, which can be hidden.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Collection, Container, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Protocol
from urllib.parse import unquote, urlsplit, urlunsplit

from bot.cards.answers import review_line
from bot.cards.card import MAX_CHOICES, Card, Part, PressChoice, Tone
from bot.cards.earlier_talks import conclude_choice
from bot.cards.reviews import announcement, discuss_option, paper_choice
from bot.cards.servers import welcome_text
from bot.cards.talks import (
    concluded_text,
    opening_card,
    opinion_card,
    opinion_text,
    quote_card,
    starter_card,
    talk_name,
)
from bot.languages import _, languages, ngettext, pattern_of, say, speaking
from bot.models.announcing import Delivering, Posted, Style
from bot.models.passages import check_of_words
from bot.models.reviews import Block, BlockKind, ReviewHead, Span, StoredReview
from bot.models.talks import Talk, ThreadFacts
from bot.text.cut import cut_text
from bot.text.links import normalise_link
from bot.text.patterns import lazy_pattern

THREAD_NAME_CHARACTERS = 100
TITLE_CHARACTERS = 120
FEED_CHARACTERS = 80
FORMER_TEST_MARK = "-# A test: this is how posts look here. Nobody is pinged."
"""The text of the tests that earlier versions sent."""
CUT_CHARACTERS = 1_900
"""A text this long may have been cut when it was sent."""
_MENTION = lazy_pattern(r"<@&?\d+>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message on its way.

    Attributes:
        name: The name of the thread under it, or of the forum post that it is.
        tag_ids: The tags of a forum post.
        role_ids, user_ids: The only roles and members that it mentions.
        former_title: What earlier versions showed as the title of its card, if that is another text.
        not_in: For a notice, the channel that it is about; it is sent there only if there is no other place.
        is_plain: Without buttons or anything else that Discord may refuse (`plain`).
        is_welcome: With the buttons of the first steps in a server.
        press: The button below a text.
        tested_by: For a test, the member who asked for it. They are named and not pinged.
        is_silent: Without a notification for anybody.
        mark: Words in the id of one of its buttons by which it is told from all others; None if it has none.
        passage: For a quote that can be saved, what tells its words from others (`check_of_words`).
    """

    card: Card | None = None
    text: str | None = None
    name: str = ""
    tag_ids: tuple[int, ...] = ()
    role_ids: tuple[int, ...] = ()
    user_ids: tuple[int, ...] = ()
    former_title: str | None = None
    not_in: int | None = None
    is_plain: bool = False
    is_welcome: bool = False
    press: PressChoice | None = None
    tested_by: int | None = None
    is_silent: bool = False
    mark: str | None = None
    passage: str | None = None


class Poster(Protocol):
    """Puts messages into channels; in the end, Discord. Every method may raise DeliveryError."""

    async def post(self, channel_id: int, message: Outgoing, *, nonce: str) -> Posted:
        """Post once. A channel that accepts nonces answers a repeat with the first message."""

    @property
    def is_complete(self) -> bool:
        """Return whether all channels and servers are known that there are. At a start, one part may come later."""

    def knows(self, place_id: int) -> bool:
        """Return whether a channel, thread or server is known."""

    def find_place(self, guild_id: int, *, not_in: int | None) -> int:
        """Return the channel of a server that suits a notice to its admins."""

    def find_welcome_place(self, guild_id: int) -> int:
        """Return the channel of a server in which newcomers are greeted, or the first that can be written to."""

    async def can_look_back(self, channel_id: int) -> bool:
        """Return whether the channel's history can be read."""

    def takes_nonce(self, channel_id: int) -> bool:
        """Return whether a repeat is harmless there for some minutes. A forum does not accept nonces."""

    def newest_id(self, channel_id: int) -> int:
        """Return an id below those of all messages posted from now on, by Discord's time and not by ours."""

    def last_known_id(self, channel_id: int) -> int | None:
        """Return the id of the newest message when we connected, 0 if there was none; None if it is unknown."""

    def own_messages(self, channel_id: int, *, after: int, known: Container[int]) -> AsyncIterator[Standing]:
        """Yield what we posted there after a message, the oldest first, except answers to members; in a forum, posts.

        Args:
            known: Ids that need not be looked at.
        Raises:
            DeliveryError: The channel cannot be searched; ``is_unknown`` if there is more than we read of it.
        """

    async def last_message(self, channel_id: int) -> tuple[int, Standing | None]:
        """Return the id of the newest message, and the message if it is ours. At times this is all we can get."""

    async def has_message(self, channel_id: int, message_id: int) -> bool:
        """Return whether a message is still there."""

    async def edit(self, channel_id: int, message_id: int, message: Outgoing) -> None:
        """Change one of our messages; nobody is mentioned again."""

    async def publish(self, channel_id: int, message_id: int) -> None:
        """Publish a message of an announcement channel; no error if that was done already."""

    async def open_thread(self, channel_id: int, message_id: int, name: str) -> int:
        """Return the id of the thread under a message, and open it if there is none."""

    async def find_thread(self, thread_id: int) -> ThreadFacts | None:
        """Return what a thread is like now; None if it was deleted."""

    async def add_member(self, thread_id: int, user_id: int) -> None:
        """Add a member to a thread, so that it stands in their list; no error if they are in it."""

    async def unarchive(self, thread_id: int) -> None:
        """Show an archived thread again."""

    async def is_untouched(self, thread_id: int) -> bool:
        """Return whether nobody but the bot has written in a thread."""

    async def remove_thread(self, thread_id: int) -> bool:
        """Delete a thread; where that is not permitted, archive it. Returns whether it was deleted."""

    async def remove_message(self, channel_id: int, message_id: int) -> None:
        """Delete one of our messages; no error if it is gone."""

    def tags_named(self, channel_id: int, names: Collection[str]) -> tuple[int, ...]:
        """Return the tags of a forum that have one of these names, in any case; none in another channel."""

    def is_role_gone(self, channel_id: int, role_id: int) -> bool:
        """Return whether the channel's server is known not to have a role."""

    def problem(self, channel_id: int, delivering: Delivering) -> str | None:
        """Return what keeps posts out of a channel and how to fix it, as a sentence; None if nothing is known to."""


def post_of(
    stored: StoredReview, delivering: Delivering, *, user_ids: Sequence[int] = (), feed_name: str | None = None
) -> Outgoing:
    """Make a message of one review.

    Args:
        feed_name: The name of its feed, to say why somebody is pinged.
    """
    review = stored.review
    return Outgoing(
        card=announcement(stored, is_compact=delivering.style is Style.COMPACT),
        text=_why_pinged(delivering, user_ids, [feed_name] if feed_name else []),
        former_title=review.title if review.title != review.clean_title else None,
        name=cut_text(review.clean_title, THREAD_NAME_CHARACTERS),
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
    """Make one message of many reviews: grouped by feed, or by venue if they are of one feed; the rest is counted.

    Args:
        items: Reviews, the oldest first, each with the name of its feed.
    """
    card = digest_card(items, now=now)
    return Outgoing(
        card=card,
        text=_why_pinged(delivering, user_ids, list(dict.fromkeys(feed for _head, feed in items))),
        name=cut_text(f"{card.title} · {now:%Y-%m-%d}", THREAD_NAME_CHARACTERS),
        tag_ids=delivering.tag_ids,
        role_ids=(delivering.role_id,) if delivering.role_id else (),
        user_ids=tuple(user_ids),
    )


def _why_pinged(delivering: Delivering, user_ids: Sequence[int], feeds: Sequence[str]) -> str | None:
    """Return why a role and members are pinged, in words; None if nobody is."""
    if not feeds:
        return None
    named = cut_text(feeds[0], FEED_CHARACTERS)
    said: list[str] = []
    if delivering.role_id:
        one = _("This role is pinged for new posts of {feed}.").format(feed=named)
        said.append(one if len(feeds) == 1 else _("This role is pinged for new posts of these feeds."))
    if user_ids:
        one = _("You follow {feed}, or a topic of this post. Use /notify to change that.").format(feed=named)
        many = _("You follow one of these feeds, or a topic of these posts. Use /notify to change that.")
        said.append(one if len(feeds) == 1 else many)
    return " ".join(said) or None


def digest_card(items: Sequence[tuple[ReviewHead, str]], *, now: datetime) -> Card:
    """Make the card of a digest: a part for each review; the first part of a group has the group's name."""
    feeds = list(dict.fromkeys(feed for _head, feed in items))
    parts: list[Part] = []
    for name, heads in _groups(items, by_feed=len(feeds) > 1):
        first, *others = heads
        heading = (_heading(cut_text(name, TITLE_CHARACTERS)),) if name else ()
        parts += [(*heading, review_line(first)), *((review_line(head),) for head in others)]
    several = ngettext("{count} feed", "{count} feeds", len(feeds)).format(count=len(feeds))
    named = feeds[0] if len(feeds) == 1 else several
    return Card(
        tone=Tone.NEWS,
        title=_digest_title(len(items)).format(count=f"{len(items):,}", feed=cut_text(named, FEED_CHARACTERS)),
        parts=tuple(parts),
        choices=tuple(paper_choice(head) for head, _feed in items[:MAX_CHOICES]),
        invitation=_("Open one …"),
        press_choices=tuple(discuss_option(head) for head, _feed in items[:MAX_CHOICES]),
        press_invitation=_("Discuss one of these …"),
        more=_("and {count} more: /latest lists the newest, /search finds the others."),
        colour_key=items[0][0].feed_url if len(feeds) == 1 and items else None,
        published=now,
    )


def _digest_title(count: int) -> str:
    return ngettext("{count} new review · {feed}", "{count} new reviews · {feed}", count)


def is_digest_title(title: str) -> bool:
    """Return whether a card with this title lists reviews. In other cards, links in the text announce nothing."""
    return any(form.match(title) for language in languages() for form in _digest_titles(language))


@cache
def _digest_titles(language: str) -> tuple[re.Pattern[str], ...]:
    """Return the forms of a digest's title in a language, for one review and for several."""
    with speaking(language):
        texts = [_digest_title(count) for count in (1, 2)]
    return tuple(map(pattern_of, texts))


def _groups(items: Sequence[tuple[ReviewHead, str]], *, by_feed: bool) -> list[tuple[str, list[ReviewHead]]]:
    """Group reviews by feed or by venue; the reviews without a venue come last."""
    groups: dict[str, list[ReviewHead]] = {}
    for head, feed in items:
        groups.setdefault(feed if by_feed else head.venue_and_year or "", []).append(head)
    if len(groups) == 1 and not by_feed:
        return [("", heads) for heads in groups.values()]
    return [(name or _("Without a venue"), heads) for name, heads in sorted(groups.items(), key=lambda g: not g[0])]


def _heading(name: str) -> Block:
    return Block(kind=BlockKind.SECTION_HEADING, spans=(Span(text=name),))


def note_of(text: str) -> Outgoing:
    """Make a note for a post's thread. It may open an archived thread again, and must not ring for that."""
    return Outgoing(text=text, is_silent=True)


def notice_of(text: str, *, owner_id: int | None, not_in: int | None) -> Outgoing:
    """Make a notice to the person who set a subscription up."""
    return Outgoing(text=text, user_ids=(owner_id,) if owner_id else (), not_in=not_in)


def welcome_of() -> Outgoing:
    """Make the first message to a server."""
    return Outgoing(text=welcome_text(), is_welcome=True)


def starter_of(stored: StoredReview, mark: str) -> Outgoing:
    """Make the message in a channel under which a talk is opened."""
    return Outgoing(card=starter_card(stored, mark=mark), is_silent=True, mark=mark)


def opening_of(stored: StoredReview, talk: Talk, mark: str) -> Outgoing:
    """Make the first message in a talk."""
    return Outgoing(card=opening_card(stored, talk, mark=mark), is_silent=True, mark=mark)


def forum_talk_of(stored: StoredReview, talk: Talk, tag_ids: Sequence[int]) -> Outgoing:
    """Make a talk that is a post in a forum."""
    return replace(opening_of(stored, talk, talk.nonce), name=talk_name(stored.review), tag_ids=tuple(tag_ids))


def quote_of(stored: StoredReview, position: int, words: str, mark: str, *, block: int | None = None) -> Outgoing:
    """Make a quote of a passage.

    Args:
        position: Of its section.
        block: Of its block in the section; None if that is not known.
    """
    card = quote_card(stored, position, words, mark=mark, block=block)
    return Outgoing(card=card, mark=mark, passage=check_of_words(words) if block is not None else None)


def opinion_of(stored: StoredReview, feed_name: str) -> Outgoing:
    """Make the message that another blog has reviewed a talk's paper."""
    named = cut_text(feed_name, FEED_CHARACTERS)
    return Outgoing(card=opinion_card(stored), text=opinion_text(named), is_silent=True)


def concluded_of(talk: Talk, mark: str) -> Outgoing:
    """Make the line that something was concluded in a talk; what it was shows when its button is pressed.

    So nothing of it is left in the talk when its author edits or removes it.
    """
    press = conclude_choice(talk, mark=mark)
    return Outgoing(text=concluded_text(), press=press, is_silent=True, mark=mark)


def ping_of(text: str, *, user_ids: Sequence[int]) -> Outgoing:
    """Make a message that tells members of something that they asked for."""
    return Outgoing(text=say(text), user_ids=tuple(user_ids))


# ── recognising a message ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a message is recognised by.

    Attributes:
        links: The addresses of the reviews that it announces, as `link_identity` returns them.
        title: The title of its card.
        former_title: The title that an earlier version gave it.
        name: In a forum, the name of the thread that it is.
        text: Its text, if it has no card.
        mark: Words in the id of one of its buttons, which nobody can change.
        passage: Likewise, what tells the words of a quote from others.
    """

    links: frozenset[str] = frozenset()
    title: str | None = None
    former_title: str | None = None
    name: str | None = None
    text: str | None = None
    mark: str | None = None
    passage: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One of our messages as it is in a channel. ``is_hidden``: somebody has hidden its embed."""

    posted: Posted
    traits: Traits
    is_hidden: bool = False


def link_identity(link: str) -> str:
    """Return what two spellings of an address have in common: ours, and the one in a message."""
    parts = urlsplit(unquote(normalise_link(link)))
    try:
        host = parts.netloc.encode("idna").decode()
    except UnicodeError:
        host = parts.netloc
    return urlunsplit(parts._replace(netloc=host))


def traits_of(message: Outgoing) -> Traits:
    """Return what a message will be recognised by, to be saved while it is on its way."""
    card = message.card
    if card is None:
        return Traits(text=message.text or "", mark=message.mark)
    links = [card.url] if card.url else [span.href for part in card.parts for block in part for span in block.spans]
    return Traits(
        links=frozenset(link_identity(link) for link in links if link),
        title=card.title,
        former_title=message.former_title,
        name=message.name or None,
        mark=message.mark,
        passage=message.passage,
    )


def write_traits(traits: Traits) -> str:
    """Write traits as the database keeps them."""
    kept = {
        "links": sorted(traits.links),
        "title": traits.title,
        "former_title": traits.former_title,
        "name": traits.name,
        "text": traits.text,
        "mark": traits.mark,
        "passage": traits.passage,
    }
    return json.dumps({name: value for name, value in kept.items() if value}, ensure_ascii=False)


def read_traits(text: str) -> Traits:
    """Read traits from the database. Earlier versions kept [title, url, name]."""
    kept = json.loads(text)
    if isinstance(kept, list):
        title, url, name = kept
        return Traits(links=frozenset([link_identity(url)] if url else []), title=title, name=name)
    return Traits(
        links=frozenset(kept.get("links", ())),
        title=kept.get("title"),
        former_title=kept.get("former_title"),
        name=kept.get("name"),
        text=kept.get("text"),
        mark=kept.get("mark"),
        passage=kept.get("passage"),
    )


def is_same(standing: Standing, wanted: Traits) -> bool:
    """Return whether a message in a channel is the one that was sent.

    If nothing is left to recognise it by, we assume that it is: better one post too few than the same post twice.
    """
    there = standing.traits
    if there.mark or wanted.mark:
        # All that is left of a forum post whose first message was deleted is its name.
        is_bare = there.mark is None and not there.links and there.title is None and there.text is None
        return there.mark == wanted.mark or (is_bare and there.name is not None and there.name == wanted.name)
    if wanted.text is not None:
        return not there.links and there.title is None and _says(there.text or "", wanted.text)
    if there.links:
        # A long digest lists only its first reviews.
        return there.links == wanted.links if len(wanted.links) < 2 else there.links <= wanted.links
    if there.title is not None:
        shown = _letters(there.title)
        titles = (wanted.title or "", *([wanted.former_title] if wanted.former_title else ()))
        return any(shown == _letters(title)[: len(shown)] for title in titles)
    return standing.is_hidden or (there.name is not None and there.name == wanted.name)


def says_the_same(standing: Standing, wanted: Traits) -> bool:
    """Return whether a message in a talk that no row knows says what another one would; their marks differ."""
    there = standing.traits
    if there.mark and wanted.mark:
        return (there.links, there.title, there.passage) == (wanted.links, wanted.title, wanted.passage)
    return is_same(standing, wanted)


def _says(there: str, wanted: str) -> bool:
    """Return whether a message says a text, regardless of escaping and mentions."""
    shown, meant = _letters(there), _letters(wanted)
    return shown == meant or (len(there) >= CUT_CHARACTERS and meant.startswith(shown))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, _MENTION.sub("", text)))


def plain(message: Outgoing) -> Outgoing:
    """Return a message without pictures, buttons and outside links, for any of which Discord may refuse a post."""
    card = message.card and replace(
        message.card,
        picture=None,
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


def as_test(message: Outgoing, *, by: int) -> Outgoing:
    """Return a message that pings nobody and is marked as a test, so that it is never taken for the post itself.

    In a forum its name says so, too: that is all that is left if somebody deletes the message.

    Args:
        by: The member who asked for it.
    """
    name = cut_text(_("Test: {title}").format(title=message.name), THREAD_NAME_CHARACTERS)
    return replace(unmentioning(message), text=None, name=name, tested_by=by)


def unmentioning(message: Outgoing) -> Outgoing:
    """Return a message that mentions nobody: an edit or a test does not ping."""
    return replace(message, role_ids=(), user_ids=())
