"""What Discord keeps – servers, channels, threads, messages, members – and how it shows them to a client.

Payloads must be complete: discord.py reads many keys without a default, and an exception while it parses an
event ends the connection. Shapes: Guild, Channels, Message and User Resource of Discord's documentation.
"""

from __future__ import annotations

import bisect
import copy
import mimetypes
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntFlag
from typing import Any
from urllib.parse import quote

__all__ = [
    "ALL_PERMISSIONS",
    "APPLICATION_ID",
    "DIRECT",
    "FORUM",
    "HAS_THREAD",
    "LOADING",
    "PRIVATE_THREAD",
    "SUPPRESS_NOTIFICATIONS",
    "THREAD_TYPES",
    "Channel",
    "Guild",
    "Json",
    "Permission",
    "Role",
    "StoredFile",
    "World",
    "public_message",
    "starter_message",
    "thread_member",
]

Json = dict[str, Any]

APPLICATION_ID = 900_000_000_000_000_001  # a bot's user id is its application's id, for bots made since 2016
OWNER_ID = 900_000_000_000_000_002

DIRECT, FORUM = 1, 15
PRIVATE_THREAD = 12
THREAD_TYPES = (10, 11, PRIVATE_THREAD)
HAS_THREAD = 1 << 5
LOADING = 1 << 7
SUPPRESS_NOTIFICATIONS = 1 << 12
ALL_PERMISSIONS = (1 << 53) - 1
_DISCORD_EPOCH_MS = 1_420_070_400_000
_STARTER = 21  # the first message of a thread under a message. Source: Threads, New Message Types
_MOST_COUNTED_MEMBERS = 50
_CONTENT_FIELDS: Json = {"content": "", "embeds": [], "attachments": [], "components": []}


class Permission(IntFlag):
    """The permissions this server looks at. Source: Permissions, Bitwise Permission Flags."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW = 1 << 10
    SEND = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    MANAGE_ROLES = 1 << 28
    USE_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_IN_THREADS = 1 << 38
    IN_TIME_OUT = VIEW | READ_HISTORY
    DEFAULT = VIEW | SEND | EMBED_LINKS | READ_HISTORY | USE_COMMANDS | CREATE_PUBLIC_THREADS | SEND_IN_THREADS


@dataclass(slots=True, kw_only=True)
class Channel:
    """A channel or a thread.

    Attributes:
        permissions: What the bot may do here, all roles and overwrites taken together.
        messages: Every message that stands here, oldest first, as stored, with its nonce.
        deleted_messages: Those that stood here once.
        user_id: The member at the other end, in a direct message only.
        overwrites: What a role is allowed and denied here, by its id; the bot's own part is ``permissions``.
        member_overwrites: The same for members, by their ids.
        owner_id: Who started the thread.
        members: Who is in the thread, with the time of joining.
        starter: The message that a thread under a message begins with; it only points to that message, counts for
            nothing, and is seen in the history alone.
        archived_at: When the thread was started, archived or unarchived, or its time until then was changed.
    """

    id: int
    guild_id: int | None
    name: str
    type: int
    permissions: int
    position: int = 0
    parent_id: int | None = None
    user_id: int | None = None
    overwrites: dict[int, tuple[int, int]] = field(default_factory=dict)
    member_overwrites: dict[int, tuple[int, int]] = field(default_factory=dict)
    owner_id: int = APPLICATION_ID
    members: dict[int, str] = field(default_factory=dict)
    starter: Json | None = None
    created_at: str = field(default_factory=lambda: _now())
    archived: bool = False
    archived_at: str = field(default_factory=lambda: _now())
    locked: bool = False
    invitable: bool = True
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

    @property
    def is_private(self) -> bool:
        return self.type == PRIVATE_THREAD

    def may(self, permission: Permission) -> bool:
        return self.permissions & permission == permission

    @property
    def is_seen_by_bot(self) -> bool:
        """Source: Threads, Private Threads: its members and those who manage threads see one."""
        is_in = not self.is_private or APPLICATION_ID in self.members or self.may(Permission.MANAGE_THREADS)
        return self.may(Permission.VIEW) and is_in


@dataclass(slots=True, kw_only=True)
class Role:
    """A role of a server; the higher its position, the more it stands above. Source: Permissions, Role Object."""

    id: int
    guild_id: int
    name: str
    permissions: int = 0
    position: int = 1
    mentionable: bool = False
    managed: bool = False
    tags: Json = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Guild:
    """A server.

    Attributes:
        roles: By id; @everyone, whose id is the server's, and the bot's own managed role from the start.
        bot_role_id: The managed role; its permissions are what the bot may do in the server as a whole.
        channel_ids: Of channels and threads, deleted ones too, in the order they were made.
        joined_at: When the bot joined it.
    """

    id: int
    name: str
    locale: str = "en-US"
    owner_id: int = OWNER_ID
    system_channel_id: int | None = None
    public_updates_channel_id: int | None = None
    roles: dict[int, Role] = field(default_factory=dict)
    bot_role_id: int = 0
    channel_ids: list[int] = field(default_factory=list)
    joined_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """The bytes behind an attachment's address."""

    id: int
    filename: str
    content: bytes

    @property
    def content_type(self) -> str:
        return mimetypes.guess_type(self.filename)[0] or "application/octet-stream"

    @property
    def path(self) -> str:
        return f"/attachments/{self.id}/{quote(self.filename, safe='')}"


class World:
    """All objects of one loopback Discord; ids are snowflakes, so that they sort by age as Discord's do.

    Attributes:
        hidden_messages: Ephemeral ones: shown to one member, in no channel's history.
        member_roles: Ids of roles by server and user; the bot has its managed role besides.
        timed_out_until: When a member's time-out ends, by server and user.
        files: Every attachment, sent by the bot or by members, by its id.
        base_url: Where the attachments are served.
        ahead_s: How far Discord's clock is ahead of this machine's, as its ids show.
    """

    def __init__(self) -> None:
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.hidden_messages: dict[int, Json] = {}
        self.member_roles: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        self.timed_out_until: dict[tuple[int, int], datetime] = {}
        self.files: dict[int, StoredFile] = {}
        self.base_url = ""
        self.ahead_s = 0.0
        self._messages: dict[int, Json] = {}  # what stands in some channel
        self._threads: defaultdict[int, list[int]] = defaultdict(list)
        self._direct: dict[int, Channel] = {}
        self._last_id = 0

    def new_id(self) -> int:
        """Return the next snowflake: time in ms since 2015, then a counter. Source: Reference, Snowflakes."""
        self._last_id = max(self._last_id + 1, self.id_of(0.0))
        return self._last_id

    def skip_to_shard(self, shard: int, count: int) -> None:
        """Let the next id be one of a server on a shard. Source: Gateway, Sharding Formula."""
        moment = (self.new_id() >> 22) + 1
        self._last_id = ((moment + (shard - moment) % count) << 22) - 1

    def id_of(self, age_s: float) -> int:
        """Return the first snowflake of a moment that is so long ago."""
        now_ms = int((time.time() + self.ahead_s - age_s) * 1000) - _DISCORD_EPOCH_MS
        return now_ms << 22

    # ── servers and roles ───────────────────────────────────────────────────────────────────────────

    def add_guild(self, name: str) -> Guild:
        guild = Guild(id=self.new_id(), name=name)
        usual = int(Permission.DEFAULT)
        guild.roles[guild.id] = Role(id=guild.id, guild_id=guild.id, name="@everyone", permissions=usual, position=0)
        mine = Role(id=self.new_id(), guild_id=guild.id, name="nonmun", permissions=usual, managed=True)
        guild.roles[mine.id], guild.bot_role_id = mine, mine.id
        self.guilds[guild.id] = guild
        return guild

    def add_role(self, guild: Guild, role: Role) -> list[Role]:
        """Put a role in its place, and return those that are one higher from now on."""
        above = [r for r in guild.roles.values() if r.position >= role.position]
        for other in above:
            other.position += 1
        guild.roles[role.id] = role
        return above

    def roles_of(self, guild_id: int, user_id: int) -> list[Role]:
        """Return a member's roles, @everyone apart."""
        guild = self.guilds[guild_id]
        own = [guild.bot_role_id] if user_id == APPLICATION_ID else []
        return [guild.roles[role_id] for role_id in (*own, *self.member_roles[guild_id, user_id])]

    def is_bot_timed_out(self, guild_id: int | None) -> bool:
        """Whether the bot may only look and read now. Source: Discord's documentation, "Permissions"."""
        return self.is_timed_out(guild_id, APPLICATION_ID)

    def is_timed_out(self, guild_id: int | None, user_id: int) -> bool:
        until = self.timed_out_until.get((guild_id or 0, user_id))
        return until is not None and until > datetime.now(UTC)

    def guild_permissions(self, guild_id: int, user_id: int = APPLICATION_ID) -> int:
        """Return what a member may do in the server as a whole. Source: Permissions, Permission Overwrites."""
        guild = self.guilds[guild_id]
        permissions = guild.roles[guild_id].permissions
        for role in self.roles_of(guild_id, user_id):
            permissions |= role.permissions
        is_above = user_id == guild.owner_id or permissions & Permission.ADMINISTRATOR
        return ALL_PERMISSIONS if is_above else permissions

    def permissions_of(self, channel: Channel, user_id: int) -> int:
        """Return what a member may do in a channel, by roles and overwrites; a thread has its parent's.

        What is denied only by implication, such as sending where one may not look, is not taken away. Elsewhere than
        in a server of the bot's everything is allowed.

        Source: Permissions, Permission Overwrites; Time Outs, from which owners and administrators are exempt.
        """
        if user_id == APPLICATION_ID:
            return channel.permissions
        if channel.guild_id not in self.guilds:
            return ALL_PERMISSIONS
        permissions = self.guild_permissions(channel.guild_id, user_id)
        if permissions == ALL_PERMISSIONS:
            return permissions
        place = self.channels[channel.parent_id] if channel.is_thread and channel.parent_id else channel
        roles = [role.id for role in self.roles_of(channel.guild_id, user_id)]
        for given in (
            [place.overwrites.get(channel.guild_id, (0, 0))],
            [place.overwrites.get(role_id, (0, 0)) for role_id in roles],
            [place.member_overwrites.get(user_id, (0, 0))],
        ):
            for _, deny in given:
                permissions &= ~deny
            for allow, _ in given:
                permissions |= allow
        return permissions & Permission.IN_TIME_OUT if self.is_timed_out(channel.guild_id, user_id) else permissions

    def may_see(self, channel: Channel, user_id: int) -> bool:
        """Whether a member finds a channel or thread in their list. Source: Threads, Private Threads."""
        permissions = self.permissions_of(channel, user_id)
        is_in = not channel.is_private or user_id in channel.members or permissions & Permission.MANAGE_THREADS
        return bool(permissions & Permission.VIEW and is_in)

    def may_give(self, role: Role) -> bool:
        """True where the bot may give and take the role. Source: Permissions, Permission Hierarchy."""
        highest = max(mine.position for mine in self.roles_of(role.guild_id, APPLICATION_ID))
        may_manage = bool(self.guild_permissions(role.guild_id) & Permission.MANAGE_ROLES)
        return may_manage and role.position < highest and not role.managed

    # ── channels ────────────────────────────────────────────────────────────────────────────────────

    def add_channel(self, guild_id: int | None, name: str, kind: int) -> Channel:
        channel = Channel(
            id=self.new_id(),
            guild_id=guild_id,
            name=name,
            type=kind,
            permissions=int(Permission.DEFAULT),
            position=len(self.guilds[guild_id].channel_ids) if guild_id is not None else 0,
        )
        return self._keep_channel(channel)

    def direct_channel(self, user_id: int) -> Channel:
        """Return the channel between the bot and a member; made at the first time of asking."""
        if user_id not in self._direct:
            self._direct[user_id] = self.add_channel(None, "", DIRECT)
            self._direct[user_id].user_id = user_id
        return self._direct[user_id]

    def add_thread(
        self, parent: Channel, body: Json, *, thread_id: int | None, kind: int, owner_id: int = APPLICATION_ID
    ) -> Channel:
        """Make a thread, with the member who starts it in it."""
        invitable = body.get("invitable")
        thread = Channel(
            id=thread_id or self.new_id(),
            guild_id=parent.guild_id,
            name=body["name"],
            type=kind,
            permissions=parent.permissions,
            parent_id=parent.id,
            owner_id=owner_id,
            members={owner_id: _now()},
            invitable=True if invitable is None else bool(invitable),
            auto_archive_duration=body.get("auto_archive_duration") or 1440,
            applied_tags=[int(tag) for tag in body.get("applied_tags") or []],
        )
        if thread.id not in self._threads[parent.id]:  # one that was deleted leaves its id to the next
            self._threads[parent.id].append(thread.id)
        return self._keep_channel(thread)

    def _keep_channel(self, channel: Channel) -> Channel:
        is_known = channel.id in self.channels
        self.channels[channel.id] = channel
        if channel.guild_id is not None and not is_known:
            self.guilds[channel.guild_id].channel_ids.append(channel.id)
        return channel

    def living_channels(self, guild_id: int | None = None) -> Iterator[Channel]:
        guild = self.guilds.get(guild_id or 0)
        ids: Iterable[int] = self.channels if guild_id is None else guild.channel_ids if guild else ()
        return (channel for channel in map(self.channels.__getitem__, ids) if not channel.is_deleted)

    def threads_of(self, channel_id: int) -> list[Channel]:
        """Return the threads of a channel that are not deleted, oldest first."""
        threads = map(self.channels.__getitem__, self._threads[channel_id])
        return [thread for thread in threads if not thread.is_deleted]

    def active_threads(self, guild_id: int) -> list[Channel]:
        """Return a server's threads that are not archived, whoever sees them."""
        return [one for one in self.living_channels(guild_id) if one.is_thread and not one.archived]

    # ── messages ────────────────────────────────────────────────────────────────────────────────────

    def find_message(self, message_id: int) -> Json | None:
        """Return a message that can still be seen by somebody, wherever it is."""
        if message_id in self.hidden_messages:
            return self.hidden_messages[message_id]
        message = self._messages.get(message_id)
        gone = message is not None and self.channels[int(message["channel_id"])].is_deleted
        return None if gone else message

    def keep_message(self, channel: Channel, message: Json, *, hidden: bool = False) -> None:
        """Put a new message at the end of its channel, or where its one member alone sees it."""
        if hidden:
            self.hidden_messages[int(message["id"])] = message
        else:
            channel.messages.append(message)
            self._messages[int(message["id"])] = message

    def replace_message(self, message: Json) -> None:
        """Put a message in the place of the one with its id; those handed out before stay as they were."""
        message_id = int(message["id"])
        if message_id in self.hidden_messages:
            self.hidden_messages[message_id] = message
            return
        stored = self.channels[int(message["channel_id"])].messages
        stored[_index(stored, message_id)] = message
        self._messages[message_id] = message

    def remove_message(self, message_id: int) -> None:
        if self.hidden_messages.pop(message_id, None) is None:
            channel = self.channels[int(self._messages.pop(message_id)["channel_id"])]
            channel.deleted_messages.append(channel.messages.pop(_index(channel.messages, message_id)))

    def add_file(self, filename: str, content: bytes) -> Json:
        """Keep a file and return it as an attachment. Source: Message Resource, Attachment Object."""
        file = StoredFile(id=self.new_id(), filename=filename, content=content)
        self.files[file.id] = file
        return {
            "id": str(file.id),
            "filename": filename,
            "content_type": file.content_type,
            "size": len(content),
            "url": f"{self.base_url}{file.path}",
            "proxy_url": f"{self.base_url}{file.path}",
        }

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
        channels = [channel for channel in self.living_channels(guild.id) if channel.type != DIRECT]
        return {
            **guild_summary(guild),
            "roles": [role_payload(role) for role in guild.roles.values()],
            "channels": [self.channel_payload(channel) for channel in channels if not channel.is_thread],
            "threads": [
                self._known_thread(thread) for thread in self.active_threads(guild.id) if thread.is_seen_by_bot
            ],
            "members": [self.member_payload(guild.id, APPLICATION_ID)],
            "member_count": 2,
        }

    def _known_thread(self, thread: Channel) -> Json:
        """Return a thread as GUILD_CREATE has it, where the bot's own membership names neither it nor the thread."""
        payload = self.channel_payload(thread)
        if "member" in payload:
            payload["member"] = {key: payload["member"][key] for key in ("join_timestamp", "flags")}
        return payload

    def member_payload(self, guild_id: int, user_id: int, *, permissions: int | None = None) -> Json:
        """Return a member; with permissions, as interactions have it."""
        member = member_payload(user_id) | {"roles": [str(role.id) for role in self.roles_of(guild_id, user_id)]}
        if user_id == APPLICATION_ID:
            member["joined_at"] = self.guilds[guild_id].joined_at.isoformat()
        if until := self.timed_out_until.get((guild_id, user_id)):
            member["communication_disabled_until"] = until.isoformat()
        return member if permissions is None else member | {"permissions": str(permissions)}

    def channel_payload(self, channel: Channel) -> Json:
        """Return a channel as clients see it; the bot's permissions are one overwrite for the bot itself."""
        last = channel.messages[-1]["id"] if channel.messages else None
        if channel.type == FORUM:  # its newest post. Source: Channels Resource, Channel Object
            last = max((str(thread.id) for thread in self.threads_of(channel.id)), default=None)
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
        mine = {"id": str(APPLICATION_ID), "type": 1, "allow": str(allowed), "deny": str(denied)}
        of_others = [
            {"id": str(key), "type": kind, "allow": str(allow), "deny": str(deny)}
            for kind, given in ((0, channel.overwrites), (1, channel.member_overwrites))
            for key, (allow, deny) in given.items()
        ]
        payload |= {"position": channel.position, "permission_overwrites": [*of_others, mine], "topic": None}
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
        """Source: Channels Resource, Channel Object: the initial message is in none of the counts."""
        metadata: Json = {
            "archived": thread.archived,
            "locked": thread.locked,
            "auto_archive_duration": thread.auto_archive_duration,
            "archive_timestamp": thread.archived_at,
            "create_timestamp": thread.created_at,
        }
        if thread.is_private:
            metadata["invitable"] = thread.invitable
        counted = sum(message["id"] != str(thread.id) for message in thread.messages)
        gone = sum(message["id"] != str(thread.id) for message in thread.deleted_messages)
        payload = {
            "owner_id": str(thread.owner_id),
            "message_count": counted,
            "total_message_sent": counted + gone,
            "member_count": min(len(thread.members), _MOST_COUNTED_MEMBERS),
            "thread_metadata": metadata,
            "applied_tags": [str(tag) for tag in thread.applied_tags],
        }
        mine = {"member": thread_member(thread, APPLICATION_ID)} if APPLICATION_ID in thread.members else {}
        return payload | mine

    def message_for_bot(self, message: Json) -> Json:
        """Return a message as the bot gets it without the intent for content: others' messages are empty.

        Not so in direct messages, and where the bot is mentioned. Source: Gateway, Message Content Intent.
        """
        channel = self.channels[int(message["channel_id"])]
        is_mentioned = any(user["id"] == str(APPLICATION_ID) for user in message["mentions"])
        is_own = message["author"]["id"] == str(APPLICATION_ID)
        shown = public_message(message)
        if "thread" in shown:
            shown["thread"] = self.channel_payload(self.channels[int(message["id"])])
        if "referenced_message" in shown:
            shown["referenced_message"] = self.message_for_bot(shown["referenced_message"])
        return shown if is_own or is_mentioned or channel.type == DIRECT else shown | copy.deepcopy(_CONTENT_FIELDS)

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


def thread_member(thread: Channel, user_id: int) -> Json:
    """Source: Channels Resource, Thread Member Object."""
    joined = thread.members[user_id]
    return {"id": str(thread.id), "user_id": str(user_id), "join_timestamp": joined, "flags": 0}


def starter_message(thread: Channel, message: Json, *, message_id: int) -> Json:
    """Return what a thread under a message begins with. Source: Threads, New Message Types."""
    reference = {"channel_id": message["channel_id"], "message_id": message["id"], "guild_id": str(thread.guild_id)}
    kept = ("author", "timestamp", "edited_timestamp", "tts", "pinned")
    return {
        **{key: message[key] for key in kept},
        **copy.deepcopy(_CONTENT_FIELDS),
        "id": str(message_id),
        "channel_id": str(thread.id),
        "type": _STARTER,
        "flags": 0,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "message_reference": reference,
        "referenced_message": public_message(message),
    }


def _index(messages: list[Json], message_id: int) -> int:
    """Return where a message stands; ids grow with age, so that halving finds it."""
    return bisect.bisect_left(messages, message_id, key=lambda message: int(message["id"]))


def role_payload(role: Role) -> Json:
    """Source: Permissions, Role Object."""
    payload: Json = {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(role.permissions),
        "position": role.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "managed": role.managed,
        "mentionable": role.mentionable,
        "flags": 0,
    }
    tags = role.tags or ({"bot_id": str(APPLICATION_ID)} if role.managed else {})
    return payload | {"tags": tags} if tags else payload


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
        "owner_id": str(guild.owner_id),
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
        "system_channel_id": _id_or_none(guild.system_channel_id),
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": _id_or_none(guild.public_updates_channel_id),
        "vanity_url_code": None,
        "premium_tier": 0,
        "preferred_locale": guild.locale,
        "joined_at": guild.joined_at.isoformat(),
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


def member_payload(user_id: int) -> Json:
    return {
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


def _id_or_none(value: int | None) -> str | None:
    return None if value is None else str(value)
