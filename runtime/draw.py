"""Words on pictures: small white text on a plate of its own, legible on any ground and in every
OpenCV.

An outline would not do: in OpenCV 5 bolder letters are wider, so it no longer fits the letters it
should surround.
"""

from typing import Tuple

import cv2
import numpy as np

FONT = cv2.FONT_HERSHEY_SIMPLEX
MARGIN = 5
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
Colour = Tuple[int, int, int]


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
