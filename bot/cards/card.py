"""What a card consists of: a tone, parts made of blocks, and choices to press; and helpers to build cards. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.languages import _
from bot.models.requests import Press, Request
from bot.models.reviews import (
    Block,
    BlockKind,
    Mark,
    Span,
)
from bot.text.cut import cut_text
from bot.text.links import redact_typed

Part = tuple[Block, ...]
MAX_CHOICES = 25
"""Of a menu."""


class Tone(StrEnum):
    """The kind of answer, visible at a glance."""

    FOUND = "found"
    CHOOSE = "choose"
    MISSING = "missing"
    NEWS = "news"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something to press: its label, a second line in a menu, and the request it sends.

    ``is_beside`` says that the answer does not take the place of this card, which is still of use.
    """

    label: str
    request: Request
    description: str | None = None
    is_beside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PressChoice:
    """Something to press that does more than ask, in Discord alone: its label, and a second line in a menu."""

    label: str
    press: Press
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A button that leads to a page."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture and what it shows, in words."""

    url: str
    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An answer, ready to be drawn.

    From top to bottom: title, subtitle, facts, parts (with their figures), picture, the menu of choices, buttons,
    links, footer.

    Attributes:
        subtitle: What is below the title in small print: a paper's full title, or the headings above a section.
        facts: Short facts on one line below: venue, date, source, reading time.
        parts: Groups of blocks in order; a group is kept on one page if it fits. A figure is drawn at its place.
        opens: For each part what the button beside it opens; shorter than ``parts`` or None where there is no button.
        has_wide_quotes: Whether the quotes of a part have the whole width, below its button, and not the room beside.
        picture: A picture that stands for the whole; a small one beside the title where there is no room.
        choices: The menu, at most `MAX_CHOICES`; ``invitation`` says what they are for.
        buttons: Other things to press, the most useful first; at most 5.
        presses: What else to press in Discord, such as *Discuss*, before the other buttons; at most 5.
        press_choices: A second menu of such things, at most `MAX_CHOICES`; ``press_invitation`` says what for.
        links: Pages that buttons lead to; at most 5.
        back: What this card was opened from.
        previous, following: What is before and after this card: the neighbouring sections, or more of a list.
        request: What this card answers; None for a card that cannot be asked for, such as an error.
        more: A text with the ``count`` of the parts left out, shown where a message without pages cannot hold them
            all.
        colour_key: Cards with the same key get the same colour, so that a channel can be scanned; None for the
            tone's own colour.
        channel_ids: The channels whose talks it names. Only those who see these channels may be sent it.
        is_private: True if only the asker may see the answer.
    """

    tone: Tone
    title: str
    subtitle: str | None = None
    facts: str | None = None
    url: str | None = None
    parts: tuple[Part, ...] = ()
    opens: tuple[Choice | None, ...] = ()
    has_wide_quotes: bool = False
    picture: Picture | None = None
    choices: tuple[Choice, ...] = ()
    invitation: str | None = None
    buttons: tuple[Choice, ...] = ()
    presses: tuple[PressChoice, ...] = ()
    press_choices: tuple[PressChoice, ...] = ()
    press_invitation: str | None = None
    links: tuple[Link, ...] = ()
    back: Choice | None = None
    previous: Request | None = None
    following: Request | None = None
    request: Request | None = None
    more: str | None = None
    footer: str | None = None
    colour_key: str | None = None
    published: datetime | None = None
    channel_ids: tuple[int, ...] = ()
    is_private: bool = False


def error_card(sentence: str) -> Card:
    """Tell the asker alone, in a sentence, that something went wrong."""
    return Card(tone=Tone.ERROR, title=_("That did not work"), parts=((text_block(sentence),),), is_private=True)


def text_block(text: str, *marks: Mark) -> Block:
    """A paragraph of one span."""
    return Block(kind=BlockKind.PARAGRAPH, spans=(Span(text=text, marks=frozenset(marks)),))


def small_block(text: str) -> Block:
    """A line in small letters."""
    return Block(kind=BlockKind.SMALL, spans=(Span(text=text),))


def quote_block(text: str) -> Block:
    """A quote of one span."""
    return Block(kind=BlockKind.QUOTE, spans=(Span(text=text),))


def cut_blocks(blocks: Iterable[Block], characters: int) -> list[Block]:
    """As many blocks as fit, with the last one cut at the end of a word; at least part of the first block."""
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
    """As many spans as fit; the last is cut after a word, or replaced by "…" if it is a formula or code."""
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
    """The text of the spans, without marks."""
    return "".join(span.text for span in spans)


def quote_typed(text: str, characters: int) -> str:
    """What somebody typed, as an answer may repeat it: addresses lose their passwords and keys."""
    return cut_text(redact_typed(text), characters)
