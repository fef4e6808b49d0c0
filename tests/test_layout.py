"""Cards as layout components: everything at its place, within every limit of Discord's, and nothing lost."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.card import Card, Choice, Link, Part, Picture, Tone
from bot.models.requests import Command, Request
from bot.models.reviews import Block, BlockKind, Span
from bot.ui.discord.actions import Action, decode
from bot.ui.discord.layout import COLOURS, colour_of, draw_card, make_classic_view, make_view
from bot.ui.discord.limits import BYTES_A_TEXT, DISPLAYED_BYTES, length
from bot.ui.discord.markdown import clean_url
from bot.ui.discord.pages import Text
from bot.ui.discord.pictures import shown_url
from tests.loopback.discord_limits import COMPONENTS_V2, check_message, judge_by_document, walk_components
from tests.test_markdown import PARTS, TEXTS, holds_in_order, letters, shown, written

Json = dict[str, Any]
PAPER = Request(command=Command.PAPER, review_id=7, check="Ab_-19")
COVER, OTHER = "https://a.example/cover.png", "https://a.example/other.png"
ROW, BUTTON, MENU, SECTION, TEXT, THUMBNAIL, GALLERY, CONTAINER = 1, 2, 3, 9, 10, 11, 12, 17
"""Types of components."""


def paragraph(text: str) -> Part:
    return (Block(kind=BlockKind.PARAGRAPH, spans=(Span(text=text),)),)


def figure(url: str, caption: str = "", href: str | None = None) -> Block:
    return Block(kind=BlockKind.FIGURE, url=url, spans=(Span(text=caption, href=href),) if caption else ())


def section(number: int) -> Choice:
    return Choice(label=f"Part {number}", request=replace(PAPER, command=Command.SECTION, position=number))


LONG = tuple(paragraph(f"{number} " + "word " * 120) for number in range(12))
FULL = Card(
    tone=Tone.FOUND,
    title="InsTag",
    subtitle="Instruction Tagging",
    facts="ICLR 2024 · 3 min",
    parts=(paragraph("first"), paragraph("second")),
    picture=Picture(url=COVER, caption="What it shows"),
    choices=(section(1), section(2)),
    invitation="Sections",
    buttons=(Choice(label="Related", request=replace(PAPER, command=Command.RELATED)),),
    links=(Link(label="Review", url="https://a.example/review"),),
    back=Choice(label="Back", request=Request(command=Command.SEARCH, query="x")),
    request=PAPER,
    footer="LLM · Data",
)


async def components(card: Card, number: int = 0, **how: Any) -> list[Json]:
    return sent(make_view(draw_card(card), number, **({"is_public": True} | how)))


def sent(view: Any) -> list[Json]:
    """The components as they are sent."""
    found: list[Json] = view.to_components()
    return found


def asked(custom_id: str) -> Request:
    action = decode(custom_id)
    assert isinstance(action, Action)
    return action.request


def labels(parts: list[Json]) -> list[str]:
    return [c["label"] for _, c in walk_components(parts) if c["type"] == BUTTON]


def texts(parts: list[Json]) -> list[str]:
    return [c["content"] for _, c in walk_components(parts) if c["type"] == TEXT]


def pictures(parts: list[Json]) -> list[str]:
    shown_in = [item for _, c in walk_components(parts) for item in c.get("items", ())]
    shown_in += [c for _, c in walk_components(parts) if c["type"] == THUMBNAIL]
    return [item["media"]["url"] for item in shown_in]


async def test_a_card_from_top_to_bottom() -> None:
    """Name, facts, text, picture, menu, buttons with the links last, footer."""
    parts = await components(FULL, is_shareable=True)
    assert [part["type"] for part in parts] == [TEXT, TEXT, GALLERY, ROW, ROW, TEXT]
    assert parts[0]["content"] == "## InsTag\n-# Instruction Tagging\nICLR 2024 · 3 min"
    assert parts[1]["content"] == "first\n\nsecond"
    assert parts[2]["items"][0]["description"] == "What it shows"
    menu = parts[3]["components"][0]
    assert (menu["placeholder"], [option["label"] for option in menu["options"]]) == (
        "Sections",
        ["Part 1", "Part 2"],
    )
    assert labels(parts) == ["Back", "Related", "Show in channel", "Review"]
    assert parts[-1]["content"] == "-# LLM · Data"


async def test_a_private_card_has_its_colour_and_a_public_one_no_container() -> None:
    (container,) = await components(FULL, is_public=False)
    assert (container["type"], container["accent_color"]) == (CONTAINER, COLOURS[Tone.FOUND].value)
    assert CONTAINER not in [c["type"] for _, c in walk_components(await components(FULL))]


def test_colours_by_key_stay_and_misses_keep_their_own() -> None:
    news = Card(tone=Tone.NEWS, title="t", colour_key="https://a.example/feed.xml")
    assert colour_of(news) == colour_of(replace(news, title="another"))
    assert len({colour_of(replace(news, colour_key=f"feed {number}")).value for number in range(40)}) > 4
    assert colour_of(replace(news, tone=Tone.MISSING)) == COLOURS[Tone.MISSING]


async def test_foreign_text_is_never_markup() -> None:
    """A masked link, a heading, a mention."""
    evil = "[x](https://a.example) # @everyone <@1> **b**"
    card = Card(tone=Tone.FOUND, title=evil, subtitle=evil, facts=f"# {evil}", footer=evil)
    for text in texts(await components(card)):
        assert "](http" not in text
        assert not re.search(r"(?<!\\)\*\*|(?<!\\)<@|@everyone|^# ", text, flags=re.MULTILINE)


async def test_figures_stand_at_their_place() -> None:
    """Neighbours together; a caption is the picture's description, and no text of the page."""
    parts: tuple[Part, ...] = (
        *(paragraph("one"), (figure(COVER, "The cover"), figure(OTHER)), paragraph("two")),
        ((figure("https://a.example/drawing.svg", "A drawing")),),
    )
    drawn = await components(Card(tone=Tone.FOUND, title="t", parts=parts))
    assert [part["type"] for part in drawn] == [TEXT, TEXT, GALLERY, TEXT]
    assert [item.get("description") for item in drawn[2]["items"]] == ["The cover", None]
    assert drawn[1]["content"] == "one"
    assert drawn[3]["content"] == "two\n\n🖼️ [figure](https://a.example/drawing.svg) – A drawing"


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/x.svg", "data:image/png;base64,AAAA", "http://localhost/x.png", "http://10.0.0.1/x.png",
        "https://a.example/" + "x" * 3_000, "ftp://a.example/x.png", "http://[x", "",
    ],
)  # fmt: skip
async def test_a_picture_that_cannot_be_shown_is_a_link_or_its_caption(url: str) -> None:
    """One bad picture loses no card."""
    assert not shown_url(url)
    card = Card(tone=Tone.FOUND, title="t", parts=((figure(url, "What it was"),),), picture=Picture(url=url))
    drawn = await components(card)
    assert pictures(drawn) == []
    assert "What it was" in "\n".join(texts(drawn))


async def test_a_caption_that_a_description_cannot_hold_is_text() -> None:
    """Because it is too long, or holds a link; then it stands there once."""
    for caption in (figure(COVER, "word " * 300), figure(COVER, "see here", href=OTHER)):
        drawn = await components(Card(tone=Tone.FOUND, title="t", parts=((caption,),)))
        (gallery,) = [c for c in drawn if c["type"] == GALLERY]
        assert "description" not in gallery["items"][0]
        assert letters(caption.text) in letters("".join(texts(drawn)))


async def test_a_picture_is_small_where_there_is_much_text_and_shown_once() -> None:
    long = replace(FULL, parts=LONG)
    first, second = await components(long), await components(long, 1)
    assert first[0]["accessory"]["media"]["url"] == COVER
    assert pictures(first) == [COVER]
    assert pictures(second) == []
    assert texts(second)[0] == "## InsTag"
    again = await components(replace(FULL, parts=((figure(COVER),),)))
    assert pictures(again) == [COVER]


async def test_a_part_has_its_button_beside_it() -> None:
    """Also one that is split: beside its beginning."""
    card = replace(
        FULL,
        picture=None,
        parts=(paragraph("lead"), paragraph("hit"), *LONG[:1]),
        opens=(None, section(3), section(4)),
    )
    drawn = await components(card)
    sections = [part for part in drawn if part["type"] == SECTION]
    assert [part["components"][0]["content"][:3] for part in sections] == ["hit", "0 w"]
    assert [decode(part["accessory"]["custom_id"]) for part in sections] != [None, None]
    assert [part["accessory"]["label"] for part in sections] == ["Part 3", "Part 4"]


async def test_ids_of_a_message_differ_though_they_do_the_same() -> None:
    """The same section beside a hit, as a button and as what follows."""
    card = replace(FULL, opens=(section(1),), buttons=(section(1), section(1)), following=section(1).request)
    found = [c["custom_id"] for _, c in walk_components(await components(card)) if c.get("custom_id")]
    assert len(found) == len(set(found))
    same = [decode(one) for one in found if one.startswith("n1:s")]
    assert len(same) == 4
    assert {action.request for action in same if isinstance(action, Action)} == {section(1).request}


async def test_arrows_lead_through_the_pages_and_on() -> None:
    """Then to what is before and after the card; where there is nothing, the arrow is off; alone, there is none."""
    card = replace(FULL, parts=LONG, previous=section(1).request, following=section(3).request)
    count = len(draw_card(card).pages)
    assert count > 2

    async def arrows(number: int, of: Card = card) -> list[Request | None]:
        drawn = [c for _, c in walk_components(await components(of, number)) if c.get("label") in ("◀", "▶")]
        return [None if c["disabled"] else asked(c["custom_id"]) for c in drawn]

    assert await arrows(0) == [section(1).request, replace(PAPER, page=1)]
    assert await arrows(1) == [PAPER, replace(PAPER, page=2)]
    assert await arrows(count - 1) == [replace(PAPER, page=count - 2), section(3).request]
    assert await arrows(99) == await arrows(count - 1)
    assert await arrows(0, replace(FULL, parts=LONG)) == [None, replace(PAPER, page=1)]
    assert await arrows(0, FULL) == []
    assert texts(await components(card, 1))[-1] == f"-# page 2/{count} · LLM · Data"


async def test_what_no_id_can_hold_is_not_offered() -> None:
    """Neither in the menu nor as a button."""
    endless = Choice(label="Search", request=Request(command=Command.SEARCH, query="가" * 200))
    card = replace(FULL, choices=(endless,), buttons=(endless,), back=endless, opens=(endless,), request=None)
    drawn = await components(card, is_shareable=True)
    assert labels(drawn) == ["Review"]
    assert MENU not in [c["type"] for _, c in walk_components(drawn)]


async def test_the_card_s_own_address_is_a_button_where_it_has_no_links() -> None:
    card = replace(FULL, links=(), url="https://a.example/review")
    assert labels(await components(card))[-1] == "Read the review"
    assert "Read the review" not in labels(await components(replace(card, url="https://a.example/" + "x" * 600)))


async def test_under_an_embed_the_first_link_is_the_card_s_own() -> None:
    """By it the message is recognised."""
    links = (Link(label="PDF", url="https://a.example/pdf"), Link(label="Review", url="https://a.example/review"))
    view = make_classic_view(replace(FULL, links=links, url="https://a.example/review"))
    assert view is not None
    rows = sent(view)
    assert check_message({"components": rows, "content": "x"}) == []
    assert labels(rows) == ["Related", "Review", "PDF"]
    alone = make_classic_view(Card(tone=Tone.NEWS, title="t", url="https://a.example/review"))
    assert alone is not None
    assert labels(sent(alone)) == ["Read the review"]
    assert make_classic_view(Card(tone=Tone.NEWS, title="t")) is None
    assert make_classic_view(Card(tone=Tone.NEWS, title="t", links=links)) is None
    assert make_classic_view(Card(tone=Tone.NEWS, title="t", links=links, url="http://intranet/42")) is None


# ── any card ────────────────────────────────────────────────────────────────────────────────────

REQUESTS = st.builds(
    Request,
    command=st.sampled_from(Command),
    query=st.sampled_from(["", "x", "가" * 90]),
    review_id=st.none() | st.integers(0, 2**53),
    position=st.none() | st.integers(0, 400),
    check=st.sampled_from([None, "Ab_-19"]),
)
CHOICES = st.builds(Choice, label=TEXTS, request=REQUESTS, description=st.none() | TEXTS)
URLS = st.sampled_from(
    [COVER, OTHER, "https://a.example/" + "q" * 480, "https://a.example/" + "q" * 1_500, "bad", ""]
)
HANGUL = st.integers(1, 9_000).map(lambda count: paragraph("환각은 언어모델의 " * (count // 9)))
FIGURES = st.lists(st.builds(figure, URLS, TEXTS), max_size=25).map(tuple)
CARDS = st.builds(
    Card,
    tone=st.sampled_from(Tone),
    title=TEXTS,
    subtitle=st.none() | TEXTS,
    facts=st.none() | TEXTS,
    url=st.none() | URLS,
    parts=st.one_of(PARTS, st.lists(HANGUL | FIGURES, max_size=30)).map(tuple),
    opens=st.lists(st.none() | CHOICES, max_size=30).map(tuple),
    picture=st.none() | st.builds(Picture, url=URLS, caption=TEXTS),
    choices=st.lists(CHOICES, max_size=30).map(tuple),
    invitation=st.none() | TEXTS,
    buttons=st.lists(CHOICES, max_size=6).map(tuple),
    links=st.lists(st.builds(Link, label=TEXTS, url=URLS), max_size=6).map(tuple),
    back=st.none() | CHOICES,
    previous=st.none() | REQUESTS,
    following=st.none() | REQUESTS,
    request=st.none() | REQUESTS,
    footer=st.none() | TEXTS,
    colour_key=st.none() | TEXTS,
)


def showable(part: Part) -> list[str]:
    urls = [clean_url(block.url) for block in part if block.kind is BlockKind.FIGURE]
    return [url for url in urls if url and shown_url(url)]


@settings(max_examples=80)
@given(card=CARDS, is_public=st.booleans())
async def test_any_card_is_taken_and_whole(card: Card, is_public: bool) -> None:
    """Every page within all limits, every letter once and in order, every figure."""
    drawn = draw_card(card)
    seen: list[str] = []
    read = ""
    for number, page in enumerate(drawn.pages):
        view = make_view(drawn, number, is_public=is_public, is_shareable=True, note="Shared by <@1>")
        body: Json = {"flags": COMPONENTS_V2, "components": sent(view)}
        assert check_message(body) == []
        assert judge_by_document("MessageCreateRequest", body) == []
        said = texts(body["components"])
        assert sum(map(length, said)) <= 4_000
        assert sum(len(text.encode()) + BYTES_A_TEXT for text in said) <= DISPLAYED_BYTES
        assert len(list(walk_components(body["components"]))) <= 40
        for run in page.runs:
            read += (
                shown(run.markdown) if hasattr(run, "markdown") else "".join(letters(f.caption) for f in run.figures)
            )
        seen += [f.url for f in page.figures]
        assert set(pictures(body["components"])) >= {f.url for f in page.figures}
    assert seen == [url for part in card.parts for url in showable(part)]
    assert holds_in_order("".join(written(block) for part in card.parts for block in part), read)


WORDS = st.lists(
    st.sampled_from(["환각은", "word", "언어모델의", "sentence.", "문장이다.", "🟩가", "e\u0301"]), max_size=900
)
PROSE = st.lists(
    WORDS.map(" ".join).map(paragraph)
    | st.builds(figure, st.sampled_from([COVER, OTHER]), WORDS.map(" ".join)).map(lambda f: (f,)),
    max_size=12,
).map(tuple)


@settings(max_examples=60)
@given(parts=PROSE, button=st.none() | st.just(section(1)))
def test_prose_is_read_once(parts: tuple[Part, ...], button: Choice | None) -> None:
    """Korean, English and mixed, over any number of pages: no character is lost or doubled."""
    pages = draw_card(Card(tone=Tone.FOUND, title="t", parts=parts, opens=(button,) * len(parts))).pages
    read = [
        run.markdown if isinstance(run, Text) else "".join(f.caption for f in run.figures)
        for p in pages
        for run in p.runs
    ]
    wanted = "".join(block.text for part in parts for block in part)
    assert letters("".join(read)) == letters(wanted)
