"""/paper, /section, /related and /latest."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.models.requests import Command, Request
from bot.ui.discord.client import NonmunClient
from bot.ui.discord.completion import complete_paper
from bot.ui.discord.limits import CHOICE_TEXT, CHOICES
from bot.ui.discord.markdown import plain_line
from bot.ui.discord.places import everywhere, home_of
from bot.ui.discord.views import reply

Interaction = discord.Interaction[NonmunClient]


class Papers(commands.Cog):
    """Finding a review, one of its sections, related reviews or the newest ones."""

    def __init__(self, bot: NonmunClient) -> None:
        self._service = bot.service

    @app_commands.command(description="Find a review by its name, title, author, venue or link")
    @everywhere
    @app_commands.describe(name="As you remember it: instag, self rag, 2308.07074, ICLR 2024 …")
    async def paper(self, interaction: Interaction, name: str) -> None:
        """Answer /paper."""
        await reply(interaction, self._service, Request(command=Command.PAPER, query=name))

    @app_commands.command(description="Open one part of a review")
    @everywhere
    @app_commands.describe(
        paper="The paper; or paper and part in one, such as: instag 3.2",
        heading="A number or heading: 3.2, abstract, 한계점 …",
    )
    async def section(self, interaction: Interaction, paper: str, heading: str | None = None) -> None:
        """Answer /section."""
        request = Request(command=Command.SECTION, query=paper, heading=heading)
        await reply(interaction, self._service, request)

    @app_commands.command(description="Related reviews: cited, citing or on the same subject")
    @everywhere
    @app_commands.describe(name="As you remember it: instag, self rag, 2308.07074 …")
    async def related(self, interaction: Interaction, name: str) -> None:
        """Answer /related."""
        await reply(interaction, self._service, Request(command=Command.RELATED, query=name))

    @app_commands.command(description="The newest reviews")
    @everywhere
    @app_commands.describe(count="How many, 10 if you leave it out")
    async def latest(self, interaction: Interaction, count: app_commands.Range[int, 1, 25] = 10) -> None:
        """Answer /latest."""
        await reply(interaction, self._service, Request(command=Command.LATEST, limit=count))

    @paper.autocomplete("name")
    @related.autocomplete("name")
    @section.autocomplete("paper")
    async def _suggest_papers(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await complete_paper(interaction, typed)

    @section.autocomplete("heading")
    async def _suggest_headings(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        paper = str(getattr(interaction.namespace, "paper", None) or "")
        audience = await self._service.audiences.of_guild(home_of(interaction))
        headings = await self._service.answering.suggest_sections(paper, typed, audience, limit=CHOICES)
        return [app_commands.Choice(name=plain_line(h, CHOICE_TEXT), value=h[:CHOICE_TEXT]) for h in headings]


async def setup(bot: NonmunClient) -> None:
    """Add the cog; called by discord.py."""
    await bot.add_cog(Papers(bot))
