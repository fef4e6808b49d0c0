"""The first steps in a server, and what it can set for itself: buttons and menus that never expire.

Their ids say all that they need, so they work after a restart and after months. Who may use them is checked at each
press: those who may use the command that does the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import discord

from bot.cards.servers import language_name, server_card, welcome_text
from bot.languages import _, language_of, languages, speaking
from bot.models.servers import Server
from bot.service import Service
from bot.ui.discord import replies
from bot.ui.discord.forms import Field, Form
from bot.ui.discord.lasting import LastingItem
from bot.ui.discord.layout import idle_view
from bot.ui.discord.limits import BUTTON_LABEL
from bot.ui.discord.markdown import plain_line
from bot.ui.discord.messages import make_post
from bot.ui.discord.panels.base import Interaction, option, target_of, values
from bot.ui.discord.panels.feed_add import OfferPanel
from bot.ui.discord.panels.talk_place import STEPS as TALK_STEPS
from bot.ui.discord.panels.talk_place import TalkButton
from bot.ui.discord.places import home_of

LONGEST_ADDRESS = 2_000
BY_LOCALE = "auto"
"""The choice of the language that the server has in Discord."""


class FollowButton(LastingItem, template=r"s1:add"):
    """*Follow a blog*: asks for an address, as `/feed add` does."""

    command = "feed"

    @classmethod
    def draw(cls) -> Self:
        """The button, in the current language."""
        label = plain_line(_("Follow a blog"), BUTTON_LABEL)
        return cls(discord.ui.Button(label=label, custom_id="s1:add", style=discord.ButtonStyle.success))

    async def act(self, interaction: Interaction) -> None:
        """Show the form."""
        await follow_form(interaction.client.service).open(interaction)


class LanguageButton(LastingItem, template=r"s1:lang"):
    """*Language*: shows what the server can set for itself."""

    command = "settings"

    @classmethod
    def draw(cls) -> Self:
        """The button, in the current language."""
        return cls(discord.ui.Button(label=plain_line(_("Language"), BUTTON_LABEL), custom_id="s1:lang"))

    async def act(self, interaction: Interaction) -> None:
        """Show the settings in a private message."""
        await show_server(interaction)


class LanguageMenu(LastingItem, template=r"s1:set:language"):
    """The language of a server."""

    command = "settings"

    @classmethod
    def draw(cls, server: Server) -> Self:
        """The menu, with what the server has set."""
        guessed = language_name(language_of(server.locale))
        options = [
            option(_("Language of the server in Discord"), BY_LOCALE, guessed, is_on=server.language is None),
            *(option(language_name(code), code, "", is_on=server.language == code) for code in languages()),
        ]
        return cls(discord.ui.Select(options=options, placeholder=_("Language"), custom_id="s1:set:language"))

    async def act(self, interaction: Interaction) -> None:
        """Save the language, and say so in it."""
        await replies.hold(interaction)
        chosen = values(interaction)[0]
        language = None if chosen == BY_LOCALE else chosen
        server = await interaction.client.service.servers.set_language(interaction.guild_id or 0, language)
        with speaking(server.speaks):
            saved = _("Saved. This is the language of announcements in this server from now on.")
        await show_server(interaction, server=server, saved=saved)


class AnswersMenu(LastingItem, template=r"s1:set:answers"):
    """Who sees the answers to look-ups in a server."""

    command = "settings"

    @classmethod
    def draw(cls, server: Server) -> Self:
        """The menu, with what the server has set."""
        is_private = server.answers_privately
        in_channel = option(
            _("Answer in the channel"), "channel", _("Everyone there can read along"), is_on=not is_private
        )
        privately = option(
            _("Answer privately"), "private", _("With a button to show the answer in the channel"), is_on=is_private
        )
        return cls(discord.ui.Select(options=[in_channel, privately], custom_id="s1:set:answers"))

    async def act(self, interaction: Interaction) -> None:
        """Save the choice."""
        await replies.hold(interaction)
        is_private = values(interaction)[0] == "private"
        server = await interaction.client.service.servers.set_answers(
            interaction.guild_id or 0, is_private=is_private
        )
        await show_server(interaction, server=server, saved=_("Saved."))


class SharingMenu(LastingItem, template=r"s1:set:sharing"):
    """Whether what members of a server want reviewed is published."""

    command = "settings"

    @classmethod
    def draw(cls, server: Server) -> Self:
        """The menu, with what the server has set."""
        shares = server.shares_wishes
        kept = option(
            _("Keep wanted papers to this server"),
            "keep",
            _("Nobody else learns what is asked for"),
            is_on=not shares,
        )
        shared = option(_("Share wanted papers"), "share", _("Titles and numbers of voices, no names"), is_on=shares)
        return cls(discord.ui.Select(options=[kept, shared], custom_id="s1:set:sharing"))

    async def act(self, interaction: Interaction) -> None:
        """Save the choice."""
        await replies.hold(interaction)
        service, guild_id = interaction.client.service, interaction.guild_id or 0
        server = await service.servers.set_sharing(guild_id, shares_wishes=values(interaction)[0] == "share")
        await service.wishes.publish()
        await show_server(interaction, server=server, saved=_("Saved."))


class ModelMenu(LastingItem, template=r"s1:set:model"):
    """Whether the host's language model may be asked in a server."""

    command = "settings"

    @classmethod
    def draw(cls, server: Server, host: str) -> Self:
        """The menu, with what the server has set."""
        asks = server.asks_model
        used = option(_("Let a language model improve answers"), "on", _("At {host}").format(host=host), is_on=asks)
        unused = option(_("No language model"), "off", _("/ask shows what the reviews say"), is_on=not asks)
        return cls(discord.ui.Select(options=[used, unused], custom_id="s1:set:model"))

    async def act(self, interaction: Interaction) -> None:
        """Save the choice."""
        await replies.hold(interaction)
        servers, is_on = interaction.client.service.servers, values(interaction)[0] == "on"
        server = await servers.set_model(interaction.guild_id or 0, asks_model=is_on)
        await show_server(interaction, server=server, saved=_("Saved."))


STEPS: tuple[type[discord.ui.DynamicItem[Any]], ...] = (
    *(FollowButton, LanguageButton, LanguageMenu, AnswersMenu, SharingMenu, ModelMenu),
    *TALK_STEPS,
)
"""What the client has to know to hear presses on messages of earlier runs."""


def welcome_view() -> discord.ui.View:
    """The buttons of the first steps, below a message of text."""
    return idle_view(FollowButton.draw(), LanguageButton.draw(), TalkButton.draw())


async def needs_first_steps(interaction: Interaction) -> bool:
    """Whether the asker may set the server up, and nobody has followed a feed there yet."""
    guild_id = home_of(interaction)
    if guild_id is None or not interaction.permissions.manage_guild:
        return False
    return not await interaction.client.service.subscriptions.of_guild(guild_id)


async def offer_first_steps(interaction: Interaction) -> None:
    """Show an admin the same as the message that welcomes a server, in a private message of its own."""
    await replies.send(interaction, text=welcome_text(), view=welcome_view())


async def show_server(interaction: Interaction, *, server: Server | None = None, saved: str | None = None) -> None:
    """Show what a server has set, privately: in place of the settings that were pressed, else as a new message.

    Args:
        server: As it is now; None to read it.
        saved: What was changed, as a sentence.
    """
    server = server or await interaction.client.service.servers.of(interaction.guild_id)
    asker = interaction.client.service.asker
    host = asker.model.host if asker else None
    embed = make_post(server_card(server, saved=saved, model_host=host))
    menus = [LanguageMenu.draw(server), AnswersMenu.draw(server)]
    if interaction.client.service.settings.wanted_dir:
        menus.append(SharingMenu.draw(server))
    if host:
        menus.append(ModelMenu.draw(server, host))
    view = idle_view(*menus, TalkButton.draw())
    message = interaction.message
    if message is not None and message.flags.ephemeral and interaction.type is discord.InteractionType.component:
        await replies.show(interaction, embeds=[embed], view=view)
    else:
        await replies.send(interaction, embeds=[embed], view=view)


def follow_form(service: Service) -> Form:
    """The form that asks for the address of a blog, and shows what would be announced of it."""

    async def look(submitted: Interaction, typed: Mapping[str, str]) -> None:
        await replies.think(submitted)
        target = target_of(submitted, submitted.channel_id or 0)
        offer = await service.subscriptions.look_at(typed["address"].strip(), guild_id=submitted.guild_id or 0)
        await OfferPanel.open(service, submitted, offer, target)

    address = Field(
        name="address",
        label=_("Address of the blog"),
        about=_("The blog, one of its pages, or its feed"),
        placeholder="https://",
        longest=LONGEST_ADDRESS,
    )
    return Form(service, _("Follow a blog"), [address], done=look, back=None, key="add")
