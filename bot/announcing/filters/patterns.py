"""Regular expressions with RE2: limited in size, and run on limited pieces of text. The only use of re2."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import re2  # type: ignore[import-untyped]  # ships no types

from bot.announcing.filters.terms import Pattern, quote
from bot.errors import RequestError
from bot.languages import N_, _

_MAX_PROGRAM = 5_000
"""Instructions of a compiled pattern. For each byte, RE2 takes up to 3 ns per instruction if all are active."""
_MAX_MEMORY = 1024 * 1024
"""Bytes of a compiled pattern with its automaton; RE2 gives up on larger ones within 25 ms."""
_PIECE_BYTES = 4_096
"""How much text a pattern reads between two looks at the clock: 60 ms for the worst pattern."""
_OVERLAP_BYTES = 1_024
"""Overlap of two pieces of a long line; a match longer than this may be missed there."""

_TOO_LARGE = N_("it is too large; repeat less, or smaller groups of letters")
_NOT_IN_RE2 = N_("looking ahead, looking behind and references back are not possible")
_FAULTS = (
    N_("invalid escape sequence"),
    N_("invalid character class"),
    N_("invalid character class range"),
    N_("missing ]"),
    N_("missing )"),
    N_("unexpected )"),
    N_("trailing \\"),
    N_("no argument for repetition operator"),
    N_("invalid repetition size"),
    N_("bad repetition operator"),
    N_("invalid perl operator"),
    N_("invalid named capture group"),
)
"""What RE2 says is wrong, followed by where. Source: RE2, re2/regexp.cc, kErrorStrings."""


def _options() -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    options.never_capture = True
    options.never_nl = True  # lines are split below, so a pattern must not depend on a match across them
    return options


def compile_pattern(pattern: Pattern) -> Any:
    """Compile a pattern. RE2 caches the last 128; compiling one again takes up to 3 ms.

    Raises:
        RequestError: It is not a valid regular expression, or it is too large.
    """
    source = unicodedata.normalize("NFC", pattern.source)
    try:
        compiled = re2.compile(f"(?m){source}", _options())
    except (re2.error, UnicodeEncodeError):
        raise RequestError(
            _("The pattern {pattern} is not a valid regular expression: {why}.").format(
                pattern=quote(pattern.shown), why=_fault(source)
            )
        ) from None
    if compiled.programsize > _MAX_PROGRAM:
        raise RequestError(
            _("The pattern {pattern} cannot be used: {why}.").format(pattern=quote(pattern.shown), why=_(_TOO_LARGE))
        )
    return compiled


def _fault(source: str) -> str:
    """What RE2 says is wrong with a pattern as it was typed."""
    try:
        re2.compile(source, _options())
    except UnicodeEncodeError:
        return _("it has half a character")
    except re2.error as exc:
        said = exc.args[0].decode(errors="replace") if isinstance(exc.args[0], bytes) else str(exc)
        if "too large" in said:
            return _(_TOO_LARGE)
        if re.match(r"invalid perl operator: \(\?<?[=!]|invalid escape.*\\[1-9]", said):
            return _(_NOT_IN_RE2)
        fault, colon, where = said.partition(": ")
        return f"{_(fault)}{colon}{where}"
    return _("it cannot be used here")


def is_found(compiled: Any, data: bytes, budget: Budget) -> bool:
    """Whether a compiled pattern matches somewhere in the text, UTF-8 encoded.

    Raises:
        TooSlowError: The budget ran out first.
    """
    for start, end in _pieces(data):
        budget.check()
        # The end of a piece does not count as the end of a line, because RE2 sees the text around it.
        if compiled.search(data, start, end):
            return True
    budget.check()
    return False


def _pieces(data: bytes) -> Iterator[tuple[int, int]]:
    """As many whole lines as fit; a line that does not fit, in overlapping pieces."""
    start = 0
    while len(data) - start > _PIECE_BYTES:
        line_end = data.rfind(b"\n", start + 1, start + _PIECE_BYTES)
        if line_end > 0:
            yield start, line_end
            start = line_end + 1
        else:
            yield start, start + _PIECE_BYTES
            start += _PIECE_BYTES - _OVERLAP_BYTES
    yield start, len(data)


class TooSlowError(Exception):
    """The budget is spent. Callers of `judge` never see this error."""


@dataclass(slots=True)
class Budget:
    """CPU seconds of this thread, so that a filter does not count as slow because the machine is busy."""

    clock: Callable[[], float] = time.thread_time
    _end: float = field(default=0.0, init=False)

    def begin(self, limit_s: float) -> None:
        """Allow this many seconds from now."""
        self._end = self.clock() + limit_s

    def check(self) -> None:
        """Raise `TooSlowError` if the time is up."""
        if self.clock() > self._end:
            raise TooSlowError
