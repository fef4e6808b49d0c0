"""How the bot is, read from outside: by its heartbeats in the database, what waits there, and the files.

Nothing is written, and nothing is waited for longer than two seconds. Blocking, and light, because a container asks
every half a minute.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from bot.errors import NewerDatabaseError, StoreError
from bot.languages import Message, read_message
from bot.models.health import Embedded, FailingFeed, LoopHealth, Status
from bot.store import embeddings, facts
from bot.store.backlog import DOUBT_AFTER, FEEDS, QUEUES, SUBSCRIPTIONS, make_backlog
from bot.store.causes import CANNOT_READ
from bot.store.files import SIDE_FILES, beside, explained, find_readable
from bot.store.heartbeats import VERSION_FACT, read_loop
from bot.store.lock import find_holder
from bot.store.schema import MIGRATIONS
from bot.store.times import from_text, to_text
from bot.text.links import redact

BUSY_TIMEOUT_S = 2.0
MOST_FAILING = 10
"""Failing feeds that are named."""

LOOPS = "SELECT loop, began_at, beat_at, details FROM heartbeats ORDER BY loop"
FAILING = """
    SELECT url, title, failures, last_error FROM feeds WHERE failures > 0 ORDER BY failures DESC, id LIMIT :limit
"""


def read_loops(path: Path, *, now: datetime) -> tuple[LoopHealth, ...]:
    """Return the loops of the bot that runs on a database; none if it was stopped.

    Raises:
        StoreError: The database is missing, cannot be read, or is of another version.
    """
    with _opened(path) as db:
        return _loops(db, now)


def read_status(path: Path, *, now: datetime, backup_at: datetime | None = None, model: str | None = None) -> Status:
    """Return how the bot on a database is.

    Args:
        model: The model for passages that is installed.
    Raises:
        StoreError: The database is missing, cannot be read, or is of another version.
    """
    holder = find_holder(path)
    with _opened(path) as db:
        began = db.execute("SELECT min(began_at) FROM heartbeats").fetchone()[0]
        version = db.execute(facts.GET, {"name": VERSION_FACT}).fetchone()
        backlog = make_backlog(
            db.execute(QUEUES, {"doubt": to_text(now - DOUBT_AFTER)}),
            db.execute(FEEDS).fetchone(),
            db.execute(SUBSCRIPTIONS).fetchone(),
        )
        return Status(
            is_running=holder is not None,
            pid=holder.pid if holder else None,
            began_at=from_text(began) if holder else None,
            version=version[0] if version else None,
            loops=_loops(db, now),
            backlog=backlog,
            failing=tuple(map(_failing, db.execute(FAILING, {"limit": MOST_FAILING}))),
            file_bytes=_sizes(path),
            backup_at=backup_at,
            embedded=_embedded(db, model),
        )


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    if not path.exists():
        raise StoreError(
            Message("{file} does not exist", file=str(path)),
            Message("The bot has not run here yet, or NONMUN_DATABASE or --db names another file."),
        )
    with explained(path, outcome=CANNOT_READ):
        where = find_readable(path) or path.absolute().as_uri()  # if it cannot be read, that says why
        with closing(sqlite3.connect(where, uri=True, timeout=BUSY_TIMEOUT_S)) as db:
            db.row_factory = sqlite3.Row
            _check_version(path, int(db.execute("PRAGMA user_version").fetchone()[0]))
            yield db


def _check_version(path: Path, version: int) -> None:
    if version > len(MIGRATIONS):
        raise NewerDatabaseError(str(path), version, len(MIGRATIONS))
    if version < len(MIGRATIONS):
        raise StoreError(
            Message(
                "{file} was written by an older version of Nonmun (schema {found}; this one uses {known})",
                file=str(path),
                found=version,
                known=len(MIGRATIONS),
            ),
            Message("No bot of this version has run on it yet; when one starts, it brings the file up to date."),
        )


def _loops(db: sqlite3.Connection, now: datetime) -> tuple[LoopHealth, ...]:
    return tuple(_loop(row, now) for row in db.execute(LOOPS))


def _loop(row: sqlite3.Row, now: datetime) -> LoopHealth:
    return read_loop(row["loop"], row["beat_at"], row["details"], now=now)


def _embedded(db: sqlite3.Connection, model: str | None) -> Embedded | None:
    row = db.execute(embeddings.COUNT, {"model": model}).fetchone()
    if model is None and not row["embedded"]:
        return None
    return Embedded(count=row["embedded"], reviews=row["reviews"], has_model=model is not None)


def _failing(row: sqlite3.Row) -> FailingFeed:
    return FailingFeed(
        url=redact(row["url"]),
        title=row["title"],
        failures=row["failures"],
        reason=read_message(row["last_error"]) or "",
    )


def _sizes(path: Path) -> dict[str, int]:
    """Return the sizes of the database's files that are there."""
    files = (path, *(beside(path, suffix) for suffix in SIDE_FILES))
    return {file.name: file.stat().st_size for file in files if file.exists()}
