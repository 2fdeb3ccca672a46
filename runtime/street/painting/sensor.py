"""The camera's eye: blur, vignette, exposure, white balance and noise of an old dashboard camera.

Knows pictures only; does not know the street.
"""

from typing import Tuple

import cv2
import numpy as np

from catseye.runtime.street.painting.look import Look
from catseye.runtime.street.painting.noise import rng_of

# the noise tile is larger than the frame by this much, so that it can be shifted from frame to
# frame
_SPARE = 64


class Sensor:
    """Turns the light of a scene into the bytes of a frame."""

    def __init__(self, seed: int, look: Look, size_wh: Tuple[int, int]) -> None:
        rng = rng_of(seed, 901)
        width, height = size_wh
        self._seed = seed
        self._blur = (
            rng.uniform(0.6, 0.9) if look.kind == "dusk" else rng.uniform(0.3, 0.55)
        ) * max(width / 640.0, 0.6)
        level = rng.uniform(1.0, 2.6) * (1.6 if look.kind == "dusk" else 1.0)
        grain = rng.standard_normal((height + _SPARE, width + _SPARE, 3)).astype(np.float32)
        grain = grain.mean(axis=2, keepdims=True) * 0.9 + grain * 0.45
        self._grain = np.clip(np.round(level * grain), -100, 100).astype(np.int8)
        y, x = np.mgrid[-1 : 1 : complex(height), -1 : 1 : complex(width)]
        fall = 1 - rng.uniform(0.05, 0.25) * (x**2 + y**2) / 2
        self._vignette = np.repeat((fall * 255).astype(np.uint8)[:, :, None], 3, axis=2)
        self._curve = _curve(rng)

    def expose(self, image: np.ndarray, time_s: float) -> np.ndarray:
        """The frame (H, W, 3) uint8 of a scene (H, W, 3) uint8 at that time."""
        seen = cv2.GaussianBlur(image, (0, 0), self._blur)
        seen = cv2.multiply(seen, self._vignette, scale=1 / 250.0)
        seen = cv2.LUT(seen, self._curve)
        x, y = rng_of(self._seed, 902, int(round(time_s * 1000))).randint(0, _SPARE, 2)
        grain = self._grain[y : y + image.shape[0], x : x + image.shape[1]]
        return cv2.add(seen, grain, dtype=cv2.CV_8U)


def _curve(rng: np.random.RandomState) -> np.ndarray:
    """Exposure, contrast and white balance as a table (1, 256, 3) uint8."""
    level = np.arange(256) / 255.0
    gain, gamma = rng.uniform(0.9, 1.2), rng.uniform(0.95, 1.25)
    white = 1 + rng.normal(0, 0.018, 3)
    lift = rng.uniform(0, 8)
    curves = [
        np.clip(lift + 255 * np.clip(gain * balance * level, 0, 4) ** gamma, 0, 255)
        for balance in white
    ]
    return np.stack(curves, axis=1).astype(np.uint8).reshape(1, 256, 3)
