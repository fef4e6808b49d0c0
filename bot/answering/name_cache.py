"""The names in memory: read at the start, read again in the background when the cache has changed.

Of a large cache they are also kept in a file beside the database, so that the next process has them at once. They may
be older than the cache then: they are read again like any that a change has left behind.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, aclosing, nullcontext, suppress
from time import perf_counter

import numpy as np

from bot import memory
from bot.errors import StartingError, StoreError
from bot.models.requests import Command, Request
from bot.search.glossary import Glossary
from bot.search.keys import pasted
from bot.search.names import Names, NamesBuilder, layout_digest
from bot.search.ranking import STUB_CHARACTERS
from bot.store import facts, index
from bot.store.database import Database
from bot.store.kept import NAMES, map_arrays, write_arrays
from bot.text.terms import squash

log = logging.getLogger(__name__)

PATIENCE_S = 0.05
"""Seconds that a question waits for names that are being read: enough for some hundred names."""
START_S = 1.0
"""Seconds that the start waits for them: enough for some thousand reviews."""
REST = 9
"""After a reading of the names, this many times as long as it took passes before the next. So even while many feeds
have news, reading takes at most a tenth of the time, and a large cache does not slow answers down."""
WORTH_KEEPING = 2_000
"""Reviews from which on names are kept in a file; fewer are read in a fraction of a second."""
KEEP_AGAIN_S = 3_600.0
"""Names are kept at most so often while they change, and at the end."""
KEPT = "names kept"
"""The fact that says which file of names belongs to this database: a random text, written when the file was. A file
that lies beside an older copy of the database, which was put back, is not taken for its own."""
VERSION = "version"
"""The array, of one number, that has the index's version."""


class NameCache:
    """Holds the `Names` of the whole cache, and the glossary and everyday words for searching them."""

    def __init__(
        self, database: Database, *, glossary: Glossary, everyday: Glossary | None = None, lists_digest: str = ""
    ) -> None:
        """Begin without names.

        Args:
            lists_digest: Of what the glossary was made from; "" if that is unknown, then no names are kept in a file.
        """
        self._database = database
        self.glossary = glossary
        self.everyday = everyday or Glossary()
        self._lists_digest = lists_digest
        self._names: Names | None = None
        self._fault: StoreError | None = None
        self._seen_version: int | None = None
        self._kept_version: int | None = None
        self._kept_at_s: float | None = None
        self._task: asyncio.Task[None] | None = None
        self._took_s = 0.0
        self._rested_at_s = 0.0
        self._behind_since_s = 0.0
        self.around_reading: Callable[[], AbstractContextManager[None]] = nullcontext
        """A context around each reading: a long-lived process keeps the garbage collector off in it."""

    @property
    def names(self) -> Names:
        """The names of all reviews.

        Raises:
            StartingError: They are being read for the first time.
            StoreError: They could not be read even once.
        """
        if self._names is None:
            raise self.why_not_ready()
        return self._names

    @property
    def is_ready(self) -> bool:
        """Whether there are any names yet."""
        return self._names is not None

    def why_not_ready(self) -> StoreError | StartingError:
        """The error to raise where names are needed and there are none yet."""
        return self._fault or StartingError()

    @property
    def lag_s(self) -> float:
        """For how many seconds the names have been known to be out of date; 0 if they are not."""
        return perf_counter() - self._behind_since_s if self._task else 0.0

    async def start(self) -> None:
        """Take the names that were kept, if any, and read them in the background; few are waited for.

        Raises:
            StoreError: The database cannot be read.
        """
        await self._take_kept()
        await self._begin()
        if (task := self._task) and self._names is None:
            task.remove_done_callback(self._finished)  # its fault is raised here, and not logged
            await asyncio.wait({task}, timeout=START_S)
            if task.done():
                self._task = None
                await task
            else:
                task.add_done_callback(self._finished)

    async def refresh(self) -> None:
        """Read the names and replace them all at once; returns when they are up to date with the cache."""
        if self._names is None:
            await self._take_kept()
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
        self._names, self._seen_version = names, version
        self._took_s = perf_counter() - started_s
        self._rested_at_s = perf_counter() + REST * self._took_s
        log.debug("names read reviews=%d took_ms=%d", len(names), self._took_s * 1_000)
        is_due = self._kept_at_s is None or perf_counter() - self._kept_at_s > KEEP_AGAIN_S
        if is_due and await self._keep():
            await self._take_kept()  # mapped, they take half as much memory of this process's own
        del names
        memory.give_back()  # the memory of the rows, which are no longer needed

    async def _read(self) -> Names:
        builder = NamesBuilder(glossary=self.glossary)
        labels = index.label_rows(self._database.scanner, stub=STUB_CHARACTERS)
        names = index.name_rows(self._database.scanner)
        # If this is cancelled, their queries end here, and not when the file is closed already.
        with self._database.explained():
            async with aclosing(labels), aclosing(names):
                async for label_rows in labels:
                    await asyncio.to_thread(builder.add_reviews, label_rows)
                async for name_rows in names:
                    await asyncio.to_thread(builder.add_names, name_rows)
        return await asyncio.to_thread(builder.build)

    async def read_exactly(self, request: Request) -> Names:
        """Read the names of the reviews alone that a request means without doubt: by id, or by a name as written.

        Raises:
            StartingError: It asks for more than that.
            StoreError: The names could not be read even once.
        """
        if request.review_id is not None:
            ids = [request.review_id]
        elif request.command is Command.PAPER:
            ids = await index.named_exactly(self._database.reader, squash(pasted(request.query)))
        else:
            raise self.why_not_ready()
        builder = NamesBuilder(glossary=self.glossary)
        builder.add_reviews(await index.labels_of(self._database.reader, ids, stub=STUB_CHARACTERS))
        builder.add_names(await index.names_of(self._database.reader, ids))
        return builder.build()

    async def catch_up(self) -> None:
        """If the cache has changed, start reading the names again, and wait a moment for that.

        Another process may have changed it, such as “nonmun poll” beside a running bot.
        """
        await self._begin()
        if self._task and self._rested_at_s - perf_counter() + self._took_s < PATIENCE_S:
            await asyncio.wait({self._task}, timeout=PATIENCE_S)

    async def _begin(self) -> None:
        """Start reading in the background, if that is needed and not under way."""
        if self._task is None and await self._is_behind() and self._task is None:  # another one may have been faster
            self._behind_since_s = perf_counter()
            self._task = asyncio.create_task(self._follow())
            self._task.add_done_callback(self._finished)

    async def _follow(self) -> None:
        """Read the names until they are up to date with the cache, with a rest after each reading."""
        while await self._is_behind():
            await asyncio.sleep(self._rested_at_s - perf_counter())
            await self._exchange()

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if not task.cancelled() and (error := task.exception()):
            log.error("names could not be read", exc_info=error)
            self._fault = error if isinstance(error, StoreError) else None

    async def close(self) -> None:
        """Stop a reading that is still under way, and keep what has changed."""
        if task := self._task:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if self._kept_at_s is not None:
            await self._keep()

    # ── the file ────────────────────────────────────────────────────────────────────────────────

    async def _take_kept(self) -> None:
        """Map the file of names that belongs to this database, if there is one."""
        token = await facts.get_fact(self._database.reader, KEPT)
        digest = self._digest(token) if token else None
        if digest and (mapped := await asyncio.to_thread(self._map, digest)):
            self._names, self._seen_version = mapped
            self._kept_version, self._kept_at_s = self._seen_version, perf_counter()

    def _map(self, digest: str) -> tuple[Names, int] | None:
        arrays = map_arrays(self._database.path, NAMES, digest=digest)
        if arrays is None:
            return None
        return Names.from_arrays(arrays, self.glossary), int(arrays[VERSION][0])

    async def _keep(self) -> bool:
        """Write the names into the file and return True, unless they are few, or there, or nothing may be written."""
        names, version = self._names, self._seen_version
        if (
            names is None
            or len(names) < WORTH_KEEPING
            or version == self._kept_version
            or self._database.is_read_only
        ):
            return False
        token = secrets.token_hex(8)
        if not (digest := self._digest(token)):  # not before: it reads the code's files
            return False
        arrays = names.arrays() | {VERSION: np.array([version])}
        if not await asyncio.to_thread(write_arrays, self._database.path, NAMES, arrays, digest=digest):
            return False
        try:
            async with self._database.transaction() as db:
                await facts.set_fact(db, KEPT, token)
        except StoreError as exc:  # another program keeps the database locked: they are read again next time
            log.debug("names not kept why=%s", exc)
            return False
        self._kept_version, self._kept_at_s = version, perf_counter()
        return True

    def _digest(self, token: str) -> str | None:
        """Of all that the file depends on; None if that is unknown."""
        if not self._lists_digest:
            return None
        try:
            made_by = layout_digest()
        except OSError:  # code that is not in files
            return None
        rows = f"{index.PREFERRED}{index.LABELS}{index.NAMES}{STUB_CHARACTERS}"
        made_from = f"{sys.byteorder} {self._lists_digest} {made_by} {rows}"
        return f"{token} {hashlib.sha256(made_from.encode()).hexdigest()}"
