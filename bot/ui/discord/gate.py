"""What every interaction must pass before it costs anything: is it in time, within its quota, and allowed?

Commands and completions pass through `Tree`, presses and forms through their views. An interaction that can no longer
be answered in time is dropped and counted: working on it would make the next ones late, too.

From here on, its task speaks the member's language.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import OrderedDict
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.config import Settings
from bot.errors import RequestError
from bot.languages import _, language_of, ngettext, speak
from bot.metrics import Metrics
from bot.ui.discord import replies
from bot.ui.discord.access import Access
from bot.ui.discord.admission import MOST_ASKERS, MOST_LATE_IN_A_ROW, Ages, Quota, Tally, Turns

log = logging.getLogger(__name__)

Interaction = discord.Interaction[Any]
LATE_SECONDS = 2.5
"""Discord gives three seconds for a first answer, including the time that messages take on the way."""
CROWDED_SECONDS = 2.0
"""How old an interaction may become while it waits for its turn; enough time is left to refuse it."""
ANSWERS_AT_ONCE, ANSWERS_WAITING = 8, 200
COMPLETIONS_AT_ONCE, COMPLETIONS_WAITING = 16, 1_000
"""A few more may wait than an ordinary machine can still answer in time."""
BURST = 1 / 3
"""The share of a minute's commands that may be used at once."""
PRESSES, COMPLETIONS = 4, 10
"""How many of these a member has for each command: pages are turned, and each typed letter asks for a completion."""
TOLD_PER_MINUTE, TOLD_AT_ONCE = 20, 5
"""How often a member is told to slow down."""
OWN_COMMAND = "command"
"""A key of an interaction's ``extras``: the command that opened what was pressed."""


class Gate:
    """Decides which interactions are worked on."""

    def __init__(
        self,
        client: discord.Client,
        settings: Settings,
        command_ids: MutableMapping[str, int],
        metrics: Metrics,
    ) -> None:
        self.tally = Tally(metrics.refusals)
        self.is_closed = False
        self.access = Access(client, command_ids)
        self._ages = Ages()
        self._late_in_a_row = 0
        self._answers = Turns(at_once=ANSWERS_AT_ONCE, waiting=ANSWERS_WAITING)
        self._completions = Turns(at_once=COMPLETIONS_AT_ONCE, waiting=COMPLETIONS_WAITING)
        self._newest: OrderedDict[int, int] = OrderedDict()
        member, server = settings.member_commands_per_minute, settings.server_commands_per_minute
        self._quotas = {
            discord.InteractionType.application_command: _quotas(member, server, 1),
            discord.InteractionType.component: (presses := _quotas(member, server, PRESSES)),
            discord.InteractionType.modal_submit: presses,
            discord.InteractionType.autocomplete: _quotas(member, server, COMPLETIONS),
        }
        self._told = Quota(per_minute=TOLD_PER_MINUTE, at_once=TOLD_AT_ONCE)

    async def admit(self, interaction: Interaction, command: str | None = None) -> bool:
        """Whether to work on an interaction. If not, the member has been told why, unless nobody would see it.

        From here on, the interaction's task speaks the member's language: every command, completion, press and form
        passes here, in the task that answers it.

        Args:
            command: The command that is used, or that opened what was pressed; None if anybody may press it.
        """
        speak(language_of(interaction.locale.value))  # in the rest of this task, which is the interaction's own
        if self.is_closed:
            return False
        if self.is_late(interaction):
            self.tally.count("late")
            return False
        if wait_s := self._wait_s(interaction):
            await self._ask_for_patience(interaction, wait_s)
            return False
        try:
            if command is not None:
                await self._check_command(interaction, command)
        except RequestError as exc:
            await self._refuse(interaction, str(exc))
            return False
        return True

    def is_late(self, interaction: Interaction) -> bool:
        """Whether it is too late to answer an interaction that has no answer yet."""
        if interaction.response.is_done() or self._age_s(interaction) <= LATE_SECONDS:
            self._late_in_a_row = 0
            return False
        self._late_in_a_row += 1
        if self._late_in_a_row >= MOST_LATE_IN_A_ROW:
            self._ages.forget()
        return True

    def _age_s(self, interaction: Interaction) -> float:
        return self._ages.age_s(discord.utils.snowflake_time(interaction.id).timestamp())

    def _wait_s(self, interaction: Interaction) -> float:
        """Seconds until the member, and the server, may ask again; 0 if they may now."""
        of_member, of_server = self._quotas[interaction.type]
        wait_s = of_member.wait_s(interaction.user.id)
        return wait_s or (of_server.wait_s(interaction.guild_id) if interaction.guild_id else 0.0)

    async def _ask_for_patience(self, interaction: Interaction, wait_s: float) -> None:
        self.tally.count("over_quota")
        is_completion = interaction.type is discord.InteractionType.autocomplete
        if is_completion or self._told.wait_s(interaction.user.id):
            return
        seconds = math.ceil(wait_s)
        sentence = ngettext(
            "You are asking faster than I can answer. Try again in {count} second.",
            "You are asking faster than I can answer. Try again in {count} seconds.",
            seconds,
        )
        await self._refuse(interaction, sentence.format(count=seconds))

    async def _refuse(self, interaction: Interaction, sentence: str) -> None:
        """Say why not. A completion has no place for a sentence."""
        if interaction.type is discord.InteractionType.autocomplete:
            return
        try:
            await replies.say(interaction, sentence)
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            self.tally.count("too_late")

    async def _check_command(self, interaction: Interaction, name: str) -> None:
        command = interaction.client.tree.get_command(name)
        if command is None:
            return
        if command.guild_only and interaction.guild_id is None:
            raise RequestError(
                _("/{command} works in servers only. Use it in a server that I am in.").format(command=name)
            )
        if command.default_permissions is not None:
            await self.access.check(interaction, name, command.default_permissions)

    def close(self) -> None:
        """Admit nothing more, because commands and connection are being closed."""
        self.is_closed = True
        self.tally.tell()

    # ── turns ───────────────────────────────────────────────────────────────────────────────────

    @asynccontextmanager
    async def turn(self, interaction: Interaction) -> AsyncIterator[bool]:
        """Wait for a turn to produce an answer; False if it did not come in time, and the member has been told."""
        if not await self._answers.take(timeout_s=CROWDED_SECONDS - self._age_s(interaction)):
            self.tally.count("crowded")
            await self._refuse(interaction, _("I am too busy right now. Try again in a minute."))
            yield False
            return
        try:
            is_late = self.is_late(interaction)
            if is_late:
                self.tally.count("late")
            yield not is_late
        finally:
            self._answers.give_back()

    async def admit_completion(self, interaction: Interaction) -> bool:
        """Whether to work on a completion: it got a turn, and the member has not typed more in the meantime."""
        member = interaction.user.id
        self._newest[member] = interaction.id
        self._newest.move_to_end(member)
        if len(self._newest) > MOST_ASKERS:
            self._newest.popitem(last=False)
        if not await self._completions.take(timeout_s=CROWDED_SECONDS - self._age_s(interaction)):
            self.tally.count("crowded")
            return False
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - we are in it
        task.add_done_callback(lambda _: self._completions.give_back())
        if self._newest.get(member, interaction.id) != interaction.id:
            self.tally.count("overtaken")
            return False
        if self.is_late(interaction):
            self.tally.count("late")
            return False
        return True


def _quotas(member: int, server: int, times: int) -> tuple[Quota, Quota]:
    """The quotas of a member and of a server."""
    of_member, of_server = (
        Quota(per_minute=count * times, at_once=count * times * BURST) for count in (member, server)
    )
    return of_member, of_server


class Tree(app_commands.CommandTree[Any]):
    """The commands; each use must pass the client's gate."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Whether to work on a command or a completion."""
        gate: Gate = self.client.gate
        used = interaction.command
        root = getattr(used, "root_parent", None) or used
        name = root.name if root else None
        if name is not None:
            gate.access.learn(interaction, name)
            interaction.extras[OWN_COMMAND] = name
        if not await gate.admit(interaction, name):
            return False
        is_completion = interaction.type is discord.InteractionType.autocomplete
        return await gate.admit_completion(interaction) if is_completion else True


class LateCompletions(logging.Filter):
    """Counts completions that Discord no longer accepted, instead of logging a traceback for each.

    discord.py logs a failing completion itself and calls no error handler.
    """

    def __init__(self, tally: Tally) -> None:
        super().__init__()
        self._tally = tally

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log the record."""
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, discord.HTTPException | aiohttp.ClientError | OSError | TimeoutError):
            return True
        self._tally.count("too_late")
        return False
