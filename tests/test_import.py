"""/feed import: a long list outlives its interaction, and nothing of it is lost; how many feeds may be followed."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.delivering.subscriptions import Subscriptions
from bot.errors import StoreError
from tests import shown
from tests.loopback.discord import Interaction, LoopbackDiscord
from tests.loopback.discord_world import OWNER_ID
from tests.loopback.feed_host import FeedHost
from tests.loopback.patience import patience
from tests.loopback.running import RunBot, eventually, wait_for_commands
from tests.test_feed_commands import import_file, rss, said
from tests.test_feed_commands import server as _server

server = _server
TOKEN_IS_OVER = {"message": "Invalid Webhook Token", "code": 50027}
WEBHOOKS = r"/webhooks/\d+/.*"


@pytest.fixture
def hasty(server: LoopbackDiscord, monkeypatch: pytest.MonkeyPatch) -> LoopbackDiscord:
    """How far an import is, is told all the time: in the module as discord.py has loaded it."""
    monkeypatch.setattr(sys.modules["cogs.feeds"], "PROGRESS_SECONDS", 0.01)
    return server


def opml(*urls: str) -> bytes:
    lines = "".join(f'<outline text="Feed {n}" type="rss" xmlUrl="{url}"/>' for n, url in enumerate(urls))
    return f'<?xml version="1.0"?><opml version="2.0"><body>{lines}</body></opml>'.encode()


async def start_import(server: LoopbackDiscord, *urls: str) -> Interaction:
    return await server.command("feed import", {"file": ("feeds.opml", opml(*urls))}, settle=False)


async def feeds_of(server: LoopbackDiscord) -> str:
    return said(await server.command("feed list"))


def direct_messages(server: LoopbackDiscord) -> str:
    """What the server's owner got."""
    messages = server.world.direct_channel(OWNER_ID).messages
    return "\n".join(map(shown.said, messages))


async def test_an_import_goes_on_when_its_interaction_is_over(hasty: LoopbackDiscord, feed_host: FeedHost) -> None:
    """No progress can be told and no result be sent: all is followed, and the result comes as a direct message."""
    urls = [feed_host.serve(f"/f{n}.xml", rss(n + 10)) for n in range(8)]
    hasty.fail_next("PATCH", WEBHOOKS, status=401, body=TOKEN_IS_OVER, times=100)
    await start_import(hasty, *urls, feed_host.url("/gone.xml"))
    await eventually(lambda: bool(direct_messages(hasty)), "a direct message")
    assert "8 feeds added" in direct_messages(hasty)
    assert "404" in direct_messages(hasty)
    assert "8 feeds" in await feeds_of(hasty)


async def test_who_takes_no_direct_messages_is_told_in_the_server(
    hasty: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """In a word: how many, not which."""
    urls = [feed_host.serve(f"/f{n}.xml", rss(n + 10)) for n in range(2)]
    hasty.fail_next("PATCH", WEBHOOKS, status=401, body=TOKEN_IS_OVER, times=100)
    closed = {"message": "Cannot send messages to this user", "code": 50007}
    direct = hasty.world.direct_channel(OWNER_ID).id
    hasty.fail_next("POST", rf"/channels/{direct}/messages", status=403, body=closed, times=100)
    await start_import(hasty, *urls)

    def told() -> list[str]:
        channels = [c for c in hasty.channels.values() if c.guild_id]
        return [m["content"] for channel in channels for m in channel.messages if "Feeds added" in m["content"]]

    await eventually(lambda: bool(told()), "a word in the server")
    (word,) = told()
    assert word.startswith(f"<@{OWNER_ID}> ")
    assert "Feeds added: 2, not added: 0" in word


async def test_a_passing_fault_of_discord_s_does_not_end_an_import(
    hasty: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """The progress once could not be told; the result takes its usual place."""
    urls = [feed_host.serve(f"/f{n}.xml", rss(n + 10)) for n in range(4)]
    hasty.fail_next("PATCH", WEBHOOKS, status=400, times=1)
    answer = await import_file(hasty, opml(*urls))
    assert "4 feeds added" in said(answer)
    assert answer.is_ephemeral


async def test_a_feed_that_hangs_holds_up_no_other(hasty: LoopbackDiscord, feed_host: FeedHost) -> None:
    """Hosts are asked side by side; one import a server at a time; what is done is kept."""
    hanging = feed_host.hang("/hangs.xml").replace("127.0.0.1", "localhost")
    urls = [feed_host.serve(f"/f{n}.xml", rss(n + 10)) for n in range(6)]
    await start_import(hasty, hanging, *urls)
    await eventually(lambda: all(feed_host.requests_for(f"/f{n}.xml") for n in range(6)), "the others")
    assert "already running" in said(await hasty.command("feed import", {"file": ("feeds.opml", opml(*urls))}))
    async with asyncio.timeout(patience(30)):
        while "6 feeds" not in await feeds_of(hasty):
            pass


async def test_a_fault_with_one_feed_is_told_and_loses_no_other(
    hasty: LoopbackDiscord, feed_host: FeedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug, a database that is busy: the others are followed, and no text of an exception shows."""
    urls = [feed_host.serve(f"/f{n}.xml", rss(n + 10)) for n in range(3)]
    genuine = Subscriptions.follow

    async def faulty(subscriptions: Subscriptions, url: str, **given: Any) -> object:
        if url == urls[0]:
            raise ValueError("a secret")
        if url == urls[1]:
            raise StoreError("/srv/secret.db is locked")
        return await genuine(subscriptions, url, **given)

    monkeypatch.setattr(Subscriptions, "follow", faulty)
    answer = await import_file(hasty, opml(*urls))
    assert "1 feed added" in said(answer)
    assert "an unexpected error (ValueError)" in said(answer)
    assert "could not be saved" in said(answer)
    assert "secret" not in said(answer)


# ── how many ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def narrow(run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost) -> AsyncIterator[LoopbackDiscord]:
    """A bot for two feeds a server and three in all."""
    own = feed_host.serve("/own/source.xml", rss(1))
    limits = {"NONMUN_FEEDS_PER_SERVER": 2, "NONMUN_FEEDS_TOTAL": 3}
    async with run(NONMUN_CHANNEL_ID=None, NONMUN_FEEDS=own, **limits):
        await wait_for_commands(discord)
        yield discord


async def test_a_server_follows_so_many_feeds(narrow: LoopbackDiscord, feed_host: FeedHost) -> None:
    """Those of an import that are too many are told, and not asked at all."""
    urls = [feed_host.serve(f"/f{n}.xml", rss(n + 10)) for n in range(4)]
    answer = await import_file(narrow, opml(*urls))
    assert "2 feeds added" in said(answer)
    assert said(answer).count("This server already follows 2 feeds") == 2
    await narrow.command("feed remove", {"feed": "f0.xml"})


async def test_all_servers_together_follow_so_many_different_feeds(
    narrow: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """What another server follows already costs nothing more."""
    urls = [feed_host.serve(f"/f{n}.xml", rss(n + 10)) for n in range(4)]
    others = [narrow.add_guild(f"Another {n}") for n in range(2)]
    channels = [narrow.channel_id, *(narrow.add_channel(guild.id, "papers") for guild in others)]
    answers = []
    for channel, listed in zip(channels, (urls[:2], urls[2:4], urls[1:]), strict=True):
        answers.append(said(await import_file(narrow, opml(*listed), channel_id=channel)))
    assert "2 feeds added" in answers[0]
    assert "1 feed added" in answers[1]
    assert "cannot follow any more new feeds" in answers[1]
    assert "2 feeds added" in answers[2]  # both are followed elsewhere; the third is too many for this server
