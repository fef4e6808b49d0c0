"""Processor time of a poll that brings nothing new: a 304, the same document again, a new build of the same posts.

The feed's server is another process; what counts is the processor time of the bot and of its reader process, which
runs. The ways take turns. A new build differs in one date, and is compared with `parse_feed` alone.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from benchmarks.measure import median, milliseconds, p95, print_table, ratio
from bot.config import load_settings
from bot.feeds.reader_process import Reader
from bot.reading.feed import parse_feed
from bot.service import Service, open_service
from tests.factories import make_entry, make_rss
from tests.loopback.feed_host import FeedHost

SIZES = {"100 kB": 100_000, "1 MB": 1_000_000}
LETTERS = 12_000
"""Of a post's text."""
POLLS = 20
"""How many are measured together, because the reader's time is counted in ticks."""
NOT_MODIFIED, SAME, BUILT, PARSED = "a 304", "the same document", "a new build, the same entries", "parse_feed alone"


def make_document(size: int, built_at: datetime) -> bytes:
    """Write a feed of about this many bytes."""
    text = "".join(f"<p>{make_entry(n).html} Sentence {n} of a post.</p>" for n in range(40))
    body = f"<h1>Abstract</h1>{text * (LETTERS // len(text) + 1)}"
    entries = [make_entry(n, html=body) for n in range(max(1, size // len(body)), 0, -1)]
    return make_rss(entries, built_at=built_at)


async def serve() -> None:
    """Serve the feeds, and say at which port, until standard input ends."""
    start, builds = datetime(2026, 1, 1, tzinfo=UTC), count()
    async with FeedHost() as host:
        for number, size in enumerate(SIZES.values()):
            document = make_document(size, start)
            built = [make_document(size, start + timedelta(minutes=minute)) for minute in range(3)]

            def build(_: object, built: list[bytes] = built) -> bytes:
                return built[next(builds) % len(built)]

            host.serve(f"/{number}/304.xml", document)
            host.serve(f"/{number}/same.xml", document, etag=False)
            host.respond(f"/{number}/built.xml", build, content_type="application/rss+xml")
        print(host.port, flush=True)
        await asyncio.to_thread(sys.stdin.read)


@asynccontextmanager
async def _server() -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.unchanged", "--serve"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}"
    finally:
        process.stdin.close()
        await process.wait()


class Bench:
    """The bot on these feeds, and what its polls took, in seconds of processor time."""

    def __init__(self, service: Service, reader: Reader) -> None:
        self._service = service
        self._reader = reader
        self.took: defaultdict[tuple[str, str], list[float]] = defaultdict(list)

    def _used_s(self) -> float:
        process = self._reader._process  # noqa: SLF001 - nothing else needs to know it
        reader = Path(f"/proc/{process.pid}/schedstat") if process else None
        return process_time() + (int(reader.read_text().split()[0]) / 1e9 if reader else 0.0)

    async def poll(self, size: str, way: str, url: str) -> None:
        """Poll a feed some times."""
        before = self._used_s()
        for _ in range(POLLS):
            outcome = await self._service.poller.poll(url)
            assert outcome.is_unchanged, outcome
        self.took[size, way].append((self._used_s() - before) / POLLS)

    def time(self, size: str, way: str, run: Callable[[], object]) -> None:
        """Measure something in this process."""
        before = process_time()
        run()
        self.took[size, way].append(process_time() - before)


async def measure(rounds: int, folder: Path) -> Bench:
    """Measure each way in turn, so many times, after a round that does not count."""
    reader = Reader()
    async with _server() as origin:
        ways = {NOT_MODIFIED: "304.xml", SAME: "same.xml", BUILT: "built.xml"}
        urls = {
            (size, way): f"{origin}/{number}/{name}"
            for number, size in enumerate(SIZES)
            for way, name in ways.items()
        }
        settings = load_settings(
            NONMUN_DATABASE=folder / "unchanged.db",
            NONMUN_FEEDS=",".join(urls.values()),
            NONMUN_PRIVATE_HOSTS="127.0.0.1",
            NONMUN_RESOLVE_IDS=False,
        )
        async with open_service(settings, reader=reader) as service:
            for outcome in await service.poller.poll_all():
                assert outcome.error is None, outcome.error
            bench = Bench(service, reader)
            for number in range(rounds + 1):
                for (size, way), url in urls.items():
                    await bench.poll(size, way, url)
                for size, letters in SIZES.items():
                    document = make_document(letters, datetime(2026, 1, 1, tzinfo=UTC))
                    bench.time(size, PARSED, partial(parse_feed, document, content_type=None, url=origin))
                if number == 0:
                    bench.took.clear()
    return bench


def _rows(bench: Bench, size: str) -> list[tuple[str, ...]]:
    bases = {NOT_MODIFIED: NOT_MODIFIED, SAME: NOT_MODIFIED, BUILT: PARSED, PARSED: PARSED}
    return [
        (
            size,
            way,
            milliseconds(median(bench.took[size, way])),
            milliseconds(p95(bench.took[size, way])),
            f"{ratio(median(bench.took[size, way]), median(bench.took[size, base]))} {base}",
        )
        for way, base in bases.items()
    ]


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=9, help="how often each way is measured")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.serve:
        asyncio.run(serve())
        return
    with TemporaryDirectory() as folder:
        bench = asyncio.run(measure(options.rounds, Path(folder)))
    head = ("feed", "poll", "median CPU, ms", "p95", "ratio of medians, to")
    print_table("Polls that bring nothing new", head, [row for size in SIZES for row in _rows(bench, size)])


if __name__ == "__main__":
    main()
