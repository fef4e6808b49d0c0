"""“What do we have on this?” in the menu of a message."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.ui.discord.client import NonmunClient
from bot.ui.discord.mentioned import answer_message
from bot.ui.discord.places import everywhere

Interaction = discord.Interaction[NonmunClient]


@app_commands.context_menu(name="What do we have on this?")
@everywhere
async def what_do_we_have(interaction: Interaction, message: discord.Message) -> None:
    """Answer the entry of a message's menu."""
    await answer_message(interaction, message)


async def setup(bot: NonmunClient) -> None:
    """Add the entry; called by discord.py."""
    bot.tree.add_command(what_do_we_have)


async def teardown(bot: NonmunClient) -> None:
    """Take it away again; called by discord.py."""
    bot.tree.remove_command(what_do_we_have.name, type=what_do_we_have.type)
