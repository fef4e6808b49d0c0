"""Queries about followers: members who want to be mentioned when a feed posts, or when a post is about a term."""

from __future__ import annotations

import aiosqlite

FOLLOW_FEED = (
    "INSERT OR IGNORE INTO feed_followers (guild_id, feed_id, user_id) VALUES (:guild_id, :feed_id, :user_id)"
)
UNFOLLOW_FEED = "DELETE FROM feed_followers WHERE guild_id = :guild_id AND feed_id = :feed_id AND user_id = :user_id"
OF_FEED = "SELECT user_id FROM feed_followers WHERE guild_id = :guild_id AND feed_id = :feed_id ORDER BY user_id"
FEEDS_OF = "SELECT feed_id FROM feed_followers WHERE guild_id = :guild_id AND user_id = :user_id ORDER BY feed_id"
FOLLOW_TERM = "INSERT OR IGNORE INTO term_followers (guild_id, term, user_id) VALUES (:guild_id, :term, :user_id)"
UNFOLLOW_TERM = "DELETE FROM term_followers WHERE guild_id = :guild_id AND term = :term AND user_id = :user_id"
TERMS = "SELECT term, user_id FROM term_followers WHERE guild_id = :guild_id ORDER BY term, user_id"
TERMS_OF = "SELECT term FROM term_followers WHERE guild_id = :guild_id AND user_id = :user_id ORDER BY term"
# The followers stay for a month after an admin removed a feed, in case it is added again.
FORGET = """
    DELETE FROM feed_followers WHERE NOT EXISTS (
        SELECT 1 FROM subscriptions s
        WHERE s.feed_id = feed_followers.feed_id AND s.guild_id = feed_followers.guild_id
    )
"""
FORGET_GUILD = (
    "DELETE FROM feed_followers WHERE guild_id = :guild_id",
    "DELETE FROM term_followers WHERE guild_id = :guild_id",
)


async def follow_feed(db: aiosqlite.Connection, guild_id: int, feed_id: int, user_id: int) -> bool:
    """Enter a follower of a feed; False if they follow it already. Belongs in a transaction."""
    values = {"guild_id": guild_id, "feed_id": feed_id, "user_id": user_id}
    return (await db.execute(FOLLOW_FEED, values)).rowcount == 1


async def unfollow_feed(db: aiosqlite.Connection, guild_id: int, feed_id: int, user_id: int) -> None:
    """Remove a follower of a feed. Belongs in a transaction."""
    await db.execute(UNFOLLOW_FEED, {"guild_id": guild_id, "feed_id": feed_id, "user_id": user_id})


async def feed_followers(db: aiosqlite.Connection, guild_id: int, feed_id: int) -> list[int]:
    """Return the ids of a server's members who follow a feed."""
    async with db.execute(OF_FEED, {"guild_id": guild_id, "feed_id": feed_id}) as cursor:
        return [row["user_id"] async for row in cursor]


async def followed_feeds(db: aiosqlite.Connection, guild_id: int, user_id: int) -> list[int]:
    """Return the ids of the feeds that a member follows."""
    async with db.execute(FEEDS_OF, {"guild_id": guild_id, "user_id": user_id}) as cursor:
        return [row["feed_id"] async for row in cursor]


async def follow_term(db: aiosqlite.Connection, guild_id: int, term: str, user_id: int) -> bool:
    """Enter a follower of a term; False if they follow it already. Belongs in a transaction."""
    values = {"guild_id": guild_id, "term": term, "user_id": user_id}
    return (await db.execute(FOLLOW_TERM, values)).rowcount == 1


async def unfollow_term(db: aiosqlite.Connection, guild_id: int, term: str, user_id: int) -> None:
    """Remove a follower of a term. Belongs in a transaction."""
    await db.execute(UNFOLLOW_TERM, {"guild_id": guild_id, "term": term, "user_id": user_id})


async def term_followers(db: aiosqlite.Connection, guild_id: int) -> dict[str, list[int]]:
    """Return term → ids of the members who follow it."""
    followers: dict[str, list[int]] = {}
    async with db.execute(TERMS, {"guild_id": guild_id}) as cursor:
        async for row in cursor:
            followers.setdefault(row["term"], []).append(row["user_id"])
    return followers


async def followed_terms(db: aiosqlite.Connection, guild_id: int, user_id: int) -> list[str]:
    """Return the terms that a member follows."""
    async with db.execute(TERMS_OF, {"guild_id": guild_id, "user_id": user_id}) as cursor:
        return [row["term"] async for row in cursor]


async def forget_followers(db: aiosqlite.Connection) -> None:
    """Delete the followers of feeds that their server removed long ago."""
    await db.execute(FORGET)


async def forget_guild(db: aiosqlite.Connection, guild_id: int) -> None:
    """Delete all followers of a server that the bot has left."""
    for query in FORGET_GUILD:
        await db.execute(query, {"guild_id": guild_id})
