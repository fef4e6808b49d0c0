"""Answering requests from the cache and the names in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from urllib.parse import urlsplit

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
from bot.errors import RequestError
from bot.models import (
    Command,
    FeedState,
    Identifiers,
    Outline,
    Request,
    ReviewHead,
    StoredReview,
)
from bot.reviews import parse_identifiers
from bot.search import topics
from bot.search.filters import split_filters
from bot.search.headings import find_sections
from bot.search.names import How, Lookup, NameMatch, Names
from bot.search.sections import Located, Split, locate, named, splits
from bot.store import feeds, reviews
from bot.store.database import Database

SEARCH_CANDIDATES = 1_000
MAX_QUERY = 2_000


class Librarian:
    """Knows every review by name, and the cache for the rest.

    Args:
        feeds: The addresses that are followed, for what is said about them.
        scope: Answer from these feeds alone; None for the whole cache.
    """

    def __init__(self, database: Database, *, feeds: tuple[str, ...], scope: tuple[str, ...] | None) -> None:
        self._database = database
        self._followed = feeds
        self._scope = scope
        self._names = Names()
        self._seen_version: int | None = None
        self._outlines: dict[int, Outline] = {}

    async def refresh_names(self) -> None:
        """Bring the names in memory up to the cache; built aside and exchanged whole."""
        # First the number, then the names: a commit between the two is then looked at once more, not missed.
        self._seen_version = await self._database.version()
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
        if await self._database.version() != self._seen_version:
            await self.refresh_names()  # “nonmun poll” in another process may have entered reviews
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
        others = tuple(self._names.heads[review_id] for review_id in same)
        return PaperFound(stored=await self._stored(best.review_id), note=_note(query, best), others=others)

    def _near(self, query: str, matches: Iterable[NameMatch], heading: str | None = None) -> Answer:
        listed = list(matches)
        if not listed:
            return NotReviewed(query=query, reviews=self.review_count)
        near = tuple(self._names.heads[match.review_id] for match in listed)
        is_mention = not any(match.is_own for match in listed)
        return DidYouMean(query=query, near=near, heading=heading, is_mention=is_mention)

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
            readings = [Split(query, _asked(request.heading, "a section"))]
        else:
            readings = splits(query)
        looked_up = [(split, lookup) for split in readings if (lookup := self._look_up(split.paper)).matches]
        if answer := await self._section_among(looked_up):
            return answer
        whole = self._look_up(query)
        if whole.is_sure:
            return NoSuchSection(stored=await self._stored(whole.matches[0].review_id), asked="")
        return self._near(query, whole.matches, request.heading)

    async def _section_among(self, readings: list[tuple[Split, Lookup]]) -> Answer | None:
        """The section that fits a reading best, or what is near; None where no reading names a review."""
        located = await self._locate([(split, named(lookup)) for split, lookup in readings])
        if located:
            best = located[0]
            rivals = {item.match.review_id: item.match for item in located if item.score == best.score}
            if len(rivals) > 1:
                return self._near(best.split.paper, rivals.values(), best.split.heading)
            stored = await self._stored(best.match.review_id)
            return await self._section_of(stored, best.split.heading, _note(best.split.paper, best.match))
        # The longest name that is sure says which review was meant: its contents are the answer.
        for split, lookup in readings:
            if lookup.is_sure:
                return NoSuchSection(stored=await self._stored(lookup.matches[0].review_id), asked=split.heading)
        for split, lookup in readings:
            if lookup.matches[0].how is not How.WORDS:
                return self._near(split.paper, lookup.matches, split.heading)
        return None

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
        rest, filters = split_filters(query)
        allowed = {i for i, head in self._names.heads.items() if all(one.accepts(head) for one in filters)}
        rest, excluded = topics.split_exclusions(rest)
        for concept in excluded:
            allowed -= {review_id for review_id, _ in await self._match(concept.match_query(), allowed)}
        concepts = topics.parse_query(rest)
        if filters and not rest.strip():
            return await self._listed(query, allowed, request.limit)
        phrase = topics.whole_phrase(concepts)
        asked = [*concepts, phrase] if phrase else list(concepts)
        hits = {concept: await self._match(concept.match_query(), allowed) for concept in asked}
        ranked = topics.rank(concepts, hits, total=self.review_count, phrase=phrase, stubs=self._names.stubs)[
            : request.limit
        ]
        if not ranked:
            return NothingFound(query=query, reviews=self.review_count)
        stored = await reviews.find_reviews(self._database.reader, [item.review_id for item in ranked])
        scores = {item.review_id: item.score for item in ranked}
        found = await asyncio.to_thread(lambda: tuple(_hit(item, concepts, scores[item.id]) for item in stored))
        return SearchFound(query=query, hits=found, is_sure=ranked[0].share >= topics.SURE_SHARE)

    async def _listed(self, query: str, allowed: set[int], limit: int) -> Answer:
        """Filters alone: every review that meets them, the newest first."""
        newest = [head.id for head in self._names.newest(self.review_count) if head.id in allowed][:limit]
        if not newest:
            return NothingFound(query=query, reviews=self.review_count)
        stored = await reviews.find_reviews(self._database.reader, newest)
        hits = tuple(Hit(stored=item, section=None, passage=None, score=1.0) for item in stored)
        return SearchFound(query=query, hits=hits, is_sure=True)

    async def _match(self, query: str, allowed: set[int]) -> list[tuple[int, float]]:
        found = await reviews.match_index(self._database.reader, query, limit=SEARCH_CANDIDATES)
        return [(review_id, score) for review_id, score in found if review_id in allowed]

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

    async def feeds(self) -> list[FeedState]:
        """The followed feeds with their state; a configured one that was never asked is among them."""
        known = {feed.url: feed for feed in await feeds.list_feeds(self._database.reader)}
        return [known.get(url) or FeedState(id=0, url=url) for url in self._followed]

    async def export(self) -> AsyncIterator[StoredReview]:
        """Every review, in the order they came, a few at a time."""
        ids = list(self._names.heads)
        for start in range(0, len(ids), 50):
            for stored in await reviews.find_reviews(self._database.reader, ids[start : start + 50]):
                yield stored


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


def _note(asked: str, match: NameMatch) -> str | None:
    """How a name was read that was not typed as it is written."""
    match match.how:
        case How.SLIP:
            return f"Nothing is called “{asked}”; the nearest name is “{match.name}”."
        case How.SOUND | How.KEYBOARD:
            return f"“{asked}” was read as “{match.name}”."
        case _:
            return None


def _hit(stored: StoredReview, concepts: Sequence[topics.Concept], score: float) -> Hit:
    passage = topics.find_passage(stored.review, concepts)
    return Hit(
        stored=stored,
        section=passage.section if passage else None,
        passage=passage.block if passage else None,
        score=score,
    )
