"""Queries about the vectors of reviews' passages, a row for each review.

A row belongs to the texts whose digest it has: the transaction that changes them deletes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aiosqlite

# The index holds all that this asks for; the rows themselves are 16 kB each.
NEXT = """
    SELECT r.id FROM reviews r
    WHERE NOT EXISTS (
        SELECT 1 FROM embeddings e INDEXED BY embeddings_by_model WHERE e.model = :model AND e.review_id = r.id
    )
    ORDER BY coalesce(r.published, r.first_seen_at) {order}, r.id {order} LIMIT 1
"""
COUNT = """
    SELECT (SELECT count(*) FROM embeddings WHERE :model IS NULL OR model = :model) AS embedded, count(*) AS reviews
    FROM reviews
"""
MODELS = "SELECT DISTINCT model FROM embeddings WHERE review_id IN (SELECT value FROM json_each(:ids))"
BY_IDS = """
    SELECT review_id, vectors FROM embeddings
    WHERE model = :model AND review_id IN (SELECT value FROM json_each(:ids))
"""
DIGEST = "SELECT digest FROM embeddings WHERE review_id = :review_id"
SAVE = """
    INSERT OR REPLACE INTO embeddings (review_id, model, digest, vectors)
    VALUES (:review_id, :model, :digest, :vectors)
"""
DELETE = "DELETE FROM embeddings WHERE review_id = :review_id"


async def next_missing(db: aiosqlite.Connection, model: str, *, is_newest: bool) -> int | None:
    """Return the newest or the oldest review that has no vectors of a model; None if all have."""
    async with db.execute(NEXT.format(order="DESC" if is_newest else "ASC"), {"model": model}) as cursor:
        row = await cursor.fetchone()
    return row["id"] if row else None


async def count(db: aiosqlite.Connection, model: str) -> tuple[int, int]:
    """Return how many reviews have vectors of a model, and how many reviews there are."""
    async with db.execute(COUNT, {"model": model}) as cursor:
        row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - it only counts
    return row["embedded"], row["reviews"]


async def models_of(db: aiosqlite.Connection, ids: Iterable[int]) -> list[str]:
    """Return the models of which any of these reviews has vectors."""
    async with db.execute(MODELS, {"ids": json.dumps(list(ids))}) as cursor:
        return [row["model"] async for row in cursor]


async def find_vectors(db: aiosqlite.Connection, model: str, ids: Iterable[int]) -> dict[int, bytes]:
    """Return the vectors of a model that these reviews have."""
    async with db.execute(BY_IDS, {"model": model, "ids": json.dumps(list(ids))}) as cursor:
        return {row["review_id"]: row["vectors"] async for row in cursor}


async def digest_of(db: aiosqlite.Connection, review_id: int) -> str | None:
    """Return the digest of the texts that a review's vectors belong to; None if it has no vectors."""
    async with db.execute(DIGEST, {"review_id": review_id}) as cursor:
        row = await cursor.fetchone()
    return row["digest"] if row else None


async def save_vectors(db: aiosqlite.Connection, review_id: int, *, model: str, digest: str, vectors: bytes) -> None:
    """Save the vectors of a review in place of earlier ones. Belongs in a transaction."""
    values = {"review_id": review_id, "model": model, "digest": digest, "vectors": vectors}
    await db.execute(SAVE, values)


async def delete_vectors(db: aiosqlite.Connection, review_id: int) -> None:
    """Delete the vectors of a review. Belongs in a transaction."""
    await db.execute(DELETE, {"review_id": review_id})
