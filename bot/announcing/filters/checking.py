"""Whether a filter may be saved: it is tried on texts designed to make it slow."""

from __future__ import annotations

import random
import time
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

from bot.announcing.filters.judging import ReadPost
from bot.announcing.filters.patterns import Budget, TooSlowError, compile_pattern, is_found
from bot.announcing.filters.terms import Pattern, PostFilter, Words, quote
from bot.errors import RequestError
from bot.languages import _
from bot.models.reviews import Block, BlockKind, Review, Section, Span
from bot.text.terms import words

CHECK_LIMIT_S = 0.1
"""CPU seconds that one pattern may take on one of the test texts."""
CHECK_ALL_LIMIT_S = 1.0
"""CPU seconds that the whole check of a filter may take."""


_NASTY_CHARACTERS = 20_000  # a long review
_LONG_CHARACTERS = 60_000  # a very long one


def check_filter(
    filter: PostFilter,  # noqa: A002 - what it is
    *,
    clock: Callable[[], float] = time.thread_time,
) -> None:
    """Try each pattern on a few texts that are hard for it, and the whole filter on a very long post.

    `judge` stops whatever is slower on a real post.

    Raises:
        RequestError: A pattern takes too long, or the whole filter does.
    """
    ends_at = clock() + CHECK_ALL_LIMIT_S
    for term in filter.terms:
        if isinstance(term, Pattern):
            compiled = compile_pattern(term)
            for text in _nasty_texts(term.source):
                budget = Budget(clock)
                budget.begin(min(CHECK_LIMIT_S, ends_at - clock()))
                _try(term, compiled, text, budget)
    if not ReadPost(_long_post(filter), clock=clock).judge(filter).is_applied:
        raise RequestError(
            _("This filter would take too long for a long post. Use fewer terms, or shorter patterns.")
        )


def _try(pattern: Pattern, compiled: Any, text: str, budget: Budget) -> None:
    try:
        is_found(compiled, unicodedata.normalize("NFC", text).encode(errors="replace"), budget)
    except TooSlowError:
        raise RequestError(
            _("The pattern {pattern} would take too long for a long post; repeat less within it.").format(
                pattern=quote(pattern.shown)
            )
        ) from None


def _long_post(filter: PostFilter) -> Review:  # noqa: A002 - what it is
    """A very long review that almost matches the filter: shuffled beginnings of its words."""
    wanted = [word for term in filter.terms if isinstance(term, Words) for word in words(term.value)]
    near = [*(word[:-1] + "가" for word in wanted), "hallucination", "instruction", "환각을", "모델이", "retrieval"]
    chance = random.Random(str(filter))  # noqa: S311 - the same post each time; nothing secret
    said, count = [], 0
    while count < _LONG_CHARACTERS:
        said.append(f"{chance.choice(near)}{chance.randint(0, 9_999)}")
        count += len(said[-1]) + 1
    lines = (" ".join(said[start : start + 60]) for start in range(0, len(said), 60))
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, spans=(Span(text=line),)) for line in lines)
    section = Section(depth=1, number=None, heading="Abstract", blocks=blocks)
    return Review(guid="", link="", title="A long review", clean_title="A long review", sections=(section,))


def _nasty_texts(source: str) -> Iterator[str]:
    """Very long lines made of the pattern's own letters, repeated and in a random order."""
    letters = "".join(dict.fromkeys(char for char in source if char.isalnum())) or "a"
    chance = random.Random(source)  # noqa: S311 - the same texts each time; nothing secret
    for body in (letters, letters[0], "a", "a ", "가"):
        yield (body * _NASTY_CHARACTERS)[:_NASTY_CHARACTERS] + "!"
    for choice in (letters, letters + "ab 가나.1"):
        yield "".join(chance.choices(choice, k=_NASTY_CHARACTERS)) + "!"
