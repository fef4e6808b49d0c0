"""Queries about the outbox: one row for each message, written before it is sent, and what is done to it afterwards.

``(collected →) pending → sending → sent``; back to ``pending`` with a reason if a later try may succeed,
``failed`` if none can, ``merged`` if a digest holds it, ``dropped`` if nobody wants it any longer. A row in
``sending`` at a start is in doubt: the process died between claim and settlement.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import aiosqlite

from bot.languages import read_message
from bot.models.announcing import Delivery, DeliveryKind, DeliveryState, FollowUp, FollowUpKind, Posted
from bot.store.times import from_text, to_text

LOOKS_IN_LINE = 5
"""Failed looks at a channel before a row in doubt stands aside: about a minute."""

MOST_IN_DIGEST = 200
"""Posts in one digest; the rest goes into another one. A message shows some thirty, and counts the others."""

ENQUEUE = """
    INSERT INTO deliveries (kind, subscription_id, review_id, channel_id, state, nonce, text, created_at)
    VALUES (:kind, :subscription_id, :review_id, :channel_id, :state, :nonce, :text, :now)
    ON CONFLICT DO NOTHING
"""
# Nothing overtakes the oldest open row of a channel, so posts come in order. Suspended rows stand aside. So do, for a
# while, rows that failed unexpectedly, or that are in doubt while the channel cannot be looked at. A notice is sent
# whatever became of its subscription.
_OPEN = """
    FROM deliveries d JOIN subscriptions s ON s.id = d.subscription_id
    WHERE d.state IN ('pending', 'sending') AND (s.state IN ('active', 'paused') OR d.kind = 'notice')
        AND ((d.faults = 0 AND d.looks < :looks_in_line) OR d.not_before IS NULL OR d.not_before <= :now)
"""
HEADS = f"""
    SELECT * FROM deliveries WHERE id IN (SELECT min(d.id) {_OPEN} GROUP BY d.channel_id)
    AND (not_before IS NULL OR not_before <= :now)
    AND channel_id NOT IN (SELECT value FROM json_each(:busy)) ORDER BY id LIMIT :limit
"""
HEAD = f"SELECT d.* {_OPEN} AND d.channel_id = :channel_id ORDER BY d.id LIMIT 1"
BY_ID = "SELECT * FROM deliveries WHERE id = :id"
# Only a row that has not changed since its message was drawn: if it was moved, it would be sent to the old channel.
CLAIM = """
    UPDATE deliveries SET state = 'sending', attempts = attempts + 1, claimed_at = :now, claimed_as = :claimed_as,
        claimed_after = :claimed_after, message_channel_id = :place
    WHERE id = :id AND state = 'pending' AND channel_id = :channel_id
"""
SENT = """
    UPDATE deliveries SET state = 'sent', message_id = :message_id, message_channel_id = :message_channel_id,
        thread_id = :thread_id, settled_at = :now, reason = NULL, not_before = NULL
    WHERE id = :id AND state = 'sending'
"""
# Found in its channel, alone or in a message with several posts, whose first row becomes the digest's.
FOUND = """
    UPDATE deliveries SET state = 'sent', is_digest = :is_digest, digest_id = NULL, message_id = :message_id,
        message_channel_id = :message_channel_id, thread_id = :thread_id, settled_at = :now, reason = NULL,
        not_before = NULL
    WHERE id = :id AND state IN ('collected', 'pending', 'merged')
"""
FOUND_DIGEST = "SELECT id FROM deliveries WHERE message_id = :message_id AND is_digest AND state = 'sent'"
FOUND_IN = """
    UPDATE deliveries SET state = 'merged', is_digest = 0, digest_id = :digest_id, reason = NULL, not_before = NULL
    WHERE id = :id AND state IN ('collected', 'pending', 'merged')
"""
FAILED = """
    UPDATE deliveries SET state = 'failed', reason = :reason, settled_at = :now
    WHERE id = :id AND state IN ('pending', 'sending')
"""
# A post goes to the channel that its subscription has now.
PUT_BACK = """
    UPDATE deliveries SET state = 'pending', looks = 0, reason = :reason, not_before = :not_before,
        channel_id = CASE kind WHEN 'post'
            THEN (SELECT s.channel_id FROM subscriptions s WHERE s.id = subscription_id) ELSE channel_id END
    WHERE id = :id AND state IN ('pending', 'sending')
"""
SET_PLAIN = "UPDATE deliveries SET is_plain = 1 WHERE id = :id AND kind = 'post' AND NOT is_plain AND NOT is_digest"
SET_TEXT = "UPDATE deliveries SET text = :text WHERE id = :id AND state = 'pending'"
POSTPONE = """
    UPDATE deliveries SET looks = looks + 1, reason = :reason, not_before = :not_before
    WHERE id = :id AND state IN ('pending', 'sending')
"""
STAND_ASIDE = """
    UPDATE deliveries SET looks = max(looks, :looks_in_line), reason = :reason, not_before = :not_before
    WHERE id = :id AND state = 'pending'
"""
FAULTED = """
    UPDATE deliveries SET faults = faults + 1, reason = :reason, not_before = :not_before
    WHERE id = :id AND state IN ('pending', 'sending')
"""
RETARGET = """
    UPDATE deliveries SET channel_id = :channel_id, reason = NULL, not_before = NULL
    WHERE subscription_id = :subscription_id AND kind = 'post' AND state IN ('collected', 'pending')
"""
# At a start no other process has claims, so waiting rows are tried at once.
RETRY_NOW = """
    UPDATE deliveries SET not_before = NULL WHERE state IN ('pending', 'sending') AND not_before IS NOT NULL
"""
RETRY_POSTS_NOW = """
    UPDATE deliveries SET not_before = NULL
    WHERE state IN ('pending', 'sending') AND subscription_id IN (SELECT value FROM json_each(:subscriptions))
"""
MESSAGES = """
    SELECT message_id FROM deliveries WHERE channel_id = :channel_id AND message_id > :after
    UNION ALL SELECT message_id FROM welcomes WHERE channel_id = :channel_id AND message_id > :after
    UNION ALL SELECT message_id FROM messages WHERE channel_id = :channel_id AND message_id > :after
    UNION ALL SELECT m.message_id FROM messages m JOIN talks t ON t.id = m.talk_id
        WHERE t.thread_id = :channel_id AND m.message_id > :after
    UNION ALL SELECT root_id FROM talks WHERE channel_id = :channel_id AND root_id > :after
    UNION ALL SELECT thread_id FROM talks WHERE channel_id = :channel_id AND thread_id > :after
"""
NEWEST = """
    SELECT max(message_id) FROM (
        SELECT max(message_id) AS message_id FROM deliveries WHERE channel_id = :channel_id AND message_id IS NOT NULL
        UNION ALL SELECT max(coalesce(root_id, thread_id)) FROM talks WHERE channel_id = :channel_id
        UNION ALL SELECT max(message_id) FROM messages
            WHERE talk_id = (SELECT id FROM talks WHERE thread_id = :channel_id)
    )
"""
# What has not been sent to a channel yet, alone or in a digest that has not been sent.
WAITING_FOR = """
    SELECT d.id, d.kind, d.subscription_id, d.review_id, d.text, r.link, r.title, r.clean_title,
        coalesce(g.id, d.id) AS carrier_id, coalesce(g.is_digest, d.is_digest) AS is_digest
    FROM deliveries d LEFT JOIN reviews r ON r.id = d.review_id LEFT JOIN deliveries g ON g.id = d.digest_id
    WHERE d.channel_id = :channel_id AND d.kind <> 'notice'
        AND (d.state IN ('collected', 'pending') OR (d.state = 'merged' AND g.state = 'pending'))
    ORDER BY d.id
"""
POST_OF_THREAD = """
    SELECT d.* FROM deliveries d
    WHERE d.review_id = :review_id AND d.thread_id = :thread_id AND d.kind = 'post' AND d.state = 'sent'
"""
# Not in a digest, which is about several papers.
ANNOUNCED_IN = """
    SELECT DISTINCT d.channel_id, d.message_id, d.message_channel_id <> d.channel_id AS is_forum
    FROM deliveries d JOIN subscriptions s ON s.id = d.subscription_id
    WHERE d.review_id = :review_id AND d.kind = 'post' AND d.state = 'sent' AND NOT d.is_digest
        AND s.guild_id = :guild_id AND d.message_id IS NOT NULL
    ORDER BY d.message_id
"""
ANNOUNCED_BY = """
    SELECT s.guild_id, d.review_id, d.message_channel_id <> d.channel_id AS is_forum
    FROM deliveries d JOIN subscriptions s ON s.id = d.subscription_id
    WHERE d.channel_id = :channel_id AND d.message_id = :message_id AND d.kind = 'post' AND NOT d.is_digest
        AND s.guild_id IS NOT NULL AND d.review_id IS NOT NULL
"""
UNSENT = "SELECT * FROM deliveries WHERE state IN ('pending', 'sending', 'failed') ORDER BY id"
WAITING = """
    SELECT count(*) FROM deliveries
    WHERE subscription_id = :subscription_id AND state IN ('collected', 'pending', 'sending') AND kind = 'post'
"""
# Posts that do not get through: waiting with a reason, or given up recently.
TROUBLED = """
    SELECT * FROM deliveries
    WHERE subscription_id = :subscription_id AND kind = 'post' AND reason IS NOT NULL
        AND (state IN ('pending', 'sending') OR (state = 'failed' AND settled_at >= :since))
    ORDER BY id
"""
LAST_SENT = """
    SELECT max(settled_at) FROM deliveries
    WHERE subscription_id = :subscription_id AND state = 'sent' AND kind = 'post'
"""
BACKLOG = """
    SELECT id FROM deliveries
    WHERE subscription_id = :subscription_id AND kind = 'post' AND state = 'pending' AND NOT is_digest
        AND faults = 0
    ORDER BY id
"""
COLLECTED = """
    SELECT id FROM deliveries WHERE state = 'collected'
    AND subscription_id IN (SELECT value FROM json_each(:subscriptions)) ORDER BY id
"""
MAKE_DIGEST = """
    UPDATE deliveries SET is_digest = 1, digest_id = NULL, state = 'pending', not_before = NULL WHERE id = :id
"""
MERGE = """
    UPDATE deliveries SET state = 'merged', digest_id = :digest_id, reason = NULL, not_before = NULL
    WHERE id IN (SELECT value FROM json_each(:ids))
"""
IN_DIGEST = "SELECT review_id, subscription_id FROM deliveries WHERE id = :id OR digest_id = :id ORDER BY id"
RELEASE = "UPDATE deliveries SET state = 'pending' WHERE subscription_id = :subscription_id AND state = 'collected'"
TO_DROP = """
    SELECT id FROM deliveries d
    WHERE subscription_id IN (SELECT value FROM json_each(:subscriptions)) AND kind <> 'notice' AND (
        state IN ('collected', 'pending') OR (:with_sending AND state = 'sending')
        OR (state = 'merged' AND EXISTS (
            SELECT 1 FROM deliveries g
            WHERE g.id = d.digest_id AND (g.state = 'pending' OR (:with_sending AND g.state = 'sending'))
        ))
    )
"""
DROP = """
    UPDATE deliveries SET state = 'dropped', digest_id = NULL, reason = :reason, settled_at = :now
    WHERE id IN (SELECT value FROM json_each(:ids)) RETURNING subscription_id, review_id, kind
"""
# Posts of other subscriptions in a dropped digest are sent without it.
LET_GO = """
    UPDATE deliveries SET state = 'pending', digest_id = NULL
    WHERE state = 'merged' AND digest_id IN (SELECT value FROM json_each(:ids))
"""
# A digest that cannot be drawn: its posts are sent one by one, and only the one at fault fails again.
TAKE_APART = """
    UPDATE deliveries SET state = 'pending', is_digest = 0, digest_id = NULL, not_before = NULL,
        faults = max(faults, 1)
    WHERE (id = :id OR (state = 'merged' AND digest_id = :id))
        AND EXISTS (SELECT 1 FROM deliveries g WHERE g.id = :id AND g.is_digest AND g.state = 'pending')
"""
POSTS_OF = """
    SELECT d.* FROM deliveries d JOIN subscriptions s ON s.id = d.subscription_id
    WHERE d.review_id = :review_id AND d.kind = 'post' AND d.state = 'sent' AND NOT d.is_digest AND s.state <> 'ended'
"""
MESSAGES_OF = """
    SELECT p.subscription_id, coalesce(g.message_channel_id, p.message_channel_id) AS message_channel_id,
        coalesce(g.message_id, p.message_id) AS message_id
    FROM deliveries p LEFT JOIN deliveries g ON g.id = p.digest_id
    WHERE p.review_id = :review_id AND p.kind = 'post'
"""
# In a channel already, or on its way there, which may still fail. A digest that has not been sent does not count.
STANDING = """
    SELECT d.subscription_id, coalesce(g.state, d.state) = 'sending' AS is_under_way
    FROM deliveries d LEFT JOIN deliveries g ON g.id = d.digest_id JOIN subscriptions s ON s.id = d.subscription_id
    WHERE d.review_id IN (SELECT value FROM json_each(:reviews)) AND d.channel_id = :channel_id AND d.kind = 'post'
        AND (d.state IN ('sending', 'sent') OR (d.state = 'merged' AND g.state IN ('sending', 'sent')))
        AND (coalesce(g.state, d.state) = 'sent' OR s.state IN ('active', 'paused'))
    ORDER BY is_under_way, d.id LIMIT 1
"""
HELD = "SELECT * FROM deliveries WHERE id = :id OR (digest_id = :id AND state = 'merged') ORDER BY id"
UNMERGE = """
    UPDATE deliveries SET state = 'pending', is_digest = 0, digest_id = NULL
    WHERE id = :id OR (digest_id = :id AND state = 'merged')
"""
LEAVE_OUT = """
    UPDATE deliveries SET state = 'dropped', reason = :reason, settled_at = :now
    WHERE id = :id AND state = 'pending'
"""
FORGET_MESSAGES = """
    DELETE FROM deliveries WHERE id IN (
        SELECT id FROM deliveries WHERE kind IN ('note', 'notice') AND state IN ('sent', 'failed', 'dropped')
            AND settled_at < :before LIMIT :limit
    )
"""
FORGET_ENDED = """
    DELETE FROM deliveries WHERE id IN (
        SELECT d.id FROM subscriptions s JOIN deliveries d ON d.subscription_id = s.id
        WHERE s.state = 'ended' AND s.ended_at < :before LIMIT :limit
    )
"""
# A digest is deleted after the posts in it. The newest message of each channel stays: it accounts for everything
# written there before.
OLD_POSTS = """
    SELECT d.id FROM deliveries d
    WHERE d.kind = 'post' AND d.state IN ('sent', 'merged', 'failed', 'dropped')
        AND coalesce(d.settled_at, d.created_at) < :before
        AND NOT EXISTS (
            SELECT 1 FROM deliveries g WHERE g.id = d.digest_id
            AND (g.state IN ('pending', 'sending') OR g.settled_at >= :before)
        )
        AND NOT EXISTS (SELECT 1 FROM deliveries m WHERE m.digest_id = d.id)
        AND (d.message_id IS NULL OR d.message_id < (
            SELECT max(n.message_id) FROM deliveries n WHERE n.channel_id = d.channel_id
        ))
    LIMIT :limit
"""
FORGET = "DELETE FROM deliveries WHERE id IN (SELECT value FROM json_each(:ids))"

FOLLOW_UP = """
    INSERT INTO follow_ups (delivery_id, kind, state) VALUES (:delivery_id, :kind, 'pending')
    ON CONFLICT (delivery_id, kind) DO UPDATE SET state = 'pending', asked = asked + 1, attempts = 0, faults = 0,
        reason = NULL, not_before = NULL
"""
# The file may be an older copy: until a feed was read, its messages may show later versions than the file knows.
_DUE_FOLLOW_UPS = """
    SELECT f.delivery_id, f.kind, f.asked, f.attempts, f.faults,
        d.subscription_id, d.review_id, d.message_channel_id, d.message_id
    FROM follow_ups f JOIN deliveries d ON d.id = f.delivery_id JOIN subscriptions s ON s.id = d.subscription_id
    WHERE f.state = 'pending' AND (f.not_before IS NULL OR f.not_before <= :now)
        AND d.message_id IS NOT NULL AND s.state IN ('active', 'paused')
        AND (f.kind != 'edit' OR s.feed_id IN (SELECT value FROM json_each(:read)))
"""
FOLLOW_UP_CHANNELS = f"""
    SELECT DISTINCT message_channel_id FROM ({_DUE_FOLLOW_UPS})
    WHERE message_channel_id NOT IN (SELECT value FROM json_each(:busy)) LIMIT :limit
"""
FOLLOW_UPS_OF = (
    f"SELECT * FROM ({_DUE_FOLLOW_UPS}) WHERE message_channel_id = :channel_id ORDER BY delivery_id LIMIT 20"
)
# If an edit was requested again while the last one was under way, it stays pending.
FOLLOW_UP_DONE = """
    UPDATE follow_ups SET state = 'done', reason = NULL, not_before = NULL
    WHERE delivery_id = :delivery_id AND kind = :kind AND asked = :asked
"""
FOLLOW_UP_FAILED = """
    UPDATE follow_ups SET state = 'failed', reason = :reason
    WHERE delivery_id = :delivery_id AND kind = :kind AND state = 'pending'
"""
FOLLOW_UP_LATER = """
    UPDATE follow_ups SET attempts = attempts + 1, reason = :reason, not_before = :not_before
    WHERE delivery_id = :delivery_id AND kind = :kind AND state = 'pending'
"""
FOLLOW_UP_FAULTED = """
    UPDATE follow_ups SET faults = faults + 1, reason = :reason, not_before = :not_before
    WHERE delivery_id = :delivery_id AND kind = :kind AND state = 'pending'
"""
SET_THREAD = "UPDATE deliveries SET thread_id = :thread_id WHERE id = :id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A row that has not been sent.

    Attributes:
        carrier_id: The digest's row if it is in a digest (``is_digest``), else its own.
        link, title, clean_title: Those of its review.
    """

    id: int
    kind: DeliveryKind
    subscription_id: int
    review_id: int | None
    carrier_id: int
    is_digest: bool
    link: str | None
    title: str | None
    clean_title: str | None
    text: str | None


def _delivery(row: sqlite3.Row) -> Delivery:
    return Delivery(
        id=row["id"],
        kind=DeliveryKind(row["kind"]),
        subscription_id=row["subscription_id"],
        review_id=row["review_id"],
        channel_id=row["channel_id"],
        state=DeliveryState(row["state"]),
        nonce=row["nonce"],
        is_digest=bool(row["is_digest"]),
        text=read_message(row["text"]),
        attempts=row["attempts"],
        faults=row["faults"],
        looks=row["looks"],
        is_plain=bool(row["is_plain"]),
        reason=read_message(row["reason"]),
        not_before=from_text(row["not_before"]),
        claimed_at=from_text(row["claimed_at"]),
        claimed_after=row["claimed_after"],
        claimed_as=row["claimed_as"],
        message_id=row["message_id"],
        message_channel_id=row["message_channel_id"],
        thread_id=row["thread_id"],
    )


async def _find(db: aiosqlite.Connection, query: str, **values: object) -> list[Delivery]:
    async with db.execute(query, values) as cursor:
        return [_delivery(row) async for row in cursor]


# ── entering and leaving ────────────────────────────────────────────────────────────────────────


async def enqueue(
    db: aiosqlite.Connection,
    kind: DeliveryKind,
    *,
    subscription_id: int,
    review_id: int | None,
    channel_id: int,
    nonce: str,
    now: datetime,
    text: str | None = None,
    is_collected: bool = False,
) -> bool:
    """Enter a message to be sent; False if this subscription has the post already.

    Args:
        channel_id: Where it goes: the channel of a post, the thread of a note, the server of a notice.
        is_collected: It waits for its subscription's digest.
    """
    values = {
        "kind": kind.value,
        "subscription_id": subscription_id,
        "review_id": review_id,
        "channel_id": channel_id,
        "state": "collected" if is_collected else "pending",
        "nonce": nonce,
        "text": text,
        "now": to_text(now),
    }
    return (await db.execute(ENQUEUE, values)).rowcount == 1


async def enqueue_notice(
    db: aiosqlite.Connection, subscription_id: int, *, guild_id: int, text: str, nonce: str, now: datetime
) -> None:
    """Enter a notice to the admins of a server about one of its subscriptions."""
    await enqueue(
        db,
        DeliveryKind.NOTICE,
        subscription_id=subscription_id,
        review_id=None,
        channel_id=guild_id,
        nonce=nonce,
        text=text,
        now=now,
    )


async def channel_heads(
    db: aiosqlite.Connection, *, now: datetime, busy: Iterable[int], limit: int
) -> list[Delivery]:
    """Return the oldest open row of each channel, if it is due; busy channels are left out."""
    values = {"busy": json.dumps(list(busy)), "limit": limit, "looks_in_line": LOOKS_IN_LINE}
    return await _find(db, HEADS, now=to_text(now), **values)


async def channel_head(db: aiosqlite.Connection, channel_id: int, *, now: datetime) -> Delivery | None:
    """Return the oldest open row of one channel."""
    deliveries = await _find(db, HEAD, channel_id=channel_id, now=to_text(now), looks_in_line=LOOKS_IN_LINE)
    return deliveries[0] if deliveries else None


async def find_delivery(db: aiosqlite.Connection, delivery_id: int) -> Delivery | None:
    """Return a row by its id; None if it was deleted."""
    deliveries = await _find(db, BY_ID, id=delivery_id)
    return deliveries[0] if deliveries else None


async def claim(
    db: aiosqlite.Connection,
    delivery_id: int,
    *,
    channel_id: int,
    claimed_as: str,
    claimed_after: int,
    now: datetime,
    place: int | None = None,
) -> bool:
    """Mark a row as being sent, and save how to recognise its message; False if it no longer waits for the channel.

    Args:
        claimed_as: The message's traits.
        claimed_after: A message id below that of its message.
        place: For a notice, the channel chosen for it.
    """
    values = {
        "id": delivery_id,
        "channel_id": channel_id,
        "claimed_as": claimed_as,
        "claimed_after": claimed_after,
        "place": place,
        "now": to_text(now),
    }
    return (await db.execute(CLAIM, values)).rowcount == 1


def _arrived(delivery_id: int, posted: Posted, now: datetime) -> dict[str, object]:
    return {
        "id": delivery_id,
        "message_id": posted.message_id,
        "message_channel_id": posted.channel_id,
        "thread_id": posted.thread_id,
        "now": to_text(now),
    }


async def settle_sent(db: aiosqlite.Connection, delivery_id: int, posted: Posted, *, now: datetime) -> bool:
    """Save that a claimed row arrived; False if it was given up in between."""
    return (await db.execute(SENT, _arrived(delivery_id, posted, now))).rowcount == 1


async def settle_found(
    db: aiosqlite.Connection, delivery_id: int, posted: Posted, *, is_digest: bool, now: datetime
) -> bool:
    """Save that a waiting row is in its channel already; False if it is a part of another row's message."""
    values = _arrived(delivery_id, posted, now) | {"is_digest": is_digest}
    if is_digest:
        async with db.execute(FOUND_DIGEST, {"message_id": posted.message_id}) as cursor:
            carrier = await cursor.fetchone()
        if carrier:
            await db.execute(FOUND_IN, {"id": delivery_id, "digest_id": carrier["id"]})
            return False
    await db.execute(FOUND, values)
    return True


async def settle_failed(db: aiosqlite.Connection, delivery_id: int, *, reason: str, now: datetime) -> None:
    """Give a row up for good."""
    await db.execute(FAILED, {"id": delivery_id, "reason": reason, "now": to_text(now)})


async def put_back(db: aiosqlite.Connection, delivery_id: int, *, reason: str, not_before: datetime | None) -> None:
    """Let a row be sent again that is known not to be in its channel, but may get there later."""
    await db.execute(PUT_BACK, {"id": delivery_id, "reason": reason, "not_before": to_text(not_before)})


async def postpone(db: aiosqlite.Connection, delivery_id: int, *, reason: str, not_before: datetime) -> None:
    """Look again later; the state stays as it is, even in doubt."""
    await db.execute(POSTPONE, {"id": delivery_id, "reason": reason, "not_before": to_text(not_before)})


async def stand_aside(db: aiosqlite.Connection, delivery_id: int, *, reason: str, not_before: datetime) -> None:
    """Try a pending row later; until then, others of its channel may pass."""
    values = {"id": delivery_id, "reason": reason, "not_before": to_text(not_before), "looks_in_line": LOOKS_IN_LINE}
    await db.execute(STAND_ASIDE, values)


async def set_plain(db: aiosqlite.Connection, delivery_id: int) -> bool:
    """Have a post sent in its plainest form; False if it already is, or cannot be."""
    return (await db.execute(SET_PLAIN, {"id": delivery_id})).rowcount == 1


async def set_text(db: aiosqlite.Connection, delivery_id: int, text: str) -> None:
    """Change the text of a note that has not been sent."""
    await db.execute(SET_TEXT, {"id": delivery_id, "text": text})


async def save_fault(db: aiosqlite.Connection, delivery_id: int, *, reason: str, not_before: datetime) -> None:
    """Count an unexpected error of a row; until it is tried again, others of its channel may pass."""
    await db.execute(FAULTED, {"id": delivery_id, "reason": reason, "not_before": to_text(not_before)})


async def retarget(db: aiosqlite.Connection, subscription_id: int, channel_id: int) -> None:
    """Send the waiting posts of a subscription to another channel instead."""
    await db.execute(RETARGET, {"subscription_id": subscription_id, "channel_id": channel_id})


async def retry_now(db: aiosqlite.Connection) -> None:
    """Forget all waiting times, at a start."""
    await db.execute(RETRY_NOW)


async def retry_posts_now(db: aiosqlite.Connection, subscription_ids: Iterable[int]) -> None:
    """Forget the waiting times of these subscriptions: a permission may have come back."""
    await db.execute(RETRY_POSTS_NOW, {"subscriptions": json.dumps(list(subscription_ids))})


async def release(db: aiosqlite.Connection, subscription_id: int) -> None:
    """Let the posts collected for a digest be sent one by one, because there is no digest any longer."""
    await db.execute(RELEASE, {"subscription_id": subscription_id})


async def drop(
    db: aiosqlite.Connection,
    subscriptions: Iterable[int],
    *,
    reason: str,
    now: datetime,
    with_sending: bool = False,
) -> list[tuple[int, int]]:
    """Give up what waits of these subscriptions, also in digests; return (subscription id, review id) of the posts.

    Args:
        with_sending: Also give up what is being sent.
    """
    wanted = {"subscriptions": json.dumps(list(subscriptions)), "with_sending": with_sending}
    async with db.execute(TO_DROP, wanted) as cursor:
        ids = json.dumps([row["id"] for row in await cursor.fetchall()])
    async with db.execute(DROP, {"ids": ids, "reason": reason, "now": to_text(now)}) as cursor:
        rows = await cursor.fetchall()
    await db.execute(LET_GO, {"ids": ids})
    return [(row["subscription_id"], row["review_id"]) for row in rows if row["kind"] == "post"]


async def settled_messages(db: aiosqlite.Connection, channel_id: int, *, after: int) -> frozenset[int]:
    """Return the ids of a channel's messages that are accounted for, above a message id."""
    async with db.execute(MESSAGES, {"channel_id": channel_id, "after": after}) as cursor:
        return frozenset([row["message_id"] async for row in cursor])


async def newest_message(db: aiosqlite.Connection, channel_id: int) -> int | None:
    """Return the id of a channel's newest message that a row knows; None if there is none."""
    async with db.execute(NEWEST, {"channel_id": channel_id}) as cursor:
        row = await cursor.fetchone()
    return row[0] if row else None


async def waiting_for(db: aiosqlite.Connection, channel_id: int) -> list[Waiting]:
    """Return what has not been sent to a channel yet, the oldest first."""
    async with db.execute(WAITING_FOR, {"channel_id": channel_id}) as cursor:
        return [
            Waiting(
                id=row["id"],
                kind=DeliveryKind(row["kind"]),
                subscription_id=row["subscription_id"],
                review_id=row["review_id"],
                carrier_id=row["carrier_id"],
                is_digest=bool(row["is_digest"]),
                link=row["link"],
                title=row["title"],
                clean_title=row["clean_title"],
                text=read_message(row["text"]),
            )
            async for row in cursor
        ]


async def post_of_thread(db: aiosqlite.Connection, review_id: int, thread_id: int) -> Delivery | None:
    """Return the post that a thread belongs to, or, in a forum, that the thread is."""
    posts = await _find(db, POST_OF_THREAD, review_id=review_id, thread_id=thread_id)
    return posts[0] if posts else None


# ── digests ─────────────────────────────────────────────────────────────────────────────────────


async def backlog(db: aiosqlite.Connection, subscription_id: int) -> list[int]:
    """Return the ids of a subscription's waiting posts, the oldest first."""
    async with db.execute(BACKLOG, {"subscription_id": subscription_id}) as cursor:
        return [row["id"] async for row in cursor]


async def collected(db: aiosqlite.Connection, subscriptions: Iterable[int]) -> list[int]:
    """Return the ids of the posts that wait for a digest of these subscriptions, the oldest first."""
    async with db.execute(COLLECTED, {"subscriptions": json.dumps(list(subscriptions))}) as cursor:
        return [row["id"] async for row in cursor]


async def merge(db: aiosqlite.Connection, ids: Iterable[int]) -> None:
    """Make a digest of these posts, or several if there are many.

    The first row of each digest carries it and keeps its place in the queue.
    """
    waiting = list(ids)
    while waiting:
        first, *others = waiting[:MOST_IN_DIGEST]
        del waiting[:MOST_IN_DIGEST]
        await db.execute(MAKE_DIGEST, {"id": first})
        await db.execute(MERGE, {"digest_id": first, "ids": json.dumps(others)})


async def take_apart(db: aiosqlite.Connection, delivery_id: int) -> None:
    """Let the posts of a waiting digest be sent one by one. Does nothing to a row that is not a waiting digest."""
    await db.execute(TAKE_APART, {"id": delivery_id})


async def in_digest(db: aiosqlite.Connection, delivery_id: int) -> list[tuple[int, int]]:
    """Return (subscription id, review id) of each post in a digest, in order; for a single post, of that post."""
    async with db.execute(IN_DIGEST, {"id": delivery_id}) as cursor:
        return [(row["subscription_id"], row["review_id"]) async for row in cursor]


async def held_by(db: aiosqlite.Connection, delivery_id: int) -> list[Delivery]:
    """Return the row of a post, or of each post that a digest holds, in order."""
    return await _find(db, HELD, id=delivery_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A review that has come to a channel, or is on its way there.

    Attributes:
        subscription_id: The subscription that brought it.
        is_under_way: It is on its way, and may still fail.
    """

    subscription_id: int
    is_under_way: bool


async def standing_in(db: aiosqlite.Connection, channel_id: int, review_ids: Iterable[int]) -> Brought | None:
    """Return how one of these reviews came to a channel, or else is on its way there; None if none is."""
    values = {"channel_id": channel_id, "reviews": json.dumps(list(review_ids))}
    async with db.execute(STANDING, values) as cursor:
        row = await cursor.fetchone()
    return Brought(subscription_id=row["subscription_id"], is_under_way=bool(row["is_under_way"])) if row else None


async def leave_out(
    db: aiosqlite.Connection, carrier: Delivery, dropped: Iterable[tuple[int, str]], *, now: datetime
) -> None:
    """Give up waiting posts, alone or in a digest; the digest is made anew from the rest.

    Args:
        carrier: The row of the post, or of the digest.
        dropped: The rows to give up, each with the reason.
    """
    held = [row.id for row in await held_by(db, carrier.id)]
    if carrier.is_digest:
        await db.execute(UNMERGE, {"id": carrier.id})
    gone = dict(dropped)
    for row_id, reason in gone.items():
        await db.execute(LEAVE_OUT, {"id": row_id, "reason": reason, "now": to_text(now)})
    if carrier.is_digest:
        await merge(db, [row_id for row_id in held if row_id not in gone])


# ── looking back ────────────────────────────────────────────────────────────────────────────────


async def unsent(db: aiosqlite.Connection) -> list[Delivery]:
    """Return everything that did not arrive (yet), with the reason."""
    return await _find(db, UNSENT)


async def sent_posts(db: aiosqlite.Connection, review_id: int) -> list[Delivery]:
    """Return the posts of a review that are in channels as messages of their own."""
    return await _find(db, POSTS_OF, review_id=review_id)


async def messages_of(db: aiosqlite.Connection, review_id: int) -> dict[int, tuple[int, int]]:
    """Return subscription id → (channel id, message id) of a review's messages, alone or in a digest."""
    async with db.execute(MESSAGES_OF, {"review_id": review_id}) as cursor:
        return {
            row["subscription_id"]: (row["message_channel_id"], row["message_id"])
            async for row in cursor
            if row["message_id"]
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A message that announces a review alone.

    Attributes:
        channel_id: The channel or forum.
        message_id: Also the id of the thread under it, or, in a forum, of the post that it is.
        is_forum: Whether it is a post in a forum.
    """

    guild_id: int
    review_id: int
    channel_id: int
    message_id: int
    is_forum: bool


async def announced_in(db: aiosqlite.Connection, review_id: int, guild_id: int) -> list[Announced]:
    """Return the messages that announce a review alone in a server, the oldest first."""
    async with db.execute(ANNOUNCED_IN, {"review_id": review_id, "guild_id": guild_id}) as cursor:
        return [
            Announced(
                guild_id=guild_id,
                review_id=review_id,
                channel_id=row["channel_id"],
                message_id=row["message_id"],
                is_forum=bool(row["is_forum"]),
            )
            async for row in cursor
        ]


async def announced_by(db: aiosqlite.Connection, channel_id: int, message_id: int) -> Announced | None:
    """Return what a message announces alone; None if it announces nothing.

    Args:
        channel_id: The channel or forum.
    """
    async with db.execute(ANNOUNCED_BY, {"channel_id": channel_id, "message_id": message_id}) as cursor:
        row = await cursor.fetchone()
    if row is None:
        return None
    return Announced(
        guild_id=row["guild_id"],
        review_id=row["review_id"],
        channel_id=channel_id,
        message_id=message_id,
        is_forum=bool(row["is_forum"]),
    )


async def count_waiting(db: aiosqlite.Connection, subscription_id: int) -> int:
    """Count the posts of a subscription that have not arrived yet."""
    async with db.execute(WAITING, {"subscription_id": subscription_id}) as cursor:
        row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def troubled(db: aiosqlite.Connection, subscription_id: int, *, since: datetime) -> list[Delivery]:
    """Return a subscription's posts that wait with a reason, and those given up since a moment."""
    return await _find(db, TROUBLED, subscription_id=subscription_id, since=to_text(since))


async def last_sent(db: aiosqlite.Connection, subscription_id: int) -> datetime | None:
    """Return when the last post of a subscription was sent; None if there was none."""
    async with db.execute(LAST_SENT, {"subscription_id": subscription_id}) as cursor:
        row = await cursor.fetchone()
    return from_text(row[0]) if row else None


async def forget_messages(db: aiosqlite.Connection, before: datetime, *, limit: int) -> int:
    """Delete some notes and notices settled before a moment, and return how many."""
    return (await db.execute(FORGET_MESSAGES, {"before": to_text(before), "limit": limit})).rowcount


async def forget_of_ended(db: aiosqlite.Connection, before: datetime, *, limit: int) -> int:
    """Delete some messages of subscriptions that ended before a moment, and return how many."""
    return (await db.execute(FORGET_ENDED, {"before": to_text(before), "limit": limit})).rowcount


async def old_posts(db: aiosqlite.Connection, before: datetime, *, limit: int) -> list[int]:
    """Return the ids of posts that were settled before a moment and are no longer needed.

    Deleting them does not announce anything twice: a post is queued only when its review is first entered.
    """
    async with db.execute(OLD_POSTS, {"before": to_text(before), "limit": limit}) as cursor:
        return [row["id"] async for row in cursor]


async def forget_posts(db: aiosqlite.Connection, ids: Iterable[int]) -> None:
    """Delete posts that `old_posts` returned."""
    await db.execute(FORGET, {"ids": json.dumps(list(ids))})


# ── follow-ups ──────────────────────────────────────────────────────────────────────────────────


async def follow_up(db: aiosqlite.Connection, delivery_id: int, kind: FollowUpKind) -> None:
    """Have something done to a sent post, again if it was done before."""
    await db.execute(FOLLOW_UP, {"delivery_id": delivery_id, "kind": kind.value})


async def follow_up_channels(
    db: aiosqlite.Connection, *, now: datetime, read: Iterable[int], busy: Iterable[int], limit: int
) -> list[int]:
    """Return the channels with something to be done now; busy channels are left out.

    Args:
        read: Ids of the feeds that were read since the start; the posts of others are not edited.
    """
    values = {"now": to_text(now), "read": json.dumps(list(read)), "busy": json.dumps(list(busy)), "limit": limit}
    async with db.execute(FOLLOW_UP_CHANNELS, values) as cursor:
        return [row["message_channel_id"] async for row in cursor]


async def due_follow_ups(
    db: aiosqlite.Connection, channel_id: int, *, now: datetime, read: Iterable[int]
) -> list[FollowUp]:
    """Return some of what is to be done in one channel now, the oldest first.

    Args:
        read: As for `follow_up_channels`.
    """
    values = {"now": to_text(now), "read": json.dumps(list(read)), "channel_id": channel_id}
    async with db.execute(FOLLOW_UPS_OF, values) as cursor:
        return [
            FollowUp(
                delivery_id=row["delivery_id"],
                kind=FollowUpKind(row["kind"]),
                subscription_id=row["subscription_id"],
                review_id=row["review_id"],
                channel_id=row["message_channel_id"],
                message_id=row["message_id"],
                asked=row["asked"],
                attempts=row["attempts"],
                faults=row["faults"],
            )
            async for row in cursor
        ]


async def settle_follow_up(db: aiosqlite.Connection, done: FollowUp) -> None:
    """Save that a follow-up is done, unless it was requested again in between."""
    values = {"delivery_id": done.delivery_id, "kind": done.kind.value, "asked": done.asked}
    await db.execute(FOLLOW_UP_DONE, values)


async def fail_follow_up(db: aiosqlite.Connection, failed: FollowUp, *, reason: str) -> None:
    """Give up a follow-up for good."""
    await db.execute(
        FOLLOW_UP_FAILED, {"delivery_id": failed.delivery_id, "kind": failed.kind.value, "reason": reason}
    )


async def postpone_follow_up(db: aiosqlite.Connection, late: FollowUp, *, reason: str, not_before: datetime) -> None:
    """Try a refused follow-up again later."""
    values = {
        "delivery_id": late.delivery_id,
        "kind": late.kind.value,
        "reason": reason,
        "not_before": to_text(not_before),
    }
    await db.execute(FOLLOW_UP_LATER, values)


async def save_follow_up_fault(
    db: aiosqlite.Connection, failed: FollowUp, *, reason: str, not_before: datetime
) -> None:
    """Count an unexpected error of a follow-up, and try it again later."""
    values = {
        "delivery_id": failed.delivery_id,
        "kind": failed.kind.value,
        "reason": reason,
        "not_before": to_text(not_before),
    }
    await db.execute(FOLLOW_UP_FAULTED, values)


async def set_thread(db: aiosqlite.Connection, delivery_id: int, thread_id: int) -> None:
    """Save the thread that was opened under a post."""
    await db.execute(SET_THREAD, {"id": delivery_id, "thread_id": thread_id})
