"""The running bot in one process: service, schedule and Discord client, started and stopped together."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.config import Settings
from bot.errors import StoreError
from bot.health import Health
from bot.heartbeats import Loop
from bot.languages import Message
from bot.schedule import Schedule
from bot.search.embedding import is_installed
from bot.service import Service, open_service
from bot.service_manager import kept_informed
from bot.store import backup
from bot.store.lock import BotLock
from bot.text.links import redact
from bot.ui.discord.client import NonmunClient
from bot.ui.discord.gateway import read_connections

log = logging.getLogger(__name__)

DELIVER_SECONDS = 2
"""How often the outbox is checked for retries that are due; new posts are sent at once."""
RETRY_SECONDS = 3_600
"""How often suspended deliveries are tried again, in case no event said that they can be."""
FORGET_SECONDS = 86_400
ARCHIVE_SECONDS = 3
"""How often one page is read of each archive that somebody requested."""
READABLE_SECONDS = 30
"""How often we check for feeds to read again because the reader process had failed on them."""
REREAD_SECONDS = 3_600
"""How often we look for reviews read by an earlier version of the bot; after the first run, none are left."""
PUBLISH_SECONDS = 10
"""How often we check whether reviews were entered, or servers left, that change what is published as wanted."""
EMBED_SECONDS = 5
"""How often we look for reviews whose passages have no vectors yet, if the model for them is installed."""
TURN_SECONDS = 5
"""How often the schedule shows that it turns."""
LATE_S = 60.0
"""A feed that has been due for longer is late."""
_POLL = "poll "
"""How the names of jobs that poll begin."""
FILES_SECONDS = 30
"""How often we check that the database and the lock file are still the files that were opened."""
SWITCH_SECONDS = 0.0005
"""How long one thread may keep the interpreter; a tenth of Python's default. An answer changes threads about ten
times and would wait that long each time while names are being loaded."""


async def run_bot(settings: Settings) -> None:
    """Run until a signal (SIGINT, SIGTERM) arrives or Discord refuses the token.

    Polling begins before the connection to Discord: reviews that arrive first wait in the outbox.

    Raises:
        BotRunningError: Another bot runs on this database.
        StoreError: The database cannot be used, or was removed.
        SettingsError: There is no token, or Discord does not know it.
    """
    with BotLock(settings.database) as lock:
        await _run_alone(settings, lock)


async def _run_alone(settings: Settings, lock: BotLock) -> None:
    async with (
        open_service(settings, waits_for_names=False) as service,
        NonmunClient(service, settings) as client,
        Schedule() as schedule,
        AsyncExitStack() as stack,
    ):
        await service.subscriptions.start()
        await service.courier.start()
        _collect_and_freeze()
        service.name_cache.around_reading = _collector_paused
        sys.setswitchinterval(SWITCH_SECONDS)
        await service.name_cache.start()
        await _schedule_jobs(schedule, service, client, settings, lock)
        health = _make_health(schedule, service, client)
        await stack.enter_async_context(health.kept(service.database, clock=service.clock))
        if settings.http_port:
            from bot.ui.http.server import serve  # its libraries take a tenth of a second to load

            await stack.enter_async_context(serve(service, health, settings))
        await stack.enter_async_context(kept_informed(is_healthy=lambda: health.is_healthy))
        running = asyncio.ensure_future(client.run_until_closed())
        _stop_on_signals(running)
        lost: list[StoreError] = []

        async def look_at_files() -> None:
            if fault := _lost_file(service, lock):
                lost.append(fault)
                running.cancel()

        schedule.every(FILES_SECONDS, look_at_files, name="files")
        with contextlib.suppress(asyncio.CancelledError):
            await running
        if lost:
            raise lost[0]


def _make_health(schedule: Schedule, service: Service, client: NonmunClient) -> Health:
    """Judge the loops; the schedule turns by a job of its own, and the poller while its jobs begin in time."""
    heartbeats = service.heartbeats

    async def turn() -> None:
        stopped = schedule.stopped()
        if not any(name.startswith(_POLL) for name in stopped):
            heartbeats[Loop.POLLER].turn()
        if all(name.startswith(_POLL) for name in stopped):
            heartbeats[Loop.SCHEDULE].turn()

    def details() -> dict[Loop, dict[str, float]]:
        waits = schedule.waits(_POLL)
        counts: dict[str, float] = {
            "feeds": len(waits),
            "due": sum(wait_s > 0 for wait_s in waits),
            "late": sum(wait_s > LATE_S for wait_s in waits),
        }
        starts = client.session_starts.remaining
        return {Loop.POLLER: counts, Loop.GATEWAY: {} if starts is None else {"session_starts": starts}}

    schedule.every(TURN_SECONDS, turn, name="turn")
    return Health(
        heartbeats,
        connections=lambda: read_connections(client),
        details=details,
        began_at=service.clock(),
    )


async def _schedule_backups(schedule: Schedule, settings: Settings, folder: Path) -> None:
    async def back_up() -> None:
        now = datetime.now(UTC)
        made = await asyncio.to_thread(
            backup.back_up, settings.database, folder, keep=settings.backup_keep, now=now, is_folder=True
        )
        log.info("backed up path=%s bytes=%d", made.path, made.bytes)

    first = await asyncio.to_thread(backup.next_backup_in, folder, datetime.now(UTC))
    schedule.every(backup.EVERY.total_seconds(), back_up, name="backup", first_in_s=first.total_seconds())


def _lost_file(service: Service, lock: BotLock) -> StoreError | None:
    """Why the bot must stop, or None: what it writes would be lost, or a second bot could start beside it."""
    if service.database.is_replaced():
        return StoreError(
            Message("{file} was removed or replaced while the bot was running", file=str(service.settings.database)),
            Message(
                "The bot has stopped because its changes would be lost. Put the file back, or restore a backup "
                "(“nonmun restore FILE”), then start the bot again."
            ),
        )
    if lock.is_lost():
        return StoreError(
            Message("{file} was removed while the bot was running", file=str(lock.path)),
            Message(
                "The bot has stopped because a second bot could have started on the same database. Start it again."
            ),
        )
    return None


async def _schedule_jobs(
    schedule: Schedule, service: Service, client: NonmunClient, settings: Settings, lock: BotLock
) -> None:
    async def deliver() -> None:
        if client.is_begun:
            await service.courier.wake(client.poster)
        for loop in (Loop.COURIER, Loop.TALKS):
            service.heartbeats[loop].turn()

    async def retry() -> None:
        if client.is_begun:
            await service.courier.retry(client.poster)
            schedule.soon("deliver")

    async def forget() -> None:
        await service.retention.run()
        gc.unfreeze()
        _collect_and_freeze()

    def poll_job(url: str) -> None:
        async def poll() -> None:
            outcome = await service.poller.poll(url)
            await client.adopt()  # the first reading of a feed from the settings creates its subscription
            lock.beat()
            if outcome.announced:
                schedule.soon("deliver")

        schedule.every(settings.poll_seconds, poll, name=_POLL + url, label=_POLL + redact(url))

    polled: set[str] = set()

    async def follow() -> None:
        """Poll the feeds that are followed now, and no others."""
        followed = set(await service.subscriptions.followed())
        for url in polled - followed:
            schedule.stop(_POLL + url)
        for url in followed - polled:
            poll_job(url)
        polled.clear()
        polled.update(followed)
        log.info("following feeds=%d every_s=%d", len(polled), settings.poll_seconds)

    async def ask_again() -> None:
        for url in await service.poller.readable_again():
            if url in polled:
                schedule.soon(_POLL + url)
            else:
                service.poller.waiting.pop(url, None)

    async def follow_clock(by: timedelta) -> None:
        service.poller.clock_was_set()
        await service.courier.clock_was_set(by)

    schedule.on_clock_set = follow_clock
    await follow()
    if settings.wanted_dir:
        schedule.every(PUBLISH_SECONDS, service.wishes.publish, name="wanted")
    schedule.every(DELIVER_SECONDS, deliver, name="deliver")
    schedule.every(READABLE_SECONDS, ask_again, name="readable again")
    schedule.every(REREAD_SECONDS, service.poller.reread_outdated, name="reread")
    schedule.every(ARCHIVE_SECONDS, service.backfill.read_some, name="archives")
    if is_installed():
        schedule.every(EMBED_SECONDS, service.embeddings.run, name="embed")
    schedule.every(RETRY_SECONDS, retry, name="retry")
    schedule.every(FORGET_SECONDS, forget, name="forget")
    if folder := settings.backup_dir:
        await _schedule_backups(schedule, settings, folder)
    service.subscriptions.on_change = service.poller.on_move = follow
    client.on_news = retry


def _collect_and_freeze() -> None:
    """Exempt everything loaded so far from garbage collection, which would block the event loop again and again."""
    gc.collect()
    gc.freeze()


@contextlib.contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause the garbage collector while names are loaded.

    The names of ten thousand reviews are a million objects, and each collection takes 150 ms to walk over them. Any
    garbage frozen with them is found once a day.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()


def _stop_on_signals(task: asyncio.Future[None]) -> None:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # on Windows, Ctrl-C arrives as KeyboardInterrupt
            loop.add_signal_handler(name, task.cancel)
