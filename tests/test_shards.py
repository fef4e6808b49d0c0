"""Several connections to Discord's gateway in one process: the real client, and a loopback gateway with shards."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot import probe
from bot.app import run_bot
from bot.config import Settings, load_settings
from bot.errors import SettingsError
from bot.status import check_status
from bot.store.status import read_status
from bot.ui.discord import shards
from bot.ui.discord.shards import GatewayAdvice, IdentifyTurns, SessionStarts, Shard
from bot.ui.terminal.records import status_record
from tests.factories import make_entry, make_rss, shown_title
from tests.loopback.discord import LoopbackDiscord, Permission
from tests.loopback.discord_world import FORUM, Guild
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, announcements, eventually, settings_for, wait_for_commands, wait_for_posts
from tests.test_health import Ahead, Site, hurry, site

__all__ = ["hurry", "site"]

TURN_S = 0.05
"""What stands for the five seconds of a turn of identifying."""


@pytest.fixture(autouse=True)
def _short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "IDENTIFY_S", TURN_S)


class Groups:
    """A server on each shard, with a channel, and the first one's channel for the settings."""

    def __init__(self, discord: LoopbackDiscord, count: int) -> None:
        discord.remove_guild(discord.guild_id)  # nobody knows on which shard it is
        discord.gateway.recommended_shards = count
        self.count = count
        self.guilds = [self._add(discord, shard) for shard in range(count)]
        discord.guild_id, discord.channel_id = self.guilds[0].id, self.channels[0]

    def _add(self, discord: LoopbackDiscord, shard: int) -> Guild:
        return discord.add_guild(f"Group {shard}", channels=["papers"], shard=(shard, self.count))

    @property
    def channels(self) -> list[int]:
        return [guild.channel_ids[0] for guild in self.guilds]


def shards_of(discord: LoopbackDiscord) -> list[list[int]]:
    return [identify["shard"] for identify in discord.identifies]


async def wait_for_shards(discord: LoopbackDiscord, *ids: int) -> None:
    await discord.wait_for(lambda: discord.gateway.connected_shards == set(ids), what=f"shards {ids}", timeout_s=30)


async def follow(discord: LoopbackDiscord, feed_host: FeedHost, channel_id: int) -> None:
    """An admin follows the feed in a channel."""
    added = await discord.command(
        "feed add", {"address": feed_host.url("/feed.xml")}, channel_id=channel_id, timeout_s=30
    )
    await discord.press(added.message, label="Follow", timeout_s=30)


# ── how many ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("recommended", "wanted", "opened"), [(1, 0, 1), (2, 0, 2), (1, 3, 3), (4, 1, 1)])
async def test_as_many_shards_as_discord_recommends_or_the_host_wants(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, recommended: int, wanted: int, opened: int
) -> None:
    discord.gateway.recommended_shards = recommended
    feed_host.serve("/feed.xml", make_rss([]))
    async with run(NONMUN_SHARDS=wanted):
        await wait_for_shards(discord, *range(opened))
        await wait_for_commands(discord)
    assert sorted(shards_of(discord)) == [[shard, opened] for shard in range(opened)]
    assert discord.identifies[0]["intents"] == 1


@pytest.mark.parametrize(
    ("value", "fault"), [("-1", "at least 0"), ("1001", "at most 1000"), ("two", "whole number")]
)
def test_a_wrong_number_of_shards_is_a_sentence(monkeypatch: pytest.MonkeyPatch, value: str, fault: str) -> None:
    monkeypatch.setenv("NONMUN_SHARDS", value)
    with pytest.raises(SettingsError, match=f"NONMUN_SHARDS: must be .*{fault}"):
        load_settings()


async def test_too_few_shards_are_a_sentence(
    discord: LoopbackDiscord, feed_host: FeedHost, settings: Callable[..., Settings]
) -> None:
    """With the number that the host set; without it, the bot asks again how many Discord recommends."""
    discord.gateway.required_shards = 3
    feed_host.serve("/feed.xml", make_rss([]))
    own = settings(**settings_for(discord, feed_host) | {"NONMUN_SHARDS": 2})
    with pytest.raises(SettingsError, match="NONMUN_SHARDS: 2 are too few"):
        await run_bot(own)


async def test_a_bot_that_grew_opens_more_shards(run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost) -> None:
    """Discord closes one shard with 4011, and recommends two by then."""
    feed_host.serve("/feed.xml", make_rss([]))
    async with run():
        await wait_for_shards(discord, 0)
        discord.gateway.recommended_shards = discord.gateway.required_shards = 2
        discord.gateway.close_shard(0, 4011)
        await wait_for_shards(discord, 0, 1)
        await eventually(lambda: [1, 2] in shards_of(discord), "two shards")


async def test_a_token_that_the_gateway_refuses_is_a_sentence(
    discord: LoopbackDiscord, feed_host: FeedHost, settings: Callable[..., Settings]
) -> None:
    discord.gateway.broken_shards = {0: 4004}
    feed_host.serve("/feed.xml", make_rss([]))
    with pytest.raises(SettingsError, match="DISCORD_TOKEN"):
        await run_bot(settings(**settings_for(discord, feed_host)))


@pytest.mark.parametrize("code", [4010, 4013, 4014])
async def test_other_refusals_for_good_end_the_bot(
    discord: LoopbackDiscord, feed_host: FeedHost, settings: Callable[..., Settings], code: int
) -> None:
    discord.gateway.recommended_shards = 2
    discord.gateway.broken_shards = {1: code}
    feed_host.serve("/feed.xml", make_rss([]))
    with pytest.raises(SettingsError):
        await run_bot(settings(**settings_for(discord, feed_host)))


# ── turns and limits ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("concurrency", [1, 2])
async def test_no_shard_identifies_before_its_turn(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, monkeypatch: pytest.MonkeyPatch, concurrency: int
) -> None:
    """Discord refuses a second IDENTIFY of a bucket within five seconds; each refusal would cost a session."""
    monkeypatch.setattr(shards, "IDENTIFY_S", 0.4)
    discord.gateway.identify_window_s = 0.35
    discord.gateway.recommended_shards, discord.gateway.max_concurrency = 4, concurrency
    feed_host.serve("/feed.xml", make_rss([]))
    async with run():
        await wait_for_shards(discord, 0, 1, 2, 3)
    assert discord.gateway.crowded == 0
    assert len(discord.identifies) == 4


async def test_shards_of_other_buckets_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shard 2 waits for shard 0; shard 1 does not, and one that fails to connect gives its turn away."""
    monkeypatch.setattr(shards, "IDENTIFY_S", 5.0)
    now_s = [100.0]
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        now_s[0] += seconds

    monkeypatch.setattr(asyncio, "sleep", sleep)
    turns = IdentifyTurns(2, clock=lambda: now_s[0])
    for shard_id in (0, 1):
        async with turns.turn(shard_id):
            turns.note(shard_id)
    assert slept == []
    async with turns.turn(2):
        assert slept == [5.0]
    async with turns.turn(0):
        assert slept == [5.0, 0.0]


def test_a_shard_that_keeps_failing_waits_longer_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to ten minutes; a session that lasted is no failure."""
    monkeypatch.setattr(shards, "IDENTIFY_S", 5.0)
    shard = Shard(0)
    pauses = []
    for now_s in range(12):
        pauses.append(shard.identify_pause_s())
        shard.identified += 1
        shard.begin_session(now_s)
        shard.end_session(now_s + 1.0, resumes=False)
    assert pauses[:5] == [5, 5, 10, 20, 40]
    assert pauses[-1] == 600
    shard.begin_session(100.0)
    shard.end_session(160.0, resumes=False)
    assert shard.identify_pause_s() == 5


def make_advice(**changes: Any) -> GatewayAdvice:
    usual = {"shards": 1, "total": 1000, "remaining": 900, "reset_s": 3_600.0, "max_concurrency": 1}
    return GatewayAdvice(**usual | changes)


def test_session_starts_are_counted_and_reset() -> None:
    now_s = [0.0]
    starts = SessionStarts(lambda: now_s[0])
    assert (starts.remaining, starts.wait_s(4)) == (None, 0.0)
    starts.learn(make_advice(remaining=5))
    starts.spend()
    assert (starts.remaining, starts.wait_s(4), starts.wait_s(5)) == (4, 0.0, 3_600.0)
    now_s[0] = 3_600.0
    assert (starts.remaining, starts.wait_s(5)) == (None, 0.0)


@pytest.mark.parametrize(
    ("remaining", "count", "is_low"), [(900, 1, False), (99, 1, True), (100, 1, False), (100, 64, True)]
)
def test_few_session_starts_are_a_warning(remaining: int, count: int, is_low: bool) -> None:
    assert make_advice(remaining=remaining).is_low(count) is is_low


async def test_the_last_session_starts_are_never_used(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, caplog: pytest.LogCaptureFixture
) -> None:
    """With two left for two shards the bot starts; a shard that then fails waits for Discord's reset."""
    discord.gateway.recommended_shards = 2
    discord.gateway.session_starts |= {"total": 1000, "remaining": 3}
    feed_host.serve("/feed.xml", make_rss([]))
    async with run():
        await wait_for_shards(discord, 0, 1)
        discord.drop_connections(resumable=False, shard=1)
        await eventually(lambda: "shard waits for a session start shard=1" in caplog.text, "a shard that waits")
        assert discord.gateway.connected_shards == {0}
    assert "session starts are nearly used up" in caplog.text
    assert (discord.gateway.session_starts["remaining"], discord.gateway.is_token_reset) == (1, False)


async def test_a_start_waits_for_session_starts(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, caplog: pytest.LogCaptureFixture
) -> None:
    discord.gateway.recommended_shards = 2
    discord.gateway.session_starts |= {"total": 1000, "remaining": 1, "reset_after": 200}
    feed_host.serve("/feed.xml", make_rss([]))
    async with run():
        await eventually(lambda: "too few session starts" in caplog.text, "a start that waits")
        assert discord.identifies == []
        discord.gateway.session_starts |= {"remaining": 1000}
        await wait_for_shards(discord, 0, 1)


# ── every server, whichever shard has it ────────────────────────────────────────────────────────


@pytest.mark.parametrize("count", [2, pytest.param(4, marks=pytest.mark.long)])
async def test_each_server_is_answered_and_gets_its_posts(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, count: int
) -> None:
    """Commands, subscriptions, announcements and talks in all servers; direct messages come on shard 0."""
    groups = Groups(discord, count)
    feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    async with run():
        await feed_host.wait_until_read("/feed.xml")
        await wait_for_commands(discord)
        await wait_for_shards(discord, *range(count))
        for channel_id in groups.channels[1:]:
            await follow(discord, feed_host, channel_id)
        feed_host.update("/feed.xml", make_rss([make_entry(2), make_entry(1)]))
        for channel_id in groups.channels:
            await eventually(
                lambda: announcements(discord, channel_id) == [shown_title(make_entry(2))],  # noqa: B023
                f"the post in {channel_id}",
            )
            answer = await discord.command("paper", {"name": make_entry(2).title}, channel_id=channel_id)
            assert make_entry(2).link in str(answer.message)
        member = discord.world.direct_channel(7_000).id
        direct = await discord.command("paper", {"name": make_entry(2).title}, channel_id=member, user_id=7_000)
        assert direct.message
    assert len([r for r in discord.requests if r.method == "PUT" and r.path.endswith("/commands")]) == 1


async def test_a_talk_is_opened_in_the_server_of_any_shard(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    groups = Groups(discord, 2)
    feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    async with run(NONMUN_ANNOUNCE_BACKLOG=1):
        await wait_for_posts(discord, 1)
        await follow(discord, feed_host, groups.channels[1])
        answer = await discord.command("paper", {"name": make_entry(1).title}, channel_id=groups.channels[1])
        await discord.press(answer.message, label="Discuss", timeout_s=30)
        threads = [one for one in discord.channels.values() if one.is_thread and one.guild_id == groups.guilds[1].id]
    assert len(threads) == 1


async def test_a_shard_that_was_cut_resumes_and_misses_nothing(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """What its servers did in between is replayed; the other shard is left alone."""
    groups = Groups(discord, 2)
    feed_host.serve("/feed.xml", make_rss([]))
    async with run():
        await wait_for_commands(discord)
        await wait_for_shards(discord, 0, 1)
        discord.drop_connections(shard=1)
        asked = asyncio.create_task(discord.command("help", channel_id=groups.channels[1], timeout_s=30))
        assert (await asked).message
        assert [resume["session_id"] != "" for resume in discord.resumes] == [True]
        assert len(discord.identifies) == 2


@pytest.mark.parametrize("code", [4000, 4009])
async def test_a_shard_that_discord_closed_comes_back(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, code: int
) -> None:
    """After an unknown error and after a session that timed out."""
    Groups(discord, 2)
    feed_host.serve("/feed.xml", make_rss([]))
    async with run():
        await wait_for_shards(discord, 0, 1)
        discord.gateway.close_shard(1, code)
        await discord.wait_for(lambda: len(discord.resumes) == 1, what="a resumed shard", timeout_s=30)
        await wait_for_shards(discord, 0, 1)


async def test_a_server_that_removed_the_bot_while_its_shard_was_away_is_ended_and_others_are_not(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, settings: Callable[..., Settings]
) -> None:
    """Its shard begins a new session, which does not name it; a server of the other shard is not looked for there."""
    groups = Groups(discord, 2)
    gone = discord.add_guild("Gone", channels=["papers"], shard=(1, 2))
    feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    async with run():
        await feed_host.wait_until_read("/feed.xml")
        await wait_for_commands(discord)
        await wait_for_shards(discord, 0, 1)
        for channel_id in (groups.channels[1], gone.channel_ids[0]):
            await follow(discord, feed_host, channel_id)
        discord.gateway.broken_shards = {1: 4000}
        discord.drop_connections(resumable=False, shard=1)
        discord.remove_guild(gone.id)
        discord.gateway.dispatch("GUILD_DELETE", {"id": str(groups.guilds[0].id), "unavailable": True})  # an outage
        discord.gateway.broken_shards = {}
        await wait_for_shards(discord, 0, 1)

        def followers() -> set[int]:
            with closing(sqlite3.connect(settings().database)) as db:
                return {row[0] for row in db.execute("SELECT guild_id FROM subscriptions WHERE state <> 'ended'")}

        await eventually(lambda: followers() == {guild.id for guild in groups.guilds}, "the end of one server")


async def test_what_is_due_on_a_shard_that_never_came_waits_and_the_others_get_theirs(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, site: Site, hurry: None
) -> None:
    """A forum that was not named looks like a text channel: a post there would be refused, and given up."""
    groups = Groups(discord, 2)
    forum = discord.add_channel(groups.guilds[1].id, "talks", FORUM)
    feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    async with run():
        await feed_host.wait_until_read("/feed.xml")
        await wait_for_commands(discord)
        await wait_for_shards(discord, 0, 1)
        command = {"address": feed_host.url("/feed.xml"), "channel": forum}
        added = await discord.command("feed add", command, channel_id=groups.channels[1], timeout_s=30)
        await discord.press(added.message, label="Follow", timeout_s=30)
    discord.gateway.broken_shards = {1: None}
    feed_host.update("/feed.xml", make_rss([make_entry(2), make_entry(1)]))
    async with run(NONMUN_HTTP_PORT=site.port):
        await wait_for_posts(discord, 1)
        answer = await discord.command("paper", {"name": make_entry(2).title}, channel_id=groups.channels[0])
        assert make_entry(2).link in str(answer.message)
        await eventually(lambda: _is(_status(site), (200, "degraded")), "a bot with one of two shards")
        assert posts_in(discord, forum) == []
        discord.gateway.broken_shards = {}
        discord.drop_connections(resumable=False, shard=1)
        discord.gateway.abort_waiting()
        await eventually(lambda: len(posts_in(discord, forum)) == 1, "the post in the forum")
        await eventually(lambda: _is(_status(site), (200, "ok")), "a whole bot")


def posts_in(discord: LoopbackDiscord, forum: int) -> list[str]:
    return [one.name for one in discord.channels.values() if one.parent_id == forum]


async def _status(site: Site) -> tuple[int, str]:
    status, body = await site.get("/healthz")
    return status, json.loads(body)["status"] if body else ""


async def _is(waited: Awaitable[Any], value: object) -> bool:
    return bool(await waited == value)


async def test_channels_keep_permissions_of_their_own(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """Equal overwrites are kept once; a change in one channel is none in another."""
    guild = discord.add_guild("Two rooms", channels=["one", "two"])
    one, two = guild.channel_ids
    feed_host.serve("/feed.xml", make_rss([]))
    async with run():
        await wait_for_commands(discord)
        discord.set_permissions(one, Permission.DEFAULT & ~Permission.SEND)
        command = {"address": feed_host.url("/feed.xml")}
        refused = await discord.command("feed add", command | {"channel": one}, channel_id=two, timeout_s=30)
        assert "Send Messages" in str(refused.message)
        allowed = await discord.command("feed add", command | {"channel": two}, channel_id=two, timeout_s=30)
        assert "Send Messages" not in str(allowed.message)


# ── what is said of a dead shard ────────────────────────────────────────────────────────────────


async def test_a_dead_shard_is_named_with_its_servers_and_the_bot_goes_on(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, site: Site, hurry: None,
    monkeypatch: pytest.MonkeyPatch, settings: Callable[..., Settings],
) -> None:  # fmt: skip
    """In `/healthz`, in the metrics, in `nonmun status` and in `nonmun health`; a restart would cut the others."""
    ahead = Ahead()
    monkeypatch.setattr("bot.service.make_heartbeats", ahead.make)
    groups = Groups(discord, 2)
    discord.add_guild("Another", shard=(1, 2))
    feed_host.serve("/feed.xml", make_rss([]))
    path = settings().database
    async with run(NONMUN_HTTP_PORT=site.port):
        await wait_for_shards(discord, 0, 1)
        await eventually(lambda: _is(_status(site), (200, "ok")), "a healthy bot")
        await eventually(lambda: checks_of(path).get("shards", ("",))[0] == "ok", "both shards in the database")
        assert checks_of(path)["shards"][1] == "2 shards, with 1 to 2 servers each"
        discord.gateway.broken_shards = {1: 4000}
        discord.drop_connections(shard=1)
        await discord.wait_for(lambda: bool(discord.resumes), what="a bot that knows", timeout_s=30)
        ahead.by_s += 60
        await eventually(lambda: _is(_status(site), (200, "degraded")), "a degraded bot")
        said = json.loads((await site.get("/healthz"))[1])["shards"]
        assert [(one["shard"], one["alive"], one["servers"]) for one in said] == [(0, True, 1), (1, False, 2)]
        metrics = await site.metrics()
        assert (metrics["nonmun_shard_alive", "0"], metrics["nonmun_shard_alive", "1"]) == (1, 0)
        assert (metrics["nonmun_shard_servers", "0"], metrics["nonmun_shard_servers", "1"]) == (1, 2)
        assert metrics["nonmun_session_starts_remaining",] > 0
        await eventually(lambda: checks_of(path)["shards"][0] == "warning", "the death in the database")
        assert re.fullmatch(
            r"shard 1 of 2 \(the first is 0\) has not been connected for \d+ s; it has 2 servers",
            checks_of(path)["shards"][1],
        )
        record = status_record(read_status(path, now=datetime.now(UTC)))
        assert [(one["shard"], one["alive"], one["servers"]) for one in record["shards"]] == [
            (0, True, 1),
            (1, False, 2),
        ]
        await eventually(lambda: probe.judge(path)[0], "a bot that nobody restarts")
        assert "not connected: 1" in probe.judge(path)[1]
        answer = await discord.command("help", channel_id=groups.channels[0], timeout_s=30)
        assert answer.message


def checks_of(path: Path) -> dict[str, tuple[str, str]]:
    now = datetime.now(UTC)
    return {
        check.name: (check.state.value, check.said) for check in check_status(read_status(path, now=now), now=now)
    }
