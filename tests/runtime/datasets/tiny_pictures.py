"""Pictures for tiny copies of data sets."""

import cv2
import numpy as np


def put(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.array(pixels, np.uint8))


def frame(width=4, height=2):
    return np.zeros((height, width, 3))
