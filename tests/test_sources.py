"""Each platform from a blog's address to its announcement, to /paper and to /section, on loopback."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.cli import main
from bot.config import Settings
from bot.delivering import subscriptions as delivering
from bot.delivering.subscriptions import KEPT_FOR, MOST_KEPT
from bot.errors import ReaderError, RequestError
from bot.feeds.backfill import MAX_TRIES, MAX_UNREACHABLE
from bot.languages import read_message
from bot.models.announcing import Stage
from bot.models.answers import DidYouMean, PaperFound, SectionFound
from bot.models.feeds import Extent
from bot.models.requests import EVERYTHING, Command, Request
from bot.service import Service, open_service
from bot.store import feeds, pages
from bot.store.pages import PageCounts
from tests.conftest import Clock
from tests.factories import make_entry, make_rss
from tests.loopback.feed_host import FeedHost
from tests.posting import MemoryPoster

DATA = Path(__file__).parent / "data" / "feeds"
HOSTS = re.compile(
    r"https://(?:[a-z-]+\.example|example-drawer\.tistory\.com|velog\.io|medium\.com|sample-notes\.hashnode\.dev)"
)
ITEM = re.compile(r"<(item|entry)[\s>].*?</\1>", re.DOTALL)
GUILD, CHANNEL, OWNER = 7, 11, 9


class Source(NamedTuple):
    """A sample: what its newest post is announced as, what it is called by, and a section with words of it."""

    file: str
    announced: str
    asked: str
    heading: str
    words: str


SOURCES = (
    Source("jekyll-rss-plus-sitemap.xml", "TIDEMARK: LOW-RANK TIDES", "tidemark", "abstract", ""),
    Source("jekyll-feed-atom.xml", "Lanternfish: Cheap Lights", "lanternfish", "", ""),
    Source("tistory.xml", "KITE-INSTRUCT", "kite instruct", "2.1", "절 제목 노릇"),
    Source("velog.xml", "A Sample Survey of Small Harbors", "small harbors", "overview", ""),
    Source("discourse-latest.xml", "[2026/05/25 ~ 05/31] 이번 주의", "rings within rings", "초록", "We invent rings"),
    Source("medium.xml", "Gullwing", "gullwing", "method", "We keep the misses"),
    Source(
        "substack.xml", "Three invented papers", "three invented papers about forgetting", "sieve", "stores nothing"
    ),
    Source("wordpress.xml", "Harbor-RAG", "harbor-rag", "방법", "latex"),
    Source("hashnode.xml", 'Reading "Pebble": tiny adapters', "pebble", "what", ""),
    Source("jsonfeed.json", "둘째 글", "둘째 글", "서론", "본문"),
    Source("ghost.xml", "Cormorant: Diving for Rare Tokens", "cormorant", "the dive", "Rare tokens sink"),
    Source("arxiv-rss.xml", "Rings within Rings", "3105.00001", "abstract", "We invent rings"),
    Source("arxiv-api-atom.xml", "Rings within Rings", "arxiv 3105.00001", "abstract", "We invent rings"),
)


@pytest.fixture
async def service(feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock) -> AsyncIterator[Service]:
    options = settings(NONMUN_FEEDS=feed_host.url("/none.xml"), NONMUN_PRIVATE_HOSTS="127.0.0.1")
    async with open_service(options, clock=clock) as opened:
        yield opened


@pytest.fixture
def poster() -> MemoryPoster:
    return MemoryPoster()


def at_home(text: str, host: FeedHost) -> str:
    """A document whose pages are on the loopback host."""
    return HOSTS.sub(lambda _: host.url("").rstrip("/"), text)


def without_newest(document: str) -> str:
    """A feed before its newest post."""
    if not document.startswith("{"):
        return ITEM.sub("", document, count=1)
    feed = json.loads(document)
    return json.dumps(feed | {"items": feed["items"][1:]})


async def follow(service: Service, address: str) -> str:
    """Follow what stands behind an address; its feed's."""
    offer = await service.subscriptions.look_at(address, guild_id=GUILD)
    await service.subscriptions.follow(offer.url, guild_id=GUILD, channel_id=CHANNEL, owner_id=OWNER)
    return offer.url


async def poll(service: Service, url: str) -> None:
    outcome = await service.poller.poll(url, is_forced=True)
    assert outcome.error is None


async def paper(service: Service, asked: str) -> PaperFound:
    answer = await service.answering.answer(Request(command=Command.PAPER, query=asked), EVERYTHING)
    assert isinstance(answer, PaperFound), answer
    return answer


@pytest.mark.parametrize("source", SOURCES, ids=[source.file for source in SOURCES])
async def test_a_platform_from_its_address_to_its_sections(
    source: Source, service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    """The older posts are read, the newest is announced once, and found by its name and its sections."""
    whole = at_home((DATA / source.file).read_text("utf-8"), feed_host)
    feed_host.serve("/feed", without_newest(whole))
    page = '<html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head><body>Blog</body></html>'
    feed_host.serve("/", page, content_type="text/html")
    url = await follow(service, feed_host.url("/"))
    assert await service.courier.deliver(poster) == 0
    feed_host.update("/feed", whole)
    await poll(service, url)
    assert await service.courier.deliver(poster) == 1
    assert poster.titles[0].startswith(source.announced)
    await poll(service, url)
    assert await service.courier.deliver(poster) == 0
    found = await paper(service, source.asked)
    assert found.stored.feed_url == url
    if source.heading:
        request = Request(command=Command.SECTION, query=source.asked, heading=source.heading)
        opened = await service.answering.answer(request, EVERYTHING)
        assert isinstance(opened, SectionFound)
        assert source.words in "".join(section.text for section in opened.sections)


TEXT = "&lt;h2&gt;1. Introduction&lt;/h2&gt;&lt;p&gt;조개를 읽는다.&lt;/p&gt;"
DIALECTS = {
    "RSS 0.91": (
        '<rss version="0.91"><channel><title>T</title>{items}</channel></rss>',
        f"<item><title>Pearl{{n}}: A Paper</title><link>https://b.test/{{n}}</link><description>{TEXT}</description></item>",
    ),
    "RDF": (
        (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
            '<channel rdf:about="https://b.test/"><title>T</title></channel>{items}</rdf:RDF>'
        ),
        (
            '<item rdf:about="https://b.test/{n}"><title>Pearl{n}: A Paper</title><link>https://b.test/{n}</link>'
            f"<description>{TEXT}</description></item>"
        ),
    ),
    "Atom 0.3": (
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>T</title>{items}</feed>',
        (
            "<entry><id>{n}</id><title>Pearl{n}: A Paper</title><issued>2026-01-0{n}T00:00:00Z</issued>"
            f'<content type="text/html" mode="escaped">{TEXT}</content></entry>'
        ),
    ),
    "Blogger": (
        '<feed xmlns="http://www.w3.org/2005/Atom"><generator>Blogger</generator><title>T</title>{items}</feed>',
        (
            "<entry><id>tag:blogger.com,1999:blog-1.post-{n}</id><published>2026-01-0{n}T09:00:00+09:00</published>"
            f'<title type="text">Pearl{{n}}: A Paper</title><content type="html">{TEXT}</content></entry>'
        ),
    ),
    "Hugo": (
        '<rss version="2.0"><channel><title>T</title><generator>Hugo -- gohugo.io</generator>{items}</channel></rss>',
        (
            "<item><title>Pearl{n}: A Paper</title><link>https://b.test/{n}/</link><guid>https://b.test/{n}/</guid>"
            f"<pubDate>Mon, 01 Jan 0001 00:00:00 +0000</pubDate><description>{TEXT}</description></item>"
        ),
    ),
}


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_dialect_from_its_address_to_its_sections(
    dialect: str, service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    frame, item = DIALECTS[dialect]
    url = feed_host.serve("/feed", frame.format(items=item.format(n=1)))
    assert await follow(service, feed_host.url("/feed")) == url
    feed_host.update("/feed", frame.format(items=item.format(n=2) + item.format(n=1)))
    await poll(service, url)
    assert await service.courier.deliver(poster) == 1
    assert poster.titles == ["Pearl2: A Paper"]
    opened = await service.answering.answer(Request(command=Command.SECTION, query="pearl2 introduction"), EVERYTHING)
    assert isinstance(opened, SectionFound)
    assert opened.sections[0].text == "조개를 읽는다."


async def test_daily_papers_and_notes_are_followed_like_feeds(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    """A day without papers is no failure; the next day's are announced."""
    papers = json.loads((DATA / "huggingface-daily-papers.json").read_bytes())
    notes = feed_host.serve("/notes", (DATA / "openreview-notes.json").read_bytes(), content_type="application/json")
    daily = feed_host.serve("/api/daily_papers", json.dumps(papers[1:]), content_type="application/json")
    assert [await follow(service, url) for url in (notes, daily)] == [notes, daily]
    for today in ("[]", json.dumps(papers)):
        feed_host.update("/api/daily_papers", today)
        await poll(service, daily)
    assert await service.courier.deliver(poster) == 1
    assert poster.titles == ["Rings within Rings: A Sample Attention for Long Context"]
    assert (await paper(service, "rings within rings")).stored.review.identifiers.arxiv == "3105.00001"
    assert (await paper(service, "tidemark")).stored.review.venue == "ICLR"


# ── one paper in several blogs ──────────────────────────────────────────────────────────────────

HEADER = '<p><a href="https://arxiv.org/abs/{number}">[pdf]</a></p><h2>1. Introduction</h2><p>{text}</p>'


async def serve_review(service: Service, host: FeedHost, name: str, title: str, number: str) -> None:
    text = f"{name} 의 글이다. " * 100
    post = make_entry(
        1, title=title, link=f"https://{name}.example/post/", html=HEADER.format(number=number, text=text), guid=name
    )
    url = host.serve(f"/{name}.xml", make_rss([post], title=name))
    await poll(service, url)


async def test_the_reviews_of_two_blogs_are_shown_as_one_paper(service: Service, feed_host: FeedHost) -> None:
    await serve_review(service, feed_host, "one", "[ACL2031] Kite-Instruct: Strings Attached", "3101.00001")
    await serve_review(service, feed_host, "two", "KITE-INSTRUCT 논문 리뷰", "3101.00001v2")
    await serve_review(service, feed_host, "three", "Other-Kite: Nothing Alike", "3101.00002")
    for asked in ("kite-instruct", "arxiv.org/abs/3101.00001"):
        found = await paper(service, asked)
        assert [head.link for head in (*found.also,)] != [found.stored.review.link]
        assert {found.stored.review.link, *(head.link for head in found.also)} == {
            "https://one.example/post/",
            "https://two.example/post/",
        }
        assert found.others == ()
    assert (await paper(service, "other-kite")).also == ()


async def test_two_reviews_of_one_paper_are_no_rivals(service: Service, feed_host: FeedHost) -> None:
    """A name with a slip in it is as sure as with one blog, and a section is opened; two papers stay two guesses."""
    await serve_review(service, feed_host, "one", "[ACL2031] Kite-Instruct: Strings Attached", "3101.00001")
    await serve_review(service, feed_host, "two", "KITE-INSTRUCT 논문 리뷰", "3101.00001")
    found = await paper(service, "kite-instuct")
    assert len(found.also) == 1
    assert found.note == "Nothing is called “kite-instuct”; the nearest name is “Kite-Instruct”."
    for name in ("kite-instruct", "kite-instuct"):
        request = Request(command=Command.SECTION, query=name, heading="introduction")
        assert isinstance(await service.answering.answer(request, EVERYTHING), SectionFound), name
    await serve_review(service, feed_host, "three", "Kite-Insruct: Nothing Alike", "3101.00002")
    answer = await service.answering.answer(Request(command=Command.PAPER, query="kite-insxruct"), EVERYTHING)
    assert isinstance(answer, DidYouMean)


async def test_two_papers_with_one_wrong_link_stay_two(service: Service, feed_host: FeedHost) -> None:
    await serve_review(service, feed_host, "one", "GLARE: Reading While Writing", "3101.00003")
    await serve_review(service, feed_host, "two", "MK-SEA: Many Kinds of Sea Knowledge", "3101.00003")
    assert (await paper(service, "glare")).also == ()
    assert (await paper(service, "mk-sea")).also == ()


async def test_the_parts_of_one_survey_are_one_paper(service: Service, feed_host: FeedHost) -> None:
    for number, name in enumerate(("one", "two", "three", "four"), 1):
        await serve_review(service, feed_host, name, f"A Survey of Small Harbors ({number})", "3101.00004")
    found = await paper(service, "A Survey of Small Harbors (2)")
    assert len(found.also) == 3


# ── digests ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_digest_is_one_post_and_its_papers_are_found(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    """It is announced once, listed once, and each of its papers is opened by its name in either language."""
    whole = at_home((DATA / "discourse-latest.xml").read_text("utf-8"), feed_host)
    url = feed_host.serve("/latest.rss", ITEM.sub("", whole, count=1))
    await follow(service, url)
    feed_host.update("/latest.rss", whole)
    await poll(service, url)
    assert await service.courier.deliver(poster) == 1
    shown = str(poster.messages[0])
    assert "Rings within Rings" in shown
    assert "Learning to Simulate a Sea" in shown
    for asked in ("rings within rings", "고리 안의 고리", "simsea", "learning to simulate a sea"):
        assert (await paper(service, asked)).stored.review.link.partition("#")[2]
    latest = await service.answering.answer(Request(command=Command.LATEST), EVERYTHING)
    assert [head.title.startswith("[2026") for head in latest.heads] == [True, False]  # type: ignore[union-attr]
    fewer = re.sub(r"<hr>\s*<h2><a name=\"p-9001-h-7\".*?(?=<p><small>)", "", whole, flags=re.DOTALL)
    feed_host.update("/latest.rss", fewer)
    await poll(service, url)
    answer = await service.answering.answer(Request(command=Command.PAPER, query="simsea"), EVERYTHING)
    assert not isinstance(answer, PaperFound), "it is gone from the digest"


async def test_a_digest_of_an_earlier_version_gets_its_papers_when_it_is_read_again(
    service: Service, feed_host: FeedHost
) -> None:
    whole = at_home((DATA / "discourse-latest.xml").read_text("utf-8"), feed_host)
    await poll(service, feed_host.serve("/latest.rss", whole))
    async with service.database.transaction() as db:
        await db.execute("DELETE FROM reviews WHERE part_of IS NOT NULL")
        await db.execute("UPDATE reviews SET structure_version = 1")
    assert await service.poller.reread_outdated() == 2
    assert (await paper(service, "simsea")).stored.review.link.endswith("#p-9001-h-7")


async def test_an_old_pinned_topic_and_a_papers_new_version_are_no_news(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    for name, kept in (("discourse-latest.xml", "topic-9001"), ("arxiv-rss.xml", "00001v1")):
        whole = at_home((DATA / name).read_text("utf-8"), feed_host)
        url = feed_host.serve(f"/{name}", ITEM.sub(lambda match: match[0] if kept in match[0] else "", whole))  # noqa: B023
        await follow(service, url)
        feed_host.update(f"/{name}", whole)
        await poll(service, url)
    assert await service.courier.deliver(poster) == 1
    assert poster.titles == ["A Cross-Listed Sample"]
    explained = await service.subscriptions.why("arXiv:3104.09999", guild_id=GUILD)
    assert explained.histories[0].decisions[-1].stage is Stage.TOO_OLD


async def test_a_feed_that_is_looked_at_is_asked_for_once(service: Service, feed_host: FeedHost) -> None:
    """What was read to find it is what is shown of it, whether its own address was given or its blog's."""
    url = feed_host.serve("/feed.xml", make_rss([make_entry(2), make_entry(1)]))
    head = f'<link rel="alternate" type="application/rss+xml" href="{url}">'
    blog = feed_host.serve("/", f"<html><head><title>B</title>{head}</head></html>", content_type="text/html")
    for times, address in enumerate((url, blog), 1):
        offer = await service.subscriptions.look_at(address, guild_id=GUILD)
        assert (offer.url, offer.total) == (url, 2)
        assert offer.newest is not None
        assert offer.newest.review.title == make_entry(2).title
        assert len(feed_host.requests_for("/feed.xml")) == times


async def test_a_feed_that_was_looked_at_is_followed_without_asking_again(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    """What was shown is what is entered, with the validators that it came with: the next visit is conditional."""
    url = feed_host.serve("/feed.xml", make_rss([make_entry(2), make_entry(1)]))
    offer = await service.subscriptions.look_at(url, guild_id=GUILD)
    asked = len(feed_host.requests_for("/feed.xml"))
    await service.subscriptions.follow(offer.url, guild_id=GUILD, channel_id=CHANNEL, owner_id=OWNER)
    assert len(feed_host.requests_for("/feed.xml")) == asked == 1
    assert service.answering.review_count == 2
    assert await service.courier.deliver(poster) == 0
    await poll(service, url)
    assert feed_host.requests_for("/feed.xml")[-1].status == 304
    feed_host.update("/feed.xml", make_rss([make_entry(3), make_entry(2), make_entry(1)]))
    await poll(service, url)
    assert await service.courier.deliver(poster) == 1


async def test_what_was_looked_at_is_not_entered_over_what_the_cache_has_since(
    service: Service, feed_host: FeedHost
) -> None:
    """Another server followed the feed while the panel stood: it is asked as any feed that is known."""
    url = feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    await service.subscriptions.look_at(url, guild_id=GUILD)
    await poll(service, url)
    feed_host.update("/feed.xml", make_rss([make_entry(2), make_entry(1)]))
    await service.subscriptions.follow(url, guild_id=GUILD, channel_id=CHANNEL, owner_id=OWNER)
    await poll(service, url)
    assert service.answering.review_count == 2


async def test_few_feeds_that_were_looked_at_are_kept_and_not_for_long(
    service: Service, feed_host: FeedHost, clock: Clock
) -> None:
    """Panels stand for ten minutes, and anybody may open many: the oldest, the large and the late are asked again."""
    urls = [feed_host.serve(f"/{n}.xml", make_rss([make_entry(n)])) for n in range(MOST_KEPT + 1)]
    for url in urls:
        await service.subscriptions.look_at(url, guild_id=GUILD)
    await service.subscriptions.follow(urls[0], guild_id=GUILD, channel_id=CHANNEL, owner_id=OWNER)
    assert len(feed_host.requests_for("/0.xml")) == 2
    await service.subscriptions.follow(urls[1], guild_id=GUILD, channel_id=CHANNEL, owner_id=OWNER)
    assert len(feed_host.requests_for("/1.xml")) == 1
    clock.now += KEPT_FOR + timedelta(seconds=1)
    await service.subscriptions.follow(urls[2], guild_id=GUILD, channel_id=CHANNEL, owner_id=OWNER)
    assert len(feed_host.requests_for("/2.xml")) == 2


async def test_a_large_feed_that_was_looked_at_is_asked_again(
    service: Service, feed_host: FeedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "LARGEST_KEPT_BYTES", 10)
    url = feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    await service.subscriptions.look_at(url, guild_id=GUILD)
    await service.subscriptions.follow(url, guild_id=GUILD, channel_id=CHANNEL, owner_id=OWNER)
    assert len(feed_host.requests_for("/feed.xml")) == 2


async def test_a_private_number_is_refused_while_its_host_is_being_visited(
    feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock
) -> None:
    """Nobody who types it waits for a visit of the host's own, which a slow server may hold for half a minute."""
    own = feed_host.serve("/own.xml", make_rss([make_entry(1)]))
    let_go = feed_host.hold("/own.xml")
    async with open_service(settings(NONMUN_FEEDS=(own,)), clock=clock) as service:
        visit = asyncio.create_task(service.poller.poll(own, is_forced=True))
        await feed_host.wait_for_requests(1)
        with pytest.raises(RequestError, match="private network"):
            await service.subscriptions.look_at(feed_host.url("/other.xml"), guild_id=GUILD)
        assert not visit.done()
        let_go.set()
        assert (await visit).error is None


# ── cut posts and archives ──────────────────────────────────────────────────────────────────────

ARTICLE = "<p>{name} 을 처음부터 끝까지 읽는다. " + "문장이 이어진다, 그리고 또 이어진다. " * 20 + "</p>"


def page_of(name: str, *, date: str = "2025-03-04T05:06:07Z") -> str:
    body = "".join(f"<h2>{n}. 절 {n}</h2>{ARTICLE.format(name=name)}" for n in range(1, 5))
    return (
        f'<html><head><title>{name} | Blog</title><meta property="og:title" content="{name}: A Paper">'
        f'<meta property="article:published_time" content="{date}"></head><body><nav><a href="/">Home</a></nav>'
        f'<div class="post"><h1>{name}: A Paper</h1>{body}'
        '<p><span style="background-color: #dcffe4">밑줄</span></p></div>'
        f'<div class="comments"><p>좋은 글이네요</p></div><footer>Copyright</footer></body></html>'
    )


CONSENT = """<html><head><title>MoonPool: A Paper</title></head><body><div><h1>We value your privacy</h1><p>We and
our 800 partners store and access information on a device, such as unique identifiers in cookies, to show you ads,
measure them and learn about the audience.</p><p>You may accept all or manage your choices below, including your right
to object where legitimate interest is used.</p></div></body></html>"""


async def test_a_cut_post_is_completed_from_its_page_before_it_is_announced(
    service: Service, feed_host: FeedHost, poster: MemoryPoster
) -> None:
    """Marked as such, without what the site puts around it; a page that asks for consent leaves a teaser."""
    url = feed_host.serve("/rss", make_rss([make_entry(1)]))
    await follow(service, url)
    links = [
        feed_host.serve(f"/{name}", page_of(name), content_type="text/html") for name in ("SeaGlass", "MoonPool")
    ]
    feed_host.serve("/MoonPool", CONSENT, content_type="text/html")
    cut = [
        make_entry(n, title=f"{link.rpartition('/')[2]}: A Paper", link=link, html="처음부터 끝까지 읽는다...")
        for n, link in enumerate(links, 2)
    ]
    feed_host.update("/rss", make_rss([*reversed(cut), make_entry(1)]))
    await poll(service, url)
    assert await service.courier.deliver(poster) == 2
    whole, teaser = (await paper(service, "seaglass")).stored.review, (await paper(service, "moonpool")).stored.review
    assert (whole.extent, teaser.extent) == (Extent.PAGE, Extent.TEASER)
    assert "privacy" not in "".join(section.text for section in teaser.sections)
    assert "privacy" not in repr(poster.messages)
    assert [section.heading for section in whole.sections if section.heading][:2] == ["1. 절 1", "2. 절 2"]
    text = "".join(section.text for section in whole.sections)
    assert "밑줄" in text
    assert "좋은 글" not in text
    assert "Copyright" not in text
    asked = len(feed_host.requests_for("/SeaGlass"))
    feed_host.update("/rss", make_rss([*reversed(cut), make_entry(1)], title="Renamed"))
    await poll(service, url)
    assert len(feed_host.requests_for("/SeaGlass")) == asked, "it is known as it is"


async def serve_archive(host: FeedHost, folder: str = "") -> str:
    """A feed of the newest of six posts, and a sitemap of them all with pages that are no posts."""
    names = [f"Pearl{letter}" for letter in "ABCDEF"]
    pages = [
        host.serve(f"{folder}/posts/{n}/{name}.html", page_of(name), content_type="text/html")
        for n, name in enumerate(names, 1)
    ]
    others = [host.url(path) for path in ("/", "/about/", "/tag/pearl/", "/posts/", "/en/1/x.html")]
    listed = "".join(f"<url><loc>{page}</loc></url>" for page in (*others, *pages))
    newest = make_entry(9, title="PearlF: A Paper", link=pages[-1], guid=pages[-1])
    if folder:  # a site has one sitemap: these have theirs behind the feed
        return host.serve(f"{folder}/feed.xml", make_rss([newest], tail=f"<urlset>{listed}</urlset>"))
    host.serve("/sitemap.xml", f"<urlset>{listed}</urlset>")
    return host.serve("/feed.xml", make_rss([newest]))


async def test_an_archive_is_read_without_a_word_and_goes_on_after_a_break(
    service: Service, feed_host: FeedHost, poster: MemoryPoster, settings: Callable[..., Settings], clock: Clock
) -> None:
    url = await serve_archive(feed_host)
    await follow(service, url)
    assert (await service.backfill.begin(url)).pending == 5
    for _ in range(2):
        step = await service.backfill.step(url)
        assert step is not None
        assert (step.added, step.error) == (1, None)
    told = []
    async with open_service(service.settings, clock=clock) as later:
        counts = await later.backfill.read_all(url, lambda counts, _: told.append(counts.done), pause_s=0)
        assert (counts.done, counts.pending, counts.failed) == (5, 0, 0)
        assert told == [3, 4, 5]
        assert await later.courier.deliver(poster) == 0
        found = (await paper(later, "pearla")).stored.review
        assert (found.extent, f"{found.published:%Y-%m-%d}") == (Extent.PAGE, "2025-03-04")
        explained = await later.subscriptions.why(found.link, guild_id=GUILD)
        assert explained.histories[0].decisions[-1].stage is Stage.ARCHIVED
    await poll(service, url)
    assert await service.courier.deliver(poster) == 0


async def test_what_robots_txt_forbids_is_not_read(service: Service, feed_host: FeedHost) -> None:
    url = await serve_archive(feed_host)
    feed_host.serve("/robots.txt", "User-agent: *\nDisallow: /posts/1/\n", content_type="text/plain")
    await poll(service, url)
    counts = await service.backfill.read_all(url, lambda *_: None, pause_s=0)
    assert (counts.done, counts.failed) == (4, 1)
    assert feed_host.requests_for("/posts/1/PearlA.html") == []


async def test_an_archive_waits_for_a_robots_txt_that_cannot_be_read(service: Service, feed_host: FeedHost) -> None:
    """No page is asked for or charged with it, at a terminal neither."""
    url = await serve_archive(feed_host)
    await follow(service, url)
    await service.backfill.begin(url)
    feed_host.fail("/robots.txt", status=503)
    service.backfill._crawler._sites.clear()
    for _ in range(MAX_TRIES + 1):
        await service.backfill.read_some()
    assert await service.backfill.counts(url) == PageCounts(pending=5)
    with pytest.raises(RequestError, match=r"its site’s robots\.txt cannot be read"):
        await service.backfill.read_all(url, lambda *_: None, pause_s=0)
    assert [request.path for request in feed_host.requests if request.path.startswith("/posts/")] == []
    feed_host.recover("/robots.txt")
    service.backfill._crawler._sites.clear()
    assert (await service.backfill.read_all(url, lambda *_: None, pause_s=0)).done == 5


async def test_an_archive_whose_robots_txt_cannot_be_read_for_a_week_is_given_up(
    service: Service, feed_host: FeedHost
) -> None:
    """Its pages show as ones that could not be read."""
    url = await serve_archive(feed_host)
    await follow(service, url)
    await service.backfill.begin(url)
    feed_host.fail("/robots.txt", status=503)
    sites = service.backfill._crawler._sites
    for failures in range(MAX_UNREACHABLE):
        assert await service.backfill.open_feeds() == [url]
        for site in sites.values():
            site.until_s = 0.0
        await service.backfill.read_some()
        assert [site.failures for site in sites.values()] == [failures + 1]
    assert await service.backfill.open_feeds() == []
    assert await service.backfill.counts(url) == PageCounts(failed=5)


async def test_an_archive_is_read_at_the_pace_that_its_site_asks_for(service: Service, feed_host: FeedHost) -> None:
    """What is not read yet keeps its place; the cut posts of a feed wait in its queue, too."""
    url = await serve_archive(feed_host)
    await follow(service, url)
    await service.backfill.begin(url)
    feed_host.serve("/robots.txt", "User-agent: *\nCrawl-delay: 30\n", content_type="text/plain")
    sites = service.backfill._crawler._sites
    sites.clear()
    for count in range(1, 4):
        for _ in range(2):
            await service.backfill.read_some()
        assert await service.backfill.counts(url) == PageCounts(done=count, pending=5 - count)
        for site in sites.values():
            site.next_s = 0.0
    cut = [
        make_entry(n, title=f"Cut{n}: A Paper", link=feed_host.url(f"/cut/{n}"), html="처음부터 끝까지 읽는다...")
        for n in (21, 22, 23)
    ]
    for entry in cut:
        feed_host.serve(entry.link.removeprefix(feed_host.url("")), page_of("Cut"), content_type="text/html")
    feed_host.update("/feed.xml", make_rss(cut))
    await poll(service, url)
    assert len([request for request in feed_host.requests if request.path.startswith("/cut/")]) == 1
    assert (await service.backfill.counts(url)).pending == 2 + 2


async def test_pages_of_a_feed_are_followed_to_their_end(service: Service, feed_host: FeedHost) -> None:
    """By the link to the next page (RFC 5005); a page that cannot be read is tried again and then left."""

    def atom(number: int, further: str) -> str:
        post = f"<entry><id>p{number}</id><title>Pearl{number}: A Paper</title><content>글 {number}</content></entry>"
        return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{further}{post}</feed>'

    url = feed_host.serve("/atom.xml", atom(1, '<link rel="next" href="/atom.xml?page=2"/>'))
    feed_host.serve("/atom.xml?page=2", atom(2, '<link rel="next" href="/gone.xml"/>'))
    await poll(service, url)
    counts = await service.backfill.read_all(url, lambda *_: None, pause_s=0)
    assert (counts.done, counts.failed) == (1, 1)
    assert service.answering.review_count == 2


async def test_a_page_number_of_thousands_of_digits_ends_its_feeds_pages_and_no_other_archive(
    service: Service, feed_host: FeedHost
) -> None:
    """A redirect can lead to such an address; there is no counting on from it."""

    def wordpress(number: int) -> bytes:
        made = make_rss([make_entry(number)])
        return made.replace(b"Jekyll v3.10.0", b"https://wordpress.org/?v=6.5")

    odd = f"/feed?paged={'9' * 4_301}"
    feed_host.serve("/feed", wordpress(1))
    feed_host.redirect("/feed?paged=2", odd)
    feed_host.serve(odd, wordpress(2))
    url, other = feed_host.url("/feed"), await serve_archive(feed_host)
    for followed in (url, other):
        await follow(service, followed)
        await service.backfill.begin(followed)
    while await service.backfill.open_feeds():
        await service.backfill.read_some()
    assert (await service.backfill.counts(url)).done == 1
    assert (await service.backfill.counts(other)).done == 5


async def test_an_unexpected_error_of_a_page_is_counted_and_the_page_set_aside(
    service: Service, feed_host: FeedHost, caplog: pytest.LogCaptureFixture
) -> None:
    """After the third time it is left; its traceback is in the log once, and the other archives are read."""
    urls = [await serve_archive(feed_host, folder) for folder in ("/one", "/two")]
    for url in urls:
        await follow(service, url)
        await service.backfill.begin(url)
    async with service.database.transaction() as db:
        await db.execute("UPDATE reviews SET published = 'no date' WHERE feed_id = (SELECT min(id) FROM feeds)")
    rounds = 0
    while await service.backfill.open_feeds():
        await service.backfill.read_some()
        rounds += 1
    assert rounds == 3 * 5
    spoilt, whole = [await service.backfill.counts(url) for url in urls]
    assert (spoilt.done, spoilt.failed) == (0, 5)
    assert (whole.done, whole.failed) == (5, 0)
    async with service.database.reader.execute("SELECT DISTINCT reason FROM pages WHERE state = 'failed'") as cursor:
        assert [read_message(row["reason"]) for row in await cursor.fetchall()] == [
            "an unexpected error (ValueError); the log has the details"
        ]
    assert len([record for record in caplog.records if record.exc_info]) == 1


async def test_a_page_is_not_charged_with_a_reader_that_cannot_be_started(
    service: Service, feed_host: FeedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The archive waits, and is read once documents can be."""
    url = await serve_archive(feed_host)
    await follow(service, url)
    await service.backfill.begin(url)
    await service.backfill._reader.close()
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/nowhere/python")
        for _ in range(MAX_TRIES):
            with pytest.raises(ReaderError):
                await service.backfill.read_some()
    while await service.backfill.open_feeds():
        await service.backfill.read_some()
    assert await service.backfill.counts(url) == PageCounts(done=5)


async def test_the_archive_of_a_feed_that_was_given_up_is_read_no_further(
    service: Service, feed_host: FeedHost
) -> None:
    """What was read stays. At a terminal the host may go on with it, and a feed that nobody ever followed is open."""
    url = await serve_archive(feed_host)
    await follow(service, url)
    await service.backfill.begin(url)
    await service.backfill.read_some()
    (subscription,) = await service.subscriptions.of_guild(GUILD)
    await service.subscriptions.pause(subscription)
    assert await service.backfill.open_feeds() == [url]
    await service.subscriptions.remove(subscription)
    assert await service.backfill.open_feeds() == []
    counts = await service.backfill.counts(url)
    assert (counts.done, counts.pending) == (1, 0)
    counts = await service.backfill.read_all(url, lambda *_: None, pause_s=0)
    assert (counts.done, counts.pending) == (5, 0)


async def test_an_archive_of_the_hosts_own_feed_is_read_without_subscriptions(
    feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock
) -> None:
    url = await serve_archive(feed_host)
    other = feed_host.serve("/other.xml", make_rss([make_entry(1)]))
    async with open_service(settings(NONMUN_FEEDS=url, NONMUN_PRIVATE_HOSTS="127.0.0.1"), clock=clock) as service:
        await poll(service, url)
        await service.backfill.begin(url)
        await follow(service, url)
        await follow(service, other)
        for subscription in await service.subscriptions.of_guild(GUILD):
            await service.subscriptions.remove(subscription)
        assert await service.backfill.open_feeds() == [url]


async def test_pages_that_a_document_names_open_no_private_door(
    feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock
) -> None:
    """No cut post's page, nor one of a queue, leads to the place of the host's own feed, or to a file."""
    own = feed_host.serve("/own.xml", make_rss([make_entry(1)]))
    secret = feed_host.serve("/secret", page_of("Secret"), content_type="text/html")
    hosts = f"127.0.0.2:{feed_host.port}"
    async with open_service(settings(NONMUN_FEEDS=own, NONMUN_PRIVATE_HOSTS=hosts), clock=clock) as service:
        await service.poller.poll_all()
        async with service.database.transaction() as db:
            feed = await feeds.find_feed(service.database.reader, own)
            assert feed is not None
            await pages.add_pages(db, feed.id, [secret, "file:///etc/hostname", "/etc/hostname"])
        cut = make_entry(2, title="Cut: A Paper", link=secret, html="처음부터...")
        feed_host.update("/own.xml", make_rss([cut, make_entry(1)]))
        await poll(service, own)
        counts = await service.backfill.read_all(own, lambda *_: None, pause_s=0)
        assert (counts.done, counts.failed) == (0, 3)
        assert service.answering.review_count == 2
        assert (await paper(service, "cut")).stored.review.extent is Extent.TEASER
    assert feed_host.requests_for("/secret") == []


async def test_an_archive_on_a_private_address_says_what_it_needs(
    feed_host: FeedHost, settings: Callable[..., Settings], clock: Clock
) -> None:
    """The host's own feed is read there; its pages only where the host names the place for them, too."""
    own = await serve_archive(feed_host)
    async with open_service(settings(NONMUN_FEEDS=own), clock=clock) as service:
        await service.poller.poll_all()
        with pytest.raises(
            RequestError, match=r"private address\. To read them, add its host to NONMUN_PRIVATE_HOSTS"
        ):
            await service.backfill.begin(own)
    assert feed_host.requests_for("/sitemap.xml") == []


async def test_backfill_at_a_terminal(
    feed_host: FeedHost, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says how far it is and what came of it; a second time there is nothing left to do."""
    url = await serve_archive(feed_host)
    monkeypatch.setenv("NONMUN_PRIVATE_HOSTS", "127.0.0.1")
    command = ["backfill", url, "--pause", "0", "--db", str(tmp_path / "new.db")]
    assert await asyncio.to_thread(main, command) == 0
    told = capsys.readouterr()
    assert f"{url}: 5 older posts added; 5 pages read, 0 failed." in told.out
    assert "5/5 " in told.err
    asked = len(feed_host.requests)
    assert await asyncio.to_thread(main, command) == 0
    assert "0 older posts added" in capsys.readouterr().out
    assert not [request for request in feed_host.requests[asked:] if request.path.startswith("/posts/")]
    assert await asyncio.to_thread(main, [*command[:1], feed_host.url("/none.xml"), *command[2:]]) == 2
    assert "404" in capsys.readouterr().err
