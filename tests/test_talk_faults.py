"""Each request that talk makes of Discord fails once, in each way; the real client in loopback Discord.

A server for each way to fail, all with one bot: what is asked for is there once in each of them in the end, and the
member was told nothing that is not so.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.config import Settings
from tests.loopback.discord import Interaction, LoopbackDiscord, Permission
from tests.loopback.discord_server import SeenRequest
from tests.loopback.discord_world import FORUM, Channel
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, eventually, wait_for_commands
from tests.shown import options, said
from tests.test_audiences import internet
from tests.test_feed_commands import rss
from tests.test_talks import quotes, threads, written

__all__ = ["internet"]

MEMBER, OTHER = 7_000, 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """How a request fails.

    Attributes:
        status: None cuts the connection.
        is_done: Whether what was asked for is done all the same.
    """

    status: int | None
    is_done: bool = False

    def __str__(self) -> str:
        return f"{self.status or 'cut'}{' after its effect' if self.is_done else ''}"


FAULTS = (
    Fault(status=429),
    Fault(status=500),
    Fault(status=502, is_done=True),
    Fault(status=503),
    Fault(status=None, is_done=True),
)
"""Two of these discord.py repeats by itself after a second, and two it does not: one each with its effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A server in which requests fail in one way; ``channel_id`` is where members press."""

    discord: LoopbackDiscord
    guild_id: int
    channel_id: int
    fault: Fault

    def fail_next(self, method: str, path: str) -> None:
        """Let the next request of this server fail. In the path, {place} is the channel and {inside} a thread."""
        pattern = path.format(place=self.channel_id, inside=rf"(?!{self.channel_id}\b)\d+")
        if self.fault.status == 429:
            self.discord.rate_limit_next(method, pattern, retry_after=0.02, where=self._is_here)
        else:
            status, is_done = self.fault.status, self.fault.is_done
            self.discord.fail_next(method, pattern, status=status, after_effect=is_done, where=self._is_here)

    def _is_here(self, seen: SeenRequest) -> bool:
        match = re.match(r"/(channels|guilds)/(\d+)", seen.path)
        if match is None:
            return False
        number = int(match[2])
        return number == self.guild_id if match[1] == "guilds" else self._guild_of(number) == self.guild_id

    def _guild_of(self, channel_id: int) -> int | None:
        return self.discord.channels[channel_id].guild_id if channel_id in self.discord.channels else None

    def has_failed(self) -> bool:
        return not any(one.left and one.where == self._is_here for one in self.discord._failures)

    def talks_about(self, number: int) -> list[Channel]:
        """The threads about a paper that were not deleted."""
        return [one for one in threads(self.discord, self.guild_id) if one.name.startswith(f"Lantern-{number} ")]

    def starters_of(self, number: int) -> list[dict[str, Any]]:
        here = written(self.discord.channels[self.channel_id])
        return [message for message in here if f"Lantern-{number}:" in said(message)]

    async def discuss(self, number: int, user_id: int) -> Interaction:
        shown = await self.discord.command("paper", {"name": f"Lantern-{number}"}, channel_id=self.channel_id)
        return await self.discord.press(shown.message, label="Discuss", user_id=user_id, timeout_s=30)

    async def quote(self, number: int, user_id: int) -> Interaction:
        """Quote the passage with "다섯" of a paper, and so open a talk where there is none."""
        asked = {"paper": f"Lantern-{number}", "heading": "2.1"}
        shown = await self.discord.command("section", asked, channel_id=self.channel_id)
        menu = await self.discord.press(shown.message, label="Quote a passage", user_id=user_id)
        value = next(value for label, value in options(menu).items() if "다섯" in label)
        return await self.discord.select(menu.message, values=[value], user_id=user_id, timeout_s=30)

    def check_told(self, answer: Interaction) -> None:
        """What a member was told is so: a thread that is named is there, or it is said that it is still to come."""
        named = [int(found) for found in re.findall(r"<#(\d+)>", said(answer))]
        living = {one.id for one in threads(self.discord, self.guild_id)}
        assert living.issuperset(named), (str(self.fault), said(answer))
        assert named or "go on trying" in said(answer), (str(self.fault), said(answer))


@pytest.fixture
def database(settings: Callable[..., Settings]) -> Path:
    return settings().database


@pytest.fixture
async def places(
    run: RunBot,
    discord: LoopbackDiscord,
    feed_host: FeedHost,
    internet: set[str],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[list[Place]]:
    """Servers that read the host's blog, one for each way to fail; what failed is tried again soon."""
    monkeypatch.setattr("bot.announcing.decisions.FIRST_WAIT", timedelta(milliseconds=20))
    monkeypatch.setattr("bot.app.DELIVER_SECONDS", 0.3)
    guilds = [discord.world.guilds[discord.guild_id]]
    guilds += [discord.add_guild(str(fault), channels=["papers"]) for fault in FAULTS[1:]]
    own = feed_host.serve("/own.xml", rss(*range(7, 0, -1)))
    async with run(NONMUN_FEEDS=own):
        await wait_for_commands(discord)
        await feed_host.wait_until_read("/own.xml")
        yield [
            Place(discord=discord, guild_id=guild.id, channel_id=guild.channel_ids[0], fault=fault)
            for guild, fault in zip(guilds, FAULTS, strict=True)
        ]


def talk_in_forums(database: Path, places: list[Place]) -> list[Place]:
    """Choose a forum for the talk of each server."""
    with closing(sqlite3.connect(database)) as db, db:
        for one in places:
            forum = one.discord.add_channel(one.guild_id, "talk", FORUM)
            db.execute(
                "INSERT INTO servers (guild_id, talk_place, talk_channel_id) VALUES (?1, 'forum', ?2)"
                " ON CONFLICT (guild_id) DO UPDATE SET talk_place = 'forum', talk_channel_id = ?2",
                (one.guild_id, forum),
            )
    return places


async def everywhere(places: list[Place], act: Callable[[Place], Awaitable[None]]) -> None:
    async with asyncio.TaskGroup() as group:
        for place in places:
            group.create_task(_act(act, place))


async def _act(act: Callable[[Place], Awaitable[None]], place: Place) -> None:
    await act(place)


def waits(database: Path, place: Place) -> bool:
    query = (
        "SELECT 1 FROM talks WHERE guild_id = :guild AND state IN ('pending', 'sending')"
        " UNION ALL SELECT 1 FROM messages WHERE guild_id = :guild AND state IN ('pending', 'sending')"
    )
    with closing(sqlite3.connect(database)) as db:
        return db.execute(query, {"guild": place.guild_id}).fetchone() is not None


NEW = (
    ("POST", "/channels/{place}/messages"),
    ("POST", r"/channels/{place}/messages/\d+/threads"),
    ("GET", "/channels/{inside}"),
    ("PUT", r"/channels/{inside}/thread-members/\d+"),
    ("POST", "/channels/{inside}/messages"),
)
NEW_IN_FORUM = (
    ("POST", "/channels/{inside}/threads"),
    ("PUT", r"/channels/{inside}/thread-members/\d+"),
    ("POST", "/channels/{inside}/messages"),
)


@pytest.mark.parametrize(("is_forum", "requests"), [(False, NEW), (True, NEW_IN_FORUM)], ids=["threads", "forum"])
async def test_a_quote_opens_one_talk_and_stands_in_it_once(
    places: list[Place], database: Path, is_forum: bool, requests: tuple[tuple[str, str], ...]
) -> None:
    """And who asked for it is in it; whoever asks again is led there."""
    if is_forum:
        talk_in_forums(database, places)

    async def ask(place: Place) -> None:
        for number, (method, path) in enumerate(requests, 1):
            about = f"{method} {path}: {place.fault}"
            place.fail_next(method, path)
            place.check_told(await place.quote(number, MEMBER + number))
            await eventually(lambda: not waits(database, place), f"the end of {about}")
            assert place.has_failed(), about
            again = await place.quote(number, OTHER)
            (talk,) = place.talks_about(number)
            assert f"quoted in <#{talk.id}> before" in said(again), about
            assert len(quotes(talk)) == 1, about
            assert len(written(talk)) == 2, about  # how it begins, and the quote
            assert {MEMBER + number, OTHER} <= set(talk.members), about
            assert len(place.starters_of(number)) == int(not is_forum), about

    await everywhere(places, ask)


async def test_what_stands_in_a_talk_is_not_sent_again_where_discord_does_not_say(
    places: list[Place], database: Path
) -> None:
    """The quote was sent, but the answer was lost; and so is that to the question what stands there."""

    async def ask(place: Place) -> None:
        place.discord.fail_next(
            "POST",
            rf"/channels/(?!{place.channel_id}\b)\d+/messages",
            status=None,
            after_effect=True,
            where=lambda seen: place._is_here(seen) and "\\n>" in str(seen.body),
        )
        place.fail_next("GET", "/channels/{inside}/messages")
        place.check_told(await place.quote(1, MEMBER))
        await eventually(lambda: not waits(database, place), f"the end of {place.fault}")
        assert place.has_failed()
        (talk,) = place.talks_about(1)
        assert len(quotes(talk)) == 1, str(place.fault)
        assert "before" in said(await place.quote(1, OTHER))

    await everywhere(places, ask)


KNOWN = (
    ("GET", "/channels/{inside}"),
    ("GET", r"/channels/{inside}/messages/\d+"),
    ("PUT", r"/channels/{inside}/thread-members/\d+"),
)


async def test_who_asks_for_a_talk_that_is_there_is_led_to_it(places: list[Place]) -> None:
    """Nothing is opened or quoted again; an archived one is shown again."""

    async def ask(place: Place) -> None:
        await place.quote(1, MEMBER)
        (talk,) = place.talks_about(1)
        for number, (method, path) in enumerate(KNOWN):
            place.fail_next(method, path)
            assert f"quoted in <#{talk.id}> before" in said(await place.quote(1, OTHER + number)), str(place.fault)
            assert place.has_failed(), f"{method} {path}: {place.fault}"
            assert OTHER + number in talk.members, f"{method} {path}: {place.fault}"
        place.discord.archive_thread(talk.id)
        place.fail_next("PATCH", "/channels/{inside}")
        assert f"<#{talk.id}>" in said(await place.discuss(1, MEMBER))
        assert place.has_failed()
        assert not talk.archived, str(place.fault)
        assert place.talks_about(1) == [talk]
        assert len(quotes(talk)) == 1

    await everywhere(places, ask)


TAKEN_BACK = (
    ("GET", "/channels/{inside}"),
    ("GET", "/channels/{inside}/messages"),
    ("DELETE", "/channels/{inside}"),
    ("DELETE", r"/channels/{place}/messages/\d+"),
    ("PATCH", "/channels/{inside}"),  # where it may not be deleted, it is archived
)


async def test_a_talk_is_taken_back_whole_or_not_at_all(places: list[Place], database: Path) -> None:
    """A member who is told that it could not be removed can press again."""

    async def ask(place: Place) -> None:
        for number, (method, path) in enumerate(TAKEN_BACK, 1):
            about = f"{method} {path}: {place.fault}"
            rights = Permission.DEFAULT if method == "PATCH" else Permission.DEFAULT | Permission.MANAGE_THREADS
            place.discord.set_permissions(place.channel_id, int(rights))
            opened = await place.discuss(number, MEMBER + number)
            await eventually(lambda: not waits(database, place), "the first message")
            (talk,) = place.talks_about(number)
            place.fail_next(method, path)
            told = said(await place.discord.press(opened.message, label="Take back", user_id=MEMBER + number))
            assert place.has_failed(), about
            is_there = place.talks_about(number) != [] and not talk.archived
            assert ("could not be removed" in told) is is_there, (about, told)
            if is_there:
                await place.discord.press(opened.message, label="Take back", user_id=MEMBER + number)
            assert talk.is_deleted or talk.archived, about
            assert talk.is_deleted is (method != "PATCH"), about
            assert place.starters_of(number) == [], about

    await everywhere(places, ask)
