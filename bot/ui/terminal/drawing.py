"""Card → what rich prints: the terminal's side of drawing.

In: a `Card`, poll outcomes, checks. Out: rich renderables, to be printed on a `Console`. All text from authors or
servers goes through `plain`: rich markup in it is not interpreted, and escape sequences are removed.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.style import Style
from rich.table import Table
from rich.text import Text

from bot.cards.card import Card, Choice, Tone
from bot.languages import N_, _, say
from bot.models.checks import Check, CheckState
from bot.models.feeds import PollOutcome
from bot.models.requests import Command, Unmatched
from bot.models.reviews import Block, BlockKind, Mark, Span
from bot.store.pages import PageCounts
from bot.text.formulas import readable
from bot.text.links import redact
from bot.text.patterns import lazy_pattern

PIPE_WIDTH = 100
"""Columns, if the output is not a terminal."""
MAX_WIDTH = 110
"""Longer lines of prose are hard to read, however wide the terminal is."""

TONES: dict[Tone, str] = {
    Tone.FOUND: "bold green",
    Tone.CHOOSE: "bold yellow",
    Tone.MISSING: "bold yellow",
    Tone.NEWS: "bold cyan",
    Tone.ERROR: "bold red",
}
MARKS: dict[Mark, Style] = {
    Mark.BOLD: Style(bold=True),
    Mark.ITALIC: Style(italic=True),
    Mark.STRIKE: Style(strike=True),
    Mark.CODE: Style(color="cyan"),
    Mark.MATH: Style(color="magenta"),
    Mark.HIGHLIGHT: Style(color="black", bgcolor="#b5e6c0"),
    Mark.GAP: Style(color="black", bgcolor="#f5bcc2"),
    Mark.MATCH: Style(bold=True, underline=True),
}
_RAISED = str.maketrans("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
# ESC and the C1 range start escape sequences, and rich lets both through.
_CONTROLS = lazy_pattern(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LINKABLE = lazy_pattern(r"(?:https?://|mailto:)", re.IGNORECASE)
_NOTHING = Text()


class QuietConsole(Console):
    """A console that leaves a broken pipe (``| head``) to the caller instead of ending the process."""

    def on_broken_pipe(self) -> None:
        """Raise the error instead of exiting."""
        raise BrokenPipeError


def open_console(file: TextIO | None = None) -> QuietConsole:
    """The console for standard output or another stream. In a pipe it has no colours and a fixed width."""
    stream = file or sys.stdout
    is_terminal = stream.isatty()
    width = None if is_terminal or "COLUMNS" in os.environ else PIPE_WIDTH
    console = QuietConsole(file=stream, width=width, markup=False, emoji=False, highlight=False)
    if is_terminal and console.width > MAX_WIDTH:
        console.width = MAX_WIDTH
    return console


def print_card(console: Console, card: Card, *, is_numbered: bool = False) -> None:
    """Print a card. In a pipe nothing can be clicked, so links are followed by their addresses."""
    # crop=False: an address stays on one line however long it is, otherwise it could not be copied.
    console.print(draw_card(card, is_numbered=is_numbered, with_addresses=not console.is_terminal), crop=False)


def plain(text: str) -> str:
    """Text that is safe for a terminal: without control characters, except line breaks and tabs."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n"))


# ── cards ───────────────────────────────────────────────────────────────────────────────────────


def draw_card(card: Card, *, is_numbered: bool, with_addresses: bool) -> RenderableType:
    """Draw a card from its title to its footer.

    Args:
        is_numbered: Offer what can be pressed by number; not useful for a command that ends after its answer.
        with_addresses: Write out the addresses of links after their text.
    """
    rows: list[RenderableType] = [_Lines(Text(plain(card.title), style=TONES[card.tone]))]
    rows += [
        _Lines(Text(plain(line), style=style)) for line, style in ((card.subtitle, "dim"), (card.facts, "")) if line
    ]
    if card.url:
        rows.append(_address(card.url))
    shown = place_numbers(card)
    numbers = shown if is_numbered else {}
    width = 4 if numbers else 2  # width of markers, so that items with and without a number line up
    place, before = 0, None
    for part in card.parts:
        if not (before is part[0].kind is BlockKind.ITEM):  # a list stays together, even if each item is a part
            rows.append(Text())
        for block in part:
            number = numbers.get(place)
            rows.append(draw_block(block, number=number, marker_width=width, with_addresses=with_addresses))
            place, before = place + 1, block.kind
    if card.picture:
        rows += [Text(), _address(card.picture.url, lead=f"{_('Figure')}: ")]
    rows += _offered(card, shown=frozenset(shown.values()), is_numbered=is_numbered)
    if links := [link for link in card.links if link.url != card.url]:
        rows += [Text(), *(_address(link.url, lead=f"{plain(link.label)}: ") for link in links)]
    if card.footer:
        rows += [Text(), _Lines(Text(plain(card.footer), style="dim"))]
    return Group(*rows)


def pressable(card: Card) -> tuple[Choice, ...]:
    """Everything on a card that can be pressed, in the order of its numbers: what is beside the parts comes first."""
    turns = ((_("Previous"), card.previous), (_("Next"), card.following))
    return (
        *(choice for choice in card.opens if choice),
        *card.choices,
        *card.buttons,
        *((card.back,) if card.back else ()),
        *(Choice(label=label, request=request) for label, request in turns if request),
    )


def place_numbers(card: Card) -> dict[int, int]:
    """Which block of a card, counted over all parts from 0, shows which number, counted from 1.

    The first block of a part that can be opened has its number. A list of candidates already names the choices of the
    menu. There the number is put before the line, and only the other choices are listed below.
    """
    placed: dict[int, int] = {}
    place, number = 0, 1
    for at, part in enumerate(card.parts):
        if at < len(card.opens) and card.opens[at]:
            placed[place] = number
            number += 1
        place += len(part)
    first = number
    for place, block in enumerate(block for part in card.parts for block in part):
        if number - first < len(card.choices) and _shows(block, card.choices[number - first]):
            placed[place] = number
            number += 1
    return placed


def _shows(block: Block, choice: Choice) -> bool:
    if block.kind is not BlockKind.ITEM:
        return False
    names = (name.strip().rstrip("…") for name in (choice.label, choice.description) if name)
    text = " ".join(block.text.split())
    return any(name and (text.startswith(name) or text.endswith(name)) for name in names)


def _offered(card: Card, *, shown: frozenset[int], is_numbered: bool) -> Iterator[RenderableType]:
    """What can be pressed and no block shows: by number at a prompt; elsewhere only the contents of a review."""
    last_choice = sum(choice is not None for choice in card.opens) + len(card.choices)
    left = [(number, choice) for number, choice in enumerate(pressable(card), 1) if number not in shown]
    if not is_numbered:
        is_section = card.request is not None and card.request.command is Command.SECTION
        left = [] if is_section else [(number, choice) for number, choice in left if number <= last_choice]
    if not left:
        return
    yield Text()
    if is_numbered:
        invitation = card.invitation if left[0][0] <= last_choice else None
        yield Text(_("{invitation} (type a number)").format(invitation=invitation or _("Choose …")), style="italic")
    for number, choice in left:
        line = Text(plain(choice.label.replace("\u2003", "  ")))  # indented for Discord, which trims plain spaces
        if choice.description:
            line.append(f" – {plain(choice.description)}", style="dim")
        marker = _number(number) if is_numbered else Text("•")
        yield _Lines(line, Text.assemble(" " * ((4 if is_numbered else 2) - marker.cell_len), marker, " "))


def _number(number: int) -> Text:
    # In brackets, because headings have numbers of their own: "[3] 2.1. Setup", not "3. 2.1. Setup".
    return Text(f"[{number}]", style="bold yellow")


# ── blocks ──────────────────────────────────────────────────────────────────────────────────────


def draw_block(
    block: Block, *, number: int | None = None, marker_width: int = 2, with_addresses: bool = False
) -> RenderableType:
    """Draw one block; ``number`` is the choice that it stands for."""
    text = draw_spans(block.spans, with_addresses=with_addresses)
    match block.kind:
        case BlockKind.SMALL:
            text.stylize("dim")
        case BlockKind.SECTION_HEADING:
            text.stylize("bold cyan")
        case BlockKind.PARAGRAPH_HEADING:
            text.stylize("bold green")
        case BlockKind.ITEM:
            marker = Text(plain(block.marker)) if number is None else _number(number)
            return _item(block, text, marker, marker_width)
        case BlockKind.QUOTE:
            return _beside_bar(text, "blue")
        case BlockKind.EXCERPT:
            text.stylize("italic")
            return _beside_bar(text, "dim")
        case BlockKind.CODE:
            return _beside_bar(Text(text.plain, style="cyan", overflow=text.overflow), "dim")
        case BlockKind.FIGURE:
            return _figure(block, text)
        case BlockKind.TABLE:
            return _table(block, with_addresses=with_addresses)
        case BlockKind.MATH:
            return _Lines(Text(text.plain, style=MARKS[Mark.MATH], overflow=text.overflow), Text("    "))
        case BlockKind.PARAGRAPH:
            if number is not None and text.plain.startswith(f"{number}. "):
                text.stylize("bold yellow", 0, text.plain.index(".") + 1)  # a ranked hit; its rank is the number
            elif number is not None:
                return _Lines(text, Text.assemble(_number(number), " "))
    return _Lines(text)


def draw_spans(spans: Iterable[Span], *, with_addresses: bool) -> Text:
    """Join runs of marked text. Addresses that are written out are never broken, so that they can be copied."""
    text = Text(overflow="ignore" if with_addresses else "fold")
    for span in spans:
        words = plain(_shift(span))
        text.append(words, style=_style(span))
        if span.href and with_addresses and plain(span.href) != words:
            text.append(f" <{plain(span.href)}>")
    return text


def _shift(span: Span) -> str:
    """Formulas as readable text, if they have such a form. Raised and lowered text, "10⁵", if Unicode has the
    characters, because "105" would be another number.
    """
    if Mark.MATH in span.marks:
        return readable(span.text) or span.text
    for mark, letters, sign in ((Mark.SUP, _RAISED, "^"), (Mark.SUB, _LOWERED, "_")):
        if mark in span.marks:
            shifted = span.text.translate(letters)
            is_whole = all(ord(letter) in letters for letter in span.text)
            return shifted if is_whole or not span.text.isalnum() else sign + span.text
    return span.text


def _style(span: Span) -> Style:
    style = Style.combine([Style(), *(style for mark, style in MARKS.items() if mark in span.marks)])
    if span.href and _LINKABLE.match(span.href):
        style += Style(underline=True, color=style.color or "blue", link=plain(span.href))
    return style


def _item(block: Block, text: Text, marker: Text, width: int) -> RenderableType:
    indent = " " * (2 * min(block.depth, 8) + max(width - marker.cell_len, 0))
    return _Lines(text, Text.assemble(indent, marker, " "))


def _beside_bar(text: Text, style: str) -> RenderableType:
    bar = Text("│ ", style=style)
    return _Lines(text, bar, bar)


def _figure(block: Block, caption: Text) -> RenderableType:
    if block.url and not caption.plain.strip():
        return _address(block.url, lead=f"{_('Figure')}: ")
    lead = Text.assemble((f"{_('Figure')}: ", "dim"), caption, overflow=caption.overflow or "fold")
    return Group(_Lines(lead), _address(block.url)) if block.url else _Lines(lead)


def _address(url: str, *, lead: str = "") -> Text:
    """An address on its own line, never broken."""
    link = plain(url) if _LINKABLE.match(url) else None
    line = Text(lead, style="dim", no_wrap=True, overflow="ignore")
    return line.append(plain(url), style=Style(link=link))


def _table(block: Block, *, with_addresses: bool) -> RenderableType:
    rows = [[draw_spans(cell, with_addresses=with_addresses) for cell in row] for row in block.rows]
    width = max((len(row) for row in rows), default=0)
    head = rows.pop(0) if block.has_head and rows else []
    table = Table(box=box.SIMPLE_HEAD if head else box.SIMPLE, show_header=bool(head), show_edge=False)
    for column in range(width):
        table.add_column(head[column] if column < len(head) else "", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


class _Lines:
    """A text wrapped beside a prefix: ``first`` is put before its first line, ``rest`` before the others."""

    def __init__(self, text: Text, first: Text = _NOTHING, rest: Text | None = None) -> None:
        self._text = text
        self._first = first
        self._rest = Text(" " * first.cell_len) if rest is None else rest

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        prefix, width = self._first, max(options.max_width - self._first.cell_len, 1)
        for line in self._text.wrap(console, width):
            line.rstrip()  # rich leaves the space at which it broke the line
            yield from Text.assemble(prefix, line, end="\n").render(console, end="\n")
            prefix = self._rest


# ── polls ───────────────────────────────────────────────────────────────────────────────────────


def draw_outcomes(outcomes: Sequence[PollOutcome]) -> RenderableType:
    """The results of a poll: a row for each feed, and below what went wrong."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    table.add_column(_("Feed"), overflow="fold")
    for name in (_("New"), _("Changed"), _("Total"), _("Announced")):
        table.add_column(name, justify="right")
    table.add_column(_("State"))
    for outcome in outcomes:
        table.add_row(_feed_name(outcome), *_counts(outcome), _state(outcome))
    return Group(table, *(line for outcome in outcomes for line in _remarks(outcome)))


def draw_unmatched(searches: Sequence[Unmatched]) -> RenderableType:
    """The searches without a sure result, one per row."""
    if not searches:
        return Text(_("No searches without a clear match since the list was last cleared."))
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    table.add_column(_("Times"), justify="right")
    table.add_column(_("Last"))
    table.add_column(_("Search"), overflow="fold")
    for item in searches:
        table.add_row(f"{item.times:,}", f"{item.last_at:%Y-%m-%d}", plain(item.query))
    return table


def outcome_line(outcome: PollOutcome) -> str:
    """The result of a poll on one line, for a log, in English."""
    url = plain(redact(outcome.url))
    if outcome.error:
        return f"{url}: failed: {plain(outcome.error)}"
    if outcome.is_unchanged:
        return f"{url}: unchanged"
    counts = f"{outcome.total} reviews, {outcome.new} new, {outcome.changed} changed"
    problems = "".join(f"; {plain(problem)}" for problem in outcome.problems)
    return f"{url}: {counts}, {outcome.announced} to announce{problems}"


def _feed_name(outcome: PollOutcome) -> Text:
    url = plain(redact(outcome.url))
    return Text(f"{plain(outcome.title)}\n", style="bold").append(url, "not bold dim") if outcome.title else Text(url)


def _counts(outcome: PollOutcome) -> tuple[str, ...]:
    if outcome.error:
        return ("",) * 4
    total = str(outcome.total) if outcome.total or not outcome.is_unchanged else ""
    return str(outcome.new), str(outcome.changed), total, str(outcome.announced)


def _state(outcome: PollOutcome) -> Text:
    if outcome.error:
        return Text(_("failed"), style="bold red")
    return Text(_("unchanged"), style="dim") if outcome.is_unchanged else Text(_("read"), style="green")


def _remarks(outcome: PollOutcome) -> Iterator[Text]:
    url = plain(redact(outcome.url))
    if outcome.error:
        yield Text(f"{url}: {plain(say(outcome.error))}", style="red")
    for problem in outcome.problems:
        yield Text(f"{url}: {plain(say(problem))}", style="yellow")


@contextmanager
def follow_polls(console: Console) -> Iterator[Callable[[str], Callable[[str], None]]]:
    """Show the progress of polls on a terminal, with a line for each feed.

    Yields:
        A function that takes a feed's address and returns the function that reports its stages.
    """
    from rich.progress import Progress, SpinnerColumn, TextColumn  # not for look-ups: it takes a while to load

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        TextColumn("{task.fields[stage]}"),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:

        def follow(url: str) -> Callable[[str], None]:
            task = progress.add_task(plain(redact(url)), total=None, stage=_("waiting"))
            return lambda stage: progress.update(task, stage=_(stage))

        yield follow


@contextmanager
def follow_pages(console: Console) -> Iterator[Callable[[PageCounts, str], None]]:
    """Show the progress of reading an archive: a bar on a terminal, otherwise a line for each page."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # as above

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(_("reading"), total=None)

        def tell(counts: PageCounts, page: str) -> None:
            read = counts.done + counts.failed
            total = read + counts.pending
            progress.update(task, total=total, completed=read, description=plain(redact(page))[:60])
            if not console.is_terminal:
                console.print(Text(f"{read}/{total} {plain(redact(page))}"), soft_wrap=True)

        yield tell


@contextmanager
def follow_embedding(console: Console) -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how many reviews are embedded.

    Yields:
        A function that takes how many are, and how many reviews there are.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # as above

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(_("embedding"), total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def follow_copy(console: Console) -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how much of a database is copied. What is copied is then checked, which takes about as long.

    Yields:
        A function that takes the pages that are copied, and how many there are.
    """
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn  # as above

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(_("copying"), total=None)

        def tell(copied: int, total: int) -> None:
            doing = _("copying") if copied < total else _("checking the copy")
            progress.update(task, total=total, completed=copied, description=doing)

        yield tell


# ── checks ──────────────────────────────────────────────────────────────────────────────────────

_CHECK_STYLES = {CheckState.OK: "green", CheckState.WARNING: "bold yellow", CheckState.FAILED: "bold red"}
_CHECK_WORDS = {CheckState.OK: N_("ok"), CheckState.WARNING: N_("warning"), CheckState.FAILED: N_("failed")}
_CHECK_NAMES = frozenset(
    (
        N_("settings"),
        N_("glossary"),
        N_("database"),
        N_("space"),
        N_("rights"),
        N_("backups"),
        N_("bot"),
        N_("reader"),
        N_("cache"),
        N_("embedding"),
        N_("posts"),
        N_("token"),
        N_("channel"),
        N_("permissions"),
        N_("gateway"),
        N_("poller"),
        N_("courier"),
        N_("schedule"),
        N_("talks"),
        N_("feeds"),
        N_("announcements"),
        N_("welcomes"),
        N_("subscriptions"),
        N_("files"),
        N_("backup"),
    )
)
"""The checks whose names are words; others are names of programs and feeds."""
_STATE_WIDTH = 9


def draw_checks(checks: Iterable[Check]) -> RenderableType:
    """The results of the doctor: state, name and finding, and below what to do. An address is never broken."""
    return Group(*(_Lines(*_check(check)) for check in checks))


def _check(check: Check) -> tuple[Text, Text]:
    name = _(check.name) if check.name in _CHECK_NAMES else check.name
    seen = Text(plain(name), style="bold", overflow="ignore").append(f": {plain(check.said)}", style="not bold")
    if check.advice:
        seen.append(f"\n→ {plain(check.advice)}", style="not bold italic")
    word = _(_CHECK_WORDS[check.state])
    return seen, Text(word + " " * (_STATE_WIDTH - cell_len(word)), style=_CHECK_STYLES[check.state])
