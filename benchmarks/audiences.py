"""The cost of limiting each server to the feeds that it follows.

The same questions are asked of everything, of a server that follows 20 of 1,000 feeds, and of a server that follows
all of them. The cache is made by `benchmarks.corpus`; the audiences take turns, query by query. Half of the names
that are asked for belong to reviews that the small audience reads. The benchmark also measures an audience's first
question and the memory with as many audiences as are kept. It shows wall time and the processor time of all threads:
on a shared machine the processor time shows what the clock would show without other load.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time, thread_time

from benchmarks.corpus import FEEDS, Material, build_corpus, feed_of, make_review
from benchmarks.lookups import SEED, make_slip
from benchmarks.measure import median, milliseconds, p95, print_table, ratio
from benchmarks.scale import Ask, open_corpus, paragraph_words, resident_mb
from bot.models.requests import EVERYTHING, Audience, Command, Place, Request
from bot.models.reviews import Review
from bot.search.names import MAX_VIEWS
from bot.service import Service

FOLLOWED = 20
NAMES = 100
WHOLE = "everything"


@dataclass(frozen=True, slots=True)
class Asking:
    """One kind of question to one audience; ``took`` is wall time and ``worked`` processor time, in seconds."""

    kind: str
    audience: str
    ask: Ask
    queries: Sequence[str]
    took: list[float] = field(default_factory=list)
    worked: list[float] = field(default_factory=list)


def server(numbers: Sequence[int]) -> Audience:
    """A server that follows the feeds with these numbers, from 0; the corpus assigns ids in the same order."""
    return Audience(feeds=frozenset(number + 1 for number in numbers), place=Place.SERVER)


def sample(count: int, followed: Sequence[int]) -> list[Review]:
    """Reviews to ask for, half of them from the followed feeds."""
    chance, material = random.Random(SEED), Material.load()
    wanted = set(followed)
    read = [number for number in range(count) if feed_of(number) in wanted]
    numbers = [*chance.sample(read, min(NAMES // 2, len(read))), *chance.sample(range(count), NAMES // 2)]
    return [make_review(material, number) for number in numbers]


def make_ways(service: Service, reviews: Sequence[Review], audiences: dict[str, Audience]) -> list[Asking]:
    """Every kind of question for every audience, with its queries made from the reviews."""
    chance, answering = random.Random(SEED), service.answering
    names = [review.short_name or "" for review in reviews]
    slips = [make_slip(name, chance) for name in names]
    people = [review.authors[0] for review in reviews]
    half_typed = [name[:letters] for name in names for letters in (1, 2, 3, 5)] + [slip[:6] for slip in slips]
    words = paragraph_words(reviews)

    def complete(audience: Audience) -> Ask:
        async def ask(query: str) -> object:
            return answering.suggest(query, audience)

        return ask

    def answer(command: Command) -> Callable[[Audience], Ask]:
        def of(audience: Audience) -> Ask:
            async def ask(query: str) -> object:
                return await answering.answer(Request(command=command, query=query), audience)

            return ask

        return of

    kinds: tuple[tuple[str, Callable[[Audience], Ask], list[str]], ...] = (
        ("completion", complete, half_typed),
        ("/paper, a name, a slip or an author", answer(Command.PAPER), names + slips + people),
        ("/search, with passages", answer(Command.SEARCH), words),
        ("/section, name and number", answer(Command.SECTION), [f"{name} 3.1" for name in names]),
        ("/related", answer(Command.RELATED), names),
        ("/latest", answer(Command.LATEST), ["" for _ in names]),
    )
    return [
        Asking(kind, called, make(audience), queries)
        for kind, make, queries in kinds
        for called, audience in audiences.items()
    ]


def first_questions(service: Service, numbers: Sequence[Sequence[int]]) -> list[float]:
    """The processor seconds that each audience's first completion takes; one audience for each list of feeds."""
    took = []
    for one in numbers:
        started = thread_time()
        service.answering.suggest("ab", server(one))
        took.append(thread_time() - started)
    return took


async def ask_in_turns(ways: Sequence[Asking], rounds: int) -> None:
    """Ask the ways in turns, one query each; the first round is not counted."""
    for turn in range(rounds + 1):
        for number in range(max(len(way.queries) for way in ways)):
            for way in (way for way in ways if number < len(way.queries)):
                await asyncio.sleep(0)  # a look-up in memory does not yield to other tasks
                began, worked = perf_counter(), process_time()
                await way.ask(way.queries[number])
                if turn:
                    way.took.append(perf_counter() - began)
                    way.worked.append(process_time() - worked)


async def compare(count: int, folder: Path, rounds: int) -> None:
    """Make the corpus unless it exists, ask all questions, and print the table."""
    path = folder / f"corpus-{count}.db"
    if not path.exists():
        await build_corpus(path, count)
    followed = random.Random(SEED).sample(range(FEEDS), FOLLOWED)
    few, every = f"{FOLLOWED} of {FEEDS:,} feeds", f"all {FEEDS:,} feeds"
    audiences = {WHOLE: EVERYTHING, few: server(followed), every: server(range(FEEDS))}
    async with open_corpus(path) as service:
        gc.collect()
        gc.freeze()  # as the bot does once it runs
        before = resident_mb()
        ways = make_ways(service, sample(count, followed), audiences)
        await ask_in_turns(ways, rounds)
        asked = resident_mb()
        # All feeds but one: views as large as possible, and no two of them the same.
        large = [[number for number in range(FEEDS) if number != left_out] for left_out in range(MAX_VIEWS)]
        first = first_questions(service, large)
        most = resident_mb()
        reviews = len(service.name_cache.names.within(audiences[few]))
    print(
        f"\n{count:,} reviews, {reviews:,} of them in {few}; memory {before:,.0f} MB with the names, "
        f"{asked:,.0f} MB after all questions, {most:,.0f} MB with {MAX_VIEWS} audiences of nearly all feeds; "
        f"an audience's first completion takes {milliseconds(median(first))} ms of the processor"
    )
    base = {way.kind: way for way in ways if way.audience == WHOLE}
    rows = [
        (
            *(way.kind, way.audience, f"{len(way.queries)}"),
            *(milliseconds(of(values)) for values in (way.took, way.worked) for of in (median, p95)),
            *(ratio(of(way.worked), of(base[way.kind].worked)) for of in (median, p95)),
        )
        for way in ways
    ]
    head = ("question", "audience", "queries", "median", "p95", "processor", "its p95", "ratio", "of p95")
    print_table("Milliseconds a query, and the ratios of the processor's time to everything's", head, rows)


def main(argv: Sequence[str] | None = None) -> None:
    """Compare the audiences on one cache and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--reviews", type=int, default=100_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=3, help="how often each query is timed")
    parser.add_argument("--folder", type=Path, help="keep the made database here, and use one that is there")
    options = parser.parse_args(argv)
    with TemporaryDirectory() as scratch:
        asyncio.run(compare(options.reviews, options.folder or Path(scratch), options.rounds))


if __name__ == "__main__":
    main()
