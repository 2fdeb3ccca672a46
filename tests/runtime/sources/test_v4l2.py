import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import cv2
import numpy as np
import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sources import open_source

DEVICE = "/dev/null"  # a character device that is everywhere; the capture behind it is the twin


class FakeCapture:
    """cv2.VideoCapture of a V4L2 camera with three pictures in it."""

    def __init__(self, name, backend=None):
        self.name, self.backend = name, backend
        self.images = [np.full((4, 6, 3), value, np.uint8) for value in (1, 2, 3)]
        self.fps, self.released, self.last = 15.0, False, None

    def isOpened(self):
        return True

    def get(self, what):
        return self.fps if what == cv2.CAP_PROP_FPS else 0.0

    def grab(self):
        self.last = self.images.pop(0) if self.images else None
        return self.last is not None

    def retrieve(self):
        return True, self.last

    def release(self):
        self.released = True


@pytest.fixture
def captures(monkeypatch):
    made = []

    def make(*arguments):
        made.append(FakeCapture(*arguments))
        return made[-1]

    monkeypatch.setattr(cv2, "VideoCapture", make)
    return made


def test_a_camera_is_opened_by_its_literal_name(captures):
    with open_source("v4l2://" + DEVICE) as source:
        assert source.live and source.fps == 15.0 and source.description == "v4l2:///dev/null"
    assert (captures[0].name, captures[0].backend) == (DEVICE, cv2.CAP_V4L2)
    assert captures[0].released


def test_a_camera_that_stops_is_an_error_after_its_frames(captures):
    frames = []
    with open_source("v4l2://" + DEVICE) as source, pytest.raises(CatseyeError, match="no more frames after 3"):
        for frame in source:
            frames.append(frame)
    assert frames and frames[-1].index == 2 and int(frames[-1].image.mean()) == 3
    assert source.skipped == 3 - len(frames)
    assert captures[0].released


def test_a_camera_that_gives_no_colour_pictures_is_an_error(captures):
    with open_source("v4l2://" + DEVICE) as source:
        captures[0].images[:] = [np.zeros((4, 6), np.uint8)]
        with pytest.raises(CatseyeError, match=r"\(4, 6\) uint8"):
            list(source)


@pytest.mark.parametrize("uri, found", (
    ("v4l2:///dev/video987", "no camera /dev/video987"),
    ("v4l2://", "no camera named"),
    ("v4l2:///etc/hostname", "is no device"),
    ("v4l2:///dev/null", "does not open as a camera"),
))
def test_what_is_no_camera_is_one_line(uri, found, capfd):
    with pytest.raises(CatseyeError, match=found) as caught:
        open_source(uri)
    assert "\n" not in str(caught.value) and capfd.readouterr().err == ""


class MotionJpeg(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        jpeg = cv2.imencode(".jpg", np.full((48, 64, 3), 90, np.uint8))[1].tobytes()
        part = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n" % (len(jpeg), jpeg)
        for _ in range(40):
            self.wfile.write(part)

    def log_message(self, *_):
        pass


def test_a_network_stream_is_live():
    server = HTTPServer(("127.0.0.1", 0), MotionJpeg)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with open_source("http://127.0.0.1:%d/" % server.server_port) as source:
            assert source.live
            frame = next(iter(source))
            assert frame.image.shape == (48, 64, 3) and abs(int(frame.image.mean()) - 90) < 3
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("scheme", ("http", "rtsp"))
def test_a_stream_that_is_not_there_is_one_line(scheme, capfd):
    with pytest.raises(CatseyeError, match="no video from"):
        open_source(scheme + "://127.0.0.1:9/x")
    assert capfd.readouterr().err == ""
