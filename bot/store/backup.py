"""Copies of the file: made while the bot runs, and put in its place when it does not.

A copy is made beside its place under another name, checked, written through to the disk and renamed: under the name
that was asked for there is the former file or the whole new one, whatever happens in between.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.errors import BusyError, DamagedError, StoreError
from bot.store.causes import explain
from bot.store.files import (
    SHRINKING,
    SIDE_FILES,
    address,
    beside,
    explained,
    find_readable,
    give_to_owner,
    new_file,
    put_in_place,
    write_through,
)
from bot.store.health import find_damage
from bot.store.lock import BotLock
from bot.store.schema import MIGRATIONS

PAGES = 256
"""Copied at a step, a megabyte; between two steps whoever writes goes on."""
EVERY = timedelta(days=1)
"""How often a running bot makes a backup."""
BUSY_TIMEOUT_S = 3.0
LEFT_S = 3_600.0
"""A copy under way that nobody has written to for so long is what is left of a process that was killed."""
_STAMP = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"nonmun-(\d{8}T\d{6}Z)\.db", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A copy that was made.

    Attributes:
        path: Where it stands now.
        kept: Where the file that was there before is kept; None where there was none.
    """

    path: Path
    reviews: int
    bytes: int
    kept: Path | None = None


# ── making ──────────────────────────────────────────────────────────────────────────────────────


def back_up(database: Path, to: Path, *, keep: int | None = None, is_folder: bool = False, now: datetime) -> Copied:
    """Copy the database as it is now, also while a bot writes to it. Blocking.

    Args:
        to: A file, or a folder, where the copy gets a name with date and time.
        is_folder: It is meant to be a folder, and a fault where it is not there, as on a disk that is not mounted.
        keep: Of the copies in that folder, how many of the newest stay; None for all. Other files are left alone.
    Raises:
        StoreError: There is nothing to copy, it is damaged, or the copy cannot be written. What was there is there.
    """
    if not database.exists():
        raise StoreError(f"{database} does not exist", "Set NONMUN_DATABASE, or --db, to the file to be backed up.")
    if is_folder and not to.is_dir():
        raise StoreError(f"The folder {to} does not exist", "Make it, or set NONMUN_BACKUP_DIR to another one.")
    target = (to / f"nonmun-{now.astimezone(UTC):{_STAMP}}.db" if to.is_dir() else to).resolve()
    _refuse_target(database, target)
    with _new_file(target, "backing-up") as made:
        _copy(address(database, "rw"), made, of=database)
        reviews = _check(made, of=database)
        put_in_place(made, target)
    if keep is not None and to.is_dir():
        for old in backups_in(to, now)[keep:]:
            old.unlink(missing_ok=True)
    return Copied(path=target, reviews=reviews, bytes=target.stat().st_size)


def backups_in(folder: Path, now: datetime) -> list[Path]:
    """The copies in a folder that have a name of ours, the newest first; those of a clock that was ahead last."""
    if not folder.is_dir():
        return []
    made = {path: made_at for path in folder.iterdir() if (made_at := backup_time(path))}
    return sorted(made, key=lambda path: (made[path] <= now, made[path]), reverse=True)


def next_backup_in(folder: Path, now: datetime) -> timedelta:
    """How long after a start the next backup is due: a day after the last one; at once after one of the future."""
    newest = next(iter(backups_in(folder, now)), None)
    made_at = backup_time(newest) if newest else None
    if made_at is None or made_at > now:
        return timedelta()
    return max(made_at + EVERY - now, timedelta())


def backup_time(path: Path) -> datetime | None:
    """When a copy was made, by its name; None where the name is not ours."""
    match = _NAME.fullmatch(path.name)
    return datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC) if match else None


def _refuse_target(database: Path, target: Path) -> None:
    ours = {beside(database.resolve(), suffix) for suffix in ("", ".lock", *SIDE_FILES)}
    if target.resolve() in ours:
        raise StoreError(f"{target} belongs to the database itself", "Choose another file, or a folder.")
    if not target.parent.is_dir():
        raise StoreError(f"The folder {target.parent} does not exist", "Make it, or choose another one.")
    if target.exists():
        with target.open("rb") as file:
            if file.read(16) != b"SQLite format 3\0":
                raise StoreError(f"{target} is not a backup, and is left as it is", "Choose another name.")


# ── putting in place ────────────────────────────────────────────────────────────────────────────


def restore(database: Path, file: Path, *, now: datetime) -> Copied:
    """Put a copy in the place of the database, whose former file is kept beside it. Blocking.

    Raises:
        BotRunningError: A bot runs on the database.
        StoreError: The copy cannot be used, or the database not be replaced. What was there is there.
    """
    if not file.is_file():
        raise StoreError(f"{file} does not exist", "Name a file that “nonmun backup” made.")
    database = database.resolve()
    if database.exists() and file.samefile(database):
        raise StoreError(f"{file} is the database itself", "Name a file that “nonmun backup” made.")
    with BotLock(database), _new_file(database, "restoring") as made:
        _copy(find_readable(file) or address(file, "ro"), made, of=file)
        reviews = _check(made, of=file)
        kept = _exchange(made, database, f"before-restore-{now.astimezone(UTC):{_STAMP}}")
    return Copied(path=database, reviews=reviews, bytes=database.stat().st_size, kept=kept)


def repair(database: Path, *, now: datetime) -> Copied | None:
    """Copy all that can be read into a new file, and put that in place; the full-text index is built anew. Blocking.

    The index comes back when the stored entries are read again, as after an update.

    Returns:
        None where nothing is damaged.
    Raises:
        BotRunningError: A bot runs on the database.
        DamagedError: What is damaged cannot be built anew.
    """
    database = database.resolve()
    if not database.exists():
        raise StoreError(f"{database} does not exist", "There is nothing to repair.")
    with BotLock(database):
        with explained(database, outcome="cannot be read"), closing(_connect(address(database, "rw"))) as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if find_damage(db) is None:
                return None
        with _new_file(database, "repairing") as made:
            try:
                _rebuild(database, made, version)
                reviews = _check(made, of=database)
            except (sqlite3.Error, DamagedError) as exc:
                advice = "Restore a backup: “nonmun restore FILE”."
                raise DamagedError(f"{database} cannot be repaired: {exc}", advice) from exc
            kept = _exchange(made, database, f"before-repair-{now.astimezone(UTC):{_STAMP}}")
    return Copied(path=database, reviews=reviews, bytes=database.stat().st_size, kept=kept)


def _rebuild(database: Path, made: Path, version: int) -> None:
    with closing(_connect(address(made, "rw"))) as db:
        db.execute(SHRINKING)
        for migration in MIGRATIONS[:version]:
            for statement in migration:
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {version}")
        db.execute("ATTACH ? AS old", (address(database, "rw"),))
        db.execute("BEGIN")
        names = db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in names:
            if name.startswith("review_index"):
                continue
            db.execute(f"DELETE FROM main.{name}")
            columns = ", ".join(row[1] for row in db.execute(f"PRAGMA main.table_info({name})"))
            db.execute(f"INSERT INTO main.{name} ({columns}) SELECT {columns} FROM old.{name}")
        db.execute("UPDATE main.reviews SET structure_version = 0")
        db.execute("COMMIT")


def _exchange(made: Path, database: Path, stamp: str) -> Path | None:
    """Put a new file in the place of the database, and keep the one that was there.

    What is in the old file's -wal must not be taken for the new one's. So it is first written into the old file, for
    which nobody else may have it open; that of a damaged file, which cannot be written back, is moved along.
    """
    kept = beside(database, f".{stamp}")
    write_through(made)
    give_to_owner(made, of=database)
    with _alone(database):
        if database.exists():
            _keep(database, kept)
        for suffix in SIDE_FILES:
            if beside(database, suffix).exists():
                beside(database, suffix).replace(beside(kept, suffix))
        put_in_place(made, database)
    if not kept.exists():
        return None
    kept.chmod(0o600)
    return kept


def _keep(database: Path, kept: Path) -> None:
    """A second name for the file; the first one stays until the new file takes it."""
    try:
        kept.hardlink_to(database)
    except FileExistsError as exc:
        raise BusyError(f"{kept} is there already", "Try again in a second.") from exc
    except OSError:  # a file system without hard links
        shutil.copy2(database, kept)
        write_through(kept)


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """Nobody else has the file open, what stood in its -wal is in it, and who opens it now waits until we are done.

    Of a damaged file none of that can be had.

    Raises:
        BusyError: Another program has it open.
    """
    if not database.exists():
        yield
        return
    with closing(_connect(address(database, "rw"))) as db:
        try:
            db.execute("PRAGMA journal_mode = DELETE")  # writes all of -wal back, and removes it
            db.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as exc:
            if isinstance(fault := explain(database, exc), BusyError):
                advice = "End it (such as “nonmun poll” or “nonmun chat”), and try again."
                raise BusyError(f"{database} is in use by another program", advice) from exc
            if not isinstance(fault, DamagedError):
                raise fault from exc
        if os.name == "nt":  # an open file cannot be replaced there
            db.close()
        yield


# ── pieces ──────────────────────────────────────────────────────────────────────────────────────


def _connect(where: str) -> sqlite3.Connection:
    return sqlite3.connect(where, uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_S)


@contextmanager
def _new_file(target: Path, doing: str) -> Iterator[Path]:
    """A file that is to become another; what is left of earlier ones that were killed is cleared away."""
    try:
        for left in target.parent.glob(f".{target.name}.{doing}-*"):
            if time.time() - left.stat().st_mtime > LEFT_S:
                left.unlink(missing_ok=True)
        with new_file(target, doing) as made:
            yield made
    except OSError as exc:
        raise explain(target, exc, outcome="could not be written") from exc


def _copy(source: str, made: Path, *, of: Path) -> None:
    """Copy a database as it is at this moment, a few pages at a time."""
    with explained(of, outcome="cannot be read"):
        read = _connect(source)
    with closing(read):
        with explained(of, outcome="cannot be read"):
            # One state for all steps: without a transaction, a change in between would have it begin anew.
            read.execute("BEGIN")
            read.execute("SELECT count(*) FROM sqlite_master").fetchone()
        try:
            with closing(_connect(address(made, "rw"))) as written:
                read.backup(written, pages=PAGES, sleep=0.0)
                written.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        except sqlite3.Error as exc:
            # Which of the two failed: damage is the source's, anything else the copy's.
            fault = explain(of, exc, outcome="cannot be read")
            if not isinstance(fault, DamagedError):
                fault = explain(made, exc, outcome="could not be written")
            raise fault from exc


def _check(made: Path, *, of: Path) -> int:
    """See to it that a copy is ours and whole; how many reviews it holds."""
    with closing(_connect(address(made, "rw"))) as db:
        try:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > len(MIGRATIONS):
                raise StoreError(
                    f"{of} was written by a newer Nonmun (schema {version}; this one knows up to {len(MIGRATIONS)})",
                    "Update Nonmun first.",
                )
            tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if version < 1 or not tables >= {"feeds", "reviews", "deliveries", "facts"}:
                raise StoreError(f"{of} is not a database of Nonmun", "Name another file.")
            if damage := find_damage(db):
                advice = "Run “nonmun doctor --repair”, or use an older backup."
                raise DamagedError(f"{of} is damaged: {damage}", advice)
            return int(db.execute("SELECT count(*) FROM reviews").fetchone()[0])
        except sqlite3.Error as exc:
            raise explain(of, exc) from exc
