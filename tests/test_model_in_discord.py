"""/ask with a language model: the real client in loopback Discord, and a scripted model."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.config import Settings
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.model_server import ModelServer, prompt_of
from tests.loopback.running import RunBot, eventually, wait_for_commands
from tests.shown import beside, buttons, said
from tests.test_asker import QUOTE, answer_well, obey
from tests.test_asking_in_discord import MEMBER, OTHER, SENTENCE, ask, shelf, talk_about

__all__ = ["shelf"]
WORDED = "There were 42 annotators."


@pytest.fixture
async def model() -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        server.script = answer_well
        yield server


@pytest.fixture
def run_model(run: RunBot, settings: Callable[..., Settings], shelf: Path, model: ModelServer) -> RunBot:
    shutil.copy(shelf.with_suffix(".db"), settings().database)
    return functools.partial(
        run,
        NONMUN_FEEDS=str(shelf),
        NONMUN_ASK_MODEL="tiny:1b",
        NONMUN_ASK_URL=model.url,
        NONMUN_ASK_LEVEL="word",
        NONMUN_ASK_MEMBER_PER_DAY=2,
    )


@contextlib.asynccontextmanager
async def running(run: RunBot, discord: LoopbackDiscord, **overrides: Any) -> AsyncIterator[None]:
    async with run(**overrides):
        await discord.wait_until_connected(timeout_s=20)
        await wait_for_commands(discord)
        yield


async def agree(discord: LoopbackDiscord) -> Any:
    answer = await ask(discord)
    await discord.press(answer.message, label="Use it", user_id=MEMBER)
    return answer


async def worded(answer: Any, text: str = WORDED) -> None:
    await eventually(lambda: text in said(answer), text)


async def test_a_question_goes_nowhere_before_its_member_agrees(
    run_model: RunBot, discord: LoopbackDiscord, model: ModelServer
) -> None:
    """The answer says where it would go. After *Use it* it is edited; a restart and a new host are told apart."""
    async with running(run_model, discord):
        answer = await ask(discord)
        assert f"**{SENTENCE}**" in said(answer)
        assert "127.0.0.1" in said(answer)
        assert model.requests == []
        await discord.press(answer.message, label="Use it", user_id=MEMBER)
        await worded(answer)
        assert "Use it" not in buttons(answer)
        assert "tiny:1b" in said(answer)
        assert f"“{QUOTE}”" in said(answer)
        (body,) = model.requests
        sent = prompt_of(body) + str(model.headers)
        assert not any(str(number) in sent for number in (MEMBER, discord.guild_id, discord.channel_id))
        shown = await discord.press(answer.message, label="Show in channel", user_id=MEMBER)
        assert shown.updated
        await worded(answer)
        await eventually(lambda: bool(discord.channels[discord.channel_id].messages), "the public card")
        assert WORDED in said(discord.channels[discord.channel_id].messages[-1])
    assert len(model.requests) == 1
    async with running(run_model, discord):
        again = await ask(discord)
        assert "Use it" not in buttons(again)
        await worded(again)
        kept = await discord.command("privacy", user_id=MEMBER)
        assert "127.0.0.1" in said(kept)
    async with running(run_model, discord, NONMUN_ASK_URL=model.url.replace("127.0.0.1", "localhost")):
        old = await discord.press(answer.message, custom_id=beside(answer)[0], user_id=MEMBER)
        assert "Annotators" in said(old)
        elsewhere = await ask(discord)
        assert "localhost" in said(elsewhere)
        assert "Use it" in buttons(elsewhere)
    assert len(model.requests) == 2


async def test_presses_while_the_model_works(
    run_model: RunBot,
    discord: LoopbackDiscord,
    model: ModelServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """*Open* changes nothing; after *Show in channel* the button stays away. A dismissed answer is no error."""
    caplog.set_level("INFO", "bot.ui.discord.replies")
    async with running(run_model, discord):
        goes_on = asyncio.Event()
        at_once = model.answer

        async def later(request: Any) -> Any:
            await goes_on.wait()
            return await at_once(request)

        monkeypatch.setattr(model, "answer", later)
        answer = await ask(discord)
        press = await discord.press(answer.message, label="Use it", user_id=MEMBER)
        assert press.updated
        assert "Show in channel" in buttons(answer)
        await discord.press(answer.message, custom_id=beside(answer)[0], user_id=MEMBER)
        await discord.press(answer.message, label="Show in channel", user_id=MEMBER)
        assert WORDED not in said(answer)
        goes_on.set()
        await worded(answer)
        assert "Show in channel" not in buttons(answer)
        goes_on.clear()
        dismissed = await ask(discord, "How many annotators wrote the questions?")
        assert dismissed.message is not None
        discord.remove(dismissed.message)
        goes_on.set()
        await eventually(lambda: "an answer was not changed" in caplog.text, "the refused change")
        assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize("fault", ["dead", "nonsense", "hostile"])
async def test_what_does_not_hold_changes_nothing(
    run_model: RunBot, discord: LoopbackDiscord, model: ModelServer, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """No link, no ping and no quote that is not there reaches Discord."""
    model.status = 503 if fault == "dead" else 200
    model.script = obey if fault == "hostile" else lambda _body: "I would rather talk."
    async with running(run_model, discord):
        answer = await agree(discord)
        await eventually(lambda: bool(model.requests), "the question")
        if fault != "hostile":
            await eventually(lambda: "model does not answer" in caplog.text, "the end of it")
            assert WORDED not in said(answer)
        model.status, model.script = 200, answer_well
        other = await ask(discord, "How many annotators wrote the questions?")
        await worded(other)
        assert SENTENCE in said(answer)
        everything = json.dumps([answer.message, other.message], ensure_ascii=False)
        assert not any(word in everything for word in ("evil.example", "Zorblax", "조르블락스", "@everyone"))


async def test_a_limit_is_said_in_one_line(run_model: RunBot, discord: LoopbackDiscord, model: ModelServer) -> None:
    async with running(run_model, discord, NONMUN_ASK_MEMBER_PER_DAY=1):
        await worded(await agree(discord))
        answer = await ask(discord, "How many annotators wrote the questions?")
        await worded(answer, "as often as a member may today")
        assert SENTENCE in said(answer)
    assert len(model.requests) == 1


async def test_a_server_switches_it_off_for_itself(
    run_model: RunBot, discord: LoopbackDiscord, model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another server, and direct messages, are asked as before. In a talk the offer is for the asker alone."""
    async with running(run_model, discord):
        panel = await discord.command("settings")
        off = await discord.select(panel.message, values=["off"], custom_id="s1:set:model")
        assert "go to no language model" in said(off)
        assert "Use it" not in buttons(await ask(discord))
        monkeypatch.setattr("bot.answering.audiences.Audiences.is_shared", lambda _self, _feed: True)
        (elsewhere,) = discord.add_guild(channels=["papers"]).channel_ids
        for channel_id in (elsewhere, discord.world.direct_channel(MEMBER).id):
            assert "Use it" in buttons(await ask(discord, channel_id=channel_id))
        await discord.select(panel.message, values=["on"], custom_id="s1:set:model")
        thread = await talk_about(discord, "KettleQA")
        answer = await ask(discord, channel_id=thread.id)
        assert not answer.is_ephemeral
        assert "Use it" not in buttons(answer)
        await eventually(lambda: bool(answer.followups), "the offer")
        (offer,) = answer.followups
        agreed = await discord.press(offer, label="Use it", user_id=MEMBER)
        assert "from now on" in said(agreed)
        assert model.requests == []
        public = await ask(discord, channel_id=thread.id)
        await worded(public)
        assert not public.is_ephemeral
        theirs = await discord.command("ask", {"question": "How many annotators wrote the questions?"}, user_id=OTHER)
        assert "Use it" in buttons(theirs)
    assert len(model.requests) == 1


async def test_without_a_model_nothing_is_offered(run_model: RunBot, discord: LoopbackDiscord) -> None:
    async with running(run_model, discord, NONMUN_ASK_MODEL=None):
        assert "Use it" not in buttons(await ask(discord))
        panel = await discord.command("settings")
        assert "language model" not in said(panel)
