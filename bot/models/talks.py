"""Talks: the thread in which a server discusses a paper, and the messages that the bot puts there.

A talk is kept as a row: its thread, its times and its counts, and no word of any member.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TalkState(StrEnum):
    """How far a talk has got."""

    PENDING = "pending"  # to be opened, not before `not_before`
    SENDING = "sending"  # claimed: after a crash we do not know whether it was opened
    OPEN = "open"  # its thread exists, also where it is archived or locked
    GONE = "gone"  # its thread was deleted, or taken back
    FAILED = "failed"  # could not be opened; `reason` says why


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """The talk about a paper in a server.

    Attributes:
        review_id: The review that it was opened from; None if that was deleted.
        link_key: That review's address (`bot.search.keys.paper_link_key`), by which it is found again.
        title: The thread's name, as last known.
        nonce: Never changes, and has at most 25 characters.
        looks: How often its place could not be checked while it was in doubt.
        claimed_after: A message id below that of its first message.
        channel_id: The channel or forum that it is in.
        root_id: The message that its thread is under; None if it is not there yet, and for a forum post.
        opener_id: The member who opened it; None if nobody did, or if that member asked to be forgotten.
        opened_at: When its thread was made, or found.
        messages: How many messages it has, without the first, as last known.
        counted_at: When Discord last reported that.
    """

    id: int
    guild_id: int
    review_id: int | None
    link_key: str
    title: str
    state: TalkState
    nonce: str
    channel_id: int
    created_at: datetime
    attempts: int = 0
    looks: int = 0
    reason: str | None = None
    not_before: datetime | None = None
    claimed_at: datetime | None = None
    claimed_after: int | None = None
    root_id: int | None = None
    thread_id: int | None = None
    opener_id: int | None = None
    opened_at: datetime | None = None
    is_archived: bool = False
    is_locked: bool = False
    is_private: bool = False
    messages: int = 0
    last_message_id: int | None = None
    counted_at: datetime | None = None

    @property
    def check(self) -> str:
        """Six characters that tell it from the talk that has its id in another database."""
        return self.nonce[:6]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadFacts:
    """What Discord reports of a thread, without anything that members wrote.

    Attributes:
        parent_id: The channel or forum that it is in.
        messages: None if the report does not say.
        last_message_id: Likewise.
    """

    thread_id: int
    parent_id: int
    name: str
    is_archived: bool = False
    is_locked: bool = False
    is_private: bool = False
    messages: int | None = None
    last_message_id: int | None = None


class TalkMessageKind(StrEnum):
    """What a message of ours says that belongs to no subscription."""

    OPENING = "opening"  # the first one in a talk: the paper, its sections, how to quote
    QUOTE = "quote"  # a passage
    OPINION = "opinion"  # another blog has reviewed the paper
    CHANGE = "change"  # a quoted passage has changed
    CONCLUSION = "conclusion"  # a member has submitted what came of the talk
    WISH = "wish"  # a paper was reviewed that members asked for


class TalkMessageState(StrEnum):
    """How far such a message has got."""

    PENDING = "pending"
    SENDING = "sending"  # claimed: after a crash we do not know whether it was sent
    SENT = "sent"
    FAILED = "failed"  # will not be tried again; `reason` says why
    DROPPED = "dropped"  # given up on purpose: its talk is gone, or nobody wants it any longer


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkMessage:
    """A message on its way into a talk, or to the members who wished for a review.

    Attributes:
        channel_id: Where it goes; None for the thread of its talk.
        review_id: The review that it shows: for a quote, the one that is quoted; None if that was deleted.
        text: What it says, where that is not made from the other fields.
        user_ids: The only members that it mentions.
        nonce: Never changes, and has at most 25 characters.
        claimed_as: How it is recognised (`bot.delivering.posts`), as last sent.
        claimed_after: A message id below that of this message.
    """

    id: int
    kind: TalkMessageKind
    guild_id: int
    state: TalkMessageState
    nonce: str
    created_at: datetime
    channel_id: int | None = None
    talk_id: int | None = None
    review_id: int | None = None
    passage_id: int | None = None
    wish_id: int | None = None
    text: str | None = None
    user_ids: tuple[int, ...] = ()
    attempts: int = 0
    looks: int = 0
    reason: str | None = None
    not_before: datetime | None = None
    claimed_at: datetime | None = None
    claimed_as: str | None = None
    claimed_after: int | None = None
    message_id: int | None = None
    settled_at: datetime | None = None
