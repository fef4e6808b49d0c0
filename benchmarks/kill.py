"""How many reviews are lost or announced twice when the bot is killed at random points.

Three servers, five feeds, eight subscriptions. ``python -m benchmarks.kill`` takes about two seconds a kill. The
loopback Discord of the tests counts.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.killing import KillingField
from tests.loopback.running import TOKEN


async def measure(kills: int, seed: int) -> None:
    """Run, and print the count."""
    started = time.perf_counter()

    def tell(done: int) -> None:
        if done % 50 == 0:
            print(f"{done} kills, {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory() as folder:
        async with LoopbackDiscord(token=TOKEN) as discord, FeedHost() as feed_host:
            tally = await KillingField(discord, feed_host, Path(folder), Random(seed)).run(kills, tell)
    published, announced = (sum(map(len, lists)) for lists in (tally.published, tally.announced))
    print(f"{tally.kills} kills, {published} announcements due, {announced} found")
    print(f"lost {len(tally.lost)}, doubled {len(tally.doubled)}, in order: {tally.is_ordered}")
    print(f"without their thread: {len(tally.missing_threads)}")
    print(f"{time.perf_counter() - started:.0f} s, seed {seed}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    asyncio.run(measure(options.kills, options.seed))


if __name__ == "__main__":
    main()
