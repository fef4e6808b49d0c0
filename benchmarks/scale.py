"""How the look-ups scale to thousands of reviews: ours and the libraries alone, on the same made-up corpora.

For each size a cache is made (`benchmarks.corpus`). The same queries are asked of the bot, of rapidfuzz over all
titles, of one bare FTS5 query with the same spellings, of tantivy (if it is installed) and of LIKE. Slow ways are
asked fewer queries. The ways take turns, query by query.

The index's answers about single words are kept (`bot.answering.known_matches`), and each round asks the same queries.
So ranking and related reviews are also asked with nothing kept: “first time”.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
import re
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Self

from rapidfuzz import fuzz, process, utils

from benchmarks.corpus import Material, build_corpus, make_review
from benchmarks.lookups import SEED, make_slip
from benchmarks.measure import median, milliseconds, p95, print_table, ratio
from bot.answering.answering import Answering
from bot.answering.known_matches import KnownMatches
from bot.answering.lookups import utc_now
from bot.answering.name_cache import NameCache
from bot.answering.searcher import Searcher
from bot.config import load_settings
from bot.models.requests import EVERYTHING, Command, Request
from bot.models.reviews import Review
from bot.search.query import parse_query
from bot.service import Service, open_service
from bot.store.index import Narrowing

TOPICS = (
    "hallucination|환각|RAG|검색 증강 생성|retrieval augmented generation|LLM 평가|instruction tuning|양자화|"
    "dialogue|knowledge distillation|프롬프트|multilingual|chain of thought|"
    "reinforcement learning from human feedback|image captioning|in-context learning|환각을 줄이는 방법|"
    "how to evaluate hallucination in dialogue"
).split("|")
QUERIES = 100
SLOW_QUERIES = 15
"""For ways that take a large part of a second per query."""
SWITCH_SECONDS = 0.0005
"""How long a thread keeps the interpreter, as in the running bot (`bot.app`), whose collector is frozen, too."""
_WORD = re.compile(r"[A-Za-z]{4,}|[가-힣]{2,}")

Ask = Callable[[str], Awaitable[object]]


@dataclass(slots=True)
class Way:
    """One way to answer one kind of question; ``took`` in seconds, ``spent`` in seconds of processor time."""

    kind: str
    name: str
    ask: Ask
    queries: Sequence[str]
    took: list[float] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)


class Lag:
    """Measures the longest delay of the event loop, in seconds, for the duration of the block."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch())
        await asyncio.sleep(0.01)
        self.longest = 0.0
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        while True:
            due = perf_counter() + 0.001
            await asyncio.sleep(0.001)
            self.longest = max(self.longest, perf_counter() - due)


def resident_mb() -> float:
    """Memory of this process as the system counts it; 0 if the system does not say."""
    status = Path("/proc/self/status")
    found = re.search(r"VmRSS:\s*(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) / 1024 if found else 0.0


# ── the libraries alone ─────────────────────────────────────────────────────────────────────────


class Titles:
    """WRatio over all titles, which are folded beforehand."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._titles = [utils.default_process(title) for (title,) in db.execute("SELECT title FROM reviews")]

    async def ask(self, query: str) -> object:
        """Find the most similar title."""
        return process.extractOne(utils.default_process(query), self._titles, scorer=fuzz.WRatio)


class Bare:
    """One FTS5 query, ordered by bm25, with the same spellings as ours joined by OR."""

    def __init__(self, db: sqlite3.Connection, service: Service) -> None:
        self._db = db
        self._glossary = service.name_cache.glossary

    async def ask(self, query: str) -> object:
        """Find the ten best reviews."""
        return self._db.execute(
            "SELECT rowid FROM review_index WHERE review_index MATCH ? "
            "ORDER BY bm25(review_index, 40.0, 6.0, 4.0, 1.0) LIMIT 10",
            (self._words(query),),
        ).fetchall()

    def _words(self, query: str) -> str:
        wholes = [concept for concept in parse_query(query, self._glossary) if concept.part_of is None]
        return " OR ".join(concept.match_query() for concept in wholes) or '"nothing asked"'

    async def ask_with_snippets(self, query: str) -> object:
        """Ask the same, with the title and FTS5's own snippet of the text."""
        return self._db.execute(
            "SELECT title, snippet(review_index, 3, '[', ']', '…', 40) FROM review_index WHERE review_index MATCH ? "
            "ORDER BY bm25(review_index, 40.0, 6.0, 4.0, 1.0) LIMIT 10",
            (self._words(query),),
        ).fetchall()


class Like:
    """Every word searched for in every text with LIKE."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    async def ask(self, query: str) -> object:
        """Find ten reviews with all the words."""
        words = _WORD.findall(query) or [query]
        condition = " AND ".join("body LIKE ?" for _ in words)
        return self._db.execute(
            f"SELECT id FROM review_index_content WHERE {condition.replace('body', 'c3')} LIMIT 10",
            [f"%{word}%" for word in words],
        ).fetchall()


class Tantivy:
    """tantivy with its default tokenizer, over title and body."""

    def __init__(self, db: sqlite3.Connection, folder: Path) -> None:
        import tantivy  # an optional extra

        schema = tantivy.SchemaBuilder()
        schema.add_integer_field("id", stored=True)
        for name in ("title", "body"):
            schema.add_text_field(name)
        self._index = tantivy.Index(schema.build(), path=str(folder))
        writer = self._index.writer(heap_size=200_000_000)
        for number, title, abstract, body in db.execute("SELECT rowid, title, abstract, body FROM review_index"):
            writer.add_document(tantivy.Document(id=number, title=title, body=f"{abstract} {body}"))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    async def ask(self, query: str) -> object:
        """Find the ten best reviews."""
        asked = self._index.parse_query(" ".join(_WORD.findall(query)) or "x", ["title", "body"])
        return self._index.searcher().search(asked, 10).hits


# ── the contest ─────────────────────────────────────────────────────────────────────────────────


def sample_reviews(count: int) -> list[Review]:
    """Some reviews of a corpus of this size, always the same ones."""
    chance, material = random.Random(SEED), Material.load()
    return [make_review(material, number) for number in chance.sample(range(count), min(QUERIES, count))]


def paragraph_words(reviews: Sequence[Review]) -> list[str]:
    """Two words from one paragraph of each review, and the topics."""
    chance = random.Random(SEED)
    words = [[sorted(set(_WORD.findall(b.text))) for s in review.sections for b in s.blocks] for review in reviews]
    chosen = (chance.choice([found for found in blocks if len(found) > 1]) for blocks in words)
    return [" ".join(chance.sample(found, 2)) for found in chosen] + list(TOPICS)


def make_ways(service: Service, db: sqlite3.Connection, reviews: Sequence[Review], folder: Path) -> list[Way]:
    """Every way to answer every kind of question, with queries made from these reviews.

    Args:
        folder: Where tantivy puts its index.
    """
    chance = random.Random(SEED)
    names = [review.short_name or "" for review in reviews]
    slips = [make_slip(name, chance) for name in names]
    people = [review.authors[0] for review in reviews]
    half_typed = [name[:letters] for name in names for letters in (1, 2, 3, 5)] + [slip[:6] for slip in slips]
    words = paragraph_words(reviews)
    answering, name_cache = service.answering, service.name_cache
    titles, bare = Titles(db), Bare(db, service)

    async def look_up(query: str) -> object:
        return name_cache.names.lookup(query)

    async def complete(query: str) -> object:
        return answering.suggest(query, EVERYTHING)

    async def rank(query: str) -> object:
        return await service.searcher.rank(query, Narrowing(), limit=10)

    def answer(command: Command, answering: Answering = service.answering) -> Ask:
        async def ask(query: str) -> object:
            return await answering.answer(Request(command=command, query=query), EVERYTHING)

        return ask

    known = KnownMatches()
    fresh = Searcher(service.database, name_cache, known=known)
    answer_fresh = answer(
        Command.RELATED,
        Answering(
            service.settings, service.database, name_cache, fresh, embeddings=service.embeddings, clock=utc_now
        ),
    )

    async def rank_first(query: str) -> object:
        known.forget()
        return await fresh.rank(query, Narrowing(), limit=10)

    async def relate_first(query: str) -> object:
        known.forget()
        return await answer_fresh(query)

    ways = [
        Way("name as written, look-up alone", "rapidfuzz WRatio, titles", titles.ask, names[:SLOW_QUERIES]),
        Way("name as written, look-up alone", "nonmun", look_up, names),
        Way("name with a slip, look-up alone", "rapidfuzz WRatio, titles", titles.ask, slips[:SLOW_QUERIES]),
        Way("name with a slip, look-up alone", "nonmun", look_up, slips),
        Way("/paper, a name, a slip or an author", "nonmun", answer(Command.PAPER), names + slips + people),
        Way("completion", "nonmun", complete, half_typed),
        Way("search, ranking alone", "bare FTS5, the same spellings", bare.ask, words),
        Way("search, ranking alone", "nonmun", rank, words),
        Way("search, ranking alone", "nonmun, first time", rank_first, words),
        Way("search, ranking alone", "LIKE", Like(db).ask, words[-SLOW_QUERIES:]),
        Way("/search, with passages", "bare FTS5, with snippets", bare.ask_with_snippets, words),
        Way("/search, with passages", "nonmun", answer(Command.SEARCH), words),
        Way("/section, name and number", "nonmun", answer(Command.SECTION), [f"{name} 3.1" for name in names]),
        Way("/related", "nonmun", answer(Command.RELATED), names),
        Way("/related", "nonmun, first time", relate_first, names),
    ]
    with suppress(ImportError):
        ways.insert(9, Way("search, ranking alone", "tantivy", Tantivy(db, folder).ask, words))
    return ways


async def run_ways(ways: Sequence[Way], rounds: int) -> None:
    """Ask the ways in turns, one query each; the first round is not counted."""
    for turn in range(rounds + 1):
        for number in range(max(len(way.queries) for way in ways)):
            for way in ways:
                if number < len(way.queries):
                    await asyncio.sleep(0)  # a look-up in memory does not yield to other tasks
                    started, spent = perf_counter(), process_time()
                    await way.ask(way.queries[number])
                    if turn:
                        way.took.append(perf_counter() - started)
                        way.spent.append(process_time() - spent)


@asynccontextmanager
async def open_corpus(path: Path) -> AsyncIterator[Service]:
    """Open a service on a made-up corpus, announcing nothing."""
    settings = load_settings(NONMUN_DATABASE=path, NONMUN_FEEDS=("/dev/null",), NONMUN_RESOLVE_IDS=False)
    async with open_service(settings.model_copy(update={"channel_id": None})) as service:
        yield service


async def compare(count: int, folder: Path, rounds: int) -> None:
    """Make the corpus of one size unless it exists, ask all questions, and print the table."""
    path = folder / f"corpus-{count}.db"
    built = 0.0
    if not path.exists():
        started = perf_counter()
        await build_corpus(path, count)
        built = perf_counter() - started
    before, started = resident_mb(), perf_counter()
    async with open_corpus(path) as service:
        opened = perf_counter() - started
        gc.collect()
        gc.freeze()
        sys.setswitchinterval(SWITCH_SECONDS)
        grown = resident_mb()
        reading = Lag()
        async with reading:
            await NameCache(service.database, glossary=service.name_cache.glossary).refresh()
        db = sqlite3.connect(path)
        reviews = sample_reviews(count)
        asking = Lag()
        with TemporaryDirectory() as scratch:
            ways = make_ways(service, db, reviews, Path(scratch))
            ours = [way for way in ways if way.name.startswith("nonmun")]
            for way in ours:
                await way.ask(way.queries[0])  # as the bot asks one question of each kind while it connects
            async with asking:
                await run_ways(ours, 1)
            for way in ours:
                way.took.clear()
                way.spent.clear()
            await run_ways(ways, rounds)
        db.close()
    print(
        f"\n{count:,} reviews, {path.stat().st_size / 1e6:,.0f} MB of database"
        + (f", made and entered in {built:,.0f} s ({count / built:,.0f}/s)" if built else "")
        + f"; opened in {opened:.2f} s; memory {before:,.0f} MB before, {grown:,.0f} MB with the names"
        + f"; the event loop waited {reading.longest * 1e3:.0f} ms at most while the names were read anew,"
        + f" {asking.longest * 1e3:.0f} ms while queries were answered"
    )
    print_ways(ways)


def print_ways(ways: Sequence[Way]) -> None:
    """Print the times, and their ratios to those of the library alone."""
    base = {way.kind: way for way in ways if not way.name.startswith(("nonmun", "LIKE", "tantivy"))}
    rows = [
        (
            way.kind,
            way.name,
            f"{len(way.queries)}",
            *_figures(way.took, base[way.kind].took if way.kind in base else []),
            *_figures(way.spent, base[way.kind].spent if way.kind in base else []),
        )
        for way in ways
    ]
    head = ("question", "way", "queries", "median", "p95", "ratio", "CPU median", "p95", "ratio")
    print_table("Milliseconds a query; ratios of medians; CPU is the processor time of all threads", head, rows)


def _figures(times: Sequence[float], base: Sequence[float]) -> tuple[str, str, str]:
    return (
        milliseconds(median(times)),
        milliseconds(p95(times)),
        ratio(median(times), median(base)) if base else "",
    )


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--reviews", type=int, nargs="+", default=[1_000, 10_000, 100_000], metavar="N")
    parser.add_argument("--rounds", type=int, default=3, help="how often each query is timed")
    parser.add_argument("--folder", type=Path, help="keep the made databases here, and use those that are there")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Compare at every size and print a table for each; each size runs in its own process, to measure its memory."""
    options = _options(argv)
    with TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        if len(options.reviews) == 1:
            asyncio.run(compare(options.reviews[0], folder, options.rounds))
            return
        for count in options.reviews:
            command = [sys.executable, "-m", "benchmarks.scale", "--reviews", str(count)]
            subprocess.run([*command, "--folder", str(folder), "--rounds", str(options.rounds)], check=True)


if __name__ == "__main__":
    main()
