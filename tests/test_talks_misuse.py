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
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, wait_for_commands
from tests.shown import options, parts, said
from tests.test_feed_commands import rss
from tests.test_talks import MEMBER, NAME, quotes, section, threads


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
        found: int = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return found


# ── a press on what the review was before ───────────────────────────────────────────────────────

STEP = "<p>질문 하나를 최대 세 개로"
BEFORE = "<p>A warning that was put before everything else in the section.</p>\n\n"


def revised(words: str, others: str) -> Entry:
    entry = make_entry(2)
    assert words in entry.html
    return replace(entry, html=entry.html.replace(words, others))


async def old_menu(server: LoopbackDiscord, is_search: bool) -> tuple[dict[str, Any], str, str | None]:
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
