"""Doctor: each check says how things are and what to do, and changes nothing."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.config import Settings, load_settings
from bot.doctor import (
    check_backups,
    check_deliveries,
    check_feeds,
    check_glossary,
    check_host,
    check_remembered,
    check_token,
)
from bot.models.announcing import Delivery, DeliveryKind, DeliveryState
from bot.models.checks import Check, CheckState
from bot.models.feeds import FeedState
from bot.service import open_service
from bot.store.causes import Space
from bot.store.database import Database
from bot.store.health import check_bot, check_database, check_rights, check_sqlite, judge_space
from bot.store.lock import BotLock, lock_path
from bot.store.schema import MIGRATIONS
from tests.factories import make_entry, make_rss
from tests.loopback.feed_host import FeedHost

ROOT = Path(__file__).parents[1]
OK, WARNING, FAILED = CheckState.OK, CheckState.WARNING, CheckState.FAILED


def _state(url: str, **fields: object) -> FeedState:
    return FeedState(id=1, url=url, **fields)  # type: ignore[arg-type]


def _by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.name.partition(" ")[0]: check for check in checks}


# ── settings ────────────────────────────────────────────────────────────────────────────────────


async def test_every_fault_of_the_settings_is_a_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each bad setting is named with what is wrong; without settings nothing else is looked at."""
    monkeypatch.setenv("NONMUN_POLL_SECONDS", "0")
    monkeypatch.setenv("NONMUN_CHANEL_ID", "1")
    found, checks = await check_host(load_settings, is_offline=True)
    assert found is None
    faults = [check for check in checks if check.state is FAILED]
    assert all(check.advice for check in faults)
    said = " ".join(check.said for check in faults)
    assert "NONMUN_POLL_SECONDS" in said
    assert "NONMUN_CHANEL_ID" in said


async def test_a_fresh_host_is_told_what_to_do(settings: Callable[..., Settings], tmp_path: Path) -> None:
    """Nothing is set up yet: nothing failed, each step that is left has its advice, and nothing was made."""
    feed = tmp_path / "feed.xml"
    feed.write_bytes(make_rss([make_entry()]))
    _, checks = await check_host(lambda: settings(NONMUN_FEEDS=(str(feed),)), is_offline=False)
    named = _by_name(checks)
    assert [named[name].state for name in ("settings", "glossary", "sqlite", "feed")] == [OK] * 4
    assert [named[name].state for name in ("database", "token")] == [WARNING] * 2
    assert all(check.advice for check in checks if check.state is not OK)
    assert _files(tmp_path) == ["feed.xml"]


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_working_host_is_well(settings: Callable[..., Settings], tmp_path: Path) -> None:
    """After a poll all is well; the doctor leaves the database as it was."""
    feed = tmp_path / "feed.xml"
    feed.write_bytes(make_rss([make_entry(1), make_entry(2)]))
    own = settings(NONMUN_FEEDS=(str(feed),), DISCORD_TOKEN="a.b.c", NONMUN_CHANNEL_ID="5")
    async with open_service(own) as service:
        await service.poller.poll_all()
    before = _dump(own.database)
    feed.write_bytes(make_rss([make_entry(1), make_entry(2), make_entry(3)]))
    _, checks = await check_host(lambda: own, is_offline=False)
    assert {check.state for check in checks} == {OK}
    named = _by_name(checks)
    assert "2 reviews" in named["cache"].said
    assert "3 entries" in named["feed"].said
    assert _dump(own.database) == before


def _dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


def test_token_is_never_said(settings: Callable[..., Settings]) -> None:
    """A token that is set is not mentioned; where it is missing the advice says where to get one."""
    assert check_token(settings(DISCORD_TOKEN="a.b.c", NONMUN_CHANNEL_ID="5")) == []
    token, channel = check_token(settings())
    assert "discord.com/developers" in (token.advice or "")
    assert channel.state is OK
    assert "/feed add" in (channel.advice or "")


def test_what_cannot_be_read_of_a_hosts_terms_is_told(tmp_path: Path) -> None:
    """A good file is counted, a bad line and a missing file are named; the bundled terms are there all the same."""
    own = tmp_path / "own.txt"
    own.write_text("수달 | otter\n", "utf-8")
    bundled, good = check_glossary(None), check_glossary(own)
    assert (bundled.state, good.state) == (OK, OK)
    assert str(own) in good.said
    own.write_text("수달 | otter\n바다코끼리\n", "utf-8")
    for path, named in ((own, "own.txt, line 2"), (tmp_path / "none.txt", "none.txt")):
        check = check_glossary(path)
        assert check.state is WARNING
        assert named in check.said
        assert "NONMUN_GLOSSARY" in (check.advice or "")
        assert int(check.said.split()[0].replace(",", "")) >= int(bundled.said.split()[0].replace(",", ""))


# ── the database ────────────────────────────────────────────────────────────────────────────────


def test_sqlite_is_usable() -> None:
    """The SQLite that runs these tests has what is needed."""
    assert check_sqlite().state is OK


async def test_database_is_well(tmp_path: Path) -> None:
    """A file of this version passes."""
    path = tmp_path / "a.db"
    await (await Database.open(path)).close()
    assert check_database(path).state is OK


def test_older_database_is_left_alone(tmp_path: Path) -> None:
    """An older schema is reported, not migrated."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE x (y)")
    assert check_database(path).state is WARNING
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (0,)


def test_newer_database_is_refused(tmp_path: Path) -> None:
    """A file of a newer version fails with the advice to update."""
    path = tmp_path / "new.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    check = check_database(path)
    assert check.state is FAILED
    assert "Update" in (check.advice or "")


async def test_damage_is_found(tmp_path: Path) -> None:
    """A page overwritten in the middle is noticed."""
    path = tmp_path / "a.db"
    await (await Database.open(path)).close()
    data = bytearray(path.read_bytes())
    data[4096:12288] = b"\xaa" * 8192
    path.write_bytes(data)
    check = check_database(path)
    assert check.state is FAILED
    assert "damaged" in check.said


def test_other_files_are_no_database(tmp_path: Path) -> None:
    """A text file and a folder fail, each in words."""
    text = tmp_path / "notes.txt"
    text.write_text("These are my notes, and there are quite a few of them. " * 20, "utf-8")
    assert check_database(text).state is FAILED
    assert check_database(tmp_path).state is FAILED


def test_file_in_the_way_of_the_folder(tmp_path: Path) -> None:
    """A database below a file can never be made."""
    (tmp_path / "data").write_text("", "utf-8")
    check = check_database(tmp_path / "data" / "nonmun.db")
    assert check.state is FAILED
    assert check.advice


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_file_fails(tmp_path: Path) -> None:
    """A file that cannot be written is reported before a poll runs into it."""
    path = tmp_path / "a.db"
    sqlite3.connect(path).execute("VACUUM").connection.close()
    path.chmod(0o400)
    assert check_database(path).state is FAILED


def test_empty_file_is_what_is_left_of_another(tmp_path: Path) -> None:
    (tmp_path / "a.db").touch()
    check = check_database(tmp_path / "a.db")
    assert (check.state, "is empty" in check.said) == (FAILED, True)


async def test_damaged_index_is_found(tmp_path: Path) -> None:
    """Damage that only the index itself can see: a text that it was never told of."""
    path = tmp_path / "a.db"
    await (await Database.open(path)).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("INSERT INTO review_index_content VALUES (1, 'never', 'told', 'of', 'it')")
        db.commit()
    check = check_database(path)
    assert check.state is FAILED
    assert "full-text index" in check.said
    assert "--repair" in (check.advice or "")


async def test_busy_file_is_a_warning_within_seconds(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    async with await Database.open(path):
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            check = await asyncio.to_thread(check_database, path)
    assert (check.state, "locked" in check.said) == (WARNING, True)


async def test_no_space_is_found_by_writing(tmp_path: Path) -> None:
    """What is written reaches the disk before it is taken back: a limit shows that the disk's figures do not."""
    path = tmp_path / "a.db"
    await (await Database.open(path)).close()
    size = path.stat().st_size
    program = (
        "import resource, signal, sys; from pathlib import Path; from bot.store.health import check_database; "
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size})); "
        "check = check_database(Path(sys.argv[1])); print(check.state, check.said)"
    )
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, str(path)), stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    said, _ = await child.communicate()
    assert said.startswith(b"failed"), said
    assert path.stat().st_size == size


# ── around the database ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("free_bytes", "free_files", "state"),
    [
        (2**33, 10**6, OK),
        (2**33, None, OK),
        (None, None, OK),
        (100 * 2**20, 10**6, WARNING),
        (2**33, 10, WARNING),
        (2**19, 10**6, FAILED),
        (2**33, 0, FAILED),
    ],
)
def test_scarce_space_is_told(free_bytes: int | None, free_files: int | None, state: CheckState) -> None:
    """Bytes and files; a warning while there is some, a fault when there is none."""
    check = judge_space(Path("data"), Space(free_bytes, free_files, is_read_only=False))
    assert check.state is state
    assert check.advice or state is OK


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such rights")
def test_files_that_others_may_read_are_named_with_the_command(tmp_path: Path) -> None:
    private, public = tmp_path / "a.db", tmp_path / ".env"
    private.touch(0o600)
    public.touch()
    public.chmod(0o644)
    assert check_rights([private, tmp_path / "none"]).state is OK
    check = check_rights([private, public])
    assert check.state is WARNING
    assert check.advice == f"Restrict them to their owner: chmod 600 {public}"


def test_a_running_bot_and_one_that_stopped_polling_are_told(tmp_path: Path) -> None:
    """By the lock that it holds, and the time of its last poll."""
    path = tmp_path / "a.db"
    assert "no bot is running" in check_bot(path, poll_seconds=900).said
    with BotLock(path):
        check = check_bot(path, poll_seconds=900)
        assert (check.state, f"process {os.getpid()}" in check.said) == (OK, True)
        an_hour_ago = time.time() - 3_600
        os.utime(lock_path(path), (an_hour_ago, an_hour_ago))
        assert check_bot(path, poll_seconds=900).state is WARNING
        assert check_bot(path, poll_seconds=3_600).state is OK


def test_backups_that_are_not_made_are_told(tmp_path: Path) -> None:
    now = datetime(2026, 6, 3, 13, tzinfo=UTC)
    made = [tmp_path / "nonmun-20260602T120000Z.db"]
    assert check_backups(tmp_path, made, now=now).state is OK
    assert check_backups(tmp_path, made, now=now + timedelta(days=1)).state is WARNING
    assert check_backups(tmp_path, [], now=now).state is WARNING
    assert check_backups(tmp_path / "none", [], now=now).state is FAILED


# ── feeds ───────────────────────────────────────────────────────────────────────────────────────


async def test_feeds_are_asked_side_by_side(feed_host: FeedHost) -> None:
    """A good feed, a web page, an empty feed, a broken one and a missing one are told apart."""
    urls = [
        feed_host.serve("/good", make_rss([make_entry(1), make_entry(2)])),
        feed_host.serve("/plain", make_rss([make_entry(1)]), etag=False),
        feed_host.serve("/empty", make_rss([])),
        feed_host.serve("/page", "<!doctype html><title>Hello</title>", content_type="text/html"),
        feed_host.fail("/gone", status=404),
    ]
    reader, good, plain, empty, page, gone = await check_feeds(
        [_state(url) for url in urls], own=urls, is_offline=False, allowed_private=["127.0.0.1"]
    )
    assert (reader.name, reader.state) == ("reader", OK)
    assert good.state is OK, good
    assert "2 entries" in good.said
    assert plain.state is OK
    assert "ETag" in plain.said
    assert empty.state is WARNING
    assert (page.state, gone.state) == (FAILED, FAILED)
    assert "404" in gone.said
    assert all(check.advice for check in (empty, page, gone))


async def test_offline_asks_no_server(feed_host: FeedHost, tmp_path: Path) -> None:
    """Offline a remote feed is judged by what the cache remembers; a file is read all the same."""
    path = tmp_path / "feed.xml"
    path.write_bytes(make_rss([make_entry()]))
    url = feed_host.serve("/feed", make_rss([make_entry()]))
    _, remote, local = await check_feeds([_state(url), _state(str(path))], own=[url, str(path)], is_offline=True)
    assert remote.state is WARNING
    assert local.state is OK
    assert feed_host.requests == []


async def test_members_feeds_are_asked_with_distrust(feed_host: FeedHost) -> None:
    """The doctor is no door into the host's network, where the host's own feeds may lie."""
    urls = [feed_host.serve(path, make_rss([make_entry()])) for path in ("/own", "/members")]
    own = feed_host.url("/own")
    _, host, members = await check_feeds(
        [_state(url) for url in urls], own=[own], is_offline=False, allowed_private=[own.removesuffix("/own")]
    )
    assert (host.state, members.state) == (OK, FAILED)
    assert "private network" in members.said
    assert [request.path for request in feed_host.requests] == ["/own"]


async def test_a_reader_that_cannot_be_started_is_said_once(
    feed_host: FeedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the host's fault, and no feed's."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    url = feed_host.serve("/feed", make_rss([make_entry()]))
    reader, feed = await check_feeds([_state(url)], own=[url], is_offline=False)
    assert (reader.state, feed.state) == (FAILED, WARNING)
    assert "cannot be started" in reader.said
    assert "/nowhere/python" in str(reader.advice)
    assert feed_host.requests == []


def test_what_of_a_feed_cannot_be_read_is_told() -> None:
    """Posts are somebody's business; pages of an archive are often gone, and only said."""
    known = {"title": "A blog", "first_read_at": datetime(2026, 6, 3, tzinfo=UTC)}
    check = check_remembered(_state("https://e.org/feed", unread_entries=2, failed_pages=1, **known))
    assert check.state is WARNING
    assert "2 posts could not be read; 1 page of its archive could not be read" in check.said
    assert check_remembered(_state("https://e.org/feed", failed_pages=1, **known)).state is OK


def test_remembered_failures_are_told() -> None:
    """The last failure and how many there were in a row."""
    check = check_remembered(_state("https://e.org/feed", failures=3, last_error="the server answered 500"))
    assert check.state is WARNING
    assert "3 times" in check.said
    assert "500" in check.said


def test_credentials_are_not_said() -> None:
    """A feed's password stays out of the report."""
    assert "secret" not in str(check_remembered(_state("https://me:secret@e.org/feed")))


# ── posts ───────────────────────────────────────────────────────────────────────────────────────


def _delivery(number: int, state: DeliveryState, reason: str | None = None) -> Delivery:
    return Delivery(
        id=number,
        kind=DeliveryKind.POST,
        subscription_id=1,
        review_id=number,
        channel_id=5,
        state=state,
        nonce=str(number),
        reason=reason,
    )


def test_posts_that_wait_are_told_with_reasons() -> None:
    """None waiting is fine, waiting without a reason too; a refusal comes with its reason, once."""
    pending, failed = DeliveryState.PENDING, DeliveryState.FAILED
    assert check_deliveries([]).state is OK
    assert check_deliveries([_delivery(1, pending)]).state is OK
    refused = [_delivery(1, pending, "no permission"), _delivery(2, failed, "no permission")]
    check = check_deliveries(refused)
    assert check.state is WARNING
    assert "1 waiting, 1 failed permanently: no permission" in check.said
