"""Searching what the reviews say, and what is near to a review: the index asked, ranked, its passages fetched.

A word of a few reviews is scored in all of them. A word of very many is not: only reviews that can reach the top are
scored then, those that have it in title, headings or abstract, or together with the other words (`_score_common`).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt

from bot.answering.name_cache import NameCache
from bot.models.answers import Hit, Kinship
from bot.models.index import IndexText
from bot.models.reviews import ReviewHead, StoredReview
from bot.search import query as queries
from bot.search import ranking
from bot.search.extract import is_telling
from bot.search.names import Names
from bot.search.passages import Place, excerpt, find_places, find_standing, is_on, standing_at_the_head, stands_in
from bot.search.query import Concept, Mended
from bot.search.ranking import COLUMNS, Evidence, Ranked
from bot.store import index, reviews
from bot.store.database import Database
from bot.store.index import Counted, Narrowing

SMALL = 2_500
"""Reviews that may be found up to which all with any of the words are scored. For so few of a large cache the list of
each word is walked to its end anyway: once is quicker than to count first."""
SCORED_WHOLLY = 1_000
"""Reviews with a word up to which all are scored: a millisecond or two."""
CANDIDATES = 300
"""Reviews taken from each place where a common word counts most, the newest first."""
COUNTED = 5_000
"""Reviews with a word up to which they are counted; from there on their number is estimated."""
COUNTED_SHARE = 0.25
"""The share of all reviews up to which a common word is counted in each candidate."""
LARGE = 20_000
"""Reviews of the whole cache from which an everyday word is sought by its first spellings alone."""
FEW_SPELLINGS = 3
MAX_EVERYDAY = 2
"""Everyday words that very many reviews have, the rarest of them, which are scored: each has many spellings."""
SPOTS = (("{title} : ", 1.0), ("{headings abstract} : ", 0.6), ("", 0.2))
"""Where a word stands that is not counted, and what that is worth of the best."""
COMPARED = 20
"""Reviews whose passages are looked for, and compared where several things were asked."""
TOGETHER = 0.8
"""What a passage with all that was asked adds to the score, which is 1 or so at best."""
DESCRIPTION = 3
"""Words from which a name that no review has may be a description, whose words need not stand side by side."""
OFTEN = 0.2
"""What a review adds whose every block speaks of something, in the weighted mean of log(1 + blocks)."""
IN_TITLE, HEADED = 0.6, 0.4
"""What a title with all that was asked adds to it, and title, headings and abstract together."""
ALL_WORDS = 1 - 1e-6
RANKED_HERE = 5_000
"""Hits up to which they are ranked in the event loop: some two milliseconds."""
MAX_SUBJECTS = 24
EVERYDAY_SHARE, MIN_EVERYDAY = 0.15, 5
"""Of all reviews, and at least: a word of so many texts is no name because a title has it."""
MAX_COUNTED = 5_000
TELLING = 10
"""Subjects of a review by which others like it are found, the rarest and most used."""
SUBJECT_SHARE = 0.34
"""The share of all reviews up to which a subject tells them apart."""
SIMILAR_SHARE = 0.3
"""The share of their weight from which another review is said to be similar; two of them at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a search came to. ``places`` are those of the first few, None where only the title carries the query.

    ``evidence`` is that of the first review, and ``total`` how many reviews there are.
    """

    concepts: tuple[Concept, ...]
    weights: dict[Concept, float]
    ranked: tuple[Ranked, ...]
    mended: tuple[Mended, ...]
    places: dict[int, Place | None] = field(default_factory=dict)
    unknown: frozenset[Concept] = frozenset()
    evidence: Evidence | None = None
    total: int = 0

    @property
    def is_sure(self) -> bool:
        """Whether the best review carries enough of what was asked, as it was typed or with a slip at most."""
        is_read = all(one.is_slight for one in self.mended)
        return is_read and self.evidence is not None and self.evidence.is_sure(total=self.total)


@dataclass(frozen=True, slots=True)
class _Found:
    """What the index said: the hits are of ``asked``, by number; ``counts`` are the reviews with each concept."""

    asked: Sequence[Concept]
    phrase: Concept | None
    counts: dict[Concept, int]
    hits: list[ranking.Hit]


def _compare(search: Search, texts: Mapping[int, IndexText]) -> list[Ranked]:
    """The first few once more in order: what is said at the head, or in one place, or again and again, counts more
    than what is scattered."""
    wholes = [concept for concept in search.concepts if concept.part_of is None]
    whole = sum(search.weights[concept] for concept in wholes)

    def share_of(concepts: Iterable[Concept]) -> float:
        return sum(search.weights[concept] for concept in concepts) / whole

    def added(item: Ranked) -> float:
        place = search.places.get(item.review_id)
        read = TOGETHER * place.share + OFTEN * place.often if place and len(wholes) > 1 else 0.0
        title, headed = standing_at_the_head(texts[item.review_id], wholes)
        return read + IN_TITLE * share_of(title) + HEADED * share_of(headed)

    first = [
        replace(item, score=item.score + added(item)) if item.review_id in texts else item
        for item in search.ranked[:COMPARED]
    ]
    return [*sorted(first, key=lambda item: -item.score), *search.ranked[COMPARED:]]


def _evidence(search: Search, text: IndexText, *, is_alone: bool) -> Evidence:
    """What the first review carries of a query, and where; ``is_alone`` where one word was typed and no more."""
    best = search.ranked[0]
    wholes = [concept for concept in search.concepts if concept.part_of is None]
    told = [concept for concept in wholes if not concept.is_empty] or wholes
    weight = sum(search.weights[concept] for concept in wholes)
    # A word that no review has is no mere verb: the pizza of a question about it.
    raised = {one: search.weights[one] / ranking.factor_of(one) for one in told if one in search.unknown}
    full = weight + sum(raised[one] - search.weights[one] for one in raised)
    standing = find_standing(text, wholes)
    place = search.places.get(best.review_id)

    def share_of(concepts: Iterable[Concept]) -> float:
        return sum(search.weights[concept] for concept in concepts) / full

    title = share_of(standing.title)
    return Evidence(
        share=best.share * weight / full,
        title=title,
        headed=share_of(standing.headed),
        passage=place.share * weight / full if place else title,
        firm=share_of(one for one in standing.anywhere if not one.is_everyday and not one.is_loose),
        asked=len(told),
        is_everyday=any(one.is_everyday or one.is_loose for one in told)
        or (_is_bare(told) and not is_alone)
        or 1 == len(told) < len(wholes),
        is_on=bool(told) and is_on(text, told[0]),
    )


def _is_bare(told: Sequence[Concept]) -> bool:
    """Whether all that was asked is one small Latin word that no glossary knows, no name: “how to tie a tie”."""
    return len(told) == 1 and told[0].is_word and told[0].text.islower()


class Searcher:
    """Asks the index: of all reviews, or of those that `among` names; what it is asked is narrowed to the same."""

    def __init__(self, database: Database, name_cache: NameCache, names: Names | None = None) -> None:
        self._database = database
        self._name_cache = name_cache
        self._given = names

    def among(self, names: Names) -> Searcher:
        """The same, as if there were no other reviews than these."""
        return Searcher(self._database, self._name_cache, names)

    @property
    def _names(self) -> Names:
        return self._name_cache.names if self._given is None else self._given

    async def search(self, text: str, narrowing: Narrowing, *, limit: int | None = None) -> Search:
        """Rank the reviews that carry anything of a query, ``limit`` of them or all, and find where they say it."""
        search = await self.rank(text, narrowing, limit=max(limit, COMPARED) if limit else None)
        texts = await index.find_texts(self._database.reader, [item.review_id for item in search.ranked[:COMPARED]])
        search = replace(search, places=await self._places(search.concepts, search.weights, texts))
        ranked = await asyncio.to_thread(_compare, search, texts)
        search = replace(search, ranked=tuple(ranked[:limit]))
        if not ranked or ranked[0].review_id not in texts:
            return search
        is_alone = len(text.split()) == 1
        evidence = await asyncio.to_thread(_evidence, search, texts[ranked[0].review_id], is_alone=is_alone)
        return replace(search, evidence=evidence)

    async def rank(self, text: str, narrowing: Narrowing, *, limit: int | None = None) -> Search:
        """The same by the index alone, without a look at where things stand."""
        glossary, everyday = self._name_cache.glossary, self._name_cache.everyday
        concepts = self._bounded(queries.parse_query(text, glossary, everyday=everyday))
        found = await self._ask(concepts, narrowing)
        unknown = [concept for concept in concepts if not found.counts[concept]]
        if unknown and (narrowing.filters or narrowing.excluded):
            # Unknown is what no review has, not what none of these has.
            everywhere = await self._count(unknown, Narrowing(shown=narrowing.shown))
            unknown = [concept for concept in unknown if not everywhere[concept]]
        apart = self._bounded(queries.take_apart(concepts, unknown, glossary, everyday))
        if apart != concepts:
            concepts, found = apart, await self._ask(apart, narrowing)
            unknown = [concept for concept in unknown if concept in apart]
        keyed = await self._on_other_keyboard(unknown, narrowing)
        unknown = [concept for concept in unknown if concept.text not in {one.typed for one in keyed}]
        text, mended = queries.mend(queries.put_right(text, keyed), unknown, glossary)
        mended = (*keyed, *mended)
        if mended:
            concepts = self._bounded(queries.parse_query(text, glossary, everyday=everyday))
            found = await self._ask(concepts, narrowing)
        weights = ranking.weigh(concepts, found.counts, total=len(self._names))
        ranked = await self._rank(found, weights, limit)
        return Search(
            concepts=concepts,
            weights=weights,
            ranked=tuple(ranked),
            mended=mended,
            unknown=frozenset(concept for concept in concepts if not found.counts[concept]),
            total=len(self._names),
        )

    def _bounded(self, concepts: tuple[Concept, ...]) -> tuple[Concept, ...]:
        """In a large cache, however much of it may be found, everyday words by their first spellings alone: the list
        of each of them is long."""
        if len(self._name_cache.names) <= LARGE:
            return concepts
        return tuple(
            replace(one, spellings=one.spellings[:FEW_SPELLINGS]) if one.is_everyday else one for one in concepts
        )

    async def _on_other_keyboard(self, unknown: Sequence[Concept], narrowing: Narrowing) -> tuple[Mended, ...]:
        """Those of the unknown words that reviews have as typed on the other keyboard."""
        glossary = self._name_cache.glossary
        readings = {one: queries.parse_query(one.meant, glossary) for one in queries.on_other_keyboard(unknown)}
        asked = [concept for concepts in readings.values() for concept in concepts]
        counts = await self._count(asked, Narrowing(shown=narrowing.shown)) if asked else {}
        return tuple(one for one, concepts in readings.items() if concepts and all(counts[c] for c in concepts))

    async def _places(
        self, concepts: Sequence[Concept], weights: dict[Concept, float], texts: Mapping[int, IndexText]
    ) -> dict[int, Place | None]:
        """The block of each review that carries most of the query; None where only its title does."""
        return dict.fromkeys(texts) | await asyncio.to_thread(find_places, texts, concepts, weights)

    async def _ask(self, concepts: Sequence[Concept], narrowing: Narrowing) -> _Found:
        """Ask the index: everything at once where few may be found, else what may come first."""
        phrase = queries.whole_phrase(concepts)
        asked = [*concepts, *([phrase] if phrase else [])]
        if len(self._names) <= SMALL:
            return await self._ask_few(asked, phrase, narrowing)
        counts = await self._count(asked, narrowing)
        rare = [at for at, concept in enumerate(asked) if 0 < counts[concept] <= SCORED_WHOLLY]
        found = _Found(asked, phrase, counts, await self._score(asked, narrowing, rare))
        if any(counts[one] > SCORED_WHOLLY for one in asked if one.part_of is None):
            found.hits.extend(await self._score_common(found, narrowing))
        return found

    async def _ask_few(self, asked: Sequence[Concept], phrase: Concept | None, narrowing: Narrowing) -> _Found:
        """Score all that match.

        A common word's list is as long as the cache is large, however few reviews may be found. So what says little
        is not asked: the words of a term that many of these have, and how often a phrase of such words stands.
        """
        often = len(self._names) * COUNTED_SHARE
        wholes = [at for at, concept in enumerate(asked) if concept.part_of is None and concept is not phrase]
        hits = await self._score(asked, narrowing, wholes)
        counts = Counter(number for number, _, _ in hits)
        common = {asked[at].text: counts[at] for at in wholes if counts[at] > often}
        further = [at for at, concept in enumerate(asked) if concept.part_of and concept.part_of not in common]
        if phrase and len(common) < len(wholes):
            further.append(asked.index(phrase))
        elif phrase:
            (standing,) = await index.newest_matches(
                self._database.reader, [phrase.match_query()], narrowing, limit=SMALL
            )
            hits += [(asked.index(phrase), review_id, 1.0) for review_id in standing]
        hits += await self._score(asked, narrowing, further)
        counts = Counter(number for number, _, _ in hits)
        found = {concept: counts[at] or common.get(concept.part_of or "", 0) for at, concept in enumerate(asked)}
        return _Found(asked, phrase, found, hits)

    async def _score_common(self, found: _Found, narrowing: Narrowing) -> list[ranking.Hit]:
        """The hits of words that very many reviews have, in reviews that may come first.

        Those are the newest that have such a word in the title, in headings or abstract, or together with the others.
        A word of a good part of all reviews is not counted in them: where it stands is what it says. The words of a
        known term are left out: one that is common says nothing apart from the others.
        """
        queries_of = [concept.match_query() for concept in found.asked]
        wholes = [at for at, concept in enumerate(found.asked) if concept.part_of is None and found.counts[concept]]
        common = [at for at in wholes if found.counts[found.asked[at]] > SCORED_WHOLLY]
        everyday = [at for at in common if found.asked[at].is_everyday]
        left_out = set(sorted(everyday, key=lambda at: found.counts[found.asked[at]])[MAX_EVERYDAY:])
        common, wholes = ([at for at in one if at not in left_out] for one in (common, wholes))
        spots = [(at, column, worth) for at in common for column, worth in SPOTS]
        spotted = [f"{column}({queries_of[at]})" for at, column, _ in spots]
        together = " AND ".join(f"({queries_of[at]})" for at in wholes if found.asked[at] is not found.phrase)
        *standing, meeting = await index.newest_matches(
            self._database.reader, [*spotted, together], narrowing, limit=CANDIDATES
        )
        often = len(self._names) * COUNTED_SHARE
        counted = [
            at for at in common if found.counts[found.asked[at]] <= often and found.asked[at] is not found.phrase
        ]
        worths = {(at, review_id): SPOTS[-1][1] for at in common for review_id in meeting}
        for (at, _, worth), ids in zip(spots, standing, strict=True):
            worths |= {(at, i): max(worth, worths.get((at, i), 0.0)) for i in ids}
        among = {review_id for _, review_id, _ in found.hits}.union(meeting, *standing)
        return [
            *await self._score(found.asked, narrowing, counted, among=sorted(among)),
            *((at, review_id, worth) for (at, review_id), worth in worths.items() if at not in counted),
        ]

    async def _count(self, concepts: Sequence[Concept], narrowing: Narrowing) -> dict[Concept, int]:
        asked = [concept.match_query() for concept in concepts]
        found = await index.count_matches(self._database.reader, asked, narrowing, limit=COUNTED)
        return {concept: self._estimate(one, COUNTED) for concept, one in zip(concepts, found, strict=True)}

    def _estimate(self, counted: Counted, limit: int) -> int:
        """How many there are: where counting ended at its limit, as many among all reviews as among those it met."""
        if counted.found < limit:
            return counted.found
        return limit * len(self._names) // max(1, self._names.count_up_to(counted.reached))

    async def _score(
        self,
        asked: Sequence[Concept],
        narrowing: Narrowing,
        numbers: Sequence[int],
        *,
        among: Sequence[int] | None = None,
    ) -> list[ranking.Hit]:
        wanted = [asked[number].match_query() for number in numbers]
        return await index.score_matches(
            self._database.reader, wanted, narrowing, weights=COLUMNS, among=among, numbers=numbers
        )

    async def _rank(self, found: _Found, weights: dict[Concept, float], limit: int | None) -> list[Ranked]:
        def rank() -> list[Ranked]:
            stubs = self._names.stubs
            return ranking.rank(found.asked, found.hits, weights, phrase=found.phrase, stubs=stubs, limit=limit)

        # A few hundred hits take less than the way to another thread and back.
        ranked = rank() if len(found.hits) < RANKED_HERE else await asyncio.to_thread(rank)
        preference = self._names.preference
        return sorted(ranked, key=lambda item: (-item.score, preference(item.review_id))) if limit else ranked

    # ── passages ────────────────────────────────────────────────────────────────────────────────

    async def hits(self, search: Search, ranked: Sequence[Ranked]) -> tuple[Hit, ...]:
        """Reviews with the passage that carries most of the query."""
        ids = [item.review_id for item in ranked]
        heads = await reviews.find_heads(self._database.reader, ids)
        places = search.places
        if missing := [review_id for review_id in ids if review_id not in places]:
            texts = await index.find_texts(self._database.reader, missing)
            places = dict.fromkeys(missing) | places | await self._places(search.concepts, search.weights, texts)
        known = ((review_id, places[review_id]) for review_id in ids)
        wanted = {review_id: (place.section, place.block) for review_id, place in known if place}
        passages = await reviews.find_passages(self._database.reader, wanted)
        scores = {item.review_id: item.score for item in ranked}

        def make(head: ReviewHead) -> Hit:
            if head.id not in passages:
                return Hit(head=head, score=scores[head.id])
            headings, block = passages[head.id]
            return Hit(
                head=head,
                section=wanted[head.id][0],
                headings=headings,
                passage=excerpt(block, search.concepts),
                score=scores[head.id],
            )

        return await asyncio.to_thread(lambda: tuple(map(make, heads)))

    async def mentions(self, name: str, narrowing: Narrowing, *, limit: int) -> list[int]:
        """The reviews whose text has these words side by side, those that have them most first; where none has, and
        they are several, those that have every one of them."""
        side_by_side = await self._having_phrase(name, narrowing, limit=limit)
        if side_by_side or len(name.split()) < DESCRIPTION or any(char.isdigit() for char in name):
            return side_by_side
        search = await self.search(name, narrowing, limit=limit)
        return [item.review_id for item in search.ranked if item.share > ALL_WORDS and not search.mended]

    async def is_everyday(self, word: str, narrowing: Narrowing, *, reviews: int) -> bool:
        """Whether so many texts have a word that a title which has it, too, is not called so.

        Args:
            reviews: How many there are.
        """
        phrase = queries.phrase_of(word)
        if phrase is None:
            return False
        (counted,) = await index.count_matches(
            self._database.reader, [phrase.match_query()], narrowing, limit=MAX_COUNTED
        )
        return counted.found >= max(MIN_EVERYDAY, EVERYDAY_SHARE * min(reviews, MAX_COUNTED))

    async def _having_phrase(self, text: str, narrowing: Narrowing, *, limit: int) -> list[int]:
        phrase = queries.phrase_of(text)
        if phrase is None:
            return []
        found = await self._ask([phrase], narrowing)
        ids = [item.review_id for item in await self._rank(found, {phrase: 1.0}, limit)]
        # The index knows no end of a paragraph: “… GPT” and “5. …” below it are not GPT-5.
        texts = await index.find_texts(self._database.reader, ids)
        return [review_id for review_id in ids if review_id in texts and stands_in(texts[review_id], phrase)]

    async def are_on(self, term: str, review_ids: Sequence[int]) -> bool:
        """Whether one of these reviews is on everything that a term names, in either language."""
        concepts = [one for one in queries.parse_query(term, self._name_cache.glossary) if one.part_of is None]
        texts = (await index.find_texts(self._database.reader, review_ids)).values()

        def find() -> bool:
            return any(all(is_on(text, concept) for concept in concepts) for text in texts)

        return bool(concepts) and await asyncio.to_thread(find)

    # ── what is near to a review ────────────────────────────────────────────────────────────────

    async def related(self, stored: StoredReview, narrowing: Narrowing, *, limit: int) -> list[tuple[int, Kinship]]:
        """The reviews near to one, for the strongest reason each, the strongest first."""
        found: dict[int, Kinship] = {}
        for kinship, ids in (
            *await self._sharing_keys(stored),
            (Kinship.CITED, await asyncio.to_thread(self._names.named_in, stored.review)),
            (Kinship.CITES, await self._naming(stored, narrowing)),
            (Kinship.SIMILAR, await self._similar(stored, narrowing)),
        ):
            for review_id in ids:
                if review_id != stored.id and review_id in self._names:
                    found.setdefault(review_id, kinship)
        order = list(Kinship)
        return sorted(found.items(), key=lambda item: order.index(item[1]))[:limit]

    async def _sharing_keys(self, stored: StoredReview) -> list[tuple[Kinship, list[int]]]:
        keys = await index.keys_of(self._database.reader, stored.id)
        own = [key for key, is_own in keys.items() if is_own]
        cited = [key for key, is_own in keys.items() if not is_own]
        ours = await index.find_by_keys(self._database.reader, own)
        theirs = await index.find_by_keys(self._database.reader, cited)
        if any(carrier.review_id == stored.id and carrier.is_doubtful for carrier in ours):
            ours = []  # its header may be another paper's
        return [
            (Kinship.SAME_PAPER, [c.review_id for c in ours if c.is_own and not c.is_doubtful]),
            (Kinship.CITED, [c.review_id for c in theirs if c.is_own and not c.is_doubtful]),
            (Kinship.CITES, [c.review_id for c in ours if not c.is_own]),
        ]

    async def _naming(self, stored: StoredReview, narrowing: Narrowing) -> list[int]:
        """The reviews whose text has this one's name, if that is a name and no everyday word."""
        name = stored.review.short_name or ""
        if not is_telling(name):
            return []
        return await self._having_phrase(name, narrowing, limit=CANDIDATES)

    async def _similar(self, stored: StoredReview, narrowing: Narrowing) -> list[int]:
        """The reviews whose title, headings or abstract share the rarer of this one's subjects."""
        uses = await asyncio.to_thread(
            queries.subjects_of, stored.review, self._name_cache.glossary, limit=MAX_SUBJECTS
        )
        total = len(self._names)
        counts = await self._count_about(list(uses), narrowing)
        most = min(SCORED_WHOLLY, max(3, int(total * SUBJECT_SHARE)))
        rare = [subject for subject in uses if 1 < counts[subject] <= most]
        weights = {one: weight * sqrt(uses[one]) for one, weight in ranking.weigh(rare, counts, total=total).items()}
        telling = sorted(rare, key=lambda subject: -weights[subject])[:TELLING]
        hits = await index.score_matches(
            self._database.reader, [_about(subject) for subject in telling], narrowing, weights=COLUMNS
        )
        found = _Found(telling, None, counts, hits)
        ranked = await self._rank(found, {subject: weights[subject] for subject in telling}, None)
        shared = Counter(review_id for _, review_id, _ in hits)
        return [item.review_id for item in ranked if item.share >= SIMILAR_SHARE and shared[item.review_id] > 1]

    async def _count_about(self, subjects: Sequence[Concept], narrowing: Narrowing) -> dict[Concept, int]:
        asked = [_about(subject) for subject in subjects]
        limit = SCORED_WHOLLY + 1
        found = await index.count_matches(self._database.reader, asked, narrowing, limit=limit)
        return {subject: self._estimate(one, limit) for subject, one in zip(subjects, found, strict=True)}


def _about(subject: Concept) -> str:
    """A query for reviews that are about something, not only mention it."""
    return f"{{title headings abstract}} : ({subject.match_query()})"
