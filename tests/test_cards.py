"""Cards: what is said of a review, how much of it a phone shows at once, and where what is pressed leads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.answers import label_of, make_card
from bot.cards.card import Card, Choice, join_spans
from bot.cards.reviews import announcement, headings_above, neighbours
from bot.cards.words import LINE, cut_around, cut_at_clause, heading_of, lines_of, width_of
from bot.models.answers import (
    Answer,
    EmptyCache,
    Gone,
    Help,
    Latest,
    NoSuchSection,
    NothingFound,
    NotReviewed,
    PaperFound,
    PapersListed,
    RelatedFound,
    SearchFound,
    SectionFound,
    subtree,
)
from bot.models.feeds import Extent, FeedState
from bot.models.requests import EVERYTHING, HITS_A_CARD, Audience, Command, Place, Request
from bot.models.reviews import (
    Block,
    BlockKind,
    Mark,
    Review,
    ReviewHead,
    ReviewLabel,
    Section,
    Span,
    StoredReview,
    check_of,
)
from bot.reviews.parsing import parse_review
from tests.factories import make_entry
from tests.test_searcher import Harbour, make_post, open_harbour

SEEN = datetime(2024, 5, 1, tzinfo=UTC)


def stored_of(review: Review | None = None) -> StoredReview:
    return StoredReview(id=7, feed_url="a feed", review=review or parse_review(make_entry(1)), first_seen_at=SEEN)


def paragraph(*spans: Span | str, kind: BlockKind = BlockKind.PARAGRAPH) -> Block:
    return Block(kind=kind, spans=tuple(Span(text=span) if isinstance(span, str) else span for span in spans))


def marked(text: str, mark: Mark) -> Span:
    return Span(text=text, marks=frozenset((mark,)))


def section(heading: str | None, *blocks: Block, depth: int = 1) -> Section:
    return Section(depth=depth, number=None, heading=heading, blocks=blocks)


def review_with(*sections: Section, title: str = "A Paper", **fields: Any) -> Review:
    made = Review(guid="g", link="https://one.test/a", title=title, clean_title=title, sections=sections)
    return replace(made, **fields)


def paper(*sections: Section, **fields: Any) -> Card:
    return make_card(PaperFound(stored=stored_of(review_with(*sections, **fields))))


def texts(card: Card) -> list[str]:
    return [block.text for part in card.parts for block in part]


def pressed(card: Card) -> list[Request]:
    """Every request that a card can send."""
    choices = [*card.choices, *card.buttons, *filter(None, card.opens), *filter(None, [card.back])]
    return [*(choice.request for choice in choices), *filter(None, [card.previous, card.following, card.request])]


# ── cutting ─────────────────────────────────────────────────────────────────────────────────────


def test_a_sentence_is_cut_behind_a_clause() -> None:
    text = "긴 문서에서는 가운데 문단을 놓치기 쉬우며, 이 방법은 모든 문단을 두 번 읽어서 가운데도 놓치지 않는다."
    assert join_spans(cut_at_clause([Span(text=text)], 2 * LINE)) == text[: text.index(" 가운데도")] + "…"
    assert join_spans(cut_at_clause([Span(text=text)], LINE + 60)) == text[: text.index(",")] + "…"
    assert join_spans(cut_at_clause([Span(text="Short.")], LINE)) == "Short."


def test_a_cut_keeps_marks_and_leaves_a_formula_out_whole() -> None:
    formula = Span(text="$L = L_r + \\lambda L_s$", marks=frozenset((Mark.MATH,)))
    spans = (Span(text="The loss of this method is "), formula, Span(text=" where both terms count."))
    short, whole = (cut_at_clause(spans, width) for width in (width_of("The loss of this method is $L"), 3 * LINE))
    assert short == (Span(text="The loss of this method is"), Span(text="…"))
    assert whole == spans


def test_nothing_is_left_of_a_text_that_begins_with_too_long_a_link() -> None:
    """Half a link would lead somewhere else than it says."""
    linked = (Span(text="half " * 20, href="https://one.test"), marked("and " * 20, Mark.BOLD))
    assert cut_at_clause((replace(linked[0], text="word " * 40), linked[1]), LINE) == ()


def test_a_passage_is_cut_around_its_match() -> None:
    """The match and a few words before it are shown, however far into the passage it is."""
    match = marked("lantern", Mark.MATCH)
    early = (Span(text="A "), match, Span(text=" is lit twice. " * 20))
    late = (Span(text="It is dark at night. " * 10), match, Span(text=" is lit twice. " * 20))
    assert join_spans(cut_around(early, Mark.MATCH, LINE)).startswith("A lantern is lit")
    cut = cut_around(late, Mark.MATCH, LINE)
    assert match in cut
    assert join_spans(cut).startswith("… ")
    assert "night. lantern is lit" in join_spans(cut)
    assert width_of(join_spans(cut)) <= LINE


SPANS = st.builds(
    Span,
    text=st.text(alphabet="ab,. 가나다고지만\n$", max_size=60),
    marks=st.frozensets(st.sampled_from([Mark.BOLD, Mark.MATH, Mark.CODE, Mark.HIGHLIGHT]), max_size=2),
    href=st.sampled_from([None, None, None, "https://one.test/", "https://two.test/"]),
)


@given(spans=st.lists(SPANS, max_size=6), width=st.integers(20, 2 * LINE))
def test_a_cut_is_a_beginning_that_fits(spans: list[Span], width: int) -> None:
    """It is never wider than asked, never another text, and has no part of a formula, of code or of a link."""
    whole, cut = cut_at_clause(spans, 10**6), cut_at_clause(spans, width)
    text, kept = join_spans(whole), join_spans(cut)
    assert " ".join(text.split()) == " ".join("".join(span.text for span in spans).split())
    assert width_of(kept) <= width
    if kept == text:
        return
    assert not cut or cut[-1] == Span(text="…")
    begun = cut[:-1]
    assert text.startswith(join_spans(begun))
    for position, span in enumerate(begun):
        if span.href is not None or {Mark.MATH, Mark.CODE} & span.marks:
            assert span == whole[position]
    last = begun[-1].href if begun else None
    assert last is None or len(begun) == len(whole) or whole[len(begun)].href != last, "half a link"


@given(spans=st.lists(SPANS, max_size=6), at=st.integers(0, 6), width=st.integers(60, 2 * LINE))
def test_a_cut_around_a_match_fits_and_holds_its_beginning(spans: list[Span], at: int, width: int) -> None:
    match = marked("x", Mark.MATCH)
    cut = cut_around([*spans[:at], match, *spans[at:]], Mark.MATCH, width)
    assert width_of(join_spans(cut)) <= width
    assert not cut or match in cut


@pytest.mark.parametrize(
    ("heading", "shown"),
    [
        ("3. The $\\alpha_i$ of $\\mathbb{R}$", "3. The αᵢ of ℝ"),
        ("Costs $5 and $6 a lamp", "Costs $5 and $6 a lamp"),
        ("3. $\\unheardof{x}$", "3. $\\unheardof{x}$"),
        (None, ""),
    ],
)
def test_a_heading_s_formulas_are_readable(heading: str | None, shown: str) -> None:
    assert heading_of(heading) == shown


# ── the paper ───────────────────────────────────────────────────────────────────────────────────

GAP = "Earlier retrievers lose the paragraphs in the middle of a long document."
POINT = "Reading twice finds the paragraphs that other methods lose."


def test_a_paper_s_card_has_its_name_its_facts_and_its_links() -> None:
    card = make_card(PaperFound(stored=stored_of()))
    assert (card.title, card.subtitle) == ("Lantern-1", "Lantern-1: Reading Long Documents Twice")
    assert card.facts == "ACL 2024 · 2024-01-02 · reviews.example · 1 min"
    assert [link.label for link in card.links] == ["Read the review", "Paper", "Code"]
    assert card.picture is not None
    assert card.colour_key == "a feed"
    assert [choice.label for choice in card.buttons] == ["Related"]
    assert card.request == Request(command=Command.PAPER, review_id=7, check=stored_of().check)


def test_without_a_short_name_the_title_stands_once() -> None:
    card = paper(title="On Reading")
    assert (card.title, card.subtitle) == ("On Reading", None)


@pytest.mark.parametrize(
    ("count", "said"), [(1, "A1"), (3, "A1, A2, A3"), (4, "A1, A2, A3 and 1 other"), (10, "A1, A2, A3 and 7 others")]
)
def test_only_the_first_authors_are_named(count: int, said: str) -> None:
    card = paper(authors=tuple(f"A{number}" for number in range(1, count + 1)))
    assert card.parts[0][0] == Block(kind=BlockKind.SMALL, spans=(Span(text=said),))


def test_a_gap_is_said_only_where_the_reviewer_marked_one() -> None:
    highlight = section("Intro", paragraph("Text. ", marked(POINT, Mark.HIGHLIGHT)))
    assert texts(paper(highlight)) == ["Highlights", POINT]
    gap = section("Method", paragraph(marked(GAP, Mark.GAP)))
    assert texts(paper(highlight, gap)) == ["Gap", GAP, "Highlights", POINT]


def test_marked_words_are_not_points_and_marks_are_not_drawn_again() -> None:
    """A highlighted word is emphasis. In a card of highlights, nothing is highlighted."""
    word = section("Intro", paragraph(marked("twice", Mark.HIGHLIGHT), " is enough, says the first paragraph here."))
    (part,) = paper(word).parts
    assert [block.text for block in part] == ["twice is enough, says the first paragraph here."]
    (part,) = paper(section("Intro", paragraph(marked(POINT, Mark.HIGHLIGHT)))).parts
    assert part[1].spans == (Span(text=POINT),)


def test_a_long_point_is_cut_to_two_lines() -> None:
    long = "This is a clause of some length, " * 6 + "and this is its end."
    (_, point) = texts(paper(section("Intro", paragraph(marked(long, Mark.HIGHLIGHT)))))
    assert lines_of(point) == 2
    assert long.startswith(point.removesuffix("…"))


def test_the_contents_are_in_the_menu_and_nowhere_else() -> None:
    sections = [section(f"{number}. Part", paragraph("Text.")) for number in range(1, 41)]
    card = paper(*sections)
    assert [choice.label for choice in card.choices] == [f"{number}. Part" for number in range(1, 26)]
    assert not any("Part" in text for text in texts(card))


def test_other_reviews_of_a_paper_are_counted_and_offered(three_reviews: PaperFound) -> None:
    card = make_card(three_reviews)
    assert "3 reviews of this paper" in texts(card)
    assert [choice.request.review_id for choice in card.choices[-2:]] == [head.id for head in three_reviews.also]


@pytest.fixture
def three_reviews() -> PaperFound:
    review = parse_review(make_entry(2))
    heads = tuple(
        head_of(replace(stored_of(replace(review, link=f"https://{number}.test/")), id=number)) for number in (8, 9)
    )
    return PaperFound(stored=stored_of(), also=heads)


def head_of(stored: StoredReview):  # type: ignore[no-untyped-def]

    review = stored.review
    return ReviewHead(
        id=stored.id, feed_url=stored.feed_url, guid=review.guid, link=review.link, title=review.title,
        clean_title=review.clean_title, short_name=review.short_name, venue=review.venue, year=review.year,
        authors=review.authors, categories=(), identifiers=review.identifiers, date=SEEN, characters=1,
    )  # fmt: skip


def height_of(card: Card) -> int:
    """The height of a paper's card on a phone from its top through its menu, in pixels, by an own account."""
    kinds = {BlockKind.SMALL: (0.85, 20)}
    blocks = [(block.text, *kinds.get(block.kind, (1.0, 22))) for part in card.parts for block in part]
    lines = [(card.title, 1.4, 28), (card.subtitle or "", 0.85, 20), (card.facts or "", 1.0, 22), *blocks]
    return sum(lines_of(text, scale=scale) * px for text, scale, px in lines) + 200 * bool(card.picture) + 56


@given(
    title=st.text(alphabet="ab 가나", min_size=1, max_size=150),
    short_name=st.none() | st.text(alphabet="abC", min_size=1, max_size=20),
    authors=st.lists(st.text(alphabet="ab 가나", min_size=1, max_size=60), max_size=9),
    points=st.lists(st.text(alphabet="ab, 가나다", min_size=40, max_size=300), max_size=6),
    gap=st.none() | st.text(alphabet="ab, 가나다", min_size=40, max_size=300),
    has_figure=st.booleans(),
)
def test_a_paper_s_card_fits_a_phone(
    title: str, short_name: str | None, authors: list[str], points: list[str], gap: str | None, *, has_figure: bool
) -> None:
    """Whatever its names and marks, its menu is in sight, and it says at least one thing of the paper."""
    figure = Block(kind=BlockKind.FIGURE, url="https://one.test/1.png")
    sections = [section(f"{n}", paragraph(marked(f"{text}.", Mark.HIGHLIGHT))) for n, text in enumerate(points)]
    if gap:
        sections.append(section("gap", paragraph(marked(f"{gap}.", Mark.GAP))))
    sections.append(section("last", paragraph("가나다 " * 200), *([figure] if has_figure else [])))
    card = paper(*sections, title=title, short_name=short_name, authors=tuple(authors), venue="NeurIPS", year=2024)
    assert height_of(card) <= 600
    assert any(block.kind is not BlockKind.SMALL for part in card.parts for block in part)


def test_the_beginning_of_an_abstract_is_three_lines() -> None:
    abstract = section("Abstract", paragraph("첫 문장은 짧다. "), paragraph("두 번째 문장은 훨씬 더 길어서, " * 12))
    (part,) = paper(section(None, paragraph("Before."), depth=0), abstract).parts
    assert [block.text[:4] for block in part] == ["첫 문장", "두 번째"]
    assert sum(lines_of(block.text) for block in part) == 3


def test_a_teaser_says_so() -> None:
    assert any("Only the beginning" in text for text in texts(paper(extent=Extent.TEASER)))
    assert not any("page" in text for text in texts(paper(extent=Extent.PAGE)))


def test_a_site_icon_stands_for_no_review() -> None:
    icon = Block(kind=BlockKind.FIGURE, url="https://one.test/favicon.png")
    assert paper(section("Intro", icon)).picture is None


# ── sections ────────────────────────────────────────────────────────────────────────────────────

OUTLINE = (
    section(None, paragraph("Before."), depth=0),
    section("1. Intro", paragraph("One.")),
    section("2. Method"),
    section("2.1. Setup", paragraph("Two."), depth=2),
    section("2.1.1. Data", paragraph("Deep."), depth=3),
    section("2.2. Loss", paragraph("Three."), depth=2),
    section("3. End", paragraph("Four.")),
)


def section_at(position: int, **fields: Any) -> Card:
    stored = stored_of(review_with(*OUTLINE, short_name="Otter"))
    answer = SectionFound(stored=stored, positions=subtree(OUTLINE, position))
    return make_card(replace(answer, **fields))


@pytest.mark.parametrize(
    ("position", "beside"),
    [(0, (None, 1)), (1, (0, 2)), (2, (1, 6)), (3, (2, 5)), (4, (3, 5)), (5, (3, 6)), (6, (2, None))],
)
def test_sections_lead_to_their_neighbours(position: int, beside: tuple[int | None, int | None]) -> None:
    """Forwards behind everything that is shown, and backwards to what was shown before."""
    assert neighbours(OUTLINE, subtree(OUTLINE, position)) == beside
    card = section_at(position)
    assert tuple(request and request.position for request in (card.previous, card.following)) == beside


def test_going_through_the_sections_shows_all_of_them() -> None:
    seen: list[str] = []
    card = section_at(0)
    while True:
        seen += texts(card)
        if card.following is None:
            break
        card = section_at(card.following.position or 0)
    assert [text for text in seen if text.endswith(".") and text[0].isalpha()] == [
        "Before.", "One.", "Two.", "Deep.", "Three.", "Four."
    ]  # fmt: skip


def test_a_section_says_where_it_stands() -> None:
    assert headings_above(OUTLINE, 4) == ("2. Method", "2.1. Setup")
    card = section_at(4)
    assert (card.title, card.subtitle) == ("2.1.1. Data", "Otter › 2. Method › 2.1. Setup")
    assert [link.label for link in card.links] == ["Read here"]
    assert "Data" in card.links[0].url
    assert card.back is not None
    assert (card.back.label, card.back.request.command) == ("Back to the paper", Command.PAPER)


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ([paragraph("Plain.")], None),
        ([paragraph("It is ", marked("robust", Mark.HIGHLIGHT), ".")], "marked by the reviewer"),
        ([paragraph(marked("It is not.", Mark.GAP))], "a gap, marked by the reviewer"),
        (
            [paragraph(marked("Yes.", Mark.HIGHLIGHT), marked("No.", Mark.GAP)), paragraph(marked("A", Mark.GAP))],
            "marked by the reviewer · a gap, marked by the reviewer",
        ),
        ([paragraph(marked("Heading", Mark.HIGHLIGHT), kind=BlockKind.PARAGRAPH_HEADING)], None),
        ([paragraph(marked("x = 1", Mark.HIGHLIGHT), kind=BlockKind.CODE)], None),
    ],
)
def test_a_section_says_once_what_its_marks_mean(blocks: list[Block], said: str | None) -> None:
    """At the end, in the marks themselves, so that every front end draws the very signs; only where there are any."""
    outline = (section("1. Intro", *blocks), section("1.1. More", *blocks, depth=2))
    card = make_card(SectionFound(stored=stored_of(review_with(*outline)), positions=(0, 1)))
    small = [block for part in card.parts for block in part if block.kind is BlockKind.SMALL]
    assert [block.text for block in small] == ([said] if said else [])
    if said:
        assert card.parts[-1] == (small[0],)
        assert {mark for span in small[0].spans for mark in span.marks} == {
            mark for block in blocks for span in block.spans for mark in span.marks
        }


def test_a_section_that_is_only_near_stays_private() -> None:
    card = section_at(1, is_sure=False, note="This one comes closest.")
    assert card.is_private
    assert card.parts[0] == (Block(kind=BlockKind.SMALL, spans=(Span(text="This one comes closest."),)),)


def test_a_missing_section_is_offered_where_it_is_mentioned() -> None:
    stored = stored_of(review_with(*OUTLINE))
    card = make_card(NoSuchSection(stored=stored, asked="Loss", mentioned=(1, 5)))
    opened = [choice.request.position for choice in card.opens if choice]
    assert opened == [1, 5]
    assert len(card.opens) == len(card.parts)
    assert [text for text in texts(card) if text in {"1. Intro", "2.2. Loss"}] == ["1. Intro", "2.2. Loss"]


# ── announcements ───────────────────────────────────────────────────────────────────────────────


def test_an_announcement_has_a_menu_that_goes_on_working() -> None:
    card = announcement(stored_of())
    assert card.title == "Lantern-1: Reading Long Documents Twice"
    assert card.choices
    assert {request.check for request in pressed(card)} == {stored_of().check}
    assert card.picture
    compact = announcement(stored_of(), is_compact=True)
    assert compact.picture is None
    assert (compact.choices, compact.links) == (card.choices, card.links)
    assert len(compact.parts) < len(card.parts)


# ── names in a menu ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("short_name", "venue", "label"),
    [
        ("InsTag", "ICLR", "InsTag · ICLR 2024 · Instruction Tagging"),
        ("InsTag", None, "InsTag · 2024 · Instruction Tagging"),
        (None, "ICLR", "Instruction Tagging · ICLR 2024"),
    ],
)
def test_a_label_begins_with_the_short_name_and_the_venue(
    short_name: str | None, venue: str | None, label: str
) -> None:
    """A phone shows about 35 characters of a suggestion."""
    made = ReviewLabel(
        id=1, link="", clean_title="Instruction Tagging", short_name=short_name, venue=venue, year=2024
    )
    assert label_of(made) == label


@given(title=st.text(max_size=200), name=st.none() | st.text(max_size=60), limit=st.integers(20, 100))
def test_a_label_is_never_too_long(title: str, name: str | None, limit: int) -> None:
    made = ReviewLabel(id=1, link="", clean_title=title, short_name=name, venue="NeurIPS", year=2024)
    assert len(label_of(made, limit)) <= limit


# ── from a service ──────────────────────────────────────────────────────────────────────────────

on_a_shelf = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shelf(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Harbour]:
    posts = [
        make_post(
            f"[ICLR 2024] Heron{number}: Waiting for Fish",
            day=f"2024-{1 + number // 28:02}-{1 + number % 28:02}",
            abstract="Herons stand in the reeds." if number % 5 else "A kingfisher is faster.",
            categories=("birds",),
        )
        for number in range(60)
    ]
    async for opened in open_harbour(tmp_path_factory.mktemp("cards"), posts):
        yield opened


async def ask(shelf: Harbour, request: Request) -> Answer:
    return await shelf.service.answering.answer(request, EVERYTHING)


async def turn(shelf: Harbour, request: Request | None) -> list[list[int]]:
    """The reviews of a list, page by page."""
    pages: list[list[int]] = []
    while request:
        answer = await ask(shelf, request)
        card = make_card(answer)
        choices = [choice for choice in (*card.opens, *card.choices) if choice]
        pages.append([choice.request.review_id or 0 for choice in choices])
        if card.previous:
            assert make_card(await ask(shelf, card.previous)).following == request
        request = card.following
    return pages


@on_a_shelf
@pytest.mark.parametrize(
    "request_",
    [
        Request(command=Command.SEARCH, query="heron reeds", limit=HITS_A_CARD),
        Request(command=Command.SEARCH, query="kingfisher sort:new", limit=HITS_A_CARD),
        Request(command=Command.SEARCH, query="venue:iclr", limit=HITS_A_CARD),
        Request(command=Command.LATEST),
        Request(command=Command.PAPER, query="birds"),
    ],
    ids=lambda request: f"{request.command} {request.query}",
)
async def test_every_list_can_be_paged_to_its_end_and_back(shelf: Harbour, request_: Request) -> None:
    """No review is left out or shown twice."""
    pages = await turn(shelf, request_)
    listed = [review_id for page in pages for review_id in page]
    assert len(listed) == len(set(listed)) == {"heron reeds": 48, "kingfisher sort:new": 12}.get(request_.query, 60)
    assert all(len(page) == request_.limit for page in pages[:-1])


@on_a_shelf
async def test_the_pages_of_a_search_are_one_ranking(shelf: Harbour) -> None:
    """However far it is paged, its first answers stay the same."""
    query = "heron reeds kingfisher"
    long, short = [await ask(shelf, Request(command=Command.SEARCH, query=query, limit=limit)) for limit in (40, 10)]
    assert isinstance(long, SearchFound)
    assert isinstance(short, SearchFound)
    assert [hit.head.id for hit in long.hits][:10] == [hit.head.id for hit in short.hits]


@on_a_shelf
@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("kingfisher", "12 reviews on “kingfisher”"),
        ("waiting fish", "50 and more reviews on “waiting fish”"),
        ("heron7 kingfisher venue:iclr author:nobody", None),
    ],
)
async def test_a_search_says_how_many_there_are_in_truth(shelf: Harbour, query: str, title: str | None) -> None:
    answer = await ask(shelf, Request(command=Command.SEARCH, query=query, limit=HITS_A_CARD))
    if title is None:
        assert isinstance(answer, NothingFound)
        return
    card = make_card(answer)
    assert card.title == title
    assert len([choice for choice in card.opens if choice]) == HITS_A_CARD
    assert len(card.opens) == len(card.parts)


@on_a_shelf
async def test_a_hit_leads_to_its_section_and_back_to_the_results(shelf: Harbour) -> None:
    search = Request(command=Command.SEARCH, query="kingfisher", offset=5, limit=HITS_A_CARD)
    results = make_card(await ask(shelf, search))
    opened = next(choice for choice in results.opens if choice)
    card = make_card(await ask(shelf, opened.request))
    assert card.back == Choice(label="Back to the results", request=search)
    assert all(request.query == "kingfisher" for request in pressed(card))
    (to_paper,) = card.buttons
    assert make_card(await ask(shelf, to_paper.request)).back == card.back


@on_a_shelf
async def test_hits_have_no_links_and_mark_only_matches(shelf: Harbour) -> None:
    card = make_card(await ask(shelf, Request(command=Command.SEARCH, query="kingfisher", limit=1)))
    (name, *_, passage) = card.parts[0]
    spans = [span for block in card.parts[0] for span in block.spans]
    assert not any(span.href for span in spans)
    assert [span.text for span in passage.spans if span.marks == {Mark.MATCH}] == ["kingfisher"]
    assert name.text.startswith("1. Heron")


@on_a_shelf
@pytest.mark.parametrize("command", [Command.PAPER, Command.SECTION, Command.RELATED])
async def test_a_button_opens_its_own_review_or_none(shelf: Harbour, command: Command) -> None:
    """In a restored copy an id may be another review's; a deleted one has none."""
    right = Request(command=command, review_id=1, position=0, check=check_of(shelf.feeds[0], await guid(shelf)))
    assert isinstance(await ask(shelf, right), PaperFound | SectionFound | RelatedFound)
    assert await ask(shelf, replace(right, check="abcdef")) == Gone(is_other=True)
    assert await ask(shelf, replace(right, review_id=999)) == Gone()
    nobody = Audience(feeds=frozenset(), place=Place.SERVER)
    assert await shelf.service.answering.answer(right, nobody) == Gone()
    assert {make_card(Gone(is_other=other)).title for other in (True, False)} == {
        "This button has expired",
        "This review is no longer here",
    }


async def guid(shelf: Harbour) -> str:
    answer = await ask(shelf, Request(command=Command.PAPER, review_id=1))
    assert isinstance(answer, PaperFound)
    return answer.stored.review.guid


@on_a_shelf
async def test_a_section_that_is_no_longer_there_offers_the_others(shelf: Harbour) -> None:
    """A post that was shortened since its card was sent."""
    answer = await ask(shelf, Request(command=Command.SECTION, review_id=1, position=99))
    assert isinstance(answer, NoSuchSection)
    assert texts(make_card(answer))[0] == "Which section?"


@on_a_shelf
async def test_every_request_for_a_review_has_its_check(shelf: Harbour) -> None:
    asked = [
        Request(command=Command.PAPER, query="heron7"),
        Request(command=Command.SECTION, query="heron7 abstract"),
        Request(command=Command.SECTION, query="heron7 nothing of this name"),
        Request(command=Command.SEARCH, query="kingfisher"),
        Request(command=Command.RELATED, query="heron7"),
        Request(command=Command.LATEST),
        Request(command=Command.PAPER, query="birds"),
        Request(command=Command.PAPER, query="waiting fish"),
    ]
    for request in asked:
        sent = pressed(make_card(await ask(shelf, request)))
        assert sent, request
        assert all((each.review_id is None) == (each.check is None) for each in sent), request


# ── what is not here, and help ──────────────────────────────────────────────────────────────────


def test_a_paper_that_is_not_reviewed_can_be_searched_for() -> None:
    (button,) = make_card(NotReviewed(query="QLoRA", reviews=3)).buttons
    assert (button.label, button.request) == ("Search the texts", Request(command=Command.SEARCH, query="QLoRA"))
    assert make_card(NotReviewed(query=" ", reviews=3)).buttons == ()


def test_a_member_s_help_is_four_things_to_type_and_the_feeds() -> None:
    feed = FeedState(id=1, url="https://one.test/feed", title="A blog", first_read_at=SEEN)
    card = make_card(Help(reviews=3, feeds=(feed,), place=Place.SERVER))
    commands = [
        span.text for part in card.parts for block in part for span in block.spans if Mark.COMMAND in span.marks
    ]
    assert commands == ["/paper", "/ask", "/search", "/latest"]
    assert texts(card)[-1] == "A blog – up to date"
    host = make_card(Help(reviews=3, feeds=(feed,), place=Place.TERMINAL))
    assert any(text.startswith("/section") for text in texts(host))


def test_lists_without_an_entry_and_an_empty_shelf_can_be_drawn() -> None:
    for answer in (
        EmptyCache(feeds=(), place=Place.DIRECT),
        Latest(heads=()),
        PapersListed(query="x", kind=None, named=("x",), heads=(), total=0),
        NothingFound(query="x", reviews=1),
    ):
        card = make_card(answer)
        assert card.title
        assert all(card.parts)
