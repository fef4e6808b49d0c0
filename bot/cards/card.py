"""What a card is: a tone, parts of blocks, choices to press; and the pieces that every card is made of. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.models.requests import Request
from bot.models.reviews import (
    Block,
    BlockKind,
    Mark,
    Span,
)
from bot.text.cut import cut_text
from bot.text.links import redact_typed

Part = tuple[Block, ...]


class Tone(StrEnum):
    """What kind of answer this is, at a glance."""

    FOUND = "found"
    CHOOSE = "choose"
    MISSING = "missing"
    NEWS = "news"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something to press: its label, a second line, and the request it stands for."""

    label: str
    description: str | None
    request: Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An answer, ready to be drawn.

    Attributes:
        parts: Groups of blocks in order; a group is kept on one page where it fits.
        choices: 25 at most; ``invitation`` says what they are for.
        more: Said with the ``count`` of the parts left out, where a message without pages cannot hold them all.
        is_private: True where the answer is for the asker alone.
    """

    tone: Tone
    title: str
    url: str | None = None
    parts: tuple[Part, ...] = ()
    choices: tuple[Choice, ...] = ()
    invitation: str | None = None
    more: str | None = None
    footer: str | None = None
    image_url: str | None = None
    published: datetime | None = None
    is_private: bool = False


def error_card(sentence: str) -> Card:
    """Something went wrong, in a sentence for the asker alone."""
    return Card(tone=Tone.ERROR, title="That did not work", parts=((text_block(sentence),),), is_private=True)


def text_block(text: str, *marks: Mark) -> Block:
    return Block(kind=BlockKind.PARAGRAPH, spans=(Span(text=text, marks=frozenset(marks)),))


def cut_blocks(blocks: Iterable[Block], characters: int) -> list[Block]:
    """As many blocks as fit, the last one cut at a word's end; at least a part of the first."""
    kept: list[Block] = []
    left = characters
    for block in blocks:
        if len(block.text) <= left:
            kept.append(block)
            left -= len(block.text)
            continue
        if block.kind not in (BlockKind.TABLE, BlockKind.MATH, BlockKind.CODE) and (left > 80 or not kept):
            kept.append(replace(block, spans=cut_spans(block.spans, left)))
        break
    return kept


def cut_spans(spans: Sequence[Span], characters: int) -> tuple[Span, ...]:
    kept: list[Span] = []
    left = characters
    for span in spans:
        if len(span.text) <= left:
            kept.append(span)
            left -= len(span.text)
            continue
        if Mark.MATH not in span.marks and Mark.CODE not in span.marks:
            kept.append(replace(span, text=cut_text(span.text, max(left, 2))))
        else:
            kept.append(Span(text="…"))
        break
    return tuple(kept)


def join_spans(spans: Iterable[Span]) -> str:
    return "".join(span.text for span in spans)


def quote_typed(text: str, characters: int) -> str:
    """What somebody typed, as an answer may repeat it: its addresses without passwords and keys."""
    return cut_text(redact_typed(text), characters)
