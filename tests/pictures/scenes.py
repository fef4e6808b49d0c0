"""What is pictured: the real bot over the bundled sample, used by a member of a loopback Discord.

Each scene is a row of `SCENES`: what a member does, one step after the other. The answer to the last step is shown.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.bundled import sample_feed
from bot.config import load_settings
from bot.service import open_service
from tests.loopback.discord import Interaction, LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import TOKEN, eventually, runner, settings_for, wait_for_commands, wait_for_posts

from .markdown import Reader
from .messages import Shown
from .page import DESKTOP, PHONE, Viewport

__all__ = ["LOCALES", "SCENES", "Member", "Scene", "SceneError", "run_sample"]

Json = dict[str, Any]

LOCALES = {"en": "en-US", "ko": "ko"}
"""Discord's name of each language that is pictured."""
_MEMBERS = {"en": "Bora", "ko": "보라"}
_CONCLUDED = {
    "en": "The tags explain more of the gain than the number of examples. We want to see it with noisy tags.",
    "ko": "예시의 수보다 태그의 다양성이 더 중요해 보여요. 태그가 부정확할 때도 그런지 더 보기로 했어요.",
}
_ITEM = re.compile(rb"\s*<item>.*?</item>", re.DOTALL)
_BUTTON, _SECTION = 2, 9
_ANOTHER = 779
"""Another member of the server."""
_SILENT = 1 << 12


class SceneError(LookupError):
    """A step cannot be done: the message before it does not have what is to be used."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the loopback Discord, where the bot runs, and their language."""

    discord: LoopbackDiscord
    language: str

    @property
    def locale(self) -> str:
        return LOCALES[self.language]

    @property
    def reader(self) -> Reader:
        return Reader(language=self.language, names={one.id: one.name for one in self.discord.channels.values()})

    async def play(self, scene: Scene) -> Shown:
        """Do the steps of a scene, and return what is shown after the last.

        Raises:
            SceneError: A step cannot be done.
        """
        shown: Shown | None = None
        for step in scene.steps:
            shown = await step.take(self, shown)
        if shown is None:
            raise SceneError(f"the scene {scene.name} has no steps")
        return shown

    def answer(self, interaction: Interaction, *, command: str | None = None) -> Shown:
        """Return what an interaction was answered with."""
        if interaction.message is None:
            raise SceneError(f"{command or 'the press'} was not answered with a message")
        return self.show(interaction.message, command=command)

    def show(self, message: Json, *, command: str | None = None) -> Shown:
        files = {
            attachment["filename"]: self.discord.attachment_bytes(message, at)
            for at, attachment in enumerate(message.get("attachments") or ())
        }
        return Shown(body=message, used_by=_MEMBERS[self.language], command=command, files=files)


class Step(Protocol):
    """One thing that happens; it gets what was shown before."""

    async def take(self, member: Member, before: Shown | None) -> Shown: ...


@dataclass(frozen=True, slots=True)
class Use:
    """Use a command."""

    command: str
    options: Mapping[str, object] = field(default_factory=dict)

    async def take(self, member: Member, before: Shown | None) -> Shown:
        answer = await member.discord.command(self.command, self.options, locale=member.locale)
        return member.answer(answer, command=self.command)


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask a question in the member's language."""

    english: str
    korean: str

    async def take(self, member: Member, before: Shown | None) -> Shown:
        question = self.korean if member.language == "ko" else self.english
        return await Use("ask", {"question": question}).take(member, before)


@dataclass(frozen=True, slots=True)
class Choose:
    """Choose the first entry of a menu, or press the first button, that has this in its words.

    Those of an entry are its label; those of a button its label, its custom id and the texts beside it.
    """

    part: str

    async def take(self, member: Member, before: Shown | None) -> Shown:
        if before is None:
            raise SceneError("there is no message in which to choose")
        message = dict(before.body)
        for part, words in _pressable(message.get("components"), ""):
            if part["type"] == _BUTTON and self.part in words:
                pressed = await member.discord.press(message, custom_id=part["custom_id"], locale=member.locale)
                return member.answer(pressed)
            for option in part.get("options") or ():
                if self.part in option["label"]:
                    chosen = await member.discord.select(
                        message, values=[option["value"]], custom_id=part["custom_id"], locale=member.locale
                    )
                    return member.answer(chosen)
        raise SceneError(f"no button and no menu has {self.part!r}")


@dataclass(frozen=True, slots=True)
class SeeAnnounced:
    """Look at the newest post in the channel for announcements."""

    async def take(self, member: Member, before: Shown | None) -> Shown:
        posted = member.discord.channels[member.discord.channel_id].messages
        for message in reversed(posted):
            if message["embeds"] and not message.get("interaction_metadata"):
                return member.show(message)
        raise SceneError("nothing was announced")


@dataclass(frozen=True, slots=True)
class Discuss:
    """Open the talk about a paper, write in it, and say what came of it; the paper's card is shown in the end."""

    paper: str

    async def take(self, member: Member, before: Shown | None) -> Shown:
        discord = member.discord
        # Somebody else, since a member opens one talk in half a minute.
        by: dict[str, Any] = {"locale": member.locale, "user_id": _ANOTHER}
        card = await discord.command("paper", {"name": self.paper}, **by)
        known = set(discord.channels)
        await discord.press(card.message, custom_id=_id_of(card, "n1:d:"), timeout_s=30, **by)
        for thread in (one for one in discord.channels if one not in known and discord.channels[one].is_thread):
            discord.say(thread, times=23)
            card = await discord.command("paper", {"name": self.paper}, channel_id=thread, **by)
            form = await discord.press(card.message, custom_id=_id_of(card, "n1:g:"), **by)
            await discord.submit(form, {"text": _CONCLUDED[member.language]}, **by)
            # The line that tells of it would show an archived thread again.
            await eventually(lambda: bool(_last_in(discord, thread)["flags"] & _SILENT), "the line")  # noqa: B023
            discord.edit_thread(thread, archived=True)
        card = await discord.command("paper", {"name": self.paper}, locale=member.locale)
        return member.answer(card, command="paper")


@dataclass(frozen=True, slots=True)
class SeeInTalk:
    """Look at a card in the talk that was opened last: the first, or the newest one."""

    is_newest: bool = False

    async def take(self, member: Member, before: Shown | None) -> Shown:
        threads = [one for one in member.discord.channels.values() if one.is_thread]
        cards = [message for message in threads[-1].messages if message["embeds"]] if threads else []
        if not cards:
            raise SceneError("no talk has a card")
        return member.show(cards[-1 if self.is_newest else 0])


@dataclass(frozen=True, slots=True)
class AskOn:
    """Ask what there is on a message of a member."""

    text: str

    async def take(self, member: Member, before: Shown | None) -> Shown:
        (message,) = member.discord.say(member.discord.channel_id, self.text)
        answer = await member.discord.message_command("What do we have on this?", message, locale=member.locale)
        return member.answer(answer)


def _last_in(discord: LoopbackDiscord, channel_id: int) -> Json:
    return discord.channels[channel_id].messages[-1]


def _id_of(answer: Interaction, beginning: str) -> str:
    """The first custom id in an answer that begins so."""
    parts = (answer.message or {}).get("components")
    found = (part["custom_id"] for part, _words in _pressable(parts, "") if part["custom_id"].startswith(beginning))
    custom_id = next(found, None)
    if custom_id is None:
        raise SceneError(f"nothing to press begins with {beginning!r}")
    return str(custom_id)


@dataclass(frozen=True, slots=True)
class SeeWelcomed:
    """Let the bot join another server, and look at its first message there."""

    async def take(self, member: Member, before: Shown | None) -> Shown:
        guild = member.discord.add_guild("Newcomers", channels=("general",), locale=member.locale)

        def messages() -> list[Json]:
            channels = (one for one in member.discord.channels.values() if one.guild_id == guild.id)
            return [message for channel in channels for message in channel.messages]

        await eventually(lambda: bool(messages()), "a welcome")
        return member.show(messages()[0])


def _pressable(parts: Sequence[Json] | None, beside: str) -> Iterator[tuple[Json, str]]:
    """All buttons and menus, however deep they stand, in the order in which they are shown, with their words."""
    for part in parts or ():
        if part["type"] == _SECTION:
            yield from _pressable([part["accessory"]], "\n".join(text["content"] for text in part["components"]))
        elif "custom_id" in part:
            yield part, "\n".join((part.get("label") or "", part["custom_id"], beside))
        yield from _pressable(part.get("components"), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A picture to take: its name, and how to come there."""

    name: str
    steps: tuple[Step, ...]
    languages: tuple[str, ...] = ("en", "ko")
    viewports: tuple[Viewport, ...] = (PHONE, DESKTOP)

    def file_name(self, language: str, viewport: Viewport) -> str:
        """Such as ``paper-phone.png`` in English and ``paper-phone-ko.png`` in Korean."""
        return f"{self.name}-{viewport.name}{'' if language == 'en' else f'-{language}'}.png"


_TO_PASSAGES = (Use("section", {"paper": "self rag", "heading": "abstract"}), Choose("n1:f:"))
_QUOTED = "Self-RAG"

SCENES = (
    Scene(name="announcement", steps=(SeeAnnounced(),)),
    Scene(name="paper", steps=(Use("paper", {"name": "instag"}),)),
    Scene(name="section", steps=(Use("section", {"paper": "instag 3.2"}),)),
    Scene(name="figure", steps=(Use("section", {"paper": "instag 3"}),)),
    Scene(name="search", steps=(Use("search", {"query": "hallucination"}),)),
    Scene(name="hit", steps=(Use("search", {"query": "환각"}), Choose("HaluEval"))),
    Scene(
        name="ask",
        steps=(Ask("Why are the tags normalized?", "왜 태그를 정규화하나요?"),),
    ),
    Scene(
        name="ask-not-said",
        steps=(
            Ask("How much memory does training need on a laptop?", "노트북에서 학습하려면 메모리가 얼마나 드나요?"),
        ),
    ),
    Scene(name="latest", steps=(Use("latest"),)),
    Scene(name="related", steps=(Use("related", {"name": "self rag"}),)),
    Scene(name="not-found", steps=(Use("paper", {"name": "Mamba"}),)),
    Scene(name="help", steps=(Use("help"),)),
    Scene(name="feeds", steps=(Use("feed list"),)),
    Scene(name="subscribe", steps=(Use("subscribe", {"feed": "Nonmun sample shelf"}),)),
    Scene(name="save", steps=(Use("paper", {"name": "instag"}), Choose("n1:k"))),
    Scene(
        name="saved",
        steps=(
            Use("section", {"paper": "self rag", "heading": "abstract"}),
            Choose("n1:k"),
            Choose(":passages"),
            Choose("Self-RAG"),
            Use("paper", {"name": "halueval"}),
            Choose("n1:k"),
            Use("saved"),
        ),
    ),
    Scene(name="saved-paper", steps=(Use("saved"), Choose("Self-RAG"))),
    Scene(name="privacy", steps=(Use("notify", {"term": "hallucination"}), Use("privacy"))),
    Scene(name="settings", steps=(Use("settings"),)),
    Scene(name="talk-place", steps=(Use("settings"), Choose("s1:talk"))),
    Scene(name="talks", steps=(Discuss("instag"),)),
    Scene(name="passages", steps=_TO_PASSAGES),
    Scene(name="talk", steps=(*_TO_PASSAGES, Choose(_QUOTED), SeeInTalk())),
    Scene(name="quote", steps=(*_TO_PASSAGES, Choose(_QUOTED), SeeInTalk(is_newest=True))),
    Scene(
        name="message",
        steps=(
            AskOn(
                "https://arxiv.org/abs/2308.07074 https://arxiv.org/abs/2310.11511 https://arxiv.org/abs/2401.99999"
            ),
        ),
    ),
    Scene(name="welcome", steps=(SeeWelcomed(),)),
)


@contextlib.asynccontextmanager
async def run_sample(language: str = "en") -> AsyncIterator[LoopbackDiscord]:
    """Run the bot on the bundled sample, in a server of a language; its newest review is announced at the start.

    It runs in a folder of its own, without the settings of the person who takes the pictures.
    """
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), _no_settings():
        database = Path(folder) / "pictures.db"
        base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
        async with LoopbackDiscord(token=TOKEN) as discord, FeedHost() as host:
            discord.edit_guild(discord.guild_id, locale=LOCALES[language])
            whole = sample_feed().read_bytes()
            settings = settings_for(discord, host) | {"NONMUN_DATABASE": database}
            host.serve("/feed.xml", _ITEM.sub(b"", whole, count=1))
            async with open_service(load_settings(**settings)) as service:
                await service.poller.poll_all()
            run = runner(discord, host, lambda **overrides: load_settings(**(settings | overrides)))
            async with run():
                await wait_for_commands(discord)
                host.serve("/feed.xml", whole)
                await wait_for_posts(discord, 1)
                yield discord
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


@contextlib.contextmanager
def _no_settings() -> Iterator[None]:
    """Take the bot's settings out of the environment until the block ends."""
    taken = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(("NONMUN_", "DISCORD_"))}
    try:
        yield
    finally:
        os.environ.update(taken)
