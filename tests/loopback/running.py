"""The bot itself, started in this process against the loopback servers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

import pytest

from bot.app import run_bot
from bot.config import Settings
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.patience import patience

TOKEN = "loopback-token"


class RunBot(Protocol):
    """Run the bot on the feed at /feed.xml until the block ends; overrides by the settings' names."""

    def __call__(self, **overrides: Any) -> contextlib.AbstractAsyncContextManager[None]: ...


def runner(discord: LoopbackDiscord, feed_host: FeedHost, settings: Callable[..., Settings]) -> RunBot:
    """Return what starts the bot: polling every second, announcing in the loopback's own channel."""

    @contextlib.asynccontextmanager
    async def running(**overrides: Any) -> AsyncIterator[None]:
        task = asyncio.create_task(run_bot(settings(**(settings_for(discord, feed_host) | overrides))))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    return running


def settings_for(discord: LoopbackDiscord, feed_host: FeedHost) -> dict[str, Any]:
    """The settings, by name, that point the bot at the loopback servers."""
    return {
        "DISCORD_TOKEN": TOKEN,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "NONMUN_FEEDS": feed_host.url("/feed.xml"),
        "NONMUN_PRIVATE_HOSTS": "127.0.0.1",
        "NONMUN_CHANNEL_ID": discord.channel_id,
        "NONMUN_POLL_SECONDS": 1,
        "NONMUN_RESOLVE_IDS": False,  # nothing but loopback is reached
        "NONMUN_MEMBER_COMMANDS_PER_MINUTE": 0,  # tests ask faster than people
        "NONMUN_SERVER_COMMANDS_PER_MINUTE": 0,
    }


def announcements(discord: LoopbackDiscord, channel_id: int | None = None) -> list[str]:
    """The titles announced in a channel, the oldest first, without answers to commands and notices."""
    messages = discord.channels[channel_id or discord.channel_id].messages
    return [m["embeds"][0]["title"] for m in messages if m["embeds"] and not m.get("interaction_metadata")]


async def eventually(
    condition: Callable[[], bool | Awaitable[bool]], what: str, *, timeout_s: float = 30.0, pause_s: float = 0.01
) -> None:
    """Wait until something is true that no event of the servers tells.

    Args:
        condition: Asked again and again; it may ask the bot itself, and wait for the answer.
        timeout_s: On a quiet machine; a busy one is given as many times more as it is slower.
        pause_s: Between two questions.
    """
    try:
        async with asyncio.timeout(patience(timeout_s)):
            while True:
                is_true = condition()
                if await is_true if isinstance(is_true, Awaitable) else is_true:
                    return
                await asyncio.sleep(pause_s)
    except TimeoutError:
        pytest.fail(f"waited in vain for {what}")


async def wait_for_posts(discord: LoopbackDiscord, count: int) -> None:
    await eventually(lambda: len(announcements(discord)) >= count, f"{count} posts")


async def wait_for_commands(discord: LoopbackDiscord) -> None:
    """Wait until the bot is connected and its commands can be used."""
    await discord.wait_until_connected(timeout_s=20)
    await eventually(lambda: bool(discord.commands[None]), "commands")
