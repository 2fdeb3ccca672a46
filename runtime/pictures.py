"""Pictures written whole: PNG, beside the name and renamed into place."""

import cv2
import numpy as np

from catseye.runtime.system.files import write_bytes


def save_png(path: str, picture: np.ndarray) -> None:
    """Write a (H, W) grey or (H, W, 3) BGR uint8 picture as PNG. Raises SinkError where that cannot
    be."""
    write_bytes(path, png_bytes(picture))


def png_bytes(picture: np.ndarray) -> bytes:
    """A (H, W) grey or (H, W, 3) BGR uint8 picture as the bytes of a PNG."""
    _, encoded = cv2.imencode(".png", picture)
    return bytes(encoded.tobytes())
