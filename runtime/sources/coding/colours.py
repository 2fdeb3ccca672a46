"""One convention for the colours of coded video: those that the stream's tag says, whichever OpenCV
decodes it.

OpenCV to 4.12 turns every picture of FFmpeg's into BGR as if it were BT.601; from 4.13 on it goes
by the tag. A picture of BT.709, as most HD cameras send, is brought to its own colours here by one
3x3 matrix. Knows matrices (H.273, table 4) and OpenCV's version; not where a tag stands.
"""

import functools
from typing import Optional

import cv2
import numpy as np

from catseye.runtime.system.opencv_build import decodes_by_tag

# (share of red, share of blue) in light, by matrix_coefficients; all others are taken for BT.601
BT601 = (0.299, 0.114)
LIGHT = {
    1: (0.2126, 0.0722),  # BT.709
    4: (0.30, 0.11),  # FCC
    7: (0.212, 0.087),  # SMPTE 240M
    9: (0.2627, 0.0593),  # BT.2020
    10: (0.2627, 0.0593),
}


def rightly_coloured(
    image: np.ndarray, matrix: Optional[int], version: str = cv2.__version__
) -> np.ndarray:
    """An (H, W, 3) uint8 BGR picture as this OpenCV decoded it, in the colours that its matrix
    coefficients say, None for none; the picture itself where nothing is to be done. What BT.601
    cannot show, such as the deepest green of a test card, has been cut off before."""
    change = None if decodes_by_tag(version) else change_from_bt601(matrix)
    return image if change is None else np.asarray(cv2.transform(image, change))


@functools.lru_cache(maxsize=None)
def change_from_bt601(matrix: Optional[int]) -> Optional[np.ndarray]:
    """(3, 3) float32: BGR that was decoded as BT.601 -> BGR; None where that was right."""
    if matrix not in LIGHT:
        return None
    change = _bgr_from_ycc(*LIGHT[matrix]) @ np.linalg.inv(_bgr_from_ycc(*BT601))
    return change.astype(np.float32)


def _bgr_from_ycc(red: float, blue: float) -> np.ndarray:
    """(3, 3): Y, Cb, Cr -> B, G, R, all in units of full range (BT.709, 3)."""
    green = 1 - red - blue
    to_blue, to_red = 2 * (1 - blue), 2 * (1 - red)
    return np.array(
        [
            [1, to_blue, 0],
            [1, -to_blue * blue / green, -to_red * red / green],
            [1, 0, to_red],
        ]
    )
