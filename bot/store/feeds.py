"""Queries about feeds."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime

import aiosqlite
from pydantic import TypeAdapter

from bot.models import FeedState, Pace
from bot.store.times import from_text, to_text

_PACE = TypeAdapter(Pace)

ENSURE = "INSERT INTO feeds (url) VALUES (:url) ON CONFLICT (url) DO NOTHING"
BY_URL = "SELECT * FROM feeds WHERE url = :url"
BY_ID = "SELECT * FROM feeds WHERE id = :id"
ALL = "SELECT * FROM feeds ORDER BY id"
SAVE_SUCCESS = """
    UPDATE feeds SET title = :title, etag = :etag, last_modified = :last_modified, pace = :pace,
        learned_at = coalesce(learned_at, :now), failures = 0, last_error = NULL, last_error_at = NULL,
        next_check_at = NULL, failing_since = NULL, told_at = NULL, left_over = 0
    WHERE id = :id
"""
COUNT_NEW = "UPDATE feeds SET new_on = :day, new_that_day = :number, left_over = :left_over WHERE id = :id"
SAVE_FAILURE = """
    UPDATE feeds SET failures = failures + 1, last_error = :error, last_error_at = :now,
        next_check_at = :next_check_at, failing_since = coalesce(failing_since, :now)
    WHERE id = :id
"""
SAVE_MOVE = "UPDATE feeds SET moved_to = :to, moved_since = :since, moved_times = :times WHERE id = :id"
ADOPT_MOVE = """
    UPDATE OR IGNORE feeds SET url = moved_to, moved_to = NULL, moved_since = NULL, moved_times = 0
    WHERE id = :id AND moved_to IS NOT NULL
"""
TELL = "UPDATE feeds SET told_at = :now WHERE id = :id AND told_at IS NULL AND failing_since <= :before"


def _feed(row: sqlite3.Row) -> FeedState:
    return FeedState(
        id=row["id"],
        url=row["url"],
        title=row["title"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        learned_at=from_text(row["learned_at"]),
        failures=row["failures"],
        last_error=row["last_error"],
        last_error_at=from_text(row["last_error_at"]),
        next_check_at=from_text(row["next_check_at"]),
        pace=_PACE.validate_json(row["pace"]),
        moved_to=row["moved_to"],
        moved_since=from_text(row["moved_since"]),
        moved_times=row["moved_times"],
        new_on=date.fromisoformat(row["new_on"]) if row["new_on"] else None,
        new_that_day=row["new_that_day"],
        left_over=row["left_over"],
    )


async def find_feed(db: aiosqlite.Connection, url: str) -> FeedState | None:
    async with db.execute(BY_URL, {"url": url}) as cursor:
        row = await cursor.fetchone()
    return _feed(row) if row else None


async def get_feed(db: aiosqlite.Connection, feed_id: int) -> FeedState:
    """The feed of an id that is known to be there."""
    async with db.execute(BY_ID, {"id": feed_id}) as cursor:
        row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - feeds are never deleted
    return _feed(row)


async def list_feeds(db: aiosqlite.Connection) -> list[FeedState]:
    async with db.execute(ALL) as cursor:
        return [_feed(row) async for row in cursor]


async def ensure_feed(db: aiosqlite.Connection, url: str) -> FeedState:
    """The feed of this address, entered where it is new. Writes; belongs in a transaction."""
    await db.execute(ENSURE, {"url": url})
    feed = await find_feed(db, url)
    assert feed is not None  # noqa: S101 - entered a line above, in the same transaction
    return feed


async def save_success(
    db: aiosqlite.Connection,
    feed_id: int,
    *,
    title: str | None,
    etag: str | None,
    last_modified: str | None,
    pace: Pace,
    now: datetime,
) -> None:
    """A poll that was read to the end: the validators it gave count from now on, the failures are over."""
    await db.execute(
        SAVE_SUCCESS,
        {
            "id": feed_id,
            "title": title,
            "etag": etag,
            "last_modified": last_modified,
            "pace": _PACE.dump_json(pace, exclude_defaults=True).decode(),
            "now": to_text(now),
        },
    )


async def count_new(db: aiosqlite.Connection, feed_id: int, day: date, number: int, *, left_over: int) -> None:
    """Keep how many new posts a feed has brought on a day, and how many more wait for the next one."""
    values = {"id": feed_id, "day": day.isoformat(), "number": number, "left_over": left_over}
    await db.execute(COUNT_NEW, values)


async def save_move(
    db: aiosqlite.Connection, feed_id: int, *, to: str | None, since: datetime | None, times: int
) -> None:
    """Where permanent redirects lead, since when and how often in a row; None where they do not any more."""
    await db.execute(SAVE_MOVE, {"id": feed_id, "to": to, "since": to_text(since), "times": times})


async def adopt_move(db: aiosqlite.Connection, feed_id: int) -> bool:
    """Take the new address for the feed's own; False where another feed has it."""
    return (await db.execute(ADOPT_MOVE, {"id": feed_id})).rowcount == 1


async def save_failure(
    db: aiosqlite.Connection, feed_id: int, *, error: str, now: datetime, next_check_at: datetime
) -> None:
    """A poll that came to nothing: what went wrong, and when to ask again."""
    await db.execute(
        SAVE_FAILURE,
        {"id": feed_id, "error": error, "now": to_text(now), "next_check_at": to_text(next_check_at)},
    )


async def tell_once(db: aiosqlite.Connection, feed_id: int, *, failing_before: datetime, now: datetime) -> bool:
    """Mark a feed that has failed since before a moment as told of; False where it was, or fails for less long."""
    values = {"id": feed_id, "before": to_text(failing_before), "now": to_text(now)}
    return (await db.execute(TELL, values)).rowcount == 1
