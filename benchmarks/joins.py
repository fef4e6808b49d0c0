"""The cost of reading one paper from several blogs' reviews of it, with the talks that a server had about it.

The cache is made by `benchmarks.corpus`; reviews that are not asked for have their abstract alone. Then a tenth of
the reviews become reviews of others' papers, two to five of a paper as in real blogs, and one paper gets as many as
a question reads. They are joined as an older cache is, which is timed, too. As many talks as reviews are entered,
half of them in one server, every third with a conclusion. Then the papers of reviews are read, as the terminal and
as a server sees them whose moderators have joined and parted some, then the talks about them, and /paper is asked
for the same reviews.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.corpus import FEEDS, SEED, build_corpus
from benchmarks.measure import StatementCounter, median, milliseconds, p95, print_table
from benchmarks.scale import open_corpus
from bot.models.requests import Audience, Command, Place, Request
from bot.service import Service
from bot.store import joins
from bot.store.database import Connection, Database
from bot.store.times import to_text

GUILD = 1
SHARE = 0.1
"""The share of reviews whose paper has others: 1,779 posts of 38 blogs had 113 joins."""
SIZES = (2, 2, 2, 3, 5)
ASKED = 100
FILLED_AT_ONCE = 200
OTHER_GUILDS = 1_000
FIRST_THREAD = 10**17
TALK = """
    INSERT INTO talks (guild_id, review_id, link_key, title, state, nonce, channel_id, thread_id, created_at,
        opened_at, messages, last_message_id, is_archived)
    SELECT :guild_id, id, link, title, 'open', 'talk ' || :id, :guild_id * 10 + id % 5, :thread_id, :now, :now,
        id % 90, :thread_id + id, id % 4 > 0 FROM reviews WHERE id = :id
"""
CONCLUSION = """
    INSERT INTO conclusions (talk_id, author_id, text, submitted_at)
    SELECT id, id, title, :now FROM talks WHERE nonce = 'talk ' || :id
"""
COPY = (
    """
    UPDATE reviews SET (clean_title, title, authors, year) = (
        SELECT clean_title, title, authors, year FROM reviews WHERE id = :first
    ) WHERE id = :id
    """,
    "DELETE FROM names WHERE review_id = :id AND kind IN ('title', 'short')",
    """
    INSERT OR REPLACE INTO names (key, review_id, kind, text, uses, sounds)
    SELECT key, :id, kind, text, uses, sounds FROM names WHERE review_id = :first AND kind IN ('title', 'short')
    """,
    "DELETE FROM paper_keys WHERE review_id = :id AND key NOT LIKE 'link:%'",
    """
    INSERT INTO paper_keys (key, review_id, is_own)
    SELECT key, :id, 1 FROM paper_keys WHERE review_id = :first AND is_own AND key NOT LIKE 'link:%'
    """,
)


def group(count: int) -> list[list[int]]:
    """Return the reviews of each paper with several: the last one has very many."""
    chance = random.Random(SEED)
    ids = chance.sample(range(1, count + 1), count)
    most = min(joins.MOST_OF_PAPER, max(2, count // 50))
    groups = [[ids.pop() for _ in range(chance.choice(SIZES))] for _ in range(max(1, int(count * SHARE / 3)))]
    return [*groups, [ids.pop() for _ in range(most)]]


async def make(path: Path, count: int) -> float:
    """Make a cache without joins, join it and add talks; return the seconds that joining a review took."""
    asked = {review_id - 1 for ids in group_by_size(count).values() for review_id in ids}  # ids count from one
    await build_corpus(path, count, asked)
    async with await Database.open(path) as database:
        async with database.transaction() as db:
            await db.execute("DELETE FROM joins")
            for first, *others in group(count):
                for statement in COPY:
                    await db.executemany(statement, [{"first": first, "id": other} for other in others])
        started, filled = perf_counter(), FILLED_AT_ONCE
        while filled:
            async with database.transaction() as db:
                filled = await joins.fill(db, limit=FILLED_AT_ONCE, now=datetime.now(UTC))
        took = (perf_counter() - started) / count
        async with database.transaction() as db:
            await moderate(db, group(count))
            await talk(db, count)
    return took


async def moderate(db: Connection, groups: Sequence[Sequence[int]]) -> None:
    """Let the moderators of one server part a review of every third paper, and join it with another paper."""
    for ours, theirs in zip(groups[::3], groups[1::3], strict=False):
        await joins.part(db, GUILD, ours[0], ours[1], now=datetime.now(UTC))
        await joins.join(db, GUILD, ours[0], theirs[0], now=datetime.now(UTC))


async def talk(db: Connection, count: int) -> None:
    """Enter a talk for each review: half of them in one server, the others in a thousand more."""
    now = to_text(datetime.now(UTC))
    talks = (
        {
            "id": number,
            "guild_id": GUILD if number % 2 else GUILD + 1 + number // 2 % OTHER_GUILDS,
            "thread_id": FIRST_THREAD + number,
            "now": now,
        }
        for number in range(1, count + 1)
    )
    await db.executemany(TALK, talks)
    await db.executemany(CONCLUSION, ({"id": number, "now": now} for number in range(1, count + 1, 3)))


async def time_each(ask: Callable[[int], Awaitable[object]], ids: Sequence[int], rounds: int) -> list[float]:
    took: list[float] = []
    for review_id in [*ids] * (rounds + 1):
        started = perf_counter()
        await ask(review_id)
        took.append(perf_counter() - started)
    return took[len(ids) :]  # the first round is not counted


def group_by_size(count: int) -> dict[str, list[int]]:
    """Return the reviews to ask for, by how many reviews their papers have."""
    groups = group(count)
    joined = {review_id for each in groups for review_id in each}
    return {
        "alone": [review_id for review_id in range(1, count + 1) if review_id not in joined][:ASKED],
        "two to five reviews": [each[0] for each in groups[:-1]][:ASKED],
        "very many reviews": groups[-1][:ASKED],
    }


async def measure(service: Service, count: int, rounds: int) -> None:
    """Print what papers, talks and /paper cost, by how many reviews a paper has."""
    kinds, db = group_by_size(count), service.database.reader
    rows = []
    for guild_id, who in ((None, "terminal"), (GUILD, "server")):
        for kind, ids in kinds.items():
            counter = StatementCounter()
            await db.set_trace_callback(counter)
            sizes = [len(await joins.paper_of(db, review_id, guild_id)) for review_id in ids]
            await db.set_trace_callback(None)  # type: ignore[arg-type]
            took = await time_each(partial(joins.paper_of, db, guild_id=guild_id), ids, rounds)
            statements = f"{counter.own / len(ids):.1f}"
            figures = (milliseconds(median(took)), milliseconds(p95(took)))
            rows.append((f"{who}, {kind}", *figures, statements, f"{median(sizes):g}"))
    print_table("paper_of (ms)", ("question", "median", "p95", "statements", "reviews"), rows)
    audience = Audience(feeds=frozenset(range(1, FEEDS + 1)), place=Place.SERVER, guild_id=GUILD)

    async def ask(review_id: int) -> object:
        return await service.answering.answer(Request(command=Command.PAPER, query=links[review_id]), audience)

    async def ask_with_talks(review_id: int) -> object:
        return await ask(review_id), await service.earlier_talks.about(review_id, GUILD)

    wanted = json.dumps([each for ids in kinds.values() for each in ids])
    async with db.execute(
        "SELECT id, link FROM reviews WHERE id IN (SELECT value FROM json_each(?))", (wanted,)
    ) as cursor:
        links = {row["id"]: row["link"] for row in await cursor.fetchall()}
    talks = []
    for kind, ids in kinds.items():
        alone = await time_each(ask, ids, rounds)
        about = await time_each(partial(service.earlier_talks.about, guild_id=GUILD), ids, rounds)
        together = await time_each(ask_with_talks, ids, rounds)
        timed = [milliseconds(figure(took)) for took in (alone, about, together) for figure in (median, p95)]
        talks.append((kind, *timed))
    heads = ("paper", "/paper", "p95", "its talks", "p95", "both", "p95")
    print_table("/paper by a review's link, and the talks of its card (ms)", heads, talks)


async def run(count: int, folder: Path, rounds: int) -> None:
    """Make the cache unless it exists, and measure."""
    path = folder / f"joins-{count}.db"
    print(f"{count:,} reviews, {len(group(count)):,} papers with several", flush=True)
    if not path.exists():
        print("making them, which takes most of the time", flush=True)
        print(f"joining took {milliseconds(await make(path, count))} ms for each review")
    async with open_corpus(path) as service:
        await measure(service, count, rounds)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--reviews", type=int, default=100_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=3, help="how often each question is timed")
    parser.add_argument("--folder", type=Path, help="keep the made database here, and use one that is there")
    options = parser.parse_args(argv)
    scratch = TemporaryDirectory() if options.folder is None else nullcontext(str(options.folder))
    with scratch as folder:
        asyncio.run(run(options.reviews, Path(folder), options.rounds))


if __name__ == "__main__":
    main()
