"""The time by Discord's clock, from its answers. Our own clock may be wrong, or may be set while we run."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp
import discord

MARGIN = timedelta(seconds=10)
"""The clocks behind the Date headers and the message ids may differ a little."""


class ServerTime:
    """Reads the Date of every answer, and counts on with the monotonic clock."""

    def __init__(self) -> None:
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
        self.hear(ended.response.headers.get("Date"))

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
