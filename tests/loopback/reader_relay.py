"""What the bot starts in place of a reader: it hands its standard streams to a forked one, and ends as that ends.

A run of the tests starts it some thousand times. So it imports nothing that takes long to load: `socket` would take
more than half of its time.
"""

from __future__ import annotations

import _socket
import os
import sys

STREAMS = (0, 1, 2)


def relay(address: str) -> None:
    """Hand over the standard streams, and end with the status or the signal that the forked process ends with."""
    connection = _socket.socket(_socket.AF_UNIX)
    connection.connect(address)
    descriptors = b"".join(stream.to_bytes(4, sys.byteorder) for stream in STREAMS)  # as `socket.send_fds` does
    connection.sendmsg([b"f"], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, descriptors)])
    for stream in STREAMS[:2]:
        os.close(stream)  # only the forked process holds the pipes
    status = int(connection.recv(8) or b"1")
    if status < 0:
        import signal

        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


if __name__ == "__main__":
    relay(sys.argv[1])
