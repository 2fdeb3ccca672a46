"""What a service manager wants to hear: that the program is ready, still alive, or ending
(systemd's sd_notify).

One datagram each to the socket that NOTIFY_SOCKET names; without it nothing is said. Knows nothing
of frames: alive is whatever calls `beat`, and when the loop hangs nobody does, so that the manager
starts the program again.
"""

import os
import time
from typing import Optional

SHARE_OF_WATCHDOG = 0.5  # of the manager's patience, after which it hears from us


class ServiceManager:
    """Speaks to the service manager that started this program, if one did."""

    def __init__(self) -> None:
        self._address = os.environ.get("NOTIFY_SOCKET", "")
        self._every_s = _watchdog_s()
        self._next_s = 0.0

    def ready(self) -> None:
        """All is open, frames are about to come."""
        self._send("READY=1")

    def beat(self) -> None:
        """The loop goes round; cheap, since most calls say nothing."""
        if self._every_s is not None and time.monotonic() >= self._next_s:
            self._next_s = time.monotonic() + self._every_s
            self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """The loop is over, files are being finished."""
        self._send("STOPPING=1")

    def _send(self, text: str) -> None:
        if not self._address:
            return
        import socket  # who was not started by a manager need not load it

        # an abstract socket
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
                channel.setblocking(False)
                channel.sendto(text.encode(), address)
        except OSError:
            pass  # a manager that does not listen is no reason to stop


def _watchdog_s() -> Optional[float]:
    """Seconds between two signs of life; None where nobody waits for them, or for another
    process's."""
    microseconds, pid = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
    if not microseconds.isdigit() or (pid and pid != str(os.getpid())):
        return None
    return int(microseconds) * 1e-6 * SHARE_OF_WATCHDOG
