"""Datagrams of a real socket on 127.0.0.1, and what is in them."""

import json
import random
import socket

import pytest
from camera_loop import BrightnessTask, FakeEngine, frame_of, report_for, result_for, write_to

from catseye.runtime.cameras.feed import Feed
from catseye.runtime.clock.moment import monotonic_ns
from catseye.runtime.control.state import State
from catseye.runtime.control.watchdog import Newest, Statement
from catseye.runtime.errors import CatseyeError
from catseye.runtime.pipeline import Pipeline
from catseye.runtime.sinks import check_sink, open_sink, open_sinks, sink_statistics
from catseye.runtime.sinks.controller.udp import MOST_BYTES, UdpAddress, address_from_text, datagram
from catseye.runtime.sources import open_source


@pytest.fixture
def listener():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(10)
        yield receiver


def uri_of(listener, options="?rate=200"):
    return "udp://127.0.0.1:%d%s" % (listener.getsockname()[1], options)


def heard(listener, wanted):
    """All rows until one is as wanted, and that one last."""
    rows = []
    while not rows or not wanted(rows[-1]):
        rows.append(json.loads(listener.recv(2000)))
        assert len(rows) < 5000
    return rows


def test_the_newest_result_and_what_becomes_of_it(listener):
    frame = frame_of(200, 7)
    with open_sink(uri_of(listener), 30.0) as sink:
        first = json.loads(listener.recv(2000))
        assert (first["state"], first["why"], first["index"]) == ("blind", "no picture yet", None)
        assert first["sequence"] == 0 and "result" not in first
        facts = {"since_ns": monotonic_ns(), "budget_ms": 400.0, "alarms": ("near",)}
        write_to(sink, frame, clock="captured", **facts)
        row = heard(listener, lambda row: row["state"] == "ok")[-1]
        assert row == {
            "schema": 1,
            "sequence": row["sequence"],
            "camera": None,
            "state": "ok",
            "why": "",
            "index": 7,
            "timestamp_ns": frame.timestamp_ns,
            "clock": "captured",
            "age_ms": row["age_ms"],
            "budget_ms": 400.0,
            "alarms": ["near"],
            "failing": [],
            "task": "brightness",
            "result": {"bright": 1.0},
            "left_out": 0,
        }
        rows = heard(listener, lambda row: row["state"] == "stale")
        assert all(one["age_ms"] <= 400 for one in rows[:-1])
        assert rows[-1]["age_ms"] >= 400 and "result" not in rows[-1]
    last = heard(listener, lambda row: row["why"] == "the run has ended")[-1]
    assert last["state"] == "blind"


def test_a_run_whose_camera_stalls_and_is_lost_is_never_ok_meanwhile(listener, rolling_street):
    """The whole of it: a camera that stalls, is lost and comes back, heard by a controller."""
    uri = "synthetic://road?size=160x90&fps=50&frames=140&live=1&faults=stall@20+25,loss@70+50"
    with (
        open_source(uri) as source,
        open_sinks([uri_of(listener, "?rate=40")], {"": source}) as sinks,
    ):
        Pipeline([Feed(source, BrightnessTask())], FakeEngine(), sinks, budget_ms=100.0).run()
        (took,) = sink_statistics(sinks)
    rows = heard(listener, lambda row: row["why"] == "the run has ended")
    assert {"ok", "stale", "blind"} <= {row["state"] for row in rows}
    for row in rows:
        if row["state"] in ("ok", "unsure"):
            assert row["age_ms"] <= 100 and "result" in row
        else:
            assert "result" not in row
    assert [row["sequence"] for row in rows] == list(range(len(rows)))
    assert took.lost == 0 and len(rows) >= took.written > 20


def statement_of(found, why="", alarms=(), failing=(), camera=""):
    frame = frame_of()._replace(camera=camera)
    report = report_for(frame, result_for(frame), alarms=alarms, failing=failing)
    return Statement(
        camera, State("ok", why), Newest(frame, report.facts, lambda: found, "road"), 3.0, 5
    )


def test_a_datagram_is_one_packet_whatever_is_in_it():
    rng = random.Random(1)
    for _ in range(300):
        found = {
            "k%d" % number + "x" * rng.choice((0, 0, 60)): rng.choice(
                (
                    1.5,
                    None,
                    "text",
                    [[0.123] * rng.randrange(60)] * rng.randrange(9),
                    {"a": 1},
                )
            )
            for number in range(rng.randrange(60))
        }
        alarms = ["alarm" + "y" * 26 + str(number) for number in range(rng.randrange(17))]
        data = datagram(
            statement_of(
                found,
                "why" + rng.choice(("", '\x00\n"\\ä€' * 400)),
                tuple(alarms),
                tuple(["can://" + '"' * 300] * rng.randrange(4)),
                "c" * rng.choice((0, 32)),
            ),
            2**62,
        )
        row = json.loads(data)
        assert len(data) <= MOST_BYTES
        assert all(row["result"][name] == found[name] for name in row["result"])
        assert len(row["result"]) + row["left_out"] == len(found) and row["alarms"] == alarms


def test_short_numbers_go_before_long_lists():
    found = {
        "corridor": [[1, 2]] * 400,
        "free_m": 12.5,
        "curvature_per_m": 0.001,
        "free": [0.5] * 32,
    }
    row = json.loads(datagram(statement_of(found), 0))
    assert list(row["result"]) == ["free_m", "curvature_per_m", "free"] and row["left_out"] == 1


def test_a_number_that_is_none_is_unsure():
    row = json.loads(datagram(statement_of({"free_m": float("nan")}), 0))
    assert (row["state"], row["why"]) == (
        "unsure",
        "a number of it is none",
    ) and "result" not in row


@pytest.mark.parametrize(
    "text, address",
    (
        ("192.168.1.5:5005", UdpAddress("192.168.1.5", 5005)),
        ("[::1]:1?rate=2.5", UdpAddress("::1", 1, 2.5)),
        ("board:65535?rate=1000", UdpAddress("board", 65535, 1000.0)),
    ),
)
def test_addresses(text, address):
    assert address_from_text(text) == address


@pytest.mark.parametrize(
    "text",
    (
        "",
        "host",
        ":5005",
        "host:0",
        "host:65536",
        "host:port",
        "::1:5005",
        "h o:5",
        "host:5005?rate=0",
        "host:5005?rate=1001",
        "host:5005?rate=nan",
        "host:5005?speed=1",
        "host:5005/x",
    ),
)
def test_what_is_no_address_is_one_line(text):
    for door in (check_sink, lambda uri: open_sink(uri, 30.0)):
        with pytest.raises(CatseyeError) as caught:
            door("udp://" + text)
        assert "\n" not in str(caught.value)


def test_a_host_that_nobody_knows_is_told_before_the_first_frame():
    with pytest.raises(CatseyeError, match="host that the network knows"):
        open_sink("udp://no.such.host.invalid:5005", 30.0)


def test_over_ipv6():
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as receiver:
        try:
            receiver.bind(("::1", 0))
        except OSError:
            pytest.skip("no IPv6 here")
        receiver.settimeout(10)
        with open_sink("udp://[::1]:%d" % receiver.getsockname()[1], 30.0):
            assert json.loads(receiver.recv(2000))["state"] == "blind"
