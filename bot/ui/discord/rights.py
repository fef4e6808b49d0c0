"""What announcing needs in a channel, what we have there, and how the difference is said."""

from __future__ import annotations

import discord

from bot.models import Delivering

PERMISSIONS = discord.Permissions(view_channel=True, send_messages=True, embed_links=True, read_message_history=True)
"""The least that announcing needs; history settles a post that a crash left in doubt."""
THREAD_PERMISSIONS = discord.Permissions(create_public_threads=True, send_messages_in_threads=True)
WANTED = PERMISSIONS | THREAD_PERMISSIONS | discord.Permissions(manage_roles=True)
"""What an invitation asks for: everything that can be set up. Roles are for members who want to be pinged."""

_NAMES = {
    "send_messages_in_threads": "Send Messages in Threads",
    "mention_everyone": "Mention @everyone, @here, and All Roles",
}
_THREADS = (discord.ChannelType.public_thread, discord.ChannelType.private_thread, discord.ChannelType.news_thread)
POSTABLE = (discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.forum, *_THREADS)


def needed_permissions(kind: discord.ChannelType, delivering: Delivering) -> discord.Permissions:
    """What posts of this kind need in a channel of that kind.

    Source: Discord's documentation, "Threads", Permissions: in a thread Send Messages counts for nothing.
    """
    if kind in _THREADS:
        threads_only = discord.Permissions(send_messages_in_threads=True)
        return (PERMISSIONS & ~discord.Permissions(send_messages=True)) | threads_only
    if kind is discord.ChannelType.forum:
        return PERMISSIONS | discord.Permissions(send_messages_in_threads=True)
    return PERMISSIONS | THREAD_PERMISSIONS if delivering.opens_thread else PERMISSIONS


def missing_in(
    name: str, kind: discord.ChannelType, rights: discord.Permissions, delivering: Delivering
) -> str | None:
    """What is missing, as a sentence: "I need Send Messages in Threads in #papers"; None where nothing is."""
    if kind not in POSTABLE:
        return f"messages cannot be posted in #{name}; choose a text, announcement or forum channel, or a thread"
    missing = needed_permissions(kind, delivering) & ~rights
    return f"I need {', '.join(names_of(missing))} in #{name}" if missing.value else None


def names_of(permissions: discord.Permissions) -> list[str]:
    """The permissions by the names that Discord's settings show."""
    return [_NAMES.get(name, name.replace("_", " ").title()) for name, is_given in permissions if is_given]


def rights_in(client: discord.Client, channel_id: int) -> discord.Permissions | None:
    """What we may do in a channel; None where it is not known (yet), and only the attempt tells."""
    channel = find_channel(client, channel_id)
    return channel.permissions_for(channel.guild.me) if channel else None


def find_channel(client: discord.Client, channel_id: int) -> discord.abc.GuildChannel | discord.Thread | None:
    """A channel or thread that the gateway told us of."""
    channel = client.get_channel(channel_id)
    return channel if isinstance(channel, discord.abc.GuildChannel | discord.Thread) else None


def problem_in(client: discord.Client, channel_id: int, delivering: Delivering) -> str | None:
    """What keeps posts out of a channel as far as the gateway told us; None where nothing is known to."""
    channel = find_channel(client, channel_id)
    if channel is None:
        return None
    rights = channel.permissions_for(channel.guild.me)
    if missing := missing_in(channel.name, channel.type, rights, delivering):
        return missing
    if isinstance(channel, discord.ForumChannel):
        return _problem_with_tags(channel, delivering)
    return None


def _problem_with_tags(forum: discord.ForumChannel, delivering: Delivering) -> str | None:
    known = {tag.id for tag in forum.available_tags}
    if forum.flags.require_tag and not known & set(delivering.tag_ids):
        return f"#{forum.name} wants a tag on each post; choose one with /subscribe"
    return None


def problem_with_role(guild: discord.Guild, role_id: int | None, rights: discord.Permissions) -> str | None:
    """Why a role would not be pinged; None where it would, or none is wanted."""
    if role_id is None:
        return None
    role = guild.get_role(role_id)
    if role is None:
        return "the role to ping does not exist any more"
    if role.is_default():
        return "I never ping @everyone; choose a role"
    if role.mentionable or rights.mention_everyone:
        return None
    return f"@{role.name} cannot be pinged by me: let anyone mention it (Server Settings > Roles)"
