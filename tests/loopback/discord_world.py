"""What Discord keeps – servers, channels, threads, messages, members – and how it shows them to a client.

Payloads must be complete: discord.py reads many keys without a default, and an exception while it parses an
event ends the connection. Shapes: Guild, Channels, Message and User Resource of Discord's documentation.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntFlag
from typing import Any

__all__ = [
    "ALL_PERMISSIONS",
    "APPLICATION_ID",
    "FORUM",
    "HAS_THREAD",
    "LOADING",
    "THREAD_TYPES",
    "Channel",
    "Guild",
    "Json",
    "Permission",
    "World",
    "public_message",
]

Json = dict[str, Any]

APPLICATION_ID = 900_000_000_000_000_001  # a bot's user id is its application's id, for bots made since 2016
OWNER_ID = 900_000_000_000_000_002

FORUM = 15
THREAD_TYPES = (10, 11, 12)
HAS_THREAD = 1 << 5
LOADING = 1 << 7
ALL_PERMISSIONS = (1 << 53) - 1
_DISCORD_EPOCH_MS = 1_420_070_400_000


class Permission(IntFlag):
    """The permissions this server looks at. Source: Permissions, Bitwise Permission Flags."""

    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    VIEW = 1 << 10
    SEND = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_IN_THREADS = 1 << 38
    DEFAULT = VIEW | SEND | EMBED_LINKS | READ_HISTORY | USE_COMMANDS | CREATE_PUBLIC_THREADS | SEND_IN_THREADS


@dataclass(slots=True, kw_only=True)
class Channel:
    """A channel or a thread.

    Attributes:
        permissions: What the bot may do here, all roles and overwrites taken together.
        messages: Every message that stands here, oldest first, as stored, with its nonce.
        deleted_messages: Those that stood here once.
        user_id: The member at the other end, in a direct message only.
    """

    id: int
    guild_id: int | None
    name: str
    type: int
    permissions: int
    position: int = 0
    parent_id: int | None = None
    user_id: int | None = None
    archived: bool = False
    locked: bool = False
    auto_archive_duration: int = 1440
    applied_tags: list[int] = field(default_factory=list)
    available_tags: list[Json] = field(default_factory=list)
    requires_tag: bool = False
    is_deleted: bool = False
    messages: list[Json] = field(default_factory=list)
    deleted_messages: list[Json] = field(default_factory=list)

    @property
    def is_thread(self) -> bool:
        return self.type in THREAD_TYPES

    def may(self, permission: Permission) -> bool:
        return self.permissions & permission == permission


@dataclass(slots=True, kw_only=True)
class Guild:
    id: int
    name: str
    locale: str = "en-US"


class World:
    """All objects of one loopback Discord; ids are snowflakes, so that they sort by age as Discord's do."""

    def __init__(self) -> None:
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.hidden_messages: dict[int, Json] = {}  # ephemeral ones: shown to one member, in no channel's history
        self._last_id = 0

    def new_id(self) -> int:
        """Return the next snowflake: time in ms since 2015, then a counter. Source: Reference, Snowflakes."""
        now_ms = int(time.time() * 1000) - _DISCORD_EPOCH_MS
        self._last_id = max(self._last_id + 1, now_ms << 22)
        return self._last_id

    def add_guild(self, name: str) -> Guild:
        guild = Guild(id=self.new_id(), name=name)
        self.guilds[guild.id] = guild
        return guild

    def add_channel(self, guild_id: int | None, name: str, kind: int) -> Channel:
        position = sum(channel.guild_id == guild_id for channel in self.channels.values())
        permissions = int(Permission.DEFAULT)
        channel = Channel(
            id=self.new_id(),
            guild_id=guild_id,
            name=name,
            type=kind,
            permissions=permissions,
            position=position,
        )
        self.channels[channel.id] = channel
        return channel

    def add_thread(self, parent: Channel, body: Json, *, thread_id: int | None, kind: int) -> Channel:
        thread = Channel(
            id=thread_id or self.new_id(),
            guild_id=parent.guild_id,
            name=body["name"],
            type=kind,
            permissions=parent.permissions,
            parent_id=parent.id,
            auto_archive_duration=body.get("auto_archive_duration") or 1440,
            applied_tags=[int(tag) for tag in body.get("applied_tags") or []],
        )
        self.channels[thread.id] = thread
        return thread

    def find_message(self, message_id: int) -> Json | None:
        """Return a message that can still be seen by somebody, wherever it is."""
        if message_id in self.hidden_messages:
            return self.hidden_messages[message_id]
        everything = (message for channel in self.living_channels() for message in channel.messages)
        return next((message for message in everything if message["id"] == str(message_id)), None)

    def living_channels(self, guild_id: int | None = None) -> Iterator[Channel]:
        for channel in self.channels.values():
            if not channel.is_deleted and guild_id in (None, channel.guild_id):
                yield channel

    def new_message(self, channel: Channel, body: Json, *, attachments: list[Json] | None = None) -> Json:
        """Return a message by the bot with what the body says; the caller decides where it is kept."""
        return {
            "id": str(self.new_id()),
            "channel_id": str(channel.id),
            "type": 0,
            "author": bot_user(),
            "content": body.get("content") or "",
            "timestamp": _now(),
            "edited_timestamp": None,
            "tts": bool(body.get("tts")),
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": attachments or [],
            "embeds": copy.deepcopy(body.get("embeds") or []),
            "components": copy.deepcopy(body.get("components") or []),
            "pinned": False,
            "flags": body.get("flags") or 0,
        }

    # ── payloads ────────────────────────────────────────────────────────────────────────────────────

    def guild_payload(self, guild: Guild) -> Json:
        """Return the server as GUILD_CREATE has it. Source: Gateway Events, Guild Create."""
        channels = [channel for channel in self.living_channels(guild.id) if channel.type != 1]
        everyone = {
            "id": str(guild.id),
            "name": "@everyone",
            "permissions": str(int(Permission.DEFAULT)),
            "position": 0,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }
        return {
            **guild_summary(guild),
            "roles": [everyone],
            "channels": [self.channel_payload(channel) for channel in channels if not channel.is_thread],
            "threads": [self.channel_payload(channel) for channel in channels if channel.is_thread],
            "members": [member_payload(APPLICATION_ID)],
            "member_count": 2,
        }

    def channel_payload(self, channel: Channel) -> Json:
        """Return a channel as clients see it; the bot's permissions are one overwrite for the bot itself."""
        last = channel.messages[-1]["id"] if channel.messages else None
        payload: Json = {"id": str(channel.id), "type": channel.type, "last_message_id": last, "flags": 0}
        if channel.user_id is not None:
            return {**payload, "recipients": [user_payload(channel.user_id)]}
        payload |= {"guild_id": str(channel.guild_id), "name": channel.name, "nsfw": False}
        payload |= {
            "parent_id": str(channel.parent_id) if channel.parent_id else None,
            "rate_limit_per_user": 0,
        }
        if channel.is_thread:
            return payload | self._thread_part(channel)
        allowed, denied = channel.permissions, ALL_PERMISSIONS & ~channel.permissions
        overwrite = {"id": str(APPLICATION_ID), "type": 1, "allow": str(allowed), "deny": str(denied)}
        payload |= {"position": channel.position, "permission_overwrites": [overwrite], "topic": None}
        if channel.type == FORUM:
            flags = 1 << 4 if channel.requires_tag else 0
            payload |= {
                "available_tags": channel.available_tags,
                "default_reaction_emoji": None,
                "flags": flags,
            }
            payload |= {"default_sort_order": None, "default_forum_layout": 0}
        return payload

    def _thread_part(self, thread: Channel) -> Json:
        metadata = {
            "archived": thread.archived,
            "locked": thread.locked,
            "auto_archive_duration": thread.auto_archive_duration,
            "archive_timestamp": _now(),
            "create_timestamp": _now(),
        }
        me = {"id": str(thread.id), "user_id": str(APPLICATION_ID), "join_timestamp": _now(), "flags": 0}
        return {
            "owner_id": str(APPLICATION_ID),
            "message_count": len(thread.messages),
            "total_message_sent": len(thread.messages) + len(thread.deleted_messages),
            "member_count": 1,
            "thread_metadata": metadata,
            "member": me,
            "applied_tags": [str(tag) for tag in thread.applied_tags],
        }

    def interaction_channel(self, channel: Channel, *, member_permissions: int) -> Json:
        """Return a channel as interactions have it, with the rights of the member and of the app.

        Source: Receiving and Responding, Resolved Data; ``app_permissions`` by the change log of July 2026.
        """
        payload = self.channel_payload(channel)
        payload.pop("permission_overwrites", None)
        return payload | {"permissions": str(member_permissions), "app_permissions": str(channel.permissions)}


def public_message(message: Json) -> Json:
    """Return a message as a later look-up shows it: without the nonce, which only its first answer has."""
    return {key: copy.deepcopy(value) for key, value in message.items() if key != "nonce"}


def guild_summary(guild: Guild) -> Json:
    """Return a server as ``GET /guilds/{id}`` has it, roles apart."""
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "description": None,
        "owner_id": str(OWNER_ID),
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "roles": [],
        "emojis": [],
        "stickers": [],
        "features": [],
        "mfa_level": 0,
        "nsfw_level": 0,
        "application_id": None,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "vanity_url_code": None,
        "premium_tier": 0,
        "preferred_locale": guild.locale,
        "joined_at": _now(),
        "large": False,
        "unavailable": False,
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
        "incidents_data": None,
    }


def user_payload(user_id: int) -> Json:
    """Return a user. Pictures are left out: their addresses would lead to Discord's own servers."""
    if user_id == APPLICATION_ID:
        return bot_user()
    return {
        "id": str(user_id),
        "username": f"member{user_id % 10_000}",
        "global_name": f"Member {user_id % 10_000}",
        "discriminator": "0",
        "avatar": None,
        "bot": False,
        "public_flags": 0,
    }


def bot_user() -> Json:
    return {
        "id": str(APPLICATION_ID),
        "username": "nonmun",
        "global_name": None,
        "discriminator": "0001",
        "avatar": None,
        "bot": True,
        "public_flags": 0,
        "verified": True,
        "mfa_enabled": False,
        "flags": 0,
    }


def member_payload(user_id: int, *, permissions: int | None = None) -> Json:
    """Return a member; with permissions, as interactions have it."""
    member: Json = {
        "user": user_payload(user_id),
        "nick": None,
        "avatar": None,
        "roles": [],
        "joined_at": _now(),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "communication_disabled_until": None,
        "flags": 0,
    }
    return member if permissions is None else member | {"permissions": str(permissions)}


def application_payload() -> Json:
    return {
        "id": str(APPLICATION_ID),
        "name": "nonmun",
        "description": "",
        "icon": None,
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": user_payload(OWNER_ID),
        "team": None,
        "verify_key": "0" * 64,
        "flags": 0,
        "bot": bot_user(),
        "interactions_endpoint_url": None,
    }


def _now() -> str:
    return datetime.now(UTC).isoformat()
