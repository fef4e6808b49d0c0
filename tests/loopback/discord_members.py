"""What members and moderators do of themselves in the loopback Discord: write, forward, open and close threads.

Members act by their own rights, which come from roles, overwrites and time-outs; what Discord's client would not let
them do is a `UsageError`. The bot is told what Discord tells a bot with the intent for servers alone: of threads, and
never of a message.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from .discord_forms import UsageError
from .discord_interactions import InteractionApi
from .discord_limits import check_thread
from .discord_mentions import find_pings
from .discord_rest import SUPPRESS_EMBEDS
from .discord_world import (
    APPLICATION_ID,
    FORUM,
    OWNER_ID,
    PRIVATE_THREAD,
    THREAD_TYPES,
    Channel,
    Permission,
    thread_member,
    user_payload,
)

__all__ = ["MemberApi"]

Json = dict[str, Any]

_MOST_TAGS, _LONGEST_TAG = 20, 20
_FORWARD, _HAS_SNAPSHOT = 1, 1 << 14
_SNAPSHOT = (
    *("type", "content", "embeds", "attachments", "timestamp", "edited_timestamp"),
    *("flags", "mentions", "mention_roles", "components"),
)


class MemberApi(InteractionApi):
    """Members and moderators; the servers' owner acts unless another is named."""

    # ── rights ──────────────────────────────────────────────────────────────────────────────────────

    def give_roles(self, guild_id: int, user_id: int, *role_ids: int) -> None:
        """Let a member have these roles and no others."""
        self.world.member_roles[guild_id, user_id] = list(role_ids)

    def time_out(self, guild_id: int, user_id: int, until: datetime) -> None:
        """Put a member in time-out: until then they may only look and read. When it ends, nothing is told."""
        self.world.timed_out_until[guild_id, user_id] = until

    def time_out_bot(self, guild_id: int, until: datetime) -> None:
        """Put the bot in time-out; when it ends, nothing is told."""
        self.time_out(guild_id, APPLICATION_ID, until)
        member = self.world.member_payload(guild_id, APPLICATION_ID)
        self.gateway.dispatch("GUILD_MEMBER_UPDATE", member | {"guild_id": str(guild_id)})

    def set_overwrite(
        self, channel_id: int, role_id: int, *, allow: int = 0, deny: int = 0, is_told: bool = True
    ) -> None:
        """Set what a role, or @everyone by the server's id, is allowed and denied in a channel."""
        channel = self.world.channels[channel_id]
        channel.overwrites[role_id] = (int(allow), int(deny))
        if is_told:
            self.tell_channel(channel)

    def set_member_overwrite(self, channel_id: int, user_id: int, *, allow: int = 0, deny: int = 0) -> None:
        """Set what one member is allowed and denied in a channel; the bot's part is `set_permissions`."""
        channel = self.world.channels[channel_id]
        channel.member_overwrites[user_id] = (int(allow), int(deny))
        self.tell_channel(channel)

    def hide_channel(self, channel_id: int, *, show_to: Sequence[int] = ()) -> None:
        """Hide a channel from @everyone, and show it to some roles only; the bot sees it as before."""
        channel = self.world.channels[channel_id]
        channel.overwrites[channel.guild_id or 0] = (0, int(Permission.VIEW))
        channel.overwrites |= {role_id: (int(Permission.VIEW), 0) for role_id in show_to}
        self.tell_channel(channel)

    def set_permissions(self, channel_id: int, permissions: int) -> None:
        """Set what the bot may do in a channel and its threads, all roles and overwrites taken together.

        A bot that is let in is told of the threads it now sees. Source: Threads, Gaining Access to Channels.
        """
        channel = self.world.channels[channel_id]
        saw = channel.is_seen_by_bot
        channel.permissions = int(permissions)
        for thread in self.world.threads_of(channel_id):
            thread.permissions = int(permissions)
        self.tell_channel(channel)
        if not saw and channel.is_seen_by_bot and not channel.is_thread:
            self._sync_threads(channel)

    def _sync_threads(self, channel: Channel) -> None:
        """Source: Gateway Events, Thread List Sync."""
        threads = [one for one in self.world.threads_of(channel.id) if one.is_seen_by_bot and not one.archived]
        payload = {
            "guild_id": str(channel.guild_id),
            "channel_ids": [str(channel.id)],
            "threads": [self.world.channel_payload(thread) for thread in threads],
            "members": [thread_member(one, APPLICATION_ID) for one in threads if APPLICATION_ID in one.members],
        }
        self.gateway.dispatch("THREAD_LIST_SYNC", payload)

    def permissions_of(self, user_id: int, channel_id: int) -> int:
        """Return what a member may do in a channel or thread, as an interaction tells it."""
        return self.world.permissions_of(self.world.channels[channel_id], user_id)

    def must_see(self, channel: Channel, user_id: int) -> None:
        if channel.is_deleted or not self.world.may_see(channel, user_id):
            raise UsageError(f"{user_id} does not see #{channel.name}")

    def _must_have(self, channel: Channel, user_id: int, needed: Permission) -> None:
        self.must_see(channel, user_id)
        if self.world.permissions_of(channel, user_id) & needed != needed:
            raise UsageError(f"{user_id} lacks {needed!r} in #{channel.name}")

    def _is_moderator(self, thread: Channel, user_id: int) -> bool:
        return bool(self.world.permissions_of(thread, user_id) & Permission.MANAGE_THREADS)

    # ── messages ────────────────────────────────────────────────────────────────────────────────────

    def say(
        self,
        channel_id: int,
        text: str = "talk",
        *,
        times: int = 1,
        user_id: int = OWNER_ID,
        embeds: Sequence[Json] = (),
        files: Mapping[str, bytes] | None = None,
    ) -> list[Json]:
        """Let a member post; the bot is not told, for it lacks the intent.

        In a thread it unarchives it, and lets the member in.

        Args:
            embeds: As Discord makes them of the links in the text.
            files: The contents by name.
        """
        channel = self.world.channels[channel_id]
        self._must_write(channel, user_id)
        return [self._post(channel, user_id, text, embeds, files or {}) for _ in range(times)]

    def forward(self, message: Json, channel_id: int, *, user_id: int = OWNER_ID) -> Json:
        """Let a member forward a message as it is now, from anywhere, without a word of their own.

        Source: Message Resource, Message Reference Types and Message Snapshot Object.
        """
        channel = self.world.channels[channel_id]
        self._must_write(channel, user_id)
        origin = self.world.channels[int(message["channel_id"])]
        reference = {"type": _FORWARD, "message_id": message["id"], "channel_id": message["channel_id"]}
        reference |= {"guild_id": str(origin.guild_id)} if origin.guild_id is not None else {}
        snapshot = copy.deepcopy({key: message[key] for key in _SNAPSHOT})
        forwarded = {"message_reference": reference, "message_snapshots": [{"message": snapshot}]}
        return self._post(channel, user_id, "", (), {}, flags=_HAS_SNAPSHOT, **forwarded)

    def _must_write(self, channel: Channel, user_id: int) -> None:
        if channel.type == FORUM:
            raise UsageError("a forum takes posts, not messages: use `start_thread`")
        self._must_have(channel, user_id, Permission.SEND_IN_THREADS if channel.is_thread else Permission.SEND)
        if channel.locked and not self._is_moderator(channel, user_id):
            raise UsageError(f"#{channel.name} is locked")

    def _post(
        self,
        channel: Channel,
        user_id: int,
        text: str,
        embeds: Sequence[Json],
        files: Mapping[str, bytes],
        **more: Any,
    ) -> Json:
        attachments = [self.world.add_file(name, content) for name, content in files.items()]
        message = self.world.new_message(channel, {"content": text, "embeds": list(embeds)}, attachments=attachments)
        pings = find_pings({"content": text}, may_ping_role=lambda _: False, may_ping_everyone=False)
        author = {"author": user_payload(user_id), "mentions": [user_payload(pinged) for pinged in pings.users]}
        message |= author | more
        self.world.keep_message(channel, message)
        if channel.is_thread:
            self.enter_thread(channel, user_id)
        return message

    def hide_embeds(self, channel_id: int, message_id: int | str) -> None:
        """Suppress the embeds of a message as a moderator does: they are gone, its buttons stay."""
        message = self._standing(channel_id, message_id)
        self.replace(message | {"embeds": [], "flags": message["flags"] | SUPPRESS_EMBEDS})

    def delete_message(self, channel_id: int, message_id: int | str) -> None:
        """Delete a message as a moderator does."""
        self.remove(self._standing(channel_id, message_id))

    def _standing(self, channel_id: int, message_id: int | str) -> Json:
        message = self.world.find_message(int(message_id))
        if message is None or message["channel_id"] != str(channel_id):
            raise UsageError(f"there is no message {message_id} in {channel_id}")
        return message

    # ── channels and threads ────────────────────────────────────────────────────────────────────────

    def rename_channel(self, channel_id: int, name: str) -> None:
        """Give a channel or thread another name, as a moderator does."""
        channel = self.world.channels[channel_id]
        if channel.is_thread:
            self.change_thread(channel, {"name": name}, by=OWNER_ID)
            return
        channel.name = name
        self.tell_channel(channel)

    def start_thread(
        self,
        channel_id: int,
        name: str,
        *,
        message_id: int | str | None = None,
        text: str = "first",
        is_private: bool = False,
        user_id: int = OWNER_ID,
    ) -> int:
        """Let a member open a thread, or a forum's post with its first text, and return its id.

        Args:
            message_id: The message it is opened under; None for a thread of its own.
        """
        parent = self.world.channels[channel_id]
        needed = Permission.SEND if parent.type == FORUM else Permission.CREATE_PUBLIC_THREADS
        self._must_have(parent, user_id, Permission.CREATE_PRIVATE_THREADS if is_private else needed)
        body = {"name": name}
        if faults := check_thread(body):
            raise UsageError(str(faults[0]))
        if message_id is not None:
            return self.start_under(parent, self._standing(channel_id, message_id), body, by=user_id).id
        public = THREAD_TYPES[0] if parent.type == 5 else THREAD_TYPES[1]
        kind = PRIVATE_THREAD if is_private else public
        thread = self.world.add_thread(parent, body, thread_id=None, kind=kind, owner_id=user_id)
        if parent.type == FORUM:
            first = self.world.new_message(thread, {"content": text}) | {"author": user_payload(user_id)}
            self.keep_first(thread, first)
        self.tell_started(thread)
        return thread.id

    def add_private_thread(self, channel_id: int, name: str) -> int:
        """Open a private thread as a member does, who adds the bot to it and nobody else. Returns its id."""
        thread = self.world.channels[self.start_thread(channel_id, name, is_private=True)]
        self.add_to_thread(thread.id, APPLICATION_ID)
        return thread.id

    def add_to_thread(self, thread_id: int, user_id: int) -> None:
        """Add a member or the bot to a thread, as a moderator does."""
        thread = self.world.channels[thread_id]
        if self.let_in(thread, user_id) and user_id == APPLICATION_ID:
            self.gateway.dispatch("THREAD_CREATE", self.world.channel_payload(thread))

    def edit_thread(self, thread_id: int, *, user_id: int = OWNER_ID, **changes: Any) -> None:
        """Change a thread's ``name``, ``archived``, ``locked``, ``auto_archive_duration``, ``invitable`` or tags.

        Who opened it may do all but lock it, until it is locked. Source: Threads, Editing & Deleting Threads.
        """
        thread = self.world.channels[thread_id]
        self.must_see(thread, user_id)
        may_change = thread.owner_id == user_id and not thread.locked and "locked" not in changes
        if not may_change and not self._is_moderator(thread, user_id):
            raise UsageError(f"{user_id} may not change #{thread.name}")
        self.change_thread(thread, changes, by=user_id)

    def archive_thread(self, thread_id: int, *, locked: bool = False) -> None:
        """Archive a thread as Discord does after a while; locked as a moderator does, for good."""
        self.edit_thread(thread_id, archived=True, locked=locked)

    def delete_thread(self, thread_id: int, *, user_id: int = OWNER_ID) -> None:
        """Delete a thread or a forum's post, as a moderator does."""
        self._must_have(self.world.channels[thread_id], user_id, Permission.MANAGE_THREADS)
        self.delete_channel(thread_id)

    def set_tags(self, channel_id: int, names: Sequence[str], *, required: bool = False) -> list[int]:
        """Give a forum its tags and return their ids; required means that a post must have one.

        Source: Channels Resource, Forum Tag Object: 20 tags, names of up to 20 characters.
        """
        if len(names) > _MOST_TAGS or not all(1 <= len(name) <= _LONGEST_TAG for name in names):
            raise UsageError(f"a forum has {_MOST_TAGS} tags of {_LONGEST_TAG} characters at most")
        forum = self.world.channels[channel_id]
        ids = [self.world.new_id() for _ in names]
        plain: Json = {"moderated": False, "emoji_id": None, "emoji_name": None}
        forum.available_tags = [{"id": str(tag), "name": name, **plain} for tag, name in zip(ids, names, strict=True)]
        forum.requires_tag = required
        self.tell_channel(forum)
        return ids
