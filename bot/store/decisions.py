"""Queries about decisions: what was decided for a post, and what became of it, for each subscription."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import aiosqlite

from bot.languages import read_message
from bot.models.announcing import Decision, Stage
from bot.store.times import from_text, to_text

ADD = """
    INSERT INTO decisions (subscription_id, review_id, stage, detail, at)
    VALUES (:subscription_id, :review_id, :stage, :detail, :at)
"""
# A feed that gives its posts new ids at every reading would get the same decision at every reading.
ADD_ONCE = """
    INSERT INTO decisions (subscription_id, review_id, stage, detail, at)
    SELECT :subscription_id, :review_id, :stage, :detail, :at WHERE NOT EXISTS (
        SELECT 1 FROM decisions WHERE review_id = :review_id AND subscription_id = :subscription_id
            AND stage = :stage AND detail IS :detail
    )
"""
OF_REVIEW = """
    SELECT d.* FROM decisions d JOIN subscriptions s ON s.id = d.subscription_id
    WHERE d.review_id = :review_id AND s.guild_id = :guild_id ORDER BY d.subscription_id, d.id
"""
FORGET = "DELETE FROM decisions WHERE id IN (SELECT id FROM decisions WHERE at < :before LIMIT :limit)"
FORGET_ENDED = """
    DELETE FROM decisions WHERE id IN (
        SELECT d.id FROM subscriptions s JOIN decisions d ON d.subscription_id = s.id
        WHERE s.state = 'ended' AND s.ended_at < :before LIMIT :limit
    )
"""


async def add_decisions(db: aiosqlite.Connection, decisions: Iterable[Decision]) -> None:
    """Save decisions, duplicates only once for each reason. Belongs in the transaction that acts on them."""
    made = list(decisions)
    await db.executemany(ADD, [_values(decision) for decision in made if decision.stage is not Stage.DUPLICATE])
    await db.executemany(ADD_ONCE, [_values(decision) for decision in made if decision.stage is Stage.DUPLICATE])


def _values(decision: Decision) -> dict[str, object]:
    return {
        "subscription_id": decision.subscription_id,
        "review_id": decision.review_id,
        "stage": decision.stage.value,
        "detail": decision.detail,
        "at": to_text(decision.at),
    }


async def decide_all(
    db: aiosqlite.Connection,
    posts: Iterable[tuple[int, int]],
    stage: Stage,
    *,
    detail: str | None,
    now: datetime,
) -> None:
    """Save the same decision for several posts. Belongs in the transaction that acts on it.

    Args:
        posts: (subscription id, review id) of each.
    """
    made = (
        Decision(subscription_id=of, review_id=review_id, stage=stage, at=now, detail=detail)
        for of, review_id in posts
    )
    await add_decisions(db, made)


async def of_review(db: aiosqlite.Connection, review_id: int, *, guild_id: int) -> list[Decision]:
    """Return a review's history in one server, subscription by subscription, each in order."""
    async with db.execute(OF_REVIEW, {"review_id": review_id, "guild_id": guild_id}) as cursor:
        return [
            Decision(
                subscription_id=row["subscription_id"],
                review_id=row["review_id"],
                stage=Stage(row["stage"]),
                at=at,
                detail=read_message(row["detail"]),
            )
            async for row in cursor
            if (at := from_text(row["at"]))
        ]


async def forget_decisions(db: aiosqlite.Connection, before: datetime, *, limit: int) -> int:
    """Delete some decisions from before a moment, and return how many."""
    return (await db.execute(FORGET, {"before": to_text(before), "limit": limit})).rowcount


async def forget_of_ended(db: aiosqlite.Connection, before: datetime, *, limit: int) -> int:
    """Delete some decisions for subscriptions that ended before a moment, and return how many."""
    return (await db.execute(FORGET_ENDED, {"before": to_text(before), "limit": limit})).rowcount
