"""Presses that ask for a review of a paper, join those who ask, or take it back; and the list of `/wanted`."""

from __future__ import annotations

from bot.cards import wishes as said
from bot.cards.card import Card
from bot.models.requests import Command, Press, Request
from bot.ui.discord import replies
from bot.ui.discord.places import home_of
from bot.ui.discord.views import Interaction, is_own, reply, send_card, show_card_in_place


async def wish(interaction: Interaction, press: Press) -> None:
    """Ask for a review of a paper, or join those who do. If it was reviewed since, show that."""
    guild_id = home_of(interaction)
    if guild_id is None or interaction.channel_id is None:
        await replies.say(interaction, said.only_in_servers())
        return
    service = interaction.client.service
    where = {"guild_id": guild_id, "channel_id": interaction.channel_id, "user_id": interaction.user.id}
    if press.position == said.BY_ID:
        await _wait(interaction)
        wished = await service.wishes.join(press.number, check=press.check, **where)
        await _show(interaction, said.wished_card(wished))
        return
    await replies.think(interaction)
    text = press.text or await service.subscriptions.find_choice(press.number, guild_id=guild_id)
    paper = await service.wishes.read(text) if text else None
    if paper is None:
        await replies.say(interaction, said.not_a_paper())
        return
    request = Request(command=Command.PAPER, query=paper.link or paper.title)
    if (await service.ask_now(request, await service.audiences.of_guild(guild_id))).is_sure:
        await reply(interaction, service, request, is_private=True)
        return
    await send_card(interaction, said.wished_card(await service.wishes.ask(paper, **where)), is_private=True)


async def take_back(interaction: Interaction, press: Press) -> None:
    """No longer ask for a paper."""
    await _wait(interaction)
    service = interaction.client.service
    taken = await service.wishes.take_back(press.number, check=press.check, user_id=interaction.user.id)
    await _show(interaction, said.taken_back_card(taken))


async def show_wanted(interaction: Interaction, press: Press | None = None) -> None:
    """Show what the server wants reviewed, from the wish that a press names."""
    guild_id = home_of(interaction)
    if guild_id is None:
        await replies.say(interaction, said.only_in_servers())
        return
    wishes = interaction.client.service.wishes
    page = await wishes.page(guild_id, user_id=interaction.user.id, offset=press.number if press else 0)
    await _show(interaction, said.wanted_card(page))


async def _wait(interaction: Interaction) -> None:
    """Make Discord wait for what `_show` will show."""
    await (replies.hold if is_own(interaction) else replies.think)(interaction)


async def _show(interaction: Interaction, card: Card) -> None:
    """Show a card in place of the private one that was pressed, else in a private message of its own."""
    if is_own(interaction):
        await show_card_in_place(interaction, card)
    else:
        await send_card(interaction, card, is_private=True)
