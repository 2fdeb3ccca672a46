"""Frames in memory as far as they fit: the same frames either way, and a bound that holds."""

import numpy as np

from catseye.runtime.datasets.road_frames import RoadSample
from catseye.training.frames import Frames


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
