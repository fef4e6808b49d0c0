"""Reading feeds: ours compared with feedparser, fastfeedparser, reader and lxml alone, on the same files in one run.

Ours decodes, repairs and checks before feedparser reads; “ours, to reviews” goes on until it has everything that a
review is found by. Files where another way finds a different number of entries, or that it refuses, are counted.
fastfeedparser and reader are measured if they are installed (``pip install fastfeedparser reader sgmllib3k``).
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time

from benchmarks.measure import median, milliseconds, print_table, ratio
from bot.bundled import sample_feed
from bot.reading.documents import read_feed
from bot.reading.feed import parse_feed

SAMPLES = Path(__file__).resolve().parents[1] / "tests" / "data" / "feeds"
URL = "https://blog.example/feed"

Way = Callable[[bytes], int]
"""Reads a document and returns the number of its entries; may raise anything."""


def ours(data: bytes) -> int:
    """Parse the feed as the bot does."""
    return len(parse_feed(data, content_type=None, url=URL).entries)


def ours_to_reviews(data: bytes) -> int:
    """Parse the feed and make reviews of its entries, as the bot does."""
    _, reviews = read_feed(data, content_type=None, url=URL, known={})
    return sum(1 for _ in reviews)


def with_feedparser(data: bytes) -> int:
    """Parse with feedparser and its defaults."""
    import feedparser

    return len(feedparser.parse(io.BytesIO(data)).entries)


def with_lxml(data: bytes) -> int:
    """Parse with lxml, which recovers from broken XML."""
    from lxml import etree

    root = etree.fromstring(data, etree.XMLParser(recover=True, resolve_entities=False, no_network=True))
    return sum(1 for node in root.iter("{*}item", "{*}entry") if node.findtext("{*}title") is not None)


def _fastfeedparser() -> Way:
    import fastfeedparser

    return lambda data: len(fastfeedparser.parse(data).entries)


def _reader() -> Way:
    from reader._parser.feedparser import FeedparserParser

    parser = FeedparserParser()
    return lambda data: len(list(parser(URL, io.BytesIO(data), None)[1]))


def _ways() -> dict[str, Way]:
    ways: dict[str, Way] = {
        "ours": ours,
        "ours, to reviews": ours_to_reviews,
        "feedparser": with_feedparser,
        "lxml alone, recovering": with_lxml,
    }
    for name, make in (("fastfeedparser", _fastfeedparser), ("reader", _reader)):
        try:
            ways[name] = make()
        except ImportError:
            continue
    return ways


def measure(files: Sequence[Path], rounds: int) -> None:
    """Read every file in every way, the ways taking turns, and print a table."""
    documents = [path.read_bytes() for path in files]
    expected = [ours(data) for data in documents]
    rows = []
    ways = _ways()
    took: dict[str, list[float]] = {name: [] for name in ways}
    wrong = dict.fromkeys(ways, 0)
    refused = dict.fromkeys(ways, 0)
    for number in range(rounds + 1):
        for name, way in ways.items():
            started = process_time()
            for data, entries in zip(documents, expected, strict=True):
                try:
                    found = way(data)
                except Exception:  # noqa: BLE001 - refusals are what is counted
                    refused[name] += number == 0
                else:
                    wrong[name] += number == 0 and found != entries
            if number:  # the first round warms up
                took[name].append(process_time() - started)
    base = median(took["ours"])
    for name, times in took.items():
        cpu = median(times)
        rows.append(
            (
                name,
                f"{milliseconds(cpu / len(files))} ms",
                f"{sum(expected) / cpu:,.0f}",
                ratio(cpu, base),
                str(wrong[name]),
                str(refused[name]),
            )
        )
    megabytes = sum(map(len, documents)) / 2**20
    title = f"{len(files)} files, {megabytes:.1f} MB, {sum(expected):,} entries; CPU time, median of {rounds}"
    head = ("way", "CPU a file", "entries/s", "to ours", "other number of entries", "refused")
    print_table(title, head, rows)


def main() -> None:
    """Measure the files that ship, then each feed that is given alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feed", action="append", type=Path, default=[], help="a file beside those that ship")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    samples = [path for path in sorted(SAMPLES.iterdir()) if path.suffix in {".xml", ".json"}]
    feeds = [path for path in samples if ours(path.read_bytes())]
    measure([*feeds, sample_feed(), *options.feed], options.rounds)
    for feed in options.feed:
        measure([feed], options.rounds)


if __name__ == "__main__":
    main()
