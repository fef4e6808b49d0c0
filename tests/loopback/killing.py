"""Runs of the bot as a process of its own that end with SIGKILL, again and again, under all that can go wrong.

Three servers follow five feeds in nine subscriptions: channels that two of them share, a forum, threads under posts,
a daily digest of two feeds. Shared by the test, which makes a dozen kills, and the benchmark, which makes as many as
it is told. What the lives are like is drawn in `lives`, what came of them is counted in `tally`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sqlite3
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.config import load_settings
from bot.models.announcing import Delivering, DigestPlan, Every
from bot.models.feeds import Entry
from bot.service import open_service
from tests.factories import make_entry, make_rss
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.discord_server import Held
from tests.loopback.discord_world import FORUM
from tests.loopback.feed_host import FeedHost
from tests.loopback.lives import FEEDS, Death, Event, Life, count_kinds
from tests.loopback.patience import patience
from tests.loopback.running import settings_for
from tests.loopback.tally import Following, Tally, count_up

ROOT = Path(__file__).resolve().parents[2]
SHOWN = 100
COPIES = 3
"""How many of the newest copies are kept to be put back."""
SILENCE_S = 60.0
"""How long nothing may change that is waited for, on a quiet machine."""
LOOK_S = 0.02
ROUNDS = 3
"""Times that every feed is asked until it is clear that nothing more comes."""
BOT = ("-m", "bot")
OTHER_TOKEN, OTHER_URL = "second-token", "https://second.example/"
"""By which what a second bot asks is recognised."""
REFUSED = 2
_BEFORE = (Death.BEFORE_THREAD, Death.BEFORE_NOTE)
DAILY = DigestPlan(every=Every.DAY, hour=0, zone="UTC")


class KillingField:
    """The world of the runs."""

    def __init__(self, discord: LoopbackDiscord, host: FeedHost, folder: Path, *, shards: int = 1) -> None:
        # All shards of a bot that was killed may identify at once: five seconds for each would only be waited for.
        discord.gateway.recommended_shards = discord.gateway.max_concurrency = shards
        self._shards = shards
        self._discord = discord
        self._host = host
        self._folder = folder
        self._entries: list[list[Entry]] = [[_entry(feed, 1)] for feed in range(FEEDS)]
        self._revisions: dict[tuple[int, int], int] = {}
        self._followings: list[Following] = []
        self._lives: list[Life] = []
        self._seen = Tally(kills=0)
        self._copies: list[Path] = []
        self._digest_channel = self._forum = 0
        self.database = folder / "killed.db"
        self._settings = settings_to_kill(discord, host, "/0.xml", self.database)

    async def run(self, lives: Sequence[Life], progress: Callable[[int], None] = lambda _: None) -> Tally:
        """Set up, kill, let all arrive that is to arrive, and count."""
        await self.set_up()
        for number, life in enumerate(lives, 1):
            self._lives.append(life)
            await self._live(life)
            progress(number)
        await self.finish()
        return self.tally()

    async def finish(self) -> None:
        """Two lives without a kill: one for all posts, and one for what it collected for digests.

        What does not come within them, the count tells.
        """
        for is_due in (False, True):
            if is_due:
                self._make_digests_due()
            bot = await self._start(0)
            try:
                await self._settled(bot, with_digests=is_due)
                await self._rounds(bot, ROUNDS)
            finally:
                await self._end(bot, signal.SIGTERM, "the last life")

    # ── before ──────────────────────────────────────────────────────────────────────────────────

    async def set_up(self) -> None:
        """Three servers, nine subscriptions; the feeds are read."""
        first = self._discord.guild_id
        beside = (first >> 22) % self._shards  # each server is on another shard, as far as there are others
        second, third = (
            self._discord.add_guild(name, shard=((beside + number) % self._shards, self._shards)).id
            for number, name in enumerate(("Second group", "Third group"), 1)
        )
        papers = self._discord.channel_id
        self._forum = forum = self._discord.add_channel(first, "talks", FORUM)
        reading, quiet = (self._discord.add_channel(second, name) for name in ("reading", "quiet"))
        self._digest_channel = quiet
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
            (second, Following(3, quiet, has_digest=True)),
            (second, Following(4, quiet, has_digest=True)),
        )
        async with open_service(load_settings(**self._settings)) as service:
            for guild_id, following in wanted:
                await service.subscriptions.follow(
                    self._host.url(f"/{following.feed}.xml"),
                    guild_id=guild_id,
                    channel_id=following.channel_id,
                    owner_id=self._discord.owner_id,
                    delivering=Delivering(
                        opens_thread=following.has_threads, digest=DAILY if following.has_digest else None
                    ),
                )
                self._followings.append(following)
        self._keep_copy()

    def _publish(self, life: Life) -> None:
        for feed, number in life.revised:
            times = self._revisions[feed, number] = self._revisions.get((feed, number), 0) + 1
            self._entries[feed][-number] = _entry(feed, number, corrections=times)
        for feed, count in life.published.items():
            for _ in range(count):
                self._entries[feed].insert(0, _entry(feed, len(self._entries[feed]) + 1))
        for feed in {*life.published, *(feed for feed, _ in life.revised)}:
            # A blog's feed shows its newest alone; where the machine is busy, many runs end before they have read it.
            self._host.update(f"/{feed}.xml", make_rss(self._entries[feed][:SHOWN]))

    def _make_digests_due(self) -> None:
        with closing(sqlite3.connect(self.database)) as db, db:
            db.execute("UPDATE subscriptions SET digest_at = created_at WHERE digest_at IS NOT NULL")

    # ── one life ────────────────────────────────────────────────────────────────────────────────

    async def _live(self, life: Life) -> None:
        self._publish(life)
        await self._put_back(life)
        if Event.DIGEST in life.events or life.death is Death.DIGEST:
            self._make_digests_due()
        awaited = self._awaited(life.death)
        held = self._discord.hold_next(*awaited, is_done=life.death not in _BEFORE) if awaited else None
        asked = len(self._host.requests)
        began_s = time.monotonic()
        bot = await self._start(life.clock_s)
        try:
            if await self._progressing(bot, lambda: len(self._host.requests) > asked):
                took_s = time.monotonic() - began_s
                await self._befall(life, bot, held)
                await asyncio.sleep(life.rest * took_s)
            else:
                self._seen.silent += self._named(life) if bot.returncode is None else []
        finally:
            await self._end(bot, signal.SIGKILL, str(life.kinds), with_reader=life.death is Death.GROUP)
            if held:
                held.drop()
        self._seen.kills += 1
        if Event.COPY in life.events:
            self._keep_copy()
        if Event.NONCES in life.events:
            self._discord.forget_nonces()

    async def _befall(self, life: Life, bot: Process, held: Held | None) -> None:
        """What happens in a life before it is to end."""
        if Event.SECOND_BOT in life.events:
            await self._try_second()
        if Event.BACKUP in life.events:
            await self._back_up()
        if held and not await self._rounds(bot, ROUNDS, until=lambda: held.is_reached):
            self._seen.unmet += self._named(life)

    def _awaited(self, death: Death) -> tuple[str, str] | None:
        """The request whose answer, or whose effect, the bot does not live to see: method and path."""
        posted = {one.channel_id for one in self._followings} - {self._digest_channel, self._forum}
        texts = "|".join(map(str, sorted(posted)))
        thread = ("POST", r"/channels/\d+/messages/\d+/threads")
        note = ("POST", rf"/channels/(?!(?:{texts}|{self._digest_channel})/)\d+/messages")
        return {
            Death.MESSAGE: ("POST", rf"/channels/(?:{texts})/messages"),
            Death.FORUM_POST: ("POST", rf"/channels/{self._forum}/threads"),
            Death.DIGEST: ("POST", rf"/channels/{self._digest_channel}/messages"),
            Death.EDIT: ("PATCH", r"/channels/\d+/messages/\d+"),
            Death.THREAD: thread,
            Death.BEFORE_THREAD: thread,
            Death.NOTE: note,
            Death.BEFORE_NOTE: note,
        }.get(death)

    def _named(self, life: Life) -> list[str]:
        return [f"life {self._seen.kills + 1} {' '.join(life.kinds)}"]

    # ── processes ───────────────────────────────────────────────────────────────────────────────

    async def _start(self, clock_s: int) -> Process:
        program = ("-m", "tests.loopback.set_clock", str(clock_s)) if clock_s else BOT
        return await self._spawn(*program, "run")

    async def _spawn(self, *arguments: str, **others: str) -> Process:
        return await spawn(self._folder, self._settings | others, *arguments)

    async def _end(self, bot: Process, by: signal.Signals, what: str, *, with_reader: bool = False) -> None:
        if bot.returncode is not None:
            self._seen.ended.append(f"{what}: {bot.returncode}")
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if with_reader else os.kill)(bot.pid, by)
        await bot.wait()

    async def _call(self, *arguments: str, **others: str) -> int:
        """Run a command to its end; its exit code."""
        return await (await self._spawn(*BOT, *arguments, **others)).wait()

    async def _try_second(self) -> None:
        """A second bot on the same database ends by itself with exit code 2, and asks nobody anything."""
        code = await self._call("run", DISCORD_TOKEN=OTHER_TOKEN, NONMUN_CONTACT_URL=OTHER_URL)
        asked = [one for one in self._discord.requests if OTHER_TOKEN in one.headers.get("Authorization", "")]
        read = [one for one in self._host.requests if OTHER_URL in one.headers.get("User-Agent", "")]
        if code != REFUSED or asked or read:
            self._seen.not_refused.append(f"exit code {code}, {len(asked)} and {len(read)} requests")

    # ── copies ──────────────────────────────────────────────────────────────────────────────────

    def _new_copy(self) -> Path:
        path = self._folder / f"copy-{self._seen.kills}.db"
        self._copies = [path, *(one for one in self._copies if one != path)][:COPIES]
        return path

    async def _back_up(self) -> None:
        """Beside the running bot, with our own command."""
        path = self._new_copy()
        if code := await self._call("backup", str(path)):
            self._seen.ended.append(f"nonmun backup: {code}")
            self._copies.remove(path)

    def _keep_copy(self) -> None:
        """The file alone, by hand, when the bot does not run: what stands in its -wal is lost."""
        path = self._new_copy()
        shutil.copyfile(self.database, path)
        with closing(sqlite3.connect(path)) as db:
            # Killed while the log was written back: SQLite promises nothing of such a copy.
            if db.execute("PRAGMA quick_check").fetchone() != ("ok",):
                self._copies.remove(path)

    async def _put_back(self, life: Life) -> None:
        if not life.events & {Event.RESTORED, Event.PUT_BACK}:
            return
        copy = self._copies[min(life.copy, len(self._copies) - 1)]
        if Event.PUT_BACK in life.events:
            for suffix in ("-wal", "-shm"):
                self.database.with_name(self.database.name + suffix).unlink(missing_ok=True)
            shutil.copyfile(copy, self.database)
        elif code := await self._call("restore", str(copy)):
            self._seen.ended.append(f"nonmun restore: {code}")
        for kept in self._folder.glob(f"{self.database.name}.before-restore-*"):
            kept.unlink()

    # ── waiting ─────────────────────────────────────────────────────────────────────────────────

    async def _progressing(
        self, bot: Process, condition: Callable[[], bool], *, progress: Callable[[], object] = lambda: None
    ) -> bool:
        """Wait as long as anything changes; False where nothing did for long, or the bot has ended."""
        last, loop = progress(), asyncio.get_running_loop()
        changed_s = loop.time()
        while not condition():
            if bot.returncode is not None or loop.time() - changed_s > patience(SILENCE_S):
                return False
            if (now := progress()) != last:
                last, changed_s = now, loop.time()
            await asyncio.sleep(LOOK_S)
        return True

    async def _rounds(self, bot: Process, rounds: int, *, until: Callable[[], bool] = lambda: False) -> bool:
        """Wait until something is so, or every feed was asked so many times; whether it is so."""
        asked = len(self._host.requests)

        def counts() -> list[int]:
            paths = [request.path for request in self._host.requests[asked:]]
            return [paths.count(f"/{feed}.xml") for feed in range(FEEDS)]

        await self._progressing(bot, lambda: until() or min(counts()) >= rounds, progress=counts)
        return until()

    async def _settled(self, bot: Process, *, with_digests: bool) -> None:
        """Wait until everything that is to come has come, as long as any of it does."""
        followings = [one for one in self._followings if with_digests or not one.has_digest]

        def count() -> Tally:
            return count_up(Tally(kills=0), followings, self._entries, self._discord.channels)

        def missing() -> tuple[int, ...]:
            tally = count()
            return len(tally.lost), len(tally.missing_edits), len(tally.missing_threads)

        await self._progressing(bot, lambda: count().is_done, progress=missing)

    # ── counting ────────────────────────────────────────────────────────────────────────────────

    def tally(self) -> Tally:
        """What stands in the channels now."""
        seen = replace(
            self._seen,
            kinds=count_kinds(self._lives),
            published=[],
            announced=[],
            missing_threads=[],
            doubled_notes=[],
            missing_edits=[],
        )
        return count_up(seen, self._followings, self._entries, self._discord.channels)


def settings_to_kill(discord: LoopbackDiscord, host: FeedHost, feed: str, database: Path) -> dict[str, Any]:
    """The settings, by name, of a bot on a file, which has a feed of its own and announces it nowhere."""
    settings = settings_for(discord, host) | {"NONMUN_FEEDS": host.url(feed), "NONMUN_DATABASE": str(database)}
    del settings["NONMUN_CHANNEL_ID"]
    return settings


async def spawn(folder: Path, settings: Mapping[str, object], *arguments: str) -> Process:
    """Start a process of ours in a group of its own, in a folder that its log is written to."""
    with (folder / "killed.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", *arguments),
            cwd=folder,
            env=os.environ | {name: str(value) for name, value in settings.items()} | {"PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


async def kill_at(discord: LoopbackDiscord, bot: Process, *held: Held) -> None:
    """Kill a bot while it waits for the answers to all these requests; what is not done by then never is."""
    await discord.wait_for(lambda: all(one.is_reached for one in held), timeout_s=20, what="the held requests")
    bot.kill()
    await bot.wait()
    for one in held:
        one.drop()


def _entry(feed: int, number: int, *, corrections: int = 0) -> Entry:
    link = f"https://reviews.example/{feed}/{number}/"
    title = f"Otter-{feed}-{number}: A title" + (f", corrected {corrections}" if corrections else "")
    entry = make_entry(number, link=link, title=title)
    added = "".join(
        f"\n<h2>Correction {one}</h2>\n<p>Figure {one} of {link} is right now.</p>"
        for one in range(1, corrections + 1)
    )
    return replace(entry, html=entry.html + added)
