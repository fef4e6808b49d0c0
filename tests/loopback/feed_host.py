"""A real web server on 127.0.0.1 that serves feeds, well or badly, and writes down who asked for what.

Clients may live in this process or another one. The server lives on the test's event loop: a test that starts
a process must wait for it with asyncio, or the server waits as well.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import itertools
import zlib
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from types import MappingProxyType, TracebackType
from typing import Literal, NamedTuple, Self

import brotli
from aiohttp import web
from multidict import CIMultiDictProxy

from tests.loopback.patience import patience

__all__ = ["Compression", "FeedHost", "SeenRequest", "pack"]

Compression = Literal["gzip", "br", "deflate"]

_PIECE_BYTES = 16 * 1024
_SHUTDOWN_S = 0.1  # nothing here needs longer: handlers that wait are woken first


class SeenRequest(NamedTuple):
    """One request. ``path`` has the query; ``status`` is None while unanswered, and for raw answers."""

    method: str
    path: str
    headers: CIMultiDictProxy[str]
    status: int | None


@dataclass(slots=True, kw_only=True)
class _Document:
    body: bytes
    content_type: str | None
    etag: str | None
    last_modified: datetime | None
    compress: Compression | None
    status: int
    headers: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class _Failure:
    status: int
    headers: Mapping[str, str]
    left: int | None  # None: for ever


_Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class FeedHost:
    """An async context manager; see the methods for what a path can be made to do.

    Attributes:
        requests: Every request in the order of arrival.
        active: Requests being answered right now; ``peak`` is the most there were at once.
        sent_bytes: How much each streaming path (`drip`, `endless`, `bomb`) handed to its sockets.
    """

    def __init__(self) -> None:
        self.requests: list[SeenRequest] = []
        self.active = 0
        self.peak = 0
        self.sent_bytes: Counter[str] = Counter()
        self._port: int | None = None
        self._handlers: dict[str, _Handler] = {}
        self._documents: dict[str, _Document] = {}
        self._failures: dict[str, _Failure] = {}
        self._closing = asyncio.Event()
        self._arrived = asyncio.Condition()
        self._idle = asyncio.Event()
        self._idle.set()
        # A handler is cancelled as soon as its client hangs up, or an endless answer would go on.
        server = web.Server(self._handle, access_log=None, handler_cancellation=True)
        self._runner = web.ServerRunner(server, shutdown_timeout=_SHUTDOWN_S)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        await self._runner.cleanup()

    def url(self, path: str = "/", *, host: str = "127.0.0.1") -> str:
        """Return the address of a path; with ``host="localhost"`` the same server under a second name."""
        return f"http://{host}:{self.port}{path}"

    @property
    def port(self) -> int:
        if self._port is None:
            raise RuntimeError("a FeedHost is used inside its `async with`")
        return self._port

    def requests_for(self, path: str) -> list[SeenRequest]:
        return [request for request in self.requests if request.path == path]

    async def wait_for_requests(self, count: int, *, timeout_s: float = 30.0) -> None:
        """Wait until so many requests arrived in all. Raises TimeoutError."""
        async with asyncio.timeout(patience(timeout_s)), self._arrived:
            await self._arrived.wait_for(lambda: len(self.requests) >= count)

    async def wait_until_read(self, path: str, *, timeout_s: float = 30.0) -> None:
        """Wait until a client asks for news of a path and has what it holds: it must have read it to the end.

        Requests before this call do not count. Raises TimeoutError.
        """
        start = len(self.requests)
        async with asyncio.timeout(patience(timeout_s)), self._arrived:
            await self._arrived.wait_for(
                lambda: any(request.path == path and request.status == 304 for request in self.requests[start:])
            )

    async def wait_until_idle(self, *, timeout_s: float = 10.0) -> None:
        """Wait until no request is being answered. Raises TimeoutError."""
        async with asyncio.timeout(patience(timeout_s)):
            await self._idle.wait()

    # ── what a path does ────────────────────────────────────────────────────────────────────────

    def serve(
        self,
        path: str,
        body: bytes | str,
        *,
        content_type: str | None = "application/rss+xml",
        etag: bool | str = True,
        last_modified: datetime | None = None,
        compress: Compression | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Serve a document and return its address.

        Conditional requests are answered with 304: If-None-Match byte for byte and first, as RFC 9110
        §13.2.2 has it.

        Args:
            path: May hold a query, which then has to be asked for; without one any query will do.
            etag: True makes one of the content; a string is sent as it is, quotes and all; False sends none.
            compress: The Content-Encoding, whatever the client accepts.
            headers: Sent as well; they win over the others.
        """
        content = _encode(body)
        self._documents[path] = _Document(
            body=content,
            content_type=content_type,
            etag=etag if isinstance(etag, str) else _make_etag(content) if etag else None,
            last_modified=last_modified,
            compress=compress,
            status=status,
            headers=dict(headers or {}),
        )
        return self._route(path, lambda request: self._send_document(request, path))

    def respond(self, path: str, make: Callable[[Mapping[str, str]], bytes | str], *, content_type: str) -> str:
        """Answer each request for a path with what a function makes of its query."""

        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            body = _encode(make(request.query))
            return web.Response(body=body, headers={"Content-Type": content_type})

        return self._route(path, answer)

    def update(self, path: str, body: bytes | str, *, last_modified: datetime | None = None) -> None:
        """Put new content under a path served before: new ETag and, where it had one, a later date."""
        document = self._documents[path]
        document.body = _encode(body)
        if document.etag is not None:
            document.etag = _make_etag(document.body)
        if last_modified is not None or document.last_modified is not None:
            before = document.last_modified or datetime.now(UTC)
            document.last_modified = last_modified or before + timedelta(minutes=1)

    def redirect(
        self,
        path: str,
        location: str,
        *,
        status: int = 301,
        delay_s: float = 0.0,
        headers: Mapping[str, str] | Callable[[], Mapping[str, str]] = MappingProxyType({}),
    ) -> str:
        """Send clients elsewhere, after a while; ``location`` is sent as it is, ``headers`` may differ each time."""

        async def answer(_: web.BaseRequest) -> web.StreamResponse:
            await self._pause(delay_s)
            others = headers() if callable(headers) else headers
            return web.Response(status=status, headers={**others, "Location": location})

        return self._route(path, answer)

    def gate(self, path: str, body: bytes | str, *, cookie: str, back: str | None = None) -> str:
        """Serve a document to those who show a cookie; others are led over a gate that sets it, and back.

        With ``back`` the document's own path sets it, and leads there for good.
        """
        sent = {"Set-Cookie": f"{cookie}; Path=/; HttpOnly"}
        self.redirect("/gate", path, status=302, headers=sent)
        self.serve(path, body)
        served = self._handlers[path]

        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            if cookie in request.headers.get("Cookie", ""):
                return await served(request)
            if back is not None:
                return web.Response(status=301, headers={**sent, "Location": back})
            return web.Response(status=302, headers={"Location": "/gate?back=1"})

        return self._route(path, answer)

    def fail(self, path: str, *, status: int, retry_after: int | str | None = None, times: int | None = None) -> str:
        """Answer with an error, so many times (None: until `recover`), and then as before."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self._failures[path] = _Failure(status=status, headers=headers, left=times)
        return self.url(path)

    def recover(self, path: str) -> None:
        self._failures.pop(path, None)

    def drip(self, path: str, body: bytes | str, *, chunk: int = 1, interval_s: float = 0.05) -> str:
        """Send a body ``chunk`` bytes at a time, with a pause before each."""
        content = _encode(body)

        async def pieces() -> AsyncGenerator[bytes, None]:
            for start in range(0, len(content), chunk):
                await self._pause(interval_s)
                yield content[start : start + chunk]

        return self._route(path, lambda request: self._stream(request, path, pieces()))

    def hold(self, path: str) -> asyncio.Event:
        """Keep the requests for what is served at a path waiting until the event is set."""
        served, is_let_go = self._handlers[path], asyncio.Event()

        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            await is_let_go.wait()
            return await served(request)

        self._route(path, answer)
        return is_let_go

    def hang(self, path: str) -> str:
        """Take the request and never answer."""

        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            await self._closing.wait()
            _hang_up(request)
            return web.Response(status=503)

        return self._route(path, answer)

    def endless(self, path: str) -> str:
        """Send a body without an end, as fast as it is taken."""

        async def pieces() -> AsyncGenerator[bytes, None]:
            for number in itertools.count():
                yield f"<!-- {number} -->".encode().ljust(_PIECE_BYTES)

        return self._route(path, lambda request: self._stream(request, path, pieces()))

    def bomb(
        self,
        path: str,
        *,
        unpacked_bytes: int,
        compress: Literal["gzip", "br"] = "gzip",
        is_declared: bool = True,
    ) -> str:
        """Send zeros, packed while they are sent: a thousandth of their size in gzip, less in brotli.

        With ``is_declared=False`` there is no Content-Encoding: a compressed file, as far as HTTP knows.
        """

        async def pieces() -> AsyncGenerator[bytes, None]:
            pack, finish = _make_packer(compress)
            for start in range(0, unpacked_bytes, 2**20):
                yield pack(bytes(min(2**20, unpacked_bytes - start)))
            yield finish()

        headers = {"Content-Encoding": compress} if is_declared else {}
        return self._route(path, lambda request: self._stream(request, path, pieces(), headers=headers))

    def cut(self, path: str, body: bytes | str = b"<rss><channel><item>", *, missing_bytes: int = 100) -> str:
        """Promise a longer body than is sent, then hang up."""
        content = _encode(body)
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(content) + missing_bytes}\r\n\r\n"
        return self.raw(path, head.encode() + content)

    def raw(self, path: str, data: bytes) -> str:
        """Put these bytes on the socket in place of a response, then hang up."""

        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            return _RawResponse(data)

        return self._route(path, answer)

    # ── answering ───────────────────────────────────────────────────────────────────────────────

    def _route(self, path: str, handler: _Handler) -> str:
        self._handlers[path] = handler
        return self.url(path)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        number = len(self.requests)
        self.requests.append(SeenRequest(request.method, request.path_qs, request.headers, None))
        self.active += 1
        self._idle.clear()
        self.peak = max(self.peak, self.active)
        try:
            async with self._arrived:
                self._arrived.notify_all()
            response = await self._answer(request)
            if not isinstance(response, _RawResponse):
                self.requests[number] = self.requests[number]._replace(status=response.status)
            async with self._arrived:
                self._arrived.notify_all()
            return response
        finally:
            self.active -= 1
            if not self.active:
                self._idle.set()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path_qs if request.path_qs in self._handlers else request.path
        failure = self._failures.get(path)
        if failure is not None and failure.left != 0:
            if failure.left is not None:
                failure.left -= 1
            return web.Response(status=failure.status, headers=failure.headers)
        handler = self._handlers.get(path)
        return web.Response(status=404) if handler is None else await handler(request)

    async def _send_document(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        document = self._documents[path]
        headers: dict[str, str] = {}
        if document.etag is not None:
            headers["ETag"] = document.etag
        if document.last_modified is not None:
            headers["Last-Modified"] = format_datetime(document.last_modified.astimezone(UTC), usegmt=True)
        if _is_unchanged(request.headers, document):
            return web.Response(status=304, headers=headers | dict(document.headers))
        if document.content_type is not None:
            headers["Content-Type"] = document.content_type
        if document.compress is not None:
            headers["Content-Encoding"] = document.compress
        body = pack(document.body, document.compress)
        return web.Response(status=document.status, body=body, headers=headers | dict(document.headers))

    async def _stream(
        self,
        request: web.BaseRequest,
        path: str,
        pieces: AsyncGenerator[bytes, None],
        *,
        headers: Mapping[str, str] | None = None,
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/rss+xml"} | dict(headers or {}))
        await response.prepare(request)
        async with aclosing(pieces):  # the client may hang up between any two
            async for piece in pieces:
                if self._closing.is_set():
                    _hang_up(request)
                    break
                await response.write(piece)
                self.sent_bytes[path] += len(piece)
        return response

    async def _pause(self, seconds: float) -> None:
        """Sleep, but wake up when the server closes."""
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            pass


class _RawResponse(web.StreamResponse):
    """Bytes in place of a response."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data = data

    async def prepare(self, request: web.BaseRequest) -> None:
        if request.transport is not None:
            request.transport.write(self._data)
            request.transport.close()  # after the data, unlike abort()

    async def write_eof(self, data: bytes = b"") -> None:
        pass


def _hang_up(request: web.BaseRequest) -> None:
    """End the connection so that what was sent cannot pass for a whole answer."""
    if request.transport is not None:
        request.transport.abort()


def _encode(body: bytes | str) -> bytes:
    return body.encode() if isinstance(body, str) else body


def _make_etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:16]}"'


def _is_unchanged(headers: Mapping[str, str], document: _Document) -> bool:
    if "If-None-Match" in headers:
        return document.etag is not None and headers["If-None-Match"] == document.etag
    if "If-Modified-Since" not in headers or document.last_modified is None:
        return False
    since = parsedate_to_datetime(headers["If-Modified-Since"])
    return document.last_modified.replace(microsecond=0) <= since  # a header has whole seconds


def _make_packer(compress: Literal["gzip", "br"]) -> tuple[Callable[[bytes], bytes], Callable[[], bytes]]:
    """Return what packs a piece, and what ends the stream. Every piece leaves something to send."""
    if compress == "gzip":
        zipper = zlib.compressobj(level=1, wbits=zlib.MAX_WBITS | 16)
        return lambda piece: zipper.compress(piece) + zipper.flush(zlib.Z_SYNC_FLUSH), zipper.flush
    squeezer = brotli.Compressor(quality=1)
    return lambda piece: squeezer.process(piece) + squeezer.flush(), squeezer.finish


def pack(content: bytes, compression: Compression | None) -> bytes:
    """Compress as a Content-Encoding says."""
    match compression:
        case "gzip":
            return gzip.compress(content, mtime=0)
        case "deflate":
            return zlib.compress(content)
        case "br":
            packed: bytes = brotli.compress(content)
            return packed
        case None:
            return content
