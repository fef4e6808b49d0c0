"""Queries about everything that is kept about one member, and those that delete it; what goes with a server.

A member's id is in columns of its own, in JSON (`messages.user_ids`, the role in `subscriptions.delivering`), and in
texts that may mention somebody. After `forget_member` no row has it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import aiosqlite

from bot.models.announcing import NOBODY
from bot.models.privacy import KeptItem, KeptKind

MOST_LISTED = 1_000
"""Of one kind."""

# Few messages mention anybody, and they have an index.
_MENTIONS = "m.user_ids <> '[]' AND EXISTS (SELECT 1 FROM json_each(m.user_ids) WHERE value = :user_id)"
_SAID = """
    SELECT m.guild_id, coalesce(t.title, r.clean_title, '') AS text FROM messages m
    LEFT JOIN talks t ON t.id = m.talk_id LEFT JOIN reviews r ON r.id = m.review_id
"""
_FEED_NAME = "coalesce(f.title, redacted(f.url))"
KEPT: Mapping[KeptKind, str] = {
    KeptKind.SAVED: "SELECT guild_id, title AS text FROM saved WHERE user_id = :user_id ORDER BY id",
    KeptKind.NOTE: "SELECT guild_id, note AS text FROM saved WHERE user_id = :user_id AND note <> '' ORDER BY id",
    KeptKind.PASSAGE: """
        SELECT s.guild_id, p.words AS text FROM saved s JOIN saved_passages sp ON sp.saved_id = s.id
        JOIN passages p ON p.id = sp.passage_id WHERE s.user_id = :user_id ORDER BY p.id
    """,
    KeptKind.FEED: f"""
        SELECT o.guild_id, {_FEED_NAME} AS text FROM feed_followers o JOIN feeds f ON f.id = o.feed_id
        WHERE o.user_id = :user_id ORDER BY o.guild_id, f.id
    """,
    KeptKind.TERM: """
        SELECT guild_id, term AS text FROM term_followers WHERE user_id = :user_id ORDER BY guild_id, term
    """,
    KeptKind.WISH: """
        SELECT w.guild_id, w.title AS text FROM wish_voices v JOIN wishes w ON w.id = v.wish_id
        WHERE v.user_id = :user_id ORDER BY w.id
    """,
    KeptKind.TALK: "SELECT guild_id, title AS text FROM talks WHERE opener_id = :user_id ORDER BY id",
    KeptKind.CONCLUSION: """
        SELECT t.guild_id, c.text FROM conclusions c JOIN talks t ON t.id = c.talk_id
        WHERE c.author_id = :user_id ORDER BY c.id
    """,
    KeptKind.QUOTE: f"{_SAID} WHERE m.kind IN ('opening', 'quote') AND {_MENTIONS} ORDER BY m.id",
    KeptKind.JOIN: """
        SELECT guild_id, first_title || CASE WHEN is_same THEN ' = ' ELSE ' ≠ ' END || second_title AS text
        FROM join_log WHERE user_id = :user_id ORDER BY id
    """,
    KeptKind.SUBSCRIPTION: f"""
        SELECT coalesce(s.guild_id, 0) AS guild_id, {_FEED_NAME} AS text
        FROM subscriptions s JOIN feeds f ON f.id = s.feed_id WHERE s.owner_id = :user_id ORDER BY s.id
    """,
    KeptKind.ROLE: f"""
        SELECT coalesce(s.guild_id, 0) AS guild_id, {_FEED_NAME} AS text
        FROM subscriptions s JOIN feeds f ON f.id = s.feed_id
        WHERE json_extract(s.delivering, '$.opened.user_id') = :user_id ORDER BY s.id
    """,
    KeptKind.PING: f"""
        {_SAID} WHERE m.kind = 'wish' AND m.state IN ('pending', 'sending') AND {_MENTIONS} ORDER BY m.id
    """,
    KeptKind.MODEL: """
        SELECT 0 AS guild_id, uses || ' · ' || day AS text FROM model_uses WHERE scope = 'member' AND id = :user_id
    """,
    KeptKind.CONSENT: "SELECT 0 AS guild_id, host AS text FROM model_consents WHERE user_id = :user_id",
}

VOICED = "SELECT wish_id FROM wish_voices WHERE user_id = :user_id"
# A ping that is on its way may have arrived; it is never sent again.
FORGET = (
    "DELETE FROM saved WHERE user_id = :user_id",
    "DELETE FROM feed_followers WHERE user_id = :user_id",
    "DELETE FROM term_followers WHERE user_id = :user_id",
    "DELETE FROM wish_voices WHERE user_id = :user_id",
    "DELETE FROM model_uses WHERE scope = 'member' AND id = :user_id",
    "DELETE FROM model_consents WHERE user_id = :user_id",
    """
    DELETE FROM wishes WHERE closed_at IS NULL AND id IN (SELECT value FROM json_each(:wishes))
        AND NOT EXISTS (SELECT 1 FROM wish_voices v WHERE v.wish_id = wishes.id)
    """,
    "UPDATE talks SET opener_id = NULL WHERE opener_id = :user_id",
    "UPDATE join_log SET user_id = NULL WHERE user_id = :user_id",
    """
    UPDATE messages SET user_ids = (SELECT json_group_array(value) FROM json_each(user_ids) WHERE value <> :user_id)
    WHERE user_ids <> '[]' AND EXISTS (SELECT 1 FROM json_each(messages.user_ids) WHERE value = :user_id)
    """,
    """
    UPDATE messages SET state = 'dropped'
    WHERE kind = 'wish' AND user_ids = '[]' AND state IN ('pending', 'sending')
    """,
    "UPDATE subscriptions SET owner_id = :nobody WHERE owner_id = :user_id",
    """
    UPDATE subscriptions SET delivering = json_remove(delivering, '$.opened')
    WHERE json_extract(delivering, '$.opened.user_id') = :user_id
    """,
)
FORGET_CONCLUSIONS = "DELETE FROM conclusions WHERE author_id = :user_id"
BLANK_CONCLUSIONS = "UPDATE conclusions SET author_id = NULL WHERE author_id = :user_id"

MENTIONING = (
    ("conclusions", "text"),
    ("decisions", "detail"),
    ("deliveries", "text"),
    ("deliveries", "claimed_as"),
    ("deliveries", "reason"),
    ("facts", "value"),
    ("follow_ups", "reason"),
    ("found_messages", "traits"),
    ("join_log", "first_title"),
    ("join_log", "second_title"),
    ("joins", "reason"),
    ("messages", "text"),
    ("messages", "claimed_as"),
    ("messages", "reason"),
    ("saved", "note"),
    ("subscriptions", "delivering"),
    ("subscriptions", "reason"),
    ("talks", "title"),
    ("talks", "reason"),
    ("welcomes", "text"),
    ("welcomes", "reason"),
    ("wishes", "title"),
)
"""(table, column) of texts in which a mention may stand, because we wrote it there or a member typed it."""
MENTIONING_ROWS = (("pending_choices", "text"), ("term_followers", "term"), ("unmatched", "query"), ("wishes", "key"))
"""The same where the text tells the row from others: such a row is deleted."""
IS_NAMED = "SELECT EXISTS (SELECT 1 FROM {0} WHERE instr({1}, :written))"
UNNAME = """
    UPDATE {0} SET {1} = replace(replace(replace({1}, '<@' || :written || '>', '@…'), '<@!' || :written || '>', '@…'),
        :written, '0')
    WHERE instr({1}, :written)
"""
DELETE_NAMING = "DELETE FROM {0} WHERE instr({1}, :written)"

GUILD_BOUND = ("messages", "wishes", "pending_choices")
"""Tables whose rows go with their server, beside its talks, joins and followers. Members' own lists stay."""
FORGET_GUILD = "DELETE FROM {0} WHERE guild_id = :guild_id"
FORGET_OTHERS = "DELETE FROM {0} WHERE guild_id <> 0 AND guild_id NOT IN (SELECT value FROM json_each(:present))"


async def kept_about(db: aiosqlite.Connection, user_id: int) -> list[KeptItem]:
    """Return everything that is kept about a member, by kind."""
    items: list[KeptItem] = []
    for kind, query in KEPT.items():
        async with db.execute(f"{query} LIMIT :limit", {"user_id": user_id, "limit": MOST_LISTED}) as cursor:
            items += [KeptItem(kind=kind, guild_id=row["guild_id"], text=row["text"]) async for row in cursor]
    return items


async def texts_naming(db: aiosqlite.Connection, user_id: int) -> list[tuple[str, str]]:
    """Return the (table, column) of the texts that mention a member.

    It walks over long tables, so it belongs on a connection that nobody waits for, before the transaction.
    """
    return [
        (table, column)
        for table, column in (*MENTIONING, *MENTIONING_ROWS)
        if await _is_named(db, table, column, user_id)
    ]


async def _is_named(db: aiosqlite.Connection, table: str, column: str, user_id: int) -> bool:
    async with db.execute(IS_NAMED.format(table, column), {"written": str(user_id)}) as cursor:
        row = await cursor.fetchone()
    return bool(row and row[0])


async def forget_member(
    db: aiosqlite.Connection, user_id: int, *, keeps_conclusions: bool, naming: Iterable[tuple[str, str]]
) -> None:
    """Delete what is kept about a member, and blank the member where something stays. Belongs in a transaction.

    Args:
        keeps_conclusions: Whether conclusions stay without their author; otherwise they are deleted.
        naming: The texts that mention the member (`texts_naming`).
    """
    async with db.execute(VOICED, {"user_id": user_id}) as cursor:
        wishes = [row["wish_id"] for row in await cursor.fetchall()]
    values = {"user_id": user_id, "nobody": NOBODY, "wishes": json.dumps(wishes)}
    await db.execute(BLANK_CONCLUSIONS if keeps_conclusions else FORGET_CONCLUSIONS, {"user_id": user_id})
    for query in FORGET:
        await db.execute(query, {name: value for name, value in values.items() if f":{name}" in query})
    for table, column in naming:
        query = DELETE_NAMING if (table, column) in MENTIONING_ROWS else UNNAME
        await db.execute(query.format(table, column), {"written": str(user_id)})


async def forget_guild(db: aiosqlite.Connection, guild_id: int) -> None:
    """Delete what belongs to a server that the bot has left; members' own lists stay."""
    for table in GUILD_BOUND:
        await db.execute(FORGET_GUILD.format(table), {"guild_id": guild_id})


async def forget_others(db: aiosqlite.Connection, present: Iterable[int]) -> None:
    """Delete what belongs to servers other than these."""
    listed = json.dumps(list(present))
    for table in GUILD_BOUND:
        await db.execute(FORGET_OTHERS.format(table), {"present": listed})
