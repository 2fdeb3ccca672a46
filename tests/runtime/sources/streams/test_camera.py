"""A stream's camera, by a capture and a tap that give what they are told to."""

import time

import cv2
import numpy as np
import pytest

from catseye.runtime.sources.coding.picture_parameters import PictureParameters
from catseye.runtime.sources.faults import LOST, SIZE, CameraFault
from catseye.runtime.sources.streams import camera as camera_module
from catseye.runtime.sources.streams.camera import StreamCamera, parameters_told
from catseye.runtime.sources.streams.traffic import Traffic


class Capture:
    """Gives a picture for each of `delays_s`, which it takes for it, 50 ms apart by the stream's
    clock; None: nothing."""

    def __init__(self, delays_s):
        self.delays_s, self.given = list(delays_s), 0

    def get(self, name):
        if name == cv2.CAP_PROP_POS_MSEC:
            return 50.0 * self.given
        return 20.0 if name == cv2.CAP_PROP_FPS else 0.0

    def grab(self):
        delay_s = self.delays_s.pop(0) if self.delays_s else None
        if delay_s is None:
            return False
        time.sleep(delay_s)
        self.given += 1
        return True

    def isOpened(self):
        return True

    def retrieve(self):
        return True, np.full((4, 6, 3), self.given, np.uint8)

    def release(self):
        pass


class StandIn:
    """A tap that has seen what `traffic` says."""

    def __init__(self):
        self.traffic, self.closed = Traffic("h264"), False

    def is_alive(self):
        return not self.closed

    def close(self):
        self.closed = True


def test_what_lay_in_wait_is_let_by_once(monkeypatch):
    now_s = [100.0]  # a busy machine is no camera that waits
    monkeypatch.setattr(camera_module.time, "monotonic", lambda: now_s[0])
    monkeypatch.setattr(time, "sleep", lambda delay_s: now_s.append(now_s.pop() + delay_s))
    camera = StreamCamera(Capture([0, 0, 0, 0.06, 0, 0]), "rtsp://h/x")
    first = camera.read()
    assert first.image[0, 0, 0] == 4 and first.passed == 3
    assert [camera.read().passed for _ in range(2)] == [0, 0]


def test_a_stream_without_sensible_times_is_not_let_by_for_ever(monkeypatch):
    monkeypatch.setattr(camera_module, "LONGEST_CATCHING_UP_S", 0.0)
    assert StreamCamera(Capture([0, 0]), "rtsp://h/x").read().passed == 0


def test_a_packet_that_cannot_be_decoded_is_no_end_while_others_come():
    tap = StandIn()
    camera = StreamCamera(Capture([None, None, 0.06]), "rtsp://h/x", tap)
    tap.traffic.packet_s = time.monotonic()
    assert camera.read().image[0, 0, 0] == 1
    camera.interrupt()
    assert tap.closed
    with pytest.raises(CameraFault) as caught:
        camera.read()
    assert caught.value.fault == LOST


def test_a_key_frame_is_awaited_where_packets_come_and_no_picture(monkeypatch):
    tap, now_s = StandIn(), [100.0]
    monkeypatch.setattr(camera_module.time, "monotonic", lambda: now_s[0])
    camera = StreamCamera(Capture([]), "rtsp://h/x", tap)
    assert not camera.awaits_key_frame
    now_s[0], tap.traffic.packet_s = 103.0, 102.9
    assert camera.awaits_key_frame
    now_s[0] = 106.0  # nothing has come for three seconds
    assert not camera.awaits_key_frame
    now_s[0], tap.traffic.packet_s = 101.0, 100.1  # one packet, and silence
    assert not camera.awaits_key_frame


def test_a_size_that_changed_is_a_fault():
    tap = StandIn()
    camera = StreamCamera(Capture([0.06] * 4), "rtsp://h/x", tap)
    tap.traffic.parameters = PictureParameters((640, 360))
    assert camera.read().image.shape == (4, 6, 3)  # the first that is told
    tap.traffic.parameters = PictureParameters((640, 360), full_range=True)
    camera.read()
    tap.traffic.parameters = PictureParameters((480, 640))
    with pytest.raises(CameraFault, match="from 640x360 to 480x640") as caught:
        camera.read()
    assert caught.value.fault == SIZE


def test_an_opencv_that_tells_nothing_of_the_header():
    assert parameters_told(Capture([])) is None
