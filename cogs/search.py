"""/search."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.models import Command, Request
from bot.ui.discord.client import NonmunClient
from bot.ui.discord.views import reply

Interaction = discord.Interaction[NonmunClient]


class Search(commands.Cog):
    """Finding what the reviews say."""

    def __init__(self, bot: NonmunClient) -> None:
        self._service = bot.service

    @app_commands.command(description="Search what the reviews say, in Korean or English")
    @app_commands.describe(query='Words, or a phrase in quotes: hallucination, 검색 증강, "green list"')
    async def search(self, interaction: Interaction, query: str) -> None:
        await reply(interaction, self._service, Request(command=Command.SEARCH, query=query))


async def setup(bot: NonmunClient) -> None:
    await bot.add_cog(Search(bot))
