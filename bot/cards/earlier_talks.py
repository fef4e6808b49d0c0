"""Earlier talks about a paper, and what members concluded in them, as parts of cards. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.cards.card import Card, Part, PressChoice, Tone, join_spans, quote_block, small_block, text_block
from bot.cards.words import LINE, WIDE, cut_at_clause, date_of
from bot.languages import _, ngettext
from bot.models.answers import EarlierTalk
from bot.models.conclusions import Conclusion
from bot.models.requests import Press, PressKind
from bot.models.reviews import Block, BlockKind, Mark, Span
from bot.models.talks import Talk
from bot.text.cut import cut_text

MOST_TALKS = 2
"""Talks that a card lists."""
MOST_SHOWN = 2
"""Conclusions that a card shows."""
CONCLUSION_LINES = (3, 2)
"""Lines of a phone for a conclusion: if it is shown alone, and if two are shown."""
QUOTE_LINE = LINE - 3 * WIDE
"""The width of a line in a quote, with what a word that does not fit leaves free."""
LISTED_CHARACTERS = 300
HALF_CHARACTERS = 2_400
PLACE_CHARACTERS = 40
LABEL_CHARACTERS = 90


# ── on a paper's card ───────────────────────────────────────────────────────────────────────────


def talk_parts(talks: Sequence[EarlierTalk]) -> list[Part]:
    """The talks as lines, then the newest of what was concluded, cut; empty if there was no talk.

    When it was concluded is left out: the line of the talk says when something was last written there.
    """
    if not talks:
        return []
    lines = [talk_line(talk) for talk in talks[:MOST_TALKS]]
    if (more := len(talks) - MOST_TALKS) > 0:
        lines.append(
            small_block(ngettext("and {count} more talk", "and {count} more talks", more).format(count=more))
        )
    return [tuple(lines), *((quote_block(text), _author_line(one)) for one, text in _shown_conclusions(talks))]


def _shown_conclusions(talks: Sequence[EarlierTalk]) -> list[tuple[Conclusion, str]]:
    """The newest conclusions of all talks, each with as much of its text as a card shows."""
    concluded = [conclusion for talk in talks for conclusion in talk.conclusions]
    concluded.sort(key=lambda conclusion: conclusion.id, reverse=True)
    shown = concluded[:MOST_SHOWN]
    width = CONCLUSION_LINES[len(shown) > 1] * QUOTE_LINE
    return [(one, join_spans(cut_at_clause([Span(text=_on_one_line(one))], width))) for one in shown]


def _on_one_line(conclusion: Conclusion) -> str:
    return " ".join(conclusion.text.split())


def _author_line(conclusion: Conclusion) -> Block:
    return Block(kind=BlockKind.SMALL, spans=(Span(text="— "), _author(conclusion)))


def channels_of(talks: Iterable[EarlierTalk]) -> tuple[int, ...]:
    """The channels that talks are in, each once."""
    return tuple(dict.fromkeys(talk.talk.channel_id for talk in talks))


def talk_line(talk: EarlierTalk) -> Block:
    """One talk: where it is, how long it was, when it ended."""
    place = Span(text=cut_text(talk.place, PLACE_CHARACTERS), marks=frozenset((Mark.BOLD,)), href=talk.url)
    facts = "".join(f" · {fact}" for fact in talk_facts(talk))
    return Block(kind=BlockKind.SMALL, spans=(Span(text="💬 "), place, Span(text=facts)))


def talk_facts(talk: EarlierTalk) -> Iterator[str]:
    """How many messages a talk has, when the last was written, and whether it is open."""
    if count := talk.talk.messages:
        yield ngettext("{count} message", "{count} messages", count).format(count=f"{count:,}")
    if talk.last_at:
        yield date_of(talk.last_at)
    if talk.talk.is_locked:
        yield _("locked")
    elif talk.talk.is_archived:
        yield _("hidden")


def is_in_talk(talks: Sequence[EarlierTalk]) -> bool:
    """Whether the card is shown in one of its talks."""
    return any(talk.is_here for talk in talks)


def conclude_choices(talks: Sequence[EarlierTalk]) -> tuple[PressChoice, ...]:
    """The button for what was concluded: in the talk itself, and where there is more than the card shows."""
    whole = {one.id for one, text in _shown_conclusions(talks) if text == _on_one_line(one)}
    chosen = [talk for talk in talks if talk.is_here] or [
        talk for talk in talks if not whole.issuperset(one.id for one in talk.conclusions)
    ]
    return tuple(conclude_choice(talk.talk, len(talk.conclusions)) for talk in chosen[:1])


def conclude_choice(talk: Talk, count: int = 0, *, mark: str = "") -> PressChoice:
    """The button that shows what was concluded in a talk, or asks for it.

    Args:
        count: How many conclusions there are, as far as that is known.
        mark: Words by which its message is told from others.
    """
    label = _("What we concluded ({count})").format(count=count) if count else _("What we concluded")
    press = Press(kind=PressKind.CONCLUDE, number=talk.id, check=talk.check, text=mark)
    return PressChoice(label=label, press=press)


def _by_line(conclusion: Conclusion) -> Block:
    """Who concluded it, and when."""
    when = date_of(conclusion.submitted_at)
    if conclusion.edited_at:
        when = _("{date}, edited").format(date=when)
    return Block(kind=BlockKind.SMALL, spans=(Span(text="— "), _author(conclusion), Span(text=f" · {when}")))


def _author(conclusion: Conclusion) -> Span:
    """Who concluded it; a mention that pings nobody."""
    if conclusion.author_id is None:
        return Span(text=_("a member"))
    return Span(text=f"<@{conclusion.author_id}>", marks=frozenset((Mark.MEMBER,)))


# ── what was concluded ──────────────────────────────────────────────────────────────────────────


def conclusions_card(talk: Talk, conclusions: Sequence[Conclusion], *, saved: str | None = None) -> Card:
    """All that was concluded in a talk, each cut, the newest first.

    Args:
        saved: What was changed, as a sentence.
    """
    parts: list[Part] = [(text_block(saved),)] if saved else []
    if not conclusions:
        parts.append((text_block(_("Nobody has said yet what came of this talk.")),))
    parts += [(quote_block(cut_text(_on_one_line(one), LISTED_CHARACTERS)), _by_line(one)) for one in conclusions]
    return Card(tone=Tone.FOUND, title=_title(talk), parts=tuple(parts), is_private=True)


def conclusion_cards(talk: Talk, conclusion: Conclusion) -> tuple[Card, ...]:
    """One conclusion as it was written: a card, or two if it is long."""
    first, rest = _halves(conclusion.text)
    by_line = (_by_line(conclusion),)
    if not rest:
        return (Card(tone=Tone.FOUND, title=_title(talk), parts=(*_paragraphs(first), by_line), is_private=True),)
    return (
        Card(tone=Tone.FOUND, title=_title(talk), parts=_paragraphs(first), is_private=True),
        Card(tone=Tone.FOUND, title="…", parts=(*_paragraphs(rest), by_line), is_private=True),
    )


def _halves(text: str) -> tuple[str, str]:
    """A text, or its first half and the rest if one embed could not hold it."""
    if len(text) <= HALF_CHARACTERS:
        return text, ""
    end = max(text.rfind("\n", 1, HALF_CHARACTERS), text.rfind(" ", 1, HALF_CHARACTERS))
    end = end if end > 0 else HALF_CHARACTERS
    return text[:end].rstrip(), text[end:].lstrip()


def _paragraphs(text: str) -> tuple[Part, ...]:
    return tuple((text_block(paragraph),) for paragraph in text.split("\n") if paragraph.strip())


def conclusion_label(conclusion: Conclusion) -> tuple[str, str]:
    """A conclusion in a menu: its beginning, and when it was submitted."""
    return cut_text(_on_one_line(conclusion), LABEL_CHARACTERS), date_of(conclusion.submitted_at)


def _title(talk: Talk) -> str:
    return _("What we concluded: {name}").format(name=cut_text(talk.title, 120))
