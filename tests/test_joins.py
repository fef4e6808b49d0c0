"""Which reviews are about one paper, in the file: by the rule, by moderators, as each server sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest_asyncio

from bot.reading.documents import read_entries
from bot.store import feeds, joins, reviews
from bot.store.database import Database
from tests.factories import REVIEW_HTML, make_entry

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ONE, OTHER = "https://one.test/feed", "https://two.test/feed"


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with await Database.open(tmp_path / "n.db") as opened:
        yield opened


async def save(database: Database, url: str, number: int, *, paper: int, title: str) -> int:
    """Enter a post about a paper, whose number is in its arXiv identifier."""
    entry = make_entry(number, title=title, html=REVIEW_HTML.format(number=paper), link=f"{url}/{number}")
    (read,) = read_entries([entry])
    async with database.transaction() as db:
        feed = await feeds.ensure_feed(db, url)
        return await reviews.save_review(db, feed.id, read, structure_version=1, now=NOW)


async def papers(database: Database, ids: list[int], guild_id: int | None = None) -> list[tuple[int, ...]]:
    return [await joins.paper_of(database.reader, review_id, guild_id) for review_id in ids]


async def test_an_identifier_joins_reviews_of_two_blogs_whatever_they_are_titled(database: Database) -> None:
    """The row has the identifier as its reason, and is written with the review."""
    one = await save(database, ONE, 1, paper=7, title="Lantern-7: Reading Long Documents Twice")
    other = await save(database, OTHER, 2, paper=7, title="긴 문서를 두 번 읽기")
    apart = await save(database, OTHER, 3, paper=8, title="Lantern-8: Reading Short Documents Once")
    assert await papers(database, [one, other, apart]) == [(one, other), (one, other), (apart,)]
    assert await joins.reason_of(database.reader, one, other, None) == "arxiv:2401.00007"


async def test_moderators_join_and_part_in_their_server_alone(database: Database) -> None:
    one = await save(database, ONE, 1, paper=7, title="Lantern-7: Reading Long Documents Twice")
    other = await save(database, OTHER, 2, paper=7, title="긴 문서를 두 번 읽기")
    third = await save(database, OTHER, 3, paper=8, title="Lantern-8: Reading Short Documents Once")
    async with database.transaction() as db:
        await joins.part(db, 5, one, other, now=NOW)
        await joins.join(db, 5, one, third, now=NOW)
    assert await papers(database, [one, other, third], 5) == [(one, third), (other,), (one, third)]
    assert await papers(database, [one, other, third], 6) == [(one, other), (one, other), (third,)]
    async with database.transaction() as db:
        await joins.join(db, 5, other, one, now=NOW)
    assert await papers(database, [one, other, third], 5) == [(one, other, third)] * 3
