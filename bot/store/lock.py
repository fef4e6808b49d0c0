"""One bot a file: a lock beside the database, held by the process that announces.

The system gives it up when that process ends, however it ends: nothing is ever stale. The lock file stays; it holds
the process's number, and its time is that of the last poll. Other commands work beside a bot, and take no lock.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.errors import BotRunningError
from bot.store.causes import explain
from bot.store.files import give_to_owner

TRIES = 10
TRY_AGAIN_S = 0.05
"""Whoever only asks for the holder has the lock for a moment."""

if sys.platform == "win32":
    import msvcrt

    _LOCKED_BYTE = 2**30  # beyond the text, which others are to read

    def _take(fd: int) -> None:
        os.lseek(fd, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        os.lseek(fd, 0, os.SEEK_SET)
else:
    import fcntl

    def _take(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def lock_path(database: Path) -> Path:
    """The lock file of a database: the same one by whatever path or link the database is reached."""
    real = database.resolve()
    return real.with_name(real.name + ".lock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The process that holds the lock. ``pid`` is None where it cannot be read."""

    pid: int | None
    last_poll_s: float
    """Seconds since the bot last polled, or began; never negative."""


class BotLock:
    """The lock, held until `release`. Use as a context."""

    def __init__(self, database: Path) -> None:
        """Take the lock. Blocking, for half a second at most.

        Raises:
            BotRunningError: Another process has it.
            StoreError: The lock file cannot be made.
        """
        self.path = lock_path(database)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            give_to_owner(self.path, of=database.resolve())
        except OSError as exc:
            raise explain(self.path, exc, outcome="cannot be made") from exc
        try:
            is_ours = _take_patiently(self._fd)
        except OSError as exc:
            os.close(self._fd)
            raise explain(self.path, exc, outcome="cannot be locked") from exc
        if not is_ours:
            os.close(self._fd)
            raise BotRunningError(str(database), _read_pid(self.path))
        with contextlib.suppress(OSError):  # a full disk: the lock holds without the number
            os.truncate(self._fd, 0)
            os.write(self._fd, f"{os.getpid()}\n".encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        os.close(self._fd)

    def beat(self) -> None:
        """A feed was polled: whoever looks at the file's time sees that the bot works."""
        with contextlib.suppress(OSError):
            os.utime(self.path)

    def is_lost(self) -> bool:
        """Whether somebody removed or replaced the lock file, so that a second bot could start."""
        try:
            return not os.path.samestat(self.path.stat(), os.fstat(self._fd))
        except OSError:
            return True


def find_holder(database: Path) -> Holder | None:
    """Which bot runs on a database; None for no bot. Changes nothing."""
    path = lock_path(database)
    try:
        fd = os.open(path, os.O_RDWR)
    except OSError:
        return None
    try:
        if _take_once(fd):
            return None
        return Holder(pid=_read_pid(path), last_poll_s=max(time.time() - os.fstat(fd).st_mtime, 0.0))
    finally:
        os.close(fd)


def _take_patiently(fd: int) -> bool:
    for _ in range(TRIES):
        if _take_once(fd):
            return True
        time.sleep(TRY_AGAIN_S)
    return _take_once(fd)


def _take_once(fd: int) -> bool:
    try:
        _take(fd)
    except (BlockingIOError, PermissionError):  # the second is Windows' word for it
        return False
    return True


def _read_pid(path: Path) -> int | None:
    try:
        text = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return int(text) if text.isdecimal() else None
