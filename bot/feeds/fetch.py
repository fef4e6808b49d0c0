"""URL → FetchResult: the only outgoing HTTP of the project, apart from Discord's.

In goes an address and what its server said last time; out comes the body, or the news that nothing changed,
and what to send next time. A path of the host's own file system is an address too. Everything that goes
wrong on the way is a `FetchError` in plain words. Nothing here looks into a body, except to tell a gzip file
from text.

A visit is polite (one request per host at a time, conditional requests, Retry-After passed on) and bounded in
time, in size after decompression, and in redirects, because any server may be slow, broken or hostile.

Feeds may be named by people who do not host the bot, so only public addresses are reached: the address of
every connection is checked as it is opened, after the name lookup and at each hop. Places that the host
trusts are exempt (``allowed_private``); see `bot.feeds.addresses`.
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
    is_private_number,
    next_address,
    open_any_socket,
    open_public_socket,
    parse_address,
    private_visits,
    read_places,
    read_public_address,
)
from bot.feeds.validators import NO_VALIDATORS, Validators
from bot.heartbeats import note_step
from bot.languages import Message
from bot.text.links import redact
from bot.text.patterns import lazy_pattern

PRODUCT = "nonmun"
"""Our name in the User-Agent, and in the rules of a robots.txt (RFC 9309 §2.2.1)."""

CONTACT_URL = "https://nonmun.example/bot"
"""Where a server's operator can read who we are. The host of the bot should set their own."""

GAPS_S: Mapping[str, float] = {"arxiv.org": 3.0}
"""Source: https://info.arxiv.org/help/api/tou.html: one request every three seconds, over all of one's machines."""

_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.4, */*;q=0.1"
)
# Set here because aiohttp would offer any decoder that happens to be installed.
_ACCEPT_ENCODING = "gzip, deflate, br"
_WITH_BODY = frozenset({200, 203})  # 203 is a 200 that a proxy has changed, RFC 9110 §15.3.4

_PRIVATE = Message("this address leads to a private network, where no feeds are read")
_MAX_SLOW_HOSTS = 1_000
_MAX_HEADER_BYTES = 64 * 1024  # Content-Security-Policy and Link may exceed the 8,190 that aiohttp allows
_MAX_HEADERS = 256
_QUICK_AGAIN = 3  # quick visits in a row until a slow host counts as quick, in case it is quick only now and then
_CHUNK_BYTES = 64 * 1024
_MAX_ASKED_S = 24 * 3600.0  # the longest wait a server may ask for; a longer one must be a mistake and is cut
_GZIP_MAGIC = b"\x1f\x8b\x08"  # RFC 1952 §2.3.1; 8 is deflate, the only method there is
_MAX_GZIP_MEMBERS = 64  # a feed has one; each further member costs a copy of the rest
_MAX_AGE = lazy_pattern(r"(?:^|[,\s])max-age\s*=\s*\"?([0-9]+)", re.IGNORECASE)
_SECONDS = lazy_pattern(r"\s*([0-9]+)\s*")


Check = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResult:
    """A usable answer.

    Attributes:
        url: The address that answered, after redirects, without credentials. A local path as it was given.
        body: The document, decompressed; None if the server says that nothing changed (304).
        content_type: The header as sent; None if there was none (often on a 304), and for local files.
        validators: To send next time, if the body turns out to be usable. On a 304, the ones we sent, updated
            with any new ones from the server.
        permanent_url: The new address, if every redirect on the way was permanent (301, 308). None if
            credentials were sent to it: only its owner should move such an address.
        min_interval_s: Seconds for which the server calls its answer fresh, 24 h at most; None if it does not say.
        is_public: Whether all of the visit went to public addresses; False for local files.
        links: The Link headers, joined by commas (RFC 8288 §3); "" if there are none.
        refresh: The Refresh header, which leads to another page; "" if there is none.
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
    """Make a connector that opens connections to public addresses only, or to any address."""
    # Visits are an hour apart, so a connection kept alive would be dead by the next one. It would also have been
    # checked for another visit, not for this one.
    return aiohttp.TCPConnector(
        force_close=True,
        resolver=resolver,
        socket_factory=open_public_socket if is_guarded else open_any_socket,
    )


class Fetcher:
    """Downloads documents; an async context manager owning its two `aiohttp.ClientSession`s.

    One session connects only to public addresses and web ports (80, 443, and 1024 and above). The other has no
    such limit and is for the places that the host trusts. Each hop of a visit decides anew which one is used.

    Args:
        allowed_private: What may be reached even on private addresses. ``name``, ``name:port``, or an IP address
            in place of the name: by any visit, also through a redirect. ``http://name:port``, an origin: only by
            visits that begin at this host and port. Names are compared as written, not by what they resolve to.
        resolver: Looks up host names; None for the system's. The caller closes it.
        timeout_s: Seconds for a whole visit, redirects included. A limit for each read would never stop a
            server that sends a byte now and then. Time spent in the queue does not count.
        connect_timeout_s: Seconds for one connection: name lookup, TCP and TLS.
        max_bytes: Size of a document after decompression at which we stop reading.
        max_redirects: How many redirects are followed in one visit.
        max_concurrent: Requests under way at once, for all hosts together; one host gets one at a time.
        slow_s: A visit that takes more seconds than this is slow. Slow hosts together get at most half of the
            requests, so that they cannot keep the others waiting, however many there are.
        gaps_s: Seconds between two requests to a domain and all its hosts, for domains that ask for a gap.
        contact_url: Named in the User-Agent.
        clock: Returns the current time, aware; for Retry-After and Expires given as dates.
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
        """Host at which a visit begins → quick visits still needed until it counts as quick; least recent first."""
        self._gaps_s = gaps_s
        self._asked_at_s: dict[str, float] = {}
        # Weak, so that a host is forgotten once no visit uses it or waits for it.
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
            trust_env=False,  # a proxy would hide which address we connect to
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
        accept: str | None = None,
    ) -> FetchResult:
        """Download one document, or learn that it did not change.

        Args:
            url: An http or https address, or a local path (`is_local`).
            validators: Those of the last result.
            is_foreign: The address comes from a member or from a document, not from the host. It is never a path,
                and the places of the host's own feeds are not trusted for it.
            check: Called with each address before it is asked for, redirects included. An error it raises ends the
                visit.
            head_bytes: Read at most this many bytes of the body, and leave the rest.
            accept: The kind of document that is wanted, for servers that have several; None for feeds and pages.
        Returns:
            The body and what to send next time; ``body`` is None if nothing changed.
        Raises:
            FetchTimeoutError: No complete answer in time.
            TooLargeError: More than ``max_bytes``.
            HttpStatusError: A status without a document; ``retry_after_s`` is 24 h at most.
            AddressError: The address, or a redirect from it, leads to a private network or to a port that we do
                not ask.
            FetchError: Anything else that kept us from an answer. ``__cause__`` is the original error, if any; no
                message holds credentials.
        Source: RFC 9110 §13.1 (conditional requests), §10.2.3 (Retry-After), §15.4 (redirects).
        """
        if is_foreign:
            url = read_public_address(url)
        if is_local(url):
            return await asyncio.to_thread(_read_local, url.strip(), validators, max_bytes=self._max_bytes)
        sendable = Validators(etag=_sendable(validators.etag), last_modified=_sendable(validators.last_modified))
        visit = _Visit(
            asked=redact(url),
            validators=sendable,
            left_s=self._timeout_s,
            check=check,
            head_bytes=head_bytes,
            accept=accept,
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
        # ValueError: aiohttp checks host names and header values only when it is about to send them.
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            is_private = isinstance(getattr(exc, "os_error", None), PrivateAddressError)
            raise (AddressError if is_private else FetchError)(visit.asked, _describe(exc)) from exc
        finally:
            note_step()
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
        """Ask, and follow redirects, even back to where we were if we now have a cookie to show there."""
        seen = {(address.url, "")}
        is_permanent = True
        private: set[str] = set()
        for _ in range(self._max_redirects + 1):
            if visit.check is not None:
                await visit.check(str(address.url))
            private_visits.set(private)  # after the check, which may make a visit of its own
            session = self._choose_session(address, visit)  # what it refuses need not wait for its turn
            async with self._turn(address, visit), visit.clock_running():
                answer = await self._exchange(session, address, visit)
            if isinstance(answer, FetchResult):
                is_moved = len(seen) > 1 and is_permanent and address.authorization is None
                return replace(answer, permanent_url=answer.url if is_moved else None, is_public=not private)
            is_permanent = is_permanent and answer.is_permanent
            address = next_address(address, answer, visit.asked)
            step = (address.url, visit.cookies_for(address.url))
            if step in seen:
                raise FetchError(visit.asked, Message("the redirects go in a circle"))
            seen.add(step)
        raise FetchError(visit.asked, Message("more than {count} redirects", count=self._max_redirects))

    @asynccontextmanager
    async def _turn(self, address: Address, visit: _Visit) -> AsyncIterator[None]:
        """Wait until this host is free and then for a slot; a slow host needs one of the slow hosts' slots first.

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

    async def _exchange(
        self, session: aiohttp.ClientSession, address: Address, visit: _Visit
    ) -> FetchResult | Redirect:
        """Make one request."""
        headers = _conditional_headers(visit.validators)
        if visit.accept is not None:
            headers["Accept"] = visit.accept
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
                # A 304 to a request without conditions leaves us with nothing, so it is an error as well.
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
        """Return the session that may ask this address. Raises AddressError if none may."""
        if self._guarded is None or self._trusting is None:
            raise RuntimeError("a Fetcher is used inside its `async with`")
        if self._is_trusted(address.place, visit):
            return self._trusting
        if is_private_number(address.host):
            raise AddressError(visit.asked, _PRIVATE)
        port = address.url.port or 0
        if port not in WEB_PORTS and port < FIRST_UNPRIVILEGED_PORT:
            raise AddressError(
                visit.asked, Message("this address leads to port {port}, where no feeds are read", port=port)
            )
        return self._guarded

    def _is_trusted(self, place: Place, visit: _Visit) -> bool:
        """Return whether a place is trusted. One of the host's feeds opens its place only to visits that begin there.

        Others are not let in through it by a redirect.
        """
        if not self._trusted_places.isdisjoint({place, (place[0], None)}):
            return True
        return place == visit.start and place in self._trusted_starts

    async def _read(self, response: aiohttp.ClientResponse, visit: _Visit) -> bytes:
        """Read a body up to the limits.

        In chunks: aiohttp's own ``read()`` may unpack a megabyte of gzip into a gigabyte before we can count.
        A compressed stream that ends early inside a complete HTTP body goes unnoticed (aiohttp checks only
        deflate); its reader gets a document that breaks off.
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
        if not body.startswith(_GZIP_MAGIC):
            return bytes(body)
        return await asyncio.to_thread(_unpack, bytes(body), visit.asked, max_bytes=self._max_bytes)


@dataclass(slots=True, kw_only=True)
class _Visit:
    """One call of `Fetcher.fetch` under way. ``asked`` is for messages; ``start`` and ``host`` are where it began.

    ``cookies`` are those that its redirects have set (RFC 6265); they are forgotten after the visit.
    """

    asked: str
    validators: Validators
    left_s: float
    check: Check | None = None
    head_bytes: int | None = None
    accept: str | None = None
    host: str = ""
    start: Place | None = None
    cookies: aiohttp.CookieJar = field(default_factory=lambda: aiohttp.CookieJar(unsafe=True))  # also of IP addresses

    def cookies_for(self, url: URL) -> str:
        """Return the Cookie header for an address; "" if no cookie was set that may be sent to it."""
        cookies = self.cookies.filter_cookies(url).items()
        return "; ".join(pair for name, cookie in cookies if _sendable(pair := f"{name}={cookie.coded_value}"))

    @asynccontextmanager
    async def clock_running(self) -> AsyncIterator[None]:
        """Count the time spent inside against what is left; raises TimeoutError when it is used up."""
        loop = asyncio.get_running_loop()
        started_s = loop.time()
        try:
            async with asyncio.timeout(self.left_s):
                yield
        finally:
            self.left_s -= loop.time() - started_s


def _describe(error: Exception) -> str:
    """Say what a failed exchange means, in words for the host."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return Message("the host name {host} was not found", host=str(error.host))
        case aiohttp.ClientConnectorCertificateError():
            return Message("the server's certificate is not trusted")
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return Message("no secure connection could be made")
        case aiohttp.ClientConnectorError(os_error=PrivateAddressError()):
            return _PRIVATE
        case aiohttp.ClientConnectorError(os_error=ConnectionRefusedError()):
            return Message("the connection was refused")
        case aiohttp.ClientConnectorError():
            return Message("no connection could be made")
        case aiohttp.ServerDisconnectedError():
            return Message("the server closed the connection without an answer")
        case aiohttp.ClientPayloadError():
            return Message("the answer is incomplete or could not be unpacked")
        case aiohttp.ClientResponseError():
            return Message("the answer is malformed")
        case ValueError():  # aiohttp.InvalidURL among them
            return Message("not a usable address")
        case _:
            return Message("the connection broke off")


def _conditional_headers(validators: Validators) -> dict[str, str]:
    """Write the conditions; a server that gets both uses the ETag (RFC 9110 §13.1.3)."""
    headers = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in headers.items() if value}


def _read_validators(headers: Mapping[str, str], old: Validators) -> Validators:
    return Validators(
        etag=_sendable(headers.get("ETag")) or old.etag,
        last_modified=_sendable(headers.get("Last-Modified")) or old.last_modified,
    )


def _sendable(value: str | None) -> str | None:
    """Let a header value through if it can be stored and sent back unchanged.

    Bytes that are not UTF-8 arrive as lone surrogates: a database refuses them, and aiohttp (3.14) would send
    other bytes. A line end would start a new header.
    """
    return value if value and value.isprintable() else None


def _parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Read Retry-After, seconds or a date (RFC 9110 §10.2.3); 0 to 24 h in seconds, None if it is neither."""
    if value is None:
        return None
    if seconds := _SECONDS.fullmatch(value):
        return min(float(seconds[1]), _MAX_ASKED_S)
    date = _parse_date(value)
    return None if date is None else _seconds_until(date, now)


def _parse_freshness(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read for how many seconds an answer is fresh (RFC 9111 §4.2.1); 0 to 24 h, None if it does not say."""
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
    """Read a date in any of the three forms of RFC 9110 §5.6.7; None for anything else."""
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):  # the errors that email.utils is known to raise
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _unpack(body: bytes, asked: str, *, max_bytes: int) -> bytes:
    """Unpack a body that is a gzip file, once; return any other unchanged.

    Some servers send a compressed file without saying so, or compress it a second time. No feed in any
    format starts with these three bytes.

    Raises:
        TooLargeError: More than ``max_bytes`` come out.
        FetchError: The file is cut off or damaged.
    """
    if not body.startswith(_GZIP_MAGIC):
        return body
    unpacked = bytearray()
    for _ in range(_MAX_GZIP_MEMBERS):  # RFC 1952 §2.2: a file may have several members, one after another
        member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            # Never 0, which would mean "no limit": one byte more than allowed is always asked for.
            unpacked += member.decompress(body, max_bytes + 1 - len(unpacked))
        except zlib.error as exc:
            raise FetchError(asked, Message("a damaged gzip file")) from exc
        if len(unpacked) > max_bytes:
            raise TooLargeError(asked, max_bytes)
        if not member.eof:
            raise FetchError(asked, Message("an incomplete gzip file"))
        body = member.unused_data
        if not body.startswith(_GZIP_MAGIC):
            return bytes(unpacked)
    raise FetchError(asked, Message("a gzip file of more than {count} parts", count=_MAX_GZIP_MEMBERS))


def _read_local(url: str, validators: Validators, *, max_bytes: int) -> FetchResult:
    """Read one of the host's own files; blocking. Raises FetchError in the same cases as a download."""
    asked = redact(url)
    try:
        path = _local_path(url)
        # Before opening: opening a pipe would wait for its writer, perhaps forever.
        if not stat.S_ISREG(path.stat().st_mode):
            raise FetchError(asked, Message("not a regular file"))
        with path.open("rb") as file:
            facts = os.fstat(file.fileno())
            current = Validators(etag=f"{facts.st_mtime_ns}-{facts.st_size}")
            body = None if current.etag == validators.etag else file.read(max_bytes + 1)
    except FileNotFoundError as exc:
        raise FetchError(asked, Message("no such file (a web address starts with http:// or https://)")) from exc
    except OSError as exc:
        raise FetchError(asked, Message("the file cannot be read ({why})", why=str(exc.strerror))) from exc
    except ValueError as exc:
        raise FetchError(asked, Message("not a usable path")) from exc
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
