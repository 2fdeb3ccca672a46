"""How workers and the center speak: a header and a vector to the center, another header and vector
back.

Why not a process group: one of gloo or of RPC has a fixed number of members and breaks when one
dies. Here a worker is one more connection, a killed one a connection less, and a message is heard
whole or not at all. The center is at 127.0.0.1 unless another address is asked for; who does not
know the token is not heard (wire.py). Knows vectors and headers, nothing of rules.
"""

import json
import socket
import struct
import threading
import time
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.json_document import JsonObject, json_from_bytes
from catseye.training.elastic.wire import Connection, Hub, TokenError, WireError, joined

PATIENCE_S = 2 * 3600.0  # for a reply: the center may be evaluating
CONNECT_S = 5 * 60.0  # for a center that has not begun yet
ASK_AGAIN_S = 0.2
SEND_S = 10 * 60.0


class Place(NamedTuple):
    """Where the center listens (port 0: a free one), and what its workers must know."""

    port: int = 0
    host: str = "127.0.0.1"
    token: str = ""

    @property
    def is_everywhere(self) -> bool:
        """Whether it listens at all addresses of its machine."""
        return self.host in ("0.0.0.0", "::")


class Message(NamedTuple):
    """vector: (n,) float32.  sender: the name of the worker, "" for the center."""

    header: JsonObject
    vector: Tensor
    sender: str = ""


class CenterLine:
    """The center's end: takes what workers ask, one by one, and answers each.

    port: where it listens.  sent, received: bytes of headers and vectors.
    """

    def __init__(self, hub: Hub) -> None:
        self.port, self._hub = hub.port, hub
        self.sent = self.received = 0

    def take(self) -> Message:
        """Wait for the next message of any worker. Raises CatseyeError where none comes for
        hours."""
        while True:
            try:
                sender, data = self._hub.take(PATIENCE_S)
            except WireError as error:
                raise CatseyeError(
                    f"no worker has spoken for hours ({error})",
                    fix="start it again with --resume",
                )
            try:
                message = message_from_bytes(data)
            except ValueError:  # signed, and yet no message
                self.drop(sender)
                continue
            self.received += len(data)
            return message._replace(sender=sender)

    def answer(self, worker: str, header: JsonObject, vector: Tensor) -> None:
        """Reply to the worker of that name, if it is still there."""
        data = bytes_from_message(header, vector)
        self._hub.reply(worker, data)
        self.sent += len(data)

    def drop(self, worker: str) -> None:
        """Hear this worker no more."""
        self._hub.drop(worker)

    def is_waiting(self) -> bool:
        """Whether there is a message to take."""
        return self._hub.is_waiting()

    def close(self) -> None:
        """Take no more workers."""
        self._hub.close()


class WorkerLine:
    """A worker's end. name: which no other worker has.  sent, received: bytes of headers and
    vectors."""

    def __init__(self, connection: Connection, address: str) -> None:
        self.name = connection.name
        self._connection, self._address = connection, address
        self.sent = self.received = 0

    def ask(self, header: JsonObject, vector: Tensor) -> Message:
        """Say this and wait for the reply, which may take long. Raises CatseyeError where the
        center is gone."""
        data = bytes_from_message(header, vector)
        try:
            self._connection.send(data, SEND_S)
            reply = self._connection.receive(PATIENCE_S)
            message = message_from_bytes(reply)
        except (WireError, ValueError) as error:
            raise CatseyeError(
                f"the center at {self._address} is gone ({error})",
                fix="start it again with --resume",
            )
        self.sent, self.received = self.sent + len(data), self.received + len(reply)
        return message

    def close(self) -> None:
        self._connection.close()


def served(place: Place = Place()) -> CenterLine:
    """The center's end. Raises CatseyeError where it cannot be served there."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    try:
        listening = socket.create_server((place.host, place.port), family=family)
    except OSError as error:
        found = f"cannot serve the center at {place.host}:{place.port} ({error.strerror or error})"
        raise CatseyeError(found, "an address of this machine and a free port", "try --port")
    return CenterLine(Hub(listening, place.token))


def connected(address: str, token: str = "") -> WorkerLine:
    """A worker's end, with a name that no other has; address: HOST:PORT of the center.

    Raises CatseyeError where no center answers there, or one with another token.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise CatseyeError(
            f"the address {address!r}", "HOST:PORT", "take the one that the center prints"
        )
    try:
        return WorkerLine(joined(_reached(host.strip("[]"), int(port)), token), address)
    except TokenError:
        raise CatseyeError(
            f"another token than that of the center at {address}", "the same", "repeat its --token"
        )
    except (OSError, OverflowError, WireError) as error:
        raise CatseyeError(
            f"no center at {address} ({error})", "a running one", "start the center first"
        )


def _reached(host: str, port: int) -> socket.socket:
    """A connection to a center, which may begin after its workers. Raises OSError where none can
    be had."""
    until_s = time.monotonic() + CONNECT_S
    while True:
        try:
            return socket.create_connection((host, port), timeout=CONNECT_S)
        except ConnectionRefusedError:
            if time.monotonic() >= until_s:
                raise
            time.sleep(ASK_AGAIN_S)


def bytes_from_message(header: JsonObject, vector: Tensor) -> bytes:
    """How long the header is, the header as JSON, the vector as float32."""
    text = json.dumps(header).encode()
    data: bytes = vector.detach().cpu().float().numpy().tobytes()
    return struct.pack("<I", len(text)) + text + data


def message_from_bytes(data: bytes) -> Message:
    """The inverse; raises ValueError where it is none."""
    if len(data) < 4:
        raise ValueError(f"a message of {len(data)} bytes")
    end = 4 + struct.unpack_from("<I", data)[0]
    header = json_from_bytes(data[4:end])
    if not isinstance(header, dict) or end > len(data):
        raise ValueError("a header that is no object")
    return Message(header, torch.from_numpy(np.frombuffer(data[end:], np.float32).copy()))


def measured_exchange_s(length: int, tries: int) -> float:
    """The fastest of some exchanges of (length,) vectors between two threads of this machine."""
    center = served()
    worker = connected(f"127.0.0.1:{center.port}")
    vector, times = torch.zeros(length), []

    def answer() -> None:
        for _ in range(tries):
            asked = center.take()
            center.answer(asked.sender, asked.header, asked.vector)

    thread = threading.Thread(target=answer)
    thread.start()
    for _ in range(tries):
        begun = time.perf_counter()
        worker.ask({}, vector)
        times.append(time.perf_counter() - begun)
    thread.join()
    worker.close()
    center.close()
    return min(times)
