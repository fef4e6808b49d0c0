"""Why the file cannot be used and what to do about it: from what SQLite and the system say, and a look at the disk.

SQLite's own messages seldom name the cause: a full disk is a "disk I/O error", a read-only mount "unable to open".
"""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path
from typing import NamedTuple

from bot.errors import BusyError, DamagedError, StoreError
from bot.languages import N_, Message

LEAST_FREE_BYTES = 2**20
"""With less than this left, a failure is due to lack of space: SQLite writes some pages more than it is given."""
REPAIR = Message("Run “nonmun doctor --repair”; if that does not help, restore a backup: “nonmun restore FILE”.")
OTHER_SPACE = Message("Free some space there, or set NONMUN_DATABASE to a file on another disk.")
OTHER_DISK = Message("Mount it read-write, or set NONMUN_DATABASE to a file on another disk.")
CANNOT_USE = N_("{file} cannot be used: {why}")
CANNOT_READ = N_("{file} cannot be read: {why}")
COULD_NOT_READ = N_("{file} could not be read: {why}")
CANNOT_WRITE = N_("{file} cannot be written: {why}")
COULD_NOT_WRITE = N_("{file} could not be written: {why}")
CANNOT_CREATE = N_("{file} cannot be created: {why}")
CANNOT_LOCK = N_("{file} cannot be locked: {why}")
"""What became of a file, for `explain`."""
CANNOT_WRITE_AS = N_("this user ({user}) has no permission to write to {place}")
CANNOT_READ_AS = N_("this user ({user}) has no permission to read {place}")
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_OF_THE_HOST = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}


class Space(NamedTuple):
    """What is left on a disk. None if the system does not say."""

    free_bytes: int | None
    free_files: int | None
    is_read_only: bool


def space_at(path: Path) -> Space:
    """Return what is left on the disk that holds a path, or would hold it."""
    folder = nearest_folder(path)
    if not hasattr(os, "statvfs"):
        return Space(None, None, is_read_only=False)
    try:
        disk = os.statvfs(folder)
    except OSError:
        return Space(None, None, is_read_only=False)
    # Some file systems have no fixed number of files, and say 0 of 0.
    files = disk.f_favail if disk.f_files else None
    return Space(disk.f_bavail * disk.f_frsize, files, is_read_only=bool(disk.f_flag & os.ST_RDONLY))


def nearest_folder(path: Path) -> Path:
    """Return the folder of a path, or the nearest folder above it that exists, as far as this user can see."""
    return next(parent for parent in path.absolute().parents if os.access(parent, os.F_OK))


def is_of_the_host(error: sqlite3.Error) -> bool:
    """Return whether an error comes from the file or its disk. A bad statement or a broken constraint is our bug."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _OF_THE_HOST


def explain(path: Path, error: sqlite3.Error | OSError, *, outcome: str = CANNOT_USE) -> StoreError:
    """Turn an error of SQLite or of the system into one sentence about the file and one about the remedy.

    Args:
        outcome: What became of the file: `CANNOT_USE`, `COULD_NOT_WRITE` …
    """
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if code is not None else None
    if primary in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return BusyError(
            Message(outcome, file=str(path), why=Message("another program has locked it")),
            Message("Stop that program, or try again later."),
        )
    if code == sqlite3.SQLITE_CORRUPT_VTAB:
        return DamagedError(
            Message("The full-text index in {file} is damaged; reviews can still be found by name", file=str(path)),
            REPAIR,
        )
    if primary == sqlite3.SQLITE_CORRUPT:
        return DamagedError(Message("{file} is damaged", file=str(path)), REPAIR)
    if primary == sqlite3.SQLITE_NOTADB:
        return DamagedError(
            Message("{file} is not a database, or its beginning is damaged", file=str(path)),
            Message("Restore a backup (“nonmun restore FILE”), or set NONMUN_DATABASE to another file."),
        )
    reason, advice = _look(path, error, is_full=primary == sqlite3.SQLITE_FULL)
    return StoreError(Message(outcome, file=str(path), why=reason), advice)


def _look(path: Path, error: sqlite3.Error | OSError, *, is_full: bool) -> tuple[str, str]:
    """Return what the disk and the permissions show: (reason, advice)."""
    folder, space = nearest_folder(path), space_at(path)
    if space.is_read_only:
        return Message("the disk that holds {folder} is mounted read-only", folder=str(folder)), OTHER_DISK
    if space.free_files == 0:
        return (
            Message(
                "the disk that holds {folder} has no room for more files (all inodes are in use)", folder=str(folder)
            ),
            Message("Delete files there."),
        )
    is_scarce = space.free_bytes is not None and space.free_bytes < LEAST_FREE_BYTES
    if is_full or is_scarce or getattr(error, "errno", None) in _FULL:
        return Message("no space is left on the disk that holds {folder}", folder=str(folder)), OTHER_SPACE
    if not folder.is_dir():
        return (
            Message("{folder} is not a folder", folder=str(folder)),
            Message("Set NONMUN_DATABASE to a file in another folder."),
        )
    if os.access(path, os.F_OK) and path.is_dir():
        return Message("it is a folder"), Message("Set NONMUN_DATABASE to a file.")
    return _look_at_rights(path, folder) or (
        error.args[0] if error.args and isinstance(error.args[0], Message) else str(error),
        Message("Run “nonmun doctor” for details."),
    )


def _look_at_rights(path: Path, folder: Path) -> tuple[str, str] | None:
    for place, rights in ((path, os.R_OK | os.W_OK), (folder, os.R_OK | os.W_OK | os.X_OK)):
        if not os.access(place, os.F_OK) or os.access(place, rights):
            continue
        said = CANNOT_WRITE_AS if os.access(place, os.R_OK) else CANNOT_READ_AS
        return (
            Message(said, user=_user(), place=str(place)),
            Message("Run Nonmun as the user that owns {place}, or change its owner with chown.", place=str(place)),
        )
    return None


def _user() -> str:
    return f"uid {os.geteuid()}" if hasattr(os, "geteuid") else os.environ.get("USERNAME", "?")
