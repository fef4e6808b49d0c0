"""/notify: what a member is pinged for."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.discord import replies
from bot.ui.discord.client import NonmunClient
from bot.ui.discord.panels.base import complete_seen_feed, find_seen_feed
from bot.ui.discord.panels.notify import NotifyPanel, toggle_feed, toggle_term
from bot.ui.discord.places import in_servers

Interaction = discord.Interaction[NonmunClient]


class Notify(commands.Cog):
    """Members choose their own pings."""

    def __init__(self, bot: NonmunClient) -> None:
        self._service = bot.service

    @app_commands.command(description="Be pinged when a feed posts, or when a post is on a term")
    @in_servers
    @app_commands.autocomplete(feed=complete_seen_feed)
    @app_commands.describe(term="Such as: hallucination; again to stop", feed="One of this server's; again to stop")
    async def notify(
        self,
        interaction: Interaction,
        term: app_commands.Range[str, 2, 60] | None = None,
        feed: str | None = None,
    ) -> None:
        """Answer /notify: change the given pings, or show the panel."""
        await replies.think(interaction)
        said: list[str] = []
        if feed:
            subscription = await find_seen_feed(self._service, interaction, feed)
            said.append(await toggle_feed(self._service, interaction, subscription))
        if term:
            said.append(await toggle_term(self._service, interaction, term))
        await NotifyPanel.open(self._service, interaction, said=" ".join(said) or None)


async def setup(bot: NonmunClient) -> None:
    """Add the cog; called by discord.py."""
    await bot.add_cog(Notify(bot))
