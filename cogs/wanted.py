"""/wanted: the papers that a server wants reviewed."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.discord.client import NonmunClient
from bot.ui.discord.places import in_servers
from bot.ui.discord.wishing import show_wanted

Interaction = discord.Interaction[NonmunClient]


class Wanted(commands.Cog):
    """What members ask to be reviewed."""

    @app_commands.command(description="The papers that members here want reviewed; join them, or take yours back")
    @in_servers
    async def wanted(self, interaction: Interaction) -> None:
        """Answer /wanted."""
        await show_wanted(interaction)


async def setup(bot: NonmunClient) -> None:
    """Add the cog; called by discord.py."""
    await bot.add_cog(Wanted())
