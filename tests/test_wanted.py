"""Papers that members want reviewed: asked for with the answer that finds none, told once, listed and published."""

from __future__ import annotations

import json
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.config import Settings
from bot.delivering.wishes import Wishes
from bot.feeds import wished
from bot.models.feeds import Entry
from bot.models.papers import PaperRecord
from bot.models.requests import Press, PressKind
from bot.models.wishes import MAX_OPEN, WantedPaper, WishOutcome
from bot.service import Service, open_service
from bot.store import messages, records
from bot.store import wishes as store
from bot.store.database import Database
from bot.ui.discord.actions import decode
from tests.conftest import Clock
from tests.factories import make_entry, make_rss
from tests.loopback.arxiv import LoopbackArxiv
from tests.loopback.discord import Interaction, LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, eventually, wait_for_commands
from tests.shown import buttons, options, said, title

MakeSettings = Callable[..., Settings]
NUMBER, KEY = "2401.99991", "arxiv:2401.99991"
LINK = f"https://arxiv.org/abs/{NUMBER}"
TITLE = "Low Boats on High Seas: Rowing with Long Oars in Heavy Weather"
SEEN = "Kites: Flying in No Wind at All"
MEMBER, OTHER, THIRD = 777, 778, 779
PAGE = """<p><a href="https://openreview.net/forum?id=LowBoats{number}">[paper]</a></p>
<p><strong>{authors}</strong></p>
<h2>1. Method</h2><p>We row twice.{text}</p>"""


LINKED = f'<p><a href="{LINK}">[pdf]</a></p><h2>1. Method</h2><p>We row twice.</p>'


def entry(number: int, name: str, *, authors: str = "Mina Oh, Alex Reed", text: str = "") -> Entry:
    return make_entry(number, title=name, html=PAGE.format(number=number, authors=authors, text=text))


# ── in Discord ──────────────────────────────────────────────────────────────────────────────────


Running = Callable[..., Any]


@pytest.fixture
def running(run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost) -> Running:
    """Runs the bot in a server that reads a blog with one review; arXiv knows a paper that is not reviewed."""
    arxiv = LoopbackArxiv(feed_host).start()
    arxiv.add(NUMBER, TITLE, "Mina Oh", "Alex Reed")
    feed_host.serve("/feed.xml", make_rss([entry(1, SEEN)]))
    return lambda **more: run(NONMUN_RESOLVE_IDS=True, NONMUN_ARXIV_API_URL=arxiv.url, **more)


async def ready(discord: LoopbackDiscord, feed_host: FeedHost) -> None:
    await feed_host.wait_until_read("/feed.xml")
    await wait_for_commands(discord)


async def ask(discord: LoopbackDiscord, name: str, user_id: int = MEMBER) -> Interaction:
    """Look a paper up, and press *Ask for a review*."""
    answer = await discord.command("paper", {"name": name}, user_id=user_id)
    assert title(answer) in {"Not reviewed here", "Did you mean …"}
    return await discord.press(answer.message, label="Ask for a review", user_id=user_id)


def pings(discord: LoopbackDiscord) -> list[str]:
    channel = discord.channels[discord.channel_id]
    return [m["content"] for m in channel.messages if "You asked for a review" in m["content"]]


async def test_who_asked_is_told_once_when_the_review_is_entered(
    running: Running, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """From the link to the wish, to another voice, to the ping; a restart tells nobody again."""
    async with running():
        await ready(discord, feed_host)
        noted = await ask(discord, LINK)
        assert noted.is_ephemeral
        assert title(noted) == "Noted"
        assert f"You asked for a review of “{TITLE}”." in said(noted)
        listed = await discord.command("wanted", user_id=OTHER)
        assert listed.is_ephemeral
        assert "1 paper is wanted here." in said(listed)
        assert f"{TITLE}" in said(listed)
        assert "1 voice" in said(listed)
        ((label, value),) = options(listed).items()
        assert label.startswith("Me too: Low Boats")
        joined = await discord.select(listed.message, values=[value], user_id=OTHER)
        assert "1 other member asks for it, too." in said(joined)
        again = await ask(discord, f"https://huggingface.co/papers/{NUMBER}")
        assert title(again) == "Already noted"
        feed_host.update("/feed.xml", make_rss([entry(2, TITLE.upper()), entry(1, SEEN)]))
        await eventually(lambda: bool(pings(discord)), "the ping")
        listed = await discord.command("wanted", user_id=OTHER)
        assert "Nobody asks for a review right now." in said(listed)
        assert "LOW BOATS" in title(await discord.command("paper", {"name": LINK}))
    async with running():
        await ready(discord, feed_host)
        feed_host.update("/feed.xml", make_rss([entry(3, "Tents: Camping on Ice"), entry(2, TITLE), entry(1, SEEN)]))
        await feed_host.wait_until_read("/feed.xml")
    (ping,) = pings(discord)
    assert f"<@{MEMBER}>" in ping
    assert f"<@{OTHER}>" in ping
    assert f"You asked for a review of “{TITLE}”. Here is one:" in ping
    assert "https://reviews.example" in ping


async def test_a_title_too_long_for_an_id_is_asked_for(
    running: Running, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """It is kept under a number; after a restart the button still knows it."""
    long = "Sailing without Any Wind at All in Very Small Boats with Very Large Crews on Lakes That Nobody Has Mapped"
    async with running():
        await ready(discord, feed_host)
        answer = await discord.command("paper", {"name": long}, user_id=MEMBER)
    async with running():
        await ready(discord, feed_host)
        noted = await discord.press(answer.message, label="Ask for a review", user_id=MEMBER)
        assert f"You asked for a review of “{long}”." in said(noted)
        taken = await discord.press(noted.message, label="Take back", user_id=MEMBER)
        assert title(taken) == "Taken back"
        assert "Nobody asks" in said(await discord.press(taken.message, label="All wanted papers", user_id=MEMBER))


async def test_what_can_be_several_papers_is_not_asked_for(
    running: Running, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """A short name, words, an address that is no identifier, an identifier that nobody knows."""
    async with running():
        await ready(discord, feed_host)
        for name in ("zeppelin", "paper about zeppelins", "https://zeppelin.example/a", "2401.11111"):
            answer = await discord.command("paper", {"name": name}, user_id=MEMBER)
            assert "Ask for a review" not in buttons(answer), name


async def test_five_at_once_and_one_can_be_taken_back(
    running: Running, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    async with running():
        await ready(discord, feed_host)
        for number in range(MAX_OPEN):
            assert title(await ask(discord, f"Zeppelins over Every Lake of Country {number}")) == "Noted"
        full = await ask(discord, LINK)
        assert title(full) == "Too many at once"
        assert len(options(full)) == MAX_OPEN
        label, value = next(iter(options(full).items()))
        assert label == "Take back: Zeppelins over Every Lake of Country 0"
        assert title(await discord.select(full.message, values=[value], user_id=MEMBER)) == "Taken back"
        assert title(await ask(discord, LINK)) == "Noted"
        listed = await discord.command("wanted", user_id=OTHER)
        assert "5 papers are wanted here." in said(listed)
        for number in range(6, 8):
            assert title(await ask(discord, f"Zeppelins over Every Lake of Country {number}", OTHER)) == "Noted"
        listed = await discord.command("wanted", user_id=OTHER)
        assert len(options(listed)) == 5
        turned = await discord.press(listed.message, label="▶", user_id=OTHER)
        assert turned.updated
        assert len(options(turned)) == 2
        assert "▶" not in buttons(turned)


async def test_it_was_reviewed_since_the_button_was_made(
    running: Running, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    async with running():
        await ready(discord, feed_host)
        answer = await discord.command("paper", {"name": LINK}, user_id=MEMBER)
        feed_host.update("/feed.xml", make_rss([entry(2, TITLE), entry(1, SEEN)]))

        async def is_found() -> bool:
            return "Low Boats" in title(await discord.command("paper", {"name": TITLE}))

        await eventually(is_found, "the review")
        pressed = await discord.press(answer.message, label="Ask for a review", user_id=MEMBER)
        assert "reviewed here" in said(pressed)


async def test_a_server_shares_what_it_agreed_to(
    running: Running, discord: LoopbackDiscord, feed_host: FeedHost, tmp_path: Path
) -> None:
    """Written at the start, and at each change; no member and no server in it."""
    folder = tmp_path / "wanted"
    async with running(NONMUN_WANTED_DIR=str(folder)):
        await ready(discord, feed_host)
        await eventually((folder / "wanted.xml").exists, "the files")
        assert wanted(folder) == []
        await ask(discord, LINK)
        assert wanted(folder) == []
        settings = await discord.command("settings")
        await discord.select(settings.message, values=["share"], custom_id="s1:set:sharing")
        (paper,) = wanted(folder)
        assert paper["id"] == KEY
        assert paper["title"] == TITLE
        assert paper["voices"] == 1
        await ask(discord, LINK, OTHER)
        assert wanted(folder)[0]["voices"] == 2
        feed = ET.fromstring((folder / "wanted.xml").read_text("utf-8"))  # noqa: S314 - ours
        assert [item.findtext("title") for item in feed.iter("item")] == [TITLE]
        everything = "".join(path.read_text("utf-8") for path in folder.iterdir())
        assert str(discord.guild_id) not in everything
        assert str(MEMBER) not in everything.replace(str(discord.channel_id), "")
        feed_host.update("/feed.xml", make_rss([entry(2, TITLE), entry(1, SEEN)]))
        await eventually(lambda: wanted(folder) == [], "the files without it")


def wanted(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "wanted.json").read_text("utf-8"))["wanted"]
    return found


@pytest.mark.parametrize("kind", [PressKind.WISH, PressKind.UNWISH])
async def test_a_press_of_another_copy_of_the_data_does_nothing(
    running: Running, discord: LoopbackDiscord, feed_host: FeedHost, tmp_path: Path, kind: PressKind
) -> None:
    async with running():
        await ready(discord, feed_host)
        await ask(discord, LINK)
        listed = await discord.command("wanted", user_id=MEMBER if kind is PressKind.UNWISH else OTHER)
        (value,) = options(listed).values()
        assert isinstance(press := decode(value), Press)
        assert press.kind is kind
        with closing(sqlite3.connect(tmp_path / "test.db")) as db, db:
            db.execute("UPDATE wishes SET key = 'arxiv:2401.00001'")
        answer = await discord.select(
            listed.message, values=[value], user_id=MEMBER if kind is PressKind.UNWISH else OTHER
        )
        assert title(answer) == "No longer wanted"


# ── which review fulfils which wish ─────────────────────────────────────────────────────────────


@pytest.fixture
async def service(settings: MakeSettings, tmp_path: Path, clock: Clock) -> AsyncIterator[Service]:
    feed = tmp_path / "feed.xml"
    feed.write_bytes(make_rss([entry(1, SEEN)]))
    async with open_service(settings(NONMUN_FEEDS=str(feed)), clock=clock) as opened:
        await opened.poller.poll_all()
        yield opened


GUILD, CHANNEL = 10, 100


async def follow(service: Service, feed: str, guild_id: int = GUILD) -> None:
    async with service.database.transaction() as db:
        await db.execute(
            "INSERT INTO subscriptions (feed_id, guild_id, channel_id, owner_id, state, created_at)"
            " SELECT id, ?, ?, 1, 'active', '2026-01-01T00:00:00+00:00' FROM feeds WHERE url = ?",
            (guild_id, guild_id * 10, feed),
        )


async def wish(service: Service, paper: WantedPaper, *, guild_id: int = GUILD, user_id: int = MEMBER) -> None:
    wished_for = await service.wishes.ask(paper, guild_id=guild_id, channel_id=CHANNEL, user_id=user_id)
    assert wished_for.outcome is WishOutcome.ASKED


async def bring(service: Service, tmp_path: Path, *entries: Entry) -> list[tuple[Any, ...]]:
    """Let the feed bring reviews, and return the messages that were entered."""
    (tmp_path / "feed.xml").write_bytes(make_rss([*entries, entry(1, SEEN)]))
    outcomes = await service.poller.poll_all()
    assert outcomes[0].error is None
    async with service.database.reader.execute(
        "SELECT guild_id, channel_id, user_ids, text, state FROM messages WHERE kind = 'wish' ORDER BY id"
    ) as cursor:
        return [tuple(row) for row in await cursor.fetchall()]


PAPER = WantedPaper(key=KEY, title=TITLE, authors=("Mina Oh", "Alex Reed"), year=2024, link=LINK)
TYPED = WantedPaper(key="title:low", title=TITLE)


@pytest.mark.parametrize(
    ("paper", "review", "is_fulfilled"),
    [
        (PAPER, entry(2, "An entirely other name", text=""), False),
        (PAPER, make_entry(2, title="보트 리뷰", html=LINKED), True),
        (PAPER, entry(2, "Other Things Entirely", text=f' See <a href="{LINK}">this</a>.'), False),
        (PAPER, entry(2, f"[ICLR2024] {TITLE}"), True),
        (PAPER, entry(2, TITLE.replace("Heavy", "Calm")), True),
        (PAPER, entry(2, TITLE.replace("Heavy", "Calm"), authors="Some Body, Else Where"), False),
        (PAPER, entry(2, f"{TITLE} 2"), False),
        (TYPED, entry(2, TITLE.lower()), True),
        (TYPED, entry(2, TITLE.replace("Heavy", "Calm")), False),
    ],
)  # fmt: skip
async def test_only_a_review_of_that_paper_fulfils_a_wish(
    service: Service, tmp_path: Path, paper: WantedPaper, review: Entry, is_fulfilled: bool
) -> None:
    await follow(service, service.settings.feeds[0])
    await wish(service, paper)
    assert bool(await bring(service, tmp_path, review)) is is_fulfilled
    assert bool(await store.count_wishes(service.database.reader, GUILD)) is not is_fulfilled


async def test_a_server_that_does_not_read_the_feed_is_told_nothing(service: Service, tmp_path: Path) -> None:
    await follow(service, service.settings.feeds[0])
    await wish(service, PAPER)
    await wish(service, PAPER, guild_id=20, user_id=OTHER)
    told = await bring(service, tmp_path, entry(2, TITLE))
    assert [row[0] for row in told] == [GUILD]
    assert await store.count_wishes(service.database.reader, 20) == 1
    assert (await service.wishes.page(20, user_id=MEMBER)).wishes[0].voices == 1


async def test_many_who_asked_are_told_in_several_messages(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At most so many in one, each told apart by its words, and each member in one of them."""
    monkeypatch.setattr(wished, "MOST_MENTIONED", 3)
    await follow(service, service.settings.feeds[0])
    for user_id in range(1, 8):
        await wish(service, PAPER, user_id=user_id)
    told = await bring(service, tmp_path, entry(2, TITLE))
    assert [len(json.loads(row[2])) for row in told] == [3, 3, 1]
    assert sorted(user for row in told for user in json.loads(row[2])) == list(range(1, 8))
    assert len({row[3] for row in told}) == 3
    assert {row[4] for row in told} == {"pending"}
    assert await bring(service, tmp_path, entry(3, TITLE), entry(2, TITLE)) == told


async def test_a_deleted_channel_drops_its_messages_with_the_reason(service: Service, tmp_path: Path) -> None:
    await follow(service, service.settings.feeds[0])
    await wish(service, PAPER)
    await bring(service, tmp_path, entry(2, TITLE))
    await service.courier.end_channel(CHANNEL)
    message = await messages.find_message(service.database.reader, 1)
    assert message is not None
    assert (message.state, str(message.reason)) == ("dropped", "the channel was deleted")


async def test_a_server_that_is_left_is_forgotten(service: Service) -> None:
    await wish(service, PAPER)
    await service.courier.end_guild(GUILD)
    assert await store.open_wishes(service.database.reader, None, limit=10) == []
    assert await store.own_wishes(service.database.reader, MEMBER) == []


async def test_a_closed_wish_can_be_asked_for_again_and_is_forgotten_after_a_year(
    service: Service, tmp_path: Path, clock: Clock
) -> None:
    """Who asked before does not ask again by that."""
    await follow(service, service.settings.feeds[0])
    await wish(service, PAPER)
    await wish(service, PAPER, user_id=OTHER)
    await bring(service, tmp_path, entry(2, TITLE))
    await wish(service, PAPER, user_id=THIRD)
    (again,) = (await service.wishes.page(GUILD, user_id=THIRD)).wishes
    assert again.voices == 1
    async with service.database.transaction() as db:
        await store.close_wish(db, again.id, 1, now=clock())
    async with service.database.transaction() as db:
        assert await store.forget_closed(db, clock() - timedelta(days=365), limit=10) == 0
        assert await store.forget_closed(db, clock() + timedelta(days=1), limit=10) == 1


async def test_a_text_is_a_paper_if_it_is_known_or_a_title(database: Database, clock: Clock) -> None:
    wishes = Wishes(database, clock=clock)
    assert await wishes.read(KEY) is None
    async with database.transaction() as db:
        await records.save_records(
            db, [PaperRecord(key=KEY, title=TITLE, authors=("Mina Oh",), year=2024)], now=clock()
        )
    expected = WantedPaper(key=KEY, title=TITLE, authors=("Mina Oh",), year=2024, link=LINK)
    assert await wishes.read(KEY) == await wishes.read(LINK) == expected
    assert await wishes.read("too few words") is None
    assert await wishes.read("https://zeppelin.example/a/b/c/d/e") != expected
    typed = await wishes.read("Four words  are enough")
    assert typed == WantedPaper(key="title:fourwordsareenough", title="Four words are enough")


async def test_files_are_written_as_a_whole_and_only_when_they_change(
    service: Service, tmp_path: Path, clock: Clock
) -> None:
    """Of several servers that agreed, voices are added up; a folder that cannot be written is tried again."""
    folder = tmp_path / "blocked"
    folder.write_text("a file, not a folder", "utf-8")
    wishes = Wishes(service.database, clock=clock, folder=folder, site="https://host.example/")
    for guild_id, user_id in ((10, 1), (20, 2), (30, 3)):
        await wishes.ask(PAPER, guild_id=guild_id, channel_id=CHANNEL, user_id=user_id)
    await wishes.ask(
        WantedPaper(key="title:<b>&", title="Boats & <b>Oars</b> \x07"), guild_id=10, channel_id=1, user_id=1
    )
    for guild_id in (10, 20):
        await service.servers.set_sharing(guild_id, shares_wishes=True)
    await wishes.publish()
    folder.unlink()
    await wishes.publish()
    assert [(paper["title"], paper["voices"]) for paper in wanted(folder)] == [
        (TITLE, 2),
        ("Boats & <b>Oars</b> \x07", 1),
    ]
    ET.fromstring((folder / "wanted.xml").read_text("utf-8"))  # noqa: S314 - ours
    before = (folder / "wanted.json").stat().st_ino
    await wishes.publish()
    assert (folder / "wanted.json").stat().st_ino == before
    assert sorted(path.name for path in folder.iterdir()) == ["wanted.json", "wanted.xml"]


@pytest.mark.parametrize("has_arrived", [True, False])
async def test_a_ping_in_doubt_is_looked_for_before_it_is_sent_again(
    running: Running, discord: LoopbackDiscord, feed_host: FeedHost, tmp_path: Path, has_arrived: bool
) -> None:
    """The bot was killed after it claimed the message: before or after Discord had it."""
    async with running():
        await ready(discord, feed_host)
        await ask(discord, LINK)
        feed_host.update("/feed.xml", make_rss([entry(2, TITLE), entry(1, SEEN)]))
        await eventually(lambda: bool(pings(discord)), "the ping")
        await eventually(lambda: states(tmp_path) == ["sent"], "its settlement")
    with closing(sqlite3.connect(tmp_path / "test.db")) as db, db:
        db.execute("UPDATE messages SET state = 'sending', message_id = NULL, settled_at = NULL")
        if not has_arrived:  # by then Discord has forgotten the nonce
            db.execute("UPDATE messages SET nonce = 'never seen'")
    if not has_arrived:
        channel = discord.channels[discord.channel_id]
        channel.messages[:] = [m for m in channel.messages if "You asked for a review" not in m["content"]]
    async with running():
        await ready(discord, feed_host)
        await eventually(lambda: states(tmp_path) == ["sent"], "the settlement")
    assert len(pings(discord)) == 1


def states(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "test.db")) as db:
        return [state for (state,) in db.execute("SELECT state FROM messages WHERE kind = 'wish'")]
