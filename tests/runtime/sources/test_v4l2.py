import logging
import time

import cv2
import numpy as np
import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sources import open_source
from catseye.runtime.sources.v4l2 import split_options

DEVICE = "/dev/null"  # a character device that is everywhere; the capture behind it is the twin


class FakeCapture:
    """cv2.VideoCapture of a V4L2 camera with three pictures in it, which grants what `grants`
    says."""

    def __init__(self, name, backend=None):
        self.name, self.backend = name, backend
        self.images = [np.full((4, 6, 3), value, np.uint8) for value in (101, 102, 103)]
        self.given = {
            cv2.CAP_PROP_FPS: 15.0,
            cv2.CAP_PROP_FRAME_WIDTH: 6.0,
            cv2.CAP_PROP_FRAME_HEIGHT: 4.0,
            cv2.CAP_PROP_FOURCC: float(int.from_bytes(b"YUYV", "little")),
        }
        self.asked, self.released, self.last, self.grants = [], False, None, ()

    def isOpened(self):
        return True

    def get(self, what):
        return self.given.get(what, 0.0)

    def set(self, what, value):
        self.asked.append(what)
        if what in self.grants:
            self.given[what] = float(value)
        return what in self.grants

    def grab(self):
        self.last = self.images.pop(0) if self.images else None
        return self.last is not None

    def retrieve(self):
        return self.last.size > 0, self.last

    def release(self):
        self.released = True


@pytest.fixture
def captures(monkeypatch):
    """The captures made so far, the newest last; each new one is told by `captures.grants` what to
    grant."""

    class Made(list):
        grants = ()

    made = Made()

    def make(*arguments):
        made.append(FakeCapture(*arguments))
        made[-1].grants = made.grants
        return made[-1]

    monkeypatch.setattr(cv2, "VideoCapture", make)
    return made


def test_a_camera_is_opened_by_its_literal_name(captures):
    with open_source("v4l2://" + DEVICE) as source:
        assert next(iter(source)).clock == "arrived"  # this one gives no buffer's time
        assert source.live and source.fps == 15.0 and source.description == "v4l2:///dev/null"
    assert (captures[0].name, captures[0].backend, captures[0].asked) == (DEVICE, cv2.CAP_V4L2, [])
    assert captures[0].released


def test_what_was_asked_and_what_the_camera_gives(captures, caplog):
    captures.grants = (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FOURCC)
    with (
        caplog.at_level(logging.INFO),
        open_source("v4l2:///dev/null?size=1280x720&fps=30&format=MJPG") as source,
    ):
        assert source.fps == 15.0
    assert captures[0].asked[0] == cv2.CAP_PROP_FOURCC  # sizes and rates depend on it
    assert [record.getMessage() for record in caplog.records] == [
        "asked for fps 30, the camera gives 15",
        "v4l2:///dev/null?size=1280x720&fps=30&format=MJPG gives 1280x720 MJPG, 15 per second",
    ]


@pytest.mark.parametrize(
    "rest, device, options",
    (
        ("/dev/video0", "/dev/video0", ""),
        ("/dev/video0?fps=30", "/dev/video0", "fps=30"),
        ("/dev/video0?size=64x48&fps=30", "/dev/video0", "size=64x48&fps=30"),
        ("/dev/by-id/what?cam?fps=30", "/dev/by-id/what?cam", "fps=30"),
        ("/dev/by-id/what?cam", "/dev/by-id/what?cam", ""),
        # a device of the shorter name: a slip of the hand
        ("/dev/null?nonsense", "/dev/null", "nonsense"),
    ),
)
def test_options_stand_behind_the_last_question_mark(rest, device, options):
    assert split_options(rest) == (device, options)


def test_a_device_of_the_whole_name_wins(tmp_path):
    odd = tmp_path / "cam?fps=30"
    odd.touch()
    assert split_options(str(odd)) == (str(odd), "")
    assert split_options(str(odd) + "?fps=15") == (str(odd), "fps=15")


@pytest.mark.parametrize(
    "options", ("speed=1", "fps=0", "format=mjpeg", "format=%4D", "size=0x0", "open_s=-1", "x")
)
def test_hostile_options_are_one_line(captures, options):
    with pytest.raises(CatseyeError, match="such as v4l2:///dev/video0") as caught:
        open_source("v4l2:///dev/null?" + options)
    assert "\n" not in str(caught.value) and not captures


def test_a_camera_that_is_pulled_comes_back(captures, caplog):
    frames = []
    with open_source("v4l2://" + DEVICE) as source:
        for frame in source:
            frames.append(frame)
            if len(captures) == 3:
                break
        losses = source.faults["lost"]
    assert losses in (2, 3)  # the third camera's pictures may have been read by now, too
    assert all(capture.released for capture in captures)
    assert frames[-1].index >= 6 and frames[-1].index + 1 - len(frames) <= source.skipped
    assert (
        sum("gave no more frames after 3" in record.getMessage() for record in caplog.records)
        >= losses
    )
    assert sum("is back" in record.getMessage() for record in caplog.records) >= 2


def test_a_picture_that_does_not_decode_is_dropped_and_counted(captures):
    with open_source("v4l2://" + DEVICE) as source:
        captures[0].images[1:1] = [np.empty((0, 0, 3), np.uint8)] * 2
        captures[0].images += [np.full((4, 6, 3), 99, np.uint8)] * 10**6
        for frame in source:
            assert frame.image.shape == (4, 6, 3)
            if frame.index >= 3:
                break
        assert source.faults["truncated"] == 1 and source.faults["lost"] == 0


def test_a_camera_that_gives_no_colour_pictures_is_an_error(captures):
    with open_source("v4l2://" + DEVICE) as source:
        captures[0].images[:] = [np.zeros((4, 6), np.uint8)]
        with pytest.raises(CatseyeError, match=r"\(4, 6\) uint8"):
            list(source)


def test_bgrx_loses_its_fourth_channel(captures):
    with open_source("v4l2://" + DEVICE) as source:
        captures[0].images[:] = [
            np.dstack([np.full((4, 6), value, np.uint8) for value in (10, 20, 30, 255)])
        ] * 40
        frame = next(iter(source))
    assert frame.image.shape == (4, 6, 3) and frame.image[0, 0].tolist() == [10, 20, 30]
    assert frame.image.flags.c_contiguous


@pytest.mark.parametrize(
    "uri, found",
    (
        ("v4l2:///dev/video987", "no camera /dev/video987"),
        ("v4l2:///dev/video987?fps=30", "no camera /dev/video987"),
        ("v4l2://", "no camera named"),
        ("v4l2:///etc/hostname", "is no device"),
        ("v4l2:///dev/null", "does not open as a camera"),
    ),
)
def test_what_is_no_camera_is_one_line(uri, found, capfd):
    with pytest.raises(CatseyeError, match=found) as caught:
        open_source(uri)
    assert "\n" not in str(caught.value) and capfd.readouterr().err == ""


def test_a_frame_is_of_the_moment_of_its_buffer(captures, monkeypatch):
    at_s = time.monotonic() - 0.3
    get = FakeCapture.get
    monkeypatch.setattr(
        FakeCapture,
        "get",
        lambda self, what: at_s * 1e3 if what == cv2.CAP_PROP_POS_MSEC else get(self, what),
    )
    with open_source("v4l2://" + DEVICE) as source:
        frame = next(iter(source))
    assert frame.clock == "captured" and frame.since_ns == pytest.approx(at_s * 1e9, abs=1e6)
