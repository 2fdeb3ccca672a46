"""What cameras do to a picture: movement's blur, and compression. Knows pictures only."""

import cv2
import numpy as np


def moved(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) uint8 blurred along a line of a few pixels, mostly level, as in a bend."""
    length = int(rng.integers(3, 13))
    kernel = np.zeros((length, length), np.float32)
    angle = rng.normal(0, 0.4)
    reach = np.array((np.cos(angle), np.sin(angle))) * (length - 1) / 2
    centre = np.full(2, (length - 1) / 2)
    start, end = (np.rint(centre + sign * reach).astype(int).tolist() for sign in (-1, 1))
    cv2.line(kernel, start, end, 1.0)
    return cv2.filter2D(image, -1, kernel / kernel.sum())


def compressed(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) uint8 after a JPEG of poor quality."""
    quality = int(rng.integers(15, 60))
    _, packed = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, quality))
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR))
