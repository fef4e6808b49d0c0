"""/ask as members use it, in channels, direct messages and talks; the real client in loopback Discord."""

from __future__ import annotations

import asyncio
import functools
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.answering.name_cache import NameCache
from bot.cards.answers import make_card
from bot.config import Settings, load_settings
from bot.models.answers import QuestionAnswered
from bot.service import open_service
from bot.ui.discord.asking import LONGEST_QUESTION, question_in
from bot.ui.discord.layout import draw_card, make_view
from bot.ui.discord.markdown import clean_text
from tests.factories import make_rss
from tests.loopback.discord import Interaction, LoopbackDiscord
from tests.loopback.discord_world import Channel
from tests.loopback.running import RunBot, eventually, wait_for_commands
from tests.shown import beside, buttons, options, parts, said, title
from tests.test_asking import SHELF
from tests.test_talks import threads, written

MEMBER, OTHER = 777, 778
QUESTION = "How many annotators were paid for the questions?"
SENTENCE = "The questions were written by 42 annotators, who were paid by the hour."
LONG = (
    "I wonder about one thing: how many *annotators* were there who wrote all of the questions, "
    "and were these annotators paid by the hour or not?"
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An invented blog about kettles and cups, and beside it a database in which it has been read."""
    path = tmp_path_factory.mktemp("shelf") / "shelf.xml"
    path.write_bytes(make_rss(SHELF))

    async def read() -> None:
        settings = load_settings(NONMUN_DATABASE=path.with_suffix(".db"), NONMUN_FEEDS=str(path))
        async with open_service(settings) as service:
            await service.poller.poll_all()

    asyncio.run(read())
    return path


@pytest.fixture
def run_shelf(run: RunBot, settings: Callable[..., Settings], shelf: Path) -> RunBot:
    shutil.copy(shelf.with_suffix(".db"), settings().database)
    return functools.partial(run, NONMUN_FEEDS=str(shelf))


@pytest.fixture
async def server(run_shelf: RunBot, discord: LoopbackDiscord) -> AsyncIterator[LoopbackDiscord]:
    async with run_shelf():
        await wait_for_commands(discord)
        yield discord


async def ask(server: LoopbackDiscord, question: str = QUESTION, **more: Any) -> Interaction:
    paper = more.pop("paper", None)
    named = {"paper": paper} if paper else {}
    return await server.command("ask", {"question": question} | named, user_id=MEMBER, **more)


async def talk_about(server: LoopbackDiscord, paper: str) -> Channel:
    card = await server.command("paper", {"name": paper})
    await server.press(card.message, label="Discuss", user_id=OTHER, timeout_s=30)
    (thread,) = threads(server)
    await eventually(lambda: bool(written(thread)), "the first message")
    return thread


async def discuss_first(server: LoopbackDiscord, answer: Interaction) -> None:
    """Discuss the best passage: by the menu, or by the button if it is the only one."""
    by: dict[str, Any] = {"user_id": MEMBER if answer.is_ephemeral else OTHER, "timeout_s": 30}
    if menu := next((part for part in parts(answer) if part["type"] == 3), None):
        value = menu["options"][0]["value"]
        await server.select(answer.message, values=[value], custom_id=menu["custom_id"], **by)
    else:
        await server.press(answer.message, label="Discuss this", **by)


async def test_an_answer_is_private_and_can_be_shown(server: LoopbackDiscord) -> None:
    """The passage with its sentence in bold, the headings as a link, and the date; the review opens beside it."""
    answer = await ask(server)
    assert answer.is_ephemeral
    assert title(answer) == QUESTION
    text = said(answer)
    assert f"**{SENTENCE}**" in text
    assert "[2. Data › 2.1. Annotators](https://asking.example/0001/#21-annotators)" in text
    assert "2024-01-02" in text
    (section,) = [part for part in parts(answer) if part["type"] == 9]
    assert SENTENCE not in said({"content": "", "embeds": [], "components": [section]})  # wide, below the button
    opened = await server.press(answer.message, custom_id=beside(answer)[0], user_id=MEMBER)
    assert title(opened) == "2.1. Annotators"
    assert opened.is_ephemeral
    assert not opened.updated
    shown = await server.press(answer.message, label="Show in channel", user_id=MEMBER)
    await eventually(lambda: bool(server.channels[server.channel_id].messages), "the public card")
    assert shown.updated
    assert "Show in channel" not in buttons(shown)
    (public,) = server.channels[server.channel_id].messages
    assert title(public) == QUESTION
    assert f"<@{MEMBER}>" in said(public)


async def test_it_is_answered_where_the_bot_is_not_a_member(
    server: LoopbackDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In direct messages, and where a user has installed it; what the host shares is asked."""
    monkeypatch.setattr("bot.answering.audiences.Audiences.is_shared", lambda _self, _feed: True)
    for channel_id in (server.world.direct_channel(MEMBER).id, server.channel_elsewhere()):
        answer = await ask(server, channel_id=channel_id)
        assert SENTENCE in said(answer)
        opened = await server.press(answer.message, custom_id=beside(answer)[0], user_id=MEMBER)
        assert title(opened) == "2.1. Annotators"
        assert not opened.updated


async def test_a_question_in_korean(server: LoopbackDiscord) -> None:
    """Discord offers the command in Korean, and the answer is in the member's language."""
    command = next(one for one in server.commands[None] if one["name"] == "ask")
    assert [option["name_localizations"]["ko"] for option in command["options"]] == ["질문", "논문"]
    answer = await ask(server, "이중 유리로 만든 컵은 열을 가두나요?", locale="ko")
    assert "**이중 유리로 만든 컵이 열을 가둔다.**" in said(answer)
    assert "열기" in buttons(answer)


async def test_a_question_about_a_paper(server: LoopbackDiscord) -> None:
    """Completed as for /section; where the name may mean several, the chosen one is asked the same long question."""
    (choice, *_) = await server.autocomplete("ask", {"question": QUESTION, "paper": "kett"}, focused="paper")
    assert choice["name"].startswith("KettleQA")
    assert SENTENCE in said(await ask(server, paper=choice["value"]))
    unclear = await ask(server, LONG, paper="pouring questions")
    assert "No review is called “pouring questions”" in said(unclear)
    chosen = await server.select(unclear.message, values=[options(unclear)["KettleQA"]], user_id=MEMBER)
    assert SENTENCE in said(chosen)
    assert title(chosen) == LONG


async def test_what_no_review_says_is_said_to_the_asker_alone(
    server: LoopbackDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a talk, too; and what can be done then. A bot that has just started says that instead."""
    question = "What is the weather like tomorrow?"
    thread = await talk_about(server, "KettleQA")
    for channel_id in (server.channel_id, thread.id):
        answer = await ask(server, question, channel_id=channel_id)
        assert answer.is_ephemeral
        assert title(answer) == question
        assert "Show in channel" not in buttons(answer)
    assert "The review of KettleQA does not say this" in said(answer)
    anywhere = await ask(server, question)
    assert "No review here says this" in said(anywhere)
    how = await server.press(anywhere.message, label="Ask for a review", user_id=MEMBER)
    assert "Use /paper with its link or full title" in said(how)
    monkeypatch.setattr(NameCache, "is_ready", property(lambda _self: False))
    assert "just started" in said(await ask(server, channel_id=thread.id))


async def test_a_review_of_a_paper_that_has_none_can_be_asked_for(server: LoopbackDiscord) -> None:
    """By the name that was given for it."""
    answer = await ask(server, paper="Saucers of the Deep Blue Sea")
    assert title(answer) == "Not reviewed here"
    wished = await server.press(answer.message, label="Ask for a review", user_id=MEMBER)
    assert "Saucers of the Deep Blue Sea" in said(wished)


async def test_in_a_talk_it_is_public_and_about_its_paper(server: LoopbackDiscord) -> None:
    """Unless another paper is named. What is opened from it is for the presser; a quote goes into this thread."""
    thread = await talk_about(server, "KettleQA")
    answer = await ask(server, "Were only copper kettles photographed?", channel_id=thread.id)
    assert not answer.is_ephemeral
    assert "**Only copper kettles were photographed.**" in said(answer)
    assert "SpoutNet" not in said(answer)
    opened = await server.press(answer.message, custom_id=beside(answer)[0], user_id=OTHER)
    assert opened.is_ephemeral
    await discuss_first(server, answer)
    await eventually(lambda: len(written(thread)) > 1, "the quote")
    assert "Only copper kettles" in said(written(thread)[1])
    trained = "Is the arm trained with reinforcement learning on simulated cups?"
    other = await ask(server, trained, paper="SpoutNet", channel_id=thread.id)
    assert not other.is_ephemeral
    assert "reinforcement learning" in said(other)
    assert "KettleQA" not in said(other)


async def test_everything_is_pressed_after_a_restart(run_shelf: RunBot, discord: LoopbackDiscord) -> None:
    """*Open*, *Discuss* and *Show in channel*, of a question that is longer than what an id can hold."""
    async with run_shelf():
        await wait_for_commands(discord)
        answer = await ask(discord, LONG)
    assert "Show in channel" in buttons(answer)
    async with run_shelf():
        await discord.wait_until_connected(timeout_s=20)
        opened = await discord.press(answer.message, custom_id=beside(answer)[0], user_id=MEMBER)
        assert title(opened) == "2.1. Annotators"
        await discuss_first(discord, answer)
        (thread,) = threads(discord)
        await eventually(lambda: len(written(thread)) > 1, "the quote")
        assert SENTENCE in said(written(thread)[1])
        shown = await discord.press(answer.message, label="Show in channel", user_id=MEMBER)
    assert shown.updated
    public = discord.channels[discord.channel_id].messages[-1]
    assert title(public) == LONG
    assert SENTENCE in said(public)


@given(st.text(max_size=LONGEST_QUESTION))
@example("0 \x1b 0")  # what is left out stands between two spaces
def test_the_question_of_a_card_is_read_from_its_title(typed: str) -> None:
    """On every page. Only one with so much markup that the title is cut is not read whole."""
    answer = QuestionAnswered(query=" ".join(typed.split()), reviews=(), is_sure=False)
    for is_public in (True, False):
        view = make_view(draw_card(make_card(answer)), is_public=is_public)
        found = question_in(view.children)
        shown = " ".join(clean_text(answer.query).split())
        assert found == (shown or "…") or (found is not None and found.endswith("…"))
