import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sources import open_source, stream
from catseye.runtime.sources.stream import (
    FFMPEG_VARIABLE,
    chosen_backend,
    gstreamer_pipeline,
    split_options,
)

SERVER = str(Path(__file__).with_name("rtsp_server.py"))


def test_a_stream_that_is_not_there_is_one_line(capfd):
    with pytest.raises(CatseyeError, match="no video from"):
        open_source("rtsp://127.0.0.1:9/x")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "uri, address, options",
    (
        ("rtsp://h/x?a=b", "rtsp://h/x?a=b", ""),
        ("rtsp://h/x?a=b#transport=udp", "rtsp://h/x?a=b", "transport=udp"),
        ("rtsp://h/x#y#transport=udp&read_s=3", "rtsp://h/x#y", "transport=udp&read_s=3"),
        ("rtsp://u:p#w@h/x", "rtsp://u:p#w@h/x", ""),
        ("http://h/x#", "http://h/x#", ""),
    ),
)
def test_options_stand_behind_the_last_hash(uri, address, options):
    assert split_options(uri) == (address, options)


@pytest.mark.parametrize("options", ("transport=smoke", "speed=1", "read_s=0", "backend=magic"))
def test_hostile_options_are_one_line(options):
    with pytest.raises(CatseyeError, match="such as rtsp://") as caught:
        open_source("rtsp://127.0.0.1:9/x#" + options)
    assert "\n" not in str(caught.value)


def test_what_this_opencv_lacks_is_said_by_name(monkeypatch):
    monkeypatch.setattr(stream, "opencv_has", lambda library: library == "GStreamer")
    assert chosen_backend("auto") == "gstreamer"
    with pytest.raises(CatseyeError, match="without FFMPEG"):
        chosen_backend("ffmpeg")
    monkeypatch.setattr(stream, "opencv_has", lambda library: False)
    with pytest.raises(CatseyeError, match="without FFMPEG and GStreamer"):
        chosen_backend("auto")


def test_an_address_cannot_add_elements_to_the_pipeline():
    pipeline = gstreamer_pipeline('rtsp://h/x" ! filesink location="y\\', "tcp")
    assert pipeline.startswith(
        'rtspsrc location="rtsp://h/x\\" ! filesink location=\\"y\\\\" protocols=tcp latency=0'
    )
    assert "is-live=true" in gstreamer_pipeline("https://h/x", "tcp")


def test_passwords_are_not_shown():
    with pytest.raises(CatseyeError, match=r"rtsp://me:\*\*\*@127.0.0.1:9/x") as caught:
        open_source("rtsp://me:secret@127.0.0.1:9/x")
    assert "secret" not in str(caught.value)


def test_settings_of_ffmpeg_last_as_long_as_the_opening(monkeypatch):
    monkeypatch.delenv(FFMPEG_VARIABLE, raising=False)
    with stream.ffmpeg_settings("udp"):
        assert os.environ[FFMPEG_VARIABLE].startswith("rtsp_transport;udp|fflags;nobuffer")
    assert FFMPEG_VARIABLE not in os.environ
    monkeypatch.setenv(FFMPEG_VARIABLE, "rtsp_transport;http")  # the user's own
    with stream.ffmpeg_settings("udp"):
        assert os.environ[FFMPEG_VARIABLE] == "rtsp_transport;http"


def test_a_server_that_never_answers_does_not_hang_the_program():
    with socket.socket() as silent:  # takes the connection and says nothing
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        begun_s = time.monotonic()
        with pytest.raises(CatseyeError, match="has not opened after 0.5 s|no video from"):
            open_source("rtsp://127.0.0.1:%d/x#open_s=0.5" % silent.getsockname()[1])
        assert time.monotonic() - begun_s < 5


@pytest.fixture(scope="module")
def gstreamer_python():
    """A Python with the bindings of GStreamer's RTSP server, which seldom is the one that runs the
    tests."""
    probe = (
        "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import"
        " GstRtspServer"
    )
    for python in (sys.executable, "/usr/bin/python3"):
        if (
            os.path.exists(python)
            and subprocess.call([python, "-c", probe], stderr=subprocess.DEVNULL) == 0
        ):
            return python
    pytest.skip(
        "no GStreamer RTSP server: apt install gir1.2-gst-rtsp-server-1.0 python3-gi"
        " gstreamer1.0-plugins-good"
    )


class RtspServer:
    """A server that can be killed and started again at the same address."""

    def __init__(self, python, port):
        self.python, self.port, self.process = python, port, None
        self.uri = "rtsp://127.0.0.1:%d/front" % port

    def start(self):
        self.process = subprocess.Popen(
            [self.python, SERVER, str(self.port)], stdout=subprocess.PIPE
        )
        assert self.process.stdout.readline() == b"ready\n"

    def kill(self):
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def rtsp_server(gstreamer_python, port):
    server = RtspServer(gstreamer_python, port)
    server.start()
    yield server
    server.kill()


def frames_until(source, frames, condition, seconds=30):
    """Take frames until the condition holds; the last one."""
    limit_s = time.monotonic() + seconds
    for frame in frames:
        if condition():
            return frame
        assert time.monotonic() < limit_s, source.faults
    raise AssertionError("the stream ended")


@pytest.mark.parametrize("transport", ("tcp", "udp"))
def test_a_real_rtsp_server_is_seen(rtsp_server, transport):
    with open_source(rtsp_server.uri + "#transport=" + transport) as source:
        frames = iter(source)
        first, second = next(frames), next(frames)
    assert first.image.shape == (240, 320, 3) and second.index > first.index
    assert first.image.std() > 10  # the ball is there


def test_a_server_killed_three_times_is_three_losses(rtsp_server, caplog):
    with open_source(rtsp_server.uri + "#open_s=3&read_s=3") as source:
        frames = iter(source)
        next(frames)
        for losses in (1, 2, 3):
            rtsp_server.kill()
            back = threading.Timer(0.5, rtsp_server.start)
            back.start()
            frames_until(
                source,
                frames,
                lambda n=losses: source.notice is None and sum(source.faults.values()) == n,
            )
            back.join()
        assert sum("is back" in record.getMessage() for record in caplog.records) == 3


def test_a_server_that_freezes_stalls_and_is_given_up(rtsp_server):
    """SIGSTOP: the connection stays, nothing comes, and OpenCV would wait for half a minute."""
    import signal

    waits = []
    with open_source(rtsp_server.uri + "#open_s=2&read_s=0.5") as source:
        frames = iter(source)
        next(frames)
        source.on_wait = lambda: waits.append(source.notice)
        rtsp_server.process.send_signal(signal.SIGSTOP)
        resume = threading.Timer(2.0, rtsp_server.process.send_signal, [signal.SIGCONT])
        resume.start()
        frames_until(source, frames, lambda: source.faults["stalled"] + source.faults["lost"] > 0)
        resume.join()
    assert any(
        notice is not None and notice.words.startswith("no camera since ") for notice in waits
    )
