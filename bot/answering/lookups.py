"""What questions are answered with, opened on one database: without anything that reads feeds or delivers.

In: the settings. Out: `Lookups`, which answers from what the database holds. The terminal's look-ups need no more,
and loading the rest of the bot takes longer than an answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.answering.answering import Answering
from bot.answering.audiences import Audiences
from bot.answering.embedding import Embeddings
from bot.answering.glossaries import load_glossaries
from bot.answering.name_cache import NameCache
from bot.answering.searcher import Searcher
from bot.config import Settings
from bot.models.answers import Answer, DidYouMean, Gone, NotReviewed, QuestionAnswered
from bot.models.asking import ModelUser
from bot.models.papers import AskedPaper, RecordState
from bot.models.requests import Audience, Request
from bot.models.reviews import StoredReview
from bot.reviews import STRUCTURE_VERSION
from bot.search import embedding
from bot.search.embedding import Embedder
from bot.store import joins, reviews
from bot.store.database import Database

if TYPE_CHECKING:
    from bot.answering.model.asker import Asker  # loads a client of HTTP, which is needed only with a model

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The time by the system's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookups:
    """What answers questions from the database. Open it with `open_lookups`."""

    settings: Settings
    database: Database
    name_cache: NameCache
    searcher: Searcher
    embeddings: Embeddings
    answering: Answering
    audiences: Audiences
    clock: Callable[[], datetime]
    asker: Asker | None = None

    async def is_behind(self) -> bool:
        """Whether the database holds what an earlier version of the bot read, which a poller would read again."""
        db = self.database.reader
        if self.database.is_read_only:
            return False
        outdated = await reviews.outdated_entries(db, STRUCTURE_VERSION, limit=1, now=self.clock())
        return bool(outdated) or not await joins.is_filled(db)

    async def ask_now(
        self, request: Request, audience: Audience, found: Mapping[str, AskedPaper] | None = None
    ) -> Answer:
        """Answer a request with what is known now, and with what was found out about identifiers.

        Raises:
            RequestError: It asks for nothing, is too long, or names a review that this audience may not read.
        """
        return await self.answering.ask(request, audience, found or {})

    async def ask_resolving(
        self,
        request: Request,
        audience: Audience,
        look_up: Callable[[Iterable[str]], Awaitable[Mapping[str, AskedPaper]]],
    ) -> Answer:
        """Answer a request, and once more with what an identifier means that no review has.

        Args:
            look_up: Finds out which papers identifiers mean; called only if there is something to find out.
        Raises:
            RequestError: As for `ask_now`.
        """
        answer = await self.ask_now(request, audience)
        if not (keys := self.unresolved(answer)):
            return answer
        return await self.ask_now(request, audience, await look_up(keys))

    def unresolved(self, answer: Answer) -> tuple[str, ...]:
        """The identifier that was asked for, if a look-up may find out which paper it means."""
        asked = answer.asked if isinstance(answer, DidYouMean | NotReviewed) else None
        return (asked.key,) if asked is not None and self._can_look_up(asked) else ()

    def _can_look_up(self, asked: AskedPaper) -> bool:
        return self.settings.resolve_ids and asked.state is RecordState.UNASKED and asked.source is not None

    async def ask_each(
        self, requests: Iterable[Request], audience: Audience, found: Mapping[str, AskedPaper] | None = None
    ) -> list[Answer]:
        """Answer several requests at once, as `ask_now` does each."""
        return await asyncio.gather(*(self.ask_now(request, audience, found) for request in requests))

    async def improve(self, answer: Answer, user: ModelUser) -> Answer:
        """Return an answer to a question as the host's model chose or worded it, or else as it is."""
        if self.asker is None or not isinstance(answer, QuestionAnswered):
            return answer
        return await self.asker.improve(answer, user) or answer

    async def chosen(self, request: Request, audience: Audience) -> StoredReview | Gone:
        """The review that a request chose by its id, if this audience may read it and the id still means it."""
        return await self.answering.chosen(request, audience)


@asynccontextmanager
async def open_lookups(
    settings: Settings,
    *,
    scope: tuple[str, ...] | None = None,
    for_reading: bool = False,
    waits_for_names: bool = True,
    load_embedder: Callable[[], Embedder | None] = embedding.load_embedder,
    clock: Callable[[], datetime] = utc_now,
) -> AsyncIterator[Lookups]:
    """Open the database and what answers from it, and close it all at the end.

    Args:
        scope: Answer only from these feeds; None for the whole cache.
        for_reading: Also open a database that cannot be written to.
        waits_for_names: Whether every name is known at once; if not, `NameCache.start` begins to read them.
        load_embedder: Returns the model for passages, or None.
    Raises:
        StoreError: The database cannot be used.
    """
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(await Database.open(settings.database, for_reading=for_reading))
        glossary, everyday, digest = await asyncio.to_thread(
            load_glossaries, settings.database, own=settings.glossary, is_kept=not database.is_read_only
        )
        for problem in glossary.problems:
            log.warning("glossary: %s", problem)
        name_cache = NameCache(database, glossary=glossary, everyday=everyday, lists_digest=digest)
        stack.push_async_callback(name_cache.close)
        if waits_for_names:
            await name_cache.refresh()
        searcher = Searcher(database, name_cache)
        embeddings = Embeddings(database, load=load_embedder)
        stack.push_async_callback(embeddings.close)
        answering = Answering(settings, database, name_cache, searcher, embeddings=embeddings, clock=clock)
        stack.push_async_callback(answering.settle)
        asker = _make_asker(settings, database, clock)
        if asker is not None:
            stack.push_async_callback(asker.close)
        yield Lookups(
            settings=settings,
            database=database,
            name_cache=name_cache,
            searcher=searcher,
            embeddings=embeddings,
            answering=answering,
            audiences=Audiences(settings, database, scope=scope),
            clock=clock,
            asker=asker,
        )


def _make_asker(settings: Settings, database: Database, clock: Callable[[], datetime]) -> Asker | None:
    if settings.ask_model is None:
        return None
    from bot.answering.model.asker import make_asker

    return make_asker(settings, database, clock=clock)
