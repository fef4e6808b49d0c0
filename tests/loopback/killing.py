"""Runs of the bot as a process of its own that end with SIGKILL at a moment of chance, again and again.

Three servers follow five feeds in eight subscriptions: channels that two of them share, a forum, threads under posts.
Shared by the test, which makes a dozen kills, and the benchmark, which makes as many as it is told.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.config import load_settings
from bot.models import Entry
from bot.service import open_service
from tests.factories import make_entry, make_rss
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import eventually, settings_for

ROOT = Path(__file__).resolve().parents[2]
FEEDS = 5
FORUM = 15
SHOWN = 100
LIVES_S = 1.2
"""A run lives up to so long after its first sign of work: a poll takes a tenth, a post some hundredths."""


@dataclass(frozen=True, slots=True)
class Following:
    """A subscription as it is counted: feed by number, where it is announced."""

    feed: int
    channel_id: int
    has_threads: bool = False


@dataclass(slots=True, kw_only=True)
class Tally:
    """What the loopback Discord counted: links by subscription, those published and those that stand there."""

    kills: int
    published: list[list[str]]
    announced: list[list[str]]
    missing_threads: list[str] = field(default_factory=list)

    @property
    def lost(self) -> list[str]:
        pairs = zip(self.published, self.announced, strict=True)
        return [link for wanted, found in pairs for link in wanted if link not in found]

    @property
    def doubled(self) -> list[str]:
        return [link for found in self.announced for link in sorted(set(found)) if found.count(link) > 1]

    @property
    def is_ordered(self) -> bool:
        return self.announced == self.published


class KillingField:
    """The world of the runs."""

    def __init__(self, discord: LoopbackDiscord, host: FeedHost, folder: Path, random: Random) -> None:
        self._discord = discord
        self._host = host
        self._folder = folder
        self._random = random
        self._entries: list[list[Entry]] = [[_entry(feed, 1)] for feed in range(FEEDS)]
        self._followings: list[Following] = []
        own = {"NONMUN_FEEDS": host.url("/0.xml"), "NONMUN_DATABASE": str(folder / "killed.db")}
        self._settings = {
            name: value for name, value in (settings_for(discord, host) | own).items() if name != "NONMUN_CHANNEL_ID"
        }

    async def run(self, kills: int, progress: Callable[[int], None] = lambda _: None) -> Tally:
        """Set up, kill, and count once all is over."""
        await self._set_up()
        for number in range(kills):
            for feed in self._random.sample(range(FEEDS), self._random.choice((1, 2))):
                self._publish(feed, self._random.choice((1, 1, 2)))
            asked = len(self._host.requests)
            async with self._running():
                await self._host.wait_for_requests(asked + 1, timeout_s=30)
                await asyncio.sleep(self._random.uniform(0, LIVES_S))
            progress(number + 1)
        async with self._running():
            # What is in doubt waits for its turn, and the machine may be busy. What never comes, the count tells.
            with contextlib.suppress(pytest.fail.Exception):
                await eventually(lambda: not self.tally(kills).lost, "everything to arrive", timeout_s=90)
                await eventually(lambda: not self.tally(kills).missing_threads, "every thread")
            asked = len(self._host.requests)
            await self._host.wait_for_requests(asked + 3 * FEEDS, timeout_s=30)
        return self.tally(kills)

    async def _set_up(self) -> None:
        """Three servers, eight subscriptions; the feeds are learned."""
        first = self._discord.guild_id
        second, third = (self._discord.add_guild(name).id for name in ("Second group", "Third group"))
        papers = self._discord.channel_id
        forum = self._discord.add_channel(first, "talks", FORUM)
        reading, digest = (self._discord.add_channel(second, name) for name in ("reading", "quiet"))
        news = self._discord.add_channel(third, "news")
        for feed in range(FEEDS):
            self._host.serve(f"/{feed}.xml", make_rss(self._entries[feed]))
        wanted = (
            (first, Following(0, papers, has_threads=True)),
            (second, Following(0, reading)),
            (first, Following(1, papers)),
            (third, Following(1, news)),
            (first, Following(2, forum)),
            (second, Following(2, reading)),
            (third, Following(3, news)),
            (second, Following(4, digest)),
        )
        async with open_service(load_settings(**self._settings)) as service:
            for guild_id, following in wanted:
                made = await service.desk.follow(
                    self._host.url(f"/{following.feed}.xml"),
                    guild_id=guild_id,
                    channel_id=following.channel_id,
                    owner_id=self._discord.owner_id,
                )
                if following.has_threads:
                    await service.desk.change(made, replace(made.delivering, opens_thread=True))
                self._followings.append(following)

    def _publish(self, feed: int, count: int) -> None:
        for _ in range(count):
            self._entries[feed].insert(0, _entry(feed, len(self._entries[feed]) + 1))
        # A blog's feed shows its newest alone; where the machine is busy, many runs end before they have read it.
        self._host.update(f"/{feed}.xml", make_rss(self._entries[feed][:SHOWN]))

    @contextlib.asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        """The bot as a process; killed without warning at the end of the block."""
        settings = {name: str(value) for name, value in self._settings.items()}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "bot", "run"),
            cwd=self._folder,
            env=os.environ | settings | {"PYTHONPATH": str(ROOT)},
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

    # ── counting ────────────────────────────────────────────────────────────────────────────────

    def tally(self, kills: int) -> Tally:
        """What stands in the channels now."""
        tally = Tally(kills=kills, published=[], announced=[])
        for following in self._followings:
            known = [entry.link for entry in reversed(self._entries[following.feed])][1:]
            shown = [(link, m) for m in self._messages(following.channel_id) for link in _links(m)]
            mine = set(known)
            tally.published.append(known)
            tally.announced.append([link for link, _ in shown if link in mine])
            if following.has_threads:
                without = [
                    m["id"] for link, m in shown if link in mine and int(m["id"]) not in self._discord.channels
                ]
                tally.missing_threads += without
        return tally

    def _messages(self, channel_id: int) -> list[dict[str, Any]]:
        """A channel's messages; of a forum the first of each post, the oldest first."""
        channels = self._discord.channels
        if channels[channel_id].type != FORUM:
            return channels[channel_id].messages
        threads = sorted((c for c in channels.values() if c.parent_id == channel_id), key=lambda c: c.id)
        return [thread.messages[0] for thread in threads]


def _entry(feed: int, number: int) -> Entry:
    return make_entry(
        number, link=f"https://reviews.example/{feed}/{number}/", title=f"Otter-{feed}-{number}: A title"
    )


def _links(message: dict[str, Any]) -> list[str]:
    """The reviews that a message announces: its own, or those that a digest lists."""
    found = []
    for embed in message["embeds"]:
        listed = re.findall(r"\]\((https://reviews\.example/\d+/\d+/)\)", embed.get("description") or "")
        found += [embed["url"]] if embed.get("url") else listed
    return found
