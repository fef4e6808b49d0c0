"""What Discord suggests while a review's name is typed. From memory: it asks for each letter."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.cards.answers import label_of
from bot.models.reviews import ReviewLabel
from bot.ui.discord.limits import CHOICE_TEXT, CHOICES
from bot.ui.discord.markdown import plain_line
from bot.ui.discord.places import home_of


async def complete_paper(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
    """The reviews that the asker may read whose names fit what was typed."""
    service = interaction.client.service
    audience = await service.audiences.of_guild(home_of(interaction))
    return [
        app_commands.Choice(name=plain_line(label_of(head, CHOICE_TEXT), CHOICE_TEXT), value=_value(head))
        for head in service.answering.suggest(typed, audience, limit=CHOICES)
    ]


def _value(head: ReviewLabel) -> str:
    """The value that a choice sends: the review's address, which is exact, or if that is too long, its title."""
    return head.link if len(head.link) <= CHOICE_TEXT else head.clean_title[:CHOICE_TEXT]
