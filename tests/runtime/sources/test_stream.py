import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from camera_loop import BrightnessTask, FakeEngine, ListSink, wait_until

from catseye.runtime.cameras.feed import Feed
from catseye.runtime.cameras.opening import open_cameras
from catseye.runtime.errors import CatseyeError
from catseye.runtime.pipeline import Pipeline
from catseye.runtime.sources import open_source, stream
from catseye.runtime.sources.stream import (
    chosen_backend,
    gstreamer_pipeline,
    split_options,
)

NEED_H264 = ("rare", "middle", "two-sizes", "late-h264")
H264_PROBE = (
    "import gi, sys; gi.require_version('Gst', '1.0'); from gi.repository import Gst;"
    " Gst.init(None);"
    " sys.exit(not all(map(Gst.ElementFactory.find, ('x264enc', 'h264parse', 'rtph264pay'))))"
)
SERVER = str(Path(__file__).with_name("rtsp_server.py"))


def test_a_stream_that_is_not_there_is_one_line(capfd):
    with pytest.raises(CatseyeError, match="127.0.0.1:9 refuses connections"):
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
    with pytest.raises(CatseyeError, match="127.0.0.1:9 refuses") as caught:
        open_source("rtsp://me:secret@127.0.0.1:9/x")
    assert "secret" not in str(caught.value)


def test_a_server_that_never_answers_does_not_hang_the_program():
    with socket.socket() as silent:  # takes the connection and says nothing
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        begun_s = time.monotonic()
        with pytest.raises(
            CatseyeError, match="has not opened after 0.5 s|no answer from 127.0.0.1"
        ):
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
    """A server that can be killed and started again at the same address. kind: of its picture."""

    def __init__(self, python, port, kind="ball"):
        self.python, self.port, self.kind, self.process = python, port, kind, None
        self.uri = "rtsp://127.0.0.1:%d/front" % port

    def start(self):
        self.process = subprocess.Popen(
            [self.python, SERVER, str(self.port), self.kind], stdout=subprocess.PIPE
        )
        assert self.process.stdout.readline() == b"ready\n"

    def kill(self):
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def rtsp_server(gstreamer_python, port, request):
    """Of the kind that the test names by indirect parameters, else `ball`."""
    kind = getattr(request, "param", "ball")
    if kind in NEED_H264 and subprocess.call([gstreamer_python, "-c", H264_PROBE]):
        pytest.skip("no H.264: apt install gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly")
    server = RtspServer(gstreamer_python, port, kind)
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


@pytest.mark.parametrize("rtsp_server", ["late", "late-h264"], indirect=True)
def test_a_server_that_holds_its_pictures_back_is_found_out(rtsp_server):
    """By its reports: it sends them 600 ms late, and FFmpeg takes a picture's time."""
    until_s = time.monotonic() + 30
    with open_source(rtsp_server.uri) as source:
        for frame in source:
            age_s = time.monotonic() - frame.since_ns / 1e9
            if frame.clock == "captured" or time.monotonic() > until_s:
                break
            assert age_s < 0.5  # from its arrival
    assert frame.clock == "captured" and 0.6 <= age_s < 1.2
    assert abs((time.time() - frame.timestamp_ns / 1e9) - age_s) < 0.5


@pytest.mark.parametrize("rtsp_server", ["rare"], indirect=True)
def test_the_opening_key_frame_is_kept(rtsp_server):
    """The next one would come after twelve seconds."""
    with open_source(rtsp_server.uri) as source:
        frames = iter(source)
        first, second = next(frames), next(frames)
        assert not any(source.faults.values())
    assert first.image.std() > 10 and second.index > first.index
    assert source.skipped >= first.index  # what lay in wait while it was opened is let by


@pytest.mark.parametrize("rtsp_server", ["middle"], indirect=True)
def test_waiting_for_a_key_frame_is_a_state_of_its_own(rtsp_server, caplog):
    told = set()
    with open_source(rtsp_server.uri + "#read_s=0.3") as source:
        source.on_wait = lambda: told.add(source.notice and source.notice.words.partition("(")[2])
        frame = next(iter(source))
        assert source.faults["key_frame"] == 1 and not source.faults["stalled"]
    assert frame.image.std() > 10
    assert told == {None, "waiting for a key frame)"}
    assert "no key frame to begin with yet" in caplog.text and "trying again" not in caplog.text


@pytest.mark.parametrize("rtsp_server", ["two-sizes"], indirect=True)
def test_a_size_that_changes_in_mid_stream_is_seen(rtsp_server):
    with open_source(rtsp_server.uri) as source:
        assert source.fps == 15
        frames = iter(source)
        frames_until(source, frames, lambda: source.faults["size"] and source.notice is None)
        assert next(frames).image.shape == (320, 240, 3)
        assert source.faults["size"] == 1


@pytest.mark.parametrize("rtsp_server", ["locked"], indirect=True)
def test_who_may_look_does_and_who_may_not_is_told_why(rtsp_server):
    uri = rtsp_server.uri.replace("//", "//%s")
    with open_source(uri % "me:secret@") as source:
        assert next(iter(source)).image.shape == (240, 320, 3)
    for who, words in (("", "requires a login"), ("me:guess@", "refuses this user or password")):
        with pytest.raises(CatseyeError, match=words) as caught:
            open_source(uri % who)
        assert "guess" not in str(caught.value)


@pytest.mark.parametrize("rtsp_server", ["sound"], indirect=True)
def test_a_stream_without_pictures_is_told(rtsp_server):
    with pytest.raises(CatseyeError, match="has no video"):
        open_source(rtsp_server.uri)
    with pytest.raises(CatseyeError, match="answers 404 Not Found"):
        open_source(rtsp_server.uri + "er")


def test_why_a_stream_does_not_come_back_stands_in_the_notice(rtsp_server, caplog):
    words = []
    with open_source(rtsp_server.uri + "#open_s=3&read_s=3") as source:
        frames = iter(source)
        next(frames)
        source.on_wait = lambda: words.append(source.notice and source.notice.words)
        rtsp_server.kill()
        back = threading.Timer(2.0, rtsp_server.start)
        back.start()
        frames_until(source, frames, lambda: source.faults["lost"] == 1 and source.notice is None)
        back.join()
    refusal = "127.0.0.1:%d refuses connections" % rtsp_server.port
    assert any(each and each.endswith("(lost: %s)" % refusal) for each in words)
    assert caplog.text.count(refusal) == 1


def test_of_two_cameras_one_is_killed_and_the_other_goes_on(rtsp_server, other_port, caplog):
    """The dead one is told of, awaited and taken back, in the run and where it was not there at
    first."""
    dead = RtspServer(rtsp_server.python, other_port)
    told, sink = set(), ListSink()
    sink.notice = lambda notice: told.add((notice.camera, notice.fault))
    uris = {"front": rtsp_server.uri, "left": dead.uri + "#open_s=3&read_s=3"}
    with open_cameras(uris) as cameras:
        assert "camera left is awaited, the others begin: 127.0.0.1" in caplog.text
        feeds = [Feed(source, BrightnessTask(), name) for name, source in cameras.items()]
        pipeline = Pipeline(feeds, FakeEngine(), [sink])
        loop = threading.Thread(target=pipeline.run)
        loop.start()

        def taken(camera):
            return sum(row[0].camera == camera for row in list(sink.rows))

        def takes(camera, frames):
            before = taken(camera)
            wait_until(lambda: taken(camera) >= before + frames, 30)

        try:
            takes("front", 10)
            wait_until(lambda: ("left", "lost") in told)
            assert taken("left") == 0
            dead.start()
            takes("left", 10)
            dead.kill()
            told.clear()
            wait_until(lambda: told == {("left", "lost")}, 30)
            gone = taken("left")
            takes("front", 20)
            assert taken("left") == gone
            dead.start()
            takes("left", 10)
            takes("front", 1)
        finally:
            pipeline.stop()
            loop.join(10)
            dead.kill()
        assert pipeline.statistics().cameras[0].faults["lost"] == 0
        assert pipeline.statistics().cameras[1].faults["lost"] == 2


BOARD = """
import logging, sys
logging.basicConfig(level=logging.INFO, format="%(message)s")
from catseye.runtime.coding import gstreamer
from catseye.runtime.sources import open_source
gstreamer.DECODERS = (gstreamer.Decoder("openh264dec", "videoconvert"),)
with open_source(sys.argv[1]) as source:
    frames = iter(source)
    found = [next(frames).image for _ in range(2)]
print(found[0].shape, found[0].std() > 10)
"""


@pytest.mark.parametrize("rtsp_server", ["rare"], indirect=True)
def test_a_stream_goes_through_the_boards_decoder(rtsp_server):
    """By real GStreamer, a decoder of software in the place of the board's."""
    python = "/usr/bin/python3"
    probe = (
        "from catseye.runtime.coding.gstreamer import has_element\n"
        "from catseye.runtime.system.opencv_build import opencv_has\n"
        "raise SystemExit(not (opencv_has('GStreamer') and has_element('openh264dec')))\n"
    )
    env = dict(os.environ, PYTHONPATH=str(Path(__file__).parents[3]))
    if not os.path.exists(python) or subprocess.call(
        [python, "-c", probe], env=env, stderr=subprocess.DEVNULL
    ):
        pytest.skip("no OpenCV with GStreamer: apt install python3-opencv gstreamer1.0-plugins-bad")
    answer = subprocess.run(
        [python, "-c", BOARD, rtsp_server.uri],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
        timeout=60,
    )
    said = answer.stderr.decode()
    assert answer.stdout == b"(180, 320, 3) True\n", said
    assert "decoded by openh264dec" in said
