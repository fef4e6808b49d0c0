"""Blocks and spans → Discord Markdown. Pure text; Discord itself is not needed here.

What an author wrote always shows literally. Discord's parser (a relative of Khan Academy's simple-markdown) accepts a
backslash before any punctuation, so every character that it would read as markup gets one. So do characters that mean
something only at the start of a line, and the colon of “:key:”, which would become an emoji. Two things are not
escaped: code, where a backslash would show, and addresses, where it would become part of the address. An address that
touches other text is put in angle brackets, because Discord would otherwise read on into that text.

Marks are drawn line by line, because they cannot span the lines of a quote or a list.

Sources: “Markdown Text 101” in Discord's help centre; “Reference”, Message Formatting, in its Developer
Documentation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import groupby
from urllib.parse import quote, urlsplit

from bot.languages import _
from bot.models.reviews import Block, BlockKind, Mark, Span
from bot.text.formulas import SUBSCRIPTS, SUPERSCRIPTS, readable
from bot.text.links import encode_address
from bot.text.patterns import lazy_pattern
from bot.ui.discord.hosts import hidden_host
from bot.ui.discord.invisible import drop_invisible
from bot.ui.discord.limits import EMBED_URL, cut, length

__all__ = [
    "clean_url",
    "draw_block",
    "escape_inline",
    "plain_line",
    "render_block",
    "render_spans",
    "render_text",
    "spell_formulas",
    "tell_host",
]

GRID_COLUMNS = 56
"""The widest table drawn in columns. A desktop shows all of it, a phone scrolls a little."""
MAX_INDENT = 4
"""Levels of a list that still leave room for text on a phone."""

_MARKERS = {Mark.HIGHLIGHT: "🟩", Mark.GAP: "🔴"}  # two shapes, for people who cannot distinguish the colours
_INVISIBLE = "\u200b"  # separates what must not touch: “**a**​*b*”, “```” in a code block
_EM_SPACE = "\u2003"  # indents, but is neither read as a list's indentation nor collapsed


# ── text: what is harmless, what is escaped ─────────────────────────────────────────────────────

_CONTROLS: dict[int, str | None] = {
    **dict.fromkeys((*range(0x20), *range(0x7F, 0xA0))),
    **dict.fromkeys((0x09, 0x0B, 0x0C), " "),
    **dict.fromkeys((0x0A, 0x85, 0x2028, 0x2029), "\n"),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),  # unpaired surrogates cannot be sent
}
_SPECIAL = lazy_pattern(r"[\\*_`\[\]<]|~{2,}|\|{2,}|(?<=http)s?:(?=//)|:(?=[^\s:]+:)|@(?=everyone|here)")
_SPECIAL_INLINE = lazy_pattern(r"[\\*_`<]|~{2,}|\|{2,}|:(?=[^\s:]+:)|@(?=everyone|here)")
_EM_INDENT = lazy_pattern(f"{_EM_SPACE}{{1,8}}")
_LINE_START = lazy_pattern(r"^(\s*)([#>+-]|\d+(?=[.)]))")
_ADDRESS = lazy_pattern(r"https?://[^\s<>“”]+")  # not the quotation marks around it
_SCHEME = lazy_pattern(r"https?://")


def clean_text(text: str, *, keep_tabs: bool = False) -> str:
    """A text without control and invisible characters; only "\\n" ends a line."""
    if keep_tabs:
        text = text.replace("\t", "    ")
    return drop_invisible(text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS))


def escape(text: str) -> str:
    """Escape everything that Discord would read as markup."""
    return _SPECIAL.sub(_backslash, _part_links(text))


def _part_links(text: str) -> str:
    """Break up "](": when Discord looks for the end of a link it ignores backslashes."""
    return text.replace("](", f"]{_INVISIBLE}(")


def _backslash(match: re.Match[str]) -> str:
    text = match.group()
    if text == "@":
        return f"@{_INVISIBLE}"  # a backslash has no effect on it
    return "s\\:" if text == "s:" else "".join(f"\\{character}" for character in text)


def escape_inline(text: str) -> str:
    """Escape a text where Discord reads marks but no lists: an embed's title. Brackets stay, links do not."""
    return _SPECIAL_INLINE.sub(_backslash, _part_links(clean_text(text)))


def plain_line(text: str, limit: int) -> str:
    """A text for places where Discord reads no marks, such as a button: on one line, within the limit, never empty.

    Em spaces at its start are kept: menus of headings are indented with them.
    """
    cleaned = clean_text(text)
    indent = _EM_INDENT.match(cleaned)
    kept = indent[0] if indent else ""
    return kept + (cut(cleaned, limit - len(kept)) or "…")


def render_text(text: str) -> str:
    """Escape a message's own text of several lines. Addresses in it can still be clicked."""
    return render_spans((Span(text=text),))


def guard(line: str) -> str:
    """Escape what would turn a drawn line into a heading, a quote or a list."""
    return _LINE_START.sub(lambda m: m[1] + (f"{m[2]}\\" if m[2].isdecimal() else f"\\{m[2]}"), line, count=1)


_HOST = lazy_pattern(r"(?=.{3,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]+", re.IGNORECASE)


def clean_url(url: str | None) -> str | None:
    """An address that Discord accepts and that cannot end a masked link early; None if there is none.

    A single refused address would cost the whole message, so only what is certain passes: http or https, a host with
    a dot, at most `EMBED_URL` characters. Spaces, brackets, quotes and marks are percent-encoded.
    """
    try:
        parts = urlsplit((url or "").strip())
        host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:  # a broken port, bracket or host name (UnicodeError is a ValueError)
        return None
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host) or parts.username is not None:
        return None
    rest = encode_address(parts._replace(scheme="", netloc="").geturl())
    cleaned = f"{parts.scheme}://{host}{port}{rest}"
    return cleaned if len(cleaned) <= EMBED_URL else None


# ── formulas: readable text, or code ────────────────────────────────────────────────────────────


def spell_formulas(block: Block) -> Block:
    """Return a block without TeX: each formula as readable text if it has such a form, otherwise its source as code.

    Its text changes, so this comes before anything that measures or cuts it.
    """
    if block.kind is BlockKind.MATH:
        return _spell_displayed(block)
    rows = tuple(tuple(tuple(map(_spell, cell)) for cell in row) for row in block.rows)
    return replace(block, spans=tuple(map(_spell, block.spans)), rows=rows)


def _spell_displayed(block: Block) -> Block:
    """Spell a block of nothing but formulas: a line for each, or all as code if one of them has to be code."""
    lines = [line for line in (_spell(_as_formula(span)) for span in block.spans) if line.text.strip()]
    if any(Mark.CODE in line.marks for line in lines):
        return Block(kind=BlockKind.CODE, spans=(Span(text=block.text),), language="tex")
    spans = (span for line in lines for span in (Span(text="\n"), line))
    return Block(kind=BlockKind.PARAGRAPH, spans=tuple(spans)[1:])


def _as_formula(span: Span) -> Span:
    return replace(span, marks=span.marks | {Mark.MATH})


def _spell(span: Span) -> Span:
    if Mark.MATH not in span.marks:
        return span
    marks, text = span.marks - {Mark.MATH}, clean_text(span.text)
    core = text.strip()
    if not core or Mark.CODE in marks:
        return replace(span, text=text, marks=marks)
    if (spelled := readable(core)) is None:
        # Its underscores and stars are not markup.
        return replace(span, text=text.replace("\n", " "), marks=marks | {Mark.CODE})
    return replace(span, text=text.replace(core, spelled), marks=marks)


# ── spans: marks around text ────────────────────────────────────────────────────────────────────


class _Form(Enum):
    TEXT = auto()
    CODE = auto()
    SUP = auto()
    SUB = auto()
    ADDRESS = auto()  # between spaces
    TOUCHING_ADDRESS = auto()
    MENTION = auto()  # a mention of a command or a member, which can be tapped


_UNDERLINE, _BOLD, _STRIKE, _ITALIC = "__", "**", "~~", "*"
_NESTING = (_UNDERLINE, _BOLD, _STRIKE, _ITALIC)  # outermost first, if two end at the same place
_STYLES: dict[Mark, frozenset[str]] = {
    Mark.BOLD: frozenset((_BOLD,)),
    Mark.ITALIC: frozenset((_ITALIC,)),  # not "_", which Discord does not accept inside a word: *환각*을
    Mark.STRIKE: frozenset((_STRIKE,)),
    Mark.HIGHLIGHT: frozenset((_BOLD,)),
    Mark.GAP: frozenset((_ITALIC,)),
    Mark.COMMAND: frozenset((_BOLD,)),
    Mark.MATCH: frozenset((_BOLD, _UNDERLINE)),  # bold alone would not show in a bold heading
}


@dataclass(frozen=True, slots=True)
class _Run:
    """Text within one line that looks the same throughout. ``styles`` are delimiters."""

    text: str
    styles: frozenset[str] = frozenset()
    form: _Form = _Form.TEXT
    href: str | None = None
    marker: str = ""


def render_spans(spans: Iterable[Span]) -> str:
    """Draw spans as Discord Markdown, with as many lines as their text has."""
    return "\n".join(map(guard, _draw_lines(map(_spell, spans))))


def _draw_lines(spans: Iterable[Span]) -> list[str]:
    """The lines of spans without TeX, each with its marks closed; their starts are not escaped yet."""
    lines: list[list[_Run]] = [[]]
    for run in map(_run, _name_hosts(spans)):
        if "\n" not in run.text:
            lines[-1].append(run)
            continue
        first, *others = run.text.split("\n")
        lines[-1].append(replace(run, text=first))
        lines += [[replace(run, text=text)] for text in others]
    drawn: list[str] = []
    marker = ""
    for line in lines:
        runs = _merge(line)
        drawn.append(_nest(_nodes(_mark(_split_addresses(runs), marker)), frozenset()))
        marker = runs[-1].marker if runs else marker
    return drawn


def _name_hosts(spans: Iterable[Span]) -> Iterator[Span]:
    """Add the real host after each link whose text names a different one: "discord.com (evil.example)"."""
    for href, group in groupby(spans, key=lambda span: span.href):
        same = list(group)
        yield from same
        words = "".join(span.text for span in same)
        if href and words.strip() != href.strip() and (host := tell_host(words, href)):
            yield replace(same[-1], text=host, marks=frozenset())


def tell_host(words: str, href: str | None) -> str:
    """ " (host)" to put after a link's text, if that text is a different address; otherwise ""."""
    url = clean_url(href)
    host = hidden_host(words, url) if url else None
    return f" ({host})" if host else ""


_MENTIONS = {
    Mark.COMMAND: lazy_pattern(r"</[a-z][a-z -]{0,98}:\d{1,20}>"),
    Mark.MEMBER: lazy_pattern(r"<@\d{1,20}>", re.ASCII),
}


def _run(span: Span) -> _Run:
    marks = span.marks
    form = _Form.TEXT
    if Mark.CODE in marks:
        form = _Form.CODE
    elif any(mark in marks and pattern.fullmatch(span.text) for mark, pattern in _MENTIONS.items()):
        return _Run(span.text, form=_Form.MENTION)
    elif marks & {Mark.SUP, Mark.SUB}:
        form = _Form.SUP if Mark.SUP in marks else _Form.SUB
    text = clean_text(span.text)
    styles = frozenset[str]().union(*(_STYLES.get(mark, frozenset()) for mark in marks))
    href = clean_url(span.href)
    marker = next((emoji for mark, emoji in _MARKERS.items() if mark in marks), "")
    if href and text.strip() == (span.href or "").strip():
        href = None  # the text is the address itself
    if form is _Form.CODE:
        styles = _without_clashes(styles, text)
    return _Run(text, styles, form, href, marker)


def _without_clashes(styles: frozenset[str], text: str) -> frozenset[str]:
    """The styles whose delimiter does not occur in a text that cannot be escaped, which would end them early."""
    return frozenset(style for style in styles if style not in text)


def _merge(runs: Sequence[_Run]) -> list[_Run]:
    """Merge neighbouring runs that look the same; a blank between two runs takes the look they share."""
    filled = [run for run in runs if run.text]
    for i in range(1, len(filled) - 1):
        before, blank, after = filled[i - 1 : i + 2]
        if blank.text.isspace():
            marker = before.marker if before.marker == after.marker else ""
            href = before.href if before.href == after.href else None
            filled[i] = _Run(blank.text, before.styles & after.styles, _Form.TEXT, href, marker)
    groups = groupby(filled, key=lambda run: (run.styles, run.form, run.href, run.marker))
    return [_Run("".join(run.text for run in group), *look) for look, group in groups]


def _split_addresses(runs: Sequence[_Run]) -> list[_Run]:
    """Put bare addresses into runs of their own. In a link's label they lose their scheme instead."""
    split: list[_Run] = []
    for i, run in enumerate(runs):
        if run.href is not None:
            # Discord shows a masked link as plain text if its label looks like an address.
            split.append(replace(run, text=_SCHEME.sub("", run.text)))
        elif run.form is not _Form.TEXT:
            split.append(run)
        else:
            following = runs[i + 1].text[:1] if i + 1 < len(runs) else ""
            split.extend(_addresses(run, following))
    return split


def _addresses(run: _Run, following: str) -> Iterator[_Run]:
    position = 0
    for match in _ADDRESS.finditer(run.text):
        address = _trim_address(match.group())
        if clean_url(address) is None:
            continue
        end = match.start() + len(address)
        after = run.text[end : end + 1] or following
        form = _Form.ADDRESS if not after or after.isspace() else _Form.TOUCHING_ADDRESS
        yield replace(run, text=run.text[position : match.start()])
        styles = _without_clashes(run.styles, address)
        shown = _IN_ADDRESSES.sub(lambda special: quote(special[0]), _with_ascii_host(address))
        yield replace(run, text=shown, styles=styles, form=form)
        position = end
    yield replace(run, text=run.text[position:])


def _with_ascii_host(address: str) -> str:
    """An address with its host in ASCII, because letters of two alphabets may look alike."""
    host = urlsplit(address).hostname or ""
    return address if host.isascii() else re.sub(r"(?<=//)[^/?#:]+", host.encode("idna").decode(), address, count=1)


_IN_ADDRESSES = lazy_pattern(r"[`\[\]]|@(?=everyone|here)")  # markup even inside an address


def _trim_address(address: str) -> str:
    """An address without the punctuation of the sentence around it: "https://a.b/c)." loses two characters."""
    while address and (
        address[-1] in ".,:;!?\"'*_~`|\\]" or (address[-1] == ")" and address.count(")") > address.count("("))
    ):
        address = address[:-1]
    return address


def _mark(runs: Sequence[_Run], marker: str) -> list[_Run]:
    """Put a marker before each highlighted passage, once; ``marker`` was still open at the end of the last line."""
    marked: list[_Run] = []
    for run in runs:
        core = run.text.lstrip()
        if run.marker and run.marker != marker and core:
            is_within_link = bool(marked) and run.href is not None and marked[-1].href == run.href
            blank = run.text[: len(run.text) - len(core)]
            marked.append(_Run(f"{blank}{run.marker} ", href=run.href if is_within_link else None))
            run = replace(run, text=core)
        if run.text:
            marked.append(run)
            marker = run.marker
    return marked


@dataclass(frozen=True, slots=True)
class _Node:
    """What stays whole between delimiters: one run, or a link with all its runs."""

    styles: frozenset[str]
    runs: tuple[_Run, ...]
    href: str | None = None

    def draw(self, opened: frozenset[str]) -> str:
        """The Markdown of the node, inside the delimiters that are already open."""
        if self.href is None:
            return _draw_run(self.runs[0])
        label = _nest([_Node(run.styles, (run,)) for run in _balance(self.runs)], opened)
        return _around("[", label, f"]({self.href})")


def _nodes(runs: Sequence[_Run]) -> list[_Node]:
    nodes: list[_Node] = []
    for href, group in groupby(runs, key=lambda run: run.href):
        same = tuple(group)
        if href is None:
            nodes += [_Node(run.styles, (run,)) for run in same]
        else:
            nodes.append(_Node(frozenset.intersection(*(run.styles for run in same)), same, href))
    return nodes


def _balance(runs: Sequence[_Run]) -> Sequence[_Run]:
    """Keep the pairs of a label's brackets; others would end the link early and become full-width brackets."""
    label = "".join(run.text for run in runs)
    if not re.search(r"[\[\]]", re.sub(r"\[[^\[\]]*\]", "", label)):
        return runs
    wide = str.maketrans("[]", "［］")
    return [replace(run, text=run.text.translate(wide)) for run in runs]


def _nest(nodes: Sequence[_Node], opened: frozenset[str]) -> str:
    """Draw nodes with the delimiters that are not open yet; the one that reaches farthest is outermost."""
    drawn = ""
    start = 0
    while start < len(nodes):
        style, end = _furthest(nodes, start, opened)
        if style is None:
            piece = nodes[start].draw(opened)
        else:
            piece = _around(style, _nest(nodes[start:end], opened | {style}), style)
        drawn = _join(drawn, piece)
        start = end
    return drawn


def _furthest(nodes: Sequence[_Node], start: int, opened: frozenset[str]) -> tuple[str | None, int]:
    best: tuple[str | None, int] = (None, start + 1)
    for style in _NESTING:
        end = start
        while end < len(nodes) and style in nodes[end].styles - opened:
            end += 1
        if end > (best[1] if best[0] else start):
            best = (style, end)
    return best


def _around(before: str, text: str, after: str) -> str:
    """Put delimiters around a text, leaving outer blanks outside: Discord does not accept “** a**”."""
    core = text.strip()
    if not core:
        return text
    start = text.index(core)
    # The only delimiter for whose end Discord ignores backslashes.
    shield = _INVISIBLE if after == _STRIKE and core[-1] == "~" else ""
    return f"{text[:start]}{before}{core}{shield}{after}{text[start + len(core) :]}"


def _join(left: str, right: str) -> str:
    """Join two drawn texts. Equal delimiters that touch would be read as a longer one, and “~~__” as no end."""
    touches = left and right and left[-1] == right[0] and right[0] in "*_~`|"
    is_lost = left.endswith(_STRIKE) and right.startswith(_UNDERLINE)
    return f"{left}{_INVISIBLE if touches or is_lost else ''}{right}"


def _draw_run(run: _Run) -> str:
    match run.form:
        case _Form.CODE:
            return _inline_code(run.text)
        case _Form.SUP | _Form.SUB:
            return _raised(run.text, run.form)
        case _Form.ADDRESS | _Form.MENTION:
            return run.text
        case _Form.TOUCHING_ADDRESS:
            return f"<{run.text}>"
        case _Form.TEXT:
            return escape(run.text)


def _inline_code(text: str) -> str:
    """Code within a line; if it contains a backtick, the fence has two."""
    core = re.sub(r"`(?=`)", f"`{_INVISIBLE}", text)
    if "`" not in core:
        return _around("`", core, "`")
    core = _around(" " if core.strip().startswith("`") else "", core, " " if core.rstrip().endswith("`") else "")
    return f"``{core}``"


_AS_THEY_ARE = " ,.·*∗⋆†‡§¶#"  # cannot be raised, but are clear anyway: "¹,²"


def _raised(text: str, form: _Form) -> str:
    """Raised or lowered characters if all of them exist, otherwise ^(…) or _(…)."""
    table = SUPERSCRIPTS if form is _Form.SUP else SUBSCRIPTS
    if all(character in table or character in _AS_THEY_ARE for character in text):
        return escape("".join(table.get(character, character) for character in text))
    return _around("^(" if form is _Form.SUP else "\\_(", escape(text), ")")


# ── blocks ──────────────────────────────────────────────────────────────────────────────────────

_NUMBER = lazy_pattern(r"(\d{1,9})[.)]")
_LANGUAGE = lazy_pattern(r"[a-z0-9_+.#-]{1,20}", re.IGNORECASE)
_ARROW = lazy_pattern(r"^[\s▶▷►▸]+")
_BULLETS = frozenset("•◦▪‣·-*–●○■□")


def render_block(block: Block) -> str:
    """Draw one block as Discord Markdown; "" if it has nothing to show."""
    return draw_block(spell_formulas(block))


def draw_block(block: Block) -> str:
    """The same for a block whose formulas are spelled already (`spell_formulas`)."""
    match block.kind:
        case BlockKind.PARAGRAPH | BlockKind.LINK:
            return "\n".join(_guarded_lines(block.spans))
        case BlockKind.SMALL:
            return _headed("-# ", _one_line(block.spans))
        case BlockKind.SECTION_HEADING:
            return _headed("### ", _one_line(block.spans))
        case BlockKind.PARAGRAPH_HEADING:
            return _paragraph_heading(block.spans)
        case BlockKind.ITEM:
            return _item(block)
        case BlockKind.QUOTE:
            return "\n".join(f"> {line}" for line in _guarded_lines(block.spans))
        case BlockKind.EXCERPT:
            lines = [f"> {line}" for line in _guarded_lines(_with(Mark.ITALIC, block.spans))]
            return "\n".join(("-# " + _("the paper’s own words"), *lines)) if lines else ""
        case BlockKind.CODE | BlockKind.MATH:  # a displayed formula that is spelled is a paragraph or code
            return _fenced(block.text, block.language or "")
        case BlockKind.FIGURE:
            return _figure(block)
        case BlockKind.TABLE:
            return draw_grid(block) or "\n".join(filter(None, map(_item, rows_as_items(block))))


def _guarded_lines(spans: Iterable[Span]) -> list[str]:
    """The drawn lines, without leading, trailing or repeated empty ones."""
    lines = [guard(line.strip()) for line in _draw_lines(spans)]
    return [line for i, line in enumerate(lines) if line or (any(lines[:i]) and any(lines[i + 1 : i + 2]))]


def _one_line(spans: Iterable[Span]) -> str:
    return guard(" ".join(filter(None, (line.strip() for line in _draw_lines(spans)))))


def _headed(prefix: str, text: str) -> str:
    return f"{prefix}{text}" if text else ""


def _with(mark: Mark, spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(replace(span, marks=span.marks | {mark}) for span in spans)


def _paragraph_heading(spans: Sequence[Span]) -> str:
    """A heading inside a section: our arrow and bold text; the author's green marks the heading, not a highlight."""
    plain = [replace(span, marks=span.marks - {Mark.HIGHLIGHT}) for span in spans]
    if plain:
        plain[0] = replace(plain[0], text=_ARROW.sub("", plain[0].text))
    if not "".join(span.text for span in plain).strip():
        return ""
    return _one_line(_with(Mark.BOLD, (Span(text="▸ "), *plain)))


def _item(block: Block) -> str:
    """A list item. Without a marker it begins with its own number ("3.2. …"), which Discord must not renumber."""
    depth = min(block.depth, MAX_INDENT)
    first, *others = [line for line in _guarded_lines(block.spans) if line] or [""]
    if not first:
        return ""
    if not block.marker:
        return "\n".join(f"{_EM_SPACE * depth}{line}" for line in (first, *others))
    indent = "  " * depth
    return "\n".join((f"{indent}{_bullet(block.marker)} {first}", *(f"{indent}  {line}" for line in others)))


def _bullet(marker: str) -> str:
    """Discord's own list sign. An author's number can stay, because Discord counts on from the first."""
    if number := _NUMBER.fullmatch(marker.strip()):
        return f"{number[1]}."
    return "-" if marker.strip() in _BULLETS else f"- {escape(clean_text(marker).strip())}"


def _fenced(text: str, language: str) -> str:
    code = re.sub(r"`(?=`)", f"`{_INVISIBLE}", clean_text(text, keep_tabs=True)).strip("\n")
    label = language if _LANGUAGE.fullmatch(language) else ""
    return f"```{label}\n{code}\n```" if code.strip() else ""


def _figure(block: Block) -> str:
    url = clean_url(block.url)
    caption = _one_line(block.spans)
    if url is None:
        return f"🖼️ {caption or _('figure')}"
    return f"🖼️ [{_('figure')}]({url})" + (f" – {caption}" if caption else "")


# ── tables ──────────────────────────────────────────────────────────────────────────────────────


def _columns(text: str) -> int:
    """The width of a text in a fixed-width font: two columns for a wide character, none for a combining one."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.category(c) in ("Mn", "Me", "Cf") for c in text)


def draw_grid(block: Block) -> str:
    """Draw a table as columns in a code block; "" if it is too wide or too unusual for that."""
    cells = [[_cell(cell) for cell in row] for row in block.rows]
    count = max(map(len, cells), default=0)
    rows = [[*row, *[""] * (count - len(row))] for row in cells]
    widths = [max(_columns(row[i]) for row in rows) for i in range(count)]
    if not any(widths) or sum(widths) + 2 * (count - 1) > GRID_COLUMNS:
        return ""
    lines = [
        "  ".join(text + " " * (w - _columns(text)) for text, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    if block.has_head and len(lines) > 1:
        lines.insert(1, "  ".join("─" * width for width in widths))
    # Zero-width characters can make a narrow row arbitrarily long.
    if any(length(line) > 2 * GRID_COLUMNS for line in lines):
        return ""
    return _fenced("\n".join(lines), "")


def _cell(spans: Iterable[Span]) -> str:
    return " ".join(clean_text("".join(span.text for span in spans)).split())


def rows_as_items(block: Block) -> list[Block]:
    """Draw a table that is too wide for columns as a list: one item per row, each cell with its heading."""
    head = block.rows[0] if block.has_head and len(block.rows) > 1 else ()
    items = []
    for row in block.rows[1:] if head else block.rows:
        spans: list[Span] = []
        for i, cell in enumerate(row):
            if _cell(cell):
                spans += [Span(text=" · ")] if spans else []
                if i < len(head) and _cell(head[i]):
                    spans += [*_with(Mark.BOLD, head[i]), Span(text=": ")]
                spans += cell
        flat = tuple(replace(span, text=clean_text(span.text).replace("\n", " ")) for span in spans)
        items.append(Block(kind=BlockKind.ITEM, marker="•", spans=flat))
    return items
