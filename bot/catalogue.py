"""The names in memory: read at the start, read again in the background when the cache has changed."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from time import perf_counter

from bot.search.glossary import Glossary
from bot.search.names import Names, NamesBuilder
from bot.store import index
from bot.store.database import Database

log = logging.getLogger(__name__)

PATIENCE_S = 0.05
"""How long a question waits for names that are being read: some hundred are read by then, more go on being read.
While many feeds have news they are read again and again, and each question would wait this long."""


class Catalogue:
    """Holds `Names` and the glossary they are asked with.

    Args:
        scope: The names of these feeds' reviews alone; None for all.
    """

    def __init__(self, database: Database, *, scope: tuple[str, ...] | None, glossary: Glossary) -> None:
        self._database = database
        self.scope = scope
        self.glossary = glossary
        self.names = Names()
        self._seen_version: int | None = None
        self._task: asyncio.Task[None] | None = None

    async def refresh(self) -> None:
        """Read the names and exchange them whole; returns when they are those of the cache."""
        while self._seen_version != (version := await index.index_version(self._database.reader)):
            # First the number, then the names: a commit between the two is then looked at once more, not missed.
            started = perf_counter()
            names = await self._read()
            self.names, self._seen_version = names, version
            log.debug("names read reviews=%d took_ms=%d", len(names), (perf_counter() - started) * 1_000)

    async def _read(self) -> Names:
        builder = NamesBuilder(glossary=self.glossary)
        async for labels in index.label_rows(self._database.scanner, feeds=self.scope):
            await asyncio.to_thread(builder.add_reviews, labels)
        async for names in index.name_rows(self._database.scanner):
            await asyncio.to_thread(builder.add_names, names)
        return await asyncio.to_thread(builder.build)

    async def catch_up(self) -> None:
        """See to it that the names are being read again where the cache has changed, and give that a moment.

        Another process may have changed it: “nonmun poll” beside a running bot.
        """
        if self._task is None and self._seen_version == await index.index_version(self._database.reader):
            return
        if self._task is None:
            self._task = asyncio.create_task(self.refresh())
            self._task.add_done_callback(self._finished)
        await asyncio.wait({self._task}, timeout=PATIENCE_S)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if not task.cancelled() and (error := task.exception()):
            log.error("names could not be read", exc_info=error)

    async def close(self) -> None:
        """End what is still being read."""
        if task := self._task:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
