"""What is augmented: a frame, its codes, and what a teacher answered to it. Arrays only."""

from typing import NamedTuple

import numpy as np


class Shot(NamedTuple):
    """image: (H, W, 3) uint8 BGR; mask: (H, W) uint8 codes; answers: (H / 2, W / 2, C) uint8
    probabilities, all 0 where nobody answered, or None."""

    image: np.ndarray
    mask: np.ndarray
    answers: np.ndarray | None = None
