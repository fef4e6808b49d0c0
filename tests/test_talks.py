"""Talk: from a paper or a passage into a thread, and back to it; the real client in loopback Discord."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.factories import make_entry, make_rss
from tests.loopback.discord import Interaction, LoopbackDiscord, Permission
from tests.loopback.discord_world import FORUM, Channel
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, eventually, wait_for_commands
from tests.shown import buttons, parts, said
from tests.test_feed_commands import posts, rss, wait_for

MEMBER, OTHER = 777, 778
SUPPRESS_NOTIFICATIONS = 1 << 12
NAME = "Lantern-2"


@pytest.fixture
async def server(run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost) -> AsyncIterator[LoopbackDiscord]:
    """A server that reads two papers; they were not announced."""
    own = feed_host.serve("/own.xml", rss(2, 1))
    async with run(NONMUN_FEEDS=own):
        await wait_for_commands(discord)
        await feed_host.wait_until_read("/own.xml")
        yield discord


def threads(server: LoopbackDiscord, guild_id: int | None = None) -> list[Channel]:
    """The threads of a server that were not deleted."""
    wanted = guild_id or server.guild_id
    return [
        one for one in server.channels.values() if one.is_thread and one.guild_id == wanted and not one.is_deleted
    ]


def written(channel: Channel) -> list[dict[str, Any]]:
    """What was written in a channel, without what Discord itself says there, and without answers to members."""
    return [m for m in channel.messages if m["type"] in (0, 19) and not m.get("interaction_metadata")]


async def paper(server: LoopbackDiscord, name: str = NAME, **more: Any) -> Interaction:
    answer = await server.command("paper", {"name": name}, **more)
    assert not answer.is_ephemeral, said(answer)
    return answer


async def discuss(
    server: LoopbackDiscord, shown: Interaction | dict[str, Any], *, user_id: int = MEMBER
) -> Interaction:
    message = shown.message if isinstance(shown, Interaction) else shown
    return await server.press(message, label="Discuss", user_id=user_id, timeout_s=30)


async def opening_of(thread: Channel) -> dict[str, Any]:
    await eventually(lambda: bool(written(thread)), "the first message")
    return written(thread)[0]


# ── opening ─────────────────────────────────────────────────────────────────────────────────────


async def test_discuss_opens_a_thread_and_leads_to_it_afterwards(server: LoopbackDiscord) -> None:
    """Named by the paper, hidden after a week, the presser in it; pressed again by anybody, it is the same one."""
    answer = await discuss(server, await paper(server))
    (thread,) = threads(server)
    assert answer.is_ephemeral
    assert f"<#{thread.id}>" in said(answer)
    assert buttons(answer) == ["Take back"]
    assert thread.name.startswith(NAME)
    assert thread.auto_archive_duration == 10_080
    assert MEMBER in thread.members
    first = await opening_of(thread)
    assert first["flags"] & SUPPRESS_NOTIFICATIONS
    assert "Quote a passage" in buttons(first)
    assert "Motivation" in said(first)
    again = await discuss(server, await paper(server), user_id=OTHER)
    assert f"<#{thread.id}>" in said(again)
    assert buttons(again) == []
    assert len(threads(server)) == 1
    assert OTHER in thread.members
