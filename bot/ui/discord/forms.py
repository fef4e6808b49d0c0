"""The base of all panels and forms: kept in memory for ten minutes; what somebody typed is never lost.

A panel or form of a kind can be used for longer: a press makes it anew (`bot.ui.discord.panels.revival`).
A panel is a private message with menus and buttons. A form asks for text. If the text is refused, the panel says why
and offers *Edit again*, which opens the form with everything as it was typed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.cards.card import Card, Tone, text_block
from bot.languages import _
from bot.service import Service
from bot.ui.discord import replies
from bot.ui.discord.errors import answer_error, describe_error
from bot.ui.discord.gate import OWN_COMMAND
from bot.ui.discord.limits import BUTTON_LABEL, FORM_LABEL, FORM_TITLE, OPTION_TEXT, shorten
from bot.ui.discord.live import TIMEOUT_S, custom_id, new_token
from bot.ui.discord.markdown import plain_line
from bot.ui.discord.messages import make_post

log = logging.getLogger(__name__)

Interaction = discord.Interaction[Any]
Act = Callable[[Interaction], Awaitable[None]]
REFUSED = "re"
"""Begins the kind of what says why a form was refused; the form's own follows."""


class Panel(discord.ui.View):
    """A private message with components that can be used for ten minutes, or if it has a kind, for ever.

    Args:
        numbers: With its kind, all that is needed to make it anew (`bot.ui.discord.panels.revival`).
    """

    kind = ""
    """What the ids of its components call it; "" if it cannot be made anew."""

    def __init__(self, service: Service, *numbers: int) -> None:
        super().__init__(timeout=TIMEOUT_S)
        self.service = service
        self._key = "-".join((self.kind, *map(str, numbers))) + ":" if self.kind else ""
        self._acts: dict[str, Act] = {}
        self._token = new_token()
        self._origin: Interaction | None = None
        self._message_id = 0
        self._command: str | None = None

    def name(self, what: str) -> str:
        """The id of one of its components."""
        return custom_id(self._token, self._key + what)

    async def act(self, what: str, interaction: Interaction) -> bool:
        """Do what a component does; False if there is none of that name, as it may be now."""
        act = self._acts.get(what)
        if act is None:
            return False
        await act(interaction)
        return True

    def button(self, label: str, act: Act, what: str, **options: Any) -> None:
        """Add a button."""
        made: discord.ui.Button[Panel] = discord.ui.Button(
            label=plain_line(label, BUTTON_LABEL), custom_id=self.name(what), **options
        )
        self.menu(made, act)

    def menu(self, made: discord.ui.Item[Any], act: Act) -> None:
        """Add a menu."""
        made.callback = act  # type: ignore[method-assign, assignment]
        self._acts[str(getattr(made, "custom_id", "")).rpartition(":")[2]] = act
        self.add_item(made)

    async def show(
        self, interaction: Interaction, card: Card, *, extra: Sequence[discord.Embed] = (), is_new: bool = False
    ) -> None:
        """Show this panel in place of the one that was pressed, or as a new private message.

        Args:
            is_new: In a message of its own in any case, as where the pressed one is everybody's.
        """
        show = replies.send if is_new else replies.show
        message_id = await show(interaction, embeds=[make_post(card), *extra], view=self)
        self._origin, self._message_id = interaction, message_id
        self._command = interaction.extras.get(OWN_COMMAND)
        interaction.client.live.add(self._token, self, message_id)

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Whether the member may still use the command that opened this panel."""
        interaction.extras[OWN_COMMAND] = self._command
        return bool(await interaction.client.gate.admit(interaction, self._command))

    def end(self) -> None:
        """Expire the panel. Answer the interaction before: a press on an expired message is answered elsewhere."""
        if self._origin:
            self._origin.client.live.end(self._token)

    async def on_timeout(self) -> None:
        """Free the memory; remove the components if they would fail when pressed."""
        if self._origin:
            self.end()
            if not self.kind:
                await replies.take_buttons(self._origin, self._message_id)

    async def on_error(self, interaction: Interaction, error: Exception, __: discord.ui.Item[Any], /) -> None:
        """Tell the member what failed."""
        await answer_error(interaction, error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """An input of a form.

    Attributes:
        value: Its initial content; with choices, the position of one of them.
        choices: The options, if one is chosen and nothing is typed.
    """

    name: str
    label: str
    value: str = ""
    about: str | None = None
    placeholder: str | None = None
    shortest: int | None = None
    longest: int = 100
    has_lines: bool = False
    is_required: bool = True
    choices: tuple[str, ...] = ()

    def draw(self) -> discord.ui.Label[Any]:
        """The field as a component of a form."""
        component = self._draw_choices() if self.choices else self._draw_text()
        return discord.ui.Label(text=plain_line(self.label, FORM_LABEL), description=self.about, component=component)

    def _draw_choices(self) -> discord.ui.Select[Any]:
        options = [
            discord.SelectOption(
                label=plain_line(choice, OPTION_TEXT), value=str(number), default=str(number) == self.value
            )
            for number, choice in enumerate(self.choices)
        ]
        return discord.ui.Select(options=options, custom_id=self.name)

    def _draw_text(self) -> discord.ui.TextInput[Any]:
        return discord.ui.TextInput(
            custom_id=self.name,
            style=discord.TextStyle.paragraph if self.has_lines else discord.TextStyle.short,
            default=self.value[: self.longest] or None,
            placeholder=self.placeholder,
            required=self.is_required,
            min_length=self.shortest,
            max_length=self.longest,
        )


class Form(discord.ui.Modal):
    """A form with several fields.

    Args:
        done: Receives what was typed, by field name. If it raises, the member is told and can edit the input again.
        back: Shows what was there before the form was opened; None if it was opened from a message of its own.
        key: What is needed to make it anew (`bot.ui.discord.panels.revival`); "" if that is not possible.
    """

    def __init__(
        self,
        service: Service,
        title: str,
        fields: Sequence[Field],
        *,
        done: Callable[[Interaction, Mapping[str, str]], Awaitable[None]],
        back: Act | None,
        key: str = "",
    ) -> None:
        self._token = new_token()
        self._key = key
        what = f"{key}:form" if key else "form"
        super().__init__(title=shorten(title, FORM_TITLE), custom_id=custom_id(self._token, what), timeout=TIMEOUT_S)
        self._service = service
        self._fields = tuple(fields)
        self._done = done
        self._back = back
        self._command: str | None = None
        for field in fields:
            self.add_item(field.draw())

    async def open(self, interaction: Interaction) -> None:
        """Show the form. This must be the first answer to an interaction."""
        self._command = interaction.extras.get(OWN_COMMAND)
        await replies.open_form(interaction, self)
        interaction.client.live.add(self._token, self)

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Whether the member may still use the command that opened this form."""
        interaction.extras[OWN_COMMAND] = self._command
        return bool(await interaction.client.gate.admit(interaction, self._command))

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Process what was typed, or say why it was refused."""
        try:
            await self.process(interaction, typed_by_name(interaction.data))
        finally:
            interaction.client.live.end(self._token)

    async def process(self, interaction: Interaction, typed: Mapping[str, str]) -> None:
        """Process what was typed, by field name, or say why it was refused."""
        try:
            await self._done(interaction, typed)
        except Exception as exc:  # noqa: BLE001 - explained to the member, and nothing that was typed is lost
            await self._refuse(interaction, typed, describe_error(interaction, exc))

    async def _refuse(self, interaction: Interaction, typed: Mapping[str, str], reason: str) -> None:
        number = await replies.soon(
            interaction, self._keep(interaction, typed), is_in_place=interaction.message is not None
        )
        await self.refused(typed, number).tell(interaction, reason)

    async def _keep(self, interaction: Interaction, typed: Mapping[str, str]) -> int | None:
        """Keep what was typed, so that it can be edited after a restart; None if it can be only until then."""
        if not self._key:
            return None
        try:
            return await self._service.subscriptions.keep_choice(
                json.dumps(dict(typed)), guild_id=interaction.guild_id or 0
            )
        except Exception:
            # Why the form was refused still has to be said.
            log.exception("what was typed is not kept for a restart")
            return None

    def refused(self, typed: Mapping[str, str], number: int | None) -> Refusal:
        """What says why this was refused.

        Args:
            typed: What was typed, by field name.
            number: Of the choice that this is kept as; None if it is not kept.
        """
        fields = [replace(field, value=typed.get(field.name, field.value)) for field in self._fields]
        key = f"{self._key}-{number}" if number is not None else ""
        return Refusal(self._service, lambda: self._with(fields), self._back, key=key)

    def _with(self, fields: Sequence[Field]) -> Form:
        return Form(self._service, self.title, fields, done=self._done, back=self._back, key=self._key)

    async def on_error(self, interaction: Interaction, error: Exception, /) -> None:  # type: ignore[override]
        """Tell the member what failed."""
        await answer_error(interaction, error)


class Refusal(Panel):
    """Says why a form was refused, and can open it again as it was filled in.

    Args:
        key: The form's, with the number of what was typed; "" if it cannot be made anew.
    """

    def __init__(self, service: Service, make_form: Callable[[], Form], back: Act | None, *, key: str) -> None:
        kind, *numbers = key.split("-")
        self.kind = f"{REFUSED}{kind}" if key else ""
        super().__init__(service, *map(int, numbers))
        self._make_form = make_form
        self.button(_("Edit again"), self._edit, "edit", style=discord.ButtonStyle.primary)
        if back is not None:
            self.button(_("Back"), back, "back")

    async def tell(self, interaction: Interaction, reason: str) -> None:
        """Show the reason in place of the panel."""
        card = Card(tone=Tone.ERROR, title=_("Not saved"), parts=((text_block(reason),),), is_private=True)
        await self.show(interaction, card)

    async def _edit(self, interaction: Interaction) -> None:
        await self._make_form().open(interaction)


def typed_by_name(data: Any) -> dict[str, str]:
    """What a submitted form holds, by field name; of a menu the chosen value.

    Args:
        data: The data of the interaction.
    """
    parts = [row["component"] for row in dict(data or {}).get("components", ()) if row.get("component")]
    return {
        str(part["custom_id"]): str(
            (part["value"] or "") if "value" in part else next(iter(part.get("values") or ()), "0")
        )
        for part in parts
    }


def typed_in(data: Any) -> str:
    """The texts of a submitted form, each as a block to copy.

    Args:
        data: The data of the interaction.
    """
    rows = dict(data or {}).get("components", ())
    parts = [part for row in rows for part in (row.get("component"), *row.get("components", ())) if part]
    texts = [str(part["value"]).replace("`", "'") for part in parts if part.get("value")]
    return "\n".join(f"```\n{text}\n```" for text in texts)
