"""Presses on cards: answered by the id of what was pressed, after any restart and however old the message is.

A press on a public message is answered privately to the member who pressed, and one on a private message by changing
it. Anybody may press.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import discord

from bot.languages import _
from bot.models.requests import Press, PressKind
from bot.ui.discord import replies, talking, wishing
from bot.ui.discord.actions import MENU, PATTERN, PRESS_MENU, Action, decode
from bot.ui.discord.asking import as_asked, improve_shown, use_model
from bot.ui.discord.errors import EXPIRED
from bot.ui.discord.lasting import LastingItem
from bot.ui.discord.panels.base import values
from bot.ui.discord.panels.conclusions import conclude
from bot.ui.discord.panels.saved import press_save, press_save_passage
from bot.ui.discord.views import Interaction, Shown, is_own, reply, reply_in_place, show_in_channel


class CardButton(LastingItem, template=rf"(?!{MENU}){PATTERN}"):
    """Any button of any card."""

    async def act(self, interaction: Interaction) -> None:
        """Do what the id says."""
        await _answer(interaction, self.custom_id)


class CardMenu(LastingItem, template=rf"{MENU}|{PRESS_MENU}"):
    """The menus of any card."""

    async def act(self, interaction: Interaction) -> None:
        """Open what was chosen."""
        shown = await _answer(interaction, next(iter(values(interaction)), ""))
        await improve_shown(interaction, shown)  # a question, asked of the review that was chosen for it


async def _answer(interaction: Interaction, custom_id: str) -> Shown | None:
    action = as_asked(decode(custom_id), interaction.message)
    async with interaction.client.improving.pressed(interaction, action):
        return await _act(interaction, action)


async def _act(interaction: Interaction, action: Action | Press | None) -> Shown | None:
    service = interaction.client.service
    if action is None:
        await replies.say(interaction, _(EXPIRED))
    elif isinstance(action, Press):
        await _PRESSES.get(action.kind, _expired)(interaction, action)
    elif action.is_shown:
        if problem := _why_silent(interaction):
            await replies.say(interaction, problem)
        else:
            await show_in_channel(interaction, service, action.request)
    elif is_own(interaction) and not action.is_beside:
        return await reply_in_place(interaction, service, action.request)
    else:
        return await reply(interaction, service, action.request, is_private=True)
    return None


async def _expired(interaction: Interaction, _press: Press) -> None:
    await replies.say(interaction, _(EXPIRED))


_PRESSES: dict[PressKind, Callable[[Interaction, Press], Awaitable[None]]] = {
    PressKind.DISCUSS: talking.discuss,
    PressKind.DISCUSS_PASSAGE: talking.discuss_passage,
    PressKind.CHOOSE_PASSAGE: talking.choose_passage,
    PressKind.WITHDRAW: talking.withdraw,
    PressKind.CONCLUDE: conclude,
    PressKind.SAVE: press_save,
    PressKind.SAVE_PASSAGE: press_save_passage,
    PressKind.WISH: wishing.wish,
    PressKind.UNWISH: wishing.take_back,
    PressKind.WANTED: wishing.show_wanted,
    PressKind.USE_MODEL: use_model,
}
"""What each kind of press does."""


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
