"""The panels of `/privacy`: what is kept about the member, and deleting it after a confirmation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from io import BytesIO

import discord

from bot.cards.privacy import Place, forgetting_card, forgotten_card, privacy_card, write_kept
from bot.languages import _
from bot.models.privacy import KeptItem, KeptKind
from bot.service import Service
from bot.ui.discord import replies
from bot.ui.discord.forms import Panel
from bot.ui.discord.panels.base import Interaction


class PrivacyPanel(Panel):
    """What is kept; everything as a file, and *Delete it*."""

    kind = "privacy"

    def __init__(self, service: Service, items: Sequence[KeptItem]) -> None:
        super().__init__(service)
        self.items = items
        if items:
            self.button(_("Everything as a file"), self._send, "file")
            self.button(_("Delete it"), self._ask, "delete", style=discord.ButtonStyle.danger)

    @classmethod
    async def open(cls, service: Service, interaction: Interaction) -> None:
        """Show what is kept about the member."""
        panel = await cls.reopen(service, interaction, [])
        await panel.show(interaction, privacy_card(panel.items, _places(interaction)))

    @classmethod
    async def reopen(cls, service: Service, interaction: Interaction, __: list[int]) -> PrivacyPanel:
        """The member's panel, as it is now."""
        return cls(service, await service.privacy.kept_about(interaction.user.id))

    async def _send(self, interaction: Interaction) -> None:
        await replies.think(interaction)
        items = await self.service.privacy.kept_about(interaction.user.id)
        written = write_kept(items, _places(interaction)).encode("utf-8", "replace")
        file = discord.File(BytesIO(written), filename="about-me.json")
        await replies.send(interaction, text=_("Everything that is kept about you."), file=file)

    async def _ask(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        panel = await ForgetPanel.reopen(self.service, interaction, [])
        await panel.show(interaction, forgetting_card(panel.items))


class ForgetPanel(Panel):
    """Asks once more, and what to do with conclusions."""

    kind = "forget"

    def __init__(self, service: Service, items: Sequence[KeptItem]) -> None:
        super().__init__(service)
        self.items = items
        self.button(
            _("Delete everything"),
            self._forget(keeps_conclusions=False),
            "all",
            style=discord.ButtonStyle.danger,
        )
        if any(item.kind is KeptKind.CONCLUSION for item in items):
            self.button(
                _("Delete, but keep my conclusions without my name"),
                self._forget(keeps_conclusions=True),
                "blank",
                style=discord.ButtonStyle.danger,
            )
        self.button(_("Cancel"), self._cancel, "cancel")

    @classmethod
    async def reopen(cls, service: Service, interaction: Interaction, __: list[int]) -> ForgetPanel:
        """The member's panel, as it is now."""
        return cls(service, await service.privacy.kept_about(interaction.user.id))

    def _forget(self, *, keeps_conclusions: bool) -> Callable[[Interaction], Awaitable[None]]:
        async def press(interaction: Interaction) -> None:
            await replies.hold(interaction)
            await self.service.privacy.forget(interaction.user.id, keeps_conclusions=keeps_conclusions)
            await PrivacyPanel(self.service, ()).show(interaction, forgotten_card())

        return press

    async def _cancel(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        await PrivacyPanel.open(self.service, interaction)


def _places(interaction: Interaction) -> Place:
    """A function that names servers; a member may have left one, or the bot."""

    def name(guild_id: int) -> str:
        if not guild_id:
            return _("direct messages")
        guild = interaction.client.get_guild(guild_id)
        return guild.name if guild else _("a server that I am not in")

    return name
