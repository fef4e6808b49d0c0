"""Panels that were opened in an earlier run, or long ago: made anew at the press, from what their ids say.

The id of a component ends in ``:<kind>-<numbers>:<what>``: which panel it belongs to, of what, and what it does. Who
may press is checked as for the command that opens the panel. A panel that holds more than an id can say has no kind,
and expires.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import discord

from bot.service import Service
from bot.ui.discord.errors import answer_error
from bot.ui.discord.forms import Panel
from bot.ui.discord.gate import OWN_COMMAND
from bot.ui.discord.panels.feed_add import OfferPanel
from bot.ui.discord.panels.notify import NotifyPanel
from bot.ui.discord.panels.subscribe import LanguagePanel, SettingsPanel

Interaction = discord.Interaction[Any]
Reopen = Callable[[Service, Interaction, list[int]], Awaitable[Panel]]

_ID = re.compile(r"nonmun:\w+:(?P<kind>[a-z]+)(?P<numbers>(?:-[0-9]+)*):(?P<what>\w+)", re.ASCII)
_KINDS: dict[str, tuple[str, Reopen]] = {
    SettingsPanel.kind: ("subscribe", SettingsPanel.reopen),
    LanguagePanel.kind: ("subscribe", LanguagePanel.reopen),
    NotifyPanel.kind: ("notify", NotifyPanel.reopen),
    OfferPanel.kind: ("feed", OfferPanel.reopen),
}
"""For each kind of panel the command that opens it, and what makes it anew."""


async def revive(interaction: Interaction) -> bool:
    """Do what was pressed on a panel that is not in memory any more; False if that is not possible."""
    match = _ID.fullmatch(str(dict(interaction.data or {}).get("custom_id")))
    if match is None or interaction.type is not discord.InteractionType.component or match["kind"] not in _KINDS:
        return False
    command, reopen = _KINDS[match["kind"]]
    interaction.extras[OWN_COMMAND] = command
    if not await interaction.client.gate.admit(interaction, command):
        return True
    try:
        numbers = [int(number) for number in match["numbers"].split("-")[1:]]
        panel = await reopen(interaction.client.service, interaction, numbers)
        return await panel.act(match["what"], interaction)
    except Exception as exc:  # noqa: BLE001 - explained to the member
        await answer_error(interaction, exc)
        return True
