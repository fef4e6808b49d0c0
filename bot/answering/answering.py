"""Answering requests from the cache and the names in memory."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from bot.answering.embedding import Embeddings
from bot.answering.mentions import paper_named_in
from bot.answering.name_cache import NameCache
from bot.answering.questions import Questioner
from bot.answering.searcher import Searcher
from bot.config import Settings
from bot.errors import RequestError, StoreError
from bot.languages import _
from bot.models.answers import (
    MOST_COUNTED,
    Answer,
    DidYouMean,
    EmptyCache,
    Gone,
    Help,
    Hit,
    Latest,
    NoSuchSection,
    NothingFound,
    NotReviewed,
    PaperFound,
    PapersListed,
    QuestionAnswered,
    RelatedFound,
    SearchFound,
    SectionFound,
    subtree,
)
from bot.models.feeds import FeedState
from bot.models.index import Facet, FacetKind
from bot.models.papers import AskedPaper, PaperRecord, source_of
from bot.models.requests import HITS_A_CARD, Audience, Command, Place, Request, Unmatched
from bot.models.reviews import Identifiers, ReviewHead, ReviewLabel, Section, StoredReview
from bot.reviews.identifiers import parse_identifiers
from bot.search import query as queries
from bot.search.extract import is_telling
from bot.search.filters import split_filters, split_order
from bot.search.glossary import Glossary
from bot.search.headings import find_sections
from bot.search.keys import identifier_keys, link_key, pasted
from bot.search.matches import How, Lookup, NameMatch
from bot.search.names import Names, is_too_short
from bot.search.query import Mended
from bot.search.questions import read_question
from bot.search.record_match import Agreement, agreement
from bot.search.roles import MINOR, asked_role
from bot.search.sections import Located, Split, locate, named, splits
from bot.search.sureness import FULL_WORDS, is_sure
from bot.store import feeds, index, joins, records, reviews, unmatched
from bot.store.database import Database
from bot.store.index import Carrier, Narrowing
from bot.text.links import HIDDEN, redact_typed
from bot.text.patterns import lazy_pattern
from bot.text.terms import fold, squash, terms, words
from bot.text.titles import series_title

log = logging.getLogger(__name__)

MAX_QUERY = 2_000
AS_WRITTEN = 0.9
"""How well a name and a heading agree if both are typed as written, apart from a slip in the heading."""
MIN_TITLE_WORDS = 3
"""From this many words on a name is a title, whose words may be misspelt one by one."""
MAX_FACET_WORDS = 5
"""Words of a query that names an author and a venue."""
MAX_ALSO = 25
"""Other reviews of the same paper that are listed."""
MAX_LISTED = 25
MAX_PARTS = 200
MAX_SPLIT = 300
"""Characters of a query that names a paper and a section; a longer query is not read as one."""
MAX_NAMESAKES = 500
MAX_MENTIONS = 5
MOST_SAVING = 20
"""Unmatched searches that wait to be saved, while the file is busy; further ones are not kept."""
SETTLE_S = 5.0
MAX_UNMATCHED = 100
"""Characters of an unmatched search that are saved."""
_REPOSITORY = lazy_pattern(
    r"(?:https?://|git@)?(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org|huggingface\.co)[/:]"
    r"([\w.-]+/[\w.-]+?)(?:\.git)?(?:[/?#].*)?$",
    re.IGNORECASE,
)
"""The address of a repository, which is looked up by owner and name."""
_ADDRESS = lazy_pattern(r"git@\S+|(?:https?://|www\.)\S+|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/\S+", re.IGNORECASE)


class Answering:
    """Answers requests: it knows every review by name, and reads the rest from the cache."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        name_cache: NameCache,
        searcher: Searcher,
        *,
        embeddings: Embeddings,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._database = database
        self._name_cache = name_cache
        self._searcher = searcher
        self._embeddings = embeddings
        self._clock = clock
        self._remembering: set[asyncio.Task[None]] = set()

    @property
    def review_count(self) -> int:
        """How many reviews the whole cache has, for any audience."""
        return len(self._name_cache.names)

    async def answer(
        self, request: Request, audience: Audience, found: Mapping[str, AskedPaper] = MappingProxyType({})
    ) -> Answer:
        """Answer one request, only from the feeds that an audience may read.

        Args:
            found: What was found out about identifiers just now, in addition to what the cache knows.
        Raises:
            RequestError: It asks for nothing, or is too long, or for more than is known while the bot starts.
        """
        if len(request.query) > MAX_QUERY:
            said = _("That is too long: {count} characters, {most} at most.")
            raise RequestError(said.format(count=f"{len(request.query):,}", most=f"{MAX_QUERY:,}"))
        await self._name_cache.catch_up()
        if not self._name_cache.is_ready:
            return await self._answer_starting(request, audience)
        count = len(self._name_cache.names.within(audience))
        if request.command is Command.HELP:
            return Help(reviews=count, feeds=tuple(await self.feeds(audience)), place=audience.place)
        if not count and request.review_id is None:
            return EmptyCache(feeds=tuple(await self.feeds(audience)), place=audience.place)
        return await self._look_ups(audience, found).answer(request)

    async def _answer_starting(self, request: Request, audience: Audience) -> Answer:
        """Answer what asks for a review by its name as written, or chose it, before the names of all are known.

        Raises:
            StartingError: It asks for anything else.
            StoreError: It does, and the names cannot be read.
        """
        names = (await self._name_cache.read_exactly(request)).within(audience)
        answer = await self._look_ups(audience, among=names).answer(request) if len(names) else None
        if not isinstance(answer, PaperFound | SectionFound):
            raise self._name_cache.why_not_ready()
        return answer

    async def chosen(self, request: Request, audience: Audience) -> StoredReview | Gone:
        """Return the review that a request chose by its id, unless it is gone or the id means another one now."""
        await self._name_cache.catch_up()
        return await self._look_ups(audience).chosen(request)

    def _look_ups(
        self,
        audience: Audience,
        found: Mapping[str, AskedPaper] = MappingProxyType({}),
        among: Names | None = None,
    ) -> _LookUps:
        names = self._name_cache.names.within(audience) if among is None else among
        searcher = self._searcher.among(names)
        return _LookUps(
            self._database,
            names,
            self._name_cache.glossary,
            searcher,
            Questioner(self._database, searcher, self._embeddings, has_model=self._settings.ask_model is not None),
            guild_id=audience.guild_id,
            found=found,
            now=self._clock(),
        )

    # ── completion ──────────────────────────────────────────────────────────────────────────────

    def suggest(self, typed: str, audience: Audience, *, limit: int = 25) -> list[ReviewLabel]:
        """Suggest reviews for a name that is being typed, from memory; none while the bot starts."""
        if not self._name_cache.is_ready:
            return []
        return self._name_cache.names.within(audience).suggest(typed, limit=limit)

    def readable(self, ids: Iterable[int], audience: Audience) -> list[int]:
        """Return those reviews that an audience may read."""
        names = self._name_cache.names.within(audience)
        return [review_id for review_id in ids if review_id in names]

    async def suggest_sections(self, paper: str, typed: str, audience: Audience, *, limit: int = 25) -> list[str]:
        """Suggest headings of the review that ``paper`` means; if anything was typed, only those that fit it."""
        if not self._name_cache.is_ready:
            return []
        return await self._look_ups(audience).suggest_sections(paper, typed, limit=limit)

    async def suggest_facets(
        self, kind: FacetKind, typed: str, audience: Audience, *, limit: int = 25
    ) -> list[Facet]:
        """Suggest venues, years, tags or authors that begin as typed, those with most reviews first."""
        if not self._name_cache.is_ready:
            return []
        return await self._look_ups(audience).suggest_facets(kind, typed, limit=limit)

    # ── for the host ────────────────────────────────────────────────────────────────────────────

    async def ask(
        self, request: Request, audience: Audience, found: Mapping[str, AskedPaper] = MappingProxyType({})
    ) -> Answer:
        """Answer one request, and save a search that found nothing sure, so that the host can extend the glossary.

        It is saved while the answer is on its way, so that a busy or read-only database does not delay anybody.

        Raises:
            RequestError: As for `answer`.
        """
        answer = await self.answer(request, audience, found)
        if len(self._remembering) < MOST_SAVING:
            task = asyncio.create_task(self._remember_unmatched(request, answer, now=self._clock()))
            self._remembering.add(task)
            task.add_done_callback(self._remembering.discard)
        return answer

    async def settle(self) -> None:
        """Wait until the unmatched searches so far are saved, but not long: the file may be locked by a program."""
        if waiting := set(self._remembering):
            _, late = await asyncio.wait(waiting, timeout=SETTLE_S)
            for task in late:
                task.cancel()

    async def _remember_unmatched(self, request: Request, answer: Answer, *, now: datetime) -> None:
        """Save an unmatched search: only its words, without who asked and without keys."""
        if not self._settings.keep_unmatched or request.command is not Command.SEARCH or answer.is_sure:
            return
        asked, _ = split_filters(split_order(request.query)[0])
        # Half a character, as a terminal may pass it, cannot be stored.
        if text := _without_keys(asked)[:MAX_UNMATCHED].strip().encode(errors="replace").decode():
            try:
                async with self._database.transaction() as db:
                    await unmatched.add_unmatched(db, text, now=now)
            except StoreError:
                pass
            except Exception:
                log.exception("an unmatched search was not saved")

    async def unmatched(self) -> list[Unmatched]:
        """Return the searches that found nothing sure, those asked most often first."""
        await self.settle()
        return await unmatched.list_unmatched(self._database.reader)

    async def forget_unmatched(self) -> None:
        """Delete the searches that found nothing sure."""
        await self.settle()
        async with self._database.transaction() as db:
            await unmatched.forget_unmatched(db)

    async def feeds(self, audience: Audience) -> list[FeedState]:
        """Return the feeds that an audience's answers come from, with their state, those of the settings first.

        In the terminal they are the feeds of the settings, even those that were never asked.
        """
        reader = self._database.reader
        if audience.place is Place.TERMINAL:
            configured = {feed.url: feed for feed in await feeds.find_feeds(reader, self._settings.feeds)}
            return [configured.get(url) or FeedState(id=0, url=url) for url in self._settings.feeds]
        read = feeds.list_feeds(reader) if audience.feeds is None else feeds.feeds_of(reader, audience.feeds)
        known = {feed.url: feed for feed in await read}
        ordered = dict.fromkeys((*self._settings.feeds, *known))
        return [known[url] for url in ordered if url in known]

    async def export(self, audience: Audience) -> AsyncIterator[StoredReview]:
        """Yield every review that an audience may read, in the order they came; they are read a few at a time."""
        names = self._name_cache.names.within(audience)
        ids = [review_id for review_id in await reviews.review_ids(self._database.reader) if review_id in names]
        for start in range(0, len(ids), 50):
            for stored in await reviews.find_reviews(self._database.reader, ids[start : start + 50]):
                yield stored


def _without_keys(asked: str) -> str:
    """Return a search as it is saved: folded, its addresses without passwords and keys.

    We look for these before folding, which removes the capitals that tell a key from a word, and again after it,
    because folding turns "＝" into "=".
    """
    return redact_typed(fold(redact_typed(asked)).replace(fold(HIDDEN), HIDDEN))


class _LookUps:
    """The look-ups for one audience: no review is found here unless it is among the given names."""

    def __init__(
        self,
        database: Database,
        names: Names,
        glossary: Glossary,
        searcher: Searcher,
        questioner: Questioner,
        *,
        guild_id: int | None,
        found: Mapping[str, AskedPaper],
        now: datetime,
    ) -> None:
        self._database = database
        self._names = names
        self._guild_id = guild_id
        self._glossary = glossary
        self._searcher = searcher
        self._questioner = questioner
        self._everything = Narrowing(shown=names.shown_ids)
        self._found = found
        self._now = now
        self._asked: AskedPaper | None = None
        """The identifier that was asked for, if no review carries it as its own."""

    async def answer(self, request: Request) -> Answer:
        """Answer any request for a review."""
        answer = await self._answer(request)
        return replace(answer, asked=self._asked) if isinstance(answer, DidYouMean | NotReviewed) else answer

    async def _answer(self, request: Request) -> Answer:
        match request.command:
            case Command.PAPER:
                return await self._paper(request)
            case Command.SECTION:
                return await self._section(request)
            case Command.SEARCH:
                return await self._search(request)
            case Command.ASK:
                return await self._ask(request)
            case Command.RELATED:
                return await self._related(request)
            case Command.LATEST:
                return await self._latest(request)
            case Command.HELP:
                raise ValueError(request.command)  # does not ask for a review

    # ── papers ──────────────────────────────────────────────────────────────────────────────────

    async def _paper(self, request: Request) -> Answer:
        if request.review_id is not None:
            chosen = await self.chosen(request)
            return chosen if isinstance(chosen, Gone) else await self._paper_of(chosen, search=_search_of(request))
        query = pasted(_asked(request.query, _("Type a name, such as “instag”.")))
        lookup = await self._look_up(query)
        if lookup.is_sure and lookup.matches[0].how in (How.IDENTIFIER, How.RECORD, How.EXACT):
            return await self._paper_found(query, lookup)
        if listed := await self._listed_by_facet(query, lookup, request):
            return listed
        if lookup.is_sure and not await self._is_another_word(query, lookup.matches[0]):
            return await self._paper_found(query, lookup)
        if series := await self._series(query, lookup, request):
            return series
        return await self._one_paper(query, lookup) or await self._near(query, lookup.matches)

    async def _is_another_word(self, query: str, best: NameMatch) -> bool:
        """Return whether a word is not surely this review's: one title has it, but many texts as well; or it was read
        as a slip, but another text has it as typed.
        """
        if best.how is How.SLIP:
            return await self._is_said_elsewhere(query, best)
        is_word = best.how is How.WORDS and len(query.split()) == 1 and not is_telling(query)
        return is_word and await self._searcher.is_everyday(query, self._everything, reviews=len(self._names))

    async def _is_said_elsewhere(self, query: str, best: NameMatch) -> bool:
        """Return whether another text has a name, or a word of a title, that was read as a slip.

        Another form of a word is no other word: texts are searched by stems.
        """
        is_title = len(best.name.split()) >= MIN_TITLE_WORDS
        asked = words(query) if is_title else [query] if len(query.split()) == 1 else []
        meant = {term.text for term in terms(best.name)}
        for word in asked:
            is_form = {term.text for term in terms(word)} <= meant
            if not is_form and await self._searcher.occurs(word, self._everything, besides=best.review_id):
                return True
        return False

    async def _one_paper(self, query: str, lookup: Lookup) -> PaperFound | None:
        """Return the best match, if only other reviews of the same paper keep it from being sure."""
        if not lookup.matches:
            return None
        paper = await self._paper_found(query, lookup)
        same = {head.id for head in paper.also}
        best, *others = lookup.matches
        rivals = [match for match in others if match.review_id not in same]
        return paper if same and is_sure([best, *rivals]) else None

    async def _paper_found(self, query: str, lookup: Lookup) -> PaperFound:
        best = lookup.matches[0]
        same = [match.review_id for match in lookup.matches[1:] if match.is_own and match.how is best.how]
        stored = await self._stored(best.review_id)
        also = await self._of_same_paper(stored)
        known = {head.id for head in also}
        if best.how is How.RECORD:
            also = (*also, *(head for head in await self._heads(same) if head.id not in known))[:MAX_ALSO]
        others = await self._heads(same if best.how in (How.IDENTIFIER, How.EXACT) else ())
        others = tuple(head for head in others if head.id not in known)
        papers = await self._papers_in(stored)
        return PaperFound(stored=stored, note=_note(query, best), also=also, others=others, papers=papers)

    async def _paper_of(self, stored: StoredReview, *, search: Request | None = None) -> PaperFound:
        also, papers = await self._of_same_paper(stored), await self._papers_in(stored)
        return PaperFound(stored=stored, also=also, papers=papers, search=search)

    async def _papers_in(self, stored: StoredReview) -> tuple[ReviewHead, ...]:
        """Return the papers that a post lists, if it is a digest."""
        ids = await reviews.part_ids(self._database.reader, [stored.id])
        return await self._heads(review_id for review_id in ids[:MAX_LISTED] if review_id in self._names)

    async def _of_same_paper(self, stored: StoredReview) -> tuple[ReviewHead, ...]:
        """Return the other reviews of a paper, the preferred first."""
        same = await self._same_paper(stored.id)
        return await self._heads(sorted(same, key=self._names.preference)[:MAX_ALSO])

    async def _same_paper(self, review_id: int) -> list[int]:
        """Return the other reviews of a paper, as this server sees it, of those that may be read here."""
        paper = await joins.paper_of(self._database.reader, review_id, self._guild_id)
        return [other for other in paper if other != review_id and other in self._names]

    async def _series(self, query: str, lookup: Lookup, request: Request) -> Answer | None:
        """Return the parts of a post that was published in several, if every full match is one of them."""
        if len(named(lookup)) < 2:
            return None
        lookup = self._names.lookup(query, limit=MAX_PARTS)
        heads = await self._heads(match.review_id for match in named(lookup))
        shared = series_title([head.clean_title for head in heads])
        if shared is None or any(match.is_own and match.how is How.SLIPS for match in lookup.matches):
            return None
        return PapersListed(
            query=query,
            kind=None,
            named=(shared,),
            heads=heads[request.offset : request.offset + MAX_LISTED],
            total=len(heads),
            offset=request.offset,
            limit=request.limit,
        )

    async def _near(self, query: str, matches: Iterable[NameMatch], heading: str | None = None) -> Answer:
        """Return what may be meant; if only some words fit, prefer the reviews that mention the query."""
        listed = list(matches)
        is_mention = bool(listed) and not any(match.is_own for match in listed)
        if all(match.how is How.WORDS and match.score < FULL_WORDS for match in listed) and not _is_key(query):
            mentioning = await self._searcher.mentions(query, self._everything, limit=MAX_MENTIONS)
            if mentioning:
                return await self._did_you_mean(query, mentioning, heading, is_mention=True)
        if not listed:
            return NotReviewed(query=query, reviews=len(self._names))
        return await self._did_you_mean(query, (m.review_id for m in listed), heading, is_mention=is_mention)

    async def _did_you_mean(
        self, query: str, ids: Iterable[int], heading: str | None, *, is_mention: bool
    ) -> DidYouMean:
        near = await self._heads(ids)
        near_outlines = (
            await reviews.find_outlines(self._database.reader, [head.id for head in near]) if heading else []
        )
        outlines = {outline.review_id: outline.sections for outline in near_outlines}
        opens = tuple(self._opening(outlines.get(head.id, ()), heading) for head in near) if heading else ()
        return DidYouMean(query=query, near=near, heading=heading, is_mention=is_mention, opens=opens)

    def _opening(self, sections: Sequence[Section], heading: str) -> str | None:
        """Return the heading of the section that would be opened."""
        matches = find_sections(sections, heading, self._glossary)
        return sections[matches[0].position].heading if matches else None

    async def _look_up(self, query: str) -> Lookup:
        """Look up a query by identifier or address if it has the shape of one, else by name."""
        identifiers = parse_identifiers(query)
        if identifiers != Identifiers():
            keys = identifier_keys(identifiers)
            carried = self._carried(query, await index.find_by_keys(self._database.reader, keys))
            return carried if carried.is_sure else await self._by_record(keys) or carried
        if not _ADDRESS.fullmatch(query):
            return self._names.lookup(query)
        carriers = await index.find_by_keys(self._database.reader, [link_key(query)])
        if any(carrier.review_id in self._names for carrier in carriers):
            return self._carried(query, carriers)
        repository = _REPOSITORY.match(query)
        return self._names.lookup(repository[1]) if repository else Lookup()

    async def _by_record(self, keys: Sequence[str]) -> Lookup | None:
        """Return the reviews that have the title of the paper with an identifier; None if there are none."""
        key = next(filter(source_of, keys), None)
        if key is None:
            return None
        if (asked := self._found.get(key)) is None:
            kept = await records.find_records(self._database.reader, [key])
            asked = records.asked_of(key, kept.get(key), now=self._now)
        self._asked = asked
        return await self._titled(asked.record) if asked.record else None

    async def _titled(self, record: PaperRecord) -> Lookup | None:
        """Return the reviews that are about a paper by title and authors, or may be; None if there are none."""
        matches = {match.review_id: match for match in self._names.lookup(record.title, limit=MAX_LISTED).matches}
        heads = await self._heads(matches)
        exact = {i: (match.name,) for i, match in matches.items() if match.how is How.EXACT and match.is_own}
        agreeing = {head.id: agreement(record, head, exact.get(head.id, ())) for head in heads}
        best = max(agreeing.values(), default=Agreement.OTHER)
        if best is Agreement.OTHER:
            return None
        ids = [i for i, how in agreeing.items() if how is best or how >= Agreement.SAME]
        ids.sort(key=lambda i: (-agreeing[i], self._names.preference(i)))
        how = How.RECORD if best >= Agreement.SAME else How.SLIPS
        # Of several reviews of the paper, a section is opened in the best one.
        found = tuple(NameMatch(i, how, record.title, 1.0 - rank / 1_000) for rank, i in enumerate(ids))
        return Lookup(found, is_sure=best >= Agreement.SAME)

    def _carried(self, query: str, carriers: Iterable[Carrier]) -> Lookup:
        """Return the reviews that have an identifier as their own; if there are none, those that cite it."""
        names = self._names
        ordered = sorted(
            (carrier for carrier in carriers if carrier.review_id in names),
            key=lambda c: (not c.is_own, c.is_doubtful, names.preference(c.review_id)),
        )
        if ordered and ordered[0].is_own:
            # A doubtful header may be another paper's, so its review is not a second answer beside a clear one.
            ordered = [c for c in ordered if c.is_own and c.is_doubtful == ordered[0].is_doubtful]
        matches = tuple(NameMatch(c.review_id, How.IDENTIFIER, query, 1.0, c.is_own) for c in ordered)
        return Lookup(matches, is_sure=bool(matches) and matches[0].is_own)

    async def _listed_by_facet(self, query: str, lookup: Lookup, request: Request) -> Answer | None:
        """List all reviews of the author, venue or category that the query names, or of two of these together.

        Reviews whose own name begins like the query come first: a category may be named after the paper it is about.
        """
        if facet_match := await self._with_facet(query):
            kind, known = facet_match
            called = {m.review_id: query for m in lookup.matches if m.is_own and m.how in (How.EXACT, How.PREFIX)}
            return await self._listed_of(request, kind, known, called if kind is FacetKind.TAG else {})
        typed = query.split()
        for at in range(1, len(typed) if len(typed) <= MAX_FACET_WORDS else 0):
            name, other = " ".join(typed[:at]), " ".join(typed[at:])
            first = await self._with_facet(name)
            second = await self._with_facet(other) if first else None
            if first and second and (both := {i: first[1][i] for i in first[1].keys() & second[1].keys()}):
                kind = first[0] if first[0] is FacetKind.AUTHOR else second[0]
                return await self._listed_of(request, kind, dict.fromkeys(both, query))
        return None

    async def _with_facet(self, text: str) -> tuple[FacetKind, dict[int, str]] | None:
        """Return the reviews of the venue, category or author with this name, each with its spelling there."""
        asked = words(text)
        for kind, key in (
            (FacetKind.VENUE, squash(text)),
            (FacetKind.TAG, squash(text)),
            (FacetKind.AUTHOR, asked[0] if asked and len(squash(text)) > 1 else ""),
        ):
            spellings = await index.find_by_facet(self._database.reader, kind, key) if key else []
            if kind is FacetKind.AUTHOR:
                spellings = [(i, name) for i, name in spellings if set(asked) <= set(words(name))]
            if known := {i: name for i, name in spellings if i in self._names}:
                return kind, known
        return None

    async def _listed_of(
        self,
        request: Request,
        kind: FacetKind,
        spellings: dict[int, str],
        called: Mapping[int, str] = MappingProxyType({}),
    ) -> Answer:
        query = pasted(" ".join(request.query.split()))
        ids = list(dict.fromkeys((*called, *sorted(spellings, key=self._names.preference))))
        if len(ids) == 1 and is_too_short(query):
            return await self._near(query, [NameMatch(ids[0], How.WORDS, spellings[ids[0]], FULL_WORDS)])
        if len(ids) == 1:
            return await self._paper_of(await self._stored(ids[0]))
        return PapersListed(
            query=query,
            kind=kind,
            named=tuple(name for name, _ in Counter(spellings.values()).most_common()),
            heads=await self._heads(ids[request.offset : request.offset + MAX_LISTED]),
            total=len(ids),
            offset=request.offset,
            limit=request.limit,
        )

    # ── sections ────────────────────────────────────────────────────────────────────────────────

    async def _section(self, request: Request) -> Answer:
        if request.review_id is not None:
            chosen = await self.chosen(request)
            if isinstance(chosen, Gone):
                return chosen
            if request.position is not None:
                return _section_at(chosen, request.position, search=_search_of(request))
            return self._section_of(chosen, _asked(request.heading or "", _("Type a section.")))
        query = _asked(request.query, _("Type a paper and a section, such as “instag 3.2”."))
        if request.heading is not None:
            query = pasted(query)
            readings = [Split(query, _asked(request.heading, _("Type a section.")))]
        else:
            readings = splits(query) if len(query) <= MAX_SPLIT else []
        # Most people type the exact name and heading; then slower look-ups, as by words of a title, are not needed.
        exact = [(split, self._names.lookup_exact(split.paper)) for split in readings]
        located = await self._locate([(split, lookup) for split, lookup in exact if lookup.is_sure])
        if located and located[0].score >= AS_WRITTEN:
            return await self._best_of(located)
        looked_up = [(split, lookup) for split in readings if (lookup := await self._look_up(split.paper)).matches]
        looked_up = _without_parts_for_names(looked_up)
        if answer := await self._section_among(looked_up):
            return answer
        whole = await self._look_up(query)
        if whole.is_sure:
            return NoSuchSection(stored=await self._stored(whole.matches[0].review_id), asked="")
        return await self._near(query, whole.matches, request.heading)

    async def _section_among(self, readings: list[tuple[Split, Lookup]]) -> Answer | None:
        """Return the section that fits a reading best, or what is near; None if no reading names a review."""
        if located := await self._locate(readings):
            return await self._best_of(located)
        # The longest sure name says which review was meant; the answer is its contents.
        for split, lookup in readings:
            if lookup.is_sure:
                return self._section_of(await self._stored(lookup.matches[0].review_id), split.heading)
        for split, lookup in readings:
            if lookup.matches[0].how is not How.WORDS:
                return await self._near(split.paper, lookup.matches, split.heading)
        return None

    async def _locate(self, readings: list[tuple[Split, Lookup]]) -> list[Located]:
        meant = [(split, named(lookup)) for split, lookup in readings]
        wanted = {match.review_id for _, matches in meant for match in matches}
        outlines = await reviews.find_outlines(self._database.reader, wanted) if wanted else []
        return locate(meant, {o.review_id: o for o in outlines}, self._glossary)

    async def _best_of(self, located: list[Located]) -> Answer:
        best = located[0]
        rivals = {item.match.review_id: item.match for item in located if item.score == best.score}
        stored = await self._stored(best.match.review_id)
        if len(rivals) > 1 and not rivals.keys() <= {stored.id, *await self._same_paper(stored.id)}:
            return await self._near(best.split.paper, rivals.values(), best.split.heading)
        return self._section_of(stored, best.split.heading, _note(best.split.paper, best.match))

    def _section_of(self, stored: StoredReview, heading: str, note: str | None = None) -> Answer:
        sections = stored.review.sections
        matches = find_sections(sections, heading, self._glossary, paper=stored.review.short_name)
        if matches:
            best, positions = matches[0], subtree(sections, matches[0].position)
            if not best.is_sure:
                nearest = _("No section is called “{heading}”. This one comes closest.")
                nearest = nearest.format(heading=redact_typed(heading))
                note = f"{note} {nearest}" if note else nearest
            return SectionFound(stored=stored, positions=positions, note=note, is_sure=best.is_sure)
        return NoSuchSection(stored=stored, asked=heading, mentioned=self._mentioning(stored, heading))

    def _mentioning(self, stored: StoredReview, heading: str) -> tuple[int, ...]:
        """Return the sections that mention something; none for a usual part, which is not searched for in others."""
        if (role := asked_role(heading)) is not None and role not in MINOR:
            return ()
        concepts = queries.parse_query(heading, self._glossary)
        wholes = [concept for concept in concepts if concept.part_of is None]
        texts = [section.text for section in stored.review.sections]
        positions = [i for i, text in enumerate(texts) if wholes and all(concept.find(text) for concept in wholes)]
        return tuple(i for i in positions if stored.review.sections[i].heading)[:MAX_MENTIONS]

    # ── searches ────────────────────────────────────────────────────────────────────────────────

    async def _search(self, request: Request) -> Answer:
        query = _asked(request.query, _("Type words to search for, such as “hallucination”."))
        if parse_identifiers(pasted(query)) != Identifiers():
            return await self._paper(replace(request, command=Command.PAPER))
        rest, is_newest_first = split_order(query)
        rest, filters = split_filters(rest)
        rest, excluded = queries.split_exclusions(rest, self._glossary)
        narrowing = Narrowing(
            filters=filters,
            shown=self._names.shown_ids,
            excluded=tuple(concept.match_query() for concept in excluded),
        )
        if (filters or is_newest_first) and not rest.strip():
            return await self._listed(query, narrowing, request)
        end = request.offset + request.limit
        search = await self._searcher.search(rest, narrowing, limit=None if is_newest_first else end)
        if not search.ranked:
            return NothingFound(query=query, reviews=len(self._names))
        ranked, count = search.ranked, search.count
        if is_newest_first:
            telling = {item.review_id: item for item in ranked if item.score >= ranked[0].score / 2}
            newest = await index.newest_first(self._database.reader, telling, limit=end)
            ranked, count = tuple(telling[review_id] for review_id in newest), len(telling)
        hits = await self._searcher.hits(search, ranked[request.offset : end])
        return SearchFound(
            query=query,
            hits=hits,
            is_sure=search.is_sure,
            note=_read_otherwise(search.mended),
            total=min(count, MOST_COUNTED + 1),
            has_more=count > end,
            offset=request.offset,
            limit=request.limit,
        )

    async def _listed(self, query: str, narrowing: Narrowing, request: Request) -> Answer:
        """Answer a search that has only filters: every review that meets them, the newest first."""
        end = request.offset + request.limit
        ids = await index.list_narrowed(self._database.reader, narrowing, limit=max(end, MOST_COUNTED) + 1)
        if not ids:
            return NothingFound(query=query, reviews=len(self._names))
        hits = tuple(Hit(head=head, score=1.0) for head in await self._heads(ids[request.offset : end]))
        return SearchFound(
            query=query,
            hits=hits,
            is_sure=True,
            total=min(len(ids), MOST_COUNTED + 1),
            has_more=len(ids) > end,
            offset=request.offset,
            limit=request.limit,
        )

    # ── questions ───────────────────────────────────────────────────────────────────────────────

    async def _ask(self, request: Request) -> Answer:
        query = _asked(request.query, _("Type a question, such as “how does instag clean its tags?”."))
        if request.review_id is not None:
            chosen = await self.chosen(request)
            return chosen if isinstance(chosen, Gone) else await self._ask_about(query, chosen, note=None)
        if paper := pasted(" ".join((request.paper or "").split())) or paper_named_in(query):
            return await self._ask_about_named(query, paper)
        if named := self._paper_in_words(query):
            lookup = self._names.lookup_exact(named)
            return await self._ask_about(query, await self._stored(lookup.matches[0].review_id), note=None)
        found = await self._questioner.find(query, self._everything)
        return QuestionAnswered(
            query=query,
            reviews=found.reviews,
            further=found.further,
            is_sure=found.is_sure,
            note=_read_otherwise(found.mended),
        )

    def _paper_in_words(self, query: str) -> str | None:
        """Return the name of a paper that stands where a question says what it is about; None if there is none."""
        named = read_question(query).paper
        return named if named and self._names.lookup_exact(named).is_sure else None

    async def _ask_about_named(self, query: str, paper: str) -> Answer:
        """Answer a question from the reviews of the paper that a name, link or identifier means."""
        lookup = await self._look_up(paper)
        if match := _meant(lookup):
            note = _note(paper, match) or (None if lookup.is_sure else _nearest(paper, match))
            return await self._ask_about(query, await self._stored(match.review_id), note=note)
        near = await self._near(paper, lookup.matches)
        return replace(near, question=query) if isinstance(near, DidYouMean) else near

    async def _ask_about(self, query: str, stored: StoredReview, *, note: str | None) -> QuestionAnswered:
        """Answer a question from the reviews of one paper."""
        among = [stored.id, *await self._same_paper(stored.id)]
        # No passage has to have the name or link that says which paper is meant.
        named = paper_named_in(query) or self._paper_in_words(query)
        asked = query.replace(named, " ").strip() if named else query
        found = await self._questioner.find(asked or query, self._everything, among=among)
        return QuestionAnswered(
            query=query,
            reviews=found.reviews,
            further=found.further,
            is_sure=found.is_sure,
            paper=stored.head,
            note=note or _read_otherwise(found.mended),
        )

    async def _latest(self, request: Request) -> Latest:
        end = request.offset + request.limit
        heads = await reviews.latest_heads(self._database.reader, limit=end + 1, among=self._everything)
        return Latest(
            heads=tuple(heads[request.offset : end]),
            has_more=len(heads) > end,
            offset=request.offset,
            limit=request.limit,
        )

    async def _related(self, request: Request) -> Answer:
        if request.review_id is not None:
            chosen = await self.chosen(request)
            return chosen if isinstance(chosen, Gone) else await self._related_to(chosen, request)
        query = pasted(_asked(request.query, _("Type a name, such as “instag”.")))
        lookup = await self._look_up(query)
        if not lookup.is_sure:
            return await self._near(query, lookup.matches)
        return await self._related_to(await self._stored(lookup.matches[0].review_id), request)

    async def _related_to(self, stored: StoredReview, request: Request) -> RelatedFound:
        end = request.offset + request.limit
        same = await self._same_paper(stored.id)
        found = await self._searcher.related(stored, self._everything, same_paper=same, limit=end + 1)
        related = dict(found[request.offset : end])
        (head, *heads) = await self._heads([stored.id, *related])
        return RelatedFound(
            head=head,
            related=tuple((other, related[other.id]) for other in heads),
            has_more=len(found) > end,
            offset=request.offset,
            limit=request.limit,
        )

    # ── helpers ─────────────────────────────────────────────────────────────────────────────────

    async def _heads(self, ids: Iterable[int]) -> tuple[ReviewHead, ...]:
        return tuple(await reviews.find_heads(self._database.reader, ids))

    async def _stored(self, review_id: int) -> StoredReview:
        for stored in await reviews.find_reviews(self._database.reader, [review_id]):
            return stored
        raise RequestError(_("This review is no longer here."))  # deleted since the names were read

    async def chosen(self, request: Request) -> StoredReview | Gone:
        """Return the review that a request chose, as `Answering.chosen` does."""
        review_id = request.review_id
        known = [review_id] if review_id is not None and review_id in self._names else []
        for stored in await reviews.find_reviews(self._database.reader, known):
            return stored if request.check in (None, stored.check) else Gone(is_other=True)
        return Gone()

    async def suggest_sections(self, paper: str, typed: str, *, limit: int) -> list[str]:
        """Suggest headings, as `Answering.suggest_sections` does."""
        lookup = await self._look_up(paper) if paper.strip() else Lookup()
        if not lookup.matches:
            return []
        outlines = await reviews.find_outlines(self._database.reader, [lookup.matches[0].review_id])
        sections = outlines[0].sections if outlines else ()
        headings = [section.heading for section in sections if section.heading]
        if not typed.strip():
            return list(dict.fromkeys(headings))[:limit]
        matches = find_sections(sections, typed, self._glossary)
        fitting = [sections[match.position].heading or "" for match in matches]
        fitting += [heading for heading in headings if typed.casefold() in heading.casefold()]
        return list(dict.fromkeys(fitting))[:limit]

    async def suggest_facets(self, kind: FacetKind, typed: str, *, limit: int) -> list[Facet]:
        """Suggest facets, as `Answering.suggest_facets` does."""
        if kind is not FacetKind.AUTHOR or len(words(typed)) < 2:
            return await index.complete_facet(
                self._database.reader, kind, squash(typed), self._everything, limit=limit
            )
        *whole, begun = words(typed)
        facets = await index.complete_facet(self._database.reader, kind, begun, self._everything, limit=MAX_NAMESAKES)
        return [facet for facet in facets if set(whole) <= set(words(facet.text))][:limit]


def _without_parts_for_names(readings: list[tuple[Split, Lookup]]) -> list[tuple[Split, Lookup]]:
    """Remove the readings that take the name of a part ("method") for words of a title."""
    return [
        (split, lookup)
        for split, lookup in readings
        if lookup.matches[0].how is not How.WORDS or asked_role(split.paper) is None
    ]


def _asked(text: str, advice: str) -> str:
    """Return what was typed, or raise RequestError with the advice if that is nothing."""
    if not text.strip():
        raise RequestError(advice)
    return " ".join(text.split())


def _search_of(request: Request) -> Request | None:
    """Return the search that a chosen review was opened from."""
    if not request.query.strip():
        return None
    return Request(command=Command.SEARCH, query=request.query, offset=request.offset, limit=HITS_A_CARD)


def _is_key(query: str) -> bool:
    """Return whether a query has the shape of an identifier or address. For these, nothing similar is offered."""
    return parse_identifiers(query) != Identifiers() or bool(_ADDRESS.fullmatch(query))


def _section_at(stored: StoredReview, position: int, *, search: Request | None) -> Answer:
    """Return a section by its place; if the review was changed and has fewer now, all of them are offered."""
    if not 0 <= position < len(stored.review.sections):
        return NoSuchSection(stored=stored, asked="")
    return SectionFound(stored=stored, positions=subtree(stored.review.sections, position), search=search)


def _shown_key(query: str) -> str:
    """Return the identifier in a query, as people write it."""
    keys = identifier_keys(parse_identifiers(query))
    return next((key.partition(":")[2] for key in keys if source_of(key)), query)


def _meant(lookup: Lookup) -> NameMatch | None:
    """Return the review that a question is about: the best one by its own name, if no other is as good.

    The answer names it and shows whose words it quotes, so here a guess does less harm than in place of a paper.
    """
    own = [match for match in lookup.matches if match.is_own]
    if not own or not (lookup.is_sure or len(own) == 1 or own[0].score > own[1].score):
        return None
    return own[0]


def _nearest(asked: str, match: NameMatch) -> str:
    said = _("Nothing is called “{asked}”; the nearest name is “{name}”.")
    return said.format(asked=redact_typed(asked), name=match.name)


def _read_otherwise(mended: Iterable[Mended]) -> str | None:
    """Say which words no review has, and how they were read."""
    said = _("“{typed}” was read as “{meant}”")
    read = "; ".join(said.format(typed=word.typed, meant=word.meant) for word in mended)
    return f"{read}." if read else None


def _note(asked: str, match: NameMatch) -> str | None:
    """Say how a name was read that was not typed as it is written; None for an exact one."""
    match match.how:
        case How.RECORD:
            said, asked = _("{asked} is “{name}”, reviewed here."), _shown_key(redact_typed(asked))
        case How.SLIP:
            return _nearest(asked, match)
        case How.SOUND | How.KEYBOARD:
            said = _("“{asked}” was read as “{name}”.")
        case _any_other:
            return None
    return said.format(asked=redact_typed(asked), name=match.name)
