"""The plug pulled at any moment: the whole bot as a process, killed again and again."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from random import Random

from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.killing import kill_again_and_again


async def test_killed_at_random_every_review_is_announced_exactly_once(
    discord: LoopbackDiscord, feed_host: FeedHost, tmp_path: Path
) -> None:
    """None lost, none doubled, in order, and the file whole."""
    tally = await kill_again_and_again(discord, feed_host, tmp_path, kills=12, random=Random(20260601))
    assert tally.lost == []
    assert tally.doubled == []
    assert tally.announced == tally.published
    with sqlite3.connect(tmp_path / "killed.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM deliveries WHERE state <> 'sent'").fetchone() == (0,)
    connection.close()
