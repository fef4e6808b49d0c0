"""What papers' identifiers mean, as arXiv and others say. What was found is kept for good."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import aiosqlite

from bot.models.papers import AskedPaper, PaperRecord, RecordState
from bot.store.times import from_text, to_text

MOST = 100_000
"""Kept at most. Those that were not found go first, then those that were asked for longest ago."""

FIND = """
    SELECT key, title, authors, year, venue, reason, attempts, not_before FROM records
    WHERE key IN (SELECT value FROM json_each(:keys))
"""
SAVE = """
    INSERT INTO records (key, title, authors, year, venue, asked_at)
    VALUES (:key, :title, :authors, :year, :venue, :now)
    ON CONFLICT (key) DO UPDATE SET title = excluded.title, authors = excluded.authors, year = excluded.year,
        venue = excluded.venue, reason = NULL, attempts = 0, asked_at = excluded.asked_at, not_before = NULL
"""
SAVE_MISSING = """
    INSERT INTO records (key, reason, attempts, asked_at, not_before)
    VALUES (:key, :reason, :attempts, :now, :not_before)
    ON CONFLICT (key) DO UPDATE SET reason = excluded.reason, attempts = excluded.attempts,
        asked_at = excluded.asked_at, not_before = excluded.not_before WHERE title IS NULL
"""
TRIM = """
    DELETE FROM records WHERE key IN (
        SELECT key FROM records ORDER BY title IS NOT NULL, asked_at, key
        LIMIT max(0, (SELECT count(*) FROM records) - :most)
    )
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRecord:
    """What is kept of an identifier.

    Attributes:
        record: None if it was not found.
        reason: Why not: the source could not be asked, or its answer not be read; None if it does not have it.
        attempts: How many times in a row it was not found.
        not_before: It is not asked for again before this moment.
    """

    record: PaperRecord | None
    reason: str | None = None
    attempts: int = 0
    not_before: datetime | None = None


def asked_of(key: str, kept: KeptRecord | None, *, now: datetime) -> AskedPaper:
    """Return what is known about an identifier from what is kept of it."""
    if kept is not None and kept.record is not None:
        return AskedPaper(key=key, state=RecordState.KNOWN, record=kept.record)
    if kept is None or kept.not_before is None or kept.not_before <= now:
        return AskedPaper(key=key)
    return AskedPaper(key=key, state=RecordState.FAILED if kept.reason else RecordState.UNKNOWN)


async def find_records(db: aiosqlite.Connection, keys: Iterable[str]) -> dict[str, KeptRecord]:
    """Return what is kept of some identifiers, by identifier."""
    async with db.execute(FIND, {"keys": json.dumps(list(keys))}) as cursor:
        return {row["key"]: _kept(row) async for row in cursor}


def _kept(row: aiosqlite.Row) -> KeptRecord:
    record = None
    if row["title"] is not None:
        authors = tuple(json.loads(row["authors"]))
        record = PaperRecord(
            key=row["key"], title=row["title"], authors=authors, year=row["year"], venue=row["venue"]
        )
    return KeptRecord(
        record=record,
        reason=row["reason"],
        attempts=row["attempts"],
        not_before=from_text(row["not_before"]),
    )


async def save_records(db: aiosqlite.Connection, records: Iterable[PaperRecord], *, now: datetime) -> None:
    """Keep what was found. Belongs in a transaction."""
    values = [
        {
            "key": record.key,
            "title": record.title,
            "authors": json.dumps(record.authors, ensure_ascii=False),
            "year": record.year,
            "venue": record.venue,
            "now": to_text(now),
        }
        for record in records
    ]
    await db.executemany(SAVE, values)
    await db.execute(TRIM, {"most": MOST})


async def save_missing(
    db: aiosqlite.Connection, key: str, *, reason: str | None, attempts: int, not_before: datetime, now: datetime
) -> None:
    """Keep that an identifier was not found, unless it was found before. Belongs in a transaction.

    Args:
        reason: Why not; None if the source does not have it.
    """
    values = {"key": key, "reason": reason, "attempts": attempts}
    times = {"not_before": to_text(not_before), "now": to_text(now)}
    await db.execute(SAVE_MISSING, values | times)
    await db.execute(TRIM, {"most": MOST})
