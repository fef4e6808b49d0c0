"""The database as a file: how SQLite addresses it, how it is made, and how another is put in its place."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bot.store.causes import explain, is_of_the_host

SHRINKING = "PRAGMA auto_vacuum = INCREMENTAL"
"""Lets a new file give space back piece by piece."""
SIDE_FILES = ("-wal", "-shm", "-journal")
"""Suffixes of the files that SQLite keeps beside a database."""


def address(path: Path, mode: str) -> str:
    """Write a path as SQLite's URI. Source: https://www.sqlite.org/uri.html."""
    return f"{path.absolute().as_uri()}?mode={mode}"


def beside(path: Path, suffix: str) -> Path:
    """Return the file in the same folder whose name has a suffix added."""
    return path.with_name(path.name + suffix)


@contextmanager
def explained(path: Path, *, outcome: str) -> Iterator[None]:
    """Turn SQLite's errors that come from the file or its disk into a `StoreError`; our own bugs pass unchanged."""
    try:
        yield
    except sqlite3.Error as exc:
        if not is_of_the_host(exc):
            raise
        raise explain(path, exc, outcome=outcome) from exc


def find_readable(path: Path) -> str | None:
    """Return the address by which a file can be read even if it cannot be written; None if it cannot be read.

    Even for reading, SQLite wants to write beside the file (-shm). If the file is declared immutable it does not,
    but then it does not see what is in the -wal.
    """
    for where in (address(path, "ro"), f"{address(path, 'ro')}&immutable=1"):
        with contextlib.suppress(sqlite3.Error), closing(sqlite3.connect(where, uri=True)) as db:
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return where
    return None


def make_database(path: Path) -> None:
    """Make an empty database that only its owner can read; it appears complete with its first page, or not at all.

    So an empty file is always what is left of a lost database. Does nothing if another process is faster.
    """
    with new_file(path, "new") as made:
        with closing(sqlite3.connect(made, isolation_level=None)) as db:
            db.execute(SHRINKING)  # before the first page is written
            db.execute("PRAGMA journal_mode = WAL")
        with contextlib.suppress(FileExistsError):
            link(made, path)


@contextmanager
def new_file(path: Path, doing: str) -> Iterator[Path]:
    """Make an empty file beside another that only its owner can read; it is deleted at the end unless renamed."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.{doing}-")
    os.close(handle)
    made = Path(name)
    try:
        yield made
    finally:
        for left in (made, *(beside(made, suffix) for suffix in SIDE_FILES)):
            left.unlink(missing_ok=True)


def link(made: Path, path: Path) -> None:
    """Give a file a second name. Raises FileExistsError if that name is taken."""
    try:
        path.hardlink_to(made)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if path.exists():
            raise FileExistsError(path) from None
        made.rename(path)


def put_in_place(made: Path, path: Path) -> None:
    """Rename a file over another once all of it is on the disk, so that there is always one complete file."""
    write_through(made)
    made.replace(path)
    if os.name == "posix":
        write_through(path.parent)


def write_through(path: Path) -> None:
    """Have the system write a file, or a folder's list of files, to the disk."""
    handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def give_to_owner(path: Path, *, of: Path) -> None:
    """If root made a file for another user's database, give it to that user, as SQLite does with its own files."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        like = (of if of.exists() else of.parent).stat()
        os.chown(path, like.st_uid, like.st_gid)
