"""Panels and forms that were opened in an earlier run, or long ago: made anew at the press, from what their ids say.

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
from bot.ui.discord import replies
from bot.ui.discord.errors import answer_error, describe_error
from bot.ui.discord.forms import Form, Panel, typed_by_name, typed_in
from bot.ui.discord.gate import OWN_COMMAND
from bot.ui.discord.panels.feed_add import OfferPanel
from bot.ui.discord.panels.notify import NotifyPanel
from bot.ui.discord.panels.subscribe import FilterPanel, LanguagePanel, SettingsPanel
from bot.ui.discord.panels.welcome import follow_form

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


async def _follow_form(service: Service, _: Interaction, __: list[int]) -> Form:
    return follow_form(service)


async def _term_form(service: Service, interaction: Interaction, numbers: list[int]) -> Form:
    return (await NotifyPanel.reopen(service, interaction, numbers)).term_form()


async def _time_form(service: Service, interaction: Interaction, numbers: list[int]) -> Form:
    return (await SettingsPanel.reopen(service, interaction, numbers)).time_form(interaction)


async def _filter_form(service: Service, interaction: Interaction, numbers: list[int]) -> Form:
    subscription = await service.subscriptions.get(numbers[0], guild_id=interaction.guild_id or 0)
    return FilterPanel(service, subscription, subscription.delivering).form()


_FORMS: dict[str, tuple[str, Callable[[Service, Interaction, list[int]], Awaitable[Form]]]] = {
    "add": ("feed", _follow_form),
    "term": ("notify", _term_form),
    "time": ("subscribe", _time_form),
    "filter": ("subscribe", _filter_form),
}
"""For each form the command whose users may send it, and what makes it anew."""


async def revive(interaction: Interaction) -> bool:
    """Do what was pressed, or sent with a form, that is not in memory any more; False if that is not possible."""
    match = _ID.fullmatch(str(dict(interaction.data or {}).get("custom_id")))
    is_form = interaction.type is discord.InteractionType.modal_submit
    kind = match["kind"] if match else ""
    if match is None or kind not in (_FORMS if is_form else _KINDS):
        return False
    command = (_FORMS[kind] if is_form else _KINDS[kind])[0]
    interaction.extras[OWN_COMMAND] = command
    if not await interaction.client.gate.admit(interaction, command):
        return True
    try:
        service, numbers = interaction.client.service, [int(number) for number in match["numbers"].split("-")[1:]]
        if is_form:
            form = await _FORMS[kind][1](service, interaction, numbers)
            await form.process(interaction, typed_by_name(interaction.data))
            return True
        panel = await _KINDS[kind][1](service, interaction, numbers)
        return await panel.act(match["what"], interaction)
    except Exception as exc:  # noqa: BLE001 - explained to the member
        if not is_form:
            await answer_error(interaction, exc)
            return True
        # There is no form to open again: what was typed is given back to copy.
        await replies.say(interaction, f"{describe_error(interaction, exc)}\n{typed_in(interaction.data)}")
        return True
