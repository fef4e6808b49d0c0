"""Answers as messages: an answer to a command, to a press, and the results of longer work.

What an answer shows is drawn by `layout`. Its buttons are answered by `presses`, however old the message is.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.cards.answers import make_card
from bot.cards.card import Card, Tone, error_card
from bot.delivering.posts import notice_of
from bot.errors import DeliveryError, RequestError
from bot.languages import _
from bot.models.answers import PaperFound, QuestionAnswered
from bot.models.papers import AskedPaper
from bot.models.requests import PressKind, Request
from bot.service import Service
from bot.ui.discord import replies
from bot.ui.discord.actions import encode_press
from bot.ui.discord.earlier_talks import names_only_seen, with_talks
from bot.ui.discord.errors import describe_refusal
from bot.ui.discord.improving import with_model
from bot.ui.discord.layout import DrawnCard, draw_card, make_view
from bot.ui.discord.places import home_of

log = logging.getLogger(__name__)

Interaction = discord.Interaction[Any]
Found = Mapping[str, AskedPaper] | None
"""What was found out about identifiers; None before they have been looked up."""
Read = Card | tuple[str, ...]
"""A card, or the identifiers that have to be looked up for it."""
LOOK_UP_DEFER_S = 0.5
"""After a look-up of an identifier the answer is worked out again, for which Discord must still wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A message with an answer."""

    message_id: int
    is_public: bool


async def reply(
    interaction: Interaction, service: Service, request: Request, *, is_private: bool = False
) -> Shown | None:
    """Answer a request with a message where it was asked.

    Args:
        is_private: Show the answer only to the asker in any case; otherwise the answer decides.
    Returns:
        The message; None if there was no time for an answer.
    """

    async def read(found: Found) -> Read:
        nonlocal is_private
        is_private = is_private or await _is_answered_privately(interaction, service)
        return await _card(interaction, service, request, found, is_public=not is_private)

    def is_public() -> bool:
        return not is_private

    drawn = await in_turn(interaction, read, is_public=is_public)
    if drawn is not None and not (is_private or drawn.card.is_private):
        await replies.make_way(interaction)
        if not names_only_seen(interaction, drawn.card, is_public=True):
            drawn = await in_turn(interaction, read, is_public=is_public)
    if drawn is None:
        return None
    message_id = await send_drawn(interaction, drawn, number=request.page, is_private=is_private)
    return Shown(message_id=message_id, is_public=not (is_private or drawn.card.is_private))


async def reply_in_place(interaction: Interaction, service: Service, request: Request) -> Shown | None:
    """Answer a press on a private message by changing it.

    What cannot be asked for again, such as an error, is a message of its own, so that the pressed card is not lost.
    """
    drawn = await _work_out_in_place(interaction, service, request)
    if drawn is None or interaction.message is None:
        return None
    is_shareable = _is_shareable(interaction, drawn.card)
    await replies.redraw(interaction, make_view(drawn, request.page, is_public=False, is_shareable=is_shareable))
    return Shown(message_id=interaction.message.id, is_public=False)


async def change_shown(interaction: Interaction, shown: Shown, card: Card, *, page: int, is_shareable: bool) -> None:
    """Put another card in the place of an answer that was sent some time ago."""
    drawn = await _draw(interaction, card)
    is_shareable = is_shareable and not shown.is_public and _is_shareable(interaction, card)
    is_public = shown.is_public and interaction.guild_id is not None
    view = make_view(drawn, page, is_public=is_public, is_shareable=is_shareable)
    await replies.change(interaction, shown.message_id, view)


async def show_in_channel(interaction: Interaction, service: Service, request: Request) -> None:
    """Send the card of a private message to the channel, too, and take the button for that away.

    It is sent as an answer to the press. A message of our own could be taken for an announcement later, and would
    need permissions that the member may not have.
    """
    drawn = await _work_out_in_place(interaction, service, request)
    if drawn is None:
        return
    shown: DrawnCard | None = None
    if _is_shareable(interaction, drawn.card):  # the reviews may have changed since the button was made
        # What everybody sees may name fewer talks than what the member sees.
        shown = await work_out(interaction, service, request, is_public=True, is_in_place=True)
        if shown is None:
            return
    await replies.redraw(interaction, make_view(drawn, request.page, is_public=False))
    if shown is not None and not names_only_seen(interaction, shown.card, is_public=True):
        shown = await work_out(interaction, service, request, is_public=True, is_in_place=True)
    if shown is not None:
        note = _("Shown by {member}").format(member=interaction.user.mention)
        view = make_view(shown, request.page, is_public=True, note=note)
        await replies.send(interaction, view=view, is_private=False)


async def _work_out_in_place(interaction: Interaction, service: Service, request: Request) -> DrawnCard | None:
    """The answer that takes the place of the pressed message; None if the member got another one."""
    drawn = await work_out(interaction, service, request, is_in_place=True)
    if drawn is None or drawn.card.request is not None:
        return drawn
    await send_drawn(interaction, drawn, is_private=True)
    return None


async def work_out(
    interaction: Interaction,
    service: Service,
    request: Request,
    *,
    is_public: bool = False,
    is_in_place: bool = False,
) -> DrawnCard | None:
    """The answer, drawn; None if there is no time for it, and the member has been told.

    If it takes long, Discord is made to wait: for a message, or for a change of the pressed one.

    Args:
        is_public: Whether others will see it.
    """

    async def read(found: Found) -> Read:
        return await _card(interaction, service, request, found, is_public=is_public)

    return await in_turn(interaction, read, is_in_place=is_in_place, is_public=lambda: is_public)


async def in_turn(
    interaction: Interaction,
    read: Callable[[Found], Coroutine[Any, Any, Read]],
    *,
    is_in_place: bool = False,
    is_public: Callable[[], bool] = lambda: False,
) -> DrawnCard | None:
    """A card that has to be worked out, drawn; None as for `work_out`.

    Identifiers are looked up between two turns, so that others are answered while their source is slow.

    Args:
        read: Works the card out from what was found out about identifiers; at first without, and then it may return
            the identifiers instead that should be looked up.
        is_public: Whether others will see it, asked when it has been worked out.
    """
    found: Found = None
    while True:
        async with interaction.client.gate.turn(interaction) as is_due:
            if not is_due:
                return None
            card = await replies.soon(interaction, read(found), is_in_place=is_in_place)
            if isinstance(card, Card):
                drawn = await _draw(interaction, card)
                if names_only_seen(interaction, card, is_public=is_public()):
                    return drawn
                continue
        looking = _look_up(interaction.client.service, card)
        found = await replies.soon(interaction, looking, is_in_place=is_in_place, defer_after_s=LOOK_UP_DEFER_S)


async def _card(
    interaction: Interaction, service: Service, request: Request, found: Found, *, is_public: bool
) -> Read:
    """The answer from the reviews that a server reads, or a sentence if the request cannot be understood."""
    try:
        answer = await service.ask_now(request, await service.audiences.of_guild(home_of(interaction)), found)
    except RequestError as exc:
        return error_card(str(exc))
    if found is None and (keys := service.unresolved(answer)):
        return keys
    if isinstance(answer, PaperFound):
        answer = await with_talks(interaction, answer, is_public=is_public)
    if isinstance(answer, QuestionAnswered):
        answer = await with_model(interaction, answer, is_public=is_public)
    return make_card(answer)


async def _is_answered_privately(interaction: Interaction, service: Service) -> bool:
    """Whether the server has chosen that only the asker sees answers."""
    return (await service.servers.of(home_of(interaction))).answers_privately


async def _look_up(service: Service, keys: tuple[str, ...]) -> Mapping[str, AskedPaper]:
    return await service.look_up(keys)


def is_own(interaction: Interaction) -> bool:
    """Whether the pressed message is seen by the presser alone, and can be changed into a card."""
    message = interaction.message
    if message is None or not message.flags.components_v2:
        return False
    is_direct = isinstance(interaction.channel, discord.DMChannel)
    return bool(message.flags.ephemeral) or is_direct


async def show_card_in_place(interaction: Interaction, card: Card) -> None:
    """Put a private card in the place of the private message that was pressed."""
    await replies.redraw(interaction, make_view(await _draw(interaction, card), is_public=False))


async def send_card(interaction: Interaction, card: Card, *, is_private: bool = False) -> None:
    """Send a card as the answer to an interaction, deferred or not."""
    await send_drawn(interaction, await _draw(interaction, card), is_private=is_private)


async def send_result(interaction: Interaction, card: Card, *, summary: str) -> None:
    """Send the asker the result of work that may outlive the interaction.

    In that case it is sent as direct messages, and if the member accepts none, the summary goes to a channel of the
    server.
    """
    if await _is_taken(send_card(interaction, card, is_private=True), "answer"):
        return
    drawn = await _draw(interaction, card)
    views = [make_view(drawn, number, is_public=False) for number in _numbers(drawn)]
    if await _is_taken(replies.send_directly(interaction, views), "direct message"):
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


async def _draw(interaction: Interaction, card: Card) -> DrawnCard:
    card = await _keep_long_wishes(interaction, card)
    # Drawing a section of half a megabyte takes a second, and must not delay the gateway's heartbeat.
    return await asyncio.to_thread(draw_card, card, command_ids=interaction.client.command_ids)


async def _keep_long_wishes(interaction: Interaction, card: Card) -> Card:
    """Give the papers to be asked for whose title no id can hold a number by which it is found again."""
    guild_id = home_of(interaction)
    if guild_id is None or not any(choice.press.kind is PressKind.WISH for choice in card.presses):
        return card
    presses = []
    for choice in card.presses:
        press = choice.press
        if press.kind is PressKind.WISH and press.text and encode_press(press) is None:
            number = await interaction.client.service.subscriptions.keep_choice(press.text, guild_id=guild_id)
            presses.append(replace(choice, press=replace(press, number=number, text="")))
        else:
            presses.append(choice)
    return replace(card, presses=tuple(presses))


async def send_drawn(interaction: Interaction, drawn: DrawnCard, *, number: int = 0, is_private: bool) -> int:
    """Send a page. If its pages cannot be turned, a private card is sent whole, a message for each.

    Returns:
        The id of the last message.
    """
    card = drawn.card
    is_private = is_private or card.is_private
    if not is_private:
        is_public = interaction.guild_id is not None
        note = "" if drawn.can_turn or len(drawn.pages) == 1 else _("Ask with fewer words to see all pages.")
        view = make_view(drawn, number, is_public=is_public, note=note)
        return await replies.send(interaction, view=view, is_private=False)
    is_shareable, message_id = _is_shareable(interaction, card), 0
    for each in [number] if drawn.can_turn else _numbers(drawn):
        view = make_view(drawn, each, is_public=False, is_shareable=is_shareable)
        message_id = await replies.send(interaction, view=view)
    return message_id


def _numbers(drawn: DrawnCard) -> range:
    return range(len(drawn.pages))


def _is_shareable(interaction: Interaction, card: Card) -> bool:
    """Whether a private answer may be of use to others: it was found, can be asked for, and there are others."""
    is_found = card.tone is Tone.FOUND and card.request is not None
    return interaction.guild_id is not None and is_found and not card.is_private
