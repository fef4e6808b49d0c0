"""Queries about servers: what each has set, and the message that greets it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime

import aiosqlite

from bot.models.announcing import Posted, Subscription
from bot.models.servers import Membership, Server, TalkPlace, Welcome
from bot.store.times import from_text, to_text

BY_ID = "SELECT * FROM servers WHERE guild_id = :guild_id"
ALL = "SELECT * FROM servers"
KEEP = """
    INSERT INTO servers (guild_id, locale, joined_at) VALUES (:guild_id, :locale, :joined_at)
    ON CONFLICT (guild_id) DO UPDATE SET
        locale = coalesce(:locale, locale), joined_at = coalesce(:joined_at, joined_at)
"""
SET_LANGUAGE = """
    INSERT INTO servers (guild_id, language) VALUES (:guild_id, :language)
    ON CONFLICT (guild_id) DO UPDATE SET language = :language
"""
SET_ANSWERS = """
    INSERT INTO servers (guild_id, answers_privately) VALUES (:guild_id, :is_private)
    ON CONFLICT (guild_id) DO UPDATE SET answers_privately = :is_private
"""
SET_TALK = """
    INSERT INTO servers (guild_id, talk_place, talk_channel_id) VALUES (:guild_id, :place, :channel_id)
    ON CONFLICT (guild_id) DO UPDATE SET talk_place = :place, talk_channel_id = :channel_id
"""
SET_SHARING = """
    INSERT INTO servers (guild_id, shares_wishes) VALUES (:guild_id, :shares_wishes)
    ON CONFLICT (guild_id) DO UPDATE SET shares_wishes = :shares_wishes
"""
SET_MODEL = """
    INSERT INTO servers (guild_id, asks_model) VALUES (:guild_id, :asks_model)
    ON CONFLICT (guild_id) DO UPDATE SET asks_model = :asks_model
"""
FORGET = "DELETE FROM servers WHERE guild_id = :guild_id"
FORGET_OTHERS = "DELETE FROM servers WHERE guild_id NOT IN (SELECT value FROM json_each(:present))"
ENQUEUE = """
    INSERT INTO welcomes (guild_id, state, nonce) VALUES (:guild_id, 'pending', :nonce)
    ON CONFLICT (guild_id) DO UPDATE SET state = 'pending', nonce = :nonce, text = NULL, attempts = 0, looks = 0,
        reason = NULL, not_before = NULL, claimed_at = NULL, claimed_after = NULL, channel_id = NULL,
        message_id = NULL, settled_at = NULL
"""
DUE = """
    SELECT * FROM welcomes WHERE state IN ('pending', 'sending') AND (not_before IS NULL OR not_before <= :now)
        AND guild_id NOT IN (SELECT value FROM json_each(:busy))
    ORDER BY guild_id LIMIT :limit
"""
CLAIM = """
    UPDATE welcomes SET state = 'sending', attempts = attempts + 1, claimed_at = :now, claimed_after = :claimed_after,
        channel_id = :channel_id, text = :text
    WHERE guild_id = :guild_id AND nonce = :nonce AND state = 'pending'
"""
SENT = """
    UPDATE welcomes SET state = 'sent', channel_id = :channel_id, message_id = :message_id, settled_at = :now,
        reason = NULL, not_before = NULL
    WHERE guild_id = :guild_id AND nonce = :nonce
"""
PUT_BACK = """
    UPDATE welcomes SET state = 'pending', looks = 0, reason = :reason, not_before = :not_before
    WHERE guild_id = :guild_id AND nonce = :nonce AND state IN ('pending', 'sending')
"""
POSTPONE = """
    UPDATE welcomes SET looks = looks + 1, reason = :reason, not_before = :not_before
    WHERE guild_id = :guild_id AND nonce = :nonce AND state IN ('pending', 'sending')
"""
FAILED = """
    UPDATE welcomes SET state = 'failed', reason = :reason, settled_at = :now
    WHERE guild_id = :guild_id AND nonce = :nonce AND state IN ('pending', 'sending')
"""
RETRY_NOW = "UPDATE welcomes SET not_before = NULL WHERE not_before IS NOT NULL"


def _server(row: sqlite3.Row) -> Server:
    return Server(
        guild_id=row["guild_id"],
        language=row["language"],
        locale=row["locale"],
        answers_privately=bool(row["answers_privately"]),
        talk_place=TalkPlace(row["talk_place"] or TalkPlace.THREADS),
        talk_channel_id=row["talk_channel_id"],
        shares_wishes=bool(row["shares_wishes"]),
        asks_model=bool(row["asks_model"]),
        joined_at=from_text(row["joined_at"]),
    )


def _welcome(row: sqlite3.Row) -> Welcome:
    return Welcome(
        guild_id=row["guild_id"],
        nonce=row["nonce"],
        is_claimed=row["state"] == "sending",
        text=row["text"],
        attempts=row["attempts"],
        looks=row["looks"],
        claimed_at=from_text(row["claimed_at"]),
        claimed_after=row["claimed_after"],
        channel_id=row["channel_id"],
    )


# ── what servers have set ───────────────────────────────────────────────────────────────────────


async def find_server(db: aiosqlite.Connection, guild_id: int) -> Server | None:
    """Return what a server has set; None if it is not known."""
    async with db.execute(BY_ID, {"guild_id": guild_id}) as cursor:
        row = await cursor.fetchone()
    return _server(row) if row else None


async def all_servers(db: aiosqlite.Connection) -> dict[int, Server]:
    """Return all known servers by their ids."""
    async with db.execute(ALL) as cursor:
        return {row["guild_id"]: _server(row) async for row in cursor}


async def language_of(db: aiosqlite.Connection, subscription: Subscription) -> str:
    """Return the language that a subscription is announced in: its own, or else its server's."""
    if subscription.delivering.language:
        return subscription.delivering.language
    guild_id = subscription.guild_id
    server = await find_server(db, guild_id) if guild_id is not None else None
    return (server or Server(guild_id=0)).speaks


async def keep(db: aiosqlite.Connection, membership: Membership) -> None:
    """Enter a server, or update what Discord reports about it."""
    values = {
        "guild_id": membership.guild_id,
        "locale": membership.locale,
        "joined_at": to_text(membership.joined_at),
    }
    await db.execute(KEEP, values)


async def set_language(db: aiosqlite.Connection, guild_id: int, language: str | None) -> None:
    """Save a server's language; None to guess it by the server's locale."""
    await db.execute(SET_LANGUAGE, {"guild_id": guild_id, "language": language})


async def set_answers(db: aiosqlite.Connection, guild_id: int, *, is_private: bool) -> None:
    """Save whether look-ups in a server answer only to the member who asks."""
    await db.execute(SET_ANSWERS, {"guild_id": guild_id, "is_private": int(is_private)})


async def set_talk(db: aiosqlite.Connection, guild_id: int, place: TalkPlace, channel_id: int | None) -> None:
    """Save where a server talks about papers."""
    await db.execute(SET_TALK, {"guild_id": guild_id, "place": place.value, "channel_id": channel_id})


async def set_sharing(db: aiosqlite.Connection, guild_id: int, *, shares_wishes: bool) -> None:
    """Save whether what a server's members want reviewed is published."""
    await db.execute(SET_SHARING, {"guild_id": guild_id, "shares_wishes": int(shares_wishes)})


async def set_model(db: aiosqlite.Connection, guild_id: int, *, asks_model: bool) -> None:
    """Save whether the host's language model may be asked in a server."""
    await db.execute(SET_MODEL, {"guild_id": guild_id, "asks_model": int(asks_model)})


async def forget_server(db: aiosqlite.Connection, guild_id: int) -> None:
    """Delete what a server has set, and its welcome."""
    await db.execute(FORGET, {"guild_id": guild_id})


async def forget_others(db: aiosqlite.Connection, present: Iterable[int]) -> None:
    """Delete everything about servers other than these."""
    await db.execute(FORGET_OTHERS, {"present": json.dumps(list(present))})


# ── welcomes ────────────────────────────────────────────────────────────────────────────────────


async def enqueue_welcome(db: aiosqlite.Connection, guild_id: int, *, nonce: str) -> None:
    """Enter the first message to a server, in place of one from an earlier membership."""
    await db.execute(ENQUEUE, {"guild_id": guild_id, "nonce": nonce})


async def due_welcomes(db: aiosqlite.Connection, *, now: datetime, busy: Iterable[int], limit: int) -> list[Welcome]:
    """Return the welcomes to be sent or looked for now; busy servers are left out."""
    values = {"now": to_text(now), "busy": json.dumps(list(busy)), "limit": limit}
    async with db.execute(DUE, values) as cursor:
        return [_welcome(row) async for row in cursor]


async def claim_welcome(
    db: aiosqlite.Connection, welcome: Welcome, *, channel_id: int, text: str, claimed_after: int, now: datetime
) -> bool:
    """Mark a welcome as being sent; False if it no longer waits.

    Args:
        claimed_after: A message id below that of its message.
    """
    values = _key(welcome) | {
        "channel_id": channel_id,
        "text": text,
        "claimed_after": claimed_after,
        "now": to_text(now),
    }
    return (await db.execute(CLAIM, values)).rowcount == 1


async def settle_welcome(db: aiosqlite.Connection, welcome: Welcome, posted: Posted, *, now: datetime) -> None:
    """Save where a welcome arrived."""
    values = {"channel_id": posted.channel_id, "message_id": posted.message_id, "now": to_text(now)}
    await db.execute(SENT, _key(welcome) | values)


async def put_back_welcome(
    db: aiosqlite.Connection, welcome: Welcome, *, reason: str | None, not_before: datetime | None
) -> None:
    """Let a welcome that did not arrive be sent again."""
    await db.execute(PUT_BACK, _key(welcome) | {"reason": reason, "not_before": to_text(not_before)})


async def postpone_welcome(db: aiosqlite.Connection, welcome: Welcome, *, reason: str, not_before: datetime) -> None:
    """Try again later; whether it arrived stays open."""
    await db.execute(POSTPONE, _key(welcome) | {"reason": reason, "not_before": to_text(not_before)})


async def fail_welcome(db: aiosqlite.Connection, welcome: Welcome, *, reason: str, now: datetime) -> None:
    """Give a welcome up: /help shows the same to those who ask."""
    await db.execute(FAILED, _key(welcome) | {"reason": reason, "now": to_text(now)})


async def retry_welcomes_now(db: aiosqlite.Connection) -> None:
    """Let waiting welcomes be tried at once."""
    await db.execute(RETRY_NOW)


def _key(welcome: Welcome) -> dict[str, object]:
    return {"guild_id": welcome.guild_id, "nonce": welcome.nonce}
