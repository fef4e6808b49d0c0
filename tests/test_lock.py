"""One bot a database: a second is refused in words, and what a dead one held is free."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.cli import main
from bot.config import Settings
from bot.errors import BotRunningError, StoreError
from bot.store.lock import BotLock, find_holder, lock_path
from tests.factories import make_entry, make_rss, shown_title
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, announcements, settings_for, wait_for_posts

HOLD = """
import sys
from pathlib import Path
from bot.store.lock import BotLock

lock = BotLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def holding(database: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that holds the lock, until its end."""
    process = subprocess.Popen(  # noqa: S603 - this interpreter and the text above
        [sys.executable, "-c", HOLD, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout
    assert process.stdin
    assert process.stdout.readline() == b"held\n"
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def test_a_second_holder_is_refused_by_any_path_to_the_file(tmp_path: Path) -> None:
    """Relative, through a linked folder or a linked file: it is the same database, and the first is named."""
    database, linked, folder = tmp_path / "n.db", tmp_path / "linked.db", tmp_path / "folder"
    database.touch()
    linked.symlink_to(database)
    folder.symlink_to(tmp_path)
    with holding(database) as process:
        for path in (database, Path("n.db"), linked, folder / "n.db"):
            with pytest.raises(BotRunningError, match=f"process {process.pid}") as caught:
                BotLock(path)
            assert caught.value.pid == process.pid


def test_what_a_killed_process_held_is_free(tmp_path: Path) -> None:
    """The lock goes with its process, and the file that stays says nothing."""
    database = tmp_path / "n.db"
    with holding(database) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        with BotLock(database):
            assert find_holder(database) is not None
    assert lock_path(database).exists()
    assert find_holder(database) is None


def test_holder_is_told_without_disturbing_it(tmp_path: Path) -> None:
    """Whoever asks learns process and last poll; nobody is there before and after."""
    database = tmp_path / "n.db"
    assert find_holder(database) is None
    with holding(database) as process:
        os.utime(lock_path(database), (1, 1))
        holder = find_holder(database)
        assert holder is not None
        assert holder.pid == process.pid
        assert holder.last_poll_s > 1_000_000
    with BotLock(database) as lock:
        os.utime(lock_path(database), (1, 1))
        lock.beat()
        holder = find_holder(database)
        assert holder is not None
        assert holder.last_poll_s < 60


def test_removed_lock_file_is_noticed(tmp_path: Path) -> None:
    """Removed or replaced, it would let a second bot start."""
    with BotLock(tmp_path / "n.db") as lock:
        assert not lock.is_lost()
        lock_path(tmp_path / "n.db").unlink()
        assert lock.is_lost()
        lock_path(tmp_path / "n.db").touch()
        assert lock.is_lost()


def test_lock_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="is not a folder"):
        BotLock(tmp_path / "file" / "n.db")


async def test_second_bot_is_refused_and_the_first_goes_on(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, monkeypatch: pytest.MonkeyPatch,
    settings: Callable[..., Settings], capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """“nonmun run” ends with exit code 2 and a sentence that names the other process; nothing is posted twice."""
    feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    async with run(NONMUN_ANNOUNCE_BACKLOG=1):
        await wait_for_posts(discord, 1)
        for name, value in settings_for(discord, feed_host).items():
            monkeypatch.setenv(name, str(value))
        monkeypatch.setenv("NONMUN_DATABASE", str(settings().database))
        assert await asyncio.to_thread(main, ["run"]) == 2
        assert f"process {os.getpid()}" in capsys.readouterr().err
        feed_host.update("/feed.xml", make_rss([make_entry(2), make_entry(1)]))
        await wait_for_posts(discord, 2)
    assert announcements(discord) == [shown_title(make_entry(1)), shown_title(make_entry(2))]
