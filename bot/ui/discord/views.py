"""Cards with components: pages to turn and choices to open, only for the asker and for ten minutes."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable
from typing import Any

import discord

from bot.cards.answers import make_card
from bot.cards.card import Card, error_card
from bot.delivering.posts import notice_of
from bot.errors import DeliveryError, RequestError
from bot.models.answers import Answer
from bot.models.requests import Request
from bot.service import Service
from bot.ui.discord import replies
from bot.ui.discord.errors import answer_error, describe_refusal
from bot.ui.discord.limits import BUTTON_LABEL, LINK_URL, OPTION_TEXT, SELECT_PLACEHOLDER
from bot.ui.discord.live import custom_id, new_token
from bot.ui.discord.markdown import clean_url, plain_line
from bot.ui.discord.messages import make_pages
from bot.ui.discord.places import home_of

log = logging.getLogger(__name__)

TIMEOUT_S = 600.0
"""An interaction's token lives for 15 minutes; we end the card while it can still be edited."""


async def reply(
    interaction: discord.Interaction[Any], service: Service, request: Request, *, is_private: bool = False
) -> None:
    """Answer a request where it was asked.

    Args:
        is_private: Show the answer only to the asker in any case; otherwise the answer decides.
    """
    async with interaction.client.gate.turn(interaction) as is_due:
        if not is_due:
            return
        card, pages = await _work_out(interaction, service, request)
        server = await service.servers.of(home_of(interaction))
    is_private = is_private or server.answers_privately
    await _send(interaction, service, card, pages, is_private=is_private)


async def _work_out(
    interaction: discord.Interaction[Any], service: Service, request: Request
) -> tuple[Card, tuple[discord.Embed, ...]]:
    """The answer's card and its pages; if they take long, Discord is made to wait."""
    answer = await replies.soon(interaction, _answer(service, request, home_of(interaction)))
    card = error_card(answer) if isinstance(answer, str) else make_card(answer)
    return card, await _draw(card)


async def _answer(service: Service, request: Request, guild_id: int | None) -> Answer | str:
    """The answer from the reviews that a server reads, or a sentence if the request cannot be understood."""
    try:
        return await service.ask(request, await service.audiences.of_guild(guild_id))
    except RequestError as exc:
        return str(exc)


async def send_card(
    interaction: discord.Interaction[Any], service: Service, card: Card, *, is_private: bool = False
) -> None:
    """Send a card as the answer to an interaction, deferred or not."""
    await _send(interaction, service, card, await _draw(card), is_private=is_private)


async def send_result(interaction: discord.Interaction[Any], service: Service, card: Card, *, summary: str) -> None:
    """Send the asker the result of work that may outlive the interaction.

    In that case it is sent as direct messages, and if the member accepts none, the summary goes to a channel of the
    server.
    """
    if await _is_taken(send_card(interaction, service, card, is_private=True), "answer"):
        return
    if await _is_taken(replies.send_directly(interaction, await _draw(card)), "direct message"):
        return
    message = notice_of(summary, owner_id=interaction.user.id, not_in=None)
    poster = interaction.client.poster
    try:
        channel_id = poster.find_place(interaction.guild_id or 0, not_in=None)
        await poster.post(channel_id, message, nonce=secrets.token_hex(12))
    except DeliveryError as exc:
        log.warning("a result could not be told guild=%s reason=%s", interaction.guild_id, exc.reason)


async def _is_taken(sending: Awaitable[None], what: str) -> bool:
    try:
        await sending
    except replies.NOT_TAKEN as exc:
        log.info("a result was not taken as=%r reason=%s", what, describe_refusal(exc))
        return False
    return True


async def _draw(card: Card) -> tuple[discord.Embed, ...]:
    # Drawing a section of half a megabyte takes a second, and must not delay the gateway's heartbeat.
    return await asyncio.to_thread(make_pages, card)


async def _send(
    interaction: discord.Interaction[Any],
    service: Service,
    card: Card,
    pages: tuple[discord.Embed, ...],
    *,
    is_private: bool,
) -> None:
    view = CardView(card, pages, service, asker_id=interaction.user.id)
    message_id = await replies.send(
        interaction,
        embeds=[view.page],
        view=view if view.children else None,
        is_private=is_private or card.is_private,
    )
    view.watch(interaction, message_id)


def link_view(card: Card) -> discord.ui.View | None:
    """A button that leads to the review. It needs no answer from us, so it never expires."""
    button = link_button(card.url)
    if button is None:
        return None
    view = discord.ui.View(timeout=None)
    view.add_item(button)
    view.stop()  # nothing to wait for
    return view


def link_button(link: str | None, *, row: int | None = None) -> discord.ui.Button[Any] | None:
    """A button that leads to a review; None if Discord would not accept its address."""
    url = clean_url(link)
    return discord.ui.Button(label="Read the review", url=url, row=row) if url and len(url) <= LINK_URL else None


class CardView(discord.ui.View):
    """The components under a card: page buttons if there are several pages, a menu if there are choices."""

    def __init__(self, card: Card, pages: tuple[discord.Embed, ...], service: Service, *, asker_id: int) -> None:
        super().__init__(timeout=TIMEOUT_S)
        self._card = card
        self._service = service
        self._asker_id = asker_id
        self._pages = pages
        self._index = 0
        self._token = new_token()
        self._origin: discord.Interaction[Any] | None = None
        self._message_id = 0
        self._back = _PageButton(-1, "◀", self._custom_id("back"))
        self._forth = _PageButton(1, "▶", self._custom_id("forth"))
        if card.choices:
            self.add_item(_ChoiceMenu(card, self._custom_id("choose")))
        if len(self._pages) > 1:
            self.add_item(self._back)
            self.add_item(self._forth)
        self._light()

    @property
    def page(self) -> discord.Embed:
        """The page that is shown."""
        return self._pages[self._index]

    def watch(self, origin: discord.Interaction[Any], message_id: int) -> None:
        """Remember where the card was sent, so that its components can be removed there later."""
        if not self.children:
            self.stop()
            return
        self._origin = origin
        self._message_id = message_id
        origin.client.live.add(self._token, self, message_id)

    def _custom_id(self, name: str) -> str:
        return custom_id(self._token, name)

    def _light(self) -> None:
        self._back.disabled = self._index == 0
        self._forth.disabled = self._index == len(self._pages) - 1

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let only the asker use the components."""
        if not await interaction.client.gate.admit(interaction):
            return False
        if interaction.user.id == self._asker_id:
            return True
        await replies.say(
            interaction, "Only the member who asked can use these buttons. Run the command yourself to get your own."
        )
        return False

    async def turn(self, interaction: discord.Interaction[Any], step: int) -> None:
        """Show another page in the same message."""
        self._index = min(max(self._index + step, 0), len(self._pages) - 1)
        self._light()
        await replies.show(interaction, embeds=[self.page], view=self)

    async def choose(self, interaction: discord.Interaction[Any], choice: int) -> None:
        """Open a choice: from a public card only for the member who pressed, from a private one like any answer."""
        request = self._card.choices[choice].request
        await reply(interaction, self._service, request, is_private=not self._card.is_private)

    async def on_timeout(self) -> None:
        """Remove the components, so that nothing is left that would fail when pressed."""
        if self._origin is not None:
            self._origin.client.live.end(self._token)
            await replies.take_buttons(self._origin, self._message_id)

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, _: discord.ui.Item[Any], /
    ) -> None:
        """Tell the member what failed."""
        await answer_error(interaction, error)


class _PageButton(discord.ui.Button[CardView]):
    def __init__(self, step: int, label: str, custom_id: str) -> None:
        super().__init__(label=plain_line(label, BUTTON_LABEL), custom_id=custom_id, row=1)
        self._step = step

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page."""
        assert self.view is not None  # noqa: S101 - a pressed button belongs to its view
        await self.view.turn(interaction, self._step)


class _ChoiceMenu(discord.ui.Select[CardView]):
    def __init__(self, card: Card, custom_id: str) -> None:
        options = [
            discord.SelectOption(
                label=plain_line(choice.label, OPTION_TEXT),
                description=plain_line(choice.description, OPTION_TEXT) if choice.description else None,
                value=str(number),
            )
            for number, choice in enumerate(card.choices)
        ]
        placeholder = plain_line(card.invitation or "Open …", SELECT_PLACEHOLDER)
        super().__init__(options=options, placeholder=placeholder, custom_id=custom_id, row=0)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Open the chosen section or review."""
        assert self.view is not None  # noqa: S101 - a used menu belongs to its view
        await self.view.choose(interaction, int(self.values[0]))
