"""Asking for papers, sections and texts: a real cache of invented reviews, read from feed files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.answering import name_cache, searcher
from bot.cards.answers import make_card
from bot.config import load_settings
from bot.errors import RequestError
from bot.models.answers import (
    Answer,
    DidYouMean,
    Help,
    Hit,
    NoSuchSection,
    NothingFound,
    NotReviewed,
    PaperFound,
    PapersListed,
    SearchFound,
    SectionFound,
)
from bot.models.feeds import Entry
from bot.models.index import FacetKind
from bot.models.requests import EVERYTHING, Command, Request
from bot.models.reviews import Mark
from bot.service import Service, open_service
from tests.conftest import hide_settings
from tests.factories import make_entry, make_rss

pytestmark = pytest.mark.asyncio(loop_scope="module")

FILLER = "한가한 날에 적은 말이며 아무것도 뜻하지 않는다. " * 50
"""Text that makes a review longer than a stub and says nothing."""


def make_post(
    title: str,
    *,
    day: str,
    abstract: str = "",
    body: str = "",
    links: Sequence[str] = (),
    authors: str = "",
    categories: tuple[str, ...] = (),
    address: str = "",
    is_stub: bool = False,
) -> Entry:
    """A review as a feed has it.

    Args:
        day: When it was published, such as "2024-03-15".
        links: The addresses in its header, the paper's first.
        address: Its own; made of the day where none is given.
    """
    labels = ["[pdf]", *["[github]"] * len(links)]
    linked = " ".join(f'<a href="{url}">{label}</a>' for url, label in zip(links, labels, strict=False))
    header = f"<p>{linked}</p>" if links else ""
    header += f"<p><strong>{authors}</strong></p>" if authors else ""
    notes = "" if is_stub else f"<h2>Notes</h2><p>{FILLER}</p>"
    return make_entry(
        title=title,
        link=address or f"https://harbour.example/{day}/",
        html=f"{header}<h2>Abstract</h2><p>{abstract}</p>{body}{notes}",
        published=datetime.fromisoformat(day).replace(tzinfo=UTC),
        categories=categories,
    )


class Harbour:
    """A service on some feeds, and short ways to ask it."""

    def __init__(self, service: Service, feeds: Sequence[Path]) -> None:
        self.service = service
        self.feeds = [str(feed) for feed in feeds]

    async def ask(self, command: Command, query: str, *, limit: int = 10, heading: str | None = None) -> Answer:
        request = Request(command=command, query=query, limit=limit, heading=heading)
        return await self.service.answering.answer(request, await self.service.audiences.terminal())

    async def search(self, query: str, *, limit: int = 10) -> Answer:
        return await self.ask(Command.SEARCH, query, limit=limit)

    async def paper(self, query: str) -> Answer:
        return await self.ask(Command.PAPER, query)

    async def section(self, query: str, *, heading: str | None = None) -> Answer:
        return await self.ask(Command.SECTION, query, heading=heading)


async def open_harbour(folder: Path, *feeds: Iterable[Entry]) -> AsyncIterator[Harbour]:
    """Write feeds to files, read them into a cache, and open it."""
    paths = [folder / f"feed{number}.xml" for number in range(1, len(feeds) + 1)]
    for path, entries in zip(paths, feeds, strict=True):
        path.write_bytes(make_rss(entries))
    with pytest.MonkeyPatch.context() as patch:
        hide_settings(patch, folder)
        made = load_settings(NONMUN_DATABASE=folder / "harbour.db", NONMUN_FEEDS=",".join(map(str, paths)))
    async with open_service(made) as service:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(name_cache, "PATIENCE_S", 600)  # the names are there, however busy the machine
            for outcome in await service.poller.poll_all():
                assert outcome.error is None
                assert not outcome.problems
            await service.answering.answer(Request(command=Command.HELP), EVERYTHING)
        yield Harbour(service, paths)


TIDEPOOL = make_post(
    "[ICLR 2024] TidePool: Counting Waves for Patient Readers",
    day="2024-03-15",
    address="https://harbour.example/2024/tidepool/",
    links=["https://arxiv.org/abs/2401.00001", "https://github.com/shore-lab/TidePool"],
    authors="Mina Oh<sup>1</sup>, Søren Østergård<sup>2</sup>",
    categories=("Ocean Models", "slow-reading"),
    abstract="TidePool 은 파도를 센다. A watermark stays on the sand; hallucination is rare. The tokenizer is plain.",
    body="<h2>2. Lantern method</h2><p>등대는 밤마다 켜진다.</p>"
    "<h3>2.1. Wick trimming</h3><p>The wick is cut short, and no gull sees it.</p>"
    "<h3>2.2. Oil</h3><p>Whale oil is not used.</p>"
    "<h2>3. Experiments</h2><p>A lantern and a quiet gull.</p>"
    "<h2>4. Conclusion</h2><p>여기서 마친다.</p>",
)
GULLWING = make_post(
    "[ICLR 2023] Gullwing: Birds that Fetch",
    day="2023-05-01",
    address="https://harbour.example/2023/gullwing.html",
    links=["https://aclanthology.org/2023.acl-long.7/"],
    authors="Alex Reed, Mina Oh",
    categories=("birds",),
    abstract="Gullwing 은 갈매기를 부린다. Retrieval of fish comes first, generation of maps much later. "
    'An <a href="https://arxiv.org/abs/2105.00009">older paper</a> on fish is cited.',
    body="<h2>3. Nets</h2><p>Mesh and knots.</p>",
)
FERRYBOAT = make_post(
    "[ACL 2024] Ferryboat: Crossing Twice",
    day="2024-08-20",
    address="https://harbour.example/2024/ferryboat/",
    links=["https://openreview.net/forum?id=FerRy_42x"],
    authors="Alex Oh, Mina Reed",
    categories=("Ocean Models",),
    abstract="Ferryboat 은 강을 두 번 건넌다. A lantern hangs at the bow. The tokenizor is a river bird. "
    "검색증강생성 으로 길을 찾는다. A limitation of rowing is not shown.",
)
PILOT = make_post(
    "Pilot boats of the old harbour",
    day="2022-01-10",
    address="https://pilots.example/notes/old-harbour-pilots/",
    links=["https://arxiv.org/abs/2201.00004", "https://github.com/shore-lab/Pilotage"],
    abstract="도선사의 배를 다룬다. Pilotage is old.",
)
COPIED = make_post(
    "A second look at buoys",
    day="2022-06-10",
    address="https://pilots.example/notes/buoys/",
    links=["https://arxiv.org/abs/2201.00004", "https://github.com/shore-lab/Semaphore"],
    abstract="부표를 다룬다. SeaBERT 를 쓴다. SeaBERT 는 빠르다.",
)
STUB = make_post("A line", day="2024-12-01", abstract="Lantern oil, lantern oil.", is_stub=True)
WATCHES = [
    make_post(f"The night watch ({part})", day=f"2021-01-0{part}", abstract=f"경비병 {part} 번.")
    for part in (3, 2, 1)
]
ELSEWHERE = make_post(
    "[NAACL 2025] Driftwood: Rafts",
    day="2025-02-02",
    address="https://elsewhere.example/driftwood",
    authors="",
    abstract="Driftwood 은 뗏목을 엮는다. Only here is a zither. A lantern floats.",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def harbour(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Harbour]:
    main = [STUB, FERRYBOAT, TIDEPOOL, GULLWING, COPIED, PILOT, *WATCHES]
    async for opened in open_harbour(tmp_path_factory.mktemp("harbour"), main, [ELSEWHERE]):
        yield opened


def first_words(titles: Iterable[str]) -> list[str]:
    """Titles, short enough to be compared."""
    return [title.replace(":", "").split()[0] for title in titles]


def hits(answer: Answer) -> list[str]:
    """The first words of what was found, in order."""
    assert isinstance(answer, SearchFound), answer
    return first_words(hit.head.clean_title for hit in answer.hits)


def best(answer: Answer) -> Hit:
    assert isinstance(answer, SearchFound), answer
    return answer.hits[0]


def paper(answer: Answer) -> str:
    """The first word of the one paper that was found."""
    assert isinstance(answer, PaperFound), answer
    return first_words([answer.stored.review.clean_title])[0]


# ── filters ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("venue:ICLR", "TidePool Gullwing"),
        ("venue:iclr2024", "TidePool"),
        ('venue:"ICLR 2024"', "TidePool"),
        ("year:2024", "Ferryboat TidePool"),
        ('tag:"ocean models"', "Ferryboat TidePool"),
        ("tag:slow-reading", "TidePool"),
        ("author:oh", "Ferryboat TidePool Gullwing"),
        ('author:"mina reed" after:2024', "Ferryboat"),
        ("author:ostergard", "TidePool"),
        ('author:"Søren Østergård"', "TidePool"),
        ("source:pilots.example", "A Pilot"),
        ("source:/2024/", "Ferryboat TidePool"),
        ("source:PILOTS", "A Pilot"),
        ("source:feed2.xml", "Driftwood"),
        ("before:2022-06-10 after:2022", "Pilot"),
        ("before:2022-06-11 after:2022", "A Pilot"),
        ("before:2023", "A Pilot The The The"),
        ("after:2024-08-20 before:2024-12", "Ferryboat"),
        ("after:2024-12", "Driftwood A"),
        ("venue:ICLR year:2023 author:reed tag:birds", "Gullwing"),
    ],
)
async def test_each_filter_alone_lists_what_meets_it_newest_first(
    harbour: Harbour, query: str, expected: str
) -> None:
    answer = await harbour.search(query)
    assert hits(answer) == expected.split()
    assert answer.is_sure


@pytest.mark.parametrize(
    "query",
    ["venue:ICL", "venue:ACL2023", "year:1999", "tag:ocean", "author:min", "source:nowhere", "before:2021-01-01",
     "after:2025-02-03", "venue:ICLR year:2022", "author:oh -파도 -갈매기 -강을"],
)  # fmt: skip
async def test_a_filter_that_nothing_meets_finds_nothing(harbour: Harbour, query: str) -> None:
    assert isinstance(await harbour.search(query), NothingFound)


async def test_a_filter_by_author_means_one_person(harbour: Harbour) -> None:
    """Mina Reed wrote one paper; that Mina Oh and Alex Reed wrote another is something else."""
    assert hits(await harbour.search('author:"mina reed"')) == ["Ferryboat"]
    assert hits(await harbour.search('author:"oh mina"')) == ["TidePool", "Gullwing"]


async def test_words_beside_filters_are_ranked_among_what_meets_them(harbour: Harbour) -> None:
    assert hits(await harbour.search("lantern venue:ACL2024")) == ["Ferryboat"]
    assert hits(await harbour.search("lantern year:2024 author:mina"))[0] == "TidePool"
    assert isinstance(await harbour.search("lantern source:pilots.example"), NothingFound)


async def test_a_filter_without_a_meaning_is_refused(harbour: Harbour) -> None:
    for query in ("year:soon", "before:2024-13", "venue:", "sort:oldest"):
        with pytest.raises(RequestError):
            await harbour.search(query)


# ── exclusions, phrases, order, scope ───────────────────────────────────────────────────────────


async def test_what_is_excluded_is_in_no_answer(harbour: Harbour) -> None:
    assert set(hits(await harbour.search("lantern"))) == {"A", "TidePool", "Ferryboat", "Driftwood"}
    assert set(hits(await harbour.search("lantern -oil"))) == {"Ferryboat", "Driftwood"}
    assert set(hits(await harbour.search('lantern -"hangs at the bow" -zither'))) == {"A", "TidePool"}
    assert isinstance(await harbour.search("lantern -lanterns"), NothingFound)
    assert hits(await harbour.search("year:2024 -gull")) == ["Ferryboat"]


async def test_a_word_of_a_title_is_found_by_its_sound_and_never_surely(harbour: Harbour) -> None:
    answer = await harbour.search("페리보트")
    assert (hits(answer)[0], answer.is_sure) == ("Ferryboat", False)
    assert isinstance(answer, SearchFound)
    assert answer.note == "“페리보트” was read as “ferryboat”."


async def test_a_term_is_excluded_in_every_language(harbour: Harbour) -> None:
    assert "Ferryboat" not in hits(await harbour.search("lantern -RAG"))
    assert "TidePool" not in hits(await harbour.search("lantern -환각"))


async def test_excluding_alone_finds_nothing(harbour: Harbour) -> None:
    assert isinstance(await harbour.search("-lantern"), NothingFound)


async def test_a_phrase_stands_as_it_is_written(harbour: Harbour) -> None:
    assert hits(await harbour.search('"the wick is cut"')) == ["TidePool"]
    assert isinstance(await harbour.search('"cut the wick"'), NothingFound)
    assert hits(await harbour.search('"두 번 건넌다"')) == ["Ferryboat"]


async def test_the_newest_come_first_where_that_is_asked(harbour: Harbour) -> None:
    assert hits(await harbour.search("lantern sort:new")) == ["Driftwood", "A", "Ferryboat", "TidePool"]
    assert hits(await harbour.search("lantern sort:new -oil")) == ["Driftwood", "Ferryboat"]
    assert hits(await harbour.search("sort:new", limit=2)) == ["Driftwood", "A"]
    assert hits(await harbour.search("sort:new venue:ICLR")) == ["TidePool", "Gullwing"]


async def test_the_newest_first_leaves_out_what_carries_little_of_the_query(harbour: Harbour) -> None:
    """Driftwood is the newest with a lantern, and says nothing of wicks."""
    assert hits(await harbour.search('"wick is cut" gull sort:new lantern'))[0] == "TidePool"


async def test_no_more_than_asked_for(harbour: Harbour) -> None:
    everything = hits(await harbour.search("lantern"))
    assert hits(await harbour.search("lantern", limit=2)) == everything[:2]


async def test_a_scope_leaves_other_feeds_out_of_every_answer(harbour: Harbour) -> None:
    """Searches, look-ups, lists and counts are of one feed alone."""
    async with open_service(harbour.service.settings, scope=(harbour.feeds[1],)) as scoped:
        there = Harbour(scoped, [])
        assert hits(await there.search("lantern")) == ["Driftwood"]
        assert hits(await there.search("after:2000")) == ["Driftwood"]
        assert isinstance(await there.search("wick"), NothingFound)
        assert isinstance(await there.paper("tidepool"), NotReviewed)
        assert isinstance(await there.paper("2401.00001"), NotReviewed)
        assert isinstance(await there.paper("mina oh"), NotReviewed)
        assert isinstance(await there.paper("ICLR"), NotReviewed)
        assert paper(await there.paper("driftwood")) == "Driftwood"
        shown = await there.ask(Command.HELP, "")
        assert isinstance(shown, Help)
        assert shown.reviews == 1


# ── what comes first, and how sure it is ────────────────────────────────────────────────────────


async def test_a_title_outdoes_many_mentions(harbour: Harbour) -> None:
    assert hits(await harbour.search("pilot"))[0] == "Pilot"
    assert hits(await harbour.search("ferryboat crossing"))[0] == "Ferryboat"


@pytest.mark.parametrize("query", ["RAG", "검색 증강 생성", "retrieval augmented generation"])
async def test_a_term_is_found_in_the_other_language_and_before_its_words_apart(harbour: Harbour, query: str) -> None:
    answer = await harbour.search(query)
    assert hits(answer) == ["Ferryboat", "Gullwing"]
    assert answer.is_sure


async def test_a_small_part_of_what_was_asked_is_not_sure(harbour: Harbour) -> None:
    assert (await harbour.search("lantern gull wick")).is_sure
    answer = await harbour.search("lantern submarine periscope")
    assert isinstance(answer, SearchFound)
    assert not answer.is_sure


@pytest.mark.parametrize("query", ["submarine", "the", "강아지 사료", "?!", '""', "- -"])
async def test_what_nobody_says_is_not_found(harbour: Harbour, query: str) -> None:
    answer = await harbour.search(query)
    assert isinstance(answer, NothingFound)
    assert answer.reviews == 10


async def test_a_stub_stands_behind_a_review(harbour: Harbour) -> None:
    assert hits(await harbour.search("lantern"))[-1] == "A"


# ── passages ────────────────────────────────────────────────────────────────────────────────────


async def test_a_hit_has_the_passage_its_section_and_the_headings_above(harbour: Harbour) -> None:
    hit = best(await harbour.search("wick gull"))
    assert hit.headings == ("2. Lantern method", "2.1. Wick trimming")
    assert hit.passage
    assert [span.text for span in hit.passage.spans if Mark.MATCH in span.marks] == ["wick", "gull"]
    assert "".join(span.text for span in hit.passage.spans) == "The wick is cut short, and no gull sees it."
    request = Request(command=Command.SECTION, review_id=hit.head.id, position=hit.section)
    answer = await harbour.service.answering.answer(request, EVERYTHING)
    assert isinstance(answer, SectionFound)
    assert answer.sections[0].heading == "2.1. Wick trimming"


async def test_a_hit_in_a_heading_shows_what_stands_below(harbour: Harbour) -> None:
    hit = best(await harbour.search("trimming"))
    assert hit.headings[-1] == "2.1. Wick trimming"
    assert hit.passage
    assert hit.passage.text.startswith("The wick")


async def test_a_hit_in_the_title_alone_has_no_passage(harbour: Harbour) -> None:
    hit = best(await harbour.search("crossing"))
    assert (hit.head.short_name, hit.passage, hit.section) == ("Ferryboat", None, None)


# ── words with a slip ───────────────────────────────────────────────────────────────────────────


async def test_a_misspelt_word_is_read_as_the_near_one_and_that_is_told(harbour: Harbour) -> None:
    answer = await harbour.search("hallucinatoin")
    assert hits(answer) == ["TidePool"]
    assert isinstance(answer, SearchFound)
    assert answer.is_sure
    assert answer.note
    assert "hallucinatoin" in answer.note
    assert "hallucination" in answer.note


async def test_a_word_with_two_slips_is_a_guess(harbour: Harbour) -> None:
    answer = await harbour.search("halucinatoin")
    assert hits(answer) == ["TidePool"]
    assert not answer.is_sure


async def test_a_word_that_a_review_has_is_never_read_as_another(harbour: Harbour) -> None:
    """Not even where the filters leave that review out: there is such a word."""
    answer = await harbour.search("tokenizor")
    assert hits(answer) == ["Ferryboat"]
    assert isinstance(answer, SearchFound)
    assert answer.note is None
    assert isinstance(await harbour.search("tokenizor venue:ICLR"), NothingFound)


async def test_a_word_beside_a_misspelt_one_still_counts(harbour: Harbour) -> None:
    answer = await harbour.search("lantern hallucinatoin")
    assert hits(answer)[0] == "TidePool"
    assert answer.is_sure


# ── papers by identifier and address ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (query, expected)
        for expected, queries in {
            "TidePool": "2401.00001 arXiv:2401.00001 arxiv:2401.00001v3 https://arxiv.org/abs/2401.00001"
            " http://arxiv.org/pdf/2401.00001v2 arxiv.org/pdf/2401.00001.pdf https://doi.org/10.48550/arXiv.2401.00001"
            " 10.48550/arXiv.2401.00001 https://huggingface.co/papers/2401.00001",
            "Gullwing": "2023.acl-long.7 2023.ACL-long.7 https://aclanthology.org/2023.acl-long.7/"
            " aclanthology.org/2023.acl-long.7.pdf https://doi.org/10.18653/v1/2023.acl-long.7",
            "Ferryboat": "https://openreview.net/forum?id=FerRy_42x openreview.net/pdf?id=FerRy_42x",
        }.items()
        for query in queries.split()
    ],
)
async def test_an_identifier_in_any_form_is_its_paper(harbour: Harbour, query: str, expected: str) -> None:
    assert paper(await harbour.paper(query)) == expected


@pytest.mark.parametrize(
    "query",
    ["2401.00002", "https://arxiv.org/abs/1706.03762", "2023.acl-long.8", "https://openreview.net/forum?id=ferry_42X",
     "https://nowhere.example/zeppelin", "10.1000/182", "http://[", "https://[tidepool]/x", "www.[::1/x"],
)  # fmt: skip
async def test_an_unknown_identifier_or_address_is_answered_with_nothing_else(harbour: Harbour, query: str) -> None:
    assert isinstance(await harbour.paper(query), NotReviewed)


@pytest.mark.parametrize("command", [Command.SECTION, Command.RELATED])
async def test_an_address_that_is_broken_breaks_nothing(harbour: Harbour, command: Command) -> None:
    answer = await harbour.ask(command, "gannet http://[")
    assert not answer.is_sure


async def test_an_identifier_that_is_only_cited_is_a_mention(harbour: Harbour) -> None:
    """Gullwing cites it; no review is about it."""
    for command in (Command.PAPER, Command.SECTION, Command.RELATED):
        answer = await harbour.ask(command, "2105.00009" + (" nets" if command is Command.SECTION else ""))
        assert isinstance(answer, DidYouMean)
        assert answer.is_mention
        assert first_words(head.clean_title for head in answer.near) == ["Gullwing"]


async def test_of_two_with_one_identifier_the_copied_header_is_no_answer(harbour: Harbour) -> None:
    """The newer one links a repository that its text never names: it has its neighbour's header."""
    answer = await harbour.paper("2201.00004")
    assert paper(answer) == "Pilot"
    assert isinstance(answer, PaperFound)
    assert answer.others == ()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("https://harbour.example/2024/tidepool/", "TidePool"),
        ("http://www.harbour.example/2024/tidepool#abstract", "TidePool"),
        ("harbour.example/2024/tidepool", "TidePool"),
        ("www.harbour.example/2024/tidepool", "TidePool"),
        ("Harbour.Example/2024/TidePool/", "TidePool"),
        ("WWW.HARBOUR.EXAMPLE/2024/TIDEPOOL", "TidePool"),
        ("harbour.example/2023/gullwing.html", "Gullwing"),
        ("https://github.com/shore-lab/TidePool", "TidePool"),
        ("github.com/shore-lab/tidepool/", "TidePool"),
        ("https://github.com/shore-lab/TidePool/tree/main/src", "TidePool"),
    ],
)
async def test_an_address_with_and_without_its_scheme_is_its_review(
    harbour: Harbour, query: str, expected: str
) -> None:
    assert paper(await harbour.paper(query)) == expected


# ── papers by author, venue, category, mention ──────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "kind", "expected"),
    [
        ("ICLR", FacetKind.VENUE, "TidePool Gullwing"),
        ("ocean models", FacetKind.TAG, "Ferryboat TidePool"),
        ("mina oh", FacetKind.AUTHOR, "TidePool Gullwing"),
        ("Oh", FacetKind.AUTHOR, "Ferryboat TidePool Gullwing"),
    ],
)
async def test_an_author_venue_or_category_lists_its_reviews_newest_first(
    harbour: Harbour, query: str, kind: FacetKind, expected: str
) -> None:
    answer = await harbour.paper(query)
    assert isinstance(answer, PapersListed)
    assert answer.kind is kind
    assert first_words(head.clean_title for head in answer.heads) == expected.split()
    assert answer.total == len(expected.split())


@pytest.mark.parametrize(
    ("query", "expected"),
    [("ICLR 2024", "TidePool"), ("acl", "Ferryboat"), ("birds", "Gullwing"), ("mina reed", "Ferryboat"),
     ("Søren Østergård", "TidePool"), ("ostergard", "TidePool")],
)  # fmt: skip
async def test_an_author_venue_or_category_of_one_review_is_that_review(
    harbour: Harbour, query: str, expected: str
) -> None:
    assert paper(await harbour.paper(query)) == expected


async def test_the_parts_of_one_post_come_together_newest_first(harbour: Harbour) -> None:
    """Asked for by what their titles share; one of them by its whole title."""
    answer = await harbour.paper("the night watch")
    assert isinstance(answer, PapersListed)
    assert (answer.kind, answer.named, answer.total) == (None, ("The night watch",), 3)
    assert [head.clean_title[-2] for head in answer.heads] == ["3", "2", "1"]
    second = await harbour.paper("the night watch 2")
    assert isinstance(second, PaperFound)
    assert second.stored.review.clean_title == "The night watch (2)"


async def test_papers_that_a_bare_number_tells_apart_are_offered_and_no_series(fleet: Harbour) -> None:
    """Mizzen 2 and Mizzen 3 are two papers: neither is the answer to Mizzen, and both together are none."""
    answer = await fleet.paper("mizzen")
    assert isinstance(answer, DidYouMean)
    assert {head.clean_title for head in answer.near} == {"Mizzen 2", "Mizzen 3"}


async def test_words_that_end_in_letters_of_roman_numbers_are_no_series(fleet: Harbour) -> None:
    """ "Remix" is not part IX of "Rem"."""
    answer = await fleet.paper("rem")
    assert isinstance(answer, DidYouMean)
    assert {head.clean_title for head in answer.near} == {"Remix", "Remi"}


async def test_a_long_series_is_counted_whole(fleet: Harbour) -> None:
    """Fifty-seven entries are not ten, however many are shown."""
    answer = await fleet.paper("entry")
    assert isinstance(answer, PapersListed)
    assert answer.total == 57


async def test_a_long_series_is_shown_a_page_at_a_time(fleet: Harbour) -> None:
    card = make_card(await fleet.paper("entry"))
    assert len(card.parts) == 10
    assert card.following == Request(command=Command.PAPER, query="entry", offset=10)


async def test_a_name_that_texts_only_mention_is_a_mention(harbour: Harbour) -> None:
    for query in ("SeaBERT", "zither", "whale oil"):
        answer = await harbour.paper(query)
        assert isinstance(answer, DidYouMean), query
        assert answer.is_mention
        assert len(answer.near) == 1


async def test_a_long_query_is_no_mention_of_its_first_word(harbour: Harbour) -> None:
    """Only all of it, side by side, would be."""
    answer = await harbour.paper("zither " + "velvet curtain " * 30)
    assert isinstance(answer, NotReviewed)


async def test_a_slip_in_a_name_is_told(harbour: Harbour) -> None:
    answer = await harbour.paper("tidepol")
    assert paper(answer) == "TidePool"
    assert isinstance(answer, PaperFound)
    assert answer.note
    assert "TidePool" in answer.note
    clean = await harbour.paper("tide pool")
    assert isinstance(clean, PaperFound)
    assert clean.note is None


async def test_what_is_not_here_is_said_with_how_many_are(harbour: Harbour) -> None:
    answer = await harbour.paper("mandolin")
    assert isinstance(answer, NotReviewed)
    assert answer.reviews == 10


# ── sections ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "heading"),
    [
        ("tidepool 2", "2. Lantern method"),
        ("tidepool 2장", "2. Lantern method"),
        ("tidepool 2.1", "2.1. Wick trimming"),
        ("tidepool 2.1절", "2.1. Wick trimming"),
        ("tidepool 2.1 절", "2.1. Wick trimming"),
        ("tidepool §2.2", "2.2. Oil"),
        ("tidepool section 2.2", "2.2. Oil"),
        ("2.2 tidepool", "2.2. Oil"),
        ("tidepool wick", "2.1. Wick trimming"),
        ("tidepool 2.1 wick trimming", "2.1. Wick trimming"),
        ("tidepool 2. lantern", "2. Lantern method"),
        ("tidepool 초록", "Abstract"),
        ("tidepool 결론", "4. Conclusion"),
        ("tidepool 실험", "3. Experiments"),
        ("결론 tidepool", "4. Conclusion"),
        ("2401.00001 conclusion", "4. Conclusion"),
        ("harbour.example/2024/tidepool 3", "3. Experiments"),
        ("tidepol 3", "3. Experiments"),
    ],
)
async def test_a_paper_and_a_section_in_one_string(harbour: Harbour, query: str, heading: str) -> None:
    answer = await harbour.section(query)
    assert isinstance(answer, SectionFound), answer
    assert answer.sections[0].heading == heading


async def test_a_section_comes_with_what_stands_below_it(harbour: Harbour) -> None:
    answer = await harbour.section("tidepool 2")
    assert isinstance(answer, SectionFound)
    assert [section.number for section in answer.sections] == ["2", "2.1", "2.2"]


@pytest.mark.parametrize(
    "heading", ["5", "2.3", "9장", "2.1 oil", "3. wick", "2 trimming", "limitations", "한계점", "관련 연구"]
)
async def test_a_section_that_is_not_there_is_not_another(harbour: Harbour, heading: str) -> None:
    """A number before words must be the section's own; a usual part that is missing is missing."""
    answer = await harbour.section("tidepool", heading=heading)
    assert isinstance(answer, NoSuchSection)
    assert answer.asked == heading
    assert answer.mentioned == ()


async def test_sections_that_speak_of_it_are_named_where_no_heading_does(harbour: Harbour) -> None:
    answer = await harbour.section("tidepool", heading="gull")
    assert isinstance(answer, NoSuchSection)
    headings = [answer.stored.review.sections[position].heading for position in answer.mentioned]
    assert headings == ["2.1. Wick trimming", "3. Experiments"]
    both = await harbour.section("tidepool", heading="quiet gull")
    assert isinstance(both, NoSuchSection)
    assert len(both.mentioned) == 1


async def test_a_usual_part_is_not_looked_for_in_the_text_of_others(harbour: Harbour) -> None:
    """The word "limitation" stands in its abstract; that is no section of limitations, nor a hint at one."""
    for heading in ("limitation", "한계", "limitations"):
        missing = await harbour.section("ferryboat", heading=heading)
        assert isinstance(missing, NoSuchSection)
        assert missing.mentioned == ()


async def test_a_paper_without_a_section_gives_its_contents(harbour: Harbour) -> None:
    answer = await harbour.section("tidepool")
    assert isinstance(answer, NoSuchSection)
    assert answer.asked == ""


# ── words of very many reviews ──────────────────────────────────────────────────────────────────


def make_fleet() -> list[Entry]:
    """Sixty reviews that all speak of boats and most of sails; a few have them where it counts. Two others.

    The newest stand first, as in a feed, and come first into the cache.
    """
    posts = []
    for number in range(60, 0, -1):
        title = {3: "Boat building", 20: "The keel", 41: "Sail making"}.get(number, f"Entry ({number})")
        spoken = (
            "The boat is mended. " + ("A sail is set. " if number % 5 else "") + ("A keel. " if number == 50 else "")
        )
        posts.append(
            make_post(
                title,
                day=f"2023-{1 + number // 28:02d}-{1 + number % 28:02d}",
                abstract="Boat and sail and rope, all three." if number == 9 else f"Number {number} of many.",
                body=f"<h2>Log</h2><p>{spoken}</p>",
            )
        )
    posts += [
        make_post(title, day=f"2022-01-0{n}", abstract="여기에는 없다.")
        for n, title in enumerate(("Remi", "Remix", "Mizzen 2", "Mizzen 3"), 1)
    ]
    return posts


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fleet(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Harbour]:
    async for opened in open_harbour(tmp_path_factory.mktemp("fleet"), make_fleet()):
        yield opened


@pytest.mark.parametrize(
    "query", ["boat", "sail", "boats sail rope", "boat keel", '"boat and sail"', "sail making boat"]
)
async def test_a_word_of_very_many_reviews_finds_what_scoring_all_of_them_would(
    fleet: Harbour, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    """The review that has it in its title comes first, however old it is, although few are looked at."""
    wholly = await fleet.search(query)
    monkeypatch.setattr(searcher, "SMALL", 8)
    monkeypatch.setattr(searcher, "SCORED_WHOLLY", 8)
    monkeypatch.setattr(searcher, "CANDIDATES", 3)
    partly = await fleet.search(query)
    assert hits(partly)[0] == hits(wholly)[0]
    assert best(partly).head.id == best(wholly).head.id
    assert partly.is_sure == wholly.is_sure


async def test_a_word_of_very_many_reviews_is_still_narrowed(fleet: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searcher, "SMALL", 8)
    monkeypatch.setattr(searcher, "SCORED_WHOLLY", 8)
    monkeypatch.setattr(searcher, "CANDIDATES", 3)
    assert "Boat" not in hits(await fleet.search("boat -building"))
    assert hits(await fleet.search("boat before:2023-01-05")) == ["Boat", "Entry", "Entry"]
    answer = await fleet.search("boat sort:new after:2023-03-01")
    assert isinstance(answer, SearchFound)
    days = [hit.head.date for hit in answer.hits]
    assert days == sorted(days, reverse=True)
    assert min(days) >= datetime(2023, 3, 1, tzinfo=UTC)


async def test_a_rare_word_beside_a_common_one_decides(fleet: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searcher, "SMALL", 8)
    monkeypatch.setattr(searcher, "SCORED_WHOLLY", 8)
    monkeypatch.setattr(searcher, "CANDIDATES", 3)
    answer = await fleet.search("boat keel", limit=3)
    assert isinstance(answer, SearchFound)
    assert {hit.head.clean_title for hit in answer.hits[:2]} == {"The keel", "Entry (50)"}


# ── completion ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "typed", "expected"),
    [
        (FacetKind.VENUE, "", ["ICLR", "ACL"]),
        (FacetKind.VENUE, "iclr 20", ["ICLR 2023", "ICLR 2024"]),
        (FacetKind.TAG, "ocean", ["Ocean Models"]),
        (FacetKind.AUTHOR, "mina", ["Mina Oh", "Mina Reed"]),
        (FacetKind.AUTHOR, "østerg", ["Søren Østergård"]),
        (FacetKind.AUTHOR, "Mina O", ["Mina Oh"]),
        (FacetKind.AUTHOR, "zebra", []),
    ],
)
async def test_a_filter_half_typed_is_completed_most_used_first(
    harbour: Harbour, kind: FacetKind, typed: str, expected: list[str]
) -> None:
    found = [facet.text for facet in await harbour.service.answering.suggest_facets(kind, typed, EVERYTHING)]
    assert found[: len(expected)] == expected
    assert bool(found) is bool(expected)


async def test_a_particle_behind_marks_alone_is_a_search_as_any_other(harbour: Harbour) -> None:
    """Less its particle nothing is left of it."""
    answer = await harbour.search("!!은")
    assert isinstance(answer, SearchFound | NothingFound)


# ── any input ───────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60) | st.text(alphabet='tidepool lantern2.1절"-:()*[]/.', max_size=60))
@example("http://[")
@example("!!은")
@example('author:"가 나"')
@example(" ".join(f"-{chr(0xAC00 + n)}" for n in range(600)))
@example('author:"' + " ".join(chr(0x4E00 + n) for n in range(980)) + '"')
@example(" ".join(f"year:{1000 + n}" for n in range(190)) + " lantern")
@example("x " * 999)
@example('"' * 1_999)
@example("🙂" * 2_000)
async def test_any_request_is_answered_or_refused_in_words(harbour: Harbour, query: str) -> None:
    for command in (Command.PAPER, Command.SECTION, Command.SEARCH, Command.RELATED):
        try:
            answer = await harbour.ask(command, query)
        except RequestError:
            continue
        assert isinstance(answer.is_sure, bool)
