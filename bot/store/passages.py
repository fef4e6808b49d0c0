"""Queries about passages that were quoted or saved: by which words they are found again in a later version."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

import aiosqlite

from bot.models.passages import Passage

FIND = """
    SELECT * FROM passages
    WHERE review_id = :review_id AND position = :position AND block = :block AND exact = :exact AND NOT is_orphaned
    ORDER BY id LIMIT 1
"""
ADD = """
    INSERT INTO passages (review_id, link_key, exact, prefix, suffix, headings, position, block, version, words,
        characters_before, characters_after, rival_percent, is_only_block)
    VALUES (:review_id, :link_key, :exact, :prefix, :suffix, :headings, :position, :block, :version, :words,
        :characters_before, :characters_after, :rival_percent, :is_only_block)
"""
BY_ID = "SELECT * FROM passages WHERE id = :id"
OF_REVIEW = "SELECT * FROM passages WHERE review_id = :review_id ORDER BY id LIMIT :limit"
MOVE = """
    UPDATE passages SET exact = :exact, prefix = :prefix, suffix = :suffix, headings = :headings,
        position = :position, block = :block, version = :version, words = :words,
        characters_before = :characters_before, characters_after = :characters_after, rival_percent = :rival_percent,
        is_only_block = :is_only_block, is_orphaned = 0
    WHERE id = :id
"""
ORPHAN = "UPDATE passages SET is_orphaned = 1 WHERE id = :id"
REATTACH = "UPDATE passages SET review_id = :review_id WHERE review_id IS NULL AND link_key = :link_key"
FORGET_UNUSED = """
    DELETE FROM passages WHERE id IN (
        SELECT p.id FROM passages p
        WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.passage_id = p.id)
            AND NOT EXISTS (SELECT 1 FROM saved_passages s WHERE s.passage_id = p.id)
        LIMIT :limit
    )
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPassage:
    """A passage that is kept.

    Attributes:
        review_id: None if its review was deleted.
        link_key: Its review's address (`bot.search.keys.paper_link_key`), by which it is found again.
        words: Its words as they are shown, longer than those that it is found by.
        is_orphaned: Its words are no longer in the review.
    """

    id: int
    review_id: int | None
    link_key: str
    passage: Passage
    words: str
    is_orphaned: bool = False


def _passage(row: sqlite3.Row) -> StoredPassage:
    return StoredPassage(
        id=row["id"],
        review_id=row["review_id"],
        link_key=row["link_key"],
        passage=Passage(
            exact=row["exact"],
            prefix=row["prefix"],
            suffix=row["suffix"],
            headings=tuple(json.loads(row["headings"])),
            position=row["position"],
            block=row["block"],
            version=row["version"],
            characters_before=row["characters_before"],
            characters_after=row["characters_after"],
            rival_percent=row["rival_percent"],
            is_only_block=bool(row["is_only_block"]),
        ),
        words=row["words"],
        is_orphaned=bool(row["is_orphaned"]),
    )


def _values(passage: Passage, words: str) -> dict[str, object]:
    return {
        "exact": passage.exact,
        "prefix": passage.prefix,
        "suffix": passage.suffix,
        "headings": json.dumps(passage.headings, ensure_ascii=False),
        "position": passage.position,
        "block": passage.block,
        "version": passage.version,
        "characters_before": passage.characters_before,
        "characters_after": passage.characters_after,
        "rival_percent": passage.rival_percent,
        "is_only_block": int(passage.is_only_block),
        "words": words,
    }


async def ensure_passage(
    db: aiosqlite.Connection, review_id: int, link_key: str, passage: Passage, *, words: str
) -> int:
    """Enter a passage of a review, unless it is kept already; return its id.

    Args:
        words: Its words as they are shown.
    """
    values = _values(passage, words) | {"review_id": review_id, "link_key": link_key}
    async with db.execute(FIND, values) as cursor:
        row = await cursor.fetchone()
    return row["id"] if row else (await db.execute(ADD, values)).lastrowid or 0


async def find_passage(db: aiosqlite.Connection, passage_id: int) -> StoredPassage | None:
    """Return a passage by its id; None if it is not kept."""
    async with db.execute(BY_ID, {"id": passage_id}) as cursor:
        row = await cursor.fetchone()
    return _passage(row) if row else None


async def passages_of(db: aiosqlite.Connection, review_id: int, *, limit: int) -> list[StoredPassage]:
    """Return the passages of a review that are kept, orphaned ones too, the oldest first."""
    async with db.execute(OF_REVIEW, {"review_id": review_id, "limit": limit}) as cursor:
        return [_passage(row) async for row in cursor]


async def move_passage(db: aiosqlite.Connection, passage_id: int, passage: Passage, *, words: str) -> None:
    """Save where a passage is in a later version of its review, and what its words are there."""
    await db.execute(MOVE, _values(passage, words) | {"id": passage_id})


async def orphan_passage(db: aiosqlite.Connection, passage_id: int) -> None:
    """Save that a passage's words are no longer in its review; its old words are kept."""
    await db.execute(ORPHAN, {"id": passage_id})


async def reattach_passages(db: aiosqlite.Connection, review_id: int, link_key: str) -> None:
    """Give the passages of a review that was deleted to one with the same address."""
    await db.execute(REATTACH, {"review_id": review_id, "link_key": link_key})


async def forget_unused(db: aiosqlite.Connection, *, limit: int) -> int:
    """Delete some passages that nobody has quoted or saved any longer; return how many."""
    return (await db.execute(FORGET_UNUSED, {"limit": limit})).rowcount
