"""What walls, hedges and fences look like from straight ahead.

Knows textures; does not know where barriers stand.
"""

from typing import Dict

import numpy as np

from catseye.runtime.street.painting.canvas import Texture
from catseye.runtime.street.painting.noise import fractal, to_image


def barrier_textures(rng: np.random.RandomState) -> Dict[str, Texture]:
    """4 m x 2 m pieces at 32 pixels per metre; railings are open between the bars, but labelled as
    one surface."""
    size = (128, 64)
    grain = fractal(rng, size, (128, 60, 12, 4), 0.8)[:, :, None]
    brick = np.array([82, 104, 124]) * rng.uniform(0.7, 1.1) * (1 + 0.09 * grain)
    brick[::5] *= 0.88
    hedge = (
        np.array([44, 70, 60])
        * rng.uniform(0.7, 1.2)
        * (1 + 0.25 * fractal(rng, size, (128, 64, 24, 8), 0.9)[:, :, None])
    )
    boards = np.array([70, 94, 110]) * rng.uniform(0.6, 1.2) * (1 + 0.08 * grain)
    boards[:, ::5] *= 0.7
    bars = np.zeros((64, 128, 4), np.float32)
    paint = rng.uniform(25, 130)
    bars[:, :, :3] = paint
    bars[:, ::4, 3] = 255
    bars[:, 64:68, 3] = bars[-6:-3, :, 3] = bars[8:11, :, 3] = 255
    pictures: Dict[str, np.ndarray] = {
        "wall": brick,
        "hedge": hedge,
        "boards": boards,
        "railings": bars,
    }
    return {kind: Texture(to_image(picture), 32.0) for kind, picture in pictures.items()}
