"""The reader process: documents are read in a child process, never in the bot itself.

Parsing (BeautifulSoup, feedparser) holds the interpreter for long stretches, which would delay the gateway's
heartbeat and every command; and a process, unlike a thread, can be killed. The child exchanges frames over its
standard streams (four bytes of length, then JSON). It starts when a document needs it, ends when it has been idle
for a while, and dies with its parent, whose end closes its standard input.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import struct
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, BinaryIO

from pydantic import TypeAdapter

from bot.errors import FeedError, ReaderError
from bot.heartbeats import note_step
from bot.languages import Message, read_message, write_message
from bot.models.feeds import Entry, FeedKind, FeedPage, MessageText, ParsedFeed, Resting, RobotsReading, UnreadEntry
from bot.models.index import ReadReview
from bot.models.papers import PaperRecord, Source
from bot.text.patterns import lazy_pattern

if TYPE_CHECKING:
    from bot.reading.documents import SiteReading

if sys.platform != "win32":  # Windows has no such limits; only the time limit applies there
    import resource

log = logging.getLogger(__name__)

TIMEOUT_S = 300.0
"""For an answer or a part of it. Far more than the processor time, which runs out first except on a busy machine."""
START_S = 300.0
IDLE_S = 300.0
"""Longer than the pauses between the news of some dozens of feeds, since each start costs more than reading a post;
short enough that a quiet bot does not keep the child's memory."""
CPU_S = 5
"""Processor time of the child for a document, and then for each entry; beyond it the kernel ends the child."""
SLICE_CPU_S = 2.0
"""After this much processor time the child sends what it has and is asked for the rest later, so that others get
their turn."""
MAX_SLICES = 60
MOST_BEGUN = 2
"""Feeds that the child keeps parsed until the rest of them is asked for: parsing five thousand entries again for each
part takes twice as long as reading them. More would take memory from the documents in between."""
MAX_GIVEN_UP = 3
"""Entries of one document that may end the child; those after the last of them are read at the next visit."""
MAX_KILLS = 2
"""How often a child killed from outside is replaced for one answer."""
MEMORY_BYTES = 300 * 2**20
"""The child's data: a feed of 10 MB needs half of it, and a document that needs more is not a feed."""
MAX_TOLD = 5
"""Entries of one document whose problems are reported."""
PROGRAM: tuple[str, ...] = ("-m", "bot.feeds.reader_process")
_LENGTH = struct.Struct(">I")
_MAX_FRAME = 2**28
_FROM_OUTSIDE = frozenset({1, 2, 9, 15})
"""Signals sent from outside: hang-up, interrupt, kill (also by the kernel when memory runs out), terminate."""
_ENVIRONMENT = lazy_pattern(
    r"HOME|LANG|LANGUAGE|LC_[A-Z]+|PATH|(?:DY)?LD_LIBRARY_PATH|PYTHON[A-Z0-9]+|TZ|TZDIR|TEMP|TMP|TMPDIR"
    r"|SYSTEMROOT|WINDIR"
)
"""What the child needs to start and to write a log line. Any other variable may hold a secret of the host."""


class _Kind(StrEnum):
    """What to read, which also decides what the answer consists of."""

    FEED = "feed"
    ENTRIES = "entries"
    PAGE = "page"
    SITE = "site"
    FEED_LINKS = "feed_links"
    ROBOTS = "robots"
    PAPERS = "papers"


class _Tag:
    """The first byte of a frame: what it holds. An empty frame ends an answer, or says that the child is ready."""

    HEAD = b"h"
    READ = b"r"
    UNREAD = b"u"
    MORE = b"m"
    FAULT = b"f"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """What the child is asked to read. The document follows as the next frame, except for stored entries.

    Attributes:
        known: As `bot.reading.documents.open_feed` takes it.
        entries: Entries to read again; for a page, the feed's entry of it, if any.
        start: How many entries were dealt with before.
        give_up: Why the next entry is skipped; None if it is to be read.
        posts: How many posts of the site's feed the cache has.
        agent: The agent whose rules in a robots.txt apply.
        links: The Link headers of a page that may name feeds, joined by commas.
        refresh: The Refresh header of such a page.
        source: Whose answer it is, about papers.
        keys: The papers' identifiers.
    """

    kind: _Kind
    url: str
    content_type: str | None = None
    known: dict[str, str | Resting] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    start: int = 0
    give_up: MessageText | None = None
    posts: int = 0
    agent: str = ""
    links: str = ""
    refresh: str = ""
    source: Source | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReading:
    """What a document held: ``parsed`` without its entries, their guids in order, and the changed entries, read.

    Attributes:
        unread: Changed entries that could not be read.
        is_whole: False if some of the other entries were not reached.
    """

    parsed: ParsedFeed
    guids: tuple[str, ...]
    changed: tuple[ReadReview, ...]
    unread: tuple[UnreadEntry, ...] = ()
    is_whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """The first frame of a feed's answer: everything but its entries."""

    parsed: ParsedFeed
    guids: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class _Answer:
    """The frames received so far, without their tags."""

    head: bytes | None = None
    items: list[ReadReview | UnreadEntry] = field(default_factory=list)
    is_whole: bool = True


class _EndedError(Exception):
    """The child ended in the middle of an answer; ``reason`` is None if it was killed from outside."""

    def __init__(self, reason: str | None, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


_REQUEST = TypeAdapter(ReadRequest)
_HEAD = TypeAdapter(_Head)
_REVIEW = TypeAdapter(ReadReview)
_UNREAD_ENTRY = TypeAdapter(UnreadEntry)
_ROBOTS = TypeAdapter(RobotsReading)
_PAPERS = TypeAdapter(list[PaperRecord] | None)
_FEED_PAGE = TypeAdapter(FeedPage)


class Reader:
    """The parent's side. It reads one document at a time and starts and ends the child as needed.

    Every method raises

        FeedError: Reading took more time, processor time or memory than the child may use.
        ReaderError: The child cannot be started, or is killed from outside again and again.
    """

    def __init__(self, *, timeout_s: float = TIMEOUT_S, idle_s: float = IDLE_S) -> None:
        self._timeout_s = timeout_s
        self._idle_s = idle_s
        self._lock = asyncio.Lock()
        self._process: Process | None = None
        self._idle: asyncio.TimerHandle | None = None

    async def read_feed(
        self, data: bytes, *, content_type: str | None, url: str, known: Mapping[str, str | Resting]
    ) -> FeedReading:
        """Read a feed. An entry that cannot be read is left out and mentioned in the problems.

        Args:
            known: As `bot.reading.documents.open_feed` takes it.
        """
        request = ReadRequest(kind=_Kind.FEED, url=url, content_type=content_type, known=dict(known))
        answer = await self._read_all(request, data)
        assert answer.head is not None  # noqa: S101 - an answer without a head is a FeedError
        head = _HEAD.validate_json(answer.head)
        changed = tuple(item for item in answer.items if isinstance(item, ReadReview))
        unread = tuple(item for item in answer.items if isinstance(item, UnreadEntry))
        problems = (*head.parsed.problems, *_describe(changed, unread, is_whole=answer.is_whole))
        return FeedReading(
            parsed=replace(head.parsed, problems=problems),
            guids=head.guids,
            changed=changed,
            unread=unread,
            is_whole=answer.is_whole,
        )

    async def read_entries(self, url: str, entries: Iterable[Entry]) -> tuple[ReadReview | UnreadEntry, ...]:
        """Read stored entries again, in order; the last may be missing if those before them take too long."""
        request = ReadRequest(kind=_Kind.ENTRIES, url=url, entries=tuple(entries))
        return tuple((await self._read_all(request, None)).items)

    async def read_page(
        self, data: bytes, *, content_type: str | None, url: str, entry: Entry | None = None
    ) -> ReadReview | None:
        """Read the article of a web page.

        Args:
            entry: The feed's entry of this page. The result takes its text from the page and all else from the entry.
        Returns:
            None if the page has no article, or no more text than the entry.
        """
        entries = (entry,) if entry else ()
        request = ReadRequest(kind=_Kind.PAGE, url=url, content_type=content_type, entries=entries)
        items = (await self._read_all(request, data)).items
        return items[0] if items and isinstance(items[0], ReadReview) else None

    async def read_site(self, data: bytes, *, content_type: str | None, url: str, posts: int = 0) -> SiteReading:
        """Read which pages a feed or a sitemap leads to.

        Args:
            posts: How many of the newest posts the feed's next page may leave out.
        """
        from bot.reading.documents import SiteReading

        request = ReadRequest(kind=_Kind.SITE, url=url, content_type=content_type, posts=posts)
        head = (await self._read_all(request, data)).head
        return TypeAdapter(SiteReading).validate_json(head or b"{}")

    async def read_feed_page(
        self, data: bytes, *, content_type: str | None, url: str, links: str = "", refresh: str = ""
    ) -> FeedPage:
        """Read which feeds a web page names.

        Args:
            links: The page's Link headers, joined by commas.
            refresh: Its Refresh header.
        """
        request = ReadRequest(kind=_Kind.FEED_LINKS, url=url, content_type=content_type, links=links, refresh=refresh)
        head = (await self._read_all(request, data)).head
        return _FEED_PAGE.validate_json(head or b"{}")

    async def read_robots(self, data: bytes, *, url: str, agent: str) -> RobotsReading:
        """Read what a robots.txt tells an agent about a page."""
        request = ReadRequest(kind=_Kind.ROBOTS, url=url, agent=agent)
        head = (await self._read_all(request, data)).head
        return _ROBOTS.validate_json(head or b"{}")

    async def read_papers(
        self, data: bytes, *, content_type: str | None, url: str, source: Source, keys: Sequence[str]
    ) -> list[PaperRecord]:
        """Read what a source says about papers.

        Args:
            keys: The identifiers that it was asked for.
        Raises:
            FeedError: It is no such answer.
        """
        request = ReadRequest(kind=_Kind.PAPERS, url=url, content_type=content_type, source=source, keys=tuple(keys))
        head = (await self._read_all(request, data)).head
        papers = _PAPERS.validate_json(head or b"null")
        if papers is None:
            raise FeedError(url, Message("the answer is not about papers"))
        return papers

    async def start(self) -> None:
        """Start a child, to find out whether that is possible."""
        async with self._lock:
            await self._running()
            self._end_when_idle()

    async def close(self) -> None:
        """End the child if it is running."""
        async with self._lock:
            await self._end()

    # ── asking ──────────────────────────────────────────────────────────────────────────────────

    async def _read_all(self, request: ReadRequest, data: bytes | None) -> _Answer:
        """Ask until the answer is whole: it may come in several parts, and a child may end before it does.

        If the child ends while reading an entry, that entry is given up, and the next child continues after it.
        """
        answer, kills, given_up = _Answer(), 0, 0
        for _ in range(MAX_SLICES):
            try:
                if await self._ask(request, data, answer):
                    return answer
                reason = None
            except _EndedError as exc:
                reason = exc.reason
                if reason is None:
                    kills += 1
                    if kills > MAX_KILLS:
                        raise ReaderError(
                            Message(
                                "the reader process was killed from outside (signal {number})",
                                number=-(exc.status or 0),
                            )
                        ) from exc
                elif answer.head is None and request.kind is not _Kind.ENTRIES:
                    raise FeedError(request.url, reason) from exc
                else:
                    given_up += 1
                    answer.is_whole = given_up <= MAX_GIVEN_UP
                    if not answer.is_whole:
                        return answer
            request = replace(request, start=len(answer.items), give_up=reason)
        answer.is_whole = False
        return answer

    async def _ask(self, request: ReadRequest, data: bytes | None, answer: _Answer) -> bool:
        """Get an answer, or a part of it, from one child; False if there is more.

        Raises:
            _EndedError: The child ended, or took too long.
        """
        async with self._lock:
            if self._idle:
                self._idle.cancel()
            try:
                process = await self._running()
                async with asyncio.timeout(self._timeout_s):
                    is_last = await _exchange(process, request, data, answer)
            except TimeoutError as exc:
                await self._end(kill=True)
                raise _EndedError(
                    Message("reading it took more than {seconds:g} s", seconds=self._timeout_s)
                ) from exc
            except (asyncio.IncompleteReadError, ConnectionError) as exc:
                status = await self._end()
                raise _EndedError(_describe_end(status), status) from exc
            except BaseException:
                # Half an answer may be on its way, and must not reach the next document.
                await self._end(kill=True)
                raise
            self._end_when_idle()
            return is_last

    def _end_when_idle(self) -> None:
        if self._idle:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(self._idle_s, self._close_input)

    async def _running(self) -> Process:
        """Return the child, and start one if none is running. Raises ReaderError."""
        if self._process is None or self._process.returncode is not None or self._is_closing():
            await self._end()
            try:
                async with asyncio.timeout(START_S):
                    self._process = await _start()
                    await _read_ready(self._process)
            except OSError as exc:
                raise ReaderError(
                    Message("the reader process cannot be started: {why}", why=exc.strerror or type(exc).__name__)
                ) from exc
            except (asyncio.IncompleteReadError, TimeoutError) as exc:
                status = await self._end(kill=isinstance(exc, TimeoutError))
                happened = (
                    Message("it did not answer within {seconds:g} s", seconds=START_S)
                    if isinstance(exc, TimeoutError)
                    else Message("it ended (exit status {status})", status=str(status))
                )
                raise ReaderError(Message("the reader process cannot be started: {why}", why=happened)) from exc
        return self._process

    def _is_closing(self) -> bool:
        return self._process is not None and self._process.stdin is not None and self._process.stdin.is_closing()

    def _close_input(self) -> None:
        if self._process and self._process.stdin:
            self._process.stdin.close()

    async def _end(self, *, kill: bool = False) -> int | None:
        """End the child and return its exit status, negative for a signal."""
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


async def _start() -> Process:
    return await asyncio.create_subprocess_exec(
        # -P: a folder named "bot" in the working directory is not our package.
        *(sys.executable, "-P", *PROGRAM),
        stdin=PIPE,
        stdout=PIPE,
        env=_environment(),
    )


async def _exchange(process: Process, request: ReadRequest, data: bytes | None, answer: _Answer) -> bool:
    """Send a request and collect what comes back; False if there is more.

    Raises:
        FeedError: The document cannot be read.
        asyncio.IncompleteReadError, ConnectionError: The child has ended.
    """
    assert process.stdin  # noqa: S101 - both are pipes
    for frame in (_REQUEST.dump_json(request), data):
        if frame is not None:
            process.stdin.write(_LENGTH.pack(len(frame)) + frame)
    await process.stdin.drain()
    is_last = True
    async for tag, content in _frames(process):
        note_step()
        match tag:
            case _Tag.HEAD:
                answer.head = content
            case _Tag.READ:
                answer.items.append(_REVIEW.validate_json(content))
            case _Tag.UNREAD:
                answer.items.append(_UNREAD_ENTRY.validate_json(content))
            case _Tag.FAULT:
                raise FeedError(request.url, read_message(content.decode()))
            case _:
                is_last = False
    return is_last


async def _read_ready(process: Process) -> None:
    async for _ in _frames(process):
        pass


async def _frames(process: Process) -> AsyncIterator[tuple[bytes, bytes]]:
    """Yield (tag, content) of each frame, up to the empty one that ends an answer."""
    assert process.stdout  # noqa: S101 - it is a pipe
    while length := _LENGTH.unpack(await process.stdout.readexactly(_LENGTH.size))[0]:
        frame = await process.stdout.readexactly(length)
        yield frame[:1], frame[1:]


def _describe_end(status: int | None) -> str | None:
    """Describe why a child ended; None if it was killed from outside."""
    if status is not None and -status in _FROM_OUTSIDE:
        return None
    if status is not None and status == -getattr(signal, "SIGPROF", 0):
        return Message("reading it took more than {seconds} s of processor time", seconds=CPU_S)
    return Message("reading it ended the reader process, as too large a document does")


def _describe(changed: Iterable[ReadReview], unread: Iterable[UnreadEntry], *, is_whole: bool) -> Iterator[str]:
    """Describe the problems of single entries."""
    told = [
        Message("“{title}” could not be read: {why}.", title=item.title[:100], why=item.reason) for item in unread
    ]
    told += [
        Message("“{title}”: {why}.", title=read.entry.title[:100], why=read.problem)
        for read in changed
        if read.problem
    ]
    yield from told[:MAX_TOLD]
    if len(told) > MAX_TOLD:
        yield Message("Entries with such problems besides: {count}.", count=len(told) - MAX_TOLD)
    if not is_whole:
        yield Message("The other entries are read at the next visit.")


def _environment() -> dict[str, str]:
    """Return what the child needs of the parent's environment, and the path of this package, installed or not."""
    kept = {name: value for name, value in os.environ.items() if _ENVIRONMENT.fullmatch(name.upper())}
    return kept | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}


# ── the child's side ────────────────────────────────────────────────────────────────────────────


def main() -> None:
    """Answer requests until standard input ends."""
    from bot.reading import documents  # noqa: F401 - a failed import shows before anything is asked

    begun = _BegunFeeds()
    frames_in, frames_out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # so that anything a library prints goes to the log, not into the frames
    _limit_memory()
    _write_frame(frames_out, b"")
    while (frame := _read_frame(frames_in)) is not None:
        request = _REQUEST.validate_json(frame)
        document = None if request.kind is _Kind.ENTRIES else _read_frame(frames_in)
        _limit_processor()
        for answer in _answer(request, document or b"", begun):
            _write_frame(frames_out, answer)  # at once: frames already sent count, even if the next entry ends us
        _write_frame(frames_out, b"")
        _limit_processor()


class _BegunFeeds:
    """Feeds of which a part was read: each parsed, up to the next entry."""

    def __init__(self) -> None:
        self._feeds: list[tuple[ReadRequest, bytes, Iterator[Entry]]] = []

    def keep(self, rest: ReadRequest, document: bytes, entries: Iterator[Entry]) -> None:
        """Keep a feed until its rest is requested, or until others have begun."""
        self._feeds = [*self._feeds[1 - MOST_BEGUN :], (rest, document, entries)]

    def take(self, request: ReadRequest, document: bytes) -> Iterator[Entry] | None:
        """Return the entries still to be read if this is the rest of such a feed."""
        for number, (rest, known, entries) in enumerate(self._feeds):
            if rest == request and known == document:
                del self._feeds[number]
                return entries
        return None


def _answer(request: ReadRequest, document: bytes, begun: _BegunFeeds) -> Iterator[bytes]:
    try:
        if request.kind is _Kind.FEED:
            yield from _read_feed(request, document, begun)
        else:
            yield from _read(request, document)
    except MemoryError:
        yield (
            _Tag.FAULT
            + write_message(
                Message("reading it took more than {size} MB of memory", size=MEMORY_BYTES >> 20)
            ).encode()
        )
    except Exception as exc:
        log.exception("a document could not be read")
        yield _Tag.FAULT + write_message(Message("reading it failed ({error})", error=type(exc).__name__)).encode()


def _read_feed(request: ReadRequest, document: bytes, begun: _BegunFeeds) -> Iterator[bytes]:
    """Yield the frames that answer a request for a feed; the rest of one that has begun has no head."""
    from bot.reading import documents

    entries = begun.take(request, document)
    if entries is None:
        parsed, entries = documents.open_feed(
            document, content_type=request.content_type, url=request.url, known=request.known, start=request.start
        )
        guids = tuple(entry.guid for entry in parsed.entries)
        yield _Tag.HEAD + _HEAD.dump_json(_Head(parsed=replace(parsed, entries=()), guids=guids))
        if parsed.kind is not FeedKind.FEED:
            return
    for count, frame in enumerate(_read_each(entries, request.give_up)):
        if frame == _Tag.MORE:
            begun.keep(replace(request, start=request.start + count, give_up=None), document, entries)
        yield frame


def _read(request: ReadRequest, document: bytes) -> Iterator[bytes]:
    """Yield the frames that answer any other request."""
    from bot.reading import documents  # the parent uses this module and needs no parsers

    content_type, url = request.content_type, request.url
    match request.kind:
        case _Kind.ENTRIES:
            yield from _read_each(request.entries[request.start :], request.give_up)
        case _Kind.PAGE:
            page = documents.read_review_page(document, content_type=content_type, url=url, of=request.entries)
            if page is not None:
                yield _Tag.READ + _REVIEW.dump_json(page)
        case _Kind.SITE:
            site = documents.read_site(document, content_type=content_type, url=url, posts=request.posts)
            yield _Tag.HEAD + TypeAdapter(documents.SiteReading).dump_json(site)
        case _Kind.FEED_LINKS:
            named = documents.read_feed_page(
                document, content_type=content_type, url=url, links=request.links, refresh=request.refresh
            )
            yield _Tag.HEAD + _FEED_PAGE.dump_json(named)
        case _Kind.ROBOTS:
            robots = documents.read_robots(document, url=url, agent=request.agent)
            yield _Tag.HEAD + _ROBOTS.dump_json(robots)
        case _Kind.PAPERS:
            assert request.source  # noqa: S101 - it is part of such a request
            papers = documents.read_papers(
                document, content_type=content_type, url=url, source=request.source, keys=request.keys
            )
            yield _Tag.HEAD + _PAPERS.dump_json(papers)


def _read_each(entries: Iterable[Entry], give_up: str | None) -> Iterator[bytes]:
    """Read entries one at a time, each with its own processor time, until it is somebody else's turn."""
    from bot.reading.documents import try_entries

    begun_s = process_time()
    results = try_entries(entries, give_up=give_up)
    while True:
        _limit_processor()
        read = next(results, None)
        if read is None:
            return
        if isinstance(read, UnreadEntry):
            yield _Tag.UNREAD + _UNREAD_ENTRY.dump_json(read)
        else:
            yield _Tag.READ + _REVIEW.dump_json(read)
        if process_time() - begun_s > SLICE_CPU_S:
            yield _Tag.MORE
            return


def _write_frame(stream: BinaryIO, frame: bytes) -> None:
    stream.write(_LENGTH.pack(len(frame)) + frame)
    stream.flush()


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
    """Limit the processor time from now on.

    By a timer, which counts from now. `RLIMIT_CPU` counts from the child's start, and by the kernel's ticks, which
    differ by a sixth from `process_time`: a child that had read for half a minute was ended within a short document.
    """
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, CPU_S)


if __name__ == "__main__":
    main()
