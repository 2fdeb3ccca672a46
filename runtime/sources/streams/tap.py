"""A tap on the connection between FFmpeg and an RTSP camera: every byte goes through unchanged, and
is looked at.

OpenCV says nothing while no picture comes, whether the camera is dead or sends packets that wait
for a key frame, and hides that a stream has changed its size. FFmpeg's end of the connection is
therefore replaced, under the same number, by one end of a pair of sockets, and a thread carries the
bytes between the other end and the camera. Where the connection cannot be found (another system
than Linux, UDP), there is no tap and all works without. Knows sockets; not RTSP (traffic.py).
"""

import os
import selectors
import socket
import threading
from contextlib import suppress
from typing import Optional, Set

from catseye.runtime.sources.streams.traffic import Traffic

DESCRIPTORS = "/proc/self/fd"
MOST_AT_ONCE = 1 << 16
WAIT_S = 0.5  # how soon a tap that was closed ends


def sockets_open() -> Set[int]:
    """The descriptors of this process that are sockets; none where the system does not tell."""
    found = set()
    with suppress(OSError):
        for name in os.listdir(DESCRIPTORS):
            with suppress(OSError):
                if os.readlink(os.path.join(DESCRIPTORS, name)).startswith("socket:"):
                    found.add(int(name))
    return found


def connection_among(descriptors: Set[int], port: int) -> Optional[int]:
    """The one TCP connection to `port`; None where there is none, or several."""
    found = [number for number in descriptors if _is_connected(number, port)]
    return found[0] if len(found) == 1 else None


def _is_connected(descriptor: int, port: int) -> bool:
    try:
        with socket.socket(fileno=os.dup(descriptor)) as copy:
            is_tcp = copy.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) == socket.SOCK_STREAM
            return is_tcp and copy.getpeername()[1:2] == (port,)
    except (OSError, ValueError):
        return False


class Tap(threading.Thread):
    """Carries bytes from its making until either side ends or `close` is called."""

    def __init__(self, descriptor: int, traffic: Traffic) -> None:
        """descriptor: of a connected socket that nobody reads at this moment; it keeps its number
        and its owner. Raises OSError where it cannot be taken."""
        super().__init__(name="tap", daemon=True)
        self.traffic = traffic
        self._far = socket.socket(fileno=os.dup(descriptor))
        theirs, self._near = socket.socketpair()
        with theirs:
            os.set_blocking(theirs.fileno(), os.get_blocking(descriptor))
            os.dup2(theirs.fileno(), descriptor, inheritable=False)
        for end in (self._far, self._near):
            end.setblocking(True)
        self._closed = False
        self._readable = selectors.DefaultSelector()
        for end in (self._far, self._near):
            self._readable.register(end, selectors.EVENT_READ)
        self.start()

    def run(self) -> None:
        try:
            while not self._closed and self._carry():
                pass
        except OSError:  # the camera is gone, or FFmpeg is: the other learns it now
            pass
        finally:
            self._end()

    def close(self) -> None:
        """End the connection, and with it a read that hangs; safe from any thread."""
        self._closed = True
        with suppress(OSError):
            self._near.shutdown(socket.SHUT_RDWR)

    def _carry(self) -> bool:
        """What has come, to the other side; False at an end."""
        for key, _ in self._readable.select(WAIT_S):
            from_camera = key.fd == self._far.fileno()
            here, there = (self._far, self._near) if from_camera else (self._near, self._far)
            data = here.recv(MOST_AT_ONCE)
            if not data:
                return False
            there.sendall(data)
            if from_camera:
                self.traffic.feed(data)
        return True

    def _end(self) -> None:
        self._readable.close()
        for end in (self._near, self._far):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
