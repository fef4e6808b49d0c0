"""bot.feeds.robots: what sites let us read by their robots.txt, over loopback and with the real reader."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.errors import AddressError, FetchError, NotYetError, RobotsError
from bot.feeds.fetch import Fetcher
from bot.feeds.reader_process import Reader
from bot.feeds.robots import FIRST_PAUSE_S, KEPT_S, MAX_BYTES, MAX_DELAY_S, MAX_KEPT_BYTES, Crawler
from tests.loopback.feed_host import FeedHost
from tests.loopback.patience import patience

ALL = "User-agent: *\n"
PAGE = "/posts/one.html"


class Seconds:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher(allowed_private=("127.0.0.1", "localhost"), timeout_s=patience(20)) as made:
        yield made


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    made = Reader()
    yield made
    await made.close()


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def crawler(fetcher: Fetcher, reader: Reader, seconds: Seconds) -> Crawler:
    return Crawler(fetcher, reader, clock=seconds)


def serve(host: FeedHost, rules: str | bytes | None, path: str = PAGE) -> str:
    """A page, on a site with these rules."""
    if rules is not None:
        host.serve("/robots.txt", rules, content_type="text/plain")
    return host.serve(path, "<p>글</p>", content_type="text/html")


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        ("Disallow: /*.html$", "/posts/one.html"),
        ("Allow: /\nDisallow: /private/", "/private/one.html"),
        ("Disallow: /*/draft", "/posts/draft/one"),
        ("Disallow: /posts", "/posts/one.html?page=2"),
        ("Disallow: /%EA%B8%80/", "/글/하나"),
    ],
)
async def test_a_page_that_robots_txt_forbids_is_not_asked_for(
    feed_host: FeedHost, crawler: Crawler, rules: str, path: str
) -> None:
    """By wildcards, by the longest match whatever its place, and however an address is encoded."""
    url = serve(feed_host, ALL + rules, path)
    with pytest.raises(RobotsError):
        await crawler.fetch(url)
    assert not await crawler.may_read(url)
    assert [request.path for request in feed_host.requests] == ["/robots.txt"]


@pytest.mark.parametrize(
    "rules",
    [
        None,
        "",
        "<!doctype html><p>No such page</p>",
        ALL + "Disallow:",
        ALL + "Disallow: /posts/\nAllow: /posts/one",
        ALL + "Disallow: /\n\nUser-agent: Nonmun\nDisallow: /drafts/",
        "User-agent: otherbot\nDisallow: /",
        b"\xef\xbb\xbfUser-agent: nonmun\nAllow: /\n\nUser-agent: *\nDisallow: /",
    ],
)
async def test_a_page_that_robots_txt_allows_is_read(
    feed_host: FeedHost, crawler: Crawler, rules: str | bytes | None
) -> None:
    """Rules for our own name stand in for those for everybody, in any case and behind a byte order mark."""
    assert (await crawler.fetch(serve(feed_host, rules))).body


async def test_rules_for_our_name_forbid(feed_host: FeedHost, crawler: Crawler) -> None:
    with pytest.raises(RobotsError):
        await crawler.fetch(serve(feed_host, ALL + "Allow: /\n\nUser-agent: NONMUN\nDisallow: /"))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
async def test_a_robots_txt_that_is_not_there_forbids_nothing(
    feed_host: FeedHost, crawler: Crawler, status: int
) -> None:
    feed_host.fail("/robots.txt", status=status)
    assert (await crawler.fetch(serve(feed_host, None))).body


@pytest.mark.parametrize("happens", ["500", "503", "429", "cut", "circle"])
async def test_a_robots_txt_that_cannot_be_had_forbids_everything_for_an_hour(
    feed_host: FeedHost, crawler: Crawler, seconds: Seconds, happens: str
) -> None:
    """It is asked for once in that time, and the wait doubles up to a day; then the page can be read."""
    url = serve(feed_host, ALL + "Disallow: /other/")
    match happens:
        case "cut":
            feed_host.cut("/robots.txt")
        case "circle":
            feed_host.redirect("/robots.txt", "/robots.txt")
        case _:
            feed_host.fail("/robots.txt", status=int(happens))
    waits = []
    for _ in range(7):
        for _ in range(2):
            with pytest.raises(NotYetError) as caught:
                await crawler.fetch(url)
        waits.append(caught.value.wait_s)
        assert crawler.wait_s(url) == caught.value.wait_s
        assert caught.value.failures == len(waits)
        seconds.now_s += caught.value.wait_s
    assert waits == [FIRST_PAUSE_S * times for times in (1, 2, 4, 8, 16, 24, 24)]
    assert {request.path for request in feed_host.requests} == {"/robots.txt"}
    assert len(feed_host.requests) == 7
    feed_host.recover("/robots.txt")
    assert (await crawler.fetch(serve(feed_host, ALL + "Disallow: /other/"))).body


async def test_a_server_that_says_when_to_come_back_is_left_alone_until_then(
    feed_host: FeedHost, crawler: Crawler
) -> None:
    feed_host.fail("/robots.txt", status=503, retry_after=7200)
    with pytest.raises(NotYetError) as caught:
        await crawler.fetch(serve(feed_host, None))
    assert caught.value.wait_s == 7200


async def test_robots_txt_is_kept_for_a_day(feed_host: FeedHost, crawler: Crawler, seconds: Seconds) -> None:
    url = serve(feed_host, ALL + "Disallow: /other/")
    for _ in range(2):
        await crawler.fetch(url)
        seconds.now_s += KEPT_S - 1
    assert len(feed_host.requests_for("/robots.txt")) == 1
    feed_host.update("/robots.txt", ALL + "Disallow: /")
    seconds.now_s += 2 - KEPT_S + KEPT_S
    with pytest.raises(RobotsError):
        await crawler.fetch(url)
    assert len(feed_host.requests_for("/robots.txt")) == 2


async def test_a_redirect_leads_nowhere_that_its_site_forbids(feed_host: FeedHost, crawler: Crawler) -> None:
    feed_host.serve("/robots.txt", ALL + "Disallow: /closed/", content_type="text/plain")
    feed_host.serve("/closed/one", "x", content_type="text/html")
    with pytest.raises(RobotsError):
        await crawler.fetch(feed_host.redirect("/open", "/closed/one"))
    assert feed_host.requests_for("/open")
    assert feed_host.requests_for("/closed/one") == []


async def test_a_pause_between_requests_is_kept(feed_host: FeedHost, crawler: Crawler, seconds: Seconds) -> None:
    """A page, with what it redirects to on the same site, is one request; nobody waits longer than they want to."""
    serve(feed_host, ALL + "Crawl-delay: 10\nDisallow: /x")
    url = feed_host.redirect("/moved", PAGE)
    assert (await crawler.fetch(url)).body
    with pytest.raises(NotYetError) as caught:
        await crawler.fetch(url, patience_s=9.9)
    assert (caught.value.wait_s, caught.value.failures) == (10.0, 0)
    assert len(feed_host.requests_for(PAGE)) == 1
    assert crawler.wait_s(url) == 10.0
    assert await crawler.may_read(url), "a question costs no turn"
    seconds.now_s += 10
    assert crawler.wait_s(url) == 0
    assert (await crawler.fetch(url)).body


@pytest.mark.parametrize(
    ("asked", "kept"), [("86400", MAX_DELAY_S), ("0", 0.0), ("-5", 0.0), ("nan", 0.0), ("soon", 0.0), ("0.5", 0.5)]
)
async def test_the_pause_has_bounds(feed_host: FeedHost, crawler: Crawler, asked: str, kept: float) -> None:
    url = serve(feed_host, ALL + f"Crawl-delay: {asked}\nDisallow: /x")
    await crawler.fetch(url)
    assert crawler.wait_s(url) == kept


async def test_who_has_patience_waits(feed_host: FeedHost, crawler: Crawler) -> None:
    url = serve(feed_host, ALL + "Crawl-delay: 0.01\nDisallow: /x")
    for _ in range(3):
        await crawler.fetch(url, patience_s=1.0)
    assert len(feed_host.requests_for(PAGE)) == 3


async def test_half_a_mebibyte_of_robots_txt_is_read_in_whole_lines(feed_host: FeedHost, crawler: Crawler) -> None:
    """What is behind it is not, however long it is; the line that is cut through says nothing."""
    first = ALL + "Disallow: /first/\n"
    filling = "#" * (MAX_BYTES - len(first) - len("\nDisallow: /p"))
    serve(feed_host, f"{first}{filling}\nDisallow: /private/\nDisallow: /last/\n" + "#" * 11 * 2**20)
    assert not await crawler.may_read(feed_host.url("/first/a"))
    assert await crawler.may_read(feed_host.url(PAGE))
    assert await crawler.may_read(feed_host.url("/last/a"))


async def test_a_robots_txt_that_nobody_could_read_in_time_forbids_everything(
    feed_host: FeedHost, crawler: Crawler
) -> None:
    """It is read beside the bot, with the reader's limits: many names with many rules are millions of rules."""
    names = "".join(f"User-agent: a{number}\n" for number in range(15_000))
    url = serve(feed_host, names + "".join(f"Disallow: /{number}\n" for number in range(15_000)))
    with pytest.raises(NotYetError):
        await crawler.fetch(url)
    assert crawler.wait_s(url) == FIRST_PAUSE_S


async def test_sitemaps_are_those_that_robots_txt_names(feed_host: FeedHost, crawler: Crawler) -> None:
    """What is no address is left out, and a thousand of them are too many."""
    many = "".join(f"Sitemap: /{number}.xml\n" for number in range(1000))
    serve(feed_host, f"User-agent: *\nSitemap: /map.xml\nsitemap:https://b.example/2.xml\nSitemap: http://[\n{many}")
    found = await crawler.sitemaps(feed_host.url(PAGE))
    assert found[:2] == (feed_host.url("/map.xml"), "https://b.example/2.xml")
    assert len(found) == 99


async def test_a_byte_order_mark_hides_no_sitemap(feed_host: FeedHost, crawler: Crawler) -> None:
    """It stands before the first line, which may be the one that names it."""
    serve(feed_host, "\ufeffSitemap: /map.xml\nUser-agent: *\nDisallow: /x\n")
    assert await crawler.sitemaps(feed_host.url(PAGE)) == (feed_host.url("/map.xml"),)


async def test_what_leads_to_no_public_place_is_no_matter_of_waiting(feed_host: FeedHost, reader: Reader) -> None:
    async with Fetcher() as stranger:
        with pytest.raises(AddressError):
            await Crawler(stranger, reader).fetch(serve(feed_host, None))
        with pytest.raises(FetchError, match="only http"):
            await Crawler(stranger, reader).fetch("file:///etc/hostname")
    assert feed_host.requests == []


async def test_large_files_are_forgotten_first(
    feed_host: FeedHost, crawler: Crawler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept of all sites has a bound, and a site with little to say stays known."""
    assert MAX_KEPT_BYTES > 10 * MAX_BYTES
    monkeypatch.setattr("bot.feeds.robots.MAX_KEPT_BYTES", 1000)
    serve(feed_host, ALL + "Disallow: /x")
    small, large = feed_host.url(PAGE), feed_host.url(PAGE, host="localhost")
    await crawler.fetch(small)
    feed_host.update("/robots.txt", ALL + "Disallow: /x\n" * 100)
    for _ in range(2):
        await crawler.fetch(large)
        await crawler.fetch(small)
    assert len(feed_host.requests_for("/robots.txt")) == 3
