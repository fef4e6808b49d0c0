"""The database as a file: how SQLite is told of it, how it is made, and how another is put in its place."""

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
"""Has a new file keep what it takes to give space back piece by piece."""
SIDE_FILES = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file."""


def address(path: Path, mode: str) -> str:
    """A path as SQLite's URI. Source: https://www.sqlite.org/uri.html."""
    return f"{path.absolute().as_uri()}?mode={mode}"


def beside(path: Path, suffix: str) -> Path:
    """A file of the same name with something after it."""
    return path.with_name(path.name + suffix)


@contextmanager
def explained(path: Path, *, outcome: str) -> Iterator[None]:
    """Errors of SQLite that come from the file or its disk become a `StoreError`; bugs of ours stay what they are."""
    try:
        yield
    except sqlite3.Error as exc:
        if not is_of_the_host(exc):
            raise
        raise explain(path, exc, outcome=outcome) from exc


def find_readable(path: Path) -> str | None:
    """The address by which a file can be read that perhaps cannot be written; None where it cannot be read.

    Reading alone, SQLite still wants to write beside the file (-shm). Called immutable it does without, and does not
    see what stands in -wal.
    """
    for where in (address(path, "ro"), f"{address(path, 'ro')}&immutable=1"):
        with contextlib.suppress(sqlite3.Error), closing(sqlite3.connect(where, uri=True)) as db:
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return where
    return None


def make_database(path: Path) -> None:
    """Make an empty database, for its owner's eyes alone; it is there at once, with its first page, or not at all.

    A file of no bytes is then always what is left of another one. Does nothing where another process is faster.
    """
    with new_file(path, "new") as made:
        with closing(sqlite3.connect(made, isolation_level=None)) as db:
            db.execute(SHRINKING)  # before the first page is written
            db.execute("PRAGMA journal_mode = WAL")
        with contextlib.suppress(FileExistsError):
            link(made, path)


@contextmanager
def new_file(path: Path, doing: str) -> Iterator[Path]:
    """An empty file beside another, for its owner alone; gone at the end unless it was renamed."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.{doing}-")
    os.close(handle)
    made = Path(name)
    try:
        yield made
    finally:
        for left in (made, *(beside(made, suffix) for suffix in SIDE_FILES)):
            left.unlink(missing_ok=True)


def link(made: Path, path: Path) -> None:
    """Give a file a second name. Raises FileExistsError where there is something of that name."""
    try:
        path.hardlink_to(made)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if path.exists():
            raise FileExistsError(path) from None
        made.rename(path)


def put_in_place(made: Path, path: Path) -> None:
    """Rename a file over another once all of it is on the disk: there is the former file or the whole new one."""
    write_through(made)
    made.replace(path)
    if os.name == "posix":
        write_through(path.parent)


def write_through(path: Path) -> None:
    """Have the system put a file, or a folder's list of files, on the disk."""
    handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def give_to_owner(path: Path, *, of: Path) -> None:
    """Where root made a file for another's database, let its owner use it; SQLite does so with its own files."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        like = (of if of.exists() else of.parent).stat()
        os.chown(path, like.st_uid, like.st_gid)
