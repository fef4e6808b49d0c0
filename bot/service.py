"""What the bot can do: poll its feeds, answer requests, deliver what is waiting. Joins the modules below it.

Owns the database, the fetcher, the reader process and the names in memory; knows no front end.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from aiosqlite import Connection

from bot import deliveries
from bot.answers import (
    Answer,
    DidYouMean,
    EmptyCache,
    Help,
    Hit,
    Latest,
    NoSuchSection,
    NothingFound,
    NotReviewed,
    PaperFound,
    SearchFound,
    SectionFound,
    subtree,
)
from bot.cards import announce
from bot.config import Settings
from bot.dates import clamp_date
from bot.deliveries import NewReview, Poster
from bot.errors import DeliveryError, FeedError, FetchError, HttpStatusError, RequestError
from bot.fetch import Fetcher, FetchResult, Validators
from bot.models import (
    Command,
    Delivery,
    DeliveryState,
    FeedKind,
    FeedState,
    Identifiers,
    Outline,
    PollOutcome,
    ReadReview,
    Request,
    ReviewHead,
    StoredReview,
)
from bot.reviews import STRUCTURE_VERSION, parse_identifiers
from bot.search import topics
from bot.search.headings import find_sections
from bot.search.names import How, Lookup, NameMatch, Names
from bot.search.sections import Located, Split, locate, named, splits
from bot.store import deliveries as outbox
from bot.store import facts, feeds, reviews
from bot.store.database import Database
from bot.worker import FeedReading, Reader

log = logging.getLogger(__name__)

FIRST_BACK_OFF = timedelta(minutes=5)
LONGEST_BACK_OFF = timedelta(days=1)
SEARCH_CANDIDATES = 1_000
MAX_QUERY = 2_000

Progress = Callable[[str], None]
"""Told what a poll is doing: "fetching", "reading", "storing"."""


class Service:
    """The bot without a front end. Open with `open_service`."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        fetcher: Fetcher,
        reader: Reader,
        *,
        scope: tuple[str, ...] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.settings = settings
        self._database = database
        self._fetcher = fetcher
        self._reader = reader
        self._scope = scope
        self._clock = clock
        self._names = Names()
        self._outlines: dict[int, Outline] = {}
        self._delivering = asyncio.Lock()

    # ── polling ─────────────────────────────────────────────────────────────────────────────────

    async def poll(self, url: str, *, is_forced: bool = False, progress: Progress | None = None) -> PollOutcome:
        """Ask one feed for news and keep what it says: everything in one transaction, or nothing.

        Args:
            is_forced: Ask although an earlier failure says to wait.
        Returns:
            What came of it. A failure is kept on the feed and told in ``error``; it is never raised.
        """
        tell = progress or _silent
        feed = await feeds.find_feed(self._database.reader, url)
        now = self._clock()
        if feed and feed.next_check_at and feed.next_check_at > now and not is_forced:
            return PollOutcome(url=url, title=feed.title, is_unchanged=True, error=feed.last_error)
        try:
            tell("fetching")
            result = await self._fetcher.fetch(url, _validators(feed))
            if result.body is None:
                return await self._save_unchanged(url, feed, result)
            tell("reading")
            reading = await self._read(url, feed, result, result.body)
        except (FetchError, FeedError) as exc:
            return await self._save_failure(url, feed, exc)
        tell("storing")
        return await self._save_reading(url, feed, result, reading)

    async def poll_all(self, *, is_forced: bool = False) -> list[PollOutcome]:
        """Ask every configured feed, side by side; one bad feed never delays another."""
        return await asyncio.gather(*(self.poll(url, is_forced=is_forced) for url in self.settings.feeds))

    async def _read(self, url: str, feed: FeedState | None, result: FetchResult, body: bytes) -> FeedReading:
        known = await reviews.entry_hashes(self._database.reader, feed.id, STRUCTURE_VERSION) if feed else {}
        reading = await self._reader.read_feed(body, content_type=result.content_type, url=result.url, known=known)
        if reading.parsed.kind in (FeedKind.BROKEN, FeedKind.NOT_A_FEED):
            raise FeedError(url, "; ".join(reading.parsed.problems) or reading.parsed.kind.value)
        return reading

    async def _save_unchanged(self, url: str, feed: FeedState | None, result: FetchResult) -> PollOutcome:
        # Validators are sent for a known feed alone, so a 304 without one comes from a broken server.
        if feed is None:
            return await self._save_failure(url, feed, FetchError(url, "answered 304 without being asked"))
        await self._save_feed(feed, feed.title, result.validators)
        return PollOutcome(url=url, title=feed.title, is_unchanged=True)

    async def _save_feed(self, feed: FeedState, title: str | None, validators: Validators) -> None:
        """Keep what the poll says of the feed itself; an unchanged feed writes nothing."""
        same = (title, validators.etag, validators.last_modified) == (
            feed.title,
            feed.etag,
            feed.last_modified,
        )
        if same and feed.learned_at and not feed.last_error:
            return
        async with self._database.transaction() as db:
            await feeds.save_success(
                db,
                feed.id,
                title=title,
                etag=validators.etag,
                last_modified=validators.last_modified,
                now=self._clock(),
            )

    async def _save_failure(self, url: str, feed: FeedState | None, error: FetchError | FeedError) -> PollOutcome:
        now = self._clock()
        failures = feed.failures if feed else 0
        wait = min(FIRST_BACK_OFF * (1 << min(failures, 20)), LONGEST_BACK_OFF)
        if isinstance(error, HttpStatusError) and error.retry_after_s:
            wait = max(wait, timedelta(seconds=error.retry_after_s))
        async with self._database.transaction() as db:
            known = await feeds.ensure_feed(db, url)
            await feeds.save_failure(db, known.id, error=error.reason, now=now, next_check_at=now + wait)
        log.warning("feed failed url=%s failures=%d reason=%s", url, failures + 1, error.reason)
        return PollOutcome(url=url, title=feed.title if feed else None, error=error.reason)

    async def _save_reading(
        self, url: str, feed: FeedState | None, result: FetchResult, reading: FeedReading
    ) -> PollOutcome:
        parsed, title = reading.parsed, reading.parsed.title or (feed.title if feed else None)
        outcome = PollOutcome(url=url, title=title, total=reading.total, problems=parsed.problems)
        if feed and feed.learned_at and not reading.changed:
            await self._save_feed(feed, title, result.validators)
            return replace(outcome, is_unchanged=True)
        now = self._clock()
        async with self._database.transaction() as db:
            known = await feeds.ensure_feed(db, url)
            before = await reviews.known_guids(db, known.id)
            new: list[NewReview] = []
            for read in reading.changed:
                review_id = await reviews.save_review(
                    db,
                    known.id,
                    _not_from_the_future(read, now),
                    structure_version=STRUCTURE_VERSION,
                    now=now,
                )
                if read.review.guid not in before:
                    new.append(NewReview(review_id=review_id, published=read.review.published))
            announced = await self._enqueue(db, new, is_first_poll=known.learned_at is None, now=now)
            await feeds.save_success(
                db,
                known.id,
                title=title,
                etag=result.validators.etag,
                last_modified=result.validators.last_modified,
                now=now,
            )
        await self.refresh_names()
        outcome = replace(outcome, new=len(new), changed=len(reading.changed) - len(new), announced=announced)
        log.info("feed read url=%s new=%d changed=%d announced=%d", url, outcome.new, outcome.changed, announced)
        return outcome

    async def _enqueue(self, db: Connection, new: Sequence[NewReview], *, is_first_poll: bool, now: datetime) -> int:
        if self.settings.channel_id is None:
            return 0
        chosen = deliveries.choose_announcements(
            new, is_first_poll=is_first_poll, backlog=self.settings.announce_backlog
        )
        for review_id in chosen:
            await outbox.enqueue(
                db, review_id, channel_id=self.settings.channel_id, nonce=secrets.token_hex(12), now=now
            )
        return len(chosen)

    async def reread_outdated(self) -> int:
        """Read stored entries again that an earlier version of the structure came from; how many those were.

        A review that has left its feed is read again too: its entry is kept for this.
        """
        count = 0
        while batch := await reviews.outdated_entries(self._database.reader, STRUCTURE_VERSION, limit=20):
            read = await self._reader.read_entries("the cache", [entry for _, entry in batch])
            async with self._database.transaction() as db:
                for (feed_id, _), item in zip(batch, read, strict=True):
                    await reviews.save_review(
                        db, feed_id, item, structure_version=STRUCTURE_VERSION, now=self._clock()
                    )
            count += len(batch)
        if count:
            await self.refresh_names()
        return count

    # ── answering ───────────────────────────────────────────────────────────────────────────────

    async def refresh_names(self) -> None:
        """Bring the names in memory up to the cache; built aside and exchanged whole."""
        heads = await reviews.load_heads(self._database.reader, feeds=self._scope)
        names = await reviews.load_names(self._database.reader)
        self._names = await asyncio.to_thread(Names.build, heads, names)
        self._outlines = {}

    @property
    def review_count(self) -> int:
        return len(self._names.heads)

    async def answer(self, request: Request) -> Answer:
        """Answer one request.

        Raises:
            RequestError: It asks for nothing, or names a review that is not in the cache.
        """
        if len(request.query) > MAX_QUERY:
            raise RequestError(f"That is {len(request.query):,} characters; {MAX_QUERY:,} are read at most.")
        if request.command is Command.HELP:
            return Help(reviews=self.review_count, feeds=tuple(await self.feeds()))
        if not self._names.heads:
            return EmptyCache(feeds=tuple(await self.feeds()))
        match request.command:
            case Command.PAPER:
                return await self._paper(request)
            case Command.SECTION:
                return await self._section(request)
            case Command.SEARCH:
                return await self._search(request)
            case Command.LATEST:
                return Latest(heads=tuple(self._names.newest(request.limit)))

    async def _paper(self, request: Request) -> Answer:
        if request.review_id is not None:
            return PaperFound(stored=await self._stored(request.review_id))
        query = _asked(request.query, "a name, such as “instag”")
        lookup = self._look_up(query)
        if lookup.is_sure:
            return await self._paper_found(query, lookup)
        return self._near(query, lookup.matches)

    async def _paper_found(self, query: str, lookup: Lookup) -> PaperFound:
        best = lookup.matches[0]
        same = [
            match.review_id
            for match in lookup.matches[1:]
            if match.is_own and match.how is best.how and match.how in (How.IDENTIFIER, How.EXACT)
        ]
        note = f"Nothing is called “{query}”; the nearest name is “{best.name}”." if best.how is How.SLIP else None
        others = tuple(self._names.heads[review_id] for review_id in same)
        return PaperFound(stored=await self._stored(best.review_id), note=note, others=others)

    def _near(self, query: str, matches: Iterable[NameMatch], heading: str | None = None) -> Answer:
        near = tuple(self._names.heads[match.review_id] for match in matches)
        if not near:
            return NotReviewed(query=query, reviews=self.review_count)
        return DidYouMean(query=query, near=near, heading=heading)

    def _look_up(self, query: str) -> Lookup:
        """By identifier or address where it has the shape of one, else by name."""
        if match := self._names.find_link(query):
            return Lookup((match,), is_sure=True)
        identifiers = parse_identifiers(query)
        if identifiers != Identifiers():
            found = tuple(self._names.find_identifiers(identifiers))
            return Lookup(found, is_sure=bool(found))
        return self._names.lookup(_without_host(query))

    async def _section(self, request: Request) -> Answer:
        if request.review_id is not None:
            stored = await self._stored(request.review_id)
            if request.position is not None:
                return _section_at(stored, request.position)
            return await self._section_of(stored, _asked(request.heading or "", "a section"))
        query = _asked(request.query, "a paper and a section, such as “instag 3.2”")
        if request.heading is not None:
            return await self._section_in_two(query, _asked(request.heading, "a section"))
        return await self._section_in_one(query)

    async def _section_in_two(self, query: str, heading: str) -> Answer:
        lookup = self._look_up(query)
        if not lookup.matches:
            return NotReviewed(query=query, reviews=self.review_count)
        located = await self._locate([(Split(query, heading), named(lookup) or list(lookup.matches))])
        if located and (lookup.is_sure or len({item.match.review_id for item in located}) == 1):
            return await self._section_of(await self._stored(located[0].match.review_id), heading, _note(located[0]))
        if lookup.is_sure:
            return await self._section_of(await self._stored(lookup.matches[0].review_id), heading)
        return self._near(query, lookup.matches, heading)

    async def _section_in_one(self, query: str) -> Answer:
        readings = [(split, lookup) for split in splits(query) if (lookup := self._look_up(split.paper)).matches]
        located = await self._locate([(split, named(lookup)) for split, lookup in readings])
        if located:
            best = located[0]
            stored = await self._stored(best.match.review_id)
            return await self._section_of(stored, best.split.heading, _note(best))
        # The longest name that is sure says which review was meant: its contents are the answer.
        for split, lookup in readings:
            if lookup.is_sure:
                return NoSuchSection(stored=await self._stored(lookup.matches[0].review_id), asked=split.heading)
        whole = self._look_up(query)
        if whole.is_sure:
            return NoSuchSection(stored=await self._stored(whole.matches[0].review_id), asked="")
        return self._near(query, whole.matches)

    async def _locate(self, readings: list[tuple[Split, list[NameMatch]]]) -> list[Located]:
        wanted = {match.review_id for _, matches in readings for match in matches}
        return locate(readings, {i: await self._outline(i) for i in wanted})

    async def _outline(self, review_id: int) -> Outline:
        if review_id not in self._outlines:
            found = await reviews.find_outlines(self._database.reader, [review_id])
            self._outlines[review_id] = found[0] if found else Outline(review_id=review_id, sections=())
        return self._outlines[review_id]

    async def _section_of(self, stored: StoredReview, heading: str, note: str | None = None) -> Answer:
        found = find_sections(stored.review.sections, heading)
        if not found:
            return NoSuchSection(stored=stored, asked=heading)
        positions = subtree(stored.review.sections, found[0].position)
        return SectionFound(stored=stored, positions=positions, note=note)

    async def _search(self, request: Request) -> Answer:
        query = _asked(request.query, "words to search for, such as “hallucination”")
        concepts = topics.parse_query(query)
        phrase = topics.whole_phrase(concepts)
        asked = [*concepts, phrase] if phrase else list(concepts)
        hits = {concept: await self._match(concept.match_query()) for concept in asked}
        ranked = topics.rank(concepts, hits, total=self.review_count, phrase=phrase, stubs=self._names.stubs)[
            : request.limit
        ]
        if not ranked:
            return NothingFound(query=query, reviews=self.review_count)
        stored = await reviews.find_reviews(self._database.reader, [item.review_id for item in ranked])
        scores = {item.review_id: item.score for item in ranked}
        found = await asyncio.to_thread(lambda: tuple(_hit(item, concepts, scores[item.id]) for item in stored))
        return SearchFound(query=query, hits=found, is_sure=ranked[0].share >= topics.SURE_SHARE)

    async def _match(self, query: str) -> list[tuple[int, float]]:
        found = await reviews.match_index(self._database.reader, query, limit=SEARCH_CANDIDATES)
        return [(review_id, score) for review_id, score in found if review_id in self._names.heads]

    async def _stored(self, review_id: int) -> StoredReview:
        if review_id in self._names.heads:
            for stored in await reviews.find_reviews(self._database.reader, [review_id]):
                return stored
        raise RequestError("That review is not in the cache any more.")

    def suggest(self, typed: str, *, limit: int = 25) -> list[ReviewHead]:
        """Reviews for a name half typed, from memory."""
        return self._names.suggest(typed, limit=limit)

    async def suggest_sections(self, paper: str, typed: str, *, limit: int = 25) -> list[str]:
        """Headings of the review that ``paper`` means, those that fit what was typed first."""
        lookup = self._look_up(paper) if paper.strip() else Lookup()
        if not lookup.matches:
            return []
        outline = await self._outline(lookup.matches[0].review_id)
        headings = [section.heading for section in outline.sections if section.heading]
        if not typed.strip():
            return list(dict.fromkeys(headings))[:limit]
        fitting = [outline.sections[m.position].heading or "" for m in find_sections(outline.sections, typed)]
        fitting += [heading for heading in headings if typed.casefold() in heading.casefold()]
        return list(dict.fromkeys(fitting))[:limit]

    # ── delivering ──────────────────────────────────────────────────────────────────────────────

    async def start_delivering(self) -> None:
        """Before the first delivery: what waits goes to the channel now configured, and is tried at once."""
        async with self._database.transaction() as db:
            if self.settings.channel_id is not None:
                await outbox.retarget(db, self.settings.channel_id)
            await outbox.retry_now(db)

    async def retry_deliveries(self) -> None:
        """Try at once what was refused: a permission may be back."""
        if await outbox.waiting(self._database.reader):
            async with self._database.transaction() as db:
                await outbox.retry_now(db)

    async def deliver(self, poster: Poster) -> int:
        """Send what is due, oldest first in each channel, the channels side by side; how many arrived."""
        async with self._delivering:
            heads = await outbox.channel_heads(self._database.reader)
            sent = await asyncio.gather(*(self._deliver_channel(poster, head) for head in heads))
        return sum(sent)

    async def _deliver_channel(self, poster: Poster, head: Delivery) -> int:
        sent = 0
        delivery: Delivery | None = head
        while delivery and not (delivery.not_before and delivery.not_before > self._clock()):
            if not await self._deliver_one(poster, delivery):
                break
            sent += 1
            delivery = await outbox.channel_head(self._database.reader, head.channel_id)
        return sent

    async def _deliver_one(self, poster: Poster, delivery: Delivery) -> bool:
        """One step of one delivery; True where the next of the channel may follow."""
        found = await reviews.find_reviews(self._database.reader, [delivery.review_id])
        stored = found[0]
        try:
            if delivery.state is DeliveryState.SENDING and await self._has_arrived(poster, delivery, stored):
                return True
            async with self._database.transaction() as db:
                if not await outbox.claim(db, delivery.id, now=self._clock()):
                    return False
            message_id = await poster.post(delivery.channel_id, announce(stored), nonce=delivery.nonce)
        except DeliveryError as exc:
            return await self._save_refusal(delivery, exc)
        async with self._database.transaction() as db:
            await outbox.settle_sent(db, delivery.id, message_id=message_id, now=self._clock())
        log.info("announced review=%d channel=%d message=%d", stored.id, delivery.channel_id, message_id)
        return True

    async def _has_arrived(self, poster: Poster, delivery: Delivery, stored: StoredReview) -> bool:
        """Settle a delivery in doubt by looking at the channel; back to pending where it is not there.

        Raises:
            DeliveryError: The channel cannot be looked at, and the nonce may be forgotten: wait for either.
        """
        now = self._clock()
        if not await poster.can_look_back(delivery.channel_id):
            if not deliveries.is_nonce_remembered(delivery, now):
                raise DeliveryError(
                    "cannot tell whether an earlier post arrived; needs Read Message History in the channel",
                    is_blocked=True,
                    is_doubtful=True,
                )
            arrived = None
        else:
            since = (delivery.claimed_at or now) - timedelta(minutes=1)
            posts = await poster.posts_since(delivery.channel_id, since)
            settled = await outbox.settled_messages(self._database.reader, delivery.channel_id)
            arrived = deliveries.find_arrived(posts, url=stored.review.link, settled=settled)
        async with self._database.transaction() as db:
            if arrived:
                await outbox.settle_sent(db, delivery.id, message_id=arrived.message_id, now=now)
            else:
                await outbox.put_back(db, delivery.id, reason="sent again after a doubt", not_before=None)
        return arrived is not None

    async def _save_refusal(self, delivery: Delivery, error: DeliveryError) -> bool:
        now = self._clock()
        log.warning("delivery refused id=%d channel=%d reason=%s", delivery.id, delivery.channel_id, error.reason)
        not_before = deliveries.next_try(delivery, error, now)
        async with self._database.transaction() as db:
            if error.is_final:
                await outbox.settle_failed(db, delivery.id, reason=error.reason, now=now)
            elif error.is_doubtful:
                await outbox.postpone(db, delivery.id, reason=error.reason, not_before=not_before)
            else:
                await outbox.put_back(db, delivery.id, reason=error.reason, not_before=not_before)
        return error.is_final

    # ── looking in ──────────────────────────────────────────────────────────────────────────────

    async def feeds(self) -> list[FeedState]:
        """The followed feeds with their state; a configured one that was never asked is among them."""
        known = {feed.url: feed for feed in await feeds.list_feeds(self._database.reader)}
        return [known.get(url) or FeedState(id=0, url=url) for url in self.settings.feeds]

    async def undelivered(self) -> list[Delivery]:
        """What waits or failed, with the reason."""
        return await outbox.open_deliveries(self._database.reader)

    async def export(self) -> AsyncIterator[StoredReview]:
        """Every review, in the order they came, a few at a time."""
        ids = list(self._names.heads)
        for start in range(0, len(ids), 50):
            for stored in await reviews.find_reviews(self._database.reader, ids[start : start + 50]):
                yield stored

    async def get_fact(self, name: str) -> str | None:
        return await facts.get_fact(self._database.reader, name)

    async def set_fact(self, name: str, value: str) -> None:
        async with self._database.transaction() as db:
            await facts.set_fact(db, name, value)


@asynccontextmanager
async def open_service(
    settings: Settings,
    *,
    scope: tuple[str, ...] | None = None,
    fetcher: Fetcher | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncIterator[Service]:
    """Open the database and everything else a service needs, and close it all at the end.

    Args:
        scope: Answer from these feeds alone; None for the whole cache.
    Raises:
        StoreError: The database cannot be used.
    """
    async with await Database.open(settings.database) as database, fetcher or Fetcher() as open_fetcher:
        reader = Reader()
        try:
            service = Service(settings, database, open_fetcher, reader, scope=scope, clock=clock)
            await service.refresh_names()
            yield service
        finally:
            await reader.close()


def _silent(_: str) -> None:
    """A poll that nobody watches."""


def _validators(feed: FeedState | None) -> Validators:
    return Validators(etag=feed.etag, last_modified=feed.last_modified) if feed else Validators()


def _not_from_the_future(read: ReadReview, now: datetime) -> ReadReview:
    """A date from the future becomes the time first seen, or a post from 2099 would stay on top for ever."""
    review = read.review
    if review.published is None:
        return read
    return replace(read, review=replace(review, published=clamp_date(review.published, now=now)))


def _asked(text: str, expected: str) -> str:
    """What was typed, or RequestError where that is nothing."""
    if not text.strip():
        raise RequestError(f"Type {expected}.")
    return " ".join(text.split())


def _without_host(query: str) -> str:
    """An address that carries no identifier is looked up by its path: a repository's owner and name."""
    if "://" not in query and not query.startswith("www."):
        return query
    path = [part for part in urlsplit(query if "://" in query else f"https://{query}").path.split("/") if part]
    return "/".join(path[:2])


def _section_at(stored: StoredReview, position: int) -> Answer:
    if not 0 <= position < len(stored.review.sections):
        raise RequestError("That review has changed since; ask for its sections again.")
    return SectionFound(stored=stored, positions=subtree(stored.review.sections, position))


def _note(located: Located) -> str | None:
    """How a name with a slip was read."""
    if located.match.how not in (How.SLIP, How.SLIPS):
        return None
    return f"Nothing is called “{located.split.paper}”; the nearest name is “{located.match.name}”."


def _hit(stored: StoredReview, concepts: Sequence[topics.Concept], score: float) -> Hit:
    passage = topics.find_passage(stored.review, concepts)
    return Hit(
        stored=stored,
        section=passage.section if passage else None,
        passage=passage.block if passage else None,
        score=score,
    )
