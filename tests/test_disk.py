"""Faults of the disk and the file: each ends in a sentence with the right remedy, and what can answer, answers."""

from __future__ import annotations

import asyncio
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from bot.config import Settings
from bot.errors import BusyError, DamagedError, StoreError
from bot.service import open_service
from bot.store import facts
from bot.store.causes import explain
from bot.store.database import Database
from tests.damage import PAGE, overwrite
from tests.factories import make_entry, make_rss

NOBODY = 65_534
is_root = hasattr(os, "geteuid") and os.geteuid() == 0
as_root = pytest.mark.skipif(not is_root, reason="only root may mount a small disk or become another user")
posix = pytest.mark.skipif(os.name != "posix", reason="Windows has neither such rights nor such limits")


@pytest.fixture
async def filled(settings: Callable[..., Settings], tmp_path: Path, real_databases: None) -> Settings:
    """Settings whose database holds three reviews."""
    feed = tmp_path / "feed.xml"
    feed.write_bytes(make_rss([make_entry(number) for number in (3, 2, 1)]))
    made = settings(NONMUN_FEEDS=(str(feed),), NONMUN_DATABASE=tmp_path / "data" / "n.db")
    async with open_service(made) as service:
        await service.poller.poll_all()
    return made


@pytest.fixture
def shared(filled: Settings) -> Iterator[Settings]:
    """The same where any user comes to it: each pytest that starts on a machine closes all folders of pytest's."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not all(part.stat().st_mode & 0o001 for part in folder.parents):
            pytest.skip(f"other users cannot come to {folder.parent}")
        folder.chmod(0o755)
        data = folder / "data"
        shutil.copytree(filled.database.parent, data).chmod(0o755)
        yield filled.model_copy(update={"database": data / filled.database.name})


AS_NOBODY = f"""
import contextlib, os, sys
from pathlib import Path
from bot.cli import main

# Once as we are, for the modules that are loaded late: nobody may read them where we are installed.
with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
    main([*sys.argv[2:-1], sys.argv[1]])
    main([*sys.argv[2:-1], "/dev/null/n.db"])
os.setgroups([])
os.setgid({NOBODY})
os.setuid({NOBODY})
sys.exit(main(sys.argv[2:]))
"""


def nonmun(
    *arguments: str,
    database: Path,
    spare: Path | None = None,
    folder: Path | None = None,
    limit: Callable[[], object] | None = None,
    typed: str | None = None,
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own.

    Args:
        spare: Run it as nobody; this is another such database, to load every module on.
        folder: Run it in there; by default beside the database.
        limit: Called in the child before it begins.
        typed: What stands on its standard input.
    """
    left_out = (
        ("NONMUN_", "DISCORD_", "COVERAGE_") if spare or limit else ("NONMUN_", "DISCORD_")
    )  # it could not write
    own = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    program = ["-c", AS_NOBODY, str(spare)] if spare else ["-m", "bot"]
    return subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, *program, *arguments, "--db", str(database)],
        env=own | {"PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"} | environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder or database.parent,
        preexec_fn=limit,
        input=typed,
    )


def assert_sentence(done: subprocess.CompletedProcess[str], *said: str) -> None:
    """Exit code 2, one sentence or two, no traceback."""
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr
    for words in said:
        assert words in done.stderr, done.stderr
    assert len(done.stderr.strip().splitlines()) <= 2, done.stderr


def assert_answers(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done
    assert "Lantern-2" in done.stdout


# ── a full disk ─────────────────────────────────────────────────────────────────────────────────


@contextmanager
def small_disk(folder: Path, options: str) -> Iterator[Path]:
    """A file system of its own in memory."""
    folder.mkdir()
    if failure := system("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)):
        pytest.skip(f"a small disk cannot be mounted here: {failure}")
    try:
        yield folder
    finally:
        assert not system("umount", "-l", str(folder))


def system(*command: str) -> str:
    """Run a command of the system; what it complains of, nothing where it worked."""
    program = shutil.which(command[0])
    if program is None:
        return f"there is no {command[0]}"
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)  # noqa: S603
    return done.stderr.strip() if done.returncode else ""


def fill(folder: Path) -> None:
    """Leave no byte free."""
    with (folder / "filler").open("wb", buffering=0) as file:
        for size in (2**20, PAGE, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue


@as_root
async def test_full_disk_is_named_and_look_ups_answer(filled: Settings, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=2m") as disk:
        database = Path(shutil.copy(filled.database, disk / "n.db"))
        fill(disk)
        assert_answers(nonmun("paper", "Lantern-2", database=database))
        for command in (("poll",), ("backfill", filled.feeds[0]), ("unmatched", "--forget")):
            done = nonmun(*command, database=database, NONMUN_FEEDS=filled.feeds[0])
            assert_sentence(done, "no space is left on the disk that holds", "Free some space")
        done = nonmun("doctor", "--offline", database=database, NONMUN_FEEDS=filled.feeds[0])
        said = " ".join(done.stdout.split())
        assert done.returncode == 1
        assert "no space is left on the disk that holds" in said
        assert "0 MB free" in said
        (disk / "filler").unlink()
        assert nonmun("poll", database=database, NONMUN_FEEDS=filled.feeds[0]).returncode == 0


@pytest.mark.long
@as_root
async def test_full_inode_table_is_named_and_look_ups_answer(filled: Settings, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=4m,nr_inodes=8") as disk:
        database = Path(shutil.copy(filled.database, disk / "n.db"))
        with suppress(OSError):
            for number in range(20):
                (disk / str(number)).touch()
        assert os.statvfs(disk).f_favail == 0
        assert_answers(nonmun("paper", "Lantern-2", database=database))
        done = nonmun("poll", database=database, NONMUN_FEEDS=filled.feeds[0])
        assert_sentence(done, "no room for more files", "Delete files there")


@pytest.mark.long
@as_root
async def test_read_only_mount_is_named_and_look_ups_answer(filled: Settings, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=4m") as disk:
        database = Path(shutil.copy(filled.database, disk / "n.db"))
        assert not system("mount", "-o", "remount,ro", str(disk))
        assert_answers(nonmun("paper", "Lantern-2", database=database))
        assert nonmun("unmatched", database=database).returncode == 0
        done = nonmun("poll", database=database, NONMUN_FEEDS=filled.feeds[0])
        assert_sentence(done, "mounted read-only", "set NONMUN_DATABASE to a file on another disk")
        done = nonmun("run", database=database, DISCORD_TOKEN="a.b.c")
        assert_sentence(done, "mounted read-only")


@pytest.mark.long
@posix
async def test_limit_of_a_files_size_is_no_space(filled: Settings, tmp_path: Path) -> None:
    """A quota or a limit is said as a full disk, although the disk shows space: the change fails whole."""
    size = filled.database.stat().st_size

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size // PAGE * PAGE, size // PAGE * PAGE))

    big = tmp_path / "big.xml"
    big.write_bytes(make_rss([make_entry(number) for number in range(400, 3, -1)]))
    done = nonmun("poll", database=filled.database, limit=limit, NONMUN_FEEDS=str(big))
    assert_sentence(done, "could not be written")
    assert_answers(nonmun("paper", "Lantern-2", database=filled.database))


async def test_file_that_may_not_grow_is_no_space(database: Database) -> None:
    """SQLite's own word for a full disk ends in the same sentence, and what follows works."""
    async with database.transaction() as db, db.execute("PRAGMA page_count") as cursor:
        row = await cursor.fetchone()
    assert row
    await database._writer.execute(f"PRAGMA max_page_count = {row[0]}")
    with pytest.raises(StoreError, match="no space is left on the disk that holds"):
        async with database.transaction() as db:
            await facts.set_fact(db, "large", "x" * 100_000)
    await database._writer.execute("PRAGMA max_page_count = 100000")
    async with database.transaction() as db:
        await facts.set_fact(db, "large", "x" * 100_000)


# ── rights ──────────────────────────────────────────────────────────────────────────────────────


@as_root
@pytest.mark.parametrize("has_wal", [False, True])
async def test_another_users_file_answers_look_ups(filled: Settings, shared: Settings, has_wal: bool) -> None:
    """A file that may be read and not written; also beside the bot that writes it, with its newest changes."""
    with closing(sqlite3.connect(shared.database)) as writer:
        if has_wal:
            writer.execute("UPDATE reviews SET clean_title = 'Lantern-2 anew' WHERE clean_title LIKE '%-2:%'")
            writer.commit()
        for file in shared.database.parent.iterdir():
            file.chmod(0o444)
        done = nonmun("paper", make_entry(2).link, database=shared.database, spare=filled.database)
        assert done.returncode == 0, done
        assert ("Lantern-2 anew" in done.stdout) == has_wal
        done = nonmun("poll", database=shared.database, spare=filled.database, NONMUN_FEEDS=filled.feeds[0])
        assert_sentence(done, f"uid {NOBODY}", "has no permission to write to", "Run Nonmun as the user that owns")


@as_root
async def test_rights_taken_away_are_named(filled: Settings, shared: Settings) -> None:
    shared.database.chmod(0o600)
    for command in (("paper", "Lantern-2"), ("poll",)):
        done = nonmun(*command, database=shared.database, spare=filled.database, NONMUN_FEEDS=filled.feeds[0])
        assert_sentence(done, "has no permission to read", str(shared.database), "chown")


@as_root
@pytest.mark.parametrize("command", [("paper", "Lantern-2"), ("poll",), ("chat",)])
async def test_closed_folder_is_named(filled: Settings, shared: Settings, command: tuple[str, ...]) -> None:
    """As where the service's folder is its own alone, and somebody else asks."""
    shared.database.parent.chmod(0o700)
    done = nonmun(*command, database=shared.database, spare=filled.database, folder=Path("/"))
    assert_sentence(done, "has no permission to read", str(shared.database.parent), "chown")


@as_root
@pytest.mark.parametrize("closed", [".", ".env"])
async def test_closed_settings_are_named(filled: Settings, shared: Settings, closed: str) -> None:
    """As where `.env`, which has the token, is the service's alone: others are told, instead of asked other feeds."""
    folder = shared.database.parent / "own"
    folder.mkdir()
    (folder / ".env").touch()
    (folder / closed).chmod(0o700)
    done = nonmun("latest", database=shared.database, spare=filled.database, folder=folder)
    assert_sentence(done, str(folder / ".env"), "cannot be read (Permission denied)", "run Nonmun as its owner")


@posix
async def test_new_files_are_their_owners_alone(filled: Settings) -> None:
    """Database, what SQLite keeps beside it, and the folder's other files: nobody else may read them."""
    async with await Database.open(filled.database):
        found = {path.name: path.stat().st_mode & 0o777 for path in filled.database.parent.iterdir()}
    assert set(found) == {"n.db", "n.db-wal", "n.db-shm"}
    assert set(found.values()) == {0o600}


# ── damage ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("command", [("paper", "Lantern-2"), ("latest",), ("poll",), ("export",), ("search", "long")])
async def test_damaged_page_is_a_sentence_with_the_remedy(filled: Settings, command: tuple[str, ...]) -> None:
    overwrite(filled.database, "reviews")
    done = nonmun(*command, database=filled.database, NONMUN_FEEDS=filled.feeds[0])
    assert_sentence(done, f"{filled.database} is damaged", "nonmun restore FILE")


async def test_bot_does_not_start_on_a_damaged_page(filled: Settings) -> None:
    overwrite(filled.database, "reviews")
    done = nonmun("run", database=filled.database, DISCORD_TOKEN="a.b.c", NONMUN_FEEDS=filled.feeds[0])
    assert_sentence(done, "is damaged")


async def test_names_answer_without_the_full_text_index(filled: Settings) -> None:
    """Of a damaged index, look-ups by name want nothing; searches say how it is built anew."""
    overwrite(filled.database, "review_index_data")
    assert_answers(nonmun("paper", "Lantern-2", database=filled.database))
    done = nonmun("search", "documents", database=filled.database)
    assert_sentence(done, "is damaged", "nonmun doctor --repair")


@pytest.mark.parametrize(
    ("command", "found", "sought"),
    [
        (
            "batch",
            '{"id": 1, "command": "paper", "query": "Lantern-2"}',
            '{"id": 1, "command": "search", "query": "documents"}',
        ),
        ("chat", "/paper Lantern-2", "/search documents"),
    ],
)
async def test_a_line_that_cannot_be_answered_stops_no_other(
    filled: Settings, command: str, found: str, sought: str
) -> None:
    """It is answered by the sentence that says what to do, the others as always; the exit code tells."""
    overwrite(filled.database, "review_index_data")
    lines = (found, sought, found)
    done = nonmun(command, database=filled.database, typed="".join(f"{line}\n" for line in lines))
    assert done.returncode == 1, done
    assert done.stdout.count("is damaged") == 1
    before, after = done.stdout.split("doctor --repair")
    assert "Lantern-2" in before
    assert "Lantern-2" in after
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is empty"), (b"Dear aunt, " * 1_000, "is not a database"), (None, "is damaged")],
)
async def test_what_is_left_of_a_file_is_named(filled: Settings, content: bytes | None, said: str) -> None:
    """No bytes, another file's, half of them: a sentence, and the file stays as it is."""
    before = filled.database.read_bytes()
    left = before[: len(before) // 2] if content is None else content
    filled.database.write_bytes(left)
    for command in ("latest", "poll"):
        done = nonmun(command, database=filled.database, NONMUN_FEEDS=filled.feeds[0])
        assert_sentence(done, said, "estore")
    assert filled.database.read_bytes() == left


# ── others that use it ──────────────────────────────────────────────────────────────────────────


async def test_locked_file_is_said_while_we_wait(
    filled: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change waits for another program and says so; too long, it ends in words; reading goes on all the time."""
    monkeypatch.setattr("bot.store.database.TELL_WAITING_S", 0.0)
    monkeypatch.setattr("bot.store.database.BUSY_TIMEOUT_MS", 300)
    async with await Database.open(filled.database) as database:
        with closing(sqlite3.connect(filled.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(BusyError, match="another program has locked it"):
                async with database.transaction():
                    raise AssertionError
            assert await facts.get_fact(database.reader, "index version")
        assert "waiting for another program" in caplog.text
        async with database.transaction() as db:
            await facts.set_fact(db, "a", "1")


async def test_change_given_up_while_it_waits_leaves_nothing_open(
    filled: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled before it began, a change does not begin afterwards and lock everybody out."""
    monkeypatch.setattr("bot.store.database.BUSY_TIMEOUT_MS", 60_000)

    async def change(database: Database) -> None:
        async with database.transaction() as db:
            await facts.set_fact(db, "a", "1")

    async with await Database.open(filled.database) as database:
        with closing(sqlite3.connect(filled.database, isolation_level=None, timeout=60)) as other:
            other.execute("BEGIN IMMEDIATE")
            waiting = asyncio.create_task(change(database))
            await asyncio.sleep(0.05)
            waiting.cancel()
            await asyncio.sleep(0.05)
            other.execute("ROLLBACK")
            with pytest.raises(asyncio.CancelledError):
                await waiting
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
        await change(database)


async def test_removed_and_replaced_files_are_noticed(filled: Settings, tmp_path: Path) -> None:
    """What is written into a file that nobody finds any more is lost; it is not the file that was opened."""
    async with await Database.open(filled.database) as database:
        assert not database.is_replaced()
        filled.database.rename(tmp_path / "elsewhere.db")
        assert database.is_replaced()
        shutil.copy(tmp_path / "elsewhere.db", filled.database)
        assert database.is_replaced()


def test_bug_of_ours_is_no_fault_of_the_disk(tmp_path: Path) -> None:
    """A wrong statement is raised as it is, so that the log shows where."""

    async def ask() -> None:
        async with await Database.open(tmp_path / "n.db") as database:
            await database.reader.execute("SELECT 1 FROM nowhere")

    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        asyncio.run(ask())


def _error(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (_error(sqlite3.SQLITE_BUSY), BusyError, "has locked it. Stop that program"),
        (_error(sqlite3.SQLITE_CORRUPT), DamagedError, "is damaged. Run .*nonmun doctor --repair"),
        (_error(sqlite3.SQLITE_CORRUPT_VTAB), DamagedError, "full-text index .*nonmun doctor --repair"),
        (_error(sqlite3.SQLITE_FULL), StoreError, "no space is left on the disk that holds .* Free some space"),
        (OSError(28, "No space left on device"), StoreError, "no space is left"),
        (OSError(122, "Disk quota exceeded"), StoreError, "no space is left"),
        (_error(sqlite3.SQLITE_IOERR), StoreError, "disk I/O error"),
    ],
)
def test_each_error_has_its_remedy(tmp_path: Path, error: Any, kind: type[StoreError], said: str) -> None:
    found = explain(tmp_path / "n.db", error)
    assert type(found) is kind
    assert re.search(said, str(found))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
async def test_no_space_for_the_answer_is_a_sentence(filled: Settings) -> None:
    """Standard output goes to a full disk."""

    def write_to_a_full_disk() -> None:
        os.dup2(os.open("/dev/full", os.O_WRONLY), 1)

    done = nonmun("export", database=filled.database, limit=write_to_a_full_disk)
    assert_sentence(done, "No disk space is left for the output")
