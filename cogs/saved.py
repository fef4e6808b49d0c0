"""/saved: a member's own list of papers."""

from __future__ import annotations

from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.cards.saved import FORMAT_NAMES
from bot.ui.discord import replies
from bot.ui.discord.client import NonmunClient
from bot.ui.discord.panels.saved import SavedPanel, send_export
from bot.ui.discord.places import everywhere

Interaction = discord.Interaction[NonmunClient]


class Saved(commands.Cog):
    """Members' lists."""

    def __init__(self, bot: NonmunClient) -> None:
        self._service = bot.service

    @app_commands.command(description="The papers that you saved, with your notes; only you see them")
    @everywhere
    @app_commands.describe(format="Get the list as a file")
    async def saved(
        self,
        interaction: Interaction,
        format: Literal["BibTeX", "RIS", "CSL-JSON", "Markdown"] | None = None,  # noqa: A002 - the name of the option
    ) -> None:
        """Answer /saved."""
        await replies.think(interaction)
        if format is None:
            await SavedPanel.open(self._service, interaction)
        else:
            chosen = next(each for each, name in FORMAT_NAMES.items() if name == format)
            await send_export(self._service, interaction, chosen)


async def setup(bot: NonmunClient) -> None:
    """Add the cog; called by discord.py."""
    await bot.add_cog(Saved(bot))
