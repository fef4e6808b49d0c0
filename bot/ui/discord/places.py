"""Where commands can be used, addresses of messages, and what to call channels towards a member who may not see all
of them: names of hidden channels are never shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import discord
from discord import app_commands

from bot.languages import Message
from bot.models.announcing import Delivering
from bot.models.servers import Server, TalkPlace
from bot.ui.discord.rights import find_channel, problem_in

Interaction = discord.Interaction[Any]
T = TypeVar("T")


def everywhere(command: T) -> T:
    """Let servers and users install a command, and use it in servers, direct messages and other chats."""
    installed = app_commands.allowed_installs(guilds=True, users=True)(command)
    return app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(installed)


def in_servers(command: T) -> T:
    """Let only servers install a command, and use it there."""
    return app_commands.guild_only()(app_commands.guild_install()(command))


def sees(interaction: Interaction, channel_id: int) -> bool:
    """Whether the asker may view a channel, by their roles and its overwrites; False for an unknown channel."""
    if channel_id == interaction.channel_id:
        return True
    channel, member = find_channel(interaction.client, channel_id), interaction.user
    if channel is None or not isinstance(member, discord.Member):
        return False
    rights = channel.permissions_for(member)
    if isinstance(channel, discord.Thread) and channel.is_private() and not rights.manage_threads:
        return any(thread_member.id == member.id for thread_member in channel.members)
    return rights.view_channel


def home_of(interaction: Interaction) -> int | None:
    """The server whose feeds the asker reads; None in direct messages and wherever the bot is not a member.

    A user who has installed the bot for themselves can ask anywhere. There they read what the host shares.
    """
    guild_id = interaction.guild_id
    return guild_id if guild_id is not None and interaction.client.get_guild(guild_id) is not None else None


def as_it_is(client: discord.Client, server: Server) -> Server:
    """What a server has set, as if it had chosen no channel for talk if the chosen one has been deleted."""
    if server.talk_channel_id is None or find_channel(client, server.talk_channel_id) is not None:
        return server
    return replace(server, talk_place=TalkPlace.THREADS, talk_channel_id=None)


def place_for(interaction: Interaction) -> Callable[[int], str | None]:
    """A function that names a channel for the asker; it returns None for channels that they cannot see."""

    def name(channel_id: int) -> str | None:
        channel = find_channel(interaction.client, channel_id) if sees(interaction, channel_id) else None
        return f"#{channel.name}" if channel else None

    return name


def problem_for(interaction: Interaction, channel_id: int, delivering: Delivering) -> str | None:
    """What keeps posts out of a channel, as the asker may know it; None if nothing is known to."""
    problem = problem_in(interaction.client, channel_id, delivering)
    if problem is None or sees(interaction, channel_id):
        return problem
    return Message("I cannot post in a channel you cannot see; ask somebody who can see it")


def channel_url(guild_id: int, channel_id: int) -> str:
    """The address of a channel or thread."""
    return f"https://discord.com/channels/{guild_id}/{channel_id}"


def message_url(guild_id: int, channel_id: int, message_id: int) -> str:
    """The address of a message."""
    return f"{channel_url(guild_id, channel_id)}/{message_id}"
