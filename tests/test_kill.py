"""The plug pulled at any moment: the whole bot as a process, killed again and again."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from random import Random

from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.killing import KillingField


async def test_killed_at_random_every_review_is_announced_exactly_once(
    discord: LoopbackDiscord, feed_host: FeedHost, tmp_path: Path
) -> None:
    """For each subscription none lost, none doubled, in order, each with its thread; and the file whole."""
    field = KillingField(discord, feed_host, tmp_path, Random(20260601))
    tally = await field.run(12)
    assert tally.lost == []
    assert tally.doubled == []
    assert tally.is_ordered
    assert tally.missing_threads == []
    with sqlite3.connect(tmp_path / "killed.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        waiting = "SELECT count(*) FROM deliveries WHERE state NOT IN ('sent', 'merged')"
        assert connection.execute(waiting).fetchone() == (0,)
    connection.close()
    # The count is no formality: what is taken away is missed, what is repeated is seen.
    channel = discord.channels[discord.channel_id]
    channel.messages.append(channel.messages[-1])
    assert field.tally(12).doubled != []
    del channel.messages[-2:]
    assert field.tally(12).lost != []
