"""Opening the one file, bringing its schema up to date, and transactions on it.

A connection's transaction belongs to every task that uses the connection: another task's commit would make
half-done work permanent. So there is one writer behind a lock, and a second connection that only reads and
sees the last committed state (WAL).
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from types import TracebackType
from typing import Self

import aiosqlite

from bot.errors import NewerDatabaseError, StoreError
from bot.store.schema import MIGRATIONS

BUSY_TIMEOUT_MS = 10_000
"""How long to wait for another process, such as ``nonmun poll`` beside a running bot."""

WAL_TRIES = 50


class Database:
    """The file, open. Use ``reader`` for queries and ``async with transaction()`` for changes."""

    def __init__(self, writer: aiosqlite.Connection, reader: aiosqlite.Connection) -> None:
        self._writer = writer
        self._lock = asyncio.Lock()
        self.reader = reader

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open the file, made where it is missing, and bring its schema up to date.

        Raises:
            NewerDatabaseError: A newer Nonmun wrote it.
            StoreError: It cannot be opened, or is no database.
        """
        connections: list[aiosqlite.Connection] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            await asyncio.to_thread(_look_at, path)
            for query_only in (False, True):
                # isolation_level=None: sqlite3 begins no transaction on its own account; we say BEGIN.
                connection = await aiosqlite.connect(path, isolation_level=None)
                connections.append(connection)
                await _configure(connection)
                if not query_only:
                    await _migrate(connection, path)
                await connection.execute(f"PRAGMA query_only = {query_only:d}")
        except BaseException as exc:
            for connection in connections:
                await connection.close()
            if isinstance(exc, (sqlite3.Error, OSError)):
                raise StoreError(f"{path} cannot be used as the database: {exc}") from exc
            raise
        return cls(*connections)

    async def close(self) -> None:
        """Close both connections; an open transaction is rolled back."""
        async with self._lock:
            await self.reader.close()
            await self._writer.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        """One change, whole or not at all: rolled back on any exception, cancellation too.

        Raises:
            StoreError: The file cannot be written (full disk, read-only, locked for too long).
        """
        async with self._lock:
            try:
                await self._writer.execute("BEGIN IMMEDIATE")
                yield self._writer
                # Shielded: a commit that was asked for must not be left unanswered.
                await asyncio.shield(self._writer.commit())
            except sqlite3.Error as exc:
                await self._roll_back()
                raise StoreError(f"the database could not be written: {exc}") from exc
            except BaseException:
                await self._roll_back()
                raise

    async def _roll_back(self) -> None:
        # A commit under way when we were cancelled comes first in aiosqlite's queue; then nothing is open.
        if self._writer.in_transaction:
            await asyncio.shield(self._writer.rollback())

    @property
    def rows_written(self) -> int:
        """Rows inserted, changed or deleted by this process since it opened the file."""
        return self._writer.total_changes


def _look_at(path: Path) -> None:
    """Open the file once plainly, before anything is written: one that is not ours to change is left as it is.

    It also spares aiosqlite a connection that cannot be opened, of which it leaves a thread behind.
    """
    with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1_000)) as connection:
        _refuse_newer(connection.execute("PRAGMA user_version").fetchone()[0], path)


async def _configure(connection: aiosqlite.Connection) -> None:
    connection.row_factory = sqlite3.Row
    await connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    await _use_wal(connection)
    # FULL: a claim must be on the disk before the post leaves, or a power cut would send it twice.
    await connection.execute("PRAGMA synchronous = FULL")
    await connection.execute("PRAGMA foreign_keys = ON")


def _refuse_newer(found: int, path: Path) -> None:
    if found > len(MIGRATIONS):
        raise NewerDatabaseError(str(path), found, len(MIGRATIONS))


async def _use_wal(connection: aiosqlite.Connection) -> None:
    """Switch to WAL. SQLite does not wait here when another process is making the same new file: we do."""
    for _ in range(WAL_TRIES):
        try:
            await connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as exc:
            if "locked" not in str(exc):
                raise
            await asyncio.sleep(BUSY_TIMEOUT_MS / 1_000 / WAL_TRIES)
        else:
            return
    await connection.execute("PRAGMA journal_mode = WAL")


async def _migrate(connection: aiosqlite.Connection, path: Path) -> None:
    if await _user_version(connection) == len(MIGRATIONS):
        return
    # The version is read again under the lock: another process may be migrating the same file.
    await connection.execute("BEGIN IMMEDIATE")
    try:
        found = await _user_version(connection)
        _refuse_newer(found, path)
        for migration in MIGRATIONS[found:]:
            for statement in migration:
                await connection.execute(statement)
        await connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        await connection.commit()
    except BaseException:
        await connection.rollback()
        raise


async def _user_version(connection: aiosqlite.Connection) -> int:
    async with connection.execute("PRAGMA user_version") as cursor:
        row = await cursor.fetchone()
    return int(row[0]) if row else 0
