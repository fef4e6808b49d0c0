"""Parts of a card → pages of text and figures, each within a limit, without splitting what belongs together.

A part stays on one page if it fits. Otherwise it is split between blocks. If a block is too long, it is cut at the
end of a sentence or word, outside links, formulas and code. It is cut before it is drawn: each page is drawn as a
whole, so marks and code fences are always closed.

A figure that can be shown stands at its place between two texts; any other is a link within the text.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby, zip_longest

from bot.cards.card import Choice, Part
from bot.models.reviews import Block, BlockKind, Mark, Span
from bot.text.patterns import lazy_pattern
from bot.ui.discord.limits import ALT_TEXT, GALLERY_ITEMS, length
from bot.ui.discord.markdown import (
    clean_text,
    clean_url,
    draw_block,
    draw_grid,
    escape,
    rows_as_items,
    spell_formulas,
)
from bot.ui.discord.pictures import shown_url

__all__ = ["DrawnPage", "Figure", "Gallery", "Room", "Text", "draw_pages", "split_pages"]

MIN_PAGE = 500
"""Room for a table's head and one row; below that, nothing could be guaranteed about where a page ends."""
SHORT_LINE = 160
"""Neighbouring paragraphs of a part up to this length are lines of one group, such as the facts of a card."""
OPENED_COMPONENTS = 3
"""A text with a button beside it: the section, the text and the button."""


@dataclass(frozen=True, slots=True)
class Text:
    """Markdown, and what a button beside it opens."""

    markdown: str
    opens: Choice | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture's address, as Discord accepts it, and what it shows, in plain words."""

    url: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Gallery:
    """Figures that follow one another."""

    figures: tuple[Figure, ...]


Run = Text | Gallery


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page's texts and figures in order, and the address of the first figure that is a link in a text."""

    runs: tuple[Run, ...] = ()
    figure_url: str | None = None

    @property
    def text(self) -> str:
        """The Markdown of the page, without its figures."""
        return "\n".join(run.markdown for run in self.runs if isinstance(run, Text))

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures of the page."""
        return tuple(figure for run in self.runs if isinstance(run, Gallery) for figure in run.figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a page can hold.

    Attributes:
        characters: Counted by `limits.length`; at least `MIN_PAGE`.
        components: A text or gallery is one, a text with a button is three.
        shows: Whether figures are shown at their place; otherwise they are links.
    """

    characters: int
    components: int = OPENED_COMPONENTS
    shows: bool = False


def split_pages(parts: Sequence[Part], *, limit: int) -> list[str]:
    """Draw parts as pages of Markdown, with figures as links; no pages if there is nothing to show.

    A part that does not fit on the rest of a page starts a new one. A part longer than a page is split between
    blocks, a block between sentences or words, code and tables between lines; marks, quotes and fences are closed and
    opened again. Only a word, link or formula longer than a page is cut in the middle.

    Args:
        limit: Characters of a page, counted by `limits.length`; at least `MIN_PAGE`.
    """
    return [page.text for page in draw_pages(parts, room=Room(characters=limit))]


def draw_pages(parts: Sequence[Part], *, room: Room, opens: Sequence[Choice | None] = ()) -> list[DrawnPage]:
    """Draw parts as pages of texts and figures; no pages if there is nothing to show.

    Args:
        opens: For each part what the button beside its beginning opens; shorter than ``parts`` or None for none.
    """
    if room.characters < MIN_PAGE:
        raise ValueError(f"a page of {room.characters} characters is too small, the least is {MIN_PAGE}")
    draw = cache(draw_block)  # a block is drawn to see whether it fits, and again on the page where it stands
    pages = _Pages(room, draw)
    for part, choice in zip_longest(parts, opens[: len(parts)]):
        blocks = (block for whole in part for block in _spread(spell_formulas(whole), room) if draw(block))
        pages.add_part(list(blocks), choice)
    pages.turn()
    return pages.done


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A page being written.

    Attributes:
        last: The block written last.
        size: Its characters; ``components`` and ``figures`` are counted likewise.
        is_closed: Whether the next text begins a run of its own.
        pending: What the button beside the next run opens.
    """

    room: Room
    draw: Callable[[Block], str]
    runs: tuple[Run, ...] = ()
    last: Block | None = None
    size: int = 0
    components: int = 0
    figures: int = 0
    is_closed: bool = False
    pending: Choice | None = None
    figure_url: str | None = None

    @property
    def fits(self) -> bool:
        """Whether the page is within its room."""
        return (
            self.size <= self.room.characters
            and self.components <= self.room.components
            and self.figures <= GALLERY_ITEMS
        )

    @property
    def takes_text(self) -> bool:
        """Whether a text can still be added, if it is short enough."""
        last = self.runs[-1] if self.runs else None
        if isinstance(last, Text) and not self.is_closed:
            return True
        return self.components + (OPENED_COMPONENTS if self.pending else 1) <= self.room.components

    def add(self, block: Block, *, is_new_part: bool = False) -> _Sheet:
        """The page with one more block, whether it fits or not."""
        figure = _figure_of(block, self.room)
        if figure is not None:
            return self._add_figure(block, figure)
        drawn = self.draw(block)
        url = shown_url(block.url) if block.kind is BlockKind.FIGURE else None
        sheet = replace(self, last=block, figure_url=self.figure_url or url)
        last = self.runs[-1] if self.runs else None
        if isinstance(last, Text) and not self.is_closed:
            drawn = (_gap(self.last, block, is_new_part=is_new_part) if self.last else "") + drawn
            joined = replace(last, markdown=last.markdown + drawn)
            return replace(sheet, runs=(*self.runs[:-1], joined), size=self.size + length(drawn))
        return replace(
            sheet,
            runs=(*self.runs, Text(drawn, self.pending)),
            size=self.size + length(drawn),
            components=self.components + (OPENED_COMPONENTS if self.pending else 1),
            is_closed=False,
            pending=None,
        )

    def _add_figure(self, block: Block, figure: Figure) -> _Sheet:
        sheet = replace(self, last=block, figures=self.figures + 1)
        last = self.runs[-1] if self.runs else None
        if isinstance(last, Gallery):
            return replace(sheet, runs=(*self.runs[:-1], Gallery((*last.figures, figure))))
        return replace(sheet, runs=(*self.runs, Gallery((figure,))), components=self.components + 1)

    def add_all(self, blocks: Iterable[Block], *, is_new_part: bool = False) -> _Sheet:
        """The page with more blocks; the first that does not fit is the last."""
        sheet = self
        for block in blocks:
            sheet = sheet.add(block, is_new_part=is_new_part)
            is_new_part = False
            if not sheet.fits:
                break
        return sheet


def _figure_of(block: Block, room: Room) -> Figure | None:
    """A figure that is shown at its place; None for all other blocks."""
    url = shown_url(block.url) if room.shows and block.kind is BlockKind.FIGURE else None
    return Figure(url, _caption(block)) if url else None


def _caption(block: Block) -> str:
    return " ".join(clean_text(block.text).split())


def _spread(block: Block, room: Room) -> Sequence[Block]:
    """A figure that can be shown, with a caption that a picture's description cannot hold as a text below it."""
    if _figure_of(block, room) is None:
        return (block,)
    if length(_caption(block)) <= ALT_TEXT and not any(span.href for span in block.spans):
        return (block,)
    return replace(block, spans=()), replace(block, kind=BlockKind.PARAGRAPH, url=None)


@dataclass(slots=True)
class _Pages:
    """The pages so far, and the one being written."""

    room: Room
    draw: Callable[[Block], str]
    done: list[DrawnPage] = field(default_factory=list)
    sheet: _Sheet = field(init=False)
    had_button: bool = False

    def __post_init__(self) -> None:
        self.sheet = self._blank()

    @property
    def limit(self) -> int:
        """Characters of a page."""
        return self.room.characters

    def _blank(self, pending: Choice | None = None) -> _Sheet:
        return _Sheet(self.room, self.draw, pending=pending)

    def turn(self) -> None:
        """Finish the page, unless it is empty."""
        runs = [replace(r, markdown=r.markdown.strip("\n")) if isinstance(r, Text) else r for r in self.sheet.runs]
        shown = tuple(run for run in runs if isinstance(run, Gallery) or run.markdown.strip())
        if shown:
            self.done.append(DrawnPage(shown, self.sheet.figure_url))
        self.sheet = self._blank(self.sheet.pending)

    def add_part(self, part: Sequence[Block], opens: Choice | None = None) -> None:
        """Write a part, on a new page if that keeps it whole."""
        is_closed = self.sheet.is_closed or opens is not None or self.had_button
        self.sheet = replace(self.sheet, pending=opens, is_closed=is_closed)
        self.had_button = opens is not None
        if self._add(part, is_new_part=True):
            return
        if self._fits_alone(part):
            self.turn()
            self._add(part)
            return
        for cluster in _clusters(part):
            self._add_cluster(cluster)

    def _add(self, blocks: Sequence[Block], *, is_new_part: bool = False) -> bool:
        """Write blocks on this page if they fit."""
        sheet = self.sheet.add_all(blocks, is_new_part=is_new_part)
        if not sheet.fits:
            return False
        self.sheet = sheet
        return True

    def _fits_alone(self, blocks: Sequence[Block]) -> bool:
        return self._blank(self.sheet.pending).add_all(blocks).fits

    def _add_cluster(self, cluster: Sequence[Block]) -> None:
        if self._add(cluster):
            return
        *headings, _ = cluster
        # A heading at the end of a page helps nobody if its text is on the next.
        room = self.limit - self.sheet.add_all(headings).size
        if self._fits_alone(cluster) or room < self.limit // 4:
            self.turn()
        for block in cluster:
            for loose in _loosen(block, self.room):
                self._add_long(loose)

    def _add_long(self, block: Block) -> None:
        """Write a block on as many pages as it needs."""
        rest: Block | None = block
        # A text longer than a page certainly does not fit, so it need not be drawn to find out.
        while rest is not None and (len(rest.text) > self.limit or not self._add([rest])):
            room = self.limit - self.sheet.size - 2  # for the line breaks between
            is_page_empty = not self.sheet.runs
            cut = None
            if is_page_empty or (self.sheet.takes_text and room >= self.limit // 4):
                cut = _cut_block(rest, self.limit if is_page_empty else room, may_cut_words=is_page_empty)
            if cut is not None:
                piece, rest = cut
                self._add([piece])
            self.turn()


_HEADINGS = (BlockKind.SECTION_HEADING, BlockKind.PARAGRAPH_HEADING)
_FRAMED = (BlockKind.CODE, BlockKind.TABLE)


def _gap(last: Block, block: Block, *, is_new_part: bool) -> str:
    """A line break where Discord leaves space anyway or lines belong together, otherwise an empty line."""
    kinds = (last.kind, block.kind)
    if kinds == (BlockKind.ITEM, BlockKind.ITEM) or last.kind in _HEADINGS:
        return "\n"
    if block.kind is BlockKind.SECTION_HEADING or last.kind in _FRAMED or block.kind in _FRAMED:
        return "\n"
    if not is_new_part and BlockKind.SMALL in kinds:
        return "\n"
    if is_new_part or last.kind is not BlockKind.PARAGRAPH:
        return "\n\n"
    is_long = len(last.text) > SHORT_LINE or len(block.text) > SHORT_LINE
    return "\n\n" if is_long and block.kind is BlockKind.PARAGRAPH else "\n"


def _clusters(part: Sequence[Block]) -> Iterator[list[Block]]:
    """A part's blocks, each with the headings directly before it."""
    waiting: list[Block] = []
    for block in part:
        waiting.append(block)
        if block.kind not in _HEADINGS:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


# ── blocks longer than a page ───────────────────────────────────────────────────────────────────

_LINK_ROOM = 128
"""Room for what may surround a link on a page of its own: a quote's sign, a label, marks."""


def _loosen(block: Block, room: Room) -> Sequence[Block]:
    """Turn a block into blocks that can be split: a wide table becomes rows, a long caption goes below its figure."""
    limit = room.characters
    if _figure_of(block, room) is not None:
        return (block,)
    if block.kind is BlockKind.TABLE:
        return (block,) if draw_grid(block) else [b for row in rows_as_items(block) for b in _loosen(row, room)]
    keep_tabs = block.kind is BlockKind.CODE
    spans = [replace(span, text=clean_text(span.text, keep_tabs=keep_tabs)) for span in block.spans]
    block = replace(block, spans=tuple(_loosen_links(spans, limit)))
    if block.kind is not BlockKind.FIGURE or length(draw_block(block)) <= limit:
        return (block,)
    bare = replace(block, spans=())
    if length(draw_block(bare)) > limit:
        bare = replace(bare, url=None)
    return (bare, replace(block, kind=BlockKind.PARAGRAPH, url=None)) if block.text.strip() else (bare,)


def _loosen_links(spans: Sequence[Span], limit: int) -> Iterator[Span]:
    """Turn a link whose label alone fills a page into text followed by a short link."""
    for href, group in groupby(spans, key=lambda span: span.href):
        same = list(group)
        url = clean_url(href)
        if url is None or length(escape("".join(s.text for s in same))) + len(url) + _LINK_ROOM <= limit:
            yield from same
            continue
        yield from (replace(span, href=None) for span in same)
        if len(url) + _LINK_ROOM <= limit:
            yield from (Span(text=" "), Span(text="(link)", href=href))


def _cut_block(block: Block, limit: int, *, may_cut_words: bool) -> tuple[Block, Block | None] | None:
    """The longest beginning of a block that fits, and the rest; None if there is no good place to cut."""
    if block.kind is BlockKind.TABLE:
        return _cut_table(block, limit)
    blanks = "\n" if block.kind in _FRAMED else None
    near = _slice(block, 0, 2 * limit, "")  # drawn text is rarely shorter, so this is far enough

    def fits(end: int) -> bool:
        return length(draw_block(_slice(near, 0, end, blanks))) <= limit

    end = _find_cut(near, fits, may_cut_words=may_cut_words)
    if end is None:
        return None
    rest = _slice(block, end, len(block.text), blanks)
    if rest.kind is BlockKind.ITEM:
        rest = replace(rest, marker="")  # the rest belongs to the same item
    return _slice(block, 0, end, blanks), rest if rest.text.strip() else None


def _cut_table(block: Block, limit: int) -> tuple[Block, Block | None] | None:
    """A table's first rows, and the others under the same head."""
    head = block.rows[:1] if block.has_head else ()
    body = block.rows[len(head) :]

    def fits(count: int) -> bool:
        return length(draw_grid(replace(block, rows=(*head, *body[:count])))) <= limit

    count = _furthest_fit(range(1, min(len(body), limit) + 1), fits)
    if not count:
        return None
    rest = replace(block, rows=(*head, *body[count:])) if body[count:] else None
    return replace(block, rows=(*head, *body[:count])), rest


def _slice(block: Block, start: int, end: int, blanks: str | None) -> Block:
    """The block's text between two offsets, without the blanks at its ends (None: any blank)."""
    text = block.text[start:end]
    start += len(text) - len(text.lstrip(blanks))
    end -= len(text) - len(text.rstrip(blanks))
    spans: list[Span] = []
    offset = 0
    for span in block.spans:
        kept = span.text[max(0, start - offset) : max(0, end - offset)]
        if kept:
            spans.append(span if len(kept) == len(span.text) else replace(span, text=kept))
        offset += len(span.text)
    return replace(block, spans=tuple(spans))


_SENTENCE_END = lazy_pattern(r"(?:[.!?…。][)\"'”’\]]*\s+|\n\s*)$")


def _find_cut(block: Block, fits: Callable[[int], bool], *, may_cut_words: bool) -> int | None:
    """Where to cut a block: at the end of a sentence in the last third, otherwise of a word, otherwise anywhere."""
    text = block.text
    good, possible = _cuts(block)
    best = _furthest_fit(good, fits)
    if best:
        sentence = (c for c in reversed(good) if c <= best and _SENTENCE_END.search(text[max(0, c - 8) : c]))
        end = next(sentence, None)
        return end if end and end * 3 >= best * 2 else best
    if not may_cut_words:
        return None
    within = range(1, possible[0] if possible else len(text))
    return _furthest_fit(possible, fits) or _furthest_fit(_whole_characters(text, within), fits) or 1


def _whole_characters(text: str, offsets: Iterable[int]) -> list[int]:
    """The offsets that do not separate a character from its accent, or split an emoji."""
    joined = ("Mn", "Me", "Cf", "Mc", "Sk")
    return [i for i in offsets if unicodedata.category(text[i]) not in joined and text[i - 1] != "\u200d"] or list(
        offsets
    )


def _furthest_fit(cuts: Sequence[int], fits: Callable[[int], bool]) -> int | None:
    """The last offset that fits; the drawn text grows with the offset, so this is a binary search."""
    low, high = 0, len(cuts)
    while low < high:
        middle = (low + high) // 2
        if fits(cuts[middle]):
            low = middle + 1
        else:
            high = middle
    return cuts[low - 1] if low else None


def _cuts(block: Block) -> tuple[list[int], list[int]]:
    """Where a block may be cut: between words outside of links, code and formulas (in code between lines); and where
    it may be cut inside them if necessary."""
    text = block.text
    blanks = [match.end() for match in re.finditer(r"\s", text) if match.end() < len(text)]
    if block.kind in _FRAMED:
        return [offset for offset in blanks if text[offset - 1] == "\n"], blanks
    solid = list(_solid(block.spans))
    starts = [start for start, _ in solid]

    def is_free(offset: int) -> bool:
        i = bisect_right(starts, offset) - 1
        return i < 0 or not solid[i][0] < offset < solid[i][1]

    edges = {offset for pair in solid for offset in pair if 0 < offset < len(text)}
    return [offset for offset in blanks if is_free(offset)], sorted(edges.union(blanks))


def _solid(spans: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """The start and end of each link and code, which a formula that cannot be read as text is too."""
    start = 0
    for look, group in groupby(spans, key=lambda s: (s.href, s.marks & {Mark.CODE, Mark.COMMAND, Mark.MEMBER})):
        end = start + sum(len(span.text) for span in group)
        if any(look):
            yield start, end
        start = end
