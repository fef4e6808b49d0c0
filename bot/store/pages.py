"""Queries about archives: the pages of a feed's site that are still to be read, kept so that reading can continue."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import aiosqlite

from bot.store.times import to_text

ADD = """
    INSERT INTO pages (feed_id, url, position, state)
    VALUES (:feed_id, :url, (SELECT coalesce(max(position), 0) + 1 FROM pages WHERE feed_id = :feed_id), 'pending')
    ON CONFLICT DO NOTHING
"""
NEXT = "SELECT url, attempts FROM pages WHERE feed_id = :feed_id AND state = 'pending' ORDER BY position LIMIT 1"
IS_FOLLOWED = """(
    f.url IN (SELECT value FROM json_each(:own))
    OR EXISTS (SELECT 1 FROM subscriptions s WHERE s.feed_id = f.id AND s.state <> 'ended')
)"""
OPEN = f"""
    SELECT DISTINCT f.url FROM pages p JOIN feeds f ON f.id = p.feed_id
    WHERE p.state = 'pending' AND {IS_FOLLOWED} ORDER BY f.id
"""
# Not the pages of a feed that nobody has ever followed: somebody is reading them from a terminal.
DROP_ABANDONED = f"""
    DELETE FROM pages WHERE state = 'pending' AND feed_id IN (
        SELECT f.id FROM feeds f JOIN subscriptions ended ON ended.feed_id = f.id AND ended.state = 'ended'
        WHERE NOT {IS_FOLLOWED}
    )
"""
SETTLE = """
    UPDATE pages SET state = :state, reason = :reason, attempts = attempts + 1, settled_at = :now
    WHERE feed_id = :feed_id AND url = :url
"""
# A page that could not be read goes to the end of the queue.
POSTPONE = """
    UPDATE pages SET attempts = attempts + 1, reason = :reason,
        position = (SELECT max(position) + 1 FROM pages WHERE feed_id = :feed_id)
    WHERE feed_id = :feed_id AND url = :url
"""
END = """
    UPDATE pages SET state = 'failed', reason = :reason, settled_at = :now
    WHERE feed_id = :feed_id AND state = 'pending'
"""
# While an archive is being read, its finished pages must stay known, or they would be queued again.
FORGET = """
    DELETE FROM pages WHERE (feed_id, url) IN (
        SELECT feed_id, url FROM pages p WHERE state <> 'pending' AND (settled_at IS NULL OR settled_at < :before)
            AND NOT EXISTS (SELECT 1 FROM pages o WHERE o.feed_id = p.feed_id AND o.state = 'pending') LIMIT :limit
    )
"""
COUNTS = "SELECT state, count(*) AS number FROM pages WHERE feed_id = :feed_id GROUP BY state"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCounts:
    """How far the reading of an archive is."""

    pending: int = 0
    done: int = 0
    failed: int = 0


async def add_pages(db: aiosqlite.Connection, feed_id: int, urls: Iterable[str]) -> None:
    """Put pages at the end of a feed's queue; a page that is or was in the queue stays as it is."""
    for url in urls:
        await db.execute(ADD, {"feed_id": feed_id, "url": url})


async def next_page(db: aiosqlite.Connection, feed_id: int) -> tuple[str, int] | None:
    """Return the address of the next page to read, and how often that was tried."""
    async with db.execute(NEXT, {"feed_id": feed_id}) as cursor:
        row = await cursor.fetchone()
    return (row["url"], row["attempts"]) if row else None


async def open_feeds(db: aiosqlite.Connection, *, own: Collection[str]) -> list[str]:
    """Return the feeds with pages to read, among those that a server follows or that are the host's own."""
    async with db.execute(OPEN, {"own": json.dumps(list(own))}) as cursor:
        return [row["url"] async for row in cursor]


async def drop_abandoned(db: aiosqlite.Connection, *, own: Collection[str]) -> None:
    """Stop reading the archives of feeds that are no longer followed; what was read stays."""
    await db.execute(DROP_ABANDONED, {"own": json.dumps(list(own))})


async def settle_page(
    db: aiosqlite.Connection, feed_id: int, url: str, *, now: datetime, reason: str | None = None
) -> None:
    """Note that a page was read, or that it cannot be read for the given reason."""
    state = "failed" if reason else "done"
    values = {"feed_id": feed_id, "url": url, "state": state, "reason": reason, "now": to_text(now)}
    await db.execute(SETTLE, values)


async def end_archive(db: aiosqlite.Connection, feed_id: int, *, reason: str, now: datetime) -> None:
    """Read no more pages of a feed's archive."""
    await db.execute(END, {"feed_id": feed_id, "reason": reason, "now": to_text(now)})


async def postpone_page(db: aiosqlite.Connection, feed_id: int, url: str, *, reason: str) -> None:
    """Put a page that could not be read at the end of its queue."""
    await db.execute(POSTPONE, {"feed_id": feed_id, "url": url, "reason": reason})


async def count_pages(db: aiosqlite.Connection, feed_id: int) -> PageCounts:
    """Count the pages of a feed's archive by their state."""
    async with db.execute(COUNTS, {"feed_id": feed_id}) as cursor:
        return PageCounts(**{row["state"]: row["number"] async for row in cursor})


async def forget_pages(db: aiosqlite.Connection, before: datetime, *, limit: int) -> int:
    """Delete some pages settled before a moment, of archives that are not being read; return how many."""
    return (await db.execute(FORGET, {"before": to_text(before), "limit": limit})).rowcount
