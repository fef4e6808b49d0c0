"""Parts of a card → pages of Discord Markdown, each within a limit, without splitting what belongs together.

A part stays on one page if it fits. Otherwise it is split between blocks. If a block is too long, it is cut at the
end of a sentence or word, outside links, formulas and code. It is cut before it is drawn: each page is drawn as a
whole, so marks and code fences are always closed.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from bot.cards.card import Part
from bot.models.reviews import Block, BlockKind, Mark, Span
from bot.ui.discord.limits import length
from bot.ui.discord.markdown import (
    clean_text,
    clean_url,
    draw_grid,
    escape,
    render_block,
    rows_as_items,
    spell_formulas,
)
from bot.ui.discord.pictures import can_show

__all__ = ["DrawnPage", "draw_pages", "split_pages"]

MIN_PAGE = 500
"""Room for a table's head and one row; below that, nothing could be guaranteed about where a page ends."""
SHORT_LINE = 160
"""Neighbouring paragraphs of a part up to this length are lines of one group, such as the facts of a card."""


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page's Markdown, and the address of its first figure that Discord can show."""

    text: str
    figure_url: str | None = None


def split_pages(parts: Sequence[Part], *, limit: int) -> list[str]:
    """Draw parts as pages of Markdown; no pages if there is nothing to show.

    A part that does not fit on the rest of a page starts a new one. A part longer than a page is split between
    blocks, a block between sentences or words, code and tables between lines; marks, quotes and fences are closed and
    opened again. Only a word, link or formula longer than a page is cut in the middle.

    Args:
        limit: Characters of a page, counted by `limits.length`; at least `MIN_PAGE`.
    """
    return [page.text for page in draw_pages(parts, limit=limit)]


def draw_pages(parts: Sequence[Part], *, limit: int) -> list[DrawnPage]:
    """Like `split_pages`, but with everything that a page needs."""
    if limit < MIN_PAGE:
        raise ValueError(f"a page of {limit} characters is too small, the least is {MIN_PAGE}")
    pages = _Pages(limit)
    for part in parts:
        pages.add_part([block for block in map(spell_formulas, part) if render_block(block)])
    pages.turn()
    return pages.done


@dataclass(slots=True)
class _Pages:
    """The pages so far, and the one being written."""

    limit: int
    done: list[DrawnPage] = field(default_factory=list)
    text: str = ""
    last: Block | None = None
    figure_url: str | None = None

    def turn(self) -> None:
        """Finish the page, unless it is empty."""
        if self.text.strip():
            self.done.append(DrawnPage(self.text.strip("\n"), self.figure_url))
        self.text, self.last, self.figure_url = "", None, None

    def add_part(self, part: Sequence[Block]) -> None:
        """Write a part, on a new page if that keeps it whole."""
        if self._add(part, is_new_part=True):
            return
        if length(_append("", None, part)) <= self.limit:
            self.turn()
            self._add(part)
            return
        for cluster in _clusters(part):
            self._add_cluster(cluster)

    def _add(self, blocks: Sequence[Block], *, is_new_part: bool = False) -> bool:
        """Write blocks on this page if they fit."""
        text = _append(self.text, self.last, blocks, is_new_part=is_new_part)
        if length(text) > self.limit:
            return False
        self.text = text
        if blocks:
            self.last = blocks[-1]
            figures = (block.url for block in blocks if block.kind is BlockKind.FIGURE)
            self.figure_url = self.figure_url or clean_url(next(filter(can_show, figures), None))
        return True

    def _add_cluster(self, cluster: Sequence[Block]) -> None:
        if self._add(cluster):
            return
        *headings, _ = cluster
        is_one_page = length(_append("", None, cluster)) <= self.limit
        # A heading at the end of a page helps nobody if its text is on the next.
        room = self.limit - length(_append(self.text, self.last, headings))
        if is_one_page or room < self.limit // 4:
            self.turn()
        for block in cluster:
            for loose in _loosen(block, self.limit):
                self._add_long(loose)

    def _add_long(self, block: Block) -> None:
        """Write a block on as many pages as it needs."""
        rest: Block | None = block
        # A text longer than a page certainly does not fit, so it need not be drawn to find out.
        while rest is not None and (len(rest.text) > self.limit or not self._add([rest])):
            room = self.limit - length(self.text) - 2  # for the line breaks between
            is_page_empty = not self.text
            cut = None
            if is_page_empty or room >= self.limit // 4:
                cut = _cut_block(rest, self.limit if is_page_empty else room, may_cut_words=is_page_empty)
            if cut is not None:
                piece, rest = cut
                self._add([piece])
            self.turn()


def _append(text: str, last: Block | None, blocks: Iterable[Block], *, is_new_part: bool = False) -> str:
    """A page's text with more blocks added."""
    for block in blocks:
        gap = _gap(last, block, is_new_part=is_new_part) if last and text else ""
        text += gap + render_block(block)
        last, is_new_part = block, False
    return text


_HEADINGS = (BlockKind.SECTION_HEADING, BlockKind.PARAGRAPH_HEADING)
_FRAMED = (BlockKind.CODE, BlockKind.TABLE)


def _gap(last: Block, block: Block, *, is_new_part: bool) -> str:
    """A line break where Discord leaves space anyway or lines belong together, otherwise an empty line."""
    kinds = (last.kind, block.kind)
    if kinds == (BlockKind.ITEM, BlockKind.ITEM) or last.kind in _HEADINGS:
        return "\n"
    if block.kind is BlockKind.SECTION_HEADING or last.kind in _FRAMED or block.kind in _FRAMED:
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


def _loosen(block: Block, limit: int) -> Sequence[Block]:
    """Turn a block into blocks that can be split: a wide table becomes rows, a long caption goes below its figure."""
    if block.kind is BlockKind.TABLE:
        return (block,) if draw_grid(block) else [b for row in rows_as_items(block) for b in _loosen(row, limit)]
    keep_tabs = block.kind is BlockKind.CODE
    spans = [replace(span, text=clean_text(span.text, keep_tabs=keep_tabs)) for span in block.spans]
    block = replace(block, spans=tuple(_loosen_links(spans, limit)))
    if block.kind is not BlockKind.FIGURE or length(render_block(block)) <= limit:
        return (block,)
    bare = replace(block, spans=())
    if length(render_block(bare)) > limit:
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
        return length(render_block(_slice(near, 0, end, blanks))) <= limit

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


_SENTENCE_END = re.compile(r"(?:[.!?…。][)\"'”’\]]*\s+|\n\s*)$")


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
    for look, group in groupby(spans, key=lambda s: (s.href, s.marks & {Mark.CODE})):
        end = start + sum(len(span.text) for span in group)
        if any(look):
            yield start, end
        start = end
