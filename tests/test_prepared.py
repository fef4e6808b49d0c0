"""Texts of the index, prepared for questions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.search.prepared import Lines

TERMS = st.lists(st.sampled_from(["tea", "teapot", "pot", "주전", "전자"]), max_size=5)


@given(st.lists(TERMS, max_size=6), st.lists(TERMS.filter(bool), max_size=3))
def test_lines_have_what_each_of_them_has_alone(lines: list[list[str]], phrases: list[list[str]]) -> None:
    """Whole terms, side by side, within one line."""
    found = Lines([" ".join(line) for line in lines]).having([f" {' '.join(phrase)} " for phrase in phrases])
    assert found.tolist() == [
        any(phrase == line[at : at + len(phrase)] for phrase in phrases for at in range(len(line))) for line in lines
    ]
