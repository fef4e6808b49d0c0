"""Health of the whole bot: over HTTP on loopback and in the database, while its loops die one after the other."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

import bot.app
import bot.health
import bot.models.health
from bot import probe
from bot.app import run_bot
from bot.config import Settings
from bot.errors import SettingsError
from bot.health import Health
from bot.heartbeats import Heartbeat, Loop, make_heartbeats
from bot.metrics import Durations
from bot.models.health import FRESH_S
from bot.schedule import Schedule
from bot.service import open_service
from bot.store import backlog
from bot.store.database import Database
from bot.ui.discord import gateway
from bot.ui.http import server
from tests.factories import make_entry, make_rss
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.killing import BOT, spawn
from tests.loopback.patience import patience
from tests.loopback.running import RunBot, eventually, settings_for, wait_for_posts

LOOPS = {loop.value for loop in Loop}


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        return int(listening.getsockname()[1])


class Site:
    """The bot's own HTTP server, as a client sees it."""

    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        self._session = session
        self.port = port

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Status and body; (0, "") while nobody answers."""
        try:
            async with self._session.get(f"http://127.0.0.1:{self.port}{path}", headers=headers) as answer:
                return answer.status, await answer.text()
        except aiohttp.ClientConnectionError:
            return 0, ""

    async def dead(self) -> set[str] | None:
        """The loops that do not live; None while nobody answers."""
        status, body = await self.get("/healthz")
        if not status:
            return None
        loops = json.loads(body)["loops"]
        assert set(loops) == LOOPS
        dead = {name for name, loop in loops.items() if not loop["alive"]}
        assert (status, json.loads(body)["status"]) == ((503, "unhealthy") if dead else (200, "ok"))
        return dead

    async def metrics(self) -> dict[tuple[str, ...], float]:
        """Name and values of the labels → value."""
        status, body = await self.get("/metrics")
        assert status == 200
        return {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(body)
            for sample in family.samples
        }


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=patience(30))) as session:
        yield Site(session, free_port())


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the loops turn, and be written down, as often as the tests ask."""
    monkeypatch.setattr(bot.app, "TURN_SECONDS", 0.02)
    monkeypatch.setattr(bot.app, "DELIVER_SECONDS", 0.02)
    monkeypatch.setattr(bot.health, "SAVE_S", 0.02)
    monkeypatch.setattr(bot.health, "LOOK_S", 0.02)


class Ahead:
    """Seconds by which the heartbeats' clock is ahead."""

    def __init__(self) -> None:
        self.by_s = 0.0

    def make(self) -> Mapping[Loop, Heartbeat]:
        return make_heartbeats(lambda: time.monotonic() + self.by_s)


async def test_each_dead_loop_makes_it_false_until_it_lives_again(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, site: Site, hurry: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """A feed that hangs, a Discord that does not answer, a schedule that stands, a gateway that is gone.

    A minute passes at once for the heartbeats; those that live beat again.
    """
    ahead, schedules = Ahead(), list[Schedule]()
    monkeypatch.setattr("bot.service.make_heartbeats", ahead.make)

    class Kept(Schedule):
        def __init__(self) -> None:
            super().__init__()
            schedules.append(self)

    monkeypatch.setattr(bot.app, "Schedule", Kept)
    feed_host.serve("/feed.xml", make_rss([make_entry(1)]))

    async def die(*loops: Loop) -> None:
        """A minute later these are dead, and no others."""
        ahead.by_s += 60
        await eventually(lambda: is_dead(*loops), f"the death of {loops}")

    async def is_dead(*loops: Loop) -> bool:
        return await site.dead() == {loop.value for loop in loops}

    async with run(NONMUN_HTTP_PORT=site.port):
        await eventually(is_dead, "a healthy bot")
        await feed_host.wait_until_read("/feed.xml")

        asked = len(feed_host.requests)
        let_go = feed_host.hold("/feed.xml")
        await feed_host.wait_for_requests(asked + 1)
        await die(Loop.POLLER)
        let_go.set()
        await eventually(is_dead, "a poller that lives again")

        held = discord.hold_next("POST", r".*/channels/\d+/messages")
        feed_host.update("/feed.xml", make_rss([make_entry(2), make_entry(1)]))
        await eventually(lambda: held.is_reached, "a post")
        await die(Loop.COURIER)
        held.release()
        await eventually(is_dead, "a courier that lives again")

        (schedule,) = schedules
        schedule._scheduler.pause()
        await die(Loop.SCHEDULE, Loop.POLLER, Loop.COURIER, Loop.TALKS)  # all wait for it
        schedule._scheduler.resume()
        await eventually(is_dead, "a schedule that turns again")

        monkeypatch.setattr(discord.gateway, "_receive", lambda *_: None)  # no new session begins
        discord.drop_connections(resumable=False)
        await die(Loop.GATEWAY)


async def test_a_gateway_that_takes_heartbeats_and_acknowledges_none_is_dead(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, site: Site, hurry: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The connection stands, and so does the task that reads it."""
    monkeypatch.setattr(gateway, "ACK_S", 0.2)
    discord.gateway.heartbeat_interval_ms = 50
    feed_host.serve("/feed.xml", make_rss([]))

    async def age_s() -> float:
        return float(json.loads((await site.get("/healthz"))[1])["loops"]["gateway"]["age_s"] or 0)

    async with run(NONMUN_HTTP_PORT=site.port):
        await eventually(lambda: _is(site.dead(), set()), "a healthy bot")
        metrics = await site.metrics()
        assert 0 <= metrics["nonmun_gateway_lag_seconds",] < 60
        discord.gateway.acknowledges = False
        await eventually(lambda: _exceeds(age_s(), 0.5), "an age that grows")
        monkeypatch.setattr(bot.models.health, "FRESH_S", 0.5)
        await eventually(lambda: _is(_contains(site.dead(), "gateway"), True), "a dead gateway")


async def _is(waited: Awaitable[Any], value: object) -> bool:
    return bool(await waited == value)


async def _contains(waited: Awaitable[set[str] | None], value: str) -> bool:
    return value in (await waited or ())


async def _exceeds(waited: Awaitable[float], value: float) -> bool:
    return await waited > value


# ── metrics ─────────────────────────────────────────────────────────────────────────────────────


async def test_metrics_tell_what_was_done_and_what_waits(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, site: Site, hurry: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """One post arrives after a rate limit, one is refused, a feed fails, a command is answered."""
    monkeypatch.setattr("bot.ui.http.metrics.KEEP_S", 0.0)
    feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    feed_host.fail("/gone.xml", status=500)
    discord.rate_limit_next("POST", r"/channels/\d+/messages", retry_after=0.05)
    feeds = f"{feed_host.url('/feed.xml')},{feed_host.url('/gone.xml')}"
    async with run(NONMUN_HTTP_PORT=site.port, NONMUN_FEEDS=feeds, NONMUN_ANNOUNCE_BACKLOG=1):
        await wait_for_posts(discord, 1)
        discord.fail_next(
            "POST", r"/channels/\d+/messages", status=403, body={"message": "Missing Access", "code": 50001}
        )
        feed_host.update("/feed.xml", make_rss([make_entry(2), make_entry(1)]))

        async def is_refused() -> bool:
            return (await site.metrics()).get(("nonmun_subscriptions_suspended",)) == 1

        await eventually(is_refused, "a refused post")
        await discord.command("paper", {"name": make_entry(1).title})
        metrics = await site.metrics()
    assert metrics["nonmun_sends_total", "sent"] >= 1  # and perhaps the notice about the refusal
    assert metrics["nonmun_sends_total", "blocked"] == 1
    assert metrics["nonmun_discord_requests_total", "429"] == 1
    assert metrics["nonmun_outbox_messages", "announcements", "held"] == 1
    assert metrics["nonmun_outbox_messages", "announcements", "waiting"] == 0
    assert metrics["nonmun_outbox_messages", "talks", "in_doubt"] == 0
    assert metrics["nonmun_polls_total", "changed"] >= 2
    assert metrics["nonmun_polls_total", "failed"] == 1
    assert metrics["nonmun_poll_seconds_count",] == sum(
        count for (name, *_), count in metrics.items() if name == "nonmun_polls_total"
    )
    assert (metrics["nonmun_feeds",], metrics["nonmun_feeds_failing",]) == (2, 1)
    assert metrics["nonmun_answer_seconds_count", "paper"] == 1
    assert metrics["nonmun_answer_seconds_count", "search"] == 0
    assert metrics["nonmun_refusals_total", "late"] == 0
    assert metrics["nonmun_reviews",] == 2
    assert metrics["nonmun_memory_bytes",] > 10_000_000
    assert metrics["nonmun_database_bytes", "main"] > 0
    assert metrics["nonmun_database_readable",] == 1
    assert {loop for name, *labels in metrics if name == "nonmun_loop_alive" for loop in labels} == LOOPS


async def test_metrics_name_no_server_channel_member_or_feed(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, site: Site, hurry: None
) -> None:
    """Their number has no bound, and who reads the metrics need not know them."""
    feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    async with run(NONMUN_HTTP_PORT=site.port, NONMUN_ANNOUNCE_BACKLOG=1):
        await wait_for_posts(discord, 1)
        _, plain = await site.get("/metrics")
        _, open_metrics = await site.get("/metrics", Accept="application/openmetrics-text; version=1.0.0")
    assert open_metrics.endswith("# EOF\n")
    for body in (plain, open_metrics):
        assert re.findall(r"\d{15,}|127\.0\.0\.1|feed\.xml", re.sub(r"\d+\.\d+(e[-+]?\d+)?", "", body)) == []
        assert {name.partition("{")[0][:7] for name in body.splitlines() if not name.startswith("#")} == {"nonmun_"}


async def test_metrics_do_without_a_database_that_does_not_answer(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, site: Site, hurry: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """What is in memory is told all the same, and that the rest is missing."""
    monkeypatch.setattr("bot.ui.http.metrics.PATIENCE_S", 0.01)

    async def hang(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("bot.store.backlog.read_backlog", hang)
    feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    async with run(NONMUN_HTTP_PORT=site.port):
        await eventually(lambda: _is(site.dead(), set()), "a healthy bot")
        metrics = await site.metrics()
    assert metrics["nonmun_database_readable",] == 0
    assert metrics["nonmun_feeds",] == 1
    assert not any(name == "nonmun_outbox_messages" for name, *_ in metrics)


async def test_every_metric_is_documented_and_every_documented_one_is_there(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, site: Site, hurry: None
) -> None:
    """With its labels; docs/metrics.md is what a host reads."""
    feed_host.serve("/feed.xml", make_rss([]))
    async with run(NONMUN_HTTP_PORT=site.port):
        await eventually(lambda: _is(site.dead(), set()), "a healthy bot")
        _, body = await site.get("/metrics")
    families = {family.name: family for family in text_string_to_metric_families(body)}
    told = {
        name + ("_total" if family.type == "counter" else ""): {
            label for sample in family.samples for label in sample.labels if label != "le"
        }
        for name, family in families.items()
    }
    text = (Path(__file__).parents[1] / "docs" / "metrics.md").read_text("utf-8").partition("## Metrics")[2]
    cells = re.findall(r"^\| (`.+?`) \|", text, re.MULTILINE)
    named = re.findall(r"`(\w+)(?:\{([\w,]+)\})?`", " ".join(cells))
    documented = {f"nonmun_{name}": set(filter(None, labels.split(","))) for name, labels in named}
    assert told == documented


# ── misuse ──────────────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def served(settings: Callable[..., Settings], site: Site) -> AsyncIterator[None]:
    """The server alone, without a bot."""
    async with open_service(made := settings(NONMUN_HTTP_PORT=site.port)) as service:
        health = Health(service.heartbeats, connections=list, details=_no_details, began_at=datetime.now(UTC))
        async with server.serve(service, health, made):
            yield


def _no_details() -> dict[Loop, dict[str, float]]:
    return {Loop.POLLER: {}}


async def say(port: int, data: bytes) -> bytes:
    """Send bytes, and read until the other side ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"503"),
        (b"HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n", b"200"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"404"),
        (b"GET /healthz/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", b"404"),
        (b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\nx", b"405"),
        (b"GET /healthz HTTP/1.1\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", b"400"),
        (b"GET /healthz HTTP/1.1\r\n" + b"X: x\r\n" * 1_000 + b"\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xff" * 400, b"400"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", b"400"),
    ],
)
async def test_whatever_is_asked_one_answer_comes_and_the_log_stays_empty(
    settings: Callable[..., Settings], site: Site, caplog: pytest.LogCaptureFixture, data: bytes, status: bytes
) -> None:
    async with served(settings, site), asyncio.timeout(patience(30)):
        answer = await say(site.port, data)
        assert answer.split(b" ", 2)[1:2] == [status], answer
        assert (await site.get("/healthz"))[0] == 503  # nothing beats here
    assert caplog.text == ""


async def test_silent_clients_take_no_place_for_long_and_no_others_come_in(
    settings: Callable[..., Settings], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many connections at a time, each for so long; one that sends nothing, and one that does not read."""
    monkeypatch.setattr(server, "LONGEST_S", patience(1.0))
    async with served(settings, site), asyncio.timeout(patience(60)):
        silent = [await asyncio.open_connection("127.0.0.1", site.port) for _ in range(server.MOST_CONNECTIONS)]
        silent[0][1].write(b"GET /metrics HTTP/1.1\r\n")
        assert await say(site.port, b"") == b""  # one too many
        assert [await reader.read() for reader, _ in silent] == [b""] * len(silent)
        assert (await site.get("/healthz"))[0] == 503
        for _, writer in silent:
            writer.close()


async def test_a_fault_of_ours_is_an_answer_and_one_line_in_the_log(
    settings: Callable[..., Settings], site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> None:
        raise ValueError("made up")

    monkeypatch.setattr(Health, "report", fail)
    async with served(settings, site):
        for _ in range(3):
            assert await site.get("/healthz") == (500, "an unexpected error; the log has the details\n")
    assert len(caplog.records) == 1


async def test_a_port_in_use_is_told_at_the_start(
    discord: LoopbackDiscord, feed_host: FeedHost, settings: Callable[..., Settings], site: Site
) -> None:
    """By the name of its setting, before anything is done in Discord."""
    with (
        closing(socket.create_server(("127.0.0.1", site.port))),
        pytest.raises(SettingsError, match=f"NONMUN_HTTP_PORT: port {site.port} at 127.0.0.1 cannot be used"),
    ):
        await run_bot(settings(**settings_for(discord, feed_host), NONMUN_HTTP_PORT=site.port))
    assert discord.identifies == []


@pytest.mark.parametrize("host", ["localhost", "example.org", "127.0.0.1:80", "http://127.0.0.1", "*"])
def test_the_address_is_an_ip_address(settings: Callable[..., Settings], host: str) -> None:
    with pytest.raises(SettingsError, match="NONMUN_HTTP_HOST: must be an IP address"):
        settings(NONMUN_HTTP_HOST=host)


@pytest.mark.parametrize("port", [0, 65_536, -1, "http"])
def test_the_port_is_a_port(settings: Callable[..., Settings], port: object) -> None:
    with pytest.raises(SettingsError, match="NONMUN_HTTP_PORT"):
        settings(NONMUN_HTTP_PORT=port)


# ── the database ────────────────────────────────────────────────────────────────────────────────


def read_rows(path: Path) -> dict[str, sqlite3.Row]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return {row["loop"]: row for row in connection.execute("SELECT * FROM heartbeats")}


async def test_the_bot_keeps_its_heartbeats_in_the_database_while_it_runs(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, tmp_path: Path, hurry: None
) -> None:
    """A row for each loop, port or no port; none after the end."""
    feed_host.serve("/feed.xml", make_rss([]))
    before = datetime.now(UTC) - timedelta(seconds=1)
    path = tmp_path / "test.db"

    def beat() -> bool:
        rows = read_rows(path) if path.exists() else {}
        return rows.keys() == LOOPS and all(row["beat_at"] for row in rows.values())

    async with run():
        await discord.wait_until_connected(timeout_s=20)
        await eventually(beat, "a beat of each loop")
        rows = read_rows(path)
    assert all(datetime.fromisoformat(row["beat_at"]) >= before for row in rows.values())
    assert json.loads(rows["poller"]["details"])["feeds"] == 1
    assert read_rows(path) == {}


async def test_the_heartbeats_are_one_small_write_each_fifteen_seconds(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not one for each turn of each loop, but at once if the bot is no longer healthy. With the age of each beat."""
    heartbeats = make_heartbeats()
    for loop in Loop:
        heartbeats[loop].turn(ago_s=30)
    now = datetime(2026, 6, 1, 12, tzinfo=UTC)
    monkeypatch.setattr(bot.health, "LOOK_S", 0.001)
    health = Health(heartbeats, connections=list, details=_no_details, began_at=now)
    assert bot.health.SAVE_S == 15
    commits, rows = database.commits, database.rows_written
    async with health.kept(database, clock=lambda: now):
        await eventually(lambda: database.commits == commits + 2, "the first write")
        kept = read_rows(database.path)
        for _ in range(100):
            for heartbeat in heartbeats.values():
                heartbeat.turn()
            await asyncio.sleep(0)
        assert database.commits == commits + 2
        heartbeats[Loop.TALKS].turn(ago_s=300)
        await eventually(lambda: database.commits == commits + 3, "a write of the death")
    assert {row["beat_at"] for row in kept.values()} <= {
        (now - timedelta(seconds=age_s)).isoformat() for age_s in (30, 31)
    }
    assert database.rows_written - rows <= 5 * len(Loop)


async def test_a_database_that_cannot_be_written_is_tried_again(
    database: Database, hurry: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Told once; nothing else ends."""
    health = Health(
        make_heartbeats(), connections=list, details=_no_details, began_at=datetime(2026, 6, 1, tzinfo=UTC)
    )
    fails = 3

    async def save(*_: object, **__: object) -> None:
        nonlocal fails
        fails -= 1
        if fails >= 0:
            raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("bot.store.heartbeats.save", save)
    async with health.kept(database, clock=lambda: datetime.now(UTC)):
        await eventually(lambda: fails < -1, "writes that work again")
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 1


def test_a_death_is_known_within_a_minute_by_memory_and_by_the_database() -> None:
    """Its last beat is at most one turn and one write old when a loop dies, and then it grows old."""
    assert bot.app.TURN_SECONDS * 1.1 + FRESH_S < 60
    assert bot.app.TURN_SECONDS * 1.1 + bot.health.SAVE_S < FRESH_S / 2


# ── cost ────────────────────────────────────────────────────────────────────────────────────────


async def test_what_waits_is_counted_without_reading_what_was_sent(database: Database) -> None:
    """Years of settled posts, a hundred thousand reviews: only open rows are looked at."""
    plans = []
    for query in (backlog.QUEUES, backlog.FEEDS, backlog.SUBSCRIPTIONS):
        async with database.reader.execute(f"EXPLAIN QUERY PLAN {query}", {"doubt": ""}) as cursor:
            plans += [str(row["detail"]) async for row in cursor]
    scans = [re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", plan) for plan in plans]
    scanned = {match[1]: match[2] for match in scans if match}
    assert scanned.pop("feeds") is None  # a few thousand at most, like the subscriptions
    assert scanned.pop("subscriptions") == "subscriptions_live"
    assert scanned == {"d": "deliveries_open"} | {one: f"{one}_open" for one in ("welcomes", "talks", "messages")}


def test_durations_fall_into_their_buckets() -> None:
    durations = Durations((0.1, 1.0))
    for seconds in (0.0, 0.1, 0.2, 1.0, 5.0):
        durations.observe(seconds)
    assert durations.counts == [2, 2, 1]
    assert durations.sum_s == pytest.approx(6.3)
    assert all(first < second for first, second in pairwise(durations.bounds_s))


# ── the process ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(os.name == "nt", reason="no SIGTERM there")
async def test_the_process_is_healthy_to_everybody_who_asks_and_logs_json(
    discord: LoopbackDiscord, feed_host: FeedHost, tmp_path: Path, site: Site
) -> None:
    """As a host runs it: over HTTP, by its own command, and in its log, also with the lines of libraries."""
    feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    discord.rate_limit_next("POST", r"/channels/\d+/messages", retry_after=0.05)  # discord.py logs it
    settings = settings_for(discord, feed_host) | {
        "NONMUN_HTTP_PORT": site.port, "NONMUN_LOG_FORMAT": "json", "NONMUN_ANNOUNCE_BACKLOG": 1,
    }  # fmt: skip
    process = await spawn(tmp_path, settings, *BOT, "run", "--verbose")
    try:
        await eventually(lambda: _is(site.dead(), set()), "a healthy bot", timeout_s=60)
        await wait_for_posts(discord, 1)
        await eventually(lambda: probe.judge(tmp_path / "data" / "nonmun.db")[0], "health in the database")
        assert await (await spawn(tmp_path, settings, *BOT, "health")).wait() == 0
    finally:
        process.terminate()
        assert await process.wait() == 0
    lines = (tmp_path / "killed.log").read_text("utf-8").splitlines()
    assert lines.count("Healthy.") == 1
    logged = [json.loads(line) for line in lines if line != "Healthy."]
    assert all({"time", "level", "logger", "event"} <= line.keys() for line in logged)
    assert {"discord", "apscheduler", "bot"} <= {line["logger"].partition(".")[0] for line in logged}
    (sent,) = [line for line in logged if line["event"] == "sent" and line["logger"] == "bot.delivering.courier"]
    assert (sent["kind"], sent["channel"]) == ("post", discord.channel_id)
