"""What systemd is told, on a real socket."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.service_manager import kept_informed, notify
from tests.factories import make_rss
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.patience import patience
from tests.loopback.running import RunBot, eventually

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no such sockets there")


class Manager:
    """A service manager's socket."""

    def __init__(self, bound: socket.socket, address: str) -> None:
        self.environment = {"NOTIFY_SOCKET": address}
        self.told: list[str] = []
        self._bound = bound

    def hear(self) -> list[str]:
        """Every line that was told so far."""
        while True:
            try:
                self.told += self._bound.recv(4_096).decode().split("\n")
            except BlockingIOError:
                return self.told


@pytest.fixture(
    params=["file", pytest.param("abstract", marks=pytest.mark.skipif(sys.platform != "linux", reason="Linux"))]
)
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    name = str(tmp_path / "notify") if request.param == "file" else f"nonmun-{uuid.uuid4()}"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as bound:
        bound.bind(name if request.param == "file" else f"\0{name}")
        bound.setblocking(False)
        yield Manager(bound, name if request.param == "file" else f"@{name}")


def test_lines_arrive_in_one_message(manager: Manager) -> None:
    assert notify("READY=1", "STATUS=정상", environment=manager.environment)
    assert manager.hear() == ["READY=1", "STATUS=정상"]


@pytest.mark.parametrize("address", ["", "no-path", "/nowhere/at/all"])
def test_nobody_is_told_where_nobody_listens(address: str) -> None:
    assert not notify("READY=1", environment={"NOTIFY_SOCKET": address} if address else {})


async def test_ready_once_then_the_watchdog_while_healthy_then_stopping(manager: Manager) -> None:
    """And while the start takes long, the manager is asked to wait."""
    healthy = False

    def told(line: str) -> Callable[[], bool]:
        return lambda: line in manager.hear()

    async with asyncio.timeout(patience(30)):
        async with kept_informed(is_healthy=lambda: healthy, environment=manager.environment, every_s=0.01):
            await eventually(lambda: sum("EXTEND_TIMEOUT_USEC" in line for line in manager.hear()) > 1, "patience")
            assert "READY=1" not in manager.told
            healthy = True
            await eventually(told("WATCHDOG=1"), "the watchdog")
            healthy = False
            await eventually(told("STATUS=unhealthy: nonmun status says why"), "ill health")
            manager.told.clear()
            await eventually(lambda: len(manager.hear()) > 3, "more of it")
            assert "WATCHDOG=1" not in manager.told
            healthy = True
            await eventually(told("WATCHDOG=1"), "the watchdog again")
        assert manager.hear()[-1] == "STOPPING=1"
        assert "READY=1" not in manager.told


async def test_without_a_manager_nothing_is_asked() -> None:
    def fail() -> bool:
        raise AssertionError

    async with kept_informed(is_healthy=fail, environment={}, every_s=0):
        await asyncio.sleep(0)


async def test_the_running_bot_tells_that_it_is_ready_and_stops(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is ready when it is connected and all its loops live."""
    monkeypatch.setattr("bot.app.TURN_SECONDS", 0.02)
    monkeypatch.setattr("bot.service_manager.TELL_S", 0.02)
    monkeypatch.setitem(os.environ, "NOTIFY_SOCKET", manager.environment["NOTIFY_SOCKET"])
    feed_host.serve("/feed.xml", make_rss([]))
    async with run():
        await eventually(lambda: "READY=1" in manager.hear(), "a bot that is ready")
        assert discord.identifies
        await eventually(lambda: "WATCHDOG=1" in manager.hear(), "the watchdog")
    assert manager.hear()[-1] == "STOPPING=1"
