"""Answers to questions that the host's language model may improve: whose, where, and how their messages are now.

The answer is shown at once, and its message is changed when the model is done. Until then it may be pressed: a page
is turned, the answer is shown in the channel. Such a press and the change take turns, and the change keeps what
the press did. What the model said is remembered for the presses that come after. All of this is in memory alone.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import discord

from bot.models.answers import QuestionAnswered
from bot.models.requests import Command, Press, PressKind
from bot.ui.discord import replies
from bot.ui.discord.actions import Action
from bot.ui.discord.admission import Quota
from bot.ui.discord.places import home_of

Interaction = discord.Interaction[Any]
MOST_KEPT = 200
"""Improved answers that are remembered."""
A_DAY = 1 / (24 * 60)
ASKED, OFFERED = "asked", "offered"
"""Keys of an interaction's ``extras``: the answer that the model may improve; its host, to be agreed to."""


@dataclass(slots=True)
class Pending:
    """A message whose answer the model is at work on, as it is now.

    Attributes:
        turn: Held by what changes the message.
        is_replaced: Whether it shows something else, and must stay as it is.
    """

    page: int = 0
    is_shareable: bool = True
    is_replaced: bool = False
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def note(self, action: Action | Press | None) -> None:
        """Take in that a press has changed the message."""
        if isinstance(action, Action) and action.request.command is Command.ASK:
            self.page, self.is_shareable = action.request.page, not action.is_shown
        elif not (isinstance(action, Press) and action.kind is PressKind.USE_MODEL):
            self.is_replaced = True


class Improving:
    """The messages that wait for the model, and the newest of its answers."""

    def __init__(self) -> None:
        self._pending: dict[int, Pending] = {}
        self._kept: OrderedDict[tuple[int, str], tuple[QuestionAnswered, QuestionAnswered]] = OrderedDict()
        self._offers = Quota(per_minute=A_DAY, at_once=1)

    def find(self, user_id: int, answer: QuestionAnswered) -> QuestionAnswered | None:
        """Return what the model made of an answer, if a member has just asked it and nothing has changed since."""
        before, better = self._kept.get((user_id, answer.query), (None, None))
        return better if before == answer else None

    def keep(self, user_id: int, answer: QuestionAnswered, better: QuestionAnswered) -> None:
        """Remember what the model made of a member's answer."""
        self._kept[user_id, answer.query] = answer, better
        self._kept.move_to_end((user_id, answer.query))
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    def may_offer(self, user_id: int) -> bool:
        """Whether a member may be offered the model in a message of its own: once a day."""
        return not self._offers.wait_s(user_id)

    @contextmanager
    def waiting(self, message_id: int) -> Iterator[Pending | None]:
        """A message waits for the model; None if it does so already."""
        if message_id in self._pending:
            yield None
            return
        self._pending[message_id] = Pending()
        try:
            yield self._pending[message_id]
        finally:
            del self._pending[message_id]

    @asynccontextmanager
    async def pressed(self, interaction: Interaction, action: Action | Press | None) -> AsyncIterator[None]:
        """A press is answered; not at the time at which the pressed message is changed for the model."""
        pending = self._pending.get(interaction.message.id) if interaction.message else None
        if pending is None or (isinstance(action, Action) and action.is_beside):
            yield
            return
        await replies.soon(interaction, pending.turn.acquire(), is_in_place=True)
        try:
            yield
        finally:
            if interaction.extras.get(replies.REDRAWN):
                pending.note(action)
            pending.turn.release()


async def with_model(interaction: Interaction, answer: QuestionAnswered, *, is_public: bool) -> QuestionAnswered:
    """An answer as the model made it, if it was asked already; otherwise with what is needed to ask it.

    A member who has not agreed is offered the model: in the answer, or where everybody sees it, beside it.
    """
    service = interaction.client.service
    asker = service.asker
    if asker is None or not asker.can_improve(answer):
        return answer
    if not (await service.servers.of(home_of(interaction))).asks_model:
        return answer
    if not await asker.has_agreed(interaction.user.id):
        interaction.extras[OFFERED] = asker.model.host
        return answer if is_public else replace(answer, offered_host=asker.model.host)
    improving: Improving = interaction.client.improving
    if better := improving.find(interaction.user.id, answer):
        return better
    interaction.extras[ASKED] = answer
    return answer
