"""Letterboxing: fit a picture into a fixed size without changing its aspect, and undo it for what
comes back."""

from typing import NamedTuple, Tuple

import cv2
import numpy as np

# how pictures are shrunk to a network's size, here and in training: a fourth to an eighth of
# INTER_AREA's time, and the same at 2:1 (docs/benchmarks.md, `benchmarks/shrinking.py`)
SHRINK = cv2.INTER_LINEAR
PAD_BGR = (104, 116, 124)  # ImageNet's mean colour: nothing, to a network that subtracts it


class Placement(NamedTuple):
    """Where the picture lies inside the box: its box (x, y, w, h) there, and its own size (w,
    h)."""

    x: int
    y: int
    width: int
    height: int
    frame_wh: Tuple[int, int]

    def inside(self, array: np.ndarray) -> np.ndarray:
        """The part of an array of the box's size that shows the picture, at the size it has
        there."""
        return array[self.y : self.y + self.height, self.x : self.x + self.width]


def placement(frame_wh: Tuple[int, int], size_wh: Tuple[int, int]) -> Placement:
    """Where a frame of `frame_wh` goes in a box of `size_wh`: centred, scaled down only where it
    does not fit."""
    width, height = frame_wh
    scale = min(1.0, size_wh[0] / width, size_wh[1] / height)
    inner_w, inner_h = max(1, int(round(width * scale))), max(1, int(round(height * scale)))
    return Placement(
        (size_wh[0] - inner_w) // 2, (size_wh[1] - inner_h) // 2, inner_w, inner_h, frame_wh
    )


def letterbox(image: np.ndarray, size_wh: Tuple[int, int]) -> Tuple[np.ndarray, Placement]:
    """(H, W, 3) uint8 BGR -> the same picture inside `size_wh`, and where it lies there."""
    height, width = image.shape[:2]
    place = placement((width, height), size_wh)
    inner_wh = (place.width, place.height)
    if inner_wh != (width, height):
        image = cv2.resize(image, inner_wh, interpolation=SHRINK)
    if inner_wh == tuple(size_wh):
        return image, place
    box = np.empty((size_wh[1], size_wh[0], 3), np.uint8)
    box[:] = PAD_BGR
    box[place.y : place.y + place.height, place.x : place.x + place.width] = image
    return box, place
