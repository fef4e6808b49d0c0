"""The commands that Discord has registered: compared with ours, and replaced if they differ.

Discord limits registrations. Another program with the same token can also remove commands while the bot runs. So our
commands are compared with Discord's at each start and once a day, and sent only if they differ.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.http import Route

from bot.ui.discord.errors import describe_refusal

log = logging.getLogger(__name__)

_SLASH = discord.AppCommandType.chat_input.value
COMPARE_SECONDS = 86_400.0
FIRST_RETRY_SECONDS = 60.0
LONGEST_RETRY_SECONDS = 3_600.0

_DISCORDS_OWN = frozenset(
    (
        "id",
        "application_id",
        "guild_id",
        "version",
        "handler",
        "dm_permission",
        "name_localized",
        "description_localized",
    )
)
"""Fields that Discord adds, and a deprecated one that ``contexts`` replaces."""
_SETS = ("contexts", "integration_types", "channel_types")
_WHERE_WE_LEAVE_IT_OPEN = ("contexts", "integration_types")
"""If we leave these out, the application's own settings apply."""


async def keep_registered(
    client: discord.Client,
    tree: app_commands.CommandTree[Any],
    on_registered: Callable[[Mapping[str, int]], None],
) -> None:
    """Compare now and once a day while the client runs; after a refusal sooner, at intervals of up to an hour.

    Args:
        on_registered: Called with the commands' ids by their names.
    """
    wait_s = FIRST_RETRY_SECONDS
    while True:
        try:
            on_registered(await register(client, tree))
        except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as exc:
            log.warning("commands not registered reason=%s retry_s=%g", describe_refusal(exc), wait_s)
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 4, LONGEST_RETRY_SECONDS)
        else:
            wait_s = FIRST_RETRY_SECONDS
            await asyncio.sleep(COMPARE_SECONDS)


async def register(client: discord.Client, tree: app_commands.CommandTree[Any]) -> dict[str, int]:
    """Send our commands, unless Discord already has exactly these; returns their ids by their names.

    Raises:
        discord.DiscordException: Discord refused.
    """
    route = Route("GET", "/applications/{application_id}/commands", application_id=client.application_id)
    known = await client.http.request(route, params={"with_localizations": "true"})
    ours = await payload(tree)
    if is_same(ours, known):
        log.info("commands are registered count=%d", len(ours))
        return {command["name"]: int(command["id"]) for command in known if command.get("type", 1) == _SLASH}
    synced = await tree.sync()
    log.info("commands registered count=%d", len(ours))
    return {command.name: command.id for command in synced if command.type.value == _SLASH}


async def payload(tree: app_commands.CommandTree[Any]) -> list[dict[str, Any]]:
    """Our commands as they are sent, in all languages."""
    translator = tree.translator
    assert translator is not None  # noqa: S101 - the client has set it before it connects
    return [await command.get_translated_payload(tree, translator) for command in tree.get_commands()]


def is_same(ours: Sequence[Mapping[str, Any]], known: Sequence[Mapping[str, Any]]) -> bool:
    """Whether Discord has these commands and no others, in any order."""
    wanted = {(command["type"], command["name"]): command for command in ours}
    there = {(command.get("type", 1), command["name"]): command for command in known}
    if wanted.keys() != there.keys():
        return False
    for key, command in wanted.items():
        left_open = [name for name in _WHERE_WE_LEAVE_IT_OPEN if command.get(name) is None]
        if _plain(command, left_open) != _plain(there[key], left_open):
            return False
    return True


def _plain(value: Any, left_out: Sequence[str] = ()) -> Any:
    """A command, option or list of them, without what Discord adds; empty, false and missing are the same."""
    if isinstance(value, Mapping):
        kept = {key: _plain(item) for key, item in value.items() if key not in (*_DISCORDS_OWN, *left_out)}
        kept |= {key: sorted(kept[key]) for key in _SETS if kept.get(key)}
        if kept.get("default_member_permissions") is not None:
            kept["default_member_permissions"] = str(kept["default_member_permissions"])
        return {key: item for key, item in kept.items() if not _is_nothing(item)}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _is_nothing(item: object) -> bool:
    return item is None or item is False or item in ([], {}, "")
