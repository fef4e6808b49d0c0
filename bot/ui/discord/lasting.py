"""Buttons and menus that never expire: their ids say all that they need, so any process answers them at any time."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Self

import discord

from bot.ui.discord.errors import answer_error
from bot.ui.discord.gate import OWN_COMMAND

Interaction = discord.Interaction[Any]
_NOTHING = r"(?!)"


class LastingItem(discord.ui.DynamicItem[discord.ui.Item[Any]], template=_NOTHING):
    """What they share: who may use them, and what happens if they fail. The template matches a subclass's ids."""

    command: ClassVar[str | None] = None
    """The command whose users may press it; None if anybody may."""

    @classmethod
    async def from_custom_id(cls, _: Interaction, item: discord.ui.Item[Any], __: re.Match[str], /) -> Self:
        """Take what was pressed as it is."""
        return cls(item)

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Whether to work on the press."""
        interaction.extras[OWN_COMMAND] = self.command
        return bool(await interaction.client.gate.admit(interaction, self.command))

    async def callback(self, interaction: Interaction) -> None:
        """Do what it says, and tell the member if that fails: discord.py would only log it."""
        try:
            await self.act(interaction)
        except Exception as exc:  # noqa: BLE001 - explained to the member
            await answer_error(interaction, exc)

    async def act(self, interaction: Interaction) -> None:
        """Do what it says."""
        raise NotImplementedError
