"""A post that several feeds of a channel bring is announced there once; nothing else is kept back for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.cards.announcements import STAGES, why_card
from bot.config import Settings
from bot.models.announcing import Delivering, DigestPlan, Every, Stage, Subscription
from bot.models.feeds import Entry, KnownPost
from bot.reading.identity import is_same_post
from bot.service import Service, open_service
from tests.conftest import Clock
from tests.factories import make_entry, make_rss, shown_title
from tests.loopback.feed_host import FeedHost
from tests.posting import MemoryPoster

GUILD, OWNER, CHANNEL, OTHER_CHANNEL = 7, 9, 11, 12
NINE = DigestPlan(every=Every.DAY, hour=9, zone="UTC")
DAY = datetime(2026, 5, 1, 9, tzinfo=UTC)


@pytest.fixture
async def service(feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock) -> AsyncIterator[Service]:
    """A service that knows a blog and one of its categories, with a post each."""
    urls = [feed_host.serve(f"/{name}.xml", make_rss([make_entry(1)], title=name)) for name in ("blog", "category")]
    made = settings(NONMUN_FEEDS=",".join(urls), NONMUN_PRIVATE_HOSTS="127.0.0.1")
    async with open_service(made, clock=clock) as opened:
        await opened.poller.poll_all()
        yield opened


@pytest.fixture
def poster() -> MemoryPoster:
    return MemoryPoster()


async def follow(service: Service, name: str, channel_id: int = CHANNEL, **delivering: object) -> Subscription:
    url = next(url for url in service.settings.feeds if url.endswith(f"/{name}.xml"))
    made = Delivering(**delivering)  # type: ignore[arg-type]
    return await service.subscriptions.follow(
        url, guild_id=GUILD, channel_id=channel_id, owner_id=OWNER, delivering=made
    )


async def publish(service: Service, host: FeedHost, **feeds: Iterable[Entry]) -> None:
    for name, entries in feeds.items():
        host.update(f"/{name}.xml", make_rss([*entries, make_entry(1)], title=name))
    for url in service.settings.feeds:  # one after the other: which of two is read first decides the order of posts
        outcome = await service.poller.poll(url, is_forced=True)
        assert outcome.error is None


async def stages(service: Service, link: str) -> dict[str, list[Stage]]:
    explained = await service.subscriptions.why(link, guild_id=GUILD)
    return {
        f"{one.subscription.feed_title} in {one.subscription.channel_id}": [made.stage for made in one.decisions]
        for one in explained.histories
    }


async def test_a_post_of_a_blog_and_its_category_comes_once_and_why_says_so(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    """Another channel that follows the category alone has it, too."""
    for name, channel_id in (("blog", CHANNEL), ("category", CHANNEL), ("category", OTHER_CHANNEL)):
        await follow(service, name, channel_id)
    await publish(service, feed_host, blog=[make_entry(3), make_entry(2)], category=[make_entry(3)])
    await service.courier.deliver(poster)
    titles = [shown_title(make_entry(n)) for n in (2, 3)]
    assert [m.outgoing.card.title for m in poster.in_channel(CHANNEL) if m.outgoing.card] == titles
    assert [m.outgoing.card.title for m in poster.in_channel(OTHER_CHANNEL) if m.outgoing.card] == titles[1:]
    assert await stages(service, make_entry(3).link) == {
        "blog in 11": [Stage.QUEUED, Stage.SENT],
        "category in 11": [Stage.QUEUED, Stage.DUPLICATE],
        "category in 12": [Stage.QUEUED, Stage.SENT],
    }
    found = await service.subscriptions.why(make_entry(3).link, guild_id=GUILD)
    histories = [(one.subscription, one.decisions, None) for one in found.histories]
    card = why_card(found.asked, found.head, histories, found.feeds, lambda channel_id: f"#{channel_id}")
    said = "\n".join(block.text for part in card.parts for block in part)
    assert f"{STAGES[Stage.DUPLICATE]}: it came to this channel from blog" in said
    assert "#11 · category" in said


async def test_two_forms_of_one_blogs_feed_differ_in_guids_trackers_and_dates(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    """As RSS and Atom of one blog do, and a summary with the whole."""
    for name in ("blog", "category"):
        await follow(service, name)
    post = make_entry(2)
    atom = replace(
        post,
        guid="tag:2",
        link=post.link.replace("https", "http") + "?utm_source=atom",
        html="<p>A summary.</p>",
        published=post.published and post.published + timedelta(hours=5),
    )
    rss = replace(post, link=post.link + "?utm_source=rss")
    await publish(service, feed_host, blog=[rss], category=[atom])
    assert await service.courier.deliver(poster) == 1


@pytest.mark.parametrize("is_forum", [False, True])
async def test_a_digest_lists_a_post_of_two_feeds_once(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, is_forum: bool
) -> None:
    """And leaves out what came by itself; where nothing is left, there is none."""
    if is_forum:
        poster.forums.add(CHANNEL)
    await follow(service, "blog", digest=NINE)
    second = await follow(service, "category", digest=NINE)
    await publish(service, feed_host, blog=[make_entry(3), make_entry(2)], category=[make_entry(4), make_entry(3)])
    clock.now = datetime(2026, 6, 2, 9, tzinfo=UTC)
    assert await service.courier.deliver(poster) == 1
    assert poster.titles == ["3 new reviews · 2 feeds"]
    await service.subscriptions.change(second, channel_id=CHANNEL, delivering=Delivering())
    more = {"blog": [make_entry(5)], "category": [make_entry(5), make_entry(4), make_entry(3)]}
    await publish(service, feed_host, **more)
    assert await service.courier.deliver(poster) == 1
    clock.advance(days=1)
    assert await service.courier.deliver(poster) == 0
    assert poster.titles[1:] == [shown_title(make_entry(5))]


async def test_a_long_backlog_is_folded_without_what_came_from_another_feed(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    for name in ("blog", "category"):
        await follow(service, name)
    await publish(service, feed_host, blog=[make_entry(n) for n in (4, 3, 2)])
    assert await service.courier.deliver(poster) == 3
    await publish(service, feed_host, category=[make_entry(n) for n in range(9, 1, -1)])
    assert await service.courier.deliver(poster) == 1
    assert poster.titles[3:] == ["5 new reviews · category"]


async def test_a_post_that_one_feed_does_not_bring_comes_from_the_other(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    """Filtered, paused or removed before it was sent, or refused for good."""
    first = await follow(service, "blog", filter_text="nothing-has-this-word")
    await follow(service, "category")
    await publish(service, feed_host, blog=[make_entry(2)], category=[make_entry(2)])
    assert await service.courier.deliver(poster) == 1
    first = await service.subscriptions.change(first, channel_id=CHANNEL, delivering=Delivering())
    both = [make_entry(3), make_entry(2)]
    await publish(service, feed_host, blog=both, category=both)
    await service.subscriptions.remove(first)
    assert await service.courier.deliver(poster) == 1
    assert poster.titles == [shown_title(make_entry(n)) for n in (2, 3)]


@pytest.mark.parametrize("is_given_up", [True, False])
async def test_a_post_waits_until_the_other_feeds_copy_has_arrived_or_failed(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, clock: Clock, is_given_up: bool
) -> None:
    """It holds up nothing, and comes where the other one is given up."""
    for name in ("blog", "category"):
        await follow(service, name)
    post = make_entry(2)
    poster.broken = {shown_title(post)}
    await publish(service, feed_host, blog=[post], category=[make_entry(3), post])
    for _ in range(3):
        await service.courier.deliver(poster)
    assert poster.titles == [shown_title(make_entry(3))]
    assert (await stages(service, post.link))["category in 11"] == [Stage.QUEUED]
    while is_given_up and (await stages(service, post.link))["blog in 11"][-1] is not Stage.FAILED:
        clock.advance(hours=2)
        await service.courier.deliver(poster)
        assert clock() < DAY + timedelta(days=90)
    poster.broken = set()
    for _ in range(6):
        clock.advance(minutes=5)
        await service.courier.deliver(poster)
    assert poster.titles == [shown_title(make_entry(3)), shown_title(post)]
    found = await stages(service, post.link)
    if not is_given_up:
        assert found == {
            "blog in 11": [Stage.QUEUED, Stage.DELAYED, Stage.SENT],
            "category in 11": [Stage.QUEUED, Stage.DUPLICATE],
        }


def known(number: int, **values: object) -> KnownPost:
    fields: dict[str, object] = {
        "review_id": number, "guid": f"g{number}", "link": "https://blog.test/p", "title": "Paper of the week",
        "published": DAY, "fingerprint": f"f{number}",
    }  # fmt: skip
    return KnownPost(**(fields | values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "is_same"),
    [
        ({}, True),
        ({"published": DAY + timedelta(hours=11)}, True),
        ({"published": DAY + timedelta(days=1)}, False),  # the next issue of a daily one
        ({"published": DAY + timedelta(hours=47), "fingerprint": ""}, True),
        ({"published": DAY + timedelta(hours=47), "text_fingerprint": "t"}, True),
        ({"published": None}, False),
        ({"published": None, "text_fingerprint": "t"}, True),
        ({"published": None, "text_fingerprint": "another"}, False),
        ({"published": DAY + timedelta(days=7)}, False),  # the next issue at an address that leads to the newest
        ({"published": DAY + timedelta(days=7), "guid": "g1"}, True),
        ({"title": "What others say of the paper of the week"}, False),
        ({"title": "Paper of the week, corrected", "guid": "g1"}, True),
        ({"link": "https://blog.test/q"}, False),
        ({"link": "https://blog.test/q", "guid": "g1"}, False),  # two blogs that number their posts
        ({"link": "https://copy.test/q", "fingerprint": "f1"}, True),
        ({"link": "https://www.blog.test/p/?utm_source=x"}, True),
    ],
)
def test_which_posts_of_two_feeds_are_one(values: dict[str, object], is_same: bool) -> None:
    assert is_same_post(known(1, text_fingerprint="t"), known(2, **values)) is is_same


def test_pages_that_are_told_by_what_looks_like_a_session_are_not_one() -> None:
    one = known(1, guid="1", link="https://j.test/a.php?sid=attention2017a")
    assert not is_same_post(one, known(2, guid="1", link="https://j.test/a.php?sid=resnet2015abc", title="ResNet"))


def test_posts_at_a_sites_front_page_are_not_one() -> None:
    front = {"link": "https://blog.test/"}
    assert not is_same_post(known(1, **front), known(2, **front))
    assert not is_same_post(known(1, fingerprint=""), known(2, fingerprint="", link="https://blog.test/q"))
