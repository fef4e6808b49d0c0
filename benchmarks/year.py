"""A year of many feeds: how large the file, each table, memory and the work of a poll become, and what limits them.

The database is a real file. Poller, courier, subscriptions, answering and the daily job are the bot's own, on a clock
that is set. The channels and the contents of feeds are made up (`benchmarks.blogs`): nothing is parsed, and the
network is not used. The names in memory are not read, which `benchmarks.scale` measures; everything else in memory is
as in the bot.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from array import array
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from aiosqlite import Connection

from benchmarks.blogs import START, Blog, MadeFetcher, MadeReader, Oddity, World
from benchmarks.measure import StatementCounter, median, milliseconds, p95, print_table
from bot.announcing.decisions import id_at
from bot.answering.name_cache import NameCache
from bot.config import load_settings
from bot.delivering import courier
from bot.delivering.posts import Outgoing
from bot.feeds.retention import KEEP_ENDED, KEEP_HISTORIES
from bot.models.announcing import Delivering, DigestPlan, Every, Posted, Subscription
from bot.models.requests import EVERYTHING, Command, Request
from bot.service import Service, open_service
from bot.store.choices import MOST as MOST_CHOICES
from bot.store.database import JOURNAL_BYTES, Database
from bot.store.reviews import MOST_ALIASES
from bot.store.space import KEPT_PAGES, pages_of
from bot.store.times import to_text
from bot.store.unmatched import MOST as MOST_UNMATCHED
from tests.posting import MemoryPoster

LEAVING_A_YEAR = 0.07
"""The share of the feeds that their servers stop following in a year; each is replaced by another."""
QUIET_ASKED = 0.1
"""The share of visits that take place at feeds without news."""
SEARCHES_A_DAY = 10
KEEP_UNFOLLOWED_DAYS = 30
MONTH = 30
MOST_COLUMNS = 13
SLACK = timedelta(days=2)
"""The daily job runs once a day, at any hour of it."""
FTS = "review_index"
DIGESTS = (DigestPlan(every=Every.WEEK, hour=9, zone="UTC"), DigestPlan(every=Every.DAY, hour=9, zone="Asia/Seoul"))
FILTERS = ("", "", "year:>=2018", "-title:/zz+top/", "venue:ACL OR venue:EMNLP OR year:>=2017")


class Channels(MemoryPoster):
    """A Discord that accepts everything and keeps nothing."""

    posted = edits = 0

    async def post(self, channel_id: int, message: Outgoing, *, nonce: str) -> Posted:
        """Count a message."""
        self.posted += 1
        return Posted(message_id=self._new_id(), channel_id=channel_id, thread_id=None)

    async def has_message(self, channel_id: int, message_id: int) -> bool:
        """Every message is there."""
        return True

    async def edit(self, channel_id: int, message_id: int, message: Outgoing) -> None:
        """Count an edit."""
        self.edits += 1

    async def open_thread(self, channel_id: int, message_id: int, name: str) -> int:
        """A thread has the id of its message, as in Discord."""
        return message_id


class Clock:
    """A clock that is set."""

    now = START

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True)
class Bound:
    """What keeps a table from growing without end: a number that must not exceed a limit.

    Attributes:
        query: Returns the number. It may use ``:ended`` and ``:histories``, the times before which rows are deleted,
            and ``:mark``, the id of a message from the latter time.
        most: The limit; None if the number must not grow by more than a fifth after the first month.
    """

    table: str
    what: str
    query: str
    most: Callable[[Year], float] | None


def _a_review(table: str, what: str = "count(*)") -> str:
    return f"SELECT 1.0 * {what} / max(1, (SELECT count(*) FROM reviews)) FROM {table}"


BOUNDS = (
    Bound("feeds", "rows: followed, given up lately, the host's", "SELECT count(*) FROM feeds", lambda y: y.feeds()),
    Bound("reviews", "rows: the posts of those feeds", "SELECT count(*) FROM reviews", lambda y: y.brought()),
    *(
        Bound(table, "rows a review", _a_review(table), None)
        for table in ("sections", "names", "facets", "paper_keys")
    ),
    Bound(FTS, "bytes a review", _a_review(f"{FTS}_data", "sum(length(block))"), None),
    Bound(
        "aliases",
        "rows of one review",
        "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM aliases GROUP BY review_id)",
        lambda _: MOST_ALIASES + 1,
    ),
    Bound("pages", "rows: no archive is read here", "SELECT count(*) FROM pages", lambda _: 0),
    Bound(
        "pending_choices",
        "rows of one server",
        "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM pending_choices GROUP BY guild_id)",
        lambda _: MOST_CHOICES,
    ),
    Bound("servers", "rows: no gateway reports any here", "SELECT count(*) FROM servers", lambda _: 0),
    Bound("welcomes", "rows: one a server", "SELECT count(*) FROM welcomes", lambda _: 0),
    *(
        Bound(table, "rows: nobody talks here", f"SELECT count(*) FROM {table}", lambda _: 0)
        for table in (
            *("joins", "join_log", "records", "talks", "messages", "conclusions", "passages"),
            *("saved", "saved_passages", "wishes", "wish_voices"),
        )
    ),
    Bound("unread_entries", "rows: broken entries", "SELECT count(*) FROM unread_entries", lambda y: y.broken()),
    Bound(
        "subscriptions",
        "ended over a month ago",
        "SELECT count(*) FROM subscriptions WHERE state = 'ended' AND ended_at < :ended",
        lambda _: 0,
    ),
    Bound(
        "deliveries",
        "posts over a year old, but for the newest of a channel",
        "SELECT count(*) - count(DISTINCT d.channel_id)"
        " FROM deliveries d LEFT JOIN deliveries g ON g.id = d.digest_id WHERE d.kind = 'post'"
        " AND coalesce(g.settled_at, d.settled_at, d.created_at) < :histories",
        lambda _: 0,
    ),
    Bound(
        "deliveries",
        "notes and notices over a month old",
        "SELECT count(*) FROM deliveries WHERE kind <> 'post' AND created_at < :ended",
        lambda _: 0,
    ),
    Bound(
        "deliveries",
        "waiting for over a month",
        "SELECT count(*) FROM deliveries WHERE state IN ('collected', 'pending', 'sending') AND created_at < :ended",
        lambda _: 0,
    ),
    Bound(
        "follow_ups",
        "rows of one post",
        "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM follow_ups GROUP BY delivery_id)",
        lambda _: 3,
    ),
    Bound("decisions", "over a year old", "SELECT count(*) FROM decisions WHERE at < :histories", lambda _: 0),
    Bound(
        "decisions",
        "of one post in one channel",
        "SELECT coalesce(max(n), 0) FROM"
        " (SELECT count(*) AS n FROM decisions GROUP BY review_id, subscription_id)",
        lambda _: 75,
    ),
    Bound(
        "channel_marks",
        "over a year old, of threads and channels given up",
        "SELECT count(*) FROM channel_marks WHERE message_id < :mark"
        " AND channel_id NOT IN (SELECT channel_id FROM subscriptions WHERE state <> 'ended')",
        lambda _: 0,
    ),
    Bound(
        "found_messages",
        "over a month old",
        "SELECT count(*) FROM found_messages WHERE found_at < :ended",
        lambda _: 0,
    ),
    Bound(
        "feed_followers",
        "of feeds that their server gave up",
        "SELECT count(*) FROM feed_followers f WHERE NOT EXISTS (SELECT 1 FROM subscriptions s"
        " WHERE s.guild_id = f.guild_id AND s.feed_id = f.feed_id)",
        lambda _: 0,
    ),
    Bound("term_followers", "rows: one a server here", "SELECT count(*) FROM term_followers", lambda y: y.servers),
    Bound("unmatched", "rows", "SELECT count(*) FROM unmatched", lambda _: MOST_UNMATCHED),
    Bound("facts", "rows: names in the code", "SELECT count(*) FROM facts", lambda _: 12),
)  # fmt: skip
"""At least one for each table."""


@dataclass(frozen=True, slots=True)
class Month:
    """What was measured at the end of a month; ``wal_bytes`` and ``days_s`` cover all its days."""

    day: int
    file_bytes: int
    wal_bytes: int
    free_pages: int
    memory_mb: float
    days_s: list[float]
    rows: dict[str, int]
    bounded: list[float]
    statements: dict[str, list[int]]


@dataclass(slots=True)
class Figures:
    """What is measured during the run; times are in seconds."""

    days_s: list[float] = field(default_factory=list)
    jobs_s: list[float] = field(default_factory=list)
    changes_s: array[float] = field(default_factory=lambda: array("f"))
    wal_bytes: int = 0
    statements: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    months: list[Month] = field(default_factory=list)


class Year:
    """One run of the benchmark."""

    def __init__(self, service: Service, world: World, clock: Clock, *, feeds: int, visits_a_day: int) -> None:
        self._service = service
        self._world = world
        self._clock = clock
        self._poster = Channels()
        self._poster.clock = clock
        self._chance = random.Random(2)
        self._following: dict[str, list[Subscription]] = {}
        self._given_up: dict[str, datetime] = {}
        self._most_feeds = feeds
        self._step = timedelta(days=1) / visits_a_day
        self._words = count()
        self.servers: int = 0
        self.figures = Figures()

    async def run(self, days: int) -> None:
        """Follow the feeds, live through this many days, and measure at the end of each month."""
        began = time.perf_counter()
        for _ in range(self._most_feeds):
            await self._follow()
        print(f"{len(self._following):,} feeds followed in {time.perf_counter() - began:.0f} s", flush=True)
        for day in range(1, days + 1):
            began = time.perf_counter()
            is_counted = day % MONTH == 0
            await self._day(is_counted=is_counted)
            self.figures.days_s.append(time.perf_counter() - began)
            self.figures.wal_bytes = max(self.figures.wal_bytes, _size(self._wal))
            if is_counted or day == days:
                await self._note(day)

    @property
    def _wal(self) -> Path:
        return Path(f"{self._service.settings.database}-wal")

    # ── what happens ────────────────────────────────────────────────────────────────────────────

    async def _follow(self) -> None:
        """A new server follows a new feed, one in ten in three channels. Some of its members follow, too."""
        blog = self._world.add_blog(self._clock.now)
        self.servers += 1
        server, subscriptions = self.servers, self._service.subscriptions
        followed = [
            await subscriptions.follow(
                blog.url,
                guild_id=server,
                channel_id=server * 10 + channel,
                owner_id=1,
                delivering=Delivering(
                    opens_thread=(server + channel) % 2 == 0,
                    filter_text=FILTERS[(server + channel) % len(FILTERS)],
                    digest=DIGESTS[server % 8] if server % 8 < len(DIGESTS) else None,
                ),
            )
            for channel in range(3 if server % 10 == 0 else 1)
        ]
        for user in range(3):
            await subscriptions.follow_feed(followed[0], user + 1)
        await subscriptions.follow_term("hallucination", guild_id=server, user_id=1)
        self._following[blog.url] = followed

    async def _day(self, *, is_counted: bool) -> None:
        end = self._clock.now + timedelta(days=1)
        while self._clock.now < end:
            self._clock.now += self._step
            async with self._counting(is_wanted=is_counted) as counter:
                for url in self._following:
                    await self._visit(self._world.blogs[url], counter)
            await self._service.courier.deliver(self._poster)
        for url in list(self._following):
            if self._chance.random() < LEAVING_A_YEAR / 365:
                for one in self._following.pop(url):
                    await self._service.subscriptions.remove(one)
                self._given_up[url] = self._clock.now
                await self._follow()
        for _ in range(SEARCHES_A_DAY):
            request = Request(command=Command.SEARCH, query=f"qxv{next(self._words)}")
            await self._service.ask(request, EVERYTHING)
        began = time.perf_counter()
        await self._service.retention.run()
        self.figures.jobs_s.append(time.perf_counter() - began)

    async def _visit(self, blog: Blog, counter: StatementCounter | None) -> None:
        has_news = self._world.pass_time(blog, self._clock.now, self._step)
        if not has_news and self._chance.random() >= QUIET_ASKED:
            return
        before = counter.own if counter else 0
        outcome = await self._service.poller.poll(blog.url)
        assert outcome.error is None or blog.oddity is Oddity.FAILING, outcome.error
        if counter:
            kind = "nothing new" if outcome.is_unchanged else "a failure" if outcome.error else "news"
            kind = blog.oddity.value if blog.oddity in (Oddity.RESTLESS, Oddity.RENAMING) else kind
            self.figures.statements[kind].append(counter.own - before)

    # ── what is measured ────────────────────────────────────────────────────────────────────────

    @asynccontextmanager
    async def _counting(self, *, is_wanted: bool) -> AsyncIterator[StatementCounter | None]:
        """Count the statements on the connections that jobs use."""
        if not is_wanted:
            yield None
            return
        database, counter = self._service.database, StatementCounter()
        async with database.transaction() as writer:
            pass
        for db in (writer, database.background):
            await db.set_trace_callback(counter)
        try:
            yield counter
        finally:
            for db in (writer, database.background):
                await db.set_trace_callback(None)  # type: ignore[arg-type] # takes it, although it does not say so

    async def _note(self, day: int) -> None:
        made, database = self.figures, self._service.database
        month = Month(
            day=day,
            file_bytes=_size(self._service.settings.database),
            wal_bytes=made.wal_bytes,
            free_pages=(await pages_of(database.background)).free,
            memory_mb=_memory_mb(),
            days_s=made.days_s[-MONTH:],
            rows=await self._rows(),
            bounded=[await self._number(bound.query) for bound in BOUNDS],
            statements=dict(made.statements),
        )
        made.months.append(month)
        made.wal_bytes = 0
        made.statements.clear()
        said = (
            f"{month.rows['reviews']:,} reviews, {month.file_bytes / 2**20:,.0f} MB, memory {month.memory_mb:.0f} MB"
        )
        print(f"{time.strftime('%H:%M:%S')} day {day}: {said}", flush=True)

    async def _rows(self) -> dict[str, int]:
        tables = await self._service.database.background.execute_fetchall(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            f" AND name NOT LIKE '{FTS}_%'"
        )
        return {name: int(await self._number(f"SELECT count(*) FROM {name}")) for (name,) in tables}

    async def _number(self, query: str) -> float:
        now = self._clock.now - SLACK
        ages = {
            "ended": to_text(now - KEEP_ENDED),
            "histories": to_text(now - KEEP_HISTORIES),
            "mark": id_at(now - KEEP_HISTORIES),
        }
        used = {name: value for name, value in ages.items() if f":{name}" in query}
        ((value,),) = await self._service.database.background.execute_fetchall(query, used)
        return float(value or 0)

    def _present(self) -> list[Blog]:
        """The blogs whose feeds may still be in the file."""
        since = self._clock.now - timedelta(days=KEEP_UNFOLLOWED_DAYS) - SLACK
        lately = [url for url, at in self._given_up.items() if at >= since]
        return [self._world.blogs[url] for url in (*self._following, *lately)]

    def feeds(self) -> int:
        """How many feeds there may be: those of the blogs, and the host's own."""
        return len(self._present()) + 1

    def brought(self) -> int:
        """How many posts the blogs have brought, including those before they were followed."""
        return sum(blog.brought for blog in self._present())

    def broken(self) -> int:
        """How many of the blogs have an entry that cannot be read."""
        return sum(blog.oddity is Oddity.BROKEN for blog in self._present())

    # ── what is said ────────────────────────────────────────────────────────────────────────────

    def report(self) -> bool:
        """Print the tables; return whether every table stayed within its limits."""
        self._report_months()
        self._report_statements()
        made = self.figures
        rows = [
            (name, milliseconds(median(values)), milliseconds(p95(values)), milliseconds(max(values)))
            for name, values in (
                ("a day: polls, posts, the daily job", made.days_s),
                ("the daily job", made.jobs_s),
                ("a transaction", made.changes_s),
            )
        ]
        print_table("Time", ("what", "median ms", "p95 ms", "slowest ms"), rows)
        print(
            f"\ntransactions {len(made.changes_s):,}, posted {self._poster.posted:,}, edited {self._poster.edits:,}, "
            f"feeds given up {len(self._given_up)}"
        )
        return self._report_bounds()

    def _report_months(self) -> None:
        months = self.figures.months
        rows = [
            (
                str(month.day),
                f"{month.file_bytes / 2**20:,.0f}",
                f"{month.file_bytes / max(1, month.rows['reviews']) / 1_000:.1f}",
                f"{month.wal_bytes / 2**20:.1f}",
                f"{month.free_pages:,}",
                f"{month.memory_mb:.0f}",
                f"{median(month.days_s):.2f}",
            )
            for month in months
        ]
        head = ("day", "file, MB", "kB a review", "-wal at most, MB", "free pages", "memory, MB", "a day's work, s")
        print_table(f"{self._most_feeds:,} feeds", head, rows)
        months = _some(months)
        tables = [(table, *(f"{month.rows[table]:,}" for month in months)) for table in sorted(months[-1].rows)]
        print_table("Rows, by day", ("table", *(str(month.day) for month in months)), tables)

    def _report_statements(self) -> None:
        counted = _some([month for month in self.figures.months if month.statements])
        kinds = sorted({kind for month in counted for kind in month.statements})
        rows = []
        for kind in kinds:
            found = [month.statements.get(kind, []) for month in counted]
            rows.append((kind, *(f"{median(one):.0f}" if one else "" for one in found)))
        print_table("Statements a poll, median", ("it brought", *(str(month.day) for month in counted)), rows)

    def _report_bounds(self) -> bool:
        first, last = self.figures.months[0], self.figures.months[-1]
        held = []
        rows = []
        for bound, before, now in zip(BOUNDS, first.bounded, last.bounded, strict=True):
            most = bound.most(self) if bound.most else before * 1.2
            held.append(now <= most)
            rows.append((bound.table, bound.what, f"{now:,.4g}", f"{most:,.4g}", "yes" if held[-1] else "NO"))
        unbounded = sorted(set(last.rows) - {bound.table for bound in BOUNDS})
        rows += [(table, "nothing", "", "", "NO") for table in unbounded]
        rows.append(("-wal", "MB", f"{max(m.wal_bytes for m in self.figures.months) / 2**20:.1f}",
                     f"{JOURNAL_BYTES / 2**20:.0f}", "yes"))  # fmt: skip
        rows.append(("free pages", "number", f"{last.free_pages}", f"{KEPT_PAGES}", "yes"))
        print_table("What bounds each table, at the end", ("table", "of what", "is", "at most", "held"), rows)
        return all(held) and not unbounded and last.free_pages <= KEPT_PAGES


def _some(months: list[Month]) -> list[Month]:
    """As many months as a table has room for, including the last."""
    return months[:: -max(1, -(-len(months) // MOST_COLUMNS))][::-1]


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _memory_mb() -> float:
    """Current memory of this process; Linux only."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def timed_transactions(kept: array[float]) -> Iterator[None]:
    """Record, for the duration of the block, how long each transaction kept others from writing."""
    original = Database.transaction

    @asynccontextmanager
    async def transaction(self: Database) -> AsyncIterator[Connection]:
        async with original(self) as db:
            began = time.perf_counter()
            try:
                yield db
            finally:
                kept.append(time.perf_counter() - began)

    Database.transaction = transaction  # type: ignore[method-assign]
    try:
        yield
    finally:
        Database.transaction = original  # type: ignore[method-assign]


async def _leave_names(_: NameCache) -> None:
    pass


async def main() -> int:
    """Run a year; the exit code is 1 if a table grew beyond its limits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=50)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--visits", type=int, default=2, help="a day")
    parser.add_argument("--folder", type=Path, help="keep the database here")
    options = parser.parse_args()

    NameCache.catch_up = _leave_names  # type: ignore[method-assign,assignment]
    courier.MESSAGES_PER_SECOND = 1_000_000
    with tempfile.TemporaryDirectory() as temporary:
        settings = load_settings(
            NONMUN_DATABASE=(options.folder or Path(temporary)) / "year.db",
            NONMUN_FEEDS="https://own.example/feed",
            NONMUN_KEEP_UNFOLLOWED_DAYS=KEEP_UNFOLLOWED_DAYS,
        )
        world, clock = World(), Clock()
        reader, fetcher = MadeReader(world), MadeFetcher(world)
        async with open_service(settings, reader=reader, fetcher=fetcher, clock=clock) as service:
            year = Year(service, world, clock, feeds=options.feeds, visits_a_day=options.visits)
            with timed_transactions(year.figures.changes_s):
                await year.run(options.days)
            return 0 if year.report() else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
