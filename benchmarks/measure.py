"""Medians, percentiles and tables for the benchmarks' reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from rich import box
from rich.console import Console
from rich.table import Table

__all__ = ["StatementCounter", "median", "milliseconds", "p95", "print_table", "ratio"]


class StatementCounter:
    """Counts SQL statements; pass it to ``set_trace_callback``.

    Attributes:
        own: The statements that our code or the baseline runs.
        inner: Those that FTS5 runs on its own tables.
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
    """Seconds as milliseconds, with about three digits."""
    value = seconds * 1_000
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def ratio(value: float, base: float) -> str:
    """The value as a multiple of the base."""
    times = value / base
    return f"{times:.1g} ×" if times < 0.1 else f"{times:.2f} ×" if times < 10 else f"{times:,.0f} ×"


def print_table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table in Markdown; the first column holds words, the others figures."""
    table = Table(box=box.MARKDOWN)
    for number, name in enumerate(head):
        table.add_column(name, justify="right" if number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console = Console(width=200, highlight=False)
    console.print(f"\n{title}", markup=False)
    console.print(table)
