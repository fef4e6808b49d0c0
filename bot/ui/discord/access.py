"""Who may use an admin command: members with its permission, and those whom the server's settings allow to use it.

Discord checks this as well and hides the command from everyone else. The bot checks again at each command, and at
each press on something that a command opened. It must not rely on Discord's check alone, and a panel may outlive the
right to use it.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

import aiohttp
import discord

from bot.errors import RequestError
from bot.languages import _, say
from bot.ui.discord.rights import NAMES

Interaction = discord.Interaction[Any]
KEPT_SECONDS = 60.0
MOST_KEPT = 1_000
PATIENCE_SECONDS = 1.5
"""Seconds to wait for Discord before the first answer, which is due within three."""
_ROLE, _USER = 1, 2


class Access:
    """What servers' settings say about our commands; asked of Discord and kept for a minute.

    Args:
        command_ids: Discord's ids of our commands, as far as they are known, by their names. More are added.
    """

    def __init__(self, client: discord.Client, command_ids: MutableMapping[str, int]) -> None:
        self._client = client
        self._command_ids = command_ids
        self._kept: OrderedDict[int, tuple[float, Mapping[int, Sequence[Any]]]] = OrderedDict()

    def learn(self, interaction: Interaction, name: str) -> None:
        """Remember a command's id when it is used: presses on its panels do not contain it."""
        command_id = dict(interaction.data or {}).get("id")
        if command_id is not None:
            self._command_ids[name] = int(str(command_id))

    def forget(self, guild_id: int) -> None:
        """Drop what is kept about a server, because its settings have changed."""
        self._kept.pop(guild_id, None)

    async def check(self, interaction: Interaction, name: str, needed: discord.Permissions) -> None:
        """Return if the member may use a command in this server.

        Args:
            needed: What Discord asks of members for whom the server has not set anything: Manage Server.
        Raises:
            RequestError: They may not, or we cannot find out; the message says what to do.
        """
        if interaction.permissions >= needed or interaction.permissions.administrator:
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                overrides = await self._overrides(interaction.guild_id or 0)
                command_id = await self._id_of(name)
        except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as exc:
            raise RequestError(
                _(
                    "I could not find out from Discord who may use /{command} in this server. Try again in a minute."
                ).format(command=name)
            ) from exc
        everyone = interaction.guild_id or 0
        ids = {role.id for role in getattr(interaction.user, "roles", ())}
        own = overrides.get(command_id)
        if own is not None and is_allowed(own, interaction.user.id, ids | {everyone}):
            return
        # A command without settings of its own has the application's, in which @everyone is allowed by default.
        whole = overrides.get(self._client.application_id or 0, ()) if own is None else ()
        if is_allowed(whole, interaction.user.id, ids - {everyone}):
            return
        raise RequestError(
            _(
                "You need {right} to use /{command}. An admin can let you use it in Server Settings > Integrations."
            ).format(
                right=" + ".join(say(NAMES.get(right, right)) for right, is_needed in needed if is_needed),
                command=name,
            )
        )

    async def _id_of(self, name: str) -> int:
        """A command's id; Discord is asked if a press comes before the commands are registered. 0 if it has none."""
        if name not in self._command_ids:
            known = await self._client.http.get_global_commands(self._client.application_id or 0)
            self._command_ids.update({command["name"]: int(command["id"]) for command in known})
        return self._command_ids.get(name, 0)

    async def _overrides(self, guild_id: int) -> Mapping[int, Sequence[Any]]:
        """What a server allows and denies, by command id, or by the application's id for all commands.

        Source: Discord's documentation, "Application Commands", Permissions.
        """
        until, kept = self._kept.get(guild_id, (0.0, {}))
        if until > time.monotonic():
            return kept
        listed = await self._client.http.get_guild_application_command_permissions(
            self._client.application_id or 0, guild_id
        )
        kept = {int(command["id"]): command["permissions"] for command in listed}
        self._kept[guild_id] = (time.monotonic() + KEPT_SECONDS, kept)
        self._kept.move_to_end(guild_id)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return kept


def is_allowed(overrides: Sequence[Any], user_id: int, role_ids: set[int]) -> bool:
    """Whether a member is allowed explicitly: an entry for the member decides, otherwise any allowed role."""
    of_user = [
        bool(entry["permission"]) for entry in overrides if entry["type"] == _USER and int(entry["id"]) == user_id
    ]
    if of_user:
        return all(of_user)
    return any(entry["permission"] for entry in overrides if entry["type"] == _ROLE and int(entry["id"]) in role_ids)
