"""Whether the connection to Discord's gateway lives: by what it acknowledges, not by the task that reads it.

discord.py sends a heartbeat about every 41 s and closes a connection that has been silent for a minute. An
acknowledgement that fails to come says so sooner.

Source: Discord's documentation, "Gateway", Sending Heartbeats.
"""

from __future__ import annotations

import math
import time

from bot.health import Connection
from bot.ui.discord.client import NonmunClient

ACK_S = 10.0
"""How much later than the interval an acknowledgement may come. So a dead connection is known within a minute."""


def read_connection(client: NonmunClient) -> Connection:
    """What is known about a client's connection."""
    if client.is_closed() or not client.is_ready() or not client.has_session or not client.ws.open:
        return Connection()
    keeper = client.ws._keep_alive  # noqa: SLF001 - the latency alone does not say that an acknowledgement is missing
    if keeper is None or keeper.interval is None:
        return Connection()
    silent_s = judge(
        time.perf_counter(),
        interval_s=keeper.interval,
        acked_s=keeper._last_ack,  # noqa: SLF001
        heard_s=keeper._last_recv,  # noqa: SLF001
    )
    lag_s = keeper.latency if math.isfinite(keeper.latency) else None
    return Connection(silent_s=silent_s, lag_s=lag_s)


def judge(now_s: float, *, interval_s: float, acked_s: float, heard_s: float) -> float:
    """For how long a connection has not shown that it lives; 0 as long as no acknowledgement is missing.

    Args:
        interval_s: How often a heartbeat is sent.
        acked_s: When one was last acknowledged.
        heard_s: When anything was last received.
    """
    return 0.0 if now_s - acked_s <= interval_s + ACK_S else now_s - max(heard_s, acked_s)
