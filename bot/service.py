"""The bot without a front end: polling, answering, delivering and subscriptions on one database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.answering.answering import Answering
from bot.answering.audiences import Audiences
from bot.answering.joining import Joining
from bot.answering.name_cache import NameCache
from bot.answering.searcher import Searcher
from bot.config import Settings
from bot.delivering.courier import Courier
from bot.delivering.privacy import Privacy
from bot.delivering.saved import SavedPapers
from bot.delivering.servers import Servers
from bot.delivering.subscriptions import Subscriptions
from bot.delivering.talks import Talks
from bot.feeds.backfill import Backfill
from bot.feeds.fetch import CONTACT_URL, Fetcher
from bot.feeds.poller import Poller
from bot.feeds.reader_process import Reader
from bot.feeds.retention import Retention
from bot.feeds.robots import Crawler
from bot.models.answers import Answer, Gone
from bot.models.requests import Audience, Request
from bot.models.reviews import StoredReview
from bot.search.glossary import load_everyday_words, load_glossary
from bot.store import facts
from bot.store.database import Database

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What both front ends, Discord and the command line, work with. Open it with `open_service`."""

    settings: Settings
    database: Database
    backfill: Backfill
    poller: Poller
    name_cache: NameCache
    searcher: Searcher
    answering: Answering
    audiences: Audiences
    courier: Courier
    subscriptions: Subscriptions
    servers: Servers
    joining: Joining
    saved: SavedPapers
    privacy: Privacy
    retention: Retention

    async def ask(self, request: Request, audience: Audience) -> Answer:
        """Answer a request from a person: the one way in for Discord, `nonmun chat` and the terminal's look-ups.

        ``nonmun batch`` asks `Answering.answer` instead: its unmatched searches come from a script and are not saved.

        Raises:
            RequestError: It asks for nothing, is too long, or names a review that this audience may not read.
        """
        return await self.answering.ask(request, audience)

    async def chosen(self, request: Request, audience: Audience) -> StoredReview | Gone:
        """The review that a request chose by its id, if this audience may read it and the id still means it."""
        return await self.answering.chosen(request, audience)

    @property
    def talks(self) -> Talks:
        """What opens talks, and finds them again."""
        return self.courier.talks

    async def get_fact(self, name: str) -> str | None:
        """A fact stored under this name; None if there is none."""
        return await facts.get_fact(self.database.reader, name)

    async def set_fact(self, name: str, value: str) -> None:
        """Store a fact under a name, replacing the one before."""
        async with self.database.transaction() as db:
            await facts.set_fact(db, name, value)


@asynccontextmanager
async def open_service(
    settings: Settings,
    *,
    scope: tuple[str, ...] | None = None,
    for_reading: bool = False,
    fetcher: Fetcher | None = None,
    reader: Reader | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncIterator[Service]:
    """Open the database and everything else that a service needs, and close it all at the end.

    Args:
        scope: Answer only from these feeds; None for the whole cache.
        for_reading: Also open a database that cannot be written to.
    Raises:
        StoreError: The database cannot be used.
    """
    fetcher = fetcher or Fetcher(
        allowed_private=settings.reachable_private, contact_url=settings.contact_url or CONTACT_URL
    )
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(await Database.open(settings.database, for_reading=for_reading))
        open_fetcher = await stack.enter_async_context(fetcher)
        reader = reader or Reader()
        stack.push_async_callback(reader.close)
        glossary = await asyncio.to_thread(load_glossary, settings.glossary)
        for problem in glossary.problems:
            log.warning("glossary: %s", problem)
        audiences = Audiences(settings, database, scope=scope)
        everyday = await asyncio.to_thread(load_everyday_words)
        name_cache = NameCache(database, glossary=glossary, everyday=everyday)
        stack.push_async_callback(name_cache.close)
        await name_cache.refresh()
        searcher = Searcher(database, name_cache)
        answering = Answering(settings, database, name_cache, searcher, clock=clock)
        stack.push_async_callback(answering.settle)
        crawler = Crawler(open_fetcher, reader)
        backfill = Backfill(
            database,
            open_fetcher,
            reader,
            crawler,
            own_feeds=settings.feeds,
            clock=clock,
            on_change=name_cache.catch_up,
        )
        poller = Poller(
            settings, database, open_fetcher, reader, backfill, clock=clock, on_change=name_cache.catch_up
        )
        courier = Courier(database, searcher, read=poller.read, clock=clock)
        stack.push_async_callback(courier.close)
        yield Service(
            settings=settings,
            database=database,
            poller=poller,
            backfill=backfill,
            name_cache=name_cache,
            searcher=searcher,
            answering=answering,
            audiences=audiences,
            courier=courier,
            subscriptions=Subscriptions(
                settings, database, open_fetcher, reader, crawler, poller, audiences, clock=clock
            ),
            servers=Servers(database),
            joining=Joining(database, answering, clock=clock),
            privacy=Privacy(database),
            saved=SavedPapers(database, name_cache, clock=clock),
            retention=Retention(settings, database, clock=clock, on_change=name_cache.catch_up),
        )
