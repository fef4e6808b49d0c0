"""The log: one line for each event, as ``key=value`` or as JSON, without passwords and keys.

The project's own messages are an event and its facts (``"feed read url=%s new=%d"``); their form says which is which,
so each value is quoted where it must be, and is a number in JSON where it is one. Lines of libraries have the same
form, with their text as the event.

A traceback is written once, below its line or as a field; later lines of the same fault say how often it has been
seen. Any value may hold an address with a key, because a library quotes its input: all are redacted.
"""

from __future__ import annotations

import json
import logging
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from types import TracebackType
from typing import Any, TextIO

from bot.text.links import redact_text
from bot.text.patterns import lazy_pattern

MOST_KNOWN = 500
"""How many faults are remembered; the one not seen for longest is forgotten."""
AGAIN_S = 3_600.0
"""After this long the traceback of a fault that lasts is written again: the log may have been rotated."""

_FACT = lazy_pattern(r"(\w+)=(%[-+ #0-9.]*[a-zA-Z])")
_PLACE = lazy_pattern(r"(?:(\w+)=)?%(?:%|[-+ #0-9.]*[a-zA-Z])")
_NEEDS_QUOTES = lazy_pattern(r'[\s"=\x00-\x1f\x7f-\x9f\u2028\u2029]|^$')
_CONTROLS = lazy_pattern(r"[\x7f-\x9f\u2028\u2029]")
_OWN = ("time", "level", "logger", "event", "times", "traceback")
"""Keys that a fact of the same name must not take."""
Fact = str | int | float | bool | None


class LogFormat(StrEnum):
    """The forms of the log."""

    LINES = "lines"
    JSON = "json"


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Formatter(logging.Formatter):
    """Makes lines of records."""

    def __init__(self, form: LogFormat = LogFormat.LINES) -> None:
        super().__init__()
        self.form = form
        self._seen: OrderedDict[tuple[str, str, int], tuple[int, float]] = OrderedDict()

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        event, facts = split_message(record)
        told: dict[str, Fact] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": redact_text(event),
        }
        told |= {
            f"{key}_" if key in _OWN else key: redact_text(fact) if isinstance(fact, str) else fact
            for key, fact in facts.items()
        }
        trace = None
        if record.exc_info and record.exc_info[1] is not None:
            times, is_new = self._count(record.exc_info[1], record.created)
            told |= {} if times == 1 else {"times": times}
            trace = redact_text(self.formatException(record.exc_info)) if is_new else None
        if self.form is LogFormat.JSON:
            made = json.dumps(told | ({"traceback": trace} if trace else {}), ensure_ascii=False)
            return _CONTROLS.sub(_escape, made)
        line = " ".join(f"{key}={quoted(fact)}" for key, fact in told.items())
        return f"{line}\n{_CONTROLS.sub(_escape, trace)}" if trace else line

    def _count(self, error: BaseException, now_s: float) -> tuple[int, bool]:
        """Count a fault by its kind and place: how often it was seen, and whether its traceback is to be written."""
        where = _innermost(error.__traceback__)
        key = (type(error).__qualname__, *where)
        times, told_s = self._seen.pop(key, (0, 0.0))
        is_new = not times or now_s - told_s > AGAIN_S
        self._seen[key] = (times + 1, now_s if is_new else told_s)
        if len(self._seen) > MOST_KNOWN:
            self._seen.popitem(last=False)
        return times + 1, is_new


def split_message(record: logging.LogRecord) -> tuple[str, Mapping[str, Fact]]:
    """Divide a record's message into the event and its facts, by the template that it was logged with."""
    if not isinstance(record.args, tuple) or not _FACT.search(str(record.msg)):
        return record.getMessage(), {}
    try:
        return _divide(str(record.msg), record.args)
    except (TypeError, ValueError, IndexError):  # the library's own formatting says what is wrong
        return record.getMessage(), {}


def _divide(template: str, args: tuple[Any, ...]) -> tuple[str, Mapping[str, Fact]]:
    facts: dict[str, Fact] = {}
    left = iter(args)
    pieces, end = [], 0
    for place in _PLACE.finditer(template):
        pieces.append(template[end : place.start()])
        end = place.end()
        key, spec = place[1], place[0].rpartition("%")[2]
        if place[0].endswith("%%"):
            pieces.append(f"{key}=%" if key else "%")
        elif key is None:
            pieces.append(f"%{spec}" % (next(left),))
        else:
            facts[key] = _fact(next(left), spec)
    pieces.append(template[end:])
    return " ".join("".join(pieces).split()), facts


def _fact(value: object, spec: str) -> Fact:
    if isinstance(value, bool | None) or (isinstance(value, int | float) and spec in ("s", "r", "d")):
        return int(value) if spec == "d" and isinstance(value, float) else value
    if isinstance(value, int | float):
        return float(f"%{spec}" % (value,))
    return str(value)


def quoted(fact: Fact) -> str:
    """A value as it stands behind its key: in quotation marks, with escapes, if its end could not be seen else."""
    text = json.dumps(fact) if isinstance(fact, bool | None) else str(fact)
    if not _NEEDS_QUOTES.search(text):
        return text
    return _CONTROLS.sub(_escape, json.dumps(text, ensure_ascii=False))


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _innermost(trace: TracebackType | None) -> tuple[str, int]:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return (trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace else ("", 0)


class Log:
    """The handler of the root logger while a command runs."""

    def __init__(self, stream: TextIO, level: int, *, shows_jobs: bool) -> None:
        self._formatter = Formatter()
        self._shows_jobs = shows_jobs
        self.handler = logging.StreamHandler(stream)
        self.handler.setFormatter(self._formatter)
        self.handler.addFilter(self._is_shown)
        self.level = level

    def use(self, form: LogFormat, level: LogLevel) -> None:
        """Change the form and the level."""
        self._formatter.form = form
        self.level = logging.getLevelNamesMapping()[level.upper()]
        logging.getLogger().setLevel(self.level)

    def _is_shown(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("apscheduler") and record.levelno < logging.WARNING:
            return self._shows_jobs  # two lines for each job, and one job runs every two seconds
        # The details of libraries hold what members write, and tokens of their commands.
        return record.levelno >= logging.INFO or record.name.startswith(("bot.", "cogs."))


@contextmanager
def logging_to(stream: TextIO, level: int, *, shows_jobs: bool = False) -> Iterator[Log]:
    """Log to a stream within the block.

    Args:
        level: As in `logging`.
        shows_jobs: Whether each run of each job is logged, too.
    """
    root, log = logging.getLogger(), Log(stream, level, shows_jobs=shows_jobs)
    before = root.level
    root.addHandler(log.handler)
    root.setLevel(level)
    try:
        yield log
    finally:
        root.removeHandler(log.handler)
        root.setLevel(before)
