"""What a search is narrowed by: how filters are read, and which reviews of the cache meet them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import RequestError
from bot.models.index import ReadReview
from bot.models.reviews import Review
from bot.search.extract import index_review
from bot.search.filters import split_filters
from bot.search.ranking import COLUMNS
from bot.store import feeds, reviews
from bot.store.database import Database
from bot.store.index import Narrowing, TextIndex, list_narrowed
from tests.factories import make_entry

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
REVIEW = Review(
    guid="g",
    link="https://one.test/1",
    title="Otter",
    clean_title="Otter",
    venue="ICLR",
    year=2024,
    categories=("Vision-and-Language", "LLM"),
    authors=("Akari Asai", "Zeqiu Wu"),
    published=datetime(2024, 3, 15, tzinfo=UTC),
)


@pytest.fixture
async def cache(database: Database) -> Database:
    """A cache with that one review, of a feed at blog.test."""
    read = ReadReview(entry=make_entry(), entry_hash="h", fingerprint="f", review=REVIEW, index=index_review(REVIEW))
    async with database.transaction() as db:
        feed = await feeds.ensure_feed(db, "https://blog.test/feed")
        await reviews.save_review(db, feed.id, read, structure_version=1, now=NOW)
    return database


async def is_kept(cache: Database, narrowing: Narrowing) -> bool:
    """Whether the review is listed; a search by words finds the same."""
    listed = await list_narrowed(cache.reader, narrowing, limit=9)
    searched = await cache.reader.perform(lambda db: TextIndex(db, narrowing).score('"otter"', weights=COLUMNS))
    assert [review_id for review_id, _ in searched] == listed
    return bool(listed)


@pytest.mark.parametrize(
    "query",
    [
        "venue:ICLR", "venue:iclr2024", 'venue:"ICLR 2024"', "VENUE:ICLR", "year:2024", "tag:vision-and-language",
        "tag:llm", "author:asai", 'author:"akari asai"', "source:blog.test", "before:2024-03-16", "before:2025",
        "after:2024-03-15", "after:2024", "after:2024-3", "venue:ICLR tag:LLM year:2024",
    ],
)  # fmt: skip
async def test_a_review_that_meets_its_filters_is_kept(cache: Database, query: str) -> None:
    rest, filters = split_filters(query)
    assert rest == ""
    assert filters
    assert await is_kept(cache, Narrowing(filters=filters))


@pytest.mark.parametrize(
    "query",
    ["venue:ICL", "venue:ICLR2023", "year:2023", "tag:vision", "author:as", 'author:"akari wu"', "source:tistory",
     "before:2024-03-15", "before:2024", "after:2024-03-16", "after:2025"],
)  # fmt: skip
async def test_a_review_that_does_not_is_left_out(cache: Database, query: str) -> None:
    assert not await is_kept(cache, Narrowing(filters=split_filters(query)[1]))


def test_words_around_filters_stay_in_order() -> None:
    rest, filters = split_filters('환각 venue:ACL2023 "green list" year:2023 http://x.test:80 note:this')
    assert rest == '환각 "green list" http://x.test:80 note:this'
    assert [one.kind for one in filters] == ["venue", "year"]


@pytest.mark.parametrize(
    "query", ["year:soon", "year:24", "before:yesterday", "after:2024-13", "venue:", 'tag:""', "tag:?"]
)
def test_a_filter_that_means_nothing_is_refused_in_words(query: str) -> None:
    with pytest.raises(RequestError, match=query.partition(":")[0]):
        split_filters(query)


@given(st.text(max_size=60))
def test_any_text_is_split_or_refused(text: str) -> None:
    try:
        rest, _ = split_filters(text)
    except RequestError:
        return
    assert len(rest) <= len(text)
