"""Searching the texts of reviews, and finding related reviews: ask the index, rank the hits, fetch the passages.

A word that few reviews have is scored in all of them. For a word that very many have, only reviews that can reach the
top are scored: those that have it in title, headings or abstract, or together with the other words
(`_score_common`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import nlargest
from itertools import islice
from math import sqrt
from typing import TypeVar

import numpy as np

from bot.answering.known_matches import KnownMatches
from bot.answering.name_cache import NameCache
from bot.answering.used_phrases import ABOUT, UsedPhrases
from bot.models.answers import Hit, Kinship
from bot.models.index import IndexText
from bot.models.passages import check_of_block
from bot.models.reviews import ReviewHead, StoredReview
from bot.search import query as queries
from bot.search import ranking
from bot.search.extract import is_telling
from bot.search.glossary import Glossary
from bot.search.names import Names
from bot.search.passages import Place, excerpt, find_places, find_standing, is_on, standing_at_the_head, stands_in
from bot.search.query import MIN_HANGUL, Concept, Mended
from bot.search.ranking import COLUMNS, Ranked
from bot.search.sureness import Evidence
from bot.store import index, reviews
from bot.store.database import Database, Direct
from bot.store.index import Narrowing, TextIndex
from bot.store.reviews import Passage

T = TypeVar("T")

SMALL = 2_500
"""If at most this many reviews may be found, all with any of the words are scored. In a large cache, each word's list
is walked to its end anyway, so doing that once is quicker than counting first."""
SCORED_WHOLLY = 1_000
"""If at most this many reviews have a word, all are scored, which takes a millisecond or two."""
CANDIDATES = 300
"""Reviews taken from each place where a common word counts most, the newest first."""
COUNTED = 5_000
"""Up to this many reviews with a word are counted; beyond that, their number is estimated."""
COUNTED_SHARE = 0.25
"""A common word is counted in each candidate unless more than this share of all reviews has it."""
LARGE = 20_000
"""If the whole cache has more reviews than this, an everyday word is searched by its first spellings only."""
FEW_SPELLINGS = 3
MAX_EVERYDAY = 2
"""How many common everyday words are scored, the rarest of them, because each has many spellings."""
SPOTS = (("", 0.2), ("{headings abstract} : ", 0.6), ("{title} : ", 1.0))
"""The places of a word that is not counted, and the score of each as a share of the best, the least first."""
COMPARED = 20
"""Reviews whose passages are looked for, and compared if several things were asked."""
TOGETHER = 0.8
"""What a passage with all that was asked adds to the score, which is about 1 at best."""
UNSURE_SLIPS = 2
"""What a word that was only heard counts as: more slips than leave no doubt."""
DESCRIPTION = 3
"""From this many words on, a name that no review has may be a description, whose words need not be side by side."""
OFTEN = 0.2
"""What a review adds if every block of it mentions something, in the weighted mean of log(1 + blocks)."""
IN_TITLE, HEADED = 0.8, 0.7
"""What is added if the title has all that was asked, and if title, headings and abstract together have it."""
ALL_WORDS = 1 - 1e-6
USUAL_STUBS = 0.4
"""From this share of stubs on, short posts are how these authors write, and a stub is ranked like other reviews."""
MAX_SUBJECTS = 24
EVERYDAY_SHARE, MIN_EVERYDAY = 0.15, 5
"""A share of all reviews, and a minimum: a word in this many texts does not count as the name of a paper."""
MAX_COUNTED = 5_000
TELLING = 10
"""How many of a review's subjects are used to find similar reviews: the rarest and most used."""
SUBJECT_SHARE = 0.34
"""A subject that more than this share of all reviews has does not tell them apart."""
SIMILAR_SHARE = 0.3
"""Another review is similar if it has at least this share of the subjects' weight, and at least two subjects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """The result of a search. ``places`` are those of the first few reviews, None if only the title has the query.

    ``evidence`` is that of the first review; ``count`` is how many reviews match, of the ``total`` that there are.
    """

    concepts: tuple[Concept, ...]
    weights: dict[Concept, float]
    ranked: tuple[Ranked, ...]
    mended: tuple[Mended, ...]
    places: dict[int, Place | None] = field(default_factory=dict)
    unknown: frozenset[Concept] = frozenset()
    evidence: Evidence | None = None
    count: int = 0
    total: int = 0

    @property
    def is_sure(self) -> bool:
        """Whether the best review has enough of what was asked, read as typed or with a slip at most."""
        is_read = all(word.is_slight for word in self.mended)
        return is_read and self.evidence is not None and self.evidence.is_sure(total=self.total)


@dataclass(frozen=True, slots=True)
class _Found:
    """The index's answer: hits refer to ``asked`` by number, and ``counts`` is how many reviews have each concept."""

    asked: Sequence[Concept]
    phrase: Concept | None
    counts: dict[Concept, int]
    hits: list[ranking.Hits]


def _judge(search: Search, texts: Mapping[int, IndexText], limit: int | None, *, is_alone: bool) -> Search:
    """Add to a search where its first few reviews say it, reorder them, and weigh the evidence of the best."""
    search = replace(search, places=_places(search.concepts, search.weights, texts))
    ranked = _compare(search, texts)
    search = replace(search, ranked=tuple(ranked[:limit]))
    if not ranked or ranked[0].review_id not in texts:
        return search
    return replace(search, evidence=_evidence(search, texts[ranked[0].review_id], is_alone=is_alone))


def _places(
    concepts: Sequence[Concept], weights: Mapping[Concept, float], texts: Mapping[int, IndexText]
) -> dict[int, Place | None]:
    """Return the block of each review that has most of the query; None if only its title has it."""
    return dict.fromkeys(texts) | find_places(texts, concepts, weights)


def _compare(search: Search, texts: Mapping[int, IndexText]) -> list[Ranked]:
    """Reorder the first few: a match at the head, in one place, or repeated counts more than a scattered one."""
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


def _compared_first(ranked: tuple[Ranked, ...]) -> tuple[Ranked, ...]:
    """Put the reviews first that `_compare` gets if no more are asked for, so that all pages agree on them."""
    if len(ranked) <= COMPARED:
        return ranked
    best = nlargest(COMPARED, ranked, key=lambda item: (item.score, item.review_id))
    first = {item.review_id for item in best}
    return tuple(sorted(ranked, key=lambda item: item.review_id not in first))


def _evidence(search: Search, text: IndexText, *, is_alone: bool) -> Evidence:
    """Return what the first review has of a query, and where. ``is_alone``: only one word was typed."""
    best = search.ranked[0]
    wholes = [concept for concept in search.concepts if concept.part_of is None]
    told = [concept for concept in wholes if not concept.is_empty] or wholes
    weight = sum(search.weights[concept] for concept in wholes)
    # A word that no review has is probably not just a verb, but the subject: "pizza" in a question about pizza.
    raised = {whole: search.weights[whole] / ranking.factor_of(whole) for whole in told if whole in search.unknown}
    full = weight + sum(raised[whole] - search.weights[whole] for whole in raised)
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
        firm=share_of(whole for whole in standing.anywhere if not whole.is_everyday and not whole.is_loose),
        asked=len(told),
        is_everyday=any(whole.is_everyday or whole.is_loose for whole in told)
        or (_is_bare(told) and not is_alone)
        or 1 == len(told) < len(wholes),
        is_on=bool(told) and is_on(text, told[0]),
    )


def _is_bare(told: Sequence[Concept]) -> bool:
    """Return whether only one lower-case Latin word was asked that is not in a glossary: “how to tie a tie”."""
    return len(told) == 1 and told[0].is_word and told[0].text.islower()


class _Ranker:
    """Ranks reviews by the index alone, for one search: it runs whole in the thread of the database's connection."""

    def __init__(
        self,
        texts: TextIndex,
        names: Names,
        used: UsedPhrases,
        known: KnownMatches,
        *,
        glossary: Glossary,
        everyday: Glossary,
        is_large: bool,
    ) -> None:
        self._texts = texts
        self._names = names
        self._used = used
        self._known = known
        self._glossary = glossary
        self._everyday = everyday
        self._is_large = is_large

    @property
    def stubs(self) -> Container[int]:
        """The reviews that are ranked lower for being very short."""
        return self._names.stubs if self._names.stub_share < USUAL_STUBS else ()

    def search(self, text: str, limit: int | None) -> Search:
        """Read a query, rank the reviews that have anything of it, and weigh its words."""
        glossary, everyday = self._glossary, self._everyday
        concepts = self._bounded(queries.parse_query(text, glossary, everyday=everyday))
        answer = self.ask(concepts)
        unknown = [concept for concept in concepts if not answer.counts[concept]]
        # A word is unknown if no review at all has it, not if none that meets the filters has it.
        if unknown and self._texts.is_filtered:
            unknown = [concept for concept in unknown if not self._count_unfiltered(concept)]
        apart = self._bounded(queries.take_apart(concepts, unknown, glossary, everyday))
        if apart != concepts:
            concepts, answer = apart, self.ask(apart)
            unknown = [concept for concept in unknown if concept in apart]
        read = (*self._on_other_keyboard(unknown), *self._heard_in_titles(unknown)) if unknown else ()
        unknown = [concept for concept in unknown if concept.text not in {word.typed for word in read}]
        text, mended = queries.mend(queries.put_right(text, read), unknown, glossary)
        mended = (*read, *mended)
        if mended:
            concepts = self._bounded(queries.parse_query(text, glossary, everyday=everyday))
            answer = self.ask(concepts)
        weights = ranking.weigh(concepts, answer.counts, total=len(self._names))
        return Search(
            concepts=concepts,
            weights=weights,
            ranked=tuple(self.rank(answer, weights, limit)),
            mended=mended,
            unknown=frozenset(concept for concept in concepts if not answer.counts[concept]),
            count=ranking.count_reviews(answer.hits),
            total=len(self._names),
        )

    def rank(self, answer: _Found, weights: dict[Concept, float], limit: int | None) -> list[Ranked]:
        """Order the reviews of an answer, the best first."""
        ranked = ranking.rank(answer.asked, answer.hits, weights, phrase=answer.phrase, stubs=self.stubs, limit=limit)
        preference = self._names.preference
        return sorted(ranked, key=lambda item: (-item.score, preference(item.review_id))) if limit else ranked

    def _bounded(self, concepts: tuple[Concept, ...]) -> tuple[Concept, ...]:
        """Limit everyday words to their first spellings if the whole cache is large, because their lists are long."""
        if not self._is_large:
            return concepts
        return tuple(
            replace(concept, spellings=concept.spellings[:FEW_SPELLINGS]) if concept.is_everyday else concept
            for concept in concepts
        )

    def _on_other_keyboard(self, unknown: Sequence[Concept]) -> tuple[Mended, ...]:
        """Return the unknown words that reviews do have if they were typed on the other keyboard."""
        readings = {
            word: queries.parse_query(word.meant, self._glossary) for word in queries.on_other_keyboard(unknown)
        }
        return tuple(
            word for word, concepts in readings.items() if concepts and all(map(self._count_unfiltered, concepts))
        )

    def _heard_in_titles(self, unknown: Sequence[Concept]) -> list[Mended]:
        """Return the unknown Korean words that are a Latin word of a title by their sound: never surely so."""
        loose = [
            word.text for word in unknown if word.is_loose and word.part_of is None and len(word.text) > MIN_HANGUL
        ]
        heard = map(self._names.heard_word, loose)
        return [Mended(typed, meant, UNSURE_SLIPS) for typed, meant in zip(loose, heard, strict=True) if meant]

    # ── asking the index ────────────────────────────────────────────────────────────────────────

    def ask(self, concepts: Sequence[Concept]) -> _Found:
        """Ask the index: for all matches if few reviews may be found, else for those that may come first."""
        phrase = queries.whole_phrase(concepts)
        asked = [*concepts, *([phrase] if phrase else [])]
        self._used.learn(self._texts, asked)
        if len(self._names) <= SMALL:
            return self._ask_few(asked, phrase)
        counts: dict[Concept, int] = {}
        hits: list[ranking.Hits] = []
        for at, concept in enumerate(asked):
            counts[concept], found = self._few_hits(at, concept, is_phrase=concept is phrase)
            hits += found
        answer = _Found(asked, phrase, counts, hits)
        if any(counts[whole] > SCORED_WHOLLY for whole in asked if whole.part_of is None):
            answer.hits.extend(self._score_common(answer))
        return answer

    def _few_hits(self, at: int, concept: Concept, *, is_phrase: bool) -> tuple[int, list[ranking.Hits]]:
        """Count the reviews with a concept, and score them if they are few."""
        if is_phrase:  # few reviews have it, so they are not counted first
            found = self._hits(at, self._used.query(concept), limit=SCORED_WHOLLY + 1)
            if len(found.ids) <= SCORED_WHOLLY:
                return len(found.ids), [found]
        count = self._count(concept, self._texts)
        return count, [self._hits(at, self._used.query(concept))] if 0 < count <= SCORED_WHOLLY else []

    def _ask_few(self, asked: Sequence[Concept], phrase: Concept | None) -> _Found:
        """Score all matches.

        A common word's list is as long as the cache is large, even if few reviews may be found. So we skip what says
        little: the words of a term that many of these reviews have, and how often a phrase of such words occurs.
        """
        often = len(self._names) * COUNTED_SHARE
        wholes = [at for at, concept in enumerate(asked) if concept.part_of is None and concept is not phrase]
        hits = [self._hits(at, self._used.query(asked[at])) for at in wholes]
        common = {asked[found.number].text: len(found.ids) for found in hits if len(found.ids) > often}
        further = [at for at, concept in enumerate(asked) if concept.part_of and concept.part_of not in common]
        if phrase and len(common) < len(wholes):
            further.append(asked.index(phrase))
        elif phrase:
            standing = self._newest(phrase.match_query(), limit=SMALL)
            hits.append(ranking.Hits.of(asked.index(phrase), [(review_id, 1.0) for review_id in standing]))
        hits += [self._hits(at, self._used.query(asked[at])) for at in further]
        counts = {found.number: len(found.ids) for found in hits}
        by_concept = {
            concept: counts.get(at) or common.get(concept.part_of or "", 0) for at, concept in enumerate(asked)
        }
        return _Found(asked, phrase, by_concept, hits)

    def _score_common(self, answer: _Found) -> list[ranking.Hits]:
        """Score words that very many reviews have, in the reviews that may come first.

        These are the newest that have such a word in the title, in headings or abstract, or together with the others.
        If a large share of all reviews has a word, it is not counted in them: its place decides the score. The words
        of a known term are left out, because a common one says nothing without the others.
        """
        queries_of = [self._used.query(concept) for concept in answer.asked]
        wholes = [at for at, concept in enumerate(answer.asked) if concept.part_of is None and answer.counts[concept]]
        common = [at for at in wholes if answer.counts[answer.asked[at]] > SCORED_WHOLLY]
        everyday = [at for at in common if answer.asked[at].is_everyday]
        left_out = set(sorted(everyday, key=lambda at: answer.counts[answer.asked[at]])[MAX_EVERYDAY:])
        common, wholes = ([at for at in numbers if at not in left_out] for numbers in (common, wholes))
        together = " AND ".join(f"({queries_of[at]})" for at in wholes if answer.asked[at] is not answer.phrase)
        meeting = self._newest(together, limit=CANDIDATES)
        worths = {at: dict.fromkeys(meeting, SPOTS[0][1]) for at in common}
        for at in common:
            for column, worth in SPOTS:
                newest = self._newest(f"{column}({queries_of[at]})", limit=CANDIDATES)
                worths[at] |= dict.fromkeys(newest, worth)
        often = len(self._names) * COUNTED_SHARE
        counted = [
            at for at in common if answer.counts[answer.asked[at]] <= often and answer.asked[at] is not answer.phrase
        ]
        known = (found.ids.tolist() for found in answer.hits)
        among = sorted(set().union(*known, *worths.values())) if counted else []
        scored = (self._texts.score(queries_of[at], weights=COLUMNS, among=among) for at in counted)
        return [
            *map(ranking.Hits.of, counted, scored),
            *(ranking.Hits.of(at, [*worths[at].items()]) for at in common if at not in counted),
        ]

    def _count(self, concept: Concept, texts: TextIndex) -> int:
        """Return how many reviews have a concept; beyond `COUNTED` of them, extrapolate to all reviews."""
        query, known = self._used.query(concept), self._known
        found = known.ask(texts.narrowing, "count", query, COUNTED, lambda: texts.count(query, limit=COUNTED))
        if found < COUNTED:
            return found
        reached = known.ask(texts.narrowing, "reached", query, COUNTED, lambda: texts.reached(query, count=COUNTED))
        return COUNTED * len(self._names) // max(1, self._names.count_up_to(reached))

    def _count_unfiltered(self, concept: Concept) -> int:
        return self._count(concept, self._texts.unfiltered())

    def _newest(self, query: str, *, limit: int) -> list[int]:
        def find() -> ranking.Ids:
            return np.array(self._texts.newest(query, limit=limit), np.int64)

        ids: list[int] = self._known.ask(self._texts.narrowing, "newest", query, limit, find).tolist()
        return ids

    def _hits(self, at: int, query: str, *, limit: int = -1) -> ranking.Hits:
        def score() -> ranking.Hits:
            return ranking.Hits.of(at, self._texts.score(query, weights=COLUMNS, limit=limit))

        return self._known.ask(self._texts.narrowing, "score", query, limit, score)._replace(number=at)

    def having_phrase(self, phrase: Concept, limit: int) -> list[int]:
        """Return the reviews that have a phrase, those first that have it most."""
        ids = [item.review_id for item in self.rank(self.ask([phrase]), {phrase: 1.0}, limit)]
        # The index does not know where a paragraph ends: “… GPT” and “5. …” below it are not GPT-5.
        texts = self._texts.texts(ids)
        return [review_id for review_id in ids if review_id in texts and stands_in(texts[review_id], phrase)]

    # ── similar reviews ─────────────────────────────────────────────────────────────────────────

    def similar(self, uses: Mapping[Concept, int]) -> list[int]:
        """Return the reviews whose title, headings or abstract share the rarer of these subjects."""
        total = len(self._names)
        most = min(SCORED_WHOLLY, max(3, int(total * SUBJECT_SHARE)))
        self._used.learn(self._texts, uses, ABOUT)
        about = {subject: self._used.query(subject, ABOUT) for subject in uses}
        counts = {subject: self._count_about(query, limit=most + 1) for subject, query in about.items()}
        rare = [subject for subject in uses if 1 < counts[subject] <= most]
        weights = {
            concept: weight * sqrt(uses[concept])
            for concept, weight in ranking.weigh(rare, counts, total=total).items()
        }
        telling = sorted(rare, key=lambda subject: -weights[subject])[:TELLING]
        chosen = {subject: weights[subject] for subject in telling}
        hits = [self._hits(at, about[subject]) for at, subject in enumerate(telling)]
        sharing = ranking.hits_of_sharing(hits, list(chosen.values()), least=SIMILAR_SHARE)
        ranked = ranking.rank(telling, sharing.hits, chosen, stubs=self.stubs)
        return [
            item.review_id for item in ranked if item.review_id in sharing.reviews and item.share >= SIMILAR_SHARE
        ]

    def _count_about(self, query: str, *, limit: int) -> int:
        texts = self._texts
        return self._known.ask(texts.narrowing, "count", query, limit, lambda: texts.count(query, limit=limit))


class Searcher:
    """Searches the index: all reviews, or those given to `among`. The caller narrows each search to the same ones."""

    def __init__(
        self,
        database: Database,
        name_cache: NameCache,
        names: Names | None = None,
        used: UsedPhrases | None = None,
        known: KnownMatches | None = None,
    ) -> None:
        self._database = database
        self._name_cache = name_cache
        self._given = names
        self._used = used or UsedPhrases()
        self._known = known or KnownMatches()

    def among(self, names: Names) -> Searcher:
        """Return a searcher for which there are no other reviews than these."""
        return Searcher(self._database, self._name_cache, names, self._used, self._known)

    @property
    def _names(self) -> Names:
        return self._name_cache.names if self._given is None else self._given

    def _ranker(self, texts: TextIndex) -> _Ranker:
        return _Ranker(
            texts,
            self._names,
            self._used,
            self._known,
            glossary=self._name_cache.glossary,
            everyday=self._name_cache.everyday,
            is_large=len(self._name_cache.names) > LARGE,
        )

    async def _ask(self, narrowing: Narrowing, work: Callable[[TextIndex, _Ranker], T]) -> T:
        """Do all that a question asks the index in one step, in the thread of the database's connection."""

        def run(db: Direct) -> T:
            texts = TextIndex(db, narrowing)
            self._known.meet(texts.version())
            return work(texts, self._ranker(texts))

        return await self._database.reader.perform(run)

    async def search(self, text: str, narrowing: Narrowing, *, limit: int | None = None) -> Search:
        """Rank the reviews that have anything of a query, and find where they say it.

        Args:
            limit: How many reviews to return; None for all.
        """

        def ask(index: TextIndex, ranker: _Ranker) -> tuple[Search, dict[int, IndexText]]:
            search = ranker.search(text, max(limit, COMPARED) if limit else None)
            search = replace(search, ranked=_compared_first(search.ranked))
            return search, index.texts(item.review_id for item in search.ranked[:COMPARED])

        search, texts = await self._ask(narrowing, ask)
        return await asyncio.to_thread(_judge, search, texts, limit, is_alone=len(text.split()) == 1)

    async def rank(self, text: str, narrowing: Narrowing, *, limit: int | None = None) -> Search:
        """Rank the reviews by the index alone, without looking at where in a review the words are."""
        return await self._ask(narrowing, lambda _, ranker: ranker.search(text, limit))

    # ── passages ────────────────────────────────────────────────────────────────────────────────

    async def hits(self, search: Search, ranked: Sequence[Ranked]) -> tuple[Hit, ...]:
        """Return the ranked reviews, each with the passage that has most of the query."""
        ids = [item.review_id for item in ranked]
        heads = await reviews.find_heads(self._database.reader, ids)
        places = search.places
        if missing := [review_id for review_id in ids if review_id not in places]:
            texts = await index.find_texts(self._database.reader, missing)
            found = await asyncio.to_thread(_places, search.concepts, search.weights, texts)
            places = dict.fromkeys(missing) | places | found
        known = ((review_id, places[review_id]) for review_id in ids)
        wanted = {review_id: (place.section, place.block) for review_id, place in known if place}
        rows = await reviews.find_passages(self._database.reader, wanted)
        scores = {item.review_id: item.score for item in ranked}

        def make(head: ReviewHead, passages: Mapping[int, Passage]) -> Hit:
            if head.id not in passages:
                return Hit(head=head, score=scores[head.id])
            headings, block = passages[head.id]
            return Hit(
                head=head,
                section=wanted[head.id][0],
                block=wanted[head.id][1],
                headings=headings,
                passage=excerpt(block, search.concepts),
                words_check=check_of_block(block),
                score=scores[head.id],
            )

        def make_all() -> tuple[Hit, ...]:
            passages = reviews.read_passages(rows, wanted)
            return tuple(make(head, passages) for head in heads)

        # Decoding and cutting ten long sections takes some milliseconds.
        return await asyncio.to_thread(make_all)

    async def mentions(self, name: str, narrowing: Narrowing, *, limit: int) -> list[int]:
        """Return the reviews whose text has these words side by side, those that have them most first.

        If there are none, and there are at least `DESCRIPTION` words without digits, return the reviews with all of
        the words.
        """
        side_by_side = await self._having_phrase(name, narrowing, limit=limit)
        if side_by_side or len(name.split()) < DESCRIPTION or any(char.isdigit() for char in name):
            return side_by_side
        search = await self.search(name, narrowing, limit=limit)
        return [item.review_id for item in search.ranked if item.share > ALL_WORDS and not search.mended]

    async def is_everyday(self, word: str, narrowing: Narrowing, *, reviews: int) -> bool:
        """Return whether so many texts have a word that it does not count as the name of a title with it.

        Args:
            reviews: How many reviews there are.
        """
        phrase = queries.phrase_of(word)
        if phrase is None:
            return False
        query = phrase.match_query()
        found = await self._ask(narrowing, lambda texts, _: texts.count(query, limit=MAX_COUNTED))
        return found >= max(MIN_EVERYDAY, EVERYDAY_SHARE * min(reviews, MAX_COUNTED))

    async def occurs(self, word: str, narrowing: Narrowing, *, besides: int) -> bool:
        """Return whether the text of any other review has a word."""
        phrase = queries.phrase_of(word)
        if phrase is None:
            return False
        query = phrase.match_query()
        having = await self._ask(narrowing, lambda texts, _: texts.newest(query, limit=2))
        return any(review_id != besides for review_id in having)

    async def _having_phrase(self, text: str, narrowing: Narrowing, *, limit: int) -> list[int]:
        phrase = queries.phrase_of(text)
        if phrase is None:
            return []
        return await self._ask(narrowing, lambda _, ranker: ranker.having_phrase(phrase, limit))

    async def are_on(self, term: str, review_ids: Sequence[int]) -> bool:
        """Return whether one of these reviews is about everything that a term names, in either language."""
        concepts = [whole for whole in queries.parse_query(term, self._name_cache.glossary) if whole.part_of is None]
        texts = (await index.find_texts(self._database.reader, review_ids)).values()

        def find() -> bool:
            return any(all(is_on(text, concept) for concept in concepts) for text in texts)

        return bool(concepts) and await asyncio.to_thread(find)

    # ── related reviews ─────────────────────────────────────────────────────────────────────────

    async def related(
        self, stored: StoredReview, narrowing: Narrowing, *, same_paper: Sequence[int], limit: int
    ) -> list[tuple[int, Kinship]]:
        """Return the reviews related to one, each with its strongest reason, the strongest first.

        Args:
            same_paper: The other reviews of its paper.
        """
        kinships: dict[int, Kinship] = {}

        def add(kinship: Kinship, ids: Iterable[int]) -> None:
            for review_id in ids:
                if review_id != stored.id and review_id in self._names:
                    kinships.setdefault(review_id, kinship)

        add(Kinship.SAME_PAPER, same_paper)
        for kinship, ids in await self._sharing_keys(stored):
            add(kinship, ids)
        add(Kinship.CITED, await asyncio.to_thread(self._names.named_in, stored.review))
        add(Kinship.CITES, await self._naming(stored, narrowing))
        if len(kinships) < limit:  # similar reviews come last
            known = {stored.id, *kinships}
            similar = await self._similar(stored, narrowing)
            fresh = (review_id for review_id in similar if review_id not in known and review_id in self._names)
            kinships |= dict.fromkeys(islice(fresh, limit - len(kinships)), Kinship.SIMILAR)
        order = list(Kinship)
        return sorted(kinships.items(), key=lambda item: order.index(item[1]))[:limit]

    async def _sharing_keys(self, stored: StoredReview) -> list[tuple[Kinship, list[int]]]:
        keys = await index.keys_of(self._database.reader, stored.id)
        own = [key for key, is_own in keys.items() if is_own]
        cited = [key for key, is_own in keys.items() if not is_own]
        ours = await index.find_by_keys(self._database.reader, own)
        theirs = await index.find_by_keys(self._database.reader, cited)
        if any(carrier.review_id == stored.id and carrier.is_doubtful for carrier in ours):
            ours = []  # its header may belong to another paper
        return [
            (Kinship.CITED, [c.review_id for c in theirs if c.is_own and not c.is_doubtful]),
            (Kinship.CITES, [c.review_id for c in ours if not c.is_own]),
        ]

    async def _naming(self, stored: StoredReview, narrowing: Narrowing) -> list[int]:
        """Return the reviews whose text has this one's name, if that is a name and not an everyday word."""
        name = stored.review.short_name or ""
        if not is_telling(name):
            return []
        return await self._having_phrase(name, narrowing, limit=CANDIDATES)

    async def _similar(self, stored: StoredReview, narrowing: Narrowing) -> list[int]:
        """Return the reviews whose title, headings or abstract share this one's rarer subjects."""
        uses = await asyncio.to_thread(
            queries.subjects_of, stored.review, self._name_cache.glossary, limit=MAX_SUBJECTS
        )
        return await self._ask(narrowing, lambda _, ranker: ranker.similar(uses))
