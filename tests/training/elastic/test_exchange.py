"""The wire: whole messages, counted bytes, and words where there is nobody at the other end."""

import socket
from datetime import timedelta

import pytest
import torch

from catseye.runtime.errors import CatseyeError
from catseye.training.elastic import exchange
from catseye.training.elastic.exchange import (
    ASKS,
    PIECE,
    Line,
    Place,
    connected,
    measured_exchange_s,
    served,
)


@pytest.fixture
def ends():
    center = served()
    return center, connected(f"127.0.0.1:{center.store.port}")


@pytest.mark.parametrize("length", [0, 1, 1000, PIECE // 4, PIECE // 2 + 3])
def test_a_message_comes_whole_and_leaves_nothing(ends, length):
    center, worker = ends
    vector, before = torch.randn(length), center.store.num_keys()
    worker.post(ASKS, {"worker": worker.name, "losses": [0.5]}, vector)
    header, come = center.take(ASKS)
    assert header == {"worker": "0", "losses": [0.5]} and torch.equal(come, vector)
    assert not center.is_waiting(ASKS) and center.store.num_keys() == before
    assert worker.sent == center.received and 4 * length < worker.sent < 4 * length + 500


def test_a_death_between_two_pieces_leaves_no_message(ends, monkeypatch):
    center, worker = ends
    with monkeypatch.context() as patch:
        patch.setattr(worker.store.__class__, "queue_push", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            worker.post(ASKS, {}, torch.zeros(PIECE // 2))
    assert not center.is_waiting(ASKS)
    worker.post(ASKS, {}, torch.ones(3))
    assert torch.equal(center.take(ASKS)[1], torch.ones(3))


def test_every_worker_has_a_name_of_its_own(ends):
    center, worker = ends
    assert [worker.name] + [connected(f"127.0.0.1:{center.store.port}").name for _ in range(2)] == [
        "0",
        "1",
        "2",
    ]


@pytest.mark.parametrize("address", ["", "nowhere", "host:", "host:port"])
def test_an_address_that_is_none(address):
    with pytest.raises(CatseyeError, match="HOST:PORT"):
        connected(address)


def test_nobody_there(monkeypatch):
    monkeypatch.setattr(exchange, "CONNECT", timedelta(seconds=1))
    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        with pytest.raises(CatseyeError, match="start the center first"):
            connected(f"127.0.0.1:{taken.getsockname()[1]}")


def test_a_taken_port():
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        with pytest.raises(CatseyeError, match="--port"):
            served(Place(taken.getsockname()[1]))


def test_a_center_that_is_gone_is_one_line(ends):
    center, worker = ends
    del center
    worker.store.set_timeout(timedelta(seconds=1))
    with pytest.raises(CatseyeError, match="the center at 127.0.0.1:.* is gone"):
        worker.take(worker.name)


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
        connected(f"127.0.0.1:{center.store.port}", token)
    assert connected(f"127.0.0.1:{center.store.port}", "secret").name == "0"


@pytest.mark.parametrize("forged", ["token", "vector", "repeated", "cut off", "nonsense"])
def test_what_is_not_signed_is_not_heard(forged):
    """The next true message is taken instead, whatever lies before it in the queue."""
    center = served(Place(token="secret"))
    worker = connected(f"127.0.0.1:{center.store.port}", "secret")
    worker.post(ASKS, {}, torch.ones(3))
    message = center.store.queue_pop(ASKS)
    if forged == "token":
        Line(worker.store, "9", "guessed", "").post(ASKS, {}, torch.zeros(3))
    elif forged == "vector":
        worker.store.queue_push(ASKS, message[:-12] + torch.zeros(3).numpy().tobytes())
    elif forged == "repeated":
        worker.store.queue_push(ASKS, message)
        assert torch.equal(center.take(ASKS)[1], torch.ones(3))
        worker.store.queue_push(ASKS, message)
    elif forged == "cut off":
        worker.store.queue_push(ASKS, message[:10])
    else:
        worker.store.queue_push(ASKS, b"\xff" * 100)
    worker.post(ASKS, {}, torch.full((3,), 2.0))
    assert torch.equal(center.take(ASKS)[1], torch.full((3,), 2.0))
    assert not center.is_waiting(ASKS)


def test_a_message_counts_in_its_own_queue_only(ends):
    center, worker = ends
    worker.post("replies", {}, torch.zeros(3))
    worker.store.queue_push(ASKS, worker.store.queue_pop("replies"))
    worker.post(ASKS, {}, torch.ones(3))
    assert torch.equal(center.take(ASKS)[1], torch.ones(3))
