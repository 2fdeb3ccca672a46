"""Who is connected, up to a limit: where it is full, a connection that has not shown that it may
come in makes room for the next, and after those one that asks nothing.

Knows sockets and addresses; not what is asked or answered. So nobody is locked out by connections
that only stand in the door.
"""

import select
import socket
import threading
from collections import Counter
from contextlib import suppress
from typing import Any, Dict, List, NamedTuple, Optional

from catseye.runtime.clock.waits import Semaphore

ROOM_S = 2.0  # how long the thread of a connection that makes room may take to end
HUNG_UP = 0x2000  # POLLRDHUP: nothing more comes from the other side; Python 3.6 has no name for it


class Visitor(NamedTuple):
    """household: whose it is (guesses.py).  admitted: whether a request of it was.  asking: whether
    one is being answered."""

    household: str
    admitted: bool = False
    asking: bool = False


class Visitors:
    """The open connections, at most `most`, in the order they came."""

    def __init__(self, most: int) -> None:
        self._slots = Semaphore(most)
        self._lock = threading.Lock()
        self._open: Dict[socket.socket, Visitor] = {}

    def enter(self, connection: socket.socket, household: str) -> bool:
        """Take a place; False where all are taken by visitors who were admitted and ask."""
        if not self._slots.acquire(blocking=False):
            if not self._send_one_away() or not self._slots.acquire(timeout=ROOM_S):
                return False
        with self._lock:
            self._open[connection] = Visitor(household)
        return True

    def admit(self, connection: socket.socket) -> None:
        """One of its requests was."""
        self._change(connection, admitted=True)

    def ask(self, connection: socket.socket, asking: bool) -> None:
        """A request of it has come, or was answered."""
        self._change(connection, asking=asking)

    def is_admitted(self, connection: socket.socket) -> bool:
        with self._lock:
            return connection in self._open and self._open[connection].admitted

    def leave(self, connection: socket.socket) -> None:
        """Give the place back."""
        with self._lock:
            del self._open[connection]
        self._slots.release()

    def all(self) -> List[socket.socket]:
        with self._lock:
            return list(self._open)

    def _change(self, connection: socket.socket, **what: Any) -> None:
        with self._lock:
            if connection in self._open:
                self._open[connection] = self._open[connection]._replace(**what)

    def _send_one_away(self) -> bool:
        with self._lock:
            if any(not one.asking and has_ended(at) for at, one in self._open.items()):
                return True  # whose thread is about to notice
            connection = self._least_welcome()
            if connection is not None:
                with suppress(OSError):  # it has just ended
                    connection.shutdown(socket.SHUT_RDWR)
        return connection is not None

    def _least_welcome(self) -> Optional[socket.socket]:
        """The oldest that was not admitted, of whoever has the most of them; else the oldest that
        asks nothing, likewise."""
        strangers = [one for one, visitor in self._open.items() if not visitor.admitted]
        silent = [one for one, visitor in self._open.items() if not visitor.asking]
        for connections in (strangers, silent):
            if connections:
                whose = [self._open[one].household for one in connections]
                (household, _), *_ = Counter(whose).most_common(1)
                return connections[whose.index(household)]
        return None


def has_ended(connection: socket.socket) -> bool:
    """Whether the other side, or this one, has hung up."""
    poll = select.poll()
    poll.register(connection, HUNG_UP)
    return bool(poll.poll(0))
