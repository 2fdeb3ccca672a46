"""The frames that a recipe trains on: kept in memory as far as they fit, read again where they do
not."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import cv2
import numpy as np

from catseye.runtime.tasks.letterbox import SHRINK, placement
from catseye.training.progress import counted

MEMORY_BYTES = 2_000_000_000


class Example(Protocol):
    """What can be trained on: an annotated frame, or one without labels."""

    @property
    def name(self) -> str: ...
    @property
    def sequence(self) -> str: ...
    def read(self) -> tuple[np.ndarray, np.ndarray]: ...


class Frames:
    """A sequence of (image, mask) as each sample's `read` gives them, shrunk into a box as a
    camera's frame is; as many as fit are read at once and stay in memory.

    Reading one changes nothing here, so several threads may.
    """

    def __init__(
        self,
        samples: Sequence[Example],
        memory_bytes: int = MEMORY_BYTES,
        box_wh: tuple[int, int] | None = None,
        enlarge: bool = False,
    ) -> None:
        """box_wh: None leaves every frame its size.  enlarge: whether a smaller one fills the box
        too."""
        self.samples, self.box_wh, self.enlarge = samples, box_wh, enlarge
        self._kept: list[tuple[np.ndarray, np.ndarray]] = []
        for sample in counted(samples, "reading frames"):
            image, mask = self._read(sample)
            memory_bytes -= image.nbytes + mask.nbytes
            if memory_bytes < 0:
                break
            self._kept.append((image, mask))

    def __len__(self) -> int:
        return len(self.samples)

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        return self._kept[index] if index < len(self._kept) else self._read(self.samples[index])

    def _read(self, sample: Example) -> tuple[np.ndarray, np.ndarray]:
        image, mask = sample.read()
        if self.box_wh is None:
            return image, mask
        return (
            fitted(image, self.box_wh, enlarge=self.enlarge),
            fitted(mask, self.box_wh, enlarge=self.enlarge),
        )


def fitted(array: np.ndarray, box_wh: tuple[int, int], enlarge: bool = False) -> np.ndarray:
    """(H, W, 3) uint8 BGR or (H, W) uint8 ids shrunk into the box as a camera's frame is, its
    aspect kept; as it is where it fits, unless it is to be enlarged."""
    height, width = array.shape[:2]
    place = placement((width, height), box_wh)
    size_wh = place.width, place.height
    if enlarge:
        scale = min(box_wh[0] / width, box_wh[1] / height)
        size_wh = max(1, round(width * scale)), max(1, round(height * scale))
    if size_wh == (width, height):
        return array
    # SHRINK is linear, which is right for enlarging too; INTER_NEAREST takes the pixel to the left
    # and above, so that a mask would lie up to half a pixel beside its picture
    return cv2.resize(
        array, size_wh, interpolation=SHRINK if array.ndim == 3 else cv2.INTER_NEAREST_EXACT
    )
