"""What a new review means for members who asked for it: their wish is closed, and they are told once.

Everything here belongs to the transaction that enters the review, so that nobody is told twice or not at all.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from bot.languages import Message
from bot.models.index import NameKind, ReadReview
from bot.models.papers import PaperRecord
from bot.models.reviews import ReviewHead, StoredReview
from bot.models.talks import TalkMessageKind
from bot.models.wishes import Wish
from bot.search.record_match import Agreement, agreement
from bot.store import messages, wishes
from bot.store.database import Connection
from bot.store.messages import NewMessage
from bot.text.cut import cut_text
from bot.text.terms import words

MOST_COMPARED = 5_000
"""Open wishes that a review is compared with; the oldest first."""
MOST_MENTIONED = 50
"""Members mentioned in one message: Discord allows 100, but 2,000 characters of text with them."""
TITLE_CHARACTERS, NAME_CHARACTERS = 200, 100
SHARED_WORDS = 0.4
"""The share of a wanted title's words that a title needs to be compared in full."""


class OpenWishes:
    """What is wanted while the reviews of one feed are entered.

    Args:
        guild_ids: The servers that read the feed; None for all.
    """

    def __init__(self, db: Connection, guild_ids: Collection[int] | None, *, now: datetime) -> None:
        self._db = db
        self._guild_ids = guild_ids
        self._now = now
        self._open: dict[int, _Open] | None = None

    async def close(self, review_id: int, read: ReadReview) -> None:
        """Close the wishes that a new review fulfils, and enter the messages that say so."""
        if self._guild_ids is not None and not self._guild_ids:
            return
        if self._open is None:
            found = await wishes.open_wishes(self._db, self._guild_ids, limit=MOST_COMPARED)
            self._open = {wish.id: _Open(wish, frozenset(words(wish.paper.title))) for wish in found}
        for wish in _fulfilled(self._open.values(), read):
            del self._open[wish.id]
            await _close(self._db, wish, review_id, read, self._now)


class _Open(NamedTuple):
    """An open wish, and the words of its title."""

    wish: Wish
    words: frozenset[str]


def _fulfilled(open_wishes: Collection[_Open], read: ReadReview) -> list[Wish]:
    """Return the wishes for the paper of a review: by identifier of its own, or by title as `/paper` decides it."""
    if not open_wishes:
        return []
    is_doubtful = any(name.kind is NameKind.LINKED for name in read.index.names)
    own = set() if is_doubtful else {key.key for key in read.index.keys if key.is_own}
    titles, head = _titles(read), _head(read)
    said = [set(words(title)) for title in titles]
    return [
        wish
        for wish, asked in open_wishes
        if wish.paper.key in own
        or (any(len(asked & each) >= SHARED_WORDS * len(asked) for each in said) and _is_same(wish, head, titles))
    ]


def _is_same(wish: Wish, head: ReviewHead, titles: Sequence[str]) -> bool:
    record = PaperRecord(key=wish.paper.key, title=wish.paper.title, authors=wish.paper.authors, year=wish.paper.year)
    # Of a typed title nothing else is known that could agree.
    least = Agreement.SAME if wish.paper.authors else Agreement.EQUAL
    return agreement(record, head, titles) >= least


def _titles(read: ReadReview) -> tuple[str, ...]:
    """Return the titles of the paper that a post gives, in its own title or in its text."""
    named = (name.text for name in read.index.names if name.kind is NameKind.TITLE)
    return tuple(dict.fromkeys((read.review.clean_title, *named)))


def _head(read: ReadReview) -> ReviewHead:
    unsaved = StoredReview(id=0, feed_url="", review=read.review, first_seen_at=datetime.fromtimestamp(0, UTC))
    return unsaved.head


async def _close(db: Connection, wish: Wish, review_id: int, read: ReadReview, now: datetime) -> None:
    await wishes.close_wish(db, wish.id, review_id, now=now)
    by_channel: defaultdict[int, list[int]] = defaultdict(list)
    for channel_id, user_id in await wishes.voices_of(db, wish.id):
        by_channel[channel_id].append(user_id)
    for channel_id, user_ids in by_channel.items():
        groups = list(_groups(user_ids))
        for number, group in enumerate(groups, 1):
            new = NewMessage(
                kind=TalkMessageKind.WISH,
                guild_id=wish.guild_id,
                nonce=secrets.token_hex(12),
                channel_id=channel_id,
                review_id=review_id,
                wish_id=wish.id,
                text=_told(wish, read, number, len(groups)),
                user_ids=group,
            )
            await messages.add_message(db, new, now=now)


def _groups(user_ids: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for start in range(0, len(user_ids), MOST_MENTIONED):
        yield tuple(user_ids[start : start + MOST_MENTIONED])


def _told(wish: Wish, read: ReadReview, number: int, total: int) -> Message:
    """What those who asked are told. Several messages differ, so that each can be recognised in its channel."""
    said = {
        "title": cut_text(wish.paper.title, TITLE_CHARACTERS),
        "name": cut_text(read.review.clean_title, NAME_CHARACTERS),
        "link": read.review.link,
    }
    if total == 1:
        return Message("You asked for a review of “{title}”. Here is one: {name} {link}", **said)
    return Message(
        "You asked for a review of “{title}”. Here is one: {name} {link} ({number} of {total})",
        **said,
        number=number,
        total=total,
    )
