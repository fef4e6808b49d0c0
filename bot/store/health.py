"""Whether SQLite and the database file are fit for use. All changes are rolled back; a missing file is not made."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.errors import BusyError, NewerDatabaseError, StoreError
from bot.languages import Message, _, join, ngettext, say
from bot.models.checks import Check
from bot.store.causes import CANNOT_WRITE, OTHER_DISK, OTHER_SPACE, REPAIR, Space, explain, nearest_folder, space_at
from bot.store.files import SIDE_FILES, address, beside
from bot.store.lock import find_holder
from bot.store.schema import MIGRATIONS

OLDEST_SQLITE = (3, 37, 0)
"""STRICT tables, https://sqlite.org/stricttables.html; RETURNING is older."""
BUSY_TIMEOUT_S = 2.0
PROBE_BYTES = 2**20
SCARCE_BYTES = 200 * 2**20
SCARCE_FILES = 1_000
OVERDUE_POLLS = 3
LEAST_OVERDUE_S = 120.0
"""A bot that has just started, or whose feed takes long, has not stopped."""


def check_sqlite() -> Check:
    """Check that this Python's SQLite is new enough and has full-text search."""
    version = sqlite3.sqlite_version
    advice = _("Use a Python from python.org, uv or your distribution: their SQLite is newer and has FTS5.")
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        wanted = ".".join(map(str, OLDEST_SQLITE))
        said = _("SQLite {version} is too old; {wanted} or newer is needed").format(version=version, wanted=wanted)
        return Check.failed("sqlite", said, advice)
    with closing(sqlite3.connect(":memory:")) as db:
        try:
            db.execute("CREATE VIRTUAL TABLE probe USING fts5 (text)")
        except sqlite3.OperationalError:
            said = _("SQLite {version} has no full-text search (FTS5)").format(version=version)
            return Check.failed("sqlite", said, advice)
    return Check.ok("sqlite", _("SQLite {version} with FTS5").format(version=version))


# ── the file ────────────────────────────────────────────────────────────────────────────────────


def check_database(path: Path) -> Check:
    """Check that the file can be read and written, is whole, and has the schema of this version."""
    try:
        if not path.exists():
            return _check_missing(path)
        if path.is_file() and not path.stat().st_size:
            advice = _("Restore a backup (“nonmun restore FILE”), or delete the file to start over.")
            return Check.failed("database", _("{file} is empty").format(file=path), advice)
        with closing(sqlite3.connect(address(path, "rw"), uri=True, timeout=BUSY_TIMEOUT_S)) as db:
            return _check_file(path, db)
    except (sqlite3.Error, OSError) as exc:
        return _unfit(explain(path, exc))


def _unfit(fault: StoreError) -> Check:
    state = Check.warning if isinstance(fault, BusyError) else Check.failed
    return state("database", say(fault.reason), say(fault.advice))


def _check_missing(path: Path) -> Check:
    folder = nearest_folder(path)
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        said = _("{file} does not exist and cannot be created in {folder}").format(file=path, folder=folder)
        advice = _(
            "Give the user who runs Nonmun write permission there, or set NONMUN_DATABASE to a file elsewhere."
        )
        return Check.failed("database", said, advice)
    said = _("{file} does not exist yet").format(file=path)
    return Check.warning("database", said, _("“nonmun poll” creates it and reads the feeds."))


def _check_file(path: Path, db: sqlite3.Connection) -> Check:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        return _unfit(NewerDatabaseError(str(path), version, len(MIGRATIONS)))
    if damage := find_damage(db, with_index=False):
        said = _("{file} is damaged: {damage}").format(file=path, damage=say(damage))
        return Check.failed("database", said, say(REPAIR))
    if not os.access(path, os.W_OK):
        return _unfit(explain(path, OSError(Message("it can be read but not written")), outcome=CANNOT_WRITE))
    _try_writing(db)
    if version < len(MIGRATIONS):
        said = _("{file} is intact, with schema {version} of {latest}").format(
            file=path, version=version, latest=len(MIGRATIONS)
        )
        advice = _("Nothing to do: Nonmun migrates the file the next time it opens it.")
        return Check.warning("database", said, advice)
    if damage := find_index_damage(db):
        said = _("The full-text index in {file} is damaged: {damage}").format(file=path, damage=damage)
        return Check.failed("database", said, say(REPAIR))
    said = _("{file} is intact and writable (schema {version}, {size})")
    return Check.ok("database", said.format(file=path, version=version, size=_size(path)))


def _try_writing(db: sqlite3.Connection) -> None:
    """Write as much as a poll would and roll it back: only data that reaches the disk shows that writing works."""
    db.isolation_level = None
    db.execute("PRAGMA cache_size = -64")  # small, so that the rows do not stay in memory until a commit
    db.execute("BEGIN IMMEDIATE")
    try:
        db.execute("CREATE TABLE doctors_probe (content BLOB)")
        for _part in range(16):
            db.execute("INSERT INTO doctors_probe VALUES (zeroblob(?))", (PROBE_BYTES // 16,))
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def find_damage(db: sqlite3.Connection, *, with_index: bool = True) -> str | None:
    """Describe what is broken in a database of any of our versions; None if it is whole."""
    try:
        faults = [" ".join(row[0].split()) for row in db.execute("PRAGMA quick_check(3)") if row[0] != "ok"]
        if not faults:
            broken = db.execute("PRAGMA foreign_key_check").fetchmany(3)
            faults = [
                Message("a row of {child} has no matching row in {parent}", child=row[0], parent=row[2])
                for row in broken
            ]
    except sqlite3.DatabaseError as exc:
        if isinstance(exc, sqlite3.OperationalError):
            raise
        faults = [str(exc)]
    if faults or not with_index:
        return join("; ", faults) or None
    return find_index_damage(db)


def find_index_damage(db: sqlite3.Connection) -> str | None:
    """Describe how the full-text index disagrees with its texts; None if it does not.

    To SQLite this check is a change, which is rolled back.

    Source: https://www.sqlite.org/fts5.html#the_integrity_check_command.
    """
    db.isolation_level = None
    db.execute("BEGIN IMMEDIATE")
    try:
        db.execute("INSERT INTO review_index (review_index) VALUES ('integrity-check')")
    except sqlite3.DatabaseError as exc:
        if isinstance(exc, sqlite3.OperationalError):
            raise
        return str(exc)
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")
    return None


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 2**20:.1f} MB"


# ── around the file ─────────────────────────────────────────────────────────────────────────────


def check_space(path: Path) -> Check:
    """Check what is left on the disk: bytes, and files."""
    return judge_space(nearest_folder(path), space_at(path))


def judge_space(folder: Path, space: Space) -> Check:
    """Judge what the space left means for a database in a folder."""
    if space.is_read_only:
        said = _("the disk that holds {folder} is mounted read-only").format(folder=folder)
        return Check.failed("space", said, say(OTHER_DISK))
    if space.free_bytes is None:
        return Check.ok("space", _("the system does not report free disk space"))
    said = _("{size:,.0f} MB free on the disk that holds {folder}").format(
        size=space.free_bytes / 2**20, folder=folder
    )
    if space.free_files is not None and space.free_files < SCARCE_FILES:
        said = _("the disk that holds {folder} has room for {count:,} more files (inodes)").format(
            folder=folder, count=space.free_files
        )
        state = Check.warning if space.free_files else Check.failed
        return state("space", said, _("Delete files there."))
    if space.free_bytes < SCARCE_BYTES:
        state = Check.warning if space.free_bytes >= 2 * PROBE_BYTES else Check.failed
        return state("space", said, say(OTHER_SPACE))
    return Check.ok("space", said)


def check_rights(paths: list[Path]) -> Check:
    """Check that others cannot read secret or private data: the token, who is pinged, what is announced where."""
    if os.name != "posix":
        return Check.ok("rights", _("not checked on this system"))
    files = [path for path in paths if os.access(path, os.F_OK) and path.is_file()]
    open_ones = [str(path) for path in files if path.stat().st_mode & 0o077]
    if open_ones:
        said = _("other users can read {files}").format(files=", ".join(open_ones))
        advice = _("Restrict them to their owner: {command}").format(command=f"chmod 600 {' '.join(open_ones)}")
        return Check.warning("rights", said, advice)
    said = ngettext(
        "{count} file, readable only by the owner", "{count} files, readable only by the owner", len(files)
    )
    return Check.ok("rights", said.format(count=len(files)))


def files_of(database: Path) -> list[Path]:
    """Return the file, those that SQLite keeps beside it, and those that restoring or repairing kept."""
    return [
        database,
        *(beside(database, suffix) for suffix in SIDE_FILES),
        *database.parent.glob(f"{database.name}.before-*"),
    ]


def check_bot(database: Path, *, poll_seconds: int) -> Check:
    """Check whether a bot runs on the database, and polls."""
    holder = find_holder(database)
    if holder is None:
        return Check.ok("bot", _("no bot is running on this database; “nonmun run” starts one"))
    process = _("process {pid}").format(pid=holder.pid) if holder.pid is not None else _("another process")
    said = _("a bot is running ({process}); it last read the feeds {seconds:.0f} s ago").format(
        process=process, seconds=holder.last_poll_s
    )
    if holder.last_poll_s > max(OVERDUE_POLLS * poll_seconds, LEAST_OVERDUE_S):
        return Check.warning("bot", said, _("It has stopped reading feeds. Check its log, then restart it."))
    return Check.ok("bot", said)
