"""Made-up blogs for `benchmarks.year`, with a fetcher and a reader in memory between them and the poller.

Posts are made from patterns of `benchmarks.corpus`, cut to their first sections: texts repeat, while ids, links and
titles do not. The same calls make the same blogs. Documents are never parsed here; `benchmarks.ingest` measures that.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import count
from typing import TypeVar

from benchmarks.corpus import Material, make_review
from bot.errors import FetchTimeoutError
from bot.feeds.fetch import Fetcher, FetchResult
from bot.feeds.reader_process import FeedReading, Reader
from bot.feeds.validators import Validators
from bot.models.feeds import Entry, FeedKind, ParsedFeed, Resting, UnreadEntry
from bot.models.index import ReadReview
from bot.models.reviews import Block, BlockKind, Section, Span
from bot.search.extract import index_review

SHOWN = 10
"""How many posts a blog's feed shows."""
PACES = ((0.50, 0.25), (0.35, 0.75), (0.13, 2.0), (0.02, 7.0))
"""Shares of the blogs, and their posts per week: 0.8 on average."""
REVISED = 0.10
"""Revisions of older posts per new post."""
LONGEST_FAILURE = timedelta(days=21)
PATTERNS = 300
SECTIONS = 4
T = TypeVar("T")
START = datetime(2026, 1, 1, tzinfo=UTC)


class Oddity(StrEnum):
    """A blog's misbehaviour."""

    NONE = "none"
    RESTLESS = "one post changes at every visit"
    RENAMING = "all ids change at every visit"
    FAILING = "cannot be read for three weeks of every quarter"
    BROKEN = "one entry cannot be read"


ODD = (
    (0.015, Oddity.RESTLESS),
    (0.010, Oddity.RENAMING),
    (0.020, Oddity.FAILING),
    (0.020, Oddity.BROKEN),
)
"""Shares of the blogs."""


@dataclass(slots=True)
class Blog:
    """A blog, as its server would show it.

    Attributes:
        brought: Posts so far, including those that the feed no longer shows.
        version: Changes whenever anything does; serves as the ETag.
        is_down: Whether requests currently time out.
    """

    url: str
    oddity: Oddity
    posts_a_week: float
    posts: deque[ReadReview] = field(default_factory=lambda: deque(maxlen=SHOWN))
    brought: int = 0
    version: int = 0
    is_down: bool = False


class World:
    """The blogs, and time passing for them."""

    def __init__(self) -> None:
        self._chance = random.Random(1)
        material = Material.load()
        self._patterns = [_pattern(material, number) for number in range(PATTERNS)]
        self._numbers = count()
        self.blogs: dict[str, Blog] = {}

    def add_blog(self, now: datetime) -> Blog:
        """Add a blog that has posted every six days until now."""
        number = len(self.blogs)
        # Evenly spread, so that a few blogs are as mixed as many.
        blog = Blog(
            url=f"https://blog{number}.example/feed",
            oddity=_pick(ODD, number * 0.61803 % 1) or Oddity.NONE,
            posts_a_week=_pick(PACES, number * 0.75488 % 1) or PACES[-1][1],
        )
        self.blogs[blog.url] = blog
        for days in range(SHOWN, 0, -1):
            self._post(blog, now - timedelta(days=6 * days))
        return blog

    def pass_time(self, blog: Blog, now: datetime, passed: timedelta) -> bool:
        """Let time pass for a blog: it posts and revises.

        Returns:
            Whether the blog has anything new, or has an oddity that needs a visit each time.
        """
        before = blog.version
        expected = blog.posts_a_week * (passed / timedelta(weeks=1))
        for _ in range(int(expected) + (self._chance.random() < expected % 1)):
            self._post(blog, now)
        if self._chance.random() < REVISED * expected:
            self._revise(blog, self._chance.randrange(len(blog.posts)))
        if blog.oddity is Oddity.RESTLESS:
            self._revise(blog, len(blog.posts) - 1)
        if blog.oddity is Oddity.RENAMING:
            self._rename_all(blog)
        if blog.oddity is Oddity.FAILING:
            blog.is_down = (now - START) % timedelta(days=90) < LONGEST_FAILURE
        return blog.version != before or blog.oddity in (Oddity.FAILING, Oddity.BROKEN)

    def _post(self, blog: Blog, now: datetime) -> None:
        number = next(self._numbers)
        pattern = self._patterns[number % PATTERNS]
        link = f"{blog.url.removesuffix('feed')}{number}"
        title = f"{pattern.review.title} {number}"
        blog.posts.append(
            replace(
                pattern,
                entry=replace(pattern.entry, guid=link, link=link, title=title, published=now),
                review=replace(pattern.review, guid=link, link=link, title=title, published=now),
                entry_hash=f"{number}",
                fingerprint=f"{number}",
            )
        )
        blog.brought += 1
        blog.version += 1

    def _revise(self, blog: Blog, place: int) -> None:
        mark = next(self._numbers)
        said = Block(kind=BlockKind.PARAGRAPH, spans=(Span(text=f"Reading {mark} of word{mark % 1_000}."),))
        read = blog.posts[place]
        kept = tuple(section for section in read.review.sections if section.heading != "Note")
        noted = (*kept, Section(depth=1, number=None, heading="Note", blocks=(said,)))
        review = replace(read.review, sections=noted)
        blog.posts[place] = replace(read, review=review, entry_hash=f"{mark}", fingerprint=f"{mark}")
        blog.version += 1

    def _rename_all(self, blog: Blog) -> None:
        for place, read in enumerate(blog.posts):
            guid = f"{read.review.link}#{next(self._numbers)}"
            entry, review = replace(read.entry, guid=guid), replace(read.review, guid=guid)
            blog.posts[place] = replace(read, entry=entry, review=review, entry_hash=guid)
        blog.version += 1


def _pattern(material: Material, number: int) -> ReadReview:
    made = make_review(material, number)
    review = replace(made, sections=made.sections[:SECTIONS])
    html = "".join(f"<p>{block.text}</p>" for section in review.sections for block in section.blocks)
    entry = Entry(guid="", link="", title=review.title, html=html)
    return ReadReview(entry=entry, entry_hash="", fingerprint="", review=review, index=index_review(review))


def _pick(shares: Sequence[tuple[float, T]], place: float) -> T | None:
    for share, value in shares:
        if place < share:
            return value
        place -= share
    return None


class MadeFetcher(Fetcher):
    """Answers as the blogs' servers would: with a 304 if nothing has changed, with a timeout if a blog is down."""

    def __init__(self, world: World) -> None:
        super().__init__(contact_url="https://year.example/")
        self._world = world

    async def fetch(self, url: str, validators: Validators | None = None, **_: object) -> FetchResult:
        """Fetch a blog by its address."""
        blog = self._world.blogs[url]
        if blog.is_down:
            raise FetchTimeoutError(url, 30)
        etag = f'"{blog.version}"'
        return FetchResult(
            url=url,
            body=None if validators and validators.etag == etag else b"made",
            content_type=None,
            validators=Validators(etag=etag),
            permanent_url=None,
            min_interval_s=None,
            is_public=True,
        )


class MadeReader(Reader):
    """Returns what the blog shows instead of reading the document; like the real one, it skips known entries."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    async def read_feed(self, *_: object, url: str, known: Mapping[str, str | Resting], **__: object) -> FeedReading:
        """Read a blog by its address."""
        blog = self._world.blogs[url]
        newest_first = tuple(reversed(blog.posts))
        guids = [read.review.guid for read in newest_first]
        changed = tuple(
            read for read in newest_first if known.get(read.review.guid, "") not in (None, read.entry_hash)
        )
        unread: tuple[UnreadEntry, ...] = ()
        if blog.oddity is Oddity.BROKEN:
            # Its text changes with every tenth post: then it is worth another try.
            guid, entry_hash = f"{url}#broken", f"{blog.brought // 10}"
            guids.append(guid)
            if known.get(guid) != entry_hash:
                unread = (UnreadEntry(guid=guid, entry_hash=entry_hash, title="broken", reason="made so"),)
        parsed = ParsedFeed(kind=FeedKind.FEED, title=url)
        return FeedReading(parsed=parsed, guids=tuple(guids), changed=changed, unread=unread)
