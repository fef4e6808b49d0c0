"""The nouns of the project: frozen values without I/O, importing nothing of ours but how addresses are shown.

Times are aware datetimes in UTC. ``None`` means unknown; never ``""`` or 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from bot.links import name_feed

# ── what a feed says ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a feed, decoded and repaired, its meaning not looked at yet.

    Attributes:
        guid: Unique within its document (the reader sees to it).
        html: The author's markup, unsanitised: it is parsed, never shown.
        is_pinned: The forum lists it first, however old it is.
        is_replacement: The listing has a new version of a paper that it listed before.
        is_from_page: ``html`` was taken from the post's page, not from a feed.
    """

    guid: str
    link: str
    title: str
    html: str
    published: datetime | None = None
    updated: datetime | None = None
    categories: tuple[str, ...] = ()
    author: str | None = None
    is_pinned: bool = False
    is_replacement: bool = False
    is_from_page: bool = False


class Extent(StrEnum):
    """How much of a post the cache has."""

    WHOLE = "whole"
    TEASER = "teaser"  # the feed has its beginning alone
    PAGE = "page"  # the rest was read from the post's page


class FeedKind(StrEnum):
    """What a served document turned out to be; four different results with four different messages."""

    FEED = "feed"
    EMPTY = "empty"
    BROKEN = "broken"
    NOT_A_FEED = "not a feed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a feed wants to be asked (`bot.pace`).

    Attributes:
        interval_s: Seconds between two visits; 0 where nothing is said.
        skip_hours: 0 to 23, in GMT.
        skip_days: 0 is Monday.
    """

    interval_s: int = 0
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """Everything that could be read from one document.

    ``problems`` are sentences for whoever hosts the bot; a feed with problems still has its entries. ``utc_offset``
    is that of the author's clock, where the feed names or suggests one: programs write UTC wherever the author is.
    """

    kind: FeedKind
    title: str | None = None
    link: str | None = None
    entries: tuple[Entry, ...] = ()
    problems: tuple[str, ...] = ()
    pace: Pace = field(default_factory=Pace)
    utc_offset: timedelta | None = None


# ── what a review is ────────────────────────────────────────────────────────────────────────────


class Mark(StrEnum):
    """How a run of text was marked by its author."""

    BOLD = "bold"
    ITALIC = "italic"
    STRIKE = "strike"
    CODE = "code"
    MATH = "math"  # the TeX source with its dollar signs
    SUP = "sup"
    SUB = "sub"
    HIGHLIGHT = "highlight"  # green-backed: what the reviewer found worth marking
    GAP = "gap"  # red-backed: mostly a gap of earlier work
    MATCH = "match"  # where a search found its words; never in a stored review


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A run of text with the same marks. ``text`` may hold "\\n" for a line break."""

    text: str
    marks: frozenset[Mark] = frozenset()
    href: str | None = None


class BlockKind(StrEnum):
    PARAGRAPH = "paragraph"
    SECTION_HEADING = "section heading"  # of a card that shows several sections; never in a stored review
    LINK = "link"  # the preview of another page: its title, and its address as `url` and behind it
    PARAGRAPH_HEADING = "paragraph heading"  # bold green at a paragraph's start
    ITEM = "item"  # of a list; `depth` from 0, `marker` "•" or "3."
    QUOTE = "quote"
    EXCERPT = "excerpt"  # plain-text <pre>: the paper's own words, quoted
    CODE = "code"
    FIGURE = "figure"  # `url`; `spans` is the caption, often empty
    TABLE = "table"  # `rows`; the first row is the head where `has_head`
    MATH = "math"  # display math, TeX source with its delimiters


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of a section, in the order of the text."""

    kind: BlockKind
    spans: tuple[Span, ...] = ()
    depth: int = 0
    marker: str = ""
    url: str | None = None
    language: str | None = None
    rows: tuple[tuple[tuple[Span, ...], ...], ...] = ()
    has_head: bool = False

    @property
    def text(self) -> str:
        """The block as plain text: what a search reads. A figure's address is not text."""
        if self.kind is BlockKind.TABLE:
            return "\n".join(" | ".join("".join(s.text for s in cell) for cell in row) for row in self.rows)
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and what stands under it, up to the next heading.

    ``depth`` is 1 for a top section; 0 only for the text before the first heading, whose ``heading`` is
    None. ``heading`` is as written, its number included ("3.2. TAG NORMALIZATION"); ``number`` is "3.2".
    """

    depth: int
    number: str | None
    heading: str | None
    blocks: tuple[Block, ...] = ()

    @property
    def text(self) -> str:
        """The section as plain text, a block a line (list items and paragraphs alike)."""
        return "\n".join(text for block in self.blocks if (text := block.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifiers:
    """Public identifiers of the paper under review, normalised; None where the review names none."""

    arxiv: str | None = None  # "2308.07074", no version
    acl: str | None = None  # "2023.emnlp-main.183"
    openreview: str | None = None  # the forum id
    pmlr: str | None = None  # "v162/he22f"
    neurips: str | None = None  # the hash of papers.nips.cc
    doi: str | None = None  # lower case, "10.…/…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """An entry understood: what paper it is about, and its text as a list of sections in order.

    ``links`` maps a label ("pdf", "code", or the author's own label in lower case) to an address.
    ``extent`` says how much of the post this is.
    """

    guid: str
    link: str
    title: str
    clean_title: str
    venue: str | None = None
    year: int | None = None
    short_name: str | None = None
    authors: tuple[str, ...] = ()
    identifiers: Identifiers = field(default_factory=Identifiers)
    links: tuple[tuple[str, str], ...] = ()
    categories: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    sections: tuple[Section, ...] = ()
    extent: Extent = Extent.WHOLE

    @property
    def venue_and_year(self) -> str | None:
        return join_venue(self.venue, self.year)

    @property
    def characters(self) -> int:
        """Length of the text, headings aside."""
        return sum(len(section.text) for section in self.sections)


def join_venue(venue: str | None, year: int | None) -> str | None:
    """ "ICLR 2024", "ICLR", "2024" or None."""
    return " ".join(part for part in (venue, str(year) if year else None) if part) or None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLabel:
    """What a completion says of a review: little enough to be held in memory for every one of them."""

    id: int
    link: str
    clean_title: str
    short_name: str | None
    venue: str | None
    year: int | None

    @property
    def venue_and_year(self) -> str | None:
        return join_venue(self.venue, self.year)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewHead(ReviewLabel):
    """A review in the cache without its text: what a list or a choice needs.

    ``date`` is when it was published, or first seen where the feed does not say.
    """

    feed_url: str
    title: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    identifiers: Identifiers
    date: datetime
    characters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The headings of a stored review, without their text, in order."""

    review_id: int
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReview:
    """A review in the cache. ``id`` stays the same for as long as the cache lives."""

    id: int
    feed_url: str
    review: Review
    first_seen_at: datetime


# ── what the cache knows of a feed, and what a poll came to ─────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """A followed feed as the cache knows it. ``learned_at`` is None until it was read once."""

    id: int
    url: str
    title: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    learned_at: datetime | None = None
    failures: int = 0  # in a row
    last_error: str | None = None
    next_check_at: datetime | None = None  # set by a failure alone: not before this time
    pace: Pace = field(default_factory=Pace)
    moved_to: str | None = None  # where permanent redirects lead …
    moved_since: datetime | None = None  # … since when …
    moved_times: int = 0  # … and how often in a row
    new_on: date | None = None  # the day of UTC on which it last brought new posts …
    new_that_day: int = 0  # … how many …
    left_over: int = 0  # … and how many more wait for another day
    is_public: bool | None = None  # read from the internet, when it was read last; None where it was not read yet
    unread_entries: int = 0  # its posts that could not be read
    failed_pages: int = 0  # of its archive
    sent_at: datetime | None = None  # when its server last sent the document itself

    @property
    def name(self) -> str:
        """What it is called where people read it."""
        return name_feed(self.title, self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOutcome:
    """What one poll of one feed came to. ``error`` is a sentence; the cache is then as it was.

    ``is_hosts_fault``: the error is none of the feed's.
    """

    url: str
    title: str | None = None
    total: int = 0
    new: int = 0
    changed: int = 0
    announced: int = 0
    is_unchanged: bool = False
    problems: tuple[str, ...] = ()
    error: str | None = None
    left_over: int = 0  # new entries that wait for another day
    is_hosts_fault: bool = False


# ── names and the index: how a review is found ──────────────────────────────────────────────────


class NameKind(StrEnum):
    """Where a name comes from, best first: an earlier kind wins where two reviews share a name."""

    SHORT = "short"  # before the title's colon
    TITLE = "title"
    SLUG = "slug"  # the last part of the review's address
    REPOSITORY = "repository"
    KNOWN = "known"  # what the field calls the paper, by the bundled list
    INTRODUCED = "introduced"  # the paper's own, says its abstract or introduction; not in the title
    LINKED = "linked"  # a repository in the header that the text never names
    COINED = "coined"  # used again and again in this review and hardly elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One way to call a review.

    Attributes:
        key: What is compared: the name's letters and digits alone, folded.
        uses: How often a coined name stands in the review's text, else 1.
        sounds: How it may be read aloud, as `bot.search.hangul` writes it; () for names that nobody says.
    """

    kind: NameKind
    key: str
    text: str
    uses: int = 1
    sounds: tuple[str, ...] = ()


class FacetKind(StrEnum):
    """What a search can be narrowed by, beside dates and sources."""

    VENUE = "venue"
    YEAR = "year"
    TAG = "tag"
    AUTHOR = "author"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A review has this venue, year, tag or author. ``key`` is compared, ``text`` is shown."""

    kind: FacetKind
    key: str
    text: str


class FilterKind(StrEnum):
    """How a search is narrowed, as it is typed before the colon."""

    VENUE = "venue"
    YEAR = "year"
    TAG = "tag"
    AUTHOR = "author"
    SOURCE = "source"
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One condition that a review must meet.

    Attributes:
        keys: All of which the review must have: a facet's keys, or a part of its or its feed's address.
        day: For ``before`` (not on it) and ``after`` (on it, too).
    """

    kind: FilterKind
    keys: tuple[str, ...] = ()
    day: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperKey:
    """An identifier or address as it is looked up ("arxiv:2308.07074").

    ``is_own``: of the review or of its paper; else it is only cited in the text.
    """

    key: str
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexText:
    """A review as the full-text index holds it: analysed terms joined by spaces, a column each.

    ``abstract`` and ``body`` keep a line a block and a form feed between sections, so that a match in the index
    says which block it stands in (`bot.search.passages`).
    """

    title: str
    headings: str
    abstract: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewIndex:
    """Everything that a review is found by. ``words`` are those of its names, authors, venue and categories."""

    names: tuple[Name, ...]
    words: tuple[str, ...]
    facets: tuple[Facet, ...]
    keys: tuple[PaperKey, ...]
    text: IndexText


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsReading:
    """What a robots.txt says of a page.

    Attributes:
        delay_s: Seconds that the site wants between two requests; None where it says nothing of it.
        sitemaps: Those that it names, wherever they are.
    """

    may_read: bool
    delay_s: float | None = None
    sitemaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReview:
    """An entry that is new or changed, read to the end: everything the cache keeps of it.

    ``fingerprint`` is its content's identity (`bot.announcing.changes.fingerprint`), ``text_fingerprint`` that of its
    text alone; ``parts`` are the papers that it is a digest of, each under an identity of its own. ``problem`` says
    what of it was left out.
    """

    entry: Entry
    entry_hash: str
    fingerprint: str
    review: Review
    index: ReviewIndex
    text_fingerprint: str = ""
    parts: tuple[ReadReview, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadEntry:
    """An entry that could not be read, and why; those around it were."""

    guid: str
    entry_hash: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPost:
    """A review as its post is recognised by.

    Attributes:
        guid: The one that it is kept under.
        text_fingerprint: "" where the text is short, or was read before these were kept.
    """

    review_id: int
    guid: str
    link: str
    title: str
    published: datetime | None
    fingerprint: str
    text_fingerprint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Churn:
    """How often an entry has changed lately (`bot.announcing.churn`).

    Attributes:
        changes: Of any kind; the last one was taken at ``changed_at``.
        revisions: Those that a reader of its message would notice.
    """

    changes: int = 0
    changed_at: datetime | None = None
    revisions: int = 0
    revised_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting:
    """A post that is left as it is for now; what has its guid, and its address or its title, is the same one."""

    link: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry(KnownPost):
    """An entry of a feed as the cache knows it. ``seen_at`` is when its review was entered."""

    entry_hash: str
    structure_version: int
    seen_at: datetime
    churn: Churn = field(default_factory=Churn)


class Place(StrEnum):
    """Where somebody asks."""

    TERMINAL = "terminal"
    SERVER = "server"
    DIRECT = "direct messages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who asks, by what they may read.

    Attributes:
        feeds: The ids of the feeds whose reviews answer; None for every feed.
    """

    feeds: frozenset[int] | None
    place: Place


EVERYTHING = Audience(feeds=None, place=Place.TERMINAL)
"""Whoever hosts the bot, in the terminal."""


class LabelRow(NamedTuple):
    """A review as the names in memory hold it. A plain tuple: there may be a hundred thousand."""

    id: int
    link: str
    clean_title: str
    short_name: str | None
    venue: str | None
    year: int | None
    is_stub: bool
    words: str
    feed_id: int = 0


class NameRow(NamedTuple):
    """A name as the cache lists it; ``sounds`` are joined by spaces. A plain tuple: there may be a million."""

    key: str
    review_id: int
    kind: str
    text: str
    uses: int
    sounds: str


# ── subscriptions: which feed is announced where, and how ───────────────────────────────────────


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


# ── deliveries ──────────────────────────────────────────────────────────────────────────────────


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
        claimed_as: How the message is recognised in its channel (`bot.announcing.posts`), as it last left.
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


# ── what the doctor found ───────────────────────────────────────────────────────────────────────


class CheckState(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at: how it is, what was seen, and what to do (None where nothing is)."""

    name: str
    state: CheckState
    said: str
    advice: str | None = None

    @classmethod
    def ok(cls, name: str, said: str, advice: str | None = None) -> Check:
        return cls(name=name, state=CheckState.OK, said=said, advice=advice)

    @classmethod
    def warning(cls, name: str, said: str, advice: str) -> Check:
        return cls(name=name, state=CheckState.WARNING, said=said, advice=advice)

    @classmethod
    def failed(cls, name: str, said: str, advice: str) -> Check:
        return cls(name=name, state=CheckState.FAILED, said=said, advice=advice)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """A search that found nothing, or nothing sure; how often, and when last."""

    query: str
    times: int
    last_at: datetime


# ── what somebody asks ──────────────────────────────────────────────────────────────────────────


class Command(StrEnum):
    PAPER = "paper"
    SECTION = "section"
    SEARCH = "search"
    RELATED = "related"
    LATEST = "latest"
    HELP = "help"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question, as typed or as chosen from an earlier answer.

    ``query`` is free text. A choice names its review by ``review_id`` (and a section by ``position``), which
    then win. ``heading`` is the second field of ``/section``; None where paper and heading are one string.
    """

    command: Command
    query: str = ""
    heading: str | None = None
    review_id: int | None = None
    position: int | None = None
    limit: int = 10
