"""A post's headings and blocks → its lines, and the "Key: value" pairs in them.

In: the pieces of a post. Out: :class:`Line` and :class:`Field` values. Pure.

Authors write the same facts as lists ("**Authors**: …"), as one line ("会议: ACL 2025 / arXiv: …"), as tables of
either direction, as a heading with its value below, or as left-over lines of a front matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import takewhile

from bot.models.reviews import Block, BlockKind, Mark, Span
from bot.reviews.authors import read_authors
from bot.reviews.fact_labels import MAX_LABEL_CHARS, Label, read_label
from bot.reviews.inline import join_links
from bot.reviews.markup import Heading, Piece
from bot.reviews.venue_lines import read_venue
from bot.text.patterns import lazy_pattern

MAX_LINES = 3_000
_MAX_LINE_CHARS = 6_000
_MAX_COLONS = 12
_MAX_KEY_WORDS = 4
_MAX_VALUE_LINES = 12  # below a key or a heading without a value
_MAX_AUTHOR_LINES = 40
_MAX_TABLE_ROWS = 30

_TEXT_KINDS = frozenset(
    {BlockKind.PARAGRAPH, BlockKind.PARAGRAPH_HEADING, BlockKind.ITEM, BlockKind.QUOTE, BlockKind.LINK}
)
PREFORMATTED = frozenset({BlockKind.CODE, BlockKind.EXCERPT})
_BARE_ADDRESS = lazy_pattern(r"https?://[^\s<>\"'、，。）)\]]+")
_ADDRESSES = lazy_pattern(rf"{_BARE_ADDRESS.pattern}(?:\s+{_BARE_ADDRESS.pattern})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link in a line: its words, its address, and its position."""

    text: str
    url: str
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of text and its position.

    Attributes:
        kind: The kind of its block.
        place: How many blocks of text come before it.
        section: How many headings come before it; the post's title does not count.
        heading: The nearest of them.
        bold: Where bold runs begin and end.
    """

    text: str
    links: tuple[Link, ...] = ()
    kind: BlockKind = BlockKind.PARAGRAPH
    place: int = 0
    section: int = 0
    heading: str = ""
    bold: tuple[tuple[int, int], ...] = ()

    @cached_property
    def under(self) -> Label | None:
        """What kind of content the heading above announces."""
        return read_label(self.heading)

    @cached_property
    def left_over(self) -> str:
        """The text without its links and anything in brackets."""
        parts, end = [], 0
        for link in self.links:
            parts.append(self.text[end : link.start])
            end = link.end
        return _BRACKETED.sub(" ", "".join((*parts, self.text[end:])))


_BRACKETED = lazy_pattern(r"\([^()]*\)|（[^（）]*）")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A label and its value.

    Attributes:
        below: For authors, the lines that follow up to the next key: a list may continue there.
    """

    label: Label
    value: str
    links: tuple[Link, ...]
    line: Line
    below: tuple[Line, ...] = ()


# ── lines ───────────────────────────────────────────────────────────────────────────────────────


def read_lines(pieces: Sequence[Piece], *, is_title: Sequence[bool]) -> tuple[Line, ...]:
    """Return the lines of a post, without headings except those such as "Venue: ACL 2023".

    Args:
        is_title: For each piece, whether it is a heading that repeats the post's title.
    """
    lines: list[Line] = []
    where = Line(text="")
    for piece, repeats in zip(pieces, is_title, strict=True):
        if isinstance(piece, Heading):
            if not repeats:
                where = replace(where, section=where.section + 1, heading=piece.text)
                lines += _lines_of_heading(piece, where)
            continue
        block_lines = list(_lines_of(piece, where))
        lines += block_lines
        where = replace(where, place=where.place + bool(block_lines))
        if len(lines) > MAX_LINES:
            break
    return tuple(lines[:MAX_LINES])


def _lines_of_heading(heading: Heading, where: Line) -> Iterator[Line]:
    """Yield a heading that is a fact about the paper rather than a part of the text: a key with its value."""
    colon = _COLON.search(heading.text)
    if colon and colon.end() < len(heading.text) and read_label(heading.text[: colon.start()]) in _SEPARATED:
        links = tuple(_find_links(heading.text, heading.links))
        yield replace(where, text=heading.text, links=links, kind=BlockKind.PARAGRAPH_HEADING)


def _lines_of(block: Block, where: Line) -> Iterator[Line]:
    if block.kind in _TEXT_KINDS:
        yield from _cut_lines(block.spans, replace(where, kind=block.kind))
    elif block.kind in PREFORMATTED:
        yield from (replace(where, text=text, kind=block.kind) for text in block.text.splitlines()[:_MAX_TABLE_ROWS])
    elif block.kind is BlockKind.TABLE:
        yield from _rows_of(block, where)


def _rows_of(table: Block, where: Line) -> Iterator[Line]:
    """Yield a table's rows as "key: value" lines; if the keys are in its first row, its columns."""
    rows = [list(row) for row in table.rows[:_MAX_TABLE_ROWS]]
    if len(rows) == 2 and sum(read_label(_text(cell)) is not None for cell in rows[0]) > 1:
        rows = [list(pair) for pair in zip(*rows, strict=False)]
    elif len(rows) > 2 and sum(read_label(_text(cell)) is not None for cell in rows[0][1::2]) > 1:
        return  # a list of papers: the first row names its columns
    for row in rows:
        for key, value in zip(row[::2], row[1::2], strict=False):
            if read_label(_text(key)):
                spans = (Span(text=_text(key).rstrip(" :：") + ": ", marks=frozenset({Mark.BOLD})), *value)
                lines = list(_cut_lines(spans, replace(where, kind=BlockKind.TABLE)))
                yield from lines if read_label(_text(key)) in _OF_AUTHORS else lines[:1]


def _text(spans: Sequence[Span]) -> str:
    return " ".join("".join(span.text for span in spans).split())


def _cut_lines(spans: Sequence[Span], where: Line) -> Iterator[Line]:
    """Cut a block at its line breaks."""
    line: list[Span] = []
    for span in spans:
        first, *others = span.text.split("\n")
        line.append(replace(span, text=first) if others else span)
        for text in others:
            yield from _to_lines(line, where)
            line = [replace(span, text=text)]
    yield from _to_lines(line, where)


def _to_lines(spans: Sequence[Span], where: Line) -> Iterator[Line]:
    """Yield a line; near the title, as two lines if the author marked one of two facts in it.

    Markdown joins lines that the author wrote apart: names and the venue in italics, topics in bold and the link.
    """
    cut = _find_cut(spans) if not where.section and where.place < _MAX_CUT_PLACE else 0
    for part in (spans[:cut], spans[cut:]):
        yield from _to_line(part, where)


def _find_cut(spans: Sequence[Span]) -> int:
    """Return how many spans come before a venue in bold or italics that ends a line, or are bold before an address
    that is all the rest; 0 for neither.
    """
    for cut in range(1, min(len(spans), _MAX_CUT_SPANS)):
        before, behind = _text(spans[:cut]), _text(spans[cut:])
        is_apart = spans[cut - 1].text[-1:].isspace() or spans[cut].text[:1].isspace()
        is_label = before.endswith((":", "：")) or read_label(before) is not None
        if not before or not behind or is_label or not is_apart:
            continue
        if (_are_marked(spans[cut:]) and read_venue(behind)) or (
            _are_marked(spans[:cut]) and _ADDRESSES.fullmatch(behind)
        ):
            return cut
    return 0


def _are_marked(spans: Sequence[Span]) -> bool:
    return all(_MARKED & span.marks for span in spans if span.text.strip())


_MARKED = frozenset({Mark.BOLD, Mark.ITALIC})
_MAX_CUT_PLACE = 3
_MAX_CUT_SPANS = 40


_RAISED_LETTERS = lazy_pattern(r"\s*[a-z](?:\s*,\s*[a-z\d∗*†‡]{1,2})*,?\s*")


def _raise_letters(spans: Sequence[Span]) -> Iterator[Span]:
    """Write raised letters after a word as "^{a}", so that "Ada Quill" with a footnote mark is not read as "Ada
    Quilla".
    """
    before = ""
    for span in spans:
        is_mark = Mark.SUP in span.marks and before[-1:].isalpha() and _RAISED_LETTERS.fullmatch(span.text)
        yield replace(span, text=f"^{{{span.text}}}") if is_mark else span
        before = span.text or before


def _to_line(spans: Sequence[Span], where: Line) -> Iterator[Line]:
    spans = list(_raise_letters(spans))
    text = "".join(span.text for span in spans)[:_MAX_LINE_CHARS]
    if not text.strip():
        return
    bold: list[tuple[int, int]] = []
    position = 0
    for span in spans:
        end = position + len(span.text)
        if Mark.BOLD in span.marks:
            if bold and not text[bold[-1][1] : position].strip():
                bold[-1] = (bold[-1][0], end)
            else:
                bold.append((position, end))
        position = end
    yield replace(where, text=text, links=tuple(_links_of(spans, text)), bold=tuple(bold))


def _links_of(spans: Sequence[Span], text: str) -> Iterator[Link]:
    return _find_links(text, join_links(spans))


def _find_links(text: str, linked: Iterable[tuple[str, str]]) -> Iterator[Link]:
    """Yield the links with words and address, and the addresses written as plain text."""
    position = 0
    for words, url in linked:
        start = text.find(words, position)
        if start < 0:
            continue
        yield from _bare_addresses(text, position, start)
        position = start + len(words)
        yield Link(text=" ".join(words.split()), url=url, start=start, end=position)
    yield from _bare_addresses(text, position, len(text))


def _bare_addresses(text: str, start: int, end: int) -> Iterator[Link]:
    for match in _BARE_ADDRESS.finditer(text, start, end):
        yield Link(text=match[0], url=match[0].rstrip(".,;:"), start=match.start(), end=match.end())


# ── fields ──────────────────────────────────────────────────────────────────────────────────────

_COLON = lazy_pattern(r"(?:(?<!\s)\s+)?[:：](?!//)\s*")  # spaces are tried once per run
_KEY_BEGIN = lazy_pattern(r"^[\s\W]*")
_AFTER_KEY = lazy_pattern(r"\s*(?:[-–—|=→»>]|은|는|は)\s+|\s*[】\])）]\s*[:：]?\s*")
_OPENED = lazy_pattern(r"^\s*[\[【(（「『]([^\]】)）」』]{1,40})[\]】)）」』]\s*[:：]?\s*(?=\S)")
_WORD_EDGE = lazy_pattern(r"[\s/|·,;，；。、•＊*]+")
_YEAR = lazy_pattern(r"(?:19|20)\d\d\b")  # "ACL 2023, arXiv: …": the year belongs to the text before
_SEPARATED = (Label.AUTHORS, Label.VENUE, Label.PUBLISHED, Label.YEAR, Label.PAPER, Label.CODE, Label.TITLE)
_BEFORE_NAMES = lazy_pattern(r"\W{0,3}(?:authors?|저자|著者|作者)\s+(?=[A-ZÀ-Þ])", re.IGNORECASE)
_OF_AUTHORS = frozenset({Label.AUTHORS, Label.AUTHOR})


def read_fields(lines: Sequence[Line]) -> tuple[Field, ...]:
    """Return the "Key: value" pairs of the lines, and the text below a key or a heading that is one."""
    fields: list[Field] = []
    for at, line in enumerate(lines):
        line_fields = list(_cut_fields(line))
        for field in line_fields:
            if field.label in _OF_AUTHORS and field is line_fields[-1]:
                field = replace(field, below=_until_next_key(line, lines[at + 1 : at + 1 + _MAX_AUTHOR_LINES]))
            elif not field.value and not field.links:
                field = _with_lines_below(field, lines[at + 1 : at + 1 + _MAX_VALUE_LINES])
            fields.append(field)
        is_first = not at or lines[at - 1].section != line.section
        if is_first and not line_fields and line.section and line.under not in {None, Label.FACTS, Label.TAGS}:
            fields += _below_heading(lines[at : at + _MAX_VALUE_LINES + 1])
    return tuple(field for field in fields if field.value or field.links or field.below)


def _until_next_key(line: Line, lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines below one, under the same heading and up to one that has a key."""
    own = takewhile(lambda next_line: next_line.section == line.section and not any(_cut_fields(next_line)), lines)
    return tuple(own)


def _below_heading(lines: Sequence[Line]) -> Iterator[Field]:
    """Yield the text under a heading such as "Authors" or "論文リンク", if there is little of it."""
    under = [line for line in lines if line.section == lines[0].section]
    label = lines[0].under
    if label and len(under) <= _MAX_VALUE_LINES:
        if label is Label.AUTHORS:
            yield Field(label=label, value="", links=(), line=lines[0], below=tuple(under))
            return
        yield from (Field(label=label, value=line.text, links=line.links, line=line) for line in under)


def _with_lines_below(field: Field, lines: Sequence[Line]) -> Field:
    """Give a key without a value the list below it, up to the next key."""
    values: list[str] = []
    links: list[Link] = []
    for line in lines:
        is_own = line.section == field.line.section and line.kind in {BlockKind.ITEM, *PREFORMATTED}
        if not is_own or any(_cut_fields(line)):
            break
        values.append(line.text.strip(" -•*"))
        links += line.links
    return replace(field, value=", ".join(values), links=tuple(links))


def _cut_fields(line: Line) -> Iterator[Field]:
    keys = _find_keys(line)
    for at, (_, begin, label) in enumerate(keys):
        end = keys[at + 1][0] if at + 1 < len(keys) else len(line.text)
        if label:
            links = tuple(link for link in line.links if begin <= link.start < end)
            value = line.text[begin:end].strip().strip("/|·•;；").strip()
            yield Field(label=label, value=value, links=links, line=line)


def _find_keys(line: Line) -> list[tuple[int, int, Label | None]]:
    """Return where each key of a line begins, where its value begins, and what the key means.

    [] if the line does not begin with a key.
    """
    first = _find_first_key(line)
    if first is None:
        return []
    keys = [first]
    bold = {end for start, end in line.bold if start > first[1]}
    for colon in list(_COLON.finditer(line.text, first[1]))[:_MAX_COLONS]:
        if any(link.start <= colon.start() < link.end for link in line.links):
            continue
        if key := _find_inner_key(line, keys[-1][1], colon, bold):
            keys.append(key)
    return keys


def _find_inner_key(
    line: Line, start: int, colon: re.Match[str], bold: set[int]
) -> tuple[int, int, Label | None] | None:
    """Find a further key in the same line: in bold, or the words of a known label directly before the colon."""
    before = line.text[start : colon.start()]
    for begin, end in line.bold:
        if start <= begin and end in bold and abs(end - colon.start()) <= 2 and begin < colon.start():
            return begin, colon.end(), read_label(line.text[begin : colon.start()])
    edges = [0, *(match.end() for match in _WORD_EDGE.finditer(before))]
    for edge in edges[-_MAX_KEY_WORDS - 1 :]:
        words = before[edge:]
        if (
            edge
            and len(words) <= MAX_LABEL_CHARS
            and not _YEAR.match(words)
            and (label := read_label(words)) not in {None, Label.TAGS}
        ):
            return start + edge, colon.end(), label
    return None


def _find_first_key(line: Line) -> tuple[int, int, Label | None] | None:
    text = line.text
    colon = _COLON.search(text)
    if colon and colon.start() <= MAX_LABEL_CHARS and (label := read_label(text[: colon.start()])):
        return 0, colon.end(), label
    if line.bold and (bold_key := _find_bold_key(line, *line.bold[0])):
        return bold_key
    if (opened := _OPENED.match(text)) and not line.links[:1] and (label := read_label(opened[1])):
        return 0, opened.end(), label
    return _find_key_alone(text)


def _find_bold_key(line: Line, start: int, end: int) -> tuple[int, int, Label | None] | None:
    """Find a bold label at the line's beginning, with or without a colon; with a colon, even an unknown one."""
    if line.text[:start].strip(" \t-–•*▶►■●[(（【") or any(link.start < end for link in line.links):
        return None
    label = read_label(line.text[start:end].rstrip(" :："))
    after = _COLON.match(line.text, end)
    if after or line.text[start:end].rstrip().endswith((":", "：")):
        return start, after.end() if after else end, label
    separator = _AFTER_KEY.match(line.text, end)
    return (start, separator.end() if separator else end, label) if label in _SEPARATED else None


def _find_key_alone(text: str) -> tuple[int, int, Label | None] | None:
    """Find a key in a line that is a label and nothing else, or a label and a dash."""
    if len(text) <= MAX_LABEL_CHARS and (label := read_label(text.rstrip(" :："))) and label is not Label.TAGS:
        return 0, len(text), label
    for match in list(_AFTER_KEY.finditer(text[: MAX_LABEL_CHARS + 4]))[:2]:
        if match.start() and (label := read_label(text[: match.start()])) in _SEPARATED:
            return 0, match.end(), label
    named = _BEFORE_NAMES.match(text)
    names = read_authors(text[named.end() :]) if named else ()
    is_list = len(names) > 1 or (names and re.search(r"[@∗*†‡\d]", text))
    return (0, named.end(), Label.AUTHORS) if named and is_list else None
