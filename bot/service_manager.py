"""Telling systemd, or another service manager, how the bot is: ready, healthy, stopping.

Nothing happens if no service manager waits to be told (``NOTIFY_SOCKET`` is not set).

Source: sd_notify(3), sd_watchdog_enabled(3).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

log = logging.getLogger(__name__)

TELL_S = 5.0
"""How often it is told at most, and so the shortest useful ``WatchdogSec`` is ten seconds."""
STARTING_USEC = 90_000_000
"""How much longer the manager should wait for a start while Discord cannot be reached: a restart is no help."""


def notify(*lines: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Send lines such as ``READY=1`` to the service manager; False if there is none, or it does not take them."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")) or not hasattr(socket, "AF_UNIX"):
        return False
    # "@" stands for the null byte of Linux's abstract sockets, which are no files.
    place = f"\0{address[1:]}" if address[0] == "@" else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
            sending.settimeout(0)
            sending.connect(place)
            sending.send("\n".join(lines).encode())
    except OSError as exc:
        log.warning("the service manager was not told reason=%s", exc.strerror or exc)
        return False
    return True


@asynccontextmanager
async def kept_informed(
    *, is_healthy: Callable[[], bool], environment: Mapping[str, str] = os.environ, every_s: float | None = None
) -> AsyncIterator[None]:
    """Tell the service manager while the block runs: ready once, then healthy again and again; at its end, stopping.

    Args:
        is_healthy: Asked each time. The bot is ready when it is first healthy; afterwards the watchdog is fed only
            while it is.
        every_s: Seconds between two times; None for `TELL_S`.
    """
    if not environment.get("NOTIFY_SOCKET"):
        yield
        return
    pause_s = TELL_S if every_s is None else every_s
    task = asyncio.create_task(_tell(is_healthy, environment, pause_s), name="tell the service manager")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        notify("STOPPING=1", environment=environment)


async def _tell(is_healthy: Callable[[], bool], environment: Mapping[str, str], pause_s: float) -> None:
    while not is_healthy():
        notify(
            "STATUS=starting, or Discord cannot be reached",
            f"EXTEND_TIMEOUT_USEC={STARTING_USEC}",
            environment=environment,
        )
        await asyncio.sleep(pause_s)
    notify("READY=1", "STATUS=healthy", environment=environment)
    while True:
        if is_healthy():
            notify("WATCHDOG=1", "STATUS=healthy", environment=environment)
        else:
            notify("STATUS=unhealthy: nonmun status says why", environment=environment)
        await asyncio.sleep(pause_s)
