"""Queries about what reviews are found by: names, facets, identifiers and the full-text index.

All of it is written in the transaction that writes the review, so that it always agrees with the cache.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, cast

import aiosqlite

from bot.models.index import (
    ColumnWeights,
    Facet,
    FacetKind,
    Filter,
    FilterKind,
    IndexText,
    LabelRow,
    Name,
    NameRow,
    PaperKey,
    ReviewIndex,
)
from bot.store.times import to_text

CHUNK = 2_000
"""Rows handed over at once, which takes a millisecond of the event loop."""

DELETES = tuple(f"DELETE FROM {table} WHERE review_id = :review_id" for table in ("names", "facets", "paper_keys"))
INSERT_NAME = """
    INSERT INTO names (key, review_id, kind, text, uses, sounds)
    VALUES (:key, :review_id, :kind, :text, :uses, :sounds)
"""
INSERT_FACET = """
    INSERT OR IGNORE INTO facets (kind, key, review_id, text) VALUES (:kind, :key, :review_id, :text)
"""
INSERT_KEY = "INSERT INTO paper_keys (key, review_id, is_own) VALUES (:key, :review_id, :is_own)"
DELETE_TEXT = "DELETE FROM review_index WHERE rowid = :review_id"
REPLACE_TEXT = """
    INSERT OR REPLACE INTO review_index (rowid, title, headings, abstract, body)
    VALUES (:review_id, :title, :headings, :abstract, :body)
"""
# Only ids are sorted: sorting all the columns would take as much memory as the names.
PREFERRED = """
    SELECT id FROM reviews ORDER BY characters < :stub, coalesce(published, first_seen_at) DESC, id DESC
"""
LABELS = """
    SELECT id, link, clean_title, short_name, venue, year, characters < :stub, words, feed_id
    FROM reviews WHERE id IN (SELECT value FROM json_each(:ids))
"""
NAMES = "SELECT key, review_id, kind, text, uses, sounds FROM names ORDER BY key"
NAMED_EXACTLY = "SELECT DISTINCT review_id FROM names WHERE key = :key"
NAMES_OF = """
    SELECT key, review_id, kind, text, uses, sounds FROM names
    WHERE review_id IN (SELECT value FROM json_each(:ids)) ORDER BY key
"""
BY_KEYS = """
    SELECT review_id, max(is_own) AS is_own,
        EXISTS (SELECT 1 FROM names n WHERE n.review_id = k.review_id AND n.kind = 'linked') AS is_doubtful
    FROM paper_keys k WHERE key IN (SELECT value FROM json_each(:keys)) GROUP BY review_id
"""
# The names in memory belong to a version of the index, which commits about anything else do not change.
VERSION = "SELECT value FROM facts WHERE name = 'index version'"
NEXT_VERSION = """
    INSERT INTO facts (name, value) VALUES ('index version', '1')
    ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)
"""
NEWEST_FIRST = """
    SELECT id FROM reviews WHERE id IN (SELECT value FROM json_each(:ids))
    ORDER BY coalesce(published, first_seen_at) DESC, id DESC LIMIT :limit
"""
KEYS_OF = "SELECT key, is_own FROM paper_keys WHERE review_id = :review_id"
BY_FACET = "SELECT review_id, text FROM facets WHERE kind = :kind AND key = :key"
COMPLETIONS = """
    SELECT text, count(DISTINCT review_id) AS reviews FROM facets
    WHERE kind = :kind AND key >= :key AND key < :key || char(1114111) AND {among}
    GROUP BY text ORDER BY reviews DESC, text LIMIT :limit
"""
TEXTS = """
    SELECT rowid AS review_id, title, headings, abstract, body FROM review_index
    WHERE rowid IN (SELECT value FROM json_each(:ids))
"""
COUNT = """
    SELECT count(*) FROM (SELECT 1 FROM review_index WHERE review_index MATCH :query {and_narrowed} LIMIT :limit)
"""
REACHED = """
    SELECT rowid FROM review_index WHERE review_index MATCH :query {and_narrowed}
    ORDER BY rowid LIMIT 1 OFFSET :limit - 1
"""
# One statement for any number of phrases; FTS5 only looks for the first row of each.
USED = """
    SELECT value AS phrase, EXISTS (SELECT 1 FROM review_index WHERE review_index MATCH value) AS is_used
    FROM json_each(:phrases)
    UNION ALL SELECT NULL, coalesce((SELECT CAST(value AS INTEGER) FROM facts WHERE name = 'index version'), 0)
"""
# bm25() is negative, and lower is better; the columns are title, headings, abstract, body.
SCORE = """
    SELECT rowid, -bm25(review_index, :title, :headings, :abstract, :body)
    FROM review_index WHERE review_index MATCH :query {and_narrowed} LIMIT :limit
"""
# In one row: handing over each row of a result takes longer than finding it.
NEWEST = """
    SELECT json_group_array(review_id) FROM (
        SELECT rowid AS review_id FROM review_index WHERE review_index MATCH :query {and_narrowed}
        ORDER BY rowid DESC LIMIT :limit
    )
"""
LISTED = """
    SELECT id FROM reviews WHERE {narrowed} ORDER BY coalesce(published, first_seen_at) DESC, id DESC LIMIT :limit
"""
# The "+" keeps FTS5 from looking up each row by its id: it walks its own list, and checks this for each row.
AMONG = " AND +rowid IN (SELECT value FROM json_each(:among))"


# Reads one byte for each row it meets, which is equally fast for audiences of one feed and of nearly all feeds. A set
# of ids would be built anew for each part of a statement, and could be as large as the cache.
SHOWN = "substr({value}, {column} + 1, 1) = x'01'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Which reviews a search may find.

    Attributes:
        filters: A review must meet all of them.
        shown: For each review id, from 0 on, a byte that is 1 if it may be found; None for all.
        excluded: Queries in FTS5's syntax; a review may match none of them.
    """

    filters: tuple[Filter, ...] = ()
    shown: bytes | None = None
    excluded: tuple[str, ...] = ()

    def conditions(self, column: str) -> tuple[list[str], dict[str, Any]]:
        """Return the SQL conditions on a column of review ids, and their parameters."""
        conditions: list[str] = []
        values: dict[str, Any] = {}

        def ask(condition: str, value: object) -> None:
            values[name := f"narrow{len(values)}"] = value
            conditions.append(condition.format(column=column, value=f":{name}"))

        for search_filter in self.filters:
            ask(
                _CONDITIONS[search_filter.kind],
                to_text(search_filter.day) if search_filter.day else json.dumps(search_filter.keys),
            )
        for query in self.excluded:
            ask("{column} NOT IN (SELECT rowid FROM review_index WHERE review_index MATCH {value})", query)
        if self.shown is not None:
            ask(SHOWN, self.shown)
        return conditions, values

    def on_index(self) -> tuple[str, dict[str, Any]]:
        """Return the conditions to append to a query of the full-text index, and their parameters."""
        conditions, values = self.conditions("+rowid")
        return "".join(f" AND {condition}" for condition in conditions), values


NOTHING_LESS = Narrowing()
"""Every review may be found."""

# All keys must belong to the same facet: "akari" and "asai" to one author.
_HAS_FACET = (
    "{{column}} IN (SELECT review_id FROM facets WHERE kind = '{kind}'"
    " AND key IN (SELECT value FROM json_each({{value}}))"
    " GROUP BY review_id, text HAVING count(*) = json_array_length({{value}}))"
)
_DATED = "{{column}} IN (SELECT id FROM reviews WHERE coalesce(published, first_seen_at) {sign} {{value}})"
# Matches the address as it is shown, or somebody could guess a key in it letter by letter.
_FROM_SOURCE = (
    "{column} IN (SELECT id FROM reviews WHERE instr(lower(link), json_extract({value}, '$[0]')) OR feed_id IN"
    " (SELECT id FROM feeds WHERE instr(lower(redacted(url)), json_extract({value}, '$[0]'))))"
)
_CONDITIONS = {
    **{FilterKind(kind.value): _HAS_FACET.format(kind=kind.value) for kind in FacetKind},
    FilterKind.BEFORE: _DATED.format(sign="<"),
    FilterKind.AFTER: _DATED.format(sign=">="),
    FilterKind.SOURCE: _FROM_SOURCE,
}


async def save_index(db: aiosqlite.Connection, review_id: int, index: ReviewIndex, *, is_new: bool = False) -> None:
    """Enter what a review is found by, in place of its earlier rows. Belongs in a transaction.

    Args:
        is_new: The review was just entered and has no earlier rows.
    """
    for statement in () if is_new else DELETES:
        await db.execute(statement, {"review_id": review_id})
    names = [_values(review_id, name) | {"sounds": " ".join(name.sounds)} for name in index.names]
    facets = [_values(review_id, facet) for facet in index.facets]
    keys = [_values(review_id, key) for key in index.keys]
    for statement, rows in ((INSERT_NAME, names), (INSERT_FACET, facets), (INSERT_KEY, keys)):
        if rows:
            await db.executemany(statement, rows)
    await db.execute(REPLACE_TEXT, _values(review_id, index.text))
    await db.execute(NEXT_VERSION)


def _values(review_id: int, found_by: Name | Facet | PaperKey | IndexText) -> dict[str, Any]:
    """The columns of what a review is found by; `asdict` would copy each value."""
    return {"review_id": review_id} | {field.name: getattr(found_by, field.name) for field in fields(found_by)}


async def delete_texts(db: aiosqlite.Connection, ids: Iterable[int]) -> None:
    """Remove reviews from the full-text index, which foreign keys do not reach. Belongs in a transaction."""
    gone = [{"review_id": review_id} for review_id in ids]
    if gone:
        await db.executemany(DELETE_TEXT, gone)
        await db.execute(NEXT_VERSION)


async def index_version(db: aiosqlite.Connection) -> int:
    """Return a number that changes whenever any process changes what reviews are found by."""
    async with db.execute(VERSION) as cursor:
        row = await cursor.fetchone()
    return int(row["value"]) if row else 0


# ── names, identifiers, facets ──────────────────────────────────────────────────────────────────


async def label_rows(db: aiosqlite.Connection, *, stub: int) -> AsyncGenerator[list[LabelRow], None]:
    """Yield every review as the names in memory hold it, in order of preference, some thousands at a time.

    Args:
        stub: Reviews with fewer characters come last.
    """
    ids = array("q")
    async with db.execute(PREFERRED, {"stub": stub}) as cursor:
        while batch := await cursor.fetchmany(CHUNK):
            ids.extend(row["id"] for row in batch)
    for start in range(0, len(ids), CHUNK):
        yield await labels_of(db, ids[start : start + CHUNK].tolist(), stub=stub)


async def labels_of(db: aiosqlite.Connection, ids: Sequence[int], *, stub: int) -> list[LabelRow]:
    """Return these reviews as the names in memory hold them, in the same order, without those that are gone."""
    async with db.execute(LABELS, {"ids": json.dumps(list(ids)), "stub": stub}) as cursor:
        rows = {row["id"]: LabelRow(*row) for row in await cursor.fetchall()}
    return [rows[review_id] for review_id in ids if review_id in rows]


async def named_exactly(db: aiosqlite.Connection, key: str) -> list[int]:
    """Return the reviews that have or use a name with this key."""
    async with db.execute(NAMED_EXACTLY, {"key": key}) as cursor:
        return [row["review_id"] async for row in cursor]


async def names_of(db: aiosqlite.Connection, ids: Iterable[int]) -> list[NameRow]:
    """Return every name of these reviews, sorted by key."""
    async with db.execute(NAMES_OF, {"ids": json.dumps(list(ids))}) as cursor:
        return [NameRow(*row) for row in await cursor.fetchall()]


async def name_rows(db: aiosqlite.Connection) -> AsyncGenerator[list[NameRow], None]:
    """Yield every name in the cache, sorted by key, some thousands at a time."""
    async with db.execute(NAMES) as cursor:
        while rows := await cursor.fetchmany(CHUNK):
            yield [NameRow(*row) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """A review that carries an identifier, as its own or in its text.

    ``is_doubtful``: its header links a repository that its text never names, so the header may be another paper's.
    """

    review_id: int
    is_own: bool
    is_doubtful: bool


async def find_by_keys(db: aiosqlite.Connection, keys: Iterable[str]) -> list[Carrier]:
    """Return the reviews that carry one of these identifiers or addresses."""
    async with db.execute(BY_KEYS, {"keys": json.dumps(list(keys))}) as cursor:
        return [
            Carrier(review_id=row["review_id"], is_own=bool(row["is_own"]), is_doubtful=bool(row["is_doubtful"]))
            async for row in cursor
        ]


async def keys_of(db: aiosqlite.Connection, review_id: int) -> dict[str, bool]:
    """Return the identifiers and addresses that a review carries: True for its own, False for those it cites."""
    async with db.execute(KEYS_OF, {"review_id": review_id}) as cursor:
        return {row["key"]: bool(row["is_own"]) async for row in cursor}


async def find_by_facet(db: aiosqlite.Connection, facet: FacetKind, key: str) -> list[tuple[int, str]]:
    """Return (review id, the facet as it is shown) of the reviews that have a facet."""
    async with db.execute(BY_FACET, {"kind": facet, "key": key}) as cursor:
        return [(row["review_id"], row["text"]) async for row in cursor]


async def complete_facet(
    db: aiosqlite.Connection, kind: FacetKind, key: str, narrowing: Narrowing, *, limit: int
) -> list[Facet]:
    """Return the facets whose key begins with a text, those with most reviews first."""
    conditions, values = narrowing.conditions("review_id")
    statement = COMPLETIONS.format(among=" AND ".join(conditions or ["1"]))
    async with db.execute(statement, values | {"kind": kind, "key": key, "limit": limit}) as cursor:
        return [Facet(kind=kind, key=key, text=row["text"]) async for row in cursor]


# ── the full-text index ─────────────────────────────────────────────────────────────────────────


class TextIndex:
    """The full-text index for one search, which may find some of the reviews. Use it in `Database.reader.perform`.

    Queries are in FTS5's syntax, with every term quoted by the caller. Each has its own statement with the same text,
    so SQLite prepares it once for all searches.
    """

    def __init__(self, db: sqlite3.Connection, narrowing: Narrowing = NOTHING_LESS) -> None:
        self._connection, self._db = db, db.cursor()
        self._db.row_factory = None  # plain tuples, which take half the time of rows with names
        self.narrowing = narrowing
        self._narrowed, self._values = narrowing.on_index()

    @property
    def is_filtered(self) -> bool:
        """Whether the search asks for some of the reviews that may be shown."""
        return bool(self.narrowing.filters or self.narrowing.excluded)

    def unfiltered(self) -> TextIndex:
        """Return the index for all reviews that may be shown."""
        return TextIndex(self._connection, Narrowing(shown=self.narrowing.shown))

    def count(self, query: str, *, limit: int) -> int:
        """Count the reviews that match a query, up to a limit."""
        ((found,),) = self._ask(COUNT, query, limit)
        return cast("int", found)

    def reached(self, query: str, *, count: int) -> int:
        """Return the id that counting in order of ids reaches when it has counted so many matches."""
        ((review_id,),) = self._ask(REACHED, query, count)
        return cast("int", review_id)

    def score(
        self, query: str, *, weights: ColumnWeights, among: Sequence[int] | None = None, limit: int = -1
    ) -> list[tuple[int, float]]:
        """Return (review id, score) of the matches, each once. A larger score is better.

        Args:
            weights: For each column, the factor by which bm25 multiplies the count of a term.
            among: Score only these reviews; None for all.
            limit: Stop after this many matches; -1 for all.
        Source: https://www.sqlite.org/fts5.html, section 5.1.1 for bm25 and its weights.
        """
        also = "" if among is None else AMONG
        values = {"among": json.dumps(among)} if also else {}
        return self._ask(SCORE, query, limit, also, weights._asdict() | values)

    def newest(self, query: str, *, limit: int) -> list[int]:
        """Return the matching reviews that came last."""
        ((listed,),) = self._ask(NEWEST, query, limit)
        return cast("list[int]", json.loads(listed))

    def version(self) -> int:
        """Return the index's version, as `index_version` does."""
        row = self._db.execute(VERSION).fetchone()
        return int(row[0]) if row else 0

    def find_used(self, phrases: Sequence[str]) -> tuple[int, dict[str, bool]]:
        """Return the index's version, and for each phrase whether any review has it, narrowed or not."""
        *rows, (_, version) = self._db.execute(USED, {"phrases": json.dumps(phrases)}).fetchall()
        return version, {phrase: bool(is_used) for phrase, is_used in rows}

    def texts(self, ids: Iterable[int]) -> dict[int, IndexText]:
        """Return the texts of these reviews in the index."""
        return _texts_of(self._db.execute(TEXTS, {"ids": json.dumps(list(ids))}).fetchall())

    def _ask(
        self,
        statement: str,
        query: str,
        limit: int,
        also: str = "",
        values: Mapping[str, object] = MappingProxyType({}),
    ) -> list[Any]:
        asked = statement.format(and_narrowed=self._narrowed + also)
        return self._db.execute(asked, {"query": query, "limit": limit, **self._values, **values}).fetchall()


async def list_narrowed(db: aiosqlite.Connection, narrowing: Narrowing, *, limit: int) -> list[int]:
    """Return the reviews that meet a narrowing, without a query, the newest first."""
    conditions, values = narrowing.conditions("id")
    statement = LISTED.format(narrowed=" AND ".join(conditions or ["1"]))
    async with db.execute(statement, values | {"limit": limit}) as cursor:
        return [row["id"] async for row in cursor]


async def newest_first(db: aiosqlite.Connection, ids: Iterable[int], *, limit: int) -> list[int]:
    """Return the newest of these reviews, the newest first."""
    async with db.execute(NEWEST_FIRST, {"ids": json.dumps(list(ids)), "limit": limit}) as cursor:
        return [row["id"] async for row in cursor]


async def find_texts(db: aiosqlite.Connection, ids: Iterable[int]) -> dict[int, IndexText]:
    """Return the texts of these reviews in the index."""
    async with db.execute(TEXTS, {"ids": json.dumps(list(ids))}) as cursor:
        return _texts_of(await cursor.fetchall())


def _texts_of(rows: Iterable[Iterable[Any]]) -> dict[int, IndexText]:
    return {
        review_id: IndexText(title=title, headings=headings, abstract=abstract, body=body)
        for review_id, title, headings, abstract, body in rows
    }
