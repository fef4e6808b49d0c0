"""*What we concluded*: what members say came of a talk, read, submitted, edited and removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import discord

from bot.cards.earlier_talks import conclusion_cards, conclusion_label, conclusions_card
from bot.delivering.conclusions import MOST_CONCLUSIONS, may_change
from bot.errors import RequestError
from bot.languages import _
from bot.models.conclusions import LONGEST_CONCLUSION, Conclusion
from bot.models.requests import Press
from bot.models.talks import Talk
from bot.service import Service
from bot.ui.discord import replies
from bot.ui.discord.forms import Field, Form, Panel
from bot.ui.discord.limits import OPTION_TEXT
from bot.ui.discord.markdown import plain_line
from bot.ui.discord.messages import make_post
from bot.ui.discord.panels.base import values
from bot.ui.discord.places import home_of, sees
from bot.ui.discord.rights import find_channel

Interaction = discord.Interaction[Any]
NEW = 0
"""In the id of a form: the conclusion is a new one."""
TEXT = "text"


async def conclude(interaction: Interaction, press: Press) -> None:
    """Show what was concluded in a talk; where nothing was, ask for it."""
    service = interaction.client.service
    talk = await _talk(service, interaction, press.number, check=press.check)
    known = await service.conclusions.of_talk(talk)
    if not known:
        await conclusion_form(service, interaction, talk, None).open(interaction)
        return
    await ConclusionsPanel(service, talk, known).present(interaction, is_new=True)


class ConclusionsPanel(Panel):
    """All that was concluded in a talk, and a way to add to it."""

    kind = "conclusions"

    def __init__(self, service: Service, talk: Talk, conclusions: list[Conclusion]) -> None:
        super().__init__(service, talk.id)
        self._talk = talk
        self._conclusions = conclusions
        if conclusions:
            options = [
                discord.SelectOption(
                    label=plain_line(label, OPTION_TEXT),
                    description=plain_line(when, OPTION_TEXT),
                    value=str(conclusion.id),
                )
                for conclusion in conclusions
                for label, when in (conclusion_label(conclusion),)
            ]
            menu: discord.ui.Select[Panel] = discord.ui.Select(
                options=options, placeholder=_("Read one …"), custom_id=self.name("read")
            )
            self.menu(menu, self._read)
        if len(conclusions) < MOST_CONCLUSIONS:
            self.button(_("Add a conclusion"), self._add, "add", style=discord.ButtonStyle.primary)

    @classmethod
    async def reopen(cls, service: Service, interaction: Interaction, numbers: list[int]) -> Self:
        """Make it anew from the numbers in its id."""
        talk = await _talk(service, interaction, numbers[0])
        return cls(service, talk, await service.conclusions.of_talk(talk))

    async def present(self, interaction: Interaction, *, saved: str | None = None, is_new: bool = False) -> None:
        """Show it in place of the pressed message, or as a private message of its own.

        Args:
            saved: What was changed, as a sentence.
            is_new: Whether what was pressed is a card, which stays as it is.
        """
        card = conclusions_card(self._talk, self._conclusions, saved=saved)
        await self.show(interaction, card, is_new=is_new)

    async def _read(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        conclusion = await self.service.conclusions.find(self._talk, int(values(interaction)[0]))
        await ConclusionPanel(self.service, interaction, self._talk, conclusion).present(interaction)

    async def _add(self, interaction: Interaction) -> None:
        await conclusion_form(self.service, interaction, self._talk, None).open(interaction)


class ConclusionPanel(Panel):
    """One conclusion as it was written; its author and moderators can edit and remove it."""

    kind = "conclusion"

    def __init__(self, service: Service, interaction: Interaction, talk: Talk, conclusion: Conclusion) -> None:
        super().__init__(service, talk.id, conclusion.id)
        self._talk = talk
        self._conclusion = conclusion
        if may_change(conclusion, interaction.user.id, is_moderator=_is_moderator(interaction, talk)):
            self.button(_("Edit"), self._edit, "edit", style=discord.ButtonStyle.primary)
            self.button(_("Remove"), self._remove, "remove", style=discord.ButtonStyle.danger)
        self.button(_("Back"), self._back, "back")

    @classmethod
    async def reopen(cls, service: Service, interaction: Interaction, numbers: list[int]) -> Self:
        """Make it anew from the numbers in its id."""
        talk = await _talk(service, interaction, numbers[0])
        return cls(service, interaction, talk, await service.conclusions.find(talk, numbers[1]))

    async def present(self, interaction: Interaction) -> None:
        """Show it in place of the pressed message."""
        first, *rest = conclusion_cards(self._talk, self._conclusion)
        await self.show(interaction, first, extra=[make_post(card) for card in rest])

    async def _edit(self, interaction: Interaction) -> None:
        await conclusion_form(self.service, interaction, self._talk, self._conclusion).open(interaction)

    async def _remove(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        await self.service.conclusions.remove(
            self._talk,
            self._conclusion.id,
            editor_id=interaction.user.id,
            is_moderator=_is_moderator(interaction, self._talk),
        )
        await _show_all(self.service, interaction, self._talk, saved=_("Removed."))

    async def _back(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        await _show_all(self.service, interaction, self._talk)


async def _show_all(service: Service, interaction: Interaction, talk: Talk, *, saved: str | None = None) -> None:
    known = await service.conclusions.of_talk(talk)
    await ConclusionsPanel(service, talk, known).present(interaction, saved=saved)


# ── the form ────────────────────────────────────────────────────────────────────────────────────


def conclusion_form(service: Service, interaction: Interaction, talk: Talk, conclusion: Conclusion | None) -> Form:
    """The form for a new conclusion, or to edit one."""
    _must_write(interaction, talk)

    async def keep(submitted: Interaction, typed: Mapping[str, str]) -> None:
        is_in_panel = submitted.message is not None and _is_panel(submitted.message)
        await (replies.hold if is_in_panel else replies.think)(submitted)
        _must_write(submitted, talk)
        if conclusion is None:
            await service.conclusions.submit(talk, typed[TEXT], author_id=submitted.user.id)
        else:
            await service.conclusions.edit(
                talk,
                conclusion.id,
                typed[TEXT],
                editor_id=submitted.user.id,
                is_moderator=_is_moderator(submitted, talk),
            )
        known = await service.conclusions.of_talk(talk)
        panel = ConclusionsPanel(service, talk, known)
        saved = _("Saved. It is shown on the paper's card.")
        await panel.present(submitted, saved=saved, is_new=not is_in_panel)

    field = Field(
        name=TEXT,
        label=_("What came of this talk?"),
        about=_("Shown with your name to everybody who sees this talk"),
        value=conclusion.text if conclusion else "",
        longest=LONGEST_CONCLUSION,
        has_lines=True,
    )
    key = f"conclude-{talk.id}-{conclusion.id if conclusion else NEW}"
    return Form(service, _("What we concluded"), [field], done=keep, back=None, key=key)


async def reopen_form(service: Service, interaction: Interaction, numbers: list[int]) -> Form:
    """Make the form anew from the numbers in its id."""
    talk = await _talk(service, interaction, numbers[0])
    conclusion = await service.conclusions.find(talk, numbers[1]) if numbers[1] != NEW else None
    return conclusion_form(service, interaction, talk, conclusion)


# ── who may ─────────────────────────────────────────────────────────────────────────────────────


async def _talk(service: Service, interaction: Interaction, talk_id: int, *, check: str | None = None) -> Talk:
    """An open talk of this server that the member sees.

    Raises:
        RequestError: There is none; a talk that is hidden from the member is as good as none.
    """
    talk = await service.conclusions.talk(talk_id, home_of(interaction), check=check)
    is_here = talk.thread_id == interaction.channel_id
    if not is_here and (talk.is_private or not sees(interaction, talk.channel_id)):
        raise RequestError(_("This talk is no longer here."))
    return talk


def _must_write(interaction: Interaction, talk: Talk) -> None:
    rights = _rights_in(interaction, talk)
    if not rights.send_messages_in_threads:
        raise RequestError(_("You cannot write in this talk, so you cannot say what came of it."))


def _is_moderator(interaction: Interaction, talk: Talk) -> bool:
    return _rights_in(interaction, talk).manage_messages


def _rights_in(interaction: Interaction, talk: Talk) -> discord.Permissions:
    """The member's permissions in a talk; none where they are not known."""
    if interaction.channel_id == talk.thread_id:
        return interaction.permissions
    channel, member = find_channel(interaction.client, talk.channel_id), interaction.user
    if channel is None or not isinstance(member, discord.Member) or member.is_timed_out():
        return discord.Permissions.none()
    return channel.permissions_for(member)


def _is_panel(message: discord.Message) -> bool:
    """Whether a message is one of ours that can become another panel: private, and not a card."""
    return message.flags.ephemeral and not message.flags.components_v2
