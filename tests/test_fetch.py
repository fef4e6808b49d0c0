"""bot.feeds.fetch against a real server on loopback: what is promised to callers, and to servers."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import os
import socket
import sys
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot import __version__
from bot.errors import FetchError, FetchTimeoutError, HttpStatusError, TooLargeError
from bot.feeds.addresses import is_local, is_public, read_public_address
from bot.feeds.fetch import Fetcher, FetchResult, _parse_freshness, _parse_retry_after
from bot.feeds.validators import NO_VALIDATORS, Validators
from bot.text.links import has_credentials
from tests.factories import make_entry, make_rss
from tests.loopback.feed_host import Compression, FeedHost, pack
from tests.loopback.patience import patience

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
FEED = make_rss([make_entry(1), make_entry(2)])
MEGABYTE = 2**20
LOOPBACK = ("127.0.0.1", "localhost", "::1")  # what the fetchers of these tests may reach, most of them
KERNEL_BUFFERS = 32 * MEGABYTE  # what two sockets may hold between them; generous, and far below what is offered


@pytest.fixture
async def host() -> AsyncIterator[FeedHost]:
    async with FeedHost() as feed_host:
        yield feed_host


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher(
        allowed_private=LOOPBACK, timeout_s=patience(20), max_bytes=MEGABYTE, clock=lambda: NOW
    ) as made:
        yield made


@pytest.fixture
def closed_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def peak_memory() -> Iterator[Callable[[], int]]:
    """Give the most bytes that Python held at once inside the block, above what it held before."""
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    try:
        yield lambda: tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


# ── plain downloads ─────────────────────────────────────────────────────────────────────────────


async def test_body_and_headers_come_back(host: FeedHost, fetcher: Fetcher) -> None:
    """A document arrives byte for byte, with what the server said about it."""
    url = host.serve("/feed.xml", FEED, etag='W/"one"', last_modified=NOW, headers={"Cache-Control": "max-age=600"})
    assert await fetcher.fetch(url) == FetchResult(
        url=url,
        body=FEED,
        content_type="application/rss+xml",
        validators=Validators(etag='W/"one"', last_modified="Wed, 04 Mar 2026 05:06:07 GMT"),
        permanent_url=None,
        min_interval_s=600.0,
        is_public=False,
    )


async def test_a_bare_answer_has_no_facts(host: FeedHost, fetcher: Fetcher) -> None:
    """What a server does not say is None."""
    result = await fetcher.fetch(host.raw("/feed.xml", b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<rss"))
    assert (result.body, result.content_type, result.validators) == (b"<rss", None, NO_VALIDATORS)
    assert result.min_interval_s is None


async def test_we_say_who_we_are(host: FeedHost) -> None:
    """A server's operator sees name, version and where to complain; feeds are what we ask for first."""
    url = host.serve("/feed.xml", FEED)
    async with Fetcher(allowed_private=LOOPBACK, contact_url="https://reviews.example/about") as fetcher:
        await fetcher.fetch(url)
    headers = host.requests[0].headers
    assert headers["User-Agent"] == f"nonmun/{__version__} (feed reader; +https://reviews.example/about)"
    assert headers["Accept"].startswith("application/rss+xml, application/atom+xml")
    assert headers["Accept-Encoding"] == "gzip, deflate, br"


async def test_cookies_are_not_kept(host: FeedHost, fetcher: Fetcher) -> None:
    """A server cannot follow us from one visit to the next."""
    url = host.serve("/feed.xml", FEED, headers={"Set-Cookie": "id=1"})
    await fetcher.fetch(url)
    await fetcher.fetch(url)
    assert "Cookie" not in host.requests[1].headers


async def test_a_cookie_of_a_redirect_opens_the_way_back(host: FeedHost, fetcher: Fetcher) -> None:
    """Publishers lead over a gate that sets one. It is sent in that visit alone, and forgotten after it."""
    url = host.gate("/feed.xml", FEED, cookie="seen=1")
    assert (await fetcher.fetch(url)).body == FEED
    assert (await fetcher.fetch(url)).body == FEED
    assert [request.headers.get("Cookie") for request in host.requests] == [None, None, "seen=1"] * 2


async def test_a_cookie_is_for_its_own_host_and_path(host: FeedHost, fetcher: Fetcher) -> None:
    """RFC 6265 §5.1.3 and §5.1.4; one that an answer sets for another host is not taken."""
    host.serve("/feed.xml", FEED)
    host.redirect("/b/one", host.url("/feed.xml", host="localhost"), headers={"Set-Cookie": "c=3; Domain=localhost"})
    host.redirect("/a/two", "/b/one", headers={"Set-Cookie": "b=2; Path=/a"})
    url = host.redirect("/a/one", "/a/two", headers={"Set-Cookie": "a=1; Path=/"})
    assert (await fetcher.fetch(url)).body == FEED
    assert [request.headers.get("Cookie") for request in host.requests] == [None, "a=1", "a=1", None]


@pytest.mark.parametrize("cookie", ["n={}; Path=/", "\xff\u2028={}", "; ;=", "a=b; Max-Age=0", "=" * 9_000, "é=ü{}"])
async def test_a_gate_that_is_never_content_ends_the_visit(host: FeedHost, fetcher: Fetcher, cookie: str) -> None:
    """A new cookie each time, or one that cannot be sent: the redirects are bounded as ever."""
    sent = itertools.count()
    url = host.redirect("/feed.xml", "/feed.xml", headers=lambda: {"Set-Cookie": cookie.format(next(sent))})
    with pytest.raises(FetchError, match=r"circle|more than 5 redirects"):
        await fetcher.fetch(url)
    assert len(host.requests) <= 6


@pytest.mark.parametrize("name", ["Content-Security-Policy", "Link", "X-Robots-Tag"])
async def test_a_long_header_does_not_hide_the_feed(host: FeedHost, fetcher: Fetcher, name: str) -> None:
    """Security policies of 12,000 characters are in use, and aiohttp lets 8,190 through."""
    url = host.serve("/feed.xml", FEED, headers={name: "default-src 'self' https://cdn.example/; " * 300})
    assert (await fetcher.fetch(url)).body == FEED


@pytest.mark.parametrize(
    "headers", [{"X-Long": "x" * 200_000}, {f"X-{number}": "x" for number in range(1_000)}], ids=["long", "many"]
)
async def test_headers_are_bounded(host: FeedHost, fetcher: Fetcher, headers: dict[str, str]) -> None:
    """What no sound server sends is not collected."""
    with pytest.raises(FetchError, match="malformed"):
        await fetcher.fetch(host.serve("/feed.xml", FEED, headers=headers))


async def test_proxies_of_the_environment_are_not_used(
    host: FeedHost, fetcher: Fetcher, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy variable changes nothing."""
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port}")
    assert (await fetcher.fetch(host.serve("/feed.xml", FEED))).body == FEED


async def test_a_fetcher_must_be_entered() -> None:
    """Use outside `async with` is a bug, and is not disguised as a network error."""
    with pytest.raises(RuntimeError, match="async with"):
        await Fetcher().fetch("http://127.0.0.1/")


async def test_cancellation_passes(host: FeedHost, fetcher: Fetcher) -> None:
    """A visit that is cancelled ends as cancelled, and the host can be asked again."""
    task = asyncio.create_task(fetcher.fetch(host.hang("/hang")))
    await host.wait_for_requests(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await fetcher.fetch(host.serve("/feed.xml", FEED))).body == FEED


# ── conditional requests ────────────────────────────────────────────────────────────────────────


async def test_unchanged_feed_has_no_body_and_keeps_its_validators(host: FeedHost, fetcher: Fetcher) -> None:
    """The second visit sends both validators back byte for byte, and a 304 keeps them."""
    url = host.serve("/feed.xml", FEED, etag='W/"a, b"', last_modified=NOW)
    first = await fetcher.fetch(url)
    second = await fetcher.fetch(url, first.validators)
    assert second.body is None
    assert second.validators == first.validators
    request = host.requests[1]
    assert request.status == 304
    assert request.headers["If-None-Match"] == 'W/"a, b"'
    assert request.headers["If-Modified-Since"] == "Wed, 04 Mar 2026 05:06:07 GMT"


async def test_changed_feed_has_body_and_new_validators(host: FeedHost, fetcher: Fetcher) -> None:
    """After an update the old validators are not answered with 304."""
    url = host.serve("/feed.xml", FEED)
    first = await fetcher.fetch(url)
    host.update("/feed.xml", FEED + b"\n")
    second = await fetcher.fetch(url, first.validators)
    assert second.body == FEED + b"\n"
    assert second.validators != first.validators


async def test_last_modified_alone_is_enough(host: FeedHost, fetcher: Fetcher) -> None:
    """Servers without ETags get their date back."""
    url = host.serve("/feed.xml", FEED, etag=False, last_modified=NOW)
    first = await fetcher.fetch(url)
    assert first.validators == Validators(last_modified="Wed, 04 Mar 2026 05:06:07 GMT")
    assert (await fetcher.fetch(url, first.validators)).body is None
    assert "If-None-Match" not in host.requests[1].headers
    host.update("/feed.xml", FEED + b"\n")
    assert (await fetcher.fetch(url, first.validators)).body == FEED + b"\n"


async def test_new_validators_on_a_304_replace_the_old(host: FeedHost, fetcher: Fetcher) -> None:
    """What a 304 says anew is kept, and what it does not say stays."""
    url = host.raw("/feed.xml", b'HTTP/1.1 304 Not Modified\r\nETag: "new"\r\n\r\n')
    result = await fetcher.fetch(url, Validators(etag='"old"', last_modified="a date"))
    assert result.validators == Validators(etag='"new"', last_modified="a date")


async def test_a_200_drops_validators_it_does_not_repeat(host: FeedHost, fetcher: Fetcher) -> None:
    """An ETag of an older version is never sent for a newer one."""
    url = host.serve("/feed.xml", FEED, etag=False)
    assert (await fetcher.fetch(url, Validators(etag='"old"'))).validators == NO_VALIDATORS


async def test_304_to_an_unconditional_request_is_an_error(host: FeedHost, fetcher: Fetcher) -> None:
    """A first visit never ends without a body."""
    with pytest.raises(HttpStatusError) as caught:
        await fetcher.fetch(host.serve("/feed.xml", b"", status=304))
    assert caught.value.status == 304


@pytest.mark.parametrize(("sent", "kept"), [(b'"caf\xe9"', None), ('"논문"'.encode(), '"논문"'), (b"", None)])
async def test_only_validators_that_can_be_sent_back_are_kept(
    host: FeedHost, fetcher: Fetcher, sent: bytes, kept: str | None
) -> None:
    """Bytes that are no text would break the next visit, or the database."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nETag: " + sent + b"\r\n\r\n<"
    first = await fetcher.fetch(host.raw("/feed.xml", head))
    assert first.validators.etag == kept
    await fetcher.fetch(host.url("/feed.xml"), first.validators)
    assert host.requests[1].headers.get("If-None-Match") == kept


@pytest.mark.parametrize("etag", ['"a"\r\nX-Evil: 1', "\ud800", "a\0b"])
async def test_damaged_validators_are_not_sent(host: FeedHost, fetcher: Fetcher, etag: str) -> None:
    """What could not be sent as it is makes the visit unconditional; it smuggles no header in."""
    url = host.serve("/feed.xml", FEED)
    assert (await fetcher.fetch(url, Validators(etag=etag, last_modified=etag))).body == FEED
    assert {"If-None-Match", "If-Modified-Since", "X-Evil"}.isdisjoint(host.requests[0].headers)


# ── compression and size ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("compress", ["gzip", "br", "deflate"])
async def test_compressed_bodies_are_unpacked(host: FeedHost, fetcher: Fetcher, compress: Compression) -> None:
    """Whatever encoding we offer, we can read."""
    assert (await fetcher.fetch(host.serve("/feed.xml", FEED, compress=compress))).body == FEED


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(gzip.compress(FEED), id="one member"),
        pytest.param(gzip.compress(FEED[:500]) + gzip.compress(FEED[500:]), id="two members"),
        pytest.param(gzip.compress(FEED) + b"\0\0\0", id="padded"),
    ],
)
@pytest.mark.parametrize("compress", [None, "gzip"])
async def test_an_undeclared_gzip_file_is_unpacked(
    host: FeedHost, fetcher: Fetcher, body: bytes, compress: Compression | None
) -> None:
    """A .gz file served as it is, or compressed once more, is a feed all the same."""
    assert (await fetcher.fetch(host.serve("/feed.xml", body, compress=compress))).body == FEED


async def test_a_gzip_file_is_unpacked_once_only(host: FeedHost, fetcher: Fetcher) -> None:
    """A file inside a file comes back as a file; nobody can make us unpack for ever."""
    inner = gzip.compress(FEED)
    assert (await fetcher.fetch(host.serve("/feed.xml", gzip.compress(inner)))).body == inner


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (gzip.compress(FEED)[:-9], "incomplete gzip"),
        (gzip.compress(FEED)[:-8] + bytes(8), "damaged gzip"),
        (gzip.compress(b"") * 65, "more than 64 parts"),
    ],
)
async def test_a_bad_gzip_file_is_an_error(host: FeedHost, fetcher: Fetcher, body: bytes, reason: str) -> None:
    """Half a document is never taken for a whole one."""
    with pytest.raises(FetchError, match=reason):
        await fetcher.fetch(host.serve("/feed.xml", body))


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate"])
async def test_a_body_that_is_not_what_its_encoding_says_is_an_error(
    host: FeedHost, fetcher: Fetcher, encoding: str
) -> None:
    """Plain text declared as compressed is refused."""
    with pytest.raises(FetchError, match="unpacked"):
        await fetcher.fetch(host.serve("/feed.xml", FEED, headers={"Content-Encoding": encoding}))


@pytest.mark.parametrize("is_declared", [True, False])
async def test_a_bomb_stops_at_the_cap(host: FeedHost, fetcher: Fetcher, is_declared: bool) -> None:
    """512 MB in 500 kB of gzip end at the cap, and never stand in memory."""
    url = host.bomb("/bomb", unpacked_bytes=512 * MEGABYTE, is_declared=is_declared)
    with peak_memory() as peak_bytes, pytest.raises(TooLargeError):
        await fetcher.fetch(url)
    assert peak_bytes() < 10 * MEGABYTE


async def test_a_bomb_of_brotli_stops_at_the_cap(host: FeedHost, fetcher: Fetcher) -> None:
    """The densest of the encodings we offer."""
    url = host.bomb("/bomb", unpacked_bytes=256 * MEGABYTE, compress="br")
    with peak_memory() as peak_bytes, pytest.raises(TooLargeError):
        await fetcher.fetch(url)
    assert peak_bytes() < 10 * MEGABYTE


async def test_the_cap_counts_unpacked_bytes(host: FeedHost) -> None:
    """Exactly the cap passes; one byte more does not."""
    url = host.serve("/feed.xml", bytes(5000), compress="gzip")
    async with Fetcher(allowed_private=LOOPBACK, max_bytes=5000) as fetcher:
        assert (await fetcher.fetch(url)).body == bytes(5000)
        host.update("/feed.xml", bytes(5001))
        with pytest.raises(TooLargeError) as caught:
            await fetcher.fetch(url)
    assert caught.value.max_bytes == 5000


async def test_a_large_content_length_is_refused_at_once(host: FeedHost, fetcher: Fetcher) -> None:
    """Nothing of the body is waited for: there is none."""
    url = host.raw("/big", b"HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n")
    with pytest.raises(TooLargeError):
        await fetcher.fetch(url)


async def test_an_endless_body_ends_at_the_cap(host: FeedHost, fetcher: Fetcher) -> None:
    """The server gets rid of no more than the cap and what the kernel buffers."""
    url = host.endless("/endless")
    with pytest.raises(TooLargeError):
        await fetcher.fetch(url)
    await host.wait_until_idle()
    assert host.sent_bytes["/endless"] < MEGABYTE + KERNEL_BUFFERS


# ── time ────────────────────────────────────────────────────────────────────────────────────────


async def test_a_dripping_server_is_left(host: FeedHost) -> None:
    """A byte now and then does not keep us: the limit is for the whole exchange."""
    limit_s = patience(0.5)
    url = host.drip("/slow", FEED, interval_s=limit_s / 25)
    async with Fetcher(allowed_private=LOOPBACK, timeout_s=limit_s) as fetcher:
        with pytest.raises(FetchTimeoutError) as caught:
            await fetcher.fetch(url)
    assert caught.value.timeout_s == limit_s
    assert 0 < host.sent_bytes["/slow"] < len(FEED)


async def test_a_dripping_server_with_patience_is_read(host: FeedHost, fetcher: Fetcher) -> None:
    """Slow is not wrong."""
    assert (await fetcher.fetch(host.drip("/slow", FEED, chunk=2000, interval_s=0.01))).body == FEED


async def test_a_hanging_server_is_left(host: FeedHost) -> None:
    """No answer at all is a timeout too."""
    async with Fetcher(allowed_private=LOOPBACK, timeout_s=0.2) as fetcher:
        with pytest.raises(FetchTimeoutError):
            await fetcher.fetch(host.hang("/hang"))


async def test_a_connection_that_does_not_come_about_is_left() -> None:
    """A host that takes the call and says nothing while TLS waits is given up after the shorter limit."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        async with Fetcher(allowed_private=LOOPBACK, timeout_s=600, connect_timeout_s=0.2) as fetcher:
            with pytest.raises(FetchTimeoutError) as caught:
                await fetcher.fetch(url)
    assert caught.value.timeout_s == 0.2


async def test_redirects_share_one_time_limit(host: FeedHost) -> None:
    """A chain of answers each in time does not add up to more than the limit."""
    for number in range(3):
        host.redirect(f"/{number}", f"/{number + 1}", delay_s=0.2)
    host.serve("/3", FEED)
    async with Fetcher(allowed_private=LOOPBACK, timeout_s=0.35) as fetcher:
        with pytest.raises(FetchTimeoutError):
            await fetcher.fetch(host.url("/0"))
    assert host.requests_for("/3") == []


async def test_time_in_the_queue_does_not_count(host: FeedHost) -> None:
    """Six visits of a fifth of the limit, one after another, all pass it."""
    limit_s = patience(1.0)
    url = host.drip("/slow", b"<rss/>", chunk=6, interval_s=limit_s / 5)
    async with Fetcher(allowed_private=LOOPBACK, timeout_s=limit_s) as fetcher:
        results = await asyncio.gather(*(fetcher.fetch(url) for _ in range(6)))
    assert [result.body for result in results] == [b"<rss/>"] * 6


# ── redirects ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("statuses", "is_permanent"),
    [
        ([301], True),
        ([308], True),
        ([301, 308, 301], True),
        ([302], False),
        ([303], False),
        ([307], False),
        ([301, 302], False),
        ([307, 308], False),
    ],
)
async def test_redirects_are_followed(
    host: FeedHost, fetcher: Fetcher, statuses: list[int], is_permanent: bool
) -> None:
    """The document comes from the end of the chain; the address changes only if every step says so."""
    for number, status in enumerate(statuses):
        host.redirect(f"/{number}", host.url(f"/{number + 1}") if number else "1", status=status)
    final = host.serve(f"/{len(statuses)}", FEED)
    result = await fetcher.fetch(host.url("/0"))
    assert (result.body, result.url) == (FEED, final)
    assert result.permanent_url == (final if is_permanent else None)
    assert len(host.requests) == len(statuses) + 1


async def test_a_moved_feed_that_did_not_change(host: FeedHost, fetcher: Fetcher) -> None:
    """Validators travel along a redirect, and a 304 at its end is an answer as well."""
    final = host.serve("/new", FEED)
    host.redirect("/old", "/new", status=308)
    first = await fetcher.fetch(host.url("/old"))
    second = await fetcher.fetch(host.url("/old"), first.validators)
    assert (second.body, second.permanent_url) == (None, final)


@pytest.mark.parametrize("back", ["/feed.xml", "/feed.xml?checkcookie=1"])
async def test_a_redirect_that_sets_a_cookie_moves_nothing(host: FeedHost, fetcher: Fetcher, back: str) -> None:
    """It asks whether we keep one. The address that it leads to belongs to that visit, and would ask again."""
    url = host.gate("/feed.xml", FEED, cookie="seen=1", back=back)
    result = await fetcher.fetch(url)
    assert (result.body, result.permanent_url) == (FEED, None)


async def test_a_cookie_at_the_end_of_redirects_does_not_hide_a_move(host: FeedHost, fetcher: Fetcher) -> None:
    """Only one that a redirect sets says what the redirect is for."""
    final = host.serve("/new", FEED, headers={"Set-Cookie": "id=1"})
    assert (await fetcher.fetch(host.redirect("/old", "/new"))).permanent_url == final


async def test_five_redirects_are_followed_and_six_are_not(host: FeedHost, fetcher: Fetcher) -> None:
    """The limit counts redirects, not requests."""
    for number in range(6):
        host.redirect(f"/{number}", f"/{number + 1}")
    host.serve("/6", FEED)
    assert (await fetcher.fetch(host.url("/1"))).body == FEED
    host.requests.clear()
    with pytest.raises(FetchError, match="more than 5 redirects"):
        await fetcher.fetch(host.url("/0"))
    assert [request.path for request in host.requests] == ["/0", "/1", "/2", "/3", "/4", "/5"]


@pytest.mark.parametrize("locations", [["/0"], ["/1", "/0"], ["#top"]])
async def test_a_circle_ends(host: FeedHost, fetcher: Fetcher, locations: list[str]) -> None:
    """An address is asked once in a visit."""
    for number, location in enumerate(locations):
        host.redirect(f"/{number}", location, status=302)
    with pytest.raises(FetchError, match="circle"):
        await fetcher.fetch(host.url("/0"))
    assert len(host.requests) == len(locations)


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("file:///etc/hostname", "only http and https"),
        ("ftp://127.0.0.1/feed", "only http and https"),
        ("javascript:alert(1)", "only http and https"),
        ("data:text/xml,<rss/>", "only http and https"),
        ("http:", "circle"),
        ("http://127.0.0.1:99999/", "not an address"),
        ("http://[::1/", "not an address"),
        ("", "without a new address"),
    ],
)
async def test_redirects_to_elsewhere_are_not_followed(
    host: FeedHost, fetcher: Fetcher, location: str, reason: str
) -> None:
    """A server cannot send us to files, other protocols or nonsense."""
    with pytest.raises(FetchError, match=reason):
        await fetcher.fetch(host.redirect("/old", location))


async def test_a_redirect_may_hold_raw_korean(host: FeedHost, fetcher: Fetcher) -> None:
    """Locations in UTF-8, against the standard and common."""
    host.serve("/논문/feed.xml", FEED)
    head = "HTTP/1.1 302 Found\r\nLocation: /논문/feed.xml?q=요약\r\nContent-Length: 0\r\n\r\n"
    assert (await fetcher.fetch(host.raw("/old", head.encode()))).body == FEED


async def test_a_redirect_without_location_is_an_error(host: FeedHost, fetcher: Fetcher) -> None:
    """A redirect to nowhere is told apart from an empty document."""
    with pytest.raises(FetchError, match="302 without a new address"):
        await fetcher.fetch(host.raw("/old", b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"))


async def test_bodies_of_redirects_and_errors_are_not_read(host: FeedHost, fetcher: Fetcher) -> None:
    """An endless body of an answer we do not need costs nothing."""
    head = b"HTTP/1.1 301 Moved\r\nLocation: /feed.xml\r\nContent-Length: 999999999\r\n\r\n<html>"
    host.serve("/feed.xml", FEED)
    assert (await fetcher.fetch(host.raw("/old", head))).body == FEED


# ── statuses ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [204, 300, 400, 401, 403, 404, 410, 429, 500, 502, 503, 599])
async def test_other_statuses_are_errors(host: FeedHost, fetcher: Fetcher, status: int) -> None:
    """Each arrives as itself, so that callers can tell gone from busy."""
    with pytest.raises(HttpStatusError) as caught:
        await fetcher.fetch(host.fail("/feed.xml", status=status))
    assert caught.value.status == status
    assert caught.value.retry_after_s is None
    assert caught.value.url == host.url("/feed.xml")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30.0),
        ("0", 0.0),
        ("999999", 86400.0),
        ("9" * 5000, 86400.0),
        (format_datetime(NOW + timedelta(minutes=2), usegmt=True), 120.0),
        (format_datetime(NOW - timedelta(minutes=2), usegmt=True), 0.0),
        (format_datetime(NOW + timedelta(days=9), usegmt=True), 86400.0),
        ("Wednesday, 04-Mar-26 05:07:07 GMT", 60.0),
        ("Wed Mar  4 05:07:07 2026", 60.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_passed_on(
    host: FeedHost, fetcher: Fetcher, status: int, header: str, seconds: float | None
) -> None:
    """Seconds and all three forms of dates, bounded to a day; nonsense is no wish."""
    with pytest.raises(HttpStatusError) as caught:
        await fetcher.fetch(host.fail("/feed.xml", status=status, retry_after=header))
    assert caught.value.retry_after_s == seconds


async def test_a_failure_passes(host: FeedHost, fetcher: Fetcher) -> None:
    """After two errors the same address works again."""
    url = host.serve("/feed.xml", FEED)
    host.fail("/feed.xml", status=503, retry_after=30, times=2)
    for _ in range(2):
        with pytest.raises(HttpStatusError):
            await fetcher.fetch(url)
    assert (await fetcher.fetch(url)).body == FEED
    assert [request.status for request in host.requests] == [503, 503, 200]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Cache-Control": "public, max-age=3600"}, 3600.0),
        ({"Cache-Control": 'private,MAX-AGE = "60"'}, 60.0),
        ({"Cache-Control": "max-age=99999999"}, 86400.0),
        ({"Cache-Control": "s-maxage=60, x-max-age=5, no-transform"}, None),
        ({"Cache-Control": "max-age=60", "Expires": "0"}, 60.0),
        ({"Expires": "0"}, 0.0),
        ({"Expires": "Wed, 04 Mar 2026 05:16:07 GMT"}, 600.0),
        ({"Expires": "Wed, 04 Mar 2026 05:16:07 GMT", "Date": "Wed, 04 Mar 2026 05:15:07 GMT"}, 60.0),
        ({"Expires": "Wed, 04 Mar 2026 05:16:07 GMT", "Date": "today"}, 600.0),
        ({"Expires": "Tue, 03 Mar 2026 05:16:07 GMT"}, 0.0),
    ],
)
def test_freshness(headers: dict[str, str], seconds: float | None) -> None:
    """How long an answer is fresh, by max-age first and Expires second."""
    assert _parse_freshness(headers, NOW) == seconds


@given(st.text() | st.from_regex(r"[0-9:, A-Za-z+-]{0,40}"))
@example("Mon, 99 Foo 99999 99:99:99 +9999999")
@example("1 Jan 0001 00:00:00 +2359")
def test_header_values_are_data(value: str) -> None:
    """No header value raises, and none asks for more than a day."""
    for seconds in (
        _parse_retry_after(value, NOW),
        _parse_freshness({"Expires": value, "Date": value}, NOW),
        _parse_freshness({"Cache-Control": value}, NOW),
    ):
        assert seconds is None or 0 <= seconds <= 86400


# ── politeness ──────────────────────────────────────────────────────────────────────────────────


async def test_one_host_gets_one_request_at_a_time(host: FeedHost, fetcher: Fetcher) -> None:
    """Several feeds of one host are asked one after another."""
    urls = [host.drip(f"/{number}", b"<rss/>", chunk=2, interval_s=0.01) for number in range(4)]
    results = await asyncio.gather(*(fetcher.fetch(url) for url in urls))
    assert [result.body for result in results] == [b"<rss/>"] * 4
    assert host.peak == 1


async def test_two_hosts_are_asked_at_once(host: FeedHost, fetcher: Fetcher) -> None:
    """A hanging host does not hold up another."""
    hanging = asyncio.create_task(fetcher.fetch(host.hang("/hang")))
    await host.wait_for_requests(1)
    host.serve("/feed.xml", FEED)
    assert (await fetcher.fetch(host.url("/feed.xml", host="localhost"))).body == FEED
    hanging.cancel()
    await asyncio.gather(hanging, return_exceptions=True)


async def test_slow_hosts_keep_nobody_waiting(host: FeedHost) -> None:
    """However many there are: half of the requests are left for others, even if they were quick in between."""
    hosts = [f"tarpit{number}.example" for number in range(12)]
    tarpits = [f"http://{name}:{host.port}/feed.xml" for name in hosts]
    host.serve("/feed.xml", FEED)
    host.serve("/other.xml", FEED)
    names = Answers("127.0.0.1")
    async with Fetcher(
        allowed_private=(*hosts, "localhost"), resolver=names, max_concurrent=4, slow_s=0.0, timeout_s=patience(60)
    ) as fetcher:
        await asyncio.gather(*map(fetcher.fetch, tarpits))
        fetcher._slow_s = patience(60)
        await asyncio.gather(*map(fetcher.fetch, tarpits))
        asked = len(host.requests)
        let_go = host.hold("/feed.xml")
        waiting = [asyncio.create_task(fetcher.fetch(url)) for url in tarpits]
        await host.wait_for_requests(asked + 2)
        async with asyncio.timeout(patience(20)):  # else it would wait for the tarpits, which wait for us
            for _ in range(3):
                assert (await fetcher.fetch(host.url("/other.xml", host="localhost"))).body == FEED
        assert len(host.requests) == asked + 2 + 3
        let_go.set()
        assert len(await asyncio.gather(*waiting)) == 12
        await asyncio.gather(*map(fetcher.fetch, tarpits))
        assert fetcher._slow_hosts == {}, "after three quick visits in a row a host is a quick one"


async def test_no_more_than_so_many_at_once_in_all(host: FeedHost) -> None:
    """With one slot even two hosts take turns."""
    host.drip("/slow", b"<rss/>", chunk=2, interval_s=0.01)
    urls = [host.url("/slow", host=name) for name in ("127.0.0.1", "localhost", "LOCALHOST", "127.0.0.1")]
    async with Fetcher(allowed_private=LOOPBACK, max_concurrent=1) as fetcher:
        await asyncio.gather(*(fetcher.fetch(url) for url in urls))
    assert host.peak == 1
    assert len(host.requests) == 4


async def test_hosts_that_redirect_to_each_other_do_not_block(host: FeedHost, fetcher: Fetcher) -> None:
    """Two visits that need each other's host both end."""
    host.serve("/feed.xml", FEED)
    names = ("127.0.0.1", "localhost")
    for name, other in zip(names, reversed(names), strict=True):
        host.redirect(f"/from-{name}", host.url("/feed.xml", host=other), delay_s=0.05)
    visits = (fetcher.fetch(host.url(f"/from-{name}", host=name)) for name in names * 3)
    async with asyncio.timeout(patience(10)):
        assert {result.body for result in await asyncio.gather(*visits)} == {FEED}


async def test_hosts_are_forgotten(host: FeedHost, fetcher: Fetcher, closed_port: int) -> None:
    """What is remembered of a host ends with its last visit, however that went."""
    await fetcher.fetch(host.serve("/feed.xml", FEED))
    with pytest.raises(FetchError):
        await fetcher.fetch(f"http://localhost:{closed_port}/")
    assert len(fetcher._host_locks) == 0


# ── broken servers and addresses ────────────────────────────────────────────────────────────────


async def test_a_body_that_breaks_off_is_an_error(host: FeedHost, fetcher: Fetcher) -> None:
    """Half a document is never taken for a whole one."""
    with pytest.raises(FetchError, match="incomplete") as caught:
        await fetcher.fetch(host.cut("/cut"))
    assert isinstance(caught.value.__cause__, aiohttp.ClientPayloadError)


async def test_chunks_that_break_off_are_an_error(host: FeedHost, fetcher: Fetcher) -> None:
    """The same for a body without a length."""
    with pytest.raises(FetchError, match="incomplete"):
        await fetcher.fetch(host.raw("/cut", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n"))


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
async def test_compressed_bodies_that_break_off_are_an_error(
    host: FeedHost, fetcher: Fetcher, encoding: Compression, part: float
) -> None:
    """However far unpacking got."""
    whole = pack(FEED * 20, encoding)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(whole)}\r\n\r\n"
    with pytest.raises(FetchError):
        await fetcher.fetch(host.raw("/cut", head.encode() + whole[: int(len(whole) * part)]))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0\0\0\0",
        b"220 mail.example ESMTP\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n<rss/>",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n<rss/>",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n<rss/>",
        b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n<rss/>",
        b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n<rss/>",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n<rss/>",
        b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 50_000 + b"\r\n<rss/>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<rss/>",
        b"HTTP/1.1 301 Moved\r\nLocation: http://\xff\xfe/\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
)
async def test_broken_http_is_an_error(host: FeedHost, fetcher: Fetcher, answer: bytes) -> None:
    """Whatever bytes a server sends, callers see a FetchError, and the next visit works."""
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(host.raw("/raw", answer))
    assert caught.value.__cause__ is not None
    assert (await fetcher.fetch(host.serve("/feed.xml", FEED))).body == FEED


async def test_a_closed_port_is_an_error(fetcher: Fetcher, closed_port: int) -> None:
    """Nobody there."""
    with pytest.raises(FetchError, match="refused") as caught:
        await fetcher.fetch(f"http://127.0.0.1:{closed_port}/feed.xml")
    assert isinstance(caught.value.__cause__, ConnectionRefusedError | aiohttp.ClientConnectorError)


async def test_https_to_a_plain_server_is_an_error(host: FeedHost, fetcher: Fetcher) -> None:
    """No secure connection, no answer."""
    with pytest.raises(FetchError, match="secure"):
        await fetcher.fetch(f"https://127.0.0.1:{host.port}/feed.xml")
    assert host.requests == []


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://127.0.0.1/feed.xml", "only http and https"),
        ("localhost:8000/feed.xml", "only http and https"),
        ("http:", "names no host"),
        ("http:///feed.xml", "names no host"),
        ("http://127.0.0.1:port/", "not a usable address"),
        ("http://127.0.0.1:99999/", "not a usable address"),
        ("http://[::1", "not a usable address"),
        ("http://\ud800/", "not a usable address"),
    ],
)
async def test_an_unusable_address_is_an_error(fetcher: Fetcher, url: str, reason: str) -> None:
    """Typing errors are told in words."""
    with pytest.raises(FetchError, match=reason):
        await fetcher.fetch(url)


# Port 1 of this machine is closed, and a host name that starts with a dash, has a forbidden character or is
# empty cannot be looked up: nothing that is generated here reaches a network.
_AUTHORITIES = st.one_of(
    st.sampled_from(
        ["127.0.0.1:1", "user:pw@127.0.0.1:1", "[::1]:1", "127.0.0.1:", "127.0.0.1:x", "[", "[]", "@", ":"]
    ),
    st.from_regex(r"\A[\[\]<>^`{|}\x00-\x1f]{1,8}\Z"),
)
_TAILS = st.text(max_size=20).map(lambda text: f"/{text}")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    scheme=st.sampled_from(["http://", "https://", "HTTP://", "http:", "http:/", "ws://", "gopher://", "\thttp://"]),
    authority=_AUTHORITIES,
    tail=_TAILS,
)
async def test_no_spelling_of_an_address_escapes_as_another_error(scheme: str, authority: str, tail: str) -> None:
    """Whatever is typed, callers see a FetchError."""
    if authority == "127.0.0.1:":  # port 80, which may be open
        tail, authority = "", "127.0.0.1:1"
    async with Fetcher(allowed_private=LOOPBACK, timeout_s=patience(5)) as fetcher:
        with pytest.raises(FetchError):
            await fetcher.fetch(scheme + authority + tail)


# ── credentials ─────────────────────────────────────────────────────────────────────────────────


async def test_credentials_are_sent_to_their_host_only(host: FeedHost, fetcher: Fetcher) -> None:
    """They go with redirects on the same origin, and nowhere else."""
    host.redirect("/here", host.url("/there"))
    host.redirect("/there", host.url("/feed.xml", host="localhost"))
    host.serve("/feed.xml", FEED)
    result = await fetcher.fetch(host.url("/here").replace("//", "//user:p%40ss@"))
    sent = [request.headers.get("Authorization") for request in host.requests]
    assert sent == ["Basic dXNlcjpwQHNz", "Basic dXNlcjpwQHNz", None]
    assert "user" not in result.url


async def test_a_moved_feed_with_credentials_keeps_its_address(host: FeedHost, fetcher: Fetcher) -> None:
    """The new address would be stored without them, and stop working."""
    host.redirect("/old", "/new")
    host.serve("/new", FEED)
    result = await fetcher.fetch(host.url("/old").replace("//", "//user:pw@"))
    assert result.permanent_url is None


@pytest.mark.parametrize(
    "url",
    [
        "http://user:hunter2@127.0.0.1:1/feed.xml",
        "http://user:hunter2@127.0.0.1:port/feed.xml",
        "HTTP://us@er:hunter2@/feed.xml",
        "  http://user:hunter2@[::1/feed.xml",
        "https:/user:hunter2@127.0.0.1/feed.xml",
        "ftp://user:hunter2@127.0.0.1/feed.xml",
        "user:hunter2@127.0.0.1/feed.xml",
        "file://user:hunter2@127.0.0.1/feed.xml",
    ],
)
async def test_credentials_are_in_no_message(fetcher: Fetcher, url: str) -> None:
    """Neither in the error nor in the one behind it, which a log shows with it."""
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(url)
    error: BaseException | None = caught.value
    while error is not None:
        assert "hunter2" not in f"{error} {error!r} {vars(error)}"
        error = error.__cause__ or error.__context__


async def test_credentials_of_a_redirect_are_in_no_message(
    host: FeedHost, fetcher: Fetcher, closed_port: int
) -> None:
    """A server's own address with credentials is shown without them."""
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(host.redirect("/old", f"ftp://user:hunter2@127.0.0.1:{closed_port}/"))
    assert "hunter2" not in str(caught.value)


# ── private networks ────────────────────────────────────────────────────────────────────────────


class Answers(AbstractResolver):
    """A name server that gives one answer after another, and the last of them for ever."""

    def __init__(self, *addresses: str) -> None:
        self.asked: list[str] = []
        self._addresses = list(addresses)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        address = self._addresses.pop(0) if len(self._addresses) > 1 else self._addresses[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(
    "spelling",
    [
        *("127.0.0.1", "127.0.0.2", "localhost", "LocalHost.", "[::1]", "[::ffff:127.0.0.1]", "[::FFFF:7f00:1]"),
        *("[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "[::]", "[::ffff:0:127.0.0.1]"),
        *("2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "127.1", "127.0.1", "0"),
        "0.0.0.0",  # noqa: S104 - asked for, not bound to
        *("１２７.０.０.１", "①②⑦.⓪.⓪.①", "127。0。0。1", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "%31%32%37.0.0.1"),
    ],
)  # fmt: skip
async def test_no_spelling_of_loopback_reaches_this_machine(host: FeedHost, spelling: str) -> None:
    """Nobody can have us ask a server that only this machine should see, however the address is written."""
    host.serve("/feed.xml", FEED)
    async with Fetcher() as fetcher:
        with pytest.raises(FetchError):
            await fetcher.fetch(f"http://{spelling}:{host.port}/feed.xml")
    assert host.requests == []


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])
async def test_a_private_address_is_told_as_one(host: FeedHost, name: str) -> None:
    """Whoever typed it learns that it is the address, and not the server, that is the matter."""
    async with Fetcher() as fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(f"http://{name}:{host.port}/")
    assert caught.value.reason == "this address leads to a private network, where no feeds are read"


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - asked about, not bound to
        *("0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.254", "127.255.255.255", "169.254.169.254"),
        *("172.16.0.1", "192.0.0.8", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1"),
        *("198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
        *("168.63.129.16", "::", "::1", "::ffff:10.0.0.1", "::ffff:224.0.0.1", "::10.0.0.1", "::8.8.8.8"),
        *("64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::8.8.8.8", "100::1"),
        *("2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "2002:808:808::1", "2002:a00:1::"),
        *("3fff::1", "4000::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0"),
        *("fec0::1", "ff02::1"),
        *("", "localhost", "127.1", "1.2.3", "8.8.8.8.8", "blog.example", "①②⑦.⓪.⓪.①"),
    ],
)  # fmt: skip
def test_special_addresses_are_not_public(address: str) -> None:
    """Each block that is no machine of the internet, alone or inside IPv6; and what is no IP address."""
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "192.0.1.1", "168.63.129.17"),
        *("2606:4700::1111", "2a00:1450::1", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"),
    ],
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    """Also those beside the special blocks, and IPv4 as a host that has IPv6 alone sees it."""
    assert is_public(address)


@given(st.integers(0, 2**32 - 1))
@example(int(IPv4Address("127.0.0.1")))
@example(int(IPv4Address("8.8.8.8")))
def test_ipv4_inside_ipv6_counts_as_itself(number: int) -> None:
    """A machine is as private through a translator as it is directly; other ways to write it are refused."""
    plain = IPv4Address(number)
    for prefix in ("::ffff:0:0", "64:ff9b::"):
        assert is_public(str(IPv6Address(int(IPv6Address(prefix)) | number))) == is_public(str(plain))
    for prefix, shift in (("::", 0), ("2002::", 80), ("64:ff9b:1::", 0), ("2001::", 0)):
        assert not is_public(str(IPv6Address(int(IPv6Address(prefix)) | number << shift)))


@given(st.integers(0, 2**128 - 1) | st.integers(0, 2**32 - 1))
def test_every_address_is_judged(number: int) -> None:
    """No number raises, and nothing that Python calls private passes."""
    address = IPv6Address(number)
    assert not (is_public(str(address)) and address.is_private and address.ipv4_mapped is None)


@pytest.mark.parametrize("target", ["127.0.0.1", "169.254.169.254", "10.1.2.3", "fd00:ec2::254", "64:ff9b::10.1.2.3"])
async def test_a_name_that_becomes_private_is_refused(target: str) -> None:
    """A name server that says something public first and something private when it counts gains nothing."""
    names = Answers("8.8.8.8", target)
    first = await names.resolve("blog.example")
    assert is_public(first[0]["host"])
    async with Fetcher(resolver=names) as fetcher:
        with pytest.raises(FetchError, match="private network"):
            await fetcher.fetch("http://blog.example/feed.xml")
    assert names.asked == ["blog.example"] * 2


@pytest.mark.parametrize(
    "location", ["http://localhost:{port}/feed.xml", "http://[::ffff:127.0.0.1]:{port}/", "http://rebound.example/"]
)
async def test_a_redirect_to_a_private_address_is_refused(host: FeedHost, location: str) -> None:
    """A server cannot send us where whoever typed its address could not have sent us."""
    url = host.redirect("/old", location.format(port=host.port))
    async with Fetcher(allowed_private=("127.0.0.1",), resolver=Answers("127.0.0.1")) as fetcher:
        with pytest.raises(FetchError, match="private network"):
            await fetcher.fetch(url)
    assert [request.path for request in host.requests] == ["/old"]


async def test_a_feed_of_the_hosts_is_no_door_for_redirects(host: FeedHost) -> None:
    """What may be reached because a feed is there is reached by visits that begin there, and by no others."""
    async with FeedHost() as other:
        own = host.serve("/feed.xml", FEED)
        away = other.redirect("/away", own)
        back = host.redirect("/back", other.redirect("/forth", own))
        begins_there = (f"http://127.0.0.1:{host.port}", f"127.0.0.1:{other.port}")
        async with Fetcher(allowed_private=begins_there) as fetcher:
            assert (await fetcher.fetch(own)).body == FEED
            assert (await fetcher.fetch(back)).body == FEED
            with pytest.raises(FetchError, match="private network"):
                await fetcher.fetch(away)
        async with Fetcher(allowed_private=(f"127.0.0.1:{host.port}", f"127.0.0.1:{other.port}")) as fetcher:
            assert (await fetcher.fetch(away)).body == FEED


async def test_a_feed_of_the_hosts_is_no_door_for_addresses_of_others(host: FeedHost, tmp_path: Path) -> None:
    """What a member or a document names reaches neither the place of a private feed nor a file."""
    url = host.serve("/secret", FEED)
    path = tmp_path / "secret.xml"
    path.write_bytes(FEED)
    async with Fetcher(allowed_private=(f"http://127.0.0.1:{host.port}",)) as fetcher:
        assert (await fetcher.fetch(url)).body == FEED
        for address, reason in ((url, "private network"), (str(path), "only http"), (path.as_uri(), "only http")):
            with pytest.raises(FetchError, match=reason):
                await fetcher.fetch(address, is_foreign=True)
    assert len(host.requests) == 1
    async with Fetcher(allowed_private=(f"127.0.0.1:{host.port}",)) as fetcher:
        assert (await fetcher.fetch(url, is_foreign=True)).body == FEED


async def test_a_place_is_trusted_with_its_port(host: FeedHost) -> None:
    """Another port of the same machine is another place."""
    async with FeedHost() as other:
        url = other.serve("/feed.xml", FEED)
        for entry in (f"127.0.0.1:{host.port}", f"http://127.0.0.1:{host.port}", "localhost", "http://127.0.0.1"):
            async with Fetcher(allowed_private=(entry,)) as fetcher:
                with pytest.raises(FetchError, match="private network"):
                    await fetcher.fetch(url)
        assert other.requests == []


@pytest.mark.parametrize(
    "entry", ["localhost", "LocalHost.", "localhost:{port}", "http://localhost:{port}", "http://LOCALHOST:{port}/a?b"]
)
async def test_trust_is_spelt_as_addresses_are(host: FeedHost, entry: str) -> None:
    """Case and a last dot say nothing, in what is trusted as in what is asked."""
    host.serve("/feed.xml", FEED)
    async with Fetcher(allowed_private=(entry.format(port=host.port), "http://[", "a b")) as fetcher:
        assert (await fetcher.fetch(f"http://LOCALHOST:{host.port}/feed.xml")).body == FEED


@pytest.mark.parametrize("entry", ["::1", "[::1]", "[::1]:1", "http://[0::1]:1", "0:0:0:0:0:0:0:1"])
async def test_an_ipv6_address_can_be_trusted(entry: str) -> None:
    """With brackets and without; nobody listens there, which is all that keeps us from it."""
    async with Fetcher(allowed_private=(entry,)) as fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch("http://[::1]:1/")
    assert "private network" not in caught.value.reason


@pytest.mark.parametrize(
    ("authority", "is_asked"),
    [
        *((f"blog.example:{port}", False) for port in (0, 1, 22, 25, 79, 81, 445, 1023)),
        *((f"blog.example:{port}", True) for port in (80, 443, 1024, 8080, 8443, 65535)),
        ("blog.example", True),
    ],
)
async def test_only_web_ports_are_asked(authority: str, is_asked: bool) -> None:
    """Ports of other services are refused before the name is even looked up."""
    names = Answers("127.0.0.1")
    async with Fetcher(resolver=names) as fetcher:
        with pytest.raises(FetchError, match="private network" if is_asked else "where no feeds are read"):
            await fetcher.fetch(f"http://{authority}/feed.xml")
    assert names.asked == ["blog.example"] * is_asked


async def test_a_redirect_to_another_port_is_refused(host: FeedHost, fetcher: Fetcher) -> None:
    """The rule holds at each hop, and not for what the host trusts."""
    with pytest.raises(FetchError, match="port 25, where no feeds are read"):
        await fetcher.fetch(host.redirect("/old", "http://blog.example:25/"))
    with pytest.raises(FetchError, match="connection was refused"):
        await fetcher.fetch(host.redirect("/old", "http://127.0.0.1:1/"))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (" https://blog.example/feed.xml#top ", "https://blog.example/feed.xml"),
        ("HTTP://Blog.Example", "http://blog.example"),
        ("https://논문.example/글", "https://xn--s80bq8p.example/%EA%B8%80"),
        ("https://medium.example/@user/feed?a=b@c", "https://medium.example/@user/feed?a=b@c"),
    ],
)
def test_addresses_of_others_are_read(text: str, read: str) -> None:
    """What comes out is what is sent, so that the same place is stored under the same text."""
    assert read_public_address(text) == read
    assert read_public_address(read) == read


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("https://user:hunter2@blog.example/", "user name or password"),
        ("https://hunter2@blog.example/", "user name or password"),
        ("https://:hunter2@blog.example/", "user name or password"),
        ("https:/user:hunter2@blog.example/", "names no host"),
        ("https://blog.example\\@127.0.0.1/", "not a usable address|user name"),
        ("/etc/passwd", "only http and https"),
        ("file:///etc/passwd", "only http and https"),
        ("C:\\feeds\\a.xml", "only http and https"),
        ("ftp://blog.example/", "only http and https"),
        ("javascript:alert(1)", "only http and https"),
        ("http:///feed.xml", "names no host"),
        ("http://[::1", "not a usable address"),
        ("http://blog.example:port/", "not a usable address"),
        ("", "only http and https"),
    ],
)
def test_addresses_that_others_may_not_give(text: str, reason: str) -> None:
    """Files, other protocols and credentials are for the host alone; no message holds a password."""
    with pytest.raises(FetchError, match=reason) as caught:
        read_public_address(text)
    assert "hunter2" not in str(caught.value)


@given(st.text() | st.text().map(lambda text: f"http://{text}"))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever is typed, it is a web address without credentials or a FetchError."""
    try:
        read = read_public_address(text)
    except FetchError:
        return
    assert not is_local(read)
    assert not has_credentials(read)


# ── local files ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "url", ["feed.xml", "/srv/feed.xml", "./a:b.xml", "C:\\feeds\\a.xml", "file:///a", "FILE:a", ""]
)
def test_paths_are_local(url: str) -> None:
    """No scheme, a drive letter, or file:."""
    assert is_local(url)


@pytest.mark.parametrize("url", ["http://a/", " HTTPS://a/", "ftp://a/", "localhost:80/a", "data:,a"])
def test_addresses_are_not_local(url: str) -> None:
    """Anything with another scheme."""
    assert not is_local(url)


@pytest.mark.parametrize("spelling", ["{path}", "file://{path}", "file://localhost{path}", "file:{path}"])
async def test_a_local_file_is_read(tmp_path: Path, fetcher: Fetcher, spelling: str) -> None:
    """A path and a file: address give the same."""
    path = tmp_path / "논문 feed.xml"
    path.write_bytes(FEED)
    url = spelling.format(path=path if spelling == "{path}" else path.as_uri().removeprefix("file://"))
    result = await fetcher.fetch(url)
    assert (result.url, result.body, result.content_type, result.permanent_url) == (url, FEED, None, None)


async def test_an_unchanged_local_file_has_no_body(tmp_path: Path, fetcher: Fetcher) -> None:
    """Time of change and size are the validator."""
    path = tmp_path / "feed.xml"
    path.write_bytes(FEED)
    os.utime(path, ns=(1, 1_234_567_890))
    first = await fetcher.fetch(str(path))
    assert first.validators == Validators(etag=f"1234567890-{len(FEED)}")
    second = await fetcher.fetch(str(path), first.validators)
    assert second == replace(first, body=None)
    os.utime(path, ns=(1, 1_234_567_891))
    assert (await fetcher.fetch(str(path), first.validators)).body == FEED


async def test_a_local_gzip_file_is_unpacked(tmp_path: Path, fetcher: Fetcher) -> None:
    """The same rule as for a server's."""
    path = tmp_path / "feed.xml.gz"
    path.write_bytes(gzip.compress(FEED))
    assert (await fetcher.fetch(str(path))).body == FEED


async def test_a_large_local_file_is_refused(tmp_path: Path) -> None:
    """The cap holds for files, packed and unpacked; exactly the cap passes."""
    path = tmp_path / "feed.xml"
    async with Fetcher(allowed_private=LOOPBACK, max_bytes=1000) as fetcher:
        path.write_bytes(bytes(1000))
        assert (await fetcher.fetch(str(path))).body == bytes(1000)
        for content in (bytes(1001), gzip.compress(bytes(1001))):
            path.write_bytes(content)
            with pytest.raises(TooLargeError):
                await fetcher.fetch(str(path))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.xml", "no such file"),
        ("", "not a regular file"),
        ("pipe", "not a regular file"),
        ("feed.xml/below", "cannot be read"),
        ("n" * 300, "cannot be read"),
        ("a\0b", "not a usable path"),
    ],
)
async def test_an_unreadable_local_file_is_an_error(tmp_path: Path, fetcher: Fetcher, name: str, reason: str) -> None:
    """Each in words, and a pipe does not block us."""
    (tmp_path / "feed.xml").write_bytes(FEED)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FetchError, match=reason):
        await fetcher.fetch(f"{tmp_path}/{name}")


async def test_a_file_of_another_host_is_an_error(fetcher: Fetcher) -> None:
    """file: is for this machine."""
    with pytest.raises(FetchError, match="not a usable path"):
        await fetcher.fetch("file://elsewhere.example/feed.xml")


# ── the server of these tests ───────────────────────────────────────────────────────────────────


async def test_feed_host_closes_fast_with_clients_waiting() -> None:
    """A hanging and a dripping client do not hold up the end of a test, and no task is left behind."""
    loop = asyncio.get_running_loop()
    before = asyncio.all_tasks()
    async with Fetcher(allowed_private=LOOPBACK, timeout_s=patience(20)) as fetcher:
        async with FeedHost() as host:
            hang, drip = host.hang("/hang"), host.drip("/slow", FEED, interval_s=5)
            urls = [hang, drip.replace("127.0.0.1", "localhost")]
            visits = [asyncio.create_task(fetcher.fetch(url)) for url in urls]
            await host.wait_for_requests(2)
            started_s = loop.time()
        assert loop.time() - started_s < 0.5
        outcomes = await asyncio.gather(*visits, return_exceptions=True)
        assert all(isinstance(outcome, FetchError) for outcome in outcomes)
    assert asyncio.all_tasks() == before


async def test_feed_host_serves_other_processes(host: FeedHost) -> None:
    """A client in another process gets the same documents and is written down."""
    url = host.serve("/feed.xml?tag=nlp", FEED)
    script = "import sys, urllib.request as r; sys.stdout.buffer.write(r.urlopen(sys.argv[1]).read())"
    client = await asyncio.create_subprocess_exec(sys.executable, "-c", script, url, stdout=asyncio.subprocess.PIPE)
    body, _ = await client.communicate()
    assert body == FEED
    method, path, headers, status = host.requests[0]
    assert (method, path, status) == ("GET", "/feed.xml?tag=nlp", 200)
    assert headers["User-Agent"].startswith("Python-urllib")


async def test_a_domain_that_asks_for_gaps_gets_them(feed_host: FeedHost) -> None:
    """Its hosts together; others are asked meanwhile."""
    feed_host.serve("/a", "<rss/>")
    loop = asyncio.get_running_loop()
    async with Fetcher(allowed_private=["127.0.0.1"], gaps_s={"0.0.1": 0.2}) as fetcher:
        started_s = loop.time()
        await asyncio.gather(*(fetcher.fetch(feed_host.url("/a")) for _ in range(3)))
    assert loop.time() - started_s >= 0.4
    assert len(feed_host.requests_for("/a")) == 3
