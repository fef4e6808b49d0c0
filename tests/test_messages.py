"""Cards as pages of embeds, within Discord's limits."""

from __future__ import annotations

from datetime import UTC, datetime

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.card import Card, Part, Picture, Tone
from bot.models.reviews import Block, BlockKind, Span
from bot.ui.discord import limits
from bot.ui.discord.limits import length
from bot.ui.discord.messages import COLOURS, PAGE_CHARACTERS, make_pages

FIGURE = "https://a.example/figure.png"
COVER = "https://a.example/cover.png"


def paragraph(text: str) -> Part:
    return (Block(kind=BlockKind.PARAGRAPH, spans=(Span(text=text),)),)


def figure(url: str) -> Part:
    return (Block(kind=BlockKind.FIGURE, url=url),)


LONG = tuple(paragraph(f"{number} " + "word " * 120) for number in range(12))


def test_a_short_card_is_one_page() -> None:
    """Everything a card says is on it, and no page number."""
    published = datetime(2024, 5, 1, tzinfo=UTC)
    card = Card(
        tone=Tone.FOUND,
        title="a_b",
        url="https://a.example/review",
        parts=(paragraph("*x*"),),
        footer="LLM · Data",
        published=published,
    )
    (page,) = make_pages(card)
    shown = {key: value for key, value in page.to_dict().items() if key not in ("type", "flags")}
    assert shown == {
        "title": "a\\_b",
        "url": "https://a.example/review",
        "description": "\\*x\\*",
        "color": 0x57F287,
        "footer": {"text": "LLM · Data"},
        "timestamp": published.isoformat(),
    }


def test_a_card_without_parts_is_a_page_too() -> None:
    """There is always something to send."""
    (page,) = make_pages(Card(tone=Tone.ERROR, title=" \n"))
    assert page.title == "Untitled"
    assert page.description is None
    assert page.footer.text is None


def test_pages_are_numbered_in_the_footer() -> None:
    """Behind the card's own line, or alone."""
    pages = make_pages(Card(tone=Tone.FOUND, title="t", parts=LONG, footer="f"))
    assert [page.footer.text for page in pages] == [f"f · {n}/{len(pages)}" for n in range(1, len(pages) + 1)]
    assert make_pages(Card(tone=Tone.FOUND, title="t", parts=LONG))[0].footer.text == f"1/{len(pages)}"
    assert all(page.title == "t" for page in pages)


def test_long_titles_and_footers_end_after_a_word() -> None:
    """Also where escaping makes them longer, and where the page's number needs room."""
    card = Card(tone=Tone.FOUND, title="a_b " * 100, footer="word " * 1_000, parts=LONG)
    page = make_pages(card)[0]
    assert page.title is not None
    assert page.title.endswith("a\\_b…")
    assert length(page.title) <= limits.EMBED_TITLE
    assert page.footer.text is not None
    assert page.footer.text.endswith(f"word… · 1/{len(make_pages(card))}")
    assert length(page.footer.text) <= limits.EMBED_FOOTER


@pytest.mark.parametrize("tone", Tone)
def test_every_tone_has_a_colour(tone: Tone) -> None:
    """One for each, none twice."""
    (page,) = make_pages(Card(tone=tone, title="t"))
    assert page.colour == COLOURS[tone]
    assert len({colour.value for colour in COLOURS.values()}) == len(Tone)


def images(pages: tuple[discord.Embed, ...]) -> list[tuple[str | None, str | None]]:
    return [(page.image.url, page.thumbnail.url) for page in pages]


def test_news_show_their_figure_in_full_and_answers_small() -> None:
    """The card's image is on the first page alone."""
    card = Card(tone=Tone.NEWS, title="t", picture=Picture(url=COVER), parts=LONG)
    assert images(make_pages(card))[:2] == [(COVER, None), (None, None)]
    card = Card(tone=Tone.FOUND, title="t", picture=Picture(url=COVER), parts=LONG)
    assert images(make_pages(card))[:2] == [(None, COVER), (None, None)]


def test_a_page_shows_its_first_figure() -> None:
    """The figures of a section are seen where they stand; the same image is not shown twice."""
    card = Card(
        tone=Tone.FOUND,
        title="t",
        picture=Picture(url=COVER),
        parts=(figure(COVER), figure("x"), *LONG, figure(FIGURE)),
    )
    shown = images(make_pages(card))
    assert shown[0] == (COVER, None)
    assert shown[-1] == (FIGURE, None)
    assert set(shown[1:-1]) == {(None, None)}


@pytest.mark.parametrize("bad", ["javascript:x", "http://localhost/x", "https://a.example/" + "x" * 3_000])
def test_bad_addresses_are_left_out(bad: str) -> None:
    """Discord would refuse the message for one of them."""
    (page,) = make_pages(Card(tone=Tone.NEWS, title="t", url=bad, picture=Picture(url=bad), parts=(figure(bad),)))
    assert (page.url, page.image.url, page.thumbnail.url) == (None, None, None)
    assert page.description == "🖼️ figure"


TEXT = st.lists(st.one_of(st.sampled_from(["*_`~|\\[]<>", "가" * 300, "🟩" * 200, "word ", "\n"]), st.text())).map(
    "".join
)


@settings(max_examples=60)
@given(title=TEXT, footer=st.none() | TEXT, texts=st.lists(TEXT, max_size=8), tone=st.sampled_from(Tone))
def test_any_card_is_within_discords_limits(title: str, footer: str | None, texts: list[str], tone: Tone) -> None:
    """Every page could be sent, whatever the card says."""
    pages = make_pages(Card(tone=tone, title=title, footer=footer, parts=tuple(map(paragraph, texts))))
    assert pages
    for page in pages:
        sizes = [length(page.title or ""), length(page.description or ""), length(page.footer.text or "")]
        assert 0 < sizes[0] <= limits.EMBED_TITLE
        assert sizes[1] <= PAGE_CHARACTERS <= limits.EMBED_DESCRIPTION
        assert sizes[2] <= limits.EMBED_FOOTER
        assert sum(sizes) <= limits.EMBEDS_TOTAL
