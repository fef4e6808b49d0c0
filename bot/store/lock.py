"""One bot per file: a lock beside the database, held by the process that announces.

The system releases it when that process ends, however it ends, so a lock is never stale. The lock file stays: it
holds the process id, and its modification time is that of the last poll. Other commands take no lock and can run
beside a bot.
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
from bot.store.causes import CANNOT_CREATE, CANNOT_LOCK, explain
from bot.store.files import give_to_owner

TRIES = 10
TRY_AGAIN_S = 0.05
"""A process that only looks for the holder has the lock for a moment."""

if sys.platform == "win32":
    import msvcrt

    _LOCKED_BYTE = 2**30  # beyond the text, which others must be able to read

    def _take(fd: int) -> None:
        os.lseek(fd, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        os.lseek(fd, 0, os.SEEK_SET)
else:
    import fcntl

    def _take(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def lock_path(database: Path) -> Path:
    """Return the lock file of a database, the same one for every path or link to it."""
    real = database.resolve()
    return real.with_name(real.name + ".lock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The process that holds the lock. ``pid`` is None if it cannot be read."""

    pid: int | None
    last_poll_s: float
    """Seconds since the bot last polled, or started; never negative."""


class BotLock:
    """The lock, held until `release`. Use it as a context manager."""

    def __init__(self, database: Path) -> None:
        """Take the lock. Blocks for half a second at most.

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
            raise explain(self.path, exc, outcome=CANNOT_CREATE) from exc
        try:
            is_ours = _take_patiently(self._fd)
        except OSError as exc:
            os.close(self._fd)
            raise explain(self.path, exc, outcome=CANNOT_LOCK) from exc
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
        """Give the lock up."""
        os.close(self._fd)

    def beat(self) -> None:
        """Note that a feed was polled: the file's time shows others that the bot works."""
        with contextlib.suppress(OSError):
            os.utime(self.path)

    def is_lost(self) -> bool:
        """Return whether the lock file was removed or replaced, so that a second bot could start."""
        try:
            return not os.path.samestat(self.path.stat(), os.fstat(self._fd))
        except OSError:
            return True


def find_holder(database: Path) -> Holder | None:
    """Find the bot that runs on a database; None if there is none. Changes nothing."""
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
    except (BlockingIOError, PermissionError):  # the second on Windows
        return False
    return True


def _read_pid(path: Path) -> int | None:
    try:
        text = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return int(text) if text.isdecimal() else None
