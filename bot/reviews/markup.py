"""A post's HTML → headings and blocks in text order.

In: the author's markup, of any quality and origin. Out: a tuple of :class:`Heading` and
:class:`bot.models.reviews.Block`. Never raises, makes no request, and is bounded in size. Together with `elements`,
which identifies single elements, it is the only module of the project that uses BeautifulSoup; no soup leaves the
two.

Two steps: :func:`prepare` repairs the markup as text, so that the parser sees what the author meant, and
:class:`_Reader` walks the tree with a stack of its own: markup nested 100,000 deep must not end in a
``RecursionError``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from html import unescape
from itertools import islice
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup
from bs4.element import CData, NavigableString, PageElement, Tag

from bot.models.reviews import Block, BlockKind, Mark, Span
from bot.reviews.colors import PLAIN, Look, read_style
from bot.reviews.elements import (
    HEADING_LEVELS,
    Preview,
    Steps,
    anchor_of,
    attribute,
    attributes,
    boxes_around,
    class_names,
    descend,
    embedded_page,
    fallback_of,
    is_beside_heading,
    is_line_count,
    is_permalink_behind_heading,
    is_repeated_by_neighbour,
    only_text,
    picture_in,
    read_preview,
)
from bot.reviews.grids import MAX_COLUMN_SPAN, MAX_ROW_SPAN, Cell, lay_out
from bot.reviews.inline import (
    PLAIN_STYLE,
    Run,
    RunBuffer,
    Style,
    is_blank,
    join_links,
    split_paragraph_heading,
    to_plain_text,
    to_spans,
)
from bot.reviews.names import (
    BLOCK_NAMES,
    DROPPED_NAMES,
    HTML_NAMES,
    INLINE_NAMES,
    PLACEHOLDER_NAMES,
    STOCK_CAPTIONS,
)
from bot.reviews.pictures import LAZY_ATTRIBUTES, is_inline, largest_of, lazy_address, plain_address, read_tex
from bot.reviews.preformatted import Preformatted, find_language, is_line, is_number, looks_like_code
from bot.text.patterns import lazy_pattern

MAX_HTML_CHARS = 600_000
"""The number of characters read from one body. The feed reader's own limit is 512 KB; the longest post of the
main feed has 40,000."""

MAX_TAGS = 30_000
"""The number of tags read from one body. 100,000 take a second of CPU in the parser; the largest post has about
700."""

TEMPLATE_LEFTOVERS = frozenset({"빨간색배경", "초록색배경", "초록색볼드체"})
"""The words "red background", "green background" and "green bold": the author's own template, left over
in three posts of the main feed. A coloured span with only these words means nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading as written: its tag's number, its text on one line, the links in it as (text, address), and the id by
    which its page leads to it.
    """

    level: int
    text: str
    links: tuple[tuple[str, str], ...] = ()
    anchor: str | None = None


Piece = Heading | Block


def read_markup(html: str, *, base_url: str) -> tuple[Piece, ...]:
    """Read a post's markup into headings and blocks.

    Args:
        html: A fragment or a document, well-formed or not; plain text is fine too.
        base_url: The post's own address, which relative addresses are resolved against.
    """
    soup = BeautifulSoup(f"<div>{prepare(html)}</div>", "lxml")
    return tuple(_Reader(base_url).read(soup))


# ── repairing the markup ────────────────────────────────────────────────────────────────────────

_FOREIGN_ROOT = lazy_pattern(r"<(/?)(svg|math)(?![^\s/>])", re.IGNORECASE)
_TAG = lazy_pattern(r"<(/?)([A-Za-z][^\s<>/\"'=]*)|<(?![!/A-Za-z])|</(?![A-Za-z])")
_ATTRIBUTE = lazy_pattern(r"\s+[A-Za-z_:@][^\s<>/\"'=]*\s*=")
_UNREADABLE = lazy_pattern("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_SURROGATE = lazy_pattern("[\ud800-\udfff]")


def prepare(html: str) -> str:
    """Repair markup as text: size, characters, and words in angle brackets that are not tags.

    A name in angle brackets is a tag if HTML knows it, if it stands within ``<svg>`` or ``<math>``, or if
    it is a custom element (hyphen and attributes). Everything else is text that Markdown took for a tag,
    such as ``<slot_name>``, ``<mask>`` or ``<EOS>``: it is escaped, in its own case, closing tags too.
    A few names that HTML knows but that mean nothing without attributes (``<input>``, ``<title>``) are text
    as well: an unclosed ``<title>`` would swallow the rest of the post.

    Source: WHATWG HTML, "Index of elements" and "Custom elements".
    """
    html = _SURROGATE.sub("\ufffd", _UNREADABLE.sub("", html[:MAX_HTML_CHARS]))
    html = html.replace("<?", "<!")  # a processing instruction is a comment in HTML; parsers differ on it
    return _TagMender(html).mend()


class _TagMender:
    def __init__(self, html: str) -> None:
        self.html = html
        self.foreign = _find_foreign_ranges(html)
        self.open: Counter[str] = Counter()  # open tags with doubtful names that were accepted

    def mend(self) -> str:
        """Return the markup with everything escaped that is not a tag."""
        parts: list[str] = []
        position = 0
        for count, match in enumerate(_TAG.finditer(self.html)):
            if count >= MAX_TAGS:
                return "".join((*parts, self.html[position : match.start()]))
            if not self._is_tag(match):
                parts += self.html[position : match.start()], "&lt;"
                position = match.start() + 1
        return "".join((*parts, self.html[position:]))

    def _is_tag(self, match: re.Match[str]) -> bool:
        if not match[2]:
            return False
        name = match[2].lower()
        if name in HTML_NAMES and name not in PLACEHOLDER_NAMES:
            return True
        if any(start <= match.start() < end for start, end in self.foreign):
            return True
        if name not in PLACEHOLDER_NAMES and "-" not in name:
            return False
        if match[1]:
            self.open[name] -= 1
            return self.open[name] >= 0
        is_element = _ATTRIBUTE.match(self.html, match.end()) is not None
        self.open[name] = max(self.open[name], 0) + is_element
        return is_element


def _find_foreign_ranges(html: str) -> list[tuple[int, int]]:
    """Find SVG and MathML, at most one range for each: from the first opening to the last closing tag.

    The word "<math>" alone, which is never closed, opens nothing.
    """
    first: dict[str, int] = {}
    ranges: dict[str, tuple[int, int]] = {}
    for match in _FOREIGN_ROOT.finditer(html):
        name = match[2].lower()
        if not match[1]:
            first.setdefault(name, match.start())
        elif name in first:
            ranges[name] = (first[name], match.end())
    return list(ranges.values())


# ── reading the tree ────────────────────────────────────────────────────────────────────────────

_MARKS = {
    "strong": Mark.BOLD, "b": Mark.BOLD, "em": Mark.ITALIC, "i": Mark.ITALIC, "cite": Mark.ITALIC,
    "var": Mark.ITALIC, "dfn": Mark.ITALIC, "del": Mark.STRIKE, "s": Mark.STRIKE, "strike": Mark.STRIKE,
    "code": Mark.CODE, "tt": Mark.CODE, "kbd": Mark.CODE, "samp": Mark.CODE, "sup": Mark.SUP, "sub": Mark.SUB,
    "mark": Mark.HIGHLIGHT,
}  # fmt: skip
_FROM_MARKDOWN = frozenset({"em", "strong"})
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_CELLS = frozenset({"td", "th"})
_MEDIA = frozenset({"iframe", "video", "audio", "embed", "object"})
_DROPPED_CLASSES = frozenset(
    {
        *("MathJax_Preview", "rouge-gutter", "lineno", "katex-html"),
        *("mw-editsection", "hatena-citation"),  # links to edit a section; the host below a card, which repeats it
        *("subscription-widget-wrap", "subscription-widget-wrap-editor", "subscribe-widget"),  # Substack's forms
        *("og-desc", "og-host", "og-image"),  # parts of a Tistory preview that is not marked as one
    }
)
_RENDERED_MATH = frozenset({"MathJax", "MathJax_Display", "MathJax_SVG", "MathJax_SVG_Display"})
_MAX_MATH_TAGS = 400  # searched for the TeX inside rendered math
_MAX_MEDIA_SOURCES = 20


@dataclass(slots=True)
class _Item:
    """A list item being read; its first block carries the marker."""

    marker: str
    depth: int
    is_used: bool = False


@dataclass(slots=True)
class _List:
    number: int
    is_ordered: bool


@dataclass(slots=True)
class _Table:
    rows: list[list[Cell[list[Run]]]] = field(default_factory=list)
    head_cells: Counter[bool] = field(default_factory=Counter)  # of the first row with text: are they <th>?
    is_head_marked: bool = False
    cell: Cell[list[Run]] | None = None  # the open cell, still empty …
    is_head_cell: bool = False  # … and whether it is a <th>

    @property
    def has_head(self) -> bool:
        """Whether the first row names the columns; its corner may be an empty cell of either kind."""
        return self.is_head_marked or (self.head_cells[True] > 0 and not self.head_cells[False])


class _Reader:
    """Walks the tree once, collecting inline runs until a block ends."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.pieces: list[Piece] = []
        self.later: list[Piece] = []  # figures inside a heading or a table; they come after it
        self.runs = RunBuffer()
        self.heading: int | None = None
        self.anchor: str | None = None  # of the open heading
        self.lists: list[_List] = []
        self.items: list[_Item] = []
        self.quotes = 0
        self.table: _Table | None = None
        self.raw: Preformatted | None = None  # the <pre> being read …
        self.raw_tags: list[Tag] = []  # … and the elements in it that stand on lines of their own
        self.steps = Steps()
        self.style = PLAIN_STYLE  # the style around the current element
        self.answered: set[int] = set()  # fallbacks whose picture was already added as a figure
        self.figures: list[int] = []  # where each open <figure>'s pieces begin
        self.captions: list[list[Run]] = []
        self.emphasis_count = 0

    def read(self, root: Tag) -> list[Piece]:
        """Read the whole tree."""
        stack: list[tuple[Tag, Iterator[PageElement], Style]] = [(root, iter(root.contents), PLAIN_STYLE)]
        while stack:
            tag, children, style = stack[-1]
            child = next(children, None)
            if child is None:
                stack.pop()
                self._leave(tag)
            elif isinstance(child, Tag):
                inner = self._enter(child, style)
                if inner is not None:
                    stack.append((child, iter(child.contents), inner))
            elif type(child) in {NavigableString, CData}:  # not comments, scripts, declarations
                self._add_text(str(child), style)
        self._flush()
        return self.pieces

    # ── entering and leaving elements ──

    def _enter(self, tag: Tag, style: Style) -> Style | None:
        """Begin an element. Returns the style inside it, or None if its content is not to be read."""
        name = tag.name
        look = read_style(attribute(tag, "style")) if tag.attrs else PLAIN
        classes = class_names(tag)
        if self.raw is not None:
            return self._enter_raw(self.raw, tag, classes, style, look)
        if tex := _read_tex(tag, classes):
            self.runs.add_formula(tex, style)
            return None
        if self._is_dropped(tag, look, classes):
            return None
        if preview := read_preview(tag, classes, self.steps):
            return self._add_preview(preview, style)
        self.style = style
        if handler := _ENTER.get(name):
            return style if handler(self, tag) else None
        if level := HEADING_LEVELS.get(name):
            self._open_heading(tag, level)
        elif name in BLOCK_NAMES:
            self._break_block()
        return self._restyle(tag, style, look)

    def _enter_raw(
        self, raw: Preformatted, tag: Tag, classes: frozenset[str], style: Style, look: Look
    ) -> Style | None:
        """Begin an element inside preformatted text, where only lines and their numbers matter."""
        told = attributes(tag)
        raw.notice(classes)
        if tag.name == "br":
            raw.add("\n")
        elif tex := _read_tex(tag, classes):
            raw.add(tex)
        elif tag.name not in DROPPED_NAMES and not look.is_hidden and not is_number(told, classes):
            if is_line(tag.name, told, classes):
                raw.open_line()
                self.raw_tags.append(tag)
            return style
        return None

    def _add_preview(self, preview: Preview, style: Style) -> Style | None:
        """Add an editor's link preview: the other page's title, without its summary and pictures."""
        url = self._resolve(preview.address)
        if url is None:
            return style
        self._emit(Block(kind=BlockKind.LINK, spans=(Span(text=preview.title or url, href=url),), url=url))
        return None

    def _is_dropped(self, tag: Tag, look: Look, classes: frozenset[str]) -> bool:
        if tag.name == "noscript":
            self._add_fallback(tag)
            return True
        if tag.name in DROPPED_NAMES or look.is_hidden or classes & _DROPPED_CLASSES:
            return True
        if classes & _RENDERED_MATH:
            return _is_math_script(tag.next_sibling)
        if is_line_count(tag, classes, self.steps):
            return True
        if self.heading is not None and is_beside_heading(tag, classes, self.steps):
            return True
        if is_permalink_behind_heading(tag, classes, self.steps):
            return True
        return look is not PLAIN and only_text(tag) in TEMPLATE_LEFTOVERS

    def _restyle(self, tag: Tag, style: Style, look: Look) -> Style:
        name = tag.name
        if mark := _MARKS.get(name):
            style = self._emphasise(style, mark) if name in _FROM_MARKDOWN else style.with_mark(mark)
        if name == "a" and (href := self._resolve(attribute(tag, "href"), mailto=True)):
            style = replace(style, href=href)
        if look is PLAIN:
            return style
        if look.background and (name in INLINE_NAMES or name in _MARKS):  # in a box or a cell it is decoration
            style = style.with_mark(look.background)
        styled = {Mark.BOLD: look.is_bold, Mark.ITALIC: look.is_italic, Mark.STRIKE: look.is_struck}
        for mark, is_set in styled.items():
            style = style.with_mark(mark) if is_set else style
        return style if look.is_green is None else replace(style, is_green=look.is_green)

    def _emphasise(self, style: Style, mark: Mark) -> Style:
        self.emphasis_count += 1
        return style.within_emphasis(self.emphasis_count, mark)

    def _leave(self, tag: Tag) -> None:
        name = tag.name
        if self.raw is not None:
            self._leave_raw(self.raw, tag)
        elif handler := _LEAVE.get(name):
            handler(self)
        elif name in HEADING_LEVELS:
            self._close_heading()
        elif name in BLOCK_NAMES:
            self._break_block()

    def _leave_raw(self, raw: Preformatted, tag: Tag) -> None:
        if self.raw_tags and self.raw_tags[-1] is tag:
            self.raw_tags.pop()
            if self.raw_tags:  # the first is the <pre> itself
                raw.close_line()
            else:
                self.close_pre()

    # ── text and blocks ──

    def _add_text(self, text: str, style: Style) -> None:
        if self.raw is not None:
            self.raw.add(text)
        else:
            self.runs.add_text(text, style)

    def _break_block(self) -> None:
        """End the block before and begin another. In a heading or a cell, which is one line of runs, add a space or a
        line break.
        """
        if self.raw is not None:
            return
        if self.heading is not None:
            self.runs.add_text(" ")
        elif self.table is None:
            self._flush()
        elif self.runs:
            self.runs.add_break()

    def _flush(self) -> None:
        """End the block being collected and add it, if there is anything in it."""
        if self.heading is not None:
            self._close_heading()
            return
        has_text = bool(self.runs)
        runs = self.runs.take()
        if has_text:
            self.pieces += self._to_blocks(runs)

    def _to_blocks(self, runs: list[Run]) -> list[Block]:
        item = self.items[-1] if self.items else None
        if item is None and not self.quotes:
            return _to_paragraphs(runs)
        depth, marker = (item.depth, item.marker) if item else (0, "")
        if item and item.is_used:
            marker = ""  # another paragraph of the same item
        if item:
            item.is_used = True
        kind = BlockKind.QUOTE if self.quotes else BlockKind.ITEM
        return [Block(kind=kind, spans=to_spans(runs), depth=depth, marker=marker)]

    def _emit(self, block: Block) -> None:
        """Add a separate block, in order with the text around it."""
        if self.heading is not None or self.table is not None:
            self.later.append(block)
        else:
            self._flush()
            self.pieces.append(block)

    def _emit_later(self) -> None:
        self.pieces += self.later
        self.later = []

    # ── headings ──

    def _open_heading(self, tag: Tag, level: int) -> None:
        self._break_block() if self.table else self._flush()
        if self.table is None and self.raw is None:
            self.heading = level
            self.anchor = anchor_of(tag, self.base_url, self.steps)

    def _close_heading(self) -> None:
        if self.heading is None:
            self._break_block()
            return
        level, self.heading = self.heading, None
        spans = to_spans(self.runs.take())
        if text := _without_signs(to_plain_text(spans)):
            links = tuple(join_links(spans))
            self.pieces.append(Heading(level=level, text=text, links=links, anchor=self.anchor))
        self._emit_later()

    # ── lists and quotations ──

    def open_list(self, tag: Tag) -> bool:
        """Begin a list."""
        self._break_block()
        start = attribute(tag, "start")
        is_number = re.fullmatch(r"-?\d{1,6}", start) is not None
        self.lists.append(_List(number=int(start) if is_number else 1, is_ordered=tag.name == "ol"))
        return True

    def close_list(self) -> None:
        """End a list."""
        self._break_block()
        if self.lists:
            self.lists.pop()

    def open_item(self, tag: Tag) -> bool:
        """Begin a list item and choose its marker."""
        self._break_block()
        within = self.lists[-1] if self.lists else None
        marker = "•"
        if within and within.is_ordered:
            value = attribute(tag, "value")
            within.number = int(value) if re.fullmatch(r"\d{1,6}", value) else within.number
            marker = f"{within.number}."
            within.number += 1
        self.items.append(_Item(marker=marker, depth=max(0, len(self.lists) - 1)))
        return True

    def close_item(self) -> None:
        """End a list item."""
        self._break_block()
        if self.items:
            self.items.pop()

    def open_quote(self, _tag: Tag) -> bool:
        """Begin a quotation."""
        self._break_block()
        self.quotes += 1
        return True

    def close_quote(self) -> None:
        """End a quotation."""
        self._break_block()
        self.quotes -= 1

    # ── preformatted text ──

    def open_pre(self, tag: Tag) -> bool:
        """Begin preformatted text; in a table, a heading or another one it is ordinary text."""
        if self.table is not None or self.heading is not None or self.raw is not None:
            self._break_block()
            return True
        self._flush()
        self.raw = Preformatted(language=find_language(boxes_around(tag)))
        self.raw_tags = [tag]
        return True

    def close_pre(self) -> None:
        """End preformatted text: code, if it is marked with a language or is clearly code; else a quotation."""
        raw, self.raw = self.raw, None
        if raw is None:
            self._break_block()
            return
        text = raw.text
        if is_blank(text):
            return
        kind = BlockKind.CODE if raw.language or raw.is_coloured or looks_like_code(text) else BlockKind.EXCERPT
        self.pieces.append(Block(kind=kind, spans=(Span(text=text),), language=raw.language))

    def add_break(self, _tag: Tag) -> bool:
        """Add a line break, or a space in a heading."""
        if self.heading is not None:
            self.runs.add_text(" ")
        else:
            self.runs.add_break()
        return False

    # ── figures and other media ──

    def add_image(self, tag: Tag) -> bool:
        """Add a picture: the one that a reader finally sees, whatever stands in its place until a script has run."""
        told, classes = attributes(tag), class_names(tag)
        address, alt = self._picture_of(tag, told), told.get("alt", "").strip()
        if tex := read_tex(told, classes, told.get("data-canonical-src") or address):
            self.runs.add_formula(tex, PLAIN_STYLE)
        elif _is_pixel(tag):
            return False
        elif is_inline(told, classes, told.get("data-canonical-src") or address):
            self.runs.add_text(alt if says_something(alt) else "", self.style)
        else:
            self._add_figure(address, alt)
        return False

    def _picture_of(self, tag: Tag, told: dict[str, str]) -> str:
        if lazy := lazy_address(told):
            return lazy
        if (fallback := fallback_of(tag)) and (picture := picture_in(fallback)):
            address = _address_of(picture)
            if id(fallback) in self.answered:
                return ""
            if self._resolve(address):
                self.answered.add(id(fallback))
                return address
        return plain_address(told) or _source_around(tag)

    def _add_fallback(self, noscript: Tag) -> None:
        """Add a picture for readers without scripts, unless it is also there in another form."""
        picture = picture_in(noscript)
        if picture is None or read_style(attribute(picture, "style")).is_hidden:
            return
        if id(noscript) not in self.answered and not is_repeated_by_neighbour(noscript):
            self.add_image(picture)

    def open_picture(self, tag: Tag) -> bool:
        """Read the <img> among the alternatives of one picture; without one, the first alternative."""
        if picture_in(tag) is None:
            self._add_figure(_address_of_sources(tag), "")
        return True

    def _add_figure(self, address: str, alt: str) -> None:
        url = self._resolve(address)
        if url:
            caption = (Span(text=alt),) if says_something(alt) else ()
            self._emit(Block(kind=BlockKind.FIGURE, spans=caption, url=url))

    def open_note(self, _tag: Tag) -> bool:
        """Begin a note within the line, which its page opens in a box."""
        self.runs.add_text(" (")
        return True

    def close_note(self) -> None:
        """End a note within the line."""
        self.runs.add_text(")")

    def open_figure(self, _tag: Tag) -> bool:
        """Begin a figure."""
        self._break_block()
        self.figures.append(len(self.pieces))
        return True

    def close_figure(self) -> None:
        """End a figure and give its last picture the caption."""
        self._break_block()
        if not self.figures:
            return
        start = self.figures.pop()
        captions, self.captions = self.captions, []
        runs = _join_lines(captions)
        if not runs:
            return
        for index in range(len(self.pieces) - 1, start - 1, -1):
            piece = self.pieces[index]
            if isinstance(piece, Block) and piece.kind is BlockKind.FIGURE:
                self.pieces[index] = replace(piece, spans=to_spans(runs))
                return
        self.pieces += self._to_blocks(runs)

    def open_caption(self, _tag: Tag) -> bool:
        """Begin a caption."""
        self._break_block()
        return True

    def close_caption(self) -> None:
        """End a caption and keep it for its figure."""
        if self.figures and self.heading is None and self.table is None:
            self.captions.append(self.runs.take())
        else:
            self._break_block()

    def add_media(self, tag: Tag) -> bool:
        """Add a video, a frame or other media as a link."""
        if "wp-embedded-content" in class_names(tag) and _has_quote_beside(tag):
            return False  # the card itself; its link comes before it
        label = " ".join(attribute(tag, "title").split())
        if page := self._resolve(embedded_page(tag)):
            self._emit(Block(kind=BlockKind.LINK, spans=(Span(text=label or page, href=page),), url=page))
            return False
        sources = islice(descend(tag), _MAX_MEDIA_SOURCES)
        addresses = (attribute(t, key) for t in (tag, *sources) for key in (*LAZY_ATTRIBUTES, "src", "data"))
        url = next((url for address in addresses if (url := self._resolve(address))), None)
        if url:
            self._emit(Block(kind=BlockKind.PARAGRAPH, spans=(Span(text=label or url, href=url),)))
        return False

    # ── tables ──

    def open_table(self, tag: Tag) -> bool:
        """Begin a table, unless it is used for layout or is inside another table or a heading."""
        self._break_block()
        if self.table is None and self.heading is None and not _is_layout(tag):
            self.table = _Table()
        return True

    def close_table(self) -> None:
        """End a table and add it."""
        table = self.table
        if table is None:
            self._break_block()
            return
        self.close_cell()
        self.table = None
        empty: list[Run] = []
        rows = [row for row in lay_out(table.rows, empty=empty) if any(_has_text(cell) for cell in row)]
        if len(rows) == 1 and not table.head_cells[True] and not table.is_head_marked:
            self.runs.extend(_rejoin_cut_line(rows[0]))
            self._flush()
        elif rows:
            self.pieces.append(_to_table_block(rows, has_head=table.has_head))
        self._emit_later()

    def open_head(self, _tag: Tag) -> bool:
        """Begin the head of a table."""
        self._break_block()
        if self.table is not None and not self.table.rows:
            self.table.is_head_marked = True
        return True

    def open_row(self, _tag: Tag) -> bool:
        """Begin a row."""
        if self.table is None:
            self._break_block()
        else:
            self.close_cell()
            self.table.rows.append([])
        return True

    def open_cell(self, tag: Tag) -> bool:
        """Begin a cell."""
        if self.table is None:
            self._break_block()
            return True
        self.close_cell()
        if not self.table.rows:
            self.table.rows.append([])
        columns, rows = (_read_span(tag, name) for name in ("colspan", "rowspan"))
        self.table.cell = Cell(content=[], columns=min(columns, MAX_COLUMN_SPAN), rows=min(rows, MAX_ROW_SPAN))
        self.table.is_head_cell = tag.name == "th"
        return True

    def close_cell(self) -> None:
        """Put the collected text into the row, even an empty cell; text outside cells counts as a cell."""
        if self.table is None:
            self._break_block()
            return
        table = self.table
        has_text = bool(self.runs)
        runs = self.runs.take()
        if has_text or table.cell is not None:
            table.rows = table.rows or [[]]
            table.rows[-1].append(replace(table.cell or Cell(content=[]), content=runs if has_text else []))
            if len(table.rows) == 1 and has_text:
                table.head_cells[table.is_head_cell] += 1
        table.cell, table.is_head_cell = None, False

    def _resolve(self, address: str, *, mailto: bool = False) -> str | None:
        return resolve_address(address, self.base_url, mailto=mailto)


_ENTER: dict[str, Callable[[_Reader, Tag], bool]] = {
    "br": _Reader.add_break,
    "img": _Reader.add_image,
    "image": _Reader.add_image,
    "amp-img": _Reader.add_image,
    "picture": _Reader.open_picture,
    "pre": _Reader.open_pre,
    "blockquote": _Reader.open_quote,
    "li": _Reader.open_item,
    "d-footnote": _Reader.open_note,
    "figure": _Reader.open_figure,
    "figcaption": _Reader.open_caption,
    "table": _Reader.open_table,
    "thead": _Reader.open_head,
    "tr": _Reader.open_row,
    **dict.fromkeys(_LISTS, _Reader.open_list),
    **dict.fromkeys(_CELLS, _Reader.open_cell),
    **dict.fromkeys(_MEDIA, _Reader.add_media),
}
"""What to do when an element begins; False means that its content is not read. The style around it stays as it is."""

_LEAVE: dict[str, Callable[[_Reader], None]] = {
    "pre": _Reader.close_pre,
    "blockquote": _Reader.close_quote,
    "li": _Reader.close_item,
    "d-footnote": _Reader.close_note,
    "figure": _Reader.close_figure,
    "figcaption": _Reader.close_caption,
    "table": _Reader.close_table,
    **dict.fromkeys(_LISTS, _Reader.close_list),
    **dict.fromkeys(_CELLS, _Reader.close_cell),
}


# ── runs → blocks ───────────────────────────────────────────────────────────────────────────────


def _to_paragraphs(runs: list[Run]) -> list[Block]:
    heading, rest = split_paragraph_heading(runs)
    blocks = [Block(kind=BlockKind.PARAGRAPH_HEADING, spans=to_spans(heading))] if heading else []
    if spans := to_spans(rest):
        kind = BlockKind.MATH if _is_display_math(spans) else BlockKind.PARAGRAPH
        blocks.append(Block(kind=kind, spans=spans))
    return blocks


def _is_display_math(spans: tuple[Span, ...]) -> bool:
    """Whether a paragraph contains displayed formulas and nothing else."""
    visible = [span for span in spans if span.text.strip()]
    return all(Mark.MATH in span.marks and span.text.startswith(("$$", "\\[")) for span in visible)


def _to_table_block(rows: list[list[list[Run]]], *, has_head: bool) -> Block:
    cells = tuple(tuple(to_spans(cell) for cell in row) for row in rows)
    return Block(kind=BlockKind.TABLE, rows=cells, has_head=has_head)


def _rejoin_cut_line(cells: list[list[Run]]) -> list[Run]:
    """Join a table of one row without a head: a line of text that Markdown cut at its vertical bars.

    kramdown turns every line with a "|" into a table, so ``$p(y|x)$`` in a sentence becomes two cells.
    All 13 tables of the main feed are such lines. The spaces beside the bar are lost; within a formula,
    that is, after an odd number of dollar signs, there are none. Source: kramdown's syntax, "Tables".
    """
    joined: list[Run] = []
    dollars = 0
    for index, cell in enumerate(cells):
        if index:
            joined.append(Run(text="|" if dollars % 2 else " | "))
        joined += cell
        dollars += sum(run.text.count("$") for run in cell)
    return joined


def _join_lines(lines: list[list[Run]]) -> list[Run]:
    lines = [line for line in lines if _has_text(line)]
    return [run for i, line in enumerate(lines) for run in ((Run(text=" "), *line) if i else line)]


def _has_text(runs: Iterable[Run]) -> bool:
    return any(not is_blank(run.text) for run in runs)


_SIGNS = lazy_pattern(r"^#{1,6}\s+|^\s*¶\s*|(?<!\s)\s*¶\s*$|(?<!\s)\s+#+$")  # spaces are tried once per run


def _without_signs(heading: str) -> str:
    """Return a heading's text without the sign of a permalink or of Markdown, if it came as text."""
    text = _SIGNS.sub("", heading).strip()
    return "" if is_blank(text) else text


# ── elements ────────────────────────────────────────────────────────────────────────────────────


_FILE_NAME = lazy_pattern(r"\S{0,200}\.(?:png|jpe?g|gif|webp|svg|bmp|tiff?|heic|avif)", re.IGNORECASE)
_CODE_NAME = lazy_pattern(r"[\w-]*\d[\w-]*")


def says_something(alt: str) -> bool:
    """Whether an image's alternative text is useful to a reader: not a stock word, a file name or a hash."""
    alt = alt.strip()
    if not alt or alt.lower().rstrip(" 0123456789.") in STOCK_CAPTIONS:
        return False
    is_machine_made = _FILE_NAME.fullmatch(alt) or (len(alt) >= 16 and _CODE_NAME.fullmatch(alt))
    return not is_machine_made and not alt.lower().startswith(("uploading ", "http://", "https://", "data:"))


def _is_pixel(tag: Tag) -> bool:
    """Whether an image is a tracking pixel."""
    return {attribute(tag, "width"), attribute(tag, "height")} <= {"0", "1", "0px", "1px"}


def _address_of(picture: Tag) -> str:
    told = attributes(picture)
    return lazy_address(told) or plain_address(told)


def _has_quote_beside(frame: Tag) -> bool:
    beside = islice(frame.parent.contents, _MAX_MEDIA_SOURCES) if frame.parent is not None else ()
    return any(isinstance(sibling, Tag) and sibling.name == "blockquote" for sibling in beside)


def _source_around(image: Tag) -> str:
    """Return the address among the alternatives of the <picture> around an <img> without one."""
    parents = islice(image.parents, _MAX_MEDIA_SOURCES)  # the parser nests one <source> in the other
    return next((_address_of_sources(parent) for parent in parents if parent.name == "picture"), "")


def _address_of_sources(picture: Tag) -> str:
    sources = (source for source in islice(descend(picture), _MAX_MEDIA_SOURCES) if source.name == "source")
    addresses = (lazy_address(told := attributes(source)) or largest_of(told.get("srcset", "")) for source in sources)
    return next((address for address in addresses if address), "")


def _read_span(cell: Tag, name: str) -> int:
    """Return how many columns or rows a cell covers; ``rowspan="0"`` goes down to the last row."""
    value = attribute(cell, name).strip()
    if not re.fullmatch(r"\d{1,6}", value):
        return 1
    return int(value) or (MAX_ROW_SPAN if name == "rowspan" else 1)


def resolve_address(address: str, base_url: str, *, mailto: bool = False) -> str | None:
    """Return an absolute http(s) address (or mailto:, if asked for); None for everything else."""
    address = address.strip()
    if not address:
        return None
    if bracketed := _BRACKETED_ADDRESS.fullmatch(address):
        address = bracketed[1]
    elif _WITHOUT_SCHEME.match(address):
        address = f"https://{address}"
    try:
        url = urljoin(base_url, address)
        parts = urlsplit(url)
    except ValueError:  # "http://[": not an address
        return None
    if parts.scheme in {"http", "https"}:
        return url if parts.netloc else None
    return url if mailto and parts.scheme == "mailto" and parts.path else None


_BRACKETED_ADDRESS = lazy_pattern(r"[(<\[\"']{1,2}(https?://[^\s<>\"']+?)[)>\]\"']{1,2}", re.IGNORECASE)
_WITHOUT_SCHEME = lazy_pattern(
    r"(?:www\.)?(?:arxiv\.org|openreview\.net|aclanthology\.org|doi\.org|dl\.acm\.org|huggingface\.co|github\.com|"
    r"proceedings\.mlr\.press|papers\.nips\.cc)/\w",
    re.IGNORECASE,
)
"""Slips in hand-written markup: "[paper]((https://…))", "[paper](arxiv.org/abs/…)"."""


def _is_layout(table: Tag) -> bool:
    """Whether a table is only used for layout: it contains headings, code or another table.

    Nested tables cannot make this quadratic, since the search stops at the first of them.
    """
    return any(tag.name in HEADING_LEVELS or tag.name in {"pre", "table"} for tag in descend(table))


# ── mathematics declared by the markup ──────────────────────────────────────────────────────────


def _is_math_script(node: PageElement | None) -> bool:
    return isinstance(node, Tag) and node.name == "script" and attribute(node, "type").startswith("math/tex")


def _read_tex(tag: Tag, classes: frozenset[str]) -> str | None:
    """Return the TeX source that an element stands for, with dollar signs; None for other elements.

    Known: MathJax 2's ``<script type="math/tex">``, KaTeX, and ``<math>`` with an annotation or alttext.
    """
    if _is_math_script(tag):
        return _in_dollars(unescape(tag.get_text()), is_display="mode=display" in attribute(tag, "type"))
    if tag.name == "math":
        tex = attribute(tag, "alttext") or _find_annotation(tag)
        return _in_dollars(tex, is_display=attribute(tag, "display") == "block")
    if "mwe-math-element" in classes and (tex := _find_annotation(tag)):
        return _in_dollars(_without_style(tex), is_display=False)
    if classes & {"katex", "katex-display"}:
        return _in_dollars(_find_annotation(tag), is_display="katex-display" in classes)
    return None


def _find_annotation(tag: Tag) -> str:
    annotations = (t for t in islice(descend(tag), _MAX_MATH_TAGS) if t.name == "annotation")
    return next((only_text(annotation) or "" for annotation in annotations), "")


def _without_style(tex: str) -> str:
    """Return TeX without the braces that MediaWiki puts around it."""
    match = re.fullmatch(r"\{\\(?:display|text)style\s+(.*)\}", tex.strip(), re.DOTALL)
    return match[1] if match else tex


_CDATA_IN_TEX = lazy_pattern(r"^%\s*<!\[CDATA\[|%\s*\]\]>$")


def _in_dollars(tex: str, *, is_display: bool) -> str | None:
    tex = _CDATA_IN_TEX.sub("", tex.strip()).strip()
    if not tex:
        return None
    return f"$${tex}$$" if is_display else f"${tex}$"
