"""Asks the host's language model to choose or word an answer, within the limits of a day.

In: an answer with passages. Out: the same with what of the model's reply stands in them (`bot.asking`), or None.
Questions are counted, and never kept.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.answering.model.chat import ChatModel
from bot.asking.gate import improve
from bot.asking.prompt import ReplyMode, offer_passages, response_format, write_prompt
from bot.asking.replies import read_picks, read_sentences
from bot.config import Settings
from bot.errors import ModelError, StoreError
from bot.models.answers import QuestionAnswered
from bot.models.asking import AskLevel, AskLimit, ModelUser
from bot.store import model_consents, model_uses
from bot.store.database import Database

log = logging.getLogger(__name__)


class Asker:
    """Improves answers with a model. Use it only where the host has named one (`make_asker`)."""

    def __init__(
        self,
        database: Database,
        model: ChatModel,
        *,
        level: AskLevel,
        limits: Mapping[AskLimit, int],
        clock: Callable[[], datetime],
    ) -> None:
        self.model = model
        self._database = database
        self._level = level
        self._limits = limits
        self._clock = clock
        self._is_failing = False

    def can_improve(self, answer: QuestionAnswered) -> bool:
        """Whether the model is asked about an answer: one that is not sure stays an honest no."""
        return answer.is_sure and answer.model is None and bool(answer.reviews)

    async def improve(self, answer: QuestionAnswered, user: ModelUser) -> QuestionAnswered | None:
        """Return an answer as the model chose or worded it; None if nothing of that holds, or if it does not answer.

        At a limit, the answer comes back as it was, with ``limit`` set. What cannot be counted is not asked, and
        neither is what a member asks who has not agreed.
        """
        if not self.can_improve(answer) or self._database.is_read_only:
            return None
        try:
            if user.user_id is not None and not await self.has_agreed(user.user_id):
                return None
            limit = await self._count(user)
        except StoreError:
            return None
        if limit is not None:
            return replace(answer, limit=limit)
        try:
            return await self._ask(answer)
        except ModelError as exc:
            self._note(exc)
            return None

    async def has_agreed(self, user_id: int) -> bool:
        """Whether a member agreed that questions go to the model's host."""
        return await model_consents.has_agreed(self._database.reader, user_id, host=self.model.host)

    async def agree(self, user_id: int) -> None:
        """Keep that a member agreed."""
        async with self._database.transaction() as db:
            await model_consents.agree(db, user_id, host=self.model.host)

    async def close(self) -> None:
        """Close the model's connections."""
        await self.model.close()

    async def _ask(self, answer: QuestionAnswered) -> QuestionAnswered | None:
        offered, level = offer_passages(answer), self._level
        read = read_picks if level is AskLevel.PICK else read_sentences

        def write(mode: ReplyMode) -> dict[str, Any]:
            messages = write_prompt(answer.query, offered, level=level, mode=mode, tag=secrets.token_hex(8))
            form = response_format(level, mode)
            return {"messages": messages} | ({"response_format": form} if form else {})

        reply = await self.model.reply(write, is_readable=lambda text: read(text) is not None)
        self._note(None)
        return await asyncio.to_thread(improve, answer, offered, reply, level=level, model=self.model.name)

    async def _count(self, user: ModelUser) -> AskLimit | None:
        """Count a question; return the limit that is reached instead, if one is."""
        async with self._database.transaction() as db:
            return await model_uses.count_use(db, user, self._limits, day=self._clock().date())

    def _note(self, error: ModelError | None) -> None:
        """Say in the log when the model begins to fail, and when it answers again."""
        if error is not None and not self._is_failing:
            log.warning("model does not answer; answers are passages alone host=%s why=%s", error.host, error.reason)
        elif error is None and self._is_failing:
            log.info("model answers again host=%s", self.model.host)
        self._is_failing = error is not None


def make_asker(settings: Settings, database: Database, *, clock: Callable[[], datetime]) -> Asker | None:
    """Return what asks the host's model; None if the host named none."""
    if settings.ask_model is None:
        return None
    return Asker(
        database,
        ChatModel(url=settings.ask_url, model=settings.ask_model, key=settings.ask_key),
        level=settings.ask_level,
        limits={
            AskLimit.MEMBER: settings.ask_member_per_day,
            AskLimit.SERVER: settings.ask_server_per_day,
            AskLimit.DAY: settings.ask_per_day,
        },
        clock=clock,
    )
