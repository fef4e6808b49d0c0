"""The panel of `/feed add`: what was found, where it would go, and a button to follow it."""

from __future__ import annotations

from dataclasses import replace

import discord

from bot.cards.card import Card, Link, Tone, text_block
from bot.delivering import posts
from bot.delivering.subscriptions import Offer
from bot.errors import RequestError
from bot.feeds.discovery import Candidate
from bot.languages import _, ngettext, say, speaking
from bot.models.announcing import Delivering
from bot.service import Service
from bot.text.cut import cut_text
from bot.text.links import has_secrets, redact
from bot.ui.discord import replies
from bot.ui.discord.forms import Panel
from bot.ui.discord.layout import link_button
from bot.ui.discord.limits import OPTION_TEXT
from bot.ui.discord.markdown import clean_url, plain_line
from bot.ui.discord.messages import make_post
from bot.ui.discord.panels.base import Interaction, Target, add_places, kept_choice, target_of, values
from bot.ui.discord.panels.subscribe import SettingsPanel


class OfferPanel(Panel):
    """A feed was found: shows what its newest post would look like, and where. Nothing is saved yet."""

    kind = "offer"

    def __init__(self, service: Service, offer: Offer, number: int, target: Target, *, with_archive: bool) -> None:
        super().__init__(service, number, target.id, int(with_archive))
        self._offer = offer
        self._number = number
        self._with_archive = with_archive
        self._target = target
        self._problem = target.problem(Delivering())
        if offer.others:
            others = [
                discord.SelectOption(
                    label=plain_line(other.name, OPTION_TEXT),
                    description=plain_line(redact(other.url), OPTION_TEXT),
                    value=str(number),
                )
                for number, other in enumerate(offer.others[:25])
            ]
            menu: discord.ui.Select[Panel] = discord.ui.Select(
                options=others, placeholder=_("Another feed of this site …"), custom_id=self.name("other"), row=0
            )
            self.menu(menu, self._choose_other)
        add_places(self, target.id, self._choose_channel, row=1)
        self.button(
            _("Follow"),
            self._follow,
            "follow",
            style=discord.ButtonStyle.success,
            row=2,
            disabled=bool(self._problem),
        )
        self.button(_("Cancel"), self._cancel, "cancel", row=2)
        newest = Link(label=_("Read the review"), url=offer.newest.review.link) if offer.newest else None
        if newest and (button := link_button(newest, row=3)):
            self.add_item(button)

    @classmethod
    async def reopen(cls, service: Service, interaction: Interaction, numbers: list[int]) -> OfferPanel:
        """The panel of a feed, which is read again.

        Raises:
            RequestError: Its address is not kept any more, or cannot be read.
        """
        await replies.hold(interaction)
        number, channel_id, with_archive = numbers
        url = await kept_choice(service, interaction, number)
        offer = await service.subscriptions.look_at(url, guild_id=interaction.guild_id or 0)
        return cls(service, offer, number, target_of(interaction, channel_id), with_archive=bool(with_archive))

    @classmethod
    async def open(
        cls, service: Service, interaction: Interaction, offer: Offer, target: Target, *, with_archive: bool = False
    ) -> None:
        """Show an offer in place of the panel that was pressed, or as a new one."""
        number = await service.subscriptions.keep_choice(offer.url, guild_id=interaction.guild_id or 0)
        await cls(service, offer, number, target, with_archive=with_archive).show_offer(interaction)

    async def show_offer(self, interaction: Interaction) -> None:
        """Show what was found, or the problem that prevents following it."""
        offer, where = self._offer, f"#{self._target.name}"
        said = [redact(offer.url), _what_is_announced(offer.total, where)]
        if self._problem:
            said.append(f"{say(self._problem)}.")
        elif offer.newest:
            said.append(_("The newest post would look like this in {channel}:").format(channel=where))
        card = Card(
            tone=Tone.ERROR if self._problem else Tone.FOUND,
            title=_("Found: {name}").format(name=cut_text(offer.name, 150)),
            url=None if has_secrets(offer.url) or clean_url(offer.url) != offer.url else offer.url,
            parts=tuple((text_block(line),) for line in said),
            is_private=True,
        )
        server = await self.service.servers.of(interaction.guild_id)
        with speaking(server.speaks):  # the post is for everyone, what is around it for the member
            extra = [make_post(posts.post_of(offer.newest, Delivering()).card or card)] if offer.newest else []
        await self.show(interaction, card, extra=extra)

    async def _choose_other(self, interaction: Interaction) -> None:
        chosen = self._offer.others[int(values(interaction)[0])]
        await replies.hold(interaction)
        offer = await self.service.subscriptions.look_at(chosen.url, guild_id=interaction.guild_id or 0)
        others = [Candidate(url=self._offer.url, title=self._offer.title), *self._offer.others]
        offer = replace(offer, others=tuple(candidate for candidate in others if candidate.url != offer.url))
        await OfferPanel.open(self.service, interaction, offer, self._target, with_archive=self._with_archive)

    async def _choose_channel(self, interaction: Interaction) -> None:
        target = target_of(interaction, int(values(interaction)[0]))
        panel = OfferPanel(self.service, self._offer, self._number, target, with_archive=self._with_archive)
        await panel.show_offer(interaction)

    async def _follow(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        if self._problem:  # it has come up since the button was shown
            await self.show_offer(interaction)
            return
        made = await self.service.subscriptions.follow(
            self._offer.url,
            guild_id=interaction.guild_id or 0,
            channel_id=self._target.id,
            owner_id=interaction.user.id,
        )
        said = _("Followed. New posts are announced from now on.")
        if self._with_archive:
            said = f"{said} {await self._begin_archive()}"
        await SettingsPanel(self.service, made, interaction).show_settings(interaction, saved=said)

    async def _begin_archive(self) -> str:
        """Begin to read the feed's older posts, and return what to say about it."""
        try:
            counts = await self.service.backfill.begin(self._offer.url)
        except RequestError as exc:
            return _("Its older posts could not be found: {why}").format(why=exc)
        if not counts.pending:
            return _("No older posts were found.")
        return ngettext(
            "{count:,} older page is being read. Its posts will not be announced.",
            "{count:,} older pages are being read, one every few seconds. They will not be announced.",
            counts.pending,
        ).format(count=counts.pending)

    async def _cancel(self, interaction: Interaction) -> None:
        await replies.show(interaction, text=_("Nothing was changed."), embeds=[], view=None)
        self.end()


def _what_is_announced(total: int, where: str) -> str:
    """Two sentences on which of the feed's posts will be announced; ``total`` is how many it has now."""
    new = _("New posts will be announced in {channel}.").format(channel=where)
    if not total:
        return f"{_('This feed has no posts yet.')} {new}"
    old = ngettext(
        "The post that is in the feed already will not be announced.",
        "The {count:,} posts that are in the feed already will not be announced.",
        total,
    ).format(count=total)
    return f"{old} {new}"
