"""`nonmun status` and `nonmun health`: what somebody outside learns of the bot, whether it runs or not."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import __version__, probe
from bot.cli import main
from bot.config import Settings
from bot.heartbeats import Loop
from bot.models.health import FRESH_S, LoopHealth
from bot.service import open_service
from bot.status import check_status
from bot.store import heartbeats
from bot.store.lock import BotLock
from bot.store.schema import MIGRATIONS
from bot.store.status import read_loops, read_status
from tests.factories import make_entry, make_rss
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, eventually, wait_for_posts

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
FINE = dict.fromkeys(Loop, 3.0)


@pytest.fixture
async def path(settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The database of a bot that is stopped; the terminal's commands mean it."""
    async with open_service(made := settings()):
        pass
    monkeypatch.setenv("NONMUN_DATABASE", str(made.database))
    return made.database


async def beat(settings: Settings, ages_s: dict[Loop, float], *, now: datetime) -> None:
    """Leave heartbeats as a running bot does."""
    async with open_service(settings) as service, service.database.transaction() as db:
        await heartbeats.begin(db, Loop, version="9.9", now=now - timedelta(hours=5))
        loops = [LoopHealth(loop=loop, age_s=age_s) for loop, age_s in ages_s.items()]
        await heartbeats.save(db, loops, now=now)


async def test_both_are_fine_while_the_bot_runs_and_not_after(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Asked as processes are: without a port, from the database alone."""
    monkeypatch.setattr("bot.app.TURN_SECONDS", 0.02)
    monkeypatch.setattr("bot.health.LOOK_S", 0.02)
    monkeypatch.setenv("NONMUN_DATABASE", str(tmp_path / "test.db"))
    feed_host.serve("/feed.xml", make_rss([make_entry(1)]))

    async def ask(*arguments: str) -> tuple[int, str]:
        code = await asyncio.to_thread(main, arguments)
        return code, capsys.readouterr().out

    async with run(NONMUN_ANNOUNCE_BACKLOG=1):
        await wait_for_posts(discord, 1)
        await eventually(lambda: probe.judge(tmp_path / "test.db")[0], "health")
        assert await ask("health") == (0, "Healthy.\n")
        code, said = await ask("status", "--json")
        shown = json.loads(said)
        assert (code, shown["healthy"], shown["running"], shown["pid"]) == (0, True, True, os.getpid())
        assert shown["version"] == __version__
        assert set(shown["loops"]) == set(Loop)
        assert shown["loops"]["poller"]["feeds"] == 1
        assert shown["file_bytes"]["test.db"] > 0
        assert (await ask("status"))[0] == 0
    assert await ask("health") == (1, f"No bot is running on {tmp_path / 'test.db'}.\n")
    code, said = await ask("status", "--json")
    assert (code, json.loads(said)["healthy"], json.loads(said)["loops"]) == (1, False, {})
    code, said = await ask("status")
    assert code == 1
    assert "no bot is running on this database" in said


@pytest.mark.parametrize("dead", list(Loop))
@pytest.mark.parametrize("age_s", [FRESH_S + 2, -FRESH_S - 2])
async def test_each_loop_that_does_not_beat_is_named(
    path: Path, settings: Callable[..., Settings], dead: Loop, age_s: float
) -> None:
    """A beat from the future comes from a clock that was wrong, and tells nothing."""
    now = datetime.now(UTC)
    await beat(settings(), FINE | {dead: age_s}, now=now)
    assert probe.judge(path) == (False, f"Not healthy: {dead}. “nonmun status” says more.")
    assert [loop.loop for loop in read_loops(path, now=now) if not loop.is_alive] == [dead]


async def test_a_bot_that_has_not_beaten_since_its_start_is_not_healthy(
    path: Path, settings: Callable[..., Settings]
) -> None:
    await beat(settings(), {}, now=datetime.now(UTC))
    is_healthy, sentence = probe.judge(path)
    assert not is_healthy
    assert all(loop in sentence for loop in Loop)


async def test_a_bot_that_was_killed_is_not_healthy_once_its_beats_are_old(
    path: Path, settings: Callable[..., Settings]
) -> None:
    """Nobody took its heartbeats out of the database."""
    await beat(settings(), FINE, now=NOW)
    assert all(loop.is_alive for loop in read_loops(path, now=NOW))
    assert not any(loop.is_alive for loop in read_loops(path, now=NOW + timedelta(seconds=60)))
    assert not read_status(path, now=NOW).is_healthy  # nobody holds the lock


async def test_status_says_what_waits_and_what_fails(
    path: Path, settings: Callable[..., Settings], feed_host: FeedHost
) -> None:
    """Feeds with their reasons and without their keys, posts in doubt, refused subscriptions, the last backup."""
    feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    address = feed_host.url("/feed.xml?token=s3cret")
    async with open_service(settings(NONMUN_FEEDS=address, NONMUN_CHANNEL_ID=7)) as service:
        await service.poller.poll(address)
        feed_host.fail("/feed.xml", status=500)
        await service.poller.poll(address, is_forced=True)
        async with service.database.transaction() as db:
            await db.execute("UPDATE subscriptions SET state = 'suspended'")
            for number, (state, claimed) in enumerate([("pending", None), ("sending", "2026-06-01T11:00:00+00:00")]):
                await db.execute(
                    "INSERT INTO deliveries (kind, subscription_id, channel_id, state, nonce, created_at, claimed_at)"
                    " VALUES ('notice', 1, 7, ?, ?, '2026-06-01T09:00:00+00:00', ?)",
                    (state, f"n{number}", claimed),
                )
    await beat(settings(), FINE, now=NOW)
    with BotLock(path):
        status = read_status(path, now=NOW, backup_at=NOW)
        checks = {check.name: check for check in check_status(status, now=NOW)}
    assert status.is_healthy
    assert checks["bot"].said == f"version 9.9 has been running for 5 h (process {os.getpid()})"
    assert checks["courier"].said == "last beat 3 s ago"
    assert "failing: 1" in checks["feeds"].said
    assert "the server answered 500" in checks["feeds"].said
    assert "s3cret" not in checks["feeds"].said
    assert checks["announcements"].said == "1 waiting, 0 held, 1 in doubt; the oldest for 3 h"
    assert checks["subscriptions"].said == "1, of which 1 are suspended"
    assert checks["backup"].said == "from 2026-06-01 12:00 UTC"


def test_no_database_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And none is made."""
    missing = tmp_path / "missing.db"
    monkeypatch.setenv("NONMUN_DATABASE", str(missing))
    for command in ("status", "health"):
        assert main([command]) == 1
        out, err = capsys.readouterr()
        assert f"{missing} does not exist" in out + err
    assert main(["status", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["healthy"] is False
    assert list(tmp_path.glob("missing*")) == []


@pytest.mark.parametrize(("change", "said"), [(-1, "an older version of Nonmun"), (1, "a newer version of Nonmun")])
async def test_another_schema_is_a_sentence_and_is_left_as_it_is(
    path: Path, change: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + change}")
    before = await asyncio.to_thread(path.read_bytes)
    for command in ("status", "health"):
        assert await asyncio.to_thread(main, [command]) == 1
        out, err = capsys.readouterr()
        assert said in out + err
    assert await asyncio.to_thread(path.read_bytes) == before


def test_what_is_no_database_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter.db").write_text("this is a letter to my aunt, not a database" * 100)
    monkeypatch.setenv("NONMUN_DATABASE", str(tmp_path / "letter.db"))
    assert main(["status"]) == 1
    assert "is not a database" in capsys.readouterr().err


# ── health alone ────────────────────────────────────────────────────────────────────────────────


def call(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own code
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


async def test_health_loads_little(path: Path, settings: Callable[..., Settings]) -> None:
    """A container asks every half a minute: no Discord, no arrays, no settings, no event loop."""
    await beat(settings(), FINE, now=datetime.now(UTC))
    code = (
        "import sys; from bot.__main__ import main; sys.argv[1:] = ['health']; code = main();"
        "heavy = {'discord', 'numpy', 'pydantic', 'rich', 'asyncio', 'argparse', 'bot.service', 'bot.cli'};"
        "print(code, sorted(heavy & set(sys.modules)), len(sys.modules) < 250)"
    )
    done = call(path.parent, "-c", code, NONMUN_DATABASE=str(path))
    assert done.stdout.splitlines() == ["Healthy.", "0 [] True"], done.stderr


async def test_health_finds_the_database_as_the_settings_do(
    path: Path, settings: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment before `.env`, in any case; and the default of the settings."""
    monkeypatch.delenv("NONMUN_DATABASE")
    assert probe.find_database({}) == probe.DATABASE == Settings.model_fields["database"].default
    (tmp_path / ".env").write_text("nonmun_database='from the file.db'\n")
    assert probe.find_database({}) == Path("from the file.db")
    assert probe.find_database({"NONMUN_DATABASE": ""}) == Path("from the file.db")
    assert probe.find_database({"Nonmun_Database": "x.db"}) == Path("x.db")


async def test_health_takes_the_options_of_all_commands(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the quick way does not know them, the whole command line does."""
    assert probe.main(["--db", str(path)]) == 1
    assert capsys.readouterr().out == f"No bot is running on {path}.\n"
    assert probe.main(["--help"]) is None
    assert await asyncio.to_thread(main, ["--db", str(path), "health"]) == 1
    assert capsys.readouterr().out == f"No bot is running on {path}.\n"


async def test_health_speaks_korean(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = call(path.parent, "-m", "bot", "health", NONMUN_DATABASE=str(path), LC_ALL="ko_KR.UTF-8")
    assert done.returncode == 1
    assert "봇" in done.stdout, done.stderr
