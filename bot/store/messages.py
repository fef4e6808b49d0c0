"""Queries about the messages that belong to no subscription: those in talks, and to members who wished for a review.

``pending → sending → sent``; back to ``pending`` with a reason if a later try may succeed, ``failed`` if none can,
``dropped`` if nobody wants it any longer. A row in ``sending`` at a start is in doubt.

A message into a talk waits until the talk is open. Those of a channel keep their order.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import aiosqlite

from bot.languages import read_message, write_message
from bot.models.talks import TalkMessage, TalkMessageKind, TalkMessageState
from bot.store.times import from_text, to_text

ADD = """
    INSERT INTO messages (kind, guild_id, channel_id, talk_id, review_id, passage_id, wish_id, text, user_ids, state,
        nonce, created_at)
    VALUES (:kind, :guild_id, :channel_id, :talk_id, :review_id, :passage_id, :wish_id, :text, :user_ids, 'pending',
        :nonce, :now)
"""
BY_ID = "SELECT * FROM messages WHERE id = :id"
# Where a message goes: its own channel, or the thread of its talk. Messages keep their order, but one that was
# refused several times lets the others pass.
_OPEN = """
    FROM messages m LEFT JOIN talks t ON t.id = m.talk_id
    WHERE m.state IN ('pending', 'sending') AND (m.channel_id IS NOT NULL OR t.state = 'open')
        AND (m.attempts + m.looks < :tries_in_line OR m.not_before IS NULL OR m.not_before <= :now)
"""
DUE = f"""
    SELECT place FROM (
        SELECT coalesce(m.channel_id, t.thread_id) AS place, m.not_before, min(m.id) AS id {_OPEN} GROUP BY place
    )
    WHERE (not_before IS NULL OR not_before <= :now) AND place NOT IN (SELECT value FROM json_each(:busy))
    ORDER BY id LIMIT :limit
"""
NEXT = f"SELECT m.* {_OPEN} AND coalesce(m.channel_id, t.thread_id) = :place ORDER BY m.id LIMIT 1"
CLAIM = """
    UPDATE messages SET state = 'sending', attempts = attempts + 1, claimed_at = :now, claimed_as = :claimed_as,
        claimed_after = :claimed_after
    WHERE id = :id AND state = 'pending'
"""
SENT = """
    UPDATE messages SET state = 'sent', message_id = :message_id, settled_at = :now, reason = NULL, not_before = NULL
    WHERE id = :id AND state IN ('pending', 'sending')
"""
PUT_BACK = """
    UPDATE messages SET state = 'pending', looks = 0, reason = :reason, not_before = :not_before
    WHERE id = :id AND state IN ('pending', 'sending')
"""
POSTPONE = """
    UPDATE messages SET looks = looks + 1, reason = :reason, not_before = :not_before
    WHERE id = :id AND state IN ('pending', 'sending')
"""
FAILED = """
    UPDATE messages SET state = 'failed', reason = :reason, settled_at = :now
    WHERE id = :id AND state IN ('pending', 'sending')
"""
DROP_OF_TALKS = """
    UPDATE messages SET state = 'dropped', reason = :reason, settled_at = :now
    WHERE talk_id IN (SELECT value FROM json_each(:talks)) AND state IN ('pending', 'sending')
"""
DROP_OF_CHANNEL = """
    UPDATE messages SET state = 'dropped', reason = :reason, settled_at = :now
    WHERE channel_id = :channel_id AND state IN ('pending', 'sending')
"""
DROP_OF_GUILD = """
    UPDATE messages SET state = 'dropped', reason = :reason, settled_at = :now
    WHERE guild_id = :guild_id AND state IN ('pending', 'sending')
"""
RETRY_NOW = "UPDATE messages SET not_before = NULL WHERE state IN ('pending', 'sending') AND not_before IS NOT NULL"
OF_TALK = """
    SELECT * FROM messages
    WHERE talk_id = :talk_id AND kind = :kind AND state IN ('pending', 'sending', 'sent')
    ORDER BY id
"""
ALL_OF_TALK = "SELECT * FROM messages WHERE talk_id = :talk_id ORDER BY id DESC LIMIT :limit"
SAME_QUOTE = """
    SELECT * FROM messages
    WHERE talk_id = :talk_id AND passage_id = :passage_id AND kind = 'quote'
        AND state IN ('pending', 'sending', 'sent')
    ORDER BY id DESC LIMIT 1
"""
TOLD = """
    SELECT 1 FROM messages
    WHERE talk_id = :talk_id AND kind = :kind
        AND (state IN ('pending', 'sending') OR state = 'sent' AND settled_at > :since)
    LIMIT 1
"""
FORGET_QUOTE = "UPDATE messages SET state = 'dropped', reason = :reason WHERE id = :id AND state = 'sent'"
FORGET_REFUSED = """
    DELETE FROM messages
    WHERE talk_id = :talk_id AND passage_id = :passage_id AND kind = 'quote' AND state = 'failed'
"""
QUOTED_IN = """
    SELECT DISTINCT talk_id FROM messages
    WHERE passage_id = :passage_id AND kind = 'quote' AND talk_id IS NOT NULL AND state IN ('sending', 'sent')
"""
FORGET = """
    DELETE FROM messages WHERE id IN (
        SELECT id FROM messages
        WHERE (state IN ('failed', 'dropped') OR state = 'sent' AND kind IN ('change', 'conclusion', 'wish'))
            AND settled_at < :before
        LIMIT :limit
    )
"""


TRIES_IN_LINE = 3
"""Refusals of a message before the others of its channel pass it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message to be sent. What its fields say is explained by `bot.models.talks.TalkMessage`."""

    kind: TalkMessageKind
    guild_id: int
    nonce: str
    channel_id: int | None = None
    talk_id: int | None = None
    review_id: int | None = None
    passage_id: int | None = None
    wish_id: int | None = None
    text: str | None = None
    user_ids: tuple[int, ...] = ()


def _message(row: sqlite3.Row) -> TalkMessage:
    return TalkMessage(
        id=row["id"],
        kind=TalkMessageKind(row["kind"]),
        guild_id=row["guild_id"],
        state=TalkMessageState(row["state"]),
        nonce=row["nonce"],
        created_at=datetime.fromisoformat(row["created_at"]),
        channel_id=row["channel_id"],
        talk_id=row["talk_id"],
        review_id=row["review_id"],
        passage_id=row["passage_id"],
        wish_id=row["wish_id"],
        text=read_message(row["text"]),
        user_ids=tuple(json.loads(row["user_ids"])),
        attempts=row["attempts"],
        looks=row["looks"],
        reason=read_message(row["reason"]),
        not_before=from_text(row["not_before"]),
        claimed_at=from_text(row["claimed_at"]),
        claimed_as=row["claimed_as"],
        claimed_after=row["claimed_after"],
        message_id=row["message_id"],
        settled_at=from_text(row["settled_at"]),
    )


async def _find(db: aiosqlite.Connection, query: str, **values: object) -> list[TalkMessage]:
    async with db.execute(query, values) as cursor:
        return [_message(row) async for row in cursor]


# ── entering ────────────────────────────────────────────────────────────────────────────────────


async def add_message(db: aiosqlite.Connection, new: NewMessage, *, now: datetime) -> int:
    """Enter a message to be sent, and return its id."""
    values = {
        "kind": new.kind.value,
        "guild_id": new.guild_id,
        "channel_id": new.channel_id,
        "talk_id": new.talk_id,
        "review_id": new.review_id,
        "passage_id": new.passage_id,
        "wish_id": new.wish_id,
        "text": None if new.text is None else write_message(new.text),
        "user_ids": json.dumps(list(new.user_ids)),
        "nonce": new.nonce,
        "now": to_text(now),
    }
    return (await db.execute(ADD, values)).lastrowid or 0


async def find_message(db: aiosqlite.Connection, message_id: int) -> TalkMessage | None:
    """Return a row by its id; None if it was deleted."""
    messages = await _find(db, BY_ID, id=message_id)
    return messages[0] if messages else None


async def messages_of(db: aiosqlite.Connection, talk_id: int, kind: TalkMessageKind) -> list[TalkMessage]:
    """Return the messages of a kind that are in a talk, or on their way there, the oldest first."""
    return await _find(db, OF_TALK, talk_id=talk_id, kind=kind.value)


async def last_messages(db: aiosqlite.Connection, talk_id: int, *, limit: int) -> list[TalkMessage]:
    """Return the last messages of a talk, the oldest first, whatever became of them."""
    return (await _find(db, ALL_OF_TALK, talk_id=talk_id, limit=limit))[::-1]


async def quote_in(db: aiosqlite.Connection, talk_id: int, passage_id: int) -> TalkMessage | None:
    """Return the quote of a passage that is in a talk, or on its way there; None if there is none."""
    messages = await _find(db, SAME_QUOTE, talk_id=talk_id, passage_id=passage_id)
    return messages[0] if messages else None


async def is_told(db: aiosqlite.Connection, talk_id: int, kind: TalkMessageKind, *, since: datetime) -> bool:
    """Return whether a message of a kind waits to be sent into a talk, or was sent there after a moment."""
    async with db.execute(TOLD, {"talk_id": talk_id, "kind": kind.value, "since": to_text(since)}) as cursor:
        return await cursor.fetchone() is not None


async def set_deleted(db: aiosqlite.Connection, message_id: int, *, reason: str) -> None:
    """Save that a quote was deleted in its talk, so that it may be quoted again."""
    await db.execute(FORGET_QUOTE, {"id": message_id, "reason": reason})


async def forget_refused_quotes(db: aiosqlite.Connection, talk_id: int, passage_id: int) -> None:
    """Delete earlier quotes of a passage that could not be sent into a talk: the next try takes their place."""
    await db.execute(FORGET_REFUSED, {"talk_id": talk_id, "passage_id": passage_id})


async def quoted_in(db: aiosqlite.Connection, passage_id: int) -> list[int]:
    """Return the ids of the talks into which a passage was quoted."""
    async with db.execute(QUOTED_IN, {"passage_id": passage_id}) as cursor:
        return [row["talk_id"] async for row in cursor]


# ── sending ─────────────────────────────────────────────────────────────────────────────────────


async def due_places(db: aiosqlite.Connection, *, now: datetime, busy: Iterable[int], limit: int) -> list[int]:
    """Return the channels and threads with a message to be sent or looked for now; busy ones are left out."""
    values = {
        "now": to_text(now),
        "busy": json.dumps(list(busy)),
        "limit": limit,
        "tries_in_line": TRIES_IN_LINE,
    }
    async with db.execute(DUE, values) as cursor:
        return [row["place"] async for row in cursor]


async def next_message(db: aiosqlite.Connection, place: int, *, now: datetime) -> TalkMessage | None:
    """Return the message to a channel or thread whose turn it is; it may have to wait."""
    messages = await _find(db, NEXT, place=place, now=to_text(now), tries_in_line=TRIES_IN_LINE)
    return messages[0] if messages else None


async def claim_message(
    db: aiosqlite.Connection, message_id: int, *, claimed_as: str, claimed_after: int, now: datetime
) -> bool:
    """Mark a message as being sent, and save how to recognise it; False if it no longer waits."""
    values = {"id": message_id, "claimed_as": claimed_as, "claimed_after": claimed_after, "now": to_text(now)}
    return (await db.execute(CLAIM, values)).rowcount == 1


async def settle_message(db: aiosqlite.Connection, message_id: int, *, sent_as: int, now: datetime) -> bool:
    """Save that a message arrived; False if it was given up in between.

    Args:
        sent_as: Its id in Discord.
    """
    return (await db.execute(SENT, {"id": message_id, "message_id": sent_as, "now": to_text(now)})).rowcount == 1


async def put_back_message(
    db: aiosqlite.Connection, message_id: int, *, reason: str | None, not_before: datetime | None
) -> None:
    """Let a message that did not arrive be sent again."""
    await db.execute(PUT_BACK, {"id": message_id, "reason": reason, "not_before": to_text(not_before)})


async def postpone_message(db: aiosqlite.Connection, message_id: int, *, reason: str, not_before: datetime) -> None:
    """Try again later; whether it arrived stays open."""
    await db.execute(POSTPONE, {"id": message_id, "reason": reason, "not_before": to_text(not_before)})


async def fail_message(db: aiosqlite.Connection, message_id: int, *, reason: str, now: datetime) -> None:
    """Give a message up."""
    await db.execute(FAILED, {"id": message_id, "reason": reason, "now": to_text(now)})


async def drop_of_talks(db: aiosqlite.Connection, talk_ids: Iterable[int], *, reason: str, now: datetime) -> None:
    """Give up what waits for talks that are gone."""
    await db.execute(DROP_OF_TALKS, {"talks": json.dumps(list(talk_ids)), "reason": reason, "now": to_text(now)})


async def drop_of_channel(db: aiosqlite.Connection, channel_id: int, *, reason: str, now: datetime) -> None:
    """Give up what waits for a channel or thread that was deleted."""
    await db.execute(DROP_OF_CHANNEL, {"channel_id": channel_id, "reason": reason, "now": to_text(now)})


async def drop_of_guild(db: aiosqlite.Connection, guild_id: int, *, reason: str, now: datetime) -> None:
    """Give up what waits for a server that the bot has left."""
    await db.execute(DROP_OF_GUILD, {"guild_id": guild_id, "reason": reason, "now": to_text(now)})


async def retry_messages_now(db: aiosqlite.Connection) -> None:
    """Let waiting messages be tried at once."""
    await db.execute(RETRY_NOW)


async def forget_messages(db: aiosqlite.Connection, before: datetime, *, limit: int) -> int:
    """Delete some lines, pings and what was not sent, settled before a moment; return how many.

    What stands in a talk is kept: it can be jumped to, and is not sent again.
    """
    return (await db.execute(FORGET, {"before": to_text(before), "limit": limit})).rowcount
