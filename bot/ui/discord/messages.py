"""A message's text, and card → embed, within the limits.

Announcements and panels are embeds; answers are drawn by `layout`. Each message has one embed of ours, so the limit
that Discord sets for all embeds of a message applies to it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import discord

from bot.cards.card import Card, Part, Tone, text_block
from bot.languages import _
from bot.models.reviews import Block, BlockKind, Span
from bot.ui.discord.layout import colour_of
from bot.ui.discord.limits import EMBED_TITLE, MESSAGE_CONTENT, cut, length
from bot.ui.discord.markdown import clean_text, clean_url, escape_inline, render_text, tell_host
from bot.ui.discord.pages import DrawnPage, Room, draw_pages
from bot.ui.discord.pictures import shown_url

__all__ = ["make_content", "make_post"]

POST_CHARACTERS = 3_600
"""Characters of a message without pages; with title and footer, below the 6,000 of an embed."""

FOOTER_CHARACTERS = 300
"""Three lines on a phone, of the 2,048 characters that Discord allows."""


def make_content(text: str, *, mentions: Sequence[str] = (), channel_ids: Collection[int] = ()) -> str:
    """The text of a message: the mentions, then words in which nothing else is markup, cut to what fits.

    Every text that is sent without a card passes through here, because it may quote anybody.

    Args:
        mentions: Mentions that we make, as Discord writes them.
        channel_ids: Channels whose mentions (``<#1>``) in the text are ours, too.
    """
    ours = frozenset(f"<#{channel_id}>" for channel_id in channel_ids)
    split = re.compile(f"({'|'.join(ours)})" if ours else r"\Z")

    def draw(words: str) -> str:
        drawn = "".join(part if part in ours else render_text(part) for part in split.split(words))
        return " ".join((*mentions, drawn)).strip()

    if length(whole := draw(text)) <= MESSAGE_CONTENT:
        return whole
    # The drawn text grows with the words, so a binary search finds the most that fits.
    fits, too_long = 0, min(len(text), MESSAGE_CONTENT)
    while fits + 1 < too_long:
        middle = (fits + too_long) // 2
        is_short = length(draw(f"{text[:middle].rstrip()}…")) <= MESSAGE_CONTENT
        fits, too_long = (middle, too_long) if is_short else (fits, middle)
    return draw(f"{text[:fits].rstrip()}…")


def make_post(card: Card) -> discord.Embed:
    """Draw a card as an embed: as many parts as one message holds, and how many are left out."""
    head = _head(card)
    drawn = _draw((*head, *card.parts)) or [DrawnPage()]
    if card.more and len(drawn) > 1:
        # The drawn text grows with the parts, so a binary search finds the most that fits.
        low, high = 0, len(card.parts)
        while low + 1 < high:
            middle = (low + high) // 2
            more = text_block(card.more.format(count=len(card.parts) - middle))
            tried = _draw((*head, *card.parts[:middle], (more,)))
            low, high, drawn = (middle, high, tried) if len(tried) == 1 else (low, middle, drawn)
    return _page(card, drawn[0])


def _head(card: Card) -> tuple[Part, ...]:
    """What the card is, as its first part: an embed has no other place for it."""
    lines = [Block(kind=BlockKind.SMALL, spans=(Span(text=card.subtitle),))] if card.subtitle else []
    return ((*lines, *([text_block(card.facts)] if card.facts else [])),)


def _draw(parts: Sequence[Part]) -> list[DrawnPage]:
    return draw_pages(parts, room=Room(characters=POST_CHARACTERS))


def _page(card: Card, page: DrawnPage) -> discord.Embed:
    embed = discord.Embed(
        colour=colour_of(card),
        title=_title(card),
        url=clean_url(card.url),
        description=page.text or None,
        timestamp=card.published,
    )
    if card.footer:
        embed.set_footer(text=cut(clean_text(card.footer), FOOTER_CHARACTERS) or None)
    _add_images(embed, card, page)
    return embed


def _title(card: Card) -> str:
    """The card's title, which an embed must have. A title that names a different address says where it leads."""
    host = tell_host(card.title, card.url)
    return (cut(card.title, EMBED_TITLE - len(host), draw=escape_inline) or _("Untitled")) + host


def _add_images(embed: discord.Embed, card: Card, page: DrawnPage) -> None:
    """The first figure in full size, and the card's image as a thumbnail, or in full size for news."""
    cover = shown_url(card.picture.url) if card.picture else None
    figure = page.figure_url or (cover if card.tone is Tone.NEWS else None)
    if figure:
        embed.set_image(url=figure)
    if cover and cover != figure:
        embed.set_thumbnail(url=cover)
