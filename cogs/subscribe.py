"""/subscribe: how a feed is announced."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.discord import replies
from bot.ui.discord.client import NonmunClient
from bot.ui.discord.panels.base import complete_feed
from bot.ui.discord.panels.subscribe import SettingsPanel
from bot.ui.discord.places import in_servers

Interaction = discord.Interaction[NonmunClient]


class Subscribe(commands.Cog):
    """How a feed is announced. For members with Manage Server, unless the server's settings say otherwise."""

    def __init__(self, bot: NonmunClient) -> None:
        self._service = bot.service

    @app_commands.command(description="How a feed is announced: channel, thread, ping, filter, digest …")
    @in_servers
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.autocomplete(feed=complete_feed)
    @app_commands.describe(feed="One of those that /feed list shows")
    async def subscribe(self, interaction: Interaction, feed: str) -> None:
        """Answer /subscribe with the panel of a subscription."""
        await replies.think(interaction)
        subscription = await self._service.subscriptions.find(feed, guild_id=interaction.guild_id or 0)
        await SettingsPanel(self._service, subscription, interaction).show_settings(interaction)


async def setup(bot: NonmunClient) -> None:
    """Add the cog; called by discord.py."""
    await bot.add_cog(Subscribe(bot))
