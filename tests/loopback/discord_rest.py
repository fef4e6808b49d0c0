"""The routes of Discord's REST API that a bot like ours uses: servers, roles, messages, commands.

Sources: Message Resource, Channels Resource, Threads, Permissions and Application Commands of Discord's
documentation; error codes from Opcodes and Status Codes.
"""

from __future__ import annotations

import copy
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from .discord_gateway import Gateway
from .discord_limits import (
    COMPONENTS_V2,
    EPHEMERAL,
    Fault,
    check_commands,
    check_message,
    check_nonce,
    is_empty_message,
)
from .discord_mentions import check_mentions, find_pings, tell_open_mentions
from .discord_server import ApiError, Call, HttpServer, SeenRequest
from .discord_world import (
    APPLICATION_ID,
    FORUM,
    LOADING,
    SUPPRESS_NOTIFICATIONS,
    Channel,
    Guild,
    Permission,
    Role,
    World,
    application_payload,
    bot_user,
    guild_summary,
    public_message,
    role_payload,
    thread_member,
    user_payload,
)

__all__ = ["SUPPRESS_EMBEDS", "RestApi"]

Json = dict[str, Any]

_NEWS = 5
_PUBLISH_WINDOW_S = 3600.0
_CROSSPOSTED, SUPPRESS_EMBEDS = 1 << 0, 1 << 2
_REPLY = 19
_CREATE = "Message Resource, Create Message"
_MAY_SET = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2  # Source: Message Resource, Create Message
_IS_ARCHIVED, _IS_LOCKED = (50083, "Thread is archived"), (160005, "Thread is locked")
_MOST_THREAD_MEMBERS = 1000
_MESSAGE_FIELDS = ("content", "embeds", "components", "attachments", "flags")


class RestApi(HttpServer):
    """Messages and commands, kept as Discord keeps them.

    Attributes:
        commands: What is registered: under None the global ones, under a server's id its own.
        mention_violations: Requests whose message leaves open whom it pings: not ``allowed_mentions.parse == []``,
            or lists that Discord refuses. A message keeps those it pinged when it was sent, as ``mentions``,
            ``mention_roles`` and ``mention_everyone``.
        command_permissions: What a server's settings allow and deny, by the server's id. Source: Application
            Commands, Permissions.
        dropped_embeds: Embeds lost for want of EMBED_LINKS, with the channel's id.
        nonce_window_s: How long an enforced nonce is remembered; Discord says "the past few minutes".
        most_active_threads: How many threads of a server may be open at a time; beyond it none is started or
            unarchived. Discord names no number; bots met 1,000.
        publish_limit: Messages of one channel that may be published in an hour; None for no limit. Source: the
            article "Announcement Channels FAQ" of Discord's help centre.
    """

    def __init__(self, *, token: str) -> None:
        super().__init__(token=token)
        self.world = World()
        self.gateway = Gateway(self.world, token=token, on_change=self._changed)
        self.commands: dict[int | None, list[Json]] = {None: []}
        self.mention_violations: list[str] = []
        self.dropped_embeds: list[tuple[int, Json]] = []
        self.nonce_window_s = 300.0
        self.most_active_threads = 1000
        self.publish_limit: int | None = 10
        self.command_permissions: defaultdict[int, list[Json]] = defaultdict(list)
        self._published_s: defaultdict[int, list[float]] = defaultdict(list)
        self._nonces: dict[tuple[int, str], tuple[float, int]] = {}
        self._add_rest_routes()

    def _add_rest_routes(self) -> None:
        message, commands = "/channels/{channel}/messages/{message}", "/applications/{app}/commands"
        guild_commands = "/applications/{app}/guilds/{guild}/commands"
        for method, template, handler in (
            ("GET", "/users/@me", lambda _: bot_user()),
            ("GET", "/users/{user}", lambda call: user_payload(call.id("user"))),
            ("POST", "/users/@me/channels", self._open_direct_message),
            ("GET", "/oauth2/applications/@me", lambda _: application_payload()),
            ("GET", "/applications/@me", lambda _: application_payload()),
            ("GET", "/gateway", lambda _: {"url": self.gateway.url}),
            ("GET", "/gateway/bot", self._gateway_bot),
            ("GET", "/guilds/{guild}", self._get_guild),
            (
                "GET",
                "/applications/{app}/guilds/{guild}/commands/permissions",
                lambda call: self.command_permissions[self.guild_of(call).id],
            ),
            ("GET", "/guilds/{guild}/channels", self._get_guild_channels),
            ("GET", "/guilds/{guild}/roles", self._get_roles),
            ("GET", "/guilds/{guild}/members/{user}", self._get_member),
            ("PUT", "/guilds/{guild}/members/{user}/roles/{role}", self._give_role),
            ("DELETE", "/guilds/{guild}/members/{user}/roles/{role}", self._take_role),
            ("GET", "/users/@me/guilds/{guild}/member", self._get_member),
            ("POST", "/channels/{channel}/typing", self._typing),
            ("GET", "/channels/{channel}/messages", self._get_history),
            ("POST", "/channels/{channel}/messages", self._create_message),
            ("GET", message, self._get_message),
            ("PATCH", message, self._edit_message),
            ("DELETE", message, self._delete_message),
            ("PUT", f"{message}/reactions/{{token}}/@me", self._react),
            ("POST", f"{message}/crosspost", self._crosspost),
        ):
            self.add_route(method, template, handler)
        for base in (commands, guild_commands):
            self.add_route("GET", base, lambda call: self._commands_of(call))
            self.add_route("PUT", base, self._overwrite_commands)
            self.add_route("POST", base, self._create_command)
            self.add_route("GET", f"{base}/{{command}}", self._find_command)
            self.add_route("PATCH", f"{base}/{{command}}", self._edit_command)
            self.add_route("DELETE", f"{base}/{{command}}", self._delete_command)

    # ── gateway, servers ──────────────────────────────────────────────────────────────────

    def _gateway_bot(self, _: Call) -> Json:
        limit = self.gateway.session_starts | {"max_concurrency": self.gateway.max_concurrency}
        return {"url": self.gateway.url, "shards": self.gateway.recommended_shards, "session_start_limit": limit}

    def guild_of(self, call: Call) -> Guild:
        guild = self.world.guilds.get(call.id("guild"))
        if guild is None:
            raise ApiError(404, 10004, "Unknown Guild")
        return guild

    def _get_guild(self, call: Call) -> Json:
        payload = self.world.guild_payload(self.guild_of(call))
        return guild_summary(self.guild_of(call)) | {"roles": payload["roles"]}

    def _get_guild_channels(self, call: Call) -> list[Json]:
        return list(self.world.guild_payload(self.guild_of(call))["channels"])

    def _get_member(self, call: Call) -> Json:
        guild = self.guild_of(call)
        return self.world.member_payload(guild.id, int(call.ids.get("user", APPLICATION_ID)))

    # ── roles ───────────────────────────────────────────────────────────────────────────────────────

    def _get_roles(self, call: Call) -> list[Json]:
        return [role_payload(role) for role in self.guild_of(call).roles.values()]

    def _role_to_give(self, call: Call) -> Role:
        """Return the role the path names, if the bot may give and take it. Source: Guild, Add Member Role."""
        guild = self.guild_of(call)
        role = guild.roles.get(call.id("role"))
        if role is None or role.id == guild.id:
            raise ApiError(404, 10011, "Unknown Role")
        if not self.world.may_give(role):
            raise ApiError(403, 50013, "Missing Permissions")
        return role

    def _give_role(self, call: Call) -> None:
        role = self._role_to_give(call)
        held = self.world.member_roles[role.guild_id, call.id("user")]
        held += [] if role.id in held else [role.id]
        self._tell_member(role.guild_id, call.id("user"))

    def _take_role(self, call: Call) -> None:
        role = self._role_to_give(call)
        held = self.world.member_roles[role.guild_id, call.id("user")]
        held[:] = [role_id for role_id in held if role_id != role.id]
        self._tell_member(role.guild_id, call.id("user"))

    def _tell_member(self, guild_id: int, user_id: int) -> None:
        """Without the intent for members, a bot hears of itself alone. Source: Gateway, Guild Members."""
        if user_id == APPLICATION_ID or self.gateway.allow_privileged_intents:
            member = self.world.member_payload(guild_id, user_id)
            self.gateway.dispatch("GUILD_MEMBER_UPDATE", member | {"guild_id": str(guild_id)})

    # ── channels ────────────────────────────────────────────────────────────────────────────────────

    def channel_of(self, call: Call) -> Channel:
        """Return the channel the path names, if the bot may see it."""
        channel = self.world.channels.get(call.id("channel"))
        if channel is None or channel.is_deleted:
            raise ApiError(404, 10003, "Unknown Channel")
        if not channel.is_seen_by_bot:
            raise ApiError(403, 50001, "Missing Access")
        return channel

    def tell_channel(self, channel: Channel) -> None:
        """Tell clients how a channel or thread is now; of a thread those who may see it."""
        payload = self.world.channel_payload(channel)
        if not channel.is_thread:
            self.gateway.dispatch("CHANNEL_UPDATE", payload)
        elif channel.is_seen_by_bot:
            self.gateway.dispatch("THREAD_UPDATE", payload)

    def may(self, channel: Channel, permission: Permission) -> bool:
        """Whether the bot may do more than look now. Source: Permissions, Time Outs."""
        return channel.may(permission) and not self.world.is_bot_timed_out(channel.guild_id)

    # ── what writing does to a thread ───────────────────────────────────────────────────────────────

    def must_have_room(self, guild_id: int | None) -> None:
        if len(self.world.active_threads(guild_id or 0)) >= self.most_active_threads:
            raise ApiError(400, 160006, "Maximum number of active threads reached")

    def enter_thread(self, thread: Channel, user_id: int) -> None:
        """Unarchive a thread somebody writes to, and let them in. Source: Threads, Active & Archived Threads."""
        self.unarchive(thread)
        self.let_in(thread, user_id)

    def unarchive(self, thread: Channel) -> None:
        if thread.archived:
            self.set_archived(thread, archived=False)
            self.tell_unarchived(thread)

    def set_archived(self, thread: Channel, *, archived: bool) -> None:
        thread.archived = archived
        thread.archived_at = datetime.now(UTC).isoformat()

    def tell_unarchived(self, thread: Channel) -> None:
        """Tell of a thread that a client may not know any more. Source: Threads, Unarchiving a Thread."""
        self.tell_channel(thread)
        if thread.is_seen_by_bot and APPLICATION_ID in thread.members:
            mine = thread_member(thread, APPLICATION_ID)
            self.gateway.dispatch("THREAD_MEMBER_UPDATE", mine | {"guild_id": str(thread.guild_id)})

    def let_in(self, thread: Channel, user_id: int) -> bool:
        """Let somebody be in a thread; whether they were not before."""
        if user_id in thread.members:
            return False
        if len(thread.members) >= _MOST_THREAD_MEMBERS:
            raise ApiError(400, 30033, "Maximum number of thread participants has been reached (1000)")
        thread.members[user_id] = datetime.now(UTC).isoformat()
        self.tell_thread_members(thread, added=[user_id])
        return True

    def tell_thread_members(self, thread: Channel, *, added: Sequence[int] = (), removed: Sequence[int] = ()) -> None:
        """Without the intent for members, a bot hears of itself alone. Source: Thread Members Update."""
        told = [(one, one in added) for one in (*added, *removed)]
        told = [one for one in told if one[0] == APPLICATION_ID or self.gateway.allow_privileged_intents]
        if not told:
            return
        guild_id = thread.guild_id or 0
        joined = [
            thread_member(thread, one) | {"member": self.world.member_payload(guild_id, one), "presence": None}
            for one, is_added in told
            if is_added
        ]
        left = [str(one) for one, is_added in told if not is_added]
        count = self.world.channel_payload(thread)["member_count"]
        payload: Json = {"id": str(thread.id), "guild_id": str(guild_id), "member_count": count}
        payload |= {"added_members": joined} if joined else {}
        self.gateway.dispatch("THREAD_MEMBERS_UPDATE", payload | ({"removed_member_ids": left} if left else {}))

    def _typing(self, call: Call) -> None:
        self.channel_of(call)

    def _open_direct_message(self, call: Call) -> Json:
        return self.world.channel_payload(self.world.direct_channel(int(call.body["recipient_id"])))

    # ── messages ────────────────────────────────────────────────────────────────────────────────────

    def message_of(self, call: Call, channel: Channel) -> Json:
        message = self.world.find_message(call.id("message"))
        if channel.starter is not None and channel.starter["id"] == call.ids["message"]:
            return channel.starter
        if message is None or message["channel_id"] != str(channel.id) or message["flags"] & EPHEMERAL:
            raise ApiError(404, 10008, "Unknown Message")
        return message

    def _get_history(self, call: Call) -> list[Json]:
        """Return messages newest first; none without READ_MESSAGE_HISTORY. Source: Get Channel Messages."""
        channel, query = self.channel_of(call), call.request.query
        if not channel.may(Permission.READ_HISTORY):
            return []
        limit = int(query.get("limit", 50))
        if not 1 <= limit <= 100:
            raise ApiError(400, 50035, "limit: int value should be between 1 and 100.")
        found = channel.messages if channel.starter is None else [channel.starter, *channel.messages]
        if "after" in query:
            found = [m for m in found if int(m["id"]) > int(query["after"])][:limit]
        elif "around" in query:
            middle = sum(int(m["id"]) < int(query["around"]) for m in found)
            start = max(0, middle - limit // 2)
            found = found[start : start + limit]
        elif "before" in query:
            found = [m for m in found if int(m["id"]) < int(query["before"])]
        return [self.world.message_for_bot(message) for message in reversed(found[-limit:])]

    def _get_message(self, call: Call) -> Json:
        channel = self.channel_of(call)
        if not channel.may(Permission.READ_HISTORY):
            raise ApiError(403, 50013, "Missing Permissions")
        return self.world.message_for_bot(self.message_of(call, channel))

    def _create_message(self, call: Call) -> Json:
        channel = self.channel_of(call)
        self._must_send(channel)
        faults = [*check_message(call.body), *check_nonce(call.body)]
        self.judge_message(call.request, call.body, faults, schema="MessageCreateRequest")
        body = self.take_embeds(channel, call.body)
        body = body | {"flags": (body.get("flags") or 0) & _MAY_SET}
        self.must_show(call.request, call.body)
        first = self._sent_before(channel, call.body)
        if first is not None:
            return first
        if channel.archived:
            self.must_have_room(channel.guild_id)
        answered = self._answered_message(call.request, channel, body)
        message = self.new_message(call.request, channel, body)
        if answered is not None:
            reference = {"channel_id": str(channel.id), "message_id": answered["id"]}
            message |= {
                "type": _REPLY,
                "message_reference": reference,
                "referenced_message": public_message(answered),
            }
        if body.get("nonce") is not None:
            message["nonce"] = body["nonce"]
            self._nonces[channel.id, str(body["nonce"])] = (time.monotonic(), int(message["id"]))
        self.world.keep_message(channel, message)
        if channel.is_thread:
            self.enter_thread(channel, APPLICATION_ID)
        return copy.deepcopy(message)

    def _answered_message(self, request: SeenRequest, channel: Channel, body: Json) -> Json | None:
        """Return what a message replies to: one of the same channel. Source: Message Resource, Create Message."""
        reference = body.get("message_reference")
        if not reference:
            return None
        if not channel.may(Permission.READ_HISTORY):
            raise ApiError(403, 160002, "Cannot reply without permission to read message history")
        found = self.world.find_message(int(reference["message_id"]))
        if found is not None and found["channel_id"] == str(channel.id) and not found["flags"] & EPHEMERAL:
            return found
        if reference.get("fail_if_not_exists", True):
            words = "Unknown message"
            self.judge(request, [Fault(("message_reference",), "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", words, _CREATE)])
        return None

    def _must_send(self, channel: Channel) -> None:
        """Source: Threads, Permissions: in a thread SEND_MESSAGES counts for nothing.

        A locked thread that is archived is called archived, since sending would have to unarchive it.
        """
        if channel.type == FORUM:
            raise ApiError(400, 50008, "Cannot send messages in a non-text channel")
        if not self.may(channel, Permission.SEND_IN_THREADS if channel.is_thread else Permission.SEND):
            raise ApiError(403, 50013, "Missing Permissions")
        if channel.locked and not channel.may(Permission.MANAGE_THREADS):
            raise ApiError(403, *(_IS_ARCHIVED if channel.archived else _IS_LOCKED))

    def _sent_before(self, channel: Channel, body: Json) -> Json | None:
        """Return the message with this nonce, if it is enforced and recent. Source: Create Message."""
        sent_s, message_id = self._nonces.get((channel.id, str(body.get("nonce"))), (-self.nonce_window_s, 0))
        if not body.get("enforce_nonce") or time.monotonic() - sent_s >= self.nonce_window_s:
            return None
        message = self.world.find_message(message_id)
        if message is None:
            raise ApiError(404, 10008, "Unknown Message")  # sent, and deleted since
        return copy.deepcopy(message)

    def forget_nonces(self) -> None:
        """As Discord does after some minutes."""
        self._nonces.clear()

    def take_embeds(self, channel: Channel, body: Json) -> Json:
        """Drop the embeds where the bot lacks EMBED_LINKS, silently as Discord does, and write them down."""
        if channel.may(Permission.EMBED_LINKS) or not body.get("embeds"):
            return body
        self.dropped_embeds += [(channel.id, embed) for embed in body["embeds"]]
        return body | {"embeds": []}

    def must_show(self, request: SeenRequest, message: Json) -> None:
        if is_empty_message(message) and not request.files:
            self.violations.append(f"{request.method} {request.path}: Cannot send an empty message")
            raise ApiError(400, 50006, "Cannot send an empty message")

    def judge_message(self, request: SeenRequest, body: Json, faults: list[Fault], *, schema: str | None) -> None:
        """Refuse a message with faults, and write down one that leaves open whom it pings."""
        refused = check_mentions(body)
        found = [*map(str, refused)] if refused else [tell_open_mentions(body)]
        self.mention_violations += [f"{request.method} {request.path}: {words}" for words in found if words]
        self.judge(request, [*faults, *refused], schema=schema)

    def new_message(self, request: SeenRequest, channel: Channel, body: Json) -> Json:
        """Return a new message with its files and those it pings; the caller decides where it is kept."""
        message = self.world.new_message(channel, body, attachments=self.attachments_of(request))
        roles = self.world.guilds[channel.guild_id].roles if channel.guild_id in self.world.guilds else {}
        may_ping_all = bool(roles) and channel.may(Permission.MENTION_EVERYONE)
        pings = find_pings(
            body,
            may_ping_role=lambda role_id: role_id in roles and (may_ping_all or roles[role_id].mentionable),
            may_ping_everyone=may_ping_all,
        )
        return message | {
            "mentions": [user_payload(user_id) for user_id in pings.users],
            "mention_roles": [str(role_id) for role_id in pings.roles],
            "mention_everyone": pings.everyone,
        }

    def attachments_of(self, request: SeenRequest) -> list[Json]:
        return [self.world.add_file(file["filename"], file["content"]) for file in request.files]

    def _edit_message(self, call: Call) -> Json:
        channel = self.channel_of(call)
        message = self.message_of(call, channel)
        if message["author"]["id"] != str(APPLICATION_ID):
            raise ApiError(403, 50005, "Cannot edit a message authored by another user")
        if channel.archived:
            raise ApiError(400, *_IS_ARCHIVED)
        if channel.locked and not channel.may(Permission.MANAGE_THREADS):
            raise ApiError(403, *_IS_LOCKED)
        edited = self.edited(call.request, message, call.body, schema="MessageEditRequestPartial")
        edited["embeds"] = self.take_embeds(channel, edited)["embeds"]
        self.replace(edited)
        return public_message(edited)

    def edited(self, request: SeenRequest, message: Json, body: Json, *, schema: str | None) -> Json:
        """Return the message after an edit, if the edit is allowed; the stored one stays as it is.

        A field that is missing keeps its value, null empties it; the Components V2 flag stays for ever. Nobody is
        pinged anew: the message keeps those whom it pinged when it was sent.
        """
        changes = {key: body[key] for key in _MESSAGE_FIELDS if key in body}
        merged = copy.deepcopy(message | changes)
        merged |= {"content": merged["content"] or ""}
        merged |= {key: merged[key] or [] for key in ("embeds", "components", "attachments")}
        kept = {str(item.get("id")) for item in merged["attachments"]}  # new files are listed there by number
        merged["attachments"] = [item for item in message["attachments"] if item["id"] in kept]
        merged["attachments"] += self.attachments_of(request)
        may_change = SUPPRESS_EMBEDS | COMPONENTS_V2
        merged["flags"] = (message["flags"] & ~SUPPRESS_EMBEDS | (body.get("flags") or 0) & may_change) & ~LOADING
        shown = {key: merged[key] for key in _MESSAGE_FIELDS}
        has_text = body.get("content") or (body.get("components") and merged["flags"] & COMPONENTS_V2)
        if has_text or body.get("allowed_mentions"):
            self.judge_message(request, body, check_message(shown), schema=schema)
        else:
            self.judge(request, check_message(shown), schema=schema)
        self.must_show(request, merged)
        return merged | {"edited_timestamp": merged["timestamp"]}

    def replace(self, message: Json) -> None:
        """Put a message in the place of the one with its id; those handed out before stay as they were."""
        self.world.replace_message(message)

    def remove(self, message: Json) -> None:
        self.world.remove_message(int(message["id"]))

    def _delete_message(self, call: Call) -> None:
        """Source: Threads, Locked Threads; others' messages take MANAGE_MESSAGES."""
        channel = self.channel_of(call)
        message = self.message_of(call, channel)
        if message["author"]["id"] != str(APPLICATION_ID) and not self.may(channel, Permission.MANAGE_MESSAGES):
            raise ApiError(403, 50013, "Missing Permissions")
        if channel.archived and channel.locked and not channel.may(Permission.MANAGE_THREADS):
            raise ApiError(400, *_IS_ARCHIVED)
        if message is channel.starter:
            raise ApiError(403, 50021, "Cannot execute action on a system message")
        self.remove(message)

    def _react(self, call: Call) -> None:
        """Refuse a reaction or let it pass; none is kept. Source: Message Resource, Create Reaction; Threads."""
        channel = self.channel_of(call)
        self.message_of(call, channel)
        if channel.archived:
            raise ApiError(400, *_IS_ARCHIVED)
        if not self.may(channel, Permission.READ_HISTORY | Permission.ADD_REACTIONS):
            raise ApiError(403, 50013, "Missing Permissions")

    def _crosspost(self, call: Call) -> Json:
        """Publish a message of an announcement channel. Source: Message Resource, Crosspost Message."""
        channel = self.channel_of(call)
        message = self.message_of(call, channel)
        if channel.type != _NEWS:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        if message["flags"] & _CROSSPOSTED:
            raise ApiError(400, 40033, "This message has already been crossposted")
        if not channel.may(Permission.SEND):  # enough for one's own; all messages here are the bot's
            raise ApiError(403, 50013, "Missing Permissions")
        self._count_published(channel)
        self.replace(message | {"flags": message["flags"] | _CROSSPOSTED})
        return public_message(message)

    def _count_published(self, channel: Channel) -> None:
        """Refuse more than `publish_limit` in an hour, in words that ask for patience."""
        now = time.monotonic()
        recent = [then for then in self._published_s[channel.id] if now - then < _PUBLISH_WINDOW_S]
        if self.publish_limit is not None and len(recent) >= self.publish_limit:
            oldest = recent[0] if recent else now
            raise ApiError.too_many(oldest + _PUBLISH_WINDOW_S - now)
        self._published_s[channel.id] = [*recent, now]

    # ── commands ────────────────────────────────────────────────────────────────────────────────────

    def _commands_of(self, call: Call) -> list[Json]:
        if call.id("app") != APPLICATION_ID:
            raise ApiError(403, 20012, "You are not authorized to perform this action on this application")
        guild_id = self.guild_of(call).id if "guild" in call.ids else None
        return self.commands.setdefault(guild_id, [])

    def _overwrite_commands(self, call: Call) -> list[Json]:
        """Replace all commands of a place; one that keeps its name keeps its id. Source: Bulk Overwrite."""
        stored, bodies = self._commands_of(call), call.request.body or []
        self.judge(call.request, check_commands(bodies), schema="ApplicationCommandUpdateRequest[]")
        ids = {(command["type"], command["name"]): command["id"] for command in stored}
        made = [self._registered(call, body, ids.get((body.get("type") or 1, body["name"]))) for body in bodies]
        stored[:] = made
        return copy.deepcopy(stored)

    def _registered(self, call: Call, body: Json, command_id: str | None) -> Json:
        permissions = body.get("default_member_permissions")
        place = {"guild_id": call.ids["guild"]} if "guild" in call.ids else {}
        return {
            "type": 1,
            "description": "",
            "options": [],
            "name_localizations": None,
            "description_localizations": None,
            "nsfw": False,
            **copy.deepcopy(body),
            "dm_permission": body.get("dm_permission", True) is not False,
            "contexts": body.get("contexts"),
            "integration_types": body.get("integration_types") or [0],
            **place,
            "id": command_id or str(self.world.new_id()),
            "application_id": str(APPLICATION_ID),
            "version": str(self.world.new_id()),
            "default_member_permissions": None if permissions is None else str(permissions),
        }

    def _create_command(self, call: Call) -> Json:
        """Add a command, or replace the one of that name. Source: Create Global Application Command."""
        stored, body = self._commands_of(call), call.body
        key = (body.get("type") or 1, body.get("name"))
        others = [command for command in stored if (command["type"], command["name"]) != key]
        self.judge(call.request, check_commands([*others, body]), schema="ApplicationCommandCreateRequest")
        old = next((command["id"] for command in stored if command not in others), None)
        stored[:] = [*others, self._registered(call, body, old)]
        return copy.deepcopy(stored[-1])

    def _find_command(self, call: Call) -> Json:
        for command in self._commands_of(call):
            if command["id"] == call.ids["command"]:
                return command
        raise ApiError(404, 10063, "Unknown application command")

    def _edit_command(self, call: Call) -> Json:
        stored, command = self._commands_of(call), self._find_command(call)
        merged = command | call.body
        others = [other for other in stored if other is not command]
        self.judge(call.request, check_commands([*others, merged]), schema="ApplicationCommandPatchRequestPartial")
        command.update(self._registered(call, merged, command["id"]))
        return copy.deepcopy(command)

    def _delete_command(self, call: Call) -> None:
        command = self._find_command(call)
        self._commands_of(call).remove(command)
