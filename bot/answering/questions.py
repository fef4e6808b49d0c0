"""Answering a question with passages: candidates by the index, their passages ranked, the best of them fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.answering.embedding import Embeddings
from bot.answering.searcher import SMALL, Search, Searcher
from bot.models.answers import (
    MAX_CONSIDERED,
    MAX_QUOTED_PASSAGES,
    MAX_QUOTED_REVIEWS,
    QuotedPassage,
    QuotedReview,
)
from bot.models.index import BlockPlace
from bot.models.passages import check_of_block
from bot.models.reviews import StoredReview
from bot.search.anchoring import heading_path
from bot.search.evidence import Candidate, RankedPassage, is_sure, rank_passages
from bot.search.query import Mended
from bot.search.questions import Question, read_question
from bot.search.sentences import best_sentence
from bot.store import index, reviews
from bot.store.database import Database
from bot.store.index import Narrowing
from bot.text.anchors import heading_link

CANDIDATES = 60
"""Reviews whose passages are compared, the best by the index; all of a small blog."""
FEW_CANDIDATES = 24
"""Where very many reviews may be found, whose best are better and which take longer to search."""


FAR = 3.5
"""How far a review may come after the best and still be shown beside a sure answer: of 82 others, two said it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """What a question was answered with.

    Attributes:
        further: What comes after ``reviews``, if a model is to choose.
        mended: The words that were read otherwise.
    """

    reviews: tuple[QuotedReview, ...]
    further: tuple[QuotedReview, ...]
    is_sure: bool
    mended: tuple[Mended, ...] = ()


class Questioner:
    """Finds the passages that answer a question, among the reviews of its searcher.

    Args:
        has_model: Whether a language model chooses among `MAX_CONSIDERED` passages afterwards.
    """

    def __init__(self, database: Database, searcher: Searcher, embeddings: Embeddings, *, has_model: bool) -> None:
        self._database = database
        self._searcher = searcher
        self._embeddings = embeddings
        self._has_model = has_model

    async def find(self, text: str, narrowing: Narrowing, *, among: Sequence[int] | None = None) -> Quoted:
        """Return the passages that answer a question best.

        Args:
            among: The reviews of the paper that it is about; None for all.
        """
        question = read_question(text)
        search = await self._searcher.search(question.subject, narrowing, limit=CANDIDATES)
        most = CANDIDATES if search.total <= SMALL else FEW_CANDIDATES
        ids = [item.review_id for item in search.ranked[:most]] if among is None else list(among)
        candidates = await self._candidates(ids, search)
        likeness = await self._embeddings.likeness(text, [candidate.review_id for candidate in candidates])
        ranked = await asyncio.to_thread(_rank, question, candidates, search, likeness, is_inside=among is not None)
        sure = is_sure(question.kind, ranked, is_inside=among is not None)
        shown = _choose(passage for passage in ranked if not sure or passage.score >= ranked[0].score - FAR)
        further = _after(ranked, shown) if self._has_model else {}
        return Quoted(
            reviews=await self._quote(shown, search),
            further=await self._quote(further, search),
            is_sure=sure,
            mended=search.mended,
        )

    async def _candidates(self, ids: Sequence[int], search: Search) -> list[Candidate]:
        texts = await index.find_texts(self._database.reader, ids)
        outlines = await reviews.find_outlines(self._database.reader, ids)
        sections = {outline.review_id: outline.sections for outline in outlines}
        scores = {item.review_id: item.score for item in search.ranked}
        best = max(scores.values(), default=1.0) or 1.0
        return [
            Candidate(
                review_id=review_id,
                text=texts[review_id],
                outline=sections.get(review_id, ()),
                score=scores.get(review_id, 0.0) / best,
            )
            for review_id in ids
            if review_id in texts
        ]

    async def _quote(self, chosen: Mapping[int, Sequence[RankedPassage]], search: Search) -> tuple[QuotedReview, ...]:
        stored = await reviews.find_reviews(self._database.reader, chosen)
        quoted = await asyncio.to_thread(lambda: [_quote_review(one, chosen[one.id], search) for one in stored])
        return tuple(review for review in quoted if review.passages)


def _rank(
    question: Question,
    candidates: Sequence[Candidate],
    search: Search,
    likeness: Mapping[BlockPlace, float] | None,
    *,
    is_inside: bool,
) -> list[RankedPassage]:
    """Rank the passages; the first time, read the vectors of words."""
    return rank_passages(
        question, candidates, search.concepts, search.weights, likeness=likeness, is_inside=is_inside
    )


def _choose(ranked: Iterable[RankedPassage]) -> dict[int, list[RankedPassage]]:
    """Return the best passages of the best reviews."""
    chosen: dict[int, list[RankedPassage]] = {}
    for passage in ranked:
        if passage.review_id in chosen or len(chosen) < MAX_QUOTED_REVIEWS:
            passages = chosen.setdefault(passage.review_id, [])
            if len(passages) < MAX_QUOTED_PASSAGES and all(passage.section != other.section for other in passages):
                passages.append(passage)
    return chosen


def _after(
    ranked: Sequence[RankedPassage], shown: Mapping[int, Sequence[RankedPassage]]
) -> dict[int, list[RankedPassage]]:
    """Return those of the best passages that are not shown."""
    further: dict[int, list[RankedPassage]] = {}
    for passage in ranked[:MAX_CONSIDERED]:
        if passage not in shown.get(passage.review_id, ()):
            further.setdefault(passage.review_id, []).append(passage)
    return further


def _quote_review(stored: StoredReview, passages: Iterable[RankedPassage], search: Search) -> QuotedReview:
    sections = stored.review.sections
    # The review may have been revised since it was ranked.
    standing = [
        one for one in passages if one.section < len(sections) and one.block < len(sections[one.section].blocks)
    ]
    return QuotedReview(head=stored.head, passages=tuple(_quote(stored, one, search) for one in standing))


def _quote(stored: StoredReview, passage: RankedPassage, search: Search) -> QuotedPassage:
    section = stored.review.sections[passage.section]
    block = section.blocks[passage.block]
    return QuotedPassage(
        section=passage.section,
        block=passage.block,
        headings=heading_path(stored.review.sections, passage.section),
        link=heading_link(stored.review.link, section.anchor, section.heading),
        text=block,
        best=best_sentence(block.text, search.concepts, search.weights),
        words_check=check_of_block(block),
        score=passage.score,
    )
