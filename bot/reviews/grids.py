"""Rows of cells, some of which span others → a grid with each cell in its column.

Pure; knows neither HTML nor text. A cell appears once, where it begins; the rest of its span stays empty, as a reader
sees it on the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_COLUMN_SPAN = 1_000
MAX_ROW_SPAN = 65_534
"""Source: WHATWG HTML, "Attributes common to td and th elements"."""

_MAX_STEPS = 200_000
_MAX_GROWTH = 8  # positions in the grid per cell; a table of results has fewer than two
_ALWAYS_ALLOWED = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell(Generic[T]):
    """The content of a cell, and how many columns and rows it covers, itself included."""

    content: T
    columns: int = 1
    rows: int = 1


def lay_out(rows: Sequence[Sequence[Cell[T]]], *, empty: T) -> list[list[T]]:
    """Put each cell into its column and give all rows the same length.

    A column in which no cell begins is left out, so that ``colspan="1000"`` does not make a table wide. If spans
    would make the grid far larger than its contents, the rows are returned as written.
    """
    written = [[cell.content for cell in row] for row in rows]
    if all(cell.columns == 1 and cell.rows == 1 for row in rows for cell in row):
        return written
    places = _find_places(rows)
    if places is None:
        return written
    starts = {start: index for index, start in enumerate(sorted({place for row in places for place in row}))}
    if len(rows) * len(starts) > max(_ALWAYS_ALLOWED, _MAX_GROWTH * sum(map(len, rows))):
        return written
    grid = [[empty] * len(starts) for _ in rows]
    for line, row, contents in zip(grid, places, written, strict=True):
        for place, content in zip(row, contents, strict=True):
            line[starts[place]] = content
    return grid


def _find_places(rows: Iterable[Sequence[Cell[T]]]) -> list[list[int]] | None:
    """Return the column in which each cell begins; None if finding out would take too long.

    Source: WHATWG HTML, "Forming a table".
    """
    free_from: dict[int, int] = {}  # column → the first row that no cell above reaches
    places: list[list[int]] = []
    steps = 0
    for index, row in enumerate(rows):
        column, starts = 0, []
        for cell in row:
            while free_from.get(column, 0) > index:
                column += 1
                steps += 1
            starts.append(column)
            width = min(cell.columns, MAX_COLUMN_SPAN)
            if cell.rows > 1:
                free_from.update(dict.fromkeys(range(column, column + width), index + cell.rows))
                steps += width
            column += width
        if steps > _MAX_STEPS:
            return None
        places.append(starts)
    return places
