"""Reader processes forked from one that has loaded the parsers, because loading takes most of a second each time.

A forked one runs the same code from its first frame on, under the same limits. What the bot starts in its place is a
small program that hands over its standard streams, waits, and ends as the forked process ends. The tests of the
process itself use the real one, as does the bot where a test starts it as a program.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import traceback

_STREAMS = (0, 1, 2)


def relay(address: str) -> None:
    """Hand over the standard streams, and end with the status or the signal that the forked process ends with."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        socket.send_fds(connection, [b"f"], _STREAMS)
        for stream in _STREAMS[:2]:
            os.close(stream)  # only the forked process holds the pipes
        status = int(connection.recv(8) or b"1")
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


def serve(address: str) -> None:
    """Load the parsers, then fork a reader for each connection until standard input ends. Leads its own session."""
    from bot.reading import documents  # noqa: F401 - loaded once for all

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


def _run(connection: socket.socket) -> None:
    """Fork a reader, kill it where the connection ends, and report how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, streams, _, _ = socket.recv_fds(connection, 1, len(_STREAMS))
    reader = os.fork()
    if reader == 0:
        connection.close()
        _read(streams)
    for stream in (*streams, *_STREAMS[:2]):
        os.close(stream)
    threading.Thread(target=_kill_at_end, args=(connection, reader), daemon=True).start()
    _, status = os.waitpid(reader, 0)
    connection.send(b"%d" % os.waitstatus_to_exitcode(status), socket.MSG_NOSIGNAL)
    os._exit(0)


def _kill_at_end(connection: socket.socket, reader: int) -> None:
    connection.recv(1)
    os.kill(reader, signal.SIGKILL)


def _read(streams: list[int]) -> None:
    from bot.feeds.reader_process import main

    for stream, standard in zip(streams, _STREAMS, strict=True):
        os.dup2(stream, standard)
        os.close(stream)
    try:
        main()
    except BaseException:  # noqa: BLE001 - an error ends this process, as it ends the real one
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    {"relay": relay, "serve": serve}[sys.argv[1]](sys.argv[2])
