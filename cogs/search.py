"""/search."""

from __future__ import annotations

from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.models.index import FacetKind, FilterKind
from bot.models.requests import HITS_A_CARD, Command, Request
from bot.search.filters import NEWEST_FIRST, write_filter
from bot.ui.discord.client import NonmunClient
from bot.ui.discord.limits import CHOICE_TEXT, CHOICES
from bot.ui.discord.markdown import plain_line
from bot.ui.discord.places import everywhere, home_of
from bot.ui.discord.views import reply

Interaction = discord.Interaction[NonmunClient]


class Search(commands.Cog):
    """Searching the text of the reviews."""

    def __init__(self, bot: NonmunClient) -> None:
        self._service = bot.service

    @app_commands.command(description="Search what the reviews say, in Korean or English")
    @everywhere
    @app_commands.describe(
        query='Words, or a phrase in quotes: hallucination, 검색 증강, "green list", -word leaves out',
        venue="Only this venue, such as ICLR or ICLR 2024",
        year="Only venues of this year",
        tag="Only this category",
        author="Only papers by this author",
        before="Published before: 2024, 2024-03 or 2024-03-15",
        after="Published then or later: 2024, 2024-03 or 2024-03-15",
        sort="The best matches first if you leave it out",
    )
    async def search(
        self,
        interaction: Interaction,
        query: str | None = None,
        venue: str | None = None,
        year: app_commands.Range[int, 1900, 2999] | None = None,
        tag: str | None = None,
        author: str | None = None,
        before: str | None = None,
        after: str | None = None,
        sort: Literal["best", "newest"] = "best",
    ) -> None:
        """Answer /search."""
        options = {
            FilterKind.VENUE: venue,
            FilterKind.YEAR: year,
            FilterKind.TAG: tag,
            FilterKind.AUTHOR: author,
            FilterKind.BEFORE: before,
            FilterKind.AFTER: after,
        }
        parts = [query or "", *(write_filter(kind, str(value)) for kind, value in options.items() if value)]
        parts += [NEWEST_FIRST] if sort == "newest" else []
        request = Request(command=Command.SEARCH, query=" ".join(part for part in parts if part), limit=HITS_A_CARD)
        await reply(interaction, self._service, request)

    @search.autocomplete("venue")
    async def _suggest_venues(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await self._suggest(interaction, FacetKind.VENUE, typed)

    @search.autocomplete("tag")
    async def _suggest_tags(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await self._suggest(interaction, FacetKind.TAG, typed)

    @search.autocomplete("author")
    async def _suggest_authors(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await self._suggest(interaction, FacetKind.AUTHOR, typed)

    async def _suggest(self, interaction: Interaction, kind: FacetKind, typed: str) -> list[app_commands.Choice[str]]:
        audience = await self._service.audiences.of_guild(home_of(interaction))
        facets = await self._service.answering.suggest_facets(kind, typed, audience, limit=CHOICES)
        return [app_commands.Choice(name=plain_line(f.text, CHOICE_TEXT), value=f.text[:CHOICE_TEXT]) for f in facets]


async def setup(bot: NonmunClient) -> None:
    """Add the cog; called by discord.py."""
    await bot.add_cog(Search(bot))
