"""Talk under presses that are late, repeated or not allowed; the real client in loopback Discord."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.config import Settings
from bot.models.feeds import Entry
from tests.factories import make_entry, make_rss
from tests.loopback.discord import LoopbackDiscord, Permission
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, wait_for_commands
from tests.shown import options, parts, said
from tests.test_feed_commands import rss
from tests.test_talks import MEMBER, NAME, OTHER, discuss, opened, paper, quotes, section, talk_in, threads, written


@pytest.fixture
async def server(run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost) -> AsyncIterator[LoopbackDiscord]:
    """A server that reads two papers; they were not announced."""
    own = feed_host.serve("/own.xml", rss(2, 1))
    async with run(NONMUN_FEEDS=own):
        await wait_for_commands(discord)
        await feed_host.wait_until_read("/own.xml")
        yield discord


@pytest.fixture
def database(settings: Callable[..., Settings]) -> Path:
    return settings().database


def count(database: Path, table: str) -> int:
    with closing(sqlite3.connect(database)) as db:
        found: int = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - a name of ours
    return found


# ── a press on what the review was before ───────────────────────────────────────────────────────

STEP = "<p>질문 하나를 최대 세 개로"
BEFORE = "<p>A warning that was put before everything else in the section.</p>\n\n"


def revised(words: str, others: str) -> Entry:
    entry = make_entry(2)
    assert words in entry.html
    return replace(entry, html=entry.html.replace(words, others))


async def old_menu(server: LoopbackDiscord, is_search: bool) -> tuple[dict[str, Any] | None, str, str | None]:
    """A menu with the passage "다섯" as it was shown: the message, the value of the passage, the menu's id."""
    if not is_search:
        shown = await section(server)
        menu = await server.press(shown.message, label="Quote a passage", user_id=MEMBER)
        return menu.message, next(value for label, value in options(menu).items() if "다섯" in label), None
    hits = await server.command("search", {"query": "문단을 다섯 개씩"}, user_id=MEMBER)
    chosen = next(value for label, value in options(hits).items() if NAME in label)
    return hits.message, chosen, next(part for part in parts(hits) if part["type"] == 3)["custom_id"]


@pytest.mark.parametrize("is_search", [False, True], ids=["section", "search"])
@pytest.mark.parametrize(
    ("words", "others", "is_quoted"),
    [(STEP, BEFORE + STEP, True), (STEP, "<p>Nothing of the kind is said here. 질문 하나를 최대 두 개로", False)],
    ids=["moved", "changed"],
)
async def test_an_old_menu_quotes_what_it_showed_or_nothing(
    server: LoopbackDiscord, feed_host: FeedHost, is_search: bool, words: str, others: str, is_quoted: bool
) -> None:
    """The review was revised in between: another passage stands in the place."""
    message, value, menu = await old_menu(server, is_search)
    feed_host.update("/own.xml", make_rss([revised(words, others), make_entry(1)]))
    await feed_host.wait_until_read("/own.xml")
    await feed_host.wait_until_read("/own.xml")
    answer = await server.select(message, values=[value], custom_id=menu, user_id=MEMBER, timeout_s=30)
    if is_quoted:
        (quote,) = quotes(threads(server)[0])
        assert "다섯 개씩" in said(quote)
    else:
        assert "not there any longer" in said(answer)
        assert threads(server) == []


# ── presses that are repeated ───────────────────────────────────────────────────────────────────


async def test_where_no_thread_can_be_opened_nothing_is_left(server: LoopbackDiscord, database: Path) -> None:
    """However often somebody presses: no message in the channel, and no row for each press."""
    channel_id = talk_in(server, database, "talk")
    shown = await paper(server)
    server.most_active_threads = 0
    for _press in range(3):
        await discuss(server, shown)
    assert written(server.channels[channel_id]) == []
    assert count(database, "talks") == 1
    assert count(database, "messages") == 1
    server.most_active_threads = 1_000
    await discuss(server, shown)
    assert len(threads(server)) == len(written(server.channels[channel_id])) == 1


async def test_a_quote_that_is_refused_again_and_again_is_one_row(server: LoopbackDiscord, database: Path) -> None:
    thread = await opened(server, user_id=OTHER)
    before = count(database, "messages")
    server.set_permissions(server.channel_id, int(Permission.DEFAULT & ~Permission.EMBED_LINKS))
    shown = await section(server)
    menu = await server.press(shown.message, label="Quote a passage", user_id=MEMBER)
    value = next(value for label, value in options(menu).items() if "다섯" in label)
    for _press in range(3):
        await server.select(menu.message, values=[value], user_id=MEMBER, timeout_s=30)
    assert quotes(thread) == []
    assert count(database, "messages") == before + 1


async def test_taking_back_does_not_allow_the_next_one_at_once(server: LoopbackDiscord) -> None:
    answer = await discuss(server, await paper(server))
    await server.press(answer.message, label="Take back", user_id=MEMBER)
    assert "a moment ago" in said(await discuss(server, await paper(server)))


# ── presses that the presser could not do by hand ───────────────────────────────────────────────


async def test_no_message_in_a_channel_for_those_who_cannot_write_there(server: LoopbackDiscord) -> None:
    """They may open threads there, but nobody but the bot and moderators writes in the channel itself."""
    server.set_member_overwrite(server.channel_id, MEMBER, deny=Permission.SEND)
    answer = await discuss(server, await paper(server))
    assert "Send Messages" in said(answer)
    assert written(server.channels[server.channel_id]) == []
    assert threads(server) == []


async def test_an_archived_talk_stays_so_for_those_who_cannot_write_in_it(server: LoopbackDiscord) -> None:
    """They are led there all the same: it can be read."""
    thread = await opened(server, user_id=OTHER)
    server.archive_thread(thread.id)
    server.set_member_overwrite(server.channel_id, MEMBER, deny=Permission.SEND_IN_THREADS)
    assert f"<#{thread.id}>" in said(await discuss(server, await paper(server)))
    assert thread.archived


@pytest.mark.parametrize("is_command", [True, False], ids=["another bot's answer", "far above"])
async def test_a_talk_that_members_used_is_not_taken_back(server: LoopbackDiscord, is_command: bool) -> None:
    """Whether they used another bot there, or wrote before more than a page of what we wrote."""
    answer = await discuss(server, await paper(server))
    (thread,) = threads(server)
    (message,) = server.say(thread.id, user_id=OTHER)
    if is_command:
        next(one for one in thread.messages if one["id"] == message["id"])["type"] = 20
    else:
        for _number in range(100):
            server.world.keep_message(thread, server.world.new_message(thread, {"content": "A passage."}))
    assert "stays" in said(await server.press(answer.message, label="Take back", user_id=MEMBER))
    assert not thread.archived
