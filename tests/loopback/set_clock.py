"""The bot as a process whose clock on the wall is wrong: ``python -m tests.loopback.set_clock SECONDS run``.

All that reads the wall clock through Python sees it, the libraries too; the monotonic clock goes on, as it does where
a system's clock is set. The reader process has the right time: it asks for none.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from datetime import datetime, timedelta, tzinfo
from typing import Any, Self

from pydantic_core import CoreSchema, core_schema

AHEAD = timedelta()


class _AnyDatetime(type):
    """What C code and earlier imports make is a datetime as well."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime)


class SetDatetime(datetime, metaclass=_AnyDatetime):
    """A datetime whose now is elsewhere."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls.fromtimestamp((datetime.now(dt.UTC) + AHEAD).timestamp(), tz)

    @classmethod
    def utcnow(cls) -> Self:
        return cls.now(dt.UTC).replace(tzinfo=None)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> CoreSchema:
        """What validates datetimes may be made after the clock was set."""
        return core_schema.datetime_schema()


def set_clock(seconds: float) -> None:
    """Set the clock of this process by so much, for everything that was imported before."""
    global AHEAD
    AHEAD = timedelta(seconds=seconds)
    read_time, read_time_ns = time.time, time.time_ns
    changes: dict[str, Any] = {
        "time": lambda: read_time() + seconds,
        "time_ns": lambda: read_time_ns() + int(seconds * 1e9),
    }
    for name, changed in changes.items():
        setattr(time, name, changed)
    for imported in [*sys.modules.values()]:
        if imported.__name__ != __name__ and vars(imported).get("datetime") is datetime:
            imported.datetime = SetDatetime  # type: ignore[attr-defined]


if __name__ == "__main__":
    import bot.app  # noqa: F401 - the command line would load it after the clock was set
    from bot.cli import main

    set_clock(float(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
