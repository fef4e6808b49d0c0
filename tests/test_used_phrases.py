"""Queries leave out the spellings that no review has: they find the same, also after a spelling comes into use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from bot.answering import used_phrases
from bot.answering.used_phrases import ABOUT, UsedPhrases
from bot.models.index import ReadReview
from bot.search.extract import index_review
from bot.search.query import Concept, parse_query
from bot.search.ranking import COLUMNS
from bot.store import feeds, reviews
from bot.store.database import Database
from bot.store.index import TextIndex
from tests.factories import bundled_glossary, make_entry, make_review

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with await Database.open(tmp_path / "used.db") as opened:
        yield opened


async def save(database: Database, number: int, text: str) -> int:
    """Enter a review with this abstract."""
    review = replace(make_review(text), guid=f"g{number}", link=f"https://reviews.example/{number}")
    read = ReadReview(
        entry=make_entry(number),
        entry_hash=str(number),
        fingerprint=str(number),
        review=review,
        index=index_review(review),
    )
    async with database.transaction() as db:
        feed = await feeds.ensure_feed(db, "https://reviews.example/feed.xml")
        return await reviews.save_review(db, feed.id, read, structure_version=1, now=NOW)


def term(text: str) -> Concept:
    """A term of the bundled glossary, with all its spellings."""
    (concept,) = (concept for concept in parse_query(text, bundled_glossary()) if concept.part_of is None)
    assert len(concept.spellings) > 2
    return concept


async def scores(database: Database, query: str) -> dict[int, float]:
    """The reviews that match, with their scores."""
    return dict(await database.reader.perform(lambda db: TextIndex(db).score(query, weights=COLUMNS)))


async def learn(database: Database, used: UsedPhrases, concepts: Sequence[Concept], columns: str = "") -> None:
    """Find out which spellings are used."""
    await database.reader.perform(lambda db: used.learn(TextIndex(db), concepts, columns))


@pytest.mark.parametrize("columns", ["", ABOUT])
async def test_fewer_spellings_find_the_same_with_the_same_scores(database: Database, columns: str) -> None:
    """Before, when and after one of them comes into use."""
    used, concept = UsedPhrases(), term("hallucination")
    for number, text in enumerate(("Of kelp and sand.", "Hallucination in dialogue.", "환각을 줄인다.", "Sand.")):
        await save(database, number, text)
        await learn(database, used, [concept], columns)
        query = used.query(concept, columns)
        whole = f"{columns}({concept.match_query()})"
        assert await scores(database, query) == await scores(database, whole)
        assert query.count('"') < whole.count('"')
    assert len(await scores(database, query)) == 2


async def test_what_is_not_known_is_asked_for(database: Database) -> None:
    """Another task may have met a newer index in the meantime, and forgotten everything."""
    concept, word = term("hallucination"), Concept("kelp", (("kelp",),))
    used = UsedPhrases()
    await learn(database, used, [word])
    assert used.query(concept) == concept.match_query()
    assert used.query(word) == '"kelp"'


async def test_many_that_learn_at_once_know_the_newest_index(database: Database) -> None:
    used = UsedPhrases()
    concepts = [term(text) for text in ("hallucination", "dialogue", "knowledge distillation")]
    await asyncio.gather(*(learn(database, used, [concept]) for concept in concepts))
    review_id = await save(database, 1, "환각, 다이얼로그, 지식 증류")
    await asyncio.gather(*(learn(database, used, [concept]) for concept in concepts))
    for concept in concepts:
        assert set(await scores(database, used.query(concept))) == {review_id}


async def test_the_phrases_that_are_known_are_limited(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(used_phrases, "MOST_KNOWN", 3)
    await save(database, 1, "환각, 다이얼로그")
    used = UsedPhrases()
    for text in ("hallucination", "dialogue", "hallucination"):
        await learn(database, used, [concept := term(text)])
        assert len(await scores(database, used.query(concept))) == 1
