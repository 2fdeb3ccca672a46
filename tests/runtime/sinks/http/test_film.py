"""The film over real sockets, read by hand, by FFmpeg's ffprobe and by our own camera source; the
page's own player is tested with the page."""

import json
import shutil
import socket
import struct
import subprocess
from itertools import islice

import numpy as np
import pytest
from camera_loop import frame_of, report_for, wait_until
from page_twin import TOKEN, show
from test_server import ask, place_of

from catseye.runtime.coding.h264 import H264Encoder, h264_encoder
from catseye.runtime.errors import SinkError
from catseye.runtime.sinks.encoding import Way
from catseye.runtime.sinks.http import encoders, handler, stream
from catseye.runtime.sinks.http.film import Film
from catseye.runtime.sinks.http.view import View
from catseye.runtime.sources import open_source
from catseye.runtime.tasks.road_mask import RoadMask

SIZE_WH = (320, 240)
TICKS = 90000

needs_pyav = pytest.mark.skipif(h264_encoder() is None, reason="PyAV is not installed")


@pytest.fixture
def going(open_page, again_and_again):
    """A page with a picture every 20 ms, until the test ends; and its sink."""

    def begin(**options):
        sink = open_page(**options)
        again_and_again(lambda index: show(sink, index, SIZE_WH), 0.02)
        return sink

    return begin


@pytest.fixture
def encoded(monkeypatch):
    """The pictures that were encoded, in order."""
    pictures, real = [], H264Encoder.encoded

    def noting(self, picture):
        pictures.append(picture)
        return real(self, picture)

    monkeypatch.setattr(H264Encoder, "encoded", noting)
    return pictures


class TwinSink:
    """One view alone, without a server."""

    def __init__(self):
        self.view = View()

    def write(self, frame, result, report):
        self.view.show(frame, result, report)


def connected(sink, path="/stream.mp4", headers=""):
    connection = socket.create_connection(place_of(sink), timeout=10)
    words = "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n" % (path, headers)
    connection.sendall(words.encode())
    return connection


def head_of(stream_file):
    return b"".join(iter(stream_file.readline, b"\r\n"))


def boxes(stream_file):
    """(kind, payload) as they come."""
    while True:
        size, kind = struct.unpack(">I4s", stream_file.read(8))
        yield kind, stream_file.read(size - 8)


def begins_s(moof):
    """When its picture is shown."""
    return struct.unpack_from(">Q", moof, moof.index(b"tfdt") + 8)[0] / TICKS


@needs_pyav
def test_it_begins_with_its_header_and_goes_on_by_pictures(going):
    with connected(going()) as connection:
        stream_file = connection.makefile("rb")
        head = head_of(stream_file)
        assert b" 200 " in head and b'video/mp4; codecs="avc1.42c0' in head
        assert b"no-store" in head and b"Connection: close" in head
        found = list(islice(boxes(stream_file), 8))
    assert [kind for kind, _ in found] == [b"ftyp", b"moov"] + [b"moof", b"mdat"] * 3
    times_s = [begins_s(payload) for kind, payload in found if kind == b"moof"]
    assert times_s[0] == 0 and times_s == sorted(set(times_s))


@needs_pyav
def test_who_comes_late_begins_at_the_beginning_with_the_newest_picture(going):
    sink = going()
    with connected(sink) as early:
        stream_file = early.makefile("rb")
        head_of(stream_file)
        list(islice(boxes(stream_file), 20))
        with connected(sink) as late:
            late_file = late.makefile("rb")
            assert b" 200 " in head_of(late_file)
            (_, _), (_, moov), (_, moof) = islice(boxes(late_file), 3)
            assert b"avcC" in moov and begins_s(moof) == 0
        assert next(boxes(stream_file))[0] == b"moof"  # who was there goes on


@needs_pyav
@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="needs ffprobe (Debian package ffmpeg)")
def test_ffprobe_reads_its_first_seconds(going):
    address = "http://%s:%d/stream.mp4" % place_of(going())
    said = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_packets"]
        + ["-read_intervals", "%+3", address],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=60,
        check=True,
    )
    assert said.stderr == b""
    document = json.loads(said.stdout.decode())
    (track,) = document["streams"]
    assert (track["codec_name"], track["width"], track["height"]) == ("h264",) + SIZE_WH
    assert track["profile"] == "Constrained Baseline" and track["has_b_frames"] == 0
    times_s = [float(packet["pts_time"]) for packet in document["packets"]]
    assert len(times_s) > 2 and times_s == sorted(set(times_s))


@needs_pyav
def test_our_own_source_sees_it(going):
    address = "http://%s:%d/stream.mp4" % place_of(going())
    with open_source(address) as source:
        frames = list(islice(source, 3))
    assert [frame.image.shape for frame in frames] == [(240, 320, 3)] * 3


@needs_pyav
def test_a_picture_is_encoded_once_for_all_of_a_width_and_for_nobody_not_at_all(encoded):
    twin = TwinSink()
    for index in range(3):
        show(twin, index, (1280, 720))
    assert encoded == []
    films = [
        Film(twin.view, name, width).pieces()
        for name, width in (("a", 900), ("b", 960), ("c", 300))
    ]
    for film in films:
        assert next(film)[4:8] == b"ftyp"
    assert [picture.shape for picture in encoded] == [(540, 960, 3), (180, 320, 3)]
    for film in films:
        film.close()
    show(twin, 3, (1280, 720))
    assert len(encoded) == 2 and twin.view._encoders._kept == {}


@needs_pyav
def test_who_is_slow_sees_fewer_pictures_and_not_later_ones(encoded):
    twin = TwinSink()
    show(twin, 0, SIZE_WH)
    begun_s = twin.view._newest.at_s
    film = Film(twin.view, "a", None).pieces()
    first = next(film)
    for index in range(1, 6):
        show(twin, index, SIZE_WH)
    second = next(film)
    assert len(encoded) == 2 and begins_s(first) == 0
    assert begins_s(second) == pytest.approx(twin.view._newest.at_s - begun_s, abs=1e-4)
    film.close()


@needs_pyav
def test_it_ends_before_the_pictures_of_an_encoder_of_another_size():
    """The picture that the encoder before has left is the first of who comes then."""
    twin = TwinSink()
    show(twin, 0, SIZE_WH)
    before = Film(twin.view, "a", None).pieces()
    next(before)
    show(twin, 1, (640, 480))
    next(before)
    before.close()
    film = Film(twin.view, "b", None).pieces()
    assert next(film)[4:8] == b"ftyp"
    show(twin, 2, (640, 480))
    assert next(film, None) is None
    again = Film(twin.view, "b", None).pieces()
    assert struct.pack(">2H", 640, 480) in next(again)
    again.close()


def test_it_wants_the_token_and_knows_its_cameras(open_page):
    sink = open_page("0.0.0.0:0?token=" + TOKEN)
    show(sink)
    assert ask(sink, "/stream.mp4")[0] == 401
    assert ask(sink, "/stream.mp4?camera=left", Authorization="Bearer " + TOKEN)[0] == 404
    assert ask(sink, "/stream.mp4", "POST", Authorization="Bearer " + TOKEN)[0] == 405
    assert ask(sink, "/stream.mp4", Host="evil.example", Authorization="Bearer " + TOKEN)[0] == 403


@needs_pyav
def test_with_the_token_it_comes(open_page):
    sink = open_page("0.0.0.0:0?token=" + TOKEN)
    show(sink)
    with connected(sink, "/stream.mp4?token=" + TOKEN) as connection:
        assert b" 200 " in connection.recv(4096)


def test_without_an_encoder_the_answer_says_what_mends_it(open_page, monkeypatch):
    monkeypatch.setattr(encoders, "film_way", Way)
    sink = open_page()
    show(sink)
    status, _, body = ask(sink, "/stream.mp4")[:3]
    assert status == 501 and body == b'no H.264 encoder here: pip install "catseye[video]"\n'
    assert ask(sink, "/frame?after=-1")[0] == 200


@needs_pyav
def test_an_encoder_that_fails_is_one_line_before_it_begins_and_the_end_later(
    open_page, again_and_again, monkeypatch
):
    real, failing = H264Encoder.encoded, []

    def encoded(self, picture):
        if failing:
            raise SinkError("the chip hangs", "one that does not")
        return real(self, picture)

    monkeypatch.setattr(H264Encoder, "encoded", encoded)
    sink = open_page()
    again_and_again(lambda index: show(sink, index, SIZE_WH), 0.02)
    with connected(sink) as connection:
        assert b" 200 " in connection.recv(4096)
        failing.append(True)
        while connection.recv(65536):
            pass
    status, _, body = ask(sink, "/stream.mp4")
    assert status == 501 and body.startswith(b"the chip hangs")


@needs_pyav
def test_it_counts_among_the_streams(going, monkeypatch):
    monkeypatch.setattr(stream, "MOST_STREAMS", 1)
    sink = going()
    with connected(sink, "/stream.mjpg") as held:
        assert b" 200 " in held.recv(4096)
        assert ask(sink, "/stream.mp4")[0] == 503


@needs_pyav
def test_a_viewer_who_does_not_read_is_cut_off_and_the_loop_goes_on(open_page, monkeypatch):
    monkeypatch.setattr(handler, "SEND_S", 0.3)
    sink = open_page()
    rng = np.random.RandomState(0)
    lazy = socket.socket()
    lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    lazy.connect(place_of(sink))
    lazy.sendall(b"GET /stream.mp4 HTTP/1.1\r\nHost: localhost\r\n\r\n")

    def gone():
        image = rng.randint(0, 256, (720, 1280, 3)).astype(np.uint8)
        frame = frame_of()._replace(image=image)
        result = RoadMask(np.zeros((720, 1280), np.uint8))
        sink.write(frame, result, report_for(frame, result))
        return not sink._server.visitors.all()

    wait_until(lambda: bool(sink._server.visitors.all()))
    wait_until(gone)
    assert sink._views[""]._encoders._kept == {}
    lazy.close()


@needs_pyav
def test_a_silent_camera_holds_it_and_the_end_of_the_run_ends_it(open_page, monkeypatch):
    monkeypatch.setattr("catseye.runtime.sinks.http.film.WAIT_S", 0.05)
    sink = open_page()
    with connected(sink) as connection:
        wait_until(lambda: "" in sink._views and bool(sink._views[""].lookers()))
        show(sink)
        assert b" 200 " in connection.recv(4096)
        sink.close()
        while connection.recv(65536):
            pass
    wait_until(lambda: not sink._server.visitors.all())
