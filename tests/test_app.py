"""The whole bot in one process: real client, real feed host, real database; Discord and the web on loopback."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.app import run_bot
from bot.config import Settings
from bot.errors import SettingsError, StoreError
from bot.models.feeds import Entry
from bot.service import open_service
from bot.store.lock import lock_path
from bot.ui.discord import registration
from bot.ui.discord.client import NonmunClient
from tests import shown
from tests.factories import make_entry, make_rss, shown_title
from tests.loopback.discord import LoopbackDiscord, Permission
from tests.loopback.discord_server import SeenRequest
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import (
    RunBot,
    announcements,
    eventually,
    settings_for,
    wait_for_commands,
    wait_for_posts,
)

POSTS = r"/channels/\d+/messages"


def entries(*numbers: int) -> list[Entry]:
    return [make_entry(number) for number in numbers]


async def read_feed(discord: LoopbackDiscord, feed_host: FeedHost) -> None:
    """Wait until the bot has read the feed once and asked again, and its commands can be used."""
    await feed_host.wait_until_read("/feed.xml")
    await wait_for_commands(discord)


async def test_feed_is_read_silently_and_a_new_review_announced_once(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """The main job: nothing at first; a new item, one post, with embed, link button and no mention."""
    feed_host.serve("/feed.xml", make_rss(entries(2, 1), with_sitemap=True))
    async with run():
        await read_feed(discord, feed_host)
        assert announcements(discord) == []
        feed_host.update("/feed.xml", make_rss(entries(4, 3, 2, 1), with_sitemap=True))
        await wait_for_posts(discord, 2)
        await feed_host.wait_until_read("/feed.xml")
    assert announcements(discord) == [shown_title(entry) for entry in entries(3, 4)]
    message = discord.channels[discord.channel_id].messages[0]
    assert message["embeds"][0]["url"] == make_entry(3).link
    links = [part["url"] for part in shown.parts(message) if "url" in part]
    assert links[0] == make_entry(3).link
    assert discord.identifies[0]["intents"] == 1  # guilds alone: nothing privileged


def registrations(discord: LoopbackDiscord) -> list[SeenRequest]:
    return [r for r in discord.requests if r.method == "PUT" and r.path.endswith("/commands")]


def comparisons(discord: LoopbackDiscord) -> list[SeenRequest]:
    return [r for r in discord.requests if r.method == "GET" and r.path.endswith("/commands") and r.status]


async def test_commands_are_registered_once_for_all_starts(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """Discord keeps them in another order and with fields of its own: that is no difference."""
    feed_host.serve("/feed.xml", make_rss(entries(1)))
    for starts in (1, 2):
        async with run():
            await eventually(lambda: len(comparisons(discord)) == starts, "a comparison")  # noqa: B023 - waited for
            await wait_for_commands(discord)
        discord.commands[None].reverse()
    assert len(registrations(discord)) == 1
    assert {command["name"] for command in discord.commands[None]} == {
        "paper", "section", "search", "ask", "related", "latest", "help", "feed", "subscribe", "notify", "settings",
        "why", "paper-same", "paper-apart", "paper-log", "saved", "wanted", "privacy", "What do we have on this?",
    }  # fmt: skip


async def test_commands_removed_elsewhere_come_back(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program with the same token may replace them: those of ours that lack are registered again."""
    monkeypatch.setattr(registration, "COMPARE_SECONDS", 0.05)
    feed_host.serve("/feed.xml", make_rss(entries(1)))
    async with run():
        await wait_for_commands(discord)
        discord.commands[None] = [command for command in discord.commands[None] if command["name"] != "paper"]
        await eventually(lambda: "paper" in str(discord.commands[None]), "the command")
        seen = len(comparisons(discord))
        await eventually(lambda: len(comparisons(discord)) > seen + 2, "more comparisons")
    assert len(registrations(discord)) == 2


@pytest.mark.parametrize(
    ("method", "status", "body"),
    [
        (
            "PUT",
            400,
            {"message": "Max number of daily application command creates has been reached (200)", "code": 30034},
        ),
        ("PUT", 429, {"message": "You are being rate limited.", "retry_after": 4_000.0, "global": False}),
        ("PUT", 503, None),
        ("GET", 500, None),
    ],
)
async def test_a_refused_registration_is_tried_again(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, monkeypatch: pytest.MonkeyPatch,
    method: str, status: int, body: object,
) -> None:  # fmt: skip
    """With nothing but time: no new connection is needed."""
    monkeypatch.setattr(registration, "FIRST_RETRY_SECONDS", 0.05)
    feed_host.serve("/feed.xml", make_rss(entries(1)))
    via = {"Via": "1.1 google"} if status == 429 else None
    times = 1 if status in (400, 429) else 5  # the client repeats a server's fault by itself
    discord.fail_next(method, r"/applications/\d+/commands", status=status, body=body, headers=via, times=times)
    async with run():
        await eventually(lambda: bool(discord.commands[None]), "the commands", timeout_s=60)
    assert len(discord.identifies) == 1


@pytest.mark.parametrize("status", [500, 503, None])
@pytest.mark.parametrize("after_effect", [True, False])
async def test_a_server_fault_neither_loses_nor_doubles_a_post(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, status: int | None, after_effect: bool
) -> None:
    """Whether the post had arrived when the answer failed (or the line broke) or not, it stands there once."""
    feed_host.serve("/feed.xml", make_rss(entries(2, 1)))
    discord.fail_next("POST", POSTS, status=status, times=1, after_effect=after_effect)
    async with run(NONMUN_ANNOUNCE_BACKLOG=2):
        await wait_for_posts(discord, 2)
    assert announcements(discord) == [shown_title(entry) for entry in entries(1, 2)]


@pytest.mark.parametrize("link", ["https://One.test/논문 리뷰?q=[1]", "", "http://intranet/42"])
async def test_post_in_doubt_is_found_whatever_its_address(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, link: str
) -> None:
    """An address is cleaned before it is sent, or left out: what arrived is recognised all the same.

    The nonce alone would settle it, so Discord forgets it here at once.
    """
    discord.nonce_window_s = 0
    feed_host.serve("/feed.xml", make_rss([make_entry(1, link=link)]))
    discord.fail_next("POST", POSTS, status=None, times=5, after_effect=True)
    async with run(NONMUN_ANNOUNCE_BACKLOG=1):
        await wait_for_posts(discord, 1)
        await eventually(lambda: any(r.method == "GET" and "/messages" in r.path for r in discord.requests), "a look")
        await feed_host.wait_until_read("/feed.xml")
    assert len(announcements(discord)) == 1


async def test_rate_limit_is_waited_out_by_the_client(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    feed_host.serve("/feed.xml", make_rss(entries(2, 1)))
    discord.rate_limit_next("POST", POSTS, retry_after=0.2, times=2)
    async with run(NONMUN_ANNOUNCE_BACKLOG=2):
        await wait_for_posts(discord, 2)
    assert announcements(discord) == [shown_title(entry) for entry in entries(1, 2)]


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (Permission.VIEW, "Send Messages, Read Message History in #papers"),
        (Permission.DEFAULT & ~Permission.EMBED_LINKS, "I need Embed Links in #papers"),
    ],
)
async def test_missing_permission_is_said_and_the_post_comes_when_it_is_back(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, caplog: pytest.LogCaptureFixture,
    kept: Permission, said: str,
) -> None:  # fmt: skip
    """Kept with the reason in words; the moment Discord tells of the new right, it is posted."""
    feed_host.serve("/feed.xml", make_rss(entries(1)))
    discord.set_permissions(discord.channel_id, kept)
    async with run(NONMUN_ANNOUNCE_BACKLOG=1):
        await eventually(lambda: said in caplog.text, "a refusal")
        assert announcements(discord) == []
        discord.set_permissions(discord.channel_id, Permission.DEFAULT)
        await wait_for_posts(discord, 1)
    assert announcements(discord) == [shown_title(make_entry(1))]


async def test_refusal_by_discord_itself_is_kept_and_tried_again(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, caplog: pytest.LogCaptureFixture
) -> None:
    """A 403 that the known rights do not explain: kept; the next change of a channel tries it again."""
    feed_host.serve("/feed.xml", make_rss(entries(1)))
    discord.fail_next("POST", POSTS, status=403, times=1)
    async with run(NONMUN_ANNOUNCE_BACKLOG=1):
        await eventually(lambda: "delivery refused" in caplog.text, "a refusal")
        discord.set_permissions(discord.channel_id, Permission.DEFAULT)
        await wait_for_posts(discord, 1)


async def test_what_is_told_after_the_end_is_left(
    discord: LoopbackDiscord, feed_host: FeedHost, settings: Callable[..., Settings]
) -> None:
    """A bot that is stopped soon after its start hears that it is ready when nothing runs any more."""
    made = settings(**settings_for(discord, feed_host))
    async with open_service(made) as service, NonmunClient(service, made) as client:
        await client.close()
        client.dispatch("ready")


async def test_deleted_channel_does_not_stop_the_bot(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, caplog: pytest.LogCaptureFixture
) -> None:
    """The settings' channel is gone: the post is kept, commands go on, and another channel gets it."""
    feed_host.serve("/feed.xml", make_rss(entries(1)))
    gone = discord.add_channel(discord.guild_id, "gone")
    discord.delete_channel(gone)
    async with run(NONMUN_ANNOUNCE_BACKLOG=1, NONMUN_CHANNEL_ID=gone):
        await read_feed(discord, feed_host)
        assert "No reviews yet" in str((await discord.command("latest")).message), (
            "nothing says whose feeds those are"
        )
    async with run():
        await wait_for_posts(discord, 1)
        assert make_entry(1).link in str((await discord.command("latest")).message)


async def test_gateway_drop_is_survived(run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost) -> None:
    """After a cut line the client resumes, and posts and commands go on."""
    feed_host.serve("/feed.xml", make_rss(entries(1)))
    async with run():
        await read_feed(discord, feed_host)
        await wait_for_commands(discord)
        discord.drop_connections()
        feed_host.update("/feed.xml", make_rss(entries(2, 1)))
        await wait_for_posts(discord, 1)
        await discord.wait_until_connected(timeout_s=20)
        answer = await discord.command("paper", {"name": make_entry(2).link})
    assert announcements(discord) == [shown_title(make_entry(2))]
    assert answer.message is not None
    assert len(discord.resumes) == 1


async def test_discord_out_of_reach_at_start_is_tried_again(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """Polling goes on meanwhile, and what came is posted once Discord is there."""
    feed_host.serve("/feed.xml", make_rss(entries(1)))
    discord.fail_next("GET", r"/users/@me", status=503, times=1)
    async with run(NONMUN_ANNOUNCE_BACKLOG=1):
        await wait_for_posts(discord, 1)


async def test_refused_token_ends_with_a_sentence_and_without_the_token(
    discord: LoopbackDiscord,
    feed_host: FeedHost,
    settings: Callable[..., Settings],
    caplog: pytest.LogCaptureFixture,
) -> None:
    feed_host.serve("/feed.xml", make_rss(entries(1)))
    made = settings(
        DISCORD_TOKEN="not-the-token",
        DISCORD_API_URL=discord.api_url,
        DISCORD_GATEWAY_URL=discord.gateway_url,
        NONMUN_FEEDS=feed_host.url("/feed.xml"),
    )
    caplog.set_level("DEBUG")
    with pytest.raises(SettingsError, match="DISCORD_TOKEN") as caught:
        await run_bot(made)
    assert "not-the-token" not in f"{caught.value}{caplog.text}"


async def test_broken_feed_is_kept_from_the_good_one(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """A feed that hangs, one that is no feed: the third is announced all the same, and /help tells."""
    feed_host.hang("/hang.xml")
    feed_host.serve("/page.xml", "<html><body>Log in</body></html>", content_type="text/html")
    feed_host.serve("/feed.xml", make_rss(entries(1)))
    urls = ",".join(feed_host.url(path) for path in ("/page.xml", "/feed.xml"))
    hanging = feed_host.url("/hang.xml").replace("127.0.0.1", "localhost")  # its own host, so its own queue
    async with run(NONMUN_FEEDS=f"{hanging},{urls}", NONMUN_ANNOUNCE_BACKLOG=1):
        await wait_for_posts(discord, 1)
        await wait_for_commands(discord)
        answer = await discord.command("help")
    assert re.search(r"failed \d+ time", str(answer.message))


async def test_the_real_feed_is_read_and_a_new_review_of_it_announced(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, main_feed: bytes, tmp_path: Path
) -> None:
    """The main feed as served, its sitemap behind it; then one more item on top: one post."""
    feed_host.serve("/feed.xml", main_feed, content_type="application/xml")
    item = make_rss(entries(1)).decode().partition("<item>")[2].partition("</item>")[0]
    with_news = main_feed.replace(b"<item>", f"<item>{item}</item>\n<item>".encode(), 1)
    async with run():
        await read_feed(discord, feed_host)
        await wait_for_commands(discord)
        answer = await discord.command("section", {"paper": "instag 3.2"})
        assert "TAG NORMALIZATION" in shown.title(answer)
        feed_host.update("/feed.xml", with_news)
        await wait_for_posts(discord, 1)
    assert announcements(discord) == [shown_title(make_entry(1))]


@pytest.mark.parametrize("is_lock", [False, True])
async def test_a_removed_file_ends_the_bot_in_words(
    discord: LoopbackDiscord, feed_host: FeedHost, settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch,
    is_lock: bool,
) -> None:  # fmt: skip
    """It does not go on into a file that nobody finds, nor beside a second bot; its supervisor starts it again."""
    monkeypatch.setattr("bot.app.FILES_SECONDS", 0.1)
    feed_host.serve("/feed.xml", make_rss(entries(1)))
    made = settings(**settings_for(discord, feed_host))
    running = asyncio.create_task(run_bot(made))
    await feed_host.wait_for_requests(1)
    gone = lock_path(made.database) if is_lock else made.database
    gone.unlink()
    with pytest.raises(StoreError, match=f"{gone.name} was removed"):
        await running
