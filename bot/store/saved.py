"""Queries about saved papers: each member's private list, with notes and passages. A row outlives its review."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

import aiosqlite

from bot.models.reviews import ReviewHead
from bot.models.saved import SavedPaper, SavedPassage
from bot.store.reviews import find_heads
from bot.store.times import to_text

FIND = (
    "SELECT id FROM saved WHERE user_id = :user_id AND (review_id = :review_id OR link_key = :link_key) ORDER BY id"
)
BY_ID = "SELECT * FROM saved WHERE id = :id AND user_id = :user_id"
LIST = "SELECT * FROM saved WHERE user_id = :user_id ORDER BY saved_at DESC, id DESC LIMIT :limit OFFSET :offset"
COUNT = "SELECT count(*) FROM saved WHERE user_id = :user_id"
ADD = """
    INSERT INTO saved (user_id, link_key, guild_id, review_id, link, title, saved_at)
    VALUES (:user_id, :link_key, :guild_id, :review_id, :link, :title, :now)
"""
REMOVE = "DELETE FROM saved WHERE id = :id AND user_id = :user_id"
SET_NOTE = "UPDATE saved SET note = :note WHERE id = :id AND user_id = :user_id"
LOST = "SELECT id, link, link_key FROM saved WHERE user_id = :user_id AND review_id IS NULL"
ATTACH = "UPDATE saved SET review_id = :review_id WHERE id = :id AND review_id IS NULL"
PASSAGES = """
    SELECT s.saved_id, p.id, p.words, p.headings FROM saved_passages s JOIN passages p ON p.id = s.passage_id
    WHERE s.saved_id IN (SELECT value FROM json_each(:ids)) ORDER BY p.position, p.block, p.id
"""
ADD_PASSAGE = "INSERT INTO saved_passages (saved_id, passage_id) VALUES (:id, :passage_id) ON CONFLICT DO NOTHING"
REMOVE_PASSAGE = "DELETE FROM saved_passages WHERE saved_id = :id AND passage_id = :passage_id"


async def find_saved(db: aiosqlite.Connection, user_id: int, *, review_id: int, link_key: str) -> SavedPaper | None:
    """Return a paper on a member's list, by its review or its address; None if it is not on it."""
    values = {"user_id": user_id, "review_id": review_id, "link_key": link_key}
    async with db.execute(FIND, values) as cursor:
        row = await cursor.fetchone()
    return await get_saved(db, user_id, row["id"]) if row else None


async def get_saved(db: aiosqlite.Connection, user_id: int, saved_id: int) -> SavedPaper | None:
    """Return a paper on a member's list; None if it is not on it (any more), or on somebody else's."""
    async with db.execute(BY_ID, {"id": saved_id, "user_id": user_id}) as cursor:
        papers = await _papers(db, await cursor.fetchall())
    return papers[0] if papers else None


async def list_saved(db: aiosqlite.Connection, user_id: int, *, limit: int, offset: int = 0) -> list[SavedPaper]:
    """Return a member's list, the paper that was saved last first."""
    async with db.execute(LIST, {"user_id": user_id, "limit": limit, "offset": offset}) as cursor:
        return await _papers(db, await cursor.fetchall())


async def count_saved(db: aiosqlite.Connection, user_id: int) -> int:
    """Return how many papers are on a member's list."""
    async with db.execute(COUNT, {"user_id": user_id}) as cursor:
        row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def add_saved(
    db: aiosqlite.Connection, user_id: int, head: ReviewHead, *, link_key: str, guild_id: int, now: datetime
) -> int:
    """Put a review's paper on a member's list, and return the number that it has there. Belongs in a transaction.

    Args:
        guild_id: Where it was saved; 0 in direct messages.
    """
    values = {
        "user_id": user_id,
        "link_key": link_key,
        "guild_id": guild_id,
        "review_id": head.id,
        "link": head.link,
        "title": head.clean_title,
        "now": to_text(now),
    }
    return (await db.execute(ADD, values)).lastrowid or 0


async def remove_saved(db: aiosqlite.Connection, user_id: int, saved_id: int) -> None:
    """Take a paper off a member's list, with its note and passages."""
    await db.execute(REMOVE, {"id": saved_id, "user_id": user_id})


async def set_note(db: aiosqlite.Connection, user_id: int, saved_id: int, note: str) -> bool:
    """Save a member's note on a paper, "" for none; False if the paper is not on the list."""
    return (await db.execute(SET_NOTE, {"id": saved_id, "user_id": user_id, "note": note})).rowcount == 1


async def add_passage(db: aiosqlite.Connection, saved_id: int, passage_id: int) -> None:
    """Save a passage of a saved paper. Belongs in a transaction."""
    await db.execute(ADD_PASSAGE, {"id": saved_id, "passage_id": passage_id})


async def remove_passage(db: aiosqlite.Connection, saved_id: int, passage_id: int) -> bool:
    """Take a passage off a saved paper; False if it was not saved."""
    return (await db.execute(REMOVE_PASSAGE, {"id": saved_id, "passage_id": passage_id})).rowcount == 1


async def lost_papers(db: aiosqlite.Connection, user_id: int) -> list[tuple[int, str, str]]:
    """Return (number, address, key) of the papers on a member's list whose reviews are not here."""
    async with db.execute(LOST, {"user_id": user_id}) as cursor:
        return [(row["id"], row["link"], row["link_key"]) async for row in cursor]


async def attach(db: aiosqlite.Connection, reviews: Iterable[tuple[int, int]]) -> None:
    """Give saved papers the reviews that are here again, as (number, id of the review)."""
    await db.executemany(ATTACH, [{"id": saved_id, "review_id": review_id} for saved_id, review_id in reviews])


async def _papers(db: aiosqlite.Connection, rows: Iterable[sqlite3.Row]) -> list[SavedPaper]:
    listed = list(rows)
    heads = {head.id: head for head in await find_heads(db, [row["review_id"] for row in listed if row["review_id"]])}
    passages = await _passages(db, [row["id"] for row in listed])
    return [
        SavedPaper(
            id=row["id"],
            guild_id=row["guild_id"],
            link=row["link"],
            title=row["title"],
            note=row["note"],
            saved_at=datetime.fromisoformat(row["saved_at"]),
            head=heads.get(row["review_id"]),
            passages=tuple(passages.get(row["id"], ())),
        )
        for row in listed
    ]


async def _passages(db: aiosqlite.Connection, ids: Sequence[int]) -> dict[int, list[SavedPassage]]:
    passages: dict[int, list[SavedPassage]] = {}
    async with db.execute(PASSAGES, {"ids": json.dumps(ids)}) as cursor:
        async for row in cursor:
            passage = SavedPassage(id=row["id"], words=row["words"], headings=tuple(json.loads(row["headings"])))
            passages.setdefault(row["saved_id"], []).append(passage)
    return passages
