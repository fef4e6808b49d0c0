"""Queries about which reviews are about one paper: joins by a rule, for all, and by moderators, for their server.

A paper is a set of reviews; no row stands for it. Joins by a rule are written in the transaction that enters or
revises a review, and replaced when its facts change (`rejoin`). A server's moderators join and part reviews for that
server alone, which takes precedence over the rule.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import aiosqlite

from bot.models.joins import LoggedJoin
from bot.reviews.same_paper import PaperFacts, contested, telling_titles, why_same
from bot.store.facts import get_fact, set_fact
from bot.store.times import to_text

MOST_JOINS = 10
"""Joins by a rule that one review brings: with the newest reviews of its paper, which are joined with older ones.
More would make the same paper, and more rows for each question about it."""
MOST_COMPARED = 100
"""Reviews with its identifiers, with its titles, and joined with it, that one review is compared with: the newest. A
limit for crafted feeds, too."""
MOST_NEIGHBOURS = 10
"""Posts of its feed with an identifier of a new or revised review that are joined anew."""
MOST_OF_PAPER = 100
"""Reviews of one paper that a question reads."""
MOST_LOGGED = 500
"""Joins and partings by moderators that are kept of one server, the newest."""
BY_RULE = 0
"""The `guild_id` of joins that hold for all."""
BY_MODERATOR = "moderator"
FILLED, ALL = "joins filled up to", "all"

# Both directions are in an index. Partings are left to `_apart`, which needs all joins of the paper.
NEAR = """
    WITH RECURSIVE near (id) AS (
        VALUES (:id)
        UNION SELECT j.second_id FROM near CROSS JOIN joins j ON j.first_id = near.id
            WHERE j.is_same AND j.guild_id IN (0, :guild_id)
        UNION SELECT j.first_id FROM near CROSS JOIN joins j ON j.second_id = near.id
            WHERE j.is_same AND j.guild_id IN (0, :guild_id)
        LIMIT :most
    )
    SELECT id FROM near ORDER BY id
"""
PARTED = """
    SELECT first_id, second_id FROM joins
    WHERE guild_id = :guild_id AND guild_id <> 0 AND NOT is_same
        AND first_id IN (SELECT value FROM json_each(:ids)) AND second_id IN (SELECT value FROM json_each(:ids))
"""
# In the order in which they count if not all of them can hold: a moderator's word, identifiers, titles. The plus
# keeps SQLite from trying each pair of reviews.
JOINED = """
    SELECT first_id, second_id, 0 AS place FROM joins
    WHERE guild_id = :guild_id AND guild_id <> 0 AND is_same
        AND first_id IN (SELECT value FROM json_each(:ids)) AND second_id IN (SELECT value FROM json_each(:ids))
    UNION ALL
    SELECT first_id, second_id, 1 + (reason LIKE 'title%') FROM joins
    WHERE +guild_id = 0 AND is_same
        AND first_id IN (SELECT value FROM json_each(:ids)) AND +second_id IN (SELECT value FROM json_each(:ids))
    ORDER BY place, first_id, second_id
"""
FACTS = """
    SELECT r.id, r.feed_id, r.clean_title, r.authors, r.year,
        (
            SELECT json_group_array(key) FROM paper_keys
            WHERE review_id = r.id AND is_own AND key NOT LIKE 'link:%'
        ) AS keys,
        (SELECT json_group_array(text) FROM names WHERE review_id = r.id AND kind = 'title') AS titles,
        (
            SELECT json_group_array(key) FROM names
            WHERE review_id = r.id AND kind IN ('short', 'repository', 'known', 'introduced')
        ) AS names,
        EXISTS (SELECT 1 FROM names WHERE review_id = r.id AND kind = 'linked') AS is_doubtful,
        EXISTS (SELECT 1 FROM reviews WHERE part_of = r.id) AS is_digest
    FROM reviews r WHERE r.id IN (SELECT value FROM json_each(:ids))
"""
OWN_KEYS = "SELECT key FROM paper_keys WHERE review_id = :id AND is_own AND key NOT LIKE 'link:%'"
WITH_KEYS = """
    SELECT DISTINCT review_id FROM paper_keys
    WHERE key IN (SELECT value FROM json_each(:keys)) AND is_own ORDER BY review_id DESC LIMIT :most
"""
WITH_TITLES = """
    SELECT DISTINCT review_id FROM names
    WHERE key IN (SELECT value FROM json_each(:keys)) AND kind = 'title' ORDER BY review_id DESC LIMIT :most
"""
RULED = """
    SELECT second_id AS other_id, reason FROM joins WHERE first_id = :id AND guild_id = 0
    UNION ALL SELECT first_id, reason FROM joins WHERE second_id = :id AND guild_id = 0
"""
SAVE = """
    INSERT INTO joins (guild_id, first_id, second_id, is_same, reason, made_at)
    VALUES (:guild_id, min(:id, :other_id), max(:id, :other_id), :is_same, :reason, :now)
    ON CONFLICT (first_id, second_id, guild_id)
    DO UPDATE SET is_same = excluded.is_same, reason = excluded.reason, made_at = excluded.made_at
"""
DELETE = """
    DELETE FROM joins
    WHERE first_id = min(:id, :other_id) AND second_id = max(:id, :other_id) AND guild_id = :guild_id
"""
JOINED_BY_RULE = """
    SELECT first_id, second_id FROM joins
    WHERE is_same AND guild_id = 0
        AND first_id IN (SELECT value FROM json_each(:ids)) AND second_id IN (SELECT value FROM json_each(:ids))
"""
_BETWEEN = """
    DELETE FROM joins WHERE guild_id = :guild_id AND guild_id <> 0 AND {} AND (
        first_id IN (SELECT value FROM json_each(:ones)) AND second_id IN (SELECT value FROM json_each(:others))
        OR second_id IN (SELECT value FROM json_each(:ones)) AND first_id IN (SELECT value FROM json_each(:others))
    )
"""
UNPART, UNJOIN = _BETWEEN.format("NOT is_same"), _BETWEEN.format("is_same")
LOG = """
    INSERT INTO join_log (guild_id, first_title, second_title, is_same, user_id, at)
    VALUES (:guild_id, :first_title, :second_title, :is_same, :user_id, :now)
"""
TRIM_LOG = """
    DELETE FROM join_log WHERE guild_id = :guild_id AND id NOT IN (
        SELECT id FROM join_log WHERE guild_id = :guild_id ORDER BY id DESC LIMIT :most
    )
"""
LOGGED = "SELECT * FROM join_log WHERE guild_id = :guild_id ORDER BY id DESC LIMIT :limit"
BY_HAND = "SELECT count(*) FROM joins WHERE guild_id = :guild_id AND guild_id <> 0"
FORGET = (
    "DELETE FROM joins WHERE guild_id = :guild_id AND guild_id <> 0",
    "DELETE FROM join_log WHERE guild_id = :guild_id",
)
FORGET_OTHERS = (
    "DELETE FROM joins WHERE guild_id <> 0 AND guild_id NOT IN (SELECT value FROM json_each(:present))",
    "DELETE FROM join_log WHERE guild_id NOT IN (SELECT value FROM json_each(:present))",
)
UNFILLED = "SELECT id FROM reviews WHERE id > :after ORDER BY id LIMIT :limit"


# ── reading ─────────────────────────────────────────────────────────────────────────────────────


async def paper_of(db: aiosqlite.Connection, review_id: int, guild_id: int | None) -> tuple[int, ...]:
    """Return the ids of all reviews of one paper as a server sees them, the given one included, in ascending order.

    Every review of the paper gives the same answer: where moderators parted two reviews that others still connect,
    the others stay with one of the two, by the strength of the joins (`JOINED`). Up to `MOST_OF_PAPER` are read.

    Args:
        guild_id: The server whose moderators' joins hold; None for nobody's, as in direct messages.
    """
    values = {"id": review_id, "guild_id": guild_id or BY_RULE, "most": MOST_OF_PAPER}
    async with db.execute(NEAR, values) as cursor:
        near = [row["id"] for row in await cursor.fetchall()]
    if guild_id is None or len(near) == 1:
        return tuple(near)
    parted = await _pairs(db, PARTED, near, guild_id)
    if not parted:
        return tuple(near)
    return tuple(sorted(_divide(near, await _pairs(db, JOINED, near, guild_id), parted)[review_id]))


async def _pairs(db: aiosqlite.Connection, query: str, ids: Collection[int], guild_id: int) -> list[tuple[int, int]]:
    async with db.execute(query, {"guild_id": guild_id, "ids": json.dumps([*ids])}) as cursor:
        return [(row["first_id"], row["second_id"]) for row in await cursor.fetchall()]


def _divide(
    ids: Iterable[int], joined: Iterable[tuple[int, int]], parted: Collection[tuple[int, int]]
) -> Mapping[int, set[int]]:
    """Return review → its paper's reviews: joined one pair after the other, but never with a parted one."""
    papers = {review_id: {review_id} for review_id in ids}
    for one, other in joined:
        ours, theirs = papers[one], papers[other]
        if ours is not theirs and not any(
            (a in ours and b in theirs) or (b in ours and a in theirs) for a, b in parted
        ):
            ours |= theirs
            papers |= dict.fromkeys(theirs, ours)
    return papers


# ── by a rule ───────────────────────────────────────────────────────────────────────────────────


async def identifiers_of(db: aiosqlite.Connection, review_id: int) -> frozenset[str]:
    """Return a review's own identifiers, to hand them to `rejoin` after they have changed."""
    async with db.execute(OWN_KEYS, {"id": review_id}) as cursor:
        return frozenset([row["key"] async for row in cursor])


async def rejoin(db: aiosqlite.Connection, review_id: int, *, now: datetime, earlier: Iterable[str] = ()) -> None:
    """Write which reviews a review is joined with by the rule, in place of earlier rows. Belongs in a transaction.

    Posts of its feed with one of its identifiers are joined anew as well, since whether an identifier can be trusted
    depends on all posts of a feed that have it.

    Args:
        earlier: The identifiers that it had before it was revised.
    """
    neighbours = await _join_one(db, review_id, now=now, earlier=earlier)
    for neighbour in neighbours[:MOST_NEIGHBOURS]:
        await _join_one(db, neighbour, now=now)


async def _join_one(
    db: aiosqlite.Connection, review_id: int, *, now: datetime, earlier: Iterable[str] = ()
) -> list[int]:
    """Replace the joins by the rule of one review, and return the posts of its feed with one of its identifiers."""
    ours = (await read_facts(db, [review_id])).get(review_id)
    if ours is None:
        return []
    carriers = await _having(db, WITH_KEYS, ours.identifiers.union(earlier))
    titled = await _having(db, WITH_TITLES, telling_titles(ours))
    there = await _ruled(db, review_id)
    facts = await read_facts(db, {*carriers, *titled, *sorted(there, reverse=True)[:MOST_COMPARED]} - {review_id})
    disputed = contested([ours, *(facts[other] for other in carriers if other in facts)])
    reasons = {other: why for other in sorted(facts, reverse=True) if (why := why_same(ours, facts[other], disputed))}
    # An older review may be joined with its paper through this one alone, so what still holds stays.
    kept = {other: why for other, why in reasons.items() if other in there}
    new = [other for other in reasons if other not in there][: max(MOST_JOINS - len(kept), 0)]
    await _replace(db, review_id, there, kept | {other: reasons[other] for other in new}, now=now)
    return [other for other in carriers if other in facts and facts[other].feed_id == ours.feed_id]


async def _having(db: aiosqlite.Connection, query: str, keys: Collection[str]) -> list[int]:
    if not keys:
        return []
    async with db.execute(query, {"keys": json.dumps(list(keys)), "most": MOST_COMPARED}) as cursor:
        return [row["review_id"] for row in await cursor.fetchall()]


async def read_facts(db: aiosqlite.Connection, ids: Collection[int]) -> dict[int, PaperFacts]:
    """Return what these reviews say about their papers."""
    if not ids:
        return {}
    async with db.execute(FACTS, {"ids": json.dumps(list(ids))}) as cursor:
        return {
            row["id"]: PaperFacts(
                review_id=row["id"],
                feed_id=row["feed_id"],
                titles=tuple(dict.fromkeys((row["clean_title"], *json.loads(row["titles"])))),
                authors=tuple(json.loads(row["authors"])),
                year=row["year"],
                names=frozenset(json.loads(row["names"])),
                identifiers=frozenset(json.loads(row["keys"])),
                is_doubtful=bool(row["is_doubtful"]),
                is_digest=bool(row["is_digest"]),
            )
            for row in await cursor.fetchall()
        }


async def _ruled(db: aiosqlite.Connection, review_id: int) -> dict[int, str]:
    async with db.execute(RULED, {"id": review_id}) as cursor:
        return {row["other_id"]: row["reason"] for row in await cursor.fetchall()}


async def _replace(
    db: aiosqlite.Connection, review_id: int, there: Mapping[int, str], wanted: Mapping[int, str], *, now: datetime
) -> None:
    """Make the joins by the rule of a review those that are wanted; rows that stay are not written."""
    values = {"id": review_id, "guild_id": BY_RULE, "is_same": 1, "now": to_text(now)}
    gone = [values | {"other_id": other} for other in there.keys() - wanted.keys()]
    new = [values | {"other_id": other, "reason": why} for other, why in wanted.items() if there.get(other) != why]
    if gone:
        await db.executemany(DELETE, gone)
    if new:
        await db.executemany(SAVE, new)


async def fill(db: aiosqlite.Connection, *, limit: int, now: datetime) -> int:
    """Join some reviews of a cache from before there were joins, and return how many; 0 if all have been.

    Belongs in a transaction. The place that was reached is kept, so a restart goes on from there.
    """
    if await is_filled(db):
        return 0
    reached = await get_fact(db, FILLED) or "0"
    async with db.execute(UNFILLED, {"after": int(reached), "limit": limit}) as cursor:
        ids = [row["id"] for row in await cursor.fetchall()]
    for review_id in ids:
        await rejoin(db, review_id, now=now)
    await set_fact(db, FILLED, str(ids[-1]) if ids else ALL)
    return len(ids)


async def is_filled(db: aiosqlite.Connection) -> bool:
    """Whether all reviews of a cache from before there were joins have been joined."""
    return await get_fact(db, FILLED) == ALL


# ── by moderators ───────────────────────────────────────────────────────────────────────────────


async def join(db: aiosqlite.Connection, guild_id: int, review_id: int, other_id: int, *, now: datetime) -> None:
    """Join the papers of two reviews in a server, whatever was parted between them. Belongs in a transaction.

    If they are joined already once that is undone, nothing else is written.
    """
    ones, others = await paper_of(db, review_id, guild_id), await paper_of(db, other_id, guild_id)
    values = {"guild_id": guild_id, "ones": json.dumps(ones), "others": json.dumps(others)}
    await db.execute(UNPART, values)
    if other_id not in await paper_of(db, review_id, guild_id):
        await _save_by_hand(db, guild_id, review_id, other_id, is_same=True, now=now)


async def part(db: aiosqlite.Connection, guild_id: int, review_id: int, other_id: int, *, now: datetime) -> None:
    """Part a review from another in a server, for good. Belongs in a transaction.

    If only moderators had joined them, that is undone. Otherwise the review is taken out of the paper and parted from
    each review there: parted from the other alone, it would stay joined through a third one.
    """
    paper = await paper_of(db, review_id, guild_id)
    by_rule = _divide(paper, await _pairs(db, JOINED_BY_RULE, paper, guild_id), ())[review_id]
    if other_id not in by_rule:
        values = {"guild_id": guild_id, "ones": json.dumps([*by_rule])}
        await db.execute(UNJOIN, values | {"others": json.dumps([*set(paper) - by_rule])})
    for each in (other_id,) if other_id not in by_rule else paper:
        if each != review_id:
            await _save_by_hand(db, guild_id, review_id, each, is_same=False, now=now)


async def count_by_hand(db: aiosqlite.Connection, guild_id: int) -> int:
    """Count the pairs of reviews that a server's moderators have joined or parted."""
    async with db.execute(BY_HAND, {"guild_id": guild_id}) as cursor:
        row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def _save_by_hand(
    db: aiosqlite.Connection, guild_id: int, review_id: int, other_id: int, *, is_same: bool, now: datetime
) -> None:
    values = {"guild_id": guild_id, "id": review_id, "other_id": other_id, "is_same": is_same}
    await db.execute(SAVE, values | {"reason": BY_MODERATOR, "now": to_text(now)})


async def log_join(db: aiosqlite.Connection, guild_id: int, logged: LoggedJoin) -> None:
    """Keep what a moderator did; of each server the newest (`MOST_LOGGED`). Belongs in a transaction."""
    values = {
        "guild_id": guild_id,
        "first_title": logged.first_title,
        "second_title": logged.second_title,
        "is_same": logged.is_same,
        "user_id": logged.user_id,
        "now": to_text(logged.at),
    }
    await db.execute(LOG, values)
    await db.execute(TRIM_LOG, {"guild_id": guild_id, "most": MOST_LOGGED})


async def forget_guild(db: aiosqlite.Connection, guild_id: int) -> None:
    """Delete what the moderators of a server did that the bot has left. Belongs in a transaction."""
    for query in FORGET:
        await db.execute(query, {"guild_id": guild_id})


async def forget_others(db: aiosqlite.Connection, present: Iterable[int]) -> None:
    """Delete what the moderators of servers other than these did. Belongs in a transaction."""
    for query in FORGET_OTHERS:
        await db.execute(query, {"present": json.dumps([*present])})


async def logged_joins(db: aiosqlite.Connection, guild_id: int, *, limit: int) -> list[LoggedJoin]:
    """Return what a server's moderators did, the latest first."""
    async with db.execute(LOGGED, {"guild_id": guild_id, "limit": limit}) as cursor:
        return [
            LoggedJoin(
                first_title=row["first_title"],
                second_title=row["second_title"],
                is_same=bool(row["is_same"]),
                user_id=row["user_id"],
                at=datetime.fromisoformat(row["at"]),
            )
            for row in await cursor.fetchall()
        ]
