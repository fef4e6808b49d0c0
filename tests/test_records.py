"""Records: JSON out of answers and reviews, and batch requests in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.config import Settings
from bot.models.answers import (
    Answer,
    DidYouMean,
    EmptyCache,
    Gone,
    Help,
    Hit,
    Kinship,
    Latest,
    NoSuchSection,
    NothingFound,
    NotReviewed,
    PaperFound,
    PapersListed,
    QuestionAnswered,
    QuotedPassage,
    QuotedReview,
    RelatedFound,
    SearchFound,
    SectionFound,
)
from bot.models.feeds import FeedState, PollOutcome
from bot.models.index import FacetKind
from bot.models.requests import Command, Place
from bot.models.reviews import Identifiers, ReviewHead, StoredReview
from bot.reviews.parsing import parse_review
from bot.service import Service, open_service
from bot.ui.terminal.records import (
    ANSWER_NAMES,
    MAX_RESULTS,
    BatchLineError,
    answer_batch,
    answer_record,
    batch_results,
    export_review,
    parse_batch_line,
    poll_record,
    to_line,
)
from tests.factories import make_entry, make_rss

SEEN = datetime(2024, 6, 1, tzinfo=UTC)


def _stored(number: int = 1, **fields: object) -> StoredReview:
    entry = make_entry(number, **fields)  # type: ignore[arg-type]
    return StoredReview(id=number, feed_url="a feed, given so", review=parse_review(entry), first_seen_at=SEEN)


def _head(number: int) -> ReviewHead:
    review = _stored(number).review
    return ReviewHead(
        id=number, feed_url="feed.xml", guid=review.guid, link=review.link,
        title=review.title, clean_title=review.clean_title,
        short_name=review.short_name, venue=review.venue, year=review.year, authors=review.authors,
        categories=review.categories, identifiers=review.identifiers, date=SEEN, characters=1_000,
    )  # fmt: skip


def _position(stored: StoredReview, number: str) -> int:
    return next(i for i, section in enumerate(stored.review.sections) if section.number == number)


STORED = _stored()
METHOD = _position(STORED, "2")
FEED = FeedState(id=1, url="feed.xml", failures=2, last_error="the server answered 500")
ANSWERS: tuple[Answer, ...] = (
    PaperFound(stored=STORED, others=(_head(2),)),
    SectionFound(stored=STORED, positions=(METHOD, METHOD + 1)),
    NoSuchSection(stored=STORED, asked="9.9"),
    DidYouMean(query="lantrn", near=(_head(1), _head(2))),
    NotReviewed(query="zzz", reviews=2),
    SearchFound(
        query="loss",
        hits=(
            Hit(
                head=_head(1),
                section=METHOD,
                headings=("2. Method",),
                passage=STORED.review.sections[METHOD].blocks[0],
                score=7.25,
            ),
            Hit(head=_head(2), section=None, passage=None, score=1 / 3),
        ),
        is_sure=True,
    ),
    QuestionAnswered(
        query="what is the loss?",
        reviews=(
            QuotedReview(
                head=_head(1),
                passages=(
                    QuotedPassage(
                        section=METHOD,
                        block=0,
                        headings=("2. Method",),
                        link="https://reviews.example/2024/lantern-1/#2-method",
                        text=STORED.review.sections[METHOD].blocks[0],
                        best=(0, 5),
                        words_check="abcdef",
                        score=0.75,
                    ),
                ),
            ),
        ),
        is_sure=True,
        paper=_head(1),
    ),
    NothingFound(query="zzz", reviews=2),
    Latest(heads=(_head(2), _head(1))),
    Help(reviews=2, feeds=(FEED,), place=Place.SERVER),
    EmptyCache(feeds=(FEED,), place=Place.SERVER),
    Gone(is_other=True),
    PapersListed(query="acl", kind=FacetKind.VENUE, named=("ACL",), heads=(_head(2), _head(1)), total=2),
    RelatedFound(head=_head(1), related=((_head(2), Kinship.CITED), (_head(3), Kinship.SIMILAR))),
)


# ── export ──────────────────────────────────────────────────────────────────────────────────────


def test_export_has_every_field() -> None:
    """A review is exported with the fields that the documentation names, and the feed as it was given."""
    record = export_review(STORED)
    text = record.pop("sections")
    assert record == {
        "feed": "a feed, given so",
        "guid": "https://reviews.example/2024/lantern-1/",
        "link": "https://reviews.example/2024/lantern-1/",
        "title": "[ACL 2024] Lantern-1: Reading Long Documents Twice",
        "clean_title": "Lantern-1: Reading Long Documents Twice",
        "venue": "ACL",
        "year": 2024,
        "short_name": "Lantern-1",
        "authors": ["Mina Oh", "Alex Reed"],
        "ids": {"arxiv": "2401.00001", "acl": None, "openreview": None, "pmlr": None, "neurips": None, "doi": None},
        "links": {
            "pdf": "https://arxiv.org/pdf/2401.00001.pdf",
            "code": "https://github.com/example/lantern-1",
        },
        "categories": ["paper", "retrieval"],
        "published": "2024-01-02T09:00:00+00:00",
        "updated": None,
    }
    assert text[METHOD + 1] == {
        "depth": 2,
        "number": "2.1",
        "heading": "2.1. Question splitting",
        "text": "질문 하나를 최대 세 개로 나누고, 나눈 질문마다 문단을 다섯 개씩 가져온다.",
    }


def test_export_times_are_utc() -> None:
    """A time given in another zone is exported in UTC."""
    korean = datetime(2024, 4, 17, 13, 20, tzinfo=timezone(timedelta(hours=9)))
    record = export_review(_stored(published=korean, updated=korean + timedelta(days=1)))
    assert record["published"] == "2024-04-17T04:20:00+00:00"
    assert record["updated"] == "2024-04-18T04:20:00+00:00"


def test_unknown_is_null() -> None:
    """A bare entry exports nulls and empty lists, never empty strings for what is unknown."""
    stored = _stored(title="A note", html="<p>short</p>", published=None, categories=())
    record = export_review(stored)
    unknown = {"venue", "year", "published", "updated"}
    assert {name for name, value in record.items() if value is None} >= unknown
    assert "" not in record.values()
    assert record["authors"] == []
    assert record["links"] == {}
    assert record["sections"] == [{"depth": 0, "number": None, "heading": None, "text": "short"}]


def test_line_keeps_korean_and_stays_one_line() -> None:
    """A record is one line whatever its text holds, with Korean readable."""
    line = to_line({"text": "가나\n다\u2028"})
    assert "가나" in line
    assert "\n" not in line
    assert json.loads(line) == {"text": "가나\n다\u2028"}


# ── --json ──────────────────────────────────────────────────────────────────────────────────────


def test_every_answer_has_a_name() -> None:
    """The table of names covers all kinds of answers, each once."""
    assert set(ANSWER_NAMES) == {type(answer) for answer in ANSWERS}
    assert len(set(ANSWER_NAMES.values())) == len(ANSWER_NAMES)


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: ANSWER_NAMES[type(answer)])
def test_answer_becomes_json(answer: Answer) -> None:
    """Every kind of answer goes through JSON unchanged and says whether it is sure."""
    record = answer_record(answer)
    assert json.loads(to_line(record)) == record
    assert record["answer"] == ANSWER_NAMES[type(answer)]
    assert record["confident"] is answer.is_sure


def test_search_hit_names_section_and_passage() -> None:
    """A hit carries the heading as written and the passage as text."""
    record = answer_record(ANSWERS[5])
    hit = record["hits"][0]
    assert (hit["section"], hit["score"]) == ("2. Method", 7.25)
    assert (hit["feed"], hit["link"], hit["title"]) == ("feed.xml", STORED.review.link, STORED.review.title)
    assert hit["passage"].startswith("전체 과정은 두 단계이며")
    assert record["hits"][1]["section"] is None
    assert record["hits"][1]["passage"] is None


def test_section_answer_has_its_subsections() -> None:
    """A section comes with what stands below it, and the review without its text."""
    record = answer_record(ANSWERS[1])
    assert [section["number"] for section in record["sections"]] == ["2", "2.1"]
    assert "sections" not in record["review"]


@pytest.mark.parametrize(
    ("outcome", "total"),
    [
        (PollOutcome(url="f", total=3, new=1), 3),
        (PollOutcome(url="f", total=3, is_unchanged=True), 3),
        (PollOutcome(url="f", is_unchanged=True), None),
        (PollOutcome(url="f", error="gone"), None),
        (PollOutcome(url="f"), 0),
    ],
)
def test_poll_total_is_null_where_unknown(outcome: PollOutcome, total: int | None) -> None:
    """A feed that was not sent again says nothing of its size; an empty one says 0."""
    assert poll_record(outcome)["total"] == total


# ── batch ───────────────────────────────────────────────────────────────────────────────────────


def test_batch_line_is_read() -> None:
    """A good line gives its id back and asks for ten results."""
    batch = parse_batch_line('\ufeff{"id": 7, "command": "section", "query": "인스택 3.2", "x": 1}\r\n'.encode())
    assert batch.id == 7
    assert batch.request.command is Command.SECTION
    assert batch.request.query == "인스택 3.2"
    assert batch.request.limit == MAX_RESULTS


@pytest.mark.parametrize(
    ("line", "request_id", "said"),
    [
        (b"paper instag", None, "JSON"),
        (b'["id"]', None, "object"),
        (b"[" * 100_000, None, "JSON"),
        (b'{"id": 1, "command": "paper", "query": "\xff"}', None, "UTF-8"),
        (b'{"id": "\\ud800", "command": "paper", "query": "x"}', None, "UTF-8"),
        (b'{"id": NaN, "command": "paper", "query": "x"}', None, "JSON"),
        (b'{"id": 1e999, "command": "paper", "query": "x"}', None, "JSON"),
        (b'{"command": "paper", "query": "x"}', None, "id"),
        (b'{"id": null, "command": "paper", "query": "x"}', None, "id"),
        (b'{"id": [1], "command": "paper", "query": "x"}', None, "id"),
        (b'{"id": true, "command": "paper", "query": "x"}', None, "id"),
        (b'{"id": "a", "query": "x"}', "a", "command"),
        (b'{"id": "a", "command": "latest", "query": "x"}', "a", "command"),
        (b'{"id": "a", "command": ["paper"], "query": "x"}', "a", "command"),
        (b'{"id": "a", "command": "paper"}', "a", "query"),
        (b'{"id": "a", "command": "paper", "query": 3}', "a", "query"),
    ],
)
def test_bad_batch_line_says_what_is_wrong(line: bytes, request_id: object, said: str) -> None:
    """A bad line is refused in words, with the id where it can be read."""
    with pytest.raises(BatchLineError, match=said) as caught:
        parse_batch_line(line)
    assert caught.value.id == request_id


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: ANSWER_NAMES[type(answer)])
def test_batch_results_come_best_first(answer: Answer) -> None:
    """Scores never rise along the results, and each result has the four fields; an answer to a question a fifth."""
    results = batch_results(answer)
    scores = [result["score"] for result in results]
    assert scores == sorted(scores, reverse=True)
    fields = {"link", "title", "section", "score"} | ({"passage"} if isinstance(answer, QuestionAnswered) else set())
    assert all(set(result) == fields for result in results)


def test_batch_results_say_what_the_bot_shows() -> None:
    """Reviews, near reviews and sections come as the answer has them; a missing section is null."""
    paper, section, no_section, near, *_ = (batch_results(answer) for answer in ANSWERS)
    assert [result["link"][-10:] for result in paper] == ["lantern-1/", "lantern-2/"]
    assert paper[0]["title"] == "[ACL 2024] Lantern-1: Reading Long Documents Twice"
    assert [result["section"] for result in section] == ["2. Method"]
    assert [result["section"] for result in no_section] == [None]
    assert no_section[0]["link"] == STORED.review.link
    assert len(near) == 2


def test_batch_gives_ten_results_at_most() -> None:
    """A long list of candidates is cut."""
    answer = DidYouMean(query="lantern", near=tuple(_head(number) for number in range(1, 15)))
    assert len(batch_results(answer)) == MAX_RESULTS


@pytest.fixture
async def service(tmp_path: Path, settings: Callable[..., Settings]) -> AsyncIterator[Service]:
    feed = tmp_path / "feed.xml"
    feed.write_bytes(make_rss([make_entry(1), make_entry(2)]))
    async with open_service(settings(NONMUN_FEEDS=(str(feed),))) as opened:
        await opened.poller.poll_all()
        yield opened


async def test_batch_answers_every_line(service: Service) -> None:
    """Found, not found, empty, too long and broken lines each get an answer of their own."""

    async def ask(command: str, query: str) -> dict[str, object]:
        line = json.dumps({"id": "q", "command": command, "query": query}).encode()
        (answer,) = await answer_batch(service, [line])
        assert not answer.is_failed
        return answer.record

    found = await ask("paper", "lantern-2")
    assert found["confident"] is True
    assert [result["section"] for result in (await ask("section", "lantern-1 2.1"))["results"]] == [  # type: ignore[attr-defined]
        "2.1. Question splitting"
    ]
    assert await ask("search", "submarines") == {"id": "q", "confident": False, "results": []}
    assert await ask("paper", " ") == {"id": "q", "confident": False, "results": []}
    assert set(await ask("search", "x" * 3_000)) == {"id", "error"}
    (broken,) = await answer_batch(service, [b"{"])
    assert set(broken.record) == {"id", "error"}
    assert not broken.is_failed


def test_every_identifier_is_exported() -> None:
    """JSON and export keep whatever a paper is identified by, also what is added to it."""
    names = [field.name for field in fields(Identifiers)]
    identifiers = Identifiers(**{name: f"an id of {name}" for name in names})
    exported = export_review(replace(STORED, review=replace(STORED.review, identifiers=identifiers)))
    assert exported["ids"] == {name: f"an id of {name}" for name in names}
    assert "neurips" in names
