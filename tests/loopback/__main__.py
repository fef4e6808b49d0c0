"""The loopback Discord and a blog, for a bot that somebody else starts: ``python -m tests.loopback FILE``.

Writes the settings of that bot to FILE, in the form of `.env`. Then each line of standard input does something, and
one line on standard output says what came of it; the end of the input ends both servers.

    new          the blog has a new review
    break        the blog answers 500, until `recover`
    follow       an admin follows the blog in the channel, by /feed add
    posts N      wait until N posts are in the channel, and list their titles
    /paper NAME  a member uses a command (also /search, /help …)
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.factories import make_entry, make_rss
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import announcements, settings_for

OPTIONS = {"search": "query", "section": "paper"}
"""The first option of commands; of others it is the name."""


class Stage:
    """What the lines do."""

    def __init__(self, discord: LoopbackDiscord, host: FeedHost) -> None:
        self._discord = discord
        self._host = host
        self._entries = [make_entry(1)]
        host.serve("/feed.xml", make_rss(self._entries))

    async def do(self, line: str) -> str:
        """Do what a line says, and return what to print."""
        word, _, rest = line.strip().partition(" ")
        if word.startswith("/"):
            return await self._command(word[1:], rest)
        if word == "new":
            self._entries.insert(0, make_entry(len(self._entries) + 1))
            self._host.update("/feed.xml", make_rss(self._entries))
        elif word == "break":
            self._host.fail("/feed.xml", status=500)
        elif word == "recover":
            self._host.recover("/feed.xml")
        elif word == "follow":
            added = await self._discord.command("feed add", {"address": self._host.url("/feed.xml")}, timeout_s=30)
            await self._discord.press(added.message, label="Follow", timeout_s=30)
        elif word == "posts":
            count = int(rest or 0)
            await self._discord.wait_for(
                lambda: len(announcements(self._discord)) >= count, timeout_s=60, what=f"{count} posts"
            )
            return " | ".join(announcements(self._discord))
        else:
            return f"unknown: {word}"
        return word

    async def _command(self, name: str, value: str) -> str:
        given = {OPTIONS.get(name, "name"): value} if value else None
        answer = await self._discord.command(name, given, timeout_s=30)
        return str(answer.message).replace("\n", " ")[:500]


async def serve(file: Path) -> None:
    """Serve until standard input ends."""
    async with LoopbackDiscord() as discord, FeedHost() as host:
        stage = Stage(discord, host)
        settings = settings_for(discord, host)
        lines = [f"{name}={value}\n" for name, value in settings.items()]
        await asyncio.to_thread(file.write_text, "".join(lines), "utf-8")
        print("ready", flush=True)  # noqa: T201 - this is its output
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(await stage.do(line), flush=True)  # noqa: T201


asyncio.run(serve(Path(sys.argv[1])))
