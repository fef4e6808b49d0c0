"""What servers set up, and what became of each post there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.text.links import name_feed


class SubscriptionState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"  # by an admin: what comes meanwhile is not announced
    SUSPENDED = "suspended"  # Discord refuses us: what comes meanwhile waits
    ENDED = "ended"  # removed, or its channel or server is gone; kept for a while to explain itself


class Style(StrEnum):
    """How a post looks."""

    CARD = "card"  # an embed with the review's beginning and its first figure
    COMPACT = "compact"  # an embed of the facts alone


class Every(StrEnum):
    """How often a digest is sent."""

    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPlan:
    """When a digest is sent: at ``hour`` (0 to 23) of ``zone`` (IANA), for a week on ``weekday`` (0 is Monday)."""

    every: Every
    hour: int
    zone: str
    weekday: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedRole:
    """A role that members can give themselves, by the choice of a user who may manage it.

    It names its role, so that no other one is opened where two admins choose at once.
    """

    role_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivering:
    """How the posts of a subscription are delivered: everything that its admin can set beside the channel.

    Attributes:
        opens_thread: Whether a discussion thread is opened under each post.
        publishes: Whether a post in an announcement channel is published to the channels that follow it.
        role_id: The role to ping.
        opened: The role that members can give themselves; None for none.
        tag_ids: The tags of a forum post.
        filter_text: Which posts are announced, as `bot.announcing.filters` reads it; "" for all.
        digest: One message for many posts; None for a message each.
        max_age_days: Posts dated earlier are not announced; None for no limit.
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

    @property
    def role_by(self) -> int | None:
        """Who opened the role that is pinged; None where members cannot give it to themselves."""
        return self.opened.user_id if self.opened and self.opened.role_id == self.role_id else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A feed announced in a channel.

    Attributes:
        guild_id: The server; None while it is not known, for the channel of the settings.
        owner_id: Who set it up, and is told when it stops; None for whoever hosts the bot.
        reason: Why it is in its state.
        faults: How often making its digest ended in an unexpected error, in a row.
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
        """Whether it comes from the settings of whoever hosts the bot."""
        return self.owner_id is None

    @property
    def feed_name(self) -> str:
        """What the feed is called where people read it."""
        return name_feed(self.feed_title, self.feed_url)


class Stage(StrEnum):
    """What was decided for a post, or became of it, for one subscription."""

    FIRST_POLL = "first poll"  # stood in the feed when it was first read
    ARCHIVED = "archived"  # read from the archive
    DUPLICATE = "duplicate"  # the same post as an earlier one, under another identity
    TOO_OLD = "too old"
    FILTERED = "filtered"
    PAUSED = "paused"
    QUEUED = "queued"
    COLLECTED = "collected"  # waits for the digest
    UPDATED = "updated"
    UNSETTLED = "unsettled"  # was revised too often; what follows is not told
    REFUSED = "refused"  # Discord did not take it; tried again
    DELAYED = "delayed"  # an unexpected error; tried again
    FAILED = "failed"  # will not be tried again
    UNKNOWN = "unknown"  # it may have arrived; nobody can tell, so it is not sent again
    SENT = "sent"
    EDITED = "edited"
    UNDONE = "undone"  # it stands there, but a thread, a publication or an edit was given up


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One line of a post's history for one subscription."""

    subscription_id: int
    review_id: int
    stage: Stage
    at: datetime
    detail: str | None = None


class DeliveryKind(StrEnum):
    POST = "post"  # a review, or, where `is_digest`, several
    NOTE = "note"  # in a post's thread: what changed
    NOTICE = "notice"  # to an admin: something stopped, and how to mend it


class DeliveryState(StrEnum):
    COLLECTED = "collected"  # for a digest that is not due
    PENDING = "pending"  # to be sent, not before `not_before`
    SENDING = "sending"  # claimed: a crash now leaves it in doubt
    SENT = "sent"
    MERGED = "merged"  # stands in a digest, `digest_id`
    FAILED = "failed"  # will not be tried again; `reason` says why
    DROPPED = "dropped"  # given up on purpose: paused, removed, its channel gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message on its way to a channel. ``nonce`` is fixed for its life, 25 characters at most.

    Attributes:
        review_id: What is posted, or whose change is noted; None of a notice about a feed.
        channel_id: Where it goes; of a notice the server, of which a fitting channel is chosen when it leaves.
        text: What a note or a notice says.
        claimed_after: A message id that its own is above: from there on it is looked for.
        claimed_as: How the message is recognised in its channel (`bot.delivering.posts`), as it last left.
        message_channel_id: Where the message stands: the channel, or the thread that a forum's post is; of a claimed
            notice the channel that was chosen for it.
        is_plain: Discord refused what is in it: it goes without pictures, buttons and links to other places.
        looks: How often its channel could not be looked at, while it is in doubt.
        thread_id: The discussion under it, where there is one.
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
    """Where a message arrived. A forum's post is a thread of its own, whose first message it is."""

    message_id: int
    channel_id: int
    thread_id: int | None = None


class FollowUpKind(StrEnum):
    """What is done to a message that was sent. Each may be repeated without harm."""

    PUBLISH = "publish"
    THREAD = "thread"
    EDIT = "edit"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """Something still to be done to a sent post.

    ``asked`` counts how often it was wanted, ``attempts`` the tries that were refused, ``faults`` those that ended in
    an unexpected error.
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
