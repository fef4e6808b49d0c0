"""What is kept about a member is shown to that member, and after *Delete it* no row of the database has their id."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.config import Settings
from bot.models.announcing import NOBODY, Delivering, OpenedRole
from bot.models.privacy import KeptKind
from bot.models.requests import EVERYTHING
from bot.service import Service, open_service
from bot.store import privacy as store
from bot.store import reviews
from bot.store.database import Database
from tests.factories import make_entry, make_rss
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, eventually, wait_for_commands
from tests.posting import MemoryPoster
from tests.shown import buttons, said, title

ME, OTHER, GUILD, ELSEWHERE = 900_000_000_000_000_777, 900_000_000_000_000_778, 7, 8
NOW = "2026-06-01T12:00:00+00:00"


def rows(path: Path) -> Iterable[tuple[str, tuple[Any, ...]]]:
    """Every row of every table, the full-text index included."""
    with closing(sqlite3.connect(path)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in db.execute(f'SELECT * FROM "{table}"'):  # noqa: S608
                yield table, row


def naming(path: Path, user_id: int) -> list[tuple[str, tuple[Any, ...]]]:
    """The rows that have a member's id anywhere, in numbers, texts and JSON."""
    return [(table, row) for table, row in rows(path) if str(user_id) in repr(row)]


async def insert(db: Any, table: str, **values: object) -> int:
    names = ", ".join(values)
    places = ", ".join(f":{name}" for name in values)
    cursor = await db.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", values)  # noqa: S608
    return int(cursor.lastrowid or 0)


async def use(service: Service, user_id: int) -> None:
    """Let a member do everything of which something is kept, in one server."""
    reader, mark = service.database.reader, user_id % 1_000
    (review_id, *_) = await reviews.review_ids(reader)
    paper, _outcome = await service.saved.toggle(
        review_id, check=None, user_id=user_id, guild_id=GUILD, audience=EVERYTHING
    )
    await service.saved.set_note(user_id, paper.id, "a note")
    await service.saved.toggle_passage(
        review_id,
        position=1,
        block=0,
        words_check=None,
        check=None,
        user_id=user_id,
        guild_id=GUILD,
        audience=EVERYTHING,
    )
    url = service.settings.feeds[0]
    subscription = await service.subscriptions.follow(
        url,
        guild_id=GUILD,
        channel_id=mark,
        owner_id=user_id,
        delivering=Delivering(role_id=5, opened=OpenedRole(role_id=5, user_id=user_id)),
    )
    await service.subscriptions.follow_feed(subscription, user_id)
    await service.subscriptions.follow_term("hallucination", guild_id=GUILD, user_id=user_id)
    mention, common = f"<@{user_id}> asked", {"guild_id": GUILD, "created_at": NOW}
    async with service.database.transaction() as db:
        talk = await insert(
            db, "talks", link_key="k", title="Lantern", state="gone", nonce=f"t{mark}", channel_id=1,
            opener_id=user_id, **common,
        )  # fmt: skip
        await insert(db, "conclusions", talk_id=talk, author_id=user_id, text="It holds", submitted_at=NOW)
        await insert(
            db, "join_log", guild_id=GUILD, first_title="A", second_title="B", is_same=1, user_id=user_id, at=NOW
        )
        wish = await insert(db, "wishes", guild_id=GUILD, key=f"w{mark}", title="A wish", wished_at=NOW)
        for voice in {user_id, OTHER}:
            await insert(db, "wish_voices", wish_id=wish, user_id=voice, channel_id=1, asked_at=NOW)
        alone = await insert(db, "wishes", guild_id=GUILD, key=f"a{mark}", title="Alone", wished_at=NOW)
        await insert(db, "wish_voices", wish_id=alone, user_id=user_id, channel_id=1, asked_at=NOW)
        for number, (kind, users, state) in enumerate(
            [
                ("wish", [user_id, OTHER], "pending"),
                ("wish", [user_id], "pending"),
                ("wish", [user_id], "sending"),
                ("quote", [user_id], "sent"),
            ]
        ):
            await insert(
                db, "messages", kind=kind, talk_id=talk, user_ids=json.dumps(users), state=state, text=mention,
                claimed_as=json.dumps({"text": mention}), nonce=f"m{mark}{number}", **common,
            )  # fmt: skip
        await insert(
            db, "deliveries", kind="notice", subscription_id=subscription.id, channel_id=GUILD, state="pending",
            nonce=f"d{mark}", text=mention, created_at=NOW,
        )  # fmt: skip
        await insert(
            db, "decisions", subscription_id=subscription.id, review_id=review_id, stage="failed", detail=mention,
            at=NOW,
        )  # fmt: skip
        await insert(
            db, "found_messages", message_id=user_id + 10_000, channel_id=1, message_channel_id=1, found_at=NOW,
            traits=json.dumps({"text": mention}),
        )  # fmt: skip
        await insert(db, "pending_choices", number=mark, guild_id=GUILD, text=mention, shown_at=NOW)
        await insert(db, "unmatched", query=mention, times=1, last_at=NOW)
        await insert(db, "model_uses", scope="member", id=user_id, day="2026-06-01", uses=1)
        await insert(db, "model_consents", user_id=user_id, host="models.example")


@pytest.fixture
def made(settings: Callable[..., Settings], feed_host: FeedHost) -> Settings:
    """The settings of a bot that reads a blog of two reviews."""
    feed_host.serve("/blog.xml", make_rss([make_entry(2), make_entry(1)]))
    return settings(NONMUN_FEEDS=feed_host.url("/blog.xml"), NONMUN_PRIVATE_HOSTS="127.0.0.1")


@pytest.mark.parametrize("keeps_conclusions", [False, True])
async def test_no_row_has_the_id_of_a_member_who_asked_to_be_forgotten(
    made: Settings, *, keeps_conclusions: bool
) -> None:
    """In no number, text and JSON of any table; what others keep stays as it was."""
    async with open_service(made) as service:
        await service.poller.poll_all()
        await use(service, OTHER)
        await use(service, ME)
        others = await service.privacy.kept_about(OTHER)
        kept = {item.kind for item in await service.privacy.kept_about(ME)}
        assert kept == set(KeptKind)
        assert len({table for table, _row in naming(made.database, ME)}) > 12
        await service.privacy.forget(ME, keeps_conclusions=keeps_conclusions)
        assert await service.privacy.kept_about(ME) == []
        assert await service.privacy.kept_about(OTHER) == others
        async with service.database.reader.execute("SELECT text, author_id FROM conclusions ORDER BY id") as cursor:
            conclusions = [tuple(row) async for row in cursor]
        assert conclusions == [("It holds", OTHER), *([("It holds", None)] if keeps_conclusions else [])]
    assert naming(made.database, ME) == []
    assert naming(made.database, OTHER) != []


async def test_what_waits_for_a_forgotten_member_is_not_sent(made: Settings) -> None:
    """Pings for nobody are dropped; a ping for others goes to them alone; a notice goes to its place unaddressed."""
    async with open_service(made) as service:
        await service.poller.poll_all()
        await use(service, ME)
        await service.privacy.forget(ME, keeps_conclusions=False)
        query = "SELECT kind, user_ids, state FROM messages ORDER BY id"
        async with service.database.reader.execute(query) as cursor:
            assert [tuple(row) async for row in cursor] == [
                ("wish", f"[{OTHER}]", "pending"),
                ("wish", "[]", "dropped"),
                ("wish", "[]", "dropped"),
                ("quote", "[]", "sent"),
            ]
        async with service.database.reader.execute("SELECT title FROM wishes") as cursor:
            assert [row["title"] async for row in cursor] == ["A wish"]
        (subscription,) = await service.subscriptions.of_guild(GUILD)
        assert subscription.owner_id == NOBODY
        assert not subscription.is_host
        assert subscription.delivering.opened is None
        assert subscription.delivering.role_id == 5
        poster = MemoryPoster()
        await service.courier.deliver(poster)
        await eventually(lambda: bool(poster.told), "the notice")
        (notice,) = poster.told
        assert notice.outgoing.user_ids == ()
        assert notice.outgoing.text == "@… asked"


async def test_what_belongs_to_a_server_goes_with_it(database: Database) -> None:
    """Members' own lists stay."""
    async with database.transaction() as db:
        for guild in (GUILD, ELSEWHERE):
            common = {"guild_id": guild, "created_at": NOW}
            await insert(db, "messages", kind="wish", state="sent", nonce=f"m{guild}", **common)
            await insert(db, "wishes", guild_id=guild, key="k", title="w", wished_at=NOW)
            await insert(db, "pending_choices", number=guild, guild_id=guild, text="x", shown_at=NOW)
            await insert(
                db, "saved", user_id=ME, link_key=f"l{guild}", guild_id=guild, link="l", title="t", saved_at=NOW
            )
    tables = ("messages", "wishes", "pending_choices", "saved")

    async def count() -> dict[str, int]:
        counted = {}
        for table in tables:
            async with database.reader.execute(f"SELECT count(*) FROM {table}") as cursor:  # noqa: S608
                counted[table] = (await cursor.fetchall())[0][0]
        return counted

    async with database.transaction() as db:
        await store.forget_guild(db, GUILD)
    assert await count() == dict.fromkeys(tables, 1) | {"saved": 2}
    async with database.transaction() as db:
        await store.forget_others(db, [ELSEWHERE])
    assert await count() == dict.fromkeys(tables, 1) | {"saved": 2}
    async with database.transaction() as db:
        await store.forget_others(db, [])
    assert await count() == dict.fromkeys(tables, 0) | {"saved": 2}


OF_REVIEWS = set(
    "aliases embeddings facets feeds names pages paper_keys passages records reviews sections unread_entries".split()
)
"""Tables of what blogs and papers say, and of nothing that members do."""
NO_TEXTS = re.compile(
    r"state|kind|nonce|stage|link|link_key|locale|language|talk_place|not_before|digest_at|authors|user_ids|name|"
    r"\w+_at|at|scope|day"
)
"""Columns of other tables whose texts are made by us or come from a blog, and mention nobody."""


async def test_each_text_of_the_database_is_known_to_name_nobody_or_is_cleared(database: Database) -> None:
    """A new column in which a mention may stand belongs in `MENTIONING`; this test is how somebody notices."""
    ours = {("heartbeats", "loop"), ("heartbeats", "details"), ("model_consents", "host")}
    known = {*store.MENTIONING, *store.MENTIONING_ROWS, ("saved", "title"), *ours}
    forgotten = []
    query = """
        SELECT name FROM sqlite_master
        WHERE type = 'table' AND name NOT GLOB '*_index*' AND name NOT GLOB 'sqlite_*'
    """
    async with database.reader.execute(query) as cursor:
        tables = [row["name"] async for row in cursor]
    for table in set(tables) - OF_REVIEWS:
        async with database.reader.execute(f"PRAGMA table_info({table})") as cursor:
            columns = [(row["name"], row["type"]) async for row in cursor]
        forgotten += [
            (table, name)
            for name, kind in columns
            if kind == "TEXT" and (table, name) not in known and not NO_TEXTS.fullmatch(name)
        ]
    assert forgotten == []
    assert len(tables) > 25


# ── in Discord ──────────────────────────────────────────────────────────────────────────────────


async def test_a_member_sees_and_deletes_what_is_kept(
    run: RunBot,
    discord: LoopbackDiscord,
    feed_host: FeedHost,
    settings: Callable[..., Settings],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """From a server and in direct messages, after a confirmation; then neither the file nor the log has the id."""
    caplog.set_level("INFO")
    feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    async with run():
        await wait_for_commands(discord)
        await feed_host.wait_until_read("/feed.xml")
        empty = await discord.command("privacy", user_id=ME)
        assert "Nothing is kept about you." in said(empty)
        assert buttons(empty) == []
        card = await discord.command("paper", {"name": "lantern-1"}, user_id=ME)
        saved = await discord.press(card.message, label="Save", user_id=ME)
        form = await discord.press(saved.message, label="Add a note", user_id=ME)
        await discord.submit(form, {"note": "so private"})
        await discord.command("notify", {"term": "hallucination"}, user_id=ME)
        shown = await discord.command("privacy", user_id=ME, channel_id=discord.world.direct_channel(ME).id)
        assert shown.is_ephemeral
        guild = discord.world.guilds[discord.guild_id].name
        for line in ("Saved papers: 1", "Notes on them: 1", f"{guild}: so private", f"{guild}: hallucination"):
            assert line in said(shown)
        whole = await discord.press(shown.message, label="Everything as a file", user_id=ME)
        assert whole.message is not None
        listed = json.loads(discord.attachment_bytes(whole.message))
        assert {"kind": "notes", "where": guild, "text": "so private"} in listed
        asked = await discord.press(shown.message, label="Delete it", user_id=ME)
        assert title(asked) == "Delete everything about you?"
        assert "Delete, but keep my conclusions without my name" not in buttons(asked)
        kept = await discord.press(asked.message, label="Cancel", user_id=ME)
        assert "Saved papers: 1" in said(kept)
        assert naming(settings().database, ME) != []
        asked = await discord.press(kept.message, label="Delete it", user_id=ME)
        gone = await discord.press(asked.message, label="Delete everything", user_id=ME)
        assert title(gone) == "Deleted"
        assert naming(settings().database, ME) == []
        assert "Nothing is kept about you." in said(await discord.command("privacy", user_id=ME))
    assert str(ME) not in caplog.text
    assert "so private" not in caplog.text


async def test_a_confirmation_works_after_a_restart(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, settings: Callable[..., Settings]
) -> None:
    feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    async with run():
        await wait_for_commands(discord)
        await discord.command("notify", {"term": "hallucination"}, user_id=ME)
        asked = await discord.press(
            (await discord.command("privacy", user_id=ME)).message, label="Delete it", user_id=ME
        )
    async with run():
        await wait_for_commands(discord)
        gone = await discord.press(asked.message, label="Delete everything", user_id=ME)
        assert title(gone) == "Deleted"
        assert naming(settings().database, ME) == []
