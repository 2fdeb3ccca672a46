"""`/stream.mjpg`: the annotated picture as motion JPEG, for players, other programs and pages that
show nothing else.

Knows multipart/x-mixed-replace (RFC 2046 with the meaning that browsers give it); not who may look,
nor how a picture is drawn. Each part is sent whole before the newest picture is asked for again, so
a slow viewer sees fewer of them, not later ones.
"""

import socket
from contextlib import contextmanager, suppress
from typing import Iterator

from catseye.runtime.clock.waits import Semaphore
from catseye.runtime.sinks.http.view import STREAM, View

MOST_STREAMS = 16  # of one server: each keeps its connection
BOUNDARY = "catseye"
KIND = "multipart/x-mixed-replace; boundary=" + BOUNDARY
WAIT_S = 1.0  # how soon the end of a run is noticed
BUFFER_BYTES = 1 << 17  # what the kernel may hold back of a stream: a picture or two


class Streams:
    """Counts those of one server."""

    def __init__(self) -> None:
        self._free = Semaphore(MOST_STREAMS)

    @contextmanager
    def one(self) -> Iterator[bool]:
        """Whether there is room for it; its place is given back when the block ends."""
        has_room = self._free.acquire(blocking=False)
        try:
            yield has_room
        finally:
            if has_room:
                self._free.release()


def hold_little_back(connection: socket.socket) -> None:
    """What waits in the kernel is seen late."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)


def parts(view: View, viewer: str) -> Iterator[bytes]:
    """One part for each picture that there is time for, until the run ends; b"" where none came for
    WAIT_S."""
    number = -1
    while not view.has_ended:
        found = view.picture_after(number, WAIT_S, viewer, STREAM)
        if found is None:
            yield b""
            continue
        number = found.number
        head = (
            "--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\nX-Timestamp: %d.%06d\r\n\r\n"
            % (BOUNDARY, len(found.coded), *divmod(found.timestamp_ns // 1000, 10**6))
        )
        yield head.encode() + found.coded + b"\r\n"
