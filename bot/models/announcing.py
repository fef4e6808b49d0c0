"""What servers set up, and what happened to each post there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.text.links import name_feed

NOBODY = 0
"""The owner of a subscription whose owner asked to be forgotten. None would be the bot's host."""


class SubscriptionState(StrEnum):
    """Whether a subscription announces posts."""

    ACTIVE = "active"
    PAUSED = "paused"  # by an admin: posts published during the pause are not announced
    SUSPENDED = "suspended"  # Discord refuses our messages: new posts wait
    ENDED = "ended"  # removed, or its channel or server is gone; kept for a while to show why


class Style(StrEnum):
    """How a post is shown."""

    CARD = "card"  # an embed with the beginning of the review and its first figure
    COMPACT = "compact"  # an embed with the facts only


class Every(StrEnum):
    """How often a digest is sent."""

    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPlan:
    """When a digest is sent: at ``hour`` (0 to 23) in ``zone`` (IANA name); a weekly one on ``weekday`` (0 is
    Monday).
    """

    every: Every
    hour: int
    zone: str
    weekday: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedRole:
    """A role that members can give themselves, opened by a user who may manage it.

    It names its role, so that no other role is opened when two admins choose at the same time.
    """

    role_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivering:
    """How the posts of a subscription are delivered: everything that its admin can set besides the channel.

    Attributes:
        opens_thread: Whether a discussion thread is opened under each post.
        publishes: Whether a post in an announcement channel is published to the channels that follow it.
        role_id: The role to ping.
        opened: The role that members can give themselves; None if there is none.
        tag_ids: The tags of a forum post.
        filter_text: Which posts are announced, as `bot.announcing.filters` reads it; "" for all.
        digest: One message for many posts; None for one message per post.
        max_age_days: Posts older than this are not announced; None for no limit.
        language: What it is announced in, as an ISO 639 code; None for the server's language.
    """

    style: Style = Style.CARD
    opens_thread: bool = False
    publishes: bool = False
    role_id: int | None = None
    opened: OpenedRole | None = None
    tag_ids: tuple[int, ...] = ()
    filter_text: str = ""
    digest: DigestPlan | None = None
    max_age_days: int | None = None
    language: str | None = None

    @property
    def role_by(self) -> int | None:
        """The user who opened the pinged role; None if members cannot give it to themselves."""
        return self.opened.user_id if self.opened and self.opened.role_id == self.role_id else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A feed announced in a channel.

    Attributes:
        guild_id: The server; None while it is unknown, for the channel from the settings.
        owner_id: The user who set it up and is told when it stops; `NOBODY` if that user is not to be named any more,
            None for the bot's host.
        reason: Why it is in its state.
        faults: How many times in a row building its digest ended in an unexpected error.
    """

    id: int
    feed_id: int
    feed_url: str
    feed_title: str | None
    guild_id: int | None
    channel_id: int
    owner_id: int | None
    delivering: Delivering
    state: SubscriptionState
    reason: str | None
    created_at: datetime
    faults: int = 0

    @property
    def is_host(self) -> bool:
        """Whether it comes from the bot's settings, which the host wrote."""
        return self.owner_id is None

    @property
    def feed_name(self) -> str:
        """The feed's name as people see it."""
        return name_feed(self.feed_title, self.feed_url)


class Stage(StrEnum):
    """What was decided about a post for one subscription, or what happened to it."""

    FIRST_POLL = "first poll"  # was already in the feed at the first reading
    ARCHIVED = "archived"  # found in the feed's archive
    DUPLICATE = "duplicate"  # the same post as an earlier one, under another identity
    TOO_OLD = "too old"
    FILTERED = "filtered"
    PAUSED = "paused"
    QUEUED = "queued"
    COLLECTED = "collected"  # waits for the digest
    UPDATED = "updated"
    UNSETTLED = "unsettled"  # was revised too often; later changes are not announced
    REFUSED = "refused"  # Discord refused it; will be tried again
    DELAYED = "delayed"  # an unexpected error; will be tried again
    FAILED = "failed"  # will not be tried again
    UNKNOWN = "unknown"  # it may have arrived; we cannot know, so it is not sent again
    SENT = "sent"
    EDITED = "edited"
    UNDONE = "undone"  # it was sent, but a thread, a publication or an edit was given up


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One line of a post's history for one subscription."""

    subscription_id: int
    review_id: int
    stage: Stage
    at: datetime
    detail: str | None = None


class DeliveryKind(StrEnum):
    """What a message contains."""

    POST = "post"  # a review, or several if `is_digest` is set
    NOTE = "note"  # in a post's thread: what has changed
    NOTICE = "notice"  # to an admin: something stopped, and how to fix it


class DeliveryState(StrEnum):
    """How far a message has got."""

    COLLECTED = "collected"  # waits for a digest that is not due yet
    PENDING = "pending"  # to be sent, not before `not_before`
    SENDING = "sending"  # claimed: after a crash we do not know whether it was sent
    SENT = "sent"
    MERGED = "merged"  # is part of a digest, `digest_id`
    FAILED = "failed"  # will not be tried again; `reason` says why
    DROPPED = "dropped"  # given up on purpose: paused, removed, its channel gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message on its way to a channel. ``nonce`` never changes, and has at most 25 characters.

    Attributes:
        review_id: The review that is posted or has changed; None for a notice about a feed.
        channel_id: The target channel; for a notice, the server's id: the channel is chosen when it is sent.
        text: The text of a note or a notice.
        claimed_after: A message id below that of this message; the search for it starts there.
        claimed_as: How the message is recognised in its channel (`bot.delivering.posts`), as last sent.
        message_channel_id: Where the message was posted: the channel, or the thread that a forum post is; for a
            claimed notice, the channel that was chosen for it.
        is_plain: Discord refused the content, so it is sent without pictures, buttons and links to other places.
        looks: How often its channel could not be checked while it was in doubt.
        thread_id: The discussion thread under it, if there is one.
        faults: How often sending it ended in an unexpected error.
    """

    id: int
    kind: DeliveryKind
    subscription_id: int
    review_id: int | None
    channel_id: int
    state: DeliveryState
    nonce: str
    is_digest: bool = False
    text: str | None = None
    attempts: int = 0
    reason: str | None = None
    not_before: datetime | None = None
    claimed_at: datetime | None = None
    claimed_after: int | None = None
    claimed_as: str | None = None
    message_id: int | None = None
    message_channel_id: int | None = None
    thread_id: int | None = None
    faults: int = 0
    looks: int = 0
    is_plain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """Where a message arrived. A forum post is a thread of its own, and the message is the first in it."""

    message_id: int
    channel_id: int
    thread_id: int | None = None


class FollowUpKind(StrEnum):
    """What is done to a message after it was sent. Each step can be repeated without harm."""

    PUBLISH = "publish"
    THREAD = "thread"
    EDIT = "edit"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """Something still to be done to a sent post.

    Attributes:
        asked: How often it was requested.
        attempts: How many attempts were refused.
        faults: How many attempts ended in an unexpected error.
    """

    delivery_id: int
    kind: FollowUpKind
    subscription_id: int
    review_id: int
    channel_id: int
    message_id: int
    asked: int = 1
    attempts: int = 0
    faults: int = 0
