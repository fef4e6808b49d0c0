"""“What do we have on this?”: what a message says, as far as Discord hands it over with a message command.

That is all of it, whoever wrote it, so this needs no privileged intent: its text, the previews of its links, its
components, the names of its files, and what it forwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import discord

from bot.answering.mentions import combine, combine_own, find_mentions
from bot.cards.answers import make_card
from bot.cards.card import error_card
from bot.cards.mentions import mentions_card
from bot.errors import RequestError
from bot.models.answers import MessageRead, PaperFound
from bot.models.requests import Command, Press, PressKind, Request
from bot.ui.discord.actions import Action, decode
from bot.ui.discord.earlier_talks import all_with_talks, with_talks
from bot.ui.discord.places import home_of
from bot.ui.discord.views import Found, Read, in_turn, send_drawn

Interaction = discord.Interaction[Any]
MOST_MENTIONS = 10
Part = discord.Message | discord.MessageSnapshot


async def answer_message(interaction: Interaction, message: discord.Message) -> None:
    """Tell the asker alone what is known about the papers of a message."""

    async def read(found: Found) -> Read:
        return await _card(interaction, message, found)

    drawn = await in_turn(interaction, read)
    if drawn is not None:
        await send_drawn(interaction, drawn, is_private=True)


async def _card(interaction: Interaction, message: discord.Message, found: Found) -> Read:
    service = interaction.client.service
    audience = await service.audiences.of_guild(home_of(interaction))
    ours = _reviews_in(message) if message.author == interaction.client.user else []
    mentions = () if ours else find_mentions(_texts(message), names=_file_names(message), most=MOST_MENTIONS)
    try:
        answers = await service.ask_each(ours or [mention.request for mention in mentions], audience, found)
    except RequestError as exc:
        return error_card(str(exc))
    keys = dict.fromkeys(key for answer in answers for key in service.unresolved(answer))
    if found is None and keys:
        return tuple(keys)
    answer = combine_own(answers) if ours else combine(mentions, answers)
    if isinstance(answer, MessageRead):
        return mentions_card(await all_with_talks(interaction, answer))
    if isinstance(answer, PaperFound):
        answer = await with_talks(interaction, answer, is_public=False)
    return make_card(answer)


# ── what a message says ─────────────────────────────────────────────────────────────────────────


def _reviews_in(message: discord.Message) -> list[Request]:
    """The reviews that the buttons and menus of a message of ours open, each once."""
    found: dict[int, Request] = {}
    for custom_id in _ids(message.components):
        action = decode(custom_id)
        review_id, check = _review_of(action)
        if review_id is not None:
            found.setdefault(review_id, Request(command=Command.PAPER, review_id=review_id, check=check))
    return list(found.values())[:MOST_MENTIONS]


_OF_REVIEWS = (
    *(PressKind.DISCUSS, PressKind.DISCUSS_PASSAGE, PressKind.CHOOSE_PASSAGE),
    *(PressKind.SAVE, PressKind.SAVE_PASSAGE),
)


def _review_of(action: Action | Press | None) -> tuple[int | None, str | None]:
    """The number and the check of the review that pressing something is about."""
    if isinstance(action, Action):
        return action.request.review_id, action.request.check
    is_of_review = action is not None and action.kind in _OF_REVIEWS
    return (action.number, action.check) if action is not None and is_of_review else (None, None)


def _texts(message: discord.Message) -> Iterator[str]:
    for part in _parts(message):
        yield part.content
        for embed in part.embeds:
            yield from _embed_texts(embed)
        yield from _component_texts(part.components)


def _file_names(message: discord.Message) -> Iterator[str]:
    return (file.filename for part in _parts(message) for file in part.attachments)


def _parts(message: discord.Message) -> tuple[Part, ...]:
    """The message, and what it forwards: a forwarding message has no content of its own."""
    return (message, *message.message_snapshots)


def _embed_texts(embed: discord.Embed) -> Iterator[str]:
    for text in (embed.url, embed.title, embed.description, embed.author.url, embed.footer.text):
        yield text or ""
    for field in embed.fields:
        yield field.name or ""
        yield field.value or ""


def _component_texts(components: Iterable[Any]) -> Iterator[str]:
    for component in _all(components):
        yield str(getattr(component, "url", None) or "")
        yield str(getattr(component, "content", None) or "")


def _ids(components: Iterable[Any]) -> Iterator[str]:
    for component in _all(components):
        yield str(getattr(component, "custom_id", None) or "")
        yield from (option.value for option in getattr(component, "options", ()))


def _all(components: Iterable[Any]) -> Iterator[Any]:
    """Components and those inside them."""
    for component in components:
        yield component
        yield from _all(getattr(component, "children", None) or ())
        accessory = getattr(component, "accessory", None)
        if accessory is not None:
            yield accessory
