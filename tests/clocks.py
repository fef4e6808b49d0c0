"""A system clock that can be set, as far as the bot and its libraries read it; the monotonic one goes on."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Self

import apscheduler.schedulers.base
import pytest

import bot.answering.lookups
import bot.schedule


class WallClock:
    """The clock on the wall: set it with `leap`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead = timedelta()
        wall = self

        class Settable(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> Self:
                return cls.fromtimestamp((datetime.now(tz) + wall.ahead).timestamp(), tz)

        for module in (apscheduler.schedulers.base, bot.schedule, bot.answering.lookups):
            monkeypatch.setattr(module, "datetime", Settable)

    def leap(self, **span: float) -> None:
        self.ahead += timedelta(**span)
