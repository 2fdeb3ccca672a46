"""Random numbers and seamless fractal noise, the raw material of every surface of the drive.

Knows how to turn keys into a reproducible generator and a generator into noise; does not know what
is made of it.
"""

from typing import Sequence, Tuple

import cv2
import numpy as np


def rng_of(*keys: int) -> np.random.RandomState:
    """A generator that depends on the integer keys alone: the same keys give the same numbers on
    any machine."""
    return np.random.RandomState([int(key) & 0x7FFFFFFF for key in keys])


def tile_noise(
    rng: np.random.RandomState, size_wh: Tuple[int, int], cells_xy: Tuple[int, int]
) -> np.ndarray:
    """One octave of smooth noise, (H, W) float32 of about unit spread, that repeats without a
    seam."""
    cells_x, cells_y = cells_xy
    grid = rng.standard_normal((cells_y, cells_x)).astype(np.float32)
    if (cells_x, cells_y) == size_wh:
        return grid
    padded = np.pad(grid, 2, "wrap")  # the border lets the cubic kernel see round the seam
    width, height = size_wh
    # x of the padded grid at the centre of pixel i: cell centres sit at (i + 0.5) / width * cells
    x = (np.arange(width, dtype=np.float32) + 0.5) / width * cells_x + 1.5
    y = (np.arange(height, dtype=np.float32) + 0.5) / height * cells_y + 1.5
    map_x, map_y = np.meshgrid(x, y)
    return cv2.remap(padded, map_x, map_y, cv2.INTER_CUBIC)


def fractal(
    rng: np.random.RandomState, size_wh: Tuple[int, int], cells: Sequence[int], fade: float = 0.6
) -> np.ndarray:
    """Octaves of `tile_noise`, each `fade` times as strong as the one before; (H, W) float32, mean
    0, spread 1."""
    total = np.zeros((size_wh[1], size_wh[0]), np.float32)
    for octave, count in enumerate(cells):
        across = max(1, min(size_wh[0], count))
        down = max(1, min(size_wh[1], int(round(count * size_wh[1] / float(size_wh[0])))))
        total += fade**octave * tile_noise(rng, size_wh, (across, down))
    total -= total.mean()
    return total / max(float(total.std()), 1e-6)


def to_image(values: np.ndarray) -> np.ndarray:
    """Clip to 0-255 and round down to uint8."""
    return np.clip(values, 0, 255).astype(np.uint8)
