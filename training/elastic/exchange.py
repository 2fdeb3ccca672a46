"""How workers and the center speak: messages through a torch.distributed.TCPStore that the center's
process serves.

Why a store: a process group, of gloo or of RPC, has a fixed number of members and breaks when one
dies. A store's clients come and go: a worker is one more connection, a killed one a connection
less, and a message is in a queue whole or not at all, so one that was cut off by a death is never
seen.

Whoever reaches the port can read, and take messages away; so it is at 127.0.0.1 unless another
address is asked for. Messages count only if they are signed by the token that center and workers
share (HMAC-SHA256 over queue, header and the vector's hash), each once. Knows vectors and headers,
nothing of rules.
"""

import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.distributed import DistError, TCPStore

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.json_document import JsonObject

PATIENCE = timedelta(hours=2)  # for a reply: the center may be evaluating
CONNECT = timedelta(minutes=5)  # for a center that has not begun yet
PIECE = 4 << 20  # bytes; a store takes 8 MiB at once
ASKS = "asks"  # the queue to the center; each worker has one of its own for replies
PROOF = "proof"  # by which a worker knows that it has the center's token
SIGNED = hashlib.sha256().digest_size


class Place(NamedTuple):
    """Where the center listens (port 0: a free one), and what its workers must know."""

    port: int = 0
    host: str = "127.0.0.1"
    token: str = ""

    @property
    def is_everywhere(self) -> bool:
        """Whether it listens at all addresses of its machine."""
        return self.host in ("0.0.0.0", "::")


class Line:
    """One end of the exchange. sent, received: bytes of headers and vectors; silence: what a broken
    line means."""

    def __init__(self, store: TCPStore, name: str, token: str, silence: str) -> None:
        self.store, self.name, self.silence = store, name, silence
        self.sent, self.received = 0, 0
        self._token, self._messages = token, 0
        self._heard: dict[str, int] = {}  # the last message of each sender

    def post(self, queue: str, header: JsonObject, vector: Tensor) -> None:
        """Put a message into a queue: the pieces first, so that it is whole or not there. Raises
        CatseyeError where the other end is gone."""
        data = vector.detach().cpu().float().numpy().tobytes()
        self._messages += 1  # so that no two pieces have one name
        names = [f"{self.name}/{self._messages}/{at}" for at in range(PIECE, len(data), PIECE)]
        own = {
            "from": self.name,
            "number": self._messages,
            "pieces": names,
            "hash": hashlib.sha256(data).hexdigest(),
        }
        text = json.dumps({**header, "own": own}).encode()
        with self._told():
            for number, name in enumerate(names, 1):
                piece = data[number * PIECE : (number + 1) * PIECE]
                self.store.set(name, piece)  # type: ignore[arg-type]  # it takes bytes too
            signed = _signature(self._token, queue, text) + b"%8d" % len(text) + text
            self.store.queue_push(queue, signed + data[:PIECE])
        self.sent += len(signed) + len(data)

    def take(self, queue: str) -> tuple[JsonObject, Tensor]:
        """Wait for the next message of a queue: its header and its (n,) float32 vector. Raises
        CatseyeError where the other end is gone."""
        while True:
            with self._told():
                message = self._opened(queue, self.store.queue_pop(queue))
            if message is not None:
                return message

    def _opened(self, queue: str, message: bytes) -> tuple[JsonObject, Tensor] | None:
        """A message that is signed and has not come before; None: one of somebody who does not know
        the token."""
        begin = SIGNED + 8
        try:
            end = begin + int(message[SIGNED:begin])
        except ValueError:
            return None
        text = message[begin:end]
        if not hmac.compare_digest(message[:SIGNED], _signature(self._token, queue, text)):
            return None
        header = json.loads(text)
        own = header.pop("own")
        if own["number"] <= self._heard.get(own["from"], 0):
            return None
        data = message[end:] + b"".join(self._piece(name) for name in own["pieces"])
        if hashlib.sha256(data).hexdigest() != own["hash"]:
            return None
        self._heard[own["from"]] = own["number"]
        self.received += end + len(data)
        return header, torch.from_numpy(np.frombuffer(data, np.float32).copy())

    def is_waiting(self, queue: str) -> bool:
        """Whether there is a message to take."""
        return self.store.queue_len(queue) > 0

    def _piece(self, name: str) -> bytes:
        piece = self.store.get(name)
        self.store.delete_key(name)
        return piece

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except DistError as error:
            raise CatseyeError(
                f"{self.silence} ({_reason(error)})", mend="start it again with --resume"
            )


def served(place: Place = Place()) -> Line:
    """The center's end. Raises CatseyeError where it cannot be served there."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    try:
        listening = socket.create_server((place.host, place.port), family=family)
    except OSError as error:
        found = f"cannot serve the center at {place.host}:{place.port} ({error.strerror or error})"
        raise CatseyeError(found, "an address of this machine and a free port", "try --port")
    host, port = listening.getsockname()[:2]
    store = TCPStore(
        host,
        port,
        is_master=True,
        wait_for_workers=False,
        timeout=PATIENCE,
        master_listen_fd=listening.detach(),
    )
    store.set(PROOF, _proof(place.token))
    return Line(store, "center", place.token, "no worker has spoken for hours")


def connected(address: str, token: str = "") -> Line:
    """A worker's end, with a name that no other has; address: HOST:PORT of the center.

    Raises CatseyeError where no center answers there, or one with another token.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise CatseyeError(
            f"the address {address!r}", "HOST:PORT", "take the one that the center prints"
        )
    try:
        store = TCPStore(host.strip("[]"), int(port), is_master=False, timeout=CONNECT)
        theirs = store.get(PROOF).decode()
        if not hmac.compare_digest(theirs, _proof(token)):
            raise CatseyeError(
                f"another token than that of the center at {address}",
                "the same",
                "repeat its --token",
            )
        store.set_timeout(PATIENCE)
        name = str(store.add("workers", 1) - 1)
    except DistError as error:
        raise CatseyeError(
            f"no center at {address} ({_reason(error)})", "a running one", "start the center first"
        )
    return Line(store, name, token, f"the center at {address} is gone")


def _signature(token: str, queue: str, text: bytes) -> bytes:
    return hmac.digest(token.encode(), queue.encode() + b"\n" + text, "sha256")


def _proof(token: str) -> str:
    return _signature(token, PROOF, b"").hex()


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0]


def measured_exchange_s(length: int, tries: int) -> float:
    """The fastest of some exchanges of (length,) vectors between two threads of this machine."""
    center = served()
    worker = connected(f"127.0.0.1:{center.store.port}")
    vector, times = torch.zeros(length), []

    def answer() -> None:
        for _ in range(tries):
            center.post(worker.name, *center.take(ASKS))

    thread = threading.Thread(target=answer)
    thread.start()
    for _ in range(tries):
        begun = time.perf_counter()
        worker.post(ASKS, {}, vector)
        worker.take(worker.name)
        times.append(time.perf_counter() - begun)
    thread.join()
    return min(times)
