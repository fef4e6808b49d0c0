"""bot.feeds.discovery: what somebody types → the feeds that are meant, over loopback and with the real reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import FeedError, FetchError, HttpStatusError
from bot.feeds.discovery import (
    MAX_CANDIDATES,
    MAX_PROBES,
    Candidate,
    Discovered,
    find_feeds,
    guess_feeds,
    list_common_places,
    spell_address,
)
from bot.feeds.fetch import Fetcher
from bot.feeds.reader_process import Reader
from bot.feeds.robots import Crawler
from tests.factories import make_entry, make_rss
from tests.loopback.feed_host import FeedHost
from tests.loopback.patience import patience

SAMPLES = Path(__file__).parent / "data" / "feeds"
FEED = make_rss([make_entry(1)])
PAGE = "<!doctype html><html><head><title>예시 블로그</title>{head}</head><body>글</body></html>"


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
def crawler(fetcher: Fetcher, reader: Reader) -> Crawler:
    return Crawler(fetcher, reader)


def serve_page(host: FeedHost, path: str = "/", *, head: str = "") -> str:
    return host.serve(path, PAGE.format(head=head), content_type="text/html")


def announce(href: str, title: str = "") -> str:
    return f'<link rel="alternate" type="application/rss+xml" href="{href}" title="{title}">'


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def paths(host: FeedHost) -> list[str]:
    """What was asked for; robots.txt has tests of its own."""
    return [request.path for request in host.requests if request.path != "/robots.txt"]


# ── the address itself ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "name", ["velog.xml", "jsonfeed.json", "arxiv-rss-weekend-empty.xml", "jekyll-rss-plus-sitemap.xml"]
)
async def test_a_feed_is_the_feed_that_is_meant(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler, name: str
) -> None:
    """It is the only candidate, also where it is empty today, and nothing else is asked."""
    url = feed_host.serve("/made/feed", sample(name))
    found = await find_feeds(fetcher, reader, url, crawler=crawler)
    assert (found.url, [one.url for one in found.candidates]) == (url, [url])
    assert [candidate.url for candidate in found.candidates] == [url]
    assert found.candidates[0].title
    assert paths(feed_host) == ["/made/feed"]


async def test_a_feed_that_moved_is_taken_at_its_new_address(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler
) -> None:
    """Where the move is for good; one for now changes nothing."""
    new = feed_host.serve("/new", FEED)
    moved = await find_feeds(fetcher, reader, feed_host.redirect("/old", "/new", status=301), crawler=crawler)
    away = await find_feeds(fetcher, reader, feed_host.redirect("/away", "/new", status=302), crawler=crawler)
    assert [found.candidates[0].url for found in (moved, away)] == [new, feed_host.url("/away")]


async def test_an_address_without_scheme_is_found(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler
) -> None:
    """https is tried first, and http where nobody answers to that."""
    url = feed_host.serve("/feed.xml", FEED)
    found = await find_feeds(fetcher, reader, url.removeprefix("http://"), crawler=crawler)
    assert (found.url, [one.url for one in found.candidates]) == (url, [url])


async def test_a_broken_feed_is_told_as_one(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler
) -> None:
    """It is not taken for a page, and its neighbours are not asked."""
    url = feed_host.serve("/feed.xml", "<rss version='2.0'><channel><title>Cut</title><item><title>")
    with pytest.raises(FeedError, match="looks like a feed"):
        await find_feeds(fetcher, reader, url, crawler=crawler)
    assert paths(feed_host) == ["/feed.xml"]


async def test_private_addresses_are_refused(feed_host: FeedHost, reader: Reader) -> None:
    """Discovery asks through the fetcher's guard, by whichever scheme."""
    feed_host.serve("/", FEED)
    async with Fetcher() as fetcher:
        for address in (feed_host.url(), f"localhost:{feed_host.port}"):
            with pytest.raises(FetchError, match="private network"):
                await find_feeds(fetcher, reader, address, crawler=Crawler(fetcher, reader))
    assert feed_host.requests == []


# ── what a page announces ───────────────────────────────────────────────────────────────────────


async def test_a_page_offers_what_it_announces(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler
) -> None:
    """In its order, comments last, with titles; the first was read, and the others are not asked."""
    url = feed_host.serve("/blog/", sample("page-with-feed-links.html"), content_type="text/html")
    rss = feed_host.serve("/rss", make_rss([make_entry(1)]))
    found = await find_feeds(fetcher, reader, url, crawler=crawler)
    first, *others = found.candidates
    assert (found.url, first.url) == (url, rss)
    assert first.title not in {None, "RSS"}
    assert others == [
        Candidate(url="https://blog.example/atom.xml", title="Atom"),
        Candidate(url=feed_host.url("/c/papers/10.rss"), title="한 갈래의 글"),
        Candidate(url=feed_host.url("/comments/feed/"), title="댓글"),
    ]
    assert paths(feed_host) == ["/blog/", "/rss"]


async def test_announced_feeds_that_are_gone_are_left_out(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler
) -> None:
    """A template may announce what was never made; what is only busy stays behind what was read."""
    head = announce("/gone.xml") + announce("/busy.xml", "Busy") + announce("/rss.xml") + announce("/tag.xml")
    url = serve_page(feed_host, head=head)
    feed_host.fail("/busy.xml", status=503)
    feed_host.serve("/rss.xml", FEED)
    found = await find_feeds(fetcher, reader, url, crawler=crawler)
    assert [candidate.url for candidate in found.candidates] == [
        feed_host.url(path) for path in ("/rss.xml", "/busy.xml", "/tag.xml")
    ]


async def test_one_place_is_offered_once(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler
) -> None:
    """However it is spelt; and no page fills more than one menu, or names a place that users may not."""
    head = announce("/rss") + announce("/rss/") + announce("http://me:pw@a.example/f") + announce("file:///etc/x")
    head += "".join(announce(f"/tag/{number}.xml") for number in range(100))
    url = serve_page(feed_host, head=head)
    feed_host.serve("/rss", FEED)
    found = await find_feeds(fetcher, reader, url, crawler=crawler)
    urls = [candidate.url for candidate in found.candidates]
    assert urls[:2] == [feed_host.url("/rss"), feed_host.url("/tag/0.xml")]
    assert len(urls) == MAX_CANDIDATES


async def test_a_feed_of_comments_alone_is_not_all(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler
) -> None:
    """A post often announces what is said under it; the blog's own feed comes before."""
    url = serve_page(feed_host, "/a-post/", head=announce("/a-post/feed/", "Comments Feed"))
    feed_host.serve("/feed", FEED)
    found = await find_feeds(fetcher, reader, url, crawler=crawler)
    assert [candidate.url for candidate in found.candidates] == [
        feed_host.url("/feed"), feed_host.url("/a-post/feed/"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "head",
    [
        '<base href="/other/"><link rel="alternate" type="application/rss+xml" href="news.xml">',
        '<link rel="alternate" type="application/rss+xml; charset=UTF-8" href="/other/news.xml">',
        '<link rel="alternate" type="application/xml" href="/other/news.xml">',
        '<link rel="feed" href="/other/news.xml">',
        f'<style>{"p > a {{ color: red }} " * 12_000}</style><link rel="feed" href="/other/news.xml">',
        '<meta http-equiv="refresh" content="0; url=/other/news.xml">',
        '</head><a rel="alternate" type="application/atom+xml" href="/other/news.xml">Posts</a>',
        '</head><footer><a href="/other/news.xml">RSS</a></footer>',
    ],
    ids=["base", "charset", "xml", "rel", "behind styles", "refresh", "a", "plain"],
)
async def test_a_feed_is_found_however_its_page_says_so(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler, head: str
) -> None:
    """And with no more than the requests for it and its page."""
    url = serve_page(feed_host, "/blog/", head=head.replace("{{", "{").replace("}}", "}"))
    feed = feed_host.serve("/other/news.xml", FEED)
    found = await find_feeds(fetcher, reader, url, crawler=crawler)
    assert [candidate.url for candidate in found.candidates] == [feed]
    assert paths(feed_host) == ["/blog/", "/other/news.xml"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Link": '</other/news.xml>; rel="alternate"; type="application/rss+xml"; title="Posts, and more"'},
        {"Refresh": "0; url=/other/news.xml"},
    ],
    ids=["link", "refresh"],
)
async def test_a_feed_that_the_answers_head_names_is_found(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, headers: dict[str, str]
) -> None:
    """Without a word of it on the page."""
    url = feed_host.serve("/blog/", PAGE.format(head=""), content_type="text/html", headers=headers)
    feed = feed_host.serve("/other/news.xml", FEED)
    found = await find_feeds(fetcher, reader, url)
    assert [candidate.url for candidate in found.candidates] == [feed]
    assert paths(feed_host) == ["/blog/", "/other/news.xml"]


def refresh(target: str) -> str:
    return f'<meta http-equiv="refresh" content="0; url={target}"><link rel="canonical" href="{target}">'


async def test_a_page_that_leads_to_the_blog_is_followed(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler
) -> None:
    """All that a static host can do for a blog that moved; what the old page announces is gone."""
    url = serve_page(feed_host, head=refresh("/new/") + announce("/gone.xml"))
    serve_page(feed_host, "/new/", head=refresh("/newer/"))
    serve_page(feed_host, "/newer/", head=announce("news.xml"))
    feed = feed_host.serve("/newer/news.xml", FEED)
    found = await find_feeds(fetcher, reader, url, crawler=crawler)
    assert [candidate.url for candidate in found.candidates] == [feed]
    assert paths(feed_host) == ["/", "/gone.xml", "/new/", "/newer/", "/newer/news.xml"]


async def test_pages_that_lead_in_a_circle_or_on_and_on_are_left(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler
) -> None:
    """Two are followed; the usual places are tried where the last one stands."""
    circle = serve_page(feed_host, "/a", head=refresh("/b"))
    serve_page(feed_host, "/b", head=refresh("/a"))
    for number in range(5):
        serve_page(feed_host, f"/{number}", head=refresh(f"/{number + 1}"))
    for url, last in ((circle, "/b"), (feed_host.url("/0"), "/2")):
        before = len(paths(feed_host))
        with pytest.raises(FeedError):
            await find_feeds(fetcher, reader, url, crawler=crawler)
        asked = paths(feed_host)[before:]
        assert len(asked) <= 1 + MAX_PROBES
        assert [path for path in asked if path in {"/a", "/b", *(f"/{n}" for n in range(6))}][-1] == last


@pytest.mark.parametrize("how", ["meta", "header", "link", "base", "a"])
async def test_no_page_leads_into_a_private_network(reader: Reader, feed_host: FeedHost, how: str) -> None:
    """What is refused to a redirect is refused to every other way by which a page leads on."""
    async with FeedHost() as inside, Fetcher(allowed_private=(f"127.0.0.1:{feed_host.port}",)) as fetcher:
        secret = inside.serve("/feed.xml", FEED)
        heads = {
            "meta": refresh(secret),
            "base": f'<base href="{inside.url("/")}">{announce("feed.xml")}',
            "a": f'</head><a rel="feed" href="{secret}">RSS</a>',
        }
        headers = {"header": {"Refresh": f"0; url={secret}"}, "link": {"Link": f"<{secret}>; rel=feed"}}
        page = PAGE.format(head=heads.get(how, ""))
        url = feed_host.serve("/blog/", page, content_type="text/html", headers=headers.get(how, {}))
        try:
            found = await find_feeds(fetcher, reader, url)
        except FeedError:
            found = None
        assert inside.requests == []
        assert found is None or all(candidate.fetched is None for candidate in found.candidates)


async def test_the_sites_feed_comes_before_those_of_its_tags(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler
) -> None:
    """However many of these the page names before it; the page of a tag is asked for that tag."""
    head = "".join(announce(f"/tag/{number}/feed.xml", f"Tag {number}") for number in range(40)) + announce(
        "/all.xml"
    )
    feed = feed_host.serve("/all.xml", FEED)
    tag = feed_host.serve("/tag/7/feed.xml", FEED)
    whole = await find_feeds(fetcher, reader, serve_page(feed_host, head=head), crawler=crawler)
    part = await find_feeds(fetcher, reader, serve_page(feed_host, "/tag/7/", head=head), crawler=crawler)
    assert (whole.candidates[0].url, part.candidates[0].url) == (feed, tag)


@pytest.mark.parametrize(
    ("url", "title", "is_about_comments"),
    [
        ("https://a.example/comments/feed/", None, True),
        ("https://a.example/?feed=comments-rss2", None, True),
        ("https://a.example/x", "예시 댓글", True),
        ("https://a.example/x", "Comments on: A post", True),
        ("https://commentary.example/feed", "Commentary", False),
    ],
)
def test_feeds_of_comments_are_known(url: str, title: str | None, is_about_comments: bool) -> None:
    """By address or title, and by the whole word."""
    assert Candidate(url=url, title=title).is_about_comments == is_about_comments


# ── places that we guess ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/feed", "/rss", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml", "/latest.rss"])
async def test_a_silent_page_is_searched(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler, path: str
) -> None:
    """A feed at a usual place is found, and nothing is asked after it."""
    url = serve_page(feed_host)
    feed = feed_host.serve(path, sample("jekyll-feed-atom.xml"))
    found = await find_feeds(fetcher, reader, url, crawler=crawler)
    assert found == Discovered(url=url, candidates=(Candidate(url=feed, title=found.candidates[0].title),))
    assert paths(feed_host)[-1] == path
    assert len(paths(feed_host)) <= 1 + MAX_PROBES


async def test_a_page_that_answers_everything_has_no_feed(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler
) -> None:
    """Status 200 makes no feed: each guess is read before it counts."""
    url = serve_page(feed_host)
    for path in ("/feed", "/rss", "/feed.xml"):
        serve_page(feed_host, path)
    feed_host.serve("/rss.xml", FEED)
    found = await find_feeds(fetcher, reader, url, crawler=crawler)
    assert [candidate.url for candidate in found.candidates] == [feed_host.url("/rss.xml")]


async def test_places_that_nobody_names_are_tried_where_robots_txt_lets_us(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler
) -> None:
    """A feed that the page announces is meant to be found, whatever robots.txt says of it."""
    feed_host.serve("/robots.txt", "User-agent: *\nDisallow: /feed\n", content_type="text/plain")
    feed_host.serve("/feed", FEED)
    feed_host.serve("/rss", FEED)
    silent, telling = serve_page(feed_host), serve_page(feed_host, "/blog", head=announce("/feed"))
    assert (await find_feeds(fetcher, reader, silent, crawler=crawler)).candidates[0].url == feed_host.url("/rss")
    assert feed_host.requests_for("/feed") == []
    assert (await find_feeds(fetcher, reader, telling, crawler=crawler)).candidates[0].url == feed_host.url("/feed")
    feed_host.fail("/robots.txt", status=500)
    with pytest.raises(FeedError):
        await find_feeds(fetcher, reader, silent, crawler=Crawler(fetcher, reader))


async def test_a_folder_is_searched_before_the_root(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler
) -> None:
    """A site below another one has its feed below as well."""
    url = serve_page(feed_host, "/project/")
    feed_host.serve("/feed", FEED)
    feed = feed_host.serve("/project/index.xml", FEED)
    assert (await find_feeds(fetcher, reader, url, crawler=crawler)).candidates[0].url == feed


async def test_a_generator_is_taken_at_its_word(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler
) -> None:
    """The usual place of what made the page is asked first."""
    url = serve_page(feed_host, head='<meta name="generator" content="Hugo 0.120">')
    feed_host.serve("/index.xml", FEED)
    await find_feeds(fetcher, reader, url, crawler=crawler)
    assert paths(feed_host) == ["/", "/index.xml"]


async def test_a_category_of_a_forum_is_found(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler
) -> None:
    """Its own feed, not that of the whole forum."""
    url = serve_page(feed_host, "/c/papers/10")
    feed_host.serve("/latest.rss", sample("discourse-latest.xml"))
    feed = feed_host.serve("/c/papers/10.rss", sample("discourse-latest.xml"))
    assert (await find_feeds(fetcher, reader, url, crawler=crawler)).candidates[0].url == feed


async def test_a_page_for_browsers_alone_may_have_a_feed_for_all(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler
) -> None:
    """Where the platform is known; elsewhere the page's own refusal is what is told."""
    feed_host.fail("/c/papers/10", status=403)
    feed = feed_host.serve("/c/papers/10.rss", sample("discourse-latest.xml"))
    found = await find_feeds(fetcher, reader, feed_host.url("/c/papers/10"), crawler=crawler)
    assert found.candidates[0].url == feed
    with pytest.raises(HttpStatusError, match="403"):
        await find_feeds(fetcher, reader, feed_host.fail("/blog", status=403), crawler=crawler)


async def test_nothing_found_says_what_is_there_and_where_we_looked(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler
) -> None:
    """In one sentence, and after a bounded number of requests."""
    url = serve_page(feed_host, "/blog/", head=announce("/gone.xml"))
    with pytest.raises(FeedError) as caught:
        await find_feeds(fetcher, reader, url, crawler=crawler)
    assert caught.value.url == url
    assert caught.value.reason == (
        'This is a web page titled "예시 블로그"; no feed was found on it, nor at /gone.xml, /blog/feed.xml, '
        "/blog/atom.xml, /blog/rss.xml, /blog/index.xml, /feed, /rss, /feed.xml"
    )
    assert len(paths(feed_host)) == 1 + MAX_PROBES


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (sample("github-pages-sitemap.xml"), "This is a sitemap; no feed"),
        (b"just words", "This is plain text; no feed"),
        (b"", "This is an empty document; no feed"),
        (b"%PDF-1.7", "; no feed"),
    ],
)
async def test_what_is_no_page_is_named(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler, body: bytes, what: str
) -> None:
    """Whatever the document is, the reason begins with it."""
    with pytest.raises(FeedError) as caught:
        await find_feeds(fetcher, reader, feed_host.serve("/", body, content_type=None), crawler=crawler)
    assert what in caught.value.reason


async def test_a_server_that_wants_to_be_left_alone_is(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler
) -> None:
    """After one "too many requests" no other place is tried."""
    url = serve_page(feed_host)
    feed_host.fail("/feed", status=429)
    feed_host.serve("/rss", FEED)
    with pytest.raises(FeedError):
        await find_feeds(fetcher, reader, url, crawler=crawler)
    assert paths(feed_host) == ["/", "/feed"]


async def test_a_server_that_hangs_is_not_asked_again(feed_host: FeedHost, reader: Reader) -> None:
    """One time limit is waited for, not eight."""
    url = serve_page(feed_host)
    feed_host.hang("/feed")
    async with Fetcher(allowed_private=("127.0.0.1",), timeout_s=patience(1)) as fetcher:
        with pytest.raises(FeedError):
            await find_feeds(fetcher, reader, url, crawler=Crawler(fetcher, reader))
    assert paths(feed_host) == ["/", "/feed"]


async def test_two_searches_at_once_do_not_mix(
    feed_host: FeedHost, fetcher: Fetcher, reader: Reader, crawler: Crawler
) -> None:
    """Each finds its own."""
    urls = [feed_host.serve(f"/{number}.xml", make_rss([make_entry(number)])) for number in (1, 2)]
    found = await asyncio.gather(*(find_feeds(fetcher, reader, url, crawler=crawler) for url in urls))
    assert [discovered.candidates[0].url for discovered in found] == urls


# ── pure rules ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        ("https://velog.io/@sample-reader", "https://v2.velog.io/rss/sample-reader"),
        ("https://velog.io/@sample-reader/a-post", "https://v2.velog.io/rss/sample-reader"),
        ("https://example-drawer.tistory.com/", "https://example-drawer.tistory.com/rss"),
        ("https://example-drawer.tistory.com/42", "https://example-drawer.tistory.com/rss"),
        ("https://www.tistory.com/", None),
        ("https://medium.com/@reader/a-post-0123", "https://medium.com/feed/@reader"),
        ("https://medium.com/some-publication", "https://medium.com/feed/some-publication"),
        ("https://medium.com/tag/nlp", "https://medium.com/feed/tag/nlp"),
        ("https://medium.com/me/settings", None),
        ("https://reader.medium.com/a-post", "https://reader.medium.com/feed"),
        ("https://letters.substack.com/p/a-post", "https://letters.substack.com/feed"),
        ("https://substack.com/@letters", "https://letters.substack.com/feed"),
        ("https://blog.naver.com/reader_1/2234", "https://rss.blog.naver.com/reader_1.xml"),
        ("https://m.blog.naver.com/reader_1", "https://rss.blog.naver.com/reader_1.xml"),
        ("https://blog.naver.com/PostList.naver?from=a&blogId=reader", "https://rss.blog.naver.com/reader.xml"),
        ("https://notes.blogspot.com/2026/01/a.html", "https://notes.blogspot.com/feeds/posts/default"),
        ("https://notes.blogspot.co.kr/", "https://notes.blogspot.co.kr/feeds/posts/default"),
        ("https://notes.wordpress.com/", "https://notes.wordpress.com/feed/"),
        ("https://notes.ghost.io/a/", "https://notes.ghost.io/rss/"),
        ("https://notes.hashnode.dev/a", "https://notes.hashnode.dev/rss.xml"),
        ("https://arxiv.org/list/cs.CL/recent", "https://rss.arxiv.org/rss/cs.CL"),
        ("https://www.arxiv.org/list/cs.CL/new?skip=0", "https://rss.arxiv.org/rss/cs.CL"),
        ("https://arxiv.org/archive/cond-mat", "https://rss.arxiv.org/rss/cond-mat"),
        ("https://arxiv.org/list/cond-mat.mtrl-sci/new", "https://rss.arxiv.org/rss/cond-mat.mtrl-sci"),
        ("https://arxiv.org/abs/3105.00001", None),
        (
            "https://arxiv.org/search/?searchtype=all&query=instruction+tuning&start=0",
            ("https://export.arxiv.org/api/query?search_query=all:instruction+tuning"
            "&sortBy=submittedDate&sortOrder=descending&max_results=50"),
        ),
        ("https://huggingface.co/papers/date/2031-05-02", "https://huggingface.co/api/daily_papers"),
        ("https://huggingface.co/blog/a-post", "https://huggingface.co/blog/feed.xml"),
        ("https://forum.example/c/papers/10", "https://forum.example/c/papers/10.rss"),
        ("https://forum.example/c/ml/papers/10/l/latest", "https://forum.example/c/ml/papers/10.rss"),
        ("https://site.example:8443/forum/tag/nlp", "https://site.example:8443/forum/tag/nlp.rss"),
        ("https://forum.example/latest", "https://forum.example/latest.rss"),
        ("https://forum.example/t/a-topic/9001/3", "https://forum.example/latest.rss"),
        ("https://blog.example/", None),
        ("https://tistory.com.evil.example/", None),
        ("https://velog.io.evil.example/@a", None),
    ],
)  # fmt: skip
def test_platforms_are_known_by_their_addresses(page: str, feed: str | None) -> None:
    """A page of a platform leads to the feed of its author or list; other pages to no guess."""
    assert guess_feeds(page) == (() if feed is None else (feed,))


def test_common_places() -> None:
    """The nearer first; a post's folder comes after the root, and the names of static sites first on theirs."""
    root = list_common_places("https://blog.example/")
    assert root[:4] == tuple(f"https://blog.example/{name}" for name in ("feed", "rss", "feed.xml", "rss.xml"))
    assert list_common_places("https://blog.example") == root
    assert list_common_places("https://me.github.io/p/")[:2] == (
        "https://me.github.io/p/feed.xml", "https://me.github.io/p/atom.xml",
    )  # fmt: skip
    assert list_common_places("https://me.github.io/")[-1] == "https://me.github.io/sitemap.xml"
    assert list_common_places("https://blog.example/a/post.html")[0] == "https://blog.example/feed"
    assert list_common_places("https://blog.example/", generator="wordpress 6.5")[0] == "https://blog.example/feed/"
    assert not any("/a-post/feed/" in place for place in list_common_places("https://blog.example/a-post/"))


@pytest.mark.parametrize(
    ("typed", "spellings"),
    [
        ("https://blog.example/a", ("https://blog.example/a",)),
        (" <http://blog.example> ", ("http://blog.example",)),
        ("blog.example", ("https://blog.example", "http://blog.example")),
        ("//blog.example/a", ("https://blog.example/a", "http://blog.example/a")),
        ("blog.example:8080/a", ("https://blog.example:8080/a", "http://blog.example:8080/a")),
        ("localhost:8000", ("https://localhost:8000", "http://localhost:8000")),
        ("feed://blog.example/rss", ("http://blog.example/rss",)),
        ("feed:https://blog.example/rss", ("https://blog.example/rss",)),
        ("velog.io/@reader", ("https://velog.io/@reader", "http://velog.io/@reader")),
        ("논문.example", ("https://xn--s80bq8p.example", "http://xn--s80bq8p.example")),
    ],
)
def test_addresses_are_understood_as_typed(typed: str, spellings: tuple[str, ...]) -> None:
    """Without a scheme https comes first; brackets of Discord and the scheme of feed readers are known."""
    assert spell_address(typed) == spellings


@pytest.mark.parametrize(
    "typed",
    [
        *("", "<>", "blog", "transformer papers", "/etc/passwd", "../secret", "feeds/a.xml", "file:///etc/passwd"),
        *("javascript:alert(1)", "mailto:a@blog.example", "user:hunter2@blog.example", "a@blog.example"),
        *("https://user:hunter2@blog.example/", "ftp://blog.example", "http://", "https://["),
        "a" * 5000 + ".example",
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(typed: str) -> None:
    """Files, words, other protocols and credentials never come to be asked; no password is repeated."""
    with pytest.raises(FetchError) as caught:
        spell_address(typed)
    assert "hunter2" not in str(caught.value)


@given(st.text() | st.from_regex(r"(https?://|feed:)?[a-z.@:/?#\[\]%-]{0,30}"))
@example("https://velog.io/@")
@example("feed:feed:http://a.example")
def test_any_text_is_understood_or_refused(typed: str) -> None:
    """Nothing that is typed raises anything but a FetchError, and what is guessed from it is a web address."""
    try:
        spellings = spell_address(typed)
    except FetchError:
        return
    for url in spellings:
        assert url.startswith(("http://", "https://"))
        for place in (*guess_feeds(url), *list_common_places(url, generator="hugo")):
            assert place.startswith(("http://", "https://"))
