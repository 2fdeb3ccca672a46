"""How workers and the center speak: messages through a torch.distributed.TCPStore that the center's process serves.

Why a store: a process group, of gloo or of RPC, has a fixed number of members and breaks when one dies. A store's
clients come and go: a worker is one more connection, a killed one a connection less, and a message is in a queue whole
or not at all, so one that was cut off by a death is never seen. Whoever reaches the port can speak: trusted networks
only, as with all of torch.distributed. Knows vectors and headers, nothing of rules.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.distributed import DistError, TCPStore

from catseye.runtime.errors import CatseyeError

PATIENCE = timedelta(hours=2)  # for a reply: the center may be evaluating
CONNECT = timedelta(minutes=5)  # for a center that has not begun yet
PIECE = 4 << 20  # bytes; a store takes 8 MiB at once
ASKS = "asks"  # the queue to the center; each worker has one of its own for replies


class Line:
    """One end of the exchange. sent, received: bytes of headers and vectors; silence: what a broken line means."""

    def __init__(self, store: TCPStore, name: str, silence: str) -> None:
        self.store, self.name, self.silence = store, name, silence
        self.sent, self.received, self._messages = 0, 0, 0

    def post(self, queue: str, header: dict[str, Any], vector: Tensor) -> None:
        """Put a message into a queue: the pieces first, so that it is whole or not there."""
        data = vector.detach().cpu().float().numpy().tobytes()
        self._messages += 1  # so that no two pieces have one name
        names = [f"{self.name}/{self._messages}/{at}" for at in range(PIECE, len(data), PIECE)]
        text = json.dumps({**header, "pieces": names}).encode()
        with self._told():
            for number, name in enumerate(names, 1):
                piece = data[number * PIECE : (number + 1) * PIECE]
                self.store.set(name, piece)  # type: ignore[arg-type]  # it takes bytes too
            self.store.queue_push(queue, b"%8d" % len(text) + text + data[:PIECE])
        self.sent += 8 + len(text) + len(data)

    def take(self, queue: str) -> tuple[dict[str, Any], Tensor]:
        """Wait for the next message of a queue: its header and its (n,) float32 vector."""
        with self._told():
            message = self.store.queue_pop(queue)
            end = 8 + int(message[:8])
            header = json.loads(message[8:end])
            data = message[end:] + b"".join(self._piece(name) for name in header.pop("pieces"))
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
            raise CatseyeError(f"{self.silence} ({_reason(error)})", mend="start it again with --resume")


def served(port: int) -> Line:
    """The center's end, on all addresses of this machine; port 0: a free one."""
    try:
        store = TCPStore("localhost", port, is_master=True, wait_for_workers=False, timeout=PATIENCE)
        return Line(store, "center", "no worker has spoken for hours")
    except DistError as error:
        raise CatseyeError(f"cannot serve the center at port {port} ({_reason(error)})", "a free port", "try --port")


def connected(address: str) -> Line:
    """A worker's end, with a name that no other has; address: HOST:PORT of the center."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise CatseyeError(f"the address {address!r}", "HOST:PORT", "take the one that the center prints")
    try:
        store = TCPStore(host, int(port), is_master=False, timeout=CONNECT)
        store.set_timeout(PATIENCE)
        return Line(store, str(store.add("workers", 1) - 1), f"the center at {address} is gone")
    except DistError as error:
        raise CatseyeError(f"no center at {address} ({_reason(error)})", "a running one", "start the center first")


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0]


def measured_exchange_s(length: int, tries: int) -> float:
    """The fastest of some exchanges of (length,) vectors between two threads of this machine."""
    center = served(0)
    worker = connected(f"localhost:{center.store.port}")
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
