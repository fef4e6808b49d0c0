"""/paper-same, /paper-apart and /paper-log: which reviews are about one paper, as a server's moderators say."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands
from discord.utils import format_dt

from bot.languages import _, ngettext
from bot.models.joins import LoggedJoin
from bot.models.reviews import ReviewHead
from bot.text.cut import cut_text
from bot.text.links import host_of
from bot.ui.discord import replies
from bot.ui.discord.client import NonmunClient
from bot.ui.discord.completion import complete_paper
from bot.ui.discord.markdown import escape
from bot.ui.discord.places import home_of, in_servers

Interaction = discord.Interaction[NonmunClient]
Asked = app_commands.Range[str, 1, 2_000]
SHOWN = 15
"""Entries of the log in one answer, which has room for twice as many."""


class Joins(commands.Cog):
    """Joining and parting reviews. For members with Manage Messages, unless the server's settings say otherwise."""

    def __init__(self, bot: NonmunClient) -> None:
        self._service = bot.service

    @app_commands.command(name="paper-same", description="Two reviews are about one paper: join them in this server")
    @in_servers
    @app_commands.default_permissions(manage_messages=True)
    @app_commands.autocomplete(review=complete_paper, other=complete_paper)
    @app_commands.describe(review="A review: its name or link", other="Another review of the same paper")
    async def paper_same(self, interaction: Interaction, review: Asked, other: Asked) -> None:
        """Answer /paper-same."""
        await replies.think(interaction)
        audience = await self._service.audiences.of_guild(home_of(interaction))
        done = await self._service.joining.join(review, other, audience, user_id=interaction.user.id)
        count = 2 + len(done.also)
        said = ngettext(
            "{review} and {other} are one paper in this server now, with {count} review. To undo this, use "
            "/paper-apart with these two.",
            "{review} and {other} are one paper in this server now, with {count} reviews. To undo this, use "
            "/paper-apart with these two.",
            count,
        )
        said = said.format(review=_quote(done.review), other=_quote(done.other), count=count)
        await replies.say(interaction, said)

    @app_commands.command(name="paper-apart", description="Two reviews are about different papers: part them here")
    @in_servers
    @app_commands.default_permissions(manage_messages=True)
    @app_commands.autocomplete(review=complete_paper, other=complete_paper)
    @app_commands.describe(
        review="The review that belongs elsewhere: its name or link", other="A review of the paper"
    )
    async def paper_apart(self, interaction: Interaction, review: Asked, other: Asked) -> None:
        """Answer /paper-apart."""
        await replies.think(interaction)
        audience = await self._service.audiences.of_guild(home_of(interaction))
        done = await self._service.joining.part(review, other, audience, user_id=interaction.user.id)
        said = _("{review} and {other} are different papers in this server now.")
        said = said.format(review=_quote(done.review), other=_quote(done.other))
        if count := len(done.also):
            stays = ngettext(
                "{count} other review stays with the second one.",
                "{count} other reviews stay with the second one.",
                count,
            )
            said = f"{said} {stays.format(count=count)}"
        undo = _("To undo this, use /paper-same with these two.")
        await replies.say(interaction, f"{said} {undo}")

    @app_commands.command(
        name="paper-log", description="Which reviews were joined or parted in this server, and by whom"
    )
    @in_servers
    @app_commands.default_permissions(manage_messages=True)
    async def paper_log(self, interaction: Interaction) -> None:
        """Answer /paper-log."""
        await replies.think(interaction)
        logged = await self._service.joining.logged(interaction.guild_id or 0, limit=SHOWN)
        if not logged:
            await replies.say(interaction, _("No reviews were joined or parted in this server."))
            return
        lines = "\n".join(map(_line, logged))
        embed = discord.Embed(title=_("Reviews joined and parted in this server"), description=lines)
        await replies.send(interaction, embeds=[embed])


def _quote(head: ReviewHead) -> str:
    """A review as a sentence names it: its title, and where it stands."""
    return f"“{cut_text(head.clean_title, 150)}” ({host_of(head.link)})"


def _line(logged: LoggedJoin) -> str:
    """What a moderator did, in Discord's Markdown."""
    said = (
        _("{when}: {member} joined “{first}” and “{second}”")
        if logged.is_same
        else _("{when}: {member} parted “{first}” from “{second}”")
    )
    return said.format(
        when=format_dt(logged.at, "f"),
        member=f"<@{logged.user_id}>" if logged.user_id else _("somebody"),
        first=escape(cut_text(logged.first_title, 80)),
        second=escape(cut_text(logged.second_title, 80)),
    )


async def setup(bot: NonmunClient) -> None:
    """Add the cog; called by discord.py."""
    await bot.add_cog(Joins(bot))
