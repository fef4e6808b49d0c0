"""URL → FetchResult: the only outgoing HTTP of the project, Discord's own aside.

In goes an address and what its server said last time; out comes the body, or the news that nothing changed,
and what to say next time. A path of the host's own file system is an address too. Everything that goes
wrong on the way is a `FetchError` in plain words; nothing here looks into a body, except for telling a gzip
file from text.

A visit is polite (one request a host at a time, conditional requests, Retry-After passed on) and bounded in
time, in size after decompression, and in redirects, because any server may be slow, broken or hostile.

Only public addresses are reached, since feeds may be named by people who do not host the bot: the address of
every connection is looked at as it is opened, after the name lookup and at each hop. What the host trusts is
exempt (``allowed_private``); see `bot.feeds.addresses`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import ssl
import stat
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit
from urllib.request import url2pathname
from weakref import WeakValueDictionary

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot import __version__
from bot.errors import AddressError, FetchError, FetchTimeoutError, HttpStatusError, TooLargeError
from bot.feeds.addresses import (
    FIRST_UNPRIVILEGED_PORT,
    REDIRECTS,
    SCHEME,
    WEB_PORTS,
    Address,
    Place,
    PrivateAddressError,
    Redirect,
    is_local,
    next_address,
    open_any_socket,
    open_public_socket,
    parse_address,
    private_visits,
    read_places,
    read_public_address,
)
from bot.text.links import redact

PRODUCT = "nonmun"
"""Our name in the User-Agent, and the one that a robots.txt has rules for (RFC 9309 §2.2.1)."""

CONTACT_URL = "https://nonmun.example/bot"
"""Where a server's operator reads who we are; whoever hosts the bot should give their own."""

GAPS_S: Mapping[str, float] = {"arxiv.org": 3.0}
"""Source: https://info.arxiv.org/help/api/tou.html, one request in three seconds over all of one's machines."""

_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.4, */*;q=0.1"
)
# Named rather than left to aiohttp, which would offer whatever decoders happen to be installed.
_ACCEPT_ENCODING = "gzip, deflate, br"
_WITH_BODY = frozenset({200, 203})  # 203 is a 200 changed by a proxy, RFC 9110 §15.3.4

_MAX_SLOW_HOSTS = 1_000
_MAX_HEADER_BYTES = 64 * 1024  # Content-Security-Policy and Link grow beyond the 8,190 that aiohttp lets through
_MAX_HEADERS = 256
_QUICK_AGAIN = 3  # visits in a row after which a slow host counts as a quick one: not a tarpit that is quick by turns
_CHUNK_BYTES = 64 * 1024
_MAX_ASKED_S = 24 * 3600.0  # what a server may ask us to wait; more would be a fault of its own
_GZIP_MAGIC = b"\x1f\x8b\x08"  # RFC 1952 §2.3.1; 8 is deflate, the only method there is
_MAX_GZIP_MEMBERS = 64  # a feed has one; each further one costs a copy of what follows it
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?([0-9]+)", re.IGNORECASE)
_SECONDS = re.compile(r"\s*([0-9]+)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server said of the version we have, byte for byte as it said it (RFC 9110 §8.8).

    For a local file ``etag`` is its time of change in nanoseconds and its size.
    """

    etag: str | None = None
    last_modified: str | None = None


Check = Callable[[str], Awaitable[None]]

NO_VALIDATORS = Validators()
"""The first visit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResult:
    """A usable answer.

    Attributes:
        url: The address that answered, after redirects, without credentials. A local path as it was given.
        body: The document, decompressed; None where the server says nothing changed (304).
        content_type: The header as sent; None where there was none, on a 304 often, and for local files.
        validators: To be sent next time, once the body turned out to be usable. On a 304 the ones we sent,
            with any new ones the server gave.
        permanent_url: The new address, where every redirect on the way was permanent (301, 308). None where
            it got credentials: such an address is for its owner to move.
        min_interval_s: Seconds for which the server calls its answer fresh, 24 h at most; None where it says
            nothing of it.
        is_public: Whether all of the visit went to public addresses; never for local files.
        links: The Link headers, joined by commas (RFC 8288 §3); "" where there are none.
        refresh: The Refresh header, by which a page leads elsewhere; "" where there is none.
    """

    url: str
    body: bytes | None
    content_type: str | None
    validators: Validators
    permanent_url: str | None
    min_interval_s: float | None
    is_public: bool
    links: str = ""
    refresh: str = ""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _make_connector(resolver: AbstractResolver | None, *, is_guarded: bool) -> aiohttp.TCPConnector:
    """Make what opens connections: to public addresses alone, or to any."""
    # An hour lies between two visits, so a connection kept alive would only be found dead. It would also be
    # one that was looked at for somebody else's visit.
    return aiohttp.TCPConnector(
        force_close=True,
        resolver=resolver,
        socket_factory=open_public_socket if is_guarded else open_any_socket,
    )


class Fetcher:
    """Downloads documents; an async context manager owning its two `aiohttp.ClientSession`s.

    One session refuses to connect to anything but public addresses and web ports (80, 443, and from 1024 up).
    The other does not, and is for the places that the host trusts. Which of them asks is decided anew for
    each hop of a visit.

    Args:
        allowed_private: What may be reached wherever it is. ``name``, ``name:port``, or an IP address in place
            of the name: by any visit, also through a redirect. ``http://name:port``, an origin: by visits that
            begin at this host and port. A name is compared as it is written, not by what it resolves to.
        resolver: Looks host names up; None for the system's. It stays the caller's to close.
        timeout_s: Seconds for a whole visit, redirects included. A limit for each read would never stop a
            server that sends a byte now and then. Time spent in the queue does not count.
        connect_timeout_s: Seconds for one connection: name lookup, TCP and TLS.
        max_bytes: Size of a document after decompression at which we stop reading.
        max_redirects: How many are followed in one visit.
        max_concurrent: Requests under way at once, all hosts together; one host gets one at a time.
        slow_s: Seconds after which a visit was slow. Hosts whose visits are get half of the requests at most, so that
            they cannot keep the others waiting, however many they are.
        gaps_s: Seconds between two requests to a domain, its hosts together, where it asks for that.
        contact_url: Named in the User-Agent.
        clock: The time now, aware; for Retry-After and Expires given as dates.
    """

    def __init__(
        self,
        *,
        allowed_private: Collection[str] = (),
        timeout_s: float = 30.0,
        connect_timeout_s: float = 10.0,
        max_bytes: int = 10 * 2**20,
        max_redirects: int = 5,
        max_concurrent: int = 8,
        slow_s: float = 5.0,
        gaps_s: Mapping[str, float] = GAPS_S,
        contact_url: str = CONTACT_URL,
        resolver: AbstractResolver | None = None,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._trusted_places = read_places([entry for entry in allowed_private if "://" not in entry])
        self._trusted_starts = read_places([entry for entry in allowed_private if "://" in entry])
        self._timeout_s = timeout_s
        self._connect_timeout_s = connect_timeout_s
        self._max_bytes = max_bytes
        self._max_redirects = max_redirects
        self._user_agent = f"{PRODUCT}/{__version__} (feed reader; +{contact_url})"
        self._clock = clock
        self._resolver = resolver
        self._guarded: aiohttp.ClientSession | None = None
        self._trusting: aiohttp.ClientSession | None = None
        self._slots = asyncio.Semaphore(max_concurrent)
        self._slow_slots = asyncio.Semaphore(max(1, max_concurrent // 2))
        self._slow_s = slow_s
        self._slow_hosts: dict[str, int] = {}
        """How many quick visits each still has to make, the longest known first; by where visits begin."""
        self._gaps_s = gaps_s
        self._asked_at_s: dict[str, float] = {}
        # Weak, so that a host is forgotten once nobody asks it or waits for it.
        self._host_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def __aenter__(self) -> Self:
        self._guarded = self._make_session(is_guarded=True)
        self._trusting = self._make_session(is_guarded=False)
        return self

    def _make_session(self, *, is_guarded: bool) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=_make_connector(self._resolver, is_guarded=is_guarded),
            cookie_jar=aiohttp.DummyCookieJar(),  # a visit has its own (`_Visit.cookies`)
            timeout=aiohttp.ClientTimeout(total=None, connect=self._connect_timeout_s),
            headers={
                "User-Agent": self._user_agent,
                "Accept": _ACCEPT,
                "Accept-Encoding": _ACCEPT_ENCODING,
            },
            trust_env=False,  # a proxy would hide which address is connected to
            max_field_size=_MAX_HEADER_BYTES,
            max_headers=_MAX_HEADERS,
        )

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in (self._guarded, self._trusting):
            if session is not None:
                await session.close()
        self._guarded = self._trusting = None

    async def fetch(
        self,
        url: str,
        validators: Validators = NO_VALIDATORS,
        *,
        is_foreign: bool = False,
        check: Check | None = None,
        head_bytes: int | None = None,
    ) -> FetchResult:
        """Download one document, or learn that it did not change.

        Args:
            url: An http or https address, or a local path (`is_local`).
            validators: What the last result held.
            is_foreign: The address comes from a member or out of a document, not from the host. It is never a path,
                and the places of the host's own feeds are not trusted for it.
            check: Told each address before it is asked for, those of redirects too. What it raises ends the visit.
            head_bytes: Read no more than so many bytes of the body, and leave the rest.
        Returns:
            The body and what to send next time; ``body`` is None where nothing changed.
        Raises:
            FetchTimeoutError: No complete answer in time.
            TooLargeError: More than ``max_bytes``.
            HttpStatusError: A status without a document; ``retry_after_s`` is 24 h at most.
            AddressError: The address, or one that it redirects to, leads to a private network or to a port
                that is not asked.
            FetchError: Anything else that kept us from an answer. ``__cause__`` has the original where there is
                one; no message holds credentials.
        Source: RFC 9110 §13.1 (conditional requests), §10.2.3 (Retry-After), §15.4 (redirects).
        """
        if is_foreign:
            url = read_public_address(url)
        if is_local(url):
            return await asyncio.to_thread(_read_local, url.strip(), validators, max_bytes=self._max_bytes)
        sendable = Validators(etag=_sendable(validators.etag), last_modified=_sendable(validators.last_modified))
        visit = _Visit(
            asked=redact(url), validators=sendable, left_s=self._timeout_s, check=check, head_bytes=head_bytes
        )
        try:
            address = parse_address(url, visit.asked)
            visit.start = None if is_foreign else address.place
            visit.host = address.host
            return await self._follow(address, visit)
        except aiohttp.ConnectionTimeoutError as exc:
            raise FetchTimeoutError(visit.asked, self._connect_timeout_s) from exc
        except TimeoutError as exc:
            raise FetchTimeoutError(visit.asked, self._timeout_s) from exc
        # ValueError: aiohttp refuses host names and header values only when it is about to send them.
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            is_private = isinstance(getattr(exc, "os_error", None), PrivateAddressError)
            raise (AddressError if is_private else FetchError)(visit.asked, _describe(exc)) from exc
        finally:
            self._note_speed(visit)

    def _note_speed(self, visit: _Visit) -> None:
        """Remember whether a host keeps us waiting."""
        left = self._slow_hosts.pop(visit.host, 0) - 1
        if self._timeout_s - visit.left_s > self._slow_s:
            left = _QUICK_AGAIN
        if left > 0:
            self._slow_hosts[visit.host] = left
        if len(self._slow_hosts) > _MAX_SLOW_HOSTS:
            del self._slow_hosts[next(iter(self._slow_hosts))]

    async def _follow(self, address: Address, visit: _Visit) -> FetchResult:
        """Ask, and go where redirects lead: also back to where we were, once we have a cookie to show there."""
        seen = {(address.url, "")}
        is_permanent = True
        private: set[str] = set()
        for _ in range(self._max_redirects + 1):
            if visit.check is not None:
                await visit.check(str(address.url))
            private_visits.set(private)  # after the check, which may be a visit of its own
            async with self._turn(address, visit), visit.clock_running():
                answer = await self._exchange(address, visit)
            if isinstance(answer, FetchResult):
                is_moved = len(seen) > 1 and is_permanent and address.authorization is None
                return replace(answer, permanent_url=answer.url if is_moved else None, is_public=not private)
            is_permanent = is_permanent and answer.is_permanent
            address = next_address(address, answer, visit.asked)
            step = (address.url, visit.cookies_for(address.url))
            if step in seen:
                raise FetchError(visit.asked, "the redirects go in a circle")
            seen.add(step)
        raise FetchError(visit.asked, f"more than {self._max_redirects} redirects")

    @asynccontextmanager
    async def _turn(self, address: Address, visit: _Visit) -> AsyncIterator[None]:
        """Wait until this host is free, and then until one of the slots is: of the slow hosts' first, if it is one.

        In this order, and for one hop at a time: a queue for one host takes no slots from others, and no
        two visits can wait for each other.
        """
        domain = next((name for name in self._gaps_s if f".{address.host}".endswith(f".{name}")), address.host)
        host_lock = self._host_locks.setdefault(domain, asyncio.Lock())
        async with host_lock:
            if gap_s := self._gaps_s.get(domain):
                loop = asyncio.get_running_loop()
                await asyncio.sleep(self._asked_at_s.get(domain, -gap_s) + gap_s - loop.time())
                self._asked_at_s[domain] = loop.time()
            share = self._slow_slots if visit.host in self._slow_hosts else contextlib.nullcontext()
            async with share, self._slots:
                yield

    async def _exchange(self, address: Address, visit: _Visit) -> FetchResult | Redirect:
        """Make one request."""
        session = self._choose_session(address, visit)
        headers = _conditional_headers(visit.validators)
        if address.authorization is not None:
            headers["Authorization"] = address.authorization
        if cookies := visit.cookies_for(address.url):
            headers["Cookie"] = cookies
        async with session.get(address.url, headers=headers, allow_redirects=False) as response:
            status = response.status
            cookies_set = response.headers.getall("Set-Cookie", ())
            visit.cookies.update_cookies_from_headers(cookies_set, address.url)
            if status in REDIRECTS:
                location = response.headers.get("Location")
                return Redirect(status=status, location=location, sets_cookie=bool(cookies_set))
            body: bytes | None = None
            if status in _WITH_BODY:
                body = await self._read(response, visit)
            elif status != 304 or visit.validators == NO_VALIDATORS:
                # A 304 to a request without conditions leaves us with nothing, so it is a fault as well.
                retry_after_s = _parse_retry_after(response.headers.get("Retry-After"), self._clock())
                raise HttpStatusError(visit.asked, status, retry_after_s=retry_after_s)
            return FetchResult(
                url=str(address.url),
                body=body,
                content_type=response.headers.get("Content-Type"),
                validators=_read_validators(response.headers, visit.validators if body is None else NO_VALIDATORS),
                permanent_url=None,
                min_interval_s=_parse_freshness(response.headers, self._clock()),
                is_public=False,
                links=", ".join(response.headers.getall("Link", ())),
                refresh=response.headers.get("Refresh", ""),
            )

    def _choose_session(self, address: Address, visit: _Visit) -> aiohttp.ClientSession:
        """The session that may ask this address. Raises FetchError where none may."""
        if self._guarded is None or self._trusting is None:
            raise RuntimeError("a Fetcher is used inside its `async with`")
        if self._is_trusted(address.place, visit):
            return self._trusting
        port = address.url.port or 0
        if port not in WEB_PORTS and port < FIRST_UNPRIVILEGED_PORT:
            raise AddressError(visit.asked, f"this address leads to port {port}, which is not asked for feeds")
        return self._guarded

    def _is_trusted(self, place: Place, visit: _Visit) -> bool:
        """A feed of the host's own makes its place no door for others: they have to begin there as well."""
        if not self._trusted_places.isdisjoint({place, (place[0], None)}):
            return True
        return place == visit.start and place in self._trusted_starts

    async def _read(self, response: aiohttp.ClientResponse, visit: _Visit) -> bytes:
        """Read a body as far as it may go.

        In chunks: aiohttp's own ``read()`` unpacks a megabyte of gzip into a gigabyte before anybody counts.
        A compressed stream that ends early inside a complete HTTP body is not told from a whole one (aiohttp
        checks deflate only); its reader meets a document that breaks off.
        """
        head_bytes = visit.head_bytes
        is_whole_wanted = head_bytes is None
        if is_whole_wanted and response.content_length is not None and response.content_length > self._max_bytes:
            raise TooLargeError(visit.asked, self._max_bytes)
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            body += chunk
            if head_bytes is not None and len(body) >= head_bytes:
                return bytes(body[:head_bytes])
            if len(body) > self._max_bytes:
                raise TooLargeError(visit.asked, self._max_bytes)
        return await asyncio.to_thread(_unpack, bytes(body), visit.asked, max_bytes=self._max_bytes)


@dataclass(slots=True, kw_only=True)
class _Visit:
    """One call of `Fetcher.fetch` under way. ``asked`` is for messages, ``start`` and ``host`` are where it began.

    ``cookies`` are those that its redirects have set, as RFC 6265 has them; they are gone with the visit.
    """

    asked: str
    validators: Validators
    left_s: float
    check: Check | None = None
    head_bytes: int | None = None
    host: str = ""
    start: Place | None = None
    cookies: aiohttp.CookieJar = field(default_factory=lambda: aiohttp.CookieJar(unsafe=True))  # also of IP addresses

    def cookies_for(self, url: URL) -> str:
        """The Cookie header for an address; "" where nothing that may be sent was set for it."""
        found = self.cookies.filter_cookies(url).items()
        return "; ".join(pair for name, one in found if _sendable(pair := f"{name}={one.coded_value}"))

    @asynccontextmanager
    async def clock_running(self) -> AsyncIterator[None]:
        """Count the time spent inside against what is left; raises TimeoutError when that is used up."""
        loop = asyncio.get_running_loop()
        started_s = loop.time()
        try:
            async with asyncio.timeout(self.left_s):
                yield
        finally:
            self.left_s -= loop.time() - started_s


def _describe(error: Exception) -> str:
    """Say what a failed exchange means to whoever hosts the bot."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return f"the host name {error.host} was not found"
        case aiohttp.ClientConnectorCertificateError():
            return "the server's certificate is not trusted"
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return "no secure connection could be made"
        case aiohttp.ClientConnectorError(os_error=PrivateAddressError()):
            return "this address leads to a private network, which is not asked for feeds"
        case aiohttp.ClientConnectorError(os_error=ConnectionRefusedError()):
            return "the connection was refused"
        case aiohttp.ClientConnectorError():
            return "no connection could be made"
        case aiohttp.ServerDisconnectedError():
            return "the server closed the connection without an answer"
        case aiohttp.ClientPayloadError():
            return "the answer is incomplete or could not be unpacked"
        case aiohttp.ClientResponseError():
            return "the answer is malformed"
        case ValueError():  # aiohttp.InvalidURL among them
            return "not a usable address"
        case _:
            return "the connection broke off"


def _conditional_headers(validators: Validators) -> dict[str, str]:
    """Write the conditions; a server goes by the ETag where it gets both (RFC 9110 §13.1.3)."""
    headers = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in headers.items() if value}


def _read_validators(headers: Mapping[str, str], old: Validators) -> Validators:
    return Validators(
        etag=_sendable(headers.get("ETag")) or old.etag,
        last_modified=_sendable(headers.get("Last-Modified")) or old.last_modified,
    )


def _sendable(value: str | None) -> str | None:
    """Let a header value through if it can be stored and sent back unchanged.

    Bytes that are no UTF-8 arrive as lone surrogates: a database refuses them, and aiohttp (3.14) would send
    other bytes. Line ends would start a header of their own.
    """
    return value if value and value.isprintable() else None


def _parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Read Retry-After, seconds or a date (RFC 9110 §10.2.3); 0 to 24 h, None if it says nothing."""
    if value is None:
        return None
    if seconds := _SECONDS.fullmatch(value):
        return min(float(seconds[1]), _MAX_ASKED_S)
    date = _parse_date(value)
    return None if date is None else _seconds_until(date, now)


def _parse_freshness(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read for how long an answer is fresh (RFC 9111 §4.2.1); 0 to 24 h, None if nothing is said."""
    if max_age := _MAX_AGE.search(headers.get("Cache-Control", "")):
        return min(float(max_age[1]), _MAX_ASKED_S)
    expires = headers.get("Expires")
    if expires is None:
        return None
    date = _parse_date(expires)
    # "0" and other non-dates mean "already stale" (RFC 9111 §5.3). The server's own clock counts, if known.
    return 0.0 if date is None else _seconds_until(date, _parse_date(headers.get("Date", "")) or now)


def _seconds_until(date: datetime, now: datetime) -> float:
    return min(max((date - now).total_seconds(), 0.0), _MAX_ASKED_S)


def _parse_date(value: str) -> datetime | None:
    """Read a date in any of the three forms of RFC 9110 §5.6.7; None where it is none of them."""
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):  # what email.utils is known to let out
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _unpack(body: bytes, asked: str, *, max_bytes: int) -> bytes:
    """Unpack a body that is a gzip file, once; any other comes back as it is.

    Some servers send a compressed file without saying so, or compress it a second time. No feed in any
    format starts with these three bytes.

    Raises:
        TooLargeError: More than ``max_bytes`` come out.
        FetchError: It is cut off or damaged.
    """
    if not body.startswith(_GZIP_MAGIC):
        return body
    unpacked = bytearray()
    for _ in range(_MAX_GZIP_MEMBERS):  # RFC 1952 §2.2: a file may be several, one after another
        member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            # Never 0, which would mean "no limit": there is always one byte more than may be.
            unpacked += member.decompress(body, max_bytes + 1 - len(unpacked))
        except zlib.error as exc:
            raise FetchError(asked, "a damaged gzip file") from exc
        if len(unpacked) > max_bytes:
            raise TooLargeError(asked, max_bytes)
        if not member.eof:
            raise FetchError(asked, "an incomplete gzip file")
        body = member.unused_data
        if not body.startswith(_GZIP_MAGIC):
            return bytes(unpacked)
    raise FetchError(asked, f"a gzip file of more than {_MAX_GZIP_MEMBERS} parts")


def _read_local(url: str, validators: Validators, *, max_bytes: int) -> FetchResult:
    """Read a file of the host's own; blocking. Raises FetchError in the same cases as a download."""
    asked = redact(url)
    try:
        path = _local_path(url)
        # Before opening: to open a pipe would wait for whoever writes to it, perhaps for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            raise FetchError(asked, "not a regular file")
        with path.open("rb") as file:
            facts = os.fstat(file.fileno())
            current = Validators(etag=f"{facts.st_mtime_ns}-{facts.st_size}")
            body = None if current.etag == validators.etag else file.read(max_bytes + 1)
    except FileNotFoundError as exc:
        raise FetchError(asked, "no such file (a web address starts with http:// or https://)") from exc
    except OSError as exc:
        raise FetchError(asked, f"the file cannot be read ({exc.strerror})") from exc
    except ValueError as exc:
        raise FetchError(asked, "not a usable path") from exc
    if body is not None and len(body) > max_bytes:
        raise TooLargeError(asked, max_bytes)
    return FetchResult(
        url=url,
        body=None if body is None else _unpack(body, asked, max_bytes=max_bytes),
        content_type=None,
        validators=current,
        permanent_url=None,
        min_interval_s=None,
        is_public=False,
    )


def _local_path(url: str) -> Path:
    """Turn a path or a ``file:`` address (RFC 8089) into a path. Raises ValueError."""
    if not SCHEME.match(url):
        return Path(url)
    parts = urlsplit(url)
    if parts.netloc not in {"", "localhost"}:
        raise ValueError(f"a file of another host: {parts.hostname}")
    return Path(url2pathname(parts.path))
