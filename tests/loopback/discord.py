"""A Discord on 127.0.0.1: REST, gateway, and members who use the bot.

The real discord.py client talks to it, in this process or another one, over real sockets; tests look at what
arrived. A client is pointed here by two names, ``discord.http.Route.BASE`` (our `api_url`) and
``discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY`` (our `gateway_url`).

    async with LoopbackDiscord() as discord:
        …start the bot…
        answer = await discord.command("paper", {"name": "instag"})
        assert answer.message["embeds"][0]["title"] == "InsTag"

The parts: `discord_server` (requests, faults), `discord_rest` (messages, roles, commands), `discord_channels`
(channels, threads, forums), `discord_interactions` (answers to members), `discord_members` (what members do of
themselves), `discord_gateway` (events), `discord_world` (what is kept), `discord_limits` and `discord_mentions` (what
Discord refuses, whom a message pings) and `discord_forms` (what a member's own client lets through).
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from .discord_forms import (
    ATTACHMENT,
    CHANNEL,
    MEMBER_SELECTS,
    ROLE,
    STRING,
    USER,
    Answers,
    UsageError,
    find_component,
    must_offer,
    option_values,
    submitted,
)
from .discord_interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT, Interaction
from .discord_limits import EPHEMERAL
from .discord_members import MemberApi
from .discord_world import (
    ALL_PERMISSIONS,
    APPLICATION_ID,
    OWNER_ID,
    SUPPRESS_NOTIFICATIONS,
    Channel,
    Guild,
    Permission,
    Role,
    guild_summary,
    member_payload,
    public_message,
    role_payload,
    user_payload,
)

__all__ = [
    "ALL_PERMISSIONS",
    "SUPPRESS_NOTIFICATIONS",
    "Interaction",
    "LoopbackDiscord",
    "NotAnsweredError",
    "Permission",
    "UsageError",
]

Json = dict[str, Any]
Rights = Callable[[Channel], int]

_SHUTDOWN_S = 0.1
_SUBCOMMAND, _GROUP = 1, 2
_BUTTON, _LINK_STYLE = 2, 5
_SELECTS = (3, 5, 6, 7, 8)
_LARGEST_FILE_BYTES = 10 * 1024 * 1024


class NotAnsweredError(AssertionError):
    """The bot did not answer an interaction in time: the member sees "The application did not respond"."""


class LoopbackDiscord(MemberApi):
    """An async context manager; see the base classes for what it keeps and which faults it can produce.

    Attributes:
        guild_id: A server that exists from the start; `channel_id` is a text channel in it.
        application_id: Of the bot; also its user id.
        owner_id: The member who acts unless another is named: the servers' owner.
    """

    def __init__(self, token: str = "loopback-token") -> None:  # noqa: S107 (opens nothing)
        super().__init__(token=token)
        self.application_id = APPLICATION_ID
        self.owner_id = OWNER_ID
        self.guild_id = self.world.add_guild("Reading group").id
        self.channel_id = self.world.add_channel(self.guild_id, "papers", 0).id
        self._elsewhere: set[int] = set()
        self._port: int | None = None
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.router.add_get("/", self.gateway.handle)
        app.router.add_get("/attachments/{id}/{name}", self._serve_file)
        app.router.add_route("*", "/{path:.+}", self.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        self.gateway.url = self.gateway_url
        self.world.base_url = f"http://127.0.0.1:{self._port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.gateway.close()
        await self._runner.cleanup()

    @property
    def port(self) -> int:
        if self._port is None:
            raise RuntimeError("a LoopbackDiscord is used inside its `async with`")
        return self._port

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v10"

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/"

    # ── what there is ───────────────────────────────────────────────────────────────────────────────

    @property
    def channels(self) -> Mapping[int, Channel]:
        """All channels and threads by id, deleted ones too; their ``messages`` are the ground truth."""
        return self.world.channels

    @property
    def member_roles(self) -> Mapping[tuple[int, int], list[int]]:
        """The roles of members by server and user, without those that every member or the bot has anyway."""
        return self.world.member_roles

    def attachment_bytes(self, message: Json, index: int = 0) -> bytes:
        """Return what is in a file of a message."""
        return self.world.files[int(message["attachments"][index]["id"])].content

    async def _serve_file(self, request: web.Request) -> web.Response:
        """Serve an attachment as Discord's CDN does: to anybody who has the address."""
        file = self.world.files.get(int(request.match_info["id"]))
        if file is None:
            return web.Response(status=404)
        return web.Response(body=file.content, content_type=file.content_type)

    @property
    def identifies(self) -> list[Json]:
        """Every IDENTIFY received, with its ``intents``."""
        return self.gateway.identifies

    @property
    def resumes(self) -> list[Json]:
        """Every RESUME received."""
        return self.gateway.resumes

    @property
    def is_connected(self) -> bool:
        """True while a client with an accepted session is on the line."""
        return self.gateway.is_connected

    async def wait_until_connected(self, *, timeout_s: float = 10.0) -> None:
        """Wait for a client that identified or resumed."""
        await self.wait_for(lambda: self.is_connected, timeout_s=timeout_s, what="a connected client")

    def add_guild(
        self,
        name: str = "Another group",
        *,
        channels: Sequence[str] = (),
        locale: str = "en-US",
        shard: tuple[int, int] | None = None,
    ) -> Guild:
        """Make a server the bot is a member of, with text channels; connected clients are told.

        Args:
            shard: The shard that it is on, and how many there are.
        """
        if shard is not None:
            self.world.skip_to_shard(*shard)
        guild = self.world.add_guild(name)
        guild.locale = locale
        for channel in channels:
            self.world.add_channel(guild.id, channel, 0)
        self._tell_join(guild)
        return guild

    def join_again(self, guild: Guild) -> None:
        """Let the bot into a server that had thrown it out, with its usual permissions."""
        guild.joined_at = max(datetime.now(UTC), guild.joined_at + timedelta(seconds=1))
        self.world.guilds[guild.id] = guild
        for channel in self.world.living_channels(guild.id):
            channel.permissions = int(Permission.DEFAULT)
        self._tell_join(guild)

    def _tell_join(self, guild: Guild) -> None:
        payload = self.world.guild_payload(guild)
        del payload["unavailable"]  # missing where the bot has just joined. Source: Gateway Events, Guild Create
        self.gateway.dispatch("GUILD_CREATE", payload)

    def channel_elsewhere(self, *, is_group: bool = False) -> int:
        """Make a channel where the bot is not a member, only installed by a user, and return its id.

        Args:
            is_group: A group of direct messages; otherwise a channel of a server.
        """
        guild_id = None if is_group else self.world.new_id()
        kind = 3 if is_group else 0
        channel = Channel(
            id=self.world.new_id(),
            guild_id=guild_id,
            name="elsewhere",
            type=kind,
            permissions=int(Permission.DEFAULT),
        )
        channel.user_id = OWNER_ID if is_group else None
        self.world.channels[channel.id] = channel
        self._elsewhere.add(channel.id)
        return channel.id

    def remove_guild(self, guild_id: int) -> None:
        """Throw the bot out of a server: it sees none of the channels any more."""
        channels = list(self.world.living_channels(guild_id))
        del self.world.guilds[guild_id]
        for channel in channels:
            channel.permissions = 0
        self.gateway.dispatch("GUILD_DELETE", {"id": str(guild_id)})

    def edit_guild(self, guild_id: int, **changes: Any) -> None:
        """Change a server's ``name``, ``owner_id``, ``system_channel_id`` or ``public_updates_channel_id``."""
        guild = self.world.guilds[guild_id]
        for name, value in changes.items():
            getattr(guild, name)  # a wrong name is the test's mistake
            setattr(guild, name, value)
        roles = [role_payload(role) for role in guild.roles.values()]
        self.gateway.dispatch("GUILD_UPDATE", guild_summary(guild) | {"roles": roles})

    # ── roles ───────────────────────────────────────────────────────────────────────────────────────

    def add_role(
        self, guild_id: int, name: str, *, mentionable: bool = False, permissions: int = 0, position: int = 1
    ) -> int:
        """Make a role and return its id.

        Args:
            position: 1 is right above @everyone, where Discord puts a new role; what stands there moves up. The
                bot's own role starts at 1, so that ``position=2`` is above it while there is no other.
        """
        role = Role(
            id=self.world.new_id(),
            guild_id=guild_id,
            name=name,
            permissions=int(permissions),
            position=position,
            mentionable=mentionable,
        )
        moved = self.world.add_role(self.world.guilds[guild_id], role)
        self._tell_role("GUILD_ROLE_CREATE", role)
        for other in moved:
            self._tell_role("GUILD_ROLE_UPDATE", other)
        return role.id

    def edit_role(self, guild_id: int, role_id: int, *, is_told: bool = True, **changes: Any) -> None:
        """Change a role's ``permissions``, ``name``, ``mentionable``, ``managed``, ``position`` or ``tags``.

        Args:
            is_told: Whether the gateway tells of it; an event may be late.
        """
        role = self.world.guilds[guild_id].roles[role_id]
        for name, value in changes.items():
            getattr(role, name)  # a wrong name is the test's mistake
            setattr(role, name, value)
        if is_told:
            self._tell_role("GUILD_ROLE_UPDATE", role)

    def delete_role(self, guild_id: int, role_id: int) -> None:
        """Delete a role; members lose it, and afterwards it is 404 with code 10011."""
        del self.world.guilds[guild_id].roles[role_id]
        for (of_guild, _), held in self.world.member_roles.items():
            if of_guild == guild_id and role_id in held:
                held.remove(role_id)
        self.gateway.dispatch("GUILD_ROLE_DELETE", {"guild_id": str(guild_id), "role_id": str(role_id)})

    def allow_command(self, guild_id: int, name: str | None, **allowed: Mapping[int, bool]) -> None:
        """Let a server's settings say who may use a command, or with None all of them.

        Args:
            allowed: By ``roles`` and ``users``, each an id and whether it may.
        """
        ids = {command["name"]: command["id"] for command in self.commands[None]}
        entry_id = ids[name] if name else str(APPLICATION_ID)
        kinds = {"roles": 1, "users": 2}
        permissions = [
            {"id": str(key), "type": kinds[kind], "permission": may}
            for kind, given in allowed.items()
            for key, may in given.items()
        ]
        entry: Json = {"id": entry_id, "application_id": str(APPLICATION_ID), "guild_id": str(guild_id)}
        others = [one for one in self.command_permissions[guild_id] if one["id"] != entry_id]
        self.command_permissions[guild_id] = [*others, entry | {"permissions": permissions}]
        self.gateway.dispatch("APPLICATION_COMMAND_PERMISSIONS_UPDATE", entry | {"permissions": permissions})

    def set_bot_permissions(self, guild_id: int, permissions: int) -> None:
        """Set what the bot's managed role allows in the server as a whole, such as MANAGE_ROLES.

        What the bot may do in a channel is not touched: that is `set_permissions`.
        """
        guild = self.world.guilds[guild_id]
        role = guild.roles[guild.bot_role_id]
        role.permissions = int(permissions)
        self._tell_role("GUILD_ROLE_UPDATE", role)

    def _tell_role(self, event: str, role: Role) -> None:
        self.gateway.dispatch(event, {"guild_id": str(role.guild_id), "role": role_payload(role)})

    # ── channels and messages ───────────────────────────────────────────────────────────────────────

    def add_channel(self, guild_id: int, name: str = "papers", type: int = 0) -> int:  # noqa: A002 (Discord's word)
        """Make a channel: type 0 text, 5 announcements, 15 forum. Returns its id."""
        channel = self.world.add_channel(guild_id, name, type)
        self.gateway.dispatch("CHANNEL_CREATE", self.world.channel_payload(channel))
        return channel.id

    def add_channels(
        self,
        guild_id: int,
        count: int,
        name: str = "papers",
        type: int = 0,  # noqa: A002 (Discord's word)
    ) -> list[int]:
        """Make many channels before a client connects; one that is connected already is not told."""
        numbers = range(1, count + 1)
        return [self.world.add_channel(guild_id, f"{name}-{number}", type).id for number in numbers]

    def refuse_edits(self, channel_id: int | None = None, *, status: int = 400, times: int = 1) -> None:
        """Refuse the next edits as too many of messages older than an hour: code 30046.

        Discord does not say how many are too many, nor with which status it answers: some saw 400, some 429.

        Args:
            channel_id: Of the messages; None for any channel.
        Source: Opcodes and Status Codes, JSON Error Codes.
        """
        words = "Maximum number of edits to messages older than 1 hour reached. Try again later."
        where = r"\d+" if channel_id is None else str(channel_id)
        body = {"message": words, "code": 30046}
        self.fail_next("PATCH", rf"/channels/{where}/messages/\d+", status=status, times=times, body=body)

    # ── gateway faults ──────────────────────────────────────────────────────────────────────────────

    def drop_connections(self, *, resumable: bool = True, shard: int | None = None) -> None:
        """Cut all gateway connections, or a shard's, without a goodbye; not resumable means op 9 to who resumes."""
        self.gateway.drop_connections(resumable=resumable, shard=shard)

    def send_reconnect(self) -> None:
        """Ask clients to reconnect and resume (op 7)."""
        self.gateway.ask_to_reconnect()

    def invalidate_session(self) -> None:
        """Tell clients that their session is over (op 9); discord.py waits 5 s before it identifies anew."""
        self.gateway.invalidate_sessions()

    # ── members ─────────────────────────────────────────────────────────────────────────────────────

    async def command(
        self,
        name: str,
        options: Mapping[str, object] | None = None,
        *,
        user_id: int = OWNER_ID,
        locale: str = "en-US",
        channel_id: int | None = None,
        permissions: int | None = None,
        is_let_through: bool = False,
        age_s: float = 0.0,
        settle: bool = True,
        timeout_s: float = 10.0,
    ) -> Interaction:
        """Use a slash command as registered, ``"feed add"`` for a sub-command, and wait for the answer.

        Args:
            options: Values by option name; of a channel, a user or a role the id, of a file its name and bytes.
            permissions: Of the member; those that roles, overwrites and a time-out leave them unless given. A command
                that asks for more is not shown to them.
            is_let_through: Whoever asks, and wherever: as if Discord did not look, or a server's settings allowed it.
            age_s: How long ago it was used; a client that was away gets what came meanwhile.
            settle: After a deferral wait for what follows as well.
        Raises:
            UsageError: The member could not do it: unknown command or option, a required one missing, …
            NotAnsweredError: No callback within `deadline_s`, or nothing after a deferral within timeout_s.
        """
        channel, rights = self.world.channels[channel_id or self.channel_id], self._rights(user_id, permissions)
        shown_to = ALL_PERMISSIONS if is_let_through else rights(channel)
        command, inner, path = self._find_command_by_name(name, channel, shown_to)
        if not is_let_through:
            _must_work_there(command, channel, is_elsewhere=channel.id in self._elsewhere)
            self._must_use_commands(channel, user_id, permissions)
        values = option_values(inner, options or {}, focused=None)
        data = self._command_data(command, path, values, channel, rights)
        payload = self._payload(COMMAND, data, channel, user_id=user_id, locale=locale, rights=rights)
        if age_s:
            payload["id"] = str(self.world.id_of(age_s))
        return await self._send(payload, channel, settle=settle, timeout_s=timeout_s)

    def use(self, name: str, options: Mapping[str, object], *, user_id: int, channel_id: int) -> Interaction:
        """Use a slash command while the bot is connected, without waiting for the answer: for many at once."""
        channel, rights = self.world.channels[channel_id], self._rights(user_id, None)
        command, inner, path = self._find_command_by_name(name, channel, rights(channel))
        data = self._command_data(command, path, option_values(inner, options, focused=None), channel, rights)
        payload = self._payload(COMMAND, data, channel, user_id=user_id, locale="en-US", rights=rights)
        return self._begin(payload, channel)

    async def autocomplete(
        self,
        name: str,
        options: Mapping[str, object],
        *,
        focused: str,
        user_id: int = OWNER_ID,
        locale: str = "en-US",
        channel_id: int | None = None,
        permissions: int | None = None,
    ) -> list[Json]:
        """Type into an option and return the choices offered, each with ``name`` and ``value``."""
        answer = await self.typing(
            name,
            options,
            focused=focused,
            user_id=user_id,
            locale=locale,
            channel_id=channel_id,
            permissions=permissions,
        )
        return answer.choices

    async def typing(
        self,
        name: str,
        options: Mapping[str, object],
        *,
        focused: str,
        user_id: int = OWNER_ID,
        locale: str = "en-US",
        channel_id: int | None = None,
        permissions: int | None = None,
    ) -> Interaction:
        """Do as `autocomplete`, and return the whole record, with the time taken."""
        channel, rights = self.world.channels[channel_id or self.channel_id], self._rights(user_id, permissions)
        command, inner, path = self._find_command_by_name(name, channel, rights(channel))
        self._must_use_commands(channel, user_id, permissions)
        values = option_values(inner, options, focused=focused)
        option_type = next((value["type"] for value in values if value.get("focused")), None)
        if option_type is None:
            raise UsageError(f"/{name}: the focused option {focused!r} has no value")
        data = self._command_data(command, path, values, channel, rights)
        data.pop("resolved", None)  # Discord sends none while a member types
        payload = self._payload(AUTOCOMPLETE, data, channel, user_id=user_id, locale=locale, rights=rights)
        return await self._send(payload, channel, settle=True, timeout_s=10.0, option_type=option_type)

    async def message_command(
        self,
        name: str,
        message: Json,
        *,
        user_id: int = OWNER_ID,
        locale: str = "en-US",
        permissions: int | None = None,
        timeout_s: float = 10.0,
    ) -> Interaction:
        """Choose an app's entry of a message's menu, whoever wrote the message.

        It comes whole: with its text, embeds, files and what it forwards, for which no intent is asked. Source:
        Receiving and Responding, Resolved Data; Gateway, Message Content Intent.

        Raises:
            UsageError: No such entry, or the member cannot see the message.
            NotAnsweredError: As for `command`.
        """
        current = self._visible(message, user_id)
        channel, rights = self.world.channels[int(current["channel_id"])], self._rights(user_id, permissions)
        command, _, _ = self._find_command_by_name(name, channel, rights(channel), kind=3)
        self._must_use_commands(channel, user_id, permissions)
        data: Json = {"id": command["id"], "name": command["name"], "type": 3, "target_id": current["id"]}
        data["resolved"] = {"messages": {current["id"]: public_message(current)}}
        payload = self._payload(COMMAND, data, channel, user_id=user_id, locale=locale, rights=rights)
        return await self._send(payload, channel, settle=True, timeout_s=timeout_s)

    async def press(
        self,
        message: Json | None,
        *,
        custom_id: str | None = None,
        label: str | None = None,
        user_id: int = OWNER_ID,
        locale: str = "en-US",
        permissions: int | None = None,
        settle: bool = True,
        timeout_s: float = 10.0,
    ) -> Interaction:
        """Press a button of a message as it stands now, found by its custom id or its label.

        Raises:
            UsageError: No such button, or it is switched off, a link, or only another member sees it.
            NotAnsweredError: As for `command`.
        """
        current = self._visible(message, user_id)
        button = find_component(current, (_BUTTON,), custom_id=custom_id, label=label)
        if button.get("style") == _LINK_STYLE:
            raise UsageError(f"{button.get('label')!r} is a link: pressing it tells the bot nothing")
        data = {"custom_id": button["custom_id"], "component_type": _BUTTON, "id": button.get("id", 0)}
        rights = self._rights(user_id, permissions)
        return await self._use(current, data, user_id, locale, rights, settle=settle, timeout_s=timeout_s)

    async def select(
        self,
        message: Json | None,
        *,
        values: list[str],
        custom_id: str | None = None,
        user_id: int = OWNER_ID,
        locale: str = "en-US",
        permissions: int | None = None,
        settle: bool = True,
        timeout_s: float = 10.0,
    ) -> Interaction:
        """Choose from a select of a message as it stands now; without custom_id there must be only one.

        Args:
            values: Of a string select the options' values; of others the ids, as texts.
        """
        current = self._visible(message, user_id)
        menu = find_component(current, _SELECTS, custom_id=custom_id, label=None)
        must_offer(menu, values)
        data = {"custom_id": menu["custom_id"], "component_type": menu["type"], "values": values}
        channel, rights = self.world.channels[int(current["channel_id"])], self._rights(user_id, permissions)
        data |= self._chosen(menu, values, channel, rights)
        return await self._use(current, data, user_id, locale, rights, settle=settle, timeout_s=timeout_s)

    async def submit(
        self,
        interaction: Interaction,
        values: Mapping[str, Answers],
        *,
        user_id: int | None = None,
        locale: str = "en-US",
        permissions: int | None = None,
        settle: bool = True,
        timeout_s: float = 10.0,
    ) -> Interaction:
        """Fill in the modal that an interaction was answered with, and send it.

        What is not among the values stays as the modal has it. A modal closes when it is answered; one that was
        not answered may be sent again.

        Args:
            values: A text for a text input, a list for a select (for one choice a text), by custom id or label.
            user_id: Who saw the modal, unless given.
        Raises:
            UsageError: There is no modal, or Discord's client would not send it so: too short, required, …
            NotAnsweredError: As for `command`.
        """
        modal, member = interaction.modal, interaction.user_id if user_id is None else user_id
        if modal is None or not interaction.is_modal_open:
            raise UsageError("no modal is open: it was never shown, or it was sent already")
        if member != interaction.user_id:
            raise UsageError(f"only {interaction.user_id} sees this modal, not {member}")
        channel, rights = self.world.channels[interaction.channel_id], self._rights(member, permissions)
        components, chosen = submitted(modal, values)
        data: Json = {"custom_id": modal["custom_id"], "components": components}
        for part, ids in chosen:
            more = self._chosen(part, ids, channel, rights).get("resolved", {})
            for kind, found in more.items():
                data.setdefault("resolved", {}).setdefault(kind, {}).update(found)
        payload = self._payload(MODAL_SUBMIT, data, channel, user_id=member, locale=locale, rights=rights)
        message = self.world.find_message(interaction.component_message_id or 0)
        if message is not None:
            payload["message"] = public_message(message)
        return await self._send(payload, channel, settle=settle, timeout_s=timeout_s, parent=interaction)

    # ── how a member's act reaches the bot ──────────────────────────────────────────────────────────

    def _rights(self, user_id: int, permissions: int | None) -> Rights:
        """Return what tells a member's permissions in a channel: those given, or those they have there."""
        if permissions is not None:
            return lambda _: permissions
        return lambda channel: self.world.permissions_of(channel, user_id)

    def _must_use_commands(self, channel: Channel, user_id: int, permissions: int | None) -> None:
        """Refuse who may not, unless the test says what they may. Source: Permissions, USE_APPLICATION_COMMANDS."""
        if permissions is None:
            self.must_see(channel, user_id)
            if not self.world.permissions_of(channel, user_id) & Permission.USE_COMMANDS:
                raise UsageError(f"{user_id} may not use commands in #{channel.name}")

    def _visible(self, message: Json | None, user_id: int) -> Json:
        current = self.world.find_message(int(message["id"])) if message is not None else None
        if current is None:
            raise UsageError("this message does not exist (any more)")
        asked_by = current.get("interaction_metadata", {}).get("user", {}).get("id")
        if current["flags"] & EPHEMERAL and asked_by != str(user_id):
            raise UsageError(f"only {asked_by} sees this ephemeral message, not {user_id}")
        self.must_see(self.world.channels[int(current["channel_id"])], user_id)
        return current

    async def _use(
        self,
        message: Json,
        data: Json,
        user_id: int,
        locale: str,
        rights: Rights,
        *,
        settle: bool,
        timeout_s: float,
    ) -> Interaction:
        channel = self.world.channels[int(message["channel_id"])]
        payload = self._payload(COMPONENT, data, channel, user_id=user_id, locale=locale, rights=rights)
        payload["message"] = public_message(message)
        return await self._send(payload, channel, settle=settle, timeout_s=timeout_s)

    def _payload(self, kind: int, data: Json, channel: Channel, *, user_id: int, locale: str, rights: Rights) -> Json:
        """Return INTERACTION_CREATE. Source: Receiving and Responding, Interaction Structure."""
        permissions = rights(channel)
        payload: Json = {
            "id": str(self.world.new_id()),
            "application_id": str(APPLICATION_ID),
            "type": kind,
            "token": secrets.token_urlsafe(48),
            "version": 1,
            "data": data,
            "channel_id": str(channel.id),
            "channel": self.world.interaction_channel(channel, member_permissions=permissions),
            "app_permissions": str(channel.permissions),
            "locale": locale,
            "entitlements": [],
            "attachment_size_limit": _LARGEST_FILE_BYTES,
        }
        if channel.id in self._elsewhere:
            return payload | self._elsewhere_part(channel, user_id, permissions)
        if channel.guild_id is None:
            return payload | {
                "user": user_payload(user_id),
                "context": 1,
                "authorizing_integration_owners": {"0": "0"},
            }
        guild = self.world.guilds[channel.guild_id]
        return payload | {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "member": self.world.member_payload(guild.id, user_id, permissions=permissions),
            "context": 0,
            "authorizing_integration_owners": {"0": str(guild.id)},
        }

    def _elsewhere_part(self, channel: Channel, user_id: int, permissions: int) -> Json:
        owners = {"authorizing_integration_owners": {"1": str(user_id)}}
        if channel.guild_id is None:
            return {"user": user_payload(user_id), "context": 2, **owners}
        return {
            "guild_id": str(channel.guild_id),
            "guild": {"id": str(channel.guild_id), "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": member_payload(user_id) | {"permissions": str(permissions)},
            "context": 0,
            **owners,
        }

    async def _send(
        self,
        payload: Json,
        channel: Channel,
        *,
        settle: bool,
        timeout_s: float,
        option_type: int = STRING,
        parent: Interaction | None = None,
    ) -> Interaction:
        guild_id = int(payload["guild_id"]) if "guild_id" in payload else None
        await self.wait_for(
            lambda: self.gateway.serves(guild_id), timeout_s=timeout_s, what="a client connected for this server"
        )
        interaction = self._begin(payload, channel, option_type=option_type, parent=parent)
        await self._wait_for_answer(interaction, timeout_s=self.deadline_s, settled=False)
        if settle:
            await self._wait_for_answer(interaction, timeout_s=timeout_s, settled=True)
        return interaction

    def _begin(
        self, payload: Json, channel: Channel, *, option_type: int = STRING, parent: Interaction | None = None
    ) -> Interaction:
        user = payload.get("user") or payload["member"]["user"]
        interaction = Interaction(
            id=int(payload["id"]),
            token=payload["token"],
            kind=payload["type"],
            channel_id=channel.id,
            user_id=int(user["id"]),
            world=self.world,
            option_type=option_type,
            component_message_id=int(payload["message"]["id"]) if "message" in payload else None,
            parent=parent,
        )
        self.take_down(interaction)
        self.gateway.dispatch("INTERACTION_CREATE", payload)
        return interaction

    async def _wait_for_answer(self, interaction: Interaction, *, timeout_s: float, settled: bool) -> None:
        what = "a message after the deferral" if settled else "an answer to the interaction"
        with _as_not_answered():
            await self.wait_for(
                lambda: interaction.is_settled if settled else interaction.response_type is not None,
                timeout_s=timeout_s,
                what=what,
            )

    def _find_command_by_name(
        self, name: str, channel: Channel, permissions: int, *, kind: int = 1
    ) -> tuple[Json, Json, list[Json]]:
        """Return the command, the part of it that has the options, and the sub-commands between."""
        words = name.split() if kind == 1 else [name]
        places = [self.commands.get(channel.guild_id, []) if channel.guild_id else [], self.commands[None]]
        known = [command for place in places for command in place if command["type"] == kind]
        command = next((command for command in known if command["name"] == words[0]), None)
        if command is None:
            raise UsageError(f"no command {words[0]!r} is registered, only {[c['name'] for c in known]}")
        needed = int(command["default_member_permissions"] or 0)
        if permissions & needed != needed:
            raise UsageError(f"/{name} is not shown to this member: it asks for permissions {needed:#x}")
        inner, path = command, []
        for word in words[1:]:
            parts = [o for o in inner.get("options") or [] if o["type"] in (_SUBCOMMAND, _GROUP)]
            found = next((part for part in parts if part["name"] == word), None)
            if found is None:
                raise UsageError(f"/{name}: no sub-command {word!r}, only {[part['name'] for part in parts]}")
            inner = found
            path.append(found)
        if any(o["type"] in (_SUBCOMMAND, _GROUP) for o in inner.get("options") or []):
            raise UsageError(f"/{name} is a group: name one of its sub-commands")
        return command, inner, path

    def _command_data(
        self, command: Json, path: list[Json], values: list[Json], channel: Channel, rights: Rights
    ) -> Json:
        options = values
        for part in reversed(path):
            options = [{"name": part["name"], "type": part["type"], "options": options}]
        data: Json = {"id": command["id"], "name": command["name"], "type": 1, "options": options}
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        known = {option["name"]: option for option in (path[-1] if path else command).get("options") or []}
        resolved = self._resolved(values, known, channel, rights)
        return data | {"resolved": resolved} if resolved else data

    def _resolved(self, values: list[Json], known: Mapping[str, Json], channel: Channel, rights: Rights) -> Json:
        """Return the objects behind ids. Source: Receiving and Responding, Resolved Data Structure."""
        resolved: dict[str, Json] = {}
        for value in values:
            if value["type"] == ATTACHMENT:
                file = self._upload(*value["value"])
                value["value"] = file["id"]
                resolved.setdefault("attachments", {})[file["id"]] = file
            elif value["type"] in (CHANNEL, USER, ROLE):
                types, key = known[value["name"]].get("channel_types"), str(value["value"])
                for kind, found in self._resolve(value["type"], key, channel, rights, types).items():
                    resolved.setdefault(kind, {}).update(found)
        return resolved

    def _upload(self, filename: str, content: bytes) -> Json:
        if len(content) > _LARGEST_FILE_BYTES:
            raise UsageError(f"{filename} is too large to be sent: {len(content)} bytes")
        return self.world.add_file(filename, content) | {"ephemeral": True}

    def _chosen(self, menu: Json, ids: Sequence[str], channel: Channel, rights: Rights) -> Json:
        """Return ``resolved`` for what was chosen in a select of members, roles or channels."""
        resolved: dict[str, Json] = {}
        if menu["type"] not in MEMBER_SELECTS:
            return resolved
        for key in ids:
            kind = MEMBER_SELECTS[menu["type"]]
            if kind is None:  # both members and roles
                kind = ROLE if int(key) in self.world.guilds[channel.guild_id or 0].roles else USER
            for name, found in self._resolve(kind, key, channel, rights, menu.get("channel_types")).items():
                resolved.setdefault(name, {}).update(found)
        return {"resolved": resolved}

    def _resolve(
        self, kind: int, key: str, channel: Channel, rights: Rights, channel_types: list[int] | None = None
    ) -> dict[str, Json]:
        """Return what Discord tells of one channel, role or member. Source: Resolved Data Structure."""
        if kind == CHANNEL:
            chosen = self.world.channels.get(int(key))
            is_here = chosen is not None and not chosen.is_deleted and chosen.guild_id == channel.guild_id
            if chosen is None or not is_here or not rights(chosen) & Permission.VIEW:
                raise UsageError(f"there is no channel {key} to choose in this server")
            if channel_types and chosen.type not in channel_types:
                raise UsageError(f"channel {key} is of type {chosen.type}, offered are {channel_types}")
            return {"channels": {key: self.world.interaction_channel(chosen, member_permissions=rights(chosen))}}
        guild = self.world.guilds[channel.guild_id or 0]
        if kind == ROLE:
            if int(key) not in guild.roles:
                raise UsageError(f"there is no role {key} to choose in this server")
            return {"roles": {key: role_payload(guild.roles[int(key)])}}
        theirs = self.world.permissions_of(channel, int(key))
        member = self.world.member_payload(guild.id, int(key), permissions=theirs)
        return {"users": {key: member.pop("user")}, "members": {key: member}}


def _must_work_there(command: Json, channel: Channel, *, is_elsewhere: bool) -> None:
    """Source: Application Commands, Interaction Contexts: a server, direct messages with the bot, any others.

    Where the bot is not a member, only what a user has installed is shown (integration type 1).
    """
    contexts = command.get("contexts")
    if is_elsewhere and 1 not in command["integration_types"]:
        raise UsageError(f"/{command['name']} is not shown there: users cannot install it")
    if contexts is not None and (0 if channel.guild_id else 2 if is_elsewhere else 1) not in contexts:
        raise UsageError(f"/{command['name']} is not shown there: it works in contexts {contexts}")


@contextlib.contextmanager
def _as_not_answered() -> Iterator[None]:
    try:
        yield
    except AssertionError as error:
        raise NotAnsweredError(str(error)) from None
