"""Answers and reviews as JSON: what ``--json``, ``nonmun export`` and ``nonmun batch`` write.

In: values of `bot.models.answers` and `bot.models`. Out: dicts for `to_line`. None is null, times are ISO 8601, UTC.

``--json`` writes one object with "answer" (its kind, see `ANSWER_NAMES`) and "confident" (false if
Discord would say that it was not found), and then, depending on the kind:

=================  ==========================================================================================
paper              note, review (as exported), also: [head], others: [head]
section            note, review (as exported, no sections), sections: [{depth, number, heading, text}]
papers             query, by (venue, tag or author), named: [str], total, reviews: [head], 25 at most
no_such_section    asked, review (no sections), headings: [str], mentioned: [str] (headings of parts that mention it)
did_you_mean       query, heading, mention (true: only mentioned there), near: [head with "section"], paper
not_reviewed       query, reviews (how many there are), paper
search             query, note, hits: [{feed, link, title, section, headings, passage, score}]
ask                query, note, paper: head or null, reviews: [head with "passages": [{section, headings, link, text,
                   best (the sentence that says it best), score}]], sentences: [{text, quotes: [{link, text}]}],
                   model (that chose or worded it, or null), limit (member, server or day: why it was not asked)
related            review: head, related: [head with "why"]
nothing_found      query, reviews
latest             reviews: [head]
help               reviews, feeds: [feed]
empty_cache        feeds: [feed]
gone               nothing else (the review that was chosen by its number is no longer there)
=================  ==========================================================================================

A head is a review without its text: {feed, link, title, clean_title, venue, year, short_name, authors, ids,
categories, date, characters}; a feed is {feed, title, learned_at, failures, error}. The paper that an identifier
means is {key, state (known, unknown, unasked, pending or failed), title, authors, year, venue}; else it is null.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bot.errors import NonmunError, RequestError
from bot.languages import ENGLISH, speaking
from bot.models.answers import (
    Answer,
    DidYouMean,
    EmptyCache,
    Gone,
    Help,
    Hit,
    Latest,
    NoSuchSection,
    NothingFound,
    NotReviewed,
    PaperFound,
    PapersListed,
    QuestionAnswered,
    QuotedPassage,
    RelatedFound,
    SearchFound,
    SectionFound,
    WordedSentence,
)
from bot.models.feeds import FeedState, PollOutcome
from bot.models.health import Status
from bot.models.papers import AskedPaper
from bot.models.requests import Command, Request, Unmatched
from bot.models.reviews import Identifiers, ReviewHead, Section, StoredReview
from bot.text.links import redact

if TYPE_CHECKING:
    from bot.service import Service  # loads what reads feeds, which a look-up that prints a record does not need

log = logging.getLogger(__name__)

Record = dict[str, Any]

ANSWER_NAMES: dict[type, str] = {
    PaperFound: "paper",
    PapersListed: "papers",
    SectionFound: "section",
    NoSuchSection: "no_such_section",
    DidYouMean: "did_you_mean",
    NotReviewed: "not_reviewed",
    SearchFound: "search",
    QuestionAnswered: "ask",
    RelatedFound: "related",
    NothingFound: "nothing_found",
    Latest: "latest",
    Help: "help",
    EmptyCache: "empty_cache",
    Gone: "gone",
}
BATCH_COMMANDS = (Command.PAPER, Command.SECTION, Command.SEARCH, Command.ASK)
MAX_RESULTS = 10


def to_line(record: Record) -> str:
    """A record as one line of JSON; Korean stays readable."""
    return json.dumps(record, ensure_ascii=False)


# ── reviews ─────────────────────────────────────────────────────────────────────────────────────


def export_review(stored: StoredReview) -> Record:
    """A review with its text: one line of ``nonmun export``."""
    return _without_text(stored) | {"sections": _sections(stored.review.sections)}


def _without_text(stored: StoredReview) -> Record:
    review = stored.review
    return {
        "feed": redact(stored.feed_url),
        "guid": review.guid,
        "link": review.link,
        "title": review.title,
        "clean_title": review.clean_title,
        "venue": review.venue,
        "year": review.year,
        "short_name": review.short_name,
        "authors": list(review.authors),
        "ids": _ids(review.identifiers),
        "links": dict(review.links),
        "categories": list(review.categories),
        "published": _time(review.published),
        "updated": _time(review.updated),
    }


def _ids(ids: Identifiers) -> Record:
    return asdict(ids)


def _sections(sections: Iterable[Section]) -> list[Record]:
    return [{"depth": s.depth, "number": s.number, "heading": s.heading, "text": s.text} for s in sections]


def _head(head: ReviewHead) -> Record:
    return {
        "feed": redact(head.feed_url),
        "link": head.link,
        "title": head.title,
        "clean_title": head.clean_title,
        "venue": head.venue,
        "year": head.year,
        "short_name": head.short_name,
        "authors": list(head.authors),
        "ids": _ids(head.identifiers),
        "categories": list(head.categories),
        "date": _time(head.date),
        "characters": head.characters,
    }


def _paper(asked: AskedPaper | None) -> Record | None:
    if asked is None:
        return None
    record = asked.record
    return {
        "key": asked.key,
        "state": asked.state,
        "title": record and record.title,
        "authors": list(record.authors) if record else None,
        "year": record and record.year,
        "venue": record and record.venue,
    }


def _time(time: datetime | None) -> str | None:
    return time.astimezone(UTC).isoformat(timespec="seconds") if time else None


# ── answers ─────────────────────────────────────────────────────────────────────────────────────


def answer_record(answer: Answer) -> Record:
    """An answer as ``--json`` writes it; the fields are in the module's docstring."""
    kind: Record = {"answer": ANSWER_NAMES[type(answer)], "confident": answer.is_sure}
    return kind | _fields(answer)


def _fields(answer: Answer) -> Record:
    match answer:
        case PaperFound():
            review = export_review(answer.stored)
            also, others = ([_head(head) for head in heads] for heads in (answer.also, answer.others))
            return {"note": answer.note, "review": review, "also": also, "others": others}
        case SectionFound():
            sections = _sections(answer.sections)
            return {"note": answer.note, "review": _without_text(answer.stored), "sections": sections}
        case NoSuchSection():
            headings = [section.heading for section in answer.stored.review.sections]
            return {
                "asked": answer.asked,
                "review": _without_text(answer.stored),
                "headings": [heading for heading in headings if heading],
                "mentioned": [headings[position] for position in answer.mentioned],
            }
        case PapersListed():
            return {
                "query": answer.query,
                "by": answer.kind,
                "named": list(answer.named),
                "total": answer.total,
                "reviews": [_head(head) for head in answer.heads],
            }
        case RelatedFound():
            related = [_head(head) | {"why": kinship} for head, kinship in answer.related]
            return {"review": _head(answer.head), "related": related}
        case DidYouMean():
            near = [_head(head) | {"section": opened} for head, opened in answer.offered]
            asked = {"query": answer.query, "heading": answer.heading, "mention": answer.is_mention}
            return asked | {"near": near, "paper": _paper(answer.asked)}
        case NotReviewed():
            return {"query": answer.query, "reviews": answer.reviews, "paper": _paper(answer.asked)}
        case NothingFound():
            return {"query": answer.query, "reviews": answer.reviews}
        case SearchFound():
            return {"query": answer.query, "note": answer.note, "hits": [_hit(hit) for hit in answer.hits]}
        case QuestionAnswered():
            return {
                "query": answer.query,
                "note": answer.note,
                "paper": _head(answer.paper) if answer.paper else None,
                "reviews": [
                    _head(quoted.head) | {"passages": [_passage(passage) for passage in quoted.passages]}
                    for quoted in answer.reviews
                ],
                "sentences": [_sentence(sentence) for sentence in answer.sentences],
                "model": answer.model,
                "limit": answer.limit,
            }
        case Latest():
            return {"reviews": [_head(head) for head in answer.heads]}
        case Help():
            return {"reviews": answer.reviews, "feeds": [_feed(feed) for feed in answer.feeds]}
        case EmptyCache():
            return {"feeds": [_feed(feed) for feed in answer.feeds]}
        case Gone():
            return {}


def _hit(hit: Hit) -> Record:
    return {
        "feed": redact(hit.head.feed_url),
        "link": hit.head.link,
        "title": hit.head.title,
        "section": _heading_at(hit),
        "headings": list(hit.headings),
        "passage": hit.passage.text if hit.passage else None,
        "score": _score(hit.score),
    }


def _passage(passage: QuotedPassage) -> Record:
    start, end = passage.best
    return {
        "section": _heading_at(passage),
        "headings": list(passage.headings),
        "link": passage.link,
        "text": passage.text.text,
        "best": passage.text.text[start:end],
        "score": _score(passage.score),
    }


def _sentence(sentence: WordedSentence) -> Record:
    quotes = [{"link": quote.passage.link, "text": quote.text} for quote in sentence.quotes]
    return {"text": sentence.text, "quotes": quotes}


def _heading_at(place: Hit | QuotedPassage) -> str | None:
    return place.headings[-1] if place.headings else None


def _score(score: float) -> float:
    return round(score, 4)


def _feed(feed: FeedState) -> Record:
    return {
        "feed": redact(feed.url),
        "title": feed.title,
        "learned_at": _time(feed.first_read_at),
        "failures": feed.failures,
        "error": feed.last_error,
    }


def poll_record(outcome: PollOutcome) -> Record:
    """One line of ``nonmun poll --json``. "total" is null if an unchanged feed was not sent again."""
    return {
        "feed": redact(outcome.url),
        "title": outcome.title,
        "unchanged": outcome.is_unchanged,
        "new": outcome.new,
        "changed": outcome.changed,
        "total": outcome.total if outcome.total or not (outcome.is_unchanged or outcome.error) else None,
        "announced": outcome.announced,
        "problems": list(outcome.problems),
        "error": outcome.error,
    }


def status_record(status: Status) -> Record:
    """What ``nonmun status --json`` writes. Without a bot that runs, "loops" is empty."""
    backlog, loops = status.backlog, status.loops if status.is_running else ()
    return {
        "healthy": status.is_healthy,
        "problem": None,
        "running": status.is_running,
        "pid": status.pid,
        "since": _time(status.began_at),
        "version": status.version,
        "loops": {loop.loop: {"alive": loop.is_alive, "age_s": loop.age_s, **loop.details} for loop in loops},
        "shards": [
            {"shard": shard.shard, "alive": shard.is_alive, "age_s": shard.age_s, "servers": shard.servers}
            for loop in loops
            for shard in loop.shards
        ],
        "feeds": backlog.feeds,
        "feeds_failing": backlog.failing,
        "failing": [
            {"feed": feed.url, "title": feed.title, "failures": feed.failures, "error": feed.reason}
            for feed in status.failing
        ],
        "subscriptions": backlog.subscriptions,
        "subscriptions_suspended": backlog.suspended,
        "outbox": {
            queue.name: {
                "waiting": queue.waiting,
                "held": queue.held,
                "in_doubt": queue.in_doubt,
                "oldest": _time(queue.oldest_at),
            }
            for queue in backlog.queues
        },
        "embedded": asdict(status.embedded) if status.embedded else None,
        "file_bytes": dict(status.file_bytes),
        "backup": _time(status.backup_at),
    }


def unmatched_record(item: Unmatched) -> Record:
    """One line of ``nonmun unmatched --json``."""
    return {"query": item.query, "times": item.times, "last_at": _time(item.last_at)}


# ── batch ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRequest:
    """One line of ``nonmun batch``. ``id`` is returned unchanged."""

    id: str | float
    request: Request


class BatchLineError(NonmunError):
    """A line that is not a request. ``id`` is the id if it could be read, otherwise None."""

    def __init__(self, reason: str, request_id: str | float | None = None) -> None:
        super().__init__(reason)
        self.id = request_id


def parse_batch_line(line: bytes) -> BatchRequest:
    """Read ``{"id", "command": "paper"|"section"|"search"|"ask", "query"}``, to ask with "paper" if it is about one.

    Raises:
        BatchLineError: The line is something else; the message says what.
    """
    fields = _parse_object(line)
    request_id = fields.get("id")
    if isinstance(request_id, bool) or not isinstance(request_id, (str, int, float)):
        raise BatchLineError("“id” must be a string or a number")
    known = [command.value for command in BATCH_COMMANDS]
    if fields.get("command") not in known:
        raise BatchLineError(f"“command” must be one of {', '.join(known)}", request_id)
    query = fields.get("query")
    if not isinstance(query, str):
        raise BatchLineError("“query” must be a string", request_id)
    command = Command(fields["command"])
    paper = fields.get("paper") if command is Command.ASK else None
    if paper is not None and not isinstance(paper, str):
        raise BatchLineError("“paper” must be a string or null", request_id)
    request = Request(command=command, query=query, paper=paper, limit=MAX_RESULTS)
    return BatchRequest(id=request_id, request=request)


def _parse_object(line: bytes) -> Record:
    try:
        fields = json.loads(line.decode("utf-8-sig"), parse_constant=_refuse_constant)
        # json reads values that it cannot write again: 1e999, and an unpaired surrogate.
        json.dumps(fields, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeError as exc:
        raise BatchLineError("the line is not valid Unicode text (UTF-8)") from exc
    except (ValueError, RecursionError) as exc:
        raise BatchLineError("the line is not valid JSON") from exc
    if not isinstance(fields, dict):
        raise BatchLineError("the line is not a JSON object")
    return fields


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")  # only Python reads NaN and Infinity


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """The answer to one line.

    Attributes:
        is_failed: The request is valid but could not be answered.
        unresolved: The identifier that it asks for, if that can be looked up.
    """

    record: Record
    is_failed: bool = False
    unresolved: tuple[str, ...] = ()


async def answer_batch(service: Service, lines: Sequence[bytes]) -> list[BatchAnswer]:
    """Answer some lines; any error stays in the answer to its line.

    Identifiers are looked up together, as many in one request as a source takes.
    """
    answers = [await _answer_line(service, line) for line in lines]
    keys = [key for answer in answers for key in answer.unresolved]
    if not keys:
        return answers
    found = await service.look_up(keys, wait_s=service.resolver.patience_s(keys))
    return [
        await _answer_line(service, line, found) if answer.unresolved else answer
        for line, answer in zip(lines, answers, strict=True)
    ]


async def _answer_line(
    service: Service, line: bytes, found: Mapping[str, AskedPaper] = MappingProxyType({})
) -> BatchAnswer:
    try:
        batch = parse_batch_line(line)
    except BatchLineError as exc:
        return BatchAnswer({"id": exc.id, "error": str(exc)})
    if not batch.request.query.strip():  # nobody is there who could type something
        return BatchAnswer({"id": batch.id, "confident": False, "results": []})
    try:
        with speaking(ENGLISH):
            answer = await service.answering.answer(batch.request, await service.audiences.terminal(), found)
    except RequestError as exc:
        return BatchAnswer({"id": batch.id, "error": str(exc)})
    except NonmunError as exc:
        return BatchAnswer({"id": batch.id, "error": str(exc)}, is_failed=True)
    except Exception:
        # Only this request ends; the others are still answered.
        log.exception("batch request failed id=%s", batch.id)
        return BatchAnswer({"id": batch.id, "error": "a bug in Nonmun; the log has the details"}, is_failed=True)
    record = {"id": batch.id, "confident": answer.is_sure, "results": batch_results(answer)}
    return BatchAnswer(record, unresolved=service.unresolved(answer))


def batch_results(answer: Answer) -> list[Record]:
    """The reviews that an answer shows, best first.

    For a search or a question, ``score`` is the index's, and to a question each passage is a result of its own. A
    look-up ranks without scores, so there it is 1.0 for what was found, and falls with the rank: 1/2, 1/3, … (half
    of that if the bot is not sure).
    """
    match answer:
        case PaperFound():
            link, title = answer.stored.review.link, answer.stored.review.title
            pairs = [(link, title), *((head.link, head.title) for head in answer.others)]
            records = [_result(pair, 1 / rank) for rank, pair in enumerate(pairs, 1)]
        case SectionFound():
            review = answer.stored.review
            records = [_result((review.link, review.title), 1.0, answer.sections[0].heading)]
        case NoSuchSection():
            review = answer.stored.review
            spoken_of = review.sections[answer.mentioned[0]].heading if answer.mentioned else None
            records = [_result((review.link, review.title), 0.5, spoken_of)]
        case DidYouMean():
            offered = enumerate(answer.offered, 1)
            records = [_result((head.link, head.title), 0.5 / rank, opened) for rank, (head, opened) in offered]
        case SearchFound():
            records = [_result((hit.head.link, hit.head.title), hit.score, _heading_at(hit)) for hit in answer.hits]
        case QuestionAnswered():
            records = [
                _result((head.link, head.title), passage.score, _heading_at(passage)) | {"passage": passage.text.text}
                for head, passage in answer.ranked
            ]
        case RelatedFound():
            records = [_result((head.link, head.title), 1 / rank) for rank, (head, _) in enumerate(answer.related, 1)]
        case Latest() | PapersListed():
            records = [_result((head.link, head.title), 1 / rank) for rank, head in enumerate(answer.heads, 1)]
        case NotReviewed() | NothingFound() | Help() | EmptyCache() | Gone():
            records = []
    return records[:MAX_RESULTS]


def _result(review: tuple[str, str], score: float, heading: str | None = None) -> Record:
    link, title = review
    return {"link": link, "title": title, "section": heading, "score": _score(score)}
