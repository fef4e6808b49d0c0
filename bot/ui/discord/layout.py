"""Card → pages of layout components (Components V2), each within Discord's limits.

From top to bottom: name, facts, texts with their figures at their place, the card's picture, menu, buttons, links,
footer. `draw_card` does the work, which takes a second for a very long section, and needs no event loop; `make_view`
makes the components of one page.

A private card stands in a container, which shows its colour. A public one does not: a channel whose history held a
container was once reported to answer with errors, and announcements are looked for in that history.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

import discord

from bot.cards.card import Card, Choice, Link, Part, Picture, PressChoice, Tone
from bot.languages import _
from bot.models.requests import PressKind, Request
from bot.models.reviews import Block, BlockKind, Mark, Span
from bot.ui.discord.actions import MENU, PRESS_MENU, encode, encode_press, in_slot
from bot.ui.discord.limits import (
    ALT_TEXT,
    BUTTON_LABEL,
    BYTES_A_TEXT,
    COMPONENTS,
    DISPLAYED_BYTES,
    DISPLAYED_TEXT,
    LINK_URL,
    OPTION_TEXT,
    OPTIONS,
    ROW_BUTTONS,
    SELECT_PLACEHOLDER,
    cut,
    length,
)
from bot.ui.discord.markdown import clean_text, clean_url, escape, guard, plain_line, render_block
from bot.ui.discord.pages import DrawnPage, Figure, Gallery, Room, Run, Text, draw_pages
from bot.ui.discord.pictures import shown_url

PAGE_CHARACTERS = 2_200
"""Characters of a page's body: about three screens of a phone, so that the buttons stay near. With the longest head
and foot it is 3,100 of the 4,000 characters, and 9,800 of the 10,000 bytes: a UTF-16 code unit takes 3 at most."""
TITLE_CHARACTERS = 200
SUBTITLE_CHARACTERS = 250
FACTS_CHARACTERS = 250
FOOTER_CHARACTERS = 200
LARGE_PICTURE_CHARACTERS = 600
"""A card with more text shows its picture beside its name, so that its menu is not pushed off the screen."""
BUTTONS, PRESSES, LINKS = 5, 5, 5
"""The most of each."""

COLOURS: dict[Tone, discord.Colour] = {
    Tone.FOUND: discord.Colour(0x57F287),
    Tone.CHOOSE: discord.Colour(0xF0B232),
    Tone.MISSING: discord.Colour(0x80848E),
    Tone.NEWS: discord.Colour(0x5865F2),
    Tone.ERROR: discord.Colour(0xED4245),
}
_PALETTE = (0x5865F2, 0x3BA55D, 0xEB459E, 0xE67E22, 0x1ABC9C, 0x9B59B6, 0xF1C40F, 0x3498DB)
"""Colours that can be told apart and stand out on a dark and on a light background."""


def colour_of(card: Card) -> discord.Colour:
    """The card's colour: by its key, the same at all times, or by its tone."""
    if card.colour_key is None or card.tone not in (Tone.FOUND, Tone.NEWS):
        return COLOURS[card.tone]
    return discord.Colour(_PALETTE[zlib.crc32(card.colour_key.encode("utf-8", "replace")) % len(_PALETTE)])


@dataclass(frozen=True, slots=True)
class DrawnCard:
    """A card and its pages, at least one."""

    card: Card
    pages: tuple[DrawnPage, ...]

    @property
    def can_turn(self) -> bool:
        """Whether its pages can be turned: a press has to be able to ask for them again."""
        return self.card.request is not None and encode(replace(self.card.request, page=len(self.pages))) is not None


def draw_card(card: Card, *, command_ids: Mapping[str, int] | None = None) -> DrawnCard:
    """Draw a card's parts as pages.

    Args:
        command_ids: Discord's ids of our commands, as far as they are known, so that they can be tapped.
    """
    card = replace(card, parts=tuple(_with_mentions(part, command_ids or {}) for part in card.parts))
    room = Room(characters=PAGE_CHARACTERS, components=COMPONENTS - _frame_components(card), shows=True)
    if card.has_wide_quotes:
        card = _with_wide_quotes(card)
    pages = draw_pages(card.parts, room=room, opens=[_that_works(choice) for choice in card.opens])
    return DrawnCard(card, tuple(pages) or (DrawnPage(),))


def _with_wide_quotes(card: Card) -> Card:
    """The card with the quotes of each part, and what is after them, as a part of their own without a button.

    Beside a button, a phone has room for two thirds of a line.
    """
    parts: list[Part] = []
    opens: list[Choice | None] = []
    for part, choice in zip_longest(card.parts, card.opens):
        quote = next((at for at, block in enumerate(part) if block.kind is BlockKind.QUOTE), len(part))
        parts += [part[:quote], part[quote:]]
        opens += [choice, None]
    return replace(card, parts=tuple(parts), opens=tuple(opens))


def _with_mentions(part: Part, command_ids: Mapping[str, int]) -> Part:
    """A part with its commands as mentions. Source: Discord's documentation, "Reference", Message Formatting."""
    if not any(Mark.COMMAND in span.marks for block in part for span in block.spans):
        return part
    return tuple(replace(block, spans=tuple(_mention(span, command_ids) for span in block.spans)) for block in part)


def _mention(span: Span, command_ids: Mapping[str, int]) -> Span:
    name = span.text.removeprefix("/")
    command_id = command_ids.get(name.partition(" ")[0]) if Mark.COMMAND in span.marks else None
    return replace(span, text=f"</{name}:{command_id}>") if command_id else span


def _that_works(choice: Choice | None) -> Choice | None:
    return choice if choice and encode(choice.request) else None


def _frame_components(card: Card) -> int:
    """The most components that stand around a page's body."""
    turning, back, sharing = 2, 1, 1
    own = min(len(card.presses), PRESSES) + min(len(card.buttons), BUTTONS)
    buttons = turning + back + sharing + own + LINKS
    rows = -(-buttons // ROW_BUTTONS)
    container, head, picture, menus, footer = 1, 3, 1, 4 if card.press_choices else 2, 1
    return container + head + picture + menus + footer + buttons + rows


def make_view(
    drawn: DrawnCard, number: int = 0, *, is_public: bool, is_shareable: bool = False, note: str = ""
) -> discord.ui.LayoutView:
    """Make the message of one page. Nobody has to wait for its buttons: presses are recognised by their ids.

    Args:
        number: Of the page, from 0; a greater one than there is means the last.
        is_shareable: Whether to offer *Show in channel*.
        note: Markdown of our own for the last line.
    """
    view = discord.ui.LayoutView(timeout=None)
    items = make_items(drawn, number, is_shareable=is_shareable, note=note)
    if is_public:
        for item in items:
            view.add_item(item)
    else:
        view.add_item(discord.ui.Container(*items, accent_colour=colour_of(drawn.card)))
    view.stop()  # otherwise the library would keep it
    return view


def make_items(
    drawn: DrawnCard, number: int, *, is_shareable: bool = False, note: str = ""
) -> list[discord.ui.Item[Any]]:
    """Make the components of one page, from top to bottom."""
    card, number = drawn.card, min(number, len(drawn.pages) - 1)
    page, ids = drawn.pages[number], _Ids()
    head, foot = _head(card, is_first=number == 0), _foot(drawn, number, note)
    picture = _picture(card, page) if number == 0 else None
    is_large = length(page.text) <= LARGE_PICTURE_CHARACTERS
    items: list[discord.ui.Item[Any]] = []
    if picture is None or is_large:
        items.append(discord.ui.TextDisplay(head))
    else:
        accessory: discord.ui.Thumbnail[Any] = discord.ui.Thumbnail(picture.url, description=_alt(picture.caption))
        items.append(discord.ui.Section(discord.ui.TextDisplay(head), accessory=accessory))
    items += [_draw_run(run, ids) for run in page.runs]
    if picture is not None and is_large:
        items.append(_gallery((picture,)))
    elif number == 0 and (link := _picture_link(card, page)) and _has_room((head, *_texts(page), link, foot)):
        items.append(discord.ui.TextDisplay(link))
    if card.choices and (menu := _menu(card)):
        items.append(discord.ui.ActionRow(menu))
    if press_menu := _press_menu(card):
        items.append(discord.ui.ActionRow(press_menu))
    items += _rows([*_buttons(drawn, number, ids, is_shareable=is_shareable), *_links(card)])
    if foot:
        items.append(discord.ui.TextDisplay(foot))
    return items


# ── texts ───────────────────────────────────────────────────────────────────────────────────────


def _head(card: Card, *, is_first: bool) -> str:
    """The name, and on the first page what it is."""
    lines = ["## " + (cut(card.title, TITLE_CHARACTERS, draw=_escaped) or "…")]
    if is_first and card.subtitle:
        lines.append("-# " + cut(card.subtitle, SUBTITLE_CHARACTERS, draw=_escaped))
    if is_first and card.facts:
        lines.append(guard(cut(card.facts, FACTS_CHARACTERS, draw=_escaped)))
    return "\n".join(line for line in lines if line.strip() not in ("", "-#"))


def _foot(drawn: DrawnCard, number: int, note: str) -> str:
    """The page's number, then the card's own line."""
    said = []
    if len(drawn.pages) > 1:
        said.append(_("page {number}/{count}").format(number=number + 1, count=len(drawn.pages)))
    if drawn.card.footer:
        said.append(cut(drawn.card.footer, FOOTER_CHARACTERS, draw=_escaped))
    said += [note] if note else []
    line = " · ".join(part for part in said if part)
    return f"-# {line}" if line else ""


def _escaped(text: str) -> str:
    return escape(clean_text(text))


def _has_room(texts: Sequence[str]) -> bool:
    """Whether a message can hold these texts."""
    shown = [text for text in texts if text]
    size = sum(len(text.encode()) + BYTES_A_TEXT for text in shown)
    return sum(map(length, shown)) <= DISPLAYED_TEXT and size <= DISPLAYED_BYTES


def _texts(page: DrawnPage) -> Iterator[str]:
    return (run.markdown for run in page.runs if isinstance(run, Text))


# ── body ────────────────────────────────────────────────────────────────────────────────────────


def _draw_run(run: Run, ids: _Ids) -> discord.ui.Item[Any]:
    if isinstance(run, Gallery):
        return _gallery(run.figures)
    text: discord.ui.TextDisplay[Any] = discord.ui.TextDisplay(run.markdown)
    button = _button(run.opens, ids) if run.opens else None
    return discord.ui.Section(text, accessory=button) if button else text


def _gallery(figures: Iterable[Figure]) -> discord.ui.MediaGallery[Any]:
    return discord.ui.MediaGallery(
        *(discord.MediaGalleryItem(figure.url, description=_alt(figure.caption)) for figure in figures)
    )


def _alt(caption: str) -> str | None:
    return cut(clean_text(caption), ALT_TEXT) or None


def _picture(card: Card, page: DrawnPage) -> Figure | None:
    """The card's picture, unless it cannot be shown or stands on the page already."""
    url = shown_url(card.picture.url) if card.picture else None
    if card.picture is None or url is None or url in {f.url for f in page.figures}:
        return None
    return Figure(url, card.picture.caption)


def _picture_link(card: Card, page: DrawnPage) -> str | None:
    """A link to a picture that cannot be shown, with what it shows."""
    picture: Picture | None = card.picture
    url = clean_url(picture.url) if picture else None
    if picture is None or url is None or shown_url(url) or len(url) > LINK_URL or url in page.text:
        return None
    return render_block(Block(kind=BlockKind.FIGURE, url=url, spans=(Span(text=cut(picture.caption, 200)),)))


# ── what can be pressed ─────────────────────────────────────────────────────────────────────────


class _Ids:
    """The ids of a message, none of them twice."""

    def __init__(self) -> None:
        self._slots: dict[str, int] = {}

    def place(self, custom_id: str) -> str:
        """The id for one more button that does the same."""
        slot = self._slots.get(custom_id, 0)
        self._slots[custom_id] = slot + 1
        return in_slot(custom_id, slot)


def _menu(card: Card) -> discord.ui.Select[Any] | None:
    """The menu of choices; None if none of them can be kept in an id."""
    options = ((choice, encode(choice.request)) for choice in card.choices)
    return _select(options, invitation=card.invitation or _("Open …"), custom_id=MENU)


def _press_menu(card: Card) -> discord.ui.Select[Any] | None:
    """The menu of what else can be pressed; None if none of it can be kept in an id."""
    options = ((choice, encode_press(choice.press)) for choice in card.press_choices)
    return _select(options, invitation=card.press_invitation or _("Discuss …"), custom_id=PRESS_MENU)


def _select(
    choices: Iterable[tuple[Choice | PressChoice, str | None]], *, invitation: str, custom_id: str
) -> discord.ui.Select[Any] | None:
    """A menu of choices, each with its value; None if none has a value. A value that is there already is left out."""
    options: dict[str, discord.SelectOption] = {}
    for choice, value in choices:
        if value is None or value in options or len(options) == OPTIONS:
            continue
        options[value] = discord.SelectOption(
            label=plain_line(choice.label, OPTION_TEXT),
            description=plain_line(choice.description, OPTION_TEXT) if choice.description else None,
            value=value,
        )
    if not options:
        return None
    placeholder = plain_line(invitation, SELECT_PLACEHOLDER)
    return discord.ui.Select(options=list(options.values()), placeholder=placeholder, custom_id=custom_id)


def _press_button(choice: PressChoice, ids: _Ids) -> discord.ui.Button[Any] | None:
    """A button that does something; None if an id cannot hold it."""
    custom_id = encode_press(choice.press)
    if custom_id is None:
        return None
    style = discord.ButtonStyle.primary if choice.press.kind is PressKind.DISCUSS else discord.ButtonStyle.secondary
    return discord.ui.Button(
        label=plain_line(choice.label, BUTTON_LABEL), custom_id=ids.place(custom_id), style=style
    )


def single_button(choice: PressChoice) -> discord.ui.Button[Any] | None:
    """A button that does something, below a text; None if an id cannot hold it."""
    return _press_button(choice, _Ids())


def _press_buttons(card: Card, ids: _Ids) -> list[discord.ui.Button[Any]]:
    return [button for choice in card.presses[:PRESSES] if (button := _press_button(choice, ids))]


def _button(choice: Choice, ids: _Ids, *, is_shown: bool = False) -> discord.ui.Button[Any] | None:
    """A button; None if an id cannot hold its request."""
    custom_id = encode(choice.request, is_shown=is_shown, is_beside=choice.is_beside)
    if custom_id is None:
        return None
    return discord.ui.Button(label=plain_line(choice.label, BUTTON_LABEL), custom_id=ids.place(custom_id))


def _buttons(drawn: DrawnCard, number: int, ids: _Ids, *, is_shareable: bool) -> list[discord.ui.Button[Any]]:
    card = drawn.card
    buttons = _turning(drawn, number, ids)
    buttons += _press_buttons(card, ids)
    choices = [card.back, *card.buttons[:BUTTONS]]
    buttons += [button for choice in choices if choice and (button := _button(choice, ids))]
    if is_shareable and card.request is not None:
        shared = Choice(label=_("Show in channel"), request=replace(card.request, page=number))
        share = _button(shared, ids, is_shown=True)
        buttons += [share] if share else []
    return buttons


def _turning(drawn: DrawnCard, number: int, ids: _Ids) -> list[discord.ui.Button[Any]]:
    """◀ and ▶: through the pages, then on to what is before and after the card; neither where there is nothing."""
    card = drawn.card
    before: Request | None = card.previous
    after: Request | None = card.following
    if card.request is not None and number > 0:
        before = replace(card.request, page=number - 1)
    if card.request is not None and number < len(drawn.pages) - 1:
        after = replace(card.request, page=number + 1)
    arrows = [("◀", before), ("▶", after)]
    made = [_button(Choice(label=sign, request=request), ids) if request else None for sign, request in arrows]
    if not any(made):
        return []
    return [
        button or discord.ui.Button(label=sign, custom_id=f"n1:-{sign}", disabled=True)
        for button, (sign, _request) in zip(made, arrows, strict=True)
    ]


def _links(card: Card) -> list[discord.ui.Button[Any]]:
    """The links as buttons; the card's own address if it has none."""
    links = card.links[:LINKS] or ((Link(label=_("Read the review"), url=card.url),) if card.url else ())
    return [button for link in links if (button := link_button(link))]


def link_button(link: Link, *, row: int | None = None) -> discord.ui.Button[Any] | None:
    """A button that leads to a page; None if Discord would not accept its address."""
    url = clean_url(link.url)
    if url is None or len(url) > LINK_URL:
        return None
    return discord.ui.Button(label=plain_line(link.label, BUTTON_LABEL), url=url, row=row)


def _rows(buttons: Sequence[discord.ui.Button[Any]]) -> list[discord.ui.Item[Any]]:
    rows = (buttons[start : start + ROW_BUTTONS] for start in range(0, len(buttons), ROW_BUTTONS))
    return [discord.ui.ActionRow(*row) for row in rows]


# ── messages that are embeds ────────────────────────────────────────────────────────────────────


def make_classic_view(card: Card) -> discord.ui.View | None:
    """The menu, buttons and links below an embed; None if there is nothing to press.

    The first link is always the card's own address, by which its message is recognised even when a moderator hides
    the embed. Where Discord does not accept that address, there are no links: another one would be taken for it.
    """
    own = [Link(label=_("Read the review"), url=card.url)] if card.url else []
    own = [link for link in card.links if link.url == card.url][:1] or own
    first = link_button(own[0]) if own else None
    ids = _Ids()
    buttons = _press_buttons(card, ids)
    buttons += [button for choice in card.buttons[:BUTTONS] if (button := _button(choice, ids))]
    if first is not None:
        others = [link for link in card.links if link.url != card.url][: LINKS - 1]
        buttons += [first, *(button for link in others if (button := link_button(link)))]
    menus = [menu for menu in (_menu(card), _press_menu(card)) if menu]
    for row, menu in enumerate(menus):
        menu.row = row
    for place, button in enumerate(buttons):
        button.row = len(menus) + place // ROW_BUTTONS
    items = [*menus, *buttons]
    return idle_view(*items) if items else None


def idle_view(*items: discord.ui.Item[Any]) -> discord.ui.View:
    """What is below an embed or a text. Nobody has to wait for its items: presses are recognised by their ids."""
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()  # otherwise the library would keep it
    return view
