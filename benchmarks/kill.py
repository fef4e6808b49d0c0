"""How many reviews are lost or announced twice when the bot is killed, at random moments and at the worst ones.

There are three servers, five feeds and nine subscriptions; the tests' loopback Discord counts what arrives.
``python -m benchmarks.kill`` takes two to three seconds per kill. Ctrl-C ends it and prints the count so far.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from random import Random

from benchmarks.measure import print_table
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.killing import KillingField
from tests.loopback.lives import KINDS, draw_lives
from tests.loopback.running import TOKEN
from tests.loopback.tally import Tally

NAMED = 10
"""How many examples of each fault are printed."""


async def measure(kills: int, seed: int, only: list[str], folder: Path) -> bool:
    """Run, and print the counts.

    Args:
        kills: How often the bot is killed.
        only: The kinds of lives to draw; all kinds if empty.
        folder: Where database, copies and log are kept.
    Returns:
        Whether no fault was found.
    """
    started = time.perf_counter()

    def tell(done: int) -> None:
        if done % 10 == 0:
            print(f"{done} kills, {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)

    async with LoopbackDiscord(token=TOKEN) as discord, FeedHost() as feed_host:
        discord.is_judged_by_document = False
        field = KillingField(discord, feed_host, folder)
        is_complete = False
        try:
            await field.run(draw_lives(kills, Random(seed), only=only), tell)
            is_complete = True
        finally:
            tally = field.tally()
            print_tally(tally, is_complete=is_complete)
            print(f"{time.perf_counter() - started:.0f} s, seed {seed}", flush=True)
    return not tally.faults


def print_tally(tally: Tally, *, is_complete: bool) -> None:
    """Print what was counted; if the run was stopped early, say that some of it may have been on its way."""
    published, announced = (sum(map(len, lists)) for lists in (tally.published, tally.announced))
    print_table(
        "Lives, each of one or more kinds",
        ["kind", "lives"],
        [[kind, str(number)] for kind, number in tally.kinds.items()],
    )
    print(f"{tally.kills} kills, {published} announcements due, {announced} found, {tally.unlisted} only counted")
    print(f"digests {tally.digests}, messages edited {tally.edits}, notes {tally.notes}")
    print(f"ended where nothing came to end them at: {len(tally.unmet)}")
    if not is_complete:
        print("stopped before the end: what is “lost” or missing here may have been on its way")
    print(f"lost {len(tally.lost)}, doubled {len(tally.doubled)}, out of order {len(tally.disordered)}")
    for name, found in tally.faults.items():
        print(f"{name}: {len(found)}, such as {', '.join(found[:NAMED])}")


def main() -> None:
    """Run the benchmark; the exit code is 1 if it found a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", choices=KINDS, default=[], help="a kind; may be repeated")
    parser.add_argument("--folder", type=Path, help="where database, copies and the bots' log stay")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        try:
            is_well = asyncio.run(measure(options.kills, options.seed, options.only, folder))
        except KeyboardInterrupt:
            sys.exit(130)
    sys.exit(not is_well)


if __name__ == "__main__":
    main()
