"""Reader processes forked from one that has loaded the parsers, because loading takes most of a second each time.

It has also read a document of most kinds, because the first one compiles the patterns, which takes a quarter of a
second more. A forked one runs the same code from its first frame on, under the same limits. What the bot starts in
its place is a small program, `reader_relay`. The tests of the process itself use the real one, as does the bot where
a test starts it as a program.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path

from tests.loopback.reader_relay import STREAMS

SAMPLE = Path(__file__).parents[2] / "data" / "sample_feed.xml"
ADDRESS = "https://sample.test/feed.xml"


def serve(address: str) -> None:
    """Load the parsers, then fork a reader for each connection until standard input ends. Leads its own session."""
    _load()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen(64)
        os.write(1, b"ready")
        if os.fork() == 0:
            sys.stdin.buffer.read()
            os.killpg(0, signal.SIGKILL)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while True:
            connection, _ = server.accept()
            if os.fork() == 0:
                server.close()
                _run(connection)
            connection.close()


def _load() -> None:
    """Load the parsers once for all, and let them read, so that their patterns are compiled."""
    from bot.feeds import reader_process  # noqa: F401
    from bot.reading import documents

    feed = SAMPLE.read_bytes()
    parsed, reviews = documents.read_feed(feed, content_type=None, url=ADDRESS, known={})
    for _ in reviews:
        pass
    first = parsed.entries[0]
    page = f"<title>{first.title}</title><article><h1>{first.title}</h1>{first.html}</article>".encode()
    documents.read_review_page(page, content_type="text/html", url=ADDRESS, of=())
    documents.read_site(feed, content_type=None, url=ADDRESS, posts=1)
    documents.read_feed_page(page, content_type="text/html", url=ADDRESS, links="", refresh="")
    documents.read_robots(b"", url=ADDRESS, agent="Nonmun")
    gc.freeze()  # a collection in a forked process would copy every page


def _run(connection: socket.socket) -> None:
    """Fork a reader, kill it where the connection ends, and report how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, streams, _, _ = socket.recv_fds(connection, 1, len(STREAMS))
    reader = os.fork()
    if reader == 0:
        connection.close()
        _read(streams)
    for stream in (*streams, *STREAMS[:2]):
        os.close(stream)
    threading.Thread(target=_kill_at_end, args=(connection, reader), daemon=True).start()
    _, status = os.waitpid(reader, 0)
    connection.send(b"%d" % os.waitstatus_to_exitcode(status), socket.MSG_NOSIGNAL)
    os._exit(0)


def _kill_at_end(connection: socket.socket, reader: int) -> None:
    with contextlib.suppress(OSError):  # cut, instead of closed; or the reader has ended already
        connection.recv(1)
    with contextlib.suppress(ProcessLookupError):
        os.kill(reader, signal.SIGKILL)


def _read(streams: list[int]) -> None:
    from bot.feeds.reader_process import main

    for stream, standard in zip(streams, STREAMS, strict=True):
        os.dup2(stream, standard)
        os.close(stream)
    try:
        main()
    except BaseException:  # noqa: BLE001 - an error ends this process, as it ends the real one
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    serve(sys.argv[1])
