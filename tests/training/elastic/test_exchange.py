"""Headers and vectors over the wire: whole messages, counted bytes, and words where there is nobody
at the other end."""

import socket
import threading
import time

import pytest
import torch

from catseye.runtime.errors import CatseyeError
from catseye.training.elastic import exchange
from catseye.training.elastic.exchange import (
    Place,
    bytes_from_message,
    connected,
    measured_exchange_s,
    message_from_bytes,
    served,
)


@pytest.fixture
def ends():
    center = served()
    yield center, connected(f"127.0.0.1:{center.port}")
    center.close()


def asked(worker, header, vector):
    """The reply to come, in a list."""
    replies = []
    thread = threading.Thread(target=lambda: replies.append(worker.ask(header, vector)))
    thread.start()
    return thread, replies


@pytest.mark.parametrize("length", (0, 1, 1000, 3_000_001))
def test_a_message_comes_whole_and_is_answered(ends, length):
    center, worker = ends
    vector = torch.randn(length)
    thread, replies = asked(worker, {"losses": [0.5]}, vector)
    header, come, sender = center.take()
    assert (header, sender) == ({"losses": [0.5]}, "0") and torch.equal(come, vector)
    center.answer(sender, {"over": False}, 2 * vector)
    thread.join(10)
    assert replies[0].header == {"over": False} and torch.equal(replies[0].vector, 2 * vector)
    assert worker.sent == center.received and worker.received == center.sent
    assert 4 * length < worker.sent < 4 * length + 100


@pytest.mark.parametrize("data", (b"", b"\1\0\0\0", b"\2\0\0\0[]", b"\2\0\0\0{}abc", b"\xff" * 9))
def test_what_is_no_message_is_dropped_with_its_sender(ends, data):
    with pytest.raises(ValueError):
        message_from_bytes(data)
    center, worker = ends
    worker._connection.send(data, 10)
    while not center.is_waiting():  # or the next one might be heard first
        time.sleep(0.01)
    good = connected(f"127.0.0.1:{center.port}")
    asked(good, {}, torch.ones(1))
    assert center.take().sender == good.name
    with pytest.raises(CatseyeError, match="is gone"):
        worker.ask({}, torch.zeros(1))
    center.answer(good.name, {}, torch.ones(1))


def test_a_message_is_its_own_inverse():
    message = message_from_bytes(bytes_from_message({"a": "ü"}, torch.arange(3)))
    assert message.header == {"a": "ü"} and message.vector.tolist() == [0, 1, 2]


@pytest.mark.parametrize("address", ["", "nowhere", "host:", "host:port"])
def test_an_address_that_is_none(address):
    with pytest.raises(CatseyeError, match="HOST:PORT"):
        connected(address)


@pytest.mark.parametrize("port", ("0", "99999"))
def test_nobody_there(monkeypatch, port):
    monkeypatch.setattr(exchange, "CONNECT_S", 0.3)
    with pytest.raises(CatseyeError, match="start the center first"):
        connected("127.0.0.1:" + port)


def test_a_worker_may_come_before_its_center(port):
    late = threading.Timer(0.5, lambda: centers.append(served(Place(port))))
    centers = []
    late.start()
    assert connected(f"127.0.0.1:{port}").name == "0"
    centers[0].close()


def test_a_taken_port():
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        with pytest.raises(CatseyeError, match="--port"):
            served(Place(taken.getsockname()[1]))


def test_a_center_that_is_gone_is_one_line(ends):
    center, worker = ends
    center.drop(worker.name)
    with pytest.raises(CatseyeError, match="the center at 127.0.0.1:.* is gone.*--resume"):
        worker.ask({}, torch.zeros(1))


def test_an_exchange_takes_a_while():
    assert 0 < measured_exchange_s(1000, 3) < 60


def test_the_center_listens_on_this_machine_alone_unless_it_is_told(monkeypatch):
    told = []
    monkeypatch.setattr(socket, "create_server", lambda place, **_: told.append(place) or 1 / 0)
    for place in (Place(), Place(29700, "0.0.0.0", "secret")):
        with pytest.raises(ZeroDivisionError):
            served(place)
    assert told == [("127.0.0.1", 0), ("0.0.0.0", 29700)]


def test_an_address_of_another_machine():
    with pytest.raises(CatseyeError, match="203.0.113.1"):
        served(Place(0, "203.0.113.1", "secret"))


@pytest.mark.parametrize("token", ["", "guessed"])
def test_a_worker_with_another_token_is_refused(token):
    center = served(Place(token="secret"))
    with pytest.raises(CatseyeError, match="--token"):
        connected(f"127.0.0.1:{center.port}", token)
    assert connected(f"127.0.0.1:{center.port}", "secret").name == "0"
    center.close()
