"""The form that MNIST gave its digits, and that LeNet therefore expects: size, place and thickness
of the ink.

Knows one digit's ink; neither where it came from nor which digit it is.
"""

import cv2
import numpy as np

SIDE = 32  # of the pictures that LeNet takes: MNIST's 28 and a margin of 2 all round
INK_SIDE = 20  # of the square that MNIST fits the ink into, before it is centred by its mass
# stroke width / longer side that a thin pen is brought to: thinner than most of MNIST, but no
# hairline
STROKE = 0.1


def slot_from_ink(ink: np.ndarray) -> np.ndarray:
    """(h, w) uint8 ink, light on 0 -> (32, 32) uint8: longer side 20, aspect kept, centre of mass
    in the middle."""
    ink = _thickened(ink)
    scale = INK_SIDE / max(ink.shape)
    size_wh = tuple(max(1, int(round(side * scale))) for side in ink.shape[::-1])
    small = cv2.resize(
        ink, size_wh, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    small = np.round(small * (255.0 / max(small.max(), 1))).astype(np.uint8)
    height, width = small.shape
    mass = cv2.moments(small)
    left = int(np.clip(round(SIDE / 2 - 0.5 - mass["m10"] / mass["m00"]), 0, SIDE - width))
    top = int(np.clip(round(SIDE / 2 - 0.5 - mass["m01"] / mass["m00"]), 0, SIDE - height))
    slot = np.zeros((SIDE, SIDE), np.uint8)
    slot[top : top + height, left : left + width] = small
    return slot


def stroke_width(ink: np.ndarray) -> float:
    """Width of the widest stroke, in pixels."""
    inside = np.pad((ink > 127).astype(np.uint8), 1, "constant")
    return 2 * float(cv2.distanceTransform(inside, cv2.DIST_L2, 5).max()) - 1


def _thickened(ink: np.ndarray) -> np.ndarray:
    """Draw over a stroke so thin that it would fade when the digit is made smaller."""
    missing = int(round(STROKE * max(ink.shape) - stroke_width(ink)))
    if missing < 1:
        return ink
    pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (missing + 1, missing + 1))
    return cv2.dilate(np.pad(ink, missing, "constant"), pen)
