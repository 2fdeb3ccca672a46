import cv2
import numpy as np
import pytest

from catseye.runtime.sources.faults import OF_STREAMS, CameraFault, Limits
from catseye.runtime.sources.live.frame_check import FrameCheck, is_black, is_same, is_truncated

LIMITS = Limits(read_s=3.0, freeze_s=2.0, black_s=5.0)


def picture(seed, shape=(48, 64, 3)):
    return np.random.RandomState(seed).randint(30, 220, shape).astype(np.uint8)


def test_good_pictures_are_accepted_whatever_time_passes():
    check = FrameCheck(LIMITS)
    assert all(check.accepts(picture(i), 100.0 * i) and check.bad == "" for i in range(5))


def test_a_frozen_picture_is_borne_then_a_fault_and_then_not_taken_until_it_moves():
    check = FrameCheck(LIMITS)
    assert check.accepts(picture(0), 0.0)
    assert check.accepts(picture(0), 1.0) and check.bad == "frozen"
    with pytest.raises(CameraFault) as caught:
        check.accepts(picture(0), 3.0)
    assert caught.value.fault == "frozen"
    # opened again, and no better
    assert not check.accepts(picture(0), 3.1) and check.bad == "frozen"
    assert check.accepts(picture(1), 3.2) and check.bad == ""
    assert check.accepts(picture(1), 3.3)  # trusted again


def test_a_picture_that_moved_in_one_pixel_is_not_frozen():
    moved = picture(0)
    moved[33, 35, 1] ^= 1  # no pixel of the sparse first look
    check = FrameCheck(LIMITS)
    assert check.accepts(picture(0), 0.0) and check.accepts(moved, 9.0) and check.bad == ""


def test_black_is_borne_longer_than_a_freeze():
    check, black = FrameCheck(LIMITS), np.zeros((48, 64, 3), np.uint8)
    assert check.accepts(black, 0.0) and check.accepts(black, 4.9) and check.bad == "black"
    with pytest.raises(CameraFault) as caught:
        check.accepts(black, 5.0)
    assert caught.value.fault == "black"
    assert not check.accepts(black, 5.1) and check.accepts(picture(1), 5.2)


def test_what_opening_again_does_not_fix_is_borne_twice_as_long_each_time():
    check, black, faults = FrameCheck(LIMITS), np.zeros((48, 64, 3), np.uint8), []
    for second in range(40):
        try:
            check.accepts(black, float(second))
        except CameraFault:
            faults.append(second)
    assert faults == [5, 11, 22]  # 5 s, 5 s after the reopening, then 10 s, then 20 s


def test_a_still_scene_and_a_dark_one_are_no_faults_of_a_stream():
    """A codec gives them byte for byte; also the sign that the camera is back."""
    check = FrameCheck(OF_STREAMS)
    for second, image in enumerate([picture(0)] * 3 + [np.zeros((48, 64, 3), np.uint8)] * 3):
        assert check.accepts(image, 1e6 * second) and check.bad == ""


def test_night_is_neither_black_nor_frozen():
    noise = np.random.RandomState(0).randint(0, 5, (48, 64, 3)).astype(np.uint8)
    lamp = np.zeros((48, 64, 3), np.uint8)
    lamp[20:22, 30:32] = 255
    for night in (noise, lamp):
        check = FrameCheck(LIMITS)
        assert all(check.accepts(night, 1e3 * i) and check.bad == "" for i in range(3))
    burnt = np.full((48, 64, 3), 255, np.uint8)
    check = FrameCheck(LIMITS)
    assert check.accepts(burnt, 0.0) and check.accepts(burnt, 1e3) and check.bad == ""


def test_another_size_is_dropped_until_it_has_come_often_enough():
    check, other = FrameCheck(LIMITS), (24, 32, 3)
    assert check.accepts(picture(0), 0.0)
    assert not check.accepts(picture(1, other), 0.1) and check.bad == "size"
    assert check.accepts(picture(2), 0.2)
    taken = [check.accepts(picture(i, other), 1 + 0.1 * i) for i in range(10)]
    assert taken == [False] * 7 + [True] * 3 and check.bad == ""
    assert not check.accepts(picture(20), 3.0)  # which is another one now


def test_the_first_size_after_every_opening_is_the_cameras():
    check = FrameCheck(LIMITS)
    assert check.accepts(picture(0), 0.0)
    check.camera_opens()
    assert check.accepts(picture(1, (24, 32, 3)), 1.0) and check.bad == ""


def test_a_camera_that_cannot_decide_on_a_size_is_opened_again():
    check = FrameCheck(LIMITS)
    assert check.accepts(picture(0), 0.0)
    with pytest.raises(CameraFault) as caught:
        for i in range(40):
            check.accepts(picture(i, (24 + i % 2, 32, 3)), 0.1 * i)
    assert caught.value.fault == "size"


def test_a_cut_off_jpeg_is_truncated_and_a_whole_one_is_not():
    smooth = cv2.GaussianBlur(picture(0, (240, 320, 3)), (0, 0), 3)
    data = cv2.imencode(".jpg", smooth)[1]
    assert not is_truncated(cv2.imdecode(data, cv2.IMREAD_COLOR))
    filled = smooth.copy()
    filled[100:] = 128  # what libjpeg makes of a file that ends there
    assert is_truncated(filled) and is_truncated(np.empty((0, 0, 3), np.uint8))
    assert not is_truncated(np.full((48, 64, 3), 128, np.uint8))  # a grey wall is a picture
    check = FrameCheck(LIMITS)
    assert (
        check.accepts(smooth, 0.0)
        and not check.accepts(filled, 0.1)
        and check.accepts(smooth + 1, 0.2)
    )


def test_looks():
    assert is_black(np.zeros((8, 8, 3), np.uint8)) and not is_black(
        np.full((8, 8, 3), 20, np.uint8)
    )
    assert is_same(picture(0), picture(0)) and not is_same(picture(0), picture(1))
    assert not is_same(picture(0), picture(0)[:24])
