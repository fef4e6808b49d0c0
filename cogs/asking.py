"""/ask."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.discord import asking
from bot.ui.discord.client import NonmunClient
from bot.ui.discord.completion import complete_paper
from bot.ui.discord.places import everywhere

Interaction = discord.Interaction[NonmunClient]


class Asking(commands.Cog):
    """Answering a question in the reviewers' own words."""

    @app_commands.command(description="Ask a question; the answer is what the reviews say, in their own words")
    @everywhere
    @app_commands.describe(
        question="As you would ask a person, in Korean or English: how does instag clean its tags?",
        paper="Only the reviews of this paper; in a talk, its paper if you leave it out",
    )
    async def ask(
        self,
        interaction: Interaction,
        question: app_commands.Range[str, 1, asking.LONGEST_QUESTION],
        paper: str | None = None,
    ) -> None:
        """Answer /ask."""
        await asking.ask(interaction, question, paper)

    @ask.autocomplete("paper")
    async def _suggest_papers(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await complete_paper(interaction, typed)


async def setup(bot: NonmunClient) -> None:
    """Add the cog; called by discord.py."""
    await bot.add_cog(Asking())
