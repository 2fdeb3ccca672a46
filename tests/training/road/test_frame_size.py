"""The size that road frames are trained at follows from the data."""

from typing import NamedTuple

import numpy as np
import pytest

from catseye.training.road.frame_size import box_of, usual_wh


class Sized(NamedTuple):
    width: int
    height: int
    name: str = ""
    sequence: str = ""

    def read(self):
        return np.zeros((self.height, self.width, 3), np.uint8), np.zeros(self[1::-1], np.uint8)


@pytest.mark.parametrize(
    "sizes, box",
    [
        ([(480, 352)], (480, 352)),
        ([(800, 600)], (800, 600)),
        ([(1920, 1080)], (960, 540)),
        ([(4000, 3000)], (832, 624)),
        ([(480, 360), (640, 360)], (640, 360)),  # sets whose frames differ: what holds either
        ([(20, 9)], (32, 32)),
        ([(60_000, 40)], (4096, 32)),
    ],
)
def test_the_box_holds_the_frames(sizes, box):
    assert box_of([[Sized(*size)] * 3 for size in sizes]) == box


def test_one_odd_picture_changes_nothing():
    samples = [Sized(640, 480)] * 20
    samples[0] = Sized(4000, 3000)
    assert usual_wh(samples) == (640, 480)
