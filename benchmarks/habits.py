"""How well facts are read and queries answered on blogs whose authors have other habits.

Give a folder of feeds (`--feeds`) and folders or files of what is true of them (`--truths`, see
`benchmarks.truths`); by default the made-up blogs of the tests are measured. Everything is read into one database.
Each query is asked of its blog alone; queries without an answer are also asked of all blogs together.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import print_table
from benchmarks.shelf import InProcessReader, fill
from benchmarks.truths import Judgement, Query, Truths, derived_queries, judge_answer, judge_facts, read_truths
from bot.config import load_settings
from bot.models.requests import Audience, Command, Place, Request
from bot.models.reviews import StoredReview
from bot.service import Service, open_service
from bot.store import feeds
from bot.ui.terminal.records import batch_results

AUTHORS = Path(__file__).resolve().parents[1] / "tests" / "data" / "authors"
"""Made-up blogs, and what is true of them."""
FEED_SUFFIXES = (".xml", ".json")
NAMES = ("exact", "variant", "partial", "slip", "alias", "hangul", "arxiv")
"""The rows of queries that ask for a paper by name."""
SECTIONS = ("heading", "number", "role")
MIXED = "nonsense mixed"
Z = 1.959964


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the table, with the judgements that it counts; with ``is_fault``, fewer is better."""

    title: str
    of: tuple[str, ...]
    is_fault: bool = False


def _all(kinds: Iterable[str], what: str) -> tuple[str, ...]:
    return tuple(f"{kind} {what}" for kind in kinds)


ROWS = (
    Row(title="own identifier read", of=("identifier",)),
    Row(title="identifier, false", of=("identifier false",), is_fault=True),
    Row(title="authors read", of=("authors",)),
    Row(title="authors, false", of=("authors false",), is_fault=True),
    Row(title="venue read", of=("venue",)),
    Row(title="venue, false", of=("venue false",), is_fault=True),
    Row(title="short name before a colon", of=("name before a colon",)),
    Row(title="short name elsewhere", of=("name elsewhere",)),
    Row(title="short name, false", of=("name false",), is_fault=True),
    Row(title="heading parents", of=("heading parent",)),
    Row(title="/paper, first", of=_all(NAMES, "first")),
    Row(title="/paper, first and sure", of=_all(NAMES, "sure")),
    Row(title="arXiv link or number, first", of=("arxiv first",)),
    Row(title="arXiv link or number, first and sure", of=("arxiv sure",)),
    Row(title="Hangul names, first", of=("hangul first",)),
    Row(title="slips, first and sure", of=("slip sure",)),
    Row(title="aliases, first", of=("alias first",)),
    Row(title="aliases, first and sure", of=("alias sure",)),
    Row(title="/section", of=_all(SECTIONS, "first")),
    Row(title="/search, words", of=("words first",)),
    Row(title="/search, Chinese and Japanese words", of=("cjk first",)),
    Row(title="/search, Korean over other texts", of=("korean first",)),
    Row(title="/search, everyday questions", of=("question first",)),
    Row(title="surely wrong", of=("surely wrong",), is_fault=True),
    Row(title="nonsense sure, alone", of=("nonsense sure",), is_fault=True),
    Row(title="nonsense sure, all blogs together", of=(MIXED,), is_fault=True),
)


@dataclass(frozen=True, slots=True)
class Share:
    """A share: hits out of a total."""

    hits: int
    total: int

    @property
    def value(self) -> float:
        """The share as a number from 0 to 1."""
        return self.hits / self.total

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval, which also holds for small totals and for shares near 0 and 1. Source: Wilson (1927)."""
        n, p = self.total, self.value
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
        return max(0.0, middle - half), min(1.0, middle + half)


def share_of(row: Row, judgements: Iterable[Judgement]) -> Share | None:
    """How many of a row's judgements are right; None if there are no judgements."""
    found = [judgement.is_right for judgement in judgements if judgement.row in row.of]
    return Share(sum(found), len(found)) if found else None


# ── reading and asking ──────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def open_blogs(paths: Sequence[Path], database: Path) -> AsyncIterator[Service]:
    """Open a service that has read these feeds into one database."""
    settings = load_settings(
        NONMUN_DATABASE=database, NONMUN_FEEDS=tuple(str(path) for path in paths), NONMUN_RESOLVE_IDS=False
    )
    async with open_service(settings.model_copy(update={"channel_id": None}), reader=InProcessReader()) as service:
        for path in paths:
            await fill(service, path)
        await service.name_cache.refresh()
        yield service


async def judge_blogs(service: Service, paths: Sequence[Path], truths: Truths) -> dict[str, list[Judgement]]:
    """Judge each blog alone, and all blogs together.

    Returns:
        The judgements by the name of the blog's feed; those of all blogs together under "".
    """
    known = await feeds.find_feeds(service.database.reader, [str(path) for path in paths])
    judged: dict[str, list[Judgement]] = {}
    for feed in known:
        audience = Audience(feeds=frozenset({feed.id}), place=Place.SERVER)
        judged[Path(feed.url).stem] = await _judge_blog(service, audience, truths)
    everything = Audience(feeds=frozenset(feed.id for feed in known), place=Place.SERVER)
    mixed = [one for query in truths.queries if not query.first for one in await _ask(service, query, everything)]
    judged[""] = [Judgement(row=MIXED, is_right=one.is_right, detail=one.detail) for one in mixed]
    return judged


async def _judge_blog(service: Service, audience: Audience, truths: Truths) -> list[Judgement]:
    stored = {one.review.link: one async for one in service.answering.export(audience)}
    posts = [post for post in truths.posts if post.link in stored]
    judged = [one for post in posts for one in judge_facts(post, stored[post.link].review)]
    titles = {link: one.review.title for link, one in stored.items()}
    for query in (*_queries_of(truths, stored), *derived_queries(posts, titles)):
        judged += await _ask(service, query, audience)
    return judged


def _queries_of(truths: Truths, stored: Mapping[str, StoredReview]) -> Iterator[Query]:
    """The queries of one blog: those that its posts answer, and those that no post answers."""
    return (query for query in truths.queries if not query.first or query.first & set(stored))


async def _ask(service: Service, query: Query, audience: Audience) -> list[Judgement]:
    request = Request(command=Command(query.ask), query=query.text, limit=10)
    answer = await service.answering.answer(request, audience)
    results = batch_results(answer)
    heading = results[0]["section"] if results else None
    return list(judge_answer(query, [one["link"] for one in results], heading, is_sure=answer.is_sure))


# ── printing ────────────────────────────────────────────────────────────────────────────────────


def _print(judged: Mapping[str, Sequence[Judgement]], *, is_by_blog: bool) -> None:
    pooled = [one for judgements in judged.values() for one in judgements]
    blogs = [name for name in judged if name] if is_by_blog else []
    rows = []
    for row in ROWS:
        share = share_of(row, pooled)
        if share is None:
            continue
        low, high = share.interval
        cells = (f"{share.hits} of {share.total}", f"{share.value:.3f}", f"{low:.3f} – {high:.3f}")
        each = (share_of(row, judged[name]) for name in blogs)
        rows.append(
            (row.title + (" (less is better)" if row.is_fault else ""), *cells, *(_cell(one) for one in each))
        )
    print_table(f"{len(judged) - 1} blogs, each alone", ("", "right", "share", "95 %", *blogs), rows)


def _cell(share: Share | None) -> str:
    return f"{share.hits}/{share.total}" if share else "–"


def _print_faults(judged: Mapping[str, Sequence[Judgement]], rows: Sequence[str]) -> None:
    """List what is wrong, in the rows whose titles begin with one of these."""
    chosen: dict[str, Row] = {of: row for row in ROWS for of in row.of if row.title.startswith(tuple(rows))}
    listed: dict[str, list[str]] = defaultdict(list)
    for name, judgements in judged.items():
        for one in judgements:
            if (row := chosen.get(one.row)) and one.is_right == row.is_fault:
                listed[f"{row.title}, {name or 'all together'}"].append(one.detail)
    for title, details in listed.items():
        print(f"\n{title}", *details, sep="\n  ")


# ── the command ─────────────────────────────────────────────────────────────────────────────────


def feeds_in(folder: Path) -> list[Path]:
    """The feeds in a folder, in the order of their names."""
    return sorted(path.resolve() for path in folder.glob("*") if path.suffix in FEED_SUFFIXES)


def truths_in(places: Iterable[Path]) -> list[Path]:
    """The files of truths among these files and folders."""
    found = (sorted(place.glob("*.jsonl")) if place.is_dir() else [place] for place in places)
    return [path for paths in found for path in paths]


async def measure(paths: Sequence[Path], truths: Truths) -> dict[str, list[Judgement]]:
    """Read the feeds into a database that is thrown away, and judge what was read and what is answered."""
    with TemporaryDirectory() as folder:
        async with open_blogs(paths, Path(folder) / "blogs.db") as service:
            return await judge_blogs(service, paths, truths)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--feeds", type=Path, default=AUTHORS, metavar="FOLDER", help="the blogs' feeds")
    parser.add_argument(
        "--truths", type=Path, nargs="*", default=[AUTHORS], metavar="PATH", help="what is true of them: JSON lines"
    )
    parser.add_argument("--by-blog", action="store_true", help="a column for each blog")
    parser.add_argument(
        "--faults", nargs="*", default=None, metavar="ROW", help="list what is wrong in these rows, or all"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write each judgement as a JSON line")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print the table."""
    options = _options(argv)
    paths, truths = feeds_in(options.feeds), read_truths(truths_in(options.truths))
    if not paths or not (truths.posts or truths.queries):
        print("There is no feed in --feeds, or nothing in --truths.")
        return
    judged = asyncio.run(measure(paths, truths))
    _print(judged, is_by_blog=options.by_blog)
    if options.faults is not None:
        _print_faults(judged, options.faults or [""])
    if options.json:
        lines = (
            {"blog": name, "row": o.row, "right": o.is_right, "detail": o.detail}
            for name in judged
            for o in judged[name]
        )
        options.json.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")


if __name__ == "__main__":
    main()
