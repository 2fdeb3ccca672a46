"""Wet roads and rain, over a picture whose road is known. Knows pictures and which pixels are
road."""

import cv2
import numpy as np

from catseye.runtime.sources.weather import with_rain


def wet(image: np.ndarray, road: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) uint8 BGR and (H, W) bool -> a darker road that mirrors, blurred, what stands
    beyond it; in half of the pictures it rains too."""
    picture = _mirroring(image, road, rng) if road.any() else image
    if rng.random() < 0.5:
        picture = with_rain(picture, rng.uniform(0.2, 0.8), int(rng.integers(2**31)))
    return picture


def _mirroring(image: np.ndarray, road: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    top = int(road.any(1).argmax())  # the road's far end, about the horizon
    height = len(image)
    rows = np.clip(2 * top - np.arange(height), 0, height - 1)
    beyond = cv2.blur(image[rows], (5, 31))
    share = rng.uniform(0.15, 0.45)
    shiny = cv2.addWeighted(image, rng.uniform(0.55, 0.85) * (1 - share), beyond, share, 0)
    return np.where(road[..., None], shiny, image)
