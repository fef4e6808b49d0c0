"""The metrics in Prometheus's format: what was counted in memory, how the loops are, and how much waits.

Counts of the database are read when somebody asks, at most every five seconds, and an answer does not wait for them
longer than three. docs/metrics.md says what each metric means and what to do about it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import accumulate
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder

from bot import __version__, memory
from bot.faults import FaultLog
from bot.health import Health
from bot.metrics import Durations
from bot.models.health import Backlog, LoopHealth
from bot.models.requests import Command
from bot.service import Service
from bot.store.files import beside

if TYPE_CHECKING:
    from prometheus_client import Metric

Labels = tuple[str, ...]

KEEP_S = 5.0
"""How long what was read from the database is used."""
PATIENCE_S = 3.0
"""How long an answer waits for the database."""

POLLS = ("changed", "unchanged", "failed")
SENDS = ("sent", "in_doubt", "rate_limited", "gone", "blocked", "rejected", "failed")
REQUESTS = ("200", "429")
REFUSALS = ("late", "crowded", "over_quota", "overtaken", "too_late")
"""Labels that are shown from the start, so that a first increase is seen as one."""


class Exporter:
    """Renders the metrics."""

    def __init__(self, service: Service, health: Health) -> None:
        self._service = service
        self._health = health
        self._faults = FaultLog()
        self._reading: asyncio.Task[Backlog] | None = None
        self._began_s = 0.0

    async def render(self, accept: str) -> tuple[bytes, str]:
        """Return the metrics and their content type, by what the asker accepts."""
        encode, content_type = choose_encoder(accept)
        families = list(self._families(await self._backlog()))
        return encode(_Collected(families)), content_type

    async def close(self) -> None:
        """Stop reading."""
        if self._reading:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _backlog(self) -> Backlog | None:
        """Return what waits; None if the database does not say, or not in time."""
        now_s = time.monotonic()
        if self._reading is None or (self._reading.done() and now_s - self._began_s > KEEP_S):
            self._began_s = now_s
            self._reading = asyncio.create_task(self._service.backlog(), name="read backlog")
        reading = self._reading
        await asyncio.wait({reading}, timeout=PATIENCE_S)
        if not reading.done() or reading.cancelled():
            return None
        if error := reading.exception():
            self._faults.failed("read metrics", error)
            return None
        self._faults.worked("read metrics")
        return reading.result()

    def _families(self, backlog: Backlog | None) -> Iterator[Metric]:
        yield _gauge("info", "The version that runs.", {(__version__,): 1}, ("version",))
        yield _gauge("start_time_seconds", "When the bot started.", self._health.began_at.timestamp())
        yield from _of_loops(self._health.report())
        yield from self._of_memory()
        yield from self._of_discord()
        yield _gauge("database_readable", "Whether the database told what waits, in time.", int(backlog is not None))
        if backlog is not None:
            yield from _of_backlog(backlog, self._service.clock())

    def _of_memory(self) -> Iterator[Metric]:
        service, metrics = self._service, self._service.metrics
        yield _counter("polls", "Visits to feeds, by outcome.", metrics.polls, "outcome", POLLS)
        yield _histogram("poll_seconds", "How long a visit to a feed took.", {(): metrics.poll_s})
        answers: dict[Labels, Durations] = {(command.value,): metrics.answer_s[command.value] for command in Command}
        yield _histogram("answer_seconds", "How long an answer took to work out.", answers, ("command",))
        yield _gauge("reviews", "Reviews that can be found.", service.answering.review_count)
        yield _gauge("names_lag_seconds", "How long names in memory have been out of date.", service.name_cache.lag_s)
        if (resident := memory.resident_bytes()) is not None:
            yield _gauge("memory_bytes", "Memory of the bot's process (RSS).", resident)
        yield _gauge("database_bytes", "Sizes of the database's files.", self._sizes(), ("file",))

    def _of_discord(self) -> Iterator[Metric]:
        metrics = self._service.metrics
        yield _counter("sends", "Messages sent to Discord, by what became of them.", metrics.sends, "status", SENDS)
        requests = "Answers of Discord's API, by HTTP status; 429 is a rate limit."
        yield _counter("discord_requests", requests, metrics.requests, "status", REQUESTS)
        refusals = "Commands, presses and completions that were not answered, by reason."
        yield _counter("refusals", refusals, metrics.refusals, "reason", REFUSALS)

    def _sizes(self) -> dict[Labels, float]:
        path = self._service.settings.database
        sizes: dict[Labels, float] = {}
        for name, file in (("main", path), ("wal", beside(path, "-wal"))):
            try:
                sizes[name,] = file.stat().st_size
            except OSError:
                sizes[name,] = 0
        return sizes


class _Collected:
    """What an encoder of the library takes."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """Return the metrics."""
        return self._families


def _of_loops(loops: Iterable[LoopHealth]) -> Iterator[Metric]:
    by_name = {loop.loop: loop for loop in loops}
    ages: dict[Labels, float] = {(name,): loop.age_s for name, loop in by_name.items() if loop.age_s is not None}
    yield _gauge("loop_age_seconds", "Seconds since each loop's last heartbeat.", ages, ("loop",))
    alive: dict[Labels, float] = {(name,): int(loop.is_alive) for name, loop in by_name.items()}
    yield _gauge("loop_alive", "Whether each loop lives.", alive, ("loop",))
    feeds = by_name["poller"].details
    yield _gauge("feeds", "Feeds that are polled.", feeds.get("feeds", 0))
    yield _gauge("feeds_due", "Feeds whose poll is due or under way.", feeds.get("due", 0))
    yield _gauge("feeds_late", "Feeds whose poll has been due for more than a minute.", feeds.get("late", 0))
    yield from _of_gateway(by_name["gateway"])


def _of_gateway(gateway: LoopHealth) -> Iterator[Metric]:
    if (lag_s := gateway.details.get("lag_s")) is not None:
        yield _gauge(
            "gateway_lag_seconds", "How long the slowest shard's last heartbeat took to be acknowledged.", lag_s
        )
    if (starts := gateway.details.get("session_starts")) is not None:
        yield _gauge("session_starts_remaining", "Sessions that may be begun until Discord's daily reset.", starts)
    shards = gateway.shards
    alive: dict[Labels, float] = {(str(shard.shard),): int(shard.is_alive) for shard in shards}
    yield _gauge("shard_alive", "Whether each connection to Discord's gateway lives.", alive, ("shard",))
    servers: dict[Labels, float] = {(str(shard.shard),): shard.servers for shard in shards}
    yield _gauge("shard_servers", "Servers on each connection.", servers, ("shard",))
    lags: dict[Labels, float] = {(str(shard.shard),): shard.lag_s for shard in shards if shard.lag_s is not None}
    yield _gauge(
        "shard_lag_seconds", "How long each shard's last heartbeat took to be acknowledged.", lags, ("shard",)
    )


def _of_backlog(backlog: Backlog, now: datetime) -> Iterator[Metric]:
    yield _gauge("feeds_failing", "Feeds whose last poll failed.", backlog.failing)
    yield _gauge("subscriptions", "Subscriptions that have not ended.", backlog.subscriptions)
    yield _gauge("subscriptions_suspended", "Subscriptions that Discord refuses.", backlog.suspended)
    if backlog.unembedded is not None:
        yield _gauge("reviews_unembedded", "Reviews whose passages are not embedded yet.", backlog.unembedded)
    counts: dict[Labels, float] = {}
    ages: dict[Labels, float] = {}
    for queue in backlog.queues:
        counts |= {
            (queue.name, "waiting"): queue.waiting,
            (queue.name, "held"): queue.held,
            (queue.name, "in_doubt"): queue.in_doubt,
        }
        ages[queue.name,] = max((now - queue.oldest_at).total_seconds(), 0.0) if queue.oldest_at else 0.0
    yield _gauge("outbox_messages", "Messages that are not sent yet.", counts, ("queue", "state"))
    yield _gauge("outbox_oldest_seconds", "How long the oldest of them has waited.", ages, ("queue",))


# ── families ────────────────────────────────────────────────────────────────────────────────────


def _gauge(name: str, text: str, values: float | Mapping[Labels, float], labels: Labels = ()) -> Metric:
    family = GaugeMetricFamily(f"nonmun_{name}", text, labels=labels)
    for of, value in (values if isinstance(values, Mapping) else {(): values}).items():
        family.add_metric(of, value)
    return family


def _counter(name: str, text: str, counts: Mapping[str, int], label: str, known: Iterable[str]) -> Metric:
    family = CounterMetricFamily(f"nonmun_{name}", text, labels=(label,))
    for of, count in (dict.fromkeys(known, 0) | dict(counts)).items():
        family.add_metric((of,), count)
    return family


def _histogram(name: str, text: str, values: Mapping[Labels, Durations], labels: Labels = ()) -> Metric:
    family = HistogramMetricFamily(f"nonmun_{name}", text, labels=labels)
    for of, durations in values.items():
        bounds = [*(f"{bound:g}" for bound in durations.bounds_s), "+Inf"]
        family.add_metric(of, list(zip(bounds, accumulate(durations.counts), strict=True)), durations.sum_s)
    return family
