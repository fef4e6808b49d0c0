"""/privacy: what is kept about a member."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.discord import replies
from bot.ui.discord.client import NonmunClient
from bot.ui.discord.panels.privacy import PrivacyPanel
from bot.ui.discord.places import everywhere

Interaction = discord.Interaction[NonmunClient]


class Privacy(commands.Cog):
    """What members can see and delete of what is kept about them."""

    def __init__(self, bot: NonmunClient) -> None:
        self._service = bot.service

    @app_commands.command(description="What is kept about you, and how to delete it")
    @everywhere
    async def privacy(self, interaction: Interaction) -> None:
        """Answer /privacy."""
        await replies.think(interaction)
        await PrivacyPanel.open(self._service, interaction)


async def setup(bot: NonmunClient) -> None:
    """Add the cog; called by discord.py."""
    await bot.add_cog(Privacy(bot))
