"""Queries about what came of talks."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime

import aiosqlite

from bot.models.conclusions import Conclusion
from bot.store.times import from_text, to_text

ADD = """
    INSERT INTO conclusions (talk_id, author_id, text, submitted_at) VALUES (:talk_id, :author_id, :text, :now)
"""
EDIT = "UPDATE conclusions SET text = :text, edited_at = :now WHERE id = :id"
REMOVE = "DELETE FROM conclusions WHERE id = :id"
BY_ID = "SELECT * FROM conclusions WHERE id = :id"
OF_TALKS = """
    SELECT * FROM conclusions WHERE talk_id IN (SELECT value FROM json_each(:talk_ids)) ORDER BY id DESC
"""
COUNT = "SELECT count(*) FROM conclusions WHERE talk_id = :talk_id"


def _conclusion(row: sqlite3.Row) -> Conclusion:
    return Conclusion(
        id=row["id"],
        talk_id=row["talk_id"],
        author_id=row["author_id"],
        text=row["text"],
        submitted_at=datetime.fromisoformat(row["submitted_at"]),
        edited_at=from_text(row["edited_at"]),
    )


async def add_conclusion(db: aiosqlite.Connection, *, talk_id: int, author_id: int, text: str, now: datetime) -> int:
    """Keep what a member concluded, and return its id."""
    values = {"talk_id": talk_id, "author_id": author_id, "text": text, "now": to_text(now)}
    return (await db.execute(ADD, values)).lastrowid or 0


async def edit_conclusion(db: aiosqlite.Connection, conclusion_id: int, text: str, *, now: datetime) -> None:
    """Replace the text of a conclusion; its author stays."""
    await db.execute(EDIT, {"id": conclusion_id, "text": text, "now": to_text(now)})


async def remove_conclusion(db: aiosqlite.Connection, conclusion_id: int) -> None:
    """Delete a conclusion."""
    await db.execute(REMOVE, {"id": conclusion_id})


async def find_conclusion(db: aiosqlite.Connection, conclusion_id: int) -> Conclusion | None:
    """Return a conclusion; None if it was removed."""
    async with db.execute(BY_ID, {"id": conclusion_id}) as cursor:
        row = await cursor.fetchone()
    return _conclusion(row) if row else None


async def conclusions_of(db: aiosqlite.Connection, talk_ids: Iterable[int]) -> list[Conclusion]:
    """Return what was concluded in some talks, the newest first."""
    async with db.execute(OF_TALKS, {"talk_ids": json.dumps(list(talk_ids))}) as cursor:
        return [_conclusion(row) async for row in cursor]


async def count_conclusions(db: aiosqlite.Connection, talk_id: int) -> int:
    """Return how many conclusions a talk has."""
    async with db.execute(COUNT, {"talk_id": talk_id}) as cursor:
        row = await cursor.fetchone()
    return int(row[0]) if row else 0
