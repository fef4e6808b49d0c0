"""What a feed's next document brings that is news, and what was there before: whole polls, one after the other."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.announcing.news import BEHIND, OLDER, Listed, come_into_view
from bot.config import Settings
from bot.models.announcing import Stage
from bot.models.feeds import Entry
from bot.service import Service, open_service
from tests.conftest import Clock
from tests.factories import make_entry, make_rss
from tests.loopback.feed_host import FeedHost

GUILD = 7
DAY = datetime(2025, 6, 1, 9, tzinfo=UTC)
LINES = "".join(
    f"<p>Line {n} of the WHICH log: the tide turned, and the keeper wrote down number {n}.</p>" for n in range(4)
)


def post(number: int, *, title: str | None = None, published: datetime | None = DAY, text: str = "") -> Entry:
    """A post of a blog that writes each week; the higher the number, the newer."""
    return make_entry(
        number,
        title=f"Keeper's note {number} on the lights" if title is None else title,
        html=text or LINES.replace("WHICH", f"{number}th"),
        published=published and published + timedelta(days=7 * number),
    )


def undated(number: int) -> Entry:
    return post(number, published=None)


@pytest.fixture
async def service(feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock) -> AsyncIterator[Service]:
    async with open_service(settings(NONMUN_PRIVATE_HOSTS="127.0.0.1"), clock=clock) as opened:
        yield opened


async def announced(service: Service, host: FeedHost, *documents: Iterable[Entry], zone: str = "+0000") -> list[int]:
    """How many posts each of these documents brings that are announced, one after the other."""
    counts = []
    for document in documents:
        written = make_rss(document).replace(b"+0000</pubDate>", f"{zone}</pubDate>".encode())
        url = host.serve("/feed.xml", written, etag=False)
        if url not in await service.subscriptions.followed():
            await service.subscriptions.follow(url, guild_id=GUILD, channel_id=11, owner_id=9)
        outcome = await service.poller.poll(url, is_forced=True)
        assert outcome.error is None
        counts.append(outcome.announced)
    return counts


def posts(newest: int, oldest: int, *, without: Iterable[int] = ()) -> list[Entry]:
    return [post(n) for n in range(newest, oldest - 1, -1) if n not in set(without)]


# ── old posts that come into view ───────────────────────────────────────────────────────────────


async def test_an_old_post_that_slides_into_a_short_feed_is_no_news(service: Service, feed_host: FeedHost) -> None:
    """One is taken down, then the limit is raised, then again with a new post on top; /why says so."""
    found = await announced(
        service,
        feed_host,
        posts(30, 21),
        posts(30, 20, without=[27]),
        posts(30, 17, without=[27]),
        posts(31, 5, without=[27]),
        posts(32, 5, without=[27, 25]),
    )
    assert found == [0, 0, 0, 1, 1]
    explained = await service.subscriptions.why(post(18).link, guild_id=GUILD)
    assert [(one.stage, one.detail) for one in explained.histories[0].decisions] == [(Stage.TOO_OLD, OLDER)]


async def test_a_post_with_an_earlier_date_within_the_feed_is_news(service: Service, feed_host: FeedHost) -> None:
    """So is one that stands on top, however it is dated, and the first one after a year."""
    back_dated = replace(post(50), published=DAY + timedelta(days=7 * 27, hours=3))
    on_top = replace(post(51), published=DAY - timedelta(days=900))
    late = replace(post(52), published=DAY + timedelta(days=7 * 30 + 365))
    document = [*posts(30, 28), back_dated, *posts(27, 21)]
    found = await announced(
        service, feed_host, posts(30, 21), document, [on_top, *document], [late, on_top, *document]
    )
    assert found == [0, 1, 1, 1]


async def test_undated_posts_are_told_by_their_place(service: Service, feed_host: FeedHost) -> None:
    """Also an undated one that is old is never listed as the newest."""
    row = [undated(n) for n in range(30, 0, -1)]
    found = await announced(
        service, feed_host, row[1:11], [*row[1:4], *row[5:12]], row[1:15], row[:15], [row[0], *row[2:20]]
    )
    assert found == [0, 0, 0, 1, 0]


async def test_a_feed_with_its_newest_post_at_the_end_loses_none(service: Service, feed_host: FeedHost) -> None:
    oldest_first = [post(n) for n in range(1, 12)]
    found = await announced(
        service, feed_host, oldest_first[3:8], oldest_first[3:9], oldest_first[2:9], oldest_first[4:11]
    )
    assert found == [0, 1, 0, 2]


async def test_an_undated_feed_that_grows_at_its_end_loses_none(
    service: Service, feed_host: FeedHost, clock: Clock
) -> None:
    row = [undated(n) for n in range(1, 12)]
    counts = []
    for document in (row[:5], row[:6], row[:7], row[1:9]):
        clock.advance(hours=1)
        counts += await announced(service, feed_host, document)
    assert counts == [0, 1, 1, 2]


def at(*ages: float | None, seen: Iterable[int] = ()) -> list[Listed]:
    """A document by its entries' dates in days; those at these places are known."""
    known = set(seen)
    return [
        Listed(
            guid=str(place),
            published=None if age is None else DAY + timedelta(days=age),
            seen_at=DAY if place in known else None,
        )
        for place, age in enumerate(ages)
    ]


@pytest.mark.parametrize(
    ("document", "old"),
    [
        (at(9, 8, 7, 6, seen=[0, 1, 2]), {"3"}),
        (at(9, 8, 7, 7, seen=[0, 1, 2]), set()),  # one more, of the same day as the last
        (at(9, 8, 7, 6.9, seen=[0, 1, 2]), set()),
        (at(9, 8, 7, 7, 6, seen=[0, 1, 2]), {"3", "4"}),  # a raised limit
        (at(7, 7, 7, 7, seen=[0, 1, 2]), set()),  # all of midnight: another post of the day
        (at(7, 7, 7, 6, seen=[0, 1, 2]), {"3"}),
        (at(9, 8, 7.5, 7, seen=[0, 1, 3]), set()),
        (at(9, 3, 7, 6, seen=[0, 2, 3]), set()),  # on top of others
        (at(1, 9, 8, 7, 6, 0, seen=[0, 1, 2, 3, 4]), {"5"}),  # one is pinned
        (at(5, 6, 7, 8, seen=[1, 2, 3]), {"0"}),
        (at(5, 6, 7, 8, seen=[0, 1, 2]), set()),
        (at(9, 2, 8, 3, 7, 1, seen=[0, 1, 2, 3, 4]), set()),  # in no order
        (at(9, 8, seen=[]), set()),  # nothing that is known stands there
        (at(None, None, None, None, seen=[0, 1]), {"2", "3"}),
        (at(None, None, None, seen=[0, 1]), set()),  # one more, and none has left
        (at(None, None, None, seen=[1, 2]), set()),
        (at(None, None, 5, seen=[0, 1]), set()),
        (at(9, 8, None, seen=[0, 1]), set()),  # one more
        (at(9, 8, None, None, seen=[0, 1]), {"2", "3"}),
    ],
)
def test_what_comes_into_view(document: list[Listed], old: set[str]) -> None:
    assert come_into_view(document, have_left=False).keys() == old


def test_an_undated_post_takes_the_place_of_one_that_left() -> None:
    assert come_into_view(at(None, None, None, seen=[0, 1]), have_left=True) == {"2": BEHIND}
    assert come_into_view(at(9, 8, None, seen=[0, 1]), have_left=True) == {"2": BEHIND}
    assert come_into_view(at(9, 8, 8, seen=[0, 1]), have_left=True) == {"2": OLDER}


@pytest.mark.parametrize(("left_at_head", "old"), [(0, {"2", "3"}), (1, {"2", "3"}), (2, set())])
def test_as_many_come_at_the_end_as_leave_at_the_head(left_at_head: int, old: set[str]) -> None:
    document = at(None, None, None, None, seen=[0, 1])
    assert come_into_view(document, have_left=True, left_at_head=left_at_head).keys() == old


async def test_an_undated_feed_of_fixed_length_with_its_newest_post_at_the_end_loses_none(
    service: Service, feed_host: FeedHost, clock: Clock
) -> None:
    row = [undated(n) for n in range(1, 12)]
    counts = []
    for first in (0, 1, 2, 4, 5):
        clock.advance(hours=1)
        counts += await announced(service, feed_host, row[first : first + 5])
    assert counts == [0, 1, 1, 2, 1]


async def test_a_dated_feed_that_grows_by_an_undated_post_at_its_end_has_news(
    service: Service, feed_host: FeedHost
) -> None:
    """One that is older than all others is a raised limit."""
    feed = [post(9), post(8)]
    grown = [*feed, undated(20)]
    assert await announced(service, feed_host, feed, grown, [*grown, post(7)]) == [0, 1, 0]


# ── one post under another identity ─────────────────────────────────────────────────────────────


async def test_a_post_is_one_whose_title_address_and_guid_were_mended_at_once(
    service: Service, feed_host: FeedHost, clock: Clock
) -> None:
    draft = post(40, title="A harbor of our own")
    mended = replace(post(41, title="A harbour, built at home"), html=draft.html, published=draft.published)
    assert await announced(service, feed_host, posts(6, 1), [draft, *posts(6, 1)], [mended, *posts(6, 1)]) == [
        0,
        1,
        0,
    ]
    explained = await service.subscriptions.why(mended.link, guild_id=GUILD)
    assert explained.head is not None
    assert explained.head.title == mended.title
    assert [one.stage for one in explained.histories[0].decisions][-1] is Stage.DUPLICATE
    thread = [replace(mended, link=f"https://blog.test/{n}", guid=str(n), title=f"Open {n}") for n in range(3)]
    threads = [replace(one, published=DAY + timedelta(days=300 + 7 * n)) for n, one in enumerate(thread)]
    assert await announced(service, feed_host, [threads[0], *posts(6, 1)], [threads[1], *posts(6, 1)]) == [1, 1]


SHORT = ["LoRA", "ViT", "BERT 리뷰", "DPO", "ReAct", "모델 병합"]


@pytest.mark.parametrize("are_dates_kept", [True, False])
async def test_a_blog_of_short_titles_moves_without_a_word(
    service: Service, feed_host: FeedHost, are_dates_kept: bool
) -> None:
    """To another host, with a word changed in each post; its next post is news, and each review is there once."""
    before = [post(n, title=title) for n, title in enumerate(SHORT)]
    after = [
        replace(
            one,
            link=f"https://moved.test/@club/{n}",
            guid=f"tag:{n}",
            html=one.html.replace("tide", "flood"),
            published=one.published if are_dates_kept else DAY + timedelta(days=100, minutes=n),
        )
        for n, one in enumerate(before)
    ]
    news = replace(post(60, title="DPO-2"), link="https://moved.test/@club/60", guid="tag:60")
    found = await announced(service, feed_host, before[::-1], after[::-1], [news, *after[::-1]])
    assert found == [0, 0, 1]
    assert service.answering.review_count == len(SHORT) + 1


async def test_a_post_whose_hour_is_moved_within_the_authors_day_is_one(
    service: Service, feed_host: FeedHost
) -> None:
    """Half past midnight in Seoul, then the evening; on the next day it is the next of its series."""
    others = posts(6, 1)
    first = replace(post(40, title="Weekly look at knots"), published=datetime(2026, 5, 4, 0, 30, tzinfo=UTC))
    moved = replace(first, link="https://b.test/b", guid="b", html=LINES.replace("WHICH", "evening"))
    moved = replace(moved, published=datetime(2026, 5, 4, 21, 30, tzinfo=UTC))
    following = replace(moved, link="https://b.test/c", guid="c", html=LINES.replace("WHICH", "next"))
    following = replace(following, published=datetime(2026, 5, 5, 21, 30, tzinfo=UTC))
    found = await announced(
        service, feed_host, others, [first, *others], [moved, *others], [following, *others], zone="+0900"
    )
    assert found == [0, 1, 0, 1]


async def test_a_date_at_the_end_of_time_fails_no_poll(service: Service, feed_host: FeedHost) -> None:
    """In a Korean feed, with the title of a post that has left."""
    await announced(service, feed_host, posts(6, 1), zone="+0900")
    end = replace(post(1), guid="end", link="https://blog.test/end", html=post(7).html)
    end = replace(end, published=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
    written = make_rss([end, *posts(6, 2)]).replace(b"+0000</pubDate>", b"+0900</pubDate>")
    url = feed_host.serve("/feed.xml", written.replace(b"23:59:59 +0900", b"23:59:59 +0000"), etag=False)
    outcome = await service.poller.poll(url, is_forced=True)
    assert outcome.error is None


# ── sessions in addresses ───────────────────────────────────────────────────────────────────────


def with_session(address: str, visit: int) -> str:
    return address.replace("@", f"{visit * 7919:028x}ef1a")


@pytest.mark.parametrize(
    "address",
    [
        "https://forum.test/viewtopic.php?t={}&sid=@",
        "https://forum.test/showthread.php?s=@&t={}",
        "https://forum.test/thread/{};jsessionid=@.node2",
        "https://forum.test/thread?PHPSESSID=@&id={}",
        "https://forum.test/(S(@))/thread/{}.aspx",
        "https://forum.test/index.php/thread/{}/PHPSESSID/@",
        "https://forum.test/thread.cfm?CFID=12&CFTOKEN=@&id={}",
        "https://forum.test/thread.asp?ASPSESSIONIDQAC=@&id={}",
    ],
)
async def test_a_session_in_every_address_makes_no_news(service: Service, feed_host: FeedHost, address: str) -> None:
    """No guids, no dates, short titles and texts: one post is new in five visits."""

    def visit(number: int) -> bytes:
        titles = ["공지", "질문", "질문", "추천", *(["새 글"] if number >= 3 else [])]
        entries = [
            replace(undated(n), title=title, html="짧은 글", link=with_session(address.format(n), number))
            for n, title in enumerate(titles)
        ]
        lines = make_rss(entries).decode().splitlines()
        return "\n".join(line for line in lines if "<guid" not in line and "<category" not in line).encode()

    url = feed_host.serve("/feed.xml", visit(0), etag=False)
    await service.subscriptions.follow(url, guild_id=GUILD, channel_id=11, owner_id=9)
    outcomes = []
    for number in range(5):
        feed_host.serve("/feed.xml", visit(number), etag=False)
        outcomes.append(await service.poller.poll(url, is_forced=True))
    assert [outcome.announced for outcome in outcomes] == [0, 0, 0, 1, 0]
    assert [outcome.is_unchanged for outcome in outcomes] == [True, True, True, False, True]
    assert service.answering.review_count == 5


async def test_what_an_earlier_version_kept_with_its_session_is_known(
    feed_host: FeedHost, settings: Callable[..., Settings], tmp_path: Path
) -> None:
    """Before, guid and address of an entry without a guid had the session in them, and a text had no fingerprint."""
    entries = [replace(undated(n), title="글", html="짧은 글", link=f"https://f.test/v?t={n}") for n in range(3)]
    document = make_rss(entries).replace(b"<guid", b"<x").replace(b"</guid>", b"</x>")
    url = feed_host.serve("/feed.xml", document, etag=False)
    private = settings(NONMUN_PRIVATE_HOSTS="127.0.0.1")
    async with open_service(private) as service:
        await service.subscriptions.follow(url, guild_id=GUILD, channel_id=11, owner_id=9)
    with sqlite3.connect(tmp_path / "test.db") as db:
        db.execute(
            "UPDATE reviews SET guid = guid || :session, link = link || :session, fingerprint = id,"
            " text_fingerprint = '', structure_version = 5, entry_hash = id",
            {"session": f"&sid={1:031x}f"},
        )
    db.close()
    async with open_service(private) as service:
        for _ in range(2):
            outcome = await service.poller.poll(url, is_forced=True)
            assert (outcome.new, outcome.announced) == (0, 0)
