import os
import signal
import socket
import subprocess
import sys

import pytest
import quick_street

from catseye.runtime.system.sd_notify import ServiceManager


@pytest.fixture
def manager(tmp_path, monkeypatch):
    """A service manager's end of the socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        path = str(tmp_path / "notify")
        channel.bind(path)
        channel.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        monkeypatch.delenv("WATCHDOG_PID", raising=False)
        yield channel


def heard(channel):
    channel.setblocking(False)
    words = []
    try:
        while True:
            words.append(channel.recv(100).decode())
    except BlockingIOError:
        return words


def test_ready_alive_and_ending(manager, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "2000000")
    service = ServiceManager()
    service.ready()
    for _ in range(1000):
        service.beat()
    service.stopping()
    # a sign a second, not one a frame
    assert heard(manager) == ["READY=1", "WATCHDOG=1", "STOPPING=1"]


@pytest.mark.parametrize(
    "variables", ({}, {"WATCHDOG_USEC": "x"}, {"WATCHDOG_USEC": "20", "WATCHDOG_PID": "1"})
)
def test_no_signs_of_life_where_nobody_waits_for_them(manager, monkeypatch, variables):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    ServiceManager().beat()
    assert heard(manager) == []


def test_an_abstract_socket(monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind("\0catseye-test-%d" % os.getpid())
        monkeypatch.setenv("NOTIFY_SOCKET", "@catseye-test-%d" % os.getpid())
        ServiceManager().ready()
        assert heard(channel) == ["READY=1"]


def test_without_a_manager_or_with_a_deaf_one_nothing_happens(monkeypatch, tmp_path):
    for address in ("", str(tmp_path / "nobody"), "relative nonsense"):
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        ServiceManager().ready()


def test_a_run_tells_its_manager_and_lives_on_without_a_camera(manager):
    """A real run whose camera is away: it must still be seen alive, and end by SIGTERM as a service
    does."""
    environment = dict(os.environ, WATCHDOG_USEC="400000")
    source = "synthetic://road?live=1&size=64x48&faults=loss@5+100000"
    arguments = ["run", "road", "--source", source, "--sink", "null://"]
    process = subprocess.Popen(
        [sys.executable, quick_street.__file__] + arguments, env=environment, stderr=subprocess.PIPE
    )
    try:
        words = [manager.recv(100).decode() for _ in range(6)]
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert words == ["READY=1"] + ["WATCHDOG=1"] * 5, err
    assert process.returncode == 0 and b"camera faults: lost 1" in err
    assert heard(manager)[-1] == "STOPPING=1"
