"""The file's space on the disk: giving pages back piece by piece, statistics, merging the index's segments.

A file from before Nonmun could give space back has to be rewritten once (`convert`).
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

import aiosqlite

from bot.store.causes import space_at
from bot.store.database import Database
from bot.store.files import SHRINKING

log = logging.getLogger(__name__)

STEP_PAGES = 256
"""Given back in one transaction: a megabyte, some ten milliseconds."""
KEPT_PAGES = 256
"""Free pages that are not given back, because most space freed in a day is used again within a day."""
MERGED_PAGES = 500
"""Pages of the index merged in one transaction."""
MOST_MERGES = 2_000
QUICK_BYTES = 512 * 2**20
"""A file up to this size is rewritten in some seconds, during which a running bot writes nothing else."""
INCREMENTAL = 2

MERGE = "INSERT INTO review_index (review_index, rank) VALUES ('merge', :pages)"


class Pages(NamedTuple):
    """The file as SQLite sees it."""

    total: int
    free: int
    bytes_each: int
    is_shrinking: bool

    @property
    def bytes(self) -> int:
        """The size of the file."""
        return self.total * self.bytes_each


async def pages_of(db: aiosqlite.Connection) -> Pages:
    """Return the file's pages, total and free."""
    names = ("page_count", "freelist_count", "page_size", "auto_vacuum")
    total, free, size, vacuum = [await _pragma(db, name) for name in names]
    return Pages(total, free, size, is_shrinking=vacuum == INCREMENTAL)


async def _pragma(db: aiosqlite.Connection, name: str) -> int:
    async with db.execute(f"PRAGMA {name}") as cursor:
        row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def give_back(database: Database) -> int:
    """Give free pages back to the disk, a few at a time, and return how many."""
    given = 0
    while True:
        async with database.alone() as db:
            pages = await pages_of(db)
            surplus = pages.free - KEPT_PAGES
            if not pages.is_shrinking or surplus <= 0:
                return given
            # Each step of this statement gives back one page. It returns no columns, so Python's sqlite3 steps
            # through it only in a script. A script with one statement is a transaction of its own.
            await db.executescript(f"PRAGMA incremental_vacuum({min(surplus, STEP_PAGES)})")
            freed = pages.free - await _pragma(db, "freelist_count")
        if not freed:
            return given
        given += freed


async def optimize(database: Database) -> None:
    """Let SQLite update its statistics of the tables, by which it plans queries."""
    async with database.alone() as db:
        await db.execute("PRAGMA analysis_limit = 400")
        await db.execute_fetchall("PRAGMA optimize")


async def merge_index(database: Database, *, is_whole: bool) -> None:
    """Merge segments of the full-text index, which keeps deleted rows until then.

    Args:
        is_whole: Merge all of them, after a large removal; else merge once what is due.
    Source: https://www.sqlite.org/fts5.html, section 6.8.
    """
    pages = -MERGED_PAGES if is_whole else MERGED_PAGES
    for _ in range(MOST_MERGES if is_whole else 1):
        before = database.rows_written
        async with database.transaction() as db:
            await db.execute(MERGE, {"pages": pages})
        if database.rows_written - before < 2:
            return
        pages = MERGED_PAGES


async def convert(database: Database, *, most_bytes: int | None = None) -> bool:
    """Rewrite a file from before Nonmun gave space back, once, so that it can; True if that was done.

    Nothing is done if it would take too long, or if the disk has too little space. Others can read during it.

    Args:
        most_bytes: A larger file is left alone.
    """
    pages = await pages_of(database.background)
    if pages.is_shrinking or (most_bytes is not None and pages.bytes > most_bytes):
        return False
    if not _has_room(database.path, pages.bytes):
        log.warning("not enough free disk space to rewrite the database bytes=%d", pages.bytes)
        return False
    async with database.alone() as db:
        await db.execute(SHRINKING)
        await db.execute("VACUUM")
        await db.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
    log.info("the database was rewritten so that it can free disk space bytes=%d", pages.bytes)
    return True


def _has_room(path: Path, size: int) -> bool:
    """Return whether there is room for VACUUM: it makes a temporary copy, writes that to -wal, then into the file."""
    free = space_at(path).free_bytes
    return (free is None or free > 3 * size) and shutil.disk_usage(_temporary_folder()).free > 2 * size


def _temporary_folder() -> str:
    """Return where SQLite puts temporary files. Source: https://www.sqlite.org/tempfiles.html, section 5."""
    wanted = (os.environ.get("SQLITE_TMPDIR"), os.environ.get("TMPDIR"), "/var/tmp", "/usr/tmp", "/tmp")  # noqa: S108
    usable = (folder for folder in wanted if folder and Path(folder).is_dir() and os.access(folder, os.W_OK))
    return next(usable, tempfile.gettempdir())
