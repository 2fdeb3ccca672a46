"""The wire: whole messages, counted bytes, and words where there is nobody at the other end."""

import socket
from datetime import timedelta

import pytest
import torch

from catseye.runtime.errors import CatseyeError
from catseye.training.elastic import exchange
from catseye.training.elastic.exchange import ASKS, PIECE, connected, measured_exchange_s, served


@pytest.fixture
def ends():
    center = served(0)
    return center, connected(f"localhost:{center.store.port}")


@pytest.mark.parametrize("length", [0, 1, 1000, PIECE // 4, PIECE // 2 + 3])
def test_a_message_comes_whole_and_leaves_nothing(ends, length):
    center, worker = ends
    vector, before = torch.randn(length), center.store.num_keys()
    worker.post(ASKS, {"worker": worker.name, "losses": [0.5]}, vector)
    header, come = center.take(ASKS)
    assert header == {"worker": "0", "losses": [0.5]} and torch.equal(come, vector)
    assert not center.is_waiting(ASKS) and center.store.num_keys() == before
    assert worker.sent == center.received and 4 * length < worker.sent < 4 * length + 300


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
    assert [worker.name] + [connected(f"localhost:{center.store.port}").name for _ in range(2)] == ["0", "1", "2"]


@pytest.mark.parametrize("address", ["", "nowhere", "host:", "host:port"])
def test_an_address_that_is_none(address):
    with pytest.raises(CatseyeError, match="HOST:PORT"):
        connected(address)


def test_nobody_there(monkeypatch):
    monkeypatch.setattr(exchange, "CONNECT", timedelta(seconds=1))
    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        with pytest.raises(CatseyeError, match="start the center first"):
            connected(f"localhost:{taken.getsockname()[1]}")


def test_a_taken_port():
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        with pytest.raises(CatseyeError, match="--port"):
            served(taken.getsockname()[1])


def test_a_center_that_is_gone_is_one_line(ends):
    center, worker = ends
    del center
    worker.store.set_timeout(timedelta(seconds=1))
    with pytest.raises(CatseyeError, match="the center at localhost:.* is gone"):
        worker.take(worker.name)


def test_an_exchange_takes_a_while():
    assert 0 < measured_exchange_s(1000, 3) < 60
