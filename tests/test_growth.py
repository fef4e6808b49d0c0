"""What years and odd feeds may cost: posts that never rest, ids that never stay, what nobody follows any more."""

from __future__ import annotations

import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from bot.announcing.churn import MOST_REVISIONS, PROMPT_CHANGES
from bot.announcing.filters import judging
from bot.cards.announcements import describe_feed
from bot.config import Settings
from bot.feeds import discussed
from bot.models.announcing import Delivering, DigestPlan, Every, Stage, Subscription
from bot.models.feeds import Entry
from bot.models.requests import EVERYTHING
from bot.search.glossary import _keys
from bot.search.roles import role_of
from bot.service import Service, open_service
from bot.store import passages, reviews
from bot.store.reviews import MOST_ALIASES, MOST_PARTS
from bot.text.terms import index_terms, squash
from tests.conftest import Clock
from tests.factories import make_entry, make_rss, shown_title
from tests.loopback.feed_host import FeedHost
from tests.posting import MemoryPoster

GUILD, OWNER, CHANNEL = 7, 9, 11


@pytest.fixture
async def service(feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock) -> AsyncIterator[Service]:
    """A service that has read a feed of one review."""
    url = feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    async with open_service(settings(NONMUN_FEEDS=url, NONMUN_PRIVATE_HOSTS="127.0.0.1"), clock=clock) as opened:
        await opened.poller.poll_all()
        yield opened


@pytest.fixture
def poster() -> MemoryPoster:
    return MemoryPoster()


async def follow(service: Service, channel_id: int = CHANNEL, **delivering: object) -> Subscription:
    (url,) = service.settings.feeds
    made = Delivering(**delivering)  # type: ignore[arg-type]
    return await service.subscriptions.follow(
        url, guild_id=GUILD, channel_id=channel_id, owner_id=OWNER, delivering=made
    )


async def read(service: Service, host: FeedHost, entries: Iterable[Entry]) -> None:
    """Let the feed hold these, and poll it."""
    host.update("/feed.xml", make_rss(entries))
    (outcome,) = await service.poller.poll_all(is_forced=True)
    assert outcome.error is None


async def count(service: Service, table: str) -> int:
    async with service.database.reader.execute(f"SELECT count(*) FROM {table}") as cursor:  # noqa: S608
        row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def stages(service: Service, link: str) -> list[Stage]:
    explained = await service.subscriptions.why(link, guild_id=GUILD)
    return [decision.stage for history in explained.histories for decision in history.decisions]


# ── a post that changes at every reading ────────────────────────────────────────────────────────


def revised(entry: Entry, number: int) -> Entry:
    return replace(entry, html=entry.html.replace("</pre>", f"</pre><p>고친 글 {number}, word{number}.</p>"))


async def announce_one(service: Service, host: FeedHost, poster: MemoryPoster) -> Entry:
    """A post that stands in its channel, with a thread under it."""
    await follow(service, opens_thread=True)
    post = make_entry(2)
    await read(service, host, [post, make_entry(1)])
    await service.courier.deliver(poster)
    (message,) = poster.in_channel(CHANNEL)
    assert message.id in poster.threads
    return post


async def test_a_post_that_changes_at_every_reading_is_left_alone_in_the_end(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    """Polled hourly for a week: told so often and no more, which `/why` says; then left, also by the index."""
    post = await announce_one(service, feed_host, poster)
    (message,) = poster.in_channel(CHANNEL)
    rows = service.database.rows_written
    for hour in range(7 * 24):
        clock.advance(hours=1, seconds=1)
        if hour == 6 * 24:
            rows = service.database.rows_written
        await read(service, feed_host, [revised(post, hour), make_entry(1)])
        await service.courier.deliver(poster)
    assert len(poster.texts(message.id)) == MOST_REVISIONS
    assert message.edits == MOST_REVISIONS
    seen = await stages(service, post.link)
    assert seen.count(Stage.UPDATED) == MOST_REVISIONS
    assert seen.count(Stage.UNSETTLED) == 1
    # The cache takes the newest text once a day: one rewriting of the review, not twenty-four.
    assert service.database.rows_written - rows < 400
    text = await stored_text(service, post)
    assert any(f"word{hour}." in text for hour in range(6 * 24, 7 * 24))


async def stored_text(service: Service, post: Entry) -> str:
    async for stored in service.answering.export(EVERYTHING):
        if stored.review.link == post.link:
            return "\n".join(section.text for section in stored.review.sections)
    raise AssertionError(post.link)


async def test_a_revision_after_a_quiet_month_is_told_again(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    post = await announce_one(service, feed_host, poster)
    (message,) = poster.in_channel(CHANNEL)
    for number in range(2 * MOST_REVISIONS):
        clock.advance(days=1)
        await read(service, feed_host, [revised(post, number), make_entry(1)])
    clock.advance(days=30)
    await read(service, feed_host, [revised(post, 999), make_entry(1)])
    await service.courier.deliver(poster)
    assert len(poster.texts(message.id)) == MOST_REVISIONS + 1
    assert "word999" in await stored_text(service, post)


async def test_revisions_in_quick_succession_are_told_together(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    """The first few at once; the others when an hour has passed, also where the feed stands still by then."""
    post = await announce_one(service, feed_host, poster)
    (message,) = poster.in_channel(CHANNEL)
    for number in range(PROMPT_CHANGES + 3):
        clock.advance(minutes=5)
        await read(service, feed_host, [revised(post, number), make_entry(1)])
    await service.courier.deliver(poster)
    assert len(poster.texts(message.id)) == PROMPT_CHANGES
    clock.advance(hours=1)
    (outcome,) = await service.poller.poll_all()  # the very document of the last time
    assert outcome.changed == 1
    await service.courier.deliver(poster)
    assert len(poster.texts(message.id)) == PROMPT_CHANGES + 1
    assert f"word{PROMPT_CHANGES + 2}" in await stored_text(service, post)


async def test_a_new_post_under_the_id_of_one_that_never_rests_is_read(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    """The old one is left alone for a while, and not whatever has its id."""
    await follow(service)
    old = make_entry(2, guid="shared")
    await read(service, feed_host, [old, make_entry(1)])
    for number in range(PROMPT_CHANGES):
        await read(service, feed_host, [revised(old, number), make_entry(1)])
    new = make_entry(3, guid="shared")
    await read(service, feed_host, [new, make_entry(1)])
    await service.courier.deliver(poster)
    assert poster.titles == [shown_title(old), shown_title(new)]
    await read(service, feed_host, [revised(new, 1), make_entry(1)])
    await service.courier.deliver(poster)
    assert poster.in_channel(CHANNEL)[1].edits == 1


async def test_counters_are_no_revision(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock
) -> None:
    """How often a post was viewed and how long ago it was updated is nobody's business; its own numbers are."""
    post = await announce_one(service, feed_host, poster)
    (message,) = poster.in_channel(CHANNEL)
    for number, said in enumerate(("12 views · 3 minutes ago", "조회 1,204 · 5분 전", "조회수: 9회 · just now")):
        clock.advance(days=1)
        html = post.html.replace("<h2", f"<p>{said}</p><h2", 1)
        await read(service, feed_host, [replace(post, html=html), make_entry(1)])
        await service.courier.deliver(poster)
        assert len(poster.texts(message.id)) == 0, number
    html = post.html.replace("최대 세 개", "최대 4 개")
    clock.advance(days=1)
    await read(service, feed_host, [replace(post, html=html), make_entry(1)])
    await service.courier.deliver(poster)
    assert len(poster.texts(message.id)) == 1


# ── ids that never stay ─────────────────────────────────────────────────────────────────────────


@pytest.mark.long
async def test_new_ids_at_every_reading_leave_a_bounded_trace(
    service: Service, feed_host: FeedHost, clock: Clock
) -> None:
    """Neither aliases nor decisions grow with the polls, nothing is announced, and the index is left in peace."""
    await follow(service)
    await follow(service, CHANNEL + 1)
    posts = [make_entry(n) for n in range(4, 0, -1)]
    await read(service, feed_host, posts)
    before = await count(service, "decisions"), await count(service, "reviews"), await count(service, "deliveries")
    for poll in range(2 * MOST_ALIASES):
        clock.advance(minutes=15)
        await read(service, feed_host, [replace(post, guid=f"{poll}-{post.guid}") for post in posts])
    rows = service.database.rows_written
    await read(service, feed_host, [replace(post, guid=f"last-{post.guid}") for post in posts])
    # an alias each comes, and one each goes; no review is written again
    assert service.database.rows_written - rows < 40
    assert await count(service, "aliases") <= len(posts) * (MOST_ALIASES + 1)
    assert await count(service, "decisions") == before[0] + len(posts) * 2
    assert (await count(service, "reviews"), await count(service, "deliveries")) == before[1:]


async def test_an_id_is_known_for_as_long_as_it_stands_in_the_feed(
    service: Service, feed_host: FeedHost, clock: Clock
) -> None:
    """However many others came and went: then a post is known by it that changed in everything else."""
    stable = replace(make_entry(1), guid="stable")
    await read(service, feed_host, [stable])
    for poll in range(2 * MOST_ALIASES):
        clock.advance(days=1)
        await read(service, feed_host, [stable, replace(make_entry(1), guid=f"twin-{poll}")])
    clock.advance(days=1)
    changed = make_entry(5, guid="stable", title="Quite another title", published=None)
    await read(service, feed_host, [changed])
    assert await count(service, "reviews") == 1


# ── filters that take too long ──────────────────────────────────────────────────────────────────


async def test_a_filter_that_takes_too_long_is_told_of_once_until_it_is_changed(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The posts come without it, and `/why` says so."""
    monkeypatch.setattr(judging, "MAX_POST_CHARACTERS", 10)  # every post is too long to be read
    one = await follow(service, filter_text="absent")
    for number in (2, 3):
        await read(service, feed_host, [make_entry(n) for n in range(number, 0, -1)])
    await service.courier.deliver(poster)
    assert len(poster.in_channel(CHANNEL)) == 2
    explained = await service.subscriptions.why(make_entry(2).link, guild_id=GUILD)
    details = [decision.detail or "" for history in explained.histories for decision in history.decisions]
    assert "reading the post took too long, so the filter was not applied" in details
    assert len(poster.notices[GUILD]) == 1
    assert f"<#{CHANNEL}> took too long" in poster.notices[GUILD][0]
    monkeypatch.undo()
    await service.subscriptions.change(one, replace(one.delivering, filter_text="missing"))
    monkeypatch.setattr(judging, "MAX_POST_CHARACTERS", 10)
    await read(service, feed_host, [make_entry(n) for n in range(4, 0, -1)])
    await service.courier.deliver(poster)
    assert len(poster.notices[GUILD]) == 2


# ── a flood of entries ──────────────────────────────────────────────────────────────────────────


async def test_what_is_more_than_a_day_allows_is_read_the_next_day(
    feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock, poster: MemoryPoster
) -> None:
    """Nothing is lost, the oldest come first, `/feed status` says so, and the feed is left in peace until then."""
    url = feed_host.serve("/feed.xml", make_rss([make_entry(n) for n in range(8, 0, -1)]))
    made = settings(NONMUN_FEEDS=url, NONMUN_PRIVATE_HOSTS="127.0.0.1", NONMUN_ENTRIES_PER_DAY=3)
    async with open_service(made, clock=clock) as service:
        (outcome,) = await service.poller.poll_all()
        assert (outcome.new, outcome.left_over) == (8, 0)  # a first reading is bounded by its document
        one = await follow(service)
        feed_host.update("/feed.xml", make_rss([make_entry(n) for n in range(16, 0, -1)]))
        (outcome,) = await service.poller.poll_all(is_forced=True)
        assert (outcome.new, outcome.left_over) == (3, 5)
        await service.courier.deliver(poster)
        assert "5 new entries over the limit of 3 a day are left" in outcome.problems[0]
        status = await service.subscriptions.status(one)
        assert "5 more new posts will be read tomorrow" in describe_feed(status.feed)
        asked = len(feed_host.requests)
        clock.advance(hours=11)
        await service.poller.poll_all()
        assert len(feed_host.requests) == asked
        (outcome,) = await service.poller.poll_all(is_forced=True)
        assert (outcome.new, outcome.left_over) == (0, 5)
        for expected in ((3, 2), (2, 0)):
            clock.advance(days=1)
            (outcome,) = await service.poller.poll_all()
            assert (outcome.new, outcome.left_over) == expected
            await service.courier.deliver(poster)
        assert describe_feed((await service.subscriptions.status(one)).feed) == "working"
        assert [number for number in range(9, 17) if make_entry(number).title in str(poster.messages)] == [
            *range(9, 17)
        ]
        clock.advance(days=1)
        (outcome,) = await service.poller.poll_all()
        assert outcome.is_unchanged


async def test_entries_that_left_before_their_day_came_are_waited_for_no_more(
    feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock
) -> None:
    url = feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    async with open_service(
        settings(NONMUN_FEEDS=url, NONMUN_PRIVATE_HOSTS="127.0.0.1", NONMUN_ENTRIES_PER_DAY=1), clock=clock
    ) as service:
        await service.poller.poll_all()
        one = await follow(service)
        await read(service, feed_host, [make_entry(n) for n in (3, 2, 1)])
        await read(service, feed_host, [make_entry(2)])
        assert describe_feed((await service.subscriptions.status(one)).feed) == "working"


async def test_an_archive_adds_so_many_posts_and_is_left(
    feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A blog whose pages never end."""
    monkeypatch.setattr("bot.feeds.intake.MOST_ARCHIVED", 4)
    for page in range(1, 9):
        following = f'<atom:link rel="next" href="{feed_host.url(f"/page{page + 1}.xml")}"/>'
        body = make_rss([make_entry(100 * page + n) for n in (2, 1)])
        feed_host.serve(f"/page{page}.xml", body.replace(b"<generator>", following.encode() + b"<generator>"))
    link = f'<atom:link rel="next" href="{feed_host.url("/page1.xml")}"/>'
    body = make_rss([make_entry(1)]).replace(b"<generator>", link.encode() + b"<generator>")
    url = feed_host.serve("/feed.xml", body)
    made = settings(NONMUN_FEEDS=url, NONMUN_PRIVATE_HOSTS="127.0.0.1")
    async with open_service(made, clock=clock) as service:
        await service.poller.poll_all()
        await service.backfill.begin(url)
        steps = 0
        while await service.backfill.step(url):
            steps += 1
        assert await count(service, "reviews") == 4
        assert steps == 2


# ── large digests ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("delivering", [{}, {"digest": DigestPlan(every=Every.DAY, hour=9, zone="UTC")}])
async def test_a_large_backlog_goes_out_as_several_digests(
    service: Service,
    feed_host: FeedHost,
    poster: MemoryPoster,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    delivering: dict[str, object],
) -> None:
    """So that no message is drawn from, and no transaction writes, as much as a feed can bring in a week."""
    monkeypatch.setattr("bot.store.deliveries.MOST_IN_DIGEST", 10)
    await follow(service, CHANNEL, **delivering)
    await read(service, feed_host, [make_entry(n) for n in range(25, 0, -1)])
    clock.advance(days=2)
    await service.courier.deliver(poster)
    titles = [message.outgoing.card.title for message in poster.messages if message.outgoing.card]
    assert [title.split(" ")[0] for title in titles] == ["10", "10", "4"]
    assert await count(service, "deliveries WHERE state IN ('pending', 'collected')") == 0


async def test_of_the_papers_of_a_digest_so_many_are_kept(service: Service, feed_host: FeedHost) -> None:
    """Each is a row with an index of its own, and an admin of any server may add such a feed."""
    papers = "".join(
        f"<h2>Paper {n}</h2><h3>논문 소개</h3><p>Number {n}</p><h3>논문 링크</h3>"
        f"<p><a href='https://arxiv.org/abs/3101.{n:05d}'>x</a></p>"
        for n in range(MOST_PARTS + 5)
    )
    await read(service, feed_host, [replace(make_entry(2), html=papers), make_entry(1)])
    assert await count(service, "reviews WHERE part_of IS NOT NULL") == MOST_PARTS


# ── what a bot that runs for years keeps in memory ──────────────────────────────────────────────


async def test_what_feeds_wish_is_forgotten_when_its_time_has_passed(
    service: Service, feed_host: FeedHost, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any number of addresses may be followed and given up again in the life of a bot."""
    monkeypatch.setattr("bot.feeds.poller.MOST_PAST_WISHES", 4)
    patient = {"Cache-Control": "max-age=3600"}
    for number in range(20):
        url = feed_host.serve(f"/{number}.xml", make_rss([make_entry(1)]), headers=patient)
        outcome = await service.poller.poll(url)
        assert outcome.error is None
        asked = len(feed_host.requests)
        await service.poller.poll(url)
        assert len(feed_host.requests) == asked, "it wants to be left alone for an hour"
        clock.advance(hours=2)
    assert len(service.poller._next_visits) <= 5


async def test_channels_that_were_looked_at_are_remembered_in_a_bounded_number(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each thread with a note in it is one. Who was written to last is known, and is not looked at again."""
    monkeypatch.setattr("bot.delivering.look_back.MOST_CHANNELS", 3)
    for channel_id in range(CHANNEL, CHANNEL + 6):
        await follow(service, channel_id)
    for number in (2, 3):
        await read(service, feed_host, [make_entry(n) for n in range(number, 0, -1)])
        await service.courier.deliver(poster)
    assert len(poster.messages) == 12
    lookback = service.courier._lookback
    assert len(lookback._accounted) == 3
    await read(service, feed_host, [make_entry(n) for n in range(4, 0, -1)])
    await service.courier.deliver(poster)
    assert len(poster.messages) == 18, "what was forgotten is looked at again, and nothing else comes of it"


@pytest.mark.parametrize(
    "look",
    [squash, index_terms, role_of, _keys],
    ids=["squash", "index_terms", "role_of", "keys of a spelling"],
)
def test_long_texts_are_not_remembered(look: Callable[[str], object]) -> None:
    """Titles, headings, words and queries are strangers': a hundred thousand long ones would fill the memory."""
    look("제목 Title")
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(100):
            look(f"Title{'x' * 10_000}{number}")
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 200_000


# ── passages that were quoted or saved ──────────────────────────────────────────────────────────


async def test_passages_are_found_again_while_others_may_write(
    service: Service, feed_host: FeedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finding one may take a second, and a review may have a hundred: before the transaction, not in it."""
    (stored,) = await reviews.find_reviews(service.database.reader, [1])
    quote = await service.talks.make_quote(stored, 1, 0)
    assert quote is not None
    async with service.database.transaction() as db:
        passage_id = await passages.ensure_passage(db, 1, "key", quote.passage, words=quote.words)
    find, seen = discussed._find_all, []

    def looked_at(*arguments: Any) -> Any:
        seen.append(service.database._lock.locked())
        return find(*arguments)

    monkeypatch.setattr(discussed, "_find_all", looked_at)
    await read(service, feed_host, [revised(make_entry(1), 1)])
    assert seen == [False]
    found = await passages.find_passage(service.database.reader, passage_id)
    assert found is not None
    assert not found.is_orphaned
    assert found.passage.version == await reviews.entry_hash(service.database.reader, 1) != quote.passage.version


async def test_passages_are_found_again_when_new_rules_read_their_review(service: Service) -> None:
    """The same text may have other sections then. The talks are not told, since nobody changed the words."""
    (stored,) = await reviews.find_reviews(service.database.reader, [1])
    quote = await service.talks.make_quote(stored, 1, 0)
    assert quote is not None
    async with service.database.transaction() as db:
        elsewhere = replace(quote.passage, position=0, headings=())
        passage_id = await passages.ensure_passage(db, 1, "key", elsewhere, words=quote.words)
        await db.execute("UPDATE reviews SET structure_version = 1")
    assert await service.poller.reread_outdated() == 1
    found = await passages.find_passage(service.database.reader, passage_id)
    assert found is not None
    assert found.passage == quote.passage
    assert await count(service, "messages") == 0
