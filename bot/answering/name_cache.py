"""The names in memory: read at the start, read again in the background when the cache has changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from time import perf_counter

from bot import memory
from bot.search.glossary import Glossary
from bot.search.names import Names, NamesBuilder
from bot.search.ranking import STUB_CHARACTERS
from bot.store import index
from bot.store.database import Database

log = logging.getLogger(__name__)

PATIENCE_S = 0.05
"""Seconds that a question waits for names that are being read: enough for some hundred names."""

REST = 9
"""After a reading of the names, this many times as long as it took passes before the next. So even while many feeds
have news, reading takes at most a tenth of the time, and a large cache does not slow answers down."""


class NameCache:
    """Holds the `Names` of the whole cache, and the glossary and everyday words for searching them."""

    def __init__(self, database: Database, *, glossary: Glossary, everyday: Glossary | None = None) -> None:
        self._database = database
        self.glossary = glossary
        self.everyday = everyday or Glossary()
        self.names = Names()
        self._seen_version: int | None = None
        self._task: asyncio.Task[None] | None = None
        self._took_s = 0.0
        self._rested_at_s = 0.0
        self._behind_since_s = 0.0
        self.around_reading: Callable[[], AbstractContextManager[None]] = nullcontext
        """A context around each reading: a long-lived process keeps the garbage collector off in it."""

    @property
    def lag_s(self) -> float:
        """For how many seconds the names have been known to be out of date; 0 if they are not."""
        return perf_counter() - self._behind_since_s if self._task else 0.0

    async def refresh(self) -> None:
        """Read the names and replace them all at once; returns when they are up to date with the cache."""
        while await self._is_behind():
            await self._exchange()

    async def _is_behind(self) -> bool:
        return self._seen_version != await index.index_version(self._database.reader)

    async def _exchange(self) -> None:
        # First the version, then the names: a commit between the two then leads to another reading and is not missed.
        version = await index.index_version(self._database.reader)
        started_s = perf_counter()
        with self.around_reading():
            names = await self._read()
        self.names, self._seen_version = names, version
        memory.give_back()  # the memory of the rows, which are no longer needed
        self._took_s = perf_counter() - started_s
        self._rested_at_s = perf_counter() + REST * self._took_s
        log.debug("names read reviews=%d took_ms=%d", len(names), self._took_s * 1_000)

    async def _read(self) -> Names:
        builder = NamesBuilder(glossary=self.glossary)
        with self._database.explained():
            async for labels in index.label_rows(self._database.scanner, stub=STUB_CHARACTERS):
                await asyncio.to_thread(builder.add_reviews, labels)
            async for names in index.name_rows(self._database.scanner):
                await asyncio.to_thread(builder.add_names, names)
        return await asyncio.to_thread(builder.build)

    async def catch_up(self) -> None:
        """If the cache has changed, start reading the names again, and wait a moment for that.

        Another process may have changed it, such as “nonmun poll” beside a running bot.
        """
        if self._task is None and not await self._is_behind():
            return
        if self._task is None:
            self._behind_since_s = perf_counter()
            self._task = asyncio.create_task(self._follow())
            self._task.add_done_callback(self._finished)
        if self._rested_at_s - perf_counter() + self._took_s < PATIENCE_S:
            await asyncio.wait({self._task}, timeout=PATIENCE_S)

    async def _follow(self) -> None:
        """Read the names until they are up to date with the cache, with a rest after each reading."""
        while await self._is_behind():
            await asyncio.sleep(self._rested_at_s - perf_counter())
            await self._exchange()

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if not task.cancelled() and (error := task.exception()):
            log.error("names could not be read", exc_info=error)

    async def close(self) -> None:
        """Stop a reading that is still under way."""
        if task := self._task:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
