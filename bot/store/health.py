"""Whether SQLite and the database file are fit for use. All changes are rolled back; a missing file is not made."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.errors import BusyError, StoreError
from bot.models.checks import Check
from bot.store.causes import OTHER_SPACE, REPAIR, Space, explain, nearest_folder, space_at
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
    advice = "Use a Python from python.org, uv or your distribution: their SQLite is newer and has FTS5."
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        wanted = ".".join(map(str, OLDEST_SQLITE))
        return Check.failed("sqlite", f"SQLite {version} is too old; {wanted} or newer is needed", advice)
    with closing(sqlite3.connect(":memory:")) as db:
        try:
            db.execute("CREATE VIRTUAL TABLE probe USING fts5 (text)")
        except sqlite3.OperationalError:
            return Check.failed("sqlite", f"SQLite {version} has no full-text search (FTS5)", advice)
    return Check.ok("sqlite", f"SQLite {version} with FTS5")


# ── the file ────────────────────────────────────────────────────────────────────────────────────


def check_database(path: Path) -> Check:
    """Check that the file can be read and written, is whole, and has the schema of this version."""
    try:
        if not path.exists():
            return _check_missing(path)
        if path.is_file() and not path.stat().st_size:
            advice = "Restore a backup (“nonmun restore FILE”), or delete the file to start over."
            return Check.failed("database", f"{path} is empty", advice)
        with closing(sqlite3.connect(address(path, "rw"), uri=True, timeout=BUSY_TIMEOUT_S)) as db:
            return _check_file(path, db)
    except (sqlite3.Error, OSError) as exc:
        return _unfit(explain(path, exc))


def _unfit(fault: StoreError) -> Check:
    state = Check.warning if isinstance(fault, BusyError) else Check.failed
    return state("database", fault.reason, fault.advice)


def _check_missing(path: Path) -> Check:
    folder = nearest_folder(path)
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        advice = "Give the user who runs Nonmun write permission there, or set NONMUN_DATABASE to a file elsewhere."
        return Check.failed("database", f"{path} does not exist and cannot be created in {folder}", advice)
    return Check.warning("database", f"{path} does not exist yet", "“nonmun poll” creates it and reads the feeds.")


def _check_file(path: Path, db: sqlite3.Connection) -> Check:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        said = (
            f"{path} was written by a newer version of Nonmun "
            f"(schema {version}; this one supports up to {len(MIGRATIONS)})"
        )
        return Check.failed("database", said, "Update Nonmun, or set NONMUN_DATABASE to another file.")
    if damage := find_damage(db, with_index=False):
        return Check.failed("database", f"{path} is damaged: {damage}", REPAIR)
    if not os.access(path, os.W_OK):
        return _unfit(explain(path, OSError("it can be read but not written"), outcome="cannot be written"))
    _try_writing(db)
    if version < len(MIGRATIONS):
        said = f"{path} is intact, with schema {version} of {len(MIGRATIONS)}"
        return Check.warning("database", said, "Nothing to do: Nonmun migrates the file the next time it opens it.")
    if damage := find_index_damage(db):
        return Check.failed("database", f"The full-text index in {path} is damaged: {damage}", REPAIR)
    return Check.ok("database", f"{path} is intact and writable (schema {version}, {_size(path)})")


def _try_writing(db: sqlite3.Connection) -> None:
    """Write as much as a poll would and roll it back: only data that reaches the disk shows that writing works."""
    db.isolation_level = None
    db.execute("PRAGMA cache_size = -64")  # small, so that the rows do not stay in memory until a commit
    db.execute("BEGIN IMMEDIATE")
    try:
        db.execute("CREATE TABLE doctors_probe (content BLOB)")
        for _ in range(16):
            db.execute("INSERT INTO doctors_probe VALUES (zeroblob(?))", (PROBE_BYTES // 16,))
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def find_damage(db: sqlite3.Connection, *, with_index: bool = True) -> str | None:
    """Describe what is broken in a database of any of our versions; None if it is whole."""
    try:
        faults = [row[0] for row in db.execute("PRAGMA quick_check(3)") if row[0] != "ok"]
        if not faults:
            broken = db.execute("PRAGMA foreign_key_check").fetchmany(3)
            faults = [f"a row of {child} has no matching row in {parent}" for child, _, parent, _ in broken]
    except sqlite3.DatabaseError as exc:
        if isinstance(exc, sqlite3.OperationalError):
            raise
        faults = [str(exc)]
    if faults or not with_index:
        return "; ".join(" ".join(fault.split()) for fault in faults) or None
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
        advice = "Mount it read-write, or set NONMUN_DATABASE to a file on another disk."
        return Check.failed("space", f"the disk that holds {folder} is mounted read-only", advice)
    if space.free_bytes is None:
        return Check.ok("space", "the system does not report free disk space")
    said = f"{space.free_bytes / 2**20:,.0f} MB free on the disk that holds {folder}"
    if space.free_files is not None and space.free_files < SCARCE_FILES:
        said = f"the disk that holds {folder} has room for {space.free_files:,} more files (inodes)"
        state = Check.warning if space.free_files else Check.failed
        return state("space", said, "Delete files there.")
    if space.free_bytes < SCARCE_BYTES:
        state = Check.warning if space.free_bytes >= 2 * PROBE_BYTES else Check.failed
        return state("space", said, OTHER_SPACE)
    return Check.ok("space", said)


def check_rights(paths: list[Path]) -> Check:
    """Check that others cannot read secret or private data: the token, who is pinged, what is announced where."""
    if os.name != "posix":
        return Check.ok("rights", "not checked on this system")
    files = [path for path in paths if os.access(path, os.F_OK) and path.is_file()]
    open_ones = [str(path) for path in files if path.stat().st_mode & 0o077]
    if open_ones:
        said = f"other users can read {', '.join(open_ones)}"
        return Check.warning("rights", said, f"Restrict them to their owner: chmod 600 {' '.join(open_ones)}")
    return Check.ok("rights", f"{len(files)} file{'s' if len(files) != 1 else ''}, readable only by the owner")


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
        return Check.ok("bot", "no bot is running on this database; “nonmun run” starts one")
    process = f"process {holder.pid}" if holder.pid is not None else "another process"
    said = f"a bot is running ({process}); last poll {holder.last_poll_s:.0f} s ago"
    if holder.last_poll_s > max(OVERDUE_POLLS * poll_seconds, LEAST_OVERDUE_S):
        return Check.warning("bot", said, "It has stopped polling. Check its log, then restart it.")
    return Check.ok("bot", said)
