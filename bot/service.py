"""The bot without a front end: polling, answering, delivering and subscriptions on one database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.answering.answering import Answering
from bot.answering.audiences import Audiences
from bot.answering.joining import Joining
from bot.answering.name_cache import NameCache
from bot.answering.searcher import Searcher
from bot.config import Settings
from bot.delivering.conclusions import Conclusions
from bot.delivering.courier import Courier
from bot.delivering.earlier_talks import EarlierTalks
from bot.delivering.privacy import Privacy
from bot.delivering.saved import SavedPapers
from bot.delivering.servers import Servers
from bot.delivering.subscriptions import Subscriptions
from bot.delivering.talks import Talks
from bot.delivering.wishes import Wishes
from bot.feeds.backfill import Backfill
from bot.feeds.fetch import CONTACT_URL, Fetcher
from bot.feeds.poller import Poller
from bot.feeds.reader_process import Reader
from bot.feeds.records import WAIT_S, Addresses, RecordResolver
from bot.feeds.retention import Retention
from bot.feeds.robots import Crawler
from bot.models.answers import Answer, DidYouMean, Gone, NotReviewed
from bot.models.papers import AskedPaper
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
    earlier_talks: EarlierTalks
    conclusions: Conclusions
    joining: Joining
    saved: SavedPapers
    privacy: Privacy
    retention: Retention
    resolver: RecordResolver
    wishes: Wishes

    async def ask(self, request: Request, audience: Audience, *, wait_s: float = WAIT_S) -> Answer:
        """Answer a request from a person: the one way in for `nonmun chat` and the terminal's look-ups.

        Discord takes the two steps of it itself, because it shows that it waits: `ask_now`, then `look_up`.
        ``nonmun batch`` asks `Answering.answer` instead: its unmatched searches come from a script and are not saved.

        Args:
            wait_s: How long a look-up of an identifier may take.
        Raises:
            RequestError: It asks for nothing, is too long, or names a review that this audience may not read.
        """
        answer = await self.ask_now(request, audience)
        if not (keys := self.unresolved(answer)):
            return answer
        return await self.ask_now(request, audience, await self.look_up(keys, wait_s=wait_s))

    async def ask_now(
        self, request: Request, audience: Audience, found: Mapping[str, AskedPaper] | None = None
    ) -> Answer:
        """Answer a request with what is known now, and with what was found out about identifiers.

        Raises:
            RequestError: As for `ask`.
        """
        return await self.answering.ask(request, audience, found or {})

    def unresolved(self, answer: Answer) -> tuple[str, ...]:
        """The identifier that was asked for, if a look-up may find out which paper it means."""
        asked = answer.asked if isinstance(answer, DidYouMean | NotReviewed) else None
        return (asked.key,) if asked is not None and self.resolver.can_ask(asked) else ()

    async def look_up(self, keys: Iterable[str], *, wait_s: float = WAIT_S) -> Mapping[str, AskedPaper]:
        """Find out which papers identifiers mean; what takes longer than the given seconds goes on."""
        return await self.resolver.look_up(keys, wait_s=wait_s)

    async def ask_each(
        self, requests: Iterable[Request], audience: Audience, found: Mapping[str, AskedPaper] | None = None
    ) -> list[Answer]:
        """Answer several requests at once, as `ask_now` does each."""
        return await asyncio.gather(*(self.ask_now(request, audience, found) for request in requests))

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
    addresses: Addresses | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncIterator[Service]:
    """Open the database and everything else that a service needs, and close it all at the end.

    Args:
        scope: Answer only from these feeds; None for the whole cache.
        for_reading: Also open a database that cannot be written to.
        addresses: Where papers' identifiers are looked up; None for the public sources and the settings' arXiv.
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
        resolver = RecordResolver(
            database,
            open_fetcher,
            reader,
            clock=clock,
            is_on=settings.resolve_ids,
            addresses=addresses or Addresses(arxiv=settings.arxiv_api_url),
        )
        stack.push_async_callback(resolver.close)
        wishes = Wishes(database, clock=clock, folder=settings.wanted_dir, site=settings.contact_url)
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
            earlier_talks=EarlierTalks(database, clock=clock),
            conclusions=Conclusions(database, clock=clock),
            joining=Joining(database, answering, clock=clock),
            privacy=Privacy(database),
            saved=SavedPapers(database, name_cache, clock=clock),
            retention=Retention(settings, database, clock=clock, on_change=name_cache.catch_up),
            resolver=resolver,
            wishes=wishes,
        )
