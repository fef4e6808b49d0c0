"""Processor time until a process does its work: a look-up in the terminal, and the bot until it is ready.

A look-up is compared with importing the libraries that it needs, the bot with importing discord.py. They take turns,
and the first round is not counted: it writes the bytecode of all modules, in a folder of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.lookups import make_slip, name_of
from benchmarks.measure import median, milliseconds, print_table, ratio
from benchmarks.shelf import feed_parser, fill, open_shelf
from bot.models.requests import Audience, Place
from bot.models.reviews import StoredReview
from bot.store import feeds
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.running import TOKEN

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = "import numpy, pydantic_settings, aiosqlite, rapidfuzz.fuzz, snowballstemmer, rich.console"
SEED = 20_261_130


def environment(folder: Path) -> dict[str, str]:
    """The environment of the measured processes, which keep their bytecode in a folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NONMUN_", "DISCORD_"))}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | {"PYTHONPYCACHEPREFIX": str(folder / "bytecode"), "PYTHONPATH": str(ROOT)}


def cpu_s(command: Sequence[str], folder: Path) -> float:
    """The processor time of a process until it ends."""
    before = os.times()
    subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment(folder), stdout=subprocess.DEVNULL, check=False
    )
    after = os.times()
    return (after.children_user + after.children_system) - (before.children_user + before.children_system)


def cpu_until_ready_s(folder: Path, database: Path, feed: Path, api: str, gateway: str) -> float:
    """The processor time of the bot until it says that it is ready; Linux only."""
    settings = {
        "DISCORD_TOKEN": TOKEN,
        "DISCORD_API_URL": api,
        "DISCORD_GATEWAY_URL": gateway,
        "NONMUN_FEEDS": str(feed),
        "NONMUN_POLL_SECONDS": "86400",
        "NONMUN_DATABASE": str(database),
        "NONMUN_RESOLVE_IDS": "false",
    }
    bot = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=folder,
        env=environment(folder) | settings,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert bot.stderr is not None
        for line in bot.stderr:
            if "event=ready user=" in line:
                fields = Path(f"/proc/{bot.pid}/stat").read_text().rpartition(")")[2].split()
                return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    finally:
        bot.terminate()
        bot.wait()
    raise SystemExit("the bot ended before it was ready")


def questions(shelf: Sequence[StoredReview], chance: random.Random) -> dict[str, list[str]]:
    """What is typed: the name of a review, the same with a slip, one of its sections, two words of its text."""
    stored = next(one for one in shelf if one.review.short_name and len(one.review.short_name) > 5)
    sections = [section for section in stored.review.sections if section.heading]
    words = [word for word in sections[0].text.split() if len(word) > 4 and word.isalpha()][:2]
    name = name_of(stored)
    return {
        "nonmun paper, name as written": ["paper", name],
        "nonmun paper, name with a slip": ["paper", make_slip(name, chance)],
        "nonmun section": ["section", name, sections[-1].heading or ""],
        "nonmun search": ["search", *(words or ["data"])],
    }


async def make_database(feed: Path, database: Path) -> list[StoredReview]:
    """Read the feed into a database, and return its reviews; the database may have others as well."""
    async with open_shelf(feed, database) as service:
        await fill(service, feed)
        await service.name_cache.refresh()
        (state,) = await feeds.find_feeds(service.database.reader, [str(feed)])
        audience = Audience(place=Place.DIRECT, feeds=frozenset((state.id,)))
        return [stored async for stored in service.answering.export(audience)]


async def measure(feed: Path, rounds: int, folder: Path, database: Path) -> None:
    """Measure and print."""
    shelf = await make_database(feed, database)
    asked = questions(shelf, random.Random(SEED))
    libraries, bot_library, bot = "import of the libraries", "import discord", "nonmun run, until it is ready"
    async with LoopbackDiscord(token=TOKEN) as discord:
        ways: dict[str, Callable[[], float]] = {
            libraries: lambda: cpu_s(["-c", LIBRARIES], folder),
            **{
                name: lambda words=words: cpu_s(["-m", "bot", *words, "--db", str(database)], folder)  # type: ignore[misc]
                for name, words in asked.items()
            },
            bot_library: lambda: cpu_s(["-c", "import discord"], folder),
            bot: lambda: cpu_until_ready_s(folder, database, feed, discord.api_url, discord.gateway_url),
        }
        took: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(rounds + 1):
            for name, way in ways.items():
                seconds = await asyncio.to_thread(way)
                if number:
                    took[name].append(seconds)
    base = median(took[libraries])
    print_table(
        f"Asked of {len(shelf)} reviews, {rounds} rounds",
        ["process", "median ms of processor time", "least", "ratio of medians"],
        [
            [name, milliseconds(median(took[name])), milliseconds(min(took[name])), ratio(median(took[name]), base)]
            for name in (libraries, *asked)
        ],
    )
    print_table(
        "The bot",
        ["process", "median ms of processor time", "least"],
        [[name, milliseconds(median(took[name])), milliseconds(min(took[name]))] for name in (bot_library, bot)],
    )
    print(f"beyond the import: {milliseconds(median(took[bot]) - median(took[bot_library]))} ms")


def main() -> None:
    """Run the benchmark."""
    parser = feed_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument(
        "--database",
        type=Path,
        metavar="PATH",
        help="with many reviews, as “scale --folder” keeps; the feed is added",
    )
    options: argparse.Namespace = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = (options.database or Path(folder) / "start.db").resolve()
        asyncio.run(measure(options.feed.resolve(), options.rounds, Path(folder), database))


if __name__ == "__main__":
    main()
