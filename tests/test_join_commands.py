"""/paper-same, /paper-apart and /paper-log in Discord's own interface: two reviews of two blogs, two servers."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.config import Settings, load_settings
from bot.service import open_service
from tests.factories import REVIEW_HTML, make_entry, make_rss
from tests.loopback.discord import Interaction, LoopbackDiscord, Permission
from tests.loopback.running import RunBot, wait_for_commands
from tests.shown import said

MODERATOR, MEMBER = 888, 777
MODERATES = int(Permission.DEFAULT) | int(Permission.MANAGE_MESSAGES)
LANTERN, KETTLE, AGAIN = (
    "Lantern-1: Reading Long Documents Twice",
    "Kettle: Boiling Tea Slowly",
    "Lantern-1 논문 리뷰",
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two blogs and the database that has read them, for each test to copy.

    Both review one paper, and the second one another paper, too.
    """
    folder = tmp_path_factory.mktemp("shelf")
    again = make_entry(11, title=AGAIN, html=REVIEW_HTML.format(number=1), link="https://two.example/again/")
    kettle = make_entry(12, title=KETTLE, html=REVIEW_HTML.format(number=12), link="https://two.example/kettle/")
    (folder / "one.xml").write_bytes(make_rss([make_entry(1)]))
    (folder / "two.xml").write_bytes(make_rss([kettle, again]))

    async def read() -> None:
        made = load_settings(NONMUN_DATABASE=folder / "n.db", NONMUN_FEEDS=feeds_of(folder))
        async with open_service(made) as service:
            assert [outcome.error for outcome in await service.poller.poll_all()] == [None, None]

    asyncio.run(read())
    return folder


def feeds_of(folder: Path) -> str:
    return f"{folder / 'one.xml'},{folder / 'two.xml'}"


@pytest.fixture
async def server(
    run: RunBot, discord: LoopbackDiscord, settings: Callable[..., Settings], shelf: Path
) -> AsyncIterator[LoopbackDiscord]:
    """A server that reads both blogs."""
    shutil.copy(shelf / "n.db", settings().database)
    async with run(NONMUN_FEEDS=feeds_of(shelf)):
        await wait_for_commands(discord)
        yield discord


async def moderate(server: LoopbackDiscord, command: str, review: str, other: str) -> str:
    answer = await server.command(
        command, {"review": review, "other": other}, user_id=MODERATOR, permissions=MODERATES
    )
    assert answer.is_ephemeral
    return said(answer)


async def card(server: LoopbackDiscord, name: str) -> str:
    answer: Interaction = await server.command("paper", {"name": name})
    return said(answer)


async def test_reviews_are_parted_and_joined_again_and_cards_follow(server: LoopbackDiscord) -> None:
    """The answer names both and where they stand, says what changed and how to undo it."""
    assert "2 reviews of this paper" in await card(server, LANTERN)
    done = await moderate(server, "paper-apart", "https://two.example/again/", LANTERN)
    assert f"“Lantern-1” (two.example) and “{LANTERN}” (reviews.example)" in done
    assert "different papers" in done
    assert "/paper-same" in done
    assert "reviews of this paper" not in await card(server, LANTERN)
    done = await moderate(server, "paper-same", "https://two.example/again/", LANTERN)
    assert "one paper in this server now, with 2 reviews" in done
    assert "/paper-apart" in done
    assert "2 reviews of this paper" in await card(server, LANTERN)


async def test_a_paper_of_three_names_those_that_stay(server: LoopbackDiscord) -> None:
    assert "with 3 reviews" in await moderate(server, "paper-same", "kettle", LANTERN)
    assert "3 reviews of this paper" in await card(server, "kettle")
    done = await moderate(server, "paper-apart", "https://two.example/again/", LANTERN)
    assert "1 other review stays with the second one." in done
    assert "2 reviews of this paper" in await card(server, "kettle")


@pytest.mark.parametrize(
    ("command", "review", "other", "sentence"),
    [
        ("paper-same", "kettle", "Kettle: Boiling Tea Slowly", "Both mean “Kettle: Boiling Tea Slowly”."),
        ("paper-same", "https://two.example/again/", LANTERN, "already joined"),
        ("paper-apart", "kettle", LANTERN, "not joined"),
        ("paper-same", "kettle", "Nothing of the Sort", "No review here is called “Nothing of the Sort”."),
        ("paper-same", "boiling", "ketle", "Both mean"),
        ("paper-same", "kettle", "Mina Oh", "Did you mean “"),
    ],
)  # fmt: skip
async def test_what_cannot_be_done_says_why_and_changes_nothing(
    server: LoopbackDiscord, command: str, review: str, other: str, sentence: str
) -> None:
    assert sentence in await moderate(server, command, review, other)
    assert "No reviews were joined or parted" in said(await server.command("paper-log"))


async def test_each_change_is_logged_with_who_and_when(server: LoopbackDiscord) -> None:
    """The latest first, by the titles of that time; only moderators read it, and nobody is pinged."""
    await moderate(server, "paper-same", "kettle", LANTERN)
    await moderate(server, "paper-apart", "kettle", LANTERN)
    log = await server.command("paper-log", user_id=MODERATOR, permissions=MODERATES)
    assert log.is_ephemeral
    assert log.message is not None
    parted, joined = log.message["embeds"][0]["description"].splitlines()
    assert f"<@{MODERATOR}> parted “{KETTLE}” from “{LANTERN}”" in parted
    assert f"<@{MODERATOR}> joined “{KETTLE}” and “{LANTERN}”" in joined
    assert joined.startswith("<t:")


@pytest.mark.parametrize("command", ["paper-same", "paper-apart", "paper-log"])
async def test_a_member_who_may_not_is_refused_though_discord_let_it_through(
    server: LoopbackDiscord, command: str
) -> None:
    options = {} if command == "paper-log" else {"review": "kettle", "other": LANTERN}
    plain = int(Permission.DEFAULT)
    refused = await server.command(command, options, user_id=MEMBER, permissions=plain, is_let_through=True)
    assert f"You need Manage Messages to use /{command}." in said(refused)
    assert "reviews of this paper" not in await card(server, "kettle")


async def test_names_are_completed_as_they_are_typed(server: LoopbackDiscord) -> None:
    """As in /paper; what is chosen is the review's address."""
    for option in ("review", "other"):
        offered = await server.autocomplete("paper-same", {"review": "ket", "other": "ket"}, focused=option)
        assert [choice["value"] for choice in offered] == ["https://two.example/kettle/"]
