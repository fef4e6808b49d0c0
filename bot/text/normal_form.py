"""Text in the form in which passages are compared, and the way back to what is written. Pure.

Feeds rewrite their posts in ways that no reader sees: other white space, entities, typographic quotes and dashes,
composed letters, invisible characters. All of these have one normal form. Unlike `bot.text.terms.fold` it keeps case,
punctuation and the order of all words, because a passage is found by its exact words.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from typing import NamedTuple

from bot.text.patterns import lazy_pattern
from bot.text.terms import IGNORED

_VARIANTS = str.maketrans(
    dict.fromkeys("‘’‚‛′ʼ＇`´", "'")
    | dict.fromkeys("“”„‟″«»＂", '"')
    | dict.fromkeys("‐‑‒–—―−﹣－", "-")
    | dict.fromkeys("∼～〜˜", "~")
)
"""Variants of quotes, dashes and tildes, each one character long."""
_DASHES = "\\-‐‑‒–—―−﹣－"
_MARKS = "\u0300-\u034e\u0350-\u036f\u1161-\u11ff\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a"
"""What is composed with the letter before it: marks of Latin, Greek, Cyrillic and kana letters, parts of Hangul ones.

Source: Unicode 16, Blocks.txt.
"""
_REWRITTEN = lazy_pattern(
    rf"(?P<space>(?!\ (?![\s{IGNORED}]))[\s{IGNORED}]+) | (?P<dashes>[{_DASHES}]{{2,}}) | (?P<dots>\.{{3,}})"
    rf" | .[{_MARKS}]+",
    re.VERBOSE,
)
"""What has a normal form of another length. A single space is not in it, because it is most of all white space."""


class _Rewritten(NamedTuple):
    """A run that has a normal form of its own, in both texts."""

    start: int
    end: int
    written_start: int
    written_end: int


class NormalForm:
    """The normal form of a text, as ``text``; its offsets can be translated from and to those of the written text."""

    __slots__ = ("_runs", "_starts", "_written_starts", "text")

    def __init__(self, written: str) -> None:
        parts: list[str] = []
        self._runs: list[_Rewritten] = []
        length = done = 0
        for match in _REWRITTEN.finditer(written):
            plain, new = written[done : match.start()], _rewrite(match)
            parts += (plain, new)
            length += len(plain)
            self._runs.append(_Rewritten(length, length + len(new), match.start(), match.end()))
            length, done = length + len(new), match.end()
        self.text = "".join((*parts, written[done:])).translate(_VARIANTS)
        self._starts = [run.start for run in self._runs]
        self._written_starts = [run.written_start for run in self._runs]

    def to_written(self, start: int, end: int) -> tuple[int, int]:
        """Return where a part of the normal form, not empty, stands in the written text."""
        last = self._run(self._starts, end - 1)
        is_within = last is not None and end - 1 < last.end
        return self._written(start), last.written_end if last and is_within else self._written(end - 1) + 1

    def to_normal(self, start: int, end: int) -> tuple[int, int]:
        """Return where a part of the written text, not empty, stands in the normal form.

        If it begins or ends within a run that has a normal form of its own, the whole run belongs to it.
        """
        last = self._run(self._written_starts, end - 1)
        is_within = last is not None and end - 1 < last.written_end
        return self._normal(start), last.end if last and is_within else self._normal(end - 1) + 1

    def _written(self, at: int) -> int:
        run = self._run(self._starts, at)
        if run is None:
            return at
        return run.written_start if at < run.end else run.written_end + at - run.end

    def _normal(self, at: int) -> int:
        run = self._run(self._written_starts, at)
        if run is None:
            return at
        return run.start if at < run.written_end else run.end + at - run.written_end

    def _run(self, starts: list[int], at: int) -> _Rewritten | None:
        """The last run that begins at an offset or before it."""
        number = bisect_right(starts, at) - 1
        return self._runs[number] if number >= 0 else None


def normalise(written: str) -> str:
    """Return the normal form of a text."""
    return NormalForm(written).text


def _rewrite(run: re.Match[str]) -> str:
    match run.lastgroup:
        case "space":
            return " " if any(map(str.isspace, run[0])) else ""
        case "dashes":
            return "-"
        case "dots":
            return "…"
        case _:
            return unicodedata.normalize("NFC", run[0])
