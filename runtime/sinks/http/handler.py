"""One connection of the page's server: requests in, answers out, and limits on everything that a
stranger can send. Standard library only.

Knows HTTP; who may come in is access_control.py's, what there is to see view.py's. Eight paths are
served, each by its exact name: no request ever becomes a file name. No request has a body.
"""

import io
import json
import math
import re
import secrets
import socketserver
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    Iterator,
    Mapping,
    NamedTuple,
    Optional,
    Sequence,
    Set,
    Tuple,
)
from urllib.parse import parse_qsl

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sinks.http.access_control import AccessControl
from catseye.runtime.sinks.http.guesses import TooManyGuesses
from catseye.runtime.sinks.http.metrics import TYPE as METRICS_TYPE
from catseye.runtime.sinks.http.metrics import metrics_text
from catseye.runtime.sinks.http.recorder import Recorder
from catseye.runtime.sinks.http.stream import KIND, Streams, hold_little_back, parts
from catseye.runtime.sinks.http.view import LAYERS, MASK, View
from catseye.runtime.sinks.http.visitors import Visitors, has_ended
from catseye.runtime.system.json_document import JsonObject

if TYPE_CHECKING:
    from catseye.runtime.sinks.http.film import Film

LARGEST_HEAD = 8192  # bytes of request line and headers
HEAD_S = 5.0  # from the first byte of a request to its last, and until the first request begins
IDLE_S = 20.0  # between two requests of a connection that was admitted
SEND_S = 10.0  # for one answer: a viewer who reads more slowly is cut off
WAIT_S = 5.0  # for a new picture
# a header as it must be: readers that pass over the others do not agree where a request ends
HEADER_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n\0]*\Z")
SINGLE_HEADERS = ("Host", "Content-Length", "Transfer-Encoding", "Origin", "Authorization")
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
    "media-src blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
# for the page that a browser makes of a film alone, which asks for it again
FILM_ALLOWED = (
    "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
)
Query = Sequence[Tuple[str, str]]


class Served(NamedTuple):
    """What all connections of one server share. views: by the names of the cameras.  page: HTML
    with {{nonce}} in it."""

    access: AccessControl
    views: Mapping[str, View]
    recorder: Recorder
    visitors: Visitors
    streams: Streams
    page: str


class Handler(BaseHTTPRequestHandler):
    """One connection: request after request, each read whole before anything is believed."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(
        self, served: Served, request: Any, client_address: Any, server: socketserver.BaseServer
    ) -> None:
        """Serves the connection to its end."""
        self._served = served
        super().__init__(request, client_address, server)

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
        if not is_well_formed(head):
            return self.send_error(400)
        self.raw_requestline, _, rest = head.partition(b"\r\n")
        self.rfile = io.BytesIO(rest)
        self._served.visitors.ask(self.connection, True)
        if self.parse_request() and self._is_plain():
            self._route()
        self._served.visitors.ask(self.connection, False)

    def _head(self) -> Optional[bytes]:
        """Request line and headers up to the empty line; None where the connection is over, or must
        be."""
        admitted = self._served.visitors.is_admitted(self.connection)
        until_s = time.monotonic() + (IDLE_S if admitted else HEAD_S)
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
        elif any(len(self.headers.get_all(name, [])) > 1 for name in SINGLE_HEADERS):
            self._refuse(400, "a header twice that may be there once")
        elif (
            "Transfer-Encoding" in self.headers
            or self.headers.get("Content-Length", "0").strip() != "0"
        ):
            self._refuse(413, "no request has a body here")
        elif not self._served.access.knows_host(self.headers.get("Host", "")):
            self._refuse(403, "the Host header does not name this machine")
        else:
            return True
        return False

    def _route(self) -> None:
        path, _, text = self.path.partition("?")
        query = parse_qsl(text, keep_blank_values=True)
        try:
            admitted = self._served.access.admits(query, self.headers, self.client_address[0])
        except TooManyGuesses as guesses:
            seconds = math.ceil(guesses.seconds)
            words = "too many wrong tokens; try again in %d s" % seconds
            return self._refuse(429, words, [("Retry-After", str(seconds))])
        if not admitted:
            return self._refuse(
                401,
                "open the page by its address with ?token=...",
                [("WWW-Authenticate", "Bearer")],
            )
        self._served.visitors.admit(self.connection)
        if path not in ROUTES:
            return self._refuse(404, "no such page")
        method, answer = ROUTES[path]
        if self.command != method:
            return self._refuse(405, "use " + method, [("Allow", method)])
        if method == "POST" and not self._served.access.is_same_origin(self.headers):
            return self._refuse(403, "only the page itself may do this")
        return answer(self, query)

    def _page(self, query: Query) -> None:
        nonce = secrets.token_urlsafe(16)
        # the token's answer is the page itself and not a redirect, after which a strict cookie
        # would not be sent
        cookie = (
            [("Set-Cookie", self._served.access.new_cookie(self.headers))]
            if self._served.access.has_token(query)
            else []
        )
        self._answer(
            200,
            "text/html; charset=utf-8",
            self._served.page.replace("{{nonce}}", nonce).encode(),
            cookie,
            PAGE_ALLOWED % (nonce, nonce),
        )

    def _frame(self, query: Query) -> None:
        asked = dict(query)
        number = int(asked["after"]) if re.match(r"[0-9]{1,15}$", asked.get("after", "")) else -1
        layer = asked["layer"] if asked.get("layer") in LAYERS else MASK
        view = self._view_of(asked)
        if view is None:
            return self._refuse(404, "no such camera")
        found = view.picture_after(number, WAIT_S, self._viewer(asked), layer, _width(asked))
        if found is None:
            return self._answer(204, "", b"")
        return self._answer(
            200,
            "image/jpeg",
            found.coded,
            [
                ("X-Number", str(found.number)),
                ("X-Size", "%dx%d" % found.size_wh),
                ("X-Layer", "%dx%d+0+%d" % found.layer),
            ],
        )

    def _stream(self, query: Query) -> None:
        """Until the viewer has gone, is too slow, or the run ends."""
        with self._one_stream(query) as view:
            if view is None:
                return
            self._begin_answer(200, KIND)
            for part in parts(view, str(id(self))):
                if not part and has_ended(self.connection):
                    return
                self.wfile.write(part)

    def _film(self, query: Query) -> None:
        """Likewise."""
        # which most runs never load
        from catseye.runtime.sinks.http.encoders import missing_encoder
        from catseye.runtime.sinks.http.film import Film

        missing = missing_encoder()
        if missing:
            self._refuse(501, missing)
            return
        with self._one_stream(query) as view:
            if view is None:
                return
            asked = dict(query)
            film = Film(view, self._viewer(asked), _width(asked))
            try:
                self._play(film)
            except CatseyeError as error:
                if film.kind:  # it has begun, and a second answer would be taken for its pictures
                    raise
                self._refuse(501, str(error))

    @contextmanager
    def _one_stream(self, query: Query) -> Iterator[Optional[View]]:
        """The camera that is asked for, while its stream counts among all; None where the request
        was refused."""
        view = self._view_of(dict(query))
        if view is None:
            self._refuse(404, "no such camera")
            yield None
            return
        with self._served.streams.one() as has_room:
            if has_room:
                self.close_connection = True
                hold_little_back(self.connection)
            else:
                self._refuse(503, "too many streams", [("Retry-After", "10")])
            yield view if has_room else None

    def _play(self, film: "Film") -> None:
        has_begun = False
        for piece in film.pieces():
            if not piece and has_ended(self.connection):
                return
            if piece and not has_begun:
                self._begin_answer(200, film.kind, (), FILM_ALLOWED)
                has_begun = True
            self.wfile.write(piece)

    def _viewer(self, asked: Mapping[str, str]) -> str:
        """As whom the request is counted."""
        return asked.get("viewer", "")[:16] or str(id(self))

    def _stats(self, query: Query) -> None:
        view = self._view_of(dict(query))
        if view is None:
            return self._refuse(404, "no such camera")
        views, lookers = self._served.views.values(), self._lookers()
        self._json(
            200,
            dict(
                view.numbers().as_json(),
                viewers=len(lookers),
                recording=self._served.recorder.status().as_json(),
                cameras=[each.numbers().in_short() for each in views] if len(views) > 1 else [],
            ),
        )

    def _view_of(self, asked: Mapping[str, str]) -> Optional[View]:
        """Of the camera that is asked for, the first where none is; None where there is no such."""
        views = self._served.views
        return views.get(asked["camera"]) if "camera" in asked else next(iter(views.values()))

    def _lookers(self) -> Set[str]:
        return {each for view in self._served.views.values() for each in view.lookers()}

    def _metrics(self, query: Query) -> None:
        numbers = [view.numbers() for view in self._served.views.values()]
        text = metrics_text(numbers, len(self._lookers()), self._served.recorder.status())
        self._answer(200, METRICS_TYPE, text.encode())

    def _record(self, query: Query) -> None:
        self._change(self._served.recorder.start)

    def _stop(self, query: Query) -> None:
        self._change(self._served.recorder.stop)

    def _change(self, change: Callable[[], None]) -> None:
        try:
            change()
        except (CatseyeError, OSError) as error:
            return self._json(409, {"error": str(error)})
        return self._json(200, self._served.recorder.status().as_json())

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
        if status != 204:
            headers = [*headers, ("Content-Length", str(len(body)))]
        self._begin_answer(status, kind, headers, allowed)
        self.wfile.write(body)

    def _begin_answer(
        self,
        status: int,
        kind: str,
        headers: Sequence[Tuple[str, str]] = (),
        allowed: str = NOTHING_ALLOWED,
    ) -> None:
        """All before the body."""
        self.send_response(status)
        for name, value in (*HEADERS, ("Content-Security-Policy", allowed), *headers):
            self.send_header(name, value)
        if kind:
            self.send_header("Content-Type", kind)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

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


def _width(asked: Mapping[str, str]) -> Optional[int]:
    """How many pixels wide it is shown, None where that is not said."""
    return int(asked["width"]) if re.match(r"[0-9]{1,5}$", asked.get("width", "")) else None


def is_well_formed(head: bytes) -> bool:
    """Whether a request line and headers have their form: one header a line, each a name and a
    value."""
    line, *headers = head[: -len(b"\r\n\r\n")].split(b"\r\n")
    return not re.search(rb"[\r\n\0]", line) and all(map(HEADER_LINE.match, headers))


# path -> (method, what answers)
ROUTES: Dict[str, Tuple[str, Callable[[Handler, Query], None]]] = {
    "/": ("GET", Handler._page),
    "/frame": ("GET", Handler._frame),
    "/stats": ("GET", Handler._stats),
    "/stream.mjpg": ("GET", Handler._stream),
    "/stream.mp4": ("GET", Handler._film),
    "/metrics": ("GET", Handler._metrics),
    "/record": ("POST", Handler._record),
    "/stop": ("POST", Handler._stop),
}
