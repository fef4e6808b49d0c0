"""Fixtures shared by the tests: a clock, a database on a real file, a service fed from loopback."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from bot.answering import name_cache
from bot.config import Settings, load_settings
from bot.feeds import reader_process
from bot.languages.catalogues import compile_catalogues
from bot.models.feeds import Entry
from bot.models.requests import EVERYTHING, Command, Request
from bot.service import Service, open_service
from bot.store import database as database_module
from bot.store.database import Database
from bot.store.files import link, make_database, new_file
from tests.factories import make_rss
from tests.loopback import forked_reader, reader_relay
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import TOKEN, RunBot, runner

# No example has a time limit: a busy machine is not a fault. CI tries the same examples each time, and fewer of them
# where a test does not say how many; others look for new ones.
hypothesis_settings.register_profile(
    "search", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
hypothesis_settings.register_profile(
    "same", hypothesis_settings.get_profile("search"), derandomize=True, database=None, max_examples=40
)
hypothesis_settings.load_profile("same" if os.environ.get("CI") else "search")

SEEDS = Path(__file__).resolve().parents[2] / "shared" / "seeds"


def pytest_configure(config: pytest.Config) -> None:
    """Before the workers start, compile catalogues that have changed since the installation.

    What they and the tests start keeps its compiled modules: tests start the bot some hundred times.
    """
    if not hasattr(config, "workerinput"):
        compile_catalogues()
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect no garbage while ten thousand tests are collected, and never look through them again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


READER_PROGRAM = reader_process.PROGRAM
MAKE_DATABASE = make_database


@pytest.fixture(scope="session", autouse=True)
def _readers_are_forked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fork the readers that tests start, where the system can."""
    if sys.platform == "win32":
        yield
        return
    address = str(tmp_path_factory.mktemp("reader") / "socket")
    program, root = forked_reader.__file__, Path(__file__).resolve().parents[1]
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-P", program, address],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(root)},
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        assert server.stdout.read(5) == b"ready"
        reader_process.PROGRAM = ("-IS", reader_relay.__file__, address)
        yield
        reader_process.PROGRAM = READER_PROGRAM
        server.stdin.close()


@pytest.fixture
def real_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start readers as the bot does."""
    monkeypatch.setattr(reader_process, "PROGRAM", READER_PROGRAM)


@pytest.fixture(scope="session", autouse=True)
def _databases_are_copied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Copy a finished empty database where a test needs a new one: migrating each takes ten times as long."""
    finished = tmp_path_factory.mktemp("database") / "new.db"

    async def make() -> None:
        await (await Database.open(finished)).close()

    def copy(path: Path) -> None:
        with new_file(path, "new") as made:
            made.write_bytes(content)
            with contextlib.suppress(FileExistsError):
                link(made, path)

    asyncio.run(make())
    content = finished.read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database_module, "make_database", copy)
        yield


@pytest.fixture
def real_databases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make new databases as the bot does."""
    monkeypatch.setattr(database_module, "make_database", MAKE_DATABASE)


@pytest.fixture(autouse=True)
def _no_collection_at_each_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not collect the garbage of all tests so far at each start of the bot, which takes a tenth of a second."""
    monkeypatch.setattr("bot.app._collect_and_freeze", lambda: None)


@pytest.fixture(autouse=True)
def _bots_embed_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not embed each test's reviews, a tenth of a second each passage; what tests that says so."""
    monkeypatch.setattr("bot.app.is_installed", lambda: False)


class Clock:
    """A clock that stands still until told otherwise."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


def hide_settings(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Take the settings of the person who runs the tests out of the environment, and change to a folder."""
    for name in [name for name in os.environ if name.startswith(("NONMUN_", "DISCORD_"))]:
        patch.delenv(name)
    patch.setenv("LC_ALL", "C.UTF-8")  # the terminal speaks English
    patch.setenv("NONMUN_RESOLVE_IDS", "false")  # a test that looks papers up has a source of its own
    patch.chdir(folder)


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the settings of the person who runs it, and none writes beside the sources."""
    hide_settings(monkeypatch, tmp_path)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read is found, however busy the machine."""
    monkeypatch.setattr(name_cache, "PATIENCE_S", 600)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with await Database.open(tmp_path / "test.db") as opened:
        yield opened


@pytest.fixture
async def feed_host() -> AsyncIterator[FeedHost]:
    async with FeedHost() as host:
        yield host


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., Settings]:
    """Settings on a database of the test's own; give feeds and others by their environment names."""

    def make(**overrides: object) -> Settings:
        return load_settings(**({"NONMUN_DATABASE": tmp_path / "test.db"} | overrides))

    return make


@pytest.fixture
async def discord() -> AsyncIterator[LoopbackDiscord]:
    """A loopback Discord; at the end nothing that it received may have broken a limit or mentioned anybody."""
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    async with LoopbackDiscord(token=TOKEN) as server:
        yield server
        assert server.violations == []
        assert server.mention_violations == []
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


@pytest.fixture
def run(discord: LoopbackDiscord, feed_host: FeedHost, settings: Callable[..., Settings]) -> RunBot:
    """Run the bot against the loopback servers: ``async with run():``."""
    return runner(discord, feed_host, settings)


@pytest.fixture(scope="session")
def main_feed() -> bytes:
    """The real main feed as served; the test is skipped where the seeds are not at hand."""
    found = sorted(SEEDS.glob("000*.txt")) if SEEDS.is_dir() else []
    if not found:
        pytest.skip("the real feeds of ../shared/seeds are not here")
    return found[0].read_bytes()


@pytest.fixture
async def main_service(main_feed: bytes, settings: Callable[..., Settings], tmp_path: Path) -> AsyncIterator[Service]:
    """A service that has read the real main feed, from a file."""
    path = tmp_path / "main.xml"
    path.write_bytes(main_feed)
    async with open_service(settings(NONMUN_FEEDS=str(path))) as service:
        outcome = await service.poller.poll(str(path))
        assert outcome.error is None
        yield service


Opened = Callable[[Iterable[Entry]], AbstractAsyncContextManager[Service]]


@pytest.fixture
def opened(settings: Callable[..., Settings], tmp_path: Path) -> Opened:
    """A service whose cache holds these reviews."""

    @asynccontextmanager
    async def open_cache(entries: Iterable[Entry]) -> AsyncIterator[Service]:
        feed = tmp_path / "reviews.xml"
        feed.write_bytes(make_rss(entries))
        async with open_service(settings(NONMUN_FEEDS=str(feed))) as service:
            (outcome,) = await service.poller.poll_all()
            assert outcome.error is None
            await service.answering.answer(Request(command=Command.HELP), EVERYTHING)
            yield service

    return open_cache
