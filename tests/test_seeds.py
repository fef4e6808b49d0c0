"""The four real inputs together. Three are texts of pages: they are given the shape of their platforms' feeds."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from html import escape

import pytest
import pytest_asyncio

from bot.config import load_settings
from bot.models.answers import PaperFound, SearchFound, SectionFound
from bot.models.feeds import Entry
from bot.models.requests import EVERYTHING, Command, Request
from bot.service import Service, open_service
from tests.conftest import SEEDS, hide_settings
from tests.factories import make_entry, make_rss

pytestmark = pytest.mark.asyncio(loop_scope="module")

MARKERS = ("논문 소개", "논문 초록", "논문 링크", "더 읽어보기")
USUAL = re.compile(r"\s*(?:※ \w+|\d(?:\.\d)? [A-Z].{3,50}|\d\. [A-Z]\w{3,20})\s*")


def seed(number: int) -> list[str]:
    """The lines of a seed; the test is skipped where the seeds are not at hand."""
    found = sorted(SEEDS.glob(f"00{number}*.txt")) if SEEDS.is_dir() else []
    if not found:
        pytest.skip("the real feeds of ../shared/seeds are not here")
    return found[0].read_text("utf-8").splitlines()


def as_digest(lines: Sequence[str]) -> Entry:
    """A forum's digest: second headings for papers, third ones for their parts."""
    filled = [line.strip() for line in lines[1:] if line.strip()]
    parts = []
    for line, following in zip(filled, [*filled[1:], ""], strict=True):
        level = 3 if line in MARKERS else 2 if following == MARKERS[0] or line == "소개" else 0
        parts.append(f"<h{level}>{escape(line)}</h{level}>" if level else f"<p>{escape(line)}</p>")
    link = "https://forum.test/t/digest/1"
    return make_entry(1, guid="forum.test-topic-1", link=link, title=lines[0], html="\n".join(parts))


def as_tistory(lines: Sequence[str]) -> Entry:
    """A post of Tistory's: bold lines for headings, and the paper as a link preview."""
    start = next(at for at, line in enumerate(lines) if "논문 리뷰" in line)
    body = [line.strip() for line in lines[start + 2 :] if line.strip()]
    paper = next(line for line in body if line.startswith("[2212.10560]"))
    shown = (
        f'<figure data-ke-type="opengraph" data-og-title="{paper}" data-og-url="https://arxiv.org/abs/2212.10560">'
    )
    bold = (f"<p><b>{escape(line)}</b></p>" if USUAL.fullmatch(line) else f"<p>{escape(line)}</p>" for line in body)
    parts = (f"{shown}</figure>" if line == paper else drawn for line, drawn in zip(body, bold, strict=True))
    title = lines[start].replace("•", "").strip()
    return make_entry(1, guid="t", link="https://drawer.test/42", title=title, html="\n".join(parts))


def as_velog(lines: Sequence[str]) -> Entry:
    at, link = next((at, line) for at, line in enumerate(lines) if line.startswith("https://arxiv.org/"))
    text = "".join(f"<p>{escape(line)}</p>" for line in lines[at + 1 :] if line)
    html = f'<p><a href="{link}">{link}</a></p>{text}'
    return make_entry(1, guid="v", link="https://velog.test/@a/survey", title=lines[0], html=html)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(main_feed: bytes, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """A service that has read all four, once for all tests, which change nothing in it."""
    folder = tmp_path_factory.mktemp("seeds")
    documents = {
        "main": main_feed,
        "forum": make_rss([as_digest(seed(1))], title="Forum"),
        "drawer": make_rss([as_tistory(seed(2))], title="Drawer"),
        "velog": make_rss([as_velog(seed(3))], title="Velog"),
    }
    for name, document in documents.items():
        (folder / f"{name}.xml").write_bytes(document)
    feeds = ",".join(str(folder / f"{name}.xml") for name in documents)
    with pytest.MonkeyPatch.context() as patch:
        hide_settings(patch, folder)
        settings = load_settings(NONMUN_DATABASE=folder / "seeds.db", NONMUN_FEEDS=feeds)
    async with open_service(settings) as opened:
        assert [outcome.error for outcome in await opened.poller.poll_all()] == [None] * 4
        yield opened


async def paper(service: Service, asked: str) -> PaperFound:
    answer = await service.answering.answer(Request(command=Command.PAPER, query=asked), EVERYTHING)
    assert isinstance(answer, PaperFound), asked
    return answer


async def test_the_reviews_of_two_blogs_are_one_paper(service: Service) -> None:
    found = await paper(service, "self-instruct")
    hosts = {head.link.split("/")[2] for head in found.also} | {found.stored.review.link.split("/")[2]}
    assert hosts == {"yong1-kim.github.io", "drawer.test"}
    survey = await paper(service, "a survey of large language models")
    hosts = {head.link.split("/")[2] for head in survey.also} | {survey.stored.review.link.split("/")[2]}
    assert hosts == {"yong1-kim.github.io", "velog.test"}


async def test_a_wrong_link_joins_no_two_papers(service: Service) -> None:
    """MK-TOD's review has FLARE's links in its header."""
    for asked in ("mk-tod", "flare"):
        assert (await paper(service, asked)).also == ()


async def test_the_digest_is_its_ten_papers(service: Service) -> None:
    for asked in (
        "Ring Attention with Blockwise Transformers for Near-Infinite Context",
        "unisim",
        "memwalker",
        "fireact",
        "instructretro",
    ):
        found = await paper(service, asked)
        assert found.stored.review.guid.startswith("forum.test-topic-1#"), asked
    request = Request(command=Command.SECTION, query="unisim", heading="초록")
    assert isinstance(await service.answering.answer(request, EVERYTHING), SectionFound)
    stored = [
        one async for one in service.answering.export(EVERYTHING) if one.review.guid.startswith("forum.test-topic-1")
    ]
    digest, *papers = sorted(stored, key=lambda one: one.id)
    assert len(papers) == 10
    assert sum(len(section.blocks) for section in digest.review.sections if section.heading == "Papers") == 10


async def test_a_search_finds_all_four(service: Service) -> None:
    found = set()
    for query in ("self-instruct", "memwalker", "chincilla scaling law", "instag"):
        answer = await service.answering.answer(Request(command=Command.SEARCH, query=query), EVERYTHING)
        assert isinstance(answer, SearchFound)
        found |= {hit.head.link.split("/")[2] for hit in answer.hits[:3]}
    assert found == {"yong1-kim.github.io", "drawer.test", "forum.test", "velog.test"}
