"""What each answer of Discord's API says beside its content: the time by Discord's clock, and how to pace ourselves.

Our own clock may be wrong, or may be set while we run.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp
import discord

from bot.heartbeats import note_step
from bot.metrics import Metrics

MARGIN = timedelta(seconds=10)
"""The clocks behind the Date headers and the message ids may differ a little."""


class ServerTime:
    """Reads the Date of every answer, and counts on with the monotonic clock.

    An answer is also a step of what asked for it (`bot.heartbeats`), and is counted by its status.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._heard: datetime | None = None
        self._heard_s = 0.0

    def trace(self) -> aiohttp.TraceConfig:
        """Trace settings for the client's HTTP session."""
        config = aiohttp.TraceConfig()
        config.on_request_end.append(self._listen)
        return config

    async def _listen(
        self, _: aiohttp.ClientSession, __: SimpleNamespace, ended: aiohttp.TraceRequestEndParams
    ) -> None:
        headers = ended.response.headers
        self.hear(headers.get("Date"))
        self._metrics.requests[str(ended.response.status)] += 1
        note_step(wait_s=asked_wait_s(ended.response.status, headers))

    def hear(self, date: str | None) -> None:
        """Read a Date header. Source: RFC 9110 §6.6.1."""
        try:
            heard = parsedate_to_datetime(date or "")
        except ValueError:
            return
        self._heard = heard if heard.tzinfo else heard.replace(tzinfo=UTC)
        self._heard_s = time.monotonic()

    def newest_id(self) -> int:
        """An id below that of any message posted from now on; 0 while no Date is known."""
        if self._heard is None:
            return 0
        now = self._heard + timedelta(seconds=time.monotonic() - self._heard_s) - MARGIN
        return discord.utils.time_snowflake(now)


def asked_wait_s(status: int, headers: Mapping[str, str]) -> float:
    """How many seconds Discord asks us to wait before the next request of this kind; discord.py obeys.

    Source: Discord's documentation, "Rate Limits".
    """
    if status == 429:
        return _seconds(headers.get("Retry-After"))
    return _seconds(headers.get("X-RateLimit-Reset-After")) if headers.get("X-RateLimit-Remaining") == "0" else 0.0


def _seconds(text: str | None) -> float:
    try:
        seconds = float(text or "")
    except ValueError:
        return 0.0
    return max(seconds, 0.0) if math.isfinite(seconds) else 0.0
