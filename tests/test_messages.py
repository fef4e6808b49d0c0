"""Cards as embeds, within Discord's limits: announcements, and what panels show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.card import Card, Part, Picture, Tone
from bot.models.reviews import Block, BlockKind, Span
from bot.ui.discord import limits
from bot.ui.discord.layout import COLOURS
from bot.ui.discord.limits import length
from bot.ui.discord.messages import POST_CHARACTERS, make_post

FIGURE = "https://a.example/figure.png"
COVER = "https://a.example/cover.png"


def paragraph(text: str) -> Part:
    return (Block(kind=BlockKind.PARAGRAPH, spans=(Span(text=text),)),)


def figure(url: str) -> Part:
    return (Block(kind=BlockKind.FIGURE, url=url),)


LONG = tuple(paragraph(f"{number} " + "word " * 120) for number in range(12))


def test_a_card_is_an_embed() -> None:
    """Everything a card says is on it."""
    published = datetime(2024, 5, 1, tzinfo=UTC)
    card = Card(
        tone=Tone.FOUND,
        title="a_b",
        subtitle="A full title",
        facts="ICLR 2024 · 3 min",
        url="https://a.example/review",
        parts=(paragraph("*x*"),),
        footer="LLM · Data",
        published=published,
    )
    shown = {key: value for key, value in make_post(card).to_dict().items() if key not in ("type", "flags")}
    assert shown == {
        "title": "a\\_b",
        "url": "https://a.example/review",
        "description": "-# A full title\nICLR 2024 · 3 min\n\n\\*x\\*",
        "color": 0x57F287,
        "footer": {"text": "LLM · Data"},
        "timestamp": published.isoformat(),
    }


def test_a_card_without_parts_is_an_embed_too() -> None:
    """There is always something to send."""
    post = make_post(Card(tone=Tone.ERROR, title=" \n"))
    assert post.title == "Untitled"
    assert post.description is None
    assert post.footer.text is None


def test_what_does_not_fit_is_counted() -> None:
    """As many parts as there is room for, and how many are left out."""
    parts = tuple(paragraph(f"Paper {number} " + "word " * 30) for number in range(60))
    post = make_post(Card(tone=Tone.NEWS, title="t", parts=parts, more="and {count} more"))
    assert post.description is not None
    shown = post.description.count("Paper ")
    assert 10 < shown < 60
    assert post.description.endswith(f"and {60 - shown} more")


def test_long_titles_and_footers_end_after_a_word() -> None:
    """Also where escaping makes them longer."""
    post = make_post(Card(tone=Tone.FOUND, title="a_b " * 100, footer="word " * 1_000, parts=LONG))
    assert post.title is not None
    assert post.title.endswith("a\\_b…")
    assert length(post.title) <= limits.EMBED_TITLE
    assert post.footer.text is not None
    assert post.footer.text.endswith("word…")
    assert length(post.footer.text) <= limits.EMBED_FOOTER


@pytest.mark.parametrize("tone", Tone)
def test_every_tone_has_a_colour(tone: Tone) -> None:
    """One for each, none twice; the posts of a feed have the feed's."""
    card = Card(tone=tone, title="t")
    assert make_post(card).colour == COLOURS[tone]
    assert len({colour.value for colour in COLOURS.values()}) == len(Tone)
    keyed = make_post(replace(card, colour_key="https://a.example/feed.xml"))
    assert (keyed.colour == COLOURS[tone]) == (tone not in (Tone.FOUND, Tone.NEWS))


def images(card: Card) -> tuple[str | None, str | None]:
    post = make_post(card)
    return post.image.url, post.thumbnail.url


def test_news_show_their_figure_in_full_and_answers_small() -> None:
    card = Card(tone=Tone.NEWS, title="t", picture=Picture(url=COVER), parts=LONG[:1])
    assert images(card) == (COVER, None)
    assert images(replace(card, tone=Tone.FOUND)) == (None, COVER)


def test_an_embed_shows_its_first_figure() -> None:
    """The same image is not shown twice."""
    card = Card(tone=Tone.FOUND, title="t", picture=Picture(url=COVER), parts=(figure(COVER), figure("x")))
    assert images(card) == (COVER, None)
    assert images(replace(card, parts=(figure("x"), figure(FIGURE)))) == (FIGURE, COVER)


@pytest.mark.parametrize("tone", [Tone.NEWS, Tone.FOUND])
@pytest.mark.parametrize("hidden", ["https://a.example/cover.svg", "https://192.168.0.2/cover.png"])
def test_a_picture_that_discord_cannot_show_is_left_out(tone: Tone, hidden: str) -> None:
    """An empty frame would stand in its place."""
    card = Card(tone=tone, title="t", picture=Picture(url=hidden), parts=(figure(hidden),))
    assert images(card) == (None, None)
    assert images(replace(card, parts=(figure(FIGURE),))) == (FIGURE, None)


@pytest.mark.parametrize("bad", ["javascript:x", "http://localhost/x", "https://a.example/" + "x" * 3_000])
def test_bad_addresses_are_left_out(bad: str) -> None:
    """Discord would refuse the message for one of them."""
    post = make_post(Card(tone=Tone.NEWS, title="t", url=bad, picture=Picture(url=bad), parts=(figure(bad),)))
    assert (post.url, post.image.url, post.thumbnail.url) == (None, None, None)
    assert post.description == "🖼️ figure"


TEXT = st.lists(st.one_of(st.sampled_from(["*_`~|\\[]<>", "가" * 300, "🟩" * 200, "word ", "\n"]), st.text())).map(
    "".join
)


@settings(max_examples=60)
@given(
    title=TEXT,
    lines=st.tuples(st.none() | TEXT, st.none() | TEXT, st.none() | TEXT),
    texts=st.lists(TEXT, max_size=8),
    tone=st.sampled_from(Tone),
)
def test_any_card_is_within_discords_limits(
    title: str, lines: tuple[str | None, str | None, str | None], texts: list[str], tone: Tone
) -> None:
    """It could be sent, whatever the card says."""
    subtitle, facts, footer = lines
    card = Card(
        tone=tone, title=title, subtitle=subtitle, facts=facts, footer=footer, parts=tuple(map(paragraph, texts))
    )
    post = make_post(card)
    sizes = [length(post.title or ""), length(post.description or ""), length(post.footer.text or "")]
    assert 0 < sizes[0] <= limits.EMBED_TITLE
    assert sizes[1] <= POST_CHARACTERS <= limits.EMBED_DESCRIPTION
    assert sizes[2] <= limits.EMBED_FOOTER
    assert sum(sizes) <= limits.EMBEDS_TOTAL
