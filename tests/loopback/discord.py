"""A Discord on 127.0.0.1: REST, gateway, and members who use the bot.

The real discord.py client talks to it, in this process or another one, over real sockets; tests look at what
arrived. A client is pointed here by two names, ``discord.http.Route.BASE`` (our `api_url`) and
``discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY`` (our `gateway_url`).

    async with LoopbackDiscord() as discord:
        …start the bot…
        answer = await discord.command("paper", {"name": "instag"})
        assert answer.message["embeds"][0]["title"] == "InsTag"

The parts: `discord_server` (requests, faults), `discord_rest` (messages, threads, commands),
`discord_interactions` (answers to members), `discord_gateway` (events), `discord_world` (what is kept) and
`discord_limits` (what Discord refuses).
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from .discord_interactions import AUTOCOMPLETE, COMMAND, COMPONENT, Interaction, InteractionApi
from .discord_limits import EPHEMERAL, walk_components
from .discord_world import (
    ALL_PERMISSIONS,
    APPLICATION_ID,
    OWNER_ID,
    THREAD_TYPES,
    Channel,
    Guild,
    Permission,
    member_payload,
    public_message,
    user_payload,
)

__all__ = ["Interaction", "LoopbackDiscord", "NotAnsweredError", "Permission", "UsageError"]

Json = dict[str, Any]

_SHUTDOWN_S = 0.1
_SUBCOMMAND, _GROUP = 1, 2
_STRING, _INTEGER, _BOOLEAN, _USER, _CHANNEL, _ROLE, _NUMBER = 3, 4, 5, 6, 7, 8, 10
_VALUE_TYPES: dict[int, tuple[type, ...]] = {
    _STRING: (str,),
    _INTEGER: (int,),
    _BOOLEAN: (bool,),
    _USER: (int,),
    _CHANNEL: (int,),
    _ROLE: (int,),
    _NUMBER: (int, float),
}
_BUTTON, _STRING_SELECT, _LINK_STYLE = 2, 3, 5
_SELECTS = (3, 5, 6, 7, 8)


class UsageError(AssertionError):
    """A member could not do this: no such command, option or button, or it is switched off."""


class NotAnsweredError(AssertionError):
    """The bot did not answer an interaction in time: the member sees "The application did not respond"."""


class LoopbackDiscord(InteractionApi):
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
        self._port: int | None = None
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.router.add_get("/", self.gateway.handle)
        app.router.add_route("*", "/{path:.+}", self.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        self.gateway.url = self.gateway_url
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

    def add_guild(self, name: str = "Another group") -> Guild:
        """Make a server the bot is a member of; connected clients are told."""
        guild = self.world.add_guild(name)
        payload = self.world.guild_payload(guild)
        del payload["unavailable"]  # missing where the bot has just joined. Source: Gateway Events, Guild Create
        self.gateway.dispatch("GUILD_CREATE", payload)
        return guild

    def remove_guild(self, guild_id: int) -> None:
        """Throw the bot out of a server: it sees none of the channels any more."""
        del self.world.guilds[guild_id]
        for channel in self.world.living_channels(guild_id):
            channel.permissions = 0
        self.gateway.dispatch("GUILD_DELETE", {"id": str(guild_id)})

    def add_channel(self, guild_id: int, name: str = "papers", type: int = 0) -> int:  # noqa: A002 (Discord's word)
        """Make a channel: type 0 text, 5 announcements, 15 forum. Returns its id."""
        channel = self.world.add_channel(guild_id, name, type)
        self.gateway.dispatch("CHANNEL_CREATE", self.world.channel_payload(channel))
        return channel.id

    def set_permissions(self, channel_id: int, permissions: int) -> None:
        """Set what the bot may do in a channel and its threads, all roles and overwrites taken together."""
        channel = self.world.channels[channel_id]
        channel.permissions = int(permissions)
        for thread in self._threads_of(channel_id):
            thread.permissions = int(permissions)
        event = "THREAD_UPDATE" if channel.type in THREAD_TYPES else "CHANNEL_UPDATE"
        self.gateway.dispatch(event, self.world.channel_payload(channel))

    def delete_channel(self, channel_id: int) -> None:
        """Delete a channel with its threads; afterwards 404 with code 10003."""
        channel = self.world.channels[channel_id]
        event = "THREAD_DELETE" if channel.type in THREAD_TYPES else "CHANNEL_DELETE"
        payload = self.world.channel_payload(channel)
        for gone in (channel, *self._threads_of(channel_id)):
            gone.is_deleted = True
        self.gateway.dispatch(event, payload)

    def delete_message(self, channel_id: int, message_id: int | str) -> None:
        """Delete a message as a moderator does."""
        found = [m for m in self.world.channels[channel_id].messages if m["id"] == str(message_id)]
        self.remove(found[0])

    def _threads_of(self, channel_id: int) -> list[Channel]:
        return [channel for channel in self.world.living_channels() if channel.parent_id == channel_id]

    # ── gateway faults ──────────────────────────────────────────────────────────────────────────────

    def drop_connections(self, *, resumable: bool = True) -> None:
        """Cut all gateway connections without a goodbye; not resumable means op 9 to whoever resumes."""
        self.gateway.drop_connections(resumable=resumable)

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
        permissions: int = ALL_PERMISSIONS,
        settle: bool = True,
        timeout_s: float = 10.0,
    ) -> Interaction:
        """Use a slash command as registered, ``"feed add"`` for a sub-command, and wait for the answer.

        Args:
            options: Values by option name; of a channel or a user, the id.
            permissions: Of the member; a command that asks for more is not shown to them.
            settle: After a deferral wait for what follows as well.
        Raises:
            UsageError: The member could not do it: unknown command or option, a required one missing, …
            NotAnsweredError: No callback within `deadline_s`, or nothing after a deferral within timeout_s.
        """
        channel = self.world.channels[channel_id or self.channel_id]
        command, inner, path = self._find_command_by_name(name, channel, permissions)
        values = _option_values(inner, options or {}, focused=None)
        data = self._command_data(command, path, values, channel, permissions)
        payload = self._payload(COMMAND, data, channel, user_id=user_id, locale=locale, permissions=permissions)
        return await self._send(payload, channel, settle=settle, timeout_s=timeout_s)

    async def autocomplete(
        self,
        name: str,
        options: Mapping[str, object],
        *,
        focused: str,
        user_id: int = OWNER_ID,
        locale: str = "en-US",
        channel_id: int | None = None,
        permissions: int = ALL_PERMISSIONS,
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
        permissions: int = ALL_PERMISSIONS,
    ) -> Interaction:
        """Do as `autocomplete`, and return the whole record, with the time taken."""
        channel = self.world.channels[channel_id or self.channel_id]
        command, inner, path = self._find_command_by_name(name, channel, permissions)
        values = _option_values(inner, options, focused=focused)
        option_type = next((value["type"] for value in values if value.get("focused")), None)
        if option_type is None:
            raise UsageError(f"/{name}: the focused option {focused!r} has no value")
        data = self._command_data(command, path, values, channel, permissions)
        data.pop("resolved", None)  # Discord sends none while a member types
        payload = self._payload(AUTOCOMPLETE, data, channel, user_id=user_id, locale=locale, permissions=permissions)
        return await self._send(payload, channel, settle=True, timeout_s=10.0, option_type=option_type)

    async def message_command(
        self,
        name: str,
        message: Json,
        *,
        user_id: int = OWNER_ID,
        locale: str = "en-US",
        timeout_s: float = 10.0,
    ) -> Interaction:
        """Choose an app's entry of a message's menu."""
        channel = self.world.channels[int(message["channel_id"])]
        command, _, _ = self._find_command_by_name(name, channel, ALL_PERMISSIONS, kind=3)
        data: Json = {"id": command["id"], "name": command["name"], "type": 3, "target_id": message["id"]}
        data["resolved"] = {"messages": {message["id"]: public_message(message)}}
        payload = self._payload(COMMAND, data, channel, user_id=user_id, locale=locale, permissions=ALL_PERMISSIONS)
        return await self._send(payload, channel, settle=True, timeout_s=timeout_s)

    async def press(
        self,
        message: Json | None,
        *,
        custom_id: str | None = None,
        label: str | None = None,
        user_id: int = OWNER_ID,
        locale: str = "en-US",
        settle: bool = True,
        timeout_s: float = 10.0,
    ) -> Interaction:
        """Press a button of a message as it stands now, found by its custom id or its label.

        Raises:
            UsageError: No such button, or it is switched off, a link, or only another member sees it.
            NotAnsweredError: As for `command`.
        """
        current = self._visible(message, user_id)
        button = _find_component(current, (_BUTTON,), custom_id=custom_id, label=label)
        if button.get("style") == _LINK_STYLE:
            raise UsageError(f"{button.get('label')!r} is a link: pressing it tells the bot nothing")
        data = {"custom_id": button["custom_id"], "component_type": _BUTTON, "id": button.get("id", 0)}
        return await self._use(current, data, user_id, locale, settle=settle, timeout_s=timeout_s)

    async def select(
        self,
        message: Json | None,
        *,
        values: list[str],
        custom_id: str | None = None,
        user_id: int = OWNER_ID,
        locale: str = "en-US",
        settle: bool = True,
        timeout_s: float = 10.0,
    ) -> Interaction:
        """Choose from a select of a message as it stands now; without custom_id there must be only one."""
        current = self._visible(message, user_id)
        menu = _find_component(current, _SELECTS, custom_id=custom_id, label=None)
        _must_offer(menu, values)
        data = {"custom_id": menu["custom_id"], "component_type": menu["type"], "values": values}
        return await self._use(current, data, user_id, locale, settle=settle, timeout_s=timeout_s)

    # ── how a member's act reaches the bot ──────────────────────────────────────────────────────────

    def _visible(self, message: Json | None, user_id: int) -> Json:
        current = self.world.find_message(int(message["id"])) if message is not None else None
        if current is None:
            raise UsageError("this message does not exist (any more)")
        asked_by = current.get("interaction_metadata", {}).get("user", {}).get("id")
        if current["flags"] & EPHEMERAL and asked_by != str(user_id):
            raise UsageError(f"only {asked_by} sees this ephemeral message, not {user_id}")
        return current

    async def _use(
        self, message: Json, data: Json, user_id: int, locale: str, *, settle: bool, timeout_s: float
    ) -> Interaction:
        channel = self.world.channels[int(message["channel_id"])]
        payload = self._payload(COMPONENT, data, channel, user_id=user_id, locale=locale, permissions=ALL_PERMISSIONS)
        payload["message"] = public_message(message)
        return await self._send(payload, channel, settle=settle, timeout_s=timeout_s)

    def _payload(
        self, kind: int, data: Json, channel: Channel, *, user_id: int, locale: str, permissions: int
    ) -> Json:
        """Return INTERACTION_CREATE. Source: Receiving and Responding, Interaction Structure."""
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
            "attachment_size_limit": 10 * 1024 * 1024,
        }
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
            "member": member_payload(user_id, permissions=permissions),
            "context": 0,
            "authorizing_integration_owners": {"0": str(guild.id)},
        }

    async def _send(
        self, payload: Json, channel: Channel, *, settle: bool, timeout_s: float, option_type: int = _STRING
    ) -> Interaction:
        await self.wait_until_connected(timeout_s=timeout_s)
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
        )
        self.interactions.append(interaction)
        self.gateway.dispatch("INTERACTION_CREATE", payload)
        await self._wait_for_answer(interaction, timeout_s=self.deadline_s, settled=False)
        if settle:
            await self._wait_for_answer(interaction, timeout_s=timeout_s, settled=True)
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
        self, command: Json, path: list[Json], values: list[Json], channel: Channel, permissions: int
    ) -> Json:
        options = values
        for part in reversed(path):
            options = [{"name": part["name"], "type": part["type"], "options": options}]
        data: Json = {"id": command["id"], "name": command["name"], "type": 1, "options": options}
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        resolved = self._resolved(values, channel, permissions)
        return data | {"resolved": resolved} if resolved else data

    def _resolved(self, values: list[Json], channel: Channel, permissions: int) -> Json:
        """Return the objects behind ids. Source: Receiving and Responding, Resolved Data Structure."""
        resolved: dict[str, Json] = {}
        for value in values:
            key = str(value["value"])
            if value["type"] == _CHANNEL:
                chosen = self.world.channels.get(int(key))
                if chosen is None or chosen.is_deleted or chosen.guild_id != channel.guild_id:
                    raise UsageError(f"there is no channel {key} to choose in this server")
                payload = self.world.interaction_channel(chosen, member_permissions=permissions)
                resolved.setdefault("channels", {})[key] = payload
            elif value["type"] == _USER:
                resolved.setdefault("users", {})[key] = user_payload(int(key))
                member = member_payload(int(key), permissions=int(Permission.DEFAULT))
                del member["user"]
                resolved.setdefault("members", {})[key] = member
            elif value["type"] == _ROLE:
                guild = self.world.guilds[channel.guild_id or 0]
                roles = {role["id"]: role for role in self.world.guild_payload(guild)["roles"]}
                resolved.setdefault("roles", {})[key] = roles[key]
        return resolved


@contextlib.contextmanager
def _as_not_answered() -> Iterator[None]:
    try:
        yield
    except AssertionError as error:
        raise NotAnsweredError(str(error)) from None


def _option_values(inner: Json, given: Mapping[str, object], *, focused: str | None) -> list[Json]:
    """Return the options as Discord sends them, after what its client checks before sending.

    While a member types (focused is given), required options may be missing and the focused one is a text.
    """
    known = {option["name"]: option for option in inner.get("options") or []}
    unknown = set(given) - set(known)
    if unknown:
        raise UsageError(f"{inner['name']}: no option {sorted(unknown)}, only {sorted(known)}")
    missing = [name for name, option in known.items() if option.get("required") and name not in given]
    if missing and focused is None:
        raise UsageError(f"{inner['name']}: required options missing: {missing}")
    values = []
    for name, option in known.items():
        if name not in given:
            continue
        if name == focused:
            if not option.get("autocomplete"):
                raise UsageError(f"{inner['name']}: option {name!r} has no autocomplete")
            values.append({"name": name, "type": option["type"], "value": str(given[name]), "focused": True})
        else:
            _must_accept(option, given[name])
            values.append({"name": name, "type": option["type"], "value": _as_sent(option, given[name])})
    return values


def _as_sent(option: Json, value: object) -> object:
    return str(value) if option["type"] in (_USER, _CHANNEL, _ROLE) else value


def _must_accept(option: Json, value: Any) -> None:
    """Check a value against the option as Discord's client does before it sends."""
    name, kind, measured = option["name"], option["type"], value  # mypy narrows value to object below
    if kind not in _VALUE_TYPES:
        raise NotImplementedError(f"options of type {kind} ({name})")
    if not isinstance(value, _VALUE_TYPES[kind]) or (isinstance(value, bool) and kind != _BOOLEAN):
        raise UsageError(f"option {name!r} of type {kind} cannot hold {value!r}")
    choices = [choice["value"] for choice in option.get("choices") or []]
    if choices and value not in choices:
        raise UsageError(f"option {name!r}: {value!r} is not among the choices {choices}")
    size = len(measured) if kind == _STRING else measured
    lowest, highest = ("min_length", "max_length") if kind == _STRING else ("min_value", "max_value")
    low, high = option.get(lowest), option.get(highest)
    if (low is not None and size < low) or (high is not None and size > high):
        raise UsageError(f"option {name!r}: {value!r} is outside {low} … {high}")
    if kind == _STRING and not 1 <= len(measured) <= 6000:
        raise UsageError(f"option {name!r}: a text has 1 to 6000 characters")


def _find_component(message: Json, kinds: tuple[int, ...], *, custom_id: str | None, label: str | None) -> Json:
    found = [c for _, c in walk_components(message["components"]) if c.get("type") in kinds]
    matching = [
        component
        for component in found
        if custom_id in (None, component.get("custom_id")) and label in (None, component.get("label"))
    ]
    if len(matching) != 1:
        names = [(component.get("label"), component.get("custom_id")) for component in found]
        raise UsageError(f"{len(matching)} components match label {label!r}, custom id {custom_id!r}: {names}")
    if matching[0].get("disabled"):
        raise UsageError(f"{label or custom_id!r} is switched off")
    return matching[0]


def _must_offer(menu: Json, values: list[str]) -> None:
    offered = [option["value"] for option in menu.get("options") or []]
    if menu["type"] == _STRING_SELECT and not set(values) <= set(offered):
        raise UsageError(f"{values} are not all among the options {offered}")
    lowest, highest = menu.get("min_values", 1), menu.get("max_values", 1)
    if not lowest <= len(values) <= highest:
        raise UsageError(f"between {lowest} and {highest} values are to be chosen, not {len(values)}")
