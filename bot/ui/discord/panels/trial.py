"""The button under a test of an announcement, which deletes it: also after a restart, and after months."""

from __future__ import annotations

import contextlib
from typing import Any, Self

import discord

from bot.languages import _
from bot.ui.discord import replies
from bot.ui.discord.lasting import Interaction, LastingItem
from bot.ui.discord.layout import idle_view
from bot.ui.discord.limits import BUTTON_LABEL
from bot.ui.discord.markdown import plain_line

DELETE = "t1:delete"
"""The id of the button. It also tells a test from an announcement, because nobody can take it off the message."""


class DeleteButton(LastingItem, template=DELETE):
    """*Delete*, for those who may send tests."""

    command = "subscribe"

    @classmethod
    def draw(cls) -> Self:
        """The button, in the current language."""
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=plain_line(_("Delete"), BUTTON_LABEL), custom_id=DELETE, style=discord.ButtonStyle.danger
        )
        return cls(button)

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
    return idle_view(*(view.children if view else ()), DeleteButton.draw())
