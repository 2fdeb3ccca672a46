"""The server: listens, and gives every connection a thread of its own, up to a limit.

Knows sockets and threads; what is said on a connection is handler.py's, who makes room when it is
full visitors.py's.
"""

import logging
import pkgutil
import socket
import socketserver
import threading
from contextlib import suppress
from functools import partial
from typing import Any, List, Mapping, Tuple

from catseye.runtime.errors import SinkError
from catseye.runtime.sinks.http.access_control import AccessControl
from catseye.runtime.sinks.http.address import Address
from catseye.runtime.sinks.http.guesses import household
from catseye.runtime.sinks.http.handler import Handler, Served
from catseye.runtime.sinks.http.recorder import Recorder
from catseye.runtime.sinks.http.stream import Streams
from catseye.runtime.sinks.http.view import View
from catseye.runtime.sinks.http.visitors import Visitors
from catseye.runtime.system.masking import masked

WAKE_S = 0.1  # how soon the listener notices that it should end
CONNECTIONS = 64
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

log = logging.getLogger("catseye")


class Server:
    """Listens from construction to close(), in threads of its own."""

    def __init__(
        self,
        address: Address,
        access: AccessControl,
        views: Mapping[str, View],
        recorder: Recorder,
    ) -> None:
        """views: by the names of the cameras.

        Raises SinkError where nobody can listen at `address`."""
        page = pkgutil.get_data("catseye.runtime.sinks.http", "page.html") or b""
        self.visitors = Visitors(CONNECTIONS)
        served = Served(access, views, recorder, self.visitors, Streams(), page.decode("utf-8"))
        self._listener = _listening(address, served)
        port = self._listener.server_address[1]
        host = "[%s]" % address.host if ":" in address.host else address.host
        self.url = "http://%s:%d/" % (host, port) + (
            "?token=" + address.token if address.token else ""
        )
        log.info("the page is at %s", masked(self.url))
        self._thread = threading.Thread(
            target=self._listener.serve_forever, args=(WAKE_S,), name="http", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown()
        self._listener.server_close()
        self._listener.hang_up()
        self._thread.join()


class Listener(socketserver.TCPServer):
    """One thread per connection."""

    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, where: Tuple[str, int], family: int, served: Served) -> None:
        self.address_family, self._visitors = family, served.visitors
        super().__init__(where, partial(Handler, served))

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._visitors.enter(request, household(client_address[0])):
            request.settimeout(0.1)
            with suppress(OSError):
                request.sendall(BUSY)
            self.shutdown_request(request)
            return
        threading.Thread(
            target=self._serve, args=(request, client_address), name="http viewer", daemon=True
        ).start()

    def hang_up(self) -> None:
        """Read nothing more from anybody; answers under way are finished."""
        for request in self._visitors.all():
            with suppress(OSError):  # one that has just ended
                request.shutdown(socket.SHUT_RD)

    def _serve(self, request: socket.socket, client_address: object) -> None:
        try:
            self.finish_request(request, client_address)
        except OSError:  # a viewer who has gone, or was too slow
            pass
        except Exception as error:
            log.warning("http: a request failed (%s: %s)", type(error).__name__, error)
        finally:
            self._visitors.leave(request)
            self.shutdown_request(request)


def _listening(address: Address, served: Served) -> Listener:
    try:
        found: List[Any] = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        return Listener(found[0][4][:2], found[0][0], served)
    except (OSError, UnicodeError) as error:
        words = getattr(error, "strerror", "") or str(error)
        raise SinkError(
            "cannot listen on %s:%d: %s" % (address.host, address.port, words),
            "a free port of this machine",
            "choose another, or end who uses it",
        ) from error
