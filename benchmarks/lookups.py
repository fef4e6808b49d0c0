"""Time to answer: the bot's look-ups compared with the usual call of a library by hand.

The queries are made from the loaded reviews: their names as written and with a slip, their headings, and words from
one paragraph of their texts. So each has a known answer, and the tables also say how often it was found.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks import by_hand
from benchmarks.by_hand import Found
from benchmarks.measure import StatementCounter, median, milliseconds, p95, print_table, ratio
from benchmarks.shelf import feed_parser, fill, load_reviews, open_shelf
from bot.models.answers import (
    Answer,
    DidYouMean,
    NoSuchSection,
    PaperFound,
    PapersListed,
    SearchFound,
    SectionFound,
)
from bot.models.requests import EVERYTHING, Command, Request
from bot.models.reviews import BlockKind, ReviewLabel, StoredReview
from bot.service import Service

SEED = 20_261_122
SECTIONS_EACH = 3
SLIP_LETTERS = 5
_WORD = re.compile(r"[A-Za-z]{4,}|[가-힣]{2,}")


@dataclass(frozen=True, slots=True)
class Query:
    """What is typed, and the right result: a link, and a heading if a section is meant."""

    text: str
    link: str
    heading: str | None = None

    def is_met_by(self, found: Sequence[Found]) -> bool:
        """Whether the right result is among these."""
        return any(item.link == self.link and _same(item.heading, self.heading) for item in found)


LookUp = Callable[[str], Awaitable[list[Found]]]


@dataclass(slots=True)
class Contest:
    """One kind of question, the two ways to answer it, and the seconds that each answer took."""

    name: str
    queries: list[Query]
    by_hand: LookUp
    ours: LookUp
    took_by_hand: list[float] = field(default_factory=list)
    took_ours: list[float] = field(default_factory=list)


def _same(given: str | None, wanted: str | None) -> bool:
    return wanted is None or (given or "").split() == wanted.split()


# ── queries, made from the reviews ──────────────────────────────────────────────────────────────


def name_of(stored: StoredReview) -> str:
    """A review's short name, or its title if it has none."""
    return stored.review.short_name or stored.review.clean_title


def make_slip(name: str, chance: random.Random) -> str:
    """Swap, drop, double or replace one letter, never the first; a name that is too short stays as it is."""
    places = [i for i in range(1, len(name) - 1) if name[i].isalpha() and name[i + 1].isalpha()]
    if len(name) < SLIP_LETTERS or not places:
        return name
    i = chance.choice(places)
    slips = (name[i + 1] + name[i], name[i + 1], name[i] * 2 + name[i + 1], chance.choice("aeiou") + name[i + 1])
    return name[:i] + chance.choice(slips) + name[i + 2 :]


def paper_queries(shelf: Sequence[StoredReview]) -> list[Query]:
    """Each review's name as written."""
    return [Query(name_of(stored), stored.review.link) for stored in shelf]


def slip_queries(shelf: Sequence[StoredReview], chance: random.Random) -> list[Query]:
    """Each review's name with a slip."""
    return [Query(make_slip(name_of(stored), chance), stored.review.link) for stored in shelf]


def section_queries(shelf: Sequence[StoredReview], chance: random.Random) -> list[Query]:
    """Each review's name and one of its headings in one string, a few per review."""
    queries = []
    for stored in shelf:
        headings = [section.heading for section in stored.review.sections if section.heading]
        chosen = chance.sample(headings, min(SECTIONS_EACH, len(headings)))
        queries += [Query(f"{name_of(stored)} {heading}", stored.review.link, heading) for heading in chosen]
    return queries


def search_queries(shelf: Sequence[StoredReview], chance: random.Random) -> list[Query]:
    """Two words from one paragraph of a review, two such pairs per review."""
    queries = []
    for stored in shelf:
        blocks = [b for s in stored.review.sections for b in s.blocks if b.kind is BlockKind.PARAGRAPH]
        words = [list(dict.fromkeys(_WORD.findall(block.text))) for block in blocks]
        usable = [found for found in words if len(found) >= 2]
        chosen = chance.sample(usable, min(2, len(usable)))
        queries += [Query(" ".join(chance.sample(found, 2)), stored.review.link) for found in chosen]
    return queries


def completion_queries(shelf: Sequence[StoredReview]) -> list[Query]:
    """The first two, four and six letters of each review's name."""
    return [Query(name_of(stored)[:letters], stored.review.link) for stored in shelf for letters in (2, 4, 6)]


# ── ours ────────────────────────────────────────────────────────────────────────────────────────


def found_in(answer: Answer) -> list[Found]:
    """The results that an answer shows, best first; suggestions count as results."""
    match answer:
        case PaperFound():
            return [Found(answer.stored.review.link)]
        case SectionFound():
            return [Found(answer.stored.review.link, answer.sections[0].heading)]
        case NoSuchSection():
            return [Found(answer.stored.review.link)]
        case DidYouMean():
            return _links(answer.near)
        case PapersListed():
            return _links(answer.heads)
        case SearchFound():
            return [Found(hit.head.link) for hit in answer.hits]
        case _:
            return []


def _links(heads: Sequence[ReviewLabel]) -> list[Found]:
    return [Found(head.link) for head in heads]


class Ours:
    """The bot's look-ups, in the form that a contest needs."""

    def __init__(self, service: Service) -> None:
        self._answering = service.answering
        self._names = service.name_cache.names

    async def name(self, query: str) -> list[Found]:
        """Look the name up in memory, without making an answer."""
        matches = self._names.lookup(query).matches
        label = self._names.label(matches[0].review_id) if matches else None
        return [Found(label.link)] if label else []

    async def paper(self, query: str) -> list[Found]:
        """Answer `/paper`."""
        return found_in(await self._answering.answer(Request(command=Command.PAPER, query=query), EVERYTHING))[:1]

    async def section(self, query: str) -> list[Found]:
        """Answer `/section`."""
        return found_in(await self._answering.answer(Request(command=Command.SECTION, query=query), EVERYTHING))[:1]

    async def search(self, query: str) -> list[Found]:
        """Answer `/search`."""
        return found_in(await self._answering.answer(Request(command=Command.SEARCH, query=query), EVERYTHING))

    async def complete(self, typed: str) -> list[Found]:
        """Complete a name."""
        return _links(self._answering.suggest(typed, EVERYTHING))


# ── by hand ─────────────────────────────────────────────────────────────────────────────────────


class ByHand:
    """The libraries' look-ups, in the same form."""

    def __init__(self, lookups: by_hand.Lookups) -> None:
        self._lookups = lookups

    async def name(self, query: str) -> list[Found]:
        """Find the most similar title."""
        return self._lookups.best_paper(query)

    async def paper(self, query: str) -> list[Found]:
        """Find the most similar title and load its HTML."""
        found = self._lookups.best_paper(query)
        self._lookups.load(found)
        return found

    async def section(self, query: str) -> list[Found]:
        """Find the most similar pair of title and heading and load its HTML."""
        found = self._lookups.best_section(query)
        self._lookups.load(found)
        return found

    async def search(self, query: str) -> list[Found]:
        """Search with FTS5."""
        return self._lookups.search(query)

    async def complete(self, typed: str) -> list[Found]:
        """List the titles that contain the typed text."""
        return self._lookups.complete(typed)


# ── the contest ─────────────────────────────────────────────────────────────────────────────────


def make_contests(shelf: Sequence[StoredReview], hand: ByHand, ours: Ours) -> list[Contest]:
    """Make every kind of question with its queries, the same in every run."""
    chance = random.Random(SEED)
    names, slips = paper_queries(shelf), slip_queries(shelf, chance)
    return [
        Contest("name as written, look-up alone", names, hand.name, ours.name),
        Contest("name with a slip, look-up alone", slips, hand.name, ours.name),
        Contest("paper, name as written", names, hand.paper, ours.paper),
        Contest("paper, name with a slip", slips, hand.paper, ours.paper),
        Contest("section, name and heading", section_queries(shelf, chance), hand.section, ours.section),
        Contest("search, two words of a paragraph", search_queries(shelf, chance), hand.search, ours.search),
        Contest("completion, 2 to 6 letters", completion_queries(shelf), hand.complete, ours.complete),
    ]


async def _time(look_up: LookUp, text: str) -> float:
    started = perf_counter()
    await look_up(text)
    return perf_counter() - started


async def run_contests(contests: Sequence[Contest], rounds: int) -> None:
    """Ask every query both ways, which take turns in going first; the first round is not counted."""
    for turn in range(rounds + 1):
        for contest in contests:
            for number, query in enumerate(contest.queries):
                ways = [(contest.by_hand, contest.took_by_hand), (contest.ours, contest.took_ours)]
                for look_up, took in ways if (turn + number) % 2 else reversed(ways):
                    seconds = await _time(look_up, query.text)
                    if turn:
                        took.append(seconds)


async def count_statements(contest: Contest, service: Service) -> float:
    """The average number of SQL statements that the bot runs per query."""
    counter = StatementCounter()
    await service.database.reader.set_trace_callback(counter)
    for query in contest.queries:
        await contest.ours(query.text)
    await service.database.reader.set_trace_callback(None)  # type: ignore[arg-type]  # None ends it; aiosqlite omits it
    return counter.own / len(contest.queries)


async def count_right(look_up: LookUp, queries: Sequence[Query]) -> int:
    """How many of the queries find the right result."""
    return sum([query.is_met_by(await look_up(query.text)) for query in queries])


@asynccontextmanager
async def open_both(feed: Path) -> AsyncIterator[tuple[Service, by_hand.Lookups]]:
    """Load the feed both ways for the duration of the block."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        lookups = by_hand.Lookups(feed, folder / "by-hand.db")
        async with open_shelf(feed, folder / "ours.db") as service:
            await fill(service, feed)
            yield service, lookups
        lookups.close()


async def _compare(feed: Path, rounds: int) -> None:
    async with open_both(feed) as (service, lookups):
        await service.name_cache.refresh()
        stored = await load_reviews(service)
        contests = make_contests(stored, ByHand(lookups), Ours(service))
        await run_contests(contests, rounds)
        print(f"{len(stored)} reviews, {rounds} rounds")
        _print_times(contests)
        await _print_work(contests, service)


def _print_times(contests: Sequence[Contest]) -> None:
    rows = [
        (
            contest.name,
            milliseconds(median(contest.took_by_hand)),
            milliseconds(p95(contest.took_by_hand)),
            milliseconds(median(contest.took_ours)),
            milliseconds(p95(contest.took_ours)),
            ratio(median(contest.took_ours), median(contest.took_by_hand)),
        )
        for contest in contests
    ]
    head = ("look-up, ms", "by hand", "p95", "nonmun", "p95 ", "ratio of medians")
    print_table("Time to answer: medians and 95th percentiles", head, rows)


async def _print_work(contests: Sequence[Contest], service: Service) -> None:
    rows = [
        (
            contest.name,
            f"{len(contest.queries)}",
            f"{await count_right(contest.by_hand, contest.queries)}",
            f"{await count_right(contest.ours, contest.queries)}",
            f"{await count_statements(contest, service):.1f}",
        )
        for contest in contests
    ]
    head = ("look-up", "queries", "right by hand", "right by nonmun", "nonmun's SQL statements a query")
    print_table("What was found, and how many statements it took", head, rows)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = feed_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each query is timed")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Ask every query both ways and print two tables."""
    options = _options(argv)
    asyncio.run(_compare(options.feed, options.rounds))


if __name__ == "__main__":
    main()
