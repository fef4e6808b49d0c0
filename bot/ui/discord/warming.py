"""What the first questions need, loaded while the bot connects, so that nobody waits for it.

Expressions are compiled, lists read and caches filled at their first use: a question of each kind is answered and
drawn once, and sent nowhere.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from bot.cards.answers import make_card
from bot.cards.words import name_of
from bot.models.requests import EVERYTHING, Command, Request
from bot.models.reviews import ReviewLabel
from bot.service import Service
from bot.ui.discord.layout import draw_card, make_view

log = logging.getLogger(__name__)


async def warm_up(service: Service) -> None:
    """Answer and draw questions about the newest review; without any review there is nothing to do."""
    try:
        for label in service.answering.suggest("", EVERYTHING, limit=1):
            for request in _questions(label):
                answer = await service.answering.answer(request, EVERYTHING)
                make_view(draw_card(make_card(answer)), is_public=True)
    except Exception:
        log.exception("the first questions could not be prepared")  # members' questions are answered all the same


def _questions(label: ReviewLabel) -> Iterator[Request]:
    name = name_of(label)[:60]
    yield Request(command=Command.PAPER, query=name)
    yield Request(command=Command.PAPER, query=name[:1] + name[2:])  # with a slip
    yield Request(command=Command.SECTION, query=f"{name} conclusion")
    yield Request(command=Command.SEARCH, query="한계 limitations")
    yield Request(command=Command.RELATED, query=name)
