"""Opening the one file, bringing its schema up to date, and transactions on it.

A connection's transaction belongs to every task that uses the connection: another task's commit would make
half-done work permanent. So there is one writer behind a lock, and a second connection that only reads and
sees the last committed state (WAL).

A cursor that a task has read only halfway holds its connection at an older state, for all tasks. So both run each
statement to its end in one step (`Query`), which also costs one turn of the connection's thread instead of three.
Queries too large for that have a third connection.
Queries on one connection wait for each other, so the long queries of jobs have a fourth, or members would wait
behind them.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, closing, contextmanager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar, cast

import aiosqlite

from bot.errors import BusyError, DamagedError, NewerDatabaseError, StoreError
from bot.languages import Message, write_message
from bot.store.causes import CANNOT_USE, COULD_NOT_READ, COULD_NOT_WRITE, explain, is_of_the_host
from bot.store.files import address, beside, explained, find_readable, make_database
from bot.store.schema import MIGRATIONS
from bot.text.links import redact

Connection: TypeAlias = aiosqlite.Connection
"""What queries run on: a reader, or the connection of `Database.transaction`. Other packages only pass it on."""
Direct: TypeAlias = sqlite3.Connection
"""What `_Reader.perform` gives to work in the connection's thread."""

T = TypeVar("T")

log = logging.getLogger(__name__)

sqlite3.register_adapter(Message, write_message)  # any column of text keeps what other languages need

BUSY_TIMEOUT_MS = 10_000
"""How long to wait for another process, such as ``nonmun poll`` beside a running bot."""
JOURNAL_BYTES = 64 * 2**20
"""The size to which -wal is cut back after a larger change."""
TELL_WAITING_S = 2.0
"""After this long, the log says that we are waiting."""

WAL_TRIES = 50


class Database:
    """The open file. Use ``reader`` for queries and ``async with transaction()`` for changes.

    ``background`` is a reader for jobs. ``scanner`` is for results read piece by piece, such as all names; it may
    see an older state, and its queries belong in a ``with explained()`` block.
    """

    def __init__(
        self,
        path: Path,
        connections: tuple[_Writer, _Reader, _Reader, aiosqlite.Connection],
        *,
        read_only_because: StoreError | None = None,
    ) -> None:
        self._path = path
        self._writer, self.reader, self.background, self.scanner = connections
        self._lock = asyncio.Lock()
        self.commits = 0
        """How many transactions this process has committed."""
        self._read_only_because = read_only_because
        self._opened = path.stat()

    @classmethod
    async def open(cls, path: Path, *, for_reading: bool = False) -> Self:
        """Open the file, make it if it is missing, and bring its schema up to date.

        Args:
            for_reading: If the file cannot be written, open it read-only; `is_read_only` is then true.
        Raises:
            NewerDatabaseError: A newer Nonmun wrote it.
            StoreError: It cannot be opened, or is not a database.
        """
        try:
            with _opening(path):
                await asyncio.to_thread(_prepare, path)
                return cls(path, await _connect(path, address(path, "rw"), is_writable=True))
        except (NewerDatabaseError, BusyError, DamagedError):
            raise
        except StoreError as exc:
            if not for_reading or (where := await asyncio.to_thread(_find_address, path)) is None:
                raise
            log.warning("%s The file is opened read-only; answers come from what it already holds.", exc)
            with _opening(path):
                return cls(path, await _connect(path, where, is_writable=False), read_only_because=exc)

    @property
    def is_read_only(self) -> bool:
        """Whether the file can only be read."""
        return self._read_only_because is not None

    def is_replaced(self) -> bool:
        """Return whether the file was removed or replaced, so that nobody else sees what we write."""
        try:
            return not os.path.samestat(self._path.stat(), self._opened)
        except OSError:
            return True

    def explained(self) -> AbstractContextManager[None]:
        """Turn errors of SQLite into a `StoreError` that names cause and remedy."""
        return explained(self._path, outcome=COULD_NOT_READ)

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
        """Make one change, all or nothing: it is rolled back on any exception, even cancellation.

        Raises:
            StoreError: The file cannot be written (full disk, read-only, locked for too long).
        """
        if self._read_only_because:
            raise self._read_only_because
        async with self._lock:
            with explained(self._path, outcome=COULD_NOT_WRITE):
                try:
                    await self._begin()
                    yield self._writer
                    # Shielded, because we must know the outcome of a commit once it was asked for.
                    await asyncio.shield(self._commit())
                except BaseException:
                    # If we were cancelled during a BEGIN or a commit, this comes after it, because the connection's
                    # thread takes one request at a time. Without an open transaction it does nothing.
                    await asyncio.shield(self._writer.rollback())
                    raise

    async def _commit(self) -> None:
        await self._writer.commit()
        self.commits += 1

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[aiosqlite.Connection]:
        """Give the writer without a transaction, for statements that SQLite runs in their own. Other writers wait.

        Raises:
            StoreError: As for `transaction`.
        """
        if self._read_only_because:
            raise self._read_only_because
        async with self._lock:
            with explained(self._path, outcome=COULD_NOT_WRITE):
                yield self._writer

    async def _begin(self) -> None:
        telling = asyncio.get_running_loop().call_later(
            TELL_WAITING_S, log.warning, "waiting for another program to finish writing to %s", self._path
        )
        try:
            await self._writer.execute("BEGIN IMMEDIATE")
        finally:
            telling.cancel()

    @property
    def path(self) -> Path:
        """The path of the file."""
        return self._path

    @property
    def rows_written(self) -> int:
        """Rows inserted, changed or deleted by this process since it opened the file."""
        return self._writer.total_changes


class Query:
    """A statement of a connection, run to its end when it is awaited or its rows are first asked for.

    Attributes:
        rowcount: How many rows a change has changed.
        lastrowid: The id of the row that was inserted last.
    """

    rowcount = -1
    lastrowid: int | None = None

    def __init__(self, connection: _Writer, sql: str, parameters: Any) -> None:
        self._connection = connection
        self._sql = sql
        self._parameters = parameters
        self._rows: Iterator[sqlite3.Row] | None = None

    def __await__(self) -> Generator[Any, None, Query]:
        return self._run().__await__()

    async def _run(self) -> Query:
        await self._read()
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def _read(self) -> Iterator[sqlite3.Row]:
        if self._rows is None:
            with self._connection.explained():
                rows, self.rowcount, self.lastrowid = await self._connection.run(self._sql, self._parameters)
            self._rows = iter(rows)
        return self._rows

    async def __aiter__(self) -> AsyncIterator[sqlite3.Row]:
        for row in await self._read():
            yield row

    async def fetchone(self) -> sqlite3.Row | None:
        """Return the next row; None after the last."""
        return next(await self._read(), None)

    async def fetchall(self) -> list[sqlite3.Row]:
        """Return the remaining rows."""
        return list(await self._read())


class _Writer(aiosqlite.Connection):
    """A connection that is never in the middle of a statement. Its errors are explained by `Database.transaction`."""

    def execute(self, sql: str, parameters: Any = None) -> Query:  # type: ignore[override]
        """Prepare a statement; it runs when it is awaited or its rows are first asked for."""
        return Query(self, sql, parameters if parameters is not None else ())

    def explained(self) -> AbstractContextManager[None]:
        """A context around each statement."""
        return nullcontext()

    async def run(self, sql: str, parameters: Any) -> tuple[list[sqlite3.Row], int, int | None]:
        """Run a statement; return its rows, how many it has changed, and the id of the row inserted last."""

        def run() -> tuple[list[sqlite3.Row], int, int | None]:
            cursor = self._conn.execute(sql, parameters)
            return cursor.fetchall(), cursor.rowcount, cursor.lastrowid

        done = await self._execute(run)  # type: ignore[no-untyped-call]
        return cast("tuple[list[sqlite3.Row], int, int | None]", done)


class _Reader(_Writer):
    """The same for reading, outside of transactions."""

    path: Path
    """The path of the file, for error messages."""

    def explained(self) -> AbstractContextManager[None]:
        """Turn errors of SQLite into a `StoreError` that names cause and remedy."""
        return explained(self.path, outcome=COULD_NOT_READ)

    async def perform(self, work: Callable[[Direct], T]) -> T:
        """Run several queries, and what is computed from them, in the connection's thread.

        Each query of `execute` passes from the event loop to that thread and back, which takes a tenth of a
        millisecond. Other queries on this connection wait until the work is done.

        Raises:
            StoreError: The file cannot be read.
        """

        def run_on(connection: Direct) -> T:
            with self.explained():
                return work(connection)

        return cast("T", await self._execute(lambda: run_on(self._conn)))  # type: ignore[no-untyped-call]


@contextmanager
def _opening(path: Path) -> Iterator[None]:
    try:
        with explained(path, outcome=CANNOT_USE):
            yield
    except OSError as exc:
        raise explain(path, exc) from exc


# ── opening ─────────────────────────────────────────────────────────────────────────────────────


def _prepare(path: Path) -> None:
    """Make a missing file, or try opening an existing one before anything is written.

    So a file that we must not change stays as it is. It also spares aiosqlite a connection that cannot be opened,
    which would leave a thread behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        make_database(path)
    if path.is_file() and not path.stat().st_size:
        raise StoreError(
            Message("{file} is empty", file=str(path)),
            Message("Restore a backup (“nonmun restore FILE”), or delete the file to start over."),
        )
    if not os.access(path, os.R_OK | os.W_OK):  # SQLite would open it read-only, and fail at the first change
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1_000)) as connection:
        _refuse_newer(connection.execute("PRAGMA user_version").fetchone()[0], path)


def _find_address(path: Path) -> str | None:
    """Return the address to read a file that cannot be written; None if it is unreadable or needs migration first."""
    where = find_readable(path)
    if where is None:
        return None
    with closing(sqlite3.connect(where, uri=True)) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    wal = beside(path, "-wal")
    if "immutable" in where and wal.exists() and wal.stat().st_size:
        log.warning("the newest changes are not visible: %s cannot be read", wal)
    return where if version == len(MIGRATIONS) else None


async def _connect(
    path: Path, where: str, *, is_writable: bool
) -> tuple[_Writer, _Reader, _Reader, aiosqlite.Connection]:
    """Open the four connections: writer, reader, background, scanner; update the schema if the file is writable."""

    def connect() -> sqlite3.Connection:
        # isolation_level=None: sqlite3 does not begin transactions automatically; we say BEGIN.
        return sqlite3.connect(where, uri=True, isolation_level=None)

    writer = _Writer(connect, iter_chunk_size=64)
    reader, background = (_Reader(connect, iter_chunk_size=64) for _ in range(2))
    scanner = aiosqlite.Connection(connect, iter_chunk_size=64)
    opened: list[aiosqlite.Connection] = []
    try:
        for connection in (writer, reader, background, scanner):
            opened.append(await connection)
            if isinstance(connection, _Reader):
                connection.path = path
            await _configure(connection)
            if is_writable and connection is writer:
                await _use_wal(connection)
                await _migrate(connection, path)
            await connection.execute(f"PRAGMA query_only = {not is_writable or connection is not writer:d}")
    except BaseException:
        for connection in opened:
            await connection.close()
        raise
    return writer, reader, background, scanner


async def _configure(connection: aiosqlite.Connection) -> None:
    connection.row_factory = sqlite3.Row
    await connection.create_function("redacted", 1, redact, deterministic=True)
    await connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    # FULL: a claim must be on the disk before the post is sent, or a power cut could make us send it twice.
    await connection.execute("PRAGMA synchronous = FULL")
    await connection.execute("PRAGMA foreign_keys = ON")
    await connection.execute(f"PRAGMA journal_size_limit = {JOURNAL_BYTES}")


def _refuse_newer(version: int, path: Path) -> None:
    if version > len(MIGRATIONS):
        raise NewerDatabaseError(str(path), version, len(MIGRATIONS))


async def _use_wal(connection: aiosqlite.Connection) -> None:
    """Switch to WAL. If another process is making the same new file, SQLite does not wait here, so we do."""
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
        version = await _user_version(connection)
        _refuse_newer(version, path)
        for migration in MIGRATIONS[version:]:
            for statement in migration:
                await connection.execute(statement)
        await connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        await connection.commit()
    except BaseException as exc:
        await connection.rollback()
        if isinstance(exc, sqlite3.Error) and not is_of_the_host(exc):
            raise StoreError(
                Message("{file} could not be migrated: {why}", file=str(path), why=str(exc)),
                Message("The file is unchanged; the version of Nonmun that wrote it can still use it."),
            ) from exc
        raise


async def _user_version(connection: aiosqlite.Connection) -> int:
    async with connection.execute("PRAGMA user_version") as cursor:
        row = await cursor.fetchone()
    return int(row[0]) if row else 0
