"""Passages in the form in which a model's quotes are looked for, and the way back to what is written. Pure.

A model repeats a passage with other spaces, composed letters, full-width forms or marks of Markdown. None of this
changes a word, so both sides are compared without it; case, punctuation and the order of words count.
"""

from __future__ import annotations

import re
import unicodedata

from bot.text.patterns import lazy_pattern
from bot.text.terms import visible

MIN_CHARACTERS = 12
MIN_SYLLABLES = 5
"""A quote that is shorter in both proves nothing. Hangul says more with fewer characters."""
MAX_CHARACTERS = 600
"""A longer quote is copied, not chosen."""
MAX_COMPARED = 20_000
"""Characters of a passage in which a quote is looked for."""

_VARIANTS = str.maketrans(
    dict.fromkeys("‘’‚‛′ʼ", "'")
    | dict.fromkeys("“”„‟″«»", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | {"‹": "<", "›": ">"}  # how a prompt writes angle brackets
)
_MARKDOWN = "*_`"
_CLUSTER = lazy_pattern(r".[\u0300-\u036f\u1160-\u11ff\u3099\u309a]*", re.DOTALL)
_SYLLABLE = lazy_pattern("[가-힣]")
_AROUND = " \t\n\"'…."
_END_MARKS = ".!?,;:…。"
_JOINERS = "-'/"
"""Between two letters they join one word: “non-toxic”, “isn't”."""
_POINTS = ".,"
"""Between two digits they belong to a number."""


class Comparable:
    """A text as ``text``, in the form in which quotes are compared; `written` leads back to the text as written."""

    __slots__ = ("_ends", "_starts", "text")

    def __init__(self, written: str) -> None:
        letters: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        for match in _CLUSTER.finditer(written[:MAX_COMPARED]):
            for letter in _plain(match[0]):
                if letter == " " and (not letters or letters[-1] == " "):
                    continue
                letters.append(letter)
                self._starts.append(match.start())
                self._ends.append(match.end())
        self.text = "".join(letters)

    def written(self, start: int, end: int) -> tuple[int, int]:
        """Return where a part that is not empty stands in the text as written."""
        return self._starts[start], self._ends[end - 1]


def comparable(text: str) -> str:
    """Return the form of a text in which it is compared."""
    return Comparable(text).text.strip()


def find_quote(quote: str, passage: Comparable) -> tuple[int, int] | None:
    """Return (start, end) of a quote in a passage as written; None if it does not stand there word for word.

    It begins and ends at a word's border, so that “able to” is not found in “unable to”. Only a Korean word may be
    cut before its particle: then the quote ends with the whole word.
    """
    sought = comparable(quote).strip(_AROUND)
    for words in dict.fromkeys((sought, sought.rstrip(_END_MARKS))):
        if is_long_enough(words) and (found := _find(words, passage.text)) is not None:
            return passage.written(*found)
    return None


def is_long_enough(words: str) -> bool:
    """Whether a quote, in the form in which it is compared, is long enough to prove something, and not too long."""
    if len(words) > MAX_CHARACTERS or not any(map(str.isalpha, words)):
        return False
    return len(words) >= MIN_CHARACTERS or len(_SYLLABLE.findall(words)) >= MIN_SYLLABLES


def _find(words: str, text: str) -> tuple[int, int] | None:
    start = text.find(words)
    while start >= 0:
        end = start + len(words)
        if _SYLLABLE.match(text[end - 1]):
            while end < len(text) and _SYLLABLE.match(text[end]):
                end += 1
        if not _is_within_word(text, start) and not _is_within_word(text, end):
            return start, end
        start = text.find(words, start + 1)
    return None


def _is_within_word(text: str, at: int) -> bool:
    """Whether a cut before this character would divide a word or a number."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if before.isalnum() and after.isalnum():
        return True
    if _is_joiner(text, at - 1):
        return True
    return _is_joiner(text, at)


def _is_joiner(text: str, at: int) -> bool:
    if not 0 < at < len(text) - 1:
        return False
    before, mark, after = text[at - 1], text[at], text[at + 1]
    if mark in _JOINERS:
        return before.isalnum() and after.isalnum()
    return mark in _POINTS and before.isdigit() and after.isdigit()


def _plain(cluster: str) -> str:
    """A letter with its marks, in its compatible composed form; "" if it says nothing."""
    if cluster in _MARKDOWN:
        return ""
    folded = unicodedata.normalize("NFKC", visible(cluster)).translate(_VARIANTS)
    return "".join(" " if letter.isspace() or unicodedata.category(letter) == "Cc" else letter for letter in folded)
