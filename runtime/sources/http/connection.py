"""One GET to a web server, with bounds on all that it may take: time, redirects, headers.

Knows HTTP (http.client) and why an answer may not come; not what is in it. Goes to the server
itself: no proxy of the environment stands between a camera and its board.
"""

import http.client
import select
import socket
import ssl
import time
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import Iterator, List, NamedTuple, Optional, Tuple
from urllib.parse import urljoin

from catseye.runtime.clock.waits import Event, Timer
from catseye.runtime.errors import SourceError
from catseye.runtime.sources.faults import LOST, STALLED, CameraFault
from catseye.runtime.sources.http.address import Address, address_from_uri
from catseye.runtime.sources.http.authorization import Challenge, authorization, best_challenge
from catseye.runtime.system.masking import masked

MOST_REDIRECTS = 5
READ_BYTES, PEEKED_BYTES = 1 << 16, 64
HEADERS = {"User-Agent": "catseye", "Accept": "*/*", "Accept-Encoding": "identity"}
REDIRECTS = (301, 302, 303, 307, 308)
PLAIN_AND_SAFE = (("http", 80), ("https", 443))


class Wire(NamedTuple):
    """A connection and its socket, which http.client may let go of while the answer comes."""

    connection: http.client.HTTPConnection
    socket: socket.socket


class Answer:
    """What a server answers, 200 by then: headers at once, the body piece by piece.

    content_type: lower case, without its parameters.  boundary: that parameter of a multipart body,
    "" where there is none.  length: of the body in bytes, None where the server does not say.
    stamp: its X-Timestamp, likewise.
    """

    def __init__(self, response: http.client.HTTPResponse, wire: Wire, address: Address) -> None:
        self.address, self.wire = address, wire
        self._response = response
        self._first = b""
        self.content_type = (response.getheader("Content-Type") or "").partition(";")[0]
        self.content_type = self.content_type.strip().lower()
        self.boundary = str(response.headers.get_param("boundary", ""))
        self.length = response.length
        self.stamp = (response.getheader("X-Timestamp") or "").strip()

    def read(self, until_s: float) -> bytes:
        """The next bytes, b"" at the end. Raises CameraFault where none come until then (monotonic
        clock), or the connection breaks."""
        if self._first:
            first, self._first = self._first, b""
            return first
        if self._response.isclosed():
            return b""
        left_s = max(0.001, until_s - time.monotonic())
        try:
            # a time-out of the socket would end the connection, which may only be slow
            if not self.is_there() and not select.select([self.wire.socket], [], [], left_s)[0]:
                raise CameraFault(STALLED, "nothing more came from %s" % self.address.place)
            self.wire.socket.settimeout(left_s)
            return self._response.read1(READ_BYTES)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise CameraFault(LOST, "%s broke off (%s)" % (self.address.place, error)) from error

    def peek(self, until_s: float) -> bytes:
        """The bytes that the body begins with, without taking them."""
        if not self._first:
            self.wire.socket.settimeout(max(0.001, until_s - time.monotonic()))
            with suppress(OSError, http.client.HTTPException):
                self._first = self._response.read(PEEKED_BYTES)
        return self._first

    def is_there(self) -> bool:
        """Whether `read` has something to give without waiting."""
        stream = self._response.fp
        if self._first or stream is None:
            return bool(self._first)
        self.wire.socket.settimeout(0)
        try:
            return bool(stream.peek(1))
        except (OSError, ssl.SSLWantReadError):  # `read` will tell
            return False

    def rest(self, most: int, until_s: float) -> bytes:
        """All that is left of the body. Raises CameraFault for more than `most` bytes, and where it
        is not there until then."""
        data, self._first = bytearray(self._first), b""
        try:
            with _ended_at(until_s, self.wire.socket):
                while len(data) <= most:
                    piece = self._response.read(READ_BYTES)
                    if not piece:
                        return bytes(data)
                    data += piece
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise CameraFault(LOST, "%s broke off (%s)" % (self.address.place, error)) from error
        raise CameraFault(LOST, "%s sent more than %d bytes" % (self.address.place, most))

    @property
    def is_kept(self) -> bool:
        """Whether the connection can be asked again: the body is read, the server does not
        close."""
        return self._response.isclosed() and not self._response.will_close

    def interrupt(self) -> None:
        """End a read that waits, from another thread."""
        with suppress(OSError):
            self.wire.socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End the connection; a second call does nothing."""
        with suppress(OSError):
            self._response.close()
        with suppress(OSError):
            self.wire.connection.close()
        with suppress(OSError):
            self.wire.socket.close()


class Client:
    """Asks for one address, again and again if need be, and remembers what the server wanted to
    see."""

    def __init__(self, uri: str, seconds: float, insecure: bool = False) -> None:
        """seconds: until the headers of an answer must be there.  insecure: take any certificate.
        Raises SourceError for an address that is none."""
        self.address = address_from_uri(uri)
        self._seconds, self._insecure = seconds, insecure
        self._challenge: Optional[Challenge] = None
        self._answered = 0  # how often, of this challenge
        self._kept: Optional[Answer] = None

    def get(self) -> Answer:
        """The answer to a GET, redirects followed. Raises SourceError where none comes, or one that
        is no success; it says why."""
        until_s = time.monotonic() + self._seconds
        address = self.address
        for _ in range(MOST_REDIRECTS + 1):
            response, wire = self._asked_as_wanted(address, until_s)
            if response.status == 200:
                return Answer(response, wire, address)
            location = response.getheader("Location")
            _end(response, wire)
            if response.status not in REDIRECTS or not location:
                raise self._refused(response.status, address)
            address = self._led_on(address, location)
        raise SourceError(
            "%s leads on more than %d times" % (self.address.place, MOST_REDIRECTS),
            "a stream at the end",
            "look in a browser where it goes",
        )

    def keep(self, answer: Answer) -> None:
        """Ask the next time on the connection of this answer, if it can be."""
        if answer.is_kept:
            self._kept = answer
        else:
            answer.close()

    def close(self) -> None:
        """End the connection that is kept."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _asked_as_wanted(
        self, address: Address, until_s: float
    ) -> Tuple[http.client.HTTPResponse, Wire]:
        """Asked once, and once more where the server wants to know who asks."""
        response, wire = self._asked(address, until_s)
        if response.status == 401 and self._may_answer(address):
            wanted = best_challenge(response.headers.get_all("WWW-Authenticate", []))
            if wanted is not None:
                _end(response, wire)
                self._challenge, self._answered = wanted, 0
                return self._asked(address, until_s)
        return response, wire

    def _may_answer(self, address: Address) -> bool:
        """A user and a password are there, and for this server."""
        return self.address.user is not None and _is_same_server(self.address, address)

    def _asked(self, address: Address, until_s: float) -> Tuple[http.client.HTTPResponse, Wire]:
        kept, self._kept = self._kept, None
        if kept is not None and kept.address.server == address.server:
            try:
                return self._exchanged(kept.wire, address, until_s)
            except (OSError, http.client.HTTPException):  # the server has ended it meanwhile
                kept.close()
        try:
            return self._exchanged(self._connected(address, until_s), address, until_s)
        except (OSError, http.client.HTTPException, ssl.CertificateError) as error:
            raise _unanswered(address, error, self._seconds) from error

    def _connected(self, address: Address, until_s: float) -> Wire:
        seconds = max(0.001, until_s - time.monotonic())
        if address.scheme == "http":
            connection = http.client.HTTPConnection(address.host, address.port, timeout=seconds)
        else:
            context = ssl.create_default_context()
            if self._insecure:
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection = http.client.HTTPSConnection(
                address.host, address.port, timeout=seconds, context=context
            )
        connection.connect()
        return Wire(connection, connection.sock)

    def _exchanged(
        self, wire: Wire, address: Address, until_s: float
    ) -> Tuple[http.client.HTTPResponse, Wire]:
        headers = dict(HEADERS)
        if self._challenge is not None and self._may_answer(address):
            self._answered += 1
            headers["Authorization"] = authorization(
                self._challenge,
                self.address.user or "",
                self.address.password,
                address.target,
                self._answered,
            )
        wire.socket.settimeout(max(0.001, until_s - time.monotonic()))
        try:
            with _ended_at(until_s, wire.socket):
                wire.connection.request("GET", address.target, headers=headers)
                return wire.connection.getresponse(), wire
        except BaseException:
            wire.connection.close()
            raise

    def _led_on(self, address: Address, location: str) -> Address:
        base = "%s://%s%s" % (address.scheme, address.place, address.target)
        led = urljoin(base, location)
        if not led.lower().startswith(("http://", "https://")):
            raise SourceError(
                # masked before it is cut: a password without its @ looks like none
                "%s leads on to %.80r" % (address.place, masked(led)),
                "http:// or https://",
                "open that",
            )
        return address_from_uri(led)

    def _refused(self, status: int, address: Address) -> SourceError:
        if status == 401 and self._may_answer(address):
            return SourceError(
                "%s refuses this user or password (401 Unauthorized)" % address.place,
                "those of the camera",
                "try them in a browser",
            )
        if status == 401:
            return SourceError(
                "%s requires a login (401 Unauthorized)" % address.place,
                "a user and a password",
                "write USER:PASSWORD@ before its name",
            )
        return SourceError(
            "%s answers %s" % (address.place, _status_words(status)),
            "a stream there",
            "check the path: the camera's manual or its page names it"
            if status == 404
            else "try the address in a browser",
        )


def _is_same_server(one: Address, other: Address) -> bool:
    """Whether a password for one may be shown to the other: the same server, or its encrypted
    twin."""
    if one.server == other.server:
        return True
    twins: List[Tuple[str, int]] = [(one.scheme, one.port), (other.scheme, other.port)]
    return one.host == other.host and tuple(twins) == PLAIN_AND_SAFE


def _status_words(status: int) -> str:
    try:
        return "%d %s" % (status, HTTPStatus(status).phrase)
    except ValueError:
        return str(status)


def _unanswered(address: Address, error: BaseException, seconds: float) -> SourceError:
    """Why nothing came, in words."""
    expected, fix = "a camera's web server", "check its address, power and network"
    if isinstance(error, ssl.CertificateError) or "CERTIFICATE_VERIFY_FAILED" in str(error):
        found = "the certificate of %s is not trusted" % address.place
        expected = "one of a known authority for that name"
        fix = "add #insecure=1 to take any, as most cameras' own"
    elif isinstance(error, ssl.SSLError):
        found = "%s does not support TLS (%s)" % (address.place, error.reason or "no handshake")
        fix = "try http://"
    elif isinstance(error, socket.gaierror):
        found = "no address of %s" % address.host
        expected, fix = "a name that the network knows", "check the name, or use its number"
    elif isinstance(error, (socket.timeout, _TooSlow)):
        found = "no answer from %s within %g s" % (address.place, seconds)
    elif isinstance(error, ConnectionRefusedError):
        found = "%s refuses connections" % address.place
    elif isinstance(error, http.client.HTTPException) or isinstance(error, ConnectionError):
        found = "%s does not support HTTP" % address.place
    else:
        found = "%s cannot be reached (%s)" % (address.place, getattr(error, "strerror", error))
    return SourceError(found, expected, fix)


class _TooSlow(OSError):
    """A server that drips its headers, a byte at a time."""


@contextmanager
def _ended_at(until_s: float, sock: socket.socket) -> Iterator[None]:
    """Break the connection off where the block has not ended by then: each byte starts the socket's
    own time-out anew."""
    is_late = Event()

    def end() -> None:
        is_late.set()
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    timer = Timer(max(0.0, until_s - time.monotonic()), end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        if is_late.is_set():
            raise _TooSlow() from error
        raise
    finally:
        timer.cancel()


def _end(response: http.client.HTTPResponse, wire: Wire) -> None:
    response.close()
    wire.connection.close()
