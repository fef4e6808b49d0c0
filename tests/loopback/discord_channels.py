"""The routes of channels, threads and forums: starting, changing, listing and deleting them, and who is in a thread.

Sources: Threads, Permissions, and the Channels Resource of Discord's documentation.
"""

from __future__ import annotations

import copy
from typing import Any

from .discord_limits import COMPONENTS_V2, Fault, check_forum, check_message, check_thread, check_thread_change
from .discord_rest import RestApi
from .discord_server import ApiError, Call, Held, SeenRequest
from .discord_world import (
    APPLICATION_ID,
    FORUM,
    HAS_THREAD,
    PRIVATE_THREAD,
    Channel,
    Permission,
    public_message,
    starter_message,
    thread_member,
    user_payload,
)

__all__ = ["ChannelApi"]

Json = dict[str, Any]

_TEXT, _NEWS, _NEWS_THREAD, _PUBLIC_THREAD = 0, 5, 10, 11
_KINDS = {_TEXT: (_PUBLIC_THREAD, PRIVATE_THREAD), _NEWS: (_NEWS_THREAD,)}
_MADE_KINDS = (_TEXT, _NEWS, FORUM)
_REQUIRES_TAG = 1 << 4
_ADDED, _REMOVED, _RENAMED, _THREAD_CREATED = 1, 2, 4, 18  # Source: Message Resource, Message Types


class ChannelApi(RestApi):
    """Channels, threads and forums, kept as Discord keeps them.

    Attributes:
        remembers_deleted_threads: Whether a message whose thread was deleted still counts as having one, so that no
            other can be started under it. Discord does not say.
        leaves_thread_notices: Whether a thread under a message leaves a notice in the channel, as under a message
            that is not quite new. Source: Threads, New Message Types, THREAD_CREATED.
        forum_takes_v2: Whether the first message of a forum's post may be a Components V2 one. Discord's
            documentation does not list that flag there, others have sent such messages.
    """

    def __init__(self, *, token: str) -> None:
        super().__init__(token=token)
        self.remembers_deleted_threads = False
        self.leaves_thread_notices = False
        self.forum_takes_v2 = True
        channel = "/channels/{channel}"
        members = f"{channel}/thread-members"
        for method, template, handler in (
            ("POST", "/guilds/{guild}/channels", self._make_channel),
            ("GET", channel, self._get_channel),
            ("PATCH", channel, self._edit_channel),
            ("DELETE", channel, self._delete_channel),
            ("POST", f"{channel}/messages/{{message}}/threads", self._start_thread_on_message),
            ("POST", f"{channel}/threads", self._start_thread),
            ("GET", "/guilds/{guild}/threads/active", self._get_active_threads),
            ("GET", f"{channel}/threads/archived/public", self._get_public_archive),
            ("GET", f"{channel}/threads/archived/private", self._get_private_archive),
            ("GET", f"{channel}/users/@me/threads/archived/private", self._get_joined_archive),
            ("GET", members, self._get_thread_members),
            ("PUT", f"{members}/@me", self._join),
            ("DELETE", f"{members}/@me", self._leave),
            ("GET", f"{members}/{{user}}", self._get_thread_member),
            ("PUT", f"{members}/{{user}}", self._add_member),
            ("DELETE", f"{members}/{{user}}", self._remove_member),
        ):
            self.add_route(method, template, handler)

    # ── where a bot may be killed ───────────────────────────────────────────────────────────────────

    def hold_thread(self, parent_id: int | None = None, *, guild_id: int | None = None, is_done: bool = True) -> Held:
        """Hold the next start of a thread or forum's post, in one channel, in one server or anywhere.

        Args:
            is_done: After the thread was started and before the answer; otherwise before it is started.
        """

        def is_there(request: SeenRequest) -> bool:
            channel = self._channel_in(request)
            return channel is not None and guild_id in (None, channel.guild_id)

        where = r"\d+" if parent_id is None else str(parent_id)
        return self.hold_next(
            "POST", rf"/channels/{where}(?:/messages/\d+)?/threads", is_done=is_done, where=is_there
        )

    def hold_thread_message(
        self, thread_id: int | None = None, *, guild_id: int | None = None, is_done: bool = True
    ) -> Held:
        """Hold the next message into a thread, in one thread, in one server's or in any.

        Args:
            is_done: After the message stands and before the answer; otherwise before it stands.
        """

        def is_there(request: SeenRequest) -> bool:
            channel = self._channel_in(request)
            is_mine = channel is not None and channel.is_thread and guild_id in (None, channel.guild_id)
            return is_mine and thread_id in (None, channel.id if channel else None)

        return self.hold_next("POST", r"/channels/\d+/messages", is_done=is_done, where=is_there)

    def _channel_in(self, request: SeenRequest) -> Channel | None:
        return self.world.channels.get(int(request.path.split("/")[2]))

    # ── channels ────────────────────────────────────────────────────────────────────────────────────

    def _make_channel(self, call: Call) -> Json:
        """Make a text, announcement or forum channel. Source: Guild Resource, Create Guild Channel."""
        guild, body = self.guild_of(call), call.body
        if not self.world.guild_permissions(guild.id) & Permission.MANAGE_CHANNELS:
            raise ApiError(403, 50013, "Missing Permissions")
        kind = body.get("type") or _TEXT
        self.judge(call.request, check_forum(body), schema="CreateGuildChannelRequest")
        if kind not in _MADE_KINDS:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        channel = self.world.add_channel(guild.id, body["name"], kind)
        self._change_forum(channel, body)
        payload = self.world.channel_payload(channel)
        self.gateway.dispatch("CHANNEL_CREATE", payload)
        return payload

    def _get_channel(self, call: Call) -> Json:
        return self.world.channel_payload(self.channel_of(call))

    def _edit_channel(self, call: Call) -> Json:
        """Change a thread, or of a channel its name and of a forum its tags; all else is accepted and forgotten."""
        channel, body = self.channel_of(call), call.body
        if channel.is_thread:
            return self._edit_thread(call, channel)
        if not self.may(channel, Permission.MANAGE_CHANNELS):
            raise ApiError(403, 50013, "Missing Permissions")
        self.judge(call.request, check_forum(body), schema="UpdateGuildChannelRequestPartial")
        self._change_forum(channel, body)
        channel.name = body.get("name") or channel.name
        self.tell_channel(channel)
        return self.world.channel_payload(channel)

    def _change_forum(self, channel: Channel, body: Json) -> None:
        if channel.type == FORUM and body.get("available_tags") is not None:
            channel.available_tags = self._tags_for(channel, body["available_tags"])
            known = {int(tag["id"]) for tag in channel.available_tags}
            for thread in self.world.threads_of(channel.id):
                thread.applied_tags = [tag for tag in thread.applied_tags if tag in known]
        if body.get("flags") is not None:
            channel.requires_tag = bool(body["flags"] & _REQUIRES_TAG)

    def _tags_for(self, forum: Channel, wanted: list[Json]) -> list[Json]:
        """Return a forum's tags as they are to be: those with an id it knows keep it, others get one."""
        known = {tag["id"] for tag in forum.available_tags}
        names = [tag["name"] for tag in wanted]
        if len(set(names)) < len(names):
            raise ApiError(400, 40061, "Tag names must be unique")
        plain: Json = {"moderated": False, "emoji_id": None, "emoji_name": None}
        tags = []
        for tag in wanted:
            tag_id = str(tag.get("id") or "")
            if tag_id and tag_id not in known:
                raise ApiError(400, 10087, "Unknown Tag")
            tags.append(plain | tag | {"id": tag_id or str(self.world.new_id())})
        return tags

    def _delete_channel(self, call: Call) -> Json:
        """Delete a channel or thread; who began a thread may not delete it. Source: Channels Resource, Delete."""
        channel = self.channel_of(call)
        needed = Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS
        if not self.may(channel, needed):
            raise ApiError(403, 50013, "Missing Permissions")
        payload = self.world.channel_payload(channel)
        self.delete_channel(channel.id)
        return payload

    def delete_channel(self, channel_id: int) -> None:
        """Delete a channel with its threads, or one thread; afterwards 404 with code 10003."""
        channel = self.world.channels[channel_id]
        payload, was_seen = self.world.channel_payload(channel), channel.is_seen_by_bot
        for gone in (channel, *self.world.threads_of(channel_id)):
            gone.is_deleted = True
        if not channel.is_thread:
            self.gateway.dispatch("CHANNEL_DELETE", payload)
            return
        self._forget_thread(channel)
        if was_seen:  # Source: Gateway Events, Thread Delete: four fields
            fields = ("id", "guild_id", "parent_id", "type")
            self.gateway.dispatch("THREAD_DELETE", {key: payload[key] for key in fields})

    def _forget_thread(self, thread: Channel) -> None:
        """Let another thread be started under the message of one that was deleted."""
        source = self.world.find_message(thread.id)
        if source is None:
            return
        without = {key: value for key, value in source.items() if key != "thread"}
        flags = source["flags"] if self.remembers_deleted_threads else source["flags"] & ~HAS_THREAD
        self.replace(without | {"flags": flags})

    # ── changing threads ────────────────────────────────────────────────────────────────────────────

    def _edit_thread(self, call: Call, thread: Channel) -> Json:
        body = call.body
        self._must_change(thread, body)
        self.judge(call.request, check_thread_change(body), schema="UpdateThreadRequestPartial")
        if body.get("applied_tags") is not None:
            self._must_know_tags(thread, self.world.channels[thread.parent_id or 0], body)
        self.change_thread(thread, body, by=APPLICATION_ID)
        return self.world.channel_payload(thread)

    def _must_change(self, thread: Channel, body: Json) -> None:
        """Source: Threads, Editing & Deleting Threads, Locked Threads; Channels Resource, Modify Channel."""
        only_opens = set(body) == {"archived"} and not body["archived"]
        is_owner = thread.owner_id == APPLICATION_ID and not {"locked", "rate_limit_per_user"} & set(body)
        may_open = only_opens and self.may(thread, Permission.SEND_IN_THREADS)
        may_change = (is_owner or may_open) and not thread.locked and not self.world.is_bot_timed_out(thread.guild_id)
        if not may_change and not self.may(thread, Permission.MANAGE_THREADS):
            raise ApiError(403, 50013, "Missing Permissions")
        if thread.archived and body.get("archived", True):
            raise ApiError(400, 50083, "Thread is archived")
        if thread.archived:
            self.must_have_room(thread.guild_id)

    def change_thread(self, thread: Channel, changes: Json, *, by: int) -> None:
        """Change a thread's ``name``, ``archived``, ``locked``, ``auto_archive_duration``, ``invitable`` or tags."""
        given = {key: value for key, value in changes.items() if value is not None}
        was_archived = thread.archived
        if given.get("name", thread.name) != thread.name:
            thread.name = given["name"]
            self._notice(thread, _RENAMED, thread.name, by=by)
        if "archived" in given or "auto_archive_duration" in given:
            self.set_archived(thread, archived=bool(given.get("archived", thread.archived)))
        thread.locked = given.get("locked", thread.locked)
        thread.invitable = given.get("invitable", thread.invitable)
        thread.auto_archive_duration = int(given.get("auto_archive_duration", thread.auto_archive_duration))
        thread.applied_tags = [int(tag) for tag in given.get("applied_tags", thread.applied_tags)]
        if was_archived and not thread.archived:
            self.tell_unarchived(thread)
        else:
            self.tell_channel(thread)

    def _notice(
        self, channel: Channel, kind: int, text: str = "", *, by: int, about: int | None = None, **more: Any
    ) -> None:
        """Leave a message of Discord's own in the name of somebody. Source: Threads, New Message Types."""
        message = self.world.new_message(channel, {"content": text})
        mentions = [] if about is None else [user_payload(about)]
        self.world.keep_message(
            channel, message | {"type": kind, "author": user_payload(by), "mentions": mentions} | more
        )

    # ── starting threads ────────────────────────────────────────────────────────────────────────────

    def _start_thread_on_message(self, call: Call) -> Json:
        """Start a thread on a message, whose id it gets; only once. Source: Start Thread from Message."""
        channel = self.channel_of(call)
        if channel.type not in _KINDS:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        self._must_start(channel, Permission.CREATE_PUBLIC_THREADS)
        message = self.message_of(call, channel)
        self.judge(call.request, check_thread(call.body), schema="CreateTextThreadWithMessageRequest")
        if message["flags"] & HAS_THREAD:
            raise ApiError(400, 160004, "A thread has already been created for this message")
        self.must_have_room(channel.guild_id)
        return self.world.channel_payload(self.start_under(channel, message, call.body, by=APPLICATION_ID))

    def start_under(self, channel: Channel, message: Json, body: Json, *, by: int) -> Channel:
        """Start a thread under a message of a channel."""
        kind = _KINDS[channel.type][0]
        thread = self.world.add_thread(channel, body, thread_id=int(message["id"]), kind=kind, owner_id=by)
        thread.starter = starter_message(thread, message, message_id=self.world.new_id())
        self.replace(message | {"flags": message["flags"] | HAS_THREAD, "thread": self.world.channel_payload(thread)})
        if self.leaves_thread_notices:
            reference = {"guild_id": str(channel.guild_id), "channel_id": str(thread.id)}
            self._notice(channel, _THREAD_CREATED, thread.name, by=by, message_reference=reference)
        self.tell_started(thread)
        return thread

    def _start_thread(self, call: Call) -> Json:
        """Start a thread without a message, or a forum's post with its first message."""
        channel = self.channel_of(call)
        if channel.type == FORUM:
            return self._start_forum_post(call, channel)
        kind = call.body.get("type") or PRIVATE_THREAD
        if kind not in _KINDS.get(channel.type, ()):
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        is_private = kind == PRIVATE_THREAD
        needed = Permission.CREATE_PRIVATE_THREADS if is_private else Permission.CREATE_PUBLIC_THREADS
        self._must_start(channel, needed)
        self.judge(call.request, check_thread(call.body), schema="CreateTextThreadWithoutMessageRequest")
        self.must_have_room(channel.guild_id)
        thread = self.world.add_thread(channel, call.body, thread_id=None, kind=kind)
        self.tell_started(thread)
        return self.world.channel_payload(thread)

    def _must_start(self, channel: Channel, needed: Permission) -> None:
        if not self.may(channel, needed):
            raise ApiError(403, 50013, "Missing Permissions")

    def _start_forum_post(self, call: Call, forum: Channel) -> Json:
        """Source: Channels Resource, Start Thread in Forum: SEND_MESSAGES is what it takes."""
        self._must_start(forum, Permission.SEND)
        first = call.body.get("message") or {}
        faults = [*check_thread(call.body), *check_message(first), *self._check_forum_flags(first)]
        self.judge_message(call.request, first, faults, schema="CreateForumThreadRequest")
        self.must_show(call.request, first)
        self._must_know_tags(None, forum, call.body)
        if forum.requires_tag and not call.body.get("applied_tags"):
            raise ApiError(400, 40067, "A tag is required to create a forum post in this channel")
        self.must_have_room(forum.guild_id)
        thread = self.world.add_thread(forum, call.body, thread_id=None, kind=_PUBLIC_THREAD)
        message = self.new_message(call.request, thread, self.take_embeds(thread, first))
        self.keep_first(thread, message)
        self.tell_started(thread)
        return self.world.channel_payload(thread) | {"message": public_message(message)}

    def keep_first(self, thread: Channel, message: Json) -> None:
        """Keep the first message of a forum's post, which has the thread's own id."""
        message["id"] = str(thread.id)
        self.world.keep_message(thread, message)

    def _check_forum_flags(self, first: Json) -> list[Fault]:
        if self.forum_takes_v2 or not (first.get("flags") or 0) & COMPONENTS_V2:
            return []
        words = "Only SUPPRESS_EMBEDS and SUPPRESS_NOTIFICATIONS can be set."
        return [Fault(("message", "flags"), "BASE_TYPE_CHOICES", words, "Channels Resource, Start Thread in Forum")]

    def _must_know_tags(self, thread: Channel | None, parent: Channel, body: Json) -> None:
        """Refuse tags of another forum, and moderated ones without the right for them; no change of none."""
        tags = {tag["id"]: tag for tag in parent.available_tags}
        wanted = {str(tag) for tag in body.get("applied_tags") or []}
        if not wanted <= set(tags):
            raise ApiError(400, 10087, "Unknown Tag")
        changed = wanted ^ {str(tag) for tag in (thread.applied_tags if thread else [])}
        is_moderated = any(tags[tag]["moderated"] for tag in changed if tag in tags)
        if is_moderated and not self.may(parent, Permission.MANAGE_THREADS):
            raise ApiError(403, 50013, "Missing Permissions")

    def tell_started(self, thread: Channel) -> None:
        """Tell of a new thread, and of the bot if it is in it. Source: Threads, Syncing for the current user."""
        if thread.is_seen_by_bot:
            self.gateway.dispatch("THREAD_CREATE", self.world.channel_payload(thread) | {"newly_created": True})
        self.tell_thread_members(thread, added=list(thread.members))

    # ── listing threads ─────────────────────────────────────────────────────────────────────────────

    def _get_active_threads(self, call: Call) -> Json:
        threads = self.world.active_threads(self.guild_of(call).id)
        return self._listed([thread for thread in threads if thread.is_seen_by_bot])

    def _listed(self, threads: list[Channel]) -> Json:
        mine = [thread_member(thread, APPLICATION_ID) for thread in threads if APPLICATION_ID in thread.members]
        return {"threads": [self.world.channel_payload(thread) for thread in threads], "members": mine}

    def _get_public_archive(self, call: Call) -> Json:
        return self._archive(call, is_private=False)

    def _get_private_archive(self, call: Call) -> Json:
        if not self.may(self.channel_of(call), Permission.MANAGE_THREADS):
            raise ApiError(403, 50013, "Missing Permissions")
        return self._archive(call, is_private=True)

    def _archive(self, call: Call, *, is_private: bool) -> Json:
        threads = [thread for thread in self._archived(call) if thread.is_private is is_private]
        threads.sort(key=lambda thread: thread.archived_at, reverse=True)
        if before := call.request.query.get("before"):
            threads = [thread for thread in threads if thread.archived_at < before]
        return self._page(call, threads)

    def _get_joined_archive(self, call: Call) -> Json:
        """The bot's own private threads that are archived, by their ids. Source: List Joined Private Archived."""
        threads = [one for one in self._archived(call) if one.is_private and APPLICATION_ID in one.members]
        before = int(call.request.query.get("before", self.world.new_id()))
        return self._page(call, [thread for thread in reversed(threads) if thread.id < before])

    def _archived(self, call: Call) -> list[Channel]:
        parent = self.channel_of(call)
        if not parent.may(Permission.READ_HISTORY):
            raise ApiError(403, 50013, "Missing Permissions")
        return [thread for thread in self.world.threads_of(parent.id) if thread.archived]

    def _page(self, call: Call, threads: list[Channel]) -> Json:
        limit = int(call.request.query.get("limit", 50))
        return self._listed(threads[:limit]) | {"has_more": len(threads) > limit}

    # ── who is in a thread ──────────────────────────────────────────────────────────────────────────

    def _thread_of(self, call: Call, *, must_be_open: bool = False) -> Channel:
        thread = self.channel_of(call)
        if not thread.is_thread:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        if must_be_open and thread.archived:
            raise ApiError(400, 50083, "Thread is archived")
        return thread

    def _get_thread_members(self, call: Call) -> list[Json]:
        """Source: Channels Resource, List Thread Members, which asks for the intent for members."""
        thread = self._thread_of(call)
        if not self.gateway.allow_privileged_intents:
            raise ApiError(403, 50001, "Missing Access")
        return [self._shown_member(call, thread, user_id) for user_id in thread.members]

    def _get_thread_member(self, call: Call) -> Json:
        thread = self._thread_of(call)
        if call.id("user") not in thread.members:
            raise ApiError(404, 10007, "Unknown Member")
        return self._shown_member(call, thread, call.id("user"))

    def _shown_member(self, call: Call, thread: Channel, user_id: int) -> Json:
        shown = copy.copy(thread_member(thread, user_id))
        if call.request.query.get("with_member") in ("true", "1"):
            shown["member"] = self.world.member_payload(thread.guild_id or 0, user_id)
        return shown

    def _join(self, call: Call) -> None:
        """Source: Channels Resource, Join Thread; Threads, Gaining Access to Public Threads."""
        thread = self._thread_of(call, must_be_open=True)
        if self.let_in(thread, APPLICATION_ID):
            self.gateway.dispatch("THREAD_CREATE", self.world.channel_payload(thread))

    def _leave(self, call: Call) -> None:
        self._let_out(self._thread_of(call, must_be_open=True), APPLICATION_ID)

    def _add_member(self, call: Call) -> None:
        """Source: Channels Resource, Add Thread Member: it takes the right to send messages there."""
        thread, user_id = self._thread_of(call, must_be_open=True), call.id("user")
        may_invite = thread.invitable or thread.owner_id == APPLICATION_ID
        if not self.may(thread, Permission.SEND_IN_THREADS if may_invite else Permission.MANAGE_THREADS):
            raise ApiError(403, 50013, "Missing Permissions")
        if self.let_in(thread, user_id):
            self._notice(thread, _ADDED, by=APPLICATION_ID, about=user_id)

    def _remove_member(self, call: Call) -> None:
        """Source: Channels Resource, Remove Thread Member."""
        thread, user_id = self._thread_of(call, must_be_open=True), call.id("user")
        is_own = thread.is_private and thread.owner_id == APPLICATION_ID
        if not is_own and not self.may(thread, Permission.MANAGE_THREADS):
            raise ApiError(403, 50013, "Missing Permissions")
        if self._let_out(thread, user_id):
            self._notice(thread, _REMOVED, by=APPLICATION_ID, about=user_id)

    def _let_out(self, thread: Channel, user_id: int) -> bool:
        was_in = thread.members.pop(user_id, None) is not None
        if was_in:
            self.tell_thread_members(thread, removed=[user_id])
        return was_in
