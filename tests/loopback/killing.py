"""Runs of the bot as a process of its own that end with SIGKILL at a moment of chance, again and again.

Shared by the test, which makes a few dozen kills, and the benchmark, which makes as many as it is told.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.factories import make_entry, make_rss
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import announcements, eventually, settings_for

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What the loopback Discord counted: every review that was published, and every one that was announced."""

    kills: int
    published: tuple[str, ...]
    announced: tuple[str, ...]

    @property
    def lost(self) -> list[str]:
        return [title for title in self.published if title not in self.announced]

    @property
    def doubled(self) -> list[str]:
        return sorted({title for title in self.announced if self.announced.count(title) > 1})


async def kill_again_and_again(
    discord: LoopbackDiscord, feed_host: FeedHost, folder: Path, *, kills: int, random: Random
) -> Tally:
    """Let the bot learn a feed, then publish reviews while it is killed at random points of its runs.

    Each run gets two new reviews and lives between the first sign of work and a second after it; the last run
    is left in peace until everything has arrived.
    """
    entries = [make_entry(1)]
    feed_host.serve("/feed.xml", make_rss(entries))
    environment = os.environ | {name: str(value) for name, value in settings_for(discord, feed_host).items()}
    environment |= {"NONMUN_DATABASE": str(folder / "killed.db"), "PYTHONPATH": str(ROOT)}
    async with _run(environment, folder):
        await feed_host.wait_for_requests(2)
    for _ in range(kills):
        entries = [make_entry(len(entries) + 2), make_entry(len(entries) + 1), *entries]
        feed_host.update("/feed.xml", make_rss(entries))
        asked = len(feed_host.requests)
        async with _run(environment, folder):
            await feed_host.wait_for_requests(asked + 1)
            await asyncio.sleep(random.uniform(0, 2.0))
    published = tuple(entry.title for entry in reversed(entries[:-1]))
    async with _run(environment, folder):
        await eventually(lambda: len(announcements(discord)) >= len(published), "everything to arrive")
        asked = len(feed_host.requests)
        await feed_host.wait_for_requests(asked + 2)
    return Tally(kills=kills, published=published, announced=tuple(announcements(discord)))


@contextlib.asynccontextmanager
async def _run(environment: dict[str, str], folder: Path) -> AsyncIterator[None]:
    """The bot as a process; killed without warning at the end of the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "bot", "run"),
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
        assert process.returncode is None, f"the bot ended by itself with {process.returncode}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
