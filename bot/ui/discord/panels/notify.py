"""The panel of `/notify`: what a member wants to be pinged for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import discord

from bot.cards.card import Card, Tone, text_block
from bot.languages import _
from bot.models.announcing import Subscription
from bot.service import Service
from bot.text.cut import cut_text
from bot.ui.discord import replies
from bot.ui.discord.forms import Field, Form, Panel
from bot.ui.discord.limits import BUTTON_LABEL, OPTION_TEXT
from bot.ui.discord.markdown import plain_line
from bot.ui.discord.panels.base import Interaction, values
from bot.ui.discord.places import place_for, sees
from bot.ui.discord.roles import toggle_role

MOST_BUTTONS = 15
FEED_CHARACTERS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pings:
    """What a member can be pinged for.

    Attributes:
        feeds: Each with whether they are pinged for it.
        terms: Those that they are pinged for.
        places: By feed, the names of the channels where it is announced, if the member can see them.
    """

    feeds: tuple[tuple[Subscription, bool], ...]
    terms: tuple[str, ...]
    places: Mapping[int, str]


class NotifyPanel(Panel):
    """What a member is pinged for: a button for each feed, and a form for terms."""

    kind = "notify"

    def __init__(self, service: Service, pings: _Pings) -> None:
        super().__init__(service)
        terms = pings.terms
        for number, (subscription, is_on) in enumerate(pings.feeds[:MOST_BUTTONS]):
            label = cut_text(f"{'🔔' if is_on else '🔕'} {subscription.feed_name}", BUTTON_LABEL)
            style = discord.ButtonStyle.success if is_on else discord.ButtonStyle.secondary
            self.button(label, self._toggle(subscription), f"feed{subscription.id}", style=style, row=number // 5)
        if terms:
            menu: discord.ui.Select[Panel] = discord.ui.Select(
                options=[
                    discord.SelectOption(label=plain_line(term, OPTION_TEXT), value=term) for term in terms[:25]
                ],
                placeholder=_("Stop pinging me for …"),
                custom_id=self.name("stop"),
                row=3,
            )
            self.menu(menu, self._stop_term)
        self.button(_("A term …"), self._ask_term, "term", row=4)

    @classmethod
    async def open(cls, service: Service, interaction: Interaction, *, said: str | None = None) -> None:
        """Show the member's current settings."""
        pings = await cls._read(service, interaction)
        await cls(service, pings).show(interaction, _notify_card(pings, said))

    @classmethod
    async def reopen(cls, service: Service, interaction: Interaction, __: list[int]) -> NotifyPanel:
        """The member's panel, as it is now."""
        return cls(service, await cls._read(service, interaction))

    @staticmethod
    async def _read(service: Service, interaction: Interaction) -> _Pings:
        """What the member can be pinged for, and is."""
        guild_id = interaction.guild_id or 0
        of_feeds, terms = await service.subscriptions.followed_by(interaction.user.id, guild_id=guild_id)
        roles = {role.id for role in getattr(interaction.user, "roles", ())}
        feeds: dict[int, tuple[Subscription, bool]] = {}
        places: dict[int, dict[str, None]] = {}
        place = place_for(interaction)
        for subscription in await service.subscriptions.of_guild(guild_id):
            is_on = subscription.feed_id in of_feeds or subscription.delivering.role_id in roles
            if not is_on and not sees(interaction, subscription.channel_id):
                continue  # the member could not read its posts
            if name := place(subscription.channel_id):
                places.setdefault(subscription.feed_id, {})[name] = None
            # A feed in several channels has one button; prefer a subscription with a role that can be given.
            if subscription.feed_id not in feeds or subscription.delivering.role_by:
                feeds[subscription.feed_id] = (
                    subscription,
                    is_on or feeds.get(subscription.feed_id, (subscription, False))[1],
                )
        named = {feed_id: ", ".join(names) for feed_id, names in places.items()}
        return _Pings(feeds=tuple(feeds.values()), terms=tuple(terms), places=named)

    def _toggle(self, subscription: Subscription) -> Callable[[Interaction], Awaitable[None]]:
        async def press(interaction: Interaction) -> None:
            await replies.hold(interaction)
            said = await toggle_feed(self.service, interaction, subscription)
            await NotifyPanel.open(self.service, interaction, said=said)

        return press

    async def _stop_term(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        term = values(interaction)[0]
        await self.service.subscriptions.follow_term(
            term, guild_id=interaction.guild_id or 0, user_id=interaction.user.id
        )
        await NotifyPanel.open(
            self.service, interaction, said=_("You are not pinged for “{term}” any more.").format(term=term)
        )

    async def _ask_term(self, interaction: Interaction) -> None:
        await term_form(self.service).open(interaction)


def term_form(service: Service) -> Form:
    """The form that asks for a term."""

    async def keep(submitted: Interaction, typed: Mapping[str, str]) -> None:
        await replies.hold(submitted)
        said = await toggle_term(service, submitted, typed["term"])
        await NotifyPanel.open(service, submitted, said=said)

    async def back(pressed: Interaction) -> None:
        await NotifyPanel.open(service, pressed)

    about = _("In Korean or English; posts about it in the other language count, too.")
    term = Field(name="term", label=_("Term"), about=about, placeholder="hallucination", shortest=2, longest=60)
    return Form(service, _("Ping me for posts on …"), [term], done=keep, back=back, key="term")


async def toggle_term(service: Service, interaction: Interaction, term: str) -> str:
    """Start or stop pinging a member for a term; returns what holds now, as a sentence."""
    is_on = await service.subscriptions.follow_term(
        term, guild_id=interaction.guild_id or 0, user_id=interaction.user.id
    )
    said = (
        _("You are pinged when a post is on “{term}”.") if is_on else _("You are not pinged for “{term}” any more.")
    )
    return said.format(term=term)


async def toggle_feed(service: Service, interaction: Interaction, subscription: Subscription) -> str:
    """Start or stop pinging a member for a feed: by its role if there is one that we may give, otherwise by name."""
    subscription = await service.subscriptions.get(
        subscription.id, guild_id=interaction.guild_id or 0
    )  # the panel may have been open for minutes
    role = interaction.guild.get_role(subscription.delivering.role_id or 0) if interaction.guild else None
    said = await toggle_role(interaction, role, chosen_by=subscription.delivering.role_by) if role else None
    if said is not None:
        return said
    is_on = await service.subscriptions.follow_feed(subscription, interaction.user.id)
    said = _("You are pinged for {feed}.") if is_on else _("You are not pinged for {feed} any more.")
    return said.format(feed=subscription.feed_name)


def _notify_card(pings: _Pings, said: str | None) -> Card:
    terms = pings.terms
    on = [subscription.feed_name for subscription, is_on in pings.feeds if is_on]
    lines = [said] if said else []
    lines.append(
        _("Feeds: {feeds}").format(feeds=", ".join(on))
        if on
        else _("No feed yet: press one to be pinged when it posts.")
    )
    lines.append(
        _("Terms: {terms}").format(terms=", ".join(terms))
        if terms
        else _("No term yet: press “A term …” to be pinged for posts on it.")
    )
    where = [
        f"{cut_text(subscription.feed_name, FEED_CHARACTERS)} → {cut_text(pings.places[subscription.feed_id], 100)}"
        for subscription, _is_on in pings.feeds[:MOST_BUTTONS]
        if subscription.feed_id in pings.places
    ]
    if where:
        lines.append(_("You are pinged where the posts are announced: {places}").format(places=" · ".join(where)))
    return Card(
        tone=Tone.FOUND,
        title=_("What you are pinged for"),
        parts=tuple((text_block(line),) for line in lines),
        is_private=True,
    )
