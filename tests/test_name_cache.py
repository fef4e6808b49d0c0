"""The names in memory: that they follow the cache, whoever changes it, and never stand in the way."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import closing
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.answering import name_cache
from bot.answering.name_cache import NameCache
from bot.config import Settings
from bot.errors import StartingError, StoreError
from bot.models.answers import DidYouMean, Gone, NotReviewed, PaperFound, SectionFound
from bot.models.feeds import Entry
from bot.models.index import NameRow
from bot.models.requests import EVERYTHING, Command, Request
from bot.search.glossary import Glossary
from bot.search.names import NamesBuilder
from bot.service import Service, open_service
from bot.store import index
from bot.store.database import Database
from bot.store.index import NEXT_VERSION, index_version
from bot.store.kept import NAMES
from tests.conftest import Clock
from tests.damage import overwrite
from tests.factories import make_entry, make_rss
from tests.loopback.patience import patience

MakeSettings = Callable[..., Settings]
LONG = "여기에는 아무 이름도 적지 않는다. " * 60


def make_post(number: int, name: str) -> Entry:
    """A review of a paper with this name; a larger number is a newer one."""
    return make_entry(
        number,
        title=f"{name}: Number {number}",
        link=f"https://names.example/{number:04d}/",
        html=f"<h2>Abstract</h2><p>{name} 을 읽는다. {LONG}</p>",
        categories=(),
    )


class Shelf:
    """A service that follows one file, and what is asked of it."""

    def __init__(self, service: Service, feed: Path) -> None:
        self.service = service
        self._feed = feed

    def publish(self, *entries: Entry) -> None:
        self._feed.write_bytes(make_rss(entries))

    async def poll(self) -> None:
        for outcome in await self.service.poller.poll_all():
            assert outcome.error is None

    async def knows(self, name: str) -> bool:
        """Whether a review is found by its name."""
        answer = await self.service.answering.answer(Request(command=Command.PAPER, query=name), EVERYTHING)
        return isinstance(answer, PaperFound)

    def completes(self, typed: str) -> list[str]:
        return [label.clean_title for label in self.service.answering.suggest(typed, EVERYTHING)]


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    path = tmp_path / "feed.xml"
    path.write_bytes(make_rss([make_post(1, "TidePool")]))
    return path


@pytest.fixture
async def shelf(
    feed: Path, settings: MakeSettings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Shelf]:
    """A service that has read one review of TidePool. It waits for names as long as a busy machine takes."""
    monkeypatch.setattr(name_cache, "PATIENCE_S", 600)
    async with open_service(settings(NONMUN_FEEDS=str(feed)), clock=clock) as service:
        opened = Shelf(service, feed)
        await opened.poll()
        yield opened


@pytest.fixture
async def beside(shelf: Shelf, tmp_path: Path) -> AsyncIterator[Database]:
    """The same file, opened a second time as another process would."""
    async with await Database.open(tmp_path / "test.db") as opened:
        yield opened


async def rename(database: Database, name: str, *, to: str) -> None:
    """Give a review another name, in the cache alone."""
    async with database.transaction() as db:
        await db.execute("UPDATE names SET key = ?, text = ? WHERE key = ?", (to.casefold(), to, name.casefold()))
        await db.execute(NEXT_VERSION)


# ── following the cache ─────────────────────────────────────────────────────────────────────────


async def test_a_review_is_found_after_the_poll_that_brought_it(shelf: Shelf) -> None:
    """In a look-up, in a completion and in the count."""
    assert not await shelf.knows("SeaGlass")
    shelf.publish(make_post(2, "SeaGlass"), make_post(1, "TidePool"))
    await shelf.poll()
    assert shelf.completes("seag") == ["SeaGlass: Number 2"]
    assert await shelf.knows("SeaGlass")
    assert await shelf.knows("TidePool")
    assert shelf.service.answering.review_count == 2


async def test_a_changed_review_is_found_by_its_new_name_alone(shelf: Shelf) -> None:
    shelf.publish(make_post(1, "MoonPool"))
    await shelf.poll()
    assert await shelf.knows("MoonPool")
    assert shelf.completes("tidep") == []
    answer = await shelf.service.answering.answer(Request(command=Command.PAPER, query="tidepool"), EVERYTHING)
    assert isinstance(answer, NotReviewed | DidYouMean)


async def test_names_are_there_when_a_service_is_opened(shelf: Shelf, settings: MakeSettings) -> None:
    """Without a question or a poll before: a completion reads no database."""
    async with open_service(shelf.service.settings) as restarted:
        assert [label.short_name for label in restarted.answering.suggest("tide", EVERYTHING)] == ["TidePool"]


async def test_what_another_process_changed_is_found_at_the_next_question(shelf: Shelf, beside: Database) -> None:
    assert not await shelf.knows("MoonPool")
    await rename(beside, "TidePool", to="MoonPool")
    assert await shelf.knows("MoonPool")
    assert shelf.completes("moonp") == ["TidePool: Number 1"]


async def test_what_another_process_removed_is_gone(shelf: Shelf, beside: Database) -> None:
    async with beside.transaction() as db:
        await db.execute("DELETE FROM reviews")
        await db.execute(NEXT_VERSION)
    assert not await shelf.knows("TidePool")
    assert shelf.service.answering.review_count == 0
    assert shelf.completes("tide") == []


async def test_many_reviews_come_in_the_order_of_preference(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stubs last, then the newest first, however many are read at once."""
    shelf.publish(*(make_post(n, f"Pearl{chr(64 + n)}") for n in (5, 1, 4, 2, 3)), make_stub(9))
    await shelf.poll()
    expected = [f"Pearl{letter}: Number {n}" for letter, n in zip("EDCBA", (5, 4, 3, 2, 1), strict=True)] + ["PearlZ"]
    assert shelf.completes("pearl") == expected
    monkeypatch.setattr(index, "CHUNK", 2)
    shelf.publish(*(make_post(n, f"Pearl{chr(64 + n)}") for n in (1, 2, 3, 4, 6)), make_stub(9))
    await shelf.poll()
    assert shelf.completes("pearl") == ["PearlF: Number 6", *expected]
    assert await shelf.knows("PearlC")


def make_stub(number: int) -> Entry:
    return make_entry(
        number, title="PearlZ", link=f"https://names.example/{number:04d}/", html="<p>PearlZ.</p>", categories=()
    )


# ── while names are being read ──────────────────────────────────────────────────────────────────


async def test_while_names_are_read_the_old_ones_answer(
    shelf: Shelf, beside: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question does not wait for a large cache; a later one has the new names."""
    monkeypatch.setattr(name_cache, "PATIENCE_S", 0)
    await rename(beside, "TidePool", to="MoonPool")
    assert not await shelf.knows("MoonPool")
    async with asyncio.timeout(patience(20)):
        while not await shelf.knows("MoonPool"):
            assert await shelf.knows("TidePool"), "by its title, in the old names as in the new"


async def test_names_are_exchanged_whole(database: Database, tmp_path: Path) -> None:
    """Whoever holds them keeps them: nothing changes under a question that is being answered."""
    cache = make_cache(database)
    await insert(tmp_path / "test.db", "alpha")
    await cache.refresh()
    held = cache.names
    await insert(tmp_path / "test.db", "beta")
    await cache.refresh()
    assert (len(held), len(cache.names)) == (1, 2)
    assert not held.lookup("beta").matches
    assert cache.names.lookup("beta").is_sure


async def test_names_are_not_read_again_where_nothing_changed(database: Database, tmp_path: Path) -> None:
    cache = make_cache(database)
    await insert(tmp_path / "test.db", "alpha")
    await cache.refresh()
    held = cache.names
    await cache.refresh()
    await cache.catch_up()
    assert cache.names is held


async def test_however_often_the_cache_changes_reading_names_takes_a_tenth_of_the_time(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As when a thousand feeds have news one after the other: each reading is followed by its rest."""
    monkeypatch.setattr(name_cache, "PATIENCE_S", 0)
    cache = make_cache(database)
    await insert(tmp_path / "test.db", *(f"alpha{number}" for number in range(200)))
    await cache.refresh()
    caplog.set_level(logging.DEBUG, logger="bot.answering.name_cache")
    async with asyncio.timeout(patience(60)):
        while len(caplog.records) < 4:
            async with database.transaction() as db:
                await db.execute(NEXT_VERSION)
            await cache.catch_up()
            await asyncio.sleep(0)
    await cache.close()
    assert not any(record.exc_info for record in caplog.records)
    took_s = [int(record.getMessage().rpartition("=")[2]) / 1_000 for record in caplog.records]
    for (earlier, later), took in zip(pairwise(caplog.records), took_s, strict=False):
        assert later.created - earlier.created > name_cache.REST * took


async def test_two_who_refresh_at_once_both_get_the_names(database: Database, tmp_path: Path) -> None:
    cache = make_cache(database)
    for name in ("alpha", "beta", "gamma"):
        await insert(tmp_path / "test.db", name)
        await asyncio.gather(cache.refresh(), cache.refresh(), cache.catch_up())
        assert cache.names.lookup(name).is_sure
    await cache.close()


async def test_changes_in_the_middle_of_reading_are_not_missed(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits for the names gets those of the cache, wherever in the reading a commit falls."""
    await insert(tmp_path / "test.db", *(f"alpha{number}" for number in range(400)))
    monkeypatch.setattr(index, "CHUNK", 2)
    cache = make_cache(database)
    async with await Database.open(tmp_path / "test.db") as other:
        reading = asyncio.create_task(cache.refresh())
        changed = []
        for number in range(60):
            async with other.transaction() as db:
                await db.execute("UPDATE names SET key = ? WHERE key = ?", (f"beta{number}", f"alpha{number}"))
                await db.execute(NEXT_VERSION)
            if reading.done():  # this one may have come too late
                break
            changed.append(f"beta{number}")
        await reading
    assert changed
    assert [name for name in changed if not cache.names.lookup(name).is_sure] == []


async def test_closing_ends_what_is_being_read(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file can be closed right behind it, and the old names stay."""
    monkeypatch.setattr(name_cache, "PATIENCE_S", 0)
    cache = make_cache(database)
    await insert(tmp_path / "test.db", "alpha")
    await cache.refresh()
    await insert(tmp_path / "test.db", "beta")
    await cache.catch_up()
    before = asyncio.all_tasks()
    assert len(before) == 2, "this test and the reading"
    async with asyncio.timeout(patience(20)):
        await cache.close()
    assert len(asyncio.all_tasks()) == 1
    assert len(cache.names) == 1
    assert await index_version(database.reader) > 0
    await cache.close()


async def test_a_reading_that_is_ended_half_way_leaves_no_query_open(
    settings: MakeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One that is only ended later would ask the closed file."""
    monkeypatch.setattr(name_cache, "PATIENCE_S", 0)
    monkeypatch.setattr(index, "CHUNK", 1)
    async with await Database.open(tmp_path / "test.db") as database:
        await insert(tmp_path / "test.db", *(f"alpha{number}" for number in range(200)))
        cache = make_cache(database)
        begun = asyncio.Event()
        add_names = NamesBuilder.add_names

        def add(builder: NamesBuilder, rows: Iterable[NameRow]) -> None:
            loop.call_soon_threadsafe(begun.set)
            add_names(builder, rows)

        loop = asyncio.get_running_loop()
        monkeypatch.setattr(NamesBuilder, "add_names", add)
        await cache.catch_up()
        await begun.wait()
        await cache.close()
    gc.collect()
    await asyncio.sleep(0)
    await asyncio.to_thread(lambda: None)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_service_closes_while_names_are_being_read(
    shelf: Shelf, beside: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(name_cache, "PATIENCE_S", 0)
    before = asyncio.all_tasks()
    async with asyncio.timeout(patience(20)):
        async with open_service(shelf.service.settings) as other:
            await rename(beside, "TidePool", to="MoonPool")
            await other.answering.answer(Request(command=Command.HELP), EVERYTHING)
    assert asyncio.all_tasks() <= before


async def test_names_that_cannot_be_read_are_logged_and_the_old_ones_stay(
    shelf: Shelf, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """And they are read again once they can be."""
    with closing(sqlite3.connect(tmp_path / "test.db")) as connection, connection:
        connection.execute("ALTER TABLE names RENAME TO hidden")
        connection.execute(NEXT_VERSION)
    with caplog.at_level(logging.ERROR, logger="bot.answering.name_cache"):
        assert shelf.completes("tide") == ["TidePool: Number 1"]
        await shelf.service.answering.answer(Request(command=Command.HELP), EVERYTHING)
    assert "names could not be read" in caplog.text
    assert shelf.completes("tide") == ["TidePool: Number 1"]
    with closing(sqlite3.connect(tmp_path / "test.db")) as connection, connection:
        connection.execute("ALTER TABLE hidden RENAME TO names")
        connection.execute("UPDATE names SET key = 'moonpool' WHERE key = 'tidepool'")
        connection.execute(NEXT_VERSION)
    assert await shelf.knows("moonpool")


def make_cache(database: Database) -> NameCache:
    return NameCache(database, glossary=Glossary())


async def insert(path: Path, *names: str) -> None:
    """Enter a review for each short name as another process would."""
    async with await Database.open(path) as other, other.transaction() as db:
        await db.execute("INSERT OR IGNORE INTO feeds (id, url) VALUES (1, 'https://names.example/')")
        for name in names:
            cursor = await db.execute(
                "INSERT INTO reviews (feed_id, guid, entry_hash, structure_version, entry, link, title, clean_title,"
                " authors, identifiers, links, categories, characters, first_seen_at, words)"
                " VALUES (1, :name, '', 1, '{}', :name, :name, :name, '[]', '{}', '[]', '[]', 5000, :now, '')",
                {"name": name, "now": (Clock().now + timedelta(days=1)).isoformat()},
            )
            await db.execute(
                "INSERT INTO names (key, review_id, kind, text, uses, sounds) VALUES (?, ?, 'short', ?, 1, '')",
                (name, cursor.lastrowid, name),
            )
        await db.execute(NEXT_VERSION)


async def test_a_commit_about_something_else_reads_no_names(shelf: Shelf) -> None:
    """A search in vain is kept, a feed's state, a delivery: the names stay those that they are."""
    names = shelf.service.name_cache.names
    await shelf.service.set_fact("tide", "high")
    request = Request(command=Command.SEARCH, query="xylophone")
    await shelf.service.ask(request, EVERYTHING)
    assert len(await shelf.service.answering.unmatched()) == 1
    await shelf.service.answering.answer(Request(command=Command.HELP), EVERYTHING)
    assert shelf.service.name_cache.names is names


# ── names kept in a file ────────────────────────────────────────────────────────────────────────


@pytest.fixture
def readings(caplog: pytest.LogCaptureFixture) -> Callable[[], int]:
    """Returns how often names have been read from the database since it was last asked."""
    caplog.set_level(logging.DEBUG, logger="bot.answering.name_cache")

    def count() -> int:
        messages = [record.getMessage() for record in caplog.records]
        caplog.clear()
        return sum(message.startswith("names read ") for message in messages)

    return count


@pytest.fixture
async def kept(
    shelf: Shelf, settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, readings: Callable[[], int], tmp_path: Path
) -> Path:
    """The file of names of a database that no service has open any more."""
    monkeypatch.setattr(name_cache, "WORTH_KEEPING", 1)
    async with open_service(shelf.service.settings):
        pass
    assert readings() == 1
    return tmp_path / f"test.db{NAMES}"


async def test_few_names_are_not_kept(shelf: Shelf, tmp_path: Path) -> None:
    assert not (tmp_path / f"test.db{NAMES}").exists()


async def test_kept_names_are_not_read_again(shelf: Shelf, kept: Path, readings: Callable[[], int]) -> None:
    """Nor written again; only the owner of the database may read them."""
    before = state_of(kept)
    async with open_service(shelf.service.settings) as restarted:
        assert await Shelf(restarted, kept).knows("TidePool")
        assert Shelf(restarted, kept).completes("tide") == ["TidePool: Number 1"]
    assert readings() == 0
    assert state_of(kept) == before
    assert before.st_mode & 0o077 == 0


async def test_kept_names_that_are_behind_answer_until_the_new_ones_are_read(
    shelf: Shelf, kept: Path, beside: Database, readings: Callable[[], int]
) -> None:
    await rename(beside, "TidePool", to="MoonPool")
    async with open_service(shelf.service.settings, waits_for_names=False) as restarted:
        await restarted.name_cache.start()
        assert [label.clean_title for label in restarted.answering.suggest("tidep", EVERYTHING)]
        assert await Shelf(restarted, kept).knows("MoonPool")
        assert readings() == 1
    async with open_service(shelf.service.settings) as again:
        assert await Shelf(again, kept).knows("MoonPool")
    assert readings() == 0, "they were kept when the service closed"


async def test_names_are_kept_at_most_once_an_hour(shelf: Shelf, kept: Path, beside: Database) -> None:
    async with open_service(shelf.service.settings) as restarted:
        before = state_of(kept).st_mtime_ns
        await rename(beside, "TidePool", to="MoonPool")
        await restarted.name_cache.refresh()
        assert state_of(kept).st_mtime_ns == before
    assert state_of(kept).st_mtime_ns > before


async def test_kept_names_of_another_state_of_the_database_are_not_taken(
    shelf: Shelf, kept: Path, tmp_path: Path, beside: Database, readings: Callable[[], int]
) -> None:
    """An older copy was put back by hand: the same ids and the same version may be other reviews."""
    with closing(sqlite3.connect(tmp_path / "test.db")) as db, closing(sqlite3.connect(tmp_path / "old.db")) as copy:
        db.backup(copy)
    await rename(beside, "TidePool", to="MoonPool")
    async with open_service(shelf.service.settings):
        pass
    readings()
    old = Database.open(tmp_path / "old.db")
    async with await old as opened:
        await rename(opened, "TidePool", to="SeaGlass")
    shutil.move(kept, tmp_path / f"old.db{NAMES}")
    async with open_service(shelf.service.settings.model_copy(update={"database": tmp_path / "old.db"})) as restored:
        assert await Shelf(restored, kept).knows("SeaGlass")
        assert Shelf(restored, kept).completes("moonp") == []
    assert readings() == 1


def state_of(path: Path) -> os.stat_result:
    return path.stat()


def spoil(kept: Path, fault: str) -> None:
    whole = kept.read_bytes()
    kept.unlink()
    if fault == "folder":
        kept.mkdir()
    else:
        head = whole.partition(b"\n")[0]
        kept.write_bytes({"cut": whole[:-200], "empty": b"", "garbage": head + b"\n[[1]]\n"}.get(fault, whole))


@pytest.mark.parametrize("fault", ["cut", "empty", "garbage", "folder", "other code"])
async def test_a_file_that_cannot_be_used_is_made_again(
    shelf: Shelf, kept: Path, fault: str, readings: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(kept, fault)
    if fault == "other code":
        monkeypatch.setattr(name_cache, "layout_digest", lambda: "another")
    async with open_service(shelf.service.settings) as restarted:
        assert await Shelf(restarted, kept).knows("TidePool")
    assert readings() == 1
    assert fault == "folder" or state_of(kept).st_size > 1_000


# ── a start with many names ─────────────────────────────────────────────────────────────────────


async def test_while_the_first_names_are_read_a_name_as_written_is_answered(
    shelf: Shelf, settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So is a review that was chosen; all else says that the bot is starting, and no question is asked in vain."""
    monkeypatch.setattr(name_cache, "PATIENCE_S", 0)
    audience = EVERYTHING
    for request, expected in (
        (Request(command=Command.PAPER, query="tidepool"), PaperFound),
        (Request(command=Command.PAPER, query="“TidePool”"), PaperFound),
        (Request(command=Command.PAPER, review_id=1), PaperFound),
        (Request(command=Command.SECTION, heading="abstract", review_id=1), SectionFound),
        (Request(command=Command.PAPER, query="tidepol"), None),
        (Request(command=Command.PAPER, query="SeaGlass"), None),
        (Request(command=Command.PAPER, review_id=2), None),
        (Request(command=Command.SEARCH, query="tidepool"), None),
        (Request(command=Command.RELATED, review_id=1), None),
        (Request(command=Command.LATEST), None),
        (Request(command=Command.HELP), None),
    ):
        async with open_service(shelf.service.settings, waits_for_names=False) as starting:
            assert starting.answering.suggest("tide", audience) == []
            assert await starting.answering.suggest_sections("tidepool", "", audience) == []
            if expected is None:
                with pytest.raises(StartingError, match="just started"):
                    await starting.ask(request, audience)
            else:
                assert isinstance(await starting.ask(request, audience), expected)
            await starting.name_cache.start()
            assert starting.name_cache.is_ready
            assert not isinstance(await starting.ask(request, audience), Gone) or request.review_id == 2


async def test_names_that_cannot_be_read_at_the_start_are_no_start_that_lasts(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start that waits for them fails; one that did not says what is wrong instead of “ask again in a minute”."""
    overwrite(tmp_path / "test.db", "names")
    async with open_service(shelf.service.settings, waits_for_names=False) as starting:
        with pytest.raises(StoreError, match="damaged"):
            await starting.name_cache.start()
        with pytest.raises(StoreError, match="damaged"):
            await starting.ask(Request(command=Command.SEARCH, query="tidepool"), EVERYTHING)
