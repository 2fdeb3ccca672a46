"""The can:// sink on python-can's virtual bus: heard by another node, full, down and up again."""

import itertools
import json
import logging
import pkgutil
import sys

import pytest
from camera_loop import BrightnessTask, FakeEngine, frame_of, wait_until, write_to

from catseye.runtime.cameras.feed import Feed
from catseye.runtime.clock.moment import monotonic_ns
from catseye.runtime.errors import CatseyeError, SinkError
from catseye.runtime.pipeline import Pipeline
from catseye.runtime.sinks import check_sink, open_sink, open_sinks, sink_statistics
from catseye.runtime.sinks.controller import canbus
from catseye.runtime.sinks.controller.canbus import CanAddress, address_from_text
from catseye.runtime.sources import open_source
from catseye.runtime.sources.faults import Notice

can = pytest.importorskip("can", reason="needs the extra `can`")
cantools = pytest.importorskip("cantools", reason="needs the extra `can`")
CHANNELS = ("test%d" % number for number in itertools.count())


@pytest.fixture
def channel():
    return next(CHANNELS)


@pytest.fixture
def node(channel):
    """Another node of the bus."""
    with can.Bus(channel=channel, interface="virtual") as bus:
        yield bus


@pytest.fixture(scope="module")
def database():
    text = pkgutil.get_data("catseye.runtime.sinks.controller", "catseye.dbc") or b""
    return cantools.database.load_string(text.decode(), "dbc")


def uri_of(channel, options="&rate=200"):
    return "can://%s?interface=virtual%s" % (channel, options)


def heard(node, database, wanted=None):
    """The road's frames, decoded: until one is as wanted; without, all that have come."""
    told = []
    while not told or wanted is None or not wanted(told[-1]):
        message = node.recv(timeout=0 if wanted is None else 10)
        if message is None:
            assert wanted is None, "nothing more came"
            return told
        if message.arbitration_id == 960:
            told.append(database.decode_message(960, message.data))
            told[-1]["State"] = str(told[-1]["State"])
    return told


def test_a_bus_of_long_frames_is_opened_for_them(channel, tmp_path, monkeypatch):
    asked, opened = [], can.Bus
    monkeypatch.setattr(can, "Bus", lambda **how: asked.append(how) or opened(**how))
    text = pkgutil.get_data("catseye.runtime.sinks.controller", "catseye.dbc") or b""
    long = tmp_path / "long.dbc"
    long.write_bytes(text.replace(b"CatseyeRoad: 8", b"CatseyeRoad: 12"))
    for options in ("", "&dbc=%s" % long):
        open_sink(uri_of(channel, options), 30.0).close()
    assert [how.get("fd", False) for how in asked] == [False, True]


def test_what_a_controller_hears(node, channel, database):
    with open_sink(uri_of(channel), 30.0) as sink:
        assert heard(node, database, lambda frame: True)[0]["State"] == "blind"
        facts = dict(since_ns=monotonic_ns(), budget_ms=300.0)
        write_to(sink, frame_of(), alarms=("light",), alarm_counts={"near": 0, "light": 1}, **facts)
        frames = heard(node, database, lambda frame: frame["State"] == "stale")
        assert {frame["State"] for frame in frames[:-1]} <= {"blind", "ok"}
        assert all(frame["Age"] <= 301 for frame in frames if frame["State"] == "ok")
        message = node.recv(timeout=10)
        while message.arbitration_id != 961:
            message = node.recv(timeout=10)
        assert database.decode_message(961, message.data)["Alarms"] == 2
        sink.notice(Notice("lost", 0))
        heard(node, database, lambda frame: frame["State"] == "blind")
    counters = [frame["Counter"] for frame in heard(node, database)]
    assert all((after - before) % 16 == 1 for before, after in zip(counters, counters[1:]))


def test_a_run_whose_camera_stalls_is_never_ok_meanwhile(node, channel, database, rolling_street):
    uri = "synthetic://road?size=160x90&fps=50&frames=70&live=1&faults=stall@15+25,loss@45+15"
    with open_source(uri) as source, open_sinks([uri_of(channel)], {"": source}) as sinks:
        Pipeline([Feed(source, BrightnessTask())], FakeEngine(), sinks, budget_ms=100.0).run()
        (took,) = sink_statistics(sinks)
    frames = heard(node, database)
    assert {"ok", "stale", "blind"} <= {frame["State"] for frame in frames} and took.lost == 0
    assert all(frame["Age"] <= 101 for frame in frames if frame["State"] in ("ok", "unsure"))
    assert frames[-1]["State"] == "blind"


def test_a_bus_that_is_full_loses_frames_and_the_run_goes_on(channel, caplog):
    """A node that does not read, with room for three."""
    with can.Bus(channel=channel, interface="virtual", rx_queue_size=3) as node:
        with open_sink(uri_of(channel), 30.0) as sink:
            wait_until(lambda: sink.statistics().lost > 3)
            assert sink.failing == uri_of(channel)
            while node.recv(timeout=0) is not None:
                pass
            node.queue.maxsize = 0
            wait_until(lambda: not sink.failing)
        told = [one.getMessage() for one in caplog.records if one.name == "catseye"]
    assert len(told) == 2 and "takes no frame" in told[0] and "works again" in told[1]


def test_a_bus_that_goes_down_comes_back(node, channel, database, caplog, monkeypatch):
    monkeypatch.setattr(canbus, "REOPEN_S", 0.05)
    with open_sink(uri_of(channel), 30.0) as sink:
        wait_until(lambda: sink.statistics().written > 2)
        sink._bus.shutdown()
        wait_until(lambda: sink.statistics().lost > 0)
        before = sink.statistics().written
        wait_until(lambda: sink.statistics().written > before + 2 and not sink.failing)
    assert heard(node, database)[-1]["State"] == "blind"
    told = [
        one for one in caplog.records if one.name == "catseye" and one.levelno >= logging.WARNING
    ]
    assert len(told) == 2


def test_rows_say_that_the_bus_fails(channel, tmp_path, rolling_street):
    """The state says so, where it can still be heard."""
    with can.Bus(channel=channel, interface="virtual", rx_queue_size=1):
        with open_source("synthetic://road?size=160x90&fps=50&frames=20&live=1") as source:
            with open_sinks(
                [uri_of(channel), "jsonl://%s" % (tmp_path / "rows")], {"": source}
            ) as sinks:
                wait_until(lambda: bool(sinks[0].failing))
                Pipeline([Feed(source, BrightnessTask())], FakeEngine(), sinks).run()
        rows = [json.loads(line) for line in (tmp_path / "rows").read_text().splitlines()]
    assert rows and all(row["failing"] == [uri_of(channel)] for row in rows)
    assert {(row["state"], row["why"]) for row in rows} == {("unsure", uri_of(channel) + " fails")}


def test_of_several_cameras_one_must_be_named(channel, node):
    with pytest.raises(CatseyeError, match="one of front, left"):
        open_sink(uri_of(channel), 30.0, cameras=["front", "left"])
    with pytest.raises(CatseyeError, match="one of front"):
        open_sink(uri_of(channel, "&camera=rear"), 30.0, cameras=["front"])
    with open_sink(uri_of(channel, "&camera=left"), 30.0, cameras=["front", "left"]) as sink:
        write_to(sink, frame_of()._replace(camera="front"), since_ns=monotonic_ns())
        write_to(sink, frame_of()._replace(camera="left"), since_ns=monotonic_ns())
        wait_until(lambda: sink.statistics().written > 3)


@pytest.mark.parametrize(
    "text, address",
    (
        ("can0", CanAddress("can0")),
        ("vcan0?dbc=a b.dbc&rate=50", CanAddress("vcan0", "a b.dbc", 50.0)),
        (
            "PCAN_USBBUS1?interface=pcan&camera=front",
            CanAddress("PCAN_USBBUS1", None, 20.0, "pcan", "front"),
        ),
    ),
)
def test_addresses(text, address):
    assert address_from_text(text) == address


@pytest.mark.parametrize(
    "text", ("", "?rate=3", "can 0", "can0?rate=0", "can0?bus=1", "can0?dbc=", "a\nb")
)
def test_what_is_no_address_is_one_line(text):
    for door in (check_sink, lambda uri: open_sink(uri, 30.0)):
        with pytest.raises(CatseyeError) as caught:
            door("can://" + text)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("interface", ("socketcan", "nonsense"))
def test_no_such_bus_is_told_before_the_first_frame(interface):
    with pytest.raises(SinkError, match="no CAN bus nocan7 by " + interface) as caught:
        open_sink("can://nocan7?interface=" + interface, 30.0)
    assert "\n" not in str(caught.value)


def test_without_python_can_it_is_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "can", None)
    with pytest.raises(CatseyeError, match=r'pip install "catseye\[can\]"'):
        open_sink("can://can0", 30.0)
