"""What is kept of the index's answers: they are those of the newest index, of one audience, and limited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.answering import known_matches
from bot.answering.known_matches import KnownMatches
from bot.models.index import Filter, FilterKind
from bot.search.ranking import COLUMNS, Hits
from bot.store.database import Database, Direct
from bot.store.index import NOTHING_LESS, Narrowing, TextIndex
from tests.test_used_phrases import save


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with await Database.open(tmp_path / "known.db") as opened:
        yield opened


class Asker:
    """Asks for the reviews that have a word, and counts how often the index is asked."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = KnownMatches()
        self.times = 0

    async def having(self, word: str, narrowing: Narrowing = NOTHING_LESS) -> list[int]:
        """The reviews that have a word."""

        def ask(db: Direct) -> list[int]:
            texts = TextIndex(db, narrowing)
            self._known.meet(texts.version())

            def find() -> Hits:
                self.times += 1
                return Hits.of(0, texts.score(word, weights=COLUMNS))

            ids: list[int] = self._known.ask(narrowing, "score", word, -1, find).ids.tolist()
            return ids

        return await self._database.reader.perform(ask)


async def test_the_same_word_is_asked_for_once_until_the_index_changes(database: Database) -> None:
    asker = Asker(database)
    first = await save(database, 1, "Of kelp and sand.")
    assert [await asker.having("kelp"), await asker.having("kelp")] == [[first], [first]]
    assert asker.times == 1
    second = await save(database, 2, "More kelp.")
    assert await asker.having("kelp") == [first, second]
    assert asker.times == 2


async def test_no_audience_gets_what_is_kept_for_another(database: Database) -> None:
    asker = Asker(database)
    first, second = await save(database, 1, "Of kelp."), await save(database, 2, "More kelp.")
    only = [Narrowing(shown=bytes(number == shown for number in range(second + 1))) for shown in (first, second)]
    for _ in range(2):
        assert [await asker.having("kelp", narrowing) for narrowing in (*only, NOTHING_LESS)] == [
            [first],
            [second],
            [first, second],
        ]
    assert asker.times == 3


@pytest.mark.parametrize(
    "narrowing",
    [
        Narrowing(filters=(Filter(kind=FilterKind.SOURCE, keys=("elsewhere",)),)),
        Narrowing(excluded=('"sand"',)),
    ],
)
async def test_a_filtered_search_is_asked_anew(database: Database, narrowing: Narrowing) -> None:
    asker = Asker(database)
    review_id = await save(database, 1, "Of kelp and sand.")
    assert await asker.having("kelp") == [review_id]
    assert await asker.having("kelp", narrowing) == []
    assert await asker.having("kelp") == [review_id]


async def test_what_is_kept_is_limited_and_the_latest_stays(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_matches, "MOST_KEPT", 2 * (known_matches.OVERHEAD + 1))
    asker = Asker(database)
    await save(database, 1, "Of kelp, sand and foam.")
    for word in ("kelp", "sand", "kelp", "foam", "kelp"):
        await asker.having(word)
    assert asker.times == 3
    await asker.having("sand")
    assert asker.times == 4
