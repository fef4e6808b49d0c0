"""Card → pages of Discord embeds, each within the limits.

Each message has one embed, so the limit that Discord sets for all embeds of a message applies to a page.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import discord

from bot.cards.card import Card, Tone, text_block
from bot.ui.discord.limits import EMBED_TITLE, MESSAGE_CONTENT, cut, length
from bot.ui.discord.markdown import clean_text, clean_url, escape_inline, render_text, tell_host
from bot.ui.discord.pages import DrawnPage, draw_pages

__all__ = ["COLOURS", "PAGE_CHARACTERS", "make_content", "make_pages", "make_post"]

PAGE_CHARACTERS = 2_200
"""Characters of a page, of the 4,096 that Discord allows: about three screens of a phone, so that the buttons stay
near. With the longest title and footer it is 4,504 of the 6,000 allowed for an embed."""

POST_CHARACTERS = 3_600
"""Characters of a message without pages; with title and footer, below the 6,000 of an embed."""

FOOTER_CHARACTERS = 300
"""Three lines on a phone, of the 2,048 characters that Discord allows."""

COLOURS: dict[Tone, discord.Colour] = {
    Tone.FOUND: discord.Colour(0x57F287),
    Tone.CHOOSE: discord.Colour(0xF0B232),
    Tone.MISSING: discord.Colour(0x80848E),
    Tone.NEWS: discord.Colour(0x5865F2),
    Tone.ERROR: discord.Colour(0xED4245),
}


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


def make_pages(card: Card) -> tuple[discord.Embed, ...]:
    """Draw a card as pages that can be turned; at least one."""
    drawn = draw_pages(card.parts, limit=PAGE_CHARACTERS) or [DrawnPage("")]
    return tuple(_page(card, page, number, len(drawn)) for number, page in enumerate(drawn, 1))


def make_post(card: Card) -> discord.Embed:
    """Draw a card without pages: as many parts as one message holds, and how many are left out."""
    drawn = draw_pages(card.parts, limit=POST_CHARACTERS) or [DrawnPage("")]
    if card.more and len(drawn) > 1:
        # The drawn text grows with the parts, so a binary search finds the most that fits.
        low, high = 0, len(card.parts)
        while low + 1 < high:
            middle = (low + high) // 2
            more = text_block(card.more.format(count=len(card.parts) - middle))
            tried = draw_pages((*card.parts[:middle], (more,)), limit=POST_CHARACTERS)
            low, high, drawn = (middle, high, tried) if len(tried) == 1 else (low, middle, drawn)
    return _page(card, drawn[0], 1, 1)


def _page(card: Card, page: DrawnPage, number: int, count: int) -> discord.Embed:
    embed = discord.Embed(
        colour=COLOURS[card.tone],
        title=_title(card),
        url=clean_url(card.url),
        description=page.text or None,
        timestamp=card.published,
    )
    if footer := _footer(card.footer, number, count):
        embed.set_footer(text=footer)
    _add_images(embed, card, page, is_first=number == 1)
    return embed


def _title(card: Card) -> str:
    """The card's title, which an embed must have. A title that names a different address says where it leads."""
    host = tell_host(card.title, card.url)
    return (cut(card.title, EMBED_TITLE - len(host), draw=escape_inline) or "Untitled") + host


def _footer(text: str | None, number: int, count: int) -> str:
    """The card's own line, then the page number, which always fits."""
    place = f"{number}/{count}" if count > 1 else ""
    gap = " · " if text and place else ""
    return cut(clean_text(text or ""), FOOTER_CHARACTERS - len(gap) - len(place)) + gap + place


def _add_images(embed: discord.Embed, card: Card, page: DrawnPage, *, is_first: bool) -> None:
    """The page's first figure in full size, and the card's image as a thumbnail, or in full size for news."""
    cover = clean_url(card.picture.url) if card.picture and is_first else None
    figure = page.figure_url or (cover if card.tone is Tone.NEWS else None)
    if figure:
        embed.set_image(url=figure)
    if cover and cover != figure:
        embed.set_thumbnail(url=cover)
