"""Queries about channels: up to which message ours are accounted for, and which of ours no row knows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import aiosqlite

from bot.models.announcing import Posted
from bot.store.times import from_text, to_text

MARK_OF = "SELECT message_id FROM channel_marks WHERE channel_id = :channel_id"
MARK = """
    INSERT INTO channel_marks (channel_id, message_id) VALUES (:channel_id, :message_id)
    ON CONFLICT (channel_id) DO UPDATE SET message_id = max(message_id, excluded.message_id)
"""
FOLLOWED_SINCE = "SELECT min(created_at) FROM subscriptions WHERE channel_id = :channel_id AND state <> 'ended'"
ADD = """
    INSERT INTO found_messages (message_id, channel_id, message_channel_id, thread_id, traits, found_at)
    VALUES (:message_id, :channel_id, :message_channel_id, :thread_id, :traits, :now)
    ON CONFLICT DO NOTHING
"""
IN_CHANNEL = "SELECT * FROM found_messages WHERE channel_id = :channel_id ORDER BY message_id"
CHANGE = "UPDATE found_messages SET traits = :traits WHERE message_id = :message_id"
TAKE = "DELETE FROM found_messages WHERE message_id = :message_id"
FORGET_MARKS = """
    DELETE FROM channel_marks WHERE message_id < :before
    AND channel_id NOT IN (SELECT channel_id FROM subscriptions WHERE state <> 'ended')
"""
FORGET = "DELETE FROM found_messages WHERE found_at < :before"


async def mark_of(db: aiosqlite.Connection, channel_id: int) -> int | None:
    """Return the id of the message up to which ours are accounted for; None if the channel was never looked at."""
    async with db.execute(MARK_OF, {"channel_id": channel_id}) as cursor:
        row = await cursor.fetchone()
    return row[0] if row else None


async def followed_since(db: aiosqlite.Connection, channel_id: int) -> datetime | None:
    """Return when the oldest live subscription of a channel was made; None if there is none."""
    async with db.execute(FOLLOWED_SINCE, {"channel_id": channel_id}) as cursor:
        row = await cursor.fetchone()
    return from_text(row[0]) if row else None


async def keep_found(
    db: aiosqlite.Connection, channel_id: int, messages: Iterable[tuple[Posted, str]], *, mark: int, now: datetime
) -> None:
    """Save the messages that we wrote in a channel and no row knows, and up to where we looked for them.

    Args:
        messages: Each with the traits by which it is recognised.
        mark: The id of the message up to which we looked.
    """
    await db.executemany(
        ADD,
        [
            {
                "message_id": posted.message_id,
                "channel_id": channel_id,
                "message_channel_id": posted.channel_id,
                "thread_id": posted.thread_id,
                "traits": traits,
                "now": to_text(now),
            }
            for posted, traits in messages
        ],
    )
    await db.execute(MARK, {"channel_id": channel_id, "message_id": mark})


async def found_in(db: aiosqlite.Connection, channel_id: int) -> list[tuple[Posted, str]]:
    """Return the messages that we wrote in a channel and no row knows, each with its traits, the oldest first."""
    async with db.execute(IN_CHANNEL, {"channel_id": channel_id}) as cursor:
        return [
            (
                Posted(
                    message_id=row["message_id"],
                    channel_id=row["message_channel_id"],
                    thread_id=row["thread_id"],
                ),
                row["traits"],
            )
            async for row in cursor
        ]


async def change_found(db: aiosqlite.Connection, message_id: int, traits: str) -> None:
    """Save the remaining traits of a message after rows were found for a part of what it announces."""
    await db.execute(CHANGE, {"message_id": message_id, "traits": traits})


async def take_found(db: aiosqlite.Connection, message_id: int) -> None:
    """Remove a message that a row knows now."""
    await db.execute(TAKE, {"message_id": message_id})


async def forget_found(db: aiosqlite.Connection, before: datetime) -> None:
    """Delete messages that were found before a moment and that no row has claimed."""
    await db.execute(FORGET, {"before": to_text(before)})


async def forget_marks(db: aiosqlite.Connection, before: int) -> None:
    """Delete the marks of channels and threads in which nothing is announced any longer.

    Args:
        before: A message's id; marks after it are kept.
    """
    await db.execute(FORGET_MARKS, {"before": before})
