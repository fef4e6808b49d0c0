"""How many reviews are lost or announced twice when the bot is killed at random points.

``python -m benchmarks.kill`` takes about two seconds a kill. The loopback Discord of the tests counts.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path
from random import Random

from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.killing import kill_again_and_again
from tests.loopback.running import TOKEN


async def measure(kills: int, seed: int) -> None:
    """Run, and print the count."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        async with LoopbackDiscord(token=TOKEN) as discord, FeedHost() as feed_host:
            tally = await kill_again_and_again(discord, feed_host, Path(folder), kills=kills, random=Random(seed))
    print(f"{tally.kills} kills, {len(tally.published)} reviews published, {len(tally.announced)} messages")
    print(f"lost {len(tally.lost)}, doubled {len(tally.doubled)}, in order: {tally.announced == tally.published}")
    print(f"{time.perf_counter() - started:.0f} s, seed {seed}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    asyncio.run(measure(options.kills, options.seed))


if __name__ == "__main__":
    main()
