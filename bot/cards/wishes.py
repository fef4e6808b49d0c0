"""Papers that members want reviewed, as cards: what became of asking, the list, the button that asks. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.card import Card, Part, PressChoice, Tone, quote_typed, text_block
from bot.cards.reviews import describe_authors
from bot.cards.words import date_of
from bot.languages import _, ngettext
from bot.models.papers import AskedPaper, RecordState
from bot.models.requests import Press, PressKind
from bot.models.reviews import Block, BlockKind, Mark, Span
from bot.models.wishes import MAX_OPEN, MIN_WORDS, Wish, Wished, WishOutcome, WishPage
from bot.text.cut import cut_text
from bot.text.terms import words

TITLE_CHARACTERS = 200
LABEL_CHARACTERS = 90
BY_ID = 1
"""The position in a press that says its number is a wish's; 0 for one whose text names the paper."""


def wish_choices(query: str, asked: AskedPaper | None) -> tuple[PressChoice, ...]:
    """The button that asks for a review, where what was asked for can only be one paper."""
    text = query if asked is None else asked.key
    if asked is not None and asked.state is not RecordState.KNOWN:
        return ()
    if asked is None and (len(words(query)) < MIN_WORDS or "://" in query or quote_typed(query, len(query)) != query):
        return ()
    return (PressChoice(label=_("Ask for a review"), press=Press(kind=PressKind.WISH, number=0, text=text)),)


def unnamed_wish() -> PressChoice:
    """The button that asks for a review where no paper was named; pressing it says how to name one."""
    return PressChoice(label=_("Ask for a review"), press=Press(kind=PressKind.WISH, number=0))


def wished_card(wished: Wished) -> Card:
    """What became of asking for a paper."""
    match wished.outcome:
        case WishOutcome.ASKED if wished.wish:
            said = [_("You asked for a review of “{title}”.").format(title=_title(wished.wish))]
            said.append(_("When a blog that this server reads reviews it, I mention you here, once."))
            said += _others(wished.wish)
            return _card(_("Noted"), said, presses=(_take_back(wished.wish), _list_choice()))
        case WishOutcome.ALREADY if wished.wish:
            said = [
                _("You have already asked for “{title}”.").format(title=_title(wished.wish)),
                *_others(wished.wish),
            ]
            return _card(_("Already noted"), said, presses=(_take_back(wished.wish), _list_choice()))
        case WishOutcome.FULL:
            said = [
                _("You ask for {count} papers already. Take one back, then ask again:").format(count=MAX_OPEN),
            ]
            return _card(
                _("Too many at once"),
                said,
                items=[_line(wish) for wish in wished.own],
                choices=[_take_back(wish, is_named=True) for wish in wished.own],
                invitation=_("Take one back …"),
            )
        case _:
            return _card(_("No longer wanted"), [_("It was reviewed, or nobody asks for it any longer.")])


def taken_back_card(wished: Wished) -> Card:
    """What became of taking a wish back."""
    if wished.wish is None:
        return wished_card(wished)
    said = _("You no longer ask for “{title}”.").format(title=_title(wished.wish))
    return _card(_("Taken back"), [said], presses=(_list_choice(),))


def wanted_card(page: WishPage) -> Card:
    """The papers that a server wants reviewed, those with most voices first."""
    if not page.wishes:
        return _card(
            _("Wanted papers"),
            [
                _("Nobody asks for a review right now."),
                _("When /paper finds none for a paper, its answer has a button to ask for one."),
            ],
        )
    end = page.offset + len(page.wishes)
    turning = [
        PressChoice(label="◀", press=_page(page.offset - len(page.wishes))) if page.offset else None,
        PressChoice(label="▶", press=_page(end)) if end < page.total else None,
    ]
    said = ngettext("{count} paper is wanted here.", "{count} papers are wanted here.", page.total)
    return _card(
        _("Wanted papers"),
        [said.format(count=page.total)],
        items=[_line(wish) for wish in page.wishes],
        choices=[_take_back(wish, is_named=True) if wish.is_own else _join(wish) for wish in page.wishes],
        invitation=_("Me too, or take back …"),
        presses=tuple(choice for choice in turning if choice),
    )


def not_a_paper() -> str:
    """Told where what is to be asked for is not one paper."""
    return _("I do not know which paper that is. Use /paper with its link or full title, then ask for a review.")


def only_in_servers() -> str:
    """Told where there is no server."""
    return _("Reviews are asked for in servers: press this in a server that I am in.")


def _card(
    title: str,
    said: Sequence[str],
    *,
    items: Sequence[Block] = (),
    presses: tuple[PressChoice, ...] = (),
    choices: Sequence[PressChoice] = (),
    invitation: str | None = None,
) -> Card:
    parts: list[Part] = [tuple(text_block(line) for line in said), *((item,) for item in items)]
    return Card(
        tone=Tone.CHOOSE,
        title=title,
        parts=tuple(parts),
        presses=presses,
        press_choices=tuple(choices),
        press_invitation=invitation,
        is_private=True,
    )


def _line(wish: Wish) -> Block:
    paper = wish.paper
    spans = [Span(text=_title(wish), marks=frozenset((Mark.BOLD,)), href=paper.link)]
    voices = ngettext("{count} voice", "{count} voices", wish.voices).format(count=wish.voices)
    facts = (
        describe_authors(paper.authors),
        str(paper.year) if paper.year else "",
        voices,
        _("since {date}").format(date=date_of(wish.wished_at)),
        _("you, too") if wish.is_own else "",
    )
    spans.append(Span(text=f" · {' · '.join(filter(None, facts))}"))
    return Block(kind=BlockKind.ITEM, marker="•", spans=tuple(spans))


def _title(wish: Wish) -> str:
    return cut_text(wish.paper.title, TITLE_CHARACTERS)


def _others(wish: Wish) -> list[str]:
    others = wish.voices - 1
    if others <= 0:
        return []
    said = ngettext("{count} other member asks for it, too.", "{count} other members ask for it, too.", others)
    return [said.format(count=others)]


def _take_back(wish: Wish, *, is_named: bool = False) -> PressChoice:
    label = _("Take back: {title}").format(title=wish.paper.title) if is_named else _("Take back")
    press = Press(kind=PressKind.UNWISH, number=wish.id, check=wish.check)
    return PressChoice(label=cut_text(label, LABEL_CHARACTERS), press=press)


def _join(wish: Wish) -> PressChoice:
    label = _("Me too: {title}").format(title=wish.paper.title)
    press = Press(kind=PressKind.WISH, number=wish.id, position=BY_ID, check=wish.check)
    return PressChoice(label=cut_text(label, LABEL_CHARACTERS), press=press)


def _list_choice() -> PressChoice:
    return PressChoice(label=_("All wanted papers"), press=_page(0))


def _page(offset: int) -> Press:
    return Press(kind=PressKind.WANTED, number=max(0, offset))
