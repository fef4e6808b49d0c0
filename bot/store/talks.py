"""Queries about talks: the registry of the threads in which servers discuss papers, and their opening.

``pending → sending → open``; back to ``pending`` with a reason if a later try may succeed, ``failed`` if none can.
A talk in ``sending`` at a start is in doubt: the process died between claim and settlement. An open talk becomes
``gone`` when its thread is deleted; then the paper may get a new one.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime

import aiosqlite

from bot.languages import read_message
from bot.models.talks import Talk, TalkState, ThreadFacts
from bot.store.times import from_text, to_text

ADD = """
    INSERT INTO talks (guild_id, review_id, link_key, title, state, nonce, channel_id, root_id, opener_id, created_at)
    VALUES (:guild_id, :review_id, :link_key, :title, 'pending', :nonce, :channel_id, :root_id, :opener_id, :now)
"""
# A thread is one talk for ever, whatever its row has been through.
RECORD = """
    INSERT INTO talks (guild_id, review_id, link_key, title, state, nonce, channel_id, root_id, thread_id,
        created_at, opened_at)
    VALUES (:guild_id, :review_id, :link_key, :title, 'open', :nonce, :channel_id, :root_id, :thread_id, :now, :now)
    ON CONFLICT (thread_id) DO UPDATE SET state = 'open', reason = NULL
"""
BY_ID = "SELECT * FROM talks WHERE id = :id"
BY_THREAD = "SELECT * FROM talks WHERE thread_id = :thread_id"
# The one that was opened first is the paper's talk: later ones come from joins of papers.
OF_REVIEWS = """
    SELECT * FROM talks
    WHERE guild_id = :guild_id AND review_id IN (SELECT value FROM json_each(:reviews))
        AND state IN (SELECT value FROM json_each(:states))
    ORDER BY state = 'open' DESC, id
"""
GUILDS = """
    SELECT DISTINCT guild_id FROM talks
    WHERE review_id IN (SELECT value FROM json_each(:reviews)) AND state IN (SELECT value FROM json_each(:states))
"""
IN_CHANNEL = "SELECT 1 FROM talks WHERE channel_id = :channel_id AND thread_id IS NOT NULL LIMIT 1"
LAST_OPENED = """
    SELECT max(created_at) FROM talks
    WHERE guild_id = :guild_id AND opener_id = :user_id AND state <> 'failed'
"""
DUE = """
    SELECT * FROM talks
    WHERE state IN ('pending', 'sending') AND (not_before IS NULL OR not_before <= :now)
        AND guild_id NOT IN (SELECT value FROM json_each(:busy))
    GROUP BY guild_id HAVING id = min(id) ORDER BY id LIMIT :limit
"""
NEXT = """
    SELECT * FROM talks
    WHERE guild_id = :guild_id AND state IN ('pending', 'sending') AND (not_before IS NULL OR not_before <= :now)
    ORDER BY id LIMIT 1
"""
CLAIM = """
    UPDATE talks SET state = 'sending', attempts = attempts + 1, claimed_at = :now, claimed_after = :claimed_after
    WHERE id = :id AND state = 'pending'
"""
SET_ROOT = "UPDATE talks SET root_id = :root_id WHERE id = :id AND state = 'sending'"
MOVE = """
    UPDATE talks SET channel_id = :channel_id, root_id = :root_id WHERE id = :id AND state IN ('pending', 'sending')
"""
OPEN = """
    UPDATE talks SET state = 'open', root_id = :root_id, thread_id = :thread_id, opened_at = :now, reason = NULL,
        not_before = NULL
    WHERE id = :id AND state IN ('pending', 'sending')
"""
PUT_BACK = """
    UPDATE talks SET state = 'pending', looks = 0, reason = :reason, not_before = :not_before
    WHERE id = :id AND state IN ('pending', 'sending')
"""
POSTPONE = """
    UPDATE talks SET looks = looks + 1, reason = :reason, not_before = :not_before
    WHERE id = :id AND state IN ('pending', 'sending')
"""
FAILED = """
    UPDATE talks SET state = 'failed', reason = :reason WHERE id = :id AND state IN ('pending', 'sending')
"""
# A thread that is another row's: under an announcement, of which it has only one.
MESSAGES_OF_SAME = """
    UPDATE messages SET talk_id = :id
    WHERE talk_id IN (SELECT id FROM talks WHERE thread_id = :thread_id AND id <> :id)
"""
CONCLUSIONS_OF_SAME = """
    UPDATE conclusions SET talk_id = :id
    WHERE talk_id IN (SELECT id FROM talks WHERE thread_id = :thread_id AND id <> :id)
"""
FORGET_SAME = "DELETE FROM talks WHERE thread_id = :thread_id AND id <> :id"
RETRY_NOW = "UPDATE talks SET not_before = NULL WHERE state IN ('pending', 'sending') AND not_before IS NOT NULL"
UPDATE_THREAD = """
    UPDATE talks SET title = :title, channel_id = :channel_id, is_archived = :is_archived, is_locked = :is_locked,
        is_private = :is_private, messages = coalesce(:messages, messages),
        last_message_id = coalesce(:last_message_id, last_message_id),
        counted_at = CASE WHEN :messages IS NULL THEN counted_at ELSE :now END
    WHERE thread_id = :thread_id AND state = 'open'
"""
GONE = "UPDATE talks SET state = 'gone' WHERE thread_id = :thread_id AND state = 'open' RETURNING id"
GONE_IN = """
    UPDATE talks SET state = CASE state WHEN 'open' THEN 'gone' ELSE 'failed' END
    WHERE channel_id = :channel_id AND state IN ('pending', 'sending', 'open') RETURNING id
"""
FORGET_GUILD = "DELETE FROM talks WHERE guild_id = :guild_id"
FORGET_OTHERS = "DELETE FROM talks WHERE guild_id NOT IN (SELECT value FROM json_each(:present))"
REATTACH = "UPDATE talks SET review_id = :review_id WHERE review_id IS NULL AND link_key = :link_key"
FORGET_FAILED = """
    DELETE FROM talks
    WHERE guild_id = :guild_id AND review_id IN (SELECT value FROM json_each(:reviews)) AND state = 'failed'
"""
FORGET_UNOPENED = """
    DELETE FROM talks WHERE id IN (
        SELECT id FROM talks WHERE state IN ('failed', 'gone') AND created_at < :before LIMIT :limit
    )
"""

LIVE = (TalkState.PENDING, TalkState.SENDING, TalkState.OPEN)
"""The states of a talk that is there, or on its way: while a paper has one in a server, no other is opened."""


def _talk(row: sqlite3.Row) -> Talk:
    return Talk(
        id=row["id"],
        guild_id=row["guild_id"],
        review_id=row["review_id"],
        link_key=row["link_key"],
        title=row["title"],
        state=TalkState(row["state"]),
        nonce=row["nonce"],
        channel_id=row["channel_id"],
        created_at=_moment(row["created_at"]),
        attempts=row["attempts"],
        looks=row["looks"],
        reason=read_message(row["reason"]),
        not_before=from_text(row["not_before"]),
        claimed_at=from_text(row["claimed_at"]),
        claimed_after=row["claimed_after"],
        root_id=row["root_id"],
        thread_id=row["thread_id"],
        opener_id=row["opener_id"],
        opened_at=from_text(row["opened_at"]),
        is_archived=bool(row["is_archived"]),
        is_locked=bool(row["is_locked"]),
        is_private=bool(row["is_private"]),
        messages=row["messages"],
        last_message_id=row["last_message_id"],
        counted_at=from_text(row["counted_at"]),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def _find(db: aiosqlite.Connection, query: str, **values: object) -> list[Talk]:
    async with db.execute(query, values) as cursor:
        return [_talk(row) async for row in cursor]


# ── the registry ────────────────────────────────────────────────────────────────────────────────


async def find_talk(db: aiosqlite.Connection, talk_id: int) -> Talk | None:
    """Return a talk by its id; None if it is not known."""
    talks = await _find(db, BY_ID, id=talk_id)
    return talks[0] if talks else None


async def talk_in(db: aiosqlite.Connection, thread_id: int) -> Talk | None:
    """Return the talk that a thread is; None if it is not one."""
    talks = await _find(db, BY_THREAD, thread_id=thread_id)
    return talks[0] if talks else None


async def talks_of(
    db: aiosqlite.Connection,
    review_ids: Iterable[int],
    guild_id: int,
    *,
    states: Iterable[TalkState] = (TalkState.OPEN,),
) -> list[Talk]:
    """Return the talks about a paper in a server: open ones first, the one that was opened first before others.

    Args:
        review_ids: All reviews of the paper (`bot.store.joins.paper_of`).
        states: Which talks are wanted.
    """
    return await _find(
        db, OF_REVIEWS, guild_id=guild_id, reviews=json.dumps(list(review_ids)), states=json.dumps(list(states))
    )


async def guilds_of(db: aiosqlite.Connection, review_ids: Iterable[int]) -> frozenset[int]:
    """Return the ids of the servers that have a talk about one of these reviews, or are opening one."""
    values = {"reviews": json.dumps(list(review_ids)), "states": json.dumps(LIVE)}
    async with db.execute(GUILDS, values) as cursor:
        return frozenset([row["guild_id"] async for row in cursor])


async def record_thread(
    db: aiosqlite.Connection,
    *,
    guild_id: int,
    review_id: int,
    link_key: str,
    title: str,
    channel_id: int,
    root_id: int | None,
    thread_id: int,
    nonce: str,
    now: datetime,
) -> None:
    """Enter a thread that is there already as a talk; one that is known is open again."""
    values = {
        "guild_id": guild_id,
        "review_id": review_id,
        "link_key": link_key,
        "title": title,
        "channel_id": channel_id,
        "root_id": root_id,
        "thread_id": thread_id,
        "nonce": nonce,
        "now": to_text(now),
    }
    await db.execute(RECORD, values)


async def update_thread(db: aiosqlite.Connection, thread: ThreadFacts, *, now: datetime) -> None:
    """Save what Discord reports of a talk's thread; other threads are ignored."""
    values = {
        "thread_id": thread.thread_id,
        "title": thread.name,
        "channel_id": thread.parent_id,
        "is_archived": int(thread.is_archived),
        "is_locked": int(thread.is_locked),
        "is_private": int(thread.is_private),
        "messages": thread.messages,
        "last_message_id": thread.last_message_id,
        "now": to_text(now),
    }
    await db.execute(UPDATE_THREAD, values)


async def set_gone(db: aiosqlite.Connection, thread_id: int) -> list[int]:
    """Save that a thread was deleted; return the ids of the talks that went with it."""
    async with db.execute(GONE, {"thread_id": thread_id}) as cursor:
        return [row["id"] async for row in cursor]


async def set_gone_in(db: aiosqlite.Connection, channel_id: int) -> list[int]:
    """Save that a channel or forum was deleted; return the ids of the talks that went with it."""
    async with db.execute(GONE_IN, {"channel_id": channel_id}) as cursor:
        return [row["id"] async for row in cursor]


async def forget_guild(db: aiosqlite.Connection, guild_id: int) -> None:
    """Delete the talks of a server that the bot has left, with their messages and conclusions."""
    await db.execute(FORGET_GUILD, {"guild_id": guild_id})


async def forget_others(db: aiosqlite.Connection, present: Iterable[int]) -> None:
    """Delete the talks of all servers but these."""
    await db.execute(FORGET_OTHERS, {"present": json.dumps(list(present))})


async def reattach(db: aiosqlite.Connection, review_id: int, link_key: str) -> None:
    """Give the talks of a review that was deleted to one with the same address."""
    await db.execute(REATTACH, {"review_id": review_id, "link_key": link_key})


async def forget_failed(db: aiosqlite.Connection, review_ids: Iterable[int], guild_id: int) -> None:
    """Delete what is kept of earlier talks about a paper that could not be opened: the next try takes their place."""
    await db.execute(FORGET_FAILED, {"guild_id": guild_id, "reviews": json.dumps(list(review_ids))})


async def forget_unopened(db: aiosqlite.Connection, before: datetime, *, limit: int) -> int:
    """Delete some talks that are gone, or could not be opened, of before a moment; return how many.

    Conclusions go with them: nothing leads to those of a thread that was deleted.
    """
    return (await db.execute(FORGET_UNOPENED, {"before": to_text(before), "limit": limit})).rowcount


# ── opening ─────────────────────────────────────────────────────────────────────────────────────


async def add_talk(
    db: aiosqlite.Connection,
    *,
    guild_id: int,
    review_id: int,
    link_key: str,
    title: str,
    channel_id: int,
    root_id: int | None,
    opener_id: int | None,
    nonce: str,
    now: datetime,
) -> int:
    """Enter a talk to be opened, and return its id.

    Args:
        channel_id: The channel or forum that it will be in.
        root_id: The message under which it is opened; None if that has to be sent first, and in a forum.
    """
    values = {
        "guild_id": guild_id,
        "review_id": review_id,
        "link_key": link_key,
        "title": title,
        "channel_id": channel_id,
        "root_id": root_id,
        "opener_id": opener_id,
        "nonce": nonce,
        "now": to_text(now),
    }
    return (await db.execute(ADD, values)).lastrowid or 0


async def has_talks_in(db: aiosqlite.Connection, channel_id: int) -> bool:
    """Return whether talks were opened in a channel or forum."""
    async with db.execute(IN_CHANNEL, {"channel_id": channel_id}) as cursor:
        return await cursor.fetchone() is not None


async def last_opened(db: aiosqlite.Connection, guild_id: int, user_id: int) -> datetime | None:
    """Return when a member last opened a talk in a server, taken back or not; None if never."""
    async with db.execute(LAST_OPENED, {"guild_id": guild_id, "user_id": user_id}) as cursor:
        row = await cursor.fetchone()
    return from_text(row[0]) if row else None


async def due_talks(db: aiosqlite.Connection, *, now: datetime, busy: Iterable[int], limit: int) -> list[Talk]:
    """Return the oldest talk of each server that is to be opened or looked for now; busy servers are left out."""
    return await _find(db, DUE, now=to_text(now), busy=json.dumps(list(busy)), limit=limit)


async def next_talk(db: aiosqlite.Connection, guild_id: int, *, now: datetime) -> Talk | None:
    """Return the oldest talk of a server that is to be opened or looked for now."""
    talks = await _find(db, NEXT, guild_id=guild_id, now=to_text(now))
    return talks[0] if talks else None


async def claim_talk(db: aiosqlite.Connection, talk_id: int, *, claimed_after: int, now: datetime) -> bool:
    """Mark a talk as being opened; False if it no longer waits.

    Args:
        claimed_after: A message id below that of its first message.
    """
    values = {"id": talk_id, "claimed_after": claimed_after, "now": to_text(now)}
    return (await db.execute(CLAIM, values)).rowcount == 1


async def set_root(db: aiosqlite.Connection, talk_id: int, root_id: int) -> None:
    """Save the message under which the thread of a claimed talk will be."""
    await db.execute(SET_ROOT, {"id": talk_id, "root_id": root_id})


async def move_talk(db: aiosqlite.Connection, talk_id: int, *, channel_id: int, root_id: int | None) -> None:
    """Have a talk opened somewhere else, where it cannot be opened at its place."""
    await db.execute(MOVE, {"id": talk_id, "channel_id": channel_id, "root_id": root_id})


async def settle_open(
    db: aiosqlite.Connection, talk_id: int, *, root_id: int | None, thread_id: int, now: datetime
) -> bool:
    """Save a talk's thread; False if it was given up in between.

    A row that an earlier talk left for this thread goes into this one.
    """
    values = {"id": talk_id, "root_id": root_id, "thread_id": thread_id, "now": to_text(now)}
    for query in (MESSAGES_OF_SAME, CONCLUSIONS_OF_SAME, FORGET_SAME):
        await db.execute(query, {"id": talk_id, "thread_id": thread_id})
    return (await db.execute(OPEN, values)).rowcount == 1


async def put_back_talk(
    db: aiosqlite.Connection, talk_id: int, *, reason: str | None, not_before: datetime | None
) -> None:
    """Let a talk that was not opened be tried again."""
    await db.execute(PUT_BACK, {"id": talk_id, "reason": reason, "not_before": to_text(not_before)})


async def postpone_talk(db: aiosqlite.Connection, talk_id: int, *, reason: str, not_before: datetime) -> None:
    """Try again later; whether it was opened stays open."""
    await db.execute(POSTPONE, {"id": talk_id, "reason": reason, "not_before": to_text(not_before)})


async def fail_talk(db: aiosqlite.Connection, talk_id: int, *, reason: str) -> None:
    """Give up opening a talk; a later press may try anew."""
    await db.execute(FAILED, {"id": talk_id, "reason": reason})


async def retry_talks_now(db: aiosqlite.Connection) -> None:
    """Let waiting talks be tried at once."""
    await db.execute(RETRY_NOW)
