"""Queries about reviews and their sections, and the one that enters a review with all it can be found by."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache, partial
from typing import Any, NamedTuple, TypeAlias

import aiosqlite
from pydantic import TypeAdapter

from bot.models.feeds import Churn, Entry, Extent, KnownEntry, KnownPost, Resting, UnreadEntry
from bot.models.index import ReadReview
from bot.models.reviews import Block, Identifiers, Outline, Review, ReviewHead, Section, StoredReview
from bot.search.embedding import digest_of, passages_of
from bot.store import embeddings
from bot.store.index import NOTHING_LESS, Narrowing, delete_texts, save_index
from bot.store.joins import identifiers_of, rejoin
from bot.store.times import from_text, to_text

_BLOCKS = TypeAdapter(tuple[Block, ...])

MOST_PARTS = 200
"""Papers of one digest: each has its own row, and all are written in one transaction."""
MOST_ALIKE = 200
"""Reviews of other feeds that one review is compared with; a limit for crafted feeds."""
MOST_ALIASES = 8
"""Latest aliases kept of one review, in addition to those still in its feed."""

# The later row of a guid counts, so the aliases come after the reviews.
HASHES = """
    SELECT guid, entry_hash FROM reviews
    WHERE feed_id = :feed_id AND part_of IS NULL AND structure_version = :version
    UNION ALL
    SELECT a.guid, a.entry_hash FROM aliases a JOIN reviews r ON r.id = a.review_id
    WHERE a.feed_id = :feed_id AND r.structure_version = :version
"""
CHURNING = """
    SELECT guid, link, title, changes, changed_at, revisions, revised_at FROM reviews
    WHERE feed_id = :feed_id AND part_of IS NULL AND changed_at >= :since
    UNION ALL
    SELECT a.guid, r.link, r.title, r.changes, r.changed_at, r.revisions, r.revised_at
    FROM aliases a JOIN reviews r ON r.id = a.review_id WHERE a.feed_id = :feed_id AND r.changed_at >= :since
"""
KNOWN_POSTS = """
    SELECT id, guid, guid AS alias, entry_hash, structure_version, link, title, published, fingerprint,
        text_fingerprint, first_seen_at, changes, changed_at, revisions, revised_at
    FROM reviews WHERE feed_id = :feed_id AND part_of IS NULL
    UNION ALL
    SELECT r.id, r.guid, a.guid, a.entry_hash, r.structure_version, r.link, r.title, r.published, r.fingerprint,
        r.text_fingerprint, r.first_seen_at, r.changes, r.changed_at, r.revisions, r.revised_at
    FROM aliases a JOIN reviews r ON r.id = a.review_id WHERE a.feed_id = :feed_id
"""
# Uses indexes only: the address is the same, or the words are.
ALIKE = """
    SELECT id, guid, link, title, published, fingerprint, text_fingerprint FROM reviews
    WHERE id <> :id AND feed_id <> :feed_id AND part_of IS NULL AND id IN (
        SELECT review_id FROM paper_keys WHERE is_own AND key IN (
            SELECT key FROM paper_keys WHERE review_id = :id AND is_own AND key LIKE 'link:%'
        )
        UNION SELECT id FROM reviews WHERE fingerprint = :fingerprint AND fingerprint <> ''
    ) ORDER BY id LIMIT :limit
"""
POST = """
    SELECT id, feed_id, guid, link, title, published, fingerprint, text_fingerprint FROM reviews WHERE id = :id
"""
ADD_ALIAS = """
    INSERT INTO aliases (feed_id, guid, review_id, entry_hash, why, seen_at)
    VALUES (:feed_id, :guid, :review_id, :entry_hash, :why, :now)
    ON CONFLICT (feed_id, guid) DO UPDATE SET review_id = excluded.review_id, entry_hash = excluded.entry_hash
"""
SWEEP_ALIASES = """
    DELETE FROM aliases WHERE feed_id = :feed_id AND guid IN (
        SELECT guid FROM (
            SELECT guid, row_number() OVER (PARTITION BY review_id ORDER BY seen_at DESC, guid) AS place
            FROM aliases WHERE feed_id = :feed_id AND guid NOT IN (SELECT value FROM json_each(:present))
        ) WHERE place > :most
    )
"""
SAVE_CHURN = """
    UPDATE reviews SET changes = :changes, changed_at = :changed_at, revisions = :revisions, revised_at = :revised_at
    WHERE id = :id
"""
# Entries that could not be read again wait or are set aside; the others do not wait for them.
OUTDATED = """
    SELECT r.id, r.feed_id, r.guid, r.title, r.entry, r.entry_hash FROM reviews r
    LEFT JOIN unread_entries u ON u.feed_id = r.feed_id AND u.guid = r.guid AND u.structure_version = :version
    WHERE r.structure_version < :version AND r.part_of IS NULL AND (u.guid IS NULL OR u.retry_at <= :now)
        AND r.feed_id IN (SELECT id FROM feeds WHERE learned_at IS NOT NULL)
    ORDER BY r.id LIMIT :limit
"""
INSERT = """
    INSERT INTO reviews (feed_id, guid, entry_hash, structure_version, entry, link, title, clean_title, venue,
        year, short_name, authors, identifiers, links, categories, published, updated, characters,
        first_seen_at, words, fingerprint, text_fingerprint, extent, part_of)
    VALUES (:feed_id, :guid, :entry_hash, :structure_version, :entry, :link, :title, :clean_title, :venue,
        :year, :short_name, :authors, :identifiers, :links, :categories, :published, :updated, :characters,
        :now, :words, :fingerprint, :text_fingerprint, :extent, :part_of)
    ON CONFLICT (feed_id, guid) DO NOTHING RETURNING id
"""
UPDATE = """
    UPDATE reviews SET entry_hash = :entry_hash, structure_version = :structure_version, entry = :entry, link = :link,
        title = :title, clean_title = :clean_title, venue = :venue, year = :year, short_name = :short_name,
        authors = :authors, identifiers = :identifiers, links = :links, categories = :categories,
        published = :published, updated = :updated, characters = :characters, words = :words,
        fingerprint = :fingerprint, text_fingerprint = :text_fingerprint, extent = :extent, part_of = :part_of
    WHERE feed_id = :feed_id AND guid = :guid RETURNING id
"""
HASH_OF = "SELECT entry_hash FROM reviews WHERE id = :id"
SOME_OF_FEED = "SELECT id FROM reviews WHERE feed_id = :feed_id LIMIT :limit"
DELETE = "DELETE FROM reviews WHERE id IN (SELECT value FROM json_each(:ids))"
CUT_ENTRY = "SELECT entry FROM reviews WHERE id = :id AND extent = :extent"
PARTS = "SELECT id FROM reviews WHERE part_of IN (SELECT value FROM json_each(:ids)) ORDER BY id LIMIT :limit"
PART_GUIDS = "SELECT guid, id FROM reviews WHERE part_of = :review_id"
DELETE_PARTS = """
    DELETE FROM reviews WHERE part_of = :review_id AND id NOT IN (SELECT value FROM json_each(:kept)) RETURNING id
"""
DELETE_SECTIONS = "DELETE FROM sections WHERE review_id = :review_id"
INSERT_SECTION = """
    INSERT INTO sections (review_id, position, depth, number, heading, blocks, anchor)
    VALUES (:review_id, :position, :depth, :number, :heading, :blocks, :anchor)
"""
SELECT_REVIEWS = "SELECT r.*, f.url AS feed_url FROM reviews r JOIN feeds f ON f.id = r.feed_id "
BY_IDS = SELECT_REVIEWS + "WHERE r.id IN (SELECT value FROM json_each(:ids))"
SECTIONS_BY_IDS = """
    SELECT * FROM sections WHERE review_id IN (SELECT value FROM json_each(:ids)) ORDER BY review_id, position
"""
OUTLINES = """
    SELECT review_id, depth, number, heading FROM sections
    WHERE review_id IN (SELECT value FROM json_each(:ids)) ORDER BY review_id, position
"""
SCOPE = "WHERE (:feeds IS NULL OR f.url IN (SELECT value FROM json_each(:feeds))) "
SELECT_HEADS = (
    """
    SELECT r.id, f.url AS feed_url, r.guid, r.link, r.title, r.clean_title, r.short_name, r.venue, r.year, r.authors,
        r.categories, r.identifiers, coalesce(r.published, r.first_seen_at) AS date, r.characters
    FROM reviews r JOIN feeds f ON f.id = r.feed_id
"""
    + SCOPE
)
LATEST = SELECT_HEADS + "AND r.part_of IS NULL {narrowed} ORDER BY date DESC, r.id DESC LIMIT :limit"
HEADS_BY_IDS = SELECT_HEADS + "AND r.id IN (SELECT value FROM json_each(:ids))"
IDS = "SELECT r.id FROM reviews r JOIN feeds f ON f.id = r.feed_id " + SCOPE + "ORDER BY r.id"
PASSAGES = """
    SELECT s.review_id, s.depth, s.heading,
        CASE s.position WHEN json_extract(wanted.value, '$[1]') THEN s.blocks END AS blocks
    FROM json_each(:places) wanted JOIN sections s
    ON s.review_id = json_extract(wanted.value, '$[0]') AND s.position <= json_extract(wanted.value, '$[1]')
    ORDER BY s.review_id, s.position
"""


class Outdated(NamedTuple):
    """A post that an earlier version has read."""

    feed_id: int
    guid: str
    entry_hash: str
    review_id: int


async def entry_hash(db: aiosqlite.Connection, review_id: int) -> str | None:
    """Return the hash of a review's entry as last read, which tells its versions apart; None if it was deleted."""
    async with db.execute(HASH_OF, {"id": review_id}) as cursor:
        row = await cursor.fetchone()
    return row["entry_hash"] if row else None


async def entry_hashes(db: aiosqlite.Connection, feed_id: int, structure_version: int) -> dict[str, str]:
    """Return guid → hash of the entry as last read, without reviews of an older structure, which count as changed."""
    async with db.execute(HASHES, {"feed_id": feed_id, "version": structure_version}) as cursor:
        return {row["guid"]: row["entry_hash"] async for row in cursor}


async def churning_entries(
    db: aiosqlite.Connection, feed_id: int, *, since: datetime
) -> dict[str, tuple[Churn, Resting]]:
    """Return guid → how often the entry has changed lately and what it is, for entries changed since a moment."""
    async with db.execute(CHURNING, {"feed_id": feed_id, "since": to_text(since)}) as cursor:
        return {row["guid"]: (_churn(row), Resting(link=row["link"], title=row["title"])) async for row in cursor}


async def known_entries(db: aiosqlite.Connection, feed_id: int) -> list[tuple[str, KnownEntry]]:
    """Return (guid, what is known of its entry) for every guid ever seen; if a guid is repeated, the later counts."""
    async with db.execute(KNOWN_POSTS, {"feed_id": feed_id}) as cursor:
        return [
            (
                row["alias"],
                KnownEntry(
                    review_id=row["id"],
                    guid=row["guid"],
                    entry_hash=row["entry_hash"],
                    structure_version=row["structure_version"],
                    seen_at=datetime.fromisoformat(row["first_seen_at"]),
                    link=row["link"],
                    title=row["title"],
                    published=from_text(row["published"]),
                    fingerprint=row["fingerprint"],
                    text_fingerprint=row["text_fingerprint"],
                    churn=_churn(row),
                ),
            )
            async for row in cursor
        ]


async def alike_posts(db: aiosqlite.Connection, review_id: int) -> tuple[KnownPost, list[KnownPost]] | None:
    """Return a post, and those of other feeds with its address or its words; None if there is no such post."""
    async with db.execute(POST, {"id": review_id}) as cursor:
        row = await cursor.fetchone()
    if row is None:
        return None
    values = {"id": review_id, "feed_id": row["feed_id"], "fingerprint": row["fingerprint"], "limit": MOST_ALIKE}
    async with db.execute(ALIKE, values) as cursor:
        return _known_post(row), [_known_post(other) async for other in cursor]


def _known_post(row: sqlite3.Row) -> KnownPost:
    return KnownPost(
        review_id=row["id"],
        guid=row["guid"],
        link=row["link"],
        title=row["title"],
        published=from_text(row["published"]),
        fingerprint=row["fingerprint"],
        text_fingerprint=row["text_fingerprint"],
    )


def _churn(row: sqlite3.Row) -> Churn:
    return Churn(
        changes=row["changes"],
        changed_at=from_text(row["changed_at"]),
        revisions=row["revisions"],
        revised_at=from_text(row["revised_at"]),
    )


async def save_churn(db: aiosqlite.Connection, review_id: int, churn: Churn) -> None:
    """Save how often an entry has changed lately."""
    values = {
        "id": review_id,
        "changes": churn.changes,
        "changed_at": to_text(churn.changed_at),
        "revisions": churn.revisions,
        "revised_at": to_text(churn.revised_at),
    }
    await db.execute(SAVE_CHURN, values)


async def save_alias(
    db: aiosqlite.Connection, feed_id: int, guid: str, *, review_id: int, entry_hash: str, why: str, now: datetime
) -> None:
    """Save that an entry is a review that is known under another guid."""
    values = {
        "feed_id": feed_id,
        "guid": guid,
        "review_id": review_id,
        "entry_hash": entry_hash,
        "why": why,
        "now": to_text(now),
    }
    await db.execute(ADD_ALIAS, values)


async def sweep_aliases(db: aiosqlite.Connection, feed_id: int, *, present: Iterable[str]) -> None:
    """Delete the aliases that are no longer in their feed, except each review's latest (`MOST_ALIASES`).

    Args:
        present: The guids that the feed has now.
    """
    values = {"feed_id": feed_id, "present": json.dumps(list(present)), "most": MOST_ALIASES}
    await db.execute(SWEEP_ALIASES, values)


@cache
def _entry_adapter() -> TypeAdapter[Entry]:
    return TypeAdapter(Entry)


async def outdated_entries(
    db: aiosqlite.Connection, structure_version: int, *, limit: int, now: datetime
) -> list[tuple[Outdated, Entry | UnreadEntry]]:
    """Return posts that an earlier version has read, with their stored entries, even if they have left their feed."""
    values = {"version": structure_version, "limit": limit, "now": to_text(now)}
    async with db.execute(OUTDATED, values) as cursor:
        return [
            (Outdated(row["feed_id"], row["guid"], row["entry_hash"], row["id"]), _stored_entry(row))
            async for row in cursor
        ]


def _stored_entry(row: sqlite3.Row) -> Entry | UnreadEntry:
    try:
        return _entry_adapter().validate_json(row["entry"])
    except ValueError:
        reason = "what is kept of it cannot be read"
        return UnreadEntry(guid=row["guid"], entry_hash=row["entry_hash"], title=row["title"], reason=reason)


async def save_review(
    db: aiosqlite.Connection, feed_id: int, read: ReadReview, *, structure_version: int, now: datetime
) -> int:
    """Enter a review with its parts, or update it in place, and return its id. Belongs in a transaction.

    Afterwards `bot.store.joins.paper_of` tells the other reviews of its paper.
    """
    save = partial(_save_one, db, feed_id, structure_version=structure_version, now=now)
    review_id, earlier = await save(read, None)
    kept = dict([await save(part, review_id) for part in read.parts[:MOST_PARTS]])
    if earlier is not None:
        async with db.execute(DELETE_PARTS, {"review_id": review_id, "kept": json.dumps(list(kept))}) as cursor:
            await delete_texts(db, [row["id"] for row in await cursor.fetchall()])
    # Not before all are there: a post with parts is a digest, which is not joined.
    for saved_id, keys in {review_id: earlier, **kept}.items():
        await rejoin(db, saved_id, now=now, earlier=keys or ())
    return review_id


async def _save_one(
    db: aiosqlite.Connection,
    feed_id: int,
    read: ReadReview,
    part_of: int | None,
    *,
    structure_version: int,
    now: datetime,
) -> tuple[int, frozenset[str] | None]:
    """Enter a review or update it, and return its id and the identifiers that it had until now; None if it is new."""
    review = read.review
    values = {
        "feed_id": feed_id,
        "guid": review.guid,
        "entry_hash": read.entry_hash,
        "structure_version": structure_version,
        "entry": _entry_adapter().dump_json(read.entry).decode(),
        "link": review.link,
        "title": review.title,
        "clean_title": review.clean_title,
        "venue": review.venue,
        "year": review.year,
        "short_name": review.short_name,
        "authors": _to_json(review.authors),
        "identifiers": _to_json(asdict(review.identifiers)),
        "links": _to_json(review.links),
        "categories": _to_json(review.categories),
        "published": to_text(review.published),
        "updated": to_text(review.updated),
        "characters": review.characters,
        "now": to_text(now),
        "words": " ".join(read.index.words),
        "fingerprint": read.fingerprint,
        "text_fingerprint": read.text_fingerprint,
        "extent": review.extent.value,
        "part_of": part_of,
    }
    earlier: frozenset[str] | None = None
    review_id = await _id_of(db, INSERT, values)
    if review_id is None:
        review_id = await _id_of(db, UPDATE, values)
        assert review_id is not None  # noqa: S101 - what cannot be inserted is there
        earlier = await identifiers_of(db, review_id)
        await db.execute(DELETE_SECTIONS, {"review_id": review_id})
        await _drop_vectors(db, review_id, review)
    await _save_sections(db, review_id, review.sections)
    await save_index(db, review_id, read.index, is_new=earlier is None)
    return review_id, earlier


async def _drop_vectors(db: aiosqlite.Connection, review_id: int, review: Review) -> None:
    """Delete the vectors of passages that a review no longer has: all of them, unless its texts are the same."""
    digest = await embeddings.digest_of(db, review_id)
    if digest is not None and digest != digest_of(passages_of(review)):
        await embeddings.delete_vectors(db, review_id)


async def _id_of(db: aiosqlite.Connection, statement: str, values: Mapping[str, Any]) -> int | None:
    async with db.execute(statement, values) as cursor:
        row = await cursor.fetchone()
    return int(row["id"]) if row else None


async def _save_sections(db: aiosqlite.Connection, review_id: int, sections: tuple[Section, ...]) -> None:
    await db.executemany(
        INSERT_SECTION,
        [
            {
                "review_id": review_id,
                "position": position,
                "depth": section.depth,
                "number": section.number,
                "heading": section.heading,
                "blocks": _BLOCKS.dump_json(section.blocks, exclude_defaults=True).decode(),
                "anchor": section.anchor,
            }
            for position, section in enumerate(sections)
        ],
    )


async def find_reviews(db: aiosqlite.Connection, ids: Iterable[int]) -> list[StoredReview]:
    """Return the reviews of these ids with their sections, in the order asked for; unknown ids are left out."""
    wanted = list(ids)
    if not wanted:
        return []
    async with db.execute(BY_IDS, {"ids": json.dumps(wanted)}) as cursor:
        rows = await cursor.fetchall()
    async with db.execute(SECTIONS_BY_IDS, {"ids": json.dumps(wanted)}) as cursor:
        section_rows = await cursor.fetchall()
    # Ten long reviews take ten milliseconds to build, too long for the event loop.
    reviews = await asyncio.to_thread(_assemble, rows, section_rows)
    return [reviews[review_id] for review_id in wanted if review_id in reviews]


def _assemble(rows: Iterable[sqlite3.Row], section_rows: Iterable[sqlite3.Row]) -> dict[int, StoredReview]:
    sections: dict[int, list[Section]] = {}
    for row in section_rows:
        section = Section(
            depth=row["depth"],
            number=row["number"],
            heading=row["heading"],
            blocks=_BLOCKS.validate_json(row["blocks"]),
            anchor=row["anchor"],
        )
        sections.setdefault(row["review_id"], []).append(section)
    return {row["id"]: _stored(row, tuple(sections.get(row["id"], ()))) for row in rows}


async def cut_entry(db: aiosqlite.Connection, review_id: int) -> Entry | None:
    """Return the entry of a post of which the cache has only the beginning; None if it has more."""
    async with db.execute(CUT_ENTRY, {"id": review_id, "extent": Extent.TEASER.value}) as cursor:
        row = await cursor.fetchone()
    return _entry_adapter().validate_json(row["entry"]) if row else None


async def part_ids(db: aiosqlite.Connection, ids: Iterable[int]) -> list[int]:
    """Return the ids of the papers that these posts are digests of."""
    async with db.execute(PARTS, {"ids": json.dumps(list(ids)), "limit": -1}) as cursor:
        return [row["id"] async for row in cursor]


async def part_guids(db: aiosqlite.Connection, review_id: int) -> dict[str, int]:
    """Return the ids of the papers that a post is a digest of, by their guids."""
    async with db.execute(PART_GUIDS, {"review_id": review_id}) as cursor:
        return {row["guid"]: row["id"] async for row in cursor}


async def delete_some(db: aiosqlite.Connection, feed_id: int, *, limit: int) -> int:
    """Delete some reviews of a feed with everything about them, and return how many. Belongs in a transaction."""
    async with db.execute(SOME_OF_FEED, {"feed_id": feed_id, "limit": limit}) as cursor:
        ids = [row["id"] for row in await cursor.fetchall()]
    # The papers of a digest are deleted before it: deleting it would remove their rows but leave them in the index.
    async with db.execute(PARTS, {"ids": json.dumps(ids), "limit": limit}) as cursor:
        ids = [row["id"] for row in await cursor.fetchall()] or ids
    await delete_texts(db, ids)
    await db.execute(DELETE, {"ids": json.dumps(ids)})
    return len(ids)


async def find_outlines(db: aiosqlite.Connection, ids: Iterable[int]) -> list[Outline]:
    """Return the headings of these reviews, without their text."""
    outlines: dict[int, list[Section]] = {}
    async with db.execute(OUTLINES, {"ids": json.dumps(list(ids))}) as cursor:
        async for row in cursor:
            section = Section(depth=row["depth"], number=row["number"], heading=row["heading"])
            outlines.setdefault(row["review_id"], []).append(section)
    return [Outline(review_id=i, sections=tuple(sections)) for i, sections in outlines.items()]


Passage: TypeAlias = tuple[tuple[str, ...], Block]
"""One block of a review, and the headings above it, outermost first."""
PassageRows: TypeAlias = Sequence[sqlite3.Row]


async def find_passages(db: aiosqlite.Connection, places: Mapping[int, tuple[int, int]]) -> PassageRows:
    """Return one block of each review as it is stored, for `read_passages`.

    Args:
        places: Review id → positions of a section, and of a block in it.
    """
    if not places:
        return ()
    wanted = json.dumps([(review_id, section) for review_id, (section, _) in places.items()])
    async with db.execute(PASSAGES, {"places": wanted}) as cursor:
        return list(await cursor.fetchall())


def read_passages(rows: PassageRows, places: Mapping[int, tuple[int, int]]) -> dict[int, Passage]:
    """Decode what `find_passages` returned for these places."""
    headings: dict[int, dict[int, str | None]] = {}
    passages: dict[int, Passage] = {}
    for row in rows:
        # Headings as deep as this section or deeper are no longer above what follows.
        above = {depth: text for depth, text in headings.get(row["review_id"], {}).items() if depth < row["depth"]}
        headings[row["review_id"]] = above | {row["depth"]: row["heading"]}
        at = places[row["review_id"]][1]
        blocks = _BLOCKS.validate_json(row["blocks"]) if row["blocks"] is not None else ()
        if at < len(blocks):
            chain = (text for _, text in sorted(headings[row["review_id"]].items()) if text)
            passages[row["review_id"]] = (tuple(chain), blocks[at])
    return passages


async def find_heads(db: aiosqlite.Connection, ids: Iterable[int]) -> list[ReviewHead]:
    """Return the heads of these reviews, in the order asked for; unknown ids are left out."""
    wanted = list(ids)
    if not wanted:
        return []
    async with db.execute(HEADS_BY_IDS, {"feeds": None, "ids": json.dumps(wanted)}) as cursor:
        heads = {row["id"]: _head(row) async for row in cursor}
    return [heads[review_id] for review_id in wanted if review_id in heads]


async def latest_heads(
    db: aiosqlite.Connection, *, limit: int, feeds: tuple[str, ...] | None = None, among: Narrowing = NOTHING_LESS
) -> list[ReviewHead]:
    """Return the newest reviews, the newest first.

    Args:
        feeds: Only of the feeds at these addresses; None for all.
    """
    conditions, values = among.conditions("r.id")
    statement = LATEST.format(narrowed="".join(f"AND {condition}" for condition in conditions))
    async with db.execute(statement, values | {"feeds": _scope(feeds), "limit": limit}) as cursor:
        return [_head(row) async for row in cursor]


async def review_ids(db: aiosqlite.Connection, *, feeds: tuple[str, ...] | None = None) -> list[int]:
    """Return the ids of all reviews, in the order they came.

    Args:
        feeds: Only of the feeds at these addresses; None for all.
    """
    async with db.execute(IDS, {"feeds": _scope(feeds)}) as cursor:
        return [row["id"] async for row in cursor]


def _stored(row: sqlite3.Row, sections: tuple[Section, ...]) -> StoredReview:
    review = Review(
        guid=row["guid"],
        link=row["link"],
        title=row["title"],
        clean_title=row["clean_title"],
        venue=row["venue"],
        year=row["year"],
        short_name=row["short_name"],
        authors=tuple(json.loads(row["authors"])),
        identifiers=Identifiers(**json.loads(row["identifiers"])),
        links=tuple((label, url) for label, url in json.loads(row["links"])),
        categories=tuple(json.loads(row["categories"])),
        published=from_text(row["published"]),
        updated=from_text(row["updated"]),
        sections=sections,
        extent=Extent(row["extent"]),
    )
    first_seen_at = from_text(row["first_seen_at"])
    assert first_seen_at is not None  # noqa: S101 - NOT NULL in the schema
    return StoredReview(id=row["id"], feed_url=row["feed_url"], review=review, first_seen_at=first_seen_at)


def _head(row: sqlite3.Row) -> ReviewHead:
    return ReviewHead(
        id=row["id"],
        feed_url=row["feed_url"],
        guid=row["guid"],
        link=row["link"],
        title=row["title"],
        clean_title=row["clean_title"],
        short_name=row["short_name"],
        venue=row["venue"],
        year=row["year"],
        authors=tuple(json.loads(row["authors"])),
        categories=tuple(json.loads(row["categories"])),
        identifiers=Identifiers(**json.loads(row["identifiers"])),
        date=datetime.fromisoformat(row["date"]),
        characters=row["characters"],
    )


def _scope(feeds: tuple[str, ...] | None) -> str | None:
    return None if feeds is None else json.dumps(feeds)


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
