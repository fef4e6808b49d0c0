"""A thousand feeds and ten thousand subscriptions: a round of unchanged feeds, then a new post in each.

The bot runs as a process of its own; Discord with its limits (five messages in five seconds a channel, fifty requests
a second in all) and the feeds' servers run here, on loopback. Commands are asked all the while: how long they take is
what a member waits, the bot's own event loop included. ``python -m benchmarks.load`` takes about seven minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from benchmarks.measure import median, print_table
from bot.config import load_settings
from bot.models import Delivering
from bot.service import Service, open_service
from bot.store import feeds as feed_queries
from bot.store import subscriptions
from tests.factories import make_entry, make_rss
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import TOKEN

ROOT = Path(__file__).resolve().parents[1]
HOSTS = 50
"""Names under which the feeds are served: one host is asked one thing at a time."""
ENTRIES = 10
GUILDS = 50
POLL_SECONDS = 60
ROUND_SECONDS = POLL_SECONDS * 1.1  # a tenth of chance, so that feeds are not all asked at once
COMMAND_SECONDS = 0.2


def p99(values: Sequence[float]) -> float:
    return sorted(values)[-(-len(values) * 99 // 100) - 1]


class Load:
    """The world of the run."""

    def __init__(self, discord: LoopbackDiscord, host: FeedHost, folder: Path, feeds: int, following: int) -> None:
        self._discord = discord
        self._host = host
        self._feeds = feeds
        self._following = following
        self._database = folder / "load.db"
        self._waits: list[float] = []
        self._channels: list[int] = []
        self.rows: list[tuple[str, str]] = []

    def url(self, feed: int) -> str:
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
        }

    def _serve(self, feed: int, newest: int) -> None:
        entries = (
            make_entry(
                feed * 1_000 + number,
                link=f"https://reviews.example/{feed}/{number}/",
                title=f"Otter-{feed}-{number}: Reading Long Documents Twice",
                published=datetime(2026, 1, 1, number, tzinfo=UTC),
            )
            for number in range(newest, newest - ENTRIES, -1)
        )
        body = make_rss(entries, title=f"Blog {feed}")
        if newest == ENTRIES:
            self._host.serve(f"/{feed}.xml", body)
        else:
            self._host.update(f"/{feed}.xml", body)

    async def set_up(self) -> None:
        """Read every feed once, and enter the subscriptions."""
        for feed in range(self._feeds):
            self._serve(feed, ENTRIES)
        async with open_service(load_settings(**self._settings())) as service:
            started = time.perf_counter()
            for first in range(0, self._feeds, 100):
                urls = [self.url(feed) for feed in range(first, min(first + 100, self._feeds))]
                outcomes = await asyncio.gather(*(service.poller.poll(url) for url in urls))
                assert not [outcome.error for outcome in outcomes if outcome.error]
            took = time.perf_counter() - started
            self.rows.append(("first reading, ten entries each", f"{self._feeds / took:.0f} feeds/s"))
            await self._subscribe(service)

    async def _subscribe(self, service: Service) -> None:
        guilds = [self._discord.add_guild(f"Group {number}").id for number in range(GUILDS)]
        per_guild = -(-self._following // GUILDS)
        places = [(guild, c) for guild in guilds for c in self._discord.add_channels(guild, per_guild)]
        places = places[: self._following]
        self._channels = [channel_id for _, channel_id in places]
        async with service.database.transaction() as db:
            for number, (guild_id, channel_id) in enumerate(places):
                feed = await feed_queries.ensure_feed(db, self.url(number % self._feeds))
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

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        """The bot as a process; its id."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "bot", "run"),
            cwd=self._database.parent,
            env=os.environ | self._settings() | {"PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        asking = asyncio.create_task(self._ask())
        try:
            yield process.pid
        finally:
            asking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asking
            process.terminate()
            await process.wait()

    async def _ask(self) -> None:
        """Use the commands as members do."""
        await self._discord.wait_until_connected(timeout_s=60)
        while not self._discord.commands[None]:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        while True:
            for name, options in (
                ("paper", {"name": "otter-7-3"}),
                ("feed list", {}),
                ("search", {"query": "retriever"}),
            ):
                with contextlib.suppress(AssertionError):
                    asked = await self._discord.command(name, options, settle=False)
                    self._waits.append(asked.elapsed_s or 3.0)
                    continue
                self._waits.append(3.0)  # no answer in time
                await asyncio.sleep(COMMAND_SECONDS)
            await asyncio.sleep(COMMAND_SECONDS)

    def _tell_waits(self, while_: str) -> None:
        waits, self._waits = self._waits, []
        if waits:
            figures = f"{median(waits) * 1e3:.0f} / {p99(waits) * 1e3:.0f} / {max(waits) * 1e3:.0f} ms ({len(waits)})"
            self.rows.append((f"a command {while_}: median / p99 / most", figures))

    async def measure_unchanged(self, pid: int) -> None:
        """A round of feeds that answer 304, all at once at the start, and one spread over its time."""
        before = len(self._host.requests)
        await self._host.wait_for_requests(before + 1, timeout_s=60)
        started, cpu = time.perf_counter(), cpu_s(pid)
        await self._host.wait_for_requests(before + self._feeds, timeout_s=600)
        took = time.perf_counter() - started
        self.rows.append(("unchanged feeds, all at once", f"{self._feeds / took:.0f} feeds/s"))
        self.rows.append(("its CPU, the start included", f"{cpu_s(pid) - cpu:.1f} s"))
        await self._discord.wait_until_connected(timeout_s=60)
        while not self._waits:  # noqa: ASYNC110 - the commands are asked by another task
            await asyncio.sleep(0.1)
        self._waits.clear()
        at, cpu = len(self._host.requests), cpu_s(pid)
        await asyncio.sleep(ROUND_SECONDS)
        self.rows.append(
            (
                f"unchanged feeds, spread over {POLL_SECONDS} s",
                f"{len(self._host.requests) - at} asked, {(cpu_s(pid) - cpu) / ROUND_SECONDS:.0%} of a processor",
            )
        )
        self._tell_waits("meanwhile")

    async def measure_burst(self, pid: int, seconds: float) -> None:
        """One new post in each feed."""
        for feed in range(self._feeds):
            self._serve(feed, ENTRIES + 1)
        cpu = cpu_s(pid)
        while not self._arrived():  # noqa: ASYNC110 - counted where it stands
            await asyncio.sleep(0.05)
        started = time.perf_counter()
        while time.perf_counter() - started < seconds and self._arrived() < self._following:  # noqa: ASYNC110
            await asyncio.sleep(0.5)
        took, arrived = time.perf_counter() - started, self._arrived()
        found = Counter((m["channel_id"], m["embeds"][0].get("url")) for m in self._messages())
        limited = sum(request.status == 429 for request in self._discord.requests)
        self.rows += [
            ("a new post in each feed", f"{arrived:,} of {self._following:,} messages in {took:.0f} s"),
            ("messages", f"{arrived / took:.1f} a second; Discord takes 50"),
            ("answered with 429", f"{limited}"),
            ("doubled", f"{sum(count > 1 for count in found.values())}"),
            ("CPU of the bot", f"{(cpu_s(pid) - cpu) / took:.0%} of a processor"),
            ("memory of the bot, at most", f"{high_water_mb(pid):.0f} MB"),
        ]
        self._tell_waits("meanwhile")

    def _messages(self) -> list[dict[str, Any]]:
        return [m for c in self._channels for m in self._discord.channels[c].messages if m["embeds"]]

    def _arrived(self) -> int:
        return sum(len(self._discord.channels[c].messages) for c in self._channels)


def cpu_s(pid: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def high_water_mb(pid: int) -> float:
    """The most memory that a process has had."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


async def measure(feeds: int, following: int, seconds: float) -> None:
    """Run, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        async with LoopbackDiscord(token=TOKEN) as discord, FeedHost() as host:
            for number in range(1, HOSTS):
                await web.TCPSite(host._runner, f"127.0.0.{1 + number}", host.port).start()  # noqa: SLF001
            discord.is_judged_by_document = False
            discord.enforce_rate_limits = True
            discord.global_per_second = 50
            load = Load(discord, host, Path(folder), feeds, following)
            await load.set_up()
            async with load.running() as pid:
                await load.measure_unchanged(pid)
                await load.measure_burst(pid, seconds)
    print_table(f"{feeds:,} feeds, {following:,} subscriptions", ("what", "figure"), load.rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=1_000)
    parser.add_argument("--subscriptions", type=int, default=10_000)
    parser.add_argument("--burst-seconds", type=float, default=300.0)
    options = parser.parse_args()
    asyncio.run(measure(options.feeds, options.subscriptions, options.burst_seconds))


if __name__ == "__main__":
    main()
