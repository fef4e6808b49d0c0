"""Queries about papers that members want reviewed, and who asked."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from datetime import datetime

import aiosqlite

from bot.models.wishes import WantedPaper, Wish
from bot.store.times import to_text

OPEN = """
    SELECT w.*, count(v.user_id) AS voices, coalesce(max(v.user_id = :user_id), 0) AS is_own
    FROM wishes w LEFT JOIN wish_voices v ON v.wish_id = w.id
    WHERE w.closed_at IS NULL AND ({which}) GROUP BY w.id
"""
OF_GUILD = (
    OPEN.format(which="w.guild_id = :guild_id")
    + " ORDER BY voices DESC, w.wished_at, w.id LIMIT :limit OFFSET :offset"
)
COUNT = "SELECT count(*) AS total FROM wishes WHERE guild_id = :guild_id AND closed_at IS NULL"
BY_ID = OPEN.format(which="w.id = :id")
BY_KEY = OPEN.format(which="w.guild_id = :guild_id AND w.key = :key")
OWN = OPEN.format(which="w.id IN (SELECT wish_id FROM wish_voices WHERE user_id = :user_id)") + " ORDER BY w.id"
ALL = (
    OPEN.format(which=":is_all OR w.guild_id IN (SELECT value FROM json_each(:guilds))")
    + " ORDER BY w.id LIMIT :limit"
)
# A paper that was reviewed before and is wanted again, since the review has gone, begins anew.
ADD = """
    INSERT INTO wishes (guild_id, key, title, authors, year, link, wished_at)
    VALUES (:guild_id, :key, :title, :authors, :year, :link, :now)
    ON CONFLICT (guild_id, key) DO UPDATE SET title = excluded.title, authors = excluded.authors,
        year = excluded.year, link = excluded.link, wished_at = excluded.wished_at, closed_at = NULL, review_id = NULL
    WHERE closed_at IS NOT NULL
"""
DELETE_OLD_VOICES = """
    DELETE FROM wish_voices WHERE wish_id IN (
        SELECT id FROM wishes WHERE guild_id = :guild_id AND key = :key AND closed_at IS NOT NULL
    )
"""
ADD_VOICE = """
    INSERT OR IGNORE INTO wish_voices (wish_id, user_id, channel_id, asked_at)
    VALUES (:id, :user_id, :channel_id, :now)
"""
TAKE_BACK = "DELETE FROM wish_voices WHERE wish_id = :id AND user_id = :user_id"
DELETE_UNWANTED = """
    DELETE FROM wishes WHERE id = :id AND closed_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM wish_voices WHERE wish_id = :id)
"""
VOICES = "SELECT user_id, channel_id FROM wish_voices WHERE wish_id = :id ORDER BY channel_id, asked_at, user_id"
CLOSE = "UPDATE wishes SET closed_at = :now, review_id = :review_id WHERE id = :id AND closed_at IS NULL"
SHARED = """
    SELECT w.key, min(w.title) AS title, max(w.authors) AS authors, max(w.year) AS year, max(w.link) AS link,
        min(w.wished_at) AS wished_at, sum(v.voices) AS voices
    FROM wishes w JOIN servers s ON s.guild_id = w.guild_id AND s.shares_wishes
        JOIN (SELECT wish_id, count(*) AS voices FROM wish_voices GROUP BY wish_id) v ON v.wish_id = w.id
    WHERE w.closed_at IS NULL GROUP BY w.key ORDER BY voices DESC, wished_at, w.key LIMIT :limit
"""
FORGET_CLOSED = "DELETE FROM wishes WHERE id IN (SELECT id FROM wishes WHERE closed_at < :before LIMIT :limit)"


def _paper(row: sqlite3.Row) -> WantedPaper:
    authors = tuple(json.loads(row["authors"]))
    return WantedPaper(key=row["key"], title=row["title"], authors=authors, year=row["year"], link=row["link"])


def _wish(row: sqlite3.Row) -> Wish:
    return Wish(
        id=row["id"],
        guild_id=row["guild_id"],
        paper=_paper(row),
        wished_at=datetime.fromisoformat(row["wished_at"]),
        voices=row["voices"],
        is_own=bool(row["is_own"]),
    )


async def _find(db: aiosqlite.Connection, query: str, **values: object) -> list[Wish]:
    async with db.execute(query, {"user_id": 0} | values) as cursor:
        return [_wish(row) async for row in cursor]


# ── reading ─────────────────────────────────────────────────────────────────────────────────────


async def wishes_of(db: aiosqlite.Connection, guild_id: int, *, user_id: int, offset: int, limit: int) -> list[Wish]:
    """Return the open wishes of a server, those with most voices first."""
    return await _find(db, OF_GUILD, guild_id=guild_id, user_id=user_id, offset=offset, limit=limit)


async def count_wishes(db: aiosqlite.Connection, guild_id: int) -> int:
    """Return how many open wishes a server has."""
    async with db.execute(COUNT, {"guild_id": guild_id}) as cursor:
        row = await cursor.fetchone()
    return int(row["total"]) if row else 0


async def find_wish(db: aiosqlite.Connection, wish_id: int, *, user_id: int) -> Wish | None:
    """Return an open wish; None if there is none with this id."""
    return next(iter(await _find(db, BY_ID, id=wish_id, user_id=user_id)), None)


async def wish_for(db: aiosqlite.Connection, guild_id: int, key: str, *, user_id: int) -> Wish | None:
    """Return the open wish for a paper in a server; None if there is none."""
    return next(iter(await _find(db, BY_KEY, guild_id=guild_id, key=key, user_id=user_id)), None)


async def own_wishes(db: aiosqlite.Connection, user_id: int) -> list[Wish]:
    """Return the open wishes of a member, the oldest first."""
    return await _find(db, OWN, user_id=user_id)


async def open_wishes(db: aiosqlite.Connection, guild_ids: Collection[int] | None, *, limit: int) -> list[Wish]:
    """Return the open wishes of some servers, or of all, the oldest first."""
    guilds = json.dumps(sorted(guild_ids or ()))
    return await _find(db, ALL, is_all=int(guild_ids is None), guilds=guilds, limit=limit)


async def voices_of(db: aiosqlite.Connection, wish_id: int) -> list[tuple[int, int]]:
    """Return (channel, member) of those who ask for a paper, channel by channel."""
    async with db.execute(VOICES, {"id": wish_id}) as cursor:
        return [(row["channel_id"], row["user_id"]) async for row in cursor]


async def shared_wishes(db: aiosqlite.Connection, *, limit: int) -> list[tuple[WantedPaper, int, datetime]]:
    """Return what is wanted in the servers that agreed to share it: paper, voices, and since when."""
    async with db.execute(SHARED, {"limit": limit}) as cursor:
        return [(_paper(row), row["voices"], datetime.fromisoformat(row["wished_at"])) async for row in cursor]


# ── changing; each belongs in a transaction ─────────────────────────────────────────────────────


async def add_wish(db: aiosqlite.Connection, guild_id: int, paper: WantedPaper, *, now: datetime) -> None:
    """Enter a wish if there is none for this paper in a server."""
    values = {"guild_id": guild_id, "key": paper.key, "title": paper.title, "year": paper.year, "link": paper.link}
    authors = json.dumps(paper.authors, ensure_ascii=False)
    await db.execute(DELETE_OLD_VOICES, {"guild_id": guild_id, "key": paper.key})
    await db.execute(ADD, values | {"authors": authors, "now": to_text(now)})


async def add_voice(db: aiosqlite.Connection, wish_id: int, *, user_id: int, channel_id: int, now: datetime) -> None:
    """Enter that a member asks for a paper, if they do not yet."""
    await db.execute(ADD_VOICE, {"id": wish_id, "user_id": user_id, "channel_id": channel_id, "now": to_text(now)})


async def take_back(db: aiosqlite.Connection, wish_id: int, *, user_id: int) -> bool:
    """Delete a member's voice, and the wish if nobody else asks; False if the member did not ask."""
    is_taken = (await db.execute(TAKE_BACK, {"id": wish_id, "user_id": user_id})).rowcount == 1
    await db.execute(DELETE_UNWANTED, {"id": wish_id})
    return is_taken


async def close_wish(db: aiosqlite.Connection, wish_id: int, review_id: int, *, now: datetime) -> None:
    """Save that a paper was reviewed."""
    await db.execute(CLOSE, {"id": wish_id, "review_id": review_id, "now": to_text(now)})


async def forget_closed(db: aiosqlite.Connection, before: datetime, *, limit: int) -> int:
    """Delete some wishes that were closed before a moment; return how many."""
    return (await db.execute(FORGET_CLOSED, {"before": to_text(before), "limit": limit})).rowcount
