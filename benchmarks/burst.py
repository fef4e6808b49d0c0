"""Far more commands than the bot can answer: 200 a second for half a minute, from 500 members in 50 servers.

The bot is a process of its own, on a made-up cache (`benchmarks.corpus`), with its usual quotas. Discord is in this
process, on loopback. Nobody waits for an earlier answer. Counted is what each member got within Discord's three
seconds: a card, a refusal in words, or nothing; and the bot's processor time and memory.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.corpus import FEED, build_corpus
from benchmarks.load import ROOT, children, memory_mb, p99, usage
from benchmarks.lookups import SEED, make_slip
from benchmarks.measure import median, print_table
from benchmarks.scale import paragraph_words, sample_reviews
from bot.models.announcing import Delivering
from bot.store import feeds, joins, subscriptions
from bot.store.database import Database
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.discord_interactions import Interaction
from tests.loopback.running import TOKEN

GUILDS, MEMBERS = 50, 500
FOLLOWED = 100
"""Feeds that each server follows, which have half of the reviews."""
PATIENCE_S = 3.0
"""How long Discord waits for a first answer."""
FIRST_MEMBER = 900_000_000_000_000_000
COMPONENTS_V2 = 1 << 15
"""The flag of a message of layout components, as every card is; a refusal is a sentence."""
_COUNTED = re.compile(r"interactions not answered (.+)")

Asked = tuple[str, dict[str, object]]


def make_questions(reviews: int) -> list[Asked]:
    """Names as written, names with a slip, sections, and words of a paragraph, in turn."""
    chance, sampled = random.Random(SEED), sample_reviews(reviews)
    questions: list[Asked] = []
    for review, words in zip(sampled, paragraph_words(sampled), strict=False):
        name = review.short_name or ""
        questions += [
            ("paper", {"name": name}),
            ("search", {"query": words}),
            ("section", {"paper": name, "heading": "3.1"}),
            ("paper", {"name": make_slip(name, chance)}),
        ]
    return questions


@contextlib.asynccontextmanager
async def running(discord: LoopbackDiscord, database: Path, log_path: Path) -> AsyncIterator[int]:
    """Run the bot as a process until the block ends; yields its id."""
    settings = {
        "DISCORD_TOKEN": TOKEN,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "NONMUN_DATABASE": str(database),
        "NONMUN_FEEDS": "/dev/null",
        "NONMUN_RESOLVE_IDS": "false",
        "NONMUN_POLL_SECONDS": "86400",
    }
    with log_path.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "bot", "run"),
            cwd=database.parent,
            env=os.environ | settings | {"PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=log,
        )
    try:
        await discord.wait_until_connected(timeout_s=60)
        await discord.wait_for(lambda: bool(discord.commands[None]), timeout_s=60, what="the commands")
        yield process.pid
        assert process.returncode is None, f"the bot ended by itself with {process.returncode}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def ask(
    discord: LoopbackDiscord, channels: Sequence[int], questions: Sequence[Asked], *, rate: float, seconds: float
) -> list[Interaction]:
    """Use commands at a rate, each by the next member in the next server."""
    asked: list[Interaction] = []
    started = time.perf_counter()
    while len(asked) < rate * seconds:
        due = int((time.perf_counter() - started) * rate)
        for number in range(len(asked), min(due, int(rate * seconds))):
            name, options = questions[number % len(questions)]
            member, channel_id = FIRST_MEMBER + number % MEMBERS, channels[number % len(channels)]
            asked.append(discord.use(name, options, user_id=member, channel_id=channel_id))
        await asyncio.sleep(0.002)
    return asked


def outcome(interaction: Interaction) -> str:
    """What the member got in time: a card, a sentence, “thinking …”, or nothing."""
    if interaction.response_type is None or (interaction.elapsed_s or 0) > PATIENCE_S:
        return "nothing"
    if interaction.response_type != 4:  # Source: Receiving and Responding, Interaction Callback Type
        return "thinking"
    data = (interaction.callback or {}).get("data") or {}
    return "card" if data.get("flags", 0) & COMPONENTS_V2 else "sentence"


async def follow(database: Path, channels: dict[int, int]) -> None:
    """Let each server follow the feeds that have most of the reviews.

    Args:
        channels: By server, the channel in which they are announced.
    """
    async with await Database.open(database) as opened, opened.transaction() as db:
        while await joins.fill(db, limit=100, now=datetime.now(UTC)):
            pass  # or the bot would do it while it is measured
        followed = [(await feeds.ensure_feed(db, FEED.format(number))).id for number in range(FOLLOWED)]
        for guild_id, channel_id in channels.items():
            for feed_id in followed:
                await subscriptions.add_subscription(
                    db,
                    feed_id,
                    guild_id=guild_id,
                    channel_id=channel_id,
                    owner_id=1,
                    delivering=Delivering(),
                    digest_at=None,
                    now=datetime.now(UTC),
                )


async def measure(database: Path, reviews: int, *, rate: float, seconds: float) -> None:
    """Run, and print the table."""
    log_path = database.with_suffix(".log")
    questions = make_questions(reviews)
    async with LoopbackDiscord(token=TOKEN) as discord:
        discord.is_judged_by_document = False
        guilds = [discord.add_guild(f"Group {number}").id for number in range(GUILDS)]
        channels = [discord.add_channel(guild_id, "talk") for guild_id in guilds]
        await follow(database, dict(zip(guilds, channels, strict=True)))
        async with running(discord, database, log_path) as pid:
            await ask(discord, channels, questions, rate=10, seconds=3)  # what the first answer of a kind loads
            await asyncio.sleep(PATIENCE_S)
            used, idle_mb, started = usage(pid), memory_mb(pid, "VmRSS"), time.perf_counter()
            asked = await ask(discord, channels, questions, rate=rate, seconds=seconds)
            took = time.perf_counter() - started
            await asyncio.sleep(PATIENCE_S + 1)
            spent, highest = usage(pid).bot_s - used.bot_s, memory_mb(pid, "VmHWM")
            readers = len(children(pid))
    counted = Counter(map(outcome, asked))
    waits = [i.elapsed_s for i in asked if outcome(i) == "card" and i.elapsed_s is not None]
    told = _COUNTED.findall(log_path.read_text(errors="replace"))
    rows = [
        ("commands", f"{len(asked):,} in {took:.1f} s, from {MEMBERS} members in {GUILDS} servers"),
        ("cards within 3 s", f"{counted['card']:,}, {counted['card'] / took:.0f} a second"),
        ("  p50 / p99 / most", f"{median(waits):.2f} / {p99(waits):.2f} / {max(waits):.2f} s"),
        ("sentences within 3 s", f"{counted['sentence']:,}"),
        ("“thinking …” within 3 s", f"{counted['thinking']:,}"),
        ("nothing", f"{counted['nothing']:,}"),
        ("counted by the bot", "; ".join(told) or "-"),
        ("the bot's processor time", f"{spent:.1f} s, {spent / took:.0%} of a processor"),
        ("  per command", f"{spent / len(asked) * 1e3:.1f} ms"),
        ("the bot's memory before / at most", f"{idle_mb:.0f} / {highest:.0f} MB"),
        ("reader processes", f"{readers}"),
    ]
    busy = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    title = f"{rate:g} commands a second on {reviews:,} reviews; {os.cpu_count()} processors, load {busy}"
    print_table(title, ("what", "figure"), rows)


def main() -> None:
    """Measure at the size that is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reviews", type=int, default=1_000)
    parser.add_argument("--rate", type=float, default=200.0, help="commands a second")
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "burst.db"
        asyncio.run(build_corpus(database, options.reviews))
        asyncio.run(measure(database, options.reviews, rate=options.rate, seconds=options.seconds))


if __name__ == "__main__":
    main()
