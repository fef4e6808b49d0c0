"""The bot as a process, killed at each request of opening a talk and quoting into it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.factories import make_entry, make_rss
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.discord_world import FORUM, Channel
from tests.loopback.feed_host import FeedHost
from tests.loopback.killing import BOT, kill_at, spawn
from tests.loopback.running import eventually, settings_for, wait_for_commands
from tests.shown import options

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no SIGKILL and no process groups there")
MEMBER = 7_000
FIRST, INSIDE = r"/channels/{place}/messages", r"/channels/(?!{place}/)\d+"
IN_THREADS = (
    ("POST", FIRST),
    ("POST", r"/channels/{place}/messages/\d+/threads"),
    ("GET", INSIDE),
    ("PUT", INSIDE + r"/thread-members/\d+"),
    ("POST", INSIDE + "/messages"),
)
IN_FORUM = (
    ("POST", "/channels/{place}/threads"),
    ("PUT", INSIDE + r"/thread-members/\d+"),
    ("POST", INSIDE + "/messages"),
)


def written(channel: Channel) -> list[dict[str, Any]]:
    return [m for m in channel.messages if m["type"] == 0 and not m.get("interaction_metadata")]


def all_arrived(database: Path, count: int) -> bool:
    """Whether so many talks are open with their quotes, and nothing waits."""
    with closing(sqlite3.connect(database)) as db:
        (talks,) = db.execute("SELECT count(*) FROM talks WHERE state = 'open'").fetchone()
        states = db.execute("SELECT state, kind = 'quote' FROM messages").fetchall()
    return talks == count == states.count(("sent", 1)) and {state for state, _ in states} == {"sent"}


@pytest.mark.parametrize(
    ("place", "requests"),
    [
        pytest.param("threads", IN_THREADS[:2], id="threads-first"),
        pytest.param("threads", IN_THREADS, id="threads", marks=pytest.mark.long),
        pytest.param("forum", IN_FORUM, id="forum", marks=pytest.mark.long),
    ],
)
async def test_killed_at_each_request_a_talk_exists_once_and_its_quote_stands_once(
    discord: LoopbackDiscord,
    feed_host: FeedHost,
    tmp_path: Path,
    place: str,
    requests: tuple[tuple[str, str], ...],
) -> None:
    """Each request before and after its effect, and for the last one also the quote after the first message."""
    channel_id = discord.add_channel(discord.guild_id, "talk", FORUM if place == "forum" else 0)
    cuts = [
        (method, path.format(place=channel_id), is_done) for method, path in requests for is_done in (False, True)
    ]
    feed_host.serve("/feed.xml", make_rss([make_entry(number) for number in range(len(cuts), 0, -1)]))
    database = tmp_path / "killed.db"
    settings = settings_for(discord, feed_host) | {"NONMUN_DATABASE": str(database)}
    bot = await spawn(tmp_path, settings, *BOT, "run")
    await wait_for_commands(discord)
    await feed_host.wait_until_read("/feed.xml")
    with closing(sqlite3.connect(database)) as db, db:
        db.execute(
            "INSERT INTO servers (guild_id, talk_place, talk_channel_id) VALUES (?1, ?2, ?3)"
            " ON CONFLICT (guild_id) DO UPDATE SET talk_place = ?2, talk_channel_id = ?3",
            (discord.guild_id, place, channel_id),
        )
    for number, (method, path, is_done) in enumerate(cuts, 1):
        shown = await discord.command("section", {"paper": f"Lantern-{number}", "heading": "2.1"}, timeout_s=30)
        menu = await discord.press(shown.message, label="Quote a passage", user_id=MEMBER + number)
        (value,) = (value for label, value in options(menu).items() if "다섯" in label)
        held = discord.hold_next(method, f".*{path}", is_done=is_done)
        await discord.select(menu.message, values=[value], user_id=MEMBER + number, settle=False)
        await kill_at(discord, bot, held)
        discord.forget_nonces()
        bot = await spawn(tmp_path, settings, *BOT, "run")
        await discord.wait_until_connected(timeout_s=30)
        # each is finished before the next begins: what is held could else be a request that makes up for this one
        await eventually(partial(all_arrived, database, number), "the talk and its quote")
    bot.terminate()
    await bot.wait()
    threads = [one for one in discord.channels.values() if one.parent_id == channel_id and not one.is_deleted]
    assert len({thread.name for thread in threads}) == len(threads) == len(cuts)
    if place == "threads":
        assert len(written(discord.channels[channel_id])) == len(cuts)
    for thread in threads:
        first, quote = written(thread)
        assert "Quote a passage" in str(first["components"])
        assert "문단을 다섯 개씩" in quote["embeds"][0]["description"]
        assert len(thread.members) == 2


@pytest.mark.long
async def test_killed_after_a_conclusion_its_line_stands_once(
    discord: LoopbackDiscord, feed_host: FeedHost, tmp_path: Path
) -> None:
    """Before and after Discord has it: neither lost nor doubled."""
    feed_host.serve("/feed.xml", make_rss([make_entry(2), make_entry(1)]))
    settings = settings_for(discord, feed_host) | {"NONMUN_DATABASE": str(tmp_path / "killed.db")}
    bot = await spawn(tmp_path, settings, *BOT, "run")
    await wait_for_commands(discord)
    await feed_host.wait_until_read("/feed.xml")
    for number, is_done in enumerate((False, True), 1):
        card = await discord.command("paper", {"name": f"Lantern-{number}"}, timeout_s=30)
        await discord.press(card.message, label="Discuss", user_id=MEMBER + number, timeout_s=30)
        thread = next(one for one in [*discord.channels.values()][::-1] if one.is_thread)
        await eventually(lambda: len(written(thread)) == 1, "the first message")  # noqa: B023
        form = await discord.press(written(thread)[0], label="What we concluded", user_id=MEMBER)
        held = discord.hold_next("POST", rf".*/channels/{thread.id}/messages", is_done=is_done)
        await discord.submit(form, {"text": "Reading twice helps."})
        await kill_at(discord, bot, held)
        discord.forget_nonces()
        bot = await spawn(tmp_path, settings, *BOT, "run")
        await discord.wait_until_connected(timeout_s=30)
        with closing(sqlite3.connect(tmp_path / "killed.db")) as db:
            told = "SELECT count(*) FROM messages WHERE kind = 'conclusion' AND state = 'sent'"
            await eventually(lambda: db.execute(told).fetchone() == (number,), "the line in the talk")  # noqa: B023
        assert [message["content"] for message in written(thread)[1:]] == [
            "Somebody wrote down what came of this talk."
        ]
    bot.terminate()
    await bot.wait()
