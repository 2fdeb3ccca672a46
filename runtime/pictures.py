"""Pictures written whole: PNG, beside the name and renamed into place."""

import cv2
import numpy as np

from catseye.runtime.system.files import write_bytes


def save_png(path: str, picture: np.ndarray) -> None:
    """Write a (H, W) grey or (H, W, 3) BGR uint8 picture as PNG."""
    _, encoded = cv2.imencode(".png", picture)
    write_bytes(path, encoded.tobytes())
