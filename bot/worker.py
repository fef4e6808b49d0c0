"""The reader process: documents are read beside the bot, never inside it.

Reading holds the interpreter for long stretches (BeautifulSoup, feedparser), which would make the gateway's
heartbeat and every command wait; and a process, unlike a thread, can be killed. It speaks frames over its
standard streams (four bytes of length, then JSON), starts when a document needs it, ends when it has been idle,
and dies with its parent, whose end closes its standard input.
"""

from __future__ import annotations

import asyncio
import os
import signal
import struct
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from time import process_time
from typing import BinaryIO

from pydantic import TypeAdapter

from bot.errors import FeedError
from bot.models import Entry, FeedKind, ParsedFeed, ReadReview

if sys.platform != "win32":  # Windows has no such limits; the time limit stays
    import resource

TIMEOUT_S = 60.0
IDLE_S = 30.0
CPU_S = 5
"""Processor time of the child for one answer: then the kernel ends it. A long feed is read in several answers."""
SLICE_CPU_S = 2.0
"""After so much the child ends an answer that has more to say, and is asked for the rest."""
MAX_SLICES = 60
MEMORY_BYTES = 300 * 2**20
"""Data of the child: a feed of 10 MB needs half of it; what needs more is not a feed."""
MORE = b"more"
PROGRAM = ("-m", "bot.worker")
_LENGTH = struct.Struct(">I")
_MAX_FRAME = 2**28


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """A document follows as the next frame, or ``entries`` are to be read again; the first ``start`` were.

    ``is_page``: the document is a post's page, and the one of ``entries`` is what the feed has of it, if anything.
    """

    url: str
    content_type: str | None = None
    known: dict[str, str | None] | None = None
    entries: tuple[Entry, ...] = ()
    start: int = 0
    is_page: bool = False


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
        self, data: bytes, *, content_type: str | None, url: str, known: Mapping[str, str | None]
    ) -> FeedReading:
        """Read a document.

        Raises:
            FeedError: It took longer, or more processor time or memory, than the child may have.
        """
        head, *changed = await self._read_all(
            ReadRequest(url=url, content_type=content_type, known=dict(known)), data, has_head=True
        )
        read = _HEAD.validate_json(head)
        return FeedReading(parsed=read.parsed, guids=read.guids, changed=tuple(map(_REVIEW.validate_json, changed)))

    async def read_entries(self, url: str, entries: Iterable[Entry]) -> tuple[ReadReview, ...]:
        """Read stored entries again; the same limits and errors."""
        frames = await self._read_all(ReadRequest(url=url, entries=tuple(entries)), None, has_head=False)
        return tuple(map(_REVIEW.validate_json, frames))

    async def read_page(
        self, data: bytes, *, content_type: str | None, url: str, entry: Entry | None = None
    ) -> ReadReview | None:
        """Read the article of a web page; the same limits and errors.

        Args:
            entry: What a feed has of it. Its text is then the page's, and all else stays.
        Returns:
            None where the page has no article, or no more than the entry has.
        """
        entries = (entry,) if entry else ()
        request = ReadRequest(url=url, content_type=content_type, known={}, entries=entries, is_page=True)
        frames = await self._read_all(request, data, has_head=False)
        return _REVIEW.validate_json(frames[0]) if frames else None

    async def _read_all(self, request: ReadRequest, data: bytes | None, *, has_head: bool) -> list[bytes]:
        """The frames of an answer, which the child may give in several parts; the head is taken once."""
        found: list[bytes] = []
        for _ in range(MAX_SLICES):
            frames = [frame async for frame in self._ask(request, data)]
            is_last = not frames or frames[-1] != MORE
            found += frames[has_head and bool(found) : None if is_last else -1]
            if is_last:
                return found
            request = replace(request, start=len(found) - has_head)
        raise FeedError(request.url, f"reading it took more than {MAX_SLICES * SLICE_CPU_S:g} s of processor time")

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
                status = await self._end()
                reason = "reading it ended the reader process, as too large a document does"
                if status == -signal.SIGXCPU:
                    reason = f"reading it took more than {CPU_S} s of processor time"
                raise FeedError(request.url, reason) from exc
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
                *(sys.executable, "-P", *PROGRAM),
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

    async def _end(self, *, kill: bool = False) -> int | None:
        """End the child; its exit status, negative for a signal."""
        if self._idle:
            self._idle.cancel()
        process, self._process = self._process, None
        if process is None:
            return None
        if kill and process.returncode is None:
            process.kill()
        if process.stdin:
            process.stdin.close()
        return await process.wait()


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
        _limit_processor()
        for answer in _answer(request, document):
            frames_out.write(_LENGTH.pack(len(answer)) + answer)
        frames_out.write(_LENGTH.pack(0))
        frames_out.flush()


def _answer(request: ReadRequest, document: bytes | None) -> Iterable[bytes]:
    from bot.reading import read_entries, read_feed, read_page  # the parent uses this module and needs no parsers

    if request.is_page:
        reviews = read_page(document or b"", content_type=request.content_type, url=request.url, of=request.entries)
    elif document is None:
        reviews = read_entries(request.entries[request.start :])
    else:
        parsed, reviews = read_feed(
            document,
            content_type=request.content_type,
            url=request.url,
            known=request.known or {},
            start=request.start,
        )
        head = _Head(parsed=replace(parsed, entries=()), guids=tuple(entry.guid for entry in parsed.entries))
        yield _HEAD.dump_json(head)
        if parsed.kind is not FeedKind.FEED:
            return
    begun_s = process_time()
    for read in reviews:
        yield _REVIEW.dump_json(read)
        if process_time() - begun_s > SLICE_CPU_S:
            yield MORE
            return


def _read_frame(stream: BinaryIO) -> bytes | None:
    header = stream.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        return None
    length = _LENGTH.unpack(header)[0]
    frame = stream.read(min(length, _MAX_FRAME))
    return frame if len(frame) == length else None


def _limit_memory() -> None:
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))


def _limit_processor() -> None:
    """Let this answer have so much and no more: the limit counts from the child's start."""
    if sys.platform != "win32":
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (ceil(process_time()) + CPU_S, most))


if __name__ == "__main__":
    main()
