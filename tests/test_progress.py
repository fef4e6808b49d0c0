"""Progress on a terminal: of what takes long, on standard error, and nowhere else."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pty
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli import main
from tests.factories import make_entry, make_rss
from tests.loopback.feed_host import FeedHost

_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """Standard error on a pseudo-terminal; what is written there is read at once, because its buffer is small."""

    def __init__(self) -> None:
        self._ours, theirs = pty.openpty()
        self.file = os.fdopen(theirs, "w", encoding="utf-8")
        self._seen = b""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        try:
            while part := os.read(self._ours, 4096):
                self._seen += part
        except OSError:  # the other end is closed
            pass

    async def run(self, *argv: str) -> int:
        """Run a command whose standard error this is."""
        with contextlib.redirect_stderr(self.file):
            return await asyncio.to_thread(main, argv)

    def shown(self) -> str:
        """Everything that was shown, without colours and movements. The terminal is closed."""
        self.close()
        return " ".join(_SEQUENCE.sub(" ", self._seen.decode()).split())

    def close(self) -> None:
        if self._reader.is_alive():
            self.file.close()
            self._reader.join()
            os.close(self._ours)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    made = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    yield made
    made.close()


@pytest.fixture
async def filled(tmp_path: Path, feed_host: FeedHost, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The option that names a database with two reviews."""
    monkeypatch.setenv("NONMUN_PRIVATE_HOSTS", "127.0.0.1")
    db = ["--db", str(tmp_path / "a.db")]
    url = feed_host.serve("/old.xml", make_rss([make_entry(number) for number in (2, 1)]))
    assert await asyncio.to_thread(main, ["poll", "--json", *db, "--feed", url]) == 0
    return db


async def test_poll_shows_each_feed(
    filled: list[str], feed_host: FeedHost, terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    """JSON on standard output is as it is without a terminal."""
    capsys.readouterr()
    url = feed_host.serve("/feed.xml", make_rss([make_entry(3)]))
    assert await terminal.run("poll", "--json", "--feed", url, *filled) == 0
    assert url in terminal.shown()
    assert [json.loads(line)["new"] for line in capsys.readouterr().out.splitlines()] == [1]


async def test_backfill_shows_how_many_pages_are_read(
    filled: list[str], feed_host: FeedHost, terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    """First the feed itself, then a bar for its older pages."""
    capsys.readouterr()
    feed_host.serve("/page-2.xml", make_rss([make_entry(4)]))
    following = f'<atom:link rel="next" href="{feed_host.url("/page-2.xml")}"/>'.encode()
    channel = b'<channel xmlns:atom="http://www.w3.org/2005/Atom">' + following
    url = feed_host.serve("/feed.xml", make_rss([make_entry(5)]).replace(b"<channel>", channel))
    assert await terminal.run("backfill", url, "--pause", "0", *filled) == 0
    shown = terminal.shown()
    assert url in shown
    assert re.search(r"page-2\.xml.* 1/1", shown)
    assert "1 older posts added" in capsys.readouterr().out


async def test_backup_and_restore_show_how_much_is_copied(
    filled: list[str], tmp_path: Path, terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    """And that the copy is checked."""
    capsys.readouterr()
    copy = str(tmp_path / "copy.db")
    assert await terminal.run("backup", copy, *filled) == 0
    assert await terminal.run("restore", copy, *filled) == 0
    assert len(re.findall(r"checking the copy \S+ 100%", terminal.shown())) >= 2
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in said] == ["Backed", "Restored", "Start"]


async def test_nothing_is_shown_without_a_terminal(
    filled: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    copy = str(tmp_path / "copy.db")
    assert await asyncio.to_thread(main, ["backup", copy, *filled]) == 0
    assert await asyncio.to_thread(main, ["restore", copy, *filled]) == 0
    assert capsys.readouterr().err == ""
