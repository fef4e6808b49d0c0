"""Databases that are damaged, as a bad disk damages them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

PAGE = 4_096


def overwrite(database: Path, table: str, *, page: str = "max") -> None:
    """Put noise over one page of a table."""
    with closing(sqlite3.connect(database)) as db:
        try:
            query = f"SELECT {page}(pageno) FROM dbstat WHERE name = ?"  # noqa: S608 - the words of these tests
            number = db.execute(query, (table,)).fetchone()[0]
        except sqlite3.OperationalError:
            query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
            number = db.execute(query, (table,)).fetchone()[0]
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with database.open("r+b") as file:
        file.seek((number - 1) * PAGE)
        file.write(b"\xa5" * PAGE)
