"""The stream over real sockets, read by hand, by our own camera source and by OpenCV's FFmpeg."""

import socket
from itertools import islice

import cv2
import numpy as np
import pytest
from camera_loop import frame_of, report_for, wait_until
from page_twin import TOKEN, show
from test_server import ask, place_of

from catseye.runtime.sinks.http import handler, stream
from catseye.runtime.sources import open_source
from catseye.runtime.tasks.road_mask import RoadMask


@pytest.fixture
def going(open_page, again_and_again):
    """A page with a picture every 20 ms, until the test ends; and its sink."""

    def begin(**options):
        sink = open_page(**options)
        again_and_again(lambda index: show(sink, index=index), 0.02)
        return sink

    return begin


def connected(sink, path="/stream.mjpg"):
    connection = socket.create_connection(place_of(sink), timeout=10)
    connection.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path.encode())
    return connection


def test_each_part_is_a_whole_annotated_picture(open_page):
    sink = open_page()
    frame = frame_of(100, size_wh=(640, 360))._replace(timestamp_ns=1700000000_250000000)
    result = RoadMask(np.full((360, 640), 3, np.uint8))
    report = report_for(frame, result)
    sink.write(frame, result, report)
    with connected(sink) as connection:
        stream_file = connection.makefile("rb")
        head = b"".join(iter(stream_file.readline, b"\r\n"))
        assert b" 200 " in head and b"multipart/x-mixed-replace; boundary=catseye" in head
        assert b"no-store" in head and b"Connection: close" in head
        lines = list(iter(stream_file.readline, b"\r\n"))
        assert lines[0] == b"--catseye\r\n" and b"X-Timestamp: 1700000000.250000\r\n" in lines
        length = next(int(each.split()[1]) for each in lines if each.startswith(b"Content-Length"))
        picture = cv2.imdecode(np.frombuffer(stream_file.read(length), np.uint8), 1)
    assert picture.shape == (360, 640, 3)
    assert np.abs(picture.astype(int) - report.annotated).mean() < 3


def test_our_own_source_and_ffmpeg_see_it(going):
    sink = going()
    address = "http://%s:%d/stream.mjpg" % place_of(sink)
    with open_source(address) as source:
        frames = list(islice(source, 3))
    assert [frame.image.shape for frame in frames] == [frames[0].image.shape] * 3
    assert all(frame.clock == "captured" for frame in frames)
    capture = cv2.VideoCapture(address)
    assert capture.read()[0]
    capture.release()


def test_it_wants_the_token_and_knows_its_cameras(open_page):
    sink = open_page("0.0.0.0:0?token=" + TOKEN)
    show(sink)
    assert ask(sink, "/stream.mjpg")[0] == 401
    assert ask(sink, "/stream.mjpg?camera=left", Authorization="Bearer " + TOKEN)[0] == 404
    assert ask(sink, "/stream.mjpg", "POST", Authorization="Bearer " + TOKEN)[0] == 405


def test_there_are_only_so_many_and_who_leaves_makes_room(going, monkeypatch):
    monkeypatch.setattr(stream, "MOST_STREAMS", 2)
    sink = going()
    held = [connected(sink) for _ in range(2)]
    assert [b" 200 " in each.recv(4096) for each in held] == [True] * 2
    assert ask(sink, "/stream.mjpg")[0] == 503
    assert ask(sink, "/frame?after=-1")[0] == 200
    held.pop().close()

    def has_room():
        with connected(sink) as connection:
            return b" 200 " in connection.recv(4096)

    wait_until(has_room)
    held.pop().close()
    wait_until(lambda: not sink._server.visitors.all())


def test_a_viewer_who_does_not_read_is_cut_off(open_page, monkeypatch):
    monkeypatch.setattr(handler, "SEND_S", 0.3)
    sink = open_page()
    rng = np.random.RandomState(0)
    lazy = socket.socket()
    lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    lazy.connect(place_of(sink))
    lazy.sendall(b"GET /stream.mjpg HTTP/1.1\r\nHost: localhost\r\n\r\n")

    def gone():
        image = rng.randint(0, 256, (720, 1280, 3)).astype(np.uint8)
        frame = frame_of()._replace(image=image)
        result = RoadMask(np.zeros((720, 1280), np.uint8))
        sink.write(frame, result, report_for(frame, result))
        return not sink._server.visitors.all()

    wait_until(lambda: bool(sink._server.visitors.all()))
    wait_until(gone)
    lazy.close()


def test_a_silent_camera_holds_it_and_the_end_of_the_run_ends_it(open_page, monkeypatch):
    monkeypatch.setattr(stream, "WAIT_S", 0.05)
    sink = open_page()
    show(sink)
    with connected(sink) as connection:
        assert b" 200 " in connection.recv(4096)
        sink.close()
        while connection.recv(65536):
            pass
    wait_until(lambda: not sink._server.visitors.all())
