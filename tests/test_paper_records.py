"""An identifier that no review carries: looked up once at its source, and its review found by title."""

from __future__ import annotations

import asyncio
import csv
import json
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.cards.answers import make_card
from bot.config import Settings
from bot.feeds import records as resolving
from bot.feeds.fetch import Fetcher
from bot.feeds.reader_process import Reader
from bot.feeds.records import Addresses, RecordResolver
from bot.languages import ENGLISH, speaking
from bot.models.answers import Answer, DidYouMean, NotReviewed, PaperFound, RelatedFound, SectionFound
from bot.models.feeds import Entry
from bot.models.papers import PaperRecord, RecordState
from bot.models.requests import EVERYTHING, Command, Request
from bot.models.reviews import Identifiers, ReviewHead
from bot.reviews.parsing import parse_review
from bot.search.record_match import Agreement, agreement
from bot.service import Service, open_service
from bot.store import records
from bot.store.database import Database
from bot.text.latex import plain_text
from bot.ui.terminal.records import answer_batch, answer_record
from tests.conftest import SEEDS, Clock
from tests.factories import make_entry, make_rss
from tests.loopback.arxiv import PATH, LoopbackArxiv
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, eventually, wait_for_commands
from tests.shown import said, title

MakeSettings = Callable[..., Settings]
NUMBER = "2308.07074"
KEY = f"arxiv:{NUMBER}"
LINK = f"https://arxiv.org/abs/{NUMBER}v2"
TITLE = "Low Boats on High Seas: Rowing with Long Oars in Heavy Weather"
SHELF = Path(__file__).parents[2] / "shared" / "relevance" / "arxiv.tsv"

PAGE = """<p><a href="https://openreview.net/forum?id=LowBoats{number}">[paper]</a></p>
<p><strong>{authors}</strong></p><h2>1. Method</h2><p>We row twice. {text}</p><h2>2. Results</h2><p>It is wet.</p>"""


def entry(number: int, title: str, *, authors: str = "Mina Oh, Alex Reed", text: str = "") -> Entry:
    return make_entry(number, title=title, html=PAGE.format(number=number, authors=authors, text=text))


@pytest.fixture
def arxiv(feed_host: FeedHost) -> LoopbackArxiv:
    return LoopbackArxiv(feed_host).start()


@pytest.fixture
def no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look-up follows the one before at once; what the gap is has a test of its own."""
    monkeypatch.setattr(resolving, "GAP_S", 0.0)
    monkeypatch.setattr(resolving, "OTHER_GAP_S", 0.0)


Shelve = Callable[..., AbstractAsyncContextManager[Service]]


@pytest.fixture
def shelf(tmp_path: Path, settings: MakeSettings, arxiv: LoopbackArxiv, clock: Clock) -> Shelve:
    """Opens a service whose cache holds given reviews, and whose arXiv is on loopback."""

    @asynccontextmanager
    async def open_shelf(
        *entries: Entry, addresses: Addresses | None = None, **more: object
    ) -> AsyncIterator[Service]:
        feed = tmp_path / "feed.xml"
        feed.write_bytes(make_rss(entries))
        overrides = {"NONMUN_FEEDS": str(feed), "NONMUN_RESOLVE_IDS": True, "NONMUN_ARXIV_API_URL": arxiv.url} | more
        async with open_service(settings(**overrides), clock=clock, addresses=addresses) as service:
            await service.poller.poll_all()
            await service.name_cache.refresh()
            yield service

    return open_shelf


async def ask(
    service: Service, query: str, command: Command = Command.PAPER, *, heading: str | None = None
) -> Answer:
    return await service.ask(Request(command=command, query=query, heading=heading), EVERYTHING)


def text_of(answer: Answer) -> str:
    with speaking(ENGLISH):
        card = make_card(answer)
    blocks = [block for part in card.parts for block in part]
    return "\n".join([card.title, *("".join(span.text for span in block.spans) for block in blocks)])


# ── found ───────────────────────────────────────────────────────────────────────────────────────


FORMS = (
    NUMBER,
    f"arXiv:{NUMBER}v3",
    LINK,
    f"https://arxiv.org/pdf/{NUMBER}",
    f"https://ar5iv.labs.arxiv.org/html/{NUMBER}",
    f"https://huggingface.co/papers/{NUMBER}",
    f"https://www.alphaxiv.org/abs/{NUMBER}",
    f"https://www.semanticscholar.org/arxiv/{NUMBER}",
    f"https://api.semanticscholar.org/graph/v1/paper/ARXIV:{NUMBER}",
    f"https://paperswithcode.com/paper/{NUMBER}",
    f"https://www.emergentmind.com/papers/{NUMBER}",
    f"https://scirate.com/arxiv/{NUMBER}",
    f"https://doi.org/10.48550/arXiv.{NUMBER}",
)


async def test_each_form_of_link_finds_the_review(shelf: Shelve, arxiv: LoopbackArxiv) -> None:
    """The review links OpenReview alone; arXiv says which paper the link means."""
    arxiv.add(NUMBER, TITLE, "Mina Oh")
    async with shelf(entry(1, f"[ICLR2024] {TITLE.upper()}"), entry(2, "Kites: Flying in No Wind at All")) as service:
        for link in FORMS:
            answer = await ask(service, link)
            assert isinstance(answer, PaperFound), link
            assert answer.stored.review.identifiers.openreview == "LowBoats1"
            assert answer.note == f"{NUMBER} is “{TITLE}”, reviewed here."
    assert len(arxiv.asked) == 1


async def test_section_related_and_search_find_it_too(shelf: Shelve, arxiv: LoopbackArxiv) -> None:
    arxiv.add(NUMBER, TITLE, "Mina Oh")
    async with shelf(entry(1, TITLE), entry(2, "Kites: Flying in No Wind at All")) as service:
        section = await ask(service, f"{NUMBER} method", Command.SECTION)
        assert isinstance(section, SectionFound)
        assert section.sections[0].heading == "1. Method"
        assert section.note == f"{NUMBER} is “{TITLE}”, reviewed here."
        assert isinstance(await ask(service, LINK, Command.SECTION, heading="2"), SectionFound)
        assert isinstance(await ask(service, LINK, Command.RELATED), RelatedFound)
        assert isinstance(await ask(service, LINK, Command.SEARCH), PaperFound)
    assert len(arxiv.asked) == 1


@pytest.mark.parametrize(
    ("said", "title", "authors", "is_found"),
    [
        (TITLE, TITLE, "", True),
        (TITLE, f"논문 리뷰 3: {TITLE}", "", True),
        (TITLE.replace("High Seas", r"{\bf High} Seas"), TITLE, "", True),
        (r"$\alpha$-Boats: Rows in $O(n^2)$ for Schr\"odinger", "α-Boats: Rows in O(n²) for Schrödinger", "", True),
        ("Low Boats on High Seas: Rowing with Long Oars", "Low Boats on High Seas: Rowing with LongOars", "", True),
        # one letter, a small word, or the end is missing: no other paper
        (TITLE, TITLE.replace("Weather", "Weathr"), "Somebody Else", True),
        (TITLE, TITLE.replace("with Long", "by Long"), "Somebody Else", True),
        (TITLE, TITLE.removesuffix(" Weather"), "Somebody Else", True),
        # a word of its own: the authors or the name must agree
        (TITLE, TITLE.replace("Heavy", "Calm"), "Mina Oh, Alex Reed", True),
        (TITLE, TITLE.replace("Heavy", "Calm"), "M. Oh", True),
        ("LongOar: Rowing in Heavy Weather at Sea", "LongOar: Rowing in Calm Weather at Sea", "Somebody Else", True),
        (TITLE.replace(":", " and"), TITLE.replace("Heavy", "Calm").replace(":", " and"), "Somebody Else", False),
        # another number, another part, another title
        (f"{TITLE} 2", TITLE, "Mina Oh", False),
        (f"{TITLE} II", TITLE, "Mina Oh", False),
        ("Boats 2 on High Seas in Heavy Weather", "Boats 3 on High Seas in Heavy Weather", "Mina Oh", False),
        (f"{TITLE}: A Survey", TITLE, "Somebody Else", False),
        ("Unsupervised Rowing on High Seas in Rain", "Supervised Rowing on High Seas in Rain", "A B", False),
        ("Kites: Flying in No Wind at All", TITLE, "Mina Oh", False),
        ("Boats", "Boats", "Somebody Else", False),
        ("Boats", "Boats", "Mina Oh, Alex Reed", True),
    ],
)  # fmt: skip
def test_a_review_is_the_papers_only_if_it_can_be_no_other(
    said: str, title: str, authors: str, is_found: bool
) -> None:
    record = PaperRecord(key=KEY, title=plain_text(said), authors=("Mina Oh", "Alex Reed"), year=2023)
    names = tuple(filter(None, authors.split(", ")))
    assert (agreement(record, head_of(title, *names)) >= Agreement.SAME) is is_found


def head_of(title: str, *authors: str) -> ReviewHead:
    review = parse_review(entry(1, title))
    return ReviewHead(
        id=1, link="x", clean_title=review.clean_title, short_name=review.short_name, venue=None, year=None,
        feed_url="f", guid="g", title=title, authors=authors, categories=(), identifiers=Identifiers(),
        date=datetime(2024, 1, 1, tzinfo=UTC), characters=1,
    )  # fmt: skip


@given(st.text(max_size=80), st.text(max_size=80), st.lists(st.text(max_size=20), max_size=3))
def test_any_titles_can_be_compared(said: str, title: str, authors: list[str]) -> None:
    """Whatever is in them, and a title agrees with itself if it has words enough."""
    record = PaperRecord(key=KEY, title=plain_text(said), authors=tuple(authors))
    assert agreement(record, head_of(title, *authors)) in Agreement
    same = PaperRecord(key=KEY, title=TITLE)
    assert agreement(same, head_of(TITLE)) is Agreement.EQUAL


@given(st.text(max_size=300))
@example("$" * 50)
@example("{" * 300)
@example("\\'" * 100)
@example("\\textbf{" * 40)
def test_any_title_is_one_line_without_control_characters(title: str) -> None:
    said = plain_text(title)
    assert said == " ".join(said.split())
    assert plain_text(said.replace("\\", "").replace("$", "").replace("{", "")) is not None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Low Boats\n  on  High Seas", "Low Boats on High Seas"),
        (r"$\alpha$-Boats in $O(n^2)$", "α-Boats in O(n²)"),
        (r"Schr\"odinger, {\'E}mile, \v{C}ech, \'{\i}sland", "Schrödinger, Émile, Čech, ísland"),
        (r"S\o ren, Stra\ss{}e", "Søren, Straße"),
        (r"\textbf{Low} {\it Boats}: \emph{100\%} \& more", "Low Boats: 100% & more"),
        ("{GEMF}ormer --- Rowing", "GEMFormer — Rowing"),
        ("Boats for $100 or $200 a day", "Boats for $100 or $200 a day"),
        ("#Boats: C++ & 50% ~ x_1", "#Boats: C++ & 50% ~ x_1"),
    ],
)  # fmt: skip
def test_latex_in_titles_is_read(written: str, meant: str) -> None:
    assert plain_text(written) == meant


@pytest.mark.parametrize("title", [TITLE.replace("Heavy", "Calm"), TITLE.removesuffix(" Weather"), TITLE.upper()])
async def test_the_title_of_another_version_finds_the_review(shelf: Shelve, arxiv: LoopbackArxiv, title: str) -> None:
    arxiv.add(NUMBER, TITLE, "Mina Oh", "Alex Reed")
    async with shelf(entry(1, title), entry(2, "Kites: Flying in No Wind at All")) as service:
        assert (await ask(service, LINK)).is_sure


async def test_a_title_that_is_only_close_is_offered(shelf: Shelve, arxiv: LoopbackArxiv) -> None:
    arxiv.add(NUMBER, TITLE.replace("Oars", "Poles"), "Somebody Else")
    async with shelf(entry(1, TITLE.replace("Low Boats", "Tall Boats"))) as service:
        answer = await ask(service, LINK)
    assert isinstance(answer, DidYouMean)
    assert [head.id for head in answer.near] == [1]
    assert "No review here is surely about it. Similar titles:" in text_of(answer)


async def test_another_number_in_the_review_is_asked_about(shelf: Shelve, arxiv: LoopbackArxiv) -> None:
    """Two papers may share a title: a review with another arXiv number of its own is only offered."""
    arxiv.add(NUMBER, TITLE, "Somebody Else")
    html = PAGE.replace("openreview.net/forum?id=LowBoats{number}", "arxiv.org/abs/2309.00001")
    other = make_entry(1, title=TITLE, html=html.format(number=1, authors="Mina Oh", text=""))
    async with shelf(other) as service:
        answer = await ask(service, LINK)
    assert isinstance(answer, DidYouMean)
    assert "No review here is surely about it" in text_of(answer)


async def test_a_paper_that_is_only_cited_is_named(shelf: Shelve, arxiv: LoopbackArxiv) -> None:
    arxiv.add(NUMBER, TITLE, "Mina Oh", "Alex Reed", "Bo Li", "Cy Ng", "Di Wu")
    citing = entry(1, "Kites: Flying in No Wind", text=f'See <a href="{LINK}">this</a>.')
    async with shelf(citing) as service:
        answer = await ask(service, LINK)
    assert isinstance(answer, DidYouMean)
    assert answer.is_mention
    said = text_of(answer)
    assert f"{NUMBER} is “{TITLE}” by Mina Oh, Alex Reed" in said
    assert "(2023). " not in said.partition("(2023).")[2]
    assert "It is mentioned in:" in said


async def test_a_paper_that_nobody_reviewed_is_named(shelf: Shelve, arxiv: LoopbackArxiv) -> None:
    arxiv.add(NUMBER, TITLE, "Mina Oh")
    async with shelf(entry(1, "Kites: Flying in No Wind")) as service:
        answer = await ask(service, LINK)
    assert isinstance(answer, NotReviewed)
    assert text_of(answer).endswith(f"{NUMBER} is “{TITLE}” by Mina Oh (2023).\nNo review here is about it.")
    assert answer_record(answer)["paper"] == {
        "key": KEY, "state": "known", "title": TITLE, "authors": ["Mina Oh"], "year": 2023, "venue": None
    }  # fmt: skip


async def test_what_a_server_does_not_read_is_not_found_by_it(shelf: Shelve, arxiv: LoopbackArxiv) -> None:
    arxiv.add(NUMBER, TITLE, "Mina Oh")
    async with shelf(entry(1, TITLE)) as service:
        await ask(service, LINK)
        nobody = replace(EVERYTHING, feeds=frozenset({99}))
        await service.ask(Request(command=Command.PAPER, query=LINK), nobody)
        answer = await service.ask(Request(command=Command.PAPER, query=LINK), nobody)
    assert not answer.is_sure


# ── every row of the sample, and its like ───────────────────────────────────────────────────────


async def test_every_paper_of_the_main_feed_is_found_by_its_arxiv_link(
    main_feed: bytes, tmp_path: Path, settings: MakeSettings, arxiv: LoopbackArxiv, no_gap: None
) -> None:
    """One request for all of them, and each answer says which paper it is."""
    if not SHELF.exists():
        pytest.skip("../shared/relevance is not here")
    rows = list(csv.DictReader(SHELF.read_text("utf-8").splitlines(), delimiter="\t"))
    for row in rows:
        arxiv.add(row["id"], row["title"].replace("LLM", r"\textsc{LLM}"))
    feed = tmp_path / "main.xml"
    feed.write_bytes(main_feed)
    resolved = settings(NONMUN_FEEDS=str(feed), NONMUN_RESOLVE_IDS=True, NONMUN_ARXIV_API_URL=arxiv.url)
    async with open_service(resolved) as service:
        await service.poller.poll_all()
        await service.name_cache.refresh()
        lines = [
            json.dumps({"id": row["slug"], "command": "paper", "query": f"https://arxiv.org/abs/{row['id']}"})
            for row in rows
        ]
        answers = await answer_batch(service, [line.encode() for line in lines])
    wrong = [
        answer.record
        for row, answer in zip(rows, answers, strict=True)
        if not answer.record["confident"] or f"/{row['slug']}.html" not in answer.record["results"][0]["link"]
    ]
    assert wrong == []
    assert [len(numbers) for numbers in arxiv.asked] == [len(rows)]
    assert SEEDS.is_dir()


async def test_a_thousand_identifiers_take_ten_requests(shelf: Shelve, arxiv: LoopbackArxiv, no_gap: None) -> None:
    numbers = [f"2401.{number:05d}" for number in range(1_000)]
    for number in numbers[::2]:
        arxiv.add(number, f"{TITLE} {number}")
    async with shelf(entry(1, "Kites: Flying in No Wind")) as service:
        lines = [json.dumps({"id": number, "command": "paper", "query": number}).encode() for number in numbers]
        answers = await answer_batch(service, lines)
        assert [answer.record["id"] for answer in answers] == numbers
        assert not any(answer.unresolved for answer in answers)
    assert len(arxiv.asked) == 10
    assert [number for asked in arxiv.asked for number in asked] == numbers


# ── asked once ──────────────────────────────────────────────────────────────────────────────────


async def test_what_was_found_is_never_asked_for_again(shelf: Shelve, arxiv: LoopbackArxiv, clock: Clock) -> None:
    """Not by another form of the link, not years later, and not after a restart."""
    arxiv.add(NUMBER, TITLE)
    async with shelf(entry(1, TITLE)) as service:
        assert (await ask(service, LINK)).is_sure
        assert (await ask(service, f"https://huggingface.co/papers/{NUMBER}")).is_sure
    clock.advance(days=1_000)
    async with shelf(entry(1, TITLE)) as service:
        assert (await ask(service, NUMBER)).is_sure
    assert len(arxiv.asked) == 1


async def test_many_who_ask_at_once_make_one_request(shelf: Shelve, arxiv: LoopbackArxiv) -> None:
    arxiv.add(NUMBER, TITLE)
    async with shelf(entry(1, TITLE)) as service:
        request = Request(command=Command.PAPER, query=LINK)
        answers = await asyncio.gather(*(service.ask(request, EVERYTHING) for _ in range(20)))
    assert all(answer.is_sure for answer in answers)
    assert arxiv.asked == [[NUMBER]]


async def test_an_unknown_number_is_asked_for_again_after_a_growing_pause(
    shelf: Shelve, arxiv: LoopbackArxiv, clock: Clock, no_gap: None
) -> None:
    async with shelf(entry(1, TITLE)) as service:
        answer = await ask(service, LINK)
        assert f"arXiv does not have {NUMBER}." in text_of(answer)
        clock.advance(minutes=59)
        await ask(service, LINK)
        assert len(arxiv.asked) == 1
        clock.advance(minutes=2)
        await ask(service, LINK)
        assert len(arxiv.asked) == 2
        clock.advance(hours=2)
        await ask(service, LINK)
        assert len(arxiv.asked) == 2
        arxiv.add(NUMBER, TITLE)
        clock.advance(hours=3)
        assert (await ask(service, LINK)).is_sure


async def test_arxiv_is_asked_once_in_three_seconds(database: Database, arxiv: LoopbackArxiv, clock: Clock) -> None:
    """By the loop's clock; what is asked for in between goes into the next request together."""
    now_s, slept = 100.0, list[float]()
    asked_at = list[float]()
    for number in range(10):
        arxiv.add(f"2401.{number:05d}", f"{TITLE} {number}")

    async def sleep(seconds: float) -> None:
        nonlocal now_s
        slept.append(seconds)
        await asyncio.gather(*(asyncio.sleep(0) for _ in range(5)))
        now_s += seconds

    async with Fetcher(allowed_private=["127.0.0.1"]) as fetcher:
        reader = Reader()
        where = Addresses(arxiv=arxiv.url)
        resolver = RecordResolver(
            database, fetcher, reader, clock=clock, addresses=where, timer=lambda: now_s, sleep=sleep
        )
        first = asyncio.create_task(resolver.look_up(["arxiv:2401.00000"]))
        await arxiv.host.wait_for_requests(1)
        asked_at.append(now_s)
        others = [asyncio.create_task(resolver.look_up([f"arxiv:2401.{number:05d}"])) for number in range(1, 9)]
        results = await asyncio.gather(first, *others)
        now_s += 1.0
        results.append(await resolver.look_up(["arxiv:2401.00009"]))
        await resolver.close()
        await reader.close()
    assert all(asked.state is RecordState.KNOWN for result in results for asked in result.values())
    assert [len(numbers) for numbers in arxiv.asked] == [1, 8, 1]
    assert slept == [3.0, 2.0]


async def test_no_more_is_kept_than_the_bound(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not found goes first, then what was looked up longest ago."""
    monkeypatch.setattr(records, "MOST", 3)
    async with database.transaction() as db:
        await records.save_missing(db, "arxiv:0", reason=None, attempts=1, not_before=clock(), now=clock())
    for number in range(1, 5):
        clock.advance(minutes=1)
        async with database.transaction() as db:
            await records.save_records(db, [PaperRecord(key=f"arxiv:{number}", title=TITLE)], now=clock())
    assert set(await records.find_records(database.reader, [f"arxiv:{n}" for n in range(5)])) == {
        "arxiv:2",
        "arxiv:3",
        "arxiv:4",
    }


# ── not in the way ──────────────────────────────────────────────────────────────────────────────


async def test_a_slow_source_does_not_keep_anybody_waiting(shelf: Shelve, arxiv: LoopbackArxiv) -> None:
    """The look-up goes on, and the next question has its result."""
    arxiv.add(NUMBER, TITLE)
    let_go = arxiv.host.hold(PATH)
    async with shelf(entry(1, TITLE)) as service:
        request = Request(command=Command.PAPER, query=LINK)
        answer = await service.ask(request, EVERYTHING, wait_s=0.0)
        assert isinstance(answer, NotReviewed)
        assert text_of(answer) == f"Looking it up\nI am looking up {NUMBER} at arXiv. Ask again in a moment."
        let_go.set()
        assert (await service.ask(request, EVERYTHING)).is_sure
    assert len(arxiv.asked) == 1


@pytest.mark.parametrize("status", [500, 429, 503, 404, 403])
async def test_an_error_is_said_and_not_kept(
    shelf: Shelve, arxiv: LoopbackArxiv, no_gap: None, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """While arXiv rests nobody waits for it; then it is asked again."""
    arxiv.add(NUMBER, TITLE)
    arxiv.host.fail(PATH, status=status, times=1)
    async with shelf(entry(1, TITLE)) as service:
        now_s = 0.0
        monkeypatch.setattr(next(iter(service.resolver._lanes.values())), "_timer", lambda: now_s)
        said = f"arXiv does not answer right now, so I could not look up {NUMBER}. Try again later."
        assert said in text_of(await ask(service, LINK))
        assert said in text_of(await ask(service, LINK))
        assert len(arxiv.host.requests) == 1
        now_s = 31.0
        assert (await ask(service, LINK)).is_sure


async def test_retry_after_is_respected(
    shelf: Shelve, arxiv: LoopbackArxiv, no_gap: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    arxiv.add(NUMBER, TITLE)
    arxiv.host.fail(PATH, status=503, retry_after=600, times=1)
    async with shelf(entry(1, TITLE)) as service:
        now_s = 0.0
        monkeypatch.setattr(next(iter(service.resolver._lanes.values())), "_timer", lambda: now_s)
        await ask(service, LINK)
        now_s = 599.0
        assert not (await ask(service, LINK)).is_sure
        assert len(arxiv.host.requests) == 1
        now_s = 601.0
        assert (await ask(service, LINK)).is_sure


@pytest.mark.parametrize("what", ["garbage", "html", "empty", "large", "bomb", "cut", "json"])
async def test_an_answer_that_is_none_is_a_failure(
    shelf: Shelve, arxiv: LoopbackArxiv, no_gap: None, what: str
) -> None:
    """Of whatever size; it is kept, so that the same is not fetched for everybody who asks."""
    host = arxiv.host
    match what:
        case "garbage":
            host.serve(PATH, bytes(range(256)) * 40)
        case "html":
            host.serve(PATH, "<html><body><h1>Welcome to the portal</h1></body></html>", content_type="text/html")
        case "empty":
            host.serve(PATH, b"")
        case "large":
            host.endless(PATH)
        case "bomb":
            host.bomb(PATH, unpacked_bytes=100 * 2**20)
        case "cut":
            host.cut(PATH)
        case _:
            host.serve(PATH, '{"a": ' * 10_000, content_type="application/json")
    async with shelf(entry(1, TITLE)) as service:
        answer = await ask(service, LINK)
        assert isinstance(answer, NotReviewed)
        assert answer.asked is not None
        assert answer.asked.state is RecordState.FAILED
        requests = len(host.requests)
        await ask(service, LINK)
        assert len(host.requests) == requests == 1
        assert isinstance(await ask(service, "Kites: Flying in No Wind"), NotReviewed | DidYouMean)


async def test_one_bad_answer_does_not_take_others_with_it(shelf: Shelve, arxiv: LoopbackArxiv, no_gap: None) -> None:
    """A group that is refused is asked for in smaller parts."""
    good = [f"2401.{number:05d}" for number in range(20)]
    for number in good:
        arxiv.add(number, f"{TITLE} {number}")
    answered = arxiv._answer

    def answer(query: Any) -> str:
        return answered(query) if "2401.99999" not in query["id_list"] else "refused"

    arxiv.host.respond(PATH, answer, content_type="application/atom+xml")
    async with shelf(entry(1, TITLE)) as service:
        found = await service.look_up([f"arxiv:{number}" for number in ("2401.99999", *good)], wait_s=600)
    states = {key: asked.state for key, asked in found.items()}
    assert states.pop("arxiv:2401.99999") is RecordState.FAILED
    assert set(states.values()) == {RecordState.KNOWN}


async def test_a_redirect_to_a_private_address_is_refused(shelf: Shelve, arxiv: LoopbackArxiv) -> None:
    """The host named arXiv's address, not where it leads."""
    async with FeedHost() as inside:
        inside.serve("/secret", "the host's own", content_type="text/plain")
        arxiv.host.redirect(PATH, inside.url("/secret"), status=302)
        async with shelf(entry(1, TITLE)) as service:
            answer = await ask(service, LINK)
        assert inside.requests == []
    assert isinstance(answer, NotReviewed)
    assert answer.asked is not None
    assert answer.asked.state is RecordState.FAILED


async def test_switched_off_it_asks_nobody_and_answers_from_what_is_kept(shelf: Shelve, arxiv: LoopbackArxiv) -> None:
    arxiv.add(NUMBER, TITLE)
    async with shelf(entry(1, TITLE), NONMUN_RESOLVE_IDS=False) as service:
        assert isinstance(await ask(service, LINK), NotReviewed)
        assert arxiv.host.requests == []
    async with shelf(entry(1, TITLE)) as service:
        assert (await ask(service, LINK)).is_sure
    async with shelf(entry(1, TITLE), NONMUN_RESOLVE_IDS=False) as service:
        assert (await ask(service, LINK)).is_sure
    assert len(arxiv.asked) == 1


async def test_a_locked_file_does_not_keep_the_answer_back(
    shelf: Shelve, arxiv: LoopbackArxiv, tmp_path: Path
) -> None:
    arxiv.add(NUMBER, TITLE)
    async with shelf(entry(1, TITLE)) as service:
        await service.database._writer.execute("PRAGMA busy_timeout = 1")
        with closing(sqlite3.connect(tmp_path / "test.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            answer = await service.ask(Request(command=Command.PAPER, query=LINK), EVERYTHING)
            other.rollback()
    assert answer.is_sure


# ── other sources ───────────────────────────────────────────────────────────────────────────────

BIB = r"""@inproceedings{oh-reed-2023-low,
    title = "{L}ow Boats on High Seas: {R}owing with Long Oars in Heavy Weather",
    author = "Oh, Mina  and
      R{\'e}ed, Alex",
    editor = "Somebody, Else",
    booktitle = "Proceedings of the 2023 Conference on Rowing",
    month = dec,
    year = "2023",
    url = "https://aclanthology.org/2023.row-main.1/",
}
"""
NOTE = {"notes": [{"id": "LowBoats01", "cdate": 1695500000000, "content": {
    "title": {"value": TITLE}, "authors": {"value": ["Mina Oh"]}, "venue": {"value": "ICLR 2024"}}}]}  # fmt: skip
CSL = {"title": TITLE, "author": [{"given": "Mina", "family": "Oh"}, {"literal": "The Rowers"}],
       "issued": {"date-parts": [[2023, 7]]}, "container-title": "Journal of Rowing", "type": "article"}  # fmt: skip
META = f"""<html><head><meta name="citation_title" content="{TITLE}"><meta name="citation_author" content="Oh, Mina">
<meta name="citation_publication_date" content="2022/6/28">
<meta name="citation_conference_title" content="ICML"></head>"""


@pytest.mark.parametrize(
    ("link", "path", "body", "content_type", "expected"),
    [
        ("https://aclanthology.org/2023.row-main.1.pdf", "/2023.row-main.1.bib", BIB, "text/plain",
         ("acl:2023.row-main.1", ("Mina Oh", "Alex Réed"), 2023, "Proceedings of the 2023 Conference on Rowing")),
        ("https://aclanthology.org/P19-1001/", "/P19-1001.bib", BIB, "text/plain",
         ("acl:p19-1001", ("Mina Oh", "Alex Réed"), 2023, "Proceedings of the 2023 Conference on Rowing")),
        ("https://openreview.net/forum?id=LowBoats01", "/notes?id=LowBoats01", json.dumps(NOTE), "application/json",
         ("openreview:LowBoats01", ("Mina Oh",), 2024, "ICLR 2024")),
        ("https://doi.org/10.1000/Row.1", "/10.1000/row.1", json.dumps(CSL), "application/json",
         ("doi:10.1000/row.1", ("Mina Oh", "The Rowers"), 2023, "Journal of Rowing")),
        ("https://proceedings.mlr.press/v162/oh22a/oh22a.pdf", "/v162/oh22a.html", META, "text/html",
         ("pmlr:v162/oh22a", ("Mina Oh",), 2022, "ICML")),
    ],
)  # fmt: skip
async def test_other_sources_are_asked_in_their_own_way(
    shelf: Shelve, feed_host: FeedHost,
    link: str, path: str, body: str, content_type: str, expected: tuple[str, tuple[str, ...], int, str],
) -> None:  # fmt: skip
    feed_host.serve(path, body, content_type=content_type)
    origin = feed_host.url("")
    review = make_entry(1, title=TITLE, html="<h2>1. Method</h2><p>We row twice.</p>")
    addresses = Addresses(openreview=origin, acl=origin, pmlr=origin, doi=origin)
    async with shelf(review, addresses=addresses, NONMUN_PRIVATE_HOSTS="127.0.0.1") as service:
        assert isinstance(await ask(service, link), PaperFound)
        key, authors, year, venue = expected
        kept = await records.find_records(service.database.reader, [key])
        assert kept[key].record == PaperRecord(key=key, title=TITLE, authors=authors, year=year, venue=venue)
        await ask(service, link)
    (request,) = feed_host.requests
    assert ("csl+json" in request.headers["Accept"]) is link.startswith("https://doi.org")


@pytest.mark.parametrize("link", ["https://openreview.net/forum?id=LowBoats99", "10.1000/row.9", "2023.row-main.9"])
async def test_what_another_source_does_not_have_is_said(shelf: Shelve, feed_host: FeedHost, link: str) -> None:
    origin = feed_host.url("")
    addresses = Addresses(openreview=origin, acl=origin, doi=origin)
    async with shelf(entry(1, TITLE), addresses=addresses, NONMUN_PRIVATE_HOSTS="127.0.0.1") as service:
        answer = await ask(service, link)
    assert isinstance(answer, NotReviewed)
    assert answer.asked is not None
    assert answer.asked.state is RecordState.UNKNOWN


async def test_a_private_source_is_refused(shelf: Shelve, feed_host: FeedHost) -> None:
    """Only the address of arXiv's API is a setting that may be private."""
    async with shelf(entry(1, TITLE), addresses=Addresses(doi=feed_host.url(""))) as service:
        answer = await ask(service, "10.1000/row.1")
    assert feed_host.requests == []
    assert isinstance(answer, NotReviewed)
    assert answer.asked is not None
    assert answer.asked.state is RecordState.FAILED


# ── at the doors ────────────────────────────────────────────────────────────────────────────────


async def test_in_discord_a_slow_source_is_waited_for_while_others_are_answered(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, arxiv: LoopbackArxiv
) -> None:
    """Discord is told to wait; the answer is a card that names the paper and the review."""
    arxiv.add(NUMBER, TITLE, "Mina Oh")
    let_go = feed_host.hold(PATH)
    feed_host.serve("/feed.xml", make_rss([entry(1, TITLE)]))
    async with run(NONMUN_RESOLVE_IDS=True, NONMUN_ARXIV_API_URL=arxiv.url):
        await feed_host.wait_until_read("/feed.xml")
        await wait_for_commands(discord)
        asked = [asyncio.create_task(discord.command("paper", {"name": LINK})) for _ in range(10)]
        await eventually(lambda: len(feed_host.requests_for(f"{PATH}?id_list={NUMBER}&max_results=1")) == 1, "arXiv")
        assert "Low Boats" in title(await discord.command("paper", {"name": TITLE}))
        let_go.set()
        for answer in await asyncio.gather(*asked):
            assert f"{NUMBER} is “{TITLE}”, reviewed here." in said(answer)
    assert len(arxiv.asked) == 1


async def test_in_discord_the_wait_ends(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, arxiv: LoopbackArxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Service, "look_up", lambda self, keys: self.resolver.look_up(keys, wait_s=0.0))
    arxiv.add(NUMBER, TITLE, "Mina Oh")
    let_go = feed_host.hold(PATH)
    feed_host.serve("/feed.xml", make_rss([entry(1, TITLE)]))
    async with run(NONMUN_RESOLVE_IDS=True, NONMUN_ARXIV_API_URL=arxiv.url):
        await feed_host.wait_until_read("/feed.xml")
        await wait_for_commands(discord)
        answer = await discord.command("paper", {"name": LINK})
        assert f"I am looking up {NUMBER} at arXiv. Ask again in a moment." in said(answer)
        assert answer.is_ephemeral
        let_go.set()

        async def is_found() -> bool:
            return "reviewed here" in said(await discord.command("paper", {"name": LINK}))

        await eventually(is_found, "the review")
    assert len(arxiv.asked) == 1


async def test_the_terminal_looks_up_too(
    tmp_path: Path, arxiv: LoopbackArxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``nonmun paper``, ``batch`` from a pipe that stays open, and ``chat``."""
    arxiv.add(NUMBER, TITLE, "Mina Oh")
    feed = tmp_path / "feed.xml"
    feed.write_bytes(make_rss([entry(1, TITLE)]))
    monkeypatch.setenv("NONMUN_RESOLVE_IDS", "true")
    monkeypatch.setenv("NONMUN_ARXIV_API_URL", arxiv.url)
    options = ("--db", str(tmp_path / "test.db"), "--feed", str(feed))
    code, out = await nonmun("paper", *options, "--json", LINK)
    assert code == 0
    assert json.loads(out)["note"] == f"{NUMBER} is “{TITLE}”, reviewed here."
    line = json.dumps({"id": 1, "command": "paper", "query": LINK})
    code, out = await nonmun("batch", *options, given=f"{line}\n{line}")
    assert [json.loads(answer)["confident"] for answer in out.splitlines()] == [True, True]
    code, out = await nonmun("chat", *options, given=f"/paper {LINK}\n")
    assert f"{NUMBER} is “{TITLE}”, reviewed here." in " ".join(out.split())
    assert len(arxiv.asked) == 1


async def test_a_batch_answers_each_line_as_it_comes(tmp_path: Path) -> None:
    """Who writes a request and waits gets its answer before the next one is written."""
    feed = tmp_path / "feed.xml"
    feed.write_bytes(make_rss([entry(1, TITLE)]))
    process = await start("batch", "--db", str(tmp_path / "test.db"), "--feed", str(feed))
    assert process.stdin is not None
    assert process.stdout is not None
    for number in range(3):
        process.stdin.write(json.dumps({"id": number, "command": "paper", "query": TITLE}).encode() + b"\n")
        await process.stdin.drain()
        assert json.loads(await process.stdout.readline())["id"] == number
    process.stdin.close()
    assert await process.wait() == 0


async def start(*arguments: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
    )


async def nonmun(*arguments: str, given: str = "") -> tuple[int, str]:
    process = await start(*arguments)
    out, _ = await process.communicate(given.encode())
    return process.returncode or 0, out.decode()
