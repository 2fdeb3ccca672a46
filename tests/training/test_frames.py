"""Frames in memory as far as they fit: the same frames either way, and a bound that holds."""

import numpy as np
import pytest

from catseye.runtime.datasets.road_frames import RoadSample
from catseye.training.frames import Frames, fitted


def test_the_first_ones_stay_and_the_rest_are_read_again(monkeypatch):
    read = []

    def reading(self):
        read.append(self.seed)
        return np.full((2, 5, 3), self.seed, np.uint8), np.zeros((2, 5), np.uint8)  # 40 bytes

    monkeypatch.setattr(RoadSample, "read", reading)
    frames = Frames([RoadSample(f"{i}", "street", seed=i) for i in range(5)], memory_bytes=100)
    read.clear()
    assert len(frames) == 5 and [int(image[0, 0, 0]) for image, _ in frames] == [0, 1, 2, 3, 4]
    assert read == [2, 3, 4]


@pytest.mark.parametrize(
    "from_wh, box_wh",
    [((1241, 376), (640, 360)), ((800, 450), (640, 360)), ((640, 480), (800, 600))],
)
def test_a_mask_of_another_size_lies_where_its_picture_does(from_wh, box_wh):
    across, down = np.meshgrid(*map(np.arange, from_wh))
    middle = from_wh[0] / 2 + 3.3, from_wh[1] / 2 - 4.1
    inside = (across - middle[0]) ** 2 + (down - middle[1]) ** 2 < 90**2
    mask = inside.astype(np.uint8)
    picture = np.repeat(mask[:, :, None] * 200, 3, 2)

    def place(weights):
        x, y = np.meshgrid(*map(np.arange, weights.shape[::-1]))
        return np.array([(weights * x).sum(), (weights * y).sum()]) / weights.sum()

    small, shrunk = (fitted(each, box_wh, enlarge=True) for each in (mask, picture))
    assert small.shape == shrunk.shape[:2] != mask.shape
    assert np.abs(place(small.astype(float)) - place(shrunk[:, :, 0].astype(float))).max() < 0.2
