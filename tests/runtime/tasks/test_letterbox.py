"""Letterboxing keeps the aspect, never enlarges, and the frame is found again inside."""

import numpy as np
import pytest

from catseye.runtime.tasks.letterbox import PAD_BGR, letterbox, placement

BOX = (640, 360)


@pytest.mark.parametrize(
    "frame_wh, place",
    [
        ((640, 360), (0, 0, 640, 360)),
        ((480, 360), (80, 0, 480, 360)),  # CamVid: padded, not scaled
        ((320, 180), (160, 90, 320, 180)),  # small: padded, not enlarged
        ((1280, 720), (0, 0, 640, 360)),
        ((960, 540), (0, 0, 640, 360)),
        ((1000, 2000), (230, 0, 180, 360)),
    ],
)
def test_placement(frame_wh, place):
    assert placement(frame_wh, BOX)[:4] == place


@pytest.mark.parametrize("frame_wh", [(640, 360), (480, 360), (1281, 719), (33, 1000)])
def test_there_and_back(frame_wh):
    width, height = frame_wh
    image = np.full((height, width, 3), 200, np.uint8)
    box, place = letterbox(image, BOX)
    assert box.shape == (360, 640, 3)
    inside = np.all(box == 200, axis=2)
    assert place.frame_wh == (width, height)
    assert place.inside(inside).all() and place.inside(inside).sum() == inside.sum()
    assert not inside.any() or np.all(box[~inside] == PAD_BGR)


def test_the_frame_itself_is_not_copied_where_it_fits():
    image = np.zeros((360, 640, 3), np.uint8)
    assert letterbox(image, BOX)[0] is image
