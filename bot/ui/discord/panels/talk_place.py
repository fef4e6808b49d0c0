"""Where a server talks about papers: a page of `/settings` with a preview of what *Discuss* will do.

Like the other settings, its buttons and menus say all that they need, so they work after a restart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import discord

from bot.cards.servers import TalkPreview, forum_tags, talk_place_card
from bot.cards.talks import talk_name
from bot.errors import RequestError
from bot.languages import _, say
from bot.models.announcing import Delivering
from bot.models.answers import Latest
from bot.models.index import FacetKind
from bot.models.requests import Command, Request
from bot.models.servers import Server, TalkPlace
from bot.ui.discord import replies
from bot.ui.discord.lasting import LastingItem
from bot.ui.discord.layout import idle_view
from bot.ui.discord.limits import BUTTON_LABEL, FORUM_TAG, FORUM_TAGS, SELECT_PLACEHOLDER
from bot.ui.discord.markdown import plain_line
from bot.ui.discord.messages import make_post
from bot.ui.discord.panels.base import Interaction, values
from bot.ui.discord.places import as_it_is, home_of, sees
from bot.ui.discord.rights import THREADABLE, find_channel, problem_in

MOST_FACETS = 25
Place = discord.abc.GuildChannel | discord.Thread


class TalkButton(LastingItem, template=r"s1:talk"):
    """*Where do we talk?*: shows where talk about papers lives."""

    command = "settings"

    @classmethod
    def draw(cls) -> Self:
        """The button, in the current language."""
        return cls(discord.ui.Button(label=plain_line(_("Where do we talk?"), BUTTON_LABEL), custom_id="s1:talk"))

    async def act(self, interaction: Interaction) -> None:
        """Show the page in place of the settings; the message that welcomed the server stays for everybody."""
        is_private = interaction.message is not None and interaction.message.flags.ephemeral
        await (replies.hold if is_private else replies.think)(interaction)
        await show_talk_place(interaction, is_new=not is_private)


class TalkMenu(LastingItem, template=r"s1:set:talk"):
    """The channel or forum for talk. Nothing chosen: wherever *Discuss* is pressed."""

    command = "settings"

    @classmethod
    def draw(cls, chosen: int | None) -> Self:
        """The menu, with what the server has set."""
        ticked = (
            [discord.SelectDefaultValue(id=chosen, type=discord.SelectDefaultValueType.channel)] if chosen else []
        )
        menu: discord.ui.ChannelSelect[Any] = discord.ui.ChannelSelect(
            channel_types=list(THREADABLE),
            placeholder=plain_line(_("Channel or forum for talk …"), SELECT_PLACEHOLDER),
            min_values=0,
            default_values=ticked,
            custom_id="s1:set:talk",
        )
        return cls(menu)

    async def act(self, interaction: Interaction) -> None:
        """Save the choice, and show what will happen now."""
        await replies.hold(interaction)
        channel_id = next(map(int, values(interaction)), None)
        channel = find_channel(interaction.client, channel_id) if channel_id else None
        if channel_id and channel is None:
            raise RequestError(_("I cannot see this channel. Give me View Channel there, or choose another one."))
        place = TalkPlace.FORUM if isinstance(channel, discord.ForumChannel) else TalkPlace.THREADS
        server = await interaction.client.service.servers.set_talk(interaction.guild_id or 0, place, channel_id)
        await show_talk_place(interaction, server=server, saved=_("Saved."))


class TagsButton(LastingItem, template=r"s1:tags"):
    """*Create tags*: gives the forum tags for the venues and categories of this server's reviews."""

    command = "settings"

    @classmethod
    def draw(cls, count: int) -> Self:
        """The button, in the current language."""
        label = _("Create tags ({count})").format(count=count)
        return cls(discord.ui.Button(label=plain_line(label, BUTTON_LABEL), custom_id="s1:tags"))

    async def act(self, interaction: Interaction) -> None:
        """Create them; those that the forum has stay as they are."""
        await replies.hold(interaction)
        server = await interaction.client.service.servers.of(interaction.guild_id)
        forum = _forum_of(interaction, server)
        if forum is None:
            raise RequestError(_("Choose a forum."))
        _must_manage(interaction, forum)
        new = await _new_tags(interaction, forum)
        try:
            await forum.edit(available_tags=[*forum.available_tags, *(discord.ForumTag(name=name) for name in new)])
        except discord.Forbidden as exc:
            raise RequestError(_needs_manage_channels(forum)) from exc
        saved = _("Created in {channel}: {names}.").format(channel=f"#{forum.name}", names=", ".join(new))
        await show_talk_place(interaction, server=server, saved=saved if new else None, has_new_tags=False)


STEPS: tuple[type[discord.ui.DynamicItem[Any]], ...] = (TalkButton, TalkMenu, TagsButton)
"""What the client has to know to hear presses on messages of earlier runs."""


async def show_talk_place(
    interaction: Interaction,
    *,
    server: Server | None = None,
    saved: str | None = None,
    has_new_tags: bool = True,
    is_new: bool = False,
) -> None:
    """Show where talk lives, and what *Discuss* will do, in place of the settings that were pressed.

    Args:
        server: As it is now; None to read it.
        saved: What was changed, as a sentence.
        has_new_tags: Whether to offer tags for the forum, if there are any to create.
        is_new: Whether to show it in a private message of its own.
    """
    server = server or await interaction.client.service.servers.of(interaction.guild_id)
    forum = _forum_of(interaction, server)
    new = await _new_tags(interaction, forum) if forum and has_new_tags and _may_manage(interaction, forum) else ()
    chosen = find_channel(interaction.client, server.talk_channel_id) if server.talk_channel_id else None
    announcing = await _announcing(interaction)
    preview = TalkPreview(
        announced=tuple(f"#{channel.name}" for channel in announcing),
        chosen=_name_for(interaction, chosen),
        is_lost=server.talk_channel_id is not None and chosen is None,
        example=await _example(interaction),
        problems=_problems(interaction, announcing, chosen),
        new_tags=tuple(new),
    )
    items = [TalkMenu.draw(chosen.id if chosen else None), *([TagsButton.draw(len(new))] if new else [])]
    back = _back()
    embed = make_post(talk_place_card(as_it_is(interaction.client, server), preview, saved=saved))
    await (replies.send if is_new else replies.show)(interaction, embeds=[embed], view=idle_view(*items, back))


def _back() -> discord.ui.Item[Any]:
    # Its id is that of the settings' own button on other messages.
    return discord.ui.Button(label=plain_line(_("Back"), BUTTON_LABEL), custom_id="s1:lang")


def _name_for(interaction: Interaction, channel: Place | None) -> str | None:
    """A channel's name, if the asker may know it."""
    if channel is None:
        return None
    return f"#{channel.name}" if sees(interaction, channel.id) else _("a channel that you cannot see")


async def _announcing(interaction: Interaction) -> list[Place]:
    """The channels of the server in which reviews are announced; those that the asker sees."""
    subscriptions = await interaction.client.service.subscriptions.of_guild(interaction.guild_id or 0)
    ids = dict.fromkeys(subscription.channel_id for subscription in subscriptions)
    channels = (find_channel(interaction.client, channel_id) for channel_id in ids)
    return [channel for channel in channels if channel and sees(interaction, channel.id)]


def _problems(interaction: Interaction, announcing: Sequence[Place], chosen: Place | None) -> tuple[str, ...]:
    """What keeps threads from being opened, one sentence a channel; of channels that the asker sees."""
    used = [] if isinstance(chosen, discord.ForumChannel) else list(announcing)
    if chosen is not None and chosen not in used and sees(interaction, chosen.id):
        used.append(chosen)
    found = (problem_in(interaction.client, channel.id, _opening(channel)) for channel in used)
    return tuple(say(problem) for problem in found if problem)


def _opening(channel: Place) -> Delivering:
    """How a talk is opened in a channel; which tags a paper has there is not known before."""
    tags = channel.available_tags if isinstance(channel, discord.ForumChannel) else []
    return Delivering(opens_thread=True, tag_ids=tuple(tag.id for tag in tags if not tag.moderated))


async def _example(interaction: Interaction) -> str | None:
    """What a talk about the newest review would be called."""
    service = interaction.client.service
    audience = await service.audiences.of_guild(home_of(interaction))
    answer = await service.answering.answer(Request(command=Command.LATEST, limit=1), audience)
    return talk_name(answer.heads[0]) if isinstance(answer, Latest) and answer.heads else None


# ── a forum's tags ──────────────────────────────────────────────────────────────────────────────


def _forum_of(interaction: Interaction, server: Server) -> discord.ForumChannel | None:
    channel = find_channel(interaction.client, server.talk_channel_id) if server.talk_channel_id else None
    return channel if isinstance(channel, discord.ForumChannel) else None


async def _new_tags(interaction: Interaction, forum: discord.ForumChannel) -> Sequence[str]:
    """The tags that the forum lacks, as far as there is room for them."""
    service = interaction.client.service
    audience = await service.audiences.of_guild(home_of(interaction))
    venues, categories = [
        [facet.text for facet in await service.answering.suggest_facets(kind, "", audience, limit=MOST_FACETS)]
        for kind in (FacetKind.VENUE, FacetKind.TAG)
    ]
    existing = [tag.name for tag in forum.available_tags]
    return forum_tags(existing, venues, categories, most=FORUM_TAGS, longest=FORUM_TAG)


def _may_manage(interaction: Interaction, forum: discord.ForumChannel) -> bool:
    """Whether we and the asker may both change the forum: we lend nobody our rights."""
    member = interaction.user
    is_allowed = isinstance(member, discord.Member) and forum.permissions_for(member).manage_channels
    return is_allowed and forum.permissions_for(forum.guild.me).manage_channels


def _must_manage(interaction: Interaction, forum: discord.ForumChannel) -> None:
    if not _may_manage(interaction, forum):
        raise RequestError(_needs_manage_channels(forum))


def _needs_manage_channels(forum: discord.ForumChannel) -> str:
    return _("Both you and I need Manage Channels in {channel} to create tags.").format(channel=f"#{forum.name}")
