"""Terminal: cards drawn as text, and nothing of an author's reaching the terminal as a command."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rich.console import Console

from bot.cards.card import Card, Choice, Link, Picture, Tone
from bot.models.checks import Check, CheckState
from bot.models.feeds import PollOutcome
from bot.models.requests import Command, Request, Unmatched
from bot.models.reviews import Block, BlockKind, Mark, Span
from bot.ui.terminal.drawing import (
    PIPE_WIDTH,
    QuietConsole,
    draw_block,
    draw_checks,
    draw_outcomes,
    draw_unmatched,
    open_console,
    outcome_line,
    place_numbers,
    pressable,
    print_card,
)

LONG_URL = "https://example.org/" + "figure/" * 30 + "1.png"


def _block(text: str, kind: BlockKind = BlockKind.PARAGRAPH, *marks: Mark, href: str | None = None) -> Block:
    return Block(kind=kind, spans=(Span(text=text, marks=frozenset(marks), href=href),))


def _card(*parts: tuple[Block, ...], choices: tuple[Choice, ...] = ()) -> Card:
    return Card(tone=Tone.FOUND, title="A title", parts=parts, choices=choices, invitation="Open one …")


def _choice(label: str, description: str | None = None) -> Choice:
    return Choice(label=label, description=description, request=Request(command=Command.PAPER, query=label))


def _in_pipe(card: Card, *, is_numbered: bool = False) -> str:
    file = io.StringIO()
    print_card(open_console(file), card, is_numbered=is_numbered)
    return file.getvalue()


def _in_terminal(block: Block, *, width: int = 80) -> str:
    file = io.StringIO()
    console = Console(
        file=file, force_terminal=True, width=width, color_system="256", legacy_windows=False, _environ={}
    )
    console.print(draw_block(block))
    return file.getvalue()


# ── what must not happen ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", [kind for kind in BlockKind if kind is not BlockKind.TABLE])
def test_no_escape_sequence_passes(kind: BlockKind) -> None:
    """Control characters of a text or an address never reach the terminal."""
    evil = "\x1b]0;owned\x07\x1b[2J\x9b31m\x08\r\x7fend"
    block = Block(kind=kind, spans=(Span(text=evil, href="https://e.org/" + evil),), url="https://e.org/" + evil)
    drawn = _in_terminal(block)
    for sequence in ("\x1b]0", "\x1b[2J", "\x9b", "\x07", "\x08", "\r", "\x7f"):
        assert sequence not in drawn


def test_no_escape_sequence_passes_in_names() -> None:
    """The title, footer and choices of a card, a feed's title and an error are as harmless."""
    evil = "x\x1b[2Jy"
    card = Card(tone=Tone.ERROR, title=evil, url="https://e.org/" + evil, footer=evil, choices=(_choice(evil, evil),))
    outcome = PollOutcome(url="https://e.org/" + evil, title=evil, problems=(evil,), error=evil)
    file = io.StringIO()
    open_console(file).print(draw_outcomes([outcome]))
    open_console(file).print(draw_checks([Check(name=evil, state=CheckState.OK, said=evil, advice=evil)]))
    searched = Unmatched(query=evil, times=1, last_at=datetime(2026, 6, 1, tzinfo=UTC))
    open_console(file).print(draw_unmatched([searched]))
    assert "\x1b" not in _in_pipe(card, is_numbered=True) + file.getvalue() + outcome_line(outcome)


@pytest.mark.parametrize("text", ["[bold]not markup[/bold]", "[/]", ":smile:", "$a_{i}^2 < b$", "a [link=x]y"])
def test_text_is_verbatim(text: str) -> None:
    """Neither rich markup nor emoji codes nor TeX are read in what authors wrote."""
    assert text in _in_pipe(_card((_block(text),), (_block(text, BlockKind.ITEM),)))


def test_pipe_has_no_colours_and_a_width() -> None:
    """In a pipe there are no escape sequences, no trailing spaces, and lines of at most 100 columns."""
    text = "가나다라 마바사 " * 40
    drawn = _in_pipe(_card((_block(text, BlockKind.PARAGRAPH, Mark.BOLD), _block(text, BlockKind.ITEM))))
    assert "\x1b" not in drawn
    assert all(len(line) <= PIPE_WIDTH and line == line.rstrip() for line in drawn.splitlines())


def test_passwords_in_feed_addresses_are_hidden() -> None:
    """An address with credentials is shown without them."""
    outcome = PollOutcome(url="https://me:secret@feeds.example/x", error="the server answered 401")
    file = io.StringIO()
    open_console(file).print(draw_outcomes([outcome]))
    assert "secret" not in file.getvalue() + outcome_line(outcome)


def test_broken_pipe_is_raised() -> None:
    """A console leaves a broken pipe to the command, which ends quietly."""

    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        QuietConsole(file=Gone()).print("x")


def test_address_of_a_check_stays_on_one_line() -> None:
    """It can be copied, however long it is."""
    file = io.StringIO()
    check = Check(name="token", state=CheckState.OK, said="valid", advice=f"To add it: {LONG_URL}")
    open_console(file).print(draw_checks([check]), crop=False)
    assert LONG_URL in file.getvalue()


# ── blocks ──────────────────────────────────────────────────────────────────────────────────────


def test_addresses_are_written_out_in_a_pipe_and_never_broken() -> None:
    """In a pipe a link is followed by its address, whole on its line however long it is."""
    card = _card((_block("the code", href=LONG_URL),), (Block(kind=BlockKind.FIGURE, url=LONG_URL),))
    lines = _in_pipe(card).splitlines()
    assert f"<{LONG_URL}>" in lines
    assert f"Figure: {LONG_URL}" in lines


def test_addresses_are_links_in_a_terminal() -> None:
    """In a terminal a web address becomes a hyperlink, anything else does not."""
    assert "]8;" in _in_terminal(_block("here", href="https://example.org/"))
    assert "]8;" not in _in_terminal(_block("here", href="javascript:alert(1)"))


@pytest.mark.parametrize(
    ("mark", "code"),
    [
        (Mark.BOLD, "1"),
        (Mark.ITALIC, "3"),
        (Mark.MATCH, "1;4"),
        (Mark.HIGHLIGHT, "48;5;"),
        (Mark.GAP, "48;5;"),
    ],
)
def test_marks_are_seen(mark: Mark, code: str) -> None:
    """What the author or a search marked is marked in the terminal."""
    drawn = _in_terminal(_block("words", BlockKind.PARAGRAPH, mark))
    assert code in drawn.split("words")[0]


def test_highlight_and_gap_differ() -> None:
    """Green-backed and red-backed text can be told apart."""
    highlight, gap = (_in_terminal(_block("x", BlockKind.PARAGRAPH, m)) for m in (Mark.HIGHLIGHT, Mark.GAP))
    assert highlight != gap


@pytest.mark.parametrize(
    ("text", "mark", "drawn"),
    [
        ("5", Mark.SUP, "10⁵"),
        ("-12", Mark.SUP, "10⁻¹²"),
        ("th", Mark.SUP, "10^th"),
        ("∗", Mark.SUP, "10∗"),
        ("2", Mark.SUB, "10₂"),
        ("max", Mark.SUB, "10_max"),
    ],
)
def test_raised_digits_stay_other_numbers(text: str, mark: Mark, drawn: str) -> None:
    """A power does not become a larger number."""
    spans = (Span(text="10"), Span(text=text, marks=frozenset((mark,))))
    assert drawn in _in_pipe(_card((Block(kind=BlockKind.PARAGRAPH, spans=spans),)))


@pytest.mark.parametrize(
    ("tex", "drawn"), [("$x_i$", "xᵢ"), (r"$$\sum_i x_i$$", "∑ᵢ xᵢ"), (r"$\boats_i$", r"$\boats_i$")]
)
@pytest.mark.parametrize("kind", [BlockKind.PARAGRAPH, BlockKind.MATH])
def test_formulas_are_readable(tex: str, drawn: str, kind: BlockKind) -> None:
    """Where they have such a form; otherwise their source is shown."""
    lines = _in_pipe(_card((_block(tex, kind, Mark.MATH),))).splitlines()
    assert drawn in [line.strip() for line in lines]


@pytest.mark.parametrize("kind", [BlockKind.QUOTE, BlockKind.EXCERPT, BlockKind.CODE])
def test_quoted_text_has_a_bar_on_every_line(kind: BlockKind) -> None:
    """A quotation is seen as one, on wrapped lines and after line breaks too."""
    drawn = _in_pipe(_card((_block("word " * 50 + "\nlast", kind),)))
    lines = drawn.splitlines()[2:]
    assert len(lines) > 3
    assert all(line.startswith("│ ") for line in lines)


def test_items_hang() -> None:
    """The second line of an item stands below its text, indented by its depth."""
    block = Block(kind=BlockKind.ITEM, depth=1, marker="3.", spans=(Span(text="word " * 40),))
    first, second = _in_pipe(_card((block,))).splitlines()[2:4]
    assert first.startswith("  3. word")
    assert second.startswith("     word")


def test_table_has_its_cells() -> None:
    """A table keeps its cells, also where rows have different lengths."""
    rows = (((Span(text="Model"),), (Span(text="점수"),)), ((Span(text="[red]"),),))
    drawn = _in_pipe(_card((Block(kind=BlockKind.TABLE, rows=rows, has_head=True),)))
    assert all(word in drawn for word in ("Model", "점수", "[red]"))


def test_empty_table_draws_nothing() -> None:
    """A table without rows is no fault."""
    assert _in_pipe(_card((Block(kind=BlockKind.TABLE, has_head=True),)))


def test_a_list_stays_together() -> None:
    """Items that come one a part are not torn apart by empty lines; paragraphs are."""
    items = [(_block(f"item {n}", BlockKind.ITEM),) for n in range(2)]
    drawn = _in_pipe(_card(*items, (_block("after"),)))
    assert drawn.splitlines() == ["A title", "", "   item 0", "   item 1", "", "after"]


# ── choices ─────────────────────────────────────────────────────────────────────────────────────


def test_choices_are_numbered_where_they_stand() -> None:
    """A table of contents carries the numbers itself; only what it lacks is listed below."""
    contents = tuple(_block(text, BlockKind.ITEM) for text in ("1. Intro", "2. Method", "3. End"))
    card = _card(contents, choices=(_choice("1. Intro"), _choice("3. End"), _choice("Search for it")))
    assert place_numbers(card) == {0: 1, 2: 2}
    lines = _in_pipe(card, is_numbered=True).splitlines()
    assert " [1] 1. Intro" in lines
    assert "     2. Method" in lines
    assert " [2] 3. End" in lines
    assert " [3] Search for it" in lines


def test_candidates_are_numbered_by_title_or_date() -> None:
    """A candidate is recognised by its full title, or by the date at the end, where its label is shorter."""
    first = _block("InsTag: Instruction Tagging · ICLR 2024", BlockKind.ITEM)
    second = _block("Lost in the Middle · TACL 2024 · 2024-02-01", BlockKind.ITEM)
    choices = (_choice("InsTag", "InsTag: Instruction…"), _choice("LitM", "TACL 2024 · 2024-02-01"))
    assert place_numbers(_card((first,), (second,), choices=choices)) == {0: 1, 1: 2}


def test_hits_keep_their_rank_as_number() -> None:
    """A search's first hit is number 1; a later page's hits have a rank and a number. Nothing is listed twice."""
    opens = (_choice("Open"), _choice("Open"))
    card = replace(_card((_block("1. A paper"),), (_block("2. Another"),)), opens=opens)
    assert _in_pipe(card, is_numbered=True).splitlines() == ["A title", "", "1. A paper", "", "2. Another"]
    later = replace(_card((_block("6. A paper"),), (_block("7. Another"),)), opens=opens)
    assert "[2] 7. Another" in _in_pipe(later, is_numbered=True)


def test_everything_that_can_be_pressed_has_a_number() -> None:
    """In this order: what is beside the parts, the menu, buttons, back, and what is before and after."""
    before, after = (Request(command=Command.LATEST, offset=offset) for offset in (10, 30))
    card = replace(
        _card((_block("lead"),), (_block("a hit"),), choices=(_choice("In the menu"),)),
        opens=(None, _choice("Open")),
        buttons=(_choice("Related"),),
        back=_choice("Back"),
        previous=before,
        following=after,
    )
    labels = ["Open", "In the menu", "Related", "Back", "Previous", "Next"]
    assert [choice.label for choice in pressable(card)] == labels
    assert [choice.request for choice in pressable(card)][-2:] == [before, after]
    drawn = _in_pipe(card, is_numbered=True)
    assert "[1] a hit" in drawn
    assert all(f" [{number}] {label}" in drawn for number, label in enumerate(labels[1:], 2))


def test_without_a_prompt_only_the_contents_are_listed() -> None:
    """A command that ends after its answer shows no numbers to type, and no buttons."""
    card = _card((_block("Intro", BlockKind.ITEM),), choices=(_choice("Intro"), _choice("2. Method")))
    drawn = _in_pipe(replace(card, buttons=(_choice("Related"),)))
    assert "[1]" not in drawn
    assert "Open one" not in drawn
    assert "Related" not in drawn
    assert " • 2. Method" in drawn
    request = Request(command=Command.SECTION, review_id=1, position=0)
    assert "Method" not in _in_pipe(replace(card, request=request)), "a section's text is what was asked for"


def test_a_card_is_drawn_with_all_it_has() -> None:
    """Names, facts, small print, the picture and the pages that its buttons lead to, each address once."""
    card = Card(
        tone=Tone.FOUND,
        title="InsTag",
        subtitle="InsTag: Instruction Tagging",
        facts="ICLR 2024 · 4 min",
        url="https://e.org/",
        parts=((_block("Keming Lu", BlockKind.SMALL),),),
        picture=Picture(url="https://e.org/1.png"),
        links=(Link(label="Read the review", url="https://e.org/"), Link(label="Code", url="https://e.org/code")),
    )
    assert _in_pipe(card).splitlines() == [
        "InsTag", "InsTag: Instruction Tagging", "ICLR 2024 · 4 min", "https://e.org/", "", "Keming Lu", "",
        "Figure: https://e.org/1.png", "", "Code: https://e.org/code",
    ]  # fmt: skip


# ── polls and checks ────────────────────────────────────────────────────────────────────────────


def test_outcomes_say_what_happened() -> None:
    """Counts, problems and errors are all told, in the table and in the lines."""
    outcomes = [
        PollOutcome(url="a.xml", title="Shelf", total=12, new=3, changed=4, announced=2, problems=("odd",)),
        PollOutcome(url="b.xml", is_unchanged=True),
        PollOutcome(url="c.xml", error="the server answered 500"),
    ]
    file = io.StringIO()
    open_console(file).print(draw_outcomes(outcomes))
    for drawn in (file.getvalue(), "\n".join(outcome_line(outcome) for outcome in outcomes)):
        for word in ("a.xml", "12", "3", "4", "2", "odd", "unchanged", "failed", "the server answered 500"):
            assert word in drawn


def test_checks_say_what_to_do() -> None:
    """A check shows its state, its finding and the advice below it."""
    file = io.StringIO()
    check = Check(name="channel", state=CheckState.WARNING, said="not set", advice="Set it.")
    open_console(file).print(draw_checks([check]))
    assert file.getvalue() == "warning  channel: not set\n         → Set it.\n"
