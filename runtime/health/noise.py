"""How much noise is in a picture? Told by the picture alone, in under a millisecond.

Immerkaer, Computer Vision and Image Understanding 64 (1996): N = (1, -2, 1; -2, 4, -2; 1, -2, 1)
takes planes and edges along the axes to nothing and white noise of sigma to 6 sigma, so that sigma
= sqrt(pi / 2) / 6 mean |N * grey|. Fine texture counts as noise too: a sharp clean photograph has
some levels of it.
"""

import math
from typing import List

import cv2
import numpy as np

MASK = np.array(((1, -2, 1), (-2, 4, -2), (1, -2, 1)), np.float32)
SIGMA_FROM_MEAN = math.sqrt(math.pi / 2) / 6


def noise_of(grey: np.ndarray) -> float:
    """Standard deviation of the noise of a (H, W) uint8 picture, in grey levels; 0 where there is
    nothing at all.

    Pixels without any answer to the mask are left out: the bars of a letterbox and burnt areas hold
    no noise.
    """
    return noises_of(grey[None])[0]


def noises_of(greys: np.ndarray) -> List[float]:
    """The same of each of (n, H, W) pictures."""
    number, height, width = greys.shape
    if min(height, width) < 3:
        return [0.0] * number
    lines = greys.reshape(number * height, width)
    answers = cv2.filter2D(lines, cv2.CV_16S, MASK).reshape(greys.shape)[:, 1:-1, 1:-1]
    return [
        SIGMA_FROM_MEAN * cv2.norm(each, cv2.NORM_L1) / max(1, cv2.countNonZero(each))
        for each in answers
    ]
