"""Shared by the panels: the channel they act on, a menu of channels, completion of feeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands

from bot.cards.announcements import HIDDEN_PLACE
from bot.errors import RequestError
from bot.languages import _
from bot.models.announcing import Delivering, Subscription
from bot.service import Service
from bot.text.cut import cut_text
from bot.text.links import redact
from bot.ui.discord.errors import EXPIRED
from bot.ui.discord.forms import Act, Panel
from bot.ui.discord.limits import CHOICE_TEXT, CHOICES, OPTION_TEXT
from bot.ui.discord.markdown import plain_line
from bot.ui.discord.places import place_for, sees
from bot.ui.discord.rights import POSTABLE, find_channel, missing_in

Interaction = discord.Interaction[Any]
DESTINATIONS = list(POSTABLE)


@dataclass(frozen=True, slots=True)
class Target:
    """A chosen channel, with our permissions in it as stated by the interaction."""

    id: int
    name: str
    kind: discord.ChannelType
    rights: discord.Permissions | None

    def problem(self, delivering: Delivering) -> str | None:
        """What keeps posts out of the channel, as a sentence; None if nothing is known to."""
        return missing_in(self.name, self.kind, self.rights, delivering) if self.rights is not None else None


def target_of(interaction: Interaction, channel_id: int) -> Target:
    """A channel named in an interaction. Our permissions come with it, or else from the gateway.

    Source: Discord's change log of July 2026, ``app_permissions`` of resolved channels.
    """
    data: dict[str, Any] = dict(interaction.data or {})
    resolved = data.get("resolved", {}).get("channels", {}).get(str(channel_id), {})
    known = find_channel(interaction.client, channel_id)
    rights = known.permissions_for(known.guild.me) if known else None
    if "app_permissions" in resolved:
        rights = discord.Permissions(int(resolved["app_permissions"]))
    elif channel_id == interaction.channel_id:
        rights = interaction.app_permissions
    if "type" in resolved:
        kind = discord.enums.try_enum(discord.ChannelType, resolved["type"])
    else:
        kind = known.type if known else discord.ChannelType.text
    return Target(channel_id, resolved.get("name") or (known.name if known else str(channel_id)), kind, rights)


async def complete_feed(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    """The server's subscriptions whose feed matches what was typed, for an admin."""
    return await _complete(interaction, current, lambda _: True)


async def complete_seen_feed(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    """The same for a member: only subscriptions in channels that they can see."""
    return await _complete(interaction, current, lambda subscription: sees(interaction, subscription.channel_id))


async def _complete(
    interaction: Interaction, current: str, is_offered: Callable[[Subscription], bool]
) -> list[app_commands.Choice[str]]:
    place = place_for(interaction)
    wanted = current.casefold()
    offered = filter(is_offered, await interaction.client.service.subscriptions.of_guild(interaction.guild_id or 0))
    named = [
        (
            subscription,
            f"{cut_text(subscription.feed_name, 60)} → {place(subscription.channel_id) or _(HIDDEN_PLACE)}",
        )
        for subscription in offered
    ]
    return [
        app_commands.Choice(name=plain_line(name, CHOICE_TEXT), value=str(subscription.id))
        for subscription, name in named
        if wanted in name.casefold() or wanted in redact(subscription.feed_url).casefold()
    ][:CHOICES]


async def find_seen_feed(service: Service, interaction: Interaction, text: str) -> Subscription:
    """The subscription that a member means, among those in channels that they can see or whose feed pings them."""
    guild_id = interaction.guild_id or 0
    followed, _terms = await service.subscriptions.followed_by(interaction.user.id, guild_id=guild_id)
    return await service.subscriptions.find(
        text,
        guild_id=guild_id,
        among=lambda subscription: subscription.feed_id in followed or sees(interaction, subscription.channel_id),
    )


async def kept_choice(service: Service, interaction: Interaction, number: int) -> str:
    """What a panel was about that its ids cannot hold (`Subscriptions.keep_choice`).

    Raises:
        RequestError: It is not kept any more.
    """
    text = await service.subscriptions.find_choice(number, guild_id=interaction.guild_id or 0)
    if text is None:
        raise RequestError(_(EXPIRED))
    return text


def add_places(panel: Panel, chosen: int, act: Act, **options: Any) -> None:
    """Add a menu of the channels that posts can go to."""
    menu: discord.ui.ChannelSelect[Panel] = discord.ui.ChannelSelect(
        channel_types=DESTINATIONS,
        placeholder=_("Announce it in …"),
        default_values=[discord.SelectDefaultValue(id=chosen, type=discord.SelectDefaultValueType.channel)],
        custom_id=panel.name("channel"),
        **options,
    )
    panel.menu(menu, act)


def option(label: str, value: str, description: str, *, is_on: bool) -> discord.SelectOption:
    """An option of a menu, with its label cut to Discord's limit."""
    return discord.SelectOption(
        label=plain_line(label, OPTION_TEXT), value=value, description=description or None, default=is_on
    )


def values(interaction: Interaction) -> list[str]:
    """What was chosen from a menu: the values of options, or ids."""
    data: dict[str, Any] = dict(interaction.data or {})
    return [str(value) for value in data.get("values", ())]
