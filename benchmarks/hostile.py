"""Commands while hostile documents are read: how long members wait, and what happens to each document.

The bot runs as a separate process. It follows a good feed and every document of the tests' hostile set, each as a
feed that is polled again and again. Discord and the feeds' server run in this process, on loopback.
``python -m benchmarks.hostile`` takes about two minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from time import monotonic

from benchmarks.load import NO_ANSWER_S, memory_mb, p99
from benchmarks.measure import median, print_table
from tests.factories import make_entry, make_rss
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import settings_for
from tests.test_hostile import DOCUMENTS

ROOT = Path(__file__).resolve().parents[1]
COMMAND_SECONDS = 0.2


async def _ask(discord: LoopbackDiscord, waits: list[float]) -> None:
    asked: tuple[tuple[str, dict[str, str]], ...] = (
        ("paper", {"name": "lantern-1"}),
        ("search", {"query": "retriever"}),
        ("latest", {}),
    )
    async with asyncio.TaskGroup() as asking:
        for number in count():
            asking.create_task(_wait_for(discord, *asked[number % 3], waits))
            await asyncio.sleep(COMMAND_SECONDS)


async def _wait_for(discord: LoopbackDiscord, name: str, options: dict[str, str], waits: list[float]) -> None:
    try:
        answer = await discord.command(name, options)
    except AssertionError:  # no answer in time
        waits.append(NO_ANSWER_S)
        return
    waited = monotonic() - answer.started_s if answer.deferred else answer.elapsed_s
    waits.append(NO_ANSWER_S if waited is None else waited)


async def measure(seconds: float) -> None:
    """Run, and print what happened to each document and how long members waited."""
    with tempfile.TemporaryDirectory() as folder:
        async with LoopbackDiscord() as discord, FeedHost() as host:
            names = {f"/{number}-{document.__name__}.xml": document for number, document in enumerate(DOCUMENTS)}
            for path, document in names.items():
                host.serve(path, document())
            good = host.serve("/good.xml", make_rss([make_entry(number) for number in range(9, 0, -1)]))
            database = Path(folder) / "hostile.db"
            settings = settings_for(discord, host) | {
                "NONMUN_FEEDS": ",".join((good, *map(host.url, names))),
                "NONMUN_DATABASE": str(database),
                "NONMUN_POLL_SECONDS": "10",
            }
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "bot", "run"),
                cwd=folder,
                env=os.environ | {name: str(value) for name, value in settings.items()} | {"PYTHONPATH": str(ROOT)},
                stderr=asyncio.subprocess.DEVNULL,
            )
            waits: list[float] = []
            try:
                await discord.wait_until_connected(timeout_s=60)
                while not discord.commands[None]:  # noqa: ASYNC110 - the server sets no event
                    await asyncio.sleep(0.1)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await _ask(discord, waits)
                highest = memory_mb(process.pid, "VmHWM")
            finally:
                process.terminate()
                await process.wait()
            with contextlib.closing(sqlite3.connect(database)) as db:
                found = dict(db.execute("SELECT url, coalesce(last_error, 'read') FROM feeds"))
    print_table(
        "what became of each document",
        ("document", "message"),
        [(p, found.get(u, "-")) for u, p in _by_url(host, names)],
    )
    rows = [
        ("commands", str(len(waits))),
        ("p50 / p99 / most", f"{median(waits) * 1e3:.0f} / {p99(waits) * 1e3:.0f} / {max(waits) * 1e3:.0f} ms"),
        ("memory of the bot, at most", f"{highest:.0f} MB"),
    ]
    print_table("commands meanwhile", ("what", "figure"), rows)


def _by_url(host: FeedHost, paths: Iterable[str]) -> list[tuple[str, str]]:
    return [(host.url(path), path) for path in paths]


def main() -> None:
    """Run for the time that is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=90.0)
    asyncio.run(measure(parser.parse_args().seconds))


if __name__ == "__main__":
    main()
