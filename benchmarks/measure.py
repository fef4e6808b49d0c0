"""Medians, percentiles and tables: what the benchmarks report with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from rich import box
from rich.console import Console
from rich.table import Table

__all__ = ["StatementCounter", "median", "milliseconds", "p95", "print_table", "ratio"]


class StatementCounter:
    """Counts SQL statements; to be given to ``set_trace_callback``.

    ``inner`` counts those that FTS5 runs on its own tables, which nobody wrote.
    """

    def __init__(self) -> None:
        self.own = 0
        self.inner = 0

    def __call__(self, statement: str) -> None:
        if statement.startswith("-- ") or "'main'.'" in statement:
            self.inner += 1
        else:
            self.own += 1


def p95(values: Iterable[float]) -> float:
    """The value that 95 of 100 do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[-(-len(ordered) * 95 // 100) - 1]


def milliseconds(seconds: float) -> str:
    """Seconds in ms, with three digits or so."""
    value = seconds * 1_000
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def ratio(value: float, base: float) -> str:
    """How many times the base."""
    times = value / base
    return f"{times:.1g} ×" if times < 0.1 else f"{times:.2f} ×" if times < 10 else f"{times:,.0f} ×"


def print_table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table that is Markdown as well; the first column is words, the others are figures."""
    table = Table(box=box.MARKDOWN)
    for number, name in enumerate(head):
        table.add_column(name, justify="right" if number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console = Console(width=200, highlight=False)
    console.print(f"\n{title}", markup=False)
    console.print(table)
