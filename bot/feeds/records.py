"""What a paper's identifier means: asked of arXiv and others, and kept for good.

An identifier is asked for once, unless its source does not have it (yet) or cannot be asked: then again, after a
pause that grows. Each source has a lane of its own, which makes one request at a time and pauses between two; what
waits for arXiv goes into one request together. Nobody waits longer than they want: a look-up goes on without them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from bot.config import ARXIV_API_URL
from bot.errors import AddressError, FeedError, FetchError, HttpStatusError, ReaderError, StoreError, TooLargeError
from bot.feeds.fetch import Fetcher
from bot.feeds.reader_process import Reader
from bot.models.papers import AskedPaper, PaperRecord, RecordState, Source, source_of
from bot.store import records
from bot.store.database import Database
from bot.store.records import asked_of

log = logging.getLogger(__name__)

WAIT_S = 8.0
"""How long a person waits for a look-up; it goes on afterwards."""
GAP_S, OTHER_GAP_S = 3.0, 1.0
"""Seconds between two requests to arXiv (https://info.arxiv.org/help/api/tou.html), and to another source."""
ARXIV_AT_ONCE = 100
"""Identifiers in one request to arXiv: 1,500 characters of an address, and some 300 kB of an answer."""
MOST_WAITING = 5_000
"""Identifiers that wait for a source; more are not looked up."""
MOST_FAILURES = 4
"""After so many answers in a row that cannot be used, a source rests."""
REST_S, LONGEST_REST_S = 30.0, 3_600.0
"""How long a source that cannot be asked is left alone, doubling each time."""
UNKNOWN_PAUSE, FAILED_PAUSE = timedelta(hours=1), timedelta(minutes=5)
"""After how long an identifier is asked for again that its source did not have, or whose answer could not be used.
Four times as long after each time: a new paper may appear tomorrow."""
LONGEST_PAUSE = timedelta(days=7)
_NOT_THERE = frozenset({400, 404, 410})
"""A source does not have what it is asked for. arXiv says 400 for identifiers that cannot be, and never 404."""
_CSL_JSON = "application/vnd.citationstyles.csl+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the sources are asked, each without a slash at its end."""

    arxiv: str = ARXIV_API_URL
    openreview: str = "https://api2.openreview.net"
    acl: str = "https://aclanthology.org"
    pmlr: str = "https://proceedings.mlr.press"
    doi: str = "https://doi.org"

    def of(self, source: Source, keys: Sequence[str]) -> str:
        """Return the address at which a source answers about identifiers; all but arXiv about one."""
        values = [key.partition(":")[2] for key in keys]
        value = quote(values[0], safe="/")
        match source:
            case Source.ARXIV:
                numbers = ",".join(quote(number, safe="/") for number in values)
                return f"{self.arxiv}?id_list={numbers}&max_results={len(values)}"
            case Source.OPENREVIEW:
                return f"{self.openreview}/notes?id={value}"
            case Source.ACL:
                # Old identifiers begin with a capital, which a key has lost: P19-1001.
                return f"{self.acl}/{value if '.' in value else value.upper()}.bib"
            case Source.PMLR:
                return f"{self.pmlr}/{value}.html"
            case Source.DOI:
                return f"{self.doi}/{value}"


@dataclass(frozen=True, slots=True)
class _Failure:
    """An identifier could not be looked up. ``is_kept``: it is the fault of the answer to it, and kept."""

    reason: str
    is_kept: bool = False


_Result = PaperRecord | _Failure | None
"""None: the source does not have it."""


class RecordResolver:
    """Finds out which papers identifiers mean.

    Args:
        is_on: Whether any source may be asked.
        timer: Seconds of a clock that cannot be set, and ``sleep``, which waits by it; None for the event loop's.
    """

    def __init__(
        self,
        database: Database,
        fetcher: Fetcher,
        reader: Reader,
        *,
        clock: Callable[[], datetime],
        is_on: bool = True,
        addresses: Addresses | None = None,
        timer: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._clock = clock
        self._is_on = is_on
        where = addresses or Addresses()

        async def fetch(source: Source, keys: Sequence[str]) -> list[PaperRecord]:
            url = where.of(source, keys)
            accept = _CSL_JSON if source is Source.DOI else None
            # Only the address of arXiv's API is the host's, and may be private.
            found = await fetcher.fetch(url, accept=accept, is_foreign=source is not Source.ARXIV)
            return await reader.read_papers(
                found.body or b"", content_type=found.content_type, url=found.url, source=source, keys=keys
            )

        self._lanes = {
            source: _Lane(source, fetch=fetch, keep=self._keep, timer=timer, sleep=sleep) for source in Source
        }

    async def look_up(self, keys: Iterable[str], *, wait_s: float = WAIT_S) -> dict[str, AskedPaper]:
        """Find out what identifiers mean, and wait for it, but not longer than so many seconds.

        Returns:
            What is known by then, for each of them.
        """
        wanted = [key for key in dict.fromkeys(keys) if source_of(key)]
        known = await records.find_records(self._database.reader, wanted)
        found = {key: asked_of(key, known.get(key), now=self._clock()) for key in wanted}
        if not self._is_on:
            return found
        waiting = {
            key: self._lanes[source].ask(key)
            for key, asked in found.items()
            if asked.state is RecordState.UNASKED and (source := source_of(key))
        }
        if waiting:
            await asyncio.wait(waiting.values(), timeout=wait_s)
        return found | {key: _asked_now(key, future) for key, future in waiting.items()}

    @staticmethod
    def patience_s(keys: Iterable[str]) -> float:
        """How long a script waits for so many identifiers, in seconds: each source answers in its own time."""
        counts = Counter(source_of(key) for key in dict.fromkeys(keys))
        arxiv_s = -(-counts.pop(Source.ARXIV, 0) // ARXIV_AT_ONCE) * 2 * GAP_S
        return WAIT_S + max(arxiv_s, *(count * 2 * OTHER_GAP_S for count in counts.values()), 0.0)

    async def close(self) -> None:
        """End all look-ups."""
        for lane in self._lanes.values():
            await lane.close()

    async def _keep(self, results: Mapping[str, _Result]) -> None:
        """Keep what a source answered. A file that cannot be written does not keep the answer from anybody."""
        now = self._clock()
        lasting = {key: result for key, result in results.items() if _is_lasting(result)}
        if not lasting:
            return
        try:
            known = await records.find_records(self._database.reader, lasting)
            async with self._database.transaction() as db:
                await records.save_records(
                    db, (record for record in lasting.values() if isinstance(record, PaperRecord)), now=now
                )
                for key, result in lasting.items():
                    if isinstance(result, PaperRecord):
                        continue
                    attempts = known[key].attempts if key in known else 0
                    first = UNKNOWN_PAUSE if result is None else FAILED_PAUSE
                    await records.save_missing(
                        db,
                        key,
                        reason=result.reason if result else None,
                        attempts=attempts + 1,
                        not_before=now + min(first * 4 ** min(attempts, 8), LONGEST_PAUSE),
                        now=now,
                    )
        except StoreError as exc:
            log.info("what was looked up is not kept reason=%s", exc.reason)


def _is_lasting(result: _Result) -> bool:
    return not isinstance(result, _Failure) or result.is_kept


def _asked_now(key: str, future: asyncio.Future[_Result]) -> AskedPaper:
    if not future.done():
        return AskedPaper(key=key, state=RecordState.PENDING)
    match future.result():
        case PaperRecord() as record:
            return AskedPaper(key=key, state=RecordState.KNOWN, record=record)
        case None:
            return AskedPaper(key=key, state=RecordState.UNKNOWN)
        case _:
            return AskedPaper(key=key, state=RecordState.FAILED)


class _Lane:
    """What waits for one source, and the task that asks it."""

    def __init__(
        self,
        source: Source,
        *,
        fetch: Callable[[Source, Sequence[str]], Awaitable[list[PaperRecord]]],
        keep: Callable[[Mapping[str, _Result]], Awaitable[None]],
        timer: Callable[[], float] | None,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._source = source
        self._fetch = fetch
        self._keep = keep
        self._timer = timer
        self._sleep = sleep
        self._most = self._at_once = ARXIV_AT_ONCE if source is Source.ARXIV else 1
        self._gap_s = GAP_S if source is Source.ARXIV else OTHER_GAP_S
        self._waiting: dict[str, asyncio.Future[_Result]] = {}
        self._task: asyncio.Task[None] | None = None
        self._asked_at_s: float | None = None
        self._rests_until_s = 0.0
        self._rests = 0
        self._failures = 0

    def ask(self, key: str) -> asyncio.Future[_Result]:
        """Return what will hold the answer; it does already while the source rests."""
        if key in self._waiting:
            return self._waiting[key]
        future: asyncio.Future[_Result] = asyncio.get_running_loop().create_future()
        if self._now_s() < self._rests_until_s or len(self._waiting) >= MOST_WAITING:
            future.set_result(_Failure("not asked now"))
            return future
        self._waiting[key] = future
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        return future

    async def close(self) -> None:
        """End the task."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _now_s(self) -> float:
        return self._timer() if self._timer else asyncio.get_running_loop().time()

    async def _run(self) -> None:
        try:
            while self._waiting:
                if self._asked_at_s is not None and (left_s := self._asked_at_s + self._gap_s - self._now_s()) > 0:
                    await self._sleep(left_s)
                keys = list(self._waiting)[: self._most]
                self._asked_at_s = self._now_s()
                await self._settle(await self._answers(keys))
        except Exception:
            log.exception("looking up papers failed source=%s", self._source)
            self._rest(None)
        finally:
            self._give_up("not asked")

    async def _answers(self, keys: Sequence[str]) -> dict[str, _Result]:
        """Ask about some identifiers. Empty if they are to be asked for again, fewer at a time."""
        try:
            found = {record.key: record for record in await self._fetch(self._source, keys)}
        except HttpStatusError as exc:
            if exc.status == 400 or (exc.status in _NOT_THERE and self._source is not Source.ARXIV):
                return self._not_usable(keys, None)
            if exc.status == 403 and self._source is Source.OPENREVIEW:  # this one is not public
                return self._not_usable(keys, _Failure(exc.reason, is_kept=True))
            return self._not_asked(keys, exc.reason, exc.retry_after_s)
        except (FeedError, TooLargeError, AddressError) as exc:
            return self._not_usable(keys, _Failure(exc.reason, is_kept=True))
        except (FetchError, ReaderError) as exc:
            return self._not_asked(keys, exc.reason, None)
        self._most, self._failures, self._rests = self._at_once, 0, 0
        return {key: found.get(key) for key in keys}

    def _not_usable(self, keys: Sequence[str], result: _Failure | None) -> dict[str, _Result]:
        """An answer is at fault, not the way to it: one of the identifiers may be the reason."""
        if len(keys) > 1:
            self._most = max(1, len(keys) // 8)
        self._failures += 1
        if self._failures > MOST_FAILURES and result is not None:
            return self._not_asked(keys, result.reason, None)
        return {keys[0]: result} if len(keys) == 1 else {}

    def _not_asked(self, keys: Sequence[str], reason: str, retry_after_s: float | None) -> dict[str, _Result]:
        """The source cannot be asked now: it is left alone, and whoever waits for it is told."""
        log.info("papers cannot be looked up source=%s reason=%s", self._source, reason)
        self._rest(retry_after_s)
        return dict.fromkeys((*keys, *self._waiting), _Failure(reason))

    def _rest(self, retry_after_s: float | None) -> None:
        own_s = min(REST_S * 2**self._rests, LONGEST_REST_S)
        self._rests = min(self._rests + 1, 10)
        self._failures, self._most = 0, self._at_once
        self._rests_until_s = self._now_s() + max(own_s, retry_after_s or 0.0)

    async def _settle(self, results: Mapping[str, _Result]) -> None:
        await self._keep(results)
        for key, result in results.items():
            self._waiting.pop(key).set_result(result)

    def _give_up(self, reason: str) -> None:
        for future in self._waiting.values():
            if not future.done():
                future.set_result(_Failure(reason))
        self._waiting.clear()
