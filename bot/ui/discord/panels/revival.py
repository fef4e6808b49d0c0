"""Panels and forms that were opened in an earlier run, or long ago: made anew at the press, from what their ids say.

The id of a component ends in ``:<kind>-<numbers>:<what>``: which panel it belongs to, of what, and what it does. Who
may press is checked as for the command that opens the panel. What an id cannot say, such as a filter, is kept in the
database under a number. A panel without a kind expires.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import discord

from bot.languages import _
from bot.service import Service
from bot.text.patterns import lazy_pattern
from bot.ui.discord import replies
from bot.ui.discord.errors import EXPIRED, answer_error, describe_error
from bot.ui.discord.forms import REFUSED, Form, Panel, typed_by_name, typed_in
from bot.ui.discord.gate import OWN_COMMAND
from bot.ui.discord.panels.base import kept_choice
from bot.ui.discord.panels.conclusions import ConclusionPanel, ConclusionsPanel, reopen_form
from bot.ui.discord.panels.feed_add import OfferPanel
from bot.ui.discord.panels.notify import NotifyPanel, term_form
from bot.ui.discord.panels.privacy import ForgetPanel, PrivacyPanel
from bot.ui.discord.panels.saved import (
    ExportPanel,
    OutcomePanel,
    PassagePanel,
    SavedPanel,
    SavedPaperPanel,
    reopen_note_form,
)
from bot.ui.discord.panels.subscribe import FilterPanel, LanguagePanel, SettingsPanel, filter_form
from bot.ui.discord.panels.welcome import follow_form

Interaction = discord.Interaction[Any]
Make = Callable[[Service, Interaction, list[int]], Awaitable[Panel | Form]]
"""Makes a panel or form anew from the numbers in its id."""

_ID = lazy_pattern(r"nonmun:\w+:(?P<kind>[a-z]+)(?P<numbers>(?:-[0-9]+)*):(?P<what>\w+)", re.ASCII)


def _always(make_form: Callable[[Service], Form]) -> Make:
    """For a form that is about nothing that its id would have to say."""

    async def make(service: Service, _interaction: Interaction, _numbers: list[int]) -> Form:
        return make_form(service)

    return make


async def _time_form(service: Service, interaction: Interaction, numbers: list[int]) -> Form:
    return (await SettingsPanel.reopen(service, interaction, numbers)).time_form(interaction)


async def _filter_form(service: Service, interaction: Interaction, numbers: list[int]) -> Form:
    subscription = await service.subscriptions.get(numbers[0], guild_id=interaction.guild_id or 0)
    return filter_form(service, subscription, subscription.delivering)


_FORMS: dict[str, tuple[str | None, Make]] = {
    "add": ("feed", _always(follow_form)),
    "term": ("notify", _always(term_form)),
    "time": ("subscribe", _time_form),
    "filter": ("subscribe", _filter_form),
    "conclude": (None, reopen_form),
    "note": ("saved", reopen_note_form),
}
"""For each form the command whose users may send it, None for anybody, and what makes it anew."""


def _refused(make: Make) -> Make:
    """For what says why a form was refused: the last number leads to what was typed."""

    async def remake(service: Service, interaction: Interaction, numbers: list[int]) -> Panel:
        *of_form, number = numbers
        typed = json.loads(await kept_choice(service, interaction, number))
        form = await make(service, interaction, of_form)
        assert isinstance(form, Form)  # noqa: S101 - all of _FORMS make one
        return form.refused(typed, number)

    return remake


_PANELS: dict[str, tuple[str | None, Make]] = {
    SettingsPanel.kind: ("subscribe", SettingsPanel.reopen),
    LanguagePanel.kind: ("subscribe", LanguagePanel.reopen),
    FilterPanel.kind: ("subscribe", FilterPanel.reopen),
    NotifyPanel.kind: ("notify", NotifyPanel.reopen),
    OfferPanel.kind: ("feed", OfferPanel.reopen),
    ConclusionsPanel.kind: (None, ConclusionsPanel.reopen),
    ConclusionPanel.kind: (None, ConclusionPanel.reopen),
    OutcomePanel.kind: ("saved", OutcomePanel.reopen),
    PassagePanel.kind: ("saved", PassagePanel.reopen),
    SavedPanel.kind: ("saved", SavedPanel.reopen),
    SavedPaperPanel.kind: ("saved", SavedPaperPanel.reopen),
    PrivacyPanel.kind: ("privacy", PrivacyPanel.reopen),
    ForgetPanel.kind: ("privacy", ForgetPanel.reopen),
    ExportPanel.kind: ("saved", ExportPanel.reopen),
    **{f"{REFUSED}{kind}": (command, _refused(make)) for kind, (command, make) in _FORMS.items()},
}
"""For each kind of panel the command that opens it, None for anybody's, and what makes it anew."""


async def revive(interaction: Interaction) -> bool:
    """Do what was pressed, or sent with a form, that is not in memory any more; False if that is not possible."""
    match = _ID.fullmatch(str(dict(interaction.data or {}).get("custom_id")))
    is_form = interaction.type is discord.InteractionType.modal_submit
    kinds = _FORMS if is_form else _PANELS
    if match is None or match["kind"] not in kinds:
        return False
    command, make = kinds[match["kind"]]
    interaction.extras[OWN_COMMAND] = command
    if not await interaction.client.gate.admit(interaction, command):
        return True
    try:
        numbers = [int(number) for number in match["numbers"].split("-")[1:]]
        made = await make(interaction.client.service, interaction, numbers)
        if isinstance(made, Form):
            await made.process(interaction, typed_by_name(interaction.data))
        elif not await made.act(match["what"], interaction):
            await replies.say(interaction, _(EXPIRED))
    except Exception as exc:  # noqa: BLE001 - explained to the member
        if is_form:
            # There is no form to open again: what was typed is given back to copy.
            await replies.say(interaction, f"{describe_error(interaction, exc)}\n{typed_in(interaction.data)}")
        else:
            await answer_error(interaction, exc)
    return True
