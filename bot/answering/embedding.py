"""The vectors of passages: made in the background, a passage at a time, and compared with a question. Acts.

Nothing waits for them. Until all reviews that may answer a question have vectors, it is answered by its words alone.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from bot.models.index import BlockPlace
from bot.search.embedding import (
    EmbeddedPassage,
    Embedder,
    compare,
    digest_of,
    load_embedder,
    pack,
    passages_of,
)
from bot.search.vectors import Vectors
from bot.store import embeddings, index, reviews
from bot.store.database import Database

log = logging.getLogger(__name__)

RUN_S = 30.0
"""How long one run of the job goes on. What it has begun is continued by the next."""
NICENESS = 10
"""Of the thread in the bot, which then has a tenth of a busy core. With less, it would keep the interpreter's lock
from the others for too long when it is interrupted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """A review whose passages are being embedded, and the vectors so far."""

    review_id: int
    passages: Sequence[EmbeddedPassage]
    vectors: list[Vectors] = field(default_factory=list)


class Embeddings:
    """Makes the vectors of a database's reviews, and compares them with questions.

    Args:
        load: Returns the model, or None if there is none.
        is_background: Whether the newest review comes first and everything else on the machine has precedence.
            Otherwise the oldest comes first, so that both can work on one database and seldom on one review.
    """

    def __init__(
        self,
        database: Database,
        *,
        load: Callable[[], Embedder | None] = load_embedder,
        is_background: bool = True,
    ) -> None:
        self._database = database
        self._load = load
        self._is_background = is_background
        self._thread: ThreadPoolExecutor | None = None
        self._begun: _Begun | None = None
        self._finished_at: int | None = None
        """The version of the index at which every review had vectors."""

    # ── a question ──────────────────────────────────────────────────────────────────────────────

    async def likeness(self, question: str, ids: Sequence[int]) -> Mapping[BlockPlace, float] | None:
        """Return how alike the passages of some reviews and a question are.

        Returns:
            Differences of cosines from their mean. None without a model, or if not all of the reviews have vectors
            of it.
        """
        db = self._database.reader
        # Asked before the model is loaded: where nothing is embedded, nobody needs it.
        if not ids or len(await embeddings.models_of(db, ids)) != 1:
            return None
        if (embedder := await asyncio.to_thread(self._load)) is None:
            return None
        packed = await embeddings.find_vectors(db, embedder.name, ids)
        if len(packed) < len(set(ids)):
            return None
        return await asyncio.to_thread(lambda: compare(embedder.embed_question(question), packed))

    # ── reviews ─────────────────────────────────────────────────────────────────────────────────

    async def count(self) -> tuple[int, int] | None:
        """Return how many reviews have vectors, and how many there are; None if there is no model."""
        embedder = await asyncio.to_thread(self._load)
        return await embeddings.count(self._database.background, embedder.name) if embedder else None

    async def run(self) -> None:
        """Embed for a while what has no vectors yet."""
        ends_s = time.monotonic() + RUN_S
        while time.monotonic() < ends_s and await self.embed_next(ends_s=ends_s):
            pass

    async def embed_next(self, *, ends_s: float | None = None) -> bool:
        """Embed one review that has no vectors; return whether there was one.

        It may be cancelled at any time. Of a review, everything is saved at once, or nothing.

        Args:
            ends_s: When to stop, by the monotonic clock; what is done by then is kept in memory for the next call.
        """
        if self._database.is_read_only or (embedder := await asyncio.to_thread(self._load)) is None:
            return False
        if self._begun is None:
            self._begun = await self._begin(embedder.name)
        begun = self._begun
        if begun is None:
            return False
        while len(begun.vectors) < len(begun.passages):
            if ends_s is not None and time.monotonic() >= ends_s:
                return True
            begun.vectors.append(await self._embed(embedder, begun.passages[len(begun.vectors)].text))
        self._begun = None
        await self._save(embedder.name, begun)
        return True

    async def close(self) -> None:
        """Stop embedding. The thread ends by itself after the passage at hand."""
        if self._thread:
            self._thread.shutdown(wait=False, cancel_futures=True)

    async def _begin(self, model: str) -> _Begun | None:
        db = self._database.background
        now = await index.index_version(db)
        if now == self._finished_at:
            return None
        while review_id := await embeddings.next_missing(db, model, is_newest=self._is_background):
            if found := await reviews.find_reviews(db, [review_id]):
                return _Begun(review_id=review_id, passages=await asyncio.to_thread(passages_of, found[0].review))
        self._finished_at = now
        return None

    async def _embed(self, embedder: Embedder, text: str) -> Vectors:
        """Embed a passage in a thread of its own, which has a low priority in the bot: answers come first."""
        if self._thread is None:
            give_way = _give_way if self._is_background else None
            self._thread = ThreadPoolExecutor(1, "embedding", initializer=give_way)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: embedder.embed_passages([text])[0])

    async def _save(self, model: str, begun: _Begun) -> None:
        """Save the vectors of a review, unless it was revised or deleted since its passages were read."""
        rows = np.stack(begun.vectors) if begun.vectors else np.zeros((0, 0), np.float32)
        packed, digest = pack(begun.passages, rows), digest_of(begun.passages)
        async with self._database.transaction() as db:
            found = await reviews.find_reviews(db, [begun.review_id])
            if found and digest_of(passages_of(found[0].review)) == digest:
                await embeddings.save_vectors(db, begun.review_id, model=model, digest=digest, vectors=packed)
        log.debug("embedded review=%d passages=%d", begun.review_id, len(begun.passages))


def _give_way() -> None:
    """Lower the priority of this thread, where threads have priorities of their own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))
