"""Whether the connections to Discord's gateway live: by what it acknowledges, not by the tasks that read them.

discord.py sends a heartbeat about every 41 s and closes a connection that has been silent for a minute. An
acknowledgement that fails to come says so sooner.

Source: Discord's documentation, "Gateway", Sending Heartbeats.
"""

from __future__ import annotations

import math
import time
from collections import Counter

from bot.health import Connection
from bot.ui.discord.shards import Shard, ShardedBot

ACK_S = 10.0
"""How much later than the interval an acknowledgement may come. So a dead connection is known within a minute."""


def read_connections(client: ShardedBot) -> list[Connection]:
    """What is known about each connection of a client; none before it has decided how many it opens."""
    servers = Counter(guild.shard_id for guild in client.guilds)
    return [_read(client, shard, servers[shard.id]) for shard in client.gateway_shards]


def _read(client: ShardedBot, shard: Shard, servers: int) -> Connection:
    gone = Connection(shard=shard.id, servers=servers)
    if client.is_closed() or shard.ws is None or not shard.was_ready or not shard.has_session or not shard.ws.open:
        return gone
    keeper = shard.ws._keep_alive  # noqa: SLF001 - the latency alone does not say that an acknowledgement is missing
    if keeper is None or keeper.interval is None:
        return gone
    silent_s = judge(
        time.perf_counter(),
        interval_s=keeper.interval,
        acked_s=keeper._last_ack,  # noqa: SLF001
        heard_s=keeper._last_recv,  # noqa: SLF001
    )
    lag_s = keeper.latency if math.isfinite(keeper.latency) else None
    return Connection(shard=shard.id, servers=servers, silent_s=silent_s, lag_s=lag_s)


def judge(now_s: float, *, interval_s: float, acked_s: float, heard_s: float) -> float:
    """For how long a connection has not shown that it lives; 0 as long as no acknowledgement is missing.

    Args:
        interval_s: How often a heartbeat is sent.
        acked_s: When one was last acknowledged.
        heard_s: When anything was last received.
    """
    return 0.0 if now_s - acked_s <= interval_s + ACK_S else now_s - max(heard_s, acked_s)
