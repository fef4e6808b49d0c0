"""/settings: what a server sets for itself."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.discord.client import NonmunClient
from bot.ui.discord.panels.welcome import show_server
from bot.ui.discord.places import in_servers

Interaction = discord.Interaction[NonmunClient]


class Settings(commands.Cog):
    """A server's settings. For members with Manage Server, unless the server's settings for the bot say otherwise."""

    @app_commands.command(description="The language of this server, who sees answers, and where papers are discussed")
    @in_servers
    @app_commands.default_permissions(manage_guild=True)
    async def settings(self, interaction: Interaction) -> None:
        """Answer /settings."""
        await show_server(interaction)


async def setup(bot: NonmunClient) -> None:
    """Add the cog; called by discord.py."""
    await bot.add_cog(Settings())
