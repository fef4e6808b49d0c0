"""Which texts are a date and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reviews.written_dates import is_date


@pytest.mark.parametrize(
    "text",
    [
        "7 July 2031",
        "July 7, 2031",
        "July 7",
        "7 July",
        "Jun 30 – Jul 2",
        "20-25 June 2031",
        "March 2031",
        "Mar. 2031",
        "2031-07-07",
        "2031.07",
        "2031년 7월 12일",
        "2031年7月",
        "Submitted on 7 Jul 2031 (v2)",
        "last revised 6 Dec 2031 (this version, v3)",
    ],
)
def test_a_whole_date(text: str) -> None:
    assert is_date(text)


@pytest.mark.parametrize(
    "text", ["", "May", "April Quill", "Jonathan May 2031", "Marketing 2031", "7", "July", "ICML 2031"]
)
def test_other_texts_are_none(text: str) -> None:
    """Months alone are also names."""
    assert not is_date(text)


@given(st.text(max_size=40))
def test_no_word_before_a_date_is_of_it(text: str) -> None:
    assert not is_date(f"Quill{text} 7 July 2031")
