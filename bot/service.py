"""The bot without a front end: polling, answering, delivering and subscriptions on one database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import partial

from bot.answering.joining import Joining
from bot.answering.lookups import Lookups, open_lookups, utc_now
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
from bot.heartbeats import Heartbeat, Loop, make_heartbeats
from bot.metrics import Metrics
from bot.models.answers import Answer
from bot.models.asking import ModelUser
from bot.models.health import Backlog
from bot.models.papers import AskedPaper
from bot.models.requests import Audience, Request
from bot.search import embedding
from bot.search.embedding import Embedder
from bot.store import backlog, facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Lookups):
    """What both front ends, Discord and the command line, work with. Open it with `open_service`."""

    backfill: Backfill
    poller: Poller
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
    heartbeats: Mapping[Loop, Heartbeat]
    metrics: Metrics

    async def ask(self, request: Request, audience: Audience, *, wait_s: float = WAIT_S) -> Answer:
        """Answer a request from the host: the one way in for `nonmun chat`, with the host's model if there is one.

        Discord takes the two steps of it itself, because it shows that it waits: `ask_now`, then `look_up`.
        ``nonmun batch`` asks `Answering.answer` instead: its unmatched searches come from a script and are not saved.

        Args:
            wait_s: How long a look-up of an identifier may take.
        Raises:
            RequestError: It asks for nothing, is too long, or names a review that this audience may not read.
        """
        answer = await self.ask_resolving(request, audience, partial(self.look_up, wait_s=wait_s))
        return await self.improve(answer, ModelUser())

    async def ask_now(
        self, request: Request, audience: Audience, found: Mapping[str, AskedPaper] | None = None
    ) -> Answer:
        """Answer a request as `Lookups.ask_now` does, and measure how long it takes.

        Raises:
            RequestError: As for `ask`.
        """
        with self.metrics.answer_s[request.command.value].timed():
            return await self.answering.ask(request, audience, found or {})

    async def look_up(self, keys: Iterable[str], *, wait_s: float = WAIT_S) -> Mapping[str, AskedPaper]:
        """Find out which papers identifiers mean; what takes longer than the given seconds goes on."""
        return await self.resolver.look_up(keys, wait_s=wait_s)

    @property
    def talks(self) -> Talks:
        """What opens talks, and finds them again."""
        return self.courier.talks

    async def backlog(self) -> Backlog:
        """What waits to be done, by the database."""
        waiting = await backlog.read_backlog(self.database.background, now=self.clock())
        counted = await self.embeddings.count()
        return replace(waiting, unembedded=counted[1] - counted[0]) if counted else waiting

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
    waits_for_names: bool = True,
    fetcher: Fetcher | None = None,
    reader: Reader | None = None,
    addresses: Addresses | None = None,
    load_embedder: Callable[[], Embedder | None] = embedding.load_embedder,
    clock: Callable[[], datetime] = utc_now,
) -> AsyncIterator[Service]:
    """Open the database and everything else that a service needs, and close it all at the end.

    Args:
        scope: Answer only from these feeds; None for the whole cache.
        for_reading: Also open a database that cannot be written to.
        waits_for_names: Whether every name is known at once; if not, `NameCache.start` begins to read them.
        addresses: Where papers' identifiers are looked up; None for the public sources and the settings' arXiv.
        load_embedder: Returns the model for passages, or None.
    Raises:
        StoreError: The database cannot be used.
    """
    async with (
        open_lookups(
            settings,
            scope=scope,
            for_reading=for_reading,
            waits_for_names=waits_for_names,
            load_embedder=load_embedder,
            clock=clock,
        ) as lookups,
        open_service_on(lookups, fetcher=fetcher, reader=reader, addresses=addresses) as service,
    ):
        yield service


@asynccontextmanager
async def open_service_on(
    lookups: Lookups,
    *,
    fetcher: Fetcher | None = None,
    reader: Reader | None = None,
    addresses: Addresses | None = None,
) -> AsyncIterator[Service]:
    """Add what reads feeds and delivers to what answers questions, and close it at the end."""
    settings, database, name_cache, clock = lookups.settings, lookups.database, lookups.name_cache, lookups.clock
    fetcher = fetcher or Fetcher(
        allowed_private=settings.reachable_private, contact_url=settings.contact_url or CONTACT_URL
    )
    async with AsyncExitStack() as stack:
        open_fetcher = await stack.enter_async_context(fetcher)
        reader = reader or Reader()
        stack.push_async_callback(reader.close)
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
        heartbeats, metrics = make_heartbeats(), Metrics()
        poller = Poller(
            settings,
            database,
            open_fetcher,
            reader,
            backfill,
            clock=clock,
            on_change=name_cache.catch_up,
            heartbeat=heartbeats[Loop.POLLER],
            metrics=metrics,
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
        courier = Courier(database, lookups.searcher, read=poller.read, clock=clock, heartbeats=heartbeats)
        stack.push_async_callback(courier.close)
        yield Service(
            **{field.name: getattr(lookups, field.name) for field in fields(Lookups)},
            poller=poller,
            backfill=backfill,
            courier=courier,
            subscriptions=Subscriptions(
                settings, database, open_fetcher, reader, crawler, poller, lookups.audiences, clock=clock
            ),
            servers=Servers(database),
            earlier_talks=EarlierTalks(database, clock=clock),
            conclusions=Conclusions(database, clock=clock),
            joining=Joining(database, lookups.answering, clock=clock),
            privacy=Privacy(database),
            saved=SavedPapers(database, name_cache, clock=clock),
            retention=Retention(settings, database, clock=clock, on_change=name_cache.catch_up),
            resolver=resolver,
            wishes=wishes,
            heartbeats=heartbeats,
            metrics=metrics,
        )
