"""What talks are called and what is quoted, for any review."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.talks import passages_to_quote, quote_of, sections_to_quote, talk_name
from bot.models.requests import Press, PressKind
from bot.models.reviews import Block, BlockKind, Review, Section, Span, StoredReview
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
