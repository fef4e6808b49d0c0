"""What feeds contain, and what is kept of them. Times are aware, in UTC; None means unknown, never "" or 0."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, PlainSerializer

from bot.languages import read_message, write_message
from bot.text.links import name_feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a feed, decoded and repaired, but not interpreted yet.

    Attributes:
        guid: Unique within its document (the reader ensures that).
        html: The author's markup, unsanitised: it is parsed, never shown.
        is_pinned: The forum lists it first, regardless of its age.
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
    """How much of a post is in the cache."""

    WHOLE = "whole"
    TEASER = "teaser"  # the feed has only its beginning
    PAGE = "page"  # the rest was read from the post's page


class FeedKind(StrEnum):
    """What a document turned out to be: four results with four different messages."""

    FEED = "feed"
    EMPTY = "empty"
    BROKEN = "broken"
    NOT_A_FEED = "not a feed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a feed wants to be requested (`bot.reading.pace`).

    Attributes:
        interval_s: Seconds between two visits; 0 if the feed does not say.
        skip_hours: 0 to 23, in GMT.
        skip_days: 0 is Monday.
    """

    interval_s: int = 0
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


MessageText = Annotated[str, PlainSerializer(write_message), AfterValidator(read_message)]
"""A text that may be a `Message`, and stays one where it crosses a process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """Everything that could be read from one document.

    ``problems`` are sentences for the bot's host; a feed with problems still has its entries. ``utc_offset`` is the
    author's, if the feed names or suggests one: programs write UTC wherever the author is.
    """

    kind: FeedKind
    title: str | None = None
    link: str | None = None
    entries: tuple[Entry, ...] = ()
    problems: tuple[MessageText, ...] = ()
    pace: Pace = field(default_factory=Pace)
    utc_offset: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """A followed feed as stored in the cache. ``first_read_at`` is None until it has been read once."""

    id: int
    url: str
    title: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    digest: str | None = None  # of the document as it was last read to its end
    first_read_at: datetime | None = None
    failures: int = 0  # in a row
    last_error: str | None = None
    next_check_at: datetime | None = None  # only set by a failure: do not check before this time
    pace: Pace = field(default_factory=Pace)
    moved_to: str | None = None  # where permanent redirects lead …
    moved_since: datetime | None = None  # … since when …
    moved_times: int = 0  # … and how often in a row
    new_on: date | None = None  # the day (UTC) on which it last brought new posts …
    new_that_day: int = 0  # … how many …
    left_over: int = 0  # … and how many more wait for another day
    is_public: bool | None = None  # whether it came from the internet when last read; None if not read yet
    unread_entries: int = 0  # its posts that could not be read
    failed_pages: int = 0  # of its archive
    sent_at: datetime | None = None  # when its server last sent the document itself

    @property
    def name(self) -> str:
        """Its name as people see it."""
        return name_feed(self.title, self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOutcome:
    """The result of polling one feed. ``error`` is a sentence; the cache is then unchanged.

    ``is_hosts_fault``: the feed did not cause the error.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """The address of a feed, and the page's name for it."""

    url: str
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """What a page says about feeds.

    Attributes:
        announced: Feeds that the page declares, best first: the whole site's, then those of tags, then comments.
        linked: Addresses that a reader of the page would take for its feed; they may be anything.
        leads_to: Where the page redirects its visitors; "" if it does not.
        generator: The program that made the page, in lower case; "" if the page does not say.
    """

    announced: tuple[FeedLink, ...] = ()
    linked: tuple[str, ...] = ()
    leads_to: str = ""
    generator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsReading:
    """What a robots.txt says about a page.

    Attributes:
        delay_s: Seconds that the site wants between two requests; None if it does not say.
        sitemaps: The sitemaps that it names, on any host.
    """

    may_read: bool
    delay_s: float | None = None
    sitemaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadEntry:
    """An entry that could not be read, and why; the entries around it were read."""

    guid: str
    entry_hash: str
    title: str
    reason: MessageText


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPost:
    """A review, with the values by which its post is recognised.

    Attributes:
        guid: The guid that it is stored under.
        text_fingerprint: "" if the text is short, or was read before fingerprints of texts were stored.
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
        changes: Changes of any kind; the last was at ``changed_at``.
        revisions: Changes that a reader of its message would notice; the last was at ``revised_at``.
    """

    changes: int = 0
    changed_at: datetime | None = None
    revisions: int = 0
    revised_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting:
    """A post that is left unchanged for now; an entry with its guid and its address or title is the same post."""

    link: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry(KnownPost):
    """A feed's entry as stored in the cache. ``seen_at`` is when its review was stored."""

    entry_hash: str
    structure_version: int
    seen_at: datetime
    churn: Churn = field(default_factory=Churn)
