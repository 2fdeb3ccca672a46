"""The frames that a recipe trains on: kept in memory as far as they fit, read again where they do not."""

from collections.abc import Iterator, Sequence

import numpy as np

from catseye.runtime.datasets.road_frames import RoadSample

MEMORY_BYTES = 2_000_000_000


class Frames:
    """A sequence of (image, mask) as `RoadSample.read` gives them; the first ones stay in memory."""

    def __init__(self, samples: Sequence[RoadSample], memory_bytes: int = MEMORY_BYTES) -> None:
        self.samples = samples
        self._spare_bytes = memory_bytes
        self._kept: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def __len__(self) -> int:
        return len(self.samples)

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        if index in self._kept:
            return self._kept[index]
        image, mask = self.samples[index].read()
        size = image.nbytes + mask.nbytes
        if size <= self._spare_bytes:
            self._spare_bytes -= size
            self._kept[index] = image, mask
        return image, mask
