"""A camera of OpenCV's, by a capture that gives what it is told to."""

import time

import cv2
import numpy as np
import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sources.faults import LOST, CameraFault
from catseye.runtime.sources.live.opencv_camera import (
    OpenCVCamera,
    bgr_from,
    fourcc_text,
    keep_opencv_quiet,
    mode_of,
)

MJPG = int.from_bytes(b"MJPG", "little")


class Capture:
    """Gives `pictures`, then no more; None: one that could not be decoded."""

    def __init__(self, *pictures, fps=30.0, size_wh=(6, 4), fourcc=MJPG, at_ms=0.0):
        self.pictures, self.released = list(pictures), False
        self._values = {
            cv2.CAP_PROP_FPS: fps,
            cv2.CAP_PROP_FRAME_WIDTH: size_wh[0],
            cv2.CAP_PROP_FRAME_HEIGHT: size_wh[1],
            cv2.CAP_PROP_FOURCC: float(fourcc),
            cv2.CAP_PROP_POS_MSEC: at_ms,
        }

    def get(self, name):
        return self._values[name]

    def grab(self):
        return bool(self.pictures)

    def retrieve(self):
        picture = self.pictures.pop(0)
        return picture is not None, picture

    def release(self):
        self.released = True


def picture(channels=3):
    return np.random.RandomState(0).randint(0, 256, (4, 6, channels)).astype(np.uint8)


def test_pictures_until_the_camera_is_lost():
    camera = OpenCVCamera(Capture(picture(), picture()), "/dev/video0")
    shots = [camera.read(), camera.read()]
    assert all((shot.image == picture()).all() for shot in shots)
    assert shots[0].taken.monotonic_ns <= shots[1].taken.monotonic_ns
    with pytest.raises(CameraFault, match="/dev/video0 gave no more frames after 2") as caught:
        camera.read()
    assert caught.value.fault == LOST


def test_a_picture_that_cannot_be_decoded_is_empty_and_the_camera_goes_on():
    camera = OpenCVCamera(Capture(None, picture()), "x")
    assert camera.read().image.size == 0
    assert camera.read().image.shape == (4, 6, 3)


@pytest.mark.parametrize(
    "ago_ms, clock", ((45.0, "captured"), (0.0, "captured"), (90e3, "arrived"), (-500, "arrived"))
)
def test_a_buffers_time_is_believed_where_it_can_be(ago_ms, clock):
    """Drivers of another clock than CLOCK_MONOTONIC give the time since 1970, or none."""
    at_ms = time.monotonic() * 1e3 - ago_ms
    shot = OpenCVCamera(Capture(picture(), at_ms=at_ms), "x", zero_ns=0).read()
    assert shot.taken.clock == clock
    if clock == "captured":
        assert shot.taken.monotonic_ns == pytest.approx(at_ms * 1e6, abs=1e6)
    for told_ms, tells in ((0.0, True), (time.time() * 1e3, True), (at_ms, False)):
        shot = OpenCVCamera(
            Capture(picture(), at_ms=told_ms), "x", zero_ns=0 if tells else None
        ).read()
        assert shot.taken.clock == "arrived"


def test_it_says_what_it_gives_and_lets_go():
    capture = Capture(fps=29.97, size_wh=(1280, 720))
    camera = OpenCVCamera(capture, "x")
    assert (camera.fps, camera.mode) == (29.97, "1280x720 MJPG, 29.97 per second")
    camera.close()
    assert capture.released


def test_a_fourth_channel_is_dropped():
    four = picture(4)
    np.testing.assert_array_equal(bgr_from(four, "x"), four[:, :, :3])
    with pytest.raises(CatseyeError):
        bgr_from(picture(2), "x")


@pytest.mark.parametrize(
    "capture, mode",
    (
        (Capture(fourcc=0), "6x4, 30 per second"),
        (Capture(fourcc=-1, fps=0.0), "6x4"),
        (Capture(size_wh=(0, 0), fps=25.0), "25 per second"),
        (Capture(size_wh=(0, 0), fps=0.0), ""),
    ),
)
def test_as_far_as_it_tells(capture, mode):
    assert mode_of(capture) == mode


def test_a_code_without_letters_is_no_format():
    assert fourcc_text(Capture(fourcc=MJPG)) == "MJPG"
    assert fourcc_text(Capture(fourcc=-1)) == fourcc_text(Capture(fourcc=1)) == ""


def test_who_wants_opencvs_words_keeps_them(monkeypatch):
    levels = []
    monkeypatch.setattr(cv2, "setLogLevel", levels.append, raising=False)
    monkeypatch.setenv("OPENCV_LOG_LEVEL", "INFO")
    monkeypatch.setenv("OPENCV_FFMPEG_LOGLEVEL", "48")
    keep_opencv_quiet()
    assert levels == []
    monkeypatch.delenv("OPENCV_LOG_LEVEL")
    keep_opencv_quiet()
    assert levels == [0]
