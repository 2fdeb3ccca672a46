"""The server: requests in, answers out, and limits on everything a stranger can send. Standard
library only.

Knows HTTP; who may come in is access_control.py's, what there is to see view.py's. Six paths are
served, each by its exact name: no request ever becomes a file name. No request has a body.
"""

import io
import json
import logging
import pkgutil
import re
import secrets
import socket
import socketserver
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import Any, Callable, Dict, List, Optional, Sequence, Set, Tuple
from urllib.parse import parse_qsl

from catseye.runtime.errors import CatseyeError, SinkError
from catseye.runtime.sinks.http.access_control import AccessControl
from catseye.runtime.sinks.http.address import Address
from catseye.runtime.sinks.http.metrics import TYPE as METRICS_TYPE
from catseye.runtime.sinks.http.metrics import metrics_text
from catseye.runtime.sinks.http.recorder import Recorder
from catseye.runtime.sinks.http.view import View
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.system.masking import masked

LARGEST_HEAD = 8192  # bytes of request line and headers
HEAD_S = 5.0  # from the first byte of a request to its last
IDLE_S = 20.0  # between two requests of one connection
SEND_S = 10.0  # for one answer: a viewer who reads more slowly is cut off
WAIT_S = 5.0  # for a new picture
WAKE_S = 0.1  # how soon the listener notices that it should end
CONNECTIONS = 64
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
HEADERS = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
NOTHING_ALLOWED = "default-src 'none'; frame-ancestors 'none'"
PAGE_ALLOWED = (
    "default-src 'none'; script-src 'nonce-%s'; style-src 'nonce-%s'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
Query = Sequence[Tuple[str, str]]

log = logging.getLogger("catseye")


class Server:
    """Listens from construction to close(), in threads of its own."""

    def __init__(
        self, address: Address, access: AccessControl, view: View, recorder: Recorder
    ) -> None:
        """Raises SinkError where nobody can listen at `address`."""
        self.access, self.view, self.recorder = access, view, recorder
        self.page = (pkgutil.get_data("catseye.runtime.sinks.http", "page.html") or b"").decode(
            "utf-8"
        )
        self._listener = _listening(address, self)
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
    """One thread per connection, up to a limit."""

    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, where: Tuple[str, int], family: int, server: Server) -> None:
        self.address_family, self.served = family, server
        self._slots = threading.BoundedSemaphore(CONNECTIONS)
        self._open: Set[socket.socket] = set()
        super().__init__(where, Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._slots.acquire(blocking=False):
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
        for request in list(self._open):
            with suppress(OSError):  # one that has just ended
                request.shutdown(socket.SHUT_RD)

    def _serve(self, request: socket.socket, client_address: object) -> None:
        self._open.add(request)
        try:
            self.finish_request(request, client_address)
        except OSError:  # a viewer who has gone, or was too slow
            pass
        except Exception as error:
            log.warning("http: a request failed (%s: %s)", type(error).__name__, error)
        finally:
            self._open.discard(request)
            self.shutdown_request(request)
            self._slots.release()


class Handler(BaseHTTPRequestHandler):
    """One connection: request after request, each read whole before anything is believed."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def setup(self) -> None:
        super().setup()
        self._unread = b""
        self.requestline = ""  # of a request that is refused before it is parsed

    def handle_one_request(self) -> None:
        head = self._head()
        if head is None:
            self.close_connection = True
            return
        self.connection.settimeout(SEND_S)
        self.raw_requestline, _, rest = head.partition(b"\r\n")
        self.rfile = io.BytesIO(rest)
        if self.parse_request() and self._is_plain():
            self._route()

    def _head(self) -> Optional[bytes]:
        """Request line and headers up to the empty line; None where the connection is over, or must
        be."""
        until_s = time.monotonic() + IDLE_S
        while b"\r\n\r\n" not in self._unread:
            if len(self._unread) > LARGEST_HEAD:
                self._refuse(431, "a request of more than %d bytes" % LARGEST_HEAD)
                return None
            self.connection.settimeout(max(0.01, until_s - time.monotonic()))
            data = self.connection.recv(4096)
            if not data or time.monotonic() > until_s:
                return None
            if not self._unread:
                until_s = time.monotonic() + HEAD_S
            self._unread += data
        head, _, self._unread = self._unread.partition(b"\r\n\r\n")
        if len(head) > LARGEST_HEAD:
            self._refuse(431, "a request of more than %d bytes" % LARGEST_HEAD)
            return None
        return head + b"\r\n\r\n"

    def _is_plain(self) -> bool:
        """Whether the request is one that a browser would send here: HTTP/1, one Host, no body."""
        if self.request_version not in ("HTTP/1.0", "HTTP/1.1"):
            self._refuse(505, "HTTP/1.1 is spoken here")
        elif (
            self.headers.get("Transfer-Encoding")
            or self.headers.get("Content-Length", "0").strip() != "0"
        ):
            self._refuse(413, "no request has a body here")
        elif len(self.headers.get_all("Host", [])) != 1 or not self.server.served.access.knows_host(
            self.headers["Host"]
        ):
            self._refuse(403, "the Host header does not name this machine")
        else:
            return True
        return False

    def _route(self) -> None:
        path, _, text = self.path.partition("?")
        query = parse_qsl(text, keep_blank_values=True)
        if not self.server.served.access.admits(query, self.headers):
            return self._refuse(
                401,
                "open the page by its address with ?token=...",
                [("WWW-Authenticate", "Bearer")],
            )
        if path not in ROUTES:
            return self._refuse(404, "no such page")
        method, answer = ROUTES[path]
        if self.command != method:
            return self._refuse(405, "use " + method, [("Allow", method)])
        if method == "POST" and not self.server.served.access.is_same_origin(self.headers):
            return self._refuse(403, "only the page itself may do this")
        return answer(self, query)

    def _page(self, query: Query) -> None:
        nonce = secrets.token_urlsafe(16)
        # the token's answer is the page itself and not a redirect, after which a strict cookie
        # would not be sent
        cookie = (
            [("Set-Cookie", self.server.served.access.cookie())]
            if self.server.served.access.has_token(query)
            else []
        )
        self._answer(
            200,
            "text/html; charset=utf-8",
            self.server.served.page.replace("{{nonce}}", nonce).encode(),
            cookie,
            PAGE_ALLOWED % (nonce, nonce),
        )

    def _frame(self, query: Query) -> None:
        asked = dict(query)
        number = int(asked["after"]) if re.match(r"[0-9]{1,15}$", asked.get("after", "")) else -1
        viewer = asked.get("viewer", "")[:16] or str(id(self))
        found = self.server.served.view.picture_after(number, WAIT_S, viewer)
        if found is None:
            return self._answer(204, "", b"")
        return self._answer(
            200,
            "image/jpeg",
            found.jpeg,
            [("X-Number", str(found.number)), ("X-Size", "%dx%d" % found.size_wh)],
        )

    def _stats(self, query: Query) -> None:
        self._json(
            200,
            dict(
                self.server.served.view.numbers().as_json(),
                recording=self.server.served.recorder.status().as_json(),
            ),
        )

    def _metrics(self, query: Query) -> None:
        text = metrics_text(self.server.served.view.numbers(), self.server.served.recorder.status())
        self._answer(200, METRICS_TYPE, text.encode())

    def _record(self, query: Query) -> None:
        self._change(self.server.served.recorder.start)

    def _stop(self, query: Query) -> None:
        self._change(self.server.served.recorder.stop)

    def _change(self, change: Callable[[], None]) -> None:
        try:
            change()
        except (CatseyeError, OSError) as error:
            return self._json(409, {"error": str(error)})
        return self._json(200, self.server.served.recorder.status().as_json())

    def _json(self, status: int, document: JsonObject) -> None:
        self._answer(status, "application/json", json.dumps(document).encode())

    def _refuse(self, status: int, words: str, headers: Sequence[Tuple[str, str]] = ()) -> None:
        """One line, and the connection ends: what else it sends is not read."""
        self.close_connection = True
        self.request_version = self.protocol_version  # for others no headers are sent
        self._answer(status, "text/plain; charset=utf-8", (words + "\n").encode(), headers)

    def _answer(
        self,
        status: int,
        kind: str,
        body: bytes,
        headers: Sequence[Tuple[str, str]] = (),
        allowed: str = NOTHING_ALLOWED,
    ) -> None:
        self.send_response(status)
        for name, value in (*HEADERS, ("Content-Security-Policy", allowed), *headers):
            self.send_header(name, value)
        if kind:
            self.send_header("Content-Type", kind)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def send_error(
        self, code: int, message: Optional[str] = None, explain: Optional[str] = None
    ) -> None:
        """What http.server finds wrong with a request, in our words and with our headers."""
        self._refuse(code, "a request that is not understood")

    def handle_expect_100(self) -> bool:
        self._refuse(417, "no request has a body here")
        return False

    def version_string(self) -> str:
        return "catseye"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: stderr is for what a user must know."""


# path -> (method, what answers)
ROUTES: Dict[str, Tuple[str, Callable[[Handler, Query], None]]] = {
    "/": ("GET", Handler._page),
    "/frame": ("GET", Handler._frame),
    "/stats": ("GET", Handler._stats),
    "/metrics": ("GET", Handler._metrics),
    "/record": ("POST", Handler._record),
    "/stop": ("POST", Handler._stop),
}


def _listening(address: Address, server: Server) -> Listener:
    try:
        found: List[Any] = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        return Listener(found[0][4][:2], found[0][0], server)
    except (OSError, UnicodeError) as error:
        words = getattr(error, "strerror", "") or str(error)
        raise SinkError(
            "cannot listen on %s:%d: %s" % (address.host, address.port, words),
            "a free port of this machine",
            "choose another, or end who uses it",
        ) from error
