"""The wire against real sockets: strangers, liars, the slow and the dead."""

import contextlib
import socket
import struct
import threading
import time

import pytest

from catseye.training.elastic import wire
from catseye.training.elastic.wire import (
    GREETING,
    NONCE,
    SIGNED,
    Hub,
    TokenError,
    WireError,
    joined,
)


@pytest.fixture
def hub():
    hub = Hub(socket.create_server(("127.0.0.1", 0)), "secret")
    yield hub
    hub.close()


def reached(hub):
    return socket.create_connection(("127.0.0.1", hub.port), timeout=10)


def worker_of(hub, token="secret"):
    return joined(reached(hub), token)


def memory_mb():
    with open("/proc/self/statm") as stream:
        return int(stream.read().split()[1]) * 4096 / 1e6


@pytest.mark.parametrize("size", (0, 1, 10_000, 20_000_000))
def test_a_message_and_its_reply(hub, size):
    worker = worker_of(hub)
    for round in range(2):
        worker.send(bytes([round]) * size, 10)
        assert hub.take(10) == (worker.name, bytes([round]) * size)
        hub.reply(worker.name, b"heard" + bytes(size))
        assert worker.receive(10) == b"heard" + bytes(size)


def test_every_worker_has_a_name_of_its_own(hub):
    assert [worker_of(hub).name for _ in range(3)] == ["0", "1", "2"]


@pytest.mark.parametrize("token", ("", "guessed"))
def test_another_token_is_told(hub, token):
    with pytest.raises(TokenError):
        worker_of(hub, token)
    assert worker_of(hub).name == "0" and not hub.is_waiting()


def test_what_is_no_center_is_told():
    with socket.create_server(("127.0.0.1", 0)) as other:

        def talk():
            with other.accept()[0] as connection:
                connection.sendall(
                    b"SSH-2.0-OpenSSH_9.2 and more that is longer than a greeting..."
                )

        threading.Thread(target=talk, daemon=True).start()
        with (
            socket.create_connection(other.getsockname()) as sock,
            pytest.raises(WireError, match="no center of this version"),
        ):
            joined(sock, "secret")


def test_a_center_that_does_not_know_the_token_gets_no_message():
    """Somebody else at its address, who takes every token."""
    with socket.create_server(("127.0.0.1", 0)) as other:

        def talk():
            with other.accept()[0] as connection:
                connection.sendall(GREETING + bytes(NONCE))
                connection.recv(1000)
                connection.sendall(bytes(SIGNED + 8))

        threading.Thread(target=talk, daemon=True).start()
        with socket.create_connection(other.getsockname()) as sock, pytest.raises(TokenError):
            joined(sock, "secret")


def test_strangers_fill_no_memory_and_keep_no_worker_out(hub, monkeypatch):
    """Far more of them than have a place, each with as much to say as the wire takes."""
    before_mb, strangers = memory_mb(), []
    for _ in range(3 * wire.MOST_STRANGERS):
        sock = reached(hub)
        strangers.append(sock)
        sock.settimeout(0.01)
        with contextlib.suppress(OSError):
            sock.sendall(struct.pack("<Q", 1 << 30) + bytes(1 << 20))
    worker = worker_of(hub)
    worker.send(b"here", 10)
    assert hub.take(10) == (worker.name, b"here")
    assert memory_mb() - before_mb < 150 and len(hub._strangers) <= wire.MOST_STRANGERS
    for sock in strangers:
        sock.close()


def test_a_stranger_that_drips_is_gone_in_seconds(hub, monkeypatch):
    monkeypatch.setattr(wire, "WELCOME_S", 0.3)
    with reached(hub) as sock:
        sock.recv(1000)
        begun_s = time.monotonic()
        with pytest.raises(OSError):
            for _ in range(200):
                sock.sendall(b"x")
                time.sleep(0.05)
        assert time.monotonic() - begun_s < 8


def test_half_a_message_holds_up_nobody(hub):
    slow, other = worker_of(hub), worker_of(hub)
    slow._socket.sendall(struct.pack("<Q", 1 << 20) + bytes(SIGNED) + bytes(1000))
    other.send(b"here", 10)
    assert hub.take(10) == (other.name, b"here") and not hub.is_waiting()
    slow.close()
    hub.reply(other.name, b"heard")
    assert other.receive(10) == b"heard"


@pytest.mark.parametrize("forged", ("signature", "length", "repeated", "turned back"))
def test_what_is_not_signed_ends_its_connection(hub, forged):
    worker = worker_of(hub)
    if forged == "signature":
        worker._key = bytes(SIGNED)
        worker.send(b"x", 10)
    elif forged == "length":
        worker._socket.sendall(struct.pack("<Q", 1 << 40) + bytes(SIGNED))
    elif forged == "repeated":
        worker.send(b"x", 10)
        hub.take(10)
        hub.reply(worker.name, b"y")
        worker.receive(10)
        worker._sent = 0
        worker.send(b"x", 10)
    else:  # the center's own words
        worker._is_center = True
        worker.send(b"x", 10)
    with pytest.raises(WireError, match="closed the connection|reset"):
        worker.receive(10)
    assert not hub.is_waiting()


def test_a_worker_that_is_gone_or_dropped_is_no_trouble(hub):
    gone, dropped = worker_of(hub), worker_of(hub)
    gone.send(b"x", 10)
    assert hub.take(10)[1] == b"x"
    gone.close()
    hub.reply(gone.name, bytes(1 << 20))
    hub.reply("99", b"nobody of that name")
    dropped.send(b"nonsense", 10)
    hub.take(10)
    hub.drop(dropped.name)
    with pytest.raises(WireError):
        dropped.receive(10)


def test_silence_is_said(hub):
    worker = worker_of(hub)
    with pytest.raises(WireError, match="silence"):
        hub.take(0.01)
    with pytest.raises(WireError, match="timed out"):
        worker.receive(0.01)


def test_a_closed_hub_takes_nobody(hub):
    worker = worker_of(hub)
    hub.close()
    with pytest.raises(OSError):
        reached(hub).recv(1)
    worker.send(b"still here", 10)
    assert hub.take(10)[1] == b"still here"
