"""Whether SQLite and the database file are fit for use. Nothing here writes: a missing file is not made."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.models import Check
from bot.store.schema import MIGRATIONS

OLDEST_SQLITE = (3, 37, 0)
"""STRICT tables, https://sqlite.org/stricttables.html; RETURNING is older."""


def check_sqlite() -> Check:
    """Whether this Python's SQLite is new enough and has full-text search."""
    version = sqlite3.sqlite_version
    advice = "Use a Python from python.org, uv or your distribution: their SQLite is newer and has FTS5."
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        wanted = ".".join(map(str, OLDEST_SQLITE))
        return Check.failed("sqlite", f"SQLite {version} is too old; {wanted} is needed", advice)
    with closing(sqlite3.connect(":memory:")) as db:
        try:
            db.execute("CREATE VIRTUAL TABLE probe USING fts5 (text)")
        except sqlite3.OperationalError:
            return Check.failed("sqlite", f"SQLite {version} has no full-text search (FTS5)", advice)
    return Check.ok("sqlite", f"SQLite {version} with FTS5")


def check_database(path: Path) -> Check:
    """Whether the file can be read and written, is whole, and has the schema of this version."""
    if not path.exists():
        return _check_missing(path)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=5.0)) as db:
            return _check_file(path, db)
    except sqlite3.OperationalError as exc:
        if "locked" in str(exc):
            advice = "Another program holds the file for long; end it, or try again."
            return Check.warning("database", f"{path} is busy: {exc}", advice)
        advice = f"Let the user who runs Nonmun read and write {path} and its folder."
        return Check.failed("database", f"{path} cannot be used: {exc}", advice)
    except sqlite3.DatabaseError as exc:
        return _damaged(path, str(exc))


def _check_missing(path: Path) -> Check:
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        advice = "Let the user who runs Nonmun write there, or set NONMUN_DATABASE to another place."
        return Check.failed("database", f"{path} does not exist, and cannot be made in {folder}", advice)
    return Check.warning("database", f"{path} does not exist yet", "“nonmun poll” makes it and reads the feeds.")


def _check_file(path: Path, db: sqlite3.Connection) -> Check:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        said = f"{path} was written by a newer Nonmun (schema {version}; this one knows {len(MIGRATIONS)})"
        return Check.failed("database", said, "Update Nonmun, or set NONMUN_DATABASE to another file.")
    faults = [row[0] for row in db.execute("PRAGMA quick_check(3)") if row[0] != "ok"]
    if faults:
        return _damaged(path, "; ".join(faults))
    if not os.access(path, os.W_OK):
        advice = f"Let the user who runs Nonmun write {path}."
        return Check.failed("database", f"{path} can be read but not written", advice)
    db.execute("BEGIN IMMEDIATE")  # raises where the disk or another process does not let us
    db.execute("ROLLBACK")
    if version < len(MIGRATIONS):
        said = f"{path} is whole, and has schema {version} of {len(MIGRATIONS)}"
        return Check.warning("database", said, "Nothing: it is brought up to date when Nonmun next opens it.")
    return Check.ok("database", f"{path} is whole and can be written (schema {version}, {_size(path)})")


def _damaged(path: Path, fault: str) -> Check:
    advice = (
        f"Keep a copy of {path}, then remove it: “nonmun poll” reads everything again. What was announced "
        "is forgotten, so leave NONMUN_ANNOUNCE_BACKLOG at 0 for the first start."
    )
    return Check.failed("database", f"{path} is damaged: {fault}", advice)


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 2**20:.1f} MB"
