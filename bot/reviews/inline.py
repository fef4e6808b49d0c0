"""Runs of marked text → spans: white space, formulas, paragraph headings.

In: :class:`Run` values in text order, as the markup reader found them. Out: tuples of
:class:`bot.models.reviews.Span`. Pure; knows no HTML.

A formula's dollar signs are often in different runs (Markdown takes underscores in two formulas for emphasis), so a
block's text is joined before the search for formulas.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise

from bot.models.reviews import Mark, Span
from bot.text.patterns import lazy_pattern
from bot.text.terms import has_hangul

_WHITE_SPACE = lazy_pattern(r"[ \t\n\r\f]+")  # HTML's own set: a no-break space is intended by the author

_INVISIBLE = lazy_pattern(
    "[\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*"
)
"""White space, a Braille cell without dots, and Unicode 16's Default_Ignorable_Code_Point."""

_MAX_FORMULA_CHARS = 1000
_MAX_DISPLAY_CHARS = 4000
_MAX_DELIMITERS = 10_000  # in one block; a text full of dollar signs is not mathematics
_MAX_EMPHASIS = 4  # nested <em> that are tracked; more only occur in hostile markup


def is_blank(text: str) -> bool:
    """Whether a reader sees nothing of a text. Editors put such characters into empty lines."""
    return _INVISIBLE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How text looks at one point of the markup.

    ``emphasis`` names the ``<em>`` and ``<strong>`` elements around it, as (number, mark), innermost last:
    they may have to be turned back into the characters that Markdown read as emphasis.
    """

    marks: frozenset[Mark] = frozenset()
    href: str | None = None
    is_green: bool = False
    emphasis: tuple[tuple[int, Mark], ...] = ()

    def with_mark(self, mark: Mark) -> Style:
        """Return this style with one more mark; of the two backgrounds only the inner one shows."""
        marks = self.marks - {Mark.HIGHLIGHT, Mark.GAP} if mark in {Mark.HIGHLIGHT, Mark.GAP} else self.marks
        return replace(self, marks=marks | {mark})

    def within_emphasis(self, number: int, mark: Mark) -> Style:
        """Return this style inside the ``number``-th emphasising element."""
        return replace(self.with_mark(mark), emphasis=(*self.emphasis, (number, mark))[-_MAX_EMPHASIS:])


PLAIN_STYLE = Style()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    r"""A piece of text in one style. White space is already collapsed; "\n" is a ``<br>``."""

    text: str
    style: Style = PLAIN_STYLE

    @property
    def is_heading_like(self) -> bool:
        """Whether it looks like part of a paragraph heading: bold and green."""
        return self.style.is_green and Mark.BOLD in self.style.marks


@dataclass(slots=True)
class RunBuffer:
    """Collects the runs of one block, collapsing white space across them as a browser does."""

    _runs: list[Run] = field(default_factory=list)

    def add_text(self, text: str, style: Style = PLAIN_STYLE) -> None:
        """Add text, with its white space collapsed."""
        text = _WHITE_SPACE.sub(" ", text)
        if text[:1] == " " and (not self._runs or self._runs[-1].text[-1] in " \n"):
            text = text[1:]
        if text:
            self._runs.append(Run(text=text, style=style))

    def add_break(self) -> None:
        """Add a line break."""
        self._runs.append(Run(text="\n"))

    def add_formula(self, tex: str, style: Style) -> None:
        """Add TeX that the markup itself declares as such, including delimiters."""
        self._runs.append(Run(text=tex, style=style.with_mark(Mark.MATH)))

    def extend(self, runs: Iterable[Run]) -> None:
        """Add runs as they are, without empty ones."""
        self._runs.extend(run for run in runs if run.text)

    def take(self) -> list[Run]:
        """Return the collected runs and start again."""
        runs, self._runs = self._runs, []
        return runs

    def __bool__(self) -> bool:
        return any(not is_blank(run.text) for run in self._runs)


# ── runs → spans ────────────────────────────────────────────────────────────────────────────────


def to_spans(runs: Iterable[Run]) -> tuple[Span, ...]:
    """Join the runs of one block into spans: whole formulas, equal neighbours merged, edges trimmed."""
    pieces = _trim(_drop_extra_breaks(run for run in runs if run.text))
    formulas = _find_formulas_in(pieces)
    if broken := _find_broken_emphasis(pieces, formulas):
        pieces = _undo_emphasis(pieces, broken)
        formulas = _find_formulas_in(pieces)
    return _merge(_unmark_outer_space(_cut_out(pieces, formulas)))


def to_plain_text(spans: Iterable[Span]) -> str:
    """Return the spans' text on one line, for a heading."""
    return _WHITE_SPACE.sub(" ", "".join(span.text for span in spans)).strip()


def join_links(spans: Iterable[Span]) -> Iterator[tuple[str, str]]:
    """Yield (text, address) of each http(s) link; one link may have several spans, bold and plain."""
    text, url = "", ""
    for span in (*spans, Span(text="")):
        if span.href == url and url:
            text += span.text
            continue
        if url and text.strip():
            yield text, url
        text, url = span.text, span.href if span.href and span.href.startswith("http") else ""


def split_paragraph_heading(runs: Sequence[Run]) -> tuple[list[Run], list[Run]]:
    """Split green bold text at a paragraph's start from the rest.

    Returns:
        (heading, rest); heading is empty if the paragraph has none: only a line break or nothing may follow,
        otherwise the green words are a term in running text. A bullet sign without words is dropped.
    """
    end = 0
    for end, run in enumerate(runs):  # noqa: B007 (the place where it ended is what we want)
        if not run.is_heading_like and (run.text.strip() or "\n" in run.text):
            break
    else:
        end = len(runs)
    heading, rest = list(runs[:end]), list(runs[end:])
    after = "".join(run.text for run in rest).lstrip(" \xa0")
    if after and not after.startswith("\n"):
        return [], list(runs)
    return _strip_pointer(heading), rest


_POINTERS = " \n\xa0▶►▷▸❯■□●◆•"


def _strip_pointer(runs: list[Run]) -> list[Run]:
    """Remove the "▶" that some authors put before a paragraph heading, and the bold that marks it as one."""
    stripped: list[Run] = []
    for run in runs:
        text = run.text if stripped else run.text.lstrip(_POINTERS)
        if text:
            stripped.append(Run(text=text, style=replace(run.style, marks=run.style.marks - {Mark.BOLD})))
    return stripped


def _drop_extra_breaks(runs: Iterable[Run]) -> Iterator[Run]:
    breaks = 0
    for run in runs:
        breaks = breaks + 1 if run.text == "\n" else breaks if run.text == " " else 0
        if breaks <= 2:
            yield run


def _trim(runs: Iterable[Run]) -> list[Run]:
    trimmed = list(runs)
    while trimmed and not (text := trimmed[-1].text.rstrip()):
        trimmed.pop()
    if trimmed:
        trimmed[-1] = replace(trimmed[-1], text=text)
    first = next((i for i, run in enumerate(trimmed) if run.text.strip()), len(trimmed))
    if first < len(trimmed):
        trimmed[first] = replace(trimmed[first], text=trimmed[first].text.lstrip())
    return _drop_space_before_breaks(trimmed[first:])


def _drop_space_before_breaks(runs: list[Run]) -> list[Run]:
    kept: list[Run] = []
    for run, following in pairwise([*runs, Run(text="")]):
        text = run.text.rstrip(" ") if following.text.startswith("\n") and run.text != "\n" else run.text
        if text:
            kept.append(replace(run, text=text))
    return kept


# ── formulas ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """Where a formula is in a text, delimiters included."""

    start: int
    end: int


_DELIMITER = lazy_pattern(
    r"\\\\|\\[$()\[\]]|\$"
)  # escaped backslashes and dollars match too, so that they are skipped
_TEXT_IN_TEX = lazy_pattern(r"\\(?:text\w{0,4}|mbox|mathrm|operatorname)\s?\{[^{}]{0,300}\}")
_TEX_SIGN = lazy_pattern(r"[\\^_{}=<>|+]")
_PROSE = lazy_pattern(r"[A-Za-z]{3,20}[\s,]{1,3}[A-Za-z]{2,20}[\s,]{1,3}[A-Za-z]{2}")


def find_formulas(text: str) -> list[Formula]:
    r"""Find ``$…$``, ``$$…$$``, ``\(…\)`` and ``\[…\]`` in a block's text, from the left.

    A lone dollar sign must not swallow the paragraph, so the text between two single ones is a formula
    only under these conditions; otherwise the first is taken as a plain character and the search continues
    right after it:

    * it is on one line, not empty and at most 1,000 characters long;
    * it has no Hangul outside ``\text{…}``: Korean between two dollar signs is the sentence between two
      formulas;
    * with a space directly inside a delimiter, with a digit first and spaces after it, or with a digit
      right after the closing one ("$5 and $10"), it must contain a sign of TeX (``\ ^ _ { } = < > | +``);
    * without such a sign it is not three words of prose.

    ``\$`` is never a delimiter. Source: pandoc's tex_math_dollars, loosened where the reviews need it (authors
    do write ``$ d_i $``) and tightened by language.
    """
    delimiters = _Delimiters(text)
    formulas: list[Formula] = []
    index = 0
    while index < len(delimiters.positions):
        behind = delimiters.match_display(index) or delimiters.match_inline(index)
        if behind:
            formulas.append(Formula(start=delimiters.positions[index], end=delimiters.end_of(behind - 1)))
        index = behind or index + 1
    return formulas


class _Delimiters:
    """The delimiters of one text and, for each, the position of the next closing one of each kind.

    The tables are filled once from the right, so that a flood of opening delimiters costs linear time.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        matches = list(_DELIMITER.finditer(text)) if "$" in text or "\\" in text else []
        if len(matches) > _MAX_DELIMITERS:
            matches = []
        self.positions = [match.start() for match in matches]
        self.kinds = [match[0] for match in matches]
        self._next: dict[str, list[int]] = {kind: [-1] * (len(matches) + 1) for kind in ("$", "$$", "\\)", "\\]")}
        for i in range(len(matches) - 1, -1, -1):
            for kind, table in self._next.items():
                table[i] = i if self._is(i, kind) else table[i + 1]

    def _is(self, index: int, kind: str) -> bool:
        if kind != "$$":
            return self.kinds[index] == kind
        return (
            self.kinds[index] == "$"
            and index + 1 < len(self.kinds)
            and self.kinds[index + 1] == "$"
            and self.positions[index + 1] == self.positions[index] + 1
        )

    def end_of(self, index: int) -> int:
        """Return where a delimiter ends in the text."""
        return self.positions[index] + len(self.kinds[index])

    def match_display(self, index: int) -> int:
        r"""Return the index after the delimiters of the ``$$…$$``, ``\(…\)`` or ``\[…\]`` that opens here, or 0."""
        opening = "$$" if self._is(index, "$$") else self.kinds[index]
        closing = {"$$": "$$", "\\(": "\\)", "\\[": "\\]"}.get(opening)
        width = 2 if closing == "$$" else 1
        if closing is None or index + width > len(self.kinds):
            return 0
        closing_index = self._next[closing][index + width]
        if closing_index < 0:
            return 0
        content = self.text[self.end_of(index + width - 1) : self.positions[closing_index]]
        is_formula = bool(content.strip()) and len(content) <= _MAX_DISPLAY_CHARS
        return closing_index + width if is_formula else 0

    def match_inline(self, index: int) -> int:
        """Return the index after the ``$`` that closes the one here, or 0."""
        closing_index = self._next["$"][index + 1]
        if self.kinds[index] != "$" or closing_index < 0:
            return 0
        content = self.text[self.end_of(index) : self.positions[closing_index]]
        behind = self.end_of(closing_index)
        return closing_index + 1 if _is_formula(content, self.text[behind : behind + 1]) else 0


def _is_formula(content: str, following: str) -> bool:
    if not content.strip() or len(content) > _MAX_FORMULA_CHARS or "\n" in content:
        return False
    if has_hangul(content) and has_hangul(_TEXT_IN_TEX.sub("", content)):
        return False
    if _TEX_SIGN.search(content):
        return True
    is_padded = content != content.strip()
    is_amount = content[0].isdigit() and " " in content
    return not (is_padded or is_amount or following.isdigit() or _PROSE.search(content))


def _find_formulas_in(runs: Sequence[Run]) -> list[Formula]:
    """Find formulas in the joined text of runs, except in code and in TeX that is already known as such."""
    exempt = {Mark.CODE, Mark.MATH}
    return find_formulas("".join("\0" * len(r.text) if r.style.marks & exempt else r.text for r in runs))


# ── emphasis that was part of a formula ─────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class _Extent:
    start: int
    end: int
    delimiter: str


def _find_broken_emphasis(runs: Sequence[Run], formulas: Sequence[Formula]) -> dict[int, _Extent]:
    """Return the emphasising elements that begin or end within a formula, with the characters they stood for."""
    if not formulas or not any(run.style.emphasis for run in runs):
        return {}
    starts = [formula.start for formula in formulas]

    def is_inside(position: int) -> bool:
        index = bisect_left(starts, position) - 1
        return index >= 0 and position < formulas[index].end

    extents = _measure_emphasis(runs)
    return {number: e for number, e in extents.items() if is_inside(e.start) or is_inside(e.end)}


def _measure_emphasis(runs: Sequence[Run]) -> dict[int, _Extent]:
    text = "".join(run.text for run in runs)
    extents: dict[int, _Extent] = {}
    position = 0
    for run in runs:
        end = position + len(run.text)
        for number, mark in run.style.emphasis:
            known = extents.get(number)
            if known is None:
                known = _Extent(start=position, end=end, delimiter=_delimiter_before(text, position, mark))
            extents[number] = replace(known, end=end)
        position = end
    return extents


def _delimiter_before(text: str, start: int, mark: Mark) -> str:
    """Return what Markdown read as emphasis. It never does so with an underscore inside a word, so there it was a
    star.

    Source: kramdown's syntax, "Emphasis".
    """
    character = "*" if text[max(0, start - 1) : start].isalnum() else "_"
    return character * (2 if mark is Mark.BOLD else 1)


def _undo_emphasis(runs: Sequence[Run], broken: dict[int, _Extent]) -> list[Run]:
    """Turn emphasis back into the characters that it was written with, on both sides."""
    undone: list[Run] = []
    position = 0
    for run in runs:
        mine = [(number, mark) for number, mark in run.style.emphasis if number in broken]
        marks = run.style.marks - {mark for _, mark in mine}
        style = replace(run.style, marks=marks, emphasis=())
        end = position + len(run.text)
        before = "".join(broken[n].delimiter for n, _ in mine if broken[n].start == position)
        after = "".join(broken[n].delimiter for n, _ in reversed(mine) if broken[n].end == end)
        undone.append(Run(text=before + run.text + after, style=style))
        position = end
    return undone


# ── pieces → spans ──────────────────────────────────────────────────────────────────────────────


def _cut_out(runs: Sequence[Run], formulas: Sequence[Formula]) -> list[Run]:
    """Make one run of each formula, with the marks that all its parts have, and keep the rest as it is."""
    pieces: list[Run] = []
    pending = iter(formulas)
    formula = next(pending, None)
    inside: list[Run] = []
    position = 0
    for run in runs:
        rest, run_end = run.text, position + len(run.text)
        while formula is not None and formula.start < run_end:
            head = rest[: max(0, formula.start - position)]
            body = rest[len(head) : formula.end - position]
            pieces.append(replace(run, text=head))
            inside.append(replace(run, text=body))
            position += len(head) + len(body)
            rest = rest[len(head) + len(body) :]
            if position < formula.end:
                break
            pieces.append(_join_formula(inside))
            inside, formula = [], next(pending, None)
        pieces.append(replace(run, text=rest))
        position = run_end
    return [piece for piece in pieces if piece.text]


def _join_formula(parts: Sequence[Run]) -> Run:
    parts = [part for part in parts if part.text]
    marks = frozenset.intersection(*(part.style.marks for part in parts)) | {Mark.MATH}
    hrefs = {part.style.href for part in parts}
    style = Style(marks=marks, href=hrefs.pop() if len(hrefs) == 1 else None)
    return Run(text="".join(part.text for part in parts), style=style)


def _unmark_outer_space(runs: Sequence[Run]) -> Iterator[Span]:
    """Yield spans whose marks begin and end at a visible character: "** bold **" is not bold in Markdown.

    White space between two runs keeps only what both have in common.
    """
    gap, previous = "", None
    for run in runs:
        core = run.text.strip()
        if not core:
            gap += run.text
            continue
        start = run.text.index(core)
        lead, trail = run.text[:start], run.text[start + len(core) :]
        current = Span(text=core, marks=run.style.marks, href=run.style.href)
        if gap := gap + lead:
            yield _between(gap, previous, current)
        yield current
        gap, previous = trail, current


def _between(gap: str, left: Span | None, right: Span) -> Span:
    if left is None:
        return Span(text=gap)
    marks = (left.marks & right.marks) - {Mark.MATH, Mark.CODE, Mark.SUP, Mark.SUB}
    return Span(text=gap, marks=marks, href=left.href if left.href == right.href else None)


def _merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Join neighbours that look the same; two adjacent formulas stay separate."""
    merged: list[Span] = []
    for (marks, href), group in groupby(spans, key=lambda span: (span.marks, span.href)):
        if Mark.MATH in marks:
            merged += group
        else:
            merged.append(Span(text="".join(span.text for span in group), marks=marks, href=href))
    return tuple(merged)
