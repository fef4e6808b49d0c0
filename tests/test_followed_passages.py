"""Quoted passages are followed whatever changes the text of their review: the real database, channels in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.config import Settings
from bot.delivering.talks import Outcome, Place, Wanted
from bot.models.talks import Talk
from bot.service import Service, open_service
from bot.store import feeds, passages, reviews
from bot.store.passages import StoredPassage
from tests.conftest import Clock
from tests.factories import make_entry, make_rss
from tests.loopback.feed_host import FeedHost
from tests.posting import MemoryPoster

GUILD, MEMBER, CHANNEL = 7, 8, 11
DIGEST = Path(__file__).parent / "data" / "feeds" / "discourse-latest.xml"
FIRST, SECOND = "The crew rowed around the island at dawn.", "Nobody counted the gulls on the northern cliff."
AFTER = "The lighthouse keeper wrote every crossing down."


@pytest.fixture
def poster(clock: Clock) -> MemoryPoster:
    return MemoryPoster(clock)


@pytest.fixture
def made(settings: Callable[..., Settings]) -> Callable[[str], Settings]:
    return lambda url: settings(NONMUN_FEEDS=url, NONMUN_PRIVATE_HOSTS="127.0.0.1")


async def quote(service: Service, poster: MemoryPoster, review_id: int, words: str) -> Outcome:
    """Quote the block with these words into the talk about a review, which is opened if there is none."""
    (stored,) = await reviews.find_reviews(service.database.reader, [review_id])
    position, block = next(
        (position, number)
        for position, section in enumerate(stored.review.sections)
        for number, one in enumerate(section.blocks)
        if words in one.text
    )
    made = await service.talks.make_quote(stored, position, block)
    assert made is not None
    talk = await talk_about(service, poster, review_id)
    return await service.talks.put_quote(poster, talk, made)


async def talk_about(service: Service, poster: MemoryPoster, review_id: int) -> Talk:
    place = Place(channel_id=CHANNEL)
    wanted = Wanted(guild_id=GUILD, review_id=review_id, opener_id=review_id, place=place, is_forum=False)
    talk = (await service.talks.open(poster, wanted)).talk
    assert talk is not None
    return talk


async def told(service: Service, poster: MemoryPoster, review_id: int) -> list[str]:
    """The lines in the talk about a review."""
    await service.courier.deliver(poster)
    (talk,) = await service.talks.known(GUILD, review_id)
    assert talk.thread_id is not None
    return poster.texts(talk.thread_id)


async def kept(service: Service, review_id: int) -> StoredPassage:
    (passage,) = await passages.passages_of(service.database.reader, review_id, limit=9)
    return passage


async def id_of(service: Service, title: str) -> int:
    query = "SELECT id FROM reviews WHERE title LIKE ?"
    async with service.database.reader.execute(query, (f"%{title}%",)) as cursor:
        rows = await cursor.fetchall()
    return int(rows[0]["id"])


async def poll(service: Service) -> None:
    for outcome in await service.poller.poll_all(is_forced=True):
        assert outcome.error is None


def whole_page(*told: str) -> str:
    more = "".join(f"<p>Log {number}: {AFTER} Then it was noon, and the tide turned.</p>" for number in range(12))
    body = "".join(f"<p>{one}</p>" for one in told)
    return f"<html><head><title>Otter</title></head><body><article><h1>Otter</h1>{body}{more}</article></body></html>"


@pytest.mark.parametrize("is_there", [True, False])
async def test_the_page_of_a_cut_post(
    made: Callable[[str], Settings], feed_host: FeedHost, clock: Clock, poster: MemoryPoster, is_there: bool
) -> None:
    """The page has the quoted words elsewhere, or not at all: what was quoted is not the feed's to keep."""
    page = whole_page("Before everything else.", FIRST if is_there else "Something else.", SECOND)
    link = feed_host.serve("/otter", page, content_type="text/html")
    cut = make_entry(1, link=link, title="Otter: A Paper", html=f"<p>{FIRST}</p><p>{SECOND} […]</p>")
    url = feed_host.serve("/a.xml", make_rss([cut]))
    async with open_service(made(url), clock=clock) as service:
        await poll(service)
        assert (await quote(service, poster, 1, FIRST)).is_new
        before = await kept(service, 1)
        step = await service.backfill.step(url)
        assert step is not None
        assert step.error is None
        (stored,) = await reviews.find_reviews(service.database.reader, [1])
        assert AFTER in stored.review.sections[-1].text
        passage = await kept(service, 1)
        assert passage.is_orphaned is not is_there
        lines = await told(service, poster, 1)
        if is_there:
            assert passage.passage.block != before.passage.block
            assert lines == []
            assert not (await quote(service, poster, 1, FIRST)).is_new
        else:
            (line,) = lines
            assert "no longer in the review" in line


async def test_a_revision_that_is_taken_back(
    made: Callable[[str], Settings], feed_host: FeedHost, clock: Clock, poster: MemoryPoster
) -> None:
    """The same bytes as before: the passage that was gone is there again."""
    first = make_entry(1, html=f"<h2>Log</h2><p>{FIRST}</p><p>{AFTER}</p>")
    url = feed_host.serve("/a.xml", make_rss([first]))
    async with open_service(made(url), clock=clock) as service:
        await poll(service)
        await quote(service, poster, 1, FIRST)
        feed_host.update("/a.xml", make_rss([make_entry(1, html=f"<h2>Log</h2><p>{AFTER}</p><p>{SECOND}</p>")]))
        await poll(service)
        assert (await kept(service, 1)).is_orphaned
        feed_host.update("/a.xml", make_rss([first]))
        await poll(service)
        assert not (await kept(service, 1)).is_orphaned
        assert not (await quote(service, poster, 1, FIRST)).is_new
        assert len(await told(service, poster, 1)) == 1


async def test_a_paper_of_a_digest(
    made: Callable[[str], Settings], feed_host: FeedHost, clock: Clock, poster: MemoryPoster
) -> None:
    """Its talk is told what has changed in it; the other paper's is not."""
    digest = DIGEST.read_text("utf-8")
    url = feed_host.serve("/a.xml", digest.encode())
    async with open_service(made(url), clock=clock) as service:
        await poll(service)
        rings, sea = await id_of(service, "Rings within"), await id_of(service, "Simulate a Sea")
        await quote(service, poster, rings, "고리 모양")
        await quote(service, poster, sea, "파도를 생성")
        changed = digest.replace("문맥을 고리 모양으로 나눕니다.", "문맥을 고리 모양으로 세 번 나눕니다.")
        feed_host.update("/a.xml", changed.encode())
        clock.advance(hours=1)
        await poll(service)
        (line,) = await told(service, poster, rings)
        assert "세 번" in line
        assert await told(service, poster, sea) == []
        assert not (await quote(service, poster, rings, "고리 모양")).is_new


async def test_papers_of_a_digest_that_was_deleted_and_read_again(
    made: Callable[[str], Settings], feed_host: FeedHost, clock: Clock, poster: MemoryPoster
) -> None:
    """Each has its own talk again, and its text is compared with what was quoted."""
    digest = DIGEST.read_text("utf-8")
    url = feed_host.serve("/a.xml", digest.encode())
    async with open_service(made(url), clock=clock) as service:
        await poll(service)
        titles = ("Rings within", "Simulate a Sea")
        before = [await id_of(service, title) for title in titles]
        for review_id, words in zip(before, ("고리 모양", "파도를 생성"), strict=True):
            await quote(service, poster, review_id, words)
        talks = [(await service.talks.known(GUILD, review_id))[0].id for review_id in before]
        async with service.database.transaction() as db:
            feed = await feeds.ensure_feed(db, url)
            while await reviews.delete_some(db, feed.id, limit=9):
                pass
        feed_host.update("/a.xml", digest.replace("파도를 생성합니다.", "파도와 바람을 생성합니다.").encode())
        await poll(service)
        after = [await id_of(service, title) for title in titles]
        assert [(await service.talks.known(GUILD, review_id))[0].id for review_id in after] == talks
        assert await told(service, poster, after[0]) == []
        (line,) = await told(service, poster, after[1])
        assert "바람" in line
        assert not (await quote(service, poster, after[1], "바람을 생성")).is_new
