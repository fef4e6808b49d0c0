"""The database: opening, migrating, transactions, and the queries of each noun, on real files."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import NewerDatabaseError, StoreError
from bot.models.announcing import Delivering, Delivery, DeliveryKind, DeliveryState, FollowUpKind, Posted
from bot.models.index import FacetKind, LabelRow, NameRow, ReadReview
from bot.models.reviews import Identifiers
from bot.reading.documents import read_entries
from bot.search.keys import identifier_keys, link_key
from bot.search.query import parse_query
from bot.search.ranking import COLUMNS, STUB_CHARACTERS
from bot.store import deliveries, facts, feeds, followers, index, reviews, subscriptions
from bot.store.database import Database
from bot.store.index import TextIndex
from bot.store.schema import MIGRATIONS
from tests.factories import bundled_glossary, make_entry
from tests.loopback.patience import patience
from tests.loopback.running import eventually

URL = "https://example.test/feed"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DUMPS = Path(__file__).parent / "data" / "schemas"


def make_read(number: int = 1, **overrides: object) -> ReadReview:
    return next(iter(read_entries([make_entry(number, **overrides)])))  # type: ignore[arg-type]


def schema_of(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
        found = [" ".join(row[0].split()) for row in rows]
    connection.close()
    return found


async def save(database: Database, read: ReadReview, url: str = URL) -> int:
    async with database.transaction() as db:
        feed = await feeds.ensure_feed(db, url)
        return await reviews.save_review(db, feed.id, read, structure_version=1, now=NOW)


async def statements_of(database: Database, read: ReadReview) -> list[str]:
    """The statements with which a review is saved, by their first words, without those of the full-text index."""
    seen: list[str] = []
    async with database.transaction() as db:
        feed = await feeds.ensure_feed(db, URL)
        await db.set_trace_callback(seen.append)
        await reviews.save_review(db, feed.id, read, structure_version=1, now=NOW)
        await db.set_trace_callback(None)  # type: ignore[arg-type]
    return [" ".join(statement.split()[:3]) for statement in seen if not statement.startswith("--")]


async def matching(database: Database, query: str) -> list[int]:
    """The reviews that the full-text index finds."""
    found = await database.reader.perform(lambda db: TextIndex(db).score(query, weights=COLUMNS))
    return [review_id for review_id, _ in found]


async def all_labels(database: Database) -> list[LabelRow]:
    return [row async for rows in index.label_rows(database.scanner, stub=STUB_CHARACTERS) for row in rows]


async def all_names(database: Database) -> list[NameRow]:
    return [row async for rows in index.name_rows(database.scanner) for row in rows]


async def test_nothing_is_deleted_for_a_new_review(database: Database) -> None:
    """It has no earlier rows to look for; a later version of it has, and leaves none of them."""
    new = await statements_of(database, make_read())
    again = await statements_of(database, make_read(title="Renamed"))
    assert not [statement for statement in new if statement.startswith(("DELETE", "UPDATE"))]
    assert {"DELETE FROM sections", "DELETE FROM names", "UPDATE reviews SET"} <= {*again}
    assert [label.clean_title for label in await all_labels(database)] == ["Renamed"]


# ── opening and migrating ───────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("real_databases")
async def test_new_file_has_wal_foreign_keys_and_version(tmp_path: Path) -> None:
    """A new database is made with its folder, in WAL, at the newest version, foreign keys enforced."""
    path = tmp_path / "deep" / "er" / "n.db"
    async with await Database.open(path) as database:
        for pragma, wanted in (
            ("journal_mode", "wal"),
            ("foreign_keys", 1),
            ("user_version", len(MIGRATIONS)),
        ):
            async with database.reader.execute(f"PRAGMA {pragma}") as cursor:
                row = await cursor.fetchone()
            assert row is not None
            assert row[0] == wanted
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            async with database.transaction() as db:
                await deliveries.enqueue(
                    db, DeliveryKind.POST, subscription_id=99, review_id=99, channel_id=1, nonce="n", now=NOW
                )


async def test_newer_file_is_refused_in_words(tmp_path: Path) -> None:
    """A file of a newer version is left alone, and the message says what to do."""
    path = tmp_path / "n.db"
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(NewerDatabaseError, match="newer version of Nonmun"):
        await Database.open(path)
    assert path.read_bytes() == before


async def test_no_database_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "n.db"
    path.write_bytes(b"this is a letter to my aunt, not a database" * 100)
    before = set(threading.enumerate())
    with pytest.raises(StoreError, match="is not a database"):
        await Database.open(path)
    with pytest.raises(StoreError, match="is not a folder"):
        await Database.open(path / "below-a-file" / "n.db")
    with pytest.raises(StoreError, match="it is a folder"):
        await Database.open(tmp_path)
    left = [thread for thread in set(threading.enumerate()) - before if "_connection_worker" in thread.name]
    await eventually(lambda: not any(thread.is_alive() for thread in left), "the end of each connection's thread")


@pytest.mark.usefixtures("real_databases")
@pytest.mark.parametrize("version", range(len(MIGRATIONS)))
async def test_each_migration_from_the_schema_before_it(tmp_path: Path, version: int) -> None:
    """A file of every earlier version, as it was released, comes out equal to a new one."""
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    with sqlite3.connect(old) as connection:
        connection.executescript((DUMPS / f"v{version}.sql").read_text("utf-8"))
        connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    for path in (old, new):
        async with await Database.open(path):
            pass
    assert schema_of(old) == schema_of(new)


@pytest.mark.usefixtures("real_databases")
async def test_released_schema_is_never_edited(tmp_path: Path) -> None:
    """The newest schema equals its dump: who changes a released migration finds out here."""
    async with await Database.open(tmp_path / "n.db"):
        pass
    with sqlite3.connect(tmp_path / "dump.db") as connection:
        connection.executescript((DUMPS / f"v{len(MIGRATIONS)}.sql").read_text("utf-8"))
    connection.close()
    assert schema_of(tmp_path / "n.db") == schema_of(tmp_path / "dump.db")


@pytest.mark.usefixtures("real_databases")
async def test_failed_migration_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration that fails halfway is undone whole: version and tables."""
    async with await Database.open(tmp_path / "n.db"):
        pass
    before = schema_of(tmp_path / "n.db")
    broken = (*MIGRATIONS, ("CREATE TABLE half (a)", "CREATE TABLE half (a)"))
    monkeypatch.setattr("bot.store.database.MIGRATIONS", broken)
    with pytest.raises(StoreError, match="could not be migrated"):
        await Database.open(tmp_path / "n.db")
    monkeypatch.undo()
    assert schema_of(tmp_path / "n.db") == before
    async with await Database.open(tmp_path / "n.db"):
        pass


@pytest.mark.usefixtures("real_databases")
async def test_two_processes_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    """Both find a migrated database; neither migrates it twice."""
    opened = await asyncio.gather(*(Database.open(tmp_path / "n.db") for _ in range(4)))
    for database in opened:
        await database.close()


# ── transactions ────────────────────────────────────────────────────────────────────────────────


async def test_exception_rolls_back(database: Database) -> None:
    async def half_done() -> None:
        async with database.transaction() as db:
            await facts.set_fact(db, "a", "1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await half_done()
    assert await facts.get_fact(database.reader, "a") is None


async def test_cancellation_rolls_back_and_frees_the_writer(database: Database) -> None:
    """A cancelled task leaves nothing behind, and the next transaction can begin."""
    inside = asyncio.Event()

    async def half_done() -> None:
        async with database.transaction() as db:
            await facts.set_fact(db, "a", "1")
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(half_done())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await facts.get_fact(database.reader, "a") is None
    async with database.transaction() as db:
        await facts.set_fact(db, "b", "2")
    assert await facts.get_fact(database.reader, "b") == "2"


async def test_readers_see_committed_state_alone(database: Database) -> None:
    async with database.transaction() as db:
        await facts.set_fact(db, "a", "1")
        assert await facts.get_fact(database.reader, "a") is None
    assert await facts.get_fact(database.reader, "a") == "1"


async def test_reader_cannot_write(database: Database) -> None:
    with pytest.raises(StoreError, match="readonly"):
        await facts.set_fact(database.reader, "a", "1")


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from bot.store.database import Database
from bot.store import facts
from tests.loopback.patience import patience

async def main():
    database = await Database.open(Path(sys.argv[1]))
    async with database.transaction() as db:
        await facts.set_fact(db, "whole", "1")
    async with database.transaction() as db:
        await facts.set_fact(db, "half", "1")
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_killed_in_a_transaction_nothing_is_half_written(tmp_path: Path) -> None:
    """After SIGKILL within a transaction the file opens, holds what was committed and nothing else."""
    path = tmp_path / "n.db"
    root = Path(__file__).parents[1]
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", KILLED, str(path)], cwd=root, check=False, timeout=patience(60)
    )
    assert done.returncode == -9
    async with await Database.open(path) as database:
        assert await facts.get_fact(database.reader, "whole") == "1"
        assert await facts.get_fact(database.reader, "half") is None
        async with database.reader.execute("PRAGMA integrity_check") as cursor:
            row = await cursor.fetchone()
        assert row is not None
        assert row[0] == "ok"


# ── reviews ─────────────────────────────────────────────────────────────────────────────────────


async def test_review_comes_back_as_it_was_saved(database: Database) -> None:
    """Every field, every section, every block and mark."""
    read = make_read()
    review_id = await save(database, read)
    (stored,) = await reviews.find_reviews(database.reader, [review_id])
    assert stored.review == read.review
    assert "21-question-splitting" in [section.anchor for section in stored.review.sections]
    assert stored.first_seen_at == NOW
    assert stored.feed_url == "https://example.test/feed"


async def test_changed_review_keeps_its_id_and_replaces_everything(database: Database) -> None:
    """An update leaves one row, one index row, no old section, name, facet, word or identifier, and the time first
    seen."""
    first = make_read(
        1, html="<h1>Abstract</h1><p>walruses</p><h1>Conclusion</h1><p>end</p>", link="https://old.test/"
    )
    second = make_read(
        1,
        guid=first.review.guid,
        title="[ACL2026] Renamed: now of otters",
        html="<h1>Abstract</h1><p>otters</p>",
        categories=("otters",),
    )
    review_id = await save(database, first)
    assert await save(database, second) == review_id
    (stored,) = await reviews.find_reviews(database.reader, [review_id])
    assert stored.review == second.review
    assert stored.first_seen_at == NOW
    assert await matching(database, '"walrus"') == []
    assert await matching(database, '"otter"') == [review_id]
    assert {row.text for row in await all_names(database)} == {name.text for name in second.index.names}
    (label,) = await all_labels(database)
    assert label.words.split() == list(second.index.words)
    for kind, key in ((FacetKind.TAG, "retrieval"), (FacetKind.VENUE, "acl2024"), (FacetKind.YEAR, "2024")):
        assert await index.find_by_facet(database.reader, kind, key) == []
    assert await index.find_by_facet(database.reader, FacetKind.TAG, "otters") == [(review_id, "otters")]
    assert await index.keys_of(database.reader, review_id) == {key.key: key.is_own for key in second.index.keys}


async def test_find_reviews_keeps_the_order_asked_and_leaves_out_the_unknown(database: Database) -> None:
    ids = [await save(database, make_read(number)) for number in (1, 2, 3)]
    found = await reviews.find_reviews(database.reader, [ids[2], 999, ids[0]])
    assert [stored.id for stored in found] == [ids[2], ids[0]]


async def test_same_guid_in_two_feeds_is_two_reviews(database: Database) -> None:
    one = await save(database, make_read(), "https://one.test/")
    two = await save(database, make_read(), "https://two.test/")
    assert one != two
    heads = await reviews.latest_heads(database.reader, limit=9, feeds=("https://two.test/",))
    assert [head.id for head in heads] == [two]
    shown = index.Narrowing(shown=bytes(number == one for number in range(two + 1)))
    assert [head.id for head in await reviews.latest_heads(database.reader, limit=9, among=shown)] == [one]
    labels = {label.id: label.feed_id for label in await all_labels(database)}
    assert labels[one] != labels[two]


async def test_outdated_reviews_are_given_with_their_entry(database: Database) -> None:
    """What an earlier structure read is found, also where it has left its feed."""
    read = make_read()
    await save(database, read)
    async with database.transaction() as db:
        await db.execute("UPDATE feeds SET learned_at = '2026-06-01T12:00:00+00:00'")
    assert await reviews.outdated_entries(database.reader, 1, limit=9, now=NOW) == []
    ((found, entry),) = await reviews.outdated_entries(database.reader, 2, limit=9, now=NOW)
    assert (entry, found.guid, found.entry_hash) == (read.entry, read.entry.guid, read.entry_hash)
    assert await reviews.entry_hashes(database.reader, 1, 2) == {}
    assert await reviews.entry_hashes(database.reader, 1, 1) == {read.entry.guid: read.entry_hash}


async def test_head_carries_what_a_list_needs(database: Database) -> None:
    read = make_read()
    undated = replace(read, review=replace(read.review, guid="undated", published=None))
    ids = [await save(database, read), await save(database, undated)]
    heads = await reviews.find_heads(database.reader, ids)
    assert [head.date for head in heads] == [read.review.published, NOW]
    assert heads[0].characters == read.review.characters > 0
    assert heads[0].identifiers == read.review.identifiers != Identifiers()


async def test_outlines_are_headings_without_text(database: Database) -> None:
    read = make_read()
    review_id = await save(database, read)
    (outline,) = await reviews.find_outlines(database.reader, [review_id])
    assert outline.sections == tuple(replace(s, blocks=(), anchor=None) for s in read.review.sections)


@pytest.mark.parametrize("query", ['"', "NEAR(", "a AND", "title:x", "*", "🦦", "x" * 5_000])
async def test_quoted_terms_are_never_syntax(database: Database, query: str) -> None:
    """Whatever is typed, quoted as the search quotes it, asks without an error."""
    review_id = await save(database, make_read())
    concepts = parse_query(f"lantern {query}", bundled_glossary())
    found = {concept.text: await matching(database, concept.match_query()) for concept in concepts}
    assert found.pop("lantern") == [review_id]
    assert not any(found.values())


async def test_labels_come_in_the_order_of_preference_and_names_by_their_keys(database: Database) -> None:
    """Reviews of a few lines last, else the newest first: as the names in memory are built."""
    long = "<h1>Abstract</h1><p>" + "otter " * 300 + "</p>"
    ids = [
        await save(database, make_read(number, html=long if number > 1 else "<p>otter</p>")) for number in (3, 1, 2)
    ]
    labels = await all_labels(database)
    assert [(label.id, bool(label.is_stub)) for label in labels] == [(ids[0], False), (ids[2], False), (ids[1], True)]
    keys = [row.key for row in await all_names(database)]
    assert keys == sorted(keys) != []


async def test_identifiers_and_links_find_their_review(database: Database) -> None:
    read = make_read(1, link="https://one.test/1")
    arxiv = read.review.identifiers.arxiv
    assert arxiv is not None
    review_id = await save(database, read)
    for key in (*identifier_keys(Identifiers(arxiv=arxiv)), link_key("http://www.one.test/1/#abstract")):
        (carrier,) = await index.find_by_keys(database.reader, [key])
        assert (carrier.review_id, carrier.is_own) == (review_id, True)
    assert await index.find_by_keys(database.reader, identifier_keys(Identifiers(arxiv="2308.07075"))) == []


async def test_a_reader_half_way_through_its_rows_shows_nobody_an_older_state(database: Database) -> None:
    """What was committed is seen by the next query, whatever another task is still reading."""
    for number in range(200):
        async with database.transaction() as db:
            await facts.set_fact(db, f"fact {number}", "old")
    async with database.reader.execute("SELECT * FROM facts") as half_read:
        await half_read.fetchone()
        async with database.transaction() as db:
            await facts.set_fact(db, "fact 1", "new")
        assert await facts.get_fact(database.reader, "fact 1") == "new"


# ── the outbox ──────────────────────────────────────────────────────────────────────────────────


async def subscribe(database: Database, channel: int) -> int:
    """The subscription of a channel, entered where it is new."""
    async with database.transaction() as db:
        feed = await feeds.ensure_feed(db, URL)
        entered = await subscriptions.add_subscription(
            db, feed.id, guild_id=1, channel_id=channel, owner_id=1, delivering=Delivering(), digest_at=None, now=NOW
        )
        found = await subscriptions.of_channel(db, channel)
    return entered or found[0].id


async def enqueue(database: Database, review_id: int, *, channel: int = 1, nonce: str = "n1") -> bool:
    subscription_id = await subscribe(database, channel)
    async with database.transaction() as db:
        return await deliveries.enqueue(
            db,
            DeliveryKind.POST,
            subscription_id=subscription_id,
            review_id=review_id,
            channel_id=channel,
            nonce=nonce,
            now=NOW,
        )


async def heads_of(database: Database, *, now: datetime = NOW, busy: Sequence[int] = ()) -> list[Delivery]:
    return await deliveries.channel_heads(database.reader, now=now, busy=busy, limit=10)


async def test_a_review_is_entered_once_for_a_subscription(database: Database) -> None:
    review_id = await save(database, make_read())
    assert await enqueue(database, review_id)
    assert not await enqueue(database, review_id, nonce="n2")
    assert await enqueue(database, review_id, channel=2, nonce="n3")
    assert [d.nonce for d in await deliveries.unsent(database.reader)] == ["n1", "n3"]


async def test_a_delivery_is_claimed_once(database: Database) -> None:
    await enqueue(database, await save(database, make_read()))
    (delivery,) = await heads_of(database)
    async with database.transaction() as db:
        assert await deliveries.claim(
            db, delivery.id, channel_id=delivery.channel_id, claimed_as="{}", claimed_after=70, now=NOW
        )
        assert not await deliveries.claim(
            db, delivery.id, channel_id=delivery.channel_id, claimed_as="{}", claimed_after=70, now=NOW
        )
    (claimed,) = await heads_of(database)
    assert (claimed.state, claimed.attempts, claimed.claimed_at) == (DeliveryState.SENDING, 1, NOW)


async def test_only_the_oldest_of_each_channel_is_offered(database: Database) -> None:
    """What waits for its time holds back what came after it in the same channel, not in another."""
    ids = [await save(database, make_read(number)) for number in (1, 2)]
    await enqueue(database, ids[0], nonce="a")
    await enqueue(database, ids[1], nonce="b")
    await enqueue(database, ids[1], channel=2, nonce="c")
    later = NOW + timedelta(hours=1)
    async with database.transaction() as db:
        await deliveries.claim(db, 1, channel_id=1, claimed_as="{}", claimed_after=70, now=NOW)
        await deliveries.put_back(db, 1, reason="busy", not_before=later)
    assert [d.nonce for d in await heads_of(database)] == ["c"]
    assert [d.nonce for d in await heads_of(database, now=later)] == ["a", "c"]
    assert [d.nonce for d in await heads_of(database, now=later, busy=[2])] == ["a"]


async def test_what_is_suspended_stands_aside(database: Database) -> None:
    await enqueue(database, await save(database, make_read()))
    async with database.transaction() as db:
        await subscriptions.suspend(db, 1, reason="no permission")
    assert await heads_of(database) == []
    async with database.transaction() as db:
        await subscriptions.resume_suspended(db, [1])
    assert len(await heads_of(database)) == 1


async def test_settled_deliveries_are_done_and_their_messages_known(database: Database) -> None:
    ids = [await save(database, make_read(number)) for number in (1, 2)]
    for number, review_id in enumerate(ids):
        await enqueue(database, review_id, nonce=f"n{number}")
    async with database.transaction() as db:
        await deliveries.claim(db, 1, channel_id=1, claimed_as="{}", claimed_after=70, now=NOW)
        await deliveries.settle_sent(db, 1, Posted(message_id=77, channel_id=1), now=NOW)
        await deliveries.settle_failed(db, 2, reason="refused", now=NOW)
    assert await heads_of(database) == []
    assert await deliveries.settled_messages(database.reader, 1, after=76) == {77}
    assert await deliveries.settled_messages(database.reader, 1, after=77) == frozenset()
    (failed,) = await deliveries.unsent(database.reader)
    assert (failed.state, failed.reason) == (DeliveryState.FAILED, "refused")


async def test_retarget_moves_what_waits_and_leaves_what_is_in_doubt(database: Database) -> None:
    """A changed channel takes the waiting posts along; one in doubt stays where it may have arrived."""
    ids = [await save(database, make_read(number)) for number in (1, 2)]
    for number, review_id in enumerate(ids):
        await enqueue(database, review_id, nonce=f"n{number}")
    async with database.transaction() as db:
        await deliveries.claim(db, 1, channel_id=1, claimed_as="{}", claimed_after=70, now=NOW)
        await deliveries.retarget(db, 1, 5)
    assert {d.id: d.channel_id for d in await deliveries.unsent(database.reader)} == {1: 1, 2: 5}


async def test_what_was_asked_for_again_meanwhile_stays_to_be_done(database: Database) -> None:
    """An edit under way when the review changes once more is done once more."""
    await enqueue(database, await save(database, make_read()))
    async with database.transaction() as db:
        await deliveries.claim(db, 1, channel_id=1, claimed_as="{}", claimed_after=70, now=NOW)
        await deliveries.settle_sent(db, 1, Posted(message_id=77, channel_id=1), now=NOW)
        await deliveries.follow_up(db, 1, FollowUpKind.EDIT)
    assert await deliveries.due_follow_ups(database.reader, 1, now=NOW, read=[]) == []
    (taken,) = await deliveries.due_follow_ups(database.reader, 1, now=NOW, read=[1])
    async with database.transaction() as db:
        await deliveries.follow_up(db, 1, FollowUpKind.EDIT)
        await deliveries.settle_follow_up(db, taken)
    (again,) = await deliveries.due_follow_ups(database.reader, 1, now=NOW, read=[1])
    async with database.transaction() as db:
        await deliveries.settle_follow_up(db, again)
    assert await deliveries.due_follow_ups(database.reader, 1, now=NOW, read=[1]) == []


async def test_the_first_version_s_channel_becomes_a_subscription_with_its_posts(tmp_path: Path) -> None:
    """What was announced stays announced, and what waits goes on waiting."""
    path = tmp_path / "second.db"
    with sqlite3.connect(path) as old:
        old.executescript((DUMPS / "v2.sql").read_text("utf-8"))
        old.execute("PRAGMA user_version = 2")
        old.execute("INSERT INTO feeds (id, url) VALUES (1, ?), (2, 'https://two.test/feed')", (URL,))
        for number in (1, 2, 3):
            old.execute(
                "INSERT INTO reviews (id, feed_id, guid, entry_hash, structure_version, entry, link, title,"
                " clean_title, authors, identifiers, links, categories, characters, first_seen_at)"
                " VALUES (?, ?, ?, 'h', 2, '{}', '', '', '', '[]', '{}', '[]', '[]', 0, '2024-01-03T00:00:00+00:00')",
                (number, 1 + number // 3, f"g{number}"),
            )
            old.execute(
                "INSERT INTO deliveries (review_id, channel_id, state, nonce, message_id, created_at)"
                " VALUES (?, 5, ?, ?, ?, '2024-01-03T00:00:00+00:00')",
                (number, "pending" if number > 1 else "sent", f"n{number}", None if number > 1 else 77),
            )
    old.close()
    async with await Database.open(path) as database:
        found = await subscriptions.of_channel(database.reader, 5)
        assert [(one.feed_id, one.is_host, one.guild_id) for one in found] == [(1, True, None), (2, True, None)]
        waiting = await deliveries.unsent(database.reader)
        assert [(d.nonce, d.subscription_id) for d in waiting] == [("n2", 1), ("n3", 2)]
        (sent,) = await deliveries.sent_posts(database.reader, 1)
        assert (sent.message_id, sent.message_channel_id) == (77, 5)


async def test_the_fifth_migration_keeps_the_application_and_forgets_direct_messages(tmp_path: Path) -> None:
    """Servers left while the bot was away are still noticed after the update; nobody is pinged in server 0."""
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as old:
        old.executescript((DUMPS / "v4.sql").read_text("utf-8"))
        old.execute("PRAGMA user_version = 4")
        old.execute("INSERT INTO facts (name, value) VALUES ('commands', '123:abcdef')")
        old.execute("INSERT INTO term_followers (guild_id, term, user_id) VALUES (0, 'rag', 7), (5, 'rag', 7)")
    old.close()
    async with await Database.open(path) as migrated:
        assert await facts.get_fact(migrated.reader, "application") == "123"
        assert await facts.get_fact(migrated.reader, "commands") is None
        assert await followers.followed_terms(migrated.reader, 0, 7) == []
        assert await followers.followed_terms(migrated.reader, 5, 7) == ["rag"]
