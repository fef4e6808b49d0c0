"""Time to read and store a feed: the bot's poll compared with feedparser and sqlite3 by hand.

Each way begins with an empty file and ends with its commit; the bot's later polls begin with a full cache. The ways
take turns, after one round that is not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks import by_hand
from benchmarks.measure import StatementCounter, median, milliseconds, print_table, ratio
from benchmarks.shelf import InProcessReader, feed_parser, fill, open_shelf
from bot.feeds.reader_process import Reader
from bot.service import Service

_ENTRY = re.compile(rb"<(item|entry)[\s>].*?</\1>\s*", re.DOTALL)


@dataclass(slots=True)
class Run:
    """One run of one way. ``phases`` are in seconds; ``rows`` includes what FTS5 writes into its own tables."""

    took_s: float
    rows: int
    counter: StatementCounter
    phases: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """What a run reads, where it may write, and whether it counts statements, which slows it down."""

    feed: Path
    folder: Path
    is_counting: bool

    @property
    def database(self) -> Path:
        """The database file of the run."""
        return self.folder / "run.db"


Way = Callable[[Place], Awaitable[Run]]


class Stopwatch:
    """Seconds by phase; calling it with a phase's name begins that phase."""

    def __init__(self, phase: str) -> None:
        self.phases: dict[str, float] = defaultdict(float)
        self._phase, self._since = phase, perf_counter()

    def __call__(self, phase: str) -> None:
        now = perf_counter()
        self.phases[self._phase] += now - self._since
        self._phase, self._since = phase, now


# ── by hand ─────────────────────────────────────────────────────────────────────────────────────


async def _html_by_hand(place: Place) -> Run:
    return _time_by_hand(by_hand.store_html, place)


async def _text_by_hand(place: Place) -> Run:
    return _time_by_hand(by_hand.store_text, place)


def _time_by_hand(store: Callable[[Path, Path, by_hand.Trace | None], int], place: Place) -> Run:
    counter = StatementCounter()
    started = perf_counter()
    rows = store(place.feed, place.database, counter if place.is_counting else None)
    return Run(perf_counter() - started, rows, counter)


# ── ours, from an empty file ────────────────────────────────────────────────────────────────────


async def _poll_with_start(place: Place) -> Run:
    return await _first_poll(place, Reader())


async def _poll_in_process(place: Place) -> Run:
    return await _first_poll(place, InProcessReader())


async def _poll_with_running_reader(place: Place) -> Run:
    reader = Reader()
    await reader.read_feed(b" ", content_type=None, url="nothing", known={})
    return await _first_poll(place, reader)


async def _first_poll(place: Place, reader: Reader) -> Run:
    watch = Stopwatch("opening")
    async with open_shelf(place.feed, place.database, reader=reader) as service:
        return await _poll(service, place, watch)


async def _poll(service: Service, place: Place, watch: Stopwatch) -> Run:
    """Poll once. The rows are those since the file was opened, without its schema."""
    counter, before = StatementCounter(), service.database.rows_written
    if place.is_counting:
        async with service.database.transaction() as db:
            await db.set_trace_callback(counter)
    outcome = await service.poller.poll(str(place.feed), is_forced=True, progress=watch)
    watch("done")
    if outcome.error:
        raise SystemExit(f"{place.feed} cannot be read: {outcome.error}")
    # The transaction that set the counter ended with a COMMIT, which was counted.
    counter.own -= place.is_counting
    rows = service.database.rows_written - before
    return Run(sum(watch.phases.values()), rows, counter, dict(watch.phases))


# ── ours, once the cache is full ────────────────────────────────────────────────────────────────


async def _poll_untouched_file(place: Place) -> Run:
    return await _second_poll(place, _leave)


async def _poll_same_text(place: Place) -> Run:
    return await _second_poll(place, _touch)


async def _poll_one_new_entry(place: Place) -> Run:
    whole = place.feed.read_bytes()
    place.feed.write_bytes(_ENTRY.sub(b"", whole, count=1))

    def restore(feed: Path) -> None:
        feed.write_bytes(whole)

    return await _second_poll(place, restore)


async def _second_poll(place: Place, change: Callable[[Path], object]) -> Run:
    """A later poll: the reader process has ended since the first, as it does between two polls of the bot."""
    reader = Reader()
    async with open_shelf(place.feed, place.database, reader=reader) as service:
        await fill(service, place.feed)
        await reader.close()
        change(place.feed)
        return await _poll(service, place, Stopwatch("opening"))


def _leave(feed: Path) -> None:
    """Change nothing: the validators still match, as with a 304."""


def _touch(feed: Path) -> None:
    """Change the file's time, so that the same text gets another ETag."""
    facts = feed.stat()
    os.utime(feed, ns=(facts.st_atime_ns, facts.st_mtime_ns + 1_000_000_000))


# ── the contest ─────────────────────────────────────────────────────────────────────────────────

BASE = "by hand (b): feedparser, BeautifulSoup, FTS5"
POLL = "nonmun: first poll"
WAYS: dict[str, Way] = {
    "by hand (a): feedparser, a table of HTML": _html_by_hand,
    BASE: _text_by_hand,
    POLL: _poll_with_start,
    "nonmun: first poll, reader process running": _poll_with_running_reader,
    "nonmun: first poll, read in-process": _poll_in_process,
    "nonmun: poll again, file untouched": _poll_untouched_file,
    "nonmun: poll again, same text anew": _poll_same_text,
    "nonmun: poll again, one entry new": _poll_one_new_entry,
}


async def _run(way: Way, document: bytes, *, is_counting: bool = False) -> Run:
    with TemporaryDirectory() as name:
        copy = Path(name) / "feed.xml"
        copy.write_bytes(document)
        return await way(Place(copy, Path(name), is_counting))


async def compare(document: bytes, rounds: int) -> tuple[dict[str, list[Run]], dict[str, Run]]:
    """Run every way ``rounds`` times, in turns, and once beforehand with its statements counted.

    Returns:
        The timed runs and the counted run of each way, by its name.
    """
    counted = {name: await _run(way, document, is_counting=True) for name, way in WAYS.items()}
    timed: dict[str, list[Run]] = defaultdict(list)
    for _ in range(rounds):
        for name, way in WAYS.items():
            timed[name].append(await _run(way, document))
    return timed, counted


def _print_times(timed: dict[str, list[Run]], counted: dict[str, Run], *, entries: int) -> None:
    times = {name: median(run.took_s for run in runs) for name, runs in timed.items()}
    rows = [
        (
            name,
            milliseconds(time),
            ratio(time, times[BASE]),
            "" if "again" in name else f"{entries / time:,.0f}",
            f"{counted[name].rows:,}",
            f"{counted[name].counter.own:,}",
        )
        for name, time in times.items()
    ]
    head = ("way", "median ms", "ratio to (b)", "entries/s", "rows written", "SQL statements")
    print_table("Reading a feed and keeping it", head, rows)


def _print_phases(timed: dict[str, list[Run]]) -> None:
    phases = ("opening", "fetching", "reading", "storing")
    rows = [
        (name, *(milliseconds(median(run.phases.get(phase, 0.0) for run in runs)) for phase in phases))
        for name, runs in timed.items()
        if runs[0].phases
    ]
    print_table("Where a poll spends its time, median ms", ("way", *phases), rows)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = feed_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="how often each way is timed")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Compare the ways and print two tables."""
    options = _options(argv)
    document = options.feed.read_bytes()
    timed, counted = asyncio.run(compare(document, options.rounds))
    entries = len(by_hand.read_entries(options.feed))
    print(f"{entries} entries, {len(document) / 1e6:.2f} MB, {options.rounds} rounds")
    _print_times(timed, counted, entries=entries)
    _print_phases(timed)


if __name__ == "__main__":
    main()
