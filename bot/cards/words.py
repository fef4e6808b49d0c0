"""Texts at a card's measure: how wide they are on a phone, where they are cut, names, dates and counts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from itertools import groupby, takewhile
from math import ceil
from unicodedata import east_asian_width

from bot.models.reviews import Mark, Review, ReviewLabel, Span
from bot.text.formulas import readable
from bot.text.patterns import lazy_pattern

WIDE, NARROW = 11, 6
"""Widths of a Hangul syllable and of a Latin letter."""
LINE = 264
"""The width of a line on a phone: 24 Hangul syllables, or 44 Latin letters."""

_CLAUSE_END = lazy_pattern(
    r"[,;:.!?…]['\"”’)\]]*(?=\s)|(?:지만|는데|면서|으며|하며|되며|이며|하고|되고|이고|므로|아서|어서|해서|하여|니까)(?=\s)"
    r"|[。，；：！？]"
)
FORMULA = lazy_pattern(r"\$(?=\S)[^$\n]{1,300}(?<=\S)\$(?!\d)")  # pandoc's rule, which spares prices
_SPACES = lazy_pattern(r"\s+")
_LEFT_AT_THE_END = " ,.;:·"
MIN_KEPT = 0.5
"""A clause that ends before this share of the room is not worth cutting at."""


def width_of(text: str) -> int:
    """Return the width of a text on one line, in the units of `LINE`."""
    return NARROW * len(text) if text.isascii() else sum(map(_width_of_character, text))


@lru_cache(maxsize=20_000)
def _width_of_character(character: str) -> int:
    return WIDE if east_asian_width(character) in "WF" else NARROW


def lines_of(text: str, *, scale: float = 1.0) -> int:
    """Return how many lines of a phone a text takes, with letters larger by a factor."""
    return ceil(width_of(text) * scale / LINE)


def cut_at_clause(spans: Iterable[Span], width: int) -> tuple[Span, ...]:
    """Return the beginning of a text on one line, cut behind a clause with "…" if it is wider than ``width``.

    Formulas, code and links are kept whole or left out. Nothing is returned if not even the first of these fits.
    """
    pieces = _one_line(spans)
    text = "".join(piece.text for piece in pieces)
    if width_of(text) <= width:
        return pieces
    end = _cutting_place(text, pieces, _count_fitting(text, width - width_of("…")))
    return (*_cut_spans(pieces, end), Span(text="…")) if end else ()


def cut_around(spans: Sequence[Span], mark: Mark, width: int) -> tuple[Span, ...]:
    """Return what is around the first text with a mark, on one line, cut with "…" to ``width``.

    The beginning is kept where the marked text is in the first half of the room.
    """
    pieces = _one_line(spans)
    text = "".join(piece.text for piece in pieces)
    before = "".join(piece.text for piece in takewhile(lambda piece: mark not in piece.marks, pieces))
    if width_of(text) <= width or width_of(before) <= width // 2 or before == text:
        return cut_at_clause(pieces, width)
    wholes = list(_wholes(pieces))
    starts = (
        match.end()
        for match in _SPACES.finditer(before)
        if width_of(before[match.end() :]) <= width // 4
        and not any(start < match.end() < end for start, end in wholes)
    )
    start = next(starts, len(before))
    return (Span(text="… "), *cut_at_clause(_without_first(pieces, start), width - width_of("… ")))


def _without_first(spans: Sequence[Span], characters: int) -> Iterator[Span]:
    for span in spans:
        if len(span.text) > characters:
            yield replace(span, text=span.text[characters:])
        characters = max(0, characters - len(span.text))


def _one_line(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the spans with single spaces and without line breaks. Formulas and code stay as they are."""
    kept: list[Span] = []
    is_behind_space = True
    for span in spans:
        text = span.text if _is_whole(span) and not span.href else _SPACES.sub(" ", span.text)
        text = text.removeprefix(" ") if is_behind_space else text
        if text:
            kept.append(replace(span, text=text))
            is_behind_space = text.endswith(" ")
    return tuple(kept)


def _count_fitting(text: str, width: int) -> int:
    left = width
    for at, character in enumerate(text):
        left -= width_of(character)
        if left < 0:
            return at
    return len(text)


def _cutting_place(text: str, spans: Sequence[Span], most: int) -> int:
    """Return where to cut: behind a clause, else behind a word, else wherever no formula, code or link is cut."""
    wholes = list(_wholes(spans))

    def allowed(at: int) -> bool:
        return 0 < at <= most and not any(start < at < end for start, end in wholes)

    clauses = [match.end() for match in _CLAUSE_END.finditer(text) if allowed(match.end())]
    if clauses and clauses[-1] >= most * MIN_KEPT:
        return clauses[-1]
    spaces = [match.start() for match in _SPACES.finditer(text) if allowed(match.start())]
    if spaces and spaces[-1] >= most * MIN_KEPT:
        return spaces[-1]
    return next((at for at in range(most, 0, -1) if allowed(at)), 0)


def _wholes(spans: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """Yield where the formulas, pieces of code and links begin and end. A link may consist of several spans."""
    start = 0
    for (is_whole, _), group in groupby(spans, key=lambda span: (_is_whole(span), span.href)):
        end = start + sum(len(span.text) for span in group)
        if is_whole:
            yield start, end
        start = end


def _is_whole(span: Span) -> bool:
    return span.href is not None or not span.marks.isdisjoint((Mark.MATH, Mark.CODE))


def _cut_spans(spans: Sequence[Span], characters: int) -> tuple[Span, ...]:
    kept: list[Span] = []
    for span in spans:
        if characters <= 0:
            break
        kept.append(replace(span, text=span.text[:characters]))
        characters -= len(span.text)
    if not _is_whole(kept[-1]):
        kept[-1] = replace(kept[-1], text=kept[-1].text.rstrip(_LEFT_AT_THE_END))
    return tuple(span for span in kept if span.text)


def heading_of(heading: str | None) -> str:
    """Return a heading as it is shown: its formulas as readable text where they have such a form."""
    return FORMULA.sub(lambda match: readable(match[0]) or match[0], heading or "")


def name_of(review: Review | ReviewLabel) -> str:
    """Return what a review is called: its paper's short name, or else the title."""
    return review.short_name or review.clean_title


def date_of(moment: datetime) -> str:
    """Return a day as written in every language."""
    return f"{moment:%Y-%m-%d}"
