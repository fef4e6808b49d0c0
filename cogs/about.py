"""/help."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.models.requests import Command, Request
from bot.ui.discord.client import NonmunClient
from bot.ui.discord.panels.welcome import needs_first_steps, offer_first_steps
from bot.ui.discord.places import everywhere
from bot.ui.discord.views import reply

Interaction = discord.Interaction[NonmunClient]


class About(commands.Cog):
    """What the bot can do, and how its feeds are doing."""

    def __init__(self, bot: NonmunClient) -> None:
        self._service = bot.service

    @app_commands.command(description="What Nonmun can do, and how its feeds are")
    @everywhere
    async def help(self, interaction: Interaction) -> None:
        """Answer /help."""
        await reply(interaction, self._service, Request(command=Command.HELP))
        if await needs_first_steps(interaction):
            await offer_first_steps(interaction)


async def setup(bot: NonmunClient) -> None:
    """Add the cog; called by discord.py."""
    await bot.add_cog(About(bot))
