"""Which permissions announcing needs in a channel, which we have, and how to name the missing ones."""

from __future__ import annotations

import discord

from bot.languages import Message, join
from bot.models.announcing import Delivering

PERMISSIONS = discord.Permissions(view_channel=True, send_messages=True, embed_links=True, read_message_history=True)
"""The least that announcing needs; the history settles whether a post left in doubt by a crash has arrived."""
THREAD_PERMISSIONS = discord.Permissions(create_public_threads=True, send_messages_in_threads=True)
WANTED = PERMISSIONS | THREAD_PERMISSIONS | discord.Permissions(manage_roles=True)
"""What an invitation asks for: everything that a feature may need. Roles are for members who want to be pinged."""

NAMES = {
    "create_instant_invite": Message("Create Invite"),
    "kick_members": Message("Kick, Approve, and Reject Members"),
    "ban_members": Message("Ban Members"),
    "administrator": Message("Administrator"),
    "manage_channels": Message("Manage Channels"),
    "manage_guild": Message("Manage Server"),
    "add_reactions": Message("Add Reactions"),
    "view_audit_log": Message("View Audit Log"),
    "priority_speaker": Message("Priority Speaker"),
    "stream": Message("Video"),
    "read_messages": Message("View Channel"),
    "send_messages": Message("Send Messages"),
    "send_tts_messages": Message("Send Text-to-Speech Messages"),
    "manage_messages": Message("Manage Messages"),
    "embed_links": Message("Embed Links"),
    "attach_files": Message("Attach Files"),
    "read_message_history": Message("Read Message History"),
    "mention_everyone": Message("Mention @everyone, @here, and All Roles"),
    "external_emojis": Message("Use External Emoji"),
    "view_guild_insights": Message("View Server Insights"),
    "connect": Message("Connect"),
    "speak": Message("Speak"),
    "mute_members": Message("Mute Members"),
    "deafen_members": Message("Deafen Members"),
    "move_members": Message("Move Members"),
    "use_voice_activation": Message("Use Voice Activity"),
    "change_nickname": Message("Change Nickname"),
    "manage_nicknames": Message("Manage Nicknames"),
    "manage_roles": Message("Manage Roles"),
    "manage_webhooks": Message("Manage Webhooks"),
    "manage_expressions": Message("Manage Expressions"),
    "use_application_commands": Message("Use Application Commands"),
    "request_to_speak": Message("Request to Speak"),
    "manage_events": Message("Manage Events"),
    "manage_threads": Message("Manage Threads"),
    "create_public_threads": Message("Create Public Threads"),
    "create_private_threads": Message("Create Private Threads"),
    "external_stickers": Message("Use External Stickers"),
    "send_messages_in_threads": Message("Send Messages in Threads"),
    "use_embedded_activities": Message("Use Activities"),
    "moderate_members": Message("Timeout Members"),
    "view_creator_monetization_analytics": Message("View Creator Monetization Analytics"),
    "use_soundboard": Message("Use Soundboard"),
    "create_expressions": Message("Create Expressions"),
    "create_events": Message("Create Events"),
    "use_external_sounds": Message("Use External Sounds"),
    "send_voice_messages": Message("Send Voice Messages"),
    "set_voice_channel_status": Message("Set Voice Channel Status"),
    "send_polls": Message("Create Polls"),
    "use_external_apps": Message("Use External Apps"),
    "pin_messages": Message("Pin Messages"),
    "bypass_slowmode": Message("Bypass Slowmode"),
}
"""Every permission as Discord's settings call it; the keys are discord.py's."""
_IN_FORUMS = {
    "send_messages": Message("Create Posts"),
    "send_messages_in_threads": Message("Send Messages in Posts"),
}
"""Their names in a forum's settings."""
THREADABLE = (discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.forum)
"""Channels in which a talk can be opened."""
_THREADS = (discord.ChannelType.public_thread, discord.ChannelType.private_thread, discord.ChannelType.news_thread)
POSTABLE = (discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.forum, *_THREADS)


def needed_permissions(kind: discord.ChannelType, delivering: Delivering) -> discord.Permissions:
    """The permissions that such posts need in a channel of this kind.

    Source: Discord's documentation, "Threads", Permissions: in a thread, Send Messages has no effect.
    """
    if kind in _THREADS:
        threads_only = discord.Permissions(send_messages_in_threads=True)
        return (PERMISSIONS & ~discord.Permissions(send_messages=True)) | threads_only
    if kind is discord.ChannelType.forum:
        return PERMISSIONS | discord.Permissions(send_messages_in_threads=True)
    return PERMISSIONS | THREAD_PERMISSIONS if delivering.opens_thread else PERMISSIONS


WRITES_IN_THREADS = discord.Permissions(send_messages_in_threads=True)


def member_needs(kind: discord.ChannelType) -> discord.Permissions:
    """The permissions with which a member opens a thread, or a post, in a channel of this kind.

    Source: Discord's documentation, "Threads", Permissions: who may send messages in a forum may create posts.
    """
    if kind is discord.ChannelType.forum:
        return discord.Permissions(view_channel=True, send_messages=True)
    return discord.Permissions(view_channel=True) | THREAD_PERMISSIONS


def missing_in(
    name: str, kind: discord.ChannelType, rights: discord.Permissions, delivering: Delivering
) -> Message | None:
    """What is missing, as a sentence: "I need Send Messages in Threads in #papers"; None if nothing is."""
    if kind not in POSTABLE:
        return Message(
            "I cannot post in {channel}; choose a text, announcement or forum channel, or a thread",
            channel=f"#{name}",
        )
    missing = without_implied(needed_permissions(kind, delivering) & ~rights, kind)
    if not missing.value:
        return None
    return Message(
        "I need {permissions} in {channel}", permissions=join(", ", names_of(missing, kind)), channel=f"#{name}"
    )


def without_implied(missing: discord.Permissions, kind: discord.ChannelType) -> discord.Permissions:
    """The permissions to ask for: without View Channel no other counts, and what is sent needs the right to send.

    Source: Discord's documentation, "Permissions", Implicit Permissions.
    """
    if missing.view_channel:
        return discord.Permissions(view_channel=True)
    cannot_send = missing.send_messages_in_threads if kind in _THREADS else missing.send_messages
    return missing & ~discord.Permissions(embed_links=True) if cannot_send else missing


def names_of(permissions: discord.Permissions, kind: discord.ChannelType | None = None) -> list[str]:
    """The permissions by their names in Discord's settings; if a kind of channel is given, by that kind's names."""
    names = NAMES | _IN_FORUMS if kind is discord.ChannelType.forum else NAMES
    return [names[name] for name, is_given in permissions if is_given]


def needed_names(client: discord.Client, channel_id: int, delivering: Delivering) -> str:
    """What posts need in a channel, in the words of its settings: "View Channel, Create Posts and Embed Links"."""
    channel = find_channel(client, channel_id)
    kind = channel.type if channel else discord.ChannelType.text
    *names, last = names_of(needed_permissions(kind, delivering), kind)
    return Message("{others} and {last}", others=join(", ", names), last=last)


def rights_in(client: discord.Client, channel_id: int) -> discord.Permissions | None:
    """Our permissions in a channel; None if they are not known (yet), so that only an attempt can tell."""
    channel = find_channel(client, channel_id)
    return channel.permissions_for(channel.guild.me) if channel else None


def find_channel(client: discord.Client, channel_id: int) -> discord.abc.GuildChannel | discord.Thread | None:
    """A channel or thread known from the gateway."""
    channel = client.get_channel(channel_id)
    return channel if isinstance(channel, discord.abc.GuildChannel | discord.Thread) else None


def problem_in(client: discord.Client, channel_id: int, delivering: Delivering) -> Message | None:
    """What keeps posts out of a channel, as far as the gateway told us; None if nothing is known to."""
    channel = find_channel(client, channel_id)
    if channel is None:
        return None
    me = channel.guild.me
    if me.timed_out_until and me.is_timed_out():
        return Message(
            "I am timed out in this server until {time}, so I cannot post in {channel}",
            time=f"{me.timed_out_until:%Y-%m-%d %H:%M} UTC",
            channel=f"#{channel.name}",
        )
    rights = channel.permissions_for(me)
    if missing := missing_in(channel.name, channel.type, rights, delivering):
        return missing
    if isinstance(channel, discord.Thread) and channel.locked and not rights.manage_threads:
        return Message(
            "the thread {channel} is locked; unlock it, or give me Manage Threads", channel=f"#{channel.name}"
        )
    if isinstance(channel, discord.ForumChannel):
        return _problem_with_tags(channel, delivering)
    return None


def _problem_with_tags(forum: discord.ForumChannel, delivering: Delivering) -> Message | None:
    known = {tag.id for tag in forum.available_tags}
    if forum.flags.require_tag and not known & set(delivering.tag_ids):
        return Message("{channel} requires a tag on each post; choose one with /subscribe", channel=f"#{forum.name}")
    return None


def problem_with_role(guild: discord.Guild, role_id: int | None, rights: discord.Permissions) -> Message | None:
    """Why a role would not be pinged; None if it would, or if none is wanted."""
    if role_id is None:
        return None
    role = guild.get_role(role_id)
    if role is None:
        return Message("the role to ping no longer exists")
    if role.is_default():
        return Message("I never ping @everyone; choose a role")
    if role.mentionable or rights.mention_everyone:
        return None
    return Message(
        "I cannot ping {role}. Let anyone @mention it in Server Settings > Roles, or give me {permission}",
        role=f"@{role.name}",
        permission=NAMES["mention_everyone"],
    )
