"""Queries about feeds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable
from datetime import date, datetime
from functools import cache

import aiosqlite
from pydantic import TypeAdapter

from bot.languages import read_message
from bot.models.feeds import FeedState, Pace
from bot.store.times import from_text, to_text

# No id is used twice, so that an id of a removed feed that is still around never means another feed.
ENSURE = """
    INSERT INTO feeds (id, url) SELECT 1 + max(
        (SELECT coalesce(max(id), 0) FROM feeds),
        coalesce((SELECT CAST(value AS INTEGER) FROM facts WHERE name = 'last feed removed'), 0)
    ), :url WHERE true ON CONFLICT (url) DO NOTHING
"""
SELECT = """
    SELECT f.*, (SELECT count(*) FROM unread_entries u WHERE u.feed_id = f.id) AS unread_entries,
        (SELECT count(*) FROM pages p WHERE p.feed_id = f.id AND p.state = 'failed') AS failed_pages
    FROM feeds f
"""
BY_URL = SELECT + "WHERE f.url = :url"
BY_ID = SELECT + "WHERE f.id = :id"
ALL = SELECT + "ORDER BY f.id"
BY_IDS = SELECT + "WHERE f.id IN (SELECT value FROM json_each(:ids)) ORDER BY f.id"
BY_URLS = SELECT + "WHERE f.url IN (SELECT value FROM json_each(:urls)) ORDER BY f.id"
SAVE_SUCCESS = """
    UPDATE feeds SET title = :title, etag = :etag, last_modified = :last_modified, digest = :digest, pace = :pace,
        is_public = :is_public, learned_at = coalesce(learned_at, :first_read_at), failures = 0, last_error = NULL,
        next_check_at = NULL, failing_since = NULL, told_at = NULL, left_over = 0,
        sent_at = coalesce(:sent_at, sent_at)
    WHERE id = :id
"""
COUNT_NEW = "UPDATE feeds SET new_on = :day, new_that_day = :number, left_over = :left_over WHERE id = :id"
SAVE_FAILURE = """
    UPDATE feeds SET failures = failures + 1, last_error = :error,
        next_check_at = :next_check_at, failing_since = coalesce(failing_since, :now)
    WHERE id = :id
"""
SAVE_MOVE = "UPDATE feeds SET moved_to = :to, moved_since = :since, moved_times = :times WHERE id = :id"
ADOPT_MOVE = """
    UPDATE OR IGNORE feeds SET url = moved_to, moved_to = NULL, moved_since = NULL, moved_times = 0
    WHERE id = :id AND moved_to IS NOT NULL
"""
HAS_BEEN_READ = "SELECT 1 FROM feeds WHERE id = :id AND learned_at IS NOT NULL"
# The subscription of the settings' channel does not keep a feed that the settings no longer name.
_IS_KEPT = """(
    f.url IN (SELECT value FROM json_each(:own)) OR EXISTS (
        SELECT 1 FROM subscriptions s WHERE s.feed_id = f.id AND s.state <> 'ended' AND s.owner_id IS NOT NULL
    )
)"""
COUNT_DAY = f"""
    UPDATE feeds AS f SET unfollowed_days = CASE WHEN {_IS_KEPT} THEN 0 ELSE unfollowed_days + 1 END
    WHERE unfollowed_days > 0 OR NOT {_IS_KEPT}
"""
COUNT_ANEW = "UPDATE feeds SET unfollowed_days = 0 WHERE id = :id AND unfollowed_days > 0"
UNFOLLOWED = f"""
    {SELECT} WHERE NOT {_IS_KEPT}
        AND f.unfollowed_days > CASE WHEN f.learned_at IS NULL THEN :unread_days ELSE :days END ORDER BY f.id
"""
IS_KEPT = f"SELECT 1 FROM feeds f WHERE f.id = :id AND {_IS_KEPT}"
BEGIN_REMOVAL = f"""
    UPDATE feeds AS f SET learned_at = NULL, etag = NULL, last_modified = NULL, digest = NULL
    WHERE f.id = :id AND NOT {_IS_KEPT}
"""
IS_LEAVING = f"SELECT 1 FROM feeds f WHERE f.id = :id AND f.learned_at IS NULL AND NOT {_IS_KEPT}"
DELETE = "DELETE FROM feeds WHERE id = :id"
KEEP_ID = """
    INSERT INTO facts (name, value) VALUES ('last feed removed', :id)
    ON CONFLICT (name) DO UPDATE SET value = max(CAST(value AS INTEGER), CAST(excluded.value AS INTEGER))
"""
TELL = "UPDATE feeds SET told_at = :now WHERE id = :id AND told_at IS NULL AND failing_since <= :before"


@cache
def _pace_adapter() -> TypeAdapter[Pace]:
    return TypeAdapter(Pace)


def _feed(row: sqlite3.Row) -> FeedState:
    return FeedState(
        id=row["id"],
        url=row["url"],
        title=row["title"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        digest=row["digest"],
        first_read_at=from_text(row["learned_at"]),
        failures=row["failures"],
        last_error=read_message(row["last_error"]),
        next_check_at=from_text(row["next_check_at"]),
        pace=_pace_adapter().validate_json(row["pace"]),
        moved_to=row["moved_to"],
        moved_since=from_text(row["moved_since"]),
        moved_times=row["moved_times"],
        new_on=date.fromisoformat(row["new_on"]) if row["new_on"] else None,
        new_that_day=row["new_that_day"],
        left_over=row["left_over"],
        is_public=None if row["is_public"] is None else bool(row["is_public"]),
        unread_entries=row["unread_entries"],
        failed_pages=row["failed_pages"],
        sent_at=from_text(row["sent_at"]),
    )


async def find_feed(db: aiosqlite.Connection, url: str) -> FeedState | None:
    """Return the feed of an address; None if it is not known."""
    async with db.execute(BY_URL, {"url": url}) as cursor:
        row = await cursor.fetchone()
    return _feed(row) if row else None


async def get_feed(db: aiosqlite.Connection, feed_id: int) -> FeedState | None:
    """Return the feed of an id; None if it was removed."""
    async with db.execute(BY_ID, {"id": feed_id}) as cursor:
        row = await cursor.fetchone()
    return _feed(row) if row else None


async def has_been_read(db: aiosqlite.Connection, feed_id: int) -> bool:
    """Return whether a feed exists, was read once, and is not being removed."""
    async with db.execute(HAS_BEEN_READ, {"id": feed_id}) as cursor:
        return await cursor.fetchone() is not None


async def list_feeds(db: aiosqlite.Connection) -> list[FeedState]:
    """Return all feeds, the oldest first."""
    async with db.execute(ALL) as cursor:
        return [_feed(row) async for row in cursor]


async def feeds_of(db: aiosqlite.Connection, ids: Iterable[int]) -> list[FeedState]:
    """Return the feeds of these ids, the oldest first; removed ones are left out."""
    async with db.execute(BY_IDS, {"ids": json.dumps(list(ids))}) as cursor:
        return [_feed(row) async for row in cursor]


async def find_feeds(db: aiosqlite.Connection, urls: Iterable[str]) -> list[FeedState]:
    """Return the feeds of these addresses; unknown ones are left out."""
    async with db.execute(BY_URLS, {"urls": json.dumps(list(urls))}) as cursor:
        return [_feed(row) async for row in cursor]


async def ensure_feed(db: aiosqlite.Connection, url: str) -> FeedState:
    """Return the feed of this address, and enter it if it is new. Belongs in a transaction."""
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
    digest: str | None,
    pace: Pace,
    is_public: bool,
    first_read_at: datetime | None,
    sent_at: datetime | None,
) -> None:
    """Save a successful poll: its validators count from now on, and earlier failures are over.

    Args:
        digest: Of the document, if all of it was read.
        is_public: Whether all of it was read from public addresses. Saved together with what was read, so that
            content from a private network is never shown because an earlier reading was public.
        first_read_at: When the feed was first read to its end; None if it was not read to its end.
        sent_at: When the document itself came; None if the server said that nothing has changed.
    """
    await db.execute(
        SAVE_SUCCESS,
        {
            "id": feed_id,
            "title": title,
            "etag": etag,
            "last_modified": last_modified,
            "digest": digest,
            "pace": _pace_adapter().dump_json(pace, exclude_defaults=True).decode(),
            "is_public": is_public,
            "first_read_at": to_text(first_read_at),
            "sent_at": to_text(sent_at),
        },
    )


async def count_new(db: aiosqlite.Connection, feed_id: int, day: date, number: int, *, left_over: int) -> None:
    """Save how many new posts a feed brought on a day, and how many more wait for the next day."""
    values = {"id": feed_id, "day": day.isoformat(), "number": number, "left_over": left_over}
    await db.execute(COUNT_NEW, values)


async def save_move(
    db: aiosqlite.Connection, feed_id: int, *, to: str | None, since: datetime | None, times: int
) -> None:
    """Save where permanent redirects lead, since when and how often in a row; None if they no longer do."""
    await db.execute(SAVE_MOVE, {"id": feed_id, "to": to, "since": to_text(since), "times": times})


async def adopt_move(db: aiosqlite.Connection, feed_id: int) -> bool:
    """Make the new address the feed's own; False if another feed has it."""
    return (await db.execute(ADOPT_MOVE, {"id": feed_id})).rowcount == 1


async def save_failure(
    db: aiosqlite.Connection, feed_id: int, *, error: str, now: datetime, next_check_at: datetime
) -> None:
    """Save a failed poll: what went wrong, and when to ask again."""
    await db.execute(
        SAVE_FAILURE,
        {"id": feed_id, "error": error, "now": to_text(now), "next_check_at": to_text(next_check_at)},
    )


async def tell_once(db: aiosqlite.Connection, feed_id: int, *, failing_before: datetime, now: datetime) -> bool:
    """Mark a feed that has failed since before a moment as reported; False if it was, or has failed for less long."""
    values = {"id": feed_id, "before": to_text(failing_before), "now": to_text(now)}
    return (await db.execute(TELL, values)).rowcount == 1


# ── feeds that nobody follows ───────────────────────────────────────────────────────────────────


async def count_day(db: aiosqlite.Connection, *, own: Collection[str]) -> None:
    """Count a day for each feed that no server follows and the settings do not name.

    Args:
        own: The addresses that the settings name.
    """
    await db.execute(COUNT_DAY, {"own": json.dumps(list(own))})


async def count_anew(db: aiosqlite.Connection, feed_id: int) -> None:
    """Reset the days of a feed that is followed; they are counted anew once nobody follows it any longer."""
    await db.execute(COUNT_ANEW, {"id": feed_id})


async def unfollowed(
    db: aiosqlite.Connection, *, own: Collection[str], days: int, unread_days: int
) -> list[FeedState]:
    """Return the feeds that nobody has followed or named for too long.

    Args:
        own: The addresses that the settings name.
        days: For how many days a feed may be without followers.
        unread_days: The same for feeds that were never read.
    """
    values = {"own": json.dumps(list(own)), "days": days, "unread_days": unread_days}
    async with db.execute(UNFOLLOWED, values) as cursor:
        return [_feed(row) async for row in cursor]


async def is_kept(db: aiosqlite.Connection, feed_id: int, *, own: Collection[str]) -> bool:
    """Return whether a server follows a feed, or the settings name it."""
    async with db.execute(IS_KEPT, {"id": feed_id, "own": json.dumps(list(own))}) as cursor:
        return await cursor.fetchone() is not None


async def begin_removal(db: aiosqlite.Connection, feed_id: int, *, own: Collection[str]) -> bool:
    """Make a feed count as never read, before its reviews are deleted; False if it is kept.

    If it is followed again during the removal, or after we were killed, it is read anew and nothing old is
    announced.
    """
    values = {"id": feed_id, "own": json.dumps(list(own))}
    return (await db.execute(BEGIN_REMOVAL, values)).rowcount == 1


async def is_leaving(db: aiosqlite.Connection, feed_id: int, *, own: Collection[str]) -> bool:
    """Return whether a removal may continue: nobody has followed or read the feed since it began."""
    async with db.execute(IS_LEAVING, {"id": feed_id, "own": json.dumps(list(own))}) as cursor:
        return await cursor.fetchone() is not None


async def delete_feed(db: aiosqlite.Connection, feed_id: int) -> None:
    """Delete a feed whose reviews are gone, with everything else about it. Belongs in a transaction."""
    await db.execute(DELETE, {"id": feed_id})
    await db.execute(KEEP_ID, {"id": str(feed_id)})
