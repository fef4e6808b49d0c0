"""/ask: which paper a question is about where it is asked, who sees the answer, and the question of a card."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import discord

from bot.answering.mentions import paper_named_in
from bot.cards.answers import QUESTION_CHARACTERS
from bot.models.requests import Command, Press, Request
from bot.text.patterns import lazy_pattern
from bot.ui.discord import replies
from bot.ui.discord.actions import Action
from bot.ui.discord.invisible import drop_invisible
from bot.ui.discord.places import home_of
from bot.ui.discord.views import Interaction, reply

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
    await reply(interaction, interaction.client.service, request, is_private=discussed is None)


async def _discussed_in(interaction: Interaction) -> int | None:
    """The review of the paper that is discussed where the interaction comes from; None if that is not a talk."""
    guild_id, thread_id = home_of(interaction), interaction.channel_id
    if guild_id is None or thread_id is None:
        return None
    service = interaction.client.service
    of_paper = await service.talks.reviews_in(thread_id, guild_id)
    readable = service.answering.readable(of_paper, await service.audiences.of_guild(guild_id)) if of_paper else []
    return readable[0] if readable else None


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
    return drop_invisible(_ESCAPED.sub(r"\1", head.removeprefix(_TITLE))).strip() or None


def _first_text(components: Any) -> str | None:
    for component in components or ():
        if content := getattr(component, "content", None):
            return str(content)
        if (found := _first_text(getattr(component, "children", None))) is not None:
            return found
    return None
