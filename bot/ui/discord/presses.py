"""Presses on cards: answered by the id of what was pressed, after any restart and however old the message is.

A press on a public message is answered privately to the member who pressed, and one on a private message by changing
it. Anybody may press.
"""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from bot.languages import N_, _
from bot.ui.discord import replies
from bot.ui.discord.actions import MENU, PATTERN, decode
from bot.ui.discord.errors import answer_error
from bot.ui.discord.views import Interaction, reply, reply_in_place, show_in_channel

EXPIRED = N_("This message has expired. Run the command again.")


class CardButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=rf"(?!{MENU}){PATTERN}"):
    """Any button of any card."""

    @classmethod
    async def from_custom_id(cls, _interaction: Interaction, item: discord.ui.Item[Any], _: re.Match[str], /) -> Self:
        """Take the button as it is; its id says what it does."""
        assert isinstance(item, discord.ui.Button)  # noqa: S101 - menus have another template
        return cls(item)

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Whether to work on the press."""
        return bool(await interaction.client.gate.admit(interaction))

    async def callback(self, interaction: Interaction) -> None:
        """Do what the id says."""
        await _press(interaction, self.custom_id)


class CardMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=MENU):
    """The menu of any card."""

    @classmethod
    async def from_custom_id(cls, _interaction: Interaction, item: discord.ui.Item[Any], _: re.Match[str], /) -> Self:
        """Take the menu as it is; the chosen value says what it opens."""
        assert isinstance(item, discord.ui.Select)  # noqa: S101 - only a menu has this id
        return cls(item)

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Whether to work on the choice."""
        return bool(await interaction.client.gate.admit(interaction))

    async def callback(self, interaction: Interaction) -> None:
        """Open what was chosen."""
        await _press(interaction, self.item.values[0] if self.item.values else "")


async def _press(interaction: Interaction, custom_id: str) -> None:
    try:
        await _answer(interaction, custom_id)
    except Exception as exc:  # noqa: BLE001 - the press ends here; the member is told, and a fault of ours is logged
        await answer_error(interaction, exc)


async def _answer(interaction: Interaction, custom_id: str) -> None:
    action = decode(custom_id)
    service = interaction.client.service
    if action is None:
        await replies.say(interaction, _(EXPIRED))
    elif action.is_shown:
        if problem := _why_silent(interaction):
            await replies.say(interaction, problem)
        else:
            await show_in_channel(interaction, service, action.request)
    elif _is_own(interaction):
        await reply_in_place(interaction, service, action.request)
    else:
        await reply(interaction, service, action.request, is_private=True)


def _is_own(interaction: Interaction) -> bool:
    """Whether the pressed message is seen by the presser alone, and can be changed into a card."""
    message = interaction.message
    if message is None or not message.flags.components_v2:
        return False
    is_direct = isinstance(interaction.channel, discord.DMChannel)
    return message.flags.ephemeral or is_direct


def _why_silent(interaction: Interaction) -> str | None:
    """Why the presser may not show something in the channel; None if they may.

    Discord would not ask: the message is ours.
    """
    allowed = interaction.permissions
    is_thread = isinstance(interaction.channel, discord.Thread)
    may_write = allowed.send_messages_in_threads if is_thread else allowed.send_messages
    if interaction.guild_id is None or may_write:
        return None
    return _("You cannot send messages in this channel, so this is not shown there.")
