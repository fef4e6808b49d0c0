"""What talks are called, what is quoted, and how a paper's card shows them, for any review."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.card import Card
from bot.cards.reviews import _block_height, paper_card
from bot.cards.talks import passages_to_quote, quote_of, sections_to_quote, talk_name
from bot.models.answers import EarlierTalk, PaperFound
from bot.models.conclusions import Conclusion
from bot.models.requests import Press, PressKind
from bot.models.reviews import Block, BlockKind, Review, Section, Span, StoredReview
from bot.models.talks import Talk, TalkState
from bot.ui.discord.actions import decode, encode_press, mark_in
from bot.ui.discord.layout import draw_card, make_view

TEXTS = st.text(max_size=1_000)


def review_of(title: str = "A title", short: str | None = None, *sections: Section) -> Review:
    return Review(
        guid="g", link="https://one.test/1", title=title, clean_title=title, short_name=short, sections=sections
    )


def stored(*sections: Section) -> StoredReview:
    review = review_of("A title", None, *sections)
    return StoredReview(
        id=7, feed_url="https://one.test/feed", review=review, first_seen_at=datetime(2026, 6, 1, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("title", "short", "name"),
    [
        ("INSTAG: Instruction Tagging for Models", "INSTAG", "INSTAG – Instruction Tagging for Models"),
        ("InsTag – Instruction Tagging", "INSTAG", "INSTAG – Instruction Tagging"),
        ("A Study of Tags", "TagS", "TagS – A Study of Tags"),
        ("INSTAG", "INSTAG", "INSTAG"),
        ("A Study of Tags", None, "A Study of Tags"),
    ],
)
def test_a_talk_is_called_by_short_name_and_title(title: str, short: str | None, name: str) -> None:
    assert talk_name(review_of(title, short)) == name


@given(TEXTS.filter(bool), st.none() | TEXTS)
def test_a_name_fits_a_thread(title: str, short: str | None) -> None:
    assert len(talk_name(review_of(title, short))) <= 100


@given(TEXTS)
def test_a_quote_is_one_line_of_limited_length(text: str) -> None:
    quoted = quote_of(Block(kind=BlockKind.PARAGRAPH, spans=(Span(text=text),)))
    assert len(quoted) <= 600
    assert "\n" not in quoted


def blocks(count: int) -> tuple[Block, ...]:
    return tuple(Block(kind=BlockKind.PARAGRAPH, spans=(Span(text=f"Passage {number}."),)) for number in range(count))


async def test_all_passages_of_a_long_section_can_be_reached() -> None:
    """Page after page, each once, and back; what has no words is left out."""
    empty = Block(kind=BlockKind.FIGURE, url="https://example.org/a.png")
    section = Section(depth=1, number="1", heading="1. Long", blocks=(*blocks(60), empty))
    review = stored(section)
    seen: list[int] = []
    page: int | None = 1
    while page:
        card = passages_to_quote(review, 0, page)
        assert len(card.press_choices) <= 25
        assert make_view(draw_card(card), is_public=False).children
        presses = [choice.press for choice in card.press_choices]
        seen += [press.block for press in presses if press.kind is PressKind.DISCUSS_PASSAGE]
        later = [press.block for press in presses if press.kind is PressKind.CHOOSE_PASSAGE and press.block > page]
        page = later[0] if later else None
    assert seen == list(range(60))


def test_only_sections_with_words_are_offered() -> None:
    filled = Section(depth=1, number="1", heading="1. Filled", blocks=blocks(1))
    empty = Section(depth=1, number="2", heading="2. Empty")
    card = sections_to_quote(stored(empty, filled))
    assert [choice.label for choice in card.press_choices] == ["1. Filled"]
    assert [choice.press.position for choice in card.press_choices] == [1]


def test_a_mark_is_read_from_the_id_of_a_button() -> None:
    for kind, mark in ((PressKind.DISCUSS, "0123456789abcdef01234567"), (PressKind.CHOOSE_PASSAGE, "ab")):
        custom_id = encode_press(Press(kind=kind, number=36**6, check="Ab_-19", position=400, text=mark))
        assert custom_id is not None
        assert isinstance(decode(custom_id), Press)
        assert mark_in(["n1:h:0", custom_id]) == mark
    assert mark_in(["n1:d:7:0:0:Ab_-19:", "n1:v:7:0:0::words", "other"]) is None


# ── on a paper's card ───────────────────────────────────────────────────────────────────────────


WHEN = datetime(2026, 6, 1, tzinfo=UTC)
NUMBERS = count(1)


def talk_of(
    *concluded: str, is_archived: bool = False, is_locked: bool = False, is_here: bool = False, messages: int = 3
) -> EarlierTalk:
    number = next(NUMBERS)
    talk = Talk(
        id=number,
        guild_id=5,
        review_id=7,
        link_key="key",
        title="A title",
        state=TalkState.OPEN,
        nonce=f"nonce{number}",
        channel_id=50,
        created_at=WHEN,
        thread_id=500 + number,
        is_archived=is_archived,
        is_locked=is_locked,
        messages=messages,
    )
    conclusions = tuple(
        Conclusion(id=next(NUMBERS), talk_id=number, author_id=71, text=text, submitted_at=WHEN) for text in concluded
    )
    url = f"https://discord.com/channels/5/{500 + number}"
    return EarlierTalk(
        talk=talk, place="#papers", url=url, last_at=WHEN, conclusions=conclusions[::-1], is_here=is_here
    )


def card_with(*talks: EarlierTalk) -> Card:
    section = Section(depth=1, number="1", heading="1. Words", blocks=blocks(2))
    return paper_card(PaperFound(stored=stored(section), talks=talks))


@pytest.mark.parametrize(
    ("talks", "count"),
    [([], 1), ([talk_of()], 1), ([talk_of(is_here=True)], 0), ([talk_of(), talk_of(is_here=True)], 0)],
)
def test_one_button_leads_to_the_talk_except_in_it(talks: list[EarlierTalk], count: int) -> None:
    """It also opens the talk, shows it again, and adds who presses it; the line of the talk has its address."""
    card = card_with(*talks)
    assert sum(one.press.kind is PressKind.DISCUSS for one in card.presses) == count
    assert not [link for link in card.links if "/channels/" in link.url]


def concludes(card: Card) -> list[str]:
    return [choice.label for choice in card.presses if choice.press.kind is PressKind.CONCLUDE]


@pytest.mark.parametrize(
    ("talks", "labels"),
    [
        ([talk_of("Two lamps.")], []),
        ([talk_of("Two lamps.", "Three lamps.")], []),
        ([talk_of("Two lamps. " * 30)], ["What we concluded (1)"]),
        ([talk_of("One.", "Two.", "Three.")], ["What we concluded (3)"]),
        ([talk_of("One."), talk_of("Two.", "Three.")], ["What we concluded (1)"]),
        ([talk_of(is_here=True)], ["What we concluded"]),
        ([talk_of("One.", is_here=True)], ["What we concluded (1)"]),
    ],
)
def test_what_was_concluded_can_be_opened_where_the_card_does_not_show_all(
    talks: list[EarlierTalk], labels: list[str]
) -> None:
    assert concludes(card_with(*talks)) == labels


@given(st.lists(st.lists(st.text(min_size=1, max_size=600), max_size=3), min_size=1, max_size=4))
def test_talks_leave_room_for_the_paper(concluded: list[list[str]]) -> None:
    """Two of them and two conclusions take less than half of what a phone shows."""
    card = card_with(*(talk_of(*texts, is_archived=True, messages=12_345) for texts in concluded))
    shown = [block for part in card.parts for block in part if block.text.startswith(("💬", "—", "and "))]
    quotes = [block for part in card.parts for block in part if block.kind is BlockKind.QUOTE]
    assert sum(block.text.startswith("💬") for block in shown) == min(len(concluded), 2)
    assert len(quotes) == min(sum(map(len, concluded)), 2)
    assert sum(map(_block_height, (*shown, *quotes))) <= 270
