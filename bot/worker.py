"""The reader process: documents are read beside the bot, never inside it.

Reading holds the interpreter for long stretches (BeautifulSoup, feedparser), which would make the gateway's
heartbeat and every command wait; and a process, unlike a thread, can be killed. It speaks frames over its
standard streams (four bytes of length, then JSON), starts when a document needs it, ends when it has been idle,
and dies with its parent, whose end closes its standard input.
"""

from __future__ import annotations

import asyncio
import os
import struct
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from pydantic import TypeAdapter

from bot.errors import FeedError
from bot.models import Entry, FeedKind, ParsedFeed, ReadReview

TIMEOUT_S = 60.0
IDLE_S = 30.0
MEMORY_BYTES = 2**31
"""Address space of the child: 10 MB of feed need a fifth of it; what needs more is not a feed."""
_LENGTH = struct.Struct(">I")
_MAX_FRAME = 2**28


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """A document follows as the next frame, or ``entries`` are to be read again."""

    url: str
    content_type: str | None = None
    known: dict[str, str] | None = None
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReading:
    """What a document held: ``parsed`` without its entries, their guids in order, and the changed ones read."""

    parsed: ParsedFeed
    guids: tuple[str, ...]
    changed: tuple[ReadReview, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    parsed: ParsedFeed
    guids: tuple[str, ...]


_REQUEST = TypeAdapter(ReadRequest)
_HEAD = TypeAdapter(_Head)
_REVIEW = TypeAdapter(ReadReview)


class Reader:
    """The parent's side. One document at a time; the child is started and ended as needed."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S, idle_s: float = IDLE_S) -> None:
        self._timeout_s = timeout_s
        self._idle_s = idle_s
        self._lock = asyncio.Lock()
        self._process: Process | None = None
        self._idle: asyncio.TimerHandle | None = None

    async def read_feed(
        self, data: bytes, *, content_type: str | None, url: str, known: Mapping[str, str]
    ) -> FeedReading:
        """Read a document.

        Raises:
            FeedError: It took longer than the time limit, or more memory than the child may have.
        """
        frames = self._ask(ReadRequest(url=url, content_type=content_type, known=dict(known)), data)
        try:
            head = _HEAD.validate_json(await anext(frames))
            changed = tuple([_REVIEW.validate_json(frame) async for frame in frames])
        finally:
            await frames.aclose()
        return FeedReading(parsed=head.parsed, guids=head.guids, changed=changed)

    async def read_entries(self, url: str, entries: Iterable[Entry]) -> tuple[ReadReview, ...]:
        """Read stored entries again; the same limits and errors."""
        frames = self._ask(ReadRequest(url=url, entries=tuple(entries)), None)
        try:
            return tuple([_REVIEW.validate_json(frame) async for frame in frames])
        finally:
            await frames.aclose()

    async def close(self) -> None:
        """End the child, if it runs."""
        async with self._lock:
            await self._end()

    async def _ask(self, request: ReadRequest, data: bytes | None) -> AsyncGenerator[bytes, None]:
        async with self._lock:
            if self._idle:
                self._idle.cancel()
            try:
                async with asyncio.timeout(self._timeout_s):
                    process = await self._running()
                    async for frame in _exchange(process, _REQUEST.dump_json(request), data):
                        yield frame
            except TimeoutError as exc:
                await self._end(kill=True)
                raise FeedError(request.url, f"reading it took more than {self._timeout_s:g} s") from exc
            except (asyncio.IncompleteReadError, ConnectionError) as exc:
                await self._end(kill=True)
                raise FeedError(
                    request.url, "reading it ended the reader process, as too large a document does"
                ) from exc
            except BaseException:
                # Half an answer may be on its way: the next document must not get it.
                await self._end(kill=True)
                raise
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(self._idle_s, self._close_input)

    async def _running(self) -> Process:
        if self._process is None or self._process.returncode is not None or self._is_closing():
            await self._end()
            self._process = await asyncio.create_subprocess_exec(
                # -P: a folder named bot where we were started is not our package.
                *(sys.executable, "-P", "-m", "bot.worker"),
                stdin=PIPE,
                stdout=PIPE,
                env=_environment(),
            )
        return self._process

    def _is_closing(self) -> bool:
        return self._process is not None and self._process.stdin is not None and self._process.stdin.is_closing()

    def _close_input(self) -> None:
        if self._process and self._process.stdin:
            self._process.stdin.close()

    async def _end(self, *, kill: bool = False) -> None:
        if self._idle:
            self._idle.cancel()
        process, self._process = self._process, None
        if process is None:
            return
        if kill and process.returncode is None:
            process.kill()
        if process.stdin:
            process.stdin.close()
        await process.wait()


async def _exchange(process: Process, request: bytes, data: bytes | None) -> AsyncIterator[bytes]:
    assert process.stdin  # noqa: S101 - both are pipes
    assert process.stdout  # noqa: S101
    for frame in (request, data):
        if frame is not None:
            process.stdin.write(_LENGTH.pack(len(frame)) + frame)
    await process.stdin.drain()
    while length := _LENGTH.unpack(await process.stdout.readexactly(_LENGTH.size))[0]:
        yield await process.stdout.readexactly(length)


def _environment() -> dict[str, str]:
    """The parent's environment less its secrets, and the way to this very package, installed or not."""
    kept = {name: value for name, value in os.environ.items() if name != "DISCORD_TOKEN"}
    return kept | {"PYTHONPATH": str(Path(__file__).resolve().parents[1])}


# ── the child's side ────────────────────────────────────────────────────────────────────────────


def main() -> None:
    """Answer requests until standard input ends."""
    frames_in, frames_out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints goes to the log, not among the frames
    _limit_memory()
    while (frame := _read_frame(frames_in)) is not None:
        request = _REQUEST.validate_json(frame)
        document = None if request.known is None else _read_frame(frames_in)
        for answer in _answer(request, document):
            frames_out.write(_LENGTH.pack(len(answer)) + answer)
        frames_out.write(_LENGTH.pack(0))
        frames_out.flush()


def _answer(request: ReadRequest, document: bytes | None) -> Iterable[bytes]:
    from bot.reading import read_entries, read_feed  # the parent uses this module and needs no parsers

    if document is None:
        reviews = read_entries(request.entries)
    else:
        parsed, reviews = read_feed(
            document, content_type=request.content_type, url=request.url, known=request.known or {}
        )
        head = _Head(parsed=replace(parsed, entries=()), guids=tuple(entry.guid for entry in parsed.entries))
        yield _HEAD.dump_json(head)
        if parsed.kind is not FeedKind.FEED:
            return
    for read in reviews:
        yield _REVIEW.dump_json(read)


def _read_frame(stream: BinaryIO) -> bytes | None:
    header = stream.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        return None
    length = _LENGTH.unpack(header)[0]
    frame = stream.read(min(length, _MAX_FRAME))
    return frame if len(frame) == length else None


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit; the time limit stays
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


if __name__ == "__main__":
    main()
