"""The frames that a recipe trains on: kept in memory as far as they fit, read again where they do
not."""

from collections.abc import Iterator, Sequence

import numpy as np

from catseye.runtime.datasets.road_frames import RoadSample

MEMORY_BYTES = 2_000_000_000


class Frames:
    """A sequence of (image, mask) as `RoadSample.read` gives them; as many as fit are read at once
    and stay in memory.

    Reading one changes nothing here, so several threads may.
    """

    def __init__(self, samples: Sequence[RoadSample], memory_bytes: int = MEMORY_BYTES) -> None:
        self.samples = samples
        self._kept: list[tuple[np.ndarray, np.ndarray]] = []
        for sample in samples:
            image, mask = sample.read()
            memory_bytes -= image.nbytes + mask.nbytes
            if memory_bytes < 0:
                break
            self._kept.append((image, mask))

    def __len__(self) -> int:
        return len(self.samples)

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        return self._kept[index] if index < len(self._kept) else self.samples[index].read()
