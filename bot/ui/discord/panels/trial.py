"""The button under a test of an announcement, which deletes it: also after a restart, and after months."""

from __future__ import annotations

import contextlib
import re
from typing import Any, Self

import discord

from bot.languages import _
from bot.ui.discord import replies
from bot.ui.discord.limits import BUTTON_LABEL
from bot.ui.discord.markdown import plain_line
from bot.ui.discord.panels.base import Interaction, Step

DELETE = "t1:delete"
"""The id of the button. It also tells a test from an announcement, because nobody can take it off the message."""


class DeleteButton(Step, discord.ui.DynamicItem[discord.ui.Button[Any]], template=DELETE):
    """*Delete*, for those who may send tests."""

    command = "subscribe"

    def __init__(self) -> None:
        style = discord.ButtonStyle.danger
        super().__init__(
            discord.ui.Button(label=plain_line(_("Delete"), BUTTON_LABEL), custom_id=DELETE, style=style)
        )

    @classmethod
    async def from_custom_id(cls, _: Interaction, __: discord.ui.Item[Any], ___: re.Match[str], /) -> Self:
        """The button that was pressed."""
        return cls()

    async def act(self, interaction: Interaction) -> None:
        """Delete the test; in a forum the whole post, if we may."""
        await replies.hold(interaction)
        message, channel = interaction.message, interaction.channel
        assert message is not None  # noqa: S101 - a button is on one
        is_post = isinstance(channel, discord.Thread) and channel.id == message.id
        with contextlib.suppress(discord.NotFound):  # somebody was faster
            if isinstance(channel, discord.Thread) and is_post and interaction.app_permissions.manage_threads:
                await channel.delete()
                return
            await message.delete()
        if is_post:
            said = _("The message is deleted. I need Manage Threads to delete its post, too.")
            await replies.say(interaction, said)


def with_delete(view: discord.ui.View | None) -> discord.ui.View:
    """What is below an announcement, with *Delete* at the end."""
    view = view or discord.ui.View(timeout=None)
    view.add_item(DeleteButton())
    view.stop()
    return view
