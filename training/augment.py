"""Augmentation of annotated road frames: other cameras (scale, aspect, tilt, crop, flip) and other
light.

One function of (image, mask, random generator); knows neither files nor networks.
"""

import cv2
import numpy as np

from catseye.runtime.classes import VOID
from catseye.runtime.tasks.letterbox import PAD_BGR

FIRST_SCALES, LAST_SCALES = (0.6, 2.0), (0.9, 1.4)
FIRST_TILT, LAST_TILT = 2.0, 1.0  # degrees, one standard deviation


def augment(
    image: np.ndarray,
    mask: np.ndarray,
    size_wh: tuple[int, int],
    rng: np.random.Generator,
    share: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """(H, W, 3) uint8 BGR and (H, W) uint8 ids -> the same of `size_wh`; what lies outside the
    frame is void.

    share: of the training that is over, in [0, 1]. The cameras come closer to the one that took the
    frames, so that the network sees many scales first and ends with those it will be asked about.
    """
    low, high = np.exp((1 - share) * np.log(FIRST_SCALES) + share * np.log(LAST_SCALES))
    tilt = (1 - share) * FIRST_TILT + share * LAST_TILT
    image, mask = _other_camera(image, mask, size_wh, rng, (low, high), tilt)
    return _other_light(image, rng), mask


def _other_camera(
    image: np.ndarray,
    mask: np.ndarray,
    size_wh: tuple[int, int],
    rng: np.random.Generator,
    scales: tuple[float, float],
    tilt: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Scaled, stretched, tilted by so many degrees (one standard deviation), flipped and
    cropped."""
    height, width = mask.shape
    scale = np.exp(rng.uniform(*np.log(scales)))
    stretch = np.exp(rng.uniform(-0.12, 0.12))
    angle = np.deg2rad(rng.normal(0, tilt))
    flip = rng.choice((-1.0, 1.0))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.diag((flip * scale * stretch, scale / stretch))
    spare = np.maximum(np.array((width, height)) * scale - np.array(size_wh), 0) / 2
    centre = np.array(size_wh) / 2 + rng.uniform(-spare, spare)
    matrix = np.column_stack((linear, centre - linear @ (width / 2, height / 2)))
    warped = cv2.warpAffine(image, matrix, size_wh, flags=cv2.INTER_LINEAR, borderValue=PAD_BGR)
    ids = cv2.warpAffine(mask, matrix, size_wh, flags=cv2.INTER_NEAREST, borderValue=VOID)
    return warped, ids


def _other_light(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Another tone curve and white balance, more or less colour, blur, noise; each in some of the
    frames only."""
    if rng.random() < 0.8:
        image = cv2.LUT(image, _tone_curves(rng))
    if rng.random() < 0.5:
        grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        colour = rng.uniform(0.3, 1.5)
        image = cv2.addWeighted(image, colour, grey, 1 - colour, 0)
    if rng.random() < 0.2:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.4))
    if rng.random() < 0.2:
        noise = rng.normal(0, rng.uniform(2, 10), image.shape)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    return image


def _tone_curves(rng: np.random.Generator) -> np.ndarray:
    """A look-up table per channel, (1, 256, 3) uint8: gamma, contrast, brightness and white balance
    at once."""
    level = np.linspace(0, 1, 256)[None, :, None] ** np.exp(rng.normal(0, 0.3))
    contrast, brightness = np.exp(rng.normal(0, 0.2)), rng.normal(0, 0.08)
    balance = np.exp(rng.normal(0, 0.06, 3))
    return np.clip(((level - 0.5) * contrast + 0.5 + brightness) * balance * 255, 0, 255).astype(
        np.uint8
    )
