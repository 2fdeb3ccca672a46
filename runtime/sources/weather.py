"""Rain, night, glare and blur laid over a finished picture: what a camera on a road meets, as far
as pixels tell.

Knows pictures and strengths from 0 (none) to 1; not what is in them, so the road's truth stays what
it was. None of it is physics: it is there to try how models, the frame check and camera health
answer.
"""

import functools
from typing import NamedTuple, Tuple

import cv2
import numpy as np

VEIL = (150, 146, 142)  # BGR of the light that wet air scatters
DROPS_PER_PIXEL = 1 / 900.0


class Weather(NamedTuple):
    """Strengths from 0 to 1."""

    rain: float = 0.0
    night: float = 0.0
    glare: float = 0.0
    blur: float = 0.0

    def over(self, image: np.ndarray, seed: int) -> np.ndarray:
        """A new (H, W, 3) uint8 BGR picture of `image` in this weather; the same one for the same
        seed."""
        size_wh = (image.shape[1], image.shape[0])
        if self.rain:
            image = with_rain(image, self.rain, seed)
        if self.night:
            image = cv2.multiply(image, _headlights(size_wh, self.night), scale=1 / 255.0)
        if self.glare:
            image = cv2.add(image, _sun(size_wh, self.glare))
        if self.blur:
            image = cv2.GaussianBlur(image, (0, 0), self.blur * size_wh[0] / 100.0)
        return image


def with_rain(image: np.ndarray, strength: float, seed: int) -> np.ndarray:
    """A veil that takes contrast, and bright slanted streaks."""
    height, width = image.shape[:2]
    rng = np.random.RandomState(seed % 2**32)
    picture = cv2.addWeighted(
        image, 1 - 0.4 * strength, np.full_like(image, VEIL), 0.4 * strength, 0
    )
    drops = int(strength * width * height * DROPS_PER_PIXEL)
    tops = rng.uniform((-0.05 * width, -0.1 * height), (width, height), (drops, 2))
    falls = rng.uniform(0.02, 0.09, (drops, 1)) * height * np.array([0.22, 1.0])
    lines = np.stack((tops, tops + falls), axis=1).astype(np.int32)  # (drops, 2, 2) as x, y
    streaks = picture.copy()
    cv2.polylines(streaks, list(lines), False, (225, 222, 218), max(1, width // 640), cv2.LINE_AA)
    return cv2.addWeighted(picture, 0.55, streaks, 0.45, 0)


@functools.lru_cache(maxsize=4)
def _headlights(size_wh: Tuple[int, int], strength: float) -> np.ndarray:
    """Gain (H, W, 3) uint8, 255 = 1: dark all around, less so where a car's own lamps reach."""
    x, y = _grid(size_wh)
    lit = (
        np.exp(-((x / (0.25 + 0.5 * np.clip(y, 0, 1))) ** 2))
        * np.clip((y - 0.05) * 2.5, 0, 1)
        * np.exp(-0.6 * y)
    )
    night = (0.07 + 0.55 * lit)[..., None] * np.array([1.1, 1.0, 0.95])
    return np.clip(255 * (1 - strength * (1 - night)), 0, 255).astype(np.uint8)


@functools.lru_cache(maxsize=4)
def _sun(size_wh: Tuple[int, int], strength: float) -> np.ndarray:
    """Light (H, W, 3) uint8 that a low sun ahead adds: a burnt-out disc, its halo, and a veil over
    everything."""
    x, y = _grid(size_wh)
    distance = np.hypot(x - 0.25, (y + 0.3) * size_wh[1] / size_wh[0])
    light = 255 * np.exp(-((distance / 0.16) ** 2)) + 190 * np.exp(-distance / 0.5) + 40
    return np.clip(strength * light[..., None] * np.array([0.85, 0.96, 1.0]), 0, 255).astype(
        np.uint8
    )


def _grid(size_wh: Tuple[int, int]) -> Tuple[np.ndarray, np.ndarray]:
    """x and y of every pixel, (H, W) each, -1 to 1 from left to right and from top to bottom."""
    y, x = np.mgrid[-1 : 1 : complex(size_wh[1]), -1 : 1 : complex(size_wh[0])]
    return x, y
