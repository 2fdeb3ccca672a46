"""A tap between the two ends of a real TCP connection."""

import os
import socket

import pytest
from camera_loop import wait_until

from catseye.runtime.sources.streams.tap import (
    DESCRIPTORS,
    Tap,
    connection_among,
    sockets_open,
)
from catseye.runtime.sources.streams.traffic import Traffic

pytestmark = pytest.mark.skipif(not os.path.isdir(DESCRIPTORS), reason="no /proc: not Linux")


@pytest.fixture
def pair():
    """A connection: (who called, who was called, the port)."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)
        caller = socket.create_connection(listening.getsockname())
        called = listening.accept()[0]
        with caller, called:
            caller.settimeout(10)
            called.settimeout(10)
            yield caller, called, listening.getsockname()[1]


def received(end, count):
    data = b""
    while len(data) < count:
        data += end.recv(count - len(data))
    return data


def test_bytes_go_both_ways_and_are_looked_at(pair):
    caller, called, _ = pair
    traffic = Traffic("h264")
    tap = Tap(caller.fileno(), traffic)
    packet = b"$\0\0\x0e\x80\x60" + bytes(10) + b"\x41\x9a"
    called.sendall(packet * 1000)
    assert received(caller, 18000) == packet * 1000
    caller.sendall(b"PLAY")
    assert received(called, 4) == b"PLAY"
    assert traffic.packet_s > 0
    called.close()
    assert caller.recv(1) == b""  # the end is passed on
    wait_until(lambda: not tap.is_alive())


def test_what_was_said_last_still_arrives(pair):
    caller, called, _ = pair
    Tap(caller.fileno(), Traffic(""))
    caller.sendall(b"TEARDOWN")
    caller.close()
    assert received(called, 8) == b"TEARDOWN" and called.recv(1) == b""


def test_a_read_that_hangs_is_ended(pair):
    caller, called, _ = pair
    tap = Tap(caller.fileno(), Traffic(""))
    tap.close()
    assert caller.recv(1) == b"" and called.recv(1) == b""
    wait_until(lambda: not tap.is_alive())


def test_it_keeps_the_way_of_waiting(pair):
    caller, _, _ = pair
    Tap(caller.fileno(), Traffic(""))
    assert not os.get_blocking(caller.fileno())  # a time-out in Python, FFmpeg's own elsewhere
    assert not os.get_inheritable(caller.fileno())


def test_the_connection_is_found_by_its_port(pair):
    caller, called, port = pair
    assert {caller.fileno(), called.fileno()} <= sockets_open()
    assert connection_among({caller.fileno(), called.fileno()}, port) == caller.fileno()
    assert connection_among({called.fileno(), 10**6}, port) is None
    with socket.create_connection(("127.0.0.1", port)) as other:
        assert connection_among({caller.fileno(), other.fileno()}, port) is None  # which?
