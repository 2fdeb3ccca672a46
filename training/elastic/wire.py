"""How the bytes of messages get from workers to the center and back: one TCP connection a worker,
open as long as it lives.

Nothing is kept of whoever does not prove in seconds that it knows the token, and of a worker only
the one message that it waits to have answered. So a killed worker is a connection less, one
that hangs holds up nobody else, and a stranger costs some hundred bytes and goes. Each message is
signed (HMAC-SHA256) with its direction and number under a key that both ends draw for the
connection. Not encrypted. Knows bytes and names, nothing of vectors.
"""

import functools
import hashlib
import hmac
import os
import queue
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

GREETING = b"catseye elastic 2\n"
NONCE = 32  # bytes
SIGNED = hashlib.sha256().digest_size
WELCOME_S = 10.0  # for a handshake, from its first byte to its last
MOST_STRANGERS = 64  # connections that have not shown yet that they know the token
MOST_BYTES = 1 << 32  # of one message
READ_BYTES = 1 << 20
SENT_WITHIN_S = 10.0  # the center goes on after that; the message is still on its way
# a machine that is gone says nothing: asked after 30 s of silence, given up after 30 more
KEEP_ALIVE = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))


class WireError(Exception):
    """The other end is gone, silent, or not who it should be."""


class Connection:
    """Both ends know the token. name: of the worker, which no other has."""

    def __init__(self, sock: socket.socket, key: bytes, name: str, is_center: bool) -> None:
        self.name = name
        self._socket, self._key, self._is_center = sock, key, is_center
        self._sent = self._received = 0
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in KEEP_ALIVE:
            if hasattr(socket, option):  # Linux; elsewhere the system's own
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)

    def send(self, message: bytes, seconds: float | None) -> None:
        """Raises WireError where it does not get away."""
        head = struct.pack("<Q", len(message))
        signature = self._signature(self._is_center, self._sent, head, message)
        self._sent += 1
        try:
            self._socket.settimeout(seconds)
            self._socket.sendall(head + signature)
            self._socket.sendall(message)
        except OSError as error:
            raise WireError(error.strerror or str(error)) from error

    def receive(self, seconds: float | None) -> bytes:
        """The next message. Raises WireError where none comes whole and signed within so many
        seconds of silence."""
        begin = _read(self._socket, 8 + SIGNED, seconds)
        (length,) = struct.unpack_from("<Q", begin)
        if length > MOST_BYTES:
            raise WireError(f"a message of {length} bytes")
        message = _read(self._socket, length, seconds)
        right = self._signature(not self._is_center, self._received, begin[:8], message)
        if not hmac.compare_digest(begin[8:], right):
            raise WireError("a message that is not signed")
        self._received += 1
        return message

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _signature(self, of_center: bool, number: int, head: bytes, message: bytes) -> bytes:
        signed = hmac.new(self._key, struct.pack("<?Q", of_center, number) + head, "sha256")
        signed.update(message)
        return signed.digest()


class Delivery(NamedTuple):
    """A reply on its way. done: set when it has got away, or nobody waits for it any more."""

    message: bytes
    done: threading.Event


class Hub:
    """The center's end of all connections: takes their messages one by one, in the order in which
    they come."""

    def __init__(self, listening: socket.socket, token: str) -> None:
        self.port: int = listening.getsockname()[1]
        self._listening, self._token = listening, token
        self._lock = threading.Lock()
        self._strangers: dict[socket.socket, None] = {}  # the oldest first
        self._outboxes: dict[str, queue.Queue[Delivery | None]] = {}
        self._joined = 0
        # one place: each worker's thread waits with its own message until there is room
        self._inbox: queue.Queue[tuple[str, bytes]] = queue.Queue(1)
        _start(self._accept)

    def take(self, seconds: float) -> tuple[str, bytes]:
        """Wait for the next message: of whom, and what. Raises WireError where none comes."""
        try:
            return self._inbox.get(timeout=seconds)
        except queue.Empty:
            raise WireError("silence") from None

    def is_waiting(self) -> bool:
        """Whether there is a message to take."""
        return not self._inbox.empty()

    def reply(self, name: str, message: bytes) -> None:
        """Answer a worker's message; nothing happens where it is gone."""
        outbox = self._outboxes.get(name)
        if outbox is not None:
            delivery = Delivery(message, threading.Event())
            outbox.put(delivery)
            delivery.done.wait(SENT_WITHIN_S)

    def drop(self, name: str) -> None:
        """End the connection of a worker whose message is none."""
        outbox = self._outboxes.get(name)
        if outbox is not None:
            outbox.put(None)

    def close(self) -> None:
        """Take no more workers. Those that are here see it when the process ends."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                sock = self._listening.accept()[0]
            except OSError:
                if self._listening.fileno() < 0:
                    return
                time.sleep(0.1)  # no descriptor is free, say
                continue
            with self._lock:
                if len(self._strangers) >= MOST_STRANGERS:  # a worker would have been known by now
                    oldest = next(iter(self._strangers))
                    del self._strangers[oldest]
                    with suppress(OSError):
                        oldest.shutdown(socket.SHUT_RDWR)
                self._strangers[sock] = None
            _start(functools.partial(self._serve, sock))

    def _serve(self, sock: socket.socket) -> None:
        """In a thread of its own: one worker, from its hello to its end."""
        try:
            with sock:
                connection = self._welcomed(sock)
                self._exchange(connection)
        except (OSError, WireError):
            pass  # one connection less

    def _welcomed(self, sock: socket.socket) -> Connection:
        try:
            own = os.urandom(NONCE)
            until_s = time.monotonic() + WELCOME_S
            sock.settimeout(WELCOME_S)
            sock.sendall(GREETING + own)
            answer = _read(sock, NONCE + SIGNED, WELCOME_S, until_s)
            nonces = own + answer[:NONCE]
            if not hmac.compare_digest(answer[NONCE:], _proof(self._token, "worker", nonces)):
                raise WireError("another token")
            with self._lock:
                name, self._joined = str(self._joined), self._joined + 1
                self._outboxes[name] = queue.Queue()
            sock.sendall(_proof(self._token, "center", nonces) + struct.pack("<Q", int(name)))
            return Connection(sock, _proof(self._token, "key", nonces), name, is_center=True)
        finally:
            with self._lock:
                self._strangers.pop(sock, None)

    def _exchange(self, connection: Connection) -> None:
        """Message and reply by turns, until the worker leaves."""
        outbox = self._outboxes[connection.name]
        try:
            while True:
                self._inbox.put((connection.name, connection.receive(None)))
                delivery = outbox.get()
                if delivery is None:
                    return
                try:
                    connection.send(delivery.message, None)
                finally:
                    delivery.done.set()
        finally:
            with self._lock:
                del self._outboxes[connection.name]
            connection.close()


def joined(sock: socket.socket, token: str) -> Connection:
    """A worker's end. Raises WireError where this is no center, TokenError where it has another
    token."""
    until_s = time.monotonic() + WELCOME_S
    greeting = _read(sock, len(GREETING) + NONCE, WELCOME_S, until_s)
    if not greeting.startswith(GREETING):
        raise WireError("it is no center of this version")
    own = os.urandom(NONCE)
    nonces = greeting[len(GREETING) :] + own
    try:
        sock.sendall(own + _proof(token, "worker", nonces))
        answer = _read(sock, SIGNED + 8, WELCOME_S, until_s)
    except (OSError, WireError) as error:
        raise TokenError(str(error)) from error
    if not hmac.compare_digest(answer[:SIGNED], _proof(token, "center", nonces)):
        raise TokenError("it does not know ours")
    name = str(struct.unpack_from("<Q", answer, SIGNED)[0])
    return Connection(sock, _proof(token, "key", nonces), name, is_center=False)


class TokenError(WireError):
    """The two ends do not have the same token."""


def _proof(token: str, word: str, nonces: bytes) -> bytes:
    return hmac.digest(token.encode(), word.encode() + b"\n" + nonces, "sha256")


def _read(
    sock: socket.socket, length: int, seconds: float | None, until_s: float | None = None
) -> bytes:
    """So many bytes, allocated as they come; raises WireError after so many seconds of silence, or
    at `until_s` (monotonic clock)."""
    data = bytearray()
    try:
        while len(data) < length:
            left_s = seconds if until_s is None else max(0.001, until_s - time.monotonic())
            sock.settimeout(left_s)
            piece = sock.recv(min(READ_BYTES, length - len(data)))
            if not piece:
                raise WireError("it closed the connection")
            data += piece
    except OSError as error:
        raise WireError(error.strerror or str(error)) from error
    return bytes(data)


def _start(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="elastic", daemon=True).start()
