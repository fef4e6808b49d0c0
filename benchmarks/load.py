"""A thousand feeds and ten thousand subscriptions: a round of unchanged feeds, then a new post in each.

The bot runs as a separate process. Discord with its limits (five messages in five seconds per channel, fifty requests
a second in all) and the feeds' servers run in this process, on loopback. During the whole run, commands are used five
times a second, without waiting for earlier answers: their time is how long a member waits, including the bot's event
loop. The delay of our own event loop is shown separately. ``python -m benchmarks.load`` takes about six minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sqlite3
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, pairwise
from pathlib import Path
from typing import Any

from aiohttp import web

from benchmarks.measure import median, print_table
from bot.config import load_settings
from bot.models.announcing import Delivering
from bot.service import Service, open_service
from bot.store import feeds as feed_queries
from bot.store import subscriptions
from tests.factories import make_entry, make_rss
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import TOKEN

ROOT = Path(__file__).resolve().parents[1]
HOSTS = 50
"""Addresses of the feeds' servers: the bot sends only one request at a time to a host, whatever its port."""
ENTRIES = 10
POLL_SECONDS = 60
ROUND_SECONDS = POLL_SECONDS * 1.1  # the bot adds up to a tenth at random, so that feeds are not all asked at once
COMMAND_SECONDS = 0.2
NO_ANSWER_S = 3.0  # how long Discord waits for a callback; counted for an answer that did not come
LAG_SECONDS = 0.02
DISCORD_PER_SECOND = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many feeds, subscriptions and servers there are."""

    feeds: int
    subscriptions: int
    guilds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """CPU seconds so far, of the bot and of its reader process."""

    bot_s: float
    reader_s: float


def p99(values: Sequence[float]) -> float:
    """The value that 99 of 100 do not exceed (nearest rank)."""
    return sorted(values)[-(-len(values) * 99 // 100) - 1]


class Load:
    """One run: its feeds, its Discord, the bot, and what is measured.

    Attributes:
        rows: The lines of the table, in the order in which they were measured.
    """

    def __init__(self, discord: LoopbackDiscord, host: FeedHost, folder: Path, size: Size) -> None:
        self._discord = discord
        self._host = host
        self._size = size
        self._database = folder / "load.db"
        self._log = folder / "bot.log"
        self._waits: defaultdict[str, list[float]] = defaultdict(list)
        self._lags: list[float] = []
        self._channels: list[int] = []
        self._talk_id = 0
        self.rows: list[tuple[str, str]] = []

    def url(self, feed: int) -> str:
        """The address of a feed by its number."""
        return self._host.url(f"/{feed}.xml", host=f"127.0.0.{1 + feed % HOSTS}")

    def _settings(self) -> dict[str, str]:
        return {
            "DISCORD_TOKEN": TOKEN,
            "DISCORD_API_URL": self._discord.api_url,
            "DISCORD_GATEWAY_URL": self._discord.gateway_url,
            "NONMUN_DATABASE": str(self._database),
            "NONMUN_FEEDS": self.url(0),
            "NONMUN_PRIVATE_HOSTS": ",".join(f"127.0.0.{1 + number}" for number in range(HOSTS)),
            "NONMUN_POLL_SECONDS": str(POLL_SECONDS),
            "NONMUN_RESOLVE_IDS": "false",
        }

    # ── before the bot ──────────────────────────────────────────────────────────────────────────

    async def set_up(self) -> None:
        """Read every feed once, and add the subscriptions."""
        for feed in range(self._size.feeds):
            self._host.serve(f"/{feed}.xml", _document(feed, ENTRIES))
        async with open_service(load_settings(**self._settings())) as service:
            started = time.perf_counter()
            for first in range(0, self._size.feeds, 100):
                urls = [self.url(feed) for feed in range(first, min(first + 100, self._size.feeds))]
                outcomes = await asyncio.gather(*(service.poller.poll(url) for url in urls))
                assert not [outcome.error for outcome in outcomes if outcome.error]
            took = time.perf_counter() - started
            self._tell("first reading, ten entries each", f"{took:.0f} s, {self._size.feeds / took:.0f} feeds/s")
            await self._subscribe(service)

    async def _subscribe(self, service: Service) -> None:
        guilds = [self._discord.add_guild(f"Group {number}").id for number in range(self._size.guilds)]
        per_guild = -(-self._size.subscriptions // self._size.guilds)
        places = [(guild, c) for guild in guilds for c in self._discord.add_channels(guild, per_guild)]
        places = places[: self._size.subscriptions]
        self._channels = [channel_id for _, channel_id in places]
        # Commands are used in a server that has feeds to list, in a channel without announcements.
        self._talk_id = self._discord.add_channel(guilds[0], "talk")
        async with service.database.transaction() as db:
            for number, (guild_id, channel_id) in enumerate(places):
                feed = await feed_queries.ensure_feed(db, self.url(number % self._size.feeds))
                await subscriptions.add_subscription(
                    db,
                    feed.id,
                    guild_id=guild_id,
                    channel_id=channel_id,
                    owner_id=1,
                    delivering=Delivering(),
                    digest_at=None,
                    now=datetime.now(UTC),
                )

    # ── the bot, and those who use it ───────────────────────────────────────────────────────────

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        """Run the bot as a process, while commands are used; yields its id."""
        with self._log.open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "bot", "run"),
                cwd=self._database.parent,
                env=os.environ | self._settings() | {"PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=log,
            )
        beside = [asyncio.create_task(self._ask_all()), asyncio.create_task(self._watch_ourselves())]
        try:
            yield process.pid
            assert process.returncode is None, f"the bot ended by itself with {process.returncode}"
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()

    async def _ask_all(self) -> None:
        """Use commands at a fixed rate, as members do: none of them waits for the answer to another."""
        await self._wait_for_commands()
        async with asyncio.TaskGroup() as asking:
            for number in count():
                feed = number * 7 % self._size.feeds
                named = f"otter-{feed}-5"
                asked = (("paper", {"name": named}), ("feed list", {}), ("search", {"query": "retriever"}))[
                    number % 3
                ]
                asking.create_task(self._ask(*asked))
                await asyncio.sleep(COMMAND_SECONDS)

    async def _ask(self, name: str, options: dict[str, str]) -> None:
        try:
            asked = await self._discord.command(name, options, channel_id=self._talk_id)
        except AssertionError:  # no answer in time
            self._waits[name].append(NO_ANSWER_S)
            return
        # A deferral is an answer to Discord, but not to the member.
        waited = time.monotonic() - asked.started_s if asked.deferred else asked.elapsed_s
        self._waits[name].append(NO_ANSWER_S if waited is None else waited)

    async def _watch_ourselves(self) -> None:
        """Record how late our own event loop is, which serves both Discord and the members."""
        while True:
            due = time.perf_counter() + LAG_SECONDS
            await asyncio.sleep(LAG_SECONDS)
            self._lags.append(time.perf_counter() - due)

    async def _wait_for_commands(self) -> None:
        await self._discord.wait_until_connected(timeout_s=60)
        while not self._discord.commands[None]:  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0.1)

    def _forget_waits(self) -> None:
        self._waits.clear()
        self._lags.clear()

    def _tell_waits(self) -> None:
        everything = [wait for waits in self._waits.values() for wait in waits]
        missing = sum(wait >= NO_ANSWER_S for wait in everything)
        for name, waits in (("all commands", everything), *sorted(self._waits.items())):
            if waits:
                self._tell(f"  {name}: p50 / p99 / most", f"{_spread(waits)} ({len(waits)})")
        self._tell("  commands without an answer", f"{missing}")
        self._tell("  of it our own loop: p50 / p99 / most", _spread(self._lags))
        self._forget_waits()

    def _tell(self, what: str, figure: str) -> None:
        self.rows.append((what, figure))

    # ── unchanged feeds ─────────────────────────────────────────────────────────────────────────

    async def measure_unchanged(self, pid: int) -> None:
        """Measure two rounds of feeds that answer 304: all at once at the start, and spread over an interval."""
        before = len(self._host.requests)
        await self._host.wait_for_requests(before + 1, timeout_s=60)
        started, used = time.perf_counter(), usage(pid)
        await self._host.wait_for_requests(before + self._size.feeds, timeout_s=600)
        await self._host.wait_until_idle()
        took, spent = time.perf_counter() - started, usage(pid).bot_s - used.bot_s
        self._tell(
            "unchanged feeds, all at once at the start", f"{took:.1f} s, {self._size.feeds / took:.0f} feeds/s"
        )
        self._tell("  CPU of the bot, connecting included", f"{spent:.1f} s")
        self._tell("  answered", self._statuses(before))
        await self._wait_for_commands()
        await asyncio.sleep(5)  # until the work of the start is done
        self._forget_waits()
        at, used, started = len(self._host.requests), usage(pid), time.perf_counter()
        await asyncio.sleep(ROUND_SECONDS)
        took, spent = time.perf_counter() - started, usage(pid).bot_s - used.bot_s
        self._tell(
            f"unchanged feeds, spread over {POLL_SECONDS} s", f"{len(self._host.requests) - at} in {took:.0f} s"
        )
        self._tell("  answered", self._statuses(at))
        self._tell("  CPU of the bot, commands included", f"{spent:.1f} s, {spent / took:.0%} of a processor")
        self._tell("  memory of the bot", f"{memory_mb(pid, 'VmRSS'):.0f} MB")
        self._tell_waits()

    def _statuses(self, since: int) -> str:
        counted = Counter(request.status for request in self._host.requests[since:])
        return ", ".join(f"{number} × {status}" for status, number in counted.most_common())

    # ── the burst ───────────────────────────────────────────────────────────────────────────────

    async def measure_burst(self, pid: int, seconds: float) -> None:
        """Measure one new post in each feed, for at most this many seconds after the first message."""
        documents = await asyncio.to_thread(
            lambda: [_document(feed, ENTRIES + 1) for feed in range(self._size.feeds)]
        )
        await asyncio.sleep(1)
        self._forget_waits()
        asked, sent = len(self._host.requests), len(self._discord.requests)
        for feed, document in enumerate(documents):
            self._host.update(f"/{feed}.xml", document)
        await self._host.wait_for_requests(asked + 1, timeout_s=2 * ROUND_SECONDS)
        read_s, used = time.monotonic(), usage(pid)
        arrivals = await self._arrivals(sent, seconds)
        took = arrivals[-1] - arrivals[0]
        after = usage(pid)
        lasted = time.monotonic() - read_s
        self._tell(
            "a new post in each feed: the first message", f"{arrivals[0] - read_s:.2f} s after the first visit"
        )
        self._tell("  messages", f"{len(arrivals):,} of {self._size.subscriptions:,} in {took:.0f} s")
        self._tell_rate(arrivals)
        self._tell("  answered with 429", self._limited(sent))
        self._tell_doubts(sent)
        self._tell("  CPU of the bot", f"{(after.bot_s - used.bot_s) / lasted:.0%} of a processor")
        self._tell("  CPU of its reader", f"{(after.reader_s - used.reader_s) / lasted:.0%} of a processor")
        highest = memory_mb(pid, "VmHWM")
        readers = [memory_mb(child, "VmHWM") for child in children(pid)]
        self._tell("  memory of the bot, at most", f"{highest:.0f} MB")
        self._tell("  memory of its reader, at most", ", ".join(f"{mb:.0f} MB" for mb in readers) or "has ended")
        self._tell_waits()

    async def _arrivals(self, since: int, seconds: float) -> list[float]:
        """When each message arrived, until all have, or for this many seconds after the first.

        A message that is sent again with the nonce of an earlier one is not counted here; `_tell_doubts` reports it.
        """
        arrivals: list[float] = []
        nonces: set[str] = set()
        mine = {f"/channels/{channel_id}/messages" for channel_id in self._channels}
        patience_s = time.monotonic() + 3 * ROUND_SECONDS
        seen = since
        while len(arrivals) < self._size.subscriptions:
            await asyncio.sleep(0.25)
            for request in self._discord.requests[seen:]:
                if request.status is None:
                    break  # not answered yet: checked next time
                seen += 1
                if request.method == "POST" and request.path in mine and request.status == 200:
                    if request.body["nonce"] not in nonces:
                        arrivals.append(request.arrived_s)
                    nonces.add(request.body["nonce"])
            if time.monotonic() > (arrivals[0] + seconds if arrivals else patience_s):
                break
        assert arrivals, "no message arrived"
        return arrivals

    def _tell_rate(self, arrivals: Sequence[float]) -> None:
        took = max(arrivals[-1] - arrivals[0], 1e-9)
        rate = (len(arrivals) - 1) / took
        share = rate / DISCORD_PER_SECOND
        self._tell("  messages a second", f"{rate:.1f}, {share:.0%} of Discord's {DISCORD_PER_SECOND}")
        whole = range(int(took // 10))
        counted = Counter(int((at - arrivals[0]) // 10) for at in arrivals)
        if tens := [counted[number] / 10 for number in whole]:
            self._tell("  the same in 10 s: least / median / most", f"{min(tens)} / {median(tens)} / {max(tens)}")

    def _tell_doubts(self, since: int) -> None:
        """Report how often the bot doubted that a message arrived; it has no reason to, since nothing is killed."""
        mine = {f"/channels/{channel_id}/messages" for channel_id in self._channels}
        asked = [request for request in self._discord.requests[since:] if request.path in mine]
        taken = [request.body["nonce"] for request in asked if request.method == "POST" and request.status == 200]
        self._tell("  channels looked back into, in doubt", f"{sum(request.method == 'GET' for request in asked)}")
        self._tell("  sent again with a nonce that had arrived", f"{len(taken) - len(set(taken))}")

    def _limited(self, since: int) -> str:
        """How many requests were answered with 429, during the burst and before it."""
        before, during = (
            sum(request.status == 429 for request in requests)
            for requests in (self._discord.requests[:since], self._discord.requests[since:])
        )
        return f"{during} ({before} before)"

    # ── after the bot ───────────────────────────────────────────────────────────────────────────

    def count_messages(self) -> None:
        """After the bot has ended, count which of its sent messages were lost, doubled or overtaken."""
        with contextlib.closing(sqlite3.connect(self._database)) as db:
            states = Counter(state for (state,) in db.execute("SELECT state FROM deliveries"))
            sent = db.execute(
                "SELECT channel_id, message_id FROM deliveries WHERE state = 'sent' ORDER BY id"
            ).fetchall()
        there = {c: [int(m["id"]) for m in self._messages(c)] for c in self._channels}
        lost = sum(message_id not in there[channel_id] for channel_id, message_id in sent)
        shown = Counter((c, m["embeds"][0].get("url")) for c in self._channels for m in self._messages(c))
        by_channel: defaultdict[int, list[int]] = defaultdict(list)
        for channel_id, message_id in sent:
            by_channel[channel_id].append(message_id)
        overtaken = sum(a > b for ids in by_channel.values() for a, b in pairwise(ids))
        most = max(map(len, there.values()))
        self._tell("the outbox at the end", ", ".join(f"{n:,} {state}" for state, n in states.most_common()))
        self._tell("  lost of those sent / doubled", f"{lost} / {sum(number > 1 for number in shown.values())}")
        self._tell("  overtaken within a channel", f"{overtaken} (a channel has {most} at most)")
        self._tell("  requests that broke a rule of Discord's", f"{len(self._discord.violations)}")
        text = self._log.read_text(errors="replace")
        self._tell("  tracebacks in the log", f"{text.count('Traceback (most recent call last)')}")

    def _messages(self, channel_id: int) -> list[dict[str, Any]]:
        return [m for m in self._discord.channels[channel_id].messages if m["embeds"]]


def _document(feed: int, newest: int) -> bytes:
    entries = (
        make_entry(
            feed * 1_000 + number,
            link=f"https://reviews.example/{feed}/{number}/",
            title=f"Otter-{feed}-{number}: Reading Long Documents Twice",
            published=datetime(2026, 1, 1, number, tzinfo=UTC),
        )
        for number in range(newest, newest - ENTRIES, -1)
    )
    return make_rss(entries, title=f"Blog {feed}")


def _spread(values: Sequence[float]) -> str:
    return f"{median(values) * 1e3:.0f} / {p99(values) * 1e3:.0f} / {max(values) * 1e3:.0f} ms" if values else "-"


# ── what the kernel counts ──────────────────────────────────────────────────────────────────────


def usage(pid: int) -> Usage:
    """CPU time so far of the bot and of its reader processes, including ended ones. Source: proc_pid_stat(5)."""
    own, ended = _cpu(pid)
    return Usage(bot_s=own, reader_s=ended + sum(_cpu(child)[0] for child in children(pid)))


def _cpu(pid: int) -> tuple[float, float]:
    """CPU seconds of a process, and those of its ended children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system, children_user, children_system = map(int, fields[11:15])
    ticks = os.sysconf("SC_CLK_TCK")
    return (user + system) / ticks, (children_user + children_system) / ticks


def children(pid: int) -> list[int]:
    """The living children of a process. Source: proc_tid_children(5)."""
    return [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]


def memory_mb(pid: int, name: str) -> float:
    """Memory of a process: ``VmRSS`` is the current size, ``VmHWM`` the peak. Source: proc_pid_status(5)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


async def measure(size: Size, seconds: float) -> None:
    """Run, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        async with LoopbackDiscord(token=TOKEN) as discord, FeedHost() as host:
            for number in range(1, HOSTS):
                await web.TCPSite(host._runner, f"127.0.0.{1 + number}", host.port).start()  # noqa: SLF001
            discord.is_judged_by_document = False
            discord.enforce_rate_limits = True
            discord.global_per_second = DISCORD_PER_SECOND
            load = Load(discord, host, Path(folder), size)
            await load.set_up()
            async with load.running() as pid:
                await load.measure_unchanged(pid)
                await load.measure_burst(pid, seconds)
            load.count_messages()
    title = f"{size.feeds:,} feeds, {size.subscriptions:,} subscriptions in {size.guilds} servers"
    busy = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print_table(f"{title}; {os.cpu_count()} processors, load {busy}", ("what", "figure"), load.rows)


def main() -> None:
    """Measure at the size that is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=1_000)
    parser.add_argument("--subscriptions", type=int, default=10_000)
    parser.add_argument("--guilds", type=int, default=50)
    parser.add_argument("--burst-seconds", type=float, default=120.0)
    options = parser.parse_args()
    size = Size(feeds=options.feeds, subscriptions=options.subscriptions, guilds=options.guilds)
    asyncio.run(measure(size, options.burst_seconds))


if __name__ == "__main__":
    main()
