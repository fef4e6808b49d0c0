"""What a member is told before their questions go to the host's language model, and the button that agrees. Pure."""

from __future__ import annotations

from bot.cards.card import Card, PressChoice, Tone, text_block
from bot.languages import _
from bot.models.passages import check_of_words
from bot.models.requests import Press, PressKind
from bot.models.reviews import ReviewHead

NOTICE = 1
"""The position in a press on a message that says nothing but this; 0 on an answer, which is then improved."""


def offer_text(host: str) -> str:
    """Where the questions would go."""
    said = _(
        "A language model at {host} can improve answers. If you agree, your questions to /ask go there with the "
        "passages that are found, without your name. /privacy takes that back."
    )
    return said.format(host=host)


def use_choice(host: str, paper: ReviewHead | None = None, *, position: int = 0) -> PressChoice:
    """The button that agrees to this host, on an answer about a paper or about none."""
    number, check = (paper.id, paper.check) if paper else (0, None)
    press = Press(kind=PressKind.USE_MODEL, number=number, position=position, check=check, text=check_of_words(host))
    return PressChoice(label=_("Use it"), press=press)


def offer_card(host: str) -> Card:
    """The same as a message of its own, where everybody sees the answer."""
    return Card(
        tone=Tone.CHOOSE,
        title=_("A language model for your questions"),
        parts=((text_block(offer_text(host)),),),
        presses=(use_choice(host, position=NOTICE),),
        is_private=True,
    )


def agreed_card(host: str) -> Card:
    """What takes the place of that message."""
    said = _("Your questions to /ask go to {host} from now on.").format(host=host)
    return Card(
        tone=Tone.FOUND,
        title=_("A language model for your questions"),
        parts=((text_block(said),),),
        is_private=True,
    )
