"""Text as passages are compared, and the way back to what is written."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.text.normal_form import NormalForm, normalise

SAME = [
    ("two  words", "two words"),
    ("two\u00a0words", "two words"),
    ("two\n\t words", "two words"),
    ("two \u200b words", "two words"),
    ("soft\u00adhyphen", "softhyphen"),
    ("\ufeffmark", "mark"),
    ("“quoted” ‘words’", "\"quoted\" 'words'"),
    ("pages 3–5 — or 3--5", "pages 3-5 - or 3-5"),
    ("and so on...", "and so on…"),
    ("3～5", "3~5"),
    (unicodedata.normalize("NFD", "깊은 바다, déjà vu, ガ"), "깊은 바다, déjà vu, ガ"),
]


@pytest.mark.parametrize(("written", "normal"), SAME)
def test_what_readers_do_not_see_has_one_form(written: str, normal: str) -> None:
    assert normalise(written) == normalise(normal) == normal


@pytest.mark.parametrize("other", ["Two words", "two words.", "twowords", "two word", "two wörds"])
def test_what_readers_see_is_kept(other: str) -> None:
    """Case, punctuation and the borders of words are part of what somebody quoted."""
    assert normalise(other) != normalise("two words")


TEXTS = st.text(st.sampled_from("aB. \n\u00a0\u200b-–—…'“\u0301\u1161각ᄀ한") | st.characters(), max_size=30)


@given(TEXTS)
@example("a...b")
def test_a_normal_form_has_no_white_space_but_single_spaces(written: str) -> None:
    text = normalise(written)
    assert "  " not in text
    assert all(character == " " or not character.isspace() for character in text)


@given(TEXTS, st.integers(0, 30), st.integers(0, 30))
def test_a_part_is_found_again_in_what_is_written(written: str, one: int, other: int) -> None:
    """From any part of the written text to the normal form and back: nothing that has a form is lost."""
    start, end = sorted((min(one, len(written)), min(other, len(written))))
    form = NormalForm(written)
    if start == end:
        return
    first, last = form.to_normal(start, end)
    assert 0 <= first <= last <= len(form.text)
    if first == last:
        assert normalise(written[start:end]) == ""
        return
    written_start, written_end = form.to_written(first, last)
    assert 0 <= written_start < written_end <= len(written)
    assert normalise(written[written_start:written_end]) == form.text[first:last]
    lost = written[start:written_start] + written[written_end:end]
    assert normalise(lost).strip() == ""
