"""The bot without a front end: who polls, answers, delivers and sets up, on one database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.archivist import Archivist
from bot.audiences import Audiences
from bot.catalogue import Catalogue
from bot.config import Settings
from bot.courier import Courier
from bot.crawler import Crawler
from bot.desk import Desk
from bot.fetch import CONTACT_URL, Fetcher
from bot.librarian import Librarian
from bot.poller import Poller
from bot.retention import Retention
from bot.search.glossary import load_everyday_words, load_glossary
from bot.searcher import Searcher
from bot.store import facts
from bot.store.database import Database
from bot.worker import Reader

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What both doors, Discord and the command line, are given. Open with `open_service`."""

    settings: Settings
    database: Database
    archivist: Archivist
    poller: Poller
    catalogue: Catalogue
    searcher: Searcher
    librarian: Librarian
    audiences: Audiences
    courier: Courier
    desk: Desk
    retention: Retention

    async def get_fact(self, name: str) -> str | None:
        return await facts.get_fact(self.database.reader, name)

    async def set_fact(self, name: str, value: str) -> None:
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
    """Open the database and everything else a service needs, and close it all at the end.

    Args:
        scope: Answer from these feeds alone; None for the whole cache.
        for_reading: Answer also where the database cannot be written.
    Raises:
        StoreError: The database cannot be used.
    """
    fetcher = fetcher or Fetcher(
        allowed_private=settings.reachable_private, contact_url=settings.contact_url or CONTACT_URL
    )
    async with await Database.open(settings.database, for_reading=for_reading) as database, fetcher as open_fetcher:
        reader = reader or Reader()
        glossary = await asyncio.to_thread(load_glossary, settings.glossary)
        for problem in glossary.problems:
            log.warning("glossary: %s", problem)
        audiences = Audiences(settings, database, scope=scope)
        everyday = await asyncio.to_thread(load_everyday_words)
        catalogue = Catalogue(database, glossary=glossary, everyday=everyday)
        courier: Courier | None = None
        try:
            await catalogue.refresh()
            searcher = Searcher(database, catalogue)
            librarian = Librarian(settings, database, catalogue, searcher, clock=clock)
            crawler = Crawler(open_fetcher, reader)
            archivist = Archivist(
                database,
                open_fetcher,
                reader,
                crawler,
                own_feeds=settings.feeds,
                clock=clock,
                on_change=catalogue.catch_up,
            )
            poller = Poller(
                settings, database, open_fetcher, reader, archivist, clock=clock, on_change=catalogue.catch_up
            )
            courier = Courier(database, searcher, read=poller.read, clock=clock)
            desk = Desk(settings, database, open_fetcher, reader, crawler, poller, audiences, clock=clock)
            retention = Retention(settings, database, clock=clock, on_change=catalogue.catch_up)
            yield Service(
                settings=settings,
                database=database,
                poller=poller,
                archivist=archivist,
                catalogue=catalogue,
                searcher=searcher,
                librarian=librarian,
                audiences=audiences,
                courier=courier,
                desk=desk,
                retention=retention,
            )
        finally:
            if courier is not None:
                await courier.close()
            await catalogue.close()
            await reader.close()
