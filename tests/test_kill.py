"""The plug pulled at any moment and at the worst ones: the whole bot as a process, killed again and again."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.config import load_settings
from bot.models.servers import Membership
from bot.service import open_service
from tests.factories import make_entry, make_rss
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.discord_world import APPLICATION_ID, Channel
from tests.loopback.feed_host import FeedHost
from tests.loopback.killing import BOT, ROOT, KillingField, kill_at, settings_to_kill, spawn
from tests.loopback.lives import KINDS, count_kinds, draw_lives
from tests.loopback.running import eventually
from tests.loopback.tally import Following, Tally, count_up

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no SIGKILL and no process groups there")
DOZEN = 12


@pytest.mark.parametrize(
    ("count", "shards"),
    [
        (4, 1),
        (2, 4),
        pytest.param(DOZEN, 1, marks=pytest.mark.long),  # a dozen has every kind
        pytest.param(DOZEN, 4, marks=pytest.mark.long),
    ],
)
async def test_killed_in_every_way_every_review_is_announced_exactly_once(
    discord: LoopbackDiscord, feed_host: FeedHost, tmp_path: Path, count: int, shards: int
) -> None:
    """For each subscription none lost, none doubled, in order, with thread and last edit; and the file whole."""
    lives = draw_lives(count, Random(20261129))
    field = KillingField(discord, feed_host, tmp_path, shards=shards)
    tally = await field.run(lives)
    assert tally.faults == {}
    assert tally.kills == count
    assert sum(map(len, tally.announced)) > count
    with closing(sqlite3.connect(field.database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        waiting = "SELECT count(*) FROM deliveries WHERE state NOT IN ('sent', 'merged')"
        assert connection.execute(waiting).fetchone() == (0,)
    # The count is no formality: what is taken away is missed, what is repeated is seen.
    channel = discord.channels[discord.channel_id]
    channel.messages.append(channel.messages[-1])
    assert field.tally().doubled != []
    del channel.messages[-2:]
    assert field.tally().lost != []


@pytest.mark.long
async def test_killed_while_it_welcomes_a_server_it_welcomes_each_exactly_once(
    discord: LoopbackDiscord, feed_host: FeedHost, tmp_path: Path
) -> None:
    """Before the claim, before and after the message arrived, and while it looks whether it did."""
    feed_host.serve("/own.xml", make_rss([]))
    database = tmp_path / "killed.db"
    settings = settings_to_kill(discord, feed_host, "/own.xml", database)
    async with open_service(load_settings(**settings)) as service:  # the bot was in one server before
        await service.servers.take_stock(APPLICATION_ID, [Membership(guild_id=discord.guild_id)])
    rooms: list[Channel] = []
    for name in ("unclaimed", "arrived", "lost"):
        guild = discord.add_guild(name, channels=["general"])
        guild.joined_at -= timedelta(minutes=1)
        rooms.append(discord.channels[guild.channel_ids[0]])
        discord.say(rooms[-1].id)  # since the bot joined, so it looks for an earlier welcome before it claims
    unclaimed, arrived, lost = rooms

    async def die(*awaited: tuple[str, Channel]) -> None:
        """Be killed when an answer about each channel is awaited, by the method of the request."""
        held = [discord.hold_next(method, rf".*/channels/{room.id}/messages") for method, room in awaited]
        await kill_at(discord, await spawn(tmp_path, settings, *BOT, "run"), *held)

    def said() -> list[int]:
        """How many messages of ours are in each channel."""
        return [sum(m["author"]["id"] != str(discord.owner_id) for m in room.messages) for room in rooms]

    await die(("GET", unclaimed), ("POST", arrived), ("POST", lost))
    assert said() == [0, 1, 1]
    lost.messages.pop()  # as if the request had not arrived
    await die(("GET", arrived))  # it looks for what may have arrived
    discord.forget_nonces()
    bot = await spawn(tmp_path, settings, *BOT, "run")
    with closing(sqlite3.connect(database)) as connection:
        sent = "SELECT count(*) FROM welcomes WHERE state = 'sent'"
        await eventually(lambda: connection.execute(sent).fetchone() == (3,), "the end of all welcomes")
    bot.terminate()
    await bot.wait()
    assert said() == [1, 1, 1]


def test_lives_are_the_same_for_a_seed_and_a_dozen_has_every_kind() -> None:
    """A run that found a fault can be made again, and a short one leaves nothing out."""
    for seed in range(20):
        lives = draw_lives(DOZEN, Random(seed))
        assert lives == draw_lives(DOZEN, Random(seed))
        assert set(count_kinds(lives)) == set(KINDS)


def test_only_the_kinds_that_are_asked_for_are_drawn() -> None:
    lives = draw_lives(DOZEN, Random(1), only=["at-edit", "clock"])
    assert set(count_kinds(lives)) == {"at-edit", "clock", "revision"}
    assert set(count_kinds(draw_lives(DOZEN, Random(1), only=["second-bot"]))) == {"alone", "second-bot"}


# ── the count ───────────────────────────────────────────────────────────────────────────────────

PAPERS = 10
_ENTRIES = [
    make_entry(number, link=f"https://reviews.example/0/{number}/", title=f"Otter-{number}") for number in (3, 2, 1)
]
_LINKS = [entry.link for entry in reversed(_ENTRIES[:-1])]


def _post(message_id: int, number: int, *, title: str | None = None) -> dict[str, Any]:
    url = f"https://reviews.example/0/{number}/"
    embed = {"title": title or f"Otter-{number}", "url": url}
    return {"id": str(message_id), "content": "", "embeds": [embed], "edited_timestamp": None}


def _digest(message_id: int, *numbers: int) -> dict[str, Any]:
    lines = "\n".join(f"• [**Otter-{number}**](https://reviews.example/0/{number}/)" for number in numbers)
    embed = {"title": "2 new reviews", "description": f"{lines}\nand 1,200 more: /latest lists the newest"}
    return {"id": str(message_id), "content": "", "embeds": [embed], "edited_timestamp": None}


def _count(*messages: dict[str, Any], notes: tuple[str, ...] = (), has_threads: bool = False) -> Tally:
    """Count a channel with these messages; the first has a thread with these notes."""
    channels = {PAPERS: Channel(id=PAPERS, guild_id=1, name="papers", type=0, permissions=0, messages=list(messages))}
    thread_id = int(messages[0]["id"])
    said = [{"id": str(number), "content": note, "embeds": []} for number, note in enumerate(notes, 1)]
    thread = Channel(id=thread_id, guild_id=1, name="thread", type=11, permissions=0, parent_id=PAPERS, messages=said)
    following = Following(0, PAPERS, has_threads=has_threads)
    return count_up(Tally(kills=0), [following], [_ENTRIES], channels | {thread_id: thread})


def test_the_count_is_clean_where_all_stand_once_and_in_order() -> None:
    assert _count(_post(11, 2), _post(12, 3)).faults == {}
    assert _count(_digest(11, 2, 3)).faults == {}


def test_the_count_tells_what_is_missing_doubled_or_out_of_order() -> None:
    """Each in posts of their own and in digests."""
    second, third = _LINKS
    assert _count(_post(11, 2)).faults == {"lost": [third]}
    assert _count(_digest(11, 3)).faults == {"lost": [second]}
    assert _count(_post(11, 2), _post(12, 3), _post(13, 2)).faults == {"doubled": [second]}
    assert _count(_post(11, 2), _digest(12, 2, 3)).faults == {"doubled": [second]}
    assert _count(_post(11, 3), _post(12, 2)).faults == {"out of order": [second]}
    assert _count(_digest(11, 3, 2)).faults == {"out of order": [second]}


def test_the_count_tells_a_post_that_stands_as_it_was_before_its_revision() -> None:
    """A digest is not brought up to date, and stays as it is."""
    assert _count(_post(11, 2, title="Otter-2 of yesterday"), _post(12, 3)).faults == {"edits missing": [_LINKS[0]]}


def test_the_count_tells_a_missing_thread_and_a_note_that_was_told_twice() -> None:
    notes = ("The review was revised: new: Correction 1.", "The review was revised: new: Correction 1, Correction 2.")
    assert _count(_post(11, 2), _post(12, 3), notes=notes).faults == {"notes doubled": ["11 Correction 1"]}
    assert _count(_post(11, 2), _post(12, 3), notes=notes[:1]).faults == {}
    assert _count(_post(11, 2), _post(12, 3), has_threads=True).faults == {"without their thread": ["12"]}


def test_the_count_tells_what_else_should_not_be() -> None:
    seen = Tally(kills=3, not_refused=["exit code 0"], ended=["alone: 1"], silent=["life 3"])
    assert list(seen.faults.values()) == [["exit code 0"], ["alone: 1"], ["life 3"]]


# ── what it stands on ───────────────────────────────────────────────────────────────────────────


def test_a_process_can_live_under_another_clock() -> None:
    """Ours, the libraries' and the standard library's; the monotonic clock stays."""
    code = (
        "import time, bot.cli, bot.service, bot.schedule, datetime, discord; before = time.time(), time.monotonic();"
        "from tests.loopback.set_clock import set_clock; set_clock(86400);"
        "read = [bot.service.datetime.now(datetime.UTC), bot.schedule.datetime.now(datetime.UTC), "
        "datetime.datetime.now(datetime.UTC), discord.utils.utcnow()];"
        "print(*(round((one.timestamp() - before[0]) / 3600) for one in read), "
        "round((time.time() - before[0]) / 3600), round((time.monotonic() - before[1]) / 3600))"
    )
    ran = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.stdout.split() == ["24", "24", "24", "24", "24", "0"], ran.stderr
