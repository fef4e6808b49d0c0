"""Opening the one file, bringing its schema up to date, and transactions on it.

A connection's transaction belongs to every task that uses the connection: another task's commit would make
half-done work permanent. So there is one writer behind a lock, and a second connection that only reads and
sees the last committed state (WAL).

A cursor that one task has read half way holds its connection at an older state, for all tasks. So the second
connection reads each query to its end in one step (`Query`), and what is too much for that has a third of its own.
A query waits for those asked before it on its connection: what jobs look for in long lists has a fourth, or members
would wait behind it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiosqlite

from bot.errors import NewerDatabaseError
from bot.store.causes import explain
from bot.store.schema import MIGRATIONS

BUSY_TIMEOUT_MS = 10_000
"""How long to wait for another process, such as ``nonmun poll`` beside a running bot."""

WAL_TRIES = 50


class Database:
    """The file, open. Use ``reader`` for queries and ``async with transaction()`` for changes.

    ``background`` is a reader for jobs. ``scanner`` is for what is read piece by piece, such as all names; what it
    sees may be older.
    """

    def __init__(
        self,
        path: Path,
        writer: aiosqlite.Connection,
        reader: aiosqlite.Connection,
        background: aiosqlite.Connection,
        scanner: aiosqlite.Connection,
    ) -> None:
        self._path = path
        self._writer = writer
        self._lock = asyncio.Lock()
        self.reader = reader
        self.background = background
        self.scanner = scanner

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
            for kind in (aiosqlite.Connection, _Reader, _Reader, aiosqlite.Connection):
                # isolation_level=None: sqlite3 begins no transaction on its own account; we say BEGIN.
                connection = await kind(lambda: sqlite3.connect(path, isolation_level=None), iter_chunk_size=64)
                connections.append(connection)
                await _configure(connection)
                if len(connections) == 1:
                    await _migrate(connection, path)
                await connection.execute(f"PRAGMA query_only = {len(connections) > 1:d}")
        except BaseException as exc:
            for connection in connections:
                await connection.close()
            if isinstance(exc, (sqlite3.Error, OSError)):
                raise explain(path, exc) from exc
            raise
        return cls(path, *connections)

    async def close(self) -> None:
        """Close the connections; an open transaction is rolled back."""
        async with self._lock:
            await self.scanner.close()
            await self.background.close()
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
                raise explain(self._path, exc, outcome="could not be written") from exc
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


class Query:
    """A query of the reading connection: run and read to its end when its rows are first asked for."""

    def __init__(self, connection: _Reader, sql: str, parameters: Any) -> None:
        self._connection = connection
        self._sql = sql
        self._parameters = parameters
        self._rows: Iterator[Any] | None = None
        self.row_factory: Any = sqlite3.Row
        """None for plain tuples."""

    def __await__(self) -> Generator[Any, None, Query]:
        return self._run().__await__()

    async def _run(self) -> Query:
        await self._read()
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def _read(self) -> Iterator[Any]:
        if self._rows is None:
            self._rows = iter(await self._connection.read(self._sql, self._parameters, self.row_factory))
        return self._rows

    async def __aiter__(self) -> AsyncIterator[Any]:
        for row in await self._read():
            yield row

    async def fetchone(self) -> Any:
        return next(await self._read(), None)

    async def fetchall(self) -> list[Any]:
        return list(await self._read())


class _Reader(aiosqlite.Connection):
    """A connection that never stands in the middle of a query."""

    def execute(self, sql: str, parameters: Any = None) -> Query:  # type: ignore[override]
        return Query(self, sql, parameters if parameters is not None else ())

    async def read(self, sql: str, parameters: Any, row_factory: Any) -> list[Any]:
        """Run a query and fetch all its rows, in one step of the connection's thread."""

        def fetch() -> list[Any]:
            cursor = self._conn.execute(sql, parameters)
            cursor.row_factory = row_factory
            return cursor.fetchall()

        found: list[Any] = await self._execute(fetch)  # type: ignore[no-untyped-call]
        return found


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
