"""Other light: tone curves, white balance, colour, blur and noise. Knows pictures only."""

import cv2
import numpy as np


def other_light(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
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
        noise = rng.standard_normal(image.shape, np.float32) * np.float32(rng.uniform(2, 10))
        image = cv2.add(image, noise, dtype=cv2.CV_8U)
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
