"""/ask: which paper a question is about where it is asked, who sees the answer, and the question of a card."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import discord

from bot.answering.mentions import paper_named_in
from bot.cards.answers import QUESTION_CHARACTERS, make_card
from bot.cards.model_offer import NOTICE, agreed_card, offer_card
from bot.languages import _
from bot.models.answers import QuestionAnswered
from bot.models.asking import ModelUser
from bot.models.passages import check_of_words
from bot.models.requests import Command, Press, Request
from bot.text.patterns import lazy_pattern
from bot.ui.discord import replies
from bot.ui.discord.actions import Action
from bot.ui.discord.errors import EXPIRED
from bot.ui.discord.improving import ASKED, OFFERED
from bot.ui.discord.invisible import drop_invisible
from bot.ui.discord.places import home_of
from bot.ui.discord.views import (
    Interaction,
    Shown,
    change_shown,
    reply,
    reply_in_place,
    send_card,
    show_card_in_place,
)

LONGEST_QUESTION = QUESTION_CHARACTERS
"""What a member can type, so that the card above the answer can say all of it."""
_TITLE = "## "
_ESCAPED = lazy_pattern(r"\\(.)", re.DOTALL)


async def ask(interaction: Interaction, question: str, paper: str | None) -> None:
    """Answer a question: in a talk for everybody in it and about its paper, elsewhere for the asker alone.

    Args:
        paper: Whose reviews are asked; None for the paper of the talk, or for all reviews.
    """
    discussed = await replies.soon(interaction, _discussed_in(interaction))
    is_named = bool(paper and paper.strip()) or paper_named_in(question) is not None
    request = Request(command=Command.ASK, query=question, paper=paper, review_id=None if is_named else discussed)
    shown = await reply(interaction, interaction.client.service, request, is_private=discussed is None)
    host = interaction.extras.pop(OFFERED, None)
    if shown is not None and shown.is_public and host and interaction.client.improving.may_offer(interaction.user.id):
        await send_card(interaction, offer_card(host), is_private=True)
    await improve_shown(interaction, shown)


async def _discussed_in(interaction: Interaction) -> int | None:
    """The review of the paper that is discussed where the interaction comes from; None if that is not a talk."""
    guild_id, thread_id = home_of(interaction), interaction.channel_id
    if guild_id is None or thread_id is None:
        return None
    service = interaction.client.service
    of_paper = await service.talks.reviews_in(thread_id, guild_id)
    readable = service.answering.readable(of_paper, await service.audiences.of_guild(guild_id)) if of_paper else []
    return readable[0] if readable else None


# ── what a model makes of an answer ─────────────────────────────────────────────────────────────


async def improve_shown(interaction: Interaction, shown: Shown | None) -> None:
    """Ask the host's model about the answer of a message, if it may be asked, and change the message when it is done.

    If the model has nothing to add, or if the message shows something else by then, it stays as it is.
    """
    answer: QuestionAnswered | None = interaction.extras.pop(ASKED, None)
    if shown is None or answer is None:
        return
    client, user_id = interaction.client, interaction.user.id
    with client.improving.waiting(shown.message_id) as pending:
        if pending is None:
            return
        better = await client.service.improve(answer, ModelUser(user_id=user_id, guild_id=home_of(interaction)))
        async with pending.turn:
            if better is answer or client.gate.is_closed:
                return
            if better.model is not None:
                client.improving.keep(user_id, answer, better)
            if not pending.is_replaced:
                card, page, is_shareable = make_card(better), pending.page, pending.is_shareable
                await change_shown(interaction, shown, card, page=page, is_shareable=is_shareable)


async def use_model(interaction: Interaction, press: Press) -> None:
    """Keep that the member agreed to the model that the message names, and ask it what the message answers.

    If the model is at another host now, nothing is agreed: the answer names the new one.
    """
    await replies.hold(interaction)
    service, message = interaction.client.service, interaction.message
    asker = service.asker
    is_same = asker is not None and press.text == check_of_words(asker.model.host)
    if is_same:
        await asker.agree(interaction.user.id)
    if press.position == NOTICE and is_same:
        await show_card_in_place(interaction, agreed_card(asker.model.host))
        return
    question = question_in(message.components) if message and press.position != NOTICE else None
    if question is None:
        await replies.say(interaction, _(EXPIRED))
        return
    request = Request(command=Command.ASK, query=question, review_id=press.number or None, check=press.check)
    await improve_shown(interaction, await reply_in_place(interaction, service, request))


# ── the question of a card ──────────────────────────────────────────────────────────────────────


def as_asked(action: Action | Press | None, message: discord.Message | None) -> Action | Press | None:
    """What was pressed, with the question from its message if the id had no room for it; None if there is none."""
    if not isinstance(action, Action) or action.request.command is not Command.ASK or action.request.query:
        return action
    question = question_in(message.components) if message else None
    return replace(action, request=replace(action.request, query=question)) if question else None


def question_in(components: Any) -> str | None:
    """The question that a card answers: its title, on every page.

    So nothing has to be kept of a question that no id can hold, and a press works for as long as the message stands.
    """
    head = (_first_text(components) or "").partition("\n")[0]
    if not head.startswith(_TITLE):
        return None
    return " ".join(drop_invisible(_ESCAPED.sub(r"\1", head.removeprefix(_TITLE))).split()) or None


def _first_text(components: Any) -> str | None:
    for component in components or ():
        if content := getattr(component, "content", None):
            return str(content)
        if (found := _first_text(getattr(component, "children", None))) is not None:
            return found
    return None
