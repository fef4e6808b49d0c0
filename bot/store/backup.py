"""Copies of the file: made while the bot runs, and put in its place when it does not.

A copy is made beside its final place under another name, checked, written through to the disk and renamed. So the
requested name always holds the former file or the complete new one, whatever happens in between.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.errors import BusyError, DamagedError, NewerDatabaseError, StoreError
from bot.languages import Message
from bot.store.causes import CANNOT_READ, COULD_NOT_WRITE, explain
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
from bot.store.kept import GLOSSARY, NAMES
from bot.store.lock import BotLock
from bot.store.schema import MIGRATIONS
from bot.text.patterns import lazy_pattern

PAGES = 256
"""Copied in one step, a megabyte; between two steps, other writers can continue."""
EVERY = timedelta(days=1)
"""How often a running bot makes a backup."""
BUSY_TIMEOUT_S = 3.0
LEFT_S = 3_600.0
"""An unfinished copy that nobody has written to for this long is left from a process that was killed."""
Tell = Callable[[int, int], None]
"""Called after each step with the pages that are copied, and how many there are."""
_STAMP = "%Y%m%dT%H%M%SZ"
_NAME = lazy_pattern(r"nonmun-(\d{8}T\d{6}Z)\.db", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A copy that was made.

    Attributes:
        path: Where the copy is now.
        kept: Where the file that was there before is kept; None if there was none.
    """

    path: Path
    reviews: int
    bytes: int
    kept: Path | None = None


# ── making ──────────────────────────────────────────────────────────────────────────────────────


def back_up(
    database: Path,
    to: Path,
    *,
    keep: int | None = None,
    is_folder: bool = False,
    now: datetime,
    tell: Tell | None = None,
) -> Copied:
    """Copy the database as it is now, even while a bot writes to it. Blocking.

    Args:
        to: A file, or a folder, in which the copy gets a name with date and time.
        is_folder: ``to`` must be an existing folder. A missing one is an error, as on a disk that is not mounted.
        keep: How many of the newest copies in that folder stay; None for all. Other files are left alone.
    Raises:
        StoreError: There is nothing to copy, it is damaged, or the copy cannot be written. Nothing was replaced.
    """
    if not database.exists():
        raise StoreError(
            Message("{file} does not exist", file=str(database)),
            Message("Set NONMUN_DATABASE or --db to the database that you want to back up."),
        )
    if is_folder and not to.is_dir():
        raise StoreError(
            Message("The folder {folder} does not exist", folder=str(to)),
            Message("Create it, or set NONMUN_BACKUP_DIR to another folder."),
        )
    target = (to / f"nonmun-{now.astimezone(UTC):{_STAMP}}.db" if to.is_dir() else to).resolve()
    _refuse_target(database, target)
    with _new_file(target, "backing-up") as made:
        _copy(address(database, "rw"), made, of=database, tell=tell)
        reviews = _check(made, of=database)
        put_in_place(made, target)
    if keep is not None and to.is_dir():
        for old in backups_in(to, now)[keep:]:
            old.unlink(missing_ok=True)
    return Copied(path=target, reviews=reviews, bytes=target.stat().st_size)


def backups_in(folder: Path, now: datetime) -> list[Path]:
    """Return the copies in a folder that have a name of ours, the newest first; those from the future last."""
    if not folder.is_dir():
        return []
    made = {path: made_at for path in folder.iterdir() if (made_at := backup_time(path))}
    return sorted(made, key=lambda path: (made[path] <= now, made[path]), reverse=True)


def next_backup_in(folder: Path, now: datetime) -> timedelta:
    """Return how long to wait for the next backup: until a day after the last one; not at all if that is unknown.

    A copy from the future comes from a clock that was ahead, and tells nothing.
    """
    newest = next(iter(backups_in(folder, now)), None)
    made_at = backup_time(newest) if newest else None
    if made_at is None or made_at > now:
        return timedelta()
    return max(made_at + EVERY - now, timedelta())


def backup_time(path: Path) -> datetime | None:
    """Return when a copy was made, by its name; None if the name is not ours."""
    match = _NAME.fullmatch(path.name)
    return datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC) if match else None


def _refuse_target(database: Path, target: Path) -> None:
    ours = {beside(database.resolve(), suffix) for suffix in ("", ".lock", GLOSSARY, NAMES, *SIDE_FILES)}
    if target.resolve() in ours:
        raise StoreError(
            Message("{file} is part of the database itself", file=str(target)),
            Message("Choose another file, or a folder."),
        )
    if not target.parent.is_dir():
        raise StoreError(
            Message("The folder {folder} does not exist", folder=str(target.parent)),
            Message("Create it, or choose another folder."),
        )
    if target.exists():
        with target.open("rb") as file:
            if file.read(16) != b"SQLite format 3\0":
                raise StoreError(
                    Message("{file} already exists, is not a backup, and was not overwritten", file=str(target)),
                    Message("Choose another name."),
                )


# ── putting in place ────────────────────────────────────────────────────────────────────────────


def restore(database: Path, file: Path, *, now: datetime, tell: Tell | None = None) -> Copied:
    """Put a copy in the place of the database, and keep the former file beside it. Blocking.

    Raises:
        BotRunningError: A bot runs on the database.
        StoreError: The copy cannot be used, or the database cannot be replaced. Nothing was replaced.
    """
    if not file.is_file():
        raise StoreError(
            Message("{file} does not exist", file=str(file)), Message("Give a file made by “nonmun backup”.")
        )
    database = database.resolve()
    if database.exists() and file.samefile(database):
        raise StoreError(
            Message("{file} is the database itself", file=str(file)), Message("Give a file made by “nonmun backup”.")
        )
    with BotLock(database), _new_file(database, "restoring") as made:
        _copy(find_readable(file) or address(file, "ro"), made, of=file, tell=tell)
        reviews = _check(made, of=file)
        kept = _exchange(made, database, f"before-restore-{now.astimezone(UTC):{_STAMP}}")
    return Copied(path=database, reviews=reviews, bytes=database.stat().st_size, kept=kept)


def repair(database: Path, *, now: datetime) -> Copied | None:
    """Copy all that can be read into a new file, and put that in place of a damaged one. Blocking.

    The full-text index is left out; it is rebuilt when the stored entries are read again, as after an update.

    Returns:
        None if nothing is damaged.
    Raises:
        BotRunningError: A bot runs on the database.
        DamagedError: The damaged part cannot be rebuilt.
        StoreError: There is no database, or the new file cannot be written.
    """
    database = database.resolve()
    if not database.exists():
        raise StoreError(Message("{file} does not exist", file=str(database)), Message("There is nothing to repair."))
    with BotLock(database):
        with explained(database, outcome=CANNOT_READ), closing(_connect(address(database, "rw"))) as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if find_damage(db) is None:
                return None
        with _new_file(database, "repairing") as made:
            try:
                _rebuild(database, made, version)
                reviews = _check(made, of=database)
            except (sqlite3.Error, DamagedError) as exc:
                why = exc.reason if isinstance(exc, DamagedError) else str(exc)
                raise DamagedError(
                    Message("{file} cannot be repaired: {why}", file=str(database), why=why),
                    Message("Restore a backup: “nonmun restore FILE”."),
                ) from exc
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
    """Put a new file in the place of the database, and keep the former one.

    The former file's -wal must not be taken for the new one's. So its content is first written into the former file,
    which nobody else may have open then; the -wal of a damaged file cannot be written back, and is moved along.
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
    """Give the file a second name; the first stays until the new file takes it."""
    try:
        kept.hardlink_to(database)
    except FileExistsError as exc:
        raise BusyError(Message("{file} already exists", file=str(kept)), Message("Try again in a second.")) from exc
    except OSError:  # a file system without hard links
        shutil.copy2(database, kept)
        write_through(kept)


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """Have the file to ourselves, with the content of its -wal in it; others who open it now wait until we are done.

    None of this is possible for a damaged file.

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
                raise BusyError(
                    Message("{file} is in use by another program", file=str(database)),
                    Message("Stop it (for example “nonmun poll” or “nonmun chat”), and try again."),
                ) from exc
            if not isinstance(fault, DamagedError):
                raise fault from exc
        if os.name == "nt":  # an open file cannot be replaced there
            db.close()
        yield


# ── helpers ─────────────────────────────────────────────────────────────────────────────────────


def _connect(where: str) -> sqlite3.Connection:
    return sqlite3.connect(where, uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_S)


@contextmanager
def _new_file(target: Path, doing: str) -> Iterator[Path]:
    """Make a file that will become another, and remove those that killed processes left behind."""
    try:
        for left in target.parent.glob(f".{target.name}.{doing}-*"):
            if time.time() - left.stat().st_mtime > LEFT_S:
                left.unlink(missing_ok=True)
        with new_file(target, doing) as made:
            yield made
    except OSError as exc:
        raise explain(target, exc, outcome=COULD_NOT_WRITE) from exc


def _copy(source: str, made: Path, *, of: Path, tell: Tell | None) -> None:
    """Copy a database as it is at this moment, a few pages at a time."""

    def count(_status: int, remaining: int, total: int) -> None:
        if tell:
            tell(total - remaining, total)

    with explained(of, outcome=CANNOT_READ):
        read = _connect(source)
    with closing(read):
        with explained(of, outcome=CANNOT_READ):
            # One state for all steps: without a transaction, a change in between would make the copy start over.
            read.execute("BEGIN")
            read.execute("SELECT count(*) FROM sqlite_master").fetchone()
        try:
            with closing(_connect(address(made, "rw"))) as written:
                read.backup(written, pages=PAGES, progress=count, sleep=0.0)
                written.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        except sqlite3.Error as exc:
            # Damage comes from the source; any other error from the copy.
            fault = explain(of, exc, outcome=CANNOT_READ)
            if not isinstance(fault, DamagedError):
                fault = explain(made, exc, outcome=COULD_NOT_WRITE)
            raise fault from exc


def _check(made: Path, *, of: Path) -> int:
    """Check that a copy is ours and whole, and return how many reviews it holds."""
    with closing(_connect(address(made, "rw"))) as db:
        try:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > len(MIGRATIONS):
                raise NewerDatabaseError(str(of), version, len(MIGRATIONS))
            tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if version < 1 or not tables >= {"feeds", "reviews", "deliveries", "facts"}:
                raise StoreError(
                    Message("{file} is not a Nonmun database", file=str(of)), Message("Choose another file.")
                )
            if damage := find_damage(db):
                raise DamagedError(
                    Message("{file} is damaged: {damage}", file=str(of), damage=damage),
                    Message("Run “nonmun doctor --repair”, or use an older backup."),
                )
            return int(db.execute("SELECT count(*) FROM reviews").fetchone()[0])
        except sqlite3.Error as exc:
            raise explain(of, exc) from exc
