"""How a picture that EXIF says is turned becomes upright (EXIF 2.32, tag 0x0112)."""

import cv2
import numpy as np

# by orientation: whether rows and columns change places first, and how cv2.flip mirrors then
TURNS = {
    2: (False, 1),
    3: (False, -1),
    4: (False, 0),
    5: (True, None),
    6: (True, 1),
    7: (True, -1),
    8: (True, 0),
}


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """(H, W) or (H, W, 3) as stored -> as it is to be seen, a quarter turn included; of orientation
    1 the very same array."""
    transposed, mirrored = TURNS.get(orientation, (False, None))
    if transposed:
        pixels = cv2.transpose(pixels)
    return pixels if mirrored is None else cv2.flip(pixels, mirrored)
