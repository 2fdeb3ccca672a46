"""What is laid over pictures: small ones enlarged, and small white text on a plate of its own,
legible on any ground and in every OpenCV.

An outline would not do: in OpenCV 5 bolder letters are wider, so it no longer fits the letters it
should surround.
"""

import functools
from typing import Tuple

import cv2
import numpy as np

FONT = cv2.FONT_HERSHEY_SIMPLEX
MARGIN = 5
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
ACCENT = (60, 220, 255)  # BGR, of lines that must be seen: the corridor, the seam of two pictures
Colour = Tuple[int, int, int]
BAND = 32  # rows that are drawn at a time, so that they stay in the processor's cache


def plate_size(text: str, scale: float = 0.5) -> Tuple[int, int]:
    """Width and height in pixels of the plate that `draw_text` would draw."""
    (width, height), _ = cv2.getTextSize(text, FONT, scale, 1)
    return width + 2 * MARGIN, height + 2 * MARGIN


def draw_text(
    picture: np.ndarray,
    text: str,
    corner: Tuple[int, int],
    scale: float = 0.5,
    plate: Colour = BLACK,
) -> None:
    """Write into a (H, W, 3) uint8 picture; `corner` is the top left one of the plate, `scale`
    OpenCV's font scale."""
    width, height = plate_size(text, scale)
    x, y = corner
    cv2.rectangle(picture, (x, y), (x + width - 1, y + height - 1), plate, -1)
    cv2.putText(
        picture, text, (x + MARGIN, y + height - MARGIN), FONT, scale, WHITE, 1, cv2.LINE_AA
    )


def enlarged(array: np.ndarray, size_wh: Tuple[int, int]) -> np.ndarray:
    """A (h, w) or (h, w, 3) array at this width and height, each value repeated (nearest
    neighbour); the array itself where it has them."""
    if array.shape[1::-1] == tuple(size_wh):
        return array
    return np.asarray(cv2.resize(array, size_wh, interpolation=cv2.INTER_NEAREST))


def shrunk(picture: np.ndarray, size_wh: Tuple[int, int]) -> np.ndarray:
    """A (H, W, 3) uint8 picture at this smaller width and height, for people to look at."""
    # to more than half its size two pixels each way are all that INTER_AREA sees too, for four
    # times as long
    is_near = picture.shape[1] < 2 * size_wh[0] and picture.shape[0] < 2 * size_wh[1]
    how = cv2.INTER_LINEAR if is_near else cv2.INTER_AREA
    return np.asarray(cv2.resize(picture, size_wh, interpolation=how))


@functools.lru_cache(maxsize=64)
def sources_of(small: int, large: int) -> np.ndarray:
    """(large,) int: which of `small` places in a row each place shows that `enlarged` makes of
    them."""
    line = np.arange(small, dtype=np.int32)[None]
    return enlarged(line, (large, 1))[0].astype(np.intp)


def laid_over(image: np.ndarray, layer: np.ndarray, opacity: float) -> np.ndarray:
    """A new picture: the (H, W, 3) uint8 image under a (h, w, 3) uint8 layer that is `enlarged` to
    its size, blended at `opacity`, 0-1.

    As cv2.addWeighted would of the enlarged layer, without ever holding that.
    """
    height, width = image.shape[:2]
    wide = enlarged(layer, (width, len(layer)))
    rows, picture = sources_of(len(layer), height), np.empty_like(image)
    for top in range(0, height, BAND):
        band = slice(top, top + BAND)
        cv2.addWeighted(image[band], 1 - opacity, wide[rows[band]], opacity, 0, picture[band])
    return picture
