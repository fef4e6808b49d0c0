"""Backing up beside a running bot, restoring, repairing: the former file or the whole new one, whatever happens."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli import main
from bot.config import Settings
from bot.errors import BotRunningError, BusyError, DamagedError, NonmunError, StoreError
from bot.models.requests import EVERYTHING, Command, Request
from bot.service import open_service
from bot.store.backup import back_up, backups_in, next_backup_in, repair, restore
from bot.store.lock import BotLock
from bot.store.schema import MIGRATIONS
from tests.damage import overwrite
from tests.factories import make_entry, make_rss, shown_title
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, announcements, eventually, wait_for_posts

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
async def filled(settings: Callable[..., Settings], tmp_path: Path) -> Settings:
    """Settings whose database holds three reviews, in a folder of its own."""
    feed = tmp_path / "feed.xml"
    feed.write_bytes(make_rss([make_entry(number) for number in (3, 2, 1)]))
    made = settings(NONMUN_FEEDS=(str(feed),), NONMUN_DATABASE=tmp_path / "data" / "n.db")
    async with open_service(made) as service:
        await service.poller.poll_all()
    return made


def facts_in(path: Path) -> dict[str, str]:
    """The facts of a database that is whole."""
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        db.execute("INSERT INTO review_index (review_index) VALUES ('integrity-check')")
        return dict(db.execute("SELECT name, value FROM facts").fetchall())


def set_fact(path: Path, name: str, value: str = "") -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("INSERT INTO facts VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (name, value))
        db.commit()


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def reviews_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("SELECT count(*) FROM reviews").fetchone()[0])


# ── backing up ──────────────────────────────────────────────────────────────────────────────────


async def test_backup_holds_everything_in_one_private_file(filled: Settings, tmp_path: Path) -> None:
    made = back_up(filled.database, tmp_path / "copy.db", now=NOW)
    assert (made.path, made.reviews, made.kept) == (tmp_path / "copy.db", 3, None)
    assert made.bytes == made.path.stat().st_size
    assert reviews_in(made.path) == 3
    assert "index version" in facts_in(made.path)
    assert names_in(tmp_path) == {"copy.db", "data", "feed.xml"}
    if os.name == "posix":
        assert made.path.stat().st_mode & 0o777 == 0o600


async def test_backup_has_what_was_committed_while_others_write(filled: Settings, tmp_path: Path) -> None:
    """Under a writer that never rests a backup ends, is whole, and holds all that was committed before it began."""
    stop, counts = threading.Event(), list[int]()

    def write() -> None:
        with closing(sqlite3.connect(filled.database, isolation_level=None, timeout=30)) as db:
            while not stop.is_set():
                db.execute("INSERT INTO facts VALUES (?, ?)", (f"written {len(counts)}", "x" * 4_000))
                counts.append(len(counts))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        await eventually(lambda: len(counts) > 500, "some writes")
        for number in range(3):
            before = len(counts)
            back_up(filled.database, tmp_path / f"{number}.db", now=NOW)
            assert len(counts) > before, "the writer was held up"
            found = {name for name in facts_in(tmp_path / f"{number}.db") if name.startswith("written")}
            assert found >= {f"written {one}" for one in range(before)}
            assert found == {f"written {one}" for one in range(len(found))}
    finally:
        stop.set()
        writer.join()


async def test_backup_of_a_running_bot_holds_every_committed_delivery(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, settings: Callable[..., Settings], tmp_path: Path
) -> None:
    """The drill: a copy made while the bot posts, put back later, knows what stood in the channel by then."""
    feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    database = settings().database
    async with run(NONMUN_ANNOUNCE_BACKLOG=1):
        await wait_for_posts(discord, 1)
        await eventually(lambda: sent_in(database) == 1, "a settlement")
        made = await asyncio.to_thread(back_up, database, tmp_path / "copy.db", now=NOW)
        assert sent_in(made.path) == 1
        with pytest.raises(BotRunningError):
            await asyncio.to_thread(restore, database, made.path, now=NOW)
        feed_host.update("/feed.xml", make_rss([make_entry(2), make_entry(1)]))
        await wait_for_posts(discord, 2)
    await asyncio.to_thread(restore, database, made.path, now=NOW)
    assert sent_in(database) == 1
    async with run():
        feed_host.update("/feed.xml", make_rss([make_entry(3), make_entry(2), make_entry(1)]))
        await eventually(lambda: shown_title(make_entry(3)) in announcements(discord), "the newest post")
    assert announcements(discord).count(shown_title(make_entry(1))) == 1


def sent_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("SELECT count(*) FROM deliveries WHERE state = 'sent'").fetchone()[0])


async def test_folder_gets_names_with_the_time_and_keeps_the_newest(filled: Settings, tmp_path: Path) -> None:
    """Beyond the wanted number the oldest go; files of other names, and the copy just made, always stay."""
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "notes.db").touch()
    for day in range(5):
        back_up(filled.database, folder, keep=3, now=NOW + timedelta(days=day))
    assert names_in(folder) == {"notes.db", *(f"nonmun-2026060{day}T120000Z.db" for day in (3, 4, 5))}
    made = back_up(filled.database, folder, keep=3, now=NOW - timedelta(days=400))
    assert made.path.exists(), "a clock that was ahead made the others"
    assert len(names_in(folder)) == 4


async def test_daily_backup_is_due_a_day_after_the_last(filled: Settings, tmp_path: Path) -> None:
    """A bot that is started often makes no more of them; after a wrong clock, one at once."""
    folder = tmp_path / "backups"
    assert next_backup_in(folder, NOW) == timedelta()
    folder.mkdir()
    back_up(filled.database, folder, now=NOW)
    assert next_backup_in(folder, NOW + timedelta(hours=1)) == timedelta(hours=23)
    assert next_backup_in(folder, NOW + timedelta(days=3)) == timedelta()
    assert next_backup_in(folder, NOW - timedelta(days=3)) == timedelta()


async def test_running_bot_backs_up_by_itself(
    run: RunBot, feed_host: FeedHost, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """NONMUN_BACKUP_DIR: one at the start, and none at a start soon after."""
    caplog.set_level("INFO")
    feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    folder = tmp_path / "backups"
    folder.mkdir()
    for _ in range(2):
        async with run(NONMUN_BACKUP_DIR=folder, NONMUN_BACKUP_KEEP=2):
            await eventually(lambda: "backed up path=" in caplog.text, "a backup")  # said after the file is there
            await feed_host.wait_for_requests(len(feed_host.requests) + 1)
    assert caplog.text.count("backed up path=") == 1
    facts_in(backups_in(folder, datetime.now(UTC))[0])  # it is whole


async def test_folder_that_is_gone_is_said_and_not_made(filled: Settings, tmp_path: Path) -> None:
    """A disk that is not mounted must not get its backups in the folder below it."""
    with pytest.raises(StoreError, match="does not exist"):
        back_up(filled.database, tmp_path / "disk", is_folder=True, now=NOW)
    assert not (tmp_path / "disk").exists()


@pytest.mark.parametrize("name", ["n.db", "n.db-wal", "n.db.lock", "../feed.xml", "../none/copy.db"])
async def test_backup_overwrites_nothing_that_is_not_one(filled: Settings, name: str) -> None:
    """The database, what belongs to it, and files of other kinds are left as they are."""
    folder = filled.database.parent
    before = names_in(folder), (folder.parent / "feed.xml").read_bytes(), facts_in(filled.database)
    with pytest.raises(StoreError, match=r"part of the database|not a backup|does not exist"):
        back_up(filled.database, folder / name, now=NOW)
    assert (names_in(folder), (folder.parent / "feed.xml").read_bytes(), facts_in(filled.database)) == before


async def test_damaged_database_leaves_the_former_backup(filled: Settings, tmp_path: Path) -> None:
    """A backup that would not be whole is not made, and what was there stays."""
    copy = tmp_path / "copy.db"
    back_up(filled.database, copy, now=NOW)
    before = copy.read_bytes()
    for table in ("review_index_data", "reviews"):
        overwrite(filled.database, table)
        with pytest.raises(DamagedError, match="damaged"):
            back_up(filled.database, copy, now=NOW)
        assert copy.read_bytes() == before
        assert names_in(tmp_path) == {"copy.db", "data", "feed.xml"}


# ── restoring ───────────────────────────────────────────────────────────────────────────────────


async def test_restored_file_is_the_backup_and_the_former_one_is_kept(filled: Settings, tmp_path: Path) -> None:
    """With all that stood in -wal; both are whole, and a third is not needed."""
    set_fact(filled.database, "then")
    copy = back_up(filled.database, tmp_path / "copy.db", now=NOW).path
    set_fact(filled.database, "later")
    made = restore(filled.database, copy, now=NOW)
    assert made.kept == filled.database.with_name("n.db.before-restore-20260601T120000Z")
    assert facts_in(filled.database).keys() >= {"then"}
    assert "later" not in facts_in(filled.database)
    assert facts_in(made.kept).keys() >= {"then", "later"}
    assert facts_in(copy) == facts_in(filled.database)
    async with open_service(filled) as service:
        answer = await service.answering.answer(Request(command=Command.PAPER, query="Lantern-2"), EVERYTHING)
    assert answer.is_sure
    if os.name == "posix":
        assert {made.kept.stat().st_mode & 0o777, filled.database.stat().st_mode & 0o777} == {0o600}


def test_wal_of_a_killed_process_is_kept_with_its_file_and_not_taken_for_the_new_ones(
    filled: Settings, tmp_path: Path
) -> None:
    """What a killed bot had committed stands in -wal alone: it stays with the file that is kept."""
    copy = back_up(filled.database, tmp_path / "copy.db", now=NOW).path
    program = (
        "import os, sqlite3, sys; db = sqlite3.connect(sys.argv[1]); "
        "db.execute(\"INSERT INTO facts VALUES ('late', '')\"); db.commit(); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", program, str(filled.database)], check=False)  # noqa: S603
    assert filled.database.with_name("n.db-wal").stat().st_size
    made = restore(filled.database, copy, now=NOW)
    assert made.kept
    assert "late" in facts_in(made.kept)
    assert "late" not in facts_in(filled.database)


@pytest.mark.parametrize("left", [b"", b"Dear aunt, " * 1_000, None])
async def test_damaged_or_missing_database_is_replaced(filled: Settings, tmp_path: Path, left: bytes | None) -> None:
    """What a backup is for; the remains are kept, byte by byte."""
    copy = back_up(filled.database, tmp_path / "copy.db", now=NOW).path
    if left is None:
        filled.database.unlink()
    else:
        filled.database.write_bytes(left)
    made = restore(filled.database, copy, now=NOW)
    assert reviews_in(filled.database) == 3
    assert (made.kept.read_bytes() if made.kept else None) == left


async def test_what_is_no_backup_changes_nothing(filled: Settings, tmp_path: Path) -> None:
    """No such file, another program's, a newer one, a broken one, the database itself: in words, and all stays."""
    before = facts_in(filled.database)
    others = {name: tmp_path / f"{name}.db" for name in ("text", "other", "newer", "broken")}
    others["text"].write_bytes(b"Dear aunt, " * 1_000)
    with closing(sqlite3.connect(others["other"])) as db:
        db.execute("CREATE TABLE bookmarks (url TEXT)")
        db.execute("PRAGMA user_version = 3")
    for name in ("newer", "broken"):
        back_up(filled.database, others[name], now=NOW)
    with closing(sqlite3.connect(others["newer"])) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    overwrite(others["broken"], "reviews")
    refused = {
        tmp_path / "none.db": "does not exist",
        tmp_path: "does not exist",
        filled.database: "is the database itself",
        others["text"]: "not a database",
        others["other"]: "not a Nonmun database",
        others["newer"]: "written by a newer version of Nonmun",
        others["broken"]: "is damaged",
    }
    for file, said in refused.items():
        with pytest.raises(StoreError, match=said):
            restore(filled.database, file, now=NOW)
    assert facts_in(filled.database) == before
    assert names_in(filled.database.parent) == {"n.db", "n.db.lock"}


async def test_restoring_beside_another_command_is_refused(filled: Settings, tmp_path: Path) -> None:
    """Its changes would go into the file that is put aside."""
    copy = back_up(filled.database, tmp_path / "copy.db", now=NOW).path
    before = names_in(filled.database.parent)
    async with open_service(filled):
        with pytest.raises(BusyError, match="in use by another program"):
            await asyncio.to_thread(restore, filled.database, copy, now=NOW)
    assert names_in(filled.database.parent) == before | {"n.db.lock"}
    restore(filled.database, copy, now=NOW)


STEPS = """
import os, sqlite3, sys
from datetime import UTC, datetime
from pathlib import Path
from bot.store import backup

left = int(sys.argv[1])

def killing(name):
    real = getattr(os, name)
    def step(*arguments, **named):
        global left
        left -= 1
        if left < 0:
            os._exit(9)
        done = real(*arguments, **named)
        left -= 1
        if left < 0:
            os._exit(9)
        return done
    setattr(os, name, step)

for name in ("open", "close", "fsync", "link", "rename", "replace", "unlink", "chmod", "chown", "mkdir"):
    killing(name)
connect = sqlite3.connect
def killed_connect(*arguments, **named):
    global left
    left -= 1
    if left < 0:
        os._exit(9)
    return connect(*arguments, **named)
sqlite3.connect = killed_connect
now = datetime(2026, 6, 1, int(sys.argv[5]), tzinfo=UTC)
getattr(backup, sys.argv[2])(Path(sys.argv[3]), Path(sys.argv[4]), now=now)
"""


def kill_at_each_step(function: str, first: Path, second: Path) -> Iterator[int]:
    """Run it again and again, killed a step later each time, until it comes to its end."""
    for step in range(500):
        done = subprocess.run(  # noqa: S603 - this interpreter
            [sys.executable, "-c", STEPS, str(step), function, str(first), str(second), str(step % 24)],
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in {0, 9}, done.stderr
        yield step
        if done.returncode == 0:
            return
    pytest.fail("it never came to its end")


@pytest.mark.long
async def test_restore_killed_at_any_step_leaves_the_old_or_the_new_whole(filled: Settings, tmp_path: Path) -> None:
    """Under the database's name, at every moment; the first run after it has nothing to clear up."""
    copy = back_up(filled.database, tmp_path / "copy.db", now=NOW).path
    set_fact(copy, "which", "backup")
    seen = list[str]()
    for step in kill_at_each_step("restore", filled.database, copy):
        seen.append(facts_in(filled.database).get("which", "former"))
        for left in filled.database.parent.glob("*.before-restore-*"):
            if not left.name.endswith(("-wal", "-shm")):
                facts_in(left)
                left.unlink()
        set_fact(filled.database, "which", "former")
        assert step < 200
    assert seen[0] == "former"
    assert seen[-1] == "backup"


@pytest.mark.long
async def test_backup_killed_at_any_step_leaves_the_old_or_the_new_whole(filled: Settings, tmp_path: Path) -> None:
    copy = back_up(filled.database, tmp_path / "copy.db", now=NOW).path
    set_fact(filled.database, "new")
    seen = [("new" in facts_in(copy)) for _ in kill_at_each_step("back_up", filled.database, copy)]
    assert not seen[0]
    assert seen[-1]
    assert seen == sorted(seen)


async def test_leftovers_of_killed_copies_are_cleared_away(filled: Settings, tmp_path: Path) -> None:
    """Those that nobody has written to for an hour; a copy that another process makes just now is left alone."""
    old, fresh = (tmp_path / f".copy.db.backing-up-{name}" for name in ("old", "fresh"))
    old.touch()
    fresh.touch()
    os.utime(old, (1, 1))
    back_up(filled.database, tmp_path / "copy.db", now=NOW)
    assert not old.exists()
    assert fresh.exists()


# ── repairing ───────────────────────────────────────────────────────────────────────────────────


async def test_damaged_index_is_built_anew(filled: Settings) -> None:
    """Everything else stays as it was; after the entries were read again, searches find as before."""
    asked = Request(command=Command.SEARCH, query="documents")
    async with open_service(filled) as service:
        before = await service.answering.answer(asked, EVERYTHING)
    numbered = "sqlite_sequence WHERE seq > 0"  # copying an empty table makes a row with 0
    tables = ("feeds", "reviews", "sections", "names", "facts", numbered)
    rows = {table: rows_of(filled.database, table) for table in tables}
    overwrite(filled.database, "review_index_data")
    made = repair(filled.database, now=NOW)
    assert made
    assert made.kept
    found = {table: rows_of(filled.database, table) for table in tables}
    assert {table for table in tables if found[table] != rows[table]} == {"reviews"}  # to be read again
    async with open_service(filled) as service:
        assert await service.poller.reread_outdated() == 3
        await service.name_cache.refresh()
        after = await service.answering.answer(asked, EVERYTHING)
    assert after == before
    assert repair(filled.database, now=NOW) is None


def rows_of(path: Path, table: str) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return sorted(json.dumps(row) for row in db.execute(f"SELECT * FROM {table}"))  # noqa: S608


async def test_what_cannot_be_repaired_is_left_as_it_is(filled: Settings) -> None:
    overwrite(filled.database, "reviews")
    before = filled.database.read_bytes()
    with pytest.raises(DamagedError, match="nonmun restore FILE"):
        repair(filled.database, now=NOW)
    assert filled.database.read_bytes() == before


async def test_repairing_beside_a_bot_is_refused(filled: Settings) -> None:
    with BotLock(filled.database), pytest.raises(BotRunningError):
        repair(filled.database, now=NOW)


# ── the commands ────────────────────────────────────────────────────────────────────────────────


async def test_commands_say_what_they_did(
    filled: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Outcome first, then where things are; faults are sentences with exit code 2."""
    db = ["--db", str(filled.database)]

    async def run_command(*arguments: str) -> tuple[int, str]:
        code = await asyncio.to_thread(main, [*arguments, *db])
        said = capsys.readouterr()
        return code, said.out + said.err

    copy = str(tmp_path / "copy.db")
    code, said = await run_command("backup", copy)
    assert (code, said.startswith(f"Backed up to {copy}: 3 reviews")) == (0, True)
    code, said = await run_command("backup", copy, "--keep", "3")
    assert (code, "--keep needs a folder" in said) == (2, True)
    code, said = await run_command("restore", copy)
    assert code == 0
    assert said.startswith(f"Restored {copy} to {filled.database}: 3 reviews. The old database is kept as")
    assert "are not repeated" in said
    code, said = await run_command("restore", str(tmp_path / "none.db"))
    assert (code, "does not exist" in said) == (2, True)
    code, said = await run_command("doctor", "--repair", "--offline")
    assert "there is nothing to repair" in said
    overwrite(filled.database, "review_index_data")
    code, said = await run_command("doctor", "--offline")
    assert (code, "“nonmun doctor --repair”" in " ".join(said.split())) == (1, True)
    code, said = await run_command("doctor", "--repair", "--offline")
    assert f"Repaired {filled.database}: 3 reviews." in said
    assert code == 0
    with pytest.raises(NonmunError):
        back_up(tmp_path / "none.db", tmp_path / "copy.db", now=NOW)
