"""A post's HTML → headings and blocks in the order of the text.

In: the author's markup, of any quality and origin. Out: a tuple of :class:`Heading` and
:class:`bot.models.Block`. Never raises, makes no request, and is bounded in size. The only module of the
project that uses BeautifulSoup; no soup leaves it.

Two steps: :func:`prepare` mends the markup as text, so that the parser sees what the author meant, and
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

from bot.models import Block, BlockKind, Mark, Span
from bot.reviews.colors import PLAIN, Look, read_style
from bot.reviews.inline import (
    PLAIN_STYLE,
    Run,
    RunBuffer,
    Style,
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

MAX_HTML_CHARS = 600_000
"""Characters of one body that are read. The feed reader's own limit is 512 KB; the longest post of the
main feed has 40,000."""

MAX_TAGS = 30_000
"""Tags read of one body. 100,000 take a second of CPU in the parser; the largest post has some 700."""

TEMPLATE_LEFTOVERS = frozenset({"빨간색배경", "초록색배경", "초록색볼드체"})
"""The words "red background", "green background" and "green bold": the author's own template, left behind
in three posts of the main feed. A coloured span of just these words says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading as written: its tag's number, its text on one line, and the links in it as (text, address)."""

    level: int
    text: str
    links: tuple[tuple[str, str], ...] = ()


Piece = Heading | Block


def read_markup(html: str, *, base_url: str) -> tuple[Piece, ...]:
    """Read a post's markup into headings and blocks.

    Args:
        html: A fragment or a document, well-formed or not; plain text is fine too.
        base_url: What relative addresses are resolved against, the post's own.
    """
    soup = BeautifulSoup(f"<div>{prepare(html)}</div>", "lxml")
    return tuple(_Reader(base_url).read(soup))


# ── mending the markup ──────────────────────────────────────────────────────────────────────────

_FOREIGN_ROOT = re.compile(r"<(/?)(svg|math)(?![^\s/>])", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([A-Za-z][^\s<>/\"'=]*)|<(?![!/A-Za-z])|</(?![A-Za-z])")
_ATTRIBUTE = re.compile(r"\s+[A-Za-z_:@][^\s<>/\"'=]*\s*=")
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def prepare(html: str) -> str:
    """Mend markup as text: size, characters, and words in angle brackets that are no tags.

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
        self.open: Counter[str] = Counter()  # tags of doubtful names that we let through

    def mend(self) -> str:
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
    """Where SVG and MathML stand, as at most one range for each: from the first opening to the last closing
    tag, so that the word "<math>" alone, which is never closed, opens nothing."""
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

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
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
        *("subscription-widget-wrap", "subscription-widget-wrap-editor", "subscribe-widget"),  # Substack's forms
        *("og-desc", "og-host", "og-image"),  # of a preview by Tistory that is not marked as one
    }
)
_RENDERED_MATH = frozenset({"MathJax", "MathJax_Display", "MathJax_SVG", "MathJax_SVG_Display"})
_PLAIN_LANGUAGES = frozenset({"plaintext", "plain", "text", "txt", "none", "nohighlight", "no-highlight"})
_LANGUAGE_CLASS = re.compile(r"^(?:language|lang|highlight-source|brush:?)-?([a-z0-9+#_.-]{1,30})$", re.IGNORECASE)
_MAX_MATH_TAGS = 400  # searched for the TeX inside rendered math
_MAX_MEDIA_SOURCES = 20
_MAX_LANGUAGE_CHARS = 30


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
    rows: list[list[list[Run]]] = field(default_factory=list)
    head_cells: int = 0  # of the first row
    is_head_marked: bool = False
    is_in_cell: bool = False


class _Reader:
    """Walks the tree once, collecting inline runs until a block ends."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.pieces: list[Piece] = []
        self.later: list[Piece] = []  # figures inside a heading or a table: they follow it
        self.runs = RunBuffer()
        self.heading: int | None = None
        self.lists: list[_List] = []
        self.items: list[_Item] = []
        self.quotes = 0
        self.table: _Table | None = None
        self.raw: list[str] | None = None  # text of the <pre> being read …
        self.language: str | None = None  # … and its language
        self.figures: list[int] = []  # where each open <figure>'s pieces begin
        self.captions: list[list[Run]] = []
        self.emphasis_count = 0

    def read(self, root: Tag) -> list[Piece]:
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
        look = read_style(_attribute(tag, "style")) if tag.attrs else PLAIN
        classes = _classes(tag)
        if tex := _read_tex(tag, classes):
            self.runs.add_formula(tex, style)
            return None
        if self._is_dropped(tag, look, classes):
            return None
        if address := _previewed(tag, classes):
            return self._add_preview(tag, address, style)
        if handler := _ENTER.get(name):
            return style if handler(self, tag) else None
        if level := _HEADINGS.get(name):
            self._open_heading(level)
        elif name in BLOCK_NAMES:
            self._break_block()
        return self._restyle(tag, style, look)

    def _add_preview(self, tag: Tag, address: str, style: Style) -> Style | None:
        """A box that an editor made of a link: the other page's title, without its summary and pictures."""
        url = self._resolve(address)
        if url is None or self.raw is not None:
            return style
        title = _attribute(tag, "data-og-title") or _linked_text(tag) or url
        self._emit(Block(kind=BlockKind.LINK, spans=(Span(text=" ".join(title.split()), href=url),), url=url))
        return None

    def _is_dropped(self, tag: Tag, look: Look, classes: frozenset[str]) -> bool:
        if tag.name in DROPPED_NAMES or look.is_hidden or classes & _DROPPED_CLASSES:
            return True
        if classes & _RENDERED_MATH:
            return _is_math_script(tag.next_sibling)
        return look is not PLAIN and _only_text(tag) in TEMPLATE_LEFTOVERS

    def _restyle(self, tag: Tag, style: Style, look: Look) -> Style:
        name = tag.name
        if mark := _MARKS.get(name):
            style = self._emphasise(style, mark) if name in _FROM_MARKDOWN else style.with_mark(mark)
        if name == "a" and (href := self._resolve(_attribute(tag, "href"), mailto=True)):
            style = replace(style, href=href)
        if look is PLAIN:
            return style
        if look.background and (name in INLINE_NAMES or name in _MARKS):  # a box or a table cell has a back for looks
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
        if handler := _LEAVE.get(name):
            handler(self)
        elif name in _HEADINGS:
            self._close_heading()
        elif name in BLOCK_NAMES:
            self._break_block()

    # ── text and blocks ──

    def _add_text(self, text: str, style: Style) -> None:
        if self.raw is not None:
            self.raw.append(text)
        else:
            self.runs.add_text(text, style)

    def _break_block(self) -> None:
        """A block begins or ends here. Within a heading or a cell, which are one line of runs, it is a space
        or a line break only."""
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
            marker = ""  # a further paragraph of the same item
        if item:
            item.is_used = True
        kind = BlockKind.QUOTE if self.quotes else BlockKind.ITEM
        return [Block(kind=kind, spans=to_spans(runs), depth=depth, marker=marker)]

    def _emit(self, block: Block) -> None:
        """Add a block that stands on its own, in order with the text around it."""
        if self.heading is not None or self.table is not None:
            self.later.append(block)
        else:
            self._flush()
            self.pieces.append(block)

    def _emit_later(self) -> None:
        self.pieces += self.later
        self.later = []

    # ── headings ──

    def _open_heading(self, level: int) -> None:
        self._break_block() if self.table else self._flush()
        if self.table is None and self.raw is None:
            self.heading = level

    def _close_heading(self) -> None:
        if self.heading is None:
            self._break_block()
            return
        level, self.heading = self.heading, None
        spans = to_spans(self.runs.take())
        if text := to_plain_text(spans):
            self.pieces.append(Heading(level=level, text=text, links=tuple(join_links(spans))))
        self._emit_later()

    # ── lists and quotations ──

    def open_list(self, tag: Tag) -> bool:
        self._break_block()
        start = _attribute(tag, "start")
        is_number = re.fullmatch(r"-?\d{1,6}", start) is not None
        self.lists.append(_List(number=int(start) if is_number else 1, is_ordered=tag.name == "ol"))
        return True

    def close_list(self) -> None:
        self._break_block()
        if self.lists:
            self.lists.pop()

    def open_item(self, tag: Tag) -> bool:
        self._break_block()
        within = self.lists[-1] if self.lists else None
        marker = "•"
        if within and within.is_ordered:
            value = _attribute(tag, "value")
            within.number = int(value) if re.fullmatch(r"\d{1,6}", value) else within.number
            marker = f"{within.number}."
            within.number += 1
        self.items.append(_Item(marker=marker, depth=max(0, len(self.lists) - 1)))
        return True

    def close_item(self) -> None:
        self._break_block()
        if self.items:
            self.items.pop()

    def open_quote(self, _tag: Tag) -> bool:
        self._break_block()
        self.quotes += 1
        return True

    def close_quote(self) -> None:
        self._break_block()
        self.quotes -= 1

    # ── preformatted text ──

    def open_pre(self, tag: Tag) -> bool:
        if self.table is not None or self.heading is not None or self.raw is not None:
            self._break_block()
            return True
        self._flush()
        self.raw = []
        self.language = _find_language(tag)
        return True

    def close_pre(self) -> None:
        if self.raw is None:
            self._break_block()
            return
        text, self.raw = "".join(self.raw), None
        text = _strip_blank_lines(text)
        if not text.strip():
            return
        kind = BlockKind.CODE if self.language else BlockKind.EXCERPT
        self.pieces.append(Block(kind=kind, spans=(Span(text=text),), language=self.language))

    def add_break(self, _tag: Tag) -> bool:
        if self.raw is not None:
            self.raw.append("\n")
        elif self.heading is not None:
            self.runs.add_text(" ")
        else:
            self.runs.add_break()
        return False

    # ── figures and other media ──

    def add_image(self, tag: Tag) -> bool:
        alt = _attribute(tag, "alt").strip()
        classes = _classes(tag)
        if classes & {"latex", "tex", "math"} and alt:
            self.runs.add_formula(f"${alt.strip('$')}$", PLAIN_STYLE)
        elif classes & {"emoji", "emojione", "wp-smiley"}:
            self.runs.add_text(alt)
        elif self.raw is None and not _is_pixel(tag):
            self._add_figure(_attribute(tag, "src") or _attribute(tag, "data-src"), alt)
        return False

    def _add_figure(self, address: str, alt: str) -> None:
        url = self._resolve(address)
        if url:
            caption = (Span(text=alt),) if says_something(alt) else ()
            self._emit(Block(kind=BlockKind.FIGURE, spans=caption, url=url))

    def open_figure(self, _tag: Tag) -> bool:
        self._break_block()
        self.figures.append(len(self.pieces))
        return True

    def close_figure(self) -> None:
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
        self._break_block()
        return True

    def close_caption(self) -> None:
        if self.figures and self.heading is None and self.table is None and self.raw is None:
            self.captions.append(self.runs.take())
        else:
            self._break_block()

    def add_media(self, tag: Tag) -> bool:
        sources = islice(_descend(tag), _MAX_MEDIA_SOURCES)
        addresses = (_attribute(t, key) for t in (tag, *sources) for key in ("src", "data"))
        url = next((url for address in addresses if (url := self._resolve(address))), None)
        if url and self.raw is None:
            label = " ".join(_attribute(tag, "title").split()) or url
            self._emit(Block(kind=BlockKind.PARAGRAPH, spans=(Span(text=label, href=url),)))
        return False

    # ── tables ──

    def open_table(self, tag: Tag) -> bool:
        self._break_block()
        if self.table is None and self.heading is None and self.raw is None and not _is_layout(tag):
            self.table = _Table()
        return True

    def close_table(self) -> None:
        table = self.table
        if table is None:
            self._break_block()
            return
        self.close_cell()
        self.table = None
        rows = [row for row in table.rows if any(_has_text(cell) for cell in row)]
        if len(rows) == 1 and not table.head_cells and not table.is_head_marked:
            self.runs.extend(_rejoin_cut_line(rows[0]))
            self._flush()
        elif rows:
            self.pieces.append(_to_table_block(rows, table))
        self._emit_later()

    def open_head(self, _tag: Tag) -> bool:
        self._break_block()
        if self.table is not None and not self.table.rows:
            self.table.is_head_marked = True
        return True

    def open_row(self, _tag: Tag) -> bool:
        if self.table is None:
            self._break_block()
        else:
            self.close_cell()
            self.table.rows.append([])
        return True

    def open_cell(self, tag: Tag) -> bool:
        if self.table is None:
            self._break_block()
            return True
        self.close_cell()
        if not self.table.rows:
            self.table.rows.append([])
        if len(self.table.rows) == 1 and tag.name == "th":
            self.table.head_cells += 1
        self.table.is_in_cell = True
        return True

    def close_cell(self) -> None:
        """Put what was collected into the row, an empty cell too; text outside cells counts as one."""
        if self.table is None:
            self._break_block()
            return
        has_text = bool(self.runs)
        runs = self.runs.take()
        if has_text or self.table.is_in_cell:
            self.table.rows = self.table.rows or [[]]
            self.table.rows[-1].append(runs if has_text else [])
        self.table.is_in_cell = False

    def _resolve(self, address: str, *, mailto: bool = False) -> str | None:
        return resolve_address(address, self.base_url, mailto=mailto)


_ENTER: dict[str, Callable[[_Reader, Tag], bool]] = {
    "br": _Reader.add_break,
    "img": _Reader.add_image,
    "image": _Reader.add_image,
    "pre": _Reader.open_pre,
    "blockquote": _Reader.open_quote,
    "li": _Reader.open_item,
    "figure": _Reader.open_figure,
    "figcaption": _Reader.open_caption,
    "table": _Reader.open_table,
    "thead": _Reader.open_head,
    "tr": _Reader.open_row,
    **dict.fromkeys(_LISTS, _Reader.open_list),
    **dict.fromkeys(_CELLS, _Reader.open_cell),
    **dict.fromkeys(_MEDIA, _Reader.add_media),
}
"""What an element begins; False: nothing inside it is read. The style around it stays as it is."""

_LEAVE: dict[str, Callable[[_Reader], None]] = {
    "pre": _Reader.close_pre,
    "blockquote": _Reader.close_quote,
    "li": _Reader.close_item,
    "figure": _Reader.close_figure,
    "figcaption": _Reader.close_caption,
    "table": _Reader.close_table,
    **dict.fromkeys(_LISTS, _Reader.close_list),
    **dict.fromkeys(_CELLS, _Reader.close_cell),
}


# ── blocks out of runs ──────────────────────────────────────────────────────────────────────────


def _to_paragraphs(runs: list[Run]) -> list[Block]:
    heading, rest = split_paragraph_heading(runs)
    blocks = [Block(kind=BlockKind.PARAGRAPH_HEADING, spans=to_spans(heading))] if heading else []
    if spans := to_spans(rest):
        kind = BlockKind.MATH if _is_display_math(spans) else BlockKind.PARAGRAPH
        blocks.append(Block(kind=kind, spans=spans))
    return blocks


def _is_display_math(spans: tuple[Span, ...]) -> bool:
    """Whether a paragraph is displayed formulas and nothing else."""
    visible = [span for span in spans if span.text.strip()]
    return all(Mark.MATH in span.marks and span.text.startswith(("$$", "\\[")) for span in visible)


def _to_table_block(rows: list[list[list[Run]]], table: _Table) -> Block:
    has_head = table.is_head_marked or (table.head_cells > 0 and table.head_cells >= len(rows[0]))
    cells = tuple(tuple(to_spans(cell) for cell in row) for row in rows)
    return Block(kind=BlockKind.TABLE, rows=cells, has_head=has_head)


def _rejoin_cut_line(cells: list[list[Run]]) -> list[Run]:
    """Join a table of one row without a head: a line of text that Markdown cut at its vertical bars.

    kramdown makes a table of every line with a "|" in it, so ``$p(y|x)$`` in a sentence becomes two cells.
    All 13 tables of the main feed are such lines. The spaces beside the bar are lost; within a formula,
    that is after an odd number of dollar signs, there are none. Source: kramdown's syntax, "Tables".
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
    return any(run.text.strip() for run in runs)


def _strip_blank_lines(text: str) -> str:
    """Preformatted text without the blank lines around it; the first line keeps its indentation."""
    lines = text.replace("\r\n", "\n").split("\n")
    filled = [i for i, line in enumerate(lines) if line.strip()]
    return "\n".join(lines[filled[0] : filled[-1] + 1]).rstrip() if filled else ""


# ── what elements say ───────────────────────────────────────────────────────────────────────────


def _attribute(tag: Tag, name: str) -> str:
    value = tag.attrs.get(name)
    return value if isinstance(value, str) else " ".join(value) if value else ""


def _classes(tag: Tag) -> frozenset[str]:
    return frozenset(_attribute(tag, "class").split()) if tag.attrs else frozenset()


def _only_text(tag: Tag) -> str | None:
    """The text of an element that holds nothing but text. (Tag.string recurses, so it is not used.)"""
    if len(tag.contents) == 1 and isinstance(tag.contents[0], NavigableString):
        return str(tag.contents[0]).strip()
    return None


_FILE_NAME = re.compile(r"\S{0,200}\.(?:png|jpe?g|gif|webp|svg|bmp|tiff?|heic|avif)", re.IGNORECASE)
_CODE_NAME = re.compile(r"[\w-]*\d[\w-]*")


def says_something(alt: str) -> bool:
    """Whether an image's alternative text tells a reader anything: no stock word, file name or hash."""
    alt = alt.strip()
    if not alt or alt.lower().rstrip(" 0123456789.") in STOCK_CAPTIONS:
        return False
    is_machine_made = _FILE_NAME.fullmatch(alt) or (len(alt) >= 16 and _CODE_NAME.fullmatch(alt))
    return not is_machine_made and not alt.lower().startswith(("uploading ", "http://", "https://", "data:"))


def _is_pixel(tag: Tag) -> bool:
    """Whether an image is a counter of readers, one pixel in size."""
    return {_attribute(tag, "width"), _attribute(tag, "height")} <= {"0", "1", "0px", "1px"}


def resolve_address(address: str, base_url: str, *, mailto: bool = False) -> str | None:
    """An absolute http(s) address (or mailto:, if asked for); None for everything else."""
    address = address.strip()
    if not address:
        return None
    try:
        url = urljoin(base_url, address)
        parts = urlsplit(url)
    except ValueError:  # "http://[": not an address
        return None
    if parts.scheme in {"http", "https"}:
        return url if parts.netloc else None
    return url if mailto and parts.scheme == "mailto" and parts.path else None


def _find_language(pre: Tag) -> str | None:
    """The language a <pre> is marked with, on itself, its <code> or the two elements around it; None for
    plain text.

    Source: the class names of rouge, highlight.js, Prism and GitHub; Tistory's data-ke-language.
    """
    inner = next((child for child in pre.contents if isinstance(child, Tag)), None)
    parents = [parent for parent in islice(pre.parents, 2) if parent.name == "div"]
    named = _attribute(pre, "data-ke-language") or _attribute(pre, "lang") or _attribute(pre, "data-lang")
    candidates = [named.lower()] if named else []
    for tag in (pre, inner, *parents):
        matches = (_LANGUAGE_CLASS.match(name) for name in _attribute(tag, "class").split()) if tag else ()
        candidates += [match[1].lower() for match in matches if match]
    language = next(iter(candidates), "")[:_MAX_LANGUAGE_CHARS]
    return None if not language or language in _PLAIN_LANGUAGES else language


def _is_layout(table: Tag) -> bool:
    """Whether a table only places things: it holds headings, code or another table. Nested tables cannot
    make this quadratic, since the search stops at the first of them."""
    return any(tag.name in _HEADINGS or tag.name in {"pre", "table"} for tag in _descend(table))


def _descend(tag: Tag) -> Iterator[Tag]:
    """The elements inside one, in order. Tag.descendants looks for the last of them first: on markup nested
    deep, asked at every level, that takes a minute."""
    stack = [iter(tag.contents)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif isinstance(child, Tag):
            yield child
            stack.append(iter(child.contents))


# ── previews of other pages ─────────────────────────────────────────────────────────────────────

_MAX_PREVIEW_TAGS = 60


def _previewed(tag: Tag, classes: frozenset[str]) -> str:
    """The address that an element is a preview of; "" for all other elements.

    Source: Tistory's editor (figures of the kind "opengraph"), Discourse's oneboxes.
    """
    if tag.name == "figure" and _attribute(tag, "data-ke-type") == "opengraph":
        return _attribute(tag, "data-og-url") or _attribute(tag, "data-og-source-url")
    return _attribute(tag, "data-onebox-src") if tag.name == "aside" and "onebox" in classes else ""


def _linked_text(preview: Tag) -> str:
    """The title in a preview: the text of the link in its heading, or else of its last link."""
    texts = [
        (tag.parent is not None and tag.parent.name in _HEADINGS, _only_text(tag))
        for tag in islice(_descend(preview), _MAX_PREVIEW_TAGS)
        if tag.name == "a"
    ]
    return next((text for _, text in sorted(texts, key=lambda one: not one[0]) if text), "")


# ── mathematics declared by the markup ──────────────────────────────────────────────────────────


def _is_math_script(node: PageElement | None) -> bool:
    return isinstance(node, Tag) and node.name == "script" and _attribute(node, "type").startswith("math/tex")


def _read_tex(tag: Tag, classes: frozenset[str]) -> str | None:
    """The TeX source an element stands for, with dollar signs; None if it is no such element.

    Known: MathJax 2's ``<script type="math/tex">``, KaTeX, and ``<math>`` with an annotation or alttext.
    """
    if _is_math_script(tag):
        return _in_dollars(unescape(tag.get_text()), is_display="mode=display" in _attribute(tag, "type"))
    if tag.name == "math":
        tex = _attribute(tag, "alttext") or _find_annotation(tag)
        return _in_dollars(tex, is_display=_attribute(tag, "display") == "block")
    if classes & {"katex", "katex-display"}:
        return _in_dollars(_find_annotation(tag), is_display="katex-display" in classes)
    return None


def _find_annotation(tag: Tag) -> str:
    annotations = (t for t in islice(_descend(tag), _MAX_MATH_TAGS) if t.name == "annotation")
    return next((_only_text(annotation) or "" for annotation in annotations), "")


_CDATA_IN_TEX = re.compile(r"^%\s*<!\[CDATA\[|%\s*\]\]>$")


def _in_dollars(tex: str, *, is_display: bool) -> str | None:
    tex = _CDATA_IN_TEX.sub("", tex.strip()).strip()
    if not tex:
        return None
    return f"$${tex}$$" if is_display else f"${tex}$"
